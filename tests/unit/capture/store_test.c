#include "capture/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/base/clock.h"
#include "tests/unit/capture/resident.h"

#define MODEL_MAX 20000

/* What a packet of this number must hold, at any length. */
static void
fill(uint8_t *bytes, size_t n, uint64_t number)
{
	for (size_t i = 0; i < n; i++)
		bytes[i] = (uint8_t)(number * 31 + i);
}

static bool
add_packet(struct store *s, const struct packet *p, struct frame *ret)
{
	struct summary sum;

	summary_read(p, &sum);
	return store_add(s, p, &sum, ret);
}

static bool
add(struct store *s, uint64_t number, uint32_t len)
{
	static uint8_t bytes[100000];
	struct packet p = {
	    .ts_ns = (int64_t)number,
	    .cap_len = len,
	    .wire_len = len,
	    .link_type = LINK_ETHERNET,
	    .data = bytes,
	};
	struct frame f;

	fill(bytes, len, number);
	return add_packet(s, &p, &f);
}

static void
assert_frame(const struct store *s, uint64_t id, uint64_t number, uint32_t len)
{
	static uint8_t expected[100000];
	struct frame f;

	assert_true(store_get(s, id, &f));
	assert_int_equal(f.id, id);
	assert_int_equal(f.packet.ts_ns, number);
	assert_int_equal(f.packet.cap_len, len);
	assert_int_equal(f.packet.link_type, LINK_ETHERNET);
	fill(expected, len, number);
	assert_memory_equal(f.packet.data, expected, len);
}

static void
new__empty__holds_nothing(void **state)
{
	struct store *s = store_new(1 << 20);

	(void)state;
	assert_int_equal(store_first(s), store_next(s));
	assert_null(store_record(s, 0));
	assert_null(store_record(s, 1));
	assert_int_equal(store_bytes(s), 0);
	assert_int_equal(store_budget(s), 1 << 20);
	store_free(s);
	store_free(NULL);
}

static void
add__first__has_id_1_and_no_flow(void **state)
{
	struct store *s = store_new(1 << 20);
	struct frame f;

	(void)state;
	assert_true(add(s, 7, 60));
	assert_true(store_get(s, 1, &f));
	assert_int_equal(f.id, 1);
	assert_int_equal(f.flow, 0);
	assert_frame(s, 1, 7, 60);
	assert_null(store_record(s, 2));
	store_free(s);
}

static void
add__larger_than_the_budget__is_refused_and_evicts_nothing(void **state)
{
	struct store *s = store_new(4096);

	(void)state;
	assert_true(add(s, 1, 100));
	assert_false(add(s, 2, 4096));
	assert_frame(s, 1, 1, 100);
	assert_true(add(s, 3, 100));
	assert_frame(s, 2, 3, 100);
	store_free(s);
}

static void
add__budget_too_small_for_any__is_refused(void **state)
{
	(void)state;
	for (size_t budget = 0; budget < sizeof(struct record); budget += 8) {
		struct store *s = store_new(budget);

		assert_false(add(s, 1, 0));
		store_free(s);
	}
}

/*
 * Random packets into tiny budgets. Whatever the layout is, the frames held are
 * the newest ones, unchanged; they are within the budget; and they use all of it
 * but for the hole before the oldest and the end of the arena, each shorter than
 * the longest record, and 1/12 of index that long records leave unused.
 */
static void
add__random_lengths__keeps_the_newest_within_the_budget(void **state)
{
	static uint32_t len[MODEL_MAX + 1];
	unsigned seed = 1;

	(void)state;
	for (size_t budget = 600; budget < 9000; budget += 413) {
		struct store *s = store_new(budget);
		uint32_t longest = (uint32_t)budget / 6;
		size_t record = sizeof(struct record) + longest + 8;
		uint64_t held;

		for (uint64_t id = 1; id <= MODEL_MAX / 10; id++) {
			bool empty = rand_r(&seed) % 4 == 0;

			len[id] = empty ? 0 : (uint32_t)rand_r(&seed) % longest;
			if (!add(s, id, len[id])) {
				id--;
				continue;
			}
			assert_int_equal(store_next(s), id + 1);
			assert_true(store_bytes(s) <= budget);
			held = store_first(s);
			if (held > 1)
				assert_true(store_bytes(s) + 2 * record +
						budget / 12 + 8 >=
					    budget);
			assert_true(held <= id);
			assert_null(store_record(s, held - 1));
			for (; held <= id; held++)
				assert_frame(s, held, held, len[held]);
		}
		store_free(s);
	}
}

