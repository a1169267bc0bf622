#include "net/hand.h"

#include "tests/unit/net/rig.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

/* ---- what is written ---- */

static struct hand_call *
parsed(enum hand_verb verb, const char *words)
{
	struct hand_call *c = NULL;
	struct err err = {""};

	if (hand_parse(verb, words, &c, &err) < 0)
		fail_msg("'%s': %s", words, err.text);
	return c;
}

static void
parse__socket__takes_words_and_constants(void **state)
{
	static const struct {
		const char *words;
		int domain, type, protocol;
	} all[] = {
	    {"", AF_INET, SOCK_STREAM, 0},
	    {"dgram", AF_INET, SOCK_DGRAM, 0},
	    {"inet6 stream", AF_INET6, SOCK_STREAM, 0},
	    {"AF_UNIX SOCK_DGRAM", AF_UNIX, SOCK_DGRAM, 0},
	    {"inet raw icmp", AF_INET, SOCK_RAW, IPPROTO_ICMP},
	    {"inet raw 1", AF_INET, SOCK_RAW, 1},
	    {" nonblock ", AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		struct hand_call *c = parsed(HAND_SOCKET, all[i].words);

		assert_int_equal(c->domain, all[i].domain);
		assert_int_equal(c->type, all[i].type);
		assert_int_equal(c->protocol, all[i].protocol);
		free(c);
	}
}

static void
parse__data__is_text_a_pattern_or_a_ping(void **state)
{
	struct hand_call *c = parsed(HAND_SEND, "a \\x00b  -oob -dontwait");

	(void)state;
	assert_int_equal(c->what, HAND_BYTES);
	assert_int_equal(
	    c->data_len, 5); /* the blank before the flags counts */
	assert_memory_equal(c->data, "a \0b ", 5);
	assert_int_equal(c->flags, MSG_OOB | MSG_DONTWAIT);
	free(c);
	c = parsed(HAND_SEND, "#500");
	assert_int_equal(c->what, HAND_PATTERN);
	assert_int_equal(c->number, 500);
	free(c);
	c = parsed(HAND_SENDTO, "127.0.0.1 #ping");
	assert_int_equal(c->what, HAND_PING);
	assert_true(c->no_port);
	assert_true(c->endpoint.addr.len != 0);
	free(c);
	c = parsed(HAND_SEND, "-x");
	assert_int_equal(c->data_len, 2);
	free(c);
}

static void
parse__addresses__of_every_family(void **state)
{
	static const struct {
		const char *text;
		int family;
	} all[] = {
	    {"127.0.0.1:7000", AF_INET},
	    {":7000", AF_INET},
	    {"[::1]:7000", AF_INET6},
	    {"/tmp/x", AF_UNIX},
	    {"@x", AF_UNIX},
	    {"127.0.0.1", AF_INET},
	    {"[::1]", AF_INET6},
	};
	struct hand_call *c;

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		c = parsed(HAND_CONNECT, all[i].text);
		assert_int_equal(c->endpoint.addr.sa.sa_family, all[i].family);
		free(c);
	}
	c = parsed(HAND_CONNECT, "localhost:7000");
	assert_int_equal(c->endpoint.addr.len, 0);
	assert_string_equal(c->endpoint.host, "localhost");
	free(c);
	c = parsed(HAND_GETADDRINFO, "127.0.0.1:80");
	assert_string_equal(c->endpoint.host, "127.0.0.1");
	assert_int_equal(c->endpoint.port, 80);
	free(c);
}

static void
parse__options__by_name(void **state)
{
	struct hand_call *c = parsed(HAND_SETSOCKOPT, "tcp_nodelay on");

	(void)state;
	assert_int_equal(c->option->option, TCP_NODELAY);
	assert_int_equal(c->value.number, 1);
	free(c);
	c = parsed(HAND_GETSOCKOPT, "SO_RCVBUF");
	assert_int_equal(c->option->option, SO_RCVBUF);
	free(c);
}

