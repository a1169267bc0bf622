/* UDP. Source: RFC 768; RFC 8200 s8.1 (checksum), RFC 2675 s4 (length 0). */
#include "capture/dissect_app.h"

#include <inttypes.h>

#include "capture/numbers.h"

enum {
	UDP,
	SRC_PORT,
	DST_PORT,
	LENGTH,
	CHECKSUM,
	CHECKSUM_STATUS,
	STREAM,
	SINCE_FIRST,
	SINCE_BEFORE,
	PAYLOAD,
	BEHIND
};

static const char ref[] = "RFC 768";

static const struct field_def defs[] = {
    [UDP] = {.name = "UDP header",
	.ref = ref,
	.help = "Adds ports to IP and nothing else: a datagram arrives whole "
		"or not at all."},
    [SRC_PORT] = {"udp.srcport", "Source port", ref,
	"The socket on the sending host.", .kind = KIND_DEC},
    [DST_PORT] = {"udp.dstport", "Destination port", ref,
	"The socket on the receiving host.", .kind = KIND_DEC},
    [LENGTH] = {"udp.length", "Length", ref,
	"Bytes of header and data together.", .kind = KIND_DEC},
    [CHECKSUM] = {"udp.checksum", "Checksum", ref,
	"Finds damage to header and data; 0: the sender made none.",
	.kind = KIND_HEX16},
    [CHECKSUM_STATUS] = {"udp.checksum.status", "Checksum status", ref,
	"1: correct, 0: wrong, 2: not all of it is here; 3: there is none; 4: "
	"IPv6 wants one.",
	.kind = KIND_TEXT},
    [STREAM] = {"udp.stream", "Stream index",
	.help = "Counts the conversations of this capture from 0.",
	.kind = KIND_TEXT},
    [SINCE_FIRST] = {"udp.time_relative", "Since the conversation began",
	.help = "Since the first packet of this conversation, in seconds.",
	.kind = KIND_TEXT},
    [SINCE_BEFORE] = {"udp.time_delta", "Since its packet before",
	.help = "Since the packet of this conversation before, in seconds.",
	.kind = KIND_TEXT},
    [PAYLOAD] = {"udp.payload", "Data", ref, "What the program sent.",
	.kind = KIND_BYTES},
    [BEHIND] = {.name = "Bytes behind the datagram", .ref = ref},
};
const struct field_table udp_fields = FIELD_TABLE(defs);

/* The length as it can be used. */
static size_t
length(struct layer *l, size_t wire, const struct ip_info *ip)
{
	size_t len = layer_uint(l, &defs[LENGTH], 2);

	if (len == 0) {
		layer_remark(l, "not set: %zu bytes here", wire);
	} else if (len < 8) {
		layer_wrong(l, "less than the header's 8 bytes");
	} else if (len > wire && !ip->fragment) {
		layer_wrong(l, "more than the IP packet's %zu bytes", wire);
	} else if (len > wire) {
		layer_remark(l, "of all fragments; %zu bytes here", wire);
	} else {
		return len;
	}
	return wire;
}

static void
checksum(struct layer *l, struct rd segment, const struct ip_info *ip)
{
	const struct field_def *status = &defs[CHECKSUM_STATUS];

	if (layer_uint(l, &defs[CHECKSUM], 2) == 0) {
		layer_remark(l, "the sender made none");
		layer_checksum_status(l, status,
		    ip->version == 4 ? CHECKSUM_ABSENT : CHECKSUM_ILLEGAL);
	} else {
		layer_checksum_of(l, status, ip, IP_UDP, segment);
	}
}

void
dissect_udp(struct build *b, struct rd r, const struct ip_info *ip)
{
	struct layer l = layer_open(b, r, &defs[UDP], "udp", 8);
	struct rd start = r, segment, data;
	uint32_t src = layer_uint(&l, &defs[SRC_PORT], 2);
	uint32_t dst = layer_uint(&l, &defs[DST_PORT], 2);
	size_t len;

	layer_title(&l, "%" PRIu32 " to %" PRIu32, src, dst);
	len = length(&l, rd_wire_left(&r), ip);
	segment = rd_sub(&start, len);
	checksum(&l, segment, ip);
	if (!layer_ok(&l))
		return;
	if (!b->quoted) {
		layer_made(&l, &defs[STREAM], "%" PRIu32, b->ctx->stream);
		layer_time(&l, &defs[SINCE_FIRST], b->ctx->flow_since_first_ns);
		layer_time(
		    &l, &defs[SINCE_BEFORE], b->ctx->flow_since_previous_ns);
	}
	layer_close(&l);
	l.r = segment;
	rd_skip(&l.r, 8);
	data = l.r;
	layer_payload(&l, &defs[PAYLOAD]);
	if (ip->fragment)
		dissect_data(b, data); /* the beginning of something */
	else
		dissect_datagram(b, data, (uint16_t)src, (uint16_t)dst);
	l.r = start;
	layer_payload(&l, &defs[BEHIND]);
}
