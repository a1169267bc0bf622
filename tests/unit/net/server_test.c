#include "net/server.h"

#include "tests/unit/net/rig.h"

#include <pthread.h>
#include <sys/resource.h>
#include <sys/stat.h>

#define MANY 500
#define MEGABYTE (1024 * 1024)

static void
echo__bytes__come_back(void **state)
{
	struct rig r = rig_new();
	struct addr at;
	uint32_t g = rig_echo(&r, MODEL_THREADED, &at);
	const struct call *c;
	int fd = rig_dial(&at);

	(void)state;
	assert_int_not_equal(addr_port(&at), 0);
	rig_assert_echo(fd, "hello");
	c = rig_wait(&r, g, CALL_SEND, CALL_DONE, 0);
	assert_int_equal(c->result, 5);
	assert_int_equal(c->asked, 5);
	assert_memory_equal(c->data, "hello", 5);
	c = rig_wait(&r, g, CALL_ACCEPT, CALL_DONE, 0);
	assert_true(addr_equal(&c->local, &at));
	assert_int_not_equal(addr_port(&c->peer), 0);
	close(fd);
	rig_free(&r);
}

static void
echo__calls__are_in_textbook_order(void **state)
{
	static const enum call_kind order[] = {
	    CALL_SOCKET, CALL_SETSOCKOPT, CALL_BIND, CALL_LISTEN};
	struct rig r = rig_new();
	struct addr at;
	uint32_t g = rig_echo(&r, MODEL_ITERATIVE, &at), last = 0;

	(void)state;
	for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
		const struct call *c = rig_wait(&r, g, order[i], CALL_DONE, 0);

		assert_true(c->id > last);
		last = c->id;
	}
	assert_true(rig_wait(&r, g, CALL_ACCEPT, CALL_RUNNING, 0)->id > last);
	rig_free(&r);
}

static void
echo__half_closed_client__gets_everything_and_then_eof(void **state)
{
	struct rig r = rig_new();
	struct addr at;
	uint32_t g = rig_echo(&r, MODEL_THREADED, &at);
	int fd = rig_dial(&at);
	char back[8];

	(void)state;
	assert_int_equal(send(fd, "bye", 3, 0), 3);
	shutdown(fd, SHUT_WR);
	assert_int_equal(recv(fd, back, sizeof back, MSG_WAITALL), 3);
	assert_memory_equal(back, "bye", 3);
	assert_int_equal(recv(fd, back, sizeof back, 0), 0);
	assert_int_equal(rig_wait(&r, g, CALL_RECV, CALL_DONE, 1)->result, 0);
	rig_wait(&r, g, CALL_CLOSE, CALL_DONE, 0);
	close(fd);
	rig_free(&r);
}

struct pour {
	int fd;
	const uint8_t *data;
};

static void *
pour(void *arg)
{
	const struct pour *p = arg;
	size_t off = 0;
	ssize_t n = 1;

	for (; off < MEGABYTE && n > 0; off += (size_t)n)
		n = send(p->fd, p->data + off, MEGABYTE - off, MSG_NOSIGNAL);
	shutdown(p->fd, SHUT_WR);
	return NULL;
}

static void
echo__one_megabyte__comes_back_identical(void **state)
{
	struct rig r = rig_new();
	struct addr at;
	uint8_t *data = malloc(MEGABYTE), *back = malloc(MEGABYTE);
	struct pour p;
	pthread_t sender;

	(void)state;
	rig_echo(&r, MODEL_THREADED, &at);
	assert_true(data != NULL && back != NULL);
	for (uint32_t i = 0; i < MEGABYTE; i++)
		data[i] = (uint8_t)(i * 2654435761U >> 24);
	p = (struct pour){rig_dial(&at), data};
	assert_int_equal(pthread_create(&sender, NULL, pour, &p), 0);
	assert_int_equal(recv(p.fd, back, MEGABYTE, MSG_WAITALL), MEGABYTE);
	pthread_join(sender, NULL);
	assert_memory_equal(data, back, MEGABYTE);
	close(p.fd);
	free(data);
	free(back);
	rig_free(&r);
}

static void
threaded__silent_client__does_not_stop_another(void **state)
{
	struct rig r = rig_new();
	struct addr at;
	int silent, other;

	(void)state;
	rig_echo(&r, MODEL_THREADED, &at);
	silent = rig_dial(&at);
	other = rig_dial(&at);
	rig_assert_echo(other, "not stopped");
	close(silent);
	close(other);
	rig_free(&r);
}

