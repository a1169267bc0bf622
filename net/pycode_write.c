/*
 * Putting programs together: the frame of a server model or a client, with the
 * service, the address and the numbers filled in.
 */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/pycode_impl.h"
#include "net/services.h"

#define LITERAL_MAX (4 * SERVICE_ROOT_MAX + 8)

/* What @NAME@ stands for; value may have such names in it and may be pieces. */
struct filling {
	const char *name, *value;
};

#define FILLINGS 40

struct writer {
	struct pycode *p;
	struct filling filling[FILLINGS];
	size_t count;
	/* memory behind the values */
	char host[ADDR_TEXT_MAX], port[8], path[LITERAL_MAX];
	char root[LITERAL_MAX], recv[24], backlog[16];
	char format[4 * SERVICE_FORMAT_MAX + 8], period[16];
};

static void write_piece(struct writer *w, const char *piece);

/* ---- filling in ---- */

static void
fill(struct writer *w, const char *name, const char *value)
{
	assert(w->count < FILLINGS);
	w->filling[w->count++] = (struct filling){name, value};
}

/* The value of "@NAME@..."; NULL: no such name. */
static const char *
filling_at(const struct writer *w, const char *at, size_t *ret_len)
{
	for (size_t i = 0; i < w->count; i++) {
		size_t n = strlen(w->filling[i].name);

		if (strncmp(at + 1, w->filling[i].name, n) == 0 &&
		    at[1 + n] == '@') {
			*ret_len = n + 2;
			return w->filling[i].value;
		}
	}
	return NULL;
}

/* Code of one line, its names filled in. */
static void
write_code(struct writer *w, const char *code, size_t n)
{
	for (size_t i = 0, len; i < n; i += len) {
		const char *value =
		    code[i] == '@' ? filling_at(w, code + i, &len) : NULL;

		if (value != NULL) {
			write_code(w, value, strlen(value));
			continue;
		}
		len = 1;
		buf_add(&w->p->text, code + i, 1);
	}
}

static void
write_line(struct writer *w, const char *tags, const char *code, size_t n)
{
	struct pycode *p = w->p;

	if (p->count == PYCODE_LINES) {
		p->text.full = true;
		return;
	}
	p->line[p->count].at = p->text.len;
	p->line[p->count++].tags = tags;
	write_code(w, code, n);
	buf_add(&p->text, "", 1);
}

/* Lines; "@NAME@" where a line would begin stands for further ones. */
static void
write_piece(struct writer *w, const char *piece)
{
	while (*piece != '\0') {
		const char *value;
		size_t len;

		if (*piece == '@' &&
		    (value = filling_at(w, piece, &len)) != NULL) {
			write_piece(w, value);
			piece += len;
			continue;
		}
		len = strcspn(piece, "|");
		write_line(
		    w, piece, piece + len + 1, strcspn(piece + len + 1, "\n"));
		piece += strcspn(piece, "\n") + 1;
	}
}

/* ---- addresses ---- */

static void
fill_unix(struct writer *w, const struct addr *a)
{
	size_t n =
	    a->len > sizeof(sa_family_t) ? a->len - sizeof(sa_family_t) : 0;

	/* A path ends at its NUL; an abstract name begins with one. */
	if (n > 0 && a->un.sun_path[0] != '\0')
		n = strnlen(a->un.sun_path, n);
	pycode_bytes(w->path, sizeof w->path, a->un.sun_path, n);
	fill(w, "FAMILY", "AF_UNIX");
	fill(w, "CONSTANTS", "|PATH = @PATH@\n");
	fill(w, "PATH", w->path);
	fill(w, "ADDRESS", "PATH");
	fill(w, "PEER", "{addr}");
	fill(w, "REUSEADDR", "");
	fill(w, "UNLINK",
	    a->un.sun_path[0] == '\0'
		? ""
		: "|if os.path.exists(PATH):\n"
		  "|    os.unlink(PATH)  # left behind by an earlier run\n");
}

