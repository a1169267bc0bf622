/*
 * The ladder's rungs, without a terminal.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/tui/scene.h"
#include "tui/rungs.h"

struct stage {
	struct scene *scene;
	struct rungs *rungs;
};

static int
setup(void **state)
{
	static struct stage lab;

	lab = (struct stage){scene_new(), rungs_new()};
	*state = &lab;
	return 0;
}

static int
teardown(void **state)
{
	struct stage *lab = *state;

	rungs_free(lab->rungs);
	scene_free(lab->scene);
	return 0;
}

static void
follow(struct stage *lab, uint32_t flow, bool all)
{
	while (rungs_follow(
	    lab->rungs, &scene_view(lab->scene)->weave, flow, all, 100))
		continue;
}

/* The rows as a line: "1 2 c3{ 4-9 }c3 ..."; walked from both ends. */
static const char *
rows(struct stage *lab)
{
	static char text[8192];
	const struct weave *w = &scene_view(lab->scene)->weave;
	uint64_t row = 0, before = 0;
	struct rung r;
	size_t n = 0;

	text[0] = '\0';
	while ((row = rungs_next(lab->rungs, row)) != 0) {
		assert_true(row > before);
		assert_int_equal(rungs_prev(lab->rungs, row), before);
		assert_true(rungs_get(lab->rungs, w, row, &r));
		n += (size_t)snprintf(text + n, sizeof text - n,
		    r.kind == RUNG_FRAME   ? "%s%llu"
		    : r.kind == RUNG_FOLD  ? "%s%llu-%llu"
		    : r.kind == RUNG_BEGIN ? "%s(%llu"
					   : "%s%llu)",
		    n > 0 ? " " : "", (unsigned long long)r.id,
		    (unsigned long long)r.last);
		before = row;
	}
	assert_int_equal(rungs_prev(lab->rungs, 0), before);
	return text;
}

static struct rung
rung_of(struct stage *lab, uint64_t frame)
{
	struct rung r = {0};

	assert_true(rungs_get(lab->rungs, &scene_view(lab->scene)->weave,
	    rungs_row(lab->rungs, frame), &r));
	return r;
}

/* n segments of 100 bytes from byte `from` on, every other one acknowledged. */
static void
send_run(struct scene *s, uint32_t from, uint32_t n)
{
	char data[101] = "";

	memset(data, 'x', 100);
	for (uint32_t i = 0; i < n; i++) {
		uint32_t at = 1 + from + 100 * i;

		scene_segment(s, DIR_CLIENT, TCP_ACK, at, 1, data);
		if (i % 2 == 1)
			scene_segment(s, DIR_SERVER, TCP_ACK, 1, at + 100, "");
	}
}

static void
rungs__handshake_and_line__stand_between_their_calls(void **state)
{
	struct stage *lab = *state;

	scene_open(lab->scene); /* calls 1 to 4, packets 1 to 3 */
	scene_data(lab->scene, 1, CALL_SEND, 0, 5);
	scene_segment(lab->scene, DIR_CLIENT, TCP_ACK, 1, 1, "hello");
	scene_data(lab->scene, 2, CALL_RECV, 0, 5);
	follow(lab, 1, false);
	/* The connect() of the scene begins when the handshake is over. */
	assert_string_equal(rows(lab), "1 2 3 (2 2) 4) (5 4 6)");
}

static void
rungs__send_told_after_its_recv__stands_before_it(void **state)
{
	struct stage *lab = *state;
	int64_t sent_ns;

	scene_open(lab->scene);
	sent_ns = lab->scene->now_ns;
	lab->scene->now_ns += 1000;
	scene_segment(lab->scene, DIR_CLIENT, TCP_ACK, 1, 1, "hello");
	scene_data(lab->scene, 2, CALL_RECV, 0, 5);
	follow(lab, 1, false);
	assert_string_equal(rows(lab), "1 2 3 (2 2) 4) 4 5)");
	lab->scene->now_ns = sent_ns;
	scene_data(lab->scene, 1, CALL_SEND, 0, 5);
	follow(lab, 1, false);
	assert_string_equal(rows(lab), "1 2 3 (2 2) 4) (6 4 5)");
}

