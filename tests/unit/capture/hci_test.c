/* Bluetooth captures: what a channel cost, who its ends are, what was said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "capture/capture.h"
#include "capture/hci.h"
#include "capture/hci_info.h"
#include "capture/rfcomm.h"
#include "capture/stream.h"
#include "tests/unit/capture/golden.h"

/* tests/golden/rfcomm.pcap: the first channel's frames, by number. */
enum {
	SESSION_ASKED = 47, /* L2CAP Connection Request for RFCOMM */
	CHANNEL_ASKED = 59, /* PN */
	REQUEST = 74, /* 3 bytes */
	BLOCK = 76, /* 768 bytes, in five packets up to 80 */
	BLOCK_LAST = 80,
	SESSION_GONE = 326, /* the last L2CAP Disconnection Response */
	CHANNELS = 6, /* one after the other */
};

static struct golden g;
static struct tree t;
static struct capture *c;

static int
setup(void **state)
{
	(void)state;
	assert_true(golden_load("rfcomm", &g) > 0);
	tree_init(&t);
	c = capture_new(4 * 1024 * 1024);
	return c == NULL;
}

static int
teardown(void **state)
{
	(void)state;
	tree_done(&t);
	capture_free(c);
	return 0;
}

static void
feed_from(size_t first)
{
	struct frame f;

	for (size_t i = first - 1; i < g.count; i++)
		assert_true(capture_feed_one(c, &g.packets[i], &f));
}

static struct frame
frame(uint64_t id)
{
	struct frame f;

	assert_true(store_get(capture_store(c), id, &f));
	return f;
}

static uint32_t
count_flows(void)
{
	return flow_next(capture_flows(c)) - flow_first(capture_flows(c));
}

static void
block_of_768_bytes__in_five_packets__costs_797_bytes(void **state)
{
	uint32_t acl = 0, l2cap = 0, rfcomm = 0, payload = 0, link = 0;

	(void)state;
	feed_from(1);
	for (uint64_t id = BLOCK; id <= BLOCK_LAST; id++) {
		struct frame f = frame(id);

		assert_int_equal(f.purpose, PURPOSE_DATA);
		assert_int_equal(f.dir, DIR_SERVER);
		link += f.sum.link_len;
		acl += f.sum.net_len;
		l2cap += f.sum.transport_len;
		rfcomm += f.sum.options_len;
		payload += f.sum.payload_len;
	}
	assert_int_equal(link, 5 * 5); /* H4, and the capture's direction */
	assert_int_equal(acl, 5 * 4);
	assert_int_equal(l2cap, 4);
	assert_int_equal(rfcomm, 5);
	assert_int_equal(payload, 768);
	assert_int_equal(acl + l2cap + rfcomm + payload, 797);
}

static void
channel__opened_and_closed__is_a_conversation_with_its_session(void **state)
{
	char client[ADDR_TEXT_MAX], server[ADDR_TEXT_MAX];
	struct addr ends[2];
	const struct flow *f;

	(void)state;
	feed_from(1);
	assert_int_equal(count_flows(), CHANNELS);
	f = flow_get(capture_flows(c), 1);
	assert_int_equal(f->first_frame, SESSION_ASKED);
	assert_int_equal(f->last_frame, SESSION_GONE);
	assert_int_equal(f->end[DIR_CLIENT].payload, 20 * 3);
	assert_int_equal(f->end[DIR_SERVER].payload, 20 * 1536);
	for (int end = 0; end < 2; end++)
		ends[end] = flow_addr(f, end);
	assert_string_equal(flow_addr_format(client, &ends[0]), "local");
	assert_string_equal(
	    flow_addr_format(server, &ends[1]), "00:AA:01:00:00:00/3");
	assert_int_equal(f->channel_state, RFCOMM_CLOSED);
	/* The third one's DISC was never answered. */
	f = flow_get(capture_flows(c), 3);
	assert_int_equal(f->channel_state, RFCOMM_CLOSING);
}

