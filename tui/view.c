#include "tui/view.h"

#include "capture/display_filter.h"

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

bool
view_shows(const struct view *v, uint64_t frame)
{
	const struct store *store = capture_store(v->capture);
	const struct record *r = store_record(store, frame);

	if (r == NULL || (v->deck->flow != 0 && r->flow != v->deck->flow))
		return false;
	return v->deck->shown == NULL ||
	       display_filter_match(v->deck->shown, store, frame);
}

const struct socktab *
view_sockets(const struct view *v)
{
	return v->deck->all_sockets && v->outer != NULL ? v->outer : v->sockets;
}
