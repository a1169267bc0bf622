/*
 * The server pane and the client pane: the calls of one side as they happen,
 * each line of data with its cost, the handshake beside connect() and the
 * teardown beside close().
 *
 * The calls stand in the order in which they ended, those under way below. A
 * row's id is its call's place times ROW_PARTS plus the part: the call itself,
 * then its data or its packets, or the further lines of a note.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/base/clock.h"
#include "net/base/text.h"
#include "net/callfmt.h"
#include "tui/calls_foot.h"
#include "tui/calls_title.h"
#include "tui/costfmt.h"
#include "tui/httpfmt.h"
#include "tui/pane.h"
#include "tui/rudpfmt.h"

#define ROW_PARTS (HTTPFMT_ROWS_MAX + 2)
#define RUNNING (UINT64_C(1) << 32) /* the first place of those under way */
#define NOTE_INDENT 2
#define DATA_TEXT_MAX (4 * CALL_DATA_MAX + 1)
#define TEXT_CELLS 120 /* of the pane that a text shows */
#define TEXT_DATA_CELLS 40 /* beside which the cost has room there */
#define GATE_CELLS 18 /* of " ▌ waits for Space" */
/* A call that returns sooner did not block as far as a person can tell. */
#define BLOCKED_AFTER_NS (100 * CLOCK_MS)

struct pane_calls {
	struct pane pane;
	enum side side;
	int width; /* of the last drawing: notes wrap to it */
};

/* ---- which rows there are ---- */

static bool
shows(const struct pane_calls *p, const struct view *v, const struct call *c)
{
	const struct session_state *s = deck_session_const(v->deck);

	if (c == NULL || c->side != p->side)
		return false;
	if (p->side == SIDE_SERVER && v->deck->client != 0)
		return roster_is_of(v->roster, v->deck->client, c);
	return p->side == SIDE_SERVER || (s != NULL && c->group == s->group);
}

/* The part-th line of a note, or of a call's lesson; its length, 0 if there is
 * none. */
static int
note_line(const struct pane_calls *p, const struct call *c, int part,
    const char **ret_text)
{
	int width = p->width > 20 ? p->width - NOTE_INDENT : 20;
	bool note = c->kind == CALL_NOTE;
	const char *text = note ? (const char *)c->data : callfmt_lesson(c);
	size_t left = note ? c->data_len : strlen(text), len, next;

	for (;; part--) {
		len = text_wrap(text, left, width, &next);
		if (part == 0)
			break;
		text += next;
		left -= next;
	}
	*ret_text = text;
	return (int)len;
}

static int
note_lines(const struct pane_calls *p, const struct call *c)
{
	const char *text;
	int n = 1;

	while (n < ROW_PARTS && note_line(p, c, n, &text) > 0)
		n++;
	return n;
}

static int
parts(const struct pane_calls *p, const struct view *v, const struct call *c)
{
	struct exchange x;

	if (c->kind == CALL_NOTE)
		return note_lines(p, c);
	if (callfmt_lesson(c)[0] != '\0')
		return 1 + note_lines(p, c);
	if (callfmt_has_data(c))
		return 2 + (p->side == SIDE_CLIENT ? httpfmt_rows(c) : 0);
	return c->phase == CALL_DONE && weave_exchange(&v->weave, c, &x) ? 2
									 : 1;
}

/* The call at a place: ended ones by entry, then those under way. */
static const struct call *
call_at(const struct journal *j, uint64_t place)
{
	return place < RUNNING
		   ? journal_at(j, (uint32_t)place)
		   : journal_running_at(j, (uint32_t)(place - RUNNING));
}

/* The place after (before) this one, whether it is shown or not. */
static uint64_t
place_after(const struct journal *j, uint64_t place)
{
	if (place < journal_first(j))
		place = journal_first(j) - 1;
	if (place < RUNNING && place + 1 >= journal_next(j))
		place = RUNNING - 1;
	return ++place < RUNNING + journal_running(j) ? place : 0;
}

static uint64_t
place_before(const struct journal *j, uint64_t place)
{
	if (place == 0 || place > RUNNING + journal_running(j))
		place = RUNNING + journal_running(j);
	if (place == RUNNING)
		place = journal_next(j);
	return --place >= journal_first(j) ? place : 0;
}

