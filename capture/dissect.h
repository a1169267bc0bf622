/*
 * capture/dissect.h - one packet as a tree of fields.
 *
 * Made only for the packet that someone looks at, and for `--fields`. Each
 * field knows where its bytes are, what Wireshark calls it, its value as
 * tshark -T fields prints it, a remark for a reader, and where it is defined.
 * Dissection never prints and never stops at the first trouble: what could be
 * read is there, and the field where the packet ended is marked.
 *
 * Owns:   the tree's fields.  Thread: any.  Blocks: never.
 */
#ifndef SOCKDECK_CAPTURE_DISSECT_H
#define SOCKDECK_CAPTURE_DISSECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/base/bytes.h"
#include "net/base/packet.h"

#define FIELD_VALUE_MAX 80
#define FIELD_REMARK_MAX 120

struct field {
	uint32_t off, len; /* in the packet; len 0: generated, no bytes */
	/* 0: a protocol; 1: its fields; 2: bits, options; 3: an option's
	 * fields. One more within the packet that an ICMP error quotes. */
	uint8_t depth;
	uint8_t trouble; /* enum rd_state: the packet ended here, and how */
	uint8_t bit_mask; /* of a one-byte flags field; 0: the whole bytes */
	/* "ip.ttl"; NULL where Wireshark has no name or nothing could be read */
	const char *key;
	const char *name; /* "Time to live" */
	const char *ref; /* "RFC 791 s3.1"; NULL: none */
	const char *help; /* what it is for, one sentence; NULL: none */
	/* as tshark -T fields prints it; longer bytes end in "..." */
	char value[FIELD_VALUE_MAX];
	char remark[FIELD_REMARK_MAX]; /* "PSH, ACK", "relative 1"; may be "" */
};

struct tree {
	struct field *fields;
	size_t count, cap;
};

/* What a packet alone does not say; all zero if nobody knows. */
struct dissect_context {
	uint64_t number; /* frame.number */
	int64_t first_ns; /* time of the capture's first packet */
	int64_t previous_ns; /* of the packet before; 0 for the first */
	uint32_t seq_base, ack_base; /* subtract for relative numbers */
	int window_shift; /* scale of this direction; -1: unknown */
	uint32_t stream; /* tcp.stream, udp.stream */
	bool local; /* captured on this machine: offload is likely */
};

void tree_init(struct tree *t);
void tree_done(struct tree *t);
/* Replaces the tree's content. */
void dissect(
    const struct packet *p, const struct dissect_context *ctx, struct tree *t);

/* The first field with that key at or after *from; NULL: none. */
const struct field *tree_find(
    const struct tree *t, const char *key, size_t from);
/* Is this a key that some dissector can produce? */
bool dissect_key_known(const char *key);
/* The known key that resembles this one most, for a typing error. */
const char *dissect_key_near(const char *key);

#endif
