/*
 * Calls and packets of one connection, built by hand, and what joins them.
 */
#include "tui/weave.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define CLIENT_PORT 40000
#define SERVER_PORT 7000
#define ISN 1000u

struct lab {
	struct journal *journal;
	struct capture *capture;
	struct weave weave;
	int64_t now_ns;
};

static struct addr
ip(uint16_t port)
{
	const uint8_t loopback[] = {127, 0, 0, 1};

	return addr_from_ip(AF_INET, loopback, port);
}

/* One segment without a link header: 20 + 20 bytes, then the payload. */
static void
segment(struct lab *lab, int dir, uint8_t flags, uint32_t seq, uint32_t ack,
    const char *payload)
{
	size_t n = strlen(payload);
	uint8_t bytes[200];
	struct wr w = wr_init(bytes, sizeof bytes);
	struct packet p;
	struct frame f;

	wr_be16(&w, 0x4500);
	wr_be16(&w, (uint16_t)(40 + n));
	wr_be32(&w, 0);
	wr_be16(&w, 64 << 8 | 6);
	wr_be16(&w, 0);
	wr_be32(&w, 0x7f000001);
	wr_be32(&w, 0x7f000001);
	wr_be16(&w, dir == DIR_CLIENT ? CLIENT_PORT : SERVER_PORT);
	wr_be16(&w, dir == DIR_CLIENT ? SERVER_PORT : CLIENT_PORT);
	wr_be32(&w, ISN + seq);
	wr_be32(&w, (flags & TCP_ACK) != 0 ? ISN + ack : 0);
	wr_be16(&w, (uint16_t)(0x5000 | flags));
	wr_be16(&w, 1000);
	wr_be32(&w, 0);
	wr_bytes(&w, payload, n);
	assert_false(w.full);
	p = (struct packet){
	    .ts_ns = lab->now_ns += 1000,
	    .cap_len = (uint32_t)wr_len(&w),
	    .wire_len = (uint32_t)wr_len(&w),
	    .link_type = LINK_RAW,
	    .data = bytes,
	};
	assert_true(capture_feed_one(lab->capture, &p, &f));
}

static void
call(struct lab *lab, struct call c)
{
	c.phase = CALL_DONE;
	c.begin_ns = lab->now_ns;
	c.end_ns = lab->now_ns += 1000;
	journal_feed(lab->journal, &c);
}

/* A client's connection over which "hello" went and came back. */
static int
setup(void **state)
{
	static struct lab lab;

	lab = (struct lab){journal_new(), capture_new(1 << 20), {0}, 1000000};
	lab.weave = (struct weave){lab.capture, lab.journal};
	*state = &lab;
	call(&lab, (struct call){.id = 1,
		       .sock = 1,
		       .fd = 5,
		       .side = SIDE_CLIENT,
		       .kind = CALL_SOCKET,
		       .arg = {AF_INET, SOCK_STREAM},
		       .result = 5});
	segment(&lab, DIR_CLIENT, TCP_SYN, 0, 0, "");
	segment(&lab, DIR_SERVER, TCP_SYN | TCP_ACK, 0, 1, "");
	segment(&lab, DIR_CLIENT, TCP_ACK, 1, 1, "");
	call(&lab, (struct call){.id = 2,
		       .sock = 1,
		       .fd = 5,
		       .side = SIDE_CLIENT,
		       .kind = CALL_CONNECT,
		       .local = ip(CLIENT_PORT),
		       .peer = ip(SERVER_PORT)});
	call(&lab, (struct call){.id = 3,
		       .sock = 1,
		       .fd = 5,
		       .side = SIDE_CLIENT,
		       .kind = CALL_SEND,
		       .asked = 5,
		       .result = 5});
	segment(&lab, DIR_CLIENT, TCP_PSH | TCP_ACK, 1, 1, "hello");
	segment(&lab, DIR_SERVER, TCP_ACK, 1, 6, "");
	segment(&lab, DIR_SERVER, TCP_PSH | TCP_ACK, 1, 6, "hello");
	segment(&lab, DIR_CLIENT, TCP_ACK, 6, 6, "");
	call(&lab, (struct call){.id = 4,
		       .sock = 1,
		       .fd = 5,
		       .side = SIDE_CLIENT,
		       .kind = CALL_RECV,
		       .asked = 100,
		       .result = 5});
	return 0;
}

static int
teardown(void **state)
{
	struct lab *lab = *state;

	capture_free(lab->capture);
	journal_free(lab->journal);
	return 0;
}

