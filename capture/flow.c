#include "capture/flow.h"

#include <stdlib.h>
#include <string.h>

#include "capture/flow_frag.h"
#include "capture/flow_tcp.h"
#include "capture/hci.h"
#include "capture/hci_track.h"
#include "net/base/map.h"

#define CHUNK 256 /* slots that are allocated at a time */
/* Connections that are over and still are analysed: a late repeat is known for
 * one. Those before give what only the analysis needs to new ones. */
#define OVER_MAX 1024

struct slot {
	struct flow flow;
	struct tcp_conn *tcp; /* NULL: none yet, or given to another */
	uint32_t hash; /* of the key */
	bool indexed; /* it is the newest of its key */
	bool seen_again; /* since the hand passed */
};

/*
 * Invariants: slots [0, used) were taken once, in chunks that never move.
 * Until the first conversation leaves, id n has slot n - 1; only then by_id
 * is made.
 */
struct flow_table {
	struct slot **chunks;
	uint32_t chunk_count, used, max;
	uint32_t hand; /* the next slot to be asked to leave */
	struct flow_index index; /* newest slot by key */
	struct map *by_id; /* NULL: slot id - 1 */
	struct tcp_conn *spare; /* in no slot */
	struct tcp_conn **conn_chunks;
	uint32_t conn_chunk_count;
	/* a ring of those that are over, the first at over_at */
	struct over {
		uint32_t slot, id;
	} over[OVER_MAX];
	uint32_t over_at;
	struct tcp_pool *pool;
	struct frags frags;
	struct hci_track *hci; /* NULL: nothing of Bluetooth was seen */
	uint32_t first_id, next_id;
	uint32_t next_stream[3]; /* of TCP, of UDP, of RFCOMM */
	uint32_t evicted;
};

struct flow_table *
flow_table_new(uint32_t max)
{
	struct flow_table *ft = calloc(1, sizeof *ft);

	if (ft == NULL)
		return NULL;
	ft->max = max;
	ft->first_id = ft->next_id = 1;
	ft->pool = tcp_pool_new();
	if (ft->pool == NULL || flow_index_init(&ft->index) < 0) {
		flow_table_free(ft);
		return NULL;
	}
	return ft;
}

static struct slot *
slot_at(const struct flow_table *ft, uint32_t i)
{
	return &ft->chunks[i / CHUNK][i % CHUNK];
}

void
flow_table_free(struct flow_table *ft)
{
	if (ft == NULL)
		return;
	for (uint32_t i = 0; i < ft->used; i++)
		if (slot_at(ft, i)->tcp != NULL)
			flow_tcp_done(slot_at(ft, i)->tcp, ft->pool);
	for (uint32_t i = 0; i < ft->chunk_count; i++)
		free(ft->chunks[i]);
	for (uint32_t i = 0; i < ft->conn_chunk_count; i++)
		free(ft->conn_chunks[i]);
	free(ft->chunks);
	free(ft->conn_chunks);
	flow_index_done(&ft->index);
	map_free(ft->by_id);
	tcp_pool_free(ft->pool);
	hci_track_free(ft->hci);
	free(ft);
}

void
flow_table_limit(struct flow_table *ft, uint32_t max)
{
	if (max > ft->max)
		ft->max = max;
}

size_t
flow_table_bytes(const struct flow_table *ft)
{
	return sizeof *ft + tcp_pool_bytes(ft->pool) +
	       ft->index.size * sizeof *ft->index.entries +
	       ft->chunk_count *
		   (sizeof(void *) + CHUNK * sizeof(struct slot)) +
	       ft->conn_chunk_count *
		   (sizeof(void *) + CHUNK * sizeof(struct tcp_conn));
}

/* ------------------------------------------------------------------ slots */

/* Room for one more chunk pointer: the array doubles at powers of two. */
static void *
room_for(void *array, uint32_t count, size_t item)
{
	if (count & (count - 1))
		return array;
	return realloc(array, (count == 0 ? 1 : count * (size_t)2) * item);
}

static bool
add_chunk(struct flow_table *ft)
{
	void *array = room_for(ft->chunks, ft->chunk_count, sizeof *ft->chunks);

	if (array == NULL)
		return false;
	ft->chunks = array;
	ft->chunks[ft->chunk_count] = calloc(CHUNK, sizeof **ft->chunks);
	if (ft->chunks[ft->chunk_count] == NULL)
		return false;
	ft->chunk_count++;
	return true;
}

