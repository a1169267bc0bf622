#include "capture/store.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "capture/pages.h"
#include "capture/summary_steps.h"
#include "net/base/inline.h"

#define ALIGN sizeof(uint64_t)
#define ROW_MIN 4096 /* records */
#define LINKS_MAX 64 /* as many as record.link can tell apart */
#define ALL (UINT64_C(1) << 63) /* frames: more than any file has */

struct link {
	uint16_t type, iface;
	uint8_t fate; /* enum packet_fate */
};

/*
 * Of packets that are copied: one piece of memory, two rings: the places of the
 * frames by id, and an arena of records. A record has its packet's bytes behind
 * it, in one piece, and before them, of a packet with a fate, when it entered
 * the wire; the end of the arena is left empty when the next record is too long
 * for it.
 *
 * Invariants: the records of ids [first, next) lie in the arena in this order,
 * but for one wrap-around; end is where the newest ends; no two overlap.
 * A page is not touched before a packet needs it.
 *
 * Of packets in a mapped file: their records in a row, from id 1, which say
 * where in the file the bytes are; a ring, where only the newest are kept.
 */
struct store {
	size_t budget;
	uint32_t *place; /* of id % slots, in units of ALIGN */
	size_t slots; /* at least as many as the arena holds records */
	uint8_t *arena;
	size_t size, end;
	uint64_t first, next;
	size_t used; /* of the arena */
	struct mapping *home; /* of all packets; NULL: they are copied */
	const uint8_t *file; /* its bytes */
	struct record *row; /* room for row_cap */
	size_t row_cap;
	uint64_t newest; /* frames kept of the file, a power of two */
	struct link links[LINKS_MAX]; /* what records say by their number */
	unsigned link_count, link_last; /* that was asked for */
};

static const char *const purpose_names[] = {
#define X(name, text) [PURPOSE_##name] = text,
    PURPOSES(X)
#undef X
};

/* The record and what stands between it and the packet's bytes. */
static size_t
head_size(uint8_t fate)
{
	return sizeof(struct record) +
	       (fate != FATE_NONE ? sizeof(int64_t) : 0);
}

static size_t
record_size(size_t cap_len, uint8_t fate)
{
	return (head_size(fate) + cap_len + ALIGN - 1) / ALIGN * ALIGN;
}

static size_t
place_of(const struct store *s, uint64_t id)
{
	return s->place[id % s->slots] * ALIGN;
}

static struct record *
record_at(const struct store *s, size_t place)
{
	return (struct record *)(void *)(s->arena + place);
}

struct store *
store_new(size_t budget)
{
	struct store *s = calloc(1, sizeof *s);
	size_t index;

	if (s == NULL)
		return NULL;
	s->budget = budget;
	s->newest = ALL;
	s->first = s->next = 1;
	s->slots = budget / (record_size(0, FATE_NONE) + sizeof *s->place) + 1;
	index = (s->slots * sizeof *s->place + ALIGN - 1) / ALIGN * ALIGN;
	s->size = budget > index ? (budget - index) / ALIGN * ALIGN : 0;
	if (s->size / ALIGN > UINT32_MAX)
		s->size = UINT32_MAX * ALIGN;
	s->place = pages_new(index + s->size);
	if (s->place == NULL) {
		free(s);
		return NULL;
	}
	s->arena = (uint8_t *)s->place + index;
	return s;
}

void
store_free(struct store *s)
{
	if (s == NULL)
		return;
	if (s->row != NULL) {
		prefault_table(mapping_prefault(s->home), NULL, 0, 0);
		pages_free(s->row, s->row_cap * sizeof *s->row);
	}
	mapping_unref(s->home);
	pages_free(
	    s->place, (size_t)(s->arena - (uint8_t *)s->place) + s->size);
	free(s);
}

/* Let the oldest frames go while they begin in [from, to). */
static void
evict(struct store *s, size_t from, size_t to)
{
	while (s->first < s->next) {
		size_t at = place_of(s, s->first);
		const struct record *r = record_at(s, at);

		if (at < from || at >= to)
			return;
		s->used -= record_size(r->cap_len, s->links[r->link].fate) +
			   sizeof *s->place;
		s->first++;
	}
}

static bool
is_link(const struct link *l, const struct packet *p)
{
	return l->type == p->link_type && l->iface == p->iface &&
	       l->fate == p->fate;
}

/*
 * The number of a packet's link type, interface and fate. Where there are more
 * of these than numbers, those of one link type and fate are taken for one.
 */
static COLD unsigned
find_link(struct store *s, const struct packet *p)
{
	unsigned like = 0;

	for (unsigned i = s->link_count; i-- > 0;) {
		if (is_link(&s->links[i], p))
			return i;
		if (s->links[i].type == p->link_type &&
		    s->links[i].fate == p->fate)
			like = i;
	}
	if (s->link_count == LINKS_MAX)
		return like;
	s->links[s->link_count] = (struct link){
	    .type = p->link_type, .iface = p->iface, .fate = p->fate};
	return s->link_count++;
}

