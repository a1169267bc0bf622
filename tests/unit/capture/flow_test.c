#include "capture/flow.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/capture/frames.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* What must be true after a step. */
struct expected {
	struct step step;
	enum tcp_state client, server;
	enum purpose purpose;
};

#define H PURPOSE_HANDSHAKE
#define D PURPOSE_DATA
#define A PURPOSE_ACK
#define R PURPOSE_RETRANSMISSION
#define T PURPOSE_TEARDOWN
#define O PURPOSE_OTHER
#define ESTAB TCPS_ESTABLISHED

/* The opening of a connection, before what a test is about. */
#define HANDSHAKE                                                      \
	{{C, SYN, 0, 0, 0, 0}, TCPS_SYN_SENT, TCPS_SYN_RECEIVED, H},   \
	    {{S, SYN | ACK, 0, 1, 0, 0}, ESTAB, TCPS_SYN_RECEIVED, H}, \
	{                                                              \
		{C, ACK, 1, 1, 0, 0}, ESTAB, ESTAB, H                  \
	}

/* Feed a script to a new table and compare step by step. */
static struct flow
play(const struct expected *e, size_t n)
{
	struct flow_table *ft = flow_table_new(FLOW_MAX);
	struct flow result;

	assert_non_null(ft);
	for (size_t i = 0; i < n; i++) {
		struct frame f = frame_tcp(i + 1, &e[i].step);

		assert_int_equal(flow_feed(ft, &f), 1);
		if (f.dir != e[i].step.dir || f.purpose != e[i].purpose ||
		    f.state[0] != e[i].client || f.state[1] != e[i].server)
			print_error("step %zu: purpose %u, states %u %u\n",
			    i + 1, f.purpose, f.state[0], f.state[1]);
		assert_int_equal(f.dir, e[i].step.dir);
		assert_int_equal(f.state[DIR_CLIENT], e[i].client);
		assert_int_equal(f.state[DIR_SERVER], e[i].server);
		assert_int_equal(f.purpose, e[i].purpose);
		assert_int_equal(f.rel_seq, (uint32_t)e[i].step.seq);
		assert_int_equal(f.rel_ack, (uint32_t)e[i].step.ack);
		assert_int_equal(f.prev_in_flow, i);
	}
	result = *flow_get(ft, 1);
	flow_table_free(ft);
	return result;
}

#define PLAY(script) play(script, COUNT(script))

static void
state__echo_and_close__follows_figure_5(void **state)
{
	static const struct expected script[] = {
	    HANDSHAKE,
	    {{C, ACK, 1, 1, 10, 0}, ESTAB, ESTAB, D},
	    {{S, ACK, 1, 11, 0, 0}, ESTAB, ESTAB, A},
	    {{S, ACK, 1, 11, 10, 0}, ESTAB, ESTAB, D},
	    {{C, ACK, 11, 11, 0, 0}, ESTAB, ESTAB, A},
	    {{C, FIN | ACK, 11, 11, 0, 0}, TCPS_FIN_WAIT_1, TCPS_CLOSE_WAIT, T},
	    {{S, ACK, 11, 12, 0, 0}, TCPS_FIN_WAIT_2, TCPS_CLOSE_WAIT, T},
	    {{S, FIN | ACK, 11, 12, 0, 0}, TCPS_TIME_WAIT, TCPS_LAST_ACK, T},
	    {{C, ACK, 12, 12, 0, 0}, TCPS_TIME_WAIT, TCPS_CLOSED, T},
	};
	struct flow f = PLAY(script);

	(void)state;
	assert_int_equal(f.syn_frame, 1);
	assert_int_equal(f.syn_ack_frame, 2);
	assert_int_equal(f.ack_frame, 3);
	assert_int_equal(f.initial_rtt_ns, 2000);
	assert_int_equal(f.closed_ns, 11000);
	assert_int_equal(f.retransmissions, 0);
	assert_int_equal(f.end[C].acked_to, 10);
	assert_int_equal(f.end[S].acked_to, 10);
	assert_int_equal(f.end[C].fin_off, 10);
	assert_int_equal(f.end[C].packets, 6);
	assert_int_equal(f.end[S].payload, 10);
	assert_int_equal(f.key.port[!f.client_second], SERVER_PORT);
}

static void
state__fin_answered_by_fin_ack__closes_in_three_packets(void **state)
{
	static const struct expected script[] = {
	    HANDSHAKE,
	    {{S, FIN | ACK, 1, 1, 0, 0}, TCPS_CLOSE_WAIT, TCPS_FIN_WAIT_1, T},
	    {{C, FIN | ACK, 1, 2, 0, 0}, TCPS_LAST_ACK, TCPS_TIME_WAIT, T},
	    {{S, ACK, 2, 2, 0, 0}, TCPS_CLOSED, TCPS_TIME_WAIT, T},
	};

	(void)state;
	PLAY(script);
}

static void
state__both_close_at_once__passes_closing(void **state)
{
	static const struct expected script[] = {
	    HANDSHAKE,
	    {{C, FIN | ACK, 1, 1, 0, 0}, TCPS_FIN_WAIT_1, TCPS_CLOSE_WAIT, T},
	    {{S, FIN | ACK, 1, 1, 0, 0}, TCPS_CLOSING, TCPS_CLOSING, T},
	    {{S, ACK, 2, 2, 0, 0}, TCPS_TIME_WAIT, TCPS_CLOSING, T},
	    {{C, ACK, 2, 2, 0, 0}, TCPS_TIME_WAIT, TCPS_TIME_WAIT, T},
	};

	(void)state;
	PLAY(script);
}

