/* A file that changes while it is open, and a stream that stops. */
#include "capture/source.h"

#include "capture/capture.h"
#include "net/base/clock.h"

#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/capture/gather.h"
#include "tests/unit/capture/resident.h"

enum { HEADER = 24, RECORD = 16, FRAME = 60, WHOLE = RECORD + FRAME };
enum { NG_HEADER = 28 + 20, NG_RECORD = 28, NG_WHOLE = NG_RECORD + FRAME + 4 };
enum { PAGE = 4096, QUEUED = (8 + 1) * BATCH_PACKETS };

static char path[] = "/tmp/sockdeck_change.XXXXXX";

static void
put32(FILE *out, uint32_t v)
{
	assert_int_equal(fwrite(&v, sizeof v, 1, out), 1);
}

/* The number of a packet is in its time and in its bytes. */
static void
put_frame(FILE *out, uint32_t number)
{
	uint8_t frame[FRAME] = {[12] = 0x88, [13] = 0xb5};

	memcpy(frame + 14, &number, sizeof number);
	assert_int_equal(fwrite(frame, FRAME, 1, out), 1);
}

static void
put_packet(FILE *out, uint32_t number)
{
	put32(out, 1700000000);
	put32(out, number);
	put32(out, FRAME);
	put32(out, FRAME);
	put_frame(out, number);
}

/* pcap in the order of this machine, which a reader knows by the magic. */
static FILE *
begin_pcap(uint32_t snaplen)
{
	FILE *out = fopen(path, "w");

	assert_non_null(out);
	put32(out, 0xa1b2c3d4);
	put32(out, 2 | 4 << 16);
	put32(out, 0);
	put32(out, 0);
	put32(out, snaplen);
	put32(out, 1);
	return out;
}

static void
save(uint32_t count)
{
	FILE *out = begin_pcap(65535);

	for (uint32_t i = 0; i < count; i++)
		put_packet(out, i);
	assert_int_equal(fclose(out), 0);
}

static void
put_block(FILE *out, uint32_t number)
{
	uint64_t us = 1700000000 * UINT64_C(1000000) + number;

	put32(out, 6);
	put32(out, NG_WHOLE);
	put32(out, 0);
	put32(out, (uint32_t)(us >> 32));
	put32(out, (uint32_t)us);
	put32(out, FRAME);
	put32(out, FRAME);
	put_frame(out, number);
	put32(out, NG_WHOLE);
}

static void
save_ng(uint32_t count)
{
	static const uint32_t head[] = {0x0a0d0d0a, 28, 0x1a2b3c4d, 1,
	    UINT32_MAX, UINT32_MAX, 28, 1, 20, 1, 0, 20};
	FILE *out = fopen(path, "w");

	assert_non_null(out);
	assert_int_equal(sizeof head, NG_HEADER);
	assert_int_equal(fwrite(head, sizeof head, 1, out), 1);
	for (uint32_t i = 0; i < count; i++)
		put_block(out, i);
	assert_int_equal(fclose(out), 0);
}

static struct source *
open_file(const char *name, const char *filter)
{
	struct source *s = NULL;
	struct err err = {0};

	if (source_open_file(name, filter, &s, &err) < 0)
		fail_msg("%s", err.text);
	return s;
}

/* Until the thread has read that many. */
static void
wait_until_received(const struct gather *g, struct source *s, uint64_t count)
{
	struct source_status st;

	for (source_status(s, &st); st.received < count;
	     source_status(s, &st)) {
		assert_true(clock_mono_ns() < g->deadline_ns);
		sched_yield();
	}
	assert_int_equal(st.received, count);
}

/* Until the thread has filled the queue and waits with a batch in its hand,
 * which it had asked the file about; more packets are in the file. */
static void
wait_until_full(const struct gather *g, struct source *s)
{
	wait_until_received(g, s, QUEUED);
}

/* Each is as it was saved, before anything was cut: its bytes too, below
 * there. */
