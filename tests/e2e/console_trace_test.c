/*
 * Programs of the student's, traced: their calls in the console's panes, with
 * the packets that they caused; and on a terminal, where they are jobs as
 * without it.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/e2e/console.h"

#define ARGV_MAX 16

/* As console_exec(), traced. */
static struct proc *
trace(struct rig *r, const char *script)
{
	char pid[16];

	need_program("python3");
	snprintf(pid, sizeof pid, "%d", (int)rig_pid(r));
	return proc_start(&(struct start_opts){
	    .argv = ARGV("sockdeck", "exec", "--lab", pid, "--trace", "--",
		"python3", "-c", script)});
}

static const char client[] =
    "import socket, sys\n"
    "s = socket.create_connection(('127.0.0.1', 65432))\n"
    "s.sendall(b'from python')\n"
    "print('echo', s.recv(100).decode(), flush=True)\n"
    "sys.stdin.read()\n"
    "s.close()\n";

static const char server[] =
    "import socket\n"
    "s = socket.create_server(('127.0.0.1', 7001))\n"
    "print('up', flush=True)\n"
    "while True:\n"
    "    c, _ = s.accept()\n"
    "    while d := c.recv(1024): c.sendall(d.upper())\n"
    "    c.close()\n";

/* A program traced in that console, once it has said the text. Where tracing is
 * refused the test is skipped, and the reason shown. */
static struct proc *
traced(struct rig *r, const char *script, const char *text)
{
	struct proc *p = trace(r, script);

	if (proc_wait_for(p, text, MS))
		return p;
	print_message("skipped: %s\n", proc_errors(p));
	proc_free(p);
	rig_free(r);
	skip();
	return NULL;
}

static void
client__traced__stands_in_the_client_pane_with_its_packets(void **state)
{
	struct rig *r = console();
	struct proc *p = traced(r, client, "echo from python");

	(void)state;
	assert_true(pane_match(r, CLIENT, "Client.*python3"));
	assert_true(
	    pane_match(r, CLIENT, "connect\\(127\\.0\\.0\\.1:65432\\) = 0"));
	assert_true(pane_match(
	    r, CLIENT, "SYN\xe2\x86\x92 \xe2\x86\x90SYN,ACK ACK.* 3 pkt"));
	assert_true(pane_match(r, CLIENT, "send\\(11\\) = 11"));
	assert_true(pane_match(r, CLIENT,
	    "\xe2\x86\x92 from python +11 B +[12] pkt +IP [24]0 TCP"));
	assert_true(pane_match(r, CLIENT,
	    "\xe2\x86\x90 from python +11 B +[12] pkt +IP [24]0 TCP"));
	assert_true(pane_match(r, SERVER, "\xe2\x86\x90 from python +11 B"));
	/* In the ladder's margin too. */
	assert_true(pane_match(r, PACKETS, "send\\(11\\)"));
	proc_close_stdin(p);
	assert_int_equal(proc_wait_exit(p, MS), 0);
	assert_true(pane_match(r, CLIENT, "close\\([0-9]+\\) = 0"));
	assert_true(pane_match(r, CLIENT, "has ended, exit status 0"));
	proc_free(p);
	rig_free(r);
}

static void
server__traced__serves_the_console_s_client(void **state)
{
	struct rig *r = console();
	struct proc *p = traced(r, server, "up");

	(void)state;
	assert_true(pane_match(
	    r, SERVER, "Server python3.*127\\.0\\.0\\.1:7001 LISTEN"));
	assert_true(pane_match(r, SERVER, "accept\\(\\) .*blocked"));
	console_command(r, "connect tcp 127.0.0.1:7001");
	assert_true(pane_match(
	    r, SERVER, "accept\\(\\) = [0-9]+ .*from 127\\.0\\.0\\.1"));
	console_send_line(r, "hello");
	assert_true(
	    pane_match(r, SERVER, "\xe2\x86\x90 hello\\\\n +6 B +[12] pkt"));
	assert_true(pane_match(r, CLIENT, "\xe2\x86\x90 HELLO\\\\n +6 B"));
	proc_kill(p, SIGTERM);
	assert_int_equal(proc_wait_exit(p, MS), 128 + SIGTERM);
	assert_true(pane_match(r, SERVER, "was ended by SIGTERM"));
	assert_true(pane_match(r, SERVER, "Server  echo"));
	proc_free(p);
	rig_free(r);
}

static void
session__of_a_program__takes_no_orders(void **state)
{
	struct rig *r = console();
	struct proc *p = traced(r, client, "echo from python");

	(void)state;
	assert_true(pane_match(r, CLIENT, "a traced program"));
	console_command(r, "send x");
	assert_true(rig_wait_for(r, "runs by itself", MS));
	proc_free(p);
	rig_free(r);
}

