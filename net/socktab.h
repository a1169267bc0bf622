/*
 * net/socktab.h - the kernel's socket table, by NETLINK_SOCK_DIAG.
 *
 * TCP and UDP over IPv4 and IPv6, and Unix sockets, of one network namespace or
 * of several: the hosts of a lab; and the machine's Bluetooth sockets.
 * A refresh is a dump in pieces: the caller polls socktab_fd() and feeds it
 * with socktab_read(), so that no dump of 50,000 sockets holds up the screen.
 * When a dump is complete it is compared with the one before: each row knows
 * when it appeared and when it last changed state.
 *
 * Owns:   its netlink sockets and its rows.
 * Bounds: SOCKTAB_MAX rows; the rest is counted in socktab_omitted().
 * Thread: main.  Blocks: never, except socktab_refresh_now().
 * Source: sock_diag(7); linux/inet_diag.h, linux/unix_diag.h.
 */
#ifndef SOCKDECK_NET_SOCKTAB_H
#define SOCKDECK_NET_SOCKTAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "net/base/err.h"
#include "net/sockrow.h"

#define SOCKTAB_MAX 65536
#define SOCKTAB_HOSTS_MAX 16

struct socktab;

/* Looks at the network namespace that the caller is in now, and stays there
 * when the caller moves on. */
int socktab_new(unsigned what, struct socktab **ret, struct err *err);
/* The same for the namespace of this moment, as one more host of the table:
 * its number in sockrow.host, from 1. Or -errno with a sentence. */
int socktab_add(struct socktab *t, struct err *err);
void socktab_free(struct socktab *t);

/* Bluetooth's sockets: as sockwalk_look_through(). */
void socktab_look_through(struct socktab *t, pid_t pid);

/* Changes from one piece of a dump to the next. */
int socktab_fd(const struct socktab *t);
/* Begin a dump; nothing happens if one is under way. 0 or -errno. */
int socktab_refresh(struct socktab *t);
bool socktab_refreshing(const struct socktab *t);
/* The descriptor is readable: take one piece. 1: the dump is complete and the
 * rows are new; 0: more to come; -errno: failed, the old rows stay. */
int socktab_read(struct socktab *t, struct err *err);
/* A whole dump, waiting for it (headless use). */
int socktab_refresh_now(struct socktab *t, struct err *err);

/* Rows of the last complete dump: TCP and UDP before Unix, LISTEN first in
 * each, then by local and peer port; stable from dump to dump. */
size_t socktab_count(const struct socktab *t);
const struct sockrow *socktab_row(const struct socktab *t, size_t i);
size_t socktab_omitted(const struct socktab *t);
/* The row of a connection's other end, if it is in the table; NULL: not here. */
const struct sockrow *socktab_twin(
    const struct socktab *t, const struct sockrow *row);
/* By its addresses; of two hosts' connections over lo with the same, the first
 * host's. */
const struct sockrow *socktab_find(const struct socktab *t,
    enum transport transport, const struct addr *local,
    const struct addr *peer);
/* A listener or bound UDP socket on this port; NULL: none. */
const struct sockrow *socktab_listener(
    const struct socktab *t, enum transport transport, uint16_t port);
/* Some row has a running timer: its display needs a tick. */
bool socktab_timers(const struct socktab *t);
uint64_t socktab_gen(const struct socktab *t);

#endif
