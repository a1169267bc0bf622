/*
 * Registers and memory of a made-up program, and the records they become.
 */
#include "net/trace_decode.h"

#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include <cmocka.h>

/* The other program's memory: bytes at [BASE, BASE + used). */
#define BASE UINT64_C(0x10000)

struct memory {
	uint8_t bytes[4096];
	size_t used;
};

static size_t
read_fake(void *arg, uint64_t at, void *dst, size_t n)
{
	const struct memory *m = arg;
	size_t offset;

	if (at < BASE || at >= BASE + m->used)
		return 0;
	offset = (size_t)(at - BASE);
	if (n > m->used - offset)
		n = m->used - offset;
	memcpy(dst, m->bytes + offset, n);
	return n;
}

/* Put it into the memory; its address there. */
static uint64_t
put(struct memory *m, const void *data, size_t n)
{
	uint64_t at = BASE + m->used;

	assert_true(n <= sizeof m->bytes - m->used);
	memcpy(m->bytes + m->used, data, n);
	m->used += n;
	return at;
}

static struct sockaddr_in
loopback(uint16_t port)
{
	return (struct sockaddr_in){.sin_family = AF_INET,
	    .sin_port = htons(port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

struct fake {
	struct memory memory;
	struct trace_mem mem;
	struct call call;
};

static struct fake *
fake(void)
{
	static struct fake f;

	f = (struct fake){.mem = {read_fake, &f.memory}};
	return &f;
}

#define ARGS(...) ((const uint64_t[6]){__VA_ARGS__})

static void
assert_data(const struct call *c, const char *text)
{
	assert_int_equal(c->data_len, strlen(text));
	assert_memory_equal(c->data, text, c->data_len);
}

static void
socket__cloexec__is_no_part_of_the_type(void **state)
{
	struct fake *f = fake();

	(void)state;
	trace_entry(TRACE_SOCKET,
	    ARGS(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), true,
	    &f->mem, &f->call);
	assert_int_equal(f->call.kind, CALL_SOCKET);
	assert_int_equal(f->call.fd, -1);
	assert_int_equal(f->call.arg[0], AF_INET);
	assert_int_equal(f->call.arg[1], SOCK_STREAM | SOCK_NONBLOCK);
	trace_exit(TRACE_SOCKET, ARGS(0), 5, &f->mem, &f->call);
	assert_int_equal(f->call.fd, 5);
	assert_int_equal(f->call.result, 5);
}

static void
connect__address__is_read(void **state)
{
	struct fake *f = fake();
	struct sockaddr_in sin = loopback(7000);
	uint64_t at = put(&f->memory, &sin, sizeof sin);
	char text[ADDR_TEXT_MAX];

	(void)state;
	trace_entry(
	    TRACE_CONNECT, ARGS(4, at, sizeof sin), true, &f->mem, &f->call);
	assert_int_equal(f->call.kind, CALL_CONNECT);
	assert_int_equal(f->call.fd, 4);
	assert_string_equal(addr_format(text, &f->call.peer), "127.0.0.1:7000");
	trace_exit(TRACE_CONNECT, ARGS(4, at, sizeof sin), -ECONNREFUSED,
	    &f->mem, &f->call);
	assert_int_equal(f->call.error, ECONNREFUSED);
	assert_int_equal(f->call.result, -1);
}

static void
connect__address_too_short_or_unreadable__is_none(void **state)
{
	struct fake *f = fake();
	struct sockaddr_in sin = loopback(7000);
	uint64_t at = put(&f->memory, &sin, sizeof sin);
	const uint64_t bad[][2] = {{at, 1}, {at, 8}, {at, sizeof sin - 1},
	    {at, 1000}, {0, sizeof sin}, {~UINT64_C(0), sizeof sin},
	    {at + 4, sizeof sin}, {at, ~UINT64_C(0)}};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		trace_entry(TRACE_CONNECT, ARGS(4, bad[i][0], bad[i][1]), true,
		    &f->mem, &f->call);
		assert_int_equal(f->call.peer.len, 0);
	}
}

static void
write__partly_taken__has_the_bytes_that_went(void **state)
{
	struct fake *f = fake();
	uint64_t at = put(&f->memory, "hello world", 11);

	(void)state;
	trace_entry(TRACE_WRITE, ARGS(3, at, 11), true, &f->mem, &f->call);
	assert_int_equal(f->call.kind, CALL_SEND);
	assert_int_equal(f->call.arg[2], CALL_RW);
	assert_int_equal(f->call.asked, 11);
	assert_data(&f->call, "hello world");
	trace_exit(TRACE_WRITE, ARGS(3, at, 11), 5, &f->mem, &f->call);
	assert_int_equal(f->call.result, 5);
	assert_data(&f->call, "hello");
}

static void
send__more_than_a_record_holds__keeps_the_first(void **state)
{
	struct fake *f = fake();
	uint8_t bytes[CALL_DATA_MAX + 100];
	uint64_t at;

	(void)state;
	memset(bytes, 'x', sizeof bytes);
	at = put(&f->memory, bytes, sizeof bytes);
	trace_entry(
	    TRACE_SENDTO, ARGS(3, at, sizeof bytes), true, &f->mem, &f->call);
	assert_int_equal(f->call.data_len, CALL_DATA_MAX);
	trace_entry(
	    TRACE_SENDTO, ARGS(3, at, ~UINT64_C(0)), true, &f->mem, &f->call);
	assert_int_equal(f->call.data_len, CALL_DATA_MAX);
	assert_true(f->call.asked <= UINT64_C(1) << 40);
}

static void
sendto__address__makes_it_a_datagram(void **state)
{
	struct fake *f = fake();
	struct sockaddr_in sin = loopback(9);
	uint64_t data = put(&f->memory, "hi", 2);
	uint64_t to = put(&f->memory, &sin, sizeof sin);

	(void)state;
	trace_entry(TRACE_SENDTO, ARGS(3, data, 2, 0, to, sizeof sin), false,
	    &f->mem, &f->call);
	assert_int_equal(f->call.kind, CALL_SENDTO);
	assert_int_equal(addr_port(&f->call.peer), 9);
}

/* A struct msghdr of two pieces, "one" and "two!", with a name or without. */
static uint64_t
put_message(struct memory *m, const struct sockaddr_in *name)
{
	struct iovec iov[2] = {{NULL, 3}, {NULL, 4}};
	struct msghdr msg = {.msg_iovlen = 2};

	iov[0].iov_base = (void *)(uintptr_t)put(m, "one", 3);
	iov[1].iov_base = (void *)(uintptr_t)put(m, "two!", 4);
	msg.msg_iov = (struct iovec *)(uintptr_t)put(m, iov, sizeof iov);
	if (name != NULL) {
		msg.msg_name = (void *)(uintptr_t)put(m, name, sizeof *name);
		msg.msg_namelen = sizeof *name;
	}
	return put(m, &msg, sizeof msg);
}

static void
sendmsg__pieces__are_one_send(void **state)
{
	struct fake *f = fake();
	uint64_t at = put_message(&f->memory, NULL);

	(void)state;
	trace_entry(
	    TRACE_SENDMSG, ARGS(3, at, MSG_NOSIGNAL), true, &f->mem, &f->call);
	assert_int_equal(f->call.kind, CALL_SEND);
	assert_int_equal(f->call.arg[0], MSG_NOSIGNAL);
	assert_int_equal(f->call.arg[2], CALL_MSG);
	assert_int_equal(f->call.asked, 7);
	assert_data(&f->call, "onetwo!");
	trace_exit(TRACE_SENDMSG, ARGS(3, at), 4, &f->mem, &f->call);
	assert_data(&f->call, "onet");
}

static void
recvmsg__datagram__has_its_sender(void **state)
{
	struct fake *f = fake();
	struct sockaddr_in sin = loopback(5353);
	uint64_t at = put_message(&f->memory, &sin);

	(void)state;
	trace_entry(TRACE_RECVMSG, ARGS(3, at), false, &f->mem, &f->call);
	assert_int_equal(f->call.kind, CALL_RECVFROM);
	assert_int_equal(f->call.asked, 7);
	assert_int_equal(f->call.data_len, 0);
	trace_exit(TRACE_RECVMSG, ARGS(3, at), 5, &f->mem, &f->call);
	assert_data(&f->call, "onetw");
	assert_int_equal(addr_port(&f->call.peer), 5353);
}

static void
recv__longer_than_the_room__reads_no_further(void **state)
{
	struct fake *f = fake();
	uint64_t at = put(&f->memory, "abcdef", 6);

	(void)state;
	/* MSG_TRUNC: the result is the datagram's length. */
	trace_entry(TRACE_RECVFROM, ARGS(3, at, 4, MSG_TRUNC), false, &f->mem,
	    &f->call);
	trace_exit(
	    TRACE_RECVFROM, ARGS(3, at, 4, MSG_TRUNC), 1000, &f->mem, &f->call);
	assert_int_equal(f->call.result, 1000);
	assert_data(&f->call, "abcd");
}

static void
recv__peek_or_error_queue__moves_nothing(void **state)
{
	struct fake *f = fake();

	(void)state;
	trace_entry(TRACE_RECVFROM, ARGS(3, BASE, 4, MSG_PEEK), true, &f->mem,
	    &f->call);
	assert_true(f->call.peek);
	trace_entry(TRACE_RECVMSG, ARGS(3, BASE, MSG_ERRQUEUE), false, &f->mem,
	    &f->call);
	assert_true(f->call.peek);
}

static void
setsockopt__value_unreadable__is_0(void **state)
{
	struct fake *f = fake();
	int one = 1;
	uint64_t at = put(&f->memory, &one, sizeof one);

	(void)state;
	trace_entry(TRACE_SETSOCKOPT, ARGS(3, SOL_SOCKET, SO_REUSEADDR, at, 4),
	    true, &f->mem, &f->call);
	assert_int_equal(f->call.arg[1], SO_REUSEADDR);
	assert_data(&f->call, "1");
	trace_entry(TRACE_SETSOCKOPT, ARGS(3, SOL_SOCKET, SO_REUSEADDR, 0, 4),
	    true, &f->mem, &f->call);
	assert_int_equal(f->call.arg[2], 0);
}

static void
numbers__each__has_its_op(void **state)
{
	size_t count;
	const struct trace_number *n = trace_numbers(&count);

	(void)state;
	for (size_t i = 0; i < count; i++)
		assert_int_equal(trace_op((uint64_t)n[i].nr), n[i].op);
	assert_int_equal(trace_op(SYS_getpid), TRACE_NONE);
	assert_int_equal(trace_op(~UINT64_C(0)), TRACE_NONE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(socket__cloexec__is_no_part_of_the_type),
	    cmocka_unit_test(connect__address__is_read),
	    cmocka_unit_test(connect__address_too_short_or_unreadable__is_none),
	    cmocka_unit_test(write__partly_taken__has_the_bytes_that_went),
	    cmocka_unit_test(send__more_than_a_record_holds__keeps_the_first),
	    cmocka_unit_test(sendto__address__makes_it_a_datagram),
	    cmocka_unit_test(sendmsg__pieces__are_one_send),
	    cmocka_unit_test(recvmsg__datagram__has_its_sender),
	    cmocka_unit_test(recv__longer_than_the_room__reads_no_further),
	    cmocka_unit_test(recv__peek_or_error_queue__moves_nothing),
	    cmocka_unit_test(setsockopt__value_unreadable__is_0),
	    cmocka_unit_test(numbers__each__has_its_op),
	};

	return cmocka_run_group_tests_name("trace_decode", tests, NULL, NULL);
}