static void
bind__to_the_console_s_own_port__is_explained(void **state)
{
	struct rig *r = console();
	struct proc *p = traced(r,
	    "import socket\n"
	    "s = socket.socket()\n"
	    "try: s.bind(('127.0.0.1', 65432))\n"
	    "except OSError as e: print('errno', e.errno, flush=True)\n",
	    "errno");

	(void)state;
	assert_true(rig_wait_for(r, "held by the console's own server", MS));
	proc_free(p);
	rig_free(r);
}

static void
console__ended__ends_the_program_with_its_lab(void **state)
{
	struct rig *r = console();
	struct proc *p = traced(r, client, "echo from python");

	(void)state;
	rig_kill(r, SIGTERM);
	assert_int_equal(rig_wait_exit(r, MS), 128 + SIGTERM);
	assert_int_equal(proc_wait_exit(p, MS), 128 + SIGHUP);
	assert_non_null(strstr(proc_errors(p), "the lab has ended"));
	proc_free(p);
	rig_free(r);
}

/* ---- on a terminal ---- */

static struct rig *
job(const char *const *command)
{
	const char *all[ARGV_MAX] = {
	    "sockdeck", "exec", "--host", "--print", "--"};
	int n = 5;

	while (*command != NULL && n < ARGV_MAX - 1)
		all[n++] = *command++;
	all[n] = NULL;
	return rig_start(&(struct start_opts){.argv = all});
}

static void
job__stopped_by_c_z__goes_on_after_sigcont(void **state)
{
	struct rig *r = job(ARGV("sh", "-c", "echo ready; exec cat"));

	(void)state;
	assert_true(rig_wait_for(r, "ready", MS));
	rig_type_byte(r, RIG_CTRL('z'));
	assert_true(rig_wait_stopped(r, MS));
	rig_kill(r, SIGCONT);
	rig_type(r, "again\r");
	assert_true(rig_wait_match(r, "again\nagain", MS));
	rig_type_byte(r, RIG_CTRL('d'));
	assert_int_equal(rig_wait_exit(r, MS), 0);
	rig_free(r);
}

static void
job__stopped_in_a_socket_call__goes_on_in_it(void **state)
{
	struct rig *r;

	(void)state;
	need_program("python3");
	r = job(ARGV("python3", "-c",
	    "import socket, threading\n"
	    "s = socket.create_server(('127.0.0.1', 0))\n"
	    "def go():\n"
	    "    input()\n"
	    "    socket.create_connection(s.getsockname())\n"
	    "threading.Thread(target=go).start()\n"
	    "print('ready', flush=True)\n"
	    "print('accepted', s.accept()[1][0])\n"));
	assert_true(rig_wait_for(r, "ready", MS));
	assert_true(rig_wait_for(r, "accept() ... waits", MS));
	rig_type_byte(r, RIG_CTRL('z'));
	assert_true(rig_wait_stopped(r, MS));
	rig_kill(r, SIGCONT);
	rig_type(r, "\r");
	assert_true(rig_wait_for(r, "accepted 127.0.0.1", MS));
	assert_int_equal(rig_wait_exit(r, MS), 0);
	rig_free(r);
}

static void
job__interrupted_by_c_c__ends_by_sigint(void **state)
{
	struct rig *r = job(ARGV("sh", "-c", "echo ready; exec cat"));

	(void)state;
	assert_true(rig_wait_for(r, "ready", MS));
	rig_type_byte(r, RIG_CTRL('c'));
	assert_int_equal(rig_wait_exit(r, MS), 128 + SIGINT);
	rig_free(r);
}

static void
job__terminal_closed__is_hung_up(void **state)
{
	/* One that reads might learn it from read() before the signal. */
	struct rig *r = job(ARGV("sh", "-c", "echo ready; exec sleep 1000"));

	(void)state;
	assert_true(rig_wait_for(r, "ready", MS));
	rig_hang_up(r);
	assert_int_equal(rig_wait_exit(r, MS), 128 + SIGHUP);
	rig_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		client__traced__stands_in_the_client_pane_with_its_packets),
	    cmocka_unit_test(server__traced__serves_the_console_s_client),
	    cmocka_unit_test(session__of_a_program__takes_no_orders),
	    cmocka_unit_test(bind__to_the_console_s_own_port__is_explained),
	    cmocka_unit_test(console__ended__ends_the_program_with_its_lab),
	    cmocka_unit_test(job__stopped_by_c_z__goes_on_after_sigcont),
	    cmocka_unit_test(job__stopped_in_a_socket_call__goes_on_in_it),
	    cmocka_unit_test(job__interrupted_by_c_c__ends_by_sigint),
	    cmocka_unit_test(job__terminal_closed__is_hung_up),
	};

	return cmocka_run_group_tests_name("console_trace", tests, NULL, NULL);
}
