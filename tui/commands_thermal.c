/*
 * The commands of the thermal pane.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/app.h"
#include "tui/commands.h"

static void
show_pane(struct app *app)
{
	struct deck *d = &app->deck;

	if (d->view != VIEW_THERMAL)
		d->view_before = d->view == VIEW_BYTES ? VIEW_LADDER : d->view;
	d->view = VIEW_THERMAL;
	d->focus = PANE_PACKETS;
	d->zoomed = true;
	app->repaint = true;
}

/* ---- where from ---- */

/* Does the console's server run as a camera, or is it about to? t: over what;
 * TRANSPORT_COUNT: whatever it is. */
static bool
camera_runs(const struct server_state *s, enum transport t)
{
	const struct server_spec *spec = s->restart ? &s->next : &s->spec;

	return (s->restart || s->state == RUN_UP || s->state == RUN_STARTING) &&
	       spec->service == service_find("thermal") &&
	       (t == TRANSPORT_COUNT || spec->endpoint.transport == t);
}

/* The console's own camera: it is started if something else runs. */
static int
watch_own(struct app *app, enum transport t, struct err *err)
{
	const char *words[] = {"thermal",
	    transport_name(t == TRANSPORT_COUNT ? TRANSPORT_TCP : t)};
	struct server_spec spec = server_spec_default();
	int rc = 0;

	if (!camera_runs(&app->deck.server, t)) {
		spec.everywhere = app_wired(app);
		rc = server_spec_parse(&spec, words, 2, err);
		if (rc == 0)
			rc = app_serve(app, &spec, err);
	}
	app->thermal.waiting = rc == 0;
	return rc;
}

/* TRANSPORT ADDRESS; without an address our own camera over that. */
static int
watch_over(
    struct app *app, const char *transport, const char *text, struct err *err)
{
	struct endpoint to;
	enum transport t;
	int rc;

	if (!transport_parse(transport, &t))
		return err_set(err, -EINVAL,
		    "'%s' is no transport of a camera and no word of :thermal; "
		    "there are: tcp, udp, rfcomm, unix, unixgram, and stop, "
		    "palette, "
		    "range, smooth, mirror, flip, unit",
		    transport);
	if (text == NULL)
		return watch_own(app, t, err);
	rc = endpoint_parse(text, t, false, &to, err);
	return rc < 0 ? rc : app_thermal_add(app, &to, err);
}

/* ---- how it looks ---- */

static int
set_palette(struct thermal *t, const struct words *w, struct err *err)
{
	if (w->count == 1) {
		t->map.palette = (t->map.palette + 1) % HEAT_COUNT;
		return 0;
	}
	if (!heat_palette_parse(w->word[1], &t->map.palette))
		return err_set(err, -EINVAL,
		    "'%s' is no palette; there are: ramp, iron, grey, viridis",
		    w->word[1]);
	return 0;
}

/* In centi-degrees Celsius; what was written is in the unit shown. */
static bool
degrees(const struct thermal *t, const char *text, int *ret)
{
	char *end;
	double d = strtod(text, &end);

	if (t->fahrenheit)
		d = (d - 32) * 5 / 9;
	*ret = (int)(d * 100);
	return end != text && *end == '\0' && d >= -327 && d <= 327;
}

/* range [auto | LOW HIGH] */
static int
set_range(struct thermal *t, const struct words *w, struct err *err)
{
	int low, high;

	if (w->count == 1) {
		t->fixed = !t->fixed;
		return 0;
	}
	if (w->count == 2 && strcmp(w->word[1], "auto") == 0) {
		t->fixed = false;
		return 0;
	}
	if (w->count != 3 || !degrees(t, w->word[1], &low) ||
	    !degrees(t, w->word[2], &high) || low >= high)
		return err_set(err, -EINVAL,
		    "the scale goes from a lower to a higher temperature, as "
		    "in :thermal range 5 50, or :thermal range auto");
	t->map.low = low;
	t->map.high = high;
	t->fixed = true;
	return 0;
}

