/* `sockdeck packets`: conversations, costs, ladders, a stream's text. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture/rfcomm.h"
#include "net/base/clock.h"
#include "net/base/text.h"
#include "tui/packetfmt.h"
#include "tui/packets_print.h"

#define ARROW_CELLS 46

static const char *
seconds(char dst[TEXT_NUM_MAX], int64_t ns)
{
	uint64_t us = (uint64_t)(ns < 0 ? -ns : ns) / (uint64_t)CLOCK_US;

	snprintf(dst, TEXT_NUM_MAX, "%s%" PRIu64 ".%06" PRIu64,
	    ns < 0 ? "-" : "", us / 1000000, us % 1000000);
	return dst;
}

/* A channel of RFCOMM has one state for both its ends. */
static const char *
end_state(const struct flow *f, int end)
{
	if (f->proto == PROTO_TCP)
		return tcp_state_name(f->end[end].state);
	return f->proto == PROTO_RFCOMM
		   ? rfcomm_state_name((enum rfcomm_state)f->channel_state)
		   : "-";
}

static void
conversation(const struct capture *c, const struct flow *f)
{
	const struct flow_end *client = &f->end[DIR_CLIENT];
	const struct flow_end *server = &f->end[DIR_SERVER];
	struct addr a = flow_addr(f, DIR_CLIENT), b = flow_addr(f, DIR_SERVER);
	char from[ADDR_TEXT_MAX], to[ADDR_TEXT_MAX];
	char start[TEXT_NUM_MAX], span[TEXT_NUM_MAX];

	printf("%s %" PRIu32 "\t%s\t%s\t%" PRIu32 "\t%" PRIu64 "\t%" PRIu32
	       "\t%" PRIu64 "\t%s\t%s\t%" PRIu32 "\t%s\t%s\n",
	    flow_proto_name(f->proto), f->stream, flow_addr_format(from, &a),
	    flow_addr_format(to, &b), client->packets, client->payload,
	    server->packets, server->payload,
	    seconds(start, f->first_ns - capture_first_ns(c)),
	    seconds(span, f->last_ns - f->first_ns), f->retransmissions,
	    end_state(f, DIR_CLIENT), end_state(f, DIR_SERVER));
}

void
packets_report_conversations(const struct capture *c)
{
	const struct flow_table *ft = capture_flows(c);
	uint32_t gone = 0;

	puts("stream\tclient\tserver\tpackets\tpayload\tpackets back\t"
	     "payload back\tstart\tduration\tretransmissions\tclient's state\t"
	     "server's state");
	for (uint32_t id = 1; id < flow_next(ft); id++) {
		const struct flow *f = flow_get(ft, id);

		if (f != NULL)
			conversation(c, f);
		else
			gone++;
	}
	if (gone > 0)
		fprintf(stderr,
		    "sockdeck: %" PRIu32 " older conversations are not listed: "
		    "only %" PRIu32 " are kept\n",
		    gone, flow_next(ft) - 1 - gone);
}

/* ---- overhead ---- */

static void
cost_row(const char *name, const struct cost *c)
{
	unsigned share = cost_share(c);

	printf("%s\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64
	       "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%u.%u%%\n",
	    name, c->packets, c->link, c->net, c->transport, c->options,
	    c->payload, cost_bytes(c), share / 10, share % 10);
}

void
packets_report_overhead(const struct capture *c)
{
	const struct flow_table *ft = capture_flows(c);
	const struct flow *first = flow_get(ft, flow_first(ft));
	struct cost sum = {0};

	if (first != NULL && first->proto == PROTO_RFCOMM)
		puts("purpose\tpackets\tH4\tACL\tL2CAP\tRFCOMM\tpayload\t"
		     "ACL and above\tpayload share");
	else
		puts("purpose\tpackets\tlink\tIP\ttransport\toptions\tpayload"
		     "\tIP and above\tpayload share");
	for (int p = 0; p < PURPOSE_COUNT; p++) {
		struct cost one =
		    ledger_total(capture_ledger(c), (enum purpose)p);

		cost_row(purpose_name((enum purpose)p), &one);
		cost_add(&sum, &one);
	}
	cost_row("sum", &sum);
}

/* ---- walking a conversation ---- */

/* Its frames that are held, oldest first; to be freed. NULL: none. */
static uint64_t *
frames_of(const struct capture *c, const struct flow *f, size_t *ret_count)
{
	const struct store *s = capture_store(c);
	uint64_t id = f->last_frame, *ids = NULL;
	size_t n = 0, cap = 0;
	const struct record *r;

	while ((r = store_record(s, id)) != NULL) {
		if (n == cap) {
			uint64_t *more;

			cap = cap > 0 ? 2 * cap : 64;
			more = realloc(ids, cap * sizeof *more);
			if (more == NULL)
				break;
			ids = more;
		}
		ids[n++] = id;
		id = record_before(r, id);
	}
	for (size_t i = 0; i < n / 2; i++) {
		uint64_t swap = ids[i];

		ids[i] = ids[n - 1 - i];
		ids[n - 1 - i] = swap;
	}
	*ret_count = n;
	return ids;
}