static void
state__half_close__data_still_flows(void **state)
{
	static const struct expected script[] = {
	    HANDSHAKE,
	    {{C, FIN | ACK, 1, 1, 5, 0}, TCPS_FIN_WAIT_1, TCPS_CLOSE_WAIT, D},
	    {{S, ACK, 1, 7, 0, 0}, TCPS_FIN_WAIT_2, TCPS_CLOSE_WAIT, A},
	    {{S, ACK, 1, 7, 100, 0}, TCPS_FIN_WAIT_2, TCPS_CLOSE_WAIT, D},
	    {{C, ACK, 7, 101, 0, 0}, TCPS_FIN_WAIT_2, TCPS_CLOSE_WAIT, A},
	    {{S, FIN | ACK, 101, 7, 0, 0}, TCPS_TIME_WAIT, TCPS_LAST_ACK, T},
	    {{C, ACK, 7, 102, 0, 0}, TCPS_TIME_WAIT, TCPS_CLOSED, T},
	    /* that ACK was lost */
	    {{S, FIN | ACK, 101, 7, 0, 0}, TCPS_TIME_WAIT, TCPS_CLOSED, T},
	    {{C, ACK, 7, 102, 0, 0}, TCPS_TIME_WAIT, TCPS_CLOSED, T},
	};
	struct flow f = PLAY(script);

	(void)state;
	assert_int_equal(f.end[C].acked_to, 5);
	assert_int_equal(f.retransmissions, 1);
	assert_int_equal(f.closed_ns, 11000);
}

static void
state__simultaneous_open__meets_in_syn_received(void **state)
{
	static const struct expected script[] = {
	    {{C, SYN, 0, 0, 0, 0}, TCPS_SYN_SENT, TCPS_SYN_RECEIVED, H},
	    {{S, SYN, 0, 0, 0, 0}, TCPS_SYN_RECEIVED, TCPS_SYN_RECEIVED, H},
	    {{C, SYN | ACK, 0, 1, 0, 0}, TCPS_SYN_RECEIVED, ESTAB, H},
	    {{S, SYN | ACK, 0, 1, 0, 0}, ESTAB, ESTAB, H},
	};

	(void)state;
	PLAY(script);
}

static void
state__refused__both_closed(void **state)
{
	static const struct expected script[] = {
	    {{C, SYN, 0, 0, 0, 0}, TCPS_SYN_SENT, TCPS_SYN_RECEIVED, H},
	    {{S, RST | ACK, 1, 1, 0, 0}, TCPS_CLOSED, TCPS_CLOSED, T},
	};
	struct flow f = PLAY(script);

	(void)state;
	assert_int_equal(f.closed_ns, 2000);
	assert_true(f.end[S].rst_seen);
}

static void
state__reset_in_transfer__both_closed(void **state)
{
	static const struct expected script[] = {
	    HANDSHAKE,
	    {{C, ACK, 1, 1, 10, 0}, ESTAB, ESTAB, D},
	    {{S, RST, 1, 0, 0, 0}, TCPS_CLOSED, TCPS_CLOSED, T},
	};

	(void)state;
	PLAY(script);
}

static void
state__syn_and_syn_ack_repeated__stay_and_are_handshake(void **state)
{
	static const struct expected script[] = {
	    {{C, SYN, 0, 0, 0, 0}, TCPS_SYN_SENT, TCPS_SYN_RECEIVED, H},
	    {{C, SYN, 0, 0, 0, 0}, TCPS_SYN_SENT, TCPS_SYN_RECEIVED, H},
	    {{S, SYN | ACK, 0, 1, 0, 0}, ESTAB, TCPS_SYN_RECEIVED, H},
	    {{C, ACK, 1, 1, 0, 0}, ESTAB, ESTAB, H},
	    {{S, SYN | ACK, 0, 1, 0, 0}, ESTAB, ESTAB, H},
	    {{C, ACK, 1, 1, 0, 0}, ESTAB, ESTAB, H},
	    {{C, ACK, 1, 1, 0, 0}, ESTAB, ESTAB, A},
	};
	struct flow f = PLAY(script);

	(void)state;
	assert_int_equal(f.retransmissions, 2);
	assert_int_equal(f.ack_frame, 4);
}

static void
state__handshake_completed_by_data__is_data(void **state)
{
	static const struct expected script[] = {
	    {{C, SYN, 0, 0, 0, 0}, TCPS_SYN_SENT, TCPS_SYN_RECEIVED, H},
	    {{S, SYN | ACK, 0, 1, 0, 0}, ESTAB, TCPS_SYN_RECEIVED, H},
	    {{C, ACK, 1, 1, 3, 0}, ESTAB, ESTAB, D},
	    {{S, ACK, 1, 4, 0, 0}, ESTAB, ESTAB, A},
	};
	struct flow f = PLAY(script);

	(void)state;
	assert_int_equal(f.ack_frame, 3);
}

static void
state__challenge_ack_to_a_syn__is_not_taken(void **state)
{
	static const struct expected script[] = {
	    {{C, SYN, 0, 0, 0, 0}, TCPS_SYN_SENT, TCPS_SYN_RECEIVED, H},
	    {{S, ACK, 1, 500000, 0, 0}, TCPS_SYN_SENT, TCPS_SYN_RECEIVED, H},
	    {{C, RST, 500000, 0, 0, 0}, TCPS_CLOSED, TCPS_CLOSED, T},
	};
	struct flow f = PLAY(script);

	(void)state;
	assert_int_equal(f.end[C].acked_to, 0);
}

