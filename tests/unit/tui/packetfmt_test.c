#include "tui/packetfmt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "net/base/text.h"

static const char *
arrow(const struct frame *f, int cells)
{
	static char label[96];

	packetfmt_arrow(f, cells, label, sizeof label);
	return label;
}

static void
arrow__room_enough__says_all(void **state)
{
	struct frame syn = {.sum = {.proto = PROTO_TCP,
				.tcp_flags = TCP_SYN | TCP_ACK,
				.window = 65160,
				.has_mss = true,
				.mss = 1460},
	    .rel_ack = 1};
	struct frame data = {.sum = {.proto = PROTO_TCP,
				 .tcp_flags = TCP_ACK,
				 .window = 251,
				 .payload_len = 1448},
	    .window_shift = 1,
	    .rel_seq = 16669,
	    .rel_ack = 7,
	    .verdicts = VERDICT_RETRANSMISSION | VERDICT_FAST_RETRANSMISSION};

	(void)state;
	assert_string_equal(
	    arrow(&syn, 60), "SYN,ACK seq 0 ack 1 mss 1460  win 65160");
	assert_string_equal(arrow(&data, 64),
	    "ACK 16669:18117  1448 B  Fast Retransmission  win 502  ack 7");
}

static void
arrow__little_room__leaves_out_what_matters_least(void **state)
{
	struct frame fin = {
	    .sum = {.proto = PROTO_TCP, .tcp_flags = TCP_FIN | TCP_ACK},
	    .rel_seq = 18669,
	    .rel_ack = 18669};
	struct frame data = {.sum = {.proto = PROTO_TCP,
				 .tcp_flags = TCP_ACK | TCP_PSH,
				 .window = 27,
				 .payload_len = 552},
	    .window_shift = 7,
	    .rel_seq = 18117,
	    .rel_ack = 12};

	(void)state;
	assert_string_equal(arrow(&fin, 26), "FIN,ACK seq 18669");
	/* What data acknowledges goes first, then the window. */
	assert_string_equal(
	    arrow(&data, 44), "PSH,ACK 18117:18669  552 B  win 3456  ack 12");
	assert_string_equal(
	    arrow(&data, 43), "PSH,ACK 18117:18669  552 B  win 3456");
	assert_string_equal(arrow(&data, 34), "PSH,ACK 18117:18669  552 B");
	assert_string_equal(arrow(&data, 24), "PSH,ACK 18117:18669");
	assert_string_equal(arrow(&data, 10), "PSH,ACK");
	assert_string_equal(arrow(&data, -3), "PSH,ACK");
}

static void
arrow__any_room__is_never_passed(void **state)
{
	struct frame f = {.sum = {.proto = PROTO_TCP,
			      .tcp_flags = TCP_SYN | TCP_ACK,
			      .has_mss = true,
			      .mss = 65495},
	    .rel_seq = UINT64_MAX,
	    .rel_ack = UINT64_MAX};

	(void)state;
	for (int cells = 7; cells < 96; cells++)
		assert_true(text_cells(arrow(&f, cells)) <= cells);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(arrow__room_enough__says_all),
	    cmocka_unit_test(arrow__little_room__leaves_out_what_matters_least),
	    cmocka_unit_test(arrow__any_room__is_never_passed),
	};

	return cmocka_run_group_tests_name("packetfmt", tests, NULL, NULL);
}
