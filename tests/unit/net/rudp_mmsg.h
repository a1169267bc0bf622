/*
 * tests/unit/net/rudp_mmsg.h - datagrams in batches, without a record.
 *
 * One non-blocking UDP socket: net/datagram.h and ppoll().
 */
#ifndef SOCKDECK_TESTS_RUDP_MMSG_H
#define SOCKDECK_TESTS_RUDP_MMSG_H

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "net/base/clock.h"
#include "net/rudp_sock.h"

struct mmsg {
	int fd;
	bool cut;
};

static inline int
mmsg_send(void *arg, const struct datagram *v, size_t n)
{
	struct mmsg *m = arg;
	int r = datagram_send(m->fd, v, n, &m->cut);

	return r < 0 ? -errno : r;
}

static inline int
mmsg_recv(void *arg, struct datagram *v, size_t n)
{
	struct mmsg *m = arg;
	int r = datagram_recv(m->fd, v, n);

	return r >= 0 ? r : errno == EAGAIN ? 0 : -errno;
}

static inline int
mmsg_wait(void *arg, int64_t timeout_ns)
{
	struct mmsg *m = arg;
	struct pollfd p = {.fd = m->fd, .events = POLLIN};
	struct timespec ts = {
	    (time_t)(timeout_ns / CLOCK_S), (long)(timeout_ns % CLOCK_S)};

	ppoll(&p, 1, timeout_ns < 0 ? NULL : &ts, NULL);
	return 0;
}

/* A socket at 127.0.0.1 and any port. The fd, or -1. */
static inline int
mmsg_open(struct mmsg *m, struct addr *ret_addr, struct rudp_io *ret)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof ss;
	int room = 4 * 1024 * 1024;

	m->cut = datagram_may_cut();
	m->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	*ret_addr = addr_from_ip(AF_INET, "\x7f\0\0\1", 0);
	if (m->fd < 0 || bind(m->fd, &ret_addr->sa, ret_addr->len) < 0 ||
	    getsockname(m->fd, (struct sockaddr *)&ss, &len) < 0)
		return -1;
	setsockopt(m->fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
	setsockopt(m->fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
	*ret_addr = addr_from_sockaddr((struct sockaddr *)&ss, len);
	*ret = (struct rudp_io){m, mmsg_send, mmsg_recv, mmsg_wait};
	return m->fd;
}

#endif
