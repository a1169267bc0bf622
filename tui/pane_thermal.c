/*
 * The thermal picture, what can be measured in it, and how its link fares: one
 * stream, or two side by side.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "net/base/text.h"
#include "net/thermal_stats.h"
#include "tui/pane.h"

#define PANEL_W 34 /* a column of the panel: its histogram and a margin */
#define BELOW_H 6 /* lines of the panel under a picture */
#define HISTOGRAM_H 4
#define EIGHTHS 8
#define ONE_EIGHTH U'▁' /* followed by two eighths, ... a full block */
#define AUTO_STEP 100 /* an automatic scale's ends, in centi-degrees */
#define AUTO_SLACK 250 /* it shrinks when it is too wide by that */

/* The scale in use; it follows the temperatures without trembling. */
struct scale {
	int low, high;
};

struct pane_thermal {
	struct pane pane;
	int x, y; /* the pixel under the cursor */
	struct scale scale[THERMAL_SHOWN];
	struct area at, picture[THERMAL_SHOWN]; /* as last drawn */
};

/* Lines one below the other, in columns. */
struct panel {
	struct canvas *canvas;
	struct area area; /* the column; of width 0 when all are full */
	struct area rest; /* right of it */
	int y; /* of the next line in the column */
	bool fahrenheit;
};

/* ---- words ---- */

static double
degrees(bool fahrenheit, double centi)
{
	return fahrenheit ? centi / 100 * 9 / 5 + 32 : centi / 100;
}

static char
unit(bool fahrenheit)
{
	return fahrenheit ? 'F' : 'C';
}

/* Move to the next line, with `lines` below each other; false: no room. */
static bool
next_line(struct panel *p, int lines)
{
	while (p->y + lines > p->area.h) {
		if (p->rest.w < PANEL_W || p->area.h < lines)
			return false;
		p->area = area_left(&p->rest, PANEL_W);
		p->y = 0;
	}
	p->y += lines;
	return true;
}

static void __attribute__((format(printf, 3, 4)))
line(struct panel *p, enum role role, const char *fmt, ...)
{
	struct area a = p->area;
	char text[256];
	va_list ap;

	if (!next_line(p, 1))
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	a = p->area;
	canvas_text(p->canvas, a, 0, p->y - 1, role, text);
}

static struct panel
panel_in(struct canvas *c, struct area a, bool fahrenheit)
{
	struct panel p = {.canvas = c, .rest = a, .fahrenheit = fahrenheit};

	/* A last column is as wide as what is left. */
	p.area = a.w < 2 * PANEL_W ? a : area_left(&p.rest, PANEL_W);
	if (a.w < 2 * PANEL_W)
		p.rest.w = 0;
	return p;
}

/* ---- what the picture says ---- */

static void
put_histogram(
    struct panel *p, const struct thermal_frame *f, const struct heatmap *map)
{
	unsigned bins[THERMAL_BINS], most = 1;
	struct area a;

	if (!next_line(p, HISTOGRAM_H))
		return;
	a = p->area;
	a.y += p->y - HISTOGRAM_H;
	thermal_histogram(f, map->low, map->high, bins);
	for (int i = 0; i < THERMAL_BINS; i++)
		most = bins[i] > most ? bins[i] : most;
	for (int i = 0; i < THERMAL_BINS; i++) {
		int tall = (int)(bins[i] * HISTOGRAM_H * EIGHTHS / most);

		if (tall == 0 && bins[i] > 0)
			tall = 1;
		for (int y = HISTOGRAM_H - 1; y >= 0 && tall > 0; y--) {
			int part = tall < EIGHTHS ? tall : EIGHTHS;

			canvas_put(p->canvas, a, i, y, ROLE_PAYLOAD,
			    ONE_EIGHTH + (char32_t)part - 1);
			tall -= part;
		}
	}
}

static void
put_scale(struct panel *p, const struct heatmap *map, bool fixed)
{
	struct area bar;

	if (!next_line(p, 1))
		return;
	bar = (struct area){p->area.x, p->area.y + p->y - 1, THERMAL_BINS, 1};
	if (bar.w > p->area.w)
		bar.w = p->area.w;
	heatmap_scale(p->canvas, bar, map);
	line(p, ROLE_DIM, "%-10.1f%12s%10.1f", degrees(p->fahrenheit, map->low),
	    fixed ? "fixed" : "auto", degrees(p->fahrenheit, map->high));
}

