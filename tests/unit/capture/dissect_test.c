#include "capture/dissect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "capture/summary.h"
#include "net/pystruct.h"
#include "tests/unit/capture/golden.h"

static struct golden g;
static struct tree t;

static const struct dissect_context nobody_knows = {.window_shift = -1};

static int
setup(void **state)
{
	(void)state;
	tree_init(&t);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	tree_done(&t);
	return 0;
}

/* Number as tcpdump and Wireshark count: from 1. */
static void
dissect_golden(
    const char *file, size_t number, const struct dissect_context *ctx)
{
	assert_true(golden_load(file, &g) >= number);
	dissect(&g.packets[number - 1], ctx, &t);
}

static const struct field *
field(const char *key)
{
	const struct field *f = tree_find(&t, key, 0);

	if (f == NULL)
		fail_msg("no field %s", key);
	return f;
}

/* All values of a key as tshark prints them: with commas between. */
static const char *
values(const char *key, char *dst, size_t size)
{
	size_t used = 0;

	dst[0] = '\0';
	for (size_t i = 0; i < t.count; i++) {
		const struct field *f = &t.fields[i];

		if (f->key == NULL || strcmp(f->key, key) != 0)
			continue;
		used += (size_t)snprintf(dst + used, size - used, "%s%s",
		    used > 0 ? "," : "", f->value);
		assert_true(used < size);
	}
	return dst;
}

