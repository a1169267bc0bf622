/*
 * tui/rungs_impl.h - the rungs, for the two files that make them: rungs_read.c
 * reads packets and calls, rungs.c finds the rows.
 */
#ifndef SOCKDECK_TUI_RUNGS_IMPL_H
#define SOCKDECK_TUI_RUNGS_IMPL_H

#include "tui/rungs.h"

/* A packet of the conversation. */
struct step {
	uint64_t bytes; /* of payload before it, all directions */
	uint32_t frame; /* id less the base */
	uint32_t segments; /* with payload, before it */
	uint32_t other; /* rung.other less the base, plus 1; 0 */
	uint16_t lane;
	uint8_t loss; /* enum rung_loss */
	bool plain : 1; /* may be in a run */
	bool towards : 1; /* the direction of the run's data */
};

_Static_assert(sizeof(struct step) == 24, "as the header says");

/*
 * Places count packets since rungs_follow() turned to these lanes; steps[0] has
 * place `first`, and those below `from` have left the store.
 *
 * Invariants: frames increase; breaks are places where a run begins, sorted.
 */
struct rungs {
	struct lanes lanes;
	struct moments moments;
	uint32_t *stops; /* places of calls that no run goes across */
	size_t stop_count, stop_cap;
	struct step *steps;
	size_t cap;
	uint32_t first, from, end;
	uint64_t base; /* frame id */
	uint64_t at; /* the next frame of the store to look at */
	uint64_t skip; /* packets of the lanes to be left out */
	uint64_t bytes, segments; /* of all */
	uint32_t *breaks;
	size_t break_count, break_cap;
	uint32_t unfolded[RUNGS_UNFOLDED]; /* a place in each */
	int unfolded_count;
	uint64_t gen, journal_gen, capture_gen;
	bool cut, failed, more;
};

static inline struct step *
rungs_step(const struct rungs *r, uint32_t place)
{
	return &r->steps[place - r->first];
}

/* How many of these sorted places are <= place. */
size_t rungs_count_to(const uint32_t *at, size_t count, uint32_t place);
/* The step of a frame, and its place, or that of the first behind it (NULL). */
struct step *rungs_step_of(
    const struct rungs *r, uint64_t frame, uint32_t *ret_place);
/* When it was captured; 0: it has left. */
int64_t rungs_time_at(
    const struct rungs *r, const struct store *store, uint32_t place);

#endif
