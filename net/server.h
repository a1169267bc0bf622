/*
 * net/server.h - server models: how several clients are looked after.
 *
 *   iterative  one thread, one client at a time; the others wait in the
 *              kernel's accept queue
 *   threaded   a thread for each client (each datagram), blocking calls
 *   event      one thread for all, an epoll loop, non-blocking calls
 *
 * A server is a group of actors (net/engine.h): what it does is seen as the
 * calls of that group, and it is stopped with engine_stop(group).
 * Socket errors are calls with an errno and a CALL_NOTE that says what to do.
 *
 * Bounds: clients_max connections; a client above it is turned away. idle_s
 *         seconds without a byte from a client, or without room for one to
 *         it; then it is closed.
 * Thread: main starts it.  Blocks: never; the server's own threads do.
 */
#ifndef SOCKDECK_NET_SERVER_H
#define SOCKDECK_NET_SERVER_H

#include "net/engine.h"
#include "net/impair.h"
#include "net/service.h"

enum server_model { MODEL_ITERATIVE, MODEL_THREADED, MODEL_EVENT, MODEL_COUNT };

const char *server_model_name(enum server_model m); /* "threaded" */
const char *server_model_summary(enum server_model m); /* one line */
bool server_model_parse(const char *name, enum server_model *ret);
#define SERVER_MODELS_MAX 64
/* "iterative, threaded": for a sentence about an unknown name. */
const char *server_model_names(char dst[SERVER_MODELS_MAX]);

#define SERVER_BACKLOG 5
#define SERVER_RECV_SIZE 4096
#define SERVER_CLIENTS_MAX 1000 /* unless the user says otherwise */
#define SERVER_CLIENTS_LIMIT 100000
#define SERVER_IDLE_LIMIT 86400 /* seconds */

struct server_spec {
	const struct service *service;
	struct service_options options;
	enum server_model model;
	struct sockopt_value congestion; /* tcp; len 0: the usual one */
	bool everywhere; /* without an address it listens on 0.0.0.0 */
	struct endpoint endpoint; /* passive; resolved by the actor if a name */
	int backlog;
	size_t recv_size; /* bytes asked of each recv() */
	unsigned clients_max; /* connections at once */
	unsigned idle_s; /* a connection that says nothing for so long is
			    closed; 0: no limit */
	struct impair_rules impair; /* rudp: of what the server sends */
	uint8_t security; /* rfcomm: BT_SECURITY; 0: as the kernel has it */
};

/* A spec with the usual numbers; service, endpoint and model are to be chosen. */
struct server_spec server_spec_default(void);
/*
 * Fill in what a user wrote: SERVICE [TRANSPORT [ADDRESS [MODEL]]] and, behind
 * these, settings as KEY=VALUE (server_spec_set). What is left out is tcp, the
 * service's port on 127.0.0.1 or 0.0.0.0 (an abstract name for Unix sockets), threaded
 * (iterative for datagrams).
 * Returns 0 or -EINVAL with a sentence.
 */
int server_spec_parse(struct server_spec *spec, const char *const *words,
    int count, struct err *err);
/* model, congestion, root, format, period, backlog, recv, clients, idle; of thermal seed, rate,
 * play; of rfcomm security; loss and so on. 0 or -EINVAL with a sentence. */
int server_spec_set(struct server_spec *spec, const char *key,
    const char *value, struct err *err);

/* 0 with the new group in *ret_group, or -errno with a sentence. Raises this
 * process's soft limit of descriptors to the hard one. */
int server_start(struct engine *e, const struct server_spec *spec,
    uint32_t *ret_group, struct err *err);

#endif
