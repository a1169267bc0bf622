/*
 * Invariants:
 *   - actors, their mailboxes and all plain fields of an actor that main may
 *     touch are guarded by engine.lock; the atomics are for the path that
 *     every call takes, which never takes that lock unless stepping is on.
 *   - An actor sets `running` before it looks at `stop` and `interrupt`, and
 *     main sets those before it looks at `running`: one of the two sees the
 *     other, so no request falls between them.
 *   - A waiting actor sleeps on its own condition variable, and whatever ends
 *     the wait is set under the lock: no wake-up is lost.
 */
#include "net/engine.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "net/base/clock.h"
#include "net/base/queue.h"

/* glibc keeps the first two real-time signals for itself. */
#define ENGINE_SIGNAL (SIGRTMIN + 1)
/* The deepest thing an actor does is snprintf(); the resolver has its own. */
#define ACTOR_STACK (128 * 1024)
#define ACTOR_ORDERS 256

struct actor {
	struct engine *engine;
	struct actor_spec spec;
	uint32_t id;
	pthread_t thread;
	pthread_cond_t wake; /* an order, the gate, a request */
	atomic_bool running; /* inside a system call, or about to be */
	atomic_bool stop;
	atomic_bool interrupt; /* taken by the call or wait that it ends */
	bool group_stopped; /* nobody may join this group any more */
	bool ended;
	bool released; /* engine_step() opened the gate for this call */
	uint32_t gated; /* the call that waits at the gate; 0: none */
	struct order *orders; /* ring of ACTOR_ORDERS; NULL: takes none */
	size_t first_order, order_count;
};

struct engine {
	pthread_mutex_t lock;
	pthread_cond_t ended; /* some actor has */
	pthread_condattr_t monotonic;
	struct queue *calls;
	struct actor *actors[ENGINE_ACTORS];
	size_t count;
	uint32_t next_group, next_actor;
	bool closing;
	atomic_bool busy;
	atomic_bool stepping[SIDE_COUNT];
	_Atomic uint32_t next_call, next_sock;
};

static void
on_signal(int signo)
{
	(void)signo; /* to end a system call is all that it is for */
}

struct engine *
engine_new(struct err *err)
{
	struct sigaction action = {.sa_handler = on_signal};
	struct engine *e = calloc(1, sizeof *e);

	if (e != NULL)
		e->calls = queue_new(sizeof(struct call), ENGINE_QUEUE);
	if (e == NULL || e->calls == NULL) {
		free(e);
		err_set(err, -ENOMEM,
		    "no memory (or no descriptor) for the engine's queue of "
		    "%d calls",
		    ENGINE_QUEUE);
		return NULL;
	}
	sigemptyset(&action.sa_mask);
	sigaction(ENGINE_SIGNAL, &action, NULL);
	pthread_mutex_init(&e->lock, NULL);
	pthread_condattr_init(&e->monotonic);
	pthread_condattr_setclock(&e->monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&e->ended, &e->monotonic);
	e->next_group = e->next_actor = 1;
	atomic_init(&e->next_call, 1);
	atomic_init(&e->next_sock, 1);
	return e;
}

/* Sleep on a condition, at most ns (negative: no limit). False: time is up. */
static bool
cond_sleep(pthread_cond_t *cond, pthread_mutex_t *lock, int64_t deadline_ns)
{
	struct timespec ts = {
	    .tv_sec = deadline_ns / CLOCK_S, .tv_nsec = deadline_ns % CLOCK_S};

	if (deadline_ns < 0)
		return pthread_cond_wait(cond, lock) == 0;
	return pthread_cond_timedwait(cond, lock, &ts) != ETIMEDOUT;
}

/* ---- actors: birth and end (lock held where "locked" is said) ---- */

static void *
actor_main(void *arg)
{
	struct actor *a = arg;
	struct engine *e = a->engine;

	a->spec.run(a, a->spec.arg);
	pthread_mutex_lock(&e->lock);
	a->ended = true;
	atomic_store(&e->busy, true);
	pthread_cond_broadcast(&e->ended);
	pthread_mutex_unlock(&e->lock);
	queue_wake(e->calls);
	return NULL;
}