static void
iterative__silent_client__makes_the_next_one_wait(void **state)
{
	struct rig r = rig_new();
	struct addr at;
	uint32_t g = rig_echo(&r, MODEL_ITERATIVE, &at);
	uint32_t closed, accepted;
	int silent = rig_dial(&at), other = rig_dial(&at);

	(void)state;
	/* The other one's bytes are there, and yet it is not accepted. */
	assert_int_equal(send(other, "x", 1, 0), 1);
	rig_wait(&r, g, CALL_RECV, CALL_RUNNING, 0);
	assert_null(rig_find(&r, g, CALL_ACCEPT, CALL_DONE, 1));
	close(silent);
	closed = rig_wait(&r, g, CALL_CLOSE, CALL_DONE, 0)->id;
	accepted = rig_wait(&r, g, CALL_ACCEPT, CALL_DONE, 1)->id;
	assert_true(accepted > closed);
	rig_wait(&r, g, CALL_SEND, CALL_DONE, 0);
	close(other);
	rig_free(&r);
}

static void
threaded__500_clients_at_once__are_all_answered(void **state)
{
	struct rlimit files;
	struct rig r = rig_new();
	struct addr at;
	uint32_t g = rig_echo(&r, MODEL_THREADED, &at);
	int fds[MANY];

	(void)state;
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	for (int i = 0; i < MANY; i++) {
		fds[i] = rig_dial(&at);
	}
	RIG_UNTIL(&r, engine_alive(r.e, g) == MANY + 1);
	for (int i = 0; i < MANY; i++) {
		rig_assert_echo(fds[i], "me too");
	}
	for (int i = 0; i < MANY; i++)
		close(fds[i]);
	RIG_UNTIL(&r, engine_alive(r.e, g) == 1);
	rig_free(&r);
}

static void
server__ipv6_and_unix__run_by_the_same_code(void **state)
{
	struct rig r = rig_new();
	char path[64];
	struct stat st;
	struct addr at;
	uint32_t g;
	int fd;

	(void)state;
	g = rig_serve(&r, "[::1]:0", TRANSPORT_TCP, MODEL_THREADED);
	assert_int_equal(rig_wait(&r, g, CALL_LISTEN, CALL_DONE, 0)->error, 0);
	at = rig_wait(&r, g, CALL_BIND, CALL_DONE, 0)->local;
	fd = rig_dial(&at);
	rig_assert_echo(fd, "six");
	close(fd);

	snprintf(path, sizeof path, "/tmp/sockdeck-test-%d", (int)getpid());
	g = rig_serve(&r, path, TRANSPORT_UNIX, MODEL_THREADED);
	assert_int_equal(rig_wait(&r, g, CALL_LISTEN, CALL_DONE, 0)->error, 0);
	at = rig_endpoint(path, TRANSPORT_UNIX, false).addr;
	fd = rig_dial(&at);
	rig_assert_echo(fd, "path");
	close(fd);
	engine_stop(r.e, g);
	RIG_UNTIL(&r, engine_alive(r.e, g) == 0);
	assert_int_equal(stat(path, &st), -1);
	rig_free(&r);
}

static void
bind__port_in_use__is_explained(void **state)
{
	struct rig r = rig_new();
	struct addr at;
	char text[ADDR_TEXT_MAX];
	uint32_t g;

	(void)state;
	rig_echo(&r, MODEL_THREADED, &at);
	g = rig_serve(
	    &r, addr_format(text, &at), TRANSPORT_TCP, MODEL_THREADED);
	assert_int_equal(
	    rig_wait(&r, g, CALL_BIND, CALL_DONE, 0)->error, EADDRINUSE);
	RIG_UNTIL(&r, engine_alive(r.e, g) == 0);
	rig_pump(&r);
	assert_non_null(rig_note(&r, g, text));
	assert_non_null(rig_note(&r, g, "SO_REUSEPORT"));
	rig_free(&r);
}

static void
bind__foreign_address__is_explained(void **state)
{
	struct rig r = rig_new();
	uint32_t g =
	    rig_serve(&r, "198.51.100.7:0", TRANSPORT_TCP, MODEL_ITERATIVE);

	(void)state;
	RIG_UNTIL(&r, rig_note(&r, g,
			  "No interface of this host has the address "
			  "198.51.100.7") != NULL);
	rig_free(&r);
}

