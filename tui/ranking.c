#include "tui/ranking.h"

#include <stdlib.h>
#include <string.h>

#include "net/base/clock.h"

#define CHEAP_NS (2 * CLOCK_MS)

void
ranking_init(struct ranking *r)
{
	*r = (struct ranking){.made_of = UINT64_MAX};
}

void
ranking_done(struct ranking *r)
{
	free(r->rows);
	free(r->next);
	free(r->spare);
	ranking_init(r);
}

bool
ranking_stale(const struct ranking *r, uint64_t gen, int64_t now_ns, int column,
    bool reverse)
{
	if (r->column != column || r->reverse != reverse)
		return true;
	if (r->made_of == gen || r->making)
		return false;
	return r->cost_ns < CHEAP_NS || now_ns >= r->made_ns + 20 * r->cost_ns;
}

void
ranking_begin(struct ranking *r, uint64_t gen, int64_t now_ns, int column,
    bool reverse, bool down)
{
	r->next_count = 0;
	r->differ = 0;
	r->shift = 0;
	r->making = true;
	r->down = down;
	r->made_of = gen;
	r->made_ns = now_ns;
	r->begun_mono_ns = clock_mono_ns();
	r->column = column;
	r->reverse = reverse;
}

static bool
grow(struct ranking *r)
{
	size_t cap = r->cap > 0 ? 2 * r->cap : 256;
	struct ranked **all[] = {&r->rows, &r->next, &r->spare}, *more;

	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		more = realloc(*all[i], cap * sizeof *more);
		if (more == NULL)
			return false;
		*all[i] = more;
	}
	r->cap = cap;
	return true;
}

bool
ranking_add(struct ranking *r, uint64_t key, uint32_t id)
{
	if (r->next_count == r->cap && !grow(r))
		return false;
	r->next[r->next_count++] = (struct ranked){r->down ? ~key : key, id};
	r->differ |= r->next[0].key ^ r->next[r->next_count - 1].key;
	return true;
}

/* By one byte of the keys, from next to spare; they change places then. */
static void
sort_byte(struct ranking *r, unsigned shift)
{
	size_t at[256] = {0}, sum = 0;
	struct ranked *rows = r->next;

	for (size_t i = 0; i < r->next_count; i++)
		at[rows[i].key >> shift & 0xff]++;
	for (int b = 0; b < 256; b++) {
		size_t n = at[b];

		at[b] = sum;
		sum += n;
	}
	for (size_t i = 0; i < r->next_count; i++)
		r->spare[at[rows[i].key >> shift & 0xff]++] = rows[i];
	r->next = r->spare;
	r->spare = rows;
}

static void
show_next(struct ranking *r)
{
	struct ranked *rows = r->rows;

	r->rows = r->next;
	r->count = r->next_count;
	r->next = rows;
	r->making = false;
	r->cost_ns = clock_mono_ns() - r->begun_mono_ns;
}

bool
ranking_sort(struct ranking *r)
{
	/* A byte that is the same in all of them sorts nothing. */
	while (r->shift < 64 && (r->differ >> r->shift & 0xff) == 0)
		r->shift += 8;
	if (r->shift < 64) {
		sort_byte(r, r->shift);
		r->shift += 8;
		return false;
	}
	show_next(r);
	return true;
}

size_t
ranking_find(const struct ranking *r, uint32_t id)
{
	size_t i = 0;

	while (i < r->count && r->rows[i].id != id)
		i++;
	return i;
}
