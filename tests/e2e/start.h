/*
 * tests/e2e/start.h - start a program in a clean world of its own.
 *
 * A started program gets a new HOME, only the environment named here (PATH of
 * a fresh Debian, TERM=xterm-256color, C.UTF-8, the sanitizers' options),
 * default signal actions and no descriptor but its three. It dies with the
 * test. What the world refuses fails the running cmocka test.
 *
 * Owns:   its HOME, a folder in $TMPDIR that child_free() removes.
 * Thread: the one thread of the test.
 */
#ifndef SOCKDECK_TESTS_E2E_START_H
#define SOCKDECK_TESTS_E2E_START_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define ARGV(...) ((const char *const[]){__VA_ARGS__, NULL})

/* An ordinary user's id: Debian gives the first person of a machine this. */
#define START_USER 1000

struct start_opts {
	/* "sockdeck" first stands for the program under test. */
	const char *const *argv;
	const char *const *env; /* ARGV("NAME=value", "NAME") adds, removes */
	uid_t uid; /* 0: as we are; else as that user and group, needs root */
	const char *home; /* NULL: a fresh one; else that of another child */
	bool ascii; /* LC_ALL=C in place of C.UTF-8 */
	int cols, rows; /* of a rig's terminal; 0: 80x24 */
};

struct child {
	pid_t pid; /* the program, leader of its process group */
	pid_t keeper; /* its parent, which plays the shell */
	int status_fd; /* one int for each change that waitpid() reports */
	int status; /* the last one, as of waitpid() */
	bool ended, stopped;
	char home[128];
	bool owns_home;
};

/*
 * Start the program with fds as its descriptors 0, 1 and 2. It is the job of a
 * keeper that plays the shell, on a terminal the foreground job. The keeper
 * leads the session: else the kernel would reset the terminal when the program
 * exits, and C-z would not stop it.
 */
void child_start(struct child *c, const struct start_opts *opts,
    const int fds[3], bool terminal);
/* Read one change from status_fd. */
void child_reap(struct child *c);
/* Exit status as a shell has it: 128 + signal for a killed program. */
int child_exit_status(const struct child *c);
/* Send a signal to the program's process group. */
void child_kill(struct child *c, int sig);
/* Kill what still runs, remove HOME. */
void child_free(struct child *c);

/* Milliseconds from now, and what of them is left, for poll(). */
int64_t deadline_in(int ms);
int deadline_left(int64_t deadline);

bool have_program(const char *name);
/* May an ordinary user make namespaces of their own here? */
bool have_userns(void);

/* Skip the running test, with the reason, where the machine lacks it. */
void need_program(const char *name);
void need_userns(void);
void need_root(void);

#endif
