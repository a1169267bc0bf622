/*
 * tests/bench/flood.c - many small UDP packets on lo, at a given rate.
 *
 *   flood PACKETS_PER_SECOND SECONDS
 *
 * A datagram and no answer: the receiving socket's buffer fills and the kernel
 * drops what it has already shown to a capture. Prints how many were sent, and
 * how fast, since no machine sends faster than it can.
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

/* As many as one system call takes; how many went. */
static int
send_burst(int tx)
{
	static char data[16] = "0123456789abcdef";
	struct iovec iov = {data, sizeof data};
	struct mmsghdr messages[BURST];
	int n;

	for (int i = 0; i < BURST; i++)
		messages[i] = (struct mmsghdr){
		    .msg_hdr = {.msg_iov = &iov, .msg_iovlen = 1}};
	n = sendmmsg(tx, messages, BURST, 0);
	if (n < 0)
		err(1, "sendmmsg");
	return n;
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
	double took;

	if (argc != 3)
		errx(2, "usage: flood PACKETS_PER_SECOND SECONDS");
	rate = atoll(argv[1]);
	total = rate * atoll(argv[2]);
	if (rx < 0 || tx < 0 ||
	    bind(rx, (struct sockaddr *)&to, sizeof to) < 0 ||
	    connect(tx, (struct sockaddr *)&to, sizeof to) < 0)
		err(1, "socket");
	/* It never reads: what does not fit is dropped at once. */
	setsockopt(rx, SOL_SOCKET, SO_RCVBUF, &(int){1}, sizeof(int));
	start = now_ns();
	while (sent < total) {
		int64_t due = start + sent * 1000000000 / rate;
		int64_t left = due - now_ns();

		if (left > 0)
			clock_nanosleep(CLOCK_MONOTONIC, 0,
			    &(struct timespec){
				left / 1000000000, left % 1000000000},
			    NULL);
		sent += send_burst(tx);
	}
	took = (double)(now_ns() - start) / 1e9;
	printf("%lld packets in %.1f s, %.0f/s\n", (long long)sent, took,
	    (double)sent / took);
	return 0;
}