/* ---- the ladder, in ASCII, so that it can be mailed ---- */

static void
arrow(const struct frame *f)
{
	char label[96], line[ARROW_CELLS + 1];
	bool right = f->dir == DIR_CLIENT;
	char fill = '-';
	int n;

	if (f->purpose == PURPOSE_RETRANSMISSION)
		fill = right ? '>' : '<';
	packetfmt_arrow(f, ARROW_CELLS - 6, label, sizeof label);
	memset(line, fill, ARROW_CELLS);
	line[ARROW_CELLS] = '\0';
	line[right ? ARROW_CELLS - 1 : 0] = right ? '>' : '<';
	n = (int)strlen(label);
	if (n > ARROW_CELLS - 6)
		n = ARROW_CELLS - 6;
	line[3] = ' ';
	memcpy(line + 4, label, (size_t)n);
	line[4 + n] = ' ';
	printf("|%s|", line);
}

/* A state is written where its end enters it. */
static const char *
new_state(const struct frame *f, const struct record *before, int end)
{
	if (f->sum.proto != PROTO_TCP ||
	    (before != NULL && record_state(before, end) == f->state[end]))
		return "";
	return tcp_state_name(f->state[end]);
}

static void
ladder(const struct capture *c, const struct flow *f)
{
	char from[ADDR_TEXT_MAX], to[ADDR_TEXT_MAX], time[TEXT_NUM_MAX];
	struct addr a = flow_addr(f, DIR_CLIENT), b = flow_addr(f, DIR_SERVER);
	size_t count;
	uint64_t *ids = frames_of(c, f, &count);

	printf("%s %" PRIu32 ": client %s, server %s\n",
	    flow_proto_name(f->proto), f->stream, flow_addr_format(from, &a),
	    flow_addr_format(to, &b));
	for (size_t i = 0; i < count; i++) {
		const struct store *s = capture_store(c);
		const struct record *before;
		struct frame frame;

		if (!store_get(s, ids[i], &frame))
			continue;
		before = store_record(s, frame.prev_in_flow);
		seconds(time, frame.packet.ts_ns - capture_first_ns(c));
		printf("%6" PRIu64 " %10s %12s ", frame.id, time,
		    new_state(&frame, before, DIR_CLIENT));
		arrow(&frame);
		printf(" %s\n", new_state(&frame, before, DIR_SERVER));
	}
	free(ids);
}

void
packets_report_ladder(const struct capture *c)
{
	const struct flow_table *ft = capture_flows(c);

	for (uint32_t id = flow_first(ft); id < flow_next(ft); id++) {
		const struct flow *f = flow_get(ft, id);

		if (f != NULL)
			ladder(c, f);
	}
}

/* ---- a stream's text ---- */

static const struct flow *
find_stream(const struct capture *c, uint32_t stream)
{
	const struct flow_table *ft = capture_flows(c);
	const struct flow *other = NULL;

	for (uint32_t id = flow_first(ft); id < flow_next(ft); id++) {
		const struct flow *f = flow_get(ft, id);

		if (f == NULL || f->stream != stream)
			continue;
		if (f->proto == PROTO_TCP)
			return f;
		if (f->proto == PROTO_RFCOMM)
			other = f;
	}
	return other;
}

static void
print_said(const struct frame *f, const struct whole *w)
{
	char *safe = malloc(4 * w->len + 1);

	if (safe == NULL)
		return;
	text_escape(safe, 4 * w->len + 1, w->data, w->len);
	printf("%6" PRIu64 " %c %s\n", f->id, f->dir == DIR_CLIENT ? '>' : '<',
	    safe);
	free(safe);
}

bool
packets_report_stream(const struct capture *c, uint32_t stream)
{
	const struct flow *f = find_stream(c, stream);
	char from[ADDR_TEXT_MAX], to[ADDR_TEXT_MAX];
	struct addr a, b;
	size_t count;
	uint64_t *ids;

	if (f == NULL)
		return false;
	a = flow_addr(f, DIR_CLIENT);
	b = flow_addr(f, DIR_SERVER);
	ids = frames_of(c, f, &count);
	printf("client %s > server %s\n", flow_addr_format(from, &a),
	    flow_addr_format(to, &b));
	for (size_t i = 0; i < count; i++) {
		struct frame frame;
		struct whole w;

		if (store_get(capture_store(c), ids[i], &frame) &&
		    capture_new_bytes(c, ids[i], &w))
			print_said(&frame, &w);
	}
	free(ids);
	return true;
}
