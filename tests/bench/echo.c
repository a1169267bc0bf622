/*
 * tests/bench/echo.c - echo round trips per second, and the server to beat.
 *
 *   echo server PORT                 threads that recv() and send(), no trace
 *   echo load PORT SECONDS [CLIENTS] each client: send 64 bytes, await them
 *
 * load prints the round trips per second of all clients together.
 */
#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MESSAGE 64
#define CLIENTS_MAX 64

static struct sockaddr_in
loopback(const char *port)
{
	return (struct sockaddr_in){
	    .sin_family = AF_INET,
	    .sin_port = htons((uint16_t)atoi(port)),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
}

static void *
serve(void *arg)
{
	int fd = (int)(intptr_t)arg;
	char data[4096];
	ssize_t n;

	while ((n = recv(fd, data, sizeof data, 0)) > 0)
		if (send(fd, data, (size_t)n, MSG_NOSIGNAL) != n)
			break;
	close(fd);
	return NULL;
}

static void
run_server(const char *port)
{
	struct sockaddr_in at = loopback(port);
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(fd, (struct sockaddr *)&at, sizeof at) < 0 ||
	    listen(fd, 5) < 0)
		err(1, "port %s", port);
	for (;;) {
		int client = accept(fd, NULL, NULL);
		pthread_t thread;

		if (client < 0 || pthread_create(&thread, NULL, serve,
				      (void *)(intptr_t)client) != 0)
			errx(1, "accept");
		pthread_detach(thread);
	}
}

struct load {
	struct sockaddr_in to;
	atomic_bool over;
	atomic_ulong trips;
};

static void *
load(void *arg)
{
	struct load *l = arg;
	char data[MESSAGE] = "ping";
	unsigned long trips = 0;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (connect(fd, (struct sockaddr *)&l->to, sizeof l->to) < 0)
		err(1, "connect");
	while (!atomic_load(&l->over)) {
		if (send(fd, data, sizeof data, MSG_NOSIGNAL) != MESSAGE ||
		    recv(fd, data, sizeof data, MSG_WAITALL) != MESSAGE)
			err(1, "round trip");
		trips++;
	}
	atomic_fetch_add(&l->trips, trips);
	close(fd);
	return NULL;
}

static void
run_load(const char *port, int seconds, int clients)
{
	struct load l = {.to = loopback(port)};
	pthread_t threads[CLIENTS_MAX];
	struct timespec begin, end;
	double span;

	if (seconds < 1 || clients < 1 || clients > CLIENTS_MAX)
		errx(2, "1 or more seconds, 1 to %d clients", CLIENTS_MAX);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	for (int i = 0; i < clients; i++)
		if (pthread_create(&threads[i], NULL, load, &l) != 0)
			errx(1, "pthread_create");
	sleep((unsigned)seconds);
	atomic_store(&l.over, true);
	for (int i = 0; i < clients; i++)
		pthread_join(threads[i], NULL);
	clock_gettime(CLOCK_MONOTONIC, &end);
	span = (double)(end.tv_sec - begin.tv_sec) +
	       (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
	printf("%.0f\n", (double)atomic_load(&l.trips) / span);
}

int
main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "server") == 0)
		run_server(argv[2]);
	else if (argc >= 4 && strcmp(argv[1], "load") == 0)
		run_load(argv[2], atoi(argv[3]), argc > 4 ? atoi(argv[4]) : 1);
	else
		errx(2, "usage: echo server PORT | echo load PORT SECONDS "
			"[CLIENTS]");
	return 0;
}
