#include "net/wire_rules.h"

#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "net/base/clock.h"
#include "net/base/number.h"
#include "net/wire_words.h"

#define WORD_MAX 32
#define ORDINAL_MAX 1000000

static const char *const class_names[] = {
#define X(NAME, text) [WIRE_CLASS_##NAME] = text,
    WIRE_CLASSES(X)
#undef X
};

static const struct {
	uint8_t flag;
	const char *name;
} flag_names[] = {{WIRE_FIN, "fin"}, {WIRE_SYN, "syn"}, {WIRE_RST, "rst"},
    {WIRE_PSH, "psh"}, {WIRE_ACK, "ack"}, {WIRE_URG, "urg"}};
#define FLAGS (sizeof flag_names / sizeof *flag_names)

/* ---- words ---- */

/* While a rule is read. */
struct reading {
	struct wire_rule *rule;
	bool has_what, every, has_delay;
	struct err *err;
};

static bool
read_action(const char *word, struct wire_rule *r)
{
	for (int a = WIRE_PASS; a < WIRE_ACTION_COUNT; a++)
		if (strcasecmp(word, wire_action_name((enum wire_action)a)) ==
		    0) {
			r->order.action = (enum wire_action)a;
			return true;
		}
	return false;
}

static bool
is_ordinal_end(const char *end)
{
	return strcasecmp(end, "st") == 0 || strcasecmp(end, "nd") == 0 ||
	       strcasecmp(end, "rd") == 0 || strcasecmp(end, "th") == 0;
}

/* "3rd", "first". */
static bool
read_ordinal(const char *word, uint32_t *ret)
{
	static const char *const names[] = {"first", "second", "third",
	    "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"};
	char *end;
	unsigned long n;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcasecmp(word, names[i]) == 0) {
			*ret = (uint32_t)i + 1;
			return true;
		}
	if (!isdigit((unsigned char)word[0]))
		return false;
	n = strtoul(word, &end, 10);
	if (n < 1 || n > ORDINAL_MAX || !is_ordinal_end(end))
		return false;
	*ret = (uint32_t)n;
	return true;
}

/* "syn,ack" */
static bool
read_flags(const char *list, uint8_t *ret)
{
	*ret = 0;
	while (*list != '\0') {
		size_t n = strcspn(list, ","), i = 0;

		while (i < FLAGS &&
		       (strlen(flag_names[i].name) != n ||
			   strncasecmp(list, flag_names[i].name, n) != 0))
			i++;
		if (i == FLAGS)
			return false;
		*ret |= flag_names[i].flag;
		list += n + (list[n] == ',');
	}
	return *ret != 0;
}

/* A name of a class, or its plural. */
static bool
read_class(const char *word, enum wire_class *ret)
{
	static const struct {
		const char *word;
		enum wire_class c;
	} more[] = {{"segment", WIRE_CLASS_TCP}, {"datagram", WIRE_CLASS_UDP},
	    {"synack", WIRE_CLASS_SYN_ACK}, {"syn,ack", WIRE_CLASS_SYN_ACK},
	    {"reset", WIRE_CLASS_RST}};
	char one[WORD_MAX];
	size_t n = strlen(word);

	snprintf(one, sizeof one, "%s", word);
	if (n > 1 && n < sizeof one &&
	    tolower((unsigned char)one[n - 1]) == 's')
		one[n - 1] = '\0';
	for (int c = 0; c < WIRE_CLASS_FLAGS; c++)
		if (strcasecmp(word, class_names[c]) == 0 ||
		    strcasecmp(one, class_names[c]) == 0) {
			*ret = (enum wire_class)c;
			return true;
		}
	for (size_t i = 0; i < sizeof more / sizeof *more; i++)
		if (strcasecmp(word, more[i].word) == 0 ||
		    strcasecmp(one, more[i].word) == 0) {
			*ret = more[i].c;
			return true;
		}
	return false;
}

/* A class; behind another one it may only say what that is: data segment. */
static bool
read_what(struct reading *g, const char *word)
{
	enum wire_class what;

	if (strncasecmp(word, "flags:", 6) == 0 && !g->has_what &&
	    read_flags(word + 6, &g->rule->flags)) {
		g->rule->what = WIRE_CLASS_FLAGS;
		return g->has_what = true;
	}
	if (!read_class(word, &what))
		return false;
	if (g->has_what)
		return what == WIRE_CLASS_TCP || what == WIRE_CLASS_UDP ||
		       what == WIRE_CLASS_PACKET;
	g->rule->what = what;
	return g->has_what = true;
}

