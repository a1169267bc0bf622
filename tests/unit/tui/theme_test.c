#include "tui/theme.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tui/palette.h"
#include "tui/themes.h"

static const char *const role_names[] = {
#define X(id, name, use) name,
    ROLES(X)
#undef X
};

static struct look
look_of(const char *text, enum role role)
{
	struct theme t;
	struct err err = {""};

	if (theme_parse("x.theme", text, &t, &err) < 0)
		fail_msg("%s", err.text);
	return t.look[role];
}

static void
assert_mistake(const char *text, const char *expected)
{
	struct theme t = {.name = "untouched"};
	struct err err = {""};

	assert_int_equal(
	    theme_parse("themes/x.theme", text, &t, &err), -EINVAL);
	assert_string_equal(t.name, "untouched");
	if (strstr(err.text, expected) == NULL)
		fail_msg("'%s' is not in '%s'", expected, err.text);
}

static void
assert_same_look(struct look a, struct look b)
{
	assert_int_equal(a.fg, b.fg);
	assert_int_equal(a.bg, b.bg);
	assert_int_equal(a.attrs, b.attrs);
}

static bool
same_look(struct look a, struct look b)
{
	return a.fg == b.fg && a.bg == b.bg && a.attrs == b.attrs;
}

static void
parse__colours_and_attributes__are_understood(void **state)
{
	(void)state;
	assert_same_look(
	    look_of("[roles]\ncall = cyan default bold dim", ROLE_CALL),
	    (struct look){6, THEME_DEFAULT, LOOK_BOLD | LOOK_DIM});
	assert_same_look(look_of("[roles]\ncall = bright-blue 24", ROLE_CALL),
	    (struct look){12, 24, 0});
	assert_same_look(
	    look_of("[roles]\n  lit = - - underline reverse ; note", ROLE_LIT),
	    (struct look){
		THEME_KEEP, THEME_KEEP, LOOK_UNDERLINE | LOOK_REVERSE});
	assert_same_look(look_of("[roles]\ncall = #ff8000 bold", ROLE_CALL),
	    (struct look){THEME_RGB | 0xff8000, THEME_KEEP, LOOK_BOLD});
}

static void
parse__role_left_out__keeps_the_default_theme(void **state)
{
	struct theme base;

	(void)state;
	assert_int_equal(theme_load("default", &base, NULL), 0);
	assert_same_look(
	    look_of("[roles]\ncall = red", ROLE_BAD), base.look[ROLE_BAD]);
}

static void
parse__mistakes__are_named_with_their_line(void **state)
{
	(void)state;
	assert_mistake("[roles]\n\ncall = grene",
	    "themes/x.theme line 3: unknown colour 'grene'; ");
	assert_mistake(
	    "[roles]\ncall = red blod", "line 2: unknown colour 'blod'");
	assert_mistake("[roles]\ncall = 256", "line 2: unknown colour '256'");
	assert_mistake("[roles]\ncall = #12", "line 2: unknown colour '#12'");
	assert_mistake("[roles]\ncall =", "line 2: 'call' has no colour");
	assert_mistake(
	    "# x\n[roles]\ncool = red", "line 3: unknown role 'cool'");
	assert_mistake("[roles]\ncall red\ndim = grene", "line 2: neither");
	assert_mistake(
	    "[roles]\ndim = grene\ncall red", "line 2: unknown colour");
	assert_mistake(
	    "[rules]\ncall = red", "line 2: 'call' stands in section [rules]");
	assert_mistake("call = red", "line 1: 'call' stands in section []");
	assert_mistake(
	    "[theme]\nauthor = me", "line 2: unknown entry 'author'");
	assert_mistake("[roles]\ncall = red\n    dim", "line 3: neither");
}

static void
parse__line_of_any_length__is_a_mistake_and_not_two_lines(void **state)
{
	char text[4096] = "[roles]\n; ";

	(void)state;
	memset(text + 10, 'x', sizeof(text) - 11);
	assert_mistake(text, "line 2: this line is too long");
}

static void
load__builtin_themes__set_every_role(void **state)
{
	(void)state;
	assert_string_equal(theme_builtin(0), "default");
	for (size_t i = 0; theme_builtin(i) != NULL; i++) {
		struct theme t;
		struct err err;

		if (theme_load(theme_builtin(i), &t, &err) < 0)
			fail_msg("%s", err.text);
		assert_string_equal(t.name, theme_builtin(i));
		assert_true(t.summary[0] != '\0');
		for (int r = 0; r < ROLE_COUNT; r++) {
			char line[32];

			snprintf(line, sizeof(line), "\n%s ", role_names[r]);
			if (strstr(themes_builtin[i].text, line) == NULL)
				fail_msg("theme %s leaves out %s", t.name,
				    role_names[r]);
		}
	}
}

static void
load__unknown_name__lists_the_builtin_ones(void **state)
{
	struct theme t;
	struct err err;

	(void)state;
	assert_int_equal(theme_load("pink", &t, &err), -ENOENT);
	for (size_t i = 0; theme_builtin(i) != NULL; i++)
		assert_non_null(strstr(err.text, theme_builtin(i)));
	assert_int_equal(theme_load("./pink.theme", &t, &err), -ENOENT);
	assert_string_equal(err.text, "there is no file ./pink.theme");
	assert_true(theme_load("/", &t, &err) < 0);
}

