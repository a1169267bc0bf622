/*
 * The console as a student uses it: keys in, screen out.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/e2e/console.h"

/* ---- the first five minutes ---- */

static void
start__server_listens_and_says_how_to_join(void **state)
{
	struct rig *r = CONSOLE("--lab");

	(void)state;
	sees(r, "1 Server  echo tcp threaded 127.0.0.1:65432 LISTEN 0/5");
	sees(r, "socket(AF_INET, SOCK_STREAM, 0) = ");
	sees(r, "bind(127.0.0.1:65432) = 0");
	sees(r, "listen(5) = 0");
	assert_true(rig_wait_match(r, "accept\\(\\) .* blocked [0-9]+ s", MS));
	sees(r, "sockdeck exec -- python3 client.py");
	sees(r, "--host");
	sees(r, "c connects");
	console_leave(r);
}

static void
line__sent__comes_back_with_its_cost(void **state)
{
	struct rig *r = console_connected();

	(void)state;
	sees(r, "SYN→ ←SYN,ACK ACK→");
	sees(r, "3 pkt  172 B");
	rig_type(r, "iHello, world\r");
	sees(r, "→ Hello, world\\n");
	sees(r, "← Hello, world\\n");
	/* 13 bytes: a segment and an ACK of 20 + 20 + 12 header bytes. */
	sees(r, "13 B  2 pkt  IP 40 TCP 64  11%");
	rig_key(r, RIG_ESC);
	sees(r, "send(13)");
	sees(r, "PSH,ACK 1:14  13 B");
	console_leave(r);
}

static void
handshake__in_the_ladder__has_states_and_calls(void **state)
{
	struct rig *r = console_connected();

	(void)state;
	assert_true(rig_wait_match(r, "SYN-SENT .*SYN seq 0", MS));
	assert_true(rig_wait_match(r, "SYN seq 0.*SYN-RECEIVED", MS));
	assert_true(rig_wait_match(r, "ACK ack 1 .*ESTABLISHED", MS));
	sees(r, "connect()");
	sees(r, "accept = ");
	console_leave(r);
}

static void
close__of_the_client__is_a_teardown_and_time_wait(void **state)
{
	struct rig *r = console_connected();

	(void)state;
	rig_type(r, "k");
	assert_true(
	    rig_wait_match(r, "FIN,ACK→ .*(3 pkt  156|4 pkt  208) B", MS));
	assert_true(rig_wait_match(r, "TIME-WAIT [0-9]+s", MS));
	sees(r, "recv(4096) = 0");
	console_leave(r);
}

static void
half_close__leaves_the_other_direction_open(void **state)
{
	struct rig *r = console_connected();

	(void)state;
	rig_type(r, ":shutdown wr\r");
	sees(r, "shutdown(SHUT_WR) = 0");
	sees(r, "recv(4096) = 0");
	/* The server closes as well, and there is nothing more to offer. */
	sees(r, "k close   both directions have ended");
	console_leave(r);
}

/* ---- addresses and refusals ---- */

static void
serve__port_0__shows_the_real_one(void **state)
{
	struct rig *r = CONSOLE("-c", "serve echo tcp 127.0.0.1:0 iterative");

	(void)state;
	assert_true(rig_wait_match(
	    r, "echo tcp iterative 127.0.0.1:[1-9][0-9]+ LISTEN", MS));
	console_leave(r);
}

static void
serve__ipv6__is_reached(void **state)
{
	struct rig *r = CONSOLE("-c", "serve echo tcp [::1]:7000");

	(void)state;
	sees(r, "[::1]:7000 LISTEN");
	rig_type(r, "c");
	sees(r, "[::1]:7000  ESTABLISHED");
	sees(r, "i type a line");
	rig_type(r, "isix\r");
	sees(r, "← six\\n");
	console_leave(r);
}

static void
connect__nobody_listens__says_what_does(void **state)
{
	struct rig *r = CONSOLE("--lab");

	(void)state;
	sees(r, "LISTEN 0/5");
	rig_type(r, ":connect tcp 127.0.0.1:5999\r");
	sees(r, "nothing listens on 127.0.0.1:5999");
	sees(r, "Listening now: 127.0.0.1:65432");
	sees(r, "ECONNREFUSED");
	console_leave(r);
}

