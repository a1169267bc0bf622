/*
 * A tracer's link and a console's hub, in one process.
 */
#include "net/trace_hub.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/trace_link.h"
#include "net/trace_wire.h"

#define EVENTS_MAX 64

struct seen {
	struct trace_event events[EVENTS_MAX];
	struct call calls[EVENTS_MAX];
	char name[TRACE_NAME_MAX];
	size_t count;
};

struct rig {
	struct engine *engine;
	struct trace_hub *hub;
	struct seen seen;
};

static void
on_event(void *arg, const struct trace_event *e)
{
	struct seen *s = arg;

	assert_true(s->count < EVENTS_MAX);
	s->events[s->count] = *e;
	snprintf(s->name, sizeof s->name, "%s", e->name);
	if (e->kind == TRACE_PROGRAM_CALL)
		memcpy(&s->calls[s->count], e->call,
		    offsetof(struct call, data) + e->call->data_len);
	s->count++;
}

static struct rig *
rig(void)
{
	static struct rig r;

	memset(&r, 0, sizeof r);
	r.engine = engine_new(NULL);
	assert_non_null(r.engine);
	assert_int_equal(trace_hub_open(r.engine, &r.hub, NULL), 0);
	return &r;
}

/* All that is there already: accepting, then reading. */
static void
pump(struct rig *r)
{
	while (trace_hub_read(r->hub, on_event, &r->seen))
		;
}

static void
done(struct rig *r)
{
	trace_hub_free(r->hub);
	engine_free(r->engine);
}

static struct trace_link *
program(struct rig *r)
{
	char *command[] = {(char[]){"/usr/bin/python3"}, (char[]){"./x.py"},
	    (char[]){"7000"}, NULL};
	struct trace_link *l;

	assert_int_equal(trace_link_open(getpid(), command, &l, NULL), 0);
	pump(r);
	return l;
}

static struct call
call(uint32_t id, uint32_t actor, uint32_t sock, uint8_t kind, uint8_t phase)
{
	return (struct call){.id = id,
	    .actor = actor,
	    .sock = sock,
	    .fd = 3,
	    .kind = kind,
	    .phase = phase,
	    .side = SIDE_CLIENT,
	    .begin_ns = 1,
	    .end_ns = phase == CALL_DONE ? 2 : 0};
}

static void
tell(struct rig *r, struct trace_link *l, struct call c)
{
	trace_link_call(l, &c);
	trace_link_rest(l);
	pump(r);
}

static const struct call *
last(const struct rig *r)
{
	assert_true(r->seen.count > 0);
	return &r->seen.calls[r->seen.count - 1];
}

static void
program__that_says_hello__has_a_name_without_folders(void **state)
{
	struct rig *r = rig();
	struct trace_link *l = program(r);

	(void)state;
	assert_int_equal(r->seen.count, 1);
	assert_int_equal(r->seen.events[0].kind, TRACE_PROGRAM);
	assert_int_equal(r->seen.events[0].pid, getpid());
	assert_string_equal(r->seen.name, "python3 x.py 7000");
	trace_link_free(l);
	done(r);
}

static void
ids__of_two_programs__do_not_collide(void **state)
{
	struct rig *r = rig();
	struct trace_link *a = program(r), *b = program(r);
	struct call ca, cb;

	(void)state;
	tell(r, a, call(1, 1, 1, CALL_SOCKET, CALL_DONE));
	ca = *last(r);
	tell(r, b, call(1, 1, 1, CALL_SOCKET, CALL_DONE));
	cb = *last(r);
	assert_int_not_equal(ca.id, cb.id);
	assert_int_not_equal(ca.sock, cb.sock);
	assert_int_not_equal(ca.actor, cb.actor);
	assert_int_not_equal(ca.group, cb.group);
	assert_int_not_equal(engine_sock_id(r->engine), cb.sock);
	trace_link_free(a);
	trace_link_free(b);
	done(r);
}

static void
call__running_then_done__keeps_its_id(void **state)
{
	struct rig *r = rig();
	struct trace_link *l = program(r);
	uint32_t id, sock;

	(void)state;
	tell(r, l, call(5, 1, 2, CALL_RECV, CALL_RUNNING));
	id = last(r)->id;
	sock = last(r)->sock;
	tell(r, l, call(5, 1, 2, CALL_RECV, CALL_DONE));
	assert_int_equal(last(r)->id, id);
	assert_int_equal(last(r)->sock, sock);
	tell(r, l, call(6, 1, 2, CALL_RECV, CALL_DONE));
	assert_int_not_equal(last(r)->id, id);
	assert_int_equal(last(r)->sock, sock);
	trace_link_free(l);
	done(r);
}

static void
accept__new_socket__is_found_again(void **state)
{
	struct rig *r = rig();
	struct trace_link *l = program(r);
	struct call c = call(1, 1, 1, CALL_ACCEPT, CALL_DONE);
	uint32_t accepted;

	(void)state;
	c.arg[0] = 2;
	c.result = 4;
	tell(r, l, c);
	accepted = (uint32_t)last(r)->arg[0];
	assert_int_not_equal(accepted, last(r)->sock);
	tell(r, l, call(2, 1, 2, CALL_SEND, CALL_DONE));
	assert_int_equal(last(r)->sock, accepted);
	trace_link_free(l);
	done(r);
}

