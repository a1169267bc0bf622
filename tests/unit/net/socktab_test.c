#include "net/socktab.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/base/clock.h"
#include "net/lab.h"
#include "tests/unit/net/child.h"

/* Each test runs in a lab of its own, where the only sockets are its own. */

/* The body of this moment, in a lab of one host. */
static int (*inside)(void);

static int
enter_first(void)
{
	struct err err;
	struct lab lab;

	if (lab_enter(1, &lab, &err) == 0)
		return inside();
	fprintf(stderr, "# %s\n", err.text);
	return REFUSED;
}

static void
in_lab(int (*body)(void))
{
	inside = body;
	child_passes(enter_first, 0);
}

static struct addr
loopback(int family, uint16_t port)
{
	struct in_addr v4 = {htonl(INADDR_LOOPBACK)};
	struct in6_addr v6 = IN6ADDR_LOOPBACK_INIT;

	return addr_from_ip(family,
	    family == AF_INET ? (const void *)&v4 : (const void *)&v6, port);
}

static struct addr
name_of(int fd, int (*ask)(int, struct sockaddr *, socklen_t *))
{
	struct sockaddr_storage ss;
	socklen_t n = sizeof ss;

	if (ask(fd, (struct sockaddr *)&ss, &n) < 0)
		return (struct addr){0};
	return addr_from_sockaddr((struct sockaddr *)&ss, n);
}

static struct addr
local_of(int fd)
{
	return name_of(fd, getsockname);
}

static uint32_t
inode_of(int fd)
{
	struct stat st = {0};

	fstat(fd, &st);
	return (uint32_t)st.st_ino;
}

/* The row of one of our descriptors in a fresh dump; NULL: it has none. */
static const struct sockrow *
row_of(struct socktab *t, int fd)
{
	struct err err;

	if (socktab_refresh_now(t, &err) < 0) {
		fprintf(stderr, "# %s\n", err.text);
		return NULL;
	}
	for (size_t i = 0; i < socktab_count(t); i++)
		if (socktab_row(t, i)->inode == inode_of(fd))
			return socktab_row(t, i);
	return NULL;
}

/* Wait until the socket is in that state. */
static bool
becomes(struct socktab *t, int fd, enum tcp_state wanted)
{
	int64_t deadline = clock_mono_ns() + 20 * CLOCK_S;

	while (clock_mono_ns() < deadline) {
		const struct sockrow *row = row_of(t, fd);

		if (row != NULL && row->state == wanted)
			return true;
	}
	return false;
}

static int
listener(int family, uint16_t port, int backlog)
{
	struct addr a = loopback(family, port);
	int fd = socket(family, SOCK_STREAM, 0);

	return bind(fd, &a.sa, a.len) == 0 && listen(fd, backlog) == 0 ? fd
								       : -1;
}

static int
client(int family, uint16_t port)
{
	struct addr a = loopback(family, port);
	int fd = socket(family, SOCK_STREAM, 0);

	return connect(fd, &a.sa, a.len) == 0 ? fd : -1;
}

/* ------------------------------------------------------------------- bodies */

static int
body_listen(void)
{
	struct socktab *t;
	const struct sockrow *row;
	int s = listener(AF_INET, 7000, 5), c[2];

	CHECK(socktab_new(SOCKTAB_TCP, &t, NULL) == 0);
	row = row_of(t, s);
	CHECK(row != NULL && row->state == TCPS_LISTEN);
	CHECK(row->rqueue == 0 && row->wqueue == 5);
	CHECK(addr_port(&row->local) == 7000 && row->peer.len == 0);
	CHECK(row->uid == getuid());
	CHECK(socktab_listener(t, TRANSPORT_TCP, 7000) == row);
	CHECK(socktab_listener(t, TRANSPORT_TCP, 7001) == NULL);
	CHECK(socktab_listener(t, TRANSPORT_UDP, 7000) == NULL);
	c[0] = client(AF_INET, 7000);
	c[1] = client(AF_INET, 7000);
	CHECK(c[0] >= 0 && c[1] >= 0);
	row = row_of(t, s);
	CHECK(row == socktab_row(t, 0) && row->rqueue == 2);
	socktab_free(t);
	return GOOD;
}

