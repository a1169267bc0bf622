#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/base/clock.h"
#include "net/client.h"
#include "net/rudp.h"
#include "tui/cli.h"
#include "tui/headless.h"

/* Bytes of standard input that one order carries. */
#define CHUNK 65536
/* A full mailbox is asked again after this. */
#define RETRY_MS 2
/* Datagrams have no end, RFCOMM has one for both directions only: after that of
 * standard input, this much silence. */
#define SILENCE_NS CLOCK_S

struct session {
	struct engine *engine;
	uint32_t group;
	bool trace;
	int64_t start_ns;
	struct order pending; /* did not fit; data NULL: none */
	bool stdin_ended;
	bool stopping; /* errors of the calls count no more */
	bool sending; /* a send() is under way */
	bool connected, shut, peer_closed, failed;
	bool datagrams, reliable; /* udp and unixgram; rudp */
	bool no_half_close; /* datagrams, rfcomm */
	int64_t heard_mono_ns; /* then: the last bytes went by */
	_Atomic int write_errno; /* standard output's, by the reader */
};

static const struct option long_options[] = {
    {"trace", no_argument, NULL, 't'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

/* On the reader's thread: a slow standard output slows the peer down. */
static void
on_data(void *arg, const uint8_t *data, size_t n)
{
	struct session *s = arg;

	while (n > 0 && atomic_load(&s->write_errno) == 0) {
		ssize_t done = write(STDOUT_FILENO, data, n);

		if (done >= 0) {
			data += done;
			n -= (size_t)done;
		} else if (errno != EINTR) {
			atomic_store(&s->write_errno, errno);
		}
	}
}

/* How reliable UDP stands: it closes by messages of its own, not by calls. */
static void
on_report(struct session *s, const struct call *c)
{
	struct rudp_stats stats;

	if (c->data_len != sizeof stats)
		return;
	memcpy(&stats, c->data, sizeof stats);
	s->shut = s->stdin_ended;
	s->peer_closed =
	    stats.state == RUDP_TIME_WAIT || stats.state == RUDP_CLOSED;
}

static void
on_peer_closed(struct session *s)
{
	s->peer_closed = true;
	if (!s->stdin_ended && isatty(STDIN_FILENO))
		fputs("sockdeck: the peer has closed its side; Ctrl-D ends "
		      "yours\n",
		    stderr);
}

/* A recv() that found the stream's end; RFCOMM's is ECONNRESET. */
static bool
is_end(const struct call *c)
{
	if (c->peer.len != 0 && c->peer.sa.sa_family == AF_BLUETOOTH)
		return c->error == ECONNRESET;
	return c->error == 0 && c->result == 0 && c->asked > 0;
}

static void
on_call(void *arg, const struct call *c)
{
	struct session *s = arg;

	if (c->kind == CALL_SEND)
		s->sending = c->phase != CALL_DONE;
	if (c->phase != CALL_DONE)
		return;
	if (c->kind == CALL_NOTE && c->result < 0) {
		headless_complain(c);
		s->failed |= s->reliable;
	}
	if (s->trace)
		headless_trace(stderr, c, s->start_ns);
	if (s->stopping)
		return;
	if (c->kind == CALL_SEND || c->kind == CALL_RECV)
		s->heard_mono_ns = clock_mono_ns();
	if (c->kind == CALL_REPORT)
		on_report(s, c);
	else if (c->kind == CALL_CONNECT)
		s->connected = c->error == 0;
	else if (c->kind == CALL_SHUTDOWN)
		s->shut = true;
	else if (c->kind == CALL_RECV && is_end(c) && !s->datagrams)
		on_peer_closed(s);
	/* Of reliable UDP each call may fail, and the connection lives. */
	s->failed |=
	    c->error != 0 && s->connected && !s->reliable && !is_end(c);
}

/* Hand the pending order over. It stays pending while the mailbox is full. */
static void
give_order(struct session *s)
{
	int r = engine_order(s->engine, s->group, &s->pending);

	if (r == -EAGAIN)
		return;
	if (r < 0) {
		free(s->pending.data);
		s->failed = true;
	}
	s->pending = (struct order){0};
}

/* Standard input is readable: make it an order. */
static void
read_stdin(struct session *s)
{
	uint8_t *data = malloc(CHUNK);
	ssize_t n = data != NULL ? read(STDIN_FILENO, data, CHUNK) : -1;

	if (n > 0) {
		s->pending = (struct order){.kind = ORDER_SEND,
		    .stream = !s->datagrams,
		    .data = data,
		    .data_len = (size_t)n};
		give_order(s);
		return;
	}
	free(data);
	if (n < 0) {
		s->failed = true;
		cli_fail("cannot read standard input: %s", strerror(errno));
		return;
	}
	s->stdin_ended = true;
	s->heard_mono_ns = clock_mono_ns();
	if (s->no_half_close)
		return;
	s->pending = (struct order){.kind = ORDER_SHUTDOWN, .how = SHUT_WR};
	give_order(s);
}

static bool
is_pending(const struct session *s)
{
	return s->pending.data != NULL || s->pending.kind == ORDER_SHUTDOWN;
}

static bool
has_ended(const struct session *s)
{
	if (s->failed || atomic_load(&s->write_errno) != 0)
		return true;
	if (s->no_half_close)
		return s->peer_closed ||
		       (s->stdin_ended && !is_pending(s) && !s->sending &&
			   clock_mono_ns() >= s->heard_mono_ns + SILENCE_NS);
	return s->shut && s->peer_closed;
}

static int
poll_limit(const struct session *s)
{
	if (s->stopping)
		return ENGINE_TICK_MS;
	if (is_pending(s))
		return RETRY_MS;
	return s->no_half_close && s->stdin_ended ? ENGINE_TICK_MS : -1;
}

static int
verdict(const struct session *s)
{
	int error = atomic_load(&s->write_errno);

	if (error == EPIPE) /* whoever closed the pipe knows */
		return CLI_FAILED;
	if (error != 0)
		return cli_fail(
		    "cannot write standard output: %s", strerror(error));
	return s->failed || !s->connected ? CLI_FAILED : CLI_DONE;
}

/* Until the session has ended; then what its threads still have to say. */
static int
converse(struct session *s)
{
	struct pump pump = {.engine = s->engine, .on_call = on_call, .arg = s};
	struct pollfd fds[2];
	bool alive;

	do {
		alive = engine_alive(s->engine, s->group) > 0;
		pump_drain(&pump);
		if (!s->stopping && has_ended(s)) {
			s->stopping = true;
			engine_stop(s->engine, 0);
		}
		if (is_pending(s) && !s->stopping)
			give_order(s);
		fds[1] = (struct pollfd){.fd = -1, .events = POLLIN};
		if (s->connected && !s->stdin_ended && !is_pending(s) &&
		    !s->stopping)
			fds[1].fd = STDIN_FILENO;
		if (alive)
			pump_wait(&pump, fds, 2, poll_limit(s));
		if (fds[1].revents != 0)
			read_stdin(s);
	} while (alive);
	return verdict(s);
}

static int
run(struct session *s, const struct endpoint *endpoint)
{
	struct client_spec spec = {
	    .endpoint = *endpoint,
	    .connected = true,
	    .on_data = on_data,
	    .on_data_arg = s,
	};
	struct outside *outside = headless_outside(endpoint->transport);
	struct err err;
	int status;

	signal(SIGPIPE, SIG_IGN);
	s->reliable = endpoint->transport == TRANSPORT_RUDP;
	s->datagrams = transport_socktype(endpoint->transport) == SOCK_DGRAM &&
		       !s->reliable;
	s->no_half_close =
	    s->datagrams || endpoint->transport == TRANSPORT_RFCOMM;
	s->engine = engine_new(&err);
	if (s->engine == NULL)
		return cli_fail("%s", err.text);
	engine_set_outside(s->engine, outside);
	s->start_ns = clock_now_ns();
	if (client_start(s->engine, &spec, &s->group, &err) < 0)
		status = cli_fail("%s", err.text);
	else
		status = converse(s);
	free(s->pending.data);
	engine_free(s->engine);
	outside_free(outside);
	return status;
}

int
cli_connect(int argc, char **argv)
{
	struct session s = {.start_ns = 0};
	struct endpoint endpoint;
	enum transport transport;
	struct err err;
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, ":h", long_options, NULL)) != -1) {
		switch (c) {
		case 't':
			s.trace = true;
			break;
		case 'h':
			return cli_help("connect");
		default:
			return cli_bad_option("connect", c, argv);
		}
	}
	if (argc - optind != 2)
		return cli_usage(
		    "connect", "connect needs a transport and an address");
	if (!transport_parse(argv[optind], &transport))
		return cli_usage("connect",
		    "there is no transport \"%s\": there are tcp, udp, rudp, "
		    "rfcomm, unix and unixgram",
		    argv[optind]);
	if (endpoint_parse(
		argv[optind + 1], transport, false, &endpoint, &err) < 0)
		return cli_usage("connect", "%s", err.text);
	return run(&s, &endpoint);
}
