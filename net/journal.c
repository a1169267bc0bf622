/*
 * Invariants:
 *   - ended[entry % JOURNAL_CALLS] holds the calls that ended, by effect_ns()
 *     as far as JOURNAL_MOVES swaps can bring that about.
 *   - running[] holds the calls under way, by id.
 *   - by_call has exactly their ids: an entry's slot, or IS_RUNNING; by_actor
 *     has the running ones' actors, which run one call each: its id.
 *   - Sockets live in slots that are linked from the oldest to the newest, and
 *     by_sock has exactly the linked ones.
 */
#include "net/journal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "net/base/map.h"

#define NOWHERE UINT32_MAX
#define IS_RUNNING UINT32_MAX

/* What a datagram socket exchanged with one peer. */
struct dgram_key {
	uint32_t sock;
	struct addr peer;
};

struct dgram_peer {
	struct dgram_key key; /* sock 0: a free place */
	uint64_t sent, received; /* bytes */
};

struct slot {
	struct jsock sock;
	uint32_t older, newer; /* slots; NOWHERE at the ends */
};

struct journal {
	struct call ended[JOURNAL_CALLS];
	uint32_t next; /* entry of the next call to end; the first is 1 */
	struct call *running[JOURNAL_RUNNING];
	uint32_t running_count;
	struct map *by_call, *by_actor;
	uint64_t gen;
	struct slot socks[JOURNAL_SOCKS];
	uint32_t sock_count, oldest, newest;
	struct map *by_sock;
	struct dgram_peer peers[JOURNAL_PEERS];
	uint32_t peer_count; /* ever entered */
	struct map *by_peer; /* key to its place */
};

struct journal *
journal_new(void)
{
	struct journal *j = calloc(1, sizeof *j);

	if (j == NULL)
		return NULL;
	j->by_call = map_new(sizeof(uint32_t));
	j->by_actor = map_new(sizeof(uint32_t));
	j->by_sock = map_new(sizeof(uint32_t));
	j->by_peer = map_new(sizeof(struct dgram_key));
	j->next = 1;
	j->oldest = j->newest = NOWHERE;
	if (j->by_call == NULL || j->by_actor == NULL || j->by_sock == NULL ||
	    j->by_peer == NULL) {
		journal_free(j);
		return NULL;
	}
	return j;
}

void
journal_free(struct journal *j)
{
	if (j == NULL)
		return;
	for (uint32_t i = 0; i < j->running_count; i++)
		free(j->running[i]);
	map_free(j->by_call);
	map_free(j->by_actor);
	map_free(j->by_sock);
	map_free(j->by_peer);
	free(j);
}

/* ---- calls ---- */

/* The place of the running call with this id, or where it would stand. */
static uint32_t
running_place(const struct journal *j, uint32_t id)
{
	uint32_t from = 0, to = j->running_count;

	while (from < to) {
		uint32_t mid = from + (to - from) / 2;

		if (j->running[mid]->id < id)
			from = mid + 1;
		else
			to = mid;
	}
	return from;
}

static void
drop_running(struct journal *j, uint32_t at)
{
	map_del(j->by_call, &j->running[at]->id);
	map_del(j->by_actor, &j->running[at]->actor);
	free(j->running[at]);
	j->running_count--;
	memmove(&j->running[at], &j->running[at + 1],
	    (j->running_count - at) * sizeof j->running[0]);
}

/* An actor makes one call at a time: with the next one its last has ended,
 * even if that end was lost. */
static void
drop_running_of(struct journal *j, uint32_t actor)
{
	uint32_t id, at;

	if (!map_get(j->by_actor, &actor, &id))
		return;
	at = running_place(j, id);
	if (at < j->running_count && j->running[at]->id == id)
		drop_running(j, at);
	else
		map_del(j->by_actor, &actor);
}

static void
enter_running(struct journal *j, const struct call *c)
{
	uint32_t at = running_place(j, c->id);
	struct call *own;

	if (at < j->running_count && j->running[at]->id == c->id) {
		/* From the gate into the kernel. */
		if (j->running[at]->actor == c->actor) {
			*j->running[at] = *c;
			return;
		}
		/* Two with one id: the records are not to be trusted. */
		drop_running(j, at);
	}
	drop_running_of(j, c->actor);
	if (j->running_count == JOURNAL_RUNNING)
		drop_running(j, 0);
	own = malloc(sizeof *own);
	if (own == NULL || map_put(j->by_call, &c->id, IS_RUNNING) < 0) {
		free(own);
		return;
	}
	if (map_put(j->by_actor, &c->actor, c->id) < 0) {
		map_del(j->by_call, &c->id);
		free(own);
		return;
	}
	*own = *c;
	at = running_place(j, c->id);
	memmove(&j->running[at + 1], &j->running[at],
	    (j->running_count - at) * sizeof j->running[0]);
	j->running[at] = own;
	j->running_count++;
}

