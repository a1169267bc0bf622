#include "tui/deck.h"

#include <stdarg.h>
#include <stdio.h>

const char *
packet_view_name(enum packet_view v)
{
	static const char *const names[VIEW_COUNT] = {
	    [VIEW_LIST] = "list",
	    [VIEW_LADDER] = "ladder",
	    [VIEW_STREAM] = "stream",
	    [VIEW_RULERS] = "rulers",
	    [VIEW_STATES] = "states",
	    [VIEW_GRAPHS] = "graphs",
	    [VIEW_BYTES] = "bytes",
	    [VIEW_OVERHEAD] = "overhead",
	    [VIEW_CONVERSATIONS] = "conversations",
	    [VIEW_ENDPOINTS] = "endpoints",
	    [VIEW_COMPARE] = "compare",
	    [VIEW_WIRE] = "wire",
	    [VIEW_THERMAL] = "thermal",
	    [VIEW_BLUETOOTH] = "bluetooth",
	    [VIEW_INTERFACES] = "interfaces",
	};

	return names[v];
}

bool
packet_view_is_opened(enum packet_view v)
{
	return v == VIEW_BYTES || v == VIEW_THERMAL || v == VIEW_BLUETOOTH ||
	       v == VIEW_WIRE || v == VIEW_INTERFACES;
}

bool
packet_view_streams(enum packet_view v)
{
	return v >= VIEW_STREAM && v <= VIEW_GRAPHS;
}

bool
selection_equal(const struct selection *a, const struct selection *b)
{
	return a->kind == b->kind && a->id == b->id && a->flow == b->flow;
}

const char *
list_colour_name(enum list_colour c)
{
	static const char *const names[] = {
#define X(NAME, name) [LIST_BY_##NAME] = name,
	    LIST_COLOURS(X)
#undef X
	};

	return names[c];
}

uint64_t
selection_frame(const struct selection *s)
{
	return s->kind == SELECTED_FRAME || s->kind == SELECTED_NONE ? s->id
								     : 0;
}

bool
packet_view_is_table(enum packet_view v)
{
	return v == VIEW_CONVERSATIONS || v == VIEW_ENDPOINTS;
}

bool
packet_view_filters(enum packet_view v)
{
	return v == VIEW_LIST || v == VIEW_LADDER || v == VIEW_STREAM ||
	       v == VIEW_OVERHEAD || packet_view_is_table(v);
}

void
deck_init(struct deck *d)
{
	*d = (struct deck){
	    .focus = PANE_CLIENT,
	    .split_x = 50,
	    .split_y = DECK_SPLIT_Y,
	    .view = VIEW_LADDER,
	    .session = -1,
	    .upper = PANE_CLIENT,
	};
}

void
deck_turn(struct deck *d, enum side side, enum face face)
{
	d->face[side] = d->face[side] == face ? FACE_CALLS : face;
}

void
deck_show(struct deck *d, enum pane_id pane)
{
	d->upper = pane;
	if (d->focus != PANE_PACKETS)
		d->focus = pane;
	d->gen++;
}

void
deck_say(struct deck *d, bool bad, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(d->message, sizeof d->message, fmt, ap);
	va_end(ap);
	d->message_bad = bad;
	d->gen++;
}

const struct traced_state *
deck_traced_server(const struct deck *d)
{
	for (int i = d->traced_count; i-- > 0;)
		if (d->traced[i].running && d->traced[i].server != 0)
			return &d->traced[i];
	return NULL;
}

const struct server_spec *
deck_session_server(const struct deck *d)
{
	const struct session_state *n = deck_session_const(d);
	const struct server_spec *s = &d->server.spec;
	const struct addr *to, *at = &d->server.local;

	if (n == NULL || s->service == NULL ||
	    n->spec.endpoint.transport != s->endpoint.transport)
		return NULL;
	to = &n->spec.endpoint.addr;
	/* A wildcard server is reached at many addresses. */
	if (at->sa.sa_family == AF_UNIX ? addr_equal(to, at)
					: addr_port(to) == addr_port(at))
		return s;
	return NULL;
}

struct session_state *
deck_session(struct deck *d)
{
	return d->session < 0 ? NULL : &d->sessions[d->session];
}

const struct session_state *
deck_session_const(const struct deck *d)
{
	return d->session < 0 ? NULL : &d->sessions[d->session];
}

bool
deck_session_is_own(const struct session_state *s)
{
	return !s->by_hand && s->program[0] == '\0';
}

uint32_t
deck_by_hand(const struct deck *d, enum side side)
{
	const struct session_state *s = deck_session_const(d);
	bool shown = side == SIDE_SERVER ? d->hand[side].last != 0
					 : s != NULL && s->by_hand;

	return shown ? d->hand[side].group : 0;
}
