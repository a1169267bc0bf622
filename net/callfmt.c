#include "net/callfmt.h"

#include <errno.h>
#include <inttypes.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

#include "net/base/err.h"
#include "net/base/text.h"

struct name {
	int value;
	const char *name;
};

#define NAME(x)       \
	{             \
		x, #x \
	}

static const struct name domains[] = {NAME(AF_INET), NAME(AF_INET6),
    NAME(AF_UNIX), NAME(AF_BLUETOOTH), NAME(AF_NETLINK), NAME(AF_PACKET),
    {0, NULL}};
static const struct name types[] = {NAME(SOCK_STREAM), NAME(SOCK_DGRAM),
    NAME(SOCK_SEQPACKET), NAME(SOCK_RAW), {0, NULL}};
static const struct name hows[] = {
    NAME(SHUT_RD), NAME(SHUT_WR), NAME(SHUT_RDWR), {0, NULL}};
static const struct name eais[] = {NAME(EAI_NONAME), NAME(EAI_AGAIN),
    NAME(EAI_FAIL), NAME(EAI_NODATA), NAME(EAI_FAMILY), NAME(EAI_SOCKTYPE),
    NAME(EAI_SERVICE), NAME(EAI_MEMORY), NAME(EAI_ADDRFAMILY), {0, NULL}};

static const struct name epoll_ops[] = {
    NAME(EPOLL_CTL_ADD), NAME(EPOLL_CTL_MOD), NAME(EPOLL_CTL_DEL), {0, NULL}};

#define ANY (-1)

/* What an errno means for a call; the first line that fits. */
static const struct {
	int kind, error;
	const char *text;
} meanings[] = {
    {CALL_BIND, EADDRINUSE, "another socket has this address"},
    {CALL_BIND, EACCES, "a privileged port"},
    {CALL_BIND, EADDRNOTAVAIL, "not an address of this host"},
    {CALL_LISTEN, EADDRINUSE, "another socket listens here"},
    {CALL_ACCEPT, ECONNABORTED, "the client left before accept()"},
    {CALL_ACCEPT, EMFILE, "no descriptor left in this process"},
    {CALL_ACCEPT, ENFILE, "no descriptor left in the system"},
    {CALL_CONNECT, ECONNREFUSED, "nothing listens there"},
    {CALL_CONNECT, ETIMEDOUT, "no answer to the SYN"},
    {CALL_CONNECT, ENOENT, "no such socket file"},
    {CALL_CONNECT, EINTR, "interrupted; it goes on in the kernel"},
    {CALL_CONNECT, EINPROGRESS, "not waited for; it goes on in the kernel"},
    {CALL_SEND, EPIPE, "this connection is finished for sending"},
    {CALL_SENDTO, ECONNREFUSED, "ICMP: nobody has that port"},
    {CALL_RECV, ECONNREFUSED, "ICMP: nobody has that port"},
    {CALL_RECVFROM, ECONNREFUSED, "ICMP: nobody has that port"},
    {CALL_SENDTO, EMSGSIZE, "too long for one datagram"},
    {ANY, ECONNRESET, "the peer reset the connection (RST)"},
    {ANY, ETIMEDOUT, "the peer does not answer"},
    {ANY, ENETUNREACH, "no route to that network"},
    {ANY, EHOSTUNREACH, "that host cannot be reached"},
    {ANY, ENOTCONN, "not connected"},
    {ANY, EINTR, "interrupted by a signal"},
    {ANY, ECANCELED, "stopped at the gate"},
    {ANY, EAGAIN, "would have to wait"},
};

/* The same for RFCOMM, whose errors have other reasons. */
static const struct {
	int kind, error;
	const char *text;
} rfcomm_meanings[] = {
    {CALL_BIND, EADDRNOTAVAIL, "no adapter of this machine"},
    {CALL_CONNECT, EBUSY, "the last connection is not gone yet"},
    {CALL_CONNECT, EHOSTDOWN, "the device does not answer"},
    {CALL_CONNECT, EHOSTUNREACH, "no adapter leads there"},
    {CALL_CONNECT, ECONNREFUSED, "no server on that channel"},
    {CALL_CONNECT, EACCES, "pairing refused"},
    {ANY, ECONNRESET, "the peer closed (DISC)"},
    {ANY, ETIMEDOUT, "the link is lost"},
    {ANY, ECONNABORTED, "this machine's adapter is down"},
    {ANY, EADDRINUSE, "another server has this channel"},
};

static const char *
find_name(const struct name *table, int value)
{
	for (; table->name != NULL; table++)
		if (table->value == value)
			return table->name;
	return NULL;
}

