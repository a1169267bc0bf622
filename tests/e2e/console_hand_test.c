/*
 * Sockets by hand, at the prompt: both ends of a conversation, call by call,
 * and what is said about calls in the wrong order.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/e2e/console.h"

static void
commands(struct rig *r, const char *const *lines)
{
	for (; *lines != NULL; lines++)
		console_command(r, *lines);
}

/* A listening socket in the server pane, in accept(); the focus is back. */
static struct rig *
listening(void)
{
	struct rig *r = console();

	rig_type(r, "1");
	commands(r,
	    ARGV("socket", "bind . 127.0.0.1:7000", "listen . 2", "accept ."));
	assert_true(
	    pane_match(r, SERVER, "bind\\(127\\.0\\.0\\.1:7000\\) = 0"));
	assert_true(pane_match(r, SERVER, "By hand: .*7000 +LISTEN"));
	rig_type(r, "2");
	return r;
}

static void
both_ends__by_hand__talk_and_close(void **state)
{
	struct rig *r = listening();

	(void)state;
	commands(r, ARGV("socket", "connect . 127.0.0.1:7000"));
	assert_true(
	    pane_match(r, CLIENT, "Client +by hand +\\. is [0-9]+: tcp"));
	assert_true(pane_match(r, CLIENT, "connect\\(127.*:7000\\) = 0"));
	assert_true(pane_match(r, CLIENT, "SYN.* 3 pkt "));
	assert_true(pane_match(r, SERVER, "accept\\(\\) = [0-9]+"));
	assert_true(
	    pane_match(r, SERVER, "accept\\(\\) returned a new socket"));
	console_command(r, "send . hello");
	assert_true(pane_match(r, CLIENT, "send\\(5\\) = 5"));
	rig_type(r, "1");
	console_command(r, "recv . 3");
	assert_true(pane_match(r, SERVER, "recv\\(3\\) = 3"));
	/* 5 bytes in one segment: 3 of them */
	assert_true(pane_match(r, SERVER, "\xe2\x86\x90 hel +3 B"));
	/* a line typed, and k: the session's own keys mean . as well */
	rig_type(r, "2");
	console_send_line(r, "more");
	assert_true(
	    pane_match(r, CLIENT, "send\\(5\\) = 5(.*\n)*.*send\\(5\\)"));
	rig_type(r, "k");
	assert_true(pane_match(r, CLIENT, "close\\([0-9]+\\) = 0"));
	assert_true(pane_match(r, CLIENT, "no socket: :socket makes one"));
	rig_free(r);
}

static void
blocking_call__does_not_freeze_the_console(void **state)
{
	struct rig *r = console();

	(void)state;
	commands(r, ARGV("socket inet dgram", "recvfrom . 100"));
	assert_true(
	    pane_match(r, CLIENT, "recvfrom\\(100\\) \xe2\x96\x92 blocked"));
	/* the same socket has to wait, another one has not */
	console_command(r, "getsockopt . SO_TYPE");
	assert_true(rig_wait_for(r, "this socket is in recvfrom()", MS));
	commands(r, ARGV("socket inet dgram", "getsockopt . SO_TYPE"));
	assert_true(pane_match(r, CLIENT, "getsockopt\\(SO_TYPE\\) = 0 +2"));
	rig_type_byte(r, RIG_CTRL('c'));
	assert_true(pane_match(r, CLIENT, "recvfrom\\(100\\) = EINTR"));
	assert_true(rig_wait_for(r, "interrupted: recvfrom()", MS));
	rig_free(r);
}

static void
wrong_order__names_errno_and_reason(void **state)
{
	struct rig *r = console();

	(void)state;
	commands(r, ARGV("socket", "accept .", "send . early", "bind . :7001",
			"bind . :7002"));
	assert_true(pane_match(r, CLIENT, "accept\\(\\) = EINVAL"));
	assert_true(pane_match(r, CLIENT, "bind\\(\\) and listen\\(\\)"));
	assert_true(pane_match(r, CLIENT, "send\\(5\\) = EPIPE"));
	assert_true(pane_match(r, CLIENT, "It was never connected"));
	assert_true(pane_match(r, CLIENT, "bind\\(0.*:7002\\) = EINVAL"));
	assert_true(
	    pane_match(r, CLIENT, "bound to 0\\.0\\.0\\.0:7001 already"));
	rig_free(r);
}

