/*
 * Stream clients, looked after with blocking calls: one at a time (iterative)
 * or each in a thread of its own (threaded).
 */
#include <errno.h>
#include <stdlib.h>

#include "net/advice.h"
#include "net/server_impl.h"

/* Send the answer. An interrupted send() stops the answer where it is. */
static int
flush(
    struct actor *a, const struct server *sv, struct sock *s, struct session *n)
{
	int r = server_answer_fits(a, s, n);

	server_say(a, s, n);
	if (r < 0)
		return r;
	r = call_send_all(a, s, n->out.data, n->out.len);
	if (r == -EAGAIN)
		server_say_idle(a, sv, s);
	else if (r < 0)
		advice_note(a, s, CALL_SEND, r, NULL);
	buf_clear(&n->out);
	return r;
}

/* Send what a step had to say, and what it goes on to say. 1: go on; 0:
 * finished; -errno: it is broken. */
static int
answer(struct actor *a, const struct server *sv, struct sock *s,
    struct session *n, enum service_verdict v)
{
	int r = flush(a, sv, s, n);

	while (r == 0 && v == SERVICE_MORE) {
		v = session_room(n);
		r = flush(a, sv, s, n);
	}
	return r < 0 ? r : v == SERVICE_GO_ON;
}

/* Receive once and answer, as answer() returns. */
static int
serve_once(struct actor *a, const struct server *sv, struct sock *s,
    struct session *n, uint8_t *in)
{
	ssize_t got = call_recv(a, s, in, sv->spec.recv_size, 0);

	if (got == -EAGAIN) {
		server_say_idle(a, sv, s);
		return (int)got;
	}
	if (got < 0) {
		advice_note(a, s, CALL_RECV, (int)got, NULL);
		return got == -EINTR ? 1 : (int)got;
	}
	return answer(a, sv, s, n,
	    got == 0 ? session_eof(n) : session_bytes(n, in, (size_t)got));
}

/* Look after one client until either side has had enough. */
static void
serve(struct actor *a, struct server *sv, struct sock *s)
{
	const struct server_spec *spec = &sv->spec;
	uint8_t *in = malloc(spec->recv_size);
	struct session n;
	int r = session_open(
	    &n, spec->service, &spec->options, &s->local, &s->peer);

	if (r < 0 || in == NULL) {
		call_note(a, s, -ENOMEM, "No memory for another session.");
	} else {
		r = answer(a, sv, s, &n, session_start(&n));
		while (r > 0)
			r = serve_once(a, sv, s, &n, in);
	}
	call_close(a, s);
	session_close(&n);
	free(in);
	server_release(sv);
}

void
server_iterative(struct actor *a, struct server *sv, struct sock *s)
{
	server_accept_loop(a, sv, s, serve);
}

/* What the thread of a connection works on. */
struct task {
	struct server *server;
	struct sock sock;
};

static void
run_connection(struct actor *a, void *arg)
{
	struct task *t = arg;

	serve(a, t->server, &t->sock);
	server_drop(t->server);
	free(t);
}

static void
serve_in_thread(struct actor *a, struct server *sv, struct sock *client)
{
	struct task *t = malloc(sizeof *t);
	struct err err = {"no memory for another thread"};
	int r = -EAGAIN;

	if (t != NULL) {
		*t = (struct task){sv, *client};
		r = server_thread(a, sv, run_connection, t, &err);
	}
	if (r == 0)
		return;
	free(t);
	if (r != -ECANCELED)
		call_note(
		    a, client, r, "This client is turned away: %s.", err.text);
	call_close(a, client);
	server_release(sv);
}

void
server_threaded(struct actor *a, struct server *sv, struct sock *s)
{
	server_accept_loop(a, sv, s, serve_in_thread);
}
