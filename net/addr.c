#include "net/addr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UN_PATH_OFFSET offsetof(struct sockaddr_un, sun_path)
#define PORT_DIGITS 5

static const struct {
	const char *name;
	int socktype;
} transports[TRANSPORT_COUNT] = {
    [TRANSPORT_TCP] = {"tcp", SOCK_STREAM},
    [TRANSPORT_UDP] = {"udp", SOCK_DGRAM},
    [TRANSPORT_UNIX] = {"unix", SOCK_STREAM},
    [TRANSPORT_UNIXGRAM] = {"unixgram", SOCK_DGRAM},
    [TRANSPORT_RFCOMM] = {"rfcomm", SOCK_STREAM},
    [TRANSPORT_RUDP] = {"rudp", SOCK_DGRAM},
    [TRANSPORT_L2CAP] = {"l2cap", SOCK_SEQPACKET},
};

const char *
transport_name(enum transport t)
{
	return transports[t].name;
}

enum transport
transport_in_kernel(enum transport t)
{
	return t == TRANSPORT_RUDP ? TRANSPORT_UDP : t;
}

bool
transport_parse(const char *name, enum transport *ret)
{
	for (int i = 0; i < TRANSPORT_COUNT; i++)
		if (i != TRANSPORT_L2CAP &&
		    strcmp(name, transports[i].name) == 0) {
			*ret = (enum transport)i;
			return true;
		}
	return false;
}

int
transport_socktype(enum transport t)
{
	return transports[t].socktype;
}

int
transport_protocol(enum transport t)
{
	return t == TRANSPORT_RFCOMM ? RFCOMM_PROTOCOL : 0;
}

/* ---- reading ---- */

static int
parse_path(const char *text, struct addr *ret, struct err *err)
{
	size_t n = strlen(text);
	struct addr a = {.un = {.sun_family = AF_UNIX}};

	if (text[0] != '@' && strchr(text, '/') == NULL)
		return err_set(err, -EINVAL,
		    "'%s' is no Unix socket address: write a path with a slash "
		    "(/tmp/sock, ./sock) or an abstract name (@name)",
		    text);
	if (text[0] == '@' && n == 1)
		return err_set(
		    err, -EINVAL, "'@' needs a name behind it, as in @echo");
	/* A path needs its NUL; an abstract name begins with one. */
	if (n + (text[0] != '@') > sizeof a.un.sun_path)
		return err_set(err, -EINVAL,
		    "a Unix socket address has room for %zu bytes, this one "
		    "has %zu: choose a shorter path",
		    sizeof a.un.sun_path - 1, n);
	memcpy(a.un.sun_path, text, n);
	a.len = (socklen_t)(UN_PATH_OFFSET + n + (text[0] != '@'));
	if (text[0] == '@')
		a.un.sun_path[0] = '\0';
	*ret = a;
	return 0;
}

static int
parse_port(const char *s, bool passive, uint16_t *ret, struct err *err)
{
	size_t n = strspn(s, "0123456789");
	unsigned long port;

	if (n == 0 || n > PORT_DIGITS || s[n] != '\0' ||
	    (port = strtoul(s, NULL, 10)) > UINT16_MAX)
		return err_set(err, -EINVAL,
		    "'%s' is no port: ports are numbers from 1 to 65535", s);
	if (port == 0 && !passive)
		return err_set(err, -EINVAL,
		    "port 0 means \"any free port\", which only a server can "
		    "ask for");
	*ret = (uint16_t)port;
	return 0;
}

