#include "capture/flow_key.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/capture/frames.h"

/* What an IPv4 address does not fill is zero. */
static size_t
address_len(uint8_t version)
{
	return version == 4 ? 4 : 16;
}

/* Addresses that are often alike, and ports too. */
static struct summary
random_summary(struct dice *d, uint8_t version)
{
	struct summary s = {.proto = dice_below(d, 2) ? PROTO_TCP : PROTO_UDP,
	    .ip_version = version};
	uint32_t values = dice_below(d, 2) ? 2 : 256;

	for (size_t i = 0; i < address_len(version); i++) {
		s.src[i] =
		    (uint8_t)(dice_below(d, values) * 255 / (values - 1));
		s.dst[i] =
		    (uint8_t)(dice_below(d, values) * 255 / (values - 1));
	}
	if (version == 6) /* no IPv4 address in one of IPv6 */
		s.src[0] = s.dst[0] = 0x20;
	if (dice_below(d, 4) == 0)
		memcpy(s.dst, s.src, sizeof s.dst);
	s.src_port = (uint16_t)(65535 - dice_below(d, 3));
	s.dst_port = dice_below(d, 2) ? 7000 : s.src_port;
	return s;
}

static struct summary
reversed(const struct summary *s)
{
	struct summary r = *s;

	memcpy(r.src, s->dst, sizeof r.src);
	memcpy(r.dst, s->src, sizeof r.dst);
	r.src_port = s->dst_port;
	r.dst_port = s->src_port;
	return r;
}

/* Where the key stands, it says of the packet what the packet's own key would. */
static void
assert_same_answer(
    const struct flow_key *key, const struct summary *s, bool expected)
{
	struct flow_key own;
	bool swapped;

	flow_key_of_ends(s, &own, &swapped);
	assert_int_equal(flow_key_equal(key, &own), expected);
	assert_int_equal(flow_key_matches(key, s, swapped), expected);
}

/* One field at a time; by one bit of it, so that mostly the same end stays the
 * lower one. */
static void
assert_each_field_counts(const struct flow_key *key, const struct summary *is)
{
	struct summary s;

	for (size_t i = 0; i < address_len(is->ip_version); i++)
		for (int bit = 0; bit < 8; bit++) {
			s = *is;
			s.src[i] ^= (uint8_t)(1 << bit);
			assert_same_answer(key, &s, false);
			s = *is;
			s.dst[i] ^= (uint8_t)(1 << bit);
			assert_same_answer(key, &s, false);
		}
	for (int bit = 0; bit < 16; bit++) {
		s = *is;
		s.src_port ^= (uint16_t)(1 << bit);
		assert_same_answer(key, &s, false);
		s = *is;
		s.dst_port ^= (uint16_t)(1 << bit);
		assert_same_answer(key, &s, false);
	}
	s = *is;
	s.proto = is->proto == PROTO_TCP ? PROTO_UDP : PROTO_TCP;
	assert_same_answer(key, &s, false);
	s = *is;
	s.ip_version = is->ip_version == 4 ? 6 : 4;
	assert_same_answer(key, &s, false);
}

/* Both directions of a conversation between two different ends. */
static void
assert_key_is_of(struct summary s)
{
	struct summary back = reversed(&s);
	struct flow_key key, same;
	bool swapped, swapped_back;

	flow_key_of_ends(&s, &key, &swapped);
	flow_key_of_ends(&back, &same, &swapped_back);
	assert_memory_equal(&key, &same, sizeof key);
	assert_int_not_equal(swapped, swapped_back);
	assert_int_equal(flow_key_hash(&key), flow_key_hash(&same));
	assert_same_answer(&key, &s, true);
	assert_same_answer(&key, &back, true);
	assert_false(flow_key_matches(&key, &s, !swapped));
	assert_each_field_counts(&key, &s);
	assert_each_field_counts(&key, &back);
}

static void
matches__one_field_differs__as_its_own_key_does(void **state)
{
	static const struct summary ip4 = {.proto = PROTO_TCP,
	    .ip_version = 4,
	    .src = {10, 0, 0, 1},
	    .dst = {192, 168, 200, 2},
	    .src_port = 40000,
	    .dst_port = 7000};
	/* They differ in the first word, in the second, and only by port. */
	static const struct summary ip6[] = {
	    {.proto = PROTO_UDP,
		.ip_version = 6,
		.src = {0x20, 1, 0xd, 0xb8, [15] = 1},
		.dst = {0xfe, 0x80, [15] = 2},
		.src_port = 7000,
		.dst_port = 40000},
	    {.proto = PROTO_TCP,
		.ip_version = 6,
		.src = {0xfe, 0x80, [8] = 1, [15] = 1},
		.dst = {0xfe, 0x80, [8] = 1, [15] = 2},
		.src_port = 40000,
		.dst_port = 7000},
	    {.proto = PROTO_TCP,
		.ip_version = 6,
		.src = {[15] = 1},
		.dst = {[15] = 1},
		.src_port = 40000,
		.dst_port = 7000},
	};

	(void)state;
	assert_key_is_of(ip4);
	for (size_t i = 0; i < sizeof ip6 / sizeof *ip6; i++)
		assert_key_is_of(ip6[i]);
}

