/*
 * What it cost: bytes by layer, of each message, of a conversation by purpose,
 * of everything, and of TCP beside UDP; as captured, or as real Ethernet would
 * carry it. Left and Right change the scope, x the link layer.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/base/text.h"
#include "net/callfmt.h"
#include "tui/costcols.h"
#include "tui/messages.h"
#include "tui/packetfmt.h"

/* Rows by purpose: both directions together, then the sum. */
#define ROW_SUM (PURPOSE_COUNT + 1)
/* Cells of a row's name, where there is room for it. */
#define PURPOSE_CELLS 15 /* "retransmission" */
#define MESSAGE_CELLS 40

enum scope { MESSAGES, CONVERSATION, EVERYTHING, TCP_UDP, SCOPE_COUNT };

static const char *const scope_names[SCOPE_COUNT] = {
    "messages", "conversation", "everything", "TCP | UDP"};

struct pane_overhead {
	struct pane pane;
	struct messages messages;
	enum scope scope;
	bool ethernet; /* what real Ethernet adds is shown, and counted */
	struct costcols columns; /* of what is drawn */
};

static const struct pane_overhead *
overhead(const struct pane *p)
{
	return (const struct pane_overhead *)p;
}

/* ---- rows ---- */

/* The conversation that is looked at; 0: everything. */
static uint32_t
flow_of(const struct pane_overhead *p, const struct view *v)
{
	return p->scope == MESSAGES || p->scope == CONVERSATION ? view_flow(v)
								: 0;
}

