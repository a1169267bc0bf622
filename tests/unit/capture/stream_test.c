/*
 * Streams put together from segments in any order, against the bytes that were
 * cut into them.
 */
#include "capture/stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "capture/capture.h"
#include "net/base/bytes.h"
#include "tests/unit/capture/frames.h"

#define BYTES 4096

struct world {
	struct capture *capture;
	struct stream *stream;
	uint8_t sent[BYTES]; /* by the client */
	int64_t now_ns;
};

static int
setup(void **state)
{
	static struct world w;

	w = (struct world){
	    .capture = capture_new(1 << 20), .stream = stream_new()};
	for (size_t i = 0; i < BYTES; i++)
		w.sent[i] = (uint8_t)(i * 7 + i / 256);
	*state = &w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	capture_free(w->capture);
	stream_free(w->stream);
	return 0;
}

/* One segment without a link header, of which snap bytes were captured. */
static void
segment_cut(struct world *w, int dir, int flags, uint32_t seq, const void *data,
    size_t n, uint32_t snap)
{
	uint8_t bytes[BYTES + 40];
	struct wr out = wr_init(bytes, sizeof bytes);
	struct packet p;
	struct frame f;

	wr_be16(&out, 0x4500);
	wr_be16(&out, (uint16_t)(40 + n));
	wr_be32(&out, 0);
	wr_be16(&out, 64 << 8 | 6);
	wr_be16(&out, 0);
	wr_be32(&out, dir == C ? 0x0a000001 : 0x0a000002);
	wr_be32(&out, dir == C ? 0x0a000002 : 0x0a000001);
	wr_be16(&out, dir == C ? CLIENT_PORT : SERVER_PORT);
	wr_be16(&out, dir == C ? SERVER_PORT : CLIENT_PORT);
	wr_be32(&out, C_ISN + seq);
	wr_be32(&out, (flags & ACK) != 0 ? C_ISN + 1 : 0);
	wr_be16(&out, (uint16_t)(0x5000 | flags));
	wr_be16(&out, 1000);
	wr_be32(&out, 0);
	wr_bytes(&out, data, n);
	assert_false(out.full);
	p = (struct packet){
	    .ts_ns = w->now_ns += 1000,
	    .wire_len = (uint32_t)wr_len(&out),
	    .cap_len = (uint32_t)wr_len(&out),
	    .link_type = LINK_RAW,
	    .data = bytes,
	};
	if (p.cap_len > snap)
		p.cap_len = snap;
	assert_true(capture_feed_one(w->capture, &p, &f));
}

/* The client's bytes [from, to). */
static void
carry(struct world *w, size_t from, size_t to)
{
	segment_cut(w, C, ACK, (uint32_t)from + 1, w->sent + from, to - from,
	    UINT32_MAX);
}

static void
open_it(struct world *w)
{
	segment_cut(w, C, SYN, 0, NULL, 0, UINT32_MAX);
	segment_cut(w, S, SYN | ACK, 0, NULL, 0, UINT32_MAX);
	segment_cut(w, C, ACK, 1, NULL, 0, UINT32_MAX);
}

static bool
follow(struct world *w, size_t budget)
{
	return stream_follow(w->stream, capture_store(w->capture),
	    flow_get(capture_flows(w->capture), 1), budget);
}

static size_t
read_at(struct world *w, uint64_t off, uint8_t *dst, size_t n)
{
	return stream_read(
	    w->stream, capture_store(w->capture), C, off, dst, n);
}

static void
assert_stretch(struct world *w, size_t i, uint64_t from, uint64_t to)
{
	struct stretch t;

	assert_true(i < stream_stretches(w->stream, C));
	t = stream_stretch(w->stream, C, i);
	assert_int_equal(t.from, from);
	assert_int_equal(t.to, to);
}

/* ---- tests ---- */

