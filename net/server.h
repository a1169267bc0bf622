/*
 * net/server.h - server models: how several clients are looked after.
 *
 *   iterative  one thread, one client at a time; the others wait in the
 *              kernel's accept queue
 *   threaded   a thread for each client, blocking calls
 *
 * A server is a group of actors (net/engine.h): what it does is seen as the
 * calls of that group, and it is stopped with engine_stop(group).
 * Socket errors are calls with an errno and a CALL_NOTE that says what to do.
 *
 * Thread: main starts it.  Blocks: never; the server's own threads do.
 */
#ifndef SOCKDECK_NET_SERVER_H
#define SOCKDECK_NET_SERVER_H

#include "net/engine.h"
#include "net/service.h"

enum server_model { MODEL_ITERATIVE, MODEL_THREADED, MODEL_COUNT };

const char *server_model_name(enum server_model m); /* "threaded" */
const char *server_model_summary(enum server_model m); /* one line */
bool server_model_parse(const char *name, enum server_model *ret);

#define SERVER_BACKLOG 5
#define SERVER_RECV_SIZE 4096

struct server_spec {
	const struct service *service;
	enum server_model model;
	struct endpoint endpoint; /* passive; resolved by the actor if a name */
	int backlog;
	size_t recv_size; /* bytes asked of each recv() */
};

/* 0 with the new group in *ret_group, or -errno with a sentence. */
int server_start(struct engine *e, const struct server_spec *spec,
    uint32_t *ret_group, struct err *err);

#endif
