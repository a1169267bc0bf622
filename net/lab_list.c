#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/lab_impl.h"

/*
 * The card of a lab: a file in memory that its process holds open, so that it
 * is found in /proc/PID/fd and ends with the process. A first line with the
 * medium, then one for each host:
 *
 *   2 TUN
 *   server 4 10.0.0.1 fd00::1      name, descriptor of its namespace, addresses
 */
#define CARD_NAME "sockdeck-lab"
#define CARD_LINK "/memfd:" CARD_NAME " (deleted)"
#define CARD_MAX 2048
#define FDS_MAX 4096 /* that are looked at */

/* ---- the card ---- */

int
lab_card_write(const struct lab *lab)
{
	char ip4[INET_ADDRSTRLEN], ip6[INET6_ADDRSTRLEN];
	int fd = memfd_create(CARD_NAME, MFD_CLOEXEC);

	if (fd < 0)
		return -1;
	dprintf(fd, "%zu %s\n", lab->count, lab_medium_name(lab->medium));
	for (size_t i = 0; i < lab->count; i++) {
		const struct wire_port *p = &lab->ports[i];

		dprintf(fd, "%s %d %s %s\n", p->host, lab->netns[i],
		    inet_ntop(AF_INET, &p->ip4, ip4, sizeof ip4),
		    inet_ntop(AF_INET6, &p->ip6, ip6, sizeof ip6));
	}
	return fd;
}

static bool
parse_medium(const char *name, enum lab_medium *ret)
{
	for (int m = LAB_LO; m <= LAB_VETH; m++)
		if (strcmp(name, lab_medium_name((enum lab_medium)m)) == 0) {
			*ret = (enum lab_medium)m;
			return true;
		}
	return false;
}

/* Any process of this user may hold such a file: what is wrong is no card. */
bool
lab_card_parse(const char *text, struct lab_info *ret)
{
	char medium[8], ip4[INET_ADDRSTRLEN], ip6[INET6_ADDRSTRLEN];
	size_t count;
	int n = 0;

	if (sscanf(text, "%2zu %7s%n", &count, medium, &n) != 2 || count == 0 ||
	    count > LAB_HOSTS_MAX)
		return false;
	if (!parse_medium(medium, &ret->medium))
		return false;
	for (size_t i = 0; i < count; i++) {
		struct lab_info_host *h = &ret->hosts[i];

		text += n;
		if (sscanf(text, "%15s %9d %15s %45s%n", h->name, &h->fd, ip4,
			ip6, &n) != 4 ||
		    strspn(h->name, "abcdefghijklmnopqrstuvwxyz0123456789") !=
			strlen(h->name) ||
		    inet_pton(AF_INET, ip4, &h->ip4) != 1 ||
		    inet_pton(AF_INET6, ip6, &h->ip6) != 1)
			return false;
	}
	ret->count = count;
	return true;
}

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

bool
lab_card_read(int proc_dir, struct lab_info *ret)
{
	char path[32], link[sizeof CARD_LINK + 1], text[CARD_MAX];

	for (int fd = 0; fd < FDS_MAX; fd++) {
		ssize_t n;

		snprintf(path, sizeof path, "fd/%d", fd);
		n = readlinkat(proc_dir, path, link, sizeof link - 1);
		if (n < 0 && errno == EACCES)
			return false;
		if (n != (ssize_t)sizeof CARD_LINK - 1 ||
		    memcmp(link, CARD_LINK, sizeof CARD_LINK - 1) != 0)
			continue;
		/* Opened anew, it is read from its beginning. */
		return read_text(proc_dir, path, text, sizeof text) &&
		       lab_card_parse(text, ret);
	}
	return false;
}

/* ---- finding labs ---- */

struct candidate {
	struct lab_info info;
	ino_t netns;
};

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
	return read_start(dir, &ret->info.started_ns) &&
	       lab_card_read(dir, &ret->info);
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

/* ---- the hosts of another's lab ---- */

static int
no_such_host(const struct lab_info *lab, const char *host, struct err *err)
{
	char names[LAB_HOSTS_MAX * (LAB_HOST_MAX + 2)] = "";
	size_t n = 0;

	for (size_t i = 0; i < lab->count; i++)
		n += (size_t)snprintf(names + n, sizeof names - n, "%s%s",
		    i > 0 ? ", " : "", lab->hosts[i].name);
	return err_set(err, -ENOENT,
	    "there is no host \"%.32s\" in that lab: there %s %s", host,
	    lab->count == 1 ? "is" : "are", names);
}

int
lab_read(pid_t pid, struct lab_info *ret, struct err *err)
{
	char path[64];
	int dir;
	bool ok;

	snprintf(path, sizeof path, "/proc/%d", (int)pid);
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return lab_explain(LAB_FIND, -errno, err);
	ret->pid = pid;
	ok = read_start(dir, &ret->started_ns) && lab_card_read(dir, ret);
	close(dir);
	return ok ? 0
		  : err_set(err, -ENOENT,
			"process %d is no console in a lab of yours", (int)pid);
}

int
lab_open_host(const struct lab_info *lab, const char *host, struct err *err)
{
	char path[64];
	size_t i = 0;
	int fd;

	while (i < lab->count && strcmp(lab->hosts[i].name, host) != 0)
		i++;
	if (i == lab->count)
		return no_such_host(lab, host, err);
	snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)lab->pid,
	    lab->hosts[i].fd);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? lab_explain(LAB_FIND, -errno, err) : fd;
}
