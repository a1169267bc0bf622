/*
 * net/wire_facts.h - what the wire has to know of an IP packet: enough to
 * decide about it, to give it a number of its own, and to name it in a line.
 *
 * The number (struct impair_key) is the same in every run of a lesson: of TCP
 * the relative sequence number (of a pure ACK what it acknowledges), of others
 * how many came before; with the conversation, counted in the order in which
 * they begin.
 *
 * Owns:   struct wire_flows: its memory, by value.
 * Bounds: WIRE_FLOWS conversations; of those that fall into one set the one
 *         seen longest ago is forgotten, and counts as new when it goes on.
 * Thread: one at a time.  Blocks: never.
 * Source: RFC 791, RFC 8200, RFC 9293, RFC 768.
 */
#ifndef SOCKDECK_NET_WIRE_FACTS_H
#define SOCKDECK_NET_WIRE_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/impair.h"

enum wire_direction { WIRE_TO_SERVER, WIRE_TO_CLIENT, WIRE_BOTH };

enum {
	WIRE_FIN = 1,
	WIRE_SYN = 2,
	WIRE_RST = 4,
	WIRE_PSH = 8,
	WIRE_ACK = 16,
	WIRE_URG = 32,
};

struct wire_facts {
	uint8_t ip_version; /* 4 or 6; 0: no IP packet, the rest is zero */
	uint8_t proto; /* IPPROTO_, behind extension headers */
	uint8_t ttl;
	bool whole; /* no later fragment: the ports are there */
	bool dont_fragment;
	uint8_t flags; /* of TCP */
	uint8_t icmp_type;
	uint8_t src[16], dst[16]; /* IPv4: the first 4 */
	uint16_t src_port, dst_port;
	uint32_t seq, ack;
	uint32_t payload_len; /* behind the transport header, by the lengths */
	uint32_t transport_off, payload_off;
};

/* False: no IP packet. */
bool wire_facts_read(const uint8_t *data, size_t n, struct wire_facts *ret);
/* A TCP segment that only acknowledges. */
bool wire_facts_is_ack(const struct wire_facts *f);
/* The byte to change so that the receiver's checksum does not fit any more, and
 * nobody takes the packet for another one. */
uint32_t wire_facts_corrupt_at(const struct wire_facts *f);

#define WIRE_FACTS_TEXT 80
/* "PSH,ACK 1449:2897 1448 B": numbers relative, as the key has them. */
const char *wire_facts_text(const struct wire_facts *f,
    const struct impair_key *key, char dst[WIRE_FACTS_TEXT]);

#define WIRE_FLOW_SETS 256
#define WIRE_FLOW_WAYS 4
#define WIRE_FLOWS (WIRE_FLOW_SETS * WIRE_FLOW_WAYS)

struct wire_flow {
	uint64_t id; /* of its addresses and ports; 0: empty */
	uint32_t ordinal; /* 1 for the first */
	struct wire_flow_way {
		bool based;
		uint32_t base; /* number of the SYN; else the first one's */
		uint32_t others; /* packets that have no number of their own */
		uint64_t slots; /* data segments and others, once each */
	} way[2];
};

struct wire_flows {
	struct wire_flow set[WIRE_FLOW_SETS][WIRE_FLOW_WAYS];
	uint32_t begun;
	struct impair_seen seen;
};

/* The number of a packet, which is counted. */
struct impair_key wire_flows_key(
    struct wire_flows *w, const struct wire_facts *f, enum wire_direction dir);

#endif
