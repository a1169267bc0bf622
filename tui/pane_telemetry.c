/*
 * The server pane's other view: what the clients of the telemetry service have
 * sent, a line for each client with its counts, below it a line for each of
 * its sensors with the curve of its latest values.
 *
 * A row's id is the client's number times ROW_PARTS plus the part: the client
 * itself, then its sensors.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/base/text.h"
#include "tui/packetfmt.h"

#define ROW_PARTS 32 /* > TELEMETRY_SENSORS */
#define VALUE_END 23
#define VALUE_CELLS 13
#define CURVE_X 40 /* where the curves begin, the mean before it */
#define RANGE_CELLS 24 /* the lowest and the highest value, where they fit */

/* The client of a row, or the one that stands where it has been. */
static size_t
peer_index(const struct view *v, uint64_t id)
{
	const struct telemetry_peer *p;
	size_t i = 0;

	while ((p = telemetry_peer(v->telemetry, i)) != NULL &&
	       p->number < id / ROW_PARTS)
		i++;
	return i;
}

static const struct telemetry_peer *
peer_of(const struct view *v, uint64_t id)
{
	const struct telemetry_peer *p =
	    telemetry_peer(v->telemetry, peer_index(v, id));

	return p != NULL && p->number == id / ROW_PARTS ? p : NULL;
}

static const struct telemetry_sensor *
sensor_of(const struct view *v, uint64_t id)
{
	const struct telemetry_peer *p = peer_of(v, id);
	size_t part = id % ROW_PARTS;

	return p != NULL && part > 0 && part <= p->sensor_count
		   ? p->sensors[part - 1]
		   : NULL;
}

static uint64_t
row_next(const struct pane *pane, const struct view *v, uint64_t id)
{
	size_t i = peer_index(v, id);
	const struct telemetry_peer *p = telemetry_peer(v->telemetry, i);

	(void)pane;
	if (p != NULL && p->number == id / ROW_PARTS) {
		if (id % ROW_PARTS < p->sensor_count)
			return id + 1;
		p = telemetry_peer(v->telemetry, i + 1);
	}
	return p != NULL ? p->number * (uint64_t)ROW_PARTS : 0;
}

static uint64_t
row_prev(const struct pane *pane, const struct view *v, uint64_t id)
{
	size_t i = id != 0 ? peer_index(v, id) : TELEMETRY_PEERS;
	const struct telemetry_peer *p;

	(void)pane;
	if (id % ROW_PARTS > 0)
		return id - 1;
	do {
		if (i == 0)
			return 0;
		p = telemetry_peer(v->telemetry, --i);
	} while (p == NULL);
	return p->number * (uint64_t)ROW_PARTS + p->sensor_count;
}

/* ---- drawing ---- */

/* The columns of a client, at the right; those that a narrow pane leaves out. */
enum { PERIOD, RECEIVED, LOST, DUPLICATED, REORDERED, REFUSED, COLUMNS };

static const struct {
	const char *name;
	int cells, pane_cells; /* needed, by the column and by the pane */
} columns[COLUMNS] = {
    [PERIOD] = {"period", 9, 54},
    [RECEIVED] = {"received", 9, 0},
    [LOST] = {"lost", 6, 0},
    [DUPLICATED] = {"dupl.", 6, 48},
    [REORDERED] = {"reord.", 7, 48},
    [REFUSED] = {"refused", 8, 0},
};

/* Draw one text in each column; returns where the first begins. */
static int
draw_columns(struct canvas *c, struct area a, int y,
    const char *const texts[COLUMNS], const enum role roles[COLUMNS])
{
	int end = a.w - 1;

	for (int i = COLUMNS - 1; i >= 0; i--) {
		if (a.w < columns[i].pane_cells)
			continue;
		canvas_right(c, a, end, y, roles[i], texts[i]);
		end -= columns[i].cells;
	}
	return end;
}

static void
draw_heading(struct canvas *c, struct area a)
{
	const char *texts[COLUMNS];
	enum role roles[COLUMNS];

	for (int i = 0; i < COLUMNS; i++) {
		texts[i] = columns[i].name;
		roles[i] = ROLE_HEADING;
	}
	draw_columns(c, a, 0, texts, roles);
	canvas_text(c, a, 1, 0, ROLE_HEADING, "Client");
}

