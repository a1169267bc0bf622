/*
 * Telemetry in the console: a client that sends by itself, the server's curves
 * and counts, a command that the client obeys, a program of the user's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/e2e/console.h"

static struct rig *
console_telemetry(const char *transport)
{
	struct rig *r = console();
	char command[64];

	snprintf(command, sizeof command, "serve telemetry %s", transport);
	console_command(r, command);
	assert_true(pane_match(r, SERVER, "127\\.0\\.0\\.1:65441\\) = 0"));
	console_command(r, "connect");
	return r;
}

/* Readings of three sensors, a row each with a curve; nothing is missing. */
static void
assert_curves(const char *transport)
{
	struct rig *r = console_telemetry(transport);

	console_command(r, "telemetry every 20 count 30 seed 1");
	assert_true(pane_match(r, CLIENT, "ACK of 30: sensor 3, 10 readings"));
	console_command(r, "view telemetry");
	assert_true(pane_match(r, SERVER, ":[0-9]+ +20 ms +30 +0 +0 +0 +0 "));
	assert_true(pane_match(r, SERVER,
	    " 1 +d +[0-9.]+ +mean [0-9.]+ "
	    "(\xe2\x96[\x81-\x88]){5}.*\n.* 2 +B.*\n.* 3 +H"));
	rig_free(r);
}

static void
telemetry__over_udp__curves_of_every_sensor(void **state)
{
	(void)state;
	assert_curves("udp");
}

static void
telemetry__over_tcp__curves_of_every_sensor(void **state)
{
	(void)state;
	assert_curves("tcp");
}

static void
period__commanded__is_obeyed_by_the_client(void **state)
{
	struct rig *r = console_telemetry("udp");

	(void)state;
	console_command(r, "view telemetry");
	/* so slow that only the command explains the second reading */
	console_command(r, "period 40");
	console_command(r, "telemetry every 60000");
	assert_true(
	    pane_match(r, CLIENT, "PERIOD, answers 1: a reading every 40 ms"));
	assert_true(pane_match(r, SERVER, "told: every 40 ms"));
	assert_true(pane_match(r, SERVER, ":[0-9]+ +40 ms +[0-9]+ +0"));
	assert_true(pane_match(r, CLIENT, "ACK of 3: sensor 3, 1 readings"));
	console_command(r, "telemetry stop");
	console_command(r, "send x");
	assert_true(pane_match(r, CLIENT, "ERROR about 0: the version"));
	assert_true(
	    pane_match(r, SERVER, "Last refused: the version is not 1"));
	rig_type(r, "V");
	assert_true(pane_match(r, SERVER, "Message 0 is refused \\(1 so far"));
	rig_free(r);
}

static void
program__that_loses_and_repeats__is_counted(void **state)
{
	struct rig *r = console_telemetry("udp");
	struct proc *p;

	(void)state;
	console_command(r, "view telemetry");
	p = console_python(r,
	    "import socket, struct\n"
	    "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
	    "s.connect(('127.0.0.1', 65441))\n"
	    "for n in 1, 2, 2, 6, 4, 9:\n"
	    "    body = struct.pack('!HHcf', 8, 0, b'f', n / 2)\n"
	    "    s.send(struct.pack('!BBHIq', 1, 1, 16 + len(body), n, 0)"
	    " + body)\n"
	    "    s.recv(100)\n"
	    "s.send(b'hello')\n"
	    "print('done', flush=True)\n");
	assert_true(proc_wait_for(p, "done", MS));
	/* received 5; lost 3, 5, 7, 8; again 2; late 4; one refused */
	assert_true(pane_match(r, SERVER,
	    ":[0-9]+ +- +5 +4 +1 +1 +1 .*\n.* 8 +f +4\\.5 +mean 2\\.2"));
	proc_free(p);
	rig_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(telemetry__over_udp__curves_of_every_sensor),
	    cmocka_unit_test(telemetry__over_tcp__curves_of_every_sensor),
	    cmocka_unit_test(period__commanded__is_obeyed_by_the_client),
	    cmocka_unit_test(program__that_loses_and_repeats__is_counted),
	};

	return cmocka_run_group_tests_name(
	    "console_telemetry", tests, NULL, NULL);
}
