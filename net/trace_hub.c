#include "net/trace_hub.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/base/clock.h"
#include "net/base/map.h"
#include "net/trace_link.h"
#include "net/trace_wire.h"

#define ACTORS_MAX 4096
#define SOCKS_MAX 65536
#define MESSAGES_A_TURN 64
/* Of epoll_event.data: a program's place, or the listening socket. */
#define LISTENER UINT32_MAX

/* A thread of a traced program. */
struct seen_actor {
	uint32_t theirs, ours;
	uint32_t their_call, our_call; /* the last one */
	struct call *running; /* a copy, as it was handed on; NULL: none */
};

struct program {
	int fd; /* -1: this place is free */
	bool named; /* it has said hello */
	uint32_t group;
	pid_t pid;
	char name[TRACE_NAME_MAX];
	int status;
	struct map *by_actor; /* their id to an index of actors */
	struct seen_actor *actors;
	size_t actor_count, actor_cap;
	struct map *by_sock; /* their id to ours */
};

struct trace_hub {
	struct engine *engine;
	int listener, epoll;
	uint64_t lost;
	struct program programs[TRACE_HUB_PROGRAMS];
	void (*on_event)(void *arg, const struct trace_event *e);
	void *arg;
};

/* ---- ids ---- */

/* Threads come and go: those without a call need not be remembered. */
static void
drop_idle(struct program *p)
{
	size_t n = 0;

	map_clear(p->by_actor);
	for (size_t i = 0; i < p->actor_count; i++) {
		if (p->actors[i].running == NULL)
			continue;
		p->actors[n] = p->actors[i];
		/* It holds no more than before: no memory is needed. */
		map_put(p->by_actor, &p->actors[n].theirs, (uint32_t)n);
		n++;
	}
	p->actor_count = n;
}

static struct seen_actor *
actor_of(struct trace_hub *h, struct program *p, uint32_t theirs)
{
	size_t cap = p->actor_cap != 0 ? p->actor_cap * 2 : 8;
	struct seen_actor *actors; /* ACTORS_MAX is a cap of this sequence */
	uint32_t at;

	if (map_get(p->by_actor, &theirs, &at))
		return &p->actors[at];
	if (p->actor_count == ACTORS_MAX)
		drop_idle(p);
	if (p->actor_count == ACTORS_MAX)
		return NULL;
	if (p->actor_count == p->actor_cap) {
		actors = reallocarray(p->actors, cap, sizeof *actors);
		if (actors == NULL)
			return NULL;
		p->actors = actors;
		p->actor_cap = cap;
	}
	if (map_put(p->by_actor, &theirs, (uint32_t)p->actor_count) < 0)
		return NULL;
	p->actors[p->actor_count] = (struct seen_actor){
	    .theirs = theirs, .ours = engine_actor_id(h->engine)};
	return &p->actors[p->actor_count++];
}

/* 0 stays 0; also when there is no room for more. */
static uint32_t
sock_of(struct trace_hub *h, struct program *p, uint32_t theirs)
{
	uint32_t ours;

	if (theirs == 0 || map_get(p->by_sock, &theirs, &ours))
		return theirs == 0 ? 0 : ours;
	if (map_count(p->by_sock) >= SOCKS_MAX)
		return 0;
	ours = engine_sock_id(h->engine);
	return map_put(p->by_sock, &theirs, ours) < 0 ? 0 : ours;
}

/* Their call with our ids. False: more threads than a program may have. */
static bool
translate(struct trace_hub *h, struct program *p, struct call *c)
{
	struct seen_actor *a = actor_of(h, p, c->actor);
	uint32_t sock = c->sock;

	if (a == NULL)
		return false;
	/* A thread makes one call at a time: told twice, it is the same. */
	if (a->their_call != c->id || a->our_call == 0) {
		a->their_call = c->id;
		a->our_call = engine_call_id(h->engine);
	}
	c->id = a->our_call;
	c->actor = a->ours;
	c->group = p->group;
	c->sock = sock_of(h, p, sock);
	if (c->kind == CALL_ACCEPT && c->phase == CALL_DONE && c->error == 0)
		c->arg[0] = (int)sock_of(h, p, (uint32_t)c->arg[0]);
	if (c->kind == CALL_CLOSE && c->phase == CALL_DONE &&
	    c->arg[0] != CALL_END_COPY)
		map_del(p->by_sock, &sock);
	free(a->running);
	a->running = NULL;
	if (c->phase == CALL_DONE)
		return true;
	a->running = malloc(sizeof *a->running);
	if (a->running != NULL)
		memcpy(
		    a->running, c, offsetof(struct call, data) + c->data_len);
	return true;
}

/* ---- a program comes and goes ---- */

static void
emit(struct trace_hub *h, const struct program *p, enum trace_event_kind kind,
    const struct call *c)
{
	struct trace_event e = {kind, p->group, p->pid, p->name, c, p->status};

	h->on_event(h->arg, &e);
}

static void
forget(struct program *p)
{
	for (size_t i = 0; i < p->actor_count; i++)
		free(p->actors[i].running);
	free(p->actors);
	map_free(p->by_actor);
	map_free(p->by_sock);
	if (p->fd >= 0)
		close(p->fd);
	*p = (struct program){.fd = -1};
}

/* Nothing more will come: what was under way has been cut off. */
static void
hang_up(struct trace_hub *h, struct program *p)
{
	for (size_t i = 0; i < p->actor_count; i++) {
		struct call *c = p->actors[i].running;

		if (c == NULL)
			continue;
		c->phase = CALL_DONE;
		c->result = -1;
		c->error = EINTR;
		c->data_len = 0;
		c->end_ns = clock_now_ns();
		emit(h, p, TRACE_PROGRAM_CALL, c);
	}
	if (p->named)
		emit(h, p, TRACE_PROGRAM_END, NULL);
	forget(p);
}