static bool
add_conns(struct flow_table *ft)
{
	void *array = room_for(
	    ft->conn_chunks, ft->conn_chunk_count, sizeof *ft->conn_chunks);
	struct tcp_conn *chunk;

	if (array == NULL)
		return false;
	ft->conn_chunks = array;
	chunk = calloc(CHUNK, sizeof *chunk);
	if (chunk == NULL)
		return false;
	ft->conn_chunks[ft->conn_chunk_count++] = chunk;
	for (int i = 0; i < CHUNK; i++) {
		chunk[i].next = ft->spare;
		ft->spare = &chunk[i];
	}
	return true;
}

static void
release_tcp(struct flow_table *ft, struct slot *s)
{
	flow_tcp_done(s->tcp, ft->pool);
	s->tcp->next = ft->spare;
	ft->spare = s->tcp;
	s->tcp = NULL;
}

/* A connection is over, as of now; the one that was over first is not analysed
 * any more, if it still is over. */
static void
note_over(struct flow_table *ft, uint32_t slot)
{
	struct over *o = &ft->over[ft->over_at];
	struct slot *first = slot_at(ft, o->slot);

	ft->over_at = (ft->over_at + 1) % OVER_MAX;
	if (o->id != 0 && first->flow.id == o->id && first->tcp != NULL &&
	    flow_tcp_is_over(&first->flow))
		release_tcp(ft, first);
	*o = (struct over){slot, slot_at(ft, slot)->flow.id};
}

static bool
give_tcp(struct flow_table *ft, struct slot *s)
{
	if (ft->spare == NULL && !add_conns(ft))
		return false;
	s->tcp = ft->spare;
	ft->spare = s->tcp->next;
	return true;
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
		release_tcp(ft, s);
	ft->evicted = s->flow.id;
	s->indexed = false;
	s->flow.id = 0;
	while (
	    ft->first_id < ft->next_id && !find_id(ft, ft->first_id, &ignored))
		ft->first_id++;
}

/* A slot for one more conversation; UINT32_MAX: no memory. */
static uint32_t
take_slot(struct flow_table *ft)
{
	uint32_t i;

	if (ft->used < ft->max &&
	    (ft->used < ft->chunk_count * CHUNK || add_chunk(ft)))
		return ft->used++;
	if (ft->used == 0 || !make_by_id(ft))
		return UINT32_MAX;
	i = choose_victim(ft);
	evict(ft, i);
	return i;
}

/* ---------------------------------------------------------- conversations */

/* Who opened it? The sender of the SYN; else the higher port of TCP, which is
 * the ephemeral one, and the first sender of UDP. */
static bool
sender_is_client(const struct summary *s)
{
	if (s->proto == PROTO_UDP)
		return true;
	if (s->tcp_flags & TCP_SYN)
		return !(s->tcp_flags & TCP_ACK);
	return s->src_port >= s->dst_port;
}

/* The newest slot of the key; UINT32_MAX: none. */
static uint32_t
find_key(const struct flow_table *ft, uint32_t hash, const struct flow_key *key)
{
	uint32_t pos = hash, i;

	while ((i = flow_index_next(&ft->index, hash, &pos)) != UINT32_MAX)
		if (flow_key_equal(&slot_at(ft, i)->flow.key, key))
			return i;
	return UINT32_MAX;
}

