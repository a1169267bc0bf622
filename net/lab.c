#include "net/lab.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/ethtool.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* ------------------------------------------------- making the namespaces */

/* How far the child came; code 0: the lab is complete. */
struct report {
	enum lab_step step;
	int code;
};

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
static struct report
map_ids(uid_t uid, gid_t gid)
{
	char text[64];
	int rc;

	/* A program with file capabilities is not dumpable, and its /proc
	 * files belong to root. */
	prctl(PR_SET_DUMPABLE, 1);
	rc = write_file("/proc/self/setgroups", "deny");
	if (rc < 0)
		return (struct report){LAB_SETGROUPS, rc};
	snprintf(text, sizeof text, "%u %u 1", uid, uid);
	rc = write_file("/proc/self/uid_map", text);
	if (rc < 0)
		return (struct report){LAB_UID_MAP, rc};
	snprintf(text, sizeof text, "%u %u 1", gid, gid);
	rc = write_file("/proc/self/gid_map", text);
	return (struct report){LAB_GID_MAP, rc};
}

/* A route to lo, where a lab of one host has its multicasts and its broadcasts
 * go. Without it they are "unreachable". */
static void
route_to_lo(in_addr_t dst, uint8_t prefix_len)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	alignas(struct nlmsghdr) char room[256];
	struct nlmsghdr *m = mnl_nlmsg_put_header(room);
	struct rtmsg *r;

	m->nlmsg_type = RTM_NEWROUTE;
	m->nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE;
	r = mnl_nlmsg_put_extra_header(m, sizeof *r);
	r->rtm_family = AF_INET;
	r->rtm_dst_len = prefix_len;
	r->rtm_table = RT_TABLE_MAIN;
	r->rtm_protocol = RTPROT_BOOT;
	r->rtm_scope = RT_SCOPE_LINK;
	r->rtm_type = RTN_UNICAST;
	mnl_attr_put_u32(m, RTA_DST, htonl(dst));
	mnl_attr_put_u32(m, RTA_OIF, if_nametoindex("lo"));
	mnl_attr_put_u32(m, RTA_PREFSRC, htonl(INADDR_LOOPBACK));
	send(fd, m, m->nlmsg_len, 0); /* done when it returns */
	close(fd);
}

/*
 * lo as a wire: up, and with segments as Ethernet has them, for which it takes
 * the MTU and TSO off together. A kernel that refuses those two still makes a
 * lab, only one with larger segments; so for ping, multicast and broadcast.
 */
static int
set_up_lo(gid_t gid)
{
	struct ethtool_value tso_off = {.cmd = ETHTOOL_STSO, .data = 0};
	struct ifreq req = {.ifr_name = "lo"};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), rc = 0;
	char range[64];

	if (fd < 0)
		return -errno;
	req.ifr_mtu = LAB_MTU;
	ioctl(fd, SIOCSIFMTU, &req);
	req.ifr_data = (char *)&tso_off;
	ioctl(fd, SIOCETHTOOL, &req);
	req.ifr_flags = IFF_UP | IFF_LOOPBACK | IFF_RUNNING | IFF_MULTICAST;
	if (ioctl(fd, SIOCSIFFLAGS, &req) < 0)
		rc = -errno;
	route_to_lo(INADDR_UNSPEC_GROUP, 4); /* 224.0.0.0/4 */
	route_to_lo(INADDR_BROADCAST, 32);
	close(fd);
	snprintf(range, sizeof range, "%u %u", gid, gid);
	write_file("/proc/sys/net/ipv4/ping_group_range", range);
	return rc;
}

static struct report
make(void)
{
	uid_t uid = geteuid(); /* asked before: inside, it is unmapped */
	gid_t gid = getegid();
	struct report r = {.step = LAB_UNSHARE};
	bool user;

	r.code = unshare_net(&user);
	if (r.code == 0 && user)
		r = map_ids(uid, gid);
	if (r.code == 0)
		r = (struct report){LAB_LO_UP, set_up_lo(gid)};
	return r;
}

/* The child: make the namespaces, tell, and keep them until we are let go. */
static _Noreturn void
maker(int fd)
{
	struct report r = make();
	char byte;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (write(fd, &r, sizeof r) == (ssize_t)sizeof r)
		while (read(fd, &byte, 1) < 0 && errno == EINTR)
			;
	_exit(0);
}

/* ------------------------------------------------------------- entering */

/* A directory of threads has a link for each, and two of its own. */
static bool
alone(void)
{
	struct stat st;

	return stat("/proc/self/task", &st) < 0 || st.st_nlink <= 3;
}

static bool
same_namespace(pid_t pid, const char *kind)
{
	char path[64];
	struct stat theirs, ours;

	snprintf(path, sizeof path, "/proc/self/ns/%s", kind);
	if (stat(path, &ours) < 0)
		return false;
	snprintf(path, sizeof path, "/proc/%d/ns/%s", pid, kind);
	return stat(path, &theirs) == 0 && theirs.st_ino == ours.st_ino &&
	       theirs.st_dev == ours.st_dev;
}

/*
 * Both namespaces in one step, so that a refusal leaves nothing half done
 * (setns(2) with a PID descriptor, Linux 5.8). Root has no need of the user
 * namespace, in which it would be nobody.
 */
static int
move_into(int pidfd)
{
	if (setns(pidfd, CLONE_NEWNET) == 0)
		return 0;
	if (errno == EPERM && setns(pidfd, CLONE_NEWUSER | CLONE_NEWNET) == 0)
		return 0;
	/* EINVAL: we are in that user namespace, and have no rights in it. */
	return errno == EINVAL ? -EPERM : -errno;
}

