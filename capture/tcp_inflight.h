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

#include "capture/summary.h" /* TCP_SYN ... */
#include "capture/tcp_analysis.h"

/* RFC 9293 s3.4: numbers are compared modulo 2^32. */
static inline bool
tcp_after(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) > 0;
}

/* A frame's number from its low 32 bits: it is not behind this one. */
static inline uint64_t
tcp_whole_frame(uint64_t now, uint32_t low)
{
	return now - (uint32_t)((uint32_t)now - low);
}

/* What it advertised last, scaled if its scale counts already. */
static inline uint32_t
tcp_window(const struct tcp_track *t)
{
	int shift = t->scale_waits || t->scale < 0 ? 0 : t->scale;

	return (uint32_t)t->window << shift;
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
/* Take off what ack covers, which came with a frame; found: of that frame, which
 * segment ended just there, the oldest, and since when it was under way. */
void tcp_acked(struct tcp_pool *p, struct tcp_track *t, uint32_t ack,
    uint64_t frame, int64_t came_ns, struct tcp_findings *found);

/* What is in flight with a segment of len bytes, not 0, that was sent just now;
 * peer: the other direction. A virtual byte, SYN or FIN, is not. */
static inline void
tcp_count_in_flight(struct tcp_track *t, const struct tcp_track *peer,
    uint32_t len, uint8_t flags, struct tcp_findings *found)
{
	enum { MAX = 2000000000 }; /* more bytes are a mistake */
	uint32_t n = t->high - t->low - peer->sacked;

	if (t->count == 0 || t->gap)
		return;
	found->analysed = true;
	if (n > 0 && n < MAX)
		found->bytes_in_flight =
		    n - ((flags & (TCP_SYN | TCP_FIN)) != 0);
	t->push_bytes = t->pushed ? len : t->push_bytes + len;
	t->pushed = flags & TCP_PSH;
	found->push_bytes = t->push_bytes;
}

void tcp_forget(struct tcp_pool *p, struct tcp_track *t);

#endif
