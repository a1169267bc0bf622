/* One direction of a wire, on a clock that stands where the test puts it. */
#include "net/wire_path.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/base/clock.h"

#define MS CLOCK_MS

static const struct wire_order chance = {.action = WIRE_NONE};

static struct wire_path *
path_of(struct wire_settings settings)
{
	struct wire_path *p = wire_path_new(&settings);

	assert_non_null(p);
	return p;
}

/* A packet of n bytes, the id-th, sent for the nth time. Its fate, if it came
 * back at once. */
static unsigned
push_again(struct wire_path *p, uint64_t id, uint64_t seq, uint32_t nth,
    size_t n, int64_t now)
{
	static const uint8_t bytes[4096];
	struct wire_item *it = wire_item_new(bytes, n);
	unsigned fate = FATE_NONE;

	assert_non_null(it);
	it->id = id;
	it->entered_ns = now;
	it->foldable = true;
	it->key = (struct impair_key){.seq = seq, .nth = nth, .slot = id};
	if (!wire_path_push(p, it, &chance, now)) {
		fate = it->fate;
		free(it);
	}
	return fate;
}

static void
push(struct wire_path *p, uint64_t id, size_t n, int64_t now)
{
	assert_int_equal(push_again(p, id, id, 0, n, now), FATE_NONE);
}

/* The id of what comes out at that time, with its fate; 0: nothing. */
static uint64_t
pop(struct wire_path *p, int64_t now, unsigned *ret_fate)
{
	struct wire_item *it = wire_path_pop(p, now);
	uint64_t id = it != NULL ? it->id : 0;

	if (it != NULL && ret_fate != NULL)
		*ret_fate = it->fate;
	free(it);
	return id;
}

/* Everything that comes out by then: "1 2x 3", x for a lost one. */
static const char *
drain(struct wire_path *p, int64_t now, char *dst, size_t size)
{
	unsigned fate;
	size_t n = 0;
	uint64_t id;

	dst[0] = '\0';
	while ((id = pop(p, now, &fate)) != 0 && n < size)
		n += (size_t)snprintf(dst + n, size - n, "%s%d%s",
		    n > 0 ? " " : "", (int)id, fate_is_lost(fate) ? "x" : "");
	return dst;
}

static void
pop__no_settings__is_the_order_of_push(void **state)
{
	struct wire_path *p = path_of((struct wire_settings){0});

	(void)state;
	assert_true(wire_path_is_clear(p));
	assert_null(wire_path_pop(p, 1));
	assert_true(wire_path_deadline(p) == WIRE_PATH_NEVER);
	for (uint64_t i = 1; i <= 1000; i++)
		push(p, i, 8, 5);
	assert_false(wire_path_is_clear(p));
	assert_int_equal(wire_path_deadline(p), 5);
	for (uint64_t i = 1; i <= 1000; i++)
		assert_int_equal(pop(p, 5, NULL), i);
	assert_int_equal(wire_path_stats(p, 5).popped, 1000);
	assert_int_equal(wire_path_stats(p, 5).fates[FATE_PASSED], 1000);
	assert_int_equal(wire_path_stats(p, 5).bytes, 0);
	wire_path_free(p);
}

static void
delay__before_it_is_due__gives_nothing(void **state)
{
	struct wire_path *p =
	    path_of((struct wire_settings){.impair = {.delay_ns = 20 * MS}});

	(void)state;
	push(p, 1, 3, MS);
	assert_int_equal(wire_path_deadline(p), 21 * MS);
	assert_int_equal(pop(p, 21 * MS - 1, NULL), 0);
	assert_int_equal(pop(p, 21 * MS, NULL), 1);
	push(p, 2, 0, MS); /* an empty one, left over */
	wire_path_free(p);
}

