#include "capture/prefault.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "capture/batch.h"
#include "tests/unit/capture/gather.h"
#include "tests/unit/capture/pages.h"

#define PAGE 4096
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

	r->table = pages_new(SIZE);
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

	pages_or_skip();
	prefault_reach(&r->p, 3);
	assert_int_equal(pages_there(r->table, SIZE), PREFAULT_PIECE / PAGE);
	prefault_reach(&r->p, ENTRIES_A_PIECE);
	assert_int_equal(pages_there(r->table, SIZE), PREFAULT_PIECE / PAGE);
}

static void
reach__further_and_back__what_is_there_keeps_its_bytes(void **state)
{
	struct rig *r = *state;

	pages_or_skip();
	prefault_reach(&r->p, 1);
	r->table[0] = 7;
	r->table[3 * PREFAULT_PIECE - 1] = 8;
	prefault_reach(&r->p, 2 * ENTRIES_A_PIECE + 1);
	prefault_reach(&r->p, 1);
	assert_int_equal(
	    pages_there(r->table, SIZE), 3 * PREFAULT_PIECE / PAGE);
	assert_int_equal(r->table[0], 7);
	assert_int_equal(r->table[3 * PREFAULT_PIECE - 1], 8);
}

static void
reach__up_to_the_end__and_no_further(void **state)
{
	struct rig *r = *state;

	pages_or_skip();
	prefault_table(&r->p, r->table, SIZE - PAGE - 1, ENTRY);
	prefault_reach(&r->p, SIZE / ENTRY);
	assert_int_equal(pages_there(r->table, SIZE), 0);
	prefault_reach(&r->p, (SIZE - PAGE - 1) / ENTRY);
	assert_int_equal(pages_there(r->table, SIZE), SIZE / PAGE - 1);
}

static void
reach__no_table_any_more__touches_nothing(void **state)
{
	struct rig *r = *state;

	prefault_table(&r->p, NULL, 0, 0);
	prefault_reach(&r->p, 1);
	assert_int_equal(pages_there(r->table, SIZE), 0);
}

static void
reach__memory_that_is_gone__gives_up(void **state)
{
	struct rig *r = *state;

	assert_int_equal(munmap(r->table, SIZE), 0);
	r->table = NULL;
	prefault_reach(&r->p, 1);
	assert_null(r->p.table);
}

/* A file of so many packets, open to be read once more. */
static int
write_capture(uint32_t packets)
{
	const uint32_t header[6] = {0xa1b2c3d4, 2 | 4 << 16, 0, 0, 65535, 1};
	int fd = memfd_create("capture", MFD_CLOEXEC);
	FILE *out = fdopen(dup(fd), "w");

	assert_non_null(out);
	assert_int_equal(fwrite(header, sizeof header, 1, out), 1);
	for (uint32_t i = 0; i < packets; i++) {
		const uint32_t record[8] = {i, 0, 16, 16};

		assert_int_equal(fwrite(record, sizeof record, 1, out), 1);
	}
	assert_int_equal(fclose(out), 0);
	return fd;
}

/* More of them than wait in the queue, so that it goes on with the table. */
static void
file__read_on__a_table_of_its_packets_is_made_ready(void **state)
{
	enum { BATCHES = 14 };
	struct rig *r = *state;
	struct source_status st;
	struct gather *g;
	struct prefault *p;
	struct source *s;
	char path[64];
	int fd;

	pages_or_skip();
	g = gather_new();
	fd = write_capture(BATCHES * BATCH_PACKETS);
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	assert_int_equal(source_open_file(path, NULL, &s, NULL), 0);
	gather_count(g, s, 1);
	p = mapping_prefault(g->batches[0]->home);
	prefault_table(p, r->table, SIZE, ENTRY);
	gather_all(g, s, &st);
	assert_int_equal(g->count, BATCHES * BATCH_PACKETS);
	prefault_table(p, NULL, 0, 0);
	assert_true(pages_there(r->table, SIZE) >=
		    g->count / ENTRIES_A_PIECE * PREFAULT_PIECE / PAGE);
	source_close(s);
	gather_free(g);
	close(fd);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(reach__a_few__one_piece_is_there),
	    TEST(reach__further_and_back__what_is_there_keeps_its_bytes),
	    TEST(reach__up_to_the_end__and_no_further),
	    TEST(reach__no_table_any_more__touches_nothing),
	    TEST(reach__memory_that_is_gone__gives_up),
	    TEST(file__read_on__a_table_of_its_packets_is_made_ready),
	};

	return cmocka_run_group_tests_name("prefault", tests, NULL, NULL);
}
