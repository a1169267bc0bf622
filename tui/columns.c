#include "tui/columns.h"

#include "net/base/text.h"

#define GAP_MAX 3 /* blanks before a column */

void
columns_measure(struct columns *t, int i, const char *text)
{
	int cells = text_cells(text);

	if (cells > t->cells[i])
		t->cells[i] = cells;
}

int
columns_cells(const struct columns *t, unsigned set)
{
	int sum = 0;

	for (int i = 0; i < COLUMNS_MAX; i++)
		if ((set & COLUMN(i)) != 0)
			sum += 1 + t->cells[i];
	return sum;
}

unsigned
columns_choose(
    const struct columns *t, const unsigned *choices, size_t count, int room)
{
	for (size_t i = 0; i < count; i++)
		if (columns_cells(t, choices[i]) <= room)
			return choices[i];
	return 0;
}

void
columns_place(struct columns *t, unsigned set, int x, int width)
{
	int spare = width - x - columns_cells(t, set), count = 0, gap;

	for (int i = 0; i < COLUMNS_MAX; i++)
		count += (set & COLUMN(i)) != 0;
	gap = count > 0 && spare > 0 ? 1 + spare / count : 1;
	if (gap > GAP_MAX)
		gap = GAP_MAX;
	for (int i = 0; i < COLUMNS_MAX; i++) {
		t->end[i] = 0;
		if ((set & COLUMN(i)) != 0)
			t->end[i] = x += gap + t->cells[i];
	}
}
