/*
 * net/rudp_conn.h - the inside of a connection, for net/rudp*.c and its tests.
 *
 * Invariants, all in sequence numbers modulo 2^32:
 *   una <= next <= end <= una + window     (sent: [una, next), queued: to end)
 *   una itself is not acknowledged, unless una == next
 *   flight and lost are disjoint lists of slots of [una, next); the others
 *   there are TX_ACKED. flight is in order of transmission.
 *   read <= rcv_next <= rcv_top <= read + window (+ 1 with a FIN)
 *   rcv_next has not arrived; out_of_order counts what arrived above it.
 */
#ifndef SOCKDECK_NET_RUDP_CONN_H
#define SOCKDECK_NET_RUDP_CONN_H

#include "net/rudp.h"

#define RUDP_NIL UINT16_MAX
/* Transmissions between that make a message lost (RFC 5681 s3.2: three
 * duplicate ACKs). */
#define RUDP_REORDER 3
/* Repeated at each time-out. */
#define RUDP_TIMEOUT_BATCH 2

enum tx_place { TX_NEW, TX_FLIGHT, TX_LOST, TX_ACKED };

struct tx_slot {
	int64_t sent_ns; /* last transmission */
	uint64_t number; /* of the last transmission, counted from 1 */
	uint16_t prev, next; /* in flight or lost; slot indices */
	uint16_t len;
	uint8_t place; /* enum tx_place */
	bool fin;
	bool repeated; /* more than one transmission (Karn) */
	bool timed_out; /* lost by the timer, not by an ACK */
};

struct tx_list {
	uint16_t head, tail;
	uint32_t count;
};

struct rudp_tx {
	uint32_t una, next, end;
	uint32_t edge; /* the peer takes [.., edge) */
	struct tx_slot *slots;
	uint8_t *data; /* RUDP_MESSAGE_MAX each */
	struct tx_list flight, lost;
	uint64_t transmissions;
	/* the newest transmission that is known to have arrived */
	uint64_t arrived_number;
	int64_t arrived_sent_ns;
	int64_t srtt_ns, rttvar_ns, min_rtt_ns, rto_ns;
	uint32_t doublings; /* of rto_ns */
	uint32_t tries; /* time-outs without progress */
	int64_t timer_ns; /* RUDP_NEVER: off */
	bool probed; /* the tail was, since the last progress */
	bool fin_queued, fin_sent, fin_acked;
};

struct rx_slot {
	uint16_t len;
	bool here, fin;
};

struct rudp_rx {
	uint32_t read, next, top; /* top: behind the highest that arrived */
	uint32_t told_edge; /* next + window of the newest ACK */
	struct rx_slot *slots;
	uint8_t *data;
	uint32_t out_of_order;
	uint32_t unacked; /* in order, since the last ACK */
	bool ack_now;
	int64_t ack_ns; /* delayed ACK; RUDP_NEVER: none */
	bool fin_known; /* a FIN arrived, maybe out of order */
	uint32_t fin_seq;
	bool fin_read_up; /* ... and all before it: next == fin_seq + 1 */
};

struct rudp {
	struct rudp_config config;
	struct rudp_tx tx;
	struct rudp_rx rx;
	struct rudp_stats count; /* only its counters are kept here */
	uint32_t local_id, peer_id;
	uint32_t local_first, peer_first; /* sequence numbers */
	bool open; /* both ids are known */
	bool confirmed; /* the peer has been heard from since */
	bool closing; /* rudp_close() was called */
	bool closed; /* the end, with error or without */
	bool fin_crossed; /* ours was sent before theirs came: linger */
	bool opening_due, probe_due, reset_due; /* for rudp_output() */
	bool probing; /* a keep-alive PROBE waits for an answer */
	bool hello_sent, hello_repeated;
	int error;
	int64_t hello_ns; /* when it was sent */
	int64_t heard_ns;
	int64_t linger_ns; /* RUDP_NEVER: not in TIME-WAIT */
};

static inline uint16_t
rudp_index(const struct rudp *c, uint32_t seq)
{
	return (uint16_t)(seq & (c->config.window - 1));
}

/* a before b (RFC 1982) */
static inline bool
rudp_before(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

/* The end of the connection. reset: the peer is to be told. */
void rudp_end(struct rudp *c, int error, bool reset);

/* ---- rudp_send.c ---- */

void rudp_tx_init(struct rudp *c, uint32_t first);
/* The window that the peer announced with ack. */
void rudp_tx_window(struct rudp *c, uint32_t ack, uint16_t window);
/* Could this have been acknowledged? */
bool rudp_tx_plausible(const struct rudp *c, const struct rudp_packet *p);
/* Take in what p acknowledges. */
void rudp_tx_acked(struct rudp *c, const struct rudp_packet *p, int64_t now_ns);
/* One measured round trip (RFC 6298 s2). */
void rudp_tx_sample(struct rudp *c, int64_t rtt_ns);
/* The time-out of now, with its doublings. */
int64_t rudp_tx_timeout(const struct rudp *c);
void rudp_tx_start_timer(struct rudp *c, int64_t now_ns);
/* The timer ran out, when established. */
void rudp_tx_timed_out(struct rudp *c, int64_t now_ns);
/* Is a message or the FIN ready to be (re)transmitted? */
bool rudp_tx_ready(const struct rudp *c);
/* The next of them into p; its transmission is accounted. */
void rudp_tx_next(struct rudp *c, struct rudp_packet *p, int64_t now_ns);
/* Append the FIN, if one is wanted and there is room. */
void rudp_tx_queue_fin(struct rudp *c);
/* The window is shut, nothing is in flight, and something waits. */
bool rudp_tx_shut(const struct rudp *c);

/* ---- rudp_recv.c ---- */

void rudp_rx_init(struct rudp *c, uint32_t first);
bool rudp_rx_plausible(const struct rudp *c, const struct rudp_packet *p);
/* Take in a DATA or FIN that is plausible. */
void rudp_rx_take(struct rudp *c, const struct rudp_packet *p, int64_t now_ns);
uint16_t rudp_rx_window(const struct rudp *c);
/* ack, window and bitmap (in room of max bytes) into p, which will be sent. */
void rudp_rx_acknowledge(
    struct rudp *c, struct rudp_packet *p, uint8_t *bitmap, size_t max);

#endif
