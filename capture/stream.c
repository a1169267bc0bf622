#include "capture/stream.h"

#include <stdlib.h>
#include <string.h>

/* 16 bytes each: a conversation may have a million of them. */
struct place {
	uint64_t from;
	uint32_t len;
	uint32_t frame; /* as in stream.frames */
};

struct places {
	struct place *at;
	size_t count, cap;
};

/*
 * Reading goes in two phases: back along the chain from the flow's newest frame
 * to the newest that is known (ids onto `back`), then forward again.
 *
 * Invariants: frames are ids less base, increasing; stretches[dir] are sorted,
 * not empty and disjoint; end[dir] is where the last of them ends.
 */
struct stream {
	uint32_t flow;
	uint64_t gen;
	uint64_t base; /* id of the first frame */
	uint32_t *frames;
	size_t count, cap;
	uint32_t *carriers; /* those that carry bytes, as in frames */
	size_t carrier_count, carrier_cap;
	uint64_t *back;
	size_t back_count, back_cap, back_sum;
	uint64_t walk; /* the frame to be looked at next; 0: not walking */
	uint64_t newest; /* frame read; 0: none */
	uint64_t target; /* the one that it went back from */
	bool cut, failed;
	struct places stretches[2], echoes[2];
	uint64_t begin[2], end[2], have[2];
	struct state_change *changes;
	size_t change_count;
	uint8_t state[2];
};

struct stream *
stream_new(void)
{
	struct stream *s = calloc(1, sizeof *s);

	if (s == NULL)
		return NULL;
	s->changes = malloc(STREAM_CHANGES_MAX * sizeof *s->changes);
	if (s->changes == NULL) {
		free(s);
		return NULL;
	}
	return s;
}

static void
forget(struct stream *s)
{
	free(s->frames);
	free(s->carriers);
	free(s->back);
	for (int dir = 0; dir < 2; dir++) {
		free(s->stretches[dir].at);
		free(s->echoes[dir].at);
	}
	*s = (struct stream){.gen = s->gen + 1, .changes = s->changes};
}

void
stream_free(struct stream *s)
{
	if (s == NULL)
		return;
	forget(s);
	free(s->changes);
	free(s);
}

/* Room for one more; false: no memory. */
static bool
grow(void **at, size_t *cap, size_t count, size_t size)
{
	size_t more = *cap > 0 ? *cap * 2 : 256;
	void *bigger;

	if (count < *cap)
		return true;
	bigger = realloc(*at, more * size);
	if (bigger == NULL)
		return false;
	*at = bigger;
	*cap = more;
	return true;
}

/* ---- stretches and echoes ---- */

static bool
put_place(
    struct places *p, size_t i, uint64_t from, uint64_t to, uint32_t frame)
{
	void *at = p->at;

	if (!grow(&at, &p->cap, p->count, sizeof *p->at))
		return false;
	p->at = at;
	memmove(&p->at[i + 1], &p->at[i], (p->count - i) * sizeof *p->at);
	p->at[i] = (struct place){from, (uint32_t)(to - from), frame};
	p->count++;
	return true;
}

static uint64_t
place_end(const struct place *p)
{
	return p->from + p->len;
}