/* fe80::1%eth0: an address that is valid on one link only (RFC 4007 s11). */
static int
parse_ip6(char *host, struct addr *ret, struct err *err)
{
	char *zone = strchr(host, '%');
	struct in6_addr ip;
	unsigned scope = 0;

	if (zone != NULL)
		*zone++ = '\0';
	if (inet_pton(AF_INET6, host, &ip) != 1)
		return err_set(err, -EINVAL,
		    "'%s' is no IPv6 address: write it as in [::1]:7000", host);
	if (zone != NULL && (scope = if_nametoindex(zone)) == 0)
		return err_set(
		    err, -EINVAL, "there is no network interface '%s'", zone);
	*ret = addr_from_ip(AF_INET6, &ip, 0);
	ret->in6.sin6_scope_id = scope;
	return 0;
}

static int
parse_name(const char *host, struct endpoint *e, struct err *err)
{
	struct in_addr ip;
	size_t n = strlen(host);

	if (inet_pton(AF_INET, host, &ip) == 1) {
		e->addr = addr_from_ip(AF_INET, &ip, 0);
		return 0;
	}
	if (strspn(host, "0123456789.") == n)
		return err_set(err, -EINVAL,
		    "'%s' is no IPv4 address: four numbers from 0 to 255, as "
		    "in 127.0.0.1",
		    host);
	/* RFC 1123 s2.1, and the underscore that real names have. */
	if (host[0] == '-' ||
	    strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			 "0123456789.-_") != n)
		return err_set(err, -EINVAL,
		    "'%s' is no host name: letters, digits, dots and hyphens",
		    host);
	memcpy(e->host, host, n + 1);
	return 0;
}

/* text is HOST:PORT; split is the colon between them. */
static int
parse_host(const char *text, const char *split, bool passive,
    struct endpoint *e, struct err *err)
{
	size_t n = (size_t)(split - text);
	char host[ADDR_HOST_MAX];

	if (n >= sizeof host)
		return err_set(err, -EINVAL,
		    "a host name has at most %d characters", ADDR_HOST_MAX - 1);
	memcpy(host, text, n);
	host[n] = '\0';
	if (n == 0) {
		struct in_addr ip = {
		    htonl(passive ? INADDR_ANY : INADDR_LOOPBACK)};

		e->addr = addr_from_ip(AF_INET, &ip, 0);
		return 0;
	}
	if (host[0] == '[') {
		if (host[n - 1] != ']')
			return err_set(err, -EINVAL,
			    "'%s' lacks the closing bracket: [::1]:7000", text);
		host[n - 1] = '\0';
		return parse_ip6(host + 1, &e->addr, err);
	}
	if (strchr(host, ':') != NULL)
		return err_set(err, -EINVAL,
		    "'%s' has too many colons: an IPv6 address stands in "
		    "brackets, as in [::1]:7000",
		    text);
	return parse_name(host, e, err);
}

int
endpoint_parse(const char *text, enum transport transport, bool passive,
    struct endpoint *ret, struct err *err)
{
	struct endpoint e = {.transport = transport};
	const char *split = strrchr(text, ':');
	int r;

	if (transport == TRANSPORT_RFCOMM) {
		r = rfcomm_parse(text, passive, &e.addr.rc, err);
		e.addr.len = sizeof e.addr.rc;
		e.port = e.addr.rc.channel;
	} else if (transport == TRANSPORT_UNIX ||
		   transport == TRANSPORT_UNIXGRAM) {
		r = parse_path(text, &e.addr, err);
	} else if (split == NULL || (text[0] == '[' && split[-1] != ']')) {
		return err_set(err, -EINVAL,
		    "'%s' lacks a port: write it as in 127.0.0.1:7000, "
		    "[::1]:7000 or :7000",
		    text);
	} else {
		r = parse_host(text, split, passive, &e, err);
		if (r == 0)
			r = parse_port(split + 1, passive, &e.port, err);
		if (r == 0 && e.addr.len != 0)
			/* sin6_port lies where sin_port does. */
			e.addr.in.sin_port = htons(e.port);
	}
	if (r == 0)
		*ret = e;
	return r;
}

/* ---- writing ---- */

