/* A file that changes while it is open, and a stream that stops. */
#include "capture/source.h"

#include "capture/capture.h"
#include "net/base/clock.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/capture/gather.h"

enum { HEADER = 24, RECORD = 16, FRAME = 60, WHOLE = RECORD + FRAME };

static char path[] = "/tmp/sockdeck_change.XXXXXX";

static void
put32(FILE *out, uint32_t v)
{
	assert_int_equal(fwrite(&v, sizeof v, 1, out), 1);
}

static void
put_packet(FILE *out)
{
	static const uint8_t frame[FRAME] = {[12] = 0x88, [13] = 0xb5, 1, 2, 3};

	put32(out, 1700000000);
	put32(out, 0);
	put32(out, FRAME);
	put32(out, FRAME);
	assert_int_equal(fwrite(frame, FRAME, 1, out), 1);
}

/* pcap in the order of this machine, which a reader knows by the magic. */
static void
save(unsigned count)
{
	FILE *out = fopen(path, "w");

	assert_non_null(out);
	put32(out, 0xa1b2c3d4);
	put32(out, 2 | 4 << 16);
	put32(out, 0);
	put32(out, 0);
	put32(out, 65535);
	put32(out, 1);
	for (unsigned i = 0; i < count; i++)
		put_packet(out);
	assert_int_equal(fclose(out), 0);
}

static struct source *
open_file(const char *name)
{
	struct source *s = NULL;
	struct err err = {0};

	if (source_open_file(name, NULL, &s, &err) < 0)
		fail_msg("%s", err.text);
	return s;
}

/* It comes longer than the queue is: the rest is read after it has grown. */
static void
file__grows_while_read__is_followed(void **state)
{
	struct gather *g = gather_new();
	struct source_status st;
	struct source *s;
	FILE *out;

	(void)state;
	save(19000);
	s = open_file(path);
	while (!source_arm(s))
		gather_wait(g, s);
	out = fopen(path, "a");
	assert_non_null(out);
	put_packet(out);
	put_packet(out);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(
	    truncate(path, HEADER + 19001 * WHOLE + RECORD + 9), 0);
	gather_all(g, s, &st);
	assert_int_equal(g->count, 19001);
	assert_non_null(strstr(st.error.text, "middle of packet 19002"));
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
	s = open_file(path);
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
	s = open_file("-");
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
	    cmocka_unit_test(file__grows_while_read__is_followed),
	    cmocka_unit_test(file__shrinks_when_all_is_read__packets_are_cut),
	    cmocka_unit_test(stream__stops_in_a_packet__says_in_which),
	};

	return cmocka_run_group_tests_name(
	    "source_change", tests, make_path, remove_path);
}
