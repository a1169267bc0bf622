#include "net/outside.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/lab.h"
#include "tests/unit/net/child.h"

static uint32_t
inode_of(int fd)
{
	struct stat st = {0};

	fstat(fd, &st);
	return (uint32_t)st.st_ino;
}

/* Wait for a whole answer: what outside_read() said at last. */
static int
read_map(struct outside *o)
{
	struct pollfd p = {.fd = outside_fd(o), .events = POLLIN};
	int rc = 0;

	outside_refresh(o);
	while (rc == 0) {
		if (poll(&p, 1, 20000) <= 0)
			return -ETIMEDOUT;
		rc = outside_read(o);
	}
	return rc;
}

/* Is the socket known as held by process pid of that name? */
static bool
held_by(struct outside *o, int fd, pid_t pid, const char *name)
{
	const struct proc_holder *h = outside_holder(o, inode_of(fd));

	return h != NULL && h->pid == pid && strcmp(h->name, name) == 0;
}

static void
refresh__our_socket__is_held_by_our_pid_and_name(void **state)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	char name[PROC_NAME_MAX];
	struct outside *o;

	(void)state;
	prctl(PR_GET_NAME, name);
	assert_int_equal(outside_start(NULL, &o, NULL), 0);
	assert_null(outside_holder(o, inode_of(fd)));
	assert_int_equal(read_map(o), 1);
	assert_true(held_by(o, fd, getpid(), name));
	assert_int_equal(outside_gen(o), 1);
	outside_free(o);
	close(fd);
}

static void
refresh__many_sockets__come_in_pieces_and_complete(void **state)
{
	int fds[800];
	struct outside *o;

	(void)state;
	for (size_t i = 0; i < 800; i++)
		fds[i] = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_int_equal(outside_start(NULL, &o, NULL), 0);
	assert_int_equal(read_map(o), 1);
	for (size_t i = 0; i < 800; i++)
		assert_non_null(outside_holder(o, inode_of(fds[i])));
	for (size_t i = 0; i < 800; i++)
		close(fds[i]);
	assert_int_equal(read_map(o), 1);
	assert_null(outside_holder(o, inode_of(fds[0])));
	outside_free(o);
}

static void
refresh__twice_at_once__is_one_request(void **state)
{
	struct outside *o;
	struct pollfd p;

	(void)state;
	assert_int_equal(outside_start(NULL, &o, NULL), 0);
	outside_refresh(o);
	assert_int_equal(read_map(o), 1);
	assert_int_equal(outside_read(o), 0);
	p = (struct pollfd){.fd = outside_fd(o), .events = POLLIN};
	assert_int_equal(poll(&p, 1, 50), 0);
	outside_free(o);
}

/* A console in a lab, seen from it by the process that stayed outside. */
static int
lab_console(void)
{
	struct outside *o;
	struct err err;
	struct lab lab;
	int fd;

	prctl(PR_SET_NAME, "sockdeck");
	prctl(PR_SET_DUMPABLE, 1);
	if (outside_start(NULL, &o, &err) < 0)
		return 1;
	if (lab_enter(1, &lab, &err) < 0)
		return REFUSED;
	fd = socket(AF_INET, SOCK_STREAM, 0);
	if (read_map(o) != 1)
		return 2;
	if (!held_by(o, fd, getpid(), "sockdeck"))
		return 3;
	outside_free(o);
	return GOOD;
}

static void
refresh__sockets_in_the_lab__are_seen_from_outside(void **state)
{
	(void)state;
	child_passes(lab_console, 0);
	child_passes(lab_console, CHILD_USER);
}

/* ------------------------------------------------------------ the helper */

/* The only child of process pid. */
static pid_t
child_of(pid_t pid)
{
	char path[64];
	int child = -1;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/task/%d/children", pid, pid);
	f = fopen(path, "re");
	if (f == NULL)
		return -1;
	if (fscanf(f, "%d", &child) != 1)
		child = -1;
	fclose(f);
	return child;
}