static void
actor_free(struct actor *a)
{
	for (; a->order_count > 0; a->order_count--) {
		free(a->orders[a->first_order].data);
		a->first_order = (a->first_order + 1) % ACTOR_ORDERS;
	}
	free(a->orders);
	pthread_cond_destroy(&a->wake);
	free(a);
}

static struct actor *
actor_new(struct engine *e, const struct actor_spec *spec)
{
	struct actor *a = calloc(1, sizeof *a);

	if (a == NULL)
		return NULL;
	a->engine = e;
	a->spec = *spec;
	pthread_cond_init(&a->wake, &e->monotonic);
	if (spec->takes_orders) {
		a->orders = calloc(ACTOR_ORDERS, sizeof *a->orders);
		if (a->orders == NULL) {
			actor_free(a);
			return NULL;
		}
	}
	return a;
}

/* Signals of the process are main's, but a fault belongs to its thread. */
static int
create_thread(struct actor *a)
{
	static const int own[] = {
	    SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS};
	pthread_attr_t attr;
	sigset_t mask;
	int r;

	sigfillset(&mask);
	sigdelset(&mask, ENGINE_SIGNAL);
	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		sigdelset(&mask, own[i]);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, ACTOR_STACK);
	pthread_attr_setsigmask_np(&attr, &mask);
	r = pthread_create(&a->thread, &attr, actor_main, a);
	pthread_attr_destroy(&attr);
	return -r;
}

/* locked */
static bool
group_is_stopped(const struct engine *e, uint32_t group)
{
	for (size_t i = 0; i < e->count; i++)
		if (e->actors[i]->spec.group == group &&
		    e->actors[i]->group_stopped)
			return true;
	return e->closing;
}

int
actor_start(struct engine *e, const struct actor_spec *spec, uint32_t *ret_id,
    struct err *err)
{
	struct actor *a = actor_new(e, spec);
	int r = 0;

	if (a == NULL)
		return err_set(err, -EAGAIN, "no memory for another thread");
	pthread_mutex_lock(&e->lock);
	a->id = e->next_actor++;
	if (group_is_stopped(e, spec->group))
		r = err_set(err, -ECANCELED, "this is being stopped");
	else if (e->count == ENGINE_ACTORS)
		r = err_set(err, -EAGAIN,
		    "all %d threads are in use: close some connections",
		    ENGINE_ACTORS);
	else if (create_thread(a) != 0)
		r = err_set(err, -EAGAIN,
		    "the system refuses another thread: see `ulimit -u`");
	if (r == 0) {
		e->actors[e->count++] = a;
		if (ret_id != NULL)
			*ret_id = a->id;
	}
	pthread_mutex_unlock(&e->lock);
	if (r != 0)
		actor_free(a);
	return r;
}

/* locked; to stop it, or to end what it does now */
static void
request(struct actor *a, atomic_bool *what)
{
	atomic_store(what, true);
	atomic_store(&a->engine->busy, true);
	pthread_cond_signal(&a->wake);
	if (!a->ended && atomic_load(&a->running))
		pthread_kill(a->thread, ENGINE_SIGNAL);
}

void
engine_stop(struct engine *e, uint32_t group)
{
	pthread_mutex_lock(&e->lock);
	for (size_t i = 0; i < e->count; i++)
		if (group == 0 || e->actors[i]->spec.group == group) {
			e->actors[i]->group_stopped = true;
			request(e->actors[i], &e->actors[i]->stop);
		}
	pthread_mutex_unlock(&e->lock);
}

void
engine_interrupt(struct engine *e, uint32_t group)
{
	pthread_mutex_lock(&e->lock);
	for (size_t i = 0; i < e->count; i++)
		if (e->actors[i]->spec.group == group)
			request(e->actors[i], &e->actors[i]->interrupt);
	pthread_mutex_unlock(&e->lock);
}

