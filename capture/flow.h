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
 * Bounds: the number given to flow_table_new(). When they are used up, one that
 *         was not seen again since the last round leaves.
 * Thread: main.  Blocks: never.
 * Source: RFC 9293 s3.3.2, s3.4 (sequence numbers), RFC 7323 s2.2 (scale).
 */
#ifndef SOCKDECK_CAPTURE_FLOW_H
#define SOCKDECK_CAPTURE_FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/dissect.h"
#include "capture/flow_key.h"
#include "capture/store.h"
#include "net/addr.h"
#include "net/socktab.h" /* enum tcp_state */

/* Conversations a table holds, unless it is told otherwise: about 30 MB. */
#define FLOW_MAX 65536
/* For a file, whose conversations are all to be listed: 480 MB. */
#define FLOW_MAX_FILE (1024 * 1024)

/* How a connection was opened, as far as the capture shows. */
#define FLOW_OPENINGS(X)                                            \
	X(UNSEEN, "not captured") /* it was open already */         \
	X(UNANSWERED, "SYN unanswered")                             \
	X(REFUSED, "refused") /* the SYN was answered with a RST */ \
	X(HALF, "half-open") /* the last ACK is missing */          \
	X(THREE_WAY, "three-way handshake")                         \
	X(SIMULTANEOUS, "simultaneous open")

/* And how it was closed. */
#define FLOW_CLOSINGS(X)                                           \
	X(OPEN, "open")                                            \
	X(HALF_CLOSED, "half-closed") /* by one end so far */      \
	X(UNFINISHED, "closing") /* a FIN is not acknowledged */   \
	X(FOUR_WAY, "four-way teardown") /* one after the other */ \
	X(SIMULTANEOUS, "simultaneous close")                      \
	X(RESET, "reset")

/* RFCOMM: a channel (DLC), its ends by the devices' addresses; the server's port
 * is the channel. The ACL fragments of a frame are its packets. */

enum flow_opening {
#define X(NAME, text) FLOW_OPENED_##NAME,
	FLOW_OPENINGS(X)
#undef X
	    FLOW_OPENINGS_COUNT
};
enum flow_closing {
#define X(NAME, text) FLOW_CLOSED_##NAME,
	FLOW_CLOSINGS(X)
#undef X
	    FLOW_CLOSINGS_COUNT
};

struct flow_end {
	uint64_t sent_to; /* highest stream offset sent, half-open */
	uint64_t acked_to; /* highest stream offset the other acknowledged */
	uint64_t fin_off; /* stream offset of the FIN, if fin_seen */
	uint64_t payload; /* every byte sent, repeats too */
	uint32_t packets;
	uint32_t isn; /* subtract for relative numbers */
	uint16_t mss; /* announced; 0: not seen */
	uint8_t state; /* enum tcp_state */
	int8_t window_shift; /* TCP_SCALE_ or the count (tcp_analysis.h) */
	bool base_known : 1; /* isn is a real SYN's or the first seen seq - 1 */
	bool syn_seen : 1, fin_seen : 1, rst_seen : 1;
	bool syn_alone : 1; /* its SYN acknowledged nothing */
	bool fin_acked : 1;
	bool fin_answers : 1; /* its FIN acknowledged the peer's */
	bool sent_half_closed : 1; /* data, after the peer's FIN */
	bool ecn : 1; /* its SYN asked for ECN, or agreed */
	bool sack_permitted : 1;
};

struct flow {
	struct flow_key key;
	uint32_t id; /* 1 for the first; never reused */
	uint32_t stream; /* as tcp.stream, udp.stream: from 0, each protocol */
	struct flow_end end[2]; /* [DIR_CLIENT], [DIR_SERVER] */
	int64_t first_ns, last_ns;
	int64_t closed_ns; /* the last packet of the teardown; 0: open */
	int64_t initial_rtt_ns; /* SYN to the handshake's ACK; 0: unknown */
	uint64_t first_frame, last_frame; /* ids in the store */
	/* the handshake's three packets; 0: not seen */
	uint64_t syn_frame, syn_ack_frame, ack_frame;
	uint32_t retransmissions;
	uint32_t verdicts; /* of all its segments, or-ed */
	uint8_t proto; /* PROTO_TCP, PROTO_UDP or PROTO_RFCOMM */
	uint8_t completeness; /* as tcp.completeness */
	uint8_t channel_state; /* RFCOMM: enum rfcomm_state (rfcomm.h) */
	bool client_second; /* in the key */
};

struct flow_table;

/* At most max conversations; their memory is taken as they come. */
struct flow_table *flow_table_new(uint32_t max);
void flow_table_free(struct flow_table *ft);
/* Hold more of them, if max is more and as far as there is address space.
 * Before the first. */
void flow_table_limit(struct flow_table *ft, uint32_t max);
size_t flow_table_bytes(const struct flow_table *ft);

/*
 * The way to a conversation leads over three places in memory, each known only
 * from the one before; all are far away when there are many conversations. So
 * what is marked is fetched some time before it is fed, and touched a little
 * before: by then what a step needs has come. With 200,000 conversations this
 * takes a third off the time of flow_feed(); few are near anyhow, and nothing
 * is done. n: marks, each.
 */
void flow_fetch(
    const struct flow_table *ft, const struct flow_mark *m, size_t n);
void flow_touch(
    const struct flow_table *ft, const struct flow_mark *m, size_t n);

/*
 * Account one frame and fill in what store.h says flow.h fills in.
 * Returns the flow's id, 0 if the frame belongs to none.
 */
uint32_t flow_feed(struct flow_table *ft, struct frame *f);
/* The same for one that was marked. */
uint32_t flow_feed_marked(
    struct flow_table *ft, struct frame *f, const struct flow_mark *m);

/* What was known of Bluetooth when frame `id` came: see capture/hci_track.h. */
void flow_hci_context(const struct flow_table *ft, uint64_t id,
    const struct packet *p, struct hci_context *ret);

struct addr flow_addr(const struct flow *f, int end);
const char *flow_proto_name(uint8_t proto); /* "TCP" */
enum flow_opening flow_opening(const struct flow *f);
enum flow_closing flow_closing(const struct flow *f);
const char *flow_opening_text(enum flow_opening o);
const char *flow_closing_text(enum flow_closing c);

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
