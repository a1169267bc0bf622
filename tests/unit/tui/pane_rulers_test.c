/*
 * The rulers, drawn without a terminal.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/tui/scene.h"

static char data[1000];

/* Three writes of 300 go in one segment, and are read in two pieces. */
static int
setup(void **state)
{
	struct scene *s = scene_setup(state, pane_rulers_new());

	memset(data, 'x', 900);
	scene_open(s);
	for (uint64_t i = 0; i < 3; i++)
		scene_data(s, 1, CALL_SEND, 300 * i, 300);
	scene_segment(s, DIR_CLIENT, TCP_PSH | TCP_ACK, 1, 1, data);
	scene_data(s, 2, CALL_RECV, 0, 512);
	scene_data(s, 2, CALL_RECV, 512, 388);
	return 0;
}

static void
rulers__three_writes_one_segment_two_reads__are_to_scale(void **state)
{
	struct scene *s = *state;

	/* 9 for the labels, then a cell for each 30 bytes */
	scene_show(s, 9 + 31, 8);
	assert_drawn(s, "3 writes → 1 segment → 2 reads");
	assert_drawn(s, "writes   ├───300───┼───300───┼───300───┤\n");
	assert_drawn(s, "segments ├─────────────900─────────────┤\n");
	assert_drawn(s, "reads    ├──────512───────┼────388─────┤\n");
	assert_not_drawn(s, "again");
}

static void
rulers__sent_again__is_marked(void **state)
{
	struct scene *s = *state;

	data[600] = '\0';
	scene_segment(s, DIR_CLIENT, TCP_ACK, 301, 1, data);
	scene_show(s, 9 + 31, 8);
	assert_drawn(s, "again              ├>>>>>>>>600>>>>>>>>┤\n");
	assert_drawn(s, "1 segment (1 again) →");
}

static void
rulers__other_direction__has_its_own(void **state)
{
	struct scene *s = *state;

	scene_show(s, 40, 8);
	scene_move(s, MOVE_RIGHT);
	scene_show(s, 40, 8);
	assert_drawn(s, "‹server› 0 segments\n");
	assert_drawn(s, "No data in this direction");
}

static void
rulers__long_stream__goes_on_in_bands(void **state)
{
	struct scene *s = *state;
	const struct view *v;
	struct selection sel;

	data[100] = '\0';
	for (uint32_t i = 0; i < 20; i++)
		scene_segment(s, DIR_CLIENT, TCP_ACK, 901 + i * 100, 1, data);
	scene_show(s, 60, 12);
	assert_drawn(s, "┼");
	v = scene_view(s);
	pane_move(s->pane, v, MOVE_FIRST);
	scene_show(s, 60, 12);
	assert_drawn(s, "byte     0");
	assert_drawn(s, "segments ├─");
	sel = s->pane->ops->selected(s->pane, v);
	assert_int_equal(sel.kind, SELECTED_FRAME);
	assert_int_equal(sel.id, 4);
	pane_move(s->pane, v, MOVE_LAST);
	scene_show(s, 60, 12);
	assert_not_drawn(s, "byte     0 ");
	assert_drawn(s, "2,900");
}

static void
rulers__any_size_and_scale__stay_inside(void **state)
{
	struct scene *s = *state;

	for (int w = 0; w < 700; w += 13) {
		for (int zoom = 0; zoom < 10; zoom++) {
			scene_show(s, w, w % 14);
			s->pane->ops->scale(s->pane, w % 2 ? 1 : -1);
		}
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, scene_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(rulers__three_writes_one_segment_two_reads__are_to_scale),
	    TEST(rulers__sent_again__is_marked),
	    TEST(rulers__other_direction__has_its_own),
	    TEST(rulers__long_stream__goes_on_in_bands),
	    TEST(rulers__any_size_and_scale__stay_inside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
