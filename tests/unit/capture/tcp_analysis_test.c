/* The verdicts themselves are tested on captures: see verdict_test.c. */
#include "capture/tcp_analysis.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "capture/summary.h"
#include "capture/tcp_inflight.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define NEAR_END UINT32_C(0xfffffff0)

struct rig {
	struct tcp_pool *pool;
	struct tcp_talk talk;
	uint64_t frame;
};

static void
rig_init(struct rig *r)
{
	*r = (struct rig){.pool = tcp_pool_new()};
	assert_non_null(r->pool);
	tcp_talk_init(&r->talk);
}

static void
rig_done(struct rig *r)
{
	tcp_talk_done(&r->talk, r->pool);
	tcp_pool_free(r->pool);
}

/* One segment a millisecond. */
static struct tcp_findings
feed(struct rig *r, int dir, uint8_t flags, uint32_t seq, uint32_t ack,
    uint32_t len)
{
	struct tcp_findings found = {0};
	struct tcp_segment g = {.frame = ++r->frame,
	    .sent_ns = (int64_t)r->frame * 1000000,
	    .came_ns = (int64_t)r->frame * 1000000,
	    .seq = seq,
	    .ack = ack,
	    .len = len,
	    .window = 1000,
	    .flags = flags};

	tcp_analyse(&r->talk, r->pool, dir, &g, &found);
	return found;
}

static void
names__each_bit__is_found_by_its_name(void **state)
{
	(void)state;
	for (unsigned i = 0; i < VERDICT_BITS; i++) {
		const char *name = tcp_verdict_name(i);

		assert_int_equal(tcp_verdict_find(name, strlen(name)), 1u << i);
		assert_non_null(tcp_verdict_words(i));
	}
	assert_int_equal(tcp_verdict_find("retransmissio", 13), 0);
	assert_int_equal(tcp_verdict_find("", 0), 0);
	assert_int_equal(VERDICT_WIRESHARK, (1 << 15) - 1);
}

static void
in_flight__across_the_end_of_numbers__is_counted(void **state)
{
	struct rig r;
	struct tcp_findings f;

	(void)state;
	rig_init(&r);
	feed(&r, 0, TCP_ACK, NEAR_END, 1, 10);
	f = feed(&r, 0, TCP_ACK, NEAR_END + 10, 1, 10);
	assert_int_equal(f.bytes_in_flight, 20);
	f = feed(&r, 1, TCP_ACK, 1, NEAR_END + 20, 0);
	assert_int_equal(f.acks_frame, 2);
	assert_int_equal(f.ack_rtt_ns, 1000000);
	assert_int_equal(r.talk.dir[0].count, 0);
	rig_done(&r);
}

/* Segments 0, 1, 2 ... of 100 bytes each, in this order, then an ACK. */
static struct tcp_findings
send_and_ack(struct rig *r, const int *order, size_t n, uint32_t ack)
{
	for (size_t i = 0; i < n; i++)
		feed(r, 0, TCP_ACK, 1000 + 100 * (uint32_t)order[i], 1, 100);
	return feed(r, 1, TCP_ACK, 1, 1000 + ack, 0);
}

static void
in_flight__out_of_order__any_may_be_covered(void **state)
{
	static const int order[] = {0, 3, 1, 2, 1, 5, 4};
	struct tcp_findings f;
	struct rig r;

	(void)state;
	rig_init(&r);
	/* covers 0, 1 (twice) and half of 2 */
	f = send_and_ack(&r, order, COUNT(order), 250);
	assert_int_equal(f.acks_frame, 0);
	assert_int_equal(r.talk.dir[0].count, 4);
	assert_int_equal(r.talk.dir[0].low, 1250);
	assert_int_equal(r.talk.dir[0].high, 1600);
	assert_false(r.talk.dir[0].sorted);
	f = feed(&r, 1, TCP_ACK, 1, 1500, 0);
	assert_int_equal(f.acks_frame, 7);
	assert_int_equal(r.talk.dir[0].count, 1);
	assert_int_equal(r.talk.dir[0].low, 1500);
	assert_true(r.talk.dir[0].sorted);
	f = feed(&r, 0, TCP_ACK, 1600, 1, 50);
	assert_int_equal(f.bytes_in_flight, 150);
	rig_done(&r);
}

