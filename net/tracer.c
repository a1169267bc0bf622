/*
 * The tracer: one loop over the stops of every thread that it follows.
 *
 * Invariants:
 *   - A thread has at most one call: `call` is it while `busy`.
 *   - A call that a signal cut short (the kernel's ERESTART codes, which no
 *     program sees) is still the thread's while `again`: the kernel makes it
 *     again with the same registers, or else it has ended with EINTR.
 *   - A thread is resumed exactly once for each stop, as the last thing done.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "net/base/clock.h"
#include "net/base/map.h"
#include "net/trace.h"
#include "net/trace_decode.h"
#include "net/trace_socks.h"

#define THREADS_MAX 32768
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

struct thread {
	pid_t tid, pid;
	uint32_t actor;
	bool busy; /* inside a traced call */
	bool again; /* cut short: see above */
	bool told; /* the sink knows that the call is under way */
	enum trace_op op;
	uint64_t args[6];
	struct tsock *sock; /* NULL: none, or closed by another thread */
	struct call call;
};

struct tracer {
	pid_t program;
	const struct trace_sink *sink;
	struct map *by_tid; /* to an index of threads */
	struct thread **threads; /* dense */
	size_t count, cap;
	struct tsocks *socks;
	uint32_t next_actor, next_call;
	enum side side; /* of the socket that was decided last */
	bool
	    copies; /* a socket may have two descriptors, since a fork() or dup() */
	bool started; /* the program runs: it has been executed */
	bool ended; /* the sink knows that it ends */
	bool ticking,
	    tell; /* tell: the sink has got something since its rest */
};

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

/* ---- threads ---- */

static pid_t
process_of(pid_t tid)
{
	char path[32], line[128];
	pid_t pid = tid;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/status", (int)tid);
	f = fopen(path, "re");
	while (f != NULL && fgets(line, sizeof line, f) != NULL)
		if (strncmp(line, "Tgid:", 5) == 0)
			pid = atoi(line + 5);
	if (f != NULL)
		fclose(f);
	return pid;
}

static bool
grow(struct tracer *t)
{
	size_t cap = t->cap != 0 ? t->cap * 2 : 16;
	struct thread **threads;

	if (t->count < t->cap)
		return true;
	if (cap > THREADS_MAX)
		return false;
	threads = reallocarray(t->threads, cap, sizeof *threads);
	if (threads == NULL)
		return false;
	t->threads = threads;
	t->cap = cap;
	return true;
}

/* NULL: no room; the thread runs, and is not recorded. */
static struct thread *
thread_of(struct tracer *t, pid_t tid)
{
	struct thread *th;
	uint32_t at;

	if (map_get(t->by_tid, &tid, &at))
		return t->threads[at];
	th = calloc(1, sizeof *th);
	if (th == NULL || !grow(t) ||
	    map_put(t->by_tid, &tid, (uint32_t)t->count) < 0) {
		free(th);
		return NULL;
	}
	th->tid = tid;
	th->pid = process_of(tid);
	th->actor = t->next_actor++;
	t->copies |= th->pid != t->program;
	t->threads[t->count++] = th;
	return th;
}

static void
drop_thread(struct tracer *t, pid_t tid)
{
	uint32_t at;

	if (!map_get(t->by_tid, &tid, &at))
		return;
	free(t->threads[at]);
	map_del(t->by_tid, &tid);
	t->threads[at] = t->threads[--t->count];
	if (at < t->count) /* replacing needs no memory */
		map_put(t->by_tid, &t->threads[at]->tid, at);
}

static size_t
threads_in(const struct tracer *t, pid_t pid)
{
	size_t n = 0;

	for (size_t i = 0; i < t->count; i++)
		n += t->threads[i]->pid == pid;
	return n;
}

/* The traced processes but one (0: all of them). */
static size_t
list_processes(const struct tracer *t, pid_t except, pid_t *pids, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < t->count && n < max; i++)
		if (t->threads[i]->tid == t->threads[i]->pid &&
		    t->threads[i]->pid != except)
			pids[n++] = t->threads[i]->pid;
	return n;
}

static size_t
read_memory(void *arg, uint64_t at, void *dst, size_t n)
{
	struct iovec own = {dst, n};
	struct iovec other = {(void *)(uintptr_t)at, n};
	ssize_t got = process_vm_readv(*(pid_t *)arg, &own, 1, &other, 1, 0);

	return got > 0 ? (size_t)got : 0;
}

/* ---- what the sink is told ---- */

static void
tell(struct tracer *t, const struct call *c)
{
	t->tell = true;
	t->sink->on_call(t->sink->arg, c);
}

/* From now on until all is told and quiet, SIGALRM ends the waits. */
static void
tick_on(struct tracer *t)
{
	int us = t->sink->patience_ms * 1000;
	struct itimerval every = {{0, us}, {0, us}};

	if (!t->ticking)
		setitimer(ITIMER_REAL, &every, NULL);
	t->ticking = true;
}

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
		tell(t, &th->call);
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

