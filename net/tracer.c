/*
 * The tracer: one loop over the stops of every thread that it follows. A thread
 * is resumed exactly once for each stop, as the last thing done.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "net/base/clock.h"
#include "net/tracer_impl.h"

#define SYSCALL_STOP (SIGTRAP | 0x80) /* by PTRACE_O_TRACESYSGOOD */
/* include/linux/errno.h: the kernel's own, between it and a tracer */
enum {
	ERESTARTSYS = 512,
	ERESTARTNOINTR,
	ERESTARTNOHAND,
	ERESTART_BLOCK = 516
};

#define OPTIONS                                                               \
	(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACESECCOMP | PTRACE_O_TRACEFORK | \
	    PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC |  \
	    PTRACE_O_TRACEEXIT)

static volatile sig_atomic_t ticked;

static void
on_alarm(int signo)
{
	(void)signo;
	ticked = 1;
}

int
tracer_seize(pid_t program)
{
	return ptrace(PTRACE_SEIZE, program, 0, OPTIONS) < 0 ? -errno : 0;
}

/* A thread that has been killed meanwhile is not there: its end follows. */
static void
resume(const struct thread *th, enum __ptrace_request how, int signo)
{
	ptrace(how, th->tid, 0, signo);
}

/* ---- calls ---- */

static bool
made_again(const struct thread *th, enum trace_op op, const uint64_t args[6])
{
	return th->again && th->op == op &&
	       memcmp(th->args, args, sizeof th->args) == 0;
}

/* The seccomp stop: the call is known and not made yet. */
static void
on_entry(struct tracer *t, struct thread *th)
{
	struct __ptrace_syscall_info info;
	uint64_t args[6];
	enum trace_op op;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, th->tid, sizeof info, &info) <= 0 ||
	    info.op != PTRACE_SYSCALL_INFO_SECCOMP) {
		resume(th, PTRACE_CONT, 0);
		return;
	}
	op = trace_op(info.seccomp.nr);
	memcpy(args, info.seccomp.args, sizeof args);
	if (made_again(th, op, args)) {
		th->again = false;
		th->busy = true;
		resume(th, PTRACE_SYSCALL, 0);
		return;
	}
	if (th->again)
		tracer_interrupted(t, th);
	resume(th, tracer_begin(t, th, op, args) ? PTRACE_SYSCALL : PTRACE_CONT,
	    0);
}

/* The stop when a call has returned. */
static void
on_return(struct tracer *t, struct thread *th)
{
	struct __ptrace_syscall_info info;
	int64_t now_ns = clock_now_ns(), rval;

	if (th->copying)
		process_forget_plain(th->process);
	th->copying = false;
	if (th->busy &&
	    ptrace(PTRACE_GET_SYSCALL_INFO, th->tid, sizeof info, &info) > 0 &&
	    info.op == PTRACE_SYSCALL_INFO_EXIT) {
		rval = info.exit.rval;
		th->call.end_ns = now_ns;
		if (rval <= -ERESTARTSYS && rval >= -ERESTART_BLOCK) {
			th->again = true;
			th->busy = false;
		} else {
			tracer_end(t, th, rval);
		}
	}
	resume(th, PTRACE_CONT, 0);
}

/* ---- ends ---- */

static void
close_orphans(struct tracer *t, struct thread *th, pid_t except)
{
	pid_t pids[TRACER_PROCESSES];
	size_t n = tracer_processes(t, except, pids);

	tracer_close_orphans(t, th, pids, n);
}

static void
process_ends(struct tracer *t, struct thread *th, int status)
{
	if (!t->started)
		return;
	close_orphans(t, th, th->pid);
	if (th->pid != t->program || t->ended)
		return;
	t->ended = true;
	t->sink->on_end(t->sink->arg, status);
}

static void
on_exit_event(struct tracer *t, struct thread *th)
{
	unsigned long status = 0;

	ptrace(PTRACE_GETEVENTMSG, th->tid, 0, &status);
	if (th->busy || th->again)
		tracer_interrupted(t, th);
	if (tracer_threads_in(t, th->pid) == 1)
		process_ends(t, th, (int)status);
	resume(th, PTRACE_CONT, 0);
}

