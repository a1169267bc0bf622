/*
 * capture/capture.h - the packet model: what comes in becomes frames,
 * conversations and costs, in one place and in one order.
 *
 *   batch -> store (copy, summary) -> flow (states, offsets) -> ledger (cost)
 *
 * Owns:   the store, the flow table and the ledger.
 * Thread: main.  Blocks: never.
 */
#ifndef SOCKDECK_CAPTURE_CAPTURE_H
#define SOCKDECK_CAPTURE_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/batch.h"
#include "capture/dissect.h"
#include "capture/flow.h"
#include "capture/ledger.h"
#include "capture/store.h"

struct capture;

struct capture *capture_new(size_t store_budget);
void capture_free(struct capture *c);
/* Frames that are past will not be asked for, of a file: see
 * store_keep_newest(). Before the first packet. */
void capture_pass_by(struct capture *c);
void capture_feed(struct capture *c, const struct batch *b);
/* Feed one packet and see what was found out, also what the store does not
 * keep. False: the store has no room for it. */
bool capture_feed_one(
    struct capture *c, const struct packet *p, struct frame *ret);

/* The same for the packets of a batch, one after the other. */
struct feeding {
	struct capture *capture;
	const struct batch *batch;
	uint32_t at; /* the next to be fed */
};

/* Borrows the batch. */
void capture_begin(
    struct capture *c, const struct batch *b, struct feeding *ret);
/* False: it was the last. */
bool capture_next(struct feeding *g, struct frame *ret);
/* Who would rest until the next batch comes does a little of what that needs.
 * False: there is nothing to do. */
bool capture_help(struct capture *c);

const struct store *capture_store(const struct capture *c);
const struct flow_table *capture_flows(const struct capture *c);
const struct ledger *capture_ledger(const struct capture *c);
/* Changes whenever packets were fed. */
uint64_t capture_gen(const struct capture *c);
/* Time of the first packet ever fed that has one; else PACKET_NO_TIME. */
int64_t capture_first_ns(const struct capture *c);

/*
 * The bytes that frame `id` adds to its TCP stream, those that waited for it
 * included; borrowed until the next call. False: none.
 */
bool capture_new_bytes(const struct capture *c, uint64_t id, struct whole *ret);

/* The context in which this frame is to be dissected. */
struct dissect_context capture_context(
    const struct capture *c, const struct frame *f);
/* The same, with what so many packets of its conversation before it tell: in a
 * long one that is sooner there. */
struct dissect_context capture_context_near(
    const struct capture *c, const struct frame *f, size_t past);

#endif
