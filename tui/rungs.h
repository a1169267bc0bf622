/*
 * tui/rungs.h - the ladder's rungs: the packets of some conversations in the
 * order of the capture, long runs of data folded into one, and between them the
 * calls that were made at the ends.
 *
 * A run is data of one direction with its pure ACKs, without anything that
 * somebody may look for: no change of state, no verdict, no loss, no pause, no
 * call but send() and recv(). Its sums come from two places, whatever its length.
 *
 * What was lost: a wire of ours knows it (packet.fate). Elsewhere a segment
 * that was sent again, before any ACK for it came, is presumed to be lost, until
 * the receiver says that it got it twice (D-SACK, RFC 2883).
 *
 * Row ids are places: the row of the packet at `place` is
 * (place + 1) * RUNGS_SLOTS - 1, the calls before it come just below. A folded
 * run has the id of its first packet.
 *
 * Owns:   24 bytes a packet; packets stay in the store, calls in the journal.
 * Bounds: RUNGS_MAX packets, the newest; RUNGS_UNFOLDED runs unfolded.
 * Speed:  reads on in slices; each row and sum costs binary searches.
 * Thread: main.  Blocks: never.
 */
#ifndef SOCKDECK_TUI_RUNGS_H
#define SOCKDECK_TUI_RUNGS_H

#include "tui/lanes.h"
#include "tui/moments.h"

#define RUNGS_MAX (2 * 1024 * 1024)
#define RUNGS_SLOTS (UINT64_C(1) << 20)
#define RUNGS_UNFOLDED 64
#define RUNGS_FOLD_MIN 8 /* packets of a run that is folded */
#define RUNGS_PAUSE_NS 100000000 /* a run does not go on after it */

enum rung_kind { RUNG_FRAME, RUNG_FOLD, RUNG_BEGIN, RUNG_END };

/* What the capture shows of a segment that was sent more than once. */
enum rung_loss {
	LOSS_NONE,
	LOSS_KNOWN, /* the wire says so: packet.fate */
	LOSS_PRESUMED, /* it was sent again, and nothing says it arrived */
	LOSS_REPEAT, /* its bytes were sent before */
	LOSS_NEEDLESS, /* the same, and they had arrived */
};

struct rung {
	enum rung_kind kind;
	enum rung_loss loss;
	int lane;
	uint64_t id; /* of the frame (of a fold the first), or the call */
	int64_t ts_ns, end_ns; /* of a fold from the first to the last packet */
	uint64_t other; /* frame that repeats it, or that it repeats; 0 */
	/* of a fold: */
	uint64_t last; /* its last frame */
	int dir; /* of the data */
	uint64_t packets, segments, bytes, writes, reads;
};

struct rungs;

struct rungs *rungs_new(void);
void rungs_free(struct rungs *r);
/*
 * Turn to this conversation (all: and its client's others with that server)
 * and read on, about as many packets of the store as the budget says. True:
 * there is more to read.
 */
bool rungs_follow(struct rungs *r, const struct weave *w, uint32_t flow,
    bool all, size_t budget);
uint64_t rungs_gen(const struct rungs *r); /* another one: they changed */
const struct lanes *rungs_lanes(const struct rungs *r);
bool rungs_have_calls(const struct rungs *r);
/* Percent of what there is to read. */
int rungs_progress(const struct rungs *r, const struct weave *w);
/* Were there more packets than it holds, or than the store does? */
bool rungs_are_cut(const struct rungs *r);

/* The row after (before) this one, there or not; 0: none. From 0: the first
 * (last). */
uint64_t rungs_next(const struct rungs *r, uint64_t row);
uint64_t rungs_prev(const struct rungs *r, uint64_t row);
/* False: no such row, or what it shows has left. */
bool rungs_get(const struct rungs *r, const struct weave *w, uint64_t row,
    struct rung *ret);
/* The row that shows this frame; 0: none does. */
uint64_t rungs_row(const struct rungs *r, uint64_t frame);
/* Is it a row of a run that can be folded; and is it folded now? */
bool rungs_in_run(const struct rungs *r, uint64_t row, bool *ret_folded);
/* Unfold the run that this row stands for, or fold the one that it is in.
 * Returns the row that is there then; 0: there is no run. */
uint64_t rungs_fold(struct rungs *r, uint64_t row);

#endif