static void
jitter__many__stay_in_order_within_its_bounds(void **state)
{
	struct wire_path *p = path_of((struct wire_settings){
	    .impair = {.seed = 1, .delay_ns = 20 * MS, .jitter_ns = 10 * MS}});
	int64_t first = INT64_MAX, last = 0;

	(void)state;
	for (uint64_t i = 1; i <= 500; i++)
		push(p, i, 100, (int64_t)i * 2 * MS);
	for (uint64_t i = 1; i <= 500; i++) {
		struct wire_item *it = wire_path_pop(p, INT64_MAX);
		int64_t took = it->due_ns - it->entered_ns;

		assert_int_equal(it->id, i);
		assert_in_range(took, 20 * MS, 30 * MS);
		first = took < first ? took : first;
		last = took > last ? took : last;
		free(it);
	}
	assert_true(first < 22 * MS && last > 29 * MS);
	wire_path_free(p);
}

/* 1000 bytes at 1 Mbit/s take 8 ms. */
static void
rate__packets_at_once__leave_one_after_the_other(void **state)
{
	struct wire_path *p = path_of((struct wire_settings){
	    .rate_bps = 1000000, .impair = {.delay_ns = 20 * MS}});

	(void)state;
	push(p, 1, 1000, 0);
	push(p, 2, 1000, 0);
	push(p, 3, 500, 0);
	assert_int_equal(wire_path_stats(p, 0).queued, 3);
	assert_int_equal(wire_path_stats(p, 10 * MS).queued, 2);
	assert_int_equal(wire_path_deadline(p), 28 * MS);
	assert_int_equal(pop(p, 28 * MS, NULL), 1);
	assert_int_equal(wire_path_deadline(p), 36 * MS);
	assert_int_equal(pop(p, 36 * MS, NULL), 2);
	assert_int_equal(wire_path_deadline(p), 40 * MS);
	/* the line is free for long */
	push(p, 4, 1000, 100 * MS);
	assert_int_equal(pop(p, 40 * MS, NULL), 3);
	assert_int_equal(wire_path_deadline(p), 128 * MS);
	wire_path_free(p);
}

static void
queue__full__drops_the_tail_in_its_place(void **state)
{
	struct wire_path *p = path_of(
	    (struct wire_settings){.rate_bps = 1000000, .queue_packets = 2});
	char got[64];

	(void)state;
	for (uint64_t i = 1; i <= 5; i++)
		push(p, i, 1000, 0);
	/* one on the line, two wait, two are dropped: after those before */
	push(p, 6, 1000, 9 * MS);
	assert_string_equal(
	    drain(p, INT64_MAX, got, sizeof got), "1 2 3 4x 5x 6");
	assert_int_equal(wire_path_stats(p, 0).fates[FATE_QUEUE], 2);
	wire_path_free(p);

	p = path_of(
	    (struct wire_settings){.rate_bps = 1000000, .queue_bytes = 2500});
	for (uint64_t i = 1; i <= 4; i++)
		push(p, i, 1000, 0);
	assert_string_equal(drain(p, INT64_MAX, got, sizeof got), "1 2 3x 4x");
	wire_path_free(p);
}

static void
loss__some__come_out_as_lost_in_their_place(void **state)
{
	struct wire_path *p = path_of((struct wire_settings){
	    .impair = {.seed = 1, .loss_ppm = 300000, .delay_ns = MS}});
	char got[256], again[256];
	struct wire_path *q;

	(void)state;
	for (uint64_t i = 1; i <= 20; i++)
		push(p, i, 10, 0);
	drain(p, MS, got, sizeof got);
	assert_non_null(strstr(got, "x"));
	for (int i = 1; i <= 20; i++) {
		char text[8];

		snprintf(text, sizeof text, "%d", i);
		assert_non_null(strstr(got, text));
	}
	/* with another timing the same ones */
	q = path_of((struct wire_settings){
	    .impair = {.seed = 1, .loss_ppm = 300000, .delay_ns = MS}});
	for (uint64_t i = 1; i <= 20; i++)
		push(q, i, 500, (int64_t)(i * i) * MS);
	assert_string_equal(drain(q, INT64_MAX, again, sizeof again), got);
	wire_path_free(p);
	wire_path_free(q);
}