void
actor_stop_and_wait(struct engine *e, uint32_t actor)
{
	struct actor *a;

	pthread_mutex_lock(&e->lock);
	do {
		a = NULL;
		for (size_t i = 0; i < e->count; i++)
			if (e->actors[i]->id == actor && !e->actors[i]->ended)
				a = e->actors[i];
		if (a != NULL) {
			request(a, &a->stop);
			cond_sleep(&e->ended, &e->lock,
			    clock_mono_ns() + ENGINE_TICK_MS * CLOCK_MS);
		}
	} while (a != NULL);
	pthread_mutex_unlock(&e->lock);
}

bool
engine_busy(struct engine *e)
{
	return atomic_load(&e->busy);
}

/* locked; is there anything left to do about this actor? */
static bool
nudge(struct actor *a)
{
	bool stop = atomic_load(&a->stop);

	if (!atomic_load(&a->running) || (!stop && !atomic_load(&a->interrupt)))
		return stop;
	pthread_kill(a->thread, ENGINE_SIGNAL);
	return true;
}

void
engine_tick(struct engine *e)
{
	bool busy = false;

	pthread_mutex_lock(&e->lock);
	for (size_t i = 0; i < e->count;) {
		struct actor *a = e->actors[i];

		if (a->ended && pthread_tryjoin_np(a->thread, NULL) == 0) {
			e->actors[i] = e->actors[--e->count];
			actor_free(a);
			continue;
		}
		busy |= a->ended || nudge(a);
		i++;
	}
	atomic_store(&e->busy, busy);
	pthread_mutex_unlock(&e->lock);
}

void
engine_free(struct engine *e)
{
	if (e == NULL)
		return;
	pthread_mutex_lock(&e->lock);
	e->closing = true;
	pthread_mutex_unlock(&e->lock);
	engine_stop(e, 0);
	for (;;) {
		engine_tick(e);
		pthread_mutex_lock(&e->lock);
		if (e->count == 0)
			break;
		cond_sleep(&e->ended, &e->lock,
		    clock_mono_ns() + ENGINE_TICK_MS * CLOCK_MS);
		pthread_mutex_unlock(&e->lock);
	}
	pthread_mutex_unlock(&e->lock);
	queue_free(e->calls);
	pthread_cond_destroy(&e->ended);
	pthread_condattr_destroy(&e->monotonic);
	pthread_mutex_destroy(&e->lock);
	free(e);
}

/* ---- the queue, the groups ---- */

size_t
engine_pop(struct engine *e, struct call *calls, size_t max)
{
	return queue_pop(e->calls, calls, max);
}

int
engine_fd(const struct engine *e)
{
	return queue_fd(e->calls);
}

bool
engine_arm(struct engine *e)
{
	return queue_arm(e->calls);
}

uint64_t
engine_lost(struct engine *e)
{
	return queue_lost(e->calls);
}

uint32_t
engine_group(struct engine *e)
{
	uint32_t group;

	pthread_mutex_lock(&e->lock);
	group = e->next_group++;
	pthread_mutex_unlock(&e->lock);
	return group;
}

uint32_t
engine_call_id(struct engine *e)
{
	return atomic_fetch_add_explicit(
	    &e->next_call, 1, memory_order_relaxed);
}

uint32_t
engine_sock_id(struct engine *e)
{
	return atomic_fetch_add_explicit(
	    &e->next_sock, 1, memory_order_relaxed);
}

uint32_t
engine_actor_id(struct engine *e)
{
	uint32_t id;

	pthread_mutex_lock(&e->lock);
	id = e->next_actor++;
	pthread_mutex_unlock(&e->lock);
	return id;
}

size_t
engine_alive(struct engine *e, uint32_t group)
{
	size_t n = 0;

	pthread_mutex_lock(&e->lock);
	for (size_t i = 0; i < e->count; i++)
		n += e->actors[i]->spec.group == group && !e->actors[i]->ended;
	pthread_mutex_unlock(&e->lock);
	return n;
}

/* ---- orders ---- */

