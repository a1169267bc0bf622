/*
 * Labs of several hosts, with a wire of 30 lines in place of net/wire.h.
 */
#include "net/lab.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/net/child.h"

#include "net/base/clock.h"
#include "tests/fuzz/lab_card_check.h"
#include "tests/unit/corpus.h"

#define PORT 7000

/* ---- a wire ---- */

struct wire {
	const struct lab *lab;
	atomic_int packets, longest;
	pthread_t thread;
};

/* The port of the host to which a packet goes: the last byte of its address. */
static int
port_for(const struct lab *lab, const uint8_t *packet)
{
	size_t ip = lab->medium == LAB_VETH ? 14 : 0;
	bool six = packet[ip] >> 4 == 6;
	size_t host = (six ? packet[ip + 39] : packet[ip + 19]) - 1U;

	return host < lab->count ? lab->ports[host].fd : -1;
}

static void *
carry(void *arg)
{
	struct wire *w = arg;
	const struct lab *lab = w->lab;
	struct pollfd fds[LAB_HOSTS_MAX];
	uint8_t packet[2048];

	for (size_t i = 0; i < lab->count; i++)
		fds[i] = (struct pollfd){lab->ports[i].fd, POLLIN, 0};
	while (poll(fds, lab->count, -1) > 0)
		for (size_t i = 0; i < lab->count; i++) {
			ssize_t n = read(fds[i].fd, packet, sizeof packet);
			int to;

			if (n < 40)
				continue;
			w->packets++;
			if (n > w->longest)
				w->longest = (int)n;
			to = port_for(lab, packet);
			if (to >= 0 && write(to, packet, (size_t)n) < 0)
				fprintf(stderr, "# %s\n", strerror(errno));
		}
	return NULL;
}

/* ---- entering ---- */

static bool
enter(size_t hosts, struct lab *lab)
{
	struct err err;

	if (lab_enter(hosts, lab, &err) == 0)
		return true;
	fprintf(stderr, "# %s\n", err.text);
	return false;
}

static struct sockaddr_in
server_at(const struct lab *lab)
{
	return (struct sockaddr_in){
	    .sin_family = AF_INET,
	    .sin_port = htons(PORT),
	    .sin_addr = lab->ports[0].ip4,
	};
}

/* A listening socket on the server; -1: none. */
static int
listener(void)
{
	struct sockaddr_in any = {
	    .sin_family = AF_INET, .sin_port = htons(PORT)};
	int s = socket(AF_INET, SOCK_STREAM, 0);

	return bind(s, (struct sockaddr *)&any, sizeof any) == 0 &&
		       listen(s, 5) == 0
		   ? s
		   : -1;
}

/* 100,000 bytes from that host to the server: 0, or the number of what failed.
 */
static int
transfer(const struct lab *lab, size_t host, int s)
{
	static char data[100000];
	struct sockaddr_in to = server_at(lab), from;
	socklen_t len = sizeof from;
	char name[16] = "";
	socklen_t name_len = sizeof name;
	size_t got = 0;
	ssize_t n = 1;
	int c, a;

	if (lab_host_enter(lab, host) < 0)
		return 10;
	c = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(c, (struct sockaddr *)&to, sizeof to) < 0)
		return 11;
	getsockopt(c, IPPROTO_TCP, TCP_CONGESTION, name, &name_len);
	a = accept(s, (struct sockaddr *)&from, &len);
	if (from.sin_addr.s_addr != lab->ports[host].ip4.s_addr)
		return 12;
	if (fork() == 0) {
		n = send(c, data, sizeof data, 0);
		_exit(n != (ssize_t)sizeof data);
	}
	close(c);
	while ((n = recv(a, data, sizeof data, 0)) > 0)
		got += (size_t)n;
	close(a);
	if (got != sizeof data)
		return 13;
	if (strcmp(name, "reno") != 0)
		return 14;
	return lab_host_enter(lab, 0) < 0 ? 15 : 0;
}

/* ---- what a lab can do ---- */

static size_t hosts_wanted;
static enum lab_medium medium_wanted;

