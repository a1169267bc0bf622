/* Any bytes as the segments of a few connections, explained. */
#include <stddef.h>
#include <stdint.h>

#include "tests/fuzz/why_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	why_check(data, n);
	return 0;
}
