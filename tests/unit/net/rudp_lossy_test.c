/* 100,000 messages through a bad network, exactly once and in order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "tests/unit/net/rudp_rig.h"

#define MESSAGES 100000
#define SEEDS 20

/* One direction of the traffic: what is sent next, what is expected next. */
struct stream {
	uint32_t sent, got;
};

static size_t
message_len(uint32_t number)
{
	return 4 + number % 13;
}

static void
fill(uint8_t *buf, uint32_t number)
{
	struct wr w = wr_init(buf, 32);

	wr_be32(&w, number);
	while (wr_len(&w) < message_len(number))
		wr_u8(&w, (uint8_t)(number ^ wr_len(&w)));
}

static void
send_all_that_fits(struct rudp *c, struct stream *s, uint32_t count)
{
	uint8_t buf[32];

	while (s->sent < count) {
		fill(buf, s->sent);
		if (rudp_send(c, buf, message_len(s->sent)) != 0)
			return;
		s->sent++;
	}
	rudp_close(c);
}

static void
check_all_that_came(struct rudp *c, struct stream *s)
{
	uint8_t buf[RUDP_MESSAGE_MAX], want[32];
	ssize_t n;

	while ((n = rudp_recv(c, buf)) >= 0) {
		fill(want, s->got);
		assert_int_equal(n, message_len(s->got));
		assert_memory_equal(buf, want, (size_t)n);
		s->got++;
	}
	if (n != -EAGAIN && n != -ENODATA)
		fail_msg("message %u: %s", s->got, strerrorname_np((int)-n));
}

/* Returns the simulated time until the last message was there. */
static int64_t
carry(const struct impair_rules *rules, uint32_t to_server, uint32_t to_client,
    struct rudp_stats *ret)
{
	const uint32_t count[ENDS] = {to_server, to_client};
	struct rudp_config config = rudp_config_default;
	struct stream stream[ENDS] = {{0, 0}, {0, 0}};
	struct rig g;
	int64_t start, took = 0;
	int idle = 0;

	/* Half of all HELLOs have no answer: 7 in a row do happen. */
	config.hello_retries = 20;
	rig_init(&g, &config, rules);
	start = g.now;
	/* Twice nothing to wait for: neither the ends nor this loop go on. */
	while (idle < 2) {
		for (int i = 0; i < ENDS; i++) {
			if (g.end[i] == NULL)
				continue;
			send_all_that_fits(g.end[i], &stream[i], count[i]);
			check_all_that_came(g.end[i], &stream[1 - i]);
		}
		if (took == 0 && stream[CLIENT].got == to_server &&
		    stream[SERVER].got == to_client)
			took = g.now - start;
		idle = rig_step(&g, RUDP_NEVER) ? 0 : idle + 1;
	}
	for (int i = 0; i < ENDS; i++) {
		uint8_t buf[RUDP_MESSAGE_MAX];

		assert_non_null(g.end[i]);
		ret[i] = rudp_stats(g.end[i]);
		assert_int_equal(ret[i].state, RUDP_CLOSED);
		assert_int_equal(ret[i].error, 0);
		assert_int_equal(rudp_recv(g.end[i], buf), -ENODATA);
		assert_int_equal(stream[i].got, count[i]);
		assert_int_equal(ret[i].malformed, 0);
		rig_check(g.end[i]);
	}
	rig_done(&g);
	return took;
}

static void
lossy__100000_messages_under_20_seeds__arrive_once_in_order(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		const struct impair_rules rules = {
		    .seed = seed,
		    .loss_ppm = 300000,
		    .duplicate_ppm = 100000,
		    .reorder_ppm = 250000,
		    .delay_ns = 5 * CLOCK_MS,
		    .jitter_ns = CLOCK_MS,
		    .reorder_ns = 4 * CLOCK_MS,
		};
		struct rudp_stats s[ENDS];
		int64_t took = carry(&rules, MESSAGES, 0, s);

		print_message("# seed %d: %.1f s simulated, %llu "
			      "repeated (%llu fast), %llu time-outs, "
			      "%llu duplicates dropped\n",
		    (int)seed, (double)took / 1e9,
		    (unsigned long long)s[CLIENT].retransmits,
		    (unsigned long long)s[CLIENT].fast_retransmits,
		    (unsigned long long)s[CLIENT].timeouts,
		    (unsigned long long)s[SERVER].duplicates);
		assert_int_equal(s[SERVER].delivered, MESSAGES);
		assert_true(s[CLIENT].retransmits > MESSAGES * 3 / 10);
	}
}

static void
lossy__both_directions__arrive_once_in_order(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 3; seed++) {
		const struct impair_rules rules = {
		    .seed = seed,
		    .loss_ppm = 300000,
		    .duplicate_ppm = 100000,
		    .reorder_ppm = 100000,
		    .delay_ns = 20 * CLOCK_MS,
		    .reorder_ns = 30 * CLOCK_MS,
		};
		struct rudp_stats s[ENDS];

		carry(&rules, 20000, 30000, s);
	}
}

static void
lossless__any_delay__repeats_nothing(void **state)
{
	const struct impair_rules rules = {.delay_ns = 20 * CLOCK_MS};
	struct rudp_stats s[ENDS];

	(void)state;
	carry(&rules, 10000, 0, s);
	assert_int_equal(s[CLIENT].retransmits, 0);
	assert_int_equal(s[CLIENT].timeouts, 0);
	assert_int_equal(s[SERVER].duplicates, 0);
	/* one ACK for two messages, and a few more */
	assert_true(s[SERVER].acks <= 5100);
}

/*
 * TCP Reno: rate = MSS / RTT * sqrt(3 / 2p) (Mathis et al. 1997), which at 5%
 * loss and 40 ms is 137 segments in a second.
 */
static void
lossy__5_percent_and_20_ms__beats_the_reno_formula(void **state)
{
	const struct impair_rules rules = {
	    .seed = 7, .loss_ppm = 50000, .delay_ns = 20 * CLOCK_MS};
	struct rudp_stats s[ENDS];
	int64_t took;

	(void)state;
	took = carry(&rules, 20000, 0, s);
	print_message("# %.0f messages a second, %llu time-outs\n",
	    20000e9 / (double)took, (unsigned long long)s[CLIENT].timeouts);
	assert_true(20000e9 / (double)took > 5 * 137);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		lossy__100000_messages_under_20_seeds__arrive_once_in_order),
	    cmocka_unit_test(lossy__both_directions__arrive_once_in_order),
	    cmocka_unit_test(lossless__any_delay__repeats_nothing),
	    cmocka_unit_test(
		lossy__5_percent_and_20_ms__beats_the_reno_formula),
	};

	return cmocka_run_group_tests_name("rudp lossy", tests, NULL, NULL);
}
