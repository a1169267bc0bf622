#include "net/rudp_sock.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "net/base/clock.h"
#include "net/rudp_conn.h"
#include "net/wire_path.h"

struct conn {
	struct rudp *rudp; /* NULL: no connection */
	struct addr peer;
	uint32_t id; /* the local one */
	bool accepted; /* handed out, or made here */
};

struct rudp_sock {
	struct rudp_sock_spec spec;
	struct rudp_io io;
	struct rudp_sock_stats stats;
	struct conn *conns; /* spec.conns_max */
	struct rudp_door *door; /* NULL: does not listen */
	struct wire_path *impair; /* NULL: a perfect network */
	struct impair_seen *seen;
	uint64_t pushed; /* into it */
	/* received */
	struct datagram in[DATAGRAM_BATCH];
	/* on the way to io.send(): [out_first, out_count) */
	struct datagram out[DATAGRAM_BATCH];
	size_t out_first, out_count;
	uint8_t in_data[DATAGRAM_BATCH][RUDP_DATAGRAM_MAX + 1];
	uint8_t out_data[DATAGRAM_BATCH][RUDP_DATAGRAM_MAX];
};

/* What an impairment holds: where to, and the datagram. */
struct parcel {
	struct addr peer;
	uint8_t data[RUDP_DATAGRAM_MAX];
};

struct rudp_sock *
rudp_sock_new(const struct rudp_sock_spec *spec, const struct rudp_io *io)
{
	struct rudp_sock *s = calloc(1, sizeof *s);
	uint8_t key[SIPHASH_KEY_LEN];

	assert(spec->conns_max >= 1 && spec->conns_max <= RUDP_SOCK_CONNS_MAX);
	if (s == NULL)
		return NULL;
	s->spec = *spec;
	s->io = *io;
	s->conns = calloc(spec->conns_max, sizeof *s->conns);
	if (spec->listens)
		s->door = malloc(sizeof *s->door);
	if (spec->impair != NULL) {
		s->impair = wire_path_new(
		    &(struct wire_settings){.impair = *spec->impair});
		s->seen = calloc(1, sizeof *s->seen);
	}
	if (s->conns == NULL || (spec->listens && s->door == NULL) ||
	    (spec->impair != NULL && (s->impair == NULL || s->seen == NULL)) ||
	    getrandom(key, sizeof key, 0) != sizeof key) {
		rudp_sock_free(s);
		return NULL;
	}
	if (spec->listens)
		rudp_door_init(s->door, key, spec->config.window);
	for (size_t i = 0; i < DATAGRAM_BATCH; i++) {
		s->in[i].data = s->in_data[i];
		s->out[i].data = s->out_data[i];
	}
	return s;
}

void
rudp_sock_free(struct rudp_sock *s)
{
	if (s == NULL)
		return;
	for (uint32_t i = 0; s->conns != NULL && i < s->spec.conns_max; i++)
		rudp_free(s->conns[i].rudp);
	free(s->conns);
	free(s->door);
	wire_path_free(s->impair);
	free(s->seen);
	free(s);
}

/* ---- connections ---- */

static int
free_slot(const struct rudp_sock *s)
{
	for (uint32_t i = 0; i < s->spec.conns_max; i++)
		if (s->conns[i].rudp == NULL)
			return (int)i;
	return -ENOBUFS;
}

static int
settle_in(struct rudp_sock *s, struct rudp *rudp, const struct addr *peer,
    uint32_t id, bool accepted)
{
	int i = free_slot(s);

	if (rudp == NULL || i < 0) {
		rudp_free(rudp);
		return rudp == NULL ? -ENOMEM : i;
	}
	s->conns[i] = (struct conn){rudp, *peer, id, accepted};
	if (s->door != NULL)
		s->door->shut = free_slot(s) < 0;
	return i;
}

int
rudp_sock_connect(struct rudp_sock *s, const struct addr *peer)
{
	uint32_t random[2];

	if (getrandom(random, sizeof random, 0) != sizeof random)
		return -EAGAIN;
	random[0] += random[0] == 0;
	return settle_in(s, rudp_connect(&s->spec.config, random[0], random[1]),
	    peer, random[0], true);
}

