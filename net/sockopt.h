/*
 * net/sockopt.h - socket options by their names, values as people write them.
 *
 *   yes/no options   1, 0, on, off           SO_REUSEADDR, TCP_NODELAY
 *   numbers          4096                    SO_RCVBUF, IP_TTL
 *   times            5, 0.25 (seconds)       SO_RCVTIMEO
 *   SO_LINGER        off, or seconds         0: close() sends an RST
 *   groups           239.1.2.3, ff02::1      IP_ADD_MEMBERSHIP
 *   addresses        127.0.0.1               IP_MULTICAST_IF
 *   texts            reno, lo                TCP_CONGESTION, SO_BINDTODEVICE
 *   BT_SECURITY      low, medium, high       Bluetooth: pairing, encryption
 *
 * Owns:   nothing; values.  Thread: any.  Blocks: never.
 * Source: socket(7), tcp(7), ip(7), ipv6(7), unix(7).
 */
#ifndef SOCKDECK_NET_SOCKOPT_H
#define SOCKDECK_NET_SOCKOPT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "net/base/err.h"

enum sockopt_type {
	SOCKOPT_BOOL,
	SOCKOPT_INT,
	SOCKOPT_TIME,
	SOCKOPT_LINGER,
	SOCKOPT_GROUP4,
	SOCKOPT_GROUP6,
	SOCKOPT_ADDR4,
	SOCKOPT_TEXT,
	SOCKOPT_CRED, /* SO_PEERCRED; can only be read */
	SOCKOPT_SECURITY, /* low, medium, high */
};

struct sockopt {
	const char *name; /* "SO_REUSEADDR" */
	int level, option;
	enum sockopt_type type;
	const char *summary; /* what it is for */
};

#define SOCKOPT_VALUE_MAX 64

/* A value as the kernel takes it. */
struct sockopt_value {
	socklen_t len;
	union {
		int number;
		uint8_t bytes[SOCKOPT_VALUE_MAX];
		long align;
	};
};

/* By name, whatever its case, or by numbers; NULL: not known. */
const struct sockopt *sockopt_find(const char *name);
const struct sockopt *sockopt_by_number(int level, int option);
/* The next whose name starts with prefix, after `after` (NULL: the first). */
const struct sockopt *sockopt_complete(
    const char *prefix, const struct sockopt *after);

/* -EINVAL with a sentence that says what the value should look like. */
int sockopt_parse(const struct sockopt *o, const char *text,
    struct sockopt_value *ret, struct err *err);
#define SOCKOPT_TEXT_MAX 64
/* "1", "5 s", "off", "239.1.2.3", "pid 4711 uid 1000 gid 1000" */
const char *sockopt_format(char dst[SOCKOPT_TEXT_MAX], const struct sockopt *o,
    const struct sockopt_value *v);
/* The room that getsockopt() is to be offered, cleared. */
struct sockopt_value sockopt_room(const struct sockopt *o);

#endif
