/*
 * One end of an RFCOMM stream as a bare loop, timed:
 *   rfcomm recv ADAPTER CHANNEL BYTES   says "ready", takes them from one client
 *   rfcomm send DEVICE CHANNEL BYTES
 * prints bytes a second, from the first to the last.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "net/bdaddr.h"

#define PIECE 4096 /* as sockdeck's recv() and, of what is typed, send() */

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int
open_end(int receives, const struct sockaddr_rfcomm *at)
{
	int s = socket(AF_BLUETOOTH, SOCK_STREAM, RFCOMM_PROTOCOL);
	const struct sockaddr *sa = (const struct sockaddr *)at;

	if (!receives)
		return connect(s, sa, sizeof *at) < 0 ? -1 : s;
	if (bind(s, sa, sizeof *at) < 0 || listen(s, 1) < 0)
		return -1;
	puts("ready");
	fflush(stdout);
	return accept(s, NULL, NULL);
}

int
main(int argc, char **argv)
{
	struct sockaddr_rfcomm at = {.family = AF_BLUETOOTH};
	int receives = argc == 5 && strcmp(argv[1], "recv") == 0, s;
	long left = argc == 5 ? atol(argv[4]) : 0, total = left;
	static char piece[PIECE];
	double begin = 0;

	if (left <= 0 || !bdaddr_parse(argv[2], &at.device))
		return 2;
	at.channel = (uint8_t)atoi(argv[3]);
	s = open_end(receives, &at);
	if (s < 0) {
		perror("rfcomm");
		return 1;
	}
	if (!receives)
		begin = now();
	while (left > 0) {
		size_t want = left < PIECE ? (size_t)left : PIECE;
		ssize_t n = receives ? recv(s, piece, PIECE, 0)
				     : send(s, piece, want, MSG_NOSIGNAL);

		if (n <= 0) {
			perror(argv[1]);
			return 1;
		}
		if (begin == 0)
			begin = now();
		left -= n;
	}
	printf("%.0f\n", (double)total / (now() - begin));
	fflush(stdout);
	/* The last bytes would go with the connection. */
	if (!receives)
		recv(s, piece, 1, 0);
	close(s);
	return 0;
}
