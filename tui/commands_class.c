/*
 * The commands for a server with many clients: who is there, and to send one
 * away; and HTTP by hand.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/app.h"
#include "tui/commands.h"

COMMAND(clients)
{
	struct deck *d = &app->deck;

	(void)w;
	(void)err;
	deck_turn(d, SIDE_SERVER, FACE_CLIENTS);
	d->client = 0;
	d->focus = d->upper = PANE_SERVER;
	app->repaint = true;
	return 0;
}

/* A client by what the user wrote: its place in the table is not shown, so its
 * address, or as much of its end as tells it apart ("59380", ":59380"). */
static const struct roster_row *
client_named(const struct app *app, const char *text, struct err *err)
{
	const struct roster_row *found = NULL;
	size_t n = strlen(text);

	for (uint32_t id = roster_next(app->roster, 0); id != 0;
	     id = roster_next(app->roster, id)) {
		const struct roster_row *k = roster_get(app->roster, id);
		char addr[ADDR_TEXT_MAX];
		size_t len = strlen(addr_format(addr, &k->peer));

		if (k->left_ns != 0 || len < n ||
		    strcmp(addr + len - n, text) != 0 ||
		    (len > n && text[0] != ':' && addr[len - n - 1] != ':'))
			continue;
		if (found != NULL) {
			err_set(err, -EINVAL,
			    "several clients have '%s': write the whole "
			    "address",
			    text);
			return NULL;
		}
		found = k;
	}
	if (found == NULL)
		err_set(err, -ENOENT,
		    "no client here has the address or port '%s' (u: who is "
		    "here)",
		    text);
	return found;
}

/* The one that is selected in the table, or whose calls are shown. */
static const struct roster_row *
client_chosen(const struct app *app, struct err *err)
{
	const struct deck *d = &app->deck;
	uint32_t id = d->client;
	const struct roster_row *k;

	if (id == 0 && d->face[SIDE_SERVER] == FACE_CLIENTS)
		id = (uint32_t)app->faces[SIDE_SERVER][FACE_CLIENTS]
			 ->list.selected;
	k = roster_get(app->roster, id);
	if (k == NULL)
		err_set(err, -EINVAL,
		    "kick whom? Choose one in the table (u), or write an "
		    "address or a port");
	return k;
}

COMMAND(kick)
{
	const struct roster_row *k = w->count > 0
					 ? client_named(app, w->word[0], err)
					 : client_chosen(app, err);
	char addr[ADDR_TEXT_MAX];
	struct call c;
	int r;

	if (k == NULL)
		return -EINVAL;
	addr_format(addr, &k->peer);
	if (k->type == SOCK_DGRAM)
		return err_set(err, -EOPNOTSUPP,
		    "%s cannot be sent away: it sends datagrams, so there is "
		    "no connection to end",
		    addr);
	c = (struct call){
	    .group = k->group,
	    .sock = k->sock,
	    .side = SIDE_SERVER,
	    .local = k->local,
	    .peer = k->peer,
	};
	r = engine_shutdown(app->engine, &c);
	if (r == -ESRCH)
		return err_set(err, r, "%s %s", addr,
		    k->left_ns != 0 ? "has left already"
				    : "is the client of a program of yours: "
				      "only that can end it");
	if (r < 0)
		return err_set(err, r, "shutdown: %s", strerror(-r));
	deck_say(&app->deck, false,
	    "%s: shutdown(SHUT_RDWR) on its socket; the server's recv() now "
	    "returns 0, as if it had left",
	    addr[0] != '\0' ? addr : "the client");
	return 0;
}

/* ---- HTTP by hand ---- */

/* What a client writes into Host: what it was told to connect to. */
static void
host_of(const struct session_state *s, char *dst, size_t size)
{
	const struct endpoint *e = &s->spec.endpoint;
	char addr[ADDR_TEXT_MAX];

	if (e->host[0] != '\0')
		snprintf(dst, size, "%s:%u", e->host, e->port);
	else if (s->peer.len != 0 && (s->peer.sa.sa_family == AF_INET ||
					 s->peer.sa.sa_family == AF_INET6))
		snprintf(dst, size, "%s", addr_format(addr, &s->peer));
	else
		snprintf(dst, size, "localhost");
}

COMMAND(get)
{
	const char *path = w->count > 0 ? w->word[0] : "/";
	const struct session_state *s = deck_session(&app->deck);
	struct order o = {.kind = ORDER_SEND};
	char host[ADDR_HOST_MAX + 8], *text = NULL;
	int n, r;

	if (w->count > 1)
		return -EINVAL;
	if (s != NULL &&
	    transport_socktype(s->spec.endpoint.transport) != SOCK_STREAM)
		return err_set(err, -EPROTONOSUPPORT,
		    "HTTP/1.1 goes over a stream: connect with tcp first");
	if (s != NULL)
		host_of(s, host, sizeof host);
	n = s == NULL ? 0
		      : asprintf(&text,
			    "GET %s%s HTTP/1.1\r\nHost: %s\r\n"
			    "User-Agent: sockdeck\r\nAccept: */*\r\n\r\n",
			    path[0] == '/' ? "" : "/", path, host);
	if (n < 0)
		return err_set(err, -ENOMEM, "no memory for a request");
	o.data = (uint8_t *)text;
	o.data_len = (size_t)n;
	r = app_order(app, &o, err); /* it says so if there is no session */
	if (r < 0)
		free(text);
	return r;
}
