/*
 * tui/ranking.h - the rows of a large table in the order of one column.
 *
 * Rows of equal keys stay in the order in which they were added. Sorted by
 * radix, one byte of the keys in a step: a step is a walk over the rows, and
 * there are eight of them, or fewer where the keys are small numbers. The rows
 * of the order before stay until the new one is complete.
 *
 * Owns:   its rows.  Bounds: what is added, 48 bytes each.
 * Thread: main.  Blocks: never.
 */
#ifndef SOCKDECK_TUI_RANKING_H
#define SOCKDECK_TUI_RANKING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ranked {
	uint64_t key;
	uint32_t id;
};

struct ranking {
	struct ranked *rows; /* in order */
	size_t count;
	/* Being made: what was added, sorted by the bytes below shift. */
	struct ranked *next, *spare;
	size_t next_count;
	uint64_t differ; /* bits in which the keys do */
	unsigned shift;
	bool making, down;
	size_t cap; /* of all three */
	/* Of what and when that was begun, and how long the last one took. */
	uint64_t made_of;
	int64_t made_ns, begun_mono_ns, cost_ns;
	int column;
	bool reverse;
};

void ranking_init(struct ranking *r);
void ranking_done(struct ranking *r);

/*
 * Is it to be made anew? Of another generation only when that has become cheap
 * beside what else there is to do: at most a twentieth of the time.
 */
bool ranking_stale(const struct ranking *r, uint64_t gen, int64_t now_ns,
    int column, bool reverse);
/* Begin a new order, largest first if down; what was half made is forgotten. */
void ranking_begin(struct ranking *r, uint64_t gen, int64_t now_ns, int column,
    bool reverse, bool down);
/* False: no memory; the row is left out. */
bool ranking_add(struct ranking *r, uint64_t key, uint32_t id);
/* One step, when all are added. True: it was the last, rows are the new ones. */
bool ranking_sort(struct ranking *r);

/* The place of an id; count: it is not there. */
size_t ranking_find(const struct ranking *r, uint32_t id);

#endif
