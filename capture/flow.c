#include "capture/flow.h"

#include <string.h>

#include "capture/flow_slots.h"
#include "capture/hci.h"
#include "net/base/inline.h"

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
	i = slot_take(ft);
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
	if (!slot_enter(ft, i, ft->next_id)) {
		if (ft->by_id == NULL)
			ft->used--;
		return UINT32_MAX;
	}
	s->flow.id = ft->next_id++;
	s->flow.stream = ft->next_stream[stream_series(s->flow.proto)]++;
	if (s->flow.proto == PROTO_TCP) {
		slot_give_tcp(ft, s);
		flow_tcp_start(&s->flow, s->tcp);
	}
	return i;
}

static int
direction(const struct slot *s, bool swapped)
{
	return swapped == s->flow.client_second ? DIR_CLIENT : DIR_SERVER;
}

/* A conversation that begins with a packet; UINT32_MAX: no memory. */
static COLD uint32_t
start_with(struct flow_table *ft, const struct frame *fr, uint32_t hash)
{
	struct flow_key key;
	bool swapped;

	flow_key_of_ends(&fr->sum, &key, &swapped);
	return start_flow(
	    ft, &key, hash, swapped, sender_is_client(&fr->sum), fr);
}

/* slot_find() for a packet, whose key is not made for it. */
static inline uint32_t
slot_of(const struct flow_table *ft, const struct summary *s,
    const struct flow_mark *m)
{
	uint32_t pos = m->hash, i;

	while ((i = flow_index_next(&ft->index, m->hash, &pos)) != UINT32_MAX)
		if (flow_key_matches(&slot_at(ft, i)->flow.key, s, m->swapped))
			return i;
	return UINT32_MAX;
}

/* The conversation that the frame belongs to, new or known; UINT32_MAX: no
 * memory. */
