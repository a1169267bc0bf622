/*
 * tui/bluetooth.h - a question to Bluetooth (net/bluetooth.h), and what has
 * been answered: this machine's adapters, the devices around, the services of
 * one.
 *
 * Owns:   the descriptor that the answers come on; closing it ends the work.
 * Bounds: BLUETOOTH_ROWS answers; the rest is dropped.
 * Thread: main.  Blocks: never (bluetooth_scan_wait() does).
 */
#ifndef SOCKDECK_TUI_BLUETOOTH_H
#define SOCKDECK_TUI_BLUETOOTH_H

#include "net/base/err.h"
#include "net/bluetooth.h"
#include "net/outside.h"

#define BLUETOOTH_ROWS 64
#define BLUETOOTH_LINE_MAX 512

struct bluetooth_scan {
	int fd; /* -1: nothing is under way */
	struct bluetooth_request asked;
	struct bluetooth_answer row[BLUETOOTH_ROWS];
	int count;
	bool done; /* answered to the end */
	char trouble[BLUETOOTH_WHY_MAX]; /* a sentence; "" for none */
	int64_t since_ns; /* monotonic: when it was asked */
	uint64_t gen;
};

/* What the console knows. */
struct bluetooth {
	struct bluetooth_scan adapters, devices;
};

void bluetooth_scan_init(struct bluetooth_scan *s);
/* In place of what was asked before. 0 or -errno with a sentence. */
int bluetooth_scan_start(struct bluetooth_scan *s, const struct outside *o,
    const struct bluetooth_request *q, struct err *err);
/* Take the answers that have come. */
void bluetooth_scan_read(struct bluetooth_scan *s);
/* Wait until it is answered to the end. False: a signal came before. */
bool bluetooth_scan_wait(struct bluetooth_scan *s, int signal_fd);
/* No more of it; what has been answered stays. */
void bluetooth_scan_stop(struct bluetooth_scan *s);

/* One answer as a line; its name is untrusted. */
const char *bluetooth_line(
    char dst[BLUETOOTH_LINE_MAX], const struct bluetooth_answer *k);

#endif
