/*
 * net/base/packet.h - one captured packet, and what became of it.
 *
 * One captured on an interface has no fate: it passed by. One captured at the
 * lab's wire has entered it, and has left it or was lost on it; its capture
 * time is when it left. A lost one has the time at which it would have left,
 * so that packets stand in the order in which they were sent.
 *
 * Owns:   nothing: it borrows its bytes.
 * Thread: any.  Blocks: never.
 */
#ifndef SOCKDECK_NET_BASE_PACKET_H
#define SOCKDECK_NET_BASE_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Name, whether its receiver gets nothing of it, and what is said of it. */
#define PACKET_FATES(X)                                                     \
	X(NONE, false, "not captured at a wire")                            \
	X(PASSED, false, "passed")                                          \
	X(DUPLICATED, false, "passed, and a copy was made")                 \
	X(COPY, false, "a copy that the wire made")                         \
	X(REORDERED, false, "passed, overtaken by later ones")              \
	X(CORRUPTED, true, "corrupted: its receiver's checksum refuses it") \
	X(LOST, true, "lost: random loss")                                  \
	X(BURST, true, "lost: in a burst")                                  \
	X(RULE, true, "dropped by a rule")                                  \
	X(HAND, true, "dropped by hand")                                    \
	X(QUEUE, true, "dropped: the queue was full")                       \
	X(TOO_BIG, true, "dropped: larger than the MTU")                    \
	X(EXPIRED, true, "dropped: its TTL ended at a router")              \
	X(NO_HOST, true, "dropped: no host has its address")                \
	X(FOLDED, true, "folded: timer's copy of one that is held")         \
	X(REFUSED, true, "lost: its receiver's interface did not take it")

enum packet_fate {
#define X(NAME, lost, text) FATE_##NAME,
	PACKET_FATES(X)
#undef X
	    FATE_COUNT
};

/* Times lie between 1823 and 2116, whatever a file says: so no difference of
 * two overflows. */
#define PACKET_TIME_MAX ((INT64_C(1) << 62) - 1)
/* Of a packet whose file does not tell: see pcapng's Simple Packet Block. */
#define PACKET_NO_TIME (-PACKET_TIME_MAX - 1)

struct packet {
	/* capture time, ns since the Unix epoch, or PACKET_NO_TIME */
	int64_t ts_ns;
	uint32_t cap_len; /* bytes at data */
	uint32_t wire_len; /* bytes there were; >= cap_len */
	uint16_t link_type; /* LINKTYPE_ of the pcap file format */
	uint16_t iface; /* index of the interface within its source */
	uint8_t fate; /* enum packet_fate */
	const uint8_t *data;
	int64_t entered_ns; /* the wire; with a fate only */
};

/* "lost: random loss"; "?" for what is no fate. */
const char *fate_text(unsigned fate);
/* Does its receiver get nothing of it? */
static inline bool
fate_is_lost(unsigned fate)
{
	enum {
#define X(NAME, lost, text) ((lost) << FATE_##NAME) |
		LOST = PACKET_FATES(X) 0 /* a bit for each */
#undef X
	};

	return fate < FATE_COUNT && (LOST >> fate & 1) != 0;
}

/* When its sender sent it, as far as is known: at a wire it may have waited. */
static inline int64_t
packet_sent_ns(const struct packet *p)
{
	return p->fate != FATE_NONE ? p->entered_ns : p->ts_ns;
}

#define PACKET_FATE_MAX 96
/* "passed after 20.1 ms", "lost: random loss"; "" without a fate. */
const char *packet_fate(const struct packet *p, char dst[PACKET_FATE_MAX]);

#endif