static void
state__ack_captured_before_its_data__catches_up(void **state)
{
	static const struct expected script[] = {
	    HANDSHAKE,
	    {{S, ACK, 1, 11, 0, 0}, ESTAB, ESTAB, A},
	    {{C, ACK, 1, 1, 10, 0}, ESTAB, ESTAB, D},
	    {{S, ACK, 1, 12, 0, 0}, ESTAB, ESTAB, A},
	    {{C, FIN | ACK, 11, 1, 0, 0}, TCPS_FIN_WAIT_2, TCPS_CLOSE_WAIT, T},
	};
	struct flow f = PLAY(script);

	(void)state;
	assert_int_equal(f.end[C].acked_to, 10);
}

static void
midway__no_handshake__starts_established_at_1(void **state)
{
	struct flow_table *ft = flow_table_new(FLOW_MAX);
	struct frame f = frame_tcp(1, &(struct step){S, ACK, 900, 5000, 40, 0});

	(void)state;
	/* The server sent first: the higher port is the client all the same. */
	assert_int_equal(flow_feed(ft, &f), 1);
	assert_int_equal(f.dir, DIR_SERVER);
	assert_int_equal(f.rel_seq, 1);
	assert_int_equal(f.rel_ack, 1);
	assert_int_equal(f.data_from, 0);
	assert_int_equal(f.data_to, 40);
	assert_int_equal(f.state[DIR_CLIENT], TCPS_ESTABLISHED);
	assert_int_equal(f.state[DIR_SERVER], TCPS_ESTABLISHED);
	/* From before the beginning: shown as Wireshark does, no offset. */
	f = frame_tcp(2, &(struct step){S, ACK, 800, 5000, 100, 0});
	flow_feed(ft, &f);
	assert_int_equal(f.rel_seq, UINT32_MAX - 98);
	assert_int_equal(f.purpose, PURPOSE_RETRANSMISSION);
	assert_int_equal(f.data_to, 0);
	flow_table_free(ft);
}

/* Data range and purpose after each of some segments of the client. */
static void
check_data(const struct step *steps, size_t n, const uint64_t (*want)[3])
{
	struct flow_table *ft = flow_table_new(FLOW_MAX);

	for (size_t i = 0; i < n; i++) {
		struct frame f = frame_tcp(i + 1, &steps[i]);

		flow_feed(ft, &f);
		assert_int_equal(f.purpose, want[i][0]);
		assert_int_equal(f.data_from, want[i][1]);
		assert_int_equal(f.data_to, want[i][2]);
	}
	flow_table_free(ft);
}

static void
data__old_new_and_gaps__ranges_are_what_is_new(void **state)
{
	static const struct step steps[] = {
	    {C, SYN, 0, 0, 0, 0}, {C, ACK, 1, 1, 100, 0},
	    {C, ACK, 1, 1, 100, 0}, /* again */
	    {C, ACK, 51, 1, 100, 0}, /* half old, half new */
	    {C, ACK, 301, 1, 100, 0}, /* 150..300 is missing */
	    {C, ACK, 201, 1, 50, 0}, /* comes late, in the middle */
	    {C, ACK, 151, 1, 250, 0}, /* both rests, all else old */
	    {C, ACK, 151, 1, 50, 0}, /* now seen */
	};
	static const uint64_t want[][3] = {
	    {H, 0, 0},
	    {D, 0, 100},
	    {R, 0, 100},
	    {D, 100, 150},
	    {D, 300, 400},
	    {D, 200, 250},
	    {D, 150, 300},
	    {R, 150, 200},
	};

	(void)state;
	check_data(steps, COUNT(steps), want);
}

static void
data__syn_with_data__takes_offset_0(void **state)
{
	static const struct step steps[] = {
	    {C, SYN, 0, 0, 10, 0},
	    {C, ACK, 11, 1, 5, 0},
	};
	static const uint64_t want[][3] = {{H, 0, 10}, {D, 10, 15}};

	(void)state;
	check_data(steps, COUNT(steps), want);
}

static void
data__more_gaps_than_remembered__forgets_the_lowest(void **state)
{
	struct flow_table *ft = flow_table_new(FLOW_MAX);
	struct frame f = frame_tcp(1, &(struct step){C, SYN, 0, 0, 0, 0});

	(void)state;
	flow_feed(ft, &f);
	for (int i = 0; i < 20; i++) {
		f = frame_tcp(2, &(struct step){C, ACK, 20 * i + 11, 1, 10, 0});
		flow_feed(ft, &f);
		assert_int_equal(f.purpose, PURPOSE_DATA);
	}
	f = frame_tcp(3, &(struct step){C, ACK, 1, 1, 10, 0});
	flow_feed(ft, &f);
	assert_int_equal(f.purpose, PURPOSE_RETRANSMISSION);
	f = frame_tcp(3, &(struct step){C, ACK, 381, 1, 10, 0});
	flow_feed(ft, &f);
	assert_int_equal(f.purpose, PURPOSE_DATA);
	flow_table_free(ft);
}

