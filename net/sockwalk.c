#include "net/sockwalk.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/base/clock.h"
#include "net/btproc.h"
#include "net/sockdiag.h"

/* The kernel fills no more than this with one answer (netlink_dump()). */
#define PIECE_MAX 32768

struct sockwalk {
	struct mnl_socket *nl;
	char proc[32]; /* where Bluetooth's sockets are listed */
	struct sockfilter filter;
	sockwalk_row *row;
	void *arg;
	bool running, interrupted;
	enum sockdiag_kind kind; /* asked for */
	unsigned answered; /* kinds that the kernel has */
	uint32_t seq;
	union {
		struct nlmsghdr first;
		uint8_t bytes[PIECE_MAX];
	} piece;
};

static int
fail(struct sockwalk *w, int rc, struct err *err)
{
	w->running = false;
	return err_set(err, rc,
	    "The kernel's table of %s sockets cannot be read (%s)",
	    sockdiag_name(w->kind), err_name(rc));
}

/* Ask for this kind, or the next one that is wanted. 0: asked; 1: there is no
 * other; -errno. */
static int
ask(struct sockwalk *w, enum sockdiag_kind kind)
{
	_Alignas(struct nlmsghdr) uint8_t request[SOCKDIAG_REQUEST_MAX];

	for (; kind < SOCKDIAG_KINDS; kind++) {
		size_t n =
		    sockdiag_request(request, kind, &w->filter, w->seq + 1);

		if (n == 0)
			continue;
		w->kind = kind;
		w->seq++;
		return mnl_socket_sendto(w->nl, request, n) < 0 ? -errno : 0;
	}
	return 1;
}

/* The rest, which is no netlink's: 1 or -errno. */
static int
finish(struct sockwalk *w, struct err *err)
{
	int rc = btproc_walk(w->proc, BTPROC_DEBUG, &w->filter, w->row, w->arg);

	w->running = false;
	return rc < 0 ? fail(w, rc, err) : 1;
}

/* One kind has ended: go on with the next one, or finish. */
static int
next_kind(struct sockwalk *w, struct err *err)
{
	int rc = ask(w, w->kind + 1);

	if (rc < 0)
		return fail(w, rc, err);
	if (rc == 1 && w->answered == 0)
		return fail(w, -ENOENT, err);
	w->running = rc == 0;
	return rc == 1 ? finish(w, err) : rc;
}

/* The errno (0 or negative) that ends a dump: an error, or in DONE itself. */
static int
end_code(const struct nlmsghdr *nlh)
{
	int code = 0;

	if (mnl_nlmsg_get_payload_len(nlh) >= sizeof code)
		memcpy(&code, mnl_nlmsg_get_payload(nlh), sizeof code);
	return code;
}

/* 1: this kind has ended; 0: more to come; -errno. */
static int
take_message(struct sockwalk *w, const struct nlmsghdr *nlh, int64_t now_ns)
{
	struct sockrow row;
	int code;

	if (nlh->nlmsg_seq != w->seq)
		return 0; /* of a walk given up */
	if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
		w->interrupted = true;
	if (nlh->nlmsg_type != NLMSG_DONE && nlh->nlmsg_type != NLMSG_ERROR) {
		if (sockdiag_row(nlh, w->kind, &row) < 0)
			return 0;
		row.seen_ns = now_ns;
		return w->row(w->arg, &row);
	}
	code = end_code(nlh);
	/* ENOENT: a kernel without IPv6, say, or without that module. */
	if (code < 0 && code != -ENOENT)
		return code;
	w->answered += code == 0;
	return 1;
}

static int
take_piece(struct sockwalk *w, size_t size)
{
	const struct nlmsghdr *nlh = &w->piece.first;
	int64_t now_ns = clock_now_ns();
	int left = (int)size;

	while (mnl_nlmsg_ok(nlh, left)) {
		int rc = take_message(w, nlh, now_ns);

		if (rc != 0)
			return rc;
		nlh = mnl_nlmsg_next(nlh, &left);
	}
	return 0;
}

/* As sockwalk_read(), but -EAGAIN if nothing is there to read. */
static int
read_piece(struct sockwalk *w, struct err *err)
{
	ssize_t n = mnl_socket_recvfrom(w->nl, &w->piece, sizeof w->piece);
	int rc;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return -EAGAIN;
	if (n < 0)
		return fail(w, -errno, err);
	if (!w->running)
		return 0;
	rc = take_piece(w, (size_t)n);
	if (rc < 0)
		return fail(w, rc, err);
	return rc == 0 ? 0 : next_kind(w, err);
}

int
sockwalk_read(struct sockwalk *w, struct err *err)
{
	int rc = read_piece(w, err);

	return rc == -EAGAIN ? 0 : rc;
}

int
sockwalk_wait(struct sockwalk *w, struct err *err)
{
	struct pollfd p = {.fd = sockwalk_fd(w), .events = POLLIN};
	int rc = w->running ? 0 : 1;

	/* The kernel has each piece ready before the one ahead is read: poll()
	 * is for the exception. */
	while (rc == 0 || rc == -EAGAIN) {
		rc = read_piece(w, err);
		if (rc == -EAGAIN && poll(&p, 1, -1) < 0 && errno != EINTR)
			return fail(w, -errno, err);
	}
	return rc;
}

int
sockwalk_start(struct sockwalk *w, struct err *err)
{
	int rc;

	w->answered = 0;
	w->interrupted = false;
	rc = ask(w, 0);
	if (rc < 0)
		return fail(w, rc, err);
	w->running = rc == 0;
	if (rc == 1)
		rc = finish(w, err);
	return rc < 0 ? rc : 0;
}

int
sockwalk_new(const struct sockfilter *filter, sockwalk_row *row, void *arg,
    struct sockwalk **ret, struct err *err)
{
	struct sockwalk *w = calloc(1, sizeof *w);
	int rc;

	if (w == NULL)
		return err_set(err, -ENOMEM, "No memory for the socket table");
	w->filter = *filter;
	strcpy(w->proc, "/proc/net");
	w->row = row;
	w->arg = arg;
	w->nl =
	    mnl_socket_open2(NETLINK_SOCK_DIAG, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (w->nl == NULL ||
	    mnl_socket_bind(w->nl, 0, MNL_SOCKET_AUTOPID) < 0) {
		rc = -errno;
		sockwalk_free(w);
		return err_set(err, rc,
		    "No socket table: the kernel gives no NETLINK_SOCK_DIAG "
		    "socket (%s); is CONFIG_INET_DIAG missing, or a seccomp "
		    "filter in the way?",
		    err_name(rc));
	}
	*ret = w;
	return 0;
}

void
sockwalk_free(struct sockwalk *w)
{
	if (w == NULL)
		return;
	if (w->nl != NULL)
		mnl_socket_close(w->nl);
	free(w);
}

void
sockwalk_look_through(struct sockwalk *w, pid_t pid)
{
	if (pid != 0)
		snprintf(w->proc, sizeof w->proc, "/proc/%d/net", (int)pid);
}

int
sockwalk_fd(const struct sockwalk *w)
{
	return mnl_socket_get_fd(w->nl);
}

bool
sockwalk_running(const struct sockwalk *w)
{
	return w->running;
}

bool
sockwalk_interrupted(const struct sockwalk *w)
{
	return w->interrupted;
}
