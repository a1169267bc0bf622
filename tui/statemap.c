#include "tui/statemap.h"

#include <string.h>

/* The order is that of the routes below. */
const struct statemap_edge statemap_edges[STATEMAP_EDGES] = {
    {TCPS_CLOSED, TCPS_LISTEN, "passive OPEN", "create TCB", "listen()"},
    {TCPS_CLOSED, TCPS_SYN_SENT, "active OPEN", "snd SYN", "connect()"},
    {TCPS_LISTEN, TCPS_SYN_RECEIVED, "rcv SYN", "snd SYN,ACK", NULL},
    {TCPS_LISTEN, TCPS_SYN_SENT, "SEND", "snd SYN", NULL},
    {TCPS_LISTEN, TCPS_CLOSED, "CLOSE", "delete TCB", "close()"},
    {TCPS_SYN_SENT, TCPS_SYN_RECEIVED, "rcv SYN", "snd SYN,ACK", NULL},
    {TCPS_SYN_SENT, TCPS_ESTABLISHED, "rcv SYN,ACK", "snd ACK", NULL},
    {TCPS_SYN_SENT, TCPS_CLOSED, "CLOSE", "delete TCB", "close()"},
    {TCPS_SYN_RECEIVED, TCPS_ESTABLISHED, "rcv ACK of SYN", "", NULL},
    {TCPS_SYN_RECEIVED, TCPS_FIN_WAIT_1, "CLOSE", "snd FIN", "close()"},
    {TCPS_SYN_RECEIVED, TCPS_LISTEN, "rcv RST", "", NULL},
    {TCPS_ESTABLISHED, TCPS_FIN_WAIT_1, "CLOSE", "snd FIN", "close()"},
    {TCPS_ESTABLISHED, TCPS_CLOSE_WAIT, "rcv FIN", "snd ACK", NULL},
    {TCPS_FIN_WAIT_1, TCPS_FIN_WAIT_2, "rcv ACK of FIN", "", NULL},
    {TCPS_FIN_WAIT_1, TCPS_CLOSING, "rcv FIN", "snd ACK", NULL},
    {TCPS_FIN_WAIT_1, TCPS_TIME_WAIT, "rcv FIN, ACK of FIN", "snd ACK", NULL},
    {TCPS_FIN_WAIT_2, TCPS_TIME_WAIT, "rcv FIN", "snd ACK", NULL},
    {TCPS_CLOSING, TCPS_TIME_WAIT, "rcv ACK of FIN", "", NULL},
    {TCPS_CLOSE_WAIT, TCPS_LAST_ACK, "CLOSE", "snd FIN", "close()"},
    {TCPS_LAST_ACK, TCPS_CLOSED, "rcv ACK of FIN", "", NULL},
    {TCPS_TIME_WAIT, TCPS_CLOSED, "Timeout=2MSL", "delete TCB", NULL},
};