static void
connect__name_unknown__has_failed(void **state)
{
	struct rig *r = OUTSIDE("--host", "-c", "serve echo tcp 127.0.0.1:0",
	    "-c", "connect tcp no.such.name.invalid:80");

	(void)state;
	sees(r, "'no.such.name.invalid' does not resolve");
	sees(r, "2 Client  tcp failed");
	console_leave(r);
}

static void
connect__outside_of_the_lab__names_host(void **state)
{
	struct rig *r = CONSOLE("--lab");

	(void)state;
	sees(r, "LISTEN 0/5");
	rig_type(r, ":connect tcp www.example.org:80\r");
	sees(r, "the lab has no outside");
	rig_type(r, ":connect tcp 198.51.100.1:80\r");
	sees(r, "198.51.100.1:80 is outside");
	console_leave(r);
}

/* ---- data ---- */

static void
send__hostile_bytes__are_shown_escaped(void **state)
{
	struct rig *r = console_connected();

	(void)state;
	rig_type(r, ":send a\\x1b[31m\\0\\xffb\r");
	sees(r, "→ a\\x1b[31m\\0\\xffb");
	sees(r, "← a\\x1b[31m\\0\\xffb");
	rig_type(r, "x");
	sees(r, "61 1b 5b 33 31 6d 00");
	console_leave(r);
}

static void
repeat__messages__are_counted_by_their_bytes(void **state)
{
	struct rig *r = console_connected();

	(void)state;
	rig_type(r, ":repeat 3 100 every 5\r");
	sees(r, "→ message 3 ");
	sees(r, "← message 3 ");
	sees(r, "100 B");
	rig_type(r, ":repeat 12 10\r");
	/* Its echo may have come with others': TCP has no messages. */
	sees(r, "→ messag 12\\n");
	console_leave(r);
}

/* ---- packets ---- */

/* The first bytes of a file, as a file. */
static void
file_head(const char *from, const char *to, size_t n)
{
	char *bytes = malloc(n);
	FILE *in = fopen(from, "re"), *out = fopen(to, "we");

	assert_non_null(bytes);
	assert_non_null(in);
	assert_non_null(out);
	assert_int_equal(fread(bytes, 1, n, in), n);
	assert_int_equal(fwrite(bytes, 1, n, out), n);
	fclose(in);
	assert_int_equal(fclose(out), 0);
	free(bytes);
}

static void
packet__opened__shows_fields_and_bytes(void **state)
{
	struct rig *r = console_connected();

	(void)state;
	rig_type(r, ":view list\r");
	sees(r, "Packets  list");
	rig_type(r, "4g\rz");
	sees(r, "bytes of packet 1 ");
	sees(r, "TCP header");
	sees(r, "Source port");
	sees(r, "RFC 9293 s3.1");
	sees(r, "0000  00 00 00 00 00 00 00 00 00 00 00 00 08 00 45 00");
	rig_key(r, RIG_RIGHT);
	sees(r, "bytes of packet 2 ");
	console_leave(r);
}

static void
overhead__of_a_conversation__is_a_table(void **state)
{
	struct rig *r = console_connected();

	(void)state;
	rig_type(r, ":view overhead\r");
	/* without the link layer, which is not in the sum */
	sees(r, "pkts    IP   TCP  opts payload   sum share");
	assert_true(
	    rig_wait_match(r, "handshake +3 +60 +60 +52 +- +172 +0%", MS));
	console_leave(r);
}

static void
save__writes_a_pcap_and_asks_before_it_overwrites(void **state)
{
	struct rig *r = console_connected();
	char path[200], command[300];
	struct proc *p;
	int status;

	(void)state;
	snprintf(path, sizeof path, "%s/x.pcap", rig_home(r));
	snprintf(command, sizeof command, ":save %s\r", path);
	sees(r, "3 pkts");
	rig_type(r, command);
	sees(r, "3 packets saved");
	rig_type(r, command);
	sees(r, "Overwrite it? y / n");
	rig_type(r, "n");
	assert_true(rig_wait_gone(r, "Overwrite", MS));
	rig_type(r, command);
	sees(r, "Overwrite it? y / n");
	rig_type(r, "y");
	sees(r, "3 packets saved");
	p = proc_run(&(struct start_opts){.argv = ARGV("sockdeck", "packets",
					      "-r", path)},
	    NULL, MS, &status);
	assert_int_equal(status, 0);
	assert_non_null(strstr(proc_output(p, NULL), "SYN,ACK"));
	proc_free(p);
	console_leave(r);
}

