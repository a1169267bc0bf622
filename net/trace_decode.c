#include "net/trace_decode.h"

#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

#include "net/base/bytes.h"

/* Pieces of one writev() that are looked at, and messages of a sendmmsg(). */
#define PIECES_MAX 64
#define MESSAGES_MAX 64
/* Of the 64-bit kernel's struct iovec, msghdr, mmsghdr. */
#define IOVEC_SIZE 16
#define MSGHDR_SIZE 56
#define MMSGHDR_SIZE 64
/* More than any call moves (MAX_RW_COUNT), and far from overflowing. */
#define ASKED_MAX (UINT64_C(1) << 40)

static const struct trace_number numbers[] = {
    {SYS_socket, TRACE_SOCKET}, {SYS_bind, TRACE_BIND},
    {SYS_listen, TRACE_LISTEN}, {SYS_accept, TRACE_ACCEPT},
    {SYS_accept4, TRACE_ACCEPT}, {SYS_connect, TRACE_CONNECT},
    {SYS_sendto, TRACE_SENDTO}, {SYS_sendmsg, TRACE_SENDMSG},
    {SYS_sendmmsg, TRACE_SENDMMSG}, {SYS_write, TRACE_WRITE},
    {SYS_writev, TRACE_WRITEV}, {SYS_sendfile, TRACE_SENDFILE},
    {SYS_recvfrom, TRACE_RECVFROM}, {SYS_recvmsg, TRACE_RECVMSG},
    {SYS_recvmmsg, TRACE_RECVMMSG}, {SYS_read, TRACE_READ},
    {SYS_readv, TRACE_READV}, {SYS_shutdown, TRACE_SHUTDOWN},
    {SYS_close, TRACE_CLOSE}, {SYS_setsockopt, TRACE_SETSOCKOPT},
    {SYS_getsockopt, TRACE_GETSOCKOPT}, {SYS_dup, TRACE_DUP},
    {SYS_dup3, TRACE_DUP}, {SYS_pidfd_getfd, TRACE_DUP},
#ifdef SYS_epoll_wait
    {SYS_epoll_wait, TRACE_EPOLL_WAIT},
#endif
    {SYS_epoll_pwait, TRACE_EPOLL_WAIT},
#ifdef SYS_dup2
    {SYS_dup2, TRACE_DUP},
#endif
    {SYS_fcntl, TRACE_DUP}, /* the filter lets only F_DUPFD through to us */
};

/* How bytes are moved: which argument has flags (0: none). */
static const struct {
	uint8_t form, flags_at;
	bool moves;
} transfers[] = {
    [TRACE_SENDTO] = {CALL_PLAIN, 3, true},
    [TRACE_SENDMSG] = {CALL_MSG, 2, true},
    [TRACE_SENDMMSG] = {CALL_MMSG, 3, true},
    [TRACE_WRITE] = {CALL_RW, 0, true},
    [TRACE_WRITEV] = {CALL_VECTOR, 0, true},
    [TRACE_SENDFILE] = {CALL_FILE, 0, true},
    [TRACE_RECVFROM] = {CALL_PLAIN, 3, true},
    [TRACE_RECVMSG] = {CALL_MSG, 2, true},
    [TRACE_RECVMMSG] = {CALL_MMSG, 3, true},
    [TRACE_READ] = {CALL_RW, 0, true},
    [TRACE_READV] = {CALL_VECTOR, 0, true},
    [TRACE_DUP] = {CALL_PLAIN, 0, false}, /* so that each op has an entry */
};

#define NUMBER_COUNT (sizeof numbers / sizeof *numbers)

const struct trace_number *
trace_numbers(size_t *ret_count)
{
	*ret_count = NUMBER_COUNT;
	return numbers;
}

enum trace_op
trace_op(uint64_t nr)
{
	for (size_t i = 0; i < NUMBER_COUNT; i++)
		if ((uint64_t)numbers[i].nr == nr)
			return numbers[i].op;
	return TRACE_NONE;
}

