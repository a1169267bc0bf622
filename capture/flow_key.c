#include "capture/flow_key.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "capture/pages.h"
#include "net/base/inline.h"

#define FIRST_SIZE 1024

/* ------------------------------------------------------------------- keys */

struct side {
	uint64_t ip[2];
	uint16_t port;
};

static bool
lower(const struct side *a, const struct side *b)
{
	bool same0 = a->ip[0] == b->ip[0], same1 = a->ip[1] == b->ip[1];
	bool in_1 = (a->ip[1] < b->ip[1]) | (same1 & (a->port < b->port));

	return (a->ip[0] < b->ip[0]) | (same0 & in_1);
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

/* What an IPv4 address does not fill is zero in a summary. */
static inline struct side
side_of(const uint8_t ip[16], uint16_t port)
{
	struct side side = {.port = port};

	memcpy(side.ip, ip, sizeof side.ip);
	return side;
}

void
flow_key_of_ends(
    const struct summary *s, struct flow_key *ret, bool *ret_swapped)
{
	struct side src = side_of(s->src, s->src_port);
	struct side dst = side_of(s->dst, s->dst_port);

	*ret_swapped = make(ret, s->proto, s->ip_version, &src, &dst);
}

/* False: a packet without ports, or whose header is not all there (lengths in
 * a summary are those of the wire, also where the capture was cut). */
static inline bool
belongs(const struct packet *p, const struct summary *s)
{
	if (s->proto != PROTO_TCP && s->proto != PROTO_UDP)
		return false;
	return s->transport_len >= (s->proto == PROTO_TCP ? 20 : 8) &&
	       s->payload_off <= p->cap_len + (uint64_t)s->options_len;
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
flow_key_of_device(
    const struct addr *peer, bool peer_serves, struct flow_key *ret)
{
	struct summary s = {.proto = PROTO_RFCOMM};
	bool ignored;

	if (peer->len == 0 || peer->sa.sa_family != AF_BLUETOOTH)
		return false;
	for (int i = 0; i < 6; i++)
		s.dst[i] = peer->rc.device.byte[5 - i];
	s.dst[6] = 1;
	s.dst_port = peer_serves ? peer->rc.channel : 0;
	s.src_port = peer_serves ? 0 : peer->rc.channel;
	flow_key_of_ends(&s, ret, &ignored);
	return true;
}

struct addr
flow_key_rfcomm(const struct flow_key *k, int side)
{
	struct addr a = {.len = sizeof a.rc};
	uint8_t ip[16];

	memcpy(ip, k->ip[side], sizeof ip);
	a.rc.family = AF_BLUETOOTH;
	for (int i = 0; i < 6; i++)
		a.rc.device.byte[i] = ip[5 - i];
	if (k->port[side] != FLOW_RFCOMM_SESSION)
		a.rc.channel = (uint8_t)k->port[side];
	return a;
}

const char *
flow_addr_format(char dst[ADDR_TEXT_MAX], const struct addr *a)
{
	if (a->len == 0 || a->sa.sa_family != AF_BLUETOOTH ||
	    !bdaddr_is_any(&a->rc.device))
		return addr_format(dst, a);
	snprintf(dst, ADDR_TEXT_MAX, a->rc.channel != 0 ? "local/%u" : "local",
	    a->rc.channel);
	return dst;
}

/* ------------------------------------------------------------------- hash */

static uint64_t seed[6];

static void
draw_seed(void)
{
	uint64_t weak = (uintptr_t)&seed ^ (uint64_t)getpid();

	if (getrandom(seed, sizeof seed, GRND_NONBLOCK) == sizeof seed)
		return;
	for (size_t i = 0; i < sizeof seed / sizeof *seed; i++)
		seed[i] = weak += UINT64_C(0x9e3779b97f4a7c15);
}

void
flow_key_seed(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, draw_seed);
}

__extension__ typedef unsigned __int128 wide;

/* All bits of both in each of the result: the halves of a wide product. */
static uint64_t
fold(uint64_t a, uint64_t b)
{
	wide product = (wide)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* All of a side in one number: of two with IPv4 in the order of lower(). */
static inline uint64_t
number_ip4(const void *ip, uint16_t port)
{
	uint32_t address;

	memcpy(&address, ip, sizeof address);
	return (uint64_t)address << 16 | port;
}

static uint64_t
number_other(const struct side *s)
{
	uint64_t ip = fold(s->ip[0] ^ seed[0], s->ip[1] ^ seed[1]);

	return fold(ip ^ seed[2], s->port ^ seed[3]);
}

/* The same for both directions, as a product is: so nobody need know which side
 * stands first. */
static inline uint32_t
hash_of(uint8_t proto, uint8_t version, uint64_t a, uint64_t b)
{
	uint64_t both = fold(a ^ seed[4], b ^ seed[4]);

	return (uint32_t)fold(both ^ version ^ (uint64_t)proto << 8, seed[5]);
}

static uint32_t
hash_sides(
    uint8_t proto, uint8_t version, const struct side *a, const struct side *b)
{
	if (version != 4)
		return hash_of(
		    proto, version, number_other(a), number_other(b));
	return hash_of(proto, version, number_ip4(a->ip, a->port),
	    number_ip4(b->ip, b->port));
}

uint32_t
flow_key_hash(const struct flow_key *k)
{
	struct side a = {{k->ip[0][0], k->ip[0][1]}, k->port[0]};
	struct side b = {{k->ip[1][0], k->ip[1][1]}, k->port[1]};

	return hash_sides(k->proto, k->ip_version, &a, &b);
}

static APART void
mark_other(const struct summary *s, struct flow_mark *ret)
{
	struct side src = side_of(s->src, s->src_port);
	struct side dst = side_of(s->dst, s->dst_port);

	ret->swapped = lower(&dst, &src);
	ret->hash = hash_sides(s->proto, s->ip_version, &src, &dst);
}

static inline void
mark_ip4(const struct summary *s, struct flow_mark *ret)
{
	uint64_t src = number_ip4(s->src, s->src_port);
	uint64_t dst = number_ip4(s->dst, s->dst_port);

	ret->swapped = dst < src;
	ret->hash = hash_of(s->proto, 4, src, dst);
}

void
flow_mark(
    const struct packet *p, const struct summary *s, struct flow_mark *ret)
{
	ret->known = belongs(p, s);
	if (!ret->known)
		return;
	if (s->ip_version == 4)
		mark_ip4(s, ret);
	else
		mark_other(s, ret);
}

/* ------------------------------------------------------------------ index */

/* An empty one; what it had is the caller's to free. */
static int
make_room(struct flow_index *x, uint32_t size)
{
	struct flow_entry *entries = pages_new(size * sizeof *entries);

	if (entries == NULL)
		return -ENOMEM;
	pages_touch(entries, size * sizeof *entries);
	x->entries = entries;
	x->size = size;
	return 0;
}

int
flow_index_init(struct flow_index *x)
{
	*x = (struct flow_index){0};
	flow_key_seed();
	return make_room(x, FIRST_SIZE);
}

void
flow_index_done(struct flow_index *x)
{
	pages_free(x->entries, x->size * sizeof *x->entries);
	x->entries = NULL;
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
	int rc = -ENOMEM;

	if (old_size <= UINT32_MAX / 4)
		rc = make_room(x, old_size * 2);
	if (rc < 0)
		return rc;
	for (uint32_t i = 0; i < old_size; i++)
		if (old[i].slot1 != 0)
			put(x, old[i]);
	pages_free(old, old_size * sizeof *old);
	return 0;
}

int
flow_index_add(struct flow_index *x, uint32_t hash, uint32_t slot)
{
	if (x->count + 1 > x->size / 2) {
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
