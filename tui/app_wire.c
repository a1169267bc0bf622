/*
 * The wire of the lab: it begins with the packet sources, since it is one.
 */
#include "tui/app.h"

/* ---- its life ---- */

static void
feed(void *arg, const struct packet *p)
{
	source_feed(arg, p);
}

static void
flush(void *arg)
{
	source_feed_flush(arg);
}

int
app_open_wire(struct app *app, struct err *err)
{
	struct wire_sink sink = {NULL, feed, flush};
	struct source *s;
	int rc = source_open_fed("wire", WIRE_LINK_TYPE, &s, err);

	if (rc < 0)
		return rc;
	sink.arg = s;
	rc = wire_new(app->lab.ports, app->lab.count, &sink, &app->wire, err);
	if (rc < 0) {
		source_close(s);
		return rc;
	}
	app->sources[app->source_count++] = s;
	return 0;
}

void
app_close_wire(struct app *app)
{
	wire_free(app->wire);
	app->wire = NULL;
}
