/*
 * Every server model over every transport, with our own client at the other
 * end; and what is special to each.
 */
#include "tests/unit/net/rig.h"

#define CROWD 200

static uint32_t
start(struct rig *r, const char *service, enum server_model model,
    const char *transport, const char *address)
{
	const char *words[] = {service, transport, address,
	    server_model_name(model), "backlog=4096"};
	struct server_spec spec = server_spec_default();
	struct err err = {""};
	uint32_t group = 0;

	if (server_spec_parse(&spec, words, 5, &err) < 0 ||
	    server_start(r->e, &spec, &group, &err) < 0)
		fail_msg("%s", err.text);
	return group;
}

/* Where a server is to be reached. */
static struct addr
address_of(struct rig *r, uint32_t group, enum transport t)
{
	if (transport_socktype(t) == SOCK_STREAM)
		rig_wait(r, group, CALL_LISTEN, CALL_DONE, 0);
	return rig_wait(r, group, CALL_BIND, CALL_DONE, 0)->local;
}

static uint32_t
dial(struct rig *r, enum transport t, const struct addr *to, bool connected)
{
	struct client_spec spec = {
	    .endpoint = {.transport = t, .addr = *to}, .connected = connected};
	uint32_t group;

	assert_int_equal(client_start(r->e, &spec, &group, NULL), 0);
	return group;
}

static void
echo__every_model_and_transport__comes_back(void **state)
{
	static const struct {
		enum transport t;
		const char *name, *address;
	} over[] = {
	    {TRANSPORT_TCP, "tcp", "127.0.0.1:0"},
	    {TRANSPORT_TCP, "tcp", "[::1]:0"},
	    {TRANSPORT_UDP, "udp", "127.0.0.1:0"},
	    {TRANSPORT_UDP, "udp", "[::1]:0"},
	    {TRANSPORT_UNIX, "unix", "@sockdeck-models-test"},
	    {TRANSPORT_UNIXGRAM, "unixgram", "@sockdeck-models-test"},
	};

	(void)state;
	for (size_t i = 0; i < 2 * MODEL_COUNT * sizeof over / sizeof *over;
	     i++) {
		size_t o = i / (2 * MODEL_COUNT);
		bool connected = i / MODEL_COUNT % 2;
		bool stream = transport_socktype(over[o].t) == SOCK_STREAM;
		enum call_kind kind =
		    stream || connected ? CALL_RECV : CALL_RECVFROM;
		struct rig r = rig_new();
		uint32_t server =
		    start(&r, "echo", (enum server_model)(i % MODEL_COUNT),
			over[o].name, over[o].address);
		struct addr at = address_of(&r, server, over[o].t);
		uint32_t client = dial(&r, over[o].t, &at, connected);
		const struct call *c;

		rig_send(&r, client, "hello");
		c = rig_wait(&r, client, kind, CALL_DONE, 0);
		assert_int_equal(c->error, 0);
		assert_int_equal(c->result, 5);
		assert_memory_equal(c->data, "hello", 5);
		rig_free(&r);
	}
}

static void
event__calls__are_in_textbook_order(void **state)
{
	static const enum call_kind order[] = {CALL_SOCKET, CALL_SETSOCKOPT,
	    CALL_BIND, CALL_LISTEN, CALL_EPOLL_CREATE, CALL_EPOLL_CTL};
	struct rig r = rig_new();
	uint32_t g = start(&r, "echo", MODEL_EVENT, "tcp", "127.0.0.1:0");
	uint32_t last = 0;

	(void)state;
	address_of(&r, g, TRANSPORT_TCP);
	for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
		const struct call *c = rig_wait(&r, g, order[i], CALL_DONE, 0);

		assert_true(c->id > last);
		last = c->id;
	}
	assert_true(
	    rig_wait(&r, g, CALL_EPOLL_WAIT, CALL_RUNNING, 0)->id > last);
	rig_free(&r);
}

static void
event__crowd__is_answered_by_one_thread(void **state)
{
	struct rig r = rig_new();
	uint32_t g = start(&r, "echo", MODEL_EVENT, "tcp", "127.0.0.1:0");
	struct addr at = address_of(&r, g, TRANSPORT_TCP);
	int fds[CROWD];

	(void)state;
	for (int i = 0; i < CROWD; i++)
		fds[i] = rig_dial(&at);
	for (int i = CROWD - 1; i >= 0; i--)
		rig_assert_echo(fds[i], "me too");
	assert_int_equal(engine_alive(r.e, g), 1);
	for (int i = 0; i < CROWD; i++)
		close(fds[i]);
	rig_wait(&r, g, CALL_CLOSE, CALL_DONE, CROWD - 1);
	rig_free(&r);
}

/* Its answers fill the socket's buffers and then wait; others are served. */
static void
event__client_that_does_not_read__does_not_stop_another(void **state)
{
	struct rig r = rig_new();
	uint32_t g = start(&r, "chargen", MODEL_EVENT, "tcp", "127.0.0.1:0");
	struct addr at = address_of(&r, g, TRANSPORT_TCP);
	int deaf = rig_dial(&at), other;
	char line[75] = "";

	(void)state;
	rig_wait(&r, g, CALL_SEND, CALL_DONE, 100);
	other = rig_dial(&at);
	assert_int_equal(recv(other, line, 74, MSG_WAITALL), 74);
	assert_memory_equal(line + 72, "\r\n", 2);
	close(other);
	close(deaf);
	rig_free(&r);
}

