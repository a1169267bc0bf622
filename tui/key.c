#include "tui/key.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "net/base/text.h"

static const struct {
	uint32_t code;
	const char *name;
} names[] = {
    {KEY_CODE_ENTER, "Enter"},
    {KEY_CODE_ESC, "Esc"},
    {KEY_CODE_TAB, "Tab"},
    {KEY_CODE_BACKSPACE, "Backspace"},
    {' ', "Space"},
    {KEY_CODE_UP, "Up"},
    {KEY_CODE_DOWN, "Down"},
    {KEY_CODE_LEFT, "Left"},
    {KEY_CODE_RIGHT, "Right"},
    {KEY_CODE_PGUP, "PgUp"},
    {KEY_CODE_PGDN, "PgDn"},
    {KEY_CODE_HOME, "Home"},
    {KEY_CODE_END, "End"},
    {KEY_CODE_INSERT, "Insert"},
    {KEY_CODE_DELETE, "Delete"},
    {KEY_CODE_BTAB, "S-Tab"},
    {KEY_CODE_PASTE_BEGIN, "PasteBegin"},
    {KEY_CODE_PASTE_END, "PasteEnd"},
    {KEY_CODE_PRESS, "Press"},
    {KEY_CODE_RELEASE, "Release"},
    {KEY_CODE_DRAG, "Drag"},
    {KEY_CODE_WHEEL_UP, "WheelUp"},
    {KEY_CODE_WHEEL_DOWN, "WheelDown"},
};

#define NAME_COUNT (sizeof(names) / sizeof(names[0]))
#define F_LAST 63 /* as many as terminfo has */

const char *
key_name(char dst[KEY_NAME_MAX], uint32_t code)
{
	for (size_t i = 0; i < NAME_COUNT; i++) {
		if (names[i].code == code) {
			snprintf(dst, KEY_NAME_MAX, "%s", names[i].name);
			return dst;
		}
	}
	if (code > KEY_CODE_F && code <= KEY_CODE_F + F_LAST)
		snprintf(
		    dst, KEY_NAME_MAX, "F%u", (unsigned)(code - KEY_CODE_F));
	else if (code > 0 && code < 0x20)
		snprintf(dst, KEY_NAME_MAX, "C-%c", tolower((int)code + '@'));
	else if (code > 0x20 && code < KEY_CODE_F)
		text_encode(code, dst);
	else
		snprintf(dst, KEY_NAME_MAX, "?");
	return dst;
}

uint32_t
key_parse(const char *name)
{
	size_t len = strlen(name);
	char32_t ch;

	if (len > 0 && text_decode(name, len, &ch) == len)
		return text_width(ch) > 0 && ch != 0xFFFD ? ch : 0;
	if (len == 3 && strncasecmp(name, "C-", 2) == 0) {
		int c = toupper((unsigned char)name[2]);

		return c > '@' && c <= '_' ? (uint32_t)(c - '@') : 0;
	}
	if (toupper((unsigned char)name[0]) == 'F' && len <= 3 &&
	    strspn(name + 1, "0123456789") == len - 1) {
		unsigned long n = strtoul(name + 1, NULL, 10);

		if (n >= 1 && n <= F_LAST)
			return KEY_CODE_F + (uint32_t)n;
	}
	for (size_t i = 0; i < NAME_COUNT; i++)
		if (strcasecmp(names[i].name, name) == 0)
			return names[i].code;
	return 0;
}

/* The bits of a report's first number (xterm, "Extended coordinates"). */
#define MOUSE_BUTTON 3u
#define MOUSE_MOTION 32u
#define MOUSE_WHEEL 64u
#define MOUSE_EXTRA 128u /* buttons 8 to 11 */

bool
key_from_mouse(const char *report, struct key *ret)
{
	unsigned bits, x, y, button;
	char last;

	if (sscanf(report, "%3u;%5u;%5u%c", &bits, &x, &y, &last) != 4 ||
	    (last != 'M' && last != 'm') || x == 0 || y == 0)
		return false;
	button = bits & MOUSE_BUTTON;
	if ((bits & MOUSE_EXTRA) != 0)
		return false;
	if ((bits & MOUSE_WHEEL) != 0) {
		if (button > 1) /* the wheel's sideways movement */
			return false;
		ret->code =
		    button == 0 ? KEY_CODE_WHEEL_UP : KEY_CODE_WHEEL_DOWN;
	} else if (button != 0) {
		return false;
	} else if (last == 'm') {
		ret->code = KEY_CODE_RELEASE;
	} else {
		ret->code =
		    (bits & MOUSE_MOTION) != 0 ? KEY_CODE_DRAG : KEY_CODE_PRESS;
	}
	ret->x = (int)x - 1;
	ret->y = (int)y - 1;
	return true;
}
