#include "tui/needle.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const uint8_t hay[] = "GET /a\r\nHost: a\r\n\r\n";
#define N (sizeof hay - 1)

static struct needle
parsed(const char *text)
{
	struct needle d;
	struct err err = {""};

	if (needle_parse(text, &d, &err) < 0)
		fail_msg("%s: %s", text, err.text);
	return d;
}

static void
text__in_any_case__is_found(void **state)
{
	struct needle d = parsed("host");

	(void)state;
	assert_int_equal(needle_find(&d, hay, N, 0, N, false), 8);
	assert_true(needle_in_text(&d, "the HOST is"));
	assert_false(needle_in_text(&d, "the guest"));
}

static void
bytes__first_and_last__are_found_as_they_are(void **state)
{
	struct needle d = parsed("x 0d 0A");

	(void)state;
	assert_int_equal(d.len, 2);
	assert_int_equal(needle_find(&d, hay, N, 0, N, false), 6);
	assert_int_equal(needle_find(&d, hay, N, 7, N, false), 15);
	assert_int_equal(needle_find(&d, hay, N, 0, N, true), 17);
	assert_int_equal(needle_find(&d, hay, N, 18, N, false), N);
	assert_false(needle_in_text(&d, "\r\n"));
	d = parsed("x 00");
	assert_int_equal(d.len, 1);
	assert_int_equal(
	    needle_find(&d, (const uint8_t *)"a\0b", 3, 0, 3, false), 1);
}

static void
needle__that_is_none__is_refused_with_a_sentence(void **state)
{
	const char *const bad[] = {"", "x ", "x 0", "x 0g", "x 0d0"};
	struct needle d;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		err.text[0] = '\0';
		assert_int_equal(needle_parse(bad[i], &d, &err), -EINVAL);
		assert_true(strlen(err.text) > 10);
	}
	/* A word that begins with x is text. */
	d = parsed("xterm");
	assert_false(d.bytes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(text__in_any_case__is_found),
	    cmocka_unit_test(bytes__first_and_last__are_found_as_they_are),
	    cmocka_unit_test(needle__that_is_none__is_refused_with_a_sentence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
