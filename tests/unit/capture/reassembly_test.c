#include "capture/reassembly.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "capture/capture.h"
#include "tests/unit/capture/frames.h"
#include "tests/unit/capture/golden.h"

static struct golden g;
static struct tree t;
static struct capture *c;

static int
setup(void **state)
{
	(void)state;
	tree_init(&t);
	c = capture_new(4 * 1024 * 1024);
	return c == NULL;
}

static int
teardown(void **state)
{
	(void)state;
	tree_done(&t);
	capture_free(c);
	return 0;
}

static void
feed_golden(const char *name)
{
	struct frame f;

	assert_true(golden_load(name, &g) > 0);
	for (size_t i = 0; i < g.count; i++)
		assert_true(capture_feed_one(c, &g.packets[i], &f));
}

static void
look_at(uint64_t id)
{
	struct dissect_context ctx;
	struct frame f;

	assert_true(store_get(capture_store(c), id, &f));
	ctx = capture_context(c, &f);
	dissect(&f.packet, &ctx, &t);
}

static const char *
value(const char *key)
{
	const struct field *f = tree_find(&t, key, 0);

	return f != NULL ? f->value : "none";
}

static void
message__of_several_segments__is_in_the_last_one(void **state)
{
	(void)state;
	feed_golden("http");
	look_at(7);
	assert_string_equal(value("http.response.code"), "none");
	assert_non_null(tree_find(&t, "tcp.segment_data", 0));
	look_at(8);
	assert_string_equal(value("http.response.code"), "200");
	assert_string_equal(value("tcp.segment"), "6");
	assert_string_equal(value("tcp.reassembled.length"), "2155");
}

/* Where its bytes are: in a source of the tree, not in the packet. */
static void
field__of_a_put_together_message__names_its_source(void **state)
{
	const struct field *f;

	(void)state;
	feed_golden("http");
	look_at(8);
	f = tree_find(&t, "http.response.code", 0);
	assert_non_null(f);
	assert_int_equal(f->source, 1);
	assert_memory_equal(tree_bytes(&t, &g.packets[7], f), "200", f->len);
	f = tree_find(&t, "tcp.srcport", 0);
	assert_int_equal(f->source, 0);
}

static void
message__behind_a_gap__comes_when_the_gap_is_filled(void **state)
{
	(void)state;
	feed_golden("http_reordered");
	look_at(5);
	assert_string_equal(value("http.request.method"), "none");
	look_at(6);
	assert_string_equal(value("http.request.method"), "GET");
	assert_string_equal(value("tcp.segment.count"), "3");
	look_at(7); /* sent again */
	assert_string_equal(value("http.request.method"), "none");
}

static void
response__to_head__has_no_content(void **state)
{
	(void)state;
	feed_golden("http");
	look_at(15);
	assert_string_equal(value("http.content_length_header"), "5000");
	look_at(19); /* it did not wait for 5000 bytes */
	assert_string_equal(value("http.response.code"), "303");
}

/* What came before is shown, and the trouble stands at the chunk. */
static void
response__with_a_bad_chunk__shows_where_it_goes_wrong(void **state)
{
	const struct field *f;

	(void)state;
	feed_golden("http_content");
	look_at(26);
	assert_string_equal(value("http.response.code"), "200");
	f = tree_find(&t, "http.chunk_size", 0);
	assert_non_null(f);
	assert_int_equal(f->trouble, RD_OK);
	f = tree_find(&t, "http.chunk_size", (size_t)(f - t.fields) + 1);
	assert_non_null(f);
	assert_int_equal(f->trouble, RD_MALFORMED);
	assert_string_equal(value("http.file_data"), "Hello");
	look_at(30);
	assert_string_equal(value("http.request_in"), "28");
}

static void
response__without_a_length__ends_with_the_connection(void **state)
{
	(void)state;
	feed_golden("http_close");
	look_at(8);
	assert_string_equal(value("http.response.code"), "none");
	look_at(10);
	assert_string_equal(value("http.file_data"), "one two");
}

static void
datagram__in_fragments__is_in_the_one_that_completes_it(void **state)
{
	static const struct {
		uint64_t id;
		const char *records;
	} want[] = {{1, "none"}, {2, "none"}, {3, "8"}, /* in order */
	    {4, "none"}, {5, "none"}, {6, "8"}, /* not in order */
	    {8, "none"}, {10, "8"}, /* one twice */
	    {12, "none"}, /* one missing */
	    {13, "none"}, {14, "8"}}; /* IPv6 */

	(void)state;
	feed_golden("datagram_fragments");
	for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
		look_at(want[i].id);
		assert_string_equal(
		    value("dns.count.answers"), want[i].records);
	}
	look_at(6);
	assert_string_equal(value("ip.reassembled.length"), "1745");
	assert_string_equal(value("udp.length"), "1745");
}

