/*
 * Where the console is: the lab with its hosts, or the machine itself; and the
 * packet sources there.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "net/wire_words.h"
#include "tui/app.h"

#define HOSTS_USUAL 2

/* ---- entering ---- */

static void
say_trouble(struct app *app, const struct err *err)
{
	snprintf(app->deck.capture_trouble, sizeof app->deck.capture_trouble,
	    "%s", err->text);
	deck_say(&app->deck, true, "%s", err->text);
}

void
app_name_place(struct app *app)
{
	struct deck *d = &app->deck;
	const struct lab *lab = &app->lab;
	char wire[2 * WIRE_WORDS_TEXT + 8];

	app_wire_text(app, wire, sizeof wire);
	d->from_file = app->opts->where == WHERE_FILE;
	if (d->from_file)
		snprintf(d->where, sizeof d->where, "file %s",
		    strcmp(app->opts->file, "-") == 0 ? "from standard input"
						      : app->opts->file);
	else if (!d->in_lab)
		snprintf(d->where, sizeof d->where, "host %s", app->interface);
	else if (!app_wired(app))
		snprintf(d->where, sizeof d->where, "lab lo");
	else
		snprintf(d->where, sizeof d->where, "lab %zu hosts, %s%s%s",
		    lab->count, lab_medium_name(lab->medium),
		    wire[0] != '\0' ? ": " : "", wire);
}

void
app_enter_lab(struct app *app)
{
	const char *interface = app->opts->interface;
	int wanted = app->opts->hosts > 0 ? app->opts->hosts : HOSTS_USUAL;
	struct err err;

	snprintf(app->interface, sizeof app->interface, "%s",
	    interface != NULL ? interface : "lo");
	/* What the outer world looks like must be opened before the move. */
	if (app->opts->where == WHERE_LAB &&
	    socktab_new(SOCKTAB_ALL, &app->outer, &err) < 0)
		app->outer = NULL;
	if (app->opts->where == WHERE_LAB &&
	    lab_enter((size_t)wanted, &app->lab, &err) < 0) {
		say_trouble(app, &err);
		socktab_free(app->outer);
		app->outer = NULL;
	}
	app->deck.in_lab = app->lab.count > 0;
	if (app->lab.why[0] != '\0')
		deck_say(&app->deck, false, "%s", app->lab.why);
	app_name_place(app);
}

bool
app_wired(const struct app *app)
{
	return app->lab.count > 1;
}

/* Names of Unix sockets are known on their own host only. */
size_t
app_client_host(struct app *app, enum transport t)
{
	bool local = t == TRANSPORT_UNIX || t == TRANSPORT_UNIXGRAM;

	return app_wired(app) && !local
		   ? 1 + app->clients++ % (app->lab.count - 1)
		   : 0;
}

size_t
app_side_host(const struct app *app, enum side side, int domain)
{
	bool away = side == SIDE_CLIENT && domain != AF_UNIX;

	return app_wired(app) && away ? 1 : 0;
}

void
app_visit(struct app *app, size_t host)
{
	int rc = app_wired(app) ? lab_host_enter(&app->lab, host) : 0;

	/* Nobody can take from us what the lab was made with. */
	if (rc < 0)
		deck_say(&app->deck, true, "%s cannot be entered (%s)",
		    app->lab.ports[host].host, err_name(rc));
}

void
app_return(struct app *app)
{
	app_visit(app, 0);
}

struct addr
app_server_address(const struct app *app, int family, uint16_t port)
{
	const struct in_addr lo4 = {htonl(INADDR_LOOPBACK)};
	const struct wire_port *p = &app->lab.ports[0];
	bool wired = app_wired(app);

	return family == AF_INET6
		   ? addr_from_ip(
			 family, wired ? &p->ip6 : &in6addr_loopback, port)
		   : addr_from_ip(family, wired ? &p->ip4 : &lo4, port);
}