/* The name or, where there is none, the number. */
static const char *
name_or_number(char dst[16], const struct name *table, int value)
{
	const char *name = find_name(table, value);

	if (name != NULL)
		return name;
	snprintf(dst, 16, "%d", value);
	return dst;
}

static void
format_socket(char dst[CALLFMT_MAX], const struct call *c)
{
	const int flags = SOCK_NONBLOCK | SOCK_CLOEXEC;
	char domain[16], type[16];

	snprintf(dst, CALLFMT_MAX, "socket(%s, %s%s, %d)",
	    name_or_number(domain, domains, c->arg[0]),
	    name_or_number(type, types, c->arg[1] & ~flags),
	    c->arg[1] & SOCK_NONBLOCK ? " | SOCK_NONBLOCK" : "", c->arg[2]);
}

static void
format_option(char dst[CALLFMT_MAX], const struct call *c)
{
	const char *verb = call_verb((enum call_kind)c->kind);
	const struct sockopt *o = sockopt_by_number(c->arg[0], c->arg[1]);
	bool get = c->kind == CALL_GETSOCKOPT;
	char value[SOCKOPT_TEXT_MAX] = "";

	if (!get && c->data_len > 0)
		snprintf(value, sizeof value, ", %.*s", c->data_len,
		    (const char *)c->data);
	else if (!get)
		snprintf(value, sizeof value, ", %d", c->arg[2]);
	if (o != NULL)
		snprintf(dst, CALLFMT_MAX, "%s(%s%s)", verb, o->name, value);
	else
		snprintf(dst, CALLFMT_MAX, "%s(%d, %d%s)", verb, c->arg[0],
		    c->arg[1], value);
}

static void
format_epoll(char dst[CALLFMT_MAX], const struct call *c)
{
	char op[16];

	if (c->kind == CALL_EPOLL_WAIT && c->arg[0] < 0)
		snprintf(dst, CALLFMT_MAX, "epoll_wait()");
	else if (c->kind == CALL_EPOLL_WAIT)
		snprintf(dst, CALLFMT_MAX, "epoll_wait(%d ms)", c->arg[0]);
	else
		snprintf(dst, CALLFMT_MAX, "epoll_ctl(%s, %d%s%s)",
		    name_or_number(op, epoll_ops, c->arg[0]), c->arg[1],
		    (c->arg[2] & EPOLLIN) != 0 ? ", EPOLLIN" : "",
		    (c->arg[2] & EPOLLOUT) != 0 ? ", EPOLLOUT" : "");
}

const char *
callfmt_verb(const struct call *c)
{
	static const char *const verbs[CALL_FORM_COUNT][2] = {
	    [CALL_RW] = {"read", "write"},
	    [CALL_VECTOR] = {"readv", "writev"},
	    [CALL_MSG] = {"recvmsg", "sendmsg"},
	    [CALL_MMSG] = {"recvmmsg", "sendmmsg"},
	    [CALL_FILE] = {"sendfile", "sendfile"},
	};

	return (call_sends(c) || call_receives(c)) && c->arg[2] > CALL_PLAIN &&
		       c->arg[2] < CALL_FORM_COUNT
		   ? verbs[c->arg[2]][call_sends(c)]
		   : call_verb((enum call_kind)c->kind);
}

static void
format_transfer(char dst[CALLFMT_MAX], const struct call *c)
{
	const char *verb = callfmt_verb(c);
	char peer[ADDR_TEXT_MAX];

	snprintf(dst, CALLFMT_MAX, "%s(%" PRIu64 "%s%s%s)", verb, c->asked,
	    c->peek ? ", MSG_PEEK" : "", c->kind == CALL_SENDTO ? ", " : "",
	    c->kind == CALL_SENDTO ? addr_format(peer, &c->peer) : "");
}

