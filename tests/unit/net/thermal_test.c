/*
 * The camera without a socket: simulator, recordings, and what the service
 * answers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/base/clock.h"
#include "net/server.h"
#include "net/thermal_file.h"
#include "net/thermal_sim.h"

static struct thermal_frame
sim(uint64_t seed, unsigned rate, uint64_t n)
{
	struct thermal_frame f;

	thermal_sim_frame(seed, rate, n, &f);
	return f;
}

static double
difference(const struct thermal_frame *a, const struct thermal_frame *b)
{
	double sum = 0;

	for (int y = 0; y < THERMAL_H; y++)
		for (int x = 0; x < THERMAL_W; x++)
			sum += abs(a->centi[y][x] - b->centi[y][x]);
	return sum / THERMAL_PIXELS / 100;
}

static void
sim__same_seed_and_number__same_frame(void **state)
{
	struct thermal_frame a = sim(7, 16, 12345), b = sim(7, 16, 12345);

	(void)state;
	assert_memory_equal(&a, &b, sizeof a);
	b = sim(8, 16, 12345);
	assert_true(difference(&a, &b) > 0.5);
}

static void
sim__time__moves_bodies_and_makes_noise(void **state)
{
	struct thermal_frame a = sim(1, 16, 1000), b = sim(1, 16, 1001);
	struct thermal_frame later = sim(1, 16, 1000 + 16 * 20);

	(void)state;
	assert_in_range((int)(1000 * difference(&a, &b)), 50, 600);
	assert_true(difference(&a, &later) > 0.8);
	/* the same moment, seen at another rate, differs by noise only */
	b = sim(1, 32, 2000);
	assert_true(difference(&a, &b) < 0.4);
}

static void
sim__temperatures__are_those_of_a_room(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed < 200; seed++) {
		struct thermal_frame f = sim(seed, 16, seed * 999983);
		int min = INT16_MAX, max = INT16_MIN;

		for (int y = 0; y < THERMAL_H; y++) {
			for (int x = 0; x < THERMAL_W; x++) {
				int c = f.centi[y][x];

				min = c < min ? c : min;
				max = c > max ? c : max;
			}
		}
		assert_in_range(min, 1500, 2700);
		assert_in_range(max, 2900, 9000);
	}
}

/* ---- recordings ---- */

static char path[64];

static int
take_a_name(void **state)
{
	(void)state;
	snprintf(path, sizeof path, "%s/thermal-test.%d",
	    getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp",
	    (int)getpid());
	unlink(path);
	return 0;
}

static int
give_it_back(void **state)
{
	(void)state;
	unlink(path);
	return 0;
}

/* n frames, 100 ms apart. */
static void
record(int n)
{
	struct thermal_recorder *r;

	assert_int_equal(thermal_recorder_open(path, true, &r, NULL), 0);
	for (int i = 0; i < n; i++) {
		struct thermal_frame f = sim(3, 10, (uint64_t)i);

		assert_int_equal(
		    thermal_recorder_add(r, CLOCK_S + i * 100 * CLOCK_MS, &f),
		    0);
	}
	assert_int_equal(thermal_recorder_frames(r), n);
	assert_int_equal(thermal_recorder_close(r, NULL), 0);
}

static struct thermal_player *
player(void)
{
	struct thermal_player *p = NULL;
	struct err err = {""};

	if (thermal_player_open(path, &p, &err) < 0)
		fail_msg("%s", err.text);
	return p;
}

static void
recording__frames__come_back_with_their_times(void **state)
{
	struct thermal_player *p;
	struct thermal_frame f, want;
	int64_t ns;

	(void)state;
	record(5);
	p = player();
	assert_int_equal(thermal_player_frames(p), 5);
	for (int i = 0; i < 5; i++) {
		want = sim(3, 10, (uint64_t)i);
		assert_true(thermal_player_get(p, (uint64_t)i, &ns, &f));
		assert_int_equal(ns, CLOCK_S + i * 100 * CLOCK_MS);
		assert_memory_equal(&f, &want, sizeof f);
	}
	assert_false(thermal_player_get(p, 5, &ns, &f));
	thermal_player_close(p);
}

