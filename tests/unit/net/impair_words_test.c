#include "net/impair_words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

static void
words__each_key__sets_its_rule(void **state)
{
	struct impair_rules r = {0};

	(void)state;
	assert_false(impair_rules_any(&r));
	assert_int_equal(impair_rules_set(&r, "loss", "30", NULL), 0);
	assert_int_equal(impair_rules_set(&r, "dup", "0.5", NULL), 0);
	assert_int_equal(impair_rules_set(&r, "reorder", "25", NULL), 0);
	assert_int_equal(impair_rules_set(&r, "delay", "20", NULL), 0);
	assert_int_equal(impair_rules_set(&r, "seed", "7", NULL), 0);
	assert_int_equal(r.loss_ppm, 300000);
	assert_int_equal(r.duplicate_ppm, 5000);
	assert_int_equal(r.reorder_ppm, 250000);
	assert_int_equal(r.delay_ns, 20000000);
	assert_int_equal(r.seed, 7);
	assert_true(r.reorder_ns > 0);
	assert_true(impair_rules_any(&r));
}

static void
words__malformed__are_refused(void **state)
{
	static const char *const bad[][2] = {{"loss", "101"}, {"loss", "-1"},
	    {"dup", "x"}, {"delay", ""}, {"delay", "99999"}, {"seed", "x"}};
	struct impair_rules r = {0};
	struct err err = {""};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_int_equal(
		    impair_rules_set(&r, bad[i][0], bad[i][1], &err), -EINVAL);
		assert_non_null(strstr(err.text, bad[i][0]));
	}
	assert_int_equal(impair_rules_set(&r, "colour", "1", &err), -ENOENT);
	assert_false(impair_rules_any(&r));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(words__each_key__sets_its_rule),
	    cmocka_unit_test(words__malformed__are_refused),
	};

	return cmocka_run_group_tests_name("impair_words", tests, NULL, NULL);
}
