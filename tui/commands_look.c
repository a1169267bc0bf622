/*
 * The commands that change how the console shows things.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture/display_filter.h"
#include "tui/app.h"
#include "tui/commands.h"
#include "tui/entry.h"

static struct pane *
focused(struct app *app)
{
	return app_pane(app, app->deck.focus);
}

/* ---- packets ---- */

COMMAND(hex)
{
	struct pane *p = focused(app);
	struct view v = app_view(app);

	(void)w;
	(void)err;
	if (p->ops->turn != NULL)
		p->ops->turn(p, &v);
	else
		app->deck.hex = !app->deck.hex;
	return 0;
}

/*
 * Enter on something that wants to be explained, rather than opened: what the
 * view has under its cursor, or a packet with a verdict. Once it is explained,
 * Enter goes on.
 */
static bool
explains(struct app *app, const struct view *v, const struct pane *p,
    const struct selection *sel)
{
	const struct deck *d = &app->deck;
	const struct record *r =
	    store_record(capture_store(app->capture), selection_frame(sel));
	struct why_item topic;

	if (d->focus != PANE_PACKETS || d->wanted != 0 || r == NULL)
		return false;
	if (d->view == VIEW_BYTES)
		return p->ops->topic(p, v, &topic);
	if (d->why)
		return false;
	return r->verdicts != 0 ||
	       store_fate(capture_store(app->capture), selection_frame(sel)) >
		   FATE_PASSED ||
	       (p->ops->topic != NULL && p->ops->topic(p, v, &topic));
}

COMMAND(open)
{
	struct view v = app_view(app);
	struct pane *p = focused(app);
	struct selection sel = p->ops->selected(p, &v);
	struct deck *d = &app->deck;

	(void)w;
	if (p == app->faces[SIDE_SERVER][FACE_CLIENTS]) {
		if (p->list.selected == 0)
			return err_set(err, -ENOENT, "nobody is here yet");
		d->client = (uint32_t)p->list.selected;
		return 0;
	}
	if (sel.kind == SELECTED_BYTE)
		return command_run(app, "poke", err);
	if (p == app->packet_views[VIEW_LADDER] && pane_ladder_fold(p, true))
		return 0;
	if (p == app->packet_views[VIEW_INTERFACES])
		return interface_choose(app, pane_interfaces_get(p), err);
	if (p == app->packet_views[VIEW_BLUETOOTH])
		return bluetooth_open(app, &v, err);
	if (tables_open(app, &sel))
		return 0;
	if (explains(app, &v, p, &sel)) {
		d->why = !d->why;
		app->repaint = true;
		return 0;
	}
	/* The view has not been drawn since it was chosen. */
	if (d->focus == PANE_PACKETS && d->wanted != 0)
		sel.id = d->wanted;
	if (d->focus == PANE_CLIENT && sel.kind == SELECTED_NONE)
		return command_run(app, "type", err);
	if (d->focus == PANE_PACKETS && sel.id == 0)
		sel.id = p->list.selected;
	else if (sel.kind == SELECTED_CALL)
		sel.id = view_frame_of_call(&v, (uint32_t)sel.id);
	else if (sel.kind == SELECTED_SOCKET && sel.flow != 0) {
		d->flow = sel.flow;
		view_show(d, VIEW_LADDER);
		return 0;
	}
	if (sel.kind == SELECTED_CALL && d->focus == PANE_PACKETS)
		sel.id = view_frame_of_call(&v, (uint32_t)sel.id);
	if (store_record(capture_store(app->capture), sel.id) == NULL)
		return err_set(err, -ENOENT,
		    "nothing to open here: no packet belongs to it");
	d->frame = sel.id;
	view_show(d, VIEW_BYTES);
	d->focus = PANE_PACKETS;
	return 0;
}

COMMAND(filter)
{
	if (w->count == 1 && strcmp(w->word[0], "?") == 0) {
		entry_open(&app->deck.entry, ENTRY_FILTER, app->deck.filter);
		return 0;
	}
	return app_set_filter(app, w->rest, err);
}

COMMAND(show)
{
	struct deck *d = &app->deck;
	struct display_filter *shown = NULL;
	char line[ENTRY_MAX];
	int rc = 0;

	if (strcmp(w->rest, "?") == 0) {
		snprintf(line, sizeof line, "show %.500s", d->show);
		entry_open(&d->entry, ENTRY_COMMAND, line);
		return 0;
	}
	if (w->rest[0] != '\0')
		rc = display_filter_new(w->rest, &shown, err);
	if (rc < 0)
		return rc;
	view_keep_selected(app);
	listing_filter(app->listing, shown);
	snprintf(d->show, sizeof d->show, "%s", w->rest);
	d->gen++;
	return 0;
}

