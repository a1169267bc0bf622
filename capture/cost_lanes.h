/*
 * capture/cost_lanes.h - the costs of packets, added up at memory speed (for
 * cost.c and ledger.c).
 *
 * They have what a struct cost has in 32 bits, as the lanes of two vectors: a
 * packet is added by two instructions. After LANES_PACKETS packets they are
 * carried over into a struct cost, which never gets full.
 *
 * Owns:   nothing.  Thread: the owner's.  Blocks: never.
 */
#ifndef SOCKDECK_CAPTURE_COST_LANES_H
#define SOCKDECK_CAPTURE_COST_LANES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "capture/cost.h"

/* The bits that a lane of one packet has at most, unless it is a giant; and how
 * many packets fit into 32 bits therefore. */
#define LANES_PACKET_BITS 18
#define LANES_PACKETS (1u << (32 - LANES_PACKET_BITS))

typedef uint32_t cost_vector __attribute__((vector_size(16), aligned(8)));

struct cost_lanes {
	cost_vector headers; /* link, net, transport, options */
	cost_vector rest; /* payload, packets, ether, padding of the link */
};

/* What a summary says of the headers' lengths stands together. */
static inline cost_vector
lanes_of_headers(const struct summary *s)
{
	typedef uint16_t lengths __attribute__((vector_size(8)));
	const size_t at = offsetof(struct summary, link_len);
	lengths n;

	_Static_assert(
	    offsetof(struct summary, options_len) ==
		offsetof(struct summary, link_len) + 3 * sizeof s->link_len,
	    "four in a row");
	memcpy(&n, (const uint8_t *)s + at, sizeof n);
	return __builtin_convertvector(n, cost_vector);
}

/* Of one packet. Its lengths add up to that on the wire, which has 32 bits. */
static inline struct cost_lanes
lanes_of_packet(const struct summary *s)
{
	uint32_t ip = (uint32_t)s->net_len + s->transport_len + s->options_len +
		      s->payload_len;
	uint32_t ether = s->ip_version == 0 ? 0 : cost_ether(ip);

	return (struct cost_lanes){
	    .headers = lanes_of_headers(s),
	    .rest = {s->payload_len, 1, ether, s->padding_len},
	};
}

/* It cannot be added to others: its headers always could, with 16 bits each. */
static inline bool
lanes_are_giant(const struct summary *s)
{
	return (s->payload_len | s->padding_len) >> LANES_PACKET_BITS != 0;
}

static inline void
lanes_add(struct cost_lanes *sum, struct cost_lanes packet)
{
	sum->headers += packet.headers;
	sum->rest += packet.rest;
}

/* False: one more can be added. */
static inline bool
lanes_full(const struct cost_lanes *l)
{
	return l->rest[1] == LANES_PACKETS;
}

void lanes_carry(struct cost *sum, const struct cost_lanes *l);

#endif
