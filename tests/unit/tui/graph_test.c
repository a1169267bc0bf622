/*
 * The samples of the graphs, and the graphs as they are drawn.
 */
#include "tui/graph.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/tui/scene.h"

struct stage {
	struct scene *scene;
	struct pane *pane;
	struct graph graph;
};

static char data[101];

static int
setup(void **state)
{
	static struct stage st;

	st = (struct stage){scene_new(), pane_graphs_new(), {0}};
	graph_init(&st.graph);
	memset(data, 'x', 100);
	scene_open(st.scene);
	*state = &st;
	return 0;
}

static int
teardown(void **state)
{
	struct stage *st = *state;

	graph_done(&st->graph);
	pane_free(st->pane);
	scene_free(st->scene);
	return 0;
}

static void
feed_all(struct stage *st)
{
	const struct store *store = capture_store(st->scene->capture);
	struct frame f;

	for (uint64_t id = store_first(store); id < store_next(store); id++)
		if (store_get(store, id, &f))
			assert_true(graph_feed(&st->graph, &f));
}

static const struct sample *
last(const struct stage *st)
{
	return &st->graph.samples[st->graph.count - 1];
}

static void
graph__ack_of_a_segment__measures_the_round_trip(void **state)
{
	struct stage *st = *state;

	scene_segment(st->scene, DIR_CLIENT, TCP_ACK, 1, 1, data);
	scene_segment(st->scene, DIR_CLIENT, TCP_ACK, 101, 1, data);
	scene_segment(st->scene, DIR_SERVER, TCP_ACK, 1, 201, "");
	feed_all(st);
	assert_int_equal(last(st)->rtt_ns, 1000); /* of the second */
	assert_int_equal(last(st)->ack, 200);
}

/* 20 ms there, 20 ms back: what the sender's kernel measures. */
static void
graph__at_a_wire__round_trips_are_the_senders(void **state)
{
	struct stage *st = *state;
	struct frame data_frame, ack;

	scene_segment(st->scene, DIR_CLIENT, TCP_ACK, 1, 1, data);
	scene_segment(st->scene, DIR_SERVER, TCP_ACK, 1, 101, "");
	assert_true(store_get(capture_store(st->scene->capture),
	    store_next(capture_store(st->scene->capture)) - 2, &data_frame));
	assert_true(store_get(capture_store(st->scene->capture),
	    store_next(capture_store(st->scene->capture)) - 1, &ack));
	data_frame.packet.fate = ack.packet.fate = FATE_PASSED;
	data_frame.packet.entered_ns = 1000000;
	data_frame.packet.ts_ns = ack.packet.entered_ns = 21000000;
	ack.packet.ts_ns = 41000000;
	assert_true(graph_feed(&st->graph, &data_frame));
	assert_true(graph_feed(&st->graph, &ack));
	assert_int_equal(last(st)->rtt_ns, 40000000);
	/* one that the wire lost times nothing */
	graph_clear(&st->graph);
	ack.packet.fate = FATE_LOST;
	assert_true(graph_feed(&st->graph, &data_frame));
	assert_true(graph_feed(&st->graph, &ack));
	assert_int_equal(last(st)->rtt_ns, 0);
}

static void
graph__sent_twice__is_not_timed(void **state)
{
	struct stage *st = *state;

	scene_segment(st->scene, DIR_CLIENT, TCP_ACK, 1, 1, data);
	scene_segment(st->scene, DIR_CLIENT, TCP_ACK, 1, 1, data);
	scene_segment(st->scene, DIR_SERVER, TCP_ACK, 1, 101, "");
	feed_all(st);
	assert_int_equal(last(st)->rtt_ns, 0);
	assert_true(st->graph.samples[st->graph.count - 2].again);
}

static void
graph__walk__knows_what_is_in_flight(void **state)
{
	struct stage *st = *state;
	struct graph_state walk = {{0}, {0}, {0}, {0}};

	scene_segment(st->scene, DIR_CLIENT, TCP_ACK, 1, 1, data);
	scene_segment(st->scene, DIR_CLIENT, TCP_ACK, 101, 1, data);
	scene_segment(st->scene, DIR_SERVER, TCP_ACK, 1, 101, "");
	feed_all(st);
	for (size_t i = 0; i < st->graph.count; i++)
		graph_walk(&walk, &st->graph.samples[i]);
	assert_int_equal(graph_flight(&walk, DIR_CLIENT), 100);
	assert_int_equal(graph_flight(&walk, DIR_SERVER), 0);
	assert_int_equal(walk.window[DIR_SERVER], 1000);
}