static int
body_transfer(void)
{
	static struct lab lab;
	static struct wire wire = {.lab = &lab};
	int s, rc;

	if (!enter(hosts_wanted, &lab))
		return REFUSED;
	if (lab.medium != medium_wanted || lab.count != hosts_wanted)
		return fprintf(stderr, "# %s\n", lab.why), 1;
	s = listener();
	if (s < 0)
		return 2;
	pthread_create(&wire.thread, NULL, carry, &wire);
	for (size_t i = 1; i < lab.count; i++) {
		rc = transfer(&lab, i, s);
		if (rc != 0)
			return rc;
	}
	fprintf(stderr, "# %d packets, the longest %d\n", wire.packets,
	    wire.longest);
	return wire.longest == LAB_MTU + (lab.medium == LAB_VETH ? 14 : 0)
		   ? GOOD
		   : 3;
}

static void
tun__as_root__carries_segments_between_four_hosts(void **state)
{
	(void)state;
	if (getuid() != 0 || access("/dev/net/tun", R_OK | W_OK) < 0) {
		print_message("skipped: it takes root and /dev/net/tun\n");
		skip();
	}
	hosts_wanted = 4;
	medium_wanted = LAB_TUN;
	child_passes(body_transfer, 0);
}

static int
body_tun_closed(void)
{
	return child_close_tun() ? body_transfer() : NO_MEDIUM;
}

static void
veth__as_a_user_without_tun__carries_segments(void **state)
{
	(void)state;
	hosts_wanted = 3;
	medium_wanted = LAB_VETH;
	child_passes(body_tun_closed, 0);
}

/* The wire is silent until somebody says something. */
static int
body_quiet(void)
{
	static struct lab lab;
	struct pollfd fds[2];
	uint8_t packet[2048];

	if (!enter(2, &lab))
		return REFUSED;
	if (lab.count != 2)
		return REFUSED;
	for (int i = 0; i < 2; i++)
		fds[i] = (struct pollfd){lab.ports[i].fd, POLLIN, 0};
	/* Nothing is waited for: a second without a packet is the result. */
	if (poll(fds, 2, CHILD_USER) == 0)
		return GOOD;
	for (int i = 0; i < 2; i++)
		if (read(fds[i].fd, packet, sizeof packet) > 0)
			fprintf(stderr, "# %02x %02x %02x %02x\n", packet[0],
			    packet[6], packet[9], packet[12]);
	return 1;
}

static void
wire__nobody_sends__is_silent(void **state)
{
	(void)state;
	child_passes(body_quiet, 0);
	child_passes(body_quiet, CHILD_USER);
}

static int
body_other_port(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
	    .sin_port = htons(PORT),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	static struct lab lab;
	int s, c;

	if (!enter(2, &lab) || lab.count != 2)
		return REFUSED;
	s = listener();
	c = socket(AF_INET, SOCK_STREAM, 0);
	if (s < 0 || connect(c, (struct sockaddr *)&a, sizeof a) < 0)
		return 1;
	lab_host_enter(&lab, 1);
	c = socket(AF_INET, SOCK_STREAM, 0);
	return connect(c, (struct sockaddr *)&a, sizeof a) < 0 &&
		       errno == ECONNREFUSED
		   ? GOOD
		   : 2;
}

static void
lo__of_each_host__is_its_own(void **state)
{
	(void)state;
	child_passes(body_other_port, 0);
}

/* ---- refusals ---- */

static bool
write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) > 0;

	if (fd >= 0)
		close(fd);
	return ok;
}

/* Be root of a user namespace in which so many network namespaces may be. */
static bool
limit_namespaces(const char *most)
{
	char map[32];

	snprintf(map, sizeof map, "0 %u 1", getuid());
	return unshare(CLONE_NEWUSER) == 0 &&
	       write_text("/proc/self/setgroups", "deny") &&
	       write_text("/proc/self/uid_map", map) &&
	       write_text("/proc/self/gid_map", map) &&
	       write_text("/proc/sys/user/max_net_namespaces", most);
}

