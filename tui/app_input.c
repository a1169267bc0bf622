/*
 * Keys and mouse: what is typed goes to the line being typed, to a question,
 * or through the command table.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "capture/display_filter.h"
#include "capture/filter.h"
#include "tui/app.h"
#include "tui/command.h"
#include "tui/entry.h"

#define WHEEL_LINES 3

void
app_command(struct app *app, const char *text)
{
	struct err err = {""};
	int rc;

	app->deck.gen++;
	if (app->deck.past != 0 && command_acts(text)) {
		deck_say(&app->deck, true,
		    "the past can only be looked at: Esc leads to now");
		return;
	}
	rc = command_run(app, text, &err);
	if (rc == -EEXIST && command_overwrites(text))
		snprintf(app->deck.overwrite, sizeof app->deck.overwrite, "%s",
		    text);
	else if (rc < 0)
		deck_say(&app->deck, true, "%s", err.text);
}

/* ---- the line being typed ---- */

/* What is wrong with the line, so far; 0: nothing. */
static int
check_line(struct app *app, struct entry *e, struct err *err)
{
	static const char show[] = "show ";
	struct source_status st = {.link_type = 1};
	struct display_filter *d = NULL;
	struct needle needle;
	int rc;

	switch (e->kind) {
	case ENTRY_STRUCT:
		return structline_parse(
		    &app->record, e->text, &e->complaint_at, err);
	case ENTRY_COMMAND:
		if (strncmp(e->text, show, sizeof show - 1) != 0)
			return 0;
		rc = display_filter_new(e->text + sizeof show - 1, &d, err);
		display_filter_free(d);
		return rc;
	case ENTRY_FIND:
		return e->len > 0 ? needle_parse(e->text, &needle, err) : 0;
	case ENTRY_FILTER:
		app_source_status(app, &st);
		return e->len > 0 ? filter_check(e->text, st.link_type, err)
				  : 0;
	case ENTRY_NONE:
	case ENTRY_SEND:
	case ENTRY_KINDS:
		break;
	}
	return 0;
}

/* Say what is wrong with it while it is typed. */
static void
check_entry(struct app *app)
{
	struct entry *e = &app->deck.entry;
	struct err err = {""};

	e->complaint[0] = '\0';
	if (check_line(app, e, &err) < 0)
		snprintf(e->complaint, sizeof e->complaint, "%.*s",
		    (int)sizeof e->complaint - 1, err.text);
}

static void
entry_done(struct app *app)
{
	static const char *const verb[] = {
	    [ENTRY_NONE] = "",
	    [ENTRY_SEND] = "send ",
	    [ENTRY_COMMAND] = "",
	    [ENTRY_FIND] = "find ",
	    [ENTRY_FILTER] = "filter ",
	    [ENTRY_STRUCT] = "struct ",
	};
	struct entry *e = &app->deck.entry;
	enum entry_kind kind = e->kind;
	char text[ENTRY_MAX + 16];

	/* A line ends where Enter was pressed; :send sends without it. */
	snprintf(text, sizeof text, "%s%s%s", verb[kind], e->text,
	    kind == ENTRY_SEND ? "\\n" : "");
	if ((kind == ENTRY_FILTER || kind == ENTRY_FIND ||
		kind == ENTRY_STRUCT) &&
	    e->complaint[0] != '\0')
		return;
	/* Half a command may be another one. */
	if (kind != ENTRY_SEND && e->left_out > 0)
		return;
	entry_commit(e);
	if (kind != ENTRY_SEND)
		entry_close(e);
	app_command(app, text);
}

/* What was sent waits at the wire now, where keys are for packets; in the
 * client's pane d would close. */
static void
entry_left(struct app *app)
{
	struct deck *d = &app->deck;

	if (d->entry.kind == ENTRY_SEND && app_wire_is_shown(app) &&
	    app->wire_seen.holds)
		d->focus = PANE_PACKETS;
	entry_close(&d->entry);
}

static void
type_key(struct app *app, const struct key *k)
{
	struct entry *e = &app->deck.entry;
	size_t before = e->left_out, left_out;
	enum entry_event event;

	app->deck.gen++;
	if (k->code == KEY_CODE_TAB) {
		known_gather(&app->known, capture_flows(app->capture));
		e->known = &app->known;
	}
	event = entry_key(e, k);
	left_out = e->left_out;
	switch (event) {
	case ENTRY_DONE:
		entry_done(app);
		break;
	case ENTRY_LEFT:
		entry_left(app);
		break;
	case ENTRY_CHANGED:
		check_entry(app);
		break;
	case ENTRY_GOES_ON:
		break;
	}
	if (left_out > (event == ENTRY_DONE ? 0 : before))
		deck_say(&app->deck, true,
		    "a line takes %d bytes: %zu more were left out%s",
		    ENTRY_MAX - 1, left_out,
		    e->kind == ENTRY_SEND ? "; :send-file FILE sends them all"
					  : "");
}

/* ---- the mouse ---- */

static bool
pane_under(const struct app *app, const struct layout *l, const struct key *k,
    enum pane_id *ret)
{
	if (app->deck.help) {
		*ret = app->deck.focus;
		return true;
	}
	for (int id = 0; id < PANE_COUNT; id++) {
		if (l->pane[id].w == 0 || !area_has(l->pane[id], k->x, k->y))
			continue;
		*ret = (enum pane_id)id;
		return true;
	}
	return false;
}

