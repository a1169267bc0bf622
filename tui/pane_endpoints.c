/*
 * The endpoints as a table: each address and port, with all it sent and
 * received. Enter shows the conversations of one, or its packets if it has a
 * single one.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/base/text.h"
#include "tui/endkey.h"
#include "tui/packetfmt.h"
#include "tui/ranking.h"

/* Endpoints told apart; what others sent is counted as omitted. */
#define ENDPOINTS_MAX (128 * 1024)
#define WORK_PIECE 4096 /* conversations added up */
#define BUCKETS (2 * ENDPOINTS_MAX)

enum column {
	COL_ADDR,
	COL_FLOWS,
	COL_SENT_PACKETS,
	COL_SENT,
	COL_RECEIVED_PACKETS,
	COL_RECEIVED,
	COL_COUNT
};

_Static_assert(COL_COUNT == PANE_ENDPOINTS_COLUMNS, "sort walks them");

struct total {
	uint64_t packets, bytes;
};

struct end {
	struct endkey key;
	uint32_t flows, flow; /* how many; the newest */
	struct total sent, received;
};

struct ends {
	struct end *at; /* room for ENDPOINTS_MAX */
	size_t count;
	uint64_t omitted; /* ends of conversations */
};

struct pane_endpoints {
	struct pane pane;
	/* Row ids are places in the ranking plus 1; its ids are in ends. */
	struct ranking ranking;
	/* What is shown, and what is added up meanwhile; or the same again, to
	 * be shown in another order. */
	struct ends ends[2];
	int shown, next;
	uint32_t *buckets; /* of the next: place in it plus 1; 0: empty */
	uint32_t at; /* the conversation to be added next */
	uint64_t added_up; /* generation of the packets that the sums are of */
	bool ranked; /* the next ones are added to the ranking */
	uint64_t made; /* how often the table was */
	struct endkey selected; /* its row moves */
	bool has_selected;
};

static const char *const column_names[COL_COUNT] = {
    "Address", "Flows", "Pkts→", "Sent", "Pkts←", "Received"};

/* ---- making the table ---- */

static struct end *
end_with(struct pane_endpoints *p, const struct endkey *key)
{
	struct ends *e = &p->ends[p->next];
	uint64_t h = UINT64_C(0xcbf29ce484222325);
	const uint8_t *bytes = (const uint8_t *)key;
	uint32_t *bucket;
	uint64_t word;

	for (size_t i = 0; i + 8 <= sizeof *key; i += 8) {
		memcpy(&word, bytes + i, 8);
		h = (h ^ word) * UINT64_C(0x9e3779b97f4a7c15);
		h ^= h >> 32;
	}
	for (size_t i = h % BUCKETS;; i = (i + 1) % BUCKETS) {
		bucket = &p->buckets[i];
		if (*bucket == 0)
			break;
		if (memcmp(&e->at[*bucket - 1].key, key, sizeof *key) == 0)
			return &e->at[*bucket - 1];
	}
	if (e->count == ENDPOINTS_MAX)
		return NULL;
	e->at[e->count] = (struct end){.key = *key};
	*bucket = (uint32_t)++e->count;
	return &e->at[e->count - 1];
}

static void
add_flow(struct pane_endpoints *p, const struct flow *f)
{
	for (int side = 0; side < 2; side++) {
		struct endkey key = endkey_of(f, side);
		struct end *e = end_with(p, &key);

		if (e == NULL) {
			p->ends[p->next].omitted++;
			continue;
		}
		e->flows++;
		e->flow = f->id;
		e->sent.packets += f->end[side].packets;
		e->sent.bytes += f->end[side].payload;
		e->received.packets += f->end[!side].packets;
		e->received.bytes += f->end[!side].payload;
	}
}

static uint64_t
key_of(const struct end *e, enum column column)
{
	struct addr a;

	switch (column) {
	case COL_FLOWS:
		return e->flows;
	case COL_SENT_PACKETS:
		return e->sent.packets;
	case COL_SENT:
		return e->sent.bytes;
	case COL_RECEIVED_PACKETS:
		return e->received.packets;
	case COL_RECEIVED:
		return e->received.bytes;
	case COL_ADDR:
	case COL_COUNT:
		break;
	}
	a = endkey_addr(&e->key);
	return endkey_rank(&a);
}

