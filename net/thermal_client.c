#include "net/thermal_client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "net/advice.h"
#include "net/rfcomm.h"

#define ROOM 4096 /* more than a frame: what nobody asked for is seen */
#define ADDRESSES_MAX 8
/* Over datagrams: how long a frame may take before the next is asked for. */
#define PATIENCE_MIN_NS (50 * CLOCK_MS)

struct link {
	struct actor *actor;
	struct thermal_client_spec spec;
	struct sock sock;
	bool stream;
	struct thermal_reader reader; /* a stream's */
	struct thermal_join join; /* datagrams' */
	uint64_t frames; /* of this connection */
	int64_t asked_ns; /* realtime */
	int64_t due_ns; /* monotonic: when to ask again */
	int64_t heard_ns; /* monotonic: the last use of what was received */
	unsigned bytes, pieces; /* received since it was asked */
	enum thermal_why why; /* it went down */
	struct thermal_event event; /* to be filled in and pushed */
};

struct thermal_client_spec
thermal_client_spec_default(void)
{
	return (struct thermal_client_spec){
	    .rate = THERMAL_CLIENT_RATE,
	    .silence_ns = THERMAL_SILENCE_NS,
	    .backoff_min_ns = THERMAL_BACKOFF_MIN_NS,
	    .backoff_max_ns = THERMAL_BACKOFF_MAX_NS,
	};
}

const char *
thermal_why_text(enum thermal_why why)
{
	static const char *const texts[THERMAL_WHY_COUNT] = {
#define X(name, text) [THERMAL_WHY_##name] = text,
	    THERMAL_WHYS(X)
#undef X
	};

	return texts[why];
}

/* ---- what is told ---- */

static void
tell(struct link *l, enum thermal_event_kind kind)
{
	struct thermal_event *e = &l->event;

	e->group = actor_group(l->actor);
	e->sock = l->sock.id;
	e->kind = kind;
	e->at_ns = clock_now_ns();
	queue_push(l->spec.events, e);
}

static void
tell_frame(struct link *l, const struct thermal_frame *f, bool torn)
{
	struct thermal_event *e = &l->event;

	l->frames++;
	e->asked_ns = l->asked_ns;
	e->bytes = l->bytes;
	e->pieces = l->pieces;
	e->torn = torn;
	/* The one in hand may be torn, but its other half may still come. */
	e->torn_sum = l->join.torn + torn;
	e->missed_sum = l->join.missed;
	e->frame = *f;
	tell(l, THERMAL_FRAME);
	l->bytes = l->pieces = 0;
}

/* ---- one connection ---- */

/* The link is down, for this reason. */
static int
down(struct link *l, enum thermal_why why, int error)
{
	l->why = why;
	return error;
}

static int64_t
period_ns(const struct link *l)
{
	return l->spec.rate != 0 ? CLOCK_S / l->spec.rate : 0;
}

/* How long one recv() may wait. */
static int64_t
patience_ns(const struct link *l)
{
	int64_t ns = 2 * period_ns(l);

	if (l->stream || ns > l->spec.silence_ns)
		return l->spec.silence_ns;
	return ns < PATIENCE_MIN_NS ? PATIENCE_MIN_NS : ns;
}

static int
open_socket(struct link *l, const struct addr *to)
{
	enum transport t = l->spec.endpoint.transport;
	int family = to->sa.sa_family;
	int r = call_socket(l->actor, family, transport_socktype(t),
	    transport_protocol(t), &l->sock);

	if (r < 0) {
		advice_note(l->actor, NULL, CALL_SOCKET, r, to);
		return down(l, THERMAL_WHY_SOCKET, r);
	}
	call_set_timeout(l->actor, &l->sock, "SO_RCVTIMEO", patience_ns(l));
	call_set_timeout(l->actor, &l->sock, "SO_SNDTIMEO", l->spec.silence_ns);
	/* A silence while nothing is asked for is for TCP itself to find. */
	if (t == TRANSPORT_TCP)
		call_setsockopt(
		    l->actor, &l->sock, SOL_SOCKET, SO_KEEPALIVE, 1);
	/* A datagram socket without a name cannot be answered (unix(7)). */
	if (!l->stream && family == AF_UNIX)
		call_bind(l->actor, &l->sock,
		    &(struct addr){.len = sizeof(sa_family_t),
			.sa = {.sa_family = AF_UNIX}});
	return 0;
}

