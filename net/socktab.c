#include "net/socktab.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "net/base/clock.h"
#include "net/base/map.h"
#include "net/sockwalk.h"

/* A table that changed while it was dumped is dumped again, so often. */
#define TRIES_MAX 3
/* Timers are read in jiffies; less than this is no news. */
#define TIMER_SLACK_NS (100 * CLOCK_MS)

/* Where a row stands in the order; equal keys are told apart by the cookie. */
struct slot {
	uint64_t key, cookie;
	uint32_t row;
};

struct rows {
	struct sockrow *at; /* as they came */
	struct slot *order; /* as they are shown */
	size_t count, cap, omitted;
};

struct socktab {
	struct sockfilter filter;
	struct sockwalk *walks[SOCKTAB_HOSTS_MAX]; /* one for each host */
	size_t hosts;
	struct rows now; /* the last complete dump */
	struct map *by_cookie; /* of now, while a new dump is compared */
	uint64_t gen;
	bool dumped; /* now is a dump, be it an empty one */
	/* the dump under way */
	unsigned tries;
	size_t host; /* whose sockets are walked over */
	bool interrupted; /* the walk over one of the hosts was */
	struct rows next;
};

#define ANY_HOST (-1)

/* ------------------------------------------------------------------- rows */

/* A zeroed place for one more row, not counted yet. NULL: no memory. */
static struct sockrow *
rows_spare(struct rows *r)
{
	size_t cap = r->cap != 0 ? r->cap * 2 : 256;
	struct sockrow *at;
	struct slot *order;

	if (r->count < r->cap)
		return &r->at[r->count];
	at = reallocarray(r->at, cap, sizeof *at);
	if (at == NULL)
		return NULL;
	r->at = at;
	order = reallocarray(r->order, cap, sizeof *order);
	if (order == NULL)
		return NULL;
	r->order = order;
	r->cap = cap;
	return &r->at[r->count];
}

static void
rows_done(struct rows *r)
{
	free(r->at);
	free(r->order);
}

/*
 * The order on the screen as one number: group (2 bits), local port, peer port
 * (16 each), transport (2); for Unix the inode, which is the order of birth.
 * Bluetooth's come last, LISTEN first among them.
 */
enum group { GROUP_LISTEN, GROUP_OTHER, GROUP_UNIX_LISTEN, GROUP_UNIX };

static uint64_t
group_key(enum group g)
{
	return (uint64_t)g << 62;
}

static uint64_t
inet_key(enum group g, enum transport transport, uint16_t local, uint16_t peer)
{
	return group_key(g) | (uint64_t)local << 46 | (uint64_t)peer << 30 |
	       (uint64_t)transport << 28;
}

static uint64_t
row_key(const struct sockrow *row)
{
	bool listen = row->state == TCPS_LISTEN;

	if (row->family == AF_UNIX)
		return group_key(listen ? GROUP_UNIX_LISTEN : GROUP_UNIX) |
		       row->inode;
	if (row->family == AF_BLUETOOTH)
		return group_key(GROUP_UNIX) | (uint64_t)!listen << 60 |
		       (uint64_t)1 << 61 |
		       (uint64_t)addr_port(&row->local) << 32 | row->inode;
	return inet_key(listen ? GROUP_LISTEN : GROUP_OTHER, row->transport,
	    addr_port(&row->local), addr_port(&row->peer));
}

static int
compare_slots(const void *a, const void *b)
{
	const struct slot *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return (x->cookie > y->cookie) - (x->cookie < y->cookie);
}

static void
rows_sort(struct rows *r)
{
	for (size_t i = 0; i < r->count; i++)
		r->order[i] = (struct slot){
		    .key = row_key(&r->at[i]),
		    .cookie = r->at[i].cookie,
		    .row = (uint32_t)i,
		};
	if (r->count > 0)
		qsort(r->order, r->count, sizeof *r->order, compare_slots);
}

