#include <stdlib.h>
#include <string.h>

#include "tui/losses.h"
#include "tui/rungs_impl.h"

/* ---- sorted places ---- */

size_t
rungs_count_to(const uint32_t *at, size_t count, uint32_t place)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (at[mid] <= place)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static bool
add_place(uint32_t **at, size_t *count, size_t *cap, uint32_t place)
{
	size_t i = rungs_count_to(*at, *count, place);

	if (i > 0 && (*at)[i - 1] == place)
		return true;
	if (*count == *cap) {
		size_t more = *cap > 0 ? 2 * *cap : 256;
		uint32_t *bigger = realloc(*at, more * sizeof *bigger);

		if (bigger == NULL)
			return false;
		*at = bigger;
		*cap = more;
	}
	memmove(&(*at)[i + 1], &(*at)[i], (*count - i) * sizeof **at);
	(*at)[i] = place;
	(*count)++;
	return true;
}

static void
add_break(struct rungs *r, uint32_t place)
{
	if (!add_place(&r->breaks, &r->break_count, &r->break_cap, place))
		r->failed = true;
}

/* ---- reading packets ---- */

/* The place of a frame, or of the first behind it. */
static uint32_t
place_of(const struct rungs *r, uint64_t frame)
{
	uint32_t low = r->from, high = r->end;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (r->base + rungs_step(r, mid)->frame < frame)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

struct step *
rungs_step_of(const struct rungs *r, uint64_t frame, uint32_t *ret_place)
{
	*ret_place = place_of(r, frame);
	if (*ret_place == r->end ||
	    r->base + rungs_step(r, *ret_place)->frame != frame)
		return NULL;
	return rungs_step(r, *ret_place);
}

/* Nobody looks for it among others of its kind. */
static bool
is_plain(const struct store *store, const struct frame *f)
{
	const struct record *before = store_record(store, f->prev_in_flow);
	const uint32_t usual = VERDICT_WINDOW_UPDATE;

	if (f->packet.fate > FATE_PASSED || f->sum.status != SUMMARY_OK ||
	    (f->verdicts & ~usual) != 0 ||
	    (f->sum.tcp_flags & (TCP_SYN | TCP_FIN | TCP_RST)) != 0)
		return false;
	if (f->purpose != PURPOSE_DATA && f->purpose != PURPOSE_ACK &&
	    (f->verdicts & usual) == 0)
		return false;
	for (int end = 0; end < 2 && f->sum.proto == PROTO_TCP; end++)
		if (before == NULL ||
		    record_state(before, end) != f->state[end])
			return false;
	return true;
}

/* Room for one more; the oldest half goes where there is none. */
static bool
make_room(struct rungs *r)
{
	size_t count = r->end - r->first, cap = r->cap > 0 ? 2 * r->cap : 256;
	struct step *steps;

	if (count < r->cap)
		return true;
	if (r->cap >= RUNGS_MAX || r->from - r->first > r->cap / 2) {
		size_t gone = r->cap / 2;

		memmove(r->steps, r->steps + gone,
		    (count - gone) * sizeof *r->steps);
		r->first += (uint32_t)gone;
		if (r->from < r->first) {
			r->from = r->first;
			r->cut = true;
		}
		return true;
	}
	steps = realloc(r->steps, cap * sizeof *steps);
	if (steps == NULL)
		return false;
	r->steps = steps;
	r->cap = cap;
	return true;
}

/* A repeat was found: mark both, and let them stand alone. */
static void
mark_repeat(struct rungs *r, uint32_t place, const struct repeat *found)
{
	struct step *s = rungs_step(r, place), *original;
	uint32_t at;

	if (s->loss == LOSS_NONE)
		s->loss = found->lost ? LOSS_REPEAT : LOSS_NEEDLESS;
	original = rungs_step_of(r, found->original, &at);
	if (original == NULL)
		return;
	s->other = original->frame + 1;
	if (!found->lost)
		return;
	original->loss = found->known ? LOSS_KNOWN : LOSS_PRESUMED;
	original->other = s->frame + 1;
	add_break(r, at);
	add_break(r, at + 1);
}

/* The receiver got it twice: nothing was lost. */
static void
take_back(struct rungs *r, uint64_t repeat)
{
	uint32_t at;
	struct step *s = rungs_step_of(r, repeat, &at), *original;

	if (s == NULL || s->loss != LOSS_REPEAT)
		return;
	s->loss = LOSS_NEEDLESS;
	original = rungs_step_of(r, r->base + s->other - 1, &at);
	if (s->other != 0 && original != NULL &&
	    original->loss == LOSS_PRESUMED)
		original->loss = LOSS_NONE;
}

static void
add_frame(
    struct rungs *r, const struct store *store, const struct frame *f, int lane)
{
	bool data = f->sum.payload_len > 0;
	struct step s = {
	    .bytes = r->bytes,
	    .segments = (uint32_t)r->segments,
	    .lane = (uint16_t)lane,
	    .loss = frame_is_lost(f) ? LOSS_KNOWN : LOSS_NONE,
	    .plain = is_plain(store, f),
	    .towards = (data ? f->dir : !f->dir) & 1,
	};
	const struct step *before;
	struct repeat found;

	if (!make_room(r)) {
		r->failed = true;
		return;
	}
	if (r->end == r->first)
		r->base = f->id;
	s.frame = (uint32_t)(f->id - r->base);
	before = r->end > r->first ? rungs_step(r, r->end - 1) : NULL;
	if (before == NULL || !before->plain || !s.plain ||
	    before->towards != s.towards ||
	    f->packet.ts_ns - rungs_time_at(r, store, r->end - 1) >
		RUNGS_PAUSE_NS)
		add_break(r, r->end);
	*rungs_step(r, r->end++) = s;
	r->bytes += f->sum.payload_len;
	r->segments += data;
	if (losses_find_repeat(store, f, &found))
		mark_repeat(r, r->end - 1, &found);
	if (losses_find_taken_back(store, f, &found))
		take_back(r, found.repeat);
}

/* Where the lanes' packets begin and end in the store. */
static uint64_t
lanes_first(const struct lanes *l, const struct flow_table *ft, uint64_t *ret_n)
{
	uint64_t first = UINT64_MAX;

	*ret_n = 0;
	for (int i = 0; i < l->count; i++) {
		const struct flow *f = flow_get(ft, l->flow[i]);

		if (f == NULL)
			continue;
		if (f->first_frame < first)
			first = f->first_frame;
		*ret_n += f->end[0].packets + f->end[1].packets;
	}
	return first;
}

static uint64_t
lanes_last(const struct lanes *l, const struct flow_table *ft)
{
	uint64_t last = 0;

	for (int i = 0; i < l->count; i++) {
		const struct flow *f = flow_get(ft, l->flow[i]);

		if (f != NULL && f->last_frame > last)
			last = f->last_frame;
	}
	return last;
}

/* Other lanes. */
static void
begin(struct rungs *r, const struct capture *c)
{
	const struct store *store = capture_store(c);
	uint64_t n, first = lanes_first(&r->lanes, capture_flows(c), &n);

	r->first = r->from = r->end = 0;
	r->bytes = r->segments = 0;
	r->break_count = 0;
	r->stop_count = 0;
	r->unfolded_count = 0;
	moments_clear(&r->moments);
	r->cut = first < store_first(store);
	r->failed = false;
	r->at = r->cut ? store_first(store) : first;
	r->skip = !r->cut && n > RUNGS_MAX ? n - RUNGS_MAX : 0;
	r->cut = r->cut || r->skip > 0;
}

static bool
read_on(struct rungs *r, const struct capture *c, size_t budget)
{
	enum { COST = 8 }; /* of a packet that is taken, in those passed over */
	const struct store *store = capture_store(c);
	uint64_t last = lanes_last(&r->lanes, capture_flows(c));
	size_t used = 0;
	struct frame f;

	if (r->at < store_first(store))
		r->at = store_first(store);
	for (; r->at <= last && used < budget && !r->failed; r->at++, used++) {
		const struct record *rec = store_record(store, r->at);
		int lane = rec != NULL && rec->flow != 0
			       ? lanes_find(&r->lanes, rec->flow)
			       : -1;

		if (lane < 0)
			continue;
		if (r->skip > 0) {
			r->skip--;
			continue;
		}
		if (store_get(store, r->at, &f))
			add_frame(r, store, &f, lane);
		used += COST;
	}
	while (r->from < r->end &&
	       r->base + rungs_step(r, r->from)->frame < store_first(store)) {
		r->from++;
		r->cut = true;
	}
	return r->at <= last && !r->failed;
}

/* ---- calls ---- */

int64_t
rungs_time_at(const struct rungs *r, const struct store *store, uint32_t place)
{
	const struct record *rec =
	    store_record(store, r->base + rungs_step(r, place)->frame);

	return rec != NULL ? rec->ts_ns : 0;
}

/* The first packet at or behind `low` that came after this. */
static uint32_t
place_after(
    const struct rungs *r, const struct store *store, uint32_t low, int64_t ns)
{
	uint32_t high = r->end, stride = 1;

	/* They come in order: it is probably near. */
	for (; low < high && high - low > stride; stride *= 2) {
		if (rungs_time_at(r, store, low + stride) > ns) {
			high = low + stride;
			break;
		}
		low += stride;
	}
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (rungs_time_at(r, store, mid) > ns)
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

/* Calls have come, or packets among the last of them. */
static void
place_calls(struct rungs *r, const struct store *store, uint32_t old_end)
{
	struct moments *m = &r->moments;
	size_t i = m->changed < m->count ? m->changed : m->count;
	uint32_t low = r->from;

	while (i > 0 && m->at[i - 1].place >= old_end)
		i--;
	r->stop_count = 0;
	for (size_t k = 0; k < m->count; k++) {
		if (k >= i)
			m->at[k].place =
			    place_after(r, store, low, m->at[k].ts_ns);
		if (m->at[k].place > low)
			low = m->at[k].place;
		if (!m->at[k].plain && !add_place(&r->stops, &r->stop_count,
					   &r->stop_cap, m->at[k].place))
			r->failed = true;
	}
}

bool
rungs_follow(struct rungs *r, const struct weave *w, uint32_t flow, bool all,
    size_t budget)
{
	uint64_t calls = journal_gen(w->journal);
	uint64_t packets = capture_gen(w->capture);
	uint32_t old_end;
	bool more;

	if (lanes_follow(&r->lanes, capture_flows(w->capture), flow, all)) {
		begin(r, w->capture);
		r->journal_gen = r->capture_gen = UINT64_MAX;
	}
	old_end = r->end;
	more = read_on(r, w->capture, budget);
	r->gen += more != r->more;
	r->more = more;
	if (r->journal_gen == calls && r->capture_gen == packets &&
	    old_end == r->end)
		return more;
	r->gen++;
	r->journal_gen = calls;
	r->capture_gen = packets;
	moments_follow(&r->moments, w, &r->lanes);
	place_calls(r, capture_store(w->capture), old_end);
	return more;
}

int
rungs_progress(const struct rungs *r, const struct weave *w)
{
	const struct flow_table *ft = capture_flows(w->capture);
	uint64_t n, first = lanes_first(&r->lanes, ft, &n);
	uint64_t last = lanes_last(&r->lanes, ft);

	if (r->at > last || last <= first || r->at < first)
		return 100;
	return (int)((r->at - first) * 99 / (last - first));
}