static void
graph__more_than_it_holds__keeps_the_newest(void **state)
{
	struct stage *st = *state;
	struct frame f = {.sum = {.proto = PROTO_UDP}};

	for (uint64_t i = 1; i <= GRAPH_SAMPLES + 10; i++) {
		f.id = i;
		assert_true(graph_feed(&st->graph, &f));
	}
	assert_int_equal(last(st)->frame, GRAPH_SAMPLES + 10);
	assert_int_equal(st->graph.lost + st->graph.count, GRAPH_SAMPLES + 10);
	assert_int_equal(st->graph.samples[0].frame, st->graph.lost + 1);
}

/* ---- the pane ---- */

/* Data with one segment sent again, each acknowledged. */
static void
play(struct scene *s)
{
	for (uint32_t i = 0; i < 50; i++) {
		scene_segment(s, DIR_CLIENT, TCP_ACK, 1 + 100 * i, 1, data);
		if (i == 25)
			scene_segment(
			    s, DIR_CLIENT, TCP_ACK, 1 + 100 * i, 1, data);
		scene_segment(s, DIR_SERVER, TCP_ACK, 1, 101 + 100 * i, "");
	}
}

/* Does the drawing have braille in it? */
static bool
has_dots(const struct scene *s)
{
	return strstr(s->text, "\xe2\xa0") != NULL ||
	       strstr(s->text, "\xe2\xa1") != NULL ||
	       strstr(s->text, "\xe2\xa2") != NULL ||
	       strstr(s->text, "\xe2\xa3") != NULL;
}

static void
graphs__each_kind__is_drawn_with_its_axes(void **state)
{
	static const char *const said[] = {"6.0 KB", "us", "in flight", "/s"};
	struct stage *st = *state;

	play(st->scene);
	for (int kind = 0; kind < 4; kind++) {
		scene_draw(st->scene, st->pane, 78, 13);
		assert_true(has_dots(st->scene));
		assert_drawn(st->scene, said[kind]);
		assert_drawn(st->scene, "client → server");
		assert_drawn(st->scene, "sent 5,000 acked 5,000");
		pane_move(st->pane, scene_view(st->scene), MOVE_RIGHT);
	}
	scene_draw(st->scene, st->pane, 78, 13);
	assert_drawn(st->scene, "server → client");
}

static void
graphs__room_for_four__shows_them_all(void **state)
{
	struct stage *st = *state;

	play(st->scene);
	scene_draw(st->scene, st->pane, 118, 36);
	assert_drawn(st->scene, "sequence");
	assert_drawn(st->scene, "round trip");
	assert_drawn(st->scene, "in flight");
	assert_drawn(st->scene, "throughput");
}

static void
graphs__cursor__reads_the_selected_packet(void **state)
{
	struct stage *st = *state;
	const struct view *v;

	play(st->scene);
	scene_draw(st->scene, st->pane, 78, 13);
	v = scene_view(st->scene);
	pane_move(st->pane, v, MOVE_FIRST);
	for (int i = 0; i < 4; i++)
		pane_move(st->pane, v, MOVE_DOWN); /* the first ACK of data */
	scene_draw(st->scene, st->pane, 78, 13);
	assert_drawn(st->scene, "#5 ←");
	assert_drawn(st->scene, "sent 100 acked 100 flight 0");
	assert_drawn(st->scene, "rtt 1 us");
	assert_int_equal(st->pane->ops->selected(st->pane, v).id, 5);
}

static void
graphs__any_size_and_scale__stay_inside(void **state)
{
	struct stage *st = *state;

	scene_draw(st->scene, st->pane, 78, 13);
	play(st->scene);
	for (int w = 0; w < 140; w += 7) {
		for (int h = 0; h < 40; h += 3)
			scene_draw_in(st->scene, st->pane, w, h, w % 2 == 0);
		st->pane->ops->scale(st->pane, w < 70 ? 1 : -1);
		pane_move(st->pane, scene_view(st->scene),
		    w % 3 ? MOVE_UP : MOVE_RIGHT);
	}
}

