#include "capture/flow_tcp.h"

#include <stdlib.h>
#include <string.h>

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
	bool lost; /* on the wire: the peer does not know of it */
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
flow_tcp_start(struct flow *f, struct tcp_conn *c)
{
	*c = (struct tcp_conn){0};
	tcp_talk_init(&c->talk);
	for (int i = 0; i < 2; i++) {
		f->end[i].window_shift = TCP_SCALE_UNKNOWN;
		c->end[i].owed = PURPOSE_COUNT;
	}
}

void
flow_tcp_resume(struct flow *f, struct tcp_conn *c)
{
	*c = (struct tcp_conn){0};
	tcp_talk_init(&c->talk);
	c->talk.initial_rtt_ns = f->initial_rtt_ns;
	for (int i = 0; i < 2; i++) {
		const struct flow_end *e = &f->end[i];

		c->talk.dir[i].scale = e->window_shift;
		c->end[i].owed = PURPOSE_COUNT;
		c->end[i].ack_hi = e->acked_to + e->fin_acked;
		c->end[i].synced = c->end[i].syn_acked = true;
		c->end[i].syn_arrived = true;
		c->end[i].fin_arrived = e->fin_seen;
	}
}

void
flow_tcp_done(struct tcp_conn *c, struct tcp_pool *pool)
{
	tcp_talk_done(&c->talk, pool);
	for (int i = 0; i < 2; i++) {
		free(c->end[i].holes);
		c->end[i].holes = NULL;
		c->end[i].hole_count = 0;
	}
}

bool
flow_tcp_is_over(const struct flow *f)
{
	for (int i = 0; i < 2; i++)
		if (f->end[i].state != TCPS_CLOSED &&
		    f->end[i].state != TCPS_TIME_WAIT)
			return false;
	return true;
}

/*
 * Another number opens another connection. But a SYN,ACK that answers the SYN
 * of this one belongs to it whatever its number: a server that keeps nothing
 * of a SYN (a SYN cookie, RFC 4987 s3.6) may choose one anew for each.
 */
