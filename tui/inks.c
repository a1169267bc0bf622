#include "tui/inks.h"

#include <string.h>

#include "tui/palette.h"

bool
inks_take(struct inks *k, const int32_t table[CANVAS_INKS], int colors)
{
	if (memcmp(k->table, table, sizeof k->table) == 0)
		return false;
	memcpy(k->table, table, sizeof k->table);
	memset(k->pair, 0, sizeof k->pair);
	k->pairs = 0;
	k->color[0] = THEME_DEFAULT;
	k->same[0] = 0;
	for (int i = 1; i <= CANVAS_INKS; i++) {
		int same = 1;

		k->color[i] = palette_color(table[i - 1], colors);
		while (k->color[same] != k->color[i])
			same++;
		k->same[i] = (uint8_t)same;
	}
	return true;
}

bool
inks_pair(struct inks *k, uint8_t fg, uint8_t bg, int max, struct ink_pair *ret)
{
	uint8_t f = k->same[fg], b = k->same[bg];
	uint16_t *pair = &k->pair[f][b];
	bool fresh = *pair == 0;

	if (fresh && k->pairs >= max)
		return false;
	if (fresh)
		*pair = (uint16_t)++k->pairs;
	*ret = (struct ink_pair){*pair - 1, fresh, k->color[f], k->color[b]};
	return true;
}
