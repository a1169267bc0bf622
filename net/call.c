#include "net/call.h"

#include <errno.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "net/engine.h"
#include "net/resolve.h"

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

/*
 * Everything but data[], which is most of the record and is defined only up
 * to data_len: clearing it would cost more than both clock readings.
 */
static void
prepare(struct call *c, enum call_kind kind, const struct sock *s)
{
	memset(c, 0, offsetof(struct call, data));
	c->kind = (uint8_t)kind;
	c->sock = s->id;
	c->fd = s->fd;
	c->local = s->local;
	c->peer = s->peer;
}

/* The system call's result into the record; errno is still its own. */
static void
take_result(struct call *c, int64_t result)
{
	c->error = result < 0 ? errno : 0;
	c->result = result < 0 ? -1 : result;
}

/*
 * Make the system call and keep its result. It is made again after an EINTR
 * that nobody asked for: the signal that stopped an earlier call may arrive
 * late. (On Linux a second connect() waits for the first one's handshake.)
 */
#define MAKE_CALL(a, c, expression)             \
	do                                      \
		take_result((c), (expression)); \
	while ((c)->error == EINTR && actor_call_again(a))

static void
copy_data(struct call *c, const void *data, size_t n)
{
	c->data_len = (uint16_t)(n < CALL_DATA_MAX ? n : CALL_DATA_MAX);
	memcpy(c->data, data, c->data_len);
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

int
call_socket(
    struct actor *a, int domain, int type, int protocol, struct sock *ret)
{
	struct sock s = {
	    .fd = -1, .id = actor_sock_id(a), .domain = domain, .type = type};
	struct call c;
	int r;

	prepare(&c, CALL_SOCKET, &s);
	c.arg[0] = domain;
	c.arg[1] = type;
	c.arg[2] = protocol;
	r = actor_call_begin(a, &c);
	if (r < 0)
		return r;
	MAKE_CALL(a, &c, socket(domain, type | SOCK_CLOEXEC, protocol));
	c.fd = s.fd = (int)c.result;
	r = actor_call_end(a, &c);
	if (r < 0)
		return r;
	*ret = s;
	return s.fd;
}

int
call_bind(struct actor *a, struct sock *s, const struct addr *addr)
{
	struct call c;
	int r;

	prepare(&c, CALL_BIND, s);
	c.local = *addr;
	r = actor_call_begin(a, &c);
	if (r < 0)
		return r;
	MAKE_CALL(a, &c, bind(s->fd, &addr->sa, addr->len));
	if (c.error == 0) /* port 0 has become a real one */
		c.local = s->local = local_address(s->fd);
	return actor_call_end(a, &c);
}

int
call_listen(struct actor *a, struct sock *s, int backlog)
{
	struct call c;
	int r;

	prepare(&c, CALL_LISTEN, s);
	c.arg[0] = backlog;
	r = actor_call_begin(a, &c);
	if (r < 0)
		return r;
	MAKE_CALL(a, &c, listen(s->fd, backlog));
	return actor_call_end(a, &c);
}

int
call_accept(struct actor *a, struct sock *s, struct sock *ret)
{
	struct sockaddr_storage ss;
	struct sock new = {.domain = s->domain, .type = s->type};
	socklen_t len = sizeof ss;
	struct call c;
	int r;

	prepare(&c, CALL_ACCEPT, s);
	r = actor_call_begin(a, &c);
	if (r < 0)
		return r;
	MAKE_CALL(
	    a, &c, accept4(s->fd, (struct sockaddr *)&ss, &len, SOCK_CLOEXEC));
	if (c.error == 0) {
		new.fd = (int)c.result;
		new.id = actor_sock_id(a);
		/* A wildcard listener's connections have a definite address. */
		new.local = local_address(new.fd);
		new.peer =
		    addr_from_sockaddr((const struct sockaddr *)&ss, len);
		c.arg[0] = (int)new.id;
		c.local = new.local;
		c.peer = new.peer;
	}
	r = actor_call_end(a, &c);
	if (r < 0)
		return r;
	*ret = new;
	return new.fd;
}

int
call_connect(struct actor *a, struct sock *s, const struct addr *addr)
{
	struct call c;
	int r;

	prepare(&c, CALL_CONNECT, s);
	c.peer = *addr;
	r = actor_call_begin(a, &c);
	if (r < 0)
		return r;
	MAKE_CALL(a, &c, connect(s->fd, &addr->sa, addr->len));
	/* The kernel chose the port before it sent the SYN: known also when
	 * the handshake failed or was not waited for. */
	c.local = local_address(s->fd);
	if (c.error == 0) {
		s->local = c.local;
		s->peer = c.peer;
	}
	return actor_call_end(a, &c);
}

static ssize_t
finish_send(struct actor *a, struct sock *s, struct call *c, const void *data)
{
	int r;

	if (c->error == 0) {
		copy_data(c, data, (size_t)c->result);
		s->sent += (uint64_t)c->result;
	}
	r = actor_call_end(a, c);
	return r < 0 ? r : (ssize_t)c->result;
}

ssize_t
call_send(
    struct actor *a, struct sock *s, const void *data, size_t n, int flags)
{
	struct call c;
	int r;

	prepare(&c, CALL_SEND, s);
	c.asked = n;
	c.arg[0] = flags;
	c.stream_off = s->sent;
	r = actor_call_begin(a, &c);
	if (r < 0)
		return r;
	MAKE_CALL(a, &c, send(s->fd, data, n, flags | MSG_NOSIGNAL));
	return finish_send(a, s, &c, data);
}

ssize_t
call_sendto(struct actor *a, struct sock *s, const void *data, size_t n,
    int flags, const struct addr *to)
{
	struct call c;
	int r;

	prepare(&c, CALL_SENDTO, s);
	c.asked = n;
	c.arg[0] = flags;
	c.stream_off = s->sent;
	c.peer = *to;
	r = actor_call_begin(a, &c);
	if (r < 0)
		return r;
	MAKE_CALL(a, &c,
	    sendto(s->fd, data, n, flags | MSG_NOSIGNAL, &to->sa, to->len));
	/* Without a bind() the first datagram gives the socket its port. */
	if (s->local.len == 0)
		c.local = s->local = local_address(s->fd);
	return finish_send(a, s, &c, data);
}

static ssize_t
finish_recv(
    struct actor *a, struct sock *s, struct call *c, const void *data, size_t n)
{
	int r;

	if (c->error == 0) {
		/* MSG_TRUNC makes a datagram's result exceed the room. */
		copy_data(
		    c, data, (uint64_t)c->result < n ? (size_t)c->result : n);
		if (!c->peek)
			s->received += (uint64_t)c->result;
	}
	r = actor_call_end(a, c);
	return r < 0 ? r : (ssize_t)c->result;
}

ssize_t
call_recv(struct actor *a, struct sock *s, void *data, size_t n, int flags)
{
	struct call c;
	int r;

	prepare(&c, CALL_RECV, s);
	c.asked = n;
	c.arg[0] = flags;
	c.peek = (flags & MSG_PEEK) != 0;
	c.stream_off = s->received;
	r = actor_call_begin(a, &c);
	if (r < 0)
		return r;
	MAKE_CALL(a, &c, recv(s->fd, data, n, flags));
	return finish_recv(a, s, &c, data, n);
}

ssize_t
call_recvfrom(struct actor *a, struct sock *s, void *data, size_t n, int flags,
    struct addr *ret_from)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof ss;
	struct call c;
	int r;

	prepare(&c, CALL_RECVFROM, s);
	c.asked = n;
	c.arg[0] = flags;
	c.peek = (flags & MSG_PEEK) != 0;
	c.stream_off = s->received;
	r = actor_call_begin(a, &c);
	if (r < 0)
		return r;
	MAKE_CALL(a, &c,
	    recvfrom(s->fd, data, n, flags, (struct sockaddr *)&ss, &len));
	if (c.error == 0)
		*ret_from = c.peer =
		    addr_from_sockaddr((const struct sockaddr *)&ss, len);
	return finish_recv(a, s, &c, data, n);
}

