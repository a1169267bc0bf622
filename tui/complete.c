/*
 * Tab behind a command's name: what its words may be is read from the args of
 * the command table, so that the two cannot drift apart.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "capture/display_filter.h"
#include "net/server.h"
#include "net/sockopt.h"
#include "tui/command.h"

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

static const struct {
	const char *name;
	source *at;
} sources[] = {
    {"OPTION", option_at},
    {"SERVICE", service_name_at},
    {"TRANSPORT", transport_at},
    {"MODEL", model_at},
};

/* What completing has seen so far. */
struct search {
	const char *prefix;
	size_t prefix_len;
	char *dst; /* the answer */
	size_t size;
	bool whole; /* the prefix is a whole word of this place: the next one */
	bool found;
	char first[64]; /* of the place, in case the whole word was the last */
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

/* "[rd|wr|rdwr]": each of them; "[SERVICE": what it stands for. */
static void
offer_place(struct search *s, const char *place, size_t len)
{
	while (len > 0) {
		size_t n = strcspn(place, "[]| ");

		n = n < len ? n : len;
		if (n > 0 && place[0] >= 'a' && place[0] <= 'z')
			offer(s, place, n);
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

/* The place-th word of the args; its length, 0 past the last. */
static size_t
find_place(const char *args, int place, const char **ret)
{
	size_t n;

	for (;; args += n, place--) {
		args += strspn(args, " ");
		n = strcspn(args, " ");
		if (n == 0 || place == 0)
			break;
	}
	*ret = args;
	return n;
}

/*
 * Of a display filter: keys, behind a key's colon its words; "(" and "!" in
 * front of the word stay.
 */
static void
offer_show(struct search *s)
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
}

bool
command_complete_word(const char *line, char *dst, size_t size)
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
		offer_show(&s);
		return s.found;
	}
	for (const char *p = line + name_len; p < last; p++)
		index += *p != ' ' && p[1] == ' ';
	n = find_place(c->args, index, &place);
	/* An optional dot may be left out. */
	if (n == 3 && strncmp(place, "[.]", 3) == 0)
		n = find_place(c->args, index + 1, &place);
	offer_place(&s, place, n);
	if (!s.found && s.whole) {
		snprintf(dst, size, "%s", s.first);
		s.found = true;
	}
	return s.found;
}
