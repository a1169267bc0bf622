/*
 * The wire in a person's hands: two hosts with real TCP, packets held, dropped
 * and passed by keys, rules, and time that stands.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/e2e/console.h"

/* A console with client and server and the wire in pane 4; where the kernel
 * makes no such lab, the test is skipped. */
static struct rig *
wired_as(uid_t uid)
{
	struct rig *r = rig_start(
	    &(struct start_opts){.argv = ARGV("sockdeck", "--hosts", "2"),
		.uid = uid,
		.cols = 120,
		.rows = 40});
	int x, y;

	sees(r, "LISTEN");
	if (!rig_find(r, "2 hosts", &x, &y)) {
		print_message(
		    "skipped: the kernel makes no lab of two hosts\n");
		rig_free(r);
		skip();
	}
	rig_key(r, RIG_F1 + 8);
	sees(r, "client 10.0.0.2");
	return r;
}

static struct rig *
wired(void)
{
	return wired_as(0);
}

static void
connected(struct rig *r)
{
	console_command(r, "connect");
	assert_true(pane_match(r, CLIENT, "connect\\(10.0.0.1:65432\\) = 0"));
	assert_true(pane_match(r, SERVER, "accept\\(\\) = "));
}

static void
hand__data_dropped__is_sent_again_and_seen_so(void **state)
{
	struct rig *r = wired();

	(void)state;
	connected(r);
	console_command(r, "wire hold on");
	assert_true(pane_match(r, PACKETS, "hold"));
	console_command(r, "send hello");
	assert_true(pane_match(r, PACKETS, "PSH,ACK 1:6  5 B.*waits"));
	console_command(r, "focus packets");
	rig_type(r, "d");
	assert_true(pane_match(r, CLIENT, "wire: drop #.* PSH,ACK 1:6"));
	/* by its timer, once more: this one may pass */
	assert_true(pane_match(r, PACKETS, "sent again.*waits"));
	rig_type(r, "h");
	assert_true(pane_match(r, SERVER, "recv\\(4096\\) = 5"));
	assert_true(pane_match(r, CLIENT, "recv\\(4096\\) = 5"));
	console_command(r, "view list");
	assert_true(pane_match(r, PACKETS, "dropped by"));
	console_command(r, "view ladder");
	assert_true(pane_match(r, PACKETS, "lost"));
	assert_true(pane_match(r, PACKETS, "again #4"));
	console_leave(r);
}

/* Each key tells what it has done. */
static void
hand__each_key__names_what_becomes_of_the_packet(void **state)
{
	struct rig *r = wired();

	(void)state;
	connected(r);
	console_command(r, "wire hold on");
	console_command(r, "repeat 4 1448");
	assert_true(pane_match(r, PACKETS, "4345:5793  1448 B.*waits"));
	console_command(r, "focus packets");
	rig_type(r, "r");
	sees(r, "#1 waits on: the next one overtakes it");
	assert_true(pane_match(r, PACKETS, "#1 .* 1448 B  waits for the next"));
	rig_type(r, "2");
	sees(r, "#2 goes on twice");
	rig_type(r, "c");
	sees(r, "#1 goes on with a wrong byte");
	rig_type(r, ">");
	sees(r, "#3 goes on, and takes 1.0 s longer");
	rig_type(r, " ");
	sees(r, "1448 B is let through");
	assert_true(pane_match(r, PACKETS, " in  1 copy  .* out, 1 corrupted"));
	console_leave(r);
}

/* From F9 to the reason, all by keys. */
static void
third_segment__dropped_by_hand_of_a_user__is_recovered_and_explained(
    void **state)
{
	struct rig *r;

	(void)state;
	need_root();
	need_userns();
	r = wired_as(START_USER);
	rig_type(r, "c");
	assert_true(pane_match(r, CLIENT, "connect\\(10.0.0.1:65432\\) = 0"));
	rig_type(r, "h");
	assert_true(pane_match(r, PACKETS, "hold"));
	console_command(r, "repeat 10 1448");
	assert_true(pane_match(r, PACKETS, "2897:4345  1448 B.*waits"));
	assert_true(pane_match(r, PACKETS, "10 held"));
	rig_key(r, RIG_DOWN);
	rig_key(r, RIG_DOWN);
	rig_type(r, "d");
	assert_true(pane_match(r, CLIENT, "wire: drop #3.* 2897:4345"));
	sees(r, "#3 is dropped: :view ladder shows what follows");
	rig_type(r, "h");
	assert_true(pane_match(r, CLIENT, "recv\\(4096\\) = "));
	console_command(r, "show wire:lost");
	console_command(r, "view list");
	assert_true(pane_match(r, PACKETS, " 2897 +1 +1448 dropped by "));
	rig_key(r, RIG_UP);
	rig_type(r, "e");
	sees(r, "Why: wire: dropped by hand");
	sees(r, "The client sent it again in #");
	console_leave(r);
}