static int
pair_and_twins(int family)
{
	struct socktab *t;
	const struct sockrow *ours, *twin;
	int s = listener(family, 7000, 5), c = client(family, 7000), a;
	struct addr local = local_of(c), peer = loopback(family, 7000);

	CHECK(socktab_new(SOCKTAB_TCP | SOCKTAB_INFO, &t, NULL) == 0);
	a = accept(s, NULL, NULL);
	CHECK(a >= 0 && send(c, "hello", 5, 0) == 5);
	ours = row_of(t, c);
	CHECK(ours != NULL && ours->state == TCPS_ESTABLISHED);
	CHECK(ours->family == family && ours->has_info);
	CHECK(ours->snd_mss > 0 && ours->cwnd > 0);
	CHECK(socktab_find(t, TRANSPORT_TCP, &local, &peer) == ours);
	twin = socktab_twin(t, ours);
	CHECK(twin != NULL && twin != ours && twin->inode == inode_of(a));
	CHECK(twin->rqueue == 5 && socktab_twin(t, twin) == ours);
	CHECK(socktab_twin(t, socktab_row(t, 0)) == NULL);
	socktab_free(t);
	return GOOD;
}

static int
body_pair(void)
{
	return pair_and_twins(AF_INET);
}

static int
body_pair6(void)
{
	return pair_and_twins(AF_INET6);
}

/* An IPv6 listener for every address, and a client by IPv4. */
static int
body_mapped(void)
{
	struct sockaddr_in6 any = {
	    .sin6_family = AF_INET6, .sin6_port = htons(7000)};
	int s = socket(AF_INET6, SOCK_STREAM, 0), c, a;
	const struct sockrow *row;
	struct socktab *t;

	CHECK(bind(s, (struct sockaddr *)&any, sizeof any) == 0);
	CHECK(listen(s, 5) == 0);
	c = client(AF_INET, 7000);
	a = accept(s, NULL, NULL);
	CHECK(socktab_new(SOCKTAB_TCP, &t, NULL) == 0);
	row = row_of(t, c);
	CHECK(row != NULL && row->family == AF_INET);
	row = socktab_twin(t, row);
	CHECK(row != NULL && row->inode == inode_of(a));
	CHECK(row->family == AF_INET6);
	CHECK(socktab_twin(t, row)->inode == inode_of(c));
	socktab_free(t);
	return GOOD;
}

static int
body_history(void)
{
	struct socktab *t;
	const struct sockrow *row;
	struct addr local, peer = loopback(AF_INET, 7000);
	int s = listener(AF_INET, 7000, 5), c, a;
	uint64_t gen;

	CHECK(socktab_new(SOCKTAB_TCP, &t, NULL) == 0);
	row = row_of(t, s);
	CHECK(row != NULL && row->appeared_ns == 0 && row->changed_ns == 0);
	gen = socktab_gen(t);
	CHECK(row_of(t, s) != NULL && socktab_gen(t) == gen);

	c = client(AF_INET, 7000);
	a = accept(s, NULL, NULL);
	local = local_of(c);
	row = row_of(t, c);
	CHECK(row != NULL && row->appeared_ns > 0 && row->changed_ns == 0);
	CHECK(socktab_gen(t) == gen + 1 && !socktab_timers(t));

	shutdown(c, SHUT_WR);
	row = row_of(t, a);
	CHECK(row != NULL && row->state == TCPS_CLOSE_WAIT);
	CHECK(row->old_state == TCPS_ESTABLISHED && row->changed_ns > 0);
	/* The FIN's acknowledgement may be a delayed one. */
	CHECK(becomes(t, c, TCPS_FIN_WAIT_2));

	/* TIME-WAIT is another socket to the kernel, but the same row. */
	close(a);
	close(c);
	CHECK(socktab_refresh_now(t, NULL) == 0);
	row = socktab_find(t, TRANSPORT_TCP, &local, &peer);
	CHECK(row != NULL && row->state == TCPS_TIME_WAIT);
	CHECK(row->old_state == TCPS_FIN_WAIT_2 && row->changed_ns > 0);
	CHECK(row->inode == 0 && row->timer == SOCKTIMER_TIME_WAIT);
	CHECK(row->timer_ms > 30000 && row->timer_ms <= 61000);
	CHECK(socktab_timers(t));
	socktab_free(t);
	return GOOD;
}

