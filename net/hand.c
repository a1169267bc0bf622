#include "net/hand.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/advice.h"

#define ADDRESSES_MAX 16
#define PING_DATA 56 /* as ping(8) */

/* A socket, as its actor has it. */
struct hand {
	struct hand_call *first; /* the call that makes it; NULL: accepted */
	struct sock sock;
	uint8_t buffer[HAND_BUFFER_MAX]; /* of the file object */
	size_t buffered;
	uint16_t pings;
	bool told_raw; /* that a raw socket's data begins with the IP header */
};

static int start_actor(
    struct engine *e, const struct actor_spec *spec, struct err *err);

/* ---- addresses ---- */

/* The address that a name has in the socket's family, else its first. */
static int
resolve(struct actor *a, const struct hand *h, const struct endpoint *e,
    struct addr *ret)
{
	struct addr found[ADDRESSES_MAX];
	struct err err;
	int n = call_getaddrinfo(a, e, found, ADDRESSES_MAX, &err);

	if (n < 0 && n != -ECANCELED)
		call_note(a, &h->sock, n, "%s.", err.text);
	if (n <= 0)
		return n < 0 ? n : -ENOENT;
	*ret = found[0];
	for (int i = n - 1; i >= 0; i--)
		if (found[i].sa.sa_family == h->sock.domain)
			*ret = found[i];
	return 0;
}

/* What ":7000" means for this socket. */
static struct addr
any_address(const struct hand *h, const struct hand_call *c)
{
	bool passive = c->verb == HAND_BIND;

	if (h->sock.domain != AF_INET6)
		return c->endpoint.addr;
	return addr_from_ip(AF_INET6,
	    passive ? &in6addr_any : &in6addr_loopback, c->endpoint.port);
}

static int
find_address(struct actor *a, const struct hand *h, const struct hand_call *c,
    struct addr *ret)
{
	bool raw = h->sock.type == SOCK_RAW;

	if (c->no_port && !raw && c->verb != HAND_BIND) {
		call_note(a, &h->sock, -EINVAL,
		    "No call was made: an address has a port here, as in "
		    "127.0.0.1:7000. (Only raw sockets go without.)");
		return -EINVAL;
	}
	if (c->endpoint.addr.len == 0)
		return resolve(a, h, &c->endpoint, ret);
	*ret = c->any_host ? any_address(h, c) : c->endpoint.addr;
	return 0;
}

/* ---- data ---- */

/* RFC 1071: the ones' complement sum of the 16-bit words. */
static uint16_t
checksum(const uint8_t *data, size_t n)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += i % 2 == 0 ? (uint32_t)data[i] << 8 : data[i];
	while (sum > 0xFFFF)
		sum = (sum & 0xFFFF) + (sum >> 16);
	return (uint16_t)~sum;
}

static void
put_be16(uint8_t *dst, uint16_t value)
{
	dst[0] = (uint8_t)(value >> 8);
	dst[1] = (uint8_t)value;
}

/* An echo request: type, code, checksum, identifier, sequence number, data
 * (RFC 792). The kernel fills in the checksum of an ICMPv6 one (RFC 3542). */
static size_t
build_ping(struct hand *h, uint8_t *dst)
{
	const size_t n = 8 + PING_DATA;

	memset(dst, 0, 8);
	dst[0] = h->sock.domain == AF_INET6 ? 128 : ICMP_ECHO;
	put_be16(dst + 4, (uint16_t)getpid());
	put_be16(dst + 6, ++h->pings);
	for (size_t i = 8; i < n; i++)
		dst[i] = (uint8_t)i;
	put_be16(dst + 2, checksum(dst, n));
	return n;
}

/* What the user wants sent; *ret_own is to be freed. NULL: no memory. */
static const uint8_t *
payload(struct hand *h, const struct hand_call *c, size_t *ret_len,
    uint8_t **ret_own)
{
	size_t n = c->what == HAND_PATTERN ? (size_t)c->number : 8 + PING_DATA;

	*ret_own = NULL;
	*ret_len = c->data_len;
	if (c->what == HAND_BYTES)
		return c->data;
	*ret_own = malloc(n + 1);
	*ret_len = n;
	if (*ret_own != NULL && c->what == HAND_PING)
		*ret_len = build_ping(h, *ret_own);
	else
		for (size_t i = 0; *ret_own != NULL && i < n; i++)
			(*ret_own)[i] = (uint8_t)('0' + i % 10);
	return *ret_own;
}

/* ---- calls that move data ---- */

static void
explain(struct actor *a, const struct hand *h, const struct hand_call *c,
    enum call_kind kind, int error, const struct addr *addr)
{
	bool at_once = (c->flags & MSG_DONTWAIT) != 0 || h->sock.nonblock;

