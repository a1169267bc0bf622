/*
 * The overhead, drawn without a terminal.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/tui/scene.h"

/* A handshake, a line of 5 bytes there and back, each with its ACK. */
static int
setup(void **state)
{
	struct scene *s = scene_setup(state, pane_overhead_new());

	scene_open(s);
	scene_data(s, 1, CALL_SEND, 0, 5);
	scene_segment(s, DIR_CLIENT, TCP_PSH | TCP_ACK, 1, 1, "hello");
	scene_segment(s, DIR_SERVER, TCP_ACK, 1, 6, "");
	scene_data(s, 2, CALL_RECV, 0, 5);
	scene_data(s, 2, CALL_SEND, 0, 5);
	scene_segment(s, DIR_SERVER, TCP_PSH | TCP_ACK, 1, 6, "hello");
	scene_segment(s, DIR_CLIENT, TCP_ACK, 6, 6, "");
	scene_data(s, 1, CALL_RECV, 0, 5);
	return 0;
}

/* The first line drawn that begins with this, its blanks squeezed. */
static const char *
row(const struct scene *s, const char *name)
{
	static char text[512];
	const char *at = strstr(s->text, name);
	size_t n = 0;

	assert_drawn(s, name);
	at += *at == '\n';
	for (; at != NULL && *at != '\0' && *at != '\n' && n < sizeof text - 1;
	     at++)
		if (*at != ' ' || (n > 0 && text[n - 1] != ' '))
			text[n++] = *at;
	text[n] = '\0';
	return text;
}

static void
overhead__of_a_conversation__is_by_purpose_and_layer(void **state)
{
	struct scene *s = *state;

	scene_show(s, 78, 14);
	assert_drawn(s, "conversation 1");
	assert_string_equal(row(s, "Purpose"),
	    "Purpose pkts (link) IP TCP opts payload sum share");
	assert_string_equal(
	    row(s, "handshake"), "handshake 3 - 60 60 - - 120 0%");
	assert_string_equal(row(s, "data"), "data 2 - 40 40 - 10 90 11%");
	assert_string_equal(row(s, "pure ACK"), "pure ACK 2 - 40 40 - - 80 0%");
	assert_string_equal(row(s, "sum   "), "sum 7 - 140 140 - 10 290 3%");
}

static void
overhead__on_ethernet__pads_and_counts_the_gap(void **state)
{
	struct scene *s = *state;

	s->pane->ops->turn(s->pane, scene_view(s));
	scene_show(s, 78, 14);
	/* 40 bytes are padded to 46: 44 a packet; 45 bytes: 39. */
	assert_string_equal(
	    row(s, "handshake"), "handshake 3 132 60 60 - - 252 0%");
	assert_string_equal(row(s, "data"), "data 2 78 40 40 - 10 168 6%");
	assert_drawn(s, "on real Ethernet");
}

static void
overhead__of_messages__is_each_once_and_adds_up(void **state)
{
	struct scene *s = *state;

	assert_true(pane_overhead_set(s->pane, "messages"));
	scene_show(s, 78, 14);
	/* Its segment and the ACK; the recv() at the other end is no other. */
	assert_string_equal(row(s, "→ "), "→ 2 - 40 40 - 5 85 6%");
	assert_string_equal(row(s, "← "), "← 2 - 40 40 - 5 85 6%");
	assert_int_equal(s->pane->ops->next(s->pane, scene_view(s), 2), 0);
	scene_move(s, MOVE_FIRST);
	assert_int_equal(scene_selected(s).kind, SELECTED_CALL);
	assert_true(pane_overhead_set(s->pane, "ethernet"));
	scene_show(s, 78, 14);
	assert_string_equal(row(s, "→ "), "→ 2 83 40 40 - 5 168 3%");
}

static void
overhead__call_selected__lights_its_purposes(void **state)
{
	struct scene *s = *state;

	s->deck.focus = PANE_CLIENT;
	s->deck.selected = (struct selection){SELECTED_CALL, 5, 1};
	scene_show(s, 78, 14);
	assert_lit(s, "data ", true);
	assert_lit(s, "pure ACK", true);
	assert_lit(s, "handshake", false);
	assert_true(pane_overhead_set(s->pane, "messages"));
	scene_show(s, 78, 14);
	assert_lit(s, "→ ", true);
	assert_lit(s, "← ", false);
}

