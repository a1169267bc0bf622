/*
 * What a call's error means for a socket that has been through this and that:
 * mostly calls in the wrong order.
 */
#include <errno.h>
#include <stdbool.h>

#include "net/advice.h"

#define KIND(kind) (1U << CALL_##kind)
#define SENDS (KIND(SEND) | KIND(SENDTO))
#define RECEIVES (KIND(RECV) | KIND(RECVFROM))
#define OPTIONS (KIND(SETSOCKOPT) | KIND(GETSOCKOPT))

_Static_assert(CALL_KIND_COUNT <= 32, "a bit for each kind of call");

/* The first line that fits is the reason. */
static const struct {
	unsigned kinds;
	int error;
	int type; /* 0: any */
	unsigned with, without; /* enum sock_past */
	const char *text;
} reasons[] = {
    /* accept */
    {KIND(ACCEPT), EINVAL, 0, SOCK_CONNECTED, 0,
	"This socket is a connection itself, with {peer}: accept() is for the "
	"socket that listens."},
    {KIND(ACCEPT), EINVAL, 0, SOCK_BOUND, SOCK_LISTENS,
	"accept() takes a client from the queue of a listening socket, and "
	"this one has an address ({local}) but does not listen: listen() comes "
	"first."},
    {KIND(ACCEPT), EINVAL, 0, 0, SOCK_LISTENS,
	"accept() takes a client from the queue of a listening socket: bind() "
	"and listen() come first."},
    {KIND(ACCEPT), EOPNOTSUPP, 0, 0, 0,
	"Datagram sockets have no connections to accept: recvfrom() tells who "
	"sent each datagram."},
    /* bind */
    {KIND(BIND), EINVAL, 0, SOCK_BOUND, 0,
	"It is bound to {local} already, and a socket is bound once: close it "
	"and make another one."},
    {KIND(BIND), EINVAL, 0, SOCK_CONNECTED, 0,
	"connect() has given it an address already ({local}): bind() comes "
	"before connect(), and a client rarely needs it."},
    {KIND(BIND), EINVAL, 0, SOCK_LISTENS, 0,
	"listen() has given it an address already ({local}): bind() comes "
	"before listen()."},
    {KIND(BIND) | KIND(CONNECT) | KIND(SENDTO), EAFNOSUPPORT, 0, 0, 0,
	"The address is of another family than the socket: an inet socket "
	"has IPv4 addresses, an inet6 one IPv6, a unix one paths."},
    {KIND(BIND), EINVAL, 0, 0, 0,
	"An earlier call, such as send(), has made the kernel choose an "
	"address "
	"for it already: bind() comes first. (Or the address is of another "
	"family than the socket.)"},
    /* listen */
    {KIND(LISTEN), EOPNOTSUPP, 0, 0, 0,
	"Datagram sockets have no connections, so there is nothing to listen "
	"for: bind() is enough, recvfrom() receives."},
    {KIND(LISTEN), EINVAL, 0, SOCK_CONNECTED, 0,
	"It is a connection with {peer}: a socket listens or is connected, "
	"never both."},
    /* connect */
    {KIND(CONNECT), EISCONN, 0, SOCK_LISTENS, 0,
	"It listens: a socket that takes connections cannot make one. Make "
	"another socket."},
    {KIND(CONNECT), EISCONN, 0, SOCK_CONNECTED, 0,
	"It is connected to {peer} already: a stream has one peer all its "
	"life. Close it and make another socket."},
    {KIND(CONNECT), EISCONN, 0, SOCK_CONNECTING, 0,
	"The handshake that was under way has ended well: it is connected."},
    {KIND(CONNECT), EINPROGRESS, 0, 0, 0,
	"Not an error: the socket is non-blocking, and the handshake has "
	"begun. Another connect(), or poll() for writing, tells how it ends."},
    {KIND(CONNECT), EALREADY, 0, 0, 0,
	"The handshake that an earlier connect() began is still under way."},
    {KIND(CONNECT), EINVAL, 0, SOCK_LISTENS, 0,
	"It listens: a socket that takes connections cannot make one. Make "
	"another socket."},
    /* data */
    {SENDS | RECEIVES, ENOTCONN, 0, SOCK_LISTENS, 0,
	"It listens: data goes through the sockets that accept() returns, not "
	"through this one."},
    {SENDS, EPIPE, SOCK_STREAM, SOCK_LISTENS, 0,
	"It listens: data goes through the sockets that accept() returns, not "
	"through this one. (Linux answers EPIPE, others ENOTCONN.)"},
    {SENDS, EPIPE, SOCK_STREAM, SOCK_SHUT_WR, 0,
	"This side has sent its FIN, by shutdown(SHUT_WR): nothing may follow "
	"it. Receiving still works. (MSG_NOSIGNAL kept SIGPIPE away.)"},
    {SENDS, EPIPE, SOCK_DGRAM, SOCK_SHUT_WR, 0,
	"An earlier shutdown() has ended this direction for good, also where "
	"it said ENOTCONN: a Linux peculiarity."},
    {SENDS, EPIPE, SOCK_STREAM, 0, SOCK_CONNECTED | SOCK_CONNECTING,
	"It was never connected: connect() or accept() comes before send(). "
	"(Linux answers EPIPE, others ENOTCONN.)"},
    {SENDS | RECEIVES, ENOTCONN, SOCK_STREAM, 0, SOCK_CONNECTED,
	"It is not connected: connect() or accept() comes before data."},
    {SENDS, EDESTADDRREQ, 0, 0, SOCK_CONNECTED,
	"Where to? send() needs a peer: connect() sets one, sendto() names "
	"one."},
    {SENDS, ENOTCONN, 0, 0, SOCK_CONNECTED,
	"Where to? send() needs a peer: connect() sets one, sendto() names "
	"one."},
    {SENDS, EACCES, SOCK_DGRAM, 0, 0,
	"That is a broadcast address: setsockopt SO_BROADCAST 1 says that "
	"this is meant."},
    {SENDS | KIND(CONNECT), EINVAL, 0, 0, 0,
	"The kernel does not take that address: of another family than the "
	"socket (inet: IPv4, inet6: IPv6, unix: a path), or with port 0."},
    {SENDS, EMSGSIZE, SOCK_DGRAM, 0, 0,
	"Too long for one datagram: a UDP one carries at most 65,507 bytes "
	"over IPv4 (65,535 less the headers of 20 and 8)."},
    {SENDS | RECEIVES, ECONNREFUSED, SOCK_DGRAM, 0, 0,
	"An earlier datagram came back as ICMP port unreachable: nobody has "
	"bound that port. UDP learns of it with the call that waits, or else "
	"with the next one."},
    {RECEIVES, EINVAL, SOCK_STREAM, SOCK_CONNECTED, 0,
	"There is no urgent byte to read (MSG_OOB), or it was read already, or "
	"SO_OOBINLINE keeps it in the stream."},
    {KIND(RECV) | KIND(RECVFROM), EOPNOTSUPP, 0, 0, 0,
	"This kind of socket has no urgent data (MSG_OOB is TCP's)."},
    /* the rest */
    {KIND(SHUTDOWN), ENOTCONN, 0, SOCK_CONNECTED, 0,
	"The connection is gone already, so there is no direction left to "
	"end."},
    {KIND(SHUTDOWN), ENOTCONN, 0, 0, 0,
	"shutdown() ends a direction of a connection, and this socket has "
	"none. close() gives it back."},
    {OPTIONS, ENOPROTOOPT, 0, 0, 0,
	"This kind of socket does not have that option: TCP_... belong to "
	"TCP, IP_... to IPv4, IPV6_... to IPv6."},
    {OPTIONS, EOPNOTSUPP, 0, 0, 0,
	"This kind of socket does not have that option."},
    {KIND(SETSOCKOPT), ENODEV, 0, 0, 0,
	"No interface leads to that group: the routing table has no entry for "
	"224.0.0.0/4, or IP_MULTICAST_IF names none."},
    {KIND(SETSOCKOPT), EADDRINUSE, 0, 0, 0, "It is in that group already."},
    {KIND(SETSOCKOPT), EADDRNOTAVAIL, 0, 0, 0, "It is not in that group."},
    {KIND(SETSOCKOPT), EINVAL, 0, 0, 0,
	"The kernel does not take that value for this socket as it is now."},
    {KIND(SETSOCKOPT), EPERM, 0, 0, 0,
	"That needs a privilege (CAP_NET_ADMIN). The lab has it."},
};

const char *
advice_past(const struct sock *s, enum call_kind kind, int error)
{
	for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
		if ((reasons[i].kinds >> kind & 1) != 0 &&
		    reasons[i].error == -error &&
		    (reasons[i].type == 0 || reasons[i].type == s->type) &&
		    (s->past & reasons[i].with) == reasons[i].with &&
		    (s->past & reasons[i].without) == 0)
			return reasons[i].text;
	return NULL;
}
