#include "capture/batch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

static uint8_t bytes[BATCH_BYTES];
static struct batch_pool *pool;

static struct packet
packet_of(uint32_t len)
{
	return (struct packet){.ts_ns = 5,
	    .cap_len = len,
	    .wire_len = len + 1,
	    .link_type = 101,
	    .iface = 2,
	    .data = bytes};
}

static bool
add(struct batch *b, const struct packet *p)
{
	struct packet *slot = batch_slot(b);

	if (slot == NULL)
		return false;
	*slot = *p;
	return batch_take(b);
}

static void
add__copies_the_bytes_into_the_batch(void **state)
{
	struct batch *b = batch_new(pool, NULL);
	uint8_t mine[4] = {1, 2, 3, 4};
	struct packet p = packet_of(4);

	(void)state;
	p.data = mine;
	assert_true(add(b, &p));
	mine[0] = 9;
	assert_int_equal(b->count, 1);
	assert_memory_equal(b->packets[0].data, "\1\2\3\4", 4);
	assert_true(b->packets[0].data >= b->bytes);
	assert_int_equal(b->packets[0].ts_ns, 5);
	assert_int_equal(b->packets[0].wire_len, 5);
	assert_int_equal(b->packets[0].link_type, 101);
	assert_int_equal(b->packets[0].iface, 2);
	batch_free(b);
}

static void
add__of_no_bytes__takes_a_record(void **state)
{
	struct batch *b = batch_new(pool, NULL);
	struct packet p = packet_of(0);

	(void)state;
	assert_true(add(b, &p));
	assert_int_equal(b->count, 1);
	assert_int_equal(b->used, 0);
	batch_free(b);
}

static void
add__until_records_run_out__then_refuses(void **state)
{
	struct batch *b = batch_new(pool, NULL);
	struct packet p = packet_of(1);

	(void)state;
	for (int i = 0; i < BATCH_PACKETS; i++)
		assert_true(add(b, &p));
	assert_false(add(b, &p));
	assert_int_equal(b->count, BATCH_PACKETS);
	batch_free(b);
}

static void
add__until_bytes_run_out__then_refuses(void **state)
{
	struct batch *b = batch_new(pool, NULL);
	struct packet whole = packet_of(BATCH_BYTES), one = packet_of(1);
	struct packet rest = packet_of(BATCH_BYTES - 1);

	(void)state;
	assert_true(add(b, &one));
	assert_false(add(b, &whole));
	assert_true(add(b, &rest));
	assert_false(add(b, &one));
	assert_int_equal(b->count, 2);
	assert_int_equal(b->used, BATCH_BYTES);
	batch_free(b);
}

static void
free__then_new__is_the_same_one_and_empty(void **state)
{
	struct batch *b = batch_new(pool, NULL), *again;
	struct packet p = packet_of(1);

	(void)state;
	assert_true(add(b, &p));
	batch_free(b);
	again = batch_new(pool, NULL);
	assert_ptr_equal(again, b);
	assert_int_equal(again->count, 0);
	assert_int_equal(again->used, 0);
	batch_free(again);
}

static void
free__after_the_pool__gives_all_back(void **state)
{
	struct batch_pool *own = batch_pool_new();
	struct batch *b[BATCH_POOL_MAX + 2];

	(void)state;
	for (size_t i = 0; i < BATCH_POOL_MAX + 2; i++)
		b[i] = batch_new(own, NULL);
	batch_free(b[0]);
	batch_pool_free(own);
	for (size_t i = 1; i < BATCH_POOL_MAX + 2; i++)
		batch_free(b[i]);
}

/*
 * Four packets of 10 bytes each, the last at the file's end; it is cut to size:
 * those that are wholly in it are left.
 */
static void
assert_left(size_t size, uint32_t left)
{
	int fd = memfd_create("batch_test", MFD_CLOEXEC);
	struct mapping *home;
	struct batch *b;

	assert_int_equal(ftruncate(fd, 100), 0);
	assert_int_equal(mapping_new(fd, &home), 0);
	b = batch_new(pool, home);
	for (size_t i = 0; i < 4; i++) {
		struct packet p = packet_of(10);

		p.data = mapping_bytes(home) + 15 + 25 * i;
		assert_true(add(b, &p));
		assert_ptr_equal(b->packets[i].data, p.data);
	}
	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	assert_int_equal(batch_seal(b), size >= 100);
	assert_int_equal(b->count, left);
	batch_free(b);
	mapping_unref(home);
	close(fd);
}

static void
seal__home_was_cut__drops_what_is_not_in_it(void **state)
{
	(void)state;
	assert_left(200, 4);
	assert_left(100, 4);
	assert_left(99, 3);
	assert_left(75, 3);
	assert_left(74, 2);
	assert_left(25, 1);
	assert_left(24, 0);
	assert_left(0, 0);
}

/* Records of zeroes, which are packets without bytes, lie there too. */
static void
seal__empty_packets_behind_the_end__are_dropped(void **state)
{
	int fd = memfd_create("batch_test", MFD_CLOEXEC);
	struct packet p = packet_of(0);
	struct mapping *home;
	struct batch *b;

	(void)state;
	assert_int_equal(ftruncate(fd, 100), 0);
	assert_int_equal(mapping_new(fd, &home), 0);
	b = batch_new(pool, home);
	for (size_t i = 0; i < 6; i++) {
		p.data = mapping_bytes(home) + 16 * (i + 1);
		assert_true(add(b, &p));
	}
	assert_true(batch_seal(b));
	assert_int_equal(b->count, 6);
	assert_int_equal(ftruncate(fd, 32), 0);
	assert_false(batch_seal(b));
	assert_int_equal(b->count, 2);
	batch_free(b);
	mapping_unref(home);
	close(fd);
}

static int
make_pool(void **state)
{
	(void)state;
	pool = batch_pool_new();
	return pool == NULL;
}

static int
free_pool(void **state)
{
	(void)state;
	batch_pool_free(pool);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(add__copies_the_bytes_into_the_batch),
	    cmocka_unit_test(add__of_no_bytes__takes_a_record),
	    cmocka_unit_test(add__until_records_run_out__then_refuses),
	    cmocka_unit_test(add__until_bytes_run_out__then_refuses),
	    cmocka_unit_test(free__then_new__is_the_same_one_and_empty),
	    cmocka_unit_test(free__after_the_pool__gives_all_back),
	    cmocka_unit_test(seal__home_was_cut__drops_what_is_not_in_it),
	    cmocka_unit_test(seal__empty_packets_behind_the_end__are_dropped),
	};

	return cmocka_run_group_tests_name(
	    "batch", tests, make_pool, free_pool);
}