static void
overhead__tcp_and_udp__stand_side_by_side(void **state)
{
	struct scene *s = *state;

	assert_true(pane_overhead_set(s->pane, "protocols"));
	scene_show(s, 78, 14);
	assert_drawn(s, "TCP | UDP");
	assert_string_equal(row(s, "sum"), "sum 7 280 10 3% - - -");
	assert_drawn(s, ":compare");
	assert_false(pane_overhead_set(s->pane, "nothing"));
}

/* A thousand segments of 1,200 bytes. */
static void
send_much(struct scene *s)
{
	char payload[1201] = "";

	memset(payload, 'x', sizeof payload - 1);
	for (uint32_t i = 0; i < 1000; i++)
		scene_segment(
		    s, DIR_CLIENT, TCP_PSH | TCP_ACK, 6 + i * 1200, 6, payload);
}

static void
overhead__much_data__leaves_out_whole_columns(void **state)
{
	struct scene *s = *state;

	send_much(s);
	scene_show(s, 78, 14);
	assert_string_equal(row(s, "sum   "),
	    "sum 1,007 - 20,140 20,140 - 1,200,010 1,240,290 97%");
	scene_show(s, 58, 14);
	assert_string_equal(
	    row(s, "Purpose"), "Purpose pkts IP TCP payload sum share");
	assert_string_equal(row(s, "sum   "),
	    "sum 1,007 20,140 20,140 1,200,010 1,240,290 97%");
	s->pane->ops->turn(s->pane, scene_view(s));
	scene_show(s, 58, 14);
	assert_string_equal(
	    row(s, "Purpose"), "Purpose pkts Ether IP TCP payload share");
	s->pane->ops->turn(s->pane, scene_view(s));
	assert_true(pane_overhead_set(s->pane, "protocols"));
	scene_show(s, 78, 14);
	assert_string_equal(row(s, "Purpose"),
	    "Purpose TCP pkts headers payload UDP pkts headers payload");
	assert_string_equal(
	    row(s, "sum   "), "sum 1,007 40,280 1,200,010 97% - - -");
	scene_show(s, 58, 14);
	assert_string_equal(
	    row(s, "Purpose"), "Purpose TCP headers UDP headers");
	assert_string_equal(row(s, "sum   "), "sum 40,280 97% -");
}

/* Each word of the line is one of these. */
static void
assert_words(const struct scene *s, const char *line, const char *words)
{
	char text[512], word[64];

	snprintf(text, sizeof text, "%s", line);
	for (char *at = strtok(text, " "); at != NULL; at = strtok(NULL, " ")) {
		snprintf(word, sizeof word, " %s ", at);
		if ((at[0] & 0x80) == 0 && strstr(words, word) == NULL)
			fail_msg(
			    "%s is none of%s in:\n%s", word, words, s->text);
	}
}

static void
overhead__any_width__cuts_no_number(void **state)
{
	static const char *const scopes[] = {
	    "conversation", "everything", "protocols"};
	struct scene *s = *state;

	send_much(s);
	for (int w = 38; w < 210; w++)
		for (size_t i = 0; i < 3; i++) {
			assert_true(pane_overhead_set(s->pane, scopes[i]));
			scene_show(s, w, 14);
			assert_words(s, row(s, "Purpose"),
			    " Purpose TCP UDP pkts (link) IP opts hdr headers "
			    "payload sum share ");
			assert_words(s, row(s, "\n sum"),
			    " sum 1,007 - 20,140 40,280 1,200,010 1,240,290 "
			    "97% ");
		}
}

static void
overhead__any_size_and_scope__stays_inside(void **state)
{
	struct scene *s = *state;

	for (int w = 0; w < 210; w += 7) {
		scene_move(s, MOVE_RIGHT);
		scene_show(s, w, w % 16);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, scene_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(overhead__of_a_conversation__is_by_purpose_and_layer),
	    TEST(overhead__on_ethernet__pads_and_counts_the_gap),
	    TEST(overhead__of_messages__is_each_once_and_adds_up),
	    TEST(overhead__call_selected__lights_its_purposes),
	    TEST(overhead__tcp_and_udp__stand_side_by_side),
	    TEST(overhead__much_data__leaves_out_whole_columns),
	    TEST(overhead__any_width__cuts_no_number),
	    TEST(overhead__any_size_and_scope__stays_inside),
	};

	return cmocka_run_group_tests_name("pane_overhead", tests, NULL, NULL);
}
