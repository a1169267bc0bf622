/*
 * The wire: the two ends left and right, how each direction is and what went
 * by, and the packets that are held or under way between them, as dots.
 *
 *   client 10.0.0.2              hold ▮▮              server 10.0.0.1
 *   → delay=20ms loss=5%             25 in  20 out  3 lost  2 held
 *   ← off                                    18 in  18 out
 *   │ ●──────── #17 PSH,ACK 1449:2897  1448 B ────────────────▶ │
 *   │ ◀──────── #16 ACK of 1449 ──────────────────●──────────── │
 */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/base/clock.h"
#include "net/base/text.h"
#include "net/wire_words.h"
#include "tui/key.h"
#include "tui/packetfmt.h"
#include "tui/pane.h"

#define RULES_SHOWN 4
#define TIMERS_SHOWN 2
#define KEYS_W 90 /* that they need */
/* Lines of the pane from which on each direction may have three, and two. */
#define TALL 14
#define LOW 10

struct pane_wire {
	struct pane pane;
	/* When it was drawn, for the keys: */
	bool held; /* a packet was */
	bool holds; /* it was to hold what comes */
	bool steps; /* Space is a step of the pause, or of the past */
};

/* ---- rows: the packets, by their ids; a copy stands with its original ---- */

static uint64_t
row_next(const struct pane *p, const struct view *v, uint64_t id)
{
	uint64_t best = 0;

	(void)p;
	for (size_t i = 0; v->wire != NULL && i < v->wire->shown_count; i++) {
		uint64_t at = v->wire->shown[i].id;

		if (at > id && (best == 0 || at < best))
			best = at;
	}
	return best;
}

static uint64_t
row_prev(const struct pane *p, const struct view *v, uint64_t id)
{
	uint64_t best = 0;

	(void)p;
	for (size_t i = 0; v->wire != NULL && i < v->wire->shown_count; i++) {
		uint64_t at = v->wire->shown[i].id;

		if ((id == 0 || at < id) && at > best)
			best = at;
	}
	return best;
}

static const struct wire_shown *
row_at(const struct view *v, uint64_t id)
{
	for (size_t i = 0; v->wire != NULL && i < v->wire->shown_count; i++)
		if (v->wire->shown[i].id == id)
			return &v->wire->shown[i];
	return NULL;
}

uint64_t
pane_wire_chosen(const struct pane *p, const struct wire_look *look)
{
	uint64_t first[2] = {0}; /* of each direction, by who goes first */

	for (size_t i = 0; i < look->shown_count; i++) {
		const struct wire_shown *s = &look->shown[i];

		if (!s->held)
			continue;
		if (pane_is_selected(p, s->id))
			return s->id;
		if (first[s->direction] == 0)
			first[s->direction] = s->id;
	}
	if (first[0] == 0 || (first[1] != 0 && first[1] < first[0]))
		return first[1];
	return first[0];
}

/* From the one that keys are for, unless the user has chosen one. */
static bool
wire_steer(struct pane *p, const struct view *v, enum list_move m)
{
	uint64_t id = v->wire != NULL && p->list.follow
			  ? pane_wire_chosen(p, v->wire)
			  : 0;

	(void)m;
	if (id != 0)
		pane_select(p, id);
	return false;
}

/* ---- the head: ends, settings, counters ---- */

/* "client 10.0.0.2", "3 clients". */
static void
end_name(const struct view *v, bool server, char *dst, size_t size)
{
	const struct wire_port *p = &v->lab->ports[server ? 0 : 1];
	char ip[INET_ADDRSTRLEN];

	if (!server && v->lab->count > 2)
		snprintf(dst, size, "%zu clients", v->lab->count - 1);
	else
		snprintf(dst, size, "%s %s", p->host,
		    inet_ntop(AF_INET, &p->ip4, ip, sizeof ip));
}