/* The ids of the frames that belong to a call, as decimal digits. */
static const char *
joined(const struct lab *lab, uint32_t id, char dst[32])
{
	const struct store *store = capture_store(lab->capture);
	const struct call *c = journal_call(lab->journal, id);
	struct frame frame;
	size_t n = 0;

	for (uint64_t f = store_first(store); f < store_next(store); f++)
		if (store_get(store, f, &frame) &&
		    weave_joins(&lab->weave, c, &frame))
			dst[n++] = (char)('0' + f);
	dst[n] = '\0';
	return dst;
}

static void
joins__connect__are_the_handshake(void **state)
{
	struct lab *lab = *state;
	struct exchange x;
	char ids[32];

	assert_string_equal(joined(lab, 2, ids), "123");
	assert_true(
	    weave_exchange(&lab->weave, journal_call(lab->journal, 2), &x));
	assert_int_equal(x.count, 3);
	assert_int_equal(x.cost.packets, 3);
	assert_int_equal(cost_bytes(&x.cost), 120);
}

static void
joins__data__are_its_segments_and_its_acks(void **state)
{
	char ids[32];

	assert_string_equal(joined(*state, 3, ids), "45");
	assert_string_equal(joined(*state, 4, ids), "67");
}

static void
frames__of_a_call__are_found_without_its_stream(void **state)
{
	struct lab *lab = *state;
	uint64_t first, last;

	assert_true(weave_call_frames(
	    &lab->weave, NULL, journal_call(lab->journal, 3), &first, &last));
	assert_int_equal(first, 4);
	assert_int_equal(last, 4);
	assert_true(weave_call_frames(
	    &lab->weave, NULL, journal_call(lab->journal, 4), &first, &last));
	assert_int_equal(first, 6);
	assert_true(weave_call_frames(
	    &lab->weave, NULL, journal_call(lab->journal, 2), &first, &last));
	assert_int_equal(first, 1);
	assert_int_equal(last, 3);
	assert_false(weave_call_frames(
	    &lab->weave, NULL, journal_call(lab->journal, 1), &first, &last));
}

static void
cost__of_a_line__is_its_segment_and_its_ack(void **state)
{
	struct lab *lab = *state;
	struct range_cost r;

	assert_true(weave_cost(&lab->weave, journal_call(lab->journal, 3), &r));
	assert_int_equal(r.data.packets, 1);
	assert_int_equal(r.acks.packets, 1);
	assert_int_equal(r.data.payload, 5);
	assert_int_equal(cost_headers(&r.data) + cost_headers(&r.acks), 80);
}

static void
lit__by_a_frame__is_the_call_that_sent_it(void **state)
{
	struct lab *lab = *state;
	struct selection sel = {SELECTED_FRAME, 4, 1};

	assert_true(
	    weave_lit_call(&lab->weave, &sel, journal_call(lab->journal, 3)));
	assert_false(
	    weave_lit_call(&lab->weave, &sel, journal_call(lab->journal, 2)));
}

static void
flow__of_ports_used_again__is_not_the_old_one(void **state)
{
	struct lab *lab = *state;

	segment(lab, DIR_CLIENT, TCP_FIN | TCP_ACK, 6, 6, "");
	segment(lab, DIR_SERVER, TCP_FIN | TCP_ACK, 6, 7, "");
	segment(lab, DIR_CLIENT, TCP_ACK, 7, 7, "");
	call(lab, (struct call){.id = 9,
		      .sock = 2,
		      .kind = CALL_SOCKET,
		      .arg = {AF_INET, SOCK_STREAM},
		      .result = 6});
	call(lab, (struct call){.id = 10,
		      .sock = 2,
		      .kind = CALL_CONNECT,
		      .local = ip(CLIENT_PORT),
		      .peer = ip(SERVER_PORT)});
	assert_int_equal(weave_sock_flow(&lab->weave, 2), 0);
	assert_int_equal(weave_sock_flow(&lab->weave, 1), 1);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(joins__connect__are_the_handshake),
	    TEST(joins__data__are_its_segments_and_its_acks),
	    TEST(frames__of_a_call__are_found_without_its_stream),
	    TEST(cost__of_a_line__is_its_segment_and_its_ack),
	    TEST(lit__by_a_frame__is_the_call_that_sent_it),
	    TEST(flow__of_ports_used_again__is_not_the_old_one),
	};

	return cmocka_run_group_tests_name("weave", tests, NULL, NULL);
}
