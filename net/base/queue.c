#include "net/base/queue.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "net/base/wake.h"

struct queue {
	pthread_mutex_t lock;
	pthread_cond_t room;
	size_t record_size, capacity;
	size_t head, count; /* oldest record, records waiting */
	uint64_t lost;
	bool closed;
	struct wake wake;
	uint8_t ring[];
};

/*
 * The lock is held for the copy of one record: a writer that finds it taken
 * spins for a moment, since to sleep and be woken costs more than the copy.
 */
static void
init_lock(pthread_mutex_t *lock)
{
	pthread_mutexattr_t attr;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_ADAPTIVE_NP);
	pthread_mutex_init(lock, &attr);
	pthread_mutexattr_destroy(&attr);
}

struct queue *
queue_new(size_t record_size, size_t capacity)
{
	struct queue *q = malloc(sizeof *q + record_size * capacity);

	if (q == NULL)
		return NULL;
	*q = (struct queue){
	    .record_size = record_size,
	    .capacity = capacity,
	};
	if (wake_init(&q->wake) < 0) {
		free(q);
		return NULL;
	}
	init_lock(&q->lock);
	pthread_cond_init(&q->room, NULL);
	return q;
}

void
queue_free(struct queue *q)
{
	if (q == NULL)
		return;
	wake_done(&q->wake);
	pthread_cond_destroy(&q->room);
	pthread_mutex_destroy(&q->lock);
	free(q);
}

/* Called with the lock and with room. */
static void
insert(struct queue *q, const void *record)
{
	size_t at = (q->head + q->count) % q->capacity;

	memcpy(q->ring + at * q->record_size, record, q->record_size);
	q->count++;
}

bool
queue_push(struct queue *q, const void *record)
{
	bool room;

	pthread_mutex_lock(&q->lock);
	room = q->count < q->capacity && !q->closed;
	if (room)
		insert(q, record);
	else
		q->lost++;
	pthread_mutex_unlock(&q->lock);
	wake_poke(&q->wake);
	return room;
}

bool
queue_push_wait(struct queue *q, const void *record)
{
	bool open;

	pthread_mutex_lock(&q->lock);
	while (q->count == q->capacity && !q->closed)
		pthread_cond_wait(&q->room, &q->lock);
	open = !q->closed;
	if (open)
		insert(q, record);
	pthread_mutex_unlock(&q->lock);
	wake_poke(&q->wake);
	return open;
}

/*
 * The one reader copies without the lock: writers do not touch the records
 * that wait, and while a batch is copied they would all sleep. Those that wait
 * for room are woken when half of it is free: once for many records.
 */
size_t
queue_pop(struct queue *q, void *records, size_t max)
{
	uint8_t *out = records;
	size_t n, first;

	pthread_mutex_lock(&q->lock);
	n = q->count < max ? q->count : max;
	pthread_mutex_unlock(&q->lock);
	if (n == 0)
		return 0;
	first = q->capacity - q->head;
	if (first > n)
		first = n;
	memcpy(out, q->ring + q->head * q->record_size, first * q->record_size);
	memcpy(out + first * q->record_size, q->ring,
	    (n - first) * q->record_size);
	pthread_mutex_lock(&q->lock);
	q->head = (q->head + n) % q->capacity;
	q->count -= n;
	if (q->count <= q->capacity / 2)
		pthread_cond_broadcast(&q->room);
	pthread_mutex_unlock(&q->lock);
	return n;
}

int
queue_fd(const struct queue *q)
{
	return wake_fd(&q->wake);
}

bool
queue_arm(struct queue *q)
{
	bool waiting = wake_arm(&q->wake);

	pthread_mutex_lock(&q->lock);
	waiting |= q->count > 0;
	pthread_mutex_unlock(&q->lock);
	return waiting;
}

void
queue_wake(struct queue *q)
{
	wake_shout(&q->wake);
}

void
queue_close(struct queue *q)
{
	pthread_mutex_lock(&q->lock);
	q->closed = true;
	pthread_cond_broadcast(&q->room);
	pthread_mutex_unlock(&q->lock);
}

uint64_t
queue_lost(struct queue *q)
{
	uint64_t lost;

	pthread_mutex_lock(&q->lock);
	lost = q->lost;
	pthread_mutex_unlock(&q->lock);
	return lost;
}
