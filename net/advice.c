#include "net/advice.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "net/advice_rfcomm.h"

#define DEFAULT_FIRST_PORT 1024

/* The first port that needs no privilege: a setting of each namespace. */
static int
first_free_port(void)
{
	FILE *f = fopen("/proc/sys/net/ipv4/ip_unprivileged_port_start", "re");
	int port = DEFAULT_FIRST_PORT;

	if (f == NULL)
		return port;
	if (fscanf(f, "%d", &port) != 1)
		port = DEFAULT_FIRST_PORT;
	fclose(f);
	return port;
}

static bool
is_unix(const struct addr *addr)
{
	return addr != NULL && addr->len != 0 && addr->sa.sa_family == AF_UNIX;
}

static bool
is_bluetooth(const struct sock *s, const struct addr *addr)
{
	return (s != NULL && s->domain == AF_BLUETOOTH) ||
	       (addr != NULL && addr->len != 0 &&
		   addr->sa.sa_family == AF_BLUETOOTH);
}

static void
note_plain(
    struct actor *a, const struct sock *s, enum call_kind kind, int error)
{
	call_note(a, s, error, "%s() failed: %s.", call_verb(kind),
	    strerrordesc_np(-error));
}

static void
note_bind_unix(
    struct actor *a, const struct sock *s, int error, const struct addr *addr)
{
	char text[ADDR_TEXT_MAX];

	addr_format(text, addr);
	if (error == -EADDRINUSE)
		call_note(a, s, error,
		    "%s exists already: the file of a Unix socket stays when "
		    "its server ends. :unlink %s removes it if nobody has it "
		    "open.",
		    text, text);
	else
		call_note(a, s, error, "%s cannot be created: %s.", text,
		    strerrordesc_np(-error));
}

static void
note_bind(
    struct actor *a, const struct sock *s, int error, const struct addr *addr)
{
	char text[ADDR_TEXT_MAX];

	switch (-error) {
	case EADDRINUSE:
		call_note(a, s, error,
		    "%s is in use by another socket: stop that one or choose "
		    "another port. SO_REUSEADDR only passes over TIME-WAIT "
		    "leftovers; SO_REUSEPORT shares a port if every socket on "
		    "it asks for that.",
		    addr_format(text, addr));
		break;
	case EACCES:
		call_note(a, s, error,
		    "Ports below %d are privileged here (sysctl "
		    "net.ipv4.ip_unprivileged_port_start): choose a higher "
		    "one, or run with CAP_NET_BIND_SERVICE.",
		    first_free_port());
		break;
	case EADDRNOTAVAIL:
		call_note(a, s, error,
		    "No interface of this host has the address %s: bind to one "
		    "of its own (127.0.0.1), or to 0.0.0.0 for all of them.",
		    addr_format_host(text, addr));
		break;
	default:
		note_plain(a, s, CALL_BIND, error);
	}
}

static void
note_connect_unix(
    struct actor *a, const struct sock *s, int error, const struct addr *addr)
{
	char text[ADDR_TEXT_MAX];

	addr_format(text, addr);
	if (error == -ENOENT)
		call_note(a, s, error,
		    "There is no %s: its server has not been started.", text);
	else if (error == -ECONNREFUSED)
		call_note(a, s, error,
		    "Nobody listens on %s: the server that made it has ended.",
		    text);
	else
		note_plain(a, s, CALL_CONNECT, error);
}

static void
note_connect(
    struct actor *a, const struct sock *s, int error, const struct addr *addr)
{
	char text[ADDR_TEXT_MAX];

	addr_format(text, addr);
	switch (-error) {
	case ECONNREFUSED:
		call_note(a, s, error,
		    "An RST came back: nothing listens on %s. %s start a "
		    "server, or check the %s.",
		    text,
		    addr_is_loopback(addr) ? "That is this host itself;"
					   : "The host is there;",
		    addr_is_loopback(addr) ? "address" : "port");
		break;
	case ETIMEDOUT:
		call_note(a, s, error,
		    "No answer to any SYN sent to %s: the host is down, or a "
		    "firewall drops packets in silence. (A closed port would "
		    "answer with RST at once.)",
		    text);
		break;
	case ENETUNREACH:
		call_note(a, s, error,
		    "There is no route to %s: no entry of the routing table "
		    "(`ip route`) covers it. No packet was sent.",
		    text);
		break;
	case EHOSTUNREACH:
		call_note(a, s, error,
		    "%s cannot be reached: nobody on the link answers for it "
		    "(ARP, neighbour discovery), or a router says so by ICMP.",
		    text);
		break;
	case EACCES:
	case EPERM:
		call_note(a, s, error,
		    "The kernel forbids a connection to %s: a firewall rule of "
		    "this host, or a broadcast address.",
		    text);
		break;
	case EADDRNOTAVAIL:
		call_note(a, s, error,
		    "No local port is free for %s: all are in use or in "
		    "TIME-WAIT (sysctl net.ipv4.ip_local_port_range).",
		    text);
		break;
	case EINTR:
		call_note(a, s, error,
		    "connect() was interrupted, but the handshake with %s goes "
		    "on in the kernel, SYN after SYN. Close gives it up; "
		    "anything else waits for it again.",
		    text);
		break;
	default:
		note_plain(a, s, CALL_CONNECT, error);
	}
}

