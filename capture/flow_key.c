#include "capture/flow_key.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define FIRST_SIZE 1024

/* ------------------------------------------------------------------- keys */

struct side {
	uint64_t ip[2];
	uint16_t port;
};

static bool
lower(const struct side *a, const struct side *b)
{
	if (a->ip[0] != b->ip[0])
		return a->ip[0] < b->ip[0];
	if (a->ip[1] != b->ip[1])
		return a->ip[1] < b->ip[1];
	return a->port < b->port;
}

/* True if a became the second side. */
static bool
make(struct flow_key *ret, uint8_t proto, uint8_t version, const struct side *a,
    const struct side *b)
{
	bool swap = lower(b, a);
	const struct side *first = swap ? b : a, *second = swap ? a : b;

	*ret = (struct flow_key){
	    .ip = {{first->ip[0], first->ip[1]},
		{second->ip[0], second->ip[1]}},
	    .port = {first->port, second->port},
	    .proto = proto,
	    .ip_version = version,
	};
	return swap;
}

bool
flow_key_of_frame(const struct frame *f, struct flow_key *ret, bool *swapped)
{
	const struct summary *s = &f->sum;
	struct side src = {.port = s->src_port}, dst = {.port = s->dst_port};
	size_t ip_len = s->ip_version == 4 ? 4 : 16;

	if (s->proto != PROTO_TCP && s->proto != PROTO_UDP)
		return false;
	if (s->transport_len < (s->proto == PROTO_TCP ? 20 : 8) ||
	    s->payload_off > f->packet.cap_len + (uint64_t)s->options_len)
		return false;
	memcpy(src.ip, s->src, ip_len);
	memcpy(dst.ip, s->dst, ip_len);
	*swapped = make(ret, s->proto, s->ip_version, &src, &dst);
	return true;
}

static uint8_t
side_of_addr(const struct addr *a, struct side *ret)
{
	struct addr plain = addr_unmap(a);

	memset(ret, 0, sizeof *ret);
	if (plain.len == 0)
		return 0;
	ret->port = addr_port(&plain);
	if (plain.sa.sa_family == AF_INET) {
		memcpy(ret->ip, &plain.in.sin_addr, 4);
		return 4;
	}
	if (plain.sa.sa_family == AF_INET6) {
		memcpy(ret->ip, &plain.in6.sin6_addr, 16);
		return 6;
	}
	return 0;
}

bool
flow_key_of_addrs(uint8_t proto, const struct addr *a, const struct addr *b,
    struct flow_key *ret)
{
	struct side one, other;
	uint8_t version = side_of_addr(a, &one);

	if (version == 0 || version != side_of_addr(b, &other))
		return false;
	make(ret, proto, version, &one, &other);
	return true;
}

bool
flow_key_equal(const struct flow_key *a, const struct flow_key *b)
{
	return memcmp(a, b, sizeof *a) == 0;
}

/* ------------------------------------------------------------------ index */

int
flow_index_init(struct flow_index *x)
{
	*x = (struct flow_index){.size = FIRST_SIZE};
	x->entries = calloc(x->size, sizeof *x->entries);
	if (x->entries == NULL)
		return -ENOMEM;
	if (getrandom(&x->seed, sizeof x->seed, GRND_NONBLOCK) < 0)
		x->seed = (uintptr_t)x->entries;
	return 0;
}

void
flow_index_done(struct flow_index *x)
{
	free(x->entries);
	x->entries = NULL;
}

/* A multiplication for each word, high bits folded in (as in splitmix64). */
uint32_t
flow_index_hash(const struct flow_index *x, const struct flow_key *k)
{
	uint64_t word, h = x->seed;

	for (size_t i = 0; i < sizeof *k; i += sizeof word) {
		memcpy(&word, (const uint8_t *)k + i, sizeof word);
		h = (h ^ word) * UINT64_C(0xbf58476d1ce4e5b9);
		h ^= h >> 32;
	}
	return (uint32_t)h;
}

uint32_t
flow_index_next(const struct flow_index *x, uint32_t hash, uint32_t *pos)
{
	for (uint32_t i = *pos & (x->size - 1); x->entries[i].slot1 != 0;
	     i = (i + 1) & (x->size - 1)) {
		*pos = i + 1;
		if (x->entries[i].hash == hash)
			return x->entries[i].slot1 - 1;
	}
	return UINT32_MAX;
}

static void
put(struct flow_index *x, struct flow_entry e)
{
	uint32_t i = e.hash & (x->size - 1);

	while (x->entries[i].slot1 != 0)
		i = (i + 1) & (x->size - 1);
	x->entries[i] = e;
}

static int
grow(struct flow_index *x)
{
	struct flow_entry *old = x->entries;
	uint32_t old_size = x->size;

	if (old_size > UINT32_MAX / 4)
		return -ENOMEM;
	x->entries = calloc((size_t)old_size * 2, sizeof *x->entries);
	if (x->entries == NULL) {
		x->entries = old;
		return -ENOMEM;
	}
	x->size = old_size * 2;
	for (uint32_t i = 0; i < old_size; i++)
		if (old[i].slot1 != 0)
			put(x, old[i]);
	free(old);
	return 0;
}

int
flow_index_add(struct flow_index *x, uint32_t hash, uint32_t slot)
{
	if ((x->count + 1) / 2 >= x->size / 3) {
		int rc = grow(x);

		if (rc < 0)
			return rc;
	}
	put(x, (struct flow_entry){hash, slot + 1});
	x->count++;
	return 0;
}

static uint32_t
find(const struct flow_index *x, uint32_t hash, uint32_t slot)
{
	uint32_t i = hash & (x->size - 1);

	while (x->entries[i].slot1 != slot + 1)
		i = (i + 1) & (x->size - 1);
	return i;
}

void
flow_index_replace(
    struct flow_index *x, uint32_t hash, uint32_t old, uint32_t slot)
{
	x->entries[find(x, hash, old)].slot1 = slot + 1;
}

void
flow_index_remove(struct flow_index *x, uint32_t hash, uint32_t slot)
{
	uint32_t hole = find(x, hash, slot), mask = x->size - 1;

	x->count--;
	/* Move back whatever probed past the hole. */
	for (uint32_t i = (hole + 1) & mask; x->entries[i].slot1 != 0;
	     i = (i + 1) & mask) {
		uint32_t want = x->entries[i].hash & mask;

		if (((i - want) & mask) < ((i - hole) & mask))
			continue;
		x->entries[hole] = x->entries[i];
		hole = i;
	}
	x->entries[hole].slot1 = 0;
}
