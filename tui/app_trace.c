/*
 * Programs of the user's that are traced: what they do, in the panes.
 *
 * A program is a group of its own. Calls of its serving sockets stand in the
 * server pane; those of its client sockets are a session of the client pane.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "net/base/clock.h"
#include "tui/app.h"

void
app_trace_open(struct app *app)
{
	struct err err;

	if (app->opts->where == WHERE_FILE)
		return;
	if (trace_hub_open(app->engine, &app->traced, &err) < 0) {
		app->traced = NULL;
		deck_say(&app->deck, true, "%s", err.text);
	}
}

static struct traced_state *
traced_of(struct deck *d, uint32_t group)
{
	for (int i = 0; i < d->traced_count; i++)
		if (d->traced[i].group == group)
			return &d->traced[i];
	return NULL;
}

static void
begin(struct deck *d, const struct trace_event *e)
{
	int oldest = 0;

	if (d->traced_count == TRACED_MAX) {
		while (oldest < TRACED_MAX - 1 && d->traced[oldest].running)
			oldest++;
		memmove(&d->traced[oldest], &d->traced[oldest + 1],
		    (size_t)(TRACED_MAX - 1 - oldest) * sizeof d->traced[0]);
		d->traced_count--;
	}
	d->traced[d->traced_count] =
	    (struct traced_state){.group = e->group, .running = true};
	snprintf(d->traced[d->traced_count].name, PROGRAM_MAX, "%s", e->name);
	d->traced_count++;
	d->gen++;
}

static enum transport
transport_of(const struct app *app, const struct call *c)
{
	const struct jsock *s = journal_sock(app->journal, c->sock);
	bool stream = s == NULL || s->type == SOCK_STREAM;

	if (s != NULL && s->domain == AF_UNIX)
		return stream ? TRANSPORT_UNIX : TRANSPORT_UNIXGRAM;
	return stream ? TRANSPORT_TCP : TRANSPORT_UDP;
}

/* It waits for clients at this socket. */
static void
serves(struct app *app, struct traced_state *t, const struct call *c)
{
	if (t->server == c->sock)
		return;
	t->server = c->sock;
	t->local = c->local;
	t->transport = transport_of(app, c);
	app->deck.gen++;
}

static void
explain_bind(struct app *app, const struct call *c)
{
	const struct server_state *own = &app->deck.server;

	if (c->error == EADDRINUSE && own->state == RUN_UP &&
	    addr_port(&own->local) == addr_port(&c->local))
		deck_say(&app->deck, true,
		    "port %u is held by the console's own server: b stops it",
		    addr_port(&c->local));
}

static void
watch_server(struct app *app, struct traced_state *t, const struct call *c)
{
	if (c->phase == CALL_DONE && c->kind == CALL_BIND)
		explain_bind(app, c);
	else if (c->kind == CALL_LISTEN && c->phase == CALL_DONE &&
		 c->error == 0)
		serves(app, t, c);
	else if (c->kind == CALL_RECVFROM && c->local.len != 0)
		serves(app, t, c);
	else if (c->kind == CALL_CLOSE && c->sock == t->server &&
		 c->phase == CALL_DONE && c->arg[0] != CALL_END_COPY)
		t->server = 0;
}

/* A session begins with what only a client does. */
static bool
makes_session(const struct call *c)
{
	return c->kind == CALL_CONNECT || call_sends(c);
}

/* Other calls may have to change the side yet. */
static bool
shows_side(const struct call *c)
{
	return makes_session(c) || c->kind == CALL_LISTEN ||
	       c->kind == CALL_RECVFROM;
}

static void
watch_client(
    struct app *app, const struct traced_state *t, const struct call *c)
{
	struct session_state *s = app_session_of(app, c->group);

	if (s == NULL && makes_session(c)) {
		s = app_new_session(app);
		if (s == NULL)
			return; /* all are in use: the journal has it still */
		*s = (struct session_state){.group = c->group,
		    .state = RUN_STARTING,
		    .spec.endpoint.transport = transport_of(app, c)};
		memcpy(s->program, t->name, sizeof s->program);
		app->deck.gen++;
	}
	/* A datagram socket needs no connect(). */
	if (s != NULL && c->kind == CALL_SENDTO && c->phase == CALL_DONE &&
	    c->error == 0 && s->sock != c->sock) {
		s->state = RUN_UP;
		s->sock = c->sock;
		s->local = c->local;
		s->peer = c->peer;
	}
	/* A connect() that was not waited for has come through. */
	if (s != NULL && s->state == RUN_STARTING && s->sock == c->sock &&
	    c->phase == CALL_DONE && c->result > 0)
		s->state = RUN_UP;
}

static void
end(struct app *app, struct traced_state *t, int status)
{
	struct session_state *s = app_session_of(app, t->group);
	char text[CALL_DATA_MAX];

	if (status < 0)
		snprintf(
		    text, sizeof text, "%s is not traced any more", t->name);
	else if (WIFSIGNALED(status))
		snprintf(text, sizeof text, "%s was ended by SIG%s", t->name,
		    sigabbrev_np(WTERMSIG(status)));
	else
		snprintf(text, sizeof text, "%s has ended, exit status %d",
		    t->name, WEXITSTATUS(status));
	for (int side = 0; side < SIDE_COUNT; side++)
		if (t->seen[side])
			app_note(app, (enum side)side, t->group, 0, text);
	if (s != NULL && (s->state == RUN_UP || s->state == RUN_STARTING))
		s->state = RUN_STOPPED;
	t->running = false;
	app->deck.gen++;
}

static void
on_event(void *arg, const struct trace_event *e)
{
	struct app *app = arg;
	struct traced_state *t = traced_of(&app->deck, e->group);

	if (e->kind == TRACE_PROGRAM)
		begin(&app->deck, e);
	if (t == NULL)
		return;
	if (e->kind == TRACE_PROGRAM_END) {
		end(app, t, e->status);
		return;
	}
	t->seen[e->call->side] |= shows_side(e->call);
	if (e->call->side == SIDE_CLIENT)
		watch_client(app, t, e->call);
	app_feed_call(app, e->call);
	if (e->call->side == SIDE_SERVER)
		watch_server(app, t, e->call);
}

bool
app_trace_read(struct app *app)
{
	return trace_hub_read(app->traced, on_event, app);
}
