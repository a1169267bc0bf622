/*
 * A server with many clients: who is there, sending one away, and clients that
 * misbehave.
 */
#include "tests/unit/net/rig.h"

#include <sys/resource.h>

#include "net/roster.h"

static uint32_t
start(struct rig *r, enum server_model model, const char *setting,
    struct addr *ret)
{
	const char *words[] = {
	    "echo", "tcp", "127.0.0.1:0", server_model_name(model), setting};
	struct server_spec spec = server_spec_default();
	struct err err = {""};
	uint32_t g = 0;

	if (server_spec_parse(&spec, words, setting != NULL ? 5 : 4, &err) <
		0 ||
	    server_start(r->e, &spec, &g, &err) < 0)
		fail_msg("%s", err.text);
	rig_wait(r, g, CALL_LISTEN, CALL_DONE, 0);
	*ret = rig_wait(r, g, CALL_BIND, CALL_DONE, 0)->local;
	return g;
}

/* A connection that is thrown away: RST. */
static void
reset(int fd)
{
	struct linger now = {.l_onoff = 1};

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
	close(fd);
}

/* ---- the roster ---- */

static struct addr
host(uint16_t port)
{
	const uint8_t ip[] = {10, 0, 0, 1};

	return addr_from_ip(AF_INET, ip, port);
}

static void
feed(struct roster *r, struct call c)
{
	static uint32_t id;

	c.id = ++id;
	c.phase = CALL_DONE;
	c.end_ns = (int64_t)id;
	roster_feed(r, &c);
}

static void
roster__connection__is_counted_from_accept_to_close(void **state)
{
	struct roster *r = roster_new();
	struct call recv = {.kind = CALL_RECV,
	    .sock = 5,
	    .result = 3,
	    .asked = 9,
	    .peer = host(7),
	    .data = "abc",
	    .data_len = 3};
	const struct roster_row *k;

	(void)state;
	feed(r, (struct call){.kind = CALL_ACCEPT,
		    .group = 2,
		    .sock = 1,
		    .arg = {5},
		    .peer = host(7)});
	feed(r, recv);
	feed(r, recv);
	feed(r,
	    (struct call){
		.kind = CALL_SEND, .sock = 5, .result = 100, .peer = host(7)});
	k = roster_get(r, roster_next(r, 0));
	assert_non_null(k);
	assert_ptr_equal(k, roster_of_sock(r, 5));
	assert_int_equal(roster_of_call(r, &recv), k->id);
	assert_int_equal(k->received, 6);
	assert_int_equal(k->messages_in, 2);
	assert_int_equal(k->sent, 100);
	assert_false(k->said_by_server);
	assert_int_equal(k->said_total, 3);
	assert_memory_equal(k->said, "abc", 3);
	assert_int_equal(roster_here(r, 2), 1);
	recv.result = recv.data_len = 0;
	feed(r, recv);
	assert_true(k->finished);
	assert_int_equal(k->messages_in, 2);
	feed(r, (struct call){.kind = CALL_CLOSE, .sock = 5});
	assert_int_equal(roster_here(r, 2), 0);
	assert_int_equal(roster_next(r, k->id), 0);
	roster_free(r);
}

static void
roster__datagrams__each_peer_is_a_client(void **state)
{
	struct roster *r = roster_new();

	(void)state;
	for (uint16_t port = 1; port <= 3; port++)
		for (int i = 0; i < port; i++)
			feed(r, (struct call){.kind = CALL_RECVFROM,
				    .sock = 1,
				    .result = 10,
				    .peer = host(port)});
	for (uint32_t id = 1; id <= 3; id++) {
		assert_int_equal(addr_port(&roster_get(r, id)->peer), id);
		assert_int_equal(roster_get(r, id)->received, 10 * id);
	}
	assert_int_equal(roster_prev(r, 0), 3);
	assert_int_equal(roster_prev(r, 3), 2);
	assert_int_equal(roster_prev(r, 1), 0);
	roster_free(r);
}

/* Thousands come and go; who was there before them is still there. */
static void
roster__full__who_stays_outlives_who_leaves(void **state)
{
	struct roster *r = roster_new();

	(void)state;
	for (int i = 1; i <= 2 * ROSTER_MAX; i++) {
		feed(r, (struct call){
			    .kind = CALL_ACCEPT, .arg = {i}, .peer = host(1)});
		if (i > 10)
			feed(r, (struct call){
				    .kind = CALL_CLOSE, .sock = (uint32_t)i});
	}
	for (uint32_t i = 1; i <= 10; i++)
		assert_non_null(roster_of_sock(r, i));
	assert_null(roster_of_sock(r, 11));
	assert_non_null(roster_of_sock(r, 2 * ROSTER_MAX));
	assert_int_equal(roster_next(r, 10), ROSTER_MAX + 11);
	assert_int_equal(roster_next(r, 11), ROSTER_MAX + 11);
	assert_int_equal(roster_prev(r, ROSTER_MAX + 11), 10);
	roster_free(r);
}