static void
rungs__long_run__is_one_row_until_it_is_unfolded(void **state)
{
	struct stage *lab = *state;
	struct rung r;
	uint64_t row;
	bool folded;

	scene_open(lab->scene);
	send_run(lab->scene, 0, 8); /* packets 4 to 15 */
	scene_segment(lab->scene, DIR_SERVER, TCP_FIN | TCP_ACK, 1, 801, "");
	follow(lab, 1, false);
	assert_string_equal(rows(lab), "1 2 3 (2 2) 4) 4-15 16");
	r = rung_of(lab, 9);
	assert_int_equal(r.kind, RUNG_FOLD);
	assert_int_equal(r.segments, 8);
	assert_int_equal(r.packets, 12);
	assert_int_equal(r.bytes, 800);
	assert_int_equal(r.dir, DIR_CLIENT);
	assert_int_equal(r.end_ns - r.ts_ns, 11000);
	row = rungs_row(lab->rungs, 9);
	assert_true(rungs_in_run(lab->rungs, row, &folded) && folded);
	assert_int_equal(rungs_fold(lab->rungs, row), row);
	assert_string_equal(
	    rows(lab), "1 2 3 (2 2) 4) 4 5 6 7 8 9 10 11 12 13 14 15 16");
	row = rungs_row(lab->rungs, 9);
	assert_true(rungs_in_run(lab->rungs, row, &folded) && !folded);
	assert_int_equal(rungs_fold(lab->rungs, row),
	    rungs_row(lab->rungs, 4)); /* folded again */
	assert_string_equal(rows(lab), "1 2 3 (2 2) 4) 4-15 16");
	assert_int_equal(rungs_fold(lab->rungs, rungs_row(lab->rungs, 1)), 0);
}

static void
rungs__calls_in_a_run__are_counted_but_a_close_ends_it(void **state)
{
	struct stage *lab = *state;
	struct rung r;

	scene_open(lab->scene);
	for (uint32_t i = 0; i < 2; i++) {
		scene_data(lab->scene, 1, CALL_SEND, 1000 * i, 1000);
		send_run(lab->scene, 1000 * i, 10);
		scene_data(lab->scene, 2, CALL_RECV, 1000 * i, 1000);
	}
	follow(lab, 1, false);
	assert_string_equal(rows(lab), "1 2 3 (2 2) 4) (5 4-33 8)");
	r = rung_of(lab, 4);
	assert_int_equal(r.segments, 20);
	assert_int_equal(r.writes, 1);
	assert_int_equal(r.reads, 1);
	scene_call(lab->scene,
	    (struct call){.sock = 1, .kind = CALL_SHUTDOWN, .arg = {SHUT_RD}});
	send_run(lab->scene, 2000, 10);
	follow(lab, 1, false);
	assert_string_equal(rows(lab), "1 2 3 (2 2) 4) (5 4-33 8) (9 34-48");
}

static void
rungs__pause__begins_another_run(void **state)
{
	struct stage *st = *state;

	scene_open(st->scene);
	send_run(st->scene, 0, 8);
	st->scene->now_ns += 2 * (int64_t)RUNGS_PAUSE_NS;
	send_run(st->scene, 800, 8);
	follow(st, 1, false);
	assert_string_equal(rows(st), "1 2 3 (2 2) 4) 4-15 16-27");
}

static void
rungs__fed_packet_by_packet__are_as_read_at_once(void **state)
{
	struct stage *lab = *state, other = {lab->scene, rungs_new()};
	char once[8192];

	scene_open(lab->scene);
	for (uint32_t i = 0; i < 6; i++) {
		scene_data(lab->scene, 1, CALL_SEND, 200 * i, 200);
		follow(&other, 1, false);
		send_run(lab->scene, 200 * i, 2);
		follow(&other, 1, false);
		scene_data(lab->scene, 2, CALL_RECV, 200 * i, 200);
	}
	follow(&other, 1, false);
	follow(lab, 1, false);
	snprintf(once, sizeof once, "%s", rows(lab));
	assert_string_equal(rows(&other), once);
	rungs_free(other.rungs);
}

