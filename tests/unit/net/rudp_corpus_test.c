/* What fuzzing found keeps the invariants. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/fuzz/rudp_check.h"
#include "tests/unit/corpus.h"

#define CORPUS "tests/fuzz/corpus/rudp"

static void
corpus__every_input__keeps_the_invariants(void **state)
{
	(void)state;
	assert_true(corpus_replay(CORPUS, rudp_check) > 20);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(corpus__every_input__keeps_the_invariants),
	};

	return cmocka_run_group_tests_name("rudp corpus", tests, NULL, NULL);
}
