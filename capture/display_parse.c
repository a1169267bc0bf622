#include "capture/display_impl.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DEPTH_MAX 32

struct parser {
	const char *text, *p;
	struct display_filter *d;
	unsigned depth;
	struct err *err;
};

/* Ends in false everywhere: the first sentence stays. */
__attribute__((format(printf, 3, 4))) static bool
refuse(struct parser *ps, const char *at, const char *fmt, ...)
{
	char why[ERR_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof why, fmt, ap);
	va_end(ap);
	err_set(ps->err, -EINVAL, "filter, at character %zu: %s",
	    (size_t)(at - ps->text) + 1, why);
	return false;
}

static void
skip_blanks(struct parser *ps)
{
	while (isspace((unsigned char)*ps->p))
		ps->p++;
}

static bool
ends_word(char c)
{
	return c == '\0' || c == '(' || c == ')' || isspace((unsigned char)c);
}

/* Is this operator next? Then it is passed over. */
static bool
next_is(struct parser *ps, const char *word, const char *sign)
{
	size_t n = strlen(word), k = strlen(sign);

	skip_blanks(ps);
	if (strncasecmp(ps->p, word, n) == 0 && ends_word(ps->p[n])) {
		ps->p += n;
		return true;
	}
	if (strncmp(ps->p, sign, k) == 0) {
		ps->p += k;
		return true;
	}
	return false;
}

/* A node for the filter's array; false: there are too many. */
static bool
add_node(struct parser *ps, const char *at, const struct display_node *n,
    uint8_t *ret)
{
	if (ps->d->count == DISPLAY_FILTER_MAX)
		return refuse(ps, at, "at most %d tests and operators",
		    DISPLAY_FILTER_MAX);
	*ret = (uint8_t)ps->d->count;
	ps->d->nodes[ps->d->count++] = *n;
	return true;
}

static bool
refuse_word(struct parser *ps, const char *at, const struct display_key *key)
{
	char known[ERR_MAX] = "";
	size_t n = 0;

	for (const struct display_word *w = key->words;
	     w->name != NULL && n < sizeof known; w++)
		n += (size_t)snprintf(
		    known + n, sizeof known - n, " %s", w->name);
	return refuse(ps, at, "%s: takes one of:%s", key->name, known);
}

static bool
parse_words(struct parser *ps, const struct display_key *key,
    struct display_node *n, const char *value, size_t len)
{
	const char *end = value + len;

	while (value < end) {
		const char *comma = memchr(value, ',', (size_t)(end - value));
		size_t k = (size_t)((comma != NULL ? comma : end) - value);
		const struct display_word *w =
		    display_word_find(key->words, value, k);

		if (w == NULL || (comma != NULL && key->kind != SHOW_FLAGS))
			return refuse_word(ps, value, key);
		n->from |= w->value;
		value += k + (comma != NULL);
	}
	return len > 0 || refuse_word(ps, value, key);
}

static bool
parse_number(const char *s, const char *end, uint64_t *ret)
{
	uint64_t v = 0;

	if (s == end)
		return false;
	for (; s < end; s++) {
		if (!isdigit((unsigned char)*s) || v > UINT64_MAX / 100)
			return false;
		v = v * 10 + (uint64_t)(*s - '0');
	}
	*ret = v;
	return true;
}

/* What a comparison says as a range. */
static bool
parse_range(
    struct display_node *n, const char *sign, const char *s, const char *end)
{
	const char *dash = memchr(s, '-', (size_t)(end - s));
	uint64_t v;

	if (*sign == ':' && dash != NULL)
		return parse_number(s, dash, &n->from) &&
		       parse_number(dash + 1, end, &n->to);
	if (!parse_number(s, end, &v))
		return false;
	n->from = *sign == '>' ? v + (sign[1] != '=') : *sign == '<' ? 0 : v;
	n->to = *sign == '>'                     ? UINT64_MAX
		: *sign == '<' && sign[1] != '=' ? v - 1
						 : v;
	if (*sign == '<' && sign[1] != '=' && v == 0) {
		n->from = 1; /* nothing is less */
		n->to = 0;
	}
	return true;
}

