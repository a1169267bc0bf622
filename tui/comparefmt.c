#include "tui/comparefmt.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "net/base/text.h"
#include "net/proto/rudp.h"
#include "net/wire_words.h"

#define BAR_MAX 20

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

/* A number that ends at its column; "-" for none. */
static void
add_number(struct buf *b, int cells, uint64_t n)
{
	char text[TEXT_NUM_MAX];

	buf_printf(b, "%*s", cells, n == 0 ? "-" : text_count(text, n));
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
add_air(struct buf *b, const struct compare *c)
{
	const struct compare_side *s = compare_side(c, compare_sides(c) - 1);

	if (has_air(c))
		buf_printf(b, "RFCOMM's columns are the headers of ACL, L2CAP "
			      "and RFCOMM; H4's are left out.\n");
	else if (compare_air_trouble(c)[0] != '\0')
		buf_printf(b, "%s: %s.\n",
		    s->transport == TRANSPORT_RFCOMM
			? "RFCOMM's packets are not seen"
			: "RFCOMM is missing",
		    compare_air_trouble(c));
}

/* ---- tables ---- */

static void
add_layers(struct buf *b, const struct compare *c)
{
	const struct compare_side *s;

	buf_printf(b, "%-12s %7s %7s %7s %7s %7s %9s %10s %6s\n", "Bytes",
	    "packets", "IP", "header", "options", "own", "payload", "sum",
	    "share");
	for (int i = 0; (s = next_done(c, &i)) != NULL;) {
		struct tally_row r = tally_sum(&s->tally);
		int bar = (int)(share_of(&r) * BAR_MAX + 0.5);

		buf_printf(b, "%-12s", name_of(s));
		add_number(b, 8, r.packets);
		add_number(b, 8, r.net);
		add_number(b, 8, r.transport);
		add_number(b, 8, r.options);
		add_number(b, 8, r.own);
		add_number(b, 10, r.payload);
		add_number(b, 11, tally_row_bytes(&r));
		buf_printf(b, " %5.1f%%\n%12s [%.*s%.*s]\n", share_of(&r) * 100,
		    "payload", bar, "####################", BAR_MAX - bar,
		    "....................");
	}
	add_air(b, c);
}

static void
add_purposes(struct buf *b, const struct compare *c)
{
	static const enum purpose order[] = {PURPOSE_HANDSHAKE, PURPOSE_DATA,
	    PURPOSE_ACK, PURPOSE_RETRANSMISSION, PURPOSE_TEARDOWN};
	const struct compare_side *s;

	buf_printf(b, "\n%-12s %11s %11s %11s %11s %11s\n", "By purpose",
	    "handshake", "data", "pure ACK", "resent", "teardown");
	for (int i = 0; (s = next_done(c, &i)) != NULL;) {
		buf_printf(b, "%-12s", name_of(s));
		for (size_t k = 0; k < sizeof order / sizeof *order; k++)
			add_number(
			    b, 12, tally_row_bytes(&s->tally.by[order[k]]));
		buf_printf(b, "\n");
	}
}

static void
add_times(struct buf *b, const struct compare *c)
{
	char span[TEXT_NUM_MAX];
	const struct compare_side *s;

	buf_printf(b, "\n%-12s %9s %9s %9s %9s %9s %9s\n", "Time", "in all",
	    "RTT 50%", "90%", "99%", "longest", "lost");
	for (int i = 0; (s = next_done(c, &i)) != NULL;) {
		const int64_t times[] = {s->took_ns, s->rtt_p50_ns,
		    s->rtt_p90_ns, s->rtt_p99_ns, s->rtt_max_ns};

		buf_printf(b, "%-12s", name_of(s));
		for (size_t k = 0; k < sizeof times / sizeof *times; k++)
			buf_printf(b, " %9s", text_span(span, times[k]));
		add_number(b, 10, s->lost);
		buf_printf(b, "\n");
	}
}

static void
add_link(struct buf *b, const struct compare *c)
{
	const struct compare_side *s;
	char text[TEXT_NUM_MAX];

	buf_printf(b,
	    "\nThe link layer is not in these sums: on lo its 14 bytes are "
	    "made "
	    "up. On real\nEthernet, with FCS, padding, preamble and gap, the "
	    "same packets would take\n");
	for (int i = 0; (s = next_done(c, &i)) != NULL;)
		if (s->transport != TRANSPORT_RFCOMM)
			buf_printf(b, "%s%s %s bytes", i > 1 ? ", " : "",
			    name_of(s),
			    text_count(text, tally_sum(&s->tally).ethernet));
	buf_printf(b, ".\n");
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
add_part(struct buf *b, const char *what, uint64_t bytes, bool *first)
{
	char text[TEXT_NUM_MAX];

	if (bytes == 0)
		return;
	buf_printf(
	    b, "%s%s %s", *first ? "" : ", ", what, text_count(text, bytes));
	*first = false;
}

static void
add_theory(struct buf *b, const struct compare *c)
{
	const struct compare_side *s;

	buf_printf(b, "\nWhat the headers must cost: each message crosses the "
		      "wire twice.\n");
	for (int i = 0; (s = next_seen(c, &i)) != NULL;) {
		const struct tally *t = &s->tally;
		struct tally_row sum = tally_sum(t);
		uint64_t crossings = s->sent + (uint64_t)s->answered;
		uint64_t least = crossings * least_headers(s->transport);
		uint64_t data = headers_of(&t->by[PURPOSE_DATA]);
		char a[TEXT_NUM_MAX], d[TEXT_NUM_MAX];
		bool first = true;

		buf_printf(b, "%-12s %" PRIu64 " x %u (%s) = %s; measured %s\n",
		    name_of(s), crossings, least_headers(s->transport),
		    least_words(s->transport), text_count(a, least),
		    text_count(d, headers_of(&sum)));
		buf_printf(b, "%12s ", "the rest:");
		add_part(b, "handshake",
		    tally_row_bytes(&t->by[PURPOSE_HANDSHAKE]), &first);
		add_part(b, "pure ACKs", tally_row_bytes(&t->by[PURPOSE_ACK]),
		    &first);
		add_part(b, "resent",
		    tally_row_bytes(&t->by[PURPOSE_RETRANSMISSION]), &first);
		add_part(b, "teardown",
		    tally_row_bytes(&t->by[PURPOSE_TEARDOWN]), &first);
		add_part(b, "acknowledgements within the data",
		    data > least ? data - least : 0, &first);
		buf_printf(b, "%s\n", first ? "nothing" : "");
	}
}

static void
add_conclusion(struct buf *b, const struct compare *c)
{
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
	buf_printf(b, "\n%s moved these messages with the fewest bytes.\n",
	    name_of(best));
	for (int i = 0; (s = next_seen(c, &i)) != NULL;) {
		struct tally_row a = tally_sum(&s->tally);
		struct tally_row e = tally_sum(&best->tally);
		uint64_t more = tally_row_bytes(&a) - tally_row_bytes(&e);

		if (s != best)
			buf_printf(b, "%s: %s bytes more, %.0f%%.\n",
			    name_of(s), text_count(text, more),
			    (double)more * 100 / (double)tally_row_bytes(&e));
	}
	buf_printf(b,
	    "TCP and reliable UDP pay for order, for the repetition of what is "
	    "lost and for\na receiver that is never overrun. UDP lost %" PRIu32
	    " of %" PRIu32 " messages here. The larger\nthe messages, the less "
	    "their headers matter.\n",
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
add_delivery(struct buf *b, const struct compare *c)
{
	char text[TEXT_NUM_MAX];
	const struct compare_side *s;

	buf_printf(b, "%-12s %13s %9s %9s %9s %9s %11s %6s\n", "Delivery",
	    "goodput", "RTT 50%", "90%", "99%", "longest", "resent, B", "lost");
	for (int i = 0; (s = next_done(c, &i)) != NULL;) {
		const int64_t times[] = {
		    s->rtt_p50_ns, s->rtt_p90_ns, s->rtt_p99_ns, s->rtt_max_ns};
		const struct tally_row *again =
		    &s->tally.by[PURPOSE_RETRANSMISSION];

		buf_printf(b, "%-12s %13s", name_of(s),
		    rate_text(text, s->goodput_bps));
		for (size_t k = 0; k < sizeof times / sizeof *times; k++)
			buf_printf(b, " %9s", text_span(text, times[k]));
		add_number(b, 12, tally_row_bytes(again));
		add_number(b, 7, s->lost);
		buf_printf(b, "\n");
	}
	buf_printf(b, "\n");
}

static void
wired_text(struct buf *out, const struct compare *c)
{
	const struct compare_spec *spec = compare_spec(c);
	char count[TEXT_NUM_MAX], size[TEXT_NUM_MAX], wire[WIRE_WORDS_TEXT];

	buf_printf(out,
	    "%s messages of %s bytes to an echo server, %d under way at a "
	    "time,\nover a wire with %s each way\n\n",
	    text_count(count, spec->count), text_count(size, spec->size),
	    COMPARE_WINDOW, wire_settings_text(&spec->wire, wire));
	add_delivery(out, c);
	add_layers(out, c);
	add_purposes(out, c);
}

void
comparefmt_text(struct buf *out, const struct compare *c)
{
	const struct compare_spec *spec = compare_spec(c);
	char count[TEXT_NUM_MAX], size[TEXT_NUM_MAX];

	if (spec->wired) {
		wired_text(out, c);
		return;
	}

	buf_printf(out,
	    "%s messages of %s bytes, each echoed before the next "
	    "is sent\n\n",
	    text_count(count, spec->count), text_count(size, spec->size));
	add_layers(out, c);
	add_purposes(out, c);
	add_times(out, c);
	add_theory(out, c);
	add_link(out, c);
	add_conclusion(out, c);
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
