/*
 * tui/die.h - the terminal restored when the program crashes or just exits.
 *
 * While armed, a crash (SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT) and exit()
 * write the restoring bytes and set the old modes; then the crash goes on to
 * whoever handled it before. The one module with mutable globals: a signal
 * handler gets no parameter.
 *
 * Thread: armed by main; a crash may happen on any.  Blocks: never.
 */
#ifndef SOCKDECK_TUI_DIE_H
#define SOCKDECK_TUI_DIE_H

#include <stdbool.h>
#include <termios.h>

/* Copies both; bytes past 256 are cut. */
void die_arm(int fd, const struct termios *modes, const char *bytes);
/* The terminal is not ours now: crash, but write nothing. */
void die_disarm(void);

#endif