static uint32_t
slot_for(struct flow_table *ft, struct frame *fr, const struct flow_mark *m)
{
	uint32_t i = slot_of(ft, &fr->sum, m);
	struct slot *s;

	if (i == UINT32_MAX)
		return start_with(ft, fr, m->hash);
	s = slot_at(ft, i);
	if (fr->sum.proto == PROTO_TCP && (fr->sum.tcp_flags & TCP_SYN) &&
	    flow_tcp_reopens(&s->flow, direction(s, m->swapped), &fr->sum)) {
		fr->verdicts |= VERDICT_REUSED_PORTS;
		return start_with(ft, fr, m->hash);
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

static void
feed_tcp(struct flow_table *ft, struct slot *s, uint32_t i, struct frame *f)
{
	bool was_over;

	if (s->tcp != NULL &&
	    flow_tcp_feed_expected(&s->flow, s->tcp, ft->pool, f))
		return;
	was_over = flow_tcp_is_over(&s->flow);
	if (s->tcp == NULL) {
		slot_give_tcp(ft, s);
		flow_tcp_resume(&s->flow, s->tcp);
		was_over = false;
	}
	flow_tcp_feed(&s->flow, s->tcp, ft->pool, f);
	if (!was_over && flow_tcp_is_over(&s->flow))
		slot_note_over(ft, i);
}

static uint32_t
feed_whole(struct flow_table *ft, struct frame *f, const struct flow_mark *m)
{
	struct slot *s;
	uint32_t i;

	if (!m->known)
		return 0;
	i = slot_for(ft, f, m);
	if (i == UINT32_MAX)
		return 0;
	s = slot_at(ft, i);
	f->dir = (uint8_t)direction(s, m->swapped);
	f->prev_in_flow = s->flow.last_frame;
	if (f->sum.proto == PROTO_TCP)
		feed_tcp(ft, s, i, f);
	else
		feed_udp(&s->flow, f);
	note_frame(s, f);
	return s->flow.id;
}

/*
 * A fragment of a segment that is not all there belongs to the conversation,
 * where that is known, and says nothing yet. The last one stands for the
 * segment; what it cost is its own. A datagram's carry their own bytes.
 */
static uint32_t
feed_part(struct flow_table *ft, struct frame *f, const struct summary *header,
    enum frag_state state)
{
	struct summary own = f->sum;
	struct flow_mark m;
	uint32_t i, id = 0;

	f->sum = *header;
	flow_mark(&f->packet, &f->sum, &m);
	if (state == FRAG_LAST) {
		id = feed_whole(ft, f, &m);
	} else if (m.known && (i = slot_of(ft, &f->sum, &m)) != UINT32_MAX) {
		struct slot *s = slot_at(ft, i);

		id = s->flow.id;
		f->dir = (uint8_t)direction(s, m.swapped);
		f->prev_in_flow = s->flow.last_frame;
		f->purpose = PURPOSE_OTHER;
		f->sum = own;
		if (state == FRAG_OF_DATAGRAM)
			feed_udp(&s->flow, f);
		note_frame(s, f);
	}
	f->sum = own;
	return id;
}

static COLD uint32_t
feed_fragment(struct flow_table *ft, struct frame *f, const struct flow_mark *m)
{
	struct summary header;
	enum frag_state state = frag_add(&ft->frags, f, &header);

	return state == FRAG_NONE ? feed_whole(ft, f, m)
				  : feed_part(ft, f, &header, state);
}

/* ------------------------------------------------------------- Bluetooth */

/* The conversation under one key gets another; false: there is none. */
static bool
rename_flow(struct flow_table *ft, const struct flow_key *from,
    const struct flow_key *to, uint32_t *ret_slot)
{
	uint32_t hash = flow_key_hash(from);
	struct slot *s;

	*ret_slot = slot_find(ft, hash, from);
	if (*ret_slot == UINT32_MAX)
		return false;
	flow_index_remove(&ft->index, hash, *ret_slot);
	s = slot_at(ft, *ret_slot);
	s->flow.key = *to;
	s->hash = flow_key_hash(to);
	return slot_enter(
	    ft, *ret_slot, s->flow.id); /* where one has just left */
}

/* Where the frame belongs, new or known; UINT32_MAX: no memory. */
static uint32_t
slot_of_place(
    struct flow_table *ft, struct frame *f, const struct rfcomm_place *p)
{
	uint32_t hash = flow_key_hash(&p->key), i;

	if (p->adopts && rename_flow(ft, &p->session, &p->key, &i))
		return i;
	i = p->opens ? UINT32_MAX : slot_find(ft, hash, &p->key);
	if (i == UINT32_MAX)
		return start_flow(
		    ft, &p->key, hash, p->swapped, p->from_client, f);
	slot_at(ft, i)->seen_again = true;
	return i;
}

static COLD uint32_t
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
	s->flow.channel_state = place.state;
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

enum { FAR = 32768 }; /* conversations; fewer lie near, and come again soon */

void
flow_fetch(const struct flow_table *ft, const struct flow_mark *m, size_t n)
{
	if (ft->used < FAR)
		return;
	for (size_t i = 0; i < n; i++)
		if (m[i].known)
			flow_index_fetch(&ft->index, m[i].hash);
}

/* Whole lines of the cache, where they begin in any. */
static void
fetch(const void *p, size_t size)
{
	enum { LINE = 64 };

	for (size_t i = 0; i < size; i += LINE)
		__builtin_prefetch((const uint8_t *)p + i, 1);
}

static void
touch(const struct flow_table *ft, const struct flow_mark *m)
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
	fetch(s->tcp, s->tcp != NULL ? sizeof *s->tcp : 0);
}

void
flow_touch(const struct flow_table *ft, const struct flow_mark *m, size_t n)
{
	if (ft->used < FAR)
		return;
	for (size_t i = 0; i < n; i++)
		touch(ft, &m[i]);
}

uint32_t
flow_feed_marked(
    struct flow_table *ft, struct frame *f, const struct flow_mark *m)
{
	ft->evicted = 0;
	if (f->sum.fragment)
		return feed_fragment(ft, f, m);
	if (!m->known && hci_is_link(f->packet.link_type))
		return feed_hci(ft, f);
	return feed_whole(ft, f, m);
}

uint32_t
flow_feed(struct flow_table *ft, struct frame *f)
{
	struct flow_mark m;

	flow_mark(&f->packet, &f->sum, &m);
	return flow_feed_marked(ft, f, &m);
}