/* Most often it is that of the packet before. */
static inline unsigned
link_number(struct store *s, const struct packet *p)
{
	if (s->link_count == 0 || !is_link(&s->links[s->link_last], p))
		s->link_last = find_link(s, p);
	return s->link_last;
}

/* Everything that is kept of it. */
INLINE void
write_record(
    const struct store *s, struct record *restrict r, const struct frame *f)
{
	const struct packet *p = &f->packet;
	uint64_t place = s->home != NULL ? (uint64_t)(p->data - s->file) : 0;
	/* A datagram has no numbers; its range begins anywhere. */
	uint64_t seq = f->sum.proto == PROTO_TCP ? f->rel_seq : f->data_from;
	unsigned shift =
	    f->sum.proto == PROTO_RFCOMM ? f->sum.fcs_len : f->window_shift;

	r->ts_ns = p->ts_ns;
	r->place_lo = (uint32_t)place;
	r->place_hi = (uint16_t)(place >> 32);
	r->tcp_flags = f->sum.tcp_flags;
	r->states = (uint8_t)(f->state[0] | f->state[1] << 4);
	r->cap_len = p->cap_len & 0xfffff;
	r->seq_hi = (uint32_t)(seq >> 32) & 0xfff;
	r->wire_len = p->wire_len;
	r->flow = f->flow;
	r->verdicts = f->verdicts;
	r->back =
	    f->prev_in_flow != 0 ? (uint32_t)(f->id - f->prev_in_flow) : 0;
	r->seq_lo = (uint32_t)seq;
	r->ack_lo = (uint32_t)f->rel_ack;
	r->ack_hi = (uint32_t)(f->rel_ack >> 32) & 0xfff;
	r->dir = f->dir & 1u;
	r->purpose = f->purpose & 7u;
	r->shift = shift & 15;
	r->link = f->link & (LINKS_MAX - 1u);
	r->status = f->sum.status & 3u;
	r->proto = f->sum.proto & 15u;
}

/* What nobody has found anything out about; a frame is large, and to clear all
 * of it first takes as long as a flow takes to be found. */
static void
begin_frame(struct frame *f, uint64_t id, unsigned link, const struct packet *p,
    const struct summary *sum)
{
	f->id = id;
	f->link = (uint8_t)link;
	f->packet = *p;
	f->sum = *sum;
	f->flow = f->verdicts = 0;
	f->dir = f->purpose = f->state[0] = f->state[1] = 0;
	f->window_shift = 0;
	f->prev_in_flow = f->rel_seq = f->rel_ack = 0;
	f->data_from = f->data_to = f->acked_from = f->acked_to = 0;
	f->found = (struct tcp_findings){0};
}

bool
store_add(struct store *s, const struct packet *p, const struct summary *sum,
    struct frame *ret)
{
	unsigned link = link_number(s, p);
	uint8_t fate = s->links[link].fate;
	size_t need = record_size(p->cap_len, fate);
	struct record *r;
	uint8_t *bytes;

	if (need > s->size || s->home != NULL)
		return false;
	if (need > s->size - s->end) {
		evict(s, s->end, s->size);
		s->end = 0;
	}
	evict(s, s->end, s->end + need);
	s->place[s->next % s->slots] = (uint32_t)(s->end / ALIGN);
	r = record_at(s, s->end);
	if (fate != FATE_NONE)
		memcpy(r + 1, &p->entered_ns, sizeof p->entered_ns);
	bytes = s->arena + s->end + head_size(fate);
	s->end += need;
	s->used += need + sizeof *s->place;
	memcpy(bytes, p->data, p->cap_len);
	begin_frame(ret, s->next++, link, p, sum);
	ret->packet.data = bytes;
	ret->packet.fate = fate;
	write_record(s, r, ret);
	return true;
}

/* The row where it can have so many records; while it moves, nobody makes pages
 * ready where it was. */
static void *
move_row(const struct store *s, size_t cap)
{
	size_t size = cap * sizeof *s->row;

	if (s->row == NULL)
		return pages_new(size);
	prefault_table(mapping_prefault(s->home), NULL, 0, 0);
	return pages_resize(s->row, s->row_cap * sizeof *s->row, size);
}

/*
 * Room for more records than the file can have packets: pages are touched only
 * when they are used, and made ready by the thread that reads the file.
 */
static bool
grow_row(struct store *s)
{
	enum { PACKET_MIN = 16 };
	size_t expected = mapping_size(s->home) / PACKET_MIN + ROW_MIN;
	size_t cap = s->row_cap > 0 ? s->row_cap * 2 : expected;
	void *row;

	if (s->newest != ALL)
		cap = s->newest;
	row = move_row(s, cap);
	if (row == NULL)
		return false;
	s->row = row;
	s->row_cap = cap;
	if (s->newest == ALL)
		prefault_table(mapping_prefault(s->home), row,
		    cap * sizeof *s->row, sizeof *s->row);
	return true;
}

void
store_keep_newest(struct store *s, size_t frames)
{
	s->newest = frames;
}

/* Nothing was added yet: the packets are in this file. False: there are others
 * here. */
