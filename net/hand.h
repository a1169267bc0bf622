/*
 * net/hand.h - socket calls by hand: each is made when the user says so.
 *
 * Every socket has an actor of its own, so that one may block in recv() while
 * another is used. What the user wrote becomes a struct hand_call; it is an
 * order to the actor of that socket, and what the call did is seen in the
 * records as with any actor. Errors get the reason in this case, not only the
 * errno's name: an actor remembers what its socket has been through.
 *
 * Bounds: ENGINE_ACTORS sockets; HAND_RECV_MAX bytes a recv();
 *         HAND_BUFFER_MAX bytes wait in a writer's buffer.
 * Thread: main.  Blocks: never; the sockets' own threads do.
 */
#ifndef SOCKDECK_NET_HAND_H
#define SOCKDECK_NET_HAND_H

#include "net/engine.h"
#include "net/sockopt.h"

#define HAND_RECV_MAX (1024 * 1024)
#define HAND_BUFFER_MAX 8192 /* as io.BufferedWriter: DEFAULT_BUFFER_SIZE */

enum hand_verb {
	HAND_SOCKET, /* domain, type, protocol */
	HAND_BIND, /* endpoint */
	HAND_LISTEN, /* number: backlog */
	HAND_ACCEPT,
	HAND_CONNECT, /* endpoint */
	HAND_CONNECT_EX, /* endpoint: returns the errno instead of raising */
	HAND_SEND, /* data, flags */
	HAND_SENDALL, /* data: the loop of sends that Python's sendall() is */
	HAND_SENDTO, /* data, flags, endpoint */
	HAND_RECV, /* number: room; flags */
	HAND_RECVFROM, /* number: room; flags */
	HAND_SHUTDOWN, /* number: how */
	HAND_SETSOCKOPT, /* option, value */
	HAND_GETSOCKOPT, /* option */
	HAND_WRITE, /* data, into the buffer of a file object; sends nothing */
	HAND_FLUSH, /* sends what the buffer holds */
	HAND_CLOSE,
	HAND_GETADDRINFO, /* endpoint; no socket */
};

struct hand_call {
	enum hand_verb verb;
	int domain, type, protocol;
	int number;
	int flags; /* MSG_OOB, MSG_PEEK, MSG_DONTWAIT */
	struct endpoint endpoint;
	const struct sockopt *option;
	struct sockopt_value value;
	size_t data_len;
	uint8_t data[]; /* data_len bytes */
};

/*
 * A new socket: starts its actor, which makes the socket() call.
 *   group, side  of the calls
 */
int hand_socket(struct engine *e, uint32_t group, enum side side,
    const struct hand_call *c, struct err *err);
/* Look a name up, in a thread of its own. */
int hand_getaddrinfo(struct engine *e, uint32_t group, enum side side,
    const struct hand_call *c, struct err *err);
/* A call on a socket (its id), after those asked for before. Copies c. */
int hand_call(struct engine *e, uint32_t group, uint32_t sock,
    const struct hand_call *c, struct err *err);

/* Parse the words behind a verb's name: see hand_usage(). */
struct hand_call *hand_parse(
    enum hand_verb verb, const char *words, struct err *err);

#endif
