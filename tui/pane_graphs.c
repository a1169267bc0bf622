/*
 * Graphs of one conversation and direction over time, in braille: the sequence
 * numbers with the ACKs and the window's end, round-trip times, bytes in flight
 * under the window, throughput. The cursor is the selected packet; Up and Down
 * move it. One graph, or all four where there is room; Left and Right change
 * the graph, and after the last one the direction.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/base/text.h"
#include "tui/packetfmt.h"
#include "tui/packetrows.h"
#include "tui/plots.h"
#include "tui/verdicts.h"

#define GUTTER 9 /* for the labels of the y axis */
#define FEED_MAX 30000 /* packets for one drawing */
#define ZOOM_MAX 20

struct pane_graphs {
	struct pane pane; /* its rows as in tui/packetrows.h */
	uint32_t flow;
	size_t fed; /* packets of the conversation that are samples */
	struct graph graph;
	struct plot plots[PLOT_COUNT];
	int kind, dir, zoom;
	bool chosen; /* the direction, by the user */
	uint32_t verdicts; /* of the samples, or-ed */
	bool all; /* four graphs, at the last drawing */
	int64_t from_ns, to_ns; /* of the x axis */
};

static const char *const kind_names[PLOT_COUNT] = {
    "sequence", "round trip", "in flight", "throughput"};

/* ---- samples ---- */

/* Another conversation. */
static void
begin(struct pane_graphs *p, const struct view *v)
{
	p->flow = stream_flow(v->stream);
	p->fed = 0;
	p->zoom = 0;
	p->chosen = false;
	p->verdicts = 0;
	p->pane.list.follow = true;
	graph_clear(&p->graph);
}

static bool
graphs_work(struct pane *pane, const struct view *v)
{
	struct pane_graphs *p = (struct pane_graphs *)pane;
	const struct store *store = capture_store(v->capture);
	size_t n = stream_frames(v->stream);
	struct frame f;

	if (p->flow != stream_flow(v->stream) || n < p->fed)
		begin(p, v);
	/* Of more than it holds, the newest. */
	if (n - p->fed > GRAPH_SAMPLES) {
		p->fed = n - GRAPH_SAMPLES;
		graph_clear(&p->graph);
		p->graph.lost = p->fed;
	}
	for (int i = 0; i < FEED_MAX && p->fed < n; i++)
		if (store_get(store, stream_frame(v->stream, p->fed++), &f)) {
			graph_feed(&p->graph, &f);
			p->verdicts |= f.verdicts;
		}
	/* Where the data goes, until the user says something else. */
	if (!p->chosen)
		p->dir = p->graph.sent[DIR_SERVER] > p->graph.sent[DIR_CLIENT]
			     ? DIR_SERVER
			     : DIR_CLIENT;
	return p->fed < n;
}

/* The sample of a frame, or the one before it. */
static size_t
sample_of(const struct graph *g, uint64_t frame)
{
	size_t low = 0, high = g->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (g->samples[mid].frame <= frame)
			low = mid + 1;
		else
			high = mid;
	}
	return low > 0 ? low - 1 : 0;
}

/* NULL: none. */
static const struct sample *
sample_at(const struct pane_graphs *p, uint64_t frame)
{
	return frame != 0 && p->graph.count > 0
		   ? &p->graph.samples[sample_of(&p->graph, frame)]
		   : NULL;
}

/* The part of time that is shown; with the cursor in it. */
static void
choose_time(struct pane_graphs *p, const struct view *v)
{
	const struct graph *g = &p->graph;
	int64_t first = g->samples[0].ts_ns;
	int64_t last = g->samples[g->count - 1].ts_ns;
	int64_t span = (last - first) >> p->zoom;
	struct packet_cursor cursor = packetrows_cursor(&p->pane, v);
	const struct sample *s = sample_at(p, cursor.first);
	int64_t at = s != NULL && cursor.chosen ? s->ts_ns : last;

	if (span < 1000)
		span = 1000;
	if (p->zoom == 0) {
		p->from_ns = first;
		p->to_ns = last > first ? last : first + 1000;
		return;
	}
	/* Keep the picture still while the cursor moves within it. */
	if (p->to_ns - p->from_ns != span || at < p->from_ns || at > p->to_ns) {
		p->from_ns = at - span / 2;
		p->to_ns = p->from_ns + span;
	}
}

