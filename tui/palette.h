/*
 * tui/palette.h - a theme's looks in the colours that a terminal has.
 *
 * Owns:   nothing.  Thread: any.  Blocks: never.
 * Source: xterm's 256colres.pl for the values of the colours 16 to 255.
 */
#ifndef SOCKDECK_TUI_PALETTE_H
#define SOCKDECK_TUI_PALETTE_H

#include "tui/theme.h"

/*
 * The terminal's number for a theme's colour, THEME_DEFAULT if that is the
 * best it can do. colors: 0, 8, 16, 256, or 2^24 where numbers from 8 on are
 * rgb values.
 */
int32_t palette_color(int32_t color, int colors);

/*
 * The look of a cell: text under its role under its overlay (ROLE_TEXT: none),
 * in the terminal's colour numbers. Where a terminal cannot show an overlay's
 * colours it gets plain ones, so that overlays always differ.
 */
struct look palette_look(
    const struct theme *t, enum role role, enum role over, int colors);

#endif