static int
open_link(struct link *l, const struct addr *to)
{
	unsigned tries = 0;
	int r;

	do {
		r = open_socket(l, to);
		if (r < 0)
			return r;
		r = call_connect(l->actor, &l->sock, to);
	} while (rfcomm_again(l->actor, &l->sock, r, &tries));
	/* SO_SNDTIMEO ended it. */
	if (r == -EINPROGRESS || r == -EAGAIN)
		r = -ETIMEDOUT;
	if (r >= 0)
		return 0;
	advice_note(l->actor, &l->sock, CALL_CONNECT, r, to);
	return down(l, THERMAL_WHY_CONNECT, r);
}

/* How many, or -errno. */
static int
find_addresses(struct link *l, struct addr found[ADDRESSES_MAX])
{
	struct err err;
	int r;

	found[0] = l->spec.endpoint.addr;
	if (found[0].len == 0)
		return call_getaddrinfo(
		    l->actor, &l->spec.endpoint, found, ADDRESSES_MAX, &err);
	r = rfcomm_find(l->actor, &found[0]);
	return r < 0 ? r : 1;
}

/* Connect to the first address that answers. */
static int
open_any(struct link *l)
{
	struct addr found[ADDRESSES_MAX];
	int count = find_addresses(l, found), r = -EADDRNOTAVAIL;

	if (count < 0)
		return down(l, THERMAL_WHY_NAME, count);
	for (int i = 0; i < count; i++) {
		r = open_link(l, &found[i]);
		if (r == 0 || r == -ECANCELED)
			break;
		if (i + 1 < count)
			call_close(l->actor, &l->sock);
	}
	return r;
}

/* Bytes that came without having been asked for. Not a call to be traced: the
 * textbook does without, and counts on a camera that keeps to its protocol. */
static bool
unasked(const struct link *l)
{
	int n = 0;

	return l->stream && ioctl(l->sock.fd, FIONREAD, &n) == 0 && n > 0;
}

static int
ask(struct link *l)
{
	const char *text = THERMAL_REQUEST;
	size_t n = sizeof THERMAL_REQUEST - 1;
	int r;

	if (unasked(l))
		return down(l, THERMAL_WHY_EXCESS, -EPROTO);
	l->asked_ns = clock_now_ns();
	do
		r = l->stream ? call_send_all(l->actor, &l->sock, text, n)
			      : (int)call_send(l->actor, &l->sock, text, n, 0);
	while (r == -EINTR);
	if (r >= 0)
		return 0;
	if (r == -EAGAIN)
		return down(l, THERMAL_WHY_SILENCE, -ETIMEDOUT);
	advice_note(l->actor, &l->sock, CALL_SEND, r, NULL);
	return down(l, THERMAL_WHY_SEND, r);
}

/* A recv() into data: the bytes (a stream's 0 is its end), or -errno of a link
 * that is down; -EAGAIN: nothing came in time. */
static ssize_t
receive(struct link *l, uint8_t data[ROOM])
{
	ssize_t n;

	do
		n = call_recv(l->actor, &l->sock, data, ROOM, 0);
	while (n == -EINTR);
	if (n == 0 && l->stream)
		return down(l, THERMAL_WHY_END, -ENODATA);
	if (n < 0 && n != -EAGAIN) {
		advice_note(l->actor, &l->sock, CALL_RECV, (int)n, NULL);
		return down(l, THERMAL_WHY_RECV, (int)n);
	}
	if (n > 0) {
		l->bytes += (unsigned)n;
		l->pieces++;
	}
	return n;
}

static int
stream_frame(struct link *l)
{
	struct thermal_frame f;
	uint8_t data[ROOM];
	bool whole = false;

	while (!whole) {
		ssize_t n = receive(l, data);
		size_t taken;

		if (n < 0 && n != -EAGAIN)
			return (int)n;
		if (n == -EAGAIN ||
		    clock_mono_ns() > l->heard_ns + l->spec.silence_ns)
			return down(l, THERMAL_WHY_SILENCE, -ETIMEDOUT);
		taken = thermal_reader_feed(
		    &l->reader, data, (size_t)n, &f, &whole);
		/* They may be this frame's or an older one's: which of the
		 * bytes are too many nobody knows. */
		if (taken < (size_t)n)
			return down(l, THERMAL_WHY_EXCESS, -EPROTO);
	}
	tell_frame(l, &f, false);
	return 0;
}

