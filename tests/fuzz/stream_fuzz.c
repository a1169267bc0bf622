/* Any order of segments and fragments, looked at in any order. */
#include "tests/fuzz/stream_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	check_stream(data, n);
	return 0;
}