#define FIND_AT_ONCE 10000 /* rows; what is behind them comes in pieces */

static int
find(struct app *app, bool backwards, struct err *err)
{
	struct view v = app_view(app);
	struct deck *d = &app->deck;
	struct pane *p = focused(app);
	struct pane_search s = {.backwards = backwards, .at = p->list.selected};
	int rc = needle_parse(d->find, &s.needle, err);

	if (rc < 0)
		return rc;
	app->search.on = false;
	if (pane_search(p, &v, &s, FIND_AT_ONCE))
		return 0;
	if (!s.on)
		return err_set(err, -ENOENT, "no more '%s' %s here", d->find,
		    backwards ? "above" : "below");
	app->search = s;
	return 0;
}

COMMAND(find)
{
	struct needle needle;
	int rc;

	if (w->count == 0) {
		entry_open(&app->deck.entry, ENTRY_FIND, "");
		return 0;
	}
	rc = needle_parse(w->rest, &needle, err);
	if (rc < 0)
		return rc;
	snprintf(app->deck.find, sizeof app->deck.find, "%s", w->rest);
	/* From the newest row the way back is the way to search. */
	return find(app, focused(app)->list.follow, err);
}

COMMAND(find_next)
{
	(void)w;
	return find(app, false, err);
}

COMMAND(find_previous)
{
	(void)w;
	return find(app, true, err);
}

COMMAND(conversation)
{
	const struct flow_table *flows = capture_flows(app->capture);
	const char *which = w->count > 0 ? w->word[0] : "next";
	struct view v = app_view(app);
	uint32_t now = view_flow(&v), id = now;

	if (strcmp(which, "all") == 0) {
		view_keep_selected(app);
		view_choose(app, 0);
		return 0;
	}
	if (strcmp(which, "next") == 0)
		while (++id < flow_next(flows) && flow_get(flows, id) == NULL)
			continue;
	else if (strcmp(which, "previous") == 0)
		while (--id > 0 && flow_get(flows, id) == NULL)
			continue;
	else
		id = (uint32_t)strtoul(which, NULL, 10);
	if (flow_get(flows, id) == NULL)
		return err_set(err, -ENOENT, "there is no %s conversation",
		    w->count > 0 ? which : "next");
	view_choose(app, id);
	return 0;
}

/* ---- sockets ---- */

COMMAND(sockets)
{
	struct deck *d = &app->deck;

	if (app->outer == NULL)
		return err_set(err, -ENOENT,
		    "these are the whole machine's sockets already");
	if (w->count == 0)
		d->all_sockets = !d->all_sockets;
	else if (strcmp(w->word[0], "all") == 0)
		d->all_sockets = true;
	else if (strcmp(w->word[0], "lab") == 0)
		d->all_sockets = false;
	else
		return -EINVAL;
	app->table_mono_ns = 0;
	app->table_cost_ns = 0;
	return 0;
}

/* ---- copy ---- */

COMMAND(copy)
{
	struct view v = app_view(app);
	char text[PANE_TEXT_MAX];

	(void)w;
	pane_text(focused(app), &v, text);
	if (text[0] == '\0')
		return err_set(err, -ENOENT, "nothing is selected");
	term_copy(app->term, text);
	deck_say(&app->deck, false, "copied: %s", text);
	return 0;
}

/* ---- moving ---- */

COMMAND(focus)
{
	static const char *const names[] = {
	    "server", "client", "sockets", "packets"};
	struct deck *d = &app->deck;
	int to = -1;

	(void)err;
	if (w->count != 1)
		return -EINVAL;
	if (strcmp(w->word[0], "next") == 0)
		to = (d->focus + 1) % PANE_COUNT;
	else if (strcmp(w->word[0], "previous") == 0)
		to = (d->focus + PANE_COUNT - 1) % PANE_COUNT;
	for (int i = 0; i < PANE_COUNT && to < 0; i++)
		if (strcasecmp(w->word[0], names[i]) == 0)
			to = i;
	if (to < 0)
		return -EINVAL;
	d->focus = (enum pane_id)to;
	if (to != PANE_PACKETS)
		d->upper = d->focus;
	app->repaint = true;
	return 0;
}

