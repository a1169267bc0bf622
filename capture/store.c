#include "capture/store.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define ALIGN sizeof(uint64_t)
#define LINKS_MAX 128 /* as many as record.link can tell apart */

struct link {
	uint16_t type, iface;
};

/*
 * One mapping, two rings: the places of the frames by id, and an arena of
 * records. A record has its packet's bytes behind it, in one piece; the end of the arena is left empty when the next record is too long for it.
 *
 * Invariants: the records of ids [first, next) lie in the arena in this order,
 * but for one wrap-around; end is where the newest ends; no two overlap.
 * A page is not touched before a packet needs it.
 */
struct store {
	size_t budget;
	uint32_t *place; /* of id % slots, in units of ALIGN */
	size_t slots; /* at least as many as the arena holds records */
	uint8_t *arena;
	size_t size, end;
	uint64_t first, next;
	size_t used;
	struct link links[LINKS_MAX]; /* what records say by their number */
	unsigned link_count;
};

static const char *const purpose_names[] = {
#define X(name, text) [PURPOSE_##name] = text,
    PURPOSES(X)
#undef X
};

static size_t
record_size(size_t cap_len)
{
	return (sizeof(struct record) + cap_len + ALIGN - 1) / ALIGN * ALIGN;
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
	void *map;

	if (s == NULL)
		return NULL;
	s->budget = budget;
	s->first = s->next = 1;
	s->slots = budget / (record_size(0) + sizeof *s->place) + 1;
	index = (s->slots * sizeof *s->place + ALIGN - 1) / ALIGN * ALIGN;
	s->size = budget > index ? (budget - index) / ALIGN * ALIGN : 0;
	if (s->size / ALIGN > UINT32_MAX)
		s->size = UINT32_MAX * ALIGN;
	map = mmap(NULL, index + s->size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (map == MAP_FAILED) {
		free(s);
		return NULL;
	}
	s->place = map;
	s->arena = (uint8_t *)map + index;
	return s;
}

void
store_free(struct store *s)
{
	if (s == NULL)
		return;
	munmap(s->place, (size_t)(s->arena - (uint8_t *)s->place) + s->size);
	free(s);
}

/* Let the oldest frames go while they begin in [from, to). */
static void
evict(struct store *s, size_t from, size_t to)
{
	while (s->first < s->next) {
		size_t at = place_of(s, s->first);

		if (at < from || at >= to)
			return;
		s->used -=
		    record_size(record_at(s, at)->cap_len) + sizeof *s->place;
		s->first++;
	}
}

/*
 * The number of a packet's link type and interface. Where a file has more
 * interfaces than numbers, those of one link type are taken for one.
 */
static unsigned
link_number(struct store *s, const struct packet *p)
{
	unsigned like = 0;

	for (unsigned i = s->link_count; i-- > 0;) {
		if (s->links[i].type != p->link_type)
			continue;
		if (s->links[i].iface == p->iface)
			return i;
		like = i;
	}
	if (s->link_count == LINKS_MAX)
		return like;
	s->links[s->link_count] = (struct link){p->link_type, p->iface};
	return s->link_count++;
}

bool
store_add(struct store *s, const struct packet *p, struct frame *ret)
{
	size_t need = record_size(p->cap_len);
	struct record *r;
	uint8_t *bytes;

	if (need > s->size)
		return false;
	if (need > s->size - s->end) {
		evict(s, s->end, s->size);
		s->end = 0;
	}
	evict(s, s->end, s->end + need);
	s->place[s->next % s->slots] = (uint32_t)(s->end / ALIGN);
	r = record_at(s, s->end);
	bytes = s->arena + s->end + sizeof *r;
	s->end += need;
	s->used += need + sizeof *s->place;
	memcpy(bytes, p->data, p->cap_len);
	*ret = (struct frame){.id = s->next++, .packet = *p};
	ret->packet.data = bytes;
	summary_read(&ret->packet, &ret->sum);
	*r = (struct record){
	    .ts_ns = p->ts_ns,
	    .cap_len = p->cap_len & 0xfffff,
	    .wire_len = p->wire_len,
	    .tcp_flags = ret->sum.tcp_flags,
	    .status = ret->sum.status & 3u,
	    .proto = ret->sum.proto & 7u,
	    .link = link_number(s, p) & (LINKS_MAX - 1),
	};
	return true;
}

/* By how many bits a scaled window was shifted. */
static unsigned
shift_of(const struct frame *f)
{
	unsigned shift = 0;

	while (shift < 15 && (uint32_t)f->sum.window << shift < f->window)
		shift++;
	return shift;
}

void
store_keep(struct store *s, const struct frame *f)
{
	struct record *r = record_at(s, place_of(s, f->id));
	/* A datagram has no numbers; its range begins anywhere. */
	uint64_t seq = f->sum.proto == PROTO_TCP ? f->rel_seq : f->data_from;

	r->flow = f->flow;
	r->back =
	    f->prev_in_flow != 0 ? (uint32_t)(f->id - f->prev_in_flow) : 0;
	r->verdicts = f->verdicts;
	r->dir = f->dir & 1u;
	r->purpose = f->purpose & 7u;
	r->states = (uint8_t)(f->state[0] | f->state[1] << 4);
	r->seq_lo = (uint32_t)seq;
	r->seq_hi = (uint32_t)(seq >> 32) & 0xfff;
	r->ack_lo = (uint32_t)f->rel_ack;
	r->ack_hi = (uint32_t)(f->rel_ack >> 32) & 0xfff;
	r->shift = shift_of(f) & 15;
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
store_get(const struct store *s, uint64_t id, struct frame *ret)
{
	const struct record *r = store_record(s, id);

	if (r == NULL)
		return false;
	*ret = (struct frame){
	    .id = id,
	    .packet = {.ts_ns = r->ts_ns,
		.cap_len = r->cap_len,
		.wire_len = r->wire_len,
		.link_type = s->links[r->link].type,
		.iface = s->links[r->link].iface,
		.data = (const uint8_t *)(r + 1)},
	    .flow = r->flow,
	    .verdicts = r->verdicts,
	    .dir = r->dir,
	    .purpose = r->purpose,
	    .state = {record_state(r, DIR_CLIENT), record_state(r, DIR_SERVER)},
	    .prev_in_flow = record_before(r, id),
	    .rel_seq = (uint64_t)r->seq_hi << 32 | r->seq_lo,
	    .rel_ack = record_ack(r),
	};
	summary_read(&ret->packet, &ret->sum);
	ret->window = (uint32_t)ret->sum.window << r->shift;
	put_range(ret);
	return true;
}

const struct record *
store_record(const struct store *s, uint64_t id)
{
	if (id < s->first || id >= s->next)
		return NULL;
	return record_at(s, place_of(s, id));
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
	return s->used;
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
