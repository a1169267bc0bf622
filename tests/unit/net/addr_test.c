#include "net/addr.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>

/* One line of a table: the text, and how it reads when it is printed back. */
struct line {
	const char *text;
	enum transport transport;
	bool passive;
	const char *want;
};

static void
parse__good_address__prints_back(void **state)
{
	static const struct line lines[] = {
	    {"127.0.0.1:7000", TRANSPORT_TCP, false, "127.0.0.1:7000"},
	    {"[::1]:7000", TRANSPORT_TCP, false, "[::1]:7000"},
	    {"[::]:7", TRANSPORT_TCP, true, "[::]:7"},
	    {"[0:0::1]:65535", TRANSPORT_UDP, false, "[::1]:65535"},
	    {"[fe80::1%lo]:7000", TRANSPORT_TCP, false, "[fe80::1%lo]:7000"},
	    {":7000", TRANSPORT_TCP, true, "0.0.0.0:7000"},
	    {":7000", TRANSPORT_TCP, false, "127.0.0.1:7000"},
	    {"127.0.0.1:0", TRANSPORT_TCP, true, "127.0.0.1:0"},
	    {"/tmp/x", TRANSPORT_UNIX, false, "/tmp/x"},
	    {"./a b", TRANSPORT_UNIXGRAM, true, "./a b"},
	    {"@name", TRANSPORT_UNIX, false, "@name"},
	    {"@a/b:1", TRANSPORT_UNIX, false, "@a/b:1"},
	    {"00:1a:7D:da:71:13/1", TRANSPORT_RFCOMM, false,
		"00:1A:7D:DA:71:13/1"},
	    {"00:1a:7D:da:71:13/30", TRANSPORT_RFCOMM, true,
		"00:1A:7D:DA:71:13/30"},
	    {"00:1A:7D:DA:71:13", TRANSPORT_RFCOMM, false, "00:1A:7D:DA:71:13"},
	    {"any", TRANSPORT_RFCOMM, true, "any"},
	    {"any/3", TRANSPORT_RFCOMM, true, "any/3"},
	};
	char text[ADDR_TEXT_MAX];
	struct endpoint e;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		const struct line *l = &lines[i];

		if (endpoint_parse(
			l->text, l->transport, l->passive, &e, &err) < 0)
			fail_msg("%s: %s", l->text, err.text);
		assert_string_equal(addr_format(text, &e.addr), l->want);
		assert_int_equal(e.port, addr_port(&e.addr));
		assert_int_equal(e.transport, l->transport);
	}
}

static void
parse__bad_address__says_what_it_should_look_like(void **state)
{
	/* want: a part of the sentence */
	static const struct line lines[] = {
	    {"", TRANSPORT_TCP, false, "lacks a port"},
	    {"127.0.0.1", TRANSPORT_TCP, false, "lacks a port"},
	    {"[::1]", TRANSPORT_TCP, false, "lacks a port"},
	    {"[:7", TRANSPORT_TCP, false, "lacks a port"},
	    {"::1:7000", TRANSPORT_TCP, false, "brackets"},
	    {"[::1:7000", TRANSPORT_TCP, false, "lacks a port"},
	    {"[]:7", TRANSPORT_TCP, false, "no IPv6 address"},
	    {"[::g]:7", TRANSPORT_TCP, false, "no IPv6 address"},
	    {"[fe80::1%nowhere0]:7", TRANSPORT_TCP, false, "nowhere0"},
	    {"127.0.0.1:", TRANSPORT_TCP, false, "no port"},
	    {"127.0.0.1:http", TRANSPORT_TCP, false, "no port"},
	    {"127.0.0.1:65536", TRANSPORT_TCP, false, "no port"},
	    {"127.0.0.1:-1", TRANSPORT_TCP, false, "no port"},
	    {"127.0.0.1: 7", TRANSPORT_TCP, false, "no port"},
	    {"127.0.0.1:184467440737095", TRANSPORT_TCP, false, "no port"},
	    {"127.0.0.1:0", TRANSPORT_TCP, false, "any free port"},
	    {"256.0.0.1:7", TRANSPORT_TCP, false, "no IPv4 address"},
	    {"127.1:7", TRANSPORT_TCP, false, "no IPv4 address"},
	    {"-x:7", TRANSPORT_TCP, false, "no host name"},
	    {"a b:7", TRANSPORT_TCP, false, "no host name"},
	    {"sock", TRANSPORT_UNIX, false, "slash"},
	    {"", TRANSPORT_UNIX, false, "slash"},
	    {"@", TRANSPORT_UNIX, false, "name"},
	    {"", TRANSPORT_RFCOMM, false, "AA:BB:CC:DD:EE:FF/1"},
	    {"127.0.0.1:7", TRANSPORT_RFCOMM, false, "no Bluetooth address"},
	    {"00:11:22:33:44:5/1", TRANSPORT_RFCOMM, false, "no Bluetooth"},
	    {"00:11:22:33:44:55:66/1", TRANSPORT_RFCOMM, false, "no Bluet"},
	    {"00:11:22:33:44:5g", TRANSPORT_RFCOMM, false, "no Bluetooth"},
	    {"00-11-22-33-44-55/1", TRANSPORT_RFCOMM, false, "no Bluetooth"},
	    {"00:11:22:33:44:55/", TRANSPORT_RFCOMM, false, "from 1 to 30"},
	    {"00:11:22:33:44:55/0", TRANSPORT_RFCOMM, true, "from 1 to 30"},
	    {"00:11:22:33:44:55/31", TRANSPORT_RFCOMM, false, "from 1 to 30"},
	    {"00:11:22:33:44:55/1x", TRANSPORT_RFCOMM, false, "from 1 to 30"},
	    {"any/1", TRANSPORT_RFCOMM, false, "for servers"},
	};
	struct endpoint e = {.port = 99};
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		const struct line *l = &lines[i];

		assert_int_equal(
		    endpoint_parse(l->text, l->transport, l->passive, &e, &err),
		    -EINVAL);
		if (strstr(err.text, l->want) == NULL)
			fail_msg("'%s': %s", l->text, err.text);
	}
	assert_int_equal(e.port, 99);
}

