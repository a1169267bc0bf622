#include "capture/ledger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "capture/cost_lanes.h"
#include "capture/flow.h"
#include "tests/unit/capture/frames.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define HEADERS (20 + 20 + 12) /* of a frame_tcp() */

struct rig {
	struct flow_table *flows;
	struct ledger *ledger;
	uint64_t frames;
	/* what was fed, for comparison */
	struct cost all;
	struct cost ranged[2]; /* charged to bytes that this end sent */
};

static void
rig_init(struct rig *r)
{
	*r =
	    (struct rig){flow_table_new(FLOW_MAX), ledger_new(), 0, {0}, {{0}}};
	assert_non_null(r->flows);
	assert_non_null(r->ledger);
}

static void
rig_done(struct rig *r)
{
	ledger_free(r->ledger);
	flow_table_free(r->flows);
}

static void
rig_feed_frame(struct rig *r, struct frame *f)
{
	struct cost c = {
	    .packets = 1,
	    .link = (uint64_t)f->sum.link_len + f->sum.padding_len,
	    .ether = cost_ether(f->packet.wire_len - 14),
	    .net = f->sum.net_len,
	    .transport = f->sum.transport_len,
	    .options = f->sum.options_len,
	    .payload = f->sum.payload_len,
	};

	if (flow_feed(r->flows, f) == 0)
		return;
	if (flow_evicted(r->flows) != 0)
		ledger_drop(r->ledger, flow_evicted(r->flows));
	ledger_book(r->ledger, f);
	cost_add(&r->all, &c);
	if (f->acked_from < f->acked_to)
		cost_add(&r->ranged[!f->dir], &c);
	else if ((f->purpose == PURPOSE_DATA ||
		     f->purpose == PURPOSE_RETRANSMISSION) &&
		 f->data_from < f->data_to)
		cost_add(&r->ranged[f->dir], &c);
}

static void
rig_feed(struct rig *r, const struct step *step)
{
	struct frame f = frame_tcp(++r->frames, step);

	rig_feed_frame(r, &f);
}

static void
rig_play(struct rig *r, const struct step *steps, size_t n)
{
	for (size_t i = 0; i < n; i++)
		rig_feed(r, &steps[i]);
}

static void
assert_cost_equal(const struct cost *a, const struct cost *b)
{
	assert_int_equal(a->packets, b->packets);
	assert_int_equal(a->link, b->link);
	assert_int_equal(a->ether, b->ether);
	assert_int_equal(a->net, b->net);
	assert_int_equal(a->transport, b->transport);
	assert_int_equal(a->options, b->options);
	assert_int_equal(a->payload, b->payload);
}

static struct cost
all_purposes(const struct ledger *l)
{
	struct cost sum = {0};

	for (int p = 0; p < PURPOSE_COUNT; p++) {
		struct cost c = ledger_total(l, (enum purpose)p);

		cost_add(&sum, &c);
	}
	return sum;
}

static void
add_range(struct cost *sum, const struct range_cost *r)
{
	cost_add(sum, &r->data);
	cost_add(sum, &r->acks);
	cost_add(sum, &r->retransmissions);
}

static const struct step HANDSHAKE[] = {
    {C, SYN, 0, 0, 0, 0},
    {S, SYN | ACK, 0, 1, 0, 0},
    {C, ACK, 1, 1, 0, 0},
};

static void
range__one_line__segment_ack_and_retransmission(void **state)
{
	static const struct step steps[] = {
	    {C, ACK, 1, 1, 10, 0}, {C, ACK, 1, 1, 10, 0}, {S, ACK, 1, 11, 0, 0},
	    {S, ACK, 1, 11, 0, 0}, /* duplicate: in no range */
	};
	struct rig r;
	struct range_cost c;

	(void)state;
	rig_init(&r);
	rig_play(&r, HANDSHAKE, COUNT(HANDSHAKE));
	rig_play(&r, steps, COUNT(steps));
	assert_true(ledger_range(r.ledger, 1, C, 0, 10, &c));
	assert_int_equal(c.data.packets, 1);
	assert_int_equal(cost_headers(&c.data), HEADERS);
	assert_int_equal(cost_bytes(&c.data), HEADERS + 10);
	assert_int_equal(c.data.link, 14);
	assert_int_equal(c.acks.packets, 1);
	assert_int_equal(cost_bytes(&c.acks), HEADERS);
	assert_int_equal(c.retransmissions.packets, 1);
	assert_int_equal(cost_bytes(&c.retransmissions), HEADERS + 10);
	assert_int_equal(c.covered, 10);
	assert_false(ledger_range(r.ledger, 1, S, 0, 10, &c));
	assert_false(ledger_range(r.ledger, 1, C, 10, 20, &c));
	assert_false(ledger_range(r.ledger, 1, C, 5, 5, &c));
	assert_false(ledger_range(r.ledger, 2, C, 0, 10, &c));
	rig_done(&r);
}

