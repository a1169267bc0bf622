#include "tui/canvas.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct canvas *
canvas_of(void **state, int w, int h, bool ascii)
{
	canvas_free(*state);
	*state = canvas_new(w, h, ascii);
	assert_non_null(*state);
	return *state;
}

static int
free_canvas(void **state)
{
	canvas_free(*state);
	return 0;
}

static void
assert_row(const struct canvas *c, int y, const char *expected)
{
	char row[256];

	assert_string_equal(canvas_row(c, y, row, sizeof(row)), expected);
}

static void
text__longer_than_the_area__is_clipped_and_returns_its_end(void **state)
{
	struct canvas *c = canvas_of(state, 10, 3, false);
	struct area a = {2, 1, 4, 1};

	assert_int_equal(canvas_text(c, a, 1, 0, ROLE_CALL, "abcdef"), 7);
	assert_int_equal(canvas_text(c, a, 0, 1, ROLE_CALL, "below"), 5);
	assert_row(c, 1, "   abc");
	assert_row(c, 2, "");
	assert_int_equal(canvas_at(c, 3, 1)->role, ROLE_CALL);
	assert_int_equal(canvas_at(c, 2, 1)->role, ROLE_TEXT);
}

static void
text__left_of_the_area__shows_what_reaches_in(void **state)
{
	struct canvas *c = canvas_of(state, 10, 1, false);

	canvas_text(c, (struct area){3, 0, 5, 1}, -2, 0, ROLE_TEXT, "abcd");
	assert_row(c, 0, "   cd");
}

static void
text__area_beyond_the_canvas__is_clipped_by_the_canvas(void **state)
{
	struct canvas *c = canvas_of(state, 4, 2, false);
	struct area a = {-2, -1, 100, 100};

	canvas_text(c, a, 0, 1, ROLE_TEXT, "abcdefghij");
	canvas_text(c, a, 0, 0, ROLE_TEXT, "above");
	canvas_text(c, a, 5, 2, ROLE_TEXT, "\u65e5"); /* only half fits */
	canvas_fill(c, (struct area){3, 0, 100, 1}, ROLE_TEXT);
	assert_row(c, 0, "cde");
	assert_row(c, 1, "");
	assert_null(canvas_at(c, 4, 0));
}

static void
text__empty_canvas__draws_nothing(void **state)
{
	struct canvas *c = canvas_of(state, 0, 0, false);

	assert_int_equal(
	    canvas_text(c, canvas_area(c), 0, 0, ROLE_TEXT, "abc"), 3);
	canvas_over(c, canvas_area(c), 0, 0, 5, ROLE_LIT);
	assert_row(c, 0, "");
}

static void
wide__cut_at_either_edge__becomes_a_blank(void **state)
{
	struct canvas *c = canvas_of(state, 8, 1, false);
	struct area a = {2, 0, 3, 1};

	assert_int_equal(canvas_put(c, a, 2, 0, ROLE_HEX, 0x65E5), 4);
	assert_int_equal(canvas_at(c, 4, 0)->ch, ' ');
	assert_int_equal(canvas_at(c, 4, 0)->role, ROLE_HEX);
	assert_int_equal(canvas_at(c, 5, 0)->role, ROLE_TEXT);
	canvas_put(c, a, -1, 0, ROLE_HEX, 0x65E5);
	assert_int_equal(canvas_at(c, 2, 0)->ch, ' ');
	assert_int_equal(canvas_at(c, 1, 0)->role, ROLE_TEXT);
}

static void
wide__half_overwritten__loses_the_other_half(void **state)
{
	struct canvas *c = canvas_of(state, 8, 1, false);
	struct area a = canvas_area(c);

	canvas_text(c, a, 0, 0, ROLE_TEXT, "\u65e5\u672c");
	assert_int_equal(canvas_at(c, 1, 0)->ch, 0);
	canvas_put(c, a, 1, 0, ROLE_TEXT, 'x');
	canvas_put(c, a, 2, 0, ROLE_TEXT, 'y');
	assert_row(c, 0, " xy");
	canvas_text(c, a, 0, 0, ROLE_TEXT, "\u65e5\u672c");
	canvas_put(c, a, 1, 0, ROLE_TEXT, 0x8A9E);
	assert_row(c, 0, " \u8a9e");
	assert_int_equal(canvas_at(c, 3, 0)->ch, ' ');
}