	if (error == -EAGAIN && at_once)
		call_note(a, &h->sock, error,
		    "%s() would have to wait, and was told not to (%s).",
		    call_verb(kind),
		    h->sock.nonblock ? "the socket is non-blocking"
				     : "MSG_DONTWAIT");
	else
		advice_note(a, &h->sock, kind, error, addr);
}

static int
send_once(struct actor *a, struct hand *h, const struct hand_call *c,
    const uint8_t *data, size_t n)
{
	struct addr to;
	int r;

	if (c->verb == HAND_SENDTO) {
		if (find_address(a, h, c, &to) < 0)
			return 0;
		r = (int)call_sendto(a, &h->sock, data, n, c->flags, &to);
		if (r < 0)
			explain(a, h, c, CALL_SENDTO, r, &to);
		return r;
	}
	r = (int)call_send(a, &h->sock, data, n, c->flags);
	if (r < 0)
		explain(a, h, c, CALL_SEND, r, NULL);
	return r;
}

/* Python's sendall(): send() until nothing is left. */
static int
send_all(struct actor *a, struct hand *h, const struct hand_call *c,
    const uint8_t *data, size_t n)
{
	size_t sent = 0;
	int calls = 0, r = 0;

	do {
		r = send_once(a, h, c, data + sent, n - sent);
		calls++;
		sent += r > 0 ? (size_t)r : 0;
	} while (r > 0 && sent < n);
	if (r >= 0)
		call_note(a, &h->sock, 0,
		    "sendall() is a loop around send(): %d call%s for %zu "
		    "bytes.%s",
		    calls, calls == 1 ? "" : "s", sent,
		    calls == 1 ? " (A blocking send() waits for room for all.)"
			       : "");
	else if (r != -ECANCELED)
		call_note(a, &h->sock, r,
		    "sendall() fails after %zu of %zu bytes, and a program is "
		    "not told how many.",
		    sent, n);
	return r;
}

static void
do_send(struct actor *a, struct hand *h, const struct hand_call *c)
{
	uint8_t *own;
	size_t n;
	const uint8_t *data = payload(h, c, &n, &own);

	if (data == NULL)
		call_note(a, &h->sock, -ENOMEM, "No memory for %zu bytes.", n);
	else if (c->verb == HAND_SENDALL)
		send_all(a, h, c, data, n);
	else
		send_once(a, h, c, data, n);
	free(own);
}

static void
do_recv(struct actor *a, struct hand *h, const struct hand_call *c)
{
	size_t room = (size_t)c->number;
	bool from_any = c->verb == HAND_RECVFROM;
	uint8_t *data = malloc(room + 1);
	struct addr from;
	ssize_t r;

	if (data == NULL) {
		call_note(
		    a, &h->sock, -ENOMEM, "No memory for %zu bytes.", room);
		return;
	}
	r = from_any ? call_recvfrom(a, &h->sock, data, room, c->flags, &from)
		     : call_recv(a, &h->sock, data, room, c->flags);
	free(data);
	if (r < 0)
		explain(a, h, c, from_any ? CALL_RECVFROM : CALL_RECV, (int)r,
		    NULL);
	if (r > 0 && h->sock.type == SOCK_RAW && h->sock.domain == AF_INET &&
	    !h->told_raw) {
		h->told_raw = true;
		call_note(a, &h->sock, 0,
		    "A raw socket is given the IP header too (its first 20 "
		    "bytes), and a copy of every ICMP message to this host.");
	}
}

/* ---- the buffer of a file object ---- */

static int
flush(struct actor *a, struct hand *h)
{
	int r = call_send_all(a, &h->sock, h->buffer, h->buffered);

	if (r < 0)
		advice_note(a, &h->sock, CALL_SEND, r, NULL);
	else
		h->buffered = 0;
	return r;
}

static void
do_flush(struct actor *a, struct hand *h)
{
	if (h->buffered == 0)
		call_note(a, &h->sock, 0,
		    "flush() makes no call: the buffer is empty.");
	else
		flush(a, h);
}

static void
do_write(struct actor *a, struct hand *h, const struct hand_call *c)
{
	uint8_t *own;
	size_t n;
	const uint8_t *data = payload(h, c, &n, &own);

	if (data == NULL) {
		call_note(a, &h->sock, -ENOMEM, "No memory for %zu bytes.", n);
		return;
	}
	/* What does not fit any more pushes the buffer out. */
	if (h->buffered + n > HAND_BUFFER_MAX && flush(a, h) < 0) {
		free(own);
		return;
	}
	if (n > HAND_BUFFER_MAX) {
		send_all(a, h, c, data, n);
	} else {
		if (n > 0)
			memcpy(h->buffer + h->buffered, data, n);
		h->buffered += n;
		call_note(a, &h->sock, 0,
		    "write() made no call: %zu bytes wait in the buffer of "
		    "the file object (%zu of %d), and nothing is sent. "
		    "flush sends them.",
		    n, h->buffered, HAND_BUFFER_MAX);
	}
	free(own);
}