static void
range__lines_that_share_a_segment__split_its_headers(void **state)
{
	static const struct step data = {C, ACK, 1, 1, 30, 0};
	struct rig r;
	struct range_cost a, b, c;

	(void)state;
	rig_init(&r);
	rig_play(&r, HANDSHAKE, COUNT(HANDSHAKE));
	rig_feed(&r, &data);
	assert_true(ledger_range(r.ledger, 1, C, 0, 7, &a));
	assert_true(ledger_range(r.ledger, 1, C, 7, 20, &b));
	assert_true(ledger_range(r.ledger, 1, C, 20, 30, &c));
	assert_int_equal(a.data.packets, 1);
	assert_int_equal(b.data.packets + c.data.packets, 0);
	assert_int_equal(a.data.payload, 7);
	assert_int_equal(b.data.payload, 13);
	assert_int_equal(c.data.payload, 10);
	assert_int_equal(cost_headers(&a.data) + cost_headers(&b.data) +
			     cost_headers(&c.data),
	    HEADERS);
	assert_in_range(cost_headers(&b.data), 13 * HEADERS / 30 - 3,
	    13 * HEADERS / 30 + 3);
	rig_done(&r);
}

static void
range__partly_seen__says_how_much(void **state)
{
	static const struct step steps[] = {
	    {C, ACK, 1, 1, 10, 0},
	    {C, ACK, 31, 1, 10, 0},
	};
	struct rig r;
	struct range_cost c;

	(void)state;
	rig_init(&r);
	rig_play(&r, HANDSHAKE, COUNT(HANDSHAKE));
	rig_play(&r, steps, COUNT(steps));
	assert_true(ledger_range(r.ledger, 1, C, 5, 35, &c));
	assert_int_equal(c.covered, 10);
	assert_int_equal(c.data.payload, 10);
	assert_int_equal(c.data.packets, 1);
	assert_false(ledger_range(r.ledger, 1, C, 10, 30, &c));
	rig_done(&r);
}

static void
flow__by_sender_and_purpose__adds_up(void **state)
{
	static const struct step steps[] = {
	    {C, ACK, 1, 1, 10, 0},
	    {S, ACK, 1, 11, 0, 0},
	    {C, FIN | ACK, 11, 1, 0, 0},
	    {S, ACK, 1, 12, 0, 0},
	};
	struct rig r;
	struct cost c;

	(void)state;
	rig_init(&r);
	rig_play(&r, HANDSHAKE, COUNT(HANDSHAKE));
	rig_play(&r, steps, COUNT(steps));
	c = ledger_flow(r.ledger, 1, C, PURPOSE_HANDSHAKE);
	assert_int_equal(c.packets, 2);
	assert_int_equal(cost_bytes(&c), 2 * HEADERS);
	c = ledger_flow(r.ledger, 1, S, PURPOSE_HANDSHAKE);
	assert_int_equal(c.packets, 1);
	c = ledger_flow(r.ledger, 1, S, PURPOSE_ACK);
	assert_int_equal(c.packets, 1);
	c = ledger_flow(r.ledger, 1, S, PURPOSE_TEARDOWN);
	assert_int_equal(c.packets, 1);
	c = ledger_flow(r.ledger, 1, C, PURPOSE_DATA);
	assert_int_equal(c.payload, 10);
	assert_int_equal(cost_share(&c), 161); /* 10 of 62 */
	c = all_purposes(r.ledger);
	assert_cost_equal(&c, &r.all);
	rig_done(&r);
}

static void
drop__bookings_go__totals_stay(void **state)
{
	static const struct step data = {C, ACK, 1, 1, 30, 0};
	struct rig r;
	struct range_cost range;
	struct cost c;

	(void)state;
	rig_init(&r);
	rig_feed(&r, &data);
	ledger_drop(r.ledger, 1);
	ledger_drop(r.ledger, 1);
	assert_false(ledger_range(r.ledger, 1, C, 0, 30, &range));
	c = ledger_flow(r.ledger, 1, C, PURPOSE_DATA);
	assert_int_equal(c.packets, 0);
	c = ledger_total(r.ledger, PURPOSE_DATA);
	assert_int_equal(c.payload, 30);
	rig_done(&r);
}

