#include "tui/rungs.h"

#include <stdlib.h>

#include "tui/rungs_impl.h"

struct rungs *
rungs_new(void)
{
	return calloc(1, sizeof(struct rungs));
}

void
rungs_free(struct rungs *r)
{
	if (r == NULL)
		return;
	moments_done(&r->moments);
	free(r->stops);
	free(r->steps);
	free(r->breaks);
	free(r);
}

/* ---- rows ---- */

struct run {
	uint32_t from, to; /* places */
	bool folded;
};

static struct run
run_at(const struct rungs *r, uint32_t place)
{
	size_t b = rungs_count_to(r->breaks, r->break_count, place);
	size_t s = rungs_count_to(r->stops, r->stop_count, place);
	struct run run = {
	    b > 0 ? r->breaks[b - 1] : r->first,
	    b < r->break_count ? r->breaks[b] : r->end,
	    false,
	};

	if (s > 0 && r->stops[s - 1] > run.from)
		run.from = r->stops[s - 1];
	if (s < r->stop_count && r->stops[s] < run.to)
		run.to = r->stops[s];
	if (run.from < r->from)
		run.from = r->from;
	run.folded = run.to - run.from >= RUNGS_FOLD_MIN;
	for (int i = 0; i < r->unfolded_count; i++)
		if (r->unfolded[i] >= run.from && r->unfolded[i] < run.to)
			run.folded = false;
	return run;
}

static uint64_t
frame_row(uint32_t place)
{
	return ((uint64_t)place + 2) * RUNGS_SLOTS - 1;
}

/* The calls before the packet at a place: [*ret_low, returned). */
static size_t
moments_at(const struct rungs *r, uint32_t place, size_t *ret_low)
{
	const struct moments *m = &r->moments;
	size_t low = 0, high = m->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (m->at[mid].place < place)
			low = mid + 1;
		else
			high = mid;
	}
	*ret_low = low;
	while (high < m->count && m->at[high].place == place &&
	       high - low < RUNGS_SLOTS - 2)
		high++;
	return high;
}

static uint32_t
row_place(const struct rungs *r, uint64_t row)
{
	uint64_t place = row / RUNGS_SLOTS;

	if (place < (uint64_t)r->from + 1)
		return r->from;
	return place - 1 > r->end ? r->end : (uint32_t)(place - 1);
}

/* The first row at a place that is behind `row`; 0: none. */
static uint64_t
row_within(const struct rungs *r, uint32_t place, uint64_t row)
{
	uint64_t base = ((uint64_t)place + 1) * RUNGS_SLOTS;
	size_t low, high = moments_at(r, place, &low);
	uint64_t slot = row >= base ? row - base + 1 : 0;

	/* Of those before the first packet that is left nobody knows more. */
	if (place == r->from && r->cut && place < r->end)
		low = high;
	if (slot < high - low)
		return base + slot;
	return place < r->end && row < frame_row(place) ? frame_row(place) : 0;
}

uint64_t
rungs_next(const struct rungs *r, uint64_t row)
{
	uint32_t place = row_place(r, row);
	struct run run;
	uint64_t found;

	for (;;) {
		if (place < r->end) {
			run = run_at(r, place);
			/* Within a folded run there is nothing. */
			if (run.folded && place > run.from)
				place = run.to;
			else if (run.folded && row >= frame_row(place))
				place = run.to;
		}
		found = row_within(r, place, row);
		if (found != 0 || place >= r->end)
			return found;
		place++;
	}
}

/* The last row at a place that is before `row`; 0: none. */
static uint64_t
row_before(const struct rungs *r, uint32_t place, uint64_t row)
{
	uint64_t base = ((uint64_t)place + 1) * RUNGS_SLOTS;
	size_t low, high = moments_at(r, place, &low), n;

	if (place < r->end && row > frame_row(place))
		return frame_row(place);
	n = high - low;
	if (place == r->from && r->cut && place < r->end)
		n = 0;
	if (row < base + n)
		n = row > base ? (size_t)(row - base) : 0;
	return n > 0 ? base + n - 1 : 0;
}

uint64_t
rungs_prev(const struct rungs *r, uint64_t row)
{
	uint32_t place = row == 0 ? r->end : row_place(r, row);
	uint64_t found;

	if (row == 0)
		row = UINT64_MAX;
	for (;; place--) {
		if (place < r->end) {
			struct run run = run_at(r, place);

			if (run.folded && place > run.from)
				place = run.from;
		}
		found = row_before(r, place, row);
		if (found != 0 || place <= r->from)
			return found;
	}
}

