/*
 * tests/fuzz/flow_check.h - any bytes as segments between a few endpoints, and
 * what must be true after each, whatever they say.
 */
#ifndef SOCKDECK_TESTS_FLOW_CHECK_H
#define SOCKDECK_TESTS_FLOW_CHECK_H

#include <stdlib.h>
#include <string.h>

#include "capture/flow.h"
#include "net/base/bytes.h"

#define FLOW_CHECK_MAX 6 /* conversations, so that some have to leave */
#define STEP 16 /* bytes of input a segment */

static inline void
must(bool condition)
{
	if (!condition)
		abort();
}

/* A while later, a little earlier, or as far off as a file can say. */
static inline void
flow_check_time(struct packet *p, uint8_t opt, int64_t wait)
{
	bool earlier = opt & 0x40, far = opt & 0x20;

	if (far)
		wait <<= 46;
	else if (!earlier)
		wait *= 100000;
	p->ts_ns += earlier ? -wait : wait;
	if (p->ts_ns > PACKET_TIME_MAX)
		p->ts_ns = PACKET_TIME_MAX;
	if (p->ts_ns < -PACKET_TIME_MAX)
		p->ts_ns = -PACKET_TIME_MAX;
}

/* An IPv4 packet of 20 + 20 + up to 32 bytes of options, payload not there. */
static inline void
flow_check_packet(struct rd *r, uint8_t bytes[128], struct packet *ret)
{
	struct wr w = wr_init(bytes, 128);
	uint8_t pick = rd_u8(r), flags = rd_u8(r), opt = rd_u8(r);
	uint8_t len = rd_u8(r);
	uint16_t seq = rd_be16(r), ack = rd_be16(r), window = rd_be16(r);
	uint16_t frag = rd_be16(r), wait = rd_be16(r), sack = rd_be16(r);
	bool back = pick & 1, sacks = (opt & 3) == 1;
	uint32_t base = pick & 2 ? 0xffffc000 : 0, options = sacks ? 20 : 0;
	uint32_t payload = len < 128 ? len : (len - 128u) * 500u;

	wr_u8(&w, 0x45);
	wr_u8(&w, 0);
	wr_be16(&w, (uint16_t)(40 + options + payload));
	wr_be16(&w, (pick >> 2) & 7);
	wr_be16(&w, opt & 0x80 ? frag & 0x2007 : 0);
	wr_be16(&w, 0x4006);
	wr_be16(&w, 0);
	wr_be32(&w, back ? 2 : 1);
	wr_be32(&w, back ? 1 : 2);
	wr_be16(&w, back ? 7 : 1000 + (pick >> 5));
	wr_be16(&w, back ? 1000 + (pick >> 5) : 7);
	wr_be32(&w, base + seq);
	wr_be32(&w, base + ack);
	wr_u8(&w, (uint8_t)((5 + options / 4) << 4));
	wr_u8(&w, flags);
	wr_be16(&w, window);
	wr_be32(&w, 0);
	if (sacks) {
		wr_be32(&w, 0x01010512);
		for (int i = 0; i < 4; i++)
			wr_be32(&w, base + (uint16_t)(sack * (i + 1)));
	}
	ret->cap_len = (uint32_t)wr_len(&w);
	ret->wire_len = ret->cap_len + payload;
	ret->link_type = LINK_RAW;
	ret->data = bytes;
	flow_check_time(ret, opt, wait);
}

static inline void
flow_check_frame(const struct flow_table *ft, const struct frame *f)
{
	const struct tcp_findings *x = &f->found;
	const struct flow *flow = flow_get(ft, f->flow);

	must(flow_first(ft) <= flow_next(ft));
	must((f->flow == 0) == (flow == NULL));
	if (flow == NULL)
		return;
	must(flow->id == f->flow && flow->last_frame == f->id);
	must(f->prev_in_flow < f->id && flow->first_frame <= f->id);
	must(f->data_from <= f->data_to && f->acked_from <= f->acked_to);
	must(x->acks_frame < f->id && x->rto_frame < f->id);
	must(x->dup_ack_frame < f->id && x->bytes_in_flight < 2000000000);
	must((x->dup_ack_num != 0) ==
	     ((f->verdicts & VERDICT_DUPLICATE_ACK) != 0));
	must(f->verdicts >> VERDICT_BITS == 0);
	must(flow_opening_text(flow_opening(flow)) != NULL);
	must(flow_closing_text(flow_closing(flow)) != NULL);
}

static inline void
flow_check(const uint8_t *data, size_t n)
{
	struct flow_table *ft = flow_table_new(FLOW_CHECK_MAX);
	struct rd r = rd_init(data, n, n);
	struct packet p = {0};
	uint8_t bytes[128];

	must(ft != NULL);
	for (uint64_t id = 1; rd_left(&r) >= STEP; id++) {
		struct frame f = {.id = id};

		flow_check_packet(&r, bytes, &p);
		f.packet = p;
		summary_read(&p, &f.sum);
		must(flow_feed(ft, &f) == f.flow);
		flow_check_frame(ft, &f);
	}
	flow_table_free(ft);
}

#endif
