/* The head of a response as rows. */
#include "tui/httpfmt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct call
received(const char *text)
{
	struct call c = {.kind = CALL_RECV, .phase = CALL_DONE};
	size_t n = strlen(text);

	c.result = (int64_t)n;
	c.data_len = (uint16_t)(n < CALL_DATA_MAX ? n : CALL_DATA_MAX);
	memcpy(c.data, text, c.data_len);
	return c;
}

static void
response__whole_head__has_a_row_for_each_field(void **state)
{
	struct call c = received("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n"
				 "X-Odd: \033[31m\r\n\r\nhello");
	struct httpfmt_row r;

	(void)state;
	assert_int_equal(httpfmt_rows(&c), 3);
	httpfmt_row(&c, 0, &r);
	assert_string_equal(r.name, "HTTP/1.1");
	assert_string_equal(r.value, "200 OK");
	assert_string_equal(r.meaning, "done as asked");
	httpfmt_row(&c, 1, &r);
	assert_string_equal(r.name, "Content-Length");
	assert_string_equal(r.value, "5");
	httpfmt_row(&c, 2, &r);
	assert_string_equal(r.value, "\\x1b[31m");
}

static void
response__longer_than_the_record__ends_with_a_row_that_says_so(void **state)
{
	char text[600] = "HTTP/1.1 302 Found\r\nLocation: /x\r\nLong: ";
	struct httpfmt_row r;
	struct call c;

	(void)state;
	memset(text + strlen(text), 'x', 400);
	c = received(text);
	assert_int_equal(httpfmt_rows(&c), 3);
	httpfmt_row(&c, 1, &r);
	assert_string_equal(r.value, "/x");
	httpfmt_row(&c, 2, &r);
	assert_string_equal(r.name, "...");
}

static void
others__are_no_responses(void **state)
{
	static const char *const texts[] = {
	    "", "HTTP/1.1", "HTTP/1.1 200 OK", "hello\n", "HTTP/1.1 OK\r\n"};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct call c = received(texts[i]);

		assert_int_equal(httpfmt_rows(&c), 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(response__whole_head__has_a_row_for_each_field),
	    cmocka_unit_test(
		response__longer_than_the_record__ends_with_a_row_that_says_so),
	    cmocka_unit_test(others__are_no_responses),
	};

	return cmocka_run_group_tests_name("httpfmt", tests, NULL, NULL);
}
