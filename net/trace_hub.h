/*
 * net/trace_hub.h - the console's end: programs that are traced elsewhere.
 *
 * Each connection is one traced program. Its records are checked
 * (net/trace_wire.h), and its ids become ids of the engine's, so that they
 * cannot collide with those of actors or of another program. Who sends what
 * cannot be is hung up on.
 *
 * Owns:   the listening socket, the connections, copies of calls under way.
 * Bounds: TRACE_HUB_PROGRAMS at a time; threads and open sockets of each.
 * Thread: main.  Blocks: never.
 */
#ifndef SOCKDECK_NET_TRACE_HUB_H
#define SOCKDECK_NET_TRACE_HUB_H

#include "net/base/err.h"
#include "net/call.h"
#include "net/engine.h"

#define TRACE_HUB_PROGRAMS 16

enum trace_event_kind { TRACE_PROGRAM, TRACE_PROGRAM_CALL, TRACE_PROGRAM_END };

struct trace_event {
	enum trace_event_kind kind;
	uint32_t group; /* the program, as an id of the engine's */
	pid_t pid;
	const char *name; /* its command line; untrusted */
	const struct call *call; /* TRACE_PROGRAM_CALL */
	int status; /* TRACE_PROGRAM_END: as of waitpid(2); -1: not known */
};

struct trace_hub;

/* Listen in the network namespace of this moment, named by this process. */
int trace_hub_open(
    struct engine *engine, struct trace_hub **ret, struct err *err);
void trace_hub_free(struct trace_hub *h);
/* Readable when there is something to read. */
int trace_hub_fd(const struct trace_hub *h);
/* Hand on what has come; what an event points to is good during the call.
 * True: there was something. */
bool trace_hub_read(struct trace_hub *h,
    void (*on_event)(void *arg, const struct trace_event *e), void *arg);
/* Records that tracers could not send. */
uint64_t trace_hub_lost(const struct trace_hub *h);

#endif