/* ---- reading the other's memory ---- */

static size_t
read_at(const struct trace_mem *m, uint64_t at, void *dst, size_t n)
{
	return at != 0 && n > 0 ? m->read(m->arg, at, dst, n) : 0;
}

/* A number of 4 bytes; 0 if it cannot be read. */
static uint32_t
read_u32(const struct trace_mem *m, uint64_t at)
{
	uint8_t bytes[4];
	size_t got = read_at(m, at, bytes, sizeof bytes);
	struct rd r = rd_init(bytes, got, got);

	return rd_le32(&r);
}

static size_t
family_size(sa_family_t family)
{
	switch (family) {
	case AF_INET:
		return sizeof(struct sockaddr_in);
	case AF_INET6:
		return sizeof(struct sockaddr_in6);
	default:
		return sizeof family;
	}
}

/* The socket address of len bytes at an address; none if it is no such. */
static struct addr
read_addr(const struct trace_mem *m, uint64_t at, uint64_t len)
{
	struct sockaddr_storage ss = {0};

	if (len > sizeof ss)
		len = sizeof ss;
	if (len < sizeof ss.ss_family || read_at(m, at, &ss, len) != len ||
	    len < family_size(ss.ss_family))
		return (struct addr){0};
	return addr_from_sockaddr((const struct sockaddr *)&ss, (socklen_t)len);
}

/* An option's value, as text where we know the option. */
static void
read_option(
    const struct trace_mem *m, uint64_t at, uint64_t len, struct call *c)
{
	const struct sockopt *o = sockopt_by_number(c->arg[0], c->arg[1]);
	struct sockopt_value v = {.len = SOCKOPT_VALUE_MAX};
	char text[SOCKOPT_TEXT_MAX];

	if (len < v.len)
		v.len = (socklen_t)len;
	v.len = (socklen_t)read_at(m, at, v.bytes, v.len);
	c->arg[2] = v.number;
	if (o != NULL && v.len > 0)
		sockopt_format(text, o, &v);
	else
		snprintf(text, sizeof text, "%d", v.number);
	c->data_len = (uint16_t)strlen(text);
	memcpy(c->data, text, c->data_len);
}

/* Where the bytes of a transfer lie: pieces of memory, in order. */
struct span {
	uint64_t at, len;
};
struct spans {
	struct span piece[PIECES_MAX];
	size_t count;
	uint64_t total; /* also of those that did not fit */
};

static void
add_span(struct spans *s, uint64_t at, uint64_t len)
{
	if (len > ASKED_MAX)
		len = ASKED_MAX;
	if (s->count < PIECES_MAX)
		s->piece[s->count++] = (struct span){at, len};
	if (s->total < ASKED_MAX)
		s->total += len;
}

static void
add_iovecs(
    const struct trace_mem *m, uint64_t at, uint64_t count, struct spans *s)
{
	uint8_t bytes[PIECES_MAX * IOVEC_SIZE];
	size_t want = count < PIECES_MAX ? (size_t)count : PIECES_MAX;
	size_t got = read_at(m, at, bytes, want * IOVEC_SIZE);
	struct rd r = rd_init(bytes, got, got);

	while (rd_left(&r) >= IOVEC_SIZE) {
		uint64_t base = rd_le64(&r), len = rd_le64(&r);

		add_span(s, base, len);
	}
}

struct message {
	uint64_t name_at, name_len, pieces_at, pieces;
	uint64_t moved; /* mmsghdr: bytes of this one */
};

static bool
read_message(
    const struct trace_mem *m, uint64_t at, bool many, struct message *ret)
{
	uint8_t bytes[MMSGHDR_SIZE];
	size_t want = many ? MMSGHDR_SIZE : MSGHDR_SIZE;
	size_t got = read_at(m, at, bytes, want);
	struct rd r = rd_init(bytes, got, got);

	ret->name_at = rd_le64(&r);
	ret->name_len = rd_le32(&r);
	rd_skip(&r, 4);
	ret->pieces_at = rd_le64(&r);
	ret->pieces = rd_le64(&r);
	rd_skip(&r, 24); /* control data, flags */
	ret->moved = many ? rd_le32(&r) : 0;
	return r.state == RD_OK;
}

