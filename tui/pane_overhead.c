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
#include "tui/costfmt.h"
#include "tui/messages.h"
#include "tui/packetfmt.h"

/* Rows by purpose: both directions together, then the sum. */
#define ROW_SUM (PURPOSE_COUNT + 1)

enum scope { MESSAGES, CONVERSATION, EVERYTHING, TCP_UDP, SCOPE_COUNT };

static const char *const scope_names[SCOPE_COUNT] = {
    "messages", "conversation", "everything", "TCP | UDP"};

struct pane_overhead {
	struct pane pane;
	struct messages messages;
	enum scope scope;
	bool ethernet; /* what real Ethernet adds is shown, and counted */
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

/* ---- drawing ---- */

/* Ends of the columns; 0: there is no room. */
struct columns {
	int packets, link, net, transport, options, payload, sum, share, bar;
};

static struct columns
columns(int width)
{
	if (width < 54)
		return (struct columns){
		    .packets = 20, .net = 26, .payload = 31, .share = 38};
	if (width < 74)
		return (struct columns){21, 27, 33, 39, 0, 45, 51, 58, 0};
	return (struct columns){
	    24, 32, 40, 48, 54, 62, 71, 78, width >= 90 ? 79 : 0};
}

static void
draw_number(struct canvas *c, struct area a, int end, int y, uint64_t n)
{
	char text[TEXT_NUM_MAX];

	if (end > 0)
		canvas_right(c, a, end, y, n == 0 ? ROLE_DIM : ROLE_NUMBER,
		    n == 0 ? "-" : text_count(text, n));
}

static void
draw_cost(const struct pane_overhead *p, struct canvas *c, struct area a, int y,
    const struct cost *k)
{
	struct columns at = columns(a.w);
	uint64_t all = p->ethernet ? cost_on_ethernet(k) : cost_bytes(k);
	uint64_t link = p->ethernet ? k->ether : k->link;
	char text[TEXT_NUM_MAX];

	draw_number(c, a, at.packets, y, k->packets);
	draw_number(c, a, at.link, y, link);
	/* Where there is no column for it a number goes to its neighbour. */
	draw_number(
	    c, a, at.net, y, at.transport > 0 ? k->net : all - k->payload);
	draw_number(c, a, at.transport, y,
	    k->transport + (at.options > 0 ? 0 : k->options));
	draw_number(c, a, at.options, y, k->options);
	draw_number(c, a, at.payload, y, k->payload);
	draw_number(c, a, at.sum, y, all);
	if (all == 0)
		return;
	canvas_right(c, a, at.share, y, ROLE_COST,
	    p->ethernet ? costfmt_share_on_ethernet(text, k)
			: costfmt_share(text, k));
	if (at.bar > 0)
		canvas_bar(c, a, at.bar, y,
		    a.w - at.bar - 1 < 24 ? a.w - at.bar - 1 : 24,
		    all - k->payload, all, ROLE_HEADERS, ROLE_PAYLOAD);
}

static void
draw_heading(const struct pane_overhead *p, const struct view *v,
    struct canvas *c, struct area a)
{
	struct cost_layers names = costfmt_layers(v->capture, flow_of(p, v));
	struct columns at = columns(a.w);
	const struct {
		int end;
		const char *text;
	} heads[] = {
	    {at.packets, "pkts"},
	    {at.link, p->ethernet ? "Ether" : "(link)"},
	    {at.net, at.transport > 0 ? names.net : "other"},
	    {at.transport, names.transport},
	    {at.options, names.options},
	    {at.payload, at.sum > 0 ? "payload" : "data"},
	    {at.sum, "sum"},
	    {at.share, "share"},
	};

	canvas_text(c, a, 1, 0, ROLE_HEADING,
	    p->scope == MESSAGES ? "Message" : "Purpose");
	for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
		if (heads[i].end > 0)
			canvas_right(
			    c, a, heads[i].end, 0, ROLE_HEADING, heads[i].text);
}

static void
draw_message(const struct pane_overhead *p, const struct view *v,
    struct canvas *c, struct area a, int y, const struct call *call)
{
	char data[4 * CALL_DATA_MAX + 1];
	struct area name = {a.x, a.y, columns(a.w).packets - 5, a.h};
	bool client = weave_call(&v->weave, call).dir == DIR_CLIENT;
	const struct selection *sel = &v->deck->selected;
	struct cost k = message_cost(v, call);

