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

#define LITERAL_MAX (4 * SERVICE_ROOT_MAX + 8)

/* What @NAME@ stands for; value may have such names in it and may be pieces. */
struct filling {
	const char *name, *value;
};

#define FILLINGS 32

struct writer {
	struct pycode *p;
	struct filling filling[FILLINGS];
	size_t count;
	/* memory behind the values */
	char host[ADDR_TEXT_MAX], port[8], path[LITERAL_MAX];
	char root[LITERAL_MAX], recv[24], backlog[16];
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

/* ---- programs ---- */

/* clang-format off: one line here is one line there */

static const char blocking_server[] =
    "@IMPORTS@"
    "|import socket\n"
    "@THREADING@"
    "@CONSTANTS_OF_SERVER@"
    "@FUNCTIONS@"
    "@SERVE@"
    "|\n"
    "|\n"
    "@UNLINK@"
    "socket,close:listener|with socket.socket(socket.@FAMILY@, "
    "socket.SOCK_STREAM) as s:\n"
    "@REUSEADDR@"
    "getaddrinfo,bind|    s.bind(@ADDRESS@)\n"
    "listen|    s.listen(@BACKLOG@)\n"
    "|    while True:\n"
    "accept|        conn, addr = s.accept()\n"
    "@LOOK_AFTER@";

static const char one_at_a_time[] =
    "|        try:\n"
    "|            serve(conn, addr)\n"
    "|        except ConnectionError as error:\n"
    "|            print(addr, error)\n";

static const char a_thread_each[] =
    "|        threading.Thread(target=serve, args=(conn, addr),\n"
    "|                         daemon=True).start()\n";

static const char event_server[] =
    "@IMPORTS@"
    "|import selectors\n"
    "|import socket\n"
    "@CONSTANTS_OF_SERVER@"
    "epoll_create1|sel = selectors.DefaultSelector()\n"
    "|\n"
    "|\n"
    "@FUNCTIONS@"
    "|class Client:\n"
    "|    \"\"\"What a thread would keep on its stack.\"\"\"\n"
    "|\n"
    "|    def __init__(self, conn, addr):\n"
    "|        self.conn = conn\n"
    "|        self.out = b\"\"  # there was no room for it yet\n"
    "|        self.done = False  # close once that is sent\n"
    "@OPENED@"
    "|\n"
    "|    def received(self, data):\n"
    "@RECEIVED@"
    "@MORE@"
    "|\n"
    "|\n"
    "|def accept(s):\n"
    "accept|    conn, addr = s.accept()\n"
    "|    conn.setblocking(False)\n"
    "|    client = Client(conn, addr)\n"
    "epoll_ctl:add|    sel.register(conn, selectors.EVENT_READ, client)\n"
    "|    send(client)\n"
    "|\n"
    "|\n"
    "|def receive(client):\n"
    "|    try:\n"
    "recv|        data = client.conn.recv(@RECV@)\n"
    "|    except BlockingIOError:\n"
    "|        return\n"
    "|    except ConnectionError:\n"
    "|        data = b\"\"\n"
    "|    if data:\n"
    "|        client.received(data)\n"
    "|    else:\n"
    "|        client.done = True\n"
    "|    send(client)\n"
    "|\n"
    "|\n"
    "|def send(client):\n"
    "@SEND_MORE@"
    "|    try:\n"
    "|        while client.out:\n"
    "send|            n = client.conn.send(client.out)\n"
    "|            client.out = client.out[n:]\n"
    "|    except BlockingIOError:\n"
    "|        pass  # the rest when there is room\n"
    "|    except ConnectionError:\n"
    "|        client.out, client.done = b\"\", True\n"
    "|    if client.done and not client.out:\n"
    "|        sel.unregister(client.conn)\n"
    "close:conn|        client.conn.close()\n"
    "|    else:\n"
    "@WANTS@"
    "epoll_ctl:mod|        sel.modify(client.conn, wants, client)\n"
    "|\n"
    "|\n"
    "@UNLINK@"
    "socket,close:listener|with socket.socket(socket.@FAMILY@, "
    "socket.SOCK_STREAM) as s:\n"
    "@REUSEADDR@"
    "getaddrinfo,bind|    s.bind(@ADDRESS@)\n"
    "listen|    s.listen(@BACKLOG@)\n"
    "|    s.setblocking(False)\n"
    "epoll_ctl:listener|    sel.register(s, selectors.EVENT_READ)\n"
    "|    while True:\n"
    "epoll_wait|        for key, events in sel.select():\n"
    "|            if key.fileobj is s:\n"
    "|                accept(s)\n"
    "|            elif events & selectors.EVENT_WRITE:\n"
    "|                send(key.data)\n"
    "|            else:\n"
    "|                receive(key.data)\n";

static const char more_method[] = "|\n"
				  "|    def more(self):\n"
				  "@MORE_BODY@";

static const char send_more[] =
    "|    client.out = client.out or client.more()\n";

static const char datagram_server[] =
    "@IMPORTS@"
    "@SELECTORS@"
    "|import socket\n"
    "@THREADING@"
    "@CONSTANTS_OF_SERVER@"
    "@FUNCTIONS@"
    "@UNLINK@"
    "socket,close|with socket.socket(socket.@FAMILY@, socket.SOCK_DGRAM) as "
    "s:\n"
    "getaddrinfo,bind|    s.bind(@ADDRESS@)\n"
    "@SELECTOR@"
    "@COUNT@"
    "|    while True:\n"
    "@SELECT@"
    "recvfrom|        data, addr = s.recvfrom(@RECV@)\n"
    "@ANSWER_IT@";

static const char selector[] =
    "|    s.setblocking(False)\n"
    "epoll_create1|    sel = selectors.DefaultSelector()\n"
    "epoll_ctl|    sel.register(s, selectors.EVENT_READ)\n";

static const char answer_here[] =
    "@IF_NAMED@"
    "sendto|        @IN@s.sendto(@ANSWER@, addr)\n";

static const char answer_thread[] =
    "@IF_NAMED@"
    "sendto|        @IN@threading.Thread(target=s.sendto,\n"
    "|        @IN@                 args=(@ANSWER@, addr)).start()\n";

static const char if_named[] =
    "|        if addr:  # only who has a name can be answered\n";

static const char count_it[] =
    "|        count += len(data)\n"
    "|        print(f\"{count} bytes\", flush=True)\n";

static const char first_of_each[] = "|next_first = {}\n"
				    "|\n"
				    "|\n"
				    "|def next_line(addr):\n"
				    "|    first = next_first.get(addr, 0)\n"
				    "|    next_first[addr] = (first + 1) % 95\n"
				    "|    return line(first)\n"
				    "|\n"
				    "|\n";

static const char stream_client[] =
    "|import socket\n"
    "|import sys\n"
    "|import threading\n"
    "|\n"
    "@CONSTANTS@"
    "|\n"
    "|\n"
    "|def receive(s):\n"
    "|    while True:\n"
    "recv|        data = s.recv(@RECV@)\n"
    "|        if not data:\n"
    "|            break\n"
    "|        sys.stdout.buffer.write(data)\n"
    "|        sys.stdout.buffer.flush()\n"
    "|\n"
    "|\n"
    "socket,close|with socket.socket(socket.@FAMILY@, socket.SOCK_STREAM) as "
    "s:\n"
    "getaddrinfo,connect|    s.connect(@ADDRESS@)\n"
    "|    reader = threading.Thread(target=receive, args=(s,))\n"
    "|    reader.start()\n"
    "|    for line in sys.stdin.buffer:\n"
    "send|        s.sendall(line)\n"
    "shutdown|    s.shutdown(socket.SHUT_WR)\n"
    "|    reader.join()\n";

static const char datagram_client[] =
    "|import socket\n"
    "|import sys\n"
    "|import threading\n"
    "|\n"
    "@CONSTANTS@"
    "|\n"
    "|\n"
    "|def receive(s):\n"
    "|    while True:\n"
    "@RECEIVE@"
    "|        sys.stdout.buffer.write(data)\n"
    "|        sys.stdout.buffer.flush()\n"
    "|\n"
    "|\n"
    "socket,close|with socket.socket(socket.@FAMILY@, socket.SOCK_DGRAM) as "
    "s:\n"
    "@NAME@"
    "@CONNECT@"
    "|    reader = threading.Thread(target=receive, args=(s,),\n"
    "|                              daemon=True)\n"
    "@START_FIRST@"
    "|    for line in sys.stdin.buffer:\n"
    "@SEND@"
    "@START_LATER@"
    "|    if reader.is_alive():\n"
    "|        reader.join(1)  # datagrams have no end: wait a second\n";

static const char start_later[] =
    "|        if not reader.is_alive():\n"
    "|            reader.start()  # now the socket has an address\n";

/* clang-format on */

/* ---- putting one together ---- */

static void
fill_imports(struct writer *w, const struct server_spec *spec, bool path)
{
	bool root = spec->options.root[0] != '\0';
	bool daytime = strcmp(spec->service->name, "daytime") == 0;

	fill(w, "IMPORTS",
	    root && path ? "|import os\n|import pathlib\n|import urllib.parse\n"
	    : root       ? "|import os\n|import pathlib\n|import urllib.parse\n"
	    : path && daytime ? "|import os\n|import time\n"
	    : path            ? "|import os\n"
	    : daytime         ? "|import time\n"
			      : "");
}

static void
fill_service(struct writer *w, const struct server_spec *spec,
    const struct pycode_service *s)
{
	bool datagrams =
	    transport_socktype(spec->endpoint.transport) == SOCK_DGRAM;

	fill(w, "FUNCTIONS", s->functions);
	fill(w, "FIRST", datagrams ? first_of_each : "");
	fill(w, "FIND_PAGE",
	    spec->options.root[0] != '\0' ? pycode_http_root
					  : pycode_http_page);
	pycode_bytes(w->root, sizeof w->root, spec->options.root,
	    strlen(spec->options.root));
	fill(w, "ROOT", w->root);
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
	fill(w, "LOOK_AFTER", threaded ? a_thread_each : one_at_a_time);
	write_piece(w, blocking_server);
}

static void
write_event(struct writer *w, const struct pycode_service *s)
{
	bool more = s->more[0] != '\0';

	fill(w, "OPENED", s->opened);
	fill(w, "RECEIVED", s->received);
	fill(w, "MORE", more ? more_method : "");
	fill(w, "MORE_BODY", s->more);
	fill(w, "SEND_MORE", more ? send_more : "");
	fill(w, "WANTS",
	    more ? "|        wants = selectors.EVENT_WRITE\n"
		 : "|        wants = (selectors.EVENT_WRITE if client.out\n"
		   "|                 else selectors.EVENT_READ)\n");
	write_piece(w, event_server);
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
	fill(w, "SELECTOR", event ? selector : "");
	fill(w, "SELECT", event ? "epoll_wait|        sel.select()\n" : "");
	fill(w, "COUNT", answers ? "" : "|    count = 0\n");
	fill(w, "IF_NAMED", named ? if_named : "");
	fill(w, "IN", named ? "    " : "");
	fill(w, "ANSWER", s->answer);
	fill(w, "ANSWER_IT",
	    !answers   ? count_it
	    : threaded ? answer_thread
		       : answer_here);
	write_piece(w, datagram_server);
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
		fill_imports(w, spec,
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
	fill(w, "START_LATER", to ? start_later : "");
	fill(w, "SEND",
	    to ? "getaddrinfo,sendto|        s.sendto(line, @ADDRESS@)\n"
	       : "send|        s.send(line)\n");
	write_piece(w, datagram_client);
}

struct pycode *
pycode_client(const struct client_spec *spec, struct err *err)
{
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
	snprintf(w->recv, sizeof w->recv, "%d", CLIENT_RECV_SIZE);
	fill(w, "RECV", w->recv);
	if (transport_socktype(spec->endpoint.transport) == SOCK_DGRAM)
		write_datagram_client(w, spec);
	else
		write_piece(w, stream_client);
	free(w);
	return pycode_finish(p, err);
}
