#include <errno.h>

#include "net/advice.h"
#include "net/client_impl.h"

static bool
by_recvfrom(const struct client *c)
{
	return c->in.type != SOCK_STREAM && !c->spec.connected;
}

static ssize_t
receive(struct actor *a, struct client *c, uint8_t *data, size_t room)
{
	struct addr from;

	return by_recvfrom(c) ? call_recvfrom(a, &c->in, data, room, 0, &from)
			      : call_recv(a, &c->in, data, room, 0);
}

/* After a failed recv(): what it means, and whether another one is made. */
static bool
goes_on(struct actor *a, struct client *c, int error)
{
	bool datagrams = c->in.type == SOCK_DGRAM;

	if (datagrams && advice_icmp(a, &c->in) > 0)
		return true; /* it was about one datagram, not the socket */
	advice_note(a, &c->in, by_recvfrom(c) ? CALL_RECVFROM : CALL_RECV,
	    error, &c->in.peer);
	return error == -EINTR || (datagrams && error == -ECONNREFUSED);
}

/* Explain what came, and pass on what the peer commands. */
static void
listen_to(struct actor *a, struct client *c, const struct sock *s,
    const uint8_t *data, size_t n)
{
	const struct listener *l = atomic_load(&c->listener);
	struct hearing *h = &c->hearing;

	if (h->listener != l) {
		hearing_done(h);
		hearing_begin(h, l, s->type == SOCK_DGRAM);
	}
	while (h->state != NULL && n > 0) {
		size_t used = l->hear(h, data, n);

		if (h->note[0] != '\0')
			call_note(a, s, h->note_bad ? -1 : 0, "%s", h->note);
		if (h->every_ns != 0)
			engine_order(actor_engine(a), actor_group(a),
			    &(struct order){
				.kind = ORDER_PERIOD, .every_ns = h->every_ns});
		h->note[0] = '\0';
		h->every_ns = 0;
		data += used;
		n -= used;
	}
}

void
client_heard(struct actor *a, struct client *c, const struct sock *s,
    const uint8_t *data, size_t n)
{
	if (c->spec.on_data != NULL)
		c->spec.on_data(c->spec.on_data_arg, data, n);
	listen_to(a, c, s, data, n);
}

/* To the end, or until nothing came in time. */
static void
read_on(struct actor *a, struct client *c)
{
	uint8_t data[CLIENT_RECV_SIZE];
	ssize_t n;
	bool more;

	do {
		n = receive(a, c, data, sizeof data);
		/* Who reads below how this ended may ask for more at once. */
		if (n <= 0)
			atomic_store(&c->read_more, false);
		if (n > 0)
			client_heard(a, c, &c->in, data, (size_t)n);
		more = n > 0 || (n == 0 && c->in.type == SOCK_DGRAM) ||
		       (n < 0 && goes_on(a, c, (int)n));
	} while (more);
	if (n == 0 && c->in.domain != AF_BLUETOOTH)
		call_note(a, &c->in, 0,
		    "The peer will send nothing more. This side stays open "
		    "until it is closed, and may still send.");
}

static void
run_reader(struct actor *a, void *arg)
{
	struct client *c = arg;

	do {
		read_on(a, c);
		atomic_store(&c->reading, false);
	} while (atomic_exchange(&c->read_more, false) &&
		 !atomic_exchange(&c->reading, true));
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
	uint64_t received;
	struct err err = {""};
	int r;

	/* Before one that is about to end looks for it. */
	atomic_store(&c->read_more, true);
	if (atomic_exchange(&c->reading, true))
		return;
	atomic_store(&c->read_more, false);
	received = c->in.received;
	c->in = c->sock;
	c->in.received = received;
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
