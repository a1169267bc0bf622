#include "net/outside_work.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

struct request {
	enum work_kind kind;
	uint8_t data[OUTSIDE_REQUEST_MAX];
};

#define HEAD offsetof(struct request, data)

struct socket_request {
	int domain, type, protocol;
};

/* ---- messages with a descriptor ---- */

/* One message, and a descriptor with it unless that is -1. */
static int
send_with(int to, const void *data, size_t n, int fd)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = {.bytes = {0}};
	struct iovec iov = {.iov_len = n};
	struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1};
	ssize_t did;

	memcpy(&iov.iov_base, &data, sizeof data); /* it is only read */
	if (fd >= 0) {
		struct cmsghdr *c;

		m.msg_control = control.bytes;
		m.msg_controllen = sizeof control.bytes;
		c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof fd);
		memcpy(CMSG_DATA(c), &fd, sizeof fd);
	}
	do
		did = sendmsg(to, &m, MSG_NOSIGNAL);
	while (did < 0 && errno == EINTR);
	return did < 0 ? -errno : 0;
}

/* One message; *ret_fd: the descriptor that came with it, or -1. */
static ssize_t
recv_with(int from, void *data, size_t room, int *ret_fd)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec iov = {.iov_base = data, .iov_len = room};
	struct msghdr m = {.msg_iov = &iov,
	    .msg_iovlen = 1,
	    .msg_control = control.bytes,
	    .msg_controllen = sizeof control.bytes};
	ssize_t n = recvmsg(from, &m, MSG_CMSG_CLOEXEC);
	const struct cmsghdr *c = n < 0 ? NULL : CMSG_FIRSTHDR(&m);

	*ret_fd = -1;
	if (c != NULL && c->cmsg_level == SOL_SOCKET &&
	    c->cmsg_type == SCM_RIGHTS)
		memcpy(ret_fd, CMSG_DATA(c), sizeof *ret_fd);
	return n < 0 ? -errno : n;
}

/* ---- the asking side ---- */

int
work_ask(int fd, enum work_kind kind, const void *request, size_t n)
{
	struct request r = {.kind = kind};
	int pair[2], rc;

	if (n > sizeof r.data)
		return -EMSGSIZE;
	memcpy(r.data, request, n);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	rc = send_with(fd, &r, HEAD + n, pair[1]);
	close(pair[1]);
	if (rc == 0)
		return pair[0];
	close(pair[0]);
	return rc;
}

int
outside_answer(int fd, void *answer, size_t room)
{
	int with;
	ssize_t n = recv_with(fd, answer, room, &with);

	if (with >= 0)
		close(with);
	return (int)n;
}

/* -EINTR: a signal came before the answer did, and the socket does not exist. */
static int
take_socket(int fd)
{
	int error = 0, s;
	ssize_t n = recv_with(fd, &error, sizeof error, &s);

	close(fd);
	if (n == sizeof error && error == 0 && s >= 0)
		return s;
	if (s >= 0)
		close(s);
	return n < 0                             ? (int)n
	       : n == sizeof error && error != 0 ? error
						 : -EPIPE;
}

int
outside_socket(const struct outside *o, int domain, int type, int protocol)
{
	struct socket_request r = {domain, type, protocol};
	int fd = work_ask(outside_work_fd(o), WORK_SOCKET, &r, sizeof r);

	return fd < 0 ? fd : take_socket(fd);
}

int
outside_ask(const struct outside *o, const void *request, size_t n)
{
	return work_ask(outside_work_fd(o), WORK_OTHER, request, n);
}

/* ---- the worker ---- */

static void
give_socket(int fd, const void *request)
{
	struct socket_request r;
	int s, error;

	memcpy(&r, request, sizeof r);
	s = socket(r.domain, r.type, r.protocol);
	error = s < 0 ? -errno : 0;
	send_with(fd, &error, sizeof error, s);
}

void
outside_end_with_asker(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	signal(SIGIO, SIG_DFL); /* it ends the process */
	fcntl(fd, F_SETOWN, getpid());
	fcntl(fd, F_SETFL, O_ASYNC);
	if (poll(&p, 1, 0) > 0) /* gone already */
		_exit(0);
}

static _Noreturn void
run_worker(int fd, const struct request *r, size_t n, outside_work *work)
{
	pid_t helper = getppid();

	signal(SIGPIPE, SIG_IGN);
	prctl(PR_SET_NAME, "sockdeck-work");
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != helper)
		_exit(0);
	if (r->kind == WORK_SOCKET && n == sizeof(struct socket_request))
		give_socket(fd, r->data);
	else if (r->kind == WORK_OTHER && work != NULL)
		work(fd, r->data, n);
	_exit(0);
}

int
work_take(int fd, outside_work *work)
{
	struct request r;
	int answer;
	ssize_t n = recv_with(fd, &r, sizeof r, &answer);

	if (n == -EINTR)
		return 0;
	if (n < (ssize_t)HEAD || answer < 0)
		return n < 0 ? (int)n : -EPIPE;
	if (fork() == 0) {
		close(fd);
		run_worker(answer, &r, (size_t)n - HEAD, work);
	}
	/* Without a process the asker finds the end of file. */
	close(answer);
	return 0;
}
