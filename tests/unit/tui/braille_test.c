#include "tui/braille.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static int
setup(void **state)
{
	static struct braille b;

	setlocale(LC_ALL, "C.UTF-8");
	braille_init(&b);
	assert_true(braille_reset(&b, 4, 2));
	*state = &b;
	return 0;
}

static int
teardown(void **state)
{
	braille_done(*state);
	return 0;
}

static void
braille_dot__each_of_a_cell__has_its_bit(void **state)
{
	/* Unicode 15, figure 21-1: dots 1 2 3 7 left, 4 5 6 8 right */
	static const struct {
		int x, y;
		uint8_t bit;
	} dots[] = {{0, 0, 1}, {0, 1, 2}, {0, 2, 4}, {1, 0, 8}, {1, 1, 16},
	    {1, 2, 32}, {0, 3, 64}, {1, 3, 128}};
	struct braille *b = *state;

	for (size_t i = 0; i < sizeof dots / sizeof *dots; i++) {
		assert_true(braille_reset(b, 1, 1));
		braille_dot(b, dots[i].x, dots[i].y, ROLE_TEXT, 0);
		assert_int_equal(b->cells[0].dots, dots[i].bit);
		assert_true(braille_has(b, dots[i].x, dots[i].y));
	}
}

static void
braille_dot__outside__is_not_drawn(void **state)
{
	struct braille *b = *state;

	braille_dot(b, -1, 0, ROLE_TEXT, 0);
	braille_dot(b, 0, -1, ROLE_TEXT, 0);
	braille_dot(b, b->w, 0, ROLE_TEXT, 0);
	braille_dot(b, 0, b->h, ROLE_TEXT, 0);
	for (int y = 0; y < b->h; y++)
		for (int x = 0; x < b->w; x++)
			assert_false(braille_has(b, x, y));
}

static void
braille_dot__two_layers__the_higher_colours_the_cell(void **state)
{
	struct braille *b = *state;

	braille_dot(b, 0, 0, ROLE_BAD, 2);
	braille_dot(b, 1, 1, ROLE_CLIENT, 1);
	assert_int_equal(b->cells[0].role, ROLE_BAD);
	braille_dot(b, 1, 2, ROLE_NOTE, 3);
	assert_int_equal(b->cells[0].role, ROLE_NOTE);
}

static void
braille_line__any_slope__is_joined_from_end_to_end(void **state)
{
	struct braille *b = *state;

	for (int x1 = 0; x1 < b->w; x1++) {
		for (int y1 = 0; y1 < b->h; y1++) {
			int n = 0, dx = abs(x1 - 3), dy = abs(y1 - 4);

			assert_true(braille_reset(b, 4, 2));
			braille_line(b, 3, 4, x1, y1, ROLE_TEXT, 0);
			assert_true(braille_has(b, 3, 4));
			assert_true(braille_has(b, x1, y1));
			for (int i = 0; i < b->w * b->h; i++)
				n += braille_has(b, i % b->w, i / b->w);
			assert_int_equal(n, (dx > dy ? dx : dy) + 1);
		}
	}
}

static void
braille_line__far_outside__ends_and_crosses(void **state)
{
	struct braille *b = *state;

	braille_line(b, -2000000000, 3, 2000000000, 3, ROLE_TEXT, 0);
	for (int x = 0; x < b->w; x++)
		assert_true(braille_has(b, x, 3));
}

static void
braille_draw__canvas__leaves_empty_cells_alone(void **state)
{
	struct braille *b = *state;
	struct canvas *c = canvas_new(6, 2, false);
	char row[64];

	canvas_text(c, canvas_area(c), 0, 0, ROLE_TEXT, "abcdef");
	braille_dot(b, 2, 0, ROLE_SERVER, 0); /* the second cell */
	braille_draw(b, c, (struct area){1, 0, 4, 2});
	assert_string_equal(canvas_row(c, 0, row, sizeof row), "ab\xe2\xa0\x81"
							       "def");
	assert_int_equal(canvas_at(c, 2, 0)->role, ROLE_SERVER);
	canvas_free(c);
}

static void
braille_draw__ascii__darkens_with_the_dots(void **state)
{
	struct braille *b = *state;
	struct canvas *c = canvas_new(4, 2, true);
	char row[64];

	braille_dot(b, 0, 0, ROLE_TEXT, 0);
	braille_line(b, 2, 0, 2, 3, ROLE_TEXT, 0);
	braille_line(b, 4, 0, 4, 3, ROLE_TEXT, 0);
	braille_line(b, 5, 0, 5, 3, ROLE_TEXT, 0);
	braille_draw(b, c, canvas_area(c));
	assert_string_equal(canvas_row(c, 0, row, sizeof row), ".:#");
	canvas_free(c);
}

static void
braille_reset__too_large__is_cut(void **state)
{
	struct braille *b = *state;

	assert_true(braille_reset(b, 100000, 100000));
	assert_true(
	    (size_t)b->cells_w * (size_t)b->cells_h <= BRAILLE_CELLS_MAX);
	assert_true(braille_reset(b, 0, 5));
	assert_int_equal(b->w, 0);
	braille_line(b, 0, 0, 5, 5, ROLE_TEXT, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		braille_dot__each_of_a_cell__has_its_bit, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		braille_dot__outside__is_not_drawn, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		braille_dot__two_layers__the_higher_colours_the_cell, setup,
		teardown),
	    cmocka_unit_test_setup_teardown(
		braille_line__any_slope__is_joined_from_end_to_end, setup,
		teardown),
	    cmocka_unit_test_setup_teardown(
		braille_line__far_outside__ends_and_crosses, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		braille_draw__canvas__leaves_empty_cells_alone, setup,
		teardown),
	    cmocka_unit_test_setup_teardown(
		braille_draw__ascii__darkens_with_the_dots, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		braille_reset__too_large__is_cut, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
