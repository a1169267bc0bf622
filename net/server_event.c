/*
 * The event model: one thread, one epoll set, non-blocking calls. What a
 * threaded server keeps on each thread's stack, this one keeps in a struct.
 *
 * Invariants:
 *   - A connection waits either for bytes (EPOLLIN) or for room (EPOLLOUT),
 *     never for both: a client that does not read its answers is not read.
 *   - A turn serves each ready connection once, so that none starves another.
 *   - The connections are linked by when bytes last moved on them: the first
 *     that the idle limit may meet is the last of the list.
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
	int64_t moved_ns; /* when bytes last did, monotonic */
	struct conn *newer, *older; /* by that time */
};

struct loop {
	struct actor *actor;
	struct server *server;
	struct sock *listener;
	struct sock epoll;
	bool resting; /* the listener, for want of descriptors */
	bool told; /* why it does */
	uint8_t *in;
	struct conn *newest, *oldest;
};

/* ---- one connection ---- */

static void
unlink_conn(struct loop *l, struct conn *c)
{
	*(c->newer != NULL ? &c->newer->older : &l->newest) = c->older;
	*(c->older != NULL ? &c->older->newer : &l->oldest) = c->newer;
}

static void
link_newest(struct loop *l, struct conn *c)
{
	c->newer = NULL;
	c->older = l->newest;
	*(l->newest != NULL ? &l->newest->newer : &l->oldest) = c;
	l->newest = c;
}

/* Bytes have moved: its idle time begins anew. */
static void
conn_moved(struct loop *l, struct conn *c)
{
	if (l->server->spec.idle_s == 0)
		return;
	c->moved_ns = clock_mono_ns();
	unlink_conn(l, c);
	link_newest(l, c);
}

static void
conn_close(struct loop *l, struct conn *c)
{
	unlink_conn(l, c);
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
		conn_moved(l, c);
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
	conn_moved(l, c);
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
	c->moved_ns = clock_mono_ns();
	link_newest(l, c);
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
	enum server_listener listener;

	if (r == -EAGAIN)
		return true;
	if (r >= 0) {
		l->told = false;
		if (server_admit(l->actor, l->server, &client))
			conn_open(l, &client);
		return true;
	}
	listener = server_accept_failed(l->actor, l->listener, r, &l->told);
	if (listener != SERVER_RESTS)
		return listener == SERVER_GOES_ON;
	l->resting = true;
	return call_epoll_mod(l->actor, &l->epoll, l->listener, 0, NULL) >= 0;
}

/* ---- the loop ---- */

/* When the oldest connection reaches the idle limit, in milliseconds from now,
 * rounded up; -1: never. */
static int
idle_wait_ms(const struct loop *l)
{
	int64_t left;

	if (l->server->spec.idle_s == 0 || l->oldest == NULL)
		return -1;
	left = l->oldest->moved_ns + l->server->spec.idle_s * CLOCK_S -
	       clock_mono_ns();
	return left > 0 ? (int)((left + CLOCK_MS - 1) / CLOCK_MS) : 0;
}

static void
close_idle(struct loop *l)
{
	while (idle_wait_ms(l) == 0) {
		server_say_idle(l->actor, l->server, &l->oldest->sock);
		conn_close(l, l->oldest);
	}
}

static int
wait_ms(const struct loop *l)
{
	int idle = idle_wait_ms(l);

	return l->resting && (idle < 0 || idle > SHORTAGE_REST_MS)
		   ? SHORTAGE_REST_MS
		   : idle;
}

/* Serve what is ready. False: the server ends. */
static bool
turn(struct loop *l)
{
	struct epoll_event ready[EVENTS_MAX];
	int n =
	    call_epoll_wait(l->actor, &l->epoll, ready, EVENTS_MAX, wait_ms(l));
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
	if (more)
		close_idle(l);
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
	while (l.oldest != NULL)
		conn_close(&l, l.oldest);
	call_close(a, &l.epoll);
	free(l.in);
}