static uint64_t
row_next(const struct pane *pane, const struct view *v, uint64_t id)
{
	const struct pane_calls *p = (const struct pane_calls *)pane;
	uint64_t place = id / ROW_PARTS;
	const struct call *c = call_at(v->journal, place);

	if (shows(p, v, c) && (int)(id % ROW_PARTS) + 1 < parts(p, v, c))
		return id + 1;
	while ((place = place_after(v->journal, place)) != 0)
		if (shows(p, v, call_at(v->journal, place)))
			return place * ROW_PARTS;
	return 0;
}

static uint64_t
row_prev(const struct pane *pane, const struct view *v, uint64_t id)
{
	const struct pane_calls *p = (const struct pane_calls *)pane;
	uint64_t place = id / ROW_PARTS;
	const struct call *c;

	if (id % ROW_PARTS > 0)
		return id - 1;
	while ((place = place_before(v->journal, place)) != 0) {
		c = call_at(v->journal, place);
		if (shows(p, v, c))
			return place * ROW_PARTS + (uint64_t)parts(p, v, c) - 1;
	}
	return 0;
}

/* ---- drawing a row ---- */

/* Where a row is drawn. */
struct line {
	struct canvas *c;
	struct area a;
	int y;
};

static int64_t
moment(const struct call *c)
{
	return c->phase == CALL_DONE ? c->end_ns : c->begin_ns;
}

/* Of the call that stands above this place; 0: none does. */
static int64_t
moment_above(const struct pane_calls *p, const struct view *v, uint64_t place)
{
	while ((place = place_before(v->journal, place)) != 0) {
		const struct call *c = call_at(v->journal, place);

		if (shows(p, v, c) && c->kind != CALL_NOTE)
			return moment(c);
	}
	return 0;
}

/* Returns where the call itself begins. */
static int
draw_time(const struct pane_calls *p, const struct line *l,
    const struct view *v, const struct call *c, uint64_t place)
{
	int cells = timefmt_cells(v, l->a.w);
	char text[TEXT_NUM_MAX];
	int64_t above =
	    v->deck->time == TIME_AS_DELTA ? moment_above(p, v, place) : 0;

	canvas_right(l->c, l->a, cells, l->y, ROLE_DIM,
	    timefmt(text, v, moment(c), above, cells));
	return cells + 1;
}

static int
draw_result(
    const struct line *l, const struct view *v, const struct call *c, int x)
{
	char text[CALLFMT_MAX], span[TEXT_NUM_MAX];
	int64_t took;

	if (c->phase == CALL_GATED) {
		/* Over the end of the arguments rather than out of sight. */
		if (x > l->a.w - GATE_CELLS)
			x = l->a.w - GATE_CELLS;
		return canvas_text(
		    l->c, l->a, x, l->y, ROLE_BLOCKED, " ▌ waits for Space");
	}
	if (c->phase == CALL_RUNNING) {
		took = v->now_ns - c->begin_ns;
		if (took < CLOCK_S)
			return took < BLOCKED_AFTER_NS
				   ? x
				   : canvas_text(l->c, l->a, x, l->y,
					 ROLE_BLOCKED, " ▒ blocked");
		if (took < 100 * CLOCK_S)
			snprintf(
			    span, sizeof span, "%d s", (int)(took / CLOCK_S));
		else
			text_span(span, took);
		return canvas_printf(
		    l->c, l->a, x, l->y, ROLE_BLOCKED, " ▒ blocked %s", span);
	}
	x = canvas_text(
	    l->c, l->a, x, l->y, c->error ? ROLE_BAD : ROLE_RESULT, " = ");
	x = canvas_text(l->c, l->a, x, l->y, c->error ? ROLE_BAD : ROLE_RESULT,
	    callfmt_result(text, c));
	took = c->end_ns - c->begin_ns;
	if (took >= CLOCK_MS)
		x = canvas_printf(l->c, l->a, x, l->y, ROLE_DIM, " in %s",
		    text_span(span, took));
	return canvas_printf(
	    l->c, l->a, x, l->y, ROLE_DIM, "  %s", callfmt_meaning(text, c));
}

