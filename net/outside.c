#include "net/outside.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/base/buf.h"
#include "net/base/bytes.h"
#include "net/base/map.h"
#include "net/outside_work.h"

#define HOLDERS_MAX 262144
#define PIECE_MAX 65536

/*
 * A request is one byte; the answer is the number of entries (32 bits, little
 * endian, as all of it) and, for each, inode, PID and name.
 */
#define REQUEST_MAP 'm'
#define HEAD_SIZE 4
#define ENTRY_SIZE (4 + 4 + PROC_NAME_MAX)

struct entry {
	uint32_t inode;
	struct proc_holder holder;
};

struct holders {
	struct map *by_inode; /* to an index of at */
	struct entry *at;
	size_t count, cap;
};

struct outside {
	int fd; /* -1: no process behind it */
	int work_fd; /* where other requests go; or -1 */
	pid_t pid;
	bool asked;
	struct buf answer; /* what has come of it */
	struct holders now;
	uint64_t gen;
};

/* ---------------------------------------------------------------- holders */

static int
holders_init(struct holders *h)
{
	*h = (struct holders){.by_inode = map_new(sizeof(uint32_t))};
	return h->by_inode != NULL ? 0 : -ENOMEM;
}

static void
holders_done(struct holders *h)
{
	map_free(h->by_inode);
	free(h->at);
}

static int
holders_grow(struct holders *h)
{
	size_t cap = h->cap != 0 ? h->cap * 2 : 256;
	struct entry *at = reallocarray(h->at, cap, sizeof *at);

	if (at == NULL)
		return -ENOMEM;
	h->at = at;
	h->cap = cap;
	return 0;
}

/* The first that holds an inode stays: /proc lists processes by PID, and the
 * older one is the one that made the socket. */
static int
holders_add(struct holders *h, uint32_t inode, const struct proc_holder *p)
{
	uint32_t have;
	int rc = 0;

	if (h->count == HOLDERS_MAX || map_get(h->by_inode, &inode, &have))
		return 0;
	if (h->count == h->cap)
		rc = holders_grow(h);
	if (rc == 0)
		rc = map_put(h->by_inode, &inode, (uint32_t)h->count);
	if (rc < 0)
		return rc;
	h->at[h->count++] = (struct entry){inode, *p};
	return 0;
}

static bool
holders_equal(const struct holders *a, const struct holders *b)
{
	return a->count == b->count &&
	       (a->count == 0 ||
		   memcmp(a->at, b->at, a->count * sizeof *a->at) == 0);
}

/* ----------------------------------------------------------- reading /proc */

/* The inode of a descriptor's link "socket:[123]"; 0: no socket. */
static uint32_t
socket_inode(int fd_dir, const char *name)
{
	static const char prefix[] = "socket:[";
	char link[64];
	ssize_t n = readlinkat(fd_dir, name, link, sizeof link - 1);

	if (n < (ssize_t)sizeof prefix ||
	    memcmp(link, prefix, sizeof prefix - 1) != 0)
		return 0;
	link[n] = '\0';
	return (uint32_t)strtoul(link + sizeof prefix - 1, NULL, 10);
}

static void
read_name(int proc, pid_t pid, char name[PROC_NAME_MAX])
{
	char path[32], text[PROC_NAME_MAX + 1];
	ssize_t n = -1;
	int fd;

	snprintf(path, sizeof path, "%d/comm", pid);
	fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, text, sizeof text);
		close(fd);
	}
	memset(name, 0, PROC_NAME_MAX);
	if (n > 1) /* the last byte is a line feed */
		memcpy(name, text, (size_t)n - 1);
	name[PROC_NAME_MAX - 1] = '\0';
}

/* All sockets of one process; one that may not be read has none. */
static int
scan_process(struct holders *h, int proc, pid_t pid)
{
	struct proc_holder p = {.pid = pid};
	struct dirent *entry;
	char path[32];
	DIR *fds;
	int fd, rc = 0;

	snprintf(path, sizeof path, "%d/fd", pid);
	fd = openat(proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	fds = fdopendir(fd);
	if (fds == NULL) {
		close(fd);
		return -ENOMEM;
	}
	while (rc == 0 && (entry = readdir(fds)) != NULL) {
		uint32_t inode = socket_inode(fd, entry->d_name);

		if (inode == 0)
			continue;
		if (p.name[0] == '\0')
			read_name(proc, pid, p.name);
		rc = holders_add(h, inode, &p);
	}
	closedir(fds);
	return rc;
}

static int
scan(struct holders *h)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	int rc = 0;

	if (proc == NULL)
		return -errno;
	while (rc == 0 && (entry = readdir(proc)) != NULL) {
		pid_t pid = atoi(entry->d_name);

		if (pid > 0)
			rc = scan_process(h, dirfd(proc), pid);
	}
	closedir(proc);
	return rc;
}