static void
middle_name(const struct view *v, char *dst, size_t size)
{
	const struct wire_look *w = v->wire;

	if (w->frozen)
		snprintf(dst, size, "paused ▮▮");
	else if (w->holds)
		snprintf(dst, size, "hold ▮▮");
	else if (w->routers > 0)
		snprintf(dst, size, "%s, %u routers",
		    lab_medium_name(v->lab->medium), w->routers);
	else
		snprintf(dst, size, "%s", lab_medium_name(v->lab->medium));
}

static void
draw_ends(const struct view *v, struct canvas *c, struct area a)
{
	bool stands = v->wire->frozen || v->wire->holds;
	char text[64];

	end_name(v, false, text, sizeof text);
	canvas_text(c, a, 1, 0, ROLE_CLIENT, text);
	end_name(v, true, text, sizeof text);
	canvas_right(c, a, a.w - 1, 0, ROLE_SERVER, text);
	middle_name(v, text, sizeof text);
	canvas_text(c, a, (a.w - text_cells(text)) / 2, 0,
	    stands ? ROLE_WARN : ROLE_DIM, text);
}

/* A corrupted one has left the wire, and a folded one is in another. */
static uint64_t
lost_of(const struct wire_way_count *way)
{
	uint64_t n = 0;

	for (unsigned f = 0; f < FATE_COUNT; f++)
		n += fate_is_lost(f) && f != FATE_FOLDED && f != FATE_CORRUPTED
			 ? way->fates[f]
			 : 0;
	return n;
}

/* What came in and the copies are what went out, is lost, folded or still here:
 * "23 in  20 out  3 lost  2 held", as much as has a meaning. */
static void
count_text(const struct wire_way_count *way, char *dst, size_t size)
{
	const struct {
		uint64_t n;
		const char *before, *words;
	} counts[] = {{way->entered, "", " in"},
	    {way->copies, "  ", way->copies == 1 ? " copy" : " copies"},
	    {way->left, "  ", " out"},
	    {way->fates[FATE_CORRUPTED], ", ", " corrupted"},
	    {lost_of(way), "  ", " lost"},
	    {way->fates[FATE_FOLDED], "  ", " folded"},
	    {way->flying, "  ", " under way"}, {way->queued, ", ", " queued"},
	    {way->held, "  ", " held"}};
	char many[TEXT_NUM_MAX];
	size_t n = 0;

	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
		if ((counts[i].n > 0 || i == 0 || i == 2) && n < size)
			n += (size_t)snprintf(dst + n, size - n, "%s%s%s",
			    counts[i].before, text_count(many, counts[i].n),
			    counts[i].words);
}

/* Settings and counters in one line, if that has room for them; else each has
 * its own, of so many lines. Returns those used. */
static int
draw_way(
    const struct view *v, struct canvas *c, struct area a, int lines, int way)
{
	enum role role = way == WIRE_TO_SERVER ? ROLE_CLIENT : ROLE_SERVER;
	const struct wire_way_count *n = &v->wire->way[way];
	enum role counted =
	    lost_of(n) + n->fates[FATE_CORRUPTED] > 0 ? ROLE_WARN : ROLE_NUMBER;
	char words[WIRE_WORDS_TEXT], counts[160];
	struct area in = {a.x + 3, a.y, a.w - 4, 1}, left = in;
	int at, y = 0;

	count_text(n, counts, sizeof counts);
	wire_settings_text(&v->wire->settings[way], words);
	at = in.w - text_cells(counts);
	at = at > 0 ? at : 0;
	left.w = at - 2;
	in.h = lines - 1;
	canvas_text(c, a, 1, 0, role, way == WIRE_TO_SERVER ? "→" : "←");
	if (lines > 1 && text_cells(words) > left.w)
		y = packetfmt_wrap(c, in, ROLE_VALUE, words);
	else
		canvas_words(c, left, 0, 0, ROLE_VALUE, words);
	in.y += y;
	in.h = 1;
	canvas_words(c, in, at, 0, counted, counts);
	return y + 1;
}

/* ---- packets ---- */

/* What is lost is seen to be so halfway. */
static bool
is_gone(const struct wire_shown *s)
{
	return fate_is_lost(s->fate) && s->done >= 500;
}