static void
draw_call(const struct pane_calls *p, const struct line *l,
    const struct view *v, const struct call *c, uint64_t place)
{
	char text[CALLFMT_MAX];
	int x = draw_time(p, l, v, c, place), end = x;

	if (c->kind != CALL_SOCKET && c->fd >= 0)
		end = canvas_printf(l->c, l->a, x, l->y, ROLE_DIM, "%d", c->fd);
	x = end + 1 > x + 3 ? end + 1 : x + 3;
	x = canvas_text(l->c, l->a, x, l->y,
	    c->phase == CALL_DONE ? ROLE_CALL : ROLE_BLOCKED,
	    callfmt_args(text, c));
	draw_result(l, v, c, x);
}

static uint8_t
proto_of(const struct view *v, const struct call *c)
{
	const struct jsock *s = journal_sock(v->journal, c->sock);

	if (s != NULL && s->domain == AF_BLUETOOTH)
		return PROTO_RFCOMM;
	return s != NULL && s->type == SOCK_DGRAM ? PROTO_UDP : PROTO_TCP;
}

/* Why there is no cost to show, in the cost column. */
static const char *
no_cost(const struct view *v, const struct call *c)
{
	const struct jsock *s = journal_sock(v->journal, c->sock);

	if (s != NULL && s->domain == AF_UNIX)
		return "no wire: copied inside the kernel";
	if (s != NULL && s->domain == AF_BLUETOOTH)
		return "on the air";
	if (s != NULL && s->type == SOCK_RAW)
		return "no ports, so no conversation: see the packets";
	if (v->deck->capture_trouble[0] == '\0' && v->source.live &&
	    v->now_ns - c->end_ns < CLOCK_S)
		return "…";
	/* In a buffer, or held at the wire: neither is captured before. */
	if (v->wire != NULL && call_sends(c) && v->deck->filter[0] == '\0' &&
	    store_first(capture_store(v->capture)) <= 1)
		return "not across yet";
	return "not captured";
}

/* Does the call belong to our own server or client of reliable UDP? */
static bool
is_rudp(const struct view *v, const struct call *c)
{
	const struct session_state *s = deck_session_const(v->deck);
	const struct server_state *server = &v->deck->server;

	if (c->side == SIDE_SERVER)
		return c->group == server->group &&
		       server->spec.endpoint.transport == TRANSPORT_RUDP;
	return s != NULL && c->group == s->group &&
	       s->spec.endpoint.transport == TRANSPORT_RUDP;
}

/* What a datagram of reliable UDP is for; where its message begins. Of several
 * the record has the first. */
static int
draw_type(const struct line *l, int *x, enum role role, const struct call *c)
{
	bool whole = c->messages > 1 && c->data_len < CALL_DATA_MAX;
	const char *type;
	int from = rudpfmt_datagram(c->data, c->data_len,
	    whole ? c->data_len : (size_t)call_moved(c), &type);

	if (from < 0 || from > c->data_len)
		return 0;
	*x = canvas_printf(l->c, l->a, *x, l->y, role, "%s ", type);
	if (c->messages > 1)
		*x = canvas_printf(l->c, l->a, *x, l->y, role, "and %u more ",
		    c->messages - 1);
	return from;
}

/* The bytes of its record from this one on. */
static void
data_text(char dst[DATA_TEXT_MAX], const struct view *v, const struct call *c,
    int from)
{
	(v->deck->hex ? text_hex : text_escape)(
	    dst, DATA_TEXT_MAX, c->data + from, (size_t)(c->data_len - from));
}

static void
draw_data(const struct line *l, const struct view *v, const struct call *c)
{
	char data[DATA_TEXT_MAX], cost[COSTFMT_MAX], size[TEXT_NUM_MAX];
	struct range_cost range;
	bool out = call_sends(c);
	enum role role =
	    out == (c->side == SIDE_CLIENT) ? ROLE_CLIENT : ROLE_SERVER;
	struct area text_area = l->a;
	int x, end, show_from;

	if (c->phase != CALL_DONE)
		cost[0] = '\0';
	else if (weave_cost(&v->weave, c, &range))
		costfmt_range(cost, &range, proto_of(v, c), l->a.w / 2);
	else
		snprintf(cost, sizeof cost, "%s", no_cost(v, c));
	text_size(size, c->phase == CALL_DONE ? (uint64_t)c->result : c->asked);
	end = canvas_right(l->c, l->a, l->a.w, l->y, ROLE_COST, cost);
	end = canvas_right(l->c, l->a, end - 2, l->y, ROLE_NUMBER, size) - 1;
	x = canvas_text(l->c, l->a, 2, l->y, role, out ? "→ " : "← ");
	show_from = is_rudp(v, c) ? draw_type(l, &x, role, c) : 0;
	data_text(data, v, c, show_from);
	text_area.w = end;
	canvas_text(l->c, text_area, x, l->y, role, data);
	if (text_cells(data) > end - x || (uint64_t)c->result > c->data_len)
		canvas_put(l->c, l->a, end - 1, l->y, ROLE_DIM, U'…');
}

