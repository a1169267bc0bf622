/*
 * Most segments are what everybody expects: on an open connection, with ACK and
 * perhaps PSH, the next bytes in order, or none and news of what has arrived.
 * Nothing is to be said of them, and no state changes. To see that takes a few
 * comparisons (header prediction, as TCP itself does it: V. Jacobson, 1990);
 * what is left to be done is what flow_tcp_feed() would do for them, and
 * nothing else: tests/unit/capture/flow_expected_test.c compares the two.
 */
#include "capture/flow_tcp.h"
#include "capture/tcp_inflight.h"

/* A segment, from its sender's point of view. */
struct seg {
	struct flow_end *self, *peer;
	struct tcp_end *x, *px; /* of self, of peer */
	struct tcp_track *track, *peers;
	uint32_t seq, end, ack;
	uint32_t len;
	uint16_t window;
};

/* An open connection; of an end whose ACK was seen all is known that can be. */
static bool
is_settled(const struct flow *f, const struct tcp_talk *t)
{
	const struct flow_end *client = &f->end[DIR_CLIENT];
	const struct flow_end *server = &f->end[DIR_SERVER];

	return client->state == TCPS_ESTABLISHED &&
	       server->state == TCPS_ESTABLISHED &&
	       (f->ack_frame != 0 ||
		   (!client->syn_seen && !server->syn_seen)) &&
	       (t->initial_rtt_ns != 0 || t->syn_ns == 0);
}

/* Not the wire's, and without anything that is not in every segment. */
static bool
is_plain(const struct frame *fr)
{
	return (fr->sum.tcp_flags & ~TCP_PSH) == TCP_ACK &&
	       fr->packet.fate == FATE_NONE && !fr->sum.has_sack;
}

static bool
is_in_order(const struct seg *g)
{
	const struct flow_end *e = g->self;

	return g->seq == g->track->next && g->seq == g->track->whole &&
	       g->seq == e->isn + 1 + (uint32_t)e->sent_to &&
	       e->sent_to >= g->x->ack_hi;
}

/* How far behind the peer's last byte it acknowledges. */
static uint32_t
behind(const struct seg *g)
{
	return g->peer->isn + 1 + (uint32_t)g->peer->sent_to - g->ack;
}

static bool
acks_in_order(const struct seg *g)
{
	return behind(g) <= INT32_MAX && behind(g) <= g->peer->sent_to &&
	       g->peer->sent_to >= g->px->ack_hi &&
	       !tcp_after(g->ack, g->peers->whole) &&
	       (g->len > 0 ||
		   (g->ack != g->track->ack &&
		       g->peer->sent_to - behind(g) > g->peer->acked_to));
}

/* Neither end has closed its window, or has less room than is sent; and the
 * peer has not acknowledged what comes only now. */
static bool
has_room(const struct seg *g)
{
	const struct tcp_track *p = g->peers;

	return g->window != 0 && p->window != 0 &&
	       (g->len == 0 || (tcp_after(g->end, g->seq) &&
				   g->end != p->ack + tcp_window(p) &&
				   tcp_after(g->end, p->ack)));
}

/* See tcp_analyse(). */
static void
note_segment(struct seg *g, struct tcp_pool *pool, const struct frame *fr)
{
	struct tcp_track *t = g->track;

	t->sacked = 0;
	g->peers->gap = false;
	if (g->ack != t->ack) {
		t->ack_frame = (uint32_t)fr->id;
		t->dup_acks = 0;
	}
	if (g->len > 0) {
		tcp_sent(pool, t, g->seq, g->end, fr->id, fr->packet.ts_ns);
		t->next = t->whole = g->end;
		t->next_frame = (uint32_t)fr->id;
		t->next_ns = fr->packet.ts_ns;
	}
	t->window = g->window;
	t->ack = g->ack;
	t->ack_ns = fr->packet.ts_ns;
	t->was_keep_alive = t->was_probe = false;
}

static void
account_ack(struct seg *g, struct frame *fr)
{
	uint64_t ack = g->peer->sent_to - behind(g);

	fr->rel_ack = ack + 1;
	g->x->last_ack = ack;
	g->x->last_window = frame_window(fr);
	g->px->owed = PURPOSE_COUNT;
	fr->purpose = PURPOSE_ACK;
	if (g->len == 0) {
		fr->acked_from = g->peer->acked_to;
		fr->acked_to = ack;
	}
	if (ack > g->px->ack_hi)
		g->px->ack_hi = g->peer->acked_to = ack;
}

static void
account_data(struct seg *g, struct frame *fr)
{
	fr->purpose = PURPOSE_DATA;
	fr->data_from = g->self->sent_to;
	fr->data_to = g->self->sent_to += g->len;
	g->self->payload += g->len;
	g->x->owed = PURPOSE_COUNT;
}

bool
flow_tcp_feed_expected(
    struct flow *f, struct tcp_conn *c, struct tcp_pool *pool, struct frame *fr)
{
	const struct summary *s = &fr->sum;
	int dir = fr->dir;
	struct seg g = {
	    .self = &f->end[dir],
	    .peer = &f->end[!dir],
	    .x = &c->end[dir],
	    .px = &c->end[!dir],
	    .track = &c->talk.dir[dir],
	    .peers = &c->talk.dir[!dir],
	    .seq = s->seq,
	    .end = s->seq + s->payload_len,
	    .ack = s->ack,
	    .len = s->payload_len,
	    .window = s->window,
	};
	int8_t shift = g.self->window_shift;

	if (!is_plain(fr) || !is_settled(f, &c->talk) || !g.track->has_ack ||
	    !g.peers->has_ack || g.track->scale_waits || !is_in_order(&g) ||
	    !acks_in_order(&g) || !has_room(&g))
		return false;
	fr->found.judged = true;
	fr->found.completeness = f->completeness;
	f->completeness |= g.len > 0 ? TCP_SEEN_DATA : TCP_SEEN_ACK;
	fr->rel_seq = g.self->sent_to + 1;
	fr->window_shift = shift > 0 ? (uint8_t)shift : 0;
	note_segment(&g, pool, fr);
	tcp_acked(pool, g.peers, g.ack, fr->id, fr->packet.ts_ns, &fr->found);
	account_ack(&g, fr);
	if (g.len > 0) {
		tcp_count_in_flight(
		    g.track, g.peers, g.len, s->tcp_flags, &fr->found);
		account_data(&g, fr);
	}
	return true;
}
