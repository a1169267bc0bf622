/*
 * capture/tcp_analysis.h - what is wrong, or worth knowing, about a segment.
 *
 * The verdicts are Wireshark's (`tcp.analysis.*` of its packet-tcp dissector,
 * read as facts), so that what a student reads here stands there too. They are
 * made from the segments of one conversation in the order of the capture, with
 * 32-bit serial numbers; nothing is looked up later.
 *
 * Owns:   unacknowledged segments, in one pool for all conversations.
 * Bounds: TCP_UNACKED_MAX segments a direction, TCP_POOL_MAX in all; what is
 *         beyond them is not remembered: its ACK then refers to no frame.
 * Speed:  one allocation when the pool grows, none for a segment. A segment
 *         costs the segments it acknowledges; only after loss all that are in
 *         flight.
 * Thread: main.  Blocks: never.
 * Source: RFC 9293 s3.4, s3.8; RFC 2018, RFC 2883 (SACK); RFC 5961 (RST).
 */
#ifndef SOCKDECK_CAPTURE_TCP_ANALYSIS_H
#define SOCKDECK_CAPTURE_TCP_ANALYSIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TCP_UNACKED_MAX 10000
#define TCP_POOL_MAX (1024 * 1024)
#define TCP_SACK_MAX 4 /* as many as fit into the options, RFC 2018 s3 */

/*
 * X(NAME, name, words): VERDICT_NAME is the bit, "tcp.analysis." name the
 * field, words what a list of packets says. The first fifteen are Wireshark's;
 * as there, fast and spurious retransmissions are retransmissions too.
 *
 * Notes of our own: D_SACK, the first SACK block names bytes received twice
 * (RFC 2883). Of a reset (RFC 5961 s3.2): RST_CHALLENGED, its number is within
 * the window, but not the expected one, so it is answered with a challenge ACK;
 * RST_IGNORED, the receiver drops it. Both close nothing.
 */
#define TCP_VERDICTS(X)                                                      \
	X(RETRANSMISSION, "retransmission", "Retransmission")                \
	X(FAST_RETRANSMISSION, "fast_retransmission", "Fast Retransmission") \
	X(SPURIOUS_RETRANSMISSION, "spurious_retransmission",                \
	    "Spurious Retransmission")                                       \
	X(OUT_OF_ORDER, "out_of_order", "Out-Of-Order")                      \
	X(LOST_SEGMENT, "lost_segment", "Previous segment not captured")     \
	X(ACK_LOST_SEGMENT, "ack_lost_segment", "ACKed unseen segment")      \
	X(DUPLICATE_ACK, "duplicate_ack", "Dup ACK")                         \
	X(KEEP_ALIVE, "keep_alive", "Keep-Alive")                            \
	X(KEEP_ALIVE_ACK, "keep_alive_ack", "Keep-Alive ACK")                \
	X(ZERO_WINDOW, "zero_window", "ZeroWindow")                          \
	X(ZERO_WINDOW_PROBE, "zero_window_probe", "ZeroWindowProbe")         \
	X(ZERO_WINDOW_PROBE_ACK, "zero_window_probe_ack",                    \
	    "ZeroWindowProbeAck")                                            \
	X(WINDOW_UPDATE, "window_update", "Window Update")                   \
	X(WINDOW_FULL, "window_full", "Window Full")                         \
	X(REUSED_PORTS, "reused_ports", "Port numbers reused")               \
	X(D_SACK, "d_sack", "D-SACK")                                        \
	X(RST_CHALLENGED, "rst_challenged", "RST not at the edge")           \
	X(RST_IGNORED, "rst_ignored", "RST outside of the window")

enum tcp_verdict_bit {
#define X(NAME, name, words) VERDICT_BIT_##NAME,
	TCP_VERDICTS(X)
#undef X
	    VERDICT_BITS
};

enum tcp_verdict {
#define X(NAME, name, words) VERDICT_##NAME = 1 << VERDICT_BIT_##NAME,
	TCP_VERDICTS(X)
#undef X
	/* the verdicts that Wireshark knows */
	VERDICT_WIRESHARK = (VERDICT_REUSED_PORTS << 1) - 1,
};

/* "fast_retransmission" and "Fast Retransmission"; bit < VERDICT_BITS. */
const char *tcp_verdict_name(unsigned bit);
const char *tcp_verdict_words(unsigned bit);
/* The verdict of that name; 0: none has it. */
uint32_t tcp_verdict_find(const char *name, size_t len);

