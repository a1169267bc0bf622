/*
 * Records there and back; and what nobody honest would send.
 */
#include "net/trace_wire.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fuzz/trace_wire_check.h"
#include "tests/unit/corpus.h"

static struct trace_record
sample(void)
{
	static const uint8_t ip[] = {127, 0, 0, 1};
	struct trace_record r = {.kind = TRACE_CALL};

	r.call = (struct call){
	    .id = 7,
	    .actor = 1,
	    .sock = 3,
	    .fd = 4,
	    .kind = CALL_SEND,
	    .phase = CALL_DONE,
	    .side = SIDE_CLIENT,
	    .begin_ns = 1000,
	    .end_ns = 2000,
	    .result = 5,
	    .arg = {0, 0, CALL_RW},
	    .asked = 5,
	    .stream_off = 100,
	    .local = addr_from_ip(AF_INET, ip, 40000),
	    .peer = addr_from_ip(AF_INET, ip, 7000),
	    .data_len = 5,
	    .data = "hello",
	};
	return r;
}

/* What becomes of it on the way. */
static int
carry(const struct trace_record *r, struct trace_record *ret)
{
	static uint8_t bytes[TRACE_WIRE_MESSAGE];
	struct wr w = wr_init(bytes, sizeof bytes);
	struct rd rd;

	trace_wire_put(&w, r);
	assert_false(w.full);
	rd = rd_init(bytes, wr_len(&w), wr_len(&w));
	return trace_wire_get(&rd, ret);
}

static void
call__carried__is_the_same(void **state)
{
	struct trace_record r = sample(), got;

	(void)state;
	assert_int_equal(carry(&r, &got), 1);
	assert_int_equal(got.kind, TRACE_CALL);
	assert_int_equal(got.call.id, 7);
	assert_int_equal(got.call.fd, 4);
	assert_int_equal(got.call.kind, CALL_SEND);
	assert_int_equal(got.call.end_ns, 2000);
	assert_int_equal(got.call.result, 5);
	assert_int_equal(got.call.arg[2], CALL_RW);
	assert_int_equal(got.call.stream_off, 100);
	assert_true(addr_equal(&got.call.local, &r.call.local));
	assert_true(addr_equal(&got.call.peer, &r.call.peer));
	assert_int_equal(got.call.data_len, 5);
	assert_memory_equal(got.call.data, "hello", 5);
}

static void
message__several_records__come_in_order(void **state)
{
	uint8_t bytes[1024];
	struct wr w = wr_init(bytes, sizeof bytes);
	struct trace_record hello = {.kind = TRACE_HELLO,
	    .version = TRACE_WIRE_VERSION,
	    .pid = 42,
	    .name = "python3 x.py"};
	struct trace_record call = sample(), got;
	struct trace_record lost = {.kind = TRACE_LOST, .lost = 9};
	struct trace_record end = {.kind = TRACE_END, .status = 256};
	struct rd rd;

	(void)state;
	trace_wire_put(&w, &hello);
	trace_wire_put(&w, &call);
	trace_wire_put(&w, &lost);
	trace_wire_put(&w, &end);
	assert_false(w.full);
	rd = rd_init(bytes, wr_len(&w), wr_len(&w));
	assert_int_equal(trace_wire_get(&rd, &got), 1);
	assert_string_equal(got.name, "python3 x.py");
	assert_int_equal(got.pid, 42);
	assert_int_equal(trace_wire_get(&rd, &got), 1);
	assert_int_equal(got.call.id, 7);
	assert_int_equal(trace_wire_get(&rd, &got), 1);
	assert_int_equal(got.lost, 9);
	assert_int_equal(trace_wire_get(&rd, &got), 1);
	assert_int_equal(got.status, 256);
	assert_int_equal(trace_wire_get(&rd, &got), 0);
}

static void
put__no_room__leaves_what_was_there(void **state)
{
	uint8_t bytes[300];
	struct wr w = wr_init(bytes, sizeof bytes);
	struct trace_record r = sample(), got;
	size_t len;
	struct rd rd;

	(void)state;
	trace_wire_put(&w, &r);
	len = wr_len(&w);
	trace_wire_put(&w, &r);
	assert_false(w.full);
	trace_wire_put(&w, &r);
	assert_true(w.full);
	assert_int_equal(wr_len(&w), 2 * len);
	rd = rd_init(bytes, wr_len(&w), wr_len(&w));
	assert_int_equal(trace_wire_get(&rd, &got), 1);
	assert_int_equal(trace_wire_get(&rd, &got), 1);
	assert_int_equal(trace_wire_get(&rd, &got), 0);
}