static enum role
role_of(const struct wire_shown *s)
{
	if (fate_is_lost(s->fate))
		return ROLE_BAD;
	if (s->nth > 0)
		return ROLE_WARN; /* sent again */
	return s->direction == WIRE_TO_SERVER ? ROLE_CLIENT : ROLE_SERVER;
}

static void
label_of(const struct wire_shown *s, char *dst, size_t size)
{
	size_t n =
	    (size_t)snprintf(dst, size, " #%" PRIu64 " %s", s->id, s->text);

	if (s->nth > 0)
		n += (size_t)snprintf(dst + n, size - n, "  sent again");
	if (s->folded > 0 && !s->yields)
		n += (size_t)snprintf(dst + n, size - n,
		    "  +%" PRIu32 " by its timer", s->folded);
	if (s->held)
		n += (size_t)snprintf(dst + n, size - n, "  waits%s",
		    s->yields ? " for the next" : "");
	else if (is_gone(s))
		n += (size_t)snprintf(
		    dst + n, size - n, "  %s", fate_text(s->fate));
	snprintf(dst + n, size - n, " ");
}

/* The dot is where the packet is; the x of a lost one behind its label, as it
 * went, so that both can be read. */
static void
draw_packet(struct canvas *c, struct area a, int y, const struct wire_shown *s)
{
	bool up = s->direction == WIRE_TO_SERVER, gone = is_gone(s);
	enum role role = role_of(s);
	int cells = a.w - 6, x0 = 3, dot, at, end;
	struct area inner = a; /* leaves room for the ends */
	char label[200];

	canvas_text(c, a, 1, y, ROLE_BORDER, "│");
	canvas_text(c, a, a.w - 2, y, ROLE_BORDER, "│");
	if (cells < 8)
		return;
	canvas_repeat(c, a, x0, y, ROLE_BORDER, U'─', cells);
	if (!gone)
		canvas_text(
		    c, a, up ? x0 + cells - 1 : x0, y, role, up ? "▶" : "◀");
	label_of(s, label, sizeof label);
	at = x0 + (cells - text_cells(label)) / 2;
	at = at > x0 + 2 ? at : x0 + 2;
	inner.w = x0 + cells - 2;
	end = canvas_words(c, inner, at, y, role, label);
	dot = (int)((uint64_t)(cells - 1) * s->done / 1000);
	dot = up ? x0 + dot : x0 + cells - 1 - dot;
	if (gone)
		canvas_text(c, a, up ? end : at - 1, y, role, "x");
	else
		canvas_text(c, a, dot, y, role, "●");
}

/* ---- the foot: timers, rules, and what one can do ---- */

/* Until this socket sends again by itself; below a second that is ordinary. */
static int64_t
seconds_left(const struct view *v, const struct sockrow *row)
{
	int64_t passed_ms = (v->now_ns - row->seen_ns) / CLOCK_MS;

	return row->transport == TRANSPORT_TCP &&
		       row->timer == SOCKTIMER_RETRANSMIT
		   ? ((int64_t)row->timer_ms - passed_ms) / 1000
		   : 0;
}

static int
timers_waiting(const struct view *v)
{
	int n = 0;

	for (size_t i = 0; v->sockets != NULL && i < socktab_count(v->sockets);
	     i++)
		n += seconds_left(v, socktab_row(v->sockets, i)) > 0;
	return n < TIMERS_SHOWN ? n : TIMERS_SHOWN;
}

/* Whoever has lost something waits, and nothing is seen under way: how long? */
static void
draw_timers(const struct view *v, struct canvas *c, struct area a)
{
	char rto[TEXT_NUM_MAX];
	int y = 0;

	for (size_t i = 0; y < a.h && i < socktab_count(v->sockets); i++) {
		const struct sockrow *row = socktab_row(v->sockets, i);
		int64_t left = seconds_left(v, row);
		int x;

		if (left <= 0)
			continue;
		x = canvas_printf(c, a, 1, y, ROLE_NOTE,
		    "%s :%u sends again in %" PRId64 " s: its timer",
		    v->lab->ports[row->host].host, addr_port(&row->local),
		    left);
		if (row->has_info)
			canvas_printf(c, a, x, y, ROLE_NOTE, ", RTO %s",
			    text_span(rto, row->rto_us * CLOCK_US));
		y++;
	}
}