/* When others can have felt it. */
static int64_t
effect_ns(const struct call *c)
{
	bool at_once = call_sends(c) || c->kind == CALL_SHUTDOWN;

	return at_once ? c->begin_ns : c->end_ns;
}

static void
swap_entries(struct journal *j, uint32_t a, uint32_t b)
{
	uint32_t x = a % JOURNAL_CALLS, y = b % JOURNAL_CALLS;
	struct call kept = j->ended[x];

	j->ended[x] = j->ended[y];
	j->ended[y] = kept;
	/* Both keys are there already: replacing a value needs no memory. */
	map_put(j->by_call, &j->ended[x].id, x);
	map_put(j->by_call, &j->ended[y].id, y);
}

static void
move_to_effect(struct journal *j, uint32_t entry)
{
	uint32_t first = journal_first(j);

	for (int i = 0; i < JOURNAL_MOVES && entry > first; i++, entry--) {
		const struct call *c = &j->ended[entry % JOURNAL_CALLS];
		const struct call *before =
		    &j->ended[(entry - 1) % JOURNAL_CALLS];

		if (effect_ns(before) <= effect_ns(c))
			return;
		swap_entries(j, entry, entry - 1);
	}
}

static void
enter_ended(struct journal *j, const struct call *c)
{
	struct call *own = &j->ended[j->next % JOURNAL_CALLS];

	if (c->kind != CALL_NOTE)
		drop_running_of(j, c->actor);
	if (own->id != 0)
		map_del(j->by_call, &own->id);
	*own = *c;
	if (map_put(j->by_call, &c->id, j->next % JOURNAL_CALLS) < 0) {
		own->id = 0;
		return;
	}
	j->next++;
	move_to_effect(j, j->next - 1);
}

uint32_t
journal_first(const struct journal *j)
{
	return j->next > JOURNAL_CALLS ? j->next - JOURNAL_CALLS : 1;
}

uint32_t
journal_next(const struct journal *j)
{
	return j->next;
}

const struct call *
journal_at(const struct journal *j, uint32_t entry)
{
	return entry >= journal_first(j) && entry < j->next
		   ? &j->ended[entry % JOURNAL_CALLS]
		   : NULL;
}

uint32_t
journal_running(const struct journal *j)
{
	return j->running_count;
}

const struct call *
journal_running_at(const struct journal *j, uint32_t i)
{
	return i < j->running_count ? j->running[i] : NULL;
}

const struct call *
journal_call(const struct journal *j, uint32_t id)
{
	uint32_t slot;

	if (!map_get(j->by_call, &id, &slot))
		return NULL;
	return slot == IS_RUNNING ? j->running[running_place(j, id)]
				  : &j->ended[slot];
}

uint64_t
journal_gen(const struct journal *j)
{
	return j->gen;
}

/* ---- sockets ---- */

static void
unlink_slot(struct journal *j, uint32_t at)
{
	struct slot *s = &j->socks[at];

	*(s->older != NOWHERE ? &j->socks[s->older].newer : &j->oldest) =
	    s->newer;
	*(s->newer != NOWHERE ? &j->socks[s->newer].older : &j->newest) =
	    s->older;
}

static void
link_newest(struct journal *j, uint32_t at)
{
	j->socks[at].older = j->newest;
	j->socks[at].newer = NOWHERE;
	*(j->newest != NOWHERE ? &j->socks[j->newest].newer : &j->oldest) = at;
	j->newest = at;
}

/*
 * A slot for a new socket. The oldest closed one leaves first, so that a
 * listener outlives the thousands of connections that it accepts.
 */
static uint32_t
take_slot(struct journal *j)
{
	uint32_t at = j->oldest;

	if (j->sock_count < JOURNAL_SOCKS)
		return j->sock_count++;
	while (at != NOWHERE && !j->socks[at].sock.closed)
		at = j->socks[at].newer;
	if (at == NOWHERE)
		at = j->oldest;
	map_del(j->by_sock, &j->socks[at].sock.id);
	unlink_slot(j, at);
	return at;
}

static uint32_t
slot_of(const struct journal *j, uint32_t id)
{
	uint32_t at;

	return map_get(j->by_sock, &id, &at) ? at : NOWHERE;
}

/* NULL: no memory to find it again by, so it is left out. */
static struct jsock *
add_sock(struct journal *j, uint32_t id, const struct call *c)
{
	uint32_t at = take_slot(j);
	struct jsock *s = &j->socks[at].sock;

	*s = (struct jsock){
	    .id = id,
	    .group = c->group,
	    .side = c->side,
	    .fd = c->fd,
	    .local = c->local,
	    .peer = c->peer,
	    .opened_ns = c->end_ns != 0 ? c->end_ns : c->begin_ns,
	};
	link_newest(j, at);
	if (map_put(j->by_sock, &id, at) < 0) {
		s->closed = true; /* unfindable, and first to leave */
		return NULL;
	}
	return s;
}

