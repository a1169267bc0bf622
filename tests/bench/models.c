/*
 * tests/bench/models.c - loads for the server models, and the event server to
 * beat.
 *
 *   models epoll PORT                   echo, one epoll loop, no trace
 *   models pour PORT SECONDS            one client: MB/s that come back
 *   models udp PORT SECONDS             one client, 64 bytes: round trips/s
 *   models crowd PORT IDLE BUSY SECONDS BUSY of IDLE + BUSY clients speak, in
 *                                       one epoll loop: round trips/s
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MESSAGE 64

static struct sockaddr_in
loopback(const char *port)
{
	return (struct sockaddr_in){
	    .sin_family = AF_INET,
	    .sin_port = htons((uint16_t)atoi(port)),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
}

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* The textbook's event server: level-triggered, non-blocking. */
static void
serve_epoll(const char *port)
{
	struct sockaddr_in at = loopback(port);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	int set = epoll_create1(0), one = 1;
	struct epoll_event ready[256], ev = {.events = EPOLLIN};
	char data[4096];

	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(listener, (struct sockaddr *)&at, sizeof at) < 0 ||
	    listen(listener, 4096) < 0)
		err(1, "port %s", port);
	ev.data.fd = listener;
	epoll_ctl(set, EPOLL_CTL_ADD, listener, &ev);
	for (;;) {
		int n = epoll_wait(set, ready, 256, -1);

		for (int i = 0; i < n; i++) {
			int fd = ready[i].data.fd;
			ssize_t got;

			if (fd == listener) {
				ev.data.fd =
				    accept4(fd, NULL, NULL, SOCK_NONBLOCK);
				epoll_ctl(set, EPOLL_CTL_ADD, ev.data.fd, &ev);
				continue;
			}
			got = recv(fd, data, sizeof data, 0);
			if (got <= 0 ||
			    send(fd, data, (size_t)got, MSG_NOSIGNAL) != got)
				close(fd);
		}
	}
}

static int
dial(const char *port, int type)
{
	struct sockaddr_in to = loopback(port);
	int fd = socket(AF_INET, type, 0);

	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) < 0)
		err(1, "connect to port %s", port);
	return fd;
}

struct stream {
	int fd;
	atomic_ullong received;
};

static void *
drink(void *arg)
{
	static char data[1 << 16];
	struct stream *s = arg;
	ssize_t n;

	while ((n = recv(s->fd, data, sizeof data, 0)) > 0)
		atomic_fetch_add(&s->received, (unsigned long long)n);
	return NULL;
}

/*
 * What came back when time is up counts: not every server passes the end of
 * the stream on (ncat -e keeps its child's pipe open), so none is waited for.
 */
static void
pour(const char *port, double seconds)
{
	static char data[1 << 16];
	struct timeval limit = {.tv_sec = 1};
	struct stream s = {.fd = dial(port, SOCK_STREAM)};
	double begin = now();
	pthread_t reader;

	setsockopt(s.fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
	pthread_create(&reader, NULL, drink, &s);
	while (now() - begin < seconds)
		if (send(s.fd, data, sizeof data, MSG_NOSIGNAL) < 0)
			err(1, "send");
	printf(
	    "%.0f\n", (double)atomic_load(&s.received) / 1e6 / (now() - begin));
	shutdown(s.fd, SHUT_RDWR);
	pthread_join(reader, NULL);
}

static void
udp(const char *port, double seconds)
{
	struct timeval limit = {.tv_usec = 100000};
	int fd = dial(port, SOCK_DGRAM);
	char data[MESSAGE] = "ping";
	double begin = now();
	unsigned long trips = 0;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	while (now() - begin < seconds) {
		send(fd, data, sizeof data, 0);
		trips += recv(fd, data, sizeof data, 0) == MESSAGE;
	}
	printf("%.0f\n", (double)trips / (now() - begin));
}

static void
crowd(const char *port, int idle, int busy, double seconds)
{
	struct rlimit files;
	struct epoll_event ready[256], ev = {.events = EPOLLIN};
	int set = epoll_create1(0);
	char data[MESSAGE] = "ping";
	unsigned long trips = 0;
	double begin;

	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	for (int i = 0; i < idle; i++)
		dial(port, SOCK_STREAM);
	/* An echo from the last one: the server has taken them all. */
	for (int i = 0; i < busy; i++) {
		ev.data.fd = dial(port, SOCK_STREAM);
		epoll_ctl(set, EPOLL_CTL_ADD, ev.data.fd, &ev);
		if (send(ev.data.fd, data, MESSAGE, 0) != MESSAGE ||
		    recv(ev.data.fd, data, MESSAGE, MSG_WAITALL) != MESSAGE ||
		    send(ev.data.fd, data, MESSAGE, 0) != MESSAGE)
			err(1, "client %d", idle + i);
	}
	begin = now();
	while (now() - begin < seconds) {
		int n = epoll_wait(set, ready, 256, 1000);

		for (int i = 0; i < n; i++) {
			int fd = ready[i].data.fd;

			if (recv(fd, data, MESSAGE, MSG_WAITALL) != MESSAGE ||
			    send(fd, data, MESSAGE, MSG_NOSIGNAL) != MESSAGE)
				err(1, "a busy client");
			trips++;
		}
	}
	printf("%.0f\n", (double)trips / (now() - begin));
	fflush(stdout);
	/* Hold the crowd until the memory was read: end of standard input. */
	while (read(STDIN_FILENO, data, sizeof data) > 0)
		continue;
}

int
main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "epoll") == 0)
		serve_epoll(argv[2]);
	else if (argc == 4 && strcmp(argv[1], "pour") == 0)
		pour(argv[2], atof(argv[3]));
	else if (argc == 4 && strcmp(argv[1], "udp") == 0)
		udp(argv[2], atof(argv[3]));
	else if (argc == 6 && strcmp(argv[1], "crowd") == 0)
		crowd(argv[2], atoi(argv[3]), atoi(argv[4]), atof(argv[5]));
	else
		errx(2, "usage: see the head of models.c");
	return 0;
}
