/* What fuzzing found of connections holds the promises. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/fuzz/flow_check.h"
#include "tests/unit/corpus.h"

#define CORPUS "tests/fuzz/corpus/flow"

static void
corpus__every_input__keeps_the_promises(void **state)
{
	(void)state;
	assert_true(corpus_replay(CORPUS, flow_check) > 20);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(corpus__every_input__keeps_the_promises),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
