/* Which application protocol, and what of a stream belongs to its messages. */
#include "capture/dissect_app.h"
#include "capture/dissect_struct.h"

#include <stdio.h>

/* In the order in which first bytes are looked at, where no port decides. */
static const struct app *const apps[] = {
    &dns_udp_app,
    &dns_tcp_app,
    &mdns_app,
    &dhcp_app,
    &ntp_app,
    &http_app,
    &tls_app,
    &quic_app,
    &rudp_app,
    &telemetry_udp_app,
    &telemetry_tcp_app,
    &thermal_udp_app,
    &thermal_tcp_app,
};
#define APP_COUNT (sizeof apps / sizeof *apps)

const struct app *
app_at(size_t i)
{
	return i < APP_COUNT ? apps[i] : NULL;
}

/* Is one of the two a port of this protocol? */
static bool
has_port(const struct app *a, uint16_t src, uint16_t dst)
{
	size_t max = sizeof a->ports / sizeof *a->ports;

	for (size_t i = 0; i < max && a->ports[i] != 0; i++)
		if (a->ports[i] == src || a->ports[i] == dst)
			return true;
	return false;
}

const struct app *
app_find(uint8_t transport, uint16_t src_port, uint16_t dst_port, struct rd r)
{
	const struct app *first = NULL;

	for (size_t i = 0; i < APP_COUNT; i++) {
		const struct app *a = apps[i];
		enum app_match m =
		    (a->transports & transport) != 0 ? a->match(r) : APP_NO;

		if (m != APP_NO && has_port(a, src_port, dst_port))
			return a;
		if (m == APP_YES && first == NULL)
			first = a;
	}
	return first;
}

size_t
dissect_info(bool tcp, uint16_t src_port, uint16_t dst_port, struct rd r,
    char *dst, size_t size)
{
	const struct app *a;
	int n;

	dst[0] = '\0';
	if (rd_left(&r) == 0)
		return 0;
	a = app_find(tcp ? APP_TCP : APP_UDP, src_port, dst_port, r);
	if (a == NULL)
		return 0;
	n = a->info(r, dst, size);
	if (n <= 0)
		return (size_t)snprintf(dst, size, "%s", a->label);
	return (size_t)n < size ? (size_t)n : size - 1;
}

void
dissect_datagram(
    struct build *b, struct rd r, uint16_t src_port, uint16_t dst_port)
{
	const struct app *a = NULL;

	if (rd_left(&r) > 0 && !b->part)
		a = app_find(APP_UDP, src_port, dst_port, r);
	if (a != NULL)
		a->dissect(b, r);
	else if (!dissect_records(b, r, src_port, dst_port))
		dissect_data(b, r);
}

/* ---- streams ---- */

static struct question
take_question(struct app_questions *qs, uint32_t number)
{
	struct question found = {0};
	size_t i = 0;

	while (i < qs->count && qs->numbers[i] != number)
		i++;
	if (i == qs->count)
		return found;
	found = qs->list[i];
	for (qs->count--; i < qs->count; i++) {
		qs->list[i] = qs->list[i + 1];
		qs->numbers[i] = qs->numbers[i + 1];
	}
	return found;
}

struct question
app_pair(struct app_questions *qs, const struct app *a, struct rd message,
    struct question here)
{
	uint32_t number = 0;
	enum app_role role =
	    a->role != NULL ? a->role(message, &number) : APP_TELLS;

	if (role == APP_ANSWERS)
		return take_question(qs, number);
	if (role == APP_ASKS) {
		if (qs->count == APP_QUESTIONS_MAX) /* nobody answers */
			qs->count = 0;
		qs->list[qs->count] = here;
		qs->numbers[qs->count++] = number;
	}
	return (struct question){0};
}

enum { SEGMENT_DATA };

static const struct field_def defs[] = {
    [SEGMENT_DATA] = {"tcp.segment_data", "Part of a message",
	"RFC 9293 s3.9.1.2",
	"TCP carries bytes, not messages: this one goes on in later segments.",
	.kind = KIND_BYTES},
};
const struct field_table tcp_part_fields = FIELD_TABLE(defs);