COMMAND(move)
{
	static const char *const names[] = {
	    [MOVE_UP] = "up",
	    [MOVE_DOWN] = "down",
	    [MOVE_PAGE_UP] = "page-up",
	    [MOVE_PAGE_DOWN] = "page-down",
	    [MOVE_FIRST] = "first",
	    [MOVE_LAST] = "last",
	    [MOVE_LEFT] = "left",
	    [MOVE_RIGHT] = "right",
	};
	struct view v = app_view(app);

	(void)err;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (w->count != 1 || strcmp(w->word[0], names[i]) != 0)
			continue;
		app->deck.wanted = 0;
		pane_move(focused(app), &v, (enum list_move)i);
		return 0;
	}
	return -EINVAL;
}

COMMAND(follow)
{
	struct pane *p = focused(app);

	(void)w;
	(void)err;
	p->list.follow = !p->list.follow;
	return 0;
}

COMMAND(zoom)
{
	(void)w;
	(void)err;
	app->deck.zoomed = !app->deck.zoomed;
	app->repaint = true;
	return 0;
}

COMMAND(resize)
{
	struct deck *d = &app->deck;

	if (w->count != 1)
		return err_set(err, -EINVAL, "resize + or - or =");
	if (w->word[0][0] == '+')
		d->split_y += d->split_y < 80 ? 5 : 0;
	else if (w->word[0][0] == '-')
		d->split_y -= d->split_y > 20 ? 5 : 0;
	else
		d->split_y = DECK_SPLIT_Y;
	app->repaint = true;
	return 0;
}

/* ---- the console ---- */

COMMAND(help)
{
	const struct command *c = NULL;

	if (w->count > 1)
		return -EINVAL;
	if (w->count == 1) {
		c = command_find(w->word[0], strlen(w->word[0]), err);
		if (c == NULL)
			return -EINVAL;
		pane_help_show(app->help, c);
	}
	app->deck.help = c != NULL || !app->deck.help;
	app->repaint = true;
	return 0;
}

/* It has a long way to go, and the user does not want to wait. */
static void
stop_filter(struct app *app)
{
	struct deck *d = &app->deck;
	int percent =
	    listing_progress(app->listing, capture_store(app->capture));

	deck_say(d, true, "only %s: given up after %d%% of the packets",
	    d->show, percent);
	d->show[0] = '\0';
	listing_filter(app->listing, NULL);
}

/* Leave what covers the rest; false: nothing does. */
static bool
leave_view(struct app *app)
{
	struct deck *d = &app->deck;

	if (d->help)
		d->help = false;
	else if (app_stop_saving(app))
		return true;
	else if (listing_is_first_pass(app->listing))
		stop_filter(app);
	else if (d->why)
		d->why = false;
	else if (d->past != 0)
		past_leave(app);
	else if (d->focus == PANE_SERVER && d->client != 0)
		d->client = 0;
	else if (packet_view_is_opened(d->view)) {
		d->zoomed = d->zoomed && d->view != VIEW_THERMAL;
		d->view = d->view_before;
	} else if (d->focus <= PANE_CLIENT && d->face[d->focus] != FACE_CALLS)
		d->face[d->focus] = FACE_CALLS;
	else if (tables_leave(d))
		return true;
	else if (d->flow != 0)
		view_choose(app, 0);
	else if (d->zoomed)
		d->zoomed = false;
	else
		return false;
	app->repaint = true;
	return true;
}

COMMAND(back)
{
	struct pane *p = focused(app);

	(void)w;
	(void)err;
	if (!leave_view(app))
		p->list.follow = app->deck.focus != PANE_SOCKETS;
	return 0;
}

COMMAND(command)
{
	(void)w;
	(void)err;
	entry_open(&app->deck.entry, ENTRY_COMMAND, "");
	return 0;
}

COMMAND(theme)
{
	struct theme theme;
	int rc;

	rc = theme_load(w->count > 0 ? w->word[0] : "", &theme, err);
	if (rc < 0)
		return rc;
	app->theme = theme;
	term_set_theme(app->term, &app->theme);
	app->repaint = true;
	return 0;
}

COMMAND(redraw)
{
	(void)w;
	(void)err;
	term_redraw(app->term);
	app->repaint = true;
	return 0;
}

COMMAND(suspend)
{
	(void)w;
	(void)err;
	app->suspend = true;
	return 0;
}

COMMAND(quit)
{
	struct deck *d = &app->deck;

	(void)w;
	if (app->saving != NULL)
		return err_set(err, -EBUSY,
		    "%s is still being saved: wait, or give it up with Esc",
		    saving_path(app->saving));
	if (leave_view(app))
		return 0;
	for (int i = 0; i < d->session_count; i++)
		d->ask_quit |= d->sessions[i].state == RUN_UP;
	d->ask_quit |= d->server.clients > 0;
	d->quit = !d->ask_quit;
	return 0;
}
