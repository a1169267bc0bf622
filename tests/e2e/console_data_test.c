/*
 * One TCP conversation as a newcomer has it: server, client, a line, its cost,
 * the close; then what goes wrong on the way, and what is said about it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/e2e/console.h"

/* ---- the first five minutes ---- */

static void
connect__to_the_server__shows_the_handshake_beside_the_call(void **state)
{
	struct rig *r = console();

	(void)state;
	console_connect(r);
	assert_true(pane_match(
	    r, CLIENT, "connect\\(127\\.0\\.0\\.1:65432\\) = 0.*\n.*SYN.*"));
	assert_true(pane_match(
	    r, CLIENT, "SYN\xe2\x86\x92 \xe2\x86\x90SYN,ACK ACK.* 3 pkt"));
	assert_true(pane_match(r, SERVER, "accept\\(\\) = [0-9]+"));
	assert_true(pane_match(r, SERVER, "SYN,ACK.* 3 pkt"));
	assert_true(pane_match(r, PACKETS, "SYN-SENT"));
	assert_true(pane_match(r, PACKETS, "SYN,ACK seq 0 ack 1"));
	assert_true(pane_match(r, PACKETS, "ESTABLISHED *\n"));
	assert_true(pane_match(r, PACKETS, "connect\\(\\)"));
	assert_true(pane_match(r, PACKETS, "accept = "));
	rig_free(r);
}

static void
line__sent__comes_back_with_its_cost_in_both_panes(void **state)
{
	struct rig *r = console();

	(void)state;
	console_connect(r);
	console_send_line(r, "hello");
	/* 6 bytes; segment and ACK: 2 IP headers, 2 TCP headers with options */
	assert_true(pane_match(r, CLIENT,
	    "\xe2\x86\x92 hello\\\\n +6 B +2 pkt +IP 40 TCP 64 +5%"));
	assert_true(pane_match(
	    r, CLIENT, "\xe2\x86\x90 hello\\\\n +6 B +2 pkt +IP 40"));
	assert_true(pane_match(
	    r, SERVER, "\xe2\x86\x90 hello\\\\n +6 B +2 pkt +IP 40"));
	assert_true(pane_match(
	    r, SERVER, "\xe2\x86\x92 hello\\\\n +6 B +2 pkt +IP 40"));
	assert_true(pane_match(r, CLIENT, "send\\(6\\) = 6"));
	assert_true(pane_match(r, CLIENT, "recv\\(4096\\) = 6"));
	assert_true(pane_match(r, PACKETS, "PSH,ACK 1:7 +6 B"));
	assert_true(pane_match(r, SOCKETS, "ESTABLISHED.*:65432 127"));
	assert_true(pane_match(r, SOCKETS, "ESTABLISHED.*127.*:65432 *\n"));
	rig_free(r);
}

static void
close__by_k__counts_down_time_wait(void **state)
{
	struct rig *r = console();

	(void)state;
	console_connect(r);
	console_send_line(r, "bye");
	rig_type(r, "k");
	assert_true(pane_match(r, CLIENT, "close\\([0-9]+\\) = 0"));
	assert_true(pane_match(r, CLIENT, "FIN.* pkt "));
	assert_true(pane_match(r, SERVER, "recv\\(4096\\) = 0"));
	assert_true(pane_match(r, SERVER, "the peer closed"));
	assert_true(pane_match(r, SOCKETS, "TIME-WAIT +[1-6]?[0-9]s"));
	assert_true(pane_match(r, PACKETS, "FIN-WAIT-1.*CLOSE-WAIT"));
	assert_true(pane_match(r, PACKETS, "TIME-WAIT.*LAST-ACK"));
	rig_free(r);
}

