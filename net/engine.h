/*
 * net/engine.h - actors: threads that run textbook blocking code.
 *
 * The engine knows every actor, carries their call records to the main thread,
 * and their orders (send this, close) back to them. A call that has ended
 * travels through one ring; a call under way is a state, of which main sees what
 * lasts until it looks. Main names actors and groups by id, never by pointer. A
 * group is one server with all its connections, or one client session.
 *
 * An actor can be stopped at any blocking call within 100 ms: a signal without
 * SA_RESTART, repeated every 10 ms until the actor acknowledges, because a
 * single one can fall just before the system call.
 *
 * Owns:   the actors, the ring, the orders on their way.
 * Bounds: ENGINE_ACTORS threads, ENGINE_RING bytes of records.
 * Thread: main, except the functions of "inside an actor".
 * Blocks: never, except engine_free(), which waits for the actors to end.
 */
#ifndef SOCKDECK_NET_ENGINE_H
#define SOCKDECK_NET_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/base/err.h"
#include "net/call.h"

#define ENGINE_ACTORS 16384
#define ENGINE_RING (4 * 1024 * 1024) /* bytes; an echoed line takes 200 */
/* How often engine_tick() wants to be called while engine_stopping(). */
#define ENGINE_TICK_MS 10

struct engine;
struct actor;
struct talker;
struct listener;
struct outside;

/* Installs the (empty) handler of a real-time signal for the process. */
struct engine *engine_new(struct err *err);
void engine_free(struct engine *e);
/* The helper that opens Bluetooth sockets (net/outside.h), before any actor
 * starts; borrowed. NULL: this process opens them itself. */
void engine_set_outside(struct engine *e, const struct outside *o);
const struct outside *engine_outside(const struct engine *e);

/* Records of calls: those that ended, oldest first; then, of each actor that
 * went on since, the call under way (see net/base/wake.h for arm and fd). Let
 * some milliseconds pass before arming again: a reader that is armed all the
 * time is woken by every record, which costs a busy server a third. */
size_t engine_pop(struct engine *e, struct call *calls, size_t max);
int engine_fd(const struct engine *e);
bool engine_arm(struct engine *e);
/* Ends that found the ring full. (An actor's last one arrives all the same.) */
uint64_t engine_lost(struct engine *e);

/* A new group id, for the calls of one server or one client session. */
uint32_t engine_group(struct engine *e);
/* New ids for calls that no actor makes: those of a traced program. */
uint32_t engine_call_id(struct engine *e);
uint32_t engine_sock_id(struct engine *e);
uint32_t engine_actor_id(struct engine *e);
/* Actors of the group that have not ended yet. */
size_t engine_alive(struct engine *e, uint32_t group);
/* Ask every actor of the group to stop (0: of all groups). */
void engine_stop(struct engine *e, uint32_t group);
/* Interrupt what each actor of the group does now, once: its blocking call,
 * its place at the gate or its wait for an order ends with EINTR. */
void engine_interrupt(struct engine *e, uint32_t group);
/* The same for the one actor of the group that has this address. */
void engine_interrupt_one(struct engine *e, uint32_t group, uint32_t address);
/* Signals go unacknowledged or threads wait to be joined: call engine_tick. */
bool engine_busy(struct engine *e);
/* Repeat signals, join the actors that ended. */
void engine_tick(struct engine *e);

/* Step gate: while on, each call of that side waits for engine_step(). */
void engine_set_stepping(struct engine *e, enum side side, bool on);
bool engine_stepping(const struct engine *e, enum side side);
/* Let the oldest call that waits on one of these sides (a bit each) run. False:
 * none waits. */
bool engine_step(struct engine *e, unsigned sides);

/*
 * End a connection that an actor accepted, from outside: shutdown(SHUT_RDWR),
 * after which its recv() returns 0 whatever the server model.
 *   c  group, side, sock, local, peer are set; it becomes the call's record
 * 0; -ESRCH: it is closed already; or -errno.
 */
int engine_shutdown(struct engine *e, struct call *c);
/* Set an option of a datagram socket of a server or client the same way, while
 * its actor may wait in recvfrom(). 0, -ESRCH, -errno. */
