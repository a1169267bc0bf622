/*
 * net/wire_icmp.h - what a router on the way answers to a packet that it does
 * not pass on.
 *
 * Owns:   nothing.  Thread: any.  Blocks: never.
 * Source: RFC 792, RFC 1191 s4 (next-hop MTU), RFC 4443 s3.2, s3.3; RFC 1122
 *         s3.2.2 and RFC 4443 s2.4 (when to be silent).
 */
#ifndef SOCKDECK_NET_WIRE_ICMP_H
#define SOCKDECK_NET_WIRE_ICMP_H

#include "net/wire_facts.h"

#define WIRE_ICMP_MAX 1280 /* bytes: RFC 4443 quotes up to the minimum MTU */

enum wire_icmp { WIRE_ICMP_EXPIRED, WIRE_ICMP_TOO_BIG };

/* The router's addresses; which one answers depends on the packet. */
struct wire_router {
	uint8_t ip4[4], ip6[16];
};

/*
 * The whole IP packet that the router sends back to the packet's source; mtu:
 * of WIRE_ICMP_TOO_BIG. Returns its length; 0: nothing is answered to errors,
 * to later fragments, or to packets for many.
 */
size_t wire_icmp_make(enum wire_icmp what, uint32_t mtu,
    const struct wire_router *from, const struct wire_facts *f,
    const uint8_t *packet, size_t n, uint8_t dst[WIRE_ICMP_MAX]);

/* One hop less in the IP header, in place, checksum included. */
void wire_hop(uint8_t *packet, const struct wire_facts *f, uint8_t hops);

#endif
