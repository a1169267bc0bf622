#include "net/rudp_door.h"

#include <assert.h>
#include <string.h>

#include "net/base/clock.h"

#define SLOT_NS (60 * CLOCK_S)

void
rudp_door_init(
    struct rudp_door *door, const uint8_t key[SIPHASH_KEY_LEN], uint32_t window)
{
	*door = (struct rudp_door){.window = (uint16_t)window};
	memcpy(door->key, key, SIPHASH_KEY_LEN);
	door->used[0].slot = door->used[1].slot = -1;
}

/* What the server's id and first number are made of. */
static uint64_t
bake(const struct rudp_door *door, const void *from, size_t from_len,
    const struct rudp_packet *p, int64_t slot)
{
	uint8_t dough[RUDP_DOOR_ADDRESS_MAX + 16];
	struct wr w = wr_init(dough, sizeof dough);
	uint64_t cookie;

	wr_be64(&w, (uint64_t)slot);
	wr_be32(&w, p->own_id);
	wr_be32(&w, p->seq);
	wr_bytes(&w, from, from_len);
	assert(!w.full);
	cookie = siphash(door->key, dough, wr_len(&w));
	/* the id is its upper half, and an id is not 0 */
	return cookie >> 32 != 0 ? cookie : cookie | UINT64_C(1) << 32;
}

static void
reply(struct rudp_door_answer *a, const struct rudp_packet *p)
{
	struct wr w = wr_init(a->reply, sizeof a->reply);

	rudp_encode(&w, p);
	a->reply_len = wr_len(&w);
	a->verdict = RUDP_DOOR_REPLY;
}

/* RESET for a client that finds the door shut. */
static void
refuse(struct rudp_door *door, const struct rudp_packet *p,
    struct rudp_door_answer *a)
{
	door->stats.refused++;
	reply(a, &(struct rudp_packet){
		     .type = RUDP_RESET,
		     .id = p->own_id,
		     .seq = p->ack,
		     .ack = p->seq,
		 });
}

static void
welcome(struct rudp_door *door, const struct rudp_packet *p, uint64_t cookie,
    struct rudp_door_answer *a)
{
	door->stats.welcomed++;
	reply(a, &(struct rudp_packet){
		     .type = RUDP_WELCOME,
		     .id = p->own_id,
		     .own_id = (uint32_t)(cookie >> 32),
		     .seq = (uint32_t)cookie,
		     .ack = p->seq,
		     .window = door->window,
		 });
}

/* Note that a cookie of this slot of time is used now. */
static bool
use(struct rudp_door *door, uint64_t cookie, int64_t slot)
{
	uint32_t i = (uint32_t)(slot & 1);

	if (door->used[i].slot != slot) {
		door->used[i].slot = slot;
		door->used[i].count = 0;
	}
	for (uint32_t k = 0; k < door->used[i].count; k++)
		if (door->used[i].cookies[k] == cookie) {
			door->stats.replayed++;
			return false;
		}
	if (door->used[i].count == RUDP_DOOR_USED) {
		door->stats.crowded++;
		return false;
	}
	door->used[i].cookies[door->used[i].count++] = cookie;
	return true;
}

static void
let_in(struct rudp_door *door, const struct rudp_packet *p, uint64_t cookie,
    int64_t slot, struct rudp_door_answer *a)
{
	if (door->shut) {
		refuse(door, p, a);
		return;
	}
	if (!use(door, cookie, slot))
		return;
	door->stats.opened++;
	a->verdict = RUDP_DOOR_OPEN;
	a->opening = (struct rudp_opening){
	    .local_id = p->id,
	    .local_seq = p->ack,
	    .peer_id = p->own_id,
	    .peer_seq = p->seq,
	    .peer_window = p->window,
	};
}

struct rudp_door_answer
rudp_door_input(struct rudp_door *door, const void *from, size_t from_len,
    const void *data, size_t n, int64_t now_ns)
{
	struct rudp_door_answer a = {.verdict = RUDP_DOOR_IGNORE};
	struct rd r = rd_init(data, n, n);
	int64_t slot = now_ns / SLOT_NS;
	struct rudp_packet p;

	if (rudp_decode(&r, &p) != RUDP_FAULT_FINE) {
		door->stats.malformed++;
		return a;
	}
	if (p.type == RUDP_HELLO) {
		if (door->shut)
			refuse(door, &p, &a);
		else
			welcome(
			    door, &p, bake(door, from, from_len, &p, slot), &a);
		return a;
	}
	if (p.type != RUDP_CONFIRM) {
		door->stats.strangers++;
		return a;
	}
	for (int64_t s = slot; s >= slot - 1; s--) {
		uint64_t cookie = bake(door, from, from_len, &p, s);

		if (cookie == ((uint64_t)p.id << 32 | p.ack)) {
			let_in(door, &p, cookie, s, &a);
			return a;
		}
	}
	door->stats.stale++;
	return a;
}
