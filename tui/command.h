/*
 * tui/command.h - the one table of everything that can be done.
 *
 * Keys, the prompt, -c and mouse clicks all become command text that goes
 * through command_run(); the help screen, the bottom bar and the man page are
 * made from the same table, so that they cannot drift apart.
 *
 * Thread: main.  Blocks: never.
 */
#ifndef SOCKDECK_TUI_COMMAND_H
#define SOCKDECK_TUI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/base/err.h"

struct app;

#define COMMAND_WORDS 16
#define COMMAND_BINDINGS 10

/* The text behind the command's name: whole, and split at blanks. */
struct words {
	const char *rest;
	int count;
	const char *word[COMMAND_WORDS];
};

struct binding {
	const char *key; /* "F5", "v" */
	const char *args; /* bound arguments; NULL: none */
	const char *label; /* in the bottom bar; NULL: not there */
};

enum command_group {
	GROUP_LAB,
	GROUP_DATA,
	GROUP_HAND,
	GROUP_LOOK,
	GROUP_MOVE,
	GROUP_CONSOLE,
	GROUP_COUNT
};
const char *command_group_name(enum command_group g);

struct command {
	const char *name;
	const char *args; /* for the help text; "" for none */
	const char *summary;
	enum command_group group;
	int (*run)(struct app *app, const struct words *w, struct err *err);
	struct binding bindings[COMMAND_BINDINGS];
};

extern const struct command command_table[]; /* ends with a NULL name */

/* By its name, or the begin of no other's; NULL: no command, with a sentence. */
const struct command *command_find(const char *name, size_t n, struct err *err);
/* Run command text. 0; -EINVAL (usage) or what the command returned, with a
 * sentence. */
int command_run(struct app *app, const char *text, struct err *err);
/* Does the command that this text names take the word overwrite? */
bool command_overwrites(const char *text);
/* Does it do something to sockets, calls or packets? Not so what leads through
 * the time that stands. */
bool command_acts(const char *text);
/* The command text bound to a key, into dst; NULL: none. */
const char *command_for_key(uint32_t code, char *dst, size_t size);
/* The next name that starts with prefix, after `after` (NULL: the first). */
const char *command_complete(const char *prefix, const char *after);

#endif