int
lab_join(pid_t pid, struct err *err)
{
	int pidfd, rc;

	if (!alone())
		return lab_explain(LAB_ALONE, -EINVAL, err);
	pidfd = pidfd_open(pid, 0);
	if (pidfd < 0)
		return lab_explain(LAB_FIND, -errno, err);
	rc = same_namespace(pid, "net") ? 0 : move_into(pidfd);
	close(pidfd);
	return rc < 0 ? lab_explain(LAB_JOIN, rc, err) : 0;
}

static int
enter_from(pid_t child, int fd, struct err *err)
{
	struct report r;
	ssize_t n;

	do
		n = read(fd, &r, sizeof r);
	while (n < 0 && errno == EINTR);
	if (n != (ssize_t)sizeof r)
		return lab_explain(LAB_FORK, -ECHILD, err);
	if (r.code < 0)
		return lab_explain(r.step, r.code, err);
	return lab_join(child, err);
}

int
lab_enter(bool *ret_moved, struct err *err)
{
	int pair[2], rc;
	pid_t child;

	*ret_moved = false;
	if (!alone())
		return lab_explain(LAB_ALONE, -EINVAL, err);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return lab_explain(LAB_FORK, -errno, err);
	child = fork();
	if (child == 0) {
		close(pair[0]);
		maker(pair[1]);
	}
	rc = child < 0 ? -errno : 0;
	close(pair[1]);
	rc = rc < 0 ? lab_explain(LAB_FORK, rc, err)
		    : enter_from(child, pair[0], err);
	close(pair[0]);
	if (child > 0)
		while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
			;
	if (rc < 0)
		return rc;
	/* Whatever a file capability gave was left outside: now others of the
	 * same user may look at us, and join us. */
	prctl(PR_SET_DUMPABLE, 1);
	*ret_moved = true;
	return 0;
}

/* --------------------------------------------------------- finding labs */

struct candidate {
	struct lab_info info;
	ino_t netns;
};

static bool
read_text(int dir, const char *path, char *dst, size_t size)
{
	int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, dst, size - 1);
	close(fd);
	if (n < 0)
		return false;
	dst[n] = '\0';
	return true;
}

/* Field 22 of /proc/PID/stat, in clock ticks; the name in field 2 may hold
 * anything, so count from its last parenthesis. */
static bool
read_start(int dir, int64_t *ret_ns)
{
	char text[1024], *p;
	int64_t tick_ns = INT64_C(1000000000) / sysconf(_SC_CLK_TCK);

	if (!read_text(dir, "stat", text, sizeof text))
		return false;
	p = strrchr(text, ')');
	for (int field = 2; p != NULL && field < 22; field++) {
		p = strchr(p, ' ');
		p = p != NULL ? p + 1 : NULL;
	}
	if (p == NULL)
		return false;
	*ret_ns = strtoll(p, NULL, 10) * tick_ns;
	return true;
}

/* Is the process of this directory in /proc a console of ours in a lab? */
static bool
read_candidate(int dir, ino_t own_netns, struct candidate *ret)
{
	struct stat st;
	char comm[32];

	if (fstat(dir, &st) < 0 || (getuid() != 0 && st.st_uid != getuid()) ||
	    !read_text(dir, "comm", comm, sizeof comm) ||
	    strcmp(comm, "sockdeck\n") != 0 ||
	    fstatat(dir, "ns/net", &st, 0) < 0 || st.st_ino == own_netns)
		return false;
	ret->netns = st.st_ino;
	return read_start(dir, &ret->info.started_ns);
}

/* Keep the list in order of start, one entry (the oldest) for each lab. */
static size_t
insert(struct candidate *list, size_t n, size_t max, struct candidate c)
{
	size_t at = 0;

	for (size_t i = 0; i < n; i++) {
		if (list[i].netns != c.netns)
			continue;
		if (list[i].info.started_ns <= c.info.started_ns)
			return n;
		memmove(&list[i], &list[i + 1], (n - i - 1) * sizeof *list);
		n--;
		break;
	}
	while (at < n && list[at].info.started_ns <= c.info.started_ns)
		at++;
	if (at == max)
		return n;
	if (n == max)
		n--;
	memmove(&list[at + 1], &list[at], (n - at) * sizeof *list);
	list[at] = c;
	return n + 1;
}

static size_t
scan(DIR *proc, struct candidate *list, size_t max)
{
	struct stat own = {0};
	struct dirent *entry;
	size_t n = 0;

	stat("/proc/self/ns/net", &own);
	while ((entry = readdir(proc)) != NULL) {
		struct candidate c = {.info.pid = atoi(entry->d_name)};
		int dir;

		if (c.info.pid <= 0)
			continue;
		dir = openat(dirfd(proc), entry->d_name,
		    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (dir < 0)
			continue;
		if (read_candidate(dir, own.st_ino, &c))
			n = insert(list, n, max, c);
		close(dir);
	}
	return n;
}

size_t
lab_list(struct lab_info *ret, size_t max)
{
	struct candidate *list = calloc(max, sizeof *list);
	DIR *proc = opendir("/proc");
	size_t n = 0;

	if (list != NULL && proc != NULL)
		n = scan(proc, list, max);
	for (size_t i = 0; i < n; i++)
		ret[i] = list[i].info;
	if (proc != NULL)
		closedir(proc);
	free(list);
	return n;
}