static void
draw_rules(const struct view *v, struct canvas *c, struct area a)
{
	const struct wire_rules *rules = &v->wire->rules;

	for (size_t i = 0; i < rules->count && (int)i < a.h; i++) {
		const struct wire_rule *r = &rules->rule[i];
		bool done = wire_rule_is_done(r);
		char text[WIRE_RULE_TEXT];
		int x;

		x = canvas_printf(
		    c, a, 1, (int)i, ROLE_HEADING, "rule %zu  ", i + 1);
		x = canvas_text(c, a, x, (int)i, done ? ROLE_DIM : ROLE_TEXT,
		    wire_rule_text(r, text));
		if (r->hits > 0)
			canvas_printf(c, a, x, (int)i, ROLE_WARN,
			    "  %" PRIu64 " so far%s", r->hits,
			    done ? ": done" : "");
		else if (r->ordinal > 0)
			canvas_printf(c, a, x, (int)i, ROLE_DIM,
			    "  %" PRIu32 " seen", r->counted);
	}
}

/* In a second line what has no room in the first. */
static void
draw_keys(struct canvas *c, struct area a)
{
	static const char *const keys[][2] = {{"h", "hold"}, {"Space", "pass"},
	    {"d", "drop"}, {"2", "twice"}, {">", "delay"}, {"c", "corrupt"},
	    {"r", "reorder"}, {"Enter", "rule"}};
	int x = 1, y = 0;

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		const char *key = keys[i][0], *label = keys[i][1];

		if (x + text_cells(key) + 1 + text_cells(label) > a.w) {
			x = 1;
			y++;
		}
		x = canvas_text(c, a, x, y, ROLE_KEY, key);
		x = canvas_text(c, a, x + 1, y, ROLE_LABEL, label) + 2;
	}
}

static void
draw_nothing(const struct view *v, struct canvas *c, struct area a)
{
	struct area inner = {a.x + 1, a.y, a.w - 2, a.h};

	packetfmt_wrap(c, inner, ROLE_NOTE,
	    v->wire->holds
		? "No packet waits. Connect the client (c), type a line (i), "
		  "or :repeat 10 1448, which is ten segments: each packet "
		  "stops here, and you say what becomes of it."
		: "Nothing is under way. h holds every packet for you to "
		  "decide; :wire delay=20ms loss=5% makes the wire worse, as "
		  "do :wire LAN, DSL, 4G, satellite, bad-wifi, bluetooth; "
		  ":wire drop 3rd data client->server once is a rule; :wire "
		  "off.");
}

static void
wire_draw(struct pane *p, const struct view *v, struct canvas *c, struct area a)
{
	struct pane_wire *pw = (struct pane_wire *)p;
	struct area body = a, foot, rules, timers;
	int rule_lines, way_lines = a.h >= TALL ? 3 : a.h >= LOW ? 2 : 1;
	uint64_t id, chosen;

	if (v->wire == NULL) {
		canvas_text(c, a, 1, 0, ROLE_NOTE,
		    "There is no wire here: it joins the hosts of a lab.");
		return;
	}
	pw->held = v->wire->way[0].held + v->wire->way[1].held > 0;
	pw->holds = v->wire->holds;
	pw->steps = (v->wire->frozen && !pw->held) || v->deck->past != 0;
	rule_lines = (int)v->wire->rules.count < RULES_SHOWN
			 ? (int)v->wire->rules.count
			 : RULES_SHOWN;
	draw_ends(v, c, area_top(&body, 1));
	for (int way = 0; way < 2; way++)
		area_top(&body, draw_way(v, c, body, way_lines, way));
	if (body.h > rule_lines + 3) {
		foot = area_bottom(&body, a.w < KEYS_W ? 2 : 1);
		draw_keys(c, foot);
	}
	rules = area_bottom(&body, rule_lines);
	draw_rules(v, c, rules);
	timers = area_bottom(&body, timers_waiting(v));
	draw_timers(v, c, timers);
	pane_layout(p, v, a, body);
	chosen = pane_wire_chosen(p, v->wire);
	if (p->list.follow && chosen != 0)
		p->list.top = row_next(p, v, 0);
	id = p->list.top;
	if (id == 0)
		draw_nothing(v, c, body);
	for (int y = 0; y < body.h && id != 0; y++) {
		const struct wire_shown *s = row_at(v, id);

		if (s != NULL)
			draw_packet(c, body, y, s);
		if (id == chosen || pane_is_selected(p, id))
			canvas_over(c, body, 0, y, body.w, ROLE_SELECTED);
		id = row_next(p, v, id);
	}
}

