/*
 * tests/e2e/rig.h - a program on a real terminal, as a person would use it.
 *
 * The program runs on a pty whose other end is libvterm, which answers its
 * queries and keeps the screen. Time passes only inside the waits: each polls
 * until its condition holds or its deadline (ms from now) passes, and one that
 * fails prints the whole screen to stderr and returns false, for assert_true().
 *
 * After a wait the program may be in the middle of a frame: wait for each
 * thing that is going to be asserted, or rig_wait_quiet() first.
 *
 * Owns:   the program, its terminal, its HOME.  Thread: the one of the test.
 */
#ifndef SOCKDECK_TESTS_E2E_RIG_H
#define SOCKDECK_TESTS_E2E_RIG_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "tests/e2e/start.h"

struct rig;

struct rig *rig_start(const struct start_opts *opts);
/* Kill the program if it still runs. NULL is fine. */
void rig_free(struct rig *r);

/* -------------------------------------------------------------- hands */

enum rig_key {
	RIG_F1 = 1, /* RIG_F1 + 4 is F5, up to RIG_F12 */
	RIG_F5 = RIG_F1 + 4,
	RIG_F12 = RIG_F1 + 11,
	RIG_UP,
	RIG_DOWN,
	RIG_LEFT,
	RIG_RIGHT,
	RIG_HOME,
	RIG_END,
	RIG_PGUP,
	RIG_PGDN,
	RIG_INS,
	RIG_DEL,
	RIG_BACKSPACE,
	RIG_TAB,
	RIG_STAB,
	RIG_ENTER,
	RIG_ESC,
};

/* RIG_CTRL('x') is C-x, for rig_type_byte(). */
#define RIG_CTRL(c) ((c)&0x1f)

enum rig_button {
	RIG_LEFT_BUTTON = 0,
	RIG_MIDDLE_BUTTON = 1,
	RIG_RIGHT_BUTTON = 2,
	RIG_WHEEL_UP = 64,
	RIG_WHEEL_DOWN = 65,
};

/* Text as it is typed: "\r" is Enter. */
void rig_type(struct rig *r, const char *text);
void rig_type_byte(struct rig *r, int byte);
/* A key as xterm sends it in the mode that the program chose. */
void rig_key(struct rig *r, enum rig_key key);
/*
 * Press and release at column x, row y, counted from 0, in SGR encoding. Like
 * a terminal it sends nothing (false) unless the program asked for the mouse.
 */
bool rig_mouse(struct rig *r, int x, int y, enum rig_button button);
/* Text as a terminal pastes it, bracketed if the program asked for that. */
void rig_paste(struct rig *r, const char *text);
void rig_resize(struct rig *r, int cols, int rows);
/* Signal the program's process group, as a shell does for a job. */
void rig_kill(struct rig *r, int sig);
/* Look away: the terminal takes nothing more, until the next wait reads on. */
void rig_stall(struct rig *r);
/* Close the terminal's window: SIGHUP, and the terminal is gone. */
void rig_hang_up(struct rig *r);

/* --------------------------------------------------------------- eyes */

/* The screen holds text / matches the extended regular expression. */
bool rig_wait_for(struct rig *r, const char *text, int ms);
bool rig_wait_match(struct rig *r, const char *regex, int ms);
bool rig_wait_gone(struct rig *r, const char *text, int ms);
/* The condition holds; what says in words what was waited for. */
bool rig_wait_until(struct rig *r, bool (*cond)(struct rig *, void *),
    void *arg, const char *what, int ms);
/* Nothing was written for quiet_ms. */
bool rig_wait_quiet(struct rig *r, int quiet_ms, int ms);
/* The program ended: exit status, 128 + signal; -1 when the deadline passed. */
int rig_wait_exit(struct rig *r, int ms);
/* The same without reading the terminal, as one that is stalled: has it ended? */
bool rig_wait_dead(struct rig *r, int ms);
/* The program was stopped, by C-z say. */
bool rig_wait_stopped(struct rig *r, int ms);
/* True if the program writes nothing for ms (a measurement, not a wait). */
bool rig_stays_quiet(struct rig *r, int ms);

/* All rows / one row, in UTF-8, without trailing blanks; until the next call. */
const char *rig_screen(struct rig *r);
const char *rig_row(struct rig *r, int y);

#define RIG_DEFAULT_COLOR (-1)
#define RIG_RGB 0x1000000 /* set for 0xRRGGBB; else an index of the palette */

struct rig_cell {
	char text[32]; /* UTF-8; "" for an empty cell */
	int width;
	int fg, bg;
	bool bold, underline, reverse;
};

struct rig_cell rig_cell(struct rig *r, int x, int y);
/* Where text stands first on the screen. */
bool rig_find(struct rig *r, const char *text, int *ret_x, int *ret_y);
void rig_cursor(struct rig *r, int *ret_x, int *ret_y);

/* Is a private mode on (DECSET: 25, 1002, 1006, 1049, 2004, ...)? */
bool rig_mode(const struct rig *r, int mode);
/*
 * Is the terminal as before the start: normal screen, visible cursor, no mouse
 * reports, normal keys, equal termios? Prints to stderr what is not.
 */
bool rig_terminal_restored(struct rig *r);
/* Bytes that the program has written so far. */
uint64_t rig_bytes(const struct rig *r);
pid_t rig_pid(const struct rig *r);
const char *rig_home(const struct rig *r);

#endif