static const struct statemap maps[STATEMAP_LAYOUTS] = {
    [STATEMAP_TALL] = {58, 15,
	{
	    {TCPS_CLOSED, false, {25, 0}},
	    {TCPS_LISTEN, false, {8, 3}},
	    {TCPS_SYN_SENT, false, {42, 3}},
	    {TCPS_SYN_RECEIVED, false, {5, 6}},
	    {TCPS_ESTABLISHED, false, {40, 6}},
	    {TCPS_FIN_WAIT_1, false, {5, 9}},
	    {TCPS_CLOSE_WAIT, false, {41, 9}},
	    {TCPS_FIN_WAIT_2, false, {3, 12}},
	    {TCPS_CLOSING, false, {22, 12}},
	    {TCPS_LAST_ACK, false, {42, 12}},
	    {TCPS_TIME_WAIT, false, {21, 14}},
	    {TCPS_CLOSED, true, {43, 14}},
	},
	{
	    {{{23, 0}, {11, 0}, {11, 2}}, 3, "pass. OPEN", {0, 1}},
	    {{{32, 0}, {45, 0}, {45, 2}}, 3, "active OPEN", {47, 1}},
	    {{{11, 4}, {11, 5}}, 2, "SYN", {12, 5}},
	    {{{15, 3}, {40, 3}}, 2, "SEND", {26, 3}},
	    {{{13, 2}, {13, 1}, {27, 1}}, 3, "CLOSE", {15, 2}},
	    {{{43, 4}, {16, 4}, {16, 5}}, 3, "SYN", {27, 4}},
	    {{{46, 4}, {46, 5}}, 2, "SYN,ACK", {48, 4}},
	    {{{43, 2}, {43, 1}, {29, 1}}, 3, "CLOSE", {37, 2}},
	    {{{18, 6}, {38, 6}}, 2, "ACK", {27, 6}},
	    {{{8, 7}, {8, 8}}, 2, "CLOSE", {2, 7}},
	    {{{8, 5}, {8, 4}}, 2, "RST", {4, 4}},
	    {{{41, 7}, {13, 7}, {13, 8}}, 3, "CLOSE", {25, 7}},
	    {{{46, 7}, {46, 8}}, 2, "FIN", {48, 7}},
	    {{{8, 10}, {8, 11}}, 2, "ACK", {4, 10}},
	    {{{16, 9}, {25, 9}, {25, 11}}, 3, "FIN", {19, 9}},
	    {{{13, 10}, {18, 10}, {18, 13}, {22, 13}}, 4, "FIN,ACK", {10, 11}},
	    {{{8, 13}, {8, 14}, {19, 14}}, 3, "FIN", {12, 14}},
	    {{{26, 13}}, 1, "ACK", {28, 13}},
	    {{{46, 10}, {46, 11}}, 2, "CLOSE", {48, 10}},
	    {{{46, 13}}, 1, "ACK", {48, 13}},
	    {{{31, 14}, {41, 14}}, 2, "2 MSL", {33, 14}},
	}},
    [STATEMAP_WIDE] = {78, 7,
	{
	    {TCPS_CLOSED, false, {1, 3}},
	    {TCPS_LISTEN, false, {11, 6}},
	    {TCPS_SYN_SENT, false, {11, 0}},
	    {TCPS_SYN_RECEIVED, false, {10, 3}},
	    {TCPS_ESTABLISHED, false, {27, 3}},
	    {TCPS_FIN_WAIT_1, false, {43, 0}},
	    {TCPS_CLOSE_WAIT, false, {43, 6}},
	    {TCPS_FIN_WAIT_2, false, {57, 0}},
	    {TCPS_CLOSING, false, {58, 3}},
	    {TCPS_LAST_ACK, false, {57, 6}},
	    {TCPS_TIME_WAIT, false, {68, 3}},
	    {TCPS_CLOSED, true, {69, 6}},
	},
	{
	    {{{2, 4}, {2, 6}, {9, 6}}, 3, NULL, {0, 0}},
	    {{{2, 2}, {2, 0}, {9, 0}}, 3, NULL, {0, 0}},
	    {{{14, 5}, {14, 4}}, 2, NULL, {0, 0}},
	    {{{18, 6}, {24, 6}, {24, 0}, {20, 0}}, 4, NULL, {0, 0}},
	    {{{12, 5}, {5, 5}, {5, 4}}, 3, NULL, {0, 0}},
	    {{{15, 1}, {15, 2}}, 2, NULL, {0, 0}},
	    {{{18, 1}, {31, 1}, {31, 2}}, 3, NULL, {0, 0}},
	    {{{12, 1}, {5, 1}, {5, 2}}, 3, NULL, {0, 0}},
	    {{{23, 3}, {25, 3}}, 2, NULL, {0, 0}},
	    {{{20, 4}, {40, 4}, {40, 1}, {45, 1}}, 4, NULL, {0, 0}},
	    {{{16, 4}, {16, 5}}, 2, "RST", {18, 5}},
	    {{{35, 2}, {35, 0}, {41, 0}}, 3, "CLOSE", {36, 0}},
	    {{{32, 4}, {32, 6}, {41, 6}}, 3, "FIN", {35, 6}},
	    {{{54, 0}, {55, 0}}, 2, NULL, {0, 0}},
	    {{{48, 1}, {48, 3}, {56, 3}}, 3, "FIN", {51, 3}},
	    {{{51, 1}, {71, 1}, {71, 2}}, 3, "FIN,ACK", {58, 1}},
	    {{{68, 0}, {75, 0}, {75, 2}}, 3, "FIN", {70, 0}},
	    {{{66, 3}}, 1, NULL, {0, 0}},
	    {{{54, 6}, {55, 6}}, 2, NULL, {0, 0}},
	    {{{66, 6}, {67, 6}}, 2, NULL, {0, 0}},
	    {{{72, 4}, {72, 5}}, 2, "2MSL", {74, 5}},
	}},
};