const char *
callfmt_args(char dst[CALLFMT_MAX], const struct call *c)
{
	const char *verb = call_verb((enum call_kind)c->kind);
	char addr[ADDR_TEXT_MAX];

	switch ((enum call_kind)c->kind) {
	case CALL_SOCKET:
		format_socket(dst, c);
		break;
	case CALL_BIND:
		snprintf(dst, CALLFMT_MAX, "%s(%s)", verb,
		    addr_format(addr, &c->local));
		break;
	case CALL_CONNECT:
		snprintf(dst, CALLFMT_MAX, "%s(%s)", verb,
		    addr_format(addr, &c->peer));
		break;
	case CALL_LISTEN:
		snprintf(dst, CALLFMT_MAX, "%s(%d)", verb, c->arg[0]);
		break;
	case CALL_SEND:
	case CALL_SENDTO:
	case CALL_RECV:
	case CALL_RECVFROM:
		format_transfer(dst, c);
		break;
	case CALL_SHUTDOWN:
		snprintf(dst, CALLFMT_MAX, "%s(%s)", verb,
		    name_or_number(addr, hows, c->arg[0]));
		break;
	case CALL_CLOSE:
		snprintf(dst, CALLFMT_MAX, "%s(%d)", verb, c->fd);
		break;
	case CALL_SETSOCKOPT:
	case CALL_GETSOCKOPT:
		format_option(dst, c);
		break;
	case CALL_RECVMSG:
		snprintf(dst, CALLFMT_MAX, "%s(%s)", verb,
		    (c->arg[0] & MSG_ERRQUEUE) != 0 ? "MSG_ERRQUEUE" : "");
		break;
	case CALL_EPOLL_CTL:
	case CALL_EPOLL_WAIT:
		format_epoll(dst, c);
		break;
	case CALL_GETADDRINFO:
		snprintf(dst, CALLFMT_MAX, "%s(\"%.*s\")", verb, c->data_len,
		    (const char *)c->data);
		break;
	case CALL_SDP_SEARCH:
		snprintf(dst, CALLFMT_MAX, "%s(%s, 0x%04x)", verb,
		    addr_format_host(addr, &c->peer), (unsigned)c->arg[0]);
		break;
	case CALL_SDP_REGISTER:
		snprintf(dst, CALLFMT_MAX, "%s(0x%04x, %d, \"%.*s\")", verb,
		    (unsigned)c->arg[0], c->arg[1], c->data_len,
		    (const char *)c->data);
		break;
	case CALL_NOTE:
		snprintf(dst, CALLFMT_MAX, "%.*s", c->data_len,
		    (const char *)c->data);
		break;
	case CALL_ACCEPT:
	case CALL_EPOLL_CREATE:
	case CALL_REPORT:
	case CALL_KIND_COUNT:
		snprintf(dst, CALLFMT_MAX, "%s()", verb);
		break;
	}
	return dst;
}

const char *
callfmt_result(char dst[CALLFMT_MAX], const struct call *c)
{
	char code[16];

	dst[0] = '\0';
	if (c->phase != CALL_DONE || c->kind == CALL_NOTE)
		return dst;
	if (c->error == 0)
		/* getaddrinfo() returns 0; the record has the count. */
		snprintf(dst, CALLFMT_MAX, "%" PRId64,
		    c->kind == CALL_GETADDRINFO ? 0
		    : c->messages > 0           ? c->messages
						: c->result);
	else if (c->kind == CALL_GETADDRINFO && c->arg[0] != EAI_SYSTEM)
		snprintf(dst, CALLFMT_MAX, "%s",
		    name_or_number(code, eais, c->arg[0]));
	else
		snprintf(dst, CALLFMT_MAX, "%s", err_name(c->error));
	return dst;
}

static bool
is_unix(const struct call *c)
{
	return c->local.len != 0 && c->local.sa.sa_family == AF_UNIX;
}

static bool
is_rfcomm(const struct call *c)
{
	const struct addr *a = c->peer.len != 0 ? &c->peer : &c->local;

	return a->len != 0 && a->sa.sa_family == AF_BLUETOOTH;
}

static const char *
error_meaning(const struct call *c)
{
	const size_t count = sizeof rfcomm_meanings / sizeof *rfcomm_meanings;

	for (size_t i = 0; is_rfcomm(c) && i < count; i++)
		if (rfcomm_meanings[i].error == c->error &&
		    (rfcomm_meanings[i].kind == ANY ||
			rfcomm_meanings[i].kind == c->kind))
			return rfcomm_meanings[i].text;
	for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
		if (meanings[i].error == c->error &&
		    (meanings[i].kind == ANY || meanings[i].kind == c->kind))
			return meanings[i].text;
	return strerrordesc_np(c->error);
}

/* A datagram that did not fit into the room offered. */
static bool
is_cut(const struct call *c)
{
	return call_receives(c) && c->arg[1] != 0;
}

static void
eof_meaning(char dst[CALLFMT_MAX], const struct call *c)
{
	char times[TEXT_NUM_MAX];

	if (c->again == 0)
		snprintf(dst, CALLFMT_MAX, "%s",
		    is_rfcomm(c) ? "this side has shut it down"
		    : is_unix(c) ? "the peer closed its side"
				 : "the peer closed its side (FIN)");
	else
		snprintf(dst, CALLFMT_MAX, "the end, and %s times again",
		    text_count(times, c->again));
}

