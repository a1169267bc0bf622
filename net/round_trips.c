#include "net/round_trips.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/advice.h"
#include "net/base/clock.h"
#include "net/rudp_io.h"

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

static int
trip_stream(struct carrier *c)
{
	uint32_t size = c->x->spec.size, got = 0;
	int r = call_send_all(c->actor, &c->sock, c->message, size);

	while (r == 0 && got < size) {
		ssize_t n =
		    call_recv(c->actor, &c->sock, c->echo + got, size - got, 0);

		if (n <= 0)
			return n < 0 ? (int)n : -ECONNRESET;
		got += (uint32_t)n;
	}
	return r == 0 && !is_echo(c, got) ? -EPROTO : r;
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
trip_rudp(struct carrier *c)
{
	uint8_t buf[RUDP_MESSAGE_MAX];
	ssize_t n;
	int r =
	    rudp_sock_send(c->rudp, c->conn, c->message, c->x->spec.size, -1);

	if (r < 0)
		return r;
	n = rudp_sock_recv(c->rudp, c->conn, buf, -1);
	if (n < 0)
		return (int)n;
	memcpy(c->echo, buf, (size_t)n);
	return is_echo(c, n) ? 0 : -EPROTO;
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
	x->begin_ns = clock_mono_ns();
	x->error = open_carrier(c);
	if (x->error >= 0)
		x->error = trip_all(c);
	close_carrier(c);
	x->end_ns = clock_mono_ns();
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