static void
recording__played__follows_its_times_and_begins_anew(void **state)
{
	static const struct {
		int ms, frame;
	} at[] = {
	    {0, 0}, {99, 0}, {100, 1}, {250, 2}, {499, 4}, {500, 0}, {1700, 2}};
	struct thermal_player *p;
	struct thermal_frame f, want;

	(void)state;
	record(5);
	p = player();
	for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
		want = sim(3, 10, (uint64_t)at[i].frame);
		assert_true(thermal_player_at(p, at[i].ms * CLOCK_MS, &f));
		assert_memory_equal(&f, &want, sizeof f);
	}
	thermal_player_close(p);
}

static void
recording__broken_off__plays_what_is_whole(void **state)
{
	struct thermal_player *p;

	(void)state;
	record(3);
	assert_int_equal(truncate(path, 24 + 3 * 1544 - 1), 0);
	p = player();
	assert_int_equal(thermal_player_frames(p), 2);
	thermal_player_close(p);
}

static void
recording__something_else__is_refused_with_a_sentence(void **state)
{
	struct thermal_player *p;
	struct thermal_recorder *r;
	struct err err = {""};
	FILE *f;

	(void)state;
	assert_int_equal(thermal_player_open(path, &p, &err), -ENOENT);
	record(0);
	assert_int_equal(thermal_player_open(path, &p, &err), -EINVAL);
	assert_non_null(strstr(err.text, "no frame"));
	assert_int_equal(thermal_recorder_open(path, false, &r, &err), -EEXIST);
	assert_non_null(strstr(err.text, "overwrite"));
	f = fopen(path, "w");
	assert_non_null(f);
	fputs("something that is longer than the header of a recording", f);
	fclose(f);
	assert_int_equal(thermal_player_open(path, &p, &err), -EINVAL);
	assert_non_null(strstr(err.text, "no recording"));
	assert_int_equal(thermal_player_open("/", &p, &err), -EINVAL);
}

static void
recording__full_disk__is_reported(void **state)
{
	struct thermal_recorder *r;
	struct thermal_frame f = sim(1, 1, 1);
	struct err err = {""};

	(void)state;
	assert_int_equal(thermal_recorder_open("/dev/full", true, &r, NULL), 0);
	for (int i = 0; i < 10; i++)
		thermal_recorder_add(r, 0, &f);
	assert_int_equal(thermal_recorder_close(r, &err), -ENOSPC);
	assert_non_null(strstr(err.text, "incomplete"));
}

/* ---- the service ---- */

static int64_t clock_is;

static int64_t
test_clock(void)
{
	return clock_is;
}

static struct session
camera(const struct service_options *o)
{
	const uint8_t ip[] = {127, 0, 0, 1};
	struct addr a = addr_from_ip(AF_INET, ip, 7);
	struct session n;

	assert_int_equal(
	    session_open(&n, service_find("thermal"), o, &a, &a), 0);
	return n;
}

static void
service__any_request__is_one_frame_of_that_moment(void **state)
{
	struct service_options o = {.seed = 5, .rate = 8, .clock = test_clock};
	struct session n = camera(&o);
	struct thermal_frame f, want = sim(5, 8, 8 * 100 + 4);
	struct rd r;

	(void)state;
	clock_is = 100 * CLOCK_S + 510 * CLOCK_MS;
	assert_int_equal(session_start(&n), SERVICE_GO_ON);
	assert_int_equal(n.out.len, 0);
	assert_int_equal(
	    session_bytes(&n, (const uint8_t *)"hello", 5), SERVICE_GO_ON);
	assert_int_equal(n.out.len, THERMAL_FRAME_LEN);
	r = rd_init(n.out.data, n.out.len, n.out.len);
	assert_true(thermal_get(&r, &f));
	assert_memory_equal(&f, &want, sizeof f);
	session_close(&n);
}

