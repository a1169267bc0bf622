/*
 * tests/fuzz/trace_wire_check.h - any bytes as a tracer's message: what is let
 * in can be shown and kept.
 */
#ifndef SOCKDECK_TESTS_FUZZ_TRACE_WIRE_CHECK_H
#define SOCKDECK_TESTS_FUZZ_TRACE_WIRE_CHECK_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "net/callfmt.h"
#include "net/journal.h"
#include "net/trace_wire.h"

static inline void
trace_wire_check(const uint8_t *data, size_t n)
{
	static struct journal *journal;
	uint8_t bytes[TRACE_WIRE_MESSAGE];
	struct rd message = rd_init(data, n, n);
	struct wr again = wr_init(bytes, sizeof bytes);
	struct trace_record r;
	char text[CALLFMT_MAX];

	if (journal == NULL)
		journal = journal_new();
	if (journal == NULL)
		abort();
	while (trace_wire_get(&message, &r) > 0) {
		trace_wire_put(&again, &r);
		if (r.kind != TRACE_CALL)
			continue;
		callfmt(text, &r.call);
		journal_feed(journal, &r.call);
	}
}

#endif
