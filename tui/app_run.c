/*
 * What runs: the server, the client sessions, and what their calls tell.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/base/text.h"
#include "net/services.h"
#include "tui/app.h"

/* Whoever starts something wants to see what comes of it. */
static void
show_work(struct app *app, enum pane_id pane)
{
	struct layout l;
	int w, h;

	term_size(app->term, &w, &h);
	l = screen_layout(&app->deck, w, h);
	app->faces[pane][FACE_CALLS]->list.follow = true;
	if (l.pane[pane].w == 0)
		deck_show(&app->deck, pane);
}

/* ---- the server ---- */

void
app_agree(
    struct app *app, uint16_t port, const char *request, const char *answer)
{
	struct record_formats *f = &app->agreed;
	struct err err;

	pystruct_done(&app->request);
	pystruct_done(&app->answer);
	f->port = port;
	f->request = f->answer = NULL;
	if (pystruct_compile(&app->request, request, &err) == 0)
		f->request = &app->request;
	if (answer != NULL && pystruct_compile(&app->answer, answer, &err) == 0)
		f->answer = &app->answer;
}

static int
start_server(struct app *app, const struct server_spec *spec, struct err *err)
{
	struct server_state *s = &app->deck.server;
	struct server_spec mine = *spec;
	uint32_t group;
	int rc;

	atomic_store(&app->period_ms, spec->options.period_ms);
	mine.options.period_now = &app->period_ms;
	rc = server_start(app->engine, &mine, &group, err);
	if (rc < 0)
		return rc;
	if (spec->endpoint.transport == TRANSPORT_RFCOMM)
		app_bluetooth_look(app);
	*s = (struct server_state){
	    .state = RUN_STARTING,
	    .group = group,
	    .spec = *spec,
	    .local = spec->endpoint.addr,
	};
	app->deck.gen++;
	return 0;
}

int
app_serve(struct app *app, const struct server_spec *spec, struct err *err)
{
	struct server_state *s = &app->deck.server;

	show_work(app, PANE_SERVER);
	if (engine_alive(app->engine, s->group) == 0 || s->group == 0)
		return start_server(app, spec, err);
	/* The old one first gives its address back. */
	s->restart = true;
	s->next = *spec;
	engine_stop(app->engine, s->group);
	return 0;
}

void
app_stop_server(struct app *app)
{
	struct server_state *s = &app->deck.server;

	show_work(app, PANE_SERVER);
	s->restart = false;
	s->state = RUN_STOPPED;
	s->clients = 0;
	app->deck.gen++;
	if (s->group != 0)
		engine_stop(app->engine, s->group);
}

/*
 * Who has the port that we did not get? The socket table and the helper may
 * learn of it only later, so it is asked until they know. What belongs to
 * another user only root can see.
 */
static void
name_holder(struct app *app)
{
	struct server_state *s = &app->deck.server;
	const struct sockrow *row;
	const struct proc_holder *h;
	char addr[ADDR_TEXT_MAX], text[CALL_DATA_MAX];

	if (s->refused.len == 0)
		return;
	row = socktab_listener(app->sockets,
	    transport_in_kernel(s->spec.endpoint.transport),
	    addr_port(&s->refused));
	if (row == NULL)
		return;
	addr_format(addr, &row->local);
	h = app->outside != NULL ? outside_holder(app->outside, row->inode)
				 : NULL;
	if (h != NULL)
		snprintf(text, sizeof text,
		    "%s is held by %s (process %d): stop it, or take a free "
		    "port with :serve echo tcp 127.0.0.1:0.",
		    addr, h->name, (int)h->pid);
	else if (row->uid != getuid() && getuid() != 0)
		snprintf(text, sizeof text,
		    "%s is held by a process of user %u, which only root can "
		    "see.",
		    addr, row->uid);
	else
		return;
	app_note(app, SIDE_SERVER, s->group, -EADDRINUSE, text);
	s->refused.len = 0;
}

static bool
server_is_stream(const struct server_state *s)
{
	return transport_socktype(s->spec.endpoint.transport) == SOCK_STREAM;
}

static void
server_is_up(struct server_state *s, uint32_t sock)
{
	if (s->state == RUN_STARTING) {
		s->state = RUN_UP;
		s->listener = sock;
	}
}

