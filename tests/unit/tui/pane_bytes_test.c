/*
 * One packet: its fields with what they are for, and a cursor in its bytes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/tui/scene.h"

/* A handshake and "hello", opened. The line is packet 4: 40 bytes of headers,
 * then the data. */
static int
setup(void **state)
{
	struct scene *s = scene_setup(state, pane_bytes_new());

	scene_open(s);
	scene_segment(s, DIR_CLIENT, TCP_ACK | TCP_PSH, 1, 1, "hello");
	s->deck.frame = 4;
	s->deck.view = VIEW_BYTES;
	scene_show(s, 78, 20);
	return 0;
}

static bool
finds(struct scene *s, const char *text)
{
	struct pane_search search = {.at = s->pane->list.selected};
	struct err err = {""};
	bool found;

	assert_int_equal(needle_parse(text, &search.needle, &err), 0);
	found = pane_search(s->pane, scene_view(s), &search, 1000);
	scene_show(s, 78, 20);
	return found;
}

static void
turn(struct scene *s)
{
	s->pane->ops->turn(s->pane, scene_view(s));
	scene_show(s, 78, 20);
}

static void
field__selected__says_what_it_is_for_and_where_that_stands(void **state)
{
	struct scene *s = *state;

	pane_move(s->pane, scene_view(s), MOVE_FIRST);
	assert_true(finds(s, "Source port"));
	assert_drawn(s, "The socket on the sending host. (RFC 9293 s3.1)");
}

static void
topic__of_a_flag__is_there_only_if_it_is_set(void **state)
{
	struct scene *s = *state;
	struct why_item item;

	pane_move(s->pane, scene_view(s), MOVE_FIRST);
	assert_true(finds(s, "tcp.flags.push"));
	assert_true(s->pane->ops->topic(s->pane, scene_view(s), &item));
	assert_int_equal(item.what, WHY_FLAG_PSH);
	assert_true(finds(s, "tcp.flags.syn"));
	assert_false(s->pane->ops->topic(s->pane, scene_view(s), &item));
}

static void
cursor__in_the_bytes__selects_the_field(void **state)
{
	struct scene *s = *state;

	turn(s);
	assert_drawn(s, "x fields");
	pane_move(s->pane, scene_view(s), MOVE_FIRST);
	scene_show(s, 78, 20);
	assert_drawn(s, "at 0000");
	/* A line of 16 and 4 more: byte 20 begins the source port. */
	pane_move(s->pane, scene_view(s), MOVE_DOWN);
	for (int i = 0; i < 4; i++)
		pane_move(s->pane, scene_view(s), MOVE_RIGHT);
	scene_show(s, 78, 20);
	assert_drawn(s, "at 0014");
	assert_drawn(s, "The socket on the sending host.");
	pane_move(s->pane, scene_view(s), MOVE_LAST);
	scene_show(s, 78, 20);
	assert_drawn(s, "at 002c");
	pane_move(s->pane, scene_view(s), MOVE_RIGHT);
	scene_show(s, 78, 20);
	assert_drawn(s, "at 002c"); /* there is no further byte */
	turn(s);
	assert_drawn(s, "x hex");
}

static void
find__bytes__puts_the_cursor_there(void **state)
{
	struct scene *s = *state;

	assert_true(finds(s, "x 6c6c6f"));
	assert_drawn(s, "at 002a");
	assert_false(finds(s, "x 6c6c6f"));
	/* Among the bytes text is looked for there, too. */
	pane_move(s->pane, scene_view(s), MOVE_FIRST);
	assert_true(finds(s, "HELLO"));
	assert_drawn(s, "at 0028");
}

static void
bytes__any_size__stay_inside(void **state)
{
	struct scene *s = *state;

	for (int w = 1; w < 200; w += 7)
		for (int h = 1; h < 12; h++) {
			scene_show(s, w, h);
			if (h % 3 == 0)
				s->pane->ops->turn(s->pane, scene_view(s));
		}
	/* Too low for both halves: the one that the cursor is in. */
	scene_show(s, 38, 6);
	if (strstr(s->text, "x fields") == NULL)
		s->pane->ops->turn(s->pane, scene_view(s));
	scene_show(s, 38, 6);
	assert_drawn(s, "0028  68 65 6c 6c 6f");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, scene_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(field__selected__says_what_it_is_for_and_where_that_stands),
	    TEST(topic__of_a_flag__is_there_only_if_it_is_set),
	    TEST(cursor__in_the_bytes__selects_the_field),
	    TEST(find__bytes__puts_the_cursor_there),
	    TEST(bytes__any_size__stay_inside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
