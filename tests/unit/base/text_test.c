#include "net/base/text.h"

#include <errno.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "net/base/clock.h"

static void
check_escape(const char *bytes, size_t n, const char *expected)
{
	char out[256];

	assert_int_equal(text_escape(out, sizeof out, bytes, n), n);
	assert_string_equal(out, expected);
}

#define CHECK_ESCAPE(literal, expected) \
	check_escape(literal, sizeof(literal) - 1, expected)

/* Nothing that a terminal could take for a command: printable UTF-8 only. */
static void
check_printable(const char *s)
{
	size_t n = strlen(s), len;
	char32_t ch;

	while ((len = text_decode(s, n, &ch)) > 0) {
		assert_int_not_equal(ch, 0xFFFD);
		assert_true(text_width(ch) > 0);
		s += len;
		n -= len;
	}
}

static void
decode__every_character__comes_back_from_encode(void **state)
{
	char utf8[5];
	char32_t back;

	(void)state;
	for (char32_t ch = 0; ch <= 0x10FFFF; ch++) {
		size_t len;

		if (ch >= 0xD800 && ch < 0xE000)
			continue;
		len = text_encode(ch, utf8);
		if (text_decode(utf8, len, &back) != len || back != ch)
			fail_msg("U+%04X came back as U+%04X", ch, back);
	}
}

static void
decode__broken_utf8__takes_one_byte_as_fffd(void **state)
{
	static const char *const broken[] = {"\x80",
	    "\xbf", /* continuation alone */
	    "\xc0\xaf", "\xc1\xbf", "\xe0\x80\xaf", "\xf0\x8f\xbf\xbf",
	    /* overlong */
	    "\xed\xa0\x80", "\xed\xbf\xbf", /* surrogates */
	    "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", /* too large */
	    "\xc3", "\xe2\x82", "\xf0\x9f\x98", /* cut */
	    "\xe2\x28\xa1", "\xc3\x28"}; /* not a continuation */

	(void)state;
	for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
		char32_t ch = 1;

		assert_int_equal(
		    text_decode(broken[i], strlen(broken[i]), &ch), 1);
		assert_int_equal(ch, 0xFFFD);
	}
	assert_int_equal(text_decode("", 0, &(char32_t){0}), 0);
}

static void
escape__hostile_bytes__become_visible(void **state)
{
	(void)state;
	CHECK_ESCAPE(
	    "plain \xc3\xa9\xe4\xb8\xad", "plain \xc3\xa9\xe4\xb8\xad");
	CHECK_ESCAPE("a\n\r\t\0b\\", "a\\n\\r\\t\\0b\\\\");
	CHECK_ESCAPE("\033[2J\a\x7f", "\\x1b[2J\\x07\\x7f");
	/* CSI as one C1 byte, and as the UTF-8 of U+009B. */
	CHECK_ESCAPE("\x9b"
		     "2J",
	    "\\x9b2J");
	CHECK_ESCAPE("\xc2\x9b"
		     "2J",
	    "\\xc2\\x9b2J");
	CHECK_ESCAPE("\xc0\xaf\xed\xa0\x80", "\\xc0\\xaf\\xed\\xa0\\x80");
	/* Right-to-left override and isolate, zero width, BOM. */
	CHECK_ESCAPE("\xe2\x80\xae", "\\xe2\\x80\\xae");
	CHECK_ESCAPE("\xe2\x81\xa6", "\\xe2\\x81\\xa6");
	CHECK_ESCAPE("\xd8\x9c", "\\xd8\\x9c");
	CHECK_ESCAPE("\xe2\x80\x8b", "\\xe2\\x80\\x8b");
	CHECK_ESCAPE("\xef\xbb\xbf", "\\xef\\xbb\\xbf");
	/* A combining mark would join what stands before the text. */
	CHECK_ESCAPE("\xcc\x81", "\\xcc\\x81");
	/* Line separators. */
	CHECK_ESCAPE(
	    "\xe2\x80\xa8\xe2\x80\xa9", "\\xe2\\x80\\xa8\\xe2\\x80\\xa9");
	/* The replacement character itself is told from a broken byte. */
	CHECK_ESCAPE("\xef\xbf\xbd", "\\xef\\xbf\\xbd");
}

static void
escape__then_unescape__gives_every_pair_of_bytes_back(void **state)
{
	char text[16];
	uint8_t back[4];

	(void)state;
	for (unsigned pair = 0; pair < 0x10000; pair++) {
		const uint8_t in[2] = {(uint8_t)(pair >> 8), (uint8_t)pair};

		assert_int_equal(text_escape(text, sizeof text, in, 2), 2);
		check_printable(text);
		assert_int_equal(
		    text_unescape(text, back, sizeof back, NULL), 2);
		assert_memory_equal(back, in, 2);
	}
}

