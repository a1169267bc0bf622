/* Reliable UDP over real sockets, in real time. */
#include "net/rudp_sock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdatomic.h>

#include "net/rudp_io.h"
#include "tests/unit/net/rig.h"
#include "tests/unit/net/rudp_mmsg.h"

#define DEADLINE (60 * CLOCK_S)

struct end {
	struct mmsg mmsg;
	struct addr addr;
	struct rudp_sock *sock;
};

static void
open_end(struct end *e, bool listens, const struct rudp_config *config,
    const struct impair_rules *impair)
{
	const struct rudp_sock_spec spec = {
	    .config = *config,
	    .conns_max = listens ? 4 : 1,
	    .listens = listens,
	    .impair = impair,
	    .direction = listens,
	};
	struct rudp_io io;

	assert_true(mmsg_open(&e->mmsg, &e->addr, &io) >= 0);
	e->sock = rudp_sock_new(&spec, &io);
	assert_non_null(e->sock);
}

static void
close_end(struct end *e)
{
	rudp_sock_free(e->sock);
	close(e->mmsg.fd);
}

/* A thread that receives what a client counts, until it closes. */
struct counter {
	struct end end;
	uint32_t got;
	int wrong; /* first message that was not what it should be, or -errno */
};

static void *
count_messages(void *arg)
{
	struct counter *k = arg;
	struct rudp_sock *s = k->end.sock;
	uint8_t buf[RUDP_MESSAGE_MAX];
	int64_t deadline = clock_mono_ns() + DEADLINE;
	ssize_t n = 0;
	int conn;

	while ((conn = rudp_sock_accept(s)) < 0)
		if (rudp_sock_turn(s, CLOCK_S) < 0 ||
		    clock_mono_ns() > deadline)
			return NULL;
	while (k->wrong == 0 && (n = rudp_sock_recv(s, conn, buf,
				     deadline - clock_mono_ns())) >= 0) {
		struct rd r = rd_init(buf, (size_t)n, (size_t)n);

		if (rd_be32(&r) != k->got++)
			k->wrong = (int)k->got;
	}
	if (k->wrong == 0 && n != -ENODATA)
		k->wrong = (int)n;
	if (k->wrong == 0)
		k->wrong = rudp_sock_finish(s, conn, true, 10 * CLOCK_S);
	return NULL;
}

static void
lossy__100000_messages_in_real_time__arrive_once_in_order(void **state)
{
	/* A fast bad network: the time goes into repeating, not waiting. */
	const struct impair_rules rules = {
	    .seed = 1,
	    .loss_ppm = 300000,
	    .duplicate_ppm = 100000,
	    .reorder_ppm = 250000,
	    .delay_ns = 500 * CLOCK_US,
	    .reorder_ns = 500 * CLOCK_US,
	};
	struct rudp_config config = rudp_config_default;
	static struct counter server;
	static struct end client;
	pthread_t thread;
	int64_t start;
	struct rudp_stats stats;
	int conn;

	(void)state;
	config.window = 1024;
	config.rto_initial_ns = 100 * CLOCK_MS;
	config.rto_min_ns = 20 * CLOCK_MS;
	config.ack_delay_ns = 2 * CLOCK_MS;
	config.hello_retries = 20;
	config.linger_ns = CLOCK_S;
	open_end(&server.end, true, &config, &rules);
	open_end(&client, false, &config, &rules);
	start = clock_mono_ns();
	pthread_create(&thread, NULL, count_messages, &server);
	conn = rudp_sock_connect(client.sock, &server.end.addr);
	assert_int_equal(rudp_sock_establish(client.sock, conn, DEADLINE), 0);
	for (uint32_t i = 0; i < 100000; i++) {
		uint8_t b[16] = {0};
		struct wr w = wr_init(b, sizeof b);

		wr_be32(&w, i);
		assert_int_equal(
		    rudp_sock_send(client.sock, conn, b, sizeof b, DEADLINE),
		    0);
	}
	assert_int_equal(
	    rudp_sock_finish(client.sock, conn, true, DEADLINE), 0);
	pthread_join(thread, NULL);
	stats = rudp_stats(rudp_sock_conn(client.sock, conn));
	print_message("# %.1f s, %llu repeated (%llu fast), %llu time-outs\n",
	    (double)(clock_mono_ns() - start) / 1e9,
	    (unsigned long long)stats.retransmits,
	    (unsigned long long)stats.fast_retransmits,
	    (unsigned long long)stats.timeouts);
	assert_int_equal(server.wrong, 0);
	assert_int_equal(server.got, 100000);
	close_end(&client);
	close_end(&server.end);
}

