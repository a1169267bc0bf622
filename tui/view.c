#include "tui/view.h"

#include <stdio.h>

#include "net/base/text.h"

uint32_t
view_flow(const struct view *v)
{
	const struct flow_table *flows = capture_flows(v->capture);
	const struct session_state *s = deck_session_const(v->deck);
	uint32_t flow;

	if (flow_get(flows, v->deck->flow) != NULL)
		return v->deck->flow;
	if (flow_get(flows, v->deck->selected.flow) != NULL)
		return v->deck->selected.flow;
	if (s != NULL && (flow = weave_sock_flow(&v->weave, s->sock)) != 0)
		return flow;
	for (flow = flow_next(flows); flow > flow_first(flows);)
		if (flow_get(flows, --flow) != NULL)
			return flow;
	return 0;
}

uint64_t
view_frame_of_call(const struct view *v, uint32_t id)
{
	const struct call *c = journal_call(v->journal, id);
	uint64_t first, last;

	if (c == NULL ||
	    !weave_call_frames(&v->weave, v->stream, c, &first, &last))
		return 0;
	return first;
}

bool
view_frame_is_later(const struct view *v, uint64_t frame)
{
	return v->deck->past != 0 && frame > v->deck->past;
}

bool
view_time_is_later(const struct view *v, int64_t ns)
{
	return v->deck->past != 0 && ns > v->deck->past_ns;
}

bool
view_call_is_later(const struct view *v, const struct call *c)
{
	return view_time_is_later(
	    v, c->phase == CALL_DONE ? c->end_ns : c->begin_ns);
}

bool
view_shows(const struct view *v, uint64_t frame)
{
	return !view_frame_is_later(v, frame) &&
	       (!listing_is_filtered(v->listing) ||
		   listing_has(v->listing, capture_store(v->capture), frame));
}

/* While it looks, how far it is; when all were looked at, how many it found. */
const char *
view_show_text(const struct view *v, char dst[VIEW_SHOW_MAX])
{
	const struct store *store = capture_store(v->capture);
	char count[TEXT_NUM_MAX];

	dst[0] = '\0';
	if (!listing_is_filtered(v->listing))
		return dst;
	if (listing_is_first_pass(v->listing))
		snprintf(dst, VIEW_SHOW_MAX, "  only %s  %d%% (Esc gives up)",
		    v->deck->show, listing_progress(v->listing, store));
	else
		snprintf(dst, VIEW_SHOW_MAX, "  only %s  %s", v->deck->show,
		    text_count(count, listing_count(v->listing, store)));
	return dst;
}

const struct socktab *
view_sockets(const struct view *v)
{
	return v->deck->all_sockets && v->outer != NULL ? v->outer : v->sockets;
}

struct addr
view_reachable(const struct view *v, const struct addr *a)
{
	const struct wire_port *server = &v->lab->ports[0];

	if (v->lab->count < 2 || !addr_is_wildcard(a) ||
	    a->sa.sa_family == AF_BLUETOOTH)
		return *a;
	return a->sa.sa_family == AF_INET6
		   ? addr_from_ip(AF_INET6, &server->ip6, addr_port(a))
		   : addr_from_ip(AF_INET, &server->ip4, addr_port(a));
}

const struct tcp_sample *
view_told(const struct view *v, uint32_t flow, int end, size_t *ret_count)
{
	const struct flow *f = flow_get(capture_flows(v->capture), flow);
	struct addr local, peer;

	*ret_count = 0;
	if (v->told == NULL || f == NULL || f->proto != PROTO_TCP)
		return NULL;
	local = flow_addr(f, end);
	peer = flow_addr(f, !end);
	return tcp_track_samples(v->told, &local, &peer, ret_count);
}
