/*
 * Calls by hand as the Python script that makes them: a line for each call, in
 * their order. One that failed stands as a comment, so that the script runs.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/callfmt.h"
#include "net/pycode_impl.h"

#define LITERAL_MAX (4 * CALL_DATA_MAX + 8)
#define ARGS_MAX (2 * LITERAL_MAX + 8)

/* (("127.0.0.1", 7000)), "/tmp/x" */
static void
format_address(char dst[LITERAL_MAX], const struct addr *a)
{
	char host[ADDR_TEXT_MAX];
	size_t n;

	if (a->sa.sa_family == AF_UNIX) {
		n = a->len > sizeof(sa_family_t) ? a->len - sizeof(sa_family_t)
						 : 0;
		if (n > 0 && a->un.sun_path[0] != '\0')
			n = strnlen(a->un.sun_path, n);
		pycode_bytes(dst, LITERAL_MAX, a->un.sun_path, n);
		return;
	}
	addr_format_host(host, a);
	n = strlen(host);
	if (host[0] == '[') { /* brackets are not Python's */
		memmove(host, host + 1, n);
		host[n - 2] = '\0';
	}
	snprintf(dst, LITERAL_MAX, "(\"%s\", %u)", host, addr_port(a));
}

/* What is sent: as bytes, or as many as there were where they were many. */
static void
format_data(char dst[LITERAL_MAX], const struct call *c)
{
	bool failed = c->phase == CALL_DONE && c->error != 0;

	if (!failed && c->asked == c->data_len)
		pycode_bytes(
		    dst, LITERAL_MAX, (const char *)c->data, c->data_len);
	else
		snprintf(dst, LITERAL_MAX, "bytes(%" PRIu64 ")", c->asked);
}

static const char *
level_name(int level)
{
	switch (level) {
	case SOL_SOCKET:
		return "SOL_SOCKET";
	case IPPROTO_TCP:
		return "IPPROTO_TCP";
	case IPPROTO_IPV6:
		return "IPPROTO_IPV6";
	default:
		return "IPPROTO_IP";
	}
}

/* The value as Python's setsockopt() takes it; text is sockopt_format()'s. */
static void
format_value(char dst[LITERAL_MAX], const struct sockopt *o, const char *text)
{
	const char *zero = "socket.inet_aton(\"0.0.0.0\")";
	int seconds = atoi(text);
	bool off = strcmp(text, "off") == 0;

	switch (o->type) {
	case SOCKOPT_BOOL:
	case SOCKOPT_INT:
	case SOCKOPT_CRED:
	case SOCKOPT_SECURITY: /* Python has no BT_SECURITY */
		snprintf(dst, LITERAL_MAX, "%s", text);
		break;
	case SOCKOPT_TIME:
		snprintf(dst, LITERAL_MAX, "struct.pack(\"ll\", %d, %ld)",
		    seconds, (long)((atof(text) - seconds) * 1e6));
		break;
	case SOCKOPT_LINGER:
		snprintf(dst, LITERAL_MAX, "struct.pack(\"ii\", %d, %d)", !off,
		    seconds);
		break;
	case SOCKOPT_GROUP4:
		snprintf(dst, LITERAL_MAX, "socket.inet_aton(\"%s\") + %s",
		    text, zero);
		break;
	case SOCKOPT_ADDR4:
		snprintf(dst, LITERAL_MAX, "socket.inet_aton(\"%s\")", text);
		break;
	case SOCKOPT_GROUP6:
		snprintf(dst, LITERAL_MAX,
		    "socket.inet_pton(socket.AF_INET6, \"%s\") + bytes(4)",
		    text);
		break;
	case SOCKOPT_TEXT:
		pycode_bytes(dst, LITERAL_MAX, text, strlen(text));
		break;
	}
}

