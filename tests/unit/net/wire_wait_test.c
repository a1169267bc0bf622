/* The wire's thread at rest: what ends it, and what it costs. */
#include "net/wire_wait.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "net/wire_path.h"

/* Two hosts' cables and main's call, each an eventfd. */
struct rig {
	struct wire_port ports[2];
	int call;
	struct wire_wait wait;
};

static int
set_up(void **state)
{
	struct rig *r = calloc(1, sizeof *r);

	assert_non_null(r);
	for (int i = 0; i < 2; i++)
		r->ports[i].fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	r->call = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	wire_wait_init(&r->wait, r->ports, 2, r->call);
	*state = r;
	return 0;
}

static int
tear_down(void **state)
{
	struct rig *r = *state;

	wire_wait_done(&r->wait);
	for (int i = 0; i < 2; i++)
		close(r->ports[i].fd);
	close(r->call);
	free(r);
	return 0;
}

static void
put(int fd)
{
	assert_int_equal(eventfd_write(fd, 1), 0);
}

static void
take(int fd)
{
	eventfd_t n;

	assert_int_equal(eventfd_read(fd, &n), 0);
}

static int64_t
cpu_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (int64_t)ts.tv_sec * CLOCK_S + ts.tv_nsec;
}

static void
rest(struct rig *r, int64_t ns)
{
	wire_wait(&r->wait, WIRE_PATH_NEVER, clock_mono_ns() + ns);
}

static void
wait__a_packet__says_whose(void **state)
{
	struct rig *r = *state;

	put(r->ports[1].fd);
	wire_wait(&r->wait, WIRE_PATH_NEVER, WIRE_PATH_NEVER);
	assert_false(wire_wait_came(&r->wait, 0));
	assert_true(wire_wait_came(&r->wait, 1));
	assert_false(wire_wait_woken(&r->wait));
}

static void
wait__main_calls__is_over(void **state)
{
	struct rig *r = *state;

	put(r->call);
	wire_wait(&r->wait, WIRE_PATH_NEVER, WIRE_PATH_NEVER);
	assert_true(wire_wait_woken(&r->wait));
	assert_false(wire_wait_came(&r->wait, 0));
}

static void
wait__only_to_look__finds_what_is_there(void **state)
{
	struct rig *r = *state;

	wire_wait(&r->wait, 0, WIRE_PATH_NEVER);
	assert_false(wire_wait_came(&r->wait, 0));
	put(r->ports[0].fd);
	wire_wait(&r->wait, 0, WIRE_PATH_NEVER);
	assert_true(wire_wait_came(&r->wait, 0));
}

static void
wait__a_packet_is_due__is_not_over_before(void **state)
{
	struct rig *r = *state;

	for (int64_t us = 1; us < 1000; us += 37) {
		int64_t due = clock_mono_ns() + us * CLOCK_US;

		wire_wait(&r->wait, due, WIRE_PATH_NEVER);
		assert_true(clock_mono_ns() >= due);
	}
}

/* Awake it would cost more than half of that time. */
static void
wait__packets_far_apart__costs_nothing(void **state)
{
	enum { PACKETS = 100 };
	struct rig *r = *state;
	int64_t before = 0;

	for (int i = 0; i < PACKETS; i++) {
		if (i == 2 * WIRE_WAIT_VAIN)
			before = cpu_ns();
		put(r->ports[0].fd);
		wire_wait(&r->wait, WIRE_PATH_NEVER, WIRE_PATH_NEVER);
		take(r->ports[0].fd);
		rest(r, 2 * WIRE_WAIT_LINGER_NS);
	}
	assert_true(cpu_ns() - before <
		    (PACKETS - 2 * WIRE_WAIT_VAIN) * WIRE_WAIT_LINGER_NS / 2);
}

static void
wait__nothing_comes__costs_nothing(void **state)
{
	struct rig *r = *state;
	int64_t before = cpu_ns();

	rest(r, 50 * CLOCK_MS);
	assert_true(cpu_ns() - before < 10 * CLOCK_MS);
}

int
main(void)
{
#define WAIT(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    WAIT(wait__a_packet__says_whose),
	    WAIT(wait__main_calls__is_over),
	    WAIT(wait__only_to_look__finds_what_is_there),
	    WAIT(wait__a_packet_is_due__is_not_over_before),
	    WAIT(wait__packets_far_apart__costs_nothing),
	    WAIT(wait__nothing_comes__costs_nothing),
	};

	return cmocka_run_group_tests_name("wire_wait", tests, NULL, NULL);
}