static void
helper__a_key_for_the_group__does_not_end_it(void **state)
{
	static const int keys[] = {SIGINT, SIGQUIT, SIGTSTP, SIGHUP};
	struct outside *o;
	pid_t helper;

	(void)state;
	assert_int_equal(outside_start(NULL, &o, NULL), 0);
	assert_int_equal(read_map(o), 1); /* it has settled */
	helper = child_of(getpid());
	assert_true(helper > 0);
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		kill(helper, keys[i]);
	assert_int_equal(read_map(o), 1);
	outside_free(o);
}

static void
helper__killed__is_told_and_the_map_stays(void **state)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct outside *o;

	(void)state;
	assert_int_equal(outside_start(NULL, &o, NULL), 0);
	assert_int_equal(read_map(o), 1);
	kill(child_of(getpid()), SIGKILL);
	assert_true(read_map(o) < 0);
	assert_non_null(outside_holder(o, inode_of(fd)));
	outside_free(o);
	close(fd);
}

/* Its socket's other end is closed: it ends by itself. */
static void
helper__the_console_closes_its_end__ends_well(void **state)
{
	struct outside *o;
	pid_t helper;
	int status, copy;

	(void)state;
	assert_int_equal(outside_start(NULL, &o, NULL), 0);
	assert_int_equal(read_map(o), 1);
	helper = child_of(getpid());
	copy = socket(AF_INET, SOCK_STREAM, 0);
	dup3(copy, outside_fd(o), O_CLOEXEC);
	assert_int_equal(waitpid(helper, &status, 0), helper);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	close(copy);
	outside_free(o);
}

static void
helper__the_console_is_killed__leaves_too(void **state)
{
	int pair[2];
	char byte;
	pid_t console, helper;
	struct pollfd gone;

	(void)state;
	assert_int_equal(pipe(pair), 0);
	console = fork();
	if (console == 0) {
		struct outside *o;

		if (outside_start(NULL, &o, NULL) == 0 && read_map(o) == 1 &&
		    write(pair[1], "x", 1) == 1)
			pause();
		_exit(1);
	}
	close(pair[1]);
	assert_int_equal(read(pair[0], &byte, 1), 1);
	helper = child_of(console);
	assert_true(helper > 0);
	gone = (struct pollfd){.fd = pidfd_open(helper, 0), .events = POLLIN};
	kill(console, SIGKILL);
	waitpid(console, NULL, 0);
	assert_int_equal(poll(&gone, 1, 20000), 1);
	close(gone.fd);
	close(pair[0]);
}

static void
scan_now__our_socket__is_found_without_a_helper(void **state)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	char name[PROC_NAME_MAX];
	struct outside *o;

	(void)state;
	prctl(PR_GET_NAME, name);
	assert_int_equal(outside_scan_now(&o, NULL), 0);
	assert_true(held_by(o, fd, getpid(), name));
	assert_int_equal(outside_fd(o), -1);
	outside_refresh(o);
	outside_free(o);
	close(fd);
}

/* ---- what else it is asked ---- */

/* A worker that says back what it was asked; "wait": and does not end then. */
static void
say_back(int fd, const void *request, size_t n)
{
	if (n == 4 && memcmp(request, "wait", 4) == 0) {
		outside_end_with_asker(fd);
		send(fd, request, n, MSG_NOSIGNAL);
		for (;;)
			pause();
	}
	send(fd, request, n, MSG_NOSIGNAL);
}

static void
ask__twice_at_once__each_has_a_worker_of_its_own(void **state)
{
	char text[16];
	struct outside *o;
	int slow, fast;

	(void)state;
	assert_int_equal(outside_start(say_back, &o, NULL), 0);
	slow = outside_ask(o, "wait", 4);
	fast = outside_ask(o, "hello", 5);
	assert_true(slow >= 0 && fast >= 0);
	assert_int_equal(outside_answer(fast, text, sizeof text), 5);
	assert_memory_equal(text, "hello", 5);
	assert_int_equal(outside_answer(fast, text, sizeof text), 0);
	assert_int_equal(outside_answer(slow, text, sizeof text), 4);
	assert_int_equal(read_map(o), 1);
	close(slow);
	close(fast);
	outside_free(o);
}

