/*
 * The ladder: conversations as arrows between their two ends, client left,
 * server right, by role and port and never by address. One conversation, or all
 * of its client and server: as lanes side by side where there is room for all,
 * else in one ladder, each packet with its conversation's number.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/base/clock.h"
#include "net/base/text.h"
#include "net/callfmt.h"
#include "tui/ladder.h"
#include "tui/packetfmt.h"

#define READ_A_PIECE 80000 /* packets of the store looked at */
#define TIME_CELLS 10

struct pane_ladder {
	struct pane pane; /* its rows are those of the rungs */
	struct rungs *rungs;
	uint32_t flow; /* the conversation that it was turned to */
	bool more; /* to be read */
};

/* ---- rows ---- */

static bool
ladder_work(struct pane *pane, const struct view *v)
{
	struct pane_ladder *p = (struct pane_ladder *)pane;
	uint32_t flow = view_flow(v);
	const struct lanes *lanes = rungs_lanes(p->rungs);

	if (lanes_find(lanes, flow) < 0 || lanes->all != v->deck->lanes)
		pane->list.follow = true;
	p->flow = flow;
	p->more = rungs_follow(
	    p->rungs, &v->weave, flow, v->deck->lanes, READ_A_PIECE);
	return p->more;
}

static uint64_t
row_next(const struct pane *pane, const struct view *v, uint64_t id)
{
	(void)v;
	return rungs_next(((const struct pane_ladder *)pane)->rungs, id);
}

static uint64_t
row_prev(const struct pane *pane, const struct view *v, uint64_t id)
{
	(void)v;
	return rungs_prev(((const struct pane_ladder *)pane)->rungs, id);
}

static bool
rung_at(const struct pane *pane, const struct view *v, uint64_t id,
    struct rung *ret)
{
	const struct pane_ladder *p = (const struct pane_ladder *)pane;

	return id != 0 && rungs_get(p->rungs, &v->weave, id, ret);
}

/* ---- drawing ---- */

/* Columns: numbers, lanes, times. */
struct layout {
	int number; /* end of the packets' numbers; 0: none */
	int lane; /* end of the conversations' numbers; 0: none */
	int x, width; /* of the first lane */
	int lanes; /* side by side */
	int delta, time, time_cells; /* ends; 0: none */
	struct ladder_shape shape;
};

static int
digits(uint64_t n)
{
	int count = 1;

	for (; n > 9; n /= 10)
		count++;
	return count;
}

static struct layout
lay_out(const struct pane_ladder *p, const struct view *v, int width)
{
	uint64_t last = store_next(capture_store(v->capture)) - 1;
	const struct lanes *lanes = rungs_lanes(p->rungs);
	struct layout l = {.lanes = 1};
	int right = width;

	if (width >= 54)
		l.x = l.number = digits(last) > 3 ? digits(last) : 3;
	if (width >= 118 && v->deck->time != TIME_AS_DELTA) {
		l.delta = right;
		right -= TIME_CELLS;
	}
	if (width >= 74) {
		l.time = right;
		l.time_cells = timefmt_cells(v, width);
		right -=
		    l.time_cells > TIME_CELLS ? l.time_cells + 1 : TIME_CELLS;
	}
	if (lanes->count > 1 &&
	    (right - l.x) / lanes->count >= LADDER_LANE_MIN) {
		l.lanes = lanes->count;
	} else if (lanes->count > 1) {
		l.x += 1 + digits(lanes->flow[lanes->count - 1]);
		l.lane = l.x;
	}
	l.width = (right - l.x) / l.lanes;
	l.shape = ladder_shape(l.width);
	return l;
}

static struct area
lane_area(const struct layout *l, struct area a, int lane)
{
	if (l->lanes == 1)
		lane = 0;
	return (struct area){a.x + l->x + lane * l->width, a.y, l->width, a.h};
}

