#include "net/base/queue.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct queue {
	pthread_mutex_t lock;
	pthread_cond_t room;
	size_t record_size, capacity;
	size_t head, count; /* oldest record, records waiting */
	uint64_t lost;
	bool armed, closed, woken;
	int fd;
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
	    .fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC),
	};
	if (q->fd < 0) {
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
	close(q->fd);
	pthread_cond_destroy(&q->room);
	pthread_mutex_destroy(&q->lock);
	free(q);
}

static void
write_wake(struct queue *q)
{
	uint64_t one = 1;

	/* EAGAIN means that the counter is full: the reader wakes anyway. */
	if (write(q->fd, &one, sizeof one) < 0)
		return;
}

/* Called with the lock and with room; returns whether to wake the reader. */
static bool
insert(struct queue *q, const void *record)
{
	size_t at = (q->head + q->count) % q->capacity;
	bool wake = q->armed;

	memcpy(q->ring + at * q->record_size, record, q->record_size);
	q->count++;
	q->armed = false;
	return wake;
}

bool
queue_push(struct queue *q, const void *record)
{
	bool room, wake = false;

	pthread_mutex_lock(&q->lock);
	room = q->count < q->capacity && !q->closed;
	if (room)
		wake = insert(q, record);
	else
		q->lost++;
	pthread_mutex_unlock(&q->lock);
	if (wake)
		write_wake(q);
	return room;
}

bool
queue_push_wait(struct queue *q, const void *record)
{
	bool wake = false, open;

	pthread_mutex_lock(&q->lock);
	while (q->count == q->capacity && !q->closed)
		pthread_cond_wait(&q->room, &q->lock);
	open = !q->closed;
	if (open)
		wake = insert(q, record);
	pthread_mutex_unlock(&q->lock);
	if (wake)
		write_wake(q);
	return open;
}

/*
 * The one reader copies without the lock: writers do not touch the records
 * that wait, and while a batch is copied they would all sleep.
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
	pthread_cond_broadcast(&q->room);
	pthread_mutex_unlock(&q->lock);
	return n;
}

int
queue_fd(const struct queue *q)
{
	return q->fd;
}

bool
queue_arm(struct queue *q)
{
	uint64_t drained;
	bool waiting;

	if (read(q->fd, &drained, sizeof drained) < 0)
		drained = 0; /* EAGAIN: nobody woke us since */
	pthread_mutex_lock(&q->lock);
	waiting = q->count > 0 || q->woken;
	q->woken = false;
	q->armed = !waiting;
	pthread_mutex_unlock(&q->lock);
	return waiting;
}

void
queue_wake(struct queue *q)
{
	/* Kept as well, since queue_arm() may empty the eventfd unseen. */
	pthread_mutex_lock(&q->lock);
	q->woken = true;
	pthread_mutex_unlock(&q->lock);
	write_wake(q);
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
