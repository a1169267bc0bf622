/*
 * net/client.h - a client session: one thread writes, one reads.
 *
 * The writer resolves and connects, then carries out orders (ORDER_SEND,
 * ORDER_SEND_FILE, ORDER_TALK, ORDER_PERIOD, ORDER_TIMEOUT, ORDER_SHUTDOWN,
 * ORDER_CLOSE); the reader loops in a blocking recv() until it returns 0 or an error. The
 * session is a group of actors (net/engine.h); engine_order(group) reaches the
 * writer. When the peer closes, the session stays open for the user to close,
 * as a half-closed connection is a thing to look at.
 *
 * Over datagrams each ORDER_SEND is one datagram. A connected session makes the
 * calls connect(), send(), recv(); else sendto() and recvfrom(), and its reader
 * starts after the first datagram has given the socket its port.
 *
 * A talker (net/talk.h) makes messages by itself. Its listener, from then on,
 * explains the answers in notes; what the peer commands becomes an order to the
 * writer.
 *
 * After a recv() timed out (ORDER_TIMEOUT) the reader rests until something
 * else is sent: a question has gone unanswered, and nobody asks again.
 *
 * Thread: main starts it.  Blocks: never; the session's own threads do.
 */
#ifndef SOCKDECK_NET_CLIENT_H
#define SOCKDECK_NET_CLIENT_H

#include "net/engine.h"
#include "net/impair.h"

#define CLIENT_RECV_SIZE 4096

struct client_spec {
	struct endpoint endpoint;
	struct impair_rules impair; /* rudp: of what the client sends */
	struct sockopt_value congestion; /* tcp; len 0: the usual one */
	int host; /* of the lab, for whoever starts it there; -1: any */
	bool connected; /* datagrams: connect() first; a stream always does */
	/* NULL, or told every received byte, on the reader's thread. */
	void (*on_data)(void *arg, const uint8_t *data, size_t n);
	void *on_data_arg;
};

int client_start(struct engine *e, const struct client_spec *spec,
    uint32_t *ret_group, struct err *err);

#endif
