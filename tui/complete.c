/*
 * Tab behind a command's name: what its words may be is read from the args of
 * the command table, so that the two cannot drift apart.
 */
#include <ctype.h>
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "capture/display_filter.h"
#include "capture/source.h"
#include "net/server.h"
#include "net/sockopt.h"
#include "tui/command.h"
#include "tui/complete.h"
#include "tui/listcols.h"

/* The words that a place may have, one after another; NULL past the last. */
typedef const char *source(size_t i);

static const char *
option_at(size_t i)
{
	const struct sockopt *o = sockopt_complete("", NULL);

	while (o != NULL && i-- > 0)
		o = sockopt_complete("", o);
	return o != NULL ? o->name : NULL;
}

static const char *
service_name_at(size_t i)
{
	return service_at(i) != NULL ? service_at(i)->name : NULL;
}

static const char *
transport_at(size_t i)
{
	return i < TRANSPORT_COUNT ? transport_name((enum transport)i) : NULL;
}

static const char *
model_at(size_t i)
{
	return i < MODEL_COUNT ? server_model_name((enum server_model)i) : NULL;
}

static const char *
column_at(size_t i)
{
	return i < LISTCOL_COUNT ? listcol_name((enum listcol)i) : NULL;
}

static const char *
command_at(size_t i)
{
	return command_table[i].name;
}

static const struct {
	const char *name;
	source *at;
} sources[] = {
    {"COLUMN", column_at},
    {"COMMAND", command_at},
    {"OPTION", option_at},
    {"SERVICE", service_name_at},
    {"TRANSPORT", transport_at},
    {"MODEL", model_at},
};

/* What joins the tests of a filter. */
static const char *const joints[] = {"and", "or", "not"};

/* What completing has seen so far. */
struct search {
	const char *prefix;
	size_t prefix_len;
	char *dst; /* the answer */
	size_t size;
	bool whole; /* the prefix is a whole word of this place: the next one */
	bool found;
	char first[512]; /* of the place, in case the whole word was the last */
};

static void
offer(struct search *s, const char *word, size_t len)
{
	bool same =
	    len == s->prefix_len && strncasecmp(word, s->prefix, len) == 0;

	if (s->first[0] == '\0')
		snprintf(s->first, sizeof s->first, "%.*s", (int)len, word);
	if (s->found)
		return;
	if (s->whole || (!same && len >= s->prefix_len &&
			    strncasecmp(word, s->prefix, s->prefix_len) == 0)) {
		snprintf(s->dst, s->size, "%.*s", (int)len, word);
		s->found = true;
	}
	s->whole |= same;
}

static int
no_dot_file(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

/* Without blanks, and nothing that a terminal would act on. */
static bool
is_word(const char *name)
{
	for (; *name != '\0'; name++)
		if (isspace((unsigned char)*name) ||
		    iscntrl((unsigned char)*name))
			return false;
	return true;
}

/* The files whose names can be typed here: a blank would end the word. */
static void
offer_files(struct search *s)
{
	const char *slash = strrchr(s->prefix, '/');
	int in_dir = slash != NULL ? (int)(slash + 1 - s->prefix) : 0;
	char dir[PATH_MAX], path[PATH_MAX];
	struct dirent **all = NULL;
	int n;

	snprintf(dir, sizeof dir, "%.*s.", in_dir, s->prefix);
	n = scandir(dir, &all, no_dot_file, alphasort);
	for (int i = 0; i < n; i++) {
		const char *name = all[i]->d_name;
		int len = snprintf(path, sizeof path, "%.*s%s%s", in_dir,
		    s->prefix, name, all[i]->d_type == DT_DIR ? "/" : "");

		if (len < (int)sizeof path && is_word(name))
			offer(s, path, (size_t)len);
		free(all[i]);
	}
	free(all);
}

static void
offer_interfaces(struct search *s)
{
	struct source_interface all[64];
	size_t n = source_interfaces(all, sizeof all / sizeof *all);

	for (size_t i = 0; i < n; i++)
		offer(s, all[i].name, strlen(all[i].name));
}

/* "[rd|wr|rdwr]": each of them; "[SERVICE": what it stands for. */
static void
offer_place(struct search *s, const char *place, size_t len)
{
	while (len > 0) {
		size_t n = strcspn(place, "[]| ");

		n = n < len ? n : len;
		if (n > 0 && place[0] >= 'a' && place[0] <= 'z')
			offer(s, place, n);
		if (n == 4 && strncmp(place, "FILE", n) == 0)
			offer_files(s);
		if (n == 9 && strncmp(place, "INTERFACE", n) == 0)
			offer_interfaces(s);
		for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
			const char *word;

			if (strlen(sources[i].name) != n ||
			    strncmp(place, sources[i].name, n) != 0)
				continue;
			for (size_t k = 0; (word = sources[i].at(k)) != NULL;
			     k++)
				offer(s, word, strlen(word));
		}
		n += n < len;
		place += n;
		len -= n;
	}
}

static const struct command *
command_of(const char *line, size_t n)
{
	for (const struct command *c = command_table; c->name != NULL; c++)
		if (strlen(c->name) == n && strncmp(c->name, line, n) == 0)
			return c;
	return NULL;
}

/* "[COLUMN]...": so are all that follow. */
static bool
repeats(const char *place, size_t len)
{
	return len > 3 && strncmp(place + len - 3, "...", 3) == 0;
}

