/*
 * net/base/ring.h - records of any length, handed from many threads to one.
 *
 * Bytes in a circle, in cells of 64. A writer reserves as many cells as it
 * needs by moving the tail, fills them without any lock and commits; the
 * reader sees the records in the order of their reservation, and waits at one
 * that is not committed yet. Nobody ever waits for room: a full ring refuses
 * and counts.
 *
 * Owns:   its bytes.  Bounds: the size given, and half of it for a record.
 * Thread: reserve and commit from any; everything else from the one reader.
 * Blocks: never.
 */
#ifndef SOCKDECK_NET_BASE_RING_H
#define SOCKDECK_NET_BASE_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ring;

/* size: a power of two, in bytes. NULL: no memory. */
struct ring *ring_new(size_t size);
void ring_free(struct ring *r);

/*
 * Room for len bytes, aligned to 8, to be filled and committed soon: what is
 * reserved later is not read before. NULL: full, counted as lost.
 */
void *ring_reserve(struct ring *r, size_t len);
void ring_commit(void *record);

/* The oldest record, until ring_drop(). NULL: none that is committed. */
const void *ring_peek(struct ring *r);
void ring_drop(struct ring *r);

uint64_t ring_lost(const struct ring *r);

#endif
