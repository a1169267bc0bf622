/*
 * The rulers: what one end wrote, the segments that carried it, what the other
 * end read, to scale under each other along the bytes of the stream. TCP has no
 * messages: here is where one write becomes two segments, three writes one.
 *
 * A stream longer than the pane is wide goes on in the next band below. Rows of
 * the list are the segments: the selected one is lit, and its band is in sight.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/base/text.h"
#include "tui/packetfmt.h"

#define CELLS 8 /* of a segment of average length, if not all of it fits */
#define ZOOM_MAX 8
#define LINE_MAX 512
#define CALLS_MAX JOURNAL_CALLS

/* Bytes that a call moved. */
struct moved {
	uint64_t from, to;
	uint32_t call;
};

struct moves {
	struct moved *at;
	size_t count;
};

/* cells / bytes, as a fraction, from this offset on. */
struct scale {
	uint64_t cells, bytes, begin;
};

struct pane_rulers {
	struct pane pane;
	/* Row ids are places of stretches plus 1. */
	int dir, zoom;
	uint32_t flow;
	uint64_t top; /* band */
	struct moves writes[2], reads[2]; /* by direction of the bytes */
	uint64_t made_of; /* generation of the journal, plus 1 */
};

/* ---- the calls of the conversation ---- */

static void
add_move(struct moves *m, uint64_t from, uint64_t to, uint32_t call)
{
	if (from < to && m->count < CALLS_MAX)
		m->at[m->count++] = (struct moved){from, to, call};
}

static bool
receives(const struct call *c)
{
	return call_receives(c) && !c->peek;
}

static void
make_moves(struct pane_rulers *p, const struct view *v)
{
	const struct journal *j = v->journal;
	uint64_t now = journal_gen(j) + capture_gen(v->capture) + 1;

	if (p->made_of == now)
		return;
	p->made_of = now;
	for (int dir = 0; dir < 2; dir++)
		p->writes[dir].count = p->reads[dir].count = 0;
	for (uint32_t e = journal_first(j); e < journal_next(j); e++) {
		const struct call *c = journal_at(j, e);
		struct woven w;

		if (c == NULL || (!call_sends(c) && !receives(c)))
			continue;
		w = weave_call(&v->weave, c);
		if (w.flow == p->flow && w.flow != 0)
			add_move(call_sends(c) ? &p->writes[w.dir]
					       : &p->reads[w.dir],
			    w.from, w.to, c->id);
	}
}

/* ---- the scale ---- */

static struct scale
scale_of(const struct pane_rulers *p, const struct view *v, int width)
{
	uint64_t begin = stream_begin(v->stream, p->dir);
	uint64_t bytes = stream_end(v->stream, p->dir) - begin;
	uint64_t parts = stream_stretches(v->stream, p->dir);
	struct scale s;

	if (p->writes[p->dir].count > parts)
		parts = p->writes[p->dir].count;
	if (p->reads[p->dir].count > parts)
		parts = p->reads[p->dir].count;
	if (bytes == 0 || parts == 0)
		return (struct scale){1, 1, begin};
	s = (struct scale){(uint64_t)width - 1, bytes, begin};
	if (parts * CELLS > (uint64_t)width)
		s = (struct scale){parts * CELLS, bytes, begin};
	if (p->zoom > 0)
		s.cells <<= p->zoom;
	else
		s.bytes <<= -p->zoom;
	return s;
}

/* In floating point: a stream has up to 2^44 bytes, a cell may have any part. */
static uint64_t
cell_of(const struct scale *s, uint64_t off)
{
	off = off > s->begin ? off - s->begin : 0;
	return (uint64_t)((double)off * (double)s->cells / (double)s->bytes);
}

/* An offset at the beginning of this cell. */
static uint64_t
off_of(const struct scale *s, uint64_t cell)
{
	return s->begin + (uint64_t)ceil((double)cell * (double)s->bytes /
					 (double)s->cells);
}

/* ---- one ruler ---- */

struct line {
	struct canvas *canvas;
	struct area area; /* one line, width cells + 1 */
	struct scale scale;
	uint64_t begin; /* cell at its left end */
	uint64_t lit_from, lit_to; /* bytes */
	bool closed[LINE_MAX + 1]; /* a part ends in this cell */
	enum role role;
	char32_t fill;
};

