#include "net/rudp_io.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>

#include "net/base/clock.h"
#include "net/engine.h"

/*
 * What 128 datagrams of full length take in the kernel: 2304 bytes each (the
 * data in 2 KB and a struct sk_buff). setsockopt() doubles what it is asked
 * for, and grants 212,992 on an untouched system: 184 datagrams.
 */
#define RCVBUF (128 * 2304)
/* A stop is noticed within this time. */
#define SLICE_NS (50 * CLOCK_MS)

int
rudp_traced_room(struct actor *a, struct sock *s)
{
	return call_setsockopt(a, s, SOL_SOCKET, SO_RCVBUF, RCVBUF);
}

int
rudp_traced_open(
    struct actor *a, const struct addr *addr, bool listens, struct sock *ret)
{
	int r = call_socket(a, addr->sa.sa_family, SOCK_DGRAM, 0, ret);

	if (r < 0)
		return r;
	r = rudp_traced_room(a, ret);
	if (r >= 0)
		r = listens ? call_bind(a, ret, addr)
			    : call_connect(a, ret, addr);
	if (r < 0)
		call_close(a, ret);
	return r < 0 ? r : 0;
}

/* Step by step a student sees each datagram leave and come. */
static bool
in_batches(const struct rudp_traced *t)
{
	return !engine_stepping(actor_engine(t->actor), actor_side(t->actor));
}

/* Some of the first datagrams. How many, or -errno. */
static int
send_some(struct rudp_traced *t, const struct datagram *v, size_t n)
{
	ssize_t r;

	if (n > 1 && in_batches(t))
		return call_sendmmsg(t->actor, t->sock, v, n, &t->cut);
	r = call_sendto(t->actor, t->sock, v->data, v->len, 0, &v->peer);
	return r < 0 ? (int)r : 1;
}

static int
traced_send(void *arg, const struct datagram *v, size_t n)
{
	struct rudp_traced *t = arg;
	size_t sent = 0;

	while (sent < n) {
		int r =
		    send_some(t, v + sent, datagram_run(v + sent, n - sent));

		if (r < 0)
			return sent > 0 ? (int)sent : r;
		sent += (size_t)r;
	}
	return (int)sent;
}

static bool
something_is_there(const struct rudp_traced *t)
{
	struct pollfd p = {.fd = t->sock->fd, .events = POLLIN};

	return poll(&p, 1, 0) > 0;
}

/* Some more after so many. How many, or -errno. */
static int
receive_some(struct rudp_traced *t, struct datagram *v, size_t n, size_t got)
{
	ssize_t r;

	if (got > 0 && in_batches(t))
		return call_recvmmsg(t->actor, t->sock, v, n);
	r = call_recvfrom(
	    t->actor, t->sock, v->data, v->len, MSG_DONTWAIT, &v->peer);
	if (r < 0)
		return (int)r;
	v->len = (size_t)r;
	return 1;
}

static int
traced_recv(void *arg, struct datagram *v, size_t n)
{
	struct rudp_traced *t = arg;
	size_t got = 0;

	if (t->kept_len >= 0) {
		v[0].len = (size_t)t->kept_len;
		v[0].peer = t->from;
		memcpy(v[0].data, t->kept, v[0].len);
		t->kept_len = -1;
		got = 1;
	}
	/* A look first: a recvfrom() in vain would be a record in vain. */
	while (got < n && something_is_there(t)) {
		int r = receive_some(t, v + got, n - got, got);

		if (r == -EAGAIN)
			break;
		if (r < 0)
			return got > 0 ? (int)got : r;
		got += (size_t)r;
		if (r > 1) /* by recvmmsg(), which took all */
			break;
	}
	return (int)got;
}

/* Nothing is due: the textbook's recvfrom(), seen as blocked. */
static int
wait_for_ever(struct rudp_traced *t)
{
	ssize_t r = call_recvfrom(
	    t->actor, t->sock, t->kept, sizeof t->kept, 0, &t->from);

	if (r < 0)
		return r == -ECONNREFUSED ? 0 : (int)r;
	t->kept_len = r;
	return 0;
}

/* The actor is asked to stop (-ECANCELED) or to leave this call (-EINTR). */
static int
interruption(struct rudp_traced *t)
{
	struct addr from;

	if (actor_stopping(t->actor))
		return -ECANCELED;
	if (actor_call_again(t->actor))
		return 0;
	/* Only a call takes the interruption away. */
	return (int)call_recvfrom(
	    t->actor, t->sock, t->kept, 0, MSG_DONTWAIT | MSG_PEEK, &from);
}

static int
traced_wait(void *arg, int64_t timeout_ns)
{
	struct rudp_traced *t = arg;
	int64_t deadline = clock_mono_ns() + timeout_ns;

	if (timeout_ns < 0 && t->order_fd < 0)
		return wait_for_ever(t);
	for (;;) {
		struct pollfd p[2] = {
		    {.fd = t->sock->fd, .events = POLLIN},
		    {.fd = t->order_fd, .events = POLLIN},
		};
		int64_t left =
		    timeout_ns < 0 ? SLICE_NS : deadline - clock_mono_ns();
		struct timespec ts;
		int r = interruption(t);

		if (r == -EINTR || r == -ECANCELED)
			return r;
		if (left <= 0)
			return 0;
		/* An order_fd tells of a stop, too. */
		if (t->order_fd < 0 && left > SLICE_NS)
			left = SLICE_NS;
		ts.tv_sec = left / CLOCK_S;
		ts.tv_nsec = left % CLOCK_S;
		r = ppoll(p, 2, timeout_ns < 0 ? NULL : &ts, NULL);
		if (r > 0)
			return 0;
	}
}

struct rudp_io
rudp_traced_io(struct rudp_traced *t, struct actor *a, struct sock *s)
{
	t->actor = a;
	t->sock = s;
	t->kept_len = -1;
	t->cut = datagram_may_cut();
	t->order_fd = -1;
	return (struct rudp_io){t, traced_send, traced_recv, traced_wait};
}