static void
assert_as_saved(
    const struct gather *g, size_t header, size_t record, size_t size)
{
	uint32_t n = 0;

	for (size_t i = 0; i < g->batch_count; i++) {
		const struct batch *b = g->batches[i];

		assert_true(b->count > 0);
		for (uint32_t k = 0; k < b->count; k++, n++) {
			const struct packet *p = &b->packets[k];

			assert_int_equal(
			    p->ts_ns, 1700000000 * CLOCK_S + (int64_t)n * 1000);
			assert_int_equal(p->cap_len, FRAME);
			assert_int_equal(p->wire_len, FRAME);
			assert_int_equal(b->sums[k].ether_type, 0x88b5);
			if (header + (n + 1) * record <= size)
				assert_memory_equal(p->data + 14, &n, sizeof n);
		}
	}
	assert_int_equal(n, g->count);
}

static void
assert_cut(const struct source_status *st, size_t packets)
{
	char words[64];

	snprintf(words, sizeof words,
	    "became shorter while it was read, after %zu packets", packets);
	if (strstr(st->error.text, words) == NULL)
		fail_msg("\"%s\" lacks \"%s\"", st->error.text, words);
}

static size_t
size_of_path(void)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return (size_t)st.st_size;
}

/*
 * The file at path is cut to size while the thread waits for room: left
 * packets come, and none that was made of zeroes.
 */
static void
cut_and_gather(const char *filter, bool ng, size_t size, size_t left)
{
	struct gather *g = gather_new();
	struct source_status st;
	struct source *s;

	signal(SIGBUS, SIG_DFL); /* cmocka's own would come first */
	s = open_file(path, filter);
	wait_until_full(g, s);
	assert_true(size < size_of_path());
	assert_int_equal(truncate(path, (off_t)size), 0);
	gather_all(g, s, &st);
	assert_cut(&st, g->count);
	assert_int_equal(g->count, left);
	assert_int_equal(st.received, left);
	assert_as_saved(
	    g, ng ? NG_HEADER : HEADER, ng ? NG_WHOLE : WHOLE, size);
	source_close(s);
	gather_free(g);
}

/* What was read before comes, also where it is cut since. */
static size_t
left_of(size_t whole)
{
	return whole < QUEUED ? QUEUED : whole;
}

static void
cut_pcap(uint32_t count, size_t size)
{
	save(count);
	cut_and_gather(NULL, false, size, left_of((size - HEADER) / WHOLE));
}

static void
cut_pcapng(uint32_t count, size_t size)
{
	save_ng(count);
	cut_and_gather(
	    NULL, true, size, left_of((size - NG_HEADER) / NG_WHOLE));
}

/* Nothing signals that: the rest of the last page reads as zeroes. */
static void
pcap__cut_in_its_last_page__no_zeroes_come(void **state)
{
	(void)state;
	for (size_t in = 0; in < WHOLE; in += 4)
		cut_pcap(QUEUED + 51, HEADER + (QUEUED + 10) * WHOLE + in);
}

static void
pcapng__cut_in_its_last_page__no_zeroes_come(void **state)
{
	(void)state;
	for (size_t in = 0; in < NG_WHOLE; in += 4)
		cut_pcapng(
		    QUEUED + 41, NG_HEADER + (QUEUED + 10) * NG_WHOLE + in);
}

/* First the rest of the page, then a SIGBUS. */
static void
pcap__cut_in_a_page__no_zeroes_come(void **state)
{
	(void)state;
	for (size_t in = 0; in < WHOLE; in += 4)
		cut_pcap(QUEUED + 1000, HEADER + (QUEUED + 100) * WHOLE + in);
}

static void
pcapng__cut_in_a_page__no_zeroes_come(void **state)
{
	(void)state;
	for (size_t in = 0; in < NG_WHOLE; in += 4)
		cut_pcapng(
		    QUEUED + 1000, NG_HEADER + (QUEUED + 100) * NG_WHOLE + in);
}

/* A SIGBUS, within a packet. */
static void
file__cut_between_pages__no_zeroes_come(void **state)
{
	(void)state;
	cut_pcap(QUEUED + 1000, HEADER + (QUEUED + 200) * WHOLE / PAGE * PAGE);
	cut_pcapng(
	    QUEUED + 1000, NG_HEADER + (QUEUED + 200) * NG_WHOLE / PAGE * PAGE);
}

