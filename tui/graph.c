#include "tui/graph.h"

#include <stdlib.h>
#include <string.h>

void
graph_init(struct graph *g)
{
	memset(g, 0, sizeof *g);
}

void
graph_done(struct graph *g)
{
	free(g->samples);
	graph_init(g);
}

void
graph_clear(struct graph *g)
{
	graph_done(g);
}

/* ---- round trips ---- */

static void
fly(struct graph *g, int dir, uint64_t end, int64_t sent_ns)
{
	uint32_t at;

	/* What cannot be timed is the newest: the ACK of an older one comes. */
	if (g->flying_count[dir] == GRAPH_FLYING)
		return;
	at = (g->first[dir] + g->flying_count[dir]++) % GRAPH_FLYING;
	g->flying[dir][at] = (struct graph_flying){end, sent_ns};
}

/* Time since the newest segment that this ACK covers; 0: none is timed. */
static int64_t
land(struct graph *g, int dir, uint64_t ack, int64_t ts_ns)
{
	int64_t rtt_ns = 0;

	while (g->flying_count[dir] > 0) {
		const struct graph_flying *f = &g->flying[dir][g->first[dir]];

		if (f->end > ack)
			break;
		rtt_ns = ts_ns - f->sent_ns;
		g->first[dir] = (g->first[dir] + 1) % GRAPH_FLYING;
		g->flying_count[dir]--;
	}
	return rtt_ns > 0 ? rtt_ns : 0;
}

/* ---- samples ---- */

static bool
make_room(struct graph *g)
{
	size_t cap = g->cap > 0 ? 2 * g->cap : 1024;
	struct sample *samples;

	if (g->count < g->cap)
		return true;
	if (g->cap == GRAPH_SAMPLES) {
		size_t half = GRAPH_SAMPLES / 2;

		memmove(g->samples, g->samples + half,
		    (g->count - half) * sizeof *g->samples);
		g->count -= half;
		g->lost += half;
		return true;
	}
	if (cap > GRAPH_SAMPLES)
		cap = GRAPH_SAMPLES;
	samples = realloc(g->samples, cap * sizeof *samples);
	if (samples == NULL)
		return false;
	g->samples = samples;
	g->cap = cap;
	return true;
}

bool
graph_feed(struct graph *g, const struct frame *f)
{
	bool tcp = f->sum.proto == PROTO_TCP;
	uint64_t end = f->data_to;
	struct sample *s;

	if (!make_room(g))
		return false;
	s = &g->samples[g->count++];
	*s = (struct sample){
	    .ts_ns = f->packet.ts_ns,
	    .frame = f->id,
	    .from = f->data_from,
	    .len = (uint32_t)(f->data_to - f->data_from),
	    .ack = f->rel_ack > 0 ? f->rel_ack - 1 : 0,
	    .window = frame_window(f),
	    .verdicts = f->verdicts,
	    .dir = f->dir,
	    .has_ack = tcp && (f->sum.tcp_flags & TCP_ACK) != 0 &&
		       (f->sum.tcp_flags & TCP_RST) == 0,
	    .again = f->purpose == PURPOSE_RETRANSMISSION,
	};
	/* A FIN counts one in the numbers, and is no byte. */
	if (s->has_ack && s->ack > g->sent[!f->dir])
		s->ack = g->sent[!f->dir];
	if (s->has_ack && !frame_is_lost(f))
		s->rtt_ns = land(g, !f->dir, s->ack, s->ts_ns);
	if (s->len == 0)
		return true;
	if (s->again)
		g->flying_count[f->dir] = 0;
	else if (tcp && end > g->sent[f->dir])
		fly(g, f->dir, end, packet_sent_ns(&f->packet));
	if (end > g->sent[f->dir])
		g->sent[f->dir] = end;
	return true;
}

void
graph_walk(struct graph_state *st, const struct sample *s)
{
	uint64_t end = s->from + s->len;

	if (s->len > 0 && end > st->sent[s->dir])
		st->sent[s->dir] = end;
	if (!s->has_ack)
		return;
	st->window[s->dir] = s->window;
	st->known[!s->dir] = true;
	if (s->ack > st->acked[!s->dir])
		st->acked[!s->dir] = s->ack;
}

uint64_t
graph_flight(const struct graph_state *st, int dir)
{
	return st->known[dir] && st->sent[dir] > st->acked[dir]
		   ? st->sent[dir] - st->acked[dir]
		   : 0;
}