static void
draw_peer(
    struct canvas *c, struct area a, int y, const struct telemetry_peer *p)
{
	const uint64_t counts[COLUMNS] = {
	    [PERIOD] = p->period_ms,
	    [RECEIVED] = p->counts.received,
	    [LOST] = p->counts.lost,
	    [DUPLICATED] = p->counts.duplicated,
	    [REORDERED] = p->counts.reordered,
	    [REFUSED] = p->counts.refused,
	};
	enum role roles[COLUMNS] = {
	    ROLE_NUMBER, ROLE_NUMBER, ROLE_BAD, ROLE_WARN, ROLE_WARN, ROLE_BAD};
	char text[COLUMNS][TEXT_NUM_MAX], addr[ADDR_TEXT_MAX];
	const char *texts[COLUMNS];
	struct area left = a;

	for (int i = 0; i < COLUMNS; i++) {
		texts[i] = text_count(text[i], counts[i]);
		roles[i] = counts[i] != 0 ? roles[i] : ROLE_DIM;
	}
	snprintf(text[PERIOD], sizeof text[PERIOD],
	    p->period_ms != 0 ? "%u ms" : "-", p->period_ms);
	left.w = draw_columns(c, a, y, texts, roles);
	addr_format(addr, &p->addr);
	if (text_cells(addr) + 1 > left.w && addr_port(&p->addr) != 0)
		snprintf(addr, sizeof addr, ":%u", addr_port(&p->addr));
	canvas_text(c, left, 1, y, p->closed ? ROLE_DIM : ROLE_CLIENT, addr);
}

/* The latest values as bars of an eighth to eight eighths. */
static void
draw_curve(struct canvas *c, struct area a, int x, int y, int cells,
    const struct telemetry_sensor *s)
{
	uint64_t n = s->end < TELEMETRY_POINTS ? s->end : TELEMETRY_POINTS;
	uint64_t first = s->end - (n < (uint64_t)cells ? n : (uint64_t)cells);
	double low = s->points[first % TELEMETRY_POINTS], high = low;
	char range[64];

	for (uint64_t i = first; i < s->end; i++) {
		double d = s->points[i % TELEMETRY_POINTS];

		low = d < low ? d : low;
		high = d > high ? d : high;
	}
	for (uint64_t i = first; i < s->end; i++, x++) {
		double d = s->points[i % TELEMETRY_POINTS];
		/* halves: the difference of two large numbers overflows */
		double share =
		    high > low ? (d / 2 - low / 2) / (high / 2 - low / 2) : 0.5;

		canvas_put(c, a, x, y, ROLE_PAYLOAD,
		    (char32_t)(U'▁' + (unsigned)(share * 7.0 + 0.5)));
	}
	if (a.w - CURVE_X - cells < RANGE_CELLS)
		return;
	snprintf(range, sizeof range, "%.4g to %.4g", low, high);
	canvas_right(c, a, a.w - 1, y, ROLE_DIM, range);
}

static void
draw_sensor(
    struct canvas *c, struct area a, int y, const struct telemetry_sensor *s)
{
	char value[TELEMETRY_VALUE_MAX], mean[32];
	int cells = a.w - CURVE_X - 1;

	canvas_printf(c, a, 3, y, ROLE_DIM, "%-5u%c", s->id, s->last.kind);
	telemetry_value_text(value, &s->last);
	if (s->last.kind != 's' && text_cells(value) > VALUE_CELLS)
		snprintf(
		    value, sizeof value, "%.6g", telemetry_number(&s->last));
	if (s->last.kind == 's') {
		struct area text = a;

		text.w = CURVE_X + 1;
		canvas_text(c, text, 10, y, ROLE_VALUE, value);
		return;
	}
	canvas_right(c, a, VALUE_END, y, ROLE_VALUE, value);
	snprintf(mean, sizeof mean, "mean %.5g", s->mean);
	canvas_right(c, a, CURVE_X - 1, y, ROLE_NUMBER, mean);
	if (cells >= 2 * RANGE_CELLS)
		cells -= RANGE_CELLS;
	if (cells > 0)
		draw_curve(c, a, CURVE_X, y, cells, s);
}

static void
draw_row(
    const struct view *v, struct canvas *c, struct area a, int y, uint64_t id)
{
	const struct telemetry_sensor *s = sensor_of(v, id);
	const struct telemetry_peer *p = peer_of(v, id);

	if (s != NULL)
		draw_sensor(c, a, y, s);
	else if (p != NULL)
		draw_peer(c, a, y, p);
}

/* Why something of the selected client was refused. */
static void
draw_foot(const struct pane *pane, const struct view *v, struct canvas *c,
    struct area a)
{
	const struct telemetry_peer *p = peer_of(v, pane->list.selected);

