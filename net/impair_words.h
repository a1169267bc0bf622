/*
 * net/impair_words.h - a bad network in a user's words.
 *
 *   loss=30 dup=10 reorder=25   percent
 *   burst=4                     losses come 4 in a row, on average
 *   delay=20 jitter=5           milliseconds, or with a unit: 1.5s
 *   seed=7                      the same datagrams are lost every time
 *
 * Owns:   nothing.  Thread: any.  Blocks: never.
 */
#ifndef SOCKDECK_NET_IMPAIR_WORDS_H
#define SOCKDECK_NET_IMPAIR_WORDS_H

#include "net/base/err.h"
#include "net/impair.h"

#define IMPAIR_KEYS "loss, burst, dup, reorder, delay, jitter, seed"

/* -ENOENT: no such key, nothing is said; -EINVAL with a sentence. */
int impair_rules_set(struct impair_rules *r, const char *key, const char *value,
    struct err *err);
/* Does it anything to a datagram? */
bool impair_rules_any(const struct impair_rules *r);

#endif