/* "server :80"; of RFCOMM only a server has a channel. */
static void
role_text(
    char *dst, size_t size, const char *role, const struct flow *f, int end)
{
	struct addr a = flow_addr(f, end);

	if (f->proto != PROTO_RFCOMM)
		snprintf(dst, size, "%s :%u", role, addr_port(&a));
	else if (addr_port(&a) != 0)
		snprintf(dst, size, "%s, channel %u", role, addr_port(&a));
	else
		snprintf(dst, size, "%s", role);
}

static void
draw_heading(const struct pane_ladder *p, const struct view *v,
    struct canvas *c, struct area a, const struct layout *l)
{
	const struct lanes *lanes = rungs_lanes(p->rungs);

	for (int i = 0; i < l->lanes; i++) {
		const struct flow *f = flow_get(capture_flows(v->capture),
		    l->lanes > 1 ? lanes->flow[i] : p->flow);
		char left[48], right[48];

		if (f == NULL)
			continue;
		role_text(left, sizeof left, "client", f, DIR_CLIENT);
		role_text(right, sizeof right, "server", f, DIR_SERVER);
		if (l->lane != 0)
			snprintf(left, sizeof left, "client (%d ports)",
			    lanes->count);
		ladder_draw_ends(c, lane_area(l, a, i), &l->shape, left, right);
	}
}

/* When the conversation began, as far as it is known. */
static int64_t
began_ns(const struct view *v, const struct pane_ladder *p)
{
	const struct flow *f =
	    flow_get(capture_flows(v->capture), rungs_lanes(p->rungs)->flow[0]);

	return f != NULL ? f->first_ns : v->start_ns;
}

/* "+20.1 ms" since some moment, "+1.842 s"; for a call before it "-45 us". */
static const char *
span_text(char dst[TEXT_NUM_MAX], int64_t ns)
{
	char span[TEXT_NUM_MAX];

	if (ns >= CLOCK_S && ns < 1000 * CLOCK_S)
		snprintf(dst, TEXT_NUM_MAX, "+%d.%03d s", (int)(ns / CLOCK_S),
		    (int)(ns % CLOCK_S / CLOCK_MS));
	else
		snprintf(dst, TEXT_NUM_MAX, "%s%.30s", ns < 0 ? "" : "+",
		    text_span(span, ns));
	return dst;
}

/* In the format in force; where nothing else is asked for, what the others
 * count from the start counts from the conversation's begin here. */
static void
draw_times(const struct pane_ladder *p, const struct view *v, struct canvas *c,
    struct area a, const struct layout *l, int y, uint64_t row,
    const struct rung *r)
{
	const struct deck *d = v->deck;
	char text[TEXT_NUM_MAX];
	const char *shown;
	struct rung before;
	bool first =
	    !rungs_get(p->rungs, &v->weave, rungs_prev(p->rungs, row), &before);

	if (l->delta != 0 && !first)
		canvas_right(c, a, l->delta, y, ROLE_DIM,
		    span_text(text, r->ts_ns - before.end_ns));
	if (l->time == 0)
		return;
	if (d->time == TIME_AS_RELATIVE && d->reference == 0)
		shown = span_text(text, r->ts_ns - began_ns(v, p));
	else if (d->time == TIME_AS_DELTA && !first)
		shown = span_text(text, r->ts_ns - before.end_ns);
	else
		shown = timefmt(text, v, r->ts_ns, 0, l->time_cells);
	canvas_right(c, a, l->time, y, ROLE_DIM, shown);
}

static void
draw_time_headings(const struct view *v, struct canvas *c, struct area a,
    const struct layout *l)
{
	const struct deck *d = v->deck;
	bool begin = d->time == TIME_AS_RELATIVE && d->reference == 0;
	char text[TEXT_NUM_MAX];

	if (l->delta != 0)
		canvas_right(c, a, l->delta, 0, ROLE_HEADING, "Delta");
	if (l->time != 0)
		canvas_right(c, a, l->time, 0, ROLE_HEADING,
		    begin ? "Begin" : timefmt_heading(v, text));
}