/* A sum over all fields, of one packet. */
static uint64_t
digest(void)
{
	uint64_t sum = t.count;

	for (size_t i = 0; i < t.count; i++) {
		const struct field *f = &t.fields[i];

		sum = sum * 31 + f->off + f->len * 7u + f->source;
		for (const char *s = f->value; *s != '\0'; s++)
			sum = sum * 31 + (uint8_t)*s;
	}
	return sum;
}

/* Forwards, backwards, here and there: a packet always says the same. */
static void
look_in_any_order(const char *name, const struct golden *golden)
{
	static uint64_t once[GOLDEN_PACKETS + 1];
	struct dice dice = {7};

	teardown(NULL);
	setup(NULL);
	feed_golden(name);
	for (uint64_t id = 1; id <= golden->count; id++) {
		look_at(id);
		once[id] = digest();
	}
	for (uint64_t id = golden->count; id > 0; id--) {
		look_at(id);
		assert_int_equal(digest(), once[id]);
	}
	for (int k = 0; k < 200; k++) {
		uint64_t id = 1 + dice_below(&dice, (uint32_t)golden->count);

		look_at(id);
		assert_int_equal(digest(), once[id]);
	}
}

static void
packets__looked_at_in_any_order__say_the_same(void **state)
{
	(void)state;
	assert_true(golden_each(look_in_any_order) > 80);
}

/* A capture that begins in the middle of a message finds the next one. */
static void
stream__captured_from_the_middle__is_found_again(void **state)
{
	struct frame f;

	(void)state;
	assert_true(golden_load("http", &g) > 0);
	for (size_t i = 6; i < g.count; i++)
		assert_true(capture_feed_one(c, &g.packets[i], &f));
	look_at(15 - 6);
	assert_string_equal(value("http.response.code"), "200");
	look_at(17 - 6);
	assert_string_equal(value("http.request.method"), "POST");
}

/* What the capture missed but the receiver acknowledged is skipped. */
static void
stream__with_a_hole_in_the_capture__goes_on_behind_it(void **state)
{
	struct frame f;

	(void)state;
	assert_true(golden_load("http", &g) > 0);
	for (size_t i = 0; i < g.count; i++)
		if (i != 6)
			assert_true(capture_feed_one(c, &g.packets[i], &f));
	look_at(14);
	assert_string_equal(value("http.response.code"), "200");
	look_at(18);
	assert_string_equal(value("http.response.code"), "303");
}

/* Frames 1 to 3 are one datagram, 4 to 6 another that begins in the middle. */
static void
fragment__of_a_datagram__carries_its_bytes_of_the_conversation(void **state)
{
	static const uint64_t to[] = {792, 1592, 1737};
	struct frame f;

	(void)state;
	feed_golden("datagram_fragments");
	for (uint64_t id = 1; id <= 3; id++) {
		assert_true(store_get(capture_store(c), id, &f));
		assert_int_equal(f.flow, 1);
		assert_int_equal(f.dir, DIR_CLIENT);
		assert_int_equal(f.purpose, PURPOSE_DATA);
		assert_int_equal(f.data_to, to[id - 1]);
	}
	/* Whose the last fragment is, nobody can tell before the first. */
	assert_true(store_get(capture_store(c), 4, &f));
	assert_int_equal(f.flow, 0);
	assert_true(store_get(capture_store(c), 6, &f));
	assert_int_equal(f.flow, 1);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(message__of_several_segments__is_in_the_last_one),
	    TEST(field__of_a_put_together_message__names_its_source),
	    TEST(message__behind_a_gap__comes_when_the_gap_is_filled),
	    TEST(response__to_head__has_no_content),
	    TEST(response__with_a_bad_chunk__shows_where_it_goes_wrong),
	    TEST(response__without_a_length__ends_with_the_connection),
	    TEST(datagram__in_fragments__is_in_the_one_that_completes_it),
	    TEST(
		fragment__of_a_datagram__carries_its_bytes_of_the_conversation),
	    TEST(packets__looked_at_in_any_order__say_the_same),
	    TEST(stream__captured_from_the_middle__is_found_again),
	    TEST(stream__with_a_hole_in_the_capture__goes_on_behind_it),
	};

	return cmocka_run_group_tests_name("reassembly", tests, NULL, NULL);
}
