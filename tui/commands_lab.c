/*
 * The commands of hosts: shells on those of the lab, interfaces of this one.
 */
#include <errno.h>
#include <string.h>

#include "tui/app.h"
#include "tui/commands.h"

int
cmd_shell(struct app *app, const struct words *w, struct err *err)
{
	const char *name = w->count > 0 ? w->word[0] : "server";
	int host = lab_host_find(&app->lab, name);

	if (w->count > 1)
		return -EINVAL;
	if (!app->deck.in_lab)
		return err_set(err, -ENOENT,
		    "there is no lab here, whose host could have a shell: C-z "
		    "is the way to yours");
	if (host < 0)
		return err_set(err, -ENOENT,
		    "there is no host '%s' in this lab; `sockdeck labs` lists "
		    "them",
		    name);
	app->shell_host = host;
	app->wants_shell = true;
	return 0;
}

/* Make it the usual one of each host: then programs that are started there have
 * it too. False: the kernel restricts it. */
static bool
set_usual(struct app *app, const char *name)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < app->lab.count; i++) {
		app_visit(app, i);
		rc = congestion_set_usual(name);
	}
	app_return(app);
	return rc == 0;
}

static int
choose_congestion(struct app *app, const char *name, struct err *err)
{
	int rc = congestion_parse(name, &app->congestion, err);

	if (rc < 0)
		return rc;
	if (set_usual(app, name))
		deck_say(&app->deck, false,
		    "new connections of every host have %s now", name);
	else
		deck_say(&app->deck, false,
		    "the clients and servers started here from now on have "
		    "%s; other programs keep theirs, for whom the kernel "
		    "restricts it",
		    name);
	return 0;
}

int
cmd_congestion(struct app *app, const struct words *w, struct err *err)
{
	struct congestion_names names;

	if (w->count > 1)
		return -EINVAL;
	if (!app->deck.in_lab)
		return err_set(err, -EPERM,
		    "outside of a lab this is the whole machine's setting; of "
		    "one socket: setsockopt . TCP_CONGESTION NAME");
	if (w->count == 1)
		return choose_congestion(app, w->word[0], err);
	congestion_names(&names);
	deck_say(&app->deck, false,
	    "congestion control: usually %s; there are: %s", names.usual,
	    names.all);
	return 0;
}

/* ---- interfaces of the host ---- */

int
interface_choose(struct app *app, const char *name, struct err *err)
{
	struct deck *d = &app->deck;
	int rc = name != NULL ? app_set_interface(app, name, err) : -EINVAL;

	if (rc < 0)
		return rc;
	if (d->view == VIEW_INTERFACES)
		d->view = d->view_before;
	deck_say(d, false, "packets are captured on %s now", name);
	app->repaint = true;
	return 0;
}

COMMAND(interface)
{
	if (w->count > 1)
		return -EINVAL;
	if (w->count == 1)
		return interface_choose(app, w->word[0], err);
	pane_interfaces_look(app->packet_views[VIEW_INTERFACES]);
	view_show(&app->deck, VIEW_INTERFACES);
	app->deck.focus = PANE_PACKETS;
	app->repaint = true;
	return 0;
}