static void
write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void
load__users_theme__goes_before_the_builtin_one(void **state)
{
	char dir[] = "/tmp/theme_test.XXXXXX", path[128];
	struct theme t;
	struct err err;

	(void)state;
	assert_non_null(mkdtemp(dir));
	setenv("XDG_CONFIG_HOME", dir, 1);
	snprintf(path, sizeof(path), "%s/sockdeck", dir);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/sockdeck/themes", dir);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/sockdeck/themes/light.theme", dir);
	write_file(path, "[roles]\ncall = 99\n");
	assert_int_equal(theme_load("light", &t, &err), 0);
	assert_int_equal(t.look[ROLE_CALL].fg, 99);
	assert_string_equal(t.name, "light");
	write_file(path, "[roles]\ncall = 999\n");
	assert_int_equal(theme_load("light", &t, &err), -EINVAL);
	assert_non_null(strstr(err.text, "light.theme line 2: "));
	assert_int_equal(theme_load(path, &t, &err), -EINVAL);

	unlink(path);
	for (int i = 0; i < 3; i++) {
		*strrchr(path, '/') = '\0';
		rmdir(path);
	}
	unsetenv("XDG_CONFIG_HOME");
}

/* On every row that a theme can paint, on every kind of terminal. */
static void
overlays__of_every_theme__differ_from_each_other(void **state)
{
	static const enum role overs[] = {
	    ROLE_TEXT, ROLE_SELECTED, ROLE_LIT, ROLE_FLASH};
	static const int colors[] = {8, 16, 256, 1 << 24};
	static const enum role rows[] = {ROLE_TEXT, ROLE_DIM, ROLE_CALL,
	    ROLE_RESULT, ROLE_BLOCKED, ROLE_NOTE, ROLE_GOOD, ROLE_WARN,
	    ROLE_BAD, ROLE_CLIENT, ROLE_SERVER, ROLE_COST, ROLE_HEADERS,
	    ROLE_PAYLOAD, ROLE_STATE, ROLE_NUMBER, ROLE_FIELD, ROLE_VALUE,
	    ROLE_HEX};

	(void)state;
	for (size_t n = 0; theme_builtin(n) != NULL; n++) {
		struct theme t;

		assert_int_equal(theme_load(theme_builtin(n), &t, NULL), 0);
		for (size_t i = 0; i < 4 * 4 * 4; i++) {
			int c = colors[i / 16];
			enum role a = overs[i / 4 % 4], b = overs[i % 4];

			for (size_t r = 0; a != b && r < 19; r++)
				if (same_look(palette_look(&t, rows[r], a, c),
					palette_look(&t, rows[r], b, c)))
					fail_msg("%s: %s and %s look alike on "
						 "%s (%d colours)",
					    t.name, role_names[a],
					    role_names[b], role_names[rows[r]],
					    c);
		}
	}
}

static void
mono__needs_no_colour(void **state)
{
	struct theme t;

	(void)state;
	assert_int_equal(theme_load("mono", &t, NULL), 0);
	assert_false(theme_has_color(&t));
	assert_int_equal(theme_load("light", &t, NULL), 0);
	assert_true(theme_has_color(&t));
}

static void
palette__of_few_colours__keeps_the_hue(void **state)
{
	(void)state;
	assert_int_equal(palette_color(THEME_RGB | 0x00875f, 256), 29);
	assert_int_equal(palette_color(THEME_RGB | 0x808080, 256), 244);
	assert_int_equal(palette_color(117, 256), 117);
	assert_int_equal(palette_color(117, 1 << 24), 0x87d7ff);
	assert_int_equal(palette_color(12, 16), 12);
	assert_int_equal(palette_color(12, 8), 4);
	assert_int_equal(palette_color(203, 8), 1);
	assert_int_equal(palette_color(24, 8), 6);
	assert_int_equal(palette_color(173, 8), 3); /* orange: not red */
	assert_int_equal(palette_color(18, 8), 4);
	assert_int_equal(palette_color(239, 8), THEME_DEFAULT);
	assert_int_equal(palette_color(3, 0), THEME_DEFAULT);
}

static void
look__kept_colours__come_from_underneath(void **state)
{
	struct theme t;
	struct look look;

	(void)state;
	assert_int_equal(theme_parse("x",
			     "[roles]\ntext = 250 16\ncall = 117\n"
			     "lit = - 53 bold\nnote = - - dim",
			     &t, NULL),
	    0);
	look = palette_look(&t, ROLE_CALL, ROLE_LIT, 256);
	assert_same_look(look, (struct look){117, 53, LOOK_BOLD});
	look = palette_look(&t, ROLE_NOTE, ROLE_TEXT, 256);
	assert_same_look(look, (struct look){250, 16, LOOK_DIM});
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(parse__colours_and_attributes__are_understood),
	    cmocka_unit_test(parse__role_left_out__keeps_the_default_theme),
	    cmocka_unit_test(parse__mistakes__are_named_with_their_line),
	    cmocka_unit_test(
		parse__line_of_any_length__is_a_mistake_and_not_two_lines),
	    cmocka_unit_test(load__builtin_themes__set_every_role),
	    cmocka_unit_test(load__unknown_name__lists_the_builtin_ones),
	    cmocka_unit_test(load__users_theme__goes_before_the_builtin_one),
	    cmocka_unit_test(overlays__of_every_theme__differ_from_each_other),
	    cmocka_unit_test(mono__needs_no_colour),
	    cmocka_unit_test(palette__of_few_colours__keeps_the_hue),
	    cmocka_unit_test(look__kept_colours__come_from_underneath),
	};

	/* A theme of the person who runs the tests must not matter. */
	unsetenv("XDG_CONFIG_HOME");
	setenv("HOME", "/nonexistent", 1);
	return cmocka_run_group_tests_name("theme", tests, NULL, NULL);
}
