#include "net/pycode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

#include <cmocka.h>

#define LISTENER 5

static const char *const places[TRANSPORT_COUNT] = {
    [TRANSPORT_TCP] = "127.0.0.1:7000",
    [TRANSPORT_UDP] = "[::1]:7000",
    [TRANSPORT_UNIX] = "/tmp/x",
    [TRANSPORT_UNIXGRAM] = "@x",
};

static struct server_spec
spec_of(const char *service, enum server_model model, enum transport t)
{
	struct server_spec spec = server_spec_default();

	spec.service = service_find(service);
	spec.model = model;
	assert_int_equal(
	    endpoint_parse(places[t], t, true, &spec.endpoint, NULL), 0);
	return spec;
}

static struct pycode *
server(const char *service, enum server_model model, enum transport t)
{
	struct server_spec spec = spec_of(service, model, t);
	struct err err = {""};
	struct pycode *p = pycode_server(&spec, NULL, &err);

	if (p == NULL)
		fail_msg("%s", err.text);
	return p;
}

static bool
has_line(const struct pycode *p, const char *text)
{
	for (size_t i = 0; i < pycode_count(p); i++)
		if (strcmp(pycode_line(p, i), text) == 0)
			return true;
	return false;
}

/* The line that makes the call has this text in it; and nothing is left to be
 * filled in anywhere. */
static void
makes(const struct pycode *p, struct call c, const char *text)
{
	int line = pycode_find(p, &c, LISTENER);

	if (line < 0)
		fail_msg("no line makes %s()", call_verb(c.kind));
	if (strstr(pycode_line(p, (size_t)line), text) == NULL)
		fail_msg("%s() is made by: %s", call_verb(c.kind),
		    pycode_line(p, (size_t)line));
}

#define CALL(name, descriptor)                                                 \
	(struct call)                                                          \
	{                                                                      \
		.kind = CALL_##name, .fd = (descriptor), .phase = CALL_RUNNING \
	}

static void
stream__every_pair__knows_the_line_of_each_call(void **state)
{
	const struct service *s;

	(void)state;
	for (size_t i = 0; (s = service_at(i)) != NULL; i++)
		for (int m = 0; m < MODEL_COUNT; m++) {
			bool event = m == MODEL_EVENT;
			struct pycode *p = server(
			    s->name, (enum server_model)m, TRANSPORT_TCP);

			makes(p, CALL(SOCKET, -1), "socket.socket(");
			makes(p, CALL(SETSOCKOPT, LISTENER), "SO_REUSEADDR");
			makes(p, CALL(BIND, LISTENER), "s.bind((HOST, PORT))");
			makes(p, CALL(LISTEN, LISTENER), "s.listen(5)");
			makes(p, CALL(ACCEPT, LISTENER), "= s.accept()");
			makes(p, CALL(CLOSE, LISTENER), "with socket.socket");
			makes(p, CALL(CLOSE, 7),
			    event ? "conn.close()" : "with conn:");
			if (s->on_bytes != NULL)
				makes(p, CALL(RECV, 7), "conn.recv(4096)");
			if (strcmp(s->name, "sink") != 0)
				makes(p, CALL(SEND, 7),
				    event ? "conn.send(" : "conn.sendall(");
			assert_true(has_line(p, "PORT = 7000"));
			pycode_free(p);
		}
}

static void
event__epoll_calls__are_told_apart(void **state)
{
	struct pycode *p = server("echo", MODEL_EVENT, TRANSPORT_TCP);
	struct call c = CALL(EPOLL_CTL, 6);

	(void)state;
	makes(p, CALL(EPOLL_CREATE, -1), "selectors.DefaultSelector()");
	makes(p, CALL(EPOLL_WAIT, 6), "in sel.select():");
	c.arg[0] = EPOLL_CTL_ADD;
	c.arg[1] = LISTENER;
	makes(p, c, "sel.register(s, ");
	c.arg[1] = 9;
	makes(p, c, "sel.register(conn, ");
	c.arg[0] = EPOLL_CTL_MOD;
	makes(p, c, "sel.modify(");
	pycode_free(p);
}

