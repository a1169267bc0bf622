#include <errno.h>
#include <getopt.h>
#include <linux/capability.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "net/base/clock.h"
#include "net/base/text.h"
#include "net/callfmt.h"
#include "net/lab.h"
#include "net/trace.h"
#include "net/trace_link.h"
#include "tui/cli.h"

#define LABS_MAX 64
#define PATH_TRY_MAX 4096
/* When a call counts as waiting, and gets a line before it returns. */
#define LISTING_PATIENCE_MS 100
/* How long the console may know nothing of a call. */
#define LINK_PATIENCE_MS 5

/* As a shell says it: the command is not there, or may not be run. */
enum { EXIT_NOT_EXECUTABLE = 126, EXIT_NOT_FOUND = 127 };

static const struct option long_options[] = {
    {"lab", required_argument, NULL, 'l'},
    {"host", no_argument, NULL, 'H'},
    {"root", no_argument, NULL, 'R'},
    {"trace", no_argument, NULL, 't'},
    {"print", no_argument, NULL, 'p'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static bool
parse_pid(const char *text, pid_t *ret)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(text, &end, 10);
	if (errno != 0 || *end != '\0' || n <= 0 || n > 0x7fffffff)
		return false;
	*ret = (pid_t)n;
	return true;
}

/* ---- the listing, on standard error, inside the tracer ---- */

struct listing {
	int64_t start_ns;
	const char *program;
};

/* One write() for each line: the program's own output stands between them. */
static void
list_line(const struct listing *l, const struct call *c, const char *text)
{
	char line[4 * CALL_DATA_MAX + 4 * CALLFMT_MAX + 64], fd[16] = "";
	int64_t us = (c->begin_ns - l->start_ns) / CLOCK_US;
	int n;

	if (c->kind != CALL_SOCKET && c->fd >= 0)
		snprintf(fd, sizeof fd, "%d", c->fd);
	n = snprintf(line, sizeof line, "%4lld.%06lld T%-3u %3s  %s\n",
	    (long long)(us / 1000000), (long long)(us % 1000000), c->actor, fd,
	    text);
	if (n > 0 && (size_t)n < sizeof line &&
	    write(STDERR_FILENO, line, (size_t)n) < 0)
		return; /* nobody listens: the program goes on */
}

static void
list_call(void *arg, const struct call *c)
{
	const struct listing *l = arg;
	char call[CALLFMT_MAX], data[4 * CALL_DATA_MAX + 1];
	char text[4 * CALL_DATA_MAX + 4 * CALLFMT_MAX];
	size_t n;

	if (c->phase != CALL_DONE)
		callfmt_args(call, c);
	else
		callfmt(call, c);
	n = text_escape(
	    text, sizeof text - sizeof data - 8, call, strlen(call));
	n = strlen(text);
	if (c->phase != CALL_DONE) {
		snprintf(text + n, sizeof text - n, " ... waits");
	} else if (callfmt_has_data(c)) {
		text_escape(data, sizeof data, c->data, c->data_len);
		snprintf(text + n, sizeof text - n, "  \"%s\"%s", data,
		    c->result > c->data_len ? "..." : "");
	}
	list_line(l, c, text);
}

static void
list_end(void *arg, int status)
{
	const struct listing *l = arg;
	char name[128];

	text_escape(name, sizeof name, l->program, strlen(l->program));
	if (WIFSIGNALED(status))
		fprintf(stderr, "sockdeck: %s was ended by SIG%s\n", name,
		    sigabbrev_np(WTERMSIG(status)));
	else
		fprintf(stderr, "sockdeck: %s ended, exit status %d\n", name,
		    WEXITSTATUS(status));
}

/* ---- the command ---- */

/* Where execvp() will find it; false: nowhere. */
static bool
find_program(const char *name, char dst[PATH_TRY_MAX])
{
	const char *path = getenv("PATH");

	if (strchr(name, '/') != NULL)
		return snprintf(dst, PATH_TRY_MAX, "%s", name) < PATH_TRY_MAX;
	while (path != NULL && *path != '\0') {
		size_t n = strcspn(path, ":");

		if (snprintf(dst, PATH_TRY_MAX, "%.*s/%s", (int)n, path, name) <
			PATH_TRY_MAX &&
		    access(dst, X_OK) == 0)
			return true;
		path += n + (path[n] == ':');
	}
	return false;
}

/* A traced program gets no rights that its starter has not. */
static void
warn_of_lost_rights(const char *name)
{
	char path[PATH_TRY_MAX];
	struct stat st;

	if (geteuid() == 0 || !find_program(name, path) || stat(path, &st) < 0)
		return;
	if ((st.st_mode & (S_ISUID | S_ISGID)) != 0 ||
	    getxattr(path, "security.capability", NULL, 0) > 0)
		cli_fail("%s has rights of its own (set-user-ID or "
			 "capabilities), which the kernel withholds while it "
			 "is traced: it may fail",
		    name);
}

static int
run_command(char **command)
{
	char path[PATH_TRY_MAX];
	int error;

	execvp(command[0], command);
	/* EACCES may only say that a directory of PATH is closed to us. */
	error =
	    errno == EACCES && !find_program(command[0], path) ? ENOENT : errno;
	cli_fail("cannot run %s: %s", command[0], strerror(error));
	return error == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
}

/* What the command line asks for. */
struct request {
	pid_t lab; /* 0: the newest, or none */
	const char *place; /* a host of it; NULL: the first */
	int netns; /* of that host; -1: where we are then */
	bool host, trace, print, root;
	char **command;
};

/* Into a console where there is one, else onto standard error. */
static int
attach(const struct request *r, struct err *err)
{
	struct listing list = {clock_now_ns(), r->command[0]};
	struct trace_sink sink = {
	    .on_call = list_call,
	    .on_end = list_end,
	    .patience_ms = LISTING_PATIENCE_MS,
	    .keep_fd = -1,
	    .arg = &list,
	};
	struct trace_link *link = NULL;
	int rc = r->print ? -ENOENT
			  : trace_link_open(r->lab, r->command, &link, err);

	if (rc < 0 && rc != -ENOENT)
		return rc;
	if (rc == 0)
		sink = (struct trace_sink){
		    .on_call = trace_link_call,
		    .on_rest = trace_link_rest,
		    .on_end = trace_link_end,
		    .patience_ms = LINK_PATIENCE_MS,
		    .keep_fd = trace_link_fd(link),
		    .arg = link,
		};
	warn_of_lost_rights(r->command[0]);
	rc = trace_attach(&sink, err);
	trace_link_free(link);
	return rc;
}

/* The newest lab: r->lab becomes its process. */
static int
choose_lab(struct request *r, struct err *err)
{
	struct lab_info labs[LABS_MAX];
	size_t n;

	if (lab_here())
		return err_set(err, -EEXIST,
		    "this shell is on a host of the lab already: start the "
		    "program without `sockdeck exec`, or from another "
		    "terminal");
	n = lab_list(labs, LABS_MAX);
	if (n == 0)
		return err_set(err, -ENOENT, CLI_NO_LAB);
	r->lab = labs[n - 1].pid;
	if (n > 1)
		fprintf(stderr,
		    "sockdeck: %zu labs are running; this is the newest, "
		    "--lab %d (the one before: --lab %d)\n",
		    n, (int)r->lab, (int)labs[n - 2].pid);
	return 0;
}

/* Its programs know the hosts by name. Without, they still have addresses. */
static void
name_hosts(const struct lab_info *lab)
{
	char *names = lab_names(lab);
	int rc = names != NULL ? lab_names_show(names) : -ENOMEM;

	free(names);
	if (rc < 0)
		fputs(LAB_NAMELESS, stderr);
}

/* Into the lab that is asked for. */
static int
join(struct request *r, struct err *err)
{
	struct lab_info lab;
	int rc = 0;

	if (r->host)
		return 0;
	if (r->lab == 0)
		rc = choose_lab(r, err);
	if (rc < 0)
		return r->trace && r->place == NULL ? 0 : rc;
	rc = lab_read(r->lab, &lab, err);
	if (rc == 0 && r->place != NULL)
		rc = r->netns = lab_open_host(&lab, r->place, err);
	if (rc >= 0)
		rc = lab_join(r->lab, err);
	if (rc == 0)
		name_hosts(&lab);
	return rc;
}

/*
 * Whoever enters a user namespace has every right in it, and loses them by
 * execve(2) unless they are ambient (capabilities(7)). It is a right over the
 * lab, and over nothing outside.
 */
static void
keep_rights(void)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct all[2];

	if (syscall(SYS_capget, &head, all) < 0)
		return;
	for (int i = 0; i < 2; i++)
		all[i].inheritable = all[i].permitted;
	if (syscall(SYS_capset, &head, all) < 0)
		return;
	for (unsigned long cap = 0; cap <= CAP_LAST_CAP; cap++)
		prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0UL, 0UL);
}