static void
draw_numbers(const struct pane_ladder *p, const struct view *v,
    struct canvas *c, struct area a, const struct layout *l, int y,
    const struct rung *r)
{
	const struct lanes *lanes = rungs_lanes(p->rungs);
	bool packet = r->kind == RUNG_FRAME || r->kind == RUNG_FOLD;
	char text[TEXT_NUM_MAX];

	snprintf(text, sizeof text, "%" PRIu64, r->id);
	if (packet && l->number != 0)
		canvas_right(c, a, l->number, y, ROLE_DIM, text);
	snprintf(text, sizeof text, "%" PRIu32, lanes->flow[r->lane]);
	if (l->lane != 0)
		canvas_right(c, a, l->lane, y,
		    (enum role)(ROLE_PACKED_1 + r->lane % 6), text);
	if (packet)
		packetfmt_mark(v, c, a, l->x, y, r->id);
}

static void
draw_row(struct pane_ladder *p, const struct view *v, struct canvas *c,
    struct area a, const struct layout *l, int y, uint64_t row)
{
	struct rung r;

	for (int i = 0; i < l->lanes; i++)
		ladder_draw_lines(c, lane_area(l, a, i), &l->shape, y);
	if (!rung_at(&p->pane, v, row, &r))
		return;
	ladder_draw_rung(v, c, lane_area(l, a, r.lane), &l->shape, y, &r);
	draw_numbers(p, v, c, a, l, y, &r);
	draw_times(p, v, c, a, l, y, row, &r);
	if (ladder_is_lit(v, &r))
		canvas_over(c, a, 0, y, a.w, ROLE_LIT);
	pane_draw_selected(&p->pane, c, a, y, row);
}

static void
ladder_draw(
    struct pane *pane, const struct view *v, struct canvas *c, struct area a)
{
	struct pane_ladder *p = (struct pane_ladder *)pane;
	struct area body = a, heading = area_top(&body, 1);
	struct layout l;
	uint64_t row;

	pane_layout(pane, v, a, body);
	if (rungs_lanes(p->rungs)->count == 0) {
		packetfmt_empty(v, c, body);
		return;
	}
	l = lay_out(p, v, a.w);
	draw_heading(p, v, c, heading, &l);
	draw_time_headings(v, c, heading, &l);
	row = pane->list.top;
	for (int y = 0; y < body.h && row != 0; y++) {
		draw_row(p, v, c, body, &l, y, row);
		row = rungs_next(p->rungs, row);
	}
}

static void
ladder_title(
    const struct pane *pane, const struct view *v, char *dst, size_t size)
{
	const struct pane_ladder *p = (const struct pane_ladder *)pane;
	const struct lanes *lanes = rungs_lanes(p->rungs);
	char note[32] = "";

	if (p->more)
		snprintf(note, sizeof note, "  reading %d%%",
		    rungs_progress(p->rungs, &v->weave));
	else if (rungs_are_cut(p->rungs))
		snprintf(note, sizeof note, "  the newest packets");
	if (lanes->count == 0)
		snprintf(dst, size, "Packets  ladder");
	else if (lanes->all)
		snprintf(dst, size, "Packets  ladder of %d conversation%s%s",
		    lanes->count, lanes->count > 1 ? "s" : "", note);
	else
		snprintf(dst, size, "Packets  ladder of conversation %u%s",
		    lanes->flow[0], note);
}

/* ---- the pane ---- */

static uint64_t
ladder_gen(const struct pane *pane, const struct view *v)
{
	return rungs_gen(((const struct pane_ladder *)pane)->rungs) +
	       listing_gen(v->listing);
}