static void
parse__wrong__is_refused(void **state)
{
	static const struct {
		enum hand_verb verb;
		const char *words, *sentence; /* "": the usage says it */
	} all[] = {
	    {HAND_SOCKET, "inte", "'inte' is no domain"},
	    {HAND_SOCKET, "inet raw 256", "0 to 255"},
	    {HAND_BIND, "", ""},
	    {HAND_BIND, "127.0.0.1:7000 x", ""},
	    {HAND_BIND, "127.0.0.1:70000", "65535"},
	    {HAND_CONNECT, "127.0.0.1:0", "port 0"},
	    {HAND_LISTEN, "-1", "backlog"},
	    {HAND_LISTEN, "5 6", ""},
	    {HAND_SEND, "", ""},
	    {HAND_SEND, "-oob", ""},
	    {HAND_SEND, "#x", "count of bytes"},
	    {HAND_SEND, "#67108865", "67108864"},
	    {HAND_SEND, "\\q", "escape"},
	    {HAND_SENDTO, "127.0.0.1:7", ""},
	    {HAND_RECV, "1048577", "1048576"},
	    {HAND_RECV, "-never", "asked for"},
	    {HAND_SHUTDOWN, "up", ""},
	    {HAND_SETSOCKOPT, "SO_REUSEADDR", "what value"},
	    {HAND_SETSOCKOPT, "SO_NONE 1", "no socket option"},
	    {HAND_SETSOCKOPT, "IP_TTL x", "number"},
	    {HAND_GETSOCKOPT, "", ""},
	    {HAND_ACCEPT, "x", ""},
	    {HAND_GETADDRINFO, "a b", ""},
	    {HAND_GETADDRINFO, "a:99999", "port"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		struct hand_call *c = NULL;
		struct err err = {""};

		assert_int_equal(
		    hand_parse(all[i].verb, all[i].words, &c, &err), -EINVAL);
		assert_null(c);
		if (all[i].sentence[0] == '\0')
			assert_string_equal(err.text, "");
		else if (strstr(err.text, all[i].sentence) == NULL)
			fail_msg("'%s': %s", all[i].words, err.text);
	}
}

/* ---- what is done ---- */

struct table {
	struct rig rig;
	uint32_t group;
};

static struct table
table_new(void)
{
	struct table t = {.rig = rig_new()};

	t.group = engine_group(t.rig.e);
	return t;
}

static uint32_t
make(struct table *t, const char *words)
{
	struct err err = {""};
	uint32_t sock = 0;

	if (hand_socket(t->rig.e, t->group, SIDE_CLIENT,
		parsed(HAND_SOCKET, words), &sock, &err) < 0)
		fail_msg("%s", err.text);
	return sock;
}

static void
ask(struct table *t, uint32_t sock, enum hand_verb verb, const char *words)
{
	struct err err = {""};

	if (hand_call(t->rig.e, t->group, sock, parsed(verb, words), &err) < 0)
		fail_msg("'%s': %s", words, err.text);
}

static const struct call *
find(const struct table *t, uint32_t sock, enum call_kind kind, size_t nth)
{
	for (size_t i = 0; i < t->rig.count; i++) {
		const struct call *c = &t->rig.calls[i];

		if (c->sock == sock && c->kind == kind &&
		    c->phase == CALL_DONE && nth-- == 0)
			return c;
	}
	return NULL;
}

/* The nth call of that kind on the socket, once it has ended. */
static const struct call *
done(struct table *t, uint32_t sock, enum call_kind kind, size_t nth)
{
	RIG_UNTIL(&t->rig, find(t, sock, kind, nth) != NULL);
	return find(t, sock, kind, nth);
}

static void
told(struct table *t, const char *text)
{
	RIG_UNTIL(&t->rig, rig_note(&t->rig, t->group, text) != NULL);
}

/* A listening socket, and the words that say where. Each socket is a thread of
 * its own, so a connect() could come before the listen() that is asked for. */
static uint32_t
listener(struct table *t, char where[ADDR_TEXT_MAX])
{
	uint32_t sock = make(t, "");

	ask(t, sock, HAND_BIND, "127.0.0.1:0");
	ask(t, sock, HAND_LISTEN, "2");
	addr_format(where, &done(t, sock, CALL_BIND, 0)->local);
	done(t, sock, CALL_LISTEN, 0);
	return sock;
}

static void
conversation__by_hand__from_socket_to_close(void **state)
{
	struct table t = table_new();
	char where[ADDR_TEXT_MAX];
	uint32_t l = listener(&t, where), c = make(&t, ""), conn;
	const struct call *got;

	(void)state;
	ask(&t, l, HAND_ACCEPT, "");
	ask(&t, c, HAND_CONNECT, where);
	ask(&t, c, HAND_SEND, "hello");
	ask(&t, c, HAND_SHUTDOWN, "wr");
	conn = (uint32_t)done(&t, l, CALL_ACCEPT, 0)->arg[0];
	told(&t, "a new socket"); /* by whom takes its orders */
	RIG_UNTIL(&t.rig, hand_call(t.rig.e, t.group, conn,
			      parsed(HAND_RECV, "3 -peek"), NULL) == 0);
	ask(&t, conn, HAND_RECV, "3");
	ask(&t, conn, HAND_RECV, "");
	ask(&t, conn, HAND_RECV, "");
	got = done(&t, conn, CALL_RECV, 0);
	assert_int_equal(got->result, 3);
	assert_true(got->peek);
	got = done(&t, conn, CALL_RECV, 1);
	assert_memory_equal(got->data, "hel", 3);
	got = done(&t, conn, CALL_RECV, 2);
	assert_memory_equal(got->data, "lo", 2);
	assert_int_equal(done(&t, conn, CALL_RECV, 3)->result, 0);
	ask(&t, c, HAND_SEND, "more");
	assert_int_equal(done(&t, c, CALL_SEND, 1)->error, EPIPE);
	told(&t, "This side has sent its FIN");
	ask(&t, conn, HAND_CLOSE, "");
	assert_int_equal(done(&t, conn, CALL_CLOSE, 0)->error, 0);
	RIG_UNTIL(&t.rig, hand_call(t.rig.e, t.group, conn,
			      parsed(HAND_RECV, ""), NULL) == -ESRCH);
	rig_free(&t.rig);
}

/* Calls in the wrong order: errno's name and the reason. */
static void
order__wrong__gets_the_reason_in_this_case(void **state)
{
	static const struct {
		const char *socket;
		struct {
			enum hand_verb verb;
			const char *words;
		} steps[4]; /* the last one fails; HAND_SOCKET: none */
		enum call_kind kind;
		int error;
		const char *reason;
	} all[] = {
	    {"", {{HAND_ACCEPT, ""}}, CALL_ACCEPT, EINVAL,
		"bind() and listen() come first"},
	    {"", {{HAND_BIND, "127.0.0.1:0"}, {HAND_ACCEPT, ""}}, CALL_ACCEPT,
		EINVAL, "does not listen: listen() comes first"},
	    {"", {{HAND_BIND, "127.0.0.1:0"}, {HAND_BIND, "127.0.0.1:0"}},
		CALL_BIND, EINVAL, "It is bound to 127.0.0.1:"},
	    {"dgram", {{HAND_LISTEN, ""}}, CALL_LISTEN, EOPNOTSUPP,
		"bind() is enough"},
	    {"dgram", {{HAND_ACCEPT, ""}}, CALL_ACCEPT, EOPNOTSUPP,
		"no connections to accept"},
	    {"dgram", {{HAND_SEND, "x"}}, CALL_SEND, EDESTADDRREQ, "Where to?"},
	    {"dgram", {{HAND_SENDTO, "127.255.255.255:7 x"}}, CALL_SENDTO,
		EACCES, "SO_BROADCAST"},
	    {"dgram", {{HAND_SENDTO, "127.0.0.1:7 #65508"}}, CALL_SENDTO,
		EMSGSIZE, "65,507"},
	    {"dgram", {{HAND_SETSOCKOPT, "TCP_NODELAY 1"}}, CALL_SETSOCKOPT,
		ENOPROTOOPT, "TCP_... belong to TCP"},
	    {"", {{HAND_SEND, "x"}}, CALL_SEND, EPIPE, "never connected"},
	    {"", {{HAND_RECV, ""}}, CALL_RECV, ENOTCONN,
		"connect() or accept() comes before data"},
	    {"", {{HAND_LISTEN, ""}, {HAND_RECV, ""}}, CALL_RECV, ENOTCONN,
		"It listens: data goes through"},
	    {"", {{HAND_SHUTDOWN, ""}}, CALL_SHUTDOWN, ENOTCONN,
		"this socket has none"},
	    {"", {{HAND_CONNECT, "[::1]:7"}}, CALL_CONNECT, EAFNOSUPPORT,
		"another family"},
	    {"unix", {{HAND_CONNECT, "/nonexistent/s"}}, CALL_CONNECT, ENOENT,
		"has not been started"},
	    {"dgram", {{HAND_RECV, "9 -dontwait"}}, CALL_RECV, EAGAIN,
		"told not to (MSG_DONTWAIT)"},
	    {"nonblock", {{HAND_LISTEN, ""}, {HAND_ACCEPT, ""}}, CALL_ACCEPT,
		EAGAIN, "non-blocking"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		struct table t = table_new();
		uint32_t sock = make(&t, all[i].socket);
		size_t nth = 0;

		for (size_t k = 0; k < 4; k++) {
			if (all[i].steps[k].words == NULL)
				break;
			ask(&t, sock, all[i].steps[k].verb,
			    all[i].steps[k].words);
			nth += k > 0 &&
			       all[i].steps[k].verb == all[i].steps[k - 1].verb;
		}
		if (done(&t, sock, all[i].kind, nth)->error != all[i].error)
			fail_msg("case %zu: %s", i,
			    err_name(done(&t, sock, all[i].kind, nth)->error));
		told(&t, all[i].reason);
		rig_free(&t.rig);
	}
}

static void
connect__a_second_time__is_refused_with_the_peer(void **state)
{
	struct table t = table_new();
	char where[ADDR_TEXT_MAX], reason[2 * ADDR_TEXT_MAX];
	uint32_t l = listener(&t, where), c = make(&t, "");

	(void)state;
	ask(&t, c, HAND_CONNECT, where);
	ask(&t, c, HAND_CONNECT, where);
	assert_int_equal(done(&t, c, CALL_CONNECT, 1)->error, EISCONN);
	snprintf(reason, sizeof reason, "It is connected to %s already", where);
	told(&t, reason);
	ask(&t, c, HAND_BIND, "127.0.0.1:0");
	told(&t, "bind() comes before connect()");
	ask(&t, c, HAND_LISTEN, "");
	told(&t, "a socket listens or is connected, never both");
	ask(&t, c, HAND_ACCEPT, "");
	told(&t, "This socket is a connection itself");
	ask(&t, l, HAND_CONNECT, where);
	told(&t, "a socket that takes connections cannot make one");
	rig_free(&t.rig);
}

static void
connect_ex__nobody_listens__returns_the_number(void **state)
{
	struct table t = table_new();
	struct addr dead = rig_dead_port();
	char where[ADDR_TEXT_MAX];
	uint32_t c = make(&t, "");

	(void)state;
	ask(&t, c, HAND_CONNECT_EX, addr_format(where, &dead));
	told(&t, "connect_ex() returns 111 (ECONNREFUSED)");
	rig_free(&t.rig);
}

static void
write__without_flush__sends_nothing(void **state)
{
	struct table t = table_new();
	char where[ADDR_TEXT_MAX];
	uint32_t c;

	(void)state;
	listener(&t, where);
	c = make(&t, "");
	ask(&t, c, HAND_CONNECT, where);
	ask(&t, c, HAND_WRITE, "hello");
	told(&t, "write() made no call: 5 bytes wait");
	assert_null(rig_find(&t.rig, t.group, CALL_SEND, CALL_DONE, 0));
	ask(&t, c, HAND_FLUSH, "");
	assert_int_equal(done(&t, c, CALL_SEND, 0)->result, 5);
	ask(&t, c, HAND_FLUSH, "");
	told(&t, "flush() makes no call");
	/* What does not fit any more pushes the buffer out. */
	ask(&t, c, HAND_WRITE, "#8192");
	ask(&t, c, HAND_WRITE, "x");
	assert_int_equal(done(&t, c, CALL_SEND, 1)->result, 8192);
	ask(&t, c, HAND_CLOSE, "");
	told(&t, "1 written bytes were never flushed");
	rig_free(&t.rig);
}

static void
sendall__is_the_loop_of_sends(void **state)
{
	struct table t = table_new();
	char where[ADDR_TEXT_MAX];
	uint32_t c;

	(void)state;
	listener(&t, where);
	c = make(&t, "");
	ask(&t, c, HAND_CONNECT, where);
	ask(&t, c, HAND_SENDALL, "#500");
	told(&t, "1 call for 500 bytes");
	assert_int_equal(done(&t, c, CALL_SEND, 0)->result, 500);
	/* Nobody reads: the buffers fill, and the time-out cuts the loop. */
	ask(&t, c, HAND_SETSOCKOPT, "SO_SNDTIMEO 0.05");
	ask(&t, c, HAND_SENDALL, "#30000000");
	told(&t, "of 30000000 bytes, and a program is not told how many");
	assert_true(done(&t, c, CALL_SEND, 1)->result < 30000000);
	rig_free(&t.rig);
}

static void
blocked__one_socket__leaves_the_others_free(void **state)
{
	struct table t = table_new();
	uint32_t a = make(&t, "dgram"), b = make(&t, "dgram");

	(void)state;
	ask(&t, a, HAND_RECV, "10");
	rig_wait(&t.rig, t.group, CALL_RECV, CALL_RUNNING, 0);
	ask(&t, b, HAND_GETSOCKOPT, "SO_TYPE");
	assert_int_equal(done(&t, b, CALL_GETSOCKOPT, 0)->arg[2], SOCK_DGRAM);
	ask(&t, b, HAND_RECV, "10");
	rig_wait(&t.rig, t.group, CALL_RECV, CALL_RUNNING, 1);
	engine_interrupt_one(t.rig.e, t.group, b);
	assert_int_equal(done(&t, b, CALL_RECV, 0)->error, EINTR);
	assert_null(rig_find(&t.rig, t.group, CALL_RECV, CALL_DONE, 1));
	ask(&t, b, HAND_CLOSE, "");
	assert_int_equal(done(&t, b, CALL_CLOSE, 0)->error, 0);
	rig_free(&t.rig);
}

static void
unix__datagram__by_path_name(void **state)
{
	struct table t = table_new();
	char name[64], words[80];
	uint32_t a = make(&t, "unix dgram"), b = make(&t, "unix dgram");

	(void)state;
	snprintf(name, sizeof name, "@hand-test-%d", (int)getpid());
	ask(&t, a, HAND_BIND, name);
	assert_int_equal(done(&t, a, CALL_BIND, 0)->error, 0);
	snprintf(words, sizeof words, "%s hi", name);
	ask(&t, b, HAND_SENDTO, words);
	ask(&t, a, HAND_RECVFROM, "1");
	assert_int_equal(done(&t, a, CALL_RECVFROM, 0)->arg[1], 2); /* cut */
	rig_free(&t.rig);
}

static void
getaddrinfo__is_a_call_with_its_answer(void **state)
{
	struct table t = table_new();

	(void)state;
	assert_int_equal(hand_getaddrinfo(t.rig.e, t.group, SIDE_CLIENT,
			     parsed(HAND_GETADDRINFO, "127.0.0.1:80"), NULL),
	    0);
	told(&t, "getaddrinfo() returned AF_INET 127.0.0.1:80");
	assert_true(
	    rig_wait(&t.rig, t.group, CALL_GETADDRINFO, CALL_DONE, 0)->result >
	    0);
	rig_free(&t.rig);
}

static void
stop__with_sockets_open__closes_them_all(void **state)
{
	struct table t = table_new();
	uint32_t a = make(&t, "dgram"), b = make(&t, "");

	(void)state;
	ask(&t, a, HAND_RECV, "10");
	rig_wait(&t.rig, t.group, CALL_RECV, CALL_RUNNING, 0);
	done(&t, b, CALL_SOCKET, 0);
	engine_stop(t.rig.e, t.group);
	RIG_UNTIL(&t.rig, engine_alive(t.rig.e, t.group) == 0);
	assert_int_equal(done(&t, a, CALL_CLOSE, 0)->error, 0);
	assert_int_equal(done(&t, b, CALL_CLOSE, 0)->error, 0);
	rig_free(&t.rig);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(parse__socket__takes_words_and_constants),
	    cmocka_unit_test(parse__data__is_text_a_pattern_or_a_ping),
	    cmocka_unit_test(parse__addresses__of_every_family),
	    cmocka_unit_test(parse__options__by_name),
	    cmocka_unit_test(parse__wrong__is_refused),
	    cmocka_unit_test(conversation__by_hand__from_socket_to_close),
	    cmocka_unit_test(order__wrong__gets_the_reason_in_this_case),
	    cmocka_unit_test(connect__a_second_time__is_refused_with_the_peer),
	    cmocka_unit_test(connect_ex__nobody_listens__returns_the_number),
	    cmocka_unit_test(write__without_flush__sends_nothing),
	    cmocka_unit_test(sendall__is_the_loop_of_sends),
	    cmocka_unit_test(blocked__one_socket__leaves_the_others_free),
	    cmocka_unit_test(unix__datagram__by_path_name),
	    cmocka_unit_test(getaddrinfo__is_a_call_with_its_answer),
	    cmocka_unit_test(stop__with_sockets_open__closes_them_all),
	};

	return cmocka_run_group_tests_name("hand", tests, NULL, NULL);
}