static COLD bool
move_in(struct store *s, struct mapping *home)
{
	if (s->next > 1 || s->home != NULL)
		return false;
	s->home = mapping_ref(home);
	s->file = mapping_bytes(home);
	return true;
}

/* The row is full: it grows, or the oldest frame leaves. */
static COLD bool
make_room(struct store *s)
{
	if (s->row_cap != s->newest)
		return grow_row(s);
	s->first++;
	return true;
}

bool
store_add_mapped(struct store *s, struct mapping *home, const struct packet *p,
    const struct summary *sum, struct frame *ret)
{
	if ((s->home != home && !move_in(s, home)) ||
	    (s->next - s->first == s->row_cap && !make_room(s)))
		return false;
	assert(p->fate == FATE_NONE);
	begin_frame(ret, s->next++, link_number(s, p), p, sum);
	return true;
}

bool
store_help(struct store *s)
{
	return s->home != NULL && prefault_help(mapping_prefault(s->home));
}

static struct record *
record_of(const struct store *s, uint64_t id)
{
	return s->home != NULL ? &s->row[(id - 1) & (s->newest - 1)]
			       : record_at(s, place_of(s, id));
}

void
store_keep(struct store *s, const struct frame *f)
{
	write_record(s, record_of(s, f->id), f);
}

void
store_amend_state(struct store *s, uint64_t id, int end, uint8_t state)
{
	struct record *r = record_of(s, id);
	unsigned shift = end == DIR_CLIENT ? 0 : 4;

	assert(id >= s->first && id < s->next);
	r->states =
	    (uint8_t)((r->states & ~(15u << shift)) | (unsigned)state << shift);
}

/* Where its bytes are, and how many of them are there. */
static void
find_bytes(const struct store *s, const struct record *r, struct packet *p)
{
	uint64_t place = (uint64_t)r->place_hi << 32 | r->place_lo;
	size_t size;

	p->cap_len = r->cap_len;
	p->data = (const uint8_t *)r + head_size(p->fate);
	if (s->home == NULL)
		return;
	size = mapping_size(s->home);
	if (place > size)
		place = size;
	if (p->cap_len > size - place)
		p->cap_len = (uint32_t)(size - place);
	p->data = s->file + place;
}

/* The stream bytes in a frame; its first number is that of a SYN, if any. */
static void
put_range(struct frame *f)
{
	bool tcp = f->sum.proto == PROTO_TCP;
	uint64_t from = f->rel_seq;

	if (tcp && (f->sum.tcp_flags & TCP_SYN) == 0)
		from--;
	if (!tcp)
		f->rel_seq = 0;
	if (f->flow == 0 || f->purpose == PURPOSE_OTHER)
		return;
	f->data_from = from;
	f->data_to = from + f->sum.payload_len;
}

bool
store_packet(const struct store *s, uint64_t id, struct packet *ret)
{
	const struct record *r = store_record(s, id);

	if (r == NULL)
		return false;
	*ret = (struct packet){.ts_ns = r->ts_ns,
	    .wire_len = r->wire_len,
	    .link_type = s->links[r->link].type,
	    .iface = s->links[r->link].iface,
	    .fate = s->links[r->link].fate};
	if (ret->fate != FATE_NONE)
		memcpy(&ret->entered_ns, r + 1, sizeof ret->entered_ns);
	find_bytes(s, r, ret);
	return true;
}

bool
store_get(const struct store *s, uint64_t id, struct frame *ret)
{
	const struct record *r = store_record(s, id);

	if (r == NULL)
		return false;
	*ret = (struct frame){
	    .id = id,
	    .flow = r->flow,
	    .verdicts = r->verdicts,
	    .dir = r->dir,
	    .purpose = r->purpose,
	    .state = {record_state(r, DIR_CLIENT), record_state(r, DIR_SERVER)},
	    .prev_in_flow = record_before(r, id),
	    .rel_seq = (uint64_t)r->seq_hi << 32 | r->seq_lo,
	    .rel_ack = record_ack(r),
	};
	store_packet(s, id, &ret->packet);
	summary_read(&ret->packet, &ret->sum);
	if (r->proto == PROTO_RFCOMM)
		summary_read_rfcomm(&ret->sum, &ret->packet, r->shift);
	else
		ret->window_shift = r->shift;
	put_range(ret);
	return true;
}

unsigned
store_fate(const struct store *s, uint64_t id)
{
	const struct record *r = store_record(s, id);

	return r != NULL ? s->links[r->link].fate : FATE_NONE;
}

const struct record *
store_record(const struct store *s, uint64_t id)
{
	if (id < s->first || id >= s->next)
		return NULL;
	return record_of(s, id);
}

uint64_t
store_first(const struct store *s)
{
	return s->first;
}

uint64_t
store_next(const struct store *s)
{
	return s->next;
}

size_t
store_bytes(const struct store *s)
{
	return s->home != NULL ? (s->next - s->first) * sizeof *s->row
			       : s->used;
}

size_t
store_budget(const struct store *s)
{
	return s->budget;
}

const char *
purpose_name(enum purpose p)
{
	return purpose_names[p];
}
