/*
 * tests/bench/wire.c - the wire of a lab against a plain veth pair between the
 * same two hosts, with offloads off: real packets of MTU 1500 in both.
 *
 *   wire bulk MEDIUM ROUNDS     MB/s of veth, MB/s through the wire
 *   wire rtt MEDIUM ROUNDS      ns of a UDP round trip, median: veth, the wire
 *   wire rtt-apart MEDIUM ROUNDS
 *                               the same, with a core for each of the two
 *                               programs; else they are where the scheduler puts
 *                               them, which over veth is on one
 *   wire flood MEDIUM PPS       what was sent, entered the wire, left it, was
 *                               received; interface drops; the records' drops
 *   wire send ADDRESS COUNT     one-way times: to be run on the client's host
 *   wire receive COUNT          and on the server's: median, 99%, worst in ns
 *                               until its kernel has it; until the program has
 *
 * MEDIUM is TUN or veth. A thread empties the source that the wire feeds, as
 * the console does. Exit status 3: this user gets no such lab.
 */
#include <arpa/inet.h>
#include <err.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "capture/source.h"
#include "net/base/clock.h"
#include "net/lab.h"
#include "net/rtnl.h"
#include "net/wire.h"

#define PORT 7000
#define BULK_NS (1500 * CLOCK_MS)
#define TRIPS 5000
#define FLOOD_NS (2 * CLOCK_S)

static struct lab lab;
static struct wire *wire;
static struct source *source;
static atomic_bool done;

/* ---- the lab, and a second pair of interfaces ---- */

static void
feed(void *arg, const struct packet *p)
{
	source_feed(arg, p);
}

static void
flush(void *arg)
{
	source_feed_flush(arg);
}

static void *
drain(void *arg)
{
	(void)arg;
	while (!atomic_load(&done)) {
		struct batch *b = source_pop(source);

		if (b != NULL)
			batch_free(b);
		else
			usleep(5000);
	}
	return NULL;
}

static void
enter_lab(const char *medium)
{
	struct wire_sink sink = {NULL, feed, flush};
	struct err e;

	if (strcmp(medium, "veth") == 0 &&
	    access("/dev/net/tun", R_OK | W_OK) == 0 &&
	    (unshare(CLONE_NEWNS) < 0 ||
		mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		mount("/dev/null", "/dev/net/tun", NULL, MS_BIND, NULL) < 0))
		exit(3);
	if (lab_enter(2, &lab, &e) < 0)
		errx(3, "%s", e.text);
	if (strcmp(lab_medium_name(lab.medium), medium) != 0)
		errx(3, "%s", lab.why);
	if (source_open_fed("wire", WIRE_LINK_TYPE, &source, &e) < 0)
		errx(1, "%s", e.text);
	sink.arg = source;
	if (wire_new(lab.ports, lab.count, &sink, &wire, &e) < 0)
		errx(1, "%s", e.text);
}

static void
offloads_off(const char *name)
{
	static const uint32_t all[] = {
	    ETHTOOL_STXCSUM, ETHTOOL_STSO, ETHTOOL_SGSO, ETHTOOL_SGRO};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		struct ethtool_value off = {.cmd = all[i]};
		struct ifreq req = {.ifr_data = (char *)&off};

		snprintf(req.ifr_name, sizeof req.ifr_name, "%s", name);
		ioctl(fd, SIOCETHTOOL, &req);
	}
	close(fd);
}

/* 10.1.0.HOST on that interface; the other has this hardware address. */
static void
settle(const char *name, int host, const struct ether_addr *other)
{
	struct in_addr mine = {htonl(0x0a010000 + (uint32_t)host)};
	struct in_addr its = {htonl(0x0a010003 - (uint32_t)host)};
	int fd = rtnl_open();
	unsigned index = if_nametoindex(name);

	offloads_off(name);
	if (rtnl_link_up(fd, index, LAB_MTU, 1000) < 0 ||
	    rtnl_address_add(
		fd, index, &(struct rtnl_net){AF_INET, &mine, 24}) < 0 ||
	    rtnl_neighbour_add(
		fd, index, &(struct rtnl_net){AF_INET, &its, 32}, other) < 0)
		errx(1, "the plain veth pair cannot be set up");
	close(fd);
}

static void
lay_plain_veth(void)
{
	struct ether_addr far = {{2, 0, 10, 1, 0, 2}}, near;
	struct ifreq req = {.ifr_name = "plain1"};
	int fd = rtnl_open(), any = socket(AF_INET, SOCK_DGRAM, 0);

	if (rtnl_veth_add(fd, "plain1", "plain2", &far, lab.netns[1]) < 0)
		errx(1, "no veth pair");
	ioctl(any, SIOCGIFHWADDR, &req);
	memcpy(&near, req.ifr_hwaddr.sa_data, sizeof near);
	settle("plain1", 1, &far);
	lab_host_enter(&lab, 1);
	settle("plain2", 2, &near);
	lab_host_enter(&lab, 0);
	close(fd);
	close(any);
	/* the carrier comes a moment later */
	usleep(1100 * 1000);
}