static void
file__cut_below_what_was_read__ends_there(void **state)
{
	(void)state;
	cut_pcap(QUEUED + 1000, HEADER + 5 * WHOLE + 3);
	cut_pcapng(QUEUED + 1000, NG_HEADER + 5 * NG_WHOLE + 3);
	cut_pcap(QUEUED + 1000, PAGE);
	cut_pcapng(QUEUED + 1000, PAGE);
	save(QUEUED + 1000);
	cut_and_gather(NULL, false, 0, QUEUED);
	save_ng(QUEUED + 1000);
	cut_and_gather(NULL, true, 0, QUEUED);
}

/* All in the batch is there, but who has cut it may write on. */
static void
file__cut_behind_what_is_read__is_not_read_on(void **state)
{
	(void)state;
	save(QUEUED + 5 * BATCH_PACKETS);
	cut_and_gather(NULL, false, HEADER + (QUEUED + 3000) * WHOLE,
	    QUEUED + BATCH_PACKETS);
}

/* Packets of zeroes would pass it. */
static void
file__cut_under_a_filter__no_zeroes_come(void **state)
{
	size_t size = HEADER + (QUEUED + 100) * WHOLE + 7;

	(void)state;
	save(QUEUED + 1000);
	cut_and_gather("less 60", false, size, QUEUED + 100);
}

/* The rest is read after it has grown. */
static void
file__grows_while_read__is_followed(void **state)
{
	struct gather *g = gather_new();
	struct source_status st;
	struct source *s;
	FILE *out;

	(void)state;
	save(19000);
	s = open_file(path, NULL);
	wait_until_full(g, s);
	out = fopen(path, "a");
	assert_non_null(out);
	put_packet(out, 19000);
	put_packet(out, 19001);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(
	    truncate(path, HEADER + 19001 * WHOLE + RECORD + 9), 0);
	gather_all(g, s, &st);
	assert_int_equal(g->count, 19001);
	assert_as_saved(g, HEADER, WHOLE, SIZE_MAX);
	assert_non_null(strstr(st.error.text, "middle of packet 19002"));
	source_close(s);
	gather_free(g);
}

static void
file__grows_by_whole_packets__ends_well(void **state)
{
	struct gather *g = gather_new();
	struct source_status st;
	struct source *s;
	FILE *out;

	(void)state;
	save_ng(QUEUED + 100);
	s = open_file(path, NULL);
	wait_until_full(g, s);
	out = fopen(path, "a");
	assert_non_null(out);
	for (uint32_t i = QUEUED + 100; i < 19000; i++)
		put_block(out, i);
	assert_int_equal(fclose(out), 0);
	gather_all(g, s, &st);
	assert_int_equal(g->count, 19000);
	assert_as_saved(g, NG_HEADER, NG_WHOLE, SIZE_MAX);
	assert_string_equal(st.error.text, "");
	source_close(s);
	gather_free(g);
}

/* The end was seen, and the last packets wait for room: what is written behind
 * them is nobody's, and they are not cut off. */
static void
file__grows_while_its_last_packets_wait__ends_well(void **state)
{
	struct gather *g = gather_new();
	struct source_status st;
	struct source *s;
	FILE *out;

	(void)state;
	save(QUEUED - 1);
	s = open_file(path, NULL);
	wait_until_received(g, s, QUEUED - 1);
	out = fopen(path, "a");
	assert_non_null(out);
	put_packet(out, QUEUED - 1);
	assert_int_equal(fclose(out), 0);
	gather_all(g, s, &st);
	assert_int_equal(g->count, QUEUED - 1);
	assert_as_saved(g, HEADER, WHOLE, SIZE_MAX);
	assert_string_equal(st.error.text, "");
	source_close(s);
	gather_free(g);
}

static void
file__shrinks_when_all_is_read__packets_are_cut(void **state)
{
	struct capture *c = capture_new(1 << 20);
	struct gather *g = gather_new();
	struct source_status st;
	struct source *s;
	struct frame f;

	(void)state;
	signal(SIGBUS, SIG_DFL); /* cmocka's own would come first */
	save(2000);
	s = open_file(path, NULL);
	gather_all(g, s, &st);
	for (size_t i = 0; i < g->batch_count; i++)
		capture_feed(c, g->batches[i]);
	assert_int_equal(truncate(path, HEADER + WHOLE + RECORD + 20), 0);
	/* Where the page is gone, that is found out by touching it. */
	assert_true(store_get(capture_store(c), 2000, &f));
	assert_true(store_get(capture_store(c), 2000, &f));
	assert_int_equal(f.packet.cap_len, 0);
	assert_int_equal(f.packet.wire_len, FRAME);
	assert_int_equal(f.sum.status, SUMMARY_TRUNCATED);
	assert_true(store_get(capture_store(c), 2, &f));
	assert_int_equal(f.packet.cap_len, 20);
	assert_true(store_get(capture_store(c), 1, &f));
	assert_int_equal(f.packet.cap_len, FRAME);
	assert_int_equal(f.sum.ether_type, 0x88b5);
	source_close(s);
	gather_free(g);
	capture_free(c);
}

