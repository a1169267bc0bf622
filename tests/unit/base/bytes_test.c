#include "net/base/bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
read__past_the_wire__is_malformed_and_sticks(void **state)
{
	const uint8_t data[] = {1, 2, 3};
	struct rd r = rd_init(data, 3, 3);

	(void)state;
	assert_int_equal(rd_be16(&r), 0x0102);
	assert_int_equal(rd_be16(&r), 0);
	assert_int_equal(r.state, RD_MALFORMED);
	assert_int_equal(rd_u8(&r), 0);
}

static void
read__past_the_capture__is_truncated(void **state)
{
	const uint8_t data[] = {1, 2, 3};
	struct rd r = rd_init(data, 3, 10);

	(void)state;
	assert_null(rd_bytes(&r, 5));
	assert_int_equal(r.state, RD_TRUNCATED);
}

static void
sub__longer_than_captured__keeps_what_is_there(void **state)
{
	const uint8_t data[] = {1, 2, 3};
	struct rd r = rd_init(data, 3, 10), child;

	(void)state;
	rd_skip(&r, 1);
	child = rd_sub(&r, 4);
	assert_int_equal(rd_left(&child), 2);
	assert_int_equal(rd_wire_left(&child), 4);
	assert_int_equal(rd_off(&child), 1);
	assert_int_equal(rd_wire_left(&r), 5);
	child = rd_sub(&r, 6);
	assert_int_equal(child.state, RD_MALFORMED);
	assert_int_equal(r.state, RD_MALFORMED);
}

static void
write__past_the_end__writes_nothing_more(void **state)
{
	uint8_t out[4] = {0};
	struct wr w = wr_init(out, 3);

	(void)state;
	wr_le16(&w, 0x0102);
	wr_be16(&w, 0xffff);
	assert_true(w.full);
	assert_int_equal(wr_len(&w), 2);
	assert_memory_equal(out, "\2\1\0\0", 4);
}

static void
room__for_more_than_is_left__is_none_and_sticks(void **state)
{
	uint8_t out[4];
	struct wr w = wr_init(out, sizeof out);

	(void)state;
	assert_ptr_equal(wr_room(&w, 4), out);
	wr_skip(&w, 3);
	assert_int_equal(wr_len(&w), 3);
	assert_null(wr_room(&w, 2));
	assert_true(w.full);
	assert_null(wr_room(&w, 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(read__past_the_wire__is_malformed_and_sticks),
	    cmocka_unit_test(read__past_the_capture__is_truncated),
	    cmocka_unit_test(sub__longer_than_captured__keeps_what_is_there),
	    cmocka_unit_test(write__past_the_end__writes_nothing_more),
	    cmocka_unit_test(room__for_more_than_is_left__is_none_and_sticks),
	};

	return cmocka_run_group_tests_name("bytes", tests, NULL, NULL);
}