static void
parse__too_long__is_refused(void **state)
{
	char path[200], host[400];
	struct endpoint e;

	(void)state;
	memset(path, 'x', sizeof path);
	path[0] = '/';
	path[108] = '\0';
	assert_int_equal(
	    endpoint_parse(path, TRANSPORT_UNIX, false, &e, NULL), -EINVAL);
	path[107] = '\0';
	assert_int_equal(
	    endpoint_parse(path, TRANSPORT_UNIX, false, &e, NULL), 0);
	path[0] = '@';
	path[107] = 'x';
	assert_int_equal(
	    endpoint_parse(path, TRANSPORT_UNIX, false, &e, NULL), 0);
	memset(host, 'h', sizeof host);
	memcpy(host + ADDR_HOST_MAX, ":7", 3);
	assert_int_equal(
	    endpoint_parse(host, TRANSPORT_TCP, false, &e, NULL), -EINVAL);
}

static void
parse__name__is_left_to_a_resolver(void **state)
{
	struct endpoint e;

	(void)state;
	assert_int_equal(endpoint_parse("my-host.example:80", TRANSPORT_TCP,
			     false, &e, NULL),
	    0);
	assert_int_equal(e.addr.len, 0);
	assert_string_equal(e.host, "my-host.example");
	assert_int_equal(e.port, 80);
}

static void
format__odd_addresses__stay_readable(void **state)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	struct addr none = {0}, a;
	char text[ADDR_TEXT_MAX];

	(void)state;
	assert_string_equal(addr_format(text, &none), "");
	a = addr_from_sockaddr((const struct sockaddr *)&un, 2);
	assert_string_equal(addr_format(text, &a), "");
	memcpy(un.sun_path, "\0a\0b", 4);
	a = addr_from_sockaddr((const struct sockaddr *)&un, 2 + 4);
	assert_string_equal(addr_format(text, &a), "@a@b");
	memset(un.sun_path, 'p', sizeof un.sun_path);
	a = addr_from_sockaddr((const struct sockaddr *)&un, sizeof un);
	assert_int_equal(strlen(addr_format(text, &a)), sizeof un.sun_path);
}

static void
values__mapped_address__is_the_ipv4_it_is(void **state)
{
	struct endpoint v6, v4;
	struct addr u;

	(void)state;
	endpoint_parse("[::ffff:127.0.0.1]:9", TRANSPORT_TCP, false, &v6, NULL);
	endpoint_parse("127.0.0.1:9", TRANSPORT_TCP, false, &v4, NULL);
	assert_false(addr_equal(&v6.addr, &v4.addr));
	u = addr_unmap(&v6.addr);
	assert_true(addr_equal(&u, &v4.addr));
	assert_true(addr_is_loopback(&v6.addr));
	assert_false(addr_is_wildcard(&v4.addr));
	endpoint_parse("[::]:9", TRANSPORT_TCP, true, &v6, NULL);
	assert_true(addr_is_wildcard(&v6.addr));
	assert_false(addr_is_loopback(&v6.addr));
}

static void
transport__names__go_both_ways(void **state)
{
	enum transport t;

	(void)state;
	for (int i = 0; i < TRANSPORT_COUNT; i++) {
		if (i == TRANSPORT_L2CAP) /* nobody speaks it here */
			continue;
		assert_true(
		    transport_parse(transport_name((enum transport)i), &t));
		assert_int_equal(t, i);
	}
	assert_false(transport_parse("sctp", &t));
	assert_false(transport_parse("l2cap", &t));
	assert_int_equal(transport_socktype(TRANSPORT_UDP), SOCK_DGRAM);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(parse__good_address__prints_back),
	    cmocka_unit_test(parse__bad_address__says_what_it_should_look_like),
	    cmocka_unit_test(parse__too_long__is_refused),
	    cmocka_unit_test(parse__name__is_left_to_a_resolver),
	    cmocka_unit_test(format__odd_addresses__stay_readable),
	    cmocka_unit_test(values__mapped_address__is_the_ipv4_it_is),
	    cmocka_unit_test(transport__names__go_both_ways),
	};

	return cmocka_run_group_tests_name("addr", tests, NULL, NULL);
}