static void
filter__is_checked_while_it_is_typed(void **state)
{
	struct rig *r = console_connected();

	(void)state;
	rig_type(r, "ftcp prot");
	sees(r, "syntax error");
	for (int i = 0; i < 4; i++)
		rig_key(r, RIG_BACKSPACE);
	rig_type(r, "port 1\r");
	sees(r, "capture filter tcp port 1");
	console_leave(r);
}

/* Its own network: the machine's may be closed to us, and busy. */
static void
interface__chosen__is_captured_on(void **state)
{
	static const char command[] =
	    "ip link set lo up; exec \"$SOCKDECK\" --host";
	struct rig *r;

	(void)state;
	need_userns();
	need_program("unshare");
	r = rig_start(&(struct start_opts){
	    .argv = ARGV("unshare", "-rn", "sh", "-c", command),
	    .cols = 120,
	    .rows = 40});
	sees(r, "host lo");
	rig_type(r, ":interface\r");
	sees(r, "this machine alone");
	rig_key(r, RIG_END);
	rig_key(r, RIG_ENTER);
	sees(r, "captured on any now");
	sees(r, "host any");
	rig_type(r, ":interface nowhere\r");
	sees(r, "there is no interface nowhere here");
	sees(r, "host any");
	console_leave(r);
}

/* In the lab the packets come from its wire. */
static void
interface__in_the_lab__is_refused(void **state)
{
	struct rig *r = console();

	(void)state;
	console_command(r, "interface eth0");
	sees(r, "an interface can be chosen with --host");
	console_leave(r);
}

/* They stand right below the bar of the top. */
static bool
packets_are_first(struct rig *r, void *arg)
{
	(void)arg;
	return strstr(rig_row(r, 1), "4 Packets  list") != NULL;
}

/* What a file holds has no calls beside it: its packets get the room. */
static void
file__at_any_size__has_no_empty_panes(void **state)
{
	static const int sizes[][2] = {{80, 24}, {120, 40}, {200, 60}};
	struct rig *r = OUTSIDE("-r", "tests/golden/tcp4_echo.pcap");

	(void)state;
	sees(r, "13 pkts");
	rig_type(r, ":view list\r");
	for (int i = 0; i < 3; i++) {
		rig_resize(r, sizes[i][0], sizes[i][1]);
		assert_true(rig_wait_until(
		    r, packets_are_first, NULL, "the packets are first", MS));
		assert_true(rig_wait_match(r, " 1 .*SYN", MS));
		sees(r, "FIN,ACK");
	}
	/* until something is started */
	rig_type(r, "b");
	assert_true(rig_wait_match(r, "1 Server  echo", MS));
	console_leave(r);
}

static void
file__opened__shows_its_packets(void **state)
{
	struct rig *r = OUTSIDE("-r", "tests/golden/tcp4_echo.pcap");

	(void)state;
	sees(r, "13 pkts");
	sees(r, "FIN,ACK");
	rig_type(r, "q");
	assert_int_equal(rig_wait_exit(r, MS), 0);
	assert_true(rig_terminal_restored(r));
	rig_free(r);
}

/* What it holds is shown, and that it is not all. */
static void
file__cut_off__shows_its_packets_and_says_so(void **state)
{
	char path[64];
	struct rig *r;

	(void)state;
	snprintf(path, sizeof path, "/tmp/sockdeck-cut-%d.pcap", getpid());
	file_head("tests/golden/tcp4_echo.pcap", path, 500);
	r = OUTSIDE("-r", path);
	sees(r, "it was cut off");
	assert_true(rig_wait_match(r, "[0-9] pkts .*broken off", MS));
	sees(r, "SYN,ACK");
	unlink(path);
	console_leave(r);
}

