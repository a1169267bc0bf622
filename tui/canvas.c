#include "tui/canvas.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/base/text.h"

#define REPLACEMENT 0xFFFD
#define ELLIPSIS 0x2026
#define FULL_BLOCK 0x2588 /* followed by seven eighths, six, ... one */
#define LIGHT_SHADE 0x2591

/* What resembles a range of characters, in ASCII mode. */
static const struct {
	uint16_t first, last;
	char ascii;
} lookalikes[] = {
    {0x00A0, 0x00A0, ' '},
    {0x00AB, 0x00AB, '<'},
    {0x00B5, 0x00B5, 'u'},
    {0x00B7, 0x00B7, '.'},
    {0x00BB, 0x00BB, '>'},
    {0x00D7, 0x00D7, 'x'},
    {0x03BC, 0x03BC, 'u'},
    {0x2010, 0x2015, '-'},
    {0x2018, 0x2019, '\''},
    {0x201C, 0x201D, '"'},
    {0x2022, 0x2022, '*'},
    {0x2039, 0x2039, '<'},
    {0x203A, 0x203A, '>'},
    {0x2190, 0x2190, '<'},
    {0x2191, 0x2191, '^'},
    {0x2192, 0x2192, '>'},
    {0x2193, 0x2193, 'v'},
    {0x21D0, 0x21D0, '<'},
    {0x21D2, 0x21D2, '>'},
    {0x2212, 0x2212, '-'},
    {0x2219, 0x2219, '.'},
    {0x2264, 0x2264, '<'},
    {0x2265, 0x2265, '>'},
    {0x22C5, 0x22C5, '.'},
    /* box drawing: lines, dashes, corners and tees, double and half lines */
    {0x2500, 0x2501, '-'},
    {0x2502, 0x2503, '|'},
    {0x2504, 0x2505, '-'},
    {0x2506, 0x2507, '|'},
    {0x2508, 0x2509, '-'},
    {0x250A, 0x250B, '|'},
    {0x250C, 0x254B, '+'},
    {0x254C, 0x254D, '-'},
    {0x254E, 0x254F, '|'},
    {0x2550, 0x2550, '='},
    {0x2551, 0x2551, '|'},
    {0x2552, 0x2570, '+'},
    {0x2571, 0x2571, '/'},
    {0x2572, 0x2572, '\\'},
    {0x2573, 0x2573, 'X'},
    {0x2574, 0x2574, '-'},
    {0x2575, 0x2575, '|'},
    {0x2576, 0x2576, '-'},
    {0x2577, 0x2577, '|'},
    {0x2578, 0x2578, '-'},
    {0x2579, 0x2579, '|'},
    {0x257A, 0x257A, '-'},
    {0x257B, 0x257B, '|'},
    {0x257C, 0x257C, '-'},
    {0x257D, 0x257D, '|'},
    {0x257E, 0x257E, '-'},
    {0x257F, 0x257F, '|'},
    /* blocks: from half a cell on, a mark; shades */
    {0x2580, 0x2580, '#'},
    {0x2581, 0x2583, '.'},
    {0x2584, 0x258C, '#'},
    {0x258D, 0x258F, '.'},
    {0x2590, 0x2590, '#'},
    {0x2591, 0x2591, '.'},
    {0x2592, 0x2592, ':'},
    {0x2593, 0x2593, '#'},
    {0x2594, 0x2594, '.'},
    {0x2595, 0x2595, '|'},
    {0x2596, 0x259F, '#'},
    /* shapes */
    {0x25A0, 0x25A0, '#'},
    {0x25AA, 0x25AA, '*'},
    {0x25AE, 0x25AE, '#'},
    {0x25B2, 0x25B5, '^'},
    {0x25B6, 0x25BB, '>'},
    {0x25BC, 0x25BF, 'v'},
    {0x25C0, 0x25C5, '<'},
    {0x25C6, 0x25C6, '*'},
    {0x25C7, 0x25C7, 'o'},
    {0x25CB, 0x25CB, 'o'},
    {0x25CF, 0x25CF, '*'},
    {0x2713, 0x2714, 'v'},
    {0x2715, 0x2718, 'x'},
};

/* The character to show for ch, and its cells: 0, 1 or 2. */
static char32_t
shown(const struct canvas *c, char32_t ch, int *ret_cells)
{
	int cells = text_width(ch);

	if (cells < 0)
		ch = REPLACEMENT;
	if (!c->ascii || (ch < 0x80 && cells == 1)) {
		*ret_cells = cells < 0 ? 1 : cells;
		return ch;
	}
	*ret_cells = cells == 0 ? 0 : 1;
	return '?';
}

