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

/* IP_ADD_MEMBERSHIP or IPV6_JOIN_GROUP, by how the group is written. */
COMMAND(join)
{
	char option[80];
	const char *group = w->word[0];
	struct words words = {.rest = option};

	if (w->count != 1)
		return -EINVAL;
	snprintf(option, sizeof option, "%s %.48s",
	    strchr(group, ':') != NULL ? "IPV6_JOIN_GROUP"
				       : "IP_ADD_MEMBERSHIP",
	    group);
	return command_hand(app, HAND_SETSOCKOPT, &words, err);
}
