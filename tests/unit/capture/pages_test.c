#include "capture/pages.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/capture/resident.h"

#define SIZE ((size_t)16 * RESIDENT_PAGE)

static size_t
zeroes(const uint8_t *p, size_t n)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += p[i] == 0;
	return count;
}

static void
touch__a_part__its_pages_are_there_and_zero(void **state)
{
	uint8_t *p;

	(void)state;
	resident_or_skip();
	p = resident_none(SIZE);
	assert_int_equal(resident_pages(p, SIZE), 0);
	pages_touch(p + RESIDENT_PAGE + 100, RESIDENT_PAGE); /* in two pages */
	assert_int_equal(resident_pages(p, SIZE), 2);
	assert_int_equal(
	    resident_pages(p + RESIDENT_PAGE, 2 * RESIDENT_PAGE), 2);
	assert_int_equal(zeroes(p, SIZE), SIZE);
	pages_free(p, SIZE);
}

static void
resize__of_filled_ones__keeps_their_bytes(void **state)
{
	uint8_t *p = pages_new(SIZE);

	(void)state;
	memset(p, 7, SIZE);
	p = pages_resize(p, SIZE, 64 * SIZE);
	assert_non_null(p);
	assert_int_equal(p[0], 7);
	assert_int_equal(p[SIZE - 1], 7);
	assert_int_equal(zeroes(p + SIZE, 63 * SIZE), 63 * SIZE);
	pages_free(p, 64 * SIZE);
}

static void
new__of_more_than_there_can_be__is_null(void **state)
{
	uint8_t *p = pages_new(SIZE);

	(void)state;
	assert_null(pages_new(SIZE_MAX / 2));
	p[0] = 7;
	assert_null(pages_resize(p, SIZE, SIZE_MAX / 2));
	assert_int_equal(p[0], 7);
	pages_free(p, SIZE);
	pages_free(NULL, SIZE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(touch__a_part__its_pages_are_there_and_zero),
	    cmocka_unit_test(resize__of_filled_ones__keeps_their_bytes),
	    cmocka_unit_test(new__of_more_than_there_can_be__is_null),
	};

	return cmocka_run_group_tests_name("pages", tests, NULL, NULL);
}