static void
service__datagrams__number_the_frames(void **state)
{
	struct service_options o = {.clock = test_clock};
	struct session n = camera(&o);
	struct thermal_join j;

	(void)state;
	thermal_join_init(&j);
	for (int i = 0; i < 3; i++) {
		assert_true(n.service->on_datagram(&n, NULL, 0));
		assert_int_equal(n.out_cut, THERMAL_DATAGRAM_LEN);
		assert_int_equal(n.out.len, 2 * THERMAL_DATAGRAM_LEN);
		assert_int_equal(
		    thermal_join_feed(&j, n.out.data, n.out_cut), THERMAL_PART);
		assert_int_equal(
		    thermal_join_feed(&j, n.out.data + n.out_cut, n.out_cut),
		    THERMAL_WHOLE);
		buf_clear(&n.out);
	}
	assert_int_equal(j.missed, 0);
	session_close(&n);
}

static void
service__play__goes_through_the_recording(void **state)
{
	struct service_options o = {.clock = test_clock};
	struct thermal_frame f, want = sim(3, 10, 2);
	struct session n;
	struct rd r;

	(void)state;
	record(5);
	snprintf(o.play, sizeof o.play, "%s", path);
	n = camera(&o);
	clock_is = 7;
	session_bytes(&n, (const uint8_t *)"x", 1);
	buf_clear(&n.out);
	clock_is += 200 * CLOCK_MS;
	session_bytes(&n, (const uint8_t *)"x", 1);
	r = rd_init(n.out.data, n.out.len, n.out.len);
	assert_true(thermal_get(&r, &f));
	assert_memory_equal(&f, &want, sizeof f);
	session_close(&n);
	unlink(path);
	n = camera(&o);
	assert_int_equal(
	    session_bytes(&n, (const uint8_t *)"x", 1), SERVICE_CLOSE);
	assert_true(n.note_bad);
	session_close(&n);
}

static void
settings__of_a_camera__are_checked(void **state)
{
	struct server_spec spec = server_spec_default();
	struct err err = {""};

	(void)state;
	spec.service = service_find("thermal");
	assert_int_equal(server_spec_set(&spec, "seed", "42", &err), 0);
	assert_int_equal(server_spec_set(&spec, "rate", "30", &err), 0);
	assert_int_equal(spec.options.seed, 42);
	assert_int_equal(spec.options.rate, 30);
	assert_int_equal(server_spec_set(&spec, "rate", "65", &err), -EINVAL);
	assert_non_null(strstr(err.text, "1 to 64"));
	assert_int_equal(
	    server_spec_set(&spec, "play", "/nowhere", &err), -EINVAL);
	assert_int_equal(server_spec_set(&spec, "sedd", "1", &err), -EINVAL);
	assert_non_null(strstr(err.text, "seed, rate, play"));
	record(1);
	assert_int_equal(server_spec_set(&spec, "play", path, &err), 0);
	assert_string_equal(spec.options.play, path);
}

#define WITH_FILE(test) \
	cmocka_unit_test_setup_teardown(test, take_a_name, give_it_back)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sim__same_seed_and_number__same_frame),
	    cmocka_unit_test(sim__time__moves_bodies_and_makes_noise),
	    cmocka_unit_test(sim__temperatures__are_those_of_a_room),
	    WITH_FILE(recording__frames__come_back_with_their_times),
	    WITH_FILE(recording__played__follows_its_times_and_begins_anew),
	    WITH_FILE(recording__broken_off__plays_what_is_whole),
	    WITH_FILE(recording__something_else__is_refused_with_a_sentence),
	    cmocka_unit_test(recording__full_disk__is_reported),
	    cmocka_unit_test(service__any_request__is_one_frame_of_that_moment),
	    cmocka_unit_test(service__datagrams__number_the_frames),
	    WITH_FILE(service__play__goes_through_the_recording),
	    WITH_FILE(settings__of_a_camera__are_checked),
	};

	return cmocka_run_group_tests_name("thermal camera", tests, NULL, NULL);
}