static void
text__controls_and_broken_utf8__become_visible(void **state)
{
	struct canvas *c = canvas_of(state, 20, 1, false);

	canvas_text(c, canvas_area(c), 0, 0, ROLE_TEXT,
	    "a\033[\n\x7f\xc2\x9b\xff\xe2\x80\xaez");
	assert_row(c, 0, "a\ufffd[\ufffd\ufffd\ufffd\ufffd\ufffdz");
	c = canvas_of(state, 20, 1, true);
	canvas_text(c, canvas_area(c), 0, 0, ROLE_TEXT,
	    "a\033[\n\x7f\xc2\x9b\xff\xe2\x80\xaez");
	assert_row(c, 0, "a?[?????z");
}

static void
text__combining_characters__are_dropped(void **state)
{
	struct canvas *c = canvas_of(state, 20, 1, false);

	assert_int_equal(canvas_text(c, canvas_area(c), 0, 0, ROLE_TEXT,
			     "e\u0301e\u200d\ufe0f!"),
	    3);
	assert_row(c, 0, "ee!");
}

static void
ascii__line_graphics__become_what_resembles_them(void **state)
{
	struct canvas *c = canvas_of(state, 40, 2, true);
	struct area a = canvas_area(c);

	canvas_text(c, a, 0, 0, ROLE_TEXT, "╭─┬╮│├┤╰┴╯┼ →←▶◀▸ ●▒×█▌▎ ▏▕");
	assert_row(c, 0, "+-++|++++++ ><><> *:x##. .|");
	assert_int_equal(canvas_text(c, a, 0, 1, ROLE_TEXT, "ab… é日"), 8);
	assert_row(c, 1, "ab... ??");
}

static void
right__ends_before_its_edge_and_is_cut_at_the_left(void **state)
{
	struct canvas *c = canvas_of(state, 10, 2, false);
	struct area a = canvas_area(c);

	assert_int_equal(canvas_right(c, a, 8, 0, ROLE_NUMBER, "1,448"), 3);
	assert_row(c, 0, "   1,448");
	assert_int_equal(canvas_right(c, a, 3, 1, ROLE_NUMBER, "1,448"), 0);
	assert_row(c, 1, "448");
}

static void
printf__formats__and_returns_the_end(void **state)
{
	struct canvas *c = canvas_of(state, 20, 1, false);
	struct area a = canvas_area(c);
	int x = canvas_printf(c, a, 1, 0, ROLE_CALL, "recv(%d)", 4096);

	canvas_repeat(c, a, x, 0, ROLE_DIM, 0x2500, 3);
	assert_row(c, 0, " recv(4096)───");
}

static void
over__keeps_the_text_until_it_is_drawn_again(void **state)
{
	struct canvas *c = canvas_of(state, 6, 1, false);
	struct area a = {1, 0, 4, 1};

	canvas_text(c, a, 0, 0, ROLE_STATE, "abcd");
	canvas_over(c, a, -5, 0, 100, ROLE_SELECTED);
	assert_row(c, 0, " abcd");
	assert_int_equal(canvas_at(c, 0, 0)->over, 0);
	assert_int_equal(canvas_at(c, 1, 0)->over, ROLE_SELECTED);
	assert_int_equal(canvas_at(c, 4, 0)->over, ROLE_SELECTED);
	assert_int_equal(canvas_at(c, 5, 0)->over, 0);
	assert_int_equal(canvas_at(c, 1, 0)->role, ROLE_STATE);
	canvas_put(c, a, 0, 0, ROLE_STATE, 'x');
	assert_int_equal(canvas_at(c, 1, 0)->over, 0);
}

