/*
 * The beginning: a tracer is born, the two agree, the filter goes on.
 */
#include "net/trace.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/trace_decode.h"

#if defined(__x86_64__)
#define OUR_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OUR_ARCH AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define OUR_ARCH AUDIT_ARCH_RISCV64
#else
#define OUR_ARCH 0 /* not traced: see trace_attach() */
#endif

/* What the two tell each other. */
enum step { STEP_FORK, STEP_SEIZE, STEP_READ, STEP_FILTER };
struct answer {
	enum step step;
	int code;
};

/* ---- the filter ---- */

#define FILTER_MAX 160
#define ARG_LOW(n) \
	((uint32_t)offsetof(struct seccomp_data, args) + 8 * (uint32_t)(n))

struct program {
	struct sock_filter at[FILTER_MAX];
	unsigned short len;
};

static void
add(struct program *p, int code, uint32_t k, int jt, int jf)
{
	p->at[p->len++] =
	    (struct sock_filter){(uint16_t)code, (uint8_t)jt, (uint8_t)jf, k};
}

static void
add_return(struct program *p, uint32_t action)
{
	add(p, BPF_RET | BPF_K, action, 0, 0);
}

/*
 * Another architecture (a 32-bit program) has other numbers: it runs untraced.
 * fcntl() matters where it makes a second descriptor.
 */
static void
make_filter(struct program *p)
{
	size_t count;
	const struct trace_number *n = trace_numbers(&count);

	p->len = 0;
	add(p, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch), 0,
	    0);
	add(p, BPF_JMP | BPF_JEQ | BPF_K, OUR_ARCH, 1, 0);
	add_return(p, SECCOMP_RET_ALLOW);
	add(p, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr), 0,
	    0);
	for (size_t i = 0; i < count; i++) {
		bool fcntl = n[i].nr == SYS_fcntl;

		add(p, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)n[i].nr, 0,
		    fcntl ? 5 : 1);
		if (fcntl) {
			add(p, BPF_LD | BPF_W | BPF_ABS, ARG_LOW(1), 0, 0);
			add(p, BPF_JMP | BPF_JEQ | BPF_K, F_DUPFD, 2, 0);
			add(p, BPF_JMP | BPF_JEQ | BPF_K, F_DUPFD_CLOEXEC, 1,
			    0);
			add_return(p, SECCOMP_RET_ALLOW);
		}
		add_return(p, SECCOMP_RET_TRACE);
	}
	add_return(p, SECCOMP_RET_ALLOW);
}

/*
 * Root of this namespace (in the lab: everyone) needs not give up set-user-ID
 * programs for it; others must.
 */
static int
install_filter(void)
{
	struct program p;
	struct sock_fprog prog;

	make_filter(&p);
	prog = (struct sock_fprog){p.len, p.at};
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) == 0)
		return 0;
	if (errno != EACCES || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) < 0
		   ? -errno
		   : 0;
}

/* ---- refusals ---- */

/* The number in a small file of /proc; -1. */
static int
read_number(const char *path, const char *key)
{
	FILE *f = fopen(path, "re");
	char line[128];
	int value = -1;

	while (f != NULL && fgets(line, sizeof line, f) != NULL)
		if (strncmp(line, key, strlen(key)) == 0)
			value = atoi(line + strlen(key));
	if (f != NULL)
		fclose(f);
	return value;
}

static int
explain_seize(int code, struct err *err)
{
	int scope = read_number("/proc/sys/kernel/yama/ptrace_scope", "");
	int other = read_number("/proc/self/status", "TracerPid:");

	if (other > 0)
		return err_set(err, code,
		    "a program can have one tracer, and process %d (a "
		    "debugger, strace) is that already: start sockdeck "
		    "without it",
		    other);
	if (scope == 3)
		return err_set(err, code,
		    "this machine forbids tracing until its next start "
		    "(kernel.yama.ptrace_scope is 3): run the program "
		    "without --trace");
	if (scope == 2)
		return err_set(err, code,
		    "on this machine only root may trace "
		    "(kernel.yama.ptrace_scope is 2): as root, sysctl "
		    "kernel.yama.ptrace_scope=1 permits tracing one's own "
		    "programs");
	return err_set(err, code,
	    "the system refuses ptrace() (%s). In a container its seccomp "
	    "profile may be the reason: docker run --cap-add SYS_PTRACE",
	    err_name(code));
}

