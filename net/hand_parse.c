/*
 * What a user writes behind the name of a call, as a struct hand_call.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "net/base/text.h"
#include "net/hand.h"

#define BLANKS " \t"
#define WORD_MAX 300

/* The next word of *rest into dst (cut); false: there is none. */
static bool
take_word(const char **rest, char dst[WORD_MAX])
{
	size_t n;

	*rest += strspn(*rest, BLANKS);
	n = strcspn(*rest, BLANKS);
	snprintf(dst, WORD_MAX, "%.*s", (int)n, *rest);
	*rest += n;
	return n > 0;
}

static bool
is_end(const char *rest)
{
	return rest[strspn(rest, BLANKS)] == '\0';
}

/* A whole number from 0 to max. */
static int
parse_number(
    const char *what, const char *text, long max, int *ret, struct err *err)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (end == text || *end != '\0' || n < 0 || n > max)
		return err_set(err, -EINVAL,
		    "%s is a number from 0 to %ld, not '%s'", what, max, text);
	*ret = (int)n;
	return 0;
}

/* ---- socket ---- */

enum word_kind { WORD_DOMAIN, WORD_TYPE, WORD_PROTOCOL, WORD_NONBLOCK };

static const struct {
	const char *name, *constant;
	enum word_kind kind;
	int value;
} socket_words[] = {
    {"inet", "AF_INET", WORD_DOMAIN, AF_INET},
    {"inet6", "AF_INET6", WORD_DOMAIN, AF_INET6},
    {"unix", "AF_UNIX", WORD_DOMAIN, AF_UNIX},
    {"stream", "SOCK_STREAM", WORD_TYPE, SOCK_STREAM},
    {"dgram", "SOCK_DGRAM", WORD_TYPE, SOCK_DGRAM},
    {"raw", "SOCK_RAW", WORD_TYPE, SOCK_RAW},
    {"seqpacket", "SOCK_SEQPACKET", WORD_TYPE, SOCK_SEQPACKET},
    {"tcp", "IPPROTO_TCP", WORD_PROTOCOL, IPPROTO_TCP},
    {"udp", "IPPROTO_UDP", WORD_PROTOCOL, IPPROTO_UDP},
    {"icmp", "IPPROTO_ICMP", WORD_PROTOCOL, IPPROTO_ICMP},
    {"icmp6", "IPPROTO_ICMPV6", WORD_PROTOCOL, IPPROTO_ICMPV6},
    {"nonblock", "SOCK_NONBLOCK", WORD_NONBLOCK, SOCK_NONBLOCK},
};

#define SOCKET_WORDS (sizeof socket_words / sizeof *socket_words)

static size_t
find_socket_word(const char *word)
{
	size_t i;

	for (i = 0; i < SOCKET_WORDS; i++)
		if (strcmp(word, socket_words[i].name) == 0 ||
		    strcmp(word, socket_words[i].constant) == 0)
			break;
	return i;
}

static int
parse_socket(struct hand_call *c, const char *rest, struct err *err)
{
	char word[WORD_MAX];
	int nonblock = 0;

	c->domain = AF_INET;
	c->type = SOCK_STREAM;
	while (take_word(&rest, word)) {
		size_t i = find_socket_word(word);
		int value = i < SOCKET_WORDS ? socket_words[i].value : 0;

		if (i == SOCKET_WORDS && word[0] >= '0' && word[0] <= '9') {
			if (parse_number(
				"a protocol", word, 255, &c->protocol, err) < 0)
				return -EINVAL;
			continue;
		}
		if (i == SOCKET_WORDS)
			return err_set(err, -EINVAL,
			    "'%s' is no domain (inet, inet6, unix), no type "
			    "(stream, dgram, raw) and no protocol (tcp, udp, "
			    "icmp, icmp6, a number)",
			    word);
		switch (socket_words[i].kind) {
		case WORD_DOMAIN:
			c->domain = value;
			break;
		case WORD_TYPE:
			c->type = value;
			break;
		case WORD_PROTOCOL:
			c->protocol = value;
			break;
		case WORD_NONBLOCK:
			nonblock = value;
			break;
		}
	}
	c->type |= nonblock;
	return 0;
}

/* ---- addresses ---- */

