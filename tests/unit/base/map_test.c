#include "net/base/map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A fixed sequence, so that a failure repeats. */
static uint32_t
next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

static void
get__of_what_was_never_put__leaves_the_value(void **state)
{
	struct map *m = map_new(4);
	uint32_t key = 1, value = 77;

	(void)state;
	assert_false(map_get(m, &key, &value));
	assert_int_equal(value, 77);
	assert_false(map_del(m, &key));
	assert_int_equal(map_count(m), 0);
	map_free(m);
}

static void
put__same_key_twice__replaces(void **state)
{
	struct map *m = map_new(6);
	uint32_t value;

	(void)state;
	assert_int_equal(map_put(m, "abcdef", 1), 0);
	assert_int_equal(map_put(m, "abcdef", 2), 0);
	assert_int_equal(map_put(m, "abcdeg", 3), 0);
	assert_int_equal(map_count(m), 2);
	assert_true(map_get(m, "abcdef", &value));
	assert_int_equal(value, 2);
	map_free(m);
}

static void
clear__forgets_all_and_can_be_filled_again(void **state)
{
	struct map *m = map_new(4);
	uint32_t value;

	(void)state;
	for (uint32_t i = 0; i < 100; i++)
		assert_int_equal(map_put(m, &i, i), 0);
	map_clear(m);
	assert_int_equal(map_count(m), 0);
	for (uint32_t i = 0; i < 100; i++)
		assert_false(map_get(m, &i, &value));
	for (uint32_t i = 0; i < 100; i++)
		assert_int_equal(map_put(m, &i, i + 1), 0);
	assert_int_equal(map_count(m), 100);
	map_free(m);
}

/*
 * Random puts and deletes against an array. Keys are few and the load swings
 * between full and empty, so that clusters form, wrap round and lose their
 * middles.
 */
static void
random__operations__agree_with_an_array(void **state)
{
	enum { KEYS = 400 };
	struct map *m = map_new(2);
	uint32_t seed = 1, value;
	int64_t model[KEYS];
	size_t count = 0;

	(void)state;
	memset(model, -1, sizeof model);
	for (uint32_t step = 0; step < 40000; step++) {
		uint16_t key = (uint16_t)(next_random(&seed) % KEYS);
		bool filling = step / 2000 % 2 == 0;
		bool put = next_random(&seed) % 8 < (filling ? 6 : 2);

		if (put) {
			count += model[key] < 0;
			model[key] = step;
			assert_int_equal(map_put(m, &key, step), 0);
		} else {
			count -= model[key] >= 0;
			assert_int_equal(map_del(m, &key), model[key] >= 0);
			model[key] = -1;
		}
		if (step % 16 != 0)
			continue;
		assert_int_equal(map_count(m), count);
		for (uint16_t k = 0; k < KEYS; k++) {
			bool there = map_get(m, &k, &value);

			assert_int_equal(there, model[k] >= 0);
			if (there)
				assert_int_equal(value, model[k]);
		}
	}
	map_free(m);
}

static void
grow__to_many_keys__keeps_every_one(void **state)
{
	struct map *m = map_new(8);
	uint32_t value;

	(void)state;
	for (uint64_t k = 0; k < 50000; k++) {
		uint64_t key = k << 32; /* only high bits differ */

		assert_int_equal(map_put(m, &key, (uint32_t)k), 0);
	}
	assert_int_equal(map_count(m), 50000);
	for (uint64_t k = 0; k < 50000; k++) {
		uint64_t key = k << 32;

		assert_true(map_get(m, &key, &value));
		assert_int_equal(value, k);
	}
	map_free(m);
}

static void
hash__is_fnv_1a(void **state)
{
	/* Test vectors of the authors, isthe.com/chongo/tech/comp/fnv. */
	(void)state;
	assert_true(map_hash("", 0) == UINT64_C(0xcbf29ce484222325));
	assert_true(map_hash("a", 1) == UINT64_C(0xaf63dc4c8601ec8c));
	assert_true(map_hash("foobar", 6) == UINT64_C(0x85944171f73967e8));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(get__of_what_was_never_put__leaves_the_value),
	    cmocka_unit_test(put__same_key_twice__replaces),
	    cmocka_unit_test(clear__forgets_all_and_can_be_filled_again),
	    cmocka_unit_test(random__operations__agree_with_an_array),
	    cmocka_unit_test(grow__to_many_keys__keeps_every_one),
	    cmocka_unit_test(hash__is_fnv_1a),
	};

	return cmocka_run_group_tests_name("map", tests, NULL, NULL);
}