static void
all_of_them__duplicate_corrupt_reorder__do_so(void **state)
{
	struct wire_path *p = path_of(
	    (struct wire_settings){.impair = {.duplicate_ppm = 1000000}});
	struct wire_item *it;
	unsigned fate;

	(void)state;
	push(p, 1, 10, 0);
	assert_int_equal(pop(p, 0, &fate), 1);
	assert_int_equal(fate, FATE_DUPLICATED);
	assert_int_equal(pop(p, 0, &fate), 1);
	assert_int_equal(fate, FATE_COPY);
	wire_path_set(
	    p, &(struct wire_settings){.impair = {.corrupt_ppm = 1000000}});
	push(p, 2, 10, 0);
	it = wire_path_pop(p, 0);
	assert_int_equal(it->fate, FATE_CORRUPTED);
	assert_int_not_equal(it->data[0], 0);
	assert_int_equal(it->data[1], 0);
	free(it);
	wire_path_set(p, &(struct wire_settings){.impair = {
						     .reorder_ppm = 1000000,
						     .reorder_ns = 5 * MS,
						 }});
	push(p, 3, 10, 0);
	wire_path_set(p, &(struct wire_settings){0});
	push(p, 4, 10, 0);
	assert_int_equal(pop(p, 10 * MS, NULL), 4);
	assert_int_equal(pop(p, 10 * MS, &fate), 3);
	assert_int_equal(fate, FATE_REORDERED);
	wire_path_free(p);
}

static void
rule__each_action__is_done(void **state)
{
	static const struct wire_order drop = {.action = WIRE_DROP},
				       delay = {WIRE_DELAY, 2 * CLOCK_S};
	struct wire_path *p = path_of((struct wire_settings){0});
	struct wire_item *it = wire_item_new("x", 1);
	unsigned fate;

	(void)state;
	it->id = 1;
	wire_path_push(p, it, &drop, 0);
	assert_int_equal(pop(p, 0, &fate), 1);
	assert_int_equal(fate, FATE_RULE);
	it = wire_item_new("x", 1);
	it->id = 2;
	wire_path_push(p, it, &delay, 0);
	assert_int_equal(pop(p, 2 * CLOCK_S - 1, NULL), 0);
	assert_int_equal(pop(p, 2 * CLOCK_S, &fate), 2);
	assert_int_equal(fate, FATE_PASSED);
	wire_path_free(p);
}

/* ---- by hand ---- */

static void
act(struct wire_path *p, uint64_t id, enum wire_action action, int64_t now)
{
	struct wire_order o = {.action = action, .delay_ns = CLOCK_S};

	assert_int_equal(wire_path_act(p, id, &o, now), 0);
}

static void
hold__each_by_hand__goes_as_it_was_told(void **state)
{
	static const struct wire_order pass = {.action = WIRE_PASS};
	struct wire_path *p =
	    path_of((struct wire_settings){.impair = {.loss_ppm = 1000000}});
	char got[64];

	(void)state;
	wire_path_hold(p, true, 0);
	for (uint64_t i = 1; i <= 6; i++)
		push(p, i, 10, 0);
	assert_true(wire_path_deadline(p) == WIRE_PATH_NEVER);
	assert_int_equal(wire_path_stats(p, 0).held, 6);
	/* what a hand passes, chance does not drop */
	act(p, 3, WIRE_PASS, MS);
	act(p, 1, WIRE_DROP, MS);
	act(p, 2, WIRE_DUPLICATE, MS);
	act(p, 4, WIRE_DELAY, MS);
	act(p, 5, WIRE_REORDER, MS);
	assert_int_equal(wire_path_held(p, 0)->id, 6);
	assert_int_equal(wire_path_held(p, 1)->id, 5);
	assert_null(wire_path_held(p, 2));
	assert_string_equal(drain(p, MS, got, sizeof got), "3 1x 2 2");
	assert_string_equal(drain(p, MS + CLOCK_S, got, sizeof got), "4");
	act(p, 5, WIRE_CORRUPT, 2 * CLOCK_S);
	assert_int_equal(wire_path_act(p, 5, &pass, MS), -ENOENT);
	assert_string_equal(drain(p, 2 * CLOCK_S, got, sizeof got), "5x");
	/* released: the rest in order, and then chance again */
	push(p, 7, 10, 3 * CLOCK_S);
	wire_path_hold(p, false, 3 * CLOCK_S);
	push(p, 8, 10, 3 * CLOCK_S);
	assert_string_equal(drain(p, 3 * CLOCK_S, got, sizeof got), "6 7 8x");
	wire_path_free(p);
}

