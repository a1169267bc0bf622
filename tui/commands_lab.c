/*
 * The commands of the lab's hosts.
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
