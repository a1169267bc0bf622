#include "tests/e2e/start.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/base/clock.h"

#define PATH_OF_DEBIAN \
	"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

int64_t
deadline_in(int ms)
{
	return clock_mono_ns() + ms * CLOCK_MS;
}

int
deadline_left(int64_t deadline)
{
	int64_t left = deadline - clock_mono_ns();

	return left <= 0 ? 0 : (int)((left + CLOCK_MS - 1) / CLOCK_MS);
}

static const char *
tmpdir(void)
{
	const char *dir = getenv("TMPDIR");

	return dir != NULL ? dir : "/tmp";
}

/* Copy a program where a user who cannot enter our folders can run it. */
static void
copy_program(const char *from, const char *to)
{
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
	struct stat st;
	ssize_t n = 1;

	if (in < 0 || out < 0 || fstat(in, &st) < 0)
		fail_msg("cannot copy %s to %s: %m", from, to);
	while (n > 0)
		n = sendfile(out, in, NULL, (size_t)st.st_size);
	if (n < 0 || fchmod(out, 0755) < 0)
		fail_msg("cannot copy %s to %s: %m", from, to);
	close(in);
	close(out);
}

static void
make_home(struct child *c, const struct start_opts *opts)
{
	c->owns_home = opts->home == NULL;
	if (!c->owns_home) {
		snprintf(c->home, sizeof c->home, "%s", opts->home);
		return;
	}
	snprintf(c->home, sizeof c->home, "%s/home-XXXXXX", tmpdir());
	if (mkdtemp(c->home) == NULL)
		fail_msg("cannot make %s: %m", c->home);
	if (opts->uid != 0 && chown(c->home, opts->uid, opts->uid) < 0)
		fail_msg(
		    "cannot give %s to user %d: %m", c->home, (int)opts->uid);
}

/* Which file argv[0] means, into path. */
static void
resolve_program(
    const struct child *c, const struct start_opts *opts, char path[PATH_MAX])
{
	const char *program = getenv("SOCKDECK");
	const char *build = getenv("BUILD");

	snprintf(path, PATH_MAX, "%s", opts->argv[0]);
	if (strcmp(opts->argv[0], "sockdeck") != 0)
		return;
	if (program != NULL)
		snprintf(path, PATH_MAX, "%s", program);
	else
		snprintf(path, PATH_MAX, "%s/sockdeck",
		    build != NULL ? build : "build");
	if (opts->uid != 0) {
		char copy[PATH_MAX];

		snprintf(copy, sizeof copy, "%s/sockdeck", c->home);
		if (access(copy, X_OK) < 0)
			copy_program(path, copy);
		memcpy(path, copy, sizeof copy);
	}
}

/* Name and value of "NAME=value" to the environment; "NAME" goes from it. */
static void
apply_env(const char *entry)
{
	char name[128];
	const char *equals = strchr(entry, '=');

	if (equals == NULL) {
		unsetenv(entry);
		return;
	}
	snprintf(name, sizeof name, "%.*s", (int)(equals - entry), entry);
	setenv(name, equals + 1, 1);
}

static void
dress_env(const struct child *c, const struct start_opts *opts)
{
	static const char *const kept[] = {"TMPDIR", "BUILD", "SOCKDECK",
	    "ASAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS"};
	enum { KEPT = sizeof kept / sizeof *kept };
	const char *value[KEPT];

	for (size_t i = 0; i < KEPT; i++)
		value[i] = getenv(kept[i]);
	clearenv();
	for (size_t i = 0; i < KEPT; i++)
		if (value[i] != NULL)
			setenv(kept[i], value[i], 1);
	setenv("PATH", PATH_OF_DEBIAN, 1);
	setenv("HOME", c->home, 1);
	setenv("TERM", "xterm-256color", 1);
	setenv("LC_ALL", opts->ascii ? "C" : "C.UTF-8", 1);
	setenv("LANG", opts->ascii ? "C" : "C.UTF-8", 1);
	for (size_t i = 0; opts->env != NULL && opts->env[i] != NULL; i++)
		apply_env(opts->env[i]);
}