static struct selection
ladder_selected(const struct pane *pane, const struct view *v)
{
	const struct pane_ladder *p = (const struct pane_ladder *)pane;
	const struct lanes *lanes = rungs_lanes(p->rungs);
	struct rung r;
	bool packet;

	if (!rung_at(pane, v, pane->list.selected, &r))
		return (struct selection){.kind = SELECTED_NONE};
	packet = r.kind == RUNG_FRAME || r.kind == RUNG_FOLD;
	return (struct selection){
	    .kind = pane->list.follow ? SELECTED_NONE
		    : packet          ? SELECTED_FRAME
				      : SELECTED_CALL,
	    .id = pane->list.follow && !packet ? 0 : r.id,
	    /* While it follows, so does the choice of the conversation. */
	    .flow = pane->list.follow ? 0 : lanes->flow[r.lane],
	};
}

static void
ladder_row_text(const struct pane *pane, const struct view *v, uint64_t id,
    char dst[PANE_TEXT_MAX])
{
	const struct call *c;
	char text[CALLFMT_MAX];
	struct frame f;
	struct rung r;

	dst[0] = '\0';
	if (!rung_at(pane, v, id, &r))
		return;
	if (r.kind == RUNG_FOLD) {
		ladder_fold_text(&r, LADDER_FOLD_MAX, text);
		snprintf(dst, PANE_TEXT_MAX, "%" PRIu64 "-%" PRIu64 " %s", r.id,
		    r.last, text);
	} else if (r.kind == RUNG_FRAME) {
		if (store_get(capture_store(v->capture), r.id, &f))
			packetfmt_line(v, &f, dst);
	} else {
		c = journal_call(v->journal, (uint32_t)r.id);
		if (c != NULL)
			snprintf(dst, PANE_TEXT_MAX, "%s", callfmt(text, c));
	}
}

/* Of what is folded only the line is looked at. */
static bool
ladder_row_has(const struct pane *pane, const struct view *v, uint64_t id,
    const struct needle *needle)
{
	char line[PANE_TEXT_MAX];
	struct rung r;

	if (rung_at(pane, v, id, &r) && r.kind == RUNG_FRAME)
		return packetfmt_has(v, r.id, needle);
	ladder_row_text(pane, v, id, line);
	return needle_in_text(needle, line);
}

static void
ladder_show_frame(struct pane *pane, const struct view *v, uint64_t frame)
{
	uint64_t row = rungs_row(((struct pane_ladder *)pane)->rungs, frame);

	(void)v;
	if (row != 0)
		pane_select(pane, row);
}

bool
pane_ladder_fold(struct pane *pane, bool unfold_only)
{
	struct pane_ladder *p = (struct pane_ladder *)pane;
	bool folded;

	if (!rungs_in_run(p->rungs, pane->list.selected, &folded) ||
	    (unfold_only && !folded))
		return false;
	pane_select(pane, rungs_fold(p->rungs, pane->list.selected));
	return true;
}

static const char *
ladder_key(const struct pane *pane, uint32_t code)
{
	const struct pane_ladder *p = (const struct pane_ladder *)pane;
	bool folded;

	return code == 'x' &&
		       rungs_in_run(p->rungs, pane->list.selected, &folded)
		   ? "fold"
		   : NULL;
}

static void
ladder_free(struct pane *pane)
{
	rungs_free(((struct pane_ladder *)pane)->rungs);
	free(pane);
}

struct pane *
pane_ladder_new(void)
{
	static const struct pane_ops ops = {
	    .gen = ladder_gen,
	    .title = ladder_title,
	    .draw = ladder_draw,
	    .next = row_next,
	    .prev = row_prev,
	    .row_text = ladder_row_text,
	    .row_has = ladder_row_has,
	    .selected = ladder_selected,
	    .work = ladder_work,
	    .key = ladder_key,
	    .show_frame = ladder_show_frame,
	    .free = ladder_free,
	};
	struct pane_ladder *p = calloc(1, sizeof *p);

	if (p == NULL)
		return NULL;
	p->rungs = rungs_new();
	if (p->rungs == NULL) {
		free(p);
		return NULL;
	}
	p->pane.ops = &ops;
	list_init(&p->pane.list);
	return &p->pane;
}
