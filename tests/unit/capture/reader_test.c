#include "capture/reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/fuzz/reader_check.h"
#include "tests/unit/corpus.h"

#define CORPUS "tests/fuzz/corpus/reader/"

static uint8_t bytes[1 << 16];
static struct packet packets[16];

static size_t
load(const char *name)
{
	char path[512];
	size_t n;
	FILE *f;

	snprintf(path, sizeof path, CORPUS "%s", name);
	f = fopen(path, "rb");
	if (f == NULL)
		fail_msg("%s is not there", path);
	n = fread(bytes, 1, sizeof bytes, f);
	fclose(f);
	return n;
}

/* The packets of a corpus file; how it ends, and why. */
static size_t
read_all(const char *name, enum reader_result *ret_end, char trouble[128])
{
	struct reader *r = reader_new();
	size_t n = 0;

	assert_non_null(r);
	reader_window(r, bytes, load(name));
	while ((*ret_end = reader_next(r, &packets[n])) == READER_PACKET)
		assert_true(++n < sizeof packets / sizeof *packets);
	snprintf(trouble, 128, "%s", reader_trouble(r));
	reader_free(r);
	return n;
}

static void
corpus__every_file__keeps_the_promises(void **state)
{
	(void)state;
	assert_true(corpus_replay(CORPUS, check_any_file) >= 30);
}

static void
prefix__of_every_file__keeps_the_promises(void **state)
{
	static const char *const names[] = {"pcap_ns_big", "pcap_modified",
	    "ng_all_blocks_little", "ng_all_blocks_big", "ng_two_sections"};

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		size_t n = load(names[i]);
		size_t whole = check_file(bytes, n).packets, before = 0;

		for (size_t cut = 0; cut <= n; cut++) {
			struct walk w = check_file(bytes, cut);

			assert_int_equal(w.end, READER_MORE);
			assert_true(w.packets >= before);
			before = w.packets;
		}
		assert_int_equal(before, whole);
	}
}

static void
pcap__each_kind__gives_times_and_lengths(void **state)
{
	static const struct {
		const char *name;
		int64_t fraction_ns;
		uint16_t link_type;
	} kinds[] = {
	    {"pcap_us_little", 5000, 1},
	    {"pcap_us_big", 5000, 1},
	    {"pcap_ns_little", 5, 1},
	    {"pcap_ns_big", 5, 1},
	    {"pcap_modified", 5000, 1},
	    {"pcap_old_lengths", 5000, 1},
	    {"pcap_raw_here", 5000, 101},
	    {"pcap_fcs_bits", 5000, 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		enum reader_result end;
		char why[128];

		assert_int_equal(read_all(kinds[i].name, &end, why), 2);
		assert_int_equal(end, READER_MORE);
		for (uint32_t k = 0; k < 2; k++) {
			const struct packet *p = &packets[k];

			assert_int_equal(
			    p->ts_ns, INT64_C(1000000000) * (1000 + k) +
					  kinds[i].fraction_ns);
			assert_int_equal(p->cap_len, 46);
			assert_int_equal(p->wire_len, 46 + k);
			assert_int_equal(p->link_type, kinds[i].link_type);
			assert_memory_equal(p->data + 42, "test", 4);
		}
	}
}

static void
pcapng__all_blocks__gives_each_packet_its_interface(void **state)
{
	static const char *const names[] = {
	    "ng_all_blocks_little", "ng_all_blocks_big"};

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		enum reader_result end;
		char why[128];

		assert_int_equal(read_all(names[i], &end, why), 4);
		assert_int_equal(end, READER_MORE);
		/* in ns, 100 s off; in 1/1024 s; without time; obsolete */
		assert_int_equal(
		    packets[0].ts_ns, INT64_C(1700000100000000000));
		assert_int_equal(packets[0].link_type, 1);
		assert_int_equal(packets[1].ts_ns, INT64_C(7000000000));
		assert_int_equal(packets[1].link_type, 101);
		assert_int_equal(packets[1].iface, 1);
		assert_int_equal(packets[1].cap_len, 32);
		assert_int_equal(packets[1].wire_len, 100);
		assert_int_equal(packets[2].ts_ns, PACKET_NO_TIME);
		assert_int_equal(packets[2].cap_len, 46);
		assert_int_equal(packets[3].iface, 1);
		assert_memory_equal(packets[3].data + 42, "test", 4);
	}
}

