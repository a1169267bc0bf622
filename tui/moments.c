#include "tui/moments.h"

#include <stdlib.h>
#include <string.h>

#include "net/base/clock.h"

/* A call's packets come this much later than the call at most. */
#define CAPTURE_LATE_NS (2 * CLOCK_S)

void
moments_done(struct moments *m)
{
	free(m->at);
	*m = (struct moments){0};
}

void
moments_clear(struct moments *m)
{
	m->count = m->changed = 0;
	m->entry = 0;
}

/* Does this call begin something that the wire shows, or end it? */
static bool
shown_at_begin(const struct call *c)
{
	return call_sends(c) || c->kind == CALL_CONNECT ||
	       c->kind == CALL_SHUTDOWN || c->kind == CALL_CLOSE;
}

static bool
shown_at_end(const struct call *c)
{
	return c->phase == CALL_DONE &&
	       (call_receives(c) || c->kind == CALL_CONNECT ||
		   c->kind == CALL_ACCEPT);
}

static bool
is_plain(const struct call *c)
{
	return (call_sends(c) || call_receives(c)) && c->phase == CALL_DONE &&
	       c->error == 0 && c->result > 0 && c->again == 0;
}

/* Calls come nearly in order: from the end the place is near. */
static void
insert(struct moments *m, const struct moment *new)
{
	size_t i = m->count;

	if (m->count == m->cap) {
		size_t cap = m->cap > 0 ? 2 * m->cap : 64;
		struct moment *at = realloc(m->at, cap * sizeof *at);

		if (at == NULL)
			return;
		m->at = at;
		m->cap = cap;
	}
	while (i > 0 && (m->at[i - 1].ts_ns > new->ts_ns ||
			    (m->at[i - 1].ts_ns == new->ts_ns &&
				m->at[i - 1].call > new->call)))
		i--;
	memmove(&m->at[i + 1], &m->at[i], (m->count++ - i) * sizeof *m->at);
	m->at[i] = *new;
	if (i < m->changed)
		m->changed = i;
}

static void
add_call(struct moments *m, const struct call *c, const struct woven *woven,
    int lane, bool loose)
{
	struct moment new = {
	    .call = c->id,
	    .lane = (uint16_t)lane,
	    .plain = is_plain(c),
	    .sends = call_sends(c),
	    .server = woven->end == DIR_SERVER,
	    .loose = loose,
	};

	if (shown_at_begin(c)) {
		new.ts_ns = c->begin_ns;
		insert(m, &new);
	}
	if (shown_at_end(c)) {
		new.ts_ns = c->end_ns;
		new.end = true;
		insert(m, &new);
	}
}

/* Take out what may have changed, and what has left the journal. */
static void
drop(struct moments *m, const struct journal *j)
{
	size_t n = 0;

	m->changed = m->count;
	for (size_t i = 0; i < m->count; i++) {
		if (m->at[i].loose ||
		    (i < m->count / 4 &&
			journal_call(j, m->at[i].call) == NULL)) {
			if (m->changed > n)
				m->changed = n;
			continue;
		}
		m->at[n++] = m->at[i];
	}
	m->count = n;
}

void
moments_follow(
    struct moments *m, const struct weave *w, const struct lanes *lanes)
{
	const struct journal *j = w->journal;
	uint32_t next = journal_next(j), entry = m->entry;
	uint32_t settled = next > JOURNAL_MOVES ? next - JOURNAL_MOVES : 0;
	bool pending = false; /* from here on they are looked at again */
	int64_t recent_ns;
	int lane;

	drop(m, j);
	if (entry < journal_first(j))
		entry = journal_first(j);
	recent_ns = entry < next ? journal_at(j, next - 1)->end_ns : 0;
	recent_ns -= CAPTURE_LATE_NS;
	for (; entry < next; entry++) {
		const struct call *c = journal_at(j, entry);
		bool shown = shown_at_begin(c) || shown_at_end(c);
		struct woven woven = {0};

		if (shown)
			woven = weave_call(w, c);
		/* It may move, or its packets are perhaps still to come. */
		if (!pending &&
		    (entry >= settled ||
			(shown && woven.flow == 0 && c->end_ns > recent_ns))) {
			pending = true;
			m->entry = entry;
		}
		lane = lanes_find(lanes, woven.flow);
		if (lane >= 0)
			add_call(m, c, &woven, lane, pending);
	}
	if (!pending)
		m->entry = next;
	for (uint32_t i = 0; i < journal_running(j); i++) {
		const struct call *c = journal_running_at(j, i);
		struct woven woven = weave_call(w, c);

		lane = lanes_find(lanes, woven.flow);
		if (lane >= 0)
			add_call(m, c, &woven, lane, true);
	}
}