static bool
speaks_struct(const struct server_state *s)
{
	return s->spec.service == &service_struct;
}

static void
watch_server(struct app *app, const struct call *c)
{
	struct server_state *s = &app->deck.server;

	if (c->phase != CALL_DONE)
		return;
	switch (c->kind) {
	case CALL_BIND:
		if (c->error == 0)
			s->local = c->local;
		if (c->error == 0 && speaks_struct(s))
			app_agree(app, addr_port(&s->local),
			    service_struct_format(&s->spec.options),
			    SERVICE_STRUCT_ANSWER);
		if (c->error == 0 && !server_is_stream(s))
			server_is_up(s, c->sock);
		else if (c->error == EADDRINUSE)
			s->refused = c->local;
		break;
	case CALL_LISTEN:
		if (c->error == 0) {
			s->local = c->local; /* RFCOMM: its channel, too */
			server_is_up(s, c->sock);
		}
		break;
	case CALL_ACCEPT:
		s->clients += c->error == 0;
		if (c->error == 0 && !addr_is_loopback(&c->peer))
			names_ask(app->names, &c->peer);
		break;
	case CALL_CLOSE:
		s->clients -= c->sock != s->listener && s->clients > 0;
		break;
	default:
		break;
	}
}

int
app_own_server(const struct app *app, struct endpoint *ret, struct err *err)
{
	const struct server_state *s = &app->deck.server;

	if (s->state != RUN_UP)
		return err_set(err, -ENOTCONN,
		    "no server runs here: press b to start it, or "
		    ":connect tcp ADDRESS");
	*ret = s->spec.endpoint;
	ret->addr = s->local;
	ret->port = addr_port(&s->local);
	if (ret->transport == TRANSPORT_RFCOMM)
		return app_bluetooth_reach(app, &ret->addr, err);
	if (addr_is_wildcard(&s->local))
		ret->addr =
		    app_server_address(app, s->local.sa.sa_family, ret->port);
	return 0;
}

/* ---- the client sessions ---- */

/* The oldest that has ended makes place. */
struct session_state *
app_new_session(struct app *app)
{
	struct deck *d = &app->deck;

	for (int i = 0; d->session_count == SESSIONS_MAX && i < SESSIONS_MAX;
	     i++) {
		if (d->sessions[i].state == RUN_UP ||
		    d->sessions[i].state == RUN_STARTING)
			continue;
		memmove(&d->sessions[i], &d->sessions[i + 1],
		    (size_t)(SESSIONS_MAX - i - 1) * sizeof d->sessions[0]);
		d->session_count--;
	}
	if (d->session_count == SESSIONS_MAX)
		return NULL;
	d->session = d->session_count++;
	return &d->sessions[d->session];
}

int
app_connect(struct app *app, const struct client_spec *spec, struct err *err)
{
	struct session_state *s = app_new_session(app);
	int rc;

	if (s == NULL)
		return err_set(err, -EMFILE,
		    "%d sessions are open already: close one (k)",
		    SESSIONS_MAX);
	show_work(app, PANE_CLIENT);
	*s = (struct session_state){.spec = *spec, .state = RUN_STARTING};
	app_visit(app, spec->host >= 0
			   ? (size_t)spec->host
			   : app_client_host(app, spec->endpoint.transport));
	rc = client_start(app->engine, spec, &s->group, err);
	app_return(app);
	if (rc < 0)
		s->state = RUN_FAILED;
	app->deck.gen++;
	return rc;
}

int
app_order(struct app *app, const struct order *o, struct err *err)
{
	const struct session_state *s = deck_session(&app->deck);
	int rc;

	if (s == NULL || (s->state != RUN_UP && s->state != RUN_STARTING))
		return err_set(err, -ENOTCONN,
		    "the client is not connected: press c, or "
		    ":connect tcp ADDRESS");
	if (s->program[0] != '\0')
		return err_set(err, -EPERM,
		    "%s runs by itself: sockdeck only watches it. c connects "
		    "a client of the console's own",
		    s->program);
	if (s->by_hand)
		return err_set(err, -EOPNOTSUPP,
		    "these sockets are driven by hand: send . TEXT, "
		    "setsockopt . SO_RCVTIMEO 5, close .");
	rc = engine_order(app->engine, s->group, o);
	if (rc == -EAGAIN)
		return err_set(err, rc,
		    "the client has too much to do already: wait, or C-c");
	if (rc < 0)
		return err_set(err, rc, "the session has ended");
	app->faces[SIDE_CLIENT][FACE_CALLS]->list.follow = true;
	return 0;
}