static void
bar__fills_in_eighths__and_is_empty_or_full_only_at_the_ends(void **state)
{
	static const struct {
		uint64_t value, total;
		const char *row;
	} cases[] = {
	    {0, 100, "░░░░"},
	    {1, 100000, "▏░░░"},
	    {50, 100, "██░░"},
	    {26, 100, "█░░░"},
	    {30, 100, "█▎░░"},
	    {99999, 100000, "███▉"},
	    {100, 100, "████"},
	    {200, 100, "████"},
	    {0, 0, "░░░░"},
	    {5, 0, "░░░░"},
	    {UINT64_MAX / 2, UINT64_MAX, "██░░"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct canvas *c = canvas_of(state, 6, 1, false);

		assert_int_equal(
		    canvas_bar(c, canvas_area(c), 0, 0, 4, cases[i].value,
			cases[i].total, ROLE_HEADERS, ROLE_PAYLOAD),
		    4);
		assert_row(c, 0, cases[i].row);
	}
}

static void
row__buffer_too_small__is_cut_between_characters(void **state)
{
	struct canvas *c = canvas_of(state, 6, 1, false);
	char row[6];

	canvas_text(c, canvas_area(c), 0, 0, ROLE_TEXT, "a→→");
	assert_string_equal(canvas_row(c, 0, row, sizeof(row)), "a→");
}

static void
area__more_taken_than_there_is__leaves_nothing(void **state)
{
	struct area a = {2, 3, 10, 5}, top = area_top(&a, 2);
	struct area right = area_right(&a, 4), left;

	(void)state;
	assert_true(area_has(top, 2, 4) && !area_has(top, 2, 5));
	assert_true(area_has(right, 8, 5) && !area_has(right, 7, 5));
	assert_true(area_has(a, 7, 7) && !area_has(a, 8, 7));
	left = area_left(&a, 99);
	assert_int_equal(left.w, 6);
	assert_int_equal(a.w, 0);
	assert_int_equal(area_bottom(&a, 99).h, 3);
	a = area_inset((struct area){0, 0, 3, 9}, 2);
	assert_int_equal(a.w, 0);
	assert_int_equal(a.h, 5);
}

static void
words__no_room__are_left_out_whole(void **state)
{
	struct canvas *c = canvas_of(state, 12, 4, false);
	struct area a = {1, 0, 10, 4};

	assert_int_equal(canvas_words(c, a, 0, 0, ROLE_TEXT, "queue=1000"), 10);
	assert_int_equal(canvas_words(c, a, 0, 1, ROLE_TEXT, "a queue=100"), 3);
	canvas_words(c, a, 1, 2, ROLE_TEXT, "mtu=9 loss=5%");
	canvas_words(c, a, 2, 3, ROLE_TEXT, "queue=100");
	assert_row(c, 0, " queue=1000");
	assert_row(c, 1, " a …");
	assert_row(c, 2, "  mtu=9 …");
	assert_row(c, 3, "   …");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, NULL, free_canvas)
	    T(text__longer_than_the_area__is_clipped_and_returns_its_end),
	    T(text__left_of_the_area__shows_what_reaches_in),
	    T(text__area_beyond_the_canvas__is_clipped_by_the_canvas),
	    T(text__empty_canvas__draws_nothing),
	    T(wide__cut_at_either_edge__becomes_a_blank),
	    T(wide__half_overwritten__loses_the_other_half),
	    T(text__controls_and_broken_utf8__become_visible),
	    T(text__combining_characters__are_dropped),
	    T(ascii__line_graphics__become_what_resembles_them),
	    T(right__ends_before_its_edge_and_is_cut_at_the_left),
	    T(printf__formats__and_returns_the_end),
	    T(over__keeps_the_text_until_it_is_drawn_again),
	    T(bar__fills_in_eighths__and_is_empty_or_full_only_at_the_ends),
	    T(row__buffer_too_small__is_cut_between_characters),
	    T(words__no_room__are_left_out_whole),
	    T(area__more_taken_than_there_is__leaves_nothing),
	};

	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests_name("canvas", tests, NULL, NULL);
}
