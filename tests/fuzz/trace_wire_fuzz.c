/* Any bytes as a tracer's message. */
#include <stddef.h>
#include <stdint.h>

#include "tests/fuzz/trace_wire_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	trace_wire_check(data, n);
	return 0;
}
