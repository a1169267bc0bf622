/*
 * net/wire_path.h - one direction of a wire: what is under way on it.
 *
 * A packet first waits in a queue for the line, whose rate it takes up; then it
 * is under way for as long as the delay says, and comes out or not, as
 * net/impair.h decides. What is lost takes up its place as well and comes out
 * as lost, so that all come out in the order in which they were sent.
 *
 *   push -> [held, for a person to decide] -> queue, rate -> delay -> pop
 *
 * Held packets wait until wire_path_act() is told what becomes of them. What a
 * timer sends again meanwhile is folded: it comes out as lost, behind what it
 * repeats. (A route's rto_min would keep those copies away, but only from
 * connections that are opened later, and what is dropped by hand would be sent
 * again after minutes.) A frozen path has a clock that stands still;
 * wire_path_step() lets one packet out of it. Without I/O and without a clock of
 * its own; times are nanoseconds of any clock. Lessons use it with IP packets,
 * reliable UDP with datagrams.
 *
 * Owns:   the items that it was given, until they come out.
 * Bounds: WIRE_PATH_ITEMS, WIRE_PATH_BYTES; more come back from push.
 * Thread: one at a time.  Blocks: never.
 */
#ifndef SOCKDECK_NET_WIRE_PATH_H
#define SOCKDECK_NET_WIRE_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/impair.h"

#define WIRE_PATH_ITEMS 65536
#define WIRE_PATH_BYTES (64 * 1024 * 1024)
#define WIRE_PATH_NEVER INT64_MAX
#define WIRE_QUEUE_DEFAULT 100 /* packets */
#define WIRE_OVERTAKEN_NS INT64_C(5000000) /* what is reordered waits so long */

struct wire_settings {
	struct impair_rules impair;
	uint64_t rate_bps; /* 0: no limit */
	/* That wait for the line; 0: WIRE_QUEUE_DEFAULT, and no such limit. */
	uint32_t queue_packets, queue_bytes;
	uint32_t mtu; /* 0: that of the interfaces; for whoever has packets */
};

/* What a rule or a person does to a packet. */
#define WIRE_ACTIONS(X)           \
	X(NONE, "none")           \
	X(PASS, "pass")           \
	X(DROP, "drop")           \
	X(DUPLICATE, "duplicate") \
	X(DELAY, "delay")         \
	X(CORRUPT, "corrupt")     \
	X(REORDER, "reorder")

enum wire_action {
#define X(NAME, text) WIRE_##NAME,
	WIRE_ACTIONS(X)
#undef X
	    WIRE_ACTION_COUNT
};
const char *wire_action_name(enum wire_action a);

struct wire_order {
	enum wire_action action; /* WIRE_NONE: chance decides */
	int64_t delay_ns; /* WIRE_DELAY: so much more */
};

/* A packet under way. One piece of memory, free() releases it. */
struct wire_item {
	uint64_t id; /* its owner's; > 0 */
	struct impair_key key;
	int64_t entered_ns;
	/* on the path's clock, which stops while frozen */
	int64_t began_ns, due_ns;
	uint64_t number; /* of arrival, for ties */
	uint32_t corrupt_at; /* the byte that changes if it is corrupted */
	uint32_t folded; /* copies of it that came while it was held */
	uint16_t from, to; /* ports, for its owner */
	uint16_t head; /* bytes before the packet, for its owner */
	bool yields; /* while it is held: the next one overtakes it */
	bool foldable; /* a copy of one that is held is a timer's */
	uint8_t fate; /* enum packet_fate; FATE_NONE: to be decided by hand */
	struct wire_item *repeats; /* by its timer, while it is held */
	size_t len;
	uint8_t data[];
};

/* A copy of the bytes; the rest is zero. NULL: no memory. */
struct wire_item *wire_item_new(const void *data, size_t n);

struct wire_path_stats {
	uint64_t pushed, popped; /* popped: the lost ones, too */
	uint64_t copies; /* that were made; they are popped as well */
	uint64_t fates[FATE_COUNT]; /* of those popped */
	uint32_t held, flying; /* now */
	uint32_t folded; /* behind those that are held */
	uint32_t queued; /* of these: wait for the line */
	size_t bytes;
};

struct wire_path;

/* Copies the settings. NULL: no memory. */
struct wire_path *wire_path_new(const struct wire_settings *settings);
void wire_path_free(struct wire_path *p); /* takes NULL */
/* For packets pushed from now on. */
void wire_path_set(struct wire_path *p, const struct wire_settings *settings);

/* Nothing is to be done to packets and none is under way: whoever has one may
 * as well pass it at once. */
bool wire_path_is_clear(const struct wire_path *p);
/*
 * Takes the item, of which id, key, entered_ns and what is said to be its
 * owner's are set. False: no room; it stays the caller's, and its fate is set.
 */
bool wire_path_push(struct wire_path *p, struct wire_item *it,
    const struct wire_order *by_rule, int64_t now_ns);
/* The next that is due, the caller's to free(); fate_is_lost() tells whether it
 * arrives. NULL: none is due. */
struct wire_item *wire_path_pop(struct wire_path *p, int64_t now_ns);
/* When to pop next, on the caller's clock; WIRE_PATH_NEVER. */
int64_t wire_path_deadline(const struct wire_path *p);
struct wire_path_stats wire_path_stats(const struct wire_path *p, int64_t now);

/* ---- by hand ---- */

/* Hold what is pushed from now on; or let all go that is held, in order. */
void wire_path_hold(struct wire_path *p, bool hold, int64_t now_ns);
/*
 * Decide about a packet that is held. WIRE_REORDER: it lets the next one
 * overtake, also if that is yet to come, and stays held. What is dropped comes
 * out, as lost, behind those that came before it: so the record has the order in
 * which they were sent. -ENOENT: none with this id is to be decided about.
 */
int wire_path_act(struct wire_path *p, uint64_t id,
    const struct wire_order *order, int64_t now_ns);
/* Stop its clock, and start it again. */
void wire_path_freeze(struct wire_path *p, bool frozen, int64_t now_ns);
/* The next pop gives the packet that would come out first, due or not. False:
 * there is none, or it was told so already. */
bool wire_path_step(struct wire_path *p);
/* Held ones by place, in their order, also those that were dropped and wait for
 * the ones before; NULL behind the last. Borrowed. */
const struct wire_item *wire_path_held(const struct wire_path *p, size_t i);
/* Those under way, in no order; NULL behind the last. Borrowed. */
const struct wire_item *wire_path_flying(const struct wire_path *p, size_t i);
/* The path's clock. */
int64_t wire_path_time(const struct wire_path *p, int64_t now_ns);

#endif
