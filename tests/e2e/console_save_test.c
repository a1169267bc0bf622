/*
 * Saving packets from the console: which of them, and what Wireshark is told.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "tests/e2e/console.h"

/* Save what the words say to NAME at home; what tshark says of it. */
static struct proc *
save(struct rig *r, const char *words, const char *name, const char *field)
{
	char path[256], command[400];
	struct proc *p;
	int status;

	snprintf(path, sizeof path, "%s/%s", rig_home(r), name);
	snprintf(command, sizeof command, "save %s %s", words, path);
	console_command(r, command);
	assert_true(rig_wait_match(r, "[0-9]+ packets saved in ", MS));
	p = proc_run(&(struct start_opts){.argv = ARGV("tshark", "-r", path,
					      "-T", "fields", "-e", field)},
	    NULL, MS, &status);
	assert_int_equal(status, 0);
	return p;
}

static int
lines(struct proc *p)
{
	int n = 0;

	for (const char *c = proc_output(p, NULL); *c != '\0'; c++)
		n += *c == '\n';
	return n;
}

static void
save__pcapng__has_the_calls_as_comments(void **state)
{
	struct rig *r = console_connected();
	struct proc *p;

	(void)state;
	need_program("tshark");
	console_send_line(r, "hello");
	/* Packets are counted before they are looked at. */
	assert_true(pane_match(r, PACKETS, "─ PSH,ACK 1:7.*▶"));
	assert_true(pane_match(r, PACKETS, "◀─ PSH,ACK 1:7"));
	p = save(r, "all", "all.pcapng", "frame.comment");
	assert_non_null(strstr(proc_output(p, NULL), "call: client connect("));
	assert_non_null(
	    strstr(proc_output(p, NULL), "call: client send(6) = 6"));
	assert_non_null(
	    strstr(proc_output(p, NULL), "call: server send(6) = 6"));
	assert_non_null(
	    strstr(proc_output(p, NULL), "state: client ESTABLISHED"));
	proc_free(p);
	console_leave(r);
}

static void
save__marked_shown_conversation__are_those(void **state)
{
	struct rig *r = console_connected();
	struct proc *p;

	(void)state;
	need_program("tshark");
	sees(r, "3 pkts");
	rig_type(r, "4:view list\r");
	assert_true(rig_wait_match(r, " 2 .*SYN,ACK", MS));
	console_command(r, "save marked x.pcap");
	sees(r, "no packet is marked");
	rig_type(r, "gm");
	p = save(r, "marked", "marked.pcap", "tcp.flags");
	assert_string_equal(proc_output(p, NULL), "0x0002\n");
	proc_free(p);
	console_command(r, "show flags:syn");
	p = save(r, "shown", "shown.pcap", "tcp.flags");
	assert_string_equal(proc_output(p, NULL), "0x0002\n0x0012\n");
	proc_free(p);
	p = save(r, "conversation", "one.pcap", "tcp.flags");
	assert_int_equal(lines(p), 3);
	proc_free(p);
	console_command(r, "show len>9000");
	console_command(r, "save shown none.pcap");
	sees(r, "none of the packets is to be saved");
	console_leave(r);
}

static void
save__txt__has_each_call_once(void **state)
{
	struct rig *r = console_connected();
	char path[256], command[400], text[8192];
	const char *send;
	FILE *in;

	(void)state;
	console_send_line(r, "hello");
	assert_true(pane_match(r, CLIENT, "← hello.* 2 pkt"));
	snprintf(path, sizeof path, "%s/lab.txt", rig_home(r));
	snprintf(command, sizeof command, "save %s", path);
	console_command(r, command);
	sees(r, "the calls are saved in ");
	in = fopen(path, "r");
	assert_non_null(in);
	text[fread(text, 1, sizeof text - 1, in)] = '\0';
	fclose(in);
	assert_non_null(strstr(text, "Server  echo tcp"));
	send = strstr(strstr(text, "Client  tcp"), "send(6) = 6\n");
	assert_non_null(send);
	assert_null(strstr(send + 1, "send(6) = 6\n"));
	assert_non_null(strstr(send, "→ hello"));
	assert_non_null(strstr(send, "2 pkt (1 ACK): IP 40+TCP 40"));
	console_leave(r);
}

static void
save__tab__completes_the_name_of_a_file(void **state)
{
	struct rig *r = console();
	char path[256], command[400];

	(void)state;
	snprintf(path, sizeof path, "%s/a_directory", rig_home(r));
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(command, sizeof command, ":save %s/a_d\t", rig_home(r));
	rig_type(r, command);
	sees(r, "/a_directory/");
	console_leave_prompt(r);
	rig_type(r, ":save ma\t");
	sees(r, ":save marked");
	console_leave_prompt(r);
	console_leave(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(save__pcapng__has_the_calls_as_comments),
	    cmocka_unit_test(save__marked_shown_conversation__are_those),
	    cmocka_unit_test(save__txt__has_each_call_once),
	    cmocka_unit_test(save__tab__completes_the_name_of_a_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