/* Where the connection was accepted, and where it still waits for that. */
static void
sockets__without_a_holder__say_why(void **state)
{
	struct rig *r = console_connected();
	struct proc *p;

	(void)state;
	rig_type(r, "b");
	assert_true(pane_match(r, SOCKETS, "FIN-WAIT-2"));
	rig_type(r, "3z");
	assert_true(rig_wait_match(
	    r, "FIN-WAIT-2.*the kernel: its program closed it", MS));
	p = console_python(r, "import socket\n"
			      "s = socket.create_server(('127.0.0.1', 7001))\n"
			      "c = socket.create_connection(s.getsockname())\n"
			      "print('up', flush=True)\n"
			      "c.recv(1)\n");
	assert_true(proc_wait_for(p, "up", MS));
	assert_true(rig_wait_match(
	    r, "ESTABLISHED.*127\\.0\\.0\\.1:7001 .*not accepted yet", MS));
	proc_free(p);
	rig_free(r);
}

/* ---- addresses ---- */

static void
serve__port_in_use__names_the_holder(void **state)
{
	struct rig *r = console();
	struct proc *p =
	    console_python(r, "import socket, time\n"
			      "s = socket.create_server(('127.0.0.1', 7001))\n"
			      "print('up', flush=True)\n"
			      "s.accept()\n");

	(void)state;
	assert_true(proc_wait_for(p, "up", MS));
	console_command(r, "serve echo tcp 127.0.0.1:7001");
	assert_true(pane_match(
	    r, SERVER, "bind\\(127\\.0\\.0\\.1:7001\\) = EADDRINUSE"));
	assert_true(rig_wait_match(
	    r, "127\\.0\\.0\\.1:7001 is held by python3[^ ]* \\(process ", MS));
	proc_free(p);
	rig_free(r);
}

/* ---- refusals ---- */

static void
command__wrong__is_explained(void **state)
{
	static const struct {
		const char *command, *answer;
	} tries[] = {
	    {"conect", "connect"},
	    {"help nonsense", "'nonsense' is no command"},
	    {"serve chess", "'chess' is no service"},
	    {"serve echo tcp 127.0.0.1:70000", "65535"},
	    {"serve echo tcp 127.0.0.1", "port"},
	    {"model fast", "iterative"},
	    {"send x", "not connected"},
	    {"type", "not connected"},
	    {"theme nosuch", "nosuch"},
	    {"send-file /nonexistent", "No such file"},
	    {"shutdown", "not connected"},
	    {"step", "press p first"},
	};
	struct rig *r = console();

	(void)state;
	for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
		console_command(r, tries[i].command);
		assert_true(rig_wait_for(r, tries[i].answer, MS));
	}
	rig_free(r);
}

static void
help__with_a_command__is_open_at_its_line(void **state)
{
	struct rig *r = console();

	(void)state;
	console_command(r, "help wire");
	sees(r, "the wire between the hosts: bad, by hand, by rules");
	sees(r, ":wire [KEY=VALUE|PRESET|");
	console_command(r, "help compare");
	sees(r, ":compare [N [SIZE]]");
	console_leave(r);
}

/* ---- lines that are too long ---- */

static void
line__too_long__is_cut_with_a_word(void **state)
{
	struct rig *r = console_connected();
	char line[3002];

	(void)state;
	memset(line, 'A', sizeof line);
	strcpy(line + 3000, "\r");
	rig_type(r, "i");
	sees(r, "send>");
	rig_paste(r, line);
	sees(r, "a line takes 511 bytes: 2489 more were left out; :send-file");
	assert_true(pane_match(r, CLIENT, "send\\(512\\) = 512"));
	console_leave_prompt(r);
	rig_type(r, ":");
	rig_paste(r, line);
	sees(r, "a line takes 511 bytes: 2489 more were left out");
	rig_type(r, "\x7f");
	sees(r, ":AAA");
	console_leave(r);
}

/* ---- a program of the student's ---- */

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		connect__to_the_server__shows_the_handshake_beside_the_call),
	    cmocka_unit_test(
		line__sent__comes_back_with_its_cost_in_both_panes),
	    cmocka_unit_test(close__by_k__counts_down_time_wait),
	    cmocka_unit_test(sockets__without_a_holder__say_why),
	    cmocka_unit_test(serve__port_in_use__names_the_holder),
	    cmocka_unit_test(command__wrong__is_explained),
	    cmocka_unit_test(help__with_a_command__is_open_at_its_line),
	    cmocka_unit_test(line__too_long__is_cut_with_a_word),
	};

	return cmocka_run_group_tests_name("console", tests, NULL, NULL);
}
