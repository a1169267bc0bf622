#include "tui/costfmt.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* A part of so many bytes; of very little that it is not nothing. */
static const char *
percent(char dst[TEXT_NUM_MAX], uint64_t part, uint64_t bytes)
{
	uint64_t tenths = bytes != 0 ? (part * 1000 + bytes / 2) / bytes : 0;

	if (tenths != 0 && tenths < 10)
		snprintf(dst, TEXT_NUM_MAX, "0.%u%%", (unsigned)tenths);
	else
		snprintf(dst, TEXT_NUM_MAX, "%" PRIu64 "%%",
		    bytes != 0 ? (part * 100 + bytes / 2) / bytes : 0);
	return dst;
}

const char *
costfmt_share(char dst[TEXT_NUM_MAX], const struct cost *c)
{
	return percent(dst, c->payload, cost_bytes(c));
}

const char *
costfmt_share_on_ethernet(char dst[TEXT_NUM_MAX], const struct cost *c)
{
	return percent(dst, c->payload, cost_on_ethernet(c));
}

/* "2 pkt (1 ACK, 1 resent)"; a line may live in another line's segment. */
static void
packets_text(char *dst, size_t size, const struct range_cost *r, uint64_t n)
{
	char aside[64] = "";

	if (r->acks.packets > 0)
		snprintf(
		    aside, sizeof aside, "%" PRIu64 " ACK", r->acks.packets);
	if (r->retransmissions.packets > 0)
		snprintf(aside + strlen(aside), sizeof aside - strlen(aside),
		    "%s%" PRIu64 " resent", aside[0] != '\0' ? ", " : "",
		    r->retransmissions.packets);
	if (n == 0)
		snprintf(dst, size, "shared pkt");
	else if (aside[0] == '\0')
		snprintf(dst, size, "%" PRIu64 " pkt", n);
	else
		snprintf(dst, size, "%" PRIu64 " pkt (%s)", n, aside);
}

struct cost_layers
costfmt_layers_of(uint8_t proto)
{
	static const char link[] =
	    "link-layer bytes (on lo a fake 14-byte header)";

	if (proto == PROTO_RFCOMM)
		return (struct cost_layers){"ACL", "L2CAP", "RFCOMM", "RFCOMM",
		    "L2CAP+RFCOMM", "bytes between host and controller"};
	if (proto == PROTO_UDP)
		return (struct cost_layers){
		    "IP", "UDP", "opts", "opt", "UDP", link};
	return (struct cost_layers){"IP", "TCP", "opts", "opt", "TCP", link};
}

const char *
costfmt_range(
    char dst[COSTFMT_MAX], const struct range_cost *r, uint8_t proto, int cells)
{
	char packets[96], share[TEXT_NUM_MAX], options[32] = "";
	struct cost_layers l = costfmt_layers_of(proto);
	struct cost sum = r->data;
	int n;

	cost_add(&sum, &r->acks);
	cost_add(&sum, &r->retransmissions);
	packets_text(packets, sizeof packets, r, sum.packets);
	costfmt_share(share, &sum);
	if (proto != PROTO_UDP)
		snprintf(options, sizeof options, "+%s %" PRIu64, l.option,
		    sum.options);
	n = snprintf(dst, COSTFMT_MAX,
	    "%s: %s %" PRIu64 "+%s %" PRIu64 "%s = %" PRIu64 " B, %s payload",
	    packets, l.net, sum.net, l.transport, sum.transport, options,
	    cost_headers(&sum), share);
	if (n <= cells)
		return dst;
	n = snprintf(dst, COSTFMT_MAX,
	    "%" PRIu64 " pkt  %s %" PRIu64 " %s %" PRIu64 "  %s", sum.packets,
	    l.net, sum.net, l.upper, sum.transport + sum.options, share);
	if (n <= cells)
		return dst;
	snprintf(dst, COSTFMT_MAX, "%" PRIu64 " pkt +%" PRIu64 " %s",
	    sum.packets, cost_headers(&sum), share);
	return dst;
}

const char *
costfmt_exchange(char dst[COSTFMT_MAX], const struct cost *c, int64_t took_ns)
{
	char took[TEXT_NUM_MAX];

	snprintf(dst, COSTFMT_MAX, "%" PRIu64 " pkt  %" PRIu64 " B  %s",
	    c->packets, cost_bytes(c), text_span(took, took_ns));
	return dst;
}

struct cost_layers
costfmt_layers(const struct capture *c, uint32_t flow)
{
	const struct flow_table *ft = capture_flows(c);
	const struct flow *f = flow_get(ft, flow != 0 ? flow : flow_first(ft));

	if (f == NULL || (flow == 0 && f->proto == PROTO_UDP))
		return costfmt_layers_of(PROTO_TCP);
	return costfmt_layers_of(f->proto);
}