static void
finish(struct tracer *t, struct thread *th)
{
	th->busy = th->again = false;
	th->call.phase = CALL_DONE;
	tell(t, &th->call);
}

/* Cut short by a signal, and not made again. */
static void
finish_interrupted(struct tracer *t, struct thread *th)
{
	th->call.result = -1;
	th->call.error = EINTR;
	th->call.data_len = 0;
	if (th->call.end_ns == 0)
		th->call.end_ns = clock_now_ns();
	finish(t, th);
}

/* ---- a call ---- */

/*
 * Which pane a socket belongs to shows only by what is done with it. Until
 * then it goes with the one before it.
 */
static void
choose_side(struct tracer *t, struct tsock *s, const struct call *c)
{
	switch (c->kind) {
	case CALL_LISTEN:
	case CALL_ACCEPT:
		s->side = SIDE_SERVER;
		break;
	case CALL_CONNECT:
		s->side = SIDE_CLIENT;
		break;
	case CALL_SEND:
	case CALL_SENDTO:
		if (!s->decided)
			s->side = SIDE_CLIENT;
		break;
	case CALL_RECV:
	case CALL_RECVFROM:
		if (!s->decided)
			s->side = SIDE_SERVER;
		break;
	case CALL_BIND:
		if (!s->decided)
			s->side = SIDE_SERVER;
		return;
	default:
		return;
	}
	s->decided = true;
	t->side = s->side;
}

static void
begin_call(struct tracer *t, struct thread *th, struct tsock *s)
{
	struct trace_mem m = {read_memory, &th->tid};
	struct call *c = &th->call;

	memset(c, 0, offsetof(struct call, data));
	c->id = t->next_call++;
	c->actor = th->actor;
	c->phase = CALL_RUNNING;
	c->side = (uint8_t)t->side;
	if (s != NULL) {
		c->sock = s->id;
		c->local = s->local;
		c->peer = s->peer;
	}
	trace_entry(th->op, th->args,
	    s != NULL && s->type != SOCK_DGRAM && s->type != SOCK_RAW, &m, c);
	if (s != NULL) {
		s->fd = c->fd;
		choose_side(t, s, c);
		c->side = (uint8_t)s->side;
		c->stream_off = c->kind == CALL_SEND || c->kind == CALL_SENDTO
				    ? s->sent
				    : s->received;
	}
	th->sock = s;
	th->busy = true;
	th->told = false;
	tick_on(t);
	c->begin_ns = clock_now_ns();
}

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
	struct tsock *s = NULL;
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
		finish_interrupted(t, th);
	t->copies |= op == TRACE_DUP;
	if (op == TRACE_SOCKET
		? !tsocks_shows((int)args[0])
		: op == TRACE_DUP || !t->started ||
		      (s = tsocks_find(t->socks, th->pid, th->tid, (int)args[0],
			   false)) == NULL) {
		resume(th, PTRACE_CONT, 0);
		return;
	}
	th->op = op;
	memcpy(th->args, args, sizeof args);
	begin_call(t, th, s);
	resume(th, PTRACE_SYSCALL, 0);
}

static void
forget_sock(struct tracer *t, struct tsock *s)
{
	for (size_t i = 0; i < t->count; i++)
		if (t->threads[i]->sock == s)
			t->threads[i]->sock = NULL;
	tsocks_close(t->socks, s);
}

static void
closed(struct tracer *t, struct tsock *s, struct call *c)
{
	pid_t pids[256];
	size_t n = t->copies ? list_processes(t, 0, pids, 256) : 0;

	c->arg[0] = CALL_END_COPY;
	if (tsocks_held(s, pids, n))
		return;
	c->arg[0] = CALL_END_SOCKET;
	forget_sock(t, s);
}

/* A new socket, by socket() or accept(). */
static struct tsock *
meet(struct tracer *t, struct thread *th, struct call *c)
{
	struct tsock *s =
	    tsocks_find(t->socks, th->pid, th->tid, (int)c->result, true);

	if (s == NULL)
		return NULL;
	s->side = (enum side)c->side;
	s->fd = (int)c->result;
	if (c->kind == CALL_SOCKET) {
		c->sock = s->id;
		return s;
	}
	s->decided = true;
	c->arg[0] = (int)s->id;
	c->local = s->local;
	c->peer = s->peer;
	return s;
}

