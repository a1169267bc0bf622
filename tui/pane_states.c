/*
 * The states: where both ends are in the RFC's diagram after the selected
 * packet, and the way they came. Up and Down step by packet, Left and Right to
 * the next change. One diagram with both ends on it, or one for each where
 * there is room.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/base/text.h"
#include "tui/packetfmt.h"
#include "tui/packetrows.h"
#include "tui/statemap.h"
#include "tui/verdicts.h"

#define WORDS_MAX 512
#define LOOK_A_PIECE 50000 /* packets */

struct pane_states {
	struct pane pane; /* its rows as in tui/packetrows.h */
	uint32_t flow;
	struct verdicts verdicts;
};

static const char *const end_names[] = {"client", "server"};
static const enum role end_roles[] = {ROLE_CLIENT, ROLE_SERVER};

/* ---- where an end is, and how it came there ---- */

/* Was the connection opened within the capture? */
static bool
opened(const struct view *v)
{
	const struct record *r;

	if (stream_is_cut(v->stream) || stream_changes(v->stream) == 0)
		return false;
	r = store_record(
	    capture_store(v->capture), stream_change(v->stream, 0)->frame);
	return r == NULL || (r->tcp_flags & TCP_SYN) != 0;
}

/* Edges of one step of an end. A reset is none of the diagram's. */
static uint32_t
step_edges(enum tcp_state from, enum tcp_state to)
{
	if (from == TCPS_NONE)
		from = TCPS_CLOSED;
	if (from == to || (to == TCPS_CLOSED && from != TCPS_LAST_ACK &&
			      from != TCPS_TIME_WAIT))
		return 0;
	return statemap_path(from, to);
}

/* What an end did up to the cursor. */
static struct statemap_marks
marks_of(const struct view *v, int end, const struct packet_cursor *at_cursor)
{
	struct statemap_marks m = {
	    .shown = true,
	    .role = end_roles[end],
	    .mark = end_names[end][0],
	    .state = TCPS_CLOSED,
	};
	enum tcp_state at = TCPS_NONE;

	for (size_t i = 0; i < stream_changes(v->stream); i++) {
		const struct state_change *c = stream_change(v->stream, i);
		uint32_t edges;

		if (c->frame > at_cursor->last)
			break;
		/* In the middle of it nobody knows how it came there. */
		edges = i == 0 && !opened(v)
			    ? 0
			    : step_edges(at, (enum tcp_state)c->state[end]);
		m.walked |= edges;
		m.last = c->frame >= at_cursor->first ? m.last | edges : 0;
		m.ended = c->state[end] == TCPS_CLOSED && at != TCPS_NONE;
		at = (enum tcp_state)c->state[end];
	}
	if (at != TCPS_NONE)
		m.state = (uint8_t)at;
	return m;
}

/* The change before the one with this frame or after it; NULL: none. */
static const struct state_change *
change_before(const struct view *v, uint64_t frame)
{
	size_t n = stream_changes(v->stream);

	while (n > 0 && stream_change(v->stream, n - 1)->frame >= frame)
		n--;
	return n > 0 ? stream_change(v->stream, n - 1) : NULL;
}

static const struct state_change *
change_after(const struct view *v, uint64_t frame)
{
	size_t i = 0, n = stream_changes(v->stream);

	while (i < n && stream_change(v->stream, i)->frame <= frame)
		i++;
	return i < n ? stream_change(v->stream, i) : NULL;
}

/* ---- words ---- */

/* "ESTABLISHED → FIN-WAIT-1: CLOSE, snd FIN (close())" */
static void
say_step(char dst[WORDS_MAX], enum tcp_state from, enum tcp_state to)
{
	int edge = statemap_find(from == TCPS_NONE ? TCPS_CLOSED : from, to);
	const struct statemap_edge *e;
	size_t n;

	n = (size_t)snprintf(dst, WORDS_MAX, "%s → %s",
	    tcp_state_name(from == TCPS_NONE ? TCPS_CLOSED : from),
	    tcp_state_name(to));
	if (to == TCPS_CLOSED && from != TCPS_LAST_ACK &&
	    from != TCPS_TIME_WAIT)
		snprintf(dst + n, WORDS_MAX - n, ": reset");
	else if (from == TCPS_NONE && to == TCPS_SYN_RECEIVED)
		snprintf(dst + n, WORDS_MAX - n,
		    " (by way of LISTEN): rcv SYN, snd SYN,ACK");
	if (edge < 0)
		return;
	e = &statemap_edges[edge];
	if (to != TCPS_CLOSED || from == TCPS_LAST_ACK)
		snprintf(dst + n, WORDS_MAX - n, ": %s%s%s%s%s%s", e->event,
		    e->action[0] != '\0' ? ", " : "", e->action,
		    e->call != NULL ? " (" : "", e->call != NULL ? e->call : "",
		    e->call != NULL ? ")" : "");
}

