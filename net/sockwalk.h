/*
 * net/sockwalk.h - a walk over the kernel's socket table, row by row.
 *
 * Asks NETLINK_SOCK_DIAG for the sockets of one network namespace and hands
 * each to its caller's function as it comes; nothing is kept. Bluetooth's come
 * last, from /proc. Who wants to
 * compare or to sort keeps the rows: net/socktab.h.
 *
 * The kernel answers in pieces of up to 32 KB: poll sockwalk_fd() and read them
 * one by one, so that no table of 50,000 sockets holds up the screen, or wait
 * for them all.
 *
 * Owns:   its netlink socket.
 * Thread: one at a time.  Blocks: never, except sockwalk_wait().
 * Source: sock_diag(7); linux/inet_diag.h, linux/unix_diag.h.
 */
#ifndef SOCKDECK_NET_SOCKWALK_H
#define SOCKDECK_NET_SOCKWALK_H

#include <stdbool.h>
#include <sys/types.h>

#include "net/base/err.h"
#include "net/sockrow.h"

struct sockwalk;

/* Takes one row, lent for the call. 0; -errno ends the walk with that error. */
typedef int sockwalk_row(void *arg, const struct sockrow *row);

/* Looks at the network namespace that the caller is in now, and stays there
 * when the caller moves on. */
int sockwalk_new(const struct sockfilter *filter, sockwalk_row *row, void *arg,
    struct sockwalk **ret, struct err *err);
void sockwalk_free(struct sockwalk *w);

/* Bluetooth is in the first namespace alone: from a lab it is seen through a
 * process that stayed there. */
void sockwalk_look_through(struct sockwalk *w, pid_t pid);

int sockwalk_fd(const struct sockwalk *w);
/* Begin, at the first row. Not while it is running. 0 or -errno. A filter that
 * no socket can meet, as UDP and LISTEN, is through at once. */
int sockwalk_start(struct sockwalk *w, struct err *err);
bool sockwalk_running(const struct sockwalk *w);
/* The descriptor is readable: take one piece. 1: that was the last row; 0: more
 * to come, or not running; -errno: failed, and no longer running. */
int sockwalk_read(struct sockwalk *w, struct err *err);
/* All of it, waiting for the kernel. 1 or -errno, as above. */
int sockwalk_wait(struct sockwalk *w, struct err *err);
/* The table changed so under the last walk that the kernel itself warns: rows
 * may be missing or twice there. */
bool sockwalk_interrupted(const struct sockwalk *w);

#endif
