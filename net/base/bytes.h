/*
 * net/base/bytes.h - bounds-checked reading and writing of wire bytes.
 *
 * A reader is a small value over borrowed memory. Its error sticks: after the
 * first failed read every further one returns 0 or NULL, so a parser checks
 * once at the end. Two ways of running out are told apart:
 *   RD_TRUNCATED  the packet was longer on the wire, the capture was cut
 *   RD_MALFORMED  the wire itself had no more bytes: the sender is wrong
 *
 * What is read a byte at a time in hot loops is inline here.
 *
 * Owns:   nothing.  Thread: any.  Blocks: never.
 */
#ifndef SOCKDECK_NET_BASE_BYTES_H
#define SOCKDECK_NET_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum rd_state { RD_OK, RD_TRUNCATED, RD_MALFORMED };

struct rd {
	const uint8_t *base; /* first byte, for offsets */
	const uint8_t *p; /* next byte */
	const uint8_t *end; /* one past the last captured byte */
	size_t uncaptured; /* bytes that were on the wire after end */
	enum rd_state state;
};

/* A reader of captured bytes of a packet that had wire_len bytes. */
struct rd rd_init(const void *data, size_t captured, size_t wire_len);

/* Captured bytes left; 0 once not RD_OK. */
static inline size_t
rd_left(const struct rd *r)
{
	return r->state == RD_OK ? (size_t)(r->end - r->p) : 0;
}

/* Bytes left as they were on the wire; 0 once not RD_OK. */
static inline size_t
rd_wire_left(const struct rd *r)
{
	return r->state == RD_OK ? rd_left(r) + r->uncaptured : 0;
}

/* Offset of the next byte from the base. */
static inline size_t
rd_off(const struct rd *r)
{
	return (size_t)(r->p - r->base);
}

/* n bytes, borrowed from the reader's memory; NULL once not RD_OK. */
static inline const uint8_t *
rd_bytes(struct rd *r, size_t n)
{
	const uint8_t *p = r->p;

	if (r->state != RD_OK)
		return NULL;
	if (n > rd_left(r)) {
		r->state = n > rd_wire_left(r) ? RD_MALFORMED : RD_TRUNCATED;
		return NULL;
	}
	r->p += n;
	return p;
}

static inline uint8_t
rd_u8(struct rd *r)
{
	const uint8_t *p = rd_bytes(r, 1);

	return p != NULL ? *p : 0;
}

uint16_t rd_be16(struct rd *r);
uint32_t rd_be32(struct rd *r);
uint64_t rd_be64(struct rd *r);
uint16_t rd_le16(struct rd *r);
uint32_t rd_le32(struct rd *r);
uint64_t rd_le64(struct rd *r);

/* Copy n bytes to dst; zeroes dst when they are not there. */
void rd_copy(struct rd *r, void *dst, size_t n);
void rd_skip(struct rd *r, size_t n);

/*
 * A child reader of the next n wire bytes, of which some may be uncaptured;
 * r skips them. More than the wire held: both become RD_MALFORMED.
 * The child keeps r's base, so that offsets stay those of the packet.
 */
struct rd rd_sub(struct rd *r, size_t n);

/* A writer into memory of a fixed size; its error sticks too. */
struct wr {
	uint8_t *base, *p, *end;
	bool full; /* something did not fit; nothing was written past end */
};

struct wr wr_init(void *data, size_t size);

static inline size_t
wr_len(const struct wr *w)
{
	return (size_t)(w->p - w->base);
}

static inline void
wr_bytes(struct wr *w, const void *data, size_t n)
{
	if (w->full || n > (size_t)(w->end - w->p)) {
		w->full = true;
		return;
	}
	if (n > 0)
		memcpy(w->p, data, n);
	w->p += n;
}

/* Where the next n bytes go; NULL, and full, where they do not fit. */
static inline void *
wr_room(struct wr *w, size_t n)
{
	w->full = w->full || n > (size_t)(w->end - w->p);
	return w->full ? NULL : w->p;
}

/* Go on behind n bytes that are there already; n at most what wr_room() gave. */
static inline void
wr_skip(struct wr *w, size_t n)
{
	w->p += n;
}

static inline void
wr_u8(struct wr *w, uint8_t v)
{
	wr_bytes(w, &v, 1);
}

void wr_be16(struct wr *w, uint16_t v);
void wr_be32(struct wr *w, uint32_t v);
void wr_be64(struct wr *w, uint64_t v);
void wr_le16(struct wr *w, uint16_t v);
void wr_le32(struct wr *w, uint32_t v);
void wr_le64(struct wr *w, uint64_t v);

#endif
