#include "net/call.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "net/call_impl.h"
#include "net/outside.h"

const char *
call_verb(enum call_kind kind)
{
	static const char *const verbs[CALL_KIND_COUNT] = {
#define X(name, verb) [CALL_##name] = verb,
	    CALL_KINDS(X)
#undef X
	};

	return verbs[kind];
}

uint64_t
call_moved(const struct call *c)
{
	return call_receives(c) && c->arg[1] > c->result ? (uint64_t)c->arg[1]
	       : c->result > 0                           ? (uint64_t)c->result
							 : 0;
}

static struct addr
local_address(int fd)
{
	struct sockaddr_storage ss = {0};
	socklen_t len = sizeof ss;

	if (getsockname(fd, (struct sockaddr *)&ss, &len) < 0)
		return (struct addr){0};
	return addr_from_sockaddr((const struct sockaddr *)&ss, len);
}

/* Bluetooth exists in the first network namespace alone: from a lab it is the
 * helper that opens the socket, which then is used as any other. */
static int
open_socket(struct actor *a, int domain, int type, int protocol)
{
	const struct outside *o = engine_outside(actor_engine(a));
	int fd;

	if (domain != AF_BLUETOOTH || o == NULL)
		return socket(domain, type, protocol);
	fd = outside_socket(o, domain, type, protocol);
	errno = fd < 0 ? -fd : 0;
	return fd < 0 ? -1 : fd;
}

int
call_socket(
    struct actor *a, int domain, int type, int protocol, struct sock *ret)
{
	struct sock s = {
	    .fd = -1,
	    .id = ret->id != 0 ? ret->id : actor_sock_id(a),
	    .domain = domain,
	    .type = type & ~SOCK_NONBLOCK,
	    .nonblock = (type & SOCK_NONBLOCK) != 0,
	};
	struct call c;

	prepare(&c, CALL_SOCKET, &s);
	c.arg[0] = domain;
	c.arg[1] = type;
	c.arg[2] = protocol;
	while (to_be_made(a, &c))
		take(&c, open_socket(a, domain, type | SOCK_CLOEXEC, protocol));
	if (c.error == 0) {
		c.fd = s.fd = (int)c.result;
		*ret = s;
	}
	return actor_call_end(a, &c);
}

int
call_bind(struct actor *a, struct sock *s, const struct addr *addr)
{
	struct call c;

	prepare(&c, CALL_BIND, s);
	c.local = *addr;
	while (to_be_made(a, &c))
		take(&c, bind(s->fd, &addr->sa, addr->len));
	if (c.error == 0) { /* port 0 has become a real one */
		c.local = s->local = local_address(s->fd);
		s->past |= SOCK_BOUND;
	}
	return actor_call_end(a, &c);
}

int
call_listen(struct actor *a, struct sock *s, int backlog)
{
	struct call c;

	prepare(&c, CALL_LISTEN, s);
	c.arg[0] = backlog;
	while (to_be_made(a, &c))
		take(&c, listen(s->fd, backlog));
	if (c.error == 0) {
		s->past |= SOCK_LISTENS;
		/* Without a bind(), and of RFCOMM in any case: what is free
		 * is chosen now. */
		if (s->local.len == 0 || s->domain == AF_BLUETOOTH)
			c.local = s->local = local_address(s->fd);
	}
	return actor_call_end(a, &c);
}

int
call_accept(struct actor *a, struct sock *s, struct sock *ret)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof ss;
	struct call c;

	prepare(&c, CALL_ACCEPT, s);
	while (to_be_made(a, &c))
		take(&c, accept4(s->fd, (struct sockaddr *)&ss, &len,
			     SOCK_CLOEXEC | (s->nonblock ? SOCK_NONBLOCK : 0)));
	if (c.error == 0) {
		/* A wildcard listener's connections have a definite address. */
		c.local = local_address((int)c.result);
		c.peer = addr_from_sockaddr((const struct sockaddr *)&ss, len);
		*ret = (struct sock){
		    .fd = (int)c.result,
		    .id = actor_sock_id(a),
		    .domain = s->domain,
		    .type = s->type,
		    .nonblock = s->nonblock,
		    .past = SOCK_CONNECTED | SOCK_ACCEPTED,
		    .local = c.local,
		    .peer = c.peer,
		};
		c.arg[0] = (int)ret->id;
		actor_conn_opened(a, ret->id, ret->fd);
	}
	return actor_call_end(a, &c);
}

int
call_connect(struct actor *a, struct sock *s, const struct addr *addr)
{
	struct call c;

	prepare(&c, CALL_CONNECT, s);
	c.peer = *addr;
	while (to_be_made(a, &c))
		take(&c, connect(s->fd, &addr->sa, addr->len));
	/* The kernel chose the port before it sent the SYN: known also when
	 * the handshake failed or was not waited for. */
	c.local = local_address(s->fd);
	s->past &= ~(unsigned)SOCK_CONNECTING;
	if (c.error == 0) {
		s->local = c.local;
		s->peer = c.peer;
		s->past |= SOCK_CONNECTED;
	} else if (c.error == EINTR || c.error == EINPROGRESS ||
		   c.error == EALREADY) {
		s->past |= SOCK_CONNECTING;
	}
	return actor_call_end(a, &c);
}