/* -------------------------------------------------------------- the helper */

static int
send_all(int fd, const uint8_t *p, size_t n)
{
	while (n > 0) {
		ssize_t did = send(fd, p, n, MSG_NOSIGNAL);

		if (did < 0 && errno == EINTR)
			continue;
		if (did < 0)
			return -errno;
		p += did;
		n -= (size_t)did;
	}
	return 0;
}

static int
send_holders(int fd, const struct holders *h)
{
	size_t size = HEAD_SIZE + h->count * ENTRY_SIZE;
	uint8_t *message = malloc(size);
	struct wr w = wr_init(message, size);
	int rc;

	if (message == NULL)
		return -ENOMEM;
	wr_le32(&w, (uint32_t)h->count);
	for (size_t i = 0; i < h->count; i++) {
		wr_le32(&w, h->at[i].inode);
		wr_le32(&w, (uint32_t)h->at[i].holder.pid);
		wr_bytes(&w, h->at[i].holder.name, PROC_NAME_MAX);
	}
	rc = send_all(fd, message, size);
	free(message);
	return rc;
}

/* A map is asked for. 0, or -errno. */
static int
give_map(int fd)
{
	struct holders h;
	char request;
	ssize_t n = read(fd, &request, 1);
	int rc;

	if (n < 0 && errno == EINTR)
		return 0;
	if (n <= 0 || request != REQUEST_MAP)
		return -EPIPE;
	rc = holders_init(&h);
	if (rc == 0 && (rc = scan(&h)) == 0)
		rc = send_holders(fd, &h);
	holders_done(&h);
	return rc;
}

/* Answer requests until the console is gone. */
static void
serve(int fd, int work_fd, outside_work *work)
{
	struct pollfd fds[] = {
	    {.fd = fd, .events = POLLIN}, {.fd = work_fd, .events = POLLIN}};
	int rc = 0;

	while (rc == 0) {
		if (poll(fds, 2, -1) < 0)
			continue; /* a signal */
		if (fds[0].revents != 0)
			rc = give_map(fd);
		if (rc == 0 && fds[1].revents != 0)
			rc = work_take(work_fd, work);
	}
}

/*
 * Keys for the console (^C, ^Z) reach its whole process group, and a lost
 * terminal hangs up on it: the helper outlives them and ends when its socket
 * does.
 */
static void
settle_signals(void)
{
	static const int ignored[] = {SIGINT, SIGQUIT, SIGTSTP, SIGTTIN,
	    SIGTTOU, SIGHUP, SIGPIPE, SIGALRM, SIGUSR1, SIGUSR2};
	sigset_t none;

	for (int s = 1; s < NSIG; s++)
		signal(s, SIG_DFL);
	signal(SIGCHLD, SIG_IGN); /* nobody waits for a worker */
	for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
		signal(ignored[i], SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* The helper keeps nothing of the console but its two sockets. */
static void
settle_descriptors(int fd[2])
{
	enum { FIRST = STDERR_FILENO + 1, FREE = FIRST + 2 };
	int null = open("/dev/null", O_RDWR);

	/* Out of the way first: they may stand where the other is to go. */
	fd[0] = fcntl(fd[0], F_DUPFD, FREE);
	fd[1] = fcntl(fd[1], F_DUPFD, FREE);
	for (int i = 0; i <= STDERR_FILENO; i++)
		dup2(null, i);
	for (int i = 0; i < 2; i++)
		fd[i] = dup2(fd[i], FIRST + i);
	close_range(FREE, ~0U, 0);
}

static _Noreturn void
helper(int fd[2], outside_work *work, pid_t console)
{
	settle_signals();
	prctl(PR_SET_NAME, "sockdeck-out");
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* It may have died before it was asked for. */
	if (getppid() == console) {
		settle_descriptors(fd);
		serve(fd[0], fd[1], work);
	}
	_exit(0);
}

/* ------------------------------------------------------------- the console */

static struct outside *
new_outside(void)
{
	struct outside *o = calloc(1, sizeof *o);

	if (o == NULL)
		return NULL;
	o->fd = o->work_fd = -1;
	buf_init(&o->answer, HEAD_SIZE + (size_t)HOLDERS_MAX * ENTRY_SIZE);
	if (holders_init(&o->now) < 0) {
		outside_free(o);
		return NULL;
	}
	return o;
}

static int
start(struct outside *o, outside_work *work)
{
	int map[2], other[2];
	pid_t console = getpid();

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, map) < 0)
		return -errno;
	o->fd = map[0];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, other) < 0) {
		close(map[1]);
		return -errno;
	}
	o->work_fd = other[0];
	o->pid = fork();
	if (o->pid == 0)
		helper((int[2]){map[1], other[1]}, work, console);
	close(map[1]);
	close(other[1]);
	return o->pid < 0 ? -errno : 0;
}