/* A label longer than RFC 1035 s2.3.4 allows fails without a name server. */
static void
resolve__bad_name__gives_the_resolvers_reason(void **state)
{
	struct rig r = rig_new();
	char name[80];
	uint32_t g;

	(void)state;
	memset(name, 'x', 64);
	strcpy(name + 64, ".invalid:0");
	g = rig_serve(&r, name, TRANSPORT_TCP, MODEL_THREADED);
	RIG_UNTIL(&r, rig_note(&r, g, ".invalid' does not resolve: ") != NULL);
	assert_int_equal(
	    rig_wait(&r, g, CALL_GETADDRINFO, CALL_DONE, 0)->result, -1);
	rig_free(&r);
}

/* Whether a name server answers soon, late or never. */
static void
resolve__stopped__does_not_wait_for_the_name_server(void **state)
{
	struct rig r = rig_new();
	uint32_t g =
	    rig_serve(&r, "no-such.invalid:0", TRANSPORT_TCP, MODEL_THREADED);

	(void)state;
	/* Where no name server is known, it has failed before one looks. */
	RIG_UNTIL(
	    &r, rig_find(&r, g, CALL_GETADDRINFO, CALL_RUNNING, 0) != NULL ||
		    rig_find(&r, g, CALL_GETADDRINFO, CALL_DONE, 0) != NULL);
	engine_stop(r.e, g);
	RIG_UNTIL(&r, engine_alive(r.e, g) == 0);
	rig_free(&r);
}

static void
accept__no_descriptor_left__goes_on_when_one_is_free(void **state)
{
	struct rlimit files, few;
	struct rig r = rig_new();
	struct addr at;
	uint32_t g = rig_echo(&r, MODEL_THREADED, &at);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	(void)state;
	rig_wait(&r, g, CALL_ACCEPT, CALL_RUNNING, 0);
	getrlimit(RLIMIT_NOFILE, &files);
	few = files;
	few.rlim_cur = STDERR_FILENO + 1;
	setrlimit(RLIMIT_NOFILE, &few);
	assert_int_equal(connect(fd, &at.sa, at.len), 0);
	RIG_UNTIL(&r, rig_note(&r, g, "No descriptor is left") != NULL);
	setrlimit(RLIMIT_NOFILE, &files);
	rig_assert_echo(fd, "late");
	close(fd);
	rig_free(&r);
}

static void
spec__unfit__is_refused_with_a_sentence(void **state)
{
	struct rig r = rig_new();
	struct service streams_only = {.name = "s", .stream = true};
	struct server_spec spec = server_spec_default();
	struct err err = {""};
	uint32_t g;

	(void)state;
	spec.service = &streams_only;
	spec.endpoint = rig_endpoint("127.0.0.1:0", TRANSPORT_UDP, true);
	assert_int_equal(server_start(r.e, &spec, &g, &err), -EPROTONOSUPPORT);
	assert_non_null(strstr(err.text, "udp"));
	spec.service = service_find("echo");
	spec.recv_size = 0;
	assert_int_equal(server_start(r.e, &spec, &g, &err), -EINVAL);
	rig_free(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(echo__bytes__come_back),
	    cmocka_unit_test(echo__calls__are_in_textbook_order),
	    cmocka_unit_test(
		echo__half_closed_client__gets_everything_and_then_eof),
	    cmocka_unit_test(echo__one_megabyte__comes_back_identical),
	    cmocka_unit_test(threaded__silent_client__does_not_stop_another),
	    cmocka_unit_test(iterative__silent_client__makes_the_next_one_wait),
	    cmocka_unit_test(threaded__500_clients_at_once__are_all_answered),
	    cmocka_unit_test(server__ipv6_and_unix__run_by_the_same_code),
	    cmocka_unit_test(bind__port_in_use__is_explained),
	    cmocka_unit_test(bind__foreign_address__is_explained),
	    cmocka_unit_test(resolve__bad_name__gives_the_resolvers_reason),
	    cmocka_unit_test(
		resolve__stopped__does_not_wait_for_the_name_server),
	    cmocka_unit_test(
		accept__no_descriptor_left__goes_on_when_one_is_free),
	    cmocka_unit_test(spec__unfit__is_refused_with_a_sentence),
	};

	return cmocka_run_group_tests_name("server", tests, NULL, NULL);
}
