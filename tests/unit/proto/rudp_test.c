#include "net/proto/rudp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static size_t
encode(const struct rudp_packet *p, uint8_t *buf, size_t size)
{
	struct wr w = wr_init(buf, size);

	rudp_encode(&w, p);
	assert_false(w.full);
	return wr_len(&w);
}

static enum rudp_fault
decode(const void *data, size_t n, struct rudp_packet *ret)
{
	struct rd r = rd_init(data, n, n);

	return rudp_decode(&r, ret);
}

/* One packet of each type, with all that it can carry. */
static struct rudp_packet
sample(enum rudp_type type)
{
	static const uint8_t bitmap[] = {0x80, 0x01};
	struct rudp_packet p = {
	    .type = type,
	    .window = 0x1234,
	    .id = type == RUDP_HELLO ? 0 : 0xa1a2a3a4,
	    .seq = 0xb1b2b3b4,
	    .ack = 0xc1c2c3c4,
	};

	if (type <= RUDP_CONFIRM) {
		p.own_id = 0xd1d2d3d4;
	} else if (type != RUDP_RESET) {
		p.bitmap = bitmap;
		p.bitmap_len = sizeof bitmap;
	}
	if (type == RUDP_DATA) {
		p.message = (const uint8_t *)"hello";
		p.message_len = 5;
	}
	return p;
}

static void
encode__data__is_the_bytes_of_the_specification(void **state)
{
	static const uint8_t want[] = {0x14, 2, 0x12,
	    0x34, /* version and type, bitmap, window */
	    0xa1, 0xa2, 0xa3, 0xa4, 0xb1, 0xb2, 0xb3, 0xb4, 0xc1, 0xc2, 0xc3,
	    0xc4, 0, 5, 0x80, 0x01, 'h', 'e', 'l', 'l', 'o'};
	struct rudp_packet p = sample(RUDP_DATA);
	uint8_t buf[RUDP_DATAGRAM_MAX];

	(void)state;
	assert_int_equal(encode(&p, buf, sizeof buf), sizeof want);
	assert_memory_equal(buf, want, sizeof want);
}

static void
decode__every_type__gives_back_what_was_encoded(void **state)
{
	(void)state;
	for (unsigned t = RUDP_HELLO; t <= RUDP_RESET; t++) {
		struct rudp_packet p = sample((enum rudp_type)t), q;
		uint8_t buf[RUDP_DATAGRAM_MAX];
		size_t n = encode(&p, buf, sizeof buf);

		assert_non_null(rudp_type_name(t));
		assert_int_equal(decode(buf, n, &q), RUDP_FAULT_FINE);
		assert_int_equal(q.type, p.type);
		assert_int_equal(q.window, p.window);
		assert_int_equal(q.id, p.id);
		assert_int_equal(q.seq, p.seq);
		assert_int_equal(q.ack, p.ack);
		assert_int_equal(q.own_id, p.own_id);
		assert_int_equal(q.bitmap_len, p.bitmap_len);
		assert_int_equal(q.message_len, p.message_len);
		if (p.bitmap_len > 0)
			assert_memory_equal(q.bitmap, p.bitmap, p.bitmap_len);
		if (p.message_len > 0)
			assert_memory_equal(
			    q.message, p.message, p.message_len);
	}
}

static void
decode__longest_datagram__fits_an_mtu_of_1500_with_ipv6(void **state)
{
	static uint8_t message[RUDP_MESSAGE_MAX];
	uint8_t bitmap[RUDP_BITMAP_DATA_MAX], buf[RUDP_DATAGRAM_MAX];
	struct rudp_packet p = sample(RUDP_DATA), q;

	(void)state;
	memset(bitmap, 0xff, sizeof bitmap);
	p.bitmap = bitmap;
	p.bitmap_len = sizeof bitmap;
	p.message = message;
	p.message_len = sizeof message;
	assert_int_equal(encode(&p, buf, sizeof buf), sizeof buf);
	assert_int_equal(decode(buf, sizeof buf, &q), RUDP_FAULT_FINE);
	assert_true(sizeof buf + 40 + 8 <= 1500);
}

static void
decode__every_prefix__is_short(void **state)
{
	(void)state;
	for (unsigned t = RUDP_HELLO; t <= RUDP_RESET; t++) {
		struct rudp_packet p = sample((enum rudp_type)t), q;
		uint8_t buf[RUDP_DATAGRAM_MAX];
		size_t n = encode(&p, buf, sizeof buf);

		for (size_t k = 0; k < n; k++) {
			/* exactly that much memory, for the sanitizer */
			uint8_t *cut = malloc(k + 1);
			struct rd r = rd_init(cut + 1, k, n);

			assert_non_null(cut);
			memcpy(cut + 1, buf, k);
			assert_int_equal(
			    decode(cut + 1, k, &q), RUDP_FAULT_SHORT);
			assert_int_equal(rudp_decode(&r, &q), RUDP_FAULT_SHORT);
			assert_int_equal(r.state, RD_TRUNCATED);
			free(cut);
		}
	}
}

static void
decode__more_bytes_than_the_packet__is_a_tail(void **state)
{
	(void)state;
	for (unsigned t = RUDP_HELLO; t <= RUDP_RESET; t++) {
		struct rudp_packet p = sample((enum rudp_type)t), q;
		uint8_t buf[RUDP_DATAGRAM_MAX] = {0};
		size_t n = encode(&p, buf, sizeof buf);

		assert_int_equal(decode(buf, n + 1, &q), RUDP_FAULT_TAIL);
	}
}