uint64_t
rungs_row(const struct rungs *r, uint64_t frame)
{
	uint32_t place;
	struct run run;

	if (rungs_step_of(r, frame, &place) == NULL)
		return 0;
	run = run_at(r, place);
	return frame_row(run.folded ? run.from : place);
}

/* The run of a packet's row; empty if it is too short to be folded. */
static struct run
run_of_row(const struct rungs *r, uint64_t row)
{
	uint32_t place = row_place(r, row);
	struct run run = {0};

	if (place < r->end && row == frame_row(place))
		run = run_at(r, place);
	return run.to - run.from >= RUNGS_FOLD_MIN ? run : (struct run){0};
}

bool
rungs_in_run(const struct rungs *r, uint64_t row, bool *ret_folded)
{
	struct run run = run_of_row(r, row);

	*ret_folded = run.folded;
	return run.to > run.from;
}

uint64_t
rungs_fold(struct rungs *r, uint64_t row)
{
	struct run run = run_of_row(r, row);
	int kept = 0;

	if (run.to == run.from)
		return 0;
	r->gen++;
	for (int i = 0; i < r->unfolded_count; i++)
		if (r->unfolded[i] < run.from || r->unfolded[i] >= run.to)
			r->unfolded[kept++] = r->unfolded[i];
	if (run.folded)
		r->unfolded[kept < RUNGS_UNFOLDED ? kept++ : 0] = run.from;
	r->unfolded_count = kept;
	return frame_row(run.from);
}

/* ---- what is in a row ---- */

static void
sum_fold(const struct rungs *r, const struct store *store, struct run run,
    struct rung *ret)
{
	const struct step *from = rungs_step(r, run.from);
	const struct moments *m = &r->moments;
	size_t low;

	ret->kind = RUNG_FOLD;
	ret->last = r->base + rungs_step(r, run.to - 1)->frame;
	ret->end_ns = rungs_time_at(r, store, run.to - 1);
	ret->dir = from->towards;
	ret->packets = run.to - run.from;
	ret->bytes =
	    (run.to < r->end ? rungs_step(r, run.to)->bytes : r->bytes) -
	    from->bytes;
	ret->segments =
	    (run.to < r->end ? rungs_step(r, run.to)->segments : r->segments) -
	    from->segments;
	moments_at(r, run.from + 1, &low);
	for (; low < m->count && m->at[low].place < run.to; low++) {
		bool sender = m->at[low].server == (ret->dir == DIR_SERVER);

		ret->writes += sender && m->at[low].sends;
		ret->reads += !sender && !m->at[low].sends;
	}
}

static bool
get_call(const struct rungs *r, uint32_t place, uint64_t row, struct rung *ret)
{
	size_t low, high = moments_at(r, place, &low);
	size_t slot = row % RUNGS_SLOTS;
	const struct moment *m;

	if (slot >= high - low)
		return false;
	m = &r->moments.at[low + slot];
	*ret = (struct rung){
	    .kind = m->end ? RUNG_END : RUNG_BEGIN,
	    .lane = m->lane,
	    .id = m->call,
	    .ts_ns = m->ts_ns,
	    .end_ns = m->ts_ns,
	};
	return true;
}

bool
rungs_get(const struct rungs *r, const struct weave *w, uint64_t row,
    struct rung *ret)
{
	const struct store *store = capture_store(w->capture);
	uint32_t place = row_place(r, row);
	const struct step *s;
	struct run run;

	if (row / RUNGS_SLOTS != (uint64_t)place + 1)
		return false;
	if (row % RUNGS_SLOTS != RUNGS_SLOTS - 1)
		return get_call(r, place, row, ret);
	if (place >= r->end)
		return false;
	s = rungs_step(r, place);
	*ret = (struct rung){
	    .kind = RUNG_FRAME,
	    .loss = (enum rung_loss)s->loss,
	    .lane = s->lane,
	    .id = r->base + s->frame,
	    .ts_ns = rungs_time_at(r, store, place),
	    .other = s->other != 0 ? r->base + s->other - 1 : 0,
	};
	ret->end_ns = ret->ts_ns;
	run = run_at(r, place);
	if (run.folded)
		sum_fold(r, store, run, ret);
	return true;
}

uint64_t
rungs_gen(const struct rungs *r)
{
	return r->gen;
}

const struct lanes *
rungs_lanes(const struct rungs *r)
{
	return &r->lanes;
}

bool
rungs_have_calls(const struct rungs *r)
{
	return r->moments.count > 0;
}

bool
rungs_are_cut(const struct rungs *r)
{
	return r->cut;
}