/* What tshark 4.0 -T fields prints of these packets. */
static const struct {
	const char *file;
	size_t number;
	const char *key, *value;
} tshark[] = {
    {"tcp4_echo", 1, "frame.time_epoch", "1795425608.716462163"},
    {"tcp4_echo", 1, "frame.len", "74"},
    {"tcp4_echo", 1, "frame.protocols", "eth:ethertype:ip:tcp"},
    {"tcp4_echo", 4, "frame.protocols", "eth:ethertype:ip:tcp:data"},
    {"tcp4_echo", 1, "eth.src", "00:00:00:00:00:00"},
    {"tcp4_echo", 1, "eth.type", "0x0800"},
    {"tcp4_echo", 1, "ip.version", "4"},
    {"tcp4_echo", 1, "ip.hdr_len", "20"},
    {"tcp4_echo", 1, "ip.dsfield", "0x00"},
    {"tcp4_echo", 1, "ip.len", "60"},
    {"tcp4_echo", 1, "ip.id", "0x0439"},
    {"tcp4_echo", 1, "ip.flags", "0x02"},
    {"tcp4_echo", 1, "ip.flags.df", "1"},
    {"tcp4_echo", 1, "ip.flags.mf", "0"},
    {"tcp4_echo", 1, "ip.ttl", "64"},
    {"tcp4_echo", 1, "ip.proto", "6"},
    {"tcp4_echo", 1, "ip.checksum", "0x3881"},
    {"tcp4_echo", 1, "ip.src", "127.0.0.1"},
    {"tcp4_echo", 1, "tcp.srcport", "51626"},
    {"tcp4_echo", 1, "tcp.len", "0"},
    {"tcp4_echo", 1, "tcp.seq_raw", "3472286173"},
    {"tcp4_echo", 1, "tcp.ack_raw", "0"},
    {"tcp4_echo", 1, "tcp.hdr_len", "40"},
    {"tcp4_echo", 1, "tcp.flags", "0x0002"},
    {"tcp4_echo", 1, "tcp.flags.syn", "1"},
    {"tcp4_echo", 1, "tcp.flags.ack", "0"},
    {"tcp4_echo", 1, "tcp.window_size_value", "64240"},
    {"tcp4_echo", 1, "tcp.window_size", "64240"},
    {"tcp4_echo", 1, "tcp.window_size_scalefactor", ""},
    {"tcp4_echo", 1, "tcp.checksum", "0xfe30"},
    {"tcp4_echo", 1, "tcp.urgent_pointer", "0"},
    {"tcp4_echo", 1, "tcp.options", "020405b40402080a2ec8e672000000000103030a"},
    {"tcp4_echo", 1, "tcp.option_kind", "2,4,8,1,3"},
    {"tcp4_echo", 1, "tcp.option_len", "4,2,10,3"},
    {"tcp4_echo", 1, "tcp.options.mss_val", "1460"},
    {"tcp4_echo", 1, "tcp.options.sack_perm", "0402"},
    {"tcp4_echo", 1, "tcp.options.timestamp.tsval", "784918130"},
    {"tcp4_echo", 1, "tcp.options.wscale.shift", "10"},
    {"tcp4_echo", 1, "tcp.options.wscale.multiplier", "1024"},
    {"tcp4_echo", 4, "tcp.payload", "48656c6c6f2c20776f726c64"},
    {"tcp4_echo", 4, "data.len", "12"},
    {"tcp4_refused", 2, "tcp.flags.reset", "1"},
    {"tcp6_echo", 1, "ipv6.plen", "40"},
    {"tcp6_echo", 1, "ipv6.tclass", "0x00000000"},
    {"tcp6_echo", 1, "ipv6.src", "::1"},
    {"tcp_options", 2, "tcp.options.sack.count", "2"},
    {"tcp_options", 3, "tcp.options.md5.digest",
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
    {"tcp_options", 4, "tcp.options.user_to_granularity", "1"},
    {"tcp_options", 4, "tcp.options.user_to_val", "5"},
    {"tcp_options", 4, "tcp.options.tfo.request", "1"},
    {"tcp_options", 5, "tcp.options.tfo.cookie", "1122334455667788"},
    {"tcp_options", 7, "tcp.options.experimental.exid", "0xf989"},
    {"tcp_options", 7, "tcp.option_kind", "253,0,0,0,0"},
    {"tcp_options", 8, "tcp.options.unknown", "0e0301"},
    {"tcp_options", 10, "tcp.flags", "0x01f9"},
    {"tcp_options", 10, "tcp.urgent_pointer", "3"},
    {"tcp_options", 10, "ip.dsfield.dscp", "46"},
    {"tcp_options", 10, "ip.dsfield.ecn", "1"},
    {"tcp_options", 11, "ipv6.tclass", "0x000000b9"},
    {"tcp_options", 11, "ipv6.tclass.dscp", "46"},
    {"tcp_options", 11, "ipv6.flow", "0x012345"},
    {"udp4_echo", 1, "udp.length", "20"},
    {"udp4_echo", 1, "udp.payload", "48656c6c6f2c20776f726c64"},
    {"udp4_echo", 3, "udp.payload", ""},
    {"vlan", 1, "vlan.priority", "3"},
    {"vlan", 1, "vlan.id", "100"},
    {"vlan", 1, "vlan.etype", "0x0800"},
    {"vlan", 2, "ieee8021ad.id", "5"},
    {"vlan", 2, "vlan.id", "7"},
    {"vlan", 2, "vlan.dei", "1"},
    {"vlan", 3, "eth.padding", "0000000000000000000000000000"},
    {"neighbours", 1, "arp.opcode", "1"},
    {"neighbours", 1, "arp.src.hw_mac", "72:99:76:bf:95:48"},
    {"neighbours", 1, "arp.dst.proto_ipv4", "10.0.0.2"},
    {"neighbours", 5, "ipv6.hopopts.nxt", "58"},
    {"neighbours", 5, "ipv6.opt.type", "0x05,0x01"},
    {"neighbours", 5, "ipv6.opt.router_alert", "0"},
    {"neighbours", 5, "ipv6.opt.padn", "<none>"},
    {"neighbours", 5, "icmpv6.mldr.mar.multicast_address",
	"ff02::1:ffbf:9548,ff02::1:ff00:1"},
    {"neighbours", 9, "icmpv6.nd.ns.target_address", "fd00::2"},
    {"neighbours", 9, "icmpv6.opt.linkaddr", "72:99:76:bf:95:48"},
    {"neighbours", 10, "icmpv6.nd.na.flag", "0x60000000"},
    {"neighbours", 10, "icmpv6.nd.na.flag.s", "1"},
    {"icmp", 1, "icmp.ident", "4660"},
    {"icmp", 1, "icmp.ident_le", "13330"},
    {"icmp", 5, "icmpv6.echo.identifier", "0x1234"},
    {"icmp", 8, "icmp.unused", "00000000"},
    {"icmp", 8, "ip.src", "127.0.0.1,127.0.0.1"},
    {"icmp", 8, "udp.dstport", "5998"},
    {"icmp", 8, "frame.protocols", "eth:ethertype:ip:icmp:ip:udp:data"},
    {"fragments", 2, "ip.frag_offset", "185"},
    {"fragments", 1, "ip.flags.mf", "1"},
    {"fragments", 6, "ipv6.fraghdr.offset", "181"},
    {"ip_options", 1, "ip.opt.type", "148"},
    {"ip_options", 1, "ip.opt.ra", "0"},
    {"ip_options", 2, "ip.rec_rt", "10.0.0.1"},
    {"ip_options", 2, "ip.empty_rt", "0.0.0.0"},
    {"ip_options", 3, "ip.opt.flag", "0x01"},
    {"ip_options", 7, "ipv6.routing.segleft", "1"},
    {"ip_options", 8, "ipv6.fraghdr.ident", "0xdeadbeef"},
    {"ip_options", 12, "eth.padding", "000000000000000000000000000000"},
    {"ip_options", 14, "eth.len", "38"},
};

static void
values__of_golden_packets__are_those_of_tshark(void **state)
{
	char got[256];

	(void)state;
	for (size_t i = 0; i < sizeof tshark / sizeof *tshark; i++) {
		dissect_golden(tshark[i].file, tshark[i].number, &nobody_knows);
		values(tshark[i].key, got, sizeof got);
		if (strcmp(got, tshark[i].value) != 0)
			fail_msg("%s #%zu %s: %s instead of %s", tshark[i].file,
			    tshark[i].number, tshark[i].key, got,
			    tshark[i].value);
		assert_true(dissect_key_known(tshark[i].key));
	}
}

static void
keys__that_nobody_produces__are_unknown(void **state)
{
	(void)state;
	assert_false(dissect_key_known("tcp"));
	assert_false(dissect_key_known("tcp.flags.sin"));
	assert_false(dissect_key_known(""));
}

static void
context__of_a_flow__makes_numbers_relative(void **state)
{
	struct dissect_context ctx = {
	    .number = 4,
	    .seq_base = 3472286173,
	    .window_shift = 10,
	    .stream = 7,
	};

	(void)state;
	assert_true(golden_load("tcp4_echo", &g) >= 4);
	ctx.since_first_ns = g.packets[3].ts_ns - g.packets[0].ts_ns;
	ctx.since_previous_ns = g.packets[3].ts_ns - g.packets[2].ts_ns;
	dissect(&g.packets[3], &ctx, &t);
	assert_string_equal(field("frame.number")->value, "4");
	assert_string_equal(field("frame.time_relative")->value, "0.000087851");
	assert_string_equal(field("frame.time_delta")->value, "0.000045458");
	assert_string_equal(field("tcp.stream")->value, "7");
	assert_string_equal(field("tcp.seq")->value, "1");
	assert_string_equal(field("tcp.nxtseq")->value, "13");
	assert_string_equal(field("tcp.window_size")->value, "64512");
	assert_string_equal(field("tcp.window_size")->remark, "63 x 1024");
	assert_string_equal(field("tcp.flags")->remark, "PSH, ACK");
}

static void
fields__say_where_their_bytes_are(void **state)
{
	static const struct {
		const char *key;
		uint32_t off, len;
		uint8_t mask;
	} want[] = {
	    {"ip.version", 14, 1, 0xf0},
	    {"ip.hdr_len", 14, 1, 0x0f},
	    {"ip.flags.df", 20, 1, 0x40},
	    {"ip.frag_offset", 20, 2, 0},
	    {"ip.src", 26, 4, 0},
	    {"tcp.len", 34, 0, 0},
	    {"tcp.hdr_len", 46, 1, 0xf0},
	    {"tcp.flags", 46, 2, 0},
	    {"tcp.flags.syn", 47, 1, 0x02},
	    {"tcp.options", 54, 20, 0},
	    {"tcp.options.mss_val", 56, 2, 0},
	};

	(void)state;
	dissect_golden("tcp4_echo", 1, &nobody_knows);
	for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
		const struct field *f = field(want[i].key);

		assert_int_equal(f->off, want[i].off);
		assert_int_equal(f->len, want[i].len);
		assert_int_equal(f->bit_mask, want[i].mask);
		assert_true(f->name[0] != '\0');
	}
}

