/* Any bytes as what somebody types behind :show. */
#include <stddef.h>
#include <stdint.h>

#include "tests/fuzz/show_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	check_show(data, n);
	return 0;
}