static void
write__without_flush__is_said_to_send_nothing(void **state)
{
	struct rig *r = console();

	(void)state;
	commands(
	    r, ARGV("socket", "connect . 127.0.0.1:65432", "write . hello"));
	assert_true(pane_match(r, CLIENT, "write\\(\\) made no call: 5 bytes"));
	console_command(r, "flush .");
	assert_true(pane_match(r, CLIENT, "send\\(5\\) = 5"));
	assert_true(pane_match(r, SERVER, "recv\\(4096\\) = 5"));
	rig_free(r);
}

static void
raw_icmp__ping__is_answered_by_the_kernel(void **state)
{
	struct rig *r = console();

	(void)state;
	commands(r, ARGV("socket inet raw icmp", "sendto . 127.0.0.1 #ping",
			"recv . 1500", "recv . 1500", "view list"));
	assert_true(pane_match(r, CLIENT, "socket\\(AF_INET, SOCK_RAW, 1\\)"));
	assert_true(pane_match(r, CLIENT, "sendto\\(64, 127"));
	assert_true(pane_match(r, CLIENT, "is given the IP header too"));
	/* the request itself, then the reply */
	assert_true(pane_match(r, PACKETS, "ICMP .*type 8"));
	assert_true(pane_match(r, PACKETS, "ICMP .*type 0"));
	assert_true(pane_match(r, CLIENT, "recv\\(1500\\) = 84"));
	rig_free(r);
}

static void
join__a_group__receives_its_datagrams(void **state)
{
	struct rig *r = console();

	(void)state;
	rig_type(r, "1");
	commands(r, ARGV("socket inet dgram", "bind . :7000", "join 239.1.2.3",
			"recvfrom . 100"));
	assert_true(
	    pane_match(r, SERVER, "IP_ADD_MEMBERSHIP, 239.1.2.3\\) = 0"));
	rig_type(r, "2");
	commands(
	    r, ARGV("socket inet dgram", "sendto . 239.1.2.3:7000 all of you"));
	assert_true(pane_match(r, SERVER, "recvfrom\\(100\\) = 10 .*from 127"));
	/* its packet is that between the sender and the group */
	assert_true(
	    pane_match(r, CLIENT, "\xe2\x86\x92 all of you +10 B  1 pkt"));
	assert_true(
	    pane_match(r, SERVER, "\xe2\x86\x90 all of you +10 B  1 pkt"));
	rig_type(r, "1");
	console_command(r, "recvfrom . 100");
	rig_type(r, "2");
	console_command(r, "sendto . 127.255.255.255:7000 loud");
	assert_true(pane_match(r, CLIENT, "= EACCES"));
	assert_true(pane_match(r, CLIENT, "setsockopt SO_BROADCAST 1"));
	/* from another port: else it could be the group's conversation */
	commands(r, ARGV("socket inet dgram", "setsockopt . SO_BROADCAST 1",
			"sendto . 127.255.255.255:7000 loud"));
	assert_true(pane_match(r, CLIENT, "\xe2\x86\x92 loud +4 B  1 pkt"));
	assert_true(pane_match(r, SERVER, "\xe2\x86\x90 loud +4 B  1 pkt"));
	rig_free(r);
}

static void
join__of_what_runs__receives_the_group(void **state)
{
	struct rig *r = console();

	(void)state;
	console_command(r, "serve echo udp 239.1.2.3:5000");
	assert_true(
	    pane_match(r, SERVER, "IP_ADD_MEMBERSHIP, 239.1.2.3\\) = 0"));
	rig_type(r, "2");
	commands(
	    r, ARGV("socket inet dgram", "sendto . 239.1.2.3:5000 all of you",
		   "recvfrom . 100"));
	assert_true(
	    pane_match(r, SERVER, "\xe2\x86\x90 all of you +10 B  1 pkt"));
	assert_true(
	    pane_match(r, SERVER, "\xe2\x86\x92 all of you +10 B  1 pkt"));
	/* an answer comes from an address, not from a group */
	assert_true(
	    pane_match(r, CLIENT, "recvfrom\\(100\\) = 10 .*from 127.0.0.1"));
	console_command(r, "serve echo udp 0.0.0.0:5001");
	assert_true(pane_match(r, SERVER, "bind\\(.*5001\\) = 0"));
	rig_type(r, "1");
	console_command(r, "join 239.9.9.9");
	assert_true(
	    pane_match(r, SERVER, "IP_ADD_MEMBERSHIP, 239.9.9.9\\) = 0"));
	console_command(r, "join 127.0.0.1");
	assert_true(rig_wait_for(r, "127.0.0.1 is no group", MS));
	rig_type(r, "2");
	commands(r, ARGV("sendto . 239.9.9.9:5001 here too", "recvfrom . 100",
			"connect udp 239.9.9.9:5001"));
	assert_true(pane_match(r, SERVER, "\xe2\x86\x90 here too"));
	console_command(r, "join 239.9.9.9");
	assert_true(
	    pane_match(r, CLIENT, "IP_ADD_MEMBERSHIP, 239.9.9.9\\) = 0"));
	rig_free(r);
}

