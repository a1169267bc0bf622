/*
 * tui/canvas.h - a grid of cells that panes draw into.
 *
 * Everything that reaches the screen goes through here, whoever wrote it: text
 * is clipped to the given area by cell width, control characters and broken
 * UTF-8 become a visible mark, and in ASCII mode line graphics and arrows
 * become the ASCII that resembles them. A canvas knows nothing of a terminal.
 *
 * Coordinates in the drawing functions are relative to the area. A wide
 * character of which half would be cut off becomes a blank; a combining one is
 * dropped. A cell that is drawn again loses its overlay.
 *
 * Inks are colours that are data, as a heat map's, where roles are a theme's:
 * the canvas has a table of them, and a cell may name two. They are shown only
 * where canvas.inks says so (enough colours, and the user wants colours); who
 * draws with them has something else to draw where not. An overlay hides them.
 *
 * Owns:   its cells.  Thread: main.  Blocks: never.
 */
#ifndef SOCKDECK_TUI_CANVAS_H
#define SOCKDECK_TUI_CANVAS_H

#include <stdbool.h>
#include <stdint.h>
#include <uchar.h>

#include "tui/theme.h"

struct cell {
	char32_t ch; /* 0: the right half of a wide character */
	uint8_t role; /* enum role */
	uint8_t over; /* overlay role (SELECTED, LIT, FLASH); 0: none */
	uint8_t fg, bg; /* inks, from 1; bg 0: the role's; fg 0: default */
};

#define CANVAS_INKS 240

struct canvas {
	int w, h;
	bool ascii;
	bool inks; /* the terminal shows them; set by who knows it */
	struct cell *cells; /* h rows of w */
	int32_t ink[CANVAS_INKS]; /* THEME_RGB colours; ink n is [n - 1] */
};

struct area {
	int x, y, w, h;
};

struct canvas *canvas_new(int w, int h, bool ascii);
void canvas_free(struct canvas *c);
/* All blanks in ROLE_TEXT. */
void canvas_clear(struct canvas *c);
struct area canvas_area(const struct canvas *c);
/* NULL outside of the canvas. */
const struct cell *canvas_at(const struct canvas *c, int x, int y);
/* A row as UTF-8 without trailing blanks, for tests. */
const char *canvas_row(const struct canvas *c, int y, char *dst, int size);

/* Draw at (x, y) of the area; return the x behind what was drawn (also when
 * it was clipped), so that calls can be chained. */
int canvas_put(
    struct canvas *c, struct area a, int x, int y, enum role role, char32_t ch);
int canvas_text(struct canvas *c, struct area a, int x, int y, enum role role,
    const char *utf8);
int canvas_printf(struct canvas *c, struct area a, int x, int y, enum role role,
    const char *fmt, ...) __attribute__((format(printf, 6, 7)));
/* Where the area has no room for all of it, words at its end are left out and a
 * … is in their place. Returns the x behind what is seen. */
int canvas_words(struct canvas *c, struct area a, int x, int y, enum role role,
    const char *utf8);
/* Ends before x_end; cut at the left if it is longer than x_end. Returns the
 * x where it starts. */
int canvas_right(struct canvas *c, struct area a, int x_end, int y,
    enum role role, const char *utf8);
/* The same character n times. */
int canvas_repeat(struct canvas *c, struct area a, int x, int y, enum role role,
    char32_t ch, int n);
/* Overlay role on the cells [x, x + n) of row y; what is there stays. */
void canvas_over(
    struct canvas *c, struct area a, int x, int y, int n, enum role over);
void canvas_fill(struct canvas *c, struct area a, enum role role);
/* One table for the whole canvas, copied: who drew with another draws anew. */
void canvas_set_inks(struct canvas *c, const int32_t *inks, int n);
/* A character of one cell, never a received one, in ink fg on ink bg (1..CANVAS_INKS; fg 0: the
 * terminal's own, for a blank). Returns x + 1. */
int canvas_ink(struct canvas *c, struct area a, int x, int y, uint8_t fg,
    uint8_t bg, char32_t ch);
/* A bar of `cells` cells in eighths of a cell: value of total filled, the rest
 * shaded. Only nothing looks empty and only all of it looks full. */
int canvas_bar(struct canvas *c, struct area a, int x, int y, int cells,
    uint64_t value, uint64_t total, enum role filled, enum role rest);

struct area area_inset(struct area a, int n); /* n cells less on each side */
/* Take n rows (columns) off; returns what was taken, *a keeps the rest. */
struct area area_top(struct area *a, int n);
struct area area_bottom(struct area *a, int n);
struct area area_left(struct area *a, int n);
struct area area_right(struct area *a, int n);
bool area_has(struct area a, int x, int y);

#endif
