#include "net/engine.h"

#include "tests/unit/net/rig.h"

#include <netinet/tcp.h>

/* What one test asks an actor to do, and what came of it. */
struct script {
	enum call_kind kind;
	struct addr to;
	int result, second;
};

static int
make_call(struct actor *a, struct script *sc)
{
	struct sock s = SOCK_NONE, client;
	struct in_addr any = {htonl(INADDR_LOOPBACK)};
	struct addr here = addr_from_ip(AF_INET, &any, 0);
	char byte;
	int r;

	call_socket(a, AF_INET,
	    sc->kind == CALL_RECV ? SOCK_DGRAM : SOCK_STREAM, 0, &s);
	if (sc->kind == CALL_CONNECT)
		return call_connect(a, &s, &sc->to);
	call_bind(a, &s, &here);
	if (sc->kind == CALL_ACCEPT) {
		call_listen(a, &s, 1);
		r = call_accept(a, &s, &client);
		if (r == -EINTR)
			sc->second = call_accept(a, &s, &client);
	} else {
		r = (int)call_recv(a, &s, &byte, 1, 0);
	}
	call_close(a, &s);
	return r;
}

static void
run_script(struct actor *a, void *arg)
{
	struct script *sc = arg;

	sc->result = make_call(a, sc);
}

static uint32_t
start(struct rig *r, struct script *sc, enum side side)
{
	struct actor_spec spec = {.group = engine_group(r->e),
	    .side = side,
	    .run = run_script,
	    .arg = sc};

	assert_int_equal(actor_start(r->e, &spec, NULL, NULL), 0);
	return spec.group;
}

static void
stop_ends(enum call_kind kind, struct addr to)
{
	struct rig r = rig_new();
	struct script sc = {.kind = kind, .to = to};
	uint32_t g = start(&r, &sc, SIDE_SERVER);

	rig_wait(&r, g, kind, CALL_RUNNING, 0);
	engine_stop(r.e, g);
	RIG_UNTIL(&r, !engine_busy(r.e));
	assert_int_equal(engine_alive(r.e, g), 0);
	assert_int_equal(sc.result, -ECANCELED);
	rig_free(&r);
}

static void
stop__blocked_in_accept__ends_the_thread(void **state)
{
	(void)state;
	stop_ends(CALL_ACCEPT, (struct addr){0});
}

static void
stop__blocked_in_recv__ends_the_thread(void **state)
{
	(void)state;
	stop_ends(CALL_RECV, (struct addr){0});
}

/* A listener whose accept queue is full: further SYNs stay unanswered. */
static struct addr
deaf_listener(int fds[3])
{
	struct addr at;

	fds[0] = rig_listen(&at);
	assert_int_equal(listen(fds[0], 0), 0);
	for (int i = 1; i < 3; i++) {
		fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		assert_true(fds[i] >= 0);
		(void)connect(fds[i], &at.sa, at.len);
	}
	return at;
}

static void
stop__blocked_in_connect__ends_the_thread(void **state)
{
	int fds[3];
	struct addr at = deaf_listener(fds);

	(void)state;
	stop_ends(CALL_CONNECT, at);
	for (int i = 0; i < 3; i++)
		close(fds[i]);
}

static void
interrupt__blocked_call__gets_eintr_once(void **state)
{
	struct rig r = rig_new();
	struct script sc = {.kind = CALL_ACCEPT};
	uint32_t g = start(&r, &sc, SIDE_SERVER);
	const struct call *c;

	(void)state;
	rig_wait(&r, g, CALL_ACCEPT, CALL_RUNNING, 0);
	engine_interrupt(r.e, g);
	c = rig_wait(&r, g, CALL_ACCEPT, CALL_DONE, 0);
	assert_int_equal(c->error, EINTR);
	/* The second accept() is not hit: it blocks until it is stopped. */
	rig_wait(&r, g, CALL_ACCEPT, CALL_RUNNING, 1);
	for (int i = 0; i < 5; i++)
		rig_pump(&r);
	assert_null(rig_find(&r, g, CALL_ACCEPT, CALL_DONE, 1));
	assert_false(engine_busy(r.e));
	engine_stop(r.e, g);
	RIG_UNTIL(&r, !engine_busy(r.e));
	assert_int_equal(sc.result, -EINTR);
	assert_int_equal(sc.second, -ECANCELED);
	rig_free(&r);
}

