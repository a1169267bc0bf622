/*
 * net/talk.h - what a client says by itself, and how it understands answers.
 *
 * A talker makes one message after the other: a text of some length, readings
 * of sensors. A listener takes what comes back and puts it into words. They are
 * to a client what a service (net/service.h) is to a server: no I/O, and any of
 * them works over any transport; net/client_talk.c drives the one,
 * net/client_read.c the other.
 *
 * Owns:   a talk its state and the message, a hearing its state.
 * Thread: a talk is the writer's, a hearing the reader's: they share nothing.
 * Blocks: never.
 */
#ifndef SOCKDECK_NET_TALK_H
#define SOCKDECK_NET_TALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/base/buf.h"
#include "net/base/err.h"

#define TALK_FOREVER UINT32_MAX /* messages: until it is ended */
#define TALK_NOTE_MAX 256 /* CALL_DATA_MAX: it becomes a CALL_NOTE */
#define TALK_SIZE_MAX (1024 * 1024)

/* ---- talking ---- */

struct talk {
	const struct talker *talker; /* NULL: none */
	void *state;
	/* What the user chose; what it means is the talker's own matter. */
	uint32_t size, seed;
	int64_t every_ns; /* between two messages; 0: none is kept */
	uint32_t seq; /* messages of this session so far, of any talker */
	struct buf out; /* the message */
};

struct talker {
	const char *doing; /* "Repeating": the beginning of a sentence */
	size_t state_size;
	/* NULL, or: is size one that it can do? 0, or -EINVAL. */
	int (*begin)(struct talk *t, struct err *err);
	/* Append the next message, the seq-th, to out. */
	void (*next)(struct talk *t);
	const struct listener *listener; /* for the answers; NULL: none */
};

/* The same text again and again; size: its bytes, 1 to TALK_SIZE_MAX. */
extern const struct talker talk_repeat;
/* Readings of `size` sensors, each a random walk from the seed on. */
extern const struct talker talk_telemetry;
#define TALK_SENSORS_MAX 9

/* size, seed, every_ns and seq are set already. 0 or -errno with a sentence;
 * talk_done() in any case. */
int talk_begin(struct talk *t, const struct talker *talker, struct err *err);
/* The next message alone into out. */
void talk_next(struct talk *t);
void talk_done(struct talk *t);

/* ---- listening ---- */

struct hearing {
	const struct listener *listener; /* NULL: nobody listens */
	void *state; /* NULL: the same */
	bool datagrams; /* each hear() is one */
	/* What was understood, as a sentence; "": nothing yet. */
	char note[TALK_NOTE_MAX];
	bool note_bad;
	int64_t every_ns; /* the peer commands this period; 0: nothing */
};

struct listener {
	size_t state_size;
	/* Take bytes until there is something to say. Returns how many. */
	size_t (*hear)(struct hearing *h, const uint8_t *data, size_t n);
};

extern const struct listener listen_telemetry;
/* The answers of the struct service: !Qd. */
extern const struct listener listen_struct;

/* Without memory nobody listens. */
void hearing_begin(
    struct hearing *h, const struct listener *listener, bool datagrams);
void hearing_done(struct hearing *h);

#endif