static void
add__equal_records__fills_the_budget(void **state)
{
	enum { RECORDS = 16 };
	size_t record = sizeof(struct record) + 64;
	struct store *s;

	(void)state;
	/* Room for these and less than one more, beside the index. */
	s = store_new(RECORDS * (record + sizeof(uint32_t) + 2) + 64);
	for (uint64_t id = 1; id <= 1000; id++) {
		assert_true(add(s, id, 64));
		if (id >= RECORDS)
			assert_int_equal(
			    store_next(s) - store_first(s), RECORDS);
		for (uint64_t i = store_first(s); i <= id; i++)
			assert_frame(s, i, i, 64);
	}
	store_free(s);
}

/* What the engine found out is there again, beside the summary of the bytes. */
/* Field by field, since what lies between them is undefined. */
static void
assert_same_summary(const struct summary *a, const struct summary *b)
{
	assert_int_equal(a->status, b->status);
	assert_int_equal(a->proto, b->proto);
	assert_int_equal(a->ip_version, b->ip_version);
	assert_int_equal(a->ip_proto, b->ip_proto);
	assert_int_equal(a->tcp_flags, b->tcp_flags);
	assert_int_equal(a->src_port, b->src_port);
	assert_int_equal(a->dst_port, b->dst_port);
	assert_int_equal(a->link_len, b->link_len);
	assert_int_equal(a->net_len, b->net_len);
	assert_int_equal(a->transport_len, b->transport_len);
	assert_int_equal(a->options_len, b->options_len);
	assert_int_equal(a->payload_off, b->payload_off);
	assert_int_equal(a->payload_len, b->payload_len);
	assert_int_equal(a->seq, b->seq);
	assert_int_equal(a->ack, b->ack);
	assert_int_equal(a->window, b->window);
	assert_int_equal(a->ttl, b->ttl);
	assert_int_equal(a->icmp_type, b->icmp_type);
	assert_int_equal(a->icmp_code, b->icmp_code);
	assert_int_equal(a->ether_type, b->ether_type);
	assert_int_equal(a->payload_cap, b->payload_cap);
	assert_int_equal(a->padding_len, b->padding_len);
	assert_int_equal(a->has_mss, b->has_mss);
	assert_int_equal(a->has_wscale, b->has_wscale);
	assert_int_equal(a->has_sack_permitted, b->has_sack_permitted);
	assert_int_equal(a->has_timestamps, b->has_timestamps);
	assert_int_equal(a->has_sack, b->has_sack);
	assert_int_equal(a->fragment, b->fragment);
	assert_int_equal(a->mss, b->mss);
	assert_int_equal(a->wscale, b->wscale);
	assert_memory_equal(a->src, b->src, sizeof a->src);
	assert_memory_equal(a->dst, b->dst, sizeof a->dst);
}