static void
fill_inet(struct writer *w, const struct endpoint *e, const struct addr *a)
{
	bool six = a->len != 0 && a->sa.sa_family == AF_INET6;
	size_t n;

	addr_format_host(w->host, a);
	n = strlen(w->host);
	if (a->len == 0) {
		snprintf(w->host, sizeof w->host, "%.100s", e->host);
	} else if (w->host[0] == '[') { /* brackets are not Python's */
		memmove(w->host, w->host + 1, n);
		w->host[n - 2] = '\0';
	}
	snprintf(w->port, sizeof w->port, "%u",
	    a->len != 0 ? addr_port(a) : e->port);
	fill(w, "FAMILY", six ? "AF_INET6" : "AF_INET");
	fill(w, "CONSTANTS", "|HOST = \"@HOST@\"\n|PORT = @PORT@\n");
	fill(w, "HOST", w->host);
	fill(w, "PORT", w->port);
	fill(w, "ADDRESS", "(HOST, PORT)");
	fill(w, "PEER", six ? "[{addr[0]}]:{addr[1]}" : "{addr[0]}:{addr[1]}");
	fill(w, "UNLINK", "");
	fill(w, "REUSEADDR",
	    "setsockopt|    s.setsockopt(socket.SOL_SOCKET, "
	    "socket.SO_REUSEADDR, 1)\n");
}

static void
fill_address(struct writer *w, const struct endpoint *e, const struct addr *a)
{
	if (a->len != 0 && a->sa.sa_family == AF_UNIX)
		fill_unix(w, a);
	else
		fill_inet(w, e, a);
}

/* ---- putting one together ---- */

static void
fill_imports(struct writer *w, const char *service, bool root, bool path)
{
	fill(w, "IMPORTS", "@OS@@ROOT_IMPORTS@@SERVICE_IMPORTS@");
	fill(w, "OS", root || path ? "|import os\n" : "");
	fill(w, "ROOT_IMPORTS",
	    root ? "|import pathlib\n|import urllib.parse\n" : "");
	fill(w, "SERVICE_IMPORTS", service != NULL ? service : "");
}

/* As a string, which bytes without their b are. */
static void
fill_format(struct writer *w, const char *format)
{
	pycode_bytes(w->format, sizeof w->format, format, strlen(format));
	fill(w, "FORMAT", w->format + 1);
}

static void
fill_service(struct writer *w, const struct server_spec *spec,
    const struct pycode_service *s)
{
	bool datagrams =
	    transport_socktype(spec->endpoint.transport) == SOCK_DGRAM;

	fill(w, "FUNCTIONS", s->functions);
	fill(w, "FIRST", datagrams ? pycode_first_of_each : "");
	fill(w, "FIND_PAGE",
	    spec->options.root[0] != '\0' ? pycode_http_root
					  : pycode_http_page);
	pycode_bytes(w->root, sizeof w->root, spec->options.root,
	    strlen(spec->options.root));
	fill(w, "ROOT", w->root);
	fill_format(w, service_struct_format(&spec->options));
	fill(w, "KEEPS", s->keeps);
	fill(w, "TAKE", datagrams ? s->on_datagrams : s->on_stream);
	snprintf(w->period, sizeof w->period, "%u",
	    spec->options.period_now != NULL
		? atomic_load(spec->options.period_now)
		: spec->options.period_ms);
	fill(w, "PERIOD", w->period);
	snprintf(w->recv, sizeof w->recv, "%zu", spec->recv_size);
	fill(w, "RECV", w->recv);
	snprintf(w->backlog, sizeof w->backlog, "%d", spec->backlog);
	fill(w, "BACKLOG", w->backlog);
}

static void
write_blocking(
    struct writer *w, enum server_model model, const struct pycode_service *s)
{
	bool threaded = model == MODEL_THREADED;

