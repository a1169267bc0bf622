/* What fuzzing found, and golden packets cut everywhere, hold the promises. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/fuzz/dissect_check.h"
#include "tests/unit/capture/golden.h"

#define CORPUS "tests/fuzz/corpus/dissect"

static void
corpus__every_input__keeps_the_promises(void **state)
{
	DIR *dir = opendir(CORPUS);
	struct tree t;
	int replayed = 0;

	(void)state;
	assert_non_null(dir);
	tree_init(&t);
	for (struct dirent *e; (e = readdir(dir)) != NULL;) {
		char path[512];
		uint8_t data[4096];
		struct packet p;
		FILE *f;

		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "%s/%s", CORPUS, e->d_name);
		f = fopen(path, "rb");
		assert_non_null(f);
		if (packet_from_input(
			data, fread(data, 1, sizeof data, f), &p)) {
			check_packet(&p, &t);
			replayed++;
		}
		fclose(f);
	}
	closedir(dir);
	tree_done(&t);
	assert_true(replayed > 20);
}

/* The first n bytes in memory of exactly that size, so that ASan sees more. */
static void
check_prefix(const struct packet *whole, uint32_t n, bool cut_by_capture)
{
	uint8_t *data = malloc(n + 1);
	struct packet p = *whole;
	struct summary s;
	struct tree t;

	assert_non_null(data);
	memcpy(data + 1, whole->data, n);
	p.data = data + 1;
	p.cap_len = n;
	p.wire_len = cut_by_capture ? whole->wire_len : n;
	tree_init(&t);
	check_packet(&p, &t);
	if (cut_by_capture) {
		summary_read(&p, &s);
		assert_int_not_equal(s.status, SUMMARY_MALFORMED);
		assert_false(has_trouble(&t, RD_MALFORMED));
	}
	if (cut_by_capture && n < whole->wire_len)
		assert_true(has_trouble(&t, RD_TRUNCATED));
	tree_done(&t);
	free(data);
}

static void
prefix__of_every_golden_packet__is_cut_and_never_malformed(void **state)
{
	static struct golden g;

	(void)state;
	for (size_t i = 0; i < sizeof golden_files / sizeof *golden_files;
	     i++) {
		assert_true(golden_load(golden_files[i], &g) > 0);
		for (size_t k = 0; k < g.count; k++)
			for (uint32_t n = 0; n <= g.packets[k].cap_len; n++)
				check_prefix(&g.packets[k], n, true);
	}
}

static void
prefix__that_was_all_on_the_wire__never_faults(void **state)
{
	static struct golden g;

	(void)state;
	for (size_t i = 0; i < sizeof golden_files / sizeof *golden_files;
	     i++) {
		assert_true(golden_load(golden_files[i], &g) > 0);
		for (size_t k = 0; k < g.count; k++)
			for (uint32_t n = 0; n < g.packets[k].cap_len; n++)
				check_prefix(&g.packets[k], n, false);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(corpus__every_input__keeps_the_promises),
	    cmocka_unit_test(
		prefix__of_every_golden_packet__is_cut_and_never_malformed),
	    cmocka_unit_test(prefix__that_was_all_on_the_wire__never_faults),
	};

	return cmocka_run_group_tests_name("corpus", tests, NULL, NULL);
}
