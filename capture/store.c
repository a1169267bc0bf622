#include "capture/store.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define ALIGN sizeof(uint64_t)

/*
 * One mapping, two rings: the places of the frames by id, and an arena of
 * records. A record is a frame and its packet's bytes behind it, in one piece;
 * the end of the arena is left empty when the next record is too long for it.
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
};

static const char *const purpose_names[] = {
#define X(name, text) [PURPOSE_##name] = text,
    PURPOSES(X)
#undef X
};

static size_t
record_size(size_t cap_len)
{
	return (sizeof(struct frame) + cap_len + ALIGN - 1) / ALIGN * ALIGN;
}

static size_t
place_of(const struct store *s, uint64_t id)
{
	return s->place[id % s->slots] * ALIGN;
}

static struct frame *
frame_at(const struct store *s, size_t place)
{
	return (struct frame *)(void *)(s->arena + place);
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
		s->used -= record_size(frame_at(s, at)->packet.cap_len) +
			   sizeof *s->place;
		s->first++;
	}
}

struct frame *
store_add(struct store *s, const struct packet *p)
{
	size_t need = record_size(p->cap_len);
	struct frame *f;
	uint8_t *bytes;

	if (need > s->size)
		return NULL;
	if (need > s->size - s->end) {
		evict(s, s->end, s->size);
		s->end = 0;
	}
	evict(s, s->end, s->end + need);
	s->place[s->next % s->slots] = (uint32_t)(s->end / ALIGN);
	f = frame_at(s, s->end);
	bytes = s->arena + s->end + sizeof *f;
	s->end += need;
	s->used += need + sizeof *s->place;
	memcpy(bytes, p->data, p->cap_len);
	*f = (struct frame){.id = s->next++, .packet = *p};
	f->packet.data = bytes;
	summary_read(&f->packet, &f->sum);
	return f;
}

const struct frame *
store_get(const struct store *s, uint64_t id)
{
	if (id < s->first || id >= s->next)
		return NULL;
	return frame_at(s, place_of(s, id));
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
