/* Rules and settings of the wire: words to meaning and back, and which packets
 * a rule takes. */
#include "net/wire_rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "net/base/clock.h"
#include "net/wire_words.h"
#include "tests/fuzz/wire_check.h"
#include "tests/unit/corpus.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

static void
rule__as_people_write_it__is_understood(void **state)
{
	static const char *const table[][2] = {
	    {"drop 3rd data segment client->server once",
		"drop 3rd data client->server once"},
	    {"drop every SYN-ACK", "drop every syn-ack"},
	    {"delay flags:fin 2s", "delay 2s every flags:fin"},
	    {"delay 300us 2nd ack", "delay 300000ns 2nd ack"},
	    {"delay fin", "delay 1s every fin"},
	    {"duplicate 2nd ack server->client",
		"duplicate 2nd ack server->client"},
	    {"DUPLICATE EVERY 5TH ACKS <-",
		"duplicate every 5th ack server->client"},
	    {"corrupt next data port:7000", "corrupt 1st data port:7000 once"},
	    {"reorder first datagram", "reorder 1st udp once"},
	    {"drop third SYN,ACK", "drop 3rd syn-ack"},
	    {"drop all", "drop every packet"},
	    {"drop server->client", "drop every packet server->client"},
	    {"pass retransmissions", "pass every retransmission"},
	    {"drop flags:syn,ack", "drop every flags:syn,ack"},
	    {"drop 11th data", "drop 11th data"},
	    {"drop 22nd data", "drop 22nd data"},
	};
	char text[WIRE_RULE_TEXT];
	struct wire_rule r;
	struct err err;

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		assert_int_equal(wire_rule_parse(table[i][0], &r, &err), 0);
		assert_string_equal(wire_rule_text(&r, text), table[i][1]);
	}
}

static void
rule__not_understood__is_explained(void **state)
{
	static const char *const bad[][2] = {
	    {"", "drop 3rd data client->server once"},
	    {"lose data", "'lose' is nothing a rule can do"},
	    {"drop", "drop what?"},
	    {"drop 3rt data", "'3rt' is no word of a rule"},
	    {"drop data syn", "'syn' is no word"},
	    {"drop flags:x", "'flags:x'"},
	    {"drop data 2s", "'2s'"},
	    {"delay data 99min", "up to 60 s, not '99min'"},
	    {"delay data 100000s", "delay takes a time"},
	    {"drop data port:0", "port: takes a number"},
	    {"drop 0th data", "'0th': which one is a number from 1st to "},
	    {"drop -1 data", "'-1': which one is a number from 1st to 1000000"},
	    {"drop 3 data", "'3': which one is a number from 1st"},
	    {"drop 99999999999999999999th data", "which one is a number"},
	    {"delay 0th data", "'0th': which one is a number"},
	    {"drop data client2->server", "is what any client sends"},
	};
	struct wire_rule r;
	struct err err;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		assert_int_equal(wire_rule_parse(bad[i][0], &r, &err), -EINVAL);
		if (strstr(err.text, bad[i][1]) == NULL)
			print_error("%s: %s\n", bad[i][0], err.text);
		assert_non_null(strstr(err.text, bad[i][1]));
	}
}

/* ---- matching ---- */

struct sent {
	enum wire_direction dir;
	uint8_t flags;
	uint32_t seq, ack, len;
};

#define UP WIRE_TO_SERVER
#define DOWN WIRE_TO_CLIENT
#define A WIRE_ACK

