#include "tui/palette.h"

#include <stdlib.h>

enum { BLACK, BLUE = 4, CYAN = 6, YELLOW = 3, WHITE = 7 };

struct rgb {
	int r, g, b;
};

static const int cube_steps[6] = {0, 95, 135, 175, 215, 255};

static struct rgb
rgb_of(int32_t color)
{
	if ((color & THEME_RGB) != 0)
		return (struct rgb){
		    color >> 16 & 0xFF, color >> 8 & 0xFF, color & 0xFF};
	if (color >= 232) {
		int grey = 8 + 10 * (color - 232);

		return (struct rgb){grey, grey, grey};
	}
	if (color >= 16) {
		color -= 16;
		return (struct rgb){cube_steps[color / 36],
		    cube_steps[color / 6 % 6], cube_steps[color % 6]};
	}
	/* What users make of the first 16 varies; this is xterm's idea. */
	int on = color >= 8 ? 255 : 205, off = color == 8 ? 127 : 0;

	return (struct rgb){
	    color & 1 ? on : off, color & 2 ? on : off, color & 4 ? on : off};
}

static int
cube_step(int value)
{
	int best = 0;

	for (int i = 1; i < 6; i++)
		if (abs(cube_steps[i] - value) < abs(cube_steps[best] - value))
			best = i;
	return best;
}

static int
distance(struct rgb a, struct rgb b)
{
	int r = a.r - b.r, g = a.g - b.g, blue = a.b - b.b;

	return r * r + g * g + blue * blue;
}

/* Among 16 to 255, since the others look different everywhere. */
static int32_t
nearest_of_256(struct rgb c)
{
	int32_t cube =
	    16 + 36 * cube_step(c.r) + 6 * cube_step(c.g) + cube_step(c.b);
	int level = ((c.r + c.g + c.b) / 3 - 3) / 10;
	int32_t grey = 232 + (level < 0 ? 0 : level > 23 ? 23 : level);

	return distance(c, rgb_of(grey)) < distance(c, rgb_of(cube)) ? grey
								     : cube;
}

/*
 * By hue: the nearest in distance would make black of every dark colour. A
 * third of the way up counts as lit, so that orange becomes yellow and not the
 * red of errors, and sky blue cyan and not a blue that nobody can read on
 * black. Greys become the default colour, good on dark and light terminals.
 */
static int32_t
nearest_of_16(struct rgb c, int colors)
{
	int max = c.r > c.g ? c.r : c.g, min = c.r < c.g ? c.r : c.g;
	int lit;

	max = max > c.b ? max : c.b;
	min = min < c.b ? min : c.b;
	if (max - min < 48)
		return THEME_DEFAULT;
	lit = min + (max - min) / 3;
	return (c.r >= lit ? 1 : 0) + (c.g >= lit ? 2 : 0) +
	       (c.b >= lit ? 4 : 0) + (colors >= 16 && max > 200 ? 8 : 0);
}

int32_t
palette_color(int32_t color, int colors)
{
	struct rgb c;

	if (color < 0 || colors < 8)
		return THEME_DEFAULT;
	if (color < 8 || (color < 16 && colors >= 16 && colors <= 256))
		return color;
	if (color < 16 && colors < 16)
		return color - 8;
	if (color < 256 && colors == 256)
		return color;
	c = rgb_of(color);
	if (colors < 256)
		return nearest_of_16(c, colors);
	if (colors == 256)
		return nearest_of_256(c);
	color = c.r << 16 | c.g << 8 | c.b;
	return color < 8 ? BLACK : color;
}

/* Overlays for terminals that lack a theme's colours for them. */
static struct look
plain_overlay(enum role over)
{
	if (over == ROLE_SELECTED)
		return (struct look){WHITE, BLUE, LOOK_BOLD};
	if (over == ROLE_LIT)
		return (struct look){BLACK, CYAN, 0};
	return (struct look){BLACK, YELLOW, 0};
}

static int32_t
keep(int32_t color, int32_t under)
{
	return color == THEME_KEEP ? under : color;
}

struct look
palette_look(const struct theme *t, enum role role, enum role over, int colors)
{
	const struct look *text = &t->look[ROLE_TEXT];
	struct look look = t->look[role];

	look.fg = keep(keep(look.fg, text->fg), THEME_DEFAULT);
	look.bg = keep(keep(look.bg, text->bg), THEME_DEFAULT);
	if (over != ROLE_TEXT) {
		struct look o = t->look[over];

		if (colors >= 8 && colors < 256 &&
		    (o.fg >= colors || o.bg >= colors))
			o = plain_overlay(over);
		look.fg = keep(o.fg, look.fg);
		look.bg = keep(o.bg, look.bg);
		look.attrs |= o.attrs;
	}
	/* A bright colour of a terminal without them was always bold. */
	if (look.fg >= 8 && look.fg < 16 && colors < 16)
		look.attrs |= LOOK_BOLD;
	look.fg = palette_color(look.fg, colors);
	look.bg = palette_color(look.bg, colors);
	return look;
}
