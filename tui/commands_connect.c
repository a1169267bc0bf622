/*
 * :connect: to where, from where, and how.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "net/impair_words.h"
#include "tui/app.h"
#include "tui/commands.h"

static int
parse_from(const struct app *app, const char *name, struct client_spec *ret,
    struct err *err)
{
	int host = lab_host_find(&app->lab, name);

	if (host < 0)
		return err_set(err, -EINVAL,
		    "there is no host '%s' in this lab; sockdeck labs lists "
		    "them, sockdeck --hosts 4 makes more",
		    name);
	ret->host = host;
	return 0;
}

/* "server": as everybody who knows its address. */
static void
look_up_host(const struct app *app, struct endpoint *e)
{
	int host = e->addr.len == 0 ? lab_host_find(&app->lab, e->host) : -1;

	if (host >= 0 && app_wired(app))
		e->addr =
		    addr_from_ip(AF_INET, &app->lab.ports[host].ip4, e->port);
}

/* from=HOST, loss=30 and the like, at the end of the words; count is without
 * them. */
static int
parse_settings(const struct app *app, const struct words *w, int *count,
    struct client_spec *ret, struct err *err)
{
	char key[16];

	for (; *count > 0; (*count)--) {
		const char *word = w->word[*count - 1];
		const char *eq = strchr(word, '=');
		int rc = -ENOENT;

		if (eq == NULL || (size_t)(eq - word) >= sizeof key)
			return 0;
		snprintf(key, sizeof key, "%.*s", (int)(eq - word), word);
		rc = strcmp(key, "from") == 0
			 ? parse_from(app, eq + 1, ret, err)
		     : strcmp(key, "congestion") == 0
			 ? congestion_parse(eq + 1, &ret->congestion, err)
			 : impair_rules_set(&ret->impair, key, eq + 1, err);
		if (rc == -ENOENT)
			return err_set(err, -EINVAL,
			    "'%s' is not known; there are from, "
			    "congestion, and for rudp " IMPAIR_KEYS,
			    word);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* TRANSPORT ADDRESS, or ADDRESS alone, how a datagram client goes about it
 * (sendto), and for rudp what befalls its datagrams. */
static int
parse_client(struct app *app, const struct words *w, struct client_spec *ret,
    struct err *err)
{
	int count = w->count;
	int rc = parse_settings(app, w, &count, ret, err);
	bool sendto = count > 0 && strcmp(w->word[count - 1], "sendto") == 0;
	const char *transport;
	enum transport t;

	count -= sendto;
	if (rc < 0 || count < 1 || count > 2)
		return rc < 0 ? rc : -EINVAL;
	transport = count > 1 ? w->word[0] : "tcp";
	if (!transport_parse(transport, &t))
		return err_set(err, -EINVAL,
		    "'%s' is no transport; there are: tcp, udp, unix, "
		    "unixgram, rfcomm, rudp",
		    transport);
	if (sendto &&
	    (transport_socktype(t) != SOCK_DGRAM || t == TRANSPORT_RUDP))
		return err_set(err, -EINVAL,
		    "sendto is for datagrams (udp, unixgram): a %s client has "
		    "one connection",
		    transport);
	if (impair_rules_any(&ret->impair) && t != TRANSPORT_RUDP)
		return err_set(err, -EINVAL,
		    "loss, delay and the like are for rudp: what the kernel "
		    "sends is not in this program's hands");
	ret->connected = !sendto;
	rc = endpoint_parse(w->word[count - 1], t, false, &ret->endpoint, err);
	if (rc < 0)
		return rc;
	look_up_host(app, &ret->endpoint);
	if (ret->endpoint.addr.len == 0 && app->deck.in_lab &&
	    strcmp(ret->endpoint.host, "localhost") != 0)
		return err_set(err, -ENETUNREACH,
		    "the lab has no outside, so '%s' cannot be resolved or "
		    "reached: start sockdeck --host for that",
		    ret->endpoint.host);
	return 0;
}

int
cmd_connect(struct app *app, const struct words *w, struct err *err)
{
	struct client_spec spec = {
	    .connected = false, .host = -1, .congestion = app->congestion};
	int rc = 0;

	if (w->count > 0 && w->word[0][0] == '.' && command_by_hand(app, w))
		return command_hand(app, HAND_CONNECT, w, err);
	if (w->count > 0)
		rc = parse_client(app, w, &spec, err);
	else
		rc = app_own_server(app, &spec.endpoint, err);
	return rc < 0 ? rc : app_connect(app, &spec, err);
}
