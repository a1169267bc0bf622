#include "capture/hci.h"

/* The monitor's opcodes from 2 on are packets, each direction its own. */
static void
open_monitor(struct hci_packet *h)
{
	static const struct {
		uint8_t type, dir;
	} kinds[] = {
	    [2] = {HCI_COMMAND, HCI_SENT},
	    [3] = {HCI_EVENT, HCI_RECEIVED},
	    [4] = {HCI_ACL, HCI_SENT},
	    [5] = {HCI_ACL, HCI_RECEIVED},
	    [6] = {HCI_SCO, HCI_SENT},
	    [7] = {HCI_SCO, HCI_RECEIVED},
	    [18] = {HCI_ISO, HCI_SENT},
	    [19] = {HCI_ISO, HCI_RECEIVED},
	};

	h->adapter = rd_be16(&h->r);
	h->opcode = rd_be16(&h->r);
	if (h->r.state != RD_OK || h->opcode >= sizeof kinds / sizeof *kinds)
		return;
	h->type = kinds[h->opcode].type;
	h->dir = kinds[h->opcode].dir;
}

static uint8_t
guess_direction(const struct hci_packet *h)
{
	struct rd peek = h->r;

	if (h->type == HCI_COMMAND)
		return HCI_SENT;
	if (h->type == HCI_ACL && (rd_le16(&peek) >> 12 & 3) == ACL_FIRST_HOST)
		return HCI_SENT;
	return HCI_RECEIVED;
}

struct hci_packet
hci_open(const struct packet *p)
{
	struct hci_packet h = {
	    .r = rd_init(p->data, p->cap_len, p->wire_len),
	    .adapter = p->iface,
	};
	uint32_t dir = 0;

	if (p->link_type == LINK_HCI_MONITOR) {
		open_monitor(&h);
		return h;
	}
	if (p->link_type == LINK_HCI_H4_PHDR)
		dir = rd_be32(&h.r);
	h.type = rd_u8(&h.r);
	h.dir = p->link_type == LINK_HCI_H4 ? guess_direction(&h)
					    : (uint8_t)(dir & 1);
	return h;
}

bool
acl_open(const struct hci_packet *h, struct acl_packet *ret)
{
	struct rd r = h->r;
	uint16_t word = rd_le16(&r);
	size_t left;

	ret->len = rd_le16(&r);
	if (r.state != RD_OK || h->type != HCI_ACL)
		return false;
	ret->handle = word & 0xfff;
	ret->boundary = word >> 12 & 3;
	ret->broadcast = (uint8_t)(word >> 14);
	left = rd_wire_left(&r);
	ret->r = rd_sub(&r, ret->len < left ? ret->len : left);
	return true;
}
