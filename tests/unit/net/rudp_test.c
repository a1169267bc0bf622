#include "net/rudp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "tests/unit/net/rudp_rig.h"

static const struct impair_rules perfect = {.delay_ns = 20 * CLOCK_MS};

static void
establish(struct rig *g, const struct impair_rules *rules)
{
	rig_init(g, &rudp_config_default, rules);
	rig_establish(g);
	assert_non_null(g->end[SERVER]);
	assert_int_equal(rudp_state(g->end[CLIENT]), RUDP_ESTABLISHED);
	assert_int_equal(rudp_state(g->end[SERVER]), RUDP_ESTABLISHED);
}

static void
send_number(struct rudp *c, uint32_t number)
{
	uint8_t b[4];
	struct wr w = wr_init(b, sizeof b);

	wr_be32(&w, number);
	assert_int_equal(rudp_send(c, b, sizeof b), 0);
}

/* -errno, or the number */
static int64_t
recv_number(struct rudp *c)
{
	uint8_t b[RUDP_MESSAGE_MAX];
	ssize_t n = rudp_recv(c, b);
	struct rd r = rd_init(b, 4, 4);

	if (n < 0)
		return n;
	assert_int_equal(n, 4);
	return rd_be32(&r);
}

/* A packet as if the other end had sent it. */
static void
forge(struct rig *g, int to, struct rudp_packet p)
{
	uint8_t b[RUDP_DATAGRAM_MAX];
	struct wr w = wr_init(b, sizeof b);

	if (p.id == 0)
		p.id = g->end[to]->local_id;
	rudp_encode(&w, &p);
	rudp_input(g->end[to], b, wr_len(&w), g->now);
	rig_check(g->end[to]);
}

/* Whatever was done to them: both ends still understand each other. */
static void
assert_in_step(struct rig *g)
{
	for (uint32_t i = 0; i < 300; i++) {
		send_number(g->end[CLIENT], i);
		send_number(g->end[SERVER], i + 1000);
		rig_run(g, 60 * CLOCK_MS);
		assert_int_equal(recv_number(g->end[SERVER]), i);
		assert_int_equal(recv_number(g->end[CLIENT]), i + 1000);
	}
	assert_int_equal(recv_number(g->end[SERVER]), -EAGAIN);
	rig_check(g->end[CLIENT]);
	rig_check(g->end[SERVER]);
}

static void
open__without_loss__takes_four_datagrams(void **state)
{
	struct rudp_stats c, s;
	struct rig g;

	(void)state;
	establish(&g, &perfect);
	rig_run(&g, CLOCK_S);
	c = rudp_stats(g.end[CLIENT]);
	s = rudp_stats(g.end[SERVER]);
	assert_int_equal(c.datagrams_out, 2);
	assert_int_equal(g.carried[SERVER], 2);
	assert_int_equal(c.peer_id, s.local_id);
	assert_int_equal(s.peer_id, c.local_id);
	assert_int_equal(c.window, 128);
	/* the round trip of HELLO: RFC 6298 s2.2, 40 + 4 * 20 ms */
	assert_int_equal(c.srtt_ns, 40 * CLOCK_MS);
	assert_int_equal(c.rto_ns, 120 * CLOCK_MS);
	assert_int_equal(s.rto_ns, CLOCK_S); /* not measured yet */
	rig_done(&g);
}

static void
send__messages_of_all_lengths__arrive_whole(void **state)
{
	uint8_t out[RUDP_MESSAGE_MAX + 1], in[RUDP_MESSAGE_MAX];
	struct rig g;

	(void)state;
	establish(&g, &perfect);
	for (size_t n = 0; n <= RUDP_MESSAGE_MAX; n += 35) {
		memset(out, (int)n, sizeof out);
		assert_int_equal(rudp_send(g.end[CLIENT], out, n), 0);
		rig_run(&g, 100 * CLOCK_MS);
		assert_int_equal(rudp_recv(g.end[SERVER], in), n);
		assert_memory_equal(in, out, n);
	}
	assert_int_equal(
	    rudp_send(g.end[CLIENT], out, RUDP_MESSAGE_MAX + 1), -EMSGSIZE);
	rig_done(&g);
}

