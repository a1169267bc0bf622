#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "net/base/clock.h"
#include "net/callpack.h"
#include "net/engine_impl.h"

/* ---- the step gate ---- */

void
engine_set_stepping(struct engine *e, enum side side, bool on)
{
	pthread_mutex_lock(&e->lock);
	atomic_store(&e->stepping[side], on);
	for (size_t i = 0; i < e->count; i++)
		if (e->actors[i]->gated != 0)
			pthread_cond_signal(&e->actors[i]->wake);
	pthread_mutex_unlock(&e->lock);
}

bool
engine_stepping(const struct engine *e, enum side side)
{
	return atomic_load(&e->stepping[side]);
}

bool
engine_step(struct engine *e, unsigned sides)
{
	struct actor *oldest = NULL;

	pthread_mutex_lock(&e->lock);
	for (size_t i = 0; i < e->count; i++) {
		struct actor *a = e->actors[i];

		if (a->gated != 0 && !a->released &&
		    (sides >> a->spec.side & 1) != 0 &&
		    (oldest == NULL || a->gated < oldest->gated))
			oldest = a;
	}
	if (oldest != NULL) {
		oldest->released = true;
		pthread_cond_signal(&oldest->wake);
	}
	pthread_mutex_unlock(&e->lock);
	return oldest != NULL;
}

/* An end or a note on its way to main. False: the ring is full. */
static bool
push(struct engine *e, const struct call *c)
{
	void *packed = ring_reserve(e->calls, callpack_len(c));

	if (packed == NULL)
		return false;
	callpack_write(packed, c);
	ring_commit(packed);
	wake_poke(&e->wake);
	return true;
}

/*
 * What an actor does now is no event but a state: it lies where main may look,
 * and most calls have ended before main does. A call at the gate or inside the
 * kernel; or an end that found the ring full, so that the last thing an actor
 * did is never lost.
 */
static void
show(struct actor *a, const struct call *c)
{
	struct engine *e = a->engine;

	pthread_mutex_lock(&a->now_lock);
	memcpy(&a->now, c, offsetof(struct call, data) + c->data_len);
	pthread_mutex_unlock(&a->now_lock);
	if (!atomic_load(&a->changed))
		atomic_store(&a->changed, true);
	if (!atomic_load(&e->changed))
		atomic_store(&e->changed, true);
	wake_poke(&e->wake);
}

static void
report_end(struct actor *a, const struct call *c)
{
	pthread_mutex_lock(&a->now_lock);
	a->now.id = 0;
	pthread_mutex_unlock(&a->now_lock);
	if (!push(a->engine, c))
		show(a, c);
}

static void
wait_at_gate(struct actor *a, struct call *c)
{
	struct engine *e = a->engine;

	c->phase = CALL_GATED;
	pthread_mutex_lock(&e->lock);
	a->gated = c->id;
	a->released = false;
	show(a, c); /* who sees this may step at once */
	while (atomic_load(&e->stepping[a->spec.side]) && !a->released &&
	       !atomic_load(&a->stop) && !atomic_load(&a->interrupt))
		engine_sleep(&a->wake, &e->lock, -1);
	a->gated = 0;
	pthread_mutex_unlock(&e->lock);
	c->begin_ns = clock_now_ns();
}

/* ---- calls ---- */

/* 0, or why the call must not be made. A close() always is. */
static int
refusal(struct actor *a, const struct call *c)
{
	bool interrupted = atomic_exchange(&a->interrupt, false);

	if (c->kind == CALL_CLOSE)
		return 0;
	if (atomic_load(&a->stop))
		return -ECANCELED;
	return interrupted ? -EINTR : 0;
}

bool
actor_call_begin(struct actor *a, struct call *c)
{
	struct engine *e = a->engine;
	bool gated = false;
	int r;

	c->id =
	    atomic_fetch_add_explicit(&e->next_call, 1, memory_order_relaxed);
	c->group = a->spec.group;
	c->actor = a->id;
	c->side = (uint8_t)a->spec.side;
	c->begin_ns = clock_now_ns();
	if (atomic_load(&e->stepping[a->spec.side]) && !atomic_load(&a->stop)) {
		wait_at_gate(a, c);
		gated = true;
	}
	atomic_store(&a->running, true);
	r = refusal(a, c);
	if (r == 0) {
		c->phase = CALL_RUNNING;
		show(a, c);
		return true;
	}
	atomic_store(&a->running, false);
	c->phase = CALL_DONE;
	c->result = -1;
	c->error = -r;
	c->end_ns = c->begin_ns;
	if (gated) /* someone saw it wait */
		report_end(a, c);
	return false;
}

int
actor_call_end(struct actor *a, struct call *c)
{
	if (c->phase == CALL_DONE)
		return -c->error;
	c->end_ns = clock_now_ns();
	atomic_store(&a->running, false);
	c->phase = CALL_DONE;
	report_end(a, c);
	if (c->error == 0)
		return (int)c->result; /* Linux moves less than 2 GB a call */
	if (c->error != EINTR)
		return -c->error;
	if (atomic_load(&a->stop))
		return -ECANCELED;
	atomic_store(&a->interrupt, false);
	return -EINTR;
}