int
outside_start(outside_work *work, struct outside **ret, struct err *err)
{
	struct outside *o = new_outside();
	int rc = o == NULL ? -ENOMEM : start(o, work);

	if (rc < 0) {
		outside_free(o);
		return err_set(err, rc,
		    "The process that looks at /proc cannot be started (%s): "
		    "sockets are shown without their programs",
		    err_name(rc));
	}
	*ret = o;
	return 0;
}

int
outside_scan_now(struct outside **ret, struct err *err)
{
	struct outside *o = new_outside();
	int rc = o == NULL ? -ENOMEM : scan(&o->now);

	if (rc < 0) {
		outside_free(o);
		return err_set(err, rc,
		    "/proc cannot be read (%s): sockets are shown without "
		    "their programs",
		    err_name(rc));
	}
	o->gen = 1;
	*ret = o;
	return 0;
}

void
outside_free(struct outside *o)
{
	if (o == NULL)
		return;
	if (o->fd >= 0)
		close(o->fd);
	if (o->work_fd >= 0)
		close(o->work_fd);
	if (o->pid > 0) {
		kill(o->pid, SIGKILL); /* it may be amid a long scan */
		while (waitpid(o->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	buf_done(&o->answer);
	holders_done(&o->now);
	free(o);
}

int
outside_fd(const struct outside *o)
{
	return o->fd;
}

pid_t
outside_pid(const struct outside *o)
{
	return o->pid > 0 ? o->pid : 0;
}

int
outside_work_fd(const struct outside *o)
{
	return o->work_fd;
}

void
outside_refresh(struct outside *o)
{
	static const char request = REQUEST_MAP;

	if (o->asked || o->fd < 0)
		return;
	o->asked = send(o->fd, &request, 1, MSG_DONTWAIT | MSG_NOSIGNAL) == 1;
}

/* Build the new map from a complete answer. */
static int
take_answer(struct outside *o)
{
	struct rd r = rd_init(o->answer.data, o->answer.len, o->answer.len);
	uint32_t count = rd_le32(&r);
	struct holders h;
	int rc = holders_init(&h);

	for (uint32_t i = 0; rc == 0 && i < count; i++) {
		struct proc_holder p;
		uint32_t inode = rd_le32(&r);

		p.pid = (pid_t)rd_le32(&r);
		rd_copy(&r, p.name, sizeof p.name);
		p.name[PROC_NAME_MAX - 1] = '\0';
		rc = holders_add(&h, inode, &p);
	}
	if (rc < 0) {
		holders_done(&h);
		return rc;
	}
	if (!holders_equal(&o->now, &h))
		o->gen++;
	holders_done(&o->now);
	o->now = h;
	return 1;
}

/* Bytes of the answer that are still to come; 0: it is complete. */
static size_t
answer_left(const struct outside *o)
{
	struct rd r;

	if (o->answer.len < HEAD_SIZE)
		return HEAD_SIZE - o->answer.len;
	r = rd_init(o->answer.data, o->answer.len, o->answer.len);
	return HEAD_SIZE + (size_t)rd_le32(&r) * ENTRY_SIZE - o->answer.len;
}

int
outside_read(struct outside *o)
{
	uint8_t piece[PIECE_MAX];
	size_t left = answer_left(o);
	ssize_t n = recv(
	    o->fd, piece, left < PIECE_MAX ? left : PIECE_MAX, MSG_DONTWAIT);
	int rc;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0) {
		int error = n < 0 ? -errno : -EPIPE;

		/* Other threads may be about to ask it something, so what is
		 * left of it stays; they will be refused. */
		close(o->fd);
		o->fd = -1;
		return error;
	}
	buf_add(&o->answer, piece, (size_t)n);
	if (o->answer.full)
		return -ENOMEM;
	if (answer_left(o) > 0)
		return 0;
	rc = take_answer(o);
	buf_clear(&o->answer);
	o->asked = false;
	return rc;
}

const struct proc_holder *
outside_holder(const struct outside *o, uint32_t inode)
{
	uint32_t i;

	return map_get(o->now.by_inode, &inode, &i) ? &o->now.at[i].holder
						    : NULL;
}

uint64_t
outside_gen(const struct outside *o)
{
	return o->gen;
}