/* Draw bytes [from, to) as a part of the ruler: ├──300──┤ */
static void
draw_part(struct line *l, uint64_t from, uint64_t to)
{
	uint64_t first = cell_of(&l->scale, from), last;
	int width = l->area.w, x0, x1, len;
	char text[TEXT_NUM_MAX];

	last = cell_of(&l->scale, to);
	if (last < l->begin || first >= l->begin + (uint64_t)width)
		return;
	x0 = first < l->begin ? -1 : (int)(first - l->begin);
	x1 =
	    last - l->begin >= (uint64_t)width ? width : (int)(last - l->begin);
	canvas_repeat(l->canvas, l->area, x0 < 0 ? 0 : x0, 0, l->role, l->fill,
	    x1 - (x0 < 0 ? 0 : x0));
	if (x0 >= 0 && x0 == x1)
		canvas_put(l->canvas, l->area, x0, 0, l->role, U'│');
	else if (x0 >= 0)
		canvas_put(l->canvas, l->area, x0, 0, l->role,
		    l->closed[x0] ? U'┼' : U'├');
	if (x1 < width && x0 != x1) {
		canvas_put(l->canvas, l->area, x1, 0, l->role, U'┤');
		l->closed[x1] = true;
	}
	len = (int)strlen(text_count(text, to - from));
	if (x1 - x0 > len)
		canvas_text(l->canvas, l->area, x0 + (x1 - x0 - len + 1) / 2, 0,
		    l->role, text);
	if (from < l->lit_to && l->lit_from < to)
		canvas_over(l->canvas, l->area, x0 < 0 ? 0 : x0, 0,
		    x1 - (x0 < 0 ? 0 : x0) + (x1 < width), ROLE_LIT);
}

static void
draw_moves(struct line *l, const struct moves *m)
{
	for (size_t i = 0; i < m->count; i++)
		draw_part(l, m->at[i].from, m->at[i].to);
}

/* Of many segments within one cell only the first is looked at. */
static void
draw_segments(struct line *l, const struct stream *s, int dir)
{
	uint64_t end = off_of(&l->scale, l->begin + (uint64_t)l->area.w);
	uint64_t off = off_of(&l->scale, l->begin);
	size_t i = stream_stretch_at(s, dir, off > 0 ? off - 1 : 0);

	while (i < stream_stretches(s, dir)) {
		struct stretch t = stream_stretch(s, dir, i);
		uint64_t cell = cell_of(&l->scale, t.to);
		size_t beyond;

		if (t.from >= end)
			return;
		draw_part(l, t.from, t.to);
		beyond =
		    cell == cell_of(&l->scale, t.from)
			? stream_stretch_at(s, dir, off_of(&l->scale, cell + 1))
			: 0;
		i = beyond > i ? beyond : i + 1;
	}
}

static void
draw_echoes(struct line *l, const struct stream *s, int dir)
{
	for (size_t i = 0; i < stream_echoes(s, dir); i++) {
		struct stretch t = stream_echo(s, dir, i);

		draw_part(l, t.from, t.to);
	}
}

/* ---- bands ---- */

#define LABEL 9

struct band {
	const struct pane_rulers *p;
	const struct view *v;
	struct scale scale;
	uint64_t lit_from, lit_to;
	bool calls; /* lines for writes and reads */
	bool again; /* a line for what was sent again */
};

static int
band_height(const struct band *b)
{
	return 3 + 2 * b->calls + b->again; /* with the axis and a blank */
}

static struct line
begin_line(const struct band *b, struct canvas *c, struct area a, int y,
    uint64_t cell, const char *name, enum role role)
{
	struct line l = {
	    .canvas = c,
	    .area = {a.x + LABEL, a.y + y, a.w - LABEL, 1},
	    .scale = b->scale,
	    .begin = cell,
	    .lit_from = b->lit_from,
	    .lit_to = b->lit_to,
	    .role = role,
	    .fill = U'─',
	};

	canvas_text(c, a, 0, y, ROLE_HEADING, name);
	if (y >= a.h)
		l.area.w = 0;
	if (l.area.w > LINE_MAX)
		l.area.w = LINE_MAX;
	return l;
}