/* What a call that succeeded made of its socket; the addresses it has now. */
static void
apply(const struct thread *th, struct tsock *s, struct call *c)
{
	switch (c->kind) {
	case CALL_BIND:
	case CALL_CONNECT:
		tsocks_ask(th->pid, c->fd, s);
		c->local = s->local;
		break;
	case CALL_SEND:
	case CALL_SENDTO:
		/* Without a bind() the first datagram gives it a port. */
		if (s->local.len == 0 && s->domain != AF_UNIX)
			tsocks_ask(th->pid, c->fd, s);
		c->local = s->local;
		c->stream_off = s->sent;
		s->sent += (uint64_t)c->result;
		break;
	case CALL_RECV:
	case CALL_RECVFROM:
		c->stream_off = s->received;
		if (!c->peek)
			s->received += (uint64_t)c->result;
		break;
	default:
		break;
	}
}

static void
end_call(struct tracer *t, struct thread *th, int64_t rval)
{
	struct trace_mem m = {read_memory, &th->tid};
	struct call *c = &th->call;
	struct tsock *s = th->sock;

	trace_exit(th->op, th->args, rval, &m, c);
	if (c->error == 0 && (c->kind == CALL_SOCKET || c->kind == CALL_ACCEPT))
		meet(t, th, c);
	else if (s != NULL && c->kind == CALL_CLOSE && c->error != EBADF)
		closed(t, s, c);
	else if (s != NULL && c->kind == CALL_CONNECT && c->error != 0) {
		/* Known also when the handshake failed or goes on. */
		tsocks_ask(th->pid, c->fd, s);
		c->local = s->local;
		if (c->error == EINPROGRESS)
			s->peer = c->peer;
	} else if (s != NULL && c->error == 0)
		apply(th, s, c);
	finish(t, th);
}

/* The stop when a call has returned. */
static void
on_return(struct tracer *t, struct thread *th)
{
	struct __ptrace_syscall_info info;
	int64_t now_ns = clock_now_ns(), rval;

	if (th->busy &&
	    ptrace(PTRACE_GET_SYSCALL_INFO, th->tid, sizeof info, &info) > 0 &&
	    info.op == PTRACE_SYSCALL_INFO_EXIT) {
		rval = info.exit.rval;
		th->call.end_ns = now_ns;
		if (rval <= -ERESTARTSYS && rval >= -ERESTART_BLOCK) {
			th->again = true;
			th->busy = false;
		} else {
			end_call(t, th, rval);
		}
	}
	resume(th, PTRACE_CONT, 0);
}

/* ---- ends ---- */

/* The kernel has closed, or is about to close, what nobody holds any more. */
static void
close_orphans(struct tracer *t, const struct thread *th, pid_t except)
{
	pid_t pids[256];
	size_t n = list_processes(t, except, pids, 256), it = 0;
	struct tsock *s;

	tsocks_mark_held(t->socks, pids, n);
	while ((s = tsocks_next_orphan(t->socks, &it)) != NULL) {
		struct call c = {
		    .id = t->next_call++,
		    .actor = th->actor,
		    .sock = s->id,
		    .fd = s->fd,
		    .kind = CALL_CLOSE,
		    .phase = CALL_DONE,
		    .side = (uint8_t)s->side,
		    .arg[0] = CALL_END_EXIT,
		    .local = s->local,
		    .peer = s->peer,
		};

		c.begin_ns = c.end_ns = clock_now_ns();
		tell(t, &c);
		forget_sock(t, s);
	}
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
		finish_interrupted(t, th);
	if (threads_in(t, th->pid) == 1)
		process_ends(t, th, (int)status);
	resume(th, PTRACE_CONT, 0);
}

/* It is gone; perhaps without a stop at its exit (SIGKILL). */
static void
on_gone(struct tracer *t, pid_t tid, int status)
{
	struct thread *th;
	uint32_t at;

	if (!map_get(t->by_tid, &tid, &at))
		return;
	th = t->threads[at];
	if (th->busy || th->again)
		finish_interrupted(t, th);
	if (threads_in(t, th->pid) == 1)
		process_ends(t, th, status);
	drop_thread(t, tid);
}

/* The thread that executes takes the place and number of its process. */
static void
on_exec(struct tracer *t, struct thread *th)
{
	unsigned long former = 0;

	ptrace(PTRACE_GETEVENTMSG, th->tid, 0, &former);
	if ((pid_t)former != th->tid)
		drop_thread(t, (pid_t)former);
	th->busy = th->again = false;
	if (!t->started)
		ptrace(
		    PTRACE_SETOPTIONS, th->tid, 0, OPTIONS | PTRACE_O_EXITKILL);
	else
		close_orphans(t, th, 0);
	t->started = true;
	resume(th, PTRACE_CONT, 0);
}

/* ---- the loop ---- */

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
		th = thread_of(&t, tid);
		if (th != NULL)
			on_stop(&t, th, status);
		else
			ptrace(PTRACE_CONT, tid, 0, 0);
	}
	if (sink->on_rest != NULL)
		sink->on_rest(sink->arg);
	tsocks_free(t.socks);
	for (size_t i = 0; i < t.count; i++)
		free(t.threads[i]);
	free(t.threads);
	map_free(t.by_tid);
}
