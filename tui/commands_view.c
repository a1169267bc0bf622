/*
 * The views of the panes: which one is shown, at which scale; sorting tables,
 * and the way from a table to what stands behind a row.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tui/app.h"
#include "tui/commands.h"

void
view_show(struct deck *d, enum packet_view view)
{
	if (packet_view_is_opened(view) && !packet_view_is_opened(d->view))
		d->view_before = d->view;
	d->view = view;
}

void
view_show_frame(struct app *app, uint64_t id)
{
	const struct record *r = store_record(capture_store(app->capture), id);
	struct view v = app_view(app);
	struct deck *d = &app->deck;
	bool one = d->view == VIEW_LADDER || packet_view_streams(d->view);

	d->focus = PANE_PACKETS;
	if (r == NULL)
		return;
	if (d->view == VIEW_BYTES) {
		d->frame = id;
		return;
	}
	if ((!one && d->view != VIEW_LIST) || (one && r->flow == 0))
		d->view = VIEW_LIST;
	if (d->flow != 0 ? r->flow != d->flow : one && r->flow != view_flow(&v))
		d->flow = r->flow;
	d->wanted = id;
}

/* A view of the server's pane or of the client's; false: none of this name. */
static bool
show_side(struct app *app, const char *name)
{
	struct deck *d = &app->deck;

	if (strcmp(name, "telemetry") == 0) {
		d->face[SIDE_SERVER] = FACE_TELEMETRY;
		d->focus = d->upper = PANE_SERVER;
	} else if (strcmp(name, "struct") == 0) {
		d->face[SIDE_CLIENT] = FACE_STRUCT;
		d->focus = d->upper = PANE_CLIENT;
	} else if (strcmp(name, "calls") == 0) {
		if (d->focus != PANE_CLIENT)
			d->face[SIDE_SERVER] = FACE_CALLS;
		if (d->focus != PANE_SERVER)
			d->face[SIDE_CLIENT] = FACE_CALLS;
	} else {
		return false;
	}
	app->repaint = true;
	return true;
}

void
view_keep_selected(struct app *app)
{
	struct view v = app_view(app);
	struct pane *p = app_pane(app, PANE_PACKETS);
	struct selection sel = p->ops->selected(p, &v);

	if (sel.kind == SELECTED_FRAME && app->deck.focus == PANE_PACKETS)
		app->deck.wanted = sel.id;
}

COMMAND(view)
{
	struct deck *d = &app->deck;
	bool next = w->count == 1 && strcmp(w->word[0], "next") == 0;
	char names[256];
	size_t n = 0;

	view_keep_selected(app);

	if (next && d->focus == PANE_SERVER) {
		show_side(app, d->face[SIDE_SERVER] == FACE_TELEMETRY
				   ? "calls"
				   : "telemetry");
		return 0;
	}
	if (next && d->focus == PANE_CLIENT) {
		show_side(app,
		    d->face[SIDE_CLIENT] == FACE_STRUCT ? "calls" : "struct");
		return 0;
	}
	if (w->count == 0 || next) {
		do
			d->view = (d->view + 1) % VIEW_COUNT;
		while (packet_view_is_opened(d->view));
		return 0;
	}
	for (int v = 0; v < VIEW_COUNT; v++) {
		if (strcmp(w->word[0], packet_view_name((enum packet_view)v)) !=
		    0)
			continue;
		view_show(d, (enum packet_view)v);
		return 0;
	}
	if (show_side(app, w->word[0]))
		return 0;
	for (int v = 0; v < VIEW_COUNT; v++)
		n += (size_t)snprintf(names + n, sizeof names - n, " %s",
		    packet_view_name((enum packet_view)v));
	return err_set(err, -EINVAL,
	    "'%s' is no view; there are:%s calls telemetry struct, next",
	    w->word[0], names);
}

COMMAND(lanes)
{
	struct deck *d = &app->deck;

	if (w->count == 0)
		d->lanes = !d->lanes;
	else if (strcmp(w->word[0], "all") == 0)
		d->lanes = true;
	else if (strcmp(w->word[0], "one") == 0)
		d->lanes = false;
	else
		return err_set(err, -EINVAL,
		    "lanes one: this conversation; lanes all: every one of "
		    "its client and server");
	if (d->view != VIEW_LADDER)
		view_show(d, VIEW_LADDER);
	return 0;
}

