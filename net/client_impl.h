/*
 * net/client_impl.h - what the parts of a client session share. For
 * net/client*.c only.
 *
 *   client.c         the writer: connects, carries out orders
 *   client_read.c    the reader: receives until there is nothing more
 *   client_repeat.c  a message again and again
 *   client_rudp.c    reliable UDP: the writer receives as well
 */
#ifndef SOCKDECK_NET_CLIENT_IMPL_H
#define SOCKDECK_NET_CLIENT_IMPL_H

#include <stdatomic.h>

#include "net/client.h"

/* ORDER_REPEAT under way: one message each time that no order waits. */
struct repeat {
	uint8_t *message; /* NULL: none under way */
	uint32_t size, count, done;
	int64_t every_ns, next_ns; /* next_ns: monotonic */
};

/* The writer's state, but for what is the reader's while `reading`. */
struct client {
	struct client_spec spec;
	struct sock sock;
	struct sock in; /* the reader's own view of it */
	bool open; /* it may send: connected, or a datagram socket */
	uint32_t reader; /* actor id of the last one; 0: none */
	atomic_bool reading; /* and it has not ended yet */
	struct client_rudp *rudp; /* NULL: another transport */
	struct repeat repeat;
};

/* Send bytes as the session does: send() all of them, or one datagram. */
int client_send(
    struct actor *a, struct client *c, const uint8_t *data, size_t n);

/* Start the thread that receives, if none does. */
void client_read_start(struct actor *a, struct client *c);
/* Stop it and wait until it has ended. */
void client_read_stop(struct actor *a, struct client *c);

/* Reliable UDP: open it; send one message; look after the connection until an
 * order comes, as actor_wait_order() does; close it. */
int client_rudp_open(struct actor *a, struct client *c);
int client_rudp_send(
    struct actor *a, struct client *c, const uint8_t *data, size_t n);
int client_rudp_wait_order(
    struct actor *a, struct client *c, struct order *ret, int64_t timeout_ns);
void client_rudp_shutdown(struct client *c);
void client_rudp_close(struct actor *a, struct client *c);

void repeat_start(struct actor *a, struct client *c, const struct order *o);
/* Send the next message; the last one ends it. */
void repeat_step(struct actor *a, struct client *c);
/* How long to wait for an order until a message is due; -1: none is. */
int64_t repeat_timeout(const struct client *c);
void repeat_stop(struct client *c);

#endif
