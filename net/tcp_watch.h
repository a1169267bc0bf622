/*
 * net/tcp_watch.h - both ends of each connection in a lab, asked about after
 * each packet and each call.
 *
 * What is found out goes to a function, one end after the other. An ask takes
 * the kernel 3 us, so a bulk transfer is not asked about at each packet: 64 at
 * once, and then one in 60 us (a tenth of the time), but always at a SYN, a
 * FIN and an RST.
 *
 * Owns:   netlink sockets on each host.
 * Thread: one at a time.  Blocks: no.
 */
#ifndef SOCKDECK_NET_TCP_WATCH_H
#define SOCKDECK_NET_TCP_WATCH_H

#include "net/lab.h"
#include "net/tcp_probe.h"

/* What one end was like: its own address, and its peer's. */
struct tcp_seen {
	struct addr local, peer;
	struct tcp_sample sample;
};

struct tcp_watch;

/* Visits the hosts of the lab, and returns to the first. */
int tcp_watch_new(const struct lab *lab,
    void (*seen)(void *arg, const struct tcp_seen *s), void *arg,
    struct tcp_watch **ret, struct err *err);
void tcp_watch_free(struct tcp_watch *w);

/* An IP packet has crossed the wire, or was lost on it. */
void tcp_watch_packet(struct tcp_watch *w, const uint8_t *ip, size_t n);
/* The two ends of that connection, if they are on hosts of the lab; of one over
 * lo, the host is not known, and nothing is asked. */
void tcp_watch_ends(
    struct tcp_watch *w, const struct addr *a, const struct addr *b);
/* One of them. */
void tcp_watch_end(
    struct tcp_watch *w, const struct addr *local, const struct addr *peer);

#endif
