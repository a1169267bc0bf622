/*
 * The diagram: every transition of the RFC, and nothing on top of anything.
 */
#include "tui/statemap.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* RFC 9293 figure 5, top to bottom, and note 2; written down on its own. */
static const struct {
	enum tcp_state from, to;
} rfc[] = {
    {TCPS_CLOSED, TCPS_LISTEN},
    {TCPS_LISTEN, TCPS_CLOSED},
    {TCPS_CLOSED, TCPS_SYN_SENT},
    {TCPS_SYN_SENT, TCPS_CLOSED},
    {TCPS_LISTEN, TCPS_SYN_RECEIVED},
    {TCPS_SYN_RECEIVED, TCPS_LISTEN},
    {TCPS_LISTEN, TCPS_SYN_SENT},
    {TCPS_SYN_SENT, TCPS_SYN_RECEIVED},
    {TCPS_SYN_RECEIVED, TCPS_ESTABLISHED},
    {TCPS_SYN_SENT, TCPS_ESTABLISHED},
    {TCPS_SYN_RECEIVED, TCPS_FIN_WAIT_1},
    {TCPS_ESTABLISHED, TCPS_FIN_WAIT_1},
    {TCPS_ESTABLISHED, TCPS_CLOSE_WAIT},
    {TCPS_FIN_WAIT_1, TCPS_CLOSING},
    {TCPS_FIN_WAIT_1, TCPS_FIN_WAIT_2},
    {TCPS_FIN_WAIT_1, TCPS_TIME_WAIT},
    {TCPS_FIN_WAIT_2, TCPS_TIME_WAIT},
    {TCPS_CLOSING, TCPS_TIME_WAIT},
    {TCPS_CLOSE_WAIT, TCPS_LAST_ACK},
    {TCPS_LAST_ACK, TCPS_CLOSED},
    {TCPS_TIME_WAIT, TCPS_CLOSED},
};

static void
edges__of_the_rfc__are_all_there_once(void **state)
{
	(void)state;
	assert_int_equal(sizeof rfc / sizeof *rfc, STATEMAP_EDGES);
	for (size_t i = 0; i < STATEMAP_EDGES; i++) {
		int n = 0;

		for (int k = 0; k < STATEMAP_EDGES; k++)
			n += statemap_edges[k].from == rfc[i].from &&
			     statemap_edges[k].to == rfc[i].to;
		assert_int_equal(n, 1);
	}
}

/* What is in a cell: nodes and labels are alone, lines may cross. */
enum { NODE = 1, LABEL = 2, ACROSS = 4, DOWNWARD = 8, TURN = 16 };

struct grid {
	const struct statemap *map;
	uint8_t what[78 * 16];
	int8_t edge[78 * 16]; /* of the line that came first; -1 */
};

static void
put(struct grid *g, int x, int y, uint8_t what, int edge)
{
	int i = y * g->map->w + x;
	uint8_t was;

	if (x < 0 || y < 0 || x >= g->map->w || y >= g->map->h)
		fail_msg("edge %d: %d,%d is outside", edge, x, y);
	was = g->what[i];
	if (was == 0 || (what == LABEL && g->edge[i] == edge) ||
	    (was == ACROSS && what == DOWNWARD) ||
	    (was == DOWNWARD && what == ACROSS)) {
		g->what[i] |= what;
		g->edge[i] = (int8_t)edge;
		return;
	}
	if ((was & (NODE | LABEL)) == 0 && g->edge[i] == edge)
		return; /* a turn of the same line */
	fail_msg("edge %d: %d,%d is taken by %d of edge %d", edge, x, y, was,
	    g->edge[i]);
}

static void
put_text(struct grid *g, int x, int y, int len, uint8_t what, int edge)
{
	for (int i = 0; i < len; i++)
		put(g, x + i, y, what, edge);
}

