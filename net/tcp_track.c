#include "net/tcp_track.h"

#include <stdlib.h>
#include <string.h>

/* The first of many rooms: most connections are short. */
#define FIRST_ROOM 64

struct end {
	struct addr local, peer; /* len 0: free */
	struct tcp_sample *samples;
	size_t count, room;
	uint64_t heard; /* the larger, the later */
};

struct tcp_track {
	struct end ends[TCP_TRACK_ENDS];
	uint64_t heard, gen;
};

struct tcp_track *
tcp_track_new(void)
{
	return calloc(1, sizeof(struct tcp_track));
}

void
tcp_track_free(struct tcp_track *t)
{
	if (t == NULL)
		return;
	for (size_t i = 0; i < TCP_TRACK_ENDS; i++)
		free(t->ends[i].samples);
	free(t);
}

static bool
is_end(const struct end *e, const struct addr *local, const struct addr *peer)
{
	return e->local.len != 0 && addr_equal(&e->local, local) &&
	       addr_equal(&e->peer, peer);
}

/* The end with these addresses; if it is new, in the place of the oldest. */
static struct end *
end_of(struct tcp_track *t, const struct addr *local, const struct addr *peer)
{
	struct end *oldest = &t->ends[0];

	for (size_t i = 0; i < TCP_TRACK_ENDS; i++) {
		struct end *e = &t->ends[i];

		if (is_end(e, local, peer))
			return e;
		if (e->heard < oldest->heard)
			oldest = e;
	}
	oldest->local = *local;
	oldest->peer = *peer;
	oldest->count = 0;
	return oldest;
}

static void
thin_out(struct end *e)
{
	size_t kept = 1;

	for (size_t i = 1; i < e->count; i++)
		if (i % 2 == 0 || i > e->count / 2 ||
		    e->samples[i].state != e->samples[i - 1].state)
			e->samples[kept++] = e->samples[i];
	/* Nothing but changes of state, which no connection has: forget. */
	e->count = kept < e->count ? kept : 0;
}

static bool
has_room(struct end *e)
{
	size_t room = e->room == 0 ? FIRST_ROOM : 2 * e->room;
	struct tcp_sample *more;

	if (e->count < e->room)
		return true;
	if (e->room >= TCP_TRACK_SAMPLES) {
		thin_out(e);
		return true;
	}
	more = reallocarray(e->samples, room, sizeof *more);
	if (more == NULL)
		return false;
	e->samples = more;
	e->room = room;
	return true;
}

void
tcp_track_feed(struct tcp_track *t, const struct tcp_seen *s)
{
	struct end *e = end_of(t, &s->local, &s->peer);

	e->heard = ++t->heard;
	if ((e->count > 0 &&
		tcp_sample_same(&e->samples[e->count - 1], &s->sample)) ||
	    !has_room(e))
		return;
	e->samples[e->count++] = s->sample;
	t->gen++;
}

const struct tcp_sample *
tcp_track_samples(const struct tcp_track *t, const struct addr *local,
    const struct addr *peer, size_t *ret_count)
{
	*ret_count = 0;
	for (size_t i = 0; i < TCP_TRACK_ENDS; i++) {
		if (!is_end(&t->ends[i], local, peer))
			continue;
		*ret_count = t->ends[i].count;
		return t->ends[i].samples;
	}
	return NULL;
}

uint64_t
tcp_track_gen(const struct tcp_track *t)
{
	return t->gen;
}
