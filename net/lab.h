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
#include <stdint.h>
#include <sys/types.h>

#include "net/base/err.h"

#define LAB_MTU 1500
#define LAB_HOSTS_MAX 1 /* that a lab may have */

/*
 * 0; or -errno with a sentence that names the step that was refused and what
 * to do about it. *ret_moved: the process is in the new namespaces. They are
 * made by a child and entered only when they are complete, all at once, so
 * that after a refusal the process is where it was.
 */
int lab_enter(bool *ret_moved, struct err *err);

/* The steps of lab_enter() and lab_join() that can be refused. */
enum lab_step {
	LAB_ALONE, /* the process has no other thread */
	LAB_FORK,
	LAB_UNSHARE,
	LAB_SETGROUPS,
	LAB_UID_MAP,
	LAB_GID_MAP,
	LAB_LO_UP,
	LAB_FIND, /* the process to join */
	LAB_JOIN,
	LAB_STEPS
};

/* The sentence for a refused step; returns code (0 or -errno). */
int lab_explain(enum lab_step step, int code, struct err *err);

/* A running console's lab: another process's namespaces. */
struct lab_info {
	pid_t pid;
	int64_t started_ns; /* since boot, for the order; newest last */
};

/* Labs of this user (root: of everyone) that run now, oldest first; returns
 * how many (<= max; of more, the oldest). Consoles that stay outside are none.
 */
size_t lab_list(struct lab_info *ret, size_t max);

/*
 * Move the calling process into the lab of that process (user namespace, if
 * it has another, then network namespace). 0 or -errno with a sentence.
 */
int lab_join(pid_t pid, struct err *err);

#endif
