/*
 * tui/lanes.h - the conversations that stand beside each other in the ladder:
 * one, or all that one client had with one server.
 *
 * The same client is the same address at any port, the same server the same
 * address and port. A lane keeps its number as long as its conversation is
 * among them, and new conversations come behind the others.
 *
 * Owns:   ids, by value.
 * Bounds: LANES_MAX conversations, those around the chosen one.
 * Thread: main.  Blocks: never.
 */
#ifndef SOCKDECK_TUI_LANES_H
#define SOCKDECK_TUI_LANES_H

#include <stdbool.h>
#include <stdint.h>

#include "capture/flow.h"

#define LANES_MAX 128

struct lanes {
	uint32_t flow[LANES_MAX]; /* increasing */
	int count;
	bool all;
	uint32_t seen; /* conversations below it were looked at */
};

/*
 * Turn to the lanes of this conversation (0: none); all: with its client's
 * others. Returns false if they are those that were there, perhaps with some
 * more behind them.
 */
bool lanes_follow(
    struct lanes *l, const struct flow_table *ft, uint32_t flow, bool all);
/* The lane of a conversation; -1: it has none. */
int lanes_find(const struct lanes *l, uint32_t flow);

#endif