static void
note_accept(struct actor *a, const struct sock *s, int error)
{
	switch (-error) {
	case ECONNABORTED:
		call_note(a, s, error,
		    "A client left the accept queue before accept() came to "
		    "it: the server goes on with the next one.");
		break;
	case EMFILE:
	case ENFILE:
		call_note(a, s, error,
		    "No descriptor is left in %s: new clients wait in the "
		    "accept queue until others close%s.",
		    error == -EMFILE ? "this process" : "the system",
		    error == -EMFILE ? " (`ulimit -n` is the limit)" : "");
		break;
	case ENOBUFS:
	case ENOMEM:
		call_note(a, s, error,
		    "The kernel has no memory for another connection: new "
		    "clients wait in the accept queue.");
		break;
	default:
		note_plain(a, s, CALL_ACCEPT, error);
	}
}

static void
note_transfer(
    struct actor *a, const struct sock *s, enum call_kind kind, int error)
{
	switch (-error) {
	case EPIPE:
		call_note(a, s, error,
		    "Nothing more can be sent: the peer has reset this "
		    "connection, or this side has shut it down. Without "
		    "MSG_NOSIGNAL, SIGPIPE would have killed the program.");
		break;
	case ECONNRESET:
		call_note(a, s, error,
		    "An RST came: the peer threw the connection away, by "
		    "closing with unread data or by dying. What was on its way "
		    "is lost.");
		break;
	case ETIMEDOUT:
		call_note(a, s, error,
		    "The peer has acknowledged nothing through all "
		    "retransmissions (or keep-alive probes): the connection is "
		    "given up.");
		break;
	case EAGAIN:
		call_note(a, s, error,
		    "Timed out: nothing came within the time that SO_RCVTIMEO "
		    "allows. (Python raises TimeoutError here.) The next "
		    "thing sent starts another recv().");
		break;
	case ENOTCONN:
		call_note(a, s, error,
		    "This socket is not connected: only connect() or accept() "
		    "gives a stream a peer.");
		break;
	default:
		note_plain(a, s, kind, error);
	}
}

/* A reason with its addresses filled in: {local}, {peer} of s, {addr}. */
static void
note_reason(struct actor *a, const struct sock *s, int error,
    const char *reason, const struct addr *asked)
{
	static const struct addr none;
	const struct {
		const char *name;
		const struct addr *addr;
	} places[] = {{"{local}", s != NULL ? &s->local : &none},
	    {"{peer}", s != NULL ? &s->peer : &none},
	    {"{addr}", asked != NULL ? asked : &none}};
	char text[CALL_DATA_MAX], addr[ADDR_TEXT_MAX];
	size_t len = 0;

	while (*reason != '\0' && len < sizeof text) {
		size_t i, n = 0;

		for (i = 0; i < sizeof places / sizeof *places && n == 0; i++)
			if (strncmp(reason, places[i].name,
				strlen(places[i].name)) == 0)
				n = strlen(places[i].name);
		if (n == 0) {
			text[len++] = *reason++;
			continue;
		}
		reason += n;
		len += (size_t)snprintf(text + len, sizeof text - len, "%s",
		    addr_format(addr, places[i - 1].addr));
	}
	call_note(a, s, error, "%.*s",
	    (int)(len < sizeof text ? len : sizeof text - 1), text);
}

static void
note_socket(struct actor *a, const struct sock *s, int error)
{
	switch (-error) {
	case EPERM:
	case EACCES:
		call_note(a, s, error,
		    "Raw sockets need CAP_NET_RAW. The lab has it: start "
		    "sockdeck without --host.");
		break;
	case EPROTONOSUPPORT:
	case ESOCKTNOSUPPORT:
	case EPROTOTYPE:
		call_note(a, s, error,
		    "No such combination: inet stream (TCP), inet dgram (UDP), "
		    "inet raw icmp, unix stream and unix dgram exist.");
		break;
	default:
		note_plain(a, s, CALL_SOCKET, error);
	}
}

void
advice_note(struct actor *a, const struct sock *s, enum call_kind kind,
    int error, const struct addr *addr)
{
	bool local = is_unix(addr);
	const char *reason = NULL;
	bool end = false;

	if (is_bluetooth(s, addr))
		reason = advice_rfcomm(kind, error, &end);
	if (reason == NULL && s != NULL)
		reason = advice_past(s, kind, error);

	if (error == -ECANCELED)
		return;
	if (reason != NULL)
		note_reason(a, s, end ? 0 : error, reason, addr);
	else if (kind == CALL_CONNECT)
		(local ? note_connect_unix : note_connect)(a, s, error, addr);
	else if (error == -EINTR)
		call_note(a, s, error,
		    "A signal interrupted %s(): nothing is lost, a program "
		    "calls it again.",
		    call_verb(kind));
	else if (addr != NULL && (kind == CALL_BIND || kind == CALL_LISTEN))
		(local ? note_bind_unix : note_bind)(a, s, error, addr);
	else if (kind == CALL_ACCEPT)
		note_accept(a, s, error);
	else if (kind == CALL_SOCKET)
		note_socket(a, s, error);
	else
		note_transfer(a, s, kind, error);
}

int
advice_icmp(struct actor *a, struct sock *s)
{
	struct sock_error e;
	char from[ADDR_TEXT_MAX];
	int n = 0;

	if (s->domain != AF_INET && s->domain != AF_INET6)
		return 0;
	for (; call_recv_error(a, s, &e) >= 0; n++) {
		addr_format_host(from, &e.offender);
		if (e.error == ECONNREFUSED)
			call_note(a, s, -e.error,
			    "%s answered an earlier datagram with ICMP port "
			    "unreachable (type %u, code %u): nobody has bound "
			    "that port. UDP learns of it with the call that "
			    "waits, or else with the next one.",
			    from, e.type, e.code);
		else
			call_note(a, s, -e.error,
			    "%s%s about an earlier datagram: %s (type %u, "
			    "code %u).",
			    e.icmp ? "ICMP from " : "This host",
			    e.icmp ? from : "", strerrordesc_np(e.error),
			    e.type, e.code);
	}
	return n;
}
