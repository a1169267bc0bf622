#include "capture/batch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

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

static void
add__copies_the_bytes_into_the_batch(void **state)
{
	struct batch *b = batch_new(pool, NULL);
	uint8_t mine[4] = {1, 2, 3, 4};
	struct packet p = packet_of(4);

	(void)state;
	p.data = mine;
	assert_true(batch_add(b, &p, 0));
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
	assert_true(batch_add(b, &p, 0));
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
		assert_true(batch_add(b, &p, 0));
	assert_false(batch_add(b, &p, 0));
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
	assert_true(batch_add(b, &one, 0));
	assert_false(batch_add(b, &whole, 0));
	assert_true(batch_add(b, &rest, 0));
	assert_false(batch_add(b, &one, 0));
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
	assert_true(batch_add(b, &p, 0));
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
	};

	return cmocka_run_group_tests_name(
	    "batch", tests, make_pool, free_pool);
}
