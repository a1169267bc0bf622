#include "net/wire_impl.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/base/clock.h"
#include "net/wire_wait.h"

#define FLUSH_NS (2 * CLOCK_MS)
#define PACKET_BUFFER (32 * 1024 * 1024)

/* ---- the lock: main may come in between two turns ---- */

static void
enter(struct wire *w)
{
	atomic_fetch_add(&w->waiting, 1);
	pthread_mutex_lock(&w->lock);
	atomic_fetch_sub(&w->waiting, 1);
}

/* Main has changed something: the thread looks at it. */
static void
leave(struct wire *w)
{
	pthread_mutex_unlock(&w->lock);
	wake_shout(&w->mine);
}

/* ---- the thread ---- */

/*
 * Hand over what was recorded. Where one packet follows the other, only every
 * now and then, or main would be given thousands of batches of two or three.
 * Returns when to come again, WIRE_PATH_NEVER.
 */
static int64_t
flush(struct wire *w)
{
	int64_t now;

	if (!w->recorded)
		return WIRE_PATH_NEVER;
	now = clock_mono_ns();
	if (now < w->flushed_ns + FLUSH_NS)
		return w->flushed_ns + FLUSH_NS;
	w->recorded = false;
	w->flushed_ns = now;
	w->sink.flush(w->sink.arg);
	return WIRE_PATH_NEVER;
}

/* Carry from those who have something, and wait for more. */
static void
turn(struct wire *w, struct wire_wait *wait)
{
	int64_t due, flush_at;
	bool more = false;

	while (atomic_load(&w->waiting) > 0)
		sched_yield();
	pthread_mutex_lock(&w->lock);
	for (size_t i = 0; i < w->count; i++)
		if (wire_wait_came(wait, i))
			more |= wire_carry(w, i);
	due = wire_due(w);
	if (due != WIRE_PATH_NEVER) {
		wire_deliver(w);
		due = wire_due(w);
	}
	flush_at = more ? WIRE_PATH_NEVER : flush(w);
	pthread_mutex_unlock(&w->lock);
	wire_wait(wait, more ? 0 : due, flush_at);
	if (wire_wait_woken(wait))
		wake_arm(&w->mine); /* empties it */
}

static void *
wire_thread(void *arg)
{
	struct wire *w = arg;
	struct wire_wait wait;

	wire_wait_init(&wait, w->ports, w->count, wake_fd(&w->mine));
	while (!atomic_load(&w->stopping))
		turn(w, &wait);
	wire_wait_done(&wait);
	w->sink.flush(w->sink.arg);
	return NULL;
}

static int
start_thread(struct wire *w)
{
	sigset_t all, before;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&w->thread, NULL, wire_thread, w);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return -rc;
}

/* ---- its life ---- */

