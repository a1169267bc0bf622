/*
 * net/rudp.h - one connection of reliable UDP, without I/O and without a clock.
 *
 * The protocol is specified in net/proto/rudp.h. Who drives a connection tells
 * it the time and carries its datagrams:
 *
 *   for each datagram that came:  rudp_input(c, data, n, now)
 *   then, until it returns 0:     rudp_output(c, now, buf, size), and send it
 *   then sleep until:             rudp_deadline(c), or another datagram
 *
 * Several rudp_input() before the rudp_output() of a batch are welcome: they
 * share one ACK; and rudp_output() fills one buffer after the other, as
 * recvmmsg() and sendmmsg() want it. now never goes back; nanoseconds of any
 * clock.
 *
 * Owns:   copies of the messages under way, both directions.
 * Bounds: window messages in each direction, all allocated at birth: about
 *         2 * window * 1440 bytes, so 369 KB with the default window of 128,
 *         and 2.9 MB with the largest. A peer can make it keep nothing more.
 * Thread: one at a time.  Blocks: never.
 * Source: RFC 6298 (timer), RFC 8985 (loss), RFC 9293 (states), RFC 5961.
 */
#ifndef SOCKDECK_NET_RUDP_H
#define SOCKDECK_NET_RUDP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "net/proto/rudp.h"

#define RUDP_NEVER INT64_MAX
#define RUDP_AT_ONCE INT64_MIN

/* The states of TCP; a listener is net/rudp_door.h. */
#define RUDP_STATES(X)                \
	X(HELLO_SENT, "HELLO-SENT")   \
	X(ESTABLISHED, "ESTABLISHED") \
	X(FIN_WAIT_1, "FIN-WAIT-1")   \
	X(FIN_WAIT_2, "FIN-WAIT-2")   \
	X(CLOSE_WAIT, "CLOSE-WAIT")   \
	X(CLOSING, "CLOSING")         \
	X(LAST_ACK, "LAST-ACK")       \
	X(TIME_WAIT, "TIME-WAIT")     \
	X(CLOSED, "CLOSED")

enum rudp_state {
#define X(name, text) RUDP_##name,
	RUDP_STATES(X)
#undef X
	    RUDP_STATE_COUNT
};

const char *rudp_state_name(enum rudp_state state);

struct rudp_config {
	uint32_t window; /* messages, a power of two, 8 to RUDP_WINDOW_MAX */
	int64_t rto_initial_ns, rto_min_ns, rto_max_ns;
	int64_t ack_delay_ns;
	int64_t linger_ns; /* TIME-WAIT */
	int64_t keepalive_ns; /* PROBE after so much silence; 0: never */
	uint32_t retries; /* time-outs in a row before giving up */
	uint32_t hello_retries;
};

/* What the specification says; no keep-alive. */
extern const struct rudp_config rudp_config_default;

/* What both ends agreed on before there was a connection. */
struct rudp_opening {
	uint32_t local_id, peer_id; /* not 0 */
	uint32_t local_seq, peer_seq; /* first sequence numbers */
	uint16_t peer_window;
};

struct rudp_stats {
	enum rudp_state state;
	int error; /* negative errno that ended it; 0: none */
	uint32_t local_id, peer_id; /* peer_id 0: not known yet */
	/* messages, now */
	uint32_t window; /* that the peer takes beyond what it acknowledged */
	uint32_t local_window; /* that this end takes */
	uint32_t in_flight; /* sent, neither acknowledged nor held lost */
	uint32_t queued; /* not acknowledged yet, sent or not */
	uint32_t out_of_order; /* held behind a gap */
	uint32_t unread; /* in order, not yet taken by rudp_recv() */
	int64_t srtt_ns, rttvar_ns, min_rtt_ns; /* 0: not measured yet */
	int64_t rto_ns; /* with its doublings */
	/* since the beginning */
	uint64_t datagrams_in, datagrams_out;
	uint64_t sent, received; /* messages: sent first, arrived first */
	uint64_t bytes_sent, bytes_received; /* of those */
	uint64_t delivered; /* taken by rudp_recv() */
	uint64_t retransmits; /* of messages and FIN, for any reason */
	uint64_t fast_retransmits; /* of those: found lost by an ACK */
	uint64_t tail_probes; /* the timer's first, short run: one repeated */
	uint64_t timeouts;
	uint64_t acks; /* pure ACKs sent */
	uint64_t probes; /* sent */
	uint64_t duplicates; /* messages that had arrived before: dropped */
	uint64_t reordered; /* messages that came before an earlier one */
	uint64_t malformed; /* refused by rudp_decode() */
	uint64_t foreign; /* of another connection id */
	uint64_t bogus; /* well formed, but out of any window: ignored */
	enum rudp_fault last_fault; /* of the newest malformed one */
};

struct rudp;

/*
 * The client's end. id is not 0; id and seq are random (getrandom(2)).
 * NULL: no memory.
 */
struct rudp *rudp_connect(
    const struct rudp_config *config, uint32_t id, uint32_t seq);
/* The server's end, of what a door let in (net/rudp_door.h). NULL: no memory */
struct rudp *rudp_accept(const struct rudp_config *config,
    const struct rudp_opening *opening, int64_t now_ns);
void rudp_free(struct rudp *c);

/* One datagram of the peer. Whatever it is: counted, and never an error. */
void rudp_input(struct rudp *c, const void *data, size_t n, int64_t now_ns);
/*
 * Let the time pass, and write the next datagram to send. size is at least
 * RUDP_DATAGRAM_MAX. Returns its length; 0: nothing to send.
 */
size_t rudp_output(struct rudp *c, int64_t now_ns, uint8_t *buf, size_t size);
/*
 * When to call rudp_output() again, if nothing comes before: RUDP_AT_ONCE if it
 * has something now, RUDP_NEVER if only rudp_input(), rudp_send() ... can
 * change that.
 */
int64_t rudp_deadline(const struct rudp *c);

/*
 * Queue one message, also before the connection is established. 0; -EAGAIN:
 * the window is full, call again after rudp_input(); -EMSGSIZE: longer than
 * RUDP_MESSAGE_MAX; -EPIPE: after rudp_close(); or what ended the connection.
 */
int rudp_send(struct rudp *c, const void *message, size_t n);
/*
 * Take the next message in order into buf of RUDP_MESSAGE_MAX bytes. Returns
 * its length (0 is a message, too); -EAGAIN: none yet; -ENODATA: the peer will
 * send nothing more; or what ended the connection, after all that arrived in
 * order before: -ETIMEDOUT (gave up), -ECONNRESET, -ECONNREFUSED,
 * -ECONNABORTED (rudp_abort() here).
 */
ssize_t rudp_recv(struct rudp *c, uint8_t *buf);
/* Nothing more to send: FIN, once what is queued has been sent. Receiving goes
 * on until the peer closes as well. Twice is once. */
void rudp_close(struct rudp *c);
/* End it now: RESET to the peer. What is queued is lost. */
void rudp_abort(struct rudp *c);

enum rudp_state rudp_state(const struct rudp *c);
struct rudp_stats rudp_stats(const struct rudp *c);

#endif
