/*
 * tui/packetnotes.h - what we know of a packet, as comments for Wireshark.
 *
 *   Dup ACK: this ACK repeats 1449 for the 3rd time ...    its verdicts
 *   state: client ESTABLISHED                              that it changed
 *   call: client send(13) = 13                             what caused it
 *   wire: lost: random loss                                its fate
 *
 * The calls are those of the journal when the notes are begun: by conversation
 * and stream offset, so that a packet finds its own without asking all.
 *
 * Owns:   an index of the journal; calls are looked up by id.
 * Bounds: as the journal; PACKETNOTES_CALLS_MAX calls are named, the rest
 *         counted.
 * Thread: main.  Blocks: never.
 */
#ifndef SOCKDECK_TUI_PACKETNOTES_H
#define SOCKDECK_TUI_PACKETNOTES_H

#include "tui/weave.h"

#define PACKETNOTES_CALLS_MAX 8
#define PACKETNOTES_MAX 8192

struct packetnotes;

/* NULL: no memory. The models must outlive it. */
struct packetnotes *packetnotes_new(const struct weave *w);
void packetnotes_free(struct packetnotes *n); /* takes NULL */
/* Lines of UTF-8, "" where there is nothing to say. */
const char *packetnotes_of(
    struct packetnotes *n, const struct frame *f, char dst[PACKETNOTES_MAX]);

#endif
