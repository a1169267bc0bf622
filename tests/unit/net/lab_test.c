#include "net/datagram.h"
#include "net/lab.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/net/child.h"

static int
enter(void)
{
	struct err err;
	struct lab lab;
	int rc = lab_enter(1, &lab, &err);

	if (rc < 0)
		fprintf(stderr, "# %s\n", err.text);
	return rc < 0 ? REFUSED : GOOD;
}

static ino_t
netns_of(pid_t pid)
{
	struct stat st = {0};
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/ns/net", pid);
	stat(path, &st);
	return st.st_ino;
}

static struct sockaddr_in
loopback(uint16_t port)
{
	return (struct sockaddr_in){
	    .sin_family = AF_INET,
	    .sin_port = htons(port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
}

/* ---------------------------------------------------------------- entering */

/* A datagram to this address arrives, from 127.0.0.1. */
static bool
arrives(int from, int to, const char *ip)
{
	struct sockaddr_in a = loopback(7001), source = {0};
	socklen_t len = sizeof source;
	struct timeval limit = {.tv_sec = 10};
	char got[8] = "";

	setsockopt(to, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	inet_pton(AF_INET, ip, &a.sin_addr);
	return sendto(from, "all", 3, 0, (struct sockaddr *)&a, sizeof a) ==
		   3 &&
	       recvfrom(to, got, sizeof got, 0, (struct sockaddr *)&source,
		   &len) == 3 &&
	       memcmp(got, "all", 3) == 0 &&
	       source.sin_addr.s_addr == htonl(INADDR_LOOPBACK);
}

static int
body_to_many(void)
{
	struct sockaddr_in any = {
	    .sin_family = AF_INET, .sin_port = htons(7001)};
	struct ip_mreq group = {.imr_interface = {INADDR_ANY}};
	int on = 1, to, from;

	if (enter() != GOOD)
		return REFUSED;
	to = socket(AF_INET, SOCK_DGRAM, 0);
	from = socket(AF_INET, SOCK_DGRAM, 0);
	inet_pton(AF_INET, "239.1.2.3", &group.imr_multiaddr);
	if (bind(to, (struct sockaddr *)&any, sizeof any) < 0 ||
	    setsockopt(
		to, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof group) < 0)
		return 1;
	if (!arrives(from, to, "239.1.2.3"))
		return 2;
	setsockopt(from, SOL_SOCKET, SO_BROADCAST, &on, sizeof on);
	if (!arrives(from, to, "127.255.255.255"))
		return 3;
	return arrives(from, to, "255.255.255.255") ? GOOD : 4;
}

static void
enter__lab__carries_multicast_and_broadcast(void **state)
{
	(void)state;
	child_passes(body_to_many, 0);
	child_passes(body_to_many, 65534);
}

static int
connects_to_itself(int family)
{
	struct sockaddr_in in = loopback(80); /* a port that only root has */
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6,
	    .sin6_port = htons(80),
	    .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	const void *a = family == AF_INET ? (void *)&in : (void *)&in6;
	socklen_t n = family == AF_INET ? sizeof in : sizeof in6;
	int s = socket(family, SOCK_STREAM, 0);
	int c = socket(family, SOCK_STREAM, 0);
	int ok =
	    bind(s, a, n) == 0 && listen(s, 1) == 0 && connect(c, a, n) == 0;

	close(s);
	close(c);
	return ok;
}

static int
body_loopback(void)
{
	ino_t before = netns_of(getpid());
	uid_t uid = getuid();

	if (enter() != GOOD)
		return REFUSED;
	if (netns_of(getpid()) == before)
		return 1;
	if (!connects_to_itself(AF_INET))
		return 2;
	if (socket(AF_INET6, SOCK_STREAM, 0) >= 0 &&
	    !connects_to_itself(AF_INET6))
		return 3;
	return getuid() == uid ? GOOD : 4;
}

static void
enter__as_we_are__lo_is_up_and_the_user_the_same(void **state)
{
	(void)state;
	child_passes(body_loopback, 0);
}

static void
enter__as_a_user__lo_is_up_and_the_user_the_same(void **state)
{
	(void)state;
	child_passes(body_loopback, CHILD_USER);
}

static int
body_ping(void)
{
	if (enter() != GOOD)
		return REFUSED;
	return socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP) >= 0 ? GOOD : 1;
}

static void
enter__as_a_user__ping_works(void **state)
{
	(void)state;
	child_passes(body_ping, CHILD_USER);
}

/* ---------------------------------------------------------------- segments */

/* 100,000 bytes over lo. */
static bool
send_stream(void)
{
	static const char data[100000];
	struct sockaddr_in a = loopback(7000);
	int s = socket(AF_INET, SOCK_STREAM, 0);
	int c = socket(AF_INET, SOCK_STREAM, 0);

	return bind(s, (struct sockaddr *)&a, sizeof a) == 0 &&
	       listen(s, 1) == 0 &&
	       connect(c, (struct sockaddr *)&a, sizeof a) == 0 &&
	       send(c, data, sizeof data, MSG_DONTWAIT) > 0;
}

/* Datagrams that fill a packet, which the kernel is to cut from one. */
static bool
send_datagrams(void)
{
	static uint8_t data[LAB_MTU - 28];
	struct datagram v[DATAGRAM_BATCH];
	bool cut = datagram_may_cut();
	int s = socket(AF_INET, SOCK_DGRAM, 0);

	for (size_t i = 0; i < DATAGRAM_BATCH; i++)
		v[i] =
		    (struct datagram){addr_from_ip(AF_INET, "\x7f\0\0\1", 7000),
			sizeof data, data};
	return cut &&
	       datagram_send(s, v, DATAGRAM_BATCH, &cut) == DATAGRAM_BATCH &&
	       cut;
}

/* The longest IP packet that a capture sees of what is sent. */
static int
longest_packet(bool (*send_some)(void))
{
	int tap = socket(AF_PACKET, SOCK_DGRAM, htons(ETH_P_ALL));
	struct pollfd p = {.fd = tap, .events = POLLIN};
	ssize_t n, longest = 0;
	char byte;

	if (tap < 0 || !send_some())
		return -1;
	while (poll(&p, 1, 100) > 0) {
		n = recv(tap, &byte, sizeof byte, MSG_TRUNC);
		if (n > longest)
			longest = n;
	}
	close(tap);
	return (int)longest;
}

static int
body_segments(void)
{
	int of_stream, of_datagrams;

	if (enter() != GOOD)
		return REFUSED;
	of_stream = longest_packet(send_stream);
	of_datagrams = longest_packet(send_datagrams);
	fprintf(stderr, "# longest packets: %d, %d\n", of_stream, of_datagrams);
	return of_stream == LAB_MTU && of_datagrams == LAB_MTU ? GOOD : 1;
}

static void
enter__data_larger_than_the_mtu__goes_as_real_segments(void **state)
{
	(void)state;
	child_passes(body_segments, 0);
	child_passes(body_segments, CHILD_USER);
}

/* ---------------------------------------------------------------- refusals */

static void *
wait_for_ever(void *arg)
{
	(void)arg;
	pause();
	return NULL;
}

static int
body_thread(void)
{
	struct err err;
	pthread_t thread;
	struct lab lab = {.count = 1};
	ino_t before = netns_of(getpid());

	if (pthread_create(&thread, NULL, wait_for_ever, NULL) != 0)
		return 1;
	if (lab_enter(1, &lab, &err) != -EINVAL || lab.count > 0)
		return 2;
	if (strstr(err.text, "threads") == NULL)
		return 3;
	return netns_of(getpid()) == before ? GOOD : 4;
}

static void
enter__with_a_second_thread__says_so_and_stays(void **state)
{
	(void)state;
	child_passes(body_thread, 0);
}

static void
explain__each_step_and_code__says_what_still_works(void **state)
{
	static const int codes[] = {EPERM, EACCES, ENOSPC, EINVAL, ENOENT};
	struct err err;

	(void)state;
	for (int step = 0; step < LAB_HOST; step++)
		for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
			assert_int_equal(
			    lab_explain((enum lab_step)step, -codes[i], &err),
			    -codes[i]);
			assert_non_null(strstr(err.text, "sockdeck --host"));
			assert_true(strlen(err.text) < ERR_MAX - 1);
		}
}

static void
explain__known_refusals__name_the_setting(void **state)
{
	static const struct {
		enum lab_step step;
		int code;
		const char *says;
	} cases[] = {
	    {LAB_UNSHARE, -ENOSPC, "user.max_user_namespaces"},
	    {LAB_UNSHARE, -EPERM, "kernel.unprivileged_userns_clone"},
	    {LAB_UNSHARE, -EINVAL, "CONFIG_USER_NS"},
	    {LAB_UID_MAP, -EPERM, "apparmor_restrict_unprivileged_userns"},
	    {LAB_UID_MAP, -EACCES, "dumpable"},
	    {LAB_LO_UP, -EPERM, "apparmor_restrict_unprivileged_userns"},
	    {LAB_JOIN, -EPERM, "another user"},
	    {LAB_FIND, -ESRCH, "ended"},
	};
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		lab_explain(cases[i].step, cases[i].code, &err);
		assert_non_null(strstr(err.text, cases[i].says));
	}
}

