/*
 * Invariants (positions count cells and never wrap; a cell is pos % cells):
 *   - [read, tail) is reserved; head <= read trails it, so that writers, who
 *     look at head, are disturbed once in a while and not by each record.
 *   - A record's first cell has its state; EMPTY until it is committed. So
 *     every cell outside [read, tail) starts with EMPTY, whatever bytes of a
 *     record lay there before: ring_drop() sees to that.
 *   - A record does not wrap: the cells left over at the end are a PAD.
 */
#include "net/base/ring.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>

#define CELL 64
#define HEAD_STEP 64 /* cells after which the reader gives room back */

enum state { EMPTY, PAD, FULL };
_Static_assert(EMPTY == 0, "ring_new() clears nothing");

struct cell {
	_Atomic uint32_t state;
	uint32_t cells; /* of the record, or of the pad */
	uint8_t bytes[CELL - 8];
};
_Static_assert(sizeof(struct cell) == CELL, "a cell is a cache line");

struct ring {
	uint64_t cells, read; /* read: the reader's own */
	struct cell *cell;
	_Alignas(CELL) _Atomic uint64_t tail; /* each on a line of its own */
	_Alignas(CELL) _Atomic uint64_t head;
	_Atomic uint64_t lost;
};

struct ring *
ring_new(size_t size)
{
	struct ring *r = aligned_alloc(CELL, sizeof *r);

	if (r == NULL)
		return NULL;
	*r = (struct ring){.cells = size / CELL};
	/* Fresh pages are zero, and there only when they are used. */
	r->cell = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (r->cell == MAP_FAILED) {
		free(r);
		return NULL;
	}
	return r;
}

void
ring_free(struct ring *r)
{
	if (r == NULL)
		return;
	munmap(r->cell, r->cells * CELL);
	free(r);
}

static struct cell *
cell_at(const struct ring *r, uint64_t pos)
{
	return &r->cell[pos & (r->cells - 1)];
}

void *
ring_reserve(struct ring *r, size_t len)
{
	uint64_t need = (len + offsetof(struct cell, bytes) + CELL - 1) / CELL;
	uint64_t pos = atomic_load_explicit(&r->tail, memory_order_relaxed);
	uint64_t left, pad;
	int64_t used;
	struct cell *c;

	do {
		left = r->cells - (pos & (r->cells - 1));
		pad = left < need ? left : 0;
		/* Signed: pos may be older than head, then it is not used. */
		used = (int64_t)(pos - atomic_load_explicit(
					   &r->head, memory_order_acquire));
		if (used + (int64_t)(pad + need) > (int64_t)r->cells) {
			atomic_fetch_add(&r->lost, 1);
			return NULL;
		}
	} while (!atomic_compare_exchange_weak_explicit(&r->tail, &pos,
	    pos + pad + need, memory_order_relaxed, memory_order_relaxed));
	if (pad > 0) {
		c = cell_at(r, pos);
		c->cells = (uint32_t)pad;
		atomic_store_explicit(&c->state, PAD, memory_order_release);
	}
	c = cell_at(r, pos + pad);
	c->cells = (uint32_t)need;
	return c->bytes;
}

void
ring_commit(void *record)
{
	void *first = (uint8_t *)record - offsetof(struct cell, bytes);
	struct cell *c = first;

	/* Sequentially consistent, for the wake-up that may follow. */
	atomic_store(&c->state, FULL);
}

static void
give_back(struct ring *r)
{
	atomic_store_explicit(&r->head, r->read, memory_order_release);
}

void
ring_drop(struct ring *r)
{
	uint32_t n = cell_at(r, r->read)->cells;

	for (uint32_t i = 0; i < n; i++)
		atomic_store_explicit(&cell_at(r, r->read + i)->state, EMPTY,
		    memory_order_relaxed);
	r->read += n;
	if (r->read - atomic_load_explicit(&r->head, memory_order_relaxed) >=
	    HEAD_STEP)
		give_back(r);
}

const void *
ring_peek(struct ring *r)
{
	struct cell *c = cell_at(r, r->read);
	uint32_t state = atomic_load(&c->state);

	if (state == PAD) {
		ring_drop(r);
		c = cell_at(r, r->read);
		state = atomic_load(&c->state);
	}
	if (state == FULL)
		return c->bytes;
	give_back(r);
	return NULL;
}

uint64_t
ring_lost(const struct ring *r)
{
	return atomic_load(&r->lost);
}