COMMAND(fold)
{
	(void)w;
	if (app->deck.view != VIEW_LADDER ||
	    !pane_ladder_fold(app->packet_views[VIEW_LADDER], false))
		return err_set(err, -ENOENT,
		    "there is no run of data in the ladder's selected row");
	return 0;
}

COMMAND(overhead)
{
	for (int i = 0; i < w->count; i++)
		if (!pane_overhead_set(
			app->packet_views[VIEW_OVERHEAD], w->word[i]))
			return err_set(err, -EINVAL,
			    "'%s': of messages, conversation, everything or "
			    "protocols; as captured or on ethernet",
			    w->word[i]);
	view_show(&app->deck, VIEW_OVERHEAD);
	return 0;
}

COMMAND(scale)
{
	struct pane *p = app_pane(app, app->deck.focus);

	if (w->count != 1 || strchr("+-", w->word[0][0]) == NULL)
		return -EINVAL;
	if (p->ops->scale == NULL)
		return err_set(err, -EINVAL,
		    "this view has no scale; rulers and graphs have one");
	p->ops->scale(p, w->word[0][0] == '+' ? 1 : -1);
	return 0;
}

/* The table of pane 4 that has the focus; NULL: none. */
static struct table_order *
focused_table(struct deck *d, int *ret_columns)
{
	if (d->focus != PANE_PACKETS)
		return NULL;
	if (d->view == VIEW_CONVERSATIONS) {
		*ret_columns = PANE_CONVERSATIONS_COLUMNS;
		return &d->conversations;
	}
	*ret_columns = PANE_ENDPOINTS_COLUMNS;
	return d->view == VIEW_ENDPOINTS ? &d->endpoints : NULL;
}

COMMAND(sort)
{
	int columns;
	struct table_order *o = focused_table(&app->deck, &columns);

	(void)w;
	(void)err;
	if (o != NULL) {
		o->column = (o->column + 1) % columns;
		return 0;
	}
	app->deck.sort = (app->deck.sort + 1) % PANE_SOCKETS_COLUMNS;
	return 0;
}

COMMAND(reverse)
{
	int columns;
	struct table_order *o = focused_table(&app->deck, &columns);

	(void)w;
	(void)err;
	if (o != NULL)
		o->reverse = !o->reverse;
	else
		app->deck.reverse = !app->deck.reverse;
	return 0;
}

void
view_choose(struct app *app, uint32_t flow)
{
	const struct flow *f = flow_get(capture_flows(app->capture), flow);
	struct view v = app_view(app);
	struct deck *d = &app->deck;
	struct addr client, server;

	d->flow = f != NULL ? flow : 0;
	d->client = 0;
	if (f == NULL)
		return;
	client = flow_addr(f, DIR_CLIENT);
	server = flow_addr(f, DIR_SERVER);
	for (int i = 0; i < d->session_count; i++)
		if (weave_sock_flow(&v.weave, d->sessions[i].sock) == flow)
			d->session = i;
	for (uint32_t id = roster_next(app->roster, 0); id != 0;
	     id = roster_next(app->roster, id)) {
		const struct roster_row *k = roster_get(app->roster, id);
		struct addr peer = addr_unmap(&k->peer);

		if (addr_equal(&peer, &client) &&
		    addr_port(&k->local) == addr_port(&server))
			d->client = id;
	}
}

/* Enter in a table: the packets of what is selected there. */
bool
tables_open(struct app *app, const struct selection *sel)
{
	struct deck *d = &app->deck;
	uint32_t flow = sel->flow;

	if (d->focus != PANE_PACKETS)
		return false;
	if (d->view == VIEW_ENDPOINTS) {
		if (!pane_endpoints_get(app->packet_views[VIEW_ENDPOINTS],
			&d->endpoint, &d->endpoint_proto, &flow))
			return false;
		d->view = VIEW_CONVERSATIONS;
		/* A single one needs no table. */
		if (flow == 0)
			return true;
	}
	if (d->view != VIEW_CONVERSATIONS || flow == 0)
		return false;
	view_choose(app, flow);
	d->from_table = true;
	d->view = VIEW_LADDER;
	return true;
}

/* From a conversation to the table where it was chosen, and on up. */
bool
tables_leave(struct deck *d)
{
	if (d->from_table) {
		d->from_table = false;
		d->flow = d->client = 0;
		d->view = VIEW_CONVERSATIONS;
		return true;
	}
	if (d->endpoint.len == 0 || d->view != VIEW_CONVERSATIONS)
		return false;
	d->endpoint = (struct addr){0};
	d->view = VIEW_ENDPOINTS;
	return true;
}
