/*
 * Datagram clients: one socket hears them all. Each datagram is answered by
 * itself (iterative), by a thread of its own (threaded), or once epoll says
 * that it is there (event).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "net/advice.h"
#include "net/peers.h"
#include "net/server_impl.h"

/* An answer on its way, for the thread that sends it. */
struct answer {
	struct server *server;
	struct sock sock; /* borrowed: the server's */
	struct addr to;
	size_t len, cut; /* cut: session.out_cut */
	uint8_t data[];
};

/* As one datagram (an empty one, too), or in pieces of `cut` bytes. */
static void
send_answer(struct actor *a, struct sock *s, const uint8_t *data, size_t len,
    size_t cut, const struct addr *to)
{
	do {
		size_t piece = cut != 0 && cut < len ? cut : len;
		ssize_t r = call_sendto(a, s, data, piece, 0, to);

		if (r < 0) {
			advice_note(a, s, CALL_SENDTO, (int)r, to);
			return;
		}
		len -= piece;
		if (len > 0)
			data += piece;
	} while (len > 0);
}

static void
run_answer(struct actor *a, void *arg)
{
	struct answer *n = arg;

	send_answer(a, &n->sock, n->data, n->len, n->cut, &n->to);
	server_release(n->server);
	server_drop(n->server);
	free(n);
}

/* 0, or -EAGAIN: no thread is to be had. */
static int
answer_in_thread(struct actor *a, struct server *sv, const struct sock *s,
    const struct session *n)
{
	struct answer *t = malloc(sizeof *t + n->out.len);

	if (t == NULL)
		return -EAGAIN;
	*t = (struct answer){.server = sv,
	    .sock = *s,
	    .to = n->peer,
	    .len = n->out.len,
	    .cut = n->out_cut};
	if (n->out.len > 0)
		memcpy(t->data, n->out.data, n->out.len);
	if (atomic_fetch_add(&sv->clients, 1) < sv->spec.clients_max &&
	    server_thread(a, sv, run_answer, t, NULL) == 0)
		return 0;
	server_release(sv);
	free(t);
	return -EAGAIN;
}

static void
answer(struct actor *a, struct server *sv, struct sock *s, struct session *n)
{
	bool threaded = sv->spec.model == MODEL_THREADED;

	/* Without a thread for it this one answers: nothing is lost. */
	if (!threaded || answer_in_thread(a, sv, s, n) < 0)
		send_answer(
		    a, s, n->out.data, n->out.len, n->out_cut, &n->peer);
}

static void
take(struct actor *a, struct server *sv, struct sock *s, struct session *n,
    const uint8_t *data, size_t len)
{
	bool answers = n->service->on_datagram(n, data, len);

	server_say(a, s, n);
	if (answers && server_answer_fits(a, s, n) == 0)
		answer(a, sv, s, n);
	buf_clear(&n->out);
}

/* Receive one datagram and answer it. 0; or -errno: the server ends. */
static int
serve_once(struct actor *a, struct server *sv, struct sock *s,
    struct peers *peers, uint8_t *in)
{
	size_t room = sv->spec.recv_size;
	struct session *n;
	struct addr from;
	ssize_t got = call_recvfrom(a, s, in, room, 0, &from);

	if (got == -EAGAIN)
		return 0;
	if (got < 0) {
		advice_note(a, s, CALL_RECVFROM, (int)got, NULL);
		return got == -EINTR || got == -ECONNREFUSED ? 0 : (int)got;
	}
	n = peers_session(peers, &from);
	if (n == NULL)
		call_note(a, s, -ENOMEM, "No memory for another peer.");
	else
		take(a, sv, s, n, in, (size_t)got < room ? (size_t)got : room);
	return 0;
}

/* Wait until epoll says that there is something. 0 or -errno. */
static int
wait_for_one(struct actor *a, const struct sock *epoll)
{
	struct epoll_event ready;
	int r = call_epoll_wait(a, epoll, &ready, 1, -1);

	return r == -EINTR || r >= 0 ? 0 : r;
}

static void
serve_all(struct actor *a, struct server *sv, struct sock *s,
    struct peers *peers, uint8_t *in)
{
	bool event = sv->spec.model == MODEL_EVENT;
	struct sock epoll = SOCK_NONE;
	int r = 0;

	if (event) {
		r = call_epoll_create(a, &epoll);
		if (r >= 0)
			r = call_epoll_add(a, &epoll, s, EPOLLIN, NULL);
	}
	while (r >= 0) {
		if (event)
			r = wait_for_one(a, &epoll);
		if (r >= 0)
			r = serve_once(a, sv, s, peers, in);
	}
	call_close(a, &epoll);
	/* Threads that still send an answer borrow the socket. */
	actor_wait_alone(a);
}

void
server_datagrams(struct actor *a, struct server *sv, struct sock *s)
{
	struct peers *peers = malloc(sizeof *peers);
	uint8_t *in = malloc(sv->spec.recv_size);

	if (peers == NULL || in == NULL) {
		call_note(a, s, -ENOMEM, "No memory for the server's peers.");
	} else {
		peers_init(
		    peers, sv->spec.service, &sv->spec.options, &s->local);
		serve_all(a, sv, s, peers, in);
		peers_done(peers);
	}
	free(peers);
	free(in);
}
