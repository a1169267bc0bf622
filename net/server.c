#include "net/server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/advice.h"
#include "net/base/clock.h"

/* How long accept() rests after the system ran out of something. */
#define SHORTAGE_REST_NS (100 * CLOCK_MS)

/* What a thread works on; each has its own copy. */
struct task {
	struct server_spec spec;
	struct sock sock; /* a connection's; the listener opens its own */
};

static const struct {
	const char *name, *summary;
} models[MODEL_COUNT] = {
    [MODEL_ITERATIVE] = {"iterative",
	"one client at a time; the others wait in the accept queue"},
    [MODEL_THREADED] = {"threaded", "a thread for each client"},
};

const char *
server_model_name(enum server_model m)
{
	return models[m].name;
}

const char *
server_model_summary(enum server_model m)
{
	return models[m].summary;
}

bool
server_model_parse(const char *name, enum server_model *ret)
{
	for (int i = 0; i < MODEL_COUNT; i++)
		if (strcmp(name, models[i].name) == 0) {
			*ret = (enum server_model)i;
			return true;
		}
	return false;
}

/* ---- one connection ---- */

/* A session of the service on one connected socket. */
struct session {
	const struct service *service;
	void *state;
	uint8_t *in;
	struct buf out;
};

static int
session_open(struct session *n, const struct server_spec *spec)
{
	size_t state_size = spec->service->state_size;

	*n = (struct session){.service = spec->service};
	buf_init(&n->out, SERVICE_OUT_MAX);
	n->state = calloc(1, state_size != 0 ? state_size : 1);
	n->in = malloc(spec->recv_size);
	return n->state != NULL && n->in != NULL ? 0 : -ENOMEM;
}

static void
session_close(struct session *n)
{
	buf_done(&n->out);
	free(n->in);
	free(n->state);
}

/* Send the answer. An interrupted send() stops the answer where it is. */
static int
flush(struct actor *a, struct sock *s, struct session *n)
{
	int r;

	if (n->out.full) {
		call_note(a, s, -EMSGSIZE,
		    "The service's answer passes %d KB: the connection is "
		    "closed.",
		    SERVICE_OUT_MAX / 1024);
		return -EMSGSIZE;
	}
	r = call_send_all(a, s, n->out.data, n->out.len);
	if (r < 0)
		advice_note(a, s, CALL_SEND, r, NULL);
	buf_clear(&n->out);
	return r;
}

/* Receive once and answer. 1: go on; 0: finished; -errno: it is broken. */
static int
serve_once(struct actor *a, struct sock *s, struct session *n, size_t recv_size)
{
	const struct service *sv = n->service;
	enum service_verdict verdict = SERVICE_GO_ON;
	ssize_t got = call_recv(a, s, n->in, recv_size, 0);
	int r;

	if (got < 0) {
		advice_note(a, s, CALL_RECV, (int)got, NULL);
		return got == -EINTR ? 1 : (int)got;
	}
	if (got == 0) {
		if (sv->on_eof != NULL)
			sv->on_eof(n->state, &n->out);
		verdict = SERVICE_CLOSE;
	} else if (sv->on_bytes != NULL) {
		verdict = sv->on_bytes(n->state, n->in, (size_t)got, &n->out);
	}
	r = flush(a, s, n);
	if (r < 0)
		return r;
	return verdict == SERVICE_GO_ON;
}

/* Look after one client until either side has had enough. */
static void
serve(struct actor *a, const struct server_spec *spec, struct sock *s)
{
	const struct service *sv = spec->service;
	enum service_verdict verdict = SERVICE_GO_ON;
	struct session n;
	int r = session_open(&n, spec);

	if (r < 0)
		call_note(a, s, r, "No memory for another session.");
	else if (sv->on_open != NULL)
		verdict = sv->on_open(n.state, &s->peer, &n.out);
	if (r == 0)
		r = flush(a, s, &n) == 0 && verdict == SERVICE_GO_ON;
	while (r > 0)
		r = serve_once(a, s, &n, spec->recv_size);
	call_close(a, s);
	session_close(&n);
}

static void
run_connection(struct actor *a, void *arg)
{
	struct task *t = arg;

	serve(a, &t->spec, &t->sock);
	free(t);
}

/* ---- the listener ---- */

static void
start_connection(
    struct actor *a, const struct server_spec *spec, struct sock *client)
{
	struct task *t = malloc(sizeof *t);
	struct actor_spec thread = {
	    .group = actor_group(a),
	    .side = SIDE_SERVER,
	    .run = run_connection,
	    .arg = t,
	};
	struct err err = {"no memory for another thread"};
	int r = -EAGAIN;