bool
flow_tcp_reopens(const struct flow *f, int dir, const struct summary *s)
{
	const struct flow_end *e = &f->end[dir], *peer = &f->end[!dir];

	if ((s->tcp_flags & TCP_RST) || !e->base_known || e->isn == s->seq)
		return false;
	return !(s->tcp_flags & TCP_ACK) || !peer->syn_seen ||
	       s->ack != peer->isn + 1;
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

static void
read_syn(struct seg *g)
{
	const struct summary *s = g->sum;
	struct flow_end *e = g->self;
	uint8_t asks = g->flags & (TCP_ECE | TCP_CWR);

	g->flow->retransmissions += e->syn_seen;
	e->syn_seen = true;
	e->syn_alone |= !(g->flags & TCP_ACK);
	if (s->has_mss)
		e->mss = s->mss;
	e->sack_permitted = s->has_sack_permitted;
	/* RFC 3168 s6.1.1 */
	e->ecn = asks == (g->flags & TCP_ACK ? TCP_ECE : (TCP_ECE | TCP_CWR));
	g->x->synced = true;
	g->x->syn_arrived |= !g->lost;
}

/* A server that chose another number for its SYN,ACK: what came before
 * belonged to an answer which did not arrive. */
static void
choose_again(struct seg *g)
{
	g->self->isn = g->sum->seq;
	g->frame->verdicts |= VERDICT_REUSED_PORTS;
}

/* The window of a SYN is never scaled, RFC 7323 s2.2. */
static uint8_t
window_shift(const struct seg *g)
{
	bool scaled = (g->flags & TCP_SYN) == 0 && g->self->window_shift > 0;

	return scaled ? (uint8_t)g->self->window_shift : 0;
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
	if (x->holes == NULL)
		x->holes = calloc(FLOW_HOLES, sizeof *x->holes);
	if (x->holes == NULL)
		return;
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
	g->self->sent_half_closed |= g->peer->fin_seen && !g->self->fin_seen;
	if (g->probe)
		return PURPOSE_OTHER;
	if (end <= 0)
		return PURPOSE_RETRANSMISSION;
	if (g->lost)
		g->x->lost_to = max64(g->x->lost_to, (uint64_t)end);
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

/* This segment acknowledges the peer's FIN, first or once more. */
static bool
acks_fin(const struct seg *g)
{
	return g->peer->fin_seen && g->ack > 0 &&
	       (uint64_t)g->ack > g->peer->fin_off;
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
	g->x->synced = px->synced = px->syn_arrived = true;
	px->fin_arrived |= acks_fin(g);
	/* A segment without SYN comes from an end that is through with it. */
	if (!(g->flags & TCP_SYN))
		g->x->syn_acked = g->x->syn_arrived = true;
	if (g->lost)
		return false;
	px->syn_acked = true;
	if (g->ack > 0)
		px->ack_hi = max64(px->ack_hi, (uint64_t)g->ack);
	update_acked_to(g->peer, px);
	return g->peer->acked_to > *before;
}

/* Of a FIN that comes while bytes before it are missing the receiver takes no
 * notice before they have come; then it acknowledges it, see account_ack(). */
static void
deliver_fin(struct seg *g)
{
	g->x->fin_arrived |= !g->lost && g->x->lost_to <= g->x->ack_hi;
}

static void
account_fin(struct seg *g)
{
	int64_t end = g->off + (int64_t)g->sum->payload_len;

	deliver_fin(g);
	if (g->self->fin_seen) {
		g->flow->retransmissions += g->sum->payload_len == 0;
		return;
	}
	g->self->fin_seen = true;
	g->self->fin_answers = acks_fin(g);
	g->self->fin_off = end > 0 ? (uint64_t)end : 0;
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
	if (g->px->owed == PURPOSE_TEARDOWN && acks_fin(g))
		return PURPOSE_TEARDOWN;
	if (g->probe || g->px->owed == PURPOSE_OTHER)
		return PURPOSE_OTHER;
	if (repeats && g->self->packets > 0 &&
	    frame_window(g->frame) != g->x->last_window)
		return PURPOSE_OTHER; /* a window update */
	return PURPOSE_ACK;
}

/* Not if its receiver drops it, or asks about it. */
static bool
resets(const struct seg *g)
{
	return (g->flags & TCP_RST) &&
	       !(g->frame->verdicts &
		   (VERDICT_RST_CHALLENGED | VERDICT_RST_IGNORED));
}

/* The ACK that ends the handshake, alone or with the client's first data. */
static bool
completes_handshake(const struct seg *g)
{
	const struct flow *f = g->flow;

	return f->ack_frame == 0 && g->frame->dir == DIR_CLIENT && !g->lost &&
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

	if (completes)
		g->flow->ack_frame = g->frame->id;
	if (g->sum->payload_len > 0 && !(g->flags & TCP_RST))
		data = account_data(g);
	if ((g->flags & TCP_FIN) && !(g->flags & TCP_RST))
		account_fin(g);
	if (g->flags & TCP_RST)
		return resets(g) ? PURPOSE_TEARDOWN : PURPOSE_OTHER;
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
	const struct flow_end *e = &f->end[i];

	return (struct end_facts){
	    .syn = x[i].synced,
	    .syn_acked = x[i].syn_acked,
	    .syn_arrived = x[i].syn_arrived,
	    .fin = e->fin_seen,
	    .fin_arrived = x[i].fin_arrived,
	    .fin_acked = fin_acked(e, &x[i]),
	    .fin_answers = e->fin_answers,
	};
}

static void
update_states(struct flow *f, const struct tcp_end x[2])
{
	for (int i = 0; i < 2; i++)
		f->end[i].fin_acked = fin_acked(&f->end[i], &x[i]);

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
note_milestones(struct flow *f, const struct frame *fr)
{
	uint8_t handshake = fr->sum.tcp_flags & (TCP_SYN | TCP_ACK);

	if (handshake == TCP_SYN && f->syn_frame == 0)
		f->syn_frame = fr->id;
	if (handshake == (TCP_SYN | TCP_ACK) && f->syn_ack_frame == 0)
		f->syn_ack_frame = fr->id;
	if (flow_tcp_is_over(f) &&
	    (f->closed_ns == 0 || fr->purpose == PURPOSE_TEARDOWN))
		f->closed_ns = fr->packet.ts_ns;
}

static bool
is_control(const struct seg *g)
{
	return g->flags & (TCP_SYN | TCP_FIN | TCP_RST);
}

/* Both ends: then only a control bit changes their states. */
static bool
is_established(const struct flow *f)
{
	return f->end[DIR_CLIENT].state == TCPS_ESTABLISHED &&
	       f->end[DIR_SERVER].state == TCPS_ESTABLISHED;
}

/* The same SYN once more. If a reset had closed the connection, it did not
 * arrive, or the client tries once more. */
static void
account_syn_again(struct seg *g, struct tcp_conn *c)
{
	if ((g->flags & (TCP_SYN | TCP_ACK)) != TCP_SYN || !g->self->base_known)
		return;
	tcp_talk_reopen(&c->talk, g->frame->dir);
	g->self->rst_seen = g->peer->rst_seen = false;
}

/*
 * Wireshark, which cannot know, takes a segment for reordered if it comes soon
 * after a later one, and else for sent again. At the wire it is known: nothing
 * passes it unseen, so what carries something new is sent for the first time,
 * however late it comes out, and what does not was sent again.
 */
static void
correct_by_wire(struct flow *f, struct frame *fr, uint32_t before)
{
	const uint32_t again =
	    VERDICT_RETRANSMISSION | VERDICT_FAST_RETRANSMISSION;

	if (fr->packet.fate == FATE_NONE)
		return;
	if (fr->purpose == PURPOSE_RETRANSMISSION &&
	    (fr->verdicts & VERDICT_OUT_OF_ORDER))
		fr->verdicts ^= VERDICT_OUT_OF_ORDER | VERDICT_RETRANSMISSION;
	else if (fr->purpose == PURPOSE_DATA && (fr->verdicts & again))
		fr->verdicts = (fr->verdicts & ~again) | VERDICT_OUT_OF_ORDER;
	else
		return;
	fr->found.verdicts = fr->verdicts;
	f->verdicts = before | fr->verdicts;
}

void
flow_tcp_feed(
    struct flow *f, struct tcp_conn *c, struct tcp_pool *pool, struct frame *fr)
{
	struct tcp_end *x = c->end;
	struct seg g = {
	    .flow = f,
	    .self = &f->end[fr->dir],
	    .peer = &f->end[!fr->dir],
	    .x = &x[fr->dir],
	    .px = &x[!fr->dir],
	    .frame = fr,
	    .sum = &fr->sum,
	    .flags = fr->sum.tcp_flags,
	    .lost = frame_is_lost(fr),
	};
	uint32_t verdicts = f->verdicts;

	if (g.flags & TCP_SYN) {
		account_syn_again(&g, c);
		if (g.self->base_known && g.self->isn != g.sum->seq)
			choose_again(&g);
	}
	read_numbers(&g);
	if (fr->packet.fate == FATE_COPY) {
		/* Neither end has sent it; whoever gets it knows it. */
		fr->window_shift = window_shift(&g);
		fr->purpose = PURPOSE_OTHER;
		return;
	}
	flow_judge(f, c, pool, fr);
	if (g.flags & TCP_SYN)
		read_syn(&g);
	g.self->rst_seen |= resets(&g) && !g.lost;
	fr->window_shift = window_shift(&g);
	g.probe = is_probe(&g);
	fr->purpose = (uint8_t)account(&g);
	f->retransmissions += fr->purpose == PURPOSE_RETRANSMISSION;
	correct_by_wire(f, fr, verdicts);
	note_owed(&g);
	if (is_control(&g) || !is_established(f)) {
		update_states(f, x);
		note_milestones(f, fr);
	}
	if (g.flags & TCP_ACK) {
		g.x->last_ack = g.ack > 0 ? (uint64_t)g.ack : 0;
		g.x->last_window = frame_window(fr);
	}
}