/* What the sums are made of. */
static uint64_t
table_gen(const struct view *v)
{
	return capture_gen(v->capture) + listing_gen(v->listing);
}

/* Another order needs no other sums. */
static void
begin(struct pane_endpoints *p, const struct view *v)
{
	const struct table_order *o = &v->deck->endpoints;
	uint64_t gen = table_gen(v);
	bool numbers = o->column != COL_ADDR;

	/* The largest first, until the order is turned round. */
	ranking_begin(&p->ranking, gen, v->now_ns, o->column, o->reverse,
	    o->reverse != numbers);
	p->ranked = false;
	p->next = p->shown;
	if (p->added_up == gen)
		return;
	p->added_up = gen;
	p->next = !p->shown;
	p->at = flow_first(capture_flows(v->capture));
	p->ends[p->next].count = 0;
	p->ends[p->next].omitted = 0;
	memset(p->buckets, 0, BUCKETS * sizeof *p->buckets);
}

/* True: there are more to be added up. */
static bool
add_some(struct pane_endpoints *p, const struct view *v)
{
	const struct flow_table *flows = capture_flows(v->capture);
	uint32_t end = flow_next(flows);

	if (end - p->at > WORK_PIECE)
		end = p->at + WORK_PIECE;
	for (; p->at < end; p->at++) {
		const struct flow *f = flow_get(flows, p->at);

		if (f != NULL && listing_has_flow(v->listing, p->at))
			add_flow(p, f);
	}
	return p->at < flow_next(flows);
}

static void
show_next(struct pane_endpoints *p)
{
	p->shown = p->next;
	p->made++;
	for (size_t i = 0; p->has_selected && i < p->ranking.count; i++)
		if (memcmp(&p->ends[p->shown].at[p->ranking.rows[i].id].key,
			&p->selected, sizeof p->selected) == 0)
			p->pane.list.selected = i + 1;
}

static void
rank(struct pane_endpoints *p)
{
	const struct ends *e = &p->ends[p->next];
	enum column column = (enum column)p->ranking.column;

	p->ranked = true;
	for (size_t i = 0; i < e->count; i++)
		ranking_add(
		    &p->ranking, key_of(&e->at[i], column), (uint32_t)i);
}

static bool
endpoints_work(struct pane *pane, const struct view *v)
{
	struct pane_endpoints *p = (struct pane_endpoints *)pane;
	const struct table_order *o = &v->deck->endpoints;

	if (ranking_stale(
		&p->ranking, table_gen(v), v->now_ns, o->column, o->reverse))
		begin(p, v);
	if (!p->ranking.making)
		return false;
	if (p->next != p->shown &&
	    p->at < flow_next(capture_flows(v->capture)) && add_some(p, v))
		return true;
	if (!p->ranked) {
		rank(p);
		return true;
	}
	if (!ranking_sort(&p->ranking))
		return true;
	show_next(p);
	return false;
}

static uint64_t
row_next(const struct pane *pane, const struct view *v, uint64_t id)
{
	const struct pane_endpoints *p = (const struct pane_endpoints *)pane;

	(void)v;
	return id < p->ranking.count ? id + 1 : 0;
}

static uint64_t
row_prev(const struct pane *pane, const struct view *v, uint64_t id)
{
	const struct pane_endpoints *p = (const struct pane_endpoints *)pane;

	(void)v;
	return id == 0 || id > p->ranking.count ? p->ranking.count : id - 1;
}

static const struct end *
end_at(const struct pane *pane, uint64_t row)
{
	const struct pane_endpoints *p = (const struct pane_endpoints *)pane;

	if (row == 0 || row > p->ranking.count)
		return NULL;
	return &p->ends[p->shown].at[p->ranking.rows[row - 1].id];
}

/* ---- drawing ---- */