int
app_open_sockets(struct app *app, struct err *err)
{
	int rc = socktab_new(SOCKTAB_ALL | SOCKTAB_INFO, &app->sockets, err);

	for (size_t i = 1; rc >= 0 && i < app->lab.count; i++) {
		app_visit(app, i);
		rc = socktab_add(app->sockets, err);
	}
	app_return(app);
	return rc < 0 ? rc : 0;
}

/* ---- packet sources ---- */

/* The wire, and the lo of each host, where little is to be expected. */
static int
open_lab_sources(struct app *app, struct err *err)
{
	int rc = app_open_wire(app, err);

	for (size_t i = 0; rc == 0 && i < app->lab.count; i++) {
		struct source *s = NULL;

		app_visit(app, i);
		rc = source_open_small("lo", &s, err);
		if (rc == 0)
			app->sources[app->source_count++] = s;
	}
	app_return(app);
	return rc;
}

void
app_open_sources(struct app *app)
{
	const struct cli_options *o = app->opts;
	struct err err;
	int rc;

	if (app->deck.capture_trouble[0] != '\0')
		return;
	if (app_wired(app))
		rc = open_lab_sources(app, &err);
	else if (o->where == WHERE_FILE)
		rc = source_open_file(o->file, NULL, &app->sources[0], &err);
	else
		rc = source_open_live(
		    app->interface, NULL, &app->sources[0], &err);
	if (rc == 0 && !app_wired(app))
		app->source_count = 1;
	if (rc < 0)
		snprintf(app->deck.capture_trouble,
		    sizeof app->deck.capture_trouble, "%s", err.text);
	app->deck.gen++;
}

int
app_set_interface(struct app *app, const char *name, struct err *err)
{
	const char *filter = app->deck.filter;
	struct source *s;
	int rc;

	if (app->opts->where != WHERE_HOST)
		return err_set(err, -ENOTSUP,
		    "an interface can be chosen with --host: here packets "
		    "come from %s",
		    app->deck.from_file ? "a file" : "the lab");
	rc = source_open_live(name, filter[0] != '\0' ? filter : NULL, &s, err);
	if (rc < 0)
		return rc;
	if (app->source_count > 0)
		source_close(app->sources[0]);
	app->sources[0] = s;
	app->source_count = 1;
	snprintf(app->interface, sizeof app->interface, "%s", name);
	app->deck.capture_trouble[0] = '\0';
	app_name_place(app);
	app->deck.gen++;
	return 0;
}

int
app_set_filter(struct app *app, const char *filter, struct err *err)
{
	if (app->source_count == 0)
		return err_set(err, -ENODEV, "%s", app->deck.capture_trouble);
	for (size_t i = 0; i < app->source_count; i++) {
		int rc = source_set_filter(app->sources[i], filter, err);

		if (rc < 0)
			return rc;
	}
	snprintf(app->deck.filter, sizeof app->deck.filter, "%s", filter);
	app->deck.gen++;
	return 0;
}

/* The first one's, with the numbers of all. */
bool
app_source_status(const struct app *app, struct source_status *ret)
{
	for (size_t i = 0; i < app->source_count; i++) {
		struct source_status st;

		source_status(app->sources[i], i == 0 ? ret : &st);
		if (i == 0)
			continue;
		ret->received += st.received;
		ret->kernel_drops += st.kernel_drops;
		ret->queue_drops += st.queue_drops;
		if (st.ended && !ret->ended) {
			ret->ended = true;
			ret->error = st.error;
		}
	}
	return app->source_count > 0;
}

bool
app_arm_sources(struct app *app)
{
	bool waits = false;

	for (size_t i = 0; i < app->source_count; i++)
		waits |= source_arm(app->sources[i]);
	return waits;
}

void
app_close_sources(struct app *app)
{
	app_close_wire(app);
	while (app->source_count > 0)
		source_close(app->sources[--app->source_count]);
}
