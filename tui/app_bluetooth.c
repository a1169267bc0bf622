/*
 * Bluetooth beside the sockets: what the console knows of this machine.
 */
#include <errno.h>

#include "tui/app.h"

void
app_bluetooth_look(struct app *app)
{
	const struct bluetooth_request q = {.question = BLUETOOTH_ADAPTERS};

	bluetooth_scan_start(&app->bluetooth.adapters, app->outside, &q, NULL);
}

int
app_bluetooth_reach(const struct app *app, struct addr *a, struct err *err)
{
	const struct bluetooth_scan *s = &app->bluetooth.adapters;

	if (!addr_is_wildcard(a))
		return 0;
	if (s->fd >= 0)
		return err_set(err, -EAGAIN,
		    "the adapters are being asked for: once more, please");
	/* They come in no order: of two the first is the camera's, since the
	 * kernel's own choice for a client is the last. */
	for (int id = 0; id < BLUETOOTH_ROWS; id++)
		for (int i = 0; i < s->count; i++)
			if (s->row[i].id == id && s->row[i].up) {
				a->rc.device = s->row[i].address;
				return 0;
			}
	return err_set(err, -ENODEV, "%s",
	    s->trouble[0] != '\0'
		? s->trouble
		: "no Bluetooth adapter is up: `bluetoothctl power on`; or "
		  "take TCP");
}
