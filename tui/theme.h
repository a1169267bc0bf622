/*
 * tui/theme.h - what each colour is for, and the files that choose them.
 *
 * The program paints with roles; a theme gives each role its look. Theme file
 * (read by inih):
 *
 *   [theme]
 *   summary = for dark terminals
 *   [roles]
 *   title    = cyan default bold
 *   selected = - 24 bold            ; "-" keeps what is underneath
 *
 * A look is FOREGROUND [BACKGROUND] [bold] [dim] [underline] [reverse]. A colour is
 * default, a name (red, bright-blue ...), 0..255, or #rrggbb, which becomes the
 * nearest that the terminal has. What is underneath an overlay is the cell's
 * role, and underneath a role the look of text; a background that is left out
 * is "-". Roles that a file leaves out keep the built-in default theme's look.
 *
 * Owns:   values only.  Thread: main.  Blocks: on reading a theme file.
 */
#ifndef SOCKDECK_TUI_THEME_H
#define SOCKDECK_TUI_THEME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/base/err.h"

/* role, name in a theme file, what it paints */
#define ROLES(X)                                                           \
	X(TEXT, "text", "ordinary text")                                   \
	X(DIM, "dim", "what matters less: times, units, link layer")       \
	X(TITLE, "title", "pane titles")                                   \
	X(TITLE_FOCUS, "title-focus", "the focused pane's title")          \
	X(BORDER, "border", "borders")                                     \
	X(BORDER_FOCUS, "border-focus", "the focused pane's border")       \
	X(HEADING, "heading", "column headings")                           \
	X(SELECTED, "selected", "overlay: the selected row")               \
	X(LIT, "lit", "overlay: partners of the selection in other panes") \
	X(FLASH, "flash", "overlay: what changed just now")                \
	X(CALL, "call", "socket calls")                                    \
	X(RESULT, "result", "what a call returned")                        \
	X(BLOCKED, "blocked", "a call that waits")                         \
	X(NOTE, "note", "explanations")                                    \
	X(GOOD, "good", "success, listening, capturing")                   \
	X(WARN, "warn", "worth a look")                                    \
	X(BAD, "bad", "errors, resets, losses")                            \
	X(CLIENT, "client", "from the client: arrows, data")               \
	X(SERVER, "server", "from the server: arrows, data")               \
	X(COST, "cost", "the cost column")                                 \
	X(HEADERS, "headers", "bars: header bytes")                        \
	X(PAYLOAD, "payload", "bars: payload bytes")                       \
	X(STATE, "state", "TCP states")                                    \
	X(NUMBER, "number", "numbers in tables")                           \
	X(FIELD, "field", "field names in a packet tree")                  \
	X(VALUE, "value", "field values")                                  \
	X(HEX, "hex", "bytes of a hex dump")                               \
	X(PACKED_1, "packed-1", "a record's fields, in turn")              \
	X(PACKED_2, "packed-2", "the next one")                            \
	X(PACKED_3, "packed-3", "the next one")                            \
	X(PACKED_4, "packed-4", "the next one")                            \
	X(PACKED_5, "packed-5", "the next one")                            \
	X(PACKED_6, "packed-6", "the next one, then the first again")      \
	X(PROMPT, "prompt", "prompts")                                     \
	X(INPUT, "input", "typed text")                                    \
	X(KEY, "key", "key names in the bottom bar")                       \
	X(LABEL, "label", "labels in the bottom bar")                      \
	X(STATUS, "status", "the top line")

enum role {
#define X(id, name, use) ROLE_##id,
	ROLES(X)
#undef X
	    ROLE_COUNT
};

/* A colour: THEME_DEFAULT, THEME_KEEP, 0..255, or THEME_RGB | 0xrrggbb. */
#define THEME_DEFAULT (-1)
#define THEME_KEEP (-2)
#define THEME_RGB 0x1000000

enum {
	LOOK_BOLD = 1,
	LOOK_DIM = 2,
	LOOK_UNDERLINE = 4,
	LOOK_REVERSE = 8,
};

struct look {
	int32_t fg, bg;
	uint8_t attrs;
};

struct theme {
	char name[32];
	char summary[80];
	struct look look[ROLE_COUNT];
};

/* A theme that is part of the program (generated from themes/). */
struct theme_text {
	const char *name, *text;
};

/*
 * Load by name (user's ~/.config/sockdeck/themes, then the built-in ones) or
 * by path (a name with a '/' or ending in .theme). Errors name file and line,
 * or list the themes there are.
 */
int theme_load(const char *name, struct theme *ret, struct err *err);
/* Parse a theme's text; label stands in error messages. */
int theme_parse(
    const char *label, const char *text, struct theme *ret, struct err *err);
/* Does any role have a colour of its own? */
bool theme_has_color(const struct theme *t);
/* Names of the built-in themes, NULL past the last. */
const char *theme_builtin(size_t i);

#endif
