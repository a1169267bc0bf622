/*
 * The panes that there are, and the conversation that some of them read.
 */
#include "net/base/clock.h"
#include "tui/app.h"

#define WORK_NS (8 * CLOCK_MS) /* half of what a key may take */
#define WORK_PIECE 4096 /* packets, between two looks at the clock */

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
	app->packet_views[VIEW_WIRE] = pane_wire_new();
	app->packet_views[VIEW_THERMAL] = pane_thermal_new();
	app->packet_views[VIEW_BLUETOOTH] = pane_bluetooth_new();
	app->packet_views[VIEW_INTERFACES] = pane_interfaces_new();
	app->help = pane_help_new();
	ok = server[FACE_CALLS] != NULL && server[FACE_CODE] != NULL &&
	     server[FACE_CLIENTS] != NULL && server[FACE_TELEMETRY] != NULL &&
	     client[FACE_CALLS] != NULL && client[FACE_CODE] != NULL &&
	     client[FACE_STRUCT] != NULL && app->sockets_pane != NULL;
	for (int i = 0; i < VIEW_COUNT; i++)
		ok = ok && app->packet_views[i] != NULL;
	return ok && app->help != NULL;
}

/* A piece of what the views of the packets need. True: there is more. */
static bool
work_on(struct app *app, const struct view *v)
{
	const struct store *store = capture_store(app->capture);
	const struct flow_table *flows = capture_flows(app->capture);
	struct pane *p = app_pane(app, PANE_PACKETS);
	uint64_t gen = p->ops->gen(p, v);
	bool more;

	/* A table is of all conversations, whichever is chosen. */
	more = listing_follow(app->listing, store,
	    packet_view_is_table(app->deck.view)
		? NULL
		: flow_get(flows, app->deck.flow),
	    WORK_PIECE);
	if (packet_view_streams(app->deck.view))
		more |= stream_follow(app->stream, store,
		    flow_get(flows, view_flow(v)), WORK_PIECE);
	if (p->ops->work != NULL)
		more |= p->ops->work(p, v);
	app->reading |= gen != p->ops->gen(p, v);
	return more;
}

#define SEARCH_PIECE 1000 /* rows */

/* True: there is more to look at. */
static bool
search_on(struct app *app, const struct view *v)
{
	struct pane_search *s = &app->search;
	struct deck *d = &app->deck;
	char at[TEXT_NUM_MAX];

	if (!s->on)
		return false;
	if (pane_search(app_pane(app, d->focus), v, s, SEARCH_PIECE))
		deck_say(d, false, "found '%s'", d->find);
	else if (s->on)
		deck_say(d, false, "looking for '%s' %s row %s (any key stops)",
		    d->find, s->backwards ? "above" : "below",
		    text_count(at, s->at));
	else
		deck_say(d, true, "no more '%s' %s here", d->find,
		    s->backwards ? "above" : "below");
	return s->on;
}

void
app_views_work(struct app *app)
{
	struct view v = app_view(app);
	int64_t until_ns = clock_mono_ns() + WORK_NS;
	bool was = app->working;

	if (app->deck.flow != 0 &&
	    flow_get(capture_flows(app->capture), app->deck.flow) == NULL) {
		app->deck.flow = 0; /* it has left the table */
		app->deck.gen++;
	}
	do {
		app->working = work_on(app, &v);
		app->working |= search_on(app, &v);
	} while (app->working && clock_mono_ns() < until_ns);
	/* What has taken several turns is waited for. */
	app->urgent |= was && !app->working;
}

/* What was selected in one view is so in the next one, too. */
void
app_views_select(struct app *app, const struct view *v)
{
	struct pane *p = app_pane(app, PANE_PACKETS);

	if (app->deck.wanted == 0 || app->working || app->deck.help)
		return;
	if (p->ops->show_frame != NULL)
		p->ops->show_frame(p, v, app->deck.wanted);
	app->deck.wanted = 0;
	app->deck.gen++;
}
