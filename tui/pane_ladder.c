/*
 * The ladder: one conversation as arrows between its two ends, client left,
 * server right, by role and port and never by address. Our own calls stand in
 * the outer margins at their time; a state stands beside the life line where
 * the end enters it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/base/text.h"
#include "net/callfmt.h"
#include "tui/packetfmt.h"

#define LADDER_FRAMES 2000 /* the newest of a conversation */
#define LADDER_RUNGS (2 * LADDER_FRAMES)

enum rung_kind { RUNG_FRAME, RUNG_BEGIN, RUNG_END };

/* One line: a packet, or a moment of a call. */
struct rung {
	int64_t ts_ns;
	enum rung_kind kind;
	uint64_t id; /* of the frame or the call */
};

struct pane_ladder {
	struct pane pane;
	/* Row ids are places in rungs plus 1. */
	struct rung *rungs;
	size_t count;
	uint32_t flow;
	uint64_t made_from; /* generations of the models */
};

/* ---- making the rungs ---- */

static void
add(struct pane_ladder *p, int64_t ts_ns, enum rung_kind kind, uint64_t id)
{
	if (p->count < LADDER_RUNGS)
		p->rungs[p->count++] = (struct rung){ts_ns, kind, id};
}

static void
add_frames(struct pane_ladder *p, const struct view *v, const struct flow *f)
{
	const struct store *store = capture_store(v->capture);
	uint64_t id = f->last_frame;
	const struct record *r;

	for (int n = 0; n < LADDER_FRAMES; n++) {
		r = store_record(store, id);
		if (r == NULL)
			break;
		add(p, r->ts_ns, RUNG_FRAME, id);
		id = record_before(r, id);
	}
}

/* Does this call begin something that the wire shows, or end it? */
static bool
shown_at_begin(const struct call *c)
{
	return c->kind == CALL_CONNECT || c->kind == CALL_SEND ||
	       c->kind == CALL_SENDTO || c->kind == CALL_SHUTDOWN ||
	       c->kind == CALL_CLOSE;
}

static bool
shown_at_end(const struct call *c)
{
	return c->phase == CALL_DONE &&
	       (c->kind == CALL_CONNECT || c->kind == CALL_ACCEPT ||
		   c->kind == CALL_RECV || c->kind == CALL_RECVFROM);
}

static void
add_call(struct pane_ladder *p, const struct call *c,
    const struct jsock *const ours[2])
{
	uint32_t sock = weave_call_sock(c);

	if ((ours[0] == NULL || ours[0]->id != sock) &&
	    (ours[1] == NULL || ours[1]->id != sock))
		return;
	if (shown_at_begin(c))
		add(p, c->begin_ns, RUNG_BEGIN, c->id);
	if (shown_at_end(c))
		add(p, c->end_ns, RUNG_END, c->id);
}

static void
add_calls(struct pane_ladder *p, const struct view *v, const struct flow *f)
{
	const struct journal *j = v->journal;
	struct addr client = flow_addr(f, DIR_CLIENT);
	struct addr server = flow_addr(f, DIR_SERVER);
	const struct jsock *const ours[] = {
	    journal_find_sock(j, &client, &server),
	    journal_find_sock(j, &server, &client),
	};
	bool cut = p->count == LADDER_FRAMES;
	int64_t from_ns = cut ? p->rungs[p->count - 1].ts_ns : 0;

	for (uint32_t e = journal_next(j); e-- > journal_first(j);) {
		const struct call *c = journal_at(j, e);

		if (c->end_ns < from_ns)
			break;
		add_call(p, c, ours);
	}
	for (uint32_t i = 0; i < journal_running(j); i++)
		add_call(p, journal_running_at(j, i), ours);
}

static int
compare(const void *a, const void *b)
{
	const struct rung *x = a, *y = b;

	if (x->ts_ns != y->ts_ns)
		return (x->ts_ns > y->ts_ns) - (x->ts_ns < y->ts_ns);
	return (x->id > y->id) - (x->id < y->id);
}

static void
make(struct pane_ladder *p, const struct view *v)
{
	uint32_t flow = view_flow(v);
	uint64_t models = capture_gen(v->capture) + journal_gen(v->journal);
	const struct flow *f = flow_get(capture_flows(v->capture), flow);

	if (p->flow == flow && p->made_from == models)
		return;
	if (p->flow != flow)
		p->pane.list.follow = true;
	p->flow = flow;
	p->made_from = models;
	p->count = 0;
	if (f == NULL)
		return;
	add_frames(p, v, f);
	add_calls(p, v, f);
	qsort(p->rungs, p->count, sizeof *p->rungs, compare);
}

static uint64_t
row_next(const struct pane *pane, const struct view *v, uint64_t id)
{
	const struct pane_ladder *p = (const struct pane_ladder *)pane;

	(void)v;
	return id < p->count ? id + 1 : 0;
}

