/*
 * Between a Bluetooth host and its controller: the packet type, the monitor's
 * header, ACL data.
 *
 * Source: Bluetooth Core 5.3 Vol 4 Part A s2 (H4), Part E s5.4.2 (ACL),
 * pcap-linktype(7).
 */
#include "capture/dissect_hci.h"

#include <inttypes.h>

enum {
	H4,
	H4_DIRECTION,
	H4_TYPE,
	MONITOR,
	MONITOR_ADAPTER,
	MONITOR_OPCODE,
	MONITOR_NOTE,
	ACL,
	ACL_HANDLE,
	ACL_BOUNDARY,
	ACL_BROADCAST,
	ACL_LENGTH,
	ACL_LINK_FRAME,
	ACL_SOURCE,
	ACL_DESTINATION,
	ACL_FIRST_FRAGMENT,
	ACL_FRAGMENT,
	ACL_BEHIND,
	AUDIO,
	AUDIO_DATA,
};

static const char h4_ref[] = "Core Vol 4 A s2";
static const char acl_ref[] = "Core Vol 4 E s5.4.2";
static const char monitor_ref[] = "LINKTYPE_BLUETOOTH_LINUX_MONITOR";

static const struct field_def defs[] = {
    [H4] = {.name = "HCI packet",
	.ref = h4_ref,
	.help = "What passes between this machine and its Bluetooth "
		"controller."},
    [H4_DIRECTION] = {"hci_h4.direction", "Direction",
	"LINKTYPE_BLUETOOTH_HCI_H4_WITH_PHDR", .kind = KIND_HEX8},
    [H4_TYPE] = {"hci_h4.type", "Packet type", h4_ref, .kind = KIND_HEX8},
    [MONITOR] = {.name = "Bluetooth monitor",
	.ref = monitor_ref,
	.help = "The kernel's own trace of all adapters."},
    [MONITOR_ADAPTER] = {"hci_mon.adapter_id", "Adapter", monitor_ref,
	"hci0 is 0.", .kind = KIND_DEC},
    [MONITOR_OPCODE] = {"hci_mon.opcode", "What it is", monitor_ref,
	.kind = KIND_DEC},
    [MONITOR_NOTE] = {.name = "Note", .ref = monitor_ref, .kind = KIND_BYTES},
    [ACL] = {.name = "ACL data",
	.ref = acl_ref,
	.help = "Data of a connection, in pieces that the controller takes."},
    [ACL_HANDLE] = {"bthci_acl.chandle", "Connection handle", acl_ref,
	"By which host and controller know the connection.", 0x0fff,
	KIND_HEX16},
    [ACL_BOUNDARY] = {"bthci_acl.pb_flag", "Boundary", acl_ref,
	"Whether a frame of L2CAP begins here.", 0x3000, KIND_DEC},
    [ACL_BROADCAST] = {"bthci_acl.bc_flag", "Broadcast", acl_ref, NULL, 0xc000,
	KIND_DEC},
    [ACL_LENGTH] = {"bthci_acl.length", "Length", acl_ref, .kind = KIND_DEC},
    [ACL_LINK_FRAME] = {"bthci_acl.connect_in", "Connected in packet", acl_ref,
	.kind = KIND_TEXT},
    [ACL_SOURCE] = {"bthci_acl.src.bd_addr", "From", acl_ref,
	.kind = KIND_TEXT},
    [ACL_DESTINATION] = {"bthci_acl.dst.bd_addr", "To", acl_ref,
	.kind = KIND_TEXT},
    [ACL_FIRST_FRAGMENT] = {"bthci_acl.continuation_to", "Goes on from packet",
	"Core Vol 3 A s7.2", .kind = KIND_TEXT},
    [ACL_FRAGMENT] = {.name = "Fragment",
	.ref = "Core Vol 3 A s7.2",
	.help = "The frame is decoded with its last fragment.",
	.kind = KIND_BYTES},
    [ACL_BEHIND] = {.name = "Behind the data", .kind = KIND_BYTES},
    [AUDIO] = {.name = "Synchronous data", .ref = "Core Vol 4 E s5.4.3"},
    [AUDIO_DATA] = {.name = "Bytes",
	.ref = "Core Vol 4 E s5.4.3",
	.kind = KIND_BYTES},
};
const struct field_table hci_fields = FIELD_TABLE(defs);

static const struct name types[] = {
    {HCI_COMMAND, "command"},
    {HCI_ACL, "ACL data"},
    {HCI_SCO, "synchronous data"},
    {HCI_EVENT, "event"},
    {HCI_ISO, "isochronous data"},
};

/* Who sent it, and to whom: only the other device's address is known. */
static void
ends(struct layer *l, bool sent)
{
	const struct hci_context *c = &l->b->ctx->hci;
	const uint8_t *p = c->peer;

	if (c->link_frame == 0)
		return;
	layer_made(l, &defs[ACL_LINK_FRAME], "%" PRIu64, c->link_frame);
	for (int source = 1; source >= 0; source--) {
		const struct field_def *def =
		    &defs[source ? ACL_SOURCE : ACL_DESTINATION];

		if (sent == (source == 1)) {
			layer_made(l, def, "00:00:00:00:00:00");
			layer_remark(l, "this adapter");
		} else {
			layer_made(l, def, "%02x:%02x:%02x:%02x:%02x:%02x",
			    p[5], p[4], p[3], p[2], p[1], p[0]);
		}
	}
}

/* Does a frame of L2CAP begin here that is not all here? */
static bool
goes_on(struct rd r)
{
	size_t left = rd_wire_left(&r), len = rd_le16(&r);

	rd_skip(&r, 2); /* the channel: the first fragment has that, too */
	return r.state == RD_OK && L2CAP_HEADER_LEN + len > left;
}