/* Right ends of the columns; 0: not shown. The address begins at the left. */
static void
columns(int width, int at[COL_COUNT])
{
	int x = width >= 74 ? 30 : 24;

	memset(at, 0, COL_COUNT * sizeof *at);
	at[COL_FLOWS] = x += 7;
	if (width < 62) {
		at[COL_SENT] = x += 10;
		at[COL_RECEIVED] = x += 10;
		return;
	}
	at[COL_SENT_PACKETS] = x += 8;
	at[COL_SENT] = x += 10;
	at[COL_RECEIVED_PACKETS] = x += 8;
	at[COL_RECEIVED] = x += 10;
}

static void
draw_heading(const struct view *v, struct canvas *c, struct area a,
    const int at[COL_COUNT])
{
	const struct table_order *o = &v->deck->endpoints;
	char name[32];

	for (int i = 0; i < COL_COUNT; i++) {
		snprintf(name, sizeof name, "%s%s", column_names[i],
		    o->column != i ? ""
		    : o->reverse   ? "▲"
				   : "▼");
		if (i == COL_ADDR)
			canvas_text(c, a, 1, 0, ROLE_HEADING, name);
		else if (at[i] != 0)
			canvas_right(c, a, at[i], 0, ROLE_HEADING, name);
	}
}

static void
draw_number(
    struct canvas *c, struct area a, int end, int y, uint64_t n, bool size)
{
	char text[TEXT_NUM_MAX];

	if (end == 0)
		return;
	if (n == 0)
		canvas_text(c, a, end - 1, y, ROLE_DIM, "-");
	else
		canvas_right(c, a, end, y, ROLE_NUMBER,
		    size ? text_size(text, n) : text_count(text, n));
}

static void
draw_row(struct canvas *c, struct area a, const int at[COL_COUNT], int y,
    const struct end *e)
{
	struct addr addr = endkey_addr(&e->key);
	struct area left = {a.x + 1, a.y, at[COL_FLOWS] - 6, a.h};
	char text[ADDR_TEXT_MAX], name[ADDR_TEXT_MAX + 8];

	snprintf(name, sizeof name, "%s %s",
	    e->key.proto == PROTO_TCP   ? "tcp"
	    : e->key.proto == PROTO_UDP ? "udp"
					: "rfcomm",
	    flow_addr_format(text, &addr));
	if ((int)strlen(name) > left.w)
		canvas_right(c, left, left.w, y, ROLE_TEXT, name);
	else
		canvas_text(c, left, 0, y, ROLE_TEXT, name);
	draw_number(c, a, at[COL_FLOWS], y, e->flows, false);
	draw_number(c, a, at[COL_SENT_PACKETS], y, e->sent.packets, false);
	draw_number(c, a, at[COL_SENT], y, e->sent.bytes, true);
	draw_number(
	    c, a, at[COL_RECEIVED_PACKETS], y, e->received.packets, false);
	draw_number(c, a, at[COL_RECEIVED], y, e->received.bytes, true);
}

/* An end of what is selected in another pane. */
static bool
is_lit(const struct view *v, const struct end *e)
{
	struct addr addr = endkey_addr(&e->key);

	return v->deck->focus != PANE_PACKETS &&
	       weave_lit_end(
		   &v->weave, &v->deck->selected, &addr, e->key.proto);
}

static void
endpoints_draw(
    struct pane *pane, const struct view *v, struct canvas *c, struct area a)
{
	struct area body = a;
	int at[COL_COUNT];
	uint64_t id;

	columns(a.w, at);
	draw_heading(v, c, area_top(&body, 1), at);
	pane_layout(pane, v, a, body);
	id = pane->list.top;
	if (id == 0)
		packetfmt_empty(v, c, body);
	for (int y = 0; y < body.h && id != 0; y++) {
		const struct end *e = end_at(pane, id);

		if (e != NULL)
			draw_row(c, body, at, y, e);
		if (e != NULL && is_lit(v, e))
			canvas_over(c, body, 0, y, body.w, ROLE_LIT);
		pane_draw_selected(pane, c, body, y, id);
		id = row_next(pane, v, id);
	}
}

