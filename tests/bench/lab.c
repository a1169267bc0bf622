/*
 * tests/bench/lab.c - how long a lab takes until its hosts can be used.
 *
 *   lab HOSTS TIMES [UID]    as that user; prints the medium and the median
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/base/clock.h"
#include "net/lab.h"

/* In a child: whoever has entered a lab cannot leave it. */
static int64_t
enter_once(size_t hosts, uid_t uid, int *ret_medium)
{
	int64_t result[2] = {-1, 0};
	int fds[2];

	if (pipe(fds) < 0)
		return -1;
	if (fork() == 0) {
		int64_t begin;
		struct err why;
		struct lab lab;

		if (uid != 0 && (setresgid(uid, uid, uid) < 0 ||
				    setresuid(uid, uid, uid) < 0))
			_exit(1);
		prctl(PR_SET_DUMPABLE, 1);
		begin = clock_mono_ns();
		if (lab_enter(hosts, &lab, &why) < 0)
			errx(1, "%s", why.text);
		result[0] = clock_mono_ns() - begin;
		result[1] = lab.medium;
		_exit(write(fds[1], result, sizeof result) < 0);
	}
	close(fds[1]);
	if (read(fds[0], result, sizeof result) != sizeof result)
		result[0] = -1;
	close(fds[0]);
	wait(NULL);
	*ret_medium = (int)result[1];
	return result[0];
}

static int
compare(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

int
main(int argc, char **argv)
{
	int times = argc > 2 ? atoi(argv[2]) : 0, medium = 0;
	int64_t *took = calloc((size_t)times + 1, sizeof *took);

	if (times < 1 || took == NULL)
		errx(2, "usage: lab HOSTS TIMES [UID]");
	for (int i = 0; i < times; i++) {
		took[i] = enter_once((size_t)atoi(argv[1]),
		    argc > 3 ? (uid_t)atoi(argv[3]) : 0, &medium);
		if (took[i] < 0)
			return 1;
	}
	qsort(took, (size_t)times, sizeof *took, compare);
	printf("%s %.2f\n", lab_medium_name((enum lab_medium)medium),
	    (double)took[times / 2] / 1e6);
	free(took);
	return 0;
}
