/* Any bytes to the http service, and as the head of a response. */
#include <stddef.h>
#include <stdint.h>

#include "tests/fuzz/http_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	http_check(data, n);
	return 0;
}
