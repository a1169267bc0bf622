#include "tui/braille.h"

#include <stdlib.h>
#include <string.h>

/* The bit of a dot, by its column and row: the lowest row came later. */
static const uint8_t bit_of[BRAILLE_Y][BRAILLE_X] = {
    {0x01, 0x08},
    {0x02, 0x10},
    {0x04, 0x20},
    {0x40, 0x80},
};

void
braille_init(struct braille *b)
{
	*b = (struct braille){0};
}

void
braille_done(struct braille *b)
{
	free(b->cells);
	*b = (struct braille){0};
}

bool
braille_reset(struct braille *b, int cells_w, int cells_h)
{
	size_t need;
	void *cells;

	b->w = b->h = b->cells_w = b->cells_h = 0;
	if (cells_w <= 0 || cells_h <= 0)
		return true;
	if (cells_w > BRAILLE_CELLS_MAX / 2)
		cells_w = BRAILLE_CELLS_MAX / 2;
	if (cells_h > BRAILLE_CELLS_MAX / cells_w)
		cells_h = BRAILLE_CELLS_MAX / cells_w;
	need = (size_t)cells_w * (size_t)cells_h;
	if (need > b->room) {
		cells = realloc(b->cells, need * sizeof *b->cells);
		if (cells == NULL)
			return false;
		b->cells = cells;
		b->room = need;
	}
	memset(b->cells, 0, need * sizeof *b->cells);
	b->cells_w = cells_w;
	b->cells_h = cells_h;
	b->w = cells_w * BRAILLE_X;
	b->h = cells_h * BRAILLE_Y;
	return true;
}

static struct braille_cell *
cell_at(const struct braille *b, int x, int y)
{
	if (x < 0 || y < 0 || x >= b->w || y >= b->h)
		return NULL;
	return &b->cells[y / BRAILLE_Y * b->cells_w + x / BRAILLE_X];
}

void
braille_dot(struct braille *b, int x, int y, enum role role, int layer)
{
	struct braille_cell *cell = cell_at(b, x, y);

	if (cell == NULL)
		return;
	if (cell->dots == 0 || layer >= cell->layer) {
		cell->role = (uint8_t)role;
		cell->layer = (uint8_t)layer;
	}
	cell->dots |= bit_of[y % BRAILLE_Y][x % BRAILLE_X];
}

bool
braille_has(const struct braille *b, int x, int y)
{
	const struct braille_cell *cell = cell_at(b, x, y);

	return cell != NULL &&
	       (cell->dots & bit_of[y % BRAILLE_Y][x % BRAILLE_X]) != 0;
}

/* So far outside that the steps of a line would be counted in vain. */
static int
clamp(int n, int size)
{
	return n < -size - 1 ? -size - 1 : n > 2 * size ? 2 * size : n;
}

void
braille_line(struct braille *b, int x0, int y0, int x1, int y1, enum role role,
    int layer)
{
	int dx, dy, step_x, step_y, error;

	x0 = clamp(x0, b->w);
	x1 = clamp(x1, b->w);
	y0 = clamp(y0, b->h);
	y1 = clamp(y1, b->h);
	dx = abs(x1 - x0);
	dy = -abs(y1 - y0);
	step_x = x0 < x1 ? 1 : -1;
	step_y = y0 < y1 ? 1 : -1;
	error = dx + dy;
	for (;;) {
		int twice = 2 * error;

		braille_dot(b, x0, y0, role, layer);
		if (x0 == x1 && y0 == y1)
			return;
		if (twice >= dy) {
			error += dy;
			x0 += step_x;
		}
		if (twice <= dx) {
			error += dx;
			y0 += step_y;
		}
	}
}

static char32_t
ascii_of(unsigned dots)
{
	int n = __builtin_popcount(dots);

	return n <= 2 ? U'.' : n <= 5 ? U':' : U'#';
}

void
braille_draw(const struct braille *b, struct canvas *c, struct area a)
{
	for (int y = 0; y < b->cells_h && y < a.h; y++) {
		for (int x = 0; x < b->cells_w && x < a.w; x++) {
			const struct braille_cell *cell =
			    &b->cells[y * b->cells_w + x];

			if (cell->dots == 0)
				continue;
			canvas_put(c, a, x, y, (enum role)cell->role,
			    c->ascii ? ascii_of(cell->dots)
				     : 0x2800u + cell->dots);
		}
	}
}
