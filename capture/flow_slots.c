#include "capture/flow_slots.h"

#include <assert.h>
#include <stdlib.h>

#include "capture/pages.h"

/* Pages for so many slots, and as many connections; those before are unused. */
static bool
make_room(struct flow_table *ft, uint32_t max)
{
	struct slot *slots = pages_new(max * sizeof *slots);
	struct tcp_conn *conns = pages_new(max * sizeof *conns);

	if (slots == NULL || conns == NULL) {
		pages_free(slots, max * sizeof *slots);
		pages_free(conns, max * sizeof *conns);
		return false;
	}
	pages_free(ft->slots, ft->max * sizeof *slots);
	pages_free(ft->conns, ft->max * sizeof *conns);
	ft->slots = slots;
	ft->conns = conns;
	ft->max = max;
	return true;
}

struct flow_table *
flow_table_new(uint32_t max)
{
	struct flow_table *ft = calloc(1, sizeof *ft);

	if (ft == NULL)
		return NULL;
	ft->first_id = ft->next_id = 1;
	ft->pool = tcp_pool_new();
	if (ft->pool == NULL || flow_index_init(&ft->index) < 0 ||
	    !make_room(ft, max)) {
		flow_table_free(ft);
		return NULL;
	}
	return ft;
}

void
flow_table_free(struct flow_table *ft)
{
	if (ft == NULL)
		return;
	for (uint32_t i = 0; i < ft->used; i++)
		if (slot_at(ft, i)->tcp != NULL)
			flow_tcp_done(slot_at(ft, i)->tcp, ft->pool);
	pages_free(ft->slots, ft->max * sizeof *ft->slots);
	pages_free(ft->conns, ft->max * sizeof *ft->conns);
	flow_index_done(&ft->index);
	map_free(ft->by_id);
	tcp_pool_free(ft->pool);
	hci_track_free(ft->hci);
	free(ft);
}

void
flow_table_limit(struct flow_table *ft, uint32_t max)
{
	assert(ft->used == 0);
	while (max > ft->max && !make_room(ft, max))
		max /= 2; /* address space is rationed */
}

/* So many were used of them, a piece at a time. */
static size_t
touched(uint32_t used, size_t size)
{
	return (used + (size_t)FLOW_PIECE - 1) / FLOW_PIECE * FLOW_PIECE * size;
}

size_t
flow_table_bytes(const struct flow_table *ft)
{
	return sizeof *ft + tcp_pool_bytes(ft->pool) +
	       ft->index.size * sizeof *ft->index.entries +
	       touched(ft->used, sizeof *ft->slots) +
	       touched(ft->conns_used, sizeof *ft->conns);
}

/* ------------------------------------------------------------------ slots */

/* The next one of them is used for the first time. */
static uint32_t
take_next(void *all, size_t size, uint32_t *used, uint32_t max)
{
	uint32_t piece = max - *used < FLOW_PIECE ? max - *used : FLOW_PIECE;

	if (*used % FLOW_PIECE == 0)
		pages_touch((uint8_t *)all + *used * size, piece * size);
	return (*used)++;
}

void
slot_release_tcp(struct flow_table *ft, struct slot *s)
{
	flow_tcp_done(s->tcp, ft->pool);
	s->tcp->next = ft->spare;
	ft->spare = s->tcp;
	s->tcp = NULL;
}

void
slot_note_over(struct flow_table *ft, uint32_t slot)
{
	struct over *o = &ft->over[ft->over_at];
	struct slot *first = slot_at(ft, o->slot);

	ft->over_at = (ft->over_at + 1) % FLOW_OVER_MAX;
	if (o->id != 0 && first->flow.id == o->id && first->tcp != NULL &&
	    flow_tcp_is_over(&first->flow))
		slot_release_tcp(ft, first);
	*o = (struct over){slot, slot_at(ft, slot)->flow.id};
}

void
slot_give_tcp(struct flow_table *ft, struct slot *s)
{
	if (ft->spare == NULL) {
		s->tcp = &ft->conns[take_next(
		    ft->conns, sizeof *ft->conns, &ft->conns_used, ft->max)];
		return;
	}
	s->tcp = ft->spare;
	ft->spare = s->tcp->next;
}

static bool
find_id(const struct flow_table *ft, uint32_t id, uint32_t *ret)
{
	if (ft->by_id != NULL)
		return map_get(ft->by_id, &id, ret);
	*ret = id - 1;
	return id != 0 && id < ft->next_id;
}

/* False: no memory. */
static bool
make_by_id(struct flow_table *ft)
{
	if (ft->by_id != NULL)
		return true;
	ft->by_id = map_new(sizeof(uint32_t));
	for (uint32_t i = 0; ft->by_id != NULL && i < ft->used; i++)
		if (map_put(ft->by_id, &slot_at(ft, i)->flow.id, i) < 0) {
			map_free(ft->by_id);
			ft->by_id = NULL;
		}
	return ft->by_id != NULL;
}

