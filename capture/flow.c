#include "capture/flow.h"

#include <stdlib.h>
#include <string.h>

#include "capture/flow_tcp.h"
#include "net/base/map.h"

#define NONE UINT32_MAX

/* A pair of endpoints whatever the direction: the lower one stands first. */
struct side {
	uint8_t ip[16];
	uint16_t port;
};

struct key {
	struct side side[2];
	uint8_t proto, ip_version;
};

/* The map compares keys as bytes: there must be no padding. */
_Static_assert(sizeof(struct key) == 38, "struct key has padding");

struct slot {
	struct flow flow;
	struct tcp_end tcp[2];
	struct key key;
	bool client_second; /* the client is key.side[1] */
	uint32_t newer, older; /* by when they were last seen */
};

struct flow_table {
	struct slot *slots;
	uint32_t used; /* slots ever used; none is free once FLOW_MAX */
	uint32_t newest, oldest; /* slots */
	struct map *by_key; /* to the slot of the newest flow of that key */
	struct map *by_id; /* to the slot */
	uint32_t first_id, next_id;
	uint32_t next_stream[2]; /* of TCP, of UDP */
	uint32_t evicted;
};

struct flow_table *
flow_table_new(void)
{
	struct flow_table *ft = calloc(1, sizeof *ft);

	if (ft == NULL)
		return NULL;
	ft->slots = calloc(FLOW_MAX, sizeof *ft->slots);
	ft->by_key = map_new(sizeof(struct key));
	ft->by_id = map_new(sizeof(uint32_t));
	ft->newest = ft->oldest = NONE;
	ft->first_id = ft->next_id = 1;
	if (ft->slots == NULL || ft->by_key == NULL || ft->by_id == NULL) {
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
	map_free(ft->by_key);
	map_free(ft->by_id);
	free(ft->slots);
	free(ft);
}

/* ------------------------------------------------------------------- keys */

static int
side_cmp(const struct side *a, const struct side *b)
{
	int c = memcmp(a->ip, b->ip, sizeof a->ip);

	return c != 0 ? c : (int)a->port - (int)b->port;
}

/* True if a became the second side. */
static bool
key_make(struct key *ret, uint8_t proto, uint8_t ip_version,
    const struct side *a, const struct side *b)
{
	bool swap = side_cmp(a, b) > 0;

	ret->side[swap] = *a;
	ret->side[!swap] = *b;
	ret->proto = proto;
	ret->ip_version = ip_version;
	return swap;
}

/* False: a packet without ports, or whose header is not all there (lengths in
 * a summary are those of the wire, also where the capture was cut). */
static bool
key_of_frame(const struct frame *f, struct key *ret, bool *ret_swapped)
{
	const struct summary *s = &f->sum;
	size_t ip_len = s->ip_version == 4 ? 4 : 16;
	struct side src = {.port = s->src_port}, dst = {.port = s->dst_port};

	if (s->proto != PROTO_TCP && s->proto != PROTO_UDP)
		return false;
	if (s->transport_len < (s->proto == PROTO_TCP ? 20 : 8) ||
	    s->payload_off > f->packet.cap_len + (uint64_t)s->options_len)
		return false;
	memcpy(src.ip, s->src, ip_len);
	memcpy(dst.ip, s->dst, ip_len);
	*ret_swapped = key_make(ret, s->proto, s->ip_version, &src, &dst);
	return true;
}

static bool
side_of_addr(const struct addr *a, struct side *ret, uint8_t *ret_version)
{
	struct addr plain = addr_unmap(a);

	memset(ret, 0, sizeof *ret);
	if (plain.len == 0)
		return false;
	if (plain.sa.sa_family == AF_INET)
		memcpy(ret->ip, &plain.in.sin_addr, 4);
	else if (plain.sa.sa_family == AF_INET6)
		memcpy(ret->ip, &plain.in6.sin6_addr, 16);
	else
		return false;
	ret->port = addr_port(&plain);
	*ret_version = plain.sa.sa_family == AF_INET ? 4 : 6;
	return true;
}

/* ------------------------------------------------ slots, by when last seen */

static void
unlink_slot(struct flow_table *ft, uint32_t i)
{
	struct slot *s = &ft->slots[i];

	if (s->newer == NONE)
		ft->newest = s->older;
	else
		ft->slots[s->newer].older = s->older;
	if (s->older == NONE)
		ft->oldest = s->newer;
	else
		ft->slots[s->older].newer = s->newer;
}

static void
link_newest(struct flow_table *ft, uint32_t i)
{
	ft->slots[i].newer = NONE;
	ft->slots[i].older = ft->newest;
	if (ft->newest == NONE)
		ft->oldest = i;
	else
		ft->slots[ft->newest].newer = i;
	ft->newest = i;
}

static bool
find_id(const struct flow_table *ft, uint32_t id, uint32_t *ret)
{
	return map_get(ft->by_id, &id, ret);
}

/* Take the oldest slot for another flow. */
static uint32_t
evict_oldest(struct flow_table *ft)
{
	uint32_t i = ft->oldest, newest_of_key, ignored;
	struct slot *s = &ft->slots[i];

	unlink_slot(ft, i);
	map_del(ft->by_id, &s->flow.id);
	if (map_get(ft->by_key, &s->key, &newest_of_key) && newest_of_key == i)
		map_del(ft->by_key, &s->key);
	ft->evicted = s->flow.id;
	while (
	    ft->first_id < ft->next_id && !find_id(ft, ft->first_id, &ignored))
		ft->first_id++;
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

static void
init_flow(struct flow *f, uint32_t id, bool from_client, const struct frame *fr)
{
	const struct summary *s = &fr->sum;

	*f = (struct flow){
	    .id = id,
	    .proto = s->proto,
	    .first_ns = fr->packet.ts_ns,
	    .first_frame = fr->id,
	};
	f->end[from_client ? DIR_CLIENT : DIR_SERVER].addr = summary_src(s);
	f->end[from_client ? DIR_SERVER : DIR_CLIENT].addr = summary_dst(s);
}

static bool
enter(struct flow_table *ft, const struct key *key, uint32_t id, uint32_t i)
{
	if (map_put(ft->by_id, &id, i) < 0)
		return false;
	if (map_put(ft->by_key, key, i) == 0)
		return true;
	map_del(ft->by_id, &id);
	return false;
}

/* NULL: no memory. The slot is then empty, with id 0, and waits its turn. */
static struct slot *
start_flow(struct flow_table *ft, const struct key *key, bool swapped,
    const struct frame *fr)
{
	bool from_client = sender_is_client(&fr->sum);
	struct slot *s;
	uint32_t i;

	if (ft->next_id == 0) /* four billion flows: no id is left */
		return NULL;
	i = ft->used < FLOW_MAX ? ft->used++ : evict_oldest(ft);
	s = &ft->slots[i];
	memset(s, 0, sizeof *s);
	link_newest(ft, i);
	if (!enter(ft, key, ft->next_id, i))
		return NULL;
	s->key = *key;
	s->client_second = swapped == from_client;
	init_flow(&s->flow, ft->next_id++, from_client, fr);
	s->flow.stream = ft->next_stream[fr->sum.proto == PROTO_UDP]++;
	if (fr->sum.proto == PROTO_TCP)
		flow_tcp_start(&s->flow, s->tcp);
	return s;
}

static int
direction(const struct slot *s, bool swapped)
{
	return swapped == s->client_second ? DIR_CLIENT : DIR_SERVER;
}

/* The conversation that the frame belongs to, new or known. */
static struct slot *
slot_for(struct flow_table *ft, const struct key *key, bool swapped,
    const struct frame *fr)
{
	struct slot *s;
	uint32_t i;

	if (!map_get(ft->by_key, key, &i))
		return start_flow(ft, key, swapped, fr);
	s = &ft->slots[i];
	if (fr->sum.proto == PROTO_TCP &&
	    flow_tcp_reopens(&s->flow, direction(s, swapped), &fr->sum))
		return start_flow(ft, key, swapped, fr);
	if (ft->newest != i) {
		unlink_slot(ft, i);
		link_newest(ft, i);
	}
	return s;
}

/* A datagram's range is its place in all that its sender has sent. */
static void
feed_udp(struct flow *f, struct frame *fr)
{
	struct flow_end *self = &f->end[fr->dir];

	fr->purpose = fr->sum.payload_len > 0 ? PURPOSE_DATA : PURPOSE_OTHER;
	fr->data_from = self->sent_to;
	self->sent_to += fr->sum.payload_len;
	self->payload += fr->sum.payload_len;
	fr->data_to = self->sent_to;
}

uint32_t
flow_feed(struct flow_table *ft, struct frame *f)
{
	struct slot *s;
	struct key key;
	bool swapped;

	ft->evicted = 0;
	if (!key_of_frame(f, &key, &swapped))
		return 0;
	s = slot_for(ft, &key, swapped, f);
	if (s == NULL)
		return 0;
	f->flow = s->flow.id;
	f->dir = (uint8_t)direction(s, swapped);
	f->prev_in_flow = s->flow.last_frame;
	if (f->sum.proto == PROTO_TCP)
		flow_tcp_feed(&s->flow, s->tcp, f);
	else
		feed_udp(&s->flow, f);
	s->flow.end[f->dir].packets++;
	s->flow.last_ns = f->packet.ts_ns;
	s->flow.last_frame = f->id;
	for (int i = 0; i < 2; i++)
		f->state[i] = s->flow.end[i].state;
	return s->flow.id;
}

/* ---------------------------------------------------------------- look-up */

const struct flow *
flow_get(const struct flow_table *ft, uint32_t id)
{
	uint32_t i;

	return find_id(ft, id, &i) ? &ft->slots[i].flow : NULL;
}

const struct flow *
flow_find(const struct flow_table *ft, enum transport transport,
    const struct addr *a, const struct addr *b)
{
	uint8_t proto = transport == TRANSPORT_TCP ? PROTO_TCP : PROTO_UDP;
	uint8_t version, other_version;
	struct side one, other;
	struct key key;
	uint32_t i;

	if (transport != TRANSPORT_TCP && transport != TRANSPORT_UDP)
		return NULL;
	if (!side_of_addr(a, &one, &version) ||
	    !side_of_addr(b, &other, &other_version) ||
	    version != other_version)
		return NULL;
	key_make(&key, proto, version, &one, &other);
	return map_get(ft->by_key, &key, &i) ? &ft->slots[i].flow : NULL;
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
