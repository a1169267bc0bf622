#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "net/base/bytes.h"
#include "net/base/clock.h"
#include "net/base/text.h"
#include "net/outside.h"
#include "net/sockwalk.h"
#include "tui/cli.h"

#define LINE_MAX_LEN 2048
#define SAFE_ADDR_MAX (4 * ADDR_TEXT_MAX)

/* Where columns begin; what is wider, as some IPv6 addresses, shifts the rest
 * of its line: to measure first would cost a second walk over the table. */
enum {
	COL_STATE = 9,
	COL_RECVQ = 22,
	COL_SENDQ = 30,
	COL_LOCAL = 38,
	COL_PEER = 62,
	COL_TIMER = 86,
	COL_PROCESS = 108, /* the last */
};

struct listing {
	struct sockfilter filter;
	struct outside *processes; /* NULL: not asked for */
	json_t *rows; /* NULL: a table */
};

static const struct option long_options[] = {
    {"json", no_argument, NULL, 'j'},
    {"processes", no_argument, NULL, 'p'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static const char *const timer_names[] = {
    [SOCKTIMER_NONE] = "",
    [SOCKTIMER_RETRANSMIT] = "retransmit",
    [SOCKTIMER_KEEPALIVE] = "keepalive",
    [SOCKTIMER_TIME_WAIT] = "time-wait",
    [SOCKTIMER_ZERO_WINDOW] = "zero-window",
};

static const char *
timer_name(const struct sockrow *r)
{
	if (r->timer >= sizeof timer_names / sizeof timer_names[0])
		return "?";
	return timer_names[r->timer];
}

static const char *
state_name(unsigned state)
{
	return state == TCPS_NONE ? "UNCONN" : tcp_state_name(state);
}

/* ---- the filter ---- */

static bool
add_port(struct sockfilter *f, const char *digits)
{
	char *end;
	long port = strtol(digits, &end, 10);

	if (end == digits || *end != '\0' || port < 1 || port > 65535 ||
	    f->port_count == SOCKFILTER_PORTS_MAX)
		return false;
	f->ports[f->port_count++] = (uint16_t)port;
	return true;
}

static bool
add_word(struct sockfilter *f, const char *word)
{
	if (strncmp(word, "port:", 5) == 0)
		return add_port(f, word + 5);
	if (strcmp(word, "tcp") == 0)
		f->what |= SOCKTAB_TCP;
	else if (strcmp(word, "udp") == 0)
		f->what |= SOCKTAB_UDP;
	else if (strcmp(word, "unix") == 0)
		f->what |= SOCKTAB_UNIX;
	else if (strcmp(word, "rfcomm") == 0)
		f->what |= SOCKTAB_RFCOMM;
	else if (strcmp(word, "l2cap") == 0)
		f->what |= SOCKTAB_L2CAP;
	else {
		unsigned s = 0;

		while (s < TCPS_COUNT && strcasecmp(word, state_name(s)) != 0)
			s++;
		if (s == TCPS_COUNT)
			return false;
		f->states |= 1U << s;
	}
	return true;
}

/* ---- the table: ten thousand lines of it cost less than the dump ---- */

static void
put(struct wr *w, const char *s)
{
	wr_bytes(w, s, strlen(s));
}

/* The number in decimal; where its digits end. */
static char *
digits(char *at, uint32_t n)
{
	if (n >= 10)
		at = digits(at, n / 10);
	*at++ = (char)('0' + n % 10);
	return at;
}

static void
put_number(struct wr *w, uint32_t n)
{
	char *at = wr_room(w, 10);

	if (at != NULL)
		wr_skip(w, (size_t)(digits(at, n) - at));
}

/* On to the column, at least by one space. Up to the last column they are there
 * already: see print_row(). */
static void
pad_to(struct wr *w, size_t column)
{
	size_t at = wr_len(w);

	if (at >= column)
		wr_u8(w, ' ');
	else if (wr_room(w, column - at) != NULL)
		wr_skip(w, column - at);
}

static void
put_port(struct wr *w, uint16_t port)
{
	wr_u8(w, ':');
	if (port == 0)
		wr_u8(w, '*');
	else
		put_number(w, port);
}

static void
put_other_addr(struct wr *w, const struct addr *a)
{
	char text[ADDR_TEXT_MAX], safe[SAFE_ADDR_MAX];

	addr_format_host(text, a);
	text_escape(safe, sizeof safe, text, strlen(text));
	if (a->len == 0)
		put(w, "*");
	else if (a->sa.sa_family == AF_BLUETOOTH)
		put(w, addr_format(text, a));
	else if (a->sa.sa_family != AF_INET6)
		put(w, safe);
	else {
		wr_u8(w, '[');
		put(w, safe);
		wr_u8(w, ']');
		put_port(w, addr_port(a));
	}
}

static void
put_addr(struct wr *w, const struct addr *a)
{
	const uint8_t *ip = (const uint8_t *)&a->in.sin_addr;

	if (a->len == 0 || a->sa.sa_family != AF_INET) {
		put_other_addr(w, a);
		return;
	}
	for (int i = 0; i < 4; i++) {
		if (i > 0)
			wr_u8(w, '.');
		put_number(w, ip[i]);
	}
	put_port(w, addr_port(a));
}

static void
put_timer(struct wr *w, const struct sockrow *r)
{
	char span[TEXT_NUM_MAX];

	if (r->timer == SOCKTIMER_NONE)
		return;
	pad_to(w, COL_TIMER);
	put(w, timer_name(r));
	wr_u8(w, ' ');
	put(w, text_span(span, (int64_t)r->timer_ms * CLOCK_MS));
}

static void
safe_name(char dst[4 * PROC_NAME_MAX], const struct proc_holder *h)
{
	text_escape(
	    dst, 4 * PROC_NAME_MAX, h->name, strnlen(h->name, sizeof h->name));
}

static void
put_process(struct wr *w, const struct listing *l, const struct sockrow *r)
{
	const struct proc_holder *h = outside_holder(l->processes, r->inode);
	char name[4 * PROC_NAME_MAX];

	if (h == NULL)
		return;
	safe_name(name, h);
	pad_to(w, COL_PROCESS);
	put(w, name);
	put(w, " (");
	put_number(w, (uint32_t)h->pid);
	put(w, ")");
}

static void
print_header(const struct listing *l)
{
	printf("%-*s%-*s%-*s%-*s%-*s%-*s", COL_STATE, "Type",
	    COL_RECVQ - COL_STATE, "State", COL_SENDQ - COL_RECVQ, "Recv-Q",
	    COL_LOCAL - COL_SENDQ, "Send-Q", COL_PEER - COL_LOCAL, "Local",
	    COL_TIMER - COL_PEER, "Peer");
	if (l->processes != NULL)
		printf("%-*sProcess\n", COL_PROCESS - COL_TIMER, "Timer");
	else
		puts("Timer");
}

static void
print_row(const struct listing *l, const struct sockrow *r)
{
	uint8_t line[LINE_MAX_LEN];
	struct wr w = wr_init(line, sizeof line);

	memset(line, ' ', COL_PROCESS);
	put(&w, transport_name(r->transport));
	pad_to(&w, COL_STATE);
	put(&w, state_name(r->state));
	pad_to(&w, COL_RECVQ);
	put_number(&w, r->rqueue);
	pad_to(&w, COL_SENDQ);
	put_number(&w, r->wqueue);
	pad_to(&w, COL_LOCAL);
	put_addr(&w, &r->local);
	if (r->psm != 0) {
		put(&w, " psm ");
		put_number(&w, r->psm);
	}
	pad_to(&w, COL_PEER);
	put_addr(&w, &r->peer);
	put_timer(&w, r);
	if (l->processes != NULL)
		put_process(&w, l, r);
	wr_u8(&w, '\n');
	fwrite_unlocked(line, 1, wr_len(&w), stdout);
}

/* ---- JSON ---- */

static json_t *
json_addr(const struct addr *a)
{
	char text[ADDR_TEXT_MAX], safe[SAFE_ADDR_MAX];

	addr_format(text, a);
	/* a Unix path may be no UTF-8, which JSON has to be */
	text_escape(safe, sizeof safe, text, strlen(text));
	return json_string(safe);
}

static json_t *
json_process(const struct listing *l, const struct sockrow *r)
{
	const struct proc_holder *h = NULL;
	char name[4 * PROC_NAME_MAX];

	if (l->processes != NULL)
		h = outside_holder(l->processes, r->inode);
	if (h == NULL)
		return json_null();
	safe_name(name, h);
	return json_pack("{s:i, s:s}", "pid", (int)h->pid, "name", name);
}

static const char *
family_name(int family)
{
	switch (family) {
	case AF_INET:
		return "inet";
	case AF_INET6:
		return "inet6";
	case AF_UNIX:
		return "unix";
	case AF_BLUETOOTH:
		return "bluetooth";
	default:
		return "other";
	}
}

static json_t *
json_row(const struct listing *l, const struct sockrow *r)
{
	return json_pack(
	    "{s:s, s:s, s:s, s:I, s:I, s:o, s:o, s:s, s:I, s:I, s:I, s:o}",
	    "transport", transport_name(r->transport), "family",
	    family_name(r->family), "state", state_name(r->state), "recv_q",
	    (json_int_t)r->rqueue, "send_q", (json_int_t)r->wqueue, "local",
	    json_addr(&r->local), "peer", json_addr(&r->peer), "timer",
	    timer_name(r), "timer_ms", (json_int_t)r->timer_ms, "uid",
	    (json_int_t)r->uid, "inode", (json_int_t)r->inode, "process",
	    json_process(l, r));
}

static int
print_json(const struct listing *l)
{
	if (json_dumpf(l->rows, stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII) < 0)
		return cli_fail("no memory");
	putchar('\n');
	return CLI_DONE;
}

/* ---- */

/* Each row is printed as the kernel hands it over, in its order: listeners
 * first. A table that is kept and sorted costs as much again as the dump. */
static int
list_row(void *arg, const struct sockrow *r)
{
	const struct listing *l = arg;

	if (l->rows != NULL)
		return json_array_append_new(l->rows, json_row(l, r)) < 0
			   ? -ENOMEM
			   : 0;
	print_row(l, r);
	return 0;
}

static int
walk(struct sockwalk *w)
{
	struct err err;

	if (sockwalk_start(w, &err) < 0 || sockwalk_wait(w, &err) < 0)
		return cli_fail("%s", err.text);
	if (sockwalk_interrupted(w))
		cli_fail("the table changed while it was read: some sockets "
			 "may be missing or twice there");
	return CLI_DONE;
}

static int
list(struct listing *l)
{
	struct sockwalk *w;
	struct err err;
	int status;

	if (sockwalk_new(&l->filter, list_row, l, &w, &err) < 0)
		return cli_fail("%s", err.text);
	if (l->rows == NULL) {
		cli_buffer_output();
		print_header(l);
	}
	status = walk(w);
	sockwalk_free(w);
	if (l->rows != NULL && status == CLI_DONE)
		status = print_json(l);
	return status;
}

/* FILTER words, each of its own or several in one argument. */
static int
parse_filter(struct sockfilter *f, char **words)
{
	for (; *words != NULL; words++) {
		char *rest = *words, *word;

		while ((word = strsep(&rest, " ")) != NULL)
			if (*word != '\0' && !add_word(f, word))
				return cli_usage("sockets",
				    "\"%s\" is no filter: there are tcp, udp, "
				    "unix, states as established or "
				    "time-wait, port:N",
				    word);
	}
	return CLI_DONE;
}

int
cli_sockets(int argc, char **argv)
{
	struct listing l = {.rows = NULL};
	struct err err;
	bool json = false, processes = false;
	int c, status;

	opterr = 0;
	while ((c = getopt_long(argc, argv, ":h", long_options, NULL)) != -1) {
		switch (c) {
		case 'j':
			json = true;
			break;
		case 'p':
			processes = true;
			break;
		case 'h':
			return cli_help("sockets");
		default:
			return cli_bad_option("sockets", c, argv);
		}
	}
	status = parse_filter(&l.filter, argv + optind);
	if (status != CLI_DONE)
		return status;
	if (l.filter.what == 0)
		l.filter.what = SOCKTAB_ALL;
	if (processes && outside_scan_now(&l.processes, &err) < 0)
		return cli_fail("%s", err.text);
	if (json && (l.rows = json_array()) == NULL)
		status = cli_fail("no memory");
	else
		status = list(&l);
	json_decref(l.rows);
	outside_free(l.processes);
	return status;
}
