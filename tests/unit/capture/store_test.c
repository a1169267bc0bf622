#include "capture/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MODEL_MAX 20000

/* What a packet of this number must hold, at any length. */
static void
fill(uint8_t *bytes, size_t n, uint64_t number)
{
	for (size_t i = 0; i < n; i++)
		bytes[i] = (uint8_t)(number * 31 + i);
}

static struct frame *
add(struct store *s, uint64_t number, uint32_t len)
{
	static uint8_t bytes[100000];
	struct packet p = {
	    .ts_ns = (int64_t)number,
	    .cap_len = len,
	    .wire_len = len,
	    .link_type = LINK_ETHERNET,
	    .data = bytes,
	};

	fill(bytes, len, number);
	return store_add(s, &p);
}

static void
assert_frame(const struct store *s, uint64_t id, uint64_t number, uint32_t len)
{
	static uint8_t expected[100000];
	const struct frame *f = store_get(s, id);

	assert_non_null(f);
	assert_int_equal(f->id, id);
	assert_int_equal(f->packet.ts_ns, number);
	assert_int_equal(f->packet.cap_len, len);
	fill(expected, len, number);
	assert_memory_equal(f->packet.data, expected, len);
}

static void
new__empty__holds_nothing(void **state)
{
	struct store *s = store_new(1 << 20);

	(void)state;
	assert_int_equal(store_first(s), store_next(s));
	assert_null(store_get(s, 0));
	assert_null(store_get(s, 1));
	assert_int_equal(store_bytes(s), 0);
	assert_int_equal(store_budget(s), 1 << 20);
	store_free(s);
	store_free(NULL);
}

static void
add__first__has_id_1_and_no_flow(void **state)
{
	struct store *s = store_new(1 << 20);
	struct frame *f = add(s, 7, 60);

	(void)state;
	assert_int_equal(f->id, 1);
	assert_int_equal(f->flow, 0);
	assert_frame(s, 1, 7, 60);
	assert_null(store_get(s, 2));
	store_free(s);
}

static void
add__larger_than_the_budget__is_refused_and_evicts_nothing(void **state)
{
	struct store *s = store_new(4096);

	(void)state;
	assert_non_null(add(s, 1, 100));
	assert_null(add(s, 2, 4096));
	assert_frame(s, 1, 1, 100);
	assert_non_null(add(s, 3, 100));
	assert_frame(s, 2, 3, 100);
	store_free(s);
}

static void
add__budget_too_small_for_any__is_refused(void **state)
{
	(void)state;
	for (size_t budget = 0; budget < sizeof(struct frame); budget += 8) {
		struct store *s = store_new(budget);

		assert_null(add(s, 1, 0));
		store_free(s);
	}
}

/*
 * Random packets into tiny budgets. Whatever the layout is, the frames held are
 * the newest ones, unchanged; they are within the budget; and they use all of it
 * but for the hole before the oldest and the end of the arena, each shorter than
 * the longest record, and 1/32 of index that long records leave unused.
 */
static void
add__random_lengths__keeps_the_newest_within_the_budget(void **state)
{
	static uint32_t len[MODEL_MAX + 1];
	unsigned seed = 1;

	(void)state;
	for (size_t budget = 600; budget < 9000; budget += 413) {
		struct store *s = store_new(budget);
		uint32_t longest = (uint32_t)budget / 6;
		size_t record = sizeof(struct frame) + longest + 8;
		uint64_t held;

		for (uint64_t id = 1; id <= MODEL_MAX / 10; id++) {
			bool empty = rand_r(&seed) % 4 == 0;

			len[id] = empty ? 0 : (uint32_t)rand_r(&seed) % longest;
			if (add(s, id, len[id]) == NULL) {
				id--;
				continue;
			}
			assert_int_equal(store_next(s), id + 1);
			assert_true(store_bytes(s) <= budget);
			held = store_first(s);
			if (held > 1)
				assert_true(store_bytes(s) + 2 * record +
						budget / 32 + 8 >=
					    budget);
			assert_true(held <= id);
			assert_null(store_get(s, held - 1));
			for (; held <= id; held++)
				assert_frame(s, held, held, len[held]);
		}
		store_free(s);
	}
}

static void
add__equal_records__fills_the_budget(void **state)
{
	enum { RECORDS = 16 };
	size_t record = sizeof(struct frame) + 64;
	struct store *s;

	(void)state;
	/* Room for these and less than one more, beside the index. */
	s = store_new(RECORDS * (record + sizeof(uint32_t) + 2) + 64);
	for (uint64_t id = 1; id <= 1000; id++) {
		assert_non_null(add(s, id, 64));
		if (id >= RECORDS)
			assert_int_equal(
			    store_next(s) - store_first(s), RECORDS);
		for (uint64_t i = store_first(s); i <= id; i++)
			assert_frame(s, i, i, 64);
	}
	store_free(s);
}

static void
purpose_name__each__is_a_word(void **state)
{
	(void)state;
	for (int p = 0; p < PURPOSE_COUNT; p++)
		assert_true(strlen(purpose_name((enum purpose)p)) > 2);
	assert_string_equal(purpose_name(PURPOSE_ACK), "pure ACK");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(new__empty__holds_nothing),
	    cmocka_unit_test(add__first__has_id_1_and_no_flow),
	    cmocka_unit_test(
		add__larger_than_the_budget__is_refused_and_evicts_nothing),
	    cmocka_unit_test(add__budget_too_small_for_any__is_refused),
	    cmocka_unit_test(
		add__random_lengths__keeps_the_newest_within_the_budget),
	    cmocka_unit_test(add__equal_records__fills_the_budget),
	    cmocka_unit_test(purpose_name__each__is_a_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
