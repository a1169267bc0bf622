/*
 * net/tcp_track.h - what the kernel said of each connection, over time.
 *
 * A sample that is like the one before it is not kept, so that what is kept are
 * changes. An end that has too many keeps every second of the older ones, and
 * all at which its state changed.
 *
 * Owns:   the samples.
 * Bounds: TCP_TRACK_ENDS ends, the one heard of longest ago leaves first;
 *         TCP_TRACK_SAMPLES of each.
 * Thread: main.  Blocks: never.
 */
#ifndef SOCKDECK_NET_TCP_TRACK_H
#define SOCKDECK_NET_TCP_TRACK_H

#include <stddef.h>

#include "net/tcp_watch.h"

#define TCP_TRACK_ENDS 64
#define TCP_TRACK_SAMPLES 4096

struct tcp_track;

struct tcp_track *tcp_track_new(void); /* NULL: no memory */
void tcp_track_free(struct tcp_track *t);
void tcp_track_feed(struct tcp_track *t, const struct tcp_seen *s);
/* Of the end with these addresses, oldest first, lent until the next feed;
 * their number in *ret_count. NULL: nothing is known. */
const struct tcp_sample *tcp_track_samples(const struct tcp_track *t,
    const struct addr *local, const struct addr *peer, size_t *ret_count);
/* Changes when a sample was kept. */
uint64_t tcp_track_gen(const struct tcp_track *t);

#endif