/* What a rule makes of a conversation: '.' passes, 'x' the rule's action. */
static const char *
play(const char *words, const struct sent *v, size_t n, char *dst)
{
	struct wire_rules rules = {0};
	static struct wire_flows flows;
	struct wire_rule r;
	struct err err;

	flows = (struct wire_flows){0};
	assert_int_equal(wire_rule_parse(words, &r, &err), 0);
	assert_int_equal(wire_rules_add(&rules, &r, &err), 0);
	for (size_t i = 0; i < n; i++) {
		struct wire_facts f = {.ip_version = 4,
		    .proto = IPPROTO_TCP,
		    .whole = true,
		    .flags = v[i].flags,
		    .seq = v[i].seq,
		    .ack = v[i].ack,
		    .payload_len = v[i].len};
		struct impair_key key;

		f.src[3] = v[i].dir == UP ? 2 : 1;
		f.dst[3] = v[i].dir == UP ? 1 : 2;
		f.src_port = v[i].dir == UP ? 40000 : 7000;
		f.dst_port = v[i].dir == UP ? 7000 : 40000;
		key = wire_flows_key(&flows, &f, v[i].dir);
		dst[i] = wire_rules_match(&rules, &f, &key, v[i].dir).action ==
				 WIRE_NONE
			     ? '.'
			     : 'x';
	}
	dst[n] = '\0';
	return dst;
}

static const struct sent lesson[] = {
    {UP, WIRE_SYN, 1000, 0, 0},
    {DOWN, WIRE_SYN | A, 5000, 1001, 0},
    {UP, A, 1001, 5001, 0},
    {UP, A, 1001, 5001, 100},
    {UP, A, 1101, 5001, 100},
    {UP, A, 1201, 5001, 100}, /* the 3rd */
    {UP, A, 1301, 5001, 100},
    {DOWN, A, 5001, 1201, 0},
    {DOWN, A, 5001, 1201, 0},
    {UP, A, 1201, 5001, 100}, /* and again */
    {DOWN, A, 5001, 1401, 0},
    {UP, A, 1401, 5001, 100},
    {UP, WIRE_FIN | A, 1501, 5001, 0},
};

static void
match__lesson__takes_those_that_are_meant(void **state)
{
	static const char *const table[][2] = {
	    {"drop 3rd data client->server once", ".....x......."},
	    {"drop 3rd data client->server", ".....x...x..."},
	    {"drop every 3rd data", ".....x......."},
	    {"drop every 2nd data", "....x.x......"},
	    {"drop data", "...xxxx..x.x."},
	    {"drop syn", "x............"},
	    {"drop every syn-ack", ".x..........."},
	    {"drop every ack", "..x....xx.x.."},
	    {"drop 2nd ack server->client", "........x...."},
	    {"drop fin", "............x"},
	    {"drop flags:syn", "xx..........."},
	    {"drop retransmissions", ".........x..."},
	    {"drop server->client", ".x.....xx.x.."},
	    {"drop next data port:7000", "...x........."},
	    {"drop data port:7001", "............."},
	    {"drop udp", "............."},
	};
	char got[COUNT(lesson) + 1];

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		if (strcmp(play(table[i][0], lesson, COUNT(lesson), got),
			table[i][1]) != 0)
			print_error("%s: %s\n", table[i][0], got);
		assert_string_equal(got, table[i][1]);
	}
}

static void
match__several_rules__the_first_that_fits_decides(void **state)
{
	struct wire_rules rules = {0};
	struct wire_facts f = {.proto = IPPROTO_UDP, .payload_len = 1};
	struct impair_key key = {0};
	struct wire_rule r;
	struct err err;

	(void)state;
	wire_rule_parse("pass next udp", &r, &err);
	wire_rules_add(&rules, &r, &err);
	wire_rule_parse("drop udp", &r, &err);
	wire_rules_add(&rules, &r, &err);
	assert_int_equal(
	    wire_rules_match(&rules, &f, &key, UP).action, WIRE_PASS);
	assert_true(wire_rule_is_done(&rules.rule[0]));
	assert_int_equal(
	    wire_rules_match(&rules, &f, &key, UP).action, WIRE_DROP);
	assert_int_equal(wire_rules_remove(&rules, 1), 0);
	assert_int_equal(
	    wire_rules_match(&rules, &f, &key, UP).action, WIRE_NONE);
	assert_int_equal(wire_rules_remove(&rules, 1), -ENOENT);
	while (rules.count < WIRE_RULES_MAX)
		assert_int_equal(wire_rules_add(&rules, &r, &err), 0);
	assert_int_equal(wire_rules_add(&rules, &r, &err), -ENOSPC);
}

