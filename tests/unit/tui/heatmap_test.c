#include "tui/heatmap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <locale.h>
#include <string.h>

/* Warmer to the right, and downwards by a little. */
static struct thermal_frame
slope(void)
{
	struct thermal_frame f;

	for (int y = 0; y < THERMAL_H; y++)
		for (int x = 0; x < THERMAL_W; x++)
			f.centi[y][x] = (int16_t)(100 * x + y);
	return f;
}

static struct canvas *
canvas(int w, int h, bool inks)
{
	struct canvas *c = canvas_new(w, h, false);

	assert_non_null(c);
	c->inks = inks;
	return c;
}

static void
fit__whole_factors__where_one_fits(void **state)
{
	static const struct {
		int w, h, fit_w, fit_h, factor;
	} cases[] = {{32, 12, 32, 12, 1}, {54, 20, 32, 12, 1},
	    {94, 36, 64, 24, 2}, {96, 36, 96, 36, 3}, {174, 56, 128, 48, 4},
	    {30, 12, 30, 11, 0}, {38, 6, 16, 6, 0}};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct area a = {3, 4, cases[i].w, cases[i].h};
		struct area fit = heatmap_fit(a, false);

		assert_int_equal(fit.w, cases[i].fit_w);
		assert_int_equal(fit.h, cases[i].fit_h);
		assert_int_equal(heatmap_factor(fit), cases[i].factor);
		assert_int_equal(fit.x, 3);
	}
}

static void
fit__smooth__takes_all_that_keeps_the_proportions(void **state)
{
	struct area fit = heatmap_fit((struct area){0, 0, 54, 20}, true);

	(void)state;
	assert_int_equal(fit.w, 53);
	assert_int_equal(fit.h, 19);
	fit = heatmap_fit((struct area){0, 0, 0, 0}, true);
	assert_int_equal(fit.w, 0);
}

static void
draw__half_blocks__show_two_pixels_in_a_cell(void **state)
{
	struct canvas *c = canvas(32, 12, true);
	struct heatmap h = {.low = 0, .high = 3200};
	struct thermal_frame f = slope();
	const struct cell *cell;

	(void)state;
	f.centi[0][0] = 3200;
	heatmap_draw(c, canvas_area(c), &h, &f);
	cell = canvas_at(c, 0, 0);
	assert_int_equal(cell->ch, U'▀');
	assert_int_equal(cell->fg, 238); /* the hottest colour */
	assert_int_equal(cell->bg, 1);
	assert_int_equal(c->ink[0], THEME_RGB);
	assert_int_equal(c->ink[237], THEME_RGB | 0xFFFFFF);
	cell = canvas_at(c, 31, 11); /* alike: a blank */
	assert_int_equal(cell->ch, ' ');
	assert_int_equal(cell->fg, 0);
	assert_int_equal(cell->bg, 1 + 3123 * 238 / 3200);
	canvas_free(c);
}

static void
draw__without_inks__is_ascii_shades(void **state)
{
	struct canvas *c = canvas(32, 12, false);
	struct heatmap h = {.low = 0, .high = 3200};
	struct thermal_frame f = slope();
	char row[200];

	(void)state;
	heatmap_draw(c, canvas_area(c), &h, &f);
	assert_string_equal(canvas_row(c, 0, row, sizeof row),
	    "    ...:::---===++++***###%%%@@@");
	assert_int_equal(canvas_at(c, 0, 0)->bg, 0);
	canvas_free(c);
}

static void
draw__mirror_and_flip__turn_the_picture(void **state)
{
	struct canvas *c = canvas(32, 12, true);
	struct heatmap h = {
	    .low = 0, .high = 3200, .mirror = true, .flip = true};
	struct thermal_frame f = slope();
	int px, py;

	(void)state;
	f.centi[23][31] = 0; /* bottom right */
	heatmap_draw(c, canvas_area(c), &h, &f);
	assert_int_equal(canvas_at(c, 0, 0)->fg, 1);
	heatmap_pixel(canvas_area(c), &h, 0, 0, &px, &py);
	assert_int_equal(px, 31);
	assert_in_range(py, 22, 23);
	canvas_free(c);
}

