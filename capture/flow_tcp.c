#include "capture/flow_tcp.h"

#include <string.h>

#define SHIFT_MAX 14 /* RFC 7323 s2.3: larger ones count as 14 */

/* A segment, from its sender's point of view. */
struct seg {
	struct flow *flow;
	struct flow_end *self, *peer;
	struct tcp_end *x, *px; /* of self, of peer */
	struct frame *frame;
	const struct summary *sum;
	uint8_t flags;
	int64_t off; /* stream offset of its first byte, may be negative */
	int64_t ack; /* offset of the peer's stream it expects next */
	bool probe; /* see is_probe() */
};

static uint64_t
max64(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static uint64_t
min64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

void
flow_tcp_start(struct flow *f, struct tcp_end x[2])
{
	for (int i = 0; i < 2; i++) {
		f->end[i].window_shift = -1;
		x[i].shift_offer = -1;
		x[i].owed = PURPOSE_COUNT;
	}
}

static bool
is_over(const struct flow *f)
{
	for (int i = 0; i < 2; i++)
		if (f->end[i].state != TCPS_CLOSED &&
		    f->end[i].state != TCPS_TIME_WAIT)
			return false;
	return true;
}

bool
flow_tcp_reopens(const struct flow *f, int dir, const struct summary *s)
{
	const struct flow_end *e = &f->end[dir];

	if (!(s->tcp_flags & TCP_SYN) || (s->tcp_flags & TCP_RST))
		return false;
	if (e->base_known && e->isn != s->seq)
		return true;
	return !(s->tcp_flags & TCP_ACK) && is_over(f);
}

/* ---------------------------------------------------------------- numbers */

/* As Wireshark does: a stream that was met midway begins at relative 1. */
static void
learn_base(struct flow_end *e, uint32_t isn)
{
	if (e->base_known)
		return;
	e->base_known = true;
	e->isn = isn;
}

/*
 * The stream offset of a 32-bit number: of all that it could mean, the one
 * nearest to what was sent and acknowledged so far (RFC 9293 s3.4: a window
 * never spans half of the number space). The SYN is at offset -1.
 */
static int64_t
offset_of(const struct flow_end *e, const struct tcp_end *x, uint32_t number)
{
	uint64_t near = max64(e->sent_to, x->ack_hi);
	uint32_t at_near = e->isn + 1 + (uint32_t)near;

	return (int64_t)near + (int32_t)(number - at_near);
}

/* Numbers from before the first one seen wrap, as Wireshark shows them. */
static uint64_t
relative(int64_t off)
{
	return off >= -1 ? (uint64_t)(off + 1) : (uint32_t)(off + 1);
}

static void
read_numbers(struct seg *g)
{
	bool syn = g->flags & TCP_SYN;

	learn_base(g->self, syn ? g->sum->seq : g->sum->seq - 1);
	g->off = offset_of(g->self, g->x, g->sum->seq);
	g->frame->rel_seq = relative(g->off);
	if (syn)
		g->off++; /* data of a SYN begins behind it */
	if (!(g->flags & TCP_ACK))
		return;
	learn_base(g->peer, g->sum->ack - 1);
	g->ack = offset_of(g->peer, g->px, g->sum->ack);
	g->frame->rel_ack = relative(g->ack);
}

/* ------------------------------------------------------- what a SYN agrees */

/* RFC 7323 s2.2: scaling is on when both SYNs carry the option; a SYN,ACK
 * carries it only if the SYN did. */
static void
read_syn(struct seg *g)
{
	const struct summary *s = g->sum;
	int offer = s->wscale > SHIFT_MAX ? SHIFT_MAX : s->wscale;

	g->self->syn_seen = true;
	if (s->has_mss)
		g->self->mss = s->mss;
	g->x->shift_offer = s->has_wscale ? offer : -1;
	if ((g->flags & TCP_ACK) || g->peer->window_shift >= 0) {
		g->self->window_shift = g->x->shift_offer;
		g->peer->window_shift = s->has_wscale ? g->px->shift_offer : -1;
	}
}

/* The answer to its SYN was not captured: as Wireshark, take the offer for
 * accepted, which nearly every end does. */
static void
assume_scale(struct seg *g)
{
	if (!(g->flags & TCP_SYN) && !g->peer->syn_seen)
		g->self->window_shift = g->x->shift_offer;
}

static uint32_t
scaled_window(const struct seg *g)
{
	if ((g->flags & TCP_SYN) || g->self->window_shift <= 0)
		return g->sum->window;
	return (uint32_t)g->sum->window << g->self->window_shift;
}

/* ------------------------------------------------------------------- data */

static void
forget_hole(struct tcp_end *x, unsigned i)
{
	x->hole_count--;
	memmove(&x->holes[i], &x->holes[i + 1],
	    (x->hole_count - i) * sizeof x->holes[0]);
}

static void
insert_hole(struct tcp_end *x, unsigned i, uint64_t from, uint64_t to)
{
	if (x->hole_count == FLOW_HOLES) {
		if (i == 0)
			return;
		forget_hole(x, 0);
		i--;
	}
	memmove(&x->holes[i + 1], &x->holes[i],
	    (x->hole_count - i) * sizeof x->holes[0]);
	x->holes[i] = (struct hole){from, to};
	x->hole_count++;
}

/* The part of [from, to) in a hole is seen now; widens *first, *last to it. */
static void
fill_holes(struct tcp_end *x, uint64_t from, uint64_t to, uint64_t *first,
    uint64_t *last)
{
	for (unsigned i = x->hole_count; i-- > 0;) {
		struct hole h = x->holes[i];
		uint64_t a = max64(h.from, from), b = min64(h.to, to);

		if (a >= b)
			continue;
		*first = min64(*first, a);
		*last = max64(*last, b);
		if (h.from < a && b < h.to) {
			x->holes[i].to = a;
			insert_hole(x, i + 1, b, h.to);
		} else if (h.from < a) {
			x->holes[i].to = a;
		} else if (b < h.to) {
			x->holes[i].from = b;
		} else {
			forget_hole(x, i);
		}
	}
}

/*
 * Note [from, to) as sent. True if some of it is new: *first, *last then span
 * the new part, from its first new byte to its last.
 */
static bool
note_sent(
    struct seg *g, uint64_t from, uint64_t to, uint64_t *first, uint64_t *last)
{
	uint64_t old = g->self->sent_to;

	*first = to;
	*last = from;
	if (from < old)
		fill_holes(g->x, from, min64(to, old), first, last);
	if (to > old) {
		if (from > old)
			insert_hole(g->x, g->x->hole_count, old, from);
		*first = min64(*first, max64(from, old));
		*last = to;
		g->self->sent_to = to;
	}
	return *first < *last;
}

/* RFC 9293 s3.8.4: a keep-alive, or a probe of a closed window, repeats the
 * last byte of a stream that is all acknowledged, or carries none. */
static bool
is_probe(const struct seg *g)
{
	const struct flow_end *e = g->self;
	int64_t next = (int64_t)(e->sent_to + e->fin_seen);

	return g->sum->payload_len <= 1 && g->off == next - 1 &&
	       !(g->flags & (TCP_SYN | TCP_FIN | TCP_RST)) &&
	       (g->sum->payload_len == 0 || e->acked_to >= e->sent_to);
}

/*
 * Payload: new, or all sent before. Bytes from before the first one captured
 * have no offset; in all likelihood they were sent before.
 */
static enum purpose
account_data(struct seg *g)
{
	int64_t end = g->off + (int64_t)g->sum->payload_len;
	uint64_t from = g->off > 0 ? (uint64_t)g->off : 0;
	uint64_t first, last;

	g->self->payload += g->sum->payload_len;
	if (g->probe)
		return PURPOSE_OTHER;
	if (end <= 0)
		return PURPOSE_RETRANSMISSION;
	g->frame->data_from = from;
	g->frame->data_to = (uint64_t)end;
	if (!note_sent(g, from, (uint64_t)end, &first, &last))
		return PURPOSE_RETRANSMISSION;
	g->frame->data_from = first;
	g->frame->data_to = last;
	return PURPOSE_DATA;
}

/* --------------------------------------------------- acknowledgements, FIN */

static bool
fin_acked(const struct flow_end *e, const struct tcp_end *x)
{
	return e->fin_seen && x->ack_hi > e->fin_off;
}

static void
update_acked_to(struct flow_end *e, const struct tcp_end *x)
{
	e->acked_to = e->fin_seen ? min64(x->ack_hi, e->fin_off) : x->ack_hi;
}

/*
 * RFC 9293 s3.10.7.3: an end in SYN-SENT takes no ACK of something that it
 * never sent (a challenge ACK of a connection that it has forgotten).
 */
static bool
ack_is_strange(const struct seg *g)
{
	return g->peer->syn_seen && !g->px->syn_acked && !g->x->synced &&
	       (g->ack < 0 || (uint64_t)g->ack > g->peer->sent_to);
}

/* The peer's bytes that this segment is the first to acknowledge: true, and
 * the peer's acked_to has moved up from *before. */
static bool
account_ack(struct seg *g, uint64_t *before)
{
	struct tcp_end *px = g->px;

	*before = g->peer->acked_to;
	if (!(g->flags & TCP_ACK) || (g->flags & TCP_RST) || ack_is_strange(g))
		return false;
	g->x->synced = px->synced = true;
	px->syn_acked = true;
	/* A segment without SYN comes from an end that is through with it. */
	if (!(g->flags & TCP_SYN))
		g->x->syn_acked = true;
	if (g->ack > 0)
		px->ack_hi = max64(px->ack_hi, (uint64_t)g->ack);
	update_acked_to(g->peer, px);
	return g->peer->acked_to > *before;
}

static void
account_fin(struct seg *g)
{
	int64_t end = g->off + (int64_t)g->sum->payload_len;

	if (g->self->fin_seen) {
		g->flow->retransmissions += g->sum->payload_len == 0;
		return;
	}
	g->self->fin_seen = true;
	g->self->fin_off = end > 0 ? (uint64_t)end : 0;
	g->x->fin_ack = g->ack > 0 ? (uint64_t)g->ack : 0;
	update_acked_to(g->self, g->x);
}

/* --------------------------------------------------------------- purposes */

/* A pure ACK that acknowledges no new payload. */
static enum purpose
purpose_of_bare_ack(const struct seg *g, bool fin_newly_acked, bool completes)
{
	bool repeats = (uint64_t)g->ack == g->x->last_ack;

	if (g->px->owed == PURPOSE_HANDSHAKE || completes)
		return PURPOSE_HANDSHAKE;
	if (fin_newly_acked)
		return PURPOSE_TEARDOWN;
	if (g->px->owed == PURPOSE_TEARDOWN && fin_acked(g->peer, g->px))
		return PURPOSE_TEARDOWN;
	if (g->probe || g->px->owed == PURPOSE_OTHER)
		return PURPOSE_OTHER;
	if (repeats && g->self->packets > 0 &&
	    g->frame->window != g->x->last_window)
		return PURPOSE_OTHER; /* a window update */
	return PURPOSE_ACK;
}

/* The ACK that ends the handshake, alone or with the client's first data. */
static bool
completes_handshake(const struct seg *g)
{
	const struct flow *f = g->flow;

	return f->ack_frame == 0 && g->frame->dir == DIR_CLIENT &&
	       (g->flags & (TCP_ACK | TCP_SYN | TCP_RST)) == TCP_ACK &&
	       (g->self->syn_seen || g->peer->syn_seen) && !ack_is_strange(g);
}

static enum purpose
account(struct seg *g)
{
	bool fin_was_acked = fin_acked(g->peer, g->px);
	bool completes = completes_handshake(g);
	uint64_t before;
	bool newly = account_ack(g, &before);
	enum purpose data = PURPOSE_OTHER;

	if (completes) {
		g->flow->ack_frame = g->frame->id;
		g->flow->ack_ns = g->frame->packet.ts_ns;
	}
	if (g->sum->payload_len > 0 && !(g->flags & TCP_RST))
		data = account_data(g);
	if ((g->flags & TCP_FIN) && !(g->flags & TCP_RST))
		account_fin(g);
	if (g->flags & TCP_RST)
		return PURPOSE_TEARDOWN;
	if (g->flags & TCP_SYN)
		return PURPOSE_HANDSHAKE;
	if (g->sum->payload_len > 0)
		return data;
	if (g->flags & TCP_FIN)
		return PURPOSE_TEARDOWN;
	if (!(g->flags & TCP_ACK))
		return PURPOSE_OTHER;
	if (newly) {
		g->frame->acked_from = before;
		g->frame->acked_to = g->peer->acked_to;
		return PURPOSE_ACK;
	}
	return purpose_of_bare_ack(
	    g, !fin_was_acked && fin_acked(g->peer, g->px), completes);
}

/* What the peer's next pure ACK will be the answer to. */
static void
note_owed(struct seg *g)
{
	if (g->flags & TCP_ACK)
		g->px->owed = PURPOSE_COUNT;
	if (g->flags & TCP_SYN)
		g->x->owed = PURPOSE_HANDSHAKE;
	else if (g->flags & TCP_FIN)
		g->x->owed = PURPOSE_TEARDOWN;
	else if (g->probe)
		g->x->owed = PURPOSE_OTHER;
	else if (g->sum->payload_len > 0)
		g->x->owed = PURPOSE_COUNT;
}

/* ----------------------------------------------------------------- states */

static struct end_facts
facts(const struct flow *f, const struct tcp_end x[2], int i)
{
	const struct flow_end *e = &f->end[i], *peer = &f->end[!i];

	return (struct end_facts){
	    .syn = x[i].synced,
	    .syn_acked = x[i].syn_acked,
	    .fin = e->fin_seen,
	    .fin_acked = fin_acked(e, &x[i]),
	    .fin_answers =
		e->fin_seen && peer->fin_seen && x[i].fin_ack > peer->fin_off,
	};
}

static void
update_states(struct flow *f, const struct tcp_end x[2])
{
	struct end_facts client = facts(f, x, DIR_CLIENT);
	struct end_facts server = facts(f, x, DIR_SERVER);

	if (f->end[DIR_CLIENT].rst_seen || f->end[DIR_SERVER].rst_seen) {
		f->end[DIR_CLIENT].state = f->end[DIR_SERVER].state =
		    TCPS_CLOSED;
		return;
	}
	f->end[DIR_CLIENT].state = (uint8_t)flow_state(&client, &server);
	f->end[DIR_SERVER].state = (uint8_t)flow_state(&server, &client);
}

static void
note_times(struct flow *f, const struct frame *fr)
{
	uint8_t flags = fr->sum.tcp_flags;
	int64_t now = fr->packet.ts_ns;

	if ((flags & (TCP_SYN | TCP_ACK)) == TCP_SYN && f->syn_frame == 0) {
		f->syn_frame = fr->id;
		f->syn_ns = now;
	}
	if ((flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK) &&
	    f->syn_ack_frame == 0) {
		f->syn_ack_frame = fr->id;
		f->syn_ack_ns = now;
	}
	if ((flags & (TCP_FIN | TCP_RST)) && f->fin_ns == 0)
		f->fin_ns = now;
	if (is_over(f) &&
	    (f->closed_ns == 0 || fr->purpose == PURPOSE_TEARDOWN))
		f->closed_ns = now;
}

void
flow_tcp_feed(struct flow *f, struct tcp_end x[2], struct frame *fr)
{
	struct seg g = {
	    .flow = f,
	    .self = &f->end[fr->dir],
	    .peer = &f->end[!fr->dir],
	    .x = &x[fr->dir],
	    .px = &x[!fr->dir],
	    .frame = fr,
	    .sum = &fr->sum,
	    .flags = fr->sum.tcp_flags,
	};

	read_numbers(&g);
	if (g.flags & TCP_SYN) {
		f->retransmissions += g.self->syn_seen;
		g.x->synced = true;
		read_syn(&g);
	}
	if (g.flags & TCP_RST)
		g.self->rst_seen = true;
	assume_scale(&g);
	fr->window = scaled_window(&g);
	g.probe = is_probe(&g);
	fr->purpose = (uint8_t)account(&g);
	f->retransmissions += fr->purpose == PURPOSE_RETRANSMISSION;
	note_owed(&g);
	update_states(f, x);
	note_times(f, fr);
	if (g.flags & TCP_ACK) {
		g.x->last_ack = g.ack > 0 ? (uint64_t)g.ack : 0;
		g.x->last_window = fr->window;
	}
}