static int
body_one_namespace(void)
{
	static struct lab lab;

	if (!limit_namespaces("1"))
		return REFUSED;
	if (!enter(2, &lab))
		return 1;
	fprintf(stderr, "# %s\n", lab.why);
	return lab.count == 1 && lab.medium == LAB_LO &&
		       strstr(lab.why, "max_net_namespaces") != NULL
		   ? GOOD
		   : 2;
}

static int
body_no_namespace(void)
{
	struct err err;
	struct lab lab;

	if (!limit_namespaces("0"))
		return REFUSED;
	return lab_enter(2, &lab, &err) == -ENOSPC && lab.count == 0 &&
		       strstr(err.text, "max_net_namespaces") != NULL
		   ? GOOD
		   : 1;
}

static int
body_no_user_namespace(void)
{
	/* As root of that one, and then without its rights. */
	if (!limit_namespaces("9") ||
	    !write_text("/proc/sys/user/max_user_namespaces", "0") ||
	    prctl(PR_CAPBSET_DROP, CAP_SYS_ADMIN) < 0)
		return REFUSED;
	execl("/proc/self/exe", "lab_hosts_test", "enter", NULL);
	return 1;
}

/* From now on that system call with this first argument (-1: with any) is
 * answered EPERM, as a container's filter does. */
static bool
forbid(uint32_t call, int argument)
{
	struct sock_filter any[] = {
	    BPF_STMT(
		BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 3),
	    BPF_STMT(
		BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args)),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)argument, 0, 1),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {sizeof any / sizeof *any, any};

	if (argument < 0)
		any[3] = (struct sock_filter)BPF_STMT(
		    BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

static int
body_seccomp(void)
{
	struct err err;
	struct lab lab;
	int rc;

	if (!forbid(SYS_unshare, -1))
		return REFUSED;
	rc = lab_enter(2, &lab, &err);
	if (rc == -EINVAL) /* ThreadSanitizer's own thread is in the way */
		return REFUSED;
	return rc == -EPERM && lab.count == 0 &&
		       strstr(err.text, "seccomp") != NULL
		   ? GOOD
		   : 1;
}

static void
no_user_namespace__by_a_filter__is_explained(void **state)
{
	(void)state;
	child_passes(body_seccomp, CHILD_USER);
}

/* Neither TUN nor the sockets of veth: one host remains, and both reasons. */
static int
body_lo_only(void)
{
	static struct lab lab;

	if (!child_close_tun() || !forbid(SYS_socket, AF_PACKET))
		return NO_MEDIUM;
	if (!enter(2, &lab))
		return REFUSED;
	fprintf(stderr, "# %s\n", lab.why);
	return lab.count == 1 && lab.medium == LAB_LO &&
		       strstr(lab.why, "No TUN") != NULL &&
		       strstr(lab.why, "No veth") != NULL
		   ? GOOD
		   : 1;
}

static void
no_tun_and_no_veth__one_host_remains__and_says_why(void **state)
{
	(void)state;
	child_passes(body_lo_only, 0);
}

static void
no_namespace__left__is_explained(void **state)
{
	(void)state;
	child_passes(body_one_namespace, 0);
	child_passes(body_one_namespace, CHILD_USER);
	child_passes(body_no_namespace, 0);
	child_passes(body_no_user_namespace, 0);
}

/* ---- nothing remains ---- */

static int
open_descriptors(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n;
}

/* Leaves by its own exit, or is killed while it stands. */
static bool
one_lab(bool killed)
{
	int ready[2];
	char byte = 0;
	pid_t pid;

	if (pipe2(ready, O_CLOEXEC) < 0)
		return false;
	pid = fork();
	if (pid == 0) {
		static struct lab lab;
		struct err err;

		byte = lab_enter(2, &lab, &err) == 0 && lab.count == 2;
		if (write(ready[1], &byte, 1) != 1)
			_exit(1);
		if (killed)
			pause();
		lab_done(&lab);
		_exit(0);
	}
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1)
		byte = 0;
	close(ready[0]);
	kill(pid, killed ? SIGKILL : 0);
	waitpid(pid, NULL, 0);
	return byte;
}

/* Of 7 namespaces a lab takes 2 or 3: if one in 20 stayed behind, no hundredth
 * lab could be made. The kernel takes a moment to clear up. */
