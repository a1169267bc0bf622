/*
 * tui/endkey.h - the end of a conversation as bytes that can be compared.
 *
 * Owns:   nothing.  Thread: any.  Blocks: never.
 */
#ifndef SOCKDECK_TUI_ENDKEY_H
#define SOCKDECK_TUI_ENDKEY_H

#include "capture/flow.h"

/* No padding: equal ends are equal bytes. */
struct endkey {
	/* IPv4 in the first four, a Bluetooth device in the first six, the
	 * rest zero */
	uint8_t ip[16];
	uint16_t port;
	uint8_t proto; /* PROTO_TCP, PROTO_UDP, PROTO_RFCOMM */
	uint8_t version; /* 4 or 6; 0: no IP */
	uint32_t zero;
};

_Static_assert(sizeof(struct endkey) == 24, "no padding");

struct endkey endkey_of(const struct flow *f, int end);
struct addr endkey_addr(const struct endkey *k);
/* Addresses in the order of their numbers, IPv4 before IPv6, ports last. Of an
 * IPv6 address only the first six bytes count. */
uint64_t endkey_rank(const struct addr *a);

#endif