/* Nobody answers a SYN: the accept queue is full. */
static int
body_syn_sent(void)
{
	struct addr a = loopback(AF_INET, 7000);
	int s = listener(AF_INET, 7000, 0), c;
	const struct sockrow *row;
	struct socktab *t;

	CHECK(s >= 0 && client(AF_INET, 7000) >= 0);
	c = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	CHECK(connect(c, &a.sa, a.len) < 0 && errno == EINPROGRESS);
	CHECK(socktab_new(SOCKTAB_TCP, &t, NULL) == 0);
	row = row_of(t, c);
	CHECK(row != NULL && row->state == TCPS_SYN_SENT);
	CHECK(row->timer == SOCKTIMER_RETRANSMIT && socktab_timers(t));
	socktab_free(t);
	return GOOD;
}

static int
body_bound(void)
{
	struct addr a = loopback(AF_INET, 7000);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	const struct sockrow *row;
	struct socktab *t;

	CHECK(bind(fd, &a.sa, a.len) == 0);
	CHECK(socktab_new(SOCKTAB_TCP, &t, NULL) == 0);
	CHECK(row_of(t, fd) == NULL && socktab_count(t) == 0);
	socktab_free(t);
	CHECK(socktab_new(SOCKTAB_TCP | SOCKTAB_BOUND, &t, NULL) == 0);
	row = row_of(t, fd);
	if (row == NULL)
		fprintf(stderr, "# this kernel does not list them\n");
	CHECK(row == NULL || row->state == TCPS_CLOSED);
	socktab_free(t);
	return GOOD;
}

static int
body_udp(void)
{
	struct addr a = loopback(AF_INET, 7000);
	struct addr a6 = loopback(AF_INET6, 7001);
	int s = socket(AF_INET, SOCK_DGRAM, 0);
	int s6 = socket(AF_INET6, SOCK_DGRAM, 0);
	int c = socket(AF_INET, SOCK_DGRAM, 0);
	const struct sockrow *row;
	struct socktab *t;

	CHECK(bind(s, &a.sa, a.len) == 0 && bind(s6, &a6.sa, a6.len) == 0);
	CHECK(connect(c, &a.sa, a.len) == 0 && send(c, "x", 1, 0) == 1);
	CHECK(socktab_new(SOCKTAB_UDP, &t, NULL) == 0);
	row = row_of(t, s);
	CHECK(row != NULL && row->transport == TRANSPORT_UDP);
	CHECK(row->state == TCPS_NONE && row->rqueue > 0);
	CHECK(socktab_listener(t, TRANSPORT_UDP, 7000) == row);
	CHECK(socktab_twin(t, row) == NULL);
	row = row_of(t, c);
	CHECK(row != NULL && row->state == TCPS_ESTABLISHED);
	row = row_of(t, s6);
	CHECK(row != NULL && row->family == AF_INET6);
	socktab_free(t);
	return GOOD;
}

static int
body_unix(void)
{
	struct sockaddr_un un = {AF_UNIX, "\0sockdeck-test"};
	socklen_t n = offsetof(struct sockaddr_un, sun_path) + 14;
	int s = socket(AF_UNIX, SOCK_STREAM, 0), pair[2];
	const struct sockrow *row;
	struct addr local;
	struct socktab *t;

	CHECK(bind(s, (struct sockaddr *)&un, n) == 0 && listen(s, 3) == 0);
	CHECK(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) == 0);
	CHECK(socktab_new(SOCKTAB_UNIX, &t, NULL) == 0);
	row = row_of(t, s);
	CHECK(row != NULL && row->transport == TRANSPORT_UNIX);
	CHECK(row->state == TCPS_LISTEN && row->wqueue == 3);
	local = local_of(s);
	CHECK(addr_equal(&row->local, &local));
	CHECK(socktab_find(t, TRANSPORT_UNIX, &local, NULL) == row);
	row = row_of(t, pair[0]);
	CHECK(row != NULL && row->transport == TRANSPORT_UNIXGRAM);
	CHECK(row->state == TCPS_ESTABLISHED);
	row = socktab_twin(t, row);
	CHECK(row != NULL && row->inode == inode_of(pair[1]));
	socktab_free(t);
	return GOOD;
}