static bool
parse_host(struct display_node *n, const char *s, size_t len)
{
	char ip[INET6_ADDRSTRLEN];
	const char *slash = memchr(s, '/', len);
	size_t k = slash != NULL ? (size_t)(slash - s) : len;
	uint64_t bits;

	if (k >= sizeof ip)
		return false;
	memcpy(ip, s, k);
	ip[k] = '\0';
	n->is_ip6 = memchr(ip, ':', k) != NULL;
	bits = n->is_ip6 ? 128 : 32;
	if (inet_pton(n->is_ip6 ? AF_INET6 : AF_INET, ip, n->ip) != 1)
		return false;
	if (slash != NULL &&
	    (!parse_number(slash + 1, s + len, &n->from) || n->from > bits))
		return false;
	n->prefix = (uint8_t)(slash != NULL ? n->from : bits);
	return true;
}

/* One character of a text: itself, or \r \n \t \0 \\ \" \xHH. */
static bool
parse_char(const char **s, char *ret)
{
	static const char names[] = "rnt0\\\"", values[] = "\r\n\t\0\\\"";
	const char *name;
	char hex[3] = "", *end;

	if (**s != '\\') {
		*ret = *(*s)++;
		return true;
	}
	(*s)++;
	if (**s == 'x') {
		memcpy(hex, *s + 1, strnlen(*s + 1, 2));
		*ret = (char)strtoul(hex, &end, 16);
		*s += 3;
		return end == hex + 2;
	}
	name = **s != '\0' ? strchr(names, **s) : NULL;
	if (name == NULL)
		return false;
	*ret = values[name - names];
	(*s)++;
	return true;
}

static bool
parse_text(struct parser *ps, struct display_node *n)
{
	const char *at = ps->p, *s = ps->p;
	bool quoted = *s == '"';

	s += quoted;
	while (quoted ? *s != '"' && *s != '\0' : !ends_word(*s)) {
		if (n->text_len == DISPLAY_TEXT_MAX)
			return refuse(ps, s, "a text has at most %d bytes",
			    DISPLAY_TEXT_MAX);
		if (!parse_char(&s, &n->text[n->text_len++]))
			return refuse(ps, at,
			    "after \\ there may be r n t 0 \\ \" or xHH");
	}
	if (quoted && *s++ != '"')
		return refuse(ps, at, "the quotation mark is not closed");
	if (n->text_len == 0)
		return refuse(ps, at, "text: takes bytes of the payload");
	ps->p = s;
	return true;
}

static bool
parse_value(struct parser *ps, const struct display_key *key, const char *sign,
    struct display_node *n)
{
	const char *s = ps->p;
	bool good;

	if (key->kind == SHOW_TEXT)
		return parse_text(ps, n);
	while (!ends_word(*ps->p))
		ps->p++;
	if (key->words != NULL)
		return parse_words(ps, key, n, s, (size_t)(ps->p - s));
	good = key->kind == SHOW_HOST ? parse_host(n, s, (size_t)(ps->p - s))
				      : parse_range(n, sign, s, ps->p);
	return good || refuse(ps, s, "%s: takes %s", key->name, key->takes);
}

static bool
refuse_key(struct parser *ps, const char *at, size_t len)
{
	char known[160] = "";
	size_t n = 0;

	for (size_t i = 0; i < DISPLAY_KEYS; i++)
		n += (size_t)snprintf(
		    known + n, sizeof known - n, " %s:", display_keys[i].name);
	return refuse(
	    ps, at, "\"%.*s\" is not known; there are:%s", (int)len, at, known);
}

/* A word that stands for itself: a protocol, or what is wrong. */
static bool
parse_bare(struct parser *ps, const char *at, struct display_node *n)
{
	size_t len = (size_t)(ps->p - at);
	const struct display_word *w =
	    display_word_find(display_protos, at, len);

	n->kind = SHOW_PROTO;
	if (w == NULL) {
		w = display_word_find(display_statuses, at, len);
		n->kind = SHOW_STATUS;
	}
	if (w == NULL)
		return refuse_key(ps, at, len);
	n->from = w->value;
	return true;
}