/*
 * What a datagram socket has exchanged with each peer: a conversation of its
 * own, so its bytes count from 0. The oldest pair makes room.
 */
static struct dgram_peer *
dgram_peer(struct journal *j, uint32_t sock, const struct addr *peer)
{
	struct dgram_key key;
	struct dgram_peer *p;
	uint32_t at;

	memset(&key, 0, sizeof key); /* its padding, too */
	key.sock = sock;
	key.peer = *peer;
	if (map_get(j->by_peer, &key, &at))
		return &j->peers[at];
	at = j->peer_count++ % JOURNAL_PEERS;
	p = &j->peers[at];
	if (p->key.sock != 0)
		map_del(j->by_peer, &p->key);
	memcpy(&p->key, &key, sizeof key);
	p->sent = p->received = 0;
	if (map_put(j->by_peer, &key, at) < 0)
		p->key.sock = 0;
	return p;
}

/* Count a datagram, and say where in its conversation it stands. */
static void
place_datagram(struct journal *j, const struct jsock *s, struct call *c)
{
	struct dgram_peer *p;
	uint64_t *moved;

	if (s == NULL || s->type != SOCK_DGRAM ||
	    !(call_sends(c) || call_receives(c)) || c->error != 0 ||
	    c->peer.len == 0)
		return;
	p = dgram_peer(j, s->id, &c->peer);
	moved = call_sends(c) ? &p->sent : &p->received;
	c->stream_off = *moved;
	if (!c->peek)
		*moved += call_moved(c);
}

/* A peer that closes ends a stream's recv() with 0 bytes. */
static bool
is_eof(const struct call *c)
{
	return c->kind == CALL_RECV && c->result == 0 && c->asked > 0;
}

/* Is it the end of the stream, received once more? Then it is counted. */
static bool
repeats_eof(struct journal *j, const struct call *c)
{
	uint32_t at = slot_of(j, c->sock), slot;
	struct jsock *s = at != NOWHERE ? &j->socks[at].sock : NULL;

	if (s == NULL || c->kind == CALL_NOTE)
		return false;
	if (c->error != 0 || !is_eof(c) || c->peek) {
		s->eof_call = 0;
		return false;
	}
	if (s->eof_call == 0 || !map_get(j->by_call, &s->eof_call, &slot) ||
	    slot == IS_RUNNING) {
		s->eof_call = c->id;
		return false;
	}
	j->ended[slot].again++;
	drop_running_of(j, c->actor);
	return true;
}

static void
enter_accepted(
    struct journal *j, const struct jsock *listener, const struct call *c)
{
	int domain = listener->domain, type = listener->type;
	uint32_t listener_id = listener->id;
	struct jsock *s = add_sock(j, (uint32_t)c->arg[0], c);

	if (s == NULL)
		return;
	s->listener = listener_id;
	s->fd = (int)c->result;
	s->domain = domain;
	s->type = type;
	s->connected = true;
}

static uint64_t
later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* A datagram socket's peer is whom it spoke with last. */
static void
note_peer(struct jsock *s, const struct call *c)
{
	if (s->type != SOCK_DGRAM || s->connected || c->peer.len == 0)
		return;
	s->peer = c->peer;
	s->local = c->local;
}

/* A call has succeeded: what that makes of its socket. */
static void
apply_success(struct journal *j, struct jsock *s, const struct call *c)
{
	switch ((enum call_kind)c->kind) {
	case CALL_SOCKET:
		s->domain = c->arg[0];
		s->type = c->arg[1] & ~(SOCK_NONBLOCK | SOCK_CLOEXEC);
		break;
	case CALL_BIND:
		s->local = c->local;
		break;
	case CALL_LISTEN:
		s->listening = true;
		break;
	case CALL_ACCEPT:
		enter_accepted(j, s, c);
		break;
	case CALL_CONNECT:
		s->connected = true;
		s->local = c->local;
		break;
	case CALL_SEND:
	case CALL_SENDTO:
		s->sent = later(s->sent, c->stream_off + (uint64_t)c->result);
		note_peer(s, c);
		break;
	case CALL_RECV:
	case CALL_RECVFROM:
		note_peer(s, c);
		if (is_eof(c))
			s->peer_closed = true;
		else if (!c->peek)
			s->received = later(
			    s->received, c->stream_off + (uint64_t)c->result);
		break;
	case CALL_SHUTDOWN:
	case CALL_CLOSE:
	case CALL_SETSOCKOPT:
	case CALL_GETSOCKOPT:
	case CALL_RECVMSG:
	case CALL_EPOLL_CREATE:
	case CALL_EPOLL_CTL:
	case CALL_EPOLL_WAIT:
	case CALL_GETADDRINFO:
	case CALL_SDP_SEARCH:
	case CALL_SDP_REGISTER:
	case CALL_NOTE:
	case CALL_REPORT:
	case CALL_KIND_COUNT:
		break;
	}
}

