/*
 * net/outside.h - the helper process that stays outside of the lab.
 *
 * Forked before the console moves into its own namespaces, because from inside
 * /proc/PID/fd of outer processes cannot be read, and because later needs
 * (Bluetooth) exist only outside. It answers requests over a socket pair and
 * ends when the console does. Today it does one thing: it maps socket inodes
 * to the processes that hold them.
 *
 * Owns:   the helper process and the last map it sent.
 * Thread: main.  Blocks: never (the helper does the slow reading of /proc).
 * Source: proc(5), socket links in /proc/PID/fd.
 */
#ifndef SOCKDECK_NET_OUTSIDE_H
#define SOCKDECK_NET_OUTSIDE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "net/base/err.h"

#define PROC_NAME_MAX 16 /* as the kernel's TASK_COMM_LEN */

struct proc_holder {
	pid_t pid;
	char name[PROC_NAME_MAX]; /* untrusted: any process chooses its own */
};

struct outside;

/* Fork the helper. Call it before any thread exists. */
int outside_start(struct outside **ret, struct err *err);
void outside_free(struct outside *o);
int outside_fd(const struct outside *o);
/* Ask for a fresh map; nothing happens while one is under way. */
void outside_refresh(struct outside *o);
/* The descriptor is readable. 1: the map is new; 0: not yet; -errno: the
 * helper is gone (the map stays as it was). */
int outside_read(struct outside *o);
/* Who holds the socket with this inode; NULL: unknown. */
const struct proc_holder *outside_holder(
    const struct outside *o, uint32_t inode);
uint64_t outside_gen(const struct outside *o);

/* The same for a program that waits: read /proc here and now. */
int outside_scan_now(struct outside **ret, struct err *err);

#endif