/* A word about the look: 1; none of them: 0; or -EINVAL. */
static int
change_look(struct thermal *t, const struct words *w, struct err *err)
{
	const struct {
		const char *word;
		bool *flag;
	} flags[] = {{"smooth", &t->map.smooth}, {"mirror", &t->map.mirror},
	    {"flip", &t->map.flip}, {"unit", &t->fahrenheit}};
	int rc;

	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
		if (strcmp(w->word[0], flags[i].word) != 0)
			continue;
		*flags[i].flag = !*flags[i].flag;
		return 1;
	}
	if (strcmp(w->word[0], "palette") == 0)
		rc = set_palette(t, w, err);
	else if (strcmp(w->word[0], "range") == 0)
		rc = set_range(t, w, err);
	else
		return 0;
	return rc < 0 ? rc : 1;
}

/* rate=N as the last word; the number of words without it, or -EINVAL. */
static int
take_rate(struct thermal *t, const struct words *w, struct err *err)
{
	const char *last = w->count > 0 ? w->word[w->count - 1] : "";
	unsigned long n;
	char *end;

	if (strncmp(last, "rate=", 5) != 0)
		return w->count;
	n = strtoul(last + 5, &end, 10);
	if (last[5] == '\0' || *end != '\0' || n > 1000)
		return err_set(err, -EINVAL,
		    "rate= takes 0 to 1000 frames a second (0: all there are)");
	t->rate = (unsigned)n;
	return w->count - 1;
}

COMMAND(thermal)
{
	struct thermal *t = &app->thermal;
	int count = take_rate(t, w, err), first = 0, rc;

	if (count < 0)
		return count;
	rc = count > 0 ? change_look(t, w, err) : 0;
	t->gen++;
	if (rc != 0)
		return rc < 0 ? rc : 0;
	if (count == 1 && strcmp(w->word[0], "stop") == 0) {
		app_thermal_stop(app);
		return 0;
	}
	if (count > 0 && strcmp(w->word[0], "and") == 0)
		first = 1;
	else if (count > 0 || t->count == 0 || w->count > 0)
		app_thermal_stop(app);
	if (count > first + 2 || (first == 1 && count == 1))
		return -EINVAL;
	if (count > 0)
		rc = watch_over(app, w->word[first],
		    count > first + 1 ? w->word[first + 1] : NULL, err);
	else if (t->count == 0)
		rc = watch_own(app, TRANSPORT_COUNT, err);
	if (rc == 0)
		show_pane(app);
	return rc;
}

static int
stop_recording(struct app *app, struct err *err)
{
	struct thermal *t = &app->thermal;
	unsigned long long n;
	int rc;

	if (t->recorder == NULL)
		return err_set(err, -ENOENT,
		    "nothing is being recorded; :record FILE begins");
	n = thermal_recorder_frames(t->recorder);
	rc = thermal_recorder_close(t->recorder, err);
	t->recorder = NULL;
	t->gen++;
	if (rc == 0)
		deck_say(&app->deck, false,
		    "%llu frames are in %s; :serve thermal tcp 127.0.0.1:0 "
		    "play=%s plays them",
		    n, t->record_path, t->record_path);
	return rc;
}

COMMAND(record)
{
	struct thermal *t = &app->thermal;
	bool overwrite = w->count == 2 && strcmp(w->word[1], "overwrite") == 0;
	int rc;

	if (w->count == 0)
		return stop_recording(app, err);
	if (w->count > 1 && !overwrite)
		return -EINVAL;
	if (t->count == 0)
		return err_set(
		    err, -ENOTCONN, "there is no stream to record: :thermal");
	if (t->recorder != NULL && (rc = stop_recording(app, err)) < 0)
		return rc;
	rc = thermal_recorder_open(w->word[0], overwrite, &t->recorder, err);
	if (rc < 0)
		return rc;
	snprintf(t->record_path, sizeof t->record_path, "%s", w->word[0]);
	t->gen++;
	return 0;
}
