/*
 * tests/unit/net/wire_rig.h - a lab with the wire in a child process, and what
 * the wire says about each packet.
 *
 * A child, because entering a lab is for the whole process and there is no way
 * back. What it finds wrong it says on standard error; its exit status counts.
 */
#ifndef SOCKDECK_TESTS_UNIT_NET_WIRE_RIG_H
#define SOCKDECK_TESTS_UNIT_NET_WIRE_RIG_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/base/clock.h"
#include "net/lab.h"
#include "net/wire.h"
#include "net/wire_words.h"
#include "tests/unit/net/child.h"

enum { WIRE_BAD = 1 };

/* TUN where it is open to this user, else veth. LAB_VETH: as an ordinary user to
 * whom it is closed. */
#define WIRE_ANY LAB_LO

#define WIRE_SEEN_MAX 65536
#define WIRE_TEST_PORT 7000
#define WIRE_DEADLINE_NS (30 * CLOCK_S)

#define WIRE_CHECK(what)                                                     \
	do {                                                                 \
		if (!(what)) {                                               \
			fprintf(stderr, "# %s:%d: %s\n", __FILE__, __LINE__, \
			    #what);                                          \
			_exit(WIRE_BAD);                                     \
		}                                                            \
	} while (0)

struct wire_seen {
	struct wire_facts facts;
	uint16_t from;
	uint8_t fate;
	uint32_t len;
	int64_t entered_ns, left_ns;
};

struct wire_rig {
	struct lab lab;
	struct wire *wire;
	pthread_mutex_t lock;
	struct wire_seen seen[WIRE_SEEN_MAX];
	size_t count; /* of all that was seen; the first are kept */
};

static inline void
wire_rig_packet(void *arg, const struct packet *p)
{
	struct wire_rig *g = arg;

	pthread_mutex_lock(&g->lock);
	if (g->count < WIRE_SEEN_MAX) {
		struct wire_seen *s = &g->seen[g->count];

		*s = (struct wire_seen){.from = p->iface,
		    .fate = p->fate,
		    .len = p->wire_len,
		    .entered_ns = p->entered_ns,
		    .left_ns = p->ts_ns};
		wire_facts_read(p->data, p->cap_len, &s->facts);
	}
	g->count++;
	pthread_mutex_unlock(&g->lock);
}

static inline void
wire_rig_flush(void *arg)
{
	(void)arg;
}

/* sink: NULL for g->seen. */
static inline struct wire_rig *
wire_rig_new_for(
    const struct wire_sink *sink, size_t hosts, enum lab_medium medium)
{
	struct wire_rig *g = calloc(1, sizeof *g);
	struct wire_sink mine = {g, wire_rig_packet, wire_rig_flush};
	struct err err;

	pthread_mutex_init(&g->lock, NULL);
	if (medium == LAB_VETH && !child_close_tun())
		_exit(NO_MEDIUM);
	if (lab_enter(hosts, &g->lab, &err) < 0) {
		fprintf(stderr, "# %s\n", err.text);
		_exit(REFUSED);
	}
	if (medium == WIRE_ANY ? g->lab.medium == LAB_LO
			       : g->lab.medium != medium) {
		fprintf(stderr, "# %s\n", g->lab.why);
		_exit(NO_MEDIUM);
	}
	if (wire_new(g->lab.ports, g->lab.count, sink != NULL ? sink : &mine,
		&g->wire, &err) < 0) {
		fprintf(stderr, "# %s\n", err.text);
		_exit(WIRE_BAD);
	}
	return g;
}

static inline struct wire_rig *
wire_rig_new(size_t hosts, enum lab_medium medium)
{
	return wire_rig_new_for(NULL, hosts, medium);
}

/* "loss=5% delay=20ms" */
static inline void
wire_rig_words(struct wire_rig *g, const char *text)
{
	char copy[256], *rest = copy, *word;
	struct wire_settings ways[2];
	struct err err;

	snprintf(copy, sizeof copy, "%s", text);
	wire_get(g->wire, ways);
	while ((word = strsep(&rest, " ")) != NULL) {
		const char *one = word;

		WIRE_CHECK(wire_words_apply(ways, &one, 1, &err) == 0);
	}
	wire_set(g->wire, ways);
}

static inline void
wire_rig_rule(struct wire_rig *g, const char *text)
{
	struct wire_rule r;
	struct err err;

	WIRE_CHECK(wire_rule_parse(text, &r, &err) == 0);
	WIRE_CHECK(wire_add_rule(g->wire, &r, &err) == 0);
}

static inline struct sockaddr_in
wire_rig_address(const struct wire_rig *g, size_t host)
{
	return (struct sockaddr_in){.sin_family = AF_INET,
	    .sin_port = htons(WIRE_TEST_PORT),
	    .sin_addr = g->lab.ports[host].ip4};
}

static inline int
wire_rig_listen(const struct wire_rig *g)
{
	struct sockaddr_in at = wire_rig_address(g, 0);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	WIRE_CHECK(bind(fd, (struct sockaddr *)&at, sizeof at) == 0);
	WIRE_CHECK(listen(fd, 16) == 0);
	return fd;
}

/* A thread of the client's host that runs body(). */
struct wire_client {
	struct wire_rig *rig;
	size_t host;
	void (*body)(struct wire_rig *g, void *arg);
	void *arg;
	pthread_t thread;
};

static inline void *
wire_client_thread(void *arg)
{
	struct wire_client *c = arg;

	WIRE_CHECK(lab_host_enter(&c->rig->lab, c->host) == 0);
	c->body(c->rig, c->arg);
	return NULL;
}

static inline void
wire_client_start(struct wire_client *c)
{
	WIRE_CHECK(
	    pthread_create(&c->thread, NULL, wire_client_thread, c) == 0);
}

/* Wait until done(rig) or the deadline. */
static inline bool
wire_rig_until(
    struct wire_rig *g, bool (*done)(struct wire_rig *g, void *arg), void *arg)
{
	int64_t end = clock_mono_ns() + WIRE_DEADLINE_NS;

	while (!done(g, arg)) {
		if (clock_mono_ns() > end)
			return false;
		poll(NULL, 0, 1);
	}
	return true;
}

/* ---- both ends of a transfer ---- */

struct wire_transfer {
	size_t n; /* bytes; the number of each follows from its place */
	struct tcp_info info; /* of the sender, at the end */
	int mtu; /* that it has learned of the path */
};

static inline uint8_t
wire_byte_at(size_t i)
{
	return (uint8_t)(i * 2654435761u >> 13);
}

/* The client: sends, and waits until the server has closed. */
static inline void
wire_send_all(struct wire_rig *g, void *arg)
{
	struct wire_transfer *t = arg;
	struct sockaddr_in to = wire_rig_address(g, 0);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof t->info;
	uint8_t *bytes = malloc(t->n);
	char byte;

	for (size_t i = 0; i < t->n; i++)
		bytes[i] = wire_byte_at(i);
	WIRE_CHECK(connect(fd, (struct sockaddr *)&to, sizeof to) == 0);
	for (size_t at = 0; at < t->n;) {
		ssize_t n = send(fd, bytes + at, t->n - at, 0);

		WIRE_CHECK(n > 0);
		at += (size_t)n;
	}
	shutdown(fd, SHUT_WR);
	WIRE_CHECK(recv(fd, &byte, 1, 0) == 1); /* it has all of them */
	getsockopt(fd, IPPROTO_TCP, TCP_INFO, &t->info, &len);
	len = sizeof t->mtu;
	getsockopt(fd, IPPROTO_IP, IP_MTU, &t->mtu, &len);
	close(fd);
	free(bytes);
}

/* The server: every byte as it was sent, then an answer. */
static inline void
wire_receive_all(int listener, size_t expected)
{
	int fd = accept(listener, NULL, NULL);
	uint8_t buf[16384];
	size_t at = 0;
	ssize_t n;

	WIRE_CHECK(fd >= 0);
	while ((n = recv(fd, buf, sizeof buf, 0)) > 0)
		for (ssize_t i = 0; i < n; i++)
			WIRE_CHECK(buf[i] == wire_byte_at(at++));
	WIRE_CHECK(n == 0 && at == expected);
	WIRE_CHECK(send(fd, "k", 1, 0) == 1);
	close(fd);
}

static inline void
wire_transfer(struct wire_rig *g, struct wire_transfer *t)
{
	struct wire_client c = {
	    .rig = g, .host = 1, .body = wire_send_all, .arg = t};
	int listener = wire_rig_listen(g);

	wire_client_start(&c);
	wire_receive_all(listener, t->n);
	pthread_join(c.thread, NULL);
	close(listener);
}

/* Run in a child; the test is skipped where there can be no such lab. */
static inline void
wire_in_child(void (*body)(enum lab_medium m), enum lab_medium medium)
{
	pid_t pid = fork();

	if (pid == 0) {
		alarm(CHILD_SECONDS);
		body(medium);
		_exit(GOOD);
	}
	child_judge(child_wait(pid));
}

#endif
