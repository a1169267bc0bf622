/*
 * The Python programs: looked at, and written to a file.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "net/pycode.h"
#include "tui/app.h"
#include "tui/commands.h"

static bool
parse_side(const char *word, enum side *ret)
{
	*ret = strcmp(word, "client") == 0 ? SIDE_CLIENT : SIDE_SERVER;
	return *ret == SIDE_CLIENT || strcmp(word, "server") == 0;
}

/* The pane that has the focus, or the one named, or both; and back. */
COMMAND(code)
{
	struct deck *d = &app->deck;
	const char *which = w->count > 0 ? w->word[0] : "";
	bool both = strcmp(which, "both") == 0 ||
		    (w->count == 0 && d->focus > PANE_CLIENT);
	enum side side = d->focus == PANE_SERVER ? SIDE_SERVER : SIDE_CLIENT;

	if (w->count > 1 ||
	    (w->count == 1 && !both && !parse_side(which, &side)))
		return err_set(
		    err, -EINVAL, "the code of whom: server, client or both?");
	if (both) {
		enum face face = d->face[SIDE_SERVER] == FACE_CODE &&
					 d->face[SIDE_CLIENT] == FACE_CODE
				     ? FACE_CALLS
				     : FACE_CODE;

		d->face[SIDE_SERVER] = d->face[SIDE_CLIENT] = face;
	} else {
		deck_turn(d, side, FACE_CODE);
	}
	app->repaint = true;
	return 0;
}

static struct pycode *
program_of(const struct app *app, enum side side, struct err *err)
{
	const struct server_state *server = &app->deck.server;
	const struct session_state *s = deck_session_const(&app->deck);
	uint32_t by_hand = deck_by_hand(&app->deck, side);

	if (by_hand != 0)
		return pycode_by_hand(app->journal, by_hand, err);
	if (side == SIDE_SERVER && server->spec.service != NULL)
		return pycode_server(&server->spec, &server->local, err);
	if (side == SIDE_CLIENT && s != NULL && deck_session_is_own(s))
		return pycode_client(
		    &s->spec, deck_session_server(&app->deck), err);
	err_set(err, -ENOENT, "no %s has run yet: %s",
	    side == SIDE_SERVER ? "server" : "client",
	    side == SIDE_SERVER ? "b starts it" : "c connects it");
	return NULL;
}

static int
save(const struct pycode *p, const char *path, bool overwrite, struct err *err)
{
	FILE *f = fopen(path, overwrite ? "we" : "wxe");

	if (f == NULL)
		return err_set(err, -errno, "%s: %s%s", path, strerror(errno),
		    errno == EEXIST
			? " (a further word, overwrite, replaces it)"
			: "");
	for (size_t i = 0; i < pycode_count(p); i++)
		fprintf(f, "%s\n", pycode_line(p, i));
	if (fclose(f) != 0)
		return err_set(err, -errno, "%s: %s", path, strerror(errno));
	return 0;
}

COMMAND(export)
{
	bool overwrite = w->count == 4 && strcmp(w->word[3], "overwrite") == 0;
	struct pycode *p;
	enum side side;
	int rc;

	if (w->count < 3 || w->count > 4 || (w->count == 4 && !overwrite) ||
	    strcmp(w->word[0], "python") != 0 || !parse_side(w->word[1], &side))
		return -EINVAL;
	p = program_of(app, side, err);
	if (p == NULL)
		return -ENOENT;
	rc = save(p, w->word[2], overwrite, err);
	pycode_free(p);
	if (rc == 0)
		deck_say(&app->deck, false,
		    "saved; from another terminal: sockdeck exec %s-- "
		    "python3 %s",
		    app_wired(app) && side == SIDE_CLIENT ? "client " : "",
		    w->word[2]);
	return rc;
}