/* tcp.completeness: what of a conversation was captured. */
enum {
	TCP_SEEN_SYN = 1,
	TCP_SEEN_SYN_ACK = 2,
	TCP_SEEN_ACK = 4, /* without data */
	TCP_SEEN_DATA = 8,
	TCP_SEEN_FIN = 16,
	TCP_SEEN_RST = 32,
};

struct tcp_segment {
	uint64_t frame;
	/* At a wire when its sender had sent it, and when it came out; else both
	 * are the time of capture. */
	int64_t sent_ns, came_ns;
	uint32_t seq, ack; /* raw, host order */
	uint32_t len; /* payload bytes on the wire */
	uint16_t window; /* raw */
	uint8_t flags; /* TCP_SYN ... of summary.h */
	bool has_wscale, options_cut; /* not all of its options are here */
	uint8_t wscale; /* as sent */
	uint8_t sack_count;
	struct tcp_sack {
		uint32_t left, right; /* raw */
	} sack[TCP_SACK_MAX];
};

/* Does the first of n blocks name bytes that came twice (D-SACK)? It begins
 * below the ACK, or lies within the second: RFC 2883 s4. */
bool tcp_sack_is_duplicate(
    const struct tcp_sack *blocks, size_t n, uint32_t ack);

/* What was found out about one segment. 0 stands for "none". */
struct tcp_findings {
	uint32_t verdicts; /* enum tcp_verdict, or-ed */
	bool judged; /* it is a segment of a conversation */
	bool analysed; /* as Wireshark: it has a "SEQ/ACK analysis" */
	uint8_t completeness; /* of the conversation, before this segment */
	uint32_t dup_ack_num; /* this is duplicate number, from 1 */
	uint64_t dup_ack_frame; /* of the ACK in */
	uint64_t acks_frame; /* the segment it acknowledges, to the byte */
	int64_t ack_rtt_ns; /* since that one */
	uint64_t rto_frame; /* what the time-out is measured from */
	int64_t rto_ns;
	uint32_t bytes_in_flight; /* after it, data segments only */
	uint32_t push_bytes; /* sent since the last PSH, this one included */
};

/* One direction. All zero but what tcp_track_init() sets. */
struct tcp_track {
	int64_t next_ns; /* when the segment was sent that set next */
	int64_t ack_ns; /* when the one came that set ack */
	uint32_t next; /* behind the highest byte sent */
	uint32_t next_frame; /* which frame did it (low 32 bits) */
	uint32_t whole; /* behind the bytes sent without a gap */
	uint32_t ack; /* what it acknowledged last */
	uint32_t ack_frame; /* the first frame with that ack */
	uint32_t dup_acks; /* since */
	uint32_t sacked; /* bytes its last segment SACKed */
	uint32_t push_bytes;
	/* its segments that are not acknowledged, in the pool */
	uint32_t head, tail; /* oldest, newest; 0: none */
	uint32_t low, high; /* lowest number, highest end of them */
	uint16_t count;
	uint16_t window; /* its last, raw */
	int8_t scale; /* TCP_SCALE_ or the shift count */
	bool has_next : 1, has_whole : 1, has_ack : 1, has_window : 1;
	bool sorted : 1; /* the segments in flight are in order */
	bool gap : 1; /* after a gap, until an ACK: bytes in flight unknown */
	bool pushed : 1; /* its last data had PSH */
	bool scale_waits : 1; /* its SYN was the last: no scaling yet */
	bool was_keep_alive : 1, was_probe : 1; /* its last segment */
};

enum { TCP_SCALE_UNKNOWN = -1, TCP_SCALE_NONE = -2 };

/* A connection. */
struct tcp_talk {
	struct tcp_track dir[2];
	int64_t syn_ns; /* of the last SYN without ACK; 0: none seen */
	int64_t initial_rtt_ns; /* SYN to the handshake's ACK; 0: unknown */
};

struct tcp_pool;

struct tcp_pool *tcp_pool_new(void);
void tcp_pool_free(struct tcp_pool *p);
size_t tcp_pool_bytes(const struct tcp_pool *p);

void tcp_talk_init(struct tcp_talk *t);
/* Gives its segments back to the pool. */
void tcp_talk_done(struct tcp_talk *t, struct tcp_pool *p);
/* A SYN repeats the one that opened it: what came after does not count. */
void tcp_talk_reopen(struct tcp_talk *t, int dir);

/*
 * Judge a segment that dir sent and account it. Never fails: without memory
 * it is judged all the same, and not remembered. Borrows both.
 */
void tcp_analyse(struct tcp_talk *t, struct tcp_pool *p, int dir,
    const struct tcp_segment *seg, struct tcp_findings *ret);

#endif
