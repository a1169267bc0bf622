#include "net/impair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MS INT64_C(1000000)

static struct impair_key
key(uint64_t seq, uint32_t nth)
{
	return (struct impair_key){.seq = seq, .nth = nth};
}

static void
decide__same_key__gives_the_same_fate(void **state)
{
	const struct impair_rules rules = {.seed = 3,
	    .loss_ppm = 200000,
	    .duplicate_ppm = 300000,
	    .reorder_ppm = 100000,
	    .delay_ns = MS,
	    .jitter_ns = MS,
	    .reorder_ns = 5 * MS};

	(void)state;
	for (uint64_t i = 0; i < 1000; i++) {
		struct impair_key k = key(i, (uint32_t)(i % 3));
		struct impair_fate a = impair_decide(&rules, &k),
				   b = impair_decide(&rules, &k);

		assert_int_equal(a.copies, b.copies);
		for (unsigned c = 0; c < a.copies; c++)
			assert_true(a.delay_ns[c] == b.delay_ns[c]);
	}
}

/* What a lesson promises: these very datagrams, on every machine. */
static void
decide__seed_1_at_30_percent__loses_the_known_ones(void **state)
{
	const struct impair_rules rules = {.seed = 1, .loss_ppm = 300000};
	char got[41] = "";

	(void)state;
	for (uint64_t i = 0; i < 40; i++) {
		struct impair_key k = key(i, 0);

		got[i] = impair_decide(&rules, &k).copies == 0 ? 'x' : '.';
	}
	assert_string_equal(got, ".x..xxx.........x.........xx...xx.......");
}

static void
decide__rates__are_those_of_the_rules(void **state)
{
	const struct impair_rules rules = {.seed = 9,
	    .loss_ppm = 300000,
	    .duplicate_ppm = 100000,
	    .reorder_ppm = 250000,
	    .delay_ns = 10 * MS,
	    .jitter_ns = 2 * MS,
	    .reorder_ns = 50 * MS};
	int lost = 0, twice = 0, late = 0, copies = 0;

	(void)state;
	for (uint64_t i = 0; i < 100000; i++) {
		struct impair_key k = key(i, 0);
		struct impair_fate f = impair_decide(&rules, &k);

		lost += f.copies == 0;
		twice += f.copies == 2;
		for (unsigned c = 0; c < f.copies; c++) {
			copies++;
			assert_true(f.delay_ns[c] >= 10 * MS);
			assert_true(f.delay_ns[c] <= 62 * MS);
			late += f.delay_ns[c] > 12 * MS;
		}
	}
	assert_in_range(lost, 29500, 30500);
	assert_in_range(twice, 6700, 7300);
	assert_in_range(late, copies / 4 - 800, copies / 4 + 800);
}

static void
decide__another_direction_seed_or_time__is_another_draw(void **state)
{
	const struct impair_rules one = {.seed = 1, .loss_ppm = 500000};
	const struct impair_rules two = {.seed = 2, .loss_ppm = 500000};
	int differ[3] = {0};

	(void)state;
	for (uint64_t i = 0; i < 1000; i++) {
		struct impair_key k = key(i, 0), way = key(i, 0),
				  again = key(i, 1);
		uint8_t base = impair_decide(&one, &k).copies;

		way.direction = 1;
		differ[0] += impair_decide(&one, &way).copies != base;
		differ[1] += impair_decide(&one, &again).copies != base;
		differ[2] += impair_decide(&two, &k).copies != base;
	}
	for (int i = 0; i < 3; i++)
		assert_in_range(differ[i], 400, 600);
}

static void
nth__counts_each_number_for_itself(void **state)
{
	struct impair_seen *s = calloc(1, sizeof *s);

	(void)state;
	assert_non_null(s);
	for (uint32_t round = 0; round < 5; round++)
		for (uint64_t seq = 0; seq < 512; seq++) {
			assert_int_equal(impair_nth(s, seq), round);
			assert_int_equal(
			    impair_nth(s, seq | UINT64_C(4) << 32), round);
		}
	/* a long flow: each number new, once */
	for (uint64_t seq = 1000; seq < 100000; seq++)
		assert_int_equal(impair_nth(s, seq), 0);
	free(s);
}

static void
pop__without_rules__is_the_order_of_push(void **state)
{
	const struct impair_rules rules = {0};
	struct impair *im = impair_new(&rules);
	char buf[8];

	(void)state;
	assert_int_equal(impair_pop(im, 1, buf, sizeof buf), -EAGAIN);
	assert_true(impair_deadline(im) == IMPAIR_NEVER);
	for (uint64_t i = 0; i < 1000; i++) {
		struct impair_key k = key(i, 0);

		impair_push(im, &k, &i, sizeof i, 5);
	}
	assert_int_equal(impair_deadline(im), 5);
	for (uint64_t i = 0; i < 1000; i++) {
		uint64_t got;

		assert_int_equal(impair_pop(im, 5, &got, sizeof got), 8);
		assert_true(got == i);
	}
	assert_int_equal(impair_stats(im).held, 0);
	assert_int_equal(impair_stats(im).popped, 1000);
	impair_free(im);
}

static void
pop__before_it_is_due__gives_nothing(void **state)
{
	const struct impair_rules rules = {.delay_ns = 20 * MS};
	struct impair_key k = key(1, 0);
	struct impair *im = impair_new(&rules);
	char buf[2];

	(void)state;
	impair_push(im, &k, "abc", 3, MS);
	assert_int_equal(impair_deadline(im), 21 * MS);
	assert_int_equal(impair_pop(im, 21 * MS - 1, buf, 2), -EAGAIN);
	/* a longer one is cut, and its length told */
	assert_int_equal(impair_pop(im, 21 * MS, buf, 2), 3);
	assert_memory_equal(buf, "ab", 2);
	impair_push(im, &k, "", 0, MS);
	assert_int_equal(impair_pop(im, INT64_MAX, buf, 2), 0);
	impair_push(im, &k, "left over", 9, MS);
	impair_free(im);
}

static void
push__past_the_bounds__loses_and_counts(void **state)
{
	const struct impair_rules rules = {.delay_ns = MS};
	struct impair *im = impair_new(&rules);
	struct impair_key k = key(1, 0);
	char buf[1];

	(void)state;
	for (int i = 0; i < IMPAIR_HELD + 10; i++)
		impair_push(im, &k, "x", 1, i);
	assert_int_equal(impair_stats(im).overflowed, 10);
	assert_int_equal(impair_stats(im).held, IMPAIR_HELD);
	for (int i = 0; i < IMPAIR_HELD; i++) {
		assert_int_equal(impair_deadline(im), MS + i);
		assert_int_equal(impair_pop(im, INT64_MAX, buf, 1), 1);
	}
	impair_free(im);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(decide__same_key__gives_the_same_fate),
	    cmocka_unit_test(
		decide__seed_1_at_30_percent__loses_the_known_ones),
	    cmocka_unit_test(decide__rates__are_those_of_the_rules),
	    cmocka_unit_test(
		decide__another_direction_seed_or_time__is_another_draw),
	    cmocka_unit_test(nth__counts_each_number_for_itself),
	    cmocka_unit_test(pop__without_rules__is_the_order_of_push),
	    cmocka_unit_test(pop__before_it_is_due__gives_nothing),
	    cmocka_unit_test(push__past_the_bounds__loses_and_counts),
	};

	return cmocka_run_group_tests_name("impair", tests, NULL, NULL);
}
