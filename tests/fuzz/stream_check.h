/*
 * tests/fuzz/stream_check.h - any order of segments and fragments, reassembled.
 *
 * Input: the port, then packets of five bytes and their data: kind and
 * direction, place in the stream or datagram (16 bits), flags, length.
 */
#ifndef SOCKDECK_TESTS_FUZZ_STREAM_CHECK_H
#define SOCKDECK_TESTS_FUZZ_STREAM_CHECK_H

#include "capture/capture.h"
#include "tests/fuzz/dissect_check.h"

static inline void
stream_headers(struct wr *w, uint8_t kind, uint16_t place, uint8_t flags,
    uint16_t port, size_t len)
{
	bool back = (kind & 1) != 0, fragment = (kind & 2) != 0;
	size_t total = 20 + len + (fragment ? 0 : 20);

	wr_be32(w, 0x45000000 | (uint32_t)total);
	wr_be16(w, 7);
	wr_be16(
	    w, fragment ? (uint16_t)((flags & 1) << 13 | (place & 0x1fff)) : 0);
	wr_be32(w, fragment ? 0x40110000 : 0x40060000);
	wr_be32(w, back ? 0x0a000002 : 0x0a000001);
	wr_be32(w, back ? 0x0a000001 : 0x0a000002);
	if (fragment)
		return;
	wr_be16(w, back ? port : 40000);
	wr_be16(w, back ? 40000 : port);
	wr_be32(w, UINT32_C(0xffffff00) + place);
	wr_be32(w, UINT32_C(0xffffff00) + (kind >> 2) * 64u);
	wr_be32(w, 0x50000000 | (uint32_t)flags << 16 | 1000);
	wr_be32(w, 0);
}

static inline void
look_at(struct capture *c, uint64_t id, struct tree *t)
{
	struct dissect_context ctx;
	struct frame f;

	if (!store_get(capture_store(c), id, &f))
		return;
	ctx = capture_context(c, &f);
	CHECK(ctx.stream_before + ctx.stream_own <= ctx.stream_bytes.len);
	dissect(&f.packet, &ctx, t);
	for (size_t i = 0; i < t->count; i++)
		check_field(&f.packet, t, &t->fields[i]);
}

static inline void
check_stream(const uint8_t *data, size_t n)
{
	static const uint16_t ports[] = {53, 80, 443, 7000};
	struct capture *c = capture_new(1024 * 1024);
	struct rd r = rd_init(data, n, n);
	uint16_t port = ports[rd_u8(&r) % 4];
	struct tree t;
	uint64_t count = 0;

	CHECK(c != NULL);
	tree_init(&t);
	while (rd_left(&r) >= 5 && count < 256) {
		uint8_t bytes[40 + 255];
		struct wr w = wr_init(bytes, sizeof bytes);
		uint8_t kind = rd_u8(&r);
		uint16_t place = rd_be16(&r);
		uint8_t flags = rd_u8(&r);
		size_t len = rd_u8(&r);
		struct packet p = {
		    .ts_ns = (int64_t)++count, .link_type = LINK_RAW};
		struct frame f;

		if (len > rd_left(&r))
			len = rd_left(&r);
		stream_headers(&w, kind, place, flags, port, len);
		wr_bytes(&w, rd_bytes(&r, len), len);
		p.data = bytes;
		p.cap_len = p.wire_len = (uint32_t)wr_len(&w);
		if (kind >= 0xf0 && p.cap_len > 50)
			p.cap_len -= 10;
		capture_feed_one(c, &p, &f);
		if (kind < 0x80)
			look_at(c, count, &t);
		else if (kind < 0xc0)
			look_at(c, 1 + place % count, &t);
	}
	for (uint64_t id = 1; id <= count; id++)
		look_at(c, id, &t);
	tree_done(&t);
	capture_free(c);
}

#endif
