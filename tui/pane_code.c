/*
 * The code view of the server pane and the client pane: the Python program of
 * what runs there, with the line that it is in.
 *
 * Each thread stands in the line whose call it makes; a line with several has
 * their number in front. The newest of these calls is the one that is pointed
 * at, and that the view scrolls to while it follows. Where no call is under
 * way it is the last one that ended.
 *
 * A row's id is the line's number, from 1.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/base/clock.h"
#include "net/base/text.h"
#include "net/callfmt.h"
#include "net/pycode.h"
#include "tui/pane.h"

#define GUTTER 4
#define LOOK_BACK 512 /* ended calls, for the last one that has a line */
#define CONTEXT 4 /* lines that are seen below the one pointed at */

struct pane_code {
	struct pane pane;
	enum side side;
	struct pycode *program; /* NULL: there is none, see why */
	struct err why;
	/* What it is the program of. */
	uint32_t group;
	struct addr at;
	bool by_hand;
	uint64_t gen; /* by hand: of the journal */
};

/* Where the threads stand, as of one drawing. */
struct places {
	const struct call *now; /* what is pointed at; NULL: nothing */
	int line; /* of now */
	uint16_t threads[PYCODE_LINES]; /* in each line */
};

/* ---- the program ---- */

static uint32_t
group_of(const struct pane_code *p, const struct view *v)
{
	const struct session_state *s = deck_session_const(v->deck);
	uint32_t by_hand = deck_by_hand(v->deck, p->side);

	if (by_hand != 0)
		return by_hand;
	if (p->side == SIDE_SERVER)
		return v->deck->server.group;
	return s != NULL && deck_session_is_own(s) ? s->group : 0;
}

static void
write_program(struct pane_code *p, const struct view *v)
{
	const struct server_state *server = &v->deck->server;

	pycode_free(p->program);
	p->program = NULL;
	if (p->by_hand)
		p->program = pycode_by_hand(v->journal, p->group, &p->why);
	else if (p->group == 0)
		err_set(&p->why, 0, "%s",
		    p->side == SIDE_SERVER
			? "No server has run yet: b starts it."
			: "No client of the console's runs: c connects one.");
	else if (p->side == SIDE_SERVER)
		p->program =
		    pycode_server(&server->spec, &server->local, &p->why);
	else
		p->program = pycode_client(&deck_session_const(v->deck)->spec,
		    deck_session_server(v->deck), &p->why);
}

/* Another server, another session, its port is known now; or, by hand, a call
 * more. */
static void
refresh(struct pane_code *p, const struct view *v)
{
	uint32_t group = group_of(p, v);
	const struct addr none = {0}, *at = p->side == SIDE_SERVER
						? &v->deck->server.local
						: &none;

	bool by_hand = deck_by_hand(v->deck, p->side) != 0;
	uint64_t gen = by_hand ? journal_gen(v->journal) : 0;

	if (group != p->group)
		p->pane.list.follow = true;
	else if (p->program != NULL && addr_equal(at, &p->at) && gen == p->gen)
		return;
	p->group = group;
	p->at = *at;
	p->by_hand = by_hand;
	p->gen = gen;
	write_program(p, v);
}

/* ---- where it is ---- */

static int
listener_fd(const struct pane_code *p, const struct view *v)
{
	const struct jsock *s =
	    p->side == SIDE_SERVER
		? journal_sock(v->journal, v->deck->server.listener)
		: NULL;

	return s != NULL ? s->fd : -1;
}

static int
line_of(const struct pane_code *p, const struct view *v, const struct call *c)
{
	return c != NULL && c->group == p->group && p->program != NULL
		   ? pycode_find(p->program, c, listener_fd(p, v))
		   : -1;
}

/* The newest ended call that some line (or this one) makes. */
static const struct call *
last_ended(const struct pane_code *p, const struct view *v, int line)
{
	uint32_t entry = journal_next(v->journal);

	for (int i = 0; i < LOOK_BACK && entry > journal_first(v->journal);
	     i++) {
		const struct call *c = journal_at(v->journal, --entry);
		int at = line_of(p, v, c);

		if (at >= 0 && (line < 0 || at == line))
			return c;
	}
	return NULL;
}

