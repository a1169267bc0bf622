/*
 * The console on real RFCOMM, from inside its lab: run in the guest, by
 * tests/vm/guest.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/e2e/console.h"

/* The machine is emulated, and may share its processor with a whole test run. */
#undef MS
#define MS 120000

#define CAMERA "00:AA:01:00:00:00"

static void
serve__any_adapter__is_reached_from_the_other(void **state)
{
	struct rig *r = CONSOLE("--lab");

	(void)state;
	sees(r, "LISTEN 0/5");
	console_command(r, "serve echo rfcomm");
	sees(r, "sdp_register(0x1101");
	console_command(r, "bluetooth"); /* who they are must be known */
	assert_true(rig_wait_match(r, "hci0 +" CAMERA " +up", MS));
	rig_key(r, RIG_ESC);
	assert_true(rig_wait_gone(r, "hci0", MS));
	rig_type(r, "c");
	assert_true(rig_wait_match(r, "2 Client.*connected", MS));
	console_send_line(r, "over the air");
	assert_true(rig_wait_match(r, "← over the air", MS));
	assert_true(rig_wait_match(r, "rfcomm LISTEN", MS));
	assert_true(rig_wait_match(r, "rfcomm conn\\. .*00:AA:01:01:00:", MS));
	console_command(r, "shutdown wr");
	sees(r, "RFCOMM has no half-close");
	rig_free(r);
}

static void
discover__enter__connects_to_the_device(void **state)
{
	struct rig *r = CONSOLE("--lab");

	(void)state;
	sees(r, "LISTEN 0/5");
	console_command(r, "serve hello rfcomm");
	sees(r, "sdp_register(0x1101");
	console_command(r, "bluetooth");
	assert_true(rig_wait_match(r, "hci0 +" CAMERA " +up", MS));
	console_command(r, "discover 3");
	sees(r, "looking, ");
	assert_true(rig_wait_match(r, CAMERA " +-?[0-9]+ dBm.*ThermalCam", MS));
	assert_true(rig_wait_gone(r, "looking, ", MS));
	rig_type(r, "4");
	rig_key(r, RIG_DOWN);
	rig_key(r, RIG_ENTER);
	assert_true(rig_wait_match(r, "sdp_search\\(" CAMERA, MS));
	sees(r, "connect(" CAMERA);
	rig_free(r);
}

static void
discover__stop__ends_it(void **state)
{
	struct rig *r = CONSOLE("--lab");

	(void)state;
	sees(r, "LISTEN 0/5");
	console_command(r, "discover 61");
	sees(r, "looking, ");
	console_command(r, "discover stop");
	assert_true(rig_wait_gone(r, "looking, ", MS));
	/* the adapter is free for the next one */
	console_command(r, "discover 1");
	assert_true(rig_wait_match(r, CAMERA " +-?[0-9]+ dBm", MS));
	rig_free(r);
}

static void
thermal__over_rfcomm__is_a_moving_picture(void **state)
{
	struct rig *r = CONSOLE("--lab");
	uint64_t before;

	(void)state;
	sees(r, "LISTEN 0/5");
	console_command(r, "thermal rfcomm");
	assert_true(rig_wait_match(r, "Thermal +rfcomm " CAMERA, MS));
	sees(r, "frames/s");
	assert_true(rig_wait_match(r, "1,536 B a frame in [12] recv", MS));
	before = rig_bytes(r);
	assert_true(rig_wait_match(r, "frames [1-9][0-9]", MS));
	assert_true(rig_bytes(r) > before);
	rig_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(serve__any_adapter__is_reached_from_the_other),
	    cmocka_unit_test(discover__enter__connects_to_the_device),
	    cmocka_unit_test(discover__stop__ends_it),
	    cmocka_unit_test(thermal__over_rfcomm__is_a_moving_picture),
	};

	return cmocka_run_group_tests_name("console", tests, NULL, NULL);
}
