/*
 * capture/cost_lanes.h - the costs of packets, added up at memory speed (for
 * cost.c and ledger.c).
 *
 * They have the fields of a struct cost in 32 bits, as the lanes of two
 * vectors: a packet is added by two instructions. What is half full is
 * carried over into a struct cost, which never gets full.
 *
 * Owns:   nothing.  Thread: the owner's.  Blocks: never.
 */
#ifndef SOCKDECK_CAPTURE_COST_LANES_H
#define SOCKDECK_CAPTURE_COST_LANES_H

#include <stdbool.h>
#include <stdint.h>

#include "capture/cost.h"

typedef uint32_t cost_vector __attribute__((vector_size(16), aligned(8)));

struct cost_lanes {
	cost_vector lower; /* packets, link, ether, net */
	cost_vector upper; /* transport, options, payload, nothing */
};

/* Of one packet. Its bytes are at most 2^32, as its length has 32 bits. */
static inline struct cost_lanes
lanes_of_packet(const struct summary *s)
{
	uint32_t headers =
	    (uint32_t)s->net_len + s->transport_len + s->options_len;
	uint32_t ether =
	    s->ip_version == 0 ? 0 : cost_ether(headers + s->payload_len);

	return (struct cost_lanes){
	    .lower = {1, s->link_len + s->padding_len, ether, s->net_len},
	    .upper = {s->transport_len, s->options_len, s->payload_len, 0},
	};
}

static inline void
lanes_add(struct cost_lanes *sum, struct cost_lanes l)
{
	sum->lower += l.lower;
	sum->upper += l.upper;
}

/* False: another of which the same is true can be added. */
static inline bool
lanes_half_full(struct cost_lanes l)
{
	typedef uint64_t pairs __attribute__((vector_size(16)));
	const uint64_t upper_bits = UINT64_C(0x8000000080000000);
	pairs any = (pairs)(l.lower | l.upper);

	return ((any[0] | any[1]) & upper_bits) != 0;
}

void lanes_carry(struct cost *sum, struct cost_lanes l);

#endif
