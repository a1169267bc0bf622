/*
 * capture/ledger.h - what the wire cost, and for which bytes.
 *
 * Every packet is booked exactly once, under one purpose. A data segment's
 * headers are split by bytes among the stream bytes it is the first to carry
 * (bytes in it that were carried before weigh on those too); a pure ACK goes to
 * the bytes it is the first to acknowledge; a retransmission to the bytes it
 * repeats. So the costs of all ranges of a stream add up to the ledger of its
 * conversation, to the byte. The packet itself is counted at its first byte.
 *
 * In no range, but in the conversation's costs by purpose: handshake, teardown
 * and other; ACKs that acknowledge no new payload (duplicates); and
 * retransmissions of bytes from before the capture began, which have no offset.
 *
 * Owns:   bookings, by copy.
 * Bounds: LEDGER_BOOKINGS. When they are used up, conversations that hold half
 *         of the average or more fold the oldest quarter of their bookings into
 *         their totals; those ranges read as "not held". A segment that belongs
 *         below thousands of later ones stands in the totals only.
 * Thread: main.  Blocks: never.
 */
#ifndef SOCKDECK_CAPTURE_LEDGER_H
#define SOCKDECK_CAPTURE_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include "capture/cost.h"
#include "capture/store.h"

#define LEDGER_BOOKINGS (512 * 1024)

/* The cost of a range of stream bytes. */
struct range_cost {
	struct cost data; /* the segments that carried it first */
	struct cost acks; /* pure ACKs that acknowledged it first */
	struct cost retransmissions;
	uint64_t covered; /* bytes of the range seen on the wire */
};

struct ledger;

struct ledger *ledger_new(void);
void ledger_free(struct ledger *l);
/* From now on only costs by conversation and purpose are kept: for a file,
 * which has no calls whose bytes somebody asks for. */
void ledger_forgo_ranges(struct ledger *l);

/* Book a frame that went through flow_feed() with a flow. */
void ledger_book(struct ledger *l, const struct frame *f);
/* The conversation has left: its bookings go, the totals stay. */
void ledger_drop(struct ledger *l, uint32_t flow);

/*
 * What bytes [from, to) that end dir sent have cost so far. False: nothing is
 * known of that range (not captured, not seen yet, or folded).
 */
bool ledger_range(const struct ledger *l, uint32_t flow, int dir, uint64_t from,
    uint64_t to, struct range_cost *ret);
/* A conversation's cost by sender and purpose; zero for unknown. */
struct cost ledger_flow(
    const struct ledger *l, uint32_t flow, int dir, enum purpose purpose);
/* Of everything captured that belonged to a conversation. */
struct cost ledger_total(const struct ledger *l, enum purpose purpose);
/* Of that, what went over TCP (PROTO_TCP) or UDP. */
struct cost ledger_total_of(
    const struct ledger *l, enum summary_proto proto, enum purpose purpose);

#endif
