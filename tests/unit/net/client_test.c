#include "net/client.h"

#include "net/talk.h"
#include "tests/unit/net/rig.h"

#include <fcntl.h>
#include <sys/un.h>

static int
rig_accept(int listener)
{
	struct timeval limit = {.tv_sec = RIG_DEADLINE_NS / CLOCK_S};
	int fd = accept(listener, NULL, NULL);

	assert_true(fd >= 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	return fd;
}

struct dialogue {
	struct rig rig;
	uint32_t group;
	int listener, peer;
};

static struct dialogue
dialogue_start(void)
{
	struct dialogue d = {.rig = rig_new()};
	struct addr at;

	d.listener = rig_listen(&at);
	d.group = rig_client(&d.rig, &at);
	d.peer = rig_accept(d.listener);
	rig_wait(&d.rig, d.group, CALL_RECV, CALL_RUNNING, 0);
	return d;
}

static void
dialogue_end(struct dialogue *d)
{
	close(d->peer);
	close(d->listener);
	rig_free(&d->rig);
}

static void
send__order__reaches_the_peer_and_is_recorded(void **state)
{
	struct dialogue d = dialogue_start();
	const struct call *c;
	char got[8] = {0};

	(void)state;
	c = rig_wait(&d.rig, d.group, CALL_CONNECT, CALL_DONE, 0);
	assert_int_equal(c->error, 0);
	assert_int_not_equal(addr_port(&c->local), 0);
	rig_send(&d.rig, d.group, "ab");
	rig_send(&d.rig, d.group, "cde");
	assert_int_equal(recv(d.peer, got, 5, MSG_WAITALL), 5);
	assert_string_equal(got, "abcde");
	c = rig_wait(&d.rig, d.group, CALL_SEND, CALL_DONE, 1);
	assert_int_equal(c->stream_off, 2);
	assert_int_equal(c->result, 3);
	dialogue_end(&d);
}

static void
recv__bytes__are_recorded_and_told(void **state)
{
	struct dialogue d = dialogue_start();
	const struct call *c;

	(void)state;
	assert_int_equal(send(d.peer, "welcome", 7, 0), 7);
	c = rig_wait(&d.rig, d.group, CALL_RECV, CALL_DONE, 0);
	assert_int_equal(c->data_len, 7);
	assert_memory_equal(c->data, "welcome", 7);
	dialogue_end(&d);
}

static void
peer_closes__session__stays_open_until_closed(void **state)
{
	struct dialogue d = dialogue_start();
	char byte;

	(void)state;
	shutdown(d.peer, SHUT_WR);
	assert_int_equal(
	    rig_wait(&d.rig, d.group, CALL_RECV, CALL_DONE, 0)->result, 0);
	rig_send(&d.rig, d.group, "x");
	assert_int_equal(recv(d.peer, &byte, 1, MSG_WAITALL), 1);
	assert_int_equal(engine_alive(d.rig.e, d.group) > 0, 1);
	assert_null(rig_find(&d.rig, d.group, CALL_CLOSE, CALL_DONE, 0));
	rig_order(&d.rig, d.group, (struct order){.kind = ORDER_CLOSE});
	assert_int_equal(recv(d.peer, &byte, 1, 0), 0);
	RIG_UNTIL(&d.rig, engine_alive(d.rig.e, d.group) == 0);
	dialogue_end(&d);
}

static void
close__under_a_blocked_recv__sends_the_fin(void **state)
{
	struct dialogue d = dialogue_start();
	int64_t recv_ns, close_ns;
	char byte;

	(void)state;
	rig_order(&d.rig, d.group, (struct order){.kind = ORDER_CLOSE});
	assert_int_equal(recv(d.peer, &byte, 1, 0), 0);
	close_ns =
	    rig_wait(&d.rig, d.group, CALL_CLOSE, CALL_DONE, 0)->begin_ns;
	recv_ns = rig_wait(&d.rig, d.group, CALL_RECV, CALL_DONE, 0)->end_ns;
	assert_true(recv_ns <= close_ns);
	RIG_UNTIL(&d.rig, engine_alive(d.rig.e, d.group) == 0);
	dialogue_end(&d);
}

static void
shutdown__order__half_closes(void **state)
{
	struct dialogue d = dialogue_start();
	char byte;

	(void)state;
	rig_order(&d.rig, d.group,
	    (struct order){.kind = ORDER_SHUTDOWN, .how = SHUT_WR});
	assert_int_equal(recv(d.peer, &byte, 1, 0), 0);
	assert_int_equal(send(d.peer, "late", 4, 0), 4);
	rig_wait(&d.rig, d.group, CALL_RECV, CALL_DONE, 0);
	rig_send(&d.rig, d.group, "too late");
	RIG_UNTIL(&d.rig,
	    rig_note(&d.rig, d.group, "This side has sent its FIN") != NULL);
	dialogue_end(&d);
}

static void
repeat__count_and_size__sends_that_many_bytes(void **state)
{
	struct dialogue d = dialogue_start();
	char got[60], *line;

	(void)state;
	rig_order(&d.rig, d.group,
	    (struct order){.kind = ORDER_TALK,
		.talker = &talk_repeat,
		.count = 3,
		.size = 20,
		.every_ns = CLOCK_MS});
	assert_int_equal(recv(d.peer, got, 60, MSG_WAITALL), 60);
	line = got + 40;
	assert_memory_equal(line, "message 3 abcdefghi\n", 20);
	rig_wait(&d.rig, d.group, CALL_SEND, CALL_DONE, 2);
	assert_null(rig_find(&d.rig, d.group, CALL_SEND, CALL_DONE, 3));
	dialogue_end(&d);
}

static void
repeat__interrupted__ends_and_orders_go_on(void **state)
{
	struct dialogue d = dialogue_start();
	char byte;

	(void)state;
	rig_order(&d.rig, d.group,
	    (struct order){.kind = ORDER_TALK,
		.talker = &talk_repeat,
		.count = 1000,
		.size = 1,
		.every_ns = 3600 * CLOCK_S});
	assert_int_equal(recv(d.peer, &byte, 1, MSG_WAITALL), 1);
	rig_wait(&d.rig, d.group, CALL_SEND, CALL_DONE, 0);
	engine_interrupt(d.rig.e, d.group);
	RIG_UNTIL(
	    &d.rig, rig_note(&d.rig, d.group,
			"Repeating was interrupted after 1 of 1000") != NULL);
	rig_send(&d.rig, d.group, "x");
	assert_int_equal(recv(d.peer, &byte, 1, MSG_WAITALL), 1);
	assert_int_equal(byte, 'x');
	dialogue_end(&d);
}

static void
repeat__endless__still_obeys_close(void **state)
{
	struct dialogue d = dialogue_start();

	(void)state;
	rig_order(&d.rig, d.group,
	    (struct order){.kind = ORDER_TALK,
		.talker = &talk_repeat,
		.count = UINT32_MAX,
		.size = 1,
		.every_ns = 3600 * CLOCK_S});
	rig_wait(&d.rig, d.group, CALL_SEND, CALL_DONE, 0);
	rig_order(&d.rig, d.group, (struct order){.kind = ORDER_CLOSE});
	RIG_UNTIL(&d.rig, engine_alive(d.rig.e, d.group) == 0);
	dialogue_end(&d);
}

static void
send_file__larger_than_a_piece__arrives_whole(void **state)
{
	struct dialogue d = dialogue_start();
	enum { SIZE = 150000 };
	char path[] = "/tmp/sockdeck-file-XXXXXX";
	uint8_t *data = malloc(SIZE), *got = malloc(SIZE);
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0 && data != NULL && got != NULL);
	for (int i = 0; i < SIZE; i++)
		data[i] = (uint8_t)(i * 31 >> 3);
	assert_int_equal(write(fd, data, SIZE), SIZE);
	close(fd);
	rig_order(&d.rig, d.group,
	    (struct order){.kind = ORDER_SEND_FILE,
		.data = (uint8_t *)strdup(path),
		.data_len = sizeof path});
	assert_int_equal(recv(d.peer, got, SIZE, MSG_WAITALL), SIZE);
	assert_memory_equal(data, got, SIZE);
	unlink(path);
	rig_order(&d.rig, d.group,
	    (struct order){.kind = ORDER_SEND_FILE,
		.data = (uint8_t *)strdup(path),
		.data_len = sizeof path});
	RIG_UNTIL(
	    &d.rig, rig_note(&d.rig, d.group, "cannot be opened") != NULL);
	free(data);
	free(got);
	dialogue_end(&d);
}