static char
lookalike(char32_t ch)
{
	for (size_t i = 0; i < sizeof(lookalikes) / sizeof(lookalikes[0]); i++)
		if (ch >= lookalikes[i].first && ch <= lookalikes[i].last)
			return lookalikes[i].ascii;
	return '\0';
}

struct canvas *
canvas_new(int w, int h, bool ascii)
{
	struct canvas *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->w = w > 0 ? w : 0;
	c->h = h > 0 ? h : 0;
	c->ascii = ascii;
	c->cells = calloc((size_t)c->w * (size_t)c->h + 1, sizeof(*c->cells));
	if (c->cells == NULL) {
		free(c);
		return NULL;
	}
	canvas_clear(c);
	return c;
}

void
canvas_free(struct canvas *c)
{
	if (c == NULL)
		return;
	free(c->cells);
	free(c);
}

void
canvas_clear(struct canvas *c)
{
	canvas_fill(c, canvas_area(c), ROLE_TEXT);
}

struct area
canvas_area(const struct canvas *c)
{
	return (struct area){0, 0, c->w, c->h};
}

static struct cell *
cell_at(const struct canvas *c, int x, int y)
{
	if (x < 0 || y < 0 || x >= c->w || y >= c->h)
		return NULL;
	return &c->cells[(size_t)y * (size_t)c->w + (size_t)x];
}

const struct cell *
canvas_at(const struct canvas *c, int x, int y)
{
	return cell_at(c, x, y);
}

const char *
canvas_row(const struct canvas *c, int y, char *dst, int size)
{
	int len = 0, end = 0;

	if (size <= 0)
		return "";
	for (int x = 0; x < c->w; x++) {
		const struct cell *cell = cell_at(c, x, y);
		char utf8[5];
		int n;

		if (cell == NULL || cell->ch == 0)
			continue;
		n = (int)text_encode(cell->ch, utf8);
		if (len + n >= size)
			break;
		memcpy(dst + len, utf8, (size_t)n);
		len += n;
		if (cell->ch != ' ')
			end = len;
	}
	dst[end] = '\0';
	return dst;
}

/* Write one cell; a wide character that it breaks loses its other half. */
static void
set_cell(struct canvas *c, int x, int y, enum role role, char32_t ch)
{
	struct cell *cell = cell_at(c, x, y);
	struct cell *next = cell_at(c, x + 1, y);

	if (cell == NULL)
		return;
	if (cell->ch == 0 && ch != 0 && x > 0)
		cell[-1].ch = ' ';
	if (cell->ch != 0 && next != NULL && next->ch == 0)
		next->ch = ' ';
	*cell = (struct cell){.ch = ch, .role = (uint8_t)role};
}

/* Draw a character of 1 or 2 cells at (x, y) of the area, clipped. */
static void
draw(struct canvas *c, struct area a, int x, int y, enum role role, char32_t ch,
    int cells)
{
	bool left = area_has(a, a.x + x, a.y + y);
	bool right = area_has(a, a.x + x + 1, a.y + y);

	x += a.x;
	y += a.y;
	if (cells == 1) {
		if (left)
			set_cell(c, x, y, role, ch);
		return;
	}
	left = left && cell_at(c, x, y) != NULL;
	right = right && cell_at(c, x + 1, y) != NULL;
	if (left)
		set_cell(c, x, y, role, right ? ch : ' ');
	if (right)
		set_cell(c, x + 1, y, role, ' ');
	if (left && right)
		cell_at(c, x + 1, y)->ch = 0;
}

int
canvas_put(
    struct canvas *c, struct area a, int x, int y, enum role role, char32_t ch)
{
	char like = c->ascii && ch >= 0x80 ? lookalike(ch) : '\0';
	int cells;

	if (c->ascii && ch == ELLIPSIS)
		return canvas_repeat(c, a, x, y, role, '.', 3);
	ch = shown(c, like != '\0' ? (char32_t)like : ch, &cells);
	if (cells > 0)
		draw(c, a, x, y, role, ch, cells);
	return x + cells;
}

int
canvas_text(struct canvas *c, struct area a, int x, int y, enum role role,
    const char *utf8)
{
	size_t n = strlen(utf8), len;
	char32_t ch;

	while ((len = text_decode(utf8, n, &ch)) > 0) {
		x = canvas_put(c, a, x, y, role, ch);
		utf8 += len;
		n -= len;
	}
	return x;
}

int
canvas_printf(struct canvas *c, struct area a, int x, int y, enum role role,
    const char *fmt, ...)
{
	char text[2048]; /* more than any line of a screen */
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return canvas_text(c, a, x, y, role, text);
}