/* One that was not seen again since the hand passed it. */
static uint32_t
choose_victim(struct flow_table *ft)
{
	uint32_t i;

	while (slot_at(ft, ft->hand)->seen_again) {
		slot_at(ft, ft->hand)->seen_again = false;
		ft->hand = (ft->hand + 1) % ft->used;
	}
	i = ft->hand;
	ft->hand = (i + 1) % ft->used;
	return i;
}

static void
evict(struct flow_table *ft, uint32_t i)
{
	struct slot *s = slot_at(ft, i);
	uint32_t ignored;

	if (s->flow.id == 0)
		return;
	map_del(ft->by_id, &s->flow.id);
	if (s->indexed)
		flow_index_remove(&ft->index, s->hash, i);
	if (s->tcp != NULL)
		slot_release_tcp(ft, s);
	ft->evicted = s->flow.id;
	s->indexed = false;
	s->flow.id = 0;
	while (
	    ft->first_id < ft->next_id && !find_id(ft, ft->first_id, &ignored))
		ft->first_id++;
}

uint32_t
slot_take(struct flow_table *ft)
{
	uint32_t i;

	if (ft->used < ft->max)
		return take_next(
		    ft->slots, sizeof *ft->slots, &ft->used, ft->max);
	if (ft->used == 0 || !make_by_id(ft))
		return UINT32_MAX;
	i = choose_victim(ft);
	evict(ft, i);
	return i;
}

uint32_t
slot_find(
    const struct flow_table *ft, uint32_t hash, const struct flow_key *key)
{
	uint32_t pos = hash, i;

	while ((i = flow_index_next(&ft->index, hash, &pos)) != UINT32_MAX)
		if (flow_key_equal(&slot_at(ft, i)->flow.key, key))
			return i;
	return UINT32_MAX;
}

bool
slot_enter(struct flow_table *ft, uint32_t i, uint32_t id)
{
	struct slot *s = slot_at(ft, i);
	uint32_t before = slot_find(ft, s->hash, &s->flow.key);

	if (ft->by_id != NULL && map_put(ft->by_id, &id, i) < 0)
		return false;
	if (before != UINT32_MAX) {
		flow_index_replace(&ft->index, s->hash, before, i);
		slot_at(ft, before)->indexed = false;
	} else if (flow_index_add(&ft->index, s->hash, i) < 0) {
		if (ft->by_id != NULL)
			map_del(ft->by_id, &id);
		return false;
	}
	s->indexed = true;
	return true;
}

/* ---------------------------------------------------------------- look-up */

struct addr
flow_addr(const struct flow *f, int end)
{
	bool second = (end == DIR_CLIENT) == f->client_second;

	if (f->proto == PROTO_RFCOMM)
		return flow_key_rfcomm(&f->key, second);
	return addr_from_ip(f->key.ip_version == 4 ? AF_INET : AF_INET6,
	    f->key.ip[second], f->key.port[second]);
}

const struct flow *
flow_get(const struct flow_table *ft, uint32_t id)
{
	uint32_t i;

	return find_id(ft, id, &i) ? &slot_at(ft, i)->flow : NULL;
}

/*
 * A capture does not know which address the adapter has: either end may be the
 * other device, and have the server. Sockets know the channel on both ends.
 */
static const struct flow *
find_rfcomm(
    const struct flow_table *ft, const struct addr *a, const struct addr *b)
{
	const struct flow *newest = NULL;
	struct flow_key key;

	for (int way = 0; way < 4; way++) {
		uint32_t i;

		if (!flow_key_of_device((way & 1) != 0 ? a : b, way > 1, &key))
			return NULL;
		i = slot_find(ft, flow_key_hash(&key), &key);
		if (i != UINT32_MAX &&
		    (newest == NULL || slot_at(ft, i)->flow.id > newest->id))
			newest = &slot_at(ft, i)->flow;
	}
	return newest;
}

const struct flow *
flow_find(const struct flow_table *ft, enum transport transport,
    const struct addr *a, const struct addr *b)
{
	uint8_t proto = transport == TRANSPORT_TCP ? PROTO_TCP : PROTO_UDP;
	struct flow_key key;
	uint32_t i;

	if (transport == TRANSPORT_RFCOMM)
		return find_rfcomm(ft, a, b);
	if (transport != TRANSPORT_TCP && transport != TRANSPORT_UDP)
		return NULL;
	if (!flow_key_of_addrs(proto, a, b, &key))
		return NULL;
	i = slot_find(ft, flow_key_hash(&key), &key);
	return i != UINT32_MAX ? &slot_at(ft, i)->flow : NULL;
}

uint32_t
flow_first(const struct flow_table *ft)
{
	return ft->first_id;
}

uint32_t
flow_next(const struct flow_table *ft)
{
	return ft->next_id;
}

uint32_t
flow_evicted(const struct flow_table *ft)
{
	return ft->evicted;
}
