/*
 * Clients of reliable UDP: one thread keeps all connections and their timers.
 * A message is to a service what a datagram is; it comes once and in order.
 */
#include <errno.h>
#include <stdlib.h>

#include "net/advice.h"
#include "net/impair_words.h"
#include "net/rudp_io.h"
#include "net/server_impl.h"

#define CONNS_MAX 256

struct client {
	bool open;
	bool waiting; /* an answer waits for room in the window */
	struct session session;
};

struct loop {
	struct actor *actor;
	struct server *server;
	struct sock *sock;
	struct rudp_sock *rudp;
	struct client clients[CONNS_MAX];
};

static void
client_close(struct loop *l, int conn)
{
	struct client *k = &l->clients[conn];

	rudp_sock_drop(l->rudp, conn);
	session_close(&k->session);
	server_release(l->server);
	*k = (struct client){.open = false};
}

static void
client_open(struct loop *l, int conn)
{
	const struct server_spec *spec = &l->server->spec;
	struct client *k = &l->clients[conn];
	char text[ADDR_TEXT_MAX];

	if (session_open(&k->session, spec->service, &spec->options,
		&l->sock->local, rudp_sock_peer(l->rudp, conn)) < 0) {
		call_note(l->actor, l->sock, -ENOMEM,
		    "No memory for another session.");
		rudp_sock_drop(l->rudp, conn);
		session_close(&k->session);
		return;
	}
	k->open = true;
	atomic_fetch_add(&l->server->clients, 1);
	call_note(l->actor, l->sock, 0,
	    "A reliable connection from %s: HELLO, WELCOME, CONFIRM.",
	    addr_format(text, rudp_sock_peer(l->rudp, conn)));
}

/* Send the answer, or what is left of it. False: it has to wait for room. */
static bool
send_answer(struct loop *l, int conn)
{
	struct client *k = &l->clients[conn];
	struct rudp *c = rudp_sock_conn(l->rudp, conn);
	struct buf *out = &k->session.out;
	size_t cut = k->session.out_cut;
	int r = 0;

	while (r == 0 && cut != 0 && out->len > cut) {
		r = rudp_send(c, out->data, cut);
		if (r == 0)
			buf_drop(out, cut);
	}
	if (r == 0)
		r = rudp_send(c, out->data, out->len);
	k->waiting = r == -EAGAIN;
	if (k->waiting)
		return false;
	if (r == -EMSGSIZE)
		call_note(l->actor, l->sock, r,
		    "An answer of %zu bytes passes %d, the longest message of "
		    "reliable UDP: it is not sent.",
		    out->len, RUDP_MESSAGE_MAX);
	buf_clear(out);
	return true;
}

/* Take what has arrived, as long as it can be answered. */
static void
client_serve(struct loop *l, int conn)
{
	struct client *k = &l->clients[conn];
	struct rudp *c = rudp_sock_conn(l->rudp, conn);
	uint8_t message[RUDP_MESSAGE_MAX];
	ssize_t n = -EAGAIN;

	if (k->waiting && !send_answer(l, conn))
		return;
	while (!k->waiting && (n = rudp_recv(c, message)) >= 0) {
		bool answers = k->session.service->on_datagram(
		    &k->session, message, (size_t)n);

		server_say(l->actor, l->sock, &k->session);
		if (answers)
			send_answer(l, conn);
	}
	if (n == -ENODATA)
		rudp_close(c);
	else if (n != -EAGAIN && !k->waiting)
		call_note(l->actor, l->sock, (int)n,
		    "The reliable connection ended: %s.",
		    strerrordesc_np((int)-n));
	if (rudp_state(c) == RUDP_CLOSED)
		client_close(l, conn);
}

static void
serve_all(struct loop *l)
{
	int conn;

	while ((conn = rudp_sock_accept(l->rudp)) >= 0)
		client_open(l, conn);
	for (int i = 0; i < CONNS_MAX; i++)
		if (l->clients[i].open)
			client_serve(l, i);
}

void
server_rudp(struct actor *a, struct server *sv, struct sock *s)
{
	struct rudp_sock_spec spec = {
	    .config = rudp_config_default,
	    .conns_max = sv->spec.clients_max < CONNS_MAX ? sv->spec.clients_max
							  : CONNS_MAX,
	    .listens = true,
	    .impair =
		impair_rules_any(&sv->spec.impair) ? &sv->spec.impair : NULL,
	    .direction = 1,
	};
	struct rudp_traced traced;
	struct rudp_io io = rudp_traced_io(&traced, a, s);
	struct loop *l = calloc(1, sizeof *l);
	int r = 0;

	if (l != NULL)
		l->rudp = rudp_sock_new(&spec, &io);
	if (l == NULL || l->rudp == NULL) {
		call_note(a, s, -ENOMEM, "No memory for the connections.");
		free(l);
		return;
	}
	l->actor = a;
	l->server = sv;
	l->sock = s;
	while (r == 0 || r == -EINTR) {
		serve_all(l);
		r = rudp_sock_turn(l->rudp, -1);
	}
	for (int i = 0; i < CONNS_MAX; i++)
		if (l->clients[i].open)
			client_close(l, i);
	if (r != -ECANCELED)
		advice_note(a, s, CALL_RECVFROM, r, NULL);
	rudp_sock_free(l->rudp);
	free(l);
}
