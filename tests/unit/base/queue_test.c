#include "net/base/queue.h"

#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define RECORDS 100000 /* of each of two producers */
#define WAKE_MS 10000

struct record {
	uint32_t producer, number;
};

struct producer {
	struct queue *q;
	uint32_t id, refused;
	bool (*push)(struct queue *, const void *);
	pthread_t thread;
};

static bool
readable(struct queue *q, int ms)
{
	struct pollfd fd = {.fd = queue_fd(q), .events = POLLIN};

	return poll(&fd, 1, ms) == 1;
}

static void
pop__gives_records_in_order_round_the_ring(void **state)
{
	struct queue *q = queue_new(sizeof(uint32_t), 3);
	uint32_t in = 0, out[3];

	(void)state;
	for (uint32_t round = 0; round < 10; round++) {
		for (int i = 0; i < 2; i++, in++)
			assert_true(queue_push(q, &in));
		assert_int_equal(queue_pop(q, out, 3), 2);
		assert_int_equal(out[0], 2 * round);
		assert_int_equal(out[1], 2 * round + 1);
	}
	assert_int_equal(queue_pop(q, out, 3), 0);
	queue_free(q);
}

static void
push__when_full__is_refused_and_counted(void **state)
{
	struct queue *q = queue_new(1, 2);
	char out[3] = "";

	(void)state;
	assert_true(queue_push(q, "a"));
	assert_true(queue_push(q, "b"));
	assert_false(queue_push(q, "c"));
	assert_false(queue_push(q, "d"));
	assert_int_equal(queue_lost(q), 2);
	assert_int_equal(queue_pop(q, out, 1), 1);
	assert_true(queue_push(q, "e"));
	assert_int_equal(queue_pop(q, out, 3), 2);
	assert_memory_equal(out, "be", 2);
	assert_int_equal(queue_lost(q), 2);
	queue_free(q);
}

static void
fd__is_readable_only_for_an_armed_reader(void **state)
{
	struct queue *q = queue_new(1, 8);
	char out[8];

	(void)state;
	assert_true(queue_push(q, "a"));
	assert_false(readable(q, 0)); /* nobody sleeps: no system call */
	assert_true(queue_arm(q)); /* waits already */
	assert_int_equal(queue_pop(q, out, 8), 1);
	assert_false(queue_arm(q));
	assert_false(readable(q, 0));
	assert_true(queue_push(q, "b"));
	assert_true(readable(q, 0));
	assert_true(queue_arm(q));
	assert_false(readable(q, 0));
	queue_free(q);
}

static void
wake__without_a_record__is_seen_once(void **state)
{
	struct queue *q = queue_new(1, 1);

	(void)state;
	queue_wake(q);
	assert_true(readable(q, 0));
	/* Emptying the eventfd must not swallow what it announced. */
	assert_true(queue_arm(q));
	assert_false(readable(q, 0));
	assert_false(queue_arm(q));
	queue_free(q);
}

static void *
produce(void *arg)
{
	struct producer *p = arg;

	for (uint32_t i = 0; i < RECORDS; i++)
		if (!p->push(p->q, &(struct record){p->id, i}))
			p->refused++;
	return NULL;
}

/* Sleep on the descriptor and pop until total records came or were lost. */
static uint32_t
consume(struct queue *q, uint32_t total)
{
	struct record out[64];
	uint32_t got = 0, next[2] = {0, 0};

	while (got + queue_lost(q) < total) {
		size_t n = queue_pop(q, out, 64);

		for (size_t i = 0; i < n; i++) {
			assert_true(out[i].producer < 2);
			assert_true(out[i].number >= next[out[i].producer]);
			next[out[i].producer] = out[i].number + 1;
		}
		got += (uint32_t)n;
		if (n > 0 || queue_arm(q))
			continue;
		/* A refused push leaves a full queue, so that it wakes us. */
		if (got + queue_lost(q) < total)
			assert_true(readable(q, WAKE_MS));
	}
	return got;
}

static void
run_two_producers(size_t capacity, bool (*push)(struct queue *, const void *))
{
	struct queue *q = queue_new(sizeof(struct record), capacity);
	struct producer p[2] = {
	    {.q = q, .id = 0, .push = push}, {.q = q, .id = 1, .push = push}};
	uint32_t got;

	for (int i = 0; i < 2; i++)
		assert_int_equal(
		    pthread_create(&p[i].thread, NULL, produce, &p[i]), 0);
	got = consume(q, 2 * RECORDS);
	for (int i = 0; i < 2; i++)
		pthread_join(p[i].thread, NULL);
	assert_int_equal(queue_lost(q), p[0].refused + p[1].refused);
	assert_int_equal(got + queue_lost(q), 2 * RECORDS);
	if (push == queue_push_wait)
		assert_int_equal(got, 2 * RECORDS);
	queue_free(q);
}

static void
producers__two__lose_no_record_and_no_wake_up(void **state)
{
	(void)state;
	run_two_producers(2 * RECORDS, queue_push);
}

static void
producers__faster_than_the_reader__every_record_is_got_or_counted(void **state)
{
	(void)state;
	run_two_producers(16, queue_push);
}

static void
producers__that_wait_for_room__lose_nothing(void **state)
{
	(void)state;
	run_two_producers(16, queue_push_wait);
}

static void *
push_until_closed(void *arg)
{
	struct producer *p = arg;
	uint32_t pushed = 0;

	while (queue_push_wait(p->q, &pushed))
		pushed++;
	p->refused = 1;
	return NULL;
}

static void
close__releases_a_writer_that_waits(void **state)
{
	struct queue *q = queue_new(sizeof(uint32_t), 1);
	struct producer p = {.q = q};
	uint32_t out;

	(void)state;
	assert_false(queue_arm(q));
	assert_int_equal(
	    pthread_create(&p.thread, NULL, push_until_closed, &p), 0);
	assert_true(readable(q, WAKE_MS));
	queue_close(q);
	pthread_join(p.thread, NULL);
	assert_int_equal(p.refused, 1);
	assert_false(queue_push(q, &out));
	/* What was in it can still be read. */
	assert_int_equal(queue_pop(q, &out, 1), 1);
	assert_int_equal(queue_pop(q, &out, 1), 0);
	queue_free(q);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pop__gives_records_in_order_round_the_ring),
	    cmocka_unit_test(push__when_full__is_refused_and_counted),
	    cmocka_unit_test(fd__is_readable_only_for_an_armed_reader),
	    cmocka_unit_test(wake__without_a_record__is_seen_once),
	    cmocka_unit_test(producers__two__lose_no_record_and_no_wake_up),
	    cmocka_unit_test(
		producers__faster_than_the_reader__every_record_is_got_or_counted),
	    cmocka_unit_test(producers__that_wait_for_room__lose_nothing),
	    cmocka_unit_test(close__releases_a_writer_that_waits),
	};

	return cmocka_run_group_tests_name("queue", tests, NULL, NULL);
}
