/*
 * tui/ladder.h - one rung of the ladder, drawn: an arrow between two life
 * lines, a call in the outer margin, a state beside the line whose end enters
 * it.
 *
 * Owns:   nothing.  Thread: main.  Blocks: never.
 */
#ifndef SOCKDECK_TUI_LADDER_H
#define SOCKDECK_TUI_LADDER_H

#include "tui/canvas.h"
#include "tui/rungs.h"
#include "tui/view.h"

#define LADDER_LANE_MIN 44 /* cells of a lane beside others */

/* Columns of a lane: margin, client's life line, arrow, server's, margin. */
struct ladder_shape {
	int margin;
	int left, right; /* the life lines */
	bool narrow; /* states are abbreviated, calls stand on the inside */
};

struct ladder_shape ladder_shape(int width);
/* "client :40000" over its life line, "server :7000" over the other's. */
void ladder_draw_ends(struct canvas *c, struct area a,
    const struct ladder_shape *s, const char *client, const char *server);
/* The life lines of row y. */
void ladder_draw_lines(
    struct canvas *c, struct area a, const struct ladder_shape *s, int y);
/* What stands on them. */
void ladder_draw_rung(const struct view *v, struct canvas *c, struct area a,
    const struct ladder_shape *s, int y, const struct rung *r);
/* Is it a partner of what is selected? */
bool ladder_is_lit(const struct view *v, const struct rung *r);

#define LADDER_FOLD_MAX 160
/* "812 segments, 1.1 MB, 94 ms, 406 ACKs", as much as fits. */
void ladder_fold_text(
    const struct rung *r, int cells, char dst[LADDER_FOLD_MAX]);

#endif