static void
escape__every_character__is_printable_and_comes_back(void **state)
{
	char in[5], text[24];
	uint8_t back[8];

	(void)state;
	for (char32_t ch = 0x80; ch <= 0x10FFFF; ch++) {
		size_t len = text_encode(ch, in);

		assert_int_equal(text_escape(text, sizeof text, in, len), len);
		check_printable(text);
		assert_int_equal(
		    text_unescape(text, back, sizeof back, NULL), len);
		assert_memory_equal(back, in, len);
	}
}

static void
escape__into_too_small_a_place__stops_before_an_escape(void **state)
{
	char out[8] = "zzzzzzz";

	(void)state;
	assert_int_equal(text_escape(out, 6, "ab\033c", 4), 2);
	assert_string_equal(out, "ab");
	assert_int_equal(text_escape(out, 7, "ab\033c", 4), 3);
	assert_string_equal(out, "ab\\x1b");
	assert_int_equal(text_escape(out, 3, "a\xe4\xb8\xad", 4), 1);
	assert_string_equal(out, "a");
	assert_int_equal(text_escape(out, 1, "a", 1), 0);
	assert_string_equal(out, "");
	assert_int_equal(text_escape(out, 0, "a", 1), 0);
	assert_int_equal(text_escape(out, 4, "", 0), 0);
	assert_string_equal(out, "");
}

static void
unescape__bad_escape__names_its_column(void **state)
{
	static const struct {
		const char *text, *column;
	} bad[] = {{"\\", "column 1:"}, {"ab\\q", "column 3:"},
	    {"\\x", "column 1:"}, {"\\x1", "column 1:"},
	    {"a\\n\\xg0", "column 4:"}, {"\\x0g", "column 1:"}};
	uint8_t out[8];
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_int_equal(
		    text_unescape(bad[i].text, out, sizeof out, &err), -EINVAL);
		assert_non_null(strstr(err.text, bad[i].column));
	}
}

static void
unescape__longer_than_the_place__is_refused(void **state)
{
	uint8_t out[3];
	struct err err;

	(void)state;
	assert_int_equal(text_unescape("a\\xFfc", out, 3, &err), 3);
	assert_memory_equal(out,
	    "a\xff"
	    "c",
	    3);
	assert_int_equal(text_unescape("a\\nbc", out, 3, &err), -E2BIG);
	assert_non_null(strstr(err.text, "3 bytes"));
}

static void
width__of_characters__is_what_a_terminal_does(void **state)
{
	(void)state;
	assert_int_equal(text_width('a'), 1);
	assert_int_equal(text_width(0xE9), 1);
	assert_int_equal(text_width(0x4E2D), 2);
	assert_int_equal(text_width(0x2500), 1);
	assert_int_equal(text_width(0x1F600), 2);
	assert_int_equal(text_width(0x301), 0);
	assert_int_equal(text_width('\n'), -1);
	assert_int_equal(text_width(0x7F), -1);
	assert_int_equal(text_width(0x9B), -1);
	assert_int_equal(text_width(0x202E), -1);
	assert_int_equal(text_width(0x61C), -1);
	assert_int_equal(text_width(0x2028), -1);
	assert_int_equal(text_cells(""), 0);
	assert_int_equal(text_cells("a\xe4\xb8\xad\xff\033z"), 6);
}

static void
hex__into_a_place__cuts_whole_bytes(void **state)
{
	char out[16];

	(void)state;
	assert_int_equal(text_hex(out, sizeof out, "Hello", 5), 5);
	assert_string_equal(out, "48 65 6c 6c 6f");
	assert_int_equal(text_hex(out, 6, "\xff\0z", 3), 2);
	assert_string_equal(out, "ff 00");
	assert_int_equal(text_hex(out, 5, "\xff\0z", 3), 1);
	assert_string_equal(out, "ff");
	assert_int_equal(text_hex(out, 2, "a", 1), 0);
	assert_string_equal(out, "");
	assert_int_equal(text_hex(out, 16, "", 0), 0);
	assert_string_equal(out, "");
	assert_int_equal(text_hex(out, 0, "a", 1), 0);
}

static void
count__is_grouped_by_thousands(void **state)
{
	char out[TEXT_NUM_MAX];

	(void)state;
	assert_string_equal(text_count(out, 0), "0");
	assert_string_equal(text_count(out, 999), "999");
	assert_string_equal(text_count(out, 1448), "1,448");
	assert_string_equal(text_count(out, 1000000), "1,000,000");
	assert_string_equal(
	    text_count(out, UINT64_MAX), "18,446,744,073,709,551,615");
}

