/*
 * tests/unit/net/rig.h - what the tests of actors share: an engine, the calls
 * that it has reported, and waiting for one of them with a deadline.
 */
#ifndef SOCKDECK_TESTS_RIG_H
#define SOCKDECK_TESTS_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "net/base/clock.h"
#include "net/callfmt.h"
#include "net/client.h"
#include "net/engine.h"
#include "net/server.h"

#define RIG_DEADLINE_NS (20 * CLOCK_S)

struct rig {
	struct engine *e;
	struct call *calls; /* every record, in order of arrival */
	size_t count, room;
};

/* One turn of a main loop; it lasts a tick if nothing happens. */
static inline void
rig_pump(struct rig *r)
{
	struct pollfd p = {.fd = engine_fd(r->e), .events = POLLIN};
	size_t n;

	if (!engine_arm(r->e))
		poll(&p, 1, ENGINE_TICK_MS);
	do {
		if (r->room - r->count < 64) {
			r->room = r->room * 2 + 64;
			r->calls =
			    realloc(r->calls, r->room * sizeof *r->calls);
			assert_non_null(r->calls);
		}
		n = engine_pop(r->e, r->calls + r->count, 64);
		r->count += n;
	} while (n > 0);
	if (engine_busy(r->e))
		engine_tick(r->e);
}

static inline struct rig
rig_new(void)
{
	struct rig r = {.e = engine_new(NULL)};

	assert_non_null(r.e);
	return r;
}

static inline void
rig_free(struct rig *r)
{
	engine_free(r->e);
	free(r->calls);
}

static inline void
rig_fail(const struct rig *r, const char *what)
{
	char text[CALLFMT_MAX];

	for (size_t i = 0; i < r->count && i < 100; i++)
		print_message("# %u/%u phase %d: %s\n", r->calls[i].group,
		    r->calls[i].id, r->calls[i].phase,
		    callfmt(text, &r->calls[i]));
	fail_msg("waited in vain for %s", what);
}

/* Wait until cond holds, pumping; cond is evaluated anew each time. */
#define RIG_UNTIL(r, cond)                                             \
	do {                                                           \
		int64_t deadline_ = clock_mono_ns() + RIG_DEADLINE_NS; \
		while (!(cond)) {                                      \
			if (clock_mono_ns() > deadline_)               \
				rig_fail((r), #cond);                  \
			rig_pump(r);                                   \
		}                                                      \
	} while (0)

/* The nth (from 0) record of that kind and phase in the group; or NULL. */
static inline const struct call *
rig_find(const struct rig *r, uint32_t group, enum call_kind kind,
    enum call_phase phase, size_t nth)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->calls[i].group == group && r->calls[i].kind == kind &&
		    r->calls[i].phase == phase && nth-- == 0)
			return &r->calls[i];
	return NULL;
}

static inline const struct call *
rig_wait(struct rig *r, uint32_t group, enum call_kind kind,
    enum call_phase phase, size_t nth)
{
	RIG_UNTIL(r, rig_find(r, group, kind, phase, nth) != NULL);
	return rig_find(r, group, kind, phase, nth);
}

/* A note of the group that has this text in it. */
static inline const struct call *
rig_note(const struct rig *r, uint32_t group, const char *text)
{
	const struct call *c;

	for (size_t i = 0;
	     (c = rig_find(r, group, CALL_NOTE, CALL_DONE, i)) != NULL; i++)
		if (memmem(c->data, c->data_len, text, strlen(text)) != NULL)
			return c;
	return NULL;
}

static inline struct endpoint
rig_endpoint(const char *text, enum transport t, bool passive)
{
	struct err err = {""};
	struct endpoint e;

	if (endpoint_parse(text, t, passive, &e, &err) < 0)
		fail_msg("%s", err.text);
	return e;
}

/* The backlog holds a crowd: what overflows it waits for a repeated SYN. */
static inline uint32_t
rig_serve(struct rig *r, const char *address, enum transport t,
    enum server_model model)
{
	struct server_spec spec = server_spec_default();
	uint32_t group;

	spec.service = service_find("echo");
	spec.model = model;
	spec.endpoint = rig_endpoint(address, t, true);
	spec.backlog = SOMAXCONN;
	assert_int_equal(server_start(r->e, &spec, &group, NULL), 0);
	return group;
}

/* Start an echo server on a free port; *ret is where it listens. */
static inline uint32_t
rig_echo(struct rig *r, enum server_model model, struct addr *ret)
{
	uint32_t group = rig_serve(r, "127.0.0.1:0", TRANSPORT_TCP, model);

	assert_int_equal(
	    rig_wait(r, group, CALL_LISTEN, CALL_DONE, 0)->error, 0);
	*ret = rig_wait(r, group, CALL_BIND, CALL_DONE, 0)->local;
	return group;
}

static inline uint32_t
rig_client(struct rig *r, const struct addr *to)
{
	struct client_spec spec = {
	    .endpoint = {.transport = TRANSPORT_TCP, .addr = *to}};
	uint32_t group;

	assert_int_equal(client_start(r->e, &spec, &group, NULL), 0);
	return group;
}

/* A plain socket, untraced; a receive timeout turns a hang into a failure. */
static inline int
rig_dial(const struct addr *to)
{
	struct timeval limit = {.tv_sec = RIG_DEADLINE_NS / CLOCK_S};
	int fd = socket(to->sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	assert_int_equal(connect(fd, &to->sa, to->len), 0);
	return fd;
}

/* A plain listener on a free port; *ret is where it listens. */
static inline int
rig_listen(struct addr *ret)
{
	struct in_addr ip = {htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof ret->in;

	*ret = addr_from_ip(AF_INET, &ip, 0);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, &ret->sa, ret->len), 0);
	assert_int_equal(listen(fd, 5), 0);
	assert_int_equal(getsockname(fd, &ret->sa, &len), 0);
	return fd;
}

/* A port that nothing listens on. */
static inline struct addr
rig_dead_port(void)
{
	struct addr a;

	close(rig_listen(&a));
	return a;
}

static inline int
rig_order(struct rig *r, uint32_t group, struct order o)
{
	return engine_order(r->e, group, &o);
}

static inline void
rig_send(struct rig *r, uint32_t group, const char *text)
{
	struct order o = {.kind = ORDER_SEND, .data_len = strlen(text)};

	o.data = (uint8_t *)strdup(text);
	assert_non_null(o.data);
	assert_int_equal(rig_order(r, group, o), 0);
}

static inline void
rig_assert_echo(int fd, const char *text)
{
	char back[256] = {0};
	size_t n = strlen(text);

	assert_int_equal(send(fd, text, n, MSG_NOSIGNAL), n);
	assert_int_equal(recv(fd, back, n, MSG_WAITALL), n);
	assert_string_equal(back, text);
}

#endif
