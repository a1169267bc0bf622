#include "tui/inks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Greys: of 240 a terminal of 256 colours tells some 30 apart. */
static const int32_t *
greys(void)
{
	static int32_t table[CANVAS_INKS];

	for (int i = 0; i < CANVAS_INKS; i++)
		table[i] = THEME_RGB | i << 16 | i << 8 | i;
	return table;
}

static void
pairs__that_look_alike__are_one(void **state)
{
	static struct inks k;
	struct ink_pair p, q;

	(void)state;
	assert_true(inks_take(&k, greys(), 256));
	assert_true(inks_pair(&k, 100, 200, 1000, &p));
	assert_int_equal(p.number, 0);
	assert_true(p.fresh);
	assert_int_equal(p.fg, k.color[100]);
	assert_true(inks_pair(&k, 100, 200, 1000, &q));
	assert_false(q.fresh);
	for (uint8_t fg = 0; fg < CANVAS_INKS; fg++)
		for (uint8_t bg = 1; bg < CANVAS_INKS; bg++)
			assert_true(inks_pair(&k, fg, bg, 1600, &p));
	assert_true(k.pairs < 1600);
}

static void
pairs__used_up__are_refused_and_known_ones_are_not(void **state)
{
	static struct inks k;
	struct ink_pair p;

	(void)state;
	inks_take(&k, greys(), 1 << 24);
	assert_true(inks_pair(&k, 1, 2, 2, &p));
	assert_true(inks_pair(&k, 0, 2, 2, &p));
	assert_int_equal(p.fg, THEME_DEFAULT);
	assert_false(inks_pair(&k, 2, 1, 2, &p));
	assert_true(inks_pair(&k, 1, 2, 2, &p));
}

static void
take__same_table__keeps_pairs_another_forgets_them(void **state)
{
	static struct inks k;
	int32_t other[CANVAS_INKS] = {THEME_RGB};
	struct ink_pair p;

	(void)state;
	inks_take(&k, greys(), 256);
	inks_pair(&k, 1, 2, 9, &p);
	assert_false(inks_take(&k, greys(), 256));
	assert_int_equal(k.pairs, 1);
	assert_true(inks_take(&k, other, 256));
	assert_true(inks_pair(&k, 1, 2, 9, &p));
	assert_true(p.fresh);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pairs__that_look_alike__are_one),
	    cmocka_unit_test(
		pairs__used_up__are_refused_and_known_ones_are_not),
	    cmocka_unit_test(
		take__same_table__keeps_pairs_another_forgets_them),
	};

	return cmocka_run_group_tests_name("inks", tests, NULL, NULL);
}
