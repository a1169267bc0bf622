/*
 * The views of the packets pane on a live conversation, at every size that a
 * terminal has.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/e2e/console.h"

static const struct {
	int cols, rows;
} sizes[] = {{80, 24}, {120, 40}, {200, 60}};

#define SIZES (sizeof sizes / sizeof *sizes)

/* A conversation with a line each way, and pane 4 in this view. */
static struct rig *
console_in(int cols, int rows, const char *view)
{
	struct rig *r = console();
	char command[64];

	console_connect(r);
	console_send_line(r, "hello");
	snprintf(command, sizeof command, "view %s", view);
	console_command(r, command);
	rig_type(r, "4");
	rig_resize(r, cols, rows);
	assert_true(rig_wait_quiet(r, 200, MS));
	return r;
}

static void
stream__live__shows_both_ends_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < SIZES; i++) {
		struct rig *r =
		    console_in(sizes[i].cols, sizes[i].rows, "stream");

		assert_true(pane_match(
		    r, PACKETS, "\xe2\x86\x92 +0 \xe2\x95\xb6hello\\\\n"));
		assert_true(pane_match(
		    r, PACKETS, "\xe2\x86\x90 +0 \xe2\x95\xb6hello\\\\n"));
		rig_type(r, "x");
		assert_true(
		    pane_match(r, PACKETS, "68 65 6c 6c 6f 0a +hello\\."));
		rig_type(r, "x");
		rig_key(r, RIG_RIGHT);
		assert_true(
		    pane_match(r, PACKETS, "client \xe2\x86\x92 server"));
		rig_free(r);
	}
}

static void
stream__saved__is_what_was_sent(void **state)
{
	struct rig *r = console_in(120, 40, "stream");
	char path[256], text[64] = "";
	FILE *f;

	(void)state;
	rig_type(r, "w");
	assert_true(rig_wait_for(r, ":save-stream client sockdeck.bin", MS));
	console_leave_prompt(r);
	snprintf(
	    path, sizeof path, "save-stream server %s/out.bin", rig_home(r));
	console_command(r, path);
	assert_true(rig_wait_for(r, "6 bytes that the server sent", MS));
	console_command(r, path);
	assert_true(rig_wait_for(r, "Overwrite it?", MS));
	rig_type(r, "n");
	snprintf(path, sizeof path, "%s/out.bin", rig_home(r));
	f = fopen(path, "r");
	assert_non_null(f);
	assert_non_null(fgets(text, sizeof text, f));
	fclose(f);
	assert_string_equal(text, "hello\n");
	rig_free(r);
}

static void
rulers__live__one_write_one_segment_one_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < SIZES; i++) {
		struct rig *r =
		    console_in(sizes[i].cols, sizes[i].rows, "rulers");

		assert_true(pane_match(
		    r, PACKETS, "1 write [^ ]+ 1 segment [^ ]+ 1 read"));
		assert_true(pane_match(
		    r, PACKETS, "writes +\xe2\x94\x9c.*6.*\xe2\x94\xa4"));
		assert_true(pane_match(
		    r, PACKETS, "reads +\xe2\x94\x9c.*6.*\xe2\x94\xa4"));
		rig_free(r);
	}
}

static void
states__live__step_back_to_the_handshake(void **state)
{
	(void)state;
	for (size_t i = 0; i < SIZES; i++) {
		struct rig *r =
		    console_in(sizes[i].cols, sizes[i].rows, "states");

		assert_true(pane_match(r, PACKETS, "cESTABLISHEDs"));
		assert_true(pane_match(r, PACKETS, "packet ([0-9]+) of"));
		rig_type(r, "g");
		assert_true(pane_match(r, PACKETS, "packet 1 of"));
		assert_true(pane_match(r, PACKETS, "cSYN-SENT"));
		rig_key(r, RIG_RIGHT);
		assert_true(pane_match(r, PACKETS, "packet 2 of"));
		assert_true(pane_match(r, PACKETS, "cESTABLISHED"));
		/* A state is explained first, then the packet opened. */
		rig_key(r, RIG_ENTER);
		assert_true(rig_wait_for(r, "Why: client ESTABLISHED", MS));
		rig_key(r, RIG_ENTER);
		assert_true(pane_match(r, PACKETS, "bytes of packet 2"));
		rig_free(r);
	}
}

static void
graphs__live__each_kind_at_each_size(void **state)
{
	(void)state;
	for (size_t i = 0; i < SIZES; i++) {
		struct rig *r =
		    console_in(sizes[i].cols, sizes[i].rows, "graphs");

		assert_true(pane_match(r, PACKETS, "sequence .*segments"));
		assert_true(pane_match(r, PACKETS, "sent 6 acked 6 flight 0"));
		rig_key(r, RIG_RIGHT);
		rig_type(r, "gz");
		assert_true(pane_match(r, PACKETS, "round trip"));
		assert_true(pane_match(r, PACKETS, "#1 "));
		rig_free(r);
	}
}

