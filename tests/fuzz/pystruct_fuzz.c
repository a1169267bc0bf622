/* Any text as a struct format, any bytes as its values. */
#include <stddef.h>
#include <stdint.h>

#include "tests/fuzz/pystruct_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	check_input(data, n);
	return 0;
}
