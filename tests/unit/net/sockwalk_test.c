#include "net/sockwalk.h"

#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/lab.h"

/*
 * In a lab of its own, where nobody else's sockets are: two listeners on ports
 * that the kernel chose, and one client of the first.
 */
struct fixture {
	int listener[2], client;
	uint16_t port[2], client_port;
};

static uint16_t
port_of(int fd)
{
	struct sockaddr_in in = {.sin_family = AF_INET};
	socklen_t n = sizeof in;

	assert_int_equal(getsockname(fd, (struct sockaddr *)&in, &n), 0);
	return ntohs(in.sin_port);
}

static int
set_up(void **state)
{
	static struct fixture f;
	struct sockaddr_in to = {.sin_family = AF_INET};
	struct err err;
	struct lab lab;

	*state = NULL;
	if (lab_enter(1, &lab, &err) < 0) {
		print_message("# %s\n", err.text);
		return 0;
	}
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	for (int i = 0; i < 2; i++) {
		f.listener[i] = socket(AF_INET, SOCK_STREAM, 0);
		if (bind(f.listener[i], (struct sockaddr *)&to, sizeof to) <
			0 ||
		    listen(f.listener[i], 5) < 0)
			return -1;
		f.port[i] = port_of(f.listener[i]);
	}
	to.sin_port = htons(f.port[0]);
	f.client = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(f.client, (struct sockaddr *)&to, sizeof to) < 0)
		return -1;
	f.client_port = port_of(f.client);
	*state = &f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	if (f == NULL)
		return 0;
	close(f->client);
	close(f->listener[0]);
	close(f->listener[1]);
	return 0;
}

static const struct fixture *
fixture(void **state)
{
	if (*state == NULL)
		skip();
	return *state;
}

struct seen {
	unsigned rows, listening, established, foreign;
	const struct sockfilter *filter;
	int answer;
};

static bool
has_port(const struct sockfilter *f, const struct sockrow *r)
{
	for (size_t i = 0; i < f->port_count; i++)
		if (addr_port(&r->local) == f->ports[i] ||
		    addr_port(&r->peer) == f->ports[i])
			return true;
	return false;
}

static int
on_row(void *arg, const struct sockrow *r)
{
	struct seen *seen = arg;

	seen->rows++;
	seen->listening += r->state == TCPS_LISTEN;
	seen->established += r->state == TCPS_ESTABLISHED;
	seen->foreign += !has_port(seen->filter, r);
	return seen->answer;
}

static struct seen
walk(const struct sockfilter *filter)
{
	struct seen seen = {.filter = filter};
	struct sockwalk *w;
	struct err err;

	assert_int_equal(sockwalk_new(filter, on_row, &seen, &w, &err), 0);
	assert_int_equal(sockwalk_start(w, &err), 0);
	assert_int_equal(sockwalk_wait(w, &err), 1);
	assert_false(sockwalk_running(w));
	assert_false(sockwalk_interrupted(w));
	sockwalk_free(w);
	return seen;
}

static void
filter__one_port__is_local_or_peer(void **state)
{
	const struct fixture *f = fixture(state);
	struct sockfilter filter = {
	    .what = SOCKTAB_ALL, .ports = {f->port[0]}, .port_count = 1};
	struct seen seen = walk(&filter);

	assert_int_equal(seen.listening, 1);
	assert_int_equal(seen.established, 2); /* both ends */
	assert_int_equal(seen.foreign, 0);
}

static void
filter__many_ports__each_is_enough(void **state)
{
	const struct fixture *f = fixture(state);
	struct sockfilter filter = {
	    .what = SOCKTAB_TCP, .port_count = SOCKFILTER_PORTS_MAX};
	struct seen seen;

	/* the first, one in the middle and the last; between them others */
	for (size_t i = 0; i < SOCKFILTER_PORTS_MAX; i++)
		filter.ports[i] = 1;
	filter.ports[0] = f->port[1];
	filter.ports[7] = f->client_port;
	filter.ports[SOCKFILTER_PORTS_MAX - 1] = f->port[0];
	seen = walk(&filter);
	assert_int_equal(seen.listening, 2);
	assert_int_equal(seen.established, 2);
	assert_int_equal(seen.foreign, 0);
}

static void
filter__states__only_those(void **state)
{
	const struct fixture *f = fixture(state);
	struct sockfilter filter = {.what = SOCKTAB_TCP,
	    .states = 1U << TCPS_LISTEN,
	    .ports = {f->port[0], f->port[1]},
	    .port_count = 2};
	struct seen seen = walk(&filter);

	assert_int_equal(seen.rows, 2);
	assert_int_equal(seen.listening, 2);
	filter.states = 1U << TCPS_ESTABLISHED | 1U << TCPS_TIME_WAIT;
	seen = walk(&filter);
	assert_int_equal(seen.rows, 2);
	assert_int_equal(seen.established, 2);
}

static void
filter__that_nothing_can_meet__is_through_at_once(void **state)
{
	struct sockfilter filter = {
	    .what = SOCKTAB_UDP, .states = 1U << TCPS_LISTEN};

	(void)state;
	assert_int_equal(walk(&filter).rows, 0);
}

static void
row__refused__ends_the_walk_and_the_next_is_whole(void **state)
{
	const struct fixture *f = fixture(state);
	struct sockfilter filter = {
	    .what = SOCKTAB_TCP, .ports = {f->port[0]}, .port_count = 1};
	struct seen seen = {.filter = &filter, .answer = -EIO};
	struct sockwalk *w;
	struct err err;

	assert_int_equal(sockwalk_new(&filter, on_row, &seen, &w, &err), 0);
	assert_int_equal(sockwalk_start(w, &err), 0);
	assert_int_equal(sockwalk_wait(w, &err), -EIO);
	assert_int_equal(seen.rows, 1);
	assert_false(sockwalk_running(w));
	seen = (struct seen){.filter = &filter};
	/* what is left of the first is still to be read, and is passed over */
	assert_int_equal(sockwalk_start(w, &err), 0);
	assert_int_equal(sockwalk_wait(w, &err), 1);
	assert_int_equal(seen.rows, 3);
	sockwalk_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(filter__one_port__is_local_or_peer),
	    cmocka_unit_test(filter__many_ports__each_is_enough),
	    cmocka_unit_test(filter__states__only_those),
	    cmocka_unit_test(filter__that_nothing_can_meet__is_through_at_once),
	    cmocka_unit_test(row__refused__ends_the_walk_and_the_next_is_whole),
	};

	return cmocka_run_group_tests_name(
	    "sockwalk", tests, set_up, tear_down);
}