/* ---- the ends as actors, through traced calls ---- */

struct traced_end {
	const struct impair_rules *impair;
	struct addr addr; /* the server's */
	atomic_bool bound;
	int count; /* of messages to echo; < 0: wait for ever */
	atomic_int result; /* 1: not yet */
};

static void
open_traced(struct traced_end *e, struct actor *a, bool listens,
    struct sock *socket, struct rudp_traced *t, struct rudp_sock **ret)
{
	struct rudp_sock_spec spec = {
	    .config = rudp_config_default,
	    .conns_max = 1,
	    .listens = listens,
	    .impair = e->impair,
	    .direction = listens,
	};
	struct rudp_io io;
	int r = rudp_traced_open(a, &e->addr, listens, socket);

	spec.config.linger_ns = 300 * CLOCK_MS;
	*ret = NULL;
	if (r < 0) {
		e->result = r;
		return;
	}
	if (listens) {
		e->addr = socket->local;
		e->bound = true;
	}
	io = rudp_traced_io(t, a, socket);
	*ret = rudp_sock_new(&spec, &io);
}

/* Echoes one connection. */
static int
echo(struct rudp_sock *s)
{
	uint8_t buf[RUDP_MESSAGE_MAX];
	ssize_t n;
	int conn, r;

	while ((conn = rudp_sock_accept(s)) < 0) {
		r = rudp_sock_turn(s, -1);
		if (r < 0)
			return r;
	}
	while ((n = rudp_sock_recv(s, conn, buf, -1)) >= 0) {
		r = rudp_sock_send(s, conn, buf, (size_t)n, DEADLINE);
		if (r < 0)
			return r;
	}
	return n == -ENODATA ? rudp_sock_finish(s, conn, false, DEADLINE)
			     : (int)n;
}

static void
run_server(struct actor *a, void *arg)
{
	struct traced_end *e = arg;
	struct sock socket = SOCK_NONE;
	struct rudp_traced t;
	struct rudp_sock *s;

	open_traced(e, a, true, &socket, &t, &s);
	if (s != NULL)
		e->result = echo(s);
	rudp_sock_free(s);
	call_close(a, &socket);
}

static int
ask(struct rudp_sock *s, const struct addr *server, int count)
{
	int conn = rudp_sock_connect(s, server);
	int r = rudp_sock_establish(s, conn, DEADLINE);
	uint8_t buf[RUDP_MESSAGE_MAX];

	for (int i = 0; r == 0 && i < count; i++) {
		uint8_t b[4];
		struct wr w = wr_init(b, sizeof b);
		ssize_t n;

		wr_be32(&w, (uint32_t)i);
		r = rudp_sock_send(s, conn, b, sizeof b, DEADLINE);
		if (r < 0)
			break;
		n = rudp_sock_recv(s, conn, buf, DEADLINE);
		r = n == 4 && memcmp(b, buf, 4) == 0 ? 0
		    : n < 0                          ? (int)n
						     : -EBADMSG;
	}
	if (r == 0 && count < 0)
		r = (int)rudp_sock_recv(s, conn, buf, -1);
	return r < 0 ? r : rudp_sock_finish(s, conn, true, DEADLINE);
}

static void
run_client(struct actor *a, void *arg)
{
	struct traced_end *e = arg;
	struct sock socket = SOCK_NONE;
	struct rudp_traced t;
	struct rudp_sock *s;

	open_traced(e, a, false, &socket, &t, &s);
	if (s != NULL)
		e->result = ask(s, &e->addr, e->count);
	rudp_sock_free(s);
	call_close(a, &socket);
}

static void
start(struct rig *r, void (*run)(struct actor *, void *), struct traced_end *e,
    uint32_t *ret_group)
{
	struct actor_spec spec = {
	    .group = engine_group(r->e), .run = run, .arg = e};

	e->result = 1;
	*ret_group = spec.group;
	assert_int_equal(actor_start(r->e, &spec, NULL, NULL), 0);
}