/* What the client's kernel said at that time. */
static void
tell(struct tcp_track *t, int64_t at_ns, uint32_t srtt_us, uint32_t rto_us)
{
	struct tcp_seen seen = {
	    .local = scene_addr(CLIENT_PORT),
	    .peer = scene_addr(SERVER_PORT),
	    .sample = {.at_ns = at_ns,
		.state = TCPS_ESTABLISHED,
		.has_info = true,
		.srtt_us = srtt_us,
		.rto_us = rto_us},
	};

	tcp_track_feed(t, &seen);
}

/* The second graph, as wide as one of four. */
static void
show_round_trips(struct stage *st, struct tcp_track *told)
{
	st->scene->told = told;
	scene_draw(st->scene, st->pane, 58, 15);
	pane_move(st->pane, scene_view(st->scene), MOVE_RIGHT);
	scene_draw(st->scene, st->pane, 58, 15);
}

static void
graphs__rto_far_above_the_round_trips__is_at_the_edge_with_its_value(
    void **state)
{
	struct stage *st = *state;
	struct tcp_track *told = tcp_track_new();

	play(st->scene);
	tell(told, st->scene->now_ns - 90000, 2, 201000);
	show_round_trips(st, told);
	assert_drawn(st->scene, "data to ACK  ━ srtt  ━ rto ↑201.0 ms");
	assert_drawn(st->scene, "    2 us  "); /* where the axis ends */
	tcp_track_free(told);
}

/* Of what it begins with, before it has timed anything. */
static void
graphs__rto_of_a_second_at_first__leaves_room_for_the_timed_one(void **state)
{
	struct stage *st = *state;
	struct tcp_track *told = tcp_track_new();

	play(st->scene);
	tell(told, 0, 0, 1000000);
	tell(told, 1, 2, 5);
	show_round_trips(st, told);
	assert_drawn(st->scene, "data to ACK  ━ srtt  ━ rto\n");
	assert_drawn(st->scene, "    5 us ⠉");
	tcp_track_free(told);
}

static void
graphs__nobody_tells__names_no_rto(void **state)
{
	struct stage *st = *state;

	play(st->scene);
	show_round_trips(st, NULL);
	assert_drawn(st->scene, "data to ACK\n");
}

/* What was sent again times nothing, but the kernel may know. */
static void
graphs__all_sent_again__says_so__unless_the_kernel_tells(void **state)
{
	struct stage *st = *state;
	struct tcp_track *told = tcp_track_new();

	scene_segment(st->scene, DIR_CLIENT, TCP_ACK, 1, 1, data);
	show_round_trips(st, NULL);
	assert_drawn(st->scene, "no segment was acknowledged yet");
	scene_segment(st->scene, DIR_CLIENT, TCP_ACK, 1, 1, data);
	scene_segment(st->scene, DIR_SERVER, TCP_ACK, 1, 101, "");
	scene_draw(st->scene, st->pane, 68, 15);
	assert_drawn(
	    st->scene, "no round trip is timed: segments were sent again");
	tell(told, 1, 3, 6);
	st->scene->told = told;
	scene_draw(st->scene, st->pane, 68, 15);
	assert_drawn(st->scene, "━ srtt  ━ rto");
	assert_true(has_dots(st->scene));
	tcp_track_free(told);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(graph__ack_of_a_segment__measures_the_round_trip),
	    TEST(graph__at_a_wire__round_trips_are_the_senders),
	    TEST(graph__sent_twice__is_not_timed),
	    TEST(graph__walk__knows_what_is_in_flight),
	    TEST(graph__more_than_it_holds__keeps_the_newest),
	    TEST(graphs__each_kind__is_drawn_with_its_axes),
	    TEST(graphs__room_for_four__shows_them_all),
	    TEST(graphs__cursor__reads_the_selected_packet),
	    TEST(graphs__any_size_and_scale__stay_inside),
	    TEST(
		graphs__rto_far_above_the_round_trips__is_at_the_edge_with_its_value),
	    TEST(
		graphs__rto_of_a_second_at_first__leaves_room_for_the_timed_one),
	    TEST(graphs__nobody_tells__names_no_rto),
	    TEST(graphs__all_sent_again__says_so__unless_the_kernel_tells),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