static void
data__ten_gigabytes__offsets_go_on(void **state)
{
	struct flow_table *ft = flow_table_new(FLOW_MAX);
	const uint32_t len = 60000;
	uint64_t off = 0;
	struct frame f = frame_tcp(1, &(struct step){C, SYN, 0, 0, 0, 0});

	(void)state;
	flow_feed(ft, &f);
	for (; off < UINT64_C(10000000000); off += len) {
		f = frame_tcp(
		    2, &(struct step){C, ACK, (int64_t)off + 1, 1, len, 0});
		flow_feed(ft, &f);
		assert_int_equal(f.data_from, off);
		f = frame_tcp(
		    3, &(struct step){S, ACK, 1, (int64_t)off + len + 1, 0, 0});
		flow_feed(ft, &f);
		assert_int_equal(f.acked_from, off);
		assert_int_equal(f.acked_to, off + len);
		assert_int_equal(f.rel_ack, off + len + 1);
	}
	flow_table_free(ft);
}

static void
ack__duplicate_update_and_probe__are_told_apart(void **state)
{
	static const struct expected script[] = {
	    HANDSHAKE, {{C, ACK, 1, 1, 10, 0}, ESTAB, ESTAB, D},
	    {{S, ACK, 1, 11, 0, 0}, ESTAB, ESTAB, A},
	    {{S, ACK, 1, 11, 0, 0}, ESTAB, ESTAB, A}, /* duplicate */
	    {{S, ACK, 1, 11, 0, 2000}, ESTAB, ESTAB, O}, /* window update */
	    {{C, ACK, 10, 1, 0, 0}, ESTAB, ESTAB, O}, /* keep-alive */
	    {{S, ACK, 1, 11, 0, 2000}, ESTAB, ESTAB, O}, /* its answer */
	    {{S, ACK, 1, 11, 0, 2000}, ESTAB, ESTAB, A},
	    {{C, ACK, 10, 1, 1, 0}, ESTAB, ESTAB, O}, /* with a byte */
	    {{S, ACK, 1, 11, 0, 2000}, ESTAB, ESTAB, O},
	    {{C, ACK, 11, 1, 1, 0}, ESTAB, ESTAB, D},
	    {{C, ACK, 11, 1, 1, 0}, ESTAB, ESTAB, R}, /* not acknowledged */
	};

	(void)state;
	PLAY(script);
}

static void
ack__of_old_and_new__range_is_the_new(void **state)
{
	static const struct step steps[] = {
	    {C, SYN, 0, 0, 0, 0}, {S, SYN | ACK, 0, 1, 0, 0},
	    {C, ACK, 1, 1, 100, 0}, {S, ACK, 1, 41, 0, 0},
	    {S, ACK, 1, 61, 7, 0}, /* piggybacked: costs nothing apart */
	    {S, ACK, 1, 101, 0, 0}, {S, ACK, 1, 61, 0, 0}, /* captured late */
	};
	static const uint64_t want[][2] = {
	    {0, 0}, {0, 0}, {0, 0}, {0, 40}, {0, 0}, {60, 100}, {0, 0}};
	struct flow_table *ft = flow_table_new(FLOW_MAX);

	(void)state;
	for (size_t i = 0; i < COUNT(steps); i++) {
		struct frame f = frame_tcp(i + 1, &steps[i]);

		flow_feed(ft, &f);
		assert_int_equal(f.acked_from, want[i][0]);
		assert_int_equal(f.acked_to, want[i][1]);
	}
	flow_table_free(ft);
}

static uint32_t
window_after(bool client_scales, bool server_scales)
{
	struct flow_table *ft = flow_table_new(FLOW_MAX);
	struct frame f = frame_tcp(1, &(struct step){C, SYN, 0, 0, 0, 500});

	f.sum.has_wscale = client_scales;
	f.sum.wscale = 7;
	flow_feed(ft, &f);
	assert_int_equal(frame_window(&f), 500);
	f = frame_tcp(2, &(struct step){S, SYN | ACK, 0, 1, 0, 500});
	f.sum.has_wscale = server_scales;
	f.sum.wscale = 200;
	flow_feed(ft, &f);
	assert_int_equal(frame_window(&f), 500);
	f = frame_tcp(3, &(struct step){S, ACK, 1, 1, 9, 3});
	flow_feed(ft, &f);
	assert_int_equal(frame_window(&f), server_scales ? 3 << 14 : 3);
	f = frame_tcp(4, &(struct step){C, ACK, 1, 10, 0, 3});
	flow_feed(ft, &f);
	flow_table_free(ft);
	return frame_window(&f);
}

static void
window__scaled_only_if_both_ends_offer(void **state)
{
	(void)state;
	assert_int_equal(window_after(true, true), 3 << 7);
	assert_int_equal(window_after(true, false), 3);
	assert_int_equal(window_after(false, false), 3);
}

static void
window__answer_not_captured__offer_counts(void **state)
{
	struct flow_table *ft = flow_table_new(FLOW_MAX);
	struct frame f = frame_tcp(1, &(struct step){C, SYN, 0, 0, 0, 500});

	(void)state;
	f.sum.has_wscale = true;
	f.sum.wscale = 7;
	flow_feed(ft, &f);
	f = frame_tcp(2, &(struct step){C, ACK, 1, 1, 0, 3});
	flow_feed(ft, &f);
	assert_int_equal(frame_window(&f), 3 << 7);
	flow_table_free(ft);
}