/* What this packet changed at an end; false: nothing. */
static bool
say_change(const struct view *v, int end, uint64_t frame, char dst[WORDS_MAX])
{
	const struct state_change *before = change_before(v, frame);
	const struct state_change *now = change_before(v, frame + 1);
	uint8_t from = before != NULL ? before->state[end] : TCPS_NONE;

	dst[0] = '\0';
	if (now == NULL || now->frame != frame || now->state[end] == from)
		return false;
	if (before == NULL && !opened(v))
		snprintf(dst, WORDS_MAX, "%s when the capture began",
		    tcp_state_name((enum tcp_state)now->state[end]));
	else
		say_step(
		    dst, (enum tcp_state)from, (enum tcp_state)now->state[end]);
	return true;
}

/* One state of the way, and what was odd in what the end sent meanwhile:
 * "ESTABLISHED (1 again, 15 dup ACK)". */
static int
say_stay(const struct pane_states *p, int end, enum tcp_state state,
    uint64_t from, uint64_t to, char dst[WORDS_MAX])
{
	char odd[WORDS_MAX / 2];

	verdicts_say(&p->verdicts, end, from, to, odd, sizeof odd);
	snprintf(dst, WORDS_MAX, odd[0] != '\0' ? "%s (%s)" : "%s",
	    tcp_state_name(state), odd);
	return text_cells(dst);
}

/* "SYN-SENT → ESTABLISHED → FIN-WAIT-1", the newest of it if it is long. */
static void
say_way(const struct pane_states *p, const struct view *v, int end,
    uint64_t frame, int cells, char dst[WORDS_MAX])
{
	size_t i = stream_changes(v->stream);
	uint64_t to = frame + 1;
	char stay[WORDS_MAX], rest[WORDS_MAX];
	int used = 0;

	dst[0] = '\0';
	while (i > 0) {
		const struct state_change *c = stream_change(v->stream, --i);
		uint8_t before =
		    i > 0 ? stream_change(v->stream, i - 1)->state[end]
			  : TCPS_NONE;

		if (c->frame > frame || c->state[end] == before)
			continue;
		used += 3 + say_stay(p, end, (enum tcp_state)c->state[end],
				c->frame, to, stay);
		snprintf(rest, sizeof rest, "%s", dst);
		if (used > cells && rest[0] != '\0') {
			snprintf(
			    dst, WORDS_MAX, "… → %.*s", WORDS_MAX - 16, rest);
			return;
		}
		snprintf(dst, WORDS_MAX, "%.*s%s%.*s", WORDS_MAX / 2 - 8, stay,
		    rest[0] != '\0' ? " → " : "", WORDS_MAX / 2 - 8, rest);
		to = c->frame;
	}
}

/* "#3  ACK →"; longer where there is room. */
static void
say_packet(const struct view *v, const struct frame *f, bool shortly,
    char dst[WORDS_MAX])
{
	const char *arrow = f->dir == DIR_CLIENT ? "client →" : "← server";
	char flags[SUMMARY_FLAGS_MAX], time[TEXT_NUM_MAX];

	summary_flags(flags, f->sum.tcp_flags);
	if (shortly)
		snprintf(dst, WORDS_MAX, "#%" PRIu64 " %s %s", f->id, flags,
		    f->dir == DIR_CLIENT ? "→" : "←");
	else
		snprintf(dst, WORDS_MAX,
		    "#%" PRIu64 "  %s  %s %s  seq %" PRIu64 " ack %" PRIu64
		    "  %u B  %s",
		    f->id, timefmt_alone(time, v, f->packet.ts_ns), arrow,
		    flags, f->rel_seq, f->rel_ack, f->sum.payload_len,
		    packetfmt_verdict(f->verdicts));
}

/* ---- drawing ---- */

/* What the kernel said of an end between this packet and the next one. */
static const struct tcp_sample *
told_after(const struct view *v, int end, uint64_t frame)
{
	const struct store *store = capture_store(v->capture);
	const struct record *next;
	const struct tcp_sample *s;
	size_t n, place = stream_place(v->stream, frame);

	s = view_told(v, stream_flow(v->stream), end, &n);
	next = place + 1 < stream_frames(v->stream)
		   ? store_record(store, stream_frame(v->stream, place + 1))
		   : NULL;
	while (n > 0 && next != NULL && s[n - 1].at_ns >= next->ts_ns)
		n--;
	return n > 0 ? &s[n - 1] : NULL;
}