static void
hand__a_line_is_left__keys_are_for_packets(void **state)
{
	struct rig *r = wired();

	(void)state;
	connected(r);
	console_command(r, "wire hold on");
	rig_type(r, "i");
	sees(r, "Enter sends the line");
	rig_type(r, "one\r");
	assert_true(pane_match(r, PACKETS, "PSH,ACK 1:5  4 B.*waits"));
	/* what waits for its ACK, says Nagle, is in no packet */
	rig_type(r, "two\r");
	assert_true(pane_match(r, CLIENT, "two.* not across yet"));
	rig_key(r, RIG_ESC);
	assert_true(rig_wait_gone(r, "Enter sends the line", MS));
	rig_type(r, "d"); /* not the client's half-close */
	assert_true(pane_match(r, CLIENT, "wire: drop #1.* 1:5"));
	/* held for so long, its timer is seen to wait */
	assert_true(pane_match(r, PACKETS, "client :.* sends again in [1-9]"));
	assert_true(pane_match(r, PACKETS, "1:5  4 B  sent again"));
	console_command(r, "focus server");
	rig_type(r, " "); /* whichever pane has the focus */
	assert_true(pane_match(r, SERVER, "recv\\(4096\\) = 4"));
	console_leave(r);
}

static void
hand__data_held_for_long__folds_the_copies_of_its_timer(void **state)
{
	struct rig *r = wired();

	(void)state;
	connected(r);
	console_command(r, "wire hold on");
	console_command(r, "send hello");
	assert_true(pane_match(r, PACKETS, "by its timer.*waits"));
	console_command(r, "wire hold off");
	assert_true(pane_match(r, CLIENT, "recv\\(4096\\) = 5"));
	console_command(r, "view ladder");
	assert_true(pane_match(r, PACKETS, "x +.*folded"));
	console_leave(r);
}

static void
rule__from_the_prompt__does_its_work_once(void **state)
{
	struct rig *r = wired();

	(void)state;
	rig_key(r, RIG_ENTER);
	sees(r, ":wire rule");
	rig_type(r, "drop next SYN-ACK");
	rig_key(r, RIG_ENTER);
	assert_true(
	    pane_match(r, PACKETS, "rule 1  drop 1st syn-ack once  0 seen"));
	connected(r);
	assert_true(pane_match(r, PACKETS, "1 so far: done"));
	console_command(r, "wire unrule 1");
	assert_true(pane_match(r, CLIENT, "wire: no rule 1 any"));
	console_command(r, "wire delay flags:fin"); /* without a time */
	sees(r, "rule 1: delay 1s every flags:fin");
	console_command(r, "wire rule lose everything");
	sees(r, "'lose' is nothing a rule can do");
	console_leave(r);
}

static void
settings__preset_and_words__are_in_force_and_in_the_journal(void **state)
{
	struct rig *r = wired();

	(void)state;
	console_command(r, "wire DSL");
	assert_true(pane_match(r, PACKETS, "delay=10ms rate=1mbit queue=40"));
	assert_true(pane_match(r, PACKETS, "rate=16mbit"));
	console_command(r, "wire off");
	console_command(r, "wire delay=30ms loss=0");
	sees(r, ": delay=30ms");
	assert_true(pane_match(r, SERVER, "wire: delay=30ms"));
	connected(r);
	/* there and back */
	assert_true(pane_match(r, CLIENT, "3 pkt  1[67][0-9] B  [6-9][0-9]"));
	console_command(r, "wire fast");
	sees(r, "'fast' is nothing a wire can be");
	console_leave(r);
}

static void
compare__beside_a_bad_wire__says_where_and_cuts_no_number(void **state)
{
	struct rig *r = wired();

	(void)state;
	console_command(r, "wire loss=20%");
	console_command(r, "compare 100 1200");
	assert_true(
	    pane_match(r, PACKETS, "Measured on lo, not over the lab's wire"));
	assert_true(pane_match(r, PACKETS, ":compare loss=20%"));
	/* headers, payload, sum and share, in half of 120 columns */
	assert_true(pane_match(r, PACKETS,
	    "TCP +2[0-9]{2} +1[01],[0-9]{3} +240,000 +25[01],[0-9]{3} "
	    "+95\\.[0-9]%"));
	assert_true(
	    pane_match(r, PACKETS, "UDP +200 +5,600 +240,000 +245,600"));
	console_command(r, "focus packets");
	rig_type(r, "G");
	assert_true(pane_match(r, PACKETS, "their headers matter"));
	console_command(
	    r, "compare 5 10 loss=20%"); /* as it said; at its top */
	assert_true(pane_match(r, PACKETS, "5 messages of 10 bytes"));
	assert_true(pane_match(r, PACKETS, "with loss=20% "));
	console_leave(r);
}