/* Make the slot the newest of its key. */
static bool
enter(struct flow_table *ft, uint32_t i, uint32_t id)
{
	struct slot *s = slot_at(ft, i);
	uint32_t before = find_key(ft, s->hash, &s->flow.key);

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

/* Each protocol counts its own. */
static int
stream_series(uint8_t proto)
{
	return proto == PROTO_TCP ? 0 : proto == PROTO_UDP ? 1 : 2;
}

/*
 * UINT32_MAX: no memory. The slot that was taken is then empty, with id 0; where
 * slots are found by id alone, it is given back.
 */
static uint32_t
start_flow(struct flow_table *ft, const struct flow_key *key, uint32_t hash,
    bool swapped, bool from_client, const struct frame *fr)
{
	struct slot *s;
	uint32_t i;

	if (ft->next_id == 0) /* four billion flows: no id is left */
		return UINT32_MAX;
	i = take_slot(ft);
	if (i == UINT32_MAX)
		return UINT32_MAX;
	s = slot_at(ft, i);
	s->hash = hash;
	s->seen_again = false;
	s->flow = (struct flow){.key = *key,
	    .proto = key->proto,
	    .client_second = swapped == from_client,
	    .first_ns = fr->packet.ts_ns,
	    .first_frame = fr->id};
	if ((s->flow.proto == PROTO_TCP && !give_tcp(ft, s)) ||
	    !enter(ft, i, ft->next_id)) {
		if (s->tcp != NULL)
			release_tcp(ft, s);
		if (ft->by_id == NULL)
			ft->used--;
		return UINT32_MAX;
	}
	s->flow.id = ft->next_id++;
	s->flow.stream = ft->next_stream[stream_series(s->flow.proto)]++;
	if (s->flow.proto == PROTO_TCP)
		flow_tcp_start(&s->flow, s->tcp);
	return i;
}

static int
direction(const struct slot *s, bool swapped)
{
	return swapped == s->flow.client_second ? DIR_CLIENT : DIR_SERVER;
}

/* The conversation that the frame belongs to, new or known; UINT32_MAX: it
 * belongs to none. */
static uint32_t
slot_for(struct flow_table *ft, struct frame *fr, const struct flow_mark *m)
{
	struct slot *s;
	uint32_t i;

	if (!m->known)
		return UINT32_MAX;
	i = find_key(ft, m->hash, &m->key);
	if (i == UINT32_MAX)
		return start_flow(ft, &m->key, m->hash, m->swapped,
		    sender_is_client(&fr->sum), fr);
	s = slot_at(ft, i);
	if (fr->sum.proto == PROTO_TCP && (fr->sum.tcp_flags & TCP_SYN) &&
	    flow_tcp_reopens(&s->flow, direction(s, m->swapped), &fr->sum)) {
		fr->verdicts |= VERDICT_REUSED_PORTS;
		return start_flow(ft, &m->key, m->hash, m->swapped,
		    sender_is_client(&fr->sum), fr);
	}
	s->seen_again = true;
	return i;
}

/* The payload's range is its place in all that its sender has sent. */
static void
feed_payload(struct flow *f, struct frame *fr)
{
	struct flow_end *self = &f->end[fr->dir];

	fr->data_from = self->sent_to;
	self->sent_to += fr->sum.payload_len;
	self->payload += fr->sum.payload_len;
	fr->data_to = self->sent_to;
}

static void
feed_udp(struct flow *f, struct frame *fr)
{
	fr->purpose = fr->sum.payload_len > 0 ? PURPOSE_DATA : PURPOSE_OTHER;
	feed_payload(f, fr);
}

static void
note_frame(struct slot *s, struct frame *f)
{
	f->flow = s->flow.id;
	s->flow.end[f->dir].packets++;
	s->flow.last_ns = f->packet.ts_ns;
	s->flow.last_frame = f->id;
	for (int i = 0; i < 2; i++)
		f->state[i] = s->flow.end[i].state;
}

/* False: no memory. */
static bool
feed_tcp(struct flow_table *ft, struct slot *s, uint32_t i, struct frame *f)
{
	bool was_over = flow_tcp_is_over(&s->flow);

	if (s->tcp == NULL) {
		if (!give_tcp(ft, s))
			return false;
		flow_tcp_resume(&s->flow, s->tcp);
		was_over = false;
	}
	flow_tcp_feed(&s->flow, s->tcp, ft->pool, f);
	if (!was_over && flow_tcp_is_over(&s->flow))
		note_over(ft, i);
	return true;
}

static uint32_t
feed_whole(struct flow_table *ft, struct frame *f, const struct flow_mark *m)
{
	struct slot *s;
	uint32_t i;

	i = slot_for(ft, f, m);
	if (i == UINT32_MAX)
		return 0;
	s = slot_at(ft, i);
	f->dir = (uint8_t)direction(s, m->swapped);
	f->prev_in_flow = s->flow.last_frame;
	if (f->sum.proto != PROTO_TCP)
		feed_udp(&s->flow, f);
	else if (!feed_tcp(ft, s, i, f))
		return 0;
	note_frame(s, f);
	return s->flow.id;
}

/*
 * A fragment of a segment that is not all there belongs to the conversation,
 * where that is known, and says nothing yet. The last one stands for the
 * segment; what it cost is its own.
 */
static uint32_t
feed_fragment(struct flow_table *ft, struct frame *f,
    const struct summary *segment, bool whole)
{
	struct summary own = f->sum;
	struct flow_mark m;
	uint32_t i, id = 0;

	f->sum = *segment;
	flow_mark(ft, &f->packet, &f->sum, &m);
	if (whole) {
		id = feed_whole(ft, f, &m);
	} else if (m.known &&
		   (i = find_key(ft, m.hash, &m.key)) != UINT32_MAX) {
		struct slot *s = slot_at(ft, i);

		id = s->flow.id;
		f->dir = (uint8_t)direction(s, m.swapped);
		f->prev_in_flow = s->flow.last_frame;
		f->purpose = PURPOSE_OTHER;
		note_frame(s, f);
	}
	f->sum = own;
	return id;
}

/* ------------------------------------------------------------- Bluetooth */

/* The conversation under one key gets another; false: there is none. */
static bool
rename_flow(struct flow_table *ft, const struct flow_key *from,
    const struct flow_key *to, uint32_t *ret_slot)
{
	uint32_t hash = flow_index_hash(&ft->index, from);
	struct slot *s;

	*ret_slot = find_key(ft, hash, from);
	if (*ret_slot == UINT32_MAX)
		return false;
	flow_index_remove(&ft->index, hash, *ret_slot);
	s = slot_at(ft, *ret_slot);
	s->flow.key = *to;
	s->hash = flow_index_hash(&ft->index, to);
	return enter(ft, *ret_slot, s->flow.id); /* where one has just left */
}

/* Where the frame belongs, new or known; UINT32_MAX: no memory. */
static uint32_t
slot_of_place(
    struct flow_table *ft, struct frame *f, const struct rfcomm_place *p)
{
	uint32_t hash = flow_index_hash(&ft->index, &p->key), i;

	if (p->adopts && rename_flow(ft, &p->session, &p->key, &i))
		return i;
	i = p->opens ? UINT32_MAX : find_key(ft, hash, &p->key);
	if (i == UINT32_MAX)
		return start_flow(
		    ft, &p->key, hash, p->swapped, p->from_client, f);
	slot_at(ft, i)->seen_again = true;
	return i;
}

static uint32_t
feed_hci(struct flow_table *ft, struct frame *f)
{
	struct rfcomm_place place;
	struct slot *s;
	uint32_t i;

	if ((ft->hci == NULL && (ft->hci = hci_track_new()) == NULL) ||
	    !hci_track_feed(ft->hci, f, &place) ||
	    (i = slot_of_place(ft, f, &place)) == UINT32_MAX)
		return 0;
	s = slot_at(ft, i);
	f->dir = (uint8_t)direction(s, place.swapped);
	f->prev_in_flow = s->flow.last_frame;
	f->purpose = place.purpose;
	feed_payload(&s->flow, f);
	note_frame(s, f);
	return s->flow.id;
}

void
flow_hci_context(const struct flow_table *ft, uint64_t id,
    const struct packet *p, struct hci_context *ret)
{
	if (ft->hci != NULL)
		hci_track_context(ft->hci, id, p, ret);
}

void
flow_mark(const struct flow_table *ft, const struct packet *p,
    const struct summary *s, struct flow_mark *ret)
{
	ret->known = flow_key_of_packet(p, s, &ret->key, &ret->swapped);
	if (!ret->known)
		return;
	ret->hash = flow_index_hash(&ft->index, &ret->key);
	flow_index_fetch(&ft->index, ret->hash);
}

/* Whole lines of the cache, where they begin in any. */
static void
fetch(const void *p, size_t size)
{
	enum { LINE = 64 };

	for (size_t i = 0; i < size; i += LINE)
		__builtin_prefetch((const uint8_t *)p + i, 1);
}

void
flow_touch(const struct flow_table *ft, const struct flow_mark *m)
{
	uint32_t pos = m->hash, i;
	const struct slot *s;

	if (!m->known)
		return;
	i = flow_index_next(&ft->index, m->hash, &pos);
	if (i == UINT32_MAX)
		return;
	s = slot_at(ft, i);
	fetch(s, sizeof *s);
	fetch(s->tcp, m->key.proto == PROTO_TCP ? sizeof *s->tcp : 0);
}

uint32_t
flow_feed_marked(
    struct flow_table *ft, struct frame *f, const struct flow_mark *m)
{
	struct summary segment;
	enum frag_state fragment;

	ft->evicted = 0;
	if (hci_is_link(f->packet.link_type))
		return feed_hci(ft, f);
	if (!f->sum.fragment ||
	    (fragment = frag_add(&ft->frags, f, &segment)) == FRAG_NONE)
		return feed_whole(ft, f, m);
	return feed_fragment(ft, f, &segment, fragment == FRAG_LAST);
}

uint32_t
flow_feed(struct flow_table *ft, struct frame *f)
{
	struct flow_mark m;

	flow_mark(ft, &f->packet, &f->sum, &m);
	return flow_feed_marked(ft, f, &m);
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
		i = find_key(ft, flow_index_hash(&ft->index, &key), &key);
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
	i = find_key(ft, flow_index_hash(&ft->index, &key), &key);
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
