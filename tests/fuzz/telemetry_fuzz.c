/* Any bytes as a datagram and as a stream of telemetry. */
#include <stddef.h>
#include <stdint.h>

#include "tests/fuzz/telemetry_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	check_input(data, n);
	return 0;
}