static void
put_route(struct grid *g, int edge)
{
	const struct statemap_route *r = &g->map->routes[edge];

	assert_in_range(r->count, 1, STATEMAP_TURNS);
	if (r->count == 1)
		put(g, r->at[0].x, r->at[0].y, TURN, edge);
	for (int i = 0; i + 1 < r->count; i++) {
		struct statemap_point a = r->at[i], b = r->at[i + 1];
		int dx = (b.x > a.x) - (b.x < a.x);
		int dy = (b.y > a.y) - (b.y < a.y);

		assert_true((dx == 0) != (dy == 0));
		for (int x = a.x, y = a.y;; x += dx, y += dy) {
			bool turn = (x == a.x && y == a.y && i > 0) ||
				    (x == b.x && y == b.y && i + 2 < r->count);

			put(g, x, y,
			    turn      ? TURN
			    : dx != 0 ? ACROSS
				      : DOWNWARD,
			    edge);
			if (x == b.x && y == b.y)
				break;
		}
	}
}

/* Beside the name: above or below one of its letters, or at its sides, where a
 * mark has room between. */
static bool
touches(const struct statemap_node *n, struct statemap_point p)
{
	int len = (int)strlen(tcp_state_name((enum tcp_state)n->state));

	if (p.y == n->at.y)
		return p.x == n->at.x - 2 || p.x == n->at.x + len + 1;
	return abs(p.y - n->at.y) == 1 && p.x >= n->at.x && p.x < n->at.x + len;
}

static bool
touches_state(const struct statemap *m, uint8_t state, struct statemap_point p)
{
	for (int i = 0; i < STATEMAP_NODES; i++)
		if (m->nodes[i].state == state && touches(&m->nodes[i], p))
			return true;
	return false;
}

static void
layouts__every_route__joins_its_states_and_covers_nothing(void **state)
{
	(void)state;
	for (int l = 0; l < STATEMAP_LAYOUTS; l++) {
		static struct grid g;

		g = (struct grid){.map = statemap_get((enum statemap_layout)l)};
		memset(g.edge, -1, sizeof g.edge);
		for (int i = 0; i < STATEMAP_NODES; i++) {
			const struct statemap_node *n = &g.map->nodes[i];
			int len = (int)strlen(
			    tcp_state_name((enum tcp_state)n->state));

			/* with its two marks */
			put_text(&g, n->at.x - 1, n->at.y, len + 2, NODE, -2);
		}
		for (int i = 0; i < STATEMAP_EDGES; i++) {
			const struct statemap_route *r = &g.map->routes[i];

			put_route(&g, i);
			assert_true(touches_state(
			    g.map, statemap_edges[i].from, r->at[0]));
			assert_true(touches_state(
			    g.map, statemap_edges[i].to, r->at[r->count - 1]));
		}
		for (int i = 0; i < STATEMAP_EDGES; i++) {
			const struct statemap_route *r = &g.map->routes[i];

			if (r->label != NULL)
				put_text(&g, r->label_at.x, r->label_at.y,
				    (int)strlen(r->label), LABEL, i);
		}
	}
}

static void
path__over_a_state_that_no_packet_shows__has_both_edges(void **state)
{
	uint32_t listen = 1u << statemap_find(TCPS_CLOSED, TCPS_LISTEN);
	uint32_t syn = 1u << statemap_find(TCPS_LISTEN, TCPS_SYN_RECEIVED);

	(void)state;
	assert_int_equal(
	    statemap_path(TCPS_CLOSED, TCPS_SYN_RECEIVED), listen | syn);
	assert_int_equal(statemap_path(TCPS_ESTABLISHED, TCPS_CLOSE_WAIT),
	    1u << statemap_find(TCPS_ESTABLISHED, TCPS_CLOSE_WAIT));
	assert_int_equal(statemap_path(TCPS_TIME_WAIT, TCPS_ESTABLISHED), 0);
}

static void
assert_map(enum statemap_layout l, const struct statemap_marks ends[2],
    const char *const *rows)
{
	const struct statemap *m = statemap_get(l);
	struct canvas *c = canvas_new(m->w, m->h, false);
	char row[512];

	statemap_draw(m, ends, c, canvas_area(c));
	for (int y = 0; y < m->h; y++)
		assert_string_equal(canvas_row(c, y, row, sizeof row), rows[y]);
	canvas_free(c);
}