/* Unix addresses are told by how they begin. */
static bool
is_path(const char *word)
{
	return word[0] == '/' || word[0] == '@' || word[0] == '.';
}

/* A port is what follows the only colon, or the bracket of an IPv6 address. */
static bool
has_port(const char *word)
{
	const char *colon = strrchr(word, ':');

	return colon != NULL && (word[0] != '[' || colon[-1] == ']');
}

static int
parse_endpoint(struct hand_call *c, const char *word, struct err *err)
{
	bool passive = c->verb == HAND_BIND;
	char text[WORD_MAX + 4];

	if (is_path(word))
		return endpoint_parse(
		    word, TRANSPORT_UNIX, passive, &c->endpoint, err);
	c->any_host = word[0] == ':';
	c->no_port = !has_port(word);
	snprintf(text, sizeof text, "%s%s", word, c->no_port ? ":0" : "");
	/* Port 0 is refused unless passive; a raw socket's address has none. */
	return endpoint_parse(
	    text, TRANSPORT_TCP, passive || c->no_port, &c->endpoint, err);
}

static int
parse_address(struct hand_call *c, const char **rest, struct err *err)
{
	char word[WORD_MAX];

	return take_word(rest, word) ? parse_endpoint(c, word, err) : -EINVAL;
}

/* NAME or NAME:PORT, which may be an address as well: it is asked all the
 * same. */
static int
parse_name(struct hand_call *c, const char *rest, struct err *err)
{
	char word[WORD_MAX], *colon;
	int port = 0;

	if (!take_word(&rest, word) || !is_end(rest))
		return -EINVAL;
	colon = strrchr(word, ':');
	if (colon != NULL && strchr(word, ':') == colon) {
		if (parse_number("a port", colon + 1, 65535, &port, err) < 0)
			return -EINVAL;
		*colon = '\0';
	}
	if (strlen(word) >= sizeof c->endpoint.host)
		return err_set(err, -EINVAL, "a name has less than %zu letters",
		    sizeof c->endpoint.host);
	c->endpoint.port = (uint16_t)port;
	strcpy(c->endpoint.host, word);
	return 0;
}

/* ---- data and flags ---- */

static const struct {
	const char *name;
	int value;
} flags[] = {
    {"-oob", MSG_OOB},
    {"-peek", MSG_PEEK},
    {"-dontwait", MSG_DONTWAIT},
    {"-waitall", MSG_WAITALL},
};

static int
find_flag(const char *word, size_t n)
{
	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
		if (strlen(flags[i].name) == n &&
		    strncmp(word, flags[i].name, n) == 0)
			return flags[i].value;
	return 0;
}

/* Flags at the end of the text; the text ends before them. */
static size_t
cut_flags(struct hand_call *c, const char *text)
{
	size_t end = strlen(text);

	for (;;) {
		size_t start = end, word_end = end;
		int flag;

		while (word_end > 0 && strchr(BLANKS, text[word_end - 1]))
			word_end--;
		for (start = word_end;
		     start > 0 && !strchr(BLANKS, text[start - 1]); start--)
			;
		flag = find_flag(text + start, word_end - start);
		if (flag == 0)
			return end;
		c->flags |= flag;
		/* One blank stood between the text and the flag. */
		end = start > 0 ? start - 1 : 0;
	}
}

static int
parse_data(struct hand_call *c, const char *rest, struct err *err)
{
	size_t len;
	long n;
	char *text;

	rest += strspn(rest, BLANKS);
	len = cut_flags(c, rest);
	if (len == 0)
		return -EINVAL;
	text = strndup(rest, len);
	if (text == NULL)
		return err_set(err, -ENOMEM, "no memory for %zu bytes", len);
	n = 0;
	if (strcmp(text, "#ping") == 0) {
		c->what = HAND_PING;
	} else if (text[0] == '#') {
		c->what = HAND_PATTERN;
		n = parse_number("the count of bytes behind # (a # itself is "
				 "written \\x23)",
		    text + 1, HAND_SEND_MAX, &c->number, err);
	} else {
		/* data[] has room for what is written here, escapes and all */
		n = text_unescape(text, c->data, len, err);
		c->data_len = n > 0 ? (size_t)n : 0;
	}
	free(text);
	return n < 0 ? -EINVAL : 0;
}

