/*
 * tests/bench/rudp.c - goodput of TCP and of reliable UDP, in real packets.
 *
 *   rudp MEGABYTES ROUNDS
 *
 * In a lab, whose lo has MTU 1500 and no segmentation offload, so that each
 * segment is a packet; without records of the calls. Prints one line for each
 * round: MB/s of TCP, MB/s of reliable UDP, its repeated messages, the packets
 * of TCP, those of reliable UDP.
 */
#include <err.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "net/lab.h"
#include "tests/unit/net/rudp_mmsg.h"

#define PIECE (64 * 1024)

static uint8_t piece[PIECE];

/* Packets that lo has carried. */
static uint64_t
packets_of_lo(void)
{
	unsigned long long packets = 0;
	char line[256];
	FILE *f = fopen("/proc/thread-self/net/dev", "r");

	while (f != NULL && fgets(line, sizeof line, f) != NULL)
		if (sscanf(line, " lo: %*u %llu", &packets) == 1)
			break;
	if (f != NULL)
		fclose(f);
	return packets;
}

static double
mb_per_s(int64_t bytes, int64_t start)
{
	return (double)bytes * 1e3 / (double)(clock_mono_ns() - start);
}

/* ---- TCP ---- */

static void *
tcp_read(void *arg)
{
	int fd = accept(*(int *)arg, NULL, NULL);
	static uint8_t buf[PIECE];

	while (recv(fd, buf, sizeof buf, 0) > 0)
		;
	close(fd);
	return NULL;
}

static double
tcp_round(int64_t total)
{
	struct addr at = addr_from_ip(AF_INET, "\x7f\0\0\1", 0);
	int l = socket(AF_INET, SOCK_STREAM, 0), c;
	struct sockaddr_in in;
	socklen_t len = sizeof in;
	pthread_t thread;
	int64_t start;

	if (bind(l, &at.sa, at.len) < 0 || listen(l, 1) < 0 ||
	    getsockname(l, (struct sockaddr *)&in, &len) < 0)
		err(1, "tcp");
	pthread_create(&thread, NULL, tcp_read, &l);
	c = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(c, (struct sockaddr *)&in, len) < 0)
		err(1, "connect");
	start = clock_mono_ns();
	for (int64_t n = 0; n < total; n += PIECE)
		if (send(c, piece, PIECE, 0) != PIECE)
			err(1, "send");
	shutdown(c, SHUT_WR);
	pthread_join(thread, NULL);
	close(c);
	close(l);
	return mb_per_s(total, start);
}

/* ---- reliable UDP ---- */

static void *
rudp_read(void *arg)
{
	struct rudp_sock *s = arg;
	uint8_t buf[RUDP_MESSAGE_MAX];
	int conn;

	while ((conn = rudp_sock_accept(s)) < 0)
		rudp_sock_turn(s, -1);
	while (rudp_sock_recv(s, conn, buf, -1) >= 0)
		;
	rudp_sock_finish(s, conn, false, CLOCK_S);
	return NULL;
}

static double
rudp_round(int64_t total, uint64_t *ret_repeated)
{
	struct rudp_sock_spec spec = {
	    .config = rudp_config_default, .conns_max = 1, .listens = true};
	static struct mmsg server, client;
	struct addr server_addr, client_addr;
	struct rudp_io server_io, client_io;
	struct rudp_sock *s, *c;
	pthread_t thread;
	int64_t start;
	double speed;
	int conn;

	mmsg_open(&server, &server_addr, &server_io);
	mmsg_open(&client, &client_addr, &client_io);
	s = rudp_sock_new(&spec, &server_io);
	spec.listens = false;
	c = rudp_sock_new(&spec, &client_io);
	pthread_create(&thread, NULL, rudp_read, s);
	conn = rudp_sock_connect(c, &server_addr);
	if (rudp_sock_establish(c, conn, CLOCK_S) < 0)
		errx(1, "rudp does not connect");
	start = clock_mono_ns();
	for (int64_t n = 0; n < total; n += RUDP_MESSAGE_MAX)
		if (rudp_sock_send(c, conn, piece, RUDP_MESSAGE_MAX, -1) < 0)
			errx(1, "rudp does not send");
	if (rudp_sock_finish(c, conn, false, 10 * CLOCK_S) < 0)
		errx(1, "rudp does not end");
	speed = mb_per_s(total, start);
	pthread_join(thread, NULL);
	*ret_repeated = rudp_stats(rudp_sock_conn(c, conn)).retransmits;
	rudp_sock_free(s);
	rudp_sock_free(c);
	close(server.fd);
	close(client.fd);
	return speed;
}

int
main(int argc, char **argv)
{
	int64_t total;
	struct lab lab;
	struct err why;

	if (argc != 3)
		errx(2, "usage: rudp MEGABYTES ROUNDS");
	total = atoll(argv[1]) * 1000000;
	if (lab_enter(1, &lab, &why) < 0)
		errx(1, "%s", why.text);
	for (int i = atoi(argv[2]); i > 0; i--) {
		uint64_t repeated, before = packets_of_lo(), between;
		double tcp = tcp_round(total), rudp;

		between = packets_of_lo();
		rudp = rudp_round(total, &repeated);
		printf("%.0f %.0f %llu %llu %llu\n", tcp, rudp,
		    (unsigned long long)repeated,
		    (unsigned long long)(between - before),
		    (unsigned long long)(packets_of_lo() - between));
		fflush(stdout);
	}
	return 0;
}