static void
tables__live__lead_to_the_packets_and_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < SIZES; i++) {
		struct rig *r =
		    console_in(sizes[i].cols, sizes[i].rows, "endpoints");

		assert_true(pane_match(r, PACKETS, "endpoints  2"));
		assert_true(
		    pane_match(r, PACKETS, "tcp 127\\.0\\.0\\.1:65432 +1 "));
		rig_type(r, "s");
		assert_true(pane_match(r, PACKETS, "Flows\xe2\x96\xbc"));
		rig_key(r, RIG_ENTER);
		assert_true(pane_match(r, PACKETS, "ladder of conversation 1"));
		rig_key(r, RIG_ESC);
		assert_true(pane_match(r, PACKETS, "1 conversations of 127"));
		rig_key(r, RIG_ESC);
		assert_true(pane_match(r, PACKETS, "endpoints  2"));
		console_command(r, "view conversations");
		assert_true(pane_match(r, PACKETS, "conversations  1"));
		rig_free(r);
	}
}

static void
view__by_key__goes_round(void **state)
{
	static const char *const titles[] = {"stream 1", "rulers", "states 1",
	    "graphs 1", "overhead", "conversations", "endpoints", "compared",
	    "list", "ladder"};
	struct rig *r = console_in(120, 40, "ladder");

	(void)state;
	for (size_t i = 0; i < sizeof titles / sizeof *titles; i++) {
		rig_type(r, "v");
		assert_true(pane_match(r, PACKETS, titles[i]));
	}
	rig_free(r);
}

static void
why__live__explains_the_packet_under_the_cursor(void **state)
{
	(void)state;
	for (size_t i = 0; i < SIZES; i++) {
		struct rig *r =
		    console_in(sizes[i].cols, sizes[i].rows, "list");

		rig_type(r, "g");
		rig_type(r, "e");
		assert_true(rig_wait_for(r, "Why: handshake 1 of 3", MS));
		assert_true(rig_wait_for(r, "The client asks for port", MS));
		rig_type(r, "e");
		assert_true(rig_wait_for(r, "Why: SYN ", MS));
		rig_key(r, RIG_DOWN);
		assert_true(rig_wait_for(r, "Why: handshake 2 of 3", MS));
		rig_key(r, RIG_ENTER);
		assert_true(pane_match(r, PACKETS, "bytes of packet 2"));
		rig_key(r, RIG_ESC);
		assert_true(rig_wait_gone(r, "Why:", MS));
		rig_free(r);
	}
}

static void
mark__live__is_jumped_to_from_another_view(void **state)
{
	struct rig *r = console_in(120, 40, "list");

	(void)state;
	rig_type(r, "gm");
	assert_true(pane_match(r, PACKETS, "\xe2\x97\x86 +1 "));
	rig_key(r, RIG_DOWN);
	rig_type(r, "T");
	assert_true(pane_match(r, PACKETS, "Since #2"));
	assert_true(pane_match(r, PACKETS, "1 +-[0-9.]+ [um]s"));
	console_command(r, "view states");
	assert_true(pane_match(r, PACKETS, "packet 2 of"));
	rig_type(r, "'");
	assert_true(pane_match(r, PACKETS, "packet 1 of.*\xe2\x97\x86"));
	rig_free(r);
}

static void
list__columns_chosen__stand_at_each_size(void **state)
{
	(void)state;
	for (size_t i = 0; i < SIZES; i++) {
		struct rig *r =
		    console_in(sizes[i].cols, sizes[i].rows, "list");

		console_command(r, "columns no src flags len client");
		assert_true(pane_match(
		    r, PACKETS, "No +Source +Flags +Len +Client is"));
		assert_true(pane_match(r, PACKETS, "SYN +0 +SYN-SENT"));
		console_command(r, "columns no nonsense");
		assert_true(rig_wait_for(r, "'nonsense' is no column", MS));
		console_command(r, "columns");
		assert_true(rig_wait_gone(r, "is no column", MS));
		assert_true(rig_wait_quiet(r, 200, MS)); /* it covered much */
		assert_true(pane_match(r, PACKETS, "Seq "));
		/* Into the cell of the flags: they are explained. */
		console_command(r, "columns no flags");
		assert_true(rig_wait_gone(r, "Seq ", MS));
		rig_type(r, "g");
		rig_key(r, RIG_RIGHT);
		rig_key(r, RIG_RIGHT);
		rig_key(r, RIG_ENTER);
		assert_true(rig_wait_for(r, "Why: SYN ", MS));
		rig_free(r);
	}
}

