/*
 * tui/calls_foot.h - what stands below the calls of a side: what to type next,
 * how others reach the server, how reliable UDP stands.
 *
 * Owns:   nothing.  Thread: main.  Blocks: never.
 */
#ifndef SOCKDECK_TUI_CALLS_FOOT_H
#define SOCKDECK_TUI_CALLS_FOOT_H

#include "tui/canvas.h"
#include "tui/view.h"

/* Draw it at the end of the area; returns what is left for the calls. */
struct area calls_foot(
    enum side side, const struct view *v, struct canvas *c, struct area a);

#endif
