#include "net/proto/thermal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <math.h>

#include "tests/fuzz/thermal_check.h"

#define CORPUS "tests/fuzz/corpus/thermal"

/* A frame in which every pixel is another. */
static struct thermal_frame
sample(int16_t first)
{
	struct thermal_frame f;

	for (int y = 0; y < THERMAL_H; y++)
		for (int x = 0; x < THERMAL_W; x++)
			f.centi[y][x] = (int16_t)(first + 100 * y + x);
	return f;
}

static void
encode(const struct thermal_frame *f, uint8_t dst[THERMAL_FRAME_LEN])
{
	struct wr w = wr_init(dst, THERMAL_FRAME_LEN);

	thermal_put(&w, f);
	assert_false(w.full);
	assert_int_equal(wr_len(&w), THERMAL_FRAME_LEN);
}

/* As the known server writes it: for x, for y: frame[32 * (23 - y) + x]. */
static void
encode__frame__is_what_the_known_server_sends(void **state)
{
	struct thermal_frame f = sample(-300);
	uint8_t got[THERMAL_FRAME_LEN];
	size_t at = 0;

	(void)state;
	encode(&f, got);
	for (int x = 0; x < 32; x++) {
		for (int y = 0; y < 24; y++) {
			uint16_t want = (uint16_t)f.centi[23 - y][x];

			assert_int_equal(got[at++], want & 0xFF);
			assert_int_equal(got[at++], want >> 8);
		}
	}
}

static void
decode__frame__gives_back_what_was_encoded(void **state)
{
	struct thermal_frame f = sample(-300), g;
	uint8_t bytes[THERMAL_FRAME_LEN];
	struct rd r = rd_init(bytes, sizeof bytes, sizeof bytes);

	(void)state;
	encode(&f, bytes);
	assert_true(thermal_get(&r, &g));
	assert_memory_equal(&f, &g, sizeof f);
	assert_int_equal(rd_left(&r), 0);
}

static void
decode__short_frame__leaves_the_result_alone(void **state)
{
	struct thermal_frame f = sample(1), before = f;
	uint8_t bytes[THERMAL_FRAME_LEN - 1] = {0};
	struct rd r = rd_init(bytes, sizeof bytes, sizeof bytes);

	(void)state;
	assert_false(thermal_get(&r, &f));
	assert_memory_equal(&f, &before, sizeof f);
}

static void
centi__degrees__are_rounded_and_clamped(void **state)
{
	struct thermal_frame f = {{{INT16_MIN}}};
	uint8_t bytes[THERMAL_FRAME_LEN];

	(void)state;
	assert_int_equal(thermal_centi(21.504), 2150);
	assert_int_equal(thermal_centi(-0.005), -1);
	assert_int_equal(thermal_centi(400), 32767);
	assert_int_equal(thermal_centi(-400), -32767);
	assert_int_equal(thermal_centi(INFINITY), 32767);
	assert_int_equal(thermal_centi(NAN), 0);
	encode(&f, bytes); /* the top left is the last of its column */
	assert_int_equal(bytes[46] | bytes[47] << 8, 0x8001);
}

static void
reader__any_cut__finds_the_same_frames(void **state)
{
	uint8_t bytes[3 * THERMAL_FRAME_LEN + 5] = {0};

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct thermal_frame f = sample((int16_t)(1000 * i));

		encode(&f, bytes + i * THERMAL_FRAME_LEN);
	}
	for (size_t step = 1; step <= sizeof bytes; step++)
		assert_int_equal(
		    thermal_check_cut(bytes, sizeof bytes, step), 3);
}

static void
reader__pieces__are_counted(void **state)
{
	uint8_t bytes[THERMAL_FRAME_LEN] = {0};
	struct thermal_reader r;
	struct thermal_frame f;
	bool whole;

	(void)state;
	thermal_reader_init(&r);
	assert_int_equal(thermal_reader_feed(&r, bytes, 700, &f, &whole), 700);
	assert_false(whole);
	assert_int_equal(r.pieces, 1);
	assert_int_equal(thermal_reader_feed(&r, bytes, 1536, &f, &whole), 836);
	assert_true(whole);
	assert_int_equal(r.len, 0);
}

/* ---- datagrams ---- */

static enum thermal_part
feed(struct thermal_join *j, uint32_t number, unsigned block, int16_t first)
{
	struct thermal_frame f = sample(first);
	uint8_t bytes[THERMAL_DATAGRAM_LEN];
	struct wr w = wr_init(bytes, sizeof bytes);

	thermal_put_datagram(&w, number, block, &f);
	assert_int_equal(wr_len(&w), THERMAL_DATAGRAM_LEN);
	return thermal_join_feed(j, bytes, sizeof bytes);
}