static void
size__at_the_edges_of_units(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} cases[] = {
	    {0, "0 B"},
	    {13, "13 B"},
	    {999, "999 B"},
	    {1000, "1.0 KB"},
	    {1448, "1.4 KB"},
	    {999949, "999.9 KB"},
	    {999950, "1.0 MB"},
	    {999999, "1.0 MB"},
	    {2000000, "2.0 MB"},
	    {999999999, "1.0 GB"},
	    {1000000000000, "1.0 TB"},
	    {UINT64_MAX, "18446.7 PB"},
	};
	char out[TEXT_NUM_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(
		    text_size(out, cases[i].bytes), cases[i].text);
}

static void
span__at_the_edges_of_units(void **state)
{
	static const struct {
		int64_t ns;
		const char *text;
	} cases[] = {
	    {0, "0 us"},
	    {499, "0 us"},
	    {500, "1 us"},
	    {31 * CLOCK_US, "31 us"},
	    {999 * CLOCK_US + 499, "999 us"},
	    {999 * CLOCK_US + 500, "1.0 ms"},
	    {CLOCK_MS, "1.0 ms"},
	    {40300 * CLOCK_US, "40.3 ms"},
	    {999940 * CLOCK_US, "999.9 ms"},
	    {999960 * CLOCK_US, "1.0 s"},
	    {CLOCK_S, "1.0 s"},
	    {3200 * CLOCK_MS, "3.2 s"},
	    {99940 * CLOCK_MS, "99.9 s"},
	    {99960 * CLOCK_MS, "1 min 40 s"},
	    {100 * CLOCK_S, "1 min 40 s"},
	    {123 * CLOCK_S, "2 min 03 s"},
	    {3599 * CLOCK_S, "59 min 59 s"},
	    {7325 * CLOCK_S, "122 min 05 s"},
	    {-31 * CLOCK_US, "-31 us"},
	    {-40300 * CLOCK_US, "-40.3 ms"},
	    {-123 * CLOCK_S, "-2 min 03 s"},
	};
	char out[TEXT_NUM_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(text_span(out, cases[i].ns), cases[i].text);
	assert_true(strlen(text_span(out, INT64_MAX)) < TEXT_NUM_MAX);
	assert_true(strlen(text_span(out, INT64_MIN)) < TEXT_NUM_MAX);
}

static void
since__has_seconds_and_milliseconds(void **state)
{
	static const struct {
		int64_t ns;
		const char *text;
	} cases[] = {
	    {0, "00.000"},
	    {999999, "00.000"},
	    {3551 * CLOCK_MS, "03.551"},
	    {59999 * CLOCK_MS, "59.999"},
	    {60 * CLOCK_S, "1:00.000"},
	    {62004 * CLOCK_MS, "1:02.004"},
	    {3600 * CLOCK_S, "60:00.000"},
	    {-62004 * CLOCK_MS, "-1:02.004"},
	};
	char out[TEXT_NUM_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(
		    text_since(out, cases[i].ns), cases[i].text);
	assert_true(strlen(text_since(out, INT64_MIN)) < TEXT_NUM_MAX);
}

static int
use_utf8(void **state)
{
	(void)state;
	return setlocale(LC_ALL, "C.UTF-8") != NULL ? 0 : -1;
}

/* RFC 4648 s10 */
static void
base64__test_vectors__are_those_of_the_rfc(void **state)
{
	static const char *const want[] = {
	    "", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"};
	char got[TEXT_BASE64_LEN(6) + 1];

	(void)state;
	for (size_t n = 0; n <= 6; n++) {
		text_base64(got, "foobar", n);
		assert_string_equal(got, want[n]);
		assert_int_equal(strlen(got), TEXT_BASE64_LEN(n));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(base64__test_vectors__are_those_of_the_rfc),
	    cmocka_unit_test(decode__every_character__comes_back_from_encode),
	    cmocka_unit_test(decode__broken_utf8__takes_one_byte_as_fffd),
	    cmocka_unit_test(escape__hostile_bytes__become_visible),
	    cmocka_unit_test(
		escape__then_unescape__gives_every_pair_of_bytes_back),
	    cmocka_unit_test(
		escape__every_character__is_printable_and_comes_back),
	    cmocka_unit_test(
		escape__into_too_small_a_place__stops_before_an_escape),
	    cmocka_unit_test(unescape__bad_escape__names_its_column),
	    cmocka_unit_test(unescape__longer_than_the_place__is_refused),
	    cmocka_unit_test(width__of_characters__is_what_a_terminal_does),
	    cmocka_unit_test(hex__into_a_place__cuts_whole_bytes),
	    cmocka_unit_test(count__is_grouped_by_thousands),
	    cmocka_unit_test(size__at_the_edges_of_units),
	    cmocka_unit_test(span__at_the_edges_of_units),
	    cmocka_unit_test(since__has_seconds_and_milliseconds),
	};

	return cmocka_run_group_tests_name("text", tests, use_utf8, NULL);
}