/*
 * A traced program's socket: whose it is shows only when it listens or
 * connects. The calls that led there go with it.
 */
static void
change_side(struct journal *j, struct jsock *s, uint8_t side)
{
	s->side = side;
	for (uint32_t i = journal_first(j); i < j->next; i++)
		if (j->ended[i % JOURNAL_CALLS].sock == s->id)
			j->ended[i % JOURNAL_CALLS].side = side;
	for (uint32_t i = 0; i < j->running_count; i++)
		if (j->running[i]->sock == s->id)
			j->running[i]->side = side;
}

static void
apply_connect(struct jsock *s, const struct call *c)
{
	s->peer = c->peer;
	if (c->local.len != 0 && s->local.len == 0)
		s->local = c->local;
	/* Interrupted, it goes on in the kernel. */
	s->connecting = c->phase != CALL_DONE || c->error == EINTR;
}

static void
enter_sock(struct journal *j, const struct call *c)
{
	uint32_t at = slot_of(j, c->sock);
	struct jsock *s = at != NOWHERE ? &j->socks[at].sock : NULL;
	bool done = c->phase == CALL_DONE;

	/* Not a socket that does not exist yet, or never will. */
	if (s == NULL && c->kind == CALL_SOCKET && (!done || c->error != 0))
		return;
	/* Nor an epoll set. */
	if (c->kind == CALL_EPOLL_CREATE || c->kind == CALL_EPOLL_CTL ||
	    c->kind == CALL_EPOLL_WAIT)
		return;
	/* Nor one that has been forgotten since. */
	if (s == NULL && (c->kind == CALL_NOTE || c->kind == CALL_CLOSE))
		return;
	if (s == NULL)
		s = add_sock(j, c->sock, c);
	if (s == NULL)
		return;
	if (s->side != c->side)
		change_side(j, s, c->side);
	if (c->kind == CALL_CONNECT)
		apply_connect(s, c);
	if (!done)
		return;
	/* Also when it failed: close(2). */
	if (c->kind == CALL_CLOSE && c->arg[0] != CALL_END_COPY) {
		s->closed = true;
		s->connecting = false;
		s->closed_ns = c->end_ns;
	}
	if (c->error != 0)
		s->error = c->error;
	else
		apply_success(j, s, c);
}

const struct jsock *
journal_sock(const struct journal *j, uint32_t sock)
{
	uint32_t at = slot_of(j, sock);

	return at != NOWHERE ? &j->socks[at].sock : NULL;
}

const struct jsock *
journal_next_sock(const struct journal *j, uint32_t *it)
{
	uint32_t at = j->newest;

	if (*it != 0) {
		at = slot_of(j, *it);
		at = at != NOWHERE ? j->socks[at].older : NOWHERE;
	}
	if (at == NOWHERE)
		return NULL;
	*it = j->socks[at].sock.id;
	return &j->socks[at].sock;
}

/* A dual-stack socket says ::ffff:127.0.0.1 where its packets are IPv4. */
const struct jsock *
journal_find_sock(
    const struct journal *j, const struct addr *local, const struct addr *peer)
{
	struct addr l = addr_unmap(local), p = addr_unmap(peer);

	for (uint32_t at = j->newest; at != NOWHERE; at = j->socks[at].older) {
		const struct jsock *s = &j->socks[at].sock;
		struct addr sl, sp;

		if (addr_port(&s->local) != addr_port(&l) ||
		    addr_port(&s->peer) != addr_port(&p))
			continue;
		sl = addr_unmap(&s->local);
		sp = addr_unmap(&s->peer);
		if (addr_equal(&sl, &l) && addr_equal(&sp, &p))
			return s;
	}
	return NULL;
}

void
journal_feed(struct journal *j, const struct call *c)
{
	if (c->id == 0 || c->kind >= CALL_REPORT)
		return;
	if (c->phase == CALL_DONE) {
		struct call placed = *c;

		place_datagram(j, journal_sock(j, c->sock), &placed);
		if (repeats_eof(j, c)) {
			j->gen++;
			return;
		}
		enter_ended(j, &placed);
	} else {
		enter_running(j, c);
	}
	if (c->sock != 0)
		enter_sock(j, c);
	j->gen++;
}
