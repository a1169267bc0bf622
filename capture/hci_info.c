#include "capture/hci_info.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "capture/dissect_hci.h"
#include "capture/hci_names.h"
#include "capture/rfcomm.h"

struct line {
	char *dst;
	size_t size, len;
};

static void __attribute__((format(printf, 2, 3)))
say(struct line *l, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(l->dst + l->len, l->size - l->len, fmt, ap);
	va_end(ap);
	if (n > 0)
		l->len += (size_t)n < l->size - l->len ? (size_t)n
						       : l->size - l->len - 1;
}

static const char *
or_number(const char *name, char dst[16], uint32_t number)
{
	if (name != NULL)
		return name;
	snprintf(dst, 16, "0x%02" PRIx32, number);
	return dst;
}

static void
command(struct line *l, struct rd r)
{
	uint32_t opcode = rd_le16(&r);
	char number[16];

	if (r.state == RD_OK)
		say(l, "%s",
		    or_number(hci_command_name(opcode), number, opcode));
}

/* ": what went wrong", of what may. */
static void
trouble(struct line *l, const char *before, uint8_t status)
{
	char number[16];

	if (status != 0)
		say(l, "%s%s", before,
		    or_number(hci_error_name(status), number, status));
}

static void
event(struct line *l, struct rd r)
{
	enum {
		DISCONNECTED = 0x05,
		COMPLETE = 0x0e,
		STATUS = 0x0f,
		PACKETS = 0x13,
		LE_META = 0x3e
	};
	uint8_t code = rd_u8(&r), status = 0, reason;
	uint16_t n;
	char number[16];

	rd_u8(&r);
	if (r.state != RD_OK)
		return;
	say(l, "%s", or_number(hci_event_name(code), number, code));
	if (code == COMPLETE || code == STATUS) {
		if (code == STATUS)
			status = rd_u8(&r);
		rd_u8(&r);
		say(l, ": ");
		command(l, r);
		rd_u8(&r);
		rd_u8(&r);
		if (code == COMPLETE && rd_left(&r) > 0)
			status = rd_u8(&r);
		trouble(l, ", ", status);
	} else if (code == DISCONNECTED) {
		rd_skip(&r, 3);
		reason = rd_u8(&r);
		if (r.state == RD_OK)
			trouble(l, ", ", reason);
	} else if (code == PACKETS) {
		rd_skip(&r, 3);
		n = rd_le16(&r);
		if (r.state == RD_OK)
			say(l, " %u", n);
	} else if (code == LE_META) {
		status = rd_u8(&r);
		say(l, " %s",
		    or_number(hci_le_event_name(status), number, status));
	}
}

/* ---- L2CAP ---- */

static void
signalling(struct line *l, struct rd r)
{
	enum { CONNECT = 2, CONNECT_ANSWER = 3 };
	uint8_t code = rd_u8(&r);
	uint16_t first, second;
	const char *name;
	char number[16];

	if (r.state != RD_OK)
		return;
	say(l, "%s", or_number(l2cap_command_name(code), number, code));
	rd_skip(&r, 3);
	first = rd_le16(&r);
	second = rd_le16(&r);
	if (r.state != RD_OK)
		return;
	if (code == CONNECT) {
		name = l2cap_psm_name(first);
		say(l, ", %s on 0x%04x", or_number(name, number, first),
		    second);
	} else if (code == CONNECT_ANSWER) {
		say(l, ", 0x%04x to 0x%04x", second, first);
	}
}

static void
l2cap(struct line *l, struct rd r)
{
	uint16_t len = rd_le16(&r), cid = rd_le16(&r);

	if (r.state != RD_OK)
		return;
	if (cid == L2CAP_SIGNALLING)
		signalling(l, r);
	else
		say(l, "channel 0x%04x, %u B", cid, len);
}

/* ---- RFCOMM ---- */

static void
multiplexer(struct line *l, struct rd r)
{
	uint8_t type = rd_u8(&r), dlci;
	const char *name = rfcomm_mcc_name(type >> 2);
	uint16_t mtu;

	rd_u8(&r);
	dlci = rd_u8(&r);
	if (r.state != RD_OK || name == NULL) {
		say(l, "multiplexer command");
		return;
	}
	say(l, "%s%s", name, (type & 2) != 0 ? "" : " answer");
	if (type >> 2 == MCC_PN) {
		rd_skip(&r, 3);
		mtu = rd_le16(&r);
		say(l, " channel %u", (dlci & 0x3fu) >> 1);
		if (r.state == RD_OK)
			say(l, ", MTU %u", mtu);
	} else if (type >> 2 == MCC_MSC) {
		say(l, " channel %u", dlci >> 3);
	}
}

static void
rfcomm(struct line *l, struct rd r, uint32_t payload)
{
	struct rfcomm_frame f;

	rd_skip(&r, L2CAP_HEADER_LEN);
	if (!rfcomm_open(&r, &f))
		return;
	if (f.dlci == 0 && f.type == RFCOMM_UIH) {
		multiplexer(l, r);
		return;
	}
	say(l, "%s", rfcomm_type_name(f.type));
	if (f.type != RFCOMM_UIH)
		say(l, f.dlci == 0 ? " multiplexer" : " channel %u",
		    f.dlci >> 1);
	if (f.len > 0)
		say(l, " %u B", f.len);
	if (f.len > payload)
		say(l, ", the first %" PRIu32, payload);
	if (f.has_credits)
		say(l, ", credits +%u", f.credits);
}

static void
acl(struct line *l, const struct hci_packet *h, const struct frame *f)
{
	struct acl_packet a;

	if (!acl_open(h, &a))
		return;
	if (a.boundary == ACL_CONTINUES)
		say(l, "goes on, %" PRIu32 " B", f->sum.payload_len);
	else if (f->sum.proto == PROTO_RFCOMM)
		rfcomm(l, a.r, f->sum.payload_len);
	else
		l2cap(l, a.r);
}

size_t
hci_info(const struct frame *f, char *dst, size_t size)
{
	struct hci_packet h = hci_open(&f->packet);
	struct line l = {dst, size, 0};

	dst[0] = '\0';
	if (h.type == HCI_COMMAND)
		command(&l, h.r);
	else if (h.type == HCI_EVENT)
		event(&l, h.r);
	else if (h.type == HCI_ACL)
		acl(&l, &h, f);
	return l.len;
}
