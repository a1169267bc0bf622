#include "capture/filter.h"

#include "capture/summary.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void
check__pcap_syntax__is_accepted(void **state)
{
	(void)state;
	assert_int_equal(filter_check("", LINK_ETHERNET, NULL), 0);
	assert_int_equal(
	    filter_check("tcp port 80 and host 10.0.0.1", LINK_ETHERNET, NULL),
	    0);
	assert_int_equal(
	    filter_check("ether broadcast", LINK_ETHERNET, NULL), 0);
}

static void
check__raw_ip__is_a_link_type_of_its_own(void **state)
{
	struct err err = {0};

	(void)state;
	assert_int_equal(filter_check("udp port 53", LINK_RAW, &err), 0);
	assert_int_equal(
	    filter_check("ether broadcast", LINK_RAW, &err), -EINVAL);
}

static void
check__broken__says_why(void **state)
{
	struct err err = {0};

	(void)state;
	assert_int_equal(
	    filter_check("tcp prt 80", LINK_ETHERNET, &err), -EINVAL);
	assert_non_null(strstr(err.text, "syntax error"));
	assert_int_equal(filter_check("tcp", 65000, &err), -EINVAL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(check__pcap_syntax__is_accepted),
	    cmocka_unit_test(check__raw_ip__is_a_link_type_of_its_own),
	    cmocka_unit_test(check__broken__says_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