size_t
stream_stretch_at(const struct stream *s, int dir, uint64_t off)
{
	const struct places *p = &s->stretches[dir];
	size_t low = 0, high = p->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (place_end(&p->at[mid]) > off)
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

static void
put_stretch(struct stream *s, int dir, size_t i, uint64_t from, uint64_t to,
    uint32_t frame)
{
	if (put_place(&s->stretches[dir], i, from, to, frame))
		s->have[dir] += to - from;
	else
		s->failed = true;
}

/* Bytes below the end: they fill gaps, or they were there. */
static void
put_late(struct stream *s, int dir, uint64_t from, uint64_t to, uint32_t frame)
{
	struct places *p = &s->stretches[dir];
	size_t i = stream_stretch_at(s, dir, from);
	uint64_t at = from, before = s->have[dir];

	while (at < to) {
		uint64_t next = i < p->count ? p->at[i].from : to;

		if (next > at) {
			next = next < to ? next : to;
			if (p->count - i <= STREAM_LATE_MAX)
				put_stretch(s, dir, i++, at, next, frame);
			at = next;
		} else {
			at = place_end(&p->at[i++]);
		}
	}
	if (s->have[dir] - before < to - from &&
	    !put_place(&s->echoes[dir], s->echoes[dir].count, from, to, frame))
		s->failed = true;
}

static void
put_data(struct stream *s, int dir, uint64_t from, uint64_t to, uint32_t frame)
{
	struct places *p = &s->stretches[dir];

	if (p->count == 0 && s->cut)
		s->begin[dir] = s->end[dir] = from;
	if (from < s->begin[dir])
		from = s->begin[dir];
	if (from < s->end[dir])
		put_late(
		    s, dir, from, to < s->end[dir] ? to : s->end[dir], frame);
	if (to <= s->end[dir])
		return;
	put_stretch(s, dir, p->count, from > s->end[dir] ? from : s->end[dir],
	    to, frame);
	s->end[dir] = to;
}

/* ---- frames ---- */

static void
put_change(struct stream *s, const struct frame *f)
{
	const size_t half = STREAM_CHANGES_MAX / 2;

	if (memcmp(s->state, f->state, sizeof s->state) == 0)
		return;
	memcpy(s->state, f->state, sizeof s->state);
	if (s->change_count == STREAM_CHANGES_MAX) {
		memmove(
		    s->changes, s->changes + half, half * sizeof *s->changes);
		s->change_count = half;
	}
	s->changes[s->change_count] = (struct state_change){.frame = f->id};
	memcpy(s->changes[s->change_count++].state, f->state, sizeof f->state);
}

static void
put_frame(struct stream *s, const struct frame *f, const struct flow *flow)
{
	void *at = s->frames;

	if (s->count == 0)
		s->base = f->id;
	if (!grow(&at, &s->cap, s->count, sizeof *s->frames)) {
		s->failed = true;
		return;
	}
	s->frames = at;
	s->frames[s->count++] = (uint32_t)(f->id - s->base);
	if (f->sum.proto == PROTO_TCP)
		put_change(s, f);
	/* Bytes from before the capture began have no offset. */
	if (f->data_from >= f->data_to ||
	    f->data_to > flow->end[f->dir].sent_to)
		return;
	at = s->carriers;
	if (!grow(
		&at, &s->carrier_cap, s->carrier_count, sizeof *s->carriers)) {
		s->failed = true;
		return;
	}
	s->carriers = at;
	s->carriers[s->carrier_count++] = (uint32_t)(f->id - s->base);
	put_data(
	    s, f->dir, f->data_from, f->data_to, (uint32_t)(f->id - s->base));
}

/* ---- reading ---- */

static size_t
walk_back(struct stream *s, const struct store *store, size_t budget)
{
	for (; budget > 0 && s->walk > s->newest; budget--) {
		const struct record *r = store_record(store, s->walk);
		void *at = s->back;

		if (r == NULL || s->back_count == STREAM_FRAMES_MAX ||
		    !grow(&at, &s->back_cap, s->back_count, sizeof *s->back)) {
			s->cut = s->cut || s->count == 0;
			s->walk = 0;
			break;
		}
		s->back = at;
		s->back[s->back_count++] = s->walk;
		s->walk = record_before(r, s->walk);
	}
	if (s->walk <= s->newest)
		s->walk = 0;
	s->back_sum = s->back_count;
	return budget;
}

static void
walk_on(struct stream *s, const struct store *store, const struct flow *flow,
    size_t budget)
{
	struct frame f;

	for (; budget > 0 && s->back_count > 0 && !s->failed; budget--)
		if (store_get(store, s->back[--s->back_count], &f))
			put_frame(s, &f, flow);
	if (s->back_count == 0) {
		s->newest = s->target;
		free(s->back);
		s->back = NULL;
		s->back_cap = 0;
	}
}

bool
stream_follow(struct stream *s, const struct store *store, const struct flow *f,
    size_t budget)
{
	uint32_t id = f != NULL ? f->id : 0;

	if (s->flow != id || s->count >= 2 * (size_t)STREAM_FRAMES_MAX ||
	    (s->count > 0 && f->last_frame - s->base > UINT32_MAX)) {
		forget(s);
		s->flow = id;
	}
	if (f == NULL || s->failed)
		return false;
	if (s->walk == 0 && s->back_count == 0) {
		if (f->last_frame <= s->newest)
			return false;
		s->walk = s->target = f->last_frame;
	}
	s->gen++;
	if (s->walk != 0)
		budget = walk_back(s, store, budget);
	if (s->walk == 0)
		walk_on(s, store, f, budget);
	return !s->failed && s->newest < f->last_frame;
}

size_t
stream_read(const struct stream *s, const struct store *store, int dir,
    uint64_t off, void *dst, size_t n)
{
	size_t i = stream_stretch_at(s, dir, off), sum = 0;

	while (sum < n && i < stream_stretches(s, dir)) {
		struct stretch t = stream_stretch(s, dir, i++);
		uint64_t skip, take;
		struct frame f;

		if (t.from > off || !store_get(store, t.frame, &f) ||
		    off < f.data_from)
			break;
		skip = off - f.data_from;
		if (skip >= f.sum.payload_cap)
			break;
		take = f.sum.payload_cap - skip;
		take = take < t.to - off ? take : t.to - off;
		take = take < n - sum ? take : n - sum;
		memcpy((uint8_t *)dst + sum,
		    f.packet.data + f.sum.payload_off + skip, take);
		sum += take;
		off += take;
		if (off < t.to)
			break;
	}
	return sum;
}

/* ---- what is known ---- */

uint32_t
stream_flow(const struct stream *s)
{
	return s->flow;
}

uint64_t
stream_gen(const struct stream *s)
{
	return s->gen;
}

int
stream_progress(const struct stream *s)
{
	if (s->walk != 0)
		return 0;
	return s->back_count == 0
		   ? 100
		   : (int)((s->back_sum - s->back_count) * 99 / s->back_sum);
}

bool
stream_is_cut(const struct stream *s)
{
	return s->cut;
}

size_t
stream_frames(const struct stream *s)
{
	return s->count;
}

uint64_t
stream_frame(const struct stream *s, size_t i)
{
	return i < s->count ? s->base + s->frames[i] : 0;
}

size_t
stream_place(const struct stream *s, uint64_t id)
{
	size_t low = 0, high = s->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (s->base + s->frames[mid] >= id)
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

size_t
stream_carriers(const struct stream *s)
{
	return s->carrier_count;
}

uint64_t
stream_carrier(const struct stream *s, size_t i)
{
	return i < s->carrier_count ? s->base + s->carriers[i] : 0;
}

size_t
stream_changes(const struct stream *s)
{
	return s->change_count;
}

const struct state_change *
stream_change(const struct stream *s, size_t i)
{
	return &s->changes[i];
}

static struct stretch
stretch_of(const struct stream *s, const struct places *p, size_t i)
{
	const struct place *at = &p->at[i];

	return (struct stretch){at->from, place_end(at), s->base + at->frame};
}

size_t
stream_stretches(const struct stream *s, int dir)
{
	return s->stretches[dir].count;
}

struct stretch
stream_stretch(const struct stream *s, int dir, size_t i)
{
	return stretch_of(s, &s->stretches[dir], i);
}

size_t
stream_echoes(const struct stream *s, int dir)
{
	return s->echoes[dir].count;
}

struct stretch
stream_echo(const struct stream *s, int dir, size_t i)
{
	return stretch_of(s, &s->echoes[dir], i);
}

uint64_t
stream_begin(const struct stream *s, int dir)
{
	return s->begin[dir];
}

uint64_t
stream_end(const struct stream *s, int dir)
{
	return s->end[dir];
}

uint64_t
stream_missing(const struct stream *s, int dir)
{
	return s->end[dir] - s->begin[dir] - s->have[dir];
}