struct session_state *
app_session_of(struct app *app, uint32_t group)
{
	struct deck *d = &app->deck;

	for (int i = 0; i < d->session_count; i++)
		if (d->sessions[i].group == group)
			return &d->sessions[i];
	return NULL;
}

/* "127.0.0.1:65432, *:22": what a client could have connected to. */
static void
list_listeners(const struct app *app, char *dst, size_t size)
{
	char addr[ADDR_TEXT_MAX];
	size_t n = 0;

	snprintf(dst, size, "nothing");
	for (size_t i = 0; i < socktab_count(app->sockets); i++) {
		const struct sockrow *row = socktab_row(app->sockets, i);

		if (row->transport != TRANSPORT_TCP ||
		    row->state != TCPS_LISTEN || n >= size)
			continue;
		n += (size_t)snprintf(dst + n, size - n, "%s%s",
		    n > 0 ? ", " : "", addr_format(addr, &row->local));
	}
}

static bool
is_reached_by_lo(const struct addr *listener, uint16_t port)
{
	return addr_port(listener) == port &&
	       (addr_is_wildcard(listener) || addr_is_loopback(listener));
}

/* Would the server's host have taken a connection to this port by its lo? The
 * table learns of a server a moment later than we of our own. */
static bool
server_listens(const struct app *app, uint16_t port)
{
	const struct server_state *own = &app->deck.server;

	if (own->state == RUN_UP && server_is_stream(own) &&
	    is_reached_by_lo(&own->local, port))
		return true;
	for (size_t i = 0; i < socktab_count(app->sockets); i++) {
		const struct sockrow *row = socktab_row(app->sockets, i);

		if (row->host == 0 && row->transport == TRANSPORT_TCP &&
		    row->state == TCPS_LISTEN &&
		    is_reached_by_lo(&row->local, port))
			return true;
	}
	return false;
}

/* Is who was refused on another host than the server? A program may be on any:
 * where the server's own lo would have taken it, it is not there. */
static bool
is_away(struct app *app, const struct call *c)
{
	const struct session_state *s = app_session_of(app, c->group);

	if (!app_wired(app) || c->side != SIDE_CLIENT)
		return false;
	if (s == NULL || s->program[0] != '\0')
		return server_listens(app, addr_port(&c->peer));
	return s->by_hand || s->spec.host != 0;
}

/* Whoever has connected to its own lo, and meant the server. */
static bool
explain_own_lo(struct app *app, const struct call *c)
{
	char addr[ADDR_TEXT_MAX], server[ADDR_TEXT_MAX], text[CALL_DATA_MAX];
	struct addr there;

	if (!addr_is_loopback(&c->peer) || !is_away(app, c))
		return false;
	there =
	    app_server_address(app, c->peer.sa.sa_family, addr_port(&c->peer));
	snprintf(text, sizeof text,
	    "%s is the client's own lo, and the server is another host here: "
	    "%s",
	    addr_format(addr, &c->peer), addr_format(server, &there));
	deck_say(&app->deck, true, "%s", text);
	app_note(app, SIDE_CLIENT, c->group, -ECONNREFUSED, text);
	return true;
}

/* What the engine cannot know: what else is here, and that this is a lab. */
void
app_explain_connect(struct app *app, const struct call *c)
{
	char addr[ADDR_TEXT_MAX], took[TEXT_NUM_MAX], listening[200];

	if (c->peer.len != 0 && c->peer.sa.sa_family == AF_BLUETOOTH)
		return; /* the engine knows it all */
	addr_format(addr, &c->peer);
	if (c->error == ECONNREFUSED && explain_own_lo(app, c))
		return;
	if (c->error == ECONNREFUSED) {
		list_listeners(app, listening, sizeof listening);
		deck_say(&app->deck, true,
		    "RST %s after the SYN: nothing listens on %s. "
		    "Listening now: %s",
		    text_span(took, c->end_ns - c->begin_ns), addr, listening);
	} else if (app->deck.in_lab &&
		   (c->error == ENETUNREACH || c->error == EHOSTUNREACH)) {
		deck_say(&app->deck, true,
		    "%s is outside, and the lab has no outside: use "
		    "sockdeck --host to reach it",
		    addr);
	}
}

