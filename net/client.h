/*
 * net/client.h - a client session: one thread writes, one reads.
 *
 * The writer resolves and connects, then carries out orders (ORDER_SEND,
 * ORDER_SEND_FILE, ORDER_REPEAT, ORDER_SHUTDOWN, ORDER_CLOSE); the reader
 * loops in a blocking recv() until it returns 0 or an error. The session is a
 * group of actors (net/engine.h); engine_order(group) reaches the writer.
 * When the peer closes, the session stays open for the user to close, as a
 * half-closed connection is a thing to look at.
 *
 * Thread: main starts it.  Blocks: never; the session's own threads do.
 */
#ifndef SOCKDECK_NET_CLIENT_H
#define SOCKDECK_NET_CLIENT_H

#include "net/engine.h"

#define CLIENT_RECV_SIZE 4096

struct client_spec {
	struct endpoint endpoint;
	/* NULL, or told every received byte, on the reader's thread. */
	void (*on_data)(void *arg, const uint8_t *data, size_t n);
	void *on_data_arg;
};

int client_start(struct engine *e, const struct client_spec *spec,
    uint32_t *ret_group, struct err *err);

#endif
