/* Requests and responses, and what fuzzing found among them. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/fuzz/http_check.h"

#define CORPUS "tests/fuzz/corpus/http"

static void
corpus__every_input__is_answered_the_same_however_cut(void **state)
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
		http_check(data, fread(data, 1, sizeof data, f));
		replayed++;
		fclose(f);
	}
	closedir(dir);
	assert_true(replayed > 10);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		corpus__every_input__is_answered_the_same_however_cut),
	};

	return cmocka_run_group_tests_name("http corpus", tests, NULL, NULL);
}
