#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "net/pyliteral.h"

static void
number__as_python_writes_it__is_read(void **state)
{
	static const struct {
		const char *text;
		bool is_float;
		double d;
	} good[] = {
	    {"0", false, 0},
	    {"00_0", false, 0},
	    {" -12 ", false, -12},
	    {"+1_000", false, 1000},
	    {"0xFf", false, 255},
	    {"0X_ff", false, 255},
	    {"-0b101", false, -5},
	    {"0o17", false, 15},
	    {"True", false, 1},
	    {"False", false, 0},
	    {"2.5", true, 2.5},
	    {".5e1", true, 5},
	    {"5.", true, 5},
	    {"007.5", true, 7.5},
	    {"1_0e-0_1", true, 1},
	    {"1e400", true, (double)INFINITY},
	    {"1e99999999999999999999", true, (double)INFINITY},
	    {"-Infinity", true, -(double)INFINITY},
	    {"0x20000000000001", false, 0x1p+53},
	    {"0x20000000000003", false, 0x1.0000000000002p+53},
	    {"0x200000000000010000000000000000001", false,
		0x1.0000000000001p+129},
	    {"0x200000000000030000000000000000000", false,
		0x1.0000000000002p+129},
	    {"0b100000000000000000000000000000000000000000000000000000100000000"
	     "0000000000001",
		false, 0x1p+75},
	};

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		struct pyliteral_number n;
		struct err err;

		if (pyliteral_number(good[i].text, &n, &err) < 0)
			fail_msg("%s: %s", good[i].text, err.text);
		assert_int_equal(n.is_float, good[i].is_float);
		assert_true(n.d == good[i].d);
	}
}

static void
number__not_as_python_writes_it__names_the_column(void **state)
{
	static const struct {
		const char *text, *says;
	} bad[] = {
	    {"", "column 1"},
	    {"-", "column 2"},
	    {"--5", "column 2"},
	    {"1_", "column 2"},
	    {"_1", "column 1"},
	    {"1__0", "column 2"},
	    {"1_.5", "column 2"},
	    {"1._5", "column 3"},
	    {".", "column 1"},
	    {"0x", "column 3"},
	    {"0b2", "column 3"},
	    {"0x1.8p3", "column 4"},
	    {"1e", "column 3"},
	    {"1e+", "column 4"},
	    {"012", "0o17 is octal"},
	    {"1 2", "column 3"},
	    {"1j", "column 2"},
	    {"nano", "column 1"},
	    {"true", "column 1"},
	    {"1,5", "column 2"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct pyliteral_number n;
		struct err err = {""};

		assert_int_equal(
		    pyliteral_number(bad[i].text, &n, &err), -EINVAL);
		if (strstr(err.text, bad[i].says) == NULL)
			fail_msg("\"%s\": %s", bad[i].text, err.text);
	}
}

static void
number__longer_than_pythons_limit__is_refused(void **state)
{
	char digits[PYLITERAL_DIGITS + 2];
	struct pyliteral_number n;
	struct err err;

	(void)state;
	memset(digits, '9', sizeof digits);
	digits[PYLITERAL_DIGITS] = '\0';
	assert_int_equal(pyliteral_number(digits, &n, &err), 0);
	assert_true(n.huge && isinf(n.d));
	digits[PYLITERAL_DIGITS] = '9';
	digits[PYLITERAL_DIGITS + 1] = '\0';
	assert_int_equal(pyliteral_number(digits, &n, &err), -EINVAL);
}

static void
float__repr__is_pythons(void **state)
{
	static const struct {
		double d;
		const char *repr;
	} want[] = {
	    {0, "0.0"},
	    {-0.0, "-0.0"},
	    {1, "1.0"},
	    {0.1, "0.1"},
	    {1e15, "1000000000000000.0"},
	    {1e16, "1e+16"},
	    {123456789012345678.0, "1.2345678901234568e+17"},
	    {0.0001, "0.0001"},
	    {0.00001234, "1.234e-05"},
	    {5e-324, "5e-324"},
	    {0x1p-44, "5.684341886080802e-14"},
	    {9007199254740993.0, "9007199254740992.0"},
	    {-1.5e300, "-1.5e+300"},
	    {(double)INFINITY, "inf"},
	    {-(double)INFINITY, "-inf"},
	    {(double)NAN, "nan"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
		char text[PYLITERAL_FLOAT_MAX];

		assert_string_equal(
		    pyliteral_float(text, want[i].d), want[i].repr);
	}
}

static void
bytes__repr__is_pythons(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
		const char *repr;
	} want[] = {
	    {"", 0, "b''"},
	    {"a\0\n\t\r\\", 6, "b'a\\x00\\n\\t\\r\\\\'"},
	    {"it's", 4, "b\"it's\""},
	    {"'\"", 2, "b'\\'\"'"},
	    {"\x7f\xff~", 3, "b'\\x7f\\xff~'"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
		struct buf out;

		buf_init(&out, 100);
		pyliteral_bytes(
		    &out, (const uint8_t *)want[i].bytes, want[i].n);
		assert_string_equal(buf_str(&out), want[i].repr);
		buf_done(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(number__as_python_writes_it__is_read),
	    cmocka_unit_test(number__not_as_python_writes_it__names_the_column),
	    cmocka_unit_test(number__longer_than_pythons_limit__is_refused),
	    cmocka_unit_test(float__repr__is_pythons),
	    cmocka_unit_test(bytes__repr__is_pythons),
	};

	return cmocka_run_group_tests_name("pyliteral", tests, NULL, NULL);
}