static void
in_flight__sent_twice__the_oldest_is_acknowledged(void **state)
{
	static const int order[] = {0, 0, 0};
	struct tcp_findings f;
	struct rig r;

	(void)state;
	rig_init(&r);
	f = send_and_ack(&r, order, COUNT(order), 100);
	assert_int_equal(f.acks_frame, 1);
	assert_int_equal(f.ack_rtt_ns, 3000000);
	assert_int_equal(r.talk.dir[0].count, 0);
	rig_done(&r);
}

static void
in_flight__never_acknowledged__stays_within_its_bounds(void **state)
{
	struct rig r;
	size_t bytes;

	(void)state;
	rig_init(&r);
	for (uint32_t i = 0; i < TCP_UNACKED_MAX + 10; i++)
		feed(&r, 0, TCP_ACK, i * 10 + 1, 1, 10);
	assert_int_equal(r.talk.dir[0].count, TCP_UNACKED_MAX);
	bytes = tcp_pool_bytes(r.pool);
	/* what is taken off serves again */
	for (uint32_t i = TCP_UNACKED_MAX + 10; i < 100000; i++) {
		feed(&r, 1, TCP_ACK, 1, i * 10 + 1, 0);
		feed(&r, 0, TCP_ACK, i * 10 + 1, 1, 10);
	}
	assert_int_equal(tcp_pool_bytes(r.pool), bytes);
	tcp_talk_done(&r.talk, r.pool);
	assert_int_equal(r.talk.dir[0].count, 0);
	rig_done(&r);
}

static void
frames__beyond_32_bits__are_named_whole(void **state)
{
	struct tcp_findings f;
	struct rig r;

	(void)state;
	rig_init(&r);
	r.frame = UINT64_C(0x5fffffffe);
	feed(&r, 0, TCP_ACK, 1000, 1, 10);
	f = feed(&r, 1, TCP_ACK, 1, 1010, 0);
	assert_int_equal(f.acks_frame, UINT64_C(0x5ffffffff));
	f = feed(&r, 1, TCP_ACK, 1, 1010, 0);
	assert_int_equal(f.dup_ack_frame, UINT64_C(0x600000000));
	rig_done(&r);
}

static void
sack_is_duplicate__below_the_ack_or_within_the_second(void **state)
{
	static const struct {
		struct tcp_sack blocks[2];
		size_t n;
		uint32_t ack;
		bool duplicate;
	} cases[] = {
	    {{{100, 200}}, 0, 300, false},
	    {{{300, 400}}, 1, 300, false}, /* it waits for what is before */
	    {{{100, 200}}, 1, 300, true},
	    {{{200, 300}}, 1, 300, true},
	    {{{250, 350}}, 1, 300, true}, /* in part, as its sender sees it */
	    {{{NEAR_END, 5}}, 1, 300, true},
	    {{{300, 400}, {NEAR_END, 5}}, 2, NEAR_END - 9, false},
	    {{{400, 450}, {400, 500}}, 2, 300, true},
	    {{{400, 450}, {500, 600}}, 2, 300, false},
	    {{{400, 550}, {400, 500}}, 2, 300, false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(tcp_sack_is_duplicate(
				     cases[i].blocks, cases[i].n, cases[i].ack),
		    cases[i].duplicate);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names__each_bit__is_found_by_its_name),
	    cmocka_unit_test(in_flight__across_the_end_of_numbers__is_counted),
	    cmocka_unit_test(in_flight__out_of_order__any_may_be_covered),
	    cmocka_unit_test(in_flight__sent_twice__the_oldest_is_acknowledged),
	    cmocka_unit_test(
		in_flight__never_acknowledged__stays_within_its_bounds),
	    cmocka_unit_test(frames__beyond_32_bits__are_named_whole),
	    cmocka_unit_test(
		sack_is_duplicate__below_the_ack_or_within_the_second),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