/* ---- settings ---- */

static void
words__of_both_ways__set_what_they_name(void **state)
{
	static const char *const words[] = {"delay=20ms", "loss=5%",
	    "client->server", "rate=10mbit", "queue=64kb", "server->client",
	    "burst=4", "mtu=1000"};
	struct wire_settings ways[2] = {0};
	char text[WIRE_WORDS_TEXT];
	struct err err;

	(void)state;
	assert_string_equal(wire_settings_text(&ways[0], text), "off");
	assert_int_equal(wire_words_apply(ways, words, COUNT(words), &err), 0);
	assert_string_equal(wire_settings_text(&ways[0], text),
	    "delay=20ms loss=5% rate=10mbit queue=64kb");
	assert_string_equal(wire_settings_text(&ways[1], text),
	    "delay=20ms loss=5% burst=4 mtu=1000");
}

static void
words__preset__is_another_wire_each_way(void **state)
{
	static const char *const words[] = {"dsl", "seed=7", "loss=1"};
	static const char *const off[] = {"client->server", "OFF"};
	struct wire_settings ways[2] = {0};
	char text[WIRE_WORDS_TEXT];
	struct err err;

	(void)state;
	assert_int_equal(wire_words_apply(ways, words, 3, &err), 0);
	assert_string_equal(wire_settings_text(&ways[0], text),
	    "delay=10ms loss=1% rate=1mbit queue=40 seed=7");
	assert_string_equal(wire_settings_text(&ways[1], text),
	    "delay=10ms jitter=2ms loss=1% rate=16mbit queue=100 seed=7");
	assert_int_equal(wire_words_apply(ways, off, 2, &err), 0);
	assert_string_equal(wire_settings_text(&ways[0], text), "off");
	assert_true(ways[1].rate_bps > 0);
	for (size_t i = 1; wire_preset_at(i) != NULL; i++) {
		const char *name = wire_preset_at(i)->name;

		assert_int_equal(wire_words_apply(ways, &name, 1, &err), 0);
		assert_true(ways[0].rate_bps > 0 && ways[1].rate_bps > 0);
	}
}

static void
words__wrong__change_nothing_and_are_explained(void **state)
{
	static const char *const bad[][2] = {{"delay=x", "delay takes a time"},
	    {"wifi", "bad-wifi"}, {"colour=1", "'colour=1'"},
	    {"mtu=100", "mtu takes a number from 576"},
	    {"queue=0", "queue takes"}, {"rate=fast", "10mbit"},
	    {"burst=0.5", "in a row"},
	    {"client2->server", "'client2->server' is no direction"}};
	struct wire_settings ways[2] = {0};
	struct err err;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		const char *words[] = {"loss=5", bad[i][0]};

		assert_int_equal(
		    wire_words_apply(ways, words, 2, &err), -EINVAL);
		assert_non_null(strstr(err.text, bad[i][1]));
		assert_int_equal(ways[0].impair.loss_ppm, 0);
	}
}

/* ---- what routers answer ---- */

static uint32_t
checksum(const uint8_t *p, size_t n, uint32_t s)
{
	for (size_t i = 0; i < n; i++)
		s += (uint32_t)p[i] << (i % 2 == 0 ? 8 : 0);
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return s;
}

