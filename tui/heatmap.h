/*
 * tui/heatmap.h - a thermal frame as cells: pure drawing.
 *
 * With inks each cell shows two points, one above the other, by an upper half
 * block; where both look alike a blank in that colour, which is half as long to
 * send. Without inks (fewer than 256 colours, no colours, a theme without) each
 * cell is an ASCII shade of the two.
 *
 * Owns:   nothing.  Thread: main.  Blocks: never.
 */
#ifndef SOCKDECK_TUI_HEATMAP_H
#define SOCKDECK_TUI_HEATMAP_H

#include "net/proto/thermal.h"
#include "tui/canvas.h"

enum heat_palette {
	HEAT_RAMP, /* black, blue, green, yellow, red, magenta, white */
	HEAT_IRON,
	HEAT_GREY,
	HEAT_VIRIDIS,
	HEAT_COUNT
};
const char *heat_palette_name(enum heat_palette p);
bool heat_palette_parse(const char *name, enum heat_palette *ret);

struct heatmap {
	enum heat_palette palette;
	bool smooth; /* bilinear; else each pixel a rectangle */
	bool mirror, flip; /* left and right, top and bottom exchanged */
	int low,
	    high; /* centi-degrees of the first and last colour; low < high */
};

/* The part of a that a picture of the right proportions takes, at its top
 * left: by a whole factor where one fits, unless it is smooth. */
struct area heatmap_fit(struct area a, bool smooth);
/* How often a pixel is as wide as a cell in such an area; 0: it is shrunk. */
int heatmap_factor(struct area picture);
/* Fill the picture's area. Sets the canvas's inks. */
void heatmap_draw(struct canvas *c, struct area picture,
    const struct heatmap *h, const struct thermal_frame *f);
/* The palette itself, from low at the left to high, over the area's width. */
void heatmap_scale(struct canvas *c, struct area a, const struct heatmap *h);
/* The pixel that is shown at (x, y) of the picture. */
void heatmap_pixel(struct area picture, const struct heatmap *h, int x, int y,
    int *ret_px, int *ret_py);
/* Put a character onto the middle of a pixel, readable on its colour. */
void heatmap_mark(struct canvas *c, struct area picture,
    const struct heatmap *h, const struct thermal_frame *f, int px, int py,
    char32_t ch);

#endif