	text_escape(data, sizeof data, call->data, call->data_len);
	canvas_printf(c, name, 1, y, client ? ROLE_CLIENT : ROLE_SERVER,
	    "%s %s", client ? "→" : "←", data);
	draw_cost(p, c, a, y, &k);
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
	struct cost k = row_cost(p, v, id, PROTO_OTHER);

	canvas_text(
	    c, a, 1, y, id == ROW_SUM ? ROLE_TITLE : ROLE_TEXT, row_name(id));
	draw_cost(p, c, a, y, &k);
	if (p->scope == CONVERSATION && purpose_is_lit(v, id))
		canvas_over(c, a, 0, y, a.w, ROLE_LIT);
}

/* Ends of the columns in a half of a row; packets 0: there is no room. */
struct half {
	int packets, headers, payload, share;
};

static struct half
half_columns(int width)
{
	return (struct half){
	    .packets = width >= 30 ? width - 22 : 0,
	    .headers = width - 14,
	    .payload = width - 5,
	    .share = width,
	};
}

static void
draw_half(const struct pane_overhead *p, struct canvas *c, struct area a, int y,
    const struct cost *k)
{
	uint64_t all = p->ethernet ? cost_on_ethernet(k) : cost_bytes(k);
	struct half at = half_columns(a.w);
	char text[TEXT_NUM_MAX];

	draw_number(c, a, at.packets, y, k->packets);
	draw_number(c, a, at.headers, y, all - k->payload);
	draw_number(c, a, at.payload, y, k->payload);
	if (all > 0)
		canvas_right(c, a, at.share, y, ROLE_COST,
		    p->ethernet ? costfmt_share_on_ethernet(text, k)
				: costfmt_share(text, k));
}

static void
draw_half_heading(struct canvas *c, struct area a, const char *name)
{
	struct half at = half_columns(a.w);

	canvas_text(c, a, 0, 0, ROLE_TITLE, name);
	if (at.packets > 0)
		canvas_right(c, a, at.packets, 0, ROLE_HEADING, "pkts");
	canvas_right(c, a, at.headers, 0, ROLE_HEADING,
	    at.packets > 0 ? "headers" : "hdr");
	canvas_right(c, a, at.payload, 0, ROLE_HEADING, "payload");
}

static void
draw_both(const struct pane_overhead *p, const struct view *v, struct canvas *c,
    struct area a, int y, uint64_t id)
{
	static const struct {
		const char *name;
		enum summary_proto proto;
	} sides[] = {{"TCP", PROTO_TCP}, {"UDP", PROTO_UDP}};
	int first = a.w < 54 ? 6 : 16, width = (a.w - first) / 2;

	if (id != 0)
		canvas_text(c, (struct area){a.x, a.y, first, a.h}, 1, y,
		    id == ROW_SUM ? ROLE_TITLE : ROLE_TEXT, row_name(id));
	for (int i = 0; i < 2; i++) {
		struct area half = {
		    a.x + first + i * width, a.y, width - 1, a.h};
		struct cost k;

		if (id == 0) {
			draw_half_heading(c, half, sides[i].name);
			continue;
		}
		k = row_cost(p, v, id, sides[i].proto);
		draw_half(p, c, half, y, &k);
	}
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

	if (call != NULL)
		draw_message(p, v, c, a, y, call);
	else if (p->scope == TCP_UDP)
		draw_both(p, v, c, a, y, id);
	else if (p->scope != MESSAGES)
		draw_purpose(p, v, c, a, y, id);
}

static void
overhead_draw(
    struct pane *pane, const struct view *v, struct canvas *c, struct area a)
{
	const struct pane_overhead *p = overhead(pane);
	struct area body = a, head = area_top(&body, 1), foot = {0};
	uint64_t id;

	if (p->scope == TCP_UDP)
		draw_both(p, v, c, head, 0, 0);
	else
		draw_heading(p, v, c, head);
	if (p->scope == MESSAGES && body.h >= 6) {
		foot = area_bottom(&body, a.w < 100 ? 3 : 2);
	} else if (p->scope != MESSAGES && body.h >= ROW_SUM + 3) {
		foot = body;
		foot.y += ROW_SUM + 1;
		foot.h -= ROW_SUM + 1;
		body.h = ROW_SUM;
	}
	pane_layout(pane, v, a, body);
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