static void
draw_exchange(const struct line *l, const struct view *v, const struct call *c)
{
	char flags[SUMMARY_FLAGS_MAX], cost[COSTFMT_MAX];
	struct exchange x;
	struct area a = l->a;
	int col = 2;

	if (!weave_exchange(&v->weave, c, &x))
		return;
	a.w = canvas_right(l->c, a, a.w, l->y, ROLE_COST,
		  costfmt_exchange(cost, &x.cost, x.took_ns)) -
	      1;
	for (int i = 0; i < x.count; i++) {
		const struct record *r =
		    store_record(capture_store(v->capture), x.frames[i]);
		bool client = r != NULL && r->dir == DIR_CLIENT;

		if (r == NULL)
			continue;
		summary_flags(flags, r->tcp_flags);
		col = canvas_printf(l->c, a, col, l->y,
			  client ? ROLE_CLIENT : ROLE_SERVER,
			  client ? "%s→" : "←%s", flags) +
		      1;
	}
}

static void
draw_note(const struct pane_calls *p, const struct line *l,
    const struct call *c, int part)
{
	const char *text;
	int len = note_line(p, c, part, &text);

	canvas_printf(l->c, l->a, NOTE_INDENT, l->y,
	    c->result < 0 || c->again > 0 ? ROLE_BAD : ROLE_NOTE, "%.*s", len,
	    text);
}

static void
draw_row(const struct pane_calls *p, const struct line *l, const struct view *v,
    uint64_t row)
{
	const struct call *c = call_at(v->journal, row / ROW_PARTS);
	int part = (int)(row % ROW_PARTS);

	if (c->kind == CALL_NOTE)
		draw_note(p, l, c, part);
	else if (part == 0)
		draw_call(p, l, v, c, row / ROW_PARTS);
	else if (c->again > 0)
		draw_note(p, l, c, part - 1);
	else if (part >= 2)
		httpfmt_draw(l->c, l->a, l->y, c, part - 2);
	else if (callfmt_has_data(c))
		draw_data(l, v, c);
	else
		draw_exchange(l, v, c);
	if (view_call_is_later(v, c))
		canvas_over(l->c, l->a, 0, l->y, l->a.w, ROLE_DIM);
	if (weave_lit_call(&v->weave, &v->deck->selected, c))
		canvas_over(l->c, l->a, 0, l->y, l->a.w, ROLE_LIT);
}

/* ---- what stands around the rows ---- */

/* The cost of the selected line, in full. */
static bool
draw_selected_cost(const struct pane_calls *p, const struct view *v,
    struct canvas *c, struct area a)
{
	const struct list *l = &p->pane.list;
	const struct call *call = call_at(v->journal, l->selected / ROW_PARTS);
	struct range_cost range;
	char text[COSTFMT_MAX];

	if (l->follow || v->deck->entry.kind != ENTRY_NONE || call == NULL ||
	    !weave_cost(&v->weave, call, &range))
		return false;
	canvas_text(c, a, 1, 0, ROLE_COST,
	    costfmt_range(text, &range, proto_of(v, call), a.w - 1));
	return true;
}

/* Nothing below the rows is worth more than the cost of the chosen one. */
static struct area
draw_foot(
    struct pane_calls *p, const struct view *v, struct canvas *c, struct area a)
{
	struct area line = {a.x, a.y + a.h - 1, a.w, 1};

	if (!draw_selected_cost(p, v, c, line))
		return calls_foot(p->side, v, c, a);
	area_bottom(&a, 1);
	return a;
}

static void
calls_draw(
    struct pane *pane, const struct view *v, struct canvas *c, struct area a)
{
	struct pane_calls *p = (struct pane_calls *)pane;
	struct area body = draw_foot(p, v, c, a);
	uint64_t id;