/* ---- around the dots ---- */

static enum role
sender_role(int dir)
{
	return dir == DIR_CLIENT ? ROLE_CLIENT : ROLE_SERVER;
}

/* Does the kernel say something of the sender? */
static struct plot_input
input_of(const struct pane_graphs *p, const struct view *v)
{
	struct plot_input in = {.graph = &p->graph,
	    .from_ns = p->from_ns,
	    .to_ns = p->to_ns,
	    .dir = p->dir};

	in.kernel = view_told(v, p->flow, p->dir, &in.kernel_count);
	return in;
}

static void
value_text(char dst[TEXT_NUM_MAX], int kind, double value)
{
	char text[TEXT_NUM_MAX];

	if (kind == PLOT_RTT) {
		text_span(dst, (int64_t)value);
		return;
	}
	text_size(text, (uint64_t)value);
	snprintf(dst, TEXT_NUM_MAX, "%.20s%s", text,
	    kind == PLOT_THROUGHPUT ? "/s" : "");
}

/* "━ cwnd  ━ ssthresh ↑28.9 KB": the curves that are drawn; with the last value
 * above the axis of those that reach there, if that has room. */
static void
draw_curve_names(struct canvas *c, struct area a, int x, const struct plot *pic,
    enum plot_kind kind)
{
	static const struct {
		enum plot_kind kind;
		enum plot_curve_id id;
		enum role role;
		const char *name;
	} names[] = {{PLOT_SEQUENCE, CURVE_WINDOW, ROLE_NOTE, "━ window"},
	    {PLOT_RTT, CURVE_MEAN, ROLE_STATE, "━ srtt"},
	    {PLOT_RTT, CURVE_LIMIT, ROLE_WARN, "━ rto"},
	    {PLOT_FLIGHT, CURVE_WINDOW, ROLE_NOTE, "━ window"},
	    {PLOT_FLIGHT, CURVE_MEAN, ROLE_STATE, "━ cwnd"},
	    {PLOT_FLIGHT, CURVE_LIMIT, ROLE_WARN, "━ ssthresh"}};
	const size_t count = sizeof names / sizeof *names;
	int room = a.w - x;

	for (size_t i = 0; i < count; i++)
		if (names[i].kind == kind && pic->curve[names[i].id].drawn)
			room -= text_cells(names[i].name) +
				(pic->curve[names[i].id].above > 0 ? 4 : 2);
	for (size_t i = 0; i < count; i++) {
		const struct plot_curve *k = &pic->curve[names[i].id];
		char value[TEXT_NUM_MAX];

		if (names[i].kind != kind || !k->drawn)
			continue;
		x = canvas_text(c, a, x + 2, 0, names[i].role, names[i].name);
		if (k->above == 0)
			continue;
		x = canvas_text(c, a, x, 0, names[i].role, " ↑");
		value_text(value, (int)kind, k->above);
		if (text_cells(value) > room)
			continue;
		room -= text_cells(value);
		x = canvas_text(c, a, x, 0, names[i].role, value);
	}
}

static void
draw_legend(
    const struct pane_graphs *p, struct canvas *c, struct area a, int kind)
{
	int x = canvas_text(c, a, 0, 0,
	    p->all || kind == p->kind ? ROLE_HEADING : ROLE_DIM,
	    kind_names[kind]);
	enum role sender = sender_role(p->dir), other = sender_role(!p->dir);

	if (kind == PLOT_SEQUENCE) {
		x = canvas_text(c, a, x + 2, 0, sender, "┃ segments");
		x = canvas_text(c, a, x + 2, 0, ROLE_BAD, "┃ again");
		x = canvas_text(c, a, x + 2, 0, other, "━ ACKs");
	} else if (kind == PLOT_RTT) {
		x = canvas_text(c, a, x + 2, 0, other, "data to ACK");
	} else if (kind == PLOT_FLIGHT) {
		x = canvas_text(c, a, x + 2, 0, sender, "━ bytes");
	} else {
		x = canvas_text(c, a, x + 2, 0, sender, "new bytes a second");
	}
	draw_curve_names(c, a, x, &p->plots[kind], (enum plot_kind)kind);
}

