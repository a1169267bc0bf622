#include "net/server.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "net/advice.h"
#include "net/base/clock.h"
#include "net/call_bluetooth.h"
#include "net/impair_words.h"
#include "net/rudp_io.h"
#include "net/server_impl.h"

/* How long accept() rests after the system ran out of something. */
#define SHORTAGE_REST_NS (100 * CLOCK_MS)

static const struct {
	const char *name, *summary;
	void (*serve_stream)(
	    struct actor *a, struct server *sv, struct sock *s);
} models[MODEL_COUNT] = {
    [MODEL_ITERATIVE] = {"iterative",
	"one client at a time; the others wait in the accept queue",
	server_iterative},
    [MODEL_THREADED] = {"threaded", "a thread for each client",
	server_threaded},
    [MODEL_EVENT] = {"event",
	"one thread for all: it asks which sockets are ready", server_event},
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

const char *
server_model_names(char dst[SERVER_MODELS_MAX])
{
	size_t len = 0;

	dst[0] = '\0';
	for (int i = 0; i < MODEL_COUNT; i++)
		len += (size_t)snprintf(dst + len, SERVER_MODELS_MAX - len,
		    "%s%s", i > 0 ? ", " : "", models[i].name);
	return dst;
}

/* ---- what the models share ---- */

void
server_drop(struct server *sv)
{
	if (atomic_fetch_sub(&sv->holders, 1) == 1)
		free(sv);
}

int
server_thread(struct actor *a, struct server *sv,
    void (*run)(struct actor *a, void *arg), void *arg, struct err *err)
{
	struct actor_spec thread = {
	    .group = actor_group(a),
	    .side = SIDE_SERVER,
	    .run = run,
	    .arg = arg,
	};
	int r;

	atomic_fetch_add(&sv->holders, 1);
	r = actor_start(actor_engine(a), &thread, NULL, err);
	if (r < 0)
		server_drop(sv);
	return r;
}

/* Who is at the other end: a Unix socket's peer has no address, but a uid. */
static void
show_peer(struct actor *a, struct sock *client)
{
	struct sockopt_value cred;

	if (client->domain == AF_UNIX)
		call_getsockopt(a, client, sockopt_find("SO_PEERCRED"), &cred);
}

/* The blocking models leave the clock to the kernel: recv() and send() give up
 * with EAGAIN. The event model has its own. */
static void
limit_idleness(struct actor *a, const struct server *sv, struct sock *client)
{
	int64_t limit = sv->spec.idle_s * CLOCK_S;

	call_set_timeout(a, client, "SO_RCVTIMEO", limit);
	call_set_timeout(a, client, "SO_SNDTIMEO", limit);
}

/* Else the last bytes of an answer wait until the client has acknowledged those
 * before, which it puts off for 40 ms (Nagle's algorithm, delayed ACK). */
static void
ask_no_delay(struct actor *a, const struct server *sv, struct sock *client)
{
	if (sv->spec.service->nodelay &&
	    (client->domain == AF_INET || client->domain == AF_INET6))
		call_setsockopt(a, client, IPPROTO_TCP, TCP_NODELAY, 1);
}

bool
server_admit(struct actor *a, struct server *sv, struct sock *client)
{
	unsigned max = sv->spec.clients_max;

	if (atomic_fetch_add(&sv->clients, 1) < max) {
		show_peer(a, client);
		ask_no_delay(a, sv, client);
		if (sv->spec.idle_s > 0 && !client->nonblock)
			limit_idleness(a, sv, client);
		return true;
	}
	server_release(sv);
	call_note(a, client, -EUSERS,
	    "The limit of %u clients at once is reached: this one is closed "
	    "at once.",
	    max);
	call_close(a, client);
	return false;
}

void
server_release(struct server *sv)
{
	atomic_fetch_sub(&sv->clients, 1);
}

enum server_listener
server_accept_failed(struct actor *a, struct sock *s, int error, bool *told)
{
	bool shortage = error == -EMFILE || error == -ENFILE ||
			error == -ENOBUFS || error == -ENOMEM;

	if (!*told)
		advice_note(a, s, CALL_ACCEPT, error, NULL);
	*told = shortage;
	if (shortage)
		return SERVER_RESTS;
	return error == -ECONNABORTED || error == -EINTR ? SERVER_GOES_ON
							 : SERVER_ENDS;
}

/* False: stop. */
static bool
go_on_after(struct actor *a, enum server_listener listener)
{
	struct order none;

	if (listener == SERVER_RESTS)
		return actor_wait_order(a, &none, SHORTAGE_REST_NS) !=
		       -ECANCELED;
	return listener == SERVER_GOES_ON;
}

void
server_accept_loop(struct actor *a, struct server *sv, struct sock *s,
    void (*serve)(struct actor *a, struct server *sv, struct sock *client))
{
	bool told = false;

	for (;;) {
		struct sock client;
		int r = call_accept(a, s, &client);

		if (r < 0) {
			if (!go_on_after(
				a, server_accept_failed(a, s, r, &told)))
				return;
			continue;
		}
		told = false;
		if (server_admit(a, sv, &client))
			serve(a, sv, &client);
	}
}

void
server_say_idle(struct actor *a, const struct server *sv, const struct sock *s)
{
	call_note(a, s, -ETIMEDOUT,
	    "The idle limit of %u s is reached (idle=%u): nothing moved on "
	    "this connection for so long, so it is closed.",
	    sv->spec.idle_s, sv->spec.idle_s);
}

void
server_say(struct actor *a, const struct sock *s, struct session *n)
{
	const uint8_t *report;
	size_t at = 0, len;

	if (n->note[0] != '\0')
		call_note(a, s, n->note_bad ? -1 : 0, "%s", n->note);
	n->note[0] = '\0';
	while ((report = session_next_report(n, &at, &len)) != NULL)
		call_report(a, s, &n->peer, report, len);
	buf_clear(&n->reports);
}

int
server_answer_fits(
    struct actor *a, const struct sock *s, const struct session *n)
{
	if (!n->out.full)
		return 0;
	call_note(a, s, -EMSGSIZE,
	    "The service's answer passes %d KB: the connection is closed.",
	    SERVICE_OUT_MAX / 1024);
	return -EMSGSIZE;
}

/* ---- the first thread: an open socket, then its model ---- */

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

/* A server at a group's address joins it, as its textbook does: bind() alone
 * receives nothing. 0 or -errno. */
static int
join_group(struct actor *a, struct sock *s, const struct addr *group)
{
	bool six = group->sa.sa_family == AF_INET6;
	const struct sockopt *o =
	    six ? sockopt_by_number(IPPROTO_IPV6, IPV6_JOIN_GROUP)
		: sockopt_by_number(IPPROTO_IP, IP_ADD_MEMBERSHIP);
	struct ip_mreq at = {.imr_multiaddr = group->in.sin_addr};
	struct ipv6_mreq at6 = {
	    .ipv6mr_multiaddr = group->in6.sin6_addr,
	    .ipv6mr_interface = group->in6.sin6_scope_id,
	};
	struct sockopt_value v = {.len = six ? sizeof at6 : sizeof at};

	memcpy(v.bytes, six ? (const void *)&at6 : &at, v.len);
	return call_set_value(a, s, o, &v);
}

/* How well clients must prove who they are; without it the kernel decides. */
static int
set_security(struct actor *a, struct sock *s, uint8_t level)
{
	const struct sockopt *o = sockopt_find("BT_SECURITY");
	struct sockopt_value v = {.len = 2, .bytes = {level}};

	return level == 0 ? 0 : call_set_value(a, s, o, &v);
}

/*
 * socket, setsockopt, bind and, for streams, listen. A datagram server has no
 * TIME-WAIT to pass over, so it does not ask for SO_REUSEADDR.
 */
static int
open_socket(struct actor *a, const struct server_spec *spec, struct sock *s)
{
	const struct addr *addr = &spec->endpoint.addr;
	enum transport t = spec->endpoint.transport;
	int type = transport_socktype(t);
	enum call_kind kind = CALL_SOCKET;
	int nonblock = spec->model == MODEL_EVENT ? SOCK_NONBLOCK : 0;
	int r = call_socket(
	    a, addr->sa.sa_family, type | nonblock, transport_protocol(t), s);

	if (r >= 0 && t == TRANSPORT_TCP) {
		kind = CALL_SETSOCKOPT;
		r = call_setsockopt(a, s, SOL_SOCKET, SO_REUSEADDR, 1);
	}
	if (r >= 0 && t == TRANSPORT_TCP && spec->congestion.len > 0)
		r = call_set_value(
		    a, s, sockopt_find("TCP_CONGESTION"), &spec->congestion);
	if (r >= 0 && t == TRANSPORT_RFCOMM) {
		kind = CALL_SETSOCKOPT;
		r = set_security(a, s, spec->security);
	}
	if (r >= 0 && t == TRANSPORT_RUDP) {
		kind = CALL_SETSOCKOPT;
		r = rudp_traced_room(a, s);
	}
	if (r >= 0) {
		kind = CALL_BIND;
		r = call_bind(a, s, addr);
	}
	if (r >= 0 && t == TRANSPORT_UDP) {
		kind = CALL_SETSOCKOPT;
		actor_conn_opened(a, s->id, s->fd);
		if (addr_is_multicast(addr))
			r = join_group(a, s, addr);
	}
	if (r >= 0 && type == SOCK_STREAM) {
		kind = CALL_LISTEN;
		r = call_listen(a, s, spec->backlog);
	}
	if (r < 0)
		advice_note(a, s, kind, r, addr);
	return r;
}

/* Only what this server itself has bound; '\0' begins an abstract name. */
static void
remove_socket_file(const struct sock *s)
{
	if (s->local.len != 0 && s->local.sa.sa_family == AF_UNIX &&
	    s->local.un.sun_path[0] != '\0')
		unlink(s->local.un.sun_path);
}

static void
run_server(struct actor *a, void *arg)
{
	struct server *sv = arg;
	struct sock s = SOCK_NONE;

	if (find_address(a, &sv->spec.endpoint) == 0 &&
	    open_socket(a, &sv->spec, &s) == 0) {
		/* Without a record clients must know the channel. */
		if (sv->spec.endpoint.transport == TRANSPORT_RFCOMM)
			sv->record =
			    call_sdp_register(a, &s, sv->spec.service->name);
		if (sv->spec.endpoint.transport == TRANSPORT_RUDP)
			server_rudp(a, sv, &s);
		else if (s.type == SOCK_STREAM)
			models[sv->spec.model].serve_stream(a, sv, &s);
		else
			server_datagrams(a, sv, &s);
	}
	remove_socket_file(&s);
	if (sv->record >= 0)
		close(sv->record);
	call_close(a, &s);
	server_drop(sv);
}

static int
check_spec(const struct server_spec *spec, struct err *err)
{
	enum transport t = spec->endpoint.transport;

	if (!service_fits(spec->service, t))
		return err_set(err, -EPROTONOSUPPORT,
		    "the service %s does not go over %s: it needs %s",
		    spec->service->name, transport_name(t),
		    spec->service->stream ? "a stream (tcp, unix, rfcomm)"
					  : "datagrams (udp, unixgram)");
	if (t != TRANSPORT_RUDP && impair_rules_any(&spec->impair))
		return err_set(err, -EPROTONOSUPPORT,
		    "loss, delay and the like are for rudp: what the kernel "
		    "sends is not in this program's hands");
	if (t == TRANSPORT_RUDP && spec->model != MODEL_ITERATIVE)
		return err_set(err, -EPROTONOSUPPORT,
		    "reliable UDP has one server model, iterative: one thread "
		    "keeps the timers of all connections");
	if (spec->recv_size == 0 || spec->recv_size > SERVICE_OUT_MAX)
		return err_set(err, -EINVAL,
		    "a server asks recv() for 1 to %d bytes, not %zu",
		    SERVICE_OUT_MAX, spec->recv_size);
	if (spec->clients_max == 0 || spec->model >= MODEL_COUNT)
		return err_set(
		    err, -EINVAL, "a server looks after one client at least");
	return 0;
}

/* Programs that select() cannot bear descriptors above 1024, so the usual soft
 * limit is that. This one does not, and each client takes one. */
static void
want_descriptors(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
}

int
server_start(struct engine *e, const struct server_spec *spec,
    uint32_t *ret_group, struct err *err)
{
	struct actor_spec thread = {
	    .group = engine_group(e),
	    .side = SIDE_SERVER,
	    .run = run_server,
	};
	struct server *sv;
	int r = check_spec(spec, err);

	if (r < 0)
		return r;
	want_descriptors();
	sv = malloc(sizeof *sv);
	if (sv == NULL)
		return err_set(err, -ENOMEM, "no memory for a server");
	*sv = (struct server){.spec = *spec, .holders = 1, .record = -1};
	thread.arg = sv;
	r = actor_start(e, &thread, NULL, err);
	if (r < 0) {
		server_drop(sv);
		return r;
	}
	*ret_group = thread.group;
	return 0;
}