static void
put_temperatures(struct panel *p, const struct pane_thermal *pane,
    const struct thermal_frame *f, const struct heatmap *map, bool fixed)
{
	struct thermal_stats s = thermal_stats(f);
	bool in_f = p->fahrenheit;
	char u = unit(in_f);
	double iqr = (s.q3 - s.q1) / 100 * (in_f ? 1.8 : 1);

	line(p, ROLE_VALUE, "here %7.2f %c  at %d,%d",
	    degrees(in_f, f->centi[pane->y][pane->x]), u, pane->x, pane->y);
	line(p, ROLE_TEXT, "max  %7.2f %c  H at %d,%d", degrees(in_f, s.max), u,
	    s.max_x, s.max_y);
	line(p, ROLE_TEXT, "min  %7.2f %c  C at %d,%d", degrees(in_f, s.min), u,
	    s.min_x, s.min_y);
	line(p, ROLE_TEXT, "mean %7.2f    median %7.2f", degrees(in_f, s.mean),
	    degrees(in_f, s.median));
	line(p, ROLE_TEXT, "IQR  %7.2f", iqr);
	put_histogram(p, f, map);
	put_scale(p, map, fixed);
}

/* ---- how the link fares ---- */

/* What a frame has cost so far on this connection, by what was captured. */
static void
put_cost(struct panel *p, const struct view *v, const struct thermal_stream *s)
{
	const struct ledger *l = capture_ledger(v->capture);
	uint32_t flow = weave_sock_flow(&v->weave, s->sock);
	struct cost sum = {0};
	char bytes[TEXT_NUM_MAX], more[TEXT_NUM_MAX];
	uint64_t n = s->sock_frames;

	for (int dir = 0; dir < 2; dir++) {
		for (int i = 0; i < PURPOSE_COUNT; i++) {
			struct cost c =
			    ledger_flow(l, flow, dir, (enum purpose)i);

			cost_add(&sum, &c);
		}
	}
	if (sum.packets == 0 || n == 0) {
		line(p, ROLE_DIM, "%s B a frame in %u recv()",
		    text_count(bytes, s->bytes), s->pieces);
		return;
	}
	line(p, ROLE_COST, "%s B a frame in %u recv()",
	    text_count(bytes, s->bytes), s->pieces);
	line(p, ROLE_COST, "on the wire %s B, %.1f packets",
	    text_count(more, cost_bytes(&sum) / n),
	    (double)sum.packets / (double)n);
	line(p, ROLE_COST, "headers %" PRIu64 " B, payload %u.%u%%",
	    cost_headers(&sum) / n, cost_share(&sum) / 10,
	    cost_share(&sum) % 10);
}

static void
put_drop(struct panel *p, const struct thermal_drop *d, int64_t now_ns)
{
	time_t at = (time_t)(d->at_ns / CLOCK_S);
	char clock[16], took[TEXT_NUM_MAX], why[THERMAL_DROP_TEXT];
	bool down = d->took_ns == 0;
	struct tm tm;

	localtime_r(&at, &tm);
	strftime(clock, sizeof clock, "%H:%M:%S", &tm);
	text_span(took, down ? now_ns - d->at_ns : d->took_ns);
	line(p, down ? ROLE_BAD : ROLE_WARN, "%s %s %s", clock, took,
	    down ? "so far" : "");
	line(p, ROLE_DIM, "  %s", thermal_drop_text(why, d));
}

static void
put_link(struct panel *p, const struct view *v, const struct thermal_stream *s,
    bool datagrams)
{
	char age[TEXT_NUM_MAX], frames[TEXT_NUM_MAX], text[TEXT_NUM_MAX];
	int64_t next = s->next_try_ns - v->now_ns;

	if (s->any)
		line(p, ROLE_TEXT, "%.1f frames/s  age %s",
		    thermal_stream_rate(s),
		    text_span(age, v->now_ns - s->frame_ns));
	put_cost(p, v, s);
	line(p, ROLE_TEXT, "frames %s", text_count(frames, s->frames));
	if (datagrams)
		line(p, s->torn_sum > 0 ? ROLE_WARN : ROLE_TEXT,
		    "torn %" PRIu64 "  missed %" PRIu64 "%s", s->torn_sum,
		    s->missed_sum, s->torn ? "  TORN" : "");
	if (s->up)
		line(p, ROLE_GOOD, "connected");
	else if (s->drops > 0)
		line(p, ROLE_BAD, "down, next try in %s",
		    text_span(text, next > 0 ? next : 0));
	else
		line(p, ROLE_BLOCKED, "connecting");
	line(p, s->drops > 0 ? ROLE_WARN : ROLE_TEXT,
	    "drops %" PRIu64 "  reconnects %" PRIu64, s->drops,
	    s->connects > 0 ? s->connects - 1 : 0);
}

