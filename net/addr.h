/*
 * net/addr.h - transports and socket addresses as people write them.
 *
 *   127.0.0.1:7000   [::1]:7000   [fe80::1%eth0]:7000   :7000 (every address)
 *   name:port        (a host name; resolved later, by a traced getaddrinfo())
 *   /tmp/sock  ./sock  @abstract   (unix, unixgram)
 *   AA:BB:CC:DD:EE:FF/1            (rfcomm; more of it in net/bdaddr.h)
 *
 * Owns:   nothing; values.  Thread: any.  Blocks: never (names are not
 * resolved here).
 */
#ifndef SOCKDECK_NET_ADDR_H
#define SOCKDECK_NET_ADDR_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "net/base/err.h"
#include "net/bdaddr.h"

enum transport {
	TRANSPORT_TCP,
	TRANSPORT_UDP,
	TRANSPORT_UNIX, /* stream */
	TRANSPORT_UNIXGRAM, /* datagram */
	TRANSPORT_RFCOMM,
	TRANSPORT_RUDP, /* reliable UDP (net/proto/rudp.h) */
	TRANSPORT_L2CAP, /* beneath RFCOMM: seen, not spoken */
	TRANSPORT_COUNT
};

const char *transport_name(enum transport t); /* "tcp" ... */
bool transport_parse(const char *name, enum transport *ret);
int transport_socktype(enum transport t); /* SOCK_STREAM or SOCK_DGRAM */
/* The third argument of socket(): 0 but for Bluetooth. */
int transport_protocol(enum transport t);
/* As the kernel and the wire see it: reliable UDP is UDP. */
enum transport transport_in_kernel(enum transport t);

/* A socket address; len == 0 is "none". Bytes behind len are zero. */
struct addr {
	socklen_t len;
	union {
		struct sockaddr sa;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		struct sockaddr_un un;
		struct sockaddr_rfcomm rc;
		struct sockaddr_storage ss;
	};
};

#define ADDR_TEXT_MAX 128
#define ADDR_HOST_MAX 256

/* What a user wrote: an address already, or a name that needs a resolver. */
struct endpoint {
	enum transport transport;
	struct addr addr; /* len == 0: resolve host first */
	char host[ADDR_HOST_MAX]; /* the name, when addr.len == 0 */
	uint16_t port; /* host order; the port of addr or of host; rfcomm:
			  the channel, 0: left open */
};

/*
 * Parse what a user wrote. `:7000` means the wildcard address (0.0.0.0) when
 * passive, 127.0.0.1 otherwise. Returns 0 or -EINVAL with a sentence that says
 * what the text should look like.
 */
int endpoint_parse(const char *text, enum transport transport, bool passive,
    struct endpoint *ret, struct err *err);

/* "127.0.0.1:65432", "[::1]:7000", "/tmp/x", "@name", "" for none. */
const char *addr_format(char dst[ADDR_TEXT_MAX], const struct addr *a);
/* The same without the port: "127.0.0.1". */
const char *addr_format_host(char dst[ADDR_TEXT_MAX], const struct addr *a);

struct addr addr_from_ip(int family, const void *ip, uint16_t port);
/* The same into an address that is none yet: all zero. */
void addr_set_ip(struct addr *ret, int family, const void *ip, uint16_t port);
struct addr addr_from_sockaddr(const struct sockaddr *sa, socklen_t len);
/* Host order; RFCOMM: the channel; 0 if it has none. */
uint16_t addr_port(const struct addr *a);
void addr_set_port(struct addr *a, uint16_t port); /* host order */
bool addr_equal(const struct addr *a, const struct addr *b);
/* The same IP address, whatever the ports. */
bool addr_same_host(const struct addr *a, const struct addr *b);
bool addr_is_loopback(const struct addr *a);
bool addr_is_wildcard(const struct addr *a);
bool addr_is_multicast(const struct addr *a);
/* An IPv4-mapped IPv6 address (RFC 4291 s2.5.5.2) as the IPv4 it is. */
struct addr addr_unmap(const struct addr *a);

#endif
