#include "net/sockopt.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/time.h>

/* Of the kernel's Bluetooth (net/bluetooth/bluetooth.h), which libc lacks. */
#define SOL_BLUETOOTH 274
#define BT_SECURITY 4

/* One option a line: name, level, type, what it is for. */
#define OPTION(name, level, type, summary)                  \
	{                                                   \
#name, level, name, SOCKOPT_##type, summary \
	}

static const struct sockopt options[] = {
    OPTION(SO_REUSEADDR, SOL_SOCKET, BOOL,
	"bind() passes over TIME-WAIT leftovers of this port"),
    OPTION(SO_REUSEPORT, SOL_SOCKET, BOOL,
	"several sockets that all ask for it share one port"),
    OPTION(SO_BROADCAST, SOL_SOCKET, BOOL,
	"sendto() may go to a broadcast address"),
    OPTION(SO_KEEPALIVE, SOL_SOCKET, BOOL,
	"probe a silent peer, after two hours at first"),
    OPTION(SO_LINGER, SOL_SOCKET, LINGER,
	"close() waits so long for unsent data; 0: it sends an RST"),
    OPTION(SO_RCVBUF, SOL_SOCKET, INT,
	"receive buffer in bytes; the kernel doubles it"),
    OPTION(SO_SNDBUF, SOL_SOCKET, INT,
	"send buffer in bytes; the kernel doubles it"),
    OPTION(SO_RCVTIMEO, SOL_SOCKET, TIME,
	"recv() and accept() give up after so long (EAGAIN)"),
    OPTION(SO_SNDTIMEO, SOL_SOCKET, TIME,
	"send() and connect() give up after so long"),
    OPTION(SO_RCVLOWAT, SOL_SOCKET, INT,
	"recv() waits until so many bytes are there"),
    OPTION(SO_OOBINLINE, SOL_SOCKET, BOOL, "urgent data stays in the stream"),
    OPTION(SO_ERROR, SOL_SOCKET, INT,
	"the error that waits for the next call; reading clears it"),
    OPTION(SO_TYPE, SOL_SOCKET, INT, "1 stream, 2 datagram, 3 raw"),
    OPTION(SO_ACCEPTCONN, SOL_SOCKET, BOOL, "does it listen?"),
    OPTION(SO_DONTROUTE, SOL_SOCKET, BOOL, "only to hosts on the link"),
    OPTION(SO_BINDTODEVICE, SOL_SOCKET, TEXT, "only this interface"),
    OPTION(SO_PEERCRED, SOL_SOCKET, CRED,
	"who is at the other end of a Unix socket"),
    OPTION(TCP_NODELAY, IPPROTO_TCP, BOOL,
	"send small segments at once (Nagle's algorithm off)"),
    OPTION(TCP_CORK, IPPROTO_TCP, BOOL,
	"send full segments only, until it is taken out"),
    OPTION(TCP_QUICKACK, IPPROTO_TCP, BOOL, "acknowledge at once"),
    OPTION(TCP_MAXSEG, IPPROTO_TCP, INT, "the largest segment, in bytes"),
    OPTION(TCP_KEEPIDLE, IPPROTO_TCP, INT,
	"seconds of silence before the first keep-alive probe"),
    OPTION(TCP_KEEPINTVL, IPPROTO_TCP, INT, "seconds between probes"),
    OPTION(TCP_KEEPCNT, IPPROTO_TCP, INT, "probes before giving up"),
    OPTION(TCP_SYNCNT, IPPROTO_TCP, INT, "how often a SYN is repeated"),
    OPTION(TCP_USER_TIMEOUT, IPPROTO_TCP, INT,
	"milliseconds that sent data may stay unacknowledged"),
    OPTION(
	TCP_DEFER_ACCEPT, IPPROTO_TCP, INT, "accept() only once data has come"),
    OPTION(TCP_LINGER2, IPPROTO_TCP, INT, "seconds in FIN-WAIT-2"),
    OPTION(TCP_FASTOPEN, IPPROTO_TCP, INT, "data in the SYN (RFC 7413)"),
    OPTION(TCP_CONGESTION, IPPROTO_TCP, TEXT,
	"congestion control: reno, cubic, ..."),
    OPTION(IP_TTL, IPPROTO_IP, INT, "hops a packet may make"),
    OPTION(IP_TOS, IPPROTO_IP, INT, "the DSCP and ECN byte"),
    OPTION(IP_MTU_DISCOVER, IPPROTO_IP, INT,
	"2: always set Don't Fragment; 0: never"),
    OPTION(IP_RECVERR, IPPROTO_IP, BOOL,
	"keep ICMP errors in the socket's error queue"),
    OPTION(IP_PKTINFO, IPPROTO_IP, BOOL,
	"say with each datagram where it came in"),
    OPTION(IP_MULTICAST_TTL, IPPROTO_IP, INT,
	"hops a multicast may make; 1: this link"),
    OPTION(IP_MULTICAST_LOOP, IPPROTO_IP, BOOL,
	"own multicasts come back to this host"),
    OPTION(IP_MULTICAST_IF, IPPROTO_IP, ADDR4,
	"the interface that multicasts leave by"),
    OPTION(IP_ADD_MEMBERSHIP, IPPROTO_IP, GROUP4, "join a group"),
    OPTION(IP_DROP_MEMBERSHIP, IPPROTO_IP, GROUP4, "leave a group"),
    OPTION(IP_HDRINCL, IPPROTO_IP, BOOL,
	"a raw socket's data begins with the IP header"),
    OPTION(IPV6_V6ONLY, IPPROTO_IPV6, BOOL, "no IPv4 on this socket"),
    OPTION(IPV6_UNICAST_HOPS, IPPROTO_IPV6, INT, "hops a packet may make"),
    OPTION(IPV6_RECVERR, IPPROTO_IPV6, BOOL,
	"keep ICMPv6 errors in the socket's error queue"),
    OPTION(IPV6_JOIN_GROUP, IPPROTO_IPV6, GROUP6, "join a group"),
    OPTION(IPV6_LEAVE_GROUP, IPPROTO_IPV6, GROUP6, "leave a group"),
    OPTION(BT_SECURITY, SOL_BLUETOOTH, SECURITY,
	"Bluetooth: low, medium (encrypted), high (paired with a check)"),
};

