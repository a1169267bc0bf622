/*
 * The thermal pane as its user has it: the picture in colours and without, the
 * link's cost, a camera that goes away and comes back, a recording.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/e2e/console.h"

static struct rig *
camera(struct start_opts opts)
{
	static const char *const alone[] = {"sockdeck", "--hosts", "1", NULL};
	struct rig *r;

	if (opts.cols == 0) {
		opts.cols = 120;
		opts.rows = 40;
	}
	if (opts.argv == NULL)
		opts.argv = alone;
	r = rig_start(&opts);
	assert_true(rig_wait_for(r, "4 Packets", MS));
	console_command(r, "thermal");
	assert_true(rig_wait_for(r, "frames/s", MS));
	return r;
}

/* Cells whose background is one of the palette's own colours. */
static int
inked(struct rig *r)
{
	int n = 0;

	for (int y = 2; y < 14; y++)
		for (int x = 1; x < 33; x++)
			n += rig_cell(r, x, y).bg >= 16;
	return n;
}

static void
thermal__command__shows_a_moving_picture_and_its_cost(void **state)
{
	struct rig *r = camera((struct start_opts){.cols = 80, .rows = 24});
	uint64_t before = rig_bytes(r);

	(void)state;
	assert_true(
	    rig_wait_match(r, "4 Thermal +tcp 127\\.0\\.0\\.1:65443", MS));
	assert_true(rig_wait_match(r, "max +[0-9.]+ C +H at", MS));
	assert_true(rig_wait_match(r, "1,536 B a frame in [12] recv", MS));
	assert_true(rig_wait_match(r, "payload 8[0-9]\\.[0-9]%", MS));
	assert_true(rig_wait_match(r, "drops 0 +reconnects 0", MS));
	assert_true(inked(r) > 32 * 12 - 20);
	/* it moves: more is written, frame after frame */
	assert_true(rig_wait_match(r, "frames [1-9][0-9]", MS));
	assert_true(rig_bytes(r) > before);
	rig_free(r);
}

static void
thermal__without_colours__is_shades(void **state)
{
	static const char *const ascii[] = {"sockdeck", "--ascii", NULL};
	static const char *const mono[] = {"sockdeck", "--theme", "mono", NULL};
	const char *const *argvs[] = {ascii, mono};

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct rig *r = camera((struct start_opts){
		    .argv = argvs[i], .cols = 80, .rows = 24});

		assert_true(rig_wait_match(r, "[.:][-=][-=+]", MS));
		assert_int_equal(inked(r), 0);
		rig_free(r);
	}
}

static void
keys__of_the_pane__change_how_it_looks(void **state)
{
	struct rig *r = camera((struct start_opts){0});

	(void)state;
	rig_type(r, "l");
	assert_true(rig_wait_for(r, "l iron", MS));
	rig_type(r, "o");
	assert_true(rig_wait_for(r, "o smooth", MS));
	rig_type(r, "t");
	assert_true(rig_wait_match(r, "max +1[0-9][0-9]\\.[0-9]+ F", MS));
	rig_type(r, "r");
	assert_true(rig_wait_for(r, "fixed", MS));
	console_command(r, "thermal range 10 300");
	assert_true(rig_wait_match(r, "10\\.0 +fixed +300\\.0", MS));
	console_command(r, "thermal range 3 2");
	assert_true(rig_wait_for(r, "from a lower to a higher", MS));
	console_command(r, "thermal palette pink");
	assert_true(rig_wait_for(r, "ramp, iron, grey, viridis", MS));
	rig_free(r);
}

static void
cursor__keys_and_mouse__sample_a_pixel(void **state)
{
	struct rig *r = camera((struct start_opts){.cols = 80, .rows = 24});

	(void)state;
	assert_true(rig_wait_for(r, "at 16,12", MS));
	rig_key(r, RIG_RIGHT);
	rig_key(r, RIG_UP);
	assert_true(rig_wait_for(r, "at 17,11", MS));
	assert_true(rig_mouse(r, 1 + 5, 2 + 3, RIG_LEFT_BUTTON));
	assert_true(rig_wait_match(r, "here .* at 5,7", MS));
	rig_type(r, "m"); /* mirrored: the same place is another pixel */
	assert_true(rig_mouse(r, 1 + 5, 2 + 3, RIG_LEFT_BUTTON));
	assert_true(rig_wait_match(r, "here .* at 26,7", MS));
	rig_free(r);
}

static void
link__camera_stops__comes_back_and_is_remembered(void **state)
{
	struct rig *r = camera((struct start_opts){0});

	(void)state;
	console_command(r, "stop");
	assert_true(rig_wait_match(r, "down, next try in", MS));
	assert_true(rig_wait_match(r, "drops 1", MS));
	console_command(r, "serve thermal tcp");
	assert_true(rig_wait_match(r, "drops 1 +reconnects 1", MS));
	assert_true(rig_wait_for(r, "connected", MS));
	assert_true(rig_wait_match(r, "[0-9]:[0-9][0-9] [0-9].* m?s", MS));
	assert_true(rig_wait_match(r, "camera has closed|ECONNRESET", MS));
	/* q leaves the view; then the rest is as it was */
	rig_type(r, "q");
	assert_true(rig_wait_for(r, "2 Client", MS));
	rig_free(r);
}

static void
streams__two__stand_side_by_side(void **state)
{
	struct rig *r = camera((struct start_opts){0});

	(void)state;
	console_command(r, "thermal and udp 127.0.0.1:65443");
	assert_true(rig_wait_for(r, "udp 127.0.0.1:65443", MS));
	/* nobody serves there: one goes on, the other is down */
	assert_true(rig_wait_match(r, "down, next try in", MS));
	assert_true(rig_wait_for(r, "connected", MS));
	console_command(r, "thermal and udp 127.0.0.1:65443");
	assert_true(rig_wait_for(r, "2 streams are shown already", MS));
	rig_free(r);
}

static void
record__stream__is_played_by_the_service(void **state)
{
	struct rig *r = camera((struct start_opts){0});
	char path[128], command[256];

	(void)state;
	snprintf(path, sizeof path, "%s/room", rig_home(r));
	snprintf(command, sizeof command, "record %s", path);
	console_command(r, command);
	assert_true(rig_wait_match(r, "recording .*: [1-9]", MS));
	console_command(r, "record");
	assert_true(rig_wait_match(r, "[0-9]+ frames are in", MS));
	snprintf(command, sizeof command,
	    "serve thermal udp 127.0.0.1:0 play=%s", path);
	console_command(r, "thermal stop");
	console_command(r, command);
	console_command(r, "thermal");
	assert_true(rig_wait_for(r, "Thermal  udp", MS));
	assert_true(rig_wait_match(r, "1,548 B a frame in 2 recv", MS));
	assert_true(rig_wait_match(r, "torn 0 +missed 0", MS));
	rig_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		thermal__command__shows_a_moving_picture_and_its_cost),
	    cmocka_unit_test(thermal__without_colours__is_shades),
	    cmocka_unit_test(keys__of_the_pane__change_how_it_looks),
	    cmocka_unit_test(cursor__keys_and_mouse__sample_a_pixel),
	    cmocka_unit_test(link__camera_stops__comes_back_and_is_remembered),
	    cmocka_unit_test(streams__two__stand_side_by_side),
	    cmocka_unit_test(record__stream__is_played_by_the_service),
	};

	return cmocka_run_group_tests_name("thermal pane", tests, NULL, NULL);
}