/* What the letters mean that are there. */
static void
draw_letters(const struct pane_graphs *p, struct canvas *c, struct area a)
{
	int x = 0;

	for (int i = 0; i < verdict_kinds(); i++) {
		const struct verdict_kind *k = verdict_kind(i);

		if ((k->verdicts & p->verdicts) == 0)
			continue;
		x = canvas_put(c, a, x, 0, k->role, (char32_t)k->letter);
		x = canvas_printf(c, a, x + 1, 0, ROLE_DIM, "%s", k->words) + 2;
	}
}

/* The begin and the length of what is shown; between them the letters. */
static void
draw_times(const struct pane_graphs *p, const struct view *v, struct canvas *c,
    struct area a, bool letters)
{
	int x, end;
	char from[TEXT_NUM_MAX], to[TEXT_NUM_MAX], span[TEXT_NUM_MAX];

	timefmt_alone(from, v, p->from_ns);
	text_span(span, p->to_ns - p->from_ns);
	snprintf(to, sizeof to, "+%.30s", span);
	a = area_bottom(&a, 1);
	x = canvas_text(c, a, GUTTER, 0, ROLE_DIM, from) + 2;
	end = canvas_right(c, a, a.w, 0, ROLE_DIM, to) - 1;
	if (letters)
		draw_letters(p, c, (struct area){a.x + x, a.y, end - x, 1});
}

/* The column of a time; outside of the picture it is beside it. */
static int
column_at(const struct pane_graphs *p, struct area a, int64_t ts_ns)
{
	if (ts_ns < p->from_ns)
		return -1;
	if (ts_ns > p->to_ns)
		return a.w;
	return (int)((double)(ts_ns - p->from_ns) * (2 * a.w - 1) /
		     (double)(p->to_ns - p->from_ns)) /
	       2;
}

static void
draw_cursor(const struct pane_graphs *p, const struct view *v, struct canvas *c,
    struct area a)
{
	struct packet_cursor at = packetrows_cursor(&p->pane, v);
	const struct sample *first = sample_at(p, at.first);
	const struct sample *last = sample_at(p, at.last);
	int x, end;

	if (first == NULL || last == NULL || !at.chosen)
		return;
	x = column_at(p, a, first->ts_ns);
	end = column_at(p, a, last->ts_ns);
	if (end < 0 || x >= a.w)
		return;
	x = x < 0 ? 0 : x;
	for (int y = 0; y < a.h; y++)
		canvas_over(
		    c, a, x, y, end - x + 1, at.lit ? ROLE_LIT : ROLE_SELECTED);
}

/* A letter for the packets of each column that have a verdict. */
static void
draw_verdicts(const struct pane_graphs *p, struct canvas *c, struct area a)
{
	const struct graph *g = &p->graph;
	int worst = -1, at = -1;

	for (size_t i = 0; i < g->count; i++) {
		const struct sample *s = &g->samples[i];
		int kind = verdict_kind_of(s->verdicts);
		int x = column_at(p, a, s->ts_ns);

		if (kind < 0 || x < 0 || x >= a.w)
			continue;
		/* Kinds stand in the order of their weight. */
		worst = x == at && worst < kind ? worst : kind;
		at = x;
		canvas_put(c, a, x, 0, verdict_kind(worst)->role,
		    (char32_t)verdict_kind(worst)->letter);
	}
}

static bool
was_acknowledged(const struct pane_graphs *p)
{
	const struct graph *g = &p->graph;

	for (size_t i = 0; i < g->count; i++)
		if (g->samples[i].dir != p->dir && g->samples[i].ack > 0)
			return true;
	return false;
}

