/*
 * net/outside.h - the helper process that stays outside of the lab.
 *
 * Forked before the console moves into its own namespaces, because from inside
 * /proc/PID/fd of outer processes cannot be read, and because Bluetooth exists
 * only outside. It maps socket inodes to the processes that hold them; it
 * opens sockets of the outer namespace; and what else is asked is done by the
 * function that outside_start() was given, each request in a process of its
 * own. All of them end when the console does.
 *
 * Owns:   the helper process and the last map it sent.
 * Thread: main; outside_ask() and outside_socket() any.  Blocks: never (the
 *         helper does the slow reading of /proc), but for outside_socket(),
 *         which waits for a fork.
 * Source: proc(5), socket links in /proc/PID/fd; unix(7), SCM_RIGHTS.
 */
#ifndef SOCKDECK_NET_OUTSIDE_H
#define SOCKDECK_NET_OUTSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "net/base/err.h"

#define PROC_NAME_MAX 16 /* as the kernel's TASK_COMM_LEN */

struct proc_holder {
	pid_t pid;
	char name[PROC_NAME_MAX]; /* untrusted: any process chooses its own */
};

struct outside;

#define OUTSIDE_REQUEST_MAX 512

/* In a worker process: carry out a request and answer by messages on fd, a
 * SOCK_SEQPACKET socket. To return is to end. */
typedef void outside_work(int fd, const void *request, size_t n);

/* Fork the helper. Call it before any thread exists. work: NULL: nothing else
 * is asked. */
int outside_start(outside_work *work, struct outside **ret, struct err *err);
void outside_free(struct outside *o);
int outside_fd(const struct outside *o);
/* Ask for a fresh map; nothing happens while one is under way. */
void outside_refresh(struct outside *o);
/* The descriptor is readable. 1: the map is new; 0: not yet; -errno: the
 * helper is gone (the map stays as it was, and outside_fd() is -1). */
int outside_read(struct outside *o);
/* Of the process; 0: none. It stays in the outer namespaces. */
pid_t outside_pid(const struct outside *o);

/*
 * Ask for something else. A descriptor on which the answers come, one in each
 * message, until its end of file; the caller closes it, which also ends the
 * worker. Or -errno.
 */
int outside_ask(const struct outside *o, const void *request, size_t n);
/* The next answer: its bytes, 0 for the end of file, -errno (fd may be
 * non-blocking, and signals interrupt). */
int outside_answer(int fd, void *answer, size_t room);
/* For a worker that is about to wait: from now on it ends by itself when its
 * asker closes the descriptor. */
void outside_end_with_asker(int fd);
/* socket(), made in the outer namespace. The descriptor or -errno; -EINTR if a
 * signal came first. */
int outside_socket(const struct outside *o, int domain, int type, int protocol);
/* For net/outside_work.c. */
int outside_work_fd(const struct outside *o);

/* Who holds the socket with this inode; NULL: unknown. */
const struct proc_holder *outside_holder(
    const struct outside *o, uint32_t inode);
uint64_t outside_gen(const struct outside *o);

/* The same for a program that waits: read /proc here and now. */
int outside_scan_now(struct outside **ret, struct err *err);

#endif