static void
echo_over_actors(const struct impair_rules *impair, int count)
{
	struct traced_end server = {.impair = impair}, client;
	struct rig r = rig_new();
	uint32_t groups[2];

	server.addr = addr_from_ip(AF_INET, "\x7f\0\0\1", 0);
	start(&r, run_server, &server, &groups[0]);
	RIG_UNTIL(&r, server.bound);
	client = (struct traced_end){
	    .impair = impair, .addr = server.addr, .count = count};
	start(&r, run_client, &client, &groups[1]);
	RIG_UNTIL(&r, client.result != 1 && server.result != 1);
	assert_int_equal(client.result, 0);
	assert_int_equal(server.result, 0);
	/* textbook calls, and seen */
	assert_non_null(rig_find(&r, groups[0], CALL_RECVFROM, CALL_DONE, 2));
	assert_non_null(rig_find(&r, groups[1], CALL_SENDTO, CALL_DONE, 2));
	rig_free(&r);
}

static void
actors__echo_without_loss__is_answered(void **state)
{
	(void)state;
	echo_over_actors(NULL, 100);
}

static void
actors__echo_through_a_bad_network__is_answered(void **state)
{
	const struct impair_rules rules = {
	    .seed = 3, .loss_ppm = 100000, .delay_ns = CLOCK_MS};

	(void)state;
	echo_over_actors(&rules, 50);
}

static void
actors__idle_client__is_stopped_in_its_recvfrom(void **state)
{
	struct traced_end server = {0}, client;
	struct rig r = rig_new();
	uint32_t groups[2];
	bool idle = false;

	(void)state;
	server.addr = addr_from_ip(AF_INET, "\x7f\0\0\1", 0);
	start(&r, run_server, &server, &groups[0]);
	RIG_UNTIL(&r, server.bound);
	client = (struct traced_end){.addr = server.addr, .count = -1};
	start(&r, run_client, &client, &groups[1]);
	/* both are in a recvfrom() that nobody answers */
	RIG_UNTIL(
	    &r, rig_find(&r, groups[0], CALL_RECVFROM, CALL_DONE, 1) != NULL);
	while (!idle) {
		size_t before = r.count;

		for (int i = 0; i < 10; i++)
			rig_pump(&r);
		idle = r.count == before;
	}
	assert_int_equal(r.calls[r.count - 1].kind, CALL_RECVFROM);
	assert_int_equal(r.calls[r.count - 1].phase, CALL_RUNNING);
	engine_stop(r.e, 0);
	RIG_UNTIL(&r, client.result != 1 && server.result != 1);
	assert_int_equal(client.result, -ECANCELED);
	assert_int_equal(server.result, -ECANCELED);
	rig_free(&r);
}

static void
actors__nobody_listens__is_refused(void **state)
{
	struct traced_end client = {.count = 1};
	struct rig r = rig_new();
	struct mmsg closed;
	struct rudp_io io;
	uint32_t group;

	(void)state;
	/* a port that was free a moment ago */
	assert_true(mmsg_open(&closed, &client.addr, &io) >= 0);
	close(closed.fd);
	start(&r, run_client, &client, &group);
	RIG_UNTIL(&r, client.result != 1);
	assert_int_equal(client.result, -ECONNREFUSED);
	rig_free(&r);
}

static void
actors__server_of_no_answer__is_stopped_while_a_timer_runs(void **state)
{
	struct traced_end client = {.count = 1};
	struct rig r = rig_new();
	struct mmsg silent;
	struct rudp_io io;
	uint32_t group;

	(void)state;
	assert_true(mmsg_open(&silent, &client.addr, &io) >= 0);
	start(&r, run_client, &client, &group);
	rig_wait(&r, group, CALL_SENDTO, CALL_DONE, 0);
	engine_stop(r.e, 0);
	RIG_UNTIL(&r, client.result != 1);
	assert_int_equal(client.result, -ECANCELED);
	close(silent.fd);
	rig_free(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		lossy__100000_messages_in_real_time__arrive_once_in_order),
	    cmocka_unit_test(actors__echo_without_loss__is_answered),
	    cmocka_unit_test(actors__echo_through_a_bad_network__is_answered),
	    cmocka_unit_test(actors__idle_client__is_stopped_in_its_recvfrom),
	    cmocka_unit_test(actors__nobody_listens__is_refused),
	    cmocka_unit_test(
		actors__server_of_no_answer__is_stopped_while_a_timer_runs),
	};

	return cmocka_run_group_tests_name("rudp sock", tests, NULL, NULL);
}
