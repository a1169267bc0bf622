/*
 * net/tracer_impl.h - the parts of the tracer, to each other.
 *
 * Invariants:
 *   - A thread has at most one call: `call` is it while `busy`.
 *   - A call that a signal cut short (the kernel's ERESTART codes, which no
 *     program sees) is still the thread's while `again`: the kernel makes it
 *     again with the same registers, or else it has ended with EINTR.
 */
#ifndef SOCKDECK_NET_TRACER_IMPL_H
#define SOCKDECK_NET_TRACER_IMPL_H

#include "net/base/map.h"
#include "net/trace.h"
#include "net/trace_decode.h"
#include "net/trace_socks.h"

#define TRACER_PROCESSES 256 /* that are looked through for a socket */

#define PLAIN_FDS 1024

/*
 * A process: its threads share descriptors. Which of them are no sockets is
 * remembered, since most read() and write() calls are about those; forgotten
 * whenever a call may have changed it.
 */
struct process {
	pid_t pid;
	uint32_t threads;
	uint64_t plain[PLAIN_FDS / 64]; /* bit set: no socket, as of now */
};

struct thread {
	pid_t tid, pid;
	struct process *process;
	uint32_t actor; /* 0: no call of its has been told yet */
	bool busy; /* inside a traced call */
	bool again; /* cut short: see above */
	bool copying; /* inside a call that copies descriptors */
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

/* ---- net/tracer_threads.c ---- */

/* NULL: no room; the thread runs, and is not recorded. */
struct thread *tracer_thread(struct tracer *t, pid_t tid);
/* NULL: not known. */
struct thread *tracer_known(const struct tracer *t, pid_t tid);
void tracer_drop(struct tracer *t, pid_t tid);
size_t tracer_threads_in(const struct tracer *t, pid_t pid);
/* The traced processes but one (0: all of them). */
size_t tracer_processes(
    const struct tracer *t, pid_t except, pid_t pids[TRACER_PROCESSES]);

bool process_is_plain(const struct process *p, int fd);
void process_set_plain(struct process *p, int fd, bool plain);
void process_forget_plain(struct process *p);

/* ---- net/tracer_call.c ---- */

/*
 * The thread is about to make this call. True: it is one to be recorded, and
 * has begun; its end is wanted.
 */
bool tracer_begin(struct tracer *t, struct thread *th, enum trace_op op,
    const uint64_t args[6]);
/* It has returned. */
void tracer_end(struct tracer *t, struct thread *th, int64_t rval);
/* It was cut short by a signal, and is not made again. */
void tracer_interrupted(struct tracer *t, struct thread *th);
/* The kernel has closed, or is about to close, what none of these holds. */
void tracer_close_orphans(
    struct tracer *t, struct thread *th, const pid_t *pids, size_t count);
/* Hand the thread's call over. A thread has its number from the first on: one
 * that makes none to be shown, a shell around the program say, has none. */
void tracer_tell(struct tracer *t, struct thread *th, struct call *c);

#endif
