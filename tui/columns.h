/*
 * tui/columns.h - columns of numbers, as wide as what is to stand in them.
 *
 * A number is never cut: first all texts are measured, then the first choice of
 * columns is taken that has room with a blank before each. So the choices go
 * from the whole table to what is least of it.
 *
 * Owns:   nothing.  Thread: any.  Blocks: never.
 */
#ifndef SOCKDECK_TUI_COLUMNS_H
#define SOCKDECK_TUI_COLUMNS_H

#include <stddef.h>

#define COLUMNS_MAX 12
#define COLUMN(i) (1u << (i)) /* sets of them */

/* All zero at first. */
struct columns {
	int cells[COLUMNS_MAX]; /* of the widest text */
	int end[COLUMNS_MAX]; /* where it ends, at the right; 0: left out */
};

/* This is to stand in column i. */
void columns_measure(struct columns *t, int i, const char *text);
/* With the blanks before them. */
int columns_cells(const struct columns *t, unsigned set);
/* The first of the choices for which there is room; 0 if none has. */
unsigned columns_choose(
    const struct columns *t, const unsigned *choices, size_t count, int room);
/* One after the other behind x, in the order of their numbers; what is left of
 * the width goes between them, as far as they can still be read as one row. */
void columns_place(struct columns *t, unsigned set, int x, int width);

#endif