static void
draw_axis(const struct band *b, struct canvas *c, struct area a, uint64_t cell)
{
	uint64_t end = stream_end(b->v->stream, b->p->dir);
	uint64_t to = off_of(&b->scale, cell + (uint64_t)(a.w - LABEL));
	char text[TEXT_NUM_MAX];
	int x, begin;

	canvas_text(c, a, 0, 0, ROLE_DIM, "byte");
	begin = canvas_text(c, a, LABEL, 0, ROLE_DIM,
	    text_count(text, off_of(&b->scale, cell)));
	if (to < end) {
		canvas_right(c, a, a.w, 0, ROLE_DIM, text_count(text, to));
		return;
	}
	text_count(text, end);
	x = LABEL + (int)(cell_of(&b->scale, end) - cell) + 1;
	if (x > begin + 1 + (int)strlen(text))
		canvas_right(c, a, x, 0, ROLE_DIM, text);
}

static void
draw_band(
    const struct band *b, struct canvas *c, struct area a, uint64_t number)
{
	const struct stream *s = b->v->stream;
	const struct pane_rulers *p = b->p;
	uint64_t cell = number * (uint64_t)(a.w - LABEL);
	enum role role = p->dir == DIR_CLIENT ? ROLE_CLIENT : ROLE_SERVER;
	enum role other = p->dir == DIR_CLIENT ? ROLE_SERVER : ROLE_CLIENT;
	struct line l;
	int y = 1;

	draw_axis(b, c, a, cell);
	if (b->calls) {
		l = begin_line(b, c, a, y++, cell, "writes", role);
		draw_moves(&l, &p->writes[p->dir]);
	}
	l = begin_line(b, c, a, y++, cell, "segments", ROLE_TEXT);
	draw_segments(&l, s, p->dir);
	if (b->again) {
		l = begin_line(b, c, a, y++, cell, "again", ROLE_WARN);
		l.fill = U'>';
		draw_echoes(&l, s, p->dir);
	}
	if (!b->calls)
		return;
	l = begin_line(b, c, a, y, cell, "reads", other);
	draw_moves(&l, &p->reads[p->dir]);
}

/* The bytes that are lit: of the selected segment, or of the selected call. */
static void
find_lit(const struct pane_rulers *p, const struct view *v, struct band *b)
{
	const struct list *l = &p->pane.list;
	const struct call *c;
	struct stretch t;
	struct woven w;

	if (v->deck->selected.kind == SELECTED_CALL) {
		c = journal_call(v->journal, (uint32_t)v->deck->selected.id);
		if (c == NULL)
			return;
		w = weave_call(&v->weave, c);
		if (w.flow != p->flow || w.dir != p->dir)
			return;
		b->lit_from = w.from;
		b->lit_to = w.to;
	} else if (!l->follow && l->selected > 0 &&
		   l->selected <= stream_stretches(v->stream, p->dir)) {
		t = stream_stretch(v->stream, p->dir, l->selected - 1);
		b->lit_from = t.from;
		b->lit_to = t.to;
	}
}

/* The band at the top, so that the selected segment is in sight. */
static void
scroll(struct pane_rulers *p, const struct view *v, const struct scale *s,
    uint64_t width, uint64_t bands)
{
	uint64_t last = cell_of(s, stream_end(v->stream, p->dir)) / width;
	uint64_t at = p->pane.list.selected, band;

	if (at == 0 || at > stream_stretches(v->stream, p->dir))
		return;
	band =
	    cell_of(s, stream_stretch(v->stream, p->dir, at - 1).from) / width;
	if (band < p->top)
		p->top = band;
	if (band >= p->top + bands)
		p->top = band - bands + 1;
	if (p->top + bands > last + 1)
		p->top = last + 1 > bands ? last + 1 - bands : 0;
}

static void
draw_note(const struct pane_rulers *p, const struct view *v, struct canvas *c,
    struct area a, int y)
{
	struct area note = {a.x, a.y + y, a.w, a.h - y};

