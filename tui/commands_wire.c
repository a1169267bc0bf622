/*
 * The wire: how it is, rules, and packets by hand; and what the transports make
 * of it.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/base/number.h"
#include "net/wire_words.h"
#include "tui/app.h"
#include "tui/commands.h"
#include "tui/entry.h"

/* The text behind the first word. */
static const char *
behind(const struct words *w)
{
	const char *s = w->rest;

	s += strcspn(s, " \t");
	return s + strspn(s, " \t");
}

/* ---- how it is ---- */

static int
settings(struct app *app, const struct words *w, struct err *err)
{
	struct wire_settings ways[2];
	char text[2][WIRE_WORDS_TEXT];
	int rc;

	wire_get(app->wire, ways);
	rc = wire_words_apply(ways, w->word, (size_t)w->count, err);
	if (rc < 0)
		return rc;
	wire_set(app->wire, ways);
	for (int i = 0; i < 2; i++)
		wire_settings_text(&ways[i], text[i]);
	if (strcmp(text[0], text[1]) == 0)
		app_wire_changed(app, "%s", text[0]);
	else
		app_wire_changed(app, "client->server %s, server->client %s",
		    text[0], text[1]);
	return 0;
}

static int
hold(struct app *app, const struct words *w, struct err *err)
{
	bool on = !app->wire_seen.holds;

	if (w->count > 1 && strcmp(w->word[1], "on") == 0)
		on = true;
	else if (w->count > 1 && strcmp(w->word[1], "off") == 0)
		on = false;
	else if (w->count > 1)
		return err_set(err, -EINVAL, "hold on or off?");
	wire_hold(app->wire, on);
	app_wire_changed(app, on ? "holds every packet for you to decide"
				 : "lets all go that was held");
	if (on && !app_wire_is_shown(app))
		return command_run(app, "wire", err);
	return 0;
}

static int
routers(struct app *app, const struct words *w, struct err *err)
{
	long n;
	int rc = number_whole("routers", w->count > 1 ? w->word[1] : "", 0,
	    WIRE_ROUTERS_MAX, &n, err);

	if (rc < 0)
		return rc;
	wire_set_routers(app->wire, (unsigned)n);
	app_wire_changed(app, "%ld routers on the way", n);
	return 0;
}

/* ---- rules ---- */

static int
add_rule(struct app *app, const char *words, struct err *err)
{
	char text[WIRE_RULE_TEXT];
	struct wire_rule r;
	int rc = wire_rule_parse(words, &r, err);

	if (rc == 0)
		rc = wire_add_rule(app->wire, &r, err);
	if (rc < 0)
		return rc;
	app_wire_changed(app, "rule %s", wire_rule_text(&r, text));
	deck_say(&app->deck, false, "rule %zu: %s", app->wire_seen.rules.count,
	    text);
	return 0;
}

static int
rule(struct app *app, const struct words *w, struct err *err)
{
	if (w->count > 1 && strcmp(w->word[1], "?") != 0)
		return add_rule(app, behind(w), err);
	entry_open(&app->deck.entry, ENTRY_COMMAND, "wire rule ");
	return 0;
}

static int
unrule(struct app *app, const struct words *w, struct err *err)
{
	long n = 0;
	int rc = 0;

	if (w->count > 1)
		rc = number_whole(
		    "unrule", w->word[1], 1, WIRE_RULES_MAX, &n, err);
	if (rc < 0)
		return rc;
	if (wire_remove_rule(app->wire, (int)n - 1) < 0)
		return err_set(err, -ENOENT, "there is no rule %ld", n);
	if (n == 0)
		app_wire_changed(app, "no rules any more");
	else
		app_wire_changed(app, "no rule %ld any more", n);
	return 0;
}

/* ---- by hand ---- */

/* An action alone, or with the number of a packet, is for one that is held. */
static bool
is_by_hand(const struct words *w)
{
	const char *id = w->count > 1 ? w->word[1] : "0";

	id += id[0] == '#';
	return w->count <= 2 && strspn(id, "0123456789") == strlen(id) &&
	       id[0] != '\0';
}

static int
by_hand(struct app *app, enum wire_action action, const struct words *w,
    struct err *err)
{
	struct wire_order o = {.action = action, .delay_ns = 1000000000};
	uint64_t id;

