/*
 * The conversations as a table, in the order of one column. Enter shows the
 * packets of one.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture/rfcomm.h"
#include "net/base/text.h"
#include "tui/endkey.h"
#include "tui/packetfmt.h"
#include "tui/ranking.h"

enum column {
	COL_NUMBER,
	COL_CLIENT,
	COL_SERVER,
	COL_PACKETS,
	COL_SENT,
	COL_RECEIVED,
	COL_AGAIN,
	COL_TOOK,
	COL_STATE,
	COL_COUNT
};

#define WORK_PIECE 8192 /* conversations looked at */

_Static_assert(COL_COUNT == PANE_CONVERSATIONS_COLUMNS, "sort walks them");

struct pane_conversations {
	struct pane pane;
	/* Row ids are places in the ranking plus 1. */
	struct ranking ranking;
	uint32_t at; /* the conversation to be added next */
	uint64_t made; /* how often it was */
	uint32_t selected; /* conversation; its row moves */
	struct addr of; /* only those of this end; len 0: all */
	uint8_t of_proto;
};

static const char *const column_names[COL_COUNT] = {"No", "Client", "Server",
    "Packets", "Sent", "Received", "Again", "Took", "State"};

/* ---- the order ---- */

/* How it was closed; while it is open, how far it came. */
static const char *
state_text(const struct flow *f)
{
	enum flow_opening opening = flow_opening(f);
	enum flow_closing closing = flow_closing(f);

	if (f->proto == PROTO_RFCOMM)
		return rfcomm_state_name((enum rfcomm_state)f->channel_state);
	if (f->proto != PROTO_TCP)
		return flow_proto_name(f->proto);
	if (opening == FLOW_OPENED_UNANSWERED ||
	    opening == FLOW_OPENED_REFUSED || opening == FLOW_OPENED_HALF)
		return flow_opening_text(opening);
	return flow_closing_text(closing);
}

static uint64_t
key_of(const struct flow *f, enum column column)
{
	struct addr end;
	const char *state;
	uint64_t key = 0;

	switch (column) {
	case COL_CLIENT:
	case COL_SERVER:
		end = flow_addr(
		    f, column == COL_CLIENT ? DIR_CLIENT : DIR_SERVER);
		return endkey_rank(&end);
	case COL_PACKETS:
		return f->end[0].packets + f->end[1].packets;
	case COL_SENT:
		return f->end[DIR_CLIENT].payload;
	case COL_RECEIVED:
		return f->end[DIR_SERVER].payload;
	case COL_AGAIN:
		return f->retransmissions;
	case COL_TOOK:
		return (uint64_t)(f->last_ns - f->first_ns);
	case COL_STATE:
		state = state_text(f);
		for (int i = 0; i < 8; i++)
			key =
			    key << 8 | (uint8_t)(*state != '\0' ? *state++ : 0);
		return key;
	case COL_NUMBER:
	case COL_COUNT:
		break;
	}
	return f->id;
}

/* Numbers of the larger kind first, until the order is turned round. */
static bool
descends(enum column column)
{
	return column >= COL_PACKETS && column <= COL_TOOK;
}

static bool
is_end(const struct pane_conversations *p, const struct flow *f, int end)
{
	struct addr a = flow_addr(f, end);

	return addr_equal(&a, &p->of);
}

/* Is it to be listed? */
static bool
has_end(const struct pane_conversations *p, const struct flow *f)
{
	return p->of.len == 0 ||
	       (f->proto == p->of_proto &&
		   (is_end(p, f, DIR_CLIENT) || is_end(p, f, DIR_SERVER)));
}

/* What the rows are made of. */
static uint64_t
table_gen(const struct view *v)
{
	return capture_gen(v->capture) + listing_gen(v->listing);
}

static bool
stale(const struct pane_conversations *p, const struct view *v)
{
	const struct table_order *o = &v->deck->conversations;

	return !addr_equal(&p->of, &v->deck->endpoint) ||
	       p->of_proto != v->deck->endpoint_proto ||
	       ranking_stale(
		   &p->ranking, table_gen(v), v->now_ns, o->column, o->reverse);
}

static void
begin(struct pane_conversations *p, const struct view *v)
{
	const struct table_order *o = &v->deck->conversations;

	p->of = v->deck->endpoint;
	p->of_proto = v->deck->endpoint_proto;
	ranking_begin(&p->ranking, table_gen(v), v->now_ns, o->column,
	    o->reverse, o->reverse != descends((enum column)o->column));
	p->at = flow_first(capture_flows(v->capture));
}

/* True: there are more of them to be added. */
static bool
add_some(struct pane_conversations *p, const struct view *v)
{
	const struct flow_table *flows = capture_flows(v->capture);
	enum column column = (enum column)p->ranking.column;
	uint32_t end = flow_next(flows);

	if (end - p->at > WORK_PIECE)
		end = p->at + WORK_PIECE;
	for (; p->at < end; p->at++) {
		const struct flow *f = flow_get(flows, p->at);

		if (f != NULL && has_end(p, f) &&
		    listing_has_flow(v->listing, p->at))
			ranking_add(&p->ranking, key_of(f, column), p->at);
	}
	return p->at < flow_next(flows);
}