static void
draw__each_layout__looks_like_this(void **state)
{
	static const char *const tall[] = {
	    "           ┌──────────── CLOSED ─────────────┐",
	    "pass. OPEN │ ┌─────────────▲ ▲─────────────┐ │ active OPEN",
	    "           ▼ │ CLOSE                 CLOSE │ ▼",
	    "        LISTEN ───────────SEND──────────▶ SYN-SENT",
	    "    RST ▲  │    ┌──────────SYN─────────────┘  │ SYN,ACK",
	    "        │  ▼SYN ▼                             ▼",
	    "     SYN-RECEIVEDs─────────ACK────────▶cESTABLISHED",
	    "  CLOSE │    ┌───────────CLOSE───────────┘    │ FIN",
	    "        ▼    ▼                                ▼",
	    "     FIN-WAIT-1 ───FIN───┐               CLOSE-WAIT",
	    "    ACK │    └────┐      │                    │ CLOSE",
	    "        ▼ FIN,ACK │      ▼                    ▼",
	    "   FIN-WAIT-2     │   CLOSING             LAST-ACK",
	    "        │         └───▼   ▼ ACK               ▼ ACK",
	    "        └───FIN────▶ TIME-WAIT ──2 MSL───▶ CLOSED",
	};
	static const char *const wide[] = {
	    "  ┌──────▶ SYN-SENT ◀───┐          ┌CLOSE▶ FIN-WAIT-1 ─▶ "
	    "FIN-WAIT-2 ──FIN──┐",
	    "  │  ┌──────┘  │  └─────┼──────┐   │    ┌────▲  │  "
	    "└──────FIN,ACK──────┐   │",
	    "  │  ▼         ▼        │      ▼   │    │       │                 "
	    "     ▼   ▼",
	    " CLOSED   SYN-RECEIVEDs─┼▶cESTABLISHED  │       └──FIN──▶ CLOSING "
	    "▶ TIME-WAIT",
	    "  │  ▲        ▲ │   └───┼───────┼───────┘                         "
	    "      │",
	    "  │  └──────┐ │ ▼ RST   │       │                                 "
	    "      ▼ 2MSL",
	    "  └──────▶ LISTEN ──────┘       └──FIN───▶ CLOSE-WAIT ─▶ LAST-ACK "
	    "─▶ CLOSED",
	};
	const struct statemap_marks ends[2] = {
	    {.shown = true,
		.state = TCPS_ESTABLISHED,
		.role = ROLE_CLIENT,
		.mark = 'c'},
	    {.shown = true,
		.state = TCPS_SYN_RECEIVED,
		.role = ROLE_SERVER,
		.mark = 's'},
	};

	(void)state;
	assert_map(STATEMAP_TALL, ends, tall);
	assert_map(STATEMAP_WIDE, ends, wide);
}

static void
draw__walked_edges__have_the_colour_of_who_walked(void **state)
{
	const uint32_t open = statemap_path(TCPS_SYN_SENT, TCPS_ESTABLISHED);
	const struct statemap_marks ends[2] = {
	    {.shown = true,
		.state = TCPS_ESTABLISHED,
		.role = ROLE_CLIENT,
		.mark = 'c',
		.walked = open},
	    {0},
	};
	struct canvas *c = canvas_new(58, 15, false);

	(void)state;
	statemap_draw(statemap_get(STATEMAP_TALL), ends, c, canvas_area(c));
	assert_int_equal(canvas_at(c, 41, 6)->role, ROLE_CLIENT); /* name */
	assert_int_equal(canvas_at(c, 41, 6)->over, ROLE_SELECTED);
	assert_int_equal(canvas_at(c, 46, 4)->role, ROLE_CLIENT); /* line */
	assert_int_equal(canvas_at(c, 46, 5)->role, ROLE_CLIENT); /* head */
	assert_int_equal(canvas_at(c, 48, 4)->role, ROLE_CLIENT); /* label */
	assert_int_equal(canvas_at(c, 8, 7)->role, ROLE_BORDER);
	canvas_free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(edges__of_the_rfc__are_all_there_once),
	    cmocka_unit_test(
		layouts__every_route__joins_its_states_and_covers_nothing),
	    cmocka_unit_test(
		path__over_a_state_that_no_packet_shows__has_both_edges),
	    cmocka_unit_test(draw__each_layout__looks_like_this),
	    cmocka_unit_test(draw__walked_edges__have_the_colour_of_who_walked),
	};

	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
