/*
 * net/resolve.h - a name resolver that can be left waiting.
 *
 * getaddrinfo() may wait many seconds for a name server and cannot be
 * interrupted. So it runs on a thread of its own, and its caller reads the
 * answer from a descriptor, which is a blocking call like any other; a caller
 * that was interrupted leaves, and the thread ends by itself.
 *
 * Thread: any.  Blocks: resolve_wait(), until the answer or a signal.
 * Source: getaddrinfo(3).
 */
#ifndef SOCKDECK_NET_RESOLVE_H
#define SOCKDECK_NET_RESOLVE_H

#include "net/addr.h"

#define RESOLVE_MAX 16

struct resolve;

/* Begin to look up e->host and e->port. NULL: no thread or memory for it. */
struct resolve *resolve_start(const struct endpoint *e);
/*
 * Wait for the answer: 0 with up to max addresses and their number, an EAI_
 * code, or EAI_SYSTEM with errno (EINTR: interrupted, it may be called again).
 */
int resolve_wait(struct resolve *r, struct addr *ret, int max, int *ret_count);
/* Leave it, answered or not. */
void resolve_free(struct resolve *r);

#endif