static struct cost
purpose_cost(
    const struct pane_overhead *p, const struct view *v, enum purpose purpose)
{
	const struct ledger *l = capture_ledger(v->capture);
	uint32_t flow = flow_of(p, v);
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

/* Of a purpose, or of all of them; of one protocol, or (PROTO_OTHER) of all. */
static struct cost
row_cost(const struct pane_overhead *p, const struct view *v, uint64_t id,
    enum summary_proto proto)
{
	const struct ledger *l = capture_ledger(v->capture);
	struct cost sum = {0}, one;

	for (int i = 0; i < PURPOSE_COUNT; i++) {
		if (id != ROW_SUM && id != (uint64_t)i + 1)
			continue;
		one = proto != PROTO_OTHER
			  ? ledger_total_of(l, proto, (enum purpose)i)
			  : purpose_cost(p, v, (enum purpose)i);
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
row_count(const struct pane_overhead *p)
{
	return p->scope == MESSAGES ? p->messages.count : ROW_SUM;
}

static uint64_t
row_next(const struct pane *p, const struct view *v, uint64_t id)
{
	(void)v;
	return id < row_count(overhead(p)) ? id + 1 : 0;
}

static uint64_t
row_prev(const struct pane *p, const struct view *v, uint64_t id)
{
	uint64_t count = row_count(overhead(p));

	(void)v;
	return id == 0 || id > count ? count : id - 1;
}

/* The call of a message's row; NULL: no such row, or it has left. */
static const struct call *
message_at(const struct pane_overhead *p, const struct view *v, uint64_t id)
{
	if (p->scope != MESSAGES || id == 0 || id > p->messages.count)
		return NULL;
	return journal_call(v->journal, p->messages.call[id - 1]);
}

/* What a message cost, with the ACKs and repeats that are due to it. */
static struct cost
message_cost(const struct view *v, const struct call *c)
{
	struct range_cost r;
	struct cost sum = {0};

	if (!weave_cost(&v->weave, c, &r))
		return sum;
	cost_add(&sum, &r.data);
	cost_add(&sum, &r.acks);
	cost_add(&sum, &r.retransmissions);
	return sum;
}

/* What stands in a row; side 1: of UDP, beside TCP. */
static struct cost
cost_at(
    const struct pane_overhead *p, const struct view *v, uint64_t id, int side)
{
	static const enum summary_proto protos[] = {PROTO_TCP, PROTO_UDP};
	const struct call *call = message_at(p, v, id);

	if (call != NULL)
		return message_cost(v, call);
	return row_cost(
	    p, v, id, p->scope == TCP_UDP ? protos[side] : PROTO_OTHER);
}

/* ---- drawing ---- */

/* With room for the rows that are to be drawn. */
static void
lay_out(struct pane_overhead *p, const struct view *v, int width, int rows)
{
	bool messages = p->scope == MESSAGES, both = p->scope == TCP_UDP;
	uint64_t id = messages ? p->pane.list.top : ROW_SUM;
	struct costcols *t = &p->columns;

	*t = (struct costcols){
	    .width = width,
	    .ethernet = p->ethernet,
	    .sides = {both ? "TCP" : NULL, both ? "UDP" : NULL},
	    .layers = costfmt_layers(v->capture, flow_of(p, v)),
	};
	costcols_begin(t);
	for (; rows > 0 && id != 0; rows--) {
		for (int i = 0; i < costcols_sides(t); i++) {
			struct cost k = cost_at(p, v, id, i);

			costcols_measure(t, &k);
		}
		id = row_next(&p->pane, v, id);
	}
	costcols_lay(t, messages ? MESSAGE_CELLS : PURPOSE_CELLS);
}

static void
draw_message(const struct pane_overhead *p, const struct view *v,
    struct canvas *c, struct area a, int y, const struct call *call)
{
	char data[4 * CALL_DATA_MAX + 1];
	struct area name = {a.x, a.y, p->columns.name, a.h};
	bool client = weave_call(&v->weave, call).dir == DIR_CLIENT;
	const struct selection *sel = &v->deck->selected;

	text_escape(data, sizeof data, call->data, call->data_len);
	canvas_printf(c, name, 1, y, client ? ROLE_CLIENT : ROLE_SERVER,
	    "%s %s", client ? "→" : "←", data);
	/* Here the call that is selected elsewhere is a partner itself. */
	if (weave_lit_call(&v->weave, sel, call) ||
	    (v->deck->focus != PANE_PACKETS && sel->kind == SELECTED_CALL &&
		sel->id == call->id))
		canvas_over(c, a, 0, y, a.w, ROLE_LIT);
}

/* Does the call that is selected elsewhere have a part in this purpose? */
static bool
purpose_is_lit(const struct view *v, uint64_t id)
{
	const struct selection *sel = &v->deck->selected;
	const struct call *c = journal_call(v->journal, (uint32_t)sel->id);
	struct range_cost r;
	struct exchange x;

	if (sel->kind != SELECTED_CALL || c == NULL || id == ROW_SUM)
		return false;
	if (weave_exchange(&v->weave, c, &x))
		return id == (c->kind == CALL_CONNECT || c->kind == CALL_ACCEPT
				     ? PURPOSE_HANDSHAKE
				     : PURPOSE_TEARDOWN) +
				 1;
	if (!weave_cost(&v->weave, c, &r))
		return false;
	return id == PURPOSE_DATA + 1 ||
	       (id == PURPOSE_ACK + 1 && r.acks.packets > 0) ||
	       (id == PURPOSE_RETRANSMISSION + 1 &&
		   r.retransmissions.packets > 0);
}

static void
draw_purpose(const struct pane_overhead *p, const struct view *v,
    struct canvas *c, struct area a, int y, uint64_t id)
{
	struct area name = {a.x, a.y, p->columns.name, a.h};
	const char *text = row_name(id);

	if (id == PURPOSE_RETRANSMISSION + 1 && 1 + text_cells(text) > name.w)
		text = "resent";
	canvas_text(
	    c, name, 1, y, id == ROW_SUM ? ROLE_TITLE : ROLE_TEXT, text);
	if (p->scope == CONVERSATION && purpose_is_lit(v, id))
		canvas_over(c, a, 0, y, a.w, ROLE_LIT);
}

/* Below the table: what the link layer adds, and how to see it otherwise. */
static void
draw_foot(const struct pane_overhead *p, const struct view *v, struct canvas *c,
    struct area a)
{
	struct cost sum = row_cost(p, v, ROW_SUM, PROTO_OTHER);
	struct cost_layers names = costfmt_layers(v->capture, flow_of(p, v));
	char total[TEXT_NUM_MAX], link[TEXT_NUM_MAX], words[200];

	if (a.h < 1 || sum.packets == 0)
		return;
	if (p->ethernet)
		snprintf(words, sizeof words,
		    "%s bytes on real Ethernet: each packet has a header of "
		    "14, FCS 4, preamble 8 and gap 12; short ones are padded "
		    "to 64. x: as captured",
		    text_count(total, cost_on_ethernet(&sum)));
	else
		snprintf(words, sizeof words,
		    "%s bytes, %s upward. (link): %s %s, not counted. x: as "
		    "on real Ethernet",
		    text_count(total, cost_bytes(&sum)), names.net,
		    text_count(link, sum.link), names.below);
	a.x++;
	a.w -= 2;
	area_top(&a, packetfmt_wrap(c, a, ROLE_DIM, words));
	if (p->scope == TCP_UDP && a.h > 0)
		packetfmt_wrap(c, a, ROLE_NOTE,
		    ":compare sends the same messages over TCP, UDP and "
		    "reliable UDP.");
}

static void
draw_row(const struct pane_overhead *p, const struct view *v, struct canvas *c,
    struct area a, int y, uint64_t id)
{
	const struct call *call = message_at(p, v, id);

	if (p->scope == MESSAGES && call == NULL)
		return; /* it has left */
	for (int i = 0; i < costcols_sides(&p->columns); i++) {
		struct cost k = cost_at(p, v, id, i);

		costcols_draw(&p->columns, c, a, y, i, &k);
	}
	if (call != NULL)
		draw_message(p, v, c, a, y, call);
	else
		draw_purpose(p, v, c, a, y, id);
}

static void
overhead_draw(
    struct pane *pane, const struct view *v, struct canvas *c, struct area a)
{
	struct pane_overhead *p = (struct pane_overhead *)pane;
	struct area body = a, head = area_top(&body, 1), foot = {0};
	uint64_t id;

	if (p->scope == MESSAGES && body.h >= 6) {
		foot = area_bottom(&body, a.w < 100 ? 3 : 2);
	} else if (p->scope != MESSAGES && body.h >= ROW_SUM + 3) {
		foot = body;
		foot.y += ROW_SUM + 1;
		foot.h -= ROW_SUM + 1;
		body.h = ROW_SUM;
	}
	pane_layout(pane, v, a, body);
	lay_out(p, v, a.w, body.h);
	canvas_text(c, head, 1, 0, ROLE_HEADING,
	    p->scope == MESSAGES ? "Message" : "Purpose");
	costcols_headings(&p->columns, c, head);
	id = pane->list.top;
	if (id == 0)
		packetfmt_wrap(c, body, ROLE_NOTE,
		    "No message of this conversation is known: its calls were "
		    "not made here. Right: by purpose.");
	for (int y = 0; y < body.h && id != 0; y++) {
		draw_row(p, v, c, body, y, id);
		pane_draw_selected(pane, c, body, y, id);
		id = row_next(pane, v, id);
	}
	draw_foot(p, v, c, foot);
}

static void
overhead_title(
    const struct pane *pane, const struct view *v, char *dst, size_t size)
{
	const struct pane_overhead *p = overhead(pane);
	uint32_t flow = flow_of(p, v);
	char number[16] = "";

	if (listing_is_filtered(v->listing) && p->scope != MESSAGES &&
	    p->scope != TCP_UDP) {
		snprintf(dst, size, "Packets  overhead");
		return;
	}
	if (flow != 0)
		snprintf(number, sizeof number, " %u", flow);
	snprintf(dst, size, "Packets  overhead%s%s  ‹%s%s›",
	    p->scope == MESSAGES ? " of conversation" : "",
	    p->scope == MESSAGES ? number : "", scope_names[p->scope],
	    p->scope == MESSAGES ? "" : number);
}

/* ---- the pane ---- */

static uint64_t
overhead_gen(const struct pane *pane, const struct view *v)
{
	return capture_gen(v->capture) + listing_gen(v->listing) +
	       overhead(pane)->messages.gen;
}

static bool
overhead_work(struct pane *pane, const struct view *v)
{
	struct pane_overhead *p = (struct pane_overhead *)pane;

	if (p->scope == MESSAGES &&
	    messages_follow(&p->messages, &v->weave, view_flow(v)))
		pane->list.follow = true;
	return false;
}

static struct selection
overhead_selected(const struct pane *pane, const struct view *v)
{
	const struct pane_overhead *p = overhead(pane);
	const struct call *c = message_at(p, v, pane->list.selected);

	if (c == NULL || pane->list.follow)
		return (struct selection){.kind = SELECTED_NONE};
	return (struct selection){SELECTED_CALL, c->id, view_flow(v)};
}

static void
overhead_row_text(const struct pane *pane, const struct view *v, uint64_t id,
    char dst[PANE_TEXT_MAX])
{
	const struct pane_overhead *p = overhead(pane);
	const struct call *c = message_at(p, v, id);
	struct cost k =
	    c != NULL ? message_cost(v, c) : row_cost(p, v, id, PROTO_OTHER);
	struct cost_layers names = costfmt_layers(v->capture, flow_of(p, v));
	char call[CALLFMT_MAX];

	snprintf(dst, PANE_TEXT_MAX,
	    "%s: %" PRIu64 " packets, %s %" PRIu64 ", %s %" PRIu64
	    ", %s %" PRIu64 ", payload %" PRIu64 ", on Ethernet %" PRIu64,
	    c != NULL ? callfmt(call, c) : row_name(id), k.packets, names.net,
	    k.net, names.transport, k.transport, names.options, k.options,
	    k.payload, cost_on_ethernet(&k));
}

static void
overhead_sideways(struct pane *pane, const struct view *v, int step)
{
	struct pane_overhead *p = (struct pane_overhead *)pane;

	(void)v;
	p->scope =
	    (enum scope)(((int)p->scope + SCOPE_COUNT + step) % SCOPE_COUNT);
	pane->list.follow = true;
}

static void
overhead_turn(struct pane *pane, const struct view *v)
{
	struct pane_overhead *p = (struct pane_overhead *)pane;

	(void)v;
	p->ethernet = !p->ethernet;
}

bool
pane_overhead_set(struct pane *pane, const char *word)
{
	static const char *const words[SCOPE_COUNT] = {
	    "messages", "conversation", "everything", "protocols"};
	struct pane_overhead *p = (struct pane_overhead *)pane;

	if (strcmp(word, "ethernet") == 0 || strcmp(word, "captured") == 0) {
		p->ethernet = word[0] == 'e';
		return true;
	}
	for (int i = 0; i < SCOPE_COUNT; i++)
		if (strcmp(word, words[i]) == 0) {
			p->scope = (enum scope)i;
			pane->list.follow = true;
			return true;
		}
	return false;
}

static void
overhead_free(struct pane *pane)
{
	messages_done(&((struct pane_overhead *)pane)->messages);
	free(pane);
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
	    .work = overhead_work,
	    .sideways = overhead_sideways,
	    .turn = overhead_turn,
	    .free = overhead_free,
	};
	struct pane_overhead *p = calloc(1, sizeof *p);

	if (p == NULL)
		return NULL;
	p->pane.ops = &ops;
	p->scope = CONVERSATION;
	list_init(&p->pane.list);
	return &p->pane;
}
