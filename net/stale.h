/*
 * net/stale.h - the file that a Unix socket leaves behind.
 *
 * bind() makes the file, nothing removes it, and the next bind() fails on it.
 * It may go only if it is a socket that nobody has bound any more: a connect()
 * to it is refused then.
 *
 * Owns:   nothing.  Thread: any.  Blocks: no longer than the file system.
 * Source: unix(7).
 */
#ifndef SOCKDECK_NET_STALE_H
#define SOCKDECK_NET_STALE_H

#include "net/base/err.h"

/* 0: it is removed; -errno with a sentence: it stays, and why. */
int stale_remove(const char *path, struct err *err);

#endif
