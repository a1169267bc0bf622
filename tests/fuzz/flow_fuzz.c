/* Any bytes as the segments of a few connections. */
#include <stddef.h>
#include <stdint.h>

#include "tests/fuzz/flow_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	flow_check(data, n);
	return 0;
}
