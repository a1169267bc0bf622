/*
 * tui/ranking.h - the rows of a large table in the order of one column.
 *
 * Rows of equal keys stay in the order in which they were added. Sorted by
 * radix: a million rows take as long as eight walks over them, or fewer where
 * the keys are small numbers.
 *
 * Owns:   its rows.  Bounds: what is added.  Thread: main.  Blocks: never.
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
	struct ranked *rows;
	struct ranked *spare;
	size_t count, cap;
	/* When and of what it was made, and how long that took. */
	uint64_t made_of;
	int64_t made_ns, cost_ns;
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
/* Empty it, to be added to and sorted. */
void ranking_begin(
    struct ranking *r, uint64_t gen, int64_t now_ns, int column, bool reverse);
/* False: no memory; the row is left out. */
bool ranking_add(struct ranking *r, uint64_t key, uint32_t id);
/* Ascending, or descending if it was begun with reverse. */
void ranking_end(struct ranking *r);

/* The place of an id; count: it is not there. */
size_t ranking_find(const struct ranking *r, uint32_t id);

#endif
