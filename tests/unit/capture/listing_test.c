/*
 * What is listed, against a walk over all packets.
 */
#include "capture/listing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "capture/capture.h"
#include "net/base/bytes.h"

#define PACKETS 3000
#define ENDS 7

struct world {
	struct capture *capture;
	struct listing *listing;
	unsigned fed;
};

static void
make_world(struct world *w, size_t budget)
{
	*w = (struct world){capture_new(budget), listing_new(), 0};
	assert_non_null(w->capture);
	assert_non_null(w->listing);
}

static void
free_world(struct world *w)
{
	listing_free(w->listing);
	capture_free(w->capture);
}

/* Datagrams of ENDS conversations, in turn and not quite in turn. */
static void
feed(struct world *w, unsigned n)
{
	while (n-- > 0) {
		unsigned i = w->fed++, end = i * i / 3 % ENDS;
		uint8_t bytes[64];
		struct wr out = wr_init(bytes, sizeof bytes);
		struct packet p;
		struct frame f;

		wr_be32(&out, 0x45000000 | (28 + i % 20));
		wr_be32(&out, 0);
		wr_be32(&out, 64 << 24 | 17 << 16);
		wr_be32(&out, 0x0a000001);
		wr_be32(&out, 0x0a000002);
		wr_be32(&out, (40000 + end) << 16 | 7000);
		wr_be32(&out, (8 + i % 20) << 16);
		while (wr_len(&out) < 28 + i % 20)
			wr_u8(&out, 'x');
		p = (struct packet){
		    .ts_ns = i + 1,
		    .cap_len = (uint32_t)wr_len(&out),
		    .wire_len = (uint32_t)wr_len(&out),
		    .link_type = LINK_RAW,
		    .data = bytes,
		};
		assert_true(capture_feed_one(w->capture, &p, &f));
	}
}

static const struct flow *
flow(const struct world *w, uint32_t id)
{
	return flow_get(capture_flows(w->capture), id);
}

static void
follow(struct world *w, uint32_t id)
{
	int slices = 0;

	while (listing_follow(
	    w->listing, capture_store(w->capture), flow(w, id), 100))
		slices++;
	assert_true(slices < PACKETS / 100 + 2);
}

static struct display_filter *
compile(const char *text)
{
	struct display_filter *d = NULL;
	struct err err;

	assert_int_equal(display_filter_new(text, &d, &err), 0);
	return d;
}

/* Both ways the listing is what a walk over all finds; how many that are. */
static uint64_t
assert_listed(const struct world *w, uint32_t id, const char *text)
{
	const struct store *s = capture_store(w->capture);
	struct display_filter *d = text != NULL ? compile(text) : NULL;
	uint64_t count = 0, before = 0;

	for (uint64_t at = store_first(s); at < store_next(s); at++) {
		bool listed = (id == 0 || store_record(s, at)->flow == id) &&
			      (d == NULL || display_filter_match(d, s, at));

		assert_int_equal(listing_has(w->listing, s, at), listed);
		assert_int_equal(listing_prev(w->listing, s, at), before);
		if (!listed)
			continue;
		assert_int_equal(listing_next(w->listing, s, before), at);
		before = at;
		count++;
	}
	assert_int_equal(listing_next(w->listing, s, before), 0);
	assert_int_equal(listing_prev(w->listing, s, 0), before);
	assert_int_equal(listing_count(w->listing, s), count);
	display_filter_free(d);
	return count;
}

static void
listing__of_anything__is_what_a_walk_finds(void **state)
{
	static const char *const filters[] = {NULL, "len>40", "text:nothing"};
	struct world w;

	(void)state;
	make_world(&w, 1 << 20);
	feed(&w, PACKETS);
	for (uint32_t id = 0; id <= ENDS / 2; id++)
		for (int i = 0; i < 3; i++) {
			listing_filter(w.listing,
			    filters[i] != NULL ? compile(filters[i]) : NULL);
			follow(&w, id);
			assert_listed(&w, id, filters[i]);
		}
	free_world(&w);
}

static void
listing__while_packets_come__follows_them(void **state)
{
	struct world w;

	(void)state;
	make_world(&w, 1 << 20);
	listing_filter(w.listing, compile("len>40"));
	for (int i = 0; i < 20; i++) {
		feed(&w, 37);
		follow(&w, i < 10 ? 0 : 1);
		assert_listed(&w, i < 10 ? 0 : 1, "len>40");
	}
	free_world(&w);
}

static void
listing__packets_that_have_left__are_not_listed(void **state)
{
	struct world w;

	(void)state;
	make_world(&w, 100 * 1024); /* about a thousand packets */
	for (uint32_t i = 0; i < 8; i++) {
		feed(&w, 400);
		follow(&w, i % 3);
		assert_listed(&w, i % 3, NULL);
	}
	assert_true(store_first(capture_store(w.capture)) > 1000);
	listing_filter(w.listing, compile("len>40"));
	for (uint32_t i = 0; i < 8; i++) {
		feed(&w, 400);
		follow(&w, 0);
		assert_true(assert_listed(&w, 0, "len>40") > 0);
	}
	free_world(&w);
}

static void
listing__first_pass__says_how_far_it_is(void **state)
{
	const struct store *s;
	struct world w;

	(void)state;
	make_world(&w, 1 << 20);
	s = capture_store(w.capture);
	feed(&w, PACKETS);
	assert_int_equal(listing_progress(w.listing, s), 100);
	listing_filter(w.listing, compile("len>40"));
	assert_true(listing_is_first_pass(w.listing));
	assert_int_equal(listing_progress(w.listing, s), 0);
	assert_true(listing_follow(w.listing, s, NULL, PACKETS / 4));
	assert_int_equal(listing_progress(w.listing, s), 25);
	assert_true(listing_next(w.listing, s, 0) != 0);
	follow(&w, 0);
	assert_false(listing_is_first_pass(w.listing));
	assert_int_equal(listing_progress(w.listing, s), 100);
	/* what comes later is no first pass */
	feed(&w, 100);
	assert_false(listing_is_first_pass(w.listing));
	free_world(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(listing__of_anything__is_what_a_walk_finds),
	    cmocka_unit_test(listing__while_packets_come__follows_them),
	    cmocka_unit_test(listing__packets_that_have_left__are_not_listed),
	    cmocka_unit_test(listing__first_pass__says_how_far_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
