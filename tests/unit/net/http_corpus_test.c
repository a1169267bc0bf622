/* Requests and responses, and what fuzzing found among them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/fuzz/http_check.h"
#include "tests/unit/corpus.h"

#define CORPUS "tests/fuzz/corpus/http"

static void
corpus__every_input__is_answered_the_same_however_cut(void **state)
{
	(void)state;
	assert_true(corpus_replay(CORPUS, http_check) > 10);
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
