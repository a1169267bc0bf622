/*
 * tui/costcols.h - the columns of a table of what the wire cost.
 *
 * Bytes by layer, their sum, and the payload's share, as a bar too where there
 * is room. First everything that is to be drawn is measured. Where the width
 * does not suffice whole columns are left out: what is not in the sum first,
 * then what another column can take in, then what follows from the others.
 *
 * Owns:   nothing.  Thread: main.  Blocks: never.
 */
#ifndef SOCKDECK_TUI_COSTCOLS_H
#define SOCKDECK_TUI_COSTCOLS_H

#include "tui/canvas.h"
#include "tui/columns.h"
#include "tui/costfmt.h"

struct costcols {
	int width;
	bool ethernet; /* what real Ethernet adds is shown, and counted */
	/* Names of two tables with the same columns, side by side; else NULL */
	const char *sides[2];
	struct cost_layers layers;
	/* laid out: */
	struct columns columns;
	int name; /* cells of the rows' names, a blank before each */
	int side; /* cells of a table behind them */
};

/* How many tables there are. */
int costcols_sides(const struct costcols *t);
/* With the fields above set: only the headings are measured. */
void costcols_begin(struct costcols *t);
/* No number of a row is wider than that of a sum. */
void costcols_measure(struct costcols *t, const struct cost *k);
/* Names have so many cells, or fewer. */
void costcols_lay(struct costcols *t, int name);

void costcols_headings(
    const struct costcols *t, struct canvas *c, struct area a);
void costcols_draw(const struct costcols *t, struct canvas *c, struct area a,
    int y, int side, const struct cost *k);

#endif
