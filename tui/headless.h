/*
 * tui/headless.h - an engine without a screen: its records, drained and printed.
 *
 * The programs that share this (serve, connect) must not slow down the threads
 * they watch: records are taken in batches, and after each drain the reader
 * rests for PUMP_REST_MS before it asks to be woken again, so that a busy
 * engine pays for no wake-up and a silent one costs nothing.
 *
 * Owns:   nothing; borrows the engine.
 * Thread: main.  Blocks: pump_wait() only.
 */
#ifndef SOCKDECK_TUI_HEADLESS_H
#define SOCKDECK_TUI_HEADLESS_H

#include <poll.h>
#include <stdint.h>
#include <stdio.h>

#include "net/engine.h"
#include "net/outside.h"

#define PUMP_BATCH 64
#define PUMP_REST_MS 5

struct pump {
	struct engine *engine;
	void (*on_call)(void *arg, const struct call *c);
	void *arg;
	bool resting; /* the last drain found something */
	struct call calls[PUMP_BATCH];
};

/* Hand every record that waits to on_call(). */
void pump_drain(struct pump *p);
/*
 * Sleep until a record waits (or the rest is over), one of fds[1, n) is ready
 * or timeout_ms passed (-1: no limit). fds[0] is the pump's to use.
 */
void pump_wait(struct pump *p, struct pollfd *fds, nfds_t n, int timeout_ms);

/* The helper that Bluetooth takes, before any thread exists and before a lab is
 * entered; NULL for other transports. engine_set_outside(), outside_free(). */
struct outside *headless_outside(enum transport t);

/* Block SIGINT and SIGTERM in this thread and those started later, and return
 * a signalfd that delivers them; -errno. */
int headless_signals(void);

/*
 * One line for a call that has ended or for a note, escaped: seconds since
 * start_ns, thread, the call, its data.
 */
void headless_trace(FILE *f, const struct call *c, int64_t start_ns);
/* The note's sentence on standard error, escaped. */
void headless_complain(const struct call *note);

#endif