int
rudp_sock_accept(struct rudp_sock *s)
{
	for (uint32_t i = 0; i < s->spec.conns_max; i++)
		if (s->conns[i].rudp != NULL && !s->conns[i].accepted) {
			s->conns[i].accepted = true;
			return (int)i;
		}
	return -EAGAIN;
}

struct rudp *
rudp_sock_conn(const struct rudp_sock *s, int conn)
{
	return s->conns[conn].rudp;
}

const struct addr *
rudp_sock_peer(const struct rudp_sock *s, int conn)
{
	return &s->conns[conn].peer;
}

/* ---- sending ---- */

/* Which errors of one datagram leave the socket as it was: ICMP's answer to
 * an earlier one, or a queue that is full. */
static bool
is_passing(int error)
{
	return error == -ECONNREFUSED || error == -EHOSTUNREACH ||
	       error == -ENETUNREACH || error == -ENOBUFS || error == -ENOMEM ||
	       error == -EPERM || error == -EMSGSIZE;
}

/* Hand over what is in out. What the socket has no room for stays there. */
static int
flush(struct rudp_sock *s)
{
	while (s->out_first < s->out_count) {
		int r = s->io.send(s->io.arg, &s->out[s->out_first],
		    s->out_count - s->out_first);

		if (r == -EAGAIN)
			return r;
		if (is_passing(r)) {
			s->stats.undelivered++;
			s->stats.last_error = r;
			s->out_first++;
		} else if (r < 0) {
			return r;
		} else {
			s->stats.sent += (uint64_t)r;
			s->out_first += (size_t)r;
		}
	}
	s->out_first = s->out_count = 0;
	return 0;
}

/* The next place in out, after making room. NULL: *ret tells why not. */
static struct datagram *
next_out(struct rudp_sock *s, int *ret)
{
	*ret = s->out_count == DATAGRAM_BATCH ? flush(s) : 0;
	return *ret == 0 ? &s->out[s->out_count] : NULL;
}

/*
 * What the impairment calls the number of a datagram: relative to the first
 * one of its connection, since that is random; each type, each connection for
 * itself. An ACK has no number of its own, so it takes what it acknowledges.
 */
static uint64_t
number_of(
    const struct rudp_sock *s, const struct conn *c, const struct datagram *d)
{
	struct rd r = rd_init(d->data, d->len, d->len);
	uint32_t number = 0;
	struct rudp_packet p;

	rudp_decode(&r, &p);
	if (p.type == RUDP_ACK)
		number = p.ack - c->rudp->peer_first;
	else if (p.type >= RUDP_DATA && c != NULL)
		number = p.seq - c->rudp->local_first;
	return (uint64_t)(c != NULL ? c - s->conns : 0) << 40 |
	       (uint64_t)p.type << 32 | number;
}

static void
hold_back(struct rudp_sock *s, const struct conn *c, const struct datagram *d,
    int64_t now)
{
	static const struct wire_order chance = {.action = WIRE_NONE};
	struct impair_key key = {.direction = s->spec.direction,
	    .seq = number_of(s, c, d),
	    .slot = s->pushed++};
	struct parcel parcel;
	struct wire_item *it;

	key.nth = impair_nth(s->seen, key.seq);
	parcel.peer = d->peer;
	memcpy(parcel.data, d->data, d->len);
	it = wire_item_new(&parcel, offsetof(struct parcel, data) + d->len);
	if (it == NULL)
		return; /* as good as lost */
	it->key = key;
	if (!wire_path_push(s->impair, it, &chance, now))
		free(it);
}

/* One datagram is complete at the end of out. c: NULL for the door's. */
static void
post(struct rudp_sock *s, const struct conn *c, int64_t now)
{
	if (s->impair != NULL)
		hold_back(s, c, &s->out[s->out_count], now);
	else
		s->out_count++;
}

static int
send_due_parcels(struct rudp_sock *s, int64_t now)
{
	while (s->impair != NULL && wire_path_deadline(s->impair) <= now) {
		const size_t head = offsetof(struct parcel, data);
		struct datagram *d;
		struct wire_item *it;
		int r;

		d = next_out(s, &r);
		if (d == NULL)
			return r;
		it = wire_path_pop(s->impair, now);
		if (!fate_is_lost(it->fate)) {
			memcpy(&d->peer, it->data, sizeof d->peer);
			d->len = it->len - head;
			memcpy(d->data, it->data + head, d->len);
			s->out_count++;
		}
		free(it);
	}
	return 0;
}