static void
draw_told(const struct view *v, struct canvas *c, struct area a, int y,
    uint64_t frame)
{
	int x = 9;

	for (int end = 0; end < 2; end++) {
		const struct tcp_sample *s = told_after(v, end, frame);

		if (s == NULL)
			continue;
		if (x == 9)
			canvas_text(c, a, 1, y, ROLE_DIM, "kernel");
		x = canvas_printf(c, a, x, y, end_roles[end], "%s %s",
		    end_names[end], tcp_state_name((enum tcp_state)s->state));
		if (s->has_info)
			x = canvas_printf(c, a, x, y, ROLE_DIM,
			    " cwnd %u in flight %u", s->cwnd, s->in_flight);
		x += 2;
	}
}

/* The lines below the diagram: the packet, then what it changed, or the way. */
static void
draw_words(const struct pane_states *p, const struct view *v, struct canvas *c,
    struct area a, uint64_t frame)
{
	char words[WORDS_MAX];
	struct frame f;
	int x, y = 0;

	if (!store_get(capture_store(v->capture), frame, &f)) {
		canvas_text(
		    c, a, 1, 0, ROLE_NOTE, "This packet has left the store.");
		return;
	}
	say_packet(v, &f, a.h < 2, words);
	x = canvas_text(c, a, 1, y++, packetfmt_role(&f), words);
	for (int end = 0; end < 2 && a.h == 1; end++)
		if (say_change(v, end, frame, words))
			x = canvas_text(c, a, x + 2, 0, end_roles[end], words);
	for (int end = 0; end < 2 && y < a.h; end++) {
		bool changed = say_change(v, end, frame, words);

		if (!changed && a.h < 5)
			continue;
		canvas_text(c, a, 1, y, end_roles[end], end_names[end]);
		canvas_text(c, a, 9, y++, changed ? ROLE_STATE : ROLE_DIM,
		    changed ? words : "stays where it is");
	}
	for (int end = 0; end < 2 && y < a.h && a.h >= 4; end++) {
		say_way(p, v, end, frame, a.w - 10, words);
		canvas_text(c, a, 1, y, ROLE_DIM, "so far");
		canvas_text(c, a, 9, y++, end_roles[end], words);
	}
	if (y < a.h)
		draw_told(v, c, a, y, frame);
}

/* The diagrams; returns the lines they took. */
static int
draw_maps(const struct view *v, struct canvas *c, struct area a,
    const struct statemap_marks both[2])
{
	const struct statemap *tall = statemap_get(STATEMAP_TALL);
	const struct statemap *wide = statemap_get(STATEMAP_WIDE);
	const struct statemap_marks none = {0};

	(void)v;
	if (a.w >= 2 * tall->w + 2 && a.h >= tall->h + 3) {
		struct area left = {a.x, a.y + 1, a.w / 2, a.h - 1};
		struct area right = {
		    a.x + a.w / 2, a.y + 1, a.w - a.w / 2, a.h - 1};

		left.x += (left.w - tall->w) / 2;
		right.x += (right.w - tall->w) / 2;
		canvas_text(c, a, left.x - a.x, 0, ROLE_CLIENT, "client");
		canvas_text(c, a, right.x - a.x, 0, ROLE_SERVER, "server");
		statemap_draw(
		    tall, (struct statemap_marks[]){both[0], none}, c, left);
		statemap_draw(
		    tall, (struct statemap_marks[]){none, both[1]}, c, right);
		return tall->h + 2;
	}
	if (a.w >= tall->w && a.h >= tall->h + 1) {
		a.x += (a.w - tall->w) / 2;
		statemap_draw(tall, both, c, a);
		return tall->h + (a.h > tall->h + 4);
	}
	if (a.w >= wide->w && a.h >= wide->h + 1) {
		a.x += (a.w - wide->w) / 2;
		statemap_draw(wide, both, c, a);
		return wide->h + (a.h > wide->h + 5);
	}
	for (int end = 0; end < 2; end++) {
		canvas_text(c, a, 1, end, end_roles[end], end_names[end]);
		canvas_text(c, a, 9, end, ROLE_STATE,
		    tcp_state_name((enum tcp_state)both[end].state));
	}
	return 2;
}

