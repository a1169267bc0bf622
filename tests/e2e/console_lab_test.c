/*
 * The lab of the console: its hosts, a shell there, programs of the user's.
 */
#include <dirent.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/e2e/console.h"

/* ---- two hosts, which is what a console has ---- */

static struct rig *
two_hosts(uid_t uid)
{
	struct rig *r = console_with(
	    (struct start_opts){.argv = ARGV("sockdeck"), .uid = uid});

	sees(r, "lab 2 hosts");
	sees(r, "10.0.0.1:65432 LISTEN");
	return r;
}

static void
echo_over_the_wire(uid_t uid)
{
	struct rig *r = two_hosts(uid);

	console_connect(r);
	sees(r, "from 10.0.0.2:");
	console_send_line(r, "across");
	assert_true(pane_match(r, CLIENT, "← across\\\\n +7 B +2 pkt"));
	assert_true(pane_match(r, SOCKETS, "10.0.0.2:[0-9]+ +10.0.0.1:65432"));
	assert_true(pane_match(r, PACKETS, "SYN-SENT"));
	console_leave(r);
}

static void
two_hosts__a_line__crosses_the_wire(void **state)
{
	(void)state;
	echo_over_the_wire(0);
}

static void
two_hosts__as_an_ordinary_user__a_line_crosses_the_wire(void **state)
{
	(void)state;
	need_root();
	need_userns();
	echo_over_the_wire(START_USER);
}

static void
two_hosts__ipv6_and_datagrams__cross_the_wire(void **state)
{
	struct rig *r = two_hosts(0);

	(void)state;
	console_command(r, "serve echo tcp [fd00::1]:7000");
	sees(r, "[fd00::1]:7000 LISTEN");
	console_connect(r);
	sees(r, "from [fd00::2]:");
	console_command(r, "serve echo udp :7001");
	sees(r, "bound");
	rig_type(r, "c");
	assert_true(pane_match(r, CLIENT, "udp open"));
	console_send_line(r, "datagram");
	assert_true(pane_match(r, CLIENT, "← datagram"));
	console_leave(r);
}

static void
two_hosts__the_clients_own_lo__is_explained(void **state)
{
	struct rig *r = two_hosts(0);

	(void)state;
	console_command(r, "connect tcp 127.0.0.1:65432");
	sees(r, "the server is another host here: 10.0.0.1:65432");
	rig_type(r, "4Ge");
	sees(r, "Nobody on this host listens on port 65432");
	assert_true(pane_match(r, CLIENT, "That is this host itself"));
	assert_true(pane_match(r, CLIENT, "10\\.0\\.0\\.1:65432"));
	console_command(r, "connect tcp server:65432");
	sees(r, "from 10.0.0.2:");
	console_leave(r);
}

static void
two_hosts__what_the_kernel_thinks__stands_beside_the_packets(void **state)
{
	struct rig *r = console_with((struct start_opts){
	    .argv = ARGV("sockdeck", "-c", "view graphs", "-c", "serve sink"),
	    .cols = 160,
	    .rows = 50});

	(void)state;
	sees(r, "sink tcp threaded 10.0.0.1:65438 LISTEN");
	console_connect(r);
	console_command(r, "repeat 20 4000");
	rig_type(r, "4z");
	sees(r, "cwnd");
	assert_true(rig_wait_match(r, "reno: cwnd [1-9][0-9]", MS));
	console_leave(r);
}

