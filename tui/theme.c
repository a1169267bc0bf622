#include "tui/theme.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ini.h>

#include "net/base/buf.h"
#include "tui/themes.h"

#define FILE_MAX (64 * 1024)
#define SUFFIX ".theme"

static const char *const role_names[ROLE_COUNT] = {
#define X(id, name, use) [ROLE_##id] = name,
    ROLES(X)
#undef X
};

static const char *const color_names[] = {
    "black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"};

static const struct {
	const char *name;
	uint8_t bit;
} attr_names[] = {
    {"bold", LOOK_BOLD},
    {"dim", LOOK_DIM},
    {"underline", LOOK_UNDERLINE},
    {"reverse", LOOK_REVERSE},
};

/* inih hands over no line numbers; the reader, which is ours, counts. */
struct parser {
	const char *label, *rest;
	struct theme *theme;
	int line;
	int bad_line; /* of the first mistake, whose sentence is in err; or 0 */
	struct err *err;
};

static bool
parse_color(const char *word, int32_t *ret)
{
	bool bright = strncmp(word, "bright-", 7) == 0;
	char *end;
	long n;

	if (strcmp(word, "default") == 0) {
		*ret = THEME_DEFAULT;
		return true;
	}
	if (strcmp(word, "-") == 0) {
		*ret = THEME_KEEP;
		return true;
	}
	for (int i = 0; i < 8; i++) {
		if (strcmp(word + (bright ? 7 : 0), color_names[i]) == 0) {
			*ret = bright ? i + 8 : i;
			return true;
		}
	}
	if (word[0] == '#' && strspn(word + 1, "0123456789abcdefABCDEF") == 6 &&
	    word[7] == '\0') {
		*ret = THEME_RGB | (int32_t)strtol(word + 1, NULL, 16);
		return true;
	}
	n = strtol(word, &end, 10);
	if (word[0] < '0' || word[0] > '9' || *end != '\0' || n > 255)
		return false;
	*ret = (int32_t)n;
	return true;
}

static uint8_t
parse_attr(const char *word)
{
	for (size_t i = 0; i < sizeof(attr_names) / sizeof(attr_names[0]); i++)
		if (strcmp(attr_names[i].name, word) == 0)
			return attr_names[i].bit;
	return 0;
}

/* The look, or the word that is wrong in *ret_bad (NULL: no word at all). */
static bool
parse_look(char *text, struct look *ret, const char **ret_bad)
{
	struct look look = {THEME_KEEP, THEME_KEEP, 0};
	char *save, *word = strtok_r(text, " \t", &save);

	*ret_bad = word;
	if (word == NULL || !parse_color(word, &look.fg))
		return false;
	word = strtok_r(NULL, " \t", &save);
	if (word != NULL && parse_color(word, &look.bg))
		word = strtok_r(NULL, " \t", &save);
	for (; word != NULL; word = strtok_r(NULL, " \t", &save)) {
		uint8_t bit = parse_attr(word);

		if (bit == 0) {
			*ret_bad = word;
			return false;
		}
		look.attrs |= bit;
	}
	*ret = look;
	return true;
}

/* Note the first mistake of a file; returns what tells inih "wrong". */
static int __attribute__((format(printf, 2, 3)))
mistake(struct parser *p, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	if (p->bad_line > 0)
		return 0;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	p->bad_line = p->line;
	err_set(p->err, -EINVAL, "%s line %d: %s", p->label, p->line, text);
	return 0;
}

static int
set_role(struct parser *p, const char *name, const char *value)
{
	const char *bad;
	char words[128];
	int role = 0;

	while (role < ROLE_COUNT && strcmp(role_names[role], name) != 0)
		role++;
	if (role == ROLE_COUNT)
		return mistake(p,
		    "unknown role '%s'; themes/default.theme has all of them",
		    name);
	snprintf(words, sizeof(words), "%s", value);
	if (parse_look(words, &p->theme->look[role], &bad))
		return 1;
	if (bad == NULL)
		return mistake(p, "'%s' has no colour", name);
	return mistake(p,
	    "unknown colour '%s'; a colour is default, -, red ... white, "
	    "bright-red ..., 0 to 255 or #rrggbb, and behind the colours may "
	    "stand bold, dim, underline, reverse",
	    bad);
}

static int
handle_pair(
    void *user, const char *section, const char *name, const char *value)
{
	struct parser *p = user;

	if (strcmp(section, "roles") == 0)
		return set_role(p, name, value);
	if (strcmp(section, "theme") != 0)
		return mistake(p,
		    "'%s' stands in section [%s]; a theme has the sections "
		    "[theme] and [roles]",
		    name, section);
	if (strcmp(name, "summary") != 0)
		return mistake(
		    p, "unknown entry '%s'; [theme] has summary", name);
	snprintf(p->theme->summary, sizeof(p->theme->summary), "%s", value);
	return 1;
}

/* Hand inih the next line. Indentation is dropped, else inih would take the
 * line for more of the one before. */
static char *
read_line(char *dst, int size, void *user)
{
	struct parser *p = user;
	size_t len;

	p->rest += strspn(p->rest, " \t");
	if (p->rest[0] == '\0')
		return NULL;
	p->line++;
	len = strcspn(p->rest, "\n");
	if (len + 2 > (size_t)size)
		mistake(p, "this line is too long");
	snprintf(dst, (size_t)size, "%.*s", (int)len, p->rest);
	p->rest += p->rest[len] == '\n' ? len + 1 : len;
	return dst;
}