static uint64_t
row_prev(const struct pane *pane, const struct view *v, uint64_t id)
{
	const struct pane_ladder *p = (const struct pane_ladder *)pane;

	(void)v;
	return id == 0 || id > p->count ? p->count : id - 1;
}

/* ---- drawing ---- */

/* Columns: margin, client's life line, arrow, server's life line, margin. */
struct shape {
	int left, right; /* the life lines */
	int delta; /* end of the time column; 0: none */
	int width;
};

static struct shape
shape_of(int width)
{
	int margin = width >= 100 ? 18 : 13;
	int delta = width >= 74 ? 10 : 0;

	return (struct shape){
	    .left = margin,
	    .right = width - margin - delta - 1,
	    .delta = delta != 0 ? width : 0,
	    .width = width,
	};
}

static void
draw_lines(struct canvas *c, struct area a, const struct shape *s, int y)
{
	canvas_put(c, a, s->left, y, ROLE_BORDER, U'│');
	canvas_put(c, a, s->right, y, ROLE_BORDER, U'│');
}

static void
margin_text(struct canvas *c, struct area a, const struct shape *s, int y,
    int end, enum role role, const char *text)
{
	if (end == DIR_CLIENT) {
		canvas_right(c, a, s->left - 1, y, role, text);
		return;
	}
	if (s->delta != 0)
		a.w = s->width - 10;
	canvas_text(c, a, s->right + 2, y, role, text);
}

static void
draw_call(const struct view *v, struct canvas *c, struct area a,
    const struct shape *s, int y, const struct rung *r)
{
	const struct call *call = journal_call(v->journal, (uint32_t)r->id);
	char text[2 * CALLFMT_MAX], result[CALLFMT_MAX];
	struct woven w;

	if (call == NULL)
		return;
	w = weave_call(&v->weave, call);
	callfmt_result(result, call);
	if (r->kind == RUNG_END)
		snprintf(text, sizeof text, "%s = %s",
		    call_verb((enum call_kind)call->kind), result);
	else if (call->kind == CALL_SEND || call->kind == CALL_SENDTO)
		snprintf(text, sizeof text, "%s(%" PRIu64 ")",
		    call_verb((enum call_kind)call->kind), call->asked);
	else
		snprintf(text, sizeof text, "%s()",
		    call_verb((enum call_kind)call->kind));
	margin_text(
	    c, a, s, y, w.end, call->error ? ROLE_BAD : ROLE_CALL, text);
	canvas_put(c, a, w.end == DIR_CLIENT ? s->left : s->right, y, ROLE_CALL,
	    w.end == DIR_CLIENT ? U'┤' : U'├');
	if (weave_lit_call(&v->weave, &v->deck->selected, call))
		canvas_over(c, a, 0, y, a.w, ROLE_LIT);
}

static void
draw_arrow(struct canvas *c, struct area a, const struct shape *s, int y,
    const struct frame *f)
{
	bool right = f->dir == DIR_CLIENT;
	bool again = f->purpose == PURPOSE_RETRANSMISSION;
	enum role role = packetfmt_role(f);
	int from = s->left + 1, len = s->right - from;
	char label[96];

	canvas_repeat(c, a, from, y, role,
	    !again  ? U'─'
	    : right ? U'>'
		    : U'<',
	    len);
	canvas_put(
	    c, a, right ? s->right - 1 : from, y, role, right ? U'▶' : U'◀');
	packetfmt_arrow(f, len - 5, label, sizeof label);
	a.w = s->right - 1;
	canvas_printf(c, a, from + (right ? 1 : 2), y, role, " %s ", label);
}

/* A state is written where its end enters it. */
static void
draw_states(const struct view *v, struct canvas *c, struct area a,
    const struct shape *s, int y, const struct frame *f)
{
	const struct record *before =
	    store_record(capture_store(v->capture), f->prev_in_flow);

	if (f->sum.proto != PROTO_TCP)
		return;
	for (int end = 0; end < 2; end++)
		if (before == NULL ||
		    record_state(before, end) != f->state[end])
			margin_text(c, a, s, y, end, ROLE_STATE,
			    tcp_state_name(f->state[end]));
}

static void
draw_frame(const struct view *v, struct canvas *c, struct area a,
    const struct shape *s, int y, const struct frame *f)
{
	const struct record *before =
	    store_record(capture_store(v->capture), f->prev_in_flow);
	char text[TEXT_NUM_MAX + 2] = "+";

	draw_arrow(c, a, s, y, f);
	packetfmt_mark(v, c, a, 0, y, f->id);
	draw_states(v, c, a, s, y, f);
	if (s->delta != 0 && before != NULL) {
		text_span(text + 1, f->packet.ts_ns - before->ts_ns);
		canvas_right(c, a, s->delta, y, ROLE_DIM, text);
	}
	if (weave_lit_frame(&v->weave, &v->deck->selected, f))
		canvas_over(c, a, 0, y, a.w, ROLE_LIT);
}

