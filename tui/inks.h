/*
 * tui/inks.h - a canvas's inks as a terminal has them, and pairs of them.
 *
 * A terminal of 256 colours shows many inks alike; those are one here, so that
 * the pairs of a picture are few. A pair is numbered when it is first needed.
 *
 * Owns:   values only.  Thread: main.  Blocks: never.
 */
#ifndef SOCKDECK_TUI_INKS_H
#define SOCKDECK_TUI_INKS_H

#include "tui/canvas.h"

struct inks {
	int32_t table[CANVAS_INKS]; /* as the canvas has them */
	int32_t color[CANVAS_INKS + 1]; /* in the terminal's numbers */
	uint8_t same[CANVAS_INKS + 1]; /* the first that looks alike */
	uint16_t pair[CANVAS_INKS + 1][CANVAS_INKS + 1]; /* + 1; 0: not yet */
	int pairs;
};

struct ink_pair {
	int number; /* from 0 */
	bool fresh; /* it has just got that number: */
	int32_t fg, bg; /* ... for these colours of the terminal */
};

/* The canvas's table. True: it is another one, all pairs are forgotten. */
bool inks_take(struct inks *k, const int32_t table[CANVAS_INKS], int colors);
/* Ink fg (0: the default colour) on ink bg. False: there are max already. */
bool inks_pair(
    struct inks *k, uint8_t fg, uint8_t bg, int max, struct ink_pair *ret);

#endif