static void
press(struct app *app, const struct layout *l, const struct key *k)
{
	struct view v = app_view(app);
	struct pane *p;
	enum pane_id id;
	uint64_t before;
	char text[80];

	if (k->y == app->canvas->h - 1) {
		if (screen_bar_hit(l, app->canvas->w, k->x, text, sizeof text))
			app_command(app, text);
		return;
	}
	if (!pane_under(app, l, k, &id))
		return;
	p = app_pane(app, id);
	before = p->list.follow ? 0 : p->list.selected;
	app->deck.focus = id;
	if (p->ops->click != NULL) {
		p->ops->click(
		    p, &v, k->x - l->pane[id].x - 1, k->y - l->pane[id].y - 1);
		app->deck.gen++;
		return;
	}
	pane_click(p, &v, k->y - (app->deck.help ? 2 : l->pane[id].y + 1));
	/* A second click on the same row opens it. */
	if (before != 0 && before == p->list.selected && !app->deck.help)
		app_command(app, "open");
	app->deck.gen++;
}

/* Only where a pane has something to point at. */
static void
drag(struct app *app, const struct layout *l, const struct key *k)
{
	enum pane_id id;

	if (k->y < app->canvas->h - 1 && pane_under(app, l, k, &id) &&
	    app_pane(app, id)->ops->click != NULL)
		press(app, l, k);
}

static void
wheel(struct app *app, const struct layout *l, const struct key *k)
{
	struct view v = app_view(app);
	enum pane_id id;

	if (!pane_under(app, l, k, &id))
		return;
	for (int i = 0; i < WHEEL_LINES; i++)
		pane_move(app_pane(app, id), &v,
		    k->code == KEY_CODE_WHEEL_UP ? MOVE_UP : MOVE_DOWN);
	app->deck.gen++;
}

static bool
mouse(struct app *app, const struct key *k)
{
	struct layout l;

	if (k->code < KEY_CODE_PRESS || app->canvas == NULL)
		return false;
	l = screen_layout(&app->deck, app->canvas->w, app->canvas->h);
	if (k->code == KEY_CODE_PRESS)
		press(app, &l, k);
	else if (k->code == KEY_CODE_DRAG)
		drag(app, &l, k);
	else if (k->code == KEY_CODE_WHEEL_UP || k->code == KEY_CODE_WHEEL_DOWN)
		wheel(app, &l, k);
	return true;
}

/* ---- keys ---- */

static void
answer_quit(struct app *app, const struct key *k)
{
	app->deck.ask_quit = false;
	app->deck.quit = k->code == 'y' || k->code == 'Y';
	app->deck.gen++;
	app->repaint = true;
}

/* Say the command again, with the word that makes it overwrite. */
static void
answer_overwrite(struct app *app, const struct key *k)
{
	char text[ENTRY_MAX + 16];

	snprintf(text, sizeof text, "%s overwrite", app->deck.overwrite);
	app->deck.overwrite[0] = '\0';
	app->deck.gen++;
	if (k->code == 'y' || k->code == 'Y')
		app_command(app, text);
}

/* Keys that act while a line is typed, too. */
static bool
acts_always(const struct key *k)
{
	return k->code == ('z' & 0x1F) || k->code == ('l' & 0x1F);
}

/* A key of the focused pane's own goes before the table's. */
static const char *
pane_key(struct app *app, uint32_t code)
{
	const struct pane *p = app_pane(app, app->deck.focus);

	return p->ops->key != NULL ? p->ops->key(p, code) : NULL;
}

static void
drop_message(struct app *app)
{
	if (app->deck.message[0] == '\0')
		return;
	app->deck.message[0] = '\0';
	app->repaint = true;
}

static void
handle_key(struct app *app, const struct key *k)
{
	char text[80];

	if (k->code == KEY_CODE_PASTE_BEGIN || k->code == KEY_CODE_PASTE_END) {
		app->pasting = k->code == KEY_CODE_PASTE_BEGIN;
		if (app->pasting)
			drop_message(app);
		return;
	}
	if (app->search.on) {
		app->search.on = false;
		if (k->code == KEY_CODE_ESC)
			return;
	}
	/* What is pasted is text, never commands. */
	if (app->pasting && app->deck.entry.kind == ENTRY_NONE)
		return;
	/* What is said of a line of it can be read at its end. */
	if (!app->pasting)
		drop_message(app);
	if (app->deck.ask_quit)
		answer_quit(app, k);
	else if (app->deck.overwrite[0] != '\0')
		answer_overwrite(app, k);
	else if (mouse(app, k))
		return;
	else if (app->deck.entry.kind != ENTRY_NONE && !acts_always(k))
		type_key(app, k);
	else if (pane_key(app, k->code) != NULL)
		app_command(app, pane_key(app, k->code));
	else if (command_for_key(k->code, text, sizeof text) != NULL)
		app_command(app, text);
}

void
app_input(struct app *app)
{
	struct key k;

	while (term_read_key(app->term, &k)) {
		handle_key(app, &k);
		app->urgent = true;
	}
}