static void
ask__the_asker_closes__the_worker_ends(void **state)
{
	char text[16];
	struct outside *o;
	pid_t worker;
	struct pollfd gone;
	int fd;

	(void)state;
	assert_int_equal(outside_start(say_back, &o, NULL), 0);
	fd = outside_ask(o, "wait", 4);
	assert_int_equal(outside_answer(fd, text, sizeof text), 4);
	worker = child_of(outside_pid(o));
	assert_true(worker > 0);
	gone = (struct pollfd){.fd = pidfd_open(worker, 0), .events = POLLIN};
	close(fd);
	assert_int_equal(poll(&gone, 1, 20000), 1);
	close(gone.fd);
	outside_free(o);
}

static void
ask__too_long__is_refused(void **state)
{
	char request[OUTSIDE_REQUEST_MAX + 1] = "";
	struct outside *o;

	(void)state;
	assert_int_equal(outside_start(say_back, &o, NULL), 0);
	assert_int_equal(outside_ask(o, request, sizeof request), -EMSGSIZE);
	outside_free(o);
}

/* Connect to a listener of the outer namespace from inside a lab. */
static int
lab_client(const struct sockaddr_in *to)
{
	struct outside *o;
	struct lab lab;
	int fd;

	if (outside_start(NULL, &o, NULL) < 0)
		return 1;
	if (lab_enter(1, &lab, NULL) < 0)
		return REFUSED;
	fd = outside_socket(o, AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (connect(fd, (const struct sockaddr *)to, sizeof *to) < 0)
		return 2;
	outside_free(o);
	return GOOD;
}

static void
socket__from_a_lab__reaches_the_outer_namespace(void **state)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t len = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM, 0), found;
	pid_t console;

	(void)state;
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(listen(fd, 1), 0);
	getsockname(fd, (struct sockaddr *)&at, &len);
	console = fork();
	if (console == 0)
		_exit(lab_client(&at));
	found = child_wait(console);
	close(fd);
	child_judge(found);
}

static void
socket__no_such_family__fails_as_socket_does(void **state)
{
	struct outside *o;

	(void)state;
	assert_int_equal(outside_start(NULL, &o, NULL), 0);
	assert_int_equal(outside_socket(o, 77, SOCK_STREAM, 0), -EAFNOSUPPORT);
	outside_free(o);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(refresh__our_socket__is_held_by_our_pid_and_name),
	    cmocka_unit_test(
		refresh__many_sockets__come_in_pieces_and_complete),
	    cmocka_unit_test(refresh__twice_at_once__is_one_request),
	    cmocka_unit_test(
		refresh__sockets_in_the_lab__are_seen_from_outside),
	    cmocka_unit_test(helper__a_key_for_the_group__does_not_end_it),
	    cmocka_unit_test(helper__killed__is_told_and_the_map_stays),
	    cmocka_unit_test(helper__the_console_closes_its_end__ends_well),
	    cmocka_unit_test(helper__the_console_is_killed__leaves_too),
	    cmocka_unit_test(scan_now__our_socket__is_found_without_a_helper),
	    cmocka_unit_test(ask__twice_at_once__each_has_a_worker_of_its_own),
	    cmocka_unit_test(ask__the_asker_closes__the_worker_ends),
	    cmocka_unit_test(ask__too_long__is_refused),
	    cmocka_unit_test(socket__from_a_lab__reaches_the_outer_namespace),
	    cmocka_unit_test(socket__no_such_family__fails_as_socket_does),
	};

	return cmocka_run_group_tests_name("outside", tests, NULL, NULL);
}