/* As many drops of the past as there is room for. */
static void
put_history(
    struct panel *p, const struct view *v, const struct thermal_stream *s)
{
	const struct thermal_drop *d;
	uint64_t room = (uint64_t)(p->area.h > p->y ? p->area.h - p->y : 0);

	room += (uint64_t)(p->rest.w / PANEL_W * p->area.h);
	for (uint64_t i = 0; i < room / 2; i++)
		if ((d = thermal_stream_drop(s, i)) != NULL)
			put_drop(p, d, v->now_ns);
}

static void
put_keys(struct panel *p, const struct thermal *t)
{
	if (t->recorder != NULL)
		line(p, ROLE_WARN, "recording %s: %" PRIu64, t->record_path,
		    thermal_recorder_frames(t->recorder));
	line(p, ROLE_LABEL, "l %-8s  o %s", heat_palette_name(t->map.palette),
	    t->map.smooth ? "smooth" : "whole pixels");
	line(p, ROLE_LABEL, "r range  t C/F  m mirror  u flip");
}

/* ---- the picture ---- */

static void
follow(struct scale *s, const struct thermal_frame *f)
{
	struct thermal_stats now = thermal_stats(f);

	if (now.min < s->low || now.min > s->low + AUTO_SLACK ||
	    s->low == s->high)
		s->low = now.min - AUTO_STEP;
	if (now.max > s->high || now.max < s->high - AUTO_SLACK)
		s->high = now.max + AUTO_STEP;
	if (s->low >= s->high)
		s->high = s->low + 1;
}

static struct heatmap
map_of(struct pane_thermal *p, const struct thermal *t, int i)
{
	struct heatmap map = t->map;

	if (!t->fixed) {
		follow(&p->scale[i], &t->shown[i].stream.frame);
		map.low = p->scale[i].low;
		map.high = p->scale[i].high;
	}
	return map;
}

/* Take the picture's part off the area, the panel at its side or below it,
 * whichever leaves the picture larger. */
static struct area
take_picture(struct area *a, bool smooth)
{
	struct area beside = *a, above = *a, picture;

	area_right(&beside, PANEL_W + 1);
	area_bottom(&above, BELOW_H);
	beside = heatmap_fit(beside, smooth);
	above = heatmap_fit(above, smooth);
	picture = beside.w >= above.w ? beside : above;
	if (beside.w >= above.w)
		area_left(a, picture.w + 1);
	else
		area_top(a, picture.h);
	return picture;
}

static void
draw_marks(const struct pane_thermal *p, struct canvas *c, struct area picture,
    const struct heatmap *map, const struct thermal_frame *f)
{
	struct thermal_stats s = thermal_stats(f);

	heatmap_mark(c, picture, map, f, s.min_x, s.min_y, 'C');
	heatmap_mark(c, picture, map, f, s.max_x, s.max_y, 'H');
	heatmap_mark(c, picture, map, f, p->x, p->y, U'┼');
}

static void
draw_stream(struct pane_thermal *p, const struct view *v, struct canvas *c,
    struct area a, int i)
{
	const struct thermal *t = v->thermal;
	const struct thermal_shown *s = &t->shown[i];
	const struct thermal_frame *f = &s->stream.frame;
	struct heatmap map = map_of(p, t, i);
	struct panel panel;
	struct area top;

	if (t->count > 1) {
		top = area_top(&a, 1);
		canvas_text(c, top, 0, 0, ROLE_HEADING, s->name);
	}
	p->picture[i] = take_picture(&a, map.smooth);
	if (s->stream.any && p->picture[i].w > 0 && p->picture[i].h > 0) {
		heatmap_draw(c, p->picture[i], &map, f);
		draw_marks(p, c, p->picture[i], &map, f);
	} else if (p->picture[i].w > 0) {
		canvas_text(
		    c, p->picture[i], 0, 0, ROLE_NOTE, "no frame has come yet");
	}
	panel = panel_in(c, a, t->fahrenheit);
	if (s->stream.any)
		put_temperatures(&panel, p, f, &map, t->fixed);
	put_link(&panel, v, &s->stream, s->name[0] == 'u');
	put_keys(&panel, t);
	put_history(&panel, v, &s->stream);
}

static void
thermal_draw(
    struct pane *pane, const struct view *v, struct canvas *c, struct area a)
{
	struct pane_thermal *p = (struct pane_thermal *)pane;
	const struct thermal *t = v->thermal;
	struct area first;