int engine_set_value(struct engine *e, struct call *c, const struct sockopt *o,
    const struct sockopt_value *v);

/* What main asks of an actor. data is owned by the order and moves with it. */
enum order_kind {
	ORDER_SEND, /* data; listener, for the answers, or NULL */
	ORDER_SEND_FILE, /* data: a path, NUL-terminated */
	ORDER_TALK, /* talker, count (0: end it), size, seed, every_ns */
	ORDER_PERIOD, /* every_ns: of the talker at work */
	ORDER_TIMEOUT, /* every_ns: of a blocking send or recv; 0: none */
	ORDER_SHUTDOWN, /* how: SHUT_RD, SHUT_WR, SHUT_RDWR */
	ORDER_CLOSE,
	ORDER_HAND, /* data: a struct hand_call (net/hand.h) */
};

struct order {
	enum order_kind kind;
	uint32_t to; /* an actor's address; 0: the first that takes orders */
	int how;
	uint32_t count, size, seed;
	const struct talker *talker; /* net/talk.h */
	const struct listener *listener;
	int64_t every_ns;
	/* data is part of a stream: cut it, where it is too long a message */
	bool stream;
	uint8_t *data;
	size_t data_len;
};

/* Any thread: an order, in order, to an actor of the group that takes orders. Takes
 * o->data on success. -ESRCH: no such actor; -EAGAIN: its mailbox is full;
 * o->data is still the caller's then. */
int engine_order(struct engine *e, uint32_t group, const struct order *o);

/* ---- inside an actor, and to start one ---- */

struct actor_spec {
	uint32_t group;
	enum side side;
	bool takes_orders;
	uint32_t address; /* within its group, for orders to it alone; or 0 */
	void (*run)(struct actor *a, void *arg);
	void *arg; /* run() owns it */
};

/* Start a thread. May be called from main or from an actor. -EAGAIN: the
 * limit or the system's is reached; -ECANCELED: the group is being stopped;
 * arg is still the caller's then. */
int actor_start(struct engine *e, const struct actor_spec *spec,
    uint32_t *ret_id, struct err *err);
struct engine *actor_engine(const struct actor *a);
uint32_t actor_id(const struct actor *a);
uint32_t actor_group(const struct actor *a);
enum side actor_side(const struct actor *a);
/* Someone asked this actor to stop. */
bool actor_stopping(const struct actor *a);
/* Wait for the next order. 0; -ECANCELED; -EINTR, interrupted by the user; or
 * -ETIMEDOUT after timeout_ns (negative: no limit). The order's data is the
 * caller's to free. */
int actor_wait_order(struct actor *a, struct order *ret, int64_t timeout_ns);
/*
 * For an actor that waits for more than orders: readable while an order or a
 * request to stop may wait, until actor_wait_order() has looked. -1: no
 * descriptor is to be had.
 */
int actor_order_fd(struct actor *a);
/* Stop another actor and wait until it has ended. */
void actor_stop_and_wait(struct engine *e, uint32_t actor);
/* Wait until every other actor of the group has ended. */
void actor_wait_alone(struct actor *a);

/* ---- for net/call.c ---- */

/* Assign an id, wait at the gate, record the beginning. False: do not make
 * the call, it has ended with ECANCELED or EINTR (a close() always is made). */
bool actor_call_begin(struct actor *a, struct call *c);
/* After EINTR: nobody asked for it (a late signal), so call again. */
bool actor_call_again(const struct actor *a);
/* Record the end; turns EINTR of a stop into ECANCELED. Returns the result or
 * -errno, also of a call that was refused. */
int actor_call_end(struct actor *a, struct call *c);
/* One more record of a call that has ended, of what it moved besides. */
void actor_call_also(struct actor *a, struct call *c);
/* Record a CALL_NOTE or CALL_REPORT, of which kind, data, result and the socket
 * are set. */
void actor_note(struct actor *a, struct call *c);
/* A connection or such a datagram socket is open, or is about to be closed: for
 * engine_shutdown(), engine_set_value(). */
void actor_conn_opened(struct actor *a, uint32_t sock, int fd);
void actor_conn_closing(struct actor *a, uint32_t sock);
/* A new process-wide socket id. */
uint32_t actor_sock_id(struct actor *a);

#endif