const struct statemap *
statemap_get(enum statemap_layout l)
{
	return &maps[l];
}

int
statemap_find(enum tcp_state from, enum tcp_state to)
{
	for (int i = 0; i < STATEMAP_EDGES; i++)
		if (statemap_edges[i].from == from &&
		    statemap_edges[i].to == to)
			return i;
	return -1;
}

static uint32_t
path(enum tcp_state from, enum tcp_state to, int steps)
{
	int edge = statemap_find(from, to);
	uint32_t rest;

	if (edge >= 0)
		return 1u << edge;
	for (int i = 0; i < STATEMAP_EDGES && steps > 1; i++) {
		const struct statemap_edge *e = &statemap_edges[i];

		/* Through CLOSED it would be another connection. */
		if (e->from != from || e->to == TCPS_CLOSED)
			continue;
		rest = path((enum tcp_state)e->to, to, steps - 1);
		if (rest != 0)
			return 1u << i | rest;
	}
	return 0;
}

uint32_t
statemap_path(enum tcp_state from, enum tcp_state to)
{
	uint32_t edges = 0;

	for (int steps = 1; steps <= 3 && edges == 0; steps++)
		edges = path(from, to, steps);
	return edges;
}

/* ---- drawing ---- */

enum { UP = 1, DOWN = 2, LEFT = 4, RIGHT = 8 };

static const char32_t line_of[16] = {
    [UP] = U'│',
    [DOWN] = U'│',
    [UP | DOWN] = U'│',
    [LEFT] = U'─',
    [RIGHT] = U'─',
    [LEFT | RIGHT] = U'─',
    [DOWN | RIGHT] = U'┌',
    [DOWN | LEFT] = U'┐',
    [UP | RIGHT] = U'└',
    [UP | LEFT] = U'┘',
    [UP | DOWN | RIGHT] = U'├',
    [UP | DOWN | LEFT] = U'┤',
    [DOWN | LEFT | RIGHT] = U'┬',
    [UP | LEFT | RIGHT] = U'┴',
    [UP | DOWN | LEFT | RIGHT] = U'┼',
};

#define MAP_CELLS (78 * 16)

struct drawing {
	const struct statemap *map;
	struct canvas *canvas;
	struct area area;
	uint8_t lines[MAP_CELLS];
	uint8_t roles[MAP_CELLS]; /* of the line; 0: not walked */
};

static const struct statemap_node *
node_of(const struct statemap *m, enum tcp_state state, bool end)
{
	for (int i = 0; i < STATEMAP_NODES; i++)
		if (m->nodes[i].state == state && m->nodes[i].end == end)
			return &m->nodes[i];
	return &m->nodes[0];
}

/* A closing connection ends in the second CLOSED. */
static bool
at_end(const struct statemap_edge *e)
{
	return e->to == TCPS_CLOSED &&
	       (e->from == TCPS_LAST_ACK || e->from == TCPS_TIME_WAIT);
}

static void
add_line(struct drawing *d, struct statemap_point from,
    struct statemap_point to, uint8_t role)
{
	int dx = (to.x > from.x) - (to.x < from.x);
	int dy = (to.y > from.y) - (to.y < from.y);
	uint8_t out = dx > 0 ? RIGHT : dx < 0 ? LEFT : dy > 0 ? DOWN : UP;
	uint8_t in = dx > 0 ? LEFT : dx < 0 ? RIGHT : dy > 0 ? UP : DOWN;

	for (int x = from.x, y = from.y;; x += dx, y += dy) {
		int i = y * d->map->w + x;

		if (x != to.x || y != to.y)
			d->lines[i] |= out;
		if (x != from.x || y != from.y)
			d->lines[i] |= in;
		if (role != 0)
			d->roles[i] = role;
		if (x == to.x && y == to.y)
			return;
	}
}

