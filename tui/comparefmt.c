#include "tui/comparefmt.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "net/base/text.h"
#include "net/proto/rudp.h"
#include "net/wire_words.h"
#include "tui/columns.h"

#define BAR_MAX 20
#define NAME_CELLS 12 /* "reliable UDP" */

struct report {
	struct buf *out;
	const struct compare *c;
	int width; /* of a line */
};

/* "TCP", "TCP reno" */
static const char *
name_of(const struct compare_side *s)
{
	static const char *const with[][2] = {
	    {"reno", "TCP reno"}, {"cubic", "TCP cubic"}, {"bbr", "TCP bbr"}};

	for (size_t i = 0; i < sizeof with / sizeof *with; i++)
		if (strcmp(s->congestion, with[i][0]) == 0)
			return with[i][1];
	return s->transport == TRANSPORT_RUDP     ? "reliable UDP"
	       : s->transport == TRANSPORT_UDP    ? "UDP"
	       : s->transport == TRANSPORT_RFCOMM ? "RFCOMM"
						  : "TCP";
}

/* A paragraph; its lines but the first begin with so many blanks. */
static void add_words(const struct report *r, int indent, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void
add_words(const struct report *r, int indent, const char *fmt, ...)
{
	char text[512], *at = text;
	size_t left, len, next;
	int before = 0;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	for (left = strlen(text); left > 0; left -= next, at += next) {
		len = text_wrap(at, left, r->width - before, &next);
		buf_printf(r->out, "%*s%.*s\n", before, "", (int)len, at);
		before = indent;
	}
}

static double
share_of(const struct tally_row *r)
{
	uint64_t bytes = tally_row_bytes(r);

	return bytes != 0 ? (double)r->payload / (double)bytes : 0;
}

/* The sides that are done, in order; NULL at the end. */
static const struct compare_side *
next_done(const struct compare *c, int *i)
{
	while (*i < compare_sides(c)) {
		const struct compare_side *s = compare_side(c, (*i)++);

		if (s->done)
			return s;
	}
	return NULL;
}

/* RFCOMM is there, and its packets were seen? */
static bool
has_air(const struct compare *c)
{
	const struct compare_side *s = compare_side(c, compare_sides(c) - 1);

	return s->transport == TRANSPORT_RFCOMM && s->done &&
	       tally_sum(&s->tally).packets > 0;
}

/* The sides whose packets were seen, in order; NULL at the end. */
static const struct compare_side *
next_seen(const struct compare *c, int *i)
{
	const struct compare_side *s = next_done(c, i);

	while (s != NULL && s->transport == TRANSPORT_RFCOMM && !has_air(c))
		s = next_done(c, i);
	return s;
}

/* What the columns of an internet mean for RFCOMM, or why it has none. */
static void
add_air(const struct report *r)
{
	const struct compare *c = r->c;
	const struct compare_side *s = compare_side(c, compare_sides(c) - 1);

	if (has_air(c))
		add_words(r, 0,
		    "RFCOMM's columns are the headers of ACL, L2CAP and "
		    "RFCOMM; H4's are left out.");
	else if (compare_air_trouble(c)[0] != '\0')
		add_words(r, 0, "%s: %s.",
		    s->transport == TRANSPORT_RFCOMM
			? "RFCOMM's packets are not seen"
			: "RFCOMM is missing",
		    compare_air_trouble(c));
}

/* ---- tables ---- */

/* Rows of texts that end at their columns; below a row may be a line more. */
struct table {
	struct columns columns;
	struct {
		const char *name;
		char cell[COLUMNS_MAX][TEXT_NUM_MAX];
		char below[64];
	} row[1 + COMPARE_SIDES]; /* the first: headings */
	int rows;
};

static void
table_row(struct table *t, const char *name)
{
	t->row[t->rows++].name = name;
}

/* Into the last row. */
static void
table_text(struct table *t, int column, const char *text)
{
	snprintf(t->row[t->rows - 1].cell[column], TEXT_NUM_MAX, "%s", text);
	columns_measure(&t->columns, column, text);
}

static void
table_number(struct table *t, int column, uint64_t n)
{
	char text[TEXT_NUM_MAX];

	table_text(t, column, n == 0 ? "-" : text_count(text, n));
}

static void
table_begin(
    struct table *t, const char *name, const char *const headings[], int count)
{
	*t = (struct table){.rows = 0};
	table_row(t, name);
	for (int i = 0; i < count; i++)
		table_text(t, i, headings[i]);
}

/* With the first of these choices of columns for which there is room. */
static void
add_table(const struct report *r, struct table *t, const unsigned *choices,
    size_t count)
{
	unsigned set =
	    columns_choose(&t->columns, choices, count, r->width - NAME_CELLS);

	columns_place(&t->columns, set, NAME_CELLS, r->width);
	for (int y = 0; y < t->rows; y++) {
		int x = NAME_CELLS;

		buf_printf(r->out, "%-*s", NAME_CELLS, t->row[y].name);
		for (int i = 0; i < COLUMNS_MAX; i++) {
			int end = t->columns.end[i];

			if (end == 0)
				continue;
			buf_printf(r->out, "%*s", end - x, t->row[y].cell[i]);
			x = end;
		}
		buf_printf(r->out, "\n%s", t->row[y].below);
	}
}

#define ADD_TABLE(r, t, choices) \
	add_table(r, t, choices, sizeof choices / sizeof *choices)
/* So many columns. */
#define FIRST(count) (COLUMN(count) - 1)

static void
add_layers(const struct report *r)
{
	enum {
		PACKETS,
		NET,
		HEADER,
		OPTIONS,
		OWN,
		HEADERS,
		PAYLOAD,
		SUM,
		SHARE
	};
	static const char *const headings[] = {"packets", "IP", "header",
	    "options", "own", "headers", "payload", "sum", "share"};
	static const unsigned choices[] = {
	    FIRST(SHARE + 1) & ~COLUMN(HEADERS),
	    COLUMN(PACKETS) | COLUMN(HEADERS) | COLUMN(PAYLOAD) | COLUMN(SUM) |
		COLUMN(SHARE),
	    COLUMN(HEADERS) | COLUMN(PAYLOAD) | COLUMN(SUM) | COLUMN(SHARE),
	    COLUMN(SUM) | COLUMN(SHARE),
	};
	const struct compare_side *s;
	struct table t;

	table_begin(&t, "Bytes", headings, SHARE + 1);
	for (int i = 0; (s = next_done(r->c, &i)) != NULL;) {
		struct tally_row sum = tally_sum(&s->tally);
		int bar = (int)(share_of(&sum) * BAR_MAX + 0.5);
		char share[TEXT_NUM_MAX];

		table_row(&t, name_of(s));
		table_number(&t, PACKETS, sum.packets);
		table_number(&t, NET, sum.net);
		table_number(&t, HEADER, sum.transport);
		table_number(&t, OPTIONS, sum.options);
		table_number(&t, OWN, sum.own);
		table_number(&t, HEADERS, tally_row_bytes(&sum) - sum.payload);
		table_number(&t, PAYLOAD, sum.payload);
		table_number(&t, SUM, tally_row_bytes(&sum));
		snprintf(share, sizeof share, "%.1f%%", share_of(&sum) * 100);
		table_text(&t, SHARE, share);
		snprintf(t.row[t.rows - 1].below, sizeof t.row->below,
		    "%*s [%.*s%.*s]\n", NAME_CELLS, "payload", bar,
		    "####################", BAR_MAX - bar,
		    "....................");
	}
	ADD_TABLE(r, &t, choices);
	add_air(r);
}

static void
add_purposes(const struct report *r)
{
	static const enum purpose order[] = {PURPOSE_HANDSHAKE, PURPOSE_DATA,
	    PURPOSE_ACK, PURPOSE_RETRANSMISSION, PURPOSE_TEARDOWN};
	static const char *const headings[] = {
	    "handshake", "data", "pure ACK", "resent", "teardown"};
	static const unsigned choices[] = {
	    FIRST(5), FIRST(4), FIRST(4) & ~COLUMN(0)};
	const struct compare_side *s;
	struct table t;

	table_begin(&t, "By purpose", headings, 5);
	for (int i = 0; (s = next_done(r->c, &i)) != NULL;) {
		table_row(&t, name_of(s));
		for (int k = 0; k < 5; k++)
			table_number(
			    &t, k, tally_row_bytes(&s->tally.by[order[k]]));
	}
	buf_printf(r->out, "\n");
	ADD_TABLE(r, &t, choices);
}

static void
add_times(const struct report *r)
{
	enum { ALL, HALF, MOST, NEARLY_ALL, LONGEST, LOST };
	static const char *const headings[] = {
	    "in all", "RTT 50%", "90%", "99%", "longest", "lost"};
	static const unsigned choices[] = {
	    FIRST(LOST + 1),
	    FIRST(LOST + 1) & ~COLUMN(MOST),
	    COLUMN(ALL) | COLUMN(HALF) | COLUMN(LONGEST) | COLUMN(LOST),
	    COLUMN(HALF) | COLUMN(LOST),
	};
	const struct compare_side *s;
	char span[TEXT_NUM_MAX];
	struct table t;

	table_begin(&t, "Time", headings, LOST + 1);
	for (int i = 0; (s = next_done(r->c, &i)) != NULL;) {
		const int64_t times[] = {s->took_ns, s->rtt_p50_ns,
		    s->rtt_p90_ns, s->rtt_p99_ns, s->rtt_max_ns};

		table_row(&t, name_of(s));
		for (int k = 0; k < LOST; k++)
			table_text(&t, k, text_span(span, times[k]));
		table_number(&t, LOST, s->lost);
	}
	buf_printf(r->out, "\n");
	ADD_TABLE(r, &t, choices);
}

static void
add_link(const struct report *r)
{
	char text[TEXT_NUM_MAX], sums[256] = "";
	const struct compare_side *s;
	size_t n = 0;

	for (int i = 0; (s = next_done(r->c, &i)) != NULL;)
		if (s->transport != TRANSPORT_RFCOMM && n < sizeof sums)
			n += (size_t)snprintf(sums + n, sizeof sums - n,
			    "%s%s %s bytes", i > 1 ? ", " : "", name_of(s),
			    text_count(text, tally_sum(&s->tally).ethernet));
	buf_printf(r->out, "\n");
	add_words(r, 0,
	    "The link layer is not in these sums: on lo its 14 bytes are made "
	    "up. On real Ethernet, with FCS, padding, preamble and gap, the "
	    "same packets would take %s.",
	    sums);
}

/* ---- theory and conclusion ---- */

/* The header bytes that a message cannot do without. */
static unsigned
least_headers(enum transport t)
{
	return t == TRANSPORT_TCP      ? 20 + 20 + 12 /* IP, TCP, timestamps */
	       : t == TRANSPORT_UDP    ? 20 + 8
	       : t == TRANSPORT_RFCOMM ? 4 + 4 + 4
				       : 20 + 8 + RUDP_HEADER_LEN + 2;
}

static const char *
least_words(enum transport t)
{
	return t == TRANSPORT_TCP      ? "IP 20, TCP 20, timestamps 12"
	       : t == TRANSPORT_UDP    ? "IP 20, UDP 8"
	       : t == TRANSPORT_RFCOMM ? "ACL 4, L2CAP 4, RFCOMM 4"
				       : "IP 20, UDP 8, own 18";
}

static uint64_t
headers_of(const struct tally_row *r)
{
	return tally_row_bytes(r) - r->payload;
}

/* One part of what was more than the least; nothing if it is none. */
static void
add_part(char *dst, size_t size, const char *what, uint64_t bytes)
{
	size_t n = strlen(dst);
	char text[TEXT_NUM_MAX];

	if (bytes != 0)
		snprintf(dst + n, size - n, "%s%s %s", n == 0 ? "" : ", ", what,
		    text_count(text, bytes));
}

static void
add_theory(const struct report *r)
{
	const struct compare_side *s;

	buf_printf(r->out, "\n");
	add_words(r, 0,
	    "What the headers must cost: each message goes there and back.");
	for (int i = 0; (s = next_seen(r->c, &i)) != NULL;) {
		const struct tally *t = &s->tally;
		struct tally_row sum = tally_sum(t);
		uint64_t crossings = s->sent + (uint64_t)s->answered;
		uint64_t least = crossings * least_headers(s->transport);
		uint64_t data = headers_of(&t->by[PURPOSE_DATA]);
		char a[TEXT_NUM_MAX], d[TEXT_NUM_MAX], rest[256] = "";

		add_words(r, NAME_CELLS + 1,
		    "%-*s %" PRIu64 " x %u (%s) = %s; measured %s", NAME_CELLS,
		    name_of(s), crossings, least_headers(s->transport),
		    least_words(s->transport), text_count(a, least),
		    text_count(d, headers_of(&sum)));
		add_part(rest, sizeof rest, "handshake",
		    tally_row_bytes(&t->by[PURPOSE_HANDSHAKE]));
		add_part(rest, sizeof rest, "pure ACKs",
		    tally_row_bytes(&t->by[PURPOSE_ACK]));
		add_part(rest, sizeof rest, "resent",
		    tally_row_bytes(&t->by[PURPOSE_RETRANSMISSION]));
		add_part(rest, sizeof rest, "teardown",
		    tally_row_bytes(&t->by[PURPOSE_TEARDOWN]));
		add_part(rest, sizeof rest, "acknowledgements within the data",
		    data > least ? data - least : 0);
		add_words(r, NAME_CELLS + 1, "%*s %s", NAME_CELLS,
		    "the rest:", rest[0] != '\0' ? rest : "nothing");
	}
}

static void
add_conclusion(const struct report *r)
{
	const struct compare *c = r->c;
	const struct compare_side *best = compare_side(c, 0), *s;
	char text[TEXT_NUM_MAX];

	if (!compare_side(c, compare_sides(c) - 1)->done)
		return;
	for (int i = 0; (s = next_seen(c, &i)) != NULL;) {
		struct tally_row a = tally_sum(&s->tally);
		struct tally_row e = tally_sum(&best->tally);

		if (tally_row_bytes(&a) < tally_row_bytes(&e))
			best = s;
	}
	buf_printf(r->out, "\n");
	add_words(r, 0, "%s moved these messages with the fewest bytes.",
	    name_of(best));
	for (int i = 0; (s = next_seen(c, &i)) != NULL;) {
		struct tally_row a = tally_sum(&s->tally);
		struct tally_row e = tally_sum(&best->tally);
		uint64_t more = tally_row_bytes(&a) - tally_row_bytes(&e);

		if (s != best)
			add_words(r, 0, "%s: %s bytes more, %.0f%%.",
			    name_of(s), text_count(text, more),
			    (double)more * 100 / (double)tally_row_bytes(&e));
	}
	add_words(r, 0,
	    "TCP and reliable UDP pay for order, for the repetition of what is "
	    "lost and for a receiver that is never overrun. UDP lost %" PRIu32
	    " of %" PRIu32 " messages here. The larger the messages, the less "
	    "their headers matter.",
	    compare_side(c, 1)->lost, compare_side(c, 1)->sent);
}

/* ---- over a wire ---- */

/* "1.62 Mbit/s" */
static const char *
rate_text(char dst[TEXT_NUM_MAX], uint64_t bps)
{
	if (bps >= 1000000)
		snprintf(dst, TEXT_NUM_MAX, "%.2f Mbit/s", (double)bps / 1e6);
	else
		snprintf(dst, TEXT_NUM_MAX, "%.0f kbit/s", (double)bps / 1e3);
	return dst;
}

static void
add_delivery(const struct report *r)
{
	enum { GOODPUT, HALF, MOST, NEARLY_ALL, LONGEST, RESENT, LOST };
	static const char *const headings[] = {
	    "goodput", "RTT 50%", "90%", "99%", "longest", "resent, B", "lost"};
	static const unsigned choices[] = {
	    FIRST(LOST + 1),
	    FIRST(LOST + 1) & ~COLUMN(MOST),
	    FIRST(LOST + 1) & ~COLUMN(MOST) & ~COLUMN(NEARLY_ALL),
	    COLUMN(GOODPUT) | COLUMN(HALF) | COLUMN(RESENT) | COLUMN(LOST),
	    COLUMN(GOODPUT) | COLUMN(LOST),
	};
	const struct compare_side *s;
	char text[TEXT_NUM_MAX];
	struct table t;

	table_begin(&t, "Delivery", headings, LOST + 1);
	for (int i = 0; (s = next_done(r->c, &i)) != NULL;) {
		const int64_t times[] = {
		    s->rtt_p50_ns, s->rtt_p90_ns, s->rtt_p99_ns, s->rtt_max_ns};
		const struct tally_row *again =
		    &s->tally.by[PURPOSE_RETRANSMISSION];

		table_row(&t, name_of(s));
		table_text(&t, GOODPUT, rate_text(text, s->goodput_bps));
		for (int k = HALF; k < RESENT; k++)
			table_text(&t, k, text_span(text, times[k - HALF]));
		table_number(&t, RESENT, tally_row_bytes(again));
		table_number(&t, LOST, s->lost);
	}
	ADD_TABLE(r, &t, choices);
	buf_printf(r->out, "\n");
}

/* Where it was measured, and what was sent. */
static void
add_task(const struct report *r)
{
	const struct compare_spec *spec = compare_spec(r->c);
	const struct wire_settings *aside = compare_wire_aside(r->c);
	char count[TEXT_NUM_MAX], size[TEXT_NUM_MAX], wire[WIRE_WORDS_TEXT];

	text_count(count, spec->count);
	text_count(size, spec->size);
	if (spec->wired)
		add_words(r, 0,
		    "%s messages of %s bytes to an echo server, %d under way "
		    "at a time, over a wire with %s each way",
		    count, size, COMPARE_WINDOW,
		    wire_settings_text(&spec->wire, wire));
	if (aside != NULL) {
		add_words(r, 0, "Measured on lo, not over the lab's wire.");
		add_words(r, 0, ":compare %s puts one between.",
		    strcmp(wire_settings_text(aside, wire), "off") == 0
			? "loss=5 delay=20"
			: wire);
	}
	if (!spec->wired)
		add_words(r, 0,
		    "%s messages of %s bytes%s, each echoed before the next is "
		    "sent",
		    count, size, aside == NULL ? " on lo" : "");
	buf_printf(r->out, "\n");
}

void
comparefmt_text(struct buf *out, const struct compare *c, int width)
{
	const struct report r = {out, c, width};

	add_task(&r);
	if (compare_spec(c)->wired)
		add_delivery(&r);
	add_layers(&r);
	add_purposes(&r);
	if (compare_spec(c)->wired)
		return;
	add_times(&r);
	add_theory(&r);
	add_link(&r);
	add_conclusion(&r);
}

/* ---- JSON ---- */

static json_t *
row_json(const struct tally_row *r, enum transport t)
{
	bool air = t == TRANSPORT_RFCOMM;

	return json_pack("{sI sI sI sI sI sI sI sI sI}", "packets",
	    (json_int_t)r->packets, air ? "h4" : "link", (json_int_t)r->link,
	    air ? "acl" : "ip", (json_int_t)r->net, air ? "l2cap" : "transport",
	    (json_int_t)r->transport, air ? "rfcomm" : "options",
	    (json_int_t)r->options, "own", (json_int_t)r->own, "payload",
	    (json_int_t)r->payload, "bytes", (json_int_t)tally_row_bytes(r),
	    "ethernet", (json_int_t)r->ethernet);
}

static json_t *
side_json(const struct compare_side *s)
{
	struct tally_row sum = tally_sum(&s->tally);
	json_t *by = json_object();

	for (int p = 0; p < PURPOSE_COUNT; p++)
		json_object_set_new(by, purpose_name((enum purpose)p),
		    row_json(&s->tally.by[p], s->transport));
	return json_pack("{ss ss sI so so sf sI sI sI sI sI sI sI sI}",
	    "transport", transport_name(s->transport), "congestion",
	    s->congestion, "goodput_bps", (json_int_t)s->goodput_bps, "sum",
	    row_json(&sum, s->transport), "purposes", by, "payload_share",
	    share_of(&sum), "sent", (json_int_t)s->sent, "answered",
	    (json_int_t)s->answered, "lost", (json_int_t)s->lost, "time_ns",
	    (json_int_t)s->took_ns, "rtt_p50_ns", (json_int_t)s->rtt_p50_ns,
	    "rtt_p90_ns", (json_int_t)s->rtt_p90_ns, "rtt_p99_ns",
	    (json_int_t)s->rtt_p99_ns, "rtt_max_ns", (json_int_t)s->rtt_max_ns);
}

void
comparefmt_json(struct buf *out, const struct compare *c)
{
	const struct compare_spec *spec = compare_spec(c);
	const struct compare_side *s;
	json_t *sides = json_array(), *all;
	char *text, wire[WIRE_WORDS_TEXT];

	for (int i = 0; (s = next_done(c, &i)) != NULL;)
		json_array_append_new(sides, side_json(s));
	all = json_pack("{sI sI sI ss so}", "count", (json_int_t)spec->count,
	    "size", (json_int_t)spec->size, "every_ns",
	    (json_int_t)spec->every_ns, "wire",
	    spec->wired ? wire_settings_text(&spec->wire, wire) : "",
	    "transports", sides);
	text = json_dumps(all, JSON_INDENT(2));
	if (text != NULL)
		buf_printf(out, "%s\n", text);
	free(text);
	json_decref(all);
}