int
canvas_words(struct canvas *c, struct area a, int x, int y, enum role role,
    const char *utf8)
{
	static const struct area nowhere;
	int room = a.w - x;
	size_t n = strlen(utf8), next;

	if (canvas_text(c, nowhere, 0, 0, role, utf8) <= room)
		return canvas_text(c, a, x, y, role, utf8);
	room -= canvas_text(c, nowhere, 0, 0, role, " …");
	n = room > 0 ? text_wrap(utf8, n, room, &next) : 0;
	if (n > 0 && utf8[n] == ' ')
		x = canvas_printf(c, a, x, y, role, "%.*s ", (int)n, utf8);
	return canvas_text(c, a, x, y, role, "…");
}

int
canvas_right(struct canvas *c, struct area a, int x_end, int y, enum role role,
    const char *utf8)
{
	static const struct area nowhere;
	int x = x_end - canvas_text(c, nowhere, 0, 0, role, utf8);

	canvas_text(c, a, x, y, role, utf8);
	return x > 0 ? x : 0;
}

int
canvas_repeat(struct canvas *c, struct area a, int x, int y, enum role role,
    char32_t ch, int n)
{
	for (int i = 0; i < n; i++)
		x = canvas_put(c, a, x, y, role, ch);
	return x;
}

void
canvas_over(
    struct canvas *c, struct area a, int x, int y, int n, enum role over)
{
	for (int i = x; i < x + n; i++) {
		struct cell *cell = cell_at(c, a.x + i, a.y + y);

		if (cell != NULL && area_has(a, a.x + i, a.y + y))
			cell->over = (uint8_t)over;
	}
}

void
canvas_fill(struct canvas *c, struct area a, enum role role)
{
	for (int y = 0; y < a.h; y++)
		for (int x = 0; x < a.w; x++)
			set_cell(c, a.x + x, a.y + y, role, ' ');
}

void
canvas_set_inks(struct canvas *c, const int32_t *inks, int n)
{
	memcpy(c->ink, inks, (size_t)n * sizeof *inks);
}

int
canvas_ink(struct canvas *c, struct area a, int x, int y, uint8_t fg,
    uint8_t bg, char32_t ch)
{
	struct cell *cell = cell_at(c, a.x + x, a.y + y);
	char like = c->ascii && ch >= 0x80 ? lookalike(ch) : '\0';

	if (cell == NULL || !area_has(a, a.x + x, a.y + y))
		return x + 1;
	set_cell(
	    c, a.x + x, a.y + y, ROLE_TEXT, like != '\0' ? (char32_t)like : ch);
	cell->fg = fg;
	cell->bg = bg;
	return x + 1;
}

int
canvas_bar(struct canvas *c, struct area a, int x, int y, int cells,
    uint64_t value, uint64_t total, enum role filled, enum role rest)
{
	int all = cells > 0 ? cells * 8 : 0, eighths = 0, end = x + all / 8;

	if (value >= total)
		eighths = total > 0 ? all : 0;
	else
		eighths = (int)((double)value / (double)total * all + 0.5);
	if (value > 0 && eighths == 0 && total > 0)
		eighths = 1;
	if (value < total && eighths >= all)
		eighths = all - 1;

	for (; x < end; x++, eighths -= 8) {
		if (eighths >= 8)
			canvas_put(c, a, x, y, filled, FULL_BLOCK);
		else if (eighths > 0)
			canvas_put(c, a, x, y, filled,
			    (char32_t)(FULL_BLOCK + 8 - eighths));
		else
			canvas_put(c, a, x, y, rest, LIGHT_SHADE);
	}
	return x;
}

static int
clamp(int n, int max)
{
	return n < 0 ? 0 : n > max ? max : n;
}

struct area
area_inset(struct area a, int n)
{
	area_left(&a, n);
	area_right(&a, n);
	area_top(&a, n);
	area_bottom(&a, n);
	return a;
}

struct area
area_top(struct area *a, int n)
{
	struct area taken = *a;

	taken.h = clamp(n, a->h);
	a->y += taken.h;
	a->h -= taken.h;
	return taken;
}

struct area
area_bottom(struct area *a, int n)
{
	struct area taken = *a;

	taken.h = clamp(n, a->h);
	a->h -= taken.h;
	taken.y += a->h;
	return taken;
}

struct area
area_left(struct area *a, int n)
{
	struct area taken = *a;

	taken.w = clamp(n, a->w);
	a->x += taken.w;
	a->w -= taken.w;
	return taken;
}

struct area
area_right(struct area *a, int n)
{
	struct area taken = *a;

	taken.w = clamp(n, a->w);
	a->w -= taken.w;
	taken.x += a->w;
	return taken;
}

bool
area_has(struct area a, int x, int y)
{
	return x >= a.x && y >= a.y && x < a.x + a.w && y < a.y + a.h;
}