static void
udp__each_datagram__is_a_range(void **state)
{
	struct rig r;
	struct range_cost c;
	struct frame f;

	(void)state;
	rig_init(&r);
	f = frame_udp(1, C, 30);
	rig_feed_frame(&r, &f);
	f = frame_udp(2, C, 10);
	rig_feed_frame(&r, &f);
	assert_true(ledger_range(r.ledger, 1, C, 30, 40, &c));
	assert_int_equal(c.data.packets, 1);
	assert_int_equal(cost_bytes(&c.data), 20 + 8 + 10);
	rig_done(&r);
}

static void
range__padded_frame__its_padding_is_of_the_link(void **state)
{
	struct frame f = frame_udp(1, C, 1);
	struct range_cost c;
	struct rig r;

	(void)state;
	rig_init(&r);
	f.sum.padding_len = 17;
	rig_feed_frame(&r, &f);
	assert_true(ledger_range(r.ledger, 1, C, 0, 1, &c));
	assert_int_equal(c.data.link, 14 + 17);
	assert_cost_equal(&c.data, &r.all);
	rig_done(&r);
}

static void
cost__ethernet__pads_and_frames(void **state)
{
	(void)state;
	assert_int_equal(cost_ether(40), 84 - 40);
	assert_int_equal(cost_ether(46), 84 - 46);
	assert_int_equal(cost_ether(1500), 1538 - 1500);
	assert_int_equal(cost_share(&(struct cost){0}), 0);
}

/* -------------------------------------------------------------- properties */

/* A sender that loses, repeats, cuts anew and reorders, and its receiver. */
static uint64_t
play_transfer(struct rig *r, struct dice *d)
{
	uint64_t top = 0, acked = 0;

	rig_play(r, HANDSHAKE, COUNT(HANDSHAKE));
	for (int i = 0; i < 400; i++) {
		uint32_t back = dice_below(d, 4) == 0 ? dice_below(d, 5000) : 0;
		uint32_t skip = dice_below(d, 8) == 0 ? dice_below(d, 3000) : 0;
		uint64_t off = (back > top ? 0 : top - back) + skip;
		uint32_t len = 1 + dice_below(d, 1448);

		rig_feed(
		    r, &(struct step){C, ACK, (int64_t)off + 1, 1, len, 0});
		if (off + len > top)
			top = off + len;
		if (dice_below(d, 2) == 0 && top > acked)
			acked += dice_below(d, (uint32_t)(top - acked) + 1);
		if (dice_below(d, 2) == 0)
			rig_feed(r, &(struct step){
					S, ACK, 1, (int64_t)acked + 1, 0, 0});
	}
	return top;
}

/* Cut [0, end) into lines at random and add up what they cost. */
static struct cost
sum_of_lines(struct rig *r, int dir, uint64_t end, struct dice *d)
{
	struct cost sum = {0};
	uint64_t at = 0, max_line = 1 + dice_below(d, 4000);

	while (at < end) {
		uint64_t to = at + 1 + dice_below(d, (uint32_t)max_line);
		struct range_cost c;

		if (to > end)
			to = end;
		if (ledger_range(r->ledger, 1, dir, at, to, &c)) {
			assert_true(c.covered <= to - at);
			add_range(&sum, &c);
		}
		at = to;
	}
	return sum;
}

static void
range__any_cut_of_a_lossy_stream__adds_up_to_the_byte(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 100; seed++) {
		struct dice d = {seed};
		struct rig r;
		struct cost lines, all;
		uint64_t end;

		rig_init(&r);
		end = play_transfer(&r, &d);
		lines = sum_of_lines(&r, C, end, &d);
		assert_cost_equal(&lines, &r.ranged[C]);
		all = all_purposes(r.ledger);
		assert_cost_equal(&all, &r.all);
		rig_done(&r);
	}
}