	if (t != NULL) {
		*t = (struct task){*spec, *client};
		r = actor_start(actor_engine(a), &thread, NULL, &err);
	}
	if (r == 0)
		return;
	free(t);
	if (r != -ECANCELED)
		call_note(
		    a, client, r, "This client is turned away: %s.", err.text);
	call_close(a, client);
}

static bool
is_shortage(int error)
{
	return error == -EMFILE || error == -ENFILE || error == -ENOBUFS ||
	       error == -ENOMEM;
}

/* accept() failed: may it be called again? Advice once for each shortage. */
static bool
survive(struct actor *a, struct sock *s, int error, bool *told)
{
	struct order none;

	if (!*told)
		advice_note(a, s, CALL_ACCEPT, error, NULL);
	*told = is_shortage(error);
	if (!*told)
		return error == -ECONNABORTED || error == -EINTR;
	return actor_wait_order(a, &none, SHORTAGE_REST_NS) != -ECANCELED;
}

static void
accept_loop(struct actor *a, const struct server_spec *spec, struct sock *s)
{
	bool told = false;

	for (;;) {
		struct sock client;
		int r = call_accept(a, s, &client);

		if (r < 0) {
			if (!survive(a, s, r, &told))
				return;
			continue;
		}
		told = false;
		if (spec->model == MODEL_THREADED)
			start_connection(a, spec, &client);
		else
			serve(a, spec, &client);
	}
}

/* The address to bind: as given, or the first that the name has. */
static int
find_address(struct actor *a, struct endpoint *e)
{
	struct err err;
	int r;

	if (e->addr.len != 0)
		return 0;
	r = call_getaddrinfo(a, e, &e->addr, 1, &err);
	if (r < 0 && r != -ECANCELED)
		call_note(a, NULL, r, "%s", err.text);
	return r < 0 ? r : 0;
}

/* socket, setsockopt, bind, listen: the calls of every TCP server. */
static int
open_listener(struct actor *a, const struct server_spec *spec, struct sock *s)
{
	const struct addr *addr = &spec->endpoint.addr;
	enum call_kind kind = CALL_SOCKET;
	int r = call_socket(a, addr->sa.sa_family, SOCK_STREAM, 0, s);

	if (r >= 0 && addr->sa.sa_family != AF_UNIX) {
		kind = CALL_SETSOCKOPT;
		r = call_setsockopt(a, s, SOL_SOCKET, SO_REUSEADDR, 1);
	}
	if (r >= 0) {
		kind = CALL_BIND;
		r = call_bind(a, s, addr);
	}
	if (r >= 0) {
		kind = CALL_LISTEN;
		r = call_listen(a, s, spec->backlog);
	}
	if (r < 0)
		advice_note(a, s, kind, r, addr);
	return r;
}

static void
run_listener(struct actor *a, void *arg)
{
	struct task *t = arg;
	struct sock s = SOCK_NONE;

	if (find_address(a, &t->spec.endpoint) == 0 &&
	    open_listener(a, &t->spec, &s) == 0)
		accept_loop(a, &t->spec, &s);
	/* Only what this server itself has bound; '\0' begins an abstract name. */
	if (s.local.len != 0 && s.local.sa.sa_family == AF_UNIX &&
	    s.local.un.sun_path[0] != '\0')
		unlink(s.local.un.sun_path);
	call_close(a, &s);
	free(t);
}

int
server_start(struct engine *e, const struct server_spec *spec,
    uint32_t *ret_group, struct err *err)
{
	struct actor_spec thread = {
	    .group = engine_group(e),
	    .side = SIDE_SERVER,
	    .run = run_listener,
	};
	struct task *t;
	int r;

	if (transport_socktype(spec->endpoint.transport) != SOCK_STREAM ||
	    !spec->service->stream)
		return err_set(err, -EPROTONOSUPPORT,
		    "the service %s cannot be served over %s yet: use tcp or "
		    "unix",
		    spec->service->name,
		    transport_name(spec->endpoint.transport));
	if (spec->recv_size == 0 || spec->recv_size > SERVICE_OUT_MAX)
		return err_set(err, -EINVAL,
		    "a server asks recv() for 1 to %d bytes, not %zu",
		    SERVICE_OUT_MAX, spec->recv_size);
	t = malloc(sizeof *t);
	if (t == NULL)
		return err_set(err, -ENOMEM, "no memory for a server");
	*t = (struct task){*spec, SOCK_NONE};
	thread.arg = t;
	r = actor_start(e, &thread, NULL, err);
	if (r < 0) {
		free(t);
		return r;
	}
	*ret_group = thread.group;
	return 0;
}