static int
body_hundred(void)
{
	int64_t deadline = clock_mono_ns() + 50 * CLOCK_S;
	int before = open_descriptors();

	if (!limit_namespaces("7") || !one_lab(false))
		return REFUSED;
	for (int i = 0; i < 100; i++)
		while (!one_lab(i % 2 == 0))
			if (clock_mono_ns() > deadline)
				return 1;
	if (waitpid(-1, NULL, WNOHANG) != -1 || errno != ECHILD)
		return 2;
	return open_descriptors() == before ? GOOD : 3;
}

static void
hundred_labs__closed_or_killed__leave_nothing(void **state)
{
	(void)state;
	child_passes(body_hundred, 0);
	child_passes(body_hundred, CHILD_USER);
}

/* ---- names for programs ---- */

static const struct lab_info two_hosts = {
    .count = 2,
    .medium = LAB_TUN,
    .hosts = {{"server", {0}, {{{0xfd, [15] = 1}}}, -1},
	{"client", {0}, {{{0xfd, [15] = 2}}}, -1}},
};

static char *
names_of_two(void)
{
	struct lab_info lab = two_hosts;

	lab.hosts[0].ip4.s_addr = inet_addr("10.0.0.1");
	lab.hosts[1].ip4.s_addr = inet_addr("10.0.0.2");
	return lab_names(&lab);
}

/* As /etc/hosts is to whoever reads it. */
static bool
hosts_is(const char *text)
{
	char read_text[65536];
	int fd = open("/etc/hosts", O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, read_text, sizeof read_text);

	close(fd);
	return n == (ssize_t)strlen(text) &&
	       memcmp(text, read_text, (size_t)n) == 0;
}

static int
body_names(void)
{
	char *names = names_of_two(), *again;
	struct lab lab;
	struct stat before, after;

	if (stat("/tmp", &before) < 0 || !enter(2, &lab))
		return REFUSED;
	CHECK(strncmp(names,
		  "10.0.0.1\tserver\nfd00::1\tip6-server\n"
		  "10.0.0.2\tclient\nfd00::2\tip6-client\n",
		  69) == 0);
	if (lab_names_show(names) < 0)
		return REFUSED;
	CHECK(hosts_is(names));
	again = names_of_two(); /* read from there, it says nothing twice */
	CHECK(strcmp(names, again) == 0);
	CHECK(stat("/tmp", &after) == 0 && after.st_ino == before.st_ino &&
	      after.st_dev == before.st_dev);
	free(names);
	free(again);
	return GOOD;
}

static void
names__shown__are_what_programs_read_and_nothing_else(void **state)
{
	char *names = names_of_two();

	(void)state;
	child_passes(body_names, 0);
	child_passes(body_names, CHILD_USER);
	assert_false(hosts_is(names)); /* out here */
	free(names);
}

static int
body_names_refused(void)
{
	char *names = names_of_two();
	struct lab lab;

	if (!enter(2, &lab) || !forbid(SYS_mount, -1))
		return REFUSED;
	CHECK(lab_names_show(names) == -EPERM);
	CHECK(!hosts_is(names));
	free(names);
	return GOOD;
}

static void
names__mount_refused__leaves_the_file_as_it_was(void **state)
{
	(void)state;
	child_passes(body_names_refused, CHILD_USER);
}

static void
names__one_host__is_on_lo(void **state)
{
	struct lab_info lab = two_hosts;
	char *names;

	(void)state;
	lab.count = 1;
	lab.medium = LAB_LO;
	names = lab_names(&lab);
	assert_non_null(strstr(names, "127.0.0.1\tserver\n::1\tip6-server\n"));
	assert_null(strstr(names, "ip6-client"));
	free(names);
}

/* ---- joining a host ---- */

