#include "net/datagram.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>

#include "net/ethfeature.h"

struct batch {
	struct mmsghdr hdr[DATAGRAM_BATCH];
	struct iovec iov[DATAGRAM_BATCH];
	struct sockaddr_storage name[DATAGRAM_BATCH];
	_Alignas(struct cmsghdr)
	    uint8_t control[DATAGRAM_BATCH][CMSG_SPACE(sizeof(uint16_t))];
};

size_t
datagram_run(const struct datagram *v, size_t n)
{
	size_t i = 1;

	while (i < n && addr_equal(&v[i].peer, &v[0].peer))
		i++;
	return i;
}

bool
datagram_may_cut(void)
{
	return !ethfeature_any("tx-udp-segmentation");
}

/* How many of the first one message can carry: to the same peer, of the same
 * length, the last one maybe shorter. */
static size_t
uncut_run(const struct datagram *v, size_t n)
{
	size_t i = 1;

	while (i < n && v[i].len <= v[0].len && v[i - 1].len == v[0].len &&
	       addr_equal(&v[i].peer, &v[0].peer))
		i++;
	return i;
}

/* Tell the kernel where to cut. */
static void
set_segment(struct msghdr *h, void *control, size_t len)
{
	uint16_t size = (uint16_t)len;
	struct cmsghdr *c;

	h->msg_control = control;
	h->msg_controllen = CMSG_SPACE(sizeof size);
	c = CMSG_FIRSTHDR(h);
	c->cmsg_level = IPPROTO_UDP;
	c->cmsg_type = UDP_SEGMENT;
	c->cmsg_len = CMSG_LEN(sizeof size);
	memcpy(CMSG_DATA(c), &size, sizeof size);
}

static int
send_batch(int fd, const struct datagram *v, size_t n, bool cut)
{
	size_t run[DATAGRAM_BATCH], count = 0;
	struct batch b;
	int sent = 0, r;

	for (size_t i = 0; i < n; i += run[count++]) {
		struct msghdr *h = &b.hdr[count].msg_hdr;

		run[count] = cut ? uncut_run(v + i, n - i) : 1;
		for (size_t k = i; k < i + run[count]; k++)
			b.iov[k] = (struct iovec){v[k].data, v[k].len};
		memcpy(&b.name[count], &v[i].peer.ss, v[i].peer.len);
		*h = (struct msghdr){.msg_iov = &b.iov[i],
		    .msg_iovlen = run[count],
		    .msg_name = &b.name[count],
		    .msg_namelen = v[i].peer.len};
		if (run[count] > 1)
			set_segment(h, b.control[count], v[i].len);
	}
	r = sendmmsg(fd, b.hdr, (unsigned)count, MSG_NOSIGNAL);
	for (int i = 0; i < r; i++)
		sent += (int)run[i];
	return r < 0 ? -1 : sent;
}

int
datagram_send(int fd, const struct datagram *v, size_t n, bool *cut)
{
	int r;

	if (n > DATAGRAM_BATCH)
		n = DATAGRAM_BATCH;
	r = send_batch(fd, v, n, *cut);
	/* An old kernel, or a datagram that has to be fragmented. */
	if (r < 0 && *cut && (errno == EINVAL || errno == EIO)) {
		*cut = false;
		r = send_batch(fd, v, n, false);
	}
	return r;
}

int
datagram_recv(int fd, struct datagram *v, size_t n)
{
	struct batch b;
	int r;

	if (n > DATAGRAM_BATCH)
		n = DATAGRAM_BATCH;
	for (size_t i = 0; i < n; i++) {
		b.iov[i] = (struct iovec){v[i].data, v[i].len};
		b.hdr[i].msg_hdr = (struct msghdr){.msg_iov = &b.iov[i],
		    .msg_iovlen = 1,
		    .msg_name = &b.name[i],
		    .msg_namelen = sizeof b.name[i]};
	}
	r = recvmmsg(fd, b.hdr, (unsigned)n, MSG_DONTWAIT, NULL);
	for (int i = 0; i < r; i++) {
		v[i].len = b.hdr[i].msg_len;
		v[i].peer = addr_from_sockaddr((struct sockaddr *)&b.name[i],
		    b.hdr[i].msg_hdr.msg_namelen);
	}
	return r;
}
