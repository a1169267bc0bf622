/*
 * The states view, drawn without a terminal.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/tui/scene.h"

/* Opened, and closed by the client. */
static int
setup(void **state)
{
	struct scene *s = scene_setup(state, pane_states_new());

	scene_open(s);
	scene_segment(s, DIR_CLIENT, TCP_FIN | TCP_ACK, 1, 1, "");
	scene_segment(s, DIR_SERVER, TCP_ACK, 1, 2, "");
	return 0;
}

static void
select_packet(struct scene *s, int n)
{
	const struct view *v = scene_view(s);

	pane_move(s->pane, v, MOVE_FIRST);
	while (--n > 0)
		pane_move(s->pane, v, MOVE_DOWN);
}

static void
states__following__mark_both_ends(void **state)
{
	struct scene *s = *state;

	scene_show(s, 78, 13);
	assert_drawn(s, "packet 5 of 5");
	assert_drawn(s, "cFIN-WAIT-2");
	assert_drawn(s, "CLOSE-WAITs");
	assert_drawn(s, "client  FIN-WAIT-1 → FIN-WAIT-2: rcv ACK of FIN");
	assert_drawn(s, "SYN-SENT → ESTABLISHED → FIN-WAIT-1 → FIN-W");
}

static void
states__stepping__goes_packet_by_packet(void **state)
{
	struct scene *s = *state;

	scene_show(s, 78, 13);
	select_packet(s, 1);
	scene_show(s, 78, 13);
	assert_drawn(s, "cSYN-SENT");
	assert_drawn(s, "SYN-RECEIVEDs");
	assert_drawn(
	    s, "client  CLOSED → SYN-SENT: active OPEN, snd SYN (connect())");
	assert_drawn(s, "SYN-RECEIVED (by way of LISTEN): rcv SYN");
	select_packet(s, 2);
	scene_show(s, 78, 13);
	assert_drawn(s, "cESTABLISHED");
	assert_drawn(s, "server  stays where it is");
}

static void
states__sideways__goes_from_change_to_change(void **state)
{
	struct scene *s = *state;
	const struct view *v;

	scene_show(s, 78, 13);
	v = scene_view(s);
	pane_move(s->pane, v, MOVE_LEFT);
	assert_int_equal(s->pane->ops->selected(s->pane, v).id, 4);
	for (int i = 0; i < 10; i++)
		pane_move(s->pane, v, MOVE_LEFT);
	assert_int_equal(s->pane->ops->selected(s->pane, v).id, 1);
	pane_move(s->pane, v, MOVE_RIGHT);
	assert_int_equal(s->pane->ops->selected(s->pane, v).id, 2);
}

static void
states__each_size__has_its_diagram(void **state)
{
	struct scene *s = *state;

	scene_show(s, 58, 17); /* 120x40 */
	assert_drawn(s, "cFIN-WAIT-2");
	assert_drawn(s, "CLOSE-WAITs");
	assert_drawn(s, "2 MSL");
	scene_show(s, 198, 40);
	assert_drawn(s, "cFIN-WAIT-2");
	assert_drawn(s, "CLOSE-WAITs");
	assert_drawn(s, "client  FIN-WAIT-1");
	scene_show(s, 38, 8); /* text is left */
	assert_drawn(s, "client  FIN-WAIT-2");
	assert_drawn(s, "server  CLOSE-WAIT");
	for (int w = 0; w < 130; w += 3)
		for (int h = 0; h < 25; h += 2)
			scene_show(s, w, h);
}

static void
states__reset__is_said_and_no_edge(void **state)
{
	struct scene *s = *state;

	scene_segment(s, DIR_SERVER, TCP_RST | TCP_ACK, 1, 2, "");
	scene_show(s, 78, 13);
	assert_drawn(s, "FIN-WAIT-2 → CLOSED: reset");
	assert_drawn(s, "CLOSE-WAIT → CLOSED: reset");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, scene_teardown)

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