/* ---- calls that make and end connections ---- */

static void
do_bind(struct actor *a, struct hand *h, const struct hand_call *c)
{
	struct addr addr;
	int r;

	if (find_address(a, h, c, &addr) < 0)
		return;
	r = call_bind(a, &h->sock, &addr);
	if (r < 0)
		advice_note(a, &h->sock, CALL_BIND, r, &addr);
}

static void
do_listen(struct actor *a, struct hand *h, const struct hand_call *c)
{
	char text[ADDR_TEXT_MAX];
	int r = call_listen(a, &h->sock, c->number);

	if (r < 0)
		advice_note(a, &h->sock, CALL_LISTEN, r, &h->sock.local);
	else if ((h->sock.past & SOCK_BOUND) == 0)
		call_note(a, &h->sock, 0,
		    "It had no address, so the kernel chose one: it listens "
		    "on %s. Clients cannot guess it: bind() comes first.",
		    addr_format(text, &h->sock.local));
}

static void
do_connect(struct actor *a, struct hand *h, const struct hand_call *c)
{
	struct addr addr;
	int r;

	if (find_address(a, h, c, &addr) < 0)
		return;
	r = call_connect(a, &h->sock, &addr);
	if (r < 0)
		advice_note(a, &h->sock, CALL_CONNECT, r, &addr);
	if (c->verb == HAND_CONNECT_EX && r != -ECANCELED)
		call_note(a, &h->sock, r,
		    "connect_ex() returns %d%s%s%s; connect() would %s.", -r,
		    r < 0 ? " (" : "", r < 0 ? err_name(r) : "",
		    r < 0 ? ")" : "",
		    r < 0 ? "raise an exception" : "return None");
}

static void
do_accept(struct actor *a, struct hand *h, const struct hand_call *c)
{
	struct actor_spec spec = {
	    .group = actor_group(a), .side = actor_side(a)};
	struct hand *conn;
	struct sock s;
	struct err err = {"no memory for another socket"};
	int r = call_accept(a, &h->sock, &s);

	if (r < 0) {
		explain(a, h, c, CALL_ACCEPT, r, NULL);
		return;
	}
	conn = calloc(1, sizeof *conn);
	r = -ENOMEM;
	if (conn != NULL) {
		conn->sock = s;
		spec.address = s.id;
		spec.arg = conn;
		r = start_actor(actor_engine(a), &spec, &err);
	}
	if (r < 0) {
		if (r != -ECANCELED)
			call_note(a, &s, r, "This client is turned away: %s.",
			    err.text);
		call_close(a, &s);
		return;
	}
	call_note(a, &s, 0,
	    "accept() returned a new socket, .%d: the connection, and what . "
	    "means now. .%d goes on listening.",
	    s.fd, h->sock.fd);
}

static void
do_shutdown(struct actor *a, struct hand *h, const struct hand_call *c)
{
	int r = call_shutdown(a, &h->sock, c->number);

	if (r < 0)
		advice_note(a, &h->sock, CALL_SHUTDOWN, r, NULL);
}

/* ---- options ---- */

static void
do_option(struct actor *a, struct hand *h, const struct hand_call *c)
{
	bool set = c->verb == HAND_SETSOCKOPT;
	struct sockopt_value value;
	int r = set ? call_set_value(a, &h->sock, c->option, &c->value)
		    : call_getsockopt(a, &h->sock, c->option, &value);

	if (r < 0)
		advice_note(a, &h->sock,
		    set ? CALL_SETSOCKOPT : CALL_GETSOCKOPT, r, NULL);
	else if (set)
		call_note(a, &h->sock, 0, "%s: %s.", c->option->name,
		    c->option->summary);
}

/* ---- the actor ---- */

/* False: the socket is closed. */
static bool
carry_out(struct actor *a, struct hand *h, const struct hand_call *c)
{
	switch (c->verb) {
	case HAND_BIND:
		do_bind(a, h, c);
		break;
	case HAND_LISTEN:
		do_listen(a, h, c);
		break;
	case HAND_ACCEPT:
		do_accept(a, h, c);
		break;
	case HAND_CONNECT:
	case HAND_CONNECT_EX:
		do_connect(a, h, c);
		break;
	case HAND_SEND:
	case HAND_SENDALL:
	case HAND_SENDTO:
		do_send(a, h, c);
		break;
	case HAND_RECV:
	case HAND_RECVFROM:
		do_recv(a, h, c);
		break;
	case HAND_SHUTDOWN:
		do_shutdown(a, h, c);
		break;
	case HAND_SETSOCKOPT:
	case HAND_GETSOCKOPT:
		do_option(a, h, c);
		break;
	case HAND_WRITE:
		do_write(a, h, c);
		break;
	case HAND_FLUSH:
		do_flush(a, h);
		break;
	case HAND_CLOSE:
		return false;
	case HAND_SOCKET: /* how an actor begins: never an order */
	case HAND_GETADDRINFO:
		break;
	}
	return true;
}