static void
table__port_used_again__is_another_flow(void **state)
{
	struct flow_table *ft = flow_table_new(FLOW_MAX);
	struct frame f = frame_tcp(1, &(struct step){C, SYN, 0, 0, 0, 0});

	(void)state;
	assert_int_equal(flow_feed(ft, &f), 1);
	/* again with another number: a new connection */
	f = frame_tcp(2, &(struct step){C, SYN, 4242, 0, 0, 0});
	assert_int_equal(flow_feed(ft, &f), 2);
	assert_int_equal(f.rel_seq, 0);
	assert_int_equal(f.prev_in_flow, 0);
	f = frame_tcp(3, &(struct step){S, RST | ACK, 0, 4243, 0, 0});
	assert_int_equal(flow_feed(ft, &f), 2);
	assert_int_equal(f.state[DIR_CLIENT], TCPS_CLOSED);
	/* the same number: the same SYN once more, as the RST was lost */
	f = frame_tcp(4, &(struct step){C, SYN, 4242, 0, 0, 0});
	assert_int_equal(flow_feed(ft, &f), 2);
	assert_int_equal(f.state[DIR_CLIENT], TCPS_SYN_SENT);
	f = frame_tcp(5, &(struct step){S, SYN | ACK, 7, 4243, 0, 0});
	assert_int_equal(flow_feed(ft, &f), 2);
	assert_int_equal(f.state[DIR_CLIENT], TCPS_ESTABLISHED);
	assert_int_equal(flow_get(ft, 1)->end[C].packets, 1);
	assert_int_equal(flow_next(ft), 3);
	flow_table_free(ft);
}

static void
table__find__either_order_gives_the_newest(void **state)
{
	struct flow_table *ft = flow_table_new(FLOW_MAX);
	const uint8_t ip_a[4] = {10, 0, 0, 1}, ip_b[4] = {10, 0, 0, 2};
	struct addr a = addr_from_ip(AF_INET, ip_a, CLIENT_PORT);
	struct addr b = addr_from_ip(AF_INET, ip_b, SERVER_PORT);
	struct frame f = frame_tcp(1, &(struct step){C, SYN, 0, 0, 0, 0});

	(void)state;
	assert_null(flow_find(ft, TRANSPORT_TCP, &a, &b));
	flow_feed(ft, &f);
	f = frame_tcp(2, &(struct step){C, SYN, 7, 0, 0, 0});
	flow_feed(ft, &f);
	assert_int_equal(flow_find(ft, TRANSPORT_TCP, &a, &b)->id, 2);
	assert_int_equal(flow_find(ft, TRANSPORT_TCP, &b, &a)->id, 2);
	assert_null(flow_find(ft, TRANSPORT_UDP, &a, &b));
	assert_null(flow_find(ft, TRANSPORT_UNIX, &a, &b));
	assert_null(flow_find(ft, TRANSPORT_TCP, &a, &(struct addr){0}));
	flow_table_free(ft);
}

static void
table__full__least_recently_seen_leaves(void **state)
{
	const uint32_t max = 1000;
	struct flow_table *ft = flow_table_new(max);
	struct frame f = {0};

	(void)state;
	for (uint32_t i = 0; i < max; i++) {
		f = frame_tcp(i + 1, &(struct step){C, SYN, 0, 0, 0, 0});
		frame_ports(&f, C, (uint16_t)(10000 + i), SERVER_PORT);
		assert_int_equal(flow_feed(ft, &f), i + 1);
		assert_int_equal(flow_evicted(ft), 0);
	}
	/* The first one is seen again: the second is now the oldest. */
	f = frame_tcp(1, &(struct step){S, SYN | ACK, 0, 1, 0, 0});
	frame_ports(&f, S, 10000, SERVER_PORT);
	assert_int_equal(flow_feed(ft, &f), 1);
	f = frame_tcp(1, &(struct step){C, SYN, 0, 0, 0, 0});
	frame_ports(&f, C, 9999, SERVER_PORT);
	assert_int_equal(flow_feed(ft, &f), max + 1);
	assert_int_equal(flow_evicted(ft), 2);
	assert_null(flow_get(ft, 2));
	assert_non_null(flow_get(ft, 1));
	assert_int_equal(flow_first(ft), 1);
	assert_int_equal(flow_next(ft), max + 2);
	/* A frame of a flow that has left begins a new one. */
	f = frame_tcp(1, &(struct step){S, ACK, 1, 1, 0, 0});
	frame_ports(&f, S, 10001, SERVER_PORT);
	assert_int_equal(flow_feed(ft, &f), max + 2);
	assert_int_equal(flow_evicted(ft), 3);
	flow_table_free(ft);
}

/* How a script of segments opens and closes a connection. */
static void
check_kinds(const struct step *steps, size_t n, enum flow_opening opening,
    enum flow_closing closing)
{
	struct flow_table *ft = flow_table_new(1);

	for (size_t i = 0; i < n; i++) {
		struct frame f = frame_tcp(i + 1, &steps[i]);

		flow_feed(ft, &f);
	}
	assert_string_equal(flow_opening_text(flow_opening(flow_get(ft, 1))),
	    flow_opening_text(opening));
	assert_string_equal(flow_closing_text(flow_closing(flow_get(ft, 1))),
	    flow_closing_text(closing));
	flow_table_free(ft);
}

