#include <errno.h>

#include "net/advice.h"
#include "net/client_impl.h"

/* A datagram larger than the room is cut; the rest of it is gone. */
static ssize_t
receive(struct actor *a, struct client *c, uint8_t *data, size_t room)
{
	struct addr from;
	ssize_t n;

	if (c->sock.type == SOCK_STREAM || c->spec.connected)
		n = call_recv(a, &c->sock, data, room, 0);
	else
		n = call_recvfrom(a, &c->sock, data, room, 0, &from);
	return n > (ssize_t)room ? (ssize_t)room : n;
}

/* After a failed recv(): what it means, and whether another one is made. */
static bool
goes_on(struct actor *a, struct client *c, int error)
{
	enum call_kind kind = c->sock.type == SOCK_STREAM || c->spec.connected
				  ? CALL_RECV
				  : CALL_RECVFROM;

	advice_note(a, &c->sock, kind, error, &c->sock.peer);
	/* An ICMP error is about one datagram, not about the socket. */
	return error == -EINTR ||
	       (c->sock.type == SOCK_DGRAM && error == -ECONNREFUSED);
}

static void
run_reader(struct actor *a, void *arg)
{
	struct client *c = arg;
	uint8_t data[CLIENT_RECV_SIZE];
	ssize_t n;
	bool more;

	do {
		n = receive(a, c, data, sizeof data);
		if (n > 0 && c->spec.on_data != NULL)
			c->spec.on_data(c->spec.on_data_arg, data, (size_t)n);
		more = n > 0 || (n == 0 && c->sock.type == SOCK_DGRAM) ||
		       (n < 0 && goes_on(a, c, (int)n));
	} while (more);
	if (n == 0)
		call_note(a, &c->sock, 0,
		    "The peer will send nothing more. This side stays open "
		    "until it is closed, and may still send.");
	atomic_store(&c->reading, false);
}

void
client_read_start(struct actor *a, struct client *c)
{
	struct actor_spec thread = {
	    .group = actor_group(a),
	    .side = SIDE_CLIENT,
	    .run = run_reader,
	    .arg = c,
	};
	struct err err = {""};
	int r;

	if (atomic_exchange(&c->reading, true))
		return;
	r = actor_start(actor_engine(a), &thread, &c->reader, &err);
	if (r == 0)
		return;
	atomic_store(&c->reading, false);
	if (r != -ECANCELED)
		call_note(
		    a, &c->sock, r, "Nothing can be received: %s.", err.text);
}

void
client_read_stop(struct actor *a, struct client *c)
{
	if (c->reader != 0)
		actor_stop_and_wait(actor_engine(a), c->reader);
	c->reader = 0;
}
