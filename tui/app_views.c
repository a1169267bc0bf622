/*
 * The panes that there are, and the conversation that some of them read.
 */
#include "tui/app.h"

#define STREAM_A_FRAME 100000 /* packets of a conversation looked at */

bool
app_views_make(struct app *app)
{
	struct pane **server = app->faces[SIDE_SERVER];
	struct pane **client = app->faces[SIDE_CLIENT];
	bool ok;

	server[FACE_CALLS] = pane_calls_new(SIDE_SERVER);
	server[FACE_CODE] = pane_code_new(SIDE_SERVER);
	server[FACE_CLIENTS] = pane_clients_new();
	server[FACE_TELEMETRY] = pane_telemetry_new();
	client[FACE_CALLS] = pane_calls_new(SIDE_CLIENT);
	client[FACE_CODE] = pane_code_new(SIDE_CLIENT);
	client[FACE_STRUCT] = pane_struct_new();
	app->sockets_pane = pane_sockets_new();
	app->packet_views[VIEW_LIST] = pane_list_new();
	app->packet_views[VIEW_LADDER] = pane_ladder_new();
	app->packet_views[VIEW_STREAM] = pane_stream_new();
	app->packet_views[VIEW_RULERS] = pane_rulers_new();
	app->packet_views[VIEW_STATES] = pane_states_new();
	app->packet_views[VIEW_GRAPHS] = pane_graphs_new();
	app->packet_views[VIEW_BYTES] = pane_bytes_new();
	app->packet_views[VIEW_OVERHEAD] = pane_overhead_new();
	app->packet_views[VIEW_CONVERSATIONS] = pane_conversations_new();
	app->packet_views[VIEW_ENDPOINTS] = pane_endpoints_new();
	app->packet_views[VIEW_COMPARE] = pane_compare_new();
	app->packet_views[VIEW_THERMAL] = pane_thermal_new();
	app->help = pane_help_new();
	ok = server[FACE_CALLS] != NULL && server[FACE_CODE] != NULL &&
	     server[FACE_CLIENTS] != NULL && server[FACE_TELEMETRY] != NULL &&
	     client[FACE_CALLS] != NULL && client[FACE_CODE] != NULL &&
	     client[FACE_STRUCT] != NULL && app->sockets_pane != NULL;
	for (int i = 0; i < VIEW_COUNT; i++)
		ok = ok && app->packet_views[i] != NULL;
	return ok && app->help != NULL;
}

/* The packet that was selected in one view is so in the next one, too. */
static void
show_wanted(struct app *app, const struct view *v)
{
	struct pane *p = app_pane(app, PANE_PACKETS);

	if (p->ops->show_frame != NULL)
		p->ops->show_frame(p, v, app->deck.wanted);
	app->deck.wanted = 0;
	app->deck.gen++;
}

bool
app_views_read(struct app *app, const struct view *v)
{
	const struct flow *f =
	    flow_get(capture_flows(app->capture), view_flow(v));
	bool more = packet_view_streams(app->deck.view) &&
		    stream_follow(app->stream, capture_store(app->capture), f,
			STREAM_A_FRAME);

	if (app->deck.wanted != 0 && !more && !app->deck.help)
		show_wanted(app, v);
	return more;
}
