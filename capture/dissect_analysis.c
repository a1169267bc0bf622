/*
 * What capture/tcp_analysis.h found out about a segment, as fields.
 *
 * Source: the keys of Wireshark's packet-tcp dissector.
 */
#include "capture/dissect_internal.h"

#include <inttypes.h>

enum {
	COMPLETENESS,
	ANALYSIS,
	NOTES, /* that Wireshark does not make */
	INITIAL_RTT,
	ACKS_FRAME,
	ACK_RTT,
	IN_FLIGHT,
	PUSH_BYTES,
	FLAGS,
	DUP_ACK_NUM,
	DUP_ACK_FRAME,
	RTO_FRAME,
	RTO,
	FIRST_VERDICT,
};

static const char rtt_ref[] = "RFC 6298 s3";

/* The keys and words of the verdicts come from their own table. */
#define X(NAME, name, words)                                                 \
	[FIRST_VERDICT + VERDICT_BIT_##NAME] = {"tcp.analysis." name, words, \
	    .help =                                                          \
		"Found out from the packets before it; Enter explains it.",  \
	    .kind = KIND_NONE},

static const struct field_def defs[] = {
    [COMPLETENESS] = {"tcp.completeness", "Completeness",
	.help = "Which parts of the conversation were captured: 1 SYN, 2 "
		"SYN-ACK, 4 ACK, 8 data, 16 FIN, 32 RST.",
	.kind = KIND_TEXT},
    [ANALYSIS] = {"tcp.analysis", "Analysis",
	.help = "Not in the packet: it follows from those before it."},
    [NOTES] = {.name = "Analysis"},
    [INITIAL_RTT] = {"tcp.analysis.initial_rtt", "Initial round trip", rtt_ref,
	"From the SYN to the handshake's last ACK, in seconds.",
	.kind = KIND_TEXT},
    [ACKS_FRAME] = {"tcp.analysis.acks_frame", "Acknowledges packet",
	.help = "The packet whose last byte it acknowledges.",
	.kind = KIND_TEXT},
    [ACK_RTT] = {"tcp.analysis.ack_rtt", "Round trip", rtt_ref,
	"Since that packet, in seconds.", .kind = KIND_TEXT},
    [IN_FLIGHT] = {"tcp.analysis.bytes_in_flight", "Bytes in flight",
	"RFC 5681 s2", "Sent and not acknowledged yet, this one included.",
	.kind = KIND_TEXT},
    [PUSH_BYTES] = {"tcp.analysis.push_bytes_sent", "Bytes since PSH",
	.help = "Sent since the last PSH, this segment included.",
	.kind = KIND_TEXT},
    [FLAGS] = {"tcp.analysis.flags", "Out of the ordinary",
	.help = "What was found; Enter on one of them explains it.",
	.kind = KIND_NONE},
    [DUP_ACK_NUM] = {"tcp.analysis.duplicate_ack_num", "Which repetition",
	"RFC 5681 s3.2", "The third makes the other side send again.",
	.kind = KIND_TEXT},
    [DUP_ACK_FRAME] = {"tcp.analysis.duplicate_ack_frame", "Repeats packet",
	"RFC 5681 s3.2", "The ACK that first had this number.",
	.kind = KIND_TEXT},
    [RTO_FRAME] = {"tcp.analysis.rto_frame", "Waited since packet",
	"RFC 6298 s5", "The last segment that was sent before the wait.",
	.kind = KIND_TEXT},
    [RTO] = {"tcp.analysis.rto", "Waited", "RFC 6298 s5",
	"Until it was sent again, in seconds.", .kind = KIND_TEXT},
    TCP_VERDICTS(X)};
#undef X
const struct field_table tcp_analysis_fields = FIELD_TABLE(defs);

static void
number(struct layer *l, size_t def, uint64_t v)
{
	if (v != 0)
		layer_made(l, &defs[def], "%" PRIu64, v);
}

static void
span(struct layer *l, size_t def, int64_t ns)
{
	if (ns != 0)
		layer_time(l, &defs[def], ns);
}

static void
verdicts(struct layer *l, uint32_t bits)
{
	if ((bits & VERDICT_WIRESHARK) != 0)
		layer_made(l, &defs[FLAGS], "%s", "");
	l->depth++;
	for (size_t i = 0; i < VERDICT_BITS; i++)
		if ((bits >> i & 1) != 0)
			layer_made(l, &defs[FIRST_VERDICT + i], "%s", "");
	l->depth--;
}

void
dissect_analysis(struct layer *l)
{
	const struct dissect_context *ctx = l->b->ctx;
	const struct tcp_findings *x = &ctx->found;

	bool known = x->analysed || (ctx->verdicts & VERDICT_WIRESHARK) != 0;

	if (!known && ctx->verdicts == 0)
		return;
	layer_made(l, &defs[known ? ANALYSIS : NOTES], "%s", "");
	l->depth++;
	number(l, ACKS_FRAME, x->acks_frame);
	span(l, ACK_RTT, x->ack_rtt_ns);
	if (known)
		span(l, INITIAL_RTT, ctx->initial_rtt_ns);
	number(l, IN_FLIGHT, x->bytes_in_flight);
	if (x->bytes_in_flight != 0)
		number(l, PUSH_BYTES, x->push_bytes);
	if (x->dup_ack_num != 0) /* tshark has it here, and as a flag */
		layer_made(l, &defs[FIRST_VERDICT + VERDICT_BIT_DUPLICATE_ACK],
		    "%s", "");
	number(l, DUP_ACK_NUM, x->dup_ack_num);
	number(l, DUP_ACK_FRAME, x->dup_ack_frame);
	if (x->rto_ns != 0)
		number(l, RTO_FRAME, x->rto_frame);
	span(l, RTO, x->rto_ns);
	verdicts(l, ctx->verdicts);
	l->depth--;
}

void
dissect_completeness(struct layer *l)
{
	layer_made(l, &defs[COMPLETENESS], "%u",
	    (unsigned)l->b->ctx->found.completeness);
}
