/*
 * What the wire has done, as the rest of the program sees it: the record of the
 * wire, the frames, the verdicts, the states and the kernel say the same.
 */
#include "capture/capture.h"
#include "capture/source.h"
#include "tests/unit/net/wire_rig.h"

static void
feed(void *arg, const struct packet *p)
{
	source_feed(arg, p);
}

static void
flush(void *arg)
{
	source_feed_flush(arg);
}

/* A transfer over a wire with this rule, and all of it captured. */
static struct capture *
captured(const char *rule, enum lab_medium medium, struct wire_transfer *t)
{
	struct capture *c = capture_new(1 << 24);
	struct source_status st;
	struct wire_rig *g;
	struct source *s;
	struct batch *b;
	struct err err;

	WIRE_CHECK(source_open_fed("wire", WIRE_LINK_TYPE, &s, &err) == 0);
	g = wire_rig_new_for(&(struct wire_sink){s, feed, flush}, 2, medium);
	wire_rig_rule(g, rule);
	wire_transfer(g, t);
	wire_free(g->wire);
	source_status(s, &st);
	WIRE_CHECK(st.live && st.link_type == WIRE_LINK_TYPE);
	WIRE_CHECK(st.queue_drops == 0 && st.received > 5);
	while ((b = source_pop(s)) != NULL) {
		capture_feed(c, b);
		batch_free(b);
	}
	source_close(s);
	WIRE_CHECK(store_next(capture_store(c)) == st.received + 1);
	return c;
}

static void
third_segment(enum lab_medium medium)
{
	struct wire_transfer t = {.n = 20 * 1448};
	struct capture *c =
	    captured("drop 3rd data segment client->server once", medium, &t);
	const struct store *store = capture_store(c);
	const struct flow *flow = flow_get(capture_flows(c), 1);
	uint64_t lost = 0, again = 0, dup_acks = 0;
	struct frame f;

	for (uint64_t id = 1; store_get(store, id, &f); id++) {
		if (frame_is_lost(&f)) {
			WIRE_CHECK(lost == 0);
			lost = id;
			WIRE_CHECK(f.packet.fate == FATE_RULE);
			WIRE_CHECK(f.rel_seq == 1 + 2 * 1448);
			WIRE_CHECK(f.purpose == PURPOSE_DATA);
		}
		if (f.purpose == PURPOSE_RETRANSMISSION) {
			WIRE_CHECK(again == 0 && lost != 0);
			again = id;
			WIRE_CHECK(f.rel_seq == 1 + 2 * 1448);
			WIRE_CHECK(f.verdicts & VERDICT_RETRANSMISSION);
			WIRE_CHECK(f.packet.fate == FATE_PASSED);
			WIRE_CHECK(f.packet.entered_ns > 0);
		}
		dup_acks += lost != 0 && again == 0 && f.dir == DIR_SERVER;
	}
	WIRE_CHECK(lost != 0 && again > lost);
	WIRE_CHECK(dup_acks >= 3); /* that is why it was sent again */
	WIRE_CHECK(flow->retransmissions == t.info.tcpi_total_retrans);
	/* over veth the first SYN may come before the link is up */
	WIRE_CHECK(medium == LAB_VETH || flow->retransmissions == 1);
	WIRE_CHECK(flow_opening(flow) == FLOW_OPENED_THREE_WAY);
	capture_free(c);
}

static void
rule__third_segment_dropped__everyone_says_the_same(void **state)
{
	(void)state;
	wire_in_child(third_segment, WIRE_ANY);
}

static void
rule__third_segment_dropped_over_veth__everyone_says_the_same(void **state)
{
	(void)state;
	wire_in_child(third_segment, LAB_VETH);
}

static void
lost_syn_ack(enum lab_medium medium)
{
	struct wire_transfer t = {.n = 10};
	struct capture *c = captured("drop 1st SYN-ACK once", medium, &t);
	struct frame f;

	WIRE_CHECK(store_get(capture_store(c), 2, &f));
	WIRE_CHECK(f.packet.fate == FATE_RULE);
	WIRE_CHECK(f.state[DIR_CLIENT] == TCPS_SYN_SENT);
	WIRE_CHECK(f.state[DIR_SERVER] == TCPS_SYN_RECEIVED);
	capture_free(c);
}

static void
rule__syn_ack_dropped__client_stays_in_syn_sent(void **state)
{
	(void)state;
	wire_in_child(lost_syn_ack, WIRE_ANY);
}

static void
duplicated(enum lab_medium medium)
{
	struct wire_transfer t = {.n = 5 * 1448};
	struct capture *c = captured("duplicate 2nd data once", medium, &t);
	const struct store *store = capture_store(c);
	unsigned copies = 0;
	struct frame f;

	for (uint64_t id = 1; store_get(store, id, &f); id++) {
		if (f.packet.fate != FATE_COPY)
			continue;
		copies++;
		WIRE_CHECK(f.rel_seq == 1 + 1448 && f.verdicts == 0);
	}
	WIRE_CHECK(copies == 1);
	WIRE_CHECK(flow_get(capture_flows(c), 1)->retransmissions == 0);
	WIRE_CHECK(t.info.tcpi_total_retrans == 0);
	capture_free(c);
}

static void
rule__duplicated__is_no_retransmission(void **state)
{
	(void)state;
	wire_in_child(duplicated, WIRE_ANY);
}

static void
fed__filter__applies_to_what_comes(void **state)
{
	static const uint8_t udp[28] = {0x45, 0, 0,
	    28, [8] = 64, [9] = 17, [12] = 10, [15] = 2, [16] = 10, [19] = 1};
	struct packet p = {.ts_ns = 1,
	    .fate = FATE_PASSED,
	    .link_type = WIRE_LINK_TYPE,
	    .cap_len = sizeof udp,
	    .wire_len = sizeof udp,
	    .data = udp};
	struct source *s;
	struct batch *b;
	struct err err;

	(void)state;
	assert_int_equal(source_open_fed("wire", WIRE_LINK_TYPE, &s, &err), 0);
	source_feed(s, &p);
	assert_int_equal(source_set_filter(s, "tcp", &err), 0);
	source_feed(s, &p);
	assert_int_equal(source_set_filter(s, "nonsense (", &err), -EINVAL);
	source_feed(s, &p);
	assert_int_equal(source_set_filter(s, "", &err), 0);
	source_feed(s, &p);
	source_feed_flush(s);
	b = source_pop(s);
	assert_non_null(b);
	assert_int_equal(b->count, 2);
	assert_int_equal(b->packets[1].fate, FATE_PASSED);
	batch_free(b);
	assert_null(source_pop(s));
	source_close(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		rule__third_segment_dropped__everyone_says_the_same),
	    cmocka_unit_test(
		rule__third_segment_dropped_over_veth__everyone_says_the_same),
	    cmocka_unit_test(rule__syn_ack_dropped__client_stays_in_syn_sent),
	    cmocka_unit_test(rule__duplicated__is_no_retransmission),
	    cmocka_unit_test(fed__filter__applies_to_what_comes),
	};

	return cmocka_run_group_tests_name("wire capture", tests, NULL, NULL);
}