static void
rungs__sent_again__name_what_was_lost(void **state)
{
	struct stage *lab = *state;
	struct rung lost, repeat;

	scene_read(lab->scene, "tests/golden/tcp/rec_lost.pcap");
	follow(lab, 1, false);
	lost = rung_of(lab, 13);
	assert_int_equal(lost.kind, RUNG_FRAME);
	assert_int_equal(lost.loss, LOSS_PRESUMED);
	assert_int_equal(lost.other, 42);
	repeat = rung_of(lab, 42);
	assert_int_equal(repeat.loss, LOSS_REPEAT);
	assert_int_equal(repeat.other, 13);
}

static void
rungs__received_twice__nothing_was_lost(void **state)
{
	struct stage *lab = *state;
	int needless = 0;

	scene_read(lab->scene, "tests/golden/tcp/rec_twice.pcap");
	follow(lab, 1, false);
	for (uint64_t id = 1;
	     id < store_next(capture_store(lab->scene->capture)); id++) {
		struct rung r = rung_of(lab, id);

		assert_int_not_equal(r.loss, LOSS_PRESUMED);
		needless += r.loss == LOSS_NEEDLESS;
	}
	assert_true(needless > 0);
}

static void
rungs__all_of_a_client__are_lanes_in_the_captures_order(void **state)
{
	struct stage *lab = *state;
	const struct lanes *lanes;

	for (uint16_t i = 0; i < 3; i++) {
		lab->scene->client_port = (uint16_t)(CLIENT_PORT + i);
		scene_segment(lab->scene, DIR_CLIENT, TCP_SYN, 0, 0, "");
	}
	for (uint16_t i = 0; i < 3; i++) {
		lab->scene->client_port = (uint16_t)(CLIENT_PORT + i);
		scene_segment(
		    lab->scene, DIR_SERVER, TCP_SYN | TCP_ACK, 0, 1, "");
	}
	follow(lab, 2, false);
	assert_string_equal(rows(lab), "2 5");
	follow(lab, 2, true);
	assert_string_equal(rows(lab), "1 2 3 4 5 6");
	lanes = rungs_lanes(lab->rungs);
	assert_int_equal(lanes->count, 3);
	assert_int_equal(rung_of(lab, 4).lane, 0);
	assert_int_equal(rung_of(lab, 6).lane, 2);
	lab->scene->client_port = CLIENT_PORT + 3; /* one more comes */
	scene_segment(lab->scene, DIR_CLIENT, TCP_SYN, 0, 0, "");
	follow(lab, 2, true);
	assert_string_equal(rows(lab), "1 2 3 4 5 6 7");
	assert_int_equal(lanes->count, 4);
}

static void
rungs__packets_that_left__are_no_rows(void **state)
{
	struct stage *lab = *state;
	const struct store *store = capture_store(lab->scene->capture);

	scene_open(lab->scene);
	follow(lab, 1, false);
	for (uint32_t i = 0; store_first(store) < 2000; i++) {
		send_run(lab->scene, 1000 * i, 10);
		if (i % 7 == 0)
			follow(lab, 1, false);
	}
	follow(lab, 1, false);
	assert_true(rungs_are_cut(lab->rungs));
	assert_int_equal(rungs_row(lab->rungs, store_first(store) - 1), 0);
	assert_int_equal(
	    rung_of(lab, store_first(store)).id, store_first(store));
	rows(lab);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(rungs__handshake_and_line__stand_between_their_calls),
	    TEST(rungs__send_told_after_its_recv__stands_before_it),
	    TEST(rungs__long_run__is_one_row_until_it_is_unfolded),
	    TEST(rungs__calls_in_a_run__are_counted_but_a_close_ends_it),
	    TEST(rungs__pause__begins_another_run),
	    TEST(rungs__fed_packet_by_packet__are_as_read_at_once),
	    TEST(rungs__sent_again__name_what_was_lost),
	    TEST(rungs__received_twice__nothing_was_lost),
	    TEST(rungs__all_of_a_client__are_lanes_in_the_captures_order),
	    TEST(rungs__packets_that_left__are_no_rows),
	};

	return cmocka_run_group_tests_name("rungs", tests, NULL, NULL);
}