static void
pcapng__second_section__has_its_own_order_and_interfaces(void **state)
{
	enum reader_result end;
	char why[128];

	(void)state;
	assert_int_equal(read_all("ng_two_sections", &end, why), 2);
	assert_int_equal(packets[0].link_type, 1);
	assert_int_equal(packets[0].ts_ns, 1000);
	assert_int_equal(packets[1].link_type, 113);
	assert_int_equal(packets[1].iface, 1);
	assert_int_equal(packets[1].ts_ns, 2000);
}

static void
pcapng__simple_packet__is_cut_at_the_snaplen(void **state)
{
	enum reader_result end;
	char why[128];

	(void)state;
	assert_int_equal(read_all("ng_snaplen", &end, why), 1);
	assert_int_equal(packets[0].cap_len, 20);
	assert_int_equal(packets[0].wire_len, 46);
	assert_int_equal(packets[0].ts_ns, PACKET_NO_TIME);
}

static void
pcapng__extreme_clocks__do_not_overflow(void **state)
{
	enum reader_result end;
	char why[128];

	(void)state;
	assert_int_equal(read_all("ng_resolution_extreme", &end, why), 3);
	assert_int_equal(packets[0].ts_ns, 0);
	assert_int_equal(packets[1].ts_ns, PACKET_TIME_MAX);
	assert_int_equal(packets[2].ts_ns, 0); /* 2^63 s after -2^63 s */
}

static void
bad__each__is_told_by_what_is_wrong(void **state)
{
	static const struct {
		const char *name, *word;
		size_t packets;
	} files[] = {
	    {"text", "neither", 0},
	    {"pcap_version_3", "version 3.0", 0},
	    {"pcap_huge_record", "4294967280", 0},
	    {"ng_version_2", "version 2", 0},
	    {"ng_no_byte_order", "byte order", 0},
	    {"ng_unknown_interface", "interface 3", 0},
	    {"ng_packet_before_interface", "interface 0", 0},
	    {"ng_block_length_0", "0 bytes", 0},
	    {"ng_block_length_odd", "21 bytes", 0},
	    {"ng_two_lengths", "20 and 24", 0},
	    {"ng_packet_longer_than_block", "4000", 0},
	    {"ng_short_packet_block", "too short", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		enum reader_result end;
		char why[128];

		assert_int_equal(
		    read_all(files[i].name, &end, why), files[i].packets);
		assert_int_equal(end, READER_BAD);
		if (strstr(why, files[i].word) == NULL)
			fail_msg("%s: \"%s\"", files[i].name, why);
	}
}

static void
begin__interface_known__gives_its_link_type(void **state)
{
	struct reader *r = reader_new();

	(void)state;
	reader_window(r, bytes, load("ng_two_sections"));
	assert_false(reader_begun(r));
	assert_int_equal(reader_link_type(r), READER_NO_LINK);
	assert_int_equal(reader_begin(r), READER_PACKET);
	assert_true(reader_begun(r));
	assert_int_equal(reader_link_type(r), 1);
	reader_free(r);
	r = reader_new();
	reader_window(r, bytes, load("ng_section_only"));
	assert_int_equal(reader_begin(r), READER_MORE);
	assert_true(reader_begun(r));
	reader_free(r);
	reader_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(corpus__every_file__keeps_the_promises),
	    cmocka_unit_test(prefix__of_every_file__keeps_the_promises),
	    cmocka_unit_test(pcap__each_kind__gives_times_and_lengths),
	    cmocka_unit_test(
		pcapng__all_blocks__gives_each_packet_its_interface),
	    cmocka_unit_test(
		pcapng__second_section__has_its_own_order_and_interfaces),
	    cmocka_unit_test(pcapng__simple_packet__is_cut_at_the_snaplen),
	    cmocka_unit_test(pcapng__extreme_clocks__do_not_overflow),
	    cmocka_unit_test(bad__each__is_told_by_what_is_wrong),
	    cmocka_unit_test(begin__interface_known__gives_its_link_type),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