static void
send__first_and_later__are_two_lines(void **state)
{
	struct pycode *p = server("greet", MODEL_THREADED, TRANSPORT_TCP);
	struct call c = CALL(SEND, 7);

	(void)state;
	makes(p, c, "The greeting server");
	c.stream_off = 40;
	makes(p, c, "b\"Hello \"");
	pycode_free(p);
}

static void
datagram__every_pair__knows_the_line_of_each_call(void **state)
{
	const struct service *s;

	(void)state;
	for (size_t i = 0; (s = service_at(i)) != NULL; i++)
		for (int m = 0; m < MODEL_COUNT; m++) {
			struct pycode *p;

			if (!service_fits(s, TRANSPORT_UDP))
				continue;
			/* Two datagrams answer one: not in the textbook. */
			if (strcmp(s->name, "thermal") == 0)
				continue;
			p = server(
			    s->name, (enum server_model)m, TRANSPORT_UDP);
			makes(
			    p, CALL(SOCKET, -1), "AF_INET6, socket.SOCK_DGRAM");
			makes(p, CALL(BIND, LISTENER), "s.bind(");
			makes(p, CALL(RECVFROM, LISTENER), "s.recvfrom(4096)");
			if (strcmp(s->name, "sink") != 0)
				makes(p, CALL(SENDTO, LISTENER), "s.sendto");
			if (m == MODEL_EVENT)
				makes(p, CALL(EPOLL_WAIT, 6), "sel.select()");
			assert_int_equal(
			    pycode_find(p, &CALL(LISTEN, LISTENER), LISTENER),
			    -1);
			pycode_free(p);
		}
}

static void
client__of_each_transport__knows_its_lines(void **state)
{
	(void)state;
	for (int t = 0; t <= TRANSPORT_UNIXGRAM; t++)
		for (int connected = 0; connected < 2; connected++) {
			struct client_spec spec = {.connected = connected};
			bool stream = transport_socktype((enum transport)t) ==
				      SOCK_STREAM;
			struct pycode *p;

			assert_int_equal(
			    endpoint_parse(places[t], (enum transport)t, false,
				&spec.endpoint, NULL),
			    0);
			p = pycode_client(&spec, NULL, NULL);
			assert_non_null(p);
			makes(p, CALL(SOCKET, -1), "socket.socket(");
			makes(p, CALL(CLOSE, 7), "socket.socket(");
			if (stream || connected) {
				makes(p, CALL(CONNECT, 7), "s.connect(");
				makes(p, CALL(RECV, 7), "s.recv(4096)");
				makes(p, CALL(SEND, 7), "s.send");
			} else {
				makes(p, CALL(SENDTO, 7), "s.sendto(line, ");
				makes(p, CALL(RECVFROM, 7), "s.recvfrom(");
			}
			if (stream)
				makes(p, CALL(SHUTDOWN, 7), "SHUT_WR");
			pycode_free(p);
		}
}

static void
address__that_is_known_by_now__is_the_one_written(void **state)
{
	struct server_spec spec =
	    spec_of("echo", MODEL_ITERATIVE, TRANSPORT_TCP);
	struct in_addr ip = {htonl(INADDR_LOOPBACK)};
	struct addr local = addr_from_ip(AF_INET, &ip, 40123);
	struct pycode *p = pycode_server(&spec, &local, NULL);

	(void)state;
	assert_true(has_line(p, "PORT = 40123"));
	assert_true(has_line(p, "HOST = \"127.0.0.1\""));
	pycode_free(p);
}

static void
group__that_is_served__is_joined(void **state)
{
	struct server_spec spec =
	    spec_of("echo", MODEL_ITERATIVE, TRANSPORT_UDP);
	struct pycode *p;

	(void)state;
	assert_int_equal(endpoint_parse("239.1.2.3:5000", TRANSPORT_UDP, true,
			     &spec.endpoint, NULL),
	    0);
	p = pycode_server(&spec, NULL, NULL);
	makes(p, CALL(SETSOCKOPT, LISTENER), "IP_ADD_MEMBERSHIP");
	assert_true(has_line(p, "HOST = \"239.1.2.3\""));
	pycode_free(p);
}