static void
send__before_the_connection__waits_for_it(void **state)
{
	struct rig g;

	(void)state;
	rig_init(&g, &rudp_config_default, &perfect);
	send_number(g.end[CLIENT], 5);
	rudp_close(g.end[CLIENT]);
	assert_int_equal(rudp_state(g.end[CLIENT]), RUDP_HELLO_SENT);
	rig_run(&g, CLOCK_S);
	assert_int_equal(recv_number(g.end[SERVER]), 5);
	assert_int_equal(recv_number(g.end[SERVER]), -ENODATA);
	assert_int_equal(rudp_state(g.end[SERVER]), RUDP_CLOSE_WAIT);
	assert_int_equal(rudp_state(g.end[CLIENT]), RUDP_FIN_WAIT_2);
	rig_done(&g);
}

static void
ack__of_single_message__is_delayed_by_10_ms(void **state)
{
	struct rig g;
	int64_t start, at;
	bool more;

	(void)state;
	establish(&g, &perfect);
	rig_run(&g, CLOCK_S);
	start = g.now;
	send_number(g.end[CLIENT], 1);
	do {
		at = g.now;
		more = rig_step(&g, start + CLOCK_S);
	} while (more && g.end[CLIENT]->tx.una != g.end[CLIENT]->tx.end);
	assert_int_equal(at - start, 50 * CLOCK_MS);
	rig_done(&g);
}

static void
window__reader_that_sleeps__shuts_it_and_probes_go_on(void **state)
{
	struct rudp_stats s;
	struct rig g;

	(void)state;
	establish(&g, &perfect);
	for (uint32_t i = 0; i < 128; i++)
		send_number(g.end[CLIENT], i);
	assert_int_equal(rudp_send(g.end[CLIENT], "", 0), -EAGAIN);
	rig_run(&g, CLOCK_S);
	for (uint32_t i = 128; i < 256; i++)
		send_number(g.end[CLIENT], i);
	rig_run(&g, 600 * CLOCK_S);
	s = rudp_stats(g.end[CLIENT]);
	assert_int_equal(s.error, 0);
	assert_int_equal(s.window, 0);
	assert_int_equal(s.in_flight, 0);
	assert_int_equal(s.queued, 128);
	assert_int_equal(s.sent, 128);
	assert_true(s.probes > 8);
	s = rudp_stats(g.end[SERVER]);
	assert_int_equal(s.local_window, 0);
	assert_int_equal(s.unread, 128);
	/* the reader wakes up: all at once, no probe is waited for */
	for (uint32_t i = 0; i < 256; i++) {
		assert_int_equal(recv_number(g.end[SERVER]), i);
		rig_run(&g, 80 * CLOCK_MS);
	}
	rig_done(&g);
}

static void
window__update_that_is_lost__is_found_by_a_probe(void **state)
{
	struct rig g;

	(void)state;
	establish(&g, &perfect);
	for (uint32_t i = 0; i < 128; i++)
		send_number(g.end[CLIENT], i);
	rig_run(&g, CLOCK_S);
	send_number(g.end[CLIENT], 128);
	rig_run(&g, 5 * CLOCK_S);
	g.dead[CLIENT] = true; /* it hears nothing of the room that is made */
	for (uint32_t i = 0; i < 128; i++)
		assert_int_equal(recv_number(g.end[SERVER]), i);
	rig_run(&g, 100 * CLOCK_MS);
	g.dead[CLIENT] = false;
	rig_run(&g, 60 * CLOCK_S);
	assert_int_equal(recv_number(g.end[SERVER]), 128);
	rig_done(&g);
}