static struct places
find_places(const struct pane_code *p, const struct view *v)
{
	struct places places = {.line = -1};
	const struct call *c;

	for (uint32_t i = 0; (c = journal_running_at(v->journal, i)) != NULL;
	     i++) {
		int line = line_of(p, v, c);

		if (line < 0)
			continue;
		places.threads[line]++;
		places.now = c;
		places.line = line;
	}
	if (places.now != NULL)
		return places;
	places.now = last_ended(p, v, -1);
	places.line = line_of(p, v, places.now);
	return places;
}

/* ---- rows ---- */

static uint64_t
row_next(const struct pane *pane, const struct view *v, uint64_t id)
{
	const struct pane_code *p = (const struct pane_code *)pane;

	(void)v;
	return p->program != NULL && id < pycode_count(p->program) ? id + 1 : 0;
}

static uint64_t
row_prev(const struct pane *pane, const struct view *v, uint64_t id)
{
	const struct pane_code *p = (const struct pane_code *)pane;
	uint64_t count = p->program != NULL ? pycode_count(p->program) : 0;

	(void)v;
	return id == 0 || id > count ? count : id - 1;
}

static void
code_row_text(const struct pane *pane, const struct view *v, uint64_t id,
    char dst[PANE_TEXT_MAX])
{
	const struct pane_code *p = (const struct pane_code *)pane;

	(void)v;
	dst[0] = '\0';
	if (id > 0 && p->program != NULL && id <= pycode_count(p->program))
		snprintf(dst, PANE_TEXT_MAX, "%s",
		    pycode_line(p->program, (size_t)id - 1));
}

/* The last call that the selected line made. */
static struct selection
code_selected(const struct pane *pane, const struct view *v)
{
	const struct pane_code *p = (const struct pane_code *)pane;
	const struct call *c =
	    pane->list.follow || pane->list.selected == 0
		? NULL
		: last_ended(p, v, (int)pane->list.selected - 1);

	if (c == NULL)
		return (struct selection){.kind = SELECTED_NONE};
	return (struct selection){
	    .kind = SELECTED_CALL,
	    .id = c->id,
	    .flow = weave_sock_flow(&v->weave, weave_call_sock(c)),
	};
}

/* ---- drawing ---- */

/* Follow what is pointed at, where a list follows its last row. */
static void
lay_out(struct pane_code *p, const struct view *v, struct area whole,
    struct area rows, const struct places *places)
{
	struct list *l = &p->pane.list;
	bool follow = l->follow;
	uint64_t below;

	if (follow && places->line >= 0) {
		l->follow = false;
		l->selected = (uint64_t)places->line + 1;
		below = l->selected + CONTEXT;
		/* Some lines below it are seen, too. */
		if (below >= l->top + (uint64_t)rows.h && rows.h > CONTEXT)
			l->top = below - (uint64_t)rows.h + 1;
	}
	if (follow && places->line < 0) {
		l->follow = false;
		l->selected = l->top = 1;
	}
	pane_layout(&p->pane, v, whole, rows);
	l->follow = follow;
}

static void
draw_line(const struct pane_code *p, struct canvas *c, struct area a, int y,
    size_t line, const struct places *places)
{
	bool here = (int)line == places->line;
	unsigned threads = places->threads[line];
	enum role role = here          ? ROLE_CALL
			 : threads > 0 ? ROLE_BLOCKED
				       : ROLE_TEXT;

	if (threads > 1)
		canvas_printf(c, a, 0, y, ROLE_NUMBER, "%2u", threads);
	if (here || threads > 0)
		canvas_text(c, a, 2, y, here ? ROLE_CALL : ROLE_BLOCKED, "▶");
	canvas_text(c, a, GUTTER, y, role, pycode_line(p->program, line));
	if (here)
		canvas_over(c, a, 0, y, a.w, ROLE_LIT);
}