	fill(w, "THREADING", threaded ? "|import threading\n" : "");
	fill(w, "SERVE", s->serve);
	fill(w, "LOOK_AFTER",
	    threaded ? pycode_a_thread_each : pycode_one_at_a_time);
	write_piece(w, pycode_blocking_server);
}

static void
write_event(struct writer *w, const struct pycode_service *s)
{
	bool more = s->more[0] != '\0';

	fill(w, "OPENED", s->opened);
	fill(w, "RECEIVED", s->received);
	fill(w, "MORE", more ? pycode_more_method : "");
	fill(w, "MORE_BODY", s->more);
	fill(w, "SEND_MORE", more ? pycode_send_more : "");
	fill(w, "WANTS",
	    more ? "|        wants = selectors.EVENT_WRITE\n"
		 : "|        wants = (selectors.EVENT_WRITE if client.out\n"
		   "|                 else selectors.EVENT_READ)\n");
	write_piece(w, pycode_event_server);
}

static void
write_datagrams(struct writer *w, const struct server_spec *spec,
    const struct pycode_service *s)
{
	bool event = spec->model == MODEL_EVENT;
	bool answers = s->answer[0] != '\0';
	bool threaded = spec->model == MODEL_THREADED && answers;
	bool named = spec->endpoint.transport == TRANSPORT_UNIXGRAM;

	fill(w, "THREADING", threaded ? "|import threading\n" : "");
	fill(w, "SELECTORS", event ? "|import selectors\n" : "");
	fill(w, "SELECTOR", event ? pycode_selector : "");
	fill(w, "SELECT", event ? "epoll_wait|        sel.select()\n" : "");
	fill(w, "JOIN",
	    !addr_is_multicast(&spec->endpoint.addr)       ? ""
	    : spec->endpoint.addr.sa.sa_family == AF_INET6 ? pycode_join_group6
							   : pycode_join_group);
	fill(w, "COUNT", answers ? "" : "|    count = 0\n");
	fill(w, "IF_NAMED",
	    s->silent ? pycode_if_any
	    : named   ? pycode_if_named
		      : "");
	fill(w, "ADDR_AND", named ? "addr and " : "");
	fill(w, "IN", named || s->silent ? "    " : "");
	fill(w, "REPLY", s->answer);
	fill(w, "ANSWER", s->silent ? "reply" : s->answer);
	fill(w, "ANSWER_IT",
	    !answers   ? pycode_count_it
	    : threaded ? pycode_answer_thread
		       : pycode_answer_here);
	write_piece(w, pycode_datagram_server);
}

/* What Python's socket module has by itself. */
static bool
in_python(enum transport t)
{
	return t == TRANSPORT_TCP || t == TRANSPORT_UDP ||
	       t == TRANSPORT_UNIX || t == TRANSPORT_UNIXGRAM;
}

struct pycode *
pycode_server(
    const struct server_spec *spec, const struct addr *local, struct err *err)
{
	const struct pycode_service *s =
	    pycode_service_find(spec->service->name);
	struct writer *w = calloc(1, sizeof *w);
	const struct addr *a =
	    local != NULL && local->len != 0 ? local : &spec->endpoint.addr;
	bool datagrams =
	    transport_socktype(spec->endpoint.transport) == SOCK_DGRAM;
	struct pycode *p = NULL;

	if (w != NULL)
		w->p = p = pycode_new();
	if (p == NULL) {
		err_set(err, -ENOMEM, "no memory for a program's text");
	} else if (s == NULL || !in_python(spec->endpoint.transport) ||
		   (datagrams && s->answer == NULL)) {
		err_set(err, -EPROTONOSUPPORT,
		    "there is no Python program for %s over %s",
		    spec->service->name,
		    transport_name(spec->endpoint.transport));
		pycode_free(p);
		p = NULL;
	} else {
		fill_address(w, &spec->endpoint, a);
		fill_imports(w, s->imports, spec->options.root[0] != '\0',
		    a->sa.sa_family == AF_UNIX && a->un.sun_path[0] != '\0');
		fill(w, "CONSTANTS_OF_SERVER", "|\n@CONSTANTS@|\n@BLANK@");
		fill_service(w, spec, s);
		fill(w, "BLANK",
		    (datagrams && s->functions[0] == '\0') ||
			    (!datagrams && spec->model == MODEL_EVENT)
			? ""
			: "|\n");
		if (datagrams)
			write_datagrams(w, spec, s);
		else if (spec->model == MODEL_EVENT)
			write_event(w, s);
		else
			write_blocking(w, spec->model, s);
		p = pycode_finish(p, err);
	}
	free(w);
	return p;
}