static void
endpoints_title(
    const struct pane *pane, const struct view *v, char *dst, size_t size)
{
	const struct pane_endpoints *p = (const struct pane_endpoints *)pane;
	const struct ends *e = &p->ends[p->shown];
	char n[TEXT_NUM_MAX];

	snprintf(dst, size, "Packets  endpoints  %s%s%s",
	    text_count(n, e->count), e->omitted > 0 ? " and others" : "",
	    listing_is_filtered(v->listing) ? "" : "  Enter: conversations");
}

/* ---- the pane ---- */

static uint64_t
endpoints_gen(const struct pane *pane, const struct view *v)
{
	return table_gen(v) + ((const struct pane_endpoints *)pane)->made;
}

static struct selection
endpoints_selected(const struct pane *pane, const struct view *v)
{
	const struct end *e = end_at(pane, pane->list.selected);

	(void)v;
	return (struct selection){.kind = SELECTED_NONE,
	    .flow = e != NULL && !pane->list.follow ? e->flow : 0};
}

static void
endpoints_row_text(const struct pane *pane, const struct view *v, uint64_t id,
    char dst[PANE_TEXT_MAX])
{
	const struct end *e = end_at(pane, id);
	char text[ADDR_TEXT_MAX];
	struct addr a;

	(void)v;
	dst[0] = '\0';
	if (e == NULL)
		return;
	a = endkey_addr(&e->key);
	snprintf(dst, PANE_TEXT_MAX,
	    "%s: %u conversations, sent %" PRIu64 " packets, %" PRIu64
	    " B, received %" PRIu64 " packets, %" PRIu64 " B",
	    addr_format(text, &a), e->flows, e->sent.packets, e->sent.bytes,
	    e->received.packets, e->received.bytes);
}

static void
endpoints_moved(struct pane *pane, const struct view *v)
{
	struct pane_endpoints *p = (struct pane_endpoints *)pane;
	const struct end *e = end_at(pane, pane->list.selected);

	(void)v;
	pane->list.follow = false;
	p->has_selected = e != NULL;
	if (e != NULL)
		p->selected = e->key;
}

bool
pane_endpoints_get(const struct pane *pane, struct addr *ret,
    uint8_t *ret_proto, uint32_t *ret_flow)
{
	const struct end *e = end_at(pane, pane->list.selected);

	if (e == NULL)
		return false;
	*ret = endkey_addr(&e->key);
	*ret_proto = e->key.proto;
	*ret_flow = e->flows == 1 ? e->flow : 0;
	return true;
}

static void
endpoints_free(struct pane *pane)
{
	struct pane_endpoints *p = (struct pane_endpoints *)pane;

	ranking_done(&p->ranking);
	free(p->ends[0].at);
	free(p->ends[1].at);
	free(p->buckets);
	free(p);
}

struct pane *
pane_endpoints_new(void)
{
	static const struct pane_ops ops = {
	    .gen = endpoints_gen,
	    .title = endpoints_title,
	    .draw = endpoints_draw,
	    .next = row_next,
	    .prev = row_prev,
	    .row_text = endpoints_row_text,
	    .selected = endpoints_selected,
	    .moved = endpoints_moved,
	    .work = endpoints_work,
	    .free = endpoints_free,
	};
	struct pane_endpoints *p = calloc(1, sizeof *p);

	if (p == NULL)
		return NULL;
	for (int i = 0; i < 2; i++)
		p->ends[i].at = malloc(ENDPOINTS_MAX * sizeof *p->ends[i].at);
	p->buckets = malloc(BUCKETS * sizeof *p->buckets);
	ranking_init(&p->ranking);
	p->pane.ops = &ops;
	list_init(&p->pane.list);
	p->pane.list.follow = false;
	if (p->ends[0].at == NULL || p->ends[1].at == NULL ||
	    p->buckets == NULL) {
		endpoints_free(&p->pane);
		return NULL;
	}
	return &p->pane;
}