static void
kind__of_opening_and_closing__is_named(void **state)
{
	static const struct step plain[] = {{C, SYN, 0, 0, 0, 0},
	    {S, SYN | ACK, 0, 1, 0, 0}, {C, ACK, 1, 1, 0, 0},
	    {C, FIN | ACK, 1, 1, 0, 0}, {S, ACK, 1, 2, 0, 0},
	    {S, FIN | ACK, 1, 2, 0, 0}, {C, ACK, 2, 2, 0, 0}};
	static const struct step at_once[] = {{C, SYN, 0, 0, 0, 0},
	    {S, SYN, 0, 0, 0, 0}, {C, SYN | ACK, 0, 1, 0, 0},
	    {S, SYN | ACK, 0, 1, 0, 0}, {C, FIN | ACK, 1, 1, 0, 0},
	    {S, FIN | ACK, 1, 1, 0, 0}, {C, ACK, 2, 2, 0, 0},
	    {S, ACK, 2, 2, 0, 0}};
	static const struct step refused[] = {
	    {C, SYN, 0, 0, 0, 0}, {S, RST | ACK, 0, 1, 0, 0}};
	static const struct step midway[] = {{C, ACK, 1, 1, 10, 0}};

	(void)state;
	check_kinds(plain, 1, FLOW_OPENED_UNANSWERED, FLOW_CLOSED_OPEN);
	check_kinds(plain, 2, FLOW_OPENED_HALF, FLOW_CLOSED_OPEN);
	check_kinds(plain, 3, FLOW_OPENED_THREE_WAY, FLOW_CLOSED_OPEN);
	check_kinds(plain, 5, FLOW_OPENED_THREE_WAY, FLOW_CLOSED_HALF_CLOSED);
	check_kinds(plain, 6, FLOW_OPENED_THREE_WAY, FLOW_CLOSED_UNFINISHED);
	check_kinds(plain, 7, FLOW_OPENED_THREE_WAY, FLOW_CLOSED_FOUR_WAY);
	check_kinds(at_once, COUNT(at_once), FLOW_OPENED_SIMULTANEOUS,
	    FLOW_CLOSED_SIMULTANEOUS);
	check_kinds(refused, 2, FLOW_OPENED_REFUSED, FLOW_CLOSED_RESET);
	check_kinds(midway, 1, FLOW_OPENED_UNSEEN, FLOW_CLOSED_OPEN);
}

/* As many as a large file has: all are kept, found and freed. */
static void
table__300000_connections__all_are_kept(void **state)
{
	const uint32_t n = 300000;
	struct flow_table *ft = flow_table_new(FLOW_MAX_FILE);

	(void)state;
	for (uint32_t i = 0; i < n; i++) {
		struct frame f =
		    frame_tcp(i + 1, &(struct step){C, SYN, 0, 0, 0, 0});

		frame_ports(&f, C, (uint16_t)(1 + i % 60000),
		    (uint16_t)(60001 + i / 60000));
		assert_int_equal(flow_feed(ft, &f), i + 1);
		assert_int_equal(flow_evicted(ft), 0);
	}
	for (uint32_t i = 0; i < n; i += 4999) {
		const struct flow *f = flow_get(ft, i + 1);
		struct addr client = flow_addr(f, DIR_CLIENT);
		struct addr server = flow_addr(f, DIR_SERVER);

		assert_int_equal(f->id, i + 1);
		assert_int_equal(addr_port(&client), 1 + i % 60000);
		assert_ptr_equal(
		    flow_find(ft, TRANSPORT_TCP, &server, &client), f);
	}
	assert_true(flow_table_bytes(ft) / n < 640);
	assert_null(flow_get(ft, n + 1));
	assert_null(flow_get(ft, 0));
	flow_table_free(ft);
}

/* Of connections long over nothing is kept for the analysis; a late packet of
 * one changes nothing all the same. */
static void
table__thousands_are_over__late_packet_changes_nothing(void **state)
{
	static const struct step steps[] = {{C, SYN, 0, 0, 0, 0},
	    {S, SYN | ACK, 0, 1, 0, 0}, {C, FIN | ACK, 1, 1, 0, 0},
	    {S, FIN | ACK, 1, 2, 0, 0}, {C, ACK, 2, 2, 0, 0}};
	struct flow_table *ft = flow_table_new(FLOW_MAX);
	uint64_t id = 0;
	struct frame f;

	(void)state;
	for (uint16_t i = 0; i < 20000; i++)
		for (size_t k = 0; k < COUNT(steps); k++) {
			f = frame_tcp(++id, &steps[k]);
			frame_ports(&f, steps[k].dir, 10000 + i, SERVER_PORT);
			assert_int_equal(flow_feed(ft, &f), i + 1);
		}
	assert_true(flow_table_bytes(ft) / 20000 < 340);
	f = frame_tcp(++id, &steps[3]);
	frame_ports(&f, S, 10000, SERVER_PORT);
	assert_int_equal(flow_feed(ft, &f), 1);
	assert_int_equal(f.rel_seq, 1);
	assert_int_equal(f.state[DIR_CLIENT], TCPS_TIME_WAIT);
	assert_int_equal(f.state[DIR_SERVER], TCPS_CLOSED);
	assert_int_equal(flow_get(ft, 1)->initial_rtt_ns, 2000);
	flow_table_free(ft);
}

static void
table__cut_or_without_ports__belongs_to_none(void **state)
{
	struct flow_table *ft = flow_table_new(FLOW_MAX);
	struct frame f = frame_tcp(1, &(struct step){C, SYN, 0, 0, 0, 0});

	(void)state;
	f.packet.cap_len = 53; /* within the TCP header */
	assert_int_equal(flow_feed(ft, &f), 0);
	f.packet.cap_len = 54; /* within its options */
	assert_int_equal(flow_feed(ft, &f), 1);
	f.sum.proto = PROTO_ICMP;
	assert_int_equal(flow_feed(ft, &f), 0);
	flow_table_free(ft);
}

