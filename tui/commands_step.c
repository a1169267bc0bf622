/*
 * Time that stands: calls and packets one by one, and a look at what was
 * before. The past changes the views only; what waits goes on waiting.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "tui/app.h"
#include "tui/commands.h"

/* ---- the past ---- */

/* The packet before (after) this one, of a conversation (0: of all); 0: none
 * is left. */
static uint64_t
neighbour(const struct store *store, uint32_t flow, uint64_t id, bool back)
{
	const struct record *r;

	do
		id = back ? id - 1 : id + 1;
	while (id != 0 && (r = store_record(store, id)) != NULL && flow != 0 &&
	       r->flow != flow);
	return store_record(store, id) != NULL ? id : 0;
}

/* The conversation whose packets are walked through; 0: all. */
static uint32_t
walked(struct app *app)
{
	struct view v = app_view(app);
	enum packet_view view = app->deck.view;

	return view == VIEW_LADDER || packet_view_streams(view)
		   ? view_flow(&v)
		   : app->deck.flow;
}

static void
show_past(struct app *app, uint64_t id)
{
	struct deck *d = &app->deck;

	if (d->past == 0)
		deck_say(d, false,
		    "the past: what came later is dim; Backspace goes back, "
		    "Space on, Esc to now");
	if (packet_view_is_opened(d->view))
		d->view = VIEW_LADDER;
	view_show_frame(app, id);
	d->past = id;
	d->past_ns = store_record(capture_store(app->capture), id)->ts_ns;
}

void
past_leave(struct app *app)
{
	struct deck *d = &app->deck;

	if (d->past == 0)
		return;
	d->past = 0;
	d->wanted = 0;
	app_pane(app, PANE_PACKETS)->list.follow = true;
	app->repaint = true;
}

static int
step_back(struct app *app, struct err *err)
{
	const struct store *store = capture_store(app->capture);
	struct deck *d = &app->deck;
	uint64_t id = d->past != 0 ? d->past : store_next(store);

	id = neighbour(store, walked(app), id, true);
	if (id == 0)
		return err_set(err, -ENOENT,
		    "there is no packet before: Space leads on, Esc to now");
	show_past(app, id);
	return 0;
}

/* Behind the newest packet is now. */
static void
step_on(struct app *app)
{
	uint64_t id = neighbour(
	    capture_store(app->capture), walked(app), app->deck.past, false);

	if (id != 0) {
		show_past(app, id);
		return;
	}
	past_leave(app);
	deck_say(&app->deck, false, "now: Space goes on with what waits");
}

/* ---- pausing, and going on call by call ---- */

/* Which sides stop before each call: a bit for each. */
COMMAND(pause)
{
	const char *which = w->count > 0 ? w->word[0] : "both";
	struct deck *d = &app->deck;
	unsigned sides;

	if (w->count == 0 && d->paused != 0)
		sides = d->paused; /* whichever it was: go on */
	else if (strcmp(which, "server") == 0)
		sides = 1U << SIDE_SERVER;
	else if (strcmp(which, "client") == 0)
		sides = 1U << SIDE_CLIENT;
	else if (strcmp(which, "both") == 0)
		sides = 1U << SIDE_SERVER | 1U << SIDE_CLIENT;
	else
		return err_set(err, -EINVAL,
		    "stop before the calls of whom: server, client or both?");
	past_leave(app);
	d->paused = d->paused == sides ? 0 : sides;
	for (int side = 0; side < SIDE_COUNT; side++)
		engine_set_stepping(
		    app->engine, (enum side)side, (d->paused >> side & 1) != 0);
	if (d->paused != 0)
		deck_say(d, false,
		    "paused: Space runs one call%s, Backspace looks back, "
		    "p goes on",
		    app->wire != NULL ? " or lets one packet through" : "");
	if (app->wire != NULL) {
		wire_freeze(app->wire, d->paused != 0);
		app_look_at_wire(app);
	}
	return 0;
}

/* The next call of the focused pane, else of the other side, else a packet. */
static bool
run_one(struct app *app)
{
	const unsigned both = 1U << SIDE_SERVER | 1U << SIDE_CLIENT;
	enum pane_id focus = app->deck.focus;
	unsigned first = focus == PANE_SERVER   ? 1U << SIDE_SERVER
			 : focus == PANE_CLIENT ? 1U << SIDE_CLIENT
						: both;

	return (focus == PANE_PACKETS && app_wire_step(app)) ||
	       engine_step(app->engine, first) ||
	       engine_step(app->engine, both) || app_wire_step(app);
}

COMMAND(step)
{
	bool back = w->count == 1 && strcmp(w->word[0], "back") == 0;
	struct deck *d = &app->deck;

	if (w->count > 0 && !back)
		return -EINVAL;
	if (!d->paused && !back && app_wire_is_shown(app) &&
	    app->wire_seen.holds)
		return command_run(app, "wire pass", err);
	if (!d->paused)
		return err_set(err, -EINVAL, "%s while paused: press p first",
		    back ? "Backspace steps back" : "Space runs one call");
	if (back)
		return step_back(app, err);
	if (d->past != 0)
		step_on(app);
	else if (!run_one(app))
		return err_set(err, -EAGAIN,
		    "no call waits: those that are blocked were "
		    "made before; "
		    "type a line (i) or connect (c)");
	return 0;
}
