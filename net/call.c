#include "net/call.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <netdb.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
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

uint64_t
call_moved(const struct call *c)
{
	bool receives = c->kind == CALL_RECV || c->kind == CALL_RECVFROM;

	return receives && c->arg[1] > c->result ? (uint64_t)c->arg[1]
	       : c->result > 0                   ? (uint64_t)c->result
						 : 0;
}

/*
 * Every traced call is written in the same way:
 *
 *	prepare(&c, CALL_X, s);		the kind of call, and on what
 *	c.arg[0] = ...			what else is known before it is made
 *	while (to_be_made(a, &c))
 *		take(&c, x(s->fd, ...));	the system call itself
 *	if (c.error == 0) ...		what it returned beside its result
 *	return actor_call_end(a, &c);
 *
 * A call that was refused (a stop, an interrupt) has its reason in c.error as
 * one that failed, so nothing needs to tell the two apart.
 */

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

/*
 * Is it to be made, or made again? Again after an EINTR that nobody asked for:
 * the signal that stopped an earlier call may arrive late. (On Linux a second
 * connect() waits for the first one's handshake.)
 */
static bool
to_be_made(struct actor *a, struct call *c)
{
	if (c->id == 0)
		return actor_call_begin(a, c);
	return c->error == EINTR && actor_call_again(a);
}

/* The system call's result into the record; errno is still its own. */
static void
take(struct call *c, int64_t result)
{
	c->error = result < 0 ? errno : 0;
	c->result = result < 0 ? -1 : result;
}

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
		take(&c, socket(domain, type | SOCK_CLOEXEC, protocol));
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
		if (s->local.len == 0) /* without a bind(): a free port */
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
 * one went.
 */