static void
keep__findings_of_a_segment__come_back(void **state)
{
	/* Ethernet, IPv4, TCP with a window of 0x1234, 4 bytes of payload */
	static const uint8_t bytes[58] = {[12] = 0x08,
	    [14] = 0x45,
	    [17] = 44,
	    [22] = 64,
	    [23] = 6,
	    [46] = 0x50,
	    [47] = TCP_ACK | TCP_PSH,
	    [48] = 0x12,
	    [49] = 0x34};
	struct packet p = {.ts_ns = 5,
	    .cap_len = sizeof bytes,
	    .wire_len = sizeof bytes,
	    .link_type = LINK_ETHERNET,
	    .iface = 3,
	    .data = bytes};
	struct store *s = store_new(1 << 20);
	struct frame in, out;

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_true(add_packet(s, &p, &in));
	in.flow = 77;
	in.verdicts = 0xdeadbeef;
	in.dir = DIR_SERVER;
	in.purpose = PURPOSE_DATA;
	in.state[DIR_CLIENT] = 1;
	in.state[DIR_SERVER] = 11;
	in.window_shift = 7;
	in.prev_in_flow = 1;
	in.rel_seq = UINT64_C(0x123456789ab);
	in.rel_ack = UINT64_C(0xba987654321);
	store_keep(s, &in);
	assert_true(store_get(s, 3, &out));
	assert_int_equal(out.flow, in.flow);
	assert_int_equal(out.verdicts, in.verdicts);
	assert_int_equal(out.dir, in.dir);
	assert_int_equal(out.purpose, in.purpose);
	assert_memory_equal(out.state, in.state, sizeof in.state);
	assert_int_equal(frame_window(&out), 0x1234 << 7);
	assert_int_equal(out.prev_in_flow, 1);
	assert_int_equal(out.rel_seq, in.rel_seq);
	assert_int_equal(out.rel_ack, in.rel_ack);
	assert_int_equal(out.data_from, in.rel_seq - 1);
	assert_int_equal(out.data_to, in.rel_seq + 3);
	assert_int_equal(out.packet.iface, 3);
	assert_same_summary(&out.sum, &in.sum);
	assert_int_equal(record_before(store_record(s, 3), 3), 1);
	assert_int_equal(record_ack(store_record(s, 3)), in.rel_ack);
	assert_int_equal(store_record(s, 3)->tcp_flags, TCP_ACK | TCP_PSH);
	store_free(s);
}

static void
keep__datagram__keeps_where_its_bytes_begin(void **state)
{
	/* Ethernet, IPv4, UDP, 4 bytes of payload */
	static const uint8_t bytes[46] = {[12] = 0x08,
	    [14] = 0x45,
	    [17] = 32,
	    [22] = 64,
	    [23] = 17,
	    [39] = 12};
	struct packet p = {.cap_len = sizeof bytes,
	    .wire_len = sizeof bytes,
	    .link_type = LINK_ETHERNET,
	    .data = bytes};
	struct store *s = store_new(1 << 20);
	struct frame in, out;

	(void)state;
	assert_true(add_packet(s, &p, &in));
	in.flow = 1;
	in.purpose = PURPOSE_DATA;
	in.data_from = 1000;
	in.data_to = 1004;
	store_keep(s, &in);
	assert_true(store_get(s, 1, &out));
	assert_int_equal(out.rel_seq, 0);
	assert_int_equal(out.data_from, 1000);
	assert_int_equal(out.data_to, 1004);
	store_free(s);
}

static void
add__with_and_without_fate__each_keeps_its_own(void **state)
{
	struct store *s = store_new(20000);
	char text[PACKET_FATE_MAX];
	uint8_t bytes[100];
	struct frame f;

	(void)state;
	/* many more than fit, of three kinds */
	for (uint64_t i = 1; i <= 1000; i++) {
		struct packet p = {
		    .ts_ns = (int64_t)(i * 1000),
		    .entered_ns = (int64_t)(i * 1000) - 20000,
		    .fate = i % 3 == 0   ? FATE_NONE
			    : i % 3 == 1 ? FATE_PASSED
					 : FATE_RULE,
		    .cap_len = (uint32_t)(i % sizeof bytes),
		    .wire_len = sizeof bytes,
		    .link_type = LINK_RAW,
		    .data = bytes,
		};

		fill(bytes, sizeof bytes, i);
		assert_true(add_packet(s, &p, &f));
		assert_true(store_bytes(s) <= store_budget(s));
	}
	assert_true(store_first(s) < 950);
	for (uint64_t i = store_first(s); i < store_next(s); i++) {
		static const uint8_t fates[] = {
		    FATE_NONE, FATE_PASSED, FATE_RULE};

		assert_true(store_get(s, i, &f));
		fill(bytes, sizeof bytes, i);
		assert_memory_equal(f.packet.data, bytes, f.packet.cap_len);
		assert_int_equal(f.packet.fate, fates[i % 3]);
		assert_int_equal(store_fate(s, i), fates[i % 3]);
		assert_int_equal(frame_is_lost(&f), i % 3 == 2);
		assert_int_equal(f.packet.entered_ns,
		    i % 3 == 0 ? 0 : (int64_t)(i * 1000) - 20000);
	}
	assert_true(store_get(s, 1000, &f));
	assert_string_equal(
	    packet_fate(&f.packet, text), "passed, after 20 us on the wire");
	f.packet.ts_ns += CLOCK_MS;
	assert_string_equal(
	    packet_fate(&f.packet, text), "passed, after 1.020 ms on the wire");
	store_get(s, 998, &f);
	assert_string_equal(packet_fate(&f.packet, text), "dropped by a rule");
	store_get(s, 999, &f);
	assert_string_equal(packet_fate(&f.packet, text), "");
	store_free(s);
}

