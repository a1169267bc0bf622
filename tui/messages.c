#include "tui/messages.h"

#include <stdlib.h>

void
messages_done(struct messages *m)
{
	moments_done(&m->moments);
	free(m->call);
	*m = (struct messages){0};
}

static void
add(struct messages *m, uint32_t call)
{
	if (m->count == m->cap) {
		size_t cap = m->cap > 0 ? 2 * m->cap : 64;
		uint32_t *more = realloc(m->call, cap * sizeof *more);

		if (more == NULL)
			return;
		m->call = more;
		m->cap = cap;
	}
	m->call[m->count++] = call;
}

static bool
moves_data(const struct moment *at, const struct call *c)
{
	return c != NULL && call_moved(c) > 0 && !c->peek &&
	       (at->sends || c->kind == CALL_RECV || c->kind == CALL_RECVFROM);
}

bool
messages_follow(struct messages *m, const struct weave *w, uint32_t flow)
{
	uint64_t calls = journal_gen(w->journal);
	uint64_t packets = capture_gen(w->capture);
	bool other =
	    lanes_follow(&m->lanes, capture_flows(w->capture), flow, false);
	bool sent[2] = {false, false}; /* by the client, the server */

	if (other)
		moments_clear(&m->moments);
	else if (m->journal_gen == calls && m->capture_gen == packets)
		return false;
	m->journal_gen = calls;
	m->capture_gen = packets;
	m->gen++;
	moments_follow(&m->moments, w, &m->lanes);
	for (size_t i = 0; i < m->moments.count; i++)
		if (m->moments.at[i].sends)
			sent[m->moments.at[i].server] = true;
	m->count = 0;
	for (size_t i = 0; i < m->moments.count; i++) {
		const struct moment *at = &m->moments.at[i];
		const struct call *c = journal_call(w->journal, at->call);

		/* What was received is known from the send() at the other end. */
		if (moves_data(at, c) && (at->sends || !sent[!at->server]))
			add(m, at->call);
	}
	return other;
}
