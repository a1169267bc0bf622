/*
 * Two copies of each connection get the same segments: one may account those
 * that are expected the short way, the other never does. They may not differ.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "capture/flow_tcp.h"
#include "net/base/bytes.h"
#include "tests/unit/capture/frames.h"

enum { PSH = TCP_PSH };

/* A connection, as it is known from its segments. */
struct twin {
	struct flow flow;
	struct tcp_conn conn;
	struct tcp_pool *pool;
};

/* What each end would send next, and what it has received. */
struct player {
	uint32_t next[2], got[2];
};

struct rig {
	struct twin quick, slow;
	struct player player;
	struct dice dice;
	uint64_t frames, expected;
	int64_t now_ns;
	uint8_t bytes[66]; /* of the last segment with SACK */
};

static void
twin_init(struct twin *t)
{
	memset(t, 0, sizeof *t);
	t->flow.id = 1;
	t->flow.proto = PROTO_TCP;
	t->pool = tcp_pool_new();
	assert_non_null(t->pool);
	flow_tcp_start(&t->flow, &t->conn);
}

static void
twin_done(struct twin *t)
{
	flow_tcp_done(&t->conn, t->pool);
	tcp_pool_free(t->pool);
}

/* See flow.c. */
static void
twin_note(struct twin *t, const struct frame *f)
{
	t->flow.end[f->dir].packets++;
	t->flow.last_ns = f->packet.ts_ns;
	t->flow.last_frame = f->id;
}

static void
assert_frames_equal(const struct frame *a, const struct frame *b)
{
	const struct tcp_findings *x = &a->found, *y = &b->found;

	assert_int_equal(a->verdicts, b->verdicts);
	assert_int_equal(a->purpose, b->purpose);
	assert_int_equal(a->window_shift, b->window_shift);
	assert_int_equal(a->rel_seq, b->rel_seq);
	assert_int_equal(a->rel_ack, b->rel_ack);
	assert_int_equal(a->data_from, b->data_from);
	assert_int_equal(a->data_to, b->data_to);
	assert_int_equal(a->acked_from, b->acked_from);
	assert_int_equal(a->acked_to, b->acked_to);
	assert_int_equal(x->verdicts, y->verdicts);
	assert_int_equal(x->judged, y->judged);
	assert_int_equal(x->analysed, y->analysed);
	assert_int_equal(x->completeness, y->completeness);
	assert_int_equal(x->dup_ack_num, y->dup_ack_num);
	assert_int_equal(x->dup_ack_frame, y->dup_ack_frame);
	assert_int_equal(x->acks_frame, y->acks_frame);
	assert_int_equal(x->ack_rtt_ns, y->ack_rtt_ns);
	assert_int_equal(x->rto_frame, y->rto_frame);
	assert_int_equal(x->rto_ns, y->rto_ns);
	assert_int_equal(x->bytes_in_flight, y->bytes_in_flight);
	assert_int_equal(x->push_bytes, y->push_bytes);
}

/* All that either remembers: both began as zeroes. */
static void
assert_twins_equal(const struct twin *a, const struct twin *b)
{
	struct tcp_conn mine = a->conn, yours = b->conn;

	for (int i = 0; i < 2; i++) {
		size_t n = mine.end[i].hole_count * sizeof(struct hole);

		if (n > 0)
			assert_memory_equal(
			    mine.end[i].holes, yours.end[i].holes, n);
		mine.end[i].holes = yours.end[i].holes = NULL;
	}
	assert_memory_equal(&mine, &yours, sizeof mine);
	assert_memory_equal(&a->flow, &b->flow, sizeof a->flow);
	assert_int_equal(tcp_pool_bytes(a->pool), tcp_pool_bytes(b->pool));
}

static void
rig_feed(struct rig *r, struct frame f)
{
	struct twin *q = &r->quick, *s = &r->slow;
	struct frame same = f;

	if (flow_tcp_feed_expected(&q->flow, &q->conn, q->pool, &f))
		r->expected++;
	else
		flow_tcp_feed(&q->flow, &q->conn, q->pool, &f);
	flow_tcp_feed(&s->flow, &s->conn, s->pool, &same);
	assert_frames_equal(&f, &same);
	twin_note(q, &f);
	twin_note(s, &same);
	assert_twins_equal(q, s);
}

