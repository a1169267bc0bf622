#include "tui/ranking.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static uint64_t
mix(uint64_t z)
{
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static void
make(struct ranking *r, uint32_t n, unsigned bits, bool reverse)
{
	ranking_begin(r, 1, 0, 0, reverse, reverse);
	for (uint32_t i = 0; i < n; i++)
		assert_true(ranking_add(r, mix(i + 1) >> (64 - bits), i));
	while (!ranking_sort(r))
		continue;
}

static void
ranking__keys_of_any_size__are_in_order_and_stable(void **state)
{
	struct ranking r;

	(void)state;
	ranking_init(&r);
	for (unsigned bits = 1; bits <= 64; bits += 7) {
		for (int reverse = 0; reverse < 2; reverse++) {
			make(&r, 3000, bits, reverse);
			assert_int_equal(r.count, 3000);
			for (size_t i = 1; i < r.count; i++) {
				const struct ranked *a = &r.rows[i - 1];
				const struct ranked *b = &r.rows[i];

				assert_true(
				    a->key < b->key ||
				    (a->key == b->key && a->id < b->id));
			}
			assert_int_equal(ranking_find(&r, r.rows[77].id), 77);
			assert_int_equal(ranking_find(&r, 3000), 3000);
		}
	}
	ranking_done(&r);
}

static void
ranking__empty__is_no_trouble(void **state)
{
	struct ranking r;

	(void)state;
	ranking_init(&r);
	make(&r, 0, 8, false);
	assert_int_equal(ranking_find(&r, 0), 0);
	ranking_done(&r);
}

static void
ranking__costly__is_not_made_for_every_change(void **state)
{
	struct ranking r;

	(void)state;
	ranking_init(&r);
	assert_true(ranking_stale(&r, 1, 0, 0, false));
	make(&r, 10, 8, false);
	assert_false(ranking_stale(&r, 1, 0, 0, false));
	assert_true(ranking_stale(&r, 1, 0, 0, true));
	assert_true(ranking_stale(&r, 1, 0, 1, false));
	r.cost_ns = 10 * 1000 * 1000;
	assert_false(ranking_stale(&r, 2, 199 * 1000 * 1000, 0, false));
	assert_true(ranking_stale(&r, 2, 200 * 1000 * 1000, 0, false));
	assert_true(ranking_stale(&r, 2, 0, 0, true));
	ranking_done(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		ranking__keys_of_any_size__are_in_order_and_stable),
	    cmocka_unit_test(ranking__empty__is_no_trouble),
	    cmocka_unit_test(ranking__costly__is_not_made_for_every_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