/* Bound out of order; the table has them in order, and so again. */
static int
body_order(void)
{
	static const uint16_t ports[] = {7003, 7001, 7002};
	struct socktab *t;

	for (size_t i = 0; i < 3; i++)
		CHECK(listener(AF_INET, ports[i], 5) >= 0);
	CHECK(client(AF_INET, 7001) >= 0 && client(AF_INET, 7001) >= 0);
	CHECK(socktab_new(SOCKTAB_ALL, &t, NULL) == 0);
	for (int again = 0; again < 3; again++) {
		CHECK(socktab_refresh_now(t, NULL) == 0);
		CHECK(socktab_count(t) == 7);
		for (size_t i = 0; i < 3; i++)
			CHECK(addr_port(&socktab_row(t, i)->local) == 7001 + i);
		CHECK(socktab_row(t, 3)->state == TCPS_ESTABLISHED);
		CHECK(addr_port(&socktab_row(t, 4)->peer) >
		      addr_port(&socktab_row(t, 3)->peer));
	}
	CHECK(socktab_omitted(t) == 0);
	socktab_free(t);
	return GOOD;
}

/* In pieces: until a dump is complete, the rows of the last one stand. */
static int
body_pieces(void)
{
	struct pollfd p = {.events = POLLIN};
	struct socktab *t;
	size_t pieces = 0;
	int rc = 0;

	for (uint16_t i = 0; i < 500; i++)
		CHECK(listener(AF_INET, (uint16_t)(7000 + i), 5) >= 0);
	CHECK(socktab_new(SOCKTAB_ALL, &t, NULL) == 0);
	p.fd = socktab_fd(t);
	CHECK(socktab_read(t, NULL) == 0); /* nothing is there */
	CHECK(socktab_refresh(t) == 0 && socktab_refresh(t) == 0);
	while (rc == 0) {
		CHECK(socktab_refreshing(t) && socktab_count(t) == 0);
		CHECK(poll(&p, 1, 20000) == 1);
		rc = socktab_read(t, NULL);
		pieces++;
	}
	CHECK(rc == 1 && pieces > 4 && !socktab_refreshing(t));
	CHECK(socktab_count(t) == 500);
	socktab_free(t);
	return GOOD;
}

/* A table opened outside shows the outside, wherever its owner moves. */
static int
body_stays(void)
{
	struct socktab *outer, *inner;
	struct err err;
	struct lab lab;
	int s = listener(AF_INET, 7000, 5);

	CHECK(socktab_new(SOCKTAB_TCP, &outer, NULL) == 0);
	if (lab_enter(1, &lab, &err) < 0)
		return REFUSED;
	CHECK(socktab_new(SOCKTAB_TCP, &inner, NULL) == 0);
	CHECK(row_of(outer, s) != NULL && row_of(inner, s) == NULL);
	socktab_free(outer);
	socktab_free(inner);
	return GOOD;
}

/* The same connection over lo on two hosts: 127.0.0.1:7001 to 127.0.0.1:7000.
 */
static bool
connect_over_lo(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
	    .sin_port = htons(7001),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int s = listener(AF_INET, 7000, 5), c = socket(AF_INET, SOCK_STREAM, 0);

	if (s < 0 || bind(c, (struct sockaddr *)&a, sizeof a) < 0)
		return false;
	a.sin_port = htons(7000);
	return connect(c, (struct sockaddr *)&a, sizeof a) == 0;
}