static void
range__of_everything__covers_what_was_seen_once(void **state)
{
	struct dice d = {7};

	(void)state;
	for (int round = 0; round < 50; round++) {
		static uint8_t seen[4096];
		struct rig r;
		struct range_cost c;
		uint64_t covered = 0;

		rig_init(&r);
		memset(seen, 0, sizeof seen);
		rig_play(&r, HANDSHAKE, COUNT(HANDSHAKE));
		/* few gaps, so that none is forgotten */
		for (int i = 0; i < 8; i++) {
			uint32_t off = dice_below(&d, 4000);
			uint32_t len = 2 + dice_below(&d, 90);

			rig_feed(
			    &r, &(struct step){C, ACK, off + 1, 1, len, 0});
			memset(seen + off, 1, len);
		}
		for (size_t i = 0; i < sizeof seen; i++)
			covered += seen[i];
		assert_true(ledger_range(r.ledger, 1, C, 0, sizeof seen, &c));
		assert_int_equal(c.covered, covered);
		rig_done(&r);
	}
}

/* Frames of all kinds on a few ports, as no TCP would send them. */
static struct frame
odd_frame(struct dice *d, uint64_t id)
{
	static const uint32_t jumps[] = {0, 1, 1000, 70000, UINT32_C(1) << 31};
	struct step s = {
	    .dir = (int)dice_below(d, 2),
	    .flags = (int)dice_below(d, 256),
	    .seq = dice_below(d, 3000),
	    .ack = dice_below(d, 3000),
	    .len = dice_below(d, 3) == 0 ? dice_below(d, 65536) : 0,
	    .window = (uint16_t)dice_below(d, 3),
	};
	struct frame f;

	if (dice_below(d, 4) != 0)
		s.flags = (s.flags & FIN) | ACK;
	s.seq += jumps[dice_below(d, COUNT(jumps))];
	s.ack += jumps[dice_below(d, COUNT(jumps))];
	f = dice_below(d, 16) == 0 ? frame_udp(id, s.dir, s.len)
				   : frame_tcp(id, &s);
	f.sum.has_wscale = dice_below(d, 2);
	f.sum.wscale = (uint8_t)dice_below(d, 256);
	frame_ports(&f, s.dir, (uint16_t)(7000 + dice_below(d, 3)), 7000);
	return f;
}

static void
feed__frames_that_no_tcp_would_send__sums_stay_true(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 20; seed++) {
		struct dice d = {seed};
		struct rig r;
		struct cost all;

		rig_init(&r);
		for (uint64_t id = 1; id <= 5000; id++) {
			struct frame f = odd_frame(&d, id);
			struct range_cost c;

			rig_feed_frame(&r, &f);
			assert_true(f.data_from <= f.data_to);
			assert_true(f.acked_from <= f.acked_to);
			assert_true(f.prev_in_flow < id);
			ledger_range(r.ledger, f.flow, f.dir,
			    dice_below(&d, UINT32_MAX),
			    dice_below(&d, UINT32_MAX), &c);
		}
		all = all_purposes(r.ledger);
		assert_cost_equal(&all, &r.all);
		rig_done(&r);
	}
}

/* ------------------------------------------------------------------ bounds */

/* What is counted in 32 bits is carried over before it is full. */
static void
book__more_bytes_than_32_bits_hold__none_is_missing(void **state)
{
	static const uint32_t lens[] = {
	    1, 2147483000, 3000000000, UINT32_MAX - 42, 2147483647, 1000000000};
	struct cost all, flow;
	struct rig r;

	(void)state;
	rig_init(&r);
	for (uint64_t id = 1; id <= 200; id++) {
		struct frame f = frame_udp(id, C, lens[id % COUNT(lens)]);

		f.sum.padding_len = id % 7 == 0 ? 1u << 31 : 0;
		rig_feed_frame(&r, &f);
	}
	all = all_purposes(r.ledger);
	assert_cost_equal(&all, &r.all);
	flow = ledger_flow(r.ledger, 1, C, PURPOSE_DATA);
	assert_cost_equal(&flow, &r.all);
	all = ledger_total_of(r.ledger, PROTO_UDP, PURPOSE_DATA);
	assert_cost_equal(&all, &r.all);
	rig_done(&r);
}

static void
assert_all_booked(struct rig *r)
{
	struct cost sum = all_purposes(r->ledger);

	assert_cost_equal(&sum, &r->all);
	sum = ledger_flow(r->ledger, 1, C, PURPOSE_DATA);
	assert_cost_equal(&sum, &r->all);
	sum = ledger_total_of(r->ledger, PROTO_UDP, PURPOSE_DATA);
	assert_cost_equal(&sum, &r->all);
}