	p->at = a;
	if (t->count == 0) {
		canvas_text(c, a, 1, 0, ROLE_NOTE,
		    t->waiting ? "the camera is being started"
			       : ":thermal shows a camera's picture, "
				 ":thermal TRANSPORT ADDRESS another one's");
		return;
	}
	if (t->count == 1) {
		draw_stream(p, v, c, a, 0);
		return;
	}
	first = a.w >= 2 * THERMAL_W + 1 ? area_left(&a, a.w / 2)
					 : area_top(&a, a.h / 2);
	if (first.h == a.h)
		first.w--;
	draw_stream(p, v, c, first, 0);
	draw_stream(p, v, c, a, 1);
}

static void
thermal_title(
    const struct pane *pane, const struct view *v, char *dst, size_t size)
{
	const struct thermal *t = v->thermal;

	(void)pane;
	if (t->count == 0)
		snprintf(dst, size, "Thermal");
	else
		snprintf(dst, size, "Thermal  %s%s%s", t->shown[0].name,
		    t->count > 1 ? "  |  " : "",
		    t->count > 1 ? t->shown[1].name : "");
}

/* A frame grows old, a drop long: once a second. */
static uint64_t
thermal_gen(const struct pane *pane, const struct view *v)
{
	(void)pane;
	return v->thermal->gen * 64 +
	       (v->thermal->count > 0 ? (uint64_t)(v->now_ns / CLOCK_S) : 0);
}

/* ---- the cursor ---- */

static int
clamp(int n, int max)
{
	return n < 0 ? 0 : n > max ? max : n;
}

static bool
thermal_steer(struct pane *pane, const struct view *v, enum list_move m)
{
	struct pane_thermal *p = (struct pane_thermal *)pane;
	const struct heatmap *map = &v->thermal->map;
	int right = map->mirror ? -1 : 1, down = map->flip ? -1 : 1;

	if (m == MOVE_LEFT || m == MOVE_RIGHT)
		p->x += m == MOVE_LEFT ? -right : right;
	else if (m == MOVE_UP || m == MOVE_DOWN)
		p->y += m == MOVE_UP ? -down : down;
	p->x = clamp(p->x, THERMAL_W - 1);
	p->y = clamp(p->y, THERMAL_H - 1);
	return true;
}

static void
thermal_click(struct pane *pane, const struct view *v, int x, int y)
{
	struct pane_thermal *p = (struct pane_thermal *)pane;

	x += p->at.x;
	y += p->at.y;
	for (int i = 0; i < v->thermal->count; i++) {
		struct area a = p->picture[i];

		if (area_has(a, x, y))
			heatmap_pixel(a, &v->thermal->map, x - a.x, y - a.y,
			    &p->x, &p->y);
	}
}

static const char *
thermal_key(const struct pane *pane, uint32_t code)
{
	(void)pane;
	switch (code) {
	case 'l':
		return "thermal palette";
	case 'o':
		return "thermal smooth";
	case 'm':
		return "thermal mirror";
	case 'u':
		return "thermal flip";
	case 'r':
		return "thermal range";
	case 't':
		return "thermal unit";
	default:
		return NULL;
	}
}

/* ---- as a list: it has one row, what is under the cursor ---- */

static uint64_t
no_row(const struct pane *pane, const struct view *v, uint64_t id)
{
	(void)pane;
	(void)v;
	(void)id;
	return 0;
}

static void
thermal_row_text(const struct pane *pane, const struct view *v, uint64_t id,
    char dst[PANE_TEXT_MAX])
{
	const struct pane_thermal *p = (const struct pane_thermal *)pane;
	const struct thermal *t = v->thermal;

	(void)id;
	dst[0] = '\0';
	if (t->count > 0 && t->shown[0].stream.any)
		snprintf(dst, PANE_TEXT_MAX, "%.2f %c at %d,%d",
		    degrees(t->fahrenheit,
			t->shown[0].stream.frame.centi[p->y][p->x]),
		    unit(t->fahrenheit), p->x, p->y);
}

static struct selection
thermal_selected(const struct pane *pane, const struct view *v)
{
	(void)pane;
	(void)v;
	return (struct selection){.kind = SELECTED_NONE};
}

static void
thermal_free(struct pane *pane)
{
	free(pane);
}

struct pane *
pane_thermal_new(void)
{
	static const struct pane_ops ops = {
	    .gen = thermal_gen,
	    .title = thermal_title,
	    .draw = thermal_draw,
	    .next = no_row,
	    .prev = no_row,
	    .row_text = thermal_row_text,
	    .selected = thermal_selected,
	    .steer = thermal_steer,
	    .click = thermal_click,
	    .key = thermal_key,
	    .free = thermal_free,
	};
	struct pane_thermal *p = calloc(1, sizeof *p);

	if (p == NULL)
		return NULL;
	p->pane.ops = &ops;
	p->pane.list.selected = 1;
	p->x = THERMAL_W / 2;
	p->y = THERMAL_H / 2;
	return &p->pane;
}
