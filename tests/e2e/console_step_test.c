/*
 * Step mode: what is about to happen, one call at a time; time-outs; and the
 * Python program with the line that it is in.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/e2e/console.h"

#define WAITS ".*waits for Space"

/* ---- step mode ---- */

static void
client__paused__makes_its_calls_one_by_one(void **state)
{
	struct rig *r = console();

	(void)state;
	console_command(r, "pause client");
	assert_true(rig_wait_for(r, "PAUSED client", MS));
	rig_type(r, "c");
	assert_true(pane_match(r, CLIENT, "socket\\(AF_INET, .*" WAITS));
	rig_type(r, " ");
	assert_true(pane_match(r, CLIENT, "connect\\(127.*:65432\\)" WAITS));
	/* nothing has been sent yet, and the server has no client */
	assert_true(rig_wait_for(r, "0 pkts", MS));
	rig_type(r, " ");
	assert_true(pane_match(r, CLIENT, "connect\\(127.*:65432\\) = 0"));
	/* the server is not held: it takes the client and waits for data */
	assert_true(pane_match(r, SERVER, "recv\\(4096\\)"));
	assert_true(pane_match(r, CLIENT, "recv\\(4096\\)" WAITS));
	rig_type(r, "p");
	assert_true(rig_wait_gone(r, "PAUSED", MS));
	assert_true(rig_wait_gone(r, "waits for Space", MS));
	rig_free(r);
}

static void
both__paused__space_runs_the_focused_panes_call(void **state)
{
	struct rig *r = console();

	(void)state;
	console_connect(r);
	rig_type(r, "p");
	assert_true(rig_wait_for(r, "PAUSED:", MS));
	console_command(r, "send hello");
	/* with its argument, before it is made */
	assert_true(pane_match(r, CLIENT, "send\\(5\\)" WAITS));
	assert_true(pane_match(r, CLIENT, "\xe2\x86\x92 hello +5 B"));
	rig_type(r, " ");
	assert_true(pane_match(r, CLIENT, "send\\(5\\) = 5"));
	/* recv() was blocked before the pause: it returns, the answer waits */
	assert_true(pane_match(r, SERVER, "recv\\(4096\\) = 5"));
	assert_true(pane_match(r, SERVER, "send\\(5\\)" WAITS));
	rig_type(r, "1 ");
	assert_true(pane_match(r, SERVER, "send\\(5\\) = 5"));
	assert_true(pane_match(r, SERVER, "recv\\(4096\\)" WAITS));
	assert_true(pane_match(r, CLIENT, "recv\\(4096\\) = 5"));
	assert_true(pane_match(r, CLIENT, "recv\\(4096\\)" WAITS));
	/* the client's turn, from its own pane */
	rig_type(r, "2 ");
	assert_true(pane_match(r, CLIENT, "recv\\(4096\\) .*\n"));
	assert_true(pane_match(r, SERVER, "recv\\(4096\\)" WAITS));
	rig_type(r, " ");
	assert_true(rig_wait_gone(r, "waits for Space", MS));
	rig_type(r, " ");
	assert_true(rig_wait_for(r, "no call waits", MS));
	rig_free(r);
}

static void
server__paused__starts_call_by_call(void **state)
{
	static const char *const calls[] = {"socket\\(AF_INET", "setsockopt\\(",
	    "bind\\(127", "listen\\(5\\)", "accept\\(\\)"};
	struct rig *r = console();

	(void)state;
	console_command(r, "stop");
	assert_true(rig_wait_for(r, "stopped", MS));
	console_command(r, "pause server");
	rig_type(r, "1b");
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
		char regex[64];

		snprintf(regex, sizeof regex, "%s" WAITS, calls[i]);
		assert_true(pane_match(r, SERVER, regex));
		rig_type(r, " ");
	}
	assert_true(pane_match(r, SERVER, "LISTEN 0/5"));
	assert_true(rig_wait_gone(r, "waits for Space", MS));
	/* stopped while it waits at the gate, it ends all the same */
	console_connect(r);
	assert_true(pane_match(r, SERVER, WAITS));
	console_command(r, "stop");
	assert_true(pane_match(r, SERVER, "stopped"));
	assert_true(rig_wait_gone(r, "waits for Space", MS));
	rig_free(r);
}

static void
timeout__nothing_comes__is_an_error_seen(void **state)
{
	struct rig *r = console_with(
	    (struct start_opts){.argv = ARGV(ONE_HOST, "-c", "serve sink")});

	(void)state;
	console_connect(r);
	console_command(r, "timeout 0.2");
	assert_true(
	    pane_match(r, CLIENT, "setsockopt\\(SO_RCVTIMEO, 0.2 s\\)"));
	assert_true(pane_match(r, CLIENT, "recv\\(4096\\) = EAGAIN in 2"));
	assert_true(pane_match(r, CLIENT, "Timed out: nothing came"));
	console_command(r, "send again");
	assert_true(pane_match(r, CLIENT, "send\\(5\\) = 5"));
	assert_true(
	    pane_match(r, CLIENT, "EAGAIN(.*\n)*.*send(.*\n)*.*EAGAIN"));
	rig_free(r);
}

