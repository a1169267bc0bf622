#include "tui/command.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tui/deck.h"
#include "tui/key.h"

const char *
command_group_name(enum command_group g)
{
	static const char *const names[GROUP_COUNT] = {
	    [GROUP_LAB] = "Server and client",
	    [GROUP_DATA] = "Sending",
	    [GROUP_HAND] = "Calls by hand",
	    [GROUP_LOOK] = "Looking",
	    [GROUP_MOVE] = "Moving",
	    [GROUP_CONSOLE] = "The console",
	};

	return names[g];
}

static const struct command *
find(const char *name, size_t n)
{
	for (const struct command *c = command_table; c->name; c++)
		if (strlen(c->name) == n && strncmp(c->name, name, n) == 0)
			return c;
	return NULL;
}

/* The only command that starts like this; NULL: none, or several. */
static const struct command *
find_abbreviated(const char *name, size_t n)
{
	const struct command *only = NULL;

	for (const struct command *c = command_table; c->name; c++) {
		if (n == 0 || strncmp(c->name, name, n) != 0)
			continue;
		if (only != NULL)
			return NULL;
		only = c;
	}
	return only;
}

const struct command *
command_find(const char *name, size_t n, struct err *err)
{
	const struct command *c = find(name, n);

	if (c == NULL)
		c = find_abbreviated(name, n);
	if (c == NULL)
		err_set(err, -EINVAL, "'%.*s' is no command; ? lists them all",
		    (int)n, name);
	return c;
}

/* Split at blanks; scratch holds the words. */
static int
split(const char *rest, char *scratch, size_t size, struct words *w,
    struct err *err)
{
	char *save = NULL;

	w->rest = rest;
	w->count = 0;
	snprintf(scratch, size, "%s", rest);
	for (char *s = strtok_r(scratch, " \t", &save); s != NULL;
	     s = strtok_r(NULL, " \t", &save)) {
		if (w->count == COMMAND_WORDS)
			return err_set(err, -E2BIG, "too many words");
		w->word[w->count++] = s;
	}
	return 0;
}

/* The command that a text names, which then begins behind the name. */
static const struct command *
take_name(const char **text, struct err *err)
{
	const char *name = *text + strspn(*text, " \t");
	size_t n = strcspn(name, " \t");

	*text = name + n;
	return command_find(name, n, err);
}

int
command_run(struct app *app, const char *text, struct err *err)
{
	char scratch[2 * ENTRY_MAX];
	const struct command *c;
	struct words w;
	int rc;

	if (text[strspn(text, " \t")] == '\0')
		return 0;
	c = take_name(&text, err);
	if (c == NULL)
		return -EINVAL;
	text += *text != '\0';
	/* Text to send may be longer than what is split into words. */
	rc = split(text, scratch, sizeof scratch, &w, NULL);
	if (rc < 0 && strstr(c->args, "TEXT") == NULL &&
	    strstr(c->args, "VALUE...") == NULL)
		return err_set(err, rc, "%s: too many words", c->name);
	rc = c->run(app, &w, err);
	if (rc == -EINVAL && err->text[0] == '\0')
		err_set(err, rc, "usage: :%s %s", c->name, c->args);
	return rc;
}

bool
command_overwrites(const char *text)
{
	const struct command *c = take_name(&text, NULL);

	return c != NULL && strstr(c->args, "overwrite") != NULL;
}

bool
command_acts(const char *text)
{
	/* Of the groups that act, those that only show. */
	static const struct {
		const char *name;
		bool alone; /* not with words */
	} looks[] = {{"clients", false}, {"pause", false}, {"step", false},
	    {"wire", true}};
	const struct command *c = take_name(&text, NULL);

	text += strspn(text, " \t");
	if (c == NULL || c->group > GROUP_HAND)
		return false;
	for (size_t i = 0; i < sizeof looks / sizeof *looks; i++)
		if (strcmp(c->name, looks[i].name) == 0)
			return looks[i].alone && *text != '\0';
	return true;
}

const char *
command_for_key(uint32_t code, char *dst, size_t size)
{
	for (const struct command *c = command_table; c->name; c++) {
		for (int i = 0; i < COMMAND_BINDINGS; i++) {
			const struct binding *b = &c->bindings[i];

			if (b->key == NULL || key_parse(b->key) != code)
				continue;
			snprintf(dst, size, "%s%s%s", c->name,
			    b->args != NULL ? " " : "",
			    b->args != NULL ? b->args : "");
			return dst;
		}
	}
	return NULL;
}

const char *
command_complete(const char *prefix, const char *after)
{
	const struct command *from = find(after, strlen(after));
	const struct command *c = from != NULL ? from + 1 : command_table;
	size_t n = strlen(prefix);

	/* A whole name is taken for what came from the Tab before. */
	for (; c->name != NULL; c++)
		if (from != NULL || strncmp(c->name, prefix, n) == 0)
			return c->name;
	return NULL;
}
