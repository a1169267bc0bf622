/*
 * net/engine_impl.h - what the files of the engine share. For net/engine*.c.
 *
 *   engine.c       actors: birth, orders, requests to stop, end
 *   engine_call.c  a call's way: the gate, what main sees of it
 *
 * Invariants:
 *   - actors, their mailboxes and all plain fields of an actor that main may
 *     touch are guarded by engine.lock; the atomics are for the path that
 *     every call takes, which never takes that lock unless stepping is on.
 *   - An actor sets `running` before it looks at `stop` and `interrupt`, and
 *     main sets those before it looks at `running`: one of the two sees the
 *     other, so no request falls between them.
 *   - A waiting actor sleeps on its own condition variable, and whatever ends
 *     the wait is set under the lock: no wake-up is lost.
 *   - An actor clears `now` before it pushes an end, and main looks at `now`
 *     after it has popped the ends: what it finds running has not ended there.
 *   - A connection leaves `conns` before its descriptor is closed, and main
 *     uses one only with conns_lock: never one that has become another's.
 */
#ifndef SOCKDECK_NET_ENGINE_IMPL_H
#define SOCKDECK_NET_ENGINE_IMPL_H

#include <pthread.h>
#include <stdatomic.h>

#include "net/base/map.h"
#include "net/base/ring.h"
#include "net/base/wake.h"
#include "net/engine.h"

struct actor {
	struct engine *engine; /* constant, as spec and id are */
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
	pthread_mutex_t now_lock;
	struct call now; /* what it does; id 0: nothing (see show()) */
	atomic_bool changed; /* now has something that main has not seen */
	struct order *orders; /* ring of ACTOR_ORDERS; NULL: takes none */
	size_t first_order, order_count;
	int order_fd; /* see actor_order_fd(); -1: not asked for */
};

struct engine {
	pthread_mutex_t lock;
	pthread_mutex_t conns_lock;
	const struct outside *outside; /* constant once actors run */
	struct map *conns; /* accepted and open: socket id to descriptor */
	pthread_cond_t ended; /* some actor has */
	pthread_condattr_t monotonic;
	struct ring *calls; /* those that ended, as net/callpack.h packs */
	struct wake wake; /* main */
	struct actor *actors[ENGINE_ACTORS];
	size_t count;
	size_t look_at; /* main's: the next actor to look at; 0: at none */
	atomic_bool changed; /* some actor has, since the look began */
	uint32_t next_group, next_actor;
	bool closing;
	atomic_bool busy;
	atomic_bool stepping[SIDE_COUNT];
	/* Written by every call: away from what every call only reads. */
	_Alignas(64) _Atomic uint32_t next_call;
	_Atomic uint32_t next_sock;
};

/* Sleep on a condition with the engine's lock, until a monotonic deadline
 * (negative: no limit). False: time is up. */
bool engine_sleep(
    pthread_cond_t *cond, pthread_mutex_t *lock, int64_t deadline_ns);

#endif