static void
show__filter__lists_only_its_packets(void **state)
{
	struct rig *r = OUTSIDE("-r", "tests/golden/tcp4_echo.pcap");

	(void)state;
	sees(r, "13 pkts");
	rig_type(r, ":view list\r:show flags:syn\r");
	assert_true(rig_wait_match(r, "following +only flags:syn", MS));
	assert_true(rig_wait_match(r, " 2 .*SYN,ACK +0 +1 ", MS));
	rig_type(r, ":show port:1\r");
	sees(r, "No packet is like this");
	rig_type(r, ":show prt:80\r");
	sees(r, "character 1: \"prt\" is not known");
	rig_type(r, ":show\r");
	assert_true(rig_wait_match(r, "FIN,ACK +113 +114", MS));
	console_leave(r);
}

static void
file__that_is_no_capture__is_said_at_the_end(void **state)
{
	struct rig *r = OUTSIDE("-r", "README.md");

	(void)state;
	assert_int_equal(rig_wait_exit(r, MS), 1);
	sees(r, "README.md");
	assert_true(rig_terminal_restored(r));
	rig_free(r);
}

/* ---- stepping, models ---- */

static void
pause__holds_calls_and_space_runs_one(void **state)
{
	struct rig *r = console_connected();

	(void)state;
	rig_type(r, "p");
	sees(r, "PAUSED");
	rig_type(r, ":send one\r");
	assert_true(rig_wait_match(r, "send\\(3\\) .* waits for Space", MS));
	rig_type(r, " ");
	sees(r, "→ one");
	console_leave(r);
}

/* A client of the lab that connects and says nothing. */
static struct proc *
silent_client(const struct rig *r)
{
	char lab[32];
	struct proc *p;

	snprintf(lab, sizeof lab, "%d", (int)rig_pid(r));
	p = proc_start(&(struct start_opts){
	    .argv =
		ARGV("sockdeck", "exec", "--lab", lab, "--", "python3", "-c",
		    "import socket,sys\n"
		    "s=socket.create_connection(('127.0.0.1',65432))\n"
		    "print('connected',flush=True)\nsys.stdin.read()")});
	assert_true(proc_wait_for(p, "connected", MS));
	return p;
}

static void
iterative__silent_client__keeps_the_next_in_the_accept_queue(void **state)
{
	struct rig *r = CONSOLE("-c", "model iterative");
	struct proc *p;

	(void)state;
	need_program("python3");
	sees(r, "echo tcp iterative 127.0.0.1:65432 LISTEN 0/5");
	p = silent_client(r);
	assert_true(rig_wait_match(r, "accept\\(\\) = ", MS));
	rig_type(r, "c");
	sees(r, "LISTEN 1/5");
	proc_free(p);
	sees(r, "LISTEN 0/5");
	console_leave(r);
}

static void
threaded__silent_client__stops_nobody(void **state)
{
	struct rig *r = CONSOLE("--lab");
	struct proc *p;

	(void)state;
	need_program("python3");
	sees(r, "LISTEN 0/5");
	p = silent_client(r);
	rig_type(r, "c");
	sees(r, "i type a line");
	rig_type(r, "ianswer me\r");
	sees(r, "← answer me\\n");
	proc_free(p);
	console_leave(r);
}

static void
exec__a_python_client__is_seen_by_the_server(void **state)
{
	struct rig *r = CONSOLE("--lab");
	struct proc *p;
	char lab[32];
	int status;

	(void)state;
	need_program("python3");
	sees(r, "LISTEN 0/5");
	snprintf(lab, sizeof lab, "%d", (int)rig_pid(r));
	p = proc_run(
	    &(struct start_opts){.argv = ARGV("sockdeck", "exec", "--lab", lab,
				     "--", "python3", "-c",
				     "import socket\n"
				     "s=socket.socket()\n"
				     "s.connect(('127.0.0.1',65432))\n"
				     "s.sendall(b'Hello from Python')\n"
				     "print('got',s.recv(1024))")},
	    NULL, MS, &status);
	assert_int_equal(status, 0);
	assert_non_null(
	    strstr(proc_output(p, NULL), "got b'Hello from Python'"));
	sees(r, "← Hello from Python");
	proc_free(p);
	console_leave(r);
}