static void
gate__stepping__holds_each_call_until_step(void **state)
{
	struct rig r = rig_new();
	struct script sc = {.kind = CALL_ACCEPT};
	uint32_t g;
	const struct call *c;

	(void)state;
	engine_set_stepping(r.e, SIDE_SERVER, true);
	assert_true(engine_stepping(r.e, SIDE_SERVER));
	assert_false(engine_stepping(r.e, SIDE_CLIENT));
	g = start(&r, &sc, SIDE_SERVER);
	c = rig_wait(&r, g, CALL_SOCKET, CALL_GATED, 0);
	assert_int_equal(c->arg[0], AF_INET);
	for (int i = 0; i < 3; i++)
		rig_pump(&r);
	assert_null(rig_find(&r, g, CALL_SOCKET, CALL_RUNNING, 0));
	assert_false(engine_step(r.e, 1U << SIDE_CLIENT));
	assert_true(engine_step(r.e, 1U << SIDE_SERVER | 1U << SIDE_CLIENT));
	rig_wait(&r, g, CALL_SOCKET, CALL_DONE, 0);
	rig_wait(&r, g, CALL_BIND, CALL_GATED, 0);
	assert_null(rig_find(&r, g, CALL_BIND, CALL_RUNNING, 0));
	/* Turned off, it lets everything through. */
	engine_set_stepping(r.e, SIDE_SERVER, false);
	rig_wait(&r, g, CALL_ACCEPT, CALL_RUNNING, 0);
	assert_null(rig_find(&r, g, CALL_LISTEN, CALL_GATED, 0));
	rig_free(&r);
}

static void
gate__stop__ends_the_wait_and_closes_the_record(void **state)
{
	struct rig r = rig_new();
	struct script sc = {.kind = CALL_RECV};
	uint32_t g;

	(void)state;
	engine_set_stepping(r.e, SIDE_SERVER, true);
	g = start(&r, &sc, SIDE_SERVER);
	rig_wait(&r, g, CALL_SOCKET, CALL_GATED, 0);
	engine_stop(r.e, g);
	RIG_UNTIL(&r, !engine_busy(r.e));
	assert_int_equal(
	    rig_wait(&r, g, CALL_SOCKET, CALL_DONE, 0)->error, ECANCELED);
	rig_free(&r);
}

#define FLOOD (ENGINE_RING / 64) /* a note takes more */

static void
run_flood(struct actor *a, void *arg)
{
	struct sock s;

	(void)arg;
	for (int i = 0; i < FLOOD; i++)
		call_note(a, NULL, 0, "note %d", i);
	call_socket(a, AF_INET, SOCK_STREAM, 0, &s);
	call_close(a, &s);
}

static void
ring__full__loses_records_but_not_an_actors_last(void **state)
{
	struct rig r = rig_new();
	struct actor_spec spec = {.group = engine_group(r.e), .run = run_flood};
	size_t n = 0;
	struct call calls[64];

	(void)state;
	assert_int_equal(actor_start(r.e, &spec, NULL, NULL), 0);
	/* Not popping: the flood must end all the same. */
	while (engine_alive(r.e, spec.group) > 0)
		engine_tick(r.e);
	assert_true(engine_lost(r.e) > 2);
	for (size_t got; (got = engine_pop(r.e, calls, 64)) > 0;) {
		n += got;
		calls[0] = calls[got - 1];
	}
	/* The notes that found room, and the close() that did not. */
	assert_int_equal(n, FLOOD + 2 - engine_lost(r.e) + 1);
	assert_int_equal(calls[0].kind, CALL_CLOSE);
	assert_int_equal(calls[0].phase, CALL_DONE);
	RIG_UNTIL(&r, !engine_busy(r.e));
	rig_free(&r);
}

