/*
 * Calls by hand: what is typed becomes a call on a socket of the user's own.
 */
#include "tui/commands.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tui/app.h"

/* "." or ".7" */
static bool
names_socket(const char *word)
{
	return word[0] == '.' &&
	       strspn(word + 1, "0123456789") == strlen(word + 1);
}

bool
command_by_hand(const struct app *app, const struct words *w)
{
	const struct session_state *s = deck_session_const(&app->deck);

	return (w->count > 0 && names_socket(w->word[0])) ||
	       (s != NULL && s->by_hand);
}

int
command_hand(struct app *app, enum hand_verb verb, const struct words *w,
    struct err *err)
{
	bool named = w->count > 0 && names_socket(w->word[0]);
	const char *rest = w->rest;
	struct hand_call *c;
	enum side side;
	uint32_t sock;
	int rc;

	if (named) {
		rest += strspn(rest, " \t");
		rest += strlen(w->word[0]);
		rest += *rest != '\0'; /* one blank ends the word */
	}
	rc = app_hand_find(app, named ? w->word[0] : NULL, &side, &sock, err);
	if (rc == 0)
		rc = hand_parse(verb, rest, &c, err);
	return rc < 0 ? rc : app_hand_call(app, side, sock, c, err);
}

COMMAND(socket)
{
	struct hand_call *c;
	int rc = hand_parse(HAND_SOCKET, w->rest, &c, err);

	return rc < 0 ? rc : app_hand_socket(app, c, err);
}

COMMAND(getaddrinfo)
{
	struct hand_call *c;
	int rc = hand_parse(HAND_GETADDRINFO, w->rest, &c, err);

	return rc < 0 ? rc : app_hand_look_up(app, c, err);
}

#define BY_HAND(name, verb)                             \
	COMMAND(name)                                   \
	{                                               \
		return command_hand(app, verb, w, err); \
	}

BY_HAND(bind, HAND_BIND)
BY_HAND(listen, HAND_LISTEN)
BY_HAND(accept, HAND_ACCEPT)
BY_HAND(connect_ex, HAND_CONNECT_EX)
BY_HAND(sendall, HAND_SENDALL)
BY_HAND(sendto, HAND_SENDTO)
BY_HAND(recv, HAND_RECV)
BY_HAND(recvfrom, HAND_RECVFROM)
BY_HAND(setsockopt, HAND_SETSOCKOPT)
BY_HAND(getsockopt, HAND_GETSOCKOPT)
BY_HAND(write, HAND_WRITE)
BY_HAND(flush, HAND_FLUSH)

/* The datagram socket of the running server or of the session. */
static bool
running_socket(const struct app *app, enum side side, struct call *ret)
{
	const struct server_state *v = &app->deck.server;
	const struct session_state *n = deck_session_const(&app->deck);
	bool server = side == SIDE_SERVER;

	*ret = (struct call){
	    .side = (uint8_t)side,
	    .group = server      ? v->group
		     : n != NULL ? n->group
				 : 0,
	    .sock = server      ? v->listener
		    : n != NULL ? n->sock
				: 0,
	    .local = server      ? v->local
		     : n != NULL ? n->local
				 : v->local,
	};
	if (server)
		return v->state == RUN_UP &&
		       v->spec.endpoint.transport == TRANSPORT_UDP;
	return n != NULL && n->state == RUN_UP && deck_session_is_own(n) &&
	       n->spec.endpoint.transport == TRANSPORT_UDP;
}

static int
join_running(struct app *app, struct call *c, const char *option,
    const char *group, struct err *err)
{
	const struct sockopt *o = sockopt_find(option);
	struct sockopt_value v;
	int rc = sockopt_parse(o, group, &v, err);

	if (rc < 0)
		return rc;
	rc = engine_set_value(app->engine, c, o, &v);
	if (rc == -EINVAL)
		return err_set(err, rc,
		    "%s is no group: these are 224.0.0.0 to 239.255.255.255 "
		    "and ff00::/8",
		    group);
	return rc < 0 ? err_set(err, rc, "%s: %s", option, strerror(-rc)) : 0;
}

/* IP_ADD_MEMBERSHIP or IPV6_JOIN_GROUP, by how the group is written; of the
 * socket by hand where the pane shows these. */
COMMAND(join)
{
	char option[80];
	const char *group = w->word[0];
	struct words words = {.rest = option};
	enum side side = app_hand_side(app);
	const char *name;
	struct call c;

	if (w->count != 1)
		return -EINVAL;
	name = strchr(group, ':') != NULL ? "IPV6_JOIN_GROUP"
					  : "IP_ADD_MEMBERSHIP";
	if (deck_by_hand(&app->deck, side) == 0 &&
	    running_socket(app, side, &c))
		return join_running(app, &c, name, group, err);
	snprintf(option, sizeof option, "%s %.48s", name, group);
	return command_hand(app, HAND_SETSOCKOPT, &words, err);
}
