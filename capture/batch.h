/*
 * capture/batch.h - packets in transit from a source to the main thread.
 *
 * Each comes with its summary and the mark of its conversation, so that the
 * thread which has read the packet has looked at its bytes, and main need not.
 * The bytes are in the batch, or stay where they are in a mapped file.
 *
 * A pool keeps batches that were freed for the next ones: their pages are
 * there already (a quarter of all page faults when a file is opened).
 *
 * Owns:   the bytes, or a share in the mapping that holds them, and one in the
 *         pool.
 * Bounds: BATCH_POOL_MAX free batches in a pool.
 * Thread: a batch belongs to one thread at a time and moves by queue; a pool is
 *         for all.
 */
#ifndef SOCKDECK_CAPTURE_BATCH_H
#define SOCKDECK_CAPTURE_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/flow_key.h"
#include "capture/mapping.h"
#include "capture/summary.h"
#include "net/base/packet.h"

#define BATCH_PACKETS 1024
#define BATCH_BYTES (512 * 1024)

#define BATCH_POOL_MAX 4

struct batch_pool;

/* NULL: no memory. */
struct batch_pool *batch_pool_new(void);
/* Its batches may outlive it. Takes NULL. */
void batch_pool_free(struct batch_pool *pool);

struct batch {
	uint32_t count; /* records used */
	uint32_t used; /* bytes used */
	struct batch_pool *pool;
	struct batch *next; /* in the pool */
	size_t room; /* for bytes */
	struct mapping *home; /* where the bytes stay; NULL: they are here */
	struct packet packets[BATCH_PACKETS];
	struct summary sums[BATCH_PACKETS];
	struct flow_mark marks[BATCH_PACKETS];
	uint8_t bytes[]; /* BATCH_BYTES, without a home */
};

/* home: of all its packets, or NULL to copy them. NULL: no memory. */
struct batch *batch_new(struct batch_pool *pool, struct mapping *home);
void batch_free(struct batch *b); /* takes NULL */

/* Where the next packet is to be written; NULL: it is full. */
static inline struct packet *
batch_slot(struct batch *b)
{
	return b->count < BATCH_PACKETS ? &b->packets[b->count] : NULL;
}

/* batch_take() where there is no home; not for others. */
bool batch_take_copy(struct batch *b);
/*
 * Add the packet that was written there, summarised. Its data are in the home
 * already, or are copied and then point into the batch. False: no room for them
 * (a packet alone never exceeds BATCH_BYTES: snaplen).
 */
static inline bool
batch_take(struct batch *b)
{
	const struct packet *p = &b->packets[b->count];

	if (b->home == NULL)
		return batch_take_copy(b);
	summary_read(p, &b->sums[b->count++]);
	return true;
}
/*
 * It is complete: mark its packets. All at once, since to read a summary that
 * has just been written means to wait for that. False: the home has become
 * shorter, and the packets that are not wholly in it any more were taken off:
 * zeroes may have been read in their place.
 */
bool batch_seal(struct batch *b);

#endif
