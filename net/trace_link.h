/*
 * net/trace_link.h - from a tracer to a console that listens.
 *
 * The console listens on an abstract Unix socket named by its process: such
 * names belong to a network namespace, so who is in its lab finds it, nothing
 * is left behind, and no file needs permissions. Each side checks that the
 * other is the same user (SO_PEERCRED).
 *
 * Never blocks: what a slow console does not take is counted and reported to
 * it; a console that has ended is forgotten.
 *
 * Owns:   the connection.  Thread: one.
 */
#ifndef SOCKDECK_NET_TRACE_LINK_H
#define SOCKDECK_NET_TRACE_LINK_H

#include <sys/types.h>
#include <sys/un.h>

#include "net/base/err.h"
#include "net/call.h"

/* The address of that console; its length. */
socklen_t trace_link_address(struct sockaddr_un *ret, pid_t console);

/* Is it such a socket's address? The console does not show its own. */
bool trace_link_owns(const struct addr *a);

struct trace_link;

/*
 * Connect to that console (0: one in this network namespace) for the calling
 * process, whose command line it will show. -ENOENT: there is no console;
 * other errors with a sentence.
 */
int trace_link_open(pid_t console, char *const *command,
    struct trace_link **ret, struct err *err);
int trace_link_fd(const struct trace_link *l);
void trace_link_free(struct trace_link *l);

/* For struct trace_sink, with the link as its argument. */
void trace_link_call(void *link, const struct call *c);
void trace_link_rest(void *link);
void trace_link_end(void *link, int status);

#endif
