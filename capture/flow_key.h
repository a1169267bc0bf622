/*
 * capture/flow_key.h - which conversation a packet belongs to: the pair of its
 * endpoints, whatever the direction, and an index from that to a slot (for
 * flow.c).
 *
 * Open addressing with linear probing; deleting closes the gap. An entry is a
 * hash and a slot: the keys stand in the slots, and are looked at only where
 * the hashes agree.
 *
 * Owns:   the entries.  Thread: the index's one at a time.  Blocks: never.
 */
#ifndef SOCKDECK_CAPTURE_FLOW_KEY_H
#define SOCKDECK_CAPTURE_FLOW_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "capture/summary.h"
#include "net/addr.h"

/* The lower endpoint stands first. No padding: keys are hashed as words. */
struct flow_key {
	uint64_t ip[2][2]; /* as in the packet, IPv4 in the first four bytes */
	uint16_t port[2];
	uint8_t proto, ip_version;
	uint16_t zero;
};
_Static_assert(sizeof(struct flow_key) == 40, "struct flow_key has padding");

/* Of the addresses and ports in a summary, whatever they are; *ret_swapped: the
 * source stands second. */
void flow_key_of_ends(
    const struct summary *s, struct flow_key *ret, bool *ret_swapped);
/* False: not two addresses of one kind. */
bool flow_key_of_addrs(uint8_t proto, const struct addr *a,
    const struct addr *b, struct flow_key *ret);

/*
 * An end of RFCOMM has in place of an IP address the six bytes of the device's
 * address (zero: this machine's adapter), 1 if there is one, and from byte 8 on
 * the adapter's index. The server's port is its channel, the client's is 0.
 */
#define FLOW_RFCOMM_SESSION 32 /* before a channel, 1 to 30, is opened */

/* Between the first adapter and that device and channel; false: no such. */
bool flow_key_of_device(
    const struct addr *peer, bool peer_serves, struct flow_key *ret);
/* Such an end as an address. */
struct addr flow_key_rfcomm(const struct flow_key *k, int side);
/* "127.0.0.1:80", "00:AA:01:00:00:00/3"; "local" for an adapter whose address
 * no capture says. */
const char *flow_addr_format(char dst[ADDR_TEXT_MAX], const struct addr *a);

/* All of it but the addresses. */
static inline uint64_t
flow_key_rest(const struct flow_key *k)
{
	uint64_t rest;

	memcpy(&rest, (const uint8_t *)k + offsetof(struct flow_key, port),
	    sizeof rest);
	return rest;
}

static inline bool
flow_key_equal(const struct flow_key *a, const struct flow_key *b)
{
	uint64_t ip = (a->ip[0][0] ^ b->ip[0][0]) |
		      (a->ip[0][1] ^ b->ip[0][1]) |
		      (a->ip[1][0] ^ b->ip[1][0]) | (a->ip[1][1] ^ b->ip[1][1]);

	return ip == 0 && flow_key_rest(a) == flow_key_rest(b);
}

/* Is it the key of this packet, whose sender stands second if swapped? */
static inline bool
flow_key_matches(
    const struct flow_key *k, const struct summary *s, bool swapped)
{
	uint64_t src[2], dst[2], ip;

	memcpy(src, s->src, sizeof src);
	memcpy(dst, s->dst, sizeof dst);
	ip = (k->ip[swapped][0] ^ src[0]) | (k->ip[swapped][1] ^ src[1]) |
	     (k->ip[!swapped][0] ^ dst[0]) | (k->ip[!swapped][1] ^ dst[1]);
	return ip == 0 && k->port[swapped] == s->src_port &&
	       k->port[!swapped] == s->dst_port && k->proto == s->proto &&
	       k->ip_version == s->ip_version;
}

/* Draw the seed of all hashes, so that no peer can choose colliding ports.
 * Before the first hash; any thread, and again at will. */
void flow_key_seed(void);
uint32_t flow_key_hash(const struct flow_key *k); /* any thread */

/* Which conversation a packet belongs to; any thread can tell. One without
 * ports, or whose header is not all there, belongs to none. */
struct flow_mark {
	uint32_t hash; /* of the conversation's key */
	bool known; /* to any at all */
	bool swapped; /* the sender stands second in the key */
};
void flow_mark(
    const struct packet *p, const struct summary *s, struct flow_mark *ret);

struct flow_index {
	struct flow_entry {
		uint32_t hash, slot1; /* slot + 1; 0: empty */
	} * entries;
	uint32_t size, count; /* size: a power of two */
};

/* 0 or -ENOMEM. */
int flow_index_init(struct flow_index *x);
void flow_index_done(struct flow_index *x);

/* The hash will be looked for soon: fetch where that begins. */
static inline void
flow_index_fetch(const struct flow_index *x, uint32_t hash)
{
	__builtin_prefetch(&x->entries[hash & (x->size - 1)]);
}

/*
 * Walk the slots whose key may be the one of this hash: start with *pos =
 * hash; the slot, or UINT32_MAX where there is no more.
 */
static inline uint32_t
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

/* 0 or -ENOMEM, and nothing has changed. */
int flow_index_add(struct flow_index *x, uint32_t hash, uint32_t slot);
/* The slot stands for the key of another one now. */
void flow_index_replace(
    struct flow_index *x, uint32_t hash, uint32_t old, uint32_t slot);
void flow_index_remove(struct flow_index *x, uint32_t hash, uint32_t slot);

#endif
