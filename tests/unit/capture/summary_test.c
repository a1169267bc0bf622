#include "capture/flow_tcp.h"
#include "capture/summary.h"
#include "capture/summary_usual.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/capture/golden.h"

static struct golden g;

/* Number as tcpdump and Wireshark count: from 1. */
static struct summary
read_golden(const char *file, size_t number)
{
	struct summary s;

	assert_true(golden_load(file, &g) >= number);
	summary_read(&g.packets[number - 1], &s);
	return s;
}

static struct summary
read_bytes(uint16_t link, const void *data, uint32_t cap, uint32_t wire)
{
	const struct packet p = {
	    .data = data, .cap_len = cap, .wire_len = wire, .link_type = link};
	struct summary s;

	summary_read(&p, &s);
	return s;
}

static void
summary__each_golden_packet__has_its_layers(void **state)
{
	static const struct {
		const char *file;
		size_t number;
		uint8_t proto;
		uint16_t src_port, dst_port, link, net, transport, options;
		uint32_t payload, padding;
	} want[] = {
	    {"tcp4_echo", 1, PROTO_TCP, 51626, 65432, 14, 20, 20, 20, 0, 0},
	    {"tcp4_echo", 4, PROTO_TCP, 51626, 65432, 14, 20, 20, 12, 12, 0},
	    {"tcp4_echo", 9, PROTO_TCP, 65432, 51626, 14, 20, 20, 12, 100, 0},
	    {"tcp6_echo", 1, PROTO_TCP, 35340, 65432, 14, 40, 20, 20, 0, 0},
	    {"tcp4_refused", 2, PROTO_TCP, 5999, 48048, 14, 20, 20, 0, 0, 0},
	    {"udp4_echo", 1, PROTO_UDP, 42825, 5000, 14, 20, 8, 0, 12, 0},
	    {"udp4_echo", 3, PROTO_UDP, 42825, 5000, 14, 20, 8, 0, 0, 0},
	    {"udp6_echo", 2, PROTO_UDP, 5000, 54404, 14, 40, 8, 0, 12, 0},
	    {"icmp", 1, PROTO_ICMP, 0, 0, 14, 20, 8, 0, 56, 0},
	    {"icmp", 5, PROTO_ICMP6, 0, 0, 14, 40, 8, 0, 56, 0},
	    {"icmp", 8, PROTO_ICMP, 0, 0, 14, 20, 8, 0, 40, 0},
	    {"fragments", 1, PROTO_ICMP, 0, 0, 14, 20, 8, 0, 1472, 0},
	    {"fragments", 2, PROTO_IPFRAG, 0, 0, 14, 20, 0, 0, 528, 0},
	    {"fragments", 5, PROTO_ICMP6, 0, 0, 14, 48, 8, 0, 1440, 0},
	    {"fragments", 6, PROTO_IPFRAG, 0, 0, 14, 48, 0, 0, 560, 0},
	    {"neighbours", 1, PROTO_ARP, 0, 0, 14, 28, 0, 0, 0, 0},
	    {"neighbours", 5, PROTO_ICMP6, 0, 0, 14, 48, 8, 0, 40, 0},
	    {"vlan", 1, PROTO_UDP, 5001, 5000, 18, 20, 8, 0, 6, 0},
	    {"vlan", 2, PROTO_UDP, 5001, 5000, 22, 40, 8, 0, 5, 0},
	    {"vlan", 3, PROTO_ARP, 0, 0, 18, 28, 0, 0, 0, 14},
	    {"ip_options", 1, PROTO_ICMP, 0, 0, 14, 24, 8, 0, 0, 0},
	    {"ip_options", 7, PROTO_UDP, 5001, 5000, 14, 64, 8, 0, 2, 0},
	    {"ip_options", 8, PROTO_UDP, 5001, 5000, 14, 48, 8, 0, 8, 0},
	    {"ip_options", 10, PROTO_IP, 0, 0, 14, 40, 0, 0, 0, 0},
	    {"ip_options", 12, PROTO_UDP, 5001, 5000, 14, 20, 8, 0, 3, 15},
	    {"ip_options", 13, PROTO_OTHER, 0, 0, 14, 0, 0, 0, 11, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
		struct summary s = read_golden(want[i].file, want[i].number);

		assert_int_equal(s.status, SUMMARY_OK);
		assert_int_equal(s.proto, want[i].proto);
		assert_int_equal(s.src_port, want[i].src_port);
		assert_int_equal(s.dst_port, want[i].dst_port);
		assert_int_equal(s.link_len, want[i].link);
		assert_int_equal(s.net_len, want[i].net);
		assert_int_equal(s.transport_len, want[i].transport);
		assert_int_equal(s.options_len, want[i].options);
		assert_int_equal(s.payload_len, want[i].payload);
		assert_int_equal(s.payload_cap, want[i].payload);
		assert_int_equal(s.padding_len, want[i].padding);
	}
}

static void
summary__of_a_syn__has_its_numbers_and_options(void **state)
{
	struct summary s = read_golden("tcp4_echo", 1);
	struct addr src = summary_src(&s), dst = summary_dst(&s);

	(void)state;
	assert_int_equal(s.tcp_flags, TCP_SYN);
	assert_int_equal(s.seq, 3472286173);
	assert_int_equal(s.ack, 0);
	assert_int_equal(s.window, 64240);
	assert_int_equal(s.ttl, 64);
	assert_true(s.has_mss && s.has_wscale);
	assert_true(s.has_sack_permitted && s.has_timestamps);
	assert_int_equal(s.mss, 1460);
	assert_int_equal(s.wscale, 10);
	assert_int_equal(addr_port(&src), 51626);
	assert_int_equal(addr_port(&dst), 65432);
	assert_int_equal(src.in.sin_addr.s_addr, htonl(INADDR_LOOPBACK));
}

static void
summary__of_data__tells_where_it_is(void **state)
{
	struct summary s = read_golden("tcp6_echo", 4);

	(void)state;
	assert_true(s.has_timestamps);
	assert_false(s.has_mss);
	assert_int_equal(s.tcp_flags, TCP_PSH | TCP_ACK);
	assert_memory_equal(
	    g.packets[3].data + s.payload_off, "Hello, world", 12);
}

static void
summary__of_arp__has_the_addresses_and_no_endpoint(void **state)
{
	struct summary s = read_golden("neighbours", 1);

	(void)state;
	assert_int_equal(s.ip_version, 0);
	assert_memory_equal(s.src, "\x0a\0\0\1", 4);
	assert_memory_equal(s.dst, "\x0a\0\0\2", 4);
	assert_int_equal(summary_src(&s).len, 0);
	assert_string_equal(summary_proto_name(&s), "ARP");
}

static void
summary__of_an_icmp_error__has_type_and_code(void **state)
{
	struct summary s = read_golden("icmp", 8);

	(void)state;
	assert_int_equal(s.icmp_type, 3);
	assert_int_equal(s.icmp_code, 3);
}

/* An IPv4 packet without a link header: UDP 1 to 2, "x" */
static const uint8_t udp[29] = {0x45, 0, 0, 29, 0, 0, 0, 0, 64, 17, 0, 0, 127,
    0, 0, 1, 127, 0, 0, 1, 0, 1, 0, 2, 0, 9, 0, 0, 'x'};
static const uint8_t tcp[40] = {0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6, 0, 0, 127, 0,
    0, 1, 127, 0, 0, 1, 0, 1, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0x50, TCP_ACK, 0, 5,
    0, 0, 0, 0};

static void
summary__header_that_contradicts_itself__is_malformed(void **state)
{
	static const struct {
		const uint8_t *packet;
		uint32_t len, at;
		uint8_t value;
	} changes[] = {
	    {udp, 29, 0, 0x44}, /* header length below 20 */
	    {udp, 29, 3, 19}, /* total length below the header's */
	    {udp, 29, 3, 30}, /* total length above the wire's */
	    {udp, 29, 25, 7}, /* UDP length below its header's */
	    {udp, 29, 25, 10}, /* UDP length above the IP packet's */
	    {tcp, 40, 32, 0x40}, /* data offset below 5 */
	    {tcp, 40, 32, 0x60}, /* data offset behind the end */
	};

	(void)state;
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		uint8_t p[40];
		uint32_t sum;
		struct summary s;

		memcpy(p, changes[i].packet, changes[i].len);
		s = read_bytes(LINK_RAW, p, changes[i].len, changes[i].len);
		assert_int_equal(s.status, SUMMARY_OK);
		p[changes[i].at] = changes[i].value;
		s = read_bytes(LINK_RAW, p, changes[i].len, changes[i].len);
		assert_int_equal(s.status, SUMMARY_MALFORMED);
		sum = s.payload_len + s.padding_len;
		sum += (uint32_t)s.link_len + s.net_len;
		sum += (uint32_t)s.transport_len + s.options_len;
		assert_int_equal(sum, changes[i].len);
	}
}