static void
draw_heading(const struct view *v, struct canvas *c, struct area a,
    const struct shape *s, const struct flow *f)
{
	struct addr client = flow_addr(f, DIR_CLIENT);
	struct addr server = flow_addr(f, DIR_SERVER);
	char text[32];
	int x, room;

	(void)v;
	snprintf(text, sizeof text, "server :%u", addr_port(&server));
	room = canvas_right(c, a, s->right + 3, 0, ROLE_SERVER, text) - 2;
	snprintf(text, sizeof text, "client :%u", addr_port(&client));
	x = s->left - 2;
	if (x + text_cells(text) > room)
		x = room - text_cells(text);
	canvas_text(c, a, x > 0 ? x : 0, 0, ROLE_CLIENT, text);
}

static void
ladder_draw(
    struct pane *pane, const struct view *v, struct canvas *c, struct area a)
{
	struct pane_ladder *p = (struct pane_ladder *)pane;
	struct area body = a, heading = area_top(&body, 1);
	struct shape s = shape_of(a.w);
	const struct flow *f;
	uint64_t id;

	make(p, v);
	f = flow_get(capture_flows(v->capture), p->flow);
	pane_layout(pane, v, a, body);
	if (f == NULL) {
		packetfmt_empty(v, c, body);
		return;
	}
	draw_heading(v, c, heading, &s, f);
	id = pane->list.top;
	for (int y = 0; y < body.h && id != 0; y++) {
		const struct rung *r = &p->rungs[id - 1];
		struct frame fr;

		draw_lines(c, body, &s, y);
		if (r->kind != RUNG_FRAME)
			draw_call(v, c, body, &s, y, r);
		else if (store_get(capture_store(v->capture), r->id, &fr))
			draw_frame(v, c, body, &s, y, &fr);
		if (pane_is_selected(pane, id))
			canvas_over(c, body, 0, y, body.w, ROLE_SELECTED);
		id = row_next(pane, v, id);
	}
}

static void
ladder_title(
    const struct pane *pane, const struct view *v, char *dst, size_t size)
{
	const struct flow *f =
	    flow_get(capture_flows(v->capture), view_flow(v));

	(void)pane;
	if (f == NULL)
		snprintf(dst, size, "Packets  ladder");
	else
		snprintf(
		    dst, size, "Packets  ladder of conversation %u", f->id);
}

static uint64_t
ladder_gen(const struct pane *pane, const struct view *v)
{
	(void)pane;
	return capture_gen(v->capture) + journal_gen(v->journal);
}

static const struct rung *
rung_at(const struct pane *pane, uint64_t id)
{
	const struct pane_ladder *p = (const struct pane_ladder *)pane;

	return id == 0 || id > p->count ? NULL : &p->rungs[id - 1];
}

static struct selection
ladder_selected(const struct pane *pane, const struct view *v)
{
	const struct rung *r = rung_at(pane, pane->list.selected);

	(void)v;
	if (r == NULL)
		return (struct selection){.kind = SELECTED_NONE};
	return (struct selection){
	    .kind = pane->list.follow       ? SELECTED_NONE
		    : r->kind == RUNG_FRAME ? SELECTED_FRAME
					    : SELECTED_CALL,
	    .id = pane->list.follow && r->kind != RUNG_FRAME ? 0 : r->id,
	    .flow = ((const struct pane_ladder *)pane)->flow,
	};
}

static void
ladder_row_text(const struct pane *pane, const struct view *v, uint64_t id,
    char dst[PANE_TEXT_MAX])
{
	const struct rung *r = rung_at(pane, id);
	const struct call *c;
	struct frame f;
	char text[CALLFMT_MAX];

	dst[0] = '\0';
	if (r == NULL)
		return;
	if (r->kind == RUNG_FRAME) {
		if (store_get(capture_store(v->capture), r->id, &f))
			packetfmt_line(v, &f, dst);
		return;
	}
	c = journal_call(v->journal, (uint32_t)r->id);
	if (c != NULL)
		snprintf(dst, PANE_TEXT_MAX, "%s", callfmt(text, c));
}

static void
ladder_show_frame(struct pane *pane, const struct view *v, uint64_t frame)
{
	struct pane_ladder *p = (struct pane_ladder *)pane;

	make(p, v);
	for (size_t i = 0; i < p->count; i++)
		if (p->rungs[i].kind == RUNG_FRAME && p->rungs[i].id == frame)
			pane_select(pane, i + 1);
}

static void
ladder_free(struct pane *pane)
{
	free(((struct pane_ladder *)pane)->rungs);
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
	    .selected = ladder_selected,
	    .show_frame = ladder_show_frame,
	    .free = ladder_free,
	};
	struct pane_ladder *p = calloc(1, sizeof *p);

	if (p == NULL)
		return NULL;
	p->rungs = malloc(LADDER_RUNGS * sizeof *p->rungs);
	if (p->rungs == NULL) {
		free(p);
		return NULL;
	}
	p->pane.ops = &ops;
	list_init(&p->pane.list);
	return &p->pane;
}
