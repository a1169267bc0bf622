#include "tui/calls_title.h"

#include <stdio.h>
#include <string.h>

#include "net/base/text.h"

#define TITLE_NAME_MAX 22 /* "python3 echo_client.py" */

/* What "." means now, and what it is: ". is 7: tcp 127.0.0.1:7000 LISTEN". */
void
title_hand(const struct view *v, enum side side, char *dst, size_t size)
{
	const struct jsock *s =
	    journal_sock(v->journal, v->deck->hand[side].last);
	char local[ADDR_TEXT_MAX], peer[ADDR_TEXT_MAX];
	const struct sockrow *row;
	const char *type, *state;
	int n;

	if (s == NULL) {
		snprintf(dst, size, "no socket: :socket makes one");
		return;
	}
	type = s->type == SOCK_RAW      ? "raw"
	       : s->domain == AF_UNIX   ? "unix"
	       : s->type == SOCK_STREAM ? "tcp"
	       : s->type == SOCK_DGRAM  ? "udp"
					: "socket";
	row = socktab_find(v->sockets, TRANSPORT_TCP, &s->local, &s->peer);
	state = row != NULL && s->type == SOCK_STREAM && s->domain != AF_UNIX
		    ? tcp_state_name(row->state)
		: s->listening  ? "LISTEN"
		: s->connecting ? "connecting"
		: s->connected  ? "connected"
				: "not connected";
	if (s->peer.len != 0 && addr_port(&s->local) != 0)
		snprintf(local, sizeof local, ":%u", addr_port(&s->local));
	else
		addr_format(local, &s->local);
	n = snprintf(dst, size, ". is %d: %s%s%s", s->fd, type,
	    local[0] != '\0' ? " " : "", local);
	if (n > 0 && (size_t)n < size)
		snprintf(dst + n, size - (size_t)n, "%s%s  %s",
		    s->peer.len != 0 ? " → " : "", addr_format(peer, &s->peer),
		    state);
}

/* A program's name as far as a title has room for it, in whole characters. */
static const char *
short_name(char dst[TITLE_NAME_MAX + 1], const char *name)
{
	size_t n = strlen(name);

	if (n > TITLE_NAME_MAX)
		n = TITLE_NAME_MAX;
	while (n > 0 && ((unsigned char)name[n] & 0xc0) == 0x80)
		n--;
	memcpy(dst, name, n);
	dst[n] = '\0';
	return dst;
}

/* A program of the user's that serves stands before the console's own. */
static void
title_traced(
    const struct view *v, const struct traced_state *t, char *dst, size_t size)
{
	const struct sockrow *row =
	    socktab_listener(v->sockets, t->transport, addr_port(&t->local));
	const struct addr local = view_reachable(v, &t->local);
	char addr[ADDR_TEXT_MAX], name[TITLE_NAME_MAX + 1], queue[32] = "";

	if (row != NULL && t->transport == TRANSPORT_TCP)
		snprintf(queue, sizeof queue, " LISTEN %u/%u", row->rqueue,
		    row->wqueue);
	snprintf(dst, size, "Server %s %s%s", short_name(name, t->name),
	    addr_format(addr, &local), queue);
}

void
title_server(const struct view *v, char *dst, size_t size)
{
	const struct traced_state *t = deck_traced_server(v->deck);
	const struct server_state *s = &v->deck->server;
	bool stream =
	    transport_socktype(s->spec.endpoint.transport) == SOCK_STREAM;
	const struct addr local = view_reachable(v, &s->local);
	const struct sockrow *row;
	char addr[ADDR_TEXT_MAX];
	int n;

	if (t != NULL) {
		title_traced(v, t, dst, size);
		return;
	}
	if (s->state == RUN_NONE) {
		snprintf(dst, size, "Server");
		return;
	}
	if (v->deck->client != 0) {
		const struct roster_row *k =
		    roster_get(v->roster, v->deck->client);

		snprintf(dst, size, "Server  only %s (Esc: all)",
		    k != NULL ? addr_format(addr, &k->peer) : "a client");
		return;
	}
	n = snprintf(dst, size, "Server  %s %s %s %s", s->spec.service->name,
	    transport_name(s->spec.endpoint.transport),
	    server_model_name(s->spec.model), addr_format(addr, &local));
	if (n < 0 || (size_t)n >= size)
		return;
	row = socktab_listener(
	    v->sockets, s->spec.endpoint.transport, addr_port(&s->local));
	if (s->state == RUN_UP && row != NULL && stream)
		snprintf(dst + n, size - (size_t)n, " LISTEN %u/%u",
		    row->rqueue, row->wqueue);
	else
		snprintf(dst + n, size - (size_t)n, " %s",
		    s->state == RUN_UP         ? stream ? "LISTEN" : "bound"
		    : s->state == RUN_STARTING ? "starting"
		    : s->state == RUN_FAILED   ? "failed"
					       : "stopped");
}

/* The state of the session's connection, as far as its packets tell. */
static const char *
session_word(const struct view *v, const struct session_state *s)
{
	const struct flow *f = flow_get(
	    capture_flows(v->capture), weave_sock_flow(&v->weave, s->sock));
	enum transport t = s->spec.endpoint.transport;
	bool tcp = t == TRANSPORT_TCP;
	bool sendto = transport_socktype(t) == SOCK_DGRAM && !s->spec.connected;
	const struct sockrow *row =
	    tcp ? socktab_find(v->sockets, TRANSPORT_TCP, &s->local, &s->peer)
		: NULL;

	if (row != NULL)
		return tcp_state_name(row->state);
	if (tcp && f != NULL)
		return tcp_state_name(f->end[DIR_CLIENT].state);
	return s->state == RUN_STARTING ? "connecting"
	       : s->state == RUN_UP     ? (sendto ? "open" : "connected")
	       : s->state == RUN_FAILED ? "failed"
					: "closed";
}

void
title_client(const struct view *v, char *dst, size_t size)
{
	const struct session_state *s = deck_session_const(v->deck);
	char peer[ADDR_TEXT_MAX], many[24] = "", name[TITLE_NAME_MAX + 1];
	const char *transport;

	if (s == NULL) {
		snprintf(dst, size, "Client");
		return;
	}
	transport = transport_name(s->spec.endpoint.transport);
	if (v->deck->session_count > 1)
		snprintf(many, sizeof many, " %d/%d", v->deck->session + 1,
		    v->deck->session_count);
	if (s->by_hand) {
		int n = snprintf(dst, size, "Client%s  by hand  ", many);

		title_hand(v, SIDE_CLIENT, dst + n, size - (size_t)n);
		return;
	}
	if (s->program[0] != '\0')
		snprintf(dst, size, "Client%s %s → %s %s", many,
		    short_name(name, s->program), addr_format(peer, &s->peer),
		    session_word(v, s));
	else if (s->peer.len == 0)
		snprintf(dst, size, "Client%s  %s %s", many, transport,
		    session_word(v, s));
	else if (addr_port(&s->local) == 0)
		snprintf(dst, size, "Client%s  %s → %s  %s", many, transport,
		    addr_format(peer, &s->peer), session_word(v, s));
	else
		snprintf(dst, size, "Client%s  %s :%u → %s  %s", many,
		    transport, addr_port(&s->local),
		    addr_format(peer, &s->peer), session_word(v, s));
}
