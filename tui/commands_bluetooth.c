/*
 * The commands about Bluetooth, and what is answered to them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/app.h"
#include "tui/commands.h"

#define SECONDS_MAX 61

static int
ask(struct app *app, struct bluetooth_scan *s,
    const struct bluetooth_request *q, struct err *err)
{
	int rc = bluetooth_scan_start(s, app->outside, q, err);

	if (rc == 0)
		view_show(&app->deck, VIEW_BLUETOOTH);
	app->repaint = true;
	return rc;
}

int
bluetooth_open(struct app *app, const struct view *v, struct err *err)
{
	char address[BDADDR_TEXT_MAX], text[64];
	struct bdaddr device;

	if (!pane_bluetooth_get(app->packet_views[VIEW_BLUETOOTH], v, &device))
		return err_set(err, -ENOENT,
		    "no device is selected: :discover looks for them");
	snprintf(text, sizeof text, "connect rfcomm %s",
	    bdaddr_format(address, &device));
	return command_run(app, text, err);
}

COMMAND(bluetooth)
{
	struct bluetooth_request q = {.question = BLUETOOTH_ADAPTERS};

	return w->count > 0 ? -EINVAL
			    : ask(app, &app->bluetooth.adapters, &q, err);
}

COMMAND(discover)
{
	struct bluetooth_request q = {
	    .question = BLUETOOTH_DISCOVER, .seconds = BLUETOOTH_DISCOVER_S};
	char *end = NULL;

	if (w->count > 1)
		return -EINVAL;
	if (w->count == 1 && strcmp(w->word[0], "stop") == 0) {
		bluetooth_scan_stop(&app->bluetooth.devices);
		return 0;
	}
	if (w->count == 1)
		q.seconds = (int)strtol(w->word[0], &end, 10);
	if (q.seconds < 1 || q.seconds > SECONDS_MAX ||
	    (end != NULL && *end != '\0'))
		return err_set(err, -EINVAL,
		    "discover takes 1 to %d seconds, or stop, not '%s'",
		    SECONDS_MAX, w->word[0]);
	return ask(app, &app->bluetooth.devices, &q, err);
}