static void
bytes__cursor_and_search__are_among_the_bytes(void **state)
{
	struct rig *r = console_in(120, 40, "list");

	(void)state;
	rig_type(r, "gz");
	for (int i = 0; i < 3; i++)
		rig_key(r, RIG_DOWN); /* the fourth packet: the line */
	rig_key(r, RIG_ENTER);
	assert_true(pane_match(r, PACKETS, "bytes of packet 4"));
	rig_type(r, "x");
	assert_true(pane_match(r, PACKETS, "at [0-9a-f]+  x fields"));
	rig_type(r, "g");
	assert_true(pane_match(r, PACKETS, "at 0000  x fields"));
	rig_type(r, "/x 6c6c6f0\r");
	assert_true(rig_wait_for(r, "a byte has two hex digits", MS));
	console_leave_prompt(r);
	console_command(r, "find x 6c 6c 6f 0a");
	assert_true(pane_match(r, PACKETS, "at 00[1-9a-f][0-9a-f]  x fields"));
	console_command(r, "find x 6c 6c 6f 0a");
	assert_true(rig_wait_for(r, "no more 'x 6c 6c 6f 0a' below", MS));
	rig_type(r, "x");
	assert_true(pane_match(r, PACKETS, "next  x hex"));
	rig_free(r);
}

static void
filter__shown__holds_in_tables_and_is_completed(void **state)
{
	struct rig *r = console_in(120, 40, "conversations");

	(void)state;
	rig_type(r, "&text:no");
	assert_true(rig_wait_for(r, ":show text:no", MS));
	rig_type(r, "where\r");
	assert_true(
	    pane_match(r, PACKETS, "conversations  0 .*only text:nowhere  0"));
	rig_type(r, "&");
	assert_true(rig_wait_for(r, ":show text:nowhere", MS));
	console_leave_prompt(r);
	/* Tab: the port of the server is in the capture. */
	rig_type(r, ":show port:\t");
	assert_true(rig_wait_match(r, ":show port:[0-9]+", MS));
	rig_type(r, "\r");
	assert_true(pane_match(r, PACKETS, "conversations  1 .*only port:"));
	rig_free(r);
}

static void
view__switched__keeps_the_selected_packet(void **state)
{
	struct rig *r = console_in(120, 40, "list");

	(void)state;
	rig_type(r, "g");
	for (int i = 0; i < 3; i++)
		rig_key(r, RIG_DOWN); /* the fourth packet: the line */
	console_command(r, "view states");
	assert_true(pane_match(r, PACKETS, "packet 4 of"));
	console_command(r, "view graphs");
	assert_true(pane_match(r, PACKETS, "#4 "));
	console_command(r, "view stream");
	console_command(r, "view ladder");
	rig_key(r, RIG_ENTER);
	assert_true(pane_match(r, PACKETS, "bytes of packet 4"));
	rig_free(r);
}

static void
conversation__walked__is_followed_by_every_pane(void **state)
{
	struct rig *r = console_in(120, 40, "ladder");

	(void)state;
	rig_type(r, "c");
	assert_true(pane_match(r, CLIENT, "Client 2/2"));
	assert_true(pane_match(r, PACKETS, "ladder of conversation 2"));
	assert_true(pane_match(r, SERVER, "recv\\(4096\\) = 6"));
	rig_type(r, "[");
	assert_true(pane_match(r, PACKETS, "ladder of conversation 1"));
	assert_true(pane_match(r, CLIENT, "Client 1/2"));
	assert_true(pane_match(r, CLIENT, "send\\(6\\) = 6"));
	assert_true(pane_match(r, SERVER, "recv\\(4096\\) = 6"));
	rig_type(r, "]");
	assert_true(pane_match(r, PACKETS, "ladder of conversation 2"));
	assert_true(pane_match(r, CLIENT, "Client 2/2"));
	assert_true(rig_wait_gone(r, "send(6) = 6", MS)); /* at either end */
	rig_type(r, "0l");
	assert_true(pane_match(r, PACKETS, "ladder of 2 conversations"));
	assert_true(pane_match(r, SERVER, "recv\\(4096\\) = 6"));
	rig_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(stream__live__shows_both_ends_lines),
	    cmocka_unit_test(stream__saved__is_what_was_sent),
	    cmocka_unit_test(states__live__step_back_to_the_handshake),
	    cmocka_unit_test(graphs__live__each_kind_at_each_size),
	    cmocka_unit_test(conversation__walked__is_followed_by_every_pane),
	    cmocka_unit_test(tables__live__lead_to_the_packets_and_back),
	    cmocka_unit_test(view__by_key__goes_round),
	    cmocka_unit_test(why__live__explains_the_packet_under_the_cursor),
	    cmocka_unit_test(mark__live__is_jumped_to_from_another_view),
	    cmocka_unit_test(list__columns_chosen__stand_at_each_size),
	    cmocka_unit_test(bytes__cursor_and_search__are_among_the_bytes),
	    cmocka_unit_test(filter__shown__holds_in_tables_and_is_completed),
	    cmocka_unit_test(view__switched__keeps_the_selected_packet),
	    cmocka_unit_test(rulers__live__one_write_one_segment_one_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