	app_look_at_wire(app);
	if (w->count > 1)
		id = strtoull(w->word[1] + (w->word[1][0] == '#'), NULL, 10);
	else
		id = pane_wire_chosen(
		    app->packet_views[VIEW_WIRE], &app->wire_seen);
	if (id != 0)
		return app_wire_act(app, id, &o, err);
	if (action == WIRE_PASS && app->deck.paused && app_wire_step(app))
		return 0;
	return err_set(err, -ENOENT,
	    app->wire_seen.frozen
		? "no packet waits at the wire: Space runs the call that waits"
	    : app->wire_seen.holds
		? "no packet waits at the wire: type a line (i) or connect (c)"
		: "no packet is held: h holds what comes");
}

/* ---- all of it ---- */

static int
no_wire(const struct app *app, struct err *err)
{
	if (app->deck.in_lab)
		return err_set(err, -ENODEV,
		    "there is no wire: the lab has one host, with lo. %s",
		    app->lab.why[0] != '\0'
			? app->lab.why
			: "sockdeck --hosts 2 makes a client and a server");
	return err_set(err, -ENODEV,
	    "there is no wire outside of a lab: start sockdeck without --host "
	    "and without a file");
}

static void
show(struct app *app)
{
	struct deck *d = &app->deck;

	if (d->view == VIEW_WIRE && d->focus == PANE_PACKETS) {
		d->view = d->view_before;
		return;
	}
	if (d->view != VIEW_WIRE)
		d->view_before = d->view;
	d->view = VIEW_WIRE;
	d->focus = PANE_PACKETS;
	app->repaint = true;
}

COMMAND(wire)
{
	static const struct {
		const char *word;
		int (*run)(
		    struct app *app, const struct words *w, struct err *err);
	} verbs[] = {{"hold", hold}, {"rule", rule}, {"unrule", unrule},
	    {"routers", routers}};

	if (app->wire == NULL)
		return no_wire(app, err);
	if (w->count == 0) {
		show(app);
		return 0;
	}
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
		if (strcmp(w->word[0], verbs[i].word) == 0)
			return verbs[i].run(app, w, err);
	for (int a = WIRE_PASS; a < WIRE_ACTION_COUNT; a++) {
		if (strcmp(w->word[0], wire_action_name((enum wire_action)a)) !=
		    0)
			continue;
		return is_by_hand(w) ? by_hand(app, (enum wire_action)a, w, err)
				     : add_rule(app, w->rest, err);
	}
	return settings(app, w, err);
}

/* ---- what gets through ---- */

/* loss=5 and the like at the end of the words: over the wire. */
static int
compare_over_wire(const struct app *app, struct words *w,
    struct compare_spec *spec, struct err *err)
{
	char key[16];

	for (; w->count > 0; w->count--) {
		const char *word = w->word[w->count - 1];
		const char *eq = strchr(word, '=');
		int rc;

		if (eq == NULL || (size_t)(eq - word) >= sizeof key)
			break;
		snprintf(key, sizeof key, "%.*s", (int)(eq - word), word);
		rc = compare_wire(spec, key, eq + 1, err);
		if (rc == -ENOENT)
			return err_set(err, -EINVAL,
			    "'%s' is nothing a wire can be: loss=5 delay=20 "
			    "jitter= rate=10mbit queue= ...",
			    word);
		if (rc < 0)
			return rc;
	}
	if (spec->wired && app->wire == NULL)
		return err_set(err, -ENODEV,
		    "there is no wire here: the lab has one host");
	return 0;
}

/* [N [SIZE]] [every MS] [loss=N]...: as repeat has it. */
COMMAND(compare)
{
	struct compare_spec spec = compare_spec_default();
	struct words left = *w;
	struct order o;
	int rc = compare_over_wire(app, &left, &spec, err);

	o = (struct order){.count = spec.count, .size = spec.size};
	if (rc == 0 && left.count > 0)
		rc = command_parse_repeat(&left, &o, ROUND_TRIPS_SIZE_MAX, err);
	if (rc < 0)
		return rc;
	if (o.count > ROUND_TRIPS_COUNT_MAX)
		return err_set(err, -EINVAL,
		    "a comparison has 1 to %d messages", ROUND_TRIPS_COUNT_MAX);
	spec.count = o.count;
	spec.size = o.size;
	spec.every_ns = o.every_ns;
	rc = app_compare(app, &spec, err);
	if (rc < 0)
		return rc;
	app->deck.view = VIEW_COMPARE;
	app->deck.focus = PANE_PACKETS;
	return 0;
}