static int
refuse_word(struct reading *g, const char *word)
{
	const char *digits = word + (word[0] == '-');
	const char *end = digits + strspn(digits, "0123456789");
	int64_t span;

	if (wire_direction_is_meant(word))
		return err_set(g->err, -EINVAL,
		    "'%s' is no direction: client->server is what any client "
		    "sends, server->client what the server does; port:7000 is "
		    "one connection of them",
		    word);
	if (end > digits && g->rule->order.action == WIRE_DELAY &&
	    !g->has_delay && !is_ordinal_end(end))
		return number_span(
		    "delay", word, WIRE_RULE_DELAY_MAX_NS, &span, g->err);
	if (end > digits && (*end == '\0' || is_ordinal_end(end)))
		return err_set(g->err, -EINVAL,
		    "'%s': which one is a number from 1st to %dth", word,
		    ORDINAL_MAX);
	return err_set(g->err, -EINVAL,
	    "'%s' is no word of a rule. Which: every, 3rd, every 3rd, "
	    "next; what: packet, tcp, udp, icmp, syn, syn-ack, ack, "
	    "data, fin, rst, retransmission, flags:fin; where: "
	    "client->server, server->client, port:7000; once; delay 2s",
	    word);
}

static int
read_word(struct reading *g, const char *word)
{
	struct wire_rule *r = g->rule;
	long port;

	if (strcasecmp(word, "once") == 0) {
		r->once = true;
	} else if (strcasecmp(word, "every") == 0 ||
		   strcasecmp(word, "all") == 0 ||
		   strcasecmp(word, "each") == 0) {
		g->every = true;
	} else if (strcasecmp(word, "next") == 0) {
		r->ordinal = 1;
		r->once = true;
	} else if (read_ordinal(word, &r->ordinal)) {
		/* "first" alone is the next one, and then no more */
		r->once |= strcasecmp(word, "first") == 0;
	} else if (strncasecmp(word, "port:", 5) == 0) {
		if (number_whole(
			"port:", word + 5, 1, UINT16_MAX, &port, g->err) < 0)
			return -EINVAL;
		r->port = (uint16_t)port;
	} else if (wire_direction_parse(word, &r->direction) ||
		   read_what(g, word)) {
		/* read */
	} else if (r->order.action == WIRE_DELAY && !g->has_delay &&
		   number_span("delay", word, WIRE_RULE_DELAY_MAX_NS,
		       &r->order.delay_ns, NULL) == 0) {
		g->has_delay = true;
	} else {
		return refuse_word(g, word);
	}
	return 0;
}

/* The next word, cut at WORD_MAX; where it ends. "" at the end. */
static const char *
next_word(const char *s, char word[WORD_MAX])
{
	size_t n;

	s += strspn(s, " \t");
	n = strcspn(s, " \t");
	snprintf(word, WORD_MAX, "%.*s", (int)(n < WORD_MAX ? n : WORD_MAX), s);
	return s + n;
}

int
wire_rule_parse(const char *words, struct wire_rule *ret, struct err *err)
{
	struct wire_rule r = {
	    .direction = WIRE_BOTH, .order = {.delay_ns = CLOCK_S}};
	struct reading g = {.rule = &r, .err = err};
	char word[WORD_MAX];
	int rc;

	words = next_word(words, word);
	if (!read_action(word, &r))
		return err_set(err, -EINVAL,
		    "'%s' is nothing a rule can do: drop, duplicate, delay, "
		    "corrupt, reorder, pass; such as: drop 3rd data "
		    "client->server once",
		    word);
	for (;;) {
		words = next_word(words, word);
		if (word[0] == '\0')
			break;
		rc = read_word(&g, word);
		if (rc < 0)
			return rc;
	}
	if (!g.has_what && !g.every && r.ordinal == 0 &&
	    r.direction == WIRE_BOTH && r.port == 0)
		return err_set(err, -EINVAL,
		    "%s what? data, syn, syn-ack, ack, fin, rst, udp, packet "
		    "...",
		    wire_action_name(r.order.action));
	r.repeats = g.every && r.ordinal > 0;
	if (r.order.action != WIRE_DELAY)
		r.order.delay_ns = 0;
	*ret = r;
	return 0;
}

static const char *
suffix(uint32_t n)
{
	if (n % 100 >= 11 && n % 100 <= 13)
		return "th";
	return n % 10 == 1   ? "st"
	       : n % 10 == 2 ? "nd"
	       : n % 10 == 3 ? "rd"
			     : "th";
}

/* A span that number_span() reads back: whole ms, us or ns. */
static void
add_span(char *dst, size_t size, int64_t ns)
{
	if (ns % CLOCK_S == 0)
		snprintf(dst, size, " %llds", (long long)(ns / CLOCK_S));
	else if (ns % CLOCK_MS == 0)
		snprintf(dst, size, " %lldms", (long long)(ns / CLOCK_MS));
	else
		snprintf(dst, size, " %lldns", (long long)ns);
}