static void
add_route(struct drawing *d, int edge, uint8_t role)
{
	const struct statemap_route *r = &d->map->routes[edge];
	const struct statemap_node *from =
	    node_of(d->map, (enum tcp_state)statemap_edges[edge].from, false);
	int i;

	for (i = 0; i + 1 < r->count; i++)
		add_line(d, r->at[i], r->at[i + 1], role);
	i = r->at[0].y * d->map->w + r->at[0].x;
	if (role != 0)
		d->roles[i] = role;
	if (r->count > 1 && r->at[0].y != from->at.y)
		d->lines[i] |= r->at[0].y > from->at.y ? UP : DOWN;
}

static void
draw_lines(const struct drawing *d)
{
	for (int i = 0; i < d->map->w * d->map->h; i++)
		if (d->lines[i] != 0)
			canvas_put(d->canvas, d->area, i % d->map->w,
			    i / d->map->w,
			    d->roles[i] != 0 ? (enum role)d->roles[i]
					     : ROLE_BORDER,
			    line_of[d->lines[i]]);
}

/* The head of the arrow points at the state. */
static void
draw_head(const struct drawing *d, int edge, enum role role)
{
	const struct statemap_edge *e = &statemap_edges[edge];
	const struct statemap_route *r = &d->map->routes[edge];
	const struct statemap_node *n =
	    node_of(d->map, (enum tcp_state)e->to, at_end(e));
	struct statemap_point end = r->at[r->count - 1];

	canvas_put(d->canvas, d->area, end.x, end.y, role,
	    end.y < n->at.y   ? U'▼'
	    : end.y > n->at.y ? U'▲'
	    : end.x < n->at.x ? U'▶'
			      : U'◀');
	if (r->label != NULL)
		canvas_text(d->canvas, d->area, r->label_at.x, r->label_at.y,
		    role == ROLE_BORDER ? ROLE_DIM : role, r->label);
}

static uint8_t
edge_role(const struct statemap_marks ends[2], int edge)
{
	bool walked[2];

	for (int i = 0; i < 2; i++)
		walked[i] = ends[i].shown && (ends[i].walked >> edge & 1) != 0;
	if (walked[0] && walked[1])
		return ROLE_STATE;
	return walked[0]   ? (uint8_t)ends[0].role
	       : walked[1] ? (uint8_t)ends[1].role
			   : 0;
}

static void
draw_node(const struct drawing *d, const struct statemap_marks ends[2],
    const struct statemap_node *n)
{
	const char *name = tcp_state_name((enum tcp_state)n->state);
	int len = (int)strlen(name), here = 0;
	enum role role = ROLE_TEXT;

	for (int i = 0; i < 2; i++) {
		const struct statemap_marks *m = &ends[i];

		if (!m->shown || m->state != n->state ||
		    (n->state == TCPS_CLOSED && m->ended != n->end))
			continue;
		here++;
		role = here == 2 ? ROLE_STATE : m->role;
		canvas_put(d->canvas, d->area,
		    i == 0 ? n->at.x - 1 : n->at.x + len, n->at.y, m->role,
		    (char32_t)m->mark);
	}
	canvas_text(d->canvas, d->area, n->at.x, n->at.y, role, name);
	if (here > 0)
		canvas_over(
		    d->canvas, d->area, n->at.x, n->at.y, len, ROLE_SELECTED);
}

void
statemap_draw(const struct statemap *m, const struct statemap_marks ends[2],
    struct canvas *c, struct area a)
{
	struct drawing d = {.map = m, .canvas = c, .area = a};

	for (int i = 0; i < STATEMAP_EDGES; i++)
		add_route(&d, i, edge_role(ends, i));
	draw_lines(&d);
	for (int i = 0; i < STATEMAP_EDGES; i++) {
		uint8_t role = edge_role(ends, i);

		draw_head(&d, i, role != 0 ? (enum role)role : ROLE_BORDER);
	}
	for (int i = 0; i < STATEMAP_NODES; i++)
		draw_node(&d, ends, &m->nodes[i]);
}
