/*
 * capture/flow_slots.h - the memory of the conversations: slots, by key and by
 * id, and what leaves when there is no more room (for flow.c).
 *
 * Owns:   the slots and what hangs on them.  Thread: main.  Blocks: never.
 */
#ifndef SOCKDECK_CAPTURE_FLOW_SLOTS_H
#define SOCKDECK_CAPTURE_FLOW_SLOTS_H

#include "capture/flow.h"
#include "capture/flow_frag.h"
#include "capture/flow_tcp.h"
#include "capture/hci_track.h"
#include "net/base/map.h"

#define FLOW_PIECE 256 /* slots whose pages are touched at a time */
/* Connections that are over and still are analysed: a late repeat is known for
 * one. Those before give what only the analysis needs to new ones. */
#define FLOW_OVER_MAX 1024

struct slot {
	struct flow flow;
	struct tcp_conn *tcp; /* NULL: none yet, or given to another */
	uint32_t hash; /* of the key */
	bool indexed; /* it is the newest of its key */
	bool seen_again; /* since the hand passed */
};

/*
 * Invariants: slots [0, used) were taken once, and never move. Until the first
 * conversation leaves, id n has slot n - 1; only then by_id is made.
 */
struct flow_table {
	struct slot *slots; /* room for max */
	uint32_t used, max;
	uint32_t hand; /* the next slot to be asked to leave */
	struct flow_index index; /* newest slot by key */
	struct map *by_id; /* NULL: slot id - 1 */
	struct tcp_conn *conns; /* room for max */
	uint32_t conns_used; /* these were taken once */
	struct tcp_conn *spare; /* of those, in no slot */
	/* a ring of those that are over, the first at over_at */
	struct over {
		uint32_t slot, id;
	} over[FLOW_OVER_MAX];
	uint32_t over_at;
	struct tcp_pool *pool;
	struct frags frags;
	struct hci_track *hci; /* NULL: nothing of Bluetooth was seen */
	uint32_t first_id, next_id;
	uint32_t next_stream[3]; /* of TCP, of UDP, of RFCOMM */
	uint32_t evicted;
};

static inline struct slot *
slot_at(const struct flow_table *ft, uint32_t i)
{
	return &ft->slots[i];
}

/* A slot for one more conversation; UINT32_MAX: no memory to let one leave. */
uint32_t slot_take(struct flow_table *ft);
/* The newest slot of the key; UINT32_MAX: none. */
uint32_t slot_find(
    const struct flow_table *ft, uint32_t hash, const struct flow_key *key);
/* Make the slot, of this id, the newest of its key. False: no memory. */
bool slot_enter(struct flow_table *ft, uint32_t i, uint32_t id);
/* What only the analysis of TCP needs. */
void slot_give_tcp(struct flow_table *ft, struct slot *s);
void slot_release_tcp(struct flow_table *ft, struct slot *s);
/* A connection is over, as of now; the one that was over first is not analysed
 * any more, if it still is over. */
void slot_note_over(struct flow_table *ft, uint32_t slot);

#endif
