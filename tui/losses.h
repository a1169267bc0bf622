/*
 * tui/losses.h - which segment repeats which one, from the packets alone.
 *
 * Owns:   nothing.
 * Bounds: looks back LOSSES_STEPS packets of the conversation, and into
 *         LOSSES_LOOKS of them.
 * Thread: main.  Blocks: never.
 * Source: RFC 9293 s3.8.1; RFC 2883 (D-SACK).
 */
#ifndef SOCKDECK_TUI_LOSSES_H
#define SOCKDECK_TUI_LOSSES_H

#include "capture/store.h"

#define LOSSES_STEPS 16384
#define LOSSES_LOOKS 64

struct repeat {
	uint64_t original, repeat; /* frames; 0: not found */
	bool lost; /* the original, as far as this packet tells */
	bool known; /* or as the wire knows */
};

/* Does this frame carry again what one before it carried, and which? */
bool losses_find_repeat(
    const struct store *store, const struct frame *f, struct repeat *ret);
/* Does it say that a repeat arrived where the original had, and which? */
bool losses_find_taken_back(
    const struct store *store, const struct frame *f, struct repeat *ret);

#endif