/* The server's address: by the plain pair, or by the wire. */
static struct sockaddr_in
server(bool plain)
{
	return (struct sockaddr_in){.sin_family = AF_INET,
	    .sin_port = htons(PORT),
	    .sin_addr.s_addr = htonl(plain ? 0x0a010001 : 0x0a000001)};
}

static int
bound(int type)
{
	struct sockaddr_in any = {
	    .sin_family = AF_INET, .sin_port = htons(PORT)};
	int fd = socket(AF_INET, type, 0), on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(fd, (struct sockaddr *)&any, sizeof any) < 0)
		err(1, "bind");
	return fd;
}

static pthread_t
on_client(void *(*body)(void *), void *arg)
{
	pthread_t t;

	lab_host_enter(&lab, 1);
	pthread_create(&t, NULL, body, arg);
	lab_host_enter(&lab, 0);
	return t;
}

/* ---- bulk ---- */

static void *
send_bulk(void *arg)
{
	static char piece[65536];
	struct sockaddr_in to = server(arg != NULL);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	int64_t end = clock_mono_ns() + BULK_NS;

	if (connect(fd, (struct sockaddr *)&to, sizeof to) < 0)
		err(1, "connect");
	while (clock_mono_ns() < end)
		if (send(fd, piece, sizeof piece, 0) < 0)
			err(1, "send");
	close(fd);
	return NULL;
}

static double
bulk(bool plain)
{
	static char buf[262144];
	int listener = bound(SOCK_STREAM), fd;
	int64_t start, bytes = 0;
	pthread_t t;
	ssize_t n;

	listen(listener, 1);
	t = on_client(send_bulk, plain ? "plain" : NULL);
	fd = accept(listener, NULL, NULL);
	start = clock_mono_ns();
	while ((n = recv(fd, buf, sizeof buf, 0)) > 0)
		bytes += n;
	start = clock_mono_ns() - start;
	pthread_join(t, NULL);
	close(fd);
	close(listener);
	return (double)bytes * 1000 / (double)start;
}

/* ---- round trips ---- */

static int
by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static int64_t trips[TRIPS];
static bool apart;

/* The calling thread stays on the nth core that this process may use. */
static void
stay_on(int nth)
{
	cpu_set_t may, one;

	sched_getaffinity(getpid(), sizeof may, &may);
	CPU_ZERO(&one);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &may) && nth-- == 0)
			CPU_SET(cpu, &one);
	if (sched_setaffinity(0, sizeof one, &one) < 0)
		errx(3, "there is no core for each");
}

static void *
ping(void *arg)
{
	struct sockaddr_in to = server(arg != NULL);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	char byte = 0;

	if (apart)
		stay_on(1);
	connect(fd, (struct sockaddr *)&to, sizeof to);
	for (int i = 0; i < TRIPS; i++) {
		int64_t start = clock_mono_ns();

		send(fd, &byte, 1, 0);
		recv(fd, &byte, 1, 0);
		trips[i] = clock_mono_ns() - start;
	}
	close(fd);
	return NULL;
}

static void *
pong(void *arg)
{
	int fd = *(int *)arg;

	if (apart)
		stay_on(0);
	for (int i = 0; i < TRIPS; i++) {
		struct sockaddr_in from;
		socklen_t len = sizeof from;
		char byte;

		recvfrom(fd, &byte, 1, 0, (struct sockaddr *)&from, &len);
		sendto(fd, &byte, 1, 0, (struct sockaddr *)&from, len);
	}
	return NULL;
}

static int64_t
round_trip(bool plain)
{
	int fd = bound(SOCK_DGRAM);
	pthread_t asks, answers;

	pthread_create(&answers, NULL, pong, &fd);
	asks = on_client(ping, plain ? "plain" : NULL);
	pthread_join(asks, NULL);
	pthread_join(answers, NULL);
	close(fd);
	qsort(trips, TRIPS, sizeof *trips, by_value);
	return trips[TRIPS / 2];
}

/* ---- a flood ---- */

static long pps;
static uint64_t sent;

static void *
send_flood(void *arg)
{
	enum { BURST = 20 };
	struct sockaddr_in to = server(false);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	int64_t start = clock_mono_ns(), now;
	char bytes[18] = "";

	(void)arg;
	connect(fd, (struct sockaddr *)&to, sizeof to);
	while ((now = clock_mono_ns()) < start + FLOOD_NS) {
		uint64_t due =
		    (uint64_t)((double)(now - start) * 1e-9 * (double)pps);

		if (sent + BURST > due) {
			usleep(20);
			continue;
		}
		for (int i = 0; i < BURST; i++)
			sent += send(fd, bytes, sizeof bytes, 0) > 0;
	}
	close(fd);
	return NULL;
}

