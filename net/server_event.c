/*
 * The event model: one thread, one epoll set, non-blocking calls. What a
 * threaded server keeps on each thread's stack, this one keeps in a struct.
 *
 * Invariants:
 *   - A connection waits either for bytes (EPOLLIN) or for room (EPOLLOUT),
 *     never for both: a client that does not read its answers is not read.
 *   - A turn serves each ready connection once, so that none starves another.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "net/advice.h"
#include "net/base/clock.h"
#include "net/server_impl.h"

#define EVENTS_MAX 256
#define SHORTAGE_REST_MS 100

struct conn {
	struct sock sock;
	struct session session;
	enum service_verdict verdict; /* of its last step */
	size_t sent; /* of session.out */
	bool for_room; /* waits for EPOLLOUT */
	struct conn *next, **link; /* all of them */
};

struct loop {
	struct actor *actor;
	struct server *server;
	struct sock *listener;
	struct sock epoll;
	bool resting; /* the listener, for want of descriptors */
	bool told; /* why it does */
	uint8_t *in;
	struct conn *conns;
};

/* ---- one connection ---- */

static void
conn_close(struct loop *l, struct conn *c)
{
	*c->link = c->next;
	if (c->next != NULL)
		c->next->link = c->link;
	call_close(l->actor, &c->sock); /* leaves the epoll set by itself */
	session_close(&c->session);
	server_release(l->server);
	free(c);
}

/* Send what fits. 1: all is sent; 0: no room; -errno: it is broken. */
static int
conn_flush(struct loop *l, struct conn *c)
{
	struct buf *out = &c->session.out;

	while (c->sent < out->len) {
		ssize_t r = call_send(l->actor, &c->sock, out->data + c->sent,
		    out->len - c->sent, 0);

		if (r == -EAGAIN)
			return 0;
		if (r < 0) {
			advice_note(
			    l->actor, &c->sock, CALL_SEND, (int)r, NULL);
			return (int)r;
		}
		c->sent += (size_t)r;
	}
	buf_clear(out);
	c->sent = 0;
	return 1;
}

/* Wait for the other thing than before. */
static int
conn_wait_for(struct loop *l, struct conn *c, bool room)
{
	if (c->for_room == room)
		return 0;
	c->for_room = room;
	return call_epoll_mod(
	    l->actor, &l->epoll, &c->sock, room ? EPOLLOUT : EPOLLIN, c);
}

/*
 * A step has been taken: send its answer. What more the service has to say is
 * asked for when the socket has room again. False: the connection is gone.
 */
static bool
conn_answer(struct loop *l, struct conn *c, enum service_verdict v)
{
	int r = server_answer_fits(l->actor, &c->sock, &c->session);

	server_say(l->actor, &c->sock, &c->session);
	c->verdict = v;
	if (r == 0)
		r = conn_flush(l, c);
	if (r == 1 && v == SERVICE_CLOSE)
		r = -ECANCELED; /* finished, not broken */
	if (r >= 0)
		r = conn_wait_for(l, c, r == 0 || v == SERVICE_MORE);
	if (r >= 0)
		return true;
	conn_close(l, c);
	return false;
}

/* There is room: send on, then let the service go on. */
static void
conn_room(struct loop *l, struct conn *c)
{
	int r = conn_flush(l, c);

	if (r < 0)
		conn_close(l, c);
	else if (r == 1)
		conn_answer(l, c,
		    c->verdict == SERVICE_MORE ? session_room(&c->session)
					       : c->verdict);
}

static void
conn_bytes(struct loop *l, struct conn *c)
{
	ssize_t got =
	    call_recv(l->actor, &c->sock, l->in, l->server->spec.recv_size, 0);

	if (got == -EAGAIN || got == -EINTR)
		return;
	if (got < 0) {
		advice_note(l->actor, &c->sock, CALL_RECV, (int)got, NULL);
		conn_close(l, c);
		return;
	}
	conn_answer(l, c,
	    got == 0 ? session_eof(&c->session)
		     : session_bytes(&c->session, l->in, (size_t)got));
}

/* ---- the listener ---- */

/* A socket that was accepted: into the set, and its first words. */
static void
conn_open(struct loop *l, struct sock *client)
{
	const struct server_spec *spec = &l->server->spec;
	struct conn *c = malloc(sizeof *c);

	if (c == NULL ||
	    session_open(&c->session, spec->service, &spec->options,
		&client->local, &client->peer) < 0) {
		call_note(l->actor, client, -ENOMEM,
		    "No memory for another session.");
		call_close(l->actor, client);
		server_release(l->server);
		free(c);
		return;
	}
	c->sock = *client;
	c->sent = 0;
	c->for_room = false;
	c->next = l->conns;
	c->link = &l->conns;
	if (c->next != NULL)
		c->next->link = &c->next;
	l->conns = c;
	if (call_epoll_add(l->actor, &l->epoll, &c->sock, EPOLLIN, c) < 0)
		conn_close(l, c);
	else
		conn_answer(l, c, session_start(&c->session));
}

/* Take one client in. False: the server ends. */
static bool
accept_one(struct loop *l)
{
	struct sock client;
	int r = call_accept(l->actor, l->listener, &client);

	if (r == -EAGAIN || r == -EINTR)
		return true;
	if (r >= 0) {
		l->told = false;
		if (server_admit(l->actor, l->server, &client))
			conn_open(l, &client);
		return true;
	}
	if (!l->told)
		advice_note(l->actor, l->listener, CALL_ACCEPT, r, NULL);
	l->told = server_is_shortage(r);
	if (!l->told)
		return r == -ECONNABORTED;
	l->resting = true;
	return call_epoll_mod(l->actor, &l->epoll, l->listener, 0, NULL) >= 0;
}

/* ---- the loop ---- */

/* Serve what is ready. False: the server ends. */
static bool
turn(struct loop *l)
{
	struct epoll_event ready[EVENTS_MAX];
	int n = call_epoll_wait(l->actor, &l->epoll, ready, EVENTS_MAX,
	    l->resting ? SHORTAGE_REST_MS : -1);
	bool more = n >= 0 || n == -EINTR;

	if (l->resting) {
		l->resting = false;
		more = more && call_epoll_mod(l->actor, &l->epoll, l->listener,
				   EPOLLIN, NULL) >= 0;
	}
	for (int i = 0; i < n && more; i++) {
		struct conn *c = ready[i].data.ptr;

		if (c == NULL)
			more = accept_one(l);
		else if (c->for_room)
			conn_room(l, c);
		else
			conn_bytes(l, c);
	}
	return more;
}

void
server_event(struct actor *a, struct server *sv, struct sock *s)
{
	struct loop l = {
	    .actor = a,
	    .server = sv,
	    .listener = s,
	    .epoll = SOCK_NONE,
	    .in = malloc(sv->spec.recv_size),
	};

	if (l.in == NULL)
		call_note(a, s, -ENOMEM, "No memory to receive into.");
	else if (call_epoll_create(a, &l.epoll) >= 0 &&
		 call_epoll_add(a, &l.epoll, s, EPOLLIN, NULL) >= 0)
		while (turn(&l))
			continue;
	while (l.conns != NULL)
		conn_close(&l, l.conns);
	call_close(a, &l.epoll);
	free(l.in);
}