static int
body_hosts(void)
{
	struct socktab *t;
	struct err err;
	struct lab lab;
	int connected[2] = {0, 0};

	if (lab_enter(2, &lab, &err) < 0 || lab.count != 2)
		return REFUSED;
	CHECK(connect_over_lo());
	CHECK(socktab_new(SOCKTAB_TCP, &t, NULL) == 0);
	CHECK(lab_host_enter(&lab, 1) == 0 && connect_over_lo());
	CHECK(socktab_add(t, &err) == 1);
	for (int i = 0; i < 2; i++) /* the second finds its predecessors */
		CHECK(socktab_refresh_now(t, &err) == 0);
	CHECK(socktab_count(t) == 6);
	for (size_t i = 0; i < socktab_count(t); i++) {
		const struct sockrow *row = socktab_row(t, i);
		const struct sockrow *twin = socktab_twin(t, row);

		if (row->state != TCPS_ESTABLISHED)
			continue;
		connected[row->host]++;
		CHECK(twin != NULL && twin->host == row->host);
	}
	CHECK(connected[0] == 2 && connected[1] == 2);
	socktab_free(t);
	return GOOD;
}

/* -------------------------------------------------------------------- tests */

#define LAB_TEST(name, body)           \
	static void name(void **state) \
	{                              \
		(void)state;           \
		in_lab(body);          \
	}

LAB_TEST(listen__clients_wait__are_its_rqueue, body_listen)
LAB_TEST(twin__ipv4_connection__is_the_other_end, body_pair)
LAB_TEST(twin__ipv6_connection__is_the_other_end, body_pair6)
LAB_TEST(twin__ipv4_client_of_an_ipv6_socket__is_found, body_mapped)
LAB_TEST(history__connect_to_time_wait__is_recorded, body_history)
LAB_TEST(connect__queue_full__is_syn_sent_with_timer, body_syn_sent)
LAB_TEST(bound__not_listening__only_if_asked_for, body_bound)
LAB_TEST(udp__bound_and_connected__have_their_states, body_udp)
LAB_TEST(unix__listener_and_pair__have_name_and_twin, body_unix)
LAB_TEST(order__any__is_listen_then_port_and_stable, body_order)
LAB_TEST(refresh__in_pieces__swaps_the_rows_at_the_end, body_pieces)
LAB_TEST(hosts__same_addresses_on_lo__have_their_own_twins, body_hosts)
LAB_TEST(new__then_the_caller_moves__stays_where_it_was, body_stays)

static void
state_name__each__is_spelled_as_in_the_rfc(void **state)
{
	(void)state;
	assert_string_equal(tcp_state_name(TCPS_SYN_RECEIVED), "SYN-RECEIVED");
	assert_string_equal(tcp_state_name(TCPS_FIN_WAIT_1), "FIN-WAIT-1");
	assert_string_equal(tcp_state_name(TCPS_CLOSED), "CLOSED");
	assert_string_equal(tcp_state_name(TCPS_NONE), "");
	assert_string_equal(tcp_state_name(TCPS_COUNT), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(state_name__each__is_spelled_as_in_the_rfc),
	    cmocka_unit_test(listen__clients_wait__are_its_rqueue),
	    cmocka_unit_test(twin__ipv4_connection__is_the_other_end),
	    cmocka_unit_test(twin__ipv6_connection__is_the_other_end),
	    cmocka_unit_test(twin__ipv4_client_of_an_ipv6_socket__is_found),
	    cmocka_unit_test(history__connect_to_time_wait__is_recorded),
	    cmocka_unit_test(connect__queue_full__is_syn_sent_with_timer),
	    cmocka_unit_test(bound__not_listening__only_if_asked_for),
	    cmocka_unit_test(udp__bound_and_connected__have_their_states),
	    cmocka_unit_test(unix__listener_and_pair__have_name_and_twin),
	    cmocka_unit_test(order__any__is_listen_then_port_and_stable),
	    cmocka_unit_test(refresh__in_pieces__swaps_the_rows_at_the_end),
	    cmocka_unit_test(hosts__same_addresses_on_lo__have_their_own_twins),
	    cmocka_unit_test(new__then_the_caller_moves__stays_where_it_was),
	};

	return cmocka_run_group_tests_name("socktab", tests, NULL, NULL);
}