static int
parse_over(
    const char *label, const char *text, struct theme *theme, struct err *err)
{
	struct parser p = {
	    .label = label, .rest = text, .theme = theme, .err = err};
	int line = ini_parse_stream(read_line, &p, handle_pair, &p);

	if (line > 0 && (p.bad_line == 0 || line < p.bad_line)) {
		p.line = line;
		p.bad_line = 0;
		mistake(&p, "neither 'role = colour' nor a [section]");
	}
	return p.bad_line > 0 ? -EINVAL : 0;
}

/* "themes/x.theme" is called "x". */
static void
set_name(struct theme *theme, const char *label)
{
	const char *slash = strrchr(label, '/');
	const char *base = slash != NULL ? slash + 1 : label;
	size_t len = strlen(base), suffix = strlen(SUFFIX);

	if (len > suffix && strcmp(base + len - suffix, SUFFIX) == 0)
		len -= suffix;
	snprintf(theme->name, sizeof(theme->name), "%.*s", (int)len, base);
}

static const struct theme_text *
find_builtin(const char *name)
{
	const struct theme_text *t = themes_builtin;

	while (t->name != NULL && strcmp(t->name, name) != 0)
		t++;
	return t->name != NULL ? t : NULL;
}

int
theme_parse(
    const char *label, const char *text, struct theme *ret, struct err *err)
{
	const struct theme_text *base = find_builtin("default");
	struct theme theme = {.name = ""};
	int rc;

	for (int i = 0; i < ROLE_COUNT; i++)
		theme.look[i] = (struct look){THEME_KEEP, THEME_KEEP, 0};
	if (base != NULL)
		parse_over("themes/default.theme", base->text, &theme, NULL);
	theme.summary[0] = '\0';
	rc = parse_over(label, text, &theme, err);
	if (rc < 0)
		return rc;
	set_name(&theme, label);
	*ret = theme;
	return 0;
}

/* -ENOENT without a sentence: the caller may know another place. */
static int
load_file(const char *path, struct theme *ret, struct err *err)
{
	FILE *f = fopen(path, "re");
	struct buf text;
	char chunk[4096];
	size_t n;
	int rc;

	if (f == NULL && errno == ENOENT)
		return -ENOENT;
	if (f == NULL)
		return err_set(err, -errno, "%s: %s", path, strerror(errno));
	buf_init(&text, FILE_MAX);
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		buf_add(&text, chunk, n);
	if (ferror(f))
		rc = err_set(err, -EIO, "%s: it cannot be read: %s", path,
		    strerror(errno));
	else if (text.full)
		rc = err_set(err, -EFBIG, "%s: too long for a theme (%d KB)",
		    path, FILE_MAX / 1024);
	else
		rc = theme_parse(path, buf_str(&text), ret, err);
	buf_done(&text);
	fclose(f);
	return rc;
}

static bool
user_path(char *dst, size_t size, const char *name)
{
	const char *config = getenv("XDG_CONFIG_HOME");
	const char *home = getenv("HOME");
	int n = -1;

	if (config != NULL && config[0] == '/')
		n = snprintf(
		    dst, size, "%s/sockdeck/themes/%s" SUFFIX, config, name);
	else if (home != NULL)
		n = snprintf(dst, size, "%s/.config/sockdeck/themes/%s" SUFFIX,
		    home, name);
	return n > 0 && (size_t)n < size;
}

static int
unknown_theme(const char *name, struct err *err)
{
	char list[256] = "";
	size_t len = 0;

	for (const struct theme_text *t = themes_builtin; t->name != NULL; t++)
		len += (size_t)snprintf(list + len, sizeof(list) - len, "%s%s",
		    len > 0 ? ", " : "", t->name);
	return err_set(err, -ENOENT,
	    "there is no theme '%s'; built in are %s, and your own may lie in "
	    "~/.config/sockdeck/themes/%s" SUFFIX,
	    name, list, name);
}

int
theme_load(const char *name, struct theme *ret, struct err *err)
{
	const struct theme_text *builtin = find_builtin(name);
	size_t len = strlen(name), suffix = strlen(SUFFIX);
	char path[1024];
	int rc = -ENOENT;

	if (strchr(name, '/') != NULL ||
	    (len > suffix && strcmp(name + len - suffix, SUFFIX) == 0)) {
		rc = load_file(name, ret, err);
		if (rc == -ENOENT)
			err_set(err, rc, "there is no file %s", name);
		return rc;
	}
	if (user_path(path, sizeof(path), name))
		rc = load_file(path, ret, err);
	/* `sudo -u` may leave us with a HOME that we cannot enter. */
	if (rc != -ENOENT && !(rc == -EACCES && builtin != NULL))
		return rc;
	if (builtin == NULL)
		return unknown_theme(name, err);
	snprintf(path, sizeof(path), "themes/%s" SUFFIX, builtin->name);
	return theme_parse(path, builtin->text, ret, err);
}

bool
theme_has_color(const struct theme *t)
{
	for (int i = 0; i < ROLE_COUNT; i++)
		if (t->look[i].fg >= 0 || t->look[i].bg >= 0)
			return true;
	return false;
}

const char *
theme_builtin(size_t i)
{
	for (size_t n = 0; themes_builtin[n].name != NULL; n++)
		if (n == i)
			return themes_builtin[n].name;
	return NULL;
}
