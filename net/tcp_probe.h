/*
 * net/tcp_probe.h - one TCP socket, asked for by its exact addresses: its state
 * and what its congestion control thinks.
 *
 * A table is dumped now and then, and misses what comes and goes between; this
 * takes 3 us, so it can be asked after every packet and every call. Then no
 * state is missed, but for FIN-WAIT-2 when FIN and ACK come in one packet.
 *
 * Owns:   its netlink socket, in the network namespace where it was made.
 * Thread: one at a time.  Blocks: no (the kernel answers at once).
 * Source: sock_diag(7), tcp(7) TCP_INFO; linux/inet_diag.h, linux/tcp.h.
 */
#ifndef SOCKDECK_NET_TCP_PROBE_H
#define SOCKDECK_NET_TCP_PROBE_H

#include <stdbool.h>
#include <stdint.h>

#include "net/base/err.h"
#include "net/sockrow.h"

#define TCP_CONGESTION_NAME_MAX 16

/* What a socket was like at one time; without info all below it is 0. */
struct tcp_sample {
	int64_t at_ns; /* CLOCK_REALTIME */
	uint8_t state; /* enum tcp_state; TCPS_CLOSED: there is none */
	bool has_info; /* not in SYN-RECEIVED, TIME-WAIT, CLOSED */
	uint32_t mss; /* bytes */
	uint32_t cwnd, ssthresh; /* segments; ssthresh 0: not yet known */
	uint32_t in_flight, lost; /* segments, as the sender counts them */
	uint32_t retransmits; /* segments, since the connection began */
	uint32_t srtt_us, rttvar_us, rto_us;
	uint32_t send_window; /* bytes that the peer takes; 0: not known */
	char congestion[TCP_CONGESTION_NAME_MAX]; /* "reno" */
};

/* Are they alike, but for the time? */
bool tcp_sample_same(const struct tcp_sample *a, const struct tcp_sample *b);

struct tcp_probe;

int tcp_probe_new(struct tcp_probe **ret, struct err *err);
void tcp_probe_free(struct tcp_probe *p);
/* The end of a connection that has these addresses. 0 (also for a closed one)
 * or -errno. */
int tcp_probe_get(struct tcp_probe *p, const struct addr *local,
    const struct addr *peer, struct tcp_sample *ret);

#endif