static void
format_option(char dst[ARGS_MAX], const struct call *c)
{
	const struct sockopt *o = sockopt_by_number(c->arg[0], c->arg[1]);
	char text[SOCKOPT_TEXT_MAX], value[LITERAL_MAX] = "";

	if (o == NULL) {
		snprintf(dst, ARGS_MAX, "%d, %d, %d", c->arg[0], c->arg[1],
		    c->arg[2]);
		return;
	}
	snprintf(text, sizeof text, "%.*s", c->data_len, (const char *)c->data);
	if (c->kind == CALL_SETSOCKOPT)
		format_value(value, o, text);
	snprintf(dst, ARGS_MAX, "socket.%s, socket.%s%s%s",
	    level_name(o->level), o->name, value[0] != '\0' ? ", " : "", value);
}

/* "socket.AF_INET, socket.SOCK_STREAM": as callfmt names them. */
static void
format_socket(char dst[ARGS_MAX], const struct call *c)
{
	char text[CALLFMT_MAX], *domain, *type, *end;

	callfmt_args(text, c); /* socket(AF_INET, SOCK_STREAM, 0) */
	domain = strchr(text, '(') + 1;
	type = strstr(domain, ", ") + 2;
	end = strpbrk(type, " ,");
	snprintf(dst, ARGS_MAX, "socket.%.*s, socket.%.*s",
	    (int)(type - 2 - domain), domain, (int)(end - type), type);
	if (c->arg[2] != 0)
		snprintf(dst + strlen(dst), ARGS_MAX - strlen(dst), ", %d",
		    c->arg[2]);
}

static void
format_args(char dst[ARGS_MAX], const struct call *c)
{
	static const char *const hows[] = {"SHUT_RD", "SHUT_WR", "SHUT_RDWR"};
	char text[LITERAL_MAX], data[LITERAL_MAX];

	dst[0] = '\0';
	switch ((enum call_kind)c->kind) {
	case CALL_SOCKET:
		format_socket(dst, c);
		break;
	case CALL_BIND:
	case CALL_CONNECT:
		format_address(
		    text, c->kind == CALL_BIND ? &c->local : &c->peer);
		snprintf(dst, ARGS_MAX, "%s", text);
		break;
	case CALL_LISTEN:
		snprintf(dst, ARGS_MAX, "%d", c->arg[0]);
		break;
	case CALL_SEND:
		format_data(text, c);
		snprintf(dst, ARGS_MAX, "%s", text);
		break;
	case CALL_SENDTO:
		format_data(data, c);
		format_address(text, &c->peer);
		snprintf(dst, ARGS_MAX, "%s, %s", data, text);
		break;
	case CALL_RECV:
	case CALL_RECVFROM:
		snprintf(dst, ARGS_MAX, "%" PRIu64 "%s", c->asked,
		    c->peek ? ", socket.MSG_PEEK" : "");
		break;
	case CALL_SHUTDOWN:
		snprintf(
		    dst, ARGS_MAX, "socket.%s", hows[(unsigned)c->arg[0] % 3]);
		break;
	case CALL_SETSOCKOPT:
	case CALL_GETSOCKOPT:
		format_option(dst, c);
		break;
	case CALL_GETADDRINFO:
		pycode_bytes(
		    text, sizeof text, (const char *)c->data, c->data_len);
		text[strcspn(text, ":")] = '\0';
		snprintf(dst, ARGS_MAX, "\"%s\", None", text + 2);
		break;
	case CALL_ACCEPT:
	case CALL_CLOSE:
	case CALL_RECVMSG:
	case CALL_EPOLL_CREATE:
	case CALL_EPOLL_CTL:
	case CALL_EPOLL_WAIT:
	case CALL_SDP_SEARCH:
	case CALL_SDP_REGISTER:
	case CALL_NOTE:
	case CALL_REPORT:
	case CALL_KIND_COUNT:
		break;
	}
}