/* Until a frame is whole, or its time is over. */
static int
datagram_frame(struct link *l)
{
	int64_t end_ns = clock_mono_ns() + patience_ns(l);
	uint32_t before = l->join.number;
	bool torn_before = thermal_join_torn(&l->join);
	uint8_t data[ROOM];

	while (clock_mono_ns() < end_ns) {
		ssize_t n = receive(l, data);
		enum thermal_part part;

		if (n == -EAGAIN)
			break;
		if (n < 0)
			return (int)n;
		part = thermal_join_feed(&l->join, data, (size_t)n);
		if (part < THERMAL_PART)
			continue;
		l->heard_ns = clock_mono_ns();
		if (part == THERMAL_PART)
			continue;
		tell_frame(l, &l->join.frame, false);
		/* The rest of an older one, late: what was asked for is
		 * still to come. */
		if (!torn_before || l->join.number != before)
			return 0;
	}
	if (thermal_join_torn(&l->join) &&
	    (!torn_before || l->join.number != before))
		tell_frame(l, &l->join.frame, true);
	return clock_mono_ns() > l->heard_ns + l->spec.silence_ns
		   ? down(l, THERMAL_WHY_SILENCE, -ETIMEDOUT)
		   : 0;
}

/* Rest until that time. 0, or -ECANCELED: the session ends. */
static int
rest_until(struct link *l, int64_t mono_ns)
{
	int64_t left = mono_ns - clock_mono_ns();
	struct order o;
	int r;

	if (left <= 0)
		return actor_stopping(l->actor) ? -ECANCELED : 0;
	r = actor_wait_order(l->actor, &o, left);
	if (r == 0) {
		free(o.data);
		return o.kind == ORDER_CLOSE ? -ECANCELED : 0;
	}
	return r == -ECANCELED ? r : 0;
}

/* When the next frame is due; what is late is not made up for. */
static void
set_due(struct link *l)
{
	int64_t now_ns = clock_mono_ns();

	l->due_ns += period_ns(l);
	if (l->due_ns < now_ns)
		l->due_ns = now_ns;
}

/* From socket() to close(). Returns why it is down. */
static int
run_link(struct link *l)
{
	int r;

	l->sock = SOCK_NONE;
	l->frames = 0;
	l->bytes = l->pieces = 0;
	thermal_reader_init(&l->reader);
	thermal_join_init(&l->join);
	r = open_any(l);
	if (r == 0)
		tell(l, THERMAL_UP);
	l->due_ns = l->heard_ns = clock_mono_ns();
	while (r == 0) {
		if (l->stream)
			l->heard_ns = clock_mono_ns();
		r = ask(l);
		if (r == 0)
			r = l->stream ? stream_frame(l) : datagram_frame(l);
		set_due(l);
		if (r == 0)
			r = rest_until(l, l->due_ns);
	}
	call_close(l->actor, &l->sock);
	return r;
}

static void
run_client(struct actor *a, void *arg)
{
	struct link *l = arg;
	int64_t rest_ns = l->spec.backoff_min_ns;
	int r = 0;

	l->actor = a;
	while (r != -ECANCELED) {
		r = run_link(l);
		if (r == -ECANCELED)
			break;
		if (l->frames > 0)
			rest_ns = l->spec.backoff_min_ns;
		l->event.why = l->why;
		l->event.error = r == -ENODATA || r == -EPROTO ? 0 : -r;
		l->event.cut = (unsigned)l->reader.len;
		l->event.rest_ns = rest_ns;
		tell(l, THERMAL_DOWN);
		r = rest_until(l, clock_mono_ns() + rest_ns);
		rest_ns *= 2;
		if (rest_ns > l->spec.backoff_max_ns)
			rest_ns = l->spec.backoff_max_ns;
	}
	free(l);
}

int
thermal_client_start(struct engine *e, const struct thermal_client_spec *spec,
    uint32_t *ret_group, struct err *err)
{
	enum transport t = spec->endpoint.transport;
	struct actor_spec thread = {
	    .group = engine_group(e),
	    .side = SIDE_CLIENT,
	    .takes_orders = true,
	    .run = run_client,
	};
	struct link *l;
	int r;

	if (t == TRANSPORT_RUDP)
		return err_set(err, -EPROTONOSUPPORT,
		    "a thermal stream does not come over %s: use tcp, udp, "
		    "rfcomm, unix or unixgram",
		    transport_name(t));
	l = calloc(1, sizeof *l);
	if (l == NULL)
		return err_set(err, -ENOMEM, "no memory for a client");
	l->spec = *spec;
	l->stream = transport_socktype(t) == SOCK_STREAM;
	thread.arg = l;
	r = actor_start(e, &thread, NULL, err);
	if (r < 0) {
		free(l);
		return r;
	}
	*ret_group = thread.group;
	return 0;
}
