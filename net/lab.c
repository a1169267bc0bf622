#include "net/lab.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/lab_impl.h"

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

const char *
lab_medium_name(enum lab_medium m)
{
	static const char *const names[] = {"lo", "TUN", "veth"};

	return names[m];
}

/* ---- entering ---- */

static void
describe(const struct lab_made *made, const int *netns, const int *ports,
    struct lab *ret)
{
	struct err err;

	*ret = (struct lab){.medium = made->medium, .card = -1};
	for (ret->count = 0; ret->count < made->count; ret->count++) {
		lab_host_name(ret->count, &ret->ports[ret->count]);
		ret->netns[ret->count] = netns[ret->count];
		if (made->medium == LAB_LO)
			continue;
		ret->ports[ret->count].fd = ports[ret->count];
		ret->ports[ret->count].link_layer = made->medium == LAB_VETH;
	}
	for (size_t i = 0; i < 2; i++) {
		size_t n = strlen(ret->why);

		if (made->without[i].code == 0)
			continue;
		lab_explain(made->without[i].step, made->without[i].code, &err);
		snprintf(ret->why + n, sizeof ret->why - n, "%s%s",
		    n > 0 ? " " : "", err.text);
	}
}

static int
enter_from(pid_t child, int fd, struct lab *ret, struct err *err)
{
	struct lab_made made;
	int netns[LAB_HOSTS_MAX], ports[LAB_HOSTS_MAX];
	int rc = lab_receive(fd, &made, netns, ports);

	if (rc < 0)
		return lab_explain(LAB_FORK, rc, err);
	if (made.report.code < 0)
		return lab_explain(made.report.step, made.report.code, err);
	describe(&made, netns, ports, ret);
	rc = lab_join(child, err);
	if (rc < 0)
		lab_done(ret);
	return rc;
}

int
lab_enter(size_t hosts, struct lab *ret, struct err *err)
{
	int pair[2], rc;
	pid_t child;

	*ret = (struct lab){.card = -1};
	if (!alone())
		return lab_explain(LAB_ALONE, -EINVAL, err);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return lab_explain(LAB_FORK, -errno, err);
	child = fork();
	if (child == 0) {
		close(pair[0]);
		lab_maker(pair[1], hosts);
	}
	rc = child < 0 ? -errno : 0;
	close(pair[1]);
	rc = rc < 0 ? lab_explain(LAB_FORK, rc, err)
		    : enter_from(child, pair[0], ret, err);
	if (rc == 0) /* the child keeps it: lab_keep() */
		send(pair[0], "", 1, MSG_NOSIGNAL);
	close(pair[0]);
	if (rc < 0 && child > 0)
		while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
			;
	if (rc < 0)
		return rc;
	/* Whatever a file capability gave was left outside: now others of the
	 * same user may look at us, and join us. */
	prctl(PR_SET_DUMPABLE, 1);
	ret->card = lab_card_write(ret);
	return 0;
}

void
lab_done(struct lab *lab)
{
	for (size_t i = 0; i < lab->count; i++) {
		close(lab->netns[i]);
		if (lab->ports[i].fd >= 0)
			close(lab->ports[i].fd);
	}
	if (lab->count > 0 && lab->card >= 0)
		close(lab->card);
	lab->count = 0;
}

/* ---- hosts ---- */

int
lab_host_enter(const struct lab *lab, size_t host)
{
	if (host >= lab->count)
		return -ENOENT;
	return setns(lab->netns[host], CLONE_NEWNET) < 0 ? -errno : 0;
}

int
lab_host_find(const struct lab *lab, const char *name)
{
	for (size_t i = 0; i < lab->count; i++)
		if (strcmp(lab->ports[i].host, name) == 0)
			return (int)i;
	return -1;
}
