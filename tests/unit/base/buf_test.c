#include "net/base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void
str__of_an_empty_buffer__is_the_empty_string(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 10);
	assert_string_equal(buf_str(&b), "");
	buf_add(&b, NULL, 0);
	assert_string_equal(buf_str(&b), "");
	buf_done(&b);
}

static void
add__up_to_the_maximum__is_kept(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 200);
	for (int i = 0; i < 200; i++)
		buf_add(&b, &"abcdefgh"[i % 8], 1);
	assert_false(b.full);
	assert_int_equal(b.len, 200);
	assert_int_equal(strlen(buf_str(&b)), 200);
	assert_memory_equal(b.data + 192, "abcdefgh", 8);
	buf_done(&b);
}

static void
add__past_the_maximum__is_refused_whole_and_sticks(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 5);
	buf_add(&b, "abc", 3);
	buf_add(&b, "def", 3);
	assert_true(b.full);
	assert_string_equal(buf_str(&b), "abc");
	buf_add(&b, "x", 1);
	assert_string_equal(buf_str(&b), "abc");
	buf_clear(&b);
	assert_false(b.full);
	buf_add(&b, "hello", 5);
	assert_string_equal(buf_str(&b), "hello");
	buf_done(&b);
}

static void
add__impossible_length__is_refused(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	buf_add(&b, "abc", 3);
	buf_add(&b, "abc", SIZE_MAX);
	assert_true(b.full);
	assert_int_equal(b.len, 3);
	buf_done(&b);
}

static void
printf__appends_and_respects_the_maximum(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 70);
	buf_printf(&b, "%d,", 42);
	buf_printf(&b, "%s", "");
	buf_printf(&b, "%060d", 7);
	assert_false(b.full);
	assert_int_equal(b.len, 63);
	assert_int_equal(strlen(buf_str(&b)), 63);
	buf_printf(&b, "%08d", 1);
	assert_true(b.full);
	assert_int_equal(b.len, 63);
	buf_done(&b);
}

static void
drop__takes_from_the_front(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 10);
	buf_drop(&b, 0);
	buf_add(&b, "abcdef", 6);
	buf_drop(&b, 2);
	assert_string_equal(buf_str(&b), "cdef");
	buf_drop(&b, 4);
	assert_string_equal(buf_str(&b), "");
	buf_add(&b, "xy", 2);
	assert_string_equal(buf_str(&b), "xy");
	buf_done(&b);
}

static void
done__leaves_a_buffer_that_can_be_used(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 4);
	buf_add(&b, "abcd", 4);
	buf_done(&b);
	buf_done(&b);
	buf_add(&b, "ef", 2);
	assert_string_equal(buf_str(&b), "ef");
	buf_done(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(str__of_an_empty_buffer__is_the_empty_string),
	    cmocka_unit_test(add__up_to_the_maximum__is_kept),
	    cmocka_unit_test(
		add__past_the_maximum__is_refused_whole_and_sticks),
	    cmocka_unit_test(add__impossible_length__is_refused),
	    cmocka_unit_test(printf__appends_and_respects_the_maximum),
	    cmocka_unit_test(drop__takes_from_the_front),
	    cmocka_unit_test(done__leaves_a_buffer_that_can_be_used),
	};

	return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}
