/*
 * tui/moments.h - when calls of some conversations began or ended, in order:
 * what stands in the ladder's margins.
 *
 * Shown is the moment that the wire can be compared with: a send() when it
 * began, a recv() when it returned, a connect() at both.
 *
 * Owns:   values; calls stay in the journal.
 * Bounds: two for each call that the journal holds.
 * Thread: main.  Blocks: never.
 */
#ifndef SOCKDECK_TUI_MOMENTS_H
#define SOCKDECK_TUI_MOMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tui/lanes.h"
#include "tui/weave.h"

struct moment {
	int64_t ts_ns;
	uint32_t call;
	uint32_t place; /* for the owner: the packet that it stands before */
	uint16_t lane;
	bool end; /* of the call, not its beginning */
	bool plain; /* data went or came, nothing else is to be said */
	bool sends; /* it is a send(), else a recv() or something else */
	bool server; /* it was made at the server's end */
	bool loose; /* it may move or go: looked at again each time */
};

struct moments {
	struct moment *at; /* by time */
	size_t count, cap;
	size_t changed; /* those from here on are new or have moved */
	uint32_t entry; /* the journal's entries below it are in */
};

void moments_done(struct moments *m);
/* Other lanes than before. */
void moments_clear(struct moments *m);
/* Read on; `changed` is then the first that is not where it was. */
void moments_follow(
    struct moments *m, const struct weave *w, const struct lanes *lanes);

#endif