static void
checksum__on_lo__is_said_to_be_offloaded(void **state)
{
	struct dissect_context ctx = nobody_knows;

	(void)state;
	ctx.local = true;
	dissect_golden("tcp4_echo", 4, &ctx);
	assert_string_equal(field("ip.checksum")->remark, "correct");
	assert_non_null(strstr(field("tcp.checksum")->remark, "offloaded"));
	ctx.local = false;
	dissect_golden("tcp4_echo", 4, &ctx);
	assert_non_null(strstr(field("tcp.checksum")->remark, "wrong"));
}

static void
checksum__in_each_protocol__is_verified(void **state)
{
	static const struct {
		const char *file;
		size_t number;
		const char *key;
	} sums[] = {
	    {"tcp_options", 2, "tcp.checksum"},
	    {"tcp_options", 11, "tcp.checksum"},
	    {"vlan", 1, "udp.checksum"},
	    {"vlan", 2, "udp.checksum"},
	    {"icmp", 1, "icmp.checksum"},
	    {"icmp", 5, "icmpv6.checksum"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof sums / sizeof *sums; i++) {
		const struct field *f;
		char right[8], want[64];
		uint8_t *at;

		dissect_golden(sums[i].file, sums[i].number, &nobody_knows);
		f = field(sums[i].key);
		assert_string_equal(f->remark, "correct");
		memcpy(right, f->value, 7);
		/* the packet's bytes are in g.bytes, behind a const */
		at = g.bytes + (g.packets[sums[i].number - 1].data - g.bytes);
		at[f->off] ^= 0x5a;
		dissect(&g.packets[sums[i].number - 1], &nobody_knows, &t);
		snprintf(want, sizeof want, "wrong, should be %s", right);
		assert_string_equal(field(sums[i].key)->remark, want);
	}
}

/* A fragment's checksum covers bytes that are elsewhere. */
static void
checksum__of_a_fragment__is_not_judged(void **state)
{
	(void)state;
	dissect_golden("fragments", 1, &nobody_knows);
	assert_string_equal(field("icmp.checksum")->remark, "");
	assert_string_equal(field("ip.checksum")->remark, "correct");
}

/* The first field that is marked; one without trouble if none is. */
static const struct field *
trouble(void)
{
	static const struct field none = {.trouble = RD_OK, .name = ""};

	for (size_t i = 0; i < t.count; i++)
		if (t.fields[i].trouble != RD_OK)
			return &t.fields[i];
	return &none;
}

static void
header__cut_by_the_capture__names_the_field_and_keeps_the_rest(void **state)
{
	struct packet p;

	(void)state;
	assert_true(golden_load("tcp4_echo", &g) > 0);
	p = g.packets[0];
	p.cap_len = 14 + 10 + 1; /* a byte of the header checksum */
	dissect(&p, &nobody_knows, &t);
	assert_string_equal(field("ip.proto")->value, "6");
	assert_null(tree_find(&t, "ip.checksum", 0));
	assert_string_equal(trouble()->name, "Header checksum");
	assert_int_equal(trouble()->trouble, RD_TRUNCATED);
	assert_int_equal(trouble()->off, 24);
	assert_int_equal(trouble()->len, 1);
	assert_string_equal(trouble()->remark,
	    "[IPv4 header cut by the capture after 11 of 20 bytes]");
}

/* What no one can check is neither correct nor wrong; so is what the network
 * card fills in. */
static void
checksum__each_outcome__has_its_status(void **state)
{
	struct dissect_context here = {.local = true};
	struct packet p;

	(void)state;
	assert_true(golden_load("tcp4_echo", &g) > 0);
	p = g.packets[0];
	dissect(&p, &nobody_knows, &t);
	assert_string_equal(field("ip.checksum.status")->value, "1");
	assert_string_equal(field("tcp.checksum.status")->value, "0");
	dissect(&p, &here, &t);
	assert_string_equal(field("tcp.checksum.status")->value, "2");
	p.cap_len--;
	dissect(&p, &nobody_knows, &t);
	assert_string_equal(field("tcp.checksum.status")->value, "2");
}

static void
tcp__no_header_length__has_no_stream_and_no_data(void **state)
{
	enum { DATA_OFFSET = 14 + 20 + 12 };
	struct packet p;

	(void)state;
	assert_true(golden_load("tcp4_echo", &g) > 3);
	p = g.packets[3];
	dissect(&p, &nobody_knows, &t);
	assert_non_null(tree_find(&t, "tcp.stream", 0));
	assert_non_null(tree_find(&t, "tcp.payload", 0));
	g.bytes[p.data - g.bytes + DATA_OFFSET] = 0;
	dissect(&p, &nobody_knows, &t);
	assert_string_equal(field("tcp.hdr_len")->value, "0");
	assert_null(tree_find(&t, "tcp.stream", 0));
	assert_null(tree_find(&t, "tcp.payload", 0));
	assert_null(tree_find(&t, "data.data", 0));
}

static void
frame__without_a_time__has_none(void **state)
{
	struct packet p;

	(void)state;
	assert_true(golden_load("udp4_echo", &g) > 0);
	p = g.packets[0];
	p.ts_ns = PACKET_NO_TIME;
	dissect(&p, &nobody_knows, &t);
	assert_null(tree_find(&t, "frame.time", 0));
	assert_null(tree_find(&t, "frame.time_epoch", 0));
	assert_string_equal(field("frame.len")->value, "54");
}

static void
header__longer_than_the_wire__is_malformed(void **state)
{
	struct packet p;

	(void)state;
	assert_true(golden_load("udp4_echo", &g) > 0);
	p = g.packets[0];
	p.cap_len = p.wire_len = 14 + 20 + 4;
	dissect(&p, &nobody_knows, &t);
	assert_string_equal(field("udp.srcport")->value, "42825");
	assert_int_equal(field("ip.len")->trouble, RD_MALFORMED);
	assert_string_equal(
	    field("ip.len")->remark, "more than the 24 bytes on the wire");
}

static void
payload__cut_by_the_capture__says_how_much_is_there(void **state)
{
	struct packet p;

	(void)state;
	assert_true(golden_load("tcp4_echo", &g) >= 9);
	p = g.packets[8];
	p.cap_len = 70;
	dissect(&p, &nobody_knows, &t);
	assert_string_equal(field("tcp.len")->value, "100");
	assert_int_equal(field("tcp.payload")->trouble, RD_TRUNCATED);
	assert_int_equal(field("tcp.payload")->len, 4);
	assert_string_equal(field("tcp.payload")->remark,
	    "[cut by the capture after 4 of 100 bytes]");
}

static void
payload__longer_than_a_value__ends_in_dots(void **state)
{
	const char *value;

	(void)state;
	dissect_golden("tcp4_echo", 9, &nobody_knows);
	value = field("tcp.payload")->value;
	assert_memory_equal(value, "78787878", 8);
	assert_string_equal(value + strlen(value) - 3, "...");
}

static void
quoted_packet__of_a_whole_error__is_no_trouble(void **state)
{
	(void)state;
	dissect_golden("icmp", 8, &nobody_knows);
	assert_int_equal(trouble()->trouble, RD_OK);
	assert_null(tree_find(&t, "udp.stream", 0));
	assert_string_equal(field("icmp.code")->remark,
	    "port unreachable: nobody listens there");
}

/* A tree is used again and again: nothing of the packet before may stay. */
static void
dissect__a_second_packet__replaces_the_first(void **state)
{
	(void)state;
	dissect_golden("tcp4_echo", 1, &nobody_knows);
	dissect_golden("udp4_echo", 1, &nobody_knows);
	assert_null(tree_find(&t, "tcp.srcport", 0));
	assert_non_null(tree_find(&t, "udp.srcport", 0));
}

/* "Hello, world", 12 bytes, to port 7 of golden packet 1. */
static void
records__of_an_agreed_format__are_shown_by_value(void **state)
{
	struct dissect_context ctx = nobody_knows;
	struct record_formats formats = {0};
	struct pystruct ps;
	struct rd r = rd_init("Hello, world", 12, 12);
	char text[400];

	(void)state;
	assert_int_equal(pystruct_compile(&ps, "!2sHxB", NULL), 0);
	formats.request = &ps;
	ctx.records = &formats;
	dissect_golden("udp4_echo", 1, &ctx); /* no port: nothing is known */
	assert_null(tree_find(&t, "struct.value", 0));
	formats.port = (uint16_t)atoi(field("udp.dstport")->value);
	dissect_golden("udp4_echo", 1, &ctx);
	assert_string_equal(values("struct.value", text, sizeof text),
	    "b'He',27756,44,b' w',28530,100");
	assert_string_equal(
	    values("struct.padding", text, sizeof text), "6f,6c");
	assert_int_equal(field("struct.padding")->off, 14 + 20 + 8 + 4);
	dissect_record_info(&formats, 1, formats.port, r, text, sizeof text);
	assert_string_equal(text, "struct (b'He', 27756, 44) and 1 more");
	/* part of a record, the other direction: bytes */
	assert_int_equal(dissect_record_info(&formats, 1, formats.port,
			     rd_init("Hello", 5, 5), text, sizeof text),
	    0);
	assert_int_equal(dissect_record_info(
			     &formats, formats.port, 1, r, text, sizeof text),
	    0);
	pystruct_done(&ps);
}

/* Of what every packet of the lab has; other fields are part of one that does. */
static void
fields__of_the_layers_below__say_what_they_are_for(void **state)
{
	static const char *const of[] = {"frame.", "eth.", "arp.", "ip.",
	    "ipv6.", "icmp.", "icmpv6.", "udp.", "tcp.", "data."};
	struct dissect_key k;

	(void)state;
	for (size_t i = 0; dissect_key(i, &k); i++)
		for (size_t p = 0; p < sizeof of / sizeof *of; p++)
			if (k.key != NULL && k.help == NULL &&
			    strncmp(k.key, of[p], strlen(of[p])) == 0)
				fail_msg("%s (%s) has no help", k.key, k.name);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(records__of_an_agreed_format__are_shown_by_value),
	    cmocka_unit_test(values__of_golden_packets__are_those_of_tshark),
	    cmocka_unit_test(keys__that_nobody_produces__are_unknown),
	    cmocka_unit_test(context__of_a_flow__makes_numbers_relative),
	    cmocka_unit_test(fields__say_where_their_bytes_are),
	    cmocka_unit_test(
		fields__of_the_layers_below__say_what_they_are_for),
	    cmocka_unit_test(checksum__on_lo__is_said_to_be_offloaded),
	    cmocka_unit_test(checksum__in_each_protocol__is_verified),
	    cmocka_unit_test(checksum__of_a_fragment__is_not_judged),
	    cmocka_unit_test(
		header__cut_by_the_capture__names_the_field_and_keeps_the_rest),
	    cmocka_unit_test(checksum__each_outcome__has_its_status),
	    cmocka_unit_test(tcp__no_header_length__has_no_stream_and_no_data),
	    cmocka_unit_test(frame__without_a_time__has_none),
	    cmocka_unit_test(header__longer_than_the_wire__is_malformed),
	    cmocka_unit_test(
		payload__cut_by_the_capture__says_how_much_is_there),
	    cmocka_unit_test(payload__longer_than_a_value__ends_in_dots),
	    cmocka_unit_test(quoted_packet__of_a_whole_error__is_no_trouble),
	    cmocka_unit_test(dissect__a_second_packet__replaces_the_first),
	};

	return cmocka_run_group_tests_name("dissect", tests, setup, teardown);
}
