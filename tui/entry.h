/*
 * tui/entry.h - the line that is being typed: editing and history.
 *
 * Thread: main.  Blocks: never.
 */
#ifndef SOCKDECK_TUI_ENTRY_H
#define SOCKDECK_TUI_ENTRY_H

#include "tui/deck.h"
#include "tui/key.h"

enum entry_event {
	ENTRY_GOES_ON,
	ENTRY_CHANGED, /* the text is another one */
	ENTRY_DONE, /* Enter */
	ENTRY_LEFT, /* Esc, C-c, or Backspace on an empty line */
};

/* Start typing; text stands in the line already. */
void entry_open(struct entry *e, enum entry_kind kind, const char *text);
enum entry_event entry_key(struct entry *e, const struct key *k);
/* After ENTRY_DONE: remember the line, and empty it. */
void entry_commit(struct entry *e);
void entry_close(struct entry *e);
/* "send> ", ":", "/", "filter> " */
const char *entry_label(enum entry_kind kind);
/* Cells in front of the cursor. */
int entry_cursor_cells(const struct entry *e);

#endif