/* A segment as its sender would send it: in order, acknowledging all. */
static struct frame
next_frame(struct rig *r, int dir, int flags, uint32_t len)
{
	struct player *p = &r->player;
	struct step step = {dir, flags, p->next[dir], p->got[dir], len, 0};
	struct frame f = frame_tcp(++r->frames, &step);

	r->now_ns += dice_below(&r->dice, 3) * dice_below(&r->dice, 1000000);
	f.dir = (uint8_t)dir;
	f.packet.ts_ns = r->now_ns;
	return f;
}

static void
deliver(struct rig *r, const struct frame *f, bool arrives)
{
	struct player *p = &r->player;
	uint32_t n =
	    f->sum.payload_len + ((f->sum.tcp_flags & (SYN | FIN)) != 0);

	p->next[f->dir] += n;
	if (arrives)
		p->got[!f->dir] = p->next[f->dir];
}

/* A block of what came before its ACK, or behind it. */
static void
put_sack(struct rig *r, struct frame *f, uint32_t by)
{
	struct wr w = wr_init(r->bytes, sizeof r->bytes);
	uint32_t left =
	    dice_below(&r->dice, 2) ? f->sum.ack + by : f->sum.ack - by;

	for (size_t i = 0; i < 54; i++)
		wr_u8(&w, 0);
	wr_be32(&w, 0x0101050a);
	wr_be32(&w, left);
	wr_be32(&w, left + by);
	f->packet.data = r->bytes;
	f->packet.cap_len = sizeof r->bytes;
	f->sum.has_sack = true;
	f->sum.has_timestamps = false;
}

/* What may be odd about a segment; some of them stay as expected. */
static void
distort(struct rig *r, struct frame *f)
{
	static const uint32_t off[] = {1, 2, 10, 1448, 5000, INT32_MAX};
	static const uint32_t giant[] = {UINT32_MAX - 1000, UINT32_MAX - 100,
	    UINT32_MAX, INT32_MAX, 1u << 31, (1u << 31) + 1000};
	struct dice *d = &r->dice;
	struct summary *s = &f->sum;
	uint32_t by = off[dice_below(d, sizeof off / sizeof *off)];

	switch (dice_below(d, 40)) {
	case 0:
		s->seq -= by;
		break;
	case 1:
		s->seq += by;
		break;
	case 2:
		s->ack -= by;
		break;
	case 3:
		s->ack += by;
		break;
	case 4:
		s->window = (uint16_t)dice_below(d, 3);
		break;
	case 5:
		s->tcp_flags = (uint8_t)dice_below(d, 256);
		break;
	case 6:
		s->payload_len = dice_below(d, 3);
		break;
	case 7:
		s->window = (uint16_t)(s->window + dice_below(d, 2));
		break;
	case 8:
		f->packet.fate = (uint8_t)dice_below(d, FATE_COUNT);
		f->packet.entered_ns = f->packet.ts_ns - 1000;
		break;
	case 9:
		f->packet.ts_ns -= 50000000;
		break;
	case 10:
	case 11:
		put_sack(r, f, by);
		break;
	case 12:
		s->window = (uint16_t)(s->payload_len = dice_below(d, 2));
		break;
	case 13:
		s->payload_len =
		    giant[dice_below(d, sizeof giant / sizeof *giant)];
		break;
	default:
		break;
	}
}

/* The peer's window, to the last byte of it. */
static void
fill_window(struct rig *r, struct frame *f)
{
	const struct tcp_track *p = &r->quick.conn.talk.dir[!f->dir];
	int shift = p->scale > 0 && !p->scale_waits ? p->scale : 0;
	uint32_t room = p->ack + ((uint32_t)p->window << shift) - f->sum.seq;

	if (room > 0 && room < 1u << 20)
		f->sum.payload_len = room;
}

