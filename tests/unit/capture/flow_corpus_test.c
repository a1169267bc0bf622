/* What fuzzing found of connections holds the promises. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/fuzz/flow_check.h"

#define CORPUS "tests/fuzz/corpus/flow"

static void
corpus__every_input__keeps_the_promises(void **state)
{
	DIR *dir = opendir(CORPUS);
	int replayed = 0;

	(void)state;
	assert_non_null(dir);
	for (struct dirent *e; (e = readdir(dir)) != NULL;) {
		char path[512];
		uint8_t data[4096];
		FILE *f;

		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "%s/%s", CORPUS, e->d_name);
		f = fopen(path, "rb");
		assert_non_null(f);
		flow_check(data, fread(data, 1, sizeof data, f));
		replayed++;
		fclose(f);
	}
	closedir(dir);
	assert_true(replayed > 20);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(corpus__every_input__keeps_the_promises),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
