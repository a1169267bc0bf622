/*
 * A client of reliable UDP. One thread keeps the connection's timers, so it
 * receives between two orders: the mailbox is one more thing that it waits for.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "net/advice.h"
#include "net/base/clock.h"
#include "net/client_impl.h"
#include "net/impair_words.h"
#include "net/rudp_io.h"

/* How long a close waits for what is still unacknowledged. */
#define CLOSE_NS (5 * CLOCK_S)
/* Its state is reported when it has changed, at most so often. */
#define REPORT_NS (50 * CLOCK_MS)

struct client_rudp {
	struct rudp_sock *sock;
	struct rudp_traced traced;
	int conn;
	bool ended; /* nothing more will come: said once */
	struct rudp_stats reported;
	int64_t reported_ns; /* when, monotonic */
};

_Static_assert(sizeof(struct rudp_stats) <= CALL_DATA_MAX, "one report");

/* Tell main how the connection stands. Returns how long to wait at most until
 * it is to be told again; -1: no limit. */
static int64_t
report(struct actor *a, struct client *c)
{
	struct client_rudp *k = c->rudp;
	struct rudp *conn = rudp_sock_conn(k->sock, k->conn);
	int64_t due = k->reported_ns + REPORT_NS - clock_mono_ns();
	struct rudp_stats now;

	if (conn == NULL)
		return -1;
	now = rudp_stats(conn);
	if (memcmp(&now, &k->reported, sizeof now) == 0)
		return -1;
	if (due > 0)
		return due;
	k->reported = now;
	k->reported_ns = clock_mono_ns();
	call_report(a, &c->sock, &c->sock.peer, &now, sizeof now);
	return -1;
}

/* What ended the connection, in a sentence. */
static void
explain(struct actor *a, struct client *c, int error)
{
	switch (-error) {
	case ECANCELED:
	case EINTR:
		break;
	case ENODATA:
		call_note(a, &c->sock, 0,
		    "The peer will send nothing more (FIN). This side may "
		    "still send, until it is closed.");
		break;
	case ETIMEDOUT:
		call_note(a, &c->sock, error,
		    "Nothing was acknowledged through all repetitions: the "
		    "connection is given up.");
		break;
	case ECONNREFUSED:
		call_note(a, &c->sock, error,
		    "Nobody answers HELLO there: the server refuses (RESET), "
		    "or ICMP says that the port is closed.");
		break;
	case ECONNRESET:
		call_note(a, &c->sock, error,
		    "The peer ended the connection (RESET): what was on its "
		    "way is lost.");
		break;
	default:
		advice_note(a, &c->sock, CALL_SENDTO, error, &c->sock.peer);
	}
}

int
client_rudp_open(struct actor *a, struct client *c)
{
	const struct rudp_sock_spec spec = {
	    .config = rudp_config_default,
	    .conns_max = 1,
	    .impair =
		impair_rules_any(&c->spec.impair) ? &c->spec.impair : NULL,
	};
	const struct addr *to = &c->spec.endpoint.addr;
	struct client_rudp *k = calloc(1, sizeof *k);
	struct rudp_io io;
	int r = -ENOMEM;

	if (k == NULL)
		return r;
	r = rudp_traced_open(a, to, false, &c->sock);
	if (r < 0) {
		advice_note(a, NULL, CALL_CONNECT, r, to);
		free(k);
		return r;
	}
	io = rudp_traced_io(&k->traced, a, &c->sock);
	k->sock = rudp_sock_new(&spec, &io);
	if (k->sock == NULL) {
		free(k);
		call_close(a, &c->sock);
		return -ENOMEM;
	}
	c->rudp = k;
	k->conn = rudp_sock_connect(k->sock, to);
	r = client_rudp_establish(a, c);
	/* From here on orders end a wait as well. */
	k->traced.order_fd = actor_order_fd(a);
	return r;
}

int
client_rudp_establish(struct actor *a, struct client *c)
{
	struct client_rudp *k = c->rudp;
	int r =
	    k->conn < 0 ? k->conn : rudp_sock_establish(k->sock, k->conn, -1);

	if (r < 0)
		explain(a, c, r);
	else
		call_note(a, &c->sock, 0,
		    "Open: HELLO, WELCOME, CONFIRM. Reliable UDP has no "
		    "congestion control: it fills the peer's window however "
		    "full the network is, so it is for a lab (RFC 8085).");
	c->open = r == 0;
	return r;
}

/* Take what has arrived in order. */
static void
deliver(struct actor *a, struct client *c)
{
	struct client_rudp *k = c->rudp;
	struct rudp *conn = rudp_sock_conn(k->sock, k->conn);
	uint8_t message[RUDP_MESSAGE_MAX];
	ssize_t n;

	if (k->ended || conn == NULL)
		return;
	while ((n = rudp_recv(conn, message)) >= 0)
		client_heard(a, c, &c->sock, message, (size_t)n);
	k->ended = n != -EAGAIN;
	if (k->ended)
		explain(a, c, (int)n);
}

int
client_rudp_send(
    struct actor *a, struct client *c, const uint8_t *data, size_t n)
{
	struct client_rudp *k = c->rudp;
	struct rudp *conn = rudp_sock_conn(k->sock, k->conn);
	int r;

	if (n > RUDP_MESSAGE_MAX) {
		call_note(a, &c->sock, -EMSGSIZE,
		    "A message of reliable UDP has at most %d bytes, so that a "
		    "datagram fits into one packet; this has %zu.",
		    RUDP_MESSAGE_MAX, n);
		return -EMSGSIZE;
	}
	while ((r = rudp_send(conn, data, n)) == -EAGAIN) {
		r = rudp_sock_turn(k->sock, -1);
		if (r < 0)
			break;
		/* An echo that nobody takes would shut both windows. */
		deliver(a, c);
		report(a, c);
	}
	if (r < 0)
		explain(a, c, r);
	return r;
}

int
client_rudp_wait_order(
    struct actor *a, struct client *c, struct order *ret, int64_t timeout_ns)
{
	struct client_rudp *k = c->rudp;
	int64_t deadline = clock_mono_ns() + timeout_ns;

	for (;;) {
		int64_t left = timeout_ns < 0 ? -1 : deadline - clock_mono_ns();
		int64_t soon = report(a, c);
		int r = actor_wait_order(a, ret, 0);

		if (soon >= 0 && (left < 0 || soon < left))
			left = soon;
		if (r != -ETIMEDOUT ||
		    (timeout_ns >= 0 && clock_mono_ns() >= deadline))
			return r;
		r = rudp_sock_turn(k->sock, left);
		deliver(a, c);
		if (r < 0)
			return r;
	}
}

void
client_rudp_shutdown(struct client *c)
{
	struct rudp *conn = rudp_sock_conn(c->rudp->sock, c->rudp->conn);

	if (conn != NULL)
		rudp_close(conn);
}

void
client_rudp_close(struct actor *a, struct client *c)
{
	struct client_rudp *k = c->rudp;

	if (k == NULL)
		return;
	if (k->sock != NULL && k->conn >= 0 && !actor_stopping(a))
		rudp_sock_finish(k->sock, k->conn, false, CLOSE_NS);
	rudp_sock_free(k->sock);
	free(k);
	c->rudp = NULL;
}
