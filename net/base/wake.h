/*
 * net/base/wake.h - one thread that sleeps, many that have something for it.
 *
 * The sleeper arms, looks once more at all that it waits for, and only then
 * sleeps on the eventfd. The others first leave their work where the sleeper
 * looks, then poke; a poke costs a system call only while the sleeper is
 * armed, so a busy engine pays for none. The work itself must be published by
 * a lock or by sequentially consistent atomics: then either the poke sees the
 * arming, or the look after it sees the work.
 *
 * Owns:   its eventfd.
 * Thread: poke and shout from any; everything else from the sleeper.
 */
#ifndef SOCKDECK_NET_BASE_WAKE_H
#define SOCKDECK_NET_BASE_WAKE_H

#include <stdatomic.h>
#include <stdbool.h>

struct wake {
	int fd;
	atomic_bool armed;
	atomic_bool shouted;
};

/* 0 or -errno. */
int wake_init(struct wake *w);
void wake_done(struct wake *w);

/* Readable after a poke that found it armed. */
int wake_fd(const struct wake *w);
/* Empty the eventfd and arm. True: shouted at since, do not sleep. */
bool wake_arm(struct wake *w);
/* There is work: wake the sleeper if it is armed. */
void wake_poke(struct wake *w);
/* Wake it where there is no work to be seen (a producer has ended, say). */
void wake_shout(struct wake *w);

#endif
