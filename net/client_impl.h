/*
 * net/client_impl.h - what the parts of a client session share. For
 * net/client*.c only.
 *
 *   client.c         the writer: connects, carries out orders
 *   client_read.c    the reader: receives until there is nothing more
 *   client_rudp.c    reliable UDP: the writer receives as well
 *   client_talk.c    messages that the client makes by itself
 */
#ifndef SOCKDECK_NET_CLIENT_IMPL_H
#define SOCKDECK_NET_CLIENT_IMPL_H

#include <stdatomic.h>

#include "net/client.h"
#include "net/talk.h"

/* ORDER_TALK under way: one message each time that no order waits. */
struct talking {
	struct talk talk; /* .talker NULL: none under way */
	uint32_t count, done;
	int64_t next_ns; /* monotonic */
};

/* The writer's state, but for what is the reader's while `reading`. */
struct client {
	struct client_spec spec;
	struct sock sock;
	struct sock in; /* the reader's own view of it */
	bool open; /* it may send: connected, or a datagram socket */
	uint32_t reader; /* actor id of the last one; 0: none */
	atomic_bool reading; /* and it has not ended yet */
	atomic_bool read_more; /* asked for while it may be about to end */
	struct client_rudp *rudp; /* NULL: another transport */
	struct talking talking;
	/* Set by the writer, followed by whoever receives, whose hearing is. */
	_Atomic(const struct listener *) listener;
	struct hearing hearing;
};

/* Send bytes as the session does: send() all of them, or one datagram. */
int client_send(
    struct actor *a, struct client *c, const uint8_t *data, size_t n);

/* These bytes came: the reader's, or the writer's where it receives. */
void client_heard(struct actor *a, struct client *c, const struct sock *s,
    const uint8_t *data, size_t n);
/* Start the thread that receives, if none does. */
void client_read_start(struct actor *a, struct client *c);
/* Stop it and wait until it has ended. */
void client_read_stop(struct actor *a, struct client *c);

/* Reliable UDP: open it; wait for the handshake, once more; send one message;
 * look after the connection until an order comes, as actor_wait_order() does;
 * close it. */
int client_rudp_open(struct actor *a, struct client *c);
int client_rudp_establish(struct actor *a, struct client *c);
int client_rudp_send(
    struct actor *a, struct client *c, const uint8_t *data, size_t n);
int client_rudp_wait_order(
    struct actor *a, struct client *c, struct order *ret, int64_t timeout_ns);
void client_rudp_shutdown(struct client *c);
void client_rudp_close(struct actor *a, struct client *c);

void talking_start(struct actor *a, struct client *c, const struct order *o);
/* Send the next message; the last one ends it. */
void talking_step(struct actor *a, struct client *c);
/* How long to wait for an order until a message is due; -1: none is. */
int64_t talking_timeout(const struct client *c);
/* Another period, from now on. */
void talking_set_period(struct client *c, int64_t every_ns);
void talking_stop(struct client *c);
/* The same, because the user interrupted it. */
void talking_interrupt(struct actor *a, struct client *c);

#endif