static void
purposes__of_a_channel__are_handshake_data_credits_teardown(void **state)
{
	static const struct {
		uint64_t frame;
		enum purpose purpose;
	} want[] = {{SESSION_ASKED, PURPOSE_HANDSHAKE}, {56, PURPOSE_HANDSHAKE},
	    {58, PURPOSE_HANDSHAKE}, {CHANNEL_ASKED, PURPOSE_HANDSHAKE},
	    {62, PURPOSE_HANDSHAKE}, {65, PURPOSE_HANDSHAKE}, {71, PURPOSE_ACK},
	    {REQUEST, PURPOSE_DATA}, {559, PURPOSE_TEARDOWN},
	    {561, PURPOSE_TEARDOWN}, {562, PURPOSE_TEARDOWN},
	    {565, PURPOSE_TEARDOWN}};

	(void)state;
	feed_from(1);
	for (size_t i = 0; i < sizeof want / sizeof *want; i++)
		assert_int_equal(frame(want[i].frame).purpose, want[i].purpose);
}

static void
stream__of_a_channel__has_what_was_sent_without_headers(void **state)
{
	struct stream *s = stream_new();
	uint8_t bytes[1536];

	(void)state;
	feed_from(1);
	while (stream_follow(
	    s, capture_store(c), flow_get(capture_flows(c), 1), 1000))
		continue;
	assert_int_equal(stream_missing(s, DIR_SERVER), 0);
	assert_int_equal(stream_end(s, DIR_SERVER), 20 * 1536);
	assert_int_equal(stream_read(s, capture_store(c), DIR_SERVER, 0, bytes,
			     sizeof bytes),
	    sizeof bytes);
	for (int i = 0; i < 768; i++) /* as the test program filled it */
		assert_int_equal(bytes[i], (uint8_t)i);
	assert_int_equal(bytes[768], 0xff);
	stream_free(s);
}

static void
channel__that_was_open_before__is_known_by_its_frames(void **state)
{
	const struct flow *f;

	(void)state;
	feed_from(REQUEST);
	assert_int_equal(count_flows(), CHANNELS);
	f = flow_get(capture_flows(c), 1);
	assert_int_equal(f->proto, PROTO_RFCOMM);
	assert_int_equal(f->first_frame, 1);
	assert_int_equal(flow_addr(f, DIR_SERVER).rc.channel, 3);
	assert_int_equal(f->end[DIR_CLIENT].payload, 20 * 3);
	/* The first block's beginning is a fragment: it tells nothing alone. */
	assert_true(f->end[DIR_SERVER].payload >= 19 * 1536);
}

static void
tree__of_a_last_fragment__has_the_whole_frame(void **state)
{
	struct dissect_context ctx;
	struct frame f;

	(void)state;
	feed_from(1);
	f = frame(BLOCK_LAST);
	ctx = capture_context(c, &f);
	dissect(&f.packet, &ctx, &t);
	assert_string_equal(tree_find(&t, "btrfcomm.len", 0)->value, "768");
	assert_string_equal(
	    tree_find(&t, "btrfcomm.fcs", 0)->remark, "correct");
	assert_string_equal(
	    tree_find(&t, "bthci_acl.continuation_to", 0)->value, "76");
	f = frame(BLOCK);
	ctx = capture_context(c, &f);
	dissect(&f.packet, &ctx, &t);
	assert_null(tree_find(&t, "btrfcomm.len", 0));
}

static void
check_sequence__that_is_wrong__is_marked(void **state)
{
	static uint8_t sabm[64];
	struct dissect_context ctx;
	struct frame f;
	const struct field *fcs;

	(void)state;
	feed_from(1);
	memcpy(sabm, g.packets[55].data, g.packets[55].cap_len);
	sabm[g.packets[55].cap_len - 1] ^= 1;
	f = frame(56);
	ctx = capture_context(c, &f);
	f.packet.data = sabm;
	dissect(&f.packet, &ctx, &t);
	fcs = tree_find(&t, "btrfcomm.fcs", 0);
	assert_int_equal(fcs->trouble, RD_MALFORMED);
	assert_string_equal(fcs->remark, "wrong, should be 0x1c");
}

/* The same packets as the two other link types have them. */
static void
feed_as(uint16_t link)
{
	static uint8_t bytes[512];
	struct frame f;

	for (size_t i = 0; i < g.count; i++) {
		struct packet p = g.packets[i];
		uint8_t type = p.data[4], dir = p.data[3];
		uint32_t head = link == LINK_HCI_H4 ? 0 : 4;

		memset(bytes, 0, sizeof bytes);
		if (link == LINK_HCI_MONITOR)
			bytes[3] = type == HCI_COMMAND ? 2
				   : type == HCI_EVENT ? 3
						       : 4 + dir;
		p.cap_len -= link == LINK_HCI_H4 ? 4 : 5;
		memcpy(bytes + head, p.data + (link == LINK_HCI_H4 ? 4 : 5),
		    p.cap_len);
		p.cap_len += head;
		p.wire_len = p.cap_len;
		p.link_type = link;
		p.data = bytes;
		assert_true(capture_feed_one(c, &p, &f));
	}
}

