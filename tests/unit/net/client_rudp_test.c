/*
 * Our client of reliable UDP against our server of it.
 */
#include "net/talk.h"
#include "tests/unit/net/rig.h"

#include <stdatomic.h>

#define MESSAGES 300

struct got {
	atomic_uint messages;
	atomic_bool wrong; /* not the one expected */
};

/* "message N": in order, each once. */
static void
on_message(void *arg, const uint8_t *data, size_t n)
{
	struct got *g = arg;
	char want[32];
	int len = snprintf(
	    want, sizeof want, "message %u ", atomic_load(&g->messages) + 1);

	if (n < (size_t)len || memcmp(data, want, (size_t)len) != 0)
		atomic_store(&g->wrong, true);
	atomic_fetch_add(&g->messages, 1);
}

static struct addr
serve(struct rig *r)
{
	const char *words[] = {"echo", "rudp", "127.0.0.1:0"};
	struct server_spec spec = server_spec_default();
	uint32_t group;

	assert_int_equal(server_spec_parse(&spec, words, 3, NULL), 0);
	assert_int_equal(spec.model, MODEL_ITERATIVE);
	assert_int_equal(server_start(r->e, &spec, &group, NULL), 0);
	return rig_wait(r, group, CALL_BIND, CALL_DONE, 0)->local;
}

static uint32_t
dial(struct rig *r, const struct addr *to, struct got *g)
{
	struct client_spec spec = {
	    .endpoint = {.transport = TRANSPORT_RUDP, .addr = *to},
	    .on_data = on_message,
	    .on_data_arg = g,
	};
	uint32_t group;

	assert_int_equal(client_start(r->e, &spec, &group, NULL), 0);
	return group;
}

static void
rudp__repeated_messages__come_back_once_and_in_order(void **state)
{
	struct order repeat = {.kind = ORDER_TALK,
	    .talker = &talk_repeat,
	    .count = MESSAGES,
	    .size = 20};
	struct order end = {.kind = ORDER_CLOSE};
	struct rig r = rig_new();
	struct addr at = serve(&r);
	struct got got = {0};
	uint32_t g = dial(&r, &at, &got);

	(void)state;
	rig_wait(&r, g, CALL_CONNECT, CALL_DONE, 0);
	assert_int_equal(rig_order(&r, g, repeat), 0);
	RIG_UNTIL(&r, atomic_load(&got.messages) == MESSAGES);
	assert_false(atomic_load(&got.wrong));
	assert_int_equal(rig_order(&r, g, end), 0);
	RIG_UNTIL(&r, engine_alive(r.e, g) == 0);
	rig_free(&r);
}

static void
rudp__nobody_there__is_refused_and_explained(void **state)
{
	struct rig r = rig_new();
	struct addr at = rig_dead_port();
	struct got got = {0};
	uint32_t g = dial(&r, &at, &got);

	(void)state;
	RIG_UNTIL(&r, rig_note(&r, g, "Nobody answers HELLO") != NULL);
	rig_free(&r);
}

static void
rudp__message_too_long__names_the_limit(void **state)
{
	struct rig r = rig_new();
	struct addr at = serve(&r);
	struct got got = {0};
	uint32_t g = dial(&r, &at, &got);
	char text[1500];

	(void)state;
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	rig_wait(&r, g, CALL_CONNECT, CALL_DONE, 0);
	rig_send(&r, g, text);
	RIG_UNTIL(&r, rig_note(&r, g, "at most 1400 bytes") != NULL);
	rig_free(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		rudp__repeated_messages__come_back_once_and_in_order),
	    cmocka_unit_test(rudp__nobody_there__is_refused_and_explained),
	    cmocka_unit_test(rudp__message_too_long__names_the_limit),
	};

	return cmocka_run_group_tests_name("client_rudp", tests, NULL, NULL);
}
