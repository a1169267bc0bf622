/*
 * tui/key.h - one key press or mouse event.
 *
 * A character key is its Unicode code point (C-a is 1, Enter 13, Esc 27, Tab
 * 9, Backspace 127); others have codes above Unicode.
 */
#ifndef SOCKDECK_TUI_KEY_H
#define SOCKDECK_TUI_KEY_H

#include <stdbool.h>
#include <stdint.h>

enum {
	KEY_CODE_ENTER = 13,
	KEY_CODE_ESC = 27,
	KEY_CODE_TAB = 9,
	KEY_CODE_BACKSPACE = 127,
	KEY_CODE_F = 0x110000, /* KEY_CODE_F + n is Fn */
	KEY_CODE_UP = 0x110040,
	KEY_CODE_DOWN,
	KEY_CODE_LEFT,
	KEY_CODE_RIGHT,
	KEY_CODE_PGUP,
	KEY_CODE_PGDN,
	KEY_CODE_HOME,
	KEY_CODE_END,
	KEY_CODE_INSERT,
	KEY_CODE_DELETE,
	KEY_CODE_BTAB,
	KEY_CODE_PASTE_BEGIN,
	KEY_CODE_PASTE_END,
	KEY_CODE_PRESS, /* mouse: left button at x, y */
	KEY_CODE_RELEASE,
	KEY_CODE_DRAG,
	KEY_CODE_WHEEL_UP,
	KEY_CODE_WHEEL_DOWN,
};

struct key {
	uint32_t code;
	int x, y; /* mouse events: cell */
};

#define KEY_NAME_MAX 16
/* "F5", "C-c", "Enter", "Tab", "S-Tab", "a" */
const char *key_name(char dst[KEY_NAME_MAX], uint32_t code);
/* The code of such a name; 0: no such key. */
uint32_t key_parse(const char *name);

/*
 * The event in an SGR mouse report, what follows ESC [ < : "0;12;5M". False
 * for what nobody listens to (other buttons, sideways wheel) and for garbage;
 * ret is then untouched.
 */
bool key_from_mouse(const char *report, struct key *ret);

#endif
