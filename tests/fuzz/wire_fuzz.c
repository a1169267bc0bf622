/* Any text as a rule of the wire, any bytes as a packet on it. */
#include <stddef.h>
#include <stdint.h>

#include "tests/fuzz/wire_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	wire_check(data, n);
	return 0;
}