static void
udp__datagrams__first_sender_is_client_and_ranges_run_on(void **state)
{
	struct flow_table *ft = flow_table_new(FLOW_MAX);
	struct frame f = frame_udp(1, S, 100);

	(void)state;
	assert_int_equal(flow_feed(ft, &f), 1);
	assert_int_equal(f.dir, DIR_CLIENT);
	assert_int_equal(f.purpose, PURPOSE_DATA);
	f = frame_udp(2, S, 50);
	flow_feed(ft, &f);
	assert_int_equal(f.data_from, 100);
	assert_int_equal(f.data_to, 150);
	f = frame_udp(3, C, 0);
	flow_feed(ft, &f);
	assert_int_equal(f.dir, DIR_SERVER);
	assert_int_equal(f.purpose, PURPOSE_OTHER);
	assert_int_equal(f.state[DIR_CLIENT], TCPS_NONE);
	assert_int_equal(flow_get(ft, 1)->end[DIR_CLIENT].sent_to, 150);
	f = frame_tcp(4, &(struct step){C, SYN, 0, 0, 0, 0});
	assert_int_equal(flow_feed(ft, &f), 2);
	assert_int_equal(flow_get(ft, 2)->stream, 0);
	flow_table_free(ft);
}

/* As play(), of packets that the wire did not always deliver. */
struct crossed {
	struct expected expected;
	uint8_t fate;
};

static struct flow
play_crossed(const struct crossed *x, size_t n)
{
	struct flow_table *ft = flow_table_new(FLOW_MAX);
	struct flow result;

	assert_non_null(ft);
	for (size_t i = 0; i < n; i++) {
		const struct expected *e = &x[i].expected;
		struct frame f = frame_tcp(i + 1, &e->step);

		f.packet.fate = x[i].fate;
		assert_int_equal(flow_feed(ft, &f), 1);
		if (f.purpose != e->purpose || f.state[0] != e->client ||
		    f.state[1] != e->server)
			print_error("step %zu: purpose %u, states %u %u\n",
			    i + 1, f.purpose, f.state[0], f.state[1]);
		assert_int_equal(f.state[DIR_CLIENT], e->client);
		assert_int_equal(f.state[DIR_SERVER], e->server);
		assert_int_equal(f.purpose, e->purpose);
	}
	result = *flow_get(ft, 1);
	flow_table_free(ft);
	return result;
}

static void
lost__handshake__its_receiver_stays_where_it_was(void **state)
{
	static const struct crossed script[] = {
	    {{{C, SYN, 0, 0, 0, 0}, TCPS_SYN_SENT, TCPS_CLOSED, H}, FATE_LOST},
	    {{{C, SYN, 0, 0, 0, 0}, TCPS_SYN_SENT, TCPS_SYN_RECEIVED, H},
		FATE_PASSED},
	    {{{S, SYN | ACK, 0, 1, 0, 0}, TCPS_SYN_SENT, TCPS_SYN_RECEIVED, H},
		FATE_RULE},
	    {{{S, SYN | ACK, 0, 1, 0, 0}, ESTAB, TCPS_SYN_RECEIVED, H},
		FATE_PASSED},
	    {{{C, ACK, 1, 1, 0, 0}, ESTAB, TCPS_SYN_RECEIVED, H}, FATE_HAND},
	    {{{C, ACK, 1, 1, 10, 0}, ESTAB, ESTAB, D}, FATE_PASSED},
	};
	struct flow f = play_crossed(script, COUNT(script));

	(void)state;
	assert_int_equal(f.ack_frame, 6);
}

static void
lost__teardown__only_what_arrived_counts(void **state)
{
	static const struct crossed script[] = {
	    {{{C, SYN, 0, 0, 0, 0}, TCPS_SYN_SENT, TCPS_SYN_RECEIVED, H}, 0},
	    {{{S, SYN | ACK, 0, 1, 0, 0}, ESTAB, TCPS_SYN_RECEIVED, H}, 0},
	    {{{C, ACK, 1, 1, 0, 0}, ESTAB, ESTAB, H}, 0},
	    {{{C, ACK, 1, 1, 10, 0}, ESTAB, ESTAB, D}, FATE_LOST},
	    /* the FIN comes, its data did not */
	    {{{C, FIN | ACK, 11, 1, 0, 0}, TCPS_FIN_WAIT_1, ESTAB, T},
		FATE_PASSED},
	    {{{C, ACK, 1, 1, 10, 0}, TCPS_FIN_WAIT_1, ESTAB, R}, FATE_PASSED},
	    {{{S, ACK, 1, 12, 0, 0}, TCPS_FIN_WAIT_1, TCPS_CLOSE_WAIT, A},
		FATE_LOST},
	    {{{S, FIN | ACK, 1, 12, 0, 0}, TCPS_FIN_WAIT_1, TCPS_LAST_ACK, T},
		FATE_LOST},
	    {{{S, FIN | ACK, 1, 12, 0, 0}, TCPS_TIME_WAIT, TCPS_LAST_ACK, T},
		FATE_PASSED},
	    {{{C, ACK, 12, 2, 0, 0}, TCPS_TIME_WAIT, TCPS_LAST_ACK, T},
		FATE_CORRUPTED},
	    {{{C, ACK, 12, 2, 0, 0}, TCPS_TIME_WAIT, TCPS_CLOSED, T},
		FATE_PASSED},
	};

	(void)state;
	play_crossed(script, COUNT(script));
}