static void
path__with_quotes_and_names__is_a_literal(void **state)
{
	struct server_spec spec = spec_of("http", MODEL_EVENT, TRANSPORT_UNIX);
	struct pycode *p;

	(void)state;
	assert_int_equal(endpoint_parse("/tmp/a\"b\\c@PATH@\n", TRANSPORT_UNIX,
			     true, &spec.endpoint, NULL),
	    0);
	strcpy(spec.options.root, "/srv/\"");
	p = pycode_server(&spec, NULL, NULL);
	assert_non_null(p);
	assert_true(
	    has_line(p, "PATH = b\"/tmp/a\\x22b\\x5cc\\x40PATH\\x40\\n\""));
	assert_true(has_line(
	    p, "ROOT = pathlib.Path(os.fsdecode(b\"/srv/\\x22\")).resolve()"));
	assert_true(has_line(p, "import pathlib"));
	pycode_free(p);
}

static void
name__that_is_not_resolved__stays_a_name(void **state)
{
	struct client_spec spec = {.connected = true};
	struct pycode *p;

	(void)state;
	assert_int_equal(endpoint_parse("localhost:80", TRANSPORT_TCP, false,
			     &spec.endpoint, NULL),
	    0);
	p = pycode_client(&spec, NULL, NULL);
	assert_true(has_line(p, "HOST = \"localhost\""));
	makes(p, CALL(GETADDRINFO, -1), "s.connect(");
	pycode_free(p);
}

static void
transport__that_python_lacks__is_refused(void **state)
{
	struct server_spec spec =
	    spec_of("echo", MODEL_ITERATIVE, TRANSPORT_UDP);
	struct client_spec client = {.connected = true};
	struct err err = {""};

	(void)state;
	spec.endpoint.transport = TRANSPORT_RUDP;
	assert_null(pycode_server(&spec, NULL, &err));
	assert_non_null(strstr(err.text, "no Python program for echo"));
	client.endpoint = spec.endpoint;
	assert_null(pycode_client(&client, NULL, &err));
	assert_non_null(strstr(err.text, "for a client over rudp"));
}

static void
records__clients_of_each_transport__know_their_lines(void **state)
{
	static const char *const names[] = {"struct", "telemetry"};

	(void)state;
	for (int t = 0; t <= TRANSPORT_UNIXGRAM; t++)
		for (int i = 0; i < 4; i++) {
			struct server_spec peer = spec_of(
			    names[i % 2], MODEL_THREADED, (enum transport)t);
			bool stream = transport_socktype((enum transport)t) ==
				      SOCK_STREAM;
			struct client_spec spec = {
			    .endpoint = peer.endpoint, .connected = i / 2};
			bool to = !stream && !spec.connected;
			struct pycode *p;

			strcpy(peer.options.format, "@h");
			p = pycode_client(&spec, &peer, NULL);
			assert_non_null(p);
			makes(p, to ? CALL(SENDTO, 7) : CALL(SEND, 7),
			    i % 2 == 0 ? "(RECORD.pack(*values)"
				       : "(reading(number, value)");
			makes(p, to ? CALL(RECVFROM, 7) : CALL(RECV, 7),
			    "(4096)");
			assert_true(
			    i % 2 == 1 ||
			    has_line(p, "RECORD = struct.Struct(\"\\x40h\")"));
			pycode_free(p);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(stream__every_pair__knows_the_line_of_each_call),
	    cmocka_unit_test(event__epoll_calls__are_told_apart),
	    cmocka_unit_test(send__first_and_later__are_two_lines),
	    cmocka_unit_test(datagram__every_pair__knows_the_line_of_each_call),
	    cmocka_unit_test(client__of_each_transport__knows_its_lines),
	    cmocka_unit_test(
		records__clients_of_each_transport__know_their_lines),
	    cmocka_unit_test(address__that_is_known_by_now__is_the_one_written),
	    cmocka_unit_test(group__that_is_served__is_joined),
	    cmocka_unit_test(path__with_quotes_and_names__is_a_literal),
	    cmocka_unit_test(transport__that_python_lacks__is_refused),
	    cmocka_unit_test(name__that_is_not_resolved__stays_a_name),
	};

	return cmocka_run_group_tests_name("pycode", tests, NULL, NULL);
}
