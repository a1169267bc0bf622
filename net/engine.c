#include "net/engine.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>

#include "net/base/clock.h"
#include "net/engine_impl.h"

/* glibc keeps the first two real-time signals for itself. */
#define ENGINE_SIGNAL (SIGRTMIN + 1)
/* The deepest thing an actor does is snprintf(); the resolver has its own. */
#define ACTOR_STACK (128 * 1024)
#define ACTOR_ORDERS 256

static void
on_signal(int signo)
{
	(void)signo; /* to end a system call is all that it is for */
}

struct engine *
engine_new(struct err *err)
{
	struct sigaction action = {.sa_handler = on_signal};
	struct engine *e = aligned_alloc(64, sizeof *e);

	if (e != NULL) {
		memset(e, 0, sizeof *e);
		e->calls = ring_new(ENGINE_RING);
	}
	if (e != NULL)
		e->conns = map_new(sizeof(uint32_t));
	if (e == NULL || e->calls == NULL || e->conns == NULL ||
	    wake_init(&e->wake) < 0) {
		if (e != NULL) {
			ring_free(e->calls);
			map_free(e->conns);
		}
		free(e);
		err_set(err, -ENOMEM,
		    "no memory (or no descriptor) for the engine's ring of "
		    "%d KB",
		    ENGINE_RING / 1024);
		return NULL;
	}
	sigemptyset(&action.sa_mask);
	sigaction(ENGINE_SIGNAL, &action, NULL);
	pthread_mutex_init(&e->lock, NULL);
	pthread_mutex_init(&e->conns_lock, NULL);
	pthread_condattr_init(&e->monotonic);
	pthread_condattr_setclock(&e->monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&e->ended, &e->monotonic);
	e->next_group = e->next_actor = 1;
	atomic_init(&e->next_call, 1);
	atomic_init(&e->next_sock, 1);
	return e;
}

bool
engine_sleep(pthread_cond_t *cond, pthread_mutex_t *lock, int64_t deadline_ns)
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
	wake_shout(&e->wake);
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
	if (a->order_fd >= 0)
		close(a->order_fd);
	pthread_mutex_destroy(&a->now_lock);
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
	a->order_fd = -1;
	pthread_cond_init(&a->wake, &e->monotonic);
	pthread_mutex_init(&a->now_lock, NULL);
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

/* locked; something waits for it: an order, a request */
static void
wake_actor(struct actor *a)
{
	uint64_t one = 1;

	pthread_cond_signal(&a->wake);
	/* A counter that is full cannot be missed either. */
	if (a->order_fd >= 0 && write(a->order_fd, &one, sizeof one) < 0)
		return;
}

/* locked; to stop it, or to end what it does now */
static void
request(struct actor *a, atomic_bool *what)
{
	atomic_store(what, true);
	atomic_store(&a->engine->busy, true);
	wake_actor(a);
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
engine_interrupt_one(struct engine *e, uint32_t group, uint32_t address)
{
	pthread_mutex_lock(&e->lock);
	for (size_t i = 0; i < e->count; i++)
		if (e->actors[i]->spec.group == group &&
		    e->actors[i]->spec.address == address)
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
			engine_sleep(&e->ended, &e->lock,
			    clock_mono_ns() + ENGINE_TICK_MS * CLOCK_MS);
		}
	} while (a != NULL);
	pthread_mutex_unlock(&e->lock);
}

/* locked */
static size_t
count_alive(const struct engine *e, uint32_t group)
{
	size_t n = 0;

	for (size_t i = 0; i < e->count; i++)
		n += e->actors[i]->spec.group == group && !e->actors[i]->ended;
	return n;
}

void
actor_wait_alone(struct actor *a)
{
	struct engine *e = a->engine;

	pthread_mutex_lock(&e->lock);
	while (count_alive(e, a->spec.group) > 1)
		engine_sleep(&e->ended, &e->lock, -1);
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

/* locked; has it ended with a record that main has not taken yet? */
static bool
owes(const struct engine *e, const struct actor *a)
{
	return !e->closing && atomic_load(&a->changed) && a->now.id != 0;
}

void
engine_tick(struct engine *e)
{
	bool busy = false;

	pthread_mutex_lock(&e->lock);
	for (size_t i = 0; i < e->count;) {
		struct actor *a = e->actors[i];

		if (a->ended && !owes(e, a) &&
		    pthread_tryjoin_np(a->thread, NULL) == 0) {
			e->actors[i] = e->actors[--e->count];
			/* Who moved may have been passed over. */
			atomic_store(&e->changed, true);
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
engine_set_outside(struct engine *e, const struct outside *o)
{
	e->outside = o;
}

const struct outside *
engine_outside(const struct engine *e)
{
	return e->outside;
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
		engine_sleep(&e->ended, &e->lock,
		    clock_mono_ns() + ENGINE_TICK_MS * CLOCK_MS);
		pthread_mutex_unlock(&e->lock);
	}
	pthread_mutex_unlock(&e->lock);
	ring_free(e->calls);
	map_free(e->conns);
	pthread_mutex_destroy(&e->conns_lock);
	wake_done(&e->wake);
	pthread_cond_destroy(&e->ended);
	pthread_condattr_destroy(&e->monotonic);
	pthread_mutex_destroy(&e->lock);
	free(e);
}

/* ---- what main asks ---- */

int
engine_fd(const struct engine *e)
{
	return wake_fd(&e->wake);
}

bool
engine_arm(struct engine *e)
{
	return wake_arm(&e->wake) || atomic_load(&e->changed) ||
	       ring_peek(e->calls) != NULL;
}

uint64_t
engine_lost(struct engine *e)
{
	return ring_lost(e->calls);
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
	size_t n;

	pthread_mutex_lock(&e->lock);
	n = count_alive(e, group);
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
		    e->actors[i]->orders != NULL && !e->actors[i]->ended &&
		    (o->to == 0 || e->actors[i]->spec.address == o->to))
			a = e->actors[i];
	if (a == NULL) {
		r = -ESRCH;
	} else if (a->order_count == ACTOR_ORDERS) {
		r = -EAGAIN;
	} else {
		a->orders[(a->first_order + a->order_count++) % ACTOR_ORDERS] =
		    *o;
		wake_actor(a);
	}
	pthread_mutex_unlock(&e->lock);
	return r;
}

int
actor_wait_order(struct actor *a, struct order *ret, int64_t timeout_ns)
{
	struct engine *e = a->engine;
	int64_t deadline = timeout_ns < 0 ? -1 : clock_mono_ns() + timeout_ns;
	uint64_t drained;
	bool in_time = true;
	int r = 0;

	pthread_mutex_lock(&e->lock);
	if (a->order_fd >= 0 && a->order_count <= 1 &&
	    read(a->order_fd, &drained, sizeof drained) < 0)
		drained = 0; /* nothing was written since */
	while (in_time && a->order_count == 0 && !atomic_load(&a->stop) &&
	       !atomic_load(&a->interrupt))
		in_time = engine_sleep(&a->wake, &e->lock, deadline);
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

int
actor_order_fd(struct actor *a)
{
	pthread_mutex_lock(&a->engine->lock);
	if (a->order_fd < 0)
		a->order_fd =
		    eventfd(a->order_count > 0 || atomic_load(&a->stop),
			EFD_NONBLOCK | EFD_CLOEXEC);
	pthread_mutex_unlock(&a->engine->lock);
	return a->order_fd;
}

/* ---- what an actor may ask about itself ---- */

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