static void
reset_signals(void)
{
	sigset_t none;

	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void
give_up(const char *what, const char *which)
{
	dprintf(
	    STDERR_FILENO, "start: %s %s: %s\n", what, which, strerror(errno));
	_exit(127);
}

/* In the new process: become the program. */
static _Noreturn void
become(const struct child *c, const struct start_opts *opts, const char *path,
    bool terminal)
{
	setpgid(0, 0);
	if (terminal) {
		signal(SIGTTOU, SIG_IGN);
		tcsetpgrp(STDIN_FILENO, getpid());
	}
	reset_signals();
	dress_env(c, opts);
	if (opts->uid != 0 &&
	    (setresgid(opts->uid, opts->uid, opts->uid) < 0 ||
		setresuid(opts->uid, opts->uid, opts->uid) < 0))
		give_up("cannot become the user of", path);
	if (opts->uid != 0 && chdir(c->home) < 0)
		give_up("cannot enter", c->home);
	/* After the change of user, which forgets it. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	execvp(path, (char *const *)(uintptr_t)opts->argv);
	give_up("cannot run", path);
}

/* Tell the test of every change of the program until it has ended. */
static _Noreturn void
keep(pid_t pid, int status_fd)
{
	int status;

	for (;;) {
		if (waitpid(pid, &status, WUNTRACED) < 0)
			_exit(1);
		if (write(status_fd, &status, sizeof status) < 0)
			_exit(1);
		if (!WIFSTOPPED(status))
			break;
	}
	/* A session leader's exit would hang the terminal up. */
	for (;;)
		pause();
}

/* In the keeper: take the descriptors, start the program, watch it. */
static _Noreturn void
run_keeper(const struct child *c, const struct start_opts *opts,
    const char *path, const int fds[3], int status_fd, bool terminal)
{
	static const int ignored[] = {
	    SIGHUP, SIGINT, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU, SIGPIPE};
	pid_t pid;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setsid();
	for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
		signal(ignored[i], SIG_IGN);
	/* The descriptors given are above 2: tests keep theirs open. */
	for (int i = 0; i < 3; i++)
		dup2(fds[i], i);
	status_fd = fcntl(status_fd, F_DUPFD_CLOEXEC, 100);
	close_range(3, (unsigned)status_fd - 1, 0);
	close_range((unsigned)status_fd + 1, ~0U, 0);
	if (terminal)
		ioctl(STDIN_FILENO, TIOCSCTTY, 0);
	pid = fork();
	if (pid == 0)
		become(c, opts, path, terminal);
	setpgid(pid, pid); /* both do, so that neither need wait */
	if (write(status_fd, &pid, sizeof pid) < 0 || pid < 0)
		_exit(1);
	/* Only the program may keep a pipe open. */
	if (!terminal)
		close_range(0, 2, 0);
	keep(pid, status_fd);
}

void
child_start(struct child *c, const struct start_opts *opts, const int fds[3],
    bool terminal)
{
	char path[PATH_MAX];
	int pipe_fds[2];

	*c = (struct child){.status_fd = -1};
	make_home(c, opts);
	resolve_program(c, opts, path);
	if (pipe2(pipe_fds, O_CLOEXEC) < 0)
		fail_msg("pipe: %m");
	fflush(NULL);
	c->keeper = fork();
	if (c->keeper < 0)
		fail_msg("fork: %m");
	if (c->keeper == 0)
		run_keeper(c, opts, path, fds, pipe_fds[1], terminal);
	close(pipe_fds[1]);
	c->status_fd = pipe_fds[0];
	if (read(c->status_fd, &c->pid, sizeof c->pid) != sizeof c->pid)
		fail_msg("%s was not started", path);
}

void
child_reap(struct child *c)
{
	if (read(c->status_fd, &c->status, sizeof c->status) !=
	    sizeof c->status)
		fail_msg("the keeper of process %d is gone", (int)c->pid);
	c->stopped = WIFSTOPPED(c->status);
	c->ended = !c->stopped;
}

int
child_exit_status(const struct child *c)
{
	return WIFEXITED(c->status) ? WEXITSTATUS(c->status)
				    : 128 + WTERMSIG(c->status);
}

void
child_kill(struct child *c, int sig)
{
	if (c->ended)
		return;
	if (sig == SIGCONT)
		c->stopped = false;
	kill(-c->pid, sig);
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

void
child_free(struct child *c)
{
	child_kill(c, SIGKILL);
	kill(c->keeper, SIGKILL);
	waitpid(c->keeper, NULL, 0);
	close(c->status_fd);
	if (c->owns_home)
		nftw(c->home, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

bool
have_program(const char *name)
{
	const char *dir = PATH_OF_DEBIAN;
	char path[PATH_MAX];

	while (*dir != '\0') {
		size_t len = strcspn(dir, ":");

		snprintf(path, sizeof path, "%.*s/%s", (int)len, dir, name);
		if (access(path, X_OK) == 0)
			return true;
		dir += len + (dir[len] == ':');
	}
	return false;
}

bool
have_userns(void)
{
	pid_t pid;
	int status = -1;

	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		if (geteuid() == 0 &&
		    setresuid(START_USER, START_USER, START_USER) < 0)
			_exit(1);
		_exit(unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

void
need_program(const char *name)
{
	if (have_program(name))
		return;
	print_message("skipped: %s is not installed\n", name);
	skip();
}

void
need_userns(void)
{
	if (have_userns())
		return;
	print_message("skipped: an ordinary user may not make namespaces\n");
	skip();
}

void
need_root(void)
{
	if (geteuid() == 0)
		return;
	print_message("skipped: needs root\n");
	skip();
}