static void
close__one_after_the_other__passes_the_states_of_tcp(void **state)
{
	struct rig g;

	(void)state;
	establish(&g, &perfect);
	rig_run(&g, CLOCK_S);
	rudp_close(g.end[CLIENT]);
	rudp_close(g.end[CLIENT]);
	assert_int_equal(rudp_send(g.end[CLIENT], "", 0), -EPIPE);
	assert_int_equal(rudp_state(g.end[CLIENT]), RUDP_FIN_WAIT_1);
	rig_run(&g, 100 * CLOCK_MS);
	assert_int_equal(rudp_state(g.end[CLIENT]), RUDP_FIN_WAIT_2);
	assert_int_equal(rudp_state(g.end[SERVER]), RUDP_CLOSE_WAIT);
	/* half closed: the other direction still works */
	send_number(g.end[SERVER], 3);
	rig_run(&g, 100 * CLOCK_MS);
	assert_int_equal(recv_number(g.end[CLIENT]), 3);
	assert_int_equal(recv_number(g.end[SERVER]), -ENODATA);
	rudp_close(g.end[SERVER]);
	assert_int_equal(rudp_state(g.end[SERVER]), RUDP_LAST_ACK);
	rig_run(&g, 100 * CLOCK_MS);
	assert_int_equal(rudp_state(g.end[SERVER]), RUDP_CLOSED);
	assert_int_equal(rudp_state(g.end[CLIENT]), RUDP_TIME_WAIT);
	rig_run(&g, 6 * CLOCK_S);
	assert_int_equal(rudp_state(g.end[CLIENT]), RUDP_CLOSED);
	assert_int_equal(rudp_stats(g.end[CLIENT]).error, 0);
	assert_int_equal(rudp_stats(g.end[SERVER]).error, 0);
	assert_int_equal(rudp_deadline(g.end[CLIENT]), RUDP_NEVER);
	rig_done(&g);
}

static void
close__both_at_once__both_linger(void **state)
{
	struct rig g;

	(void)state;
	establish(&g, &perfect);
	rudp_close(g.end[CLIENT]);
	rudp_close(g.end[SERVER]);
	rig_run(&g, 25 * CLOCK_MS);
	assert_int_equal(rudp_state(g.end[CLIENT]), RUDP_CLOSING);
	rig_run(&g, CLOCK_S);
	assert_int_equal(rudp_state(g.end[CLIENT]), RUDP_TIME_WAIT);
	assert_int_equal(rudp_state(g.end[SERVER]), RUDP_TIME_WAIT);
	rig_run(&g, 10 * CLOCK_S);
	assert_int_equal(rudp_state(g.end[CLIENT]), RUDP_CLOSED);
	assert_int_equal(rudp_state(g.end[SERVER]), RUDP_CLOSED);
	rig_done(&g);
}

static void
close__with_a_full_window__sends_all_of_it_first(void **state)
{
	struct rig g;

	(void)state;
	establish(&g, &perfect);
	for (uint32_t i = 0; i < 128; i++)
		send_number(g.end[CLIENT], i);
	rudp_close(g.end[CLIENT]);
	for (uint32_t i = 0; i < 128; i++) {
		rig_run(&g, 100 * CLOCK_MS);
		assert_int_equal(recv_number(g.end[SERVER]), i);
	}
	rig_run(&g, CLOCK_S);
	assert_int_equal(recv_number(g.end[SERVER]), -ENODATA);
	assert_int_equal(rudp_state(g.end[CLIENT]), RUDP_FIN_WAIT_2);
	rig_done(&g);
}

static void
peer__dies_while_data_is_in_flight__is_given_up(void **state)
{
	struct rudp_stats s;
	struct rig g;
	int64_t start;

	(void)state;
	establish(&g, &perfect);
	rig_run(&g, CLOCK_S);
	g.dead[SERVER] = true;
	send_number(g.end[CLIENT], 1);
	start = g.now;
	while (rudp_state(g.end[CLIENT]) != RUDP_CLOSED)
		assert_true(rig_step(&g, start + 600 * CLOCK_S));
	s = rudp_stats(g.end[CLIENT]);
	assert_int_equal(s.error, -ETIMEDOUT);
	assert_int_equal(s.timeouts, 11);
	/* 120 ms (the least is 100) * (1 + 2 + ... + 1024), limited to 60 s */
	assert_true(g.now - start > 100 * CLOCK_S);
	assert_true(g.now - start < 250 * CLOCK_S);
	assert_int_equal(recv_number(g.end[CLIENT]), -ETIMEDOUT);
	assert_int_equal(rudp_send(g.end[CLIENT], "", 0), -ETIMEDOUT);
	/* it told the peer, should that still live */
	g.dead[SERVER] = false;
	rig_run(&g, CLOCK_S);
	assert_int_equal(recv_number(g.end[SERVER]), -ECONNRESET);
	rig_done(&g);
}

