#include "net/tcp_probe.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/base/clock.h"
#include "net/lab.h"
#include "tests/unit/net/child.h"

struct pair {
	int s, c, a; /* listening, connected, accepted */
	struct addr client, server;
};

static struct addr
name(int fd)
{
	struct addr a = {.len = sizeof a.in6};

	getsockname(fd, &a.sa, &a.len);
	return a;
}

static bool
make_pair(struct pair *p, int family)
{
	struct addr any =
	    family == AF_INET6
		? addr_from_ip(family, &in6addr_loopback, 7000)
		: addr_from_ip(
		      family, &(struct in_addr){htonl(INADDR_LOOPBACK)}, 7000);

	p->s = socket(family, SOCK_STREAM, 0);
	p->c = socket(family, SOCK_STREAM, 0);
	p->a = -1;
	p->server = any;
	return bind(p->s, &any.sa, any.len) == 0 && listen(p->s, 5) == 0;
}

static bool
join(struct pair *p)
{
	if (connect(p->c, &p->server.sa, p->server.len) < 0)
		return false;
	p->a = accept(p->s, NULL, NULL);
	p->client = name(p->c);
	return p->a >= 0;
}

static bool
is(struct tcp_probe *probe, const struct addr *local, const struct addr *peer,
    enum tcp_state state)
{
	struct tcp_sample s;

	return tcp_probe_get(probe, local, peer, &s) == 0 && s.state == state;
}

/* The same, within ten seconds: an ACK may be delayed. */
static bool
becomes(struct tcp_probe *probe, const struct addr *local,
    const struct addr *peer, enum tcp_state state)
{
	int64_t deadline = clock_mono_ns() + 10 * CLOCK_S;

	while (clock_mono_ns() < deadline)
		if (is(probe, local, peer, state))
			return true;
	return false;
}

static int
life(int family)
{
	struct tcp_probe *probe;
	struct tcp_sample s;
	struct pair p;
	char byte;

	CHECK(tcp_probe_new(&probe, NULL) == 0);
	CHECK(make_pair(&p, family));
	p.client = p.server;
	CHECK(is(probe, &p.server, &p.client, TCPS_CLOSED));
	CHECK(join(&p));
	CHECK(is(probe, &p.client, &p.server, TCPS_ESTABLISHED));
	CHECK(is(probe, &p.server, &p.client, TCPS_ESTABLISHED));
	CHECK(tcp_probe_get(probe, &p.client, &p.server, &s) == 0);
	CHECK(s.has_info && s.cwnd >= 2 && s.mss > 1000 && s.rto_us > 0);
	CHECK(s.congestion[0] != '\0' && s.ssthresh == 0);
	shutdown(p.c, SHUT_WR);
	CHECK(read(p.a, &byte, 1) == 0);
	CHECK(becomes(probe, &p.client, &p.server, TCPS_FIN_WAIT_2));
	CHECK(is(probe, &p.server, &p.client, TCPS_CLOSE_WAIT));
	close(p.a);
	CHECK(becomes(probe, &p.client, &p.server, TCPS_TIME_WAIT));
	CHECK(becomes(probe, &p.server, &p.client, TCPS_CLOSED));
	tcp_probe_free(probe);
	return GOOD;
}

static int
body(void)
{
	struct lab lab;
	struct err err;

	if (lab_enter(1, &lab, &err) < 0)
		return REFUSED;
	return life(AF_INET) != GOOD ? 1 : life(AF_INET6);
}

/* The first segment waits: nobody is there to take it off the wire. */
static int
body_held(void)
{
	struct tcp_probe *client, *server;
	struct tcp_sample s;
	struct pair p;
	struct lab lab;
	struct err err;

	if (lab_enter(2, &lab, &err) < 0 || lab.count != 2)
		return REFUSED;
	CHECK(tcp_probe_new(&server, NULL) == 0);
	CHECK(lab_host_enter(&lab, 1) == 0);
	CHECK(tcp_probe_new(&client, NULL) == 0);
	CHECK(make_pair(&p, AF_INET));
	close(p.c);
	p.c = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	p.server = addr_from_ip(AF_INET, &lab.ports[0].ip4, 7000);
	connect(p.c, &p.server.sa, p.server.len);
	p.client = name(p.c);
	CHECK(tcp_probe_get(client, &p.client, &p.server, &s) == 0);
	CHECK(s.state == TCPS_SYN_SENT && s.in_flight == 1);
	CHECK(strcmp(s.congestion, "reno") == 0);
	CHECK(is(server, &p.server, &p.client, TCPS_CLOSED));
	tcp_probe_free(client);
	tcp_probe_free(server);
	return GOOD;
}

static void
get__a_connections_life__is_each_state_of_both_ends(void **state)
{
	(void)state;
	child_passes(body, 0);
}

static void
get__syn_on_its_way__is_syn_sent_on_that_host_only(void **state)
{
	(void)state;
	child_passes(body_held, 0);
}

static void
sample__another_time__is_the_same(void **state)
{
	struct tcp_sample a = {.at_ns = 1, .cwnd = 10}, b = {.at_ns = 2};

	(void)state;
	assert_false(tcp_sample_same(&a, &b));
	b.cwnd = 10;
	assert_true(tcp_sample_same(&a, &b));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		get__a_connections_life__is_each_state_of_both_ends),
	    cmocka_unit_test(
		get__syn_on_its_way__is_syn_sent_on_that_host_only),
	    cmocka_unit_test(sample__another_time__is_the_same),
	};

	return cmocka_run_group_tests_name("tcp_probe", tests, NULL, NULL);
}
