#include "net/pycode.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "net/pycode_impl.h"

struct pycode *
pycode_new(void)
{
	struct pycode *p = calloc(1, sizeof *p);

	if (p != NULL)
		buf_init(&p->text, PYCODE_LINES * 1024);
	return p;
}

struct pycode *
pycode_finish(struct pycode *p, struct err *err)
{
	if (!p->text.full)
		return p;
	pycode_free(p);
	err_set(err, -ENOMEM, "no memory for a program's text");
	return NULL;
}

void
pycode_bytes(char *dst, size_t size, const char *bytes, size_t n)
{
	size_t len = (size_t)snprintf(dst, size, "b\"");

	for (size_t i = 0; i < n && len + 6 < size; i++) {
		unsigned char c = (unsigned char)bytes[i];
		/* '@' begins a name that is filled in. */
		bool plain =
		    c >= 0x20 && c < 0x7F && strchr("\"\\@", c) == NULL;

		if (plain)
			dst[len++] = (char)c;
		else if (c == '\n')
			len += (size_t)snprintf(dst + len, size - len, "\\n");
		else
			len += (size_t)snprintf(
			    dst + len, size - len, "\\x%02x", c);
	}
	snprintf(dst + len, size - len, "\"");
}

void
pycode_free(struct pycode *p)
{
	if (p == NULL)
		return;
	buf_done(&p->text);
	free(p);
}

size_t
pycode_count(const struct pycode *p)
{
	return p->count;
}

const char *
pycode_line(const struct pycode *p, size_t i)
{
	return (const char *)p->text.data + p->line[i].at;
}

/* ---- which line makes a call ---- */

static bool
on_listener(const struct call *c, int listener_fd)
{
	return (c->kind == CALL_EPOLL_CTL ? c->arg[1] : c->fd) == listener_fd;
}

/* Is it the call in the case that a tag names behind its colon? */
static bool
case_fits(const char *name, size_t n, const struct call *c, int listener_fd)
{
	static const char *const names[] = {
	    "listener", "conn", "add", "mod", "first", "later"};
	bool listener = on_listener(c, listener_fd);
	const bool fits[] = {
	    listener,
	    !listener,
	    !listener && c->arg[0] == EPOLL_CTL_ADD,
	    c->arg[0] == EPOLL_CTL_MOD,
	    c->stream_off == 0,
	    c->stream_off > 0,
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strlen(names[i]) == n && strncmp(name, names[i], n) == 0)
			return fits[i];
	return n == 0;
}

/* "close:conn" */
static bool
tag_fits(const char *tag, size_t n, const struct call *c, int listener_fd)
{
	const char *verb = call_verb((enum call_kind)c->kind);
	size_t verb_len = strlen(verb);

	if (n < verb_len || strncmp(tag, verb, verb_len) != 0)
		return false;
	if (n == verb_len)
		return true;
	return tag[verb_len] == ':' &&
	       case_fits(tag + verb_len + 1, n - verb_len - 1, c, listener_fd);
}

int
pycode_find(const struct pycode *p, const struct call *c, int listener_fd)
{
	for (size_t i = 0; i < p->count; i++) {
		const char *tag = p->line[i].tags;

		if (p->line[i].call != 0 && p->line[i].call == c->id)
			return (int)i;
		while (*tag != '|') {
			size_t n = strcspn(tag, ",|");

			if (tag_fits(tag, n, c, listener_fd))
				return (int)i;
			tag += n + (tag[n] == ',');
		}
	}
	return -1;
}
