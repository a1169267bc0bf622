#include "tui/bluetooth.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

/* A worker that finds a device, then its name, and another; asked for 2
 * seconds it fails, for 3 it dies. */
static void
find_two(int fd, const void *request, size_t n)
{
	struct bluetooth_answer k = {.kind = BLUETOOTH_DEVICE,
	    .address = {{0x44, 0x33, 0x22, 0x11, 0x1a, 0x00}},
	    .has_rssi = true,
	    .rssi = -61,
	    .device_class = 0x5a020c};
	struct bluetooth_request q;

	memcpy(&q, request, n);
	send(fd, &k, sizeof k, 0);
	if (q.seconds == 3)
		return;
	if (q.seconds == 2) {
		k = (struct bluetooth_answer){.kind = BLUETOOTH_FAILED,
		    .where = BLUETOOTH_INQUIRY,
		    .error = EBUSY};
		send(fd, &k, sizeof k, 0);
		return;
	}
	strcpy(k.name, "Camera");
	send(fd, &k, sizeof k, 0);
	k.address.byte[0]++;
	send(fd, &k, sizeof k, 0);
	k.kind = BLUETOOTH_DONE;
	send(fd, &k, sizeof k, 0);
}

static struct bluetooth_scan scan;

static void
discover(int seconds)
{
	const struct bluetooth_request q = {
	    .question = BLUETOOTH_DISCOVER, .seconds = seconds};
	struct outside *o;

	assert_int_equal(outside_start(find_two, &o, NULL), 0);
	bluetooth_scan_init(&scan);
	assert_int_equal(bluetooth_scan_start(&scan, o, &q, NULL), 0);
	assert_true(bluetooth_scan_wait(&scan, -1));
	assert_int_equal(scan.fd, -1);
	outside_free(o);
}

static void
scan__a_device_twice__is_one_row_with_all_that_is_known(void **state)
{
	char line[BLUETOOTH_LINE_MAX];

	(void)state;
	discover(1);
	assert_true(scan.done);
	assert_int_equal(scan.count, 2);
	assert_string_equal(bluetooth_line(line, &scan.row[0]),
	    "00:1A:11:22:33:44   -61 dBm  phone         Camera");
}

static void
scan__failure__keeps_what_was_found_and_says_why(void **state)
{
	(void)state;
	discover(2);
	assert_false(scan.done);
	assert_int_equal(scan.count, 1);
	assert_non_null(strstr(scan.trouble, "another program is looking"));
}

static void
scan__worker_dies__is_an_end(void **state)
{
	(void)state;
	discover(3);
	assert_false(scan.done);
	assert_true(scan.trouble[0] != '\0');
}

static void
scan__stopped__is_not_done(void **state)
{
	uint64_t gen;

	(void)state;
	discover(1);
	gen = scan.gen;
	bluetooth_scan_stop(&scan); /* nothing is under way: no change */
	assert_int_equal(scan.gen, gen);
	assert_int_equal(scan.count, 2);
}

static void
line__adapter__shows_its_state(void **state)
{
	struct bluetooth_answer k = {.kind = BLUETOOTH_ADAPTER,
	    .id = 1,
	    .name = "mine",
	    .up = true,
	    .connectable = true};
	char line[BLUETOOTH_LINE_MAX];

	(void)state;
	bluetooth_line(line, &k);
	assert_non_null(strstr(line, "hci1   00:00:00:00:00:00  up  "));
	k.discoverable = true;
	assert_non_null(strstr(bluetooth_line(line, &k), "up, discoverable"));
	k.up = false;
	assert_non_null(strstr(bluetooth_line(line, &k), "down"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		scan__a_device_twice__is_one_row_with_all_that_is_known),
	    cmocka_unit_test(scan__failure__keeps_what_was_found_and_says_why),
	    cmocka_unit_test(scan__worker_dies__is_an_end),
	    cmocka_unit_test(scan__stopped__is_not_done),
	    cmocka_unit_test(line__adapter__shows_its_state),
	};

	return cmocka_run_group_tests_name("bluetooth", tests, NULL, NULL);
}
