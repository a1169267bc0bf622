#include "net/sockopt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

/* Text, set on a real socket, read back, as text again. */
static void
value__text__survives_the_kernel(void **state)
{
	static const struct {
		int domain, type;
		const char *name, *text, *back;
	} cases[] = {
	    {AF_INET, SOCK_STREAM, "SO_REUSEADDR", "on", "1"},
	    {AF_INET, SOCK_STREAM, "so_reuseport", "1", "1"},
	    {AF_INET, SOCK_STREAM, "TCP_NODELAY", "1", "1"},
	    {AF_INET, SOCK_STREAM, "SO_RCVBUF", "4096", "8192"},
	    {AF_INET, SOCK_STREAM, "SO_LINGER", "3", "3 s"},
	    {AF_INET, SOCK_STREAM, "SO_LINGER", "off", "off"},
	    {AF_INET, SOCK_STREAM, "SO_RCVTIMEO", "1.5", "1.5 s"},
	    {AF_INET, SOCK_STREAM, "IP_TTL", "9", "9"},
	    {AF_INET, SOCK_STREAM, "TCP_CONGESTION", "reno", "reno"},
	    {AF_INET, SOCK_DGRAM, "SO_BROADCAST", "1", "1"},
	    {AF_INET, SOCK_DGRAM, "IP_MULTICAST_TTL", "5", "5"},
	    {AF_INET, SOCK_DGRAM, "IP_MULTICAST_IF", "127.0.0.1", "127.0.0.1"},
	    {AF_INET6, SOCK_DGRAM, "IPV6_V6ONLY", "1", "1"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct sockopt *o = sockopt_find(cases[i].name);
		int fd = socket(cases[i].domain, cases[i].type, 0);
		struct sockopt_value v, got = sockopt_room(o);
		char text[SOCKOPT_TEXT_MAX];

		assert_int_equal(sockopt_parse(o, cases[i].text, &v, NULL), 0);
		assert_int_equal(
		    setsockopt(fd, o->level, o->option, v.bytes, v.len), 0);
		assert_int_equal(
		    getsockopt(fd, o->level, o->option, got.bytes, &got.len),
		    0);
		assert_string_equal(
		    sockopt_format(text, o, &got), cases[i].back);
		assert_ptr_equal(sockopt_by_number(o->level, o->option), o);
		close(fd);
	}
}

static void
value__malformed__is_refused_with_what_it_should_be(void **state)
{
	static const char *const cases[][3] = {
	    {"SO_REUSEADDR", "yes", "number"},
	    {"SO_RCVBUF", "", "number"},
	    {"SO_RCVBUF", "99999999999", "number"},
	    {"SO_RCVTIMEO", "-1", "seconds"},
	    {"SO_LINGER", "x", "RST"},
	    {"IP_ADD_MEMBERSHIP", "::1", "239.1.2.3"},
	    {"IPV6_JOIN_GROUP", "1.2.3.4", "ff02::"},
	    {"SO_PEERCRED", "1", "read"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct sockopt_value v;
		struct err err = {""};

		assert_int_equal(sockopt_parse(sockopt_find(cases[i][0]),
				     cases[i][1], &v, &err),
		    -EINVAL);
		assert_non_null(strstr(err.text, cases[i][2]));
	}
	assert_null(sockopt_find("SO_NONSENSE"));
}

static void
complete__prefix__walks_the_names(void **state)
{
	const struct sockopt *o = sockopt_complete("so_reuse", NULL);

	(void)state;
	assert_string_equal(o->name, "SO_REUSEADDR");
	o = sockopt_complete("so_reuse", o);
	assert_string_equal(o->name, "SO_REUSEPORT");
	assert_null(sockopt_complete("so_reuse", o));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(value__text__survives_the_kernel),
	    cmocka_unit_test(
		value__malformed__is_refused_with_what_it_should_be),
	    cmocka_unit_test(complete__prefix__walks_the_names),
	};

	return cmocka_run_group_tests_name("sockopt", tests, NULL, NULL);
}
