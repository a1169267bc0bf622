/*
 * tui/list.h - a scrolling list with one selected row; every pane uses it.
 *
 * A row is known by an id that grows down the list; ids may have gaps and may
 * vanish. The list asks its rows through two functions and keeps the selected
 * row in sight. While it follows, the newest row is selected.
 *
 * Owns:   nothing; a value.  Thread: main.  Blocks: never.
 */
#ifndef SOCKDECK_TUI_LIST_H
#define SOCKDECK_TUI_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct list {
	uint64_t selected; /* 0: the list was empty */
	uint64_t top; /* first visible row */
	int page; /* rows visible at the last layout */
	bool follow;
};

struct list_rows {
	const void *ctx;
	/* The nearest row below (above) id; 0: none. From 0: first (last). */
	uint64_t (*next)(const void *ctx, uint64_t id);
	uint64_t (*prev)(const void *ctx, uint64_t id);
};

/* The two for rows that are numbered from 1 to count, without gaps. */
uint64_t list_next_of(size_t count, uint64_t id);
uint64_t list_prev_of(size_t count, uint64_t id);

enum list_move {
	MOVE_UP,
	MOVE_DOWN,
	MOVE_PAGE_UP,
	MOVE_PAGE_DOWN,
	MOVE_FIRST,
	MOVE_LAST,
	MOVE_LEFT, /* not for lists: panes that scroll sideways */
	MOVE_RIGHT,
};

/* A list that follows. */
void list_init(struct list *l);
/* Bring top and selected in line with the rows there are now. */
void list_layout(struct list *l, const struct list_rows *rows, int height);
/* Leaves follow mode upwards; reaching the last row with MOVE_LAST enters it. */
void list_move(struct list *l, const struct list_rows *rows, enum list_move m);
/* Select the row at line y of the visible part; false: there is none. */
bool list_click(struct list *l, const struct list_rows *rows, int y);

#endif
