/*
 * capture/flow_frag.h - TCP segments and datagrams that IP cut into fragments.
 *
 * A segment can be judged when all of it has come. Until then its header waits
 * here; the bytes are not needed and not kept. A datagram's fragments stand each
 * for the bytes that it carries; only the first says whose they are.
 *
 * Owns:   headers, by copy.
 * Bounds: FRAG_PENDING segments, datagrams in FRAG_PIECES pieces; beyond, the oldest are
 *         given up: they are never judged.
 * Thread: main.  Blocks: never.  Source: RFC 791 s3.2, RFC 8200 s4.5.
 */
#ifndef SOCKDECK_CAPTURE_FLOW_FRAG_H
#define SOCKDECK_CAPTURE_FLOW_FRAG_H

#include "capture/store.h"

#define FRAG_PENDING 32
#define FRAG_PIECES 48

struct frag {
	uint8_t src[16], dst[16];
	uint32_t id;
	uint8_t ip_version;
	uint8_t pieces;
	bool used;
	bool has_header;
	uint32_t total; /* bytes of the segment, header too; 0: not known yet */
	struct piece {
		uint32_t from, to;
	} piece[FRAG_PIECES]; /* that came: sorted, disjoint, not adjoining */
	struct summary header;
};

struct frags {
	struct frag pending[FRAG_PENDING];
	unsigned next; /* the one to be given up next */
};

enum frag_state {
	FRAG_NONE, /* not a fragment, or to be taken for what it is */
	FRAG_PART, /* more are to come; *ret is its header, if that came */
	FRAG_LAST, /* *ret is the summary of the whole segment */
	FRAG_OF_DATAGRAM, /* a later one of the datagram with header *ret */
};

/* ret->proto is PROTO_OTHER while the header has not come. */
enum frag_state frag_add(
    struct frags *x, const struct frame *f, struct summary *ret);

#endif
