#include "net/proto/thermal.h"

#include <math.h>

#define ALL_BLOCKS ((1U << THERMAL_BLOCKS) - 1)

int16_t
thermal_centi(double celsius)
{
	double c = celsius * 100;

	if (isnan(c))
		return 0;
	if (c > THERMAL_CENTI_MAX)
		return THERMAL_CENTI_MAX;
	if (c < -THERMAL_CENTI_MAX)
		return -THERMAL_CENTI_MAX;
	return (int16_t)lround(c);
}

void
thermal_put_block(struct wr *w, const struct thermal_frame *f, unsigned block)
{
	unsigned first = block * THERMAL_BLOCK_W;

	for (unsigned x = first; x < first + THERMAL_BLOCK_W; x++) {
		for (unsigned y = 0; y < THERMAL_H; y++) {
			int16_t c = f->centi[THERMAL_H - 1 - y][x];

			if (c < -THERMAL_CENTI_MAX)
				c = -THERMAL_CENTI_MAX;
			wr_le16(w, (uint16_t)c);
		}
	}
}

void
thermal_put(struct wr *w, const struct thermal_frame *f)
{
	for (unsigned b = 0; b < THERMAL_BLOCKS; b++)
		thermal_put_block(w, f, b);
}

bool
thermal_get_block(struct rd *r, unsigned block, struct thermal_frame *ret)
{
	struct rd bytes = rd_sub(r, THERMAL_BLOCK_LEN);
	unsigned first = block * THERMAL_BLOCK_W;

	if (rd_left(&bytes) < THERMAL_BLOCK_LEN || block >= THERMAL_BLOCKS)
		return false;
	for (unsigned x = first; x < first + THERMAL_BLOCK_W; x++)
		for (unsigned y = 0; y < THERMAL_H; y++)
			ret->centi[THERMAL_H - 1 - y][x] =
			    (int16_t)rd_le16(&bytes);
	return true;
}

bool
thermal_get(struct rd *r, struct thermal_frame *ret)
{
	struct rd bytes = rd_sub(r, THERMAL_FRAME_LEN);

	if (rd_left(&bytes) < THERMAL_FRAME_LEN)
		return false;
	for (unsigned b = 0; b < THERMAL_BLOCKS; b++)
		thermal_get_block(&bytes, b, ret);
	return true;
}

/* ---- the stream ---- */

void
thermal_reader_init(struct thermal_reader *r)
{
	r->len = 0;
	r->pieces = 0;
}

size_t
thermal_reader_feed(struct thermal_reader *r, const uint8_t *data, size_t n,
    struct thermal_frame *ret, bool *ret_whole)
{
	size_t room = THERMAL_FRAME_LEN - r->len;
	struct rd whole;

	*ret_whole = false;
	if (n > room)
		n = room;
	if (n == 0)
		return 0;
	memcpy(r->data + r->len, data, n);
	r->len += n;
	r->pieces++;
	if (r->len < THERMAL_FRAME_LEN)
		return n;
	whole = rd_init(r->data, r->len, r->len);
	*ret_whole = thermal_get(&whole, ret);
	thermal_reader_init(r);
	return n;
}

/* ---- datagrams ---- */

void
thermal_put_datagram(struct wr *w, uint32_t number, unsigned block,
    const struct thermal_frame *f)
{
	wr_be32(w, number);
	wr_be16(w, (uint16_t)block);
	thermal_put_block(w, f, block);
}

void
thermal_join_init(struct thermal_join *j)
{
	*j = (struct thermal_join){.have = 0};
}

bool
thermal_join_torn(const struct thermal_join *j)
{
	return j->have != 0 && j->have != ALL_BLOCKS;
}

/* A newer frame begins: what became of the one before, and of those between? */
static void
begin(struct thermal_join *j, uint32_t number)
{
	if (thermal_join_torn(j))
		j->torn++;
	if (j->have != 0)
		j->missed += number - j->number - 1;
	j->number = number;
	j->have = 0;
}

enum thermal_part
thermal_join_feed(struct thermal_join *j, const uint8_t *data, size_t n)
{
	struct rd r = rd_init(data, n, n);
	uint32_t number = rd_be32(&r);
	unsigned block = rd_be16(&r);

	if (n != THERMAL_DATAGRAM_LEN || block >= THERMAL_BLOCKS) {
		j->bad++;
		return THERMAL_BAD;
	}
	if ((j->have != 0 && (int32_t)(number - j->number) < 0) ||
	    (number == j->number && (j->have >> block & 1) != 0)) {
		j->stale++;
		return THERMAL_STALE;
	}
	if (number != j->number || j->have == 0)
		begin(j, number);
	thermal_get_block(&r, block, &j->frame);
	j->have |= 1U << block;
	if (j->have != ALL_BLOCKS)
		return THERMAL_PART;
	j->whole++;
	return THERMAL_WHOLE;
}
