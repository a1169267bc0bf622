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

static void
range__of_each_protocol__names_its_layers(void **state)
{
	static const struct range_cost block = {.data = {.packets = 5,
						    .net = 20,
						    .transport = 4,
						    .options = 5,
						    .payload = 768}};
	static const struct {
		uint8_t proto;
		int cells;
		const char *text;
	} cases[] = {
	    {PROTO_RFCOMM, 80,
		"5 pkt: ACL 20+L2CAP 4+RFCOMM 5 = 29 B, 96% payload"},
	    {PROTO_RFCOMM, 40, "5 pkt  ACL 20 L2CAP+RFCOMM 9  96%"},
	    {PROTO_TCP, 80, "5 pkt: IP 20+TCP 4+opt 5 = 29 B, 96% payload"},
	    {PROTO_TCP, 40, "5 pkt  IP 20 TCP 9  96%"},
	    {PROTO_UDP, 80, "5 pkt: IP 20+UDP 4 = 29 B, 96% payload"},
	    {PROTO_UDP, 14, "5 pkt +29 96%"},
	};
	char text[COSTFMT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(
		    costfmt_range(text, &block, cases[i].proto, cases[i].cells),
		    cases[i].text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(share__of_any_size__is_rounded_once),
	    cmocka_unit_test(range__of_each_protocol__names_its_layers),
	};

	return cmocka_run_group_tests_name("costfmt", tests, NULL, NULL);
}