static void
summary__data_offset_below_5__is_no_tcp_header(void **state)
{
	uint8_t p[sizeof tcp];
	struct summary s;

	(void)state;
	memcpy(p, tcp, sizeof p);
	p[32] = 0x40;
	s = read_bytes(LINK_RAW, p, sizeof p, sizeof p);
	assert_int_equal(s.dst_port, 2);
	assert_int_equal(s.transport_len, 0);
	assert_int_equal(s.tcp_flags, 0);
	assert_int_equal(s.payload_len, 20);
}

static void
summary__total_length_zero__is_an_offloaded_packet(void **state)
{
	uint8_t p[sizeof udp];
	struct summary s;

	(void)state;
	memcpy(p, udp, sizeof p);
	p[3] = 0;
	s = read_bytes(LINK_RAW, p, sizeof p, sizeof p);
	assert_int_equal(s.status, SUMMARY_OK);
	assert_int_equal(s.payload_len, 1);
}

static void
summary__cut_header__keeps_ports_and_wire_lengths(void **state)
{
	struct summary s = read_bytes(LINK_RAW, tcp, 24, 40);

	(void)state;
	assert_int_equal(s.status, SUMMARY_TRUNCATED);
	assert_int_equal(s.proto, PROTO_TCP);
	assert_int_equal(s.src_port, 1);
	assert_int_equal(s.dst_port, 2);
	assert_int_equal(s.transport_len, 20);
}

