#include "tui/verdicts.h"

#include <stdio.h>
#include <stdlib.h>

static const struct verdict_kind kinds[] = {
#define X(letter, role, words, verdicts) {letter, ROLE_##role, words, verdicts},
    VERDICT_KINDS(X)
#undef X
};

enum { KINDS = sizeof kinds / sizeof *kinds };

int
verdict_kinds(void)
{
	return KINDS;
}

const struct verdict_kind *
verdict_kind(int kind)
{
	return &kinds[kind];
}

int
verdict_kind_of(uint32_t verdicts)
{
	for (int i = 0; i < KINDS; i++)
		if ((kinds[i].verdicts & verdicts) != 0)
			return i;
	return -1;
}

void
verdicts_done(struct verdicts *d)
{
	free(d->at);
	*d = (struct verdicts){0};
}

static bool
add(struct verdicts *d, uint64_t frame, const struct record *r)
{
	if (d->count == d->cap) {
		size_t cap = d->cap > 0 ? 2 * d->cap : 64;
		struct verdict_at *at = realloc(d->at, cap * sizeof *at);

		if (at == NULL)
			return false;
		d->at = at;
		d->cap = cap;
	}
	d->at[d->count++] = (struct verdict_at){frame, r->verdicts, r->dir};
	return true;
}

bool
verdicts_follow(struct verdicts *d, const struct stream *s,
    const struct store *store, size_t budget)
{
	size_t n = stream_frames(s);

	if (d->flow != stream_flow(s) || n < d->looked) {
		d->flow = stream_flow(s);
		d->count = d->looked = 0;
	}
	for (; budget > 0 && d->looked < n && d->count < VERDICTS_MAX;
	     budget--) {
		uint64_t frame = stream_frame(s, d->looked++);
		const struct record *r = store_record(store, frame);

		if (r != NULL && verdict_kind_of(r->verdicts) >= 0 &&
		    !add(d, frame, r))
			break;
	}
	return d->looked < n && d->count < VERDICTS_MAX;
}

/* The first at or behind a frame. */
static size_t
find(const struct verdicts *d, uint64_t frame)
{
	size_t low = 0, high = d->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (d->at[mid].frame < frame)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

void
verdicts_say(const struct verdicts *d, int dir, uint64_t from, uint64_t to,
    char *dst, size_t size)
{
	unsigned count[KINDS] = {0};
	size_t n = 0;

	for (size_t i = find(d, from); i < d->count && d->at[i].frame < to; i++)
		if (d->at[i].dir == dir)
			count[verdict_kind_of(d->at[i].verdicts)]++;
	dst[0] = '\0';
	for (int i = 0; i < KINDS && n < size; i++)
		if (count[i] > 0)
			n += (size_t)snprintf(dst + n, size - n, "%s%u %s",
			    n > 0 ? ", " : "", count[i], kinds[i].words);
}
