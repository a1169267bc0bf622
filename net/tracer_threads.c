/*
 * The tracer's threads: who is followed, and which process each belongs to.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/tracer_impl.h"

#define THREADS_MAX 32768

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

/* ---- processes ---- */

static struct process *
join_process(const struct tracer *t, pid_t pid)
{
	struct process *p = NULL;

	for (size_t i = 0; i < t->count && p == NULL; i++)
		if (t->threads[i]->pid == pid)
			p = t->threads[i]->process;
	if (p == NULL)
		p = calloc(1, sizeof *p);
	if (p == NULL)
		return NULL;
	p->pid = pid;
	p->threads++;
	return p;
}

static void
leave_process(struct process *p)
{
	if (p != NULL && --p->threads == 0)
		free(p);
}

bool
process_is_plain(const struct process *p, int fd)
{
	return fd >= 0 && fd < PLAIN_FDS &&
	       (p->plain[fd / 64] >> (fd % 64) & 1) != 0;
}

void
process_set_plain(struct process *p, int fd, bool plain)
{
	uint64_t bit = UINT64_C(1) << (fd % 64 & 63);

	if (fd < 0 || fd >= PLAIN_FDS)
		return;
	if (plain)
		p->plain[fd / 64] |= bit;
	else
		p->plain[fd / 64] &= ~bit;
}

void
process_forget_plain(struct process *p)
{
	memset(p->plain, 0, sizeof p->plain);
}

/* ---- threads ---- */

struct thread *
tracer_thread(struct tracer *t, pid_t tid)
{
	struct thread *th = tracer_known(t, tid);

	if (th != NULL)
		return th;
	th = calloc(1, sizeof *th);
	if (th == NULL)
		return NULL;
	th->tid = tid;
	th->pid = process_of(tid);
	th->process = join_process(t, th->pid);
	if (th->process == NULL || !grow(t) ||
	    map_put(t->by_tid, &tid, (uint32_t)t->count) < 0) {
		leave_process(th->process);
		free(th);
		return NULL;
	}
	t->copies |= th->pid != t->program;
	t->threads[t->count++] = th;
	return th;
}

struct thread *
tracer_known(const struct tracer *t, pid_t tid)
{
	uint32_t at;

	return map_get(t->by_tid, &tid, &at) ? t->threads[at] : NULL;
}

void
tracer_drop(struct tracer *t, pid_t tid)
{
	uint32_t at;

	if (!map_get(t->by_tid, &tid, &at))
		return;
	leave_process(t->threads[at]->process);
	free(t->threads[at]);
	map_del(t->by_tid, &tid);
	t->threads[at] = t->threads[--t->count];
	if (at < t->count) /* replacing needs no memory */
		map_put(t->by_tid, &t->threads[at]->tid, at);
}

size_t
tracer_threads_in(const struct tracer *t, pid_t pid)
{
	size_t n = 0;

	for (size_t i = 0; i < t->count; i++)
		n += t->threads[i]->pid == pid;
	return n;
}

size_t
tracer_processes(
    const struct tracer *t, pid_t except, pid_t pids[TRACER_PROCESSES])
{
	size_t n = 0;

	for (size_t i = 0; i < t->count && n < TRACER_PROCESSES; i++)
		if (t->threads[i]->tid == t->threads[i]->pid &&
		    t->threads[i]->pid != except)
			pids[n++] = t->threads[i]->pid;
	return n;
}