static void
stream__segments_in_order__are_stretches_with_their_bytes(void **state)
{
	struct world *w = *state;
	uint8_t got[BYTES];

	open_it(w);
	carry(w, 0, 300);
	carry(w, 300, 301);
	carry(w, 301, 1000);
	assert_false(follow(w, 100));
	assert_int_equal(stream_frames(w->stream), 6);
	assert_int_equal(stream_stretches(w->stream, C), 3);
	assert_stretch(w, 1, 300, 301);
	assert_int_equal(stream_end(w->stream, C), 1000);
	assert_int_equal(stream_missing(w->stream, C), 0);
	assert_int_equal(read_at(w, 0, got, sizeof got), 1000);
	assert_memory_equal(got, w->sent, 1000);
	assert_int_equal(read_at(w, 299, got, 2), 2);
	assert_memory_equal(got, w->sent + 299, 2);
	assert_int_equal(read_at(w, 1000, got, 2), 0);
	assert_int_equal(stream_stretches(w->stream, S), 0);
}

static void
stream__gap__is_missing_until_it_is_filled(void **state)
{
	struct world *w = *state;
	uint8_t got[BYTES];

	open_it(w);
	carry(w, 0, 100);
	carry(w, 200, 300);
	assert_false(follow(w, 100));
	assert_int_equal(stream_missing(w->stream, C), 100);
	assert_int_equal(read_at(w, 50, got, sizeof got), 50);
	assert_int_equal(read_at(w, 150, got, sizeof got), 0);
	carry(w, 100, 200);
	assert_false(follow(w, 100));
	assert_int_equal(stream_missing(w->stream, C), 0);
	assert_stretch(w, 1, 100, 200);
	assert_int_equal(stream_stretch(w->stream, C, 1).frame, 6);
	assert_int_equal(stream_echoes(w->stream, C), 0);
	assert_int_equal(read_at(w, 0, got, sizeof got), 300);
	assert_memory_equal(got, w->sent, 300);
}

static void
stream__retransmission__is_an_echo_and_moves_nothing(void **state)
{
	struct world *w = *state;
	struct stretch again;

	open_it(w);
	carry(w, 0, 100);
	carry(w, 100, 200);
	carry(w, 50, 150);
	assert_false(follow(w, 100));
	assert_int_equal(stream_stretches(w->stream, C), 2);
	assert_int_equal(stream_echoes(w->stream, C), 1);
	again = stream_echo(w->stream, C, 0);
	assert_int_equal(again.from, 50);
	assert_int_equal(again.to, 150);
	assert_int_equal(again.frame, 6);
}

static void
stream__repacketized__takes_only_what_is_new(void **state)
{
	struct world *w = *state;
	uint8_t got[BYTES];

	open_it(w);
	carry(w, 100, 200);
	carry(w, 300, 400);
	carry(w, 50, 500); /* over both, and both gaps beside them */
	assert_false(follow(w, 100));
	assert_stretch(w, 0, 50, 100);
	assert_stretch(w, 1, 100, 200);
	assert_stretch(w, 2, 200, 300);
	assert_stretch(w, 3, 300, 400);
	assert_stretch(w, 4, 400, 500);
	assert_int_equal(stream_echoes(w->stream, C), 1);
	assert_int_equal(stream_missing(w->stream, C), 50);
	assert_int_equal(read_at(w, 50, got, sizeof got), 450);
	assert_memory_equal(got, w->sent + 50, 450);
}

static void
stream__captured_in_part__is_read_up_to_there(void **state)
{
	struct world *w = *state;
	uint8_t got[BYTES];

	open_it(w);
	segment_cut(w, C, ACK, 1, w->sent, 100, 40 + 30);
	carry(w, 100, 200);
	assert_false(follow(w, 100));
	assert_int_equal(read_at(w, 0, got, sizeof got), 30);
	assert_int_equal(read_at(w, 30, got, sizeof got), 0);
	assert_int_equal(read_at(w, 100, got, sizeof got), 100);
	assert_memory_equal(got, w->sent + 100, 100);
}

static void
stream__small_budget__comes_to_the_same(void **state)
{
	struct world *w = *state;
	int turns = 1, last = 0;

	open_it(w);
	for (size_t i = 0; i < 40; i++)
		carry(w, i * 10, i * 10 + 10);
	while (follow(w, 3)) {
		assert_true(stream_progress(w->stream) >= last);
		last = stream_progress(w->stream);
		turns++;
	}
	assert_int_equal(stream_progress(w->stream), 100);
	assert_true(turns >= 2 * 43 / 3);
	assert_int_equal(stream_frames(w->stream), 43);
	for (size_t i = 0; i < 43; i++) {
		assert_int_equal(stream_frame(w->stream, i), i + 1);
		assert_int_equal(stream_place(w->stream, i + 1), i);
	}
	assert_int_equal(stream_frame(w->stream, 43), 0);
	assert_int_equal(stream_end(w->stream, C), 400);
}