/* The first place in the order whose key is not below this one. */
static size_t
rows_seek(const struct rows *r, uint64_t key)
{
	size_t low = 0, high = r->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (r->order[mid].key < key)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static const struct sockrow *find_on(const struct socktab *t, int host,
    enum transport transport, const struct addr *local,
    const struct addr *peer);

/* ------------------------------------------------- comparing two dumps */

/*
 * The row as it was in the dump before. TIME-WAIT, and the FIN-WAIT-2 of a
 * closed socket, is a new small socket in the kernel with a new cookie, but the
 * same connection: it is found by its addresses.
 */
static const struct sockrow *
predecessor(const struct socktab *t, const struct sockrow *row)
{
	uint32_t i;

	if (map_get(t->by_cookie, &row->cookie, &i))
		return &t->now.at[i];
	if (row->state != TCPS_TIME_WAIT && row->state != TCPS_FIN_WAIT_2)
		return NULL;
	return find_on(t, row->host, row->transport, &row->local, &row->peer);
}

static bool
same_timer(const struct sockrow *a, const struct sockrow *b)
{
	int64_t a_end = a->seen_ns + a->timer_ms * CLOCK_MS;
	int64_t b_end = b->seen_ns + b->timer_ms * CLOCK_MS;

	return a->timer == b->timer &&
	       (a->timer == SOCKTIMER_NONE ||
		   llabs(a_end - b_end) < TIMER_SLACK_NS);
}

static bool
same_row(const struct sockrow *a, const struct sockrow *b)
{
	return a->state == b->state && same_timer(a, b) &&
	       a->retransmits == b->retransmits && a->rqueue == b->rqueue &&
	       a->wqueue == b->wqueue && a->inode == b->inode &&
	       a->peer_inode == b->peer_inode && a->has_info == b->has_info &&
	       a->rtt_us == b->rtt_us && a->cwnd == b->cwnd &&
	       a->snd_mss == b->snd_mss && a->rto_us == b->rto_us &&
	       a->total_retrans == b->total_retrans && a->psm == b->psm &&
	       addr_equal(&a->local, &b->local) &&
	       addr_equal(&a->peer, &b->peer);
}

/* Give a row its history. True: it differs from the row it was. */
static bool
inherit(const struct socktab *t, struct sockrow *row)
{
	const struct sockrow *old = predecessor(t, row);

	if (old == NULL) {
		row->appeared_ns = row->seen_ns;
		return true;
	}
	row->appeared_ns = old->appeared_ns;
	row->old_state = old->old_state;
	row->changed_ns = old->changed_ns;
	if (row->state != old->state) {
		row->old_state = old->state;
		row->changed_ns = row->seen_ns;
	}
	return !same_row(row, old);
}

static int
index_cookies(struct socktab *t)
{
	map_clear(t->by_cookie);
	for (size_t i = 0; i < t->now.count; i++) {
		int rc =
		    map_put(t->by_cookie, &t->now.at[i].cookie, (uint32_t)i);

		if (rc < 0)
			return rc;
	}
	return 0;
}

/* The dump is complete: compare it with the last one and put it in its place.
 */
static int
complete(struct socktab *t)
{
	bool changed = !t->dumped || t->next.count != t->now.count ||
		       t->next.omitted != t->now.omitted;
	struct rows last;

	rows_sort(&t->next);
	if (t->dumped) {
		int rc = index_cookies(t);

		if (rc < 0)
			return rc;
		for (size_t i = 0; i < t->next.count; i++)
			changed |= inherit(t, &t->next.at[i]);
	}
	last = t->now;
	t->now = t->next;
	t->next = last;
	t->dumped = true;
	if (changed)
		t->gen++;
	return 1;
}

/* ------------------------------------------------------------- the refresh */

static int
keep(void *arg, const struct sockrow *row)
{
	struct socktab *t = arg;
	struct sockrow *place;

	if (t->next.count == SOCKTAB_MAX) {
		t->next.omitted++;
		return 0;
	}
	place = rows_spare(&t->next);
	if (place == NULL)
		return -ENOMEM;
	*place = *row;
	place->host = (uint8_t)t->host;
	t->next.count++;
	return 0;
}

static struct sockwalk *
walk_now(const struct socktab *t)
{
	return t->walks[t->host];
}

static int
begin(struct socktab *t, struct err *err)
{
	t->next.count = 0;
	t->next.omitted = 0;
	t->host = 0;
	t->interrupted = false;
	return sockwalk_start(walk_now(t), err);
}

/* The walk over one host has ended: on to the next one; or repeat them all, or
 * show what they brought. */
static int
walked(struct socktab *t, struct err *err)
{
	int rc;

	t->interrupted |= sockwalk_interrupted(walk_now(t));
	if (t->host + 1 < t->hosts) {
		t->host++;
		return sockwalk_start(walk_now(t), err);
	}
	if (t->interrupted && ++t->tries < TRIES_MAX)
		return begin(t, err);
	rc = complete(t);
	if (rc < 0)
		err_set(err, rc, "No memory for the socket table");
	return rc;
}

int
socktab_read(struct socktab *t, struct err *err)
{
	int rc = sockwalk_read(walk_now(t), err);

	return rc == 1 ? walked(t, err) : rc;
}

static int
refresh(struct socktab *t, struct err *err)
{
	if (sockwalk_running(walk_now(t)))
		return 0;
	t->tries = 0;
	return begin(t, err);
}

int
socktab_refresh(struct socktab *t)
{
	return refresh(t, NULL);
}

int
socktab_refresh_now(struct socktab *t, struct err *err)
{
	int rc = refresh(t, err);

	while (rc == 0) {
		rc = sockwalk_wait(walk_now(t), err);
		if (rc == 1)
			rc = walked(t, err);
	}
	return rc < 0 ? rc : 0;
}

/* ----------------------------------------------------------- life and rows */

int
socktab_new(unsigned what, struct socktab **ret, struct err *err)
{
	struct socktab *t = calloc(1, sizeof *t);
	int rc;

	if (t == NULL)
		return err_set(err, -ENOMEM, "No memory for the socket table");
	t->filter.what = what;
	t->by_cookie = map_new(sizeof(uint64_t));
	if (t->by_cookie == NULL)
		rc = err_set(err, -ENOMEM, "No memory for the socket table");
	else
		rc = socktab_add(t, err);
	if (rc < 0) {
		socktab_free(t);
		return rc;
	}
	*ret = t;
	return 0;
}

int
socktab_add(struct socktab *t, struct err *err)
{
	int rc;

	if (t->hosts == SOCKTAB_HOSTS_MAX)
		return err_set(err, -ENOSPC, "The socket table has %d hosts",
		    SOCKTAB_HOSTS_MAX);
	rc = sockwalk_new(&t->filter, keep, t, &t->walks[t->hosts], err);
	/* Bluetooth knows no hosts: it is the first one's. */
	t->filter.what &= ~(unsigned)(SOCKTAB_RFCOMM | SOCKTAB_L2CAP);
	return rc < 0 ? rc : (int)t->hosts++;
}

void
socktab_free(struct socktab *t)
{
	if (t == NULL)
		return;
	for (size_t i = 0; i < t->hosts; i++)
		sockwalk_free(t->walks[i]);
	map_free(t->by_cookie);
	rows_done(&t->now);
	rows_done(&t->next);
	free(t);
}

void
socktab_look_through(struct socktab *t, pid_t pid)
{
	sockwalk_look_through(t->walks[0], pid);
}

int
socktab_fd(const struct socktab *t)
{
	return sockwalk_fd(walk_now(t));
}

bool
socktab_refreshing(const struct socktab *t)
{
	return sockwalk_running(walk_now(t));
}

size_t
socktab_count(const struct socktab *t)
{
	return t->now.count;
}

size_t
socktab_omitted(const struct socktab *t)
{
	return t->now.omitted;
}

uint64_t
socktab_gen(const struct socktab *t)
{
	return t->gen;
}

const struct sockrow *
socktab_row(const struct socktab *t, size_t i)
{
	return &t->now.at[t->now.order[i].row];
}

bool
socktab_timers(const struct socktab *t)
{
	for (size_t i = 0; i < t->now.count; i++)
		if (t->now.at[i].timer != SOCKTIMER_NONE)
			return true;
	return false;
}

/* ----------------------------------------------------------------- lookups */

/* As addresses go on the wire: ::ffff:127.0.0.1 is 127.0.0.1. */
static bool
same_host(const struct addr *a, const struct addr *b)
{
	struct addr x = addr_unmap(a), y = addr_unmap(b);

	return addr_equal(&x, &y);
}

static const struct sockrow *
find_inet(const struct socktab *t, int host, enum group group,
    enum transport transport, const struct addr *local, const struct addr *peer)
{
	uint64_t key =
	    inet_key(group, transport, addr_port(local), addr_port(peer));

	for (size_t i = rows_seek(&t->now, key);
	     i < t->now.count && t->now.order[i].key == key; i++) {
		const struct sockrow *row = socktab_row(t, i);

		if ((host == ANY_HOST || host == row->host) &&
		    same_host(&row->local, local) &&
		    same_host(&row->peer, peer))
			return row;
	}
	return NULL;
}

/* Unix and Bluetooth; peer NULL: whatever it is. */
static const struct sockrow *
find_other(const struct socktab *t, enum transport transport,
    const struct addr *local, const struct addr *peer)
{
	for (size_t i = rows_seek(&t->now, group_key(GROUP_UNIX_LISTEN));
	     i < t->now.count; i++) {
		const struct sockrow *row = socktab_row(t, i);

		if (row->transport == transport &&
		    addr_equal(&row->local, local) &&
		    (peer == NULL || addr_equal(&row->peer, peer)))
			return row;
	}
	return NULL;
}

static const struct sockrow *
find_on(const struct socktab *t, int host, enum transport transport,
    const struct addr *local, const struct addr *peer)
{
	static const struct addr none;
	const struct sockrow *row;

	if (peer == NULL)
		peer = &none;
	if (local->len == 0)
		return NULL;
	if (local->sa.sa_family == AF_UNIX)
		return find_other(t, transport, local, NULL);
	if (local->sa.sa_family == AF_BLUETOOTH)
		return find_other(t, transport, local, peer);
	row = find_inet(t, host, GROUP_LISTEN, transport, local, peer);
	return row != NULL
		   ? row
		   : find_inet(t, host, GROUP_OTHER, transport, local, peer);
}

const struct sockrow *
socktab_find(const struct socktab *t, enum transport transport,
    const struct addr *local, const struct addr *peer)
{
	return find_on(t, ANY_HOST, transport, local, peer);
}

const struct sockrow *
socktab_twin(const struct socktab *t, const struct sockrow *row)
{
	int host = addr_is_loopback(&row->peer) ? row->host : ANY_HOST;

	if (row->family != AF_UNIX)
		return row->peer.len == 0 ? NULL
					  : find_on(t, host, row->transport,
						&row->peer, &row->local);
	if (row->peer_inode == 0)
		return NULL;
	for (size_t i = rows_seek(&t->now, group_key(GROUP_UNIX_LISTEN));
	     i < t->now.count; i++)
		if (socktab_row(t, i)->inode == row->peer_inode)
			return socktab_row(t, i);
	return NULL;
}

const struct sockrow *
socktab_listener(
    const struct socktab *t, enum transport transport, uint16_t port)
{
	enum group g = transport == TRANSPORT_TCP ? GROUP_LISTEN : GROUP_OTHER;
	uint64_t key = inet_key(g, transport, port, 0);
	size_t i = rows_seek(&t->now, key);

	return i < t->now.count && t->now.order[i].key == key
		   ? socktab_row(t, i)
		   : NULL;
}