#define COUNT (sizeof options / sizeof *options)

const struct sockopt *
sockopt_find(const char *name)
{
	for (size_t i = 0; i < COUNT; i++)
		if (strcasecmp(options[i].name, name) == 0)
			return &options[i];
	return NULL;
}

const struct sockopt *
sockopt_by_number(int level, int option)
{
	for (size_t i = 0; i < COUNT; i++)
		if (options[i].level == level && options[i].option == option)
			return &options[i];
	return NULL;
}

const struct sockopt *
sockopt_complete(const char *prefix, const struct sockopt *after)
{
	size_t i = after != NULL ? (size_t)(after - options) + 1 : 0;

	for (; i < COUNT; i++)
		if (strncasecmp(options[i].name, prefix, strlen(prefix)) == 0)
			return &options[i];
	return NULL;
}

/* ---- values ---- */

static void
set_bytes(struct sockopt_value *v, const void *bytes, size_t n)
{
	memcpy(v->bytes, bytes, n);
	v->len = (socklen_t)n;
}

static int
parse_number(const struct sockopt *o, const char *text,
    struct sockopt_value *ret, struct err *err)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(text, &end, 0);
	if (end == text || *end != '\0' || errno != 0 || n < INT32_MIN ||
	    n > INT32_MAX)
		return err_set(
		    err, -EINVAL, "%s is a number, not '%s'", o->name, text);
	ret->number = (int)n;
	ret->len = sizeof ret->number;
	return 0;
}

static int
parse_bool(const struct sockopt *o, const char *text, struct sockopt_value *ret,
    struct err *err)
{
	if (strcmp(text, "on") == 0)
		text = "1";
	else if (strcmp(text, "off") == 0)
		text = "0";
	return parse_number(o, text, ret, err);
}

static int
parse_time(const struct sockopt *o, const char *text, struct sockopt_value *ret,
    struct err *err)
{
	struct timeval tv;
	char *end;
	double s = strtod(text, &end);

	if (end == text || *end != '\0' || !(s >= 0 && s <= 86400))
		return err_set(err, -EINVAL,
		    "%s is a time in seconds (0: no limit), not '%s'", o->name,
		    text);
	tv.tv_sec = (time_t)s;
	tv.tv_usec = (suseconds_t)((s - (double)tv.tv_sec) * 1e6);
	set_bytes(ret, &tv, sizeof tv);
	return 0;
}

static int
parse_linger(const struct sockopt *o, const char *text,
    struct sockopt_value *ret, struct err *err)
{
	struct linger l = {.l_onoff = strcmp(text, "off") != 0};

	if (l.l_onoff) {
		if (parse_number(o, text, ret, NULL) < 0 || ret->number < 0)
			return err_set(err, -EINVAL,
			    "SO_LINGER is 'off' or the seconds that close() "
			    "may wait (0: it sends an RST), not '%s'",
			    text);
		l.l_linger = ret->number;
	}
	set_bytes(ret, &l, sizeof l);
	return 0;
}

static int
parse_address(const struct sockopt *o, const char *text,
    struct sockopt_value *ret, struct err *err)
{
	struct ip_mreq group4 = {.imr_interface = {INADDR_ANY}};
	struct ipv6_mreq group6 = {.ipv6mr_interface = 0};
	bool six = o->type == SOCKOPT_GROUP6;
	int ok = six ? inet_pton(AF_INET6, text, &group6.ipv6mr_multiaddr)
		     : inet_pton(AF_INET, text, &group4.imr_multiaddr);

	if (ok != 1)
		return err_set(err, -EINVAL,
		    "%s takes an %s address such as %s, not '%s'", o->name,
		    six ? "IPv6" : "IPv4",
		    six                        ? "ff02::123"
		    : o->type == SOCKOPT_ADDR4 ? "127.0.0.1"
					       : "239.1.2.3",
		    text);
	if (six)
		set_bytes(ret, &group6, sizeof group6);
	else if (o->type == SOCKOPT_GROUP4)
		set_bytes(ret, &group4, sizeof group4);
	else
		set_bytes(
		    ret, &group4.imr_multiaddr, sizeof group4.imr_multiaddr);
	return 0;
}