/* ---- sending one away ---- */

static int
kick(struct rig *r, uint32_t group, uint32_t sock)
{
	struct call c = {.group = group, .side = SIDE_SERVER, .sock = sock};

	return engine_shutdown(r->e, &c);
}

static void
kick__every_model__ends_that_client_alone(void **state)
{
	(void)state;
	for (int m = 0; m < MODEL_COUNT; m++) {
		struct rig r = rig_new();
		struct addr at;
		uint32_t g = start(&r, (enum server_model)m, NULL, &at);
		int one = rig_dial(&at), two;
		uint32_t sock;
		char c;

		rig_assert_echo(one, "one");
		two = rig_dial(&at);
		sock = (uint32_t)rig_wait(&r, g, CALL_ACCEPT, CALL_DONE, 0)
			   ->arg[0];
		assert_int_equal(kick(&r, g, sock), 0);
		assert_int_equal(recv(one, &c, 1, 0), 0);
		rig_wait(&r, g, CALL_SHUTDOWN, CALL_DONE, 0);
		rig_wait(&r, g, CALL_CLOSE, CALL_DONE, 0);
		assert_int_equal(kick(&r, g, sock), -ESRCH);
		rig_assert_echo(two, "two");
		close(one);
		close(two);
		rig_free(&r);
	}
}

/* ---- clients that misbehave ---- */

static void
idle__every_model__closes_with_the_limits_name(void **state)
{
	(void)state;
	for (int m = 0; m < MODEL_COUNT; m++) {
		struct rig r = rig_new();
		struct addr at;
		uint32_t g = start(&r, (enum server_model)m, "idle=1", &at);
		int fd = rig_dial(&at);
		char c;

		rig_assert_echo(fd, "awake");
		RIG_UNTIL(&r, rig_note(&r, g, "idle limit of 1 s") != NULL);
		assert_int_equal(recv(fd, &c, 1, 0), 0);
		close(fd);
		fd = rig_dial(&at);
		rig_assert_echo(fd, "next");
		close(fd);
		rig_free(&r);
	}
}

static void
reset__in_the_middle__every_model_goes_on(void **state)
{
	(void)state;
	for (int m = 0; m < MODEL_COUNT; m++) {
		struct rig r = rig_new();
		struct addr at;
		uint32_t g = start(&r, (enum server_model)m, NULL, &at);
		int fd;

		for (int i = 0; i < 20; i++) {
			fd = rig_dial(&at);
			send(fd, "half a mess", 11, MSG_NOSIGNAL);
			reset(fd);
		}
		rig_wait(&r, g, CALL_CLOSE, CALL_DONE, 19);
		fd = rig_dial(&at);
		rig_assert_echo(fd, "still there");
		close(fd);
		rig_free(&r);
	}
}

/* The event model rests its listener; the clients it has are served on. */
static void
descriptors__exhausted__event_serves_on_and_recovers(void **state)
{
	struct rig r = rig_new();
	struct rlimit files, few;
	struct addr at;
	uint32_t g = start(&r, MODEL_EVENT, NULL, &at);
	int first = rig_dial(&at), waiting, lowest;

	(void)state;
	rig_assert_echo(first, "in");
	waiting = socket(AF_INET, SOCK_STREAM, 0);
	lowest = dup(first);
	close(lowest);
	getrlimit(RLIMIT_NOFILE, &files);
	few = files;
	few.rlim_cur = (rlim_t)lowest;
	setrlimit(RLIMIT_NOFILE, &few);
	assert_int_equal(connect(waiting, &at.sa, at.len), 0);
	RIG_UNTIL(&r, rig_note(&r, g, "descriptor") != NULL);
	rig_assert_echo(first, "served on");
	setrlimit(RLIMIT_NOFILE, &files);
	rig_assert_echo(waiting, "taken in at last");
	close(first);
	close(waiting);
	rig_free(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		roster__connection__is_counted_from_accept_to_close),
	    cmocka_unit_test(roster__datagrams__each_peer_is_a_client),
	    cmocka_unit_test(roster__full__who_stays_outlives_who_leaves),
	    cmocka_unit_test(kick__every_model__ends_that_client_alone),
	    cmocka_unit_test(idle__every_model__closes_with_the_limits_name),
	    cmocka_unit_test(reset__in_the_middle__every_model_goes_on),
	    cmocka_unit_test(
		descriptors__exhausted__event_serves_on_and_recovers),
	};

	return cmocka_run_group_tests_name("class", tests, NULL, NULL);
}
