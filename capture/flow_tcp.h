/*
 * capture/flow_tcp.h - one TCP segment within its conversation (for flow.c).
 *
 * What an end knows beyond what flow.h shows, the accounting of a segment, and
 * the state that follows from it.
 *
 * Owns:   the holes of a conversation with gaps.
 * Thread: main.  Blocks: never.
 * Source: RFC 9293 s3.3.2 (states), s3.4 (numbers), s3.8.4 (keep-alive), s3.10.
 */
#ifndef SOCKDECK_CAPTURE_FLOW_TCP_H
#define SOCKDECK_CAPTURE_FLOW_TCP_H

#include <stdbool.h>
#include <stdint.h>

#include "capture/flow.h"
#include "capture/tcp_analysis.h"

/* Unseen stretches remembered of a stream; the lowest is forgotten first. */
#define FLOW_HOLES 8

struct hole {
	uint64_t from, to;
};

struct tcp_end {
	/* sorted, disjoint, below sent_to: bytes passed over, not yet seen;
	 * allocated with the first, room for FLOW_HOLES */
	struct hole *holes;
	uint64_t ack_hi; /* highest offset acknowledged to it, FIN included */
	uint64_t lost_to; /* end of the last bytes that the wire lost */
	uint64_t last_ack; /* what it acknowledged last */
	uint32_t last_window;
	uint8_t hole_count;
	bool synced; /* its SYN was sent: seen, or follows from what was */
	bool syn_acked;
	bool syn_arrived, fin_arrived; /* the peer knows of them */
	uint8_t owed; /* purpose of the pure ACK that will answer it */
};

struct tcp_conn {
	struct tcp_conn *next; /* where it is in no use: the next such */
	struct tcp_talk talk;
	struct tcp_end end[2];
};

/* What decides an end's state. */
struct end_facts {
	bool syn, syn_acked, syn_arrived;
	bool fin, fin_acked, fin_arrived;
	bool fin_answers; /* its FIN acknowledged the peer's FIN */
};

/* The state of an end by RFC 9293 figure 5, without resets. */
enum tcp_state flow_state(
    const struct end_facts *self, const struct end_facts *peer);

void flow_tcp_start(struct flow *f, struct tcp_conn *c);
/* Analyse once more a connection that was over, from what f still knows. */
void flow_tcp_resume(struct flow *f, struct tcp_conn *c);
/* Both ends closed; TIME-WAIT is as good. */
bool flow_tcp_is_over(const struct flow *f);
/* Gives back what it holds; safe to repeat. */
void flow_tcp_done(struct tcp_conn *c, struct tcp_pool *pool);
/* Does this SYN, sent by dir, open another conversation on f's ports? */
bool flow_tcp_reopens(const struct flow *f, int dir, const struct summary *s);
/* The verdicts: fr->verdicts, fr->found, and what of them f keeps. */
void flow_judge(struct flow *f, struct tcp_conn *c, struct tcp_pool *pool,
    struct frame *fr);
/* The SACK blocks of a segment into ret->sack: as many as there are. */
void flow_read_sack(const struct frame *fr, struct tcp_segment *ret);
/* Account the segment; fr->dir is set. */
void flow_tcp_feed(struct flow *f, struct tcp_conn *c, struct tcp_pool *pool,
    struct frame *fr);
/*
 * The same for the segment that comes next when all is well, at a fifth of the
 * cost. False: it is another, nothing was done. See flow_expected.c.
 */
bool flow_tcp_feed_expected(struct flow *f, struct tcp_conn *c,
    struct tcp_pool *pool, struct frame *fr);

#endif