static void
icmp__ttl_at_its_end__quotes_the_packet(void **state)
{
	static const uint8_t udp[] = {0x45, 0, 0, 32, 0, 1, 0x40, 0, 1, 17, 0,
	    0, 10, 0, 0, 2, 10, 0, 0, 1, 0x9c, 0x40, 0x1b, 0x58, 0, 12, 0, 0,
	    'a', 'b', 'c', 'd'};
	static const struct wire_router router = {.ip4 = {10, 0, 0, 254}};
	uint8_t out[WIRE_ICMP_MAX], copy[sizeof udp];
	struct wire_facts f, answer;
	size_t n;

	(void)state;
	assert_true(wire_facts_read(udp, sizeof udp, &f));
	assert_int_equal(f.ttl, 1);
	assert_int_equal(f.dst_port, 7000);
	assert_int_equal(f.payload_len, 4);
	n = wire_icmp_make(
	    WIRE_ICMP_EXPIRED, 0, &router, &f, udp, sizeof udp, out);
	assert_int_equal(n, 28 + sizeof udp);
	assert_true(wire_facts_read(out, n, &answer));
	assert_memory_equal(answer.src, router.ip4, 4);
	assert_memory_equal(answer.dst, f.src, 4);
	assert_int_equal(answer.icmp_type, 11);
	assert_int_equal(checksum(out, 20, 0), 0xffff);
	assert_int_equal(checksum(out + 20, n - 20, 0), 0xffff);
	assert_memory_equal(out + 28, udp, sizeof udp);
	/* no error about an error */
	assert_int_equal(
	    wire_icmp_make(WIRE_ICMP_EXPIRED, 0, &router, &answer, out, n, out),
	    0);
	/* a hop on the way, and the header's checksum fits */
	memcpy(copy, udp, sizeof copy);
	wire_hop(copy, &f, 1);
	assert_int_equal(copy[8], 0);
	assert_int_equal(checksum(copy, 20, 0), 0xffff);
}

static void
icmp__too_big_over_ip6__names_the_mtu(void **state)
{
	static uint8_t packet[1500] = {
	    0x60, 0, 0, 0, 1460 >> 8, 1460 & 255, 6, 64};
	static const struct wire_router router = {.ip6 = {0xfd, [15] = 0xfe}};
	uint8_t out[WIRE_ICMP_MAX];
	struct wire_facts f;
	uint32_t pseudo;
	size_t n;

	(void)state;
	packet[8] = packet[24] = 0xfd;
	packet[23] = 2;
	packet[39] = 1;
	packet[52] = 0x50;
	assert_true(wire_facts_read(packet, sizeof packet, &f));
	assert_true(f.dont_fragment);
	n = wire_icmp_make(
	    WIRE_ICMP_TOO_BIG, 1300, &router, &f, packet, sizeof packet, out);
	assert_int_equal(n, WIRE_ICMP_MAX);
	assert_int_equal(out[40], 2);
	assert_int_equal(out[46] << 8 | out[47], 1300);
	pseudo = checksum(out + 8, 32, (uint32_t)(n - 40) + 58);
	assert_int_equal(checksum(out + 40, n - 40, pseudo), 0xffff);
}

static void
corpus__every_input__is_understood_or_explained(void **state)
{
	(void)state;
	assert_true(corpus_replay("tests/fuzz/corpus/wire", wire_check) > 20);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rule__as_people_write_it__is_understood),
	    cmocka_unit_test(rule__not_understood__is_explained),
	    cmocka_unit_test(match__lesson__takes_those_that_are_meant),
	    cmocka_unit_test(match__several_rules__the_first_that_fits_decides),
	    cmocka_unit_test(words__of_both_ways__set_what_they_name),
	    cmocka_unit_test(words__preset__is_another_wire_each_way),
	    cmocka_unit_test(words__wrong__change_nothing_and_are_explained),
	    cmocka_unit_test(icmp__ttl_at_its_end__quotes_the_packet),
	    cmocka_unit_test(icmp__too_big_over_ip6__names_the_mtu),
	    cmocka_unit_test(corpus__every_input__is_understood_or_explained),
	};

	return cmocka_run_group_tests_name("wire_rules", tests, NULL, NULL);
}