static void
states_draw(
    struct pane *pane, const struct view *v, struct canvas *c, struct area a)
{
	struct pane_states *p = (struct pane_states *)pane;
	const struct flow *f;
	struct statemap_marks both[2];
	struct packet_cursor at;
	int used;

	pane_layout(pane, v, a, a);
	pane->rows_y = a.h; /* its rows are not lines: no clicks */
	f = flow_get(capture_flows(v->capture), p->flow);
	if (f == NULL) {
		packetfmt_empty(v, c, a);
		return;
	}
	if (f->proto != PROTO_TCP) {
		packetfmt_wrap(c, a, ROLE_NOTE,
		    f->proto == PROTO_UDP
			? "UDP has no states: each datagram stands for itself, "
			  "and neither end knows whether the other is there. ] "
			  "and [ go to another conversation."
			: "A channel of RFCOMM is open or it is not: the "
			  "ladder "
			  "shows how it is opened and closed. ] and [ go to "
			  "another conversation.");
		return;
	}
	at = packetrows_cursor(pane, v);
	if (at.last == 0)
		return;
	for (int end = 0; end < 2; end++)
		both[end] = marks_of(v, end, &at);
	used = draw_maps(v, c, a, both);
	area_top(&a, used);
	draw_words(p, v, c, a, at.last);
	if (at.lit)
		canvas_over(c, a, 0, 0, a.w, ROLE_LIT);
}

static void
states_title(
    const struct pane *pane, const struct view *v, char *dst, size_t size)
{
	const struct pane_states *p = (const struct pane_states *)pane;
	size_t count = stream_frames(v->stream);
	uint64_t shown = packetrows_cursor(pane, v).last;
	char at[TEXT_NUM_MAX], all[TEXT_NUM_MAX];

	if (count == 0)
		snprintf(dst, size, "Packets  states");
	else
		snprintf(dst, size,
		    "Packets  states %u  packet %s of %s  ←→ change", p->flow,
		    text_count(at, stream_place(v->stream, shown) + 1),
		    text_count(all, count));
}

/* ---- the pane ---- */

static uint64_t
states_gen(const struct pane *pane, const struct view *v)
{
	return stream_gen(v->stream) +
	       ((const struct pane_states *)pane)->verdicts.looked +
	       (v->told != NULL ? tcp_track_gen(v->told) : 0);
}

static bool
states_work(struct pane *pane, const struct view *v)
{
	struct pane_states *p = (struct pane_states *)pane;

	if (p->flow != stream_flow(v->stream)) {
		p->flow = stream_flow(v->stream);
		pane->list.follow = true;
	}
	return verdicts_follow(
	    &p->verdicts, v->stream, capture_store(v->capture), LOOK_A_PIECE);
}

/* The state that this packet changed, the sender's first; else the sender's. */
static bool
states_topic(
    const struct pane *pane, const struct view *v, struct why_item *ret)
{
	uint64_t frame = packetrows_cursor(pane, v).last;
	char words[WORDS_MAX];
	struct frame f;
	int end;

	if (!store_get(capture_store(v->capture), frame, &f) ||
	    f.sum.proto != PROTO_TCP)
		return false;
	end = f.dir;
	if (!say_change(v, end, frame, words) &&
	    say_change(v, !end, frame, words))
		end = !end;
	*ret = (struct why_item){why_of_state(f.state[end]), (uint8_t)end};
	return true;
}

static void
states_sideways(struct pane *pane, const struct view *v, int step)
{
	uint64_t frame = packetrows_cursor(pane, v).last;
	const struct state_change *c =
	    step < 0 ? change_before(v, frame) : change_after(v, frame);

	if (c == NULL)
		return;
	pane->list.selected = stream_place(v->stream, c->frame) + 1;
	pane->list.follow = false;
}

static void
states_free(struct pane *pane)
{
	verdicts_done(&((struct pane_states *)pane)->verdicts);
	free(pane);
}

struct pane *
pane_states_new(void)
{
	static const struct pane_ops ops = {
	    .gen = states_gen,
	    .title = states_title,
	    .draw = states_draw,
	    .next = packetrows_next,
	    .prev = packetrows_prev,
	    .row_text = packetrows_text,
	    .selected = packetrows_selected,
	    .work = states_work,
	    .topic = states_topic,
	    .sideways = states_sideways,
	    .show_frame = packetrows_show,
	    .free = states_free,
	};
	struct pane_states *p = calloc(1, sizeof *p);

	if (p == NULL)
		return NULL;
	p->pane.ops = &ops;
	list_init(&p->pane.list);
	return &p->pane;
}
