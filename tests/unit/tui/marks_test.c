#include "tui/marks.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
toggle__twice__is_not_marked(void **state)
{
	struct marks m = {0};

	(void)state;
	assert_int_equal(marks_toggle(&m, 7), 0);
	assert_true(marks_has(&m, 7));
	assert_int_equal(marks_toggle(&m, 7), 0);
	assert_false(marks_has(&m, 7));
	assert_int_equal(m.count, 0);
	marks_done(&m);
}

static void
walk__whatever_the_order_of_marking__ascends(void **state)
{
	const uint64_t ids[] = {40, 3, 12, 1000, 5};
	const uint64_t sorted[] = {3, 5, 12, 40, 1000};
	struct marks m = {0};
	uint64_t id = 0;

	(void)state;
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(marks_toggle(&m, ids[i]), 0);
	for (size_t i = 0; i < 5; i++) {
		id = marks_next(&m, id);
		assert_int_equal(id, sorted[i]);
	}
	assert_int_equal(marks_next(&m, id), 0);
	assert_int_equal(marks_prev(&m, 12), 5);
	assert_int_equal(marks_prev(&m, 3), 0);
	assert_int_equal(marks_prev(&m, UINT64_MAX), 1000);
	/* From an unmarked one to its neighbours. */
	assert_int_equal(marks_next(&m, 13), 40);
	assert_int_equal(marks_prev(&m, 13), 12);
	marks_done(&m);
}

static void
toggle__set_is_full__says_so_and_can_unmark(void **state)
{
	struct marks m = {0};

	(void)state;
	for (uint64_t id = 1; id <= MARKS_MAX; id++)
		assert_int_equal(marks_toggle(&m, id), 0);
	assert_int_equal(marks_toggle(&m, MARKS_MAX + 1), -ENOSPC);
	assert_int_equal(m.count, MARKS_MAX);
	assert_int_equal(marks_toggle(&m, 1), 0);
	assert_int_equal(marks_toggle(&m, MARKS_MAX + 1), 0);
	marks_clear(&m);
	assert_int_equal(marks_next(&m, 0), 0);
	marks_done(&m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(toggle__twice__is_not_marked),
	    cmocka_unit_test(walk__whatever_the_order_of_marking__ascends),
	    cmocka_unit_test(toggle__set_is_full__says_so_and_can_unmark),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