static void
release(struct wire *w)
{
	for (int i = 0; i < 2; i++)
		wire_path_free(w->path[i]);
	wake_done(&w->mine);
	wake_done(&w->news);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

/* As a TUN's queue: a packet socket's own holds some 90 packets, and what does
 * not fit is lost without a word. */
static void
widen(int fd)
{
	int bytes = PACKET_BUFFER;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) <
	    0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

static int
check_ports(const struct wire_port *ports, size_t count, struct err *err)
{
	if (count < 2 || count > WIRE_PORTS_MAX)
		return err_set(err, -EINVAL,
		    "a wire joins 2 to %d hosts, not %zu", WIRE_PORTS_MAX,
		    count);
	for (size_t i = 1; i < count; i++)
		if (ports[i].link_layer != ports[0].link_layer)
			return err_set(err, -EINVAL,
			    "%s has another kind of interface than %s: a wire "
			    "joins hosts of one kind",
			    ports[i].host, ports[0].host);
	return 0;
}

int
wire_new(const struct wire_port *ports, size_t count,
    const struct wire_sink *sink, struct wire **ret, struct err *err)
{
	struct wire *w;
	int rc = check_ports(ports, count, err);

	if (rc < 0)
		return rc;
	w = calloc(1, sizeof *w);
	if (w == NULL)
		return err_set(err, -ENOMEM, "no memory for the wire");
	memcpy(w->ports, ports, count * sizeof *ports);
	w->count = count;
	w->head = ports[0].link_layer ? WIRE_HEAD_MAX : 0;
	w->sink = *sink;
	for (size_t i = 0; i < count && w->head > 0; i++)
		widen(ports[i].fd);
	pthread_mutex_init(&w->lock, NULL);
	for (unsigned i = 0; i < WIRE_ROUTERS_MAX; i++)
		w->router[i] = wire_router_of(&ports[0], i);
	rc = wake_init(&w->mine);
	if (rc == 0)
		rc = wake_init(&w->news);
	for (int i = 0; i < 2 && rc == 0; i++) {
		w->path[i] = wire_path_new(&w->settings[i]);
		rc = w->path[i] == NULL ? -ENOMEM : 0;
	}
	wire_changed(w);
	if (rc == 0)
		rc = start_thread(w);
	if (rc < 0) {
		release(w);
		return err_set(err, rc, "no wire: %s", strerrordesc_np(-rc));
	}
	*ret = w;
	return 0;
}

void
wire_free(struct wire *w)
{
	if (w == NULL)
		return;
	atomic_store(&w->stopping, true);
	wake_shout(&w->mine);
	pthread_join(w->thread, NULL);
	release(w);
}

int
wire_fd(const struct wire *w)
{
	return wake_fd(&w->news);
}

bool
wire_arm(struct wire *w)
{
	return wake_arm(&w->news);
}

void
wire_sync(struct wire *w)
{
	enter(w);
	leave(w);
}

const struct wire_port *
wire_port_at(const struct wire *w, size_t i)
{
	return &w->ports[i];
}

/* ---- how it is ---- */

void
wire_get(struct wire *w, struct wire_settings ret[2])
{
	enter(w);
	memcpy(ret, w->settings, sizeof w->settings);
	pthread_mutex_unlock(&w->lock);
}

void
wire_set(struct wire *w, const struct wire_settings ways[2])
{
	enter(w);
	for (int i = 0; i < 2; i++) {
		w->settings[i] = ways[i];
		wire_path_set(w->path[i], &ways[i]);
	}
	wire_changed(w);
	leave(w);
}

void
wire_set_routers(struct wire *w, unsigned routers)
{
	enter(w);
	w->routers = routers < WIRE_ROUTERS_MAX ? routers : WIRE_ROUTERS_MAX;
	wire_changed(w);
	leave(w);
}

int
wire_add_rule(struct wire *w, const struct wire_rule *r, struct err *err)
{
	int rc;

	enter(w);
	rc = wire_rules_add(&w->rules, r, err);
	wire_changed(w);
	leave(w);
	return rc;
}

int
wire_remove_rule(struct wire *w, int i)
{
	int rc = 0;

	enter(w);
	if (i < 0)
		w->rules.count = 0;
	else
		rc = wire_rules_remove(&w->rules, (size_t)i);
	wire_changed(w);
	leave(w);
	return rc;
}

void
wire_forget(struct wire *w)
{
	enter(w);
	memset(&w->flows, 0, sizeof w->flows);
	leave(w);
}

/* ---- by hand ---- */

void
wire_hold(struct wire *w, bool hold)
{
	enter(w);
	w->holds = hold;
	for (int i = 0; i < 2; i++)
		wire_path_hold(w->path[i], hold, clock_mono_ns());
	wire_changed(w);
	leave(w);
}

int
wire_act(struct wire *w, uint64_t id, const struct wire_order *order)
{
	int rc = -ENOENT;

	enter(w);
	for (int i = 0; i < 2 && rc < 0; i++)
		rc = wire_path_act(w->path[i], id, order, clock_mono_ns());
	leave(w);
	return rc;
}

void
wire_freeze(struct wire *w, bool frozen)
{
	enter(w);
	w->frozen = frozen;
	for (int i = 0; i < 2; i++)
		wire_path_freeze(w->path[i], frozen, clock_mono_ns());
	wire_changed(w);
	leave(w);
}

/* Of those under way in both directions the first; else the first that is
 * held. Both clocks stand, so their times compare. */
static uint64_t
step(struct wire *w)
{
	static const struct wire_order pass = {.action = WIRE_PASS};
	const struct wire_item *first = NULL, *it;
	int way = -1;

	for (int i = 0; i < 2; i++) {
		it = wire_path_flying(w->path[i], 0);
		if (it != NULL &&
		    (first == NULL || it->due_ns < first->due_ns)) {
			first = it;
			way = i;
		}
	}
	if (first != NULL)
		return wire_path_step(w->path[way]) ? first->id : 0;
	for (int i = 0; i < 2; i++) {
		it = wire_path_held(w->path[i], 0);
		if (it != NULL && (first == NULL || it->id < first->id)) {
			first = it;
			way = i;
		}
	}
	if (first == NULL ||
	    wire_path_act(w->path[way], first->id, &pass, clock_mono_ns()) < 0)
		return 0;
	return first->id;
}

uint64_t
wire_step(struct wire *w)
{
	uint64_t id;

	enter(w);
	id = step(w);
	leave(w);
	return id;
}

/* ---- what is seen of it ---- */

/* What was dropped by hand and waits for those before it stands still. */
static void
show(const struct wire_item *it, int way, int64_t t, struct wire_look *ret)
{
	struct wire_shown *s = &ret->shown[ret->shown_count++];
	int64_t whole = it->due_ns - it->began_ns, gone = t - it->began_ns;
	struct wire_facts f;

	*s = (struct wire_shown){
	    .id = it->id,
	    .direction = (uint8_t)way,
	    .held = it->fate == FATE_NONE,
	    .yields = it->fate == FATE_NONE && it->yields,
	    .fate = it->fate,
	    .from = it->from,
	    .to = it->to,
	    .folded = it->folded,
	    .nth = it->key.nth,
	    .entered_ns = it->entered_ns,
	    .len = (uint32_t)(it->len - it->head),
	};
	if (it->due_ns == 0)
		s->done = s->held ? 0 : 500;
	else if (whole > 0 && gone > 0)
		s->done = gone < whole ? (uint32_t)(gone * 1000 / whole) : 1000;
	wire_facts_read(it->data + it->head, it->len - it->head, &f);
	wire_facts_text(&f, &it->key, s->text);
}

void
wire_look(struct wire *w, struct wire_look *ret)
{
	int64_t now = clock_mono_ns();

	enter(w);
	ret->holds = w->holds;
	ret->frozen = w->frozen;
	ret->routers = w->routers;
	ret->port_count = w->count;
	memcpy(ret->settings, w->settings, sizeof ret->settings);
	ret->rules = w->rules;
	memcpy(ret->port, w->port, sizeof ret->port);
	ret->switched = w->switched;
	ret->shown_count = 0;
	for (int i = 0; i < 2; i++) {
		struct wire_path_stats s = wire_path_stats(w->path[i], now);

		ret->way[i] = w->way[i];
		ret->way[i].copies = s.copies;
		ret->way[i].held = s.held;
		ret->way[i].flying = s.flying;
		ret->way[i].queued = s.queued;
		ret->way[i].fates[FATE_FOLDED] += s.folded;
	}
	for (int held = 1; held >= 0; held--)
		for (int i = 0; i < 2; i++) {
			const struct wire_item *it;
			int64_t t = wire_path_time(w->path[i], now);

			for (size_t k = 0;
			     ret->shown_count < WIRE_SHOWN_MAX &&
			     (it = (held ? wire_path_held : wire_path_flying)(
				  w->path[i], k)) != NULL;
			     k++)
				show(it, i, t, ret);
		}
	pthread_mutex_unlock(&w->lock);
}