/* The call with its arguments, and how it stands. */
static void
draw_call(const struct places *places, const struct view *v, struct canvas *c,
    struct area a)
{
	char text[CALLFMT_MAX], span[TEXT_NUM_MAX];
	const struct call *now = places->now;
	int64_t took;
	int x;

	if (now == NULL)
		return;
	took =
	    (now->phase == CALL_DONE ? now->end_ns : v->now_ns) - now->begin_ns;
	if (now->phase == CALL_DONE) {
		canvas_text(c, a, 1, 0, ROLE_DIM, callfmt(text, now));
		return;
	}
	x = canvas_text(c, a, 1, 0, ROLE_BLOCKED, callfmt_args(text, now));
	if (now->phase == CALL_GATED)
		canvas_text(c, a, x, 0, ROLE_BLOCKED, " ▌ waits for Space");
	else if (took >= CLOCK_S)
		canvas_printf(c, a, x, 0, ROLE_BLOCKED, " ▒ blocked %s",
		    text_span(span, took / CLOCK_S * CLOCK_S));
}

static void
code_draw(
    struct pane *pane, const struct view *v, struct canvas *c, struct area a)
{
	struct pane_code *p = (struct pane_code *)pane;
	struct area body = a, foot = area_bottom(&body, 1);
	struct places places;
	uint64_t id;

	refresh(p, v);
	places = find_places(p, v);
	lay_out(p, v, a, body, &places);
	if (p->program == NULL) {
		canvas_text(c, a, 1, 0, ROLE_NOTE, p->why.text);
		return;
	}
	id = pane->list.top;
	for (int y = 0; y < body.h && id != 0; y++) {
		draw_line(p, c, body, y, (size_t)id - 1, &places);
		if (pane_is_selected(pane, id))
			canvas_over(c, body, 0, y, body.w, ROLE_SELECTED);
		id = row_next(pane, v, id);
	}
	if (p->side == SIDE_CLIENT && v->deck->entry.kind == ENTRY_SEND)
		pane_draw_prompt(v, c, foot);
	else
		draw_call(&places, v, c, foot);
}

static void
code_title(
    const struct pane *pane, const struct view *v, char *dst, size_t size)
{
	const struct pane_code *p = (const struct pane_code *)pane;
	const struct server_spec *spec = &v->deck->server.spec;
	const struct session_state *s = deck_session_const(v->deck);

	if (p->program == NULL)
		snprintf(dst, size, "%s  code",
		    p->side == SIDE_SERVER ? "Server" : "Client");
	else if (p->by_hand)
		snprintf(dst, size, "%s  code  by hand",
		    p->side == SIDE_SERVER ? "Server" : "Client");
	else if (p->side == SIDE_SERVER)
		snprintf(dst, size, "Server  code  %s %s %s",
		    spec->service->name,
		    transport_name(spec->endpoint.transport),
		    server_model_name(spec->model));
	else
		snprintf(dst, size, "Client  code  %s",
		    transport_name(s->spec.endpoint.transport));
}

static uint64_t
code_gen(const struct pane *pane, const struct view *v)
{
	(void)pane;
	return journal_gen(v->journal) +
	       (journal_running(v->journal) ? (uint64_t)(v->now_ns / CLOCK_S)
					    : 0);
}

static void
code_free(struct pane *pane)
{
	pycode_free(((struct pane_code *)pane)->program);
	free(pane);
}

struct pane *
pane_code_new(enum side side)
{
	static const struct pane_ops ops = {
	    .gen = code_gen,
	    .title = code_title,
	    .draw = code_draw,
	    .next = row_next,
	    .prev = row_prev,
	    .row_text = code_row_text,
	    .selected = code_selected,
	    .free = code_free,
	};
	struct pane_code *p = calloc(1, sizeof *p);

	if (p == NULL)
		return NULL;
	p->pane.ops = &ops;
	p->side = side;
	list_init(&p->pane.list);
	return &p->pane;
}
