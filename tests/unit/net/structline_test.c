#include "net/structline.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fuzz/structline_check.h"
#include "tests/unit/corpus.h"

static void
line__with_quotes__packs_and_is_written_back(void **state)
{
	static const struct {
		const char *line, *bytes;
		size_t size;
		const char *back;
	} tries[] = {
	    {"!Hh 7 -5", "\0\7\xff\xfb", 4, NULL},
	    {" <H   0x0102 ", "\2\1", 2, "<H 258"},
	    {"'< H 2x' 1", "\1\0\0\0", 4, NULL},
	    {"4s 'a b'", "a b\0", 4, "4s 'a b\\0'"},
	    {"4s \"it's\"", "it's", 4, NULL},
	    {"4s \\x27\"\\\\ ", "'\"\\\0", 4, "4s '\\x27\"\\\\\\0'"},
	    {"2s ''", "\0\0", 2, "2s \\0\\0"},
	    {"0s ''", "", 0, NULL},
	    {"''", "", 0, NULL},
	    {"!?f True 0.5", "\1\x3f\0\0\0", 5, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
		struct structline s = {0};
		struct err err = {""};
		struct buf out;
		size_t at;

		if (structline_parse(&s, tries[i].line, &at, &err) < 0)
			fail_msg("%s: %s", tries[i].line, err.text);
		assert_int_equal(s.ps.size, tries[i].size);
		assert_memory_equal(s.bytes, tries[i].bytes, tries[i].size);
		buf_init(&out, 1000);
		structline_print(&s, &out);
		assert_string_equal(buf_str(&out),
		    tries[i].back != NULL ? tries[i].back : tries[i].line);
		buf_done(&out);
		structline_done(&s);
	}
}

static void
line__wrong__says_where_and_leaves_the_record(void **state)
{
	static const struct {
		const char *line;
		size_t at;
		const char *says;
	} tries[] = {
	    {"", 0, "a format comes first"},
	    {"<Hy 1", 2, "bad char"},
	    {"'<H y' 1", 4, "bad char"},
	    {"HH 1 70000", 5, "value 2: 70000 is out of range"},
	    {"HH 1 ", 5, "value 2 is missing"},
	    {"H 1 2 3", 4, "no letter for value 2"},
	    {"H 'x", 2, "has no end"},
	    {"b x", 2, "required argument is not an integer"},
	    {"9999x", 0, "9999 bytes are more than"},
	};
	struct structline s = {0};
	struct err err;
	size_t at;

	(void)state;
	assert_int_equal(structline_parse(&s, "!H 1", &at, &err), 0);
	for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
		assert_true(structline_parse(&s, tries[i].line, &at, &err) < 0);
		assert_int_equal(at, tries[i].at);
		if (strstr(err.text, tries[i].says) == NULL)
			fail_msg("%s: %s", tries[i].line, err.text);
		assert_string_equal(s.format, "!H");
		assert_memory_equal(s.bytes, "\0\1", 2);
	}
	structline_done(&s);
}

static void
copy__of_a_record__is_its_own(void **state)
{
	struct structline s = {0}, t = {0};
	size_t at;

	(void)state;
	assert_int_equal(structline_parse(&s, "!H 1", &at, NULL), 0);
	assert_int_equal(structline_copy(&t, &s), 0);
	structline_done(&s);
	assert_int_equal(t.ps.size, 2);
	assert_int_equal(t.ps.fields[0].count, 1);
	structline_done(&t);
}

static void
corpus__every_input__keeps_the_promises(void **state)
{
	(void)state;
	assert_true(corpus_replay("tests/fuzz/corpus/structline",
			structline_check) > 100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(line__with_quotes__packs_and_is_written_back),
	    cmocka_unit_test(line__wrong__says_where_and_leaves_the_record),
	    cmocka_unit_test(copy__of_a_record__is_its_own),
	    cmocka_unit_test(corpus__every_input__keeps_the_promises),
	};

	return cmocka_run_group_tests_name("structline", tests, NULL, NULL);
}