static void
copy__of_the_wire__is_nobodys_retransmission(void **state)
{
	static const struct crossed script[] = {
	    {{{C, SYN, 0, 0, 0, 0}, TCPS_SYN_SENT, TCPS_SYN_RECEIVED, H}, 0},
	    {{{S, SYN | ACK, 0, 1, 0, 0}, ESTAB, TCPS_SYN_RECEIVED, H}, 0},
	    {{{C, ACK, 1, 1, 0, 0}, ESTAB, ESTAB, H}, 0},
	    {{{C, ACK, 1, 1, 10, 0}, ESTAB, ESTAB, D}, FATE_DUPLICATED},
	    {{{C, ACK, 1, 1, 10, 0}, ESTAB, ESTAB, O}, FATE_COPY},
	};
	struct flow f = play_crossed(script, COUNT(script));

	(void)state;
	assert_int_equal(f.retransmissions, 0);
	assert_int_equal(f.verdicts, 0);
	assert_int_equal(f.end[DIR_CLIENT].payload, 10);
}

/* Three segments were held, long enough for a timer; the third is dropped, then
 * the others are let go. */
static void
held__then_let_go__is_sent_again_only_what_was(void **state)
{
	static const struct crossed script[] = {
	    {{{C, SYN, 0, 0, 0, 0}, TCPS_SYN_SENT, TCPS_SYN_RECEIVED, H}, 0},
	    {{{S, SYN | ACK, 0, 1, 0, 0}, ESTAB, TCPS_SYN_RECEIVED, H}, 0},
	    {{{C, ACK, 1, 1, 0, 0}, ESTAB, ESTAB, H}, 0},
	    {{{C, ACK, 1, 1, 10, 0}, ESTAB, ESTAB, D}, FATE_PASSED},
	    {{{C, ACK, 1, 1, 10, 0}, ESTAB, ESTAB, R}, FATE_FOLDED},
	    {{{C, ACK, 11, 1, 10, 0}, ESTAB, ESTAB, D}, FATE_PASSED},
	    {{{C, ACK, 21, 1, 10, 0}, ESTAB, ESTAB, D}, FATE_HAND},
	    {{{S, ACK, 1, 21, 0, 0}, ESTAB, ESTAB, A}, FATE_PASSED},
	    {{{C, ACK, 21, 1, 10, 0}, ESTAB, ESTAB, R}, FATE_PASSED},
	};
	struct flow f = play_crossed(script, COUNT(script));

	(void)state;
	assert_int_equal(f.retransmissions, 2);
	assert_int_equal(f.end[DIR_CLIENT].payload, 50);
	assert_int_equal(f.verdicts, VERDICT_RETRANSMISSION);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(state__echo_and_close__follows_figure_5),
	    cmocka_unit_test(
		state__fin_answered_by_fin_ack__closes_in_three_packets),
	    cmocka_unit_test(state__both_close_at_once__passes_closing),
	    cmocka_unit_test(state__half_close__data_still_flows),
	    cmocka_unit_test(state__simultaneous_open__meets_in_syn_received),
	    cmocka_unit_test(state__refused__both_closed),
	    cmocka_unit_test(state__reset_in_transfer__both_closed),
	    cmocka_unit_test(
		state__syn_and_syn_ack_repeated__stay_and_are_handshake),
	    cmocka_unit_test(state__handshake_completed_by_data__is_data),
	    cmocka_unit_test(state__challenge_ack_to_a_syn__is_not_taken),
	    cmocka_unit_test(state__ack_captured_before_its_data__catches_up),
	    cmocka_unit_test(midway__no_handshake__starts_established_at_1),
	    cmocka_unit_test(data__old_new_and_gaps__ranges_are_what_is_new),
	    cmocka_unit_test(data__syn_with_data__takes_offset_0),
	    cmocka_unit_test(
		data__more_gaps_than_remembered__forgets_the_lowest),
	    cmocka_unit_test(data__ten_gigabytes__offsets_go_on),
	    cmocka_unit_test(ack__duplicate_update_and_probe__are_told_apart),
	    cmocka_unit_test(ack__of_old_and_new__range_is_the_new),
	    cmocka_unit_test(window__scaled_only_if_both_ends_offer),
	    cmocka_unit_test(window__answer_not_captured__offer_counts),
	    cmocka_unit_test(table__port_used_again__is_another_flow),
	    cmocka_unit_test(table__find__either_order_gives_the_newest),
	    cmocka_unit_test(table__full__least_recently_seen_leaves),
	    cmocka_unit_test(table__300000_connections__all_are_kept),
	    cmocka_unit_test(
		table__thousands_are_over__late_packet_changes_nothing),
	    cmocka_unit_test(kind__of_opening_and_closing__is_named),
	    cmocka_unit_test(table__cut_or_without_ports__belongs_to_none),
	    cmocka_unit_test(
		udp__datagrams__first_sender_is_client_and_ranges_run_on),
	    cmocka_unit_test(lost__handshake__its_receiver_stays_where_it_was),
	    cmocka_unit_test(lost__teardown__only_what_arrived_counts),
	    cmocka_unit_test(copy__of_the_wire__is_nobodys_retransmission),
	    cmocka_unit_test(held__then_let_go__is_sent_again_only_what_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