const char *
wire_rule_text(const struct wire_rule *r, char dst[WIRE_RULE_TEXT])
{
	char which[24] = " every", what[40], delay[24] = "", port[16] = "";
	size_t n;

	if (r->ordinal > 0)
		snprintf(which, sizeof which, "%s %u%s",
		    r->repeats ? " every" : "", r->ordinal, suffix(r->ordinal));
	n = (size_t)snprintf(what, sizeof what, "%s", class_names[r->what]);
	for (size_t i = 0; i < FLAGS && r->what == WIRE_CLASS_FLAGS; i++)
		if (r->flags & flag_names[i].flag) {
			n += (size_t)snprintf(what + n, sizeof what - n, "%c%s",
			    strchr(what, ':') != NULL ? ',' : ':',
			    flag_names[i].name);
		}
	if (r->order.action == WIRE_DELAY)
		add_span(delay, sizeof delay, r->order.delay_ns);
	if (r->port != 0)
		snprintf(port, sizeof port, " port:%u", r->port);
	snprintf(dst, WIRE_RULE_TEXT, "%s%s%s %s%s%s%s",
	    wire_action_name(r->order.action), delay, which, what,
	    wire_direction_text(r->direction), port, r->once ? " once" : "");
	return dst;
}

/* ---- matching ---- */

static bool
fits_what(const struct wire_rule *r, const struct wire_facts *f,
    const struct impair_key *key)
{
	bool tcp = f->proto == IPPROTO_TCP && f->whole;
	uint8_t syn = f->flags & (WIRE_SYN | WIRE_ACK);

	switch (r->what) {
	case WIRE_CLASS_PACKET:
		return true;
	case WIRE_CLASS_TCP:
		return f->proto == IPPROTO_TCP;
	case WIRE_CLASS_UDP:
		return f->proto == IPPROTO_UDP;
	case WIRE_CLASS_ICMP:
		return f->proto == IPPROTO_ICMP || f->proto == IPPROTO_ICMPV6;
	case WIRE_CLASS_SYN:
		return tcp && syn == WIRE_SYN;
	case WIRE_CLASS_SYN_ACK:
		return tcp && syn == (WIRE_SYN | WIRE_ACK);
	case WIRE_CLASS_ACK:
		return tcp && wire_facts_is_ack(f);
	case WIRE_CLASS_DATA:
		return (tcp || f->proto == IPPROTO_UDP) && f->payload_len > 0;
	case WIRE_CLASS_FIN:
		return tcp && (f->flags & WIRE_FIN);
	case WIRE_CLASS_RST:
		return tcp && (f->flags & WIRE_RST);
	case WIRE_CLASS_RETRANSMISSION:
		return tcp && key->nth > 0 && !wire_facts_is_ack(f);
	case WIRE_CLASS_FLAGS:
		return tcp && (f->flags & r->flags) == r->flags;
	case WIRE_CLASS_COUNT:
		break;
	}
	return false;
}

static bool
fits(const struct wire_rule *r, const struct wire_facts *f,
    const struct impair_key *key, enum wire_direction dir)
{
	return (r->direction == WIRE_BOTH || r->direction == dir) &&
	       (r->port == 0 || f->src_port == r->port ||
		   f->dst_port == r->port) &&
	       fits_what(r, f, key);
}

/* What is sent for the first time is counted; what is sent again is the same
 * as it was. ACKs and what has no number of its own are each another one. */
static bool
is_its_turn(struct wire_rule *r, const struct wire_facts *f,
    const struct impair_key *key)
{
	bool again = key->nth > 0 && !wire_facts_is_ack(f) &&
		     r->what != WIRE_CLASS_RETRANSMISSION;
	uint64_t id = key->seq << 1 | key->direction;

	if (r->ordinal == 0)
		return true;
	if (again)
		return !r->repeats && r->chosen == id;
	r->counted++;
	if (r->repeats)
		return r->counted % r->ordinal == 0;
	if (r->counted != r->ordinal)
		return false;
	r->chosen = id;
	return true;
}

bool
wire_rule_is_done(const struct wire_rule *r)
{
	return r->once && r->hits > 0;
}

struct wire_order
wire_rules_match(struct wire_rules *v, const struct wire_facts *f,
    const struct impair_key *key, enum wire_direction dir)
{
	struct wire_order none = {.action = WIRE_NONE};

	for (size_t i = 0; i < v->count; i++) {
		struct wire_rule *r = &v->rule[i];

		if (wire_rule_is_done(r) || !fits(r, f, key, dir) ||
		    !is_its_turn(r, f, key))
			continue;
		r->hits++;
		return r->order;
	}
	return none;
}

int
wire_rules_add(struct wire_rules *v, const struct wire_rule *r, struct err *err)
{
	if (v->count == WIRE_RULES_MAX)
		return err_set(err, -ENOSPC,
		    "there are %d rules already: remove one (wire unrule 1)",
		    WIRE_RULES_MAX);
	v->rule[v->count++] = *r;
	return 0;
}

int
wire_rules_remove(struct wire_rules *v, size_t i)
{
	if (i >= v->count)
		return -ENOENT;
	v->count--;
	memmove(&v->rule[i], &v->rule[i + 1], (v->count - i) * sizeof *v->rule);
	return 0;
}
