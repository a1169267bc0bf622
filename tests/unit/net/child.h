/*
 * tests/unit/net/child.h - a test in a child, because entering a lab is for the
 * whole process and there is no way back.
 *
 * A body says by its result what it found: GOOD, a number of its own for what
 * is wrong, or why it cannot be tested here, for which the test is skipped.
 */
#ifndef SOCKDECK_TESTS_UNIT_NET_CHILD_H
#define SOCKDECK_TESTS_UNIT_NET_CHILD_H

#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { GOOD = 0, REFUSED = 100, NO_ROOT, NO_MEDIUM };

#define CHILD_USER 1000 /* an ordinary one */
#define CHILD_SECONDS 120 /* that a body may take */

/* For bodies: what is wrong, on standard error. */
#define CHECK(condition)                                                      \
	do {                                                                  \
		if (!(condition)) {                                           \
			fprintf(                                              \
			    stderr, "# line %d: %s\n", __LINE__, #condition); \
			return 1;                                             \
		}                                                             \
	} while (0)

/* From now on that user. False: we may not. */
static inline bool
child_become(uid_t uid)
{
	if (setresgid(uid, uid, uid) < 0 || setresuid(uid, uid, uid) < 0)
		return false;
	prctl(PR_SET_DUMPABLE, 1);
	return true;
}

/* Be a user who may not open /dev/net/tun. False: it cannot be closed. */
static inline bool
child_close_tun(void)
{
	int fd;

	if (getuid() != 0)
		return access("/dev/net/tun", R_OK | W_OK) < 0;
	if (unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("none", "/dev/net", "tmpfs", 0, NULL) < 0)
		return false;
	fd = open("/dev/net/tun", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	close(fd);
	return child_become(CHILD_USER);
}

static inline int
child_wait(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* What the body found, as `uid`; 0: as we are. */
static inline int
child_run(int (*body)(void), uid_t uid)
{
	pid_t pid = fork();

	if (pid == 0) {
		alarm(CHILD_SECONDS);
		if (uid != 0 && getuid() != 0)
			_exit(NO_ROOT);
		if (uid != 0 && !child_become(uid))
			_exit(REFUSED);
		_exit(body());
	}
	return child_wait(pid);
}

static inline void
child_judge(int found)
{
	const char *why = found == REFUSED ? "the kernel refuses a lab"
			  : found == NO_ROOT
			      ? "only root can become another user"
			  : found == NO_MEDIUM
			      ? "no lab with this kind of wire can be had here"
			      : NULL;

	if (why != NULL) {
		print_message("skipped: %s\n", why);
		skip();
	}
	assert_int_equal(found, GOOD);
}

static inline void
child_passes(int (*body)(void), uid_t uid)
{
	child_judge(child_run(body, uid));
}

#endif
