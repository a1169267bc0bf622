/*
 * The tracer's calls: from two sets of registers to a record.
 */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/uio.h>

#include "net/base/clock.h"
#include "net/tracer_impl.h"

static size_t
read_memory(void *arg, uint64_t at, void *dst, size_t n)
{
	struct iovec own = {dst, n};
	struct iovec other = {(void *)(uintptr_t)at, n};
	ssize_t got = process_vm_readv(*(pid_t *)arg, &own, 1, &other, 1, 0);

	return got > 0 ? (size_t)got : 0;
}

void
tracer_tell(struct tracer *t, struct thread *th, struct call *c)
{
	if (th->actor == 0)
		th->actor = t->next_actor++;
	if (c->actor == 0)
		c->actor = th->actor;
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
finish(struct tracer *t, struct thread *th)
{
	th->busy = th->again = false;
	th->call.phase = CALL_DONE;
	tracer_tell(t, th, &th->call);
}

void
tracer_interrupted(struct tracer *t, struct thread *th)
{
	th->call.result = -1;
	th->call.error = EINTR;
	th->call.data_len = 0;
	if (th->call.end_ns == 0)
		th->call.end_ns = clock_now_ns();
	finish(t, th);
}

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

/*
 * A look-up of a name asks the name service cache daemon first, by a Unix
 * socket of the C library's. Nobody wrote that into the program.
 */
static bool
is_library_call(const struct thread *th, const struct tsock *s)
{
	static const char daemon[] = "/var/run/nscd/socket";
	struct trace_mem m = {read_memory, (void *)(uintptr_t)&th->tid};
	struct call c = {.id = 0};

	if (s == NULL || s->domain != AF_UNIX || th->op != TRACE_CONNECT)
		return false;
	trace_entry(th->op, th->args, true, &m, &c);
	return c.peer.len > sizeof daemon &&
	       strncmp(c.peer.un.sun_path, daemon, sizeof daemon) == 0;
}

/* A Unix socket's socket() waits for what follows: see above. */
static void
tell_made(struct tracer *t, struct thread *th, struct tsock *s)
{
	struct call *c = s->made;

	if (c == NULL)
		return;
	s->made = NULL;
	c->side = (uint8_t)s->side;
	tracer_tell(t, th, c);
	free(c);
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
		c->stream_off = call_sends(c) ? s->sent : s->received;
	}
	th->sock = s;
	th->busy = true;
	th->told = false;
	tick_on(t);
	c->begin_ns = clock_now_ns();
}

/* May another descriptor stand for a socket, when it has returned? */
static bool
copies_descriptors(enum trace_op op)
{
	return op == TRACE_DUP || op == TRACE_RECVMSG || op == TRACE_RECVMMSG;
}

/* The socket that the call is about; NULL: none, or none to be shown. */
static struct tsock *
find_sock(struct tracer *t, struct thread *th, enum trace_op op, int fd)
{
	struct tsock *s = NULL;

	if (!process_is_plain(th->process, fd)) {
		s = tsocks_find(t->socks, th->pid, th->tid, fd, false);
		process_set_plain(th->process, fd, s == NULL);
	}
	if (op == TRACE_CLOSE)
		process_set_plain(th->process, fd, false);
	return s;
}

bool
tracer_begin(struct tracer *t, struct thread *th, enum trace_op op,
    const uint64_t args[6])
{
	struct tsock *s = NULL;

	t->copies |= op == TRACE_DUP;
	th->copying = copies_descriptors(op);
	if (!t->started || op == TRACE_DUP || op == TRACE_NONE ||
	    (op == TRACE_SOCKET && !tsocks_shows((int)args[0])))
		return th->copying;
	/* Of interest where it waits (not only looks), and for sockets. */
	if (op == TRACE_EPOLL_WAIT &&
	    ((int)args[3] == 0 || !tsocks_any(t->socks)))
		return false;
	if (op != TRACE_SOCKET && op != TRACE_EPOLL_WAIT) {
		s = find_sock(t, th, op, (int)args[0]);
		if (s == NULL)
			return th->copying; /* a file, a pipe */
	}
	th->op = op;
	memcpy(th->args, args, sizeof th->args);
	if (is_library_call(th, s)) {
		s->hidden = true;
		return false;
	}
	begin_call(t, th, s);
	if (s != NULL)
		tell_made(t, th, s);
	return true;
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
	pid_t pids[TRACER_PROCESSES];
	size_t n = t->copies ? tracer_processes(t, 0, pids) : 0;

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

	process_set_plain(th->process, (int)c->result, s == NULL);
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

/* True: the call is kept, to be told with the next one. */
static bool
hold_back(struct tsock *s, struct thread *th)
{
	if (th->call.kind != CALL_SOCKET || s->domain != AF_UNIX)
		return false;
	s->made = malloc(sizeof *s->made);
	if (s->made == NULL)
		return false;
	th->busy = false;
	th->call.phase = CALL_DONE;
	*s->made = th->call;
	return true;
}

void
tracer_end(struct tracer *t, struct thread *th, int64_t rval)
{
	struct trace_mem m = {read_memory, &th->tid};
	struct call *c = &th->call;
	struct tsock *s = th->sock;

	trace_exit(th->op, th->args, rval, &m, c);
	if (c->error == 0 && (c->kind == CALL_SOCKET || c->kind == CALL_ACCEPT))
		s = meet(t, th, c);
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
	if (s == NULL || !hold_back(s, th))
		finish(t, th);
}

void
tracer_close_orphans(
    struct tracer *t, struct thread *th, const pid_t *pids, size_t count)
{
	size_t it = 0;
	struct tsock *s;

	tsocks_mark_held(t->socks, pids, count);
	while ((s = tsocks_next_orphan(t->socks, &it)) != NULL) {
		struct call c = {
		    .id = t->next_call++,
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
		tracer_tell(t, th, &c);
		forget_sock(t, s);
	}
}
