#include "net/base/siphash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* vectors_sip64 of the reference implementation: the key is 00 01 .. 0f, the
 * input of line n is the n bytes 00 01 .. */
static void
siphash__reference_vectors__agree(void **state)
{
	static const struct {
		size_t n;
		uint64_t want;
	} lines[] = {
	    {0, UINT64_C(0x726fdb47dd0e0e31)},
	    {1, UINT64_C(0x74f839c593dc67fd)},
	    {7, UINT64_C(0xab0200f58b01d137)},
	    {8, UINT64_C(0x93f5f5799a932462)},
	    {15, UINT64_C(0xa129ca6149be45e5)},
	};
	uint8_t key[SIPHASH_KEY_LEN], data[16];

	(void)state;
	for (uint8_t i = 0; i < 16; i++)
		key[i] = data[i] = i;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		assert_true(siphash(key, data, lines[i].n) == lines[i].want);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(siphash__reference_vectors__agree),
	};

	return cmocka_run_group_tests_name("siphash", tests, NULL, NULL);
}
