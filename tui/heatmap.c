#include "tui/heatmap.h"

#include <string.h>

#define POINTS 2 /* in a cell, one above the other */
#define RAMP_INKS 238 /* of CANVAS_INKS; then black and white */
#define INK_BLACK 239
#define INK_WHITE 240
#define ONE 256 /* weights of interpolation */
#define WIDTH_MAX 1024 /* cells of a picture, at most */
#define STOPS_MAX 10

static const char shades[] = " .:-=+*#%@";

struct stops {
	const char *name;
	int count;
	uint8_t rgb[STOPS_MAX][3]; /* evenly apart */
};

static const struct stops palettes[HEAT_COUNT] = {
    [HEAT_RAMP] = {"ramp", 7,
	{{0, 0, 0}, {0, 0, 255}, {0, 255, 0}, {255, 255, 0}, {255, 0, 0},
	    {255, 0, 255}, {255, 255, 255}}},
    [HEAT_IRON] = {"iron", 8,
	{{0, 0, 0}, {32, 0, 140}, {120, 0, 160}, {200, 30, 120}, {235, 90, 30},
	    {255, 160, 0}, {255, 220, 90}, {255, 255, 255}}},
    [HEAT_GREY] = {"grey", 2, {{0, 0, 0}, {255, 255, 255}}},
    /* S. van der Walt, N. Smith: matplotlib's viridis, every 28th colour */
    [HEAT_VIRIDIS] = {"viridis", 10,
	{{68, 1, 84}, {72, 40, 120}, {62, 74, 137}, {49, 104, 142},
	    {38, 130, 142}, {31, 158, 137}, {53, 183, 121}, {109, 205, 89},
	    {180, 222, 44}, {253, 231, 37}}},
};

const char *
heat_palette_name(enum heat_palette p)
{
	return palettes[p].name;
}

bool
heat_palette_parse(const char *name, enum heat_palette *ret)
{
	for (int p = 0; p < HEAT_COUNT; p++) {
		if (strcmp(name, palettes[p].name) != 0)
			continue;
		*ret = (enum heat_palette)p;
		return true;
	}
	return false;
}

/* ---- colours ---- */

static int32_t
blend(const struct stops *s, int i)
{
	int at = i * (s->count - 1) * ONE / (RAMP_INKS - 1);
	int stop = at / ONE < s->count - 1 ? at / ONE : s->count - 2;
	int32_t color = THEME_RGB;

	for (int k = 0; k < 3; k++) {
		int from = s->rgb[stop][k], to = s->rgb[stop + 1][k];
		int value = from + (to - from) * (at - stop * ONE) / ONE;

		color |= value << (16 - 8 * k);
	}
	return color;
}

static void
set_inks(struct canvas *c, enum heat_palette p)
{
	int32_t inks[CANVAS_INKS];

	for (int i = 0; i < RAMP_INKS; i++)
		inks[i] = blend(&palettes[p], i);
	inks[INK_BLACK - 1] = THEME_RGB;
	inks[INK_WHITE - 1] = THEME_RGB | 0xFFFFFF;
	canvas_set_inks(c, inks, CANVAS_INKS);
}

/* The scale in steps: inks or shades. */
struct steps {
	int low, count;
	int64_t each; /* steps in a centi-degree, times 2^32, rounded up */
};

static struct steps
steps_of(const struct heatmap *h, int count)
{
	int64_t range = h->high - h->low;

	return (struct steps){
	    h->low, count, (((int64_t)count << 32) + range - 1) / range};
}

/* From 0 to count - 1. Exact: what rounding up adds, at most range / 2^32, is
 * less than 1 / range. */
static int
step(const struct steps *s, int centi)
{
	int n = (int)((centi - s->low) * s->each >> 32);

	return n < 0 ? 0 : n < s->count ? n : s->count - 1;
}

static uint8_t
ink_of(const struct heatmap *h, int centi)
{
	struct steps s = steps_of(h, RAMP_INKS);

	return (uint8_t)(1 + step(&s, centi));
}

/* ITU-R BT.601: what is bright is written on in black. */
static uint8_t
contrast(const struct canvas *c, uint8_t ink)
{
	int32_t rgb = c->ink[ink - 1];
	int light = 299 * (rgb >> 16 & 0xFF) + 587 * (rgb >> 8 & 0xFF) +
		    114 * (rgb & 0xFF);

	return light > 128 * 1000 ? INK_BLACK : INK_WHITE;
}

/* ---- geometry ---- */

int
heatmap_factor(struct area picture)
{
	return picture.w % THERMAL_W == 0 &&
		       picture.h * POINTS * THERMAL_W == picture.w * THERMAL_H
		   ? picture.w / THERMAL_W
		   : 0;
}

struct area
heatmap_fit(struct area a, bool smooth)
{
	int factor = a.w / THERMAL_W;
	struct area fit = a;

	if (factor > a.h * POINTS / THERMAL_H)
		factor = a.h * POINTS / THERMAL_H;
	if (factor > 0 && !smooth) {
		fit.w = factor * THERMAL_W;
		fit.h = factor * THERMAL_H / POINTS;
		return fit;
	}
	if (fit.w > WIDTH_MAX)
		fit.w = WIDTH_MAX;
	if (fit.w * THERMAL_H > fit.h * POINTS * THERMAL_W)
		fit.w = fit.h * POINTS * THERMAL_W / THERMAL_H;
	fit.h = fit.w * THERMAL_H / THERMAL_W / POINTS;
	return fit;
}