int
engine_order(struct engine *e, uint32_t group, const struct order *o)
{
	struct actor *a = NULL;
	int r = 0;

	pthread_mutex_lock(&e->lock);
	for (size_t i = 0; i < e->count && a == NULL; i++)
		if (e->actors[i]->spec.group == group &&
		    e->actors[i]->orders != NULL && !e->actors[i]->ended)
			a = e->actors[i];
	if (a == NULL) {
		r = -ESRCH;
	} else if (a->order_count == ACTOR_ORDERS) {
		r = -EAGAIN;
	} else {
		a->orders[(a->first_order + a->order_count++) % ACTOR_ORDERS] =
		    *o;
		pthread_cond_signal(&a->wake);
	}
	pthread_mutex_unlock(&e->lock);
	return r;
}

int
actor_wait_order(struct actor *a, struct order *ret, int64_t timeout_ns)
{
	struct engine *e = a->engine;
	int64_t deadline = timeout_ns < 0 ? -1 : clock_mono_ns() + timeout_ns;
	bool in_time = true;
	int r = 0;

	pthread_mutex_lock(&e->lock);
	while (in_time && a->order_count == 0 && !atomic_load(&a->stop) &&
	       !atomic_load(&a->interrupt))
		in_time = cond_sleep(&a->wake, &e->lock, deadline);
	if (atomic_load(&a->stop)) {
		r = -ECANCELED;
	} else if (atomic_exchange(&a->interrupt, false)) {
		r = -EINTR;
	} else if (a->order_count == 0) {
		r = -ETIMEDOUT;
	} else {
		*ret = a->orders[a->first_order];
		a->first_order = (a->first_order + 1) % ACTOR_ORDERS;
		a->order_count--;
	}
	pthread_mutex_unlock(&e->lock);
	return r;
}

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

void
engine_step(struct engine *e)
{
	struct actor *oldest = NULL;

	pthread_mutex_lock(&e->lock);
	for (size_t i = 0; i < e->count; i++) {
		struct actor *a = e->actors[i];

		if (a->gated != 0 && !a->released &&
		    (oldest == NULL || a->gated < oldest->gated))
			oldest = a;
	}
	if (oldest != NULL) {
		oldest->released = true;
		pthread_cond_signal(&oldest->wake);
	}
	pthread_mutex_unlock(&e->lock);
}

static void
wait_at_gate(struct actor *a, struct call *c)
{
	struct engine *e = a->engine;

	c->phase = CALL_GATED;
	pthread_mutex_lock(&e->lock);
	a->gated = c->id;
	a->released = false;
	queue_push(e->calls, c); /* who sees this may step at once */
	while (atomic_load(&e->stepping[a->spec.side]) && !a->released &&
	       !atomic_load(&a->stop) && !atomic_load(&a->interrupt))
		cond_sleep(&a->wake, &e->lock, -1);
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
		queue_push(e->calls, c);
		return true;
	}
	atomic_store(&a->running, false);
	c->phase = CALL_DONE;
	c->result = -1;
	c->error = -r;
	c->end_ns = c->begin_ns;
	if (gated) /* someone saw it wait */
		queue_push(e->calls, c);
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
	queue_push(a->engine->calls, c);
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
actor_note(struct actor *a, struct call *c)
{
	c->id = atomic_fetch_add_explicit(
	    &a->engine->next_call, 1, memory_order_relaxed);
	c->group = a->spec.group;
	c->actor = a->id;
	c->side = (uint8_t)a->spec.side;
	c->kind = CALL_NOTE;
	c->phase = CALL_DONE;
	c->begin_ns = c->end_ns = clock_now_ns();
	queue_push(a->engine->calls, c);
}

uint32_t
actor_sock_id(struct actor *a)
{
	return atomic_fetch_add_explicit(
	    &a->engine->next_sock, 1, memory_order_relaxed);
}

struct engine *
actor_engine(const struct actor *a)
{
	return a->engine;
}

uint32_t
actor_id(const struct actor *a)
{
	return a->id;
}

uint32_t
actor_group(const struct actor *a)
{
	return a->spec.group;
}

enum side
actor_side(const struct actor *a)
{
	return a->spec.side;
}

bool
actor_stopping(const struct actor *a)
{
	return atomic_load(&a->stop);
}
