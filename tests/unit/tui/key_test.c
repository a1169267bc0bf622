#include "tui/key.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void
name__of_every_kind_of_key__parses_back(void **state)
{
	static const struct {
		uint32_t code;
		const char *name;
	} keys[] = {
	    {KEY_CODE_F + 5, "F5"},
	    {KEY_CODE_F + 12, "F12"},
	    {3, "C-c"},
	    {28, "C-\\"},
	    {KEY_CODE_ENTER, "Enter"},
	    {KEY_CODE_TAB, "Tab"},
	    {KEY_CODE_BTAB, "S-Tab"},
	    {KEY_CODE_ESC, "Esc"},
	    {KEY_CODE_PGUP, "PgUp"},
	    {KEY_CODE_WHEEL_DOWN, "WheelDown"},
	    {' ', "Space"},
	    {'a', "a"},
	    {'F', "F"},
	    {'?', "?"},
	    {0xE9, "é"},
	    {0x65E5, "日"},
	};
	char name[KEY_NAME_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		assert_string_equal(key_name(name, keys[i].code), keys[i].name);
		assert_int_equal(key_parse(keys[i].name), keys[i].code);
	}
}

static void
parse__other_case__is_the_same_key(void **state)
{
	(void)state;
	assert_int_equal(key_parse("f1"), KEY_CODE_F + 1);
	assert_int_equal(key_parse("ENTER"), KEY_CODE_ENTER);
	assert_int_equal(key_parse("c-C"), 3);
	assert_int_not_equal(key_parse("a"), key_parse("A"));
}

static void
parse__no_key__returns_zero(void **state)
{
	static const char *const wrong[] = {"", "F0", "F64", "F1x", "F100",
	    "C-", "C-1", "C-@", "Entr", "ab", "\x01", "\xff", "é!"};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(key_parse(wrong[i]), 0);
}

static void
mouse__reports__become_events_in_cells_from_zero(void **state)
{
	static const struct {
		const char *report;
		uint32_t code;
		int x, y;
	} reports[] = {
	    {"0;1;1M", KEY_CODE_PRESS, 0, 0},
	    {"4;80;24M", KEY_CODE_PRESS, 79, 23}, /* with Shift */
	    {"0;12;5m", KEY_CODE_RELEASE, 11, 4},
	    {"32;300;200M", KEY_CODE_DRAG, 299, 199},
	    {"64;3;4M", KEY_CODE_WHEEL_UP, 2, 3},
	    {"65;3;4M", KEY_CODE_WHEEL_DOWN, 2, 3},
	};
	struct key k;

	(void)state;
	for (size_t i = 0; i < sizeof(reports) / sizeof(reports[0]); i++) {
		assert_true(key_from_mouse(reports[i].report, &k));
		assert_int_equal(k.code, reports[i].code);
		assert_int_equal(k.x, reports[i].x);
		assert_int_equal(k.y, reports[i].y);
	}
}

static void
mouse__other_buttons_and_garbage__are_no_events(void **state)
{
	static const char *const wrong[] = {"", "M", "0;1M", "0;1;1", "0;0;1M",
	    "0;1;0M", "2;1;1M", "1;1;1m", "35;1;1M", "66;1;1M", "128;1;1M",
	    "0;;1M", "99999999999;1;1M"};
	struct key k = {.code = 7};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(key_from_mouse(wrong[i], &k));
	assert_int_equal(k.code, 7);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(name__of_every_kind_of_key__parses_back),
	    cmocka_unit_test(parse__other_case__is_the_same_key),
	    cmocka_unit_test(parse__no_key__returns_zero),
	    cmocka_unit_test(mouse__reports__become_events_in_cells_from_zero),
	    cmocka_unit_test(mouse__other_buttons_and_garbage__are_no_events),
	};

	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests_name("key", tests, NULL, NULL);
}
