/*
 * tui/braille.h - a drawing in dots, eight to a cell: braille characters.
 *
 * Dots count from the top left, x to the right and y downward; what lies
 * outside is not drawn. A cell has one colour: that of the dot with the highest
 * layer in it, so that a thin line stays visible across a broad one.
 *
 * Owns:   its dots.
 * Bounds: BRAILLE_CELLS_MAX cells; a larger drawing is cut.
 * Thread: main.  Blocks: never.  Source: Unicode 15 chapter 21.1 (U+2800).
 */
#ifndef SOCKDECK_TUI_BRAILLE_H
#define SOCKDECK_TUI_BRAILLE_H

#include "tui/canvas.h"

#define BRAILLE_X 2 /* dots of a cell */
#define BRAILLE_Y 4
#define BRAILLE_CELLS_MAX (512 * 256)

struct braille {
	int w, h; /* dots */
	int cells_w, cells_h;
	struct braille_cell {
		uint8_t dots; /* as in U+2800 + dots */
		uint8_t role; /* enum role */
		uint8_t layer;
	} * cells;
	size_t room;
};

void braille_init(struct braille *b);
void braille_done(struct braille *b);
/* Empty, of so many cells. False: no memory, the drawing has no size then. */
bool braille_reset(struct braille *b, int cells_w, int cells_h);

void braille_dot(struct braille *b, int x, int y, enum role role, int layer);
/* Both ends included. Source: J. E. Bresenham, IBM Systems Journal 4 (1965). */
void braille_line(struct braille *b, int x0, int y0, int x1, int y1,
    enum role role, int layer);
/* Is this dot set? */
bool braille_has(const struct braille *b, int x, int y);

/*
 * Put it on the canvas, its top left at the area's; cells without a dot leave
 * what is there. Where the canvas is ASCII, the more dots the darker: . : #.
 */
void braille_draw(const struct braille *b, struct canvas *c, struct area a);

#endif
