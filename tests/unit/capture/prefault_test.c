#include "capture/prefault.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "capture/pages.h"
#include "tests/unit/capture/resident.h"

#define SIZE (4 * PREFAULT_PIECE)
#define ENTRY 64
#define ENTRIES_A_PIECE (PREFAULT_PIECE / ENTRY)

struct rig {
	struct prefault p;
	uint8_t *table;
};

static int
setup(void **state)
{
	struct rig *r = calloc(1, sizeof *r);

	r->table = resident_none(SIZE);
	prefault_init(&r->p);
	prefault_table(&r->p, r->table, SIZE, ENTRY);
	*state = r;
	return 0;
}

static int
teardown(void **state)
{
	struct rig *r = *state;

	prefault_done(&r->p);
	if (r->table != NULL)
		munmap(r->table, SIZE);
	free(r);
	return 0;
}

static void
reach__a_few__one_piece_is_there(void **state)
{
	struct rig *r = *state;

	resident_or_skip();
	prefault_reach(&r->p, 3);
	assert_int_equal(
	    resident_pages(r->table, SIZE), PREFAULT_PIECE / RESIDENT_PAGE);
	prefault_reach(&r->p, ENTRIES_A_PIECE);
	assert_int_equal(
	    resident_pages(r->table, SIZE), PREFAULT_PIECE / RESIDENT_PAGE);
}

static void
reach__further_and_back__what_is_there_keeps_its_bytes(void **state)
{
	struct rig *r = *state;

	resident_or_skip();
	prefault_reach(&r->p, 1);
	r->table[0] = 7;
	r->table[3 * PREFAULT_PIECE - 1] = 8;
	prefault_reach(&r->p, 2 * ENTRIES_A_PIECE + 1);
	prefault_reach(&r->p, 1);
	assert_int_equal(
	    resident_pages(r->table, SIZE), 3 * PREFAULT_PIECE / RESIDENT_PAGE);
	assert_int_equal(r->table[0], 7);
	assert_int_equal(r->table[3 * PREFAULT_PIECE - 1], 8);
}

static void
reach__up_to_the_end__and_no_further(void **state)
{
	struct rig *r = *state;

	resident_or_skip();
	prefault_table(&r->p, r->table, SIZE - RESIDENT_PAGE - 1, ENTRY);
	prefault_reach(&r->p, SIZE / ENTRY);
	assert_int_equal(resident_pages(r->table, SIZE), 0);
	prefault_reach(&r->p, (SIZE - RESIDENT_PAGE - 1) / ENTRY);
	assert_int_equal(
	    resident_pages(r->table, SIZE), SIZE / RESIDENT_PAGE - 1);
}

static void
help__of_a_few__is_there_before_it_is_asked_for(void **state)
{
	struct rig *r = *state;
	size_t pieces = 0;

	resident_or_skip();
	prefault_reach(&r->p, 1);
	while (prefault_help(&r->p)) {
		pieces++;
		assert_int_equal(resident_pages(r->table, SIZE),
		    (1 + pieces) * PREFAULT_PIECE / RESIDENT_PAGE);
	}
	assert_int_equal(pieces, SIZE / PREFAULT_PIECE - 1);
}

/* What is not filled in the end was touched in vain. */
static void
help__far_ahead__is_not_given(void **state)
{
	enum { PIECES = 12 };
	struct rig *r = *state;
	uint8_t *table;
	size_t pieces = 0;

	resident_or_skip();
	table = pages_new(PIECES * PREFAULT_PIECE);
	prefault_table(&r->p, table, PIECES * PREFAULT_PIECE, ENTRY);
	while (prefault_help(&r->p))
		pieces++;
	assert_in_range(pieces, 1, PIECES / 2);
	prefault_reach(&r->p, (pieces + 1) * ENTRIES_A_PIECE);
	assert_true(prefault_help(&r->p));
	prefault_table(&r->p, NULL, 0, 0);
	assert_false(prefault_help(&r->p));
	pages_free(table, PIECES * PREFAULT_PIECE);
}

static void
reach__no_table_any_more__touches_nothing(void **state)
{
	struct rig *r = *state;

	prefault_table(&r->p, NULL, 0, 0);
	prefault_reach(&r->p, 1);
	assert_int_equal(resident_pages(r->table, SIZE), 0);
}

static void
reach__memory_that_is_gone__gives_up(void **state)
{
	struct rig *r = *state;

	assert_int_equal(munmap(r->table, SIZE), 0);
	r->table = NULL;
	prefault_reach(&r->p, 1);
	assert_null(r->p.table);
	assert_false(prefault_help(&r->p));
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(reach__a_few__one_piece_is_there),
	    TEST(reach__further_and_back__what_is_there_keeps_its_bytes),
	    TEST(reach__up_to_the_end__and_no_further),
	    TEST(help__of_a_few__is_there_before_it_is_asked_for),
	    TEST(help__far_ahead__is_not_given),
	    TEST(reach__no_table_any_more__touches_nothing),
	    TEST(reach__memory_that_is_gone__gives_up),
	};

	return cmocka_run_group_tests_name("prefault", tests, NULL, NULL);
}
