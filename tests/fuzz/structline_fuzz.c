/* Any text as a line of a struct. */
#include <stddef.h>
#include <stdint.h>

#include "tests/fuzz/structline_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	structline_check(data, n);
	return 0;
}