static void
tracer__gone_amid_a_call__ends_the_call(void **state)
{
	struct rig *r = rig();
	struct trace_link *l = program(r);

	(void)state;
	tell(r, l, call(1, 1, 1, CALL_RECV, CALL_RUNNING));
	trace_link_free(l);
	pump(r);
	assert_int_equal(r->seen.count, 4);
	assert_int_equal(r->seen.calls[2].phase, CALL_DONE);
	assert_int_equal(r->seen.calls[2].error, EINTR);
	assert_int_equal(r->seen.events[3].kind, TRACE_PROGRAM_END);
	assert_int_equal(r->seen.events[3].status, -1);
	done(r);
}

static void
end__told__has_the_status(void **state)
{
	struct rig *r = rig();
	struct trace_link *l = program(r);

	(void)state;
	trace_link_end(l, 7 << 8);
	trace_link_free(l);
	pump(r);
	assert_int_equal(r->seen.count, 2);
	assert_int_equal(r->seen.events[1].status, 7 << 8);
	done(r);
}

/* A connection of our own, to send what a link never would. */
static int
connect_raw(struct rig *r)
{
	struct sockaddr_un un;
	socklen_t len = trace_link_address(&un, getpid());
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&un, len), 0);
	pump(r);
	return fd;
}

static bool
was_hung_up(int fd)
{
	char byte;
	ssize_t n = recv(fd, &byte, 1, MSG_DONTWAIT);

	return n == 0 || (n < 0 && errno == ECONNRESET);
}

static void
garbage__received__is_hung_up_on(void **state)
{
	struct rig *r = rig();
	static const struct {
		const char *bytes;
		size_t len;
	} tries[] = {{"x", 1}, {"\0\0\0", 3}, {"\1\377\377", 3}, {"\2\0\0", 3},
	    {"\3\10\0\1\0\0\0\0\0\0\0", 11}};

	(void)state;
	for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
		int fd = connect_raw(r);

		assert_true(send(fd, tries[i].bytes, tries[i].len, 0) > 0);
		pump(r);
		assert_true(was_hung_up(fd));
		close(fd);
	}
	assert_int_equal(r->seen.count, 0);
	done(r);
}

static void
programs__too_many__are_turned_away(void **state)
{
	struct rig *r = rig();
	int fds[TRACE_HUB_PROGRAMS + 1];

	(void)state;
	for (int i = 0; i <= TRACE_HUB_PROGRAMS; i++)
		fds[i] = connect_raw(r);
	assert_false(was_hung_up(fds[TRACE_HUB_PROGRAMS - 1]));
	assert_true(was_hung_up(fds[TRACE_HUB_PROGRAMS]));
	for (int i = 0; i <= TRACE_HUB_PROGRAMS; i++)
		close(fds[i]);
	done(r);
}

static void
another_user__connecting__is_turned_away(void **state)
{
	struct rig *r = rig();
	int status;
	pid_t pid;

	(void)state;
	if (geteuid() != 0) {
		print_message("skipped: needs root to be another user\n");
		done(r);
		skip();
	}
	pid = fork();
	if (pid == 0) {
		struct sockaddr_un un;
		socklen_t len = trace_link_address(&un, getppid());
		int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
		char byte;

		if (setuid(1000) < 0 ||
		    connect(fd, (struct sockaddr *)&un, len) < 0)
			_exit(1);
		/* Hung up on, sooner or later; the console's side is below. */
		_exit(recv(fd, &byte, 1, 0) == 0 ? 0 : 2);
	}
	assert_true(pid > 0);
	while (waitpid(pid, &status, WNOHANG) == 0)
		pump(r);
	assert_int_equal(status, 0);
	assert_int_equal(r->seen.count, 0);
	done(r);
}

static void
console__that_takes_nothing__costs_records_and_no_time(void **state)
{
	struct rig *r = rig();
	struct trace_link *l = program(r);
	struct call c = call(1, 1, 1, CALL_RECV, CALL_DONE);

	(void)state;
	for (uint32_t i = 1; i < 100000; i++) {
		c.id = i;
		trace_link_call(l, &c);
	}
	trace_hub_free(r->hub); /* and it ends: the link copes */
	r->hub = NULL;
	trace_link_rest(l);
	trace_link_call(l, &c);
	trace_link_rest(l);
	assert_int_equal(trace_link_fd(l), -1);
	trace_link_free(l);
	done(r);
}

static void
link__no_console__is_told(void **state)
{
	char *command[] = {(char[]){"true"}, NULL};
	struct trace_link *l = NULL;
	struct err err;

	(void)state;
	assert_int_equal(trace_link_open(getpid(), command, &l, &err), -ENOENT);
	assert_null(l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		program__that_says_hello__has_a_name_without_folders),
	    cmocka_unit_test(ids__of_two_programs__do_not_collide),
	    cmocka_unit_test(call__running_then_done__keeps_its_id),
	    cmocka_unit_test(accept__new_socket__is_found_again),
	    cmocka_unit_test(tracer__gone_amid_a_call__ends_the_call),
	    cmocka_unit_test(end__told__has_the_status),
	    cmocka_unit_test(garbage__received__is_hung_up_on),
	    cmocka_unit_test(programs__too_many__are_turned_away),
	    cmocka_unit_test(another_user__connecting__is_turned_away),
	    cmocka_unit_test(
		console__that_takes_nothing__costs_records_and_no_time),
	    cmocka_unit_test(link__no_console__is_told),
	};

	return cmocka_run_group_tests_name("trace_hub", tests, NULL, NULL);
}
