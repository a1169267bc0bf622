#include "capture/mapping.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#define PAGE 4096

/* A file of n bytes, each the number of its page. */
static int
make_file(size_t n)
{
	int fd = memfd_create("mapping_test", MFD_CLOEXEC);

	assert_true(fd >= 0);
	for (size_t i = 0; i < n; i++) {
		uint8_t byte = (uint8_t)(1 + i / PAGE);

		assert_int_equal(write(fd, &byte, 1), 1);
	}
	return fd;
}

static void
map__a_file__shows_its_bytes(void **state)
{
	int fd = make_file(PAGE + 10);
	struct mapping *m;

	(void)state;
	assert_int_equal(mapping_new(fd, &m), 0);
	close(fd);
	assert_int_equal(mapping_size(m), PAGE + 10);
	assert_int_equal(mapping_bytes(m)[0], 1);
	assert_int_equal(mapping_bytes(m)[PAGE + 9], 2);
	assert_ptr_equal(mapping_ref(m), m);
	mapping_unref(m);
	assert_int_equal(mapping_bytes(m)[PAGE], 2);
	mapping_unref(m);
	mapping_unref(NULL);
}

static void
map__grows__shows_the_new_bytes_when_asked(void **state)
{
	int fd = make_file(10);
	struct mapping *m;

	(void)state;
	assert_int_equal(mapping_new(fd, &m), 0);
	assert_int_equal(pwrite(fd, "x", 1, 3 * PAGE), 1);
	assert_int_equal(mapping_size(m), 10);
	assert_int_equal(mapping_ask(m), 3 * PAGE + 1);
	assert_int_equal(mapping_bytes(m)[3 * PAGE], 'x');
	assert_int_equal(mapping_loss(m), 0);
	mapping_unref(m);
	close(fd);
}

static void
map__shrinks__reads_zeroes_and_ends_there_for_good(void **state)
{
	int fd = make_file(4 * PAGE);
	struct mapping *m;

	(void)state;
	signal(SIGBUS, SIG_DFL); /* cmocka's own would come first */
	assert_int_equal(mapping_new(fd, &m), 0);
	assert_int_equal(mapping_bytes(m)[3 * PAGE], 4);
	assert_int_equal(ftruncate(fd, PAGE + 100), 0);
	assert_int_equal(mapping_bytes(m)[3 * PAGE], 0); /* a SIGBUS */
	assert_int_equal(mapping_size(m), PAGE + 100);
	assert_int_equal(mapping_bytes(m)[PAGE + 99], 2);
	assert_int_equal(mapping_bytes(m)[2 * PAGE], 0); /* another */
	assert_int_equal(mapping_loss(m), -ENODATA);
	assert_int_equal(ftruncate(fd, 4 * PAGE), 0);
	assert_int_equal(mapping_ask(m), PAGE + 100);
	assert_int_equal(mapping_loss(m), -ENODATA);
	mapping_unref(m);
	close(fd);
}

/* Nothing is touched behind the end, so no signal tells of it. */
static void
ask__shrunk__is_shorter_for_good(void **state)
{
	int fd = make_file(2 * PAGE);
	struct mapping *m;

	(void)state;
	assert_int_equal(mapping_new(fd, &m), 0);
	assert_int_equal(mapping_loss(m), 0);
	assert_int_equal(ftruncate(fd, PAGE + 1), 0);
	assert_int_equal(mapping_size(m), 2 * PAGE);
	assert_int_equal(mapping_bytes(m)[PAGE + 1], 0);
	assert_int_equal(mapping_ask(m), PAGE + 1);
	assert_int_equal(mapping_size(m), PAGE + 1);
	assert_int_equal(ftruncate(fd, 2 * PAGE), 0);
	assert_int_equal(mapping_ask(m), PAGE + 1);
	assert_int_equal(mapping_loss(m), -ENODATA);
	mapping_unref(m);
	close(fd);
}

static void
fetch__what_is_there_or_not__changes_nothing(void **state)
{
	int fd = make_file(2 * PAGE);
	struct mapping *m;

	(void)state;
	assert_int_equal(mapping_new(fd, &m), 0);
	mapping_fetch(m, 0, 2 * PAGE);
	mapping_fetch(m, PAGE + 1, 1);
	assert_int_equal(ftruncate(fd, PAGE), 0);
	mapping_fetch(m, 0, 2 * PAGE);
	assert_int_equal(mapping_bytes(m)[PAGE - 1], 1);
	assert_int_equal(mapping_ask(m), PAGE);
	mapping_unref(m);
	close(fd);
}

static void
map__empty__can_be_touched(void **state)
{
	int fd = make_file(0);
	struct mapping *m;

	(void)state;
	signal(SIGBUS, SIG_DFL);
	assert_int_equal(mapping_new(fd, &m), 0);
	assert_int_equal(mapping_size(m), 0);
	assert_int_equal(mapping_bytes(m)[0], 0);
	mapping_unref(m);
	close(fd);
}

static void
mend__foreign_address__is_refused(void **state)
{
	int fd = make_file(1);
	struct mapping *m;
	int mine;

	(void)state;
	assert_int_equal(mapping_new(fd, &m), 0);
	assert_false(mapping_mend(&mine));
	assert_false(mapping_mend(NULL));
	mapping_unref(m);
	close(fd);
}

/* The disk could not read it: the file is as long as before. */
static void
mend__page_within_the_file__ends_there_for_good(void **state)
{
	int fd = make_file(3 * PAGE);
	struct mapping *m;

	(void)state;
	assert_int_equal(mapping_new(fd, &m), 0);
	assert_true(mapping_mend((void *)(uintptr_t)(mapping_bytes(m) + PAGE)));
	assert_int_equal(mapping_size(m), PAGE);
	assert_int_equal(mapping_ask(m), PAGE);
	assert_int_equal(mapping_bytes(m)[PAGE - 1], 1);
	assert_int_equal(mapping_bytes(m)[PAGE], 0);
	assert_int_equal(mapping_loss(m), -ENODATA);
	mapping_unref(m);
	close(fd);
}

static void
map__too_many__is_refused(void **state)
{
	struct mapping *m[MAPPINGS_MAX], *other;
	int fd = make_file(1);

	(void)state;
	for (int i = 0; i < MAPPINGS_MAX; i++)
		assert_int_equal(mapping_new(fd, &m[i]), 0);
	assert_true(mapping_new(fd, &other) < 0);
	for (int i = 0; i < MAPPINGS_MAX; i++)
		mapping_unref(m[i]);
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(map__a_file__shows_its_bytes),
	    cmocka_unit_test(map__grows__shows_the_new_bytes_when_asked),
	    cmocka_unit_test(
		map__shrinks__reads_zeroes_and_ends_there_for_good),
	    cmocka_unit_test(ask__shrunk__is_shorter_for_good),
	    cmocka_unit_test(fetch__what_is_there_or_not__changes_nothing),
	    cmocka_unit_test(map__empty__can_be_touched),
	    cmocka_unit_test(mend__foreign_address__is_refused),
	    cmocka_unit_test(mend__page_within_the_file__ends_there_for_good),
	    cmocka_unit_test(map__too_many__is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