/* The content of one ACL packet, with what came before. */
static void
content(struct layer *l, bool continues)
{
	struct build *b = l->b;
	const struct whole *w = &b->ctx->datagram;
	struct rd frame;

	if (continues && b->ctx->hci.first_fragment != 0)
		layer_made(l, &defs[ACL_FIRST_FRAGMENT], "%" PRIu64,
		    b->ctx->hci.first_fragment);
	if (!continues && !goes_on(l->r)) {
		layer_close(l);
		dissect_l2cap(b, rd_sub(&l->r, rd_wire_left(&l->r)));
		return;
	}
	if (rd_wire_left(&l->r) > 0)
		layer_payload(l, &defs[ACL_FRAGMENT]);
	layer_close(l);
	if (continues && w->len > 0 &&
	    dissect_whole(b, w, &whole_acl, &frame)) {
		dissect_l2cap(b, frame);
		b->source = 0;
	}
}

static void
dissect_acl(struct build *b, struct rd r, bool sent)
{
	static const struct name boundaries[] = {
	    {ACL_FIRST_HOST, "begins a frame, not flushed"},
	    {ACL_CONTINUES, "goes on"}, {ACL_FIRST, "begins a frame"},
	    {3, "a whole frame"}};
	struct layer l =
	    layer_open(b, r, &defs[ACL], "bthci_acl", ACL_HEADER_LEN);
	uint32_t handle, boundary, len;
	struct rd outside;

	layer_word_le(&l, &defs[ACL_HANDLE], 2);
	handle = layer_add_bits(&l, &defs[ACL_HANDLE]);
	boundary = layer_add_bits(&l, &defs[ACL_BOUNDARY]);
	layer_remark_name(&l, NAME_OF(boundaries, boundary));
	layer_add_bits(&l, &defs[ACL_BROADCAST]);
	len = layer_uint_le(&l, &defs[ACL_LENGTH], 2);
	if (!layer_ok(&l))
		return;
	layer_title(&l, "handle 0x%03x", handle);
	outside = layer_enter(&l, len);
	ends(&l, sent);
	content(&l, boundary == ACL_CONTINUES);
	if (outside.state != RD_OK || rd_wire_left(&outside) == 0)
		return;
	l.r = outside;
	layer_payload(&l, &defs[ACL_BEHIND]);
}

static void
dissect_audio(struct build *b, struct rd r)
{
	struct layer l = layer_open(b, r, &defs[AUDIO], "bthci_sco", 0);

	layer_payload(&l, &defs[AUDIO_DATA]);
	layer_close(&l);
}

static void
dissect_type(struct build *b, struct rd r, uint32_t type, bool sent)
{
	switch (type) {
	case HCI_COMMAND:
		dissect_hci_command(b, r);
		break;
	case HCI_ACL:
		dissect_acl(b, r, sent);
		break;
	case HCI_EVENT:
		dissect_hci_event(b, r);
		break;
	case HCI_SCO:
	case HCI_ISO:
		dissect_audio(b, r);
		break;
	default:
		dissect_data(b, r);
	}
}

static void
dissect_monitor(struct build *b, struct rd r)
{
	static const struct name opcodes[] = {{0, "adapter added"},
	    {1, "adapter removed"}, {2, "command"}, {3, "event"},
	    {4, "ACL data, sent"}, {5, "ACL data, received"},
	    {6, "SCO data, sent"}, {7, "SCO data, received"},
	    {8, "adapter opened"}, {9, "adapter closed"},
	    {10, "adapter's address and maker"}, {11, "vendor's diagnostic"},
	    {12, "note of the kernel"}, {13, "log of a program"},
	    {14, "management opened"}, {15, "management closed"},
	    {16, "management command"}, {17, "management event"},
	    {18, "ISO data, sent"}, {19, "ISO data, received"}};
	struct hci_packet h = hci_open(b->packet);
	struct layer l = layer_open(b, r, &defs[MONITOR], "hci_mon", 4);
	const char *name;

	layer_uint(&l, &defs[MONITOR_ADAPTER], 2);
	name = NAME_OF(opcodes, layer_uint(&l, &defs[MONITOR_OPCODE], 2));
	layer_remark_name(&l, name);
	if (!layer_ok(&l))
		return;
	if (name != NULL)
		layer_title(&l, "%s", name);
	if (h.type == HCI_NONE && rd_wire_left(&l.r) > 0)
		layer_payload(&l, &defs[MONITOR_NOTE]);
	layer_close(&l);
	if (h.type != HCI_NONE)
		dissect_type(b, l.r, h.type, h.dir == HCI_SENT);
}

void
dissect_hci(struct build *b, struct rd r)
{
	struct hci_packet h = hci_open(b->packet);
	struct layer l;
	uint32_t type;

	build_protocol(b, "bluetooth");
	if (b->packet->link_type == LINK_HCI_MONITOR) {
		dissect_monitor(b, r);
		return;
	}
	l = layer_open(b, r, &defs[H4], "hci_h4", 1);
	if (b->packet->link_type == LINK_HCI_H4_PHDR) {
		l.need = 5;
		layer_word(&l, &defs[H4_DIRECTION], 4);
		l.word &= 1;
		layer_add_word(&l, &defs[H4_DIRECTION]);
		layer_remark(&l, "%s",
		    h.dir == HCI_SENT ? "from host to controller"
				      : "from controller to host");
	}
	type = layer_uint(&l, &defs[H4_TYPE], 1);
	layer_remark_name(&l, NAME_OF(types, type));
	if (!layer_ok(&l))
		return;
	layer_close(&l);
	dissect_type(b, l.r, type, h.dir == HCI_SENT);
}
