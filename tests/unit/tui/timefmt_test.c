#include "tui/timefmt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "tui/view.h"

/* 2026-11-30 07:26:27.204 UTC */
#define MOMENT INT64_C(1796023587204312000)

static struct deck deck;
static const struct view view = {
    .deck = &deck, .start_ns = MOMENT - INT64_C(61500000000)};

static const char *
shown(enum time_format f, int cells)
{
	static char text[TEXT_NUM_MAX];

	deck.time = f;
	return timefmt(text, &view, MOMENT, MOMENT - 31000, cells);
}

static void
timefmt__each_format__says_when(void **state)
{
	(void)state;
	setenv("TZ", "CET-1", 1);
	tzset();
	assert_string_equal(shown(TIME_AS_RELATIVE, 9), "1:01.500");
	assert_string_equal(shown(TIME_AS_RELATIVE, 12), "1:01.500000");
	assert_string_equal(shown(TIME_AS_DELTA, 9), "31 us");
	assert_string_equal(shown(TIME_AS_ABSOLUTE, 12), "08:26:27.204");
	assert_string_equal(shown(TIME_AS_DATE, 23), "2026-11-30 08:26:27.204");
	assert_string_equal(shown(TIME_AS_DATE, 12), "08:26:27.204");
	assert_string_equal(shown(TIME_AS_UTC, 24), "2026-11-30T07:26:27.204Z");
	assert_string_equal(shown(TIME_AS_UTC, 13), "07:26:27.204Z");
}

static void
timefmt__each_format__keeps_to_its_cells(void **state)
{
	(void)state;
	for (int f = 0; f < TIME_FORMAT_COUNT; f++) {
		deck.time = (enum time_format)f;
		for (int width = 40; width <= 200; width += 80) {
			int cells = timefmt_cells(&view, width);

			assert_true(
			    strlen(shown(deck.time, cells)) <= (size_t)cells);
			assert_true(cells <= width / 3);
		}
	}
}

static void
timefmt__delta_of_the_first__says_nothing(void **state)
{
	char text[TEXT_NUM_MAX];

	(void)state;
	deck.time = TIME_AS_DELTA;
	assert_string_equal(timefmt(text, &view, MOMENT, 0, 9), "-");
	assert_string_equal(timefmt_alone(text, &view, MOMENT), "1:01.500000");
}

static void
heading__of_a_reference__names_the_packet(void **state)
{
	char text[TEXT_NUM_MAX];

	(void)state;
	deck.reference = 12;
	deck.time = TIME_AS_RELATIVE;
	assert_string_equal(timefmt_heading(&view, text), "Since #12");
	assert_string_equal(
	    timefmt(text, &view, view.start_ns + 31000, 0, 9), "+31 us");
	assert_string_equal(
	    timefmt(text, &view, view.start_ns - 2500000, 0, 9), "-2.5 ms");
	assert_string_equal(
	    timefmt(text, &view, view.start_ns, 0, 9), "00.000");
	deck.time = TIME_AS_UTC;
	assert_string_equal(timefmt_heading(&view, text), "UTC");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(timefmt__each_format__says_when),
	    cmocka_unit_test(timefmt__each_format__keeps_to_its_cells),
	    cmocka_unit_test(timefmt__delta_of_the_first__says_nothing),
	    cmocka_unit_test(heading__of_a_reference__names_the_packet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
