#include "tui/command.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tui/entry.h"
#include "tui/key.h"
#include "tui/known.h"

static void
table__each_command__can_be_explained(void **state)
{
	(void)state;
	for (const struct command *c = command_table; c->name; c++) {
		assert_non_null(c->args);
		assert_true(strlen(c->summary) > 5);
		/* The help of an 80x24 terminal has room for it. */
		assert_true(strlen(c->summary) <= 52);
		assert_non_null(c->run);
		assert_non_null(command_group_name(c->group));
	}
}

static void
table__each_key__exists_and_is_bound_once(void **state)
{
	char text[80], expected[80];

	(void)state;
	for (const struct command *c = command_table; c->name; c++) {
		for (int i = 0; i < COMMAND_BINDINGS; i++) {
			const struct binding *b = &c->bindings[i];

			if (b->key == NULL)
				continue;
			assert_int_not_equal(key_parse(b->key), 0);
			snprintf(expected, sizeof expected, "%s%s%s", c->name,
			    b->args ? " " : "", b->args ? b->args : "");
			assert_string_equal(command_for_key(key_parse(b->key),
						text, sizeof text),
			    expected);
		}
	}
}

static void
key__that_is_not_bound__does_nothing(void **state)
{
	char text[80];

	(void)state;
	assert_null(command_for_key(0x20AC, text, sizeof text));
}

static void
run__unknown_or_ambiguous__is_refused_with_a_sentence(void **state)
{
	struct err err = {""};

	(void)state;
	assert_int_equal(command_run(NULL, "nonesuch 1", &err), -EINVAL);
	assert_non_null(strstr(err.text, "'nonesuch' is no command"));
	assert_int_equal(command_run(NULL, "s", &err), -EINVAL);
	assert_int_equal(command_run(NULL, "   ", &err), 0);
}

static void
acts__what_only_shows__does_not(void **state)
{
	static const char *const act[] = {"shutdown wr", "send x", "wire hold",
	    "wire delay=1ms", "connect", "server", "type", "bind . :1"};
	static const char *const look[] = {"step", "step back", "pause", "wire",
	    " wire ", "view ladder", "focus client", "back", "none such"};

	(void)state;
	for (size_t i = 0; i < sizeof act / sizeof *act; i++)
		assert_true(command_acts(act[i]));
	for (size_t i = 0; i < sizeof look / sizeof *look; i++)
		assert_false(command_acts(look[i]));
}

static struct key
typed(uint32_t code)
{
	return (struct key){.code = code};
}

static void
type(struct entry *e, const char *text)
{
	for (; *text != '\0'; text++) {
		struct key k = typed((unsigned char)*text);

		entry_key(e, &k);
	}
}

static void
entry__editing__works_on_characters(void **state)
{
	struct entry e = {0};
	struct key k = typed(0x65E5);

	(void)state;
	entry_open(&e, ENTRY_SEND, "");
	type(&e, "ab");
	assert_int_equal(entry_key(&e, &k), ENTRY_CHANGED);
	assert_string_equal(e.text, "ab\xe6\x97\xa5");
	k = typed(KEY_CODE_BACKSPACE);
	entry_key(&e, &k);
	assert_string_equal(e.text, "ab");
	k = typed(KEY_CODE_HOME);
	entry_key(&e, &k);
	type(&e, "x");
	assert_string_equal(e.text, "xab");
	k = typed(KEY_CODE_ESC);
	assert_int_equal(entry_key(&e, &k), ENTRY_LEFT);
}

static void
entry__history__brings_lines_back(void **state)
{
	struct entry e = {0};
	struct key up = typed(KEY_CODE_UP), down = typed(KEY_CODE_DOWN);

	(void)state;
	entry_open(&e, ENTRY_SEND, "");
	for (int i = 0; i < ENTRY_HISTORY + 3; i++) {
		char line[3] = {'a', (char)('A' + i), '\0'};

		type(&e, line);
		entry_commit(&e);
	}
	entry_key(&e, &up);
	entry_key(&e, &up);
	assert_string_equal(e.text, "ab");
	entry_key(&e, &down);
	assert_string_equal(e.text, "ac");
	entry_key(&e, &down);
	assert_string_equal(e.text, "");
}

static void
entry__full__takes_no_more(void **state)
{
	struct entry e = {0};

	(void)state;
	entry_open(&e, ENTRY_SEND, "");
	for (int i = 0; i < 2 * ENTRY_MAX; i++)
		type(&e, "y");
	assert_int_equal(e.len, ENTRY_MAX - 1);
	assert_int_equal(strlen(e.text), ENTRY_MAX - 1);
}

