#include "tests/e2e/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/base/buf.h"

#define KEPT_MAX (64u << 20)

enum { IN, OUT, ERR };

struct proc {
	struct child child;
	int fd[3]; /* our ends of its descriptors; -1: closed */
	struct buf out, err;
};

struct proc *
proc_start(const struct start_opts *opts)
{
	struct proc *p = calloc(1, sizeof *p);
	int theirs[3];

	if (p == NULL)
		fail_msg("no memory");
	/* A peer that ends early is a result and no reason to die. */
	signal(SIGPIPE, SIG_IGN);
	buf_init(&p->out, KEPT_MAX);
	buf_init(&p->err, KEPT_MAX);
	for (int i = 0; i < 3; i++) {
		int ends[2];

		if (pipe2(ends, O_CLOEXEC) < 0)
			fail_msg("pipe: %m");
		p->fd[i] = i == IN ? ends[1] : ends[0];
		theirs[i] = i == IN ? ends[0] : ends[1];
		fcntl(p->fd[i], F_SETFL, O_NONBLOCK);
	}
	child_start(&p->child, opts, theirs, false);
	for (int i = 0; i < 3; i++)
		close(theirs[i]);
	return p;
}

static void
close_end(struct proc *p, int which)
{
	if (p->fd[which] >= 0)
		close(p->fd[which]);
	p->fd[which] = -1;
}

void
proc_free(struct proc *p)
{
	if (p == NULL)
		return;
	child_free(&p->child);
	for (int i = 0; i < 3; i++)
		close_end(p, i);
	buf_done(&p->out);
	buf_done(&p->err);
	free(p);
}

static void
read_end(struct proc *p, int which, struct buf *to)
{
	char bytes[65536];
	ssize_t n = read(p->fd[which], bytes, sizeof bytes);

	if (n > 0)
		buf_add(to, bytes, (size_t)n);
	else if (n == 0 || errno != EAGAIN)
		close_end(p, which);
}

/* Wait for one event; in case of writing, for room too. False: deadline. */
static bool
pump(struct proc *p, bool writing, int64_t deadline)
{
	struct pollfd fds[] = {
	    {.fd = p->fd[OUT], .events = POLLIN},
	    {.fd = p->fd[ERR], .events = POLLIN},
	    {.fd = p->child.ended ? -1 : p->child.status_fd, .events = POLLIN},
	    {.fd = writing ? p->fd[IN] : -1, .events = POLLOUT},
	};

	if (poll(fds, 4, deadline_left(deadline)) <= 0)
		return false;
	if (fds[0].revents != 0)
		read_end(p, OUT, &p->out);
	if (fds[1].revents != 0)
		read_end(p, ERR, &p->err);
	if (fds[2].revents != 0)
		child_reap(&p->child);
	return true;
}

bool
proc_write(struct proc *p, const void *data, size_t n, int ms)
{
	int64_t deadline = deadline_in(ms);
	const char *bytes = data;

	while (n > 0) {
		ssize_t sent = write(p->fd[IN], bytes, n);

		if (sent > 0) {
			bytes += sent;
			n -= (size_t)sent;
		} else if (errno != EAGAIN || !pump(p, true, deadline)) {
			return false;
		}
	}
	return true;
}

void
proc_close_stdin(struct proc *p)
{
	close_end(p, IN);
}

void
proc_kill(struct proc *p, int sig)
{
	child_kill(&p->child, sig);
}

static void
print_failure(struct proc *p, const char *what, const char *which, int ms)
{
	fprintf(stderr, "proc: %s%s after %d ms%s; output:\n%s\nerrors:\n%s\n",
	    what, which, ms, p->child.ended ? " (it has ended)" : "",
	    buf_str(&p->out), buf_str(&p->err));
}

static bool
holds(const struct buf *b, const char *text)
{
	return b->len > 0 && memmem(b->data, b->len, text, strlen(text));
}

bool
proc_wait_for(struct proc *p, const char *text, int ms)
{
	int64_t deadline = deadline_in(ms);

	while (!holds(&p->out, text) && !holds(&p->err, text)) {
		bool over = p->fd[OUT] < 0 && p->fd[ERR] < 0;

		if (over || !pump(p, false, deadline)) {
			print_failure(p, "has not said: ", text, ms);
			return false;
		}
	}
	return true;
}

int
proc_wait_exit(struct proc *p, int ms)
{
	int64_t deadline = deadline_in(ms);

	while (!p->child.ended || p->fd[OUT] >= 0 || p->fd[ERR] >= 0)
		if (!pump(p, false, deadline)) {
			print_failure(p, "has not ended", "", ms);
			return -1;
		}
	return child_exit_status(&p->child);
}

const char *
proc_output(struct proc *p, size_t *ret_len)
{
	if (ret_len != NULL)
		*ret_len = p->out.len;
	return buf_str(&p->out);
}

const char *
proc_errors(struct proc *p)
{
	return buf_str(&p->err);
}

pid_t
proc_pid(const struct proc *p)
{
	return p->child.pid;
}

struct proc *
proc_run(
    const struct start_opts *opts, const char *input, int ms, int *ret_status)
{
	struct proc *p = proc_start(opts);

	if (input != NULL)
		(void)proc_write(p, input, strlen(input), ms);
	proc_close_stdin(p);
	*ret_status = proc_wait_exit(p, ms);
	return p;
}
