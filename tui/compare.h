/*
 * tui/compare.h - the same messages over several transports, measured: TCP, UDP,
 * reliable UDP, and RFCOMM where this machine has two Bluetooth adapters.
 *
 * One transport after the other: an echo server, the messages (net/round_trips.h),
 * and what the packets on the interface say they cost (capture/tally.h). It has
 * an engine and a packet source of its own, so nothing of it mixes with what
 * the console shows.
 *
 * On lo each message is echoed before the next one is sent: what do headers
 * cost? Over the wire of a lab, bad as one likes, many are under way at a time,
 * and TCP goes once with each congestion control that the kernel has: what gets
 * through?
 *
 * Owns:   its engine, source and results.
 * Bounds: COMPARE_SIDES transports; ROUND_TRIPS_COUNT_MAX messages.
 * Thread: main.  Blocks: never: compare_step() is called until it is done.
 */
#ifndef SOCKDECK_TUI_COMPARE_H
#define SOCKDECK_TUI_COMPARE_H

#include "capture/savefile.h"
#include "capture/tally.h"
#include "net/outside.h"
#include "net/round_trips.h"
#include "tui/wiretap.h"

#define COMPARE_SIDES 6
#define COMPARE_WIRED_COUNT 500 /* messages, unless told otherwise */
#define COMPARE_WIRED_SIZE 1000
#define COMPARE_WINDOW 32 /* messages under way over the wire */
#define COMPARE_CONGESTION_MAX 16
#define COMPARE_STEP_MS 10 /* call compare_step() that often */

struct compare_spec {
	uint32_t count, size;
	int64_t every_ns;
	const char *save; /* a pcap file of the packets counted; NULL: none */
	bool overwrite;
	/* The helper that works with Bluetooth; NULL: no RFCOMM. Borrowed. */
	const struct outside *outside;
	bool wired; /* over the wire, which is so meanwhile: */
	struct wire_settings wire;
};

/* 100 messages of 10 bytes, one at once after the other. */
struct compare_spec compare_spec_default(void);
/* Make it go over a wire that is so: "loss", "5". As wire_settings_set(). */
int compare_wire(struct compare_spec *spec, const char *key, const char *value,
    struct err *err);

/* What one transport did. */
struct compare_side {
	enum transport transport;
	char congestion[COMPARE_CONGESTION_MAX]; /* of TCP, wired; else "" */
	bool done;
	struct tally tally;
	uint32_t sent, answered, lost;
	int64_t took_ns;
	uint64_t goodput_bps; /* of the messages that came back, one way */
	/* of the echoes that came; 0 if none did */
	int64_t rtt_p50_ns, rtt_p90_ns, rtt_p99_ns, rtt_max_ns;
};

enum compare_state { COMPARE_RUNNING, COMPARE_DONE, COMPARE_FAILED };

struct compare;

/*
 * lab, tap: of a lab, with a wire for spec->wired; they must outlive it. What
 * the wire was like it is again afterwards. -EPERM and the like, with a
 * sentence, where packets cannot be captured.
 */
int compare_new(const struct compare_spec *spec, const struct lab *lab,
    struct wiretap *tap, struct compare **ret, struct err *err);
/* NULL is fine. Waits for its threads (at most 100 ms). */
void compare_free(struct compare *c);
/* Do what can be done now. */
enum compare_state compare_step(struct compare *c);
/* "" unless it failed. */
const char *compare_trouble(const struct compare *c);
const struct compare_spec *compare_spec(const struct compare *c);
/* How the lab's wire was to the server, if there is one that it did not go
 * over; else NULL. */
const struct wire_settings *compare_wire_aside(const struct compare *c);
/* Why RFCOMM is missing or has no bytes; "" if it is not. */
const char *compare_air_trouble(const struct compare *c);
/* How many there are. */
int compare_sides(const struct compare *c);
/* [0, sides); those that are not done yet have only their transport. */
const struct compare_side *compare_side(const struct compare *c, int i);
/* Changes whenever something new is known. */
uint64_t compare_gen(const struct compare *c);

#endif
