#include "net/congestion.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TCP "/proc/sys/net/ipv4/tcp_"

static void
read_line(const char *path, char dst[CONGESTION_NAMES_MAX])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, dst, CONGESTION_NAMES_MAX - 1) : 0;

	if (fd >= 0)
		close(fd);
	dst[n > 0 ? n : 0] = '\0';
	dst[strcspn(dst, "\n")] = '\0';
}

void
congestion_names(struct congestion_names *ret)
{
	read_line(TCP "congestion_control", ret->usual);
	read_line(TCP "available_congestion_control", ret->all);
}

static bool
has_word(const char *words, const char *word)
{
	size_t n = strlen(word);

	while (*words != '\0') {
		size_t len = strcspn(words, " ");

		if (len == n && memcmp(words, word, n) == 0)
			return true;
		words += len + (words[len] == ' ');
	}
	return false;
}

int
congestion_parse(const char *name, struct sockopt_value *ret, struct err *err)
{
	struct congestion_names names;

	congestion_names(&names);
	if (has_word(names.all, name))
		return sockopt_parse(
		    sockopt_find("TCP_CONGESTION"), name, ret, err);
	return err_set(err, -EINVAL,
	    "this kernel has no congestion control '%.32s'; it has: %s. Root "
	    "may load another, as in `modprobe tcp_vegas`",
	    name, names.all);
}

int
congestion_set_usual(const char *name)
{
	int fd = open(TCP "congestion_control", O_WRONLY | O_CLOEXEC), rc = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, name, strlen(name)) < 0)
		rc = -errno;
	close(fd);
	return rc;
}
