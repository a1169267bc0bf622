/*
 * The commands that concern single packets: marks, and how times are shown.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tui/app.h"
#include "tui/commands.h"
#include "tui/listcols.h"

/* The packet under the cursor of the focused pane, of a call its first; 0: none
 * is. */
static uint64_t
frame_here(struct app *app)
{
	struct view v = app_view(app);
	struct pane *p = app_pane(app, app->deck.focus);
	struct selection sel = p->ops->selected(p, &v);

	if (app->deck.focus == PANE_PACKETS && app->deck.wanted != 0)
		return app->deck.wanted;
	if (sel.kind == SELECTED_CALL)
		return view_frame_of_call(&v, (uint32_t)sel.id);
	if (store_record(capture_store(app->capture), selection_frame(&sel)) ==
	    NULL)
		return 0;
	return selection_frame(&sel);
}

/* ---- marks ---- */

/* Mark all that the display filter and the chosen conversation leave. */
static int
mark_shown(struct app *app, struct err *err)
{
	const struct store *store = capture_store(app->capture);
	struct deck *d = &app->deck;
	uint64_t id = 0;

	if (listing_is_whole(app->listing))
		return err_set(err, -EINVAL,
		    "mark shown marks what a display filter (:show) or a "
		    "chosen conversation (]) leaves; neither is there");
	if (app->working)
		return err_set(err, -EAGAIN,
		    "the filter is still looking at packets: wait for it");
	while ((id = listing_next(app->listing, store, id)) != 0) {
		if (marks_has(&d->marks, id))
			continue;
		if (marks_toggle(&d->marks, id) < 0)
			return err_set(err, -ENOSPC,
			    "only the first %d are marked: there is no room "
			    "for more marks",
			    MARKS_MAX);
	}
	deck_say(d, false, "%zu packets are marked", d->marks.count);
	return 0;
}

COMMAND(mark)
{
	struct deck *d = &app->deck;
	uint64_t id;

	if (w->count > 1)
		return -EINVAL;
	if (w->count == 1 && strcmp(w->word[0], "none") == 0) {
		marks_clear(&d->marks);
		return 0;
	}
	if (w->count == 1 && strcmp(w->word[0], "shown") == 0)
		return mark_shown(app, err);
	if (w->count == 1)
		return -EINVAL;
	id = frame_here(app);
	if (id == 0)
		return err_set(
		    err, -ENOENT, "no packet is under the cursor to be marked");
	if (marks_toggle(&d->marks, id) < 0)
		return err_set(err, -ENOSPC,
		    "%d packets are marked: there is no room for more",
		    MARKS_MAX);
	return 0;
}

/* Marks round the ring; those whose packets have left are passed by. */
COMMAND(jump)
{
	const struct store *store = capture_store(app->capture);
	const struct marks *m = &app->deck.marks;
	bool back = w->count == 1 && strcmp(w->word[0], "back") == 0;
	uint64_t id = frame_here(app);

	if (w->count > 1 || (w->count == 1 && !back))
		return -EINVAL;
	for (size_t i = 0; i <= m->count; i++) {
		id = back ? marks_prev(m, id != 0 ? id : UINT64_MAX)
			  : marks_next(m, id);
		if (id == 0 || store_record(store, id) == NULL)
			continue;
		view_show_frame(app, id);
		return 0;
	}
	return err_set(err, -ENOENT,
	    m->count == 0 ? "no packet is marked: m marks the selected one"
			  : "the marked packets have left the store");
}

/* ---- times ---- */

COMMAND(time)
{
	struct deck *d = &app->deck;
	char names[96] = "";
	size_t n = 0;

	if (w->count == 0) {
		d->time = (d->time + 1) % TIME_FORMAT_COUNT;
		deck_say(d, false, "times are shown %s", timefmt_name(d->time));
		return 0;
	}
	for (int f = 0; f < TIME_FORMAT_COUNT && w->count == 1; f++) {
		const char *name = timefmt_name((enum time_format)f);

		n += (size_t)snprintf(names + n, sizeof names - n, " %s", name);
		if (strcmp(w->word[0], name) != 0)
			continue;
		d->time = (enum time_format)f;
		return 0;
	}
	return err_set(err, -EINVAL,
	    "'%s' is no way to show times; there are:%s", w->word[0], names);
}

/* From this packet on; from the start again, if it is this one already. */
COMMAND(reference)
{
	struct deck *d = &app->deck;
	uint64_t id = frame_here(app);
	const struct record *r = store_record(capture_store(app->capture), id);

	if (w->count > 0)
		return -EINVAL;
	if (r == NULL && d->reference == 0)
		return err_set(err, -ENOENT,
		    "no packet is under the cursor to count times from");
	if (r == NULL || id == d->reference) {
		d->reference = 0;
		deck_say(d, false, "times count from the start again");
		return 0;
	}
	d->reference = id;
	d->reference_ns = r->ts_ns;
	d->time = TIME_AS_RELATIVE;
	deck_say(
	    d, false, "times count from packet %llu", (unsigned long long)id);
	return 0;
}

/* ---- explanations ---- */

COMMAND(why)
{
	const char *which = w->count > 0 ? w->word[0] : "next";
	int step = strcmp(which, "next") == 0       ? 1
		   : strcmp(which, "previous") == 0 ? -1
						    : 0;

	if (w->count > 1 || step == 0)
		return err_set(err, -EINVAL,
		    "why explains what is under the cursor; next and previous "
		    "are other things about it");
	if (app->deck.why)
		whyfoot_step(&app->why, step);
	app->deck.why = true;
	app->repaint = true;
	return 0;
}

/* ---- the list's columns and colours ---- */

static int
no_column(const char *word, struct err *err)
{
	char names[256] = "";
	size_t n = 0;

	for (int i = 0; i < LISTCOL_COUNT; i++)
		n += (size_t)snprintf(names + n, sizeof names - n, " %s",
		    listcol_name((enum listcol)i));
	return err_set(
	    err, -EINVAL, "'%s' is no column; there are:%s", word, names);
}

COMMAND(columns)
{
	struct deck *d = &app->deck;
	enum listcol columns[LIST_COLUMNS_MAX];

	for (int i = 0; i < w->count; i++) {
		if (!listcol_find(w->word[i], &columns[i]))
			return no_column(w->word[i], err);
		for (int k = 0; k < i; k++)
			if (columns[k] == columns[i])
				return err_set(err, -EINVAL,
				    "the column '%s' is named twice",
				    w->word[i]);
	}
	for (int i = 0; i < w->count; i++)
		d->columns[i] = (uint8_t)columns[i];
	d->column_count = w->count;
	return 0;
}

COMMAND(colour)
{
	struct deck *d = &app->deck;

	for (int i = 0; i < LIST_COLOUR_COUNT && w->count == 1; i++) {
		if (strcmp(w->word[0], list_colour_name((enum list_colour)i)) !=
		    0)
			continue;
		d->colour = (enum list_colour)i;
		return 0;
	}
	return err_set(err, -EINVAL,
	    "colours tell the sender (client or server), the conversation, or "
	    "the verdict: colour sender|conversation|verdict");
}