static void
hold__reordered__yields_until_one_has_overtaken(void **state)
{
	struct wire_path *p = path_of((struct wire_settings){0});
	char got[64];

	(void)state;
	wire_path_hold(p, true, 0);
	push(p, 1, 10, 0);
	act(p, 1, WIRE_REORDER, 0); /* none is behind it yet */
	assert_true(wire_path_held(p, 0)->yields);
	push(p, 2, 10, 0);
	push(p, 3, 10, 0); /* one is enough */
	assert_int_equal(wire_path_held(p, 0)->id, 2);
	assert_int_equal(wire_path_held(p, 1)->id, 1);
	assert_int_equal(wire_path_held(p, 2)->id, 3);
	assert_true(wire_path_held(p, 1)->yields);
	act(p, 2, WIRE_PASS, 0);
	assert_false(wire_path_held(p, 0)->yields);
	/* two that yield: each to one */
	act(p, 1, WIRE_REORDER, 0);
	act(p, 3, WIRE_REORDER, 0);
	push(p, 4, 10, 0);
	wire_path_hold(p, false, 0);
	assert_string_equal(drain(p, 0, got, sizeof got), "2 1 4 3");
	wire_path_free(p);
}

/* So that what follows finds the record in the order in which it was sent. */
static void
hold__dropped_one__comes_out_behind_those_before_it(void **state)
{
	static const struct wire_order pass = {.action = WIRE_PASS};
	struct wire_path *p =
	    path_of((struct wire_settings){.impair = {.delay_ns = 20 * MS}});
	char got[64];

	(void)state;
	wire_path_hold(p, true, 0);
	for (uint64_t i = 1; i <= 5; i++)
		push(p, i, 10, 0);
	act(p, 3, WIRE_DROP, 0);
	assert_int_equal(wire_path_act(p, 3, &pass, 0), -ENOENT);
	assert_int_equal(wire_path_held(p, 2)->fate, FATE_HAND);
	assert_string_equal(drain(p, MS, got, sizeof got), "");
	/* what is sent again is a packet to decide about */
	assert_int_equal(push_again(p, 6, 3, 1, 10, MS), FATE_NONE);
	assert_null(wire_path_held(p, 5)->repeats);
	act(p, 1, WIRE_PASS, MS);
	act(p, 2, WIRE_PASS, 2 * MS);
	assert_int_equal(wire_path_held(p, 0)->id, 4);
	assert_string_equal(drain(p, 21 * MS, got, sizeof got), "1");
	assert_string_equal(drain(p, 22 * MS, got, sizeof got), "2 3x");
	act(p, 5, WIRE_DROP, 30 * MS);
	wire_path_hold(p, false, 30 * MS);
	assert_string_equal(drain(p, 50 * MS, got, sizeof got), "4 5x 6");
	wire_path_free(p);
}

static void
hold__timer_sends_again__copies_come_out_behind_what_they_repeat(void **state)
{
	struct wire_path *p = path_of((struct wire_settings){0});
	char got[64];

	(void)state;
	wire_path_hold(p, true, 0);
	push(p, 1, 100, 0);
	push_again(p, 2, 1, 1, 100, 0);
	push_again(p, 3, 1, 2, 100, 0);
	/* this one repeats one that has passed */
	push_again(p, 4, 99, 1, 100, 0);
	assert_int_equal(wire_path_held(p, 0)->folded, 2);
	assert_int_equal(wire_path_stats(p, 0).folded, 2);
	assert_int_equal(wire_path_held(p, 1)->id, 4);
	assert_null(wire_path_held(p, 2));
	act(p, 4, WIRE_PASS, 0);
	act(p, 1, WIRE_PASS, 0);
	assert_string_equal(drain(p, 0, got, sizeof got), "4 1 2x 3x");
	/* and while its clock stands */
	push(p, 5, 100, 0);
	wire_path_hold(p, false, 0);
	wire_path_freeze(p, true, 0);
	push_again(p, 6, 5, 1, 100, 0);
	assert_string_equal(drain(p, 0, got, sizeof got), "");
	assert_true(wire_path_step(p));
	assert_string_equal(drain(p, 0, got, sizeof got), "5 6x");
	/* one that is never decided about takes its copies with it */
	wire_path_freeze(p, false, 0);
	wire_path_hold(p, true, 0);
	push(p, 7, 100, 0);
	push_again(p, 8, 7, 1, 100, 0);
	wire_path_free(p);
}