static void
get__every_prefix__is_refused(void **state)
{
	uint8_t bytes[1024];
	struct wr w = wr_init(bytes, sizeof bytes);
	struct trace_record r = sample(), got;

	(void)state;
	trace_wire_put(&w, &r);
	for (size_t n = 1; n < wr_len(&w); n++) {
		uint8_t *copy =
		    malloc(n); /* so that a sanitizer sees its end */
		struct rd rd;

		assert_non_null(copy);
		memcpy(copy, bytes, n);
		rd = rd_init(copy, n, n);
		assert_int_equal(trace_wire_get(&rd, &got), -EPROTO);
		free(copy);
	}
}

#define REFUSED(change)                                       \
	do {                                                  \
		struct trace_record r_ = sample(), got_;      \
		struct call *c = &r_.call;                    \
                                                              \
		change;                                       \
		assert_int_equal(carry(&r_, &got_), -EPROTO); \
	} while (0)

static void
get__impossible_call__is_refused(void **state)
{
	(void)state;
	REFUSED(c->id = 0);
	REFUSED(c->actor = 0);
	REFUSED(c->fd = -2);
	REFUSED(c->kind = CALL_KIND_COUNT);
	REFUSED(c->kind = CALL_NOTE);
	REFUSED(c->kind = CALL_GETADDRINFO);
	REFUSED(c->kind = 255);
	REFUSED(c->phase = CALL_GATED);
	REFUSED(c->phase = 3);
	REFUSED(c->side = SIDE_COUNT);
	REFUSED(c->peek = 2);
	REFUSED(c->error = -1);
	REFUSED(c->error = 5000);
	REFUSED(c->error = ECONNRESET); /* and a result as well */
	REFUSED(c->begin_ns = -1);
	REFUSED(c->end_ns = 999);
	REFUSED(c->result = -2);
	REFUSED(c->result = INT64_MAX);
	REFUSED(c->stream_off = UINT64_MAX);
	REFUSED(c->asked = UINT64_MAX);
	REFUSED(c->peer.len = 3);
	REFUSED(c->local.len = sizeof(struct sockaddr_in) + 1);
}

/* The byte offsets of a call's lengths, in a message of one record. */
#define HEAD 3
#define LOCAL_LEN (HEAD + 76)

static void
get__lengths_that_lie__are_refused(void **state)
{
	struct trace_record r = sample(), got;
	uint8_t bytes[1024];
	struct wr w = wr_init(bytes, sizeof bytes);
	size_t data_len;

	(void)state;
	trace_wire_put(&w, &r);
	data_len = wr_len(&w) - 5 - 2;
	assert_int_equal(bytes[LOCAL_LEN], sizeof(struct sockaddr_in));
	assert_int_equal(bytes[data_len], 5);
	for (int value = 0; value < 256; value++) {
		uint8_t changed[sizeof bytes];
		struct rd rd;

		if (value == 5)
			continue;
		memcpy(changed, bytes, sizeof bytes);
		changed[data_len] = (uint8_t)value;
		rd = rd_init(changed, wr_len(&w), wr_len(&w));
		assert_int_equal(trace_wire_get(&rd, &got), -EPROTO);
		memcpy(changed, bytes, sizeof bytes);
		changed[data_len + 1] = (uint8_t)(value | 1);
		rd = rd_init(changed, wr_len(&w), wr_len(&w));
		assert_int_equal(trace_wire_get(&rd, &got), -EPROTO);
		if (value == sizeof(struct sockaddr_in))
			continue;
		memcpy(changed, bytes, sizeof bytes);
		changed[LOCAL_LEN] = (uint8_t)value;
		rd = rd_init(changed, wr_len(&w), wr_len(&w));
		assert_int_equal(trace_wire_get(&rd, &got), -EPROTO);
	}
}

static void
corpus__every_input__keeps_the_promises(void **state)
{
	(void)state;
	assert_true(corpus_replay(
			"tests/fuzz/corpus/trace_wire", trace_wire_check) > 50);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(call__carried__is_the_same),
	    cmocka_unit_test(message__several_records__come_in_order),
	    cmocka_unit_test(put__no_room__leaves_what_was_there),
	    cmocka_unit_test(get__every_prefix__is_refused),
	    cmocka_unit_test(get__impossible_call__is_refused),
	    cmocka_unit_test(get__lengths_that_lie__are_refused),
	    cmocka_unit_test(corpus__every_input__keeps_the_promises),
	};

	return cmocka_run_group_tests_name("trace_wire", tests, NULL, NULL);
}