/* ---- without rights ---- */

static void
ordinary_user__has_the_whole_lab(void **state)
{
	struct rig *r;

	(void)state;
	need_root();
	need_userns();
	r = rig_start(&(struct start_opts){.argv = ARGV(ONE_HOST),
	    .cols = 120,
	    .rows = 40,
	    .uid = START_USER});
	sees(r, "LISTEN 0/5");
	rig_type(r, "c");
	sees(r, "3 pkt  172 B");
	rig_type(r, "iHello\r");
	sees(r, "← Hello\\n");
	sees(r, "6 B  2 pkt  IP 40 TCP 64");
	console_leave(r);
}

static void
ordinary_user__on_the_host__learns_what_capture_needs(void **state)
{
	struct rig *r;

	(void)state;
	need_root();
	r = rig_start(
	    &(struct start_opts){.argv = ARGV("sockdeck", "--host", "-c",
				     "serve echo tcp 127.0.0.1:0"),
		.cols = 120,
		.rows = 40,
		.uid = START_USER});
	assert_true(rig_wait_match(r, "127.0.0.1:[0-9]+ LISTEN", MS));
	sees(r, "setcap cap_net_raw+ep");
	rig_type(r, "c");
	sees(r, "i type a line");
	rig_type(r, "iHello\r");
	sees(r, "← Hello\\n");
	sees(r, "not captured");
	console_leave(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(start__server_listens_and_says_how_to_join),
	    cmocka_unit_test(line__sent__comes_back_with_its_cost),
	    cmocka_unit_test(handshake__in_the_ladder__has_states_and_calls),
	    cmocka_unit_test(close__of_the_client__is_a_teardown_and_time_wait),
	    cmocka_unit_test(half_close__leaves_the_other_direction_open),
	    cmocka_unit_test(serve__port_0__shows_the_real_one),
	    cmocka_unit_test(serve__ipv6__is_reached),
	    cmocka_unit_test(connect__nobody_listens__says_what_does),
	    cmocka_unit_test(connect__name_unknown__has_failed),
	    cmocka_unit_test(connect__outside_of_the_lab__names_host),
	    cmocka_unit_test(send__hostile_bytes__are_shown_escaped),
	    cmocka_unit_test(repeat__messages__are_counted_by_their_bytes),
	    cmocka_unit_test(packet__opened__shows_fields_and_bytes),
	    cmocka_unit_test(overhead__of_a_conversation__is_a_table),
	    cmocka_unit_test(save__writes_a_pcap_and_asks_before_it_overwrites),
	    cmocka_unit_test(filter__is_checked_while_it_is_typed),
	    cmocka_unit_test(interface__chosen__is_captured_on),
	    cmocka_unit_test(interface__in_the_lab__is_refused),
	    cmocka_unit_test(file__at_any_size__has_no_empty_panes),
	    cmocka_unit_test(file__opened__shows_its_packets),
	    cmocka_unit_test(file__cut_off__shows_its_packets_and_says_so),
	    cmocka_unit_test(show__filter__lists_only_its_packets),
	    cmocka_unit_test(file__that_is_no_capture__is_said_at_the_end),
	    cmocka_unit_test(pause__holds_calls_and_space_runs_one),
	    cmocka_unit_test(
		iterative__silent_client__keeps_the_next_in_the_accept_queue),
	    cmocka_unit_test(threaded__silent_client__stops_nobody),
	    cmocka_unit_test(exec__a_python_client__is_seen_by_the_server),
	    cmocka_unit_test(ordinary_user__has_the_whole_lab),
	    cmocka_unit_test(
		ordinary_user__on_the_host__learns_what_capture_needs),
	};

#ifdef __SANITIZE_THREAD__
	/* TSan's own thread forbids a namespace of one's own: unshare(2). */
	puts("1..0 # SKIP no lab under ThreadSanitizer");
	return 0;
#endif
	return cmocka_run_group_tests_name("console", tests, NULL, NULL);
}
