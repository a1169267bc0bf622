#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/lab_impl.h"

/* What the child has made so far. */
struct making {
	size_t count;
	int netns[LAB_HOSTS_MAX];
	int ports[LAB_HOSTS_MAX]; /* those below port_count */
	size_t port_count;
};

static struct lab_report
report(enum lab_step step, int code)
{
	return (struct lab_report){step, code < 0 ? code : 0};
}

/* ---- the first namespaces ---- */

static int
write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), rc = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		rc = -errno;
	close(fd);
	return rc;
}

/*
 * Root needs no user namespace: its ordinary rights do. Where root has lost
 * them (a container), it is a user like any other.
 */
static int
unshare_net(bool *ret_user)
{
	*ret_user = false;
	if (geteuid() == 0 && unshare(CLONE_NEWNET) == 0)
		return 0;
	if (geteuid() == 0 && errno != EPERM)
		return -errno;
	*ret_user = true;
	return unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0 ? -errno : 0;
}

/*
 * Map the user and the group to themselves, so that `id` and permissions look
 * the same inside. setgroups=deny is the condition for gid_map
 * (user_namespaces(7)).
 */
static struct lab_report
map_ids(uid_t uid, gid_t gid)
{
	char text[64];
	int rc;

	/* A program with file capabilities is not dumpable, and its /proc
	 * files belong to root. */
	prctl(PR_SET_DUMPABLE, 1);
	rc = write_file("/proc/self/setgroups", "deny");
	if (rc < 0)
		return report(LAB_SETGROUPS, rc);
	snprintf(text, sizeof text, "%u %u 1", uid, uid);
	rc = write_file("/proc/self/uid_map", text);
	if (rc < 0)
		return report(LAB_UID_MAP, rc);
	snprintf(text, sizeof text, "%u %u 1", gid, gid);
	return report(LAB_GID_MAP, write_file("/proc/self/gid_map", text));
}

/* ---- hosts ---- */

