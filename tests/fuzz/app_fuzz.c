/* Any bytes as a message of each application protocol. */
#include "tests/fuzz/app_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	check_app(data, n);
	return 0;
}
