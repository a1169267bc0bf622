/*
 * Commands that nobody types: those of the command line, and those of a lab
 * file, a line each, where what begins with '#' is for whoever reads it. Each
 * waits until the server and the clients that those before have started are
 * up, or have failed.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/app.h"
#include "tui/commands.h"

static bool
something_starts(const struct deck *d)
{
	if (d->server.state == RUN_STARTING || d->server.restart)
		return true;
	for (int i = 0; i < d->session_count; i++)
		if (d->sessions[i].state == RUN_STARTING)
			return true;
	return false;
}

void
app_close_file(struct app *app)
{
	if (app->file.stream != NULL)
		fclose(app->file.stream);
	app->file.stream = NULL;
}

/* False: that was the last, or it was refused. */
static bool
run_line(struct app *app)
{
	struct lab_file *f = &app->file;
	struct err err = {""};
	char *line = NULL, *text;
	size_t size = 0;
	int rc = 0;
	bool more = getline(&line, &size, f->stream) >= 0;

	if (more) {
		f->line++;
		line[strcspn(line, "\r\n")] = '\0';
		text = line + strspn(line, " \t:");
		if (*text != '#')
			rc = command_run(app, text, &err);
	}
	free(line);
	if (rc < 0)
		deck_say(
		    &app->deck, true, "%s:%d: %s", f->path, f->line, err.text);
	return more && rc == 0;
}

/* The next one; a lab file is gone through where it was asked for. False: there
 * is none. */
static bool
step(struct app *app)
{
	const struct cli_options *o = app->opts;

	if (app->file.stream != NULL) {
		if (!run_line(app))
			app_close_file(app);
		return true;
	}
	if (app->given == o->command_count)
		return false;
	app_command(app, o->commands[app->given++]);
	return true;
}

void
app_step_commands(struct app *app)
{
	while (!something_starts(&app->deck) && step(app))
		app->deck.gen++;
}

COMMAND(run)
{
	struct lab_file *f = &app->file;

	if (w->count == 0)
		return -EINVAL;
	if (f->stream != NULL)
		return err_set(err, -EBUSY,
		    "the lab file %s is at its line %d: one at a time", f->path,
		    f->line);
	f->stream = fopen(w->rest, "re");
	if (f->stream == NULL)
		return err_set(err, -errno, "cannot read %s: %s", w->rest,
		    strerror(errno));
	snprintf(f->path, sizeof f->path, "%s", w->rest);
	f->line = 0;
	return 0;
}
