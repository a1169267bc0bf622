/*
 * capture/flow.h - conversations, and the TCP state of both their ends.
 *
 * The client is who sent the SYN; where none was seen, who has the higher port.
 * States follow RFC 9293 s3.3.2 from the packets alone: the state of an end
 * after a packet is what that end must be in once the packet was delivered, as
 * the RFC's figures draw it: sent a SYN, it stands in SYN-RECEIVED (so LISTEN,
 * the state before, is never a result). A reset closes both ends.
 * Relative numbers as Wireshark counts them: the SYN is 0, the first byte 1;
 * stream offsets are one less.
 *
 * Owns:   flow records, by copy; never points into packets.
 * Bounds: FLOW_MAX flows; the least recently seen leaves first.
 * Thread: main.  Blocks: never.
 * Source: RFC 9293 s3.3.2, s3.4 (sequence numbers), RFC 7323 s2.2 (scale).
 */
#ifndef SOCKDECK_CAPTURE_FLOW_H
#define SOCKDECK_CAPTURE_FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/store.h"
#include "net/addr.h"
#include "net/socktab.h" /* enum tcp_state */

#define FLOW_MAX 8192

struct flow_end {
	struct addr addr;
	uint8_t state; /* enum tcp_state */
	bool base_known; /* isn is a real SYN's or the first seen seq - 1 */
	bool syn_seen, fin_seen, rst_seen;
	uint32_t isn; /* subtract for relative numbers */
	uint64_t sent_to; /* highest stream offset sent, half-open */
	uint64_t acked_to; /* highest stream offset the other acknowledged */
	uint64_t fin_off; /* stream offset of the FIN, if fin_seen */
	int window_shift; /* -1: not negotiated or unknown */
	uint16_t mss; /* announced; 0: not seen */
	uint64_t packets, payload; /* payload: every byte sent, repeats too */
};

struct flow {
	uint32_t id; /* 1 for the first; never reused */
	uint32_t stream; /* as tcp.stream, udp.stream: from 0, each protocol */
	uint8_t proto; /* PROTO_TCP or PROTO_UDP */
	struct flow_end end[2]; /* [DIR_CLIENT], [DIR_SERVER] */
	int64_t first_ns, last_ns;
	/* the handshake's three packets; 0: not seen */
	int64_t syn_ns, syn_ack_ns, ack_ns;
	uint64_t syn_frame, syn_ack_frame, ack_frame;
	int64_t fin_ns; /* the first FIN or RST; 0: still open */
	int64_t closed_ns; /* the last packet of the teardown */
	uint64_t first_frame, last_frame; /* ids in the store */
	uint64_t retransmissions;
};

struct flow_table;

struct flow_table *flow_table_new(void);
void flow_table_free(struct flow_table *ft);

/*
 * Account one frame and fill in what store.h says flow.h fills in.
 * Returns the flow's id, 0 if the frame belongs to none.
 */
uint32_t flow_feed(struct flow_table *ft, struct frame *f);

/* NULL: never was or has left. Borrowed until the next flow_feed(). */
const struct flow *flow_get(const struct flow_table *ft, uint32_t id);
/* The newest flow between these two, whoever is the client. NULL: none. */
const struct flow *flow_find(const struct flow_table *ft,
    enum transport transport, const struct addr *a, const struct addr *b);
/* Ids held: within [first, next), some may have left. */
uint32_t flow_first(const struct flow_table *ft);
uint32_t flow_next(const struct flow_table *ft);
/* The flow that left to make room in the last flow_feed(), 0: none. */
uint32_t flow_evicted(const struct flow_table *ft);

#endif