	if (p == NULL || p->counts.refused == 0)
		canvas_text(c, a, 1, 0, ROLE_DIM,
		    "V the calls   :period MS another period for all clients");
	else
		canvas_printf(c, a, 1, 0, ROLE_BAD, "Last refused: %s.",
		    telemetry_fault_text(p->fault));
}

static void
draw_empty(const struct view *v, struct canvas *c, struct area a)
{
	const struct service *s = v->deck->server.spec.service;

	packetfmt_wrap(c, a, ROLE_NOTE,
	    s != NULL && strcmp(s->name, "telemetry") == 0
		? "No readings yet. c connects a client, :telemetry every 200 "
		  "lets it send them. What a program of yours has to send "
		  "stands in the README."
		: "Here the readings of telemetry clients are shown, once such "
		  "a server runs: :serve telemetry udp. V goes back to the "
		  "calls.");
}

static void
telemetry_draw(
    struct pane *p, const struct view *v, struct canvas *c, struct area a)
{
	struct area body = a;
	uint64_t id;

	if (telemetry_peer(v->telemetry, 0) == NULL) {
		draw_empty(v, c, a);
		return;
	}
	draw_heading(c, area_top(&body, 1));
	draw_foot(p, v, c, area_bottom(&body, 1));
	pane_layout(p, v, a, body);
	id = p->list.top;
	for (int y = 0; y < body.h && id != 0; y++) {
		draw_row(v, c, body, y, id);
		pane_draw_selected(p, c, body, y, id);
		id = row_next(p, v, id);
	}
}

static void
telemetry_title(
    const struct pane *p, const struct view *v, char *dst, size_t size)
{
	unsigned wanted = v->deck->server.spec.options.period_ms;
	char period[48] = "";
	size_t clients = 0;

	(void)p;
	while (telemetry_peer(v->telemetry, clients) != NULL)
		clients++;
	if (wanted != 0)
		snprintf(period, sizeof period, ", told: every %u ms", wanted);
	snprintf(dst, size, "Server  telemetry of %zu client%s%s", clients,
	    clients == 1 ? "" : "s", period);
}

static uint64_t
telemetry_pane_gen(const struct pane *p, const struct view *v)
{
	(void)p;
	return telemetry_gen(v->telemetry);
}

static struct selection
telemetry_selected(const struct pane *p, const struct view *v)
{
	(void)p;
	(void)v;
	return (struct selection){.kind = SELECTED_NONE};
}

static void
telemetry_row_text(const struct pane *pane, const struct view *v, uint64_t id,
    char dst[PANE_TEXT_MAX])
{
	const struct telemetry_sensor *s = sensor_of(v, id);
	const struct telemetry_peer *p = peer_of(v, id);
	char text[TELEMETRY_VALUE_MAX], addr[ADDR_TEXT_MAX];

	(void)pane;
	dst[0] = '\0';
	if (s != NULL)
		snprintf(dst, PANE_TEXT_MAX,
		    "sensor %u: %s, mean %.6g of %" PRIu32, s->id,
		    telemetry_value_text(text, &s->last), s->mean, s->count);
	else if (p != NULL)
		snprintf(dst, PANE_TEXT_MAX,
		    "%s: received %" PRIu64 ", lost %" PRIu64
		    ", duplicated %" PRIu64 ", reordered %" PRIu64
		    ", refused %" PRIu64,
		    addr_format(addr, &p->addr), p->counts.received,
		    p->counts.lost, p->counts.duplicated, p->counts.reordered,
		    p->counts.refused);
}

static void
telemetry_moved(struct pane *p, const struct view *v)
{
	(void)v;
	p->list.follow = false;
}

static void
telemetry_pane_free(struct pane *p)
{
	free(p);
}

struct pane *
pane_telemetry_new(void)
{
	static const struct pane_ops ops = {
	    .gen = telemetry_pane_gen,
	    .title = telemetry_title,
	    .draw = telemetry_draw,
	    .next = row_next,
	    .prev = row_prev,
	    .row_text = telemetry_row_text,
	    .selected = telemetry_selected,
	    .moved = telemetry_moved,
	    .free = telemetry_pane_free,
	};
	struct pane *p = calloc(1, sizeof *p);

	if (p == NULL)
		return NULL;
	p->ops = &ops;
	list_init(&p->list);
	p->list.follow = false;
	return p;
}