static int
send_of(struct rudp_sock *s, struct conn *c, int64_t now)
{
	for (;;) {
		struct datagram *d;
		int r;

		if (rudp_deadline(c->rudp) > now)
			return 0;
		d = next_out(s, &r);
		if (d == NULL)
			return r;
		d->len = rudp_output(c->rudp, now, d->data, RUDP_DATAGRAM_MAX);
		if (d->len == 0)
			return 0;
		d->peer = c->peer;
		post(s, c, now);
	}
}

static int
send_all(struct rudp_sock *s, int64_t now)
{
	int r = 0;

	for (uint32_t i = 0; i < s->spec.conns_max && r == 0; i++)
		if (s->conns[i].rudp != NULL)
			r = send_of(s, &s->conns[i], now);
	if (r == 0)
		r = send_due_parcels(s, now);
	if (r == 0)
		r = flush(s);
	return r;
}

void
rudp_sock_drop(struct rudp_sock *s, int conn)
{
	struct conn *c = &s->conns[conn];

	if (c->rudp == NULL)
		return;
	rudp_abort(c->rudp);
	(void)send_of(s, c, clock_mono_ns());
	rudp_free(c->rudp);
	*c = (struct conn){0};
	if (s->door != NULL)
		s->door->shut = false;
}

/* ---- receiving ---- */

static void
knock(struct rudp_sock *s, const struct datagram *d, int64_t now)
{
	struct rudp_door_answer a;
	struct datagram *out;
	int r;

	if (s->door == NULL) {
		s->stats.strangers++;
		return;
	}
	a = rudp_door_input(
	    s->door, &d->peer.ss, d->peer.len, d->data, d->len, now);
	if (a.verdict == RUDP_DOOR_OPEN) {
		settle_in(s, rudp_accept(&s->spec.config, &a.opening, now),
		    &d->peer, a.opening.local_id, false);
	} else if (a.verdict == RUDP_DOOR_REPLY) {
		out = next_out(s, &r);
		if (out == NULL)
			return; /* as good as lost: the client asks again */
		out->peer = d->peer;
		out->len = a.reply_len;
		memcpy(out->data, a.reply, a.reply_len);
		post(s, NULL, now);
	}
}

static void
deliver(struct rudp_sock *s, const struct datagram *d, int64_t now)
{
	struct rd r = rd_init(d->data, d->len, d->len);
	uint32_t id;

	s->stats.received++;
	rd_skip(&r, 4);
	id = rd_be32(&r);
	for (uint32_t i = 0; i < s->spec.conns_max && id != 0; i++)
		if (s->conns[i].rudp != NULL && s->conns[i].id == id &&
		    addr_equal(&s->conns[i].peer, &d->peer)) {
			rudp_input(s->conns[i].rudp, d->data, d->len, now);
			return;
		}
	knock(s, d, now);
}

/* Receive one batch. How much came, or -errno. */
static int
receive(struct rudp_sock *s)
{
	int64_t now;
	int n;

	/* One byte of room too much, so that a longer one is noticed. */
	for (size_t i = 0; i < DATAGRAM_BATCH; i++)
		s->in[i].len = sizeof s->in_data[i];
	n = s->io.recv(s->io.arg, s->in, DATAGRAM_BATCH);
	if (is_passing(n)) {
		s->stats.undelivered++;
		s->stats.last_error = n;
		return 1; /* what came is an ICMP message */
	}
	now = clock_mono_ns();
	for (int i = 0; i < n; i++)
		deliver(s, &s->in[i], now);
	return n;
}

/* When something is due, were nothing to come. */
static int64_t
next_deadline(const struct rudp_sock *s)
{
	int64_t first = RUDP_NEVER;

	if (s->out_first < s->out_count)
		return RUDP_AT_ONCE;
	if (s->impair != NULL)
		first = wire_path_deadline(s->impair);
	for (uint32_t i = 0; i < s->spec.conns_max; i++) {
		int64_t t;

		if (s->conns[i].rudp == NULL)
			continue;
		t = rudp_deadline(s->conns[i].rudp);
		if (t < first)
			first = t;
	}
	return first;
}

