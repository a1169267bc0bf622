#include "tui/rudpfmt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static void
state__room__decides_how_much_is_said(void **state)
{
	const struct rudp_stats s = {
	    .state = RUDP_ESTABLISHED,
	    .window = 128,
	    .in_flight = 2,
	    .rto_ns = 100000000,
	    .retransmits = 3,
	    .fast_retransmits = 2,
	};
	char text[RUDPFMT_MAX];

	(void)state;
	rudpfmt_state(text, &s, 200);
	assert_non_null(strstr(text, "win 128  flight 2"));
	assert_non_null(strstr(text, "resent 3 (2 fast)"));
	assert_non_null(strstr(text, "duplicates 0"));
	rudpfmt_state(text, &s, 30);
	assert_non_null(strstr(text, "ESTABLISHED"));
	assert_null(strstr(text, "resent"));
	assert_true(strlen(text) <= 30);
}

static void
datagram__of_data__shows_where_its_message_begins(void **state)
{
	const struct rudp_packet p = {
	    .type = RUDP_DATA,
	    .window = 128,
	    .id = 7,
	    .seq = 1,
	    .ack = 2,
	    .message = (const uint8_t *)"hello",
	    .message_len = 5,
	};
	uint8_t bytes[64];
	struct wr w = wr_init(bytes, sizeof bytes);
	const char *type = NULL;
	int from;

	(void)state;
	rudp_encode(&w, &p);
	from = rudpfmt_datagram(bytes, wr_len(&w), wr_len(&w), &type);
	assert_string_equal(type, "DATA");
	assert_memory_equal(bytes + from, "hello", 5);
	/* cut by the record, and no such datagram */
	assert_int_equal(
	    rudpfmt_datagram(bytes, wr_len(&w) - 2, wr_len(&w), &type), from);
	assert_int_equal(
	    rudpfmt_datagram((const uint8_t *)"GET / HTTP", 10, 10, &type), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(state__room__decides_how_much_is_said),
	    cmocka_unit_test(datagram__of_data__shows_where_its_message_begins),
	};

	return cmocka_run_group_tests_name("rudpfmt", tests, NULL, NULL);
}