/* Where the call's bytes are, and who is named beside them. */
static struct spans
find_spans(enum trace_op op, const uint64_t args[6], const struct trace_mem *m,
    struct addr *ret_name)
{
	struct spans s = {.count = 0};
	struct message msg;
	uint64_t messages = 1;
	bool many = transfers[op].form == CALL_MMSG;

	if (op == TRACE_SENDFILE) { /* its bytes are in a file */
		s.total = args[3] < ASKED_MAX ? args[3] : ASKED_MAX;
		return s;
	}
	if (transfers[op].form == CALL_VECTOR) {
		add_iovecs(m, args[1], args[2], &s);
		return s;
	}
	if (transfers[op].form != CALL_MSG && !many) {
		add_span(&s, args[1], args[2]);
		return s;
	}
	if (many)
		messages = args[2] < MESSAGES_MAX ? args[2] : MESSAGES_MAX;
	for (uint64_t i = 0; i < messages; i++) {
		if (!read_message(m, args[1] + i * MMSGHDR_SIZE, many, &msg))
			break;
		if (i == 0)
			*ret_name = read_addr(m, msg.name_at, msg.name_len);
		add_iovecs(m, msg.pieces_at, msg.pieces, &s);
	}
	return s;
}

/* The first of the moved bytes. */
static void
read_data(const struct trace_mem *m, const struct spans *s, uint64_t moved,
    struct call *c)
{
	c->data_len = 0;
	for (size_t i = 0; i < s->count && moved > 0; i++) {
		size_t n = CALL_DATA_MAX - c->data_len, got;

		if (n > s->piece[i].len)
			n = (size_t)s->piece[i].len;
		if (n > moved)
			n = (size_t)moved;
		got = read_at(m, s->piece[i].at, c->data + c->data_len, n);
		c->data_len = (uint16_t)(c->data_len + got);
		moved -= n;
		if (got < n || n < s->piece[i].len)
			return;
	}
}

/* ---- entry ---- */

static int
flags_of(enum trace_op op, const uint64_t args[6])
{
	return transfers[op].flags_at > 0 ? (int)args[transfers[op].flags_at]
					  : 0;
}

static void
enter_send(enum trace_op op, const uint64_t args[6], const struct trace_mem *m,
    struct call *c)
{
	struct addr name = {0};
	struct spans s = find_spans(op, args, m, &name);

	if (op == TRACE_SENDTO)
		name = read_addr(m, args[4], args[5]);
	c->kind = name.len != 0 ? CALL_SENDTO : CALL_SEND;
	if (name.len != 0)
		c->peer = name;
	c->arg[0] = flags_of(op, args);
	c->arg[2] = transfers[op].form;
	c->asked = s.total;
	read_data(m, &s, s.total, c);
}

static void
enter_recv(enum trace_op op, const uint64_t args[6], bool stream,
    const struct trace_mem *m, struct call *c)
{
	struct addr unused;
	struct spans s = find_spans(op, args, m, &unused);

	c->kind = stream ? CALL_RECV : CALL_RECVFROM;
	c->arg[0] = flags_of(op, args);
	c->arg[2] = transfers[op].form;
	/* The error queue is not the stream. */
	c->peek = (c->arg[0] & (MSG_PEEK | MSG_ERRQUEUE)) != 0;
	c->asked = s.total;
}