static void
run_orders(struct actor *a, void *arg)
{
	struct order o;
	int *seen = arg;

	assert_int_equal(actor_wait_order(a, &o, 0), -ETIMEDOUT);
	call_note(a, NULL, 0, "ready");
	while (actor_wait_order(a, &o, -1) == 0) {
		seen[o.count]++;
		free(o.data);
		call_note(a, NULL, 0, "order %u", o.count);
	}
}

static void
order__to_the_group__arrives_in_order(void **state)
{
	struct rig r = rig_new();
	int seen[3] = {0};
	struct actor_spec spec = {.group = engine_group(r.e),
	    .takes_orders = true,
	    .run = run_orders,
	    .arg = seen};

	(void)state;
	assert_int_equal(
	    rig_order(&r, spec.group, (struct order){.kind = ORDER_SEND}),
	    -ESRCH);
	assert_int_equal(actor_start(r.e, &spec, NULL, NULL), 0);
	RIG_UNTIL(&r, rig_note(&r, spec.group, "ready") != NULL);
	for (uint32_t i = 1; i < 3; i++)
		assert_int_equal(
		    rig_order(&r, spec.group,
			(struct order){
			    .count = i, .data = malloc(8), .data_len = 8}),
		    0);
	assert_memory_equal(
	    rig_wait(&r, spec.group, CALL_NOTE, CALL_DONE, 1)->data, "order 1",
	    7);
	assert_memory_equal(
	    rig_wait(&r, spec.group, CALL_NOTE, CALL_DONE, 2)->data, "order 2",
	    7);
	engine_stop(r.e, spec.group);
	RIG_UNTIL(&r, engine_alive(r.e, spec.group) == 0);
	assert_int_equal(seen[1] + seen[2], 2);
	rig_free(&r);
}

static void
start__in_a_stopped_group__is_refused(void **state)
{
	struct rig r = rig_new();
	struct script sc = {.kind = CALL_RECV}, late = {.kind = CALL_RECV};
	uint32_t g = start(&r, &sc, SIDE_SERVER);
	struct actor_spec spec = {.group = g, .run = run_script, .arg = &late};

	(void)state;
	engine_stop(r.e, g);
	assert_int_equal(actor_start(r.e, &spec, NULL, NULL), -ECANCELED);
	rig_free(&r);
}

static void
free__with_blocked_actors__stops_them(void **state)
{
	struct rig r = rig_new();
	struct script sc[3] = {
	    {.kind = CALL_RECV}, {.kind = CALL_ACCEPT}, {.kind = CALL_RECV}};

	(void)state;
	for (int i = 0; i < 3; i++) {
		uint32_t g = start(&r, &sc[i], SIDE_CLIENT);

		rig_wait(&r, g, sc[i].kind, CALL_RUNNING, 0);
	}
	rig_free(&r);
	for (int i = 0; i < 3; i++)
		assert_int_equal(sc[i].result, -ECANCELED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(stop__blocked_in_accept__ends_the_thread),
	    cmocka_unit_test(stop__blocked_in_recv__ends_the_thread),
	    cmocka_unit_test(stop__blocked_in_connect__ends_the_thread),
	    cmocka_unit_test(interrupt__blocked_call__gets_eintr_once),
	    cmocka_unit_test(gate__stepping__holds_each_call_until_step),
	    cmocka_unit_test(gate__stop__ends_the_wait_and_closes_the_record),
	    cmocka_unit_test(ring__full__loses_records_but_not_an_actors_last),
	    cmocka_unit_test(order__to_the_group__arrives_in_order),
	    cmocka_unit_test(start__in_a_stopped_group__is_refused),
	    cmocka_unit_test(free__with_blocked_actors__stops_them),
	};

	return cmocka_run_group_tests_name("engine", tests, NULL, NULL);
}
