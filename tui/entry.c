#include "tui/entry.h"

#include <stdio.h>
#include <string.h>

#include "net/base/text.h"
#include "tui/command.h"
#include "tui/complete.h"

void
entry_open(struct entry *e, enum entry_kind kind, const char *text)
{
	e->kind = kind;
	e->len = e->cursor =
	    (size_t)snprintf(e->text, sizeof e->text, "%s", text);
	e->left_out = 0;
	e->complaint[0] = '\0';
	e->complaint_at = 0;
	e->history_at = e->history_count[kind];
}

void
entry_close(struct entry *e)
{
	e->kind = ENTRY_NONE;
	e->len = e->cursor = 0;
	e->text[0] = '\0';
}

void
entry_commit(struct entry *e)
{
	char(*lines)[ENTRY_MAX] = e->history[e->kind];
	int n = e->history_count[e->kind];

	if (e->len > 0 && (n == 0 || strcmp(lines[n - 1], e->text) != 0)) {
		if (n == ENTRY_HISTORY) {
			n--;
			memmove(lines[0], lines[1],
			    sizeof lines[0] * (ENTRY_HISTORY - 1));
		}
		memcpy(lines[n++], e->text, sizeof e->text);
		e->history_count[e->kind] = n;
	}
	entry_open(e, e->kind, "");
}

const char *
entry_label(enum entry_kind kind)
{
	static const char *const labels[] = {
	    [ENTRY_NONE] = "",
	    [ENTRY_SEND] = "send> ",
	    [ENTRY_COMMAND] = ":",
	    [ENTRY_FIND] = "/",
	    [ENTRY_FILTER] = "capture filter> ",
	    [ENTRY_STRUCT] = "struct> ",
	};

	return labels[kind];
}

int
entry_cursor_cells(const struct entry *e)
{
	char head[ENTRY_MAX];

	memcpy(head, e->text, e->cursor);
	head[e->cursor] = '\0';
	return text_cells(head);
}

/* ---- editing ---- */

/* Start of the character before (behind) the byte at i. */
static size_t
char_before(const struct entry *e, size_t i)
{
	do
		i -= i > 0;
	while (i > 0 && (e->text[i] & 0xC0) == 0x80);
	return i;
}

static size_t
char_after(const struct entry *e, size_t i)
{
	do
		i += i < e->len;
	while (i < e->len && (e->text[i] & 0xC0) == 0x80);
	return i;
}

static void
cut(struct entry *e, size_t from, size_t to)
{
	memmove(e->text + from, e->text + to, e->len - to + 1);
	e->len -= to - from;
	e->cursor = from;
	e->left_out = 0;
}

static bool
insert(struct entry *e, const char *utf8, size_t n)
{
	if (e->len + n >= sizeof e->text) {
		e->left_out += n;
		return false;
	}
	memmove(e->text + e->cursor + n, e->text + e->cursor,
	    e->len - e->cursor + 1);
	memcpy(e->text + e->cursor, utf8, n);
	e->len += n;
	e->cursor += n;
	return true;
}

static void
recall(struct entry *e, int step)
{
	int at = e->history_at + step;

	if (at < 0 || at > e->history_count[e->kind])
		return;
	e->history_at = at;
	e->left_out = 0;
	e->len = e->cursor = (size_t)snprintf(e->text, sizeof e->text, "%s",
	    at < e->history_count[e->kind] ? e->history[e->kind][at] : "");
}

static size_t
word_before(const struct entry *e)
{
	size_t i = e->cursor;

	while (i > 0 && e->text[i - 1] == ' ')
		i--;
	while (i > 0 && e->text[i - 1] != ' ')
		i--;
	return i;
}

/* Complete the last word of the line. */
static void
complete_last(struct entry *e)
{
	char word[ENTRY_MAX];
	const char *blank = strrchr(e->text, ' ');
	size_t start = blank != NULL ? (size_t)(blank + 1 - e->text) : 0;

	if (e->cursor != e->len ||
	    !(e->kind == ENTRY_FILTER
		    ? complete_filter(e->text, e->known, word, sizeof word)
		    : complete_word(e->text, e->known, word, sizeof word)))
		return;
	e->len = e->cursor = start + (size_t)snprintf(e->text + start,
					 sizeof e->text - start, "%s", word);
}

/* Complete a command's name; a second Tab shows the next one. */
static void
complete(struct entry *e)
{
	const char *name;
	size_t n = strcspn(e->text, " ");
	char word[ENTRY_MAX];

	if (e->kind == ENTRY_FILTER ||
	    (e->kind == ENTRY_COMMAND && e->cursor > n + 1)) {
		complete_last(e);
		return;
	}
	if (e->kind != ENTRY_COMMAND)
		return;
	memcpy(word, e->text, n);
	word[n] = '\0';
	name = command_complete(word, word);
	if (name == NULL) {
		complete_last(e); /* no other command: its words */
		return;
	}
	e->len = e->cursor =
	    (size_t)snprintf(e->text, sizeof e->text, "%s ", name);
}

static enum entry_event
character(struct entry *e, uint32_t code)
{
	char utf8[5];
	size_t n;

	if (code < 0x20 || code == 0x7F || code >= 0x110000)
		return ENTRY_GOES_ON;
	n = text_encode((char32_t)code, utf8);
	return insert(e, utf8, n) ? ENTRY_CHANGED : ENTRY_GOES_ON;
}

#define CTRL(c) ((c)&0x1F)

enum entry_event
entry_key(struct entry *e, const struct key *k)
{
	switch (k->code) {
	case KEY_CODE_ENTER:
		return ENTRY_DONE;
	case KEY_CODE_ESC:
	case CTRL('c'):
		return ENTRY_LEFT;
	case KEY_CODE_BACKSPACE:
	case CTRL('h'):
		if (e->len == 0)
			return ENTRY_LEFT;
		cut(e, char_before(e, e->cursor), e->cursor);
		return ENTRY_CHANGED;
	case KEY_CODE_DELETE:
		cut(e, e->cursor, char_after(e, e->cursor));
		return ENTRY_CHANGED;
	case CTRL('u'):
		cut(e, 0, e->cursor);
		return ENTRY_CHANGED;
	case CTRL('k'):
		cut(e, e->cursor, e->len);
		return ENTRY_CHANGED;
	case CTRL('w'):
		cut(e, word_before(e), e->cursor);
		return ENTRY_CHANGED;
	case KEY_CODE_LEFT:
		e->cursor = char_before(e, e->cursor);
		return ENTRY_GOES_ON;
	case KEY_CODE_RIGHT:
		e->cursor = char_after(e, e->cursor);
		return ENTRY_GOES_ON;
	case KEY_CODE_HOME:
	case CTRL('a'):
		e->cursor = 0;
		return ENTRY_GOES_ON;
	case KEY_CODE_END:
	case CTRL('e'):
		e->cursor = e->len;
		return ENTRY_GOES_ON;
	case KEY_CODE_UP:
		recall(e, -1);
		return ENTRY_CHANGED;
	case KEY_CODE_DOWN:
		recall(e, 1);
		return ENTRY_CHANGED;
	case KEY_CODE_TAB:
		complete(e);
		return ENTRY_CHANGED;
	default:
		return character(e, k->code);
	}
}