static void
success_meaning(char dst[CALLFMT_MAX], const struct call *c)
{
	char addr[ADDR_TEXT_MAX];

	if (c->kind == CALL_ACCEPT && addr_format(addr, &c->peer)[0] != '\0')
		snprintf(dst, CALLFMT_MAX, "from %s", addr);
	else if (is_cut(c))
		snprintf(dst, CALLFMT_MAX,
		    "the datagram had %d: %" PRId64 " bytes are gone",
		    c->arg[1], c->arg[1] - c->result);
	else if (c->messages > 0)
		snprintf(
		    dst, CALLFMT_MAX, "messages: %" PRId64 " bytes", c->result);
	else if (c->kind == CALL_RECVMSG)
		snprintf(dst, CALLFMT_MAX, "ICMP type %d, code %d", c->arg[1],
		    c->arg[2]);
	else if (c->kind == CALL_GETSOCKOPT)
		snprintf(dst, CALLFMT_MAX, "%.*s", c->data_len,
		    (const char *)c->data);
	else if (c->kind == CALL_EPOLL_WAIT)
		snprintf(dst, CALLFMT_MAX, "%s",
		    c->result == 0 ? "nothing is ready" : "ready");
	else if (c->kind == CALL_RECVFROM && c->peer.len != 0)
		snprintf(dst, CALLFMT_MAX, "from %s%s",
		    addr_format(addr, &c->peer),
		    c->result == 0 ? ", an empty datagram" : "");
	else if (c->kind == CALL_CONNECT && !is_unix(c) && c->local.len != 0)
		snprintf(
		    dst, CALLFMT_MAX, "from %s", addr_format(addr, &c->local));
	else if (c->kind == CALL_RECV && c->result == 0 && c->asked > 0)
		eof_meaning(dst, c);
	else if (call_sends(c) && (uint64_t)c->result < c->asked)
		snprintf(dst, CALLFMT_MAX, "took %" PRId64 " of %" PRIu64,
		    c->result, c->asked);
	else if (c->kind == CALL_CLOSE && c->arg[0] != CALL_END_SOCKET)
		snprintf(dst, CALLFMT_MAX, "%s",
		    c->arg[0] == CALL_END_COPY
			? "the socket lives on: another descriptor has it"
			: "no call: the kernel, as the program ended");
	else if (c->kind == CALL_GETADDRINFO)
		snprintf(dst, CALLFMT_MAX, "%" PRId64 " address%s: %s%s",
		    c->result, c->result == 1 ? "" : "es",
		    addr_format(addr, &c->peer), c->result > 1 ? " ..." : "");
	else if (c->kind == CALL_SDP_SEARCH)
		snprintf(dst, CALLFMT_MAX, "the channel of \"%.*s\"",
		    c->data_len, (const char *)c->data);
}

const char *
callfmt_meaning(char dst[CALLFMT_MAX], const struct call *c)
{
	const char *text;

	dst[0] = '\0';
	if (c->phase != CALL_DONE || c->kind == CALL_NOTE)
		return dst;
	if (c->error == 0) {
		success_meaning(dst, c);
		return dst;
	}
	text = c->kind == CALL_GETADDRINFO && c->arg[0] != EAI_SYSTEM
		   ? gai_strerror(c->arg[0])
		   : error_meaning(c);
	snprintf(dst, CALLFMT_MAX, "%s", text != NULL ? text : "");
	return dst;
}

const char *
callfmt(char dst[CALLFMT_MAX], const struct call *c)
{
	char result[CALLFMT_MAX], meaning[CALLFMT_MAX];
	size_t n;

	callfmt_args(dst, c);
	callfmt_result(result, c);
	if (result[0] == '\0')
		return dst;
	callfmt_meaning(meaning, c);
	n = strlen(dst);
	if (meaning[0] == '\0')
		snprintf(dst + n, CALLFMT_MAX - n, " = %s", result);
	else if (strncmp(meaning, "from ", 5) == 0)
		snprintf(dst + n, CALLFMT_MAX - n, " = %s %s", result, meaning);
	else
		snprintf(
		    dst + n, CALLFMT_MAX - n, " = %s  (%s)", result, meaning);
	return dst;
}

const char *
callfmt_lesson(const struct call *c)
{
	return c->again == 0
		   ? ""
		   : "It goes on to receive behind the end of the stream, and "
		     "spins: 0 bytes (b'' in Python) mean that nothing will "
		     "come any more. Leave the loop there.";
}

bool
callfmt_has_data(const struct call *c)
{
	return c->data_len > 0 &&
	       (call_sends(c) || (call_receives(c) && c->phase == CALL_DONE));
}