static void
decode__malformed_packet__names_the_fault(void **state)
{
	/* the byte that is changed, to what, and the fault */
	static const struct {
		enum rudp_type type;
		size_t off;
		uint8_t value;
		enum rudp_fault fault;
	} lines[] = {
	    {RUDP_ACK, 0, 0x06, RUDP_FAULT_VERSION},
	    {RUDP_ACK, 0, 0x26, RUDP_FAULT_VERSION},
	    {RUDP_ACK, 0, 0x10, RUDP_FAULT_TYPE},
	    {RUDP_ACK, 0, 0x19, RUDP_FAULT_TYPE},
	    {RUDP_ACK, 0, 0x1f, RUDP_FAULT_TYPE},
	    {RUDP_ACK, 0, 0x11, RUDP_FAULT_ID}, /* HELLO with an id */
	    {RUDP_HELLO, 0, 0x12, RUDP_FAULT_ID}, /* WELCOME without one */
	    {RUDP_HELLO, 1, 1, RUDP_FAULT_BITMAP},
	    {RUDP_RESET, 1, 1, RUDP_FAULT_BITMAP},
	    {RUDP_DATA, 1, 33, RUDP_FAULT_BITMAP},
	    {RUDP_ACK, 1, 129, RUDP_FAULT_BITMAP},
	    {RUDP_ACK, 17, 0, RUDP_FAULT_BITMAP}, /* ends in a zero */
	    {RUDP_ACK, 1, 1, RUDP_FAULT_TAIL},
	    {RUDP_ACK, 1, 3, RUDP_FAULT_SHORT},
	    {RUDP_DATA, 16, 5, RUDP_FAULT_SHORT}, /* 1285 bytes */
	    {RUDP_DATA, 16, 6, RUDP_FAULT_LENGTH}, /* 1541 bytes */
	    {RUDP_DATA, 17, 4, RUDP_FAULT_TAIL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		struct rudp_packet p = sample(lines[i].type), q;
		uint8_t buf[RUDP_DATAGRAM_MAX];
		size_t n = encode(&p, buf, sizeof buf);
		enum rudp_fault fault;

		buf[lines[i].off] = lines[i].value;
		fault = decode(buf, n, &q);
		if (fault != lines[i].fault)
			fail_msg("line %zu: %s", i, rudp_fault_text(fault));
	}
}

static void
decode__opening_without_own_id__is_refused(void **state)
{
	uint8_t buf[RUDP_DATAGRAM_MAX];
	struct rudp_packet p = sample(RUDP_CONFIRM), q;
	size_t n;

	(void)state;
	p.own_id = 0;
	n = encode(&p, buf, sizeof buf);
	assert_int_equal(decode(buf, n, &q), RUDP_FAULT_ID);
}

static void
decode__empty_message__is_a_message(void **state)
{
	uint8_t buf[RUDP_DATAGRAM_MAX];
	struct rudp_packet p = sample(RUDP_DATA), q;

	(void)state;
	p.message_len = 0;
	assert_int_equal(
	    decode(buf, encode(&p, buf, sizeof buf), &q), RUDP_FAULT_FINE);
	assert_int_equal(q.message_len, 0);
	assert_non_null(q.message);
}

static void
decode__random_bytes__never_fault_and_reencode_to_themselves(void **state)
{
	uint64_t x = 42;
	unsigned fine = 0;

	(void)state;
	for (int i = 0; i < 200000; i++) {
		uint8_t buf[64], again[64];
		struct rudp_packet p;
		size_t n;

		for (size_t k = 0; k < sizeof buf; k++) {
			x = x * UINT64_C(6364136223846793005) + 1;
			buf[k] = (uint8_t)(x >> 56);
		}
		/* near enough to be right now and then */
		buf[0] = 0x10 | (buf[0] & 0x0f);
		buf[1] &= 3;
		n = 16 + buf[20] % 10;
		if (decode(buf, n, &p) != RUDP_FAULT_FINE)
			continue;
		fine++;
		assert_int_equal(encode(&p, again, sizeof again), n);
		assert_memory_equal(again, buf, n);
	}
	assert_true(fine > 1000);
}

static void
bitmap__bit_zero__is_the_most_significant(void **state)
{
	struct rudp_packet p = sample(RUDP_ACK);

	(void)state;
	assert_true(rudp_bitmap_get(&p, 0));
	assert_false(rudp_bitmap_get(&p, 1));
	assert_false(rudp_bitmap_get(&p, 14));
	assert_true(rudp_bitmap_get(&p, 15));
	assert_false(rudp_bitmap_get(&p, 16));
}

static void
fault__every_one__has_a_sentence(void **state)
{
	(void)state;
	for (unsigned f = 0; f < RUDP_FAULT_COUNT; f++)
		assert_non_null(rudp_fault_text((enum rudp_fault)f));
	assert_null(rudp_type_name(0));
	assert_null(rudp_type_name(9));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(encode__data__is_the_bytes_of_the_specification),
	    cmocka_unit_test(decode__every_type__gives_back_what_was_encoded),
	    cmocka_unit_test(
		decode__longest_datagram__fits_an_mtu_of_1500_with_ipv6),
	    cmocka_unit_test(decode__every_prefix__is_short),
	    cmocka_unit_test(decode__more_bytes_than_the_packet__is_a_tail),
	    cmocka_unit_test(decode__malformed_packet__names_the_fault),
	    cmocka_unit_test(decode__opening_without_own_id__is_refused),
	    cmocka_unit_test(decode__empty_message__is_a_message),
	    cmocka_unit_test(
		decode__random_bytes__never_fault_and_reencode_to_themselves),
	    cmocka_unit_test(bitmap__bit_zero__is_the_most_significant),
	    cmocka_unit_test(fault__every_one__has_a_sentence),
	};

	return cmocka_run_group_tests_name("rudp codec", tests, NULL, NULL);
}
