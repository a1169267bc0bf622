/*
 * net/hand.h - socket calls by hand: each is made when the user says so.
 *
 * Every socket has an actor of its own, so that one may block in recv() while
 * another is used. What the user wrote becomes a struct hand_call; it is an
 * order to the actor of that socket, and what the call did is seen in the
 * records as with any actor. Errors get the reason in this case, not only the
 * errno's name: a struct sock remembers what it has been through.
 *
 * A socket is named by its id (struct call.sock), which is known before its
 * first call is made, so that orders may follow at once. accept() gives its
 * connection an actor in the same group.
 *
 * Bounds: ENGINE_ACTORS sockets; HAND_RECV_MAX bytes a recv(), HAND_SEND_MAX a
 *         send(); HAND_BUFFER_MAX bytes wait in a writer's buffer.
 * Thread: main.  Blocks: never; the sockets' own threads do.
 */
#ifndef SOCKDECK_NET_HAND_H
#define SOCKDECK_NET_HAND_H

#include "net/engine.h"
#include "net/sockopt.h"

#define HAND_RECV_MAX (1024 * 1024)
#define HAND_SEND_MAX (64 * 1024 * 1024)
#define HAND_BUFFER_MAX 8192 /* as io.BufferedWriter: DEFAULT_BUFFER_SIZE */
#define HAND_RECV_SIZE 4096 /* where the user names none */
#define HAND_BACKLOG 5

enum hand_verb {
	HAND_SOCKET, /* domain, type, protocol */
	HAND_BIND, /* endpoint */
	HAND_LISTEN, /* number: backlog */
	HAND_ACCEPT,
	HAND_CONNECT, /* endpoint */
	HAND_CONNECT_EX, /* endpoint: returns the errno instead of raising */
	HAND_SEND, /* data, flags */
	HAND_SENDALL, /* data: the loop of sends that Python's sendall() is */
	HAND_SENDTO, /* endpoint, data, flags */
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

/* What is to be sent. */
enum hand_data {
	HAND_BYTES, /* data */
	HAND_PATTERN, /* number bytes: "#500" */
	HAND_PING, /* an ICMP echo request: "#ping" */
};

struct hand_call {
	enum hand_verb verb;
	int domain, type, protocol;
	int number;
	int flags; /* MSG_OOB, MSG_PEEK, MSG_DONTWAIT */
	struct endpoint endpoint;
	bool no_port; /* the address was written without one */
	bool any_host; /* ":7000": every address, or the loopback one */
	const struct sockopt *option;
	struct sockopt_value value;
	enum hand_data what;
	size_t data_len;
	uint8_t data[]; /* data_len bytes */
};

/*
 * Parse the words behind a verb's name (and behind the socket's):
 *
 *   socket      [inet|inet6|unix] [stream|dgram|raw] [tcp|udp|icmp|N] [nonblock]
 *   bind        ADDRESS         listen [N]        accept
 *   connect     ADDRESS         connect_ex ADDRESS
 *   send        DATA [FLAG]...  sendall DATA      sendto ADDRESS DATA [FLAG]...
 *   recv        [N] [FLAG]...   recvfrom [N] [FLAG]...
 *   shutdown    [rd|wr|rdwr]    close
 *   setsockopt  OPTION VALUE    getsockopt OPTION
 *   write       DATA            flush             getaddrinfo NAME[:PORT]
 *
 * DATA is text with escapes (text_unescape), #N for N bytes, #ping for an ICMP
 * echo request; FLAG is -oob, -peek or -dontwait.
 *
 * Returns 0 with *ret, to be freed; or -EINVAL, with a sentence unless the
 * usage alone says it.
 */
int hand_parse(enum hand_verb verb, const char *words, struct hand_call **ret,
    struct err *err);

/*
 * A new socket: starts its actor, which makes the socket() call. Frees c.
 *   group, side  of the calls
 *   ret_sock     the socket's id, also should the call fail
 */
int hand_socket(struct engine *e, uint32_t group, enum side side,
    struct hand_call *c, uint32_t *ret_sock, struct err *err);
/* Look a name up, in a thread of its own. Frees c. */
int hand_getaddrinfo(struct engine *e, uint32_t group, enum side side,
    struct hand_call *c, struct err *err);
/* A call on a socket, after those asked for before. Frees c. -ESRCH: it is
 * closed. */
int hand_call(struct engine *e, uint32_t group, uint32_t sock,
    struct hand_call *c, struct err *err);

#endif
