/*
 * net/base/queue.h - records handed from many threads to one.
 *
 * A bounded ring of fixed-size records, copied in and copied out; a record may
 * be a pointer, then ownership moves with it. A push never blocks: a full queue
 * refuses, counts, and the console shows the count. The reader sleeps on an
 * eventfd that is written only while the reader has armed it, so that a busy
 * engine pays no system call per record.
 *
 * Owns:   its ring and its eventfd; not what pointers in records point to.
 * Thread: push from any; everything else from the one reader.
 */
#ifndef SOCKDECK_NET_BASE_QUEUE_H
#define SOCKDECK_NET_BASE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct queue;

/* NULL when memory or descriptors are exhausted (errno says which). */
struct queue *queue_new(size_t record_size, size_t capacity);
void queue_free(struct queue *q);

/* Copy one record in. False: full, counted as lost, the caller keeps it. */
bool queue_push(struct queue *q, const void *record);
/*
 * Like queue_push(), but waits for room (a file can wait, an engine cannot):
 * once it is full, until half of it is free. False: queue_close() was called.
 */
bool queue_push_wait(struct queue *q, const void *record);
/* Copy up to max records out; returns how many. */
size_t queue_pop(struct queue *q, void *records, size_t max);

/* Readable once a record waits after queue_arm(). */
int queue_fd(const struct queue *q);
/*
 * Empty the eventfd and ask for the next wake-up. True: records wait already,
 * or queue_wake() was called (look again before sleeping).
 */
bool queue_arm(struct queue *q);
/* Wake the reader without a record (a producer has ended, say). Any thread. */
void queue_wake(struct queue *q);
/* Release writers that wait for room; later pushes fail. */
void queue_close(struct queue *q);

uint64_t queue_lost(struct queue *q);

#endif
