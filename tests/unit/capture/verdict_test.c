/*
 * The golden captures of TCP: what is found out about each segment stands in
 * tests/golden/tcp/NAME.verdicts. UPDATE=1 writes these anew: read the diff.
 */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "capture/capture.h"
#include "capture/flow_replay.h"
#include "tests/unit/capture/golden.h"
#include "tests/unit/capture/verdicts.h"

#define BUDGET (4 * 1024 * 1024)

/* The whole file, and a NUL behind it; NULL: there is none. */
static char *
slurp(const char *path, size_t *ret_len)
{
	FILE *f = fopen(path, "rb"), *copy;
	char *bytes = NULL;
	int c;

	*ret_len = 0;
	if (f == NULL)
		return NULL;
	copy = open_memstream(&bytes, ret_len);
	assert_non_null(copy);
	while ((c = getc(f)) != EOF)
		putc(c, copy);
	fclose(copy);
	fclose(f);
	return bytes;
}

/* Played again, a frame says what it said when it came. */
static void
check_replay(const struct capture *c, const struct frame *f)
{
	struct frame again = {0};

	assert_true(flow_replay(capture_store(c), f->id, REPLAY_MAX, &again));
	assert_int_equal(again.id, f->id);
	assert_int_equal(again.verdicts, f->verdicts);
	assert_int_equal(again.rel_seq, f->rel_seq);
	assert_int_equal(again.found.dup_ack_frame, f->found.dup_ack_frame);
	assert_int_equal(again.found.acks_frame, f->found.acks_frame);
	assert_int_equal(again.found.ack_rtt_ns, f->found.ack_rtt_ns);
	assert_int_equal(again.found.rto_ns, f->found.rto_ns);
	assert_int_equal(again.found.push_bytes, f->found.push_bytes);
	assert_int_equal(again.found.completeness, f->found.completeness);
}

static void
print_verdicts(FILE *out, const uint8_t *bytes, size_t len)
{
	struct capture *c = capture_new(BUDGET);
	struct golden_reader r;
	struct packet p;
	struct frame f;

	assert_non_null(c);
	assert_true(golden_open(&r, bytes, len));
	while (golden_next(&r, &p))
		if (capture_feed_one(c, &p, &f) && f.flow != 0 &&
		    f.found.judged) {
			verdict_line(
			    out, &f, flow_get(capture_flows(c), f.flow));
			check_replay(c, &f);
		}
	capture_free(c);
}

/* Compare line by line, and say where they part. */
static bool
same(const char *path, const char *got, const char *want)
{
	for (int line = 1; *got != '\0' || *want != '\0'; line++) {
		size_t a = strcspn(got, "\n"), b = strcspn(want, "\n");

		if (a != b || memcmp(got, want, a) != 0) {
			print_error("%s:%d\n  got  %.*s\n  want %.*s\n", path,
			    line, (int)a, got, (int)b, want);
			return false;
		}
		got += a + (got[a] == '\n');
		want += b + (want[b] == '\n');
	}
	return true;
}

static bool
check_file(char *path)
{
	char *got = NULL, *bytes, *want;
	size_t len, got_len, want_len;
	FILE *out = open_memstream(&got, &got_len);
	bool ok;

	bytes = slurp(path, &len);
	assert_non_null(bytes);
	assert_non_null(out);
	print_verdicts(out, (const uint8_t *)bytes, len);
	fclose(out);
	strcpy(strrchr(path, '.'), ".verdicts");
	if (getenv("UPDATE") != NULL) {
		out = fopen(path, "w");
		assert_non_null(out);
		fputs(got, out);
		fclose(out);
	}
	want = slurp(path, &want_len);
	ok = same(path, got, want != NULL ? want : "");
	free(want);
	free(got);
	free(bytes);
	return ok;
}

static void
verdicts__of_the_golden_captures__as_written(void **state)
{
	unsigned bad = 0;
	glob_t found;

	(void)state;
	assert_int_equal(glob("tests/golden/tcp/*.pcap", 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		/* room for ".verdicts" */
		char path[256];

		assert_true(strlen(found.gl_pathv[i]) < sizeof path - 16);
		strcpy(path, found.gl_pathv[i]);
		bad += !check_file(path);
	}
	globfree(&found);
	assert_int_equal(bad, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(verdicts__of_the_golden_captures__as_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
