#include "tui/view.h"

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

const struct socktab *
view_sockets(const struct view *v)
{
	return v->deck->all_sockets && v->outer != NULL ? v->outer : v->sockets;
}

struct addr
view_reachable(const struct view *v, const struct addr *a)
{
	const struct wire_port *server = &v->lab->ports[0];

	if (v->lab->count < 2 || !addr_is_wildcard(a))
		return *a;
	return a->sa.sa_family == AF_INET6
		   ? addr_from_ip(AF_INET6, &server->ip6, addr_port(a))
		   : addr_from_ip(AF_INET, &server->ip4, addr_port(a));
}
