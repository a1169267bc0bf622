#include "net/stale.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static const char *
place(void)
{
	static char path[64];

	snprintf(path, sizeof path, "/tmp/sockdeck-stale-%d", (int)getpid());
	unlink(path);
	return path;
}

static int
bound(const char *path, int type)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, type, 0);

	strcpy(un.sun_path, path);
	assert_int_equal(bind(fd, (struct sockaddr *)&un, sizeof un), 0);
	if (type == SOCK_STREAM)
		assert_int_equal(listen(fd, 1), 0);
	return fd;
}

static void
remove__left_behind__is_gone(void **state)
{
	const char *path = place();

	(void)state;
	for (int type = SOCK_STREAM; type <= SOCK_DGRAM; type++) {
		close(bound(path, type));
		assert_int_equal(stale_remove(path, NULL), 0);
		assert_int_equal(access(path, F_OK), -1);
	}
}

static void
remove__in_use__stays(void **state)
{
	const char *path = place();
	struct err err = {""};

	(void)state;
	for (int type = SOCK_STREAM; type <= SOCK_DGRAM; type++) {
		int fd = bound(path, type);

		assert_int_equal(stale_remove(path, &err), -EADDRINUSE);
		assert_non_null(strstr(err.text, "in use"));
		assert_int_equal(access(path, F_OK), 0);
		close(fd);
		unlink(path);
	}
}

static void
remove__other_files__stay(void **state)
{
	const char *path = place();

	(void)state;
	assert_int_equal(stale_remove(path, NULL), -ENOENT);
	close(open(path, O_CREAT | O_WRONLY, 0600));
	assert_int_equal(stale_remove(path, NULL), -ENOTSOCK);
	assert_int_equal(access(path, F_OK), 0);
	unlink(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(remove__left_behind__is_gone),
	    cmocka_unit_test(remove__in_use__stays),
	    cmocka_unit_test(remove__other_files__stay),
	};

	return cmocka_run_group_tests_name("stale", tests, NULL, NULL);
}