static struct addr
local_toward(struct sock *s, const struct addr *peer)
{
	int fd;

	if (!addr_is_wildcard(&s->local) || peer->len == 0)
		return s->local;
	if (addr_same_host(&s->toward, peer))
		return s->toward_local;
	fd = socket(peer->sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return s->local;
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
		c.local = local_toward(s, &c.peer);
	}
	count_received(s, &c, data);
	return actor_call_end(a, &c);
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
call_setsockopt(struct actor *a, struct sock *s, int level, int name, int value)
{
	struct call c;

	prepare(&c, CALL_SETSOCKOPT, s);
	c.arg[0] = level;
	c.arg[1] = name;
	c.arg[2] = value;
	while (to_be_made(a, &c))
		take(&c, setsockopt(s->fd, level, name, &value, sizeof value));
	return actor_call_end(a, &c);
}

int
call_set_value(struct actor *a, struct sock *s, const struct sockopt *o,
    const struct sockopt_value *v)
{
	char text[SOCKOPT_TEXT_MAX];
	struct call c;

	prepare(&c, CALL_SETSOCKOPT, s);
	c.arg[0] = o->level;
	c.arg[1] = o->option;
	c.arg[2] = v->number;
	sockopt_format(text, o, v);
	copy_data(&c, text, strlen(text));
	while (to_be_made(a, &c))
		take(&c,
		    setsockopt(s->fd, o->level, o->option, v->bytes, v->len));
	return actor_call_end(a, &c);
}

int
call_getsockopt(struct actor *a, struct sock *s, const struct sockopt *o,
    struct sockopt_value *ret)
{
	char text[SOCKOPT_TEXT_MAX];
	struct call c;

	prepare(&c, CALL_GETSOCKOPT, s);
	c.arg[0] = o->level;
	c.arg[1] = o->option;
	*ret = sockopt_room(o);
	while (to_be_made(a, &c))
		take(&c, getsockopt(s->fd, o->level, o->option, ret->bytes,
			     &ret->len));
	if (c.error == 0) {
		c.arg[2] = ret->number;
		sockopt_format(text, o, ret);
		copy_data(&c, text, strlen(text));
	}
	return actor_call_end(a, &c);
}

/* The control message that tells of an ICMP error, into ret. */
static bool
read_error(struct msghdr *m, struct sock_error *ret)
{
	for (struct cmsghdr *cm = CMSG_FIRSTHDR(m); cm != NULL;
	     cm = CMSG_NXTHDR(m, cm)) {
		struct sock_extended_err ee;
		struct sockaddr_storage ss = {0};
		size_t n = cm->cmsg_len - CMSG_LEN(0);

		if ((cm->cmsg_level != IPPROTO_IP ||
			cm->cmsg_type != IP_RECVERR) &&
		    (cm->cmsg_level != IPPROTO_IPV6 ||
			cm->cmsg_type != IPV6_RECVERR))
			continue;
		if (n < sizeof ee)
			return false;
		memcpy(&ee, CMSG_DATA(cm), sizeof ee);
		n -= sizeof ee;
		memcpy(&ss, CMSG_DATA(cm) + sizeof ee,
		    n < sizeof ss ? n : sizeof ss);
		*ret = (struct sock_error){
		    .error = (int)ee.ee_errno,
		    .icmp = ee.ee_origin == SO_EE_ORIGIN_ICMP ||
			    ee.ee_origin == SO_EE_ORIGIN_ICMP6,
		    .type = ee.ee_type,
		    .code = ee.ee_code,
		    .offender = addr_from_sockaddr((struct sockaddr *)&ss,
			ss.ss_family == AF_INET6 ? sizeof(struct sockaddr_in6)
						 : sizeof(struct sockaddr_in)),
		};
		return true;
	}
	return false;
}

int
call_recv_error(struct actor *a, struct sock *s, struct sock_error *ret)
{
	struct sockaddr_storage to = {0};
	uint8_t data[CALL_DATA_MAX];
	alignas(struct cmsghdr) uint8_t control[512];
	struct iovec iov = {data, sizeof data};
	struct msghdr m;
	struct call c;

	prepare(&c, CALL_RECVMSG, s);
	c.asked = sizeof data;
	c.arg[0] = MSG_ERRQUEUE;
	c.peek = 1; /* it moves no offset: the data is our own */
	while (to_be_made(a, &c)) {
		m = (struct msghdr){
		    .msg_name = &to,
		    .msg_namelen = sizeof to,
		    .msg_iov = &iov,
		    .msg_iovlen = 1,
		    .msg_control = control,
		    .msg_controllen = sizeof control,
		};
		take(&c, recvmsg(s->fd, &m, MSG_ERRQUEUE));
	}
	if (c.error == 0 && !read_error(&m, ret))
		c.error = EPROTO;
	if (c.error == 0) {
		c.arg[1] = ret->type;
		c.arg[2] = ret->code;
		c.peer =
		    addr_from_sockaddr((struct sockaddr *)&to, m.msg_namelen);
		copy_data(&c, data, (size_t)c.result);
	}
	return actor_call_end(a, &c);
}

/* ---- epoll ---- */

int
call_epoll_create(struct actor *a, struct sock *ret)
{
	struct sock s = {.fd = -1, .id = actor_sock_id(a)};
	struct call c;

	prepare(&c, CALL_EPOLL_CREATE, &s);
	while (to_be_made(a, &c))
		take(&c, epoll_create1(EPOLL_CLOEXEC));
	if (c.error == 0) {
		s.fd = (int)c.result;
		*ret = s;
	}
	return actor_call_end(a, &c);
}

static int
epoll_change(struct actor *a, const struct sock *epoll, const struct sock *s,
    int op, uint32_t events, void *ptr)
{
	struct epoll_event ev = {.events = events, .data = {.ptr = ptr}};
	struct call c;

	prepare(&c, CALL_EPOLL_CTL, epoll);
	c.arg[0] = op;
	c.arg[1] = s->fd;
	c.arg[2] = (int)events;
	while (to_be_made(a, &c))
		take(&c, epoll_ctl(epoll->fd, op, s->fd, &ev));
	return actor_call_end(a, &c);
}

int
call_epoll_add(struct actor *a, const struct sock *epoll, const struct sock *s,
    uint32_t events, void *ptr)
{
	return epoll_change(a, epoll, s, EPOLL_CTL_ADD, events, ptr);
}

int
call_epoll_mod(struct actor *a, const struct sock *epoll, const struct sock *s,
    uint32_t events, void *ptr)
{
	return epoll_change(a, epoll, s, EPOLL_CTL_MOD, events, ptr);
}

int
call_epoll_wait(struct actor *a, const struct sock *epoll,
    struct epoll_event *ret, int max, int timeout_ms)
{
	struct call c;

	prepare(&c, CALL_EPOLL_WAIT, epoll);
	c.arg[0] = timeout_ms;
	while (to_be_made(a, &c))
		take(&c, epoll_wait(epoll->fd, ret, max, timeout_ms));
	return actor_call_end(a, &c);
}

/* ---- names ---- */

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

/* The answer to a look-up, into the record: as resolve_wait() returned it. */
static void
take_answer(struct call *c, int eai, int count)
{
	c->arg[0] = eai;
	c->error = eai != 0 ? errno_of_eai(eai) : 0;
	c->result = eai != 0 ? -1 : count;
}

int
call_getaddrinfo(struct actor *a, const struct endpoint *e, struct addr *ret,
    int max, struct err *err)
{
	struct resolve *look_up = NULL;
	struct call c;
	int r, count = 0;

	prepare(&c, CALL_GETADDRINFO, &SOCK_NONE);
	c.data_len = (uint16_t)snprintf(
	    (char *)c.data, sizeof c.data, "%.240s:%u", e->host, e->port);
	while (to_be_made(a, &c)) {
		int eai = EAI_SYSTEM;

		errno = EAGAIN;
		if (look_up == NULL)
			look_up = resolve_start(e);
		if (look_up != NULL)
			eai = resolve_wait(look_up, ret, max, &count);
		take_answer(&c, eai, count);
	}
	resolve_free(look_up);
	if (count > 0)
		c.peer = ret[0];
	r = actor_call_end(a, &c);
	if (r < 0)
		return err_set(err, r, "the name '%s' does not resolve: %s",
		    e->host,
		    c.arg[0] == 0            ? "the look-up was stopped"
		    : c.arg[0] == EAI_SYSTEM ? strerrordesc_np(c.error)
					     : gai_strerror(c.arg[0]));
	return r;
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