/* Its padding has 31 bits, and its link bytes 32. */
static void
book__padding_just_below_31_bits__none_is_missing(void **state)
{
	static const uint32_t padding[] = {INT32_MAX - 14, INT32_MAX};

	(void)state;
	for (uint64_t first = 0; first < 2; first++) {
		struct rig r;

		rig_init(&r);
		for (uint64_t id = 1; id <= 6; id++) {
			struct frame f = frame_udp(id, C, 1);

			f.sum.padding_len = padding[(id + first) % 2];
			rig_feed_frame(&r, &f);
		}
		assert_int_equal(
		    r.all.link, 6 * 14 + 6 * (uint64_t)INT32_MAX - 3 * 14);
		assert_all_booked(&r);
		rig_done(&r);
	}
}

/* Whichever it is that has more than fits. */
static void
book__one_kind_of_bytes_beyond_32_bits__none_is_missing(void **state)
{
	static const struct {
		uint32_t count, len, padding;
		uint16_t options;
	} packets[] = {
	    {9, 1, 2000000000, 0},
	    {9, 2000000000, 0, 0},
	    {140000, 1, 0, UINT16_MAX},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(packets); i++) {
		struct rig r;

		rig_init(&r);
		for (uint64_t id = 1; id <= packets[i].count; id++) {
			struct frame f = frame_udp(id, C, packets[i].len);

			f.sum.padding_len = packets[i].padding;
			f.sum.options_len = packets[i].options;
			f.packet.wire_len += packets[i].options;
			rig_feed_frame(&r, &f);
		}
		assert_all_booked(&r);
		rig_done(&r);
	}
}

/* Payload and padding, of every other packet: what is added up in lanes, at its
 * largest, for longer than they last, and what is just too large for them. */
static void
book__packets_as_large_as_the_lanes_take__none_is_missing(void **state)
{
	const uint32_t most = (1u << LANES_PACKET_BITS) - 1;
	const struct {
		uint32_t payload, padding;
	} sizes[][2] = {
	    {{most, most}, {most, most}},
	    {{most + 1, 0}, {most + 1, 0}},
	    {{1, most + 1}, {1, most + 1}},
	    {{most, most}, {most + 1, most + 1}},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		struct rig r;

		rig_init(&r);
		for (uint64_t id = 1; id <= 2 * LANES_PACKETS + 2; id++) {
			struct frame f =
			    frame_udp(id, C, sizes[i][id % 2].payload);

			f.sum.padding_len = sizes[i][id % 2].padding;
			rig_feed_frame(&r, &f);
		}
		assert_all_booked(&r);
		rig_done(&r);
	}
}

/* Bluetooth, below which there never is an Ethernet. */
static void
book__no_ip__nothing_on_ethernet(void **state)
{
	struct frame f = frame_udp(1, C, 30);
	struct range_cost range;
	struct cost c;
	struct rig r;

	(void)state;
	rig_init(&r);
	f.sum.proto = PROTO_RFCOMM;
	f.sum.ip_version = 0;
	f.sum.net_len = f.sum.transport_len = f.sum.options_len = 4;
	f.flow = 1;
	f.purpose = PURPOSE_DATA;
	f.data_to = 30;
	ledger_book(r.ledger, &f);
	c = cost_of_packet(&f.sum);
	assert_int_equal(c.ether, 0);
	c = ledger_flow(r.ledger, 1, C, PURPOSE_DATA);
	assert_int_equal(c.ether, 0);
	assert_int_equal(cost_bytes(&c), 3 * 4 + 30);
	c = ledger_total_of(r.ledger, PROTO_RFCOMM, PURPOSE_DATA);
	assert_int_equal(c.ether, 0);
	assert_int_equal(c.packets, 1);
	assert_true(ledger_range(r.ledger, 1, C, 0, 30, &range));
	assert_int_equal(range.data.ether, 0);
	rig_done(&r);
}

static void
feed_line(struct rig *r, uint16_t port, uint64_t line)
{
	struct frame f = frame_tcp(++r->frames,
	    &(struct step){C, ACK, (int64_t)line * 10 + 1, 1, 10, 0});

	frame_ports(&f, C, port, SERVER_PORT);
	rig_feed_frame(r, &f);
}