static bool
make_socket(struct actor *a, struct hand *h)
{
	const struct hand_call *c = h->first;
	int r = call_socket(a, c->domain, c->type, c->protocol, &h->sock);

	if (r < 0)
		advice_note(a, NULL, CALL_SOCKET, r, NULL);
	return r >= 0;
}

static void
run_hand(struct actor *a, void *arg)
{
	struct hand *h = arg;
	bool open = h->first == NULL || make_socket(a, h);

	while (open) {
		const void *call; /* from malloc(): aligned for anything */
		struct order o;
		int r = actor_wait_order(a, &o, -1);

		if (r == -ECANCELED)
			break;
		if (r < 0)
			continue; /* interrupted while it did nothing */
		call = o.data;
		open = o.kind == ORDER_HAND && carry_out(a, h, call);
		free(o.data);
	}
	if (h->buffered > 0)
		call_note(a, &h->sock, -ENODATA,
		    "%zu written bytes were never flushed: they are lost with "
		    "their buffer.",
		    h->buffered);
	call_close(a, &h->sock);
	free(h->first);
	free(h);
}

/* Takes spec->arg, a struct hand, in any case. */
static int
start_actor(struct engine *e, const struct actor_spec *spec, struct err *err)
{
	struct actor_spec s = *spec;
	struct hand *h = s.arg;
	int r;

	s.takes_orders = true;
	s.run = run_hand;
	r = actor_start(e, &s, NULL, err);
	if (r < 0) {
		free(h->first);
		free(h);
	}
	return r;
}

int
hand_socket(struct engine *e, uint32_t group, enum side side,
    struct hand_call *c, uint32_t *ret_sock, struct err *err)
{
	struct actor_spec spec = {.group = group, .side = side};
	struct hand *h = calloc(1, sizeof *h);
	int r;

	if (h == NULL) {
		free(c);
		return err_set(err, -ENOMEM, "no memory for another socket");
	}
	spec.address = engine_sock_id(e);
	spec.arg = h;
	h->first = c;
	h->sock = SOCK_NONE;
	h->sock.id = spec.address;
	r = start_actor(e, &spec, err);
	if (r == 0)
		*ret_sock = spec.address;
	return r;
}

int
hand_call(struct engine *e, uint32_t group, uint32_t sock, struct hand_call *c,
    struct err *err)
{
	struct order o = {
	    .kind = ORDER_HAND,
	    .to = sock,
	    .data = (uint8_t *)c,
	    .data_len = sizeof *c + c->data_len,
	};
	int r = engine_order(e, group, &o);

	if (r < 0)
		free(c);
	if (r == -ESRCH)
		return err_set(err, r,
		    "that socket is closed: its descriptor means nothing any "
		    "more (EBADF)");
	if (r < 0)
		return err_set(err, r,
		    "too many calls wait for this socket already: C-c "
		    "interrupts the one it is in");
	return 0;
}

/* ---- getaddrinfo() ---- */

static void
tell_found(struct actor *a, const struct addr *found, int n)
{
	char text[CALL_DATA_MAX] = "", one[ADDR_TEXT_MAX];
	size_t len = 0;

	for (int i = 0; i < n && len < sizeof text; i++)
		len += (size_t)snprintf(text + len, sizeof text - len,
		    "%s%s %s", i > 0 ? ", " : "",
		    found[i].sa.sa_family == AF_INET6 ? "AF_INET6" : "AF_INET",
		    addr_format(one, &found[i]));
	call_note(a, NULL, 0, "getaddrinfo() returned %s.", text);
}

static void
run_look_up(struct actor *a, void *arg)
{
	struct hand_call *c = arg;
	struct addr found[ADDRESSES_MAX];
	struct err err;
	int n = call_getaddrinfo(a, &c->endpoint, found, ADDRESSES_MAX, &err);

	if (n > 0)
		tell_found(a, found, n);
	else if (n != -ECANCELED)
		call_note(a, NULL, n, "%s.", err.text);
	free(c);
}

int
hand_getaddrinfo(struct engine *e, uint32_t group, enum side side,
    struct hand_call *c, struct err *err)
{
	struct actor_spec spec = {
	    .group = group, .side = side, .run = run_look_up, .arg = c};
	int r = actor_start(e, &spec, NULL, err);

	if (r < 0)
		free(c);
	return r;
}