static void
limit__reached__turns_the_next_client_away(void **state)
{
	(void)state;
	for (int m = MODEL_THREADED; m < MODEL_COUNT; m++) {
		const char *words[] = {"echo", "tcp", "127.0.0.1:0",
		    server_model_name((enum server_model)m), "clients=1"};
		struct server_spec spec = server_spec_default();
		struct rig r = rig_new();
		struct addr at;
		uint32_t g;
		char c;
		int first, second;

		assert_int_equal(server_spec_parse(&spec, words, 5, NULL), 0);
		assert_int_equal(server_start(r.e, &spec, &g, NULL), 0);
		at = address_of(&r, g, TRANSPORT_TCP);
		first = rig_dial(&at);
		rig_assert_echo(first, "x");
		second = rig_dial(&at);
		assert_int_equal(recv(second, &c, 1, 0), 0);
		RIG_UNTIL(&r, rig_note(&r, g, "limit of 1 client") != NULL);
		close(second);
		close(first);
		rig_free(&r);
	}
}

static void
udp__datagram_larger_than_the_room__is_seen_to_be_cut(void **state)
{
	const char *words[] = {"echo", "udp", "127.0.0.1:0", "recv=4"};
	struct server_spec spec = server_spec_default();
	struct rig r = rig_new();
	const struct call *c;
	struct addr at;
	char text[CALLFMT_MAX];
	uint32_t g, client;

	(void)state;
	assert_int_equal(server_spec_parse(&spec, words, 4, NULL), 0);
	assert_int_equal(server_start(r.e, &spec, &g, NULL), 0);
	at = address_of(&r, g, TRANSPORT_UDP);
	client = dial(&r, TRANSPORT_UDP, &at, false);
	rig_send(&r, client, "0123456789");
	c = rig_wait(&r, g, CALL_RECVFROM, CALL_DONE, 0);
	assert_int_equal(c->result, 4);
	assert_non_null(strstr(callfmt(text, c), "6 bytes are gone"));
	c = rig_wait(&r, client, CALL_RECVFROM, CALL_DONE, 0);
	assert_int_equal(c->result, 4);
	assert_memory_equal(c->data, "0123", 4);
	rig_free(&r);
}

static void
udp__nobody_there__the_icmp_behind_it_is_shown(void **state)
{
	struct rig r = rig_new();
	struct addr at = rig_dead_port();
	const struct call *c;

	(void)state;
	for (int connected = 0; connected < 2; connected++) {
		uint32_t g = dial(&r, TRANSPORT_UDP, &at, connected == 1);

		rig_send(&r, g, "anyone?");
		c = rig_wait(
		    &r, g, connected ? CALL_RECV : CALL_RECVFROM, CALL_DONE, 0);
		assert_int_equal(c->error, ECONNREFUSED);
		RIG_UNTIL(&r, rig_note(&r, g, "ICMP port") != NULL);
		c = rig_wait(&r, g, CALL_RECVMSG, CALL_DONE, 0);
		assert_int_equal(c->arg[1], 3);
		assert_int_equal(c->arg[2], 3);
		assert_memory_equal(c->data, "anyone?", 7);
	}
	rig_free(&r);
}

static size_t
count_notes(const struct rig *r, uint32_t group, const char *text)
{
	const struct call *c;
	size_t n = 0;

	for (size_t i = 0;
	     (c = rig_find(r, group, CALL_NOTE, CALL_DONE, i)) != NULL; i++)
		n += memmem(c->data, c->data_len, text, strlen(text)) != NULL;
	return n;
}

static void
timeout__nothing_comes__ends_recv_until_the_next_send(void **state)
{
	struct rig r = rig_new();
	uint32_t sink =
	    start(&r, "sink", MODEL_ITERATIVE, "udp", "127.0.0.1:0");
	struct addr silent = address_of(&r, sink, TRANSPORT_UDP);
	uint32_t g = dial(&r, TRANSPORT_UDP, &silent, true);
	struct order o = {.kind = ORDER_TIMEOUT, .every_ns = 50 * CLOCK_MS};

	(void)state;
	assert_int_equal(rig_order(&r, g, o), 0);
	RIG_UNTIL(&r, rig_note(&r, g, "Timed out") != NULL);
	rig_send(&r, g, "again");
	RIG_UNTIL(&r, count_notes(&r, g, "Timed out") == 2);
	rig_free(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(echo__every_model_and_transport__comes_back),
	    cmocka_unit_test(event__calls__are_in_textbook_order),
	    cmocka_unit_test(event__crowd__is_answered_by_one_thread),
	    cmocka_unit_test(
		event__client_that_does_not_read__does_not_stop_another),
	    cmocka_unit_test(limit__reached__turns_the_next_client_away),
	    cmocka_unit_test(
		udp__datagram_larger_than_the_room__is_seen_to_be_cut),
	    cmocka_unit_test(udp__nobody_there__the_icmp_behind_it_is_shown),
	    cmocka_unit_test(
		timeout__nothing_comes__ends_recv_until_the_next_send),
	};

	return cmocka_run_group_tests_name("models", tests, NULL, NULL);
}
