#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/base/clock.h"
#include "net/base/text.h"
#include "net/lab.h"
#include "net/outside.h"
#include "net/roster.h"
#include "net/server.h"
#include "net/socktab.h"
#include "tui/cli.h"
#include "tui/headless.h"

struct serve {
	struct server_spec spec;
	bool trace;
	bool listening;
	bool failed; /* a call failed before it was listening */
	struct outside *outside; /* or NULL */
	int64_t start_ns;
	struct roster *roster;
};

static const struct option long_options[] = {
    {"model", required_argument, NULL, 'm'},
    {"trace", no_argument, NULL, 't'},
    {"lab", no_argument, NULL, 'l'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static const char *
safe_addr(char dst[4 * ADDR_TEXT_MAX], const struct addr *a)
{
	char text[ADDR_TEXT_MAX];

	addr_format(text, a);
	text_escape(dst, 4 * ADDR_TEXT_MAX, text, strlen(text));
	return dst;
}

/* Who has the port that bind() was refused, if that may be known. */
static void
name_holder(const struct serve *s, const struct addr *wanted)
{
	struct socktab *table;
	struct outside *processes = NULL;
	const struct sockrow *row;
	const struct proc_holder *holder = NULL;
	char addr[4 * ADDR_TEXT_MAX], name[4 * PROC_NAME_MAX];

	if (socktab_new(SOCKTAB_TCP | SOCKTAB_UDP, &table, NULL) < 0)
		return;
	if (socktab_refresh_now(table, NULL) < 0)
		goto out;
	row = socktab_listener(
	    table, s->spec.endpoint.transport, addr_port(wanted));
	if (row == NULL)
		goto out;
	safe_addr(addr, &row->local);
	if (outside_scan_now(&processes, NULL) == 0)
		holder = outside_holder(processes, row->inode);
	if (holder != NULL) {
		text_escape(name, sizeof name, holder->name,
		    strnlen(holder->name, sizeof holder->name));
		cli_fail("%s is held by %s (process %d)", addr, name,
		    (int)holder->pid);
	} else {
		cli_fail("%s is held by a process of user %u that cannot be "
			 "seen from here",
		    addr, row->uid);
	}
out:
	outside_free(processes);
	socktab_free(table);
}

/* After which clients can come. */
static enum call_kind
ready_call(const struct serve *s)
{
	enum transport t = s->spec.endpoint.transport;

	return transport_socktype(t) == SOCK_STREAM ? CALL_LISTEN : CALL_BIND;
}

static void
on_ready(struct serve *s, const struct call *c)
{
	char addr[4 * ADDR_TEXT_MAX];

	s->listening = true;
	printf("listening on %s (%s, %s)\n", safe_addr(addr, &c->local),
	    s->spec.service->name, server_model_name(s->spec.model));
}

static void
on_come(const struct roster_row *k)
{
	char addr[4 * ADDR_TEXT_MAX];

	printf("%s %s\n", safe_addr(addr, &k->peer),
	    k->type == SOCK_STREAM ? "connected" : "sends datagrams");
}

static void
on_end(const struct roster_row *k, int64_t now_ns)
{
	char addr[4 * ADDR_TEXT_MAX], span[TEXT_NUM_MAX];

	printf("%s closed: received %llu bytes, sent %llu bytes in %s\n",
	    safe_addr(addr, &k->peer), (unsigned long long)k->received,
	    (unsigned long long)k->sent, text_span(span, now_ns - k->since_ns));
}

/* Datagrams have no end of their own: the server's is theirs. */
static void
sum_up(const struct serve *s)
{
	char addr[4 * ADDR_TEXT_MAX];
	const struct roster_row *k;

	for (uint32_t id = roster_next(s->roster, 0); id != 0;
	     id = roster_next(s->roster, id)) {
		k = roster_get(s->roster, id);
		if (k->type == SOCK_DGRAM)
			printf("%s: received %llu bytes in %u datagrams, sent "
			       "%llu bytes in %u\n",
			    safe_addr(addr, &k->peer),
			    (unsigned long long)k->received, k->messages_in,
			    (unsigned long long)k->sent, k->messages_out);
	}
}

/* What a call says about a client. */
static void
on_client_call(struct serve *s, const struct call *c)
{
	uint32_t before = roster_of_call(s->roster, c);
	const struct roster_row *k;

	roster_feed(s->roster, c);
	k = roster_get(s->roster, roster_of_call(s->roster, c));
	if (k == NULL)
		return;
	if (k->id != before)
		on_come(k);
	if (c->kind == CALL_CLOSE)
		on_end(k, c->end_ns);
}

static void
on_call(void *arg, const struct call *c)
{
	struct serve *s = arg;

	if (c->phase != CALL_DONE)
		return;
	if (c->kind == CALL_NOTE && c->result < 0)
		headless_complain(c);
	if (s->trace)
		headless_trace(stdout, c, s->start_ns);
	if (!s->listening && c->error != 0 && c->kind != CALL_NOTE) {
		s->failed = true;
		if (c->kind == CALL_BIND && c->error == EADDRINUSE)
			name_holder(s, &c->local);
	}
	if (!s->listening && c->error == 0 && c->kind == ready_call(s))
		on_ready(s, c);
	else
		on_client_call(s, c);
}

/*
 * Until the server has ended. It ends when it is asked to, when it could not
 * start, and when nobody reads what this prints.
 */
static int
serve(struct serve *s, struct engine *e, uint32_t group, int signals)
{
	struct pump pump = {.engine = e, .on_call = on_call, .arg = s};
	struct pollfd fds[2] = {[1] = {.fd = signals, .events = POLLIN}};
	bool alive, stopping = false;
	int status = CLI_DONE;

	do {
		alive = engine_alive(e, group) > 0;
		pump_drain(&pump);
		if (fflush(stdout) != 0 && !stopping) {
			stopping = true;
			status = CLI_FAILED;
			engine_stop(e, 0);
		}
		if (!alive)
			break;
		pump_wait(
		    &pump, fds, 2, s->failed || stopping ? ENGINE_TICK_MS : -1);
		if ((fds[1].revents & POLLIN) != 0 && !stopping) {
			stopping = true;
			fds[1].fd = -1;
			engine_stop(e, 0);
		}
	} while (true);
	/* a server that ended by itself has failed */
	return stopping ? status : CLI_FAILED;
}

static int
run(struct serve *s)
{
	struct engine *e;
	struct err err;
	uint32_t group;
	int signals = headless_signals();
	int status;

	if (signals < 0)
		return cli_fail("signalfd: %s", strerror(-signals));
	signal(SIGPIPE, SIG_IGN);
	e = engine_new(&err);
	if (e == NULL)
		return cli_fail("%s", err.text);
	engine_set_outside(e, s->outside);
	s->start_ns = clock_now_ns();
	if (server_start(e, &s->spec, &group, &err) < 0)
		status = cli_fail("%s", err.text);
	else
		status = serve(s, e, group, signals);
	sum_up(s);
	engine_free(e);
	close(signals);
	return status;
}

int
cli_serve(int argc, char **argv)
{
	struct serve s;
	struct server_spec spec = server_spec_default();
	struct err err;
	bool trace = false, lab = false;
	struct lab place;
	int c, status;

	opterr = 0;
	while ((c = getopt_long(argc, argv, ":h", long_options, NULL)) != -1) {
		switch (c) {
		case 'm':
			if (server_spec_set(&spec, "model", optarg, &err) < 0)
				return cli_usage("serve", "%s", err.text);
			break;
		case 't':
			trace = true;
			break;
		case 'l':
			lab = true;
			break;
		case 'h':
			return cli_help("serve");
		default:
			return cli_bad_option("serve", c, argv);
		}
	}
	if (argc - optind < 3)
		return cli_usage(
		    "serve", "serve needs a service, a transport, an address");
	if (server_spec_parse(&spec, (const char *const *)argv + optind,
		argc - optind, &err) < 0)
		return cli_usage("serve", "%s", err.text);
	s = (struct serve){
	    .spec = spec,
	    .trace = trace,
	    .outside = headless_outside(spec.endpoint.transport),
	    .roster = roster_new(),
	};
	if (s.roster == NULL)
		status = cli_fail("no memory");
	else if (lab && lab_enter(1, &place, &err) < 0)
		status = cli_fail("%s", err.text);
	else
		status = run(&s);
	outside_free(s.outside);
	roster_free(s.roster);
	return status;
}
