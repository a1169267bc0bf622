/*
 * capture/store.h - the packets, by id, within a budget of bytes.
 *
 * A frame is a packet and what the engine found out about it. When the budget
 * is used up the oldest frames leave; every holder of an id copes with NULL.
 *
 * Owns:   frames and packet bytes, copied in.
 * Bounds: the budget given to store_new(), bytes and records together.
 * Thread: main.  Blocks: never.
 */
#ifndef SOCKDECK_CAPTURE_STORE_H
#define SOCKDECK_CAPTURE_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "capture/summary.h"
#include "net/base/packet.h"

/* What a packet was sent for: each is booked under one purpose. */
#define PURPOSES(X)                         \
	X(HANDSHAKE, "handshake")           \
	X(DATA, "data")                     \
	X(ACK, "pure ACK")                  \
	X(RETRANSMISSION, "retransmission") \
	X(TEARDOWN, "teardown")             \
	X(OTHER, "other")

enum purpose {
#define X(name, text) PURPOSE_##name,
	PURPOSES(X)
#undef X
	    PURPOSE_COUNT
};
const char *purpose_name(enum purpose p);

/* Directions of a conversation: the client opened it. */
enum { DIR_CLIENT, DIR_SERVER }; /* who sent it */

struct frame {
	uint64_t id; /* 1 for the first packet of the capture */
	struct packet packet;
	struct summary sum;
	/* by capture/flow.h: */
	uint32_t flow; /* 0: belongs to no conversation */
	uint8_t dir; /* DIR_CLIENT: sent by the client */
	uint8_t purpose; /* enum purpose */
	uint8_t state[2]; /* enum tcp_state of client, server, after it */
	uint64_t prev_in_flow; /* the conversation's frame before; 0: none */
	uint64_t rel_seq, rel_ack; /* as Wireshark counts: SYN is 0 */
	uint32_t window; /* scaled */
	/* Stream bytes [data_from, data_to) carried, of direction dir. */
	uint64_t data_from, data_to;
	/* Bytes of the other direction that it is the first to acknowledge. */
	uint64_t acked_from, acked_to;
};

struct store;

struct store *store_new(size_t budget);
void store_free(struct store *s);
/* Copies the packet; the new frame is summarised and belongs to no flow yet.
 * Valid until the next store_add(). NULL: larger than the whole budget. */
struct frame *store_add(struct store *s, const struct packet *p);
/* NULL: never was or has left. Borrowed until the next store_add(). */
const struct frame *store_get(const struct store *s, uint64_t id);
/* Frames held: ids [first, next). */
uint64_t store_first(const struct store *s);
uint64_t store_next(const struct store *s);
size_t store_bytes(const struct store *s); /* of the budget, in use */
size_t store_budget(const struct store *s);

#endif