/* ----------------------------------------------------------------- joining */

/* A console that waits in its lab; -1: it has none. */
static pid_t
console(void)
{
	int ready[2];
	char byte = 0;
	pid_t pid;

	if (pipe(ready) < 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_NAME, "sockdeck");
		byte = enter() == GOOD;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (write(ready[1], &byte, 1) == 1)
			pause();
		_exit(0);
	}
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1 || byte == 0)
		pid = -1;
	close(ready[0]);
	return pid;
}

static void
end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static bool
listed(pid_t pid)
{
	struct lab_info labs[64];
	size_t n = lab_list(labs, 64);

	for (size_t i = 0; i < n; i++)
		if (labs[i].pid == pid)
			return true;
	return false;
}

static int
body_join(void)
{
	struct err err;
	pid_t pid = console();
	int rc;

	if (pid < 0)
		return REFUSED;
	if (!listed(pid))
		return 1;
	rc = lab_join(pid, &err);
	if (rc < 0)
		fprintf(stderr, "# %s\n", err.text);
	if (rc < 0 || netns_of(getpid()) != netns_of(pid))
		return 2;
	if (listed(pid)) /* it is where we are: not another lab */
		return 3;
	/* Nothing to do. The console ends after us: a lab takes with it whoever
	 * is there. */
	return lab_join(pid, &err) == 0 ? GOOD : 4;
}