static int
explain(struct answer a, struct err *err)
{
	switch (a.step) {
	case STEP_FORK:
		return err_set(err, a.code, "the tracer cannot be started: %s",
		    strerror(-a.code));
	case STEP_SEIZE:
		return explain_seize(a.code, err);
	case STEP_READ:
		return err_set(err, a.code,
		    "the system refuses process_vm_readv() (%s), by which "
		    "the tracer sees addresses and data. In a container: "
		    "docker run --cap-add SYS_PTRACE",
		    err_name(a.code));
	case STEP_FILTER:
		return err_set(err, a.code,
		    "the system refuses a seccomp filter (%s), by which only "
		    "socket calls stop the program: its kernel lacks "
		    "CONFIG_SECCOMP_FILTER, or a container forbids it",
		    err_name(a.code));
	}
	return a.code;
}

/* ---- the tracer's side ---- */

/* Nothing of the program's that somebody may wait for the end of. */
static void
settle_descriptors(int fd, int keep_fd)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	unsigned low = (unsigned)(fd < keep_fd || keep_fd < 0 ? fd : keep_fd);
	unsigned high = (unsigned)(fd > keep_fd ? fd : keep_fd);

	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	if (keep_fd < 0)
		high = low;
	else
		dup2(null, STDERR_FILENO);
	if (low > STDERR_FILENO + 1)
		close_range(STDERR_FILENO + 1, low - 1, 0);
	if (high > low + 1)
		close_range(low + 1, high - 1, 0);
	close_range(high + 1, ~0U, 0);
}

static void
settle_signals(void)
{
	static const int ignored[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGPIPE,
	    SIGTSTP, SIGTTIN, SIGTTOU, SIGUSR1, SIGUSR2};
	sigset_t none;

	for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
		signal(ignored[i], SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* This program's memory is the tracer's own, copied by fork(). */
static int
probe_memory(pid_t program)
{
	static const char mark = 'm';
	char byte = 0;
	struct iovec own = {&byte, 1};
	struct iovec other = {(void *)(uintptr_t)&mark, 1};

	return process_vm_readv(program, &own, 1, &other, 1, 0) == 1 ? 0
								     : -errno;
}

static _Noreturn void
tracer(pid_t program, int fd, const struct trace_sink *sink)
{
	struct answer a = {STEP_SEIZE, 0};
	pid_t self = getpid();
	char go;

	setsid();
	settle_signals();
	settle_descriptors(fd, sink->keep_fd);
	prctl(PR_SET_NAME, "sockdeck-trace");
	/* It permits us by our number (Yama), and then says so. */
	if (send(fd, &self, sizeof self, MSG_NOSIGNAL) < 0 ||
	    recv(fd, &go, 1, 0) != 1)
		_exit(1);
	a.code = tracer_seize(program);
	if (a.code == 0)
		a = (struct answer){STEP_READ, probe_memory(program)};
	send(fd, &a, sizeof a, MSG_NOSIGNAL);
	close(fd);
	if (a.code == 0)
		tracer_run(program, sink);
	_exit(0);
}

/* ---- the program's side ---- */

/* A grandchild: the program is to have no child that it does not know. */
static int
start(int fd, int own_fd, const struct trace_sink *sink)
{
	pid_t program = getpid(), child = fork();

	if (child < 0)
		return -errno;
	if (child == 0) {
		pid_t grandchild = fork();

		if (grandchild == 0) {
			close(own_fd);
			tracer(program, fd, sink);
		}
		_exit(grandchild < 0 ? errno : 0);
	}
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
	return 0;
}

static struct answer
agree(int fd)
{
	struct answer a = {STEP_FORK, -ECHILD};
	pid_t tracer_pid;

	if (recv(fd, &tracer_pid, sizeof tracer_pid, 0) !=
	    (ssize_t)sizeof tracer_pid)
		return a;
	prctl(PR_SET_PTRACER, (unsigned long)tracer_pid, 0, 0, 0);
	if (send(fd, "", 1, MSG_NOSIGNAL) == 1 &&
	    recv(fd, &a, sizeof a, 0) != (ssize_t)sizeof a)
		a = (struct answer){STEP_FORK, -ECHILD};
	return a;
}

int
trace_attach(const struct trace_sink *sink, struct err *err)
{
	struct answer a = {STEP_FORK, 0};
	int pair[2];

	if (OUR_ARCH == 0)
		return err_set(err, -ENOSYS,
		    "tracing is known for x86_64, aarch64 and riscv64 only");
	/* A process that changed its user or namespace is not dumpable, and
	 * such a one may not be traced. */
	prctl(PR_SET_DUMPABLE, 1);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return explain((struct answer){STEP_FORK, -errno}, err);
	a.code = start(pair[1], pair[0], sink);
	close(pair[1]);
	if (a.code == 0)
		a = agree(pair[0]);
	close(pair[0]);
	if (a.code == 0)
		a = (struct answer){STEP_FILTER, install_filter()};
	return a.code < 0 ? explain(a, err) : 0;
}
