/*
 * net/impair.h - a bad network between two ends, the same one every time.
 *
 * What happens to a datagram is decided by a hash of (seed, direction, its
 * sequence number relative to the first, how often it was sent before), and
 * not by one stream of random numbers: so two runs lose the same datagrams
 * even where their timing differs. The time at which something arrives may
 * still differ: the promise is "the same datagrams lost", never more.
 *
 *   impair_decide()  the decision alone, for whoever carries packets
 *   impair_nth()     counts how often a number was seen before
 *   struct impair    one direction: holds datagrams until they are due
 *
 * Without I/O and without a clock; times are nanoseconds of any clock.
 *
 * Owns:   copies of the datagrams it holds.
 * Bounds: IMPAIR_HELD datagrams and IMPAIR_BYTES; more are lost, as in a full
 *         queue, and counted apart.
 * Thread: one at a time.  Blocks: never.
 */
#ifndef SOCKDECK_NET_IMPAIR_H
#define SOCKDECK_NET_IMPAIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IMPAIR_HELD 8192
#define IMPAIR_BYTES (16 * 1024 * 1024)
#define IMPAIR_NEVER INT64_MAX
#define IMPAIR_ALL 1000000 /* parts per million */

struct impair_rules {
	uint64_t seed;
	/* parts per million */
	uint32_t loss_ppm, duplicate_ppm, reorder_ppm;
	int64_t delay_ns; /* of every datagram */
	int64_t jitter_ns; /* 0 to this much more, evenly spread */
	int64_t reorder_ns; /* more delay of those that are to be overtaken */
};

/* Which datagram it is; direction is any small number. */
struct impair_key {
	uint8_t direction;
	uint64_t seq; /* relative to the first of this direction */
	uint32_t nth; /* 0: sent for the first time */
};

struct impair_fate {
	uint8_t copies; /* 0 lost, 1, 2 duplicated */
	int64_t delay_ns[2]; /* of each copy */
};

/* The same arguments give the same fate, on every machine. */
struct impair_fate impair_decide(
    const struct impair_rules *rules, const struct impair_key *key);

/*
 * How often a sequence number was seen before: 0 at first. It remembers some
 * 8192 numbers; of those that fall into one set the one seen longest ago is
 * forgotten, and counts as new when it comes again. Zeroed: has seen nothing.
 */
#define IMPAIR_SETS 2048
#define IMPAIR_WAYS 4
struct impair_seen {
	struct impair_seen_number {
		uint64_t seq;
		uint32_t times; /* 0: empty */
	} set[IMPAIR_SETS][IMPAIR_WAYS]; /* the newest first */
};
uint32_t impair_nth(struct impair_seen *s, uint64_t seq);

struct impair_stats {
	uint64_t pushed, lost, duplicated, reordered, overflowed, popped;
	uint32_t held; /* now */
};

struct impair;

/* NULL: no memory. */
struct impair *impair_new(const struct impair_rules *rules);
void impair_free(struct impair *im);
/* For datagrams pushed from now on. */
void impair_set_rules(struct impair *im, const struct impair_rules *rules);

/* Take a copy of a datagram; its fate is sealed here. */
void impair_push(struct impair *im, const struct impair_key *key,
    const void *data, size_t n, int64_t now_ns);
/*
 * The next datagram that is due, in order of time, then of arrival. Returns
 * its length and copies at most size bytes, or -EAGAIN: none is due.
 */
int64_t impair_pop(struct impair *im, int64_t now_ns, void *buf, size_t size);
/* When the next one is due; IMPAIR_NEVER: nothing is held. */
int64_t impair_deadline(const struct impair *im);
struct impair_stats impair_stats(const struct impair *im);

#endif