static void
fold__too_many_bookings__the_oldest_of_the_large_leave(void **state)
{
	struct rig r;
	struct range_cost c;
	struct cost all;
	uint64_t lines = LEDGER_BOOKINGS + LEDGER_BOOKINGS / 2;

	(void)state;
	rig_init(&r);
	for (uint64_t i = 0; i < 100; i++)
		feed_line(&r, 40000, i); /* flow 1: small */
	for (uint64_t i = 0; i < lines; i++)
		feed_line(&r, 40001, i); /* flow 2: large */
	assert_true(ledger_range(r.ledger, 1, C, 0, 10, &c));
	assert_false(ledger_range(r.ledger, 2, C, 0, 10, &c));
	assert_true(
	    ledger_range(r.ledger, 2, C, (lines - 1) * 10, lines * 10, &c));
	assert_true(ledger_range(r.ledger, 2, C, 0, lines * 10, &c));
	assert_in_range(c.data.packets, LEDGER_BOOKINGS / 2, LEDGER_BOOKINGS);
	all = all_purposes(r.ledger);
	assert_cost_equal(&all, &r.all);
	all = ledger_flow(r.ledger, 2, C, PURPOSE_DATA);
	assert_int_equal(all.packets, lines);
	rig_done(&r);
}

static void
book__far_below_many_later__stands_in_the_totals_only(void **state)
{
	struct rig r;
	struct range_cost c;
	struct cost sum;

	(void)state;
	rig_init(&r);
	for (int twice = 0; twice < 2; twice++)
		for (uint64_t i = 0; i < 5000; i++)
			feed_line(&r, 40000, i);
	feed_line(&r, 40000, 0); /* 5000 repetitions are above it */
	feed_line(&r, 40000, 4000); /* only 999 */
	assert_true(ledger_range(r.ledger, 1, C, 0, 10, &c));
	assert_int_equal(c.retransmissions.packets, 1);
	assert_true(ledger_range(r.ledger, 1, C, 40000, 40010, &c));
	assert_int_equal(c.retransmissions.packets, 2);
	sum = ledger_flow(r.ledger, 1, C, PURPOSE_RETRANSMISSION);
	assert_int_equal(sum.packets, 5002);
	rig_done(&r);
}

static void
fold__many_small_conversations__all_give_a_part(void **state)
{
	const uint64_t each = LEDGER_BOOKINGS / 1000 + 100;
	struct rig r;
	struct range_cost c;

	(void)state;
	rig_init(&r);
	for (uint64_t i = 0; i < each; i++)
		for (uint16_t flow = 0; flow < 1000; flow++)
			feed_line(&r, (uint16_t)(20000 + flow), i);
	for (uint32_t flow = 1; flow <= 1000; flow++) {
		assert_false(ledger_range(r.ledger, flow, C, 0, 10, &c));
		assert_true(ledger_range(
		    r.ledger, flow, C, (each - 1) * 10, each * 10, &c));
	}
	rig_done(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(range__one_line__segment_ack_and_retransmission),
	    cmocka_unit_test(
		range__lines_that_share_a_segment__split_its_headers),
	    cmocka_unit_test(range__partly_seen__says_how_much),
	    cmocka_unit_test(flow__by_sender_and_purpose__adds_up),
	    cmocka_unit_test(drop__bookings_go__totals_stay),
	    cmocka_unit_test(udp__each_datagram__is_a_range),
	    cmocka_unit_test(range__padded_frame__its_padding_is_of_the_link),
	    cmocka_unit_test(cost__ethernet__pads_and_frames),
	    cmocka_unit_test(
		range__any_cut_of_a_lossy_stream__adds_up_to_the_byte),
	    cmocka_unit_test(range__of_everything__covers_what_was_seen_once),
	    cmocka_unit_test(
		feed__frames_that_no_tcp_would_send__sums_stay_true),
	    cmocka_unit_test(
		book__more_bytes_than_32_bits_hold__none_is_missing),
	    cmocka_unit_test(book__padding_just_below_31_bits__none_is_missing),
	    cmocka_unit_test(
		book__one_kind_of_bytes_beyond_32_bits__none_is_missing),
	    cmocka_unit_test(
		book__packets_as_large_as_the_lanes_take__none_is_missing),
	    cmocka_unit_test(book__no_ip__nothing_on_ethernet),
	    cmocka_unit_test(
		fold__too_many_bookings__the_oldest_of_the_large_leave),
	    cmocka_unit_test(
		book__far_below_many_later__stands_in_the_totals_only),
	    cmocka_unit_test(fold__many_small_conversations__all_give_a_part),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
