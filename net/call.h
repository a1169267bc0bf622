/*
 * net/call.h - socket calls that leave a record: the traced system calls.
 *
 * Each function (1) waits at the step gate if stepping is on, (2) shows that
 * the call began, (3) makes the real system call, (4) records its result,
 * errno, times, addresses, first bytes and the stream offsets that it moved.
 * The record goes to the engine's ring; a full ring loses the record, never
 * the call.
 *
 * All of them return what the system call returned, or -errno. -ECANCELED
 * means that the actor was asked to stop: clean up and return. -EINTR means
 * that the user interrupted this one call.
 *
 * Owns:   a struct sock owns its descriptor until call_close().
 * Thread: the actor's own.  Blocks: exactly where the system call blocks.
 * Source: the man page of each call; Linux.
 */
#ifndef SOCKDECK_NET_CALL_H
#define SOCKDECK_NET_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "net/datagram.h"
#include "net/sockopt.h"

struct actor;
struct epoll_event;

/* name, the verb in a listing */
#define CALL_KINDS(X)                    \
	X(SOCKET, "socket")              \
	X(BIND, "bind")                  \
	X(LISTEN, "listen")              \
	X(ACCEPT, "accept")              \
	X(CONNECT, "connect")            \
	X(SEND, "send")                  \
	X(SENDTO, "sendto")              \
	X(RECV, "recv")                  \
	X(RECVFROM, "recvfrom")          \
	X(SHUTDOWN, "shutdown")          \
	X(CLOSE, "close")                \
	X(SETSOCKOPT, "setsockopt")      \
	X(GETSOCKOPT, "getsockopt")      \
	X(RECVMSG, "recvmsg")            \
	X(EPOLL_CREATE, "epoll_create1") \
	X(EPOLL_CTL, "epoll_ctl")        \
	X(EPOLL_WAIT, "epoll_wait")      \
	X(GETADDRINFO, "getaddrinfo")    \
	X(SDP_SEARCH, "sdp_search")      \
	X(SDP_REGISTER, "sdp_register")  \
	X(NOTE, "note")                  \
	X(REPORT, "report")

enum call_kind {
#define X(name, verb) CALL_##name,
	CALL_KINDS(X)
#undef X
	    CALL_KIND_COUNT
};

enum call_phase {
	CALL_GATED, /* waits at the step gate: its arguments are known */
	CALL_RUNNING, /* inside the kernel */
	CALL_DONE,
};

enum side { SIDE_SERVER, SIDE_CLIENT, SIDE_COUNT };

/* The system call behind a send or recv: a program's own may be any of them. */
enum call_form {
	CALL_PLAIN, /* send(), recv() and their -to and -from */
	CALL_RW, /* write(), read() */
	CALL_VECTOR, /* writev(), readv() */
	CALL_MSG, /* sendmsg(), recvmsg() */
	CALL_MMSG, /* sendmmsg(), recvmmsg() */
	CALL_FILE, /* sendfile() */
	CALL_FORM_COUNT
};

/* What a close() closed. */
enum call_end {
	CALL_END_SOCKET, /* the socket */
	CALL_END_COPY, /* a descriptor: the socket has another, and lives */
	CALL_END_EXIT, /* no call: the kernel, when the program ended */
	CALL_END_COUNT
};

#define CALL_DATA_MAX 256

/*
 * One call, as a value. The record travels when the call ends; before, a copy
 * of it is to be seen while the call waits or runs, if it does so for long.
 *
 * A CALL_NOTE is no system call: a sentence of the engine (in data, data_len
 * bytes of text) that explains what just happened, in its place in time.
 * result < 0 marks it as bad news.
 *
 * Nor is a CALL_REPORT: data is what a service tells a model of the main
 * thread (net/service.h), about the client at peer. No list of calls shows it.
 */
struct call {
	uint32_t id; /* unique in this process, in order of beginning; >0 */
	uint32_t group; /* the server or client session it belongs to */
	uint32_t actor; /* the thread that made it */
	uint32_t sock; /* the socket, unique in this process (an fd is not) */
	int fd;
	uint8_t kind; /* enum call_kind */
	uint8_t phase; /* enum call_phase */
	uint8_t side; /* enum side */
	uint8_t peek; /* MSG_PEEK: moved no offset */
	int error; /* errno, 0 if it succeeded */
	uint32_t again; /* in the journal: more calls of the same result */
	int64_t begin_ns, end_ns; /* CLOCK_REALTIME; end 0 while not done */
	int64_t result; /* what the call returned; -1 with error */
	/*
	 * socket: domain, type, protocol;  listen: backlog;  shutdown: how;
	 * setsockopt, getsockopt: level, name, integer value (another one is
	 * text, in data);  accept: the new socket's id;  send: flags, 0, enum
	 * call_form;  recv: flags, whole length of a datagram that was cut (0: it
	 * was not), enum call_form;  close: enum call_end;
	 * recvmsg: flags, ICMP type, code;  epoll_ctl: operation, descriptor,
	 * events;  epoll_wait: milliseconds;  getaddrinfo: EAI_ code of a failure;
	 * sdp_search, sdp_register: class of the service, channel
	 */
	int arg[3];
	uint64_t asked; /* send: bytes offered;  recv: room */
	/* sendmmsg(), recvmmsg() of an actor: how many messages, which is what
	 * the call itself returns; result and asked are bytes. Else 0. */
	uint32_t messages;
	/* First byte moved, counted from 0 per direction; in the journal, for
	 * datagrams, per peer. */
	uint64_t stream_off;
	/*
	 * Once known, after bind, accept, connect; accept: of the new socket;
	 * bind before it is done: what was asked for; sendto, recvfrom: the
	 * definite address towards the peer.
	 */
	struct addr local;
	struct addr peer; /* getaddrinfo: the first address found */
	/* Bytes at data: the first of those moved; getaddrinfo: the name as
	 * text; sdp_search, sdp_register: the service's. What lies behind them
	 * is undefined. */
	uint16_t data_len;
	uint8_t data[CALL_DATA_MAX];
};

