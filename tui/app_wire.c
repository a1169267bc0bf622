/*
 * The wire of the lab: it begins with the packet sources, since it is one, and
 * main looks at it when the user does.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "net/base/clock.h"
#include "net/base/text.h"
#include "net/callfmt.h"
#include "net/wire_words.h"
#include "tui/app.h"

/* What ends so soon after a packet was let through was waiting for it. */
#define UNBLOCKED_NS (200 * CLOCK_MS)

/* ---- its life ---- */

static void
hear(void *arg, const struct packet *p)
{
	app_kernel_packet(arg, p);
}

int
app_open_wire(struct app *app, struct err *err)
{
	const struct wiretap_ear ear = {hear, &app->kernel};
	struct source *s;
	int rc;

	app_open_kernel_view(app);
	rc = wiretap_open(&app->tap, &app->lab, &ear, &s, err);
	if (rc < 0)
		return rc;
	app->wire = app->tap.wire;
	app->sources[app->source_count++] = s;
	app_look_at_wire(app);
	return 0;
}

void
app_close_wire(struct app *app)
{
	wiretap_close(&app->tap);
	app->wire = NULL;
	app_close_kernel_view(app);
}

/* ---- what is seen of it ---- */

void
app_look_at_wire(struct app *app)
{
	static struct wire_look now;

	if (app->wire == NULL)
		return;
	wire_look(app->wire, &now);
	if (memcmp(&now, &app->wire_seen, sizeof now) == 0)
		return;
	app->wire_seen = now;
	app->wire_gen++;
}

bool
app_wire_is_shown(const struct app *app)
{
	return app->wire != NULL && app->deck.view == VIEW_WIRE;
}

bool
app_wire_moves(const struct app *app)
{
	const struct wire_way_count *way = app->wire_seen.way;

	return app_wire_is_shown(app) && !app->wire_seen.frozen &&
	       way[0].flying + way[1].flying > 0;
}

void
app_wire_text(const struct app *app, char *dst, size_t size)
{
	const struct wire_settings *s = app->wire_seen.settings;
	char up[WIRE_WORDS_TEXT], down[WIRE_WORDS_TEXT];

	wire_settings_text(&s[WIRE_TO_SERVER], up);
	wire_settings_text(&s[WIRE_TO_CLIENT], down);
	if (strcmp(up, down) != 0)
		snprintf(dst, size, "→ %s ← %s", up, down);
	else
		snprintf(dst, size, "%s", strcmp(up, "off") == 0 ? "" : up);
}

/* ---- what the user did to it ---- */

void
app_wire_changed(struct app *app, const char *fmt, ...)
{
	const struct session_state *s = deck_session(&app->deck);
	char what[200], text[CALL_DATA_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	snprintf(text, sizeof text, "wire: %s", what);
	if (s != NULL)
		app_note(app, SIDE_CLIENT, s->group, 0, text);
	else
		app_note(app, SIDE_SERVER, app->deck.server.group, 0, text);
	app_look_at_wire(app);
	app_name_place(app);
	app->deck.gen++;
}

/* The packet, as it is shown now; NULL: it is not. */
static const struct wire_shown *
shown(const struct app *app, uint64_t id)
{
	for (size_t i = 0; i < app->wire_seen.shown_count; i++)
		if (app->wire_seen.shown[i].id == id)
			return &app->wire_seen.shown[i];
	return NULL;
}

static void
name_packet(const struct app *app, uint64_t id, char *dst, size_t size)
{
	const struct wire_shown *s = shown(app, id);

	snprintf(dst, size, "#%" PRIu64 "%s%s%s", id,
	    s != NULL ? wire_direction_text((enum wire_direction)s->direction)
		      : "",
	    s != NULL ? " " : "", s != NULL ? s->text : "");
}

/* From now on, what does it unblock? */
static void
let_through(struct app *app, uint64_t id, int64_t at_ns)
{
	name_packet(app, id, app->stepped.packet, sizeof app->stepped.packet);
	app->stepped.at_ns = at_ns;
	deck_say(&app->deck, false, "%s is let through", app->stepped.packet);
}

/* What its key has done to it. */
static void
say_done(struct app *app, uint64_t id, const struct wire_order *order)
{
	static const char *const done[WIRE_ACTION_COUNT] = {
	    [WIRE_DROP] = "is dropped: :view ladder shows what follows, and e "
			  "explains it",
	    [WIRE_DUPLICATE] = "goes on twice: the wire has made a copy",
	    [WIRE_CORRUPT] = "goes on with a wrong byte: its receiver's "
			     "checksum refuses it",
	    [WIRE_REORDER] = "waits on: the next one overtakes it",
	};
	char span[TEXT_NUM_MAX];

	if (order->action == WIRE_DELAY)
		deck_say(&app->deck, false,
		    "#%" PRIu64 " goes on, and takes %s longer", id,
		    text_span(span, order->delay_ns));
	else if (done[order->action] != NULL)
		deck_say(&app->deck, false, "#%" PRIu64 " %s", id,
		    done[order->action]);
}

int
app_wire_act(struct app *app, uint64_t id, const struct wire_order *order,
    struct err *err)
{
	char packet[WIRE_FACTS_TEXT + 48];
	int64_t at = clock_now_ns();
	int rc;

	app_look_at_wire(app);
	name_packet(app, id, packet, sizeof packet);
	rc = wire_act(app->wire, id, order);
	if (rc < 0)
		return err_set(
		    err, rc, "#%" PRIu64 " is not held any more", id);
	if (order->action == WIRE_PASS || order->action == WIRE_DUPLICATE)
		let_through(app, id, at);
	/* Keys are now for the one that goes before it. */
	if (order->action == WIRE_REORDER)
		app->packet_views[VIEW_WIRE]->list.follow = true;
	say_done(app, id, order);
	app_wire_changed(app, "%s %s", wire_action_name(order->action), packet);
	return 0;
}

bool
app_wire_step(struct app *app)
{
	int64_t at = clock_now_ns();
	uint64_t id;

	if (app->wire == NULL)
		return false;
	app_look_at_wire(app);
	id = wire_step(app->wire);
	if (id == 0)
		return false;
	let_through(app, id, at);
	app_wire_changed(app, "pass %s", app->stepped.packet);
	return true;
}

void
app_wire_watch(struct app *app, const struct call *c)
{
	char call[CALLFMT_MAX];

	if (app->stepped.at_ns == 0 || c->phase != CALL_DONE ||
	    c->kind == CALL_NOTE || c->begin_ns > app->stepped.at_ns ||
	    c->end_ns < app->stepped.at_ns ||
	    c->end_ns > app->stepped.at_ns + UNBLOCKED_NS)
		return;
	callfmt(call, c);
	deck_say(&app->deck, false, "%s: now the %s's %s returns",
	    app->stepped.packet, c->side == SIDE_SERVER ? "server" : "client",
	    call);
	app->stepped.at_ns = 0;
}
