#include "net/callfmt.h"

#include <errno.h>
#include <inttypes.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>

#include "net/base/err.h"

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

static const struct name sol_socket[] = {NAME(SO_REUSEADDR), NAME(SO_REUSEPORT),
    NAME(SO_BROADCAST), NAME(SO_KEEPALIVE), NAME(SO_LINGER), NAME(SO_RCVBUF),
    NAME(SO_SNDBUF), NAME(SO_RCVTIMEO), NAME(SO_SNDTIMEO), NAME(SO_RCVLOWAT),
    NAME(SO_OOBINLINE), NAME(SO_ERROR), NAME(SO_TYPE), NAME(SO_DONTROUTE),
    NAME(SO_BINDTODEVICE), {0, NULL}};
static const struct name ipproto_tcp[] = {NAME(TCP_NODELAY), NAME(TCP_CORK),
    NAME(TCP_MAXSEG), NAME(TCP_KEEPIDLE), NAME(TCP_KEEPINTVL),
    NAME(TCP_KEEPCNT), NAME(TCP_SYNCNT), NAME(TCP_USER_TIMEOUT),
    NAME(TCP_QUICKACK), NAME(TCP_DEFER_ACCEPT), NAME(TCP_CONGESTION),
    NAME(TCP_FASTOPEN), NAME(TCP_LINGER2), {0, NULL}};
static const struct name ipproto_ip[] = {NAME(IP_TTL), NAME(IP_TOS),
    NAME(IP_MTU_DISCOVER), NAME(IP_RECVERR), NAME(IP_MULTICAST_TTL),
    NAME(IP_MULTICAST_LOOP), NAME(IP_ADD_MEMBERSHIP), NAME(IP_DROP_MEMBERSHIP),
    NAME(IP_PKTINFO), {0, NULL}};
static const struct name ipproto_ipv6[] = {NAME(IPV6_V6ONLY),
    NAME(IPV6_UNICAST_HOPS), NAME(IPV6_RECVERR), NAME(IPV6_JOIN_GROUP),
    NAME(IPV6_LEAVE_GROUP), {0, NULL}};

static const struct {
	int level;
	const struct name *options;
} levels[] = {{SOL_SOCKET, sol_socket}, {IPPROTO_TCP, ipproto_tcp},
    {IPPROTO_IP, ipproto_ip}, {IPPROTO_IPV6, ipproto_ipv6}};

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
	const char *name = NULL;

	for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
		if (levels[i].level == c->arg[0])
			name = find_name(levels[i].options, c->arg[1]);
	if (name != NULL)
		snprintf(dst, CALLFMT_MAX, "%s(%s, %d)", verb, name, c->arg[2]);
	else
		snprintf(dst, CALLFMT_MAX, "%s(%d, %d, %d)", verb, c->arg[0],
		    c->arg[1], c->arg[2]);
}

static void
format_transfer(char dst[CALLFMT_MAX], const struct call *c)
{
	const char *verb = call_verb((enum call_kind)c->kind);
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
	case CALL_GETADDRINFO:
		snprintf(dst, CALLFMT_MAX, "%s(\"%.*s\")", verb, c->data_len,
		    (const char *)c->data);
		break;
	case CALL_NOTE:
		snprintf(dst, CALLFMT_MAX, "%.*s", c->data_len,
		    (const char *)c->data);
		break;
	case CALL_ACCEPT:
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
		    c->kind == CALL_GETADDRINFO ? 0 : c->result);
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

static const char *
error_meaning(const struct call *c)
{
	for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
		if (meanings[i].error == c->error &&
		    (meanings[i].kind == ANY || meanings[i].kind == c->kind))
			return meanings[i].text;
	return strerrordesc_np(c->error);
}

static void
success_meaning(char dst[CALLFMT_MAX], const struct call *c)
{
	char addr[ADDR_TEXT_MAX];

	if (c->kind == CALL_ACCEPT && c->peer.len != 0)
		snprintf(
		    dst, CALLFMT_MAX, "from %s", addr_format(addr, &c->peer));
	else if (c->kind == CALL_RECVFROM && c->peer.len != 0)
		snprintf(dst, CALLFMT_MAX, "from %s%s",
		    addr_format(addr, &c->peer),
		    c->result == 0 ? ", an empty datagram" : "");
	else if (c->kind == CALL_CONNECT && !is_unix(c) && c->local.len != 0)
		snprintf(
		    dst, CALLFMT_MAX, "from %s", addr_format(addr, &c->local));
	else if (c->kind == CALL_RECV && c->result == 0 && c->asked > 0)
		snprintf(dst, CALLFMT_MAX, "the peer closed its side%s",
		    is_unix(c) ? "" : " (FIN)");
	else if (callfmt_is_send(c) && (uint64_t)c->result < c->asked)
		snprintf(dst, CALLFMT_MAX, "took %" PRId64 " of %" PRIu64,
		    c->result, c->asked);
	else if (c->kind == CALL_GETADDRINFO)
		snprintf(dst, CALLFMT_MAX, "%" PRId64 " address%s: %s%s",
		    c->result, c->result == 1 ? "" : "es",
		    addr_format(addr, &c->peer), c->result > 1 ? " ..." : "");
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

bool
callfmt_has_data(const struct call *c)
{
	return c->phase == CALL_DONE && c->data_len > 0 &&
	       (callfmt_is_send(c) || c->kind == CALL_RECV ||
		   c->kind == CALL_RECVFROM);
}

bool
callfmt_is_send(const struct call *c)
{
	return c->kind == CALL_SEND || c->kind == CALL_SENDTO;
}
