/* Any bytes as a camera's stream, and as its datagrams. */
#include <stddef.h>
#include <stdint.h>

#include "tests/fuzz/thermal_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	thermal_check(data, n);
	return 0;
}
