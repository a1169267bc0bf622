/*
 * capture/idset.h - a set of packets, by their ids.
 *
 * One bit for each id between the smallest and the largest, in blocks that know
 * how many they hold: the next of ten million is found by looking at a few
 * thousand numbers at worst.
 *
 * Owns:   its bits.  Bounds: an eighth of a byte for each id between the ends.
 * Thread: main.  Blocks: never.
 */
#ifndef SOCKDECK_CAPTURE_IDSET_H
#define SOCKDECK_CAPTURE_IDSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct idset_block;

/* All zero: the empty set. */
struct idset {
	struct idset_block *blocks; /* of ids from first_block on */
	uint64_t first_block;
	size_t block_count;
	uint64_t count; /* of ids in the set */
};

void idset_done(struct idset *s); /* leaves an empty set */
/* id > 0. False: no memory. */
bool idset_add(struct idset *s, uint64_t id);
void idset_remove(struct idset *s, uint64_t id);
bool idset_has(const struct idset *s, uint64_t id);
/* The nearest above (below) id; 0: none. Of 0: the first (last). */
uint64_t idset_next(const struct idset *s, uint64_t id);
uint64_t idset_prev(const struct idset *s, uint64_t id);
/* How many are below id. */
uint64_t idset_rank(const struct idset *s, uint64_t id);
/* Take out what is below id, and in time the memory that it took. */
void idset_forget_below(struct idset *s, uint64_t id);

#endif
