/*
 * The commands that save: packets (a piece a turn, app_save()), and the calls
 * as text.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "net/base/clock.h"
#include "net/base/text.h"
#include "tui/app.h"
#include "tui/commands.h"
#include "tui/entry.h"

#define SAVE_NS (8 * CLOCK_MS) /* as long as a turn may take */

/* ---- packets ---- */

static void
say_saved(struct app *app)
{
	char count[TEXT_NUM_MAX], lost[TEXT_NUM_MAX];
	const struct saving *s = app->saving;

	if (saving_lost(s) > 0)
		deck_say(&app->deck, true,
		    "%s packets saved in %s; %s left the store before their "
		    "turn came",
		    text_count(count, saving_count(s)), saving_path(s),
		    text_count(lost, saving_lost(s)));
	else
		deck_say(&app->deck, false, "%s packets saved in %s",
		    text_count(count, saving_count(s)), saving_path(s));
}

void
app_save(struct app *app)
{
	int64_t until_ns = clock_mono_ns() + SAVE_NS;
	struct err err;
	int rc, before;

	if (app->saving == NULL)
		return;
	before = saving_progress(app->saving);
	do
		rc = saving_step(app->saving, &err);
	while (rc > 0 && clock_mono_ns() < until_ns);
	if (rc > 0) {
		if (saving_progress(app->saving) != before ||
		    app->deck.message[0] == '\0')
			deck_say(&app->deck, false,
			    "saving %s: %d%% (Esc gives up)",
			    saving_path(app->saving),
			    saving_progress(app->saving));
		return;
	}
	if (rc == 0)
		say_saved(app);
	else
		deck_say(&app->deck, true, "%s", err.text);
	saving_free(app->saving);
	app->saving = NULL;
}

bool
app_stop_saving(struct app *app)
{
	if (app->saving == NULL)
		return false;
	deck_say(&app->deck, true, "saving %s was given up: nothing was kept",
	    saving_path(app->saving));
	saving_free(app->saving);
	app->saving = NULL;
	return true;
}

/* Which packets the word means; false: it is none of these words. */
static bool
choose(const struct app *app, const char *word, struct saving_spec *spec)
{
	const struct deck *d = &app->deck;
	struct view v = app_view(app);

	if (strcmp(word, "all") == 0)
		return true;
	if (strcmp(word, "marked") == 0) {
		spec->marks = &d->marks;
	} else if (strcmp(word, "shown") == 0) {
		spec->show = d->show;
		spec->flow = d->flow;
	} else if (strcmp(word, "conversation") == 0) {
		spec->flow = view_flow(&v);
	} else {
		return false;
	}
	return true;
}

static int
save_packets(struct app *app, const struct saving_spec *spec, struct err *err)
{
	const struct store *store = capture_store(app->capture);
	struct view v = app_view(app);
	int rc;

	if (app->saving != NULL)
		return err_set(err, -EBUSY,
		    "%s is still being saved: wait, or give it up with Esc",
		    saving_path(app->saving));
	if (store_first(store) == store_next(store))
		return err_set(err, -ENOENT, "no packets to save yet");
	if (spec->marks != NULL && spec->marks->count == 0)
		return err_set(err, -ENOENT,
		    "no packet is marked: m marks the selected one");
	rc = saving_new(spec, &v.weave, &app->saving, err);
	if (rc == 0)
		app_save(app);
	return rc;
}

/* ---- calls ---- */

/* The server pane and the client pane, as text. */
static int
save_calls(struct app *app, const char *path, bool overwrite, struct err *err)
{
	struct view v = app_view(app);
	FILE *out = fopen(path, overwrite ? "we" : "wxe");
	int rc;

	if (out == NULL)
		return err_set(err, -errno, "%s: %s%s", path, strerror(errno),
		    errno == EEXIST ? " (add the word overwrite)" : "");
	rc = pane_calls_write(SIDE_SERVER, &v, out);
	fputc('\n', out);
	if (rc == 0)
		rc = pane_calls_write(SIDE_CLIENT, &v, out);
	if (fclose(out) != 0)
		rc = -errno;
	if (rc < 0)
		return err_set(err, rc, "%s: %s", path, strerror(-rc));
	deck_say(&app->deck, false, "the calls are saved in %s", path);
	return 0;
}

/* ---- the command ---- */

/* What there is to save in this pane, as a command to be completed. */
static const char *
save_what(const struct app *app)
{
	const struct deck *d = &app->deck;

	if (d->focus != PANE_PACKETS || d->view != VIEW_STREAM)
		return d->show[0] != '\0' ? "save shown sockdeck.pcapng"
		       : d->flow != 0     ? "save conversation sockdeck.pcapng"
					  : "save all sockdeck.pcapng";
	return pane_stream_dir(app->packet_views[VIEW_STREAM]) == DIR_SERVER
		   ? "save-stream server sockdeck.bin"
		   : "save-stream client sockdeck.bin";
}

COMMAND(save)
{
	struct saving_spec spec = {.show = ""};
	int at = 0;
	size_t n;

	if (w->count == 0) {
		entry_open(&app->deck.entry, ENTRY_COMMAND, save_what(app));
		return 0;
	}
	/* One word alone is a name. */
	at = w->count > 1 && choose(app, w->word[0], &spec);
	spec.path = w->word[at];
	spec.overwrite =
	    w->count == at + 2 && strcmp(w->word[at + 1], "overwrite") == 0;
	if (w->count != at + 1 + spec.overwrite)
		return -EINVAL;
	n = strlen(spec.path);
	if (n > 4 && strcmp(spec.path + n - 4, ".txt") == 0)
		return save_calls(app, spec.path, spec.overwrite, err);
	return save_packets(app, &spec, err);
}
