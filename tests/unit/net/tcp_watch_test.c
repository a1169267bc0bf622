/*
 * Both ends, asked after each packet that crosses a real wire.
 */
#include "net/tcp_watch.h"

#include <netinet/in.h>
#include <poll.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/wire.h"
#include "tests/unit/net/child.h"

#define WAYS_MAX 32

/* The way of each host's end through its states, as it was seen. */
struct ways {
	struct in_addr host[2];
	enum tcp_state way[2][WAYS_MAX];
	atomic_int steps[2]; /* written by the wire's thread */
	struct tcp_watch *watch;
};

static void
seen(void *arg, const struct tcp_seen *s)
{
	struct ways *w = arg;

	for (int i = 0; i < 2; i++) {
		int n = w->steps[i];

		if (s->local.in.sin_addr.s_addr != w->host[i].s_addr ||
		    n == WAYS_MAX ||
		    (n > 0 && w->way[i][n - 1] == s->sample.state))
			continue;
		w->way[i][w->steps[i]++] = (enum tcp_state)s->sample.state;
	}
}

static void
on_packet(void *arg, const struct packet *p)
{
	tcp_watch_packet(((struct ways *)arg)->watch, p->data, p->cap_len);
}

static void
on_flush(void *arg)
{
	(void)arg;
}

static bool
took(const struct ways *w, int host, const enum tcp_state *way, int steps)
{
	for (int i = 0; i < w->steps[host]; i++)
		fprintf(stderr, "# host %d: %s\n", host,
		    tcp_state_name(w->way[host][i]));
	return w->steps[host] == steps &&
	       memcmp(w->way[host], way, (size_t)steps * sizeof *way) == 0;
}

/* Until that end was seen in so many states; alarm() has the deadline. */
static void
wait_for(const struct ways *w, int host, int steps)
{
	while (w->steps[host] < steps)
		poll(NULL, 0, 1);
}

/* Open, and close from the client's side, no call faster than the eye. */
static int
live(const struct lab *lab, const struct ways *w)
{
	struct addr at = addr_from_ip(AF_INET, &lab->ports[0].ip4, 7000);
	int s = socket(AF_INET, SOCK_STREAM, 0), c, a;
	char byte;

	CHECK(bind(s, &at.sa, at.len) == 0 && listen(s, 1) == 0);
	CHECK(lab_host_enter(lab, 1) == 0);
	c = socket(AF_INET, SOCK_STREAM, 0);
	CHECK(connect(c, &at.sa, at.len) == 0);
	a = accept(s, NULL, NULL);
	CHECK(send(c, "x", 1, 0) == 1 && recv(a, &byte, 1, 0) == 1);
	CHECK(shutdown(c, SHUT_WR) == 0 && recv(a, &byte, 1, 0) == 0);
	wait_for(w, 0, 4);
	close(a);
	CHECK(recv(c, &byte, 1, 0) == 0);
	wait_for(w, 0, 5);
	wait_for(w, 1, 5);
	close(c);
	close(s);
	return GOOD;
}

static int
body(void)
{
	static const enum tcp_state client[] = {TCPS_SYN_SENT, TCPS_ESTABLISHED,
	    TCPS_FIN_WAIT_1, TCPS_FIN_WAIT_2, TCPS_TIME_WAIT};
	static const enum tcp_state server[] = {TCPS_SYN_RECEIVED,
	    TCPS_ESTABLISHED, TCPS_CLOSE_WAIT, TCPS_LAST_ACK, TCPS_CLOSED};
	static struct lab lab;
	static struct ways ways;
	struct wire_sink sink = {&ways, on_packet, on_flush};
	struct wire *wire;
	struct err err;
	int rc;

	if (lab_enter(2, &lab, &err) < 0 || lab.count != 2)
		return REFUSED;
	ways.host[0] = lab.ports[1].ip4; /* the client first */
	ways.host[1] = lab.ports[0].ip4;
	CHECK(tcp_watch_new(&lab, seen, &ways, &ways.watch, &err) == 0);
	CHECK(wire_new(lab.ports, lab.count, &sink, &wire, &err) == 0);
	rc = live(&lab, &ways);
	wire_free(wire);
	tcp_watch_free(ways.watch);
	CHECK(rc == GOOD);
	CHECK(took(&ways, 0, client, 5));
	CHECK(took(&ways, 1, server, 5));
	return GOOD;
}

static void
packet__each_that_crosses__shows_no_state_missed(void **state)
{
	(void)state;
	child_passes(body, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(packet__each_that_crosses__shows_no_state_missed),
	};

	return cmocka_run_group_tests_name("tcp_watch", tests, NULL, NULL);
}
