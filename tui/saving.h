/*
 * tui/saving.h - packets on their way into a file.
 *
 * Ten million packets take seconds to be written, so that is done in pieces,
 * between which keys are answered. Packets that come meanwhile are not saved;
 * those that leave the store meanwhile are lost to the file, and counted.
 *
 * Owns:   the file, until it is finished or given up, and the filter.
 * Thread: main.  Blocks: on the disk, for a piece.
 */
#ifndef SOCKDECK_TUI_SAVING_H
#define SOCKDECK_TUI_SAVING_H

#include <stdbool.h>
#include <stdint.h>

#include "net/base/err.h"
#include "tui/marks.h"
#include "tui/weave.h"

struct saving_spec {
	const char *path;
	bool overwrite;
	/* Only those for which all of these hold. */
	uint32_t flow; /* 0: of any conversation */
	const struct marks
	    *marks; /* borrowed to the end; NULL: marked or not */
	const char *show; /* display filter; "": all */
};

struct saving;

int saving_new(const struct saving_spec *spec, const struct weave *w,
    struct saving **ret, struct err *err);
/* Give up, unless it is finished: no file is left. Takes NULL. */
void saving_free(struct saving *s);
/* Write a piece. 1: there is more; 0: the file has its name now; < 0: it
 * failed, nothing was kept, and the sentence says why. */
int saving_step(struct saving *s, struct err *err);

const char *saving_path(const struct saving *s);
int saving_progress(const struct saving *s); /* percent */
uint64_t saving_count(const struct saving *s); /* packets written */
uint64_t saving_lost(const struct saving *s); /* left the store before */

#endif
