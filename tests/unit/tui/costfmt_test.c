#include "tui/costfmt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
share__of_any_size__is_rounded_once(void **state)
{
	static const struct {
		uint64_t payload, headers;
		const char *text;
	} cases[] = {
	    {0, 0, "0%"},
	    {0, 172, "0%"},
	    {6, 104, "5%"}, /* 5.45: not 5.5, then 6 */
	    {13, 104, "11%"},
	    {1, 104, "1%"},
	    {1, 199, "0.5%"},
	    {1, 5000, "0%"},
	    {1448, 52, "97%"},
	    {5, 0, "100%"},
	};
	char text[TEXT_NUM_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct cost c = {
		    .net = cases[i].headers, .payload = cases[i].payload};

		assert_string_equal(costfmt_share(text, &c), cases[i].text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(share__of_any_size__is_rounded_once),
	};

	return cmocka_run_group_tests_name("costfmt", tests, NULL, NULL);
}
