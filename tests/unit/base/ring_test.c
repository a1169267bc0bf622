#include "net/base/ring.h"

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define RECORDS 100000 /* of each of two writers */
#define SMALL 1024 /* 16 cells */
#define LEN_MAX 200

/* A record that tells how long it is and is filled with one byte. */
struct record {
	uint32_t writer, number, len;
	uint8_t fill[LEN_MAX];
};

static bool
put(struct ring *r, uint32_t writer, uint32_t number)
{
	uint32_t len = number * 37 % (LEN_MAX + 1);
	struct record *rec =
	    ring_reserve(r, offsetof(struct record, fill) + len);

	if (rec == NULL)
		return false;
	rec->writer = writer;
	rec->number = number;
	rec->len = len;
	memset(rec->fill, (int)(number & 0xff), len);
	ring_commit(rec);
	return true;
}

/* False: none there. A record that came damaged fails the test. */
static bool
take(struct ring *r, struct record *ret)
{
	const struct record *rec = ring_peek(r);

	if (rec == NULL)
		return false;
	memcpy(ret, rec, offsetof(struct record, fill));
	assert_int_equal(ret->len, ret->number * 37 % (LEN_MAX + 1));
	for (uint32_t i = 0; i < ret->len; i++)
		if (rec->fill[i] != (ret->number & 0xff))
			fail_msg("record %u is damaged", ret->number);
	ring_drop(r);
	return true;
}

static void
peek__lengths_of_every_kind__come_in_order_round_the_ring(void **state)
{
	struct ring *r = ring_new(SMALL);
	struct record rec;
	uint32_t out = 0;

	(void)state;
	for (uint32_t in = 0; in < 3000; in += 2) {
		assert_true(put(r, 0, in));
		assert_true(put(r, 0, in + 1));
		while (take(r, &rec))
			assert_int_equal(rec.number, out++);
	}
	assert_int_equal(out, 3000);
	assert_int_equal(ring_lost(r), 0);
	ring_free(r);
}

static void
reserve__when_full__is_refused_and_counted(void **state)
{
	struct ring *r = ring_new(SMALL);
	struct record rec;
	uint32_t in = 0, out = 0;

	(void)state;
	while (put(r, 0, in))
		in++;
	assert_int_equal(ring_lost(r), 1);
	assert_null(ring_reserve(r, SMALL));
	assert_int_equal(ring_lost(r), 2);
	while (take(r, &rec))
		out++;
	assert_int_equal(out, in);
	assert_true(put(r, 0, 5));
	ring_free(r);
}

static void
peek__uncommitted_record__holds_back_what_follows(void **state)
{
	struct ring *r = ring_new(SMALL);
	struct record rec, *slow = ring_reserve(r, sizeof *slow);

	(void)state;
	assert_true(put(r, 0, 1));
	assert_null(ring_peek(r));
	*slow = (struct record){.number = 0};
	ring_commit(slow);
	assert_true(take(r, &rec));
	assert_int_equal(rec.number, 0);
	assert_true(take(r, &rec));
	assert_int_equal(rec.number, 1);
	ring_free(r);
}

struct writer {
	struct ring *r;
	uint32_t id, refused;
	pthread_t thread;
};

static void *
write_all(void *arg)
{
	struct writer *w = arg;

	for (uint32_t i = 0; i < RECORDS; i++)
		if (!put(w->r, w->id, i)) {
			w->refused++;
			sched_yield();
		}
	return NULL;
}

static void
run_two_writers(size_t size)
{
	struct ring *r = ring_new(size);
	struct writer w[2] = {{.r = r, .id = 0}, {.r = r, .id = 1}};
	uint32_t next[2] = {0, 0}, got = 0;
	struct record rec;

	for (int i = 0; i < 2; i++)
		assert_int_equal(
		    pthread_create(&w[i].thread, NULL, write_all, &w[i]), 0);
	while (got + ring_lost(r) < 2 * RECORDS) {
		if (!take(r, &rec)) {
			sched_yield();
			continue;
		}
		assert_true(rec.writer < 2);
		assert_true(rec.number >= next[rec.writer]);
		next[rec.writer] = rec.number + 1;
		got++;
	}
	for (int i = 0; i < 2; i++)
		pthread_join(w[i].thread, NULL);
	assert_false(take(r, &rec));
	assert_int_equal(ring_lost(r), w[0].refused + w[1].refused);
	ring_free(r);
}

static void
writers__two__every_record_is_got_or_counted(void **state)
{
	(void)state;
	run_two_writers(SMALL);
	run_two_writers(64 * SMALL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		peek__lengths_of_every_kind__come_in_order_round_the_ring),
	    cmocka_unit_test(reserve__when_full__is_refused_and_counted),
	    cmocka_unit_test(peek__uncommitted_record__holds_back_what_follows),
	    cmocka_unit_test(writers__two__every_record_is_got_or_counted),
	};

	return cmocka_run_group_tests_name("ring", tests, NULL, NULL);
}