int
call_shutdown(struct actor *a, struct sock *s, int how)
{
	struct call c;
	int r;

	prepare(&c, CALL_SHUTDOWN, s);
	c.arg[0] = how;
	r = actor_call_begin(a, &c);
	if (r < 0)
		return r;
	MAKE_CALL(a, &c, shutdown(s->fd, how));
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
	actor_call_begin(a, &c); /* it never refuses a close() */
	/* Not made again after EINTR: the descriptor is gone (close(2)). */
	take_result(&c, close(c.fd));
	return actor_call_end(a, &c);
}

int
call_setsockopt(struct actor *a, struct sock *s, int level, int name, int value)
{
	struct call c;
	int r;

	prepare(&c, CALL_SETSOCKOPT, s);
	c.arg[0] = level;
	c.arg[1] = name;
	c.arg[2] = value;
	r = actor_call_begin(a, &c);
	if (r < 0)
		return r;
	MAKE_CALL(a, &c, setsockopt(s->fd, level, name, &value, sizeof value));
	return actor_call_end(a, &c);
}

/* The nearest errno of a resolver's failure: callers return one kind of code.
 */
static int
errno_of_eai(int eai)
{
	switch (eai) {
	case EAI_SYSTEM:
		return errno != 0 ? errno : EINVAL;
	case EAI_NONAME:
	case EAI_NODATA:
		return ENOENT;
	case EAI_AGAIN:
		return EAGAIN;
	case EAI_MEMORY:
		return ENOMEM;
	default:
		return EINVAL;
	}
}

