/*
 * The rulers, drawn without a terminal.
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

static char data[1000];

/* Three writes of 300 go in one segment, and are read in two pieces. */
static int
setup(void **state)
{
	static struct stage st;
	struct scene *s = scene_new();

	st = (struct stage){s, pane_rulers_new()};
	*state = &st;
	memset(data, 'x', 900);
	scene_open(s);
	for (uint64_t i = 0; i < 3; i++)
		scene_data(s, 1, CALL_SEND, 300 * i, 300);
	scene_segment(s, DIR_CLIENT, TCP_PSH | TCP_ACK, 1, 1, data);
	scene_data(s, 2, CALL_RECV, 0, 512);
	scene_data(s, 2, CALL_RECV, 512, 388);
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
rulers__three_writes_one_segment_two_reads__are_to_scale(void **state)
{
	struct stage *st = *state;

	/* 9 for the labels, then a cell for each 30 bytes */
	scene_draw(st->scene, st->pane, 9 + 31, 8);
	assert_drawn(st->scene, "3 writes → 1 segment → 2 reads");
	assert_drawn(st->scene, "writes   ├───300───┼───300───┼───300───┤\n");
	assert_drawn(st->scene, "segments ├─────────────900─────────────┤\n");
	assert_drawn(st->scene, "reads    ├──────512───────┼────388─────┤\n");
	assert_not_drawn(st->scene, "again");
}

static void
rulers__sent_again__is_marked(void **state)
{
	struct stage *st = *state;

	data[600] = '\0';
	scene_segment(st->scene, DIR_CLIENT, TCP_ACK, 301, 1, data);
	scene_draw(st->scene, st->pane, 9 + 31, 8);
	assert_drawn(st->scene, "again              ├>>>>>>>>600>>>>>>>>┤\n");
	assert_drawn(st->scene, "1 segment (1 again) →");
}

static void
rulers__other_direction__has_its_own(void **state)
{
	struct stage *st = *state;

	scene_draw(st->scene, st->pane, 40, 8);
	pane_move(st->pane, scene_view(st->scene), MOVE_RIGHT);
	scene_draw(st->scene, st->pane, 40, 8);
	assert_drawn(st->scene, "‹server› 0 segments\n");
	assert_drawn(st->scene, "No data in this direction");
}

static void
rulers__long_stream__goes_on_in_bands(void **state)
{
	struct stage *st = *state;
	const struct view *v;
	struct selection sel;

	data[100] = '\0';
	for (uint32_t i = 0; i < 20; i++)
		scene_segment(
		    st->scene, DIR_CLIENT, TCP_ACK, 901 + i * 100, 1, data);
	scene_draw(st->scene, st->pane, 60, 12);
	assert_drawn(st->scene, "┼");
	v = scene_view(st->scene);
	pane_move(st->pane, v, MOVE_FIRST);
	scene_draw(st->scene, st->pane, 60, 12);
	assert_drawn(st->scene, "byte     0");
	assert_drawn(st->scene, "segments ├─");
	sel = st->pane->ops->selected(st->pane, v);
	assert_int_equal(sel.kind, SELECTED_FRAME);
	assert_int_equal(sel.id, 4);
	pane_move(st->pane, v, MOVE_LAST);
	scene_draw(st->scene, st->pane, 60, 12);
	assert_not_drawn(st->scene, "byte     0 ");
	assert_drawn(st->scene, "2,900");
}

static void
rulers__any_size_and_scale__stay_inside(void **state)
{
	struct stage *st = *state;

	for (int w = 0; w < 700; w += 13) {
		for (int zoom = 0; zoom < 10; zoom++) {
			scene_draw(st->scene, st->pane, w, w % 14);
			st->pane->ops->scale(st->pane, w % 2 ? 1 : -1);
		}
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

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