/* ---- the code view ---- */

#define AT "\xe2\x96\xb6 +"

static void
code__follows_the_calls(void **state)
{
	struct rig *r = console();

	(void)state;
	console_command(r, "code both");
	assert_true(pane_match(r, SERVER, "Server  code  echo tcp threaded"));
	assert_true(pane_match(r, SERVER, AT "conn, addr = s.accept\\(\\)"));
	assert_true(pane_match(r, CLIENT, "No client .* c connects"));
	rig_type(r, "c");
	assert_true(pane_match(r, SERVER, AT "data = conn.recv\\(4096\\)"));
	assert_true(pane_match(r, CLIENT, AT "data = s.recv\\(4096\\)"));
	/* step by step */
	rig_type(r, "p");
	assert_true(rig_wait_for(r, "PAUSED", MS));
	console_send_line(r, "x");
	assert_true(pane_match(r, CLIENT, AT "s.sendall\\(line\\)"));
	assert_true(pane_match(r, CLIENT, "send\\(2\\)" WAITS));
	rig_type(r, " ");
	assert_true(pane_match(r, SERVER, AT "conn.sendall\\(data\\)"));
	assert_true(pane_match(r, SERVER, "send\\(2\\)" WAITS));
	/* two clients, two threads in one line */
	rig_type(r, "pc");
	assert_true(pane_match(r, SERVER, "2" AT "data = conn.recv"));
	rig_type(r, "C");
	assert_true(pane_match(r, CLIENT, "connect\\(127.*\\) = 0"));
	rig_free(r);
}

static void
code__of_each_model__is_another_program(void **state)
{
	struct rig *r = console();

	(void)state;
	rig_type(r, "1C");
	assert_true(pane_match(r, SERVER, AT "conn, addr = s.accept"));
	console_command(r, "model event");
	assert_true(pane_match(r, SERVER, AT "for key, events in sel.select"));
	console_command(r, "model iterative");
	assert_true(pane_match(r, SERVER, AT "conn, addr = s.accept"));
	console_command(r, "serve daytime udp 127.0.0.1:7013");
	assert_true(pane_match(r, SERVER, AT "data, addr = s.recvfrom\\(4096"));
	console_command(r, "find PORT =");
	assert_true(pane_match(r, SERVER, "PORT = 7013"));
	rig_free(r);
}

static void
export__both_ends__run_in_the_lab(void **state)
{
	char server[512], client[512], command[600];
	struct rig *r = console();
	struct proc *s, *c;

	(void)state;
	need_program("python3");
	console_connect(r);
	snprintf(server, sizeof server, "%s/server.py", rig_home(r));
	snprintf(client, sizeof client, "%s/client.py", rig_home(r));
	snprintf(command, sizeof command, "export python server %s", server);
	console_command(r, command);
	assert_true(rig_wait_for(r, "saved; from another terminal", MS));
	console_command(r, command);
	assert_true(rig_wait_for(r, "Overwrite it?", MS));
	rig_type(r, "n");
	snprintf(command, sizeof command, "export python client %s", client);
	console_command(r, command);
	assert_true(rig_wait_for(r, "client.py", MS));
	console_command(r, "export ruby client /tmp/x");
	assert_true(rig_wait_for(r, "usage: :export", MS));
	/* Their client, our server; then both theirs. */
	snprintf(command, sizeof command, "echo to ours | python3 %s", client);
	c = console_exec(r, ARGV("sh", "-c", command));
	assert_true(proc_wait_for(c, "to ours", MS));
	proc_free(c);
	console_command(r, "stop");
	assert_true(rig_wait_for(r, "stopped", MS));
	s = console_exec(r, ARGV("python3", server));
	/* It may not listen yet. */
	snprintf(command, sizeof command,
	    "until echo to theirs | python3 %s 2>/dev/null; do sleep 0.1; done",
	    client);
	c = console_exec(r, ARGV("sh", "-c", command));
	assert_true(proc_wait_for(c, "to theirs", MS));
	proc_free(c);
	/* Our client, their server. */
	console_command(r, "connect tcp 127.0.0.1:65432");
	assert_true(pane_match(r, CLIENT, "2/2 .*ESTABLISHED"));
	console_send_line(r, "from ours");
	assert_true(pane_match(r, CLIENT, "\xe2\x86\x90 from ours"));
	proc_free(s);
	rig_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(client__paused__makes_its_calls_one_by_one),
	    cmocka_unit_test(both__paused__space_runs_the_focused_panes_call),
	    cmocka_unit_test(server__paused__starts_call_by_call),
	    cmocka_unit_test(timeout__nothing_comes__is_an_error_seen),
	    cmocka_unit_test(code__follows_the_calls),
	    cmocka_unit_test(code__of_each_model__is_another_program),
	    cmocka_unit_test(export__both_ends__run_in_the_lab),
	};

	return cmocka_run_group_tests_name("console_step", tests, NULL, NULL);
}
