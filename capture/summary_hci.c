/* The summary of what a Bluetooth adapter captured. Source: capture/hci.h. */
#include "capture/hci.h"
#include "capture/rfcomm.h"
#include "capture/summary_steps.h"

/* A frame that begins here; what of it is in later fragments is not missed. */
static void
read_l2cap(struct summary *s, struct rd *r)
{
	const uint8_t *h =
	    summary_take(s, r, L2CAP_HEADER_LEN, &s->transport_len);
	size_t left;

	s->proto = PROTO_L2CAP;
	if (h == NULL)
		return;
	summary_settle(s, r);
	if ((h[2] | h[3] << 8) != L2CAP_SIGNALLING)
		return;
	left = s->payload_len; /* all of it is L2CAP's own */
	s->transport_len = (uint16_t)(s->transport_len + left);
	s->payload_off += (uint32_t)left;
	s->payload_len = s->payload_cap = 0;
}

static void
read_acl(struct summary *s, struct rd *r)
{
	const uint8_t *h = summary_take(s, r, ACL_HEADER_LEN, &s->net_len);
	size_t len, left = rd_wire_left(r);
	struct rd content;

	s->proto = PROTO_ACL;
	if (h == NULL)
		return;
	len = (size_t)(h[2] | h[3] << 8);
	if (len > left) {
		summary_trouble(s, RD_MALFORMED);
		len = left;
	}
	content = summary_narrow(s, r, len);
	if ((h[1] >> 4 & 3) == ACL_CONTINUES)
		summary_settle(s, &content);
	else
		read_l2cap(s, &content);
}

/*
 * Commands and events say the length of their parameters in the last byte of
 * their header. All of it stays between host and controller: nothing of it is
 * on the air, and so it counts to the link.
 */
static void
read_parameters(struct summary *s, struct rd *r, size_t header)
{
	const uint8_t *h = summary_take(s, r, header, &s->link_len);
	size_t left = rd_wire_left(r);
	struct rd nothing;

	if (h == NULL)
		return;
	if (h[header - 1] > left)
		summary_trouble(s, RD_MALFORMED);
	else
		left = h[header - 1];
	if (summary_take(s, r, left, &s->link_len) == NULL)
		return;
	nothing = summary_narrow(s, r, 0);
	summary_settle(s, &nothing);
}

void
summary_read_hci(const struct packet *p, struct summary *s)
{
	struct rd r = rd_init(p->data, p->cap_len, p->wire_len);
	struct hci_packet h = hci_open(p);
	size_t link = p->link_type == LINK_HCI_H4_PHDR   ? 5
		      : p->link_type == LINK_HCI_MONITOR ? 4
							 : 1;

	s->proto = PROTO_HCI;
	if (summary_take(s, &r, link, &s->link_len) == NULL)
		return;
	if (h.type == HCI_ACL)
		read_acl(s, &r);
	else if (h.type == HCI_COMMAND)
		read_parameters(s, &r, 3);
	else if (h.type == HCI_EVENT)
		read_parameters(s, &r, 2);
	else
		summary_settle(s, &r);
}

static uint16_t
at_most(size_t n, uint32_t most)
{
	return (uint16_t)(n < most ? n : most);
}

void
summary_read_rfcomm(struct summary *s, const struct packet *p, unsigned fcs_len)
{
	struct rd r =
	    rd_init(p->data + s->payload_off, s->payload_cap, s->payload_len);
	struct rfcomm_frame f;
	uint16_t header = 0;

	if (s->proto == PROTO_L2CAP && s->payload_cap > 0 &&
	    rfcomm_open(&r, &f))
		header = at_most(
		    f.dlci == 0 ? f.header_len + (size_t)f.len : f.header_len,
		    s->payload_len);
	s->proto = PROTO_RFCOMM;
	s->payload_off += header;
	s->payload_len -= header;
	s->payload_cap -= at_most(header, s->payload_cap);
	s->fcs_len = (uint8_t)at_most(fcs_len, s->payload_len);
	s->payload_len -= s->fcs_len;
	if (s->payload_cap > s->payload_len)
		s->payload_cap = s->payload_len;
	s->options_len = (uint16_t)(header + s->fcs_len);
}
