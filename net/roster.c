/*
 * Invariants:
 *   - The slots in use are linked from the oldest client to the newest, and so
 *     by id; by_id has exactly these.
 *   - by_sock and by_peer have exactly those of streams and of datagrams.
 */
#include "net/roster.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "net/base/map.h"

struct peer_key {
	uint32_t sock;
	struct addr peer;
};

#define NOWHERE UINT32_MAX

struct slot {
	struct roster_row row;
	uint32_t older, newer; /* slots; NOWHERE at the ends */
};

/* All maps lead to slots. */
struct roster {
	struct slot slots[ROSTER_MAX];
	uint32_t used, oldest, newest;
	uint32_t next_id;
	struct map *by_id;
	struct map *by_sock; /* streams */
	struct map *by_peer; /* datagrams: struct peer_key */
	uint64_t gen;
};

struct roster *
roster_new(void)
{
	struct roster *r = calloc(1, sizeof *r);

	if (r == NULL)
		return NULL;
	r->next_id = 1;
	r->oldest = r->newest = NOWHERE;
	r->by_id = map_new(sizeof(uint32_t));
	r->by_sock = map_new(sizeof(uint32_t));
	r->by_peer = map_new(sizeof(struct peer_key));
	if (r->by_id == NULL || r->by_sock == NULL || r->by_peer == NULL) {
		roster_free(r);
		return NULL;
	}
	return r;
}

void
roster_free(struct roster *r)
{
	if (r == NULL)
		return;
	map_free(r->by_id);
	map_free(r->by_sock);
	map_free(r->by_peer);
	free(r);
}

/* With its padding zero, as a map wants it. */
static void
set_key(struct peer_key *ret, uint32_t sock, const struct addr *peer)
{
	memset(ret, 0, sizeof *ret);
	ret->sock = sock;
	ret->peer.len = peer->len;
	memcpy(&ret->peer.ss, &peer->ss, sizeof peer->ss);
}

/* ---- who comes and goes ---- */

static void
forget(struct roster *r, uint32_t at)
{
	struct slot *s = &r->slots[at];
	struct peer_key key;

	set_key(&key, s->row.sock, &s->row.peer);
	map_del(r->by_id, &s->row.id);
	if (s->row.type == SOCK_STREAM)
		map_del(r->by_sock, &s->row.sock);
	else
		map_del(r->by_peer, &key);
	*(s->older != NOWHERE ? &r->slots[s->older].newer : &r->oldest) =
	    s->newer;
	*(s->newer != NOWHERE ? &r->slots[s->newer].older : &r->newest) =
	    s->older;
}

/* A slot for one more: that of the oldest who has left, else of the oldest.
 * A datagram client never says that it leaves. */
static uint32_t
take_slot(struct roster *r)
{
	uint32_t at = r->oldest;

	if (r->used < ROSTER_MAX)
		return r->used++;
	while (at != NOWHERE && r->slots[at].row.left_ns == 0 &&
	       r->slots[at].row.type == SOCK_STREAM)
		at = r->slots[at].newer;
	if (at == NOWHERE)
		at = r->oldest;
	forget(r, at);
	return at;
}

/* NULL: no memory to find it again by. */
static struct roster_row *
enter(struct roster *r, const struct call *c, uint32_t sock, int type)
{
	uint32_t at = take_slot(r);
	struct slot *s = &r->slots[at];
	struct peer_key key;
	bool found;

	set_key(&key, sock, &c->peer);
	s->row = (struct roster_row){
	    .id = r->next_id++,
	    .group = c->group,
	    .sock = sock,
	    .type = type,
	    .local = c->local,
	    .peer = c->peer,
	    .since_ns = c->end_ns,
	};
	s->older = r->newest;
	s->newer = NOWHERE;
	*(r->newest != NOWHERE ? &r->slots[r->newest].newer : &r->oldest) = at;
	r->newest = at;
	r->gen++;
	found = map_put(r->by_id, &s->row.id, at) == 0 &&
		(type == SOCK_STREAM ? map_put(r->by_sock, &sock, at)
				     : map_put(r->by_peer, &key, at)) == 0;
	if (!found)
		s->row.left_ns = c->end_ns; /* first to make room */
	return found ? &s->row : NULL;
}

static bool
is_datagram(const struct call *c)
{
	return c->kind == CALL_RECVFROM || c->kind == CALL_SENDTO;
}

/* The slot of the client that a call is about; NOWHERE: none. */
static uint32_t
slot_of_call(const struct roster *r, const struct call *c)
{
	uint32_t sock = c->kind == CALL_ACCEPT ? (uint32_t)c->arg[0] : c->sock;
	struct peer_key key;
	uint32_t at;

	if (c->side != SIDE_SERVER)
		return NOWHERE;
	if (!is_datagram(c))
		return map_get(r->by_sock, &sock, &at) ? at : NOWHERE;
	set_key(&key, c->sock, &c->peer);
	return map_get(r->by_peer, &key, &at) ? at : NOWHERE;
}