/* IPv4 has a way of its own; an end may also talk to itself. */
static void
matches__any_two_packets__as_their_keys_are_equal(void **state)
{
	struct dice d = {1};

	(void)state;
	for (int i = 0; i < 20000; i++) {
		uint8_t version = dice_below(&d, 2) ? 4 : 6;
		struct summary a = random_summary(&d, version), b = a;
		struct flow_key key, own;
		bool swapped;

		flow_key_of_ends(&a, &key, &swapped);
		assert_true(flow_key_matches(&key, &a, swapped));
		if (dice_below(&d, 2))
			b = reversed(&b);
		if (dice_below(&d, 2))
			b.dst[dice_below(&d, 4)] ^= 1;
		if (dice_below(&d, 4) == 0)
			b.src_port--;
		flow_key_of_ends(&b, &own, &swapped);
		assert_int_equal(flow_key_equal(&key, &own),
		    memcmp(&key, &own, sizeof key) == 0);
		assert_int_equal(flow_key_matches(&key, &b, swapped),
		    flow_key_equal(&key, &own));
	}
}

static void
of_addrs__ends_of_a_packet__make_the_same_key(void **state)
{
	struct dice d = {2};

	(void)state;
	for (int i = 0; i < 20000; i++) {
		uint8_t version = dice_below(&d, 4) ? 4 : 6;
		struct summary s = random_summary(&d, version);
		struct addr src = summary_src(&s), dst = summary_dst(&s);
		struct flow_key key, other;
		bool swapped;

		flow_key_of_ends(&s, &key, &swapped);
		assert_true(flow_key_of_addrs(s.proto, &src, &dst, &other));
		assert_memory_equal(&key, &other, sizeof key);
		assert_int_equal(flow_key_hash(&key), flow_key_hash(&other));
		assert_true(flow_key_of_addrs(s.proto, &dst, &src, &other));
		assert_memory_equal(&key, &other, sizeof key);
		assert_memory_equal(key.ip[swapped], s.src, sizeof s.src);
		assert_memory_equal(key.ip[!swapped], s.dst, sizeof s.dst);
		assert_int_equal(key.port[swapped], s.src_port);
		assert_int_equal(key.port[!swapped], s.dst_port);
	}
}

static void
of_addrs__of_two_kinds__make_none(void **state)
{
	struct dice d = {3};
	struct summary ip4 = random_summary(&d, 4), ip6 = random_summary(&d, 6);
	struct addr a = summary_src(&ip4), b = summary_src(&ip6), none = {0};
	struct flow_key key;

	(void)state;
	assert_false(flow_key_of_addrs(PROTO_TCP, &a, &b, &key));
	assert_false(flow_key_of_addrs(PROTO_TCP, &b, &a, &key));
	assert_false(flow_key_of_addrs(PROTO_TCP, &none, &none, &key));
}

static void
mark__of_a_packet__is_that_of_its_key(void **state)
{
	const struct packet p = {.cap_len = 100};
	struct dice d = {4};

	(void)state;
	flow_key_seed();
	for (int i = 0; i < 20000; i++) {
		uint8_t version = dice_below(&d, 4) ? 4 : 6;
		struct summary s = random_summary(&d, version);
		struct flow_mark m, back;
		struct flow_key key;
		bool swapped;

		s.transport_len = 20;
		flow_key_of_ends(&s, &key, &swapped);
		flow_mark(&p, &s, &m);
		assert_true(m.known);
		assert_int_equal(m.swapped, swapped);
		assert_int_equal(m.hash, flow_key_hash(&key));
		s = reversed(&s);
		flow_mark(&p, &s, &back);
		assert_int_equal(back.hash, m.hash);
	}
}

/* Ports that follow one another must not be neighbours in an index, nor meet:
 * by chance 63% of as many places are taken. */
static void
hash__of_ports_in_a_row__spreads(void **state)
{
	enum { COUNT = 65536 };
	static bool taken[COUNT];
	struct dice d = {5};

	(void)state;
	flow_key_seed();
	for (uint8_t version = 4; version <= 6; version += 2) {
		struct summary s = random_summary(&d, version);
		struct flow_key key;
		int places = 0;
		bool swapped;

		memset(taken, 0, sizeof taken);
		for (int port = 0; port < COUNT; port++) {
			uint32_t hash;

			s.src_port = (uint16_t)port;
			flow_key_of_ends(&s, &key, &swapped);
			hash = flow_key_hash(&key) % COUNT;
			places += !taken[hash];
			taken[hash] = true;
		}
		assert_in_range(places, COUNT * 0.60, COUNT * 0.66);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(mark__of_a_packet__is_that_of_its_key),
	    cmocka_unit_test(hash__of_ports_in_a_row__spreads),
	    cmocka_unit_test(matches__one_field_differs__as_its_own_key_does),
	    cmocka_unit_test(matches__any_two_packets__as_their_keys_are_equal),
	    cmocka_unit_test(of_addrs__ends_of_a_packet__make_the_same_key),
	    cmocka_unit_test(of_addrs__of_two_kinds__make_none),
	};

	return cmocka_run_group_tests_name("flow_key", tests, NULL, NULL);
}