static void
write_datagram_client(struct writer *w, const struct client_spec *spec)
{
	bool to = !spec->connected;

	fill(w, "RECEIVE",
	    to ? "recvfrom|        data, addr = s.recvfrom(@RECV@)\n"
	       : "recv|        data = s.recv(@RECV@)\n");
	fill(w, "NAME",
	    spec->endpoint.transport == TRANSPORT_UNIXGRAM
		? "bind|    s.bind(b\"\")  # any free name: for the answers\n"
		: "");
	fill(w, "CONNECT",
	    to ? "" : "getaddrinfo,connect|    s.connect(@ADDRESS@)\n");
	fill(w, "START_FIRST", to ? "" : "|    reader.start()\n");
	fill(w, "START_LATER", to ? pycode_start_later : "");
	fill(w, "SEND",
	    to ? "getaddrinfo,sendto|        s.sendto(@MESSAGE@, @ADDRESS@)\n"
	       : "send|        s.send(@MESSAGE@)\n");
	write_piece(w, pycode_datagram_client);
}

static void
fill_talk(struct writer *w, const struct server_spec *peer, bool datagrams)
{
	const struct service *s = peer != NULL ? peer->service : NULL;
	const struct pycode_talk *t = s == &service_struct ? &pycode_struct_talk
				      : s == &service_telemetry
					  ? &pycode_telemetry_talk
					  : &pycode_lines_talk;

	if (s != NULL)
		fill_format(w, service_struct_format(&peer->options));
	fill(w, "IMPORTS", t->imports);
	fill(w, "TALK_CONSTANTS", t->constants);
	fill(w, "FUNCTIONS", t->functions);
	fill(w, "EACH", t->each);
	fill(w, "MESSAGE", t->message);
	fill(w, "PAUSE", t->pause);
	fill(w, "BEGIN", t->begin);
	fill(w, "TAKE", datagrams ? t->datagram : t->stream);
}

struct pycode *
pycode_client(const struct client_spec *spec, const struct server_spec *peer,
    struct err *err)
{
	bool datagrams =
	    transport_socktype(spec->endpoint.transport) == SOCK_DGRAM;
	struct writer *w;
	struct pycode *p = NULL;

	if (!in_python(spec->endpoint.transport)) {
		err_set(err, -EPROTONOSUPPORT,
		    "there is no Python program for a client over %s",
		    transport_name(spec->endpoint.transport));
		return NULL;
	}
	w = calloc(1, sizeof *w);
	if (w != NULL)
		w->p = p = pycode_new();
	if (p == NULL) {
		err_set(err, -ENOMEM, "no memory for a program's text");
		free(w);
		return NULL;
	}
	fill_address(w, &spec->endpoint, &spec->endpoint.addr);
	fill_talk(w, peer, datagrams);
	snprintf(w->recv, sizeof w->recv, "%d", CLIENT_RECV_SIZE);
	fill(w, "RECV", w->recv);
	if (datagrams)
		write_datagram_client(w, spec);
	else
		write_piece(w, pycode_stream_client);
	free(w);
	return pycode_finish(p, err);
}