	if (p->writes[p->dir].count == 0 && p->reads[p->dir].count == 0 &&
	    y < a.h)
		packetfmt_wrap(c, note, ROLE_NOTE,
		    journal_next(v->journal) == 0
			? "No calls: writes and reads are known only of what "
			  "sockdeck runs itself."
			: "No writes and reads: neither end of this "
			  "conversation was run by sockdeck.");
}

/* Another conversation. */
static void
begin(struct pane_rulers *p, const struct view *v)
{
	p->flow = stream_flow(v->stream);
	p->made_of = p->top = 0;
	p->zoom = 0;
	p->pane.list.follow = true;
}

static void
rulers_draw(
    struct pane *pane, const struct view *v, struct canvas *c, struct area a)
{
	struct pane_rulers *p = (struct pane_rulers *)pane;
	struct band b = {.p = p, .v = v};
	uint64_t last, bands, number;
	int y = 0;

	if (p->flow != stream_flow(v->stream))
		begin(p, v);
	make_moves(p, v);
	pane_layout(pane, v, a, a);
	pane->rows_y = a.h; /* its rows are not lines: no clicks */
	if (p->flow == 0) {
		packetfmt_empty(v, c, a);
		return;
	}
	if (a.w <= LABEL + 2)
		return;
	if (stream_end(v->stream, p->dir) == 0) {
		canvas_text(c, a, 1, 0, ROLE_NOTE,
		    "No data in this direction; Right shows the other.");
		return;
	}
	b.scale = scale_of(p, v, a.w - LABEL);
	b.calls = p->writes[p->dir].count + p->reads[p->dir].count > 0;
	b.again = stream_echoes(v->stream, p->dir) > 0;
	find_lit(p, v, &b);
	bands = (uint64_t)((a.h + 1) / band_height(&b));
	bands = bands > 0 ? bands : 1;
	scroll(p, v, &b.scale, (uint64_t)(a.w - LABEL), bands);
	last = cell_of(&b.scale, stream_end(v->stream, p->dir)) /
	       (uint64_t)(a.w - LABEL);
	for (number = p->top; number <= last && y < a.h; number++) {
		struct area band = {a.x, a.y + y, a.w, a.h - y};

		draw_band(&b, c, band, number);
		y += band_height(&b);
	}
	draw_note(p, v, c, a, y);
}

/* ---- the pane ---- */

/* "3 writes" */
static const char *
counted(char dst[64], size_t n, const char *word)
{
	char text[TEXT_NUM_MAX];

	snprintf(
	    dst, 64, "%s %s%s", text_count(text, n), word, n == 1 ? "" : "s");
	return dst;
}

static void
rulers_title(
    const struct pane *pane, const struct view *v, char *dst, size_t size)
{
	const struct pane_rulers *p = (const struct pane_rulers *)pane;
	char writes[64], segments[64], reads[64], words[64] = "";
	const struct moves *w = &p->writes[p->dir], *r = &p->reads[p->dir];
	const char *who = p->dir == DIR_CLIENT ? "client" : "server";
	size_t again = stream_echoes(v->stream, p->dir);

	if (again > 0)
		snprintf(words, sizeof words, " (%zu again)", again);
	counted(segments, stream_stretches(v->stream, p->dir), "segment");
	if (w->count + r->count == 0)
		snprintf(dst, size, "Packets  rulers ‹%s› %s%s", who, segments,
		    words);
	else
		snprintf(dst, size, "Packets  rulers ‹%s› %s → %s%s → %s", who,
		    counted(writes, w->count, "write"), segments, words,
		    counted(reads, r->count, "read"));
}

static uint64_t
rulers_gen(const struct pane *pane, const struct view *v)
{
	const struct pane_rulers *p = (const struct pane_rulers *)pane;

	return (uint64_t)(p->zoom + p->dir * 100) + stream_gen(v->stream) +
	       journal_gen(v->journal);
}

static uint64_t
row_next(const struct pane *pane, const struct view *v, uint64_t id)
{
	const struct pane_rulers *p = (const struct pane_rulers *)pane;

	return id < stream_stretches(v->stream, p->dir) ? id + 1 : 0;
}

