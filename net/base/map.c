#include "net/base/map.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

struct map {
	size_t key_len, slots, count; /* slots: a power of two */
	uint64_t seed; /* so that a peer cannot choose colliding ports */
	uint8_t *used; /* one byte a slot */
	uint8_t *keys;
	uint32_t *values;
};

uint64_t
map_hash(const void *data, size_t n)
{
	const uint8_t *p = data;
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < n; i++)
		h = (h ^ p[i]) * UINT64_C(0x100000001b3);
	return h;
}

static size_t
home(const struct map *m, const void *key)
{
	uint64_t h = map_hash(key, m->key_len) ^ m->seed;

	/* FNV's low bits are weak: fold the high ones in (splitmix64). */
	h = (h ^ h >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	return (size_t)(h ^ h >> 31) & (m->slots - 1);
}

static const uint8_t *
key_at(const struct map *m, size_t i)
{
	return m->keys + i * m->key_len;
}

/* The key's slot, or the free one where it would go. */
static size_t
find(const struct map *m, const void *key)
{
	size_t i = home(m, key);

	while (m->used[i] && memcmp(key_at(m, i), key, m->key_len) != 0)
		i = (i + 1) & (m->slots - 1);
	return i;
}

static bool
alloc_slots(struct map *m, size_t slots)
{
	m->used = calloc(slots, 1);
	m->keys = malloc(slots * m->key_len);
	m->values = malloc(slots * sizeof *m->values);
	m->slots = slots;
	m->count = 0;
	return m->used != NULL && m->keys != NULL && m->values != NULL;
}

static void
free_slots(struct map *m)
{
	free(m->used);
	free(m->keys);
	free(m->values);
}

/* Fill a free slot. */
static void
set(struct map *m, size_t i, const void *key, uint32_t value)
{
	m->count++;
	m->used[i] = 1;
	memcpy(m->keys + i * m->key_len, key, m->key_len);
	m->values[i] = value;
}

struct map *
map_new(size_t key_len)
{
	struct map *m = calloc(1, sizeof *m);

	if (m == NULL)
		return NULL;
	m->key_len = key_len;
	if (getrandom(&m->seed, sizeof m->seed, GRND_NONBLOCK) < 0)
		m->seed = (uintptr_t)m;
	if (!alloc_slots(m, 16)) {
		map_free(m);
		return NULL;
	}
	return m;
}

void
map_free(struct map *m)
{
	if (m == NULL)
		return;
	free_slots(m);
	free(m);
}

size_t
map_count(const struct map *m)
{
	return m->count;
}

void
map_clear(struct map *m)
{
	memset(m->used, 0, m->slots);
	m->count = 0;
}

bool
map_get(const struct map *m, const void *key, uint32_t *ret_value)
{
	size_t i = find(m, key);

	if (!m->used[i])
		return false;
	*ret_value = m->values[i];
	return true;
}

static int
grow(struct map *m)
{
	struct map old = *m;

	if (!alloc_slots(m, old.slots * 2)) {
		free_slots(m);
		*m = old;
		return -ENOMEM;
	}
	for (size_t i = 0; i < old.slots; i++)
		if (old.used[i])
			set(m, find(m, key_at(&old, i)), key_at(&old, i),
			    old.values[i]);
	free_slots(&old);
	return 0;
}

int
map_put(struct map *m, const void *key, uint32_t value)
{
	size_t i = find(m, key);

	if (m->used[i]) {
		m->values[i] = value;
		return 0;
	}
	if ((m->count + 1) * 4 > m->slots * 3) {
		int rc = grow(m);

		if (rc < 0)
			return rc;
		i = find(m, key);
	}
	set(m, i, key, value);
	return 0;
}

bool
map_del(struct map *m, const void *key)
{
	size_t hole = find(m, key), mask = m->slots - 1;

	if (!m->used[hole])
		return false;
	m->used[hole] = 0;
	m->count--;
	/* Move back whatever probed past the hole. */
	for (size_t i = (hole + 1) & mask; m->used[i]; i = (i + 1) & mask) {
		size_t want = home(m, key_at(m, i));

		if (((i - want) & mask) < ((i - hole) & mask))
			continue;
		m->used[hole] = 1;
		memcpy(m->keys + hole * m->key_len, key_at(m, i), m->key_len);
		m->values[hole] = m->values[i];
		m->used[i] = 0;
		hole = i;
	}
	return true;
}
