/*
 * capture/store.h - the packets, by id, within a budget of bytes.
 *
 * A frame is a packet and what the engine found out about it. Kept of it are
 * STORE_RECORD_BYTES beside the packet's bytes: what cannot be read from those
 * again. So a frame is made anew, by value, each time it is looked at.
 *
 * One that the wire lost is a frame like any other: packet.fate says so, and
 * frame_is_lost(); its receiver does not know of it.
 *
 * When the budget is used up the oldest frames leave; every holder of an id
 * copes with a frame that is not there. Packets of a mapped file stay where
 * they are and do not leave, unless only the newest are asked for; where the
 * file was cut since, they are cut.
 *
 * Owns:   records; packet bytes, copied in, or a share in the mapping.
 * Bounds: the budget given to store_new(), bytes and records together; of a
 *         mapped file STORE_RECORD_BYTES a packet that is kept.
 * Thread: main. Who reads a mapped file makes pages ready for the records of its
 *         packets: capture/prefault.h.
 * Blocks: never, but for a moment of that where the records move or go.
 */
#ifndef SOCKDECK_CAPTURE_STORE_H
#define SOCKDECK_CAPTURE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/mapping.h"
#include "capture/summary.h"
#include "capture/tcp_analysis.h"
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
	struct packet
	    packet; /* its bytes: borrowed until the next store_add() */
	struct summary sum;
	/* by capture/flow.h: */
	uint32_t flow; /* 0: belongs to no conversation */
	uint32_t verdicts; /* enum tcp_verdict, or-ed */
	uint8_t dir; /* DIR_CLIENT: sent by the client */
	uint8_t purpose; /* enum purpose */
	uint8_t state[2]; /* enum tcp_state of client, server, after it */
	uint8_t window_shift; /* see frame_window() */
	/* For store.c, link type, interface and fate; only while it is fed. */
	uint8_t link;
	uint64_t prev_in_flow; /* the conversation's frame before; 0: none */
	/* As Wireshark counts: SYN is 0. Kept modulo 2^44. */
	uint64_t rel_seq, rel_ack;
	/*
	 * Stream bytes [data_from, data_to) of direction dir. While the frame
	 * is fed: those that it was first to carry, or repeats. Later: all that
	 * it carries, but none where it is a probe.
	 */
	uint64_t data_from, data_to;
	/* Only while it is fed; not kept. Bytes of the other direction that it
	 * is the first to acknowledge. */
	uint64_t acked_from, acked_to;
	struct tcp_findings found; /* TCP: only while it is fed; not kept */
};

static inline bool
frame_is_lost(const struct frame *f)
{
	return fate_is_lost(f->packet.fate);
}

/* The window that it announces, in bytes; unscaled where its conversation does
 * not say the scale. */
static inline uint32_t
frame_window(const struct frame *f)
{
	return (uint32_t)f->sum.window << f->window_shift;
}

/* What is known of a frame without looking at its bytes. */
struct record {
	int64_t ts_ns;
	uint32_t place_lo; /* of its bytes, for store.c */
	uint16_t place_hi;
	uint8_t tcp_flags;
	uint8_t states; /* client's, server's << 4 */
	uint32_t cap_len : 20, seq_hi : 12;
	uint32_t wire_len;
	uint32_t flow, verdicts;
	uint32_t back; /* ids back to the conversation's frame before; 0 */
	uint32_t seq_lo, ack_lo;
	/* shift: window_shift; of RFCOMM its fcs_len */
	uint32_t ack_hi : 12, dir : 1, purpose : 3, shift : 4, link : 6,
	    status : 2, proto : 4;
};

static inline uint8_t
record_state(const struct record *r, int end)
{
	return end == DIR_CLIENT ? r->states & 15 : r->states >> 4;
}

/* The conversation's frame before the one with this id; 0: none. */
static inline uint64_t
record_before(const struct record *r, uint64_t id)
{
	return r->back != 0 ? id - r->back : 0;
}

static inline uint64_t
record_ack(const struct record *r)
{
	return (uint64_t)r->ack_hi << 32 | r->ack_lo;
}

#define STORE_RECORD_BYTES 48
_Static_assert(sizeof(struct record) == STORE_RECORD_BYTES, "as promised");

struct store;

struct store *store_new(size_t budget);
void store_free(struct store *s);
/* Of a mapped file keep only so many frames, a power of two, the newest: for
 * who looks at each once. Before the first packet. */
void store_keep_newest(struct store *s, size_t frames);
/* Copies the packet; *ret belongs to no flow yet. sum: of the packet. False:
 * larger than the whole budget. */
bool store_add(struct store *s, const struct packet *p,
    const struct summary *sum, struct frame *ret);
/*
 * The same for a packet whose bytes are in a mapping, and stay there; only
 * store_keep() makes it one to be had. False: no memory, or the store holds
 * others.
 */
bool store_add_mapped(struct store *s, struct mapping *home,
    const struct packet *p, const struct summary *sum, struct frame *ret);
/* More are expected, and none is there: see prefault_help(). */
bool store_help(struct store *s);
/* Keep what was found out about the frame that was added last. */
void store_keep(struct store *s, const struct frame *f);
/* An end's state (enum tcp_state) after a frame that is kept, found out later. */
void store_amend_state(struct store *s, uint64_t id, int end, uint8_t state);
/* False: never was or has left, *ret is as it was. */
bool store_get(const struct store *s, uint64_t id, struct frame *ret);
/* The same, of what was captured only. */
bool store_packet(const struct store *s, uint64_t id, struct packet *ret);
/* NULL: never was or has left. Borrowed until the next store_add(). */
const struct record *store_record(const struct store *s, uint64_t id);
/* enum packet_fate, without looking at the packet; FATE_NONE: has left. */
unsigned store_fate(const struct store *s, uint64_t id);
/* Frames held: ids [first, next). */
uint64_t store_first(const struct store *s);
uint64_t store_next(const struct store *s);
/* In use, of the budget; of a mapped file the records. */
size_t store_bytes(const struct store *s);
size_t store_budget(const struct store *s);

#endif
