#include "net/round_trips.h"

#include "tests/unit/net/rig.h"

#define COUNT 50

/* An echo server over this transport; where it is. */
static struct addr
serve(struct rig *r, const char *service, const char *transport)
{
	const char *words[] = {service, transport, "127.0.0.1:0"};
	struct server_spec spec = server_spec_default();
	struct err err = {""};
	uint32_t group = 0;

	if (server_spec_parse(&spec, words, 3, &err) < 0 ||
	    server_start(r->e, &spec, &group, &err) < 0)
		fail_msg("%s", err.text);
	if (transport_socktype(spec.endpoint.transport) == SOCK_STREAM)
		rig_wait(r, group, CALL_LISTEN, CALL_DONE, 0);
	return rig_wait(r, group, CALL_BIND, CALL_DONE, 0)->local;
}

static struct round_trips *
run_trips(struct rig *r, enum transport t, const struct addr *to)
{
	const struct round_trips_spec spec = {
	    .transport = t,
	    .to = *to,
	    .count = COUNT,
	    .size = 10,
	    .timeout_ns = 20 * CLOCK_MS,
	};
	struct round_trips *x = round_trips_new(&spec);
	uint32_t group;

	assert_non_null(x);
	assert_int_equal(round_trips_start(r->e, x, &group, NULL), 0);
	RIG_UNTIL(r, engine_alive(r->e, group) == 0);
	return x;
}

static void
round_trips__each_transport__every_message_comes_back(void **state)
{
	static const enum transport over[] = {
	    TRANSPORT_TCP, TRANSPORT_UDP, TRANSPORT_RUDP};

	(void)state;
	for (size_t i = 0; i < sizeof over / sizeof *over; i++) {
		struct rig r = rig_new();
		struct addr at = serve(&r, "echo", transport_name(over[i]));
		struct round_trips *x = run_trips(&r, over[i], &at);

		assert_int_equal(x->error, 0);
		assert_int_equal(x->sent, COUNT);
		assert_int_equal(x->answered, COUNT);
		assert_int_equal(x->lost, 0);
		for (size_t k = 0; k < COUNT; k++)
			assert_true(x->rtt_ns[k] > 0);
		assert_true(x->end_ns > x->begin_ns);
		round_trips_free(x);
		rig_free(&r);
	}
}

static void
round_trips__nobody_answers__every_datagram_is_lost(void **state)
{
	struct rig r = rig_new();
	struct addr at = serve(&r, "sink", "udp");
	struct round_trips *x = run_trips(&r, TRANSPORT_UDP, &at);

	(void)state;
	assert_int_equal(x->error, 0);
	assert_int_equal(x->sent, COUNT);
	assert_int_equal(x->lost, COUNT);
	round_trips_free(x);
	rig_free(&r);
}

static void
round_trips__refused__says_why(void **state)
{
	struct rig r = rig_new();
	struct addr at = rig_dead_port();
	struct round_trips *x = run_trips(&r, TRANSPORT_TCP, &at);

	(void)state;
	assert_int_equal(x->error, -ECONNREFUSED);
	assert_int_equal(x->sent, 0);
	round_trips_free(x);
	rig_free(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		round_trips__each_transport__every_message_comes_back),
	    cmocka_unit_test(
		round_trips__nobody_answers__every_datagram_is_lost),
	    cmocka_unit_test(round_trips__refused__says_why),
	};

	return cmocka_run_group_tests_name("round_trips", tests, NULL, NULL);
}