/* Do bytes go out, or come in? */
static inline bool
call_sends(const struct call *c)
{
	return c->kind == CALL_SEND || c->kind == CALL_SENDTO;
}

static inline bool
call_receives(const struct call *c)
{
	return c->kind == CALL_RECV || c->kind == CALL_RECVFROM;
}

const char *call_verb(enum call_kind kind);
/* Bytes of the conversation that a send or recv took: of a datagram that was
 * cut all of them, though only the result was stored. */
uint64_t call_moved(const struct call *c);

/* What a socket has been through. */
enum sock_past {
	SOCK_BOUND = 1, /* bind() gave it its address */
	SOCK_LISTENS = 2,
	SOCK_CONNECTED = 4, /* by connect() or accept() */
	SOCK_ACCEPTED = 8,
	SOCK_CONNECTING = 16, /* connect() was left before it ended */
	SOCK_SHUT_RD = 32,
	SOCK_SHUT_WR = 64,
};

/* A socket as an actor knows it. */
struct sock {
	int fd; /* -1: none */
	uint32_t id;
	int domain, type;
	bool nonblock; /* made with SOCK_NONBLOCK, as its connections are */
	unsigned past; /* enum sock_past */
	uint64_t sent, received; /* stream offsets */
	struct addr local, peer;
	/* Of a datagram socket bound to all addresses: the peer it exchanged
	 * the last datagram with, and its own address towards that one. */
	struct addr toward, toward_local;
};

#define SOCK_NONE ((struct sock){.fd = -1})

/* The new socket has the id that *ret has, or one of its own for 0. */
int call_socket(
    struct actor *a, int domain, int type, int protocol, struct sock *ret);
int call_bind(struct actor *a, struct sock *s, const struct addr *addr);
int call_listen(struct actor *a, struct sock *s, int backlog);
int call_accept(struct actor *a, struct sock *s, struct sock *ret);
int call_connect(struct actor *a, struct sock *s, const struct addr *addr);
/* MSG_NOSIGNAL is always added: SIGPIPE never kills. */
ssize_t call_send(
    struct actor *a, struct sock *s, const void *data, size_t n, int flags);
/* MSG_TRUNC is added for datagrams, but the result is as without it. */
ssize_t call_recv(
    struct actor *a, struct sock *s, void *data, size_t n, int flags);
ssize_t call_sendto(struct actor *a, struct sock *s, const void *data, size_t n,
    int flags, const struct addr *to);
ssize_t call_recvfrom(struct actor *a, struct sock *s, void *data, size_t n,
    int flags, struct addr *ret_from);
/*
 * sendmmsg() of the first that go to the same peer, and recvmmsg() of what is
 * there: how many. What came of several peers is one record for each of them.
 *   cut  as in datagram_send()
 */
int call_sendmmsg(struct actor *a, struct sock *s, const struct datagram *v,
    size_t n, bool *cut);
int call_recvmmsg(
    struct actor *a, struct sock *s, struct datagram *v, size_t n);
int call_shutdown(struct actor *a, struct sock *s, int how);
/* Takes the descriptor in any case; s becomes SOCK_NONE. */
int call_close(struct actor *a, struct sock *s);
int call_setsockopt(
    struct actor *a, struct sock *s, int level, int name, int value);
/* The same for an option of any type, recorded as text; and read. */
int call_set_value(struct actor *a, struct sock *s, const struct sockopt *o,
    const struct sockopt_value *v);
/* SO_RCVTIMEO or SO_SNDTIMEO, by its name; ns 0: no limit. */
int call_set_timeout(
    struct actor *a, struct sock *s, const char *name, int64_t ns);
int call_getsockopt(struct actor *a, struct sock *s, const struct sockopt *o,
    struct sockopt_value *ret);

/* What an ICMP message said about a datagram that was sent before. */
struct sock_error {
	int error; /* the errno that it became */
	bool icmp; /* else the error is this host's own */
	uint8_t type, code;
	struct addr offender; /* who sent the ICMP message */
};
/* recvmsg(MSG_ERRQUEUE): the oldest error that IP_RECVERR kept; -EAGAIN: none. */
int call_recv_error(struct actor *a, struct sock *s, struct sock_error *ret);

/* An epoll set is a struct sock too; call_close() closes it. */
int call_epoll_create(struct actor *a, struct sock *ret);
int call_epoll_add(struct actor *a, const struct sock *epoll,
    const struct sock *s, uint32_t events, void *ptr);
int call_epoll_mod(struct actor *a, const struct sock *epoll,
    const struct sock *s, uint32_t events, void *ptr);
int call_epoll_wait(struct actor *a, const struct sock *epoll,
    struct epoll_event *ret, int max, int timeout_ms);

/*
 * Resolve e->host and e->port into at most max addresses of ret.
 * Returns how many, or -errno with the resolver's reason in err.
 */
int call_getaddrinfo(struct actor *a, const struct endpoint *e,
    struct addr *ret, int max, struct err *err);

/* Send all of it, as Python's sendall(): a loop of call_send(). 0 or -errno. */
int call_send_all(struct actor *a, struct sock *s, const void *data, size_t n);

/* A sentence into the record, beside the calls. */
void call_note(struct actor *a, const struct sock *s, int result,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* n <= CALL_DATA_MAX bytes from a service to its model, beside the calls. */
void call_report(struct actor *a, const struct sock *s, const struct addr *peer,
    const void *data, size_t n);

#endif
