/*
 * net/trace_socks.h - the sockets of a traced program, whoever holds them.
 *
 * A socket is known by its inode, as /proc/PID/fd names it: so dup(), fork()
 * and descriptors that are used again need no bookkeeping. What the kernel
 * knows of a socket is asked through a descriptor borrowed for a moment
 * (pidfd_getfd()).
 *
 * Not shown, and NULL here: sockets of families that no lesson is about
 * (AF_NETLINK, of which getaddrinfo() makes some), Unix sockets that the
 * program did not make by socket() or accept() (a socketpair, an inherited
 * standard input), and what the tracer hides (the library's own).
 *
 * Owns:   the socket records; pointers stay valid until tsocks_close().
 * Bounds: TSOCKS_MAX open ones.  Thread: one.  Blocks: never.
 */
#ifndef SOCKDECK_NET_TRACE_SOCKS_H
#define SOCKDECK_NET_TRACE_SOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "net/addr.h"
#include "net/call.h"

#define TSOCKS_MAX 65536

struct tsock {
	uint32_t id; /* of the tracer, from 1 */
	uint32_t inode;
	int domain, type;
	int fd; /* by which it was used last */
	bool hidden; /* not to be shown */
	bool held; /* as of tsocks_mark_held() */
	bool decided; /* side is certain */
	enum side side;
	struct call *made; /* its socket() call, not told yet; or NULL */
	uint64_t sent, received; /* stream offsets */
	struct addr local, peer;
};

struct tsocks;

struct tsocks *tsocks_new(void);
void tsocks_free(struct tsocks *t);

/* Is a socket of this family worth a row? */
bool tsocks_shows(int domain);
/*
 * The socket behind a descriptor of thread tid in process pid; NULL: it is no
 * socket, or not shown.
 *   made  by socket() or accept(), just now
 */
struct tsock *tsocks_find(
    struct tsocks *t, pid_t pid, pid_t tid, int fd, bool made);
/* Ask the kernel for its addresses anew. */
void tsocks_ask(pid_t pid, int fd, struct tsock *s);
/* Is there one that is shown? */
bool tsocks_any(const struct tsocks *t);
/* It has gone. */
void tsocks_close(struct tsocks *t, struct tsock *s);

/* Does one of these processes hold it? */
bool tsocks_held(const struct tsock *s, const pid_t *pids, size_t count);
/* Find out which ones these processes hold, once for tsocks_next_orphan(). */
void tsocks_mark_held(struct tsocks *t, const pid_t *pids, size_t count);
/* A shown socket that none of them holds, from *it = 0 on; NULL: no more. */
struct tsock *tsocks_next_orphan(const struct tsocks *t, size_t *it);

#endif