static void
join__a_running_console__moves_into_its_network(void **state)
{
	(void)state;
	child_passes(body_join, 0);
}

static void
join__as_a_user__moves_into_its_network(void **state)
{
	(void)state;
	child_passes(body_join, CHILD_USER);
}

/* ------------------------------------------------------------- its last ones */

/* A guest in that console's lab, that can be ended by so much only. */
static pid_t
guest(pid_t console, bool stubborn)
{
	int ready[2];
	char byte = 0;
	pid_t pid;

	if (pipe2(ready, O_CLOEXEC) < 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		signal(SIGHUP, stubborn ? SIG_IGN : SIG_DFL);
		signal(SIGTERM, stubborn ? SIG_IGN : SIG_DFL);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (lab_join(console, NULL) == 0 &&
		    write(ready[1], &byte, 1) == 1)
			raise(SIGSTOP);
		while (stubborn)
			pause();
		_exit(0);
	}
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1)
		pid = -1;
	close(ready[0]);
	return pid;
}

static int
ended_by(pid_t pid)
{
	int status;

	return waitpid(pid, &status, 0) == pid && WIFSIGNALED(status)
		   ? WTERMSIG(status)
		   : -1;
}

static int
body_guests(void)
{
	pid_t pid = console(), meek, stubborn;

	if (pid < 0)
		return REFUSED;
	meek = guest(pid, false);
	stubborn = guest(pid, true);
	if (meek < 0 || stubborn < 0)
		return 1;
	end(pid);
	if (ended_by(meek) != SIGHUP)
		return 2;
	return ended_by(stubborn) == SIGKILL ? GOOD : 3;
}