void
heatmap_pixel(struct area picture, const struct heatmap *h, int x, int y,
    int *ret_px, int *ret_py)
{
	int px = (2 * x + 1) * THERMAL_W / (2 * picture.w);
	int py = (2 * y + 1) * THERMAL_H / (2 * picture.h);

	*ret_px = h->mirror ? THERMAL_W - 1 - px : px;
	*ret_py = h->flip ? THERMAL_H - 1 - py : py;
}

/* ---- sampling ---- */

/* Of n pixels the two between which point i of `points` lies. */
struct between {
	int a, b;
	int weight; /* of b, in ONE */
};

static struct between
between(int i, int points, int n, bool turned, bool smooth)
{
	struct between at = {.weight = 0};
	int mid = (2 * i + 1) * n * (ONE / 2) / points; /* the point's middle */

	if (smooth) {
		int left = mid - ONE / 2;

		at.a = left < 0 ? 0 : left / ONE;
		at.b = at.a < n - 1 ? at.a + 1 : at.a;
		at.weight = left < 0 ? 0 : left % ONE;
	} else {
		at.a = at.b = mid / ONE;
	}
	if (turned) {
		at.a = n - 1 - at.a;
		at.b = n - 1 - at.b;
	}
	return at;
}

static int
mix(int a, int b, int weight)
{
	return a + (b - a) * weight / ONE;
}

/* One line of points: first a line of pixels between two, then across. */
static void
sample_line(const struct heatmap *h, const struct thermal_frame *f,
    struct between y, const struct between *xs, int w, int *ret)
{
	int line[THERMAL_W];

	for (int x = 0; x < THERMAL_W; x++)
		line[x] = mix(f->centi[y.a][x], f->centi[y.b][x], y.weight);
	for (int i = 0; i < w; i++)
		ret[i] = h->smooth
			     ? mix(line[xs[i].a], line[xs[i].b], xs[i].weight)
			     : line[xs[i].a];
}

/* ---- drawing ---- */

static struct steps
steps_on(const struct canvas *c, const struct heatmap *h)
{
	return steps_of(h, c->inks ? RAMP_INKS : (int)sizeof shades - 1);
}

static void
draw_cell(struct canvas *c, struct area a, int x, int y, const struct steps *s,
    int upper, int lower)
{
	if (c->inks) {
		uint8_t fg = (uint8_t)(1 + step(s, upper));
		uint8_t bg = (uint8_t)(1 + step(s, lower));

		if (fg == bg)
			canvas_ink(c, a, x, y, 0, bg, ' ');
		else
			canvas_ink(c, a, x, y, fg, bg, U'▀');
	} else {
		canvas_put(c, a, x, y, ROLE_TEXT,
		    (char32_t)shades[step(s, (upper + lower) / 2)]);
	}
}

void
heatmap_draw(struct canvas *c, struct area picture, const struct heatmap *h,
    const struct thermal_frame *f)
{
	struct between xs[WIDTH_MAX];
	int upper[WIDTH_MAX], lower[WIDTH_MAX];
	int w = picture.w < WIDTH_MAX ? picture.w : WIDTH_MAX;
	int lines = picture.h * POINTS;
	struct steps s = steps_on(c, h);

	set_inks(c, h->palette);
	for (int x = 0; x < w; x++)
		xs[x] = between(x, w, THERMAL_W, h->mirror, h->smooth);
	for (int y = 0; y < picture.h; y++) {
		int i = y * POINTS;

		sample_line(h, f,
		    between(i, lines, THERMAL_H, h->flip, h->smooth), xs, w,
		    upper);
		sample_line(h, f,
		    between(i + 1, lines, THERMAL_H, h->flip, h->smooth), xs, w,
		    lower);
		for (int x = 0; x < w; x++)
			draw_cell(c, picture, x, y, &s, upper[x], lower[x]);
	}
}

void
heatmap_scale(struct canvas *c, struct area a, const struct heatmap *h)
{
	struct steps s = steps_on(c, h);

	set_inks(c, h->palette);
	for (int x = 0; x < a.w; x++) {
		int centi =
		    h->low + (h->high - h->low) * (2 * x + 1) / (2 * a.w);

		draw_cell(c, a, x, 0, &s, centi, centi);
	}
}

void
heatmap_mark(struct canvas *c, struct area picture, const struct heatmap *h,
    const struct thermal_frame *f, int px, int py, char32_t ch)
{
	uint8_t ink = ink_of(h, f->centi[py][px]);
	int x = h->mirror ? THERMAL_W - 1 - px : px;
	int y = h->flip ? THERMAL_H - 1 - py : py;

	x = (2 * x + 1) * picture.w / (2 * THERMAL_W);
	y = (2 * y + 1) * picture.h / (2 * THERMAL_H);
	if (c->inks)
		canvas_ink(c, picture, x, y, contrast(c, ink), ink, ch);
	else
		canvas_put(c, picture, x, y, ROLE_TITLE_FOCUS, ch);
}
