#include "capture/tally.h"

#include "capture/ledger.h"
#include "net/proto/rudp.h"

void
tally_init(struct tally *t, enum transport transport)
{
	*t = (struct tally){.transport = transport};
}

/* A message that was sent before, or further on (RFC 1982)? */
static bool
is_repeated(struct tally *t, int dir, uint32_t seq)
{
	bool repeated =
	    t->sent[dir].known && (int32_t)(seq - t->sent[dir].next) < 0;

	if (!repeated) {
		t->sent[dir].known = true;
		t->sent[dir].next = seq + 1;
	}
	return repeated;
}

/*
 * The acknowledgement that ends the handshake comes before any data; those
 * after the first FIN belong to the teardown.
 */
static enum purpose
rudp_purpose(struct tally *t, int dir, const struct rudp_packet *p)
{
	switch (p->type) {
	case RUDP_HELLO:
	case RUDP_WELCOME:
	case RUDP_CONFIRM:
		return PURPOSE_HANDSHAKE;
	case RUDP_DATA:
		t->data_seen = true;
		return is_repeated(t, dir, p->seq) ? PURPOSE_RETRANSMISSION
						   : PURPOSE_DATA;
	case RUDP_FIN:
	case RUDP_RESET:
		t->fin_seen = true;
		return PURPOSE_TEARDOWN;
	case RUDP_ACK:
	case RUDP_PROBE:
		break;
	}
	return t->fin_seen    ? PURPOSE_TEARDOWN
	       : t->data_seen ? PURPOSE_ACK
			      : PURPOSE_HANDSHAKE;
}

/* The own header's bytes, and the purpose, of a datagram of reliable UDP. */
static enum purpose
read_rudp(struct tally *t, const struct frame *f, uint64_t *own)
{
	struct rd r = rd_init(f->packet.data + f->sum.payload_off,
	    f->sum.payload_cap, f->sum.payload_len);
	struct rudp_packet p;

	*own = 0;
	if (rudp_decode(&r, &p) != RUDP_FAULT_FINE)
		return PURPOSE_OTHER;
	*own = f->sum.payload_len - p.message_len;
	return rudp_purpose(t, f->dir, &p);
}

void
tally_feed(struct tally *t, const struct frame *f)
{
	enum purpose purpose = f->purpose;
	struct tally_row *row;
	uint64_t own = 0;
	struct cost cost;

	if (f->flow == 0)
		return;
	if (t->transport == TRANSPORT_RUDP)
		purpose = read_rudp(t, f, &own);
	row = &t->by[purpose];
	row->packets++;
	row->link += f->sum.link_len;
	row->net += f->sum.net_len;
	row->transport += f->sum.transport_len;
	row->options += f->sum.options_len;
	row->own += own;
	row->payload += f->sum.payload_len - own;
	if (f->sum.ip_version == 0) /* Bluetooth: nothing else carries it */
		return;
	cost = cost_of_packet(&f->sum);
	row->ethernet += cost_on_ethernet(&cost);
}

uint64_t
tally_row_bytes(const struct tally_row *r)
{
	return r->net + r->transport + r->options + r->own + r->payload;
}

struct tally_row
tally_sum(const struct tally *t)
{
	struct tally_row sum = {0};

	for (int i = 0; i < PURPOSE_COUNT; i++) {
		const struct tally_row *r = &t->by[i];

		sum.packets += r->packets;
		sum.link += r->link;
		sum.net += r->net;
		sum.transport += r->transport;
		sum.options += r->options;
		sum.own += r->own;
		sum.payload += r->payload;
		sum.ethernet += r->ethernet;
	}
	return sum;
}
