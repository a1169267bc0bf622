#include "net/stale.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* Has somebody bound it, as a socket of this type? */
static bool
is_bound(const struct sockaddr_un *un, int type)
{
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool refused =
	    fd >= 0 &&
	    connect(fd, (const struct sockaddr *)un, sizeof *un) < 0 &&
	    errno == ECONNREFUSED;

	if (fd >= 0)
		close(fd);
	return !refused;
}

int
stale_remove(const char *path, struct err *err)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	struct stat st;

	if (strlen(path) >= sizeof un.sun_path)
		return err_set(err, -ENAMETOOLONG,
		    "the path of a Unix socket has at most %zu bytes",
		    sizeof un.sun_path - 1);
	strcpy(un.sun_path, path);
	if (lstat(path, &st) < 0)
		return err_set(
		    err, -errno, "%s: %s", path, strerrordesc_np(errno));
	if (!S_ISSOCK(st.st_mode))
		return err_set(
		    err, -ENOTSOCK, "%s is no socket: it stays as it is", path);
	/* A bound socket of the other type says EPROTOTYPE. */
	if (is_bound(&un, SOCK_STREAM) || is_bound(&un, SOCK_DGRAM))
		return err_set(err, -EADDRINUSE,
		    "%s is in use: stop its server first, then the file may "
		    "go",
		    path);
	if (unlink(path) < 0)
		return err_set(err, -errno, "%s cannot be removed: %s", path,
		    strerrordesc_np(errno));
	return 0;
}