static void
draw_graph(struct pane_graphs *p, const struct view *v, struct canvas *c,
    struct area a, int kind)
{
	struct area body = {a.x + GUTTER, a.y + 1, a.w - GUTTER, a.h - 2};
	const struct plot_input in = input_of(p, v);
	bool marked = kind == PLOT_SEQUENCE && body.h >= 4 &&
		      verdict_kind_of(p->verdicts) >= 0;
	struct area marks = {0};
	struct plot *pic = &p->plots[kind];
	char text[TEXT_NUM_MAX];

	if (marked)
		marks = area_bottom(&body, 1);
	if (body.w >= 2 && body.h >= 1)
		plot_draw(pic, &in, (enum plot_kind)kind, body.w, body.h);
	draw_legend(p, c, a, kind);
	if (body.w < 2 || body.h < 1)
		return;
	if (pic->high <= pic->low) {
		canvas_words(c, body, 1, body.h / 2, ROLE_NOTE,
		    kind != PLOT_RTT ? "nothing yet"
		    : was_acknowledged(p)
			? "no round trip is timed: segments were sent again"
			: "no segment was acknowledged yet");
		return;
	}
	value_text(text, kind, pic->high);
	canvas_right(c, a, GUTTER - 1, 1, ROLE_DIM, text);
	value_text(text, kind, pic->low);
	canvas_right(c, a, GUTTER - 1, body.h, ROLE_DIM, text);
	braille_draw(&pic->dots, c, body);
	draw_times(p, v, c, a, marked);
	if (marked)
		draw_verdicts(p, c, marks);
	body.h += marks.h;
	draw_cursor(p, v, c, body);
}

/* What the kernel of the sender thought at that time. */
static void
draw_told(const struct pane_graphs *p, const struct view *v, struct canvas *c,
    struct area a, int x, int64_t at_ns)
{
	const struct plot_input in = input_of(p, v);
	const struct tcp_sample *s = plot_kernel_at(&in, at_ns);
	char ssthresh[16] = "-", rto[TEXT_NUM_MAX];

	if (s == NULL || !s->has_info)
		return;
	if (s->ssthresh > 0)
		snprintf(ssthresh, sizeof ssthresh, "%u", s->ssthresh);
	canvas_printf(c, a, x, 0, ROLE_STATE,
	    "%s: cwnd %u ssthresh %s rto %s again %u", s->congestion, s->cwnd,
	    ssthresh, text_span(rto, s->rto_us * INT64_C(1000)),
	    s->retransmits);
}

/* What is so at the cursor. */
static void
draw_reading(struct pane_graphs *p, const struct view *v, struct canvas *c,
    struct area a)
{
	const struct sample *s =
	    sample_at(p, packetrows_cursor(&p->pane, v).first);
	char time[TEXT_NUM_MAX], sent[TEXT_NUM_MAX], acked[TEXT_NUM_MAX];
	char flight[TEXT_NUM_MAX], window[TEXT_NUM_MAX], rtt[TEXT_NUM_MAX];
	struct graph_state st = {{0}, {0}, {0}, {0}};
	int x;

	if (s == NULL)
		return;
	for (const struct sample *i = p->graph.samples; i <= s; i++)
		graph_walk(&st, i);
	x = canvas_printf(c, a, 0, 0, sender_role(s->dir), "#%" PRIu64 " %s %s",
	    s->frame, s->dir == DIR_CLIENT ? "→" : "←",
	    timefmt_alone(time, v, s->ts_ns));
	x = canvas_printf(c, a, x + 2, 0, ROLE_TEXT,
	    "sent %s acked %s flight %s window %s",
	    text_count(sent, st.sent[p->dir]),
	    text_count(acked, st.acked[p->dir]),
	    text_count(flight, graph_flight(&st, p->dir)),
	    text_count(window, st.window[!p->dir]));
	if (s->dir != p->dir && s->rtt_ns > 0)
		x = canvas_printf(c, a, x + 1, 0, ROLE_TEXT, "rtt %s",
		    text_span(rtt, s->rtt_ns));
	if (s->verdicts != 0)
		x = canvas_text(
		    c, a, x + 1, 0, ROLE_WARN, packetfmt_verdict(s->verdicts));
	draw_told(p, v, c, a, x + 1, s->ts_ns);
}

