/*
 * tests/unit/net/rudp_mmsg.h - datagrams in batches, without a record.
 *
 * One non-blocking UDP socket: sendmmsg(), recvmmsg(), ppoll().
 */
#ifndef SOCKDECK_TESTS_RUDP_MMSG_H
#define SOCKDECK_TESTS_RUDP_MMSG_H

#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "net/base/clock.h"
#include "net/rudp_sock.h"

struct mmsg {
	int fd;
	struct mmsghdr hdr[RUDP_SOCK_BATCH];
	struct iovec iov[RUDP_SOCK_BATCH];
	struct sockaddr_storage name[RUDP_SOCK_BATCH];
	_Alignas(struct cmsghdr)
	    uint8_t control[RUDP_SOCK_BATCH][CMSG_SPACE(sizeof(uint16_t))];
};

/* How many of the first datagrams one sendmsg() can carry: the same peer, the
 * same length, the last one maybe shorter (UDP_SEGMENT, udp(7)). */
static inline size_t
mmsg_run(const struct rudp_datagram *v, size_t n)
{
	size_t i = 1;

	while (i < n && v[i].len <= v[0].len && v[i - 1].len == v[0].len &&
	       addr_equal(&v[i].peer, &v[0].peer))
		i++;
	return i;
}

/* Each run is one message of several segments, which the kernel cuts. */
static inline int
mmsg_send(void *arg, const struct rudp_datagram *v, size_t n)
{
	struct mmsg *m = arg;
	size_t run[RUDP_SOCK_BATCH], count = 0, sent = 0;
	int r;

	for (size_t i = 0; i < n; i += run[count++]) {
		struct msghdr *h = &m->hdr[count].msg_hdr;

		run[count] = mmsg_run(v + i, n - i);
		for (size_t k = i; k < i + run[count]; k++)
			m->iov[k] = (struct iovec){v[k].data, v[k].len};
		memcpy(&m->name[count], &v[i].peer.ss, v[i].peer.len);
		*h = (struct msghdr){.msg_iov = &m->iov[i],
		    .msg_iovlen = run[count],
		    .msg_name = &m->name[count],
		    .msg_namelen = v[i].peer.len};
		if (run[count] > 1) {
			uint16_t size = (uint16_t)v[i].len;
			struct cmsghdr *c;

			h->msg_control = m->control[count];
			h->msg_controllen = CMSG_SPACE(sizeof size);
			c = CMSG_FIRSTHDR(h);
			c->cmsg_level = IPPROTO_UDP;
			c->cmsg_type = UDP_SEGMENT;
			c->cmsg_len = CMSG_LEN(sizeof size);
			memcpy(CMSG_DATA(c), &size, sizeof size);
		}
	}
	r = sendmmsg(m->fd, m->hdr, (unsigned)count, 0);
	for (int i = 0; i < r; i++)
		sent += run[i];
	return r < 0 ? -errno : (int)sent;
}

static inline int
mmsg_recv(void *arg, struct rudp_datagram *v, size_t n)
{
	struct mmsg *m = arg;
	int r;

	for (size_t i = 0; i < n; i++) {
		m->iov[i] = (struct iovec){v[i].data, v[i].len};
		m->hdr[i].msg_hdr = (struct msghdr){.msg_iov = &m->iov[i],
		    .msg_iovlen = 1,
		    .msg_name = &m->name[i],
		    .msg_namelen = sizeof m->name[i]};
	}
	r = recvmmsg(m->fd, m->hdr, (unsigned)n, MSG_DONTWAIT, NULL);
	if (r < 0)
		return errno == EAGAIN ? 0 : -errno;
	for (int i = 0; i < r; i++) {
		v[i].len = m->hdr[i].msg_len;
		v[i].peer = addr_from_sockaddr((struct sockaddr *)&m->name[i],
		    m->hdr[i].msg_hdr.msg_namelen);
	}
	return r;
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

	memset(m, 0, sizeof *m);
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