static void
console__killed__takes_with_it_who_is_in_its_lab(void **state)
{
	(void)state;
	child_passes(body_guests, 0);
	child_passes(body_guests, CHILD_USER);
}

/* -------------------------------------------------------------------- lists */

static pid_t others;

static int
body_foreign(void)
{
	struct err err;

	if (listed(others))
		return 1;
	return lab_join(others, &err) == -EPERM &&
		       strstr(err.text, "another user") != NULL
		   ? GOOD
		   : 2;
}

static void
join__the_lab_of_another_user__is_refused_with_the_reason(void **state)
{
	(void)state;
	if (getuid() != 0) {
		print_message("# only root can become two users\n");
		skip();
	}
	others = console();
	if (others < 0)
		child_judge(REFUSED);
	child_passes(body_foreign, CHILD_USER);
	end(others);
}

static void
list__two_labs__oldest_first_and_one_entry_each(void **state)
{
	struct lab_info labs[64];
	pid_t pid[2] = {console(), console()};
	ptrdiff_t at[2] = {-1, -1};
	size_t n;

	(void)state;
	if (pid[0] < 0 || pid[1] < 0)
		child_judge(REFUSED);
	n = lab_list(labs, 64);
	for (size_t i = 0; i < n; i++)
		for (int k = 0; k < 2; k++)
			if (labs[i].pid == pid[k])
				at[k] = (ptrdiff_t)i;
	assert_true(at[0] >= 0 && at[1] >= 0);
	assert_true(labs[at[0]].started_ns <= labs[at[1]].started_ns);
	assert_int_equal(lab_list(labs, 1), 1);
	end(pid[0]);
	end(pid[1]);
}

static void
join__no_such_process__says_so(void **state)
{
	struct err err;
	pid_t pid = fork();

	(void)state;
	if (pid == 0)
		_exit(0);
	waitpid(pid, NULL, 0);
	assert_int_equal(lab_join(pid, &err), -ESRCH);
	assert_non_null(strstr(err.text, "no such process"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(enter__lab__carries_multicast_and_broadcast),
	    cmocka_unit_test(enter__as_we_are__lo_is_up_and_the_user_the_same),
	    cmocka_unit_test(enter__as_a_user__lo_is_up_and_the_user_the_same),
	    cmocka_unit_test(enter__as_a_user__ping_works),
	    cmocka_unit_test(
		enter__data_larger_than_the_mtu__goes_as_real_segments),
	    cmocka_unit_test(enter__with_a_second_thread__says_so_and_stays),
	    cmocka_unit_test(
		explain__each_step_and_code__says_what_still_works),
	    cmocka_unit_test(explain__known_refusals__name_the_setting),
	    cmocka_unit_test(join__a_running_console__moves_into_its_network),
	    cmocka_unit_test(join__as_a_user__moves_into_its_network),
	    cmocka_unit_test(console__killed__takes_with_it_who_is_in_its_lab),
	    cmocka_unit_test(
		join__the_lab_of_another_user__is_refused_with_the_reason),
	    cmocka_unit_test(list__two_labs__oldest_first_and_one_entry_each),
	    cmocka_unit_test(join__no_such_process__says_so),
	};

	return cmocka_run_group_tests_name("lab", tests, NULL, NULL);
}