/* Of a file without a name, with size bytes. */
static struct mapping *
map_new_file(off_t size)
{
	int fd = memfd_create("packets", MFD_CLOEXEC);
	struct mapping *home;

	assert_int_equal(ftruncate(fd, size), 0);
	assert_int_equal(mapping_new(fd, &home), 0);
	close(fd);
	return home;
}

/* The byte at this place is a packet. */
static bool
add_mapped(struct store *s, struct mapping *home, int place)
{
	struct packet p = {.ts_ns = place + 1,
	    .cap_len = 1,
	    .wire_len = 1,
	    .link_type = LINK_ETHERNET,
	    .data = mapping_bytes(home) + place};
	struct summary sum;
	struct frame f;

	summary_read(&p, &sum);
	if (!store_add_mapped(s, home, &p, &sum, &f))
		return false;
	store_keep(s, &f);
	return true;
}

static void
assert_mapped(const struct store *s, struct mapping *home, int id)
{
	struct frame f;

	assert_true(store_get(s, (uint64_t)id, &f));
	assert_int_equal(f.packet.ts_ns, id);
	assert_ptr_equal(f.packet.data, mapping_bytes(home) + id - 1);
}

static void
keep_newest(int kept, int count)
{
	struct store *s = store_new(1000);
	struct mapping *home = map_new_file(count);
	const struct record *first;
	struct frame f;

	store_keep_newest(s, (size_t)kept);
	assert_true(add_mapped(s, home, 0));
	first = store_record(s, 1);
	for (int i = 1; i < count; i++) {
		assert_true(add_mapped(s, home, i));
		if (i % kept == 0) /* round and round in the same memory */
			assert_ptr_equal(
			    store_record(s, (uint64_t)i + 1), first);
	}
	assert_int_equal(store_next(s), count + 1);
	assert_int_equal(store_first(s), count + 1 - kept);
	assert_int_equal(store_bytes(s), kept * STORE_RECORD_BYTES);
	assert_false(store_get(s, (uint64_t)(count - kept), &f));
	for (int id = count + 1 - kept; id <= count; id++)
		assert_mapped(s, home, id);
	store_free(s);
	mapping_unref(home);
}

static void
keep_newest__a_mapped_file__lets_the_oldest_go(void **state)
{
	(void)state;
	keep_newest(8, 100);
}

static void
keep_newest__more_than_a_page_of_records__lets_the_oldest_go(void **state)
{
	(void)state;
	keep_newest(128, 5000);
	keep_newest(128, 4 * 128);
}

/* The thread that reads the file makes the pages ready; not after the store is
 * gone, and not where the same few are used again and again. */
static void
add_mapped__read_ahead__the_records_have_their_pages(void **state)
{
	const size_t ahead = 3000, size = ahead * STORE_RECORD_BYTES;
	struct mapping *home;
	struct prefault *p;
	struct store *s;

	(void)state;
	resident_or_skip();
	home = map_new_file(100000);
	p = mapping_prefault(home);
	s = store_new(1000);
	prefault_reach(p, ahead);
	assert_true(add_mapped(s, home, 0));
	assert_true(resident_pages((void *)(uintptr_t)store_record(s, 1),
			size) < size / RESIDENT_PAGE);
	prefault_reach(p, ahead);
	assert_int_equal(
	    resident_pages((void *)(uintptr_t)store_record(s, 1), size),
	    (size + RESIDENT_PAGE - 1) / RESIDENT_PAGE);
	assert_true(add_mapped(s, home, 1));
	assert_mapped(s, home, 1);
	assert_mapped(s, home, 2);
	store_free(s);
	assert_null(p->table);
	s = store_new(1000);
	store_keep_newest(s, 4);
	assert_true(add_mapped(s, home, 0));
	assert_null(p->table);
	store_free(s);
	mapping_unref(home);
}