/* More of them than wait in the queue, so that it goes on with the table. */
static void
file__read_on__a_table_of_its_packets_is_made_ready(void **state)
{
	enum { ENTRY = 64, COUNT = QUEUED + 5 * BATCH_PACKETS };
	const size_t size = (COUNT + BATCH_PACKETS) * ENTRY;
	struct source_status st;
	struct prefault *p;
	struct gather *g;
	struct source *s;
	uint8_t *table;

	(void)state;
	resident_or_skip();
	g = gather_new();
	table = resident_none(size);
	save(COUNT);
	s = open_file(path, NULL);
	gather_count(g, s, 1);
	p = mapping_prefault(g->batches[0]->home);
	prefault_table(p, table, size, ENTRY);
	gather_all(g, s, &st);
	assert_int_equal(g->count, COUNT);
	prefault_table(p, NULL, 0, 0);
	assert_true(resident_pages(table, size) >=
		    (size_t)COUNT * ENTRY / RESIDENT_PAGE);
	source_close(s);
	gather_free(g);
	munmap(table, size);
}

static void
stream__stops_in_a_packet__says_in_which(void **state)
{
	struct gather *g = gather_new();
	uint8_t bytes[HEADER + WHOLE + RECORD + 9];
	struct source_status st;
	struct source *s;
	int ends[2], saved = dup(STDIN_FILENO);
	FILE *in;

	(void)state;
	save(2);
	in = fopen(path, "r");
	assert_non_null(in);
	assert_int_equal(fread(bytes, sizeof bytes, 1, in), 1);
	fclose(in);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
	close(ends[0]);
	s = open_file("-", NULL);
	assert_int_equal(write(ends[1], bytes, sizeof bytes), sizeof bytes);
	gather_count(g, s, 1);
	close(ends[1]);
	gather_all(g, s, &st);
	assert_int_equal(g->count, 1);
	assert_non_null(strstr(st.error.text, "middle of packet 2"));
	source_close(s);
	assert_int_equal(dup2(saved, STDIN_FILENO), STDIN_FILENO);
	close(saved);
	gather_free(g);
}

static int
make_path(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	if (fd < 0)
		return -1;
	close(fd);
	return 0;
}

static int
remove_path(void **state)
{
	(void)state;
	return unlink(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pcap__cut_in_its_last_page__no_zeroes_come),
	    cmocka_unit_test(pcapng__cut_in_its_last_page__no_zeroes_come),
	    cmocka_unit_test(pcap__cut_in_a_page__no_zeroes_come),
	    cmocka_unit_test(pcapng__cut_in_a_page__no_zeroes_come),
	    cmocka_unit_test(file__cut_between_pages__no_zeroes_come),
	    cmocka_unit_test(file__cut_below_what_was_read__ends_there),
	    cmocka_unit_test(file__cut_behind_what_is_read__is_not_read_on),
	    cmocka_unit_test(file__cut_under_a_filter__no_zeroes_come),
	    cmocka_unit_test(file__grows_while_read__is_followed),
	    cmocka_unit_test(file__grows_by_whole_packets__ends_well),
	    cmocka_unit_test(
		file__grows_while_its_last_packets_wait__ends_well),
	    cmocka_unit_test(file__shrinks_when_all_is_read__packets_are_cut),
	    cmocka_unit_test(
		file__read_on__a_table_of_its_packets_is_made_ready),
	    cmocka_unit_test(stream__stops_in_a_packet__says_in_which),
	};

	return cmocka_run_group_tests_name(
	    "source_change", tests, make_path, remove_path);
}
