/*
 * The states view, drawn without a terminal.
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

/* Opened, and closed by the client. */
static int
setup(void **state)
{
	static struct stage st;
	struct scene *s = scene_new();

	st = (struct stage){s, pane_states_new()};
	*state = &st;
	scene_open(s);
	scene_segment(s, DIR_CLIENT, TCP_FIN | TCP_ACK, 1, 1, "");
	scene_segment(s, DIR_SERVER, TCP_ACK, 1, 2, "");
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
select_packet(struct stage *st, int n)
{
	const struct view *v = scene_view(st->scene);

	pane_move(st->pane, v, MOVE_FIRST);
	while (--n > 0)
		pane_move(st->pane, v, MOVE_DOWN);
}

static void
states__following__mark_both_ends(void **state)
{
	struct stage *st = *state;

	scene_draw(st->scene, st->pane, 78, 13);
	assert_drawn(st->scene, "packet 5 of 5");
	assert_drawn(st->scene, "cFIN-WAIT-2");
	assert_drawn(st->scene, "CLOSE-WAITs");
	assert_drawn(
	    st->scene, "client  FIN-WAIT-1 → FIN-WAIT-2: rcv ACK of FIN");
	assert_drawn(st->scene, "SYN-SENT → ESTABLISHED → FIN-WAIT-1 → FIN-W");
}

static void
states__stepping__goes_packet_by_packet(void **state)
{
	struct stage *st = *state;

	scene_draw(st->scene, st->pane, 78, 13);
	select_packet(st, 1);
	scene_draw(st->scene, st->pane, 78, 13);
	assert_drawn(st->scene, "cSYN-SENT");
	assert_drawn(st->scene, "SYN-RECEIVEDs");
	assert_drawn(st->scene,
	    "client  CLOSED → SYN-SENT: active OPEN, snd SYN (connect())");
	assert_drawn(st->scene, "SYN-RECEIVED (by way of LISTEN): rcv SYN");
	select_packet(st, 2);
	scene_draw(st->scene, st->pane, 78, 13);
	assert_drawn(st->scene, "cESTABLISHED");
	assert_drawn(st->scene, "server  stays where it is");
}

static void
states__sideways__goes_from_change_to_change(void **state)
{
	struct stage *st = *state;
	const struct view *v;

	scene_draw(st->scene, st->pane, 78, 13);
	v = scene_view(st->scene);
	pane_move(st->pane, v, MOVE_LEFT);
	assert_int_equal(st->pane->ops->selected(st->pane, v).id, 4);
	for (int i = 0; i < 10; i++)
		pane_move(st->pane, v, MOVE_LEFT);
	assert_int_equal(st->pane->ops->selected(st->pane, v).id, 1);
	pane_move(st->pane, v, MOVE_RIGHT);
	assert_int_equal(st->pane->ops->selected(st->pane, v).id, 2);
}

static void
states__each_size__has_its_diagram(void **state)
{
	struct stage *st = *state;

	scene_draw(st->scene, st->pane, 58, 17); /* 120x40 */
	assert_drawn(st->scene, "cFIN-WAIT-2");
	assert_drawn(st->scene, "CLOSE-WAITs");
	assert_drawn(st->scene, "2 MSL");
	scene_draw(st->scene, st->pane, 198, 40);
	assert_drawn(st->scene, "cFIN-WAIT-2");
	assert_drawn(st->scene, "CLOSE-WAITs");
	assert_drawn(st->scene, "client  FIN-WAIT-1");
	scene_draw(st->scene, st->pane, 38, 8); /* text is left */
	assert_drawn(st->scene, "client  FIN-WAIT-2");
	assert_drawn(st->scene, "server  CLOSE-WAIT");
	for (int w = 0; w < 130; w += 3)
		for (int h = 0; h < 25; h += 2)
			scene_draw(st->scene, st->pane, w, h);
}

static void
states__reset__is_said_and_no_edge(void **state)
{
	struct stage *st = *state;

	scene_segment(st->scene, DIR_SERVER, TCP_RST | TCP_ACK, 1, 2, "");
	scene_draw(st->scene, st->pane, 78, 13);
	assert_drawn(st->scene, "FIN-WAIT-2 → CLOSED: reset");
	assert_drawn(st->scene, "CLOSE-WAIT → CLOSED: reset");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(states__following__mark_both_ends),
	    TEST(states__stepping__goes_packet_by_packet),
	    TEST(states__sideways__goes_from_change_to_change),
	    TEST(states__each_size__has_its_diagram),
	    TEST(states__reset__is_said_and_no_edge),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
