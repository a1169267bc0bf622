/*
 * tests/bench/flood.c - many small UDP packets on lo, at a given rate.
 *
 *   flood PACKETS_PER_SECOND SECONDS
 *
 * A datagram and no answer: the receiving socket's buffer fills and the kernel
 * drops what it has already shown to a capture. Prints how many were sent.
 */
#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#define PORT 7009
#define BURST 100

static int64_t
now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

int
main(int argc, char **argv)
{
	struct sockaddr_in to = {
	    .sin_family = AF_INET,
	    .sin_port = htons(PORT),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int rx = socket(AF_INET, SOCK_DGRAM, 0);
	int tx = socket(AF_INET, SOCK_DGRAM, 0);
	int64_t rate, total, start, sent = 0;

	if (argc != 3)
		errx(2, "usage: flood PACKETS_PER_SECOND SECONDS");
	rate = atoll(argv[1]);
	total = rate * atoll(argv[2]);
	if (rx < 0 || tx < 0 ||
	    bind(rx, (struct sockaddr *)&to, sizeof to) < 0 ||
	    connect(tx, (struct sockaddr *)&to, sizeof to) < 0)
		err(1, "socket");
	start = now_ns();
	for (; sent < total; sent++) {
		int64_t due = start + sent * 1000000000 / rate;
		int64_t left = sent % BURST == 0 ? due - now_ns() : 0;

		if (left > 0)
			clock_nanosleep(CLOCK_MONOTONIC, 0,
			    &(struct timespec){
				left / 1000000000, left % 1000000000},
			    NULL);
		if (send(tx, "0123456789abcdef", 16, 0) < 0)
			err(1, "send");
	}
	printf("%lld packets in %.1f s\n", (long long)sent,
	    (double)(now_ns() - start) / 1e9);
	return 0;
}