static uint64_t
row_prev(const struct pane *pane, const struct view *v, uint64_t id)
{
	const struct pane_rulers *p = (const struct pane_rulers *)pane;
	uint64_t n = stream_stretches(v->stream, p->dir);

	return id == 0 || id > n ? n : id - 1;
}

static bool
stretch_at(const struct pane *pane, const struct view *v, uint64_t id,
    struct stretch *ret)
{
	const struct pane_rulers *p = (const struct pane_rulers *)pane;

	if (id == 0 || id > stream_stretches(v->stream, p->dir))
		return false;
	*ret = stream_stretch(v->stream, p->dir, id - 1);
	return true;
}

static struct selection
rulers_selected(const struct pane *pane, const struct view *v)
{
	struct stretch t;

	if (pane->list.follow || !stretch_at(pane, v, pane->list.selected, &t))
		return (struct selection){.kind = SELECTED_NONE};
	return (struct selection){
	    SELECTED_FRAME, t.frame, ((const struct pane_rulers *)pane)->flow};
}

static void
rulers_row_text(const struct pane *pane, const struct view *v, uint64_t id,
    char dst[PANE_TEXT_MAX])
{
	struct stretch t;

	dst[0] = '\0';
	if (stretch_at(pane, v, id, &t))
		snprintf(dst, PANE_TEXT_MAX,
		    "bytes %" PRIu64 " to %" PRIu64 " in packet %" PRIu64,
		    t.from, t.to, t.frame);
}

static void
rulers_sideways(struct pane *pane, const struct view *v, int step)
{
	struct pane_rulers *p = (struct pane_rulers *)pane;

	(void)v;
	(void)step;
	p->dir = !p->dir;
	p->top = 0;
	pane->list.selected = pane->list.top = 0;
	pane->list.follow = true;
}

static void
rulers_show_frame(struct pane *pane, const struct view *v, uint64_t id)
{
	struct pane_rulers *p = (struct pane_rulers *)pane;
	struct frame f;
	size_t i;

	if (p->flow != stream_flow(v->stream))
		begin(p, v);
	if (!store_get(capture_store(v->capture), id, &f) ||
	    f.flow != p->flow || f.data_from == f.data_to)
		return;
	i = stream_stretch_at(v->stream, f.dir, f.data_from);
	if (i == stream_stretches(v->stream, f.dir))
		return;
	p->dir = f.dir;
	pane_select(pane, i + 1);
}

static void
rulers_scale(struct pane *pane, int step)
{
	struct pane_rulers *p = (struct pane_rulers *)pane;

	p->zoom += step;
	if (p->zoom > ZOOM_MAX || p->zoom < -ZOOM_MAX)
		p->zoom -= step;
}

static void
rulers_free(struct pane *pane)
{
	struct pane_rulers *p = (struct pane_rulers *)pane;

	for (int dir = 0; dir < 2; dir++) {
		free(p->writes[dir].at);
		free(p->reads[dir].at);
	}
	free(p);
}

struct pane *
pane_rulers_new(void)
{
	static const struct pane_ops ops = {
	    .gen = rulers_gen,
	    .title = rulers_title,
	    .draw = rulers_draw,
	    .next = row_next,
	    .prev = row_prev,
	    .row_text = rulers_row_text,
	    .selected = rulers_selected,
	    .sideways = rulers_sideways,
	    .scale = rulers_scale,
	    .show_frame = rulers_show_frame,
	    .free = rulers_free,
	};
	struct pane_rulers *p = calloc(1, sizeof *p);
	bool ok = p != NULL;

	for (int dir = 0; ok && dir < 2; dir++) {
		p->writes[dir].at = malloc(CALLS_MAX * sizeof(struct moved));
		p->reads[dir].at = malloc(CALLS_MAX * sizeof(struct moved));
		ok = p->writes[dir].at != NULL && p->reads[dir].at != NULL;
	}
	if (!ok) {
		if (p != NULL)
			rulers_free(&p->pane);
		return NULL;
	}
	p->pane.ops = &ops;
	list_init(&p->pane.list);
	return &p->pane;
}