static void
link_type__whichever__says_the_same(void **state)
{
	static const uint16_t links[] = {LINK_HCI_H4, LINK_HCI_MONITOR};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		const struct flow *f;

		capture_free(c);
		c = capture_new(4 * 1024 * 1024);
		feed_as(links[i]);
		assert_int_equal(count_flows(), CHANNELS);
		f = flow_get(capture_flows(c), 1);
		assert_int_equal(f->end[DIR_SERVER].payload, 20 * 1536);
	}
}

static void
info__of_packets__says_what_they_are(void **state)
{
	static const struct {
		uint64_t frame;
		const char *line;
	} want[] = {{1, "Inquiry"}, {2, "Command Status: Inquiry"},
	    {21, "Number of Completed Packets 1"},
	    {SESSION_ASKED, "Connection Request, RFCOMM on 0x0040"},
	    {56, "SABM multiplexer"}, {CHANNEL_ASKED, "PN channel 3, MTU 1016"},
	    {62, "SABM channel 3"}, {68, "MSC answer channel 3"},
	    {71, "UIH, credits +33"}, {BLOCK, "UIH 768 B, the first 184"},
	    {BLOCK_LAST, "goes on, 8 B"}};
	char line[80];

	(void)state;
	feed_from(1);
	for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
		struct frame f = frame(want[i].frame);

		hci_info(&f, line, sizeof line);
		assert_string_equal(line, want[i].line);
	}
}

/* Disconnection Complete, of a connection with an open channel. */
static void
link__that_is_lost__ends_its_channel_and_says_why(void **state)
{
	static const uint8_t lost[] = {
	    0, 0, 0, 1, HCI_EVENT, 5, 4, 0, 0x2a, 0, 8};
	struct packet p = {.link_type = LINK_HCI_H4_PHDR,
	    .cap_len = sizeof lost,
	    .wire_len = sizeof lost,
	    .data = lost};
	const struct flow *f;
	struct frame last;
	char line[80];

	(void)state;
	g.count = BLOCK_LAST;
	feed_from(1);
	f = flow_get(capture_flows(c), 1);
	assert_int_equal(f->channel_state, RFCOMM_OPEN);
	assert_true(capture_feed_one(c, &p, &last));
	f = flow_get(capture_flows(c), 1);
	assert_int_equal(f->channel_state, RFCOMM_LOST);
	assert_int_equal(f->last_frame, last.id);
	assert_int_equal(last.purpose, PURPOSE_TEARDOWN);
	/* It is said to the host: nothing of it was on the air. */
	assert_int_equal(last.sum.link_len, sizeof lost);
	hci_info(&last, line, sizeof line);
	assert_string_equal(line, "Disconnect Complete, Connection Timeout");
	/* A second one finds nothing open. */
	assert_true(capture_feed_one(c, &p, &last));
	assert_int_equal(last.flow, 0);
}

static void
fcs__of_known_headers__is_theirs(void **state)
{
	static const uint8_t sabm[] = {0x03, 0x3f, 0x01}, uih[] = {0x19, 0xff};

	(void)state;
	assert_int_equal(rfcomm_fcs(sabm, 3), 0x1c);
	assert_int_equal(rfcomm_fcs(uih, 2), 0x49);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(block_of_768_bytes__in_five_packets__costs_797_bytes),
	    TEST(
		channel__opened_and_closed__is_a_conversation_with_its_session),
	    TEST(purposes__of_a_channel__are_handshake_data_credits_teardown),
	    TEST(stream__of_a_channel__has_what_was_sent_without_headers),
	    TEST(channel__that_was_open_before__is_known_by_its_frames),
	    TEST(tree__of_a_last_fragment__has_the_whole_frame),
	    TEST(check_sequence__that_is_wrong__is_marked),
	    TEST(link_type__whichever__says_the_same),
	    TEST(info__of_packets__says_what_they_are),
	    TEST(link__that_is_lost__ends_its_channel_and_says_why),
	    TEST(fcs__of_known_headers__is_theirs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
