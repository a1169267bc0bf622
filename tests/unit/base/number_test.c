#include "net/base/number.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "net/base/clock.h"

static void
span__with_and_without_unit__is_nanoseconds(void **state)
{
	static const struct {
		const char *text;
		int64_t ns;
	} good[] = {{"20", 20 * CLOCK_MS}, {"20ms", 20 * CLOCK_MS},
	    {"1.5s", 1500 * CLOCK_MS}, {"300us", 300 * CLOCK_US}, {"7ns", 7},
	    {"1min", 60 * CLOCK_S}, {"0", 0}};
	static const char *const bad[] = {
	    "", "x", "-1", "20m", "2min", "nan", "inf", "1e999", "20ms "};
	struct err err;
	int64_t ns = 5;

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		assert_int_equal(
		    number_span("delay", good[i].text, 60 * CLOCK_S, &ns, &err),
		    0);
		assert_int_equal(ns, good[i].ns);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_int_equal(
		    number_span("delay", bad[i], 60 * CLOCK_S, &ns, &err),
		    -EINVAL);
		assert_non_null(strstr(err.text, "delay takes a time"));
		assert_int_equal(ns, 0);
	}
}

static void
percent_and_rate__in_their_units__are_read(void **state)
{
	uint32_t ppm = 0;
	uint64_t bps = 0;
	struct err err;

	(void)state;
	assert_int_equal(number_percent("loss", "0.5%", &ppm, &err), 0);
	assert_int_equal(ppm, 5000);
	assert_int_equal(number_percent("loss", "100", &ppm, &err), 0);
	assert_int_equal(ppm, NUMBER_PPM);
	assert_int_equal(number_percent("loss", "101", &ppm, &err), -EINVAL);
	assert_int_equal(number_rate("rate", "10mbit", &bps, &err), 0);
	assert_int_equal(bps, 10000000);
	assert_int_equal(number_rate("rate", "1.5Mbit", &bps, &err), 0);
	assert_int_equal(bps, 1500000);
	assert_int_equal(number_rate("rate", "2.002kbit", &bps, &err), 0);
	assert_int_equal(bps, 2002); /* 2.002 * 1000 is a little less */
	assert_int_equal(number_rate("rate", "9600", &bps, &err), 0);
	assert_int_equal(bps, 9600);
	assert_int_equal(number_rate("rate", "10mb", &bps, &err), -EINVAL);
	assert_non_null(strstr(err.text, "10mbit"));
}

static void
whole__at_its_bounds__is_read_and_past_them_refused(void **state)
{
	struct err err;
	long n = 7;

	(void)state;
	assert_int_equal(number_whole("recv", "1", 1, 9, &n, &err), 0);
	assert_int_equal(n, 1);
	assert_int_equal(number_whole("recv", "9", 1, 9, &n, &err), 0);
	assert_int_equal(n, 9);
	assert_int_equal(number_whole("recv", "0", 1, 9, &n, &err), -EINVAL);
	assert_string_equal(
	    err.text, "recv takes a number from 1 to 9, not '0'");
	assert_int_equal(number_whole("recv", "10", 1, 9, &n, &err), -EINVAL);
	assert_int_equal(number_whole("recv", "", 1, 9, &n, &err), -EINVAL);
	assert_int_equal(number_whole("recv", "5x", 1, 9, &n, &err), -EINVAL);
	assert_int_equal(
	    number_whole("recv", "99999999999999999999", 1, 9, &n, &err),
	    -EINVAL);
	assert_int_equal(n, 9);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(span__with_and_without_unit__is_nanoseconds),
	    cmocka_unit_test(percent_and_rate__in_their_units__are_read),
	    cmocka_unit_test(
		whole__at_its_bounds__is_read_and_past_them_refused),
	};

	return cmocka_run_group_tests_name("number", tests, NULL, NULL);
}