static bool
is_own_user(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof peer;

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
	       peer.uid == geteuid();
}

static struct program *
free_place(struct trace_hub *h)
{
	for (size_t i = 0; i < TRACE_HUB_PROGRAMS; i++)
		if (h->programs[i].fd < 0)
			return &h->programs[i];
	return NULL;
}

static void
welcome(struct trace_hub *h)
{
	int fd = accept4(h->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct program *p = free_place(h);
	struct epoll_event ev = {.events = EPOLLIN};

	if (fd < 0)
		return;
	if (p == NULL || !is_own_user(fd)) {
		close(fd);
		return;
	}
	*p = (struct program){
	    .fd = fd,
	    .status = -1,
	    .by_actor = map_new(sizeof(uint32_t)),
	    .by_sock = map_new(sizeof(uint32_t)),
	};
	ev.data.u32 = (uint32_t)(p - h->programs);
	if (p->by_actor == NULL || p->by_sock == NULL ||
	    epoll_ctl(h->epoll, EPOLL_CTL_ADD, fd, &ev) < 0)
		forget(p);
}

/* ---- what it sends ---- */

static bool
take_record(struct trace_hub *h, struct program *p, struct trace_record *r)
{
	if ((r->kind == TRACE_HELLO) == p->named)
		return false;
	switch (r->kind) {
	case TRACE_HELLO:
		if (r->version != TRACE_WIRE_VERSION)
			return false;
		p->named = true;
		p->pid = r->pid;
		memcpy(p->name, r->name, sizeof p->name);
		p->group = engine_group(h->engine);
		emit(h, p, TRACE_PROGRAM, NULL);
		return true;
	case TRACE_CALL:
		if (!translate(h, p, &r->call))
			return false;
		emit(h, p, TRACE_PROGRAM_CALL, &r->call);
		return true;
	case TRACE_LOST:
		h->lost += r->lost;
		return true;
	case TRACE_END:
		p->status = r->status;
		return true;
	}
	return false;
}

/* False: hang up. */
static bool
take_message(
    struct trace_hub *h, struct program *p, const uint8_t *bytes, size_t n)
{
	struct rd message = rd_init(bytes, n, n);
	struct trace_record r;
	int rc;

	while ((rc = trace_wire_get(&message, &r)) > 0)
		if (!take_record(h, p, &r))
			return false;
	return rc == 0;
}

static void
read_program(struct trace_hub *h, struct program *p)
{
	static uint8_t bytes[TRACE_WIRE_MESSAGE];

	for (int i = 0; i < MESSAGES_A_TURN; i++) {
		ssize_t n = recv(p->fd, bytes, sizeof bytes, MSG_TRUNC);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0 || (size_t)n > sizeof bytes ||
		    !take_message(h, p, bytes, (size_t)n)) {
			hang_up(h, p);
			return;
		}
	}
}

bool
trace_hub_read(struct trace_hub *h,
    void (*on_event)(void *arg, const struct trace_event *e), void *arg)
{
	struct epoll_event ready[TRACE_HUB_PROGRAMS + 1];
	int n = epoll_wait(h->epoll, ready, TRACE_HUB_PROGRAMS + 1, 0);

	h->on_event = on_event;
	h->arg = arg;
	for (int i = 0; i < n; i++) {
		uint32_t at = ready[i].data.u32;

		if (at == LISTENER)
			welcome(h);
		else if (h->programs[at].fd >= 0)
			read_program(h, &h->programs[at]);
	}
	return n > 0;
}

/* ---- the hub ---- */

static int
listen_here(struct trace_hub *h)
{
	struct epoll_event ev = {.events = EPOLLIN, .data.u32 = LISTENER};
	struct sockaddr_un un;
	socklen_t len = trace_link_address(&un, getpid());

	h->epoll = epoll_create1(EPOLL_CLOEXEC);
	h->listener =
	    socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (h->epoll < 0 || h->listener < 0 ||
	    bind(h->listener, (struct sockaddr *)&un, len) < 0 ||
	    listen(h->listener, TRACE_HUB_PROGRAMS) < 0 ||
	    epoll_ctl(h->epoll, EPOLL_CTL_ADD, h->listener, &ev) < 0)
		return -errno;
	return 0;
}

int
trace_hub_open(struct engine *engine, struct trace_hub **ret, struct err *err)
{
	struct trace_hub *h = calloc(1, sizeof *h);
	int rc;

	if (h == NULL)
		return err_set(err, -ENOMEM, "no memory for traced programs");
	h->engine = engine;
	h->epoll = h->listener = -1;
	for (size_t i = 0; i < TRACE_HUB_PROGRAMS; i++)
		h->programs[i].fd = -1;
	rc = listen_here(h);
	if (rc < 0) {
		trace_hub_free(h);
		return err_set(err, rc,
		    "programs cannot be traced into this console: %s",
		    strerror(-rc));
	}
	*ret = h;
	return 0;
}

void
trace_hub_free(struct trace_hub *h)
{
	if (h == NULL)
		return;
	for (size_t i = 0; i < TRACE_HUB_PROGRAMS; i++)
		if (h->programs[i].fd >= 0)
			forget(&h->programs[i]);
	if (h->listener >= 0)
		close(h->listener);
	if (h->epoll >= 0)
		close(h->epoll);
	free(h);
}

int
trace_hub_fd(const struct trace_hub *h)
{
	return h->epoll;
}

uint64_t
trace_hub_lost(const struct trace_hub *h)
{
	return h->lost;
}
