/*
 * capture/listing.h - which packets are listed: all, those of a conversation,
 * those that a display filter lets through, or those that both do.
 *
 * To ask every packet between two listed ones would take a second a key, so
 * their ids are looked for once and kept. That is done in slices: no call looks
 * at more than `budget` packets, and what has been found so far can be listed.
 *
 * Owns:   the ids, and the filter.
 * Bounds: an eighth of a byte a packet, and a conversation.
 * Thread: main.  Blocks: as the filter does, see capture/display_filter.h.
 */
#ifndef SOCKDECK_CAPTURE_LISTING_H
#define SOCKDECK_CAPTURE_LISTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/display_filter.h"
#include "capture/flow.h"
#include "capture/ledger.h"
#include "capture/store.h"

struct listing;

/* Of all packets. NULL: no memory. */
struct listing *listing_new(void);
void listing_free(struct listing *l); /* takes NULL */

/* From now on only what this lets through; NULL: all. Takes it. */
void listing_filter(struct listing *l, struct display_filter *d);
/*
 * Turn to this conversation (NULL: all packets) and look on for packets that
 * are listed. Returns whether there is more to look at.
 */
bool listing_follow(struct listing *l, const struct store *s,
    const struct flow *f, size_t budget);
/* Has the filter not come to the end yet, since it was set? */
bool listing_is_first_pass(const struct listing *l);
/* Percent of what there is to look at; 100: all. */
int listing_progress(const struct listing *l, const struct store *s);
uint64_t listing_gen(const struct listing *l); /* another one: it changed */

/* Are all packets listed? */
bool listing_is_whole(const struct listing *l);
bool listing_has(const struct listing *l, const struct store *s, uint64_t id);
/* The nearest above (below) id; 0: none. Of 0: the first (last). */
uint64_t listing_next(
    const struct listing *l, const struct store *s, uint64_t id);
uint64_t listing_prev(
    const struct listing *l, const struct store *s, uint64_t id);
uint64_t listing_count(const struct listing *l, const struct store *s);

bool listing_is_filtered(const struct listing *l);
/* Of a filter, as far as it has looked: has this conversation a packet that it
 * lets through? Without a filter: yes. */
bool listing_has_flow(const struct listing *l, uint32_t flow);
/* And what the packets of conversations that it let through cost, those that
 * have left the store since too. */
struct cost listing_cost(const struct listing *l, enum purpose purpose);

#endif