/* Bytes of a message whose end is not here; shown where they came from. */
static void
add_part(struct build *b, struct rd r)
{
	struct layer l = {.b = b,
	    .r = r,
	    .what = "message",
	    .start = rd_off(&r),
	    .depth = (uint8_t)(b->depth + 1)};

	layer_payload(&l, &defs[SEGMENT_DATA]);
}

/* The stream's bytes: those held before, the segment's own, those behind. */
struct run {
	const struct app *app;
	const struct whole *w;
	size_t before, own;
	bool ended;
	uint32_t memo;
	struct app_questions questions;
};

static void
dissect_message(
    struct build *b, const struct run *s, size_t at, size_t n, struct rd own)
{
	struct whole one = {
	    s->w->data + at, n, s->w->frames, s->w->frame_count};
	struct rd r;

	if (at >= s->before && at + n <= s->before + s->own) {
		rd_skip(&own, at - s->before);
		s->app->dissect(b, rd_sub(&own, n));
		b->follows = true;
		return;
	}
	b->follows = false;
	if (at > s->before) {
		rd_skip(&own, at - s->before);
		at = s->before;
	} else {
		n -= s->before - at;
	}
	if (rd_left(&own) > 0)
		add_part(
		    b, rd_sub(&own, n < rd_left(&own) ? n : rd_left(&own)));
	if (dissect_whole(b, &one, &whole_tcp, &r))
		s->app->dissect(b, r);
	b->source = 0;
}

/* own: the segment's new bytes, and those of it that the capture lacks. */
static void
dissect_run(struct build *b, struct run *s, struct rd own)
{
	const struct question here = {b->ctx->number, b->packet->ts_ns};
	size_t at = 0, n = 0;

	while (at < s->w->len) {
		n = s->app->message_len(
		    s->w->data + at, s->w->len - at, s->ended, &s->memo);
		if (n == MESSAGE_MORE || n == MESSAGE_BAD || n > s->w->len - at)
			break;
		b->memo = s->memo;
		b->question = app_pair(&s->questions, s->app,
		    rd_init(s->w->data + at, n, n), here);
		dissect_message(b, s, at, n, own);
		at += n;
		if (s->memo == MEMO_LEFT) {
			n = MESSAGE_BAD; /* for this protocol */
			break;
		}
	}
	b->question = (struct question){0};
	if (at >= s->before + s->own && own.uncaptured == 0)
		return;
	if (at > s->before)
		rd_skip(&own, at - s->before);
	if (n == MESSAGE_BAD)
		dissect_data(b, own);
	else if (own.uncaptured > 0 && at >= s->before &&
		 n <= rd_wire_left(&own)) /* as much as the capture kept */
		s->app->dissect(b, n > 0 ? rd_sub(&own, n) : own);
	else
		add_part(b, own);
}

void
dissect_stream(
    struct build *b, struct rd r, uint16_t src_port, uint16_t dst_port)
{
	const struct dissect_context *ctx = b->ctx;
	size_t len = rd_left(&r);
	struct whole alone = {r.p, len, NULL, 0};
	struct run s = {.app = ctx->app,
	    .w = &ctx->stream_bytes,
	    .before = ctx->stream_before,
	    .own = ctx->stream_own,
	    .ended = ctx->stream_ended,
	    .memo = ctx->app_memo};

	if (ctx->questions != NULL)
		s.questions = *ctx->questions;
	if (b->quoted || !ctx->stream_known) {
		s = (struct run){.w = &alone, .own = len};
		if (len > 0 && !b->quoted)
			s.app = app_find(APP_TCP, src_port, dst_port, r);
	} else if (s.own > len || (s.w->len == 0 && !ctx->stream_early)) {
		return; /* adds nothing to the stream */
	}
	if (s.app == NULL) {
		if (!dissect_records(b, r, src_port, dst_port))
			dissect_data(b, r);
		return;
	}
	if (s.w->len == 0)
		return; /* its message is shown once the gap is filled */
	rd_skip(&r, len - s.own); /* that came with an earlier segment */
	dissect_run(b, &s, r);
}
