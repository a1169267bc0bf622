/*
 * tui/screen.h - where the panes are, and what stands around them.
 *
 * Thread: main.  Blocks: never.
 */
#ifndef SOCKDECK_TUI_SCREEN_H
#define SOCKDECK_TUI_SCREEN_H

#include "tui/canvas.h"
#include "tui/pane.h"

#define SCREEN_MIN_W 40
#define SCREEN_MIN_H 10

/* Outer areas, borders included; w == 0: not visible. */
struct layout {
	struct area pane[PANE_COUNT];
	struct area why; /* below them; h == 0: not there */
	bool tabs; /* not all panes are visible: the bar names them */
	bool too_small; /* nothing is */
};

struct command;

struct layout screen_layout(const struct deck *d, int w, int h);

/* Clear the pane and draw its border; returns the inner area. */
struct area screen_frame(struct canvas *c, struct area a, bool focus);
/* Returns the column behind it. */
int screen_title(struct canvas *c, struct area a, enum pane_id id, bool focus,
    const char *title);
/* The views that there are, from column x on: all, else those beside the one
 * that is shown, or none. */
void screen_views(struct canvas *c, struct area a, int x, enum packet_view now);
void screen_top(struct canvas *c, const struct view *v);
/* The bar of keys, or the message, or the line being typed. */
void screen_bottom(
    struct canvas *c, const struct view *v, const struct layout *l);
/* What is in the bar at column x: command text into dst; false: nothing. */
bool screen_bar_hit(
    const struct layout *l, int w, int x, char *dst, size_t size);
void screen_too_small(struct canvas *c);

struct pane *pane_help_new(void);
/* Select the row of a command of the table. */
void pane_help_show(struct pane *p, const struct command *c);

#endif
