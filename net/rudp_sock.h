/*
 * net/rudp_sock.h - reliable UDP over a socket: one socket, its connections.
 *
 * Joins what has no I/O (net/rudp.h, net/rudp_door.h, net/wire_path.h) to a UDP
 * socket and a clock. A client has one connection, a server as many as it has
 * room for; one thread looks after them all:
 *
 *   rudp_sock_turn()     waits, receives, lets the time pass, sends
 *   rudp_sock_accept()   a connection that came in
 *   rudp_sock_send() ... for a client that has nothing else to do: they turn
 *                        until it is done
 *
 * How datagrams are carried is a struct of functions, in batches: traced calls
 * for an actor (net/rudp_io.h).
 *
 * Owns:   its connections and buffers; not the socket.
 * Bounds: conns_max connections of (see net/rudp.h) about 370 KB each; more are
 *         refused with RESET. 2 * DATAGRAM_BATCH datagrams of buffer; with an impairment
 *         what that holds.
 * Thread: one (an actor's).  Blocks: in turn() and in what is said to turn.
 */
#ifndef SOCKDECK_NET_RUDP_SOCK_H
#define SOCKDECK_NET_RUDP_SOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "net/datagram.h"
#include "net/impair.h"
#include "net/rudp.h"
#include "net/rudp_door.h"

#define RUDP_SOCK_CONNS_MAX 1024

/* How datagrams are carried; each returns -errno on failure. */
struct rudp_io {
	void *arg;
	/* Send the first of them; how many. -EAGAIN: none, for now. */
	int (*send)(void *arg, const struct datagram *v, size_t n);
	/* Receive what is there, without waiting; how many, 0: none. */
	int (*recv)(void *arg, struct datagram *v, size_t n);
	/* Wait until something can be received, or for so long (negative: for
	 * ever). 0 in either case. */
	int (*wait)(void *arg, int64_t timeout_ns);
};

struct rudp_sock_spec {
	struct rudp_config config;
	uint32_t conns_max; /* 1 to RUDP_SOCK_CONNS_MAX */
	bool listens;
	const struct impair_rules *impair; /* of what is sent; NULL: none */
	uint8_t direction; /* for impair: 0 client to server, 1 back */
};

struct rudp_sock_stats {
	uint64_t sent, received; /* datagrams, over the socket */
	uint64_t strangers; /* received, of no connection and no handshake */
	uint64_t undelivered; /* refused by the system: as good as lost */
	int last_error; /* of those */
	struct rudp_door_stats door;
};

struct rudp_sock;

/* Copies spec and io. NULL: no memory. */
struct rudp_sock *rudp_sock_new(
    const struct rudp_sock_spec *spec, const struct rudp_io *io);
/* Sends nothing more. NULL is fine. */
void rudp_sock_free(struct rudp_sock *s);

/* Begin a connection. Its number, or -ENOBUFS: no room; -ENOMEM. */
int rudp_sock_connect(struct rudp_sock *s, const struct addr *peer);
/* A connection that came in since; -EAGAIN: none. */
int rudp_sock_accept(struct rudp_sock *s);
/* A connection by its number, [0, conns_max). NULL: none. */
struct rudp *rudp_sock_conn(const struct rudp_sock *s, int conn);
const struct addr *rudp_sock_peer(const struct rudp_sock *s, int conn);
/* Forget a connection. One that is not CLOSED is aborted; its RESET goes out
 * with the next turn. */
void rudp_sock_drop(struct rudp_sock *s, int conn);

/*
 * Receive what is there; if that is nothing and nothing is due, wait at most
 * timeout_ns (negative: for ever) first. Then send what is due. 0; or what
 * ended the wait (-ECANCELED, -EINTR) or broke the socket.
 */
int rudp_sock_turn(struct rudp_sock *s, int64_t timeout_ns);
struct rudp_sock_stats rudp_sock_stats(const struct rudp_sock *s);

/*
 * All of these turn until they are done, or for timeout_ns at most (negative:
 * no limit), which is -ETIMEDOUT, as is giving up. Otherwise as rudp_send(),
 * rudp_recv(); -ECONNREFUSED also when ICMP says so.
 */
int rudp_sock_establish(struct rudp_sock *s, int conn, int64_t timeout_ns);
int rudp_sock_send(struct rudp_sock *s, int conn, const void *message, size_t n,
    int64_t timeout_ns);
ssize_t rudp_sock_recv(struct rudp_sock *s, int conn,
    uint8_t buf[RUDP_MESSAGE_MAX], int64_t timeout_ns);
/* rudp_close(), then until CLOSED. 0: all has arrived. What comes is thrown
 * away. linger: also wait through TIME-WAIT. */
int rudp_sock_finish(
    struct rudp_sock *s, int conn, bool linger, int64_t timeout_ns);

#endif
