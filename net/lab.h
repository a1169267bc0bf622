/*
 * net/lab.h - a network of our own: the process's own namespaces.
 *
 * lab_enter() moves the calling process into a new network namespace (an
 * ordinary user: into a new user namespace first, mapped to their own uid),
 * so that capturing, low ports and settings need no root and nothing outside
 * is touched. lo comes up with MTU 1500 and TSO off: segments look like
 * segments. It must be called before any thread exists.
 *
 * The namespace lives as long as a process in it: nothing remains after exit
 * or kill.
 *
 * Thread: main, before others exist.  Blocks: no (a few system calls, 1 ms).
 * Source: user_namespaces(7), network_namespaces(7).
 */
#ifndef SOCKDECK_NET_LAB_H
#define SOCKDECK_NET_LAB_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "net/base/err.h"

#define LAB_MTU 1500

/*
 * 0; or -errno with a sentence that names the step that was refused and what
 * to do about it. On failure the process may be in a half-made namespace only
 * if *ret_moved says so; otherwise it is where it was.
 */
int lab_enter(bool *ret_moved, struct err *err);

/* A running console's lab: another process's namespaces. */
struct lab_info {
	pid_t pid;
	int64_t started_ns; /* for the order; newest last */
};

/* Labs of this user that run now, oldest first; returns how many (<= max). */
size_t lab_list(struct lab_info *ret, size_t max);

/*
 * Move the calling process into the lab of that process (user namespace, if
 * it has another, then network namespace). 0 or -errno with a sentence.
 */
int lab_join(pid_t pid, struct err *err);

#endif
