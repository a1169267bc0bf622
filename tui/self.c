#include "tui/self.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME "sockdeck"

/* Does the shell find this very program by its name? */
static bool
is_on_path(const struct stat *self)
{
	const char *path = getenv("PATH");
	char file[4096];
	struct stat st;

	while (path != NULL && *path != '\0') {
		int n = (int)strcspn(path, ":");

		snprintf(file, sizeof file, "%.*s/" NAME, n, path);
		if (n > 0 && access(file, X_OK) == 0)
			return stat(file, &st) == 0 &&
			       st.st_ino == self->st_ino &&
			       st.st_dev == self->st_dev;
		path += n + (path[n] == ':');
	}
	return false;
}

const char *
self_command(char dst[SELF_MAX])
{
	char exe[SELF_MAX], cwd[SELF_MAX];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
	struct stat self;
	size_t below;

	snprintf(dst, SELF_MAX, NAME);
	/* One that was cut, or deleted meanwhile, is no help. */
	if (n <= 0 || n == sizeof exe - 1)
		return dst;
	exe[n] = '\0';
	if (stat(exe, &self) < 0 || is_on_path(&self))
		return dst;
	if (getcwd(cwd, sizeof cwd) == NULL)
		cwd[0] = '\0';
	below = strcmp(cwd, "/") == 0 ? 0 : strlen(cwd);
	/* A shell looks for a name without a slash elsewhere. */
	if (cwd[0] != '\0' && strncmp(exe, cwd, below) == 0 &&
	    exe[below] == '/')
		snprintf(dst, SELF_MAX, "%s%s",
		    strchr(exe + below + 1, '/') == NULL ? "./" : "",
		    exe + below + 1);
	else
		snprintf(dst, SELF_MAX, "%s", exe);
	return dst;
}