/* ---- what is said ---- */

static void
count_message(struct roster_row *row, const struct call *c, bool out)
{
	size_t n =
	    c->data_len < ROSTER_SAID_MAX ? c->data_len : ROSTER_SAID_MAX;
	uint32_t messages = c->messages > 0 ? c->messages : 1;

	if (out) {
		row->messages_out += messages;
		row->sent += (uint64_t)c->result;
	} else {
		row->messages_in += messages;
		row->received += (uint64_t)c->result;
	}
	/* An answer does not take the place of what was asked. */
	if (out && row->messages_in > 0)
		return;
	row->said_by_server = out;
	row->said_len = (uint16_t)n;
	row->said_total = (uint64_t)c->result;
	memcpy(row->said, c->data, n);
}

static bool
is_message(const struct call *c)
{
	switch ((int)c->kind) {
	case CALL_RECV:
	case CALL_SEND:
	case CALL_RECVFROM:
	case CALL_SENDTO:
		return c->error == 0 && !c->peek && c->peer.len != 0;
	default:
		return false;
	}
}

static void
apply(struct roster_row *row, const struct call *c)
{
	bool out = call_sends(c);

	if (c->error != 0 && c->error != EAGAIN)
		row->error = c->error;
	if (c->kind == CALL_CLOSE) {
		if (c->arg[0] != CALL_END_COPY)
			row->left_ns = c->end_ns;
	} else if (c->kind == CALL_GETSOCKOPT && c->arg[1] == SO_PEERCRED) {
		size_t n = c->data_len < sizeof row->name - 1
			       ? c->data_len
			       : sizeof row->name - 1;

		memcpy(row->name, c->data, n);
		row->name[n] = '\0';
	} else if (is_message(c)) {
		if (c->kind == CALL_RECV && c->result == 0)
			row->finished |= c->asked > 0;
		else
			count_message(row, c, out);
	}
}

void
roster_feed(struct roster *r, const struct call *c)
{
	struct roster_row *row;
	uint32_t at;

	if (c->side != SIDE_SERVER || c->phase != CALL_DONE ||
	    c->kind == CALL_NOTE)
		return;
	at = slot_of_call(r, c);
	row = at != NOWHERE ? &r->slots[at].row : NULL;
	if (row == NULL && c->kind == CALL_ACCEPT && c->error == 0) {
		enter(r, c, (uint32_t)c->arg[0], SOCK_STREAM);
		return;
	}
	if (row == NULL && is_message(c))
		row = enter(
		    r, c, c->sock, is_datagram(c) ? SOCK_DGRAM : SOCK_STREAM);
	if (row == NULL)
		return;
	apply(row, c);
	r->gen++;
}

/* ---- asked ---- */

const struct roster_row *
roster_get(const struct roster *r, uint32_t id)
{
	uint32_t at;

	return map_get(r->by_id, &id, &at) ? &r->slots[at].row : NULL;
}

const struct roster_row *
roster_of_sock(const struct roster *r, uint32_t sock)
{
	uint32_t at;

	return map_get(r->by_sock, &sock, &at) ? &r->slots[at].row : NULL;
}

uint32_t
roster_of_call(const struct roster *r, const struct call *c)
{
	uint32_t at = slot_of_call(r, c);

	return at != NOWHERE ? r->slots[at].row.id : 0;
}

bool
roster_is_of(const struct roster *r, uint32_t id, const struct call *c)
{
	const struct roster_row *k = roster_get(r, id);
	uint32_t sock = c->kind == CALL_ACCEPT ? (uint32_t)c->arg[0] : c->sock;

	return k != NULL && sock == k->sock &&
	       (k->type == SOCK_STREAM || addr_equal(&c->peer, &k->peer));
}

uint32_t
roster_next(const struct roster *r, uint32_t id)
{
	uint32_t at = r->oldest;

	/* Who has been forgotten: on with those that are younger. */
	if (map_get(r->by_id, &id, &at))
		at = r->slots[at].newer;
	while (at != NOWHERE && r->slots[at].row.id <= id)
		at = r->slots[at].newer;
	return at != NOWHERE ? r->slots[at].row.id : 0;
}

uint32_t
roster_prev(const struct roster *r, uint32_t id)
{
	uint32_t at = r->newest;

	if (map_get(r->by_id, &id, &at))
		at = r->slots[at].older;
	while (at != NOWHERE && id != 0 && r->slots[at].row.id >= id)
		at = r->slots[at].older;
	return at != NOWHERE ? r->slots[at].row.id : 0;
}

size_t
roster_here(const struct roster *r, uint32_t group)
{
	size_t n = 0;

	for (uint32_t i = 0; i < r->used; i++)
		n += r->slots[i].row.group == group &&
		     r->slots[i].row.left_ns == 0;
	return n;
}

uint64_t
roster_gen(const struct roster *r)
{
	return r->gen;
}