/* ---- the end of the lab ---- */

/* Standard error is the program's own; nothing else of it is kept open. */
static _Noreturn void
herald(int console, int program, const char *name)
{
	struct pollfd ends[] = {
	    {STDIN_FILENO, POLLIN, 0}, {STDOUT_FILENO, POLLIN, 0}};
	sigset_t all;

	setsid();
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	prctl(PR_SET_NAME, "sockdeck-exec");
	if (dup2(console, ends[0].fd) < 0 || dup2(program, ends[1].fd) < 0 ||
	    close_range(STDERR_FILENO + 1, ~0U, 0) < 0)
		_exit(1);
	while (poll(ends, 2, -1) < 0 && errno == EINTR)
		;
	if (ends[0].revents != 0)
		cli_fail("the lab has ended, and with it %s", name);
	_exit(0);
}

/*
 * The lab ends who is in it when its console goes (net/lab.h); somebody should
 * say why. That is a grandchild, and we become the program: so the program has
 * no child that it does not know, and its exit status, its stops and its
 * terminal are its own.
 */
static void
announce_end(pid_t console, const char *name)
{
	int ends[] = {pidfd_open(console, 0), pidfd_open(getpid(), 0)};
	pid_t child = ends[0] >= 0 && ends[1] >= 0 ? fork() : -1;

	if (child == 0) {
		if (fork() == 0)
			herald(ends[0], ends[1], name);
		_exit(0);
	}
	if (child > 0)
		while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
			;
	for (int i = 0; i < 2; i++)
		if (ends[i] >= 0)
			close(ends[i]);
}

