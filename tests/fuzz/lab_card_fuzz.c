/* Any bytes as the card of a lab. */
#include <stddef.h>
#include <stdint.h>

#include "tests/fuzz/lab_card_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	lab_card_check(data, n);
	return 0;
}
