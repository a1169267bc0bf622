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
 * Costs count IP upward; the link layer stands apart, because lo's 14 bytes
 * are fake, a TUN has none and real Ethernet pads to 64 with its checksum.
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

#include "capture/store.h"

#define LEDGER_BOOKINGS (512 * 1024)

struct cost {
	uint64_t packets;
	uint64_t link; /* as captured, padding included; not part of the sum */
	uint64_t
	    ether; /* what real Ethernet has there; not part of it either */
	uint64_t net; /* IP header and options */
	uint64_t transport; /* TCP or UDP header without options */
	uint64_t options; /* TCP options */
	uint64_t payload;
};

/* Of one packet. */
struct cost cost_of_packet(const struct summary *s);
void cost_add(struct cost *sum, const struct cost *c);
uint64_t cost_headers(const struct cost *c); /* net + transport + options */
uint64_t cost_bytes(const struct cost *c); /* headers + payload */
/* With what real Ethernet adds. */
uint64_t cost_on_ethernet(const struct cost *c);
/* Payload share in tenths of a percent, rounded; 0 for nothing. */
unsigned cost_share(const struct cost *c);

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

/* The frame as real Ethernet would carry it: FCS, padding to 64, preamble and
 * gap included. Source: IEEE 802.3 clause 3, 4.4.2. */
uint32_t ledger_ethernet_bytes(uint32_t ip_bytes);

#endif