/* SO_ERROR, where a connect() was not waited for. */
static bool
was_refused(const struct call *c)
{
	return c->kind == CALL_GETSOCKOPT && c->arg[0] == SOL_SOCKET &&
	       c->arg[1] == SO_ERROR && c->arg[2] == ECONNREFUSED;
}

/* Without a connect() the socket is all that a session begins with. */
static bool
begins_session(const struct session_state *s, const struct call *c)
{
	bool datagrams =
	    transport_socktype(s->spec.endpoint.transport) == SOCK_DGRAM;

	return c->kind == CALL_CONNECT ||
	       (c->kind == CALL_SOCKET && datagrams && !s->spec.connected);
}

static void
watch_session(struct app *app, struct session_state *s, const struct call *c)
{
	if (c->phase != CALL_DONE)
		return;
	if (begins_session(s, c)) {
		if (c->error != 0 && c->kind == CALL_CONNECT)
			app_explain_connect(app, c);
		s->state = c->error == 0             ? RUN_UP
			   : c->error == EINPROGRESS ? RUN_STARTING
						     : RUN_FAILED;
		s->sock = c->sock;
	}
	if (was_refused(c))
		explain_own_lo(app, c);
	switch (c->kind) {
	case CALL_CONNECT:
	case CALL_SENDTO:
		if (c->local.len != 0)
			s->local = c->local;
		s->peer = c->peer;
		break;
	case CALL_RECV:
		s->peer_closed |=
		    c->error == 0 && c->result == 0 && c->asked > 0;
		break;
	case CALL_REPORT:
		if (s->spec.endpoint.transport == TRANSPORT_RUDP &&
		    c->data_len == sizeof s->rudp) {
			memcpy(&s->rudp, c->data, sizeof s->rudp);
			app->deck.gen++;
		}
		break;
	case CALL_SHUTDOWN:
		s->write_closed |= c->error == 0 && c->arg[0] != 0;
		break;
	case CALL_CLOSE:
		if (s->state == RUN_UP && c->sock == s->sock &&
		    c->arg[0] != CALL_END_COPY)
			s->state = RUN_STOPPED;
		break;
	default:
		break;
	}
}

void
app_feed_call(struct app *app, const struct call *c)
{
	journal_feed(app->journal, c);
	roster_feed(app->roster, c);
	telemetry_feed(app->telemetry, c);
	app_wire_watch(app, c);
	app_kernel_call(app, c);
	app_watch(app, c);
}

void
app_watch(struct app *app, const struct call *c)
{
	struct session_state *s;

	if (c->group == app->deck.hand[c->side].group) {
		app_hand_watch(app, c);
		return;
	}
	if (c->side == SIDE_SERVER) {
		if (c->group == app->deck.server.group)
			watch_server(app, c);
		return;
	}
	s = app_session_of(app, c->group);
	if (s != NULL)
		watch_session(app, s, c);
}

/* One that ended before it had a connection, say for want of an address. */
static void
settle_session(struct app *app, struct session_state *s)
{
	if (s->program[0] != '\0' ||
	    (s->state != RUN_STARTING && s->state != RUN_UP) ||
	    engine_alive(app->engine, s->group) > 0)
		return;
	s->state = s->state == RUN_UP ? RUN_STOPPED : RUN_FAILED;
	app->deck.gen++;
}

void
app_settle(struct app *app)
{
	struct server_state *s = &app->deck.server;
	struct err err;

	for (int i = 0; i < app->deck.session_count; i++)
		settle_session(app, &app->deck.sessions[i]);
	name_holder(app);
	if (s->group == 0 || engine_alive(app->engine, s->group) > 0)
		return;
	if (s->restart) {
		struct server_spec next = s->next;

		if (start_server(app, &next, &err) < 0)
			deck_say(&app->deck, true, "%s", err.text);
	} else if (s->state == RUN_UP || s->state == RUN_STARTING) {
		s->state = s->state == RUN_UP ? RUN_STOPPED : RUN_FAILED;
		s->clients = 0;
		app->deck.gen++;
	}
}
