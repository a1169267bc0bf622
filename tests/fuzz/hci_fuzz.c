/* Any packets of a Bluetooth adapter, with what was known before each. */
#include "tests/fuzz/hci_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	check_hci(data, n);
	return 0;
}
