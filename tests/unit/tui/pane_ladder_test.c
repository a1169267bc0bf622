/*
 * The ladder, drawn without a terminal.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/tui/scene.h"

static int
setup(void **state)
{
	scene_setup(state, pane_ladder_new());
	return 0;
}

static void
read_lost(struct scene *s, int w, int h)
{
	scene_read(s, "tests/golden/tcp/rec_lost.pcap");
	scene_show(s, w, h);
	scene_move(s, MOVE_FIRST);
	scene_show(s, w, h);
}

static void
ladder__with_a_loss__says_what_and_how_it_was_repaired(void **state)
{
	struct scene *s = *state;

	read_lost(s, 78, 50);
	assert_drawn(s, "client :38288");
	assert_drawn(s, "server :7000");
	assert_drawn(s, "SYN-SENT │─ SYN seq 0 mss 1460");
	assert_drawn(s, "▶│ SYN-RECEIVED");
	assert_drawn(s, "═ … 5 segments, 7.2 KB, 97 us ═");
	assert_drawn(s, " 13             │─ ACK 7241:8689  1448 B ──────");
	assert_drawn(s, "x    │ lost? #42");
	assert_drawn(s, "ACK ack 7241  Dup ACK");
	assert_drawn(s, "> ACK 7241:8689  1448 B >>>");
	assert_drawn(s, "again #13");
	assert_not_drawn(s, "10.0.0."); /* roles and ports, no addresses */
}

static void
ladder__narrow__abbreviates_states_and_keeps_labels_whole(void **state)
{
	struct scene *s = *state;

	read_lost(s, 38, 18);
	assert_drawn(s, " SYN-S│─ SYN seq 0 ");
	assert_drawn(s, " ESTAB│◀─ SYN,ACK seq 0");
	assert_drawn(s, "│─ ACK 7241:8689 ");
}

/* A label that is there is followed by its arrow. */
static void
ladder__any_width__cuts_no_label(void **state)
{
	struct scene *s = *state;

	read_lost(s, 78, 50);
	for (int w = 38; w < 210; w += 4) {
		scene_show(s, w, 50);
		for (const char *at = s->text;
		     (at = strstr(at, "48 B")) != NULL; at++)
			if (at[4] != ' ')
				fail_msg("cut at %d:\n%s", w, s->text);
	}
	for (int w = 0; w < 40; w++)
		scene_show(s, w, w % 12);
}

static void
ladder__fold__opens_and_closes(void **state)
{
	struct scene *s = *state;

	read_lost(s, 78, 50);
	for (int i = 0; i < 3; i++)
		scene_move(s, MOVE_DOWN);
	assert_true(pane_ladder_fold(s->pane, true));
	scene_show(s, 78, 50);
	assert_not_drawn(s, "segments");
	assert_drawn(s, "  4             │─ ACK 1:1449  1448 B ");
	assert_false(pane_ladder_fold(s->pane, true)); /* it is open */
	assert_string_equal(s->pane->ops->key(s->pane, 'x'), "fold");
	assert_true(pane_ladder_fold(s->pane, false));
	scene_show(s, 78, 50);
	assert_drawn(s, "… 5 segments");
	scene_move(s, MOVE_FIRST);
	assert_null(s->pane->ops->key(s->pane, 'x')); /* means hex here */
}

static void
ladder__several_connections__are_lanes_or_numbered(void **state)
{
	struct scene *s = *state;

	for (uint16_t i = 0; i < 2; i++) {
		s->client_port = (uint16_t)(CLIENT_PORT + i);
		scene_segment(s, DIR_CLIENT, TCP_SYN, 0, 0, "");
	}
	scene_show(s, 118, 10);
	assert_drawn(s, "ladder of conversation 2");
	assert_not_drawn(s, "client :40000");
	s->deck.lanes = true;
	scene_show(s, 118, 10);
	assert_drawn(s, "ladder of 2 conversations");
	assert_drawn(s, "client :40000");
	assert_drawn(s, "client :40001");
	scene_show(s, 78, 10); /* no room for both */
	assert_drawn(s, "client (2 ports)");
	assert_drawn(s, "  1 1    SYN-SENT │─ SYN seq 0");
	assert_drawn(s, "  2 2    SYN-SENT │─ SYN seq 0");
}

static void
ladder__delta_asked_for__is_the_column(void **state)
{
	struct scene *s = *state;

	scene_open(s);
	scene_show(s, 78, 12);
	assert_drawn(s, "Begin");
	assert_drawn(s, "+5 us"); /* accept() */
	s->deck.time = TIME_AS_DELTA;
	scene_show(s, 78, 12);
	assert_drawn(s, "Delta");
	assert_not_drawn(s, "+5 us");
	assert_drawn(s, "+2 us");
}

/* What does not fit beside the life lines is the name, never its number. */
static void
ladder__result_too_long__is_whole_and_the_name_cut(void **state)
{
	struct scene *s = *state;

	scene_open(s);
	scene_data(s, 1, CALL_SENDTO, 0, 654321);
	scene_data(s, 2, CALL_RECVFROM, 0, 123456);
	scene_call(
	    s, (struct call){
		   .sock = 2, .kind = CALL_RECVFROM, .error = ECONNREFUSED});
	scene_show(s, 58, 30);
	assert_drawn(s, " sen…(654321) ┤");
	assert_drawn(s, "├ re… = 123456\n");
	assert_drawn(s, "├ ECONNREFUSED\n");
	scene_show(s, 138, 30); /* and in a wider pane nothing is */
	assert_drawn(s, " sendto(654321) ┤");
	assert_drawn(s, "├ recvfrom = 123456 ");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, scene_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(ladder__with_a_loss__says_what_and_how_it_was_repaired),
	    TEST(ladder__narrow__abbreviates_states_and_keeps_labels_whole),
	    TEST(ladder__any_width__cuts_no_label),
	    TEST(ladder__fold__opens_and_closes),
	    TEST(ladder__several_connections__are_lanes_or_numbered),
	    TEST(ladder__delta_asked_for__is_the_column),
	    TEST(ladder__result_too_long__is_whole_and_the_name_cut),
	};

	return cmocka_run_group_tests_name("pane_ladder", tests, NULL, NULL);
}
