#include "net/trace_socks.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/base/map.h"

struct tsocks {
	struct map *by_inode; /* to an index of at */
	struct tsock **at; /* dense */
	size_t count, cap;
	uint32_t next_id;
};

struct tsocks *
tsocks_new(void)
{
	struct tsocks *t = calloc(1, sizeof *t);

	if (t == NULL)
		return NULL;
	t->next_id = 1;
	t->by_inode = map_new(sizeof(uint32_t));
	if (t->by_inode == NULL) {
		free(t);
		return NULL;
	}
	return t;
}

void
tsocks_free(struct tsocks *t)
{
	if (t == NULL)
		return;
	for (size_t i = 0; i < t->count; i++) {
		free(t->at[i]->made);
		free(t->at[i]);
	}
	free(t->at);
	map_free(t->by_inode);
	free(t);
}

bool
tsocks_shows(int domain)
{
	return domain != AF_NETLINK && domain != AF_ALG;
}

/* ---- asking the kernel ---- */

/* The inode of a link "socket:[123]"; 0: it is no socket. */
static uint32_t
link_inode(int dir, const char *path)
{
	static const char prefix[] = "socket:[";
	char link[64];
	ssize_t n = readlinkat(dir, path, link, sizeof link - 1);

	if (n < (ssize_t)sizeof prefix ||
	    memcmp(link, prefix, sizeof prefix - 1) != 0)
		return 0;
	link[n] = '\0';
	return (uint32_t)strtoul(link + sizeof prefix - 1, NULL, 10);
}

/* A descriptor of our own for the same socket: to be closed at once. */
static int
borrow(pid_t pid, int fd)
{
	int pidfd = pidfd_open(pid, 0), own;

	if (pidfd < 0)
		return -1;
	own = pidfd_getfd(pidfd, fd, 0);
	close(pidfd);
	return own;
}

typedef int name_call(int, struct sockaddr *, socklen_t *);

static struct addr
ask_name(int fd, name_call *call)
{
	struct sockaddr_storage ss = {0};
	socklen_t len = sizeof ss;

	/* An unbound socket has the address 0.0.0.0:0; it means none. */
	if (call(fd, (struct sockaddr *)&ss, &len) < 0 ||
	    (ss.ss_family == AF_UNIX && len <= sizeof ss.ss_family))
		return (struct addr){0};
	return addr_from_sockaddr((const struct sockaddr *)&ss, len);
}

static int
ask_number(int fd, int option)
{
	int value = 0;
	socklen_t len = sizeof value;

	getsockopt(fd, SOL_SOCKET, option, &value, &len);
	return value;
}

static void
ask_names(int fd, struct tsock *s)
{
	struct addr peer = ask_name(fd, getpeername);

	s->local = ask_name(fd, getsockname);
	if (s->local.len != 0 && s->domain != AF_UNIX &&
	    addr_port(&s->local) == 0 && addr_is_wildcard(&s->local))
		s->local.len = 0;
	if (peer.len != 0)
		s->peer = peer;
}

void
tsocks_ask(pid_t pid, int fd, struct tsock *s)
{
	int own = borrow(pid, fd);

	if (own < 0)
		return;
	ask_names(own, s);
	close(own);
}

/* ---- the table ---- */

static bool
grow(struct tsocks *t)
{
	size_t cap = t->cap != 0 ? t->cap * 2 : 64;
	struct tsock **at;

	if (t->count < t->cap)
		return true;
	if (cap > TSOCKS_MAX)
		return false;
	at = reallocarray(t->at, cap, sizeof *at);
	if (at == NULL)
		return false;
	t->at = at;
	t->cap = cap;
	return true;
}

static struct tsock *
add(struct tsocks *t, const struct tsock *s)
{
	struct tsock *own = malloc(sizeof *own);

	if (own == NULL || !grow(t) ||
	    map_put(t->by_inode, &s->inode, (uint32_t)t->count) < 0) {
		free(own);
		return NULL;
	}
	*own = *s;
	own->id = t->next_id++;
	t->at[t->count++] = own;
	return own;
}

static struct tsock *
meet(struct tsocks *t, pid_t pid, int fd, uint32_t inode, bool made)
{
	struct tsock s = {.inode = inode, .side = SIDE_SERVER};
	int own = borrow(pid, fd);

	if (own < 0)
		return NULL;
	s.domain = ask_number(own, SO_DOMAIN);
	s.type = ask_number(own, SO_TYPE);
	ask_names(own, &s);
	close(own);
	s.hidden = !tsocks_shows(s.domain) || (s.domain == AF_UNIX && !made);
	return add(t, &s);
}

struct tsock *
tsocks_find(struct tsocks *t, pid_t pid, pid_t tid, int fd, bool made)
{
	char path[48];
	uint32_t inode, at;
	struct tsock *s;

	if (fd < 0)
		return NULL;
	snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)tid, fd);
	inode = link_inode(AT_FDCWD, path);
	if (inode == 0)
		return NULL;
	s = map_get(t->by_inode, &inode, &at) ? t->at[at]
					      : meet(t, pid, fd, inode, made);
	return s != NULL && !s->hidden ? s : NULL;
}

bool
tsocks_any(const struct tsocks *t)
{
	for (size_t i = 0; i < t->count; i++)
		if (!t->at[i]->hidden)
			return true;
	return false;
}

void
tsocks_close(struct tsocks *t, struct tsock *s)
{
	uint32_t at;

	if (!map_get(t->by_inode, &s->inode, &at))
		return;
	map_del(t->by_inode, &s->inode);
	t->at[at] = t->at[--t->count];
	if (at < t->count) /* replacing needs no memory */
		map_put(t->by_inode, &t->at[at]->inode, at);
	free(s->made);
	free(s);
}

/* ---- who holds what ---- */

/* Call found() for each socket that the process has open, until it says no. */
static bool
each_inode(pid_t pid, bool (*found)(void *arg, uint32_t inode), void *arg)
{
	char path[32];
	struct dirent *entry;
	bool more = true;
	DIR *dir;

	snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
	dir = opendir(path);
	if (dir == NULL)
		return true;
	while (more && (entry = readdir(dir)) != NULL) {
		uint32_t inode = link_inode(dirfd(dir), entry->d_name);

		more = inode == 0 || found(arg, inode);
	}
	closedir(dir);
	return more;
}

static bool
is_other(void *arg, uint32_t inode)
{
	return inode != *(const uint32_t *)arg;
}

bool
tsocks_held(const struct tsock *s, const pid_t *pids, size_t count)
{
	uint32_t inode = s->inode;

	for (size_t i = 0; i < count; i++)
		if (!each_inode(pids[i], is_other, &inode))
			return true;
	return false;
}

static bool
mark(void *arg, uint32_t inode)
{
	struct tsocks *t = arg;
	uint32_t at;

	if (map_get(t->by_inode, &inode, &at))
		t->at[at]->held = true;
	return true;
}

void
tsocks_mark_held(struct tsocks *t, const pid_t *pids, size_t count)
{
	for (size_t i = 0; i < t->count; i++)
		t->at[i]->held = false;
	for (size_t i = 0; i < count; i++)
		each_inode(pids[i], mark, t);
}

struct tsock *
tsocks_next_orphan(const struct tsocks *t, size_t *it)
{
	/* Closing it moves another into its place. */
	for (; *it < t->count; ++*it)
		if (!t->at[*it]->hidden && !t->at[*it]->held)
			return t->at[*it];
	return NULL;
}
