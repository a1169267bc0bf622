/*
 * The stream view, drawn without a terminal.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/tui/scene.h"

struct stage {
	struct scene *scene;
	struct pane *pane;
};

/* "hello\n" goes in one segment, comes back in two; then "lost" is missing. */
static int
setup(void **state)
{
	static struct stage st;
	struct scene *s = scene_new();

	st = (struct stage){s, pane_stream_new()};
	*state = &st;
	scene_open(s);
	scene_segment(s, DIR_CLIENT, TCP_PSH | TCP_ACK, 1, 1, "hello\nyou\n");
	scene_segment(s, DIR_SERVER, TCP_ACK, 1, 11, "HEL");
	scene_segment(s, DIR_SERVER, TCP_ACK, 4, 11, "LO\n");
	return 0;
}

static int
teardown(void **state)
{
	struct stage *st = *state;

	pane_free(st->pane);
	scene_free(st->scene);
	return 0;
}

static void
stream__both_directions__show_where_segments_begin(void **state)
{
	struct stage *st = *state;

	scene_draw(st->scene, st->pane, 78, 10);
	assert_drawn(st->scene, "stream 1  ‹both›\n");
	assert_drawn(st->scene, "→        0 ┌hello\\n");
	assert_drawn(st->scene, "\n           └you\\n");
	assert_drawn(st->scene, "←        0 ╶HEL");
	assert_drawn(st->scene, "←        3 ╶LO\\n");
	assert_drawn(st->scene, "10 B  #4  4 us");
}

static void
stream__one_direction__leaves_the_other_out(void **state)
{
	struct stage *st = *state;

	scene_draw(st->scene, st->pane, 78, 10);
	pane_move(st->pane, scene_view(st->scene), MOVE_RIGHT);
	scene_draw(st->scene, st->pane, 78, 10);
	assert_drawn(st->scene, "client → server");
	assert_drawn(st->scene, "hello");
	assert_not_drawn(st->scene, "HEL");
	pane_move(st->pane, scene_view(st->scene), MOVE_RIGHT);
	scene_draw(st->scene, st->pane, 78, 10);
	assert_drawn(st->scene, "HEL");
	assert_not_drawn(st->scene, "hello");
	assert_int_equal(pane_stream_dir(st->pane), DIR_SERVER);
	pane_move(st->pane, scene_view(st->scene), MOVE_RIGHT);
	assert_int_equal(pane_stream_dir(st->pane), -1);
}

static void
stream__hex__shows_bytes_and_offsets(void **state)
{
	struct stage *st = *state;

	st->scene->deck.hex = true;
	scene_draw(st->scene, st->pane, 78, 10);
	assert_drawn(st->scene, "┌68 65 6c 6c 6f 0a 79 6f  hello.yo");
	assert_drawn(st->scene, "         8 └75 0a");
}

static void
stream__gap__is_a_line_until_it_is_filled(void **state)
{
	struct stage *st = *state;
	struct scene *s = st->scene;

	scene_segment(s, DIR_SERVER, TCP_ACK, 11, 11, "later");
	scene_draw(s, st->pane, 78, 10);
	assert_drawn(s, "        6   ··· 4 bytes missing");
	assert_drawn(s, "‹both›  4 B missing");
	scene_segment(s, DIR_SERVER, TCP_ACK, 7, 11, "lost");
	scene_draw(s, st->pane, 78, 10);
	assert_not_drawn(s, "missing");
	/* As it arrived, and as it is read. */
	assert_true(strstr(s->text, "later") < strstr(s->text, "lost"));
	pane_move(st->pane, scene_view(s), MOVE_LEFT);
	scene_draw(s, st->pane, 78, 10);
	assert_true(strstr(s->text, "lost") < strstr(s->text, "later"));
}

static void
stream__retransmission__is_one_line(void **state)
{
	struct stage *st = *state;
	struct scene *s = st->scene;

	scene_segment(s, DIR_CLIENT, TCP_PSH | TCP_ACK, 1, 1, "hello\nyou\n");
	scene_draw(s, st->pane, 78, 10);
	assert_drawn(s, ">>> bytes 0 to 10 sent again");
	pane_move(st->pane, scene_view(s), MOVE_RIGHT);
	scene_draw(s, st->pane, 78, 10);
	assert_not_drawn(s, ">>>");
}

static void
stream__find__looks_across_segments(void **state)
{
	struct stage *st = *state;
	const struct view *v;
	char text[PANE_TEXT_MAX];

	scene_draw(st->scene, st->pane, 78, 10);
	v = scene_view(st->scene);
	pane_move(st->pane, v, MOVE_FIRST);
	assert_true(pane_find(st->pane, v, "Hello", false));
	pane_text(st->pane, v, text);
	assert_string_equal(text, "HEL");
	assert_false(pane_find(st->pane, v, "hello", false));
	assert_true(pane_find(st->pane, v, "you", true));
	pane_text(st->pane, v, text);
	assert_string_equal(text, "you\\n");
	assert_true(pane_find(st->pane, v, "hello", true));
	assert_false(pane_find(st->pane, v, "hello", true));
}

static void
stream__selected_line__is_its_packet(void **state)
{
	struct stage *st = *state;
	const struct view *v;
	struct selection sel;

	scene_draw(st->scene, st->pane, 78, 10);
	v = scene_view(st->scene);
	assert_int_equal(
	    st->pane->ops->selected(st->pane, v).kind, SELECTED_NONE);
	pane_move(st->pane, v, MOVE_FIRST);
	pane_move(st->pane, v, MOVE_DOWN);
	sel = st->pane->ops->selected(st->pane, v);
	assert_int_equal(sel.kind, SELECTED_FRAME);
	assert_int_equal(sel.id, 4);
	assert_int_equal(sel.flow, 1);
}

/* Down to the last row and up again passes the same rows, at any width. */
static void
stream__rows__are_the_same_up_and_down(void **state)
{
	struct stage *st = *state;
	struct scene *s = st->scene;
	char data[700];
	uint64_t rows[400];

	memset(data, 'x', sizeof data - 1);
	data[sizeof data - 1] = '\0';
	data[300] = '\n';
	scene_segment(s, DIR_CLIENT, TCP_ACK, 11, 7, data);
	scene_segment(s, DIR_CLIENT, TCP_ACK, 2011, 7, data);
	for (int width = 14; width < 120; width += 9) {
		const struct pane_ops *o = st->pane->ops;
		const struct view *v;
		uint64_t id = 0;
		int n = 0;

		scene_draw(s, st->pane, width, 10);
		v = scene_view(s);
		while ((id = o->next(st->pane, v, id)) != 0 && n < 400) {
			assert_true(n == 0 || rows[n - 1] < id);
			assert_int_equal(o->next(st->pane, v, id - 1), id);
			rows[n++] = id;
		}
		assert_true(n > 5 && n < 400);
		while ((id = o->prev(st->pane, v, id)) != 0)
			assert_int_equal(id, rows[--n]);
		assert_int_equal(n, 0);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

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
