#include "net/round_trips.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/advice.h"
#include "net/base/clock.h"
#include "net/rudp_io.h"

/* How many later datagrams may come before one without its being lost. */
#define REORDERED_MAX 3

struct round_trips *
round_trips_new(const struct round_trips_spec *spec)
{
	struct round_trips *x = malloc(sizeof *x);

	if (x == NULL)
		return NULL;
	*x = (struct round_trips){.spec = *spec};
	x->rtt_ns = calloc(spec->count, sizeof *x->rtt_ns);
	if (x->rtt_ns == NULL) {
		free(x);
		return NULL;
	}
	return x;
}

void
round_trips_free(struct round_trips *x)
{
	if (x == NULL)
		return;
	free(x->rtt_ns);
	free(x);
}

/* How a transport sends one message and awaits the echo of it. */
struct carrier {
	struct actor *actor;
	struct round_trips *x;
	struct sock sock;
	struct rudp_sock *rudp; /* reliable UDP */
	struct rudp_traced traced;
	int conn;
	uint8_t message[ROUND_TRIPS_SIZE_MAX], echo[ROUND_TRIPS_SIZE_MAX];
	/* with a window: */
	int64_t *sent_ns; /* of each message; 0: answered, or given up */
	uint32_t oldest; /* all before it are */
};

/* Each byte tells where in the message it is; the first four, which message. */
static void
write_message(struct carrier *c, uint32_t number)
{
	uint32_t size = c->x->spec.size;

	for (uint32_t i = 0; i < size; i++)
		c->message[i] =
		    i < 4 ? (uint8_t)(number >> (24 - 8 * i)) : (uint8_t)i;
}

static bool
is_echo(const struct carrier *c, ssize_t n)
{
	return n == (ssize_t)c->x->spec.size &&
	       memcmp(c->message, c->echo, (size_t)n) == 0;
}

/* ---- the transports: 0; -ETIMEDOUT: lost; else it is broken ---- */

/* One whole message into echo. */
static int
recv_stream(struct carrier *c)
{
	uint32_t size = c->x->spec.size, got = 0;

	while (got < size) {
		ssize_t n =
		    call_recv(c->actor, &c->sock, c->echo + got, size - got, 0);

		if (n <= 0)
			return n < 0 ? (int)n : -ECONNRESET;
		got += (uint32_t)n;
	}
	return 0;
}

static int
trip_stream(struct carrier *c)
{
	uint32_t size = c->x->spec.size;
	int r = call_send_all(c->actor, &c->sock, c->message, size);

	if (r == 0)
		r = recv_stream(c);
	return r == 0 && !is_echo(c, size) ? -EPROTO : r;
}

/* What comes late or twice belongs to an earlier message: it is passed over. */
static int
trip_datagram(struct carrier *c)
{
	int64_t deadline = clock_mono_ns() + c->x->spec.timeout_ns;
	ssize_t n =
	    call_send(c->actor, &c->sock, c->message, c->x->spec.size, 0);

	if (n < 0)
		return n == -ECONNREFUSED ? -ETIMEDOUT : (int)n;
	do {
		n = call_recv(c->actor, &c->sock, c->echo, sizeof c->echo, 0);
		if (n >= 0 && is_echo(c, n))
			return 0;
	} while (n >= 0 && clock_mono_ns() < deadline);
	return n >= 0 || n == -EAGAIN || n == -ECONNREFUSED ? -ETIMEDOUT
							    : (int)n;
}

static int
recv_rudp(struct carrier *c)
{
	uint8_t buf[RUDP_MESSAGE_MAX];
	ssize_t n = rudp_sock_recv(c->rudp, c->conn, buf, -1);

	if (n < 0)
		return (int)n;
	if (n != (ssize_t)c->x->spec.size)
		return -EPROTO;
	memcpy(c->echo, buf, (size_t)n);
	return 0;
}

static int
trip_rudp(struct carrier *c)
{
	uint32_t size = c->x->spec.size;
	int r = rudp_sock_send(c->rudp, c->conn, c->message, size, -1);

	if (r == 0)
		r = recv_rudp(c);
	return r == 0 && !is_echo(c, size) ? -EPROTO : r;
}

/* ---- opening and closing ---- */