	p->width = body.w;
	pane_layout(pane, v, a, body);
	id = pane->list.top;
	for (int y = 0; y < body.h && id != 0; y++) {
		struct line l = {c, body, y};

		draw_row(p, &l, v, id);
		pane_draw_selected(pane, c, body, y, id);
		id = row_next(pane, v, id);
	}
}

static void
calls_title(
    const struct pane *pane, const struct view *v, char *dst, size_t size)
{
	const struct pane_calls *p = (const struct pane_calls *)pane;

	(p->side == SIDE_SERVER ? title_server : title_client)(v, dst, size);
}

static uint64_t
calls_gen(const struct pane *pane, const struct view *v)
{
	(void)pane;
	return journal_gen(v->journal) + capture_gen(v->capture) +
	       socktab_gen(v->sockets) +
	       (journal_running(v->journal) ? (uint64_t)(v->now_ns / CLOCK_S)
					    : 0);
}

static struct selection
calls_selected(const struct pane *pane, const struct view *v)
{
	const struct call *c =
	    call_at(v->journal, pane->list.selected / ROW_PARTS);

	if (c == NULL || pane->list.follow)
		return (struct selection){.kind = SELECTED_NONE};
	return (struct selection){
	    .kind = SELECTED_CALL,
	    .id = c->id,
	    .flow = weave_sock_flow(&v->weave, weave_call_sock(c)),
	};
}

static void
calls_row_text(const struct pane *pane, const struct view *v, uint64_t id,
    char dst[PANE_TEXT_MAX])
{
	const struct call *c = call_at(v->journal, id / ROW_PARTS);
	char text[CALLFMT_MAX];
	size_t n;

	(void)pane;
	dst[0] = '\0';
	if (c == NULL)
		return;
	if (c->kind == CALL_NOTE) {
		text_escape(dst, PANE_TEXT_MAX, c->data, c->data_len);
		return;
	}
	n = (size_t)snprintf(dst, PANE_TEXT_MAX, "%s ", callfmt(text, c));
	if (callfmt_has_data(c))
		text_escape(dst + n, PANE_TEXT_MAX - n, c->data, c->data_len);
}

/* ---- the whole of it, as text ---- */

/* Data, which is clipped in a pane, is written to its end. */
static int
text_width_of(const struct view *v, const struct call *c, int part)
{
	char data[DATA_TEXT_MAX];
	int more = 0;

	if (part == 1 && callfmt_has_data(c)) {
		data_text(data, v, c, 0);
		more = text_cells(data) - TEXT_DATA_CELLS;
	}
	return TEXT_CELLS + (more > 0 ? more : 0);
}

int
pane_calls_write(enum side side, const struct view *v, FILE *out)
{
	struct canvas *c = canvas_new(TEXT_CELLS + DATA_TEXT_MAX, 1, false);
	struct pane_calls p = {.side = side, .width = TEXT_CELLS};
	struct line l = {.c = c};
	char text[4 * (TEXT_CELLS + DATA_TEXT_MAX)];

	if (c == NULL)
		return -ENOMEM;
	l.a = canvas_area(c);
	calls_title(&p.pane, v, text, sizeof text);
	fprintf(out, "%s\n", text);
	for (uint64_t row = row_next(&p.pane, v, 0); row != 0;
	     row = row_next(&p.pane, v, row)) {
		canvas_clear(c);
		l.a.w = text_width_of(v, call_at(v->journal, row / ROW_PARTS),
		    (int)(row % ROW_PARTS));
		draw_row(&p, &l, v, row);
		fprintf(out, "%s\n", canvas_row(c, 0, text, sizeof text));
	}
	canvas_free(c);
	return 0;
}

static void
calls_free(struct pane *pane)
{
	free(pane);
}

struct pane *
pane_calls_new(enum side side)
{
	static const struct pane_ops ops = {
	    .gen = calls_gen,
	    .title = calls_title,
	    .draw = calls_draw,
	    .next = row_next,
	    .prev = row_prev,
	    .row_text = calls_row_text,
	    .selected = calls_selected,
	    .free = calls_free,
	};
	struct pane_calls *p = calloc(1, sizeof *p);

	if (p == NULL)
		return NULL;
	p->pane.ops = &ops;
	p->side = side;
	p->width = 80;
	list_init(&p->pane.list);
	return &p->pane;
}