/* ---- the pane ---- */

static void
wire_title(const struct pane *p, const struct view *v, char *dst, size_t size)
{
	(void)p;
	snprintf(dst, size, "Packets  wire%s",
	    v->wire == NULL        ? ""
	    : v->wire->frozen      ? "  paused"
	    : v->wire->holds       ? "  by hand"
	    : v->wire->rules.count ? "  with rules"
				   : "");
}

static uint64_t
wire_gen(const struct pane *p, const struct view *v)
{
	(void)p;
	return v->wire_gen +
	       (timers_waiting(v) > 0 ? (uint64_t)(v->now_ns / CLOCK_S) : 0);
}

static struct selection
wire_selected(const struct pane *p, const struct view *v)
{
	(void)p;
	(void)v;
	return (struct selection){.kind = SELECTED_NONE};
}

static void
wire_row_text(const struct pane *p, const struct view *v, uint64_t id,
    char dst[PANE_TEXT_MAX])
{
	const struct wire_shown *s = row_at(v, id);
	char label[200] = "";

	(void)p;
	if (s != NULL)
		label_of(s, label, sizeof label);
	snprintf(dst, PANE_TEXT_MAX, "%s%s", label,
	    s != NULL ? wire_direction_text((enum wire_direction)s->direction)
		      : "");
}

static const char *
wire_key(const struct pane *p, uint32_t code)
{
	/* Else a key is what it is everywhere: c connects, 2 goes to the
	 * client. One d too many is not to close its connection. */
	enum { ALWAYS, HOLDING, HELD };
	static const struct {
		uint32_t code;
		int when;
		const char *command;
	} keys[] = {{' ', ALWAYS, "wire pass"}, {'d', HOLDING, "wire drop"},
	    {'2', HELD, "wire duplicate"}, {'>', HELD, "wire delay"},
	    {'c', HELD, "wire corrupt"}, {'r', HELD, "wire reorder"},
	    {'h', ALWAYS, "wire hold"},
	    {KEY_CODE_ENTER, ALWAYS, "wire rule ?"}};
	const struct pane_wire *pw = (const struct pane_wire *)p;
	int now = pw->held ? HELD : pw->holds ? HOLDING : ALWAYS;

	if (code == ' ' && pw->steps)
		return NULL;
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (keys[i].code == code && keys[i].when <= now)
			return keys[i].command;
	return NULL;
}

static void
wire_free_pane(struct pane *p)
{
	free(p);
}

struct pane *
pane_wire_new(void)
{
	static const struct pane_ops ops = {
	    .gen = wire_gen,
	    .title = wire_title,
	    .draw = wire_draw,
	    .next = row_next,
	    .prev = row_prev,
	    .row_text = wire_row_text,
	    .steer = wire_steer,
	    .selected = wire_selected,
	    .key = wire_key,
	    .free = wire_free_pane,
	};
	struct pane_wire *p = calloc(1, sizeof *p);

	if (p == NULL)
		return NULL;
	p->pane.ops = &ops;
	list_init(&p->pane.list);
	return &p->pane;
}
