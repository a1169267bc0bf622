/*
 * capture/cost.h - what packets cost on the wire, by layer.
 *
 * Costs count IP upward; the link layer stands apart, because lo's 14 bytes
 * are fake, a TUN has none and real Ethernet pads to 64 with its checksum.
 *
 * Owns:   nothing.  Thread: any.  Blocks: never.
 */
#ifndef SOCKDECK_CAPTURE_COST_H
#define SOCKDECK_CAPTURE_COST_H

#include <stdint.h>

#include "capture/summary.h"

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

/* What real Ethernet adds to an IP packet of so many bytes: header, padding to
 * 64, FCS, preamble and gap. Source: IEEE 802.3 clause 3, 4.4.2. */
static inline uint32_t
cost_ether(uint32_t ip_bytes)
{
	enum { HEADER = 14, PAYLOAD_MIN = 46, FCS = 4, PREAMBLE = 8, GAP = 12 };
	uint32_t padding = ip_bytes < PAYLOAD_MIN ? PAYLOAD_MIN - ip_bytes : 0;

	return PREAMBLE + HEADER + padding + FCS + GAP;
}

#endif