static void
peer__never_answers_hello__is_given_up(void **state)
{
	struct rig g;

	(void)state;
	rig_init(&g, &rudp_config_default, &perfect);
	g.dead[SERVER] = true;
	rig_run(&g, 600 * CLOCK_S);
	assert_int_equal(rudp_stats(g.end[CLIENT]).error, -ETIMEDOUT);
	assert_int_equal(g.carried[CLIENT], 7);
	rig_done(&g);
}

static void
peer__dies_with_its_window_shut__is_given_up(void **state)
{
	struct rig g;

	(void)state;
	establish(&g, &perfect);
	for (uint32_t i = 0; i < 128; i++)
		send_number(g.end[CLIENT], i);
	rig_run(&g, CLOCK_S);
	send_number(g.end[CLIENT], 128);
	rig_run(&g, 100 * CLOCK_S);
	assert_int_equal(rudp_stats(g.end[CLIENT]).error, 0);
	g.dead[SERVER] = true;
	rig_run(&g, 1000 * CLOCK_S);
	assert_int_equal(rudp_stats(g.end[CLIENT]).error, -ETIMEDOUT);
	rig_done(&g);
}

static void
keepalive__asks_a_silent_peer__and_notices_its_death(void **state)
{
	struct rudp_config config = rudp_config_default;
	struct rig g;

	(void)state;
	config.keepalive_ns = 10 * CLOCK_S;
	rig_init(&g, &config, &perfect);
	rig_establish(&g);
	rig_run(&g, 100 * CLOCK_S);
	assert_int_equal(rudp_state(g.end[CLIENT]), RUDP_ESTABLISHED);
	assert_true(rudp_stats(g.end[CLIENT]).probes +
			rudp_stats(g.end[SERVER]).probes >=
		    9);
	g.dead[CLIENT] = true;
	rig_run(&g, 1000 * CLOCK_S);
	assert_int_equal(rudp_stats(g.end[SERVER]).error, -ETIMEDOUT);
	rig_done(&g);
}

static void
abort__tells_the_peer(void **state)
{
	struct rig g;

	(void)state;
	establish(&g, &perfect);
	send_number(g.end[CLIENT], 1);
	rig_run(&g, 30 * CLOCK_MS);
	rudp_abort(g.end[CLIENT]);
	rig_run(&g, CLOCK_S);
	assert_int_equal(rudp_stats(g.end[CLIENT]).error, -ECONNABORTED);
	/* what came before is still there */
	assert_int_equal(recv_number(g.end[SERVER]), 1);
	assert_int_equal(recv_number(g.end[SERVER]), -ECONNRESET);
	rig_done(&g);
}

static void
door__shut__refuses_the_client(void **state)
{
	struct rig g;

	(void)state;
	rig_init(&g, &rudp_config_default, &perfect);
	g.door->shut = true;
	rig_run(&g, CLOCK_S);
	assert_int_equal(rudp_stats(g.end[CLIENT]).error, -ECONNREFUSED);
	assert_int_equal(g.door->stats.refused, 1);
	rig_done(&g);
}

/* ---- loss ---- */

/* The window is pushed past an impairment that drops by hand. */
static void
run_dropping(struct rig *g, const uint32_t *numbers, size_t count, int times)
{
	uint8_t buf[RUDP_DATAGRAM_MAX];
	uint32_t first = g->end[CLIENT]->local_first;
	int dropped[8] = {0};
	int64_t until = g->now + 2 * CLOCK_S;

	while (g->now < until) {
		size_t n;

		while ((n = rudp_output(
			    g->end[CLIENT], g->now, buf, sizeof buf)) > 0) {
			struct rd r = rd_init(buf, n, n);
			struct rudp_packet p;
			bool drop = false;

			rudp_decode(&r, &p);
			for (size_t i = 0; i < count; i++)
				if (p.type == RUDP_DATA &&
				    p.seq - first == numbers[i] &&
				    dropped[i] < times) {
					dropped[i]++;
					drop = true;
				}
			if (!drop)
				rig_post(g, CLIENT, buf, n);
		}
		if (!rig_step(g, until))
			break;
	}
}