static void
connect__refused__is_explained_and_ends_the_session(void **state)
{
	struct rig r = rig_new();
	struct addr dead = rig_dead_port();
	uint32_t g = rig_client(&r, &dead);
	char text[ADDR_TEXT_MAX], want[ADDR_TEXT_MAX + 40];

	(void)state;
	RIG_UNTIL(&r, engine_alive(r.e, g) == 0);
	rig_pump(&r);
	assert_int_equal(
	    rig_wait(&r, g, CALL_CONNECT, CALL_DONE, 0)->error, ECONNREFUSED);
	snprintf(want, sizeof want, "An RST came back: nothing listens on %s",
	    addr_format(text, &dead));
	assert_non_null(rig_note(&r, g, want));
	assert_non_null(rig_find(&r, g, CALL_CLOSE, CALL_DONE, 0));
	rig_free(&r);
}

static void
connect__interrupted__goes_on_in_the_kernel(void **state)
{
	struct rig r = rig_new();
	struct addr at;
	int listener = rig_listen(&at), full[2], peer;
	uint32_t g;
	char byte;

	(void)state;
	/* Fill the accept queue, so that the handshake hangs. */
	listen(listener, 0);
	full[0] = rig_dial(&at);
	full[1] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	(void)connect(full[1], &at.sa, at.len);
	g = rig_client(&r, &at);
	rig_wait(&r, g, CALL_CONNECT, CALL_RUNNING, 0);
	for (int i = 0; i < 3; i++)
		rig_pump(&r);
	engine_interrupt(r.e, g);
	assert_int_equal(
	    rig_wait(&r, g, CALL_CONNECT, CALL_DONE, 0)->error, EINTR);
	RIG_UNTIL(&r, rig_note(&r, g, "goes on in the kernel") != NULL);
	/* Room again: the next order waits for the handshake's end. */
	listen(listener, 5);
	close(rig_accept(listener));
	rig_send(&r, g, "x");
	assert_int_equal(rig_wait(&r, g, CALL_CONNECT, CALL_DONE, 1)->error, 0);
	close(full[0]);
	close(full[1]);
	do { /* the accept queue has full[1] too, if its SYN was repeated */
		peer = rig_accept(listener);
	} while (recv(peer, &byte, 1, 0) != 1);
	assert_int_equal(byte, 'x');
	close(peer);
	close(listener);
	rig_free(&r);
}

