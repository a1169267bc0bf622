/*
 * The ledger as a table: what a conversation (or everything) cost, by purpose
 * and by layer, with the payload's share as a bar.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "net/base/text.h"
#include "tui/costfmt.h"
#include "tui/packetfmt.h"

/* Rows: a purpose each, both directions together, then the sum. */
#define ROW_SUM (PURPOSE_COUNT + 1)

static struct cost
cost_of(const struct view *v, uint32_t flow, enum purpose purpose)
{
	const struct ledger *l = capture_ledger(v->capture);
	struct cost sum = {0}, one;

	if (listing_is_filtered(v->listing))
		return listing_cost(v->listing, purpose);
	if (flow == 0)
		return ledger_total(l, purpose);
	for (int dir = 0; dir < 2; dir++) {
		one = ledger_flow(l, flow, dir, purpose);
		cost_add(&sum, &one);
	}
	return sum;
}

static struct cost
row_cost(const struct view *v, uint64_t id)
{
	uint32_t flow = view_flow(v);
	struct cost sum = {0}, one;

	if (id != ROW_SUM)
		return cost_of(v, flow, (enum purpose)(id - 1));
	for (int p = 0; p < PURPOSE_COUNT; p++) {
		one = cost_of(v, flow, (enum purpose)p);
		cost_add(&sum, &one);
	}
	return sum;
}

static const char *
row_name(uint64_t id)
{
	return id == ROW_SUM ? "sum" : purpose_name((enum purpose)(id - 1));
}

static uint64_t
row_next(const struct pane *p, const struct view *v, uint64_t id)
{
	(void)p;
	(void)v;
	return id < ROW_SUM ? id + 1 : 0;
}

static uint64_t
row_prev(const struct pane *p, const struct view *v, uint64_t id)
{
	(void)p;
	(void)v;
	return id == 0 || id > ROW_SUM ? ROW_SUM : id - 1;
}

static void
draw_number(struct canvas *c, struct area a, int end, int y, uint64_t n)
{
	char text[TEXT_NUM_MAX];

	canvas_right(c, a, end, y, n == 0 ? ROLE_DIM : ROLE_NUMBER,
	    n == 0 ? "-" : text_count(text, n));
}

static void
draw_row(
    const struct view *v, struct canvas *c, struct area a, int y, uint64_t id)
{
	struct cost k = row_cost(v, id);
	char share[TEXT_NUM_MAX];

	canvas_text(
	    c, a, 1, y, id == ROW_SUM ? ROLE_TITLE : ROLE_TEXT, row_name(id));
	draw_number(c, a, 22, y, k.packets);
	draw_number(c, a, 29, y, k.net);
	draw_number(c, a, 36, y, k.transport);
	draw_number(c, a, 43, y, k.options);
	draw_number(c, a, 52, y, k.payload);
	if (k.packets > 0)
		canvas_right(c, a, 58, y, ROLE_COST, costfmt_share(share, &k));
	if (a.w >= 68 && k.packets > 0)
		canvas_bar(c, a, 59, y, a.w - 60 < 24 ? a.w - 60 : 24,
		    cost_headers(&k), cost_bytes(&k), ROLE_HEADERS,
		    ROLE_PAYLOAD);
}

static void
draw_heading(const struct view *v, struct canvas *c, struct area a)
{
	struct cost_layers names = costfmt_layers(v->capture, view_flow(v));

	canvas_text(c, a, 1, 0, ROLE_HEADING, "Purpose");
	canvas_right(c, a, 22, 0, ROLE_HEADING, "pkts");
	canvas_right(c, a, 29, 0, ROLE_HEADING, names.net);
	canvas_right(c, a, 36, 0, ROLE_HEADING, names.transport);
	canvas_right(c, a, 43, 0, ROLE_HEADING, names.options);
	canvas_right(c, a, 52, 0, ROLE_HEADING, "payload");
	canvas_right(c, a, 58, 0, ROLE_HEADING, "share");
}

/* Below the table: what the column leaves out, and why. */
static void
draw_foot(const struct view *v, struct canvas *c, struct area a)
{
	struct cost sum = row_cost(v, ROW_SUM);
	struct cost_layers names = costfmt_layers(v->capture, view_flow(v));
	char total[TEXT_NUM_MAX], link[TEXT_NUM_MAX];

	if (a.h < 1 || sum.packets == 0)
		return;
	canvas_printf(c, a, 1, 0, ROLE_TEXT, "%s bytes, %s upward",
	    text_count(total, cost_bytes(&sum)), names.net);
	canvas_printf(c, a, 1, 1, ROLE_DIM, "+ %s %s, not counted",
	    text_count(link, sum.link), names.below);
}

static void
overhead_draw(
    struct pane *p, const struct view *v, struct canvas *c, struct area a)
{
	struct area body = a, foot = {0};
	uint64_t id;

	draw_heading(v, c, area_top(&body, 1));
	if (body.h >= ROW_SUM + 3) {
		foot = body;
		foot.y += ROW_SUM + 1;
		foot.h -= ROW_SUM + 1;
		body.h = ROW_SUM;
	}
	pane_layout(p, v, a, body);
	id = p->list.top;
	for (int y = 0; y < body.h && id != 0; y++) {
		draw_row(v, c, body, y, id);
		pane_draw_selected(p, c, body, y, id);
		id = row_next(p, v, id);
	}
	draw_foot(v, c, foot);
}

static void
overhead_title(
    const struct pane *p, const struct view *v, char *dst, size_t size)
{
	uint32_t flow = view_flow(v);

	(void)p;
	if (listing_is_filtered(v->listing) && v->deck->flow == 0)
		snprintf(dst, size, "Packets  overhead");
	else if (flow == 0)
		snprintf(dst, size, "Packets  overhead of everything");
	else
		snprintf(
		    dst, size, "Packets  overhead of conversation %u", flow);
}

static uint64_t
overhead_gen(const struct pane *p, const struct view *v)
{
	(void)p;
	return capture_gen(v->capture) + listing_gen(v->listing);
}

static struct selection
overhead_selected(const struct pane *p, const struct view *v)
{
	(void)p;
	(void)v;
	return (struct selection){.kind = SELECTED_NONE};
}

static void
overhead_row_text(const struct pane *p, const struct view *v, uint64_t id,
    char dst[PANE_TEXT_MAX])
{
	struct cost k = row_cost(v, id);
	struct cost_layers names = costfmt_layers(v->capture, view_flow(v));

	(void)p;
	snprintf(dst, PANE_TEXT_MAX,
	    "%s: %" PRIu64 " packets, %s %" PRIu64 ", %s %" PRIu64
	    ", %s %" PRIu64 ", payload %" PRIu64,
	    row_name(id), k.packets, names.net, k.net, names.transport,
	    k.transport, names.options, k.options, k.payload);
}

static void
overhead_moved(struct pane *p, const struct view *v)
{
	(void)v;
	p->list.follow = false;
}

static void
overhead_free(struct pane *p)
{
	free(p);
}

struct pane *
pane_overhead_new(void)
{
	static const struct pane_ops ops = {
	    .gen = overhead_gen,
	    .title = overhead_title,
	    .draw = overhead_draw,
	    .next = row_next,
	    .prev = row_prev,
	    .row_text = overhead_row_text,
	    .selected = overhead_selected,
	    .moved = overhead_moved,
	    .free = overhead_free,
	};
	struct pane *p = calloc(1, sizeof *p);

	if (p == NULL)
		return NULL;
	p->ops = &ops;
	list_init(&p->list);
	p->list.follow = true;
	return p;
}
