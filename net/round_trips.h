/*
 * net/round_trips.h - numbered messages to an echo server, each with its time.
 *
 * One actor sends `count` messages of `size` bytes over any transport, awaits
 * each echo and notes how long that took: one after the other, or with a window
 * of them under way. Over plain UDP an echo that does not come in time is a lost
 * message.
 *
 * Owns:   struct round_trips with its results: main makes it, the actor fills it
 *         in, and main reads it once engine_alive(group) is 0.
 * Bounds: ROUND_TRIPS_COUNT_MAX messages, ROUND_TRIPS_SIZE_MAX bytes each (one
 *         datagram within an MTU of 1500).
 * Thread: main.  Blocks: never; its actor does.
 */
#ifndef SOCKDECK_NET_ROUND_TRIPS_H
#define SOCKDECK_NET_ROUND_TRIPS_H

#include "net/engine.h"

#define ROUND_TRIPS_COUNT_MAX 100000
#define ROUND_TRIPS_SIZE_MAX 1400

struct round_trips_spec {
	enum transport transport; /* tcp, udp, rudp */
	struct addr to;
	uint32_t count, size; /* size: at least 1 */
	int64_t every_ns; /* between two messages; 0: the next at once */
	/* That may be unanswered at a time; 0 and 1: one. With more, every_ns
	 * does not count, size is at least 4, and both fit into buffers. */
	uint32_t window;
	int64_t timeout_ns; /* for the echo of a datagram */
};

struct round_trips {
	struct round_trips_spec spec;
	/* the results */
	int error; /* negative errno that ended it early; 0: complete */
	uint32_t sent, lost;
	uint32_t answered; /* echoes that came in time */
	int64_t *rtt_ns; /* of those, in the order of sending */
	int64_t begin_ns,
	    end_ns; /* monotonic: from before connect() to close() */
};

/* NULL: no memory. */
struct round_trips *round_trips_new(const struct round_trips_spec *spec);
void round_trips_free(struct round_trips *x);
/* Start its actor. x must live until that has ended. */
int round_trips_start(struct engine *e, struct round_trips *x,
    uint32_t *ret_group, struct err *err);

#endif