static void
datagram__header__is_frame_and_block_in_network_order(void **state)
{
	static const uint8_t want[] = {1, 2, 3, 4, 0, 1};
	struct thermal_frame f = sample(0);
	uint8_t bytes[THERMAL_DATAGRAM_LEN];
	struct wr w = wr_init(bytes, sizeof bytes);

	(void)state;
	thermal_put_datagram(&w, 0x01020304, 1, &f);
	assert_memory_equal(bytes, want, sizeof want);
	/* the bottom of column 16 */
	assert_int_equal(bytes[6] | bytes[7] << 8, f.centi[23][16]);
}

static void
join__both_blocks_in_any_order__are_a_frame(void **state)
{
	struct thermal_frame want = sample(7);
	struct thermal_join j;

	(void)state;
	thermal_join_init(&j);
	assert_int_equal(feed(&j, 0, 1, 7), THERMAL_PART);
	assert_true(thermal_join_torn(&j));
	assert_int_equal(feed(&j, 0, 0, 7), THERMAL_WHOLE);
	assert_memory_equal(&j.frame, &want, sizeof want);
	assert_int_equal(j.whole, 1);
	assert_false(thermal_join_torn(&j));
}

static void
join__lost_block__tears_the_frame_and_keeps_the_old_half(void **state)
{
	struct thermal_join j;

	(void)state;
	thermal_join_init(&j);
	feed(&j, 10, 0, 0);
	feed(&j, 10, 1, 0);
	assert_int_equal(feed(&j, 11, 0, 5000), THERMAL_PART);
	assert_int_equal(j.frame.centi[0][0], 5000); /* new */
	assert_int_equal(j.frame.centi[0][16], 16); /* old */
	assert_int_equal(feed(&j, 14, 0, 6000), THERMAL_PART);
	assert_int_equal(j.torn, 1);
	assert_int_equal(j.missed, 2); /* 12 and 13 */
}

static void
join__late_or_repeated_datagram__is_stale(void **state)
{
	struct thermal_join j;

	(void)state;
	thermal_join_init(&j);
	feed(&j, UINT32_MAX, 0, 0);
	assert_int_equal(feed(&j, UINT32_MAX, 0, 0), THERMAL_STALE);
	assert_int_equal(feed(&j, 0, 0, 0), THERMAL_PART); /* wraps */
	assert_int_equal(j.missed, 0);
	assert_int_equal(feed(&j, UINT32_MAX, 1, 0), THERMAL_STALE);
	assert_int_equal(feed(&j, 0, 1, 0), THERMAL_WHOLE);
	assert_int_equal(j.stale, 2);
}

static void
join__wrong_length_or_block__is_refused(void **state)
{
	uint8_t bytes[THERMAL_DATAGRAM_LEN + 1] = {0};
	struct thermal_join j;

	(void)state;
	thermal_join_init(&j);
	assert_int_equal(thermal_join_feed(&j, bytes, 0), THERMAL_BAD);
	assert_int_equal(
	    thermal_join_feed(&j, bytes, sizeof bytes - 2), THERMAL_BAD);
	assert_int_equal(
	    thermal_join_feed(&j, bytes, sizeof bytes), THERMAL_BAD);
	bytes[5] = THERMAL_BLOCKS;
	assert_int_equal(
	    thermal_join_feed(&j, bytes, sizeof bytes - 1), THERMAL_BAD);
	assert_int_equal(j.bad, 4);
	assert_int_equal(j.have, 0);
}

static void
corpus__every_input__keeps_the_promises(void **state)
{
	DIR *dir = opendir(CORPUS);
	int replayed = 0;

	(void)state;
	assert_non_null(dir);
	for (struct dirent *e; (e = readdir(dir)) != NULL;) {
		char path[512];
		uint8_t data[16384];
		FILE *f;

		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "%s/%s", CORPUS, e->d_name);
		f = fopen(path, "rb");
		assert_non_null(f);
		thermal_check(data, fread(data, 1, sizeof data, f));
		fclose(f);
		replayed++;
	}
	closedir(dir);
	assert_true(replayed >= 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(encode__frame__is_what_the_known_server_sends),
	    cmocka_unit_test(decode__frame__gives_back_what_was_encoded),
	    cmocka_unit_test(decode__short_frame__leaves_the_result_alone),
	    cmocka_unit_test(centi__degrees__are_rounded_and_clamped),
	    cmocka_unit_test(reader__any_cut__finds_the_same_frames),
	    cmocka_unit_test(reader__pieces__are_counted),
	    cmocka_unit_test(
		datagram__header__is_frame_and_block_in_network_order),
	    cmocka_unit_test(join__both_blocks_in_any_order__are_a_frame),
	    cmocka_unit_test(
		join__lost_block__tears_the_frame_and_keeps_the_old_half),
	    cmocka_unit_test(join__late_or_repeated_datagram__is_stale),
	    cmocka_unit_test(join__wrong_length_or_block__is_refused),
	    cmocka_unit_test(corpus__every_input__keeps_the_promises),
	};

	return cmocka_run_group_tests_name("thermal", tests, NULL, NULL);
}
