/*
 * tui/outlet.h - what goes to the terminal, whole and without waiting for it.
 *
 * Curses writes a frame in a hundred pieces, and each waits as long as the
 * terminal does not read: a stopped window, a slow line. So between begin and
 * end what curses writes goes to a file in memory, under the same descriptor;
 * then it leaves in one write to a description of the terminal that does not
 * block. What the terminal does not take waits here, and who draws holds back:
 * a frame that nobody sees would only be old when it comes.
 *
 * Owns:   its descriptors.
 * Bounds: one frame, and what outlet_put() adds to it.
 * Thread: main.  Blocks: never, except outlet_drain(); and where the terminal
 * cannot be opened once more (another user's), as a write to it does.
 */
#ifndef SOCKDECK_TUI_OUTLET_H
#define SOCKDECK_TUI_OUTLET_H

#include <stdio.h>
#include <sys/types.h>

struct outlet {
	int tty; /* does not block, if it could be opened so */
	int file; /* in memory, its end at the file offset */
	off_t taken; /* of the file's bytes, by the terminal */
	FILE *curses; /* for newterm(): the terminal, but in a frame the file */
};

/* To the terminal that standard output is. 0, or -errno; in either case
 * outlet_done() is to be called. */
int outlet_init(struct outlet *o);
void outlet_done(struct outlet *o);

/* What is written to o->curses in between goes out at the end. */
void outlet_begin(struct outlet *o);
void outlet_end(struct outlet *o);
/* Bytes that are no frame, after what waits. */
void outlet_put(struct outlet *o, const char *bytes);

/* Writable when more can leave; -1: nothing waits. */
int outlet_fd(const struct outlet *o);
/* Let out what the terminal takes now. */
void outlet_flush(struct outlet *o);
/* Wait for the terminal to take it all, but not for longer. */
void outlet_drain(struct outlet *o, int timeout_ms);

#endif