/* The console listens on the first host, so the way to it is opened there, and
 * the other host entered last. */
static int
prepare(struct request *r, struct err *err)
{
	int rc = join(r, err);

	/* Before the tracer, which would follow it. */
	if (rc == 0 && r->lab != 0)
		announce_end(r->lab, r->command[0]);
	if (rc == 0 && r->trace)
		rc = attach(r, err);
	if (rc == 0 && r->netns >= 0 && setns(r->netns, CLONE_NEWNET) < 0)
		rc = lab_explain(LAB_JOIN, -errno, err);
	if (r->netns >= 0)
		close(r->netns);
	if (rc == 0 && r->root && !r->host)
		keep_rights();
	return rc;
}

/*
 * [HOST] [options] -- COMMAND...: a word before the "--" is a host. Without a
 * "--" the first word begins the command. Returns where it begins.
 */
static int
find_command(int argc, char **argv, struct request *r)
{
	int dashes = 1;

	while (dashes < argc && strcmp(argv[dashes], "--") != 0)
		dashes++;
	if (dashes == argc || optind >= dashes)
		return optind;
	r->place = argv[optind++];
	return 0;
}

/* 0; or CLI_USAGE; -1: help was asked for. */
static int
parse_option(int c, char **argv, struct request *r)
{
	switch (c) {
	case 'l':
		return parse_pid(optarg, &r->lab)
			   ? 0
			   : cli_usage("exec",
				 "--lab needs the number of a process, not "
				 "\"%s\"",
				 optarg);
	case 'H':
		r->host = true;
		return 0;
	case 'R':
		r->root = true;
		return 0;
	case 'p':
		r->print = true;
		r->trace = true;
		return 0;
	case 't':
		r->trace = true;
		return 0;
	case 'h':
		return -1;
	default:
		return cli_bad_option("exec", c, argv);
	}
}

/* The options, before and behind the name of the host. 0, CLI_USAGE, -1. */
static int
parse(int argc, char **argv, struct request *r)
{
	int c, rc = 0, at = 0;

	opterr = 0;
	while (rc == 0 && at == 0) {
		c = getopt_long(argc, argv, "+:h", long_options, NULL);
		if (c != -1)
			rc = parse_option(c, argv, r);
		else if (r->place == NULL)
			at = find_command(argc, argv, r);
		else
			at = optind;
	}
	r->command = argv + at;
	return rc;
}

int
cli_exec(int argc, char **argv)
{
	struct request r = {.netns = -1};
	struct err err;
	int rc = parse(argc, argv, &r);

	if (rc != 0)
		return rc < 0 ? cli_help("exec") : rc;
	if (r.command[0] == NULL)
		return cli_usage("exec", "exec needs a command to run");
	if (r.host && (r.lab != 0 || r.place != NULL))
		return cli_usage("exec",
		    r.lab != 0
			? "choose one of --lab and --host"
			: "choose one of --host and the name of a lab's host");
	if (prepare(&r, &err) < 0)
		return cli_fail("%s", err.text);
	return run_command(r.command);
}