/* It is gone; perhaps without a stop at its exit (SIGKILL). */
static void
on_gone(struct tracer *t, pid_t tid, int status)
{
	struct thread *th = tracer_known(t, tid);

	if (th == NULL)
		return;
	if (th->busy || th->again)
		tracer_interrupted(t, th);
	if (tracer_threads_in(t, th->pid) == 1)
		process_ends(t, th, status);
	tracer_drop(t, tid);
}

/* The thread that executes takes the place and number of its process. */
static void
on_exec(struct tracer *t, struct thread *th)
{
	unsigned long former = 0;

	ptrace(PTRACE_GETEVENTMSG, th->tid, 0, &former);
	if ((pid_t)former != th->tid)
		tracer_drop(t, (pid_t)former);
	th->busy = th->again = false;
	process_forget_plain(th->process);
	if (!t->started)
		ptrace(
		    PTRACE_SETOPTIONS, th->tid, 0, OPTIONS | PTRACE_O_EXITKILL);
	else
		close_orphans(t, th, 0);
	t->started = true;
	resume(th, PTRACE_CONT, 0);
}

/* ---- the loop ---- */

static void
tick(struct tracer *t)
{
	int64_t old = clock_now_ns() - t->sink->patience_ms * CLOCK_MS;
	bool wait = false;

	for (size_t i = 0; i < t->count; i++) {
		struct thread *th = t->threads[i];

		if (!(th->busy || th->again) || th->told)
			continue;
		if (th->call.begin_ns > old) {
			wait = true;
			continue;
		}
		th->told = true;
		tracer_tell(t, th, &th->call);
	}
	if (t->tell && t->sink->on_rest != NULL)
		t->sink->on_rest(t->sink->arg);
	if (!t->tell && !wait) {
		setitimer(
		    ITIMER_REAL, &(struct itimerval){{0, 0}, {0, 0}}, NULL);
		t->ticking = false;
	}
	t->tell = false;
}

/* A stop of the whole process, as by ^Z: it lasts until SIGCONT. */
static bool
is_group_stop(int signo)
{
	return signo == SIGSTOP || signo == SIGTSTP || signo == SIGTTIN ||
	       signo == SIGTTOU;
}

static void
on_stop(struct tracer *t, struct thread *th, int status)
{
	int signo = WSTOPSIG(status);

	switch (status >> 16) {
	case PTRACE_EVENT_SECCOMP:
		on_entry(t, th);
		break;
	case PTRACE_EVENT_EXEC:
		on_exec(t, th);
		break;
	case PTRACE_EVENT_EXIT:
		on_exit_event(t, th);
		break;
	case PTRACE_EVENT_STOP:
		resume(
		    th, is_group_stop(signo) ? PTRACE_LISTEN : PTRACE_CONT, 0);
		break;
	case 0:
		if (signo == SYSCALL_STOP)
			on_return(t, th);
		else
			resume(th, PTRACE_CONT, signo);
		break;
	default: /* fork, vfork, clone: the new one says so itself */
		resume(th, PTRACE_CONT, 0);
		break;
	}
}

void
tracer_run(pid_t program, const struct trace_sink *sink)
{
	struct tracer t = {
	    .program = program,
	    .sink = sink,
	    .by_tid = map_new(sizeof(pid_t)),
	    .socks = tsocks_new(),
	    .next_actor = 1,
	    .next_call = 1,
	    .side = SIDE_SERVER,
	};
	struct sigaction action = {.sa_handler = on_alarm}; /* ends waitpid() */
	int status;
	pid_t tid;

	if (t.by_tid == NULL || t.socks == NULL)
		return;
	sigaction(SIGALRM, &action, NULL);
	for (;;) {
		struct thread *th;

		if (ticked) {
			ticked = 0;
			tick(&t);
		}
		tid = waitpid(-1, &status, __WALL);
		if (tid < 0 && errno == EINTR)
			continue;
		if (tid < 0)
			break; /* ECHILD: all have ended */
		if (!WIFSTOPPED(status)) {
			on_gone(&t, tid, status);
			continue;
		}
		th = tracer_thread(&t, tid);
		if (th != NULL)
			on_stop(&t, th, status);
		else
			ptrace(PTRACE_CONT, tid, 0, 0);
	}
	if (sink->on_rest != NULL)
		sink->on_rest(sink->arg);
	tsocks_free(t.socks);
	while (t.count > 0)
		tracer_drop(&t, t.threads[0]->tid);
	free(t.threads);
	map_free(t.by_tid);
}
