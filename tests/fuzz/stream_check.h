/*
 * tests/fuzz/stream_check.h - any order of segments and fragments, reassembled.
 *
 * Input: the port, then packets of five bytes and their data: kind and
 * direction, place in the stream or datagram (16 bits), flags, length. What is
 * said on one of the ports has a format of records.
 */
#ifndef SOCKDECK_TESTS_FUZZ_STREAM_CHECK_H
#define SOCKDECK_TESTS_FUZZ_STREAM_CHECK_H

#include "capture/capture.h"
#include "capture/stream.h"
#include "net/pystruct.h"
#include "tests/fuzz/dissect_check.h"

#define STREAM_PACKETS 160 /* more than wait behind a gap */
#define RECORDS_PORT 7000 /* that no known protocol speaks */

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

static inline const struct record_formats *
stream_records(void)
{
	static struct pystruct request, answer;
	static struct record_formats formats;

	if (formats.port == 0) {
		CHECK(pystruct_compile(&request, "@Bh3sxd?", NULL) == 0);
		CHECK(pystruct_compile(&answer, ">4pI2xqf", NULL) == 0);
		formats =
		    (struct record_formats){RECORDS_PORT, &request, &answer};
	}
	return &formats;
}

static inline void
look_at(struct capture *c, uint64_t id, struct tree *t)
{
	struct dissect_context ctx;
	struct whole added;
	struct frame f;
	char line[40];
	size_t n;

	if (!store_get(capture_store(c), id, &f))
		return;
	/* what the analysis said is not made again: why_check.h is about that */
	ctx = capture_context_near(c, &f, 0);
	ctx.records = stream_records();
	CHECK(ctx.stream_before + ctx.stream_own <= ctx.stream_bytes.len);
	dissect(&f.packet, &ctx, t);
	for (size_t i = 0; i < t->count; i++)
		check_field(&f.packet, t, &t->fields[i]);
	if (f.sum.payload_cap > 0) {
		struct rd r = rd_init(f.packet.data + f.sum.payload_off,
		    f.sum.payload_cap, f.sum.payload_len);

		n = dissect_record_info(ctx.records, f.sum.src_port,
		    f.sum.dst_port, r, line, sizeof line);
		CHECK(n < sizeof line);
	}
	if (capture_new_bytes(c, id, &added))
		CHECK(added.len > 0 && added.len <= ctx.stream_bytes.len);
}

/* Stretches lie in order, and what can be read is what they and the gaps say. */
static inline void
check_direction(const struct stream *s, const struct store *store, int dir)
{
	uint64_t at = stream_begin(s, dir), end = stream_end(s, dir);
	uint64_t missing = 0;
	uint8_t byte;

	CHECK(at <= end);
	for (size_t i = 0; i < stream_stretches(s, dir); i++) {
		struct stretch x = stream_stretch(s, dir, i);

		CHECK(x.from >= at && x.to > x.from && x.to <= end);
		CHECK(stream_stretch_at(s, dir, x.from) == i);
		missing += x.from - at;
		if (x.from > at)
			CHECK(stream_read(s, store, dir, at, &byte, 1) == 0);
		stream_read(s, store, dir, x.from, &byte, 1);
		at = x.to;
	}
	CHECK(missing + (end - at) == stream_missing(s, dir));
}

static inline uint64_t
booked(const struct ledger *l, uint32_t flow, int dir)
{
	struct cost sum = {0};

	for (int p = 0; p < PURPOSE_COUNT; p++) {
		struct cost one = ledger_flow(l, flow, dir, (enum purpose)p);

		cost_add(&sum, &one);
	}
	return cost_bytes(&sum);
}

/* No byte of the stream is covered twice, and none costs more than was sent. */
static inline void
check_costs(const struct ledger *l, const struct flow *f)
{
	for (int dir = 0; dir < 2; dir++) {
		uint64_t sent = f->end[dir].sent_to;
		struct range_cost r;

		if (!ledger_range(l, f->id, dir, 0, sent, &r))
			continue;
		CHECK(r.covered <= sent);
		CHECK(cost_bytes(&r.data) + cost_bytes(&r.retransmissions) <=
		      booked(l, f->id, dir));
		CHECK(cost_bytes(&r.acks) <= booked(l, f->id, !dir));
	}
}

/* The conversation as a view of it reads on, some packets at a time. */
static inline void
check_conversation(struct capture *c, const struct flow *f)
{
	struct stream *s = stream_new();

	CHECK(s != NULL);
	while (stream_follow(s, capture_store(c), f, 7))
		continue;
	CHECK(f == NULL || stream_progress(s) == 100);
	for (int dir = 0; dir < 2; dir++)
		check_direction(s, capture_store(c), dir);
	if (f != NULL)
		check_costs(capture_ledger(c), f);
	stream_free(s);
}

static inline void
check_stream(const uint8_t *data, size_t n)
{
	static const uint16_t ports[] = {53, 80, 443, RECORDS_PORT};
	struct capture *c = capture_new(1024 * 1024);
	struct rd r = rd_init(data, n, n);
	uint16_t port = ports[rd_u8(&r) % 4];
	struct tree t;
	uint64_t count = 0;

	CHECK(c != NULL);
	tree_init(&t);
	while (rd_left(&r) >= 5 && count < STREAM_PACKETS) {
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
	for (uint64_t id = 1; id <= count; id += 5) /* from the beginning */
		look_at(c, id, &t);
	for (uint32_t id = 1; id < flow_next(capture_flows(c)); id++)
		check_conversation(c, flow_get(capture_flows(c), id));
	tree_done(&t);
	capture_free(c);
}

#endif
