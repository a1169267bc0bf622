#include "net/base/bytes.h"

#include <string.h>

#include "net/base/inline.h"

struct rd
rd_init(const void *data, size_t captured, size_t wire_len)
{
	const uint8_t *p = data;

	return (struct rd){
	    .base = p,
	    .p = p,
	    .end = p + captured,
	    .uncaptured = wire_len > captured ? wire_len - captured : 0,
	    .state = RD_OK,
	};
}

void
rd_copy(struct rd *r, void *dst, size_t n)
{
	const uint8_t *p = rd_bytes(r, n);

	if (p != NULL)
		memcpy(dst, p, n);
	else
		memset(dst, 0, n);
}

void
rd_skip(struct rd *r, size_t n)
{
	(void)rd_bytes(r, n);
}

struct rd
rd_sub(struct rd *r, size_t n)
{
	struct rd child = *r;
	size_t left = rd_left(r);

	if (r->state != RD_OK)
		return child;
	if (n > rd_wire_left(r)) {
		r->state = child.state = RD_MALFORMED;
	} else if (n <= left) {
		child.end = r->p + n;
		child.uncaptured = 0;
		r->p += n;
	} else {
		child.uncaptured = n - left;
		r->p = r->end;
		r->uncaptured -= n - left;
	}
	return child;
}

/* Inline: of a known n, these are no loops. */
INLINE uint64_t
read_be(struct rd *r, size_t n)
{
	const uint8_t *p = rd_bytes(r, n);
	uint64_t v = 0;

	for (size_t i = 0; p != NULL && i < n; i++)
		v = v << 8 | p[i];
	return v;
}

INLINE uint64_t
read_le(struct rd *r, size_t n)
{
	const uint8_t *p = rd_bytes(r, n);
	uint64_t v = 0;

	for (size_t i = n; p != NULL && i > 0; i--)
		v = v << 8 | p[i - 1];
	return v;
}

uint16_t
rd_be16(struct rd *r)
{
	return (uint16_t)read_be(r, 2);
}

uint32_t
rd_be32(struct rd *r)
{
	return (uint32_t)read_be(r, 4);
}

uint64_t
rd_be64(struct rd *r)
{
	return read_be(r, 8);
}

uint16_t
rd_le16(struct rd *r)
{
	return (uint16_t)read_le(r, 2);
}

uint32_t
rd_le32(struct rd *r)
{
	return (uint32_t)read_le(r, 4);
}

uint64_t
rd_le64(struct rd *r)
{
	return read_le(r, 8);
}

struct wr
wr_init(void *data, size_t size)
{
	uint8_t *p = data;

	return (struct wr){.base = p, .p = p, .end = p + size};
}

static void
write_be(struct wr *w, uint64_t v, size_t n)
{
	uint8_t b[8];

	for (size_t i = n; i > 0; i--, v >>= 8)
		b[i - 1] = (uint8_t)v;
	wr_bytes(w, b, n);
}

static void
write_le(struct wr *w, uint64_t v, size_t n)
{
	uint8_t b[8];

	for (size_t i = 0; i < n; i++, v >>= 8)
		b[i] = (uint8_t)v;
	wr_bytes(w, b, n);
}

void
wr_be16(struct wr *w, uint16_t v)
{
	write_be(w, v, 2);
}

void
wr_be32(struct wr *w, uint32_t v)
{
	write_be(w, v, 4);
}

void
wr_be64(struct wr *w, uint64_t v)
{
	write_be(w, v, 8);
}

void
wr_le16(struct wr *w, uint16_t v)
{
	write_le(w, v, 2);
}

void
wr_le32(struct wr *w, uint32_t v)
{
	write_le(w, v, 4);
}

void
wr_le64(struct wr *w, uint64_t v)
{
	write_le(w, v, 8);
}
