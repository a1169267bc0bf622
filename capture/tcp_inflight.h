/*
 * capture/tcp_inflight.h - the segments of a direction that are not yet
 * acknowledged, oldest first (for tcp_analysis.c and flow_expected.c).
 *
 * They lie in one pool for all conversations, as lists of numbers: it grows by
 * doubling, and nothing is allocated for a segment alone. While the segments
 * of a direction are in order, an ACK costs those that it takes off; otherwise
 * it looks at all of them, if it can take any.
 *
 * Owns:   the segments.  Bounds: see tcp_analysis.h.
 * Thread: main.  Blocks: never.
 */
#ifndef SOCKDECK_CAPTURE_TCP_INFLIGHT_H
#define SOCKDECK_CAPTURE_TCP_INFLIGHT_H

#include "capture/tcp_analysis.h"

#define TCP_IN_FLIGHT_MAX 2000000000 /* more bytes than that is a mistake */

/* RFC 9293 s3.4: numbers are compared modulo 2^32. */
static inline bool
tcp_after(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) > 0;
}

struct unacked {
	int64_t sent_ns;
	uint32_t seq, end; /* what is left of it, and where it ends */
	uint32_t frame; /* low 32 bits */
	uint32_t newer; /* 0: none */
};

/* Borrowed until the next call. NULL: none. */
const struct unacked *tcp_oldest(
    const struct tcp_pool *p, const struct tcp_track *t);
/* Remember [seq, end) of a frame, unless there are too many. */
void tcp_sent(struct tcp_pool *p, struct tcp_track *t, uint32_t seq,
    uint32_t end, uint64_t frame, int64_t sent_ns);
/* Take off what ack covers. True: *ret is the oldest that ended just there. */
bool tcp_acked(
    struct tcp_pool *p, struct tcp_track *t, uint32_t ack, struct unacked *ret);
void tcp_forget(struct tcp_pool *p, struct tcp_track *t);

#endif