static const char *
format_unix(char dst[ADDR_TEXT_MAX], const struct addr *a)
{
	size_t n = a->len > UN_PATH_OFFSET ? a->len - UN_PATH_OFFSET : 0;
	bool abstract = n > 0 && a->un.sun_path[0] == '\0';

	if (n > sizeof a->un.sun_path)
		n = sizeof a->un.sun_path;
	if (!abstract)
		n = strnlen(a->un.sun_path, n);
	memcpy(dst, a->un.sun_path, n);
	dst[n] = '\0';
	/* An abstract name may hold more NULs: '@' for each, as ss(8) does. */
	for (size_t i = 0; abstract && i < n; i++)
		if (dst[i] == '\0')
			dst[i] = '@';
	return dst;
}

const char *
addr_format_host(char dst[ADDR_TEXT_MAX], const struct addr *a)
{
	char zone[IF_NAMESIZE];
	size_t n;

	dst[0] = '\0';
	if (a->len == 0)
		return dst;
	switch (a->sa.sa_family) {
	case AF_INET:
		inet_ntop(AF_INET, &a->in.sin_addr, dst, ADDR_TEXT_MAX);
		return dst;
	case AF_INET6:
		inet_ntop(AF_INET6, &a->in6.sin6_addr, dst, ADDR_TEXT_MAX);
		n = strlen(dst);
		if (a->in6.sin6_scope_id == 0)
			return dst;
		if (if_indextoname(a->in6.sin6_scope_id, zone) != NULL)
			snprintf(dst + n, ADDR_TEXT_MAX - n, "%%%s", zone);
		else
			snprintf(dst + n, ADDR_TEXT_MAX - n, "%%%u",
			    a->in6.sin6_scope_id);
		return dst;
	case AF_UNIX:
		return format_unix(dst, a);
	case AF_BLUETOOTH:
		if (bdaddr_is_any(&a->rc.device))
			return strcpy(dst, "any");
		return bdaddr_format(dst, &a->rc.device);
	default:
		snprintf(dst, ADDR_TEXT_MAX, "family %d", a->sa.sa_family);
		return dst;
	}
}

const char *
addr_format(char dst[ADDR_TEXT_MAX], const struct addr *a)
{
	char host[ADDR_TEXT_MAX];

	addr_format_host(host, a);
	if (a->len != 0 && a->sa.sa_family == AF_INET)
		snprintf(dst, ADDR_TEXT_MAX, "%.100s:%u", host, addr_port(a));
	else if (a->len != 0 && a->sa.sa_family == AF_INET6)
		snprintf(dst, ADDR_TEXT_MAX, "[%.100s]:%u", host, addr_port(a));
	else if (addr_port(a) != 0)
		snprintf(dst, ADDR_TEXT_MAX, "%.100s/%u", host, addr_port(a));
	else
		memcpy(dst, host, sizeof host);
	return dst;
}

/* ---- values ---- */

void
addr_set_ip(struct addr *ret, int family, const void *ip, uint16_t port)
{
	if (family == AF_INET) {
		ret->len = sizeof ret->in;
		ret->in.sin_family = AF_INET;
		ret->in.sin_port = htons(port);
		memcpy(&ret->in.sin_addr, ip, sizeof ret->in.sin_addr);
	} else if (family == AF_INET6) {
		ret->len = sizeof ret->in6;
		ret->in6.sin6_family = AF_INET6;
		ret->in6.sin6_port = htons(port);
		memcpy(&ret->in6.sin6_addr, ip, sizeof ret->in6.sin6_addr);
	}
}

struct addr
addr_from_ip(int family, const void *ip, uint16_t port)
{
	struct addr a = {0};

	addr_set_ip(&a, family, ip, port);
	return a;
}

struct addr
addr_from_sockaddr(const struct sockaddr *sa, socklen_t len)
{
	struct addr a = {0};

	a.len = len < sizeof a.ss ? len : (socklen_t)sizeof a.ss;
	memcpy(&a.ss, sa, a.len);
	return a;
}

