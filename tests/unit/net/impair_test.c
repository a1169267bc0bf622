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

/* Losses in a row, and whether they are as many and as long as asked for. */
static void
decide__bursts__have_the_share_and_the_length_asked_for(void **state)
{
	const struct impair_rules rules = {
	    .seed = 4, .loss_ppm = 50000, .burst_milli = 4000};
	int lost = 0, bursts = 0;
	bool before = false;

	(void)state;
	for (uint64_t i = 0; i < 200000; i++) {
		struct impair_key k = {.seq = i * 1448, .slot = i};
		struct impair_fate f = impair_decide(&rules, &k);
		bool is = f.copies == 0;

		assert_int_equal(f.fate, is ? FATE_BURST : FATE_PASSED);
		lost += is;
		bursts += is && !before;
		before = is;
	}
	assert_in_range(lost, 9200, 10800);
	assert_in_range(lost * 100 / bursts, 370, 430);
}

/* Looked at in any order, the chain is the same. */
static void
decide__burst_looked_at_backwards__is_the_same(void **state)
{
	const struct impair_rules rules = {
	    .seed = 5, .loss_ppm = 200000, .burst_milli = 10000};
	uint8_t there[2000];

	(void)state;
	for (uint64_t i = 0; i < 2000; i++)
		there[i] =
		    impair_decide(&rules, &(struct impair_key){.slot = i})
			.copies;
	for (uint64_t i = 2000; i-- > 0;)
		assert_int_equal(there[i],
		    impair_decide(&rules, &(struct impair_key){.slot = i})
			.copies);
}

static void
decide__everything_lost_in_bursts__is_lost(void **state)
{
	const struct impair_rules rules = {
	    .loss_ppm = 1000000, .burst_milli = 1000};

	(void)state;
	for (uint64_t i = 0; i < 100; i++)
		assert_int_equal(
		    impair_decide(&rules, &(struct impair_key){.slot = i})
			.copies,
		    0);
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
	    cmocka_unit_test(
		decide__bursts__have_the_share_and_the_length_asked_for),
	    cmocka_unit_test(decide__burst_looked_at_backwards__is_the_same),
	    cmocka_unit_test(decide__everything_lost_in_bursts__is_lost),
	};

	return cmocka_run_group_tests_name("impair", tests, NULL, NULL);
}
