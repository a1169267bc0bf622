/* Any bytes as a packet of any link type. */
#include <stddef.h>
#include <stdint.h>

#include "tests/fuzz/dissect_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct packet p;
	struct tree t;

	if (!packet_from_input(data, n, &p))
		return 0;
	tree_init(&t);
	check_packet(&p, &t);
	tree_done(&t);
	return 0;
}