/* What it returned, as a comment: the data, or the errno. */
static void
add_outcome(struct buf *b, const struct call *c)
{
	char text[LITERAL_MAX];

	if (c->phase != CALL_DONE)
		return;
	if (c->error != 0) {
		buf_printf(b, "  # %s", err_name(c->error));
	} else if (call_receives(c)) {
		pycode_bytes(
		    text, sizeof text, (const char *)c->data, c->data_len);
		buf_printf(b, "  # %s", text);
	} else if (c->kind == CALL_GETSOCKOPT) {
		buf_printf(b, "  # %.*s", c->data_len, (const char *)c->data);
	}
}

/* "s7.": on what it is called. */
static void
add_call(struct pycode *p, const struct call *c)
{
	char args[ARGS_MAX];
	struct buf *b = &p->text;
	bool failed = c->phase == CALL_DONE && c->error != 0;

	p->line[p->count].at = b->len;
	p->line[p->count].tags = "|";
	p->line[p->count++].call = c->id;
	if (failed)
		buf_printf(b, "# ");
	format_args(args, c);
	if (c->kind == CALL_SOCKET && !failed && c->fd >= 0)
		buf_printf(b, "s%d = ", c->fd);
	if (c->kind == CALL_ACCEPT && c->phase == CALL_DONE && !failed)
		buf_printf(b, "s%d, addr = ", (int)c->result);
	if (c->kind == CALL_SOCKET || c->kind == CALL_GETADDRINFO)
		buf_printf(b, "socket.");
	else
		buf_printf(b, "s%d.", c->fd);
	buf_printf(b, "%s(%s)", call_verb((enum call_kind)c->kind), args);
	add_outcome(b, c);
	buf_add(b, "", 1);
}

static void
add_text(struct pycode *p, const char *text)
{
	p->line[p->count].at = p->text.len;
	p->line[p->count].tags = "|";
	p->line[p->count++].call = 0;
	buf_add(&p->text, text, strlen(text) + 1);
}

/* Where the newest calls that have room begin. */
static uint32_t
first_entry(const struct journal *j, uint32_t group)
{
	uint32_t entry = journal_next(j), room = PYCODE_LINES / 2;

	for (; entry > journal_first(j) && room > 0; entry--) {
		const struct call *c = journal_at(j, entry - 1);

		room -= c->group == group && c->kind != CALL_NOTE;
	}
	return entry;
}

/* Does it pass a C struct, which only struct.pack() makes? */
static bool
packs(const struct call *c, uint32_t group)
{
	const struct sockopt *o =
	    c->group == group && c->kind == CALL_SETSOCKOPT
		? sockopt_by_number(c->arg[0], c->arg[1])
		: NULL;

	return o != NULL &&
	       (o->type == SOCKOPT_TIME || o->type == SOCKOPT_LINGER);
}

static bool
any_packs(const struct journal *j, uint32_t group)
{
	const struct call *c;

	for (uint32_t i = first_entry(j, group); i < journal_next(j); i++)
		if (packs(journal_at(j, i), group))
			return true;
	for (uint32_t i = 0; (c = journal_running_at(j, i)) != NULL; i++)
		if (packs(c, group))
			return true;
	return false;
}

struct pycode *
pycode_by_hand(const struct journal *j, uint32_t group, struct err *err)
{
	struct pycode *p = pycode_new();
	const struct call *c;

	if (p == NULL) {
		err_set(err, -ENOMEM, "no memory for a program's text");
		return NULL;
	}
	add_text(p, "import socket");
	if (any_packs(j, group))
		add_text(p, "import struct");
	add_text(p, "");
	for (uint32_t i = first_entry(j, group); i < journal_next(j); i++) {
		c = journal_at(j, i);
		if (c->group == group && c->kind != CALL_NOTE)
			add_call(p, c);
	}
	for (uint32_t i = 0;
	     (c = journal_running_at(j, i)) != NULL && p->count < PYCODE_LINES;
	     i++)
		if (c->group == group)
			add_call(p, c);
	return pycode_finish(p, err);
}
