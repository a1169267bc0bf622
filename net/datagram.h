/*
 * net/datagram.h - many datagrams in one system call.
 *
 * sendmmsg() and recvmmsg(). Of what is sent, a run of equally long datagrams
 * to one peer is handed over as one, which the kernel cuts on its way out
 * (UDP_SEGMENT): for an interface that leaves the cutting to the kernel the
 * packets are the same. One that would carry the run in one piece
 * (tx-udp-segmentation: lo outside of a lab, some network cards) would make the
 * packet view show a packet that is on no wire, so there it is not done; nor
 * is UDP_GRO, which glues packets together before they are captured.
 *
 * Owns:   nothing.
 * Bounds: DATAGRAM_BATCH a call; more are left for the next.
 * Thread: any.  Blocks: as the descriptor does; receiving never.
 * Source: sendmmsg(2), recvmmsg(2), udp(7).
 */
#ifndef SOCKDECK_NET_DATAGRAM_H
#define SOCKDECK_NET_DATAGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/addr.h"

#define DATAGRAM_BATCH 32

struct datagram {
	struct addr peer;
	size_t len; /* receiving: the room before, the length after */
	uint8_t *data;
};

/* How many of the first go to, or came from, the same peer; n > 0. */
size_t datagram_run(const struct datagram *v, size_t n);
/* Would UDP_SEGMENT change no packet, whatever interface is taken? */
bool datagram_may_cut(void);

/*
 * Both return how many of the first datagrams were moved; -1 and errno: none.
 * *cut: use UDP_SEGMENT; false after a kernel has refused it.
 */
int datagram_send(int fd, const struct datagram *v, size_t n, bool *cut);
int datagram_recv(int fd, struct datagram *v, size_t n);

#endif
