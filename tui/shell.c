#include "tui/shell.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/lab.h"

/* The job that the keys of the terminal reach. Who is not that job may not
 * choose it, but for a blocked SIGTTOU. */
static void
give_terminal(int tty, pid_t group)
{
	sigset_t ttou, before;

	sigemptyset(&ttou);
	sigaddset(&ttou, SIGTTOU);
	pthread_sigmask(SIG_BLOCK, &ttou, &before);
	tcsetpgrp(tty, group);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* Between fork() and execve(): only what signal-safety(7) allows, since other
 * threads may hold locks that nobody will give back in here. */
static _Noreturn void
become(
    int tty, int netns, const char *names, const char *program, sigset_t *none)
{
	static const int own[] = {
	    SIGINT, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU, SIGPIPE};
	static const char nameless[] = LAB_NAMELESS;

	setpgid(0, 0);
	give_terminal(tty, getpid());
	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		signal(own[i], SIG_DFL);
	sigprocmask(SIG_SETMASK, none, NULL);
	for (int fd = 0; fd < 3; fd++)
		dup2(tty, fd);
	if (setns(netns, CLONE_NEWNET) < 0)
		_exit(127);
	if (lab_names_show(names) == 0 ||
	    write(tty, nameless, sizeof nameless - 1) > 0)
		execl(program, program, "-i", (char *)NULL);
	_exit(127);
}

int
shell_start(
    struct shell *s, int tty, int netns, const char *names, struct err *err)
{
	const char *program = getenv("SHELL");
	sigset_t none;

	if (program == NULL || access(program, X_OK) < 0)
		program = "/bin/sh";
	sigemptyset(&none);
	s->tty = tty;
	s->pid = fork();
	if (s->pid == 0)
		become(tty, netns, names, program, &none);
	if (s->pid > 0)
		return 0;
	s->pid = 0;
	return err_set(err, -errno, "no shell: no process could be made (%s)",
	    err_name(-errno));
}

bool
shell_ended(struct shell *s)
{
	int status;

	if (s->pid == 0 ||
	    waitpid(s->pid, &status, WNOHANG | WUNTRACED) != s->pid)
		return false;
	/* Nobody could continue a stopped one. */
	if (WIFSTOPPED(status)) {
		kill(-s->pid, SIGCONT);
		return false;
	}
	s->pid = 0;
	give_terminal(s->tty, getpgrp());
	return true;
}

void
shell_end(struct shell *s)
{
	if (s->pid == 0)
		return;
	kill(-s->pid, SIGHUP);
	kill(-s->pid, SIGCONT);
	give_terminal(s->tty, getpgrp());
	s->pid = 0;
}