/* With a window scale, or none; as far as it was captured. */
static void
open_connection(struct rig *r, unsigned scale, unsigned captured)
{
	static const int flags[] = {SYN, SYN | ACK, ACK};

	r->player = (struct player){0};
	for (unsigned i = 0; i < 3; i++) {
		struct frame f = next_frame(r, i == 1 ? S : C, flags[i], 0);

		f.sum.has_wscale = scale > 0 && i < 2;
		f.sum.wscale = (uint8_t)scale;
		deliver(r, &f, true);
		if (captured & 1u << i)
			rig_feed(r, f);
	}
}

/* Transfers in both directions, acknowledged now and then, with `oddity` in
 * 1000 segments not as they should be. */
static void
play(struct rig *r, unsigned segments, unsigned oddity)
{
	struct dice *d = &r->dice;

	for (unsigned i = 0; i < segments; i++) {
		bool odd = dice_below(d, 1000) < oddity;
		int dir = dice_below(d, 3) == 0 ? S : C;
		int flags = dice_below(d, 4) ? ACK : ACK | PSH;
		bool fin = odd && dice_below(d, 50) == 0;
		bool closed = r->quick.conn.talk.dir[!dir].window == 0;
		uint32_t len = dice_below(d, 2) ? dice_below(d, 1449) : 0;
		struct frame f = next_frame(
		    r, dir, fin ? flags | FIN : flags, closed ? 1 : len);

		if (odd && dice_below(d, 8) == 0)
			fill_window(r, &f);
		deliver(r, &f, !odd || dice_below(d, 2));
		if (odd)
			distort(r, &f);
		rig_feed(r, f);
	}
}

static void
rig_init(struct rig *r, uint64_t seed)
{
	*r = (struct rig){.dice = {seed}, .now_ns = 1000000000};
	twin_init(&r->quick);
	twin_init(&r->slow);
}

static void
rig_done(struct rig *r)
{
	twin_done(&r->quick);
	twin_done(&r->slow);
}

static void
expected__all_is_well__nearly_all_go_the_short_way(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, 1);
	open_connection(&r, 7, 7);
	play(&r, 1000, 0);
	/* Others are ACKs that say nothing new. */
	assert_true(r.expected > 600);
	rig_done(&r);
}

/* After a handshake with a scale the client sends as much as the window of the
 * SYN,ACK, which is not scaled, lets it, or less; does it go the short way? */
static bool
send_first_data(uint32_t less)
{
	struct rig r;
	struct frame f;
	bool expected;

	rig_init(&r, 2); /* the handshake takes a while */
	open_connection(&r, 7, 7);
	assert_int_not_equal(r.quick.conn.talk.initial_rtt_ns, 0);
	assert_true(r.quick.conn.talk.dir[S].scale_waits);
	f = next_frame(&r, C, ACK, 0);
	fill_window(&r, &f);
	assert_int_equal(f.sum.payload_len, f.sum.window);
	f.sum.payload_len -= less;
	rig_feed(&r, f);
	expected = r.expected > 0;
	rig_done(&r);
	return expected;
}

static void
expected__first_data_fills_the_window__makes_no_difference(void **state)
{
	(void)state;
	assert_true(send_first_data(1));
	assert_false(send_first_data(0));
}

static void
expected__any_oddity__makes_no_difference(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 1000; seed++) {
		struct rig r;

		rig_init(&r, seed);
		open_connection(&r, (unsigned)(seed % 3) * 5,
		    seed % 5 == 0 ? (unsigned)seed % 7 : 7);
		play(&r, 300, (unsigned)(seed % 4) * 100);
		rig_done(&r);
	}
}

static void
expected__met_midway__makes_no_difference(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 1000; seed++) {
		struct rig r;

		rig_init(&r, seed);
		r.player.next[C] = 1000;
		r.player.got[C] = 77;
		r.player.next[S] = 77;
		r.player.got[S] = 1000;
		play(&r, 200, (unsigned)(seed % 2) * 100);
		assert_true(seed % 2 == 1 || r.expected > 100);
		rig_done(&r);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		expected__all_is_well__nearly_all_go_the_short_way),
	    cmocka_unit_test(
		expected__first_data_fills_the_window__makes_no_difference),
	    cmocka_unit_test(expected__any_oddity__makes_no_difference),
	    cmocka_unit_test(expected__met_midway__makes_no_difference),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
