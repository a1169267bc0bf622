/*
 * net/base/sequence.h - what became of numbered messages on their way.
 *
 * A sender counts its messages modulo 2^32; from the numbers that arrive
 * follows which ones are lost, came twice or came late. A number that is far
 * from the others is refused, since a single forged one must not look like a
 * thousand losses; two such numbers in a row are a sender that began anew.
 *
 * Owns:   nothing; a value, zero at first.  Thread: one at a time.
 * Blocks: never.
 * Source: RFC 3550 A.1 (far numbers), RFC 6479 (window), RFC 1982 (order).
 */
#ifndef SOCKDECK_NET_BASE_SEQUENCE_H
#define SOCKDECK_NET_BASE_SEQUENCE_H

#include <stdbool.h>
#include <stdint.h>

#define SEQUENCE_WINDOW 64 /* how late a number may come */
#define SEQUENCE_AHEAD 1024 /* how many may be missing in a row */

enum sequence_verdict {
	SEQUENCE_NEXT, /* the highest so far */
	SEQUENCE_LATE, /* one that was missing: reordered on the way */
	SEQUENCE_AGAIN, /* a duplicate */
	SEQUENCE_FAR, /* refused */
};

struct sequence {
	bool begun;
	bool doubt; /* a far number came: `expected` would confirm it */
	uint32_t highest, expected;
	uint64_t window; /* bit i: highest - i has come */
	/* Those missing now: a late one is not lost any more. */
	uint64_t lost;
	uint64_t duplicated, reordered, far;
};

enum sequence_verdict sequence_feed(struct sequence *s, uint32_t number);

#endif