void
trace_entry(enum trace_op op, const uint64_t args[6], bool stream,
    const struct trace_mem *m, struct call *c)
{
	c->fd = op == TRACE_SOCKET ? -1 : (int)args[0];
	c->data_len = 0;
	switch (op) {
	case TRACE_SOCKET:
		c->kind = CALL_SOCKET;
		c->arg[0] = (int)args[0];
		c->arg[1] = (int)args[1] & ~SOCK_CLOEXEC;
		c->arg[2] = (int)args[2];
		break;
	case TRACE_BIND:
		c->kind = CALL_BIND;
		c->local = read_addr(m, args[1], args[2]);
		break;
	case TRACE_LISTEN:
		c->kind = CALL_LISTEN;
		c->arg[0] = (int)args[1];
		break;
	case TRACE_ACCEPT:
		c->kind = CALL_ACCEPT;
		break;
	case TRACE_CONNECT:
		c->kind = CALL_CONNECT;
		c->peer = read_addr(m, args[1], args[2]);
		break;
	case TRACE_SHUTDOWN:
		c->kind = CALL_SHUTDOWN;
		c->arg[0] = (int)args[1];
		break;
	case TRACE_CLOSE:
		c->kind = CALL_CLOSE;
		break;
	case TRACE_SETSOCKOPT:
	case TRACE_GETSOCKOPT:
		c->kind =
		    op == TRACE_SETSOCKOPT ? CALL_SETSOCKOPT : CALL_GETSOCKOPT;
		c->arg[0] = (int)args[1];
		c->arg[1] = (int)args[2];
		if (op == TRACE_SETSOCKOPT)
			read_option(m, args[3], args[4], c);
		break;
	case TRACE_EPOLL_WAIT:
		c->kind = CALL_EPOLL_WAIT;
		c->arg[0] = (int)args[3];
		break;
	case TRACE_SENDTO:
	case TRACE_SENDMSG:
	case TRACE_SENDMMSG:
	case TRACE_WRITE:
	case TRACE_WRITEV:
	case TRACE_SENDFILE:
		enter_send(op, args, m, c);
		break;
	case TRACE_RECVFROM:
	case TRACE_RECVMSG:
	case TRACE_RECVMMSG:
	case TRACE_READ:
	case TRACE_READV:
		enter_recv(op, args, stream, m, c);
		break;
	case TRACE_NONE:
	case TRACE_DUP:
		break;
	}
}

/* ---- exit ---- */

/* sendmmsg(), recvmmsg() return messages; the record counts bytes. */
static uint64_t
sum_messages(const struct trace_mem *m, uint64_t at, int64_t messages)
{
	struct message msg;
	uint64_t sum = 0;

	for (int64_t i = 0; i < messages && i < MESSAGES_MAX;
	     i++, at += MMSGHDR_SIZE)
		if (read_message(m, at, true, &msg))
			sum += msg.moved;
	return sum;
}

static void
leave_recv(enum trace_op op, const uint64_t args[6], const struct trace_mem *m,
    struct call *c)
{
	struct addr name = {0};
	struct spans s = find_spans(op, args, m, &name);

	if (op == TRACE_RECVFROM && args[4] != 0)
		name = read_addr(m, args[4], read_u32(m, args[5]));
	if (c->kind == CALL_RECVFROM && name.len != 0)
		c->peer = name;
	read_data(m, &s, (uint64_t)c->result, c);
}

void
trace_exit(enum trace_op op, const uint64_t args[6], int64_t rval,
    const struct trace_mem *m, struct call *c)
{
	c->error = rval < 0 && rval >= -4095 ? (int)-rval : 0;
	c->result = rval < 0 ? -1 : rval;
	if (c->error != 0) {
		c->data_len = 0;
		return;
	}
	if (op == TRACE_SENDMMSG || op == TRACE_RECVMMSG)
		c->result = (int64_t)sum_messages(m, args[1], rval);
	if (op == TRACE_SOCKET)
		c->fd = (int)rval;
	else if (op == TRACE_GETSOCKOPT)
		read_option(m, args[3], read_u32(m, args[4]), c);
	else if (call_receives(c))
		leave_recv(op, args, m, c);
	else if (c->data_len >
		 c->result) /* of what was offered, so much went */
		c->data_len = (uint16_t)c->result;
}
