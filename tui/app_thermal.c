/*
 * The thermal streams that the console receives.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tui/app.h"

#define EVENTS 256

void
app_thermal_init(struct app *app)
{
	app->thermal = (struct thermal){
	    .rate = THERMAL_CLIENT_RATE,
	    .map = {.low = THERMAL_LOW, .high = THERMAL_HIGH},
	};
}

void
app_thermal_done(struct app *app)
{
	if (app->thermal.recorder != NULL)
		thermal_recorder_close(app->thermal.recorder, NULL);
	queue_free(app->thermal.events);
}

/* Its client stands among the sessions, as one that runs by itself. */
static void
add_session(struct app *app, uint32_t group, const struct endpoint *to)
{
	struct session_state *s = app_new_session(app);

	if (s == NULL)
		return;
	*s = (struct session_state){
	    .group = group,
	    .spec = {.endpoint = *to, .connected = true},
	    .program = "thermal",
	    .state = RUN_STARTING,
	};
}

int
app_thermal_add(struct app *app, const struct endpoint *to, struct err *err)
{
	struct thermal_client_spec spec = thermal_client_spec_default();
	struct thermal *t = &app->thermal;
	struct thermal_shown *s = &t->shown[t->count];
	char addr[ADDR_TEXT_MAX];
	int rc;

	if (t->count == THERMAL_SHOWN)
		return err_set(err, -EMFILE,
		    "%d streams are shown already: :thermal stop",
		    THERMAL_SHOWN);
	if (t->events == NULL)
		t->events = queue_new(sizeof(struct thermal_event), EVENTS);
	if (t->events == NULL)
		return err_set(err, -ENOMEM, "no memory for a stream");
	*s = (struct thermal_shown){.group = 0};
	snprintf(s->name, sizeof s->name, "%s %.127s",
	    transport_name(to->transport),
	    to->addr.len != 0 ? addr_format(addr, &to->addr) : to->host);
	spec.endpoint = *to;
	spec.rate = t->rate;
	spec.events = t->events;
	app_visit(app, app_client_host(app, to->transport));
	rc = thermal_client_start(app->engine, &spec, &s->group, err);
	app_return(app);
	if (rc < 0)
		return rc;
	t->count++;
	t->gen++;
	add_session(app, s->group, to);
	return 0;
}

void
app_thermal_stop(struct app *app)
{
	struct thermal *t = &app->thermal;

	for (int i = 0; i < t->count; i++)
		engine_stop(app->engine, t->shown[i].group);
	t->count = 0;
	t->waiting = false;
	t->gen++;
}

static struct thermal_shown *
shown_of(struct thermal *t, uint32_t group)
{
	for (int i = 0; i < t->count; i++)
		if (t->shown[i].group == group)
			return &t->shown[i];
	return NULL;
}

static void
record(struct app *app, const struct thermal_event *e)
{
	struct thermal *t = &app->thermal;
	struct err err;

	if (t->recorder == NULL || e->kind != THERMAL_FRAME ||
	    e->group != t->shown[0].group)
		return;
	if (thermal_recorder_add(t->recorder, e->at_ns, &e->frame) == 0)
		return;
	thermal_recorder_close(t->recorder, &err);
	t->recorder = NULL;
	deck_say(&app->deck, true, "%s", err.text);
}

bool
app_thermal_read(struct app *app)
{
	struct thermal *t = &app->thermal;
	struct thermal_event e;
	bool any = false;

	/* What a stopped stream has still sent belongs to nobody. */
	while (t->events != NULL && queue_pop(t->events, &e, 1) == 1) {
		struct thermal_shown *s = shown_of(t, e.group);

		any = true;
		if (s == NULL)
			continue;
		thermal_stream_feed(&s->stream, &e);
		record(app, &e);
		t->gen++;
	}
	return any;
}

/* The console's own camera is up now, or it will never be. */
void
app_thermal_settle(struct app *app)
{
	const struct server_state *s = &app->deck.server;
	struct endpoint to;
	struct err err;
	int rc;

	if (!app->thermal.waiting || s->restart || s->state == RUN_STARTING)
		return;
	rc = app_own_server(app, &to, &err);
	if (rc == -EAGAIN)
		return;
	app->thermal.waiting = false;
	if (rc == 0)
		rc = app_thermal_add(app, &to, &err);
	if (rc < 0 && s->state == RUN_UP)
		deck_say(&app->deck, true, "%s", err.text);
	else if (rc < 0)
		deck_say(&app->deck, true,
		    "there is no camera over %s: pane 1 says why (q, 1)%s",
		    transport_name(s->spec.endpoint.transport),
		    s->spec.endpoint.transport == TRANSPORT_TCP
			? ""
			: "; :thermal tcp shows one over TCP");
}