/* ---- bytes out and in ---- */

/*
 * The address that a datagram socket bound to all addresses has towards a
 * peer: that which the kernel's routes choose, asked of a socket that sends
 * nothing. Kept for the peer's host, since most datagrams go where the last
 * one went. (A group is no address to send from, and counts as all.)
 */
static struct addr
local_toward(struct sock *s, const struct addr *peer)
{
	int fd;

	if (!(addr_is_wildcard(&s->local) || addr_is_multicast(&s->local)) ||
	    peer->len == 0)
		return s->local;
	if (addr_same_host(&s->toward, peer))
		return s->toward_local;
	fd = socket(peer->sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return s->local;
	/* Else connect() refuses a broadcast address. */
	setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &(int){1}, sizeof(int));
	s->toward = *peer;
	s->toward_local = s->local;
	if (connect(fd, &peer->sa, peer->len) == 0) {
		s->toward_local = local_address(fd);
		addr_set_port(&s->toward_local, addr_port(&s->local));
	}
	close(fd);
	return s->toward_local;
}

static void
prepare_send(struct call *c, enum call_kind kind, const struct sock *s,
    const void *data, size_t n, int flags)
{
	prepare(c, kind, s);
	copy_data(c, data, n); /* seen while it waits, too */
	c->asked = n;
	c->arg[0] = flags;
	c->stream_off = s->sent;
}

static void
count_sent(struct sock *s, struct call *c)
{
	size_t sent = c->error == 0 ? (size_t)c->result : 0;

	if (c->data_len > sent)
		c->data_len = (uint16_t)sent;
	s->sent += sent;
}

ssize_t
call_send(
    struct actor *a, struct sock *s, const void *data, size_t n, int flags)
{
	struct call c;

	prepare_send(&c, CALL_SEND, s, data, n, flags);
	while (to_be_made(a, &c))
		take(&c, send(s->fd, data, n, flags | MSG_NOSIGNAL));
	count_sent(s, &c);
	return actor_call_end(a, &c);
}

ssize_t
call_sendto(struct actor *a, struct sock *s, const void *data, size_t n,
    int flags, const struct addr *to)
{
	struct call c;

	prepare_send(&c, CALL_SENDTO, s, data, n, flags);
	c.peer = *to;
	while (to_be_made(a, &c))
		take(&c, sendto(s->fd, data, n, flags | MSG_NOSIGNAL, &to->sa,
			     to->len));
	/* Without a bind() the first datagram gives the socket its port. */
	if (c.error == 0 && s->local.len == 0)
		s->local = local_address(s->fd);
	if (c.error == 0)
		c.local = local_toward(s, to);
	count_sent(s, &c);
	return actor_call_end(a, &c);
}

static void
prepare_recv(struct call *c, enum call_kind kind, const struct sock *s,
    size_t n, int flags)
{
	prepare(c, kind, s);
	c->asked = n;
	c->arg[0] = flags;
	c->peek = (flags & MSG_PEEK) != 0;
	c->stream_off = s->received;
}

static void
count_received(struct sock *s, struct call *c, const void *data)
{
	if (c->error != 0)
		return;
	/* What recv() alone returns; the rest of the datagram is gone. */
	if ((uint64_t)c->result > c->asked) {
		c->arg[1] = (int)c->result;
		c->result = (int64_t)c->asked;
	}
	copy_data(c, data, (size_t)c->result);
	if (!c->peek)
		s->received += (uint64_t)c->result;
}

/* With MSG_TRUNC a datagram's whole length is returned, and that it was cut is
 * seen; a stream would throw bytes away (tcp(7)). */
static int
recv_flags(const struct sock *s, int flags)
{
	return s->type == SOCK_STREAM ? flags : flags | MSG_TRUNC;
}

ssize_t
call_recv(struct actor *a, struct sock *s, void *data, size_t n, int flags)
{
	struct call c;

	prepare_recv(&c, CALL_RECV, s, n, flags);
	while (to_be_made(a, &c))
		take(&c, recv(s->fd, data, n, recv_flags(s, flags)));
	count_received(s, &c, data);
	return actor_call_end(a, &c);
}

ssize_t
call_recvfrom(struct actor *a, struct sock *s, void *data, size_t n, int flags,
    struct addr *ret_from)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof ss;
	struct call c;

	prepare_recv(&c, CALL_RECVFROM, s, n, flags);
	while (to_be_made(a, &c))
		take(&c, recvfrom(s->fd, data, n, recv_flags(s, flags),
			     (struct sockaddr *)&ss, &len));
	if (c.error == 0) {
		*ret_from = c.peer =
		    addr_from_sockaddr((const struct sockaddr *)&ss, len);
		if (!addr_is_multicast(&s->local))
			c.local = local_toward(s, &c.peer);
	}
	count_received(s, &c, data);
	return actor_call_end(a, &c);
}

