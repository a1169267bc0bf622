/*
 * The end of a lab: nobody stays on its hosts when its console has gone, in
 * whatever way. A killed console cannot see to that itself.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "net/lab_impl.h"

#define ROUND_NS (20 * 1000 * 1000)
#define POLITE_ROUNDS 50 /* a second */
#define ROUNDS 250 /* what is not gone then never will be */

/* The hosts, as /proc/PID/ns/net has them. */
struct hosts {
	struct stat netns[LAB_HOSTS_MAX];
	size_t count;
};

static bool
is_here(const struct hosts *h, int process)
{
	struct stat st;

	if (fstatat(process, "ns/net", &st, 0) < 0)
		return false;
	for (size_t i = 0; i < h->count; i++)
		if (h->netns[i].st_ino == st.st_ino &&
		    h->netns[i].st_dev == st.st_dev)
			return true;
	return false;
}

/* Whoever is on one of the hosts gets these signals; false: nobody is. A
 * directory of /proc stays that of its process, whoever gets the number next. */
static bool
signal_all(const struct hosts *h, const int *signals)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	bool any = false;

	while (proc != NULL && (entry = readdir(proc)) != NULL) {
		int pid = atoi(entry->d_name), process;

		if (pid <= 0 || pid == getpid())
			continue;
		process = openat(dirfd(proc), entry->d_name,
		    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (process >= 0 && is_here(h, process)) {
			any = true;
			for (const int *s = signals; *s != 0; s++)
				pidfd_send_signal(process, *s, NULL, 0);
		}
		if (process >= 0)
			close(process);
	}
	if (proc != NULL)
		closedir(proc);
	return any;
}

static void
end_all(const struct hosts *h)
{
	/* As when a terminal goes; who ignores that, may still end by itself;
	 * who is stopped, must go on to do so. */
	static const int politely[] = {SIGHUP, SIGTERM, SIGCONT, 0};
	static const int nothing[] = {0}, surely[] = {SIGKILL, 0};
	const struct timespec pause = {.tv_nsec = ROUND_NS};
	bool any = signal_all(h, politely);

	for (int i = 0; any && i < ROUNDS; i++) {
		nanosleep(&pause, NULL);
		any = signal_all(h, i < POLITE_ROUNDS ? nothing : surely);
	}
}

/* No key of the terminal reaches it, and nobody waits for it to close what it
 * was born with. */
static void
settle(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	sigset_t all;

	setsid();
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	prctl(PR_SET_NAME, "sockdeck-lab");
	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		dup2(null, fd);
	close(null);
}

void
lab_keep(int console, const int *netns, size_t count)
{
	struct pollfd end = {.fd = console, .events = POLLIN};
	struct hosts h = {.count = count};

	settle();
	for (size_t i = 0; i < count; i++)
		if (fstat(netns[i], &h.netns[i]) < 0)
			return;
	while (poll(&end, 1, -1) < 0 && errno == EINTR)
		;
	end_all(&h);
}
