#include "capture/idset.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define IDS 40000 /* ten blocks */

static uint64_t
roll(uint64_t *dice)
{
	*dice ^= *dice << 13;
	*dice ^= *dice >> 7;
	return *dice ^= *dice << 17;
}

/* The set says of every id what the plain array says. */
static void
assert_same(const struct idset *s, const bool *in)
{
	uint64_t rank = 0, before = 0;

	for (uint64_t id = 1; id < IDS; id++) {
		assert_int_equal(idset_has(s, id), in[id]);
		assert_int_equal(idset_rank(s, id), rank);
		assert_int_equal(idset_prev(s, id), before);
		if (!in[id])
			continue;
		assert_int_equal(idset_next(s, before), id);
		before = id;
		rank++;
	}
	assert_int_equal(idset_prev(s, 0), before);
	assert_int_equal(idset_next(s, before), 0);
	assert_int_equal(s->count, rank);
}

static void
idset__added_in_any_order__has_them_all(void **state)
{
	static bool in[IDS];

	(void)state;
	for (unsigned sparse = 1; sparse < 20000; sparse *= 7) {
		struct idset s = {0};
		uint64_t dice = sparse;

		memset(in, 0, sizeof in);
		for (unsigned i = 0; i < IDS / sparse; i++) {
			uint64_t id = roll(&dice) % (IDS - 1) + 1;

			assert_true(idset_add(&s, id));
			in[id] = true;
			id = roll(&dice) % (IDS - 1) + 1;
			idset_remove(&s, id);
			in[id] = false;
		}
		assert_same(&s, in);
		idset_done(&s);
	}
}

static void
idset__from_the_last_to_the_first__has_them_all(void **state)
{
	static bool in[IDS];
	struct idset s = {0};

	(void)state;
	for (uint64_t id = IDS - 1; id > 0;
	     id -= id % 3 + 1 < id ? id % 3 + 1 : id)
		in[id] = idset_add(&s, id);
	assert_same(&s, in);
	idset_done(&s);
}

static void
idset__forgotten_below__has_the_rest(void **state)
{
	static bool in[IDS];
	struct idset s = {0};

	(void)state;
	for (uint64_t id = 1; id < IDS; id += 3)
		in[id] = idset_add(&s, id);
	for (uint64_t first = 1; first < IDS + 5000; first += 1234) {
		idset_forget_below(&s, first);
		memset(in, 0, first < IDS ? first : IDS);
		assert_same(&s, in);
	}
	assert_int_equal(s.count, 0);
	idset_done(&s);
}

static void
idset__far_from_the_start__takes_little_memory(void **state)
{
	struct idset s = {0};
	uint64_t id = UINT64_C(1) << 60;

	(void)state;
	assert_true(idset_add(&s, id));
	assert_true(idset_add(&s, id + 5000));
	assert_int_equal(idset_next(&s, 0), id);
	assert_int_equal(idset_next(&s, id), id + 5000);
	assert_int_equal(idset_prev(&s, 0), id + 5000);
	assert_true(s.block_count < 10);
	idset_done(&s);
}

static void
idset__empty__has_nothing(void **state)
{
	struct idset s = {0};

	(void)state;
	assert_false(idset_has(&s, 1));
	assert_int_equal(idset_next(&s, 0), 0);
	assert_int_equal(idset_prev(&s, 0), 0);
	assert_int_equal(idset_rank(&s, 7), 0);
	idset_remove(&s, 7);
	idset_forget_below(&s, 7);
	idset_done(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(idset__added_in_any_order__has_them_all),
	    cmocka_unit_test(idset__from_the_last_to_the_first__has_them_all),
	    cmocka_unit_test(idset__forgotten_below__has_the_rest),
	    cmocka_unit_test(idset__far_from_the_start__takes_little_memory),
	    cmocka_unit_test(idset__empty__has_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