static int
open_rudp(struct carrier *c)
{
	const struct rudp_sock_spec spec = {
	    .config = rudp_config_default, .conns_max = 1};
	struct rudp_io io;
	int r = rudp_traced_open(c->actor, &c->x->spec.to, false, &c->sock);

	if (r < 0)
		return r;
	io = rudp_traced_io(&c->traced, c->actor, &c->sock);
	c->rudp = rudp_sock_new(&spec, &io);
	if (c->rudp == NULL)
		return -ENOMEM;
	c->conn = rudp_sock_connect(c->rudp, &c->x->spec.to);
	return c->conn < 0 ? c->conn
			   : rudp_sock_establish(c->rudp, c->conn, -1);
}

static int
open_carrier(struct carrier *c)
{
	const struct round_trips_spec *spec = &c->x->spec;
	int r;

	if (spec->transport == TRANSPORT_RUDP)
		return open_rudp(c);
	r = call_socket(c->actor, spec->to.sa.sa_family,
	    transport_socktype(spec->transport),
	    transport_protocol(spec->transport), &c->sock);
	if (r >= 0 && spec->transport == TRANSPORT_UDP)
		r = call_set_timeout(
		    c->actor, &c->sock, "SO_RCVTIMEO", spec->timeout_ns);
	if (r >= 0)
		r = call_connect(c->actor, &c->sock, &spec->to);
	return r;
}

/* Over TCP the FIN goes first and the peer's is awaited, so that the teardown
 * is complete when the round trips are. */
static void
close_carrier(struct carrier *c)
{
	bool tcp = c->x->spec.transport == TRANSPORT_TCP;

	if (c->rudp != NULL) {
		if (c->x->error == 0)
			rudp_sock_finish(c->rudp, c->conn, false, -1);
		rudp_sock_free(c->rudp);
	}
	if (tcp && c->x->error == 0 &&
	    call_shutdown(c->actor, &c->sock, SHUT_WR) == 0)
		call_recv(c->actor, &c->sock, c->echo, sizeof c->echo, 0);
	call_close(c->actor, &c->sock);
}

/* ---- all of them ---- */

static int
trip(struct carrier *c)
{
	switch (c->x->spec.transport) {
	case TRANSPORT_UDP:
		return trip_datagram(c);
	case TRANSPORT_RUDP:
		return trip_rudp(c);
	case TRANSPORT_TCP:
	case TRANSPORT_UNIX:
	case TRANSPORT_UNIXGRAM:
	case TRANSPORT_RFCOMM:
	case TRANSPORT_L2CAP:
	case TRANSPORT_COUNT:
		break;
	}
	return trip_stream(c);
}

/* ---- with a window ---- */

static int
send_one(struct carrier *c, uint32_t number)
{
	uint32_t size = c->x->spec.size;
	ssize_t n;

	write_message(c, number);
	c->sent_ns[number] = clock_mono_ns();
	if (c->x->spec.transport == TRANSPORT_RUDP)
		return rudp_sock_send(c->rudp, c->conn, c->message, size, -1);
	if (c->x->spec.transport == TRANSPORT_TCP)
		return call_send_all(c->actor, &c->sock, c->message, size);
	n = call_send(c->actor, &c->sock, c->message, size, 0);
	return n < 0 ? (int)n : 0;
}

/* One echo, of any message. -ETIMEDOUT: of datagrams, none came in time. */
static int
recv_one(struct carrier *c)
{
	ssize_t n;

	if (c->x->spec.transport == TRANSPORT_RUDP)
		return recv_rudp(c);
	if (c->x->spec.transport == TRANSPORT_TCP)
		return recv_stream(c);
	n = call_recv(c->actor, &c->sock, c->echo, sizeof c->echo, 0);
	if (n == -EAGAIN || n == -ECONNREFUSED)
		return -ETIMEDOUT;
	return n < 0 ? (int)n : n != (ssize_t)c->x->spec.size ? -EPROTO : 0;
}

/* Over UDP, what was sent well before one that has come back is lost, or so
 * late that nobody waits for it. */
static void
give_up_before(struct carrier *c, uint32_t number)
{
	struct round_trips *x = c->x;

	for (; c->oldest + REORDERED_MAX < number; c->oldest++) {
		x->lost += c->sent_ns[c->oldest] != 0;
		c->sent_ns[c->oldest] = 0;
	}
}

