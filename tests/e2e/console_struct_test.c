/*
 * A packed record in the console: typed, sent, answered, changed byte by byte,
 * and found again in its packet.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/e2e/console.h"

static struct rig *
console_struct(const char *serve)
{
	struct rig *r = console();

	console_command(r, serve);
	assert_true(pane_match(r, SERVER, "Server +struct "));
	assert_true(pane_match(r, SERVER, "bind.*\n(.*\n)*.*bind.* = 0"));
	console_command(r, "connect");
	return r;
}

static void
pack__sent_over_tcp__is_answered_with_count_and_mean(void **state)
{
	struct rig *r = console_struct("serve struct tcp format=!hH4s?");

	(void)state;
	console_command(r, "pack !hH4s? -2 5 'a b' 1");
	assert_true(pane_match(r, SERVER, "xff.xfe.0.x05a b"));
	assert_true(pane_match(r, CLIENT, "\\(3, 1\\.3333333333333333\\) by"));
	rig_type(r, "V");
	assert_true(
	    pane_match(r, CLIENT, "values \\(-2, 5, b'a b.x00', True\\)"));
	assert_true(pane_match(r, CLIENT, "0000 ff fe 00 05 61 20 62 00 01"));
	assert_true(pane_match(r, CLIENT, "      h +H +4s +\\?"));
	assert_true(pane_match(r, CLIENT, "0002 00 05 +H uint16 +5 +1280"));
	rig_type(r, "V");
	assert_true(pane_match(r, CLIENT, "send\\(9\\) = 9"));
	rig_free(r);
}

static void
struct__typed_wrongly__marks_the_place_until_it_is_right(void **state)
{
	struct rig *r = console();

	(void)state;
	console_command(r, "struct <H 7");
	assert_true(pane_match(r, CLIENT, "2 B, little-endian"));
	rig_type(r, "i");
	assert_true(rig_wait_for(r, "struct> <H 7", MS));
	rig_type(r, "0000");
	assert_true(pane_match(r, CLIENT,
	    " <H 70000.*\n.*    \\^ .*\n.*value 1: 70000 is out of range"));
	rig_key(r, RIG_BACKSPACE);
	assert_true(pane_match(r, CLIENT, "values \\(7000,\\)"));
	assert_true(pane_match(r, CLIENT, "0000 58 1b +H uint16 +7000 +22555"));
	rig_key(r, RIG_ESC);
	assert_true(rig_wait_gone(r, "struct>", MS));
	rig_key(r, RIG_ESC);
	assert_true(pane_match(r, CLIENT, "c connects"));
	rig_free(r);
}

static void
byte__changed__changes_the_value(void **state)
{
	struct rig *r = console();

	(void)state;
	console_command(r, "struct !Hh 1 -1");
	assert_true(pane_match(r, CLIENT, "values \\(1, -1\\)"));
	rig_key(r, RIG_DOWN);
	rig_key(r, RIG_RIGHT);
	rig_key(r, RIG_ENTER);
	assert_true(rig_wait_for(r, ":poke 3 ff", MS));
	rig_key(r, RIG_BACKSPACE);
	rig_key(r, RIG_BACKSPACE);
	rig_type(r, "fe\r");
	assert_true(pane_match(r, CLIENT, "values \\(1, -2\\)"));
	console_command(r, "poke 4 00");
	assert_true(rig_wait_for(r, "has the bytes 0 to 3", MS));
	rig_free(r);
}

static bool
same_colour(struct rig *r, void *arg)
{
	const char *bytes = arg;
	struct rig_cell in_struct, in_packet;
	int x, y, px;

	if (!rig_find(r, bytes, &x, &y))
		return false;
	in_struct = rig_cell(r, x, y);
	/* the packet's dump: the payload of the datagram, at 0x2a */
	if (!rig_find(r, "0028", &px, &y))
		return false;
	in_packet = rig_cell(r, px + 6 + 2 * 3, y);
	return in_packet.fg == in_struct.fg && in_packet.fg != -1;
}

static void
packet__that_carries_it__has_the_bytes_in_the_same_colours(void **state)
{
	struct rig *r = console_struct("serve struct udp format=!IH");

	(void)state;
	console_command(r, "pack !IH 3735928559 4660");
	assert_true(pane_match(r, CLIENT, "\\(2, 1867966609\\.5\\) by"));
	console_command(r, "view struct");
	console_command(r, "view list");
	assert_true(pane_match(r, PACKETS, " 2 .*UDP"));
	rig_type(r, "4g");
	rig_key(r, RIG_ENTER);
	assert_true(
	    pane_match(r, PACKETS, "bytes of packet 1 .*struct at 002a"));
	assert_true(pane_match(r, PACKETS, "Value: 4660  H, unsigned short"));
	assert_true(rig_wait_until(r, same_colour,
	    (void *)(uintptr_t) "de ad be ef", "same colour", MS));
	rig_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		pack__sent_over_tcp__is_answered_with_count_and_mean),
	    cmocka_unit_test(
		struct__typed_wrongly__marks_the_place_until_it_is_right),
	    cmocka_unit_test(byte__changed__changes_the_value),
	    cmocka_unit_test(
		packet__that_carries_it__has_the_bytes_in_the_same_colours),
	};

	return cmocka_run_group_tests_name("console_struct", tests, NULL, NULL);
}