/* The place-th word of the args; its length, 0 past the last. */
static size_t
find_place(const char *args, int place, const char **ret)
{
	size_t n;

	for (;; args += n, place--) {
		args += strspn(args, " ");
		n = strcspn(args, " ");
		if (n == 0 || place == 0 || repeats(args, n))
			break;
	}
	*ret = args;
	return n;
}

/* ---- filters ---- */

static void
offer_hosts(struct search *s, const char *key, const struct known *known)
{
	char word[DISPLAY_WORD_MAX];

	for (int i = 0; known != NULL && i < known->host_count; i++)
		offer(s, word,
		    (size_t)snprintf(
			word, sizeof word, "%s%.45s", key, known->hosts[i]));
}

static void
offer_ports(struct search *s, const char *key, const struct known *known)
{
	char word[DISPLAY_WORD_MAX];

	for (int i = 0; known != NULL && i < known->port_count; i++)
		offer(s, word,
		    (size_t)snprintf(
			word, sizeof word, "%s%s", key, known->ports[i]));
}

/*
 * Of a display filter: keys, behind a key's colon its words, or what the
 * capture has of it; "(" and "!" in front of the word stay.
 */
static void
offer_show(struct search *s, const struct known *known)
{
	char word[DISPLAY_WORD_MAX], key[DISPLAY_WORD_MAX] = "";
	const char *before = s->prefix, *colon = strchr(s->prefix, ':');
	size_t signs = strspn(s->prefix, "(!");

	s->prefix += signs;
	s->prefix_len -= signs;
	if (colon != NULL)
		snprintf(key, sizeof key, "%.*s", (int)(colon + 1 - s->prefix),
		    s->prefix);
	if (signs >= s->size)
		return;
	memcpy(s->dst, before, signs);
	s->dst += signs;
	s->size -= signs;
	for (unsigned i = 0; display_filter_complete(key, i, word); i++)
		offer(s, word, strlen(word));
	if (strcmp(key, "port:") == 0)
		offer_ports(s, key, known);
	else if (strcmp(key, "host:") == 0)
		offer_hosts(s, key, known);
	else if (key[0] == '\0')
		for (size_t i = 0; i < sizeof joints / sizeof *joints; i++)
			offer(s, joints[i], strlen(joints[i]));
}

/* The word before the last one of the line, into dst. */
static void
word_before(const char *line, const char *last, char dst[16])
{
	const char *end = last, *from;

	while (end > line && end[-1] == ' ')
		end--;
	for (from = end; from > line && from[-1] != ' ';)
		from--;
	snprintf(dst, 16, "%.*s", (int)(end - from), from);
}

/* Does the first one of these stand in the list? */
static bool
among(const char *word, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(word, list[i]) == 0)
			return true;
	return false;
}

bool
complete_filter(
    const char *line, const struct known *known, char *dst, size_t size)
{
	static const char *const words[] = {"tcp", "udp", "icmp", "icmp6", "ip",
	    "ip6", "arp", "port", "host", "src", "dst", "net", "portrange",
	    "less", "greater", "tcp[tcpflags]", "tcp-syn", "tcp-ack", "tcp-fin",
	    "tcp-rst", "tcp-push"};
	static const char *const of_port[] = {"port", "portrange"};
	static const char *const of_host[] = {"host"};
	static const char *const of_either[] = {"src", "dst"};
	const char *last = strrchr(line, ' ');
	struct search s = {.dst = dst, .size = size};
	char before[16];

	s.prefix = last != NULL ? last + 1 : line;
	s.prefix_len = strlen(s.prefix);
	word_before(line, s.prefix, before);
	if (among(before, of_port, 2)) {
		offer_ports(&s, "", known);
	} else if (among(before, of_host, 1)) {
		offer_hosts(&s, "", known);
	} else {
		if (among(before, of_either, 2))
			offer_hosts(&s, "", known);
		for (size_t i = 0; i < sizeof words / sizeof *words; i++)
			offer(&s, words[i], strlen(words[i]));
		for (size_t i = 0; i < sizeof joints / sizeof *joints; i++)
			offer(&s, joints[i], strlen(joints[i]));
	}
	if (!s.found && s.whole) {
		snprintf(dst, size, "%s", s.first);
		s.found = true;
	}
	return s.found;
}

/* ---- commands ---- */

bool
complete_word(
    const char *line, const struct known *known, char *dst, size_t size)
{
	size_t name_len = strcspn(line, " ");
	const struct command *c = command_of(line, name_len);
	const char *last = strrchr(line, ' '), *place;
	struct search s = {.dst = dst, .size = size};
	int index = 0;
	size_t n;

	if (c == NULL || last == NULL)
		return false;
	s.prefix = last + 1;
	s.prefix_len = strlen(s.prefix);
	if (strcmp(c->name, "show") == 0) {
		offer_show(&s, known);
		return s.found;
	}
	for (const char *p = line + name_len; p < last; p++)
		index += *p != ' ' && p[1] == ' ';
	/* What is optional may have been left out; any name is one of a file. */
	do {
		n = find_place(c->args, index++, &place);
		offer_place(&s, place, n);
	} while (!s.found && !s.whole && !repeats(place, n) &&
		 (place[0] == '[' || strncmp(place, "FILE", 4) == 0));
	if (!s.found && s.whole) {
		snprintf(dst, size, "%s", s.first);
		s.found = true;
	}
	return s.found;
}
