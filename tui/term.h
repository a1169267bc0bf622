/*
 * tui/term.h - the terminal; the only module that knows curses.
 *
 * Puts a canvas on the screen (only the cells that changed), reads keys and
 * mouse, and leaves the terminal as it was: at term_close(), at a crash, and
 * around a suspension.
 *
 * Owns:   the terminal while open. One at a time (curses has globals).
 * Thread: main.  Blocks: never; a read of Esc may take 25 ms to tell it from
 * the start of a sequence.
 * Source: ncurses 6.4; xterm's control sequences (SGR mouse 1006, bracketed
 * paste 2004, OSC 52).
 */
#ifndef SOCKDECK_TUI_TERM_H
#define SOCKDECK_TUI_TERM_H

#include <stdbool.h>

#include "net/base/err.h"
#include "tui/canvas.h"
#include "tui/key.h"
#include "tui/theme.h"

struct term;

struct term_opts {
	bool ascii; /* force ASCII also in a UTF-8 locale */
	bool no_mouse;
	bool no_color; /* NO_COLOR was set: attributes only */
};

/*
 * -ENOTTY: standard input or output is not a terminal; -EINVAL: TERM is unset
 * or unknown. Both with a sentence that names the headless commands. Keys come
 * from /dev/tty when standard input is not a terminal but wants_tty is given
 * (a capture is being read from it).
 */
int term_open(const struct term_opts *opts, const struct theme *theme,
    bool wants_tty, struct term **ret, struct err *err);
void term_close(struct term *t);

int term_fd(const struct term *t); /* readable when keys wait */
bool term_ascii(const struct term *t); /* forced, or no UTF-8 here */
int term_colors(const struct term *t);
/* Can it show a canvas's inks? It has 256 colours or more, thousands of pairs,
 * and the theme is not one without colours. */
bool term_inks(const struct term *t);
void term_size(const struct term *t, int *ret_w, int *ret_h);
/* After SIGWINCH: ask for the new size; the next draw paints everything. */
void term_resized(struct term *t);
void term_redraw(struct term *t); /* C-l: forget what the screen shows */
/* Without colours, a theme that has some is replaced by mono. */
void term_set_theme(struct term *t, const struct theme *theme);

/* Show the canvas, which has the terminal's size; cursor at (x, y), or hidden
 * if x < 0. Writes nothing when nothing changed. */
void term_draw(struct term *t, const struct canvas *c, int x, int y);
/* -1, or what becomes writable when the terminal takes more of what was drawn:
 * then term_catch_up(), and no term_draw() before it has it all. */
int term_behind_fd(const struct term *t);
void term_catch_up(struct term *t);
/* False: no key waits. */
bool term_read_key(struct term *t, struct key *ret);

/* Give the terminal back for a while (C-z, a shell), and take it again. One that
 * does not read is waited for a second. */
void term_suspend(struct term *t);
void term_resume(struct term *t);
/* Take the terminal again from someone who did not ask: after SIGSTOP the shell
 * has set its own modes. */
void term_repair(struct term *t);
/* Put text into the clipboard of the user's terminal (OSC 52). */
void term_copy(struct term *t, const char *text);

#endif
