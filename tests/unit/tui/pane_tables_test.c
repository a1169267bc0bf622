/*
 * The tables of conversations and endpoints, drawn without a terminal.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/tui/scene.h"

struct stage {
	struct scene *scene;
	struct pane *conversations, *endpoints;
};

/* Three conversations with one server; the second has the most data. */
static int
setup(void **state)
{
	static struct stage st;
	struct scene *s = scene_new();

	st = (struct stage){s, pane_conversations_new(), pane_endpoints_new()};
	*state = &st;
	for (uint16_t i = 0; i < 3; i++) {
		s->client_port = (uint16_t)(CLIENT_PORT + i);
		scene_open(s);
		scene_segment(s, DIR_CLIENT, TCP_ACK, 1, 1,
		    i == 1 ? "much more than the others" : "abc");
		if (i == 2)
			scene_segment(s, DIR_CLIENT, TCP_ACK, 1, 1, "abc");
	}
	scene_segment(s, DIR_SERVER, TCP_RST | TCP_ACK, 1, 4, "");
	return 0;
}

static int
teardown(void **state)
{
	struct stage *st = *state;

	pane_free(st->conversations);
	pane_free(st->endpoints);
	scene_free(st->scene);
	return 0;
}

static uint32_t
flow_of(struct stage *st)
{
	const struct view *v = scene_view(st->scene);

	return st->conversations->ops->selected(st->conversations, v).flow;
}

static void
conversations__by_number__have_their_columns(void **state)
{
	struct stage *st = *state;
	struct scene *s = st->scene;

	scene_draw(s, st->conversations, 118, 10);
	assert_drawn(s, "conversations  3");
	assert_drawn(s, "No▼ Client");
	assert_drawn(s, "    1 127.0.0.1:40000");
	assert_drawn(s, "127.0.0.1:7000");
	assert_drawn(s, " 25 B ");
	assert_drawn(s, "reset");
	assert_drawn(s, "open");
	scene_draw(s, st->conversations, 58, 10);
	assert_drawn(s, "127.0.0.1:40000  127.0.0.1:7000");
}

static void
conversations__sorted_by_data__keep_the_selected_one(void **state)
{
	struct stage *st = *state;
	const struct view *v;

	scene_draw(st->scene, st->conversations, 118, 10);
	v = scene_view(st->scene);
	pane_move(st->conversations, v, MOVE_DOWN);
	assert_int_equal(flow_of(st), 2);
	st->scene->deck.conversations.column = 4; /* sent */
	scene_draw(st->scene, st->conversations, 118, 10);
	assert_drawn(st->scene, "Sent▼");
	assert_int_equal(flow_of(st), 2);
	pane_move(st->conversations, v, MOVE_FIRST);
	assert_int_equal(flow_of(st), 2); /* it has the most */
	st->scene->deck.conversations.reverse = true;
	scene_draw(st->scene, st->conversations, 118, 10);
	assert_drawn(st->scene, "Sent▲");
	pane_move(st->conversations, v, MOVE_LAST);
	assert_int_equal(flow_of(st), 2);
}

static void
conversations__of_one_endpoint__leave_the_others_out(void **state)
{
	struct stage *st = *state;

	st->scene->deck.endpoint = scene_addr(CLIENT_PORT + 1);
	st->scene->deck.endpoint_proto = PROTO_TCP;
	scene_draw(st->scene, st->conversations, 78, 10);
	assert_drawn(st->scene, "1 conversations of 127.0.0.1:40001");
	assert_not_drawn(st->scene, "40000");
	assert_drawn(st->scene, "    2 127");
}

static void
endpoints__of_all__add_up(void **state)
{
	struct stage *st = *state;
	const struct view *v;
	struct addr a;
	uint8_t proto;
	uint32_t flow;
	char text[PANE_TEXT_MAX];

	scene_draw(st->scene, st->endpoints, 78, 10);
	assert_drawn(st->scene, "endpoints  4");
	v = scene_view(st->scene);
	pane_move(st->endpoints, v, MOVE_FIRST);
	pane_text(st->endpoints, v, text);
	/* 3 SYN,ACK and a RST; SYN, ACK, data of each, and one repeated */
	assert_string_equal(text,
	    "127.0.0.1:7000: 3 conversations, sent 4 packets, 0 B, "
	    "received 10 packets, 34 B");
	assert_true(pane_endpoints_get(st->endpoints, &a, &proto, &flow));
	assert_int_equal(addr_port(&a), SERVER_PORT);
	assert_int_equal(flow, 0); /* more than one */
	pane_move(st->endpoints, v, MOVE_DOWN);
	assert_true(pane_endpoints_get(st->endpoints, &a, &proto, &flow));
	assert_int_equal(flow, 1);
}

static void
tables__any_size_and_order__stay_inside(void **state)
{
	struct stage *st = *state;

	for (int w = 0; w < 210; w += 9) {
		st->scene->deck.conversations.column =
		    w % PANE_CONVERSATIONS_COLUMNS;
		st->scene->deck.endpoints.column = w % PANE_ENDPOINTS_COLUMNS;
		scene_draw(st->scene, st->conversations, w, w % 7);
		scene_draw(st->scene, st->endpoints, w, w % 7);
	}
}

static void
show(struct scene *s, const char *filter)
{
	struct display_filter *d = NULL;
	struct err err = {""};

	if (filter[0] != '\0')
		assert_int_equal(display_filter_new(filter, &d, &err), 0);
	snprintf(s->deck.show, sizeof s->deck.show, "%s", filter);
	listing_filter(s->listing, d);
}

static void
tables__filtered__have_what_it_lets_through(void **state)
{
	struct stage *st = *state;
	struct scene *s = st->scene;
	struct pane *overhead = pane_overhead_new();

	show(s, "text:much");
	scene_draw(s, st->conversations, 118, 10);
	assert_drawn(s, "conversations  1");
	assert_drawn(s, "127.0.0.1:40001");
	assert_not_drawn(s, "127.0.0.1:40000");
	scene_draw(s, st->endpoints, 118, 10);
	assert_drawn(s, "endpoints  2");
	assert_drawn(s, "25 B");
	/* One packet of 40 bytes of headers and 25 of data. */
	scene_draw(s, overhead, 78, 14);
	assert_drawn(s, "65 bytes, IP upward");
	show(s, "");
	scene_draw(s, st->conversations, 118, 10);
	assert_drawn(s, "conversations  3");
	pane_free(overhead);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(conversations__by_number__have_their_columns),
	    TEST(conversations__sorted_by_data__keep_the_selected_one),
	    TEST(conversations__of_one_endpoint__leave_the_others_out),
	    TEST(endpoints__of_all__add_up),
	    TEST(tables__filtered__have_what_it_lets_through),
	    TEST(tables__any_size_and_order__stay_inside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