static void
entry__tab__completes_commands(void **state)
{
	struct entry e = {0};
	struct key tab = typed(KEY_CODE_TAB);

	(void)state;
	entry_open(&e, ENTRY_COMMAND, "");
	type(&e, "conn");
	entry_key(&e, &tab);
	assert_string_equal(e.text, "connect ");
}

static void
entry__history__is_of_each_kind_its_own(void **state)
{
	struct entry e = {0};
	struct key up = typed(KEY_CODE_UP);

	(void)state;
	entry_open(&e, ENTRY_FIND, "");
	type(&e, "GET");
	entry_commit(&e);
	entry_open(&e, ENTRY_FILTER, "");
	type(&e, "port 80");
	entry_commit(&e);
	entry_open(&e, ENTRY_FIND, "");
	entry_key(&e, &up);
	assert_string_equal(e.text, "GET");
	entry_key(&e, &up);
	assert_string_equal(e.text, "GET");
	entry_open(&e, ENTRY_FILTER, "");
	entry_key(&e, &up);
	assert_string_equal(e.text, "port 80");
}

static const struct known some = {
    .ports = {"7000", "40000"},
    .hosts = {"10.0.0.1", "10.0.0.2"},
    .port_count = 2,
    .host_count = 2,
};

static const char *
tab(enum entry_kind kind, const char *text, int times)
{
	static struct entry e;
	struct key k = typed(KEY_CODE_TAB);

	e = (struct entry){.known = &some};
	entry_open(&e, kind, "");
	type(&e, text);
	while (times-- > 0)
		entry_key(&e, &k);
	return e.text;
}

static void
tab__in_filters__knows_words_and_the_capture(void **state)
{
	(void)state;
	assert_string_equal(tab(ENTRY_COMMAND, "show ver", 1), "show verdict:");
	assert_string_equal(
	    tab(ENTRY_COMMAND, "show state:syn-s", 1), "show state:syn-sent");
	assert_string_equal(
	    tab(ENTRY_COMMAND, "show port:", 1), "show port:7000");
	assert_string_equal(
	    tab(ENTRY_COMMAND, "show port:", 2), "show port:40000");
	assert_string_equal(tab(ENTRY_COMMAND, "show udp or (host:", 1),
	    "show udp or (host:10.0.0.1");
	assert_string_equal(tab(ENTRY_FILTER, "tcp and po", 1), "tcp and port");
	assert_string_equal(tab(ENTRY_FILTER, "tcp port ", 1), "tcp port 7000");
	assert_string_equal(
	    tab(ENTRY_FILTER, "src host 10.0.0.1", 1), "src host 10.0.0.2");
	assert_string_equal(tab(ENTRY_FILTER, "ud", 1), "udp");
}

static void
tab__of_columns__names_one_after_another(void **state)
{
	(void)state;
	assert_string_equal(
	    tab(ENTRY_COMMAND, "columns no fl", 1), "columns no flags");
	assert_string_equal(tab(ENTRY_COMMAND, "columns no time verd", 1),
	    "columns no time verdict");
	assert_string_equal(
	    tab(ENTRY_COMMAND, "columns no ", 1), "columns no no");
}

static void
tab__of_help__names_commands(void **state)
{
	(void)state;
	assert_string_equal(tab(ENTRY_COMMAND, "help wir", 1), "help wire");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(table__each_command__can_be_explained),
	    cmocka_unit_test(table__each_key__exists_and_is_bound_once),
	    cmocka_unit_test(key__that_is_not_bound__does_nothing),
	    cmocka_unit_test(
		run__unknown_or_ambiguous__is_refused_with_a_sentence),
	    cmocka_unit_test(acts__what_only_shows__does_not),
	    cmocka_unit_test(entry__editing__works_on_characters),
	    cmocka_unit_test(entry__history__brings_lines_back),
	    cmocka_unit_test(entry__history__is_of_each_kind_its_own),
	    cmocka_unit_test(tab__in_filters__knows_words_and_the_capture),
	    cmocka_unit_test(tab__of_columns__names_one_after_another),
	    cmocka_unit_test(tab__of_help__names_commands),
	    cmocka_unit_test(entry__full__takes_no_more),
	    cmocka_unit_test(entry__tab__completes_commands),
	};

	return cmocka_run_group_tests_name("command", tests, NULL, NULL);
}