static void
interface(unsigned long *rx, unsigned long *rx_drop, unsigned long *tx,
    unsigned long *tx_drop)
{
	FILE *f = fopen("/proc/thread-self/net/dev", "re");
	char line[512], *eth;

	while (f != NULL && fgets(line, sizeof line, f) != NULL)
		if ((eth = strstr(line, "eth0:")) != NULL)
			sscanf(eth + 5,
			    "%*u %lu %*u %lu %*u %*u %*u %*u %*u %lu %*u %lu",
			    rx, rx_drop, tx, tx_drop);
	if (f != NULL)
		fclose(f);
}

static void
flood(void)
{
	unsigned long rx[2] = {0}, rx_drop[2] = {0}, tx[2] = {0},
		      tx_drop[2] = {0};
	struct source_status st;
	int fd = bound(SOCK_DGRAM), room = 64 << 20;
	struct wire_look look;
	pthread_t t;

	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
	t = on_client(send_flood, NULL);
	pthread_join(t, NULL);
	usleep(200 * 1000);
	for (int h = 0; h < 2; h++) {
		lab_host_enter(&lab, (size_t)h);
		interface(&rx[h], &rx_drop[h], &tx[h], &tx_drop[h]);
	}
	wire_look(wire, &look);
	source_status(source, &st);
	printf("%llu %llu %llu %lu %lu %llu %d\n", (unsigned long long)sent,
	    (unsigned long long)look.way[WIRE_TO_SERVER].entered,
	    (unsigned long long)look.way[WIRE_TO_SERVER].left, rx[0],
	    rx_drop[0] + rx_drop[1] + tx_drop[0] + tx_drop[1],
	    (unsigned long long)st.queue_drops,
	    look.port[1].read == tx[1] && look.port[0].written == rx[0]);
	close(fd);
}

/* ---- one way, between two programs on the hosts of a console's lab ---- */

static int
send_times(const char *address, int count)
{
	struct sockaddr_in to = {
	    .sin_family = AF_INET, .sin_port = htons(PORT)};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	prctl(PR_SET_TIMERSLACK, 1UL);
	inet_pton(AF_INET, address, &to.sin_addr);
	connect(fd, (struct sockaddr *)&to, sizeof to);
	for (int i = 0; i < count; i++) {
		int64_t now = clock_now_ns();

		send(fd, &now, sizeof now, 0);
		usleep(1700);
	}
	return 0;
}

/* When a packet has come to this host, by its kernel's note; 0: none. */
static int64_t
arrival(struct msghdr *m)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c != NULL;
	     c = CMSG_NXTHDR(m, c))
		if (c->cmsg_level == SOL_SOCKET &&
		    c->cmsg_type == SCM_TIMESTAMPNS) {
			struct timespec ts;

			memcpy(&ts, CMSG_DATA(c), sizeof ts);
			return ts.tv_sec * CLOCK_S + ts.tv_nsec;
		}
	return 0;
}

static void
print_times(int64_t *took, int n)
{
	qsort(took, (size_t)n, sizeof *took, by_value);
	printf("%lld %lld %lld\n", (long long)took[n / 2],
	    (long long)took[n * 99 / 100], (long long)took[n - 1]);
}

static int
receive_times(int count)
{
	int64_t *host = calloc((size_t)count, sizeof *host);
	int64_t *program = calloc((size_t)count, sizeof *program);
	struct timeval patience = {.tv_sec = 5};
	int fd = bound(SOCK_DGRAM), n = 0;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &(int){1}, sizeof(int));
	for (; n < count; n++) {
		int64_t then;
		char note[CMSG_SPACE(sizeof(struct timespec))];
		struct iovec iov = {&then, sizeof then};
		struct msghdr m = {.msg_iov = &iov,
		    .msg_iovlen = 1,
		    .msg_control = note,
		    .msg_controllen = sizeof note};

		if (recvmsg(fd, &m, 0) != sizeof then)
			break;
		program[n] = clock_now_ns() - then;
		host[n] = arrival(&m) - then;
	}
	if (n == 0)
		return 1;
	print_times(host, n);
	print_times(program, n);
	return 0;
}

int
main(int argc, char **argv)
{
	pthread_t drainer;

	if (argc == 4 && strcmp(argv[1], "send") == 0)
		return send_times(argv[2], atoi(argv[3]));
	if (argc == 3 && strcmp(argv[1], "receive") == 0)
		return receive_times(atoi(argv[2]));
	if (argc != 4)
		errx(2, "see the head of tests/bench/wire.c");
	enter_lab(argv[2]);
	pthread_create(&drainer, NULL, drain, NULL);
	if (strcmp(argv[1], "flood") == 0) {
		pps = atol(argv[3]);
		flood();
	} else {
		apart = strcmp(argv[1], "rtt-apart") == 0;
		lay_plain_veth();
		for (int i = 0; i < 2 * atoi(argv[3]); i++) {
			bool plain = i % 2 == 0;

			if (strcmp(argv[1], "bulk") == 0)
				printf("%.1f", bulk(plain));
			else
				printf("%lld", (long long)round_trip(plain));
			putchar(plain ? ' ' : '\n');
		}
	}
	atomic_store(&done, true);
	pthread_join(drainer, NULL);
	wire_free(wire);
	source_close(source);
	return 0;
}