static void
graphs_draw(
    struct pane *pane, const struct view *v, struct canvas *c, struct area a)
{
	struct pane_graphs *p = (struct pane_graphs *)pane;
	struct area quarter, reading;

	pane_layout(pane, v, a, a);
	pane->rows_y = a.h; /* its rows are not lines: no clicks */
	if (p->graph.count == 0) {
		if (p->flow == 0)
			packetfmt_empty(v, c, a);
		return;
	}
	choose_time(p, v);
	reading = area_bottom(&a, 1);
	draw_reading(p, v, c, reading);
	p->all = a.w >= 2 * 50 && a.h >= 2 * 10;
	if (!p->all) {
		draw_graph(p, v, c, a, p->kind);
		return;
	}
	for (int kind = 0; kind < PLOT_COUNT; kind++) {
		quarter = (struct area){a.x + kind % 2 * (a.w / 2),
		    a.y + kind / 2 * (a.h / 2), a.w / 2 - 1, a.h / 2};
		draw_graph(p, v, c, quarter, kind);
	}
}

static void
graphs_title(
    const struct pane *pane, const struct view *v, char *dst, size_t size)
{
	const struct pane_graphs *p = (const struct pane_graphs *)pane;
	const char *from =
	    p->dir == DIR_CLIENT ? "client → server" : "server → client";

	snprintf(dst, size, "Packets  graphs %u  ‹%s%s%s›%s", p->flow,
	    p->all ? "" : kind_names[p->kind], p->all ? "" : ", ", from,
	    p->graph.lost > 0 || stream_is_cut(v->stream)
		? "  the newest packets"
		: "");
}

/* ---- the pane ---- */

static uint64_t
graphs_gen(const struct pane *pane, const struct view *v)
{
	const struct pane_graphs *p = (const struct pane_graphs *)pane;

	return stream_gen(v->stream) + p->fed +
	       (v->told != NULL ? tcp_track_gen(v->told) : 0);
}

static void
graphs_sideways(struct pane *pane, const struct view *v, int step)
{
	struct pane_graphs *p = (struct pane_graphs *)pane;
	int at = p->kind + PLOT_COUNT * p->dir;

	(void)v;
	p->chosen = true;
	at += (p->all ? PLOT_COUNT : 1) * step + 2 * PLOT_COUNT;
	p->kind = at % PLOT_COUNT;
	p->dir = at / PLOT_COUNT % 2;
}

static void
graphs_scale(struct pane *pane, int step)
{
	struct pane_graphs *p = (struct pane_graphs *)pane;

	if (p->zoom + step >= 0 && p->zoom + step <= ZOOM_MAX)
		p->zoom += step;
}

static void
graphs_free(struct pane *pane)
{
	struct pane_graphs *p = (struct pane_graphs *)pane;

	for (int kind = 0; kind < PLOT_COUNT; kind++)
		plot_done(&p->plots[kind]);
	graph_done(&p->graph);
	free(p);
}

struct pane *
pane_graphs_new(void)
{
	static const struct pane_ops ops = {
	    .gen = graphs_gen,
	    .title = graphs_title,
	    .draw = graphs_draw,
	    .next = packetrows_next,
	    .prev = packetrows_prev,
	    .row_text = packetrows_text,
	    .selected = packetrows_selected,
	    .work = graphs_work,
	    .sideways = graphs_sideways,
	    .scale = graphs_scale,
	    .show_frame = packetrows_show,
	    .free = graphs_free,
	};
	struct pane_graphs *p = calloc(1, sizeof *p);

	if (p == NULL)
		return NULL;
	p->pane.ops = &ops;
	list_init(&p->pane.list);
	return &p->pane;
}
