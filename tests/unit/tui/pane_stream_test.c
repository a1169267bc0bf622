/*
 * The stream view, drawn without a terminal.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/tui/scene.h"

/* "hello\n" goes in one segment, comes back in two; then "lost" is missing. */
static int
setup(void **state)
{
	struct scene *s = scene_setup(state, pane_stream_new());

	scene_open(s);
	scene_segment(s, DIR_CLIENT, TCP_PSH | TCP_ACK, 1, 1, "hello\nyou\n");
	scene_segment(s, DIR_SERVER, TCP_ACK, 1, 11, "HEL");
	scene_segment(s, DIR_SERVER, TCP_ACK, 4, 11, "LO\n");
	return 0;
}

static void
stream__both_directions__show_where_segments_begin(void **state)
{
	struct scene *s = *state;

	scene_show(s, 78, 10);
	assert_drawn(s, "stream 1  ‹both›\n");
	assert_drawn(s, "→        0 ┌hello\\n");
	assert_drawn(s, "\n           └you\\n");
	assert_drawn(s, "←        0 ╶HEL");
	assert_drawn(s, "←        3 ╶LO\\n");
	assert_drawn(s, "10 B  #4  4 us");
}

static void
stream__one_direction__leaves_the_other_out(void **state)
{
	struct scene *s = *state;

	scene_show(s, 78, 10);
	scene_move(s, MOVE_RIGHT);
	scene_show(s, 78, 10);
	assert_drawn(s, "client → server");
	assert_drawn(s, "hello");
	assert_not_drawn(s, "HEL");
	scene_move(s, MOVE_RIGHT);
	scene_show(s, 78, 10);
	assert_drawn(s, "HEL");
	assert_not_drawn(s, "hello");
	assert_int_equal(pane_stream_dir(s->pane), DIR_SERVER);
	scene_move(s, MOVE_RIGHT);
	assert_int_equal(pane_stream_dir(s->pane), -1);
}

static void
stream__hex__shows_bytes_and_offsets(void **state)
{
	struct scene *s = *state;

	s->deck.hex = true;
	scene_show(s, 78, 10);
	assert_drawn(s, "┌68 65 6c 6c 6f 0a 79 6f  hello.yo");
	assert_drawn(s, "         8 └75 0a");
}

static void
stream__gap__is_a_line_until_it_is_filled(void **state)
{
	struct scene *s = *state;

	scene_segment(s, DIR_SERVER, TCP_ACK, 11, 11, "later");
	scene_draw(s, s->pane, 78, 10);
	assert_drawn(s, "        6   ··· 4 bytes missing");
	assert_drawn(s, "‹both›  4 B missing");
	scene_segment(s, DIR_SERVER, TCP_ACK, 7, 11, "lost");
	scene_draw(s, s->pane, 78, 10);
	assert_not_drawn(s, "missing");
	/* As it arrived, and as it is read. */
	assert_true(strstr(s->text, "later") < strstr(s->text, "lost"));
	scene_move(s, MOVE_LEFT);
	scene_draw(s, s->pane, 78, 10);
	assert_true(strstr(s->text, "lost") < strstr(s->text, "later"));
}

static void
stream__retransmission__is_one_line(void **state)
{
	struct scene *s = *state;

	scene_segment(s, DIR_CLIENT, TCP_PSH | TCP_ACK, 1, 1, "hello\nyou\n");
	scene_draw(s, s->pane, 78, 10);
	assert_drawn(s, ">>> bytes 0 to 10 sent again");
	scene_move(s, MOVE_RIGHT);
	scene_draw(s, s->pane, 78, 10);
	assert_not_drawn(s, ">>>");
}

static bool
finds(struct scene *s, const struct view *v, const char *text, bool back)
{
	struct pane_search search = {
	    .backwards = back, .at = s->pane->list.selected};
	struct err err = {""};

	assert_int_equal(needle_parse(text, &search.needle, &err), 0);
	return pane_search(s->pane, v, &search, 1000);
}

static void
stream__find__looks_across_segments(void **state)
{
	struct scene *s = *state;
	const struct view *v;
	char text[PANE_TEXT_MAX];

	scene_show(s, 78, 10);
	v = scene_view(s);
	pane_move(s->pane, v, MOVE_FIRST);
	assert_true(finds(s, v, "Hello", false));
	pane_text(s->pane, v, text);
	assert_string_equal(text, "HEL");
	assert_false(finds(s, v, "hello", false));
	assert_true(finds(s, v, "you", true));
	pane_text(s->pane, v, text);
	assert_string_equal(text, "you\\n");
	assert_true(finds(s, v, "hello", true));
	assert_false(finds(s, v, "hello", true));
}

static void
stream__selected_line__is_its_packet(void **state)
{
	struct scene *s = *state;
	const struct view *v;
	struct selection sel;

	scene_show(s, 78, 10);
	v = scene_view(s);
	assert_int_equal(
	    s->pane->ops->selected(s->pane, v).kind, SELECTED_NONE);
	pane_move(s->pane, v, MOVE_FIRST);
	pane_move(s->pane, v, MOVE_DOWN);
	sel = s->pane->ops->selected(s->pane, v);
	assert_int_equal(sel.kind, SELECTED_FRAME);
	assert_int_equal(sel.id, 4);
	assert_int_equal(sel.flow, 1);
}

/* Down to the last row and up again passes the same rows, at any width. */
static void
stream__rows__are_the_same_up_and_down(void **state)
{
	struct scene *s = *state;
	char data[700];
	uint64_t rows[400];

	memset(data, 'x', sizeof data - 1);
	data[sizeof data - 1] = '\0';
	data[300] = '\n';
	scene_segment(s, DIR_CLIENT, TCP_ACK, 11, 7, data);
	scene_segment(s, DIR_CLIENT, TCP_ACK, 2011, 7, data);
	for (int width = 14; width < 120; width += 9) {
		const struct pane_ops *o = s->pane->ops;
		const struct view *v;
		uint64_t id = 0;
		int n = 0;

		scene_draw(s, s->pane, width, 10);
		v = scene_view(s);
		while ((id = o->next(s->pane, v, id)) != 0 && n < 400) {
			assert_true(n == 0 || rows[n - 1] < id);
			assert_int_equal(o->next(s->pane, v, id - 1), id);
			rows[n++] = id;
		}
		assert_true(n > 5 && n < 400);
		while ((id = o->prev(s->pane, v, id)) != 0)
			assert_int_equal(id, rows[--n]);
		assert_int_equal(n, 0);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, scene_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(stream__both_directions__show_where_segments_begin),
	    TEST(stream__one_direction__leaves_the_other_out),
	    TEST(stream__hex__shows_bytes_and_offsets),
	    TEST(stream__gap__is_a_line_until_it_is_filled),
	    TEST(stream__retransmission__is_one_line),
	    TEST(stream__find__looks_across_segments),
	    TEST(stream__selected_line__is_its_packet),
	    TEST(stream__rows__are_the_same_up_and_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