static bool
conversations_work(struct pane *pane, const struct view *v)
{
	struct pane_conversations *p = (struct pane_conversations *)pane;

	if (stale(p, v))
		begin(p, v);
	if (!p->ranking.making)
		return false;
	if (p->at < flow_next(capture_flows(v->capture)) && add_some(p, v))
		return true;
	if (!ranking_sort(&p->ranking))
		return true;
	p->made++;
	/* The row of the selected one may be another now. */
	if (!pane->list.follow && p->selected != 0)
		pane->list.selected =
		    ranking_find(&p->ranking, p->selected) + 1;
	return false;
}

static uint64_t
row_next(const struct pane *pane, const struct view *v, uint64_t id)
{
	const struct pane_conversations *p =
	    (const struct pane_conversations *)pane;

	(void)v;
	return id < p->ranking.count ? id + 1 : 0;
}

static uint64_t
row_prev(const struct pane *pane, const struct view *v, uint64_t id)
{
	const struct pane_conversations *p =
	    (const struct pane_conversations *)pane;

	(void)v;
	return id == 0 || id > p->ranking.count ? p->ranking.count : id - 1;
}

static const struct flow *
flow_at(const struct pane *pane, const struct view *v, uint64_t row)
{
	const struct pane_conversations *p =
	    (const struct pane_conversations *)pane;

	if (row == 0 || row > p->ranking.count)
		return NULL;
	return flow_get(capture_flows(v->capture), p->ranking.rows[row - 1].id);
}

/* ---- drawing ---- */

/* Where the columns end (texts: begin); 0: not shown at this width. */
struct widths {
	int at[COL_COUNT];
	int address;
};

static struct widths
columns(int width)
{
	struct widths w = {.address = width >= 96 ? 22 : width >= 74 ? 20 : 16};
	int x = 5;

	w.at[COL_NUMBER] = x;
	w.at[COL_CLIENT] = x + 1;
	w.at[COL_SERVER] = x + 2 + w.address;
	x = w.at[COL_SERVER] + w.address;
	w.at[COL_PACKETS] = x += 8;
	if (width - x >= 9 && width - x < 18) {
		w.at[COL_SENT] = x += 9;
		return w;
	}
	if (width - x >= 18) {
		w.at[COL_SENT] = x += 9;
		w.at[COL_RECEIVED] = x += 9;
	}
	if (width - x >= 7)
		w.at[COL_AGAIN] = x += 7;
	if (width - x >= 10)
		w.at[COL_TOOK] = x += 10;
	if (width - x >= 12)
		w.at[COL_STATE] = x + 1;
	return w;
}

static bool
is_text(int column)
{
	return column == COL_CLIENT || column == COL_SERVER ||
	       column == COL_STATE;
}

static void
draw_heading(const struct view *v, struct canvas *c, struct area a,
    const struct widths *w)
{
	const struct table_order *o = &v->deck->conversations;
	char name[32];

	for (int i = 0; i < COL_COUNT; i++) {
		if (w->at[i] == 0)
			continue;
		snprintf(name, sizeof name, "%s%s", column_names[i],
		    o->column != i ? ""
		    : o->reverse   ? "▲"
				   : "▼");
		if (is_text(i))
			canvas_text(c, a, w->at[i], 0, ROLE_HEADING, name);
		else
			canvas_right(c, a, w->at[i], 0, ROLE_HEADING, name);
	}
}

static void
draw_number(struct canvas *c, struct area a, int end, int y, uint64_t n,
    enum role role, bool size)
{
	char text[TEXT_NUM_MAX];

	if (end == 0)
		return;
	if (n == 0)
		canvas_text(c, a, end - 1, y, ROLE_DIM, "-");
	else
		canvas_right(c, a, end, y, role,
		    size ? text_size(text, n) : text_count(text, n));
}

static void
draw_addr(struct canvas *c, struct area a, int x, int y, int w, enum role role,
    const struct addr *addr)
{
	char text[ADDR_TEXT_MAX];

	a.w = x + w < a.w ? x + w : a.w;
	flow_addr_format(text, addr);
	/* The port matters most: of a long address the end is shown. */
	if ((int)strlen(text) > w)
		canvas_right(
		    c, (struct area){a.x + x, a.y, w, a.h}, w, y, role, text);
	else
		canvas_text(c, a, x, y, role, text);
}