static void
code__by_hand__is_the_script_of_the_calls(void **state)
{
	char script[512], command[600];
	struct rig *r = console();
	struct proc *p;

	(void)state;
	need_program("python3");
	commands(r,
	    ARGV("code", "socket", "send . early", "setsockopt . SO_LINGER 0",
		"connect . 127.0.0.1:65432", "send . it's \\x00", "recv . 6",
		"getaddrinfo 127.0.0.1:80"));
	assert_true(pane_match(r, CLIENT, "Client  code  by hand"));
	assert_true(pane_match(
	    r, CLIENT, "s[0-9]+ = socket.socket\\(socket.AF_INET, "));
	assert_true(pane_match(r, CLIENT, "# s[0-9]+.send.* # EPIPE"));
	assert_true(
	    pane_match(r, CLIENT, "s[0-9]+.connect.*127.0.0.1\", 65432"));
	assert_true(pane_match(r, CLIENT, "send\\(b\"it's .x00\"\\)"));
	assert_true(pane_match(r, CLIENT, "recv\\(6\\)  # b\"it's .x00\""));
	console_command(r, "close .");
	assert_true(pane_match(r, CLIENT, "s[0-9]+.close\\(\\)"));
	snprintf(script, sizeof script, "%s/by_hand.py", rig_home(r));
	snprintf(command, sizeof command, "export python client %s", script);
	console_command(r, command);
	assert_true(rig_wait_for(r, "saved; from another terminal", MS));
	p = console_exec(r, ARGV("python3", script));
	assert_int_equal(proc_wait_exit(p, MS), 0);
	proc_free(p);
	assert_true(pane_match(r, PACKETS, "conversation 2"));
	rig_free(r);
}

static void
words__naming_no_socket__are_explained(void **state)
{
	static const struct {
		const char *command, *answer;
	} tries[] = {
	    {"bind . :7000", "no socket by hand yet: :socket makes one"},
	    {"recv .99", "no socket has the descriptor 99"},
	    {"socket inte", "'inte' is no domain"},
	    {"socket", "SOCK_STREAM, 0\\) = "},
	    {"setsockopt . SO_NONE 1", "'SO_NONE' is no socket option"},
	    {"sendto . 127.0.0.1:7", "usage: :sendto"},
	    {"repeat 5", "driven by hand"},
	};
	struct rig *r = console();

	(void)state;
	for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
		console_command(r, tries[i].command);
		assert_true(rig_wait_match(r, tries[i].answer, MS));
	}
	rig_free(r);
}

static void
tab__behind_a_command__completes_its_words(void **state)
{
	struct rig *r = console();

	(void)state;
	rig_type(r, ":setsockopt . so_r\t");
	assert_true(rig_wait_for(r, ":setsockopt . SO_REUSEADDR", MS));
	rig_type(r, "\t");
	assert_true(rig_wait_for(r, ":setsockopt . SO_REUSEPORT", MS));
	rig_key(r, RIG_ESC);
	rig_type(r, ":socket inet ra\t");
	assert_true(rig_wait_for(r, ":socket inet raw", MS));
	rig_key(r, RIG_ESC);
	rig_type(r, ":serve charg\t");
	assert_true(rig_wait_for(r, ":serve chargen", MS));
	rig_key(r, RIG_ESC);
	rig_type(r, ":shutdown . r\t");
	assert_true(rig_wait_for(r, ":shutdown . rd", MS));
	rig_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(both_ends__by_hand__talk_and_close),
	    cmocka_unit_test(blocking_call__does_not_freeze_the_console),
	    cmocka_unit_test(wrong_order__names_errno_and_reason),
	    cmocka_unit_test(write__without_flush__is_said_to_send_nothing),
	    cmocka_unit_test(raw_icmp__ping__is_answered_by_the_kernel),
	    cmocka_unit_test(join__a_group__receives_its_datagrams),
	    cmocka_unit_test(join__of_what_runs__receives_the_group),
	    cmocka_unit_test(code__by_hand__is_the_script_of_the_calls),
	    cmocka_unit_test(words__naming_no_socket__are_explained),
	    cmocka_unit_test(tab__behind_a_command__completes_its_words),
	};

	return cmocka_run_group_tests_name("console_hand", tests, NULL, NULL);
}