static void
loss__of_one_message__is_repaired_by_the_third_ack(void **state)
{
	static const uint32_t lost[] = {10};
	struct rudp_stats s;
	struct rig g;

	(void)state;
	establish(&g, &perfect);
	rig_run(&g, CLOCK_S);
	for (uint32_t i = 0; i < 30; i++)
		send_number(g.end[CLIENT], i);
	run_dropping(&g, lost, 1, 1);
	s = rudp_stats(g.end[CLIENT]);
	assert_int_equal(s.fast_retransmits, 1);
	assert_int_equal(s.retransmits, 1);
	assert_int_equal(s.timeouts, 0);
	s = rudp_stats(g.end[SERVER]);
	assert_int_equal(s.duplicates, 0);
	assert_int_equal(s.reordered, 1);
	for (uint32_t i = 0; i < 30; i++)
		assert_int_equal(recv_number(g.end[SERVER]), i);
	rig_done(&g);
}

static void
loss__of_the_last_message__is_repaired_by_the_tail_probe(void **state)
{
	static const uint32_t lost[] = {29};
	struct rudp_stats s;
	struct rig g;

	(void)state;
	establish(&g, &perfect);
	for (uint32_t i = 0; i < 30; i++)
		send_number(g.end[CLIENT], i);
	run_dropping(&g, lost, 1, 1);
	s = rudp_stats(g.end[CLIENT]);
	assert_int_equal(s.tail_probes, 1);
	assert_int_equal(s.timeouts, 0);
	assert_int_equal(s.retransmits, 1);
	rig_done(&g);
}

static void
loss__of_the_last_message_thrice__doubles_the_timer(void **state)
{
	static const uint32_t lost[] = {29};
	struct rudp_stats s;
	struct rig g;

	(void)state;
	establish(&g, &perfect);
	for (uint32_t i = 0; i < 30; i++)
		send_number(g.end[CLIENT], i);
	run_dropping(&g, lost, 1, 3);
	s = rudp_stats(g.end[CLIENT]);
	assert_int_equal(s.timeouts, 2);
	assert_int_equal(s.retransmits, 3);
	/* Karn: no new round trip was measured, so the doubling stays */
	assert_int_equal(s.rto_ns, 4 * g.end[CLIENT]->tx.rto_ns);
	send_number(g.end[CLIENT], 30);
	rig_run(&g, CLOCK_S);
	assert_int_equal(
	    rudp_stats(g.end[CLIENT]).rto_ns, g.end[CLIENT]->tx.rto_ns);
	rig_done(&g);
}

/* ---- forgery ---- */

static void
input__malformed_or_foreign__is_counted_and_harmless(void **state)
{
	uint8_t junk[RUDP_DATAGRAM_MAX];
	uint64_t x = 1;
	struct rudp_stats s;
	struct rig g;

	(void)state;
	establish(&g, &perfect);
	for (int i = 0; i < 20000; i++) {
		size_t n;

		for (size_t k = 0; k < 64; k++) {
			x = x * UINT64_C(6364136223846793005) + 1;
			junk[k] = (uint8_t)(x >> 56);
		}
		if (i % 2 == 0)
			junk[0] = (uint8_t)(0x10 | (junk[0] & 15));
		n = junk[63] % 64;
		rudp_input(g.end[i % 2], junk, n, g.now);
		rig_check(g.end[i % 2]);
	}
	s = rudp_stats(g.end[CLIENT]);
	assert_true(s.malformed + s.foreign >= 10000);
	assert_in_step(&g);
	rig_done(&g);
}

