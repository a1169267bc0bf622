/*
 * tests/e2e/proc.h - a program without a terminal: a peer, or a subcommand.
 *
 * Its standard input, output and error are pipes. As in tests/e2e/rig.h, time
 * passes only inside the calls that take a deadline (ms from now), and a wait
 * that fails prints what the program has said to stderr.
 *
 * Owns:   the program, its HOME.  Bounds: 64 MB kept of its output.
 * Thread: the one of the test.
 */
#ifndef SOCKDECK_TESTS_E2E_PROC_H
#define SOCKDECK_TESTS_E2E_PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "tests/e2e/start.h"

struct proc;

struct proc *proc_start(const struct start_opts *opts);
/* Kill the program if it still runs. NULL is fine. */
void proc_free(struct proc *p);

/* Write all to its standard input, reading meanwhile. False: it takes no more. */
bool proc_write(struct proc *p, const void *data, size_t n, int ms);
void proc_close_stdin(struct proc *p);
void proc_kill(struct proc *p, int sig);

/* Text appears in its output or error, unless it has already. */
bool proc_wait_for(struct proc *p, const char *text, int ms);
/* It ended, and all was read: exit status, 128 + signal; -1: deadline. */
int proc_wait_exit(struct proc *p, int ms);

/* What it has written; a NUL stands behind it. Until the next call. */
const char *proc_output(struct proc *p, size_t *ret_len /* may be NULL */);
const char *proc_errors(struct proc *p);
pid_t proc_pid(const struct proc *p);

/* Start, feed input (or NULL), close it, wait: the whole life of a command. */
struct proc *proc_run(
    const struct start_opts *opts, const char *input, int ms, int *ret_status);

#endif