static int
body_join_host(void)
{
	struct lab_info labs[64];
	struct err err;
	int ready[2], fd;
	char byte = 0;
	size_t n;
	pid_t pid;

	if (pipe(ready) < 0)
		return 1;
	pid = fork();
	if (pid == 0) {
		static struct lab lab;

		prctl(PR_SET_NAME, "sockdeck");
		byte = enter(3, &lab) && lab.count == 3;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (write(ready[1], &byte, 1) == 1)
			pause();
		_exit(0);
	}
	if (read(ready[0], &byte, 1) != 1 || byte == 0)
		return REFUSED;
	n = lab_list(labs, 64);
	while (n > 0 && labs[n - 1].pid != pid)
		n--;
	if (n == 0 || labs[n - 1].count != 3 ||
	    strcmp(labs[n - 1].hosts[2].name, "client2") != 0)
		return 2;
	if (lab_read(pid, &labs[0], &err) < 0 ||
	    lab_open_host(&labs[0], "client3", &err) != -ENOENT ||
	    strstr(err.text, "server, client, client2") == NULL)
		return 3;
	fd = lab_open_host(&labs[0], "client2", &err);
	if (fd < 0 || lab_join(pid, &err) < 0 || setns(fd, CLONE_NEWNET) < 0)
		return 4;
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	return bind(fd,
		   (struct sockaddr *)&(struct sockaddr_in){
		       .sin_family = AF_INET,
		       .sin_addr.s_addr = inet_addr("10.0.0.3")},
		   sizeof(struct sockaddr_in)) == 0
		   ? GOOD
		   : 5;
}

static void
join__a_host_by_name__is_there(void **state)
{
	(void)state;
	child_passes(body_join_host, 0);
	child_passes(body_join_host, CHILD_USER);
}

static void
card__of_a_lab__has_its_hosts(void **state)
{
	struct lab_info lab;

	(void)state;
	assert_true(lab_card_parse("2 veth\nserver 4 10.0.0.1 fd00::1\n"
				   "client 5 10.0.0.2 fd00::2\n",
	    &lab));
	assert_int_equal(lab.count, 2);
	assert_int_equal(lab.medium, LAB_VETH);
	assert_string_equal(lab.hosts[1].name, "client");
	assert_int_equal(lab.hosts[1].fd, 5);
	assert_false(lab_card_parse("2 string\nserver 4 10.0.0.1 fd00::1\n"
				    "client 5 10.0.0.2 fd00::2\n",
	    &lab));
}

static void
card__every_input_of_the_corpus__is_safe_to_print(void **state)
{
	(void)state;
	assert_true(
	    corpus_replay("tests/fuzz/corpus/lab_card", lab_card_check) > 8);
}

/* Executed anew, without rights: what does it say? */
static int
refused(void)
{
	struct err err = {""};
	struct lab lab;

	if (lab_enter(2, &lab, &err) == 0)
		return REFUSED;
	fprintf(stderr, "# %s\n", err.text);
	return lab.count == 0 && strstr(err.text, "sockdeck --host") != NULL &&
		       strstr(err.text, "max_user_namespaces") != NULL
		   ? GOOD
		   : 1;
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(tun__as_root__carries_segments_between_four_hosts),
	    cmocka_unit_test(veth__as_a_user_without_tun__carries_segments),
	    cmocka_unit_test(wire__nobody_sends__is_silent),
	    cmocka_unit_test(lo__of_each_host__is_its_own),
	    cmocka_unit_test(no_namespace__left__is_explained),
	    cmocka_unit_test(no_user_namespace__by_a_filter__is_explained),
	    cmocka_unit_test(
		no_tun_and_no_veth__one_host_remains__and_says_why),
	    cmocka_unit_test(hundred_labs__closed_or_killed__leave_nothing),
	    cmocka_unit_test(
		names__shown__are_what_programs_read_and_nothing_else),
	    cmocka_unit_test(names__mount_refused__leaves_the_file_as_it_was),
	    cmocka_unit_test(names__one_host__is_on_lo),
	    cmocka_unit_test(join__a_host_by_name__is_there),
	    cmocka_unit_test(card__of_a_lab__has_its_hosts),
	    cmocka_unit_test(card__every_input_of_the_corpus__is_safe_to_print),
	};

	if (argc > 1 && strcmp(argv[1], "enter") == 0)
		return refused();
	return cmocka_run_group_tests_name("lab_hosts", tests, NULL, NULL);
}
