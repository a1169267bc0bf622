#include "net/tcp_track.h"

#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct addr
at(uint16_t port)
{
	return addr_from_ip(
	    AF_INET, &(struct in_addr){htonl(0x0a000001)}, port);
}

static void
feed(struct tcp_track *t, uint16_t port, int64_t at_ns, enum tcp_state state,
    uint32_t cwnd)
{
	struct tcp_seen s = {.local = at(port), .peer = at(7)};

	s.sample.at_ns = at_ns;
	s.sample.state = (uint8_t)state;
	s.sample.cwnd = cwnd;
	tcp_track_feed(t, &s);
}

static const struct tcp_sample *
samples(const struct tcp_track *t, uint16_t port, size_t *ret_count)
{
	struct addr local = at(port), peer = at(7);

	return tcp_track_samples(t, &local, &peer, ret_count);
}

static void
feed__the_same_again__keeps_changes_only(void **state)
{
	struct tcp_track *t = tcp_track_new();
	const struct tcp_sample *s;
	uint64_t gen;
	size_t n;

	(void)state;
	assert_null(samples(t, 1, &n));
	feed(t, 1, 10, TCPS_SYN_SENT, 1);
	feed(t, 1, 20, TCPS_ESTABLISHED, 10);
	gen = tcp_track_gen(t);
	feed(t, 1, 30, TCPS_ESTABLISHED, 10);
	assert_true(tcp_track_gen(t) == gen);
	feed(t, 1, 40, TCPS_ESTABLISHED, 11);
	s = samples(t, 1, &n);
	assert_int_equal(n, 3);
	assert_int_equal(s[0].state, TCPS_SYN_SENT);
	assert_int_equal(s[1].at_ns, 20);
	assert_int_equal(s[2].cwnd, 11);
	tcp_track_free(t);
}

static void
feed__very_many__keeps_the_states_and_the_newest(void **state)
{
	struct tcp_track *t = tcp_track_new();
	const struct tcp_sample *s;
	int64_t before = 0;
	size_t n;

	(void)state;
	feed(t, 1, 1, TCPS_SYN_SENT, 1);
	for (uint32_t i = 2; i < 5 * TCP_TRACK_SAMPLES; i++)
		feed(t, 1, i, TCPS_ESTABLISHED, i);
	s = samples(t, 1, &n);
	assert_true(n > TCP_TRACK_SAMPLES / 2 && n <= TCP_TRACK_SAMPLES);
	assert_int_equal(s[0].state, TCPS_SYN_SENT);
	assert_int_equal(s[1].cwnd, 2); /* the change of state */
	assert_int_equal(s[n - 1].at_ns, 5 * TCP_TRACK_SAMPLES - 1);
	for (size_t i = 0; i < n; i++) {
		assert_true(s[i].at_ns > before);
		before = s[i].at_ns;
	}
	tcp_track_free(t);
}

static void
feed__too_many_ends__the_one_heard_of_first_leaves(void **state)
{
	struct tcp_track *t = tcp_track_new();
	size_t n;

	(void)state;
	for (uint16_t i = 0; i < TCP_TRACK_ENDS; i++)
		feed(t, 100 + i, i, TCPS_ESTABLISHED, 1);
	feed(t, 100, 1000, TCPS_ESTABLISHED, 2);
	feed(t, 99, 1001, TCPS_ESTABLISHED, 1);
	assert_non_null(samples(t, 100, &n));
	assert_non_null(samples(t, 99, &n));
	assert_int_equal(n, 1);
	assert_null(samples(t, 101, &n));
	tcp_track_free(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(feed__the_same_again__keeps_changes_only),
	    cmocka_unit_test(feed__very_many__keeps_the_states_and_the_newest),
	    cmocka_unit_test(
		feed__too_many_ends__the_one_heard_of_first_leaves),
	};

	return cmocka_run_group_tests_name("tcp_track", tests, NULL, NULL);
}
