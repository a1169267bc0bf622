#include "tui/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Rows 10, 20 ... last: ids with gaps between. */
struct tens {
	uint64_t first, last;
};

static uint64_t
next(const void *ctx, uint64_t id)
{
	const struct tens *t = ctx;

	if (id < t->first)
		return t->last != 0 ? t->first : 0;
	return id / 10 * 10 + 10 <= t->last ? id / 10 * 10 + 10 : 0;
}

static uint64_t
prev(const void *ctx, uint64_t id)
{
	const struct tens *t = ctx;

	if (id == 0 || id > t->last)
		return t->last;
	return id > t->first ? (id - 1) / 10 * 10 : 0;
}

static void
layout__following__shows_the_newest(void **state)
{
	struct tens t = {10, 100};
	struct list_rows rows = {&t, next, prev};
	struct list l;

	(void)state;
	list_init(&l);
	list_layout(&l, &rows, 4);
	assert_int_equal(l.selected, 100);
	assert_int_equal(l.top, 70);
	t.last = 120;
	list_layout(&l, &rows, 4);
	assert_int_equal(l.selected, 120);
	assert_int_equal(l.top, 90);
}

static void
move__up__stays_and_keeps_the_row_in_sight(void **state)
{
	struct tens t = {10, 100};
	struct list_rows rows = {&t, next, prev};
	struct list l;

	(void)state;
	list_init(&l);
	list_layout(&l, &rows, 4);
	for (int i = 0; i < 5; i++)
		list_move(&l, &rows, MOVE_UP);
	t.last = 200;
	list_layout(&l, &rows, 4);
	assert_int_equal(l.selected, 50);
	assert_int_equal(l.top, 50);
	list_move(&l, &rows, MOVE_LAST);
	t.last = 210;
	list_layout(&l, &rows, 4);
	assert_int_equal(l.selected, 210);
}

static void
layout__selected_row_gone__takes_the_next(void **state)
{
	struct tens t = {10, 100};
	struct list_rows rows = {&t, next, prev};
	struct list l;

	(void)state;
	list_init(&l);
	list_layout(&l, &rows, 4);
	list_move(&l, &rows, MOVE_FIRST);
	t.first = 60;
	list_layout(&l, &rows, 4);
	assert_int_equal(l.selected, 60);
	assert_int_equal(l.top, 60);
}

static void
layout__no_rows__selects_nothing(void **state)
{
	struct tens t = {0, 0};
	struct list_rows rows = {&t, next, prev};
	struct list l;

	(void)state;
	list_init(&l);
	list_layout(&l, &rows, 4);
	assert_int_equal(l.selected, 0);
	list_move(&l, &rows, MOVE_DOWN);
	assert_int_equal(l.selected, 0);
}

static void
click__on_a_visible_line__selects_it(void **state)
{
	struct tens t = {10, 100};
	struct list_rows rows = {&t, next, prev};
	struct list l;

	(void)state;
	list_init(&l);
	list_layout(&l, &rows, 4);
	assert_true(list_click(&l, &rows, 1));
	assert_int_equal(l.selected, 80);
	assert_false(l.follow);
	assert_false(list_click(&l, &rows, 9));
	assert_int_equal(l.selected, 80);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(layout__following__shows_the_newest),
	    cmocka_unit_test(move__up__stays_and_keeps_the_row_in_sight),
	    cmocka_unit_test(layout__selected_row_gone__takes_the_next),
	    cmocka_unit_test(layout__no_rows__selects_nothing),
	    cmocka_unit_test(click__on_a_visible_line__selects_it),
	};

	return cmocka_run_group_tests_name("list", tests, NULL, NULL);
}
