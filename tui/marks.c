#include "tui/marks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void
marks_done(struct marks *m)
{
	free(m->ids);
	*m = (struct marks){0};
}

void
marks_clear(struct marks *m)
{
	m->count = 0;
}

/* The first place whose id is not below this one. */
static size_t
place(const struct marks *m, uint64_t id)
{
	size_t low = 0, high = m->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (m->ids[mid] < id)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

bool
marks_has(const struct marks *m, uint64_t id)
{
	size_t i = place(m, id);

	return i < m->count && m->ids[i] == id;
}

static int
grow(struct marks *m)
{
	size_t cap = m->cap > 0 ? 2 * m->cap : 64;
	uint64_t *ids;

	if (m->count == MARKS_MAX)
		return -ENOSPC;
	if (m->count < m->cap)
		return 0;
	ids = realloc(m->ids, cap * sizeof *ids);
	if (ids == NULL)
		return -ENOMEM;
	m->ids = ids;
	m->cap = cap;
	return 0;
}

int
marks_toggle(struct marks *m, uint64_t id)
{
	size_t i = place(m, id);
	int rc;

	if (i < m->count && m->ids[i] == id) {
		m->count--;
		memmove(m->ids + i, m->ids + i + 1,
		    (m->count - i) * sizeof *m->ids);
		return 0;
	}
	rc = grow(m);
	if (rc < 0)
		return rc;
	memmove(m->ids + i + 1, m->ids + i, (m->count - i) * sizeof *m->ids);
	m->ids[i] = id;
	m->count++;
	return 0;
}

uint64_t
marks_next(const struct marks *m, uint64_t id)
{
	size_t i = place(m, id + 1);

	return i < m->count ? m->ids[i] : 0;
}

uint64_t
marks_prev(const struct marks *m, uint64_t id)
{
	size_t i = place(m, id);

	return i > 0 ? m->ids[i - 1] : 0;
}
