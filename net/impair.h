/*
 * net/impair.h - a bad network between two ends, the same one every time.
 *
 * What happens to a datagram is decided by a hash of (seed, direction, its
 * sequence number relative to the first, how often it was sent before), and
 * not by one stream of random numbers: so two runs lose the same datagrams
 * even where their timing differs. The time at which something arrives may
 * still differ: the promise is "the same datagrams lost", never more.
 *
 *   impair_decide()  the decision
 *   impair_nth()     counts how often a number was seen before
 *
 * Who carries the datagrams is net/wire_path.h.
 *
 * Owns:   nothing.  Thread: any; impair_seen: one at a time.  Blocks: never.
 */
#ifndef SOCKDECK_NET_IMPAIR_H
#define SOCKDECK_NET_IMPAIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/base/packet.h" /* enum packet_fate */

struct impair_rules {
	uint64_t seed;
	/* parts per million */
	uint32_t loss_ppm, duplicate_ppm, reorder_ppm, corrupt_ppm;
	/*
	 * 0: each is lost or not for itself. Else losses come in bursts of
	 * this many on average, in thousandths; loss_ppm is still the share
	 * that is lost. Gilbert's model: a chain of good and bad states, in
	 * the bad one all is lost.
	 */
	uint32_t burst_milli;
	int64_t delay_ns; /* of every datagram */
	int64_t jitter_ns; /* 0 to this much more, evenly spread */
	int64_t reorder_ns; /* more delay of those that are to be overtaken */
};

/* Which datagram it is; direction is any small number. */
struct impair_key {
	uint8_t direction;
	uint32_t nth; /* 0: sent for the first time */
	uint64_t seq; /* relative to the first of this direction */
	uint64_t slot; /* how many others went before it: for bursts */
};

struct impair_fate {
	uint8_t copies; /* 0 lost, 1, 2 duplicated */
	uint8_t fate; /* enum packet_fate, of the first copy */
	int64_t delay_ns[2]; /* of each copy; of a lost one the first */
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

#endif
