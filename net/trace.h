/*
 * net/trace.h - a program's own socket calls, recorded as ours are.
 *
 * trace_attach() puts the calling process, and what it will execute, under a
 * tracer: a process of its own, outside of the program's family, session and
 * process group. So the program stays the child of whoever started it: its exit
 * status, its stops and its terminal are its own, and ^C and ^Z reach it and
 * not the tracer. A seccomp filter stops the program only at the calls of
 * net/trace_decode.h; a read(), write() or close() of something else is let go
 * at once. Its children and threads are followed.
 *
 * The filter cannot be taken off again: without a tracer the kernel fails
 * every such call with ENOSYS, read() and write() too. So a program whose
 * tracer is gone could only fail in a riddle, and is killed with it
 * (PTRACE_O_EXITKILL). The tracer therefore ends for one reason only: no
 * traced process is left. It ignores the terminal's and other polite signals,
 * and whoever takes its records may go away.
 *
 * Source: ptrace(2), seccomp(2), pidfd_getfd(2), process_vm_readv(2).
 * Needs:  Linux 5.6; x86_64, aarch64 or riscv64.
 */
#ifndef SOCKDECK_NET_TRACE_H
#define SOCKDECK_NET_TRACE_H

#include "net/base/err.h"
#include "net/call.h"

/*
 * Who takes the records, inside the tracer. Ids of calls, sockets and threads
 * count from 1; group is 0.
 */
struct trace_sink {
	/* A call has ended, or goes on for patience_ms already. The program
	 * waits meanwhile: be quick. */
	void (*on_call)(void *arg, const struct call *c);
	/* At most patience_ms after something was handed over. May be NULL. */
	void (*on_rest)(void *arg);
	/* The program (not a child of it) is about to end, with a status as of
	 * waitpid(2); whoever waits for it does not know yet. */
	void (*on_end)(void *arg, int status);
	int patience_ms;
	int keep_fd; /* what it writes to; -1: standard error */
	void *arg;
};

/*
 * From now on this process is traced; execute the program. Must be called
 * before any thread exists. 0; or -errno with a sentence: nothing is traced.
 */
int trace_attach(const struct trace_sink *sink, struct err *err);

/* ---- for net/trace.c: the tracer itself ---- */

/* Seize the program; 0 or -errno. Until it executes, it would live on if the
 * tracer ended. */
int tracer_seize(pid_t program);
/* Follow it until it and its children have ended. */
void tracer_run(pid_t program, const struct trace_sink *sink);

#endif