static void
draw__smooth__goes_evenly_from_pixel_to_pixel(void **state)
{
	struct canvas *c = canvas(160, 60, true);
	struct heatmap h = {.low = 0, .high = 3200, .smooth = true};
	struct thermal_frame f = slope();
	int steps = 0;

	(void)state;
	heatmap_draw(c, canvas_area(c), &h, &f);
	for (int x = 1; x < 160; x++) {
		int step =
		    canvas_at(c, x, 30)->bg - canvas_at(c, x - 1, 30)->bg;

		assert_in_range(step, 0, 2);
		steps += step > 0;
	}
	assert_true(steps > 120); /* of at most 159; 31 if it were not */
	canvas_free(c);
}

static void
draw__whole_factor__repeats_each_pixel(void **state)
{
	struct canvas *c = canvas(96, 36, true);
	struct heatmap h = {.low = 0, .high = 3200};
	struct thermal_frame f = slope();

	(void)state;
	heatmap_draw(c, canvas_area(c), &h, &f);
	for (int x = 0; x < 96; x++)
		assert_int_equal(
		    canvas_at(c, x, 0)->bg, 1 + f.centi[0][x / 3] * 238 / 3200);
	canvas_free(c);
}

static void
draw__beyond_the_scale__is_its_end(void **state)
{
	struct canvas *c = canvas(32, 12, true);
	struct heatmap h = {.low = 1000, .high = 1001};
	struct thermal_frame f = slope();

	(void)state;
	f.centi[0][0] = f.centi[1][0] = -32767;
	f.centi[0][31] = f.centi[1][31] = 32767;
	heatmap_draw(c, canvas_area(c), &h, &f);
	assert_int_equal(canvas_at(c, 0, 0)->bg, 1);
	assert_int_equal(canvas_at(c, 31, 0)->bg, 238);
	canvas_free(c);
}

static void
mark__pixel__is_where_a_click_finds_it(void **state)
{
	struct thermal_frame f = slope();

	(void)state;
	for (int size = 1; size <= 5; size++) {
		struct canvas *c = canvas(32 * size, 12 * size, true);

		for (int turned = 0; turned < 4; turned++) {
			struct heatmap h = {.low = 0,
			    .high = 3200,
			    .mirror = turned & 1,
			    .flip = turned & 2};
			int px = 0, py = 0, found = 0;

			heatmap_draw(c, canvas_area(c), &h, &f);
			heatmap_mark(c, canvas_area(c), &h, &f, 20, 7, 'H');
			for (int i = 0; i < c->w * c->h; i++) {
				if (c->cells[i].ch != 'H')
					continue;
				heatmap_pixel(canvas_area(c), &h, i % c->w,
				    i / c->w, &px, &py);
				found++;
			}
			assert_int_equal(found, 1);
			assert_int_equal(px, 20);
			assert_in_range(py, size == 1 ? 6 : 7, 7);
		}
		canvas_free(c);
	}
}

static void
palettes__names__are_found_again(void **state)
{
	enum heat_palette p;

	(void)state;
	for (int i = 0; i < HEAT_COUNT; i++) {
		assert_true(heat_palette_parse(
		    heat_palette_name((enum heat_palette)i), &p));
		assert_int_equal(p, i);
	}
	assert_false(heat_palette_parse("pink", &p));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(fit__whole_factors__where_one_fits),
	    cmocka_unit_test(fit__smooth__takes_all_that_keeps_the_proportions),
	    cmocka_unit_test(draw__half_blocks__show_two_pixels_in_a_cell),
	    cmocka_unit_test(draw__without_inks__is_ascii_shades),
	    cmocka_unit_test(draw__mirror_and_flip__turn_the_picture),
	    cmocka_unit_test(draw__smooth__goes_evenly_from_pixel_to_pixel),
	    cmocka_unit_test(draw__whole_factor__repeats_each_pixel),
	    cmocka_unit_test(draw__beyond_the_scale__is_its_end),
	    cmocka_unit_test(mark__pixel__is_where_a_click_finds_it),
	    cmocka_unit_test(palettes__names__are_found_again),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests_name("heatmap", tests, NULL, NULL);
}