static void
pause__space__lets_one_packet_through_and_names_the_call(void **state)
{
	struct rig *r = wired();

	(void)state;
	connected(r);
	console_command(r, "pause");
	assert_true(pane_match(r, PACKETS, "paused"));
	/* the console's own calls wait as well; a program's do not */
	console_command(r, "focus client");
	console_command(r, "send hello");
	assert_true(pane_match(r, CLIENT, "send\\(5\\).*waits for Space"));
	/* no packet waits yet: from the wire, too, it is for the call */
	rig_type(r, "4 ");
	assert_true(pane_match(r, PACKETS, "PSH,ACK 1:6  5 B"));
	rig_type(r, " ");
	sees(r, "now the server's recv(4096) = 5 returns");
	console_command(r, "pause");
	assert_true(pane_match(r, CLIENT, "recv\\(4096\\) = 5"));
	console_leave(r);
}

static void
pause__backspace__shows_the_past_until_now(void **state)
{
	struct rig *r = wired();
	struct rig_cell now, then;
	int x, y;

	(void)state;
	connected(r);
	console_command(r, "view ladder");
	console_command(r, "focus packets");
	rig_key(r, RIG_BACKSPACE);
	sees(r, "Backspace steps back while paused");
	rig_type(r, "p");
	assert_true(pane_match(r, PACKETS, " 3 .*ACK ack 1"));
	assert_true(rig_find(r, "ACK ack 1", &x, &y));
	now = rig_cell(r, x, y);
	rig_key(r, RIG_BACKSPACE);
	sees(r, "THE PAST #3");
	rig_key(r, RIG_BACKSPACE);
	sees(r, "THE PAST #2");
	assert_true(rig_find(r, "ACK ack 1", &x, &y));
	then = rig_cell(r, x, y);
	assert_int_not_equal(then.fg, now.fg);
	rig_key(r, RIG_BACKSPACE);
	sees(r, "THE PAST #1");
	rig_key(r, RIG_BACKSPACE);
	sees(r, "there is no packet before");
	/* keys that act do nothing here, wherever they are pressed */
	rig_type(r, "2d");
	sees(r, "the past can only be looked at: Esc leads to now");
	rig_key(r, RIG_F1 + 8);
	sees(r, "client 10.0.0.2"); /* which may be looked at */
	rig_type(r, "h");
	sees(r, "the past can only be looked at: Esc leads to now");
	console_command(r, "view ladder");
	assert_false(rig_find(r, "shutdown(", &x, &y));
	rig_type(r, " ");
	sees(r, "THE PAST #2");
	rig_type(r, "  ");
	sees(r, "now: Space goes on with what waits");
	sees(r, "PAUSED");
	rig_key(r, RIG_BACKSPACE);
	sees(r, "THE PAST #3");
	rig_key(r, RIG_ESC);
	sees(r, "PAUSED");
	/* all that while nothing moved: what is sent now waits as before */
	console_command(r, "send hello");
	assert_true(pane_match(r, CLIENT, "send\\(5\\).*waits for Space"));
	rig_key(r, RIG_BACKSPACE);
	sees(r, "THE PAST #3");
	rig_type(r, "p");
	assert_true(pane_match(r, CLIENT, "recv\\(4096\\) = 5"));
	assert_true(rig_wait_gone(r, "THE PAST", MS));
	console_leave(r);
}

static void
one_host__no_wire__is_explained(void **state)
{
	struct rig *r = console();

	(void)state;
	rig_key(r, RIG_F1 + 8);
	sees(r, "there is no wire: the lab has one host");
	sees(r, "sockdeck --hosts 2");
	console_leave(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(hand__data_dropped__is_sent_again_and_seen_so),
	    cmocka_unit_test(hand__each_key__names_what_becomes_of_the_packet),
	    cmocka_unit_test(
		third_segment__dropped_by_hand_of_a_user__is_recovered_and_explained),
	    cmocka_unit_test(hand__a_line_is_left__keys_are_for_packets),
	    cmocka_unit_test(
		hand__data_held_for_long__folds_the_copies_of_its_timer),
	    cmocka_unit_test(rule__from_the_prompt__does_its_work_once),
	    cmocka_unit_test(
		settings__preset_and_words__are_in_force_and_in_the_journal),
	    cmocka_unit_test(
		compare__beside_a_bad_wire__says_where_and_cuts_no_number),
	    cmocka_unit_test(
		pause__space__lets_one_packet_through_and_names_the_call),
	    cmocka_unit_test(pause__backspace__shows_the_past_until_now),
	    cmocka_unit_test(one_host__no_wire__is_explained),
	};

	return cmocka_run_group_tests_name("console wire", tests, NULL, NULL);
}
