#include "net/trace_link.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/trace_wire.h"

#define NAME "sockdeck-trace/"
#define SEND_BUFFER (1024 * 1024)

struct trace_link {
	int fd; /* -1: the console has ended */
	uint64_t lost; /* since it was told last */
	struct wr message;
	uint8_t bytes[TRACE_WIRE_MESSAGE];
};

socklen_t
trace_link_address(struct sockaddr_un *ret, pid_t console)
{
	int n;

	*ret = (struct sockaddr_un){.sun_family = AF_UNIX};
	/* The first NUL makes it abstract; a last one would belong to it. */
	n = snprintf(ret->sun_path + 1, sizeof ret->sun_path - 1, NAME "%d",
	    (int)console);
	return (
	    socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)n);
}

/* ---- finding it ---- */

/* Whoever else has the name first shall not get the records. */
static int
check_peer(int fd, pid_t console)
{
	struct ucred peer;
	socklen_t len = sizeof peer;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0)
		return -errno;
	return peer.uid == geteuid() && peer.pid == console ? 0 : -EPERM;
}

/* So that this end too is known for what it is. */
static void
name_own_end(int fd, const struct sockaddr_un *console, socklen_t len)
{
	struct sockaddr_un own = *console;
	size_t at = len - offsetof(struct sockaddr_un, sun_path);
	int n = snprintf(
	    own.sun_path + at, sizeof own.sun_path - at, "/%d", (int)getpid());

	bind(fd, (struct sockaddr *)&own, len + (socklen_t)n);
}

bool
trace_link_owns(const struct addr *a)
{
	static const char name[] = "\0" NAME;
	size_t offset = offsetof(struct sockaddr_un, sun_path);

	return a->len > offset + sizeof name - 1 &&
	       a->sa.sa_family == AF_UNIX &&
	       memcmp(a->un.sun_path, name, sizeof name - 1) == 0;
}

/* A connected socket, or -errno. */
static int
connect_to(pid_t console)
{
	struct sockaddr_un un;
	socklen_t len = trace_link_address(&un, console);
	const int size = SEND_BUFFER, type = SOCK_SEQPACKET | SOCK_CLOEXEC;
	/* It waits for nobody: a stopped console accepts no more. */
	int fd = socket(AF_UNIX, type | SOCK_NONBLOCK, 0), rc;

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
	name_own_end(fd, &un, len);
	rc = connect(fd, (struct sockaddr *)&un, len) < 0
		 ? -errno
		 : check_peer(fd, console);
	if (rc == 0)
		return fd;
	close(fd);
	return rc == -ECONNREFUSED ? -ENOENT : rc;
}

/* Any console of this user whose network namespace is ours. */
static int
connect_to_any(void)
{
	FILE *f = fopen("/proc/net/unix", "re");
	int fd = -ENOENT;
	char line[256];

	while (fd < 0 && f != NULL && fgets(line, sizeof line, f) != NULL) {
		const char *name = strstr(line, " @" NAME);
		int pid = name != NULL ? atoi(name + strlen(" @" NAME)) : 0;

		if (pid > 0)
			fd = connect_to(pid);
	}
	if (f != NULL)
		fclose(f);
	return fd == -EPERM ? -ENOENT : fd; /* another user's */
}

/* ---- sending ---- */

static void
begin_message(struct trace_link *l)
{
	l->message = wr_init(l->bytes, sizeof l->bytes);
}

static void
forget_console(struct trace_link *l)
{
	close(l->fd);
	l->fd = -1;
}

/* False: it stays for later. */
static bool
send_message(struct trace_link *l)
{
	size_t n = wr_len(&l->message);

	if (n == 0 || l->fd < 0)
		return true;
	while (send(l->fd, l->bytes, n, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
		if (errno == EINTR)
			continue;
		if (errno == EAGAIN)
			return false;
		forget_console(l);
		return true;
	}
	begin_message(l);
	return true;
}

static bool
put(struct trace_link *l, const struct trace_record *r)
{
	trace_wire_put(&l->message, r);
	if (!l->message.full)
		return true;
	l->message.full = false;
	return false;
}

/* Into this message, or into the next one if that can go. */
static bool
add(struct trace_link *l, const struct trace_record *r)
{
	return put(l, r) || (send_message(l) && put(l, r));
}

void
trace_link_rest(void *link)
{
	struct trace_link *l = link;
	struct trace_record r = {.kind = TRACE_LOST, .lost = l->lost};

	if (send_message(l) && l->lost > 0 && add(l, &r)) {
		l->lost = 0;
		send_message(l);
	}
}

void
trace_link_call(void *link, const struct call *c)
{
	struct trace_link *l = link;
	struct trace_record r;

	if (l->fd < 0)
		return;
	r.kind = TRACE_CALL;
	memcpy(&r.call, c, offsetof(struct call, data) + c->data_len);
	if (!add(l, &r))
		l->lost++;
}

void
trace_link_end(void *link, int status)
{
	struct trace_link *l = link;
	struct trace_record r = {.kind = TRACE_END, .status = status};

	if (l->fd >= 0 && add(l, &r))
		send_message(l);
}

/* ---- opening ---- */

/* "python3 echo_server.py": the words, paths without their folders; of a
 * program that stands in the command itself, the first line. */
static void
name_program(char dst[TRACE_NAME_MAX], char *const *command)
{
	size_t n = 0;

	for (int i = 0; command[i] != NULL && n < TRACE_NAME_MAX; i++) {
		const char *word = command[i], *slash = strrchr(word, '/');

		if (slash != NULL && slash[1] != '\0' &&
		    (word[0] == '/' || word[0] == '.'))
			word = slash + 1;
		n += (size_t)snprintf(dst + n, TRACE_NAME_MAX - n, "%s%s",
		    i > 0 ? " " : "", word);
	}
	dst[strcspn(dst, "\r\n")] = '\0';
}

int
trace_link_open(pid_t console, char *const *command, struct trace_link **ret,
    struct err *err)
{
	struct trace_record hello = {.kind = TRACE_HELLO,
	    .version = TRACE_WIRE_VERSION,
	    .pid = getpid()};
	int fd = console != 0 ? connect_to(console) : connect_to_any();
	struct trace_link *l;

	if (fd == -EPERM)
		return err_set(err, fd,
		    "process %d is no console of yours, and gets no calls of "
		    "your programs: --print shows them here",
		    (int)console);
	if (fd == -EAGAIN)
		return err_set(err, fd,
		    "the console does not answer: is it stopped (^Z)? "
		    "--print shows the calls here");
	if (fd < 0)
		return err_set(err, fd, "the console cannot be reached: %s",
		    strerror(-fd));
	l = malloc(sizeof *l);
	if (l == NULL) {
		close(fd);
		return err_set(err, -ENOMEM, "no memory for the records");
	}
	l->fd = fd;
	l->lost = 0;
	begin_message(l);
	name_program(hello.name, command);
	add(l, &hello);
	send_message(l);
	*ret = l;
	return 0;
}

int
trace_link_fd(const struct trace_link *l)
{
	return l->fd;
}

void
trace_link_free(struct trace_link *l)
{
	if (l == NULL)
		return;
	if (l->fd >= 0)
		close(l->fd);
	free(l);
}
