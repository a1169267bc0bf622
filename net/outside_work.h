/*
 * net/outside_work.h - requests that the helper's worker processes carry out.
 * For net/outside*.c only.
 *
 * A request is one datagram with a socket in it (SCM_RIGHTS) on which the
 * answers go back. The helper forks for each, so nothing waits for anything
 * else, and what a library makes of a stranger's bytes harms nobody.
 */
#ifndef SOCKDECK_NET_OUTSIDE_WORK_H
#define SOCKDECK_NET_OUTSIDE_WORK_H

#include "net/outside.h"

enum work_kind { WORK_SOCKET, WORK_OTHER };

/* The asking side: as outside_ask(). */
int work_ask(int fd, enum work_kind kind, const void *request, size_t n);
/* In the helper: fork a worker for the request that waits. 0, or -errno: nobody
 * will ask any more. */
int work_take(int fd, outside_work *work);

#endif