static void
send__after_reset__is_explained(void **state)
{
	struct dialogue d = dialogue_start();
	struct linger now = {.l_onoff = 1};

	(void)state;
	setsockopt(d.peer, SOL_SOCKET, SO_LINGER, &now, sizeof now);
	close(d.peer);
	d.peer = -1;
	assert_int_equal(
	    rig_wait(&d.rig, d.group, CALL_RECV, CALL_DONE, 0)->error,
	    ECONNRESET);
	RIG_UNTIL(&d.rig, rig_note(&d.rig, d.group, "An RST came") != NULL);
	rig_send(&d.rig, d.group, "x");
	assert_int_equal(
	    rig_wait(&d.rig, d.group, CALL_SEND, CALL_DONE, 0)->error, EPIPE);
	RIG_UNTIL(&d.rig,
	    rig_note(&d.rig, d.group, "SIGPIPE would have killed") != NULL);
	dialogue_end(&d);
}

static void
send__interrupted_half_way__is_recorded_as_partial(void **state)
{
	struct dialogue d = dialogue_start();
	enum { SIZE = 32 * 1024 * 1024 }; /* more than any socket buffer */
	struct order o = {
	    .kind = ORDER_SEND, .data = calloc(1, SIZE), .data_len = SIZE};
	const struct call *c;

	(void)state;
	assert_non_null(o.data);
	assert_int_equal(engine_order(d.rig.e, d.group, &o), 0);
	rig_wait(&d.rig, d.group, CALL_SEND, CALL_RUNNING, 0);
	for (int i = 0; i < 5; i++)
		rig_pump(&d.rig);
	engine_interrupt(d.rig.e, d.group);
	c = rig_wait(&d.rig, d.group, CALL_SEND, CALL_DONE, 0);
	assert_true(c->error == EINTR || (uint64_t)c->result < c->asked);
	assert_int_equal(c->asked, SIZE);
	/* One interrupt ends the whole order: no second send() blocks. */
	RIG_UNTIL(&d.rig, rig_note(&d.rig, d.group, "interrupted") != NULL);
	assert_null(rig_find(&d.rig, d.group, CALL_SEND, CALL_RUNNING, 1));
	dialogue_end(&d);
}

static void
name__localhost__is_resolved_by_a_traced_call(void **state)
{
	struct rig r = rig_new();
	struct addr at;
	int listener = rig_listen(&at);
	struct client_spec spec = {.endpoint = {.host = "localhost"}};
	const struct call *c;
	uint32_t g;

	(void)state;
	spec.endpoint.port = addr_port(&at);
	assert_int_equal(client_start(r.e, &spec, &g, NULL), 0);
	close(rig_accept(listener));
	c = rig_wait(&r, g, CALL_GETADDRINFO, CALL_DONE, 0);
	assert_int_equal(c->error, 0);
	assert_true(c->result >= 1);
	rig_free(&r);
	close(listener);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(send__order__reaches_the_peer_and_is_recorded),
	    cmocka_unit_test(recv__bytes__are_recorded_and_told),
	    cmocka_unit_test(peer_closes__session__stays_open_until_closed),
	    cmocka_unit_test(close__under_a_blocked_recv__sends_the_fin),
	    cmocka_unit_test(shutdown__order__half_closes),
	    cmocka_unit_test(repeat__count_and_size__sends_that_many_bytes),
	    cmocka_unit_test(repeat__interrupted__ends_and_orders_go_on),
	    cmocka_unit_test(repeat__endless__still_obeys_close),
	    cmocka_unit_test(send_file__larger_than_a_piece__arrives_whole),
	    cmocka_unit_test(
		connect__refused__is_explained_and_ends_the_session),
	    cmocka_unit_test(connect__interrupted__goes_on_in_the_kernel),
	    cmocka_unit_test(send__after_reset__is_explained),
	    cmocka_unit_test(
		send__interrupted_half_way__is_recorded_as_partial),
	    cmocka_unit_test(name__localhost__is_resolved_by_a_traced_call),
	};

	return cmocka_run_group_tests_name("client", tests, NULL, NULL);
}