/* An echo has come: whose? Of one that came twice nothing is noted. */
static void
note_echo(struct carrier *c)
{
	struct round_trips *x = c->x;
	const uint8_t *e = c->echo;
	uint32_t number = (uint32_t)e[0] << 24 | (uint32_t)e[1] << 16 |
			  (uint32_t)e[2] << 8 | e[3];

	if (number >= x->sent || c->sent_ns[number] == 0)
		return;
	x->rtt_ns[x->answered++] = clock_mono_ns() - c->sent_ns[number];
	c->sent_ns[number] = 0;
	if (x->spec.transport == TRANSPORT_UDP)
		give_up_before(c, number);
}

/* As many as the window takes, then an echo, and so on. */
static int
trip_window(struct carrier *c)
{
	struct round_trips *x = c->x;
	int r = 0;

	while (r == 0 && x->answered + x->lost < x->spec.count) {
		if (actor_stopping(c->actor))
			return -ECANCELED;
		while (r == 0 && x->sent < x->spec.count &&
		       x->sent - x->answered - x->lost < x->spec.window)
			r = send_one(c, x->sent++);
		if (r == 0)
			r = recv_one(c);
		if (r == 0) {
			note_echo(c);
		} else if (r == -ETIMEDOUT) {
			/* all that are out: nothing has come for so long, and
			 * what comes now comes too late */
			x->lost = x->sent - x->answered;
			memset(c->sent_ns, 0, x->sent * sizeof *c->sent_ns);
			r = 0;
		}
	}
	return r;
}

/* Keep the beat: wait until the next message is due. */
static int
wait_for_turn(struct carrier *c, int64_t due_ns)
{
	int64_t left = due_ns - clock_mono_ns();
	struct order none;
	int r;

	if (left <= 0)
		return actor_stopping(c->actor) ? -ECANCELED : 0;
	r = actor_wait_order(c->actor, &none, left);
	return r == -ETIMEDOUT ? 0 : r;
}

static int
trip_all(struct carrier *c)
{
	struct round_trips *x = c->x;
	int64_t due = clock_mono_ns();
	int r = 0;

	for (uint32_t i = 0; i < x->spec.count && r == 0; i++) {
		int64_t begin;

		r = wait_for_turn(c, due);
		if (r < 0)
			break;
		due += x->spec.every_ns;
		write_message(c, i);
		begin = clock_mono_ns();
		r = trip(c);
		x->sent++;
		if (r == 0)
			x->rtt_ns[x->answered++] = clock_mono_ns() - begin;
		if (r == -ETIMEDOUT && x->spec.transport == TRANSPORT_UDP) {
			x->lost++;
			r = 0;
		}
	}
	return r;
}

static void
run_round_trips(struct actor *a, void *arg)
{
	struct round_trips *x = arg;
	struct carrier *c = calloc(1, sizeof *c);

	if (c == NULL) {
		x->error = -ENOMEM;
		return;
	}
	c->actor = a;
	c->x = x;
	c->sock = SOCK_NONE;
	c->sent_ns = x->spec.window > 1
			 ? calloc(x->spec.count, sizeof *c->sent_ns)
			 : NULL;
	if (x->spec.window > 1 && c->sent_ns == NULL) {
		x->error = -ENOMEM;
		free(c);
		return;
	}
	x->begin_ns = clock_mono_ns();
	x->error = open_carrier(c);
	if (x->error >= 0 && x->spec.window > 1)
		x->error = trip_window(c);
	else if (x->error >= 0)
		x->error = trip_all(c);
	close_carrier(c);
	x->end_ns = clock_mono_ns();
	free(c->sent_ns);
	free(c);
}

int
round_trips_start(struct engine *e, struct round_trips *x, uint32_t *ret_group,
    struct err *err)
{
	struct actor_spec thread = {
	    .group = engine_group(e),
	    .side = SIDE_CLIENT,
	    .run = run_round_trips,
	    .arg = x,
	};
	int r = actor_start(e, &thread, NULL, err);

	if (r == 0)
		*ret_group = thread.group;
	return r;
}
