/*
 * tests/unit/capture/verdicts.h - what was found out about a segment, as a
 * line: first what tshark prints too, then, behind a bar, what it does not.
 *
 *   5 stream=0 completeness=7 retransmission rto=0.200000000 rto_frame=4 ... |
 *   ESTABLISHED ESTABLISHED retransmission
 */
#ifndef SOCKDECK_TESTS_VERDICTS_H
#define SOCKDECK_TESTS_VERDICTS_H

#include <inttypes.h>
#include <stdio.h>

#include "capture/flow.h"

static inline void
verdict_time(FILE *out, const char *name, int64_t ns)
{
	if (ns != 0)
		fprintf(out, " %s=%s%" PRId64 ".%09" PRId64, name,
		    ns < 0 ? "-" : "", (ns < 0 ? -ns : ns) / 1000000000,
		    (ns < 0 ? -ns : ns) % 1000000000);
}

static inline void
verdict_number(FILE *out, const char *name, uint64_t n)
{
	if (n != 0)
		fprintf(out, " %s=%" PRIu64, name, n);
}

static inline void
verdict_names(FILE *out, uint32_t verdicts)
{
	for (unsigned bit = 0; bit < VERDICT_BITS; bit++)
		if (verdicts >> bit & 1)
			fprintf(out, " %s", tcp_verdict_name(bit));
}

static inline void
verdict_line(FILE *out, const struct frame *f, const struct flow *flow)
{
	const struct tcp_findings *x = &f->found;

	fprintf(out, "%" PRIu64 " stream=%" PRIu32 " completeness=%d", f->id,
	    flow->stream, x->completeness);
	verdict_names(out, f->verdicts & VERDICT_WIRESHARK);
	verdict_number(out, "duplicate_ack_num", x->dup_ack_num);
	verdict_number(out, "duplicate_ack_frame", x->dup_ack_frame);
	verdict_number(out, "acks_frame", x->acks_frame);
	verdict_time(out, "ack_rtt", x->ack_rtt_ns);
	verdict_time(out, "rto", x->rto_ns);
	if (x->rto_ns != 0)
		verdict_number(out, "rto_frame", x->rto_frame);
	verdict_number(out, "bytes_in_flight", x->bytes_in_flight);
	if (x->bytes_in_flight != 0)
		verdict_number(out, "push_bytes_sent", x->push_bytes);
	if (x->analysed)
		verdict_time(out, "initial_rtt", flow->initial_rtt_ns);
	fprintf(out, " | %s %s %s", tcp_state_name(f->state[DIR_CLIENT]),
	    tcp_state_name(f->state[DIR_SERVER]),
	    purpose_name((enum purpose)f->purpose));
	verdict_names(out, f->verdicts & ~(uint32_t)VERDICT_WIRESHARK);
	fputc('\n', out);
}

#endif
