#include "net/callpack.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

/* Packed and read again, over bytes that were something else before. */
static void
assert_survives(const struct call *c)
{
	uint8_t packed[sizeof *c + 8];
	struct call back;

	memset(packed, 0xee, sizeof packed);
	memset(&back, 0xdd, sizeof back);
	assert_true(callpack_len(c) <= sizeof *c);
	callpack_write(packed, c);
	assert_int_equal(packed[callpack_len(c)], 0xee);
	callpack_read(packed, &back);
	assert_memory_equal(&back, c, offsetof(struct call, local));
	assert_true(addr_equal(&back.local, &c->local));
	assert_true(addr_equal(&back.peer, &c->peer));
	assert_int_equal(back.data_len, c->data_len);
	assert_memory_equal(back.data, c->data, c->data_len);
}

static struct call
sample(const char *local, enum transport t, uint16_t data_len)
{
	struct call c;
	struct endpoint e;

	memset(&c, 0, sizeof c);
	memset(c.data, 'x', sizeof c.data);
	c.id = 7;
	c.kind = CALL_SEND;
	c.phase = CALL_DONE;
	c.begin_ns = 1;
	c.end_ns = 2;
	c.result = -1;
	c.stream_off = UINT64_MAX;
	c.data_len = data_len;
	if (local != NULL) {
		assert_int_equal(endpoint_parse(local, t, true, &e, NULL), 0);
		c.local = e.addr;
	}
	return c;
}

static void
read__what_was_written__is_the_same_call(void **state)
{
	struct call c = sample(NULL, TRANSPORT_TCP, 0);

	(void)state;
	assert_survives(&c);
	c = sample("127.0.0.1:7000", TRANSPORT_TCP, 64);
	c.peer = c.local;
	assert_survives(&c);
	assert_true(callpack_len(&c) < sizeof c / 2);
	c = sample("[::1]:7000", TRANSPORT_UDP, CALL_DATA_MAX);
	assert_survives(&c);
	c = sample("/tmp/a/path", TRANSPORT_UNIX, 1);
	assert_survives(&c);
	/* The longest of everything. */
	c.local.len = c.peer.len = sizeof c.local.un;
	memset(c.local.un.sun_path, 'p', sizeof c.local.un.sun_path);
	c.peer = c.local;
	c.data_len = CALL_DATA_MAX;
	assert_survives(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(read__what_was_written__is_the_same_call),
	};

	return cmocka_run_group_tests_name("callpack", tests, NULL, NULL);
}