static const char *const security_names[] = {"sdp", "low", "medium", "high"};

#define SECURITIES (sizeof security_names / sizeof *security_names)

/* struct bt_security: level, key size. */
static int
parse_security(const struct sockopt *o, const char *text,
    struct sockopt_value *ret, struct err *err)
{
	for (uint8_t i = 1; i < SECURITIES; i++)
		if (strcmp(text, security_names[i]) == 0) {
			set_bytes(ret, (const uint8_t[]){i, 0}, 2);
			return 0;
		}
	return err_set(err, -EINVAL, "%s takes low, medium or high, not '%s'",
	    o->name, text);
}

int
sockopt_parse(const struct sockopt *o, const char *text,
    struct sockopt_value *ret, struct err *err)
{
	switch (o->type) {
	case SOCKOPT_BOOL:
		return parse_bool(o, text, ret, err);
	case SOCKOPT_INT:
		return parse_number(o, text, ret, err);
	case SOCKOPT_TIME:
		return parse_time(o, text, ret, err);
	case SOCKOPT_LINGER:
		return parse_linger(o, text, ret, err);
	case SOCKOPT_GROUP4:
	case SOCKOPT_GROUP6:
	case SOCKOPT_ADDR4:
		return parse_address(o, text, ret, err);
	case SOCKOPT_TEXT:
		if (strlen(text) >= sizeof ret->bytes)
			return err_set(err, -EINVAL, "%s: '%s' is too long",
			    o->name, text);
		set_bytes(ret, text, strlen(text) + 1);
		return 0;
	case SOCKOPT_SECURITY:
		return parse_security(o, text, ret, err);
	case SOCKOPT_CRED:
		return err_set(
		    err, -EINVAL, "%s can only be read: getsockopt", o->name);
	}
	return -EINVAL;
}

struct sockopt_value
sockopt_room(const struct sockopt *o)
{
	static const socklen_t lens[] = {
	    [SOCKOPT_BOOL] = sizeof(int),
	    [SOCKOPT_INT] = sizeof(int),
	    [SOCKOPT_TIME] = sizeof(struct timeval),
	    [SOCKOPT_LINGER] = sizeof(struct linger),
	    [SOCKOPT_GROUP4] = sizeof(struct ip_mreq),
	    [SOCKOPT_GROUP6] = sizeof(struct ipv6_mreq),
	    [SOCKOPT_ADDR4] = sizeof(struct in_addr),
	    [SOCKOPT_TEXT] = SOCKOPT_VALUE_MAX - 1, /* a NUL stays behind */
	    [SOCKOPT_CRED] = sizeof(struct ucred),
	    [SOCKOPT_SECURITY] = 2,
	};

	return (struct sockopt_value){.len = lens[o->type], .bytes = {0}};
}

const char *
sockopt_format(char dst[SOCKOPT_TEXT_MAX], const struct sockopt *o,
    const struct sockopt_value *v)
{
	struct timeval tv;
	struct linger l;
	struct ucred cred;

	dst[0] = '\0';
	switch (o->type) {
	case SOCKOPT_BOOL:
	case SOCKOPT_INT:
		snprintf(dst, SOCKOPT_TEXT_MAX, "%d", v->number);
		break;
	case SOCKOPT_TIME:
		memcpy(&tv, v->bytes, sizeof tv);
		snprintf(dst, SOCKOPT_TEXT_MAX, "%g s",
		    (double)tv.tv_sec + (double)tv.tv_usec / 1e6);
		break;
	case SOCKOPT_LINGER:
		memcpy(&l, v->bytes, sizeof l);
		if (l.l_onoff)
			snprintf(dst, SOCKOPT_TEXT_MAX, "%d s", l.l_linger);
		else
			snprintf(dst, SOCKOPT_TEXT_MAX, "off");
		break;
	case SOCKOPT_GROUP4:
	case SOCKOPT_ADDR4: /* the address comes first in both */
		inet_ntop(AF_INET, v->bytes, dst, SOCKOPT_TEXT_MAX);
		break;
	case SOCKOPT_GROUP6:
		inet_ntop(AF_INET6, v->bytes, dst, SOCKOPT_TEXT_MAX);
		break;
	case SOCKOPT_TEXT:
		snprintf(dst, SOCKOPT_TEXT_MAX, "%.*s", (int)v->len,
		    (const char *)v->bytes);
		break;
	case SOCKOPT_CRED:
		memcpy(&cred, v->bytes, sizeof cred);
		snprintf(dst, SOCKOPT_TEXT_MAX, "pid %d uid %u gid %u",
		    (int)cred.pid, cred.uid, cred.gid);
		break;
	case SOCKOPT_SECURITY:
		snprintf(dst, SOCKOPT_TEXT_MAX, "%s",
		    v->bytes[0] < SECURITIES ? security_names[v->bytes[0]]
					     : "fips");
		break;
	}
	return dst;
}
