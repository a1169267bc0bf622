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
	free(r->spare);
	ranking_init(r);
}

bool
ranking_stale(const struct ranking *r, uint64_t gen, int64_t now_ns, int column,
    bool reverse)
{
	if (r->column != column || r->reverse != reverse)
		return true;
	if (r->made_of == gen)
		return false;
	return r->cost_ns < CHEAP_NS || now_ns >= r->made_ns + 20 * r->cost_ns;
}

void
ranking_begin(
    struct ranking *r, uint64_t gen, int64_t now_ns, int column, bool reverse)
{
	r->count = 0;
	r->made_of = gen;
	r->made_ns = now_ns;
	r->cost_ns = -clock_mono_ns();
	r->column = column;
	r->reverse = reverse;
}

bool
ranking_add(struct ranking *r, uint64_t key, uint32_t id)
{
	size_t cap = r->cap > 0 ? 2 * r->cap : 256;
	struct ranked *rows, *spare;

	if (r->count == r->cap) {
		rows = realloc(r->rows, cap * sizeof *rows);
		if (rows == NULL)
			return false;
		r->rows = rows;
		spare = realloc(r->spare, cap * sizeof *spare);
		if (spare == NULL)
			return false;
		r->spare = spare;
		r->cap = cap;
	}
	r->rows[r->count++] = (struct ranked){key, id};
	return true;
}

/* By one byte of the keys, from rows to spare; they change places then. */
static void
sort_byte(struct ranking *r, unsigned shift)
{
	size_t at[256] = {0}, sum = 0;
	struct ranked *rows = r->rows;

	for (size_t i = 0; i < r->count; i++)
		at[rows[i].key >> shift & 0xff]++;
	for (int b = 0; b < 256; b++) {
		size_t n = at[b];

		at[b] = sum;
		sum += n;
	}
	for (size_t i = 0; i < r->count; i++)
		r->spare[at[rows[i].key >> shift & 0xff]++] = rows[i];
	r->rows = r->spare;
	r->spare = rows;
}

void
ranking_end(struct ranking *r)
{
	uint64_t any = 0;

	for (size_t i = 0; i < r->count; i++) {
		if (r->reverse)
			r->rows[i].key = ~r->rows[i].key;
		any |= r->rows[i].key ^ r->rows[0].key;
	}
	/* A byte that is the same in all of them sorts nothing. */
	for (unsigned shift = 0; shift < 64; shift += 8)
		if ((any >> shift & 0xff) != 0)
			sort_byte(r, shift);
	r->cost_ns += clock_mono_ns();
}

size_t
ranking_find(const struct ranking *r, uint32_t id)
{
	size_t i = 0;

	while (i < r->count && r->rows[i].id != id)
		i++;
	return i;
}
