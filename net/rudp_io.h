/*
 * net/rudp_io.h - how an actor carries the datagrams of reliable UDP.
 *
 * Textbook calls, each traced: socket(), setsockopt(SO_RCVBUF), bind() or
 * connect(), sendto(), recvfrom(); and where many datagrams wait at once,
 * sendmmsg() and recvmmsg(), unless the user goes step by step. Where a timer runs, waiting is a ppoll()
 * that leaves no record; where none does, it is a recvfrom() that blocks and
 * is seen to. With an order_fd every wait is a ppoll().
 *
 * Owns:   nothing: the socket and the actor are the caller's.
 * Thread: the actor's own.  Blocks: in wait(), stoppable within 100 ms.
 */
#ifndef SOCKDECK_NET_RUDP_IO_H
#define SOCKDECK_NET_RUDP_IO_H

#include "net/call.h"
#include "net/rudp_sock.h"

struct rudp_traced {
	struct actor *actor;
	struct sock *sock;
	bool cut; /* see net/datagram.h */
	int order_fd; /* ends a wait as well (actor_order_fd()); -1: none */
	/* what a blocking recvfrom() of wait() brought, for the next recv() */
	struct addr from;
	ssize_t kept_len; /* -1: nothing */
	uint8_t kept[RUDP_DATAGRAM_MAX + 1];
};

/* Room for a window of messages in a socket that is not bound yet. */
int rudp_traced_room(struct actor *a, struct sock *s);
/*
 * A UDP socket, bound to an address (listens) or connected to one, with room
 * for a window of messages. 0, or -errno of the call that failed; the socket is
 * closed then.
 */
int rudp_traced_open(
    struct actor *a, const struct addr *addr, bool listens, struct sock *ret);
/* t, the actor and the socket must outlive the io. */
struct rudp_io rudp_traced_io(
    struct rudp_traced *t, struct actor *a, struct sock *s);

#endif
