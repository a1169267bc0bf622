#include "tui/self.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void
command__not_on_path__is_its_path(void **state)
{
	char exe[4096] = "", dst[SELF_MAX], below[SELF_MAX];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);

	(void)state;
	assert_true(n > 0 && n < SELF_MAX);
	setenv("PATH", "/nowhere:/bin", 1);
	assert_int_equal(chdir("/bin"), 0);
	assert_string_equal(self_command(dst), exe);
	assert_int_equal(chdir("/"), 0);
	assert_string_equal(self_command(dst), exe + 1);
	/* From the folder it lies in: its name alone would not be found. */
	snprintf(below, sizeof below, "%s", exe);
	*strrchr(below, '/') = '\0';
	assert_int_equal(chdir(below), 0);
	snprintf(below, sizeof below, ".%s", strrchr(exe, '/'));
	assert_string_equal(self_command(dst), below);
}

static void
command__on_path__is_its_name(void **state)
{
	char dir[] = "/tmp/sockdeck-self-XXXXXX", file[64], dst[SELF_MAX];

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(file, sizeof file, "%s/sockdeck", dir);
	assert_int_equal(symlink("/proc/self/exe", file), 0);
	setenv("PATH", dir, 1);
	assert_string_equal(self_command(dst), "sockdeck");
	unlink(file);
	rmdir(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(command__not_on_path__is_its_path),
	    cmocka_unit_test(command__on_path__is_its_name),
	};

	return cmocka_run_group_tests_name("self", tests, NULL, NULL);
}
