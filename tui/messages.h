/*
 * tui/messages.h - the messages of one conversation, by the calls that moved
 * them: each once, by the send() where that was made here, else by the recv().
 *
 * Owns:   ids of calls; calls stay in the journal.
 * Bounds: those that the journal holds.
 * Thread: main.  Blocks: never.
 */
#ifndef SOCKDECK_TUI_MESSAGES_H
#define SOCKDECK_TUI_MESSAGES_H

#include "tui/moments.h"

struct messages {
	uint32_t *call; /* ids, in the order of their moments */
	size_t count, cap;
	uint64_t gen; /* another one: they changed */
	struct lanes lanes;
	struct moments moments;
	uint64_t journal_gen, capture_gen;
};

void messages_done(struct messages *m);
/* Turn to this conversation (0: none). True: it is another than before. */
bool messages_follow(struct messages *m, const struct weave *w, uint32_t flow);

#endif