static bool
parse_test(struct parser *ps, uint8_t *ret)
{
	const char *at = ps->p, *sign;
	struct display_node n = {.kind = SHOW_ALL};
	size_t len;

	while (isalnum((unsigned char)*ps->p) || *ps->p == '-')
		ps->p++;
	len = (size_t)(ps->p - at);
	sign = ps->p;
	if (len == 0)
		return refuse(ps, at,
		    *at == '\0' ? "something is missing here"
				: "a test like port:80 is expected here");
	if (ends_word(*sign))
		return parse_bare(ps, at, &n) && add_node(ps, at, &n, ret);
	for (size_t i = 0; i < DISPLAY_KEYS; i++) {
		const struct display_key *key = &display_keys[i];

		if (strlen(key->name) != len ||
		    strncasecmp(key->name, at, len) != 0)
			continue;
		if (*sign != ':' &&
		    (strchr("<>=", *sign) == NULL ||
			(key->kind != SHOW_LEN && key->kind != SHOW_ID &&
			    key->kind != SHOW_PORT)))
			return refuse(
			    ps, sign, "%s: is what it takes", key->name);
		ps->p += 1 + (*sign != ':' && sign[1] == '=');
		n.kind = key->kind;
		return parse_value(ps, key, sign, &n) &&
		       add_node(ps, at, &n, ret);
	}
	return refuse_key(ps, at, len);
}

static bool parse_or(struct parser *ps, uint8_t *ret);

static bool
parse_unary(struct parser *ps, uint8_t *ret)
{
	struct display_node n = {.kind = SHOW_NOT};
	const char *at;
	bool good;

	skip_blanks(ps);
	at = ps->p;
	if (ps->depth == DEPTH_MAX)
		return refuse(ps, at, "at most %d levels", DEPTH_MAX);
	ps->depth++;
	if (next_is(ps, "not", "!")) {
		good = parse_unary(ps, &n.a) && add_node(ps, at, &n, ret);
	} else if (*ps->p == '(') {
		ps->p++;
		good =
		    parse_or(ps, ret) && (next_is(ps, ")", ")") ||
					     refuse(ps, at, "( is not closed"));
	} else {
		good = parse_test(ps, ret);
	}
	ps->depth--;
	return good;
}

/* Tests beside each other must all hold, too. */
static bool
parse_and(struct parser *ps, uint8_t *ret)
{
	struct display_node n = {.kind = SHOW_AND};

	if (!parse_unary(ps, ret))
		return false;
	while (true) {
		const char *before, *at;

		skip_blanks(ps);
		before = at = ps->p;
		if (*at == '\0' || *at == ')' || next_is(ps, "or", "||")) {
			ps->p = before;
			return true;
		}
		next_is(ps, "and", "&&");
		n.a = *ret;
		if (!parse_unary(ps, &n.b) || !add_node(ps, at, &n, ret))
			return false;
	}
}

static bool
parse_or(struct parser *ps, uint8_t *ret)
{
	struct display_node n = {.kind = SHOW_OR};

	if (!parse_and(ps, ret))
		return false;
	while (next_is(ps, "or", "||")) {
		n.a = *ret;
		if (!parse_and(ps, &n.b) || !add_node(ps, ps->p, &n, ret))
			return false;
	}
	return true;
}

int
display_parse(const char *text, struct display_filter *d, struct err *err)
{
	struct parser ps = {.text = text, .p = text, .d = d, .err = err};
	struct display_node all = {.kind = SHOW_ALL};
	bool good;

	skip_blanks(&ps);
	if (*ps.p == '\0')
		good = add_node(&ps, ps.p, &all, &d->root);
	else
		good = parse_or(&ps, &d->root) &&
		       (*ps.p == '\0' || refuse(&ps, ps.p, "no ( is open"));
	return good ? 0 : -EINVAL;
}