static int
open_own_netns(void)
{
	int fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* The namespace of this moment becomes the next host, with its lo. */
static struct lab_report
add_host(struct making *m, gid_t gid)
{
	int rc = lab_host_lo(gid), fd;

	if (rc < 0)
		return report(LAB_LO_UP, rc);
	fd = open_own_netns();
	if (fd < 0)
		return report(LAB_HOST, fd);
	m->netns[m->count++] = fd;
	return report(LAB_HOST, 0);
}

static struct lab_report
add_hosts(struct making *m, size_t hosts, gid_t gid)
{
	struct lab_report r = report(LAB_HOST, 0);

	lab_host_settle();
	while (r.code == 0 && m->count < hosts) {
		if (unshare(CLONE_NEWNET) < 0)
			return report(LAB_HOST, -errno);
		lab_host_settle();
		r = add_host(m, gid);
	}
	return r;
}

static int
enter(const struct making *m, size_t host)
{
	return setns(m->netns[host], CLONE_NEWNET) < 0 ? -errno : 0;
}

/* ---- their cables ---- */

static struct lab_report
lay_tun(struct making *m)
{
	for (size_t i = 0; i < m->count; i++) {
		enum lab_step step = LAB_HOST;
		int fd = enter(m, i);

		if (fd == 0)
			fd = lab_host_tun(&step);
		if (fd < 0)
			return report(step, fd);
		m->ports[m->port_count++] = fd;
	}
	return report(LAB_HOST, 0);
}

/* The far ends are in a namespace of their own, the switchboard: it lives as
 * long as its sockets do. */
static struct lab_report
lay_veth(struct making *m)
{
	if (unshare(CLONE_NEWNET) < 0)
		return report(LAB_HOST, -errno);
	write_file("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1");
	for (size_t i = 0; i < m->count; i++) {
		enum lab_step step;
		int fd = lab_host_veth(i, m->netns[i], &step);

		if (fd < 0)
			return report(step, fd);
		m->ports[m->port_count++] = fd;
	}
	return report(LAB_HOST, 0);
}

static void
pull_out(struct making *m)
{
	while (m->port_count > 0)
		close(m->ports[--m->port_count]);
}

static struct lab_report
bring_up(struct making *m, enum lab_medium medium)
{
	for (size_t i = 0; i < m->count; i++) {
		int rc = enter(m, i);

		if (rc == 0)
			rc = lab_host_eth(i, m->count, medium);
		if (rc < 0)
			return report(LAB_ETH_UP, rc);
	}
	for (size_t i = 0; i < m->port_count && medium == LAB_VETH; i++)
		lab_host_await_carrier(m->ports[i], i);
	return report(LAB_ETH_UP, 0);
}

static struct lab_report
lay(struct making *m, enum lab_medium medium)
{
	struct lab_report r = medium == LAB_TUN ? lay_tun(m) : lay_veth(m);

	if (r.code == 0)
		r = bring_up(m, medium);
	if (r.code < 0)
		pull_out(m);
	return r;
}

/* Hosts and cables as asked for, or the first host alone and the reason. */
static void
connect_hosts(struct making *m, size_t hosts, gid_t gid, struct lab_made *ret)
{
	ret->without[0] = add_hosts(m, hosts, gid);
	if (ret->without[0].code == 0) {
		ret->medium = LAB_TUN;
		ret->without[0] = lay(m, LAB_TUN);
		if (ret->without[0].code < 0) {
			ret->medium = LAB_VETH;
			ret->without[1] = lay(m, LAB_VETH);
		}
	}
	if (m->port_count == 0)
		ret->medium = LAB_LO;
	for (; m->count > 1 && m->port_count == 0; m->count--)
		close(m->netns[m->count - 1]);
	enter(m, 0); /* where the parent will follow */
}

static void
make(struct making *m, size_t hosts, struct lab_made *ret)
{
	uid_t uid = geteuid(); /* asked before: inside, it is unmapped */
	gid_t gid = getegid();
	struct in_addr loopback = {htonl(INADDR_LOOPBACK)};
	bool user;

	*ret = (struct lab_made){.medium = LAB_LO};
	ret->report = report(LAB_UNSHARE, unshare_net(&user));
	if (ret->report.code == 0 && user)
		ret->report = map_ids(uid, gid);
	if (ret->report.code == 0)
		ret->report = add_host(m, gid);
	if (ret->report.code < 0)
		return;
	if (hosts > 1)
		connect_hosts(m, hosts, gid, ret);
	if (ret->medium == LAB_LO)
		lab_host_route_many("lo", loopback);
	ret->count = m->count;
}

/* ---- handing over ---- */

/* Room for the descriptors of all hosts beside one message. */
union passed {
	struct cmsghdr header;
	char room[CMSG_SPACE(2 * LAB_HOSTS_MAX * sizeof(int))];
};

static bool
send_made(int fd, const struct making *m, struct lab_made *made)
{
	size_t n = m->count + m->port_count;
	union passed passed = {0};
	struct iovec part = {made, sizeof *made};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	struct cmsghdr *c;
	int fds[2 * LAB_HOSTS_MAX];

	memcpy(fds, m->netns, m->count * sizeof *fds);
	memcpy(fds + m->count, m->ports, m->port_count * sizeof *fds);
	if (n > 0) {
		message.msg_control = &passed;
		message.msg_controllen = CMSG_SPACE(n * sizeof *fds);
		c = &passed.header;
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(n * sizeof *fds);
		memcpy(CMSG_DATA(c), fds, n * sizeof *fds);
	}
	return sendmsg(fd, &message, 0) == (ssize_t)sizeof *made;
}

void
lab_maker(int fd, size_t hosts)
{
	struct making m = {.count = 0};
	struct lab_made made;
	int console;
	char byte;
	ssize_t n = -1;

	if (fd > STDERR_FILENO + 1)
		close_range(STDERR_FILENO + 1, (unsigned)fd - 1, 0);
	close_range((unsigned)fd + 1, ~0U, 0);
	/* It lives, if there is an answer. */
	console = pidfd_open(getppid(), 0);
	make(&m, hosts, &made);
	if (send_made(fd, &m, &made))
		while ((n = read(fd, &byte, 1)) < 0 && errno == EINTR)
			;
	close(fd);
	pull_out(&m);
	if (n == 1 && console >= 0)
		lab_keep(console, m.netns, m.count);
	_exit(0);
}

int
lab_receive(int fd, struct lab_made *ret, int netns[LAB_HOSTS_MAX],
    int ports[LAB_HOSTS_MAX])
{
	union passed passed;
	struct iovec part = {ret, sizeof *ret};
	struct msghdr message = {
	    .msg_iov = &part,
	    .msg_iovlen = 1,
	    .msg_control = &passed,
	    .msg_controllen = sizeof passed,
	};
	struct cmsghdr *c;
	int fds[2 * LAB_HOSTS_MAX];
	ssize_t n;

	do
		n = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n != (ssize_t)sizeof *ret)
		return -ECHILD;
	c = CMSG_FIRSTHDR(&message);
	if (c == NULL) {
		ret->count = 0;
		return 0;
	}
	memcpy(fds, CMSG_DATA(c), c->cmsg_len - CMSG_LEN(0));
	memcpy(netns, fds, ret->count * sizeof *fds);
	if (ret->medium != LAB_LO)
		memcpy(ports, fds + ret->count, ret->count * sizeof *fds);
	return 0;
}
