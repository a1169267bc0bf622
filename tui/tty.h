/*
 * tui/tty.h - the terminal that keys are read from.
 *
 * Owns:   nothing; the caller closes what it is told to.
 * Thread: main.  Blocks: never.
 */
#ifndef SOCKDECK_TUI_TTY_H
#define SOCKDECK_TUI_TTY_H

#include <stdbool.h>
#include <stdio.h>

#include "net/base/err.h"

/* What works without a terminal, for the end of a sentence. */
#define TTY_HEADLESS                                                       \
	"without a screen there are sockdeck serve, connect, packets and " \
	"sockets"

/*
 * Standard input, or /dev/tty where that is taken by data (wants_tty): *ret_own
 * then, and the caller closes it. -ENOTTY with a sentence that names what works
 * without a screen.
 */
int tty_find(bool wants_tty, FILE **ret, bool *ret_own, struct err *err);

#endif
