#include "tui/costcols.h"

#include <string.h>

#define NAME_LEAST 10 /* "handshake" */
#define SIDE_NAME 3 /* "TCP" */
#define NARROW 54
#define BAR_LEAST 8
#define BAR_MOST 24

enum {
	PACKETS,
	LINK,
	NET,
	TRANSPORT,
	OPTIONS,
	UPPER, /* transport and options */
	HEADERS, /* of all layers */
	PAYLOAD,
	SUM,
	SHARE,
	COUNT
};

_Static_assert(COUNT <= COLUMNS_MAX, "there is room for them");

#define C(name) COLUMN(name)
#define LAYERS (C(PACKETS) | C(NET) | C(UPPER) | C(PAYLOAD) | C(SHARE))
#define ALL                                                          \
	(C(PACKETS) | C(LINK) | C(NET) | C(TRANSPORT) | C(OPTIONS) | \
	    C(PAYLOAD) | C(SUM) | C(SHARE))
#define BRIEF                                                          \
	C(PACKETS) | C(HEADERS) | C(PAYLOAD) | C(SHARE),               \
	    C(HEADERS) | C(PAYLOAD) | C(SHARE), C(HEADERS) | C(SHARE), \
	    C(SHARE)

static const unsigned captured[] = {
    ALL, ALL & ~C(LINK), LAYERS | C(SUM), LAYERS, BRIEF};
static const unsigned ethernet[] = {
    ALL, LAYERS | C(LINK) | C(SUM), LAYERS | C(LINK), BRIEF};
static const unsigned brief[] = {BRIEF};

static int
least(int a, int b)
{
	return a < b ? a : b;
}

int
costcols_sides(const struct costcols *t)
{
	return t->sides[0] != NULL ? 2 : 1;
}

static uint64_t
bytes_of(const struct costcols *t, const struct cost *k)
{
	return t->ethernet ? cost_on_ethernet(k) : cost_bytes(k);
}

static const char *
heading(const struct costcols *t, int column)
{
	const char *const words[COUNT] = {
	    [PACKETS] = "pkts",
	    [LINK] = t->ethernet ? "Ether" : "(link)",
	    [NET] = t->layers.net,
	    [TRANSPORT] = t->layers.transport,
	    [OPTIONS] = t->layers.options,
	    [UPPER] = t->layers.upper,
	    [HEADERS] = t->width < NARROW ? "hdr" : "headers",
	    [PAYLOAD] = "payload",
	    [SUM] = "sum",
	    [SHARE] = costcols_sides(t) > 1 ? "" : "share",
	};

	return words[column];
}

static const char *
cell(char dst[TEXT_NUM_MAX], const struct costcols *t, int column,
    const struct cost *k)
{
	uint64_t all = bytes_of(t, k);
	const uint64_t numbers[COUNT] = {
	    [PACKETS] = k->packets,
	    [LINK] = t->ethernet ? k->ether : k->link,
	    [NET] = k->net,
	    [TRANSPORT] = k->transport,
	    [OPTIONS] = k->options,
	    [UPPER] = k->transport + k->options,
	    [HEADERS] = all - k->payload,
	    [PAYLOAD] = k->payload,
	    [SUM] = all,
	};

	if (column == SHARE)
		return all == 0      ? ""
		       : t->ethernet ? costfmt_share_on_ethernet(dst, k)
				     : costfmt_share(dst, k);
	return numbers[column] == 0 ? "-" : text_count(dst, numbers[column]);
}

/* ---- layout ---- */

/* What is small yet does not move its column as it grows. */
void
costcols_begin(struct costcols *t)
{
	t->columns = (struct columns){{0}, {0}};
	for (int i = 0; i < COUNT; i++) {
		columns_measure(&t->columns, i, heading(t, i));
		columns_measure(&t->columns, i, i == SHARE ? "100%" : "1,000");
	}
}

void
costcols_measure(struct costcols *t, const struct cost *k)
{
	char text[TEXT_NUM_MAX];

	for (int i = 0; i < COUNT; i++)
		columns_measure(&t->columns, i, cell(text, t, i, k));
}

static unsigned
choose(const struct costcols *t, int room)
{
#define CHOOSE(from) \
	columns_choose(&t->columns, from, sizeof from / sizeof *from, room)
	return costcols_sides(t) > 1 ? CHOOSE(brief)
	       : t->ethernet         ? CHOOSE(ethernet)
				     : CHOOSE(captured);
#undef CHOOSE
}

void
costcols_lay(struct costcols *t, int name)
{
	int sides = costcols_sides(t);
	int side_name = costcols_sides(t) > 1 ? SIDE_NAME : 0;
	unsigned set = choose(t, (t->width - NAME_LEAST) / sides - side_name);

	t->name = least(name,
	    t->width - sides * (side_name + columns_cells(&t->columns, set)));
	t->side = (t->width - t->name) / sides;
	columns_place(&t->columns, set, side_name, t->side);
}

/* ---- drawing ---- */

static struct area
side_area(const struct costcols *t, struct area row, int i)
{
	return (struct area){
	    row.x + t->name + i * t->side, row.y, t->side, row.h};
}

void
costcols_headings(const struct costcols *t, struct canvas *c, struct area a)
{
	for (int side = 0; side < costcols_sides(t); side++) {
		struct area at = side_area(t, a, side);

		for (int i = 0; i < COUNT; i++)
			if (t->columns.end[i] > 0)
				canvas_right(c, at, t->columns.end[i], 0,
				    ROLE_HEADING, heading(t, i));
		if (costcols_sides(t) > 1)
			canvas_text(c, at, 0, 0, ROLE_TITLE, t->sides[side]);
	}
}

void
costcols_draw(const struct costcols *t, struct canvas *c, struct area a, int y,
    int side, const struct cost *k)
{
	int x = t->columns.end[SHARE] + 1;
	int cells = least(t->side - x - 1, BAR_MOST);
	uint64_t all = bytes_of(t, k);
	char text[TEXT_NUM_MAX];

	a = side_area(t, a, side);
	for (int i = 0; i < COUNT; i++) {
		const char *shown = cell(text, t, i, k);

		if (t->columns.end[i] > 0)
			canvas_right(c, a, t->columns.end[i], y,
			    i == SHARE                ? ROLE_COST
			    : strcmp(shown, "-") == 0 ? ROLE_DIM
						      : ROLE_NUMBER,
			    shown);
	}
	if (all > 0 && cells >= BAR_LEAST && costcols_sides(t) == 1)
		canvas_bar(c, a, x, y, cells, all - k->payload, all,
		    ROLE_HEADERS, ROLE_PAYLOAD);
}