uint16_t
addr_port(const struct addr *a)
{
	if (a->len == 0)
		return 0;
	if (a->sa.sa_family == AF_INET)
		return ntohs(a->in.sin_port);
	if (a->sa.sa_family == AF_INET6)
		return ntohs(a->in6.sin6_port);
	return a->sa.sa_family == AF_BLUETOOTH ? a->rc.channel : 0;
}

void
addr_set_port(struct addr *a, uint16_t port)
{
	if (a->len != 0 && a->sa.sa_family == AF_INET)
		a->in.sin_port = htons(port);
	else if (a->len != 0 && a->sa.sa_family == AF_INET6)
		a->in6.sin6_port = htons(port);
	else if (a->len != 0 && a->sa.sa_family == AF_BLUETOOTH)
		a->rc.channel = (uint8_t)port;
}

bool
addr_same_host(const struct addr *a, const struct addr *b)
{
	struct addr with_port_of_b = *a;

	addr_set_port(&with_port_of_b, addr_port(b));
	return addr_equal(&with_port_of_b, b);
}

bool
addr_equal(const struct addr *a, const struct addr *b)
{
	if (a->len != b->len)
		return false;
	if (a->len == 0)
		return true;
	if (a->sa.sa_family != b->sa.sa_family)
		return false;
	if (a->sa.sa_family == AF_INET)
		return a->in.sin_port == b->in.sin_port &&
		       a->in.sin_addr.s_addr == b->in.sin_addr.s_addr;
	/* Not the flow label: it is no part of who someone is. */
	if (a->sa.sa_family == AF_INET6)
		return a->in6.sin6_port == b->in6.sin6_port &&
		       a->in6.sin6_scope_id == b->in6.sin6_scope_id &&
		       IN6_ARE_ADDR_EQUAL(&a->in6.sin6_addr, &b->in6.sin6_addr);
	if (a->sa.sa_family == AF_BLUETOOTH)
		return a->rc.channel == b->rc.channel &&
		       memcmp(&a->rc.device, &b->rc.device,
			   sizeof a->rc.device) == 0;
	return memcmp(&a->ss, &b->ss, a->len) == 0;
}

bool
addr_is_loopback(const struct addr *a)
{
	struct addr u = addr_unmap(a);

	if (u.len == 0)
		return false;
	if (u.sa.sa_family == AF_INET) /* RFC 1122 s3.2.1.3 (g) */
		return ntohl(u.in.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	return u.sa.sa_family == AF_INET6 &&
	       IN6_IS_ADDR_LOOPBACK(&u.in6.sin6_addr);
}

bool
addr_is_wildcard(const struct addr *a)
{
	struct addr u = addr_unmap(a);

	if (u.len == 0)
		return false;
	if (u.sa.sa_family == AF_INET)
		return u.in.sin_addr.s_addr == htonl(INADDR_ANY);
	if (u.sa.sa_family == AF_BLUETOOTH)
		return bdaddr_is_any(&u.rc.device);
	return u.sa.sa_family == AF_INET6 &&
	       IN6_IS_ADDR_UNSPECIFIED(&u.in6.sin6_addr);
}

bool
addr_is_multicast(const struct addr *a)
{
	struct addr u = addr_unmap(a);

	if (u.len == 0)
		return false;
	if (u.sa.sa_family == AF_INET)
		return IN_MULTICAST(ntohl(u.in.sin_addr.s_addr));
	return u.sa.sa_family == AF_INET6 &&
	       IN6_IS_ADDR_MULTICAST(&u.in6.sin6_addr);
}

struct addr
addr_unmap(const struct addr *a)
{
	if (a->len == 0 || a->sa.sa_family != AF_INET6 ||
	    !IN6_IS_ADDR_V4MAPPED(&a->in6.sin6_addr))
		return *a;
	return addr_from_ip(
	    AF_INET, &a->in6.sin6_addr.s6_addr[12], addr_port(a));
}
