#include "net/base/sequence.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static enum sequence_verdict
feed(struct sequence *s, uint32_t n)
{
	return sequence_feed(s, n);
}

static void
numbers__in_order__nothing_is_missing_even_around_zero(void **state)
{
	struct sequence s = {0};

	(void)state;
	for (uint32_t n = UINT32_MAX - 5; n != 10; n++)
		assert_int_equal(feed(&s, n), SEQUENCE_NEXT);
	assert_int_equal(s.lost + s.duplicated + s.reordered + s.far, 0);
}

static void
number__missing__is_lost_until_it_comes_late(void **state)
{
	struct sequence s = {0};

	(void)state;
	feed(&s, 1);
	assert_int_equal(feed(&s, 4), SEQUENCE_NEXT);
	assert_int_equal(s.lost, 2);
	assert_int_equal(feed(&s, 2), SEQUENCE_LATE);
	assert_int_equal(s.lost, 1);
	assert_int_equal(s.reordered, 1);
	assert_int_equal(feed(&s, 2), SEQUENCE_AGAIN);
	assert_int_equal(feed(&s, 4), SEQUENCE_AGAIN);
	assert_int_equal(s.duplicated, 2);
	assert_int_equal(s.lost, 1);
}

static void
number__before_the_first__is_taken_as_a_duplicate(void **state)
{
	struct sequence s = {0};

	(void)state;
	feed(&s, 10);
	assert_int_equal(feed(&s, 9), SEQUENCE_AGAIN);
	assert_int_equal(s.lost, 0);
}

static void
number__far_away__is_refused_and_two_in_a_row_begin_anew(void **state)
{
	struct sequence s = {0};

	(void)state;
	feed(&s, 100);
	assert_int_equal(feed(&s, 1000000), SEQUENCE_FAR);
	assert_int_equal(feed(&s, 101), SEQUENCE_NEXT);
	/* not confirmed by the next one: the same number is no successor */
	assert_int_equal(feed(&s, 1000000), SEQUENCE_FAR);
	assert_int_equal(feed(&s, 1000000), SEQUENCE_FAR);
	assert_int_equal(feed(&s, 102), SEQUENCE_NEXT);
	assert_int_equal(feed(&s, 30), SEQUENCE_FAR);
	assert_int_equal(feed(&s, 31), SEQUENCE_NEXT);
	assert_int_equal(feed(&s, 32), SEQUENCE_NEXT);
	assert_int_equal(s.lost, 0);
	assert_int_equal(s.far, 4);
}

static void
number__at_the_edges_of_the_window__is_told_apart(void **state)
{
	struct sequence s = {0};

	(void)state;
	feed(&s, 0);
	assert_int_equal(feed(&s, SEQUENCE_AHEAD), SEQUENCE_NEXT);
	assert_int_equal(s.lost, SEQUENCE_AHEAD - 1);
	assert_int_equal(
	    feed(&s, SEQUENCE_AHEAD - SEQUENCE_WINDOW + 1), SEQUENCE_LATE);
	assert_int_equal(
	    feed(&s, SEQUENCE_AHEAD - SEQUENCE_WINDOW), SEQUENCE_FAR);
	assert_int_equal(feed(&s, 2 * SEQUENCE_AHEAD + 1), SEQUENCE_FAR);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		numbers__in_order__nothing_is_missing_even_around_zero),
	    cmocka_unit_test(number__missing__is_lost_until_it_comes_late),
	    cmocka_unit_test(number__before_the_first__is_taken_as_a_duplicate),
	    cmocka_unit_test(
		number__far_away__is_refused_and_two_in_a_row_begin_anew),
	    cmocka_unit_test(number__at_the_edges_of_the_window__is_told_apart),
	};

	return cmocka_run_group_tests_name("sequence", tests, NULL, NULL);
}
