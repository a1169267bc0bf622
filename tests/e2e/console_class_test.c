/*
 * A class at the console's server: who is there, sending one away, HTTP by
 * hand; and clients that misbehave, or try to write to the terminal.
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

#define CLIENTS "1 Clients"

#define DIAL                    \
	"import socket, time\n" \
	"s = socket.create_connection(('127.0.0.1', 65432))\n"

static void
clients__u__shows_each_with_its_name_and_its_last_message(void **state)
{
	struct rig *r = console();
	struct proc *p =
	    console_python(r, DIAL "s.sendall(b'from a student')\n"
				   "s.recv(99)\n"
				   "print('told', flush=True)\n"
				   "print(s.recv(99), flush=True)\n");
	int x, y;

	(void)state;
	assert_true(proc_wait_for(p, "told", MS));
	console_connect(r);
	console_send_line(r, "mine");
	rig_type(r, "u");
	assert_true(pane_match(r, CLIENTS, "2 of 1000 at most"));
	assert_true(pane_match(
	    r, CLIENTS, "127\\.0\\.0\\.1:[0-9]+ +python3.* 14 B.*from a"));
	assert_true(pane_match(
	    r, CLIENTS, "127\\.0\\.0\\.1:[0-9]+ +sockdeck.* 5 B.*mine"));
	/* Only the calls of one. */
	rig_type(r, "gg");
	rig_type(r, "\r");
	assert_true(pane_match(r, SERVER, "only 127\\.0\\.0\\.1:[0-9]+"));
	assert_true(pane_match(r, SERVER, "recv\\(4096\\) = 14"));
	assert_false(rig_find(r, "listen(", &x, &y));
	/* And that one is sent away. */
	console_command(r, "kick");
	assert_true(rig_wait_for(r, "shutdown(SHUT_RDWR) on its socket", MS));
	assert_true(proc_wait_for(p, "b''", MS));
	assert_true(pane_match(r, SERVER, "shutdown\\(SHUT_RDWR\\) = 0"));
	rig_type(r, "\033");
	assert_true(pane_match(r, CLIENTS, "1 of 1000 at most"));
	console_command(r, "kick nobody");
	assert_true(rig_wait_for(r, "no client here has the address", MS));
	rig_type(r, "u");
	assert_true(pane_match(r, SERVER, "echo tcp threaded"));
	proc_free(p);
	rig_free(r);
}

static void
clients__datagrams__each_peer_is_one(void **state)
{
	struct rig *r = console();
	struct proc *p;

	(void)state;
	console_command(r, "serve echo udp 127.0.0.1:7000");
	assert_true(pane_match(r, SERVER, "127\\.0\\.0\\.1:7000 bound"));
	p = console_python(r,
	    "import socket\n"
	    "for text in b'one', b'two':\n"
	    "    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
	    "    s.sendto(text, ('127.0.0.1', 7000))\n"
	    "    s.recvfrom(99)\n"
	    "print('both', flush=True)\n");
	assert_true(proc_wait_for(p, "both", MS));
	console_command(r, "clients");
	assert_true(pane_match(r, CLIENTS, ":[0-9]+ .* 3 B.*one"));
	assert_true(pane_match(r, CLIENTS, ":[0-9]+ .* 3 B.*two"));
	console_command(r, "kick");
	assert_true(rig_wait_for(r, "no connection to end", MS));
	proc_free(p);
	rig_free(r);
}

static void
get__typed__shows_the_response_parsed(void **state)
{
	struct rig *r = console();

	(void)state;
	console_command(r, "get");
	assert_true(rig_wait_for(r, "the client is not connected", MS));
	console_command(r, "serve http tcp 127.0.0.1:8080");
	assert_true(pane_match(r, SERVER, "127\\.0\\.0\\.1:8080 LISTEN"));
	rig_type(r, "c");
	assert_true(pane_match(r, CLIENT, "8080 +ESTABLISHED"));
	/* not "127.0.0.1:http-": the name of the port has no room */
	assert_true(
	    pane_match(r, SOCKETS, "LISTEN +0 +[0-9]+ 127\\.0\\.0\\.1:8080 "));
	console_command(r, "get");
	assert_true(pane_match(r, CLIENT, "HTTP/1\\.1 +200 OK +done"));
	assert_true(pane_match(r, CLIENT, "Content-Length +207 +bytes of"));
	assert_true(pane_match(r, SERVER, "GET / HTTP/1\\.1"));
	console_command(r, "get missing.html");
	assert_true(pane_match(r, CLIENT, "404 Not Found"));
	rig_free(r);
}