static void
draw_row(const struct view *v, struct canvas *c, struct area a,
    const struct widths *w, int y, const struct flow *f)
{
	struct addr client = flow_addr(f, DIR_CLIENT);
	struct addr server = flow_addr(f, DIR_SERVER);
	char text[TEXT_NUM_MAX];

	snprintf(text, sizeof text, "%u", f->id);
	canvas_right(c, a, w->at[COL_NUMBER], y, ROLE_DIM, text);
	draw_addr(c, a, w->at[COL_CLIENT], y, w->address, ROLE_CLIENT, &client);
	draw_addr(c, a, w->at[COL_SERVER], y, w->address, ROLE_SERVER, &server);
	draw_number(c, a, w->at[COL_PACKETS], y,
	    f->end[0].packets + f->end[1].packets, ROLE_NUMBER, false);
	draw_number(c, a, w->at[COL_SENT], y, f->end[DIR_CLIENT].payload,
	    ROLE_CLIENT, true);
	draw_number(c, a, w->at[COL_RECEIVED], y, f->end[DIR_SERVER].payload,
	    ROLE_SERVER, true);
	draw_number(
	    c, a, w->at[COL_AGAIN], y, f->retransmissions, ROLE_WARN, false);
	if (w->at[COL_TOOK] != 0)
		canvas_right(c, a, w->at[COL_TOOK], y, ROLE_NUMBER,
		    text_span(text, f->last_ns - f->first_ns));
	if (w->at[COL_STATE] != 0)
		canvas_text(
		    c, a, w->at[COL_STATE], y, ROLE_STATE, state_text(f));
	if (v->deck->selected.flow == f->id && v->deck->focus != PANE_PACKETS)
		canvas_over(c, a, 0, y, a.w, ROLE_LIT);
}

static void
conversations_draw(
    struct pane *pane, const struct view *v, struct canvas *c, struct area a)
{
	struct widths w = columns(a.w);
	struct area body = a;
	uint64_t id;

	draw_heading(v, c, area_top(&body, 1), &w);
	pane_layout(pane, v, a, body);
	id = pane->list.top;
	if (id == 0)
		packetfmt_empty(v, c, body);
	for (int y = 0; y < body.h && id != 0; y++) {
		const struct flow *f = flow_at(pane, v, id);

		if (f != NULL)
			draw_row(v, c, body, &w, y, f);
		pane_draw_selected(pane, c, body, y, id);
		id = row_next(pane, v, id);
	}
}

static void
conversations_title(
    const struct pane *pane, const struct view *v, char *dst, size_t size)
{
	const struct pane_conversations *p =
	    (const struct pane_conversations *)pane;
	char addr[ADDR_TEXT_MAX], n[TEXT_NUM_MAX];

	text_count(n, p->ranking.count);
	if (p->of.len != 0)
		snprintf(dst, size, "Packets  %s conversations of %s", n,
		    addr_format(addr, &p->of));
	else
		snprintf(dst, size, "Packets  conversations  %s%s", n,
		    listing_is_filtered(v->listing) ? ""
						    : "  Enter: its packets");
}

/* ---- the pane ---- */

static uint64_t
conversations_gen(const struct pane *pane, const struct view *v)
{
	return table_gen(v) + ((const struct pane_conversations *)pane)->made;
}

static struct selection
conversations_selected(const struct pane *pane, const struct view *v)
{
	const struct flow *f = flow_at(pane, v, pane->list.selected);

	return (struct selection){.kind = SELECTED_NONE,
	    .flow = f != NULL && !pane->list.follow ? f->id : 0};
}

static void
conversations_row_text(const struct pane *pane, const struct view *v,
    uint64_t id, char dst[PANE_TEXT_MAX])
{
	const struct flow *f = flow_at(pane, v, id);
	char client[ADDR_TEXT_MAX], server[ADDR_TEXT_MAX], took[TEXT_NUM_MAX];
	struct addr ends[2];

	dst[0] = '\0';
	if (f == NULL)
		return;
	ends[0] = flow_addr(f, DIR_CLIENT);
	ends[1] = flow_addr(f, DIR_SERVER);
	snprintf(dst, PANE_TEXT_MAX,
	    "%u %s > %s: %" PRIu64 " packets, %" PRIu64 " B sent, %" PRIu64
	    " B received, %" PRIu64 " retransmissions, %s, %s",
	    f->id, flow_addr_format(client, &ends[0]),
	    flow_addr_format(server, &ends[1]),
	    (uint64_t)f->end[0].packets + f->end[1].packets,
	    f->end[DIR_CLIENT].payload, f->end[DIR_SERVER].payload,
	    (uint64_t)f->retransmissions,
	    text_span(took, f->last_ns - f->first_ns), state_text(f));
}

static void
conversations_moved(struct pane *pane, const struct view *v)
{
	const struct flow *f = flow_at(pane, v, pane->list.selected);

	pane->list.follow = false;
	if (f != NULL)
		((struct pane_conversations *)pane)->selected = f->id;
}

static void
conversations_free(struct pane *pane)
{
	ranking_done(&((struct pane_conversations *)pane)->ranking);
	free(pane);
}

struct pane *
pane_conversations_new(void)
{
	static const struct pane_ops ops = {
	    .gen = conversations_gen,
	    .title = conversations_title,
	    .draw = conversations_draw,
	    .next = row_next,
	    .prev = row_prev,
	    .row_text = conversations_row_text,
	    .selected = conversations_selected,
	    .moved = conversations_moved,
	    .work = conversations_work,
	    .free = conversations_free,
	};
	struct pane_conversations *p = calloc(1, sizeof *p);

	if (p == NULL)
		return NULL;
	p->pane.ops = &ops;
	ranking_init(&p->ranking);
	list_init(&p->pane.list);
	p->pane.list.follow = false;
	return &p->pane;
}