static void
freeze__clock_stands__and_each_step_lets_one_out(void **state)
{
	struct wire_path *p =
	    path_of((struct wire_settings){.impair = {.delay_ns = 20 * MS}});

	(void)state;
	push(p, 1, 10, 0);
	push(p, 2, 10, 5 * MS);
	wire_path_freeze(p, true, 10 * MS);
	push(p, 3, 10, 15 * MS); /* arrives meanwhile */
	assert_int_equal(pop(p, CLOCK_S, NULL), 0);
	assert_true(wire_path_deadline(p) == WIRE_PATH_NEVER);
	assert_true(wire_path_step(p));
	assert_int_equal(wire_path_deadline(p), 0);
	assert_int_equal(pop(p, CLOCK_S, NULL), 1);
	assert_int_equal(pop(p, CLOCK_S, NULL), 0);
	/* goes on where it stood: of the second 15 ms are left */
	wire_path_freeze(p, false, CLOCK_S);
	assert_int_equal(wire_path_deadline(p), CLOCK_S + 15 * MS);
	assert_int_equal(pop(p, CLOCK_S + 15 * MS, NULL), 2);
	assert_int_equal(wire_path_deadline(p), CLOCK_S + 20 * MS);
	assert_int_equal(pop(p, CLOCK_S + 20 * MS, NULL), 3);
	assert_false(wire_path_step(p));
	wire_path_free(p);
}

static void
push__past_the_bounds__comes_back(void **state)
{
	struct wire_path *p =
	    path_of((struct wire_settings){.impair = {.delay_ns = MS}});
	struct wire_item *it = wire_item_new("x", 1);

	(void)state;
	for (uint64_t i = 1; i <= WIRE_PATH_ITEMS; i++)
		push(p, i, 1, (int64_t)i);
	assert_false(wire_path_push(p, it, &chance, 0));
	assert_int_equal(it->fate, FATE_QUEUE);
	free(it);
	for (uint64_t i = 1; i <= WIRE_PATH_ITEMS; i++)
		assert_int_equal(pop(p, INT64_MAX, NULL), i);
	wire_path_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pop__no_settings__is_the_order_of_push),
	    cmocka_unit_test(delay__before_it_is_due__gives_nothing),
	    cmocka_unit_test(jitter__many__stay_in_order_within_its_bounds),
	    cmocka_unit_test(rate__packets_at_once__leave_one_after_the_other),
	    cmocka_unit_test(queue__full__drops_the_tail_in_its_place),
	    cmocka_unit_test(loss__some__come_out_as_lost_in_their_place),
	    cmocka_unit_test(all_of_them__duplicate_corrupt_reorder__do_so),
	    cmocka_unit_test(rule__each_action__is_done),
	    cmocka_unit_test(hold__each_by_hand__goes_as_it_was_told),
	    cmocka_unit_test(hold__reordered__yields_until_one_has_overtaken),
	    cmocka_unit_test(
		hold__dropped_one__comes_out_behind_those_before_it),
	    cmocka_unit_test(
		hold__timer_sends_again__copies_come_out_behind_what_they_repeat),
	    cmocka_unit_test(freeze__clock_stands__and_each_step_lets_one_out),
	    cmocka_unit_test(push__past_the_bounds__comes_back),
	};

	return cmocka_run_group_tests_name("wire_path", tests, NULL, NULL);
}
