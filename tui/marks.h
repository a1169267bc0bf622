/*
 * tui/marks.h - the packets that the user marked.
 *
 * A set of frame ids in ascending order; a mark outlives its packet's place in
 * the store, so who walks them copes with frames that are not there.
 *
 * Owns:   the ids.  Thread: main.  Blocks: never.
 * Bounds: MARKS_MAX; more are refused.
 */
#ifndef SOCKDECK_TUI_MARKS_H
#define SOCKDECK_TUI_MARKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MARKS_MAX 65536

struct marks {
	uint64_t *ids; /* ascending */
	size_t count, cap;
};

/* All zero is an empty set. */
void marks_done(struct marks *m);
void marks_clear(struct marks *m);
bool marks_has(const struct marks *m, uint64_t id);
/* Takes the mark away where there is one. -ENOSPC, -ENOMEM: it is as before. */
int marks_toggle(struct marks *m, uint64_t id);
/* The next (previous) marked one after (before) id; 0: none. From 0 the first.
 */
uint64_t marks_next(const struct marks *m, uint64_t id);
uint64_t marks_prev(const struct marks *m, uint64_t id);

#endif