static void
input__forged_numbers__are_bogus_and_harmless(void **state)
{
	static const uint8_t far[] = {0, 1};
	struct rig g;
	struct rudp *s;
	uint64_t before;

	(void)state;
	establish(&g, &perfect);
	rig_run(&g, CLOCK_S);
	s = g.end[SERVER];
	before = rudp_stats(s).bogus;
	/* acknowledges what was never sent */
	forge(&g, SERVER,
	    (struct rudp_packet){
		.type = RUDP_ACK, .seq = s->rx.next, .ack = s->tx.next + 1});
	/* ... or what was sent long ago */
	forge(&g, SERVER,
	    (struct rudp_packet){
		.type = RUDP_ACK, .seq = s->rx.next, .ack = s->tx.una - 2000});
	/* ... or by its bitmap */
	forge(&g, SERVER,
	    (struct rudp_packet){.type = RUDP_ACK,
		.seq = s->rx.next,
		.ack = s->tx.next,
		.bitmap = far,
		.bitmap_len = 2});
	/* beyond the window, right behind it and far */
	forge(&g, SERVER,
	    (struct rudp_packet){
		.type = RUDP_DATA, .seq = s->rx.read + 128, .ack = s->tx.next});
	forge(&g, SERVER,
	    (struct rudp_packet){.type = RUDP_DATA,
		.seq = s->rx.read + 0x7fffffff,
		.ack = s->tx.next});
	/* resets outside of it; handshakes that are long over */
	forge(&g, SERVER,
	    (struct rudp_packet){
		.type = RUDP_RESET, .seq = s->rx.next - 1, .ack = s->tx.next});
	forge(&g, SERVER,
	    (struct rudp_packet){.type = RUDP_CONFIRM,
		.own_id = 77,
		.seq = s->peer_first,
		.ack = s->local_first});
	forge(&g, CLIENT,
	    (struct rudp_packet){.type = RUDP_WELCOME,
		.own_id = 78,
		.seq = 5,
		.ack = g.end[CLIENT]->local_first});
	assert_int_equal(rudp_stats(s).bogus - before, 7);
	assert_int_equal(rudp_stats(g.end[CLIENT]).bogus, 1);
	assert_in_step(&g);
	rig_done(&g);
}

/* Every datagram comes three times more: cut, replayed much later, changed. */
#define KEPT 4096
struct recorder {
	size_t count;
	struct {
		size_t n;
		int from;
		uint8_t data[RUDP_HEADER_LEN + 16];
	} kept[KEPT];
};

static void
record(struct rig *g, int from, const uint8_t *data, size_t n)
{
	struct recorder *r = g->tap_arg;

	if (r->count == KEPT || n > sizeof r->kept[0].data)
		return;
	r->kept[r->count].n = n;
	r->kept[r->count].from = from;
	memcpy(r->kept[r->count++].data, data, n);
}

static void
input__replayed_and_truncated__never_desynchronise(void **state)
{
	struct recorder *r = calloc(1, sizeof *r);
	struct rudp_stats s;
	struct rig g;

	(void)state;
	assert_non_null(r);
	rig_init(&g, &rudp_config_default, &perfect);
	g.tap = record;
	g.tap_arg = r;
	rig_establish(&g);
	assert_in_step(&g);
	g.tap = NULL;
	assert_true(r->count > 600);
	for (size_t i = 0; i < r->count; i++) {
		struct rudp *to = g.end[1 - r->kept[i].from];

		for (size_t n = 0; n < r->kept[i].n; n++)
			rudp_input(to, r->kept[i].data, n, g.now);
		rudp_input(to, r->kept[i].data, r->kept[i].n, g.now);
		rig_check(to);
	}
	s = rudp_stats(g.end[SERVER]);
	assert_true(s.malformed > 5000);
	assert_true(s.duplicates >= 300);
	assert_int_equal(recv_number(g.end[SERVER]), -EAGAIN);
	assert_int_equal(recv_number(g.end[CLIENT]), -EAGAIN);
	assert_in_step(&g);
	rig_done(&g);
	free(r);
}