int
call_getaddrinfo(struct actor *a, const struct endpoint *e, struct addr *ret,
    int max, struct err *err)
{
	struct resolve *look_up;
	struct call c;
	int r, count = 0;

	prepare(&c, CALL_GETADDRINFO, &SOCK_NONE);
	c.data_len = (uint16_t)snprintf(
	    (char *)c.data, sizeof c.data, "%.240s:%u", e->host, e->port);
	r = actor_call_begin(a, &c);
	if (r < 0)
		return err_set(err, r, "the look-up was stopped");
	look_up = resolve_start(e);
	do {
		errno = EAGAIN;
		c.arg[0] = look_up == NULL
			       ? EAI_SYSTEM
			       : resolve_wait(look_up, ret, max, &count);
		c.error = c.arg[0] != 0 ? errno_of_eai(c.arg[0]) : 0;
	} while (c.error == EINTR && actor_call_again(a));
	resolve_free(look_up);
	c.result = c.error != 0 ? -1 : count;
	if (count > 0)
		c.peer = ret[0];
	r = actor_call_end(a, &c);
	if (r < 0)
		return err_set(err, r, "the name '%s' does not resolve: %s",
		    e->host,
		    c.arg[0] == EAI_SYSTEM ? strerrordesc_np(c.error)
					   : gai_strerror(c.arg[0]));
	return count;
}

int
call_send_all(struct actor *a, struct sock *s, const void *data, size_t n)
{
	const uint8_t *p = data;

	while (n > 0) {
		ssize_t r = call_send(a, s, p, n, 0);

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

int
call_set_timeout(struct actor *a, struct sock *s, int name, int64_t ns)
{
	struct timeval tv = {
	    .tv_sec = ns / 1000000000, .tv_usec = ns % 1000000000 / 1000};
	struct call c;
	int r;

	prepare(&c, CALL_SETSOCKOPT, s);
	c.arg[0] = SOL_SOCKET;
	c.arg[1] = name;
	c.arg[2] = (int)(ns / 1000000);
	r = actor_call_begin(a, &c);
	if (r < 0)
		return r;
	MAKE_CALL(a, &c, setsockopt(s->fd, SOL_SOCKET, name, &tv, sizeof tv));
	return actor_call_end(a, &c);
}