/* Nothing that a client says may move the cursor, ring, or end a string. */
static void
hostile_bytes__every_pane__shows_them_escaped(void **state)
{
	struct rig *r = console();
	struct proc *p = console_python(r,
	    "open('/proc/self/comm', 'wb').write(b'a\\x1b[2Jb')\n" DIAL
	    "s.sendall(b'\\x1b[31m\\0\\x07\\xff\\xc3(\\x9b2J')\n"
	    "s.recv(99)\n"
	    "print('told', flush=True)\n"
	    "s.recv(99)\n");

	(void)state;
	assert_true(proc_wait_for(p, "told", MS));
	assert_true(pane_match(r, SERVER, "\\\\x1b\\[31m\\\\0\\\\x07\\\\xff"));
	console_command(r, "clients");
	assert_true(pane_match(r, CLIENTS, "\\\\x1b\\["));
	assert_true(pane_match(r, CLIENTS, "a.+\\[2Jb"));
	/* The table of sockets, alone; then the packet, byte by byte. */
	rig_type(r, "u3z");
	assert_true(rig_wait_match(r, "ESTABLISHED.*a.+\\[2Jb [0-9]", MS));
	rig_type(r, "z1");
	assert_true(rig_wait_for(r, "1 Server  echo", MS));
	console_command(r, "find = 13");
	rig_type(r, "\r");
	assert_true(rig_wait_for(r, "1b5b33316d0007ffc3289b324a", MS));
	assert_true(rig_wait_for(r, "...(.2J", MS));
	/* The screen is still the console's. */
	assert_true(rig_wait_for(r, "F1 Help", MS));
	assert_true(rig_wait_for(r, " sockdeck  lab lo", MS));
	proc_free(p);
	rig_free(r);
}

static void
traced_client__spins_behind_the_end__is_named_in_one_row(void **state)
{
	const char *argv[] = {"sockdeck", "exec", "--trace", "--lab", NULL,
	    "--", "python3", "-c",
	    DIAL "s.shutdown(socket.SHUT_WR)\n"
		 "for i in range(5000):\n"
		 "    assert s.recv(100) == b''\n"
		 "print('done', flush=True)\n"
		 "time.sleep(60)\n",
	    NULL};
	struct rig *r = console();
	struct proc *p;
	char pid[16];

	(void)state;
	need_program("python3");
	snprintf(pid, sizeof pid, "%d", (int)rig_pid(r));
	argv[4] = pid;
	p = proc_start(&(struct start_opts){.argv = argv});
	assert_true(proc_wait_for(p, "done", MS));
	assert_true(
	    pane_match(r, CLIENT, "recv\\(100\\) = 0.*the end, and 4,999"));
	assert_true(pane_match(r, CLIENT, "It goes on to receive"));
	assert_true(pane_match(r, CLIENT, "Leave the loop there"));
	proc_free(p);
	rig_free(r);
}

static void
idle__reached__the_refusal_says_the_limits_name(void **state)
{
	struct rig *r = console();

	(void)state;
	console_command(r, "serve echo tcp 127.0.0.1:7000 idle=1");
	assert_true(pane_match(r, SERVER, "127\\.0\\.0\\.1:7000 LISTEN"));
	rig_type(r, "c");
	assert_true(pane_match(r, SERVER, "idle limit of 1 s"));
	assert_true(pane_match(r, CLIENT, "CLOSE-WAIT"));
	rig_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		clients__u__shows_each_with_its_name_and_its_last_message),
	    cmocka_unit_test(clients__datagrams__each_peer_is_one),
	    cmocka_unit_test(get__typed__shows_the_response_parsed),
	    cmocka_unit_test(hostile_bytes__every_pane__shows_them_escaped),
	    cmocka_unit_test(
		traced_client__spins_behind_the_end__is_named_in_one_row),
	    cmocka_unit_test(idle__reached__the_refusal_says_the_limits_name),
	};

	return cmocka_run_group_tests_name("class", tests, NULL, NULL);
}