/* A file that any user may read, with this text. */
static void
write_lab_file(char path[32], const char *text)
{
	int fd;

	strcpy(path, "/tmp/sockdeck-XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(fchmod(fd, 0644), 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

/* The wire's record, the verdicts, the ladder and TCP_INFO, of one lost
 * segment; all of it from a lab file. */
static void
third_segment_is_dropped(uid_t uid)
{
	char path[32];
	struct rig *r;

	write_lab_file(path, "# why does TCP recover without waiting?\n"
			     "serve sink\n"
			     "wire delay=5ms\n"
			     "wire drop 3rd data segment client->server once\n"
			     "\n"
			     "connect\n"
			     ":repeat 20 1448\n");
	r = rig_start(
	    &(struct start_opts){.argv = ARGV("sockdeck", "run", path),
		.uid = uid,
		.cols = 160,
		.rows = 50});
	sees(r, "sink tcp threaded 10.0.0.1:65438 LISTEN");
	sees(r, "→ message 20 ");
	assert_true(pane_match(r, CLIENT, "message 20 .* pkt"));
	console_command(r, "view list");
	console_command(r, "show wire:lost");
	assert_true(pane_match(r, PACKETS, " 2897 +1 +1448 dropped by a rule"));
	console_command(r, "show verdict:duplicate_ack");
	assert_true(pane_match(r, PACKETS, " 2897 +0 +Dup ACK"));
	console_command(r, "show verdict:retransmission");
	assert_true(pane_match(r, PACKETS, " 2897 .*Fast Retransmission"));
	console_command(r, "show wire:lost or verdict:retransmission");
	console_command(r, "view ladder");
	rig_type(r, "4zg");
	assert_true(rig_wait_match(r, "2897:4345 .*x.*lost", MS));
	assert_true(rig_wait_match(r, "> .*2897:4345 .*>>>.*again #", MS));
	console_command(r, "view graphs");
	assert_true(rig_wait_match(r, "ssthresh [2-9] rto .* again 1", MS));
	unlink(path);
	console_leave(r);
}

static void
third_segment__dropped__all_say_the_same(void **state)
{
	(void)state;
	third_segment_is_dropped(0);
}

static void
third_segment__dropped_for_a_user__all_say_the_same(void **state)
{
	(void)state;
	need_root();
	need_userns();
	third_segment_is_dropped(START_USER);
}

/* Each waits for what those before have started, as in a lab file. */
static void
commands__given_at_the_start__wait_for_the_server(void **state)
{
	struct rig *r = console_with((struct start_opts){
	    .argv = ARGV("sockdeck", "-c", "serve sink", "-c",
		"wire drop 1st data segment client->server once", "-c",
		"connect", "-c", "repeat 3 100")});

	(void)state;
	sees(r, "sink tcp threaded 10.0.0.1:65438 LISTEN");
	sees(r, "→ message 3 ");
	assert_true(pane_match(r, CLIENT, "→ 10.0.0.1:65438"));
	console_leave(r);
}

static void
lab_file__a_line_is_refused__says_which(void **state)
{
	char path[32];
	struct rig *r;

	(void)state;
	write_lab_file(path, "# first\nwire delay=1ms\nfly away\nwire off\n");
	r = console_with(
	    (struct start_opts){.argv = ARGV("sockdeck", "run", path)});
	sees(r, ":3: 'fly' is no command");
	sees(r, "delay=1ms"); /* and there it ended */
	console_command(r, "run /nowhere/x.lab");
	sees(r, "cannot read /nowhere/x.lab: No such file");
	unlink(path);
	console_leave(r);
}

static void
congestion__chosen__is_that_of_new_connections(void **state)
{
	struct rig *r = console_with(
	    (struct start_opts){.argv = ARGV("sockdeck", "-c", "view graphs"),
		.cols = 160,
		.rows = 50});

	(void)state;
	console_command(r, "congestion moon");
	sees(r, "no congestion control 'moon'; it has: ");
	console_command(r, "congestion cubic");
	sees(r, "cubic");
	console_connect(r);
	console_send_line(r, "hi");
	rig_type(r, "4z");
	assert_true(rig_wait_match(r, "cubic: cwnd [1-9]", MS));
	console_leave(r);
}

/* ---- where there is less ---- */

/* A console where so many network namespaces may be made. */
static struct rig *
limited(const char *most)
{
	char script[128];

	snprintf(script, sizeof script,
	    "echo %s >/proc/sys/user/max_net_namespaces && exec \"$SOCKDECK\"",
	    most);
	return rig_start(&(struct start_opts){
	    .argv = ARGV("unshare", "-Ur", "sh", "-c", script)});
}

static void
namespaces__used_up__says_why_and_goes_on_with_less(void **state)
{
	struct rig *r;

	(void)state;
	need_program("unshare");
	need_userns();
	r = limited("1");
	sees(r, "lab lo");
	sees(r, "No second host: ");
	sees(r, "sudo sysctl user.max_net_namespaces=10000");
	sees(r, "127.0.0.1:65432 LISTEN");
	rig_type(r, "c");
	sees(r, "ESTABLISHED");
	rig_key(r, RIG_F1 + 8);
	sees(r, "there is no wire: the lab has one host");
	console_leave(r);
	r = limited("0");
	sees(r, "host lo");
	sees(r, "No lab: ");
	sees(r, "user.max_net_namespaces=10000");
	sees(r, "sockdeck --host");
	console_leave(r);
}

/* ---- nothing remains ---- */

/* Some process is in that network namespace. */
static bool
is_inhabited(ino_t netns)
{
	DIR *proc = opendir("/proc");
	struct dirent *e;
	bool any = false;

	while (!any && (e = readdir(proc)) != NULL) {
		char path[300];
		struct stat st;

		snprintf(path, sizeof path, "/proc/%s/ns/net", e->d_name);
		any = atoi(e->d_name) > 0 && stat(path, &st) == 0 &&
		      st.st_ino == netns;
	}
	closedir(proc);
	return any;
}

#define HELPERS_MAX 16

/* Its helpers: what it has forked. Returns how many. */
static size_t
children_of(pid_t pid, pid_t ret[HELPERS_MAX])
{
	char path[64];
	FILE *f;
	size_t n = 0;

	snprintf(path, sizeof path, "/proc/%d/task/%d/children", pid, pid);
	f = fopen(path, "re");
	while (f != NULL && n < HELPERS_MAX && fscanf(f, "%d", &ret[n]) == 1)
		n++;
	if (f != NULL)
		fclose(f);
	return n;
}

/* Or it only waits for a parent to ask how it ended. */
static bool
has_ended(pid_t pid)
{
	char path[64], state = 'Z';
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/stat", pid);
	f = fopen(path, "re");
	if (f == NULL)
		return true;
	if (fscanf(f, "%*d (%*[^)]) %c", &state) != 1)
		state = 'Z';
	fclose(f);
	return state == 'Z';
}

static void
killed_leaves_nothing(uid_t uid)
{
	struct rig *r = two_hosts(uid);
	int64_t deadline = deadline_in(MS);
	char path[64], line[64];
	struct proc *p;
	struct stat st;
	pid_t helpers[HELPERS_MAX];
	size_t n = children_of(rig_pid(r), helpers);
	int status;

	console_connect(r);
	assert_true(n > 0);
	snprintf(path, sizeof path, "/proc/%d/ns/net", (int)rig_pid(r));
	assert_int_equal(stat(path, &st), 0);
	snprintf(line, sizeof line, "lab %d, for ", (int)rig_pid(r));
	rig_kill(r, SIGKILL);
	assert_int_equal(rig_wait_exit(r, MS), 128 + SIGKILL);
	while (is_inhabited(st.st_ino))
		assert_true(deadline_left(deadline) > 0);
	for (size_t i = 0; i < n; i++)
		while (!has_ended(helpers[i]))
			assert_true(deadline_left(deadline) > 0);
	p = proc_run(&(struct start_opts){.argv = ARGV("sockdeck", "labs")},
	    NULL, MS, &status);
	assert_null(strstr(proc_output(p, NULL), line));
	proc_free(p);
	rig_free(r);
}

static void
console__killed__leaves_no_process_and_no_lab(void **state)
{
	(void)state;
	killed_leaves_nothing(0);
}

static void
console__of_a_user_killed__leaves_no_process_and_no_lab(void **state)
{
	(void)state;
	need_root();
	need_userns();
	killed_leaves_nothing(START_USER);
}

/* A program on the client's host, and one of its own that has left its family
 * and hears no polite word. */
#define STUBBORN                                \
	"trap '' HUP TERM; setsid sleep 444 & " \
	"trap - HUP TERM; echo there; exec sleep 444"

static void
programs_end_with_their_lab(uid_t uid)
{
	struct rig *r = two_hosts(uid);
	int64_t deadline = deadline_in(MS);
	char lab[16], path[64];
	struct proc *p;
	struct stat st;

	snprintf(lab, sizeof lab, "%d", (int)rig_pid(r));
	p = proc_start(
	    &(struct start_opts){.argv = ARGV("sockdeck", "exec", "--lab", lab,
				     "client", "--", "sh", "-c", STUBBORN),
		.uid = uid});
	assert_true(proc_wait_for(p, "there", MS));
	snprintf(path, sizeof path, "/proc/%d/ns/net", (int)proc_pid(p));
	assert_int_equal(stat(path, &st), 0);
	rig_kill(r, SIGKILL);
	assert_int_equal(proc_wait_exit(p, MS), 128 + SIGHUP);
	assert_string_equal(
	    proc_errors(p), "sockdeck: the lab has ended, and with it sh\n");
	while (is_inhabited(st.st_ino))
		assert_true(deadline_left(deadline) > 0);
	proc_free(p);
	rig_free(r);
}

static void
console__killed__ends_the_programs_in_its_lab(void **state)
{
	(void)state;
	programs_end_with_their_lab(0);
}

static void
console__of_a_user_killed__ends_the_programs_in_its_lab(void **state)
{
	(void)state;
	need_root();
	need_userns();
	programs_end_with_their_lab(START_USER);
}

static void
four_hosts__clients__take_turns(void **state)
{
	struct rig *r = console_with((struct start_opts){
	    .argv = ARGV("sockdeck", "--hosts", "4"), .cols = 160, .rows = 50});

	(void)state;
	sees(r, "lab 4 hosts");
	sees(r, "LISTEN");
	for (int i = 2; i < 5; i++) {
		char from[32];

		rig_type(r, "c");
		snprintf(from, sizeof from, "from 10.0.0.%d:", i);
		sees(r, from);
	}
	console_command(r, "connect tcp server:65432 from=client2");
	assert_true(pane_match(r, CLIENT, "Client 4/4"));
	assert_true(pane_match(r, CLIENT, "from 10.0.0.3:"));
	console_leave(r);
}

/* ---- programs of the user's ---- */

#define SAY                                                        \
	"import socket, sys\n"                                     \
	"s = socket.create_connection((sys.argv[1], 65432), 20)\n" \
	"s.sendall(b'mine'); print(s.recv(9), s.getsockname()[0])\n"

/* sockdeck exec [HOST] [OPTION] -- python3 -c SAY ADDRESS; what it prints. */
static void
says_from(struct rig *r, const char *host, const char *option,
    const char *address, const char *expected)
{
	const char *argv[] = {"sockdeck", "exec", "--lab", NULL, NULL, NULL,
	    NULL, NULL, NULL, NULL, NULL, NULL};
	struct proc *p;
	char lab[16];
	int n = 3, status;

	snprintf(lab, sizeof lab, "%d", (int)rig_pid(r));
	argv[n++] = lab;
	if (host != NULL)
		argv[n++] = host;
	if (option != NULL)
		argv[n++] = option;
	argv[n++] = "--";
	argv[n++] = "python3";
	argv[n++] = "-c";
	argv[n++] = SAY;
	argv[n++] = address;
	p = proc_run(&(struct start_opts){.argv = argv}, NULL, MS, &status);
	assert_string_equal(proc_output(p, NULL), expected);
	assert_int_equal(status, 0);
	proc_free(p);
}

static void
exec__on_each_host__reaches_the_server(void **state)
{
	struct rig *r = two_hosts(0);

	(void)state;
	need_program("python3");
	says_from(r, NULL, NULL, "127.0.0.1", "b'mine' 127.0.0.1\n");
	says_from(r, "client", NULL, "10.0.0.1", "b'mine' 10.0.0.2\n");
	assert_true(pane_match(r, SERVER, "from 10.0.0.2:"));
	says_from(r, "client", "--trace", "10.0.0.1", "b'mine' 10.0.0.2\n");
	assert_true(
	    pane_match(r, CLIENT, "connect\\(10.0.0.1:65432\\) = EINPROGRESS"));
	console_leave(r);
}

static void
exec__to_the_clients_own_lo__shows_where_the_server_is(void **state)
{
	static const char *const ways[][2] = {
	    {"socket.create_connection(('127.0.0.1', 65432))",
		"\\) = ECONNREFUSED"},
	    {"socket.create_connection(('127.0.0.1', 65432), 20)", "SO_ERROR"}};
	struct rig *r = two_hosts(0);
	char lab[16], script[96];
	struct proc *p;
	int status;

	(void)state;
	need_program("python3");
	snprintf(lab, sizeof lab, "%d", (int)rig_pid(r));
	for (size_t i = 0; i < 2; i++) {
		snprintf(
		    script, sizeof script, "import socket; %s", ways[i][0]);
		p = proc_run(
		    &(struct start_opts){
			.argv = ARGV("sockdeck", "exec", "--lab", lab, "client",
			    "--trace", "--", "python3", "-c", script)},
		    NULL, MS, &status);
		assert_int_equal(status, 1);
		proc_free(p);
		assert_true(pane_match(r, CLIENT, ways[i][1]));
		assert_true(pane_match(r, CLIENT, "10\\.0\\.0\\.1:65432"));
	}
	console_leave(r);
}

static void
names_reach_the_server(uid_t uid)
{
	struct rig *r = two_hosts(uid);
	struct proc *p;
	char lab[16];
	int status;

	snprintf(lab, sizeof lab, "%d", (int)rig_pid(r));
	p = proc_run(&(struct start_opts){.argv = ARGV("sockdeck", "exec",
					      "--lab", lab, "client", "--",
					      "python3", "-c", SAY, "server"),
			 .uid = uid},
	    NULL, MS, &status);
	assert_string_equal(proc_output(p, NULL), "b'mine' 10.0.0.2\n");
	assert_string_equal(proc_errors(p), "");
	assert_int_equal(status, 0);
	proc_free(p);
	console_command(r, "shell client");
	sees(r, "a shell on client");
	rig_type(r, "getent hosts server ip6-client localhost\r");
	assert_true(rig_wait_match(r, "10.0.0.1 +server", MS));
	assert_true(rig_wait_match(r, "fd00::2 +ip6-client", MS));
	assert_true(rig_wait_match(r, "(127.0.0.1|::1) +localhost", MS));
	rig_type(r, "exit\r");
	sees(r, "1 Server");
	console_leave(r);
}

static void
names__of_the_hosts__are_known_to_programs_and_shells(void **state)
{
	(void)state;
	need_program("python3");
	names_reach_the_server(0);
}

static void
names__as_an_ordinary_user__are_known_to_programs_and_shells(void **state)
{
	(void)state;
	need_program("python3");
	need_root();
	need_userns();
	names_reach_the_server(START_USER);
}

static void
exec__no_such_host__names_those_there_are(void **state)
{
	struct rig *r = two_hosts(0);
	struct proc *p;
	char lab[16];
	int status;

	(void)state;
	snprintf(lab, sizeof lab, "%d", (int)rig_pid(r));
	p = proc_run(
	    &(struct start_opts){.argv = ARGV("sockdeck", "exec", "--lab", lab,
				     "mars", "--", "true")},
	    NULL, MS, &status);
	assert_int_equal(status, 1);
	assert_non_null(strstr(proc_errors(p), "there are server, client"));
	proc_free(p);
	console_leave(r);
}

/* ---- shells ---- */

static void
shell__on_a_host__has_the_terminal_until_it_ends(void **state)
{
	struct rig *r = console();

	(void)state;
	console_command(r, "shell server");
	sees(r, "a shell on server");
	rig_type(r, "echo in-$((6 * 7))\r");
	sees(r, "in-42");
	rig_type(r, "exit\r");
	sees(r, "1 Server");
	rig_type(r, "c");
	sees(r, "ESTABLISHED");
	console_leave(r);
}

static void
shell__console_terminated__ends_with_it(void **state)
{
	struct rig *r = console();

	(void)state;
	console_command(r, "shell");
	sees(r, "a shell on server");
	rig_type(r, "echo in-$((6 * 7))\r");
	sees(r, "in-42");
	console_leave(r);
}

static void
says_where_it_is(uid_t uid)
{
	struct rig *r = console_with(
	    (struct start_opts){.argv = ARGV("sockdeck"), .uid = uid});

	console_command(r, "shell client");
	sees(r, "a shell on client");
	rig_type(r, "\"$SOCKDECK\" exec client -- true\r");
	sees(r, "this shell is on a host of the lab already");
	if (uid != 0) {
		rig_type(r, "\"$SOCKDECK\" labs\r");
		sees(r, "this shell is on a host of a lab, from where");
	}
	rig_type(r, "exit\r");
	sees(r, "1 Server");
	console_leave(r);
}

static void
shell__on_a_host__exec_and_labs_say_that_it_is(void **state)
{
	(void)state;
	need_root();
	need_userns();
	says_where_it_is(0);
	says_where_it_is(START_USER);
}

static void
shell__no_such_host__says_where_to_look(void **state)
{
	struct rig *r = console();

	(void)state;
	console_command(r, "shell moon");
	sees(r, "no host 'moon'");
	console_leave(r);
}

static void
labs__a_running_console__is_listed_with_its_hosts(void **state)
{
	struct rig *r = console();
	struct proc *p;
	char line[64];
	int status;

	(void)state;
	p = proc_run(&(struct start_opts){.argv = ARGV("sockdeck", "labs")},
	    NULL, MS, &status);
	assert_int_equal(status, 0);
	snprintf(line, sizeof line, "lab %d, for ", (int)rig_pid(r));
	assert_non_null(strstr(proc_output(p, NULL), line));
	proc_free(p);
	console_leave(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(two_hosts__a_line__crosses_the_wire),
	    cmocka_unit_test(
		two_hosts__as_an_ordinary_user__a_line_crosses_the_wire),
	    cmocka_unit_test(two_hosts__ipv6_and_datagrams__cross_the_wire),
	    cmocka_unit_test(two_hosts__the_clients_own_lo__is_explained),
	    cmocka_unit_test(
		two_hosts__what_the_kernel_thinks__stands_beside_the_packets),
	    cmocka_unit_test(third_segment__dropped__all_say_the_same),
	    cmocka_unit_test(
		third_segment__dropped_for_a_user__all_say_the_same),
	    cmocka_unit_test(commands__given_at_the_start__wait_for_the_server),
	    cmocka_unit_test(lab_file__a_line_is_refused__says_which),
	    cmocka_unit_test(congestion__chosen__is_that_of_new_connections),
	    cmocka_unit_test(
		namespaces__used_up__says_why_and_goes_on_with_less),
	    cmocka_unit_test(console__killed__leaves_no_process_and_no_lab),
	    cmocka_unit_test(
		console__of_a_user_killed__leaves_no_process_and_no_lab),
	    cmocka_unit_test(console__killed__ends_the_programs_in_its_lab),
	    cmocka_unit_test(
		console__of_a_user_killed__ends_the_programs_in_its_lab),
	    cmocka_unit_test(four_hosts__clients__take_turns),
	    cmocka_unit_test(exec__on_each_host__reaches_the_server),
	    cmocka_unit_test(
		exec__to_the_clients_own_lo__shows_where_the_server_is),
	    cmocka_unit_test(
		names__of_the_hosts__are_known_to_programs_and_shells),
	    cmocka_unit_test(
		names__as_an_ordinary_user__are_known_to_programs_and_shells),
	    cmocka_unit_test(exec__no_such_host__names_those_there_are),
	    cmocka_unit_test(shell__on_a_host__has_the_terminal_until_it_ends),
	    cmocka_unit_test(shell__console_terminated__ends_with_it),
	    cmocka_unit_test(shell__on_a_host__exec_and_labs_say_that_it_is),
	    cmocka_unit_test(shell__no_such_host__says_where_to_look),
	    cmocka_unit_test(labs__a_running_console__is_listed_with_its_hosts),
	};

	return cmocka_run_group_tests_name("console_lab", tests, NULL, NULL);
}