bool
actor_call_again(const struct actor *a)
{
	return !atomic_load(&a->stop) && !atomic_load(&a->interrupt);
}

void
actor_call_also(struct actor *a, struct call *c)
{
	c->id = atomic_fetch_add_explicit(
	    &a->engine->next_call, 1, memory_order_relaxed);
	push(a->engine, c);
}

void
actor_note(struct actor *a, struct call *c)
{
	c->group = a->spec.group;
	c->actor = a->id;
	c->side = (uint8_t)a->spec.side;
	c->phase = CALL_DONE;
	c->begin_ns = c->end_ns = clock_now_ns();
	actor_call_also(a, c);
}

uint32_t
actor_sock_id(struct actor *a)
{
	return atomic_fetch_add_explicit(
	    &a->engine->next_sock, 1, memory_order_relaxed);
}

/* ---- connections that main may end ---- */

/* Without memory for it, it cannot be ended from outside: no more. */
void
actor_conn_opened(struct actor *a, uint32_t sock, int fd)
{
	struct engine *e = a->engine;

	pthread_mutex_lock(&e->conns_lock);
	map_put(e->conns, &sock, (uint32_t)fd);
	pthread_mutex_unlock(&e->conns_lock);
}

void
actor_conn_closing(struct actor *a, uint32_t sock)
{
	struct engine *e = a->engine;

	pthread_mutex_lock(&e->conns_lock);
	map_del(e->conns, &sock);
	pthread_mutex_unlock(&e->conns_lock);
}

/* Make this call on the socket c->sock: shutdown(), or setsockopt() to v. */
static int
call_outside(struct engine *e, struct call *c, const struct sockopt_value *v)
{
	uint32_t fd;
	bool open;

	c->id =
	    atomic_fetch_add_explicit(&e->next_call, 1, memory_order_relaxed);
	c->phase = CALL_DONE;
	c->begin_ns = clock_now_ns();
	pthread_mutex_lock(&e->conns_lock);
	open = map_get(e->conns, &c->sock, &fd);
	if (open) {
		c->fd = (int)fd;
		c->result = c->kind == CALL_SHUTDOWN
				? shutdown(c->fd, c->arg[0])
				: setsockopt(c->fd, c->arg[0], c->arg[1],
				      v->bytes, v->len);
		c->error = c->result < 0 ? errno : 0;
	}
	pthread_mutex_unlock(&e->conns_lock);
	if (!open)
		return -ESRCH;
	c->end_ns = clock_now_ns();
	push(e, c);
	return -c->error;
}

int
engine_shutdown(struct engine *e, struct call *c)
{
	c->kind = CALL_SHUTDOWN;
	c->arg[0] = SHUT_RDWR;
	return call_outside(e, c, NULL);
}

int
engine_set_value(struct engine *e, struct call *c, const struct sockopt *o,
    const struct sockopt_value *v)
{
	char text[SOCKOPT_TEXT_MAX];

	c->kind = CALL_SETSOCKOPT;
	c->arg[0] = o->level;
	c->arg[1] = o->option;
	c->arg[2] = v->number;
	sockopt_format(text, o, v);
	c->data_len = (uint16_t)strlen(text);
	memcpy(c->data, text, c->data_len);
	return call_outside(e, c, v);
}

/* ---- main looks ---- */

/* locked; take what main has not seen of this actor. */
static bool
look(struct actor *a, struct call *ret)
{
	bool found;

	if (!atomic_load(&a->changed))
		return false;
	atomic_store(&a->changed, false);
	pthread_mutex_lock(&a->now_lock);
	found = a->now.id != 0;
	if (found)
		*ret = a->now;
	pthread_mutex_unlock(&a->now_lock);
	return found;
}

/* Take what the actors do now, of each that has changed; go on at look_at. */
static size_t
look_at_actors(struct engine *e, struct call *calls, size_t max)
{
	size_t n = 0;

	if (e->look_at == 0 && !atomic_exchange(&e->changed, false))
		return 0;
	pthread_mutex_lock(&e->lock);
	while (e->look_at < e->count && n < max)
		n += look(e->actors[e->look_at++], &calls[n]);
	if (e->look_at >= e->count)
		e->look_at = 0;
	pthread_mutex_unlock(&e->lock);
	return n;
}

size_t
engine_pop(struct engine *e, struct call *calls, size_t max)
{
	const void *packed;
	size_t n = 0;

	while (n < max && (packed = ring_peek(e->calls)) != NULL) {
		callpack_read(packed, &calls[n++]);
		ring_drop(e->calls);
	}
	return n < max ? n + look_at_actors(e, calls + n, max - n) : n;
}