static void
stream__another_flow__begins_anew(void **state)
{
	struct world *w = *state;

	open_it(w);
	carry(w, 0, 10);
	assert_false(follow(w, 100));
	assert_int_equal(stream_flow(w->stream), 1);
	assert_false(
	    stream_follow(w->stream, capture_store(w->capture), NULL, 100));
	assert_int_equal(stream_flow(w->stream), 0);
	assert_int_equal(stream_frames(w->stream), 0);
	assert_int_equal(stream_stretches(w->stream, C), 0);
}

static void
stream__oldest_packets_left__begins_where_they_end(void **state)
{
	struct world *w = *state;
	uint8_t got[100];
	uint64_t first;

	capture_free(w->capture);
	w->capture = capture_new(4096);
	open_it(w);
	for (size_t i = 0; i < 40; i++)
		carry(w, i * 100, i * 100 + 100);
	assert_false(follow(w, 1000));
	first = store_first(capture_store(w->capture));
	assert_true(first > 4);
	assert_true(stream_is_cut(w->stream));
	assert_int_equal(stream_frame(w->stream, 0), first);
	assert_int_equal(stream_missing(w->stream, C), 0);
	/* What leaves later is not read any more. */
	for (size_t i = 0; i < 40; i++)
		segment_cut(w, S, ACK, 1, w->sent + i * 20, 20, UINT32_MAX);
	assert_false(follow(w, 1000));
	assert_int_equal(read_at(w, 3900, got, sizeof got), 0);
}

static void
stream__changes_of_state__are_kept_in_order(void **state)
{
	struct world *w = *state;

	open_it(w);
	carry(w, 0, 10);
	assert_false(follow(w, 100));
	assert_int_equal(stream_changes(w->stream), 3);
	assert_int_equal(stream_change(w->stream, 0)->frame, 1);
	assert_int_equal(stream_change(w->stream, 0)->state[C], TCPS_SYN_SENT);
	assert_int_equal(
	    stream_change(w->stream, 2)->state[S], TCPS_ESTABLISHED);
}

/* Any cuts in any order: what was carried at least once is there, in order. */
static void
stream__random_segments__read_as_sent(void **state)
{
	struct world *w = *state;

	for (uint32_t seed = 1; seed <= 60; seed++) {
		struct dice d = {seed};
		bool carried[BYTES] = {false};
		uint8_t got[BYTES];

		teardown(state);
		setup(state);
		open_it(w);
		for (int i = 0; i < 30; i++) {
			size_t from = dice_below(&d, 1000);
			size_t to = from + 2 + dice_below(&d, 200);

			carry(w, from, to);
			memset(carried + from, true, to - from);
			if (dice_below(&d, 3) == 0)
				follow(w, 5);
		}
		while (follow(w, 7))
			continue;
		for (size_t i = 1; i < stream_stretches(w->stream, C); i++)
			assert_true(stream_stretch(w->stream, C, i - 1).to <=
				    stream_stretch(w->stream, C, i).from);
		for (uint64_t off = 0; off < 1200; off++) {
			assert_int_equal(read_at(w, off, got, 1), carried[off]);
			if (carried[off])
				assert_int_equal(got[0], w->sent[off]);
		}
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(stream__segments_in_order__are_stretches_with_their_bytes),
	    TEST(stream__gap__is_missing_until_it_is_filled),
	    TEST(stream__retransmission__is_an_echo_and_moves_nothing),
	    TEST(stream__repacketized__takes_only_what_is_new),
	    TEST(stream__captured_in_part__is_read_up_to_there),
	    TEST(stream__small_budget__comes_to_the_same),
	    TEST(stream__another_flow__begins_anew),
	    TEST(stream__oldest_packets_left__begins_where_they_end),
	    TEST(stream__changes_of_state__are_kept_in_order),
	    TEST(stream__random_segments__read_as_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
