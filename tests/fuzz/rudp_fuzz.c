/* Any datagrams, at any time, to both ends of a reliable UDP connection. */
#include <stddef.h>
#include <stdint.h>

#include "tests/fuzz/rudp_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct rd r = rd_init(data, n, n);
	struct rudp_packet p;

	rudp_decode(&r, &p);
	rudp_check(data, n);
	return 0;
}