/* Two blocks, of which a capture may have one, or none that is whole. */
static void
summary__cut_in_a_sack__has_the_blocks_that_are_there(void **state)
{
	enum { OPTIONS = 20, LEN = sizeof tcp + OPTIONS };
	static const uint8_t sack[OPTIONS] = {
	    1, 1, 5, 18, [7] = 1, [11] = 2, [15] = 3, [19] = 4};
	uint8_t p[LEN];

	(void)state;
	memcpy(p, tcp, sizeof tcp);
	memcpy(p + sizeof tcp, sack, OPTIONS);
	p[3] = LEN;
	p[32] = LEN / 4 * 16 - 5 * 16; /* the IP header's 5 words off */
	for (uint32_t cap = sizeof tcp; cap <= LEN; cap++) {
		struct summary s = read_bytes(LINK_RAW, p, cap, LEN);
		struct frame f = {
		    .packet = {.data = p, .cap_len = cap, .wire_len = LEN},
		    .sum = s};
		struct tcp_segment blocks = {0};

		assert_int_equal(
		    s.status, cap < LEN ? SUMMARY_TRUNCATED : SUMMARY_OK);
		assert_int_equal(s.options_len, OPTIONS);
		assert_int_equal(s.has_sack, cap >= sizeof tcp + 4);
		if (!s.has_sack)
			continue;
		flow_read_sack(&f, &blocks);
		assert_int_equal(blocks.sack_count, (cap - sizeof tcp - 4) / 8);
	}
}

