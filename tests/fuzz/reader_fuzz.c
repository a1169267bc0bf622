/* Any bytes as a capture file. */
#include <stddef.h>
#include <stdint.h>

#include "tests/fuzz/reader_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	check_any_file(data, n);
	return 0;
}