/* Wait until something comes or is due, or until the time is up. */
static int
wait_a_while(struct rudp_sock *s, int64_t timeout_ns)
{
	int64_t deadline = next_deadline(s), now = clock_mono_ns(), left;

	if (deadline <= now)
		return 0;
	left = deadline == RUDP_NEVER ? -1 : deadline - now;
	if (timeout_ns >= 0 && (left < 0 || timeout_ns < left))
		left = timeout_ns;
	return left == 0 ? 0 : s->io.wait(s->io.arg, left);
}

int
rudp_sock_turn(struct rudp_sock *s, int64_t timeout_ns)
{
	int got, r;

	/* What the last caller queued goes out before anybody waits. */
	r = send_all(s, clock_mono_ns());
	if (r < 0 && r != -EAGAIN)
		return r;
	got = receive(s);
	if (got == 0) {
		r = wait_a_while(s, r == -EAGAIN ? CLOCK_MS : timeout_ns);
		if (r < 0)
			return r;
		got = receive(s);
	}
	if (got < 0)
		return got;
	r = send_all(s, clock_mono_ns());
	return r == -EAGAIN ? 0 : r;
}

struct rudp_sock_stats
rudp_sock_stats(const struct rudp_sock *s)
{
	struct rudp_sock_stats stats = s->stats;

	if (s->door != NULL)
		stats.door = s->door->stats;
	return stats;
}

/* ---- one connection, blocking ---- */

/* One turn towards a deadline (negative: none). */
static int
turn_until(struct rudp_sock *s, int64_t deadline_ns)
{
	int64_t left = deadline_ns < 0 ? -1 : deadline_ns - clock_mono_ns();

	if (deadline_ns >= 0 && left <= 0)
		return -ETIMEDOUT;
	return rudp_sock_turn(s, left);
}

static int64_t
deadline_of(int64_t timeout_ns)
{
	return timeout_ns < 0 ? -1 : clock_mono_ns() + timeout_ns;
}

int
rudp_sock_establish(struct rudp_sock *s, int conn, int64_t timeout_ns)
{
	int64_t deadline = deadline_of(timeout_ns);
	struct rudp *c = rudp_sock_conn(s, conn);

	s->stats.last_error = 0;
	while (rudp_state(c) == RUDP_HELLO_SENT) {
		int r = turn_until(s, deadline);

		if (r < 0)
			return r;
		if (s->stats.last_error == -ECONNREFUSED)
			return -ECONNREFUSED;
	}
	return rudp_stats(c).error;
}

int
rudp_sock_send(struct rudp_sock *s, int conn, const void *message, size_t n,
    int64_t timeout_ns)
{
	int64_t deadline = deadline_of(timeout_ns);
	struct rudp *c = rudp_sock_conn(s, conn);
	int r;

	while ((r = rudp_send(c, message, n)) == -EAGAIN) {
		r = turn_until(s, deadline);
		if (r < 0)
			return r;
	}
	return r;
}

ssize_t
rudp_sock_recv(struct rudp_sock *s, int conn, uint8_t buf[RUDP_MESSAGE_MAX],
    int64_t timeout_ns)
{
	int64_t deadline = deadline_of(timeout_ns);
	struct rudp *c = rudp_sock_conn(s, conn);
	ssize_t n;

	while ((n = rudp_recv(c, buf)) == -EAGAIN) {
		int r = turn_until(s, deadline);

		if (r < 0)
			return r;
	}
	return n;
}

int
rudp_sock_finish(struct rudp_sock *s, int conn, bool linger, int64_t timeout_ns)
{
	int64_t deadline = deadline_of(timeout_ns);
	struct rudp *c = rudp_sock_conn(s, conn);
	enum rudp_state last = linger ? RUDP_CLOSED : RUDP_TIME_WAIT;
	uint8_t buf[RUDP_MESSAGE_MAX];

	rudp_close(c);
	while (rudp_state(c) != RUDP_CLOSED && rudp_state(c) != last) {
		int r = turn_until(s, deadline);

		if (r < 0)
			return r;
		while (rudp_recv(c, buf) >= 0)
			;
	}
	return rudp_stats(c).error;
}