static void
input__forged_bitmap__is_healed(void **state)
{
	static const uint8_t second[] = {0x80};
	struct rig g;
	struct rudp *c;

	(void)state;
	establish(&g, &perfect);
	rig_run(&g, CLOCK_S);
	c = g.end[CLIENT];
	g.dead[SERVER] = true;
	for (uint32_t i = 0; i < 3; i++)
		send_number(c, i);
	rig_run(&g, 10 * CLOCK_MS);
	/* "the second one is here", though all three are lost */
	forge(&g, CLIENT,
	    (struct rudp_packet){.type = RUDP_ACK,
		.seq = c->rx.next,
		.ack = c->tx.una,
		.bitmap = second,
		.bitmap_len = 1,
		.window = 128});
	rig_run(&g, 50 * CLOCK_MS);
	g.dead[SERVER] = false;
	rig_run(&g, 10 * CLOCK_S);
	for (uint32_t i = 0; i < 3; i++)
		assert_int_equal(recv_number(g.end[SERVER]), i);
	assert_int_equal(rudp_stats(c).bogus, 1);
	assert_in_step(&g);
	rig_done(&g);
}

static void
input__data_behind_a_fin__is_bogus(void **state)
{
	struct rig g;
	uint32_t next, ack;

	(void)state;
	establish(&g, &perfect);
	rig_run(&g, CLOCK_S);
	next = g.end[SERVER]->rx.next;
	ack = g.end[SERVER]->tx.next;
	/* the FIN comes before the message that precedes it */
	forge(&g, SERVER,
	    (struct rudp_packet){
		.type = RUDP_FIN, .seq = next + 1, .ack = ack});
	assert_int_equal(rudp_state(g.end[SERVER]), RUDP_ESTABLISHED);
	forge(&g, SERVER,
	    (struct rudp_packet){
		.type = RUDP_DATA, .seq = next + 2, .ack = ack});
	forge(&g, SERVER,
	    (struct rudp_packet){
		.type = RUDP_FIN, .seq = next + 3, .ack = ack});
	assert_int_equal(rudp_stats(g.end[SERVER]).bogus, 2);
	forge(&g, SERVER,
	    (struct rudp_packet){.type = RUDP_DATA,
		.seq = next,
		.ack = ack,
		.message = (const uint8_t *)"abcd",
		.message_len = 4});
	assert_int_equal(rudp_state(g.end[SERVER]), RUDP_CLOSE_WAIT);
	assert_int_equal(recv_number(g.end[SERVER]), 0x61626364);
	assert_int_equal(recv_number(g.end[SERVER]), -ENODATA);
	rig_done(&g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(open__without_loss__takes_four_datagrams),
	    cmocka_unit_test(send__messages_of_all_lengths__arrive_whole),
	    cmocka_unit_test(send__before_the_connection__waits_for_it),
	    cmocka_unit_test(ack__of_single_message__is_delayed_by_10_ms),
	    cmocka_unit_test(
		window__reader_that_sleeps__shuts_it_and_probes_go_on),
	    cmocka_unit_test(window__update_that_is_lost__is_found_by_a_probe),
	    cmocka_unit_test(
		close__one_after_the_other__passes_the_states_of_tcp),
	    cmocka_unit_test(close__both_at_once__both_linger),
	    cmocka_unit_test(close__with_a_full_window__sends_all_of_it_first),
	    cmocka_unit_test(peer__dies_while_data_is_in_flight__is_given_up),
	    cmocka_unit_test(peer__never_answers_hello__is_given_up),
	    cmocka_unit_test(peer__dies_with_its_window_shut__is_given_up),
	    cmocka_unit_test(
		keepalive__asks_a_silent_peer__and_notices_its_death),
	    cmocka_unit_test(abort__tells_the_peer),
	    cmocka_unit_test(door__shut__refuses_the_client),
	    cmocka_unit_test(
		loss__of_one_message__is_repaired_by_the_third_ack),
	    cmocka_unit_test(
		loss__of_the_last_message__is_repaired_by_the_tail_probe),
	    cmocka_unit_test(
		loss__of_the_last_message_thrice__doubles_the_timer),
	    cmocka_unit_test(
		input__malformed_or_foreign__is_counted_and_harmless),
	    cmocka_unit_test(input__forged_numbers__are_bogus_and_harmless),
	    cmocka_unit_test(
		input__replayed_and_truncated__never_desynchronise),
	    cmocka_unit_test(input__forged_bitmap__is_healed),
	    cmocka_unit_test(input__data_behind_a_fin__is_bogus),
	};

	return cmocka_run_group_tests_name("rudp", tests, NULL, NULL);
}