static void
summary__cut_payload__counts_what_was_on_the_wire(void **state)
{
	uint8_t p[sizeof udp];
	struct summary s;

	(void)state;
	memcpy(p, udp, sizeof p);
	p[2] = 4; /* 1024 + 29 */
	p[24] = 4;
	s = read_bytes(LINK_RAW, p, sizeof p, 1053);
	assert_int_equal(s.status, SUMMARY_OK);
	assert_int_equal(s.payload_len, 1025);
	assert_int_equal(s.payload_cap, 1);
}

static void
summary__of_each_link_type__finds_the_packet(void **state)
{
	static const struct {
		uint16_t link, len;
		uint8_t header[20];
	} links[] = {
	    {LINK_RAW, 0, {0}},
	    {LINK_NULL, 4, {2, 0, 0, 0}},
	    {LINK_NULL, 4, {0, 0, 0, 2}},
	    {LINK_LOOP, 4, {0, 0, 0, 2}},
	    {LINK_ETHERNET, 14, {[12] = 8}},
	    {LINK_SLL, 16, {[14] = 8}},
	    {LINK_SLL2, 20, {8}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
		uint8_t p[20 + sizeof udp];
		uint32_t n = links[i].len + (uint32_t)sizeof udp;
		struct summary s;

		memcpy(p, links[i].header, links[i].len);
		memcpy(p + links[i].len, udp, sizeof udp);
		s = read_bytes(links[i].link, p, n, n);
		assert_int_equal(s.status, SUMMARY_OK);
		assert_int_equal(s.proto, PROTO_UDP);
		assert_int_equal(s.link_len, links[i].len);
		assert_int_equal(s.payload_len, 1);
	}
}

static void
flags__are_named_from_fin_up(void **state)
{
	char text[SUMMARY_FLAGS_MAX];

	(void)state;
	assert_string_equal(summary_flags(text, 0), "");
	assert_string_equal(summary_flags(text, TCP_ACK | TCP_SYN), "SYN,ACK");
	assert_string_equal(
	    summary_flags(text, 0xff), "FIN,SYN,RST,PSH,ACK,URG,ECE,CWR");
}

/* Of the golden packets many are read so; what is read is checked for each of
 * their prefixes in corpus_test.c. */
static void
summary__of_a_usual_packet__is_read_in_one_go(void **state)
{
	struct summary s;

	(void)state;
	golden_load("udp4_echo", &g);
	assert_true(summary_read_usual(&g.packets[0], &s));
	golden_load("tcp4_echo", &g);
	assert_true(summary_read_usual(&g.packets[0], &s)); /* a SYN */
	assert_true(summary_read_usual(&g.packets[2], &s));
	golden_load("udp6_echo", &g);
	assert_false(summary_read_usual(&g.packets[0], &s));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(summary__of_a_usual_packet__is_read_in_one_go),
	    cmocka_unit_test(summary__each_golden_packet__has_its_layers),
	    cmocka_unit_test(summary__of_a_syn__has_its_numbers_and_options),
	    cmocka_unit_test(summary__of_data__tells_where_it_is),
	    cmocka_unit_test(
		summary__of_arp__has_the_addresses_and_no_endpoint),
	    cmocka_unit_test(summary__of_an_icmp_error__has_type_and_code),
	    cmocka_unit_test(
		summary__header_that_contradicts_itself__is_malformed),
	    cmocka_unit_test(summary__data_offset_below_5__is_no_tcp_header),
	    cmocka_unit_test(
		summary__total_length_zero__is_an_offloaded_packet),
	    cmocka_unit_test(summary__cut_header__keeps_ports_and_wire_lengths),
	    cmocka_unit_test(
		summary__cut_in_a_sack__has_the_blocks_that_are_there),
	    cmocka_unit_test(summary__cut_payload__counts_what_was_on_the_wire),
	    cmocka_unit_test(summary__of_each_link_type__finds_the_packet),
	    cmocka_unit_test(flags__are_named_from_fin_up),
	};

	return cmocka_run_group_tests_name("summary", tests, NULL, NULL);
}