static size_t
bytes_of(const struct datagram *v, size_t n)
{
	size_t bytes = 0;

	for (size_t i = 0; i < n; i++)
		bytes += v[i].len;
	return bytes;
}

int
call_sendmmsg(struct actor *a, struct sock *s, const struct datagram *v,
    size_t n, bool *cut)
{
	size_t run = datagram_run(v, n);
	struct call c;
	int r;

	prepare_send(&c, CALL_SENDTO, s, v->data, v->len, 0);
	c.arg[2] = CALL_MMSG;
	c.asked = bytes_of(v, run);
	c.messages = (uint32_t)run;
	c.peer = v->peer;
	while (to_be_made(a, &c))
		take(&c, datagram_send(s->fd, v, run, cut));
	c.messages = c.error == 0 ? (uint32_t)c.result : 0;
	if (c.error == 0) {
		c.local = local_toward(s, &c.peer);
		c.result = (int64_t)bytes_of(v, c.messages);
	}
	count_sent(s, &c);
	r = actor_call_end(a, &c);
	return r < 0 ? r : (int)c.messages;
}

int
call_recvmmsg(struct actor *a, struct sock *s, struct datagram *v, size_t n)
{
	int got, r = 0;
	struct call c;

	prepare_recv(&c, CALL_RECVFROM, s, bytes_of(v, n), MSG_DONTWAIT);
	c.arg[2] = CALL_MMSG;
	while (to_be_made(a, &c))
		take(&c, datagram_recv(s->fd, v, n));
	got = (int)c.result;
	if (c.error != 0)
		return actor_call_end(a, &c);
	for (int i = 0; i < got; i += (int)c.messages) {
		c.messages = (uint32_t)datagram_run(v + i, (size_t)(got - i));
		c.peer = v[i].peer;
		c.local = local_toward(s, &c.peer);
		c.stream_off = s->received;
		c.result = (int64_t)bytes_of(v + i, c.messages);
		copy_data(&c, v[i].data, v[i].len);
		s->received += (uint64_t)c.result;
		if (i == 0)
			r = actor_call_end(a, &c);
		else
			actor_call_also(a, &c);
	}
	return r < 0 ? r : got;
}

int
call_shutdown(struct actor *a, struct sock *s, int how)
{
	struct call c;

	prepare(&c, CALL_SHUTDOWN, s);
	c.arg[0] = how;
	while (to_be_made(a, &c))
		take(&c, shutdown(s->fd, how));
	/* Linux shuts an unconnected socket down as well as complaining. */
	if ((c.error == 0 || c.error == ENOTCONN) && how != SHUT_WR)
		s->past |= SOCK_SHUT_RD;
	if ((c.error == 0 || c.error == ENOTCONN) && how != SHUT_RD)
		s->past |= SOCK_SHUT_WR;
	return actor_call_end(a, &c);
}

int
call_close(struct actor *a, struct sock *s)
{
	struct call c;

	if (s->fd < 0)
		return 0;
	prepare(&c, CALL_CLOSE, s);
	*s = SOCK_NONE;
	actor_conn_closing(a, c.sock);
	/* Never refused; nor made again after EINTR: the descriptor is gone
	 * (close(2)). */
	if (to_be_made(a, &c))
		take(&c, close(c.fd));
	return actor_call_end(a, &c);
}

int
call_send_all(struct actor *a, struct sock *s, const void *data, size_t n)
{
	const uint8_t *p = data;
	size_t max = s->domain == AF_BLUETOOTH ? RFCOMM_SEND_MAX : n;

	while (n > 0) {
		ssize_t r = call_send(a, s, p, n < max ? n : max, 0);

		if (r < 0)
			return (int)r;
		p += r;
		n -= (size_t)r;
	}
	return 0;
}

void
call_note(
    struct actor *a, const struct sock *s, int result, const char *fmt, ...)
{
	struct call c;
	va_list ap;
	int n;

	prepare(&c, CALL_NOTE, s != NULL ? s : &SOCK_NONE);
	va_start(ap, fmt);
	n = vsnprintf((char *)c.data, sizeof c.data, fmt, ap);
	va_end(ap);
	c.data_len =
	    (uint16_t)(n < 0                    ? 0
		       : n < (int)sizeof c.data ? n
						: (int)sizeof c.data - 1);
	c.result = result;
	actor_note(a, &c);
}

void
call_report(struct actor *a, const struct sock *s, const struct addr *peer,
    const void *data, size_t n)
{
	struct call c;

	prepare(&c, CALL_REPORT, s);
	c.peer = *peer;
	copy_data(&c, data, n);
	actor_note(a, &c);
}