static int
parse_room(struct hand_call *c, const char *rest, struct err *err)
{
	char word[WORD_MAX];

	c->number = HAND_RECV_SIZE;
	while (take_word(&rest, word)) {
		int flag = find_flag(word, strlen(word));

		c->flags |= flag;
		if (flag == 0 &&
		    parse_number("the bytes that recv() is asked for", word,
			HAND_RECV_MAX, &c->number, err) < 0)
			return -EINVAL;
	}
	return 0;
}

/* ---- the rest ---- */

static int
parse_how(struct hand_call *c, const char *rest)
{
	static const char *const ways[][2] = {
	    [SHUT_RD] = {"rd", "SHUT_RD"},
	    [SHUT_WR] = {"wr", "SHUT_WR"},
	    [SHUT_RDWR] = {"rdwr", "SHUT_RDWR"},
	};
	char word[WORD_MAX];

	c->number = SHUT_WR;
	if (!take_word(&rest, word))
		return 0;
	for (int i = 0; i < 3; i++)
		if (strcmp(word, ways[i][0]) == 0 ||
		    strcmp(word, ways[i][1]) == 0) {
			c->number = i;
			return is_end(rest) ? 0 : -EINVAL;
		}
	return -EINVAL;
}

static int
parse_option(struct hand_call *c, const char *rest, struct err *err)
{
	char name[WORD_MAX], value[WORD_MAX];
	bool set = c->verb == HAND_SETSOCKOPT;

	if (!take_word(&rest, name))
		return -EINVAL;
	c->option = sockopt_find(name);
	if (c->option == NULL)
		return err_set(err, -EINVAL,
		    "'%s' is no socket option that is known here: Tab shows "
		    "them (SO_REUSEADDR, TCP_NODELAY, IP_TTL, ...)",
		    name);
	if (set && !take_word(&rest, value))
		return err_set(err, -EINVAL, "%s (%s) is set to what value?",
		    c->option->name, c->option->summary);
	if (!is_end(rest))
		return -EINVAL;
	return set ? sockopt_parse(c->option, value, &c->value, err) : 0;
}

static int
parse_backlog(struct hand_call *c, const char *rest, struct err *err)
{
	char word[WORD_MAX];

	c->number = HAND_BACKLOG;
	if (!take_word(&rest, word))
		return 0;
	if (!is_end(rest))
		return -EINVAL;
	return parse_number("a backlog", word, SOMAXCONN, &c->number, err);
}

static int
parse(struct hand_call *c, const char *rest, struct err *err)
{
	int r;

	switch (c->verb) {
	case HAND_SOCKET:
		return parse_socket(c, rest, err);
	case HAND_BIND:
	case HAND_CONNECT:
	case HAND_CONNECT_EX:
		r = parse_address(c, &rest, err);
		return r == 0 && !is_end(rest) ? -EINVAL : r;
	case HAND_LISTEN:
		return parse_backlog(c, rest, err);
	case HAND_SEND:
	case HAND_SENDALL:
	case HAND_WRITE:
		return parse_data(c, rest, err);
	case HAND_SENDTO:
		r = parse_address(c, &rest, err);
		return r == 0 ? parse_data(c, rest, err) : r;
	case HAND_RECV:
	case HAND_RECVFROM:
		return parse_room(c, rest, err);
	case HAND_SHUTDOWN:
		return parse_how(c, rest);
	case HAND_SETSOCKOPT:
	case HAND_GETSOCKOPT:
		return parse_option(c, rest, err);
	case HAND_GETADDRINFO:
		return parse_name(c, rest, err);
	case HAND_ACCEPT:
	case HAND_FLUSH:
	case HAND_CLOSE:
		return is_end(rest) ? 0 : -EINVAL;
	}
	return -EINVAL;
}

int
hand_parse(enum hand_verb verb, const char *words, struct hand_call **ret,
    struct err *err)
{
	struct hand_call *c = calloc(1, sizeof *c + strlen(words) + 1);
	int r;

	if (c == NULL)
		return err_set(err, -ENOMEM, "no memory for a call");
	c->verb = verb;
	r = parse(c, words, err);
	if (r < 0)
		free(c);
	else
		*ret = c;
	return r;
}