static void
add_mapped__more_than_there_was_room_for__the_new_row_is_made_ready(
    void **state)
{
	enum { COUNT = 10000 };
	struct mapping *home = map_new_file(COUNT);
	struct prefault *p = mapping_prefault(home);
	struct store *s = store_new(1000);
	size_t room = 0;

	(void)state;
	for (int i = 0; i < COUNT; i++) {
		assert_true(add_mapped(s, home, i));
		if (i == 0)
			room = p->size;
		prefault_reach(p, (uint64_t)i + 2);
	}
	assert_true(p->size > room);
	assert_true(
	    p->table == NULL || p->table == (const void *)store_record(s, 1));
	for (int id = 1; id <= COUNT; id++)
		assert_mapped(s, home, id);
	store_free(s);
	mapping_unref(home);
}

static void
add_mapped__after_copied_ones__is_refused(void **state)
{
	struct store *s = store_new(1 << 20);
	struct mapping *home = map_new_file(100);

	(void)state;
	assert_true(add(s, 7, 60));
	assert_false(add_mapped(s, home, 0));
	assert_int_equal(store_next(s), 2);
	assert_frame(s, 1, 7, 60);
	assert_true(add(s, 8, 60));
	assert_frame(s, 2, 8, 60);
	store_free(s);
	mapping_unref(home);
}

static void
add_mapped__of_a_second_mapping__is_refused(void **state)
{
	struct store *s = store_new(1 << 20);
	struct mapping *home = map_new_file(100), *other = map_new_file(100);

	(void)state;
	assert_true(add_mapped(s, home, 0));
	assert_false(add_mapped(s, other, 0));
	assert_false(add(s, 7, 60));
	assert_int_equal(store_next(s), 2);
	assert_true(add_mapped(s, home, 1));
	assert_mapped(s, home, 1);
	assert_mapped(s, home, 2);
	store_free(s);
	mapping_unref(home);
	mapping_unref(other);
}

/* The first packet found no memory, but the store is its file's. */
static void
add_mapped__of_a_second_mapping_before_any__is_refused(void **state)
{
	struct store *s = store_new(1 << 20);
	struct mapping *home = map_new_file(100), *other = map_new_file(100);

	(void)state;
	store_keep_newest(s, (size_t)1 << 52); /* more than can be addressed */
	assert_false(add_mapped(s, home, 0));
	store_keep_newest(s, 8);
	assert_false(add_mapped(s, other, 0));
	assert_int_equal(store_next(s), 1);
	assert_true(add_mapped(s, home, 0));
	assert_mapped(s, home, 1);
	store_free(s);
	mapping_unref(home);
	mapping_unref(other);
}

static void
purpose_name__each__is_a_word(void **state)
{
	(void)state;
	for (int p = 0; p < PURPOSE_COUNT; p++)
		assert_true(strlen(purpose_name((enum purpose)p)) > 2);
	assert_string_equal(purpose_name(PURPOSE_ACK), "pure ACK");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(new__empty__holds_nothing),
	    cmocka_unit_test(add__first__has_id_1_and_no_flow),
	    cmocka_unit_test(
		add__larger_than_the_budget__is_refused_and_evicts_nothing),
	    cmocka_unit_test(add__budget_too_small_for_any__is_refused),
	    cmocka_unit_test(
		add__random_lengths__keeps_the_newest_within_the_budget),
	    cmocka_unit_test(add__equal_records__fills_the_budget),
	    cmocka_unit_test(keep__findings_of_a_segment__come_back),
	    cmocka_unit_test(keep__datagram__keeps_where_its_bytes_begin),
	    cmocka_unit_test(add__with_and_without_fate__each_keeps_its_own),
	    cmocka_unit_test(keep_newest__a_mapped_file__lets_the_oldest_go),
	    cmocka_unit_test(
		keep_newest__more_than_a_page_of_records__lets_the_oldest_go),
	    cmocka_unit_test(
		add_mapped__read_ahead__the_records_have_their_pages),
	    cmocka_unit_test(
		add_mapped__more_than_there_was_room_for__the_new_row_is_made_ready),
	    cmocka_unit_test(add_mapped__after_copied_ones__is_refused),
	    cmocka_unit_test(add_mapped__of_a_second_mapping__is_refused),
	    cmocka_unit_test(
		add_mapped__of_a_second_mapping_before_any__is_refused),
	    cmocka_unit_test(purpose_name__each__is_a_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
