#include "tui/listcols.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "capture/hci.h"
#include "net/base/text.h"
#include "tui/packetfmt.h"

#define CELL_MAX 512
#define REST_MIN 7 /* cells of a column that takes the rest */
#define BAR_MIN 5

static const struct {
	const char *name, *heading;
	int cells;
	bool number;
} cols[LISTCOL_COUNT] = {
#define X(NAME, name, heading, cells, number) \
	[LISTCOL_##NAME] = {name, heading, cells, number},
    LISTCOLS(X)
#undef X
};

const char *
listcol_name(enum listcol c)
{
	return cols[c].name;
}

bool
listcol_find(const char *name, enum listcol *ret)
{
	for (int i = 0; i < LISTCOL_COUNT; i++) {
		if (strcmp(cols[i].name, name) != 0)
			continue;
		*ret = (enum listcol)i;
		return true;
	}
	return false;
}

/* ---- which, and where ---- */

/* Without a choice: each from this width on. */
static const struct {
	uint8_t id;
	int from;
} usual[] = {
    {LISTCOL_NO, 0},
    {LISTCOL_TIME, 52},
    {LISTCOL_DELTA, 68},
    {LISTCOL_DIR, 0},
    {LISTCOL_PORTS, 84},
    {LISTCOL_FLAGS, 0},
    {LISTCOL_SEQ, 0},
    {LISTCOL_ACK, 52},
    {LISTCOL_WIN, 84},
    {LISTCOL_LEN, 0},
    {LISTCOL_BAR, 104},
    {LISTCOL_INFO, 0},
};

static int
digits(uint64_t n)
{
	int d = 1;

	for (; n > 9; n /= 10)
		d++;
	return d;
}

static int
cells_of(const struct view *v, uint8_t id, int width, uint64_t last)
{
	if (id == LISTCOL_NO) /* and the mark's cell */
		return digits(last) > 4 ? digits(last) + 1 : 5;
	if (id == LISTCOL_TIME)
		return timefmt_cells(v, width);
	/* Numbers of a long stream, where there is room. */
	if ((id == LISTCOL_SEQ || id == LISTCOL_ACK) && width >= 96)
		return width >= 104 ? 10 : 8;
	if (id == LISTCOL_FLAGS && width >= 84) /* FIN,PSH,ACK */
		return 11;
	return cols[id].cells;
}

static void
add(struct listcols *l, const struct view *v, uint8_t id, int *x, int width,
    uint64_t last)
{
	int w = cells_of(v, id, width, last);
	int least = w == LISTCOL_REST   ? REST_MIN
		    : id == LISTCOL_BAR ? BAR_MIN
					: w;

	if (l->cut || *x + least > width) {
		l->cut = true;
		return;
	}
	if (w == LISTCOL_REST || *x + w > width)
		w = width - *x;
	l->at[l->count].id = id;
	l->at[l->count].x = *x;
	l->at[l->count++].w = w;
	*x += w + 1;
}

void
listcols_lay(struct listcols *l, const struct view *v, int width, uint64_t last)
{
	const struct deck *d = v->deck;
	int x = 0;

	*l = (struct listcols){.count = 0};
	for (int i = 0; i < d->column_count; i++)
		add(l, v, d->columns[i], &x, width, last);
	if (d->column_count > 0)
		return;
	for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
		if (width >= usual[i].from)
			add(l, v, usual[i].id, &x, width, last);
}

static bool
shows(const struct listcols *l, enum listcol id)
{
	for (int i = 0; i < l->count; i++)
		if (l->at[i].id == id)
			return true;
	return false;
}

/* ---- what stands there ---- */

void
listcols_heading(const struct listcols *l, const struct view *v,
    struct canvas *c, struct area a)
{
	char time[TEXT_NUM_MAX];

	for (int i = 0; i < l->count; i++) {
		uint8_t id = l->at[i].id;
		struct area cell = {a.x + l->at[i].x, a.y, l->at[i].w, 1};
		const char *text = id == LISTCOL_TIME ? timefmt_heading(v, time)
						      : cols[id].heading;

		if (cols[id].number && text_cells(text) < cell.w)
			canvas_right(c, cell, cell.w, 0, ROLE_HEADING, text);
		else
			canvas_text(c, cell, 0, 0, ROLE_HEADING, text);
	}
	if (l->cut && v->deck->column_count > 0)
		canvas_text(c, a, a.w - 1, 0, ROLE_WARN, "…");
}

static uint32_t
header_bytes(const struct summary *s)
{
	return (uint32_t)s->net_len + s->transport_len + s->options_len;
}

/* The number of a column; false: this packet has none. */
static bool
number_of(uint8_t id, const struct frame *f, uint64_t *ret)
{
	bool tcp = f->sum.proto == PROTO_TCP;

	switch (id) {
	case LISTCOL_NO:
		*ret = f->id;
		return true;
	case LISTCOL_SEQ:
		*ret = f->rel_seq;
		return tcp;
	case LISTCOL_ACK:
		*ret = f->rel_ack;
		return tcp && (f->sum.tcp_flags & TCP_ACK) != 0;
	case LISTCOL_WIN:
		*ret = frame_window(f);
		return tcp;
	case LISTCOL_LEN:
		*ret = f->sum.payload_len;
		return true;
	case LISTCOL_HEADERS:
		*ret = header_bytes(&f->sum);
		return true;
	case LISTCOL_WIRE:
		*ret = f->packet.wire_len;
		return true;
	case LISTCOL_TTL:
		*ret = f->sum.ttl;
		return f->sum.ip_version != 0;
	case LISTCOL_CONV:
		*ret = f->flow;
		return f->flow != 0;
	default:
		return false;
	}
}

static void
address(char dst[CELL_MAX], const struct addr *a)
{
	char text[ADDR_TEXT_MAX];

	snprintf(dst, CELL_MAX, "%s", addr_format(text, a));
}

/* "Fast Retransmission  GET / HTTP/1.1": what was found out stands first. */
static void
info(char dst[CELL_MAX], const struct view *v, const struct frame *f)
{
	const char *found = f->packet.fate > FATE_PASSED
				? fate_text(f->packet.fate)
				: packetfmt_verdict(f->verdicts);
	char text[PACKETFMT_INFO_MAX];
	size_t n = (size_t)snprintf(dst, CELL_MAX, "%s", found), said;

	said = packetfmt_info(f, v->agreed, text);
	if (said > 0 && n > 0)
		n += (size_t)snprintf(dst + n, CELL_MAX - n, "  ");
	text_escape(dst + n, CELL_MAX - n, text, said);
	if (dst[0] == '\0' &&
	    (f->sum.proto == PROTO_ICMP || f->sum.proto == PROTO_ICMP6))
		snprintf(dst, CELL_MAX, "type %u code %u", f->sum.icmp_type,
		    f->sum.icmp_code);
}

/* The text of a column; "" if this packet has nothing to say there. */
static void
text_of(
    uint8_t id, const struct view *v, const struct frame *f, char dst[CELL_MAX])
{
	struct addr src = summary_src(&f->sum), to = summary_dst(&f->sum);
	bool tcp = f->sum.proto == PROTO_TCP && f->flow != 0;
	char flags[SUMMARY_FLAGS_MAX], text[ADDR_TEXT_MAX];

	dst[0] = '\0';
	if ((id == LISTCOL_SRC || id == LISTCOL_DST) &&
	    hci_is_link(f->packet.link_type))
		snprintf(dst, CELL_MAX, "%s",
		    packetfmt_hci_end(text, v->capture, f, id == LISTCOL_SRC));
	else if (id == LISTCOL_SRC)
		address(dst, &src);
	else if (id == LISTCOL_DST)
		address(dst, &to);
	else if (id == LISTCOL_DIR && f->flow != 0)
		snprintf(dst, CELL_MAX, "%s", f->dir == DIR_CLIENT ? "→" : "←");
	else if (id == LISTCOL_PORTS && f->sum.src_port != 0)
		snprintf(
		    dst, CELL_MAX, "%u-%u", f->sum.src_port, f->sum.dst_port);
	else if (id == LISTCOL_PROTO)
		snprintf(dst, CELL_MAX, "%s", summary_proto_name(&f->sum));
	else if (id == LISTCOL_FLAGS)
		snprintf(dst, CELL_MAX, "%s",
		    f->sum.proto == PROTO_TCP
			? summary_flags(flags, f->sum.tcp_flags)
			: summary_proto_name(&f->sum));
	else if ((id == LISTCOL_CLIENT || id == LISTCOL_SERVER) && tcp)
		snprintf(dst, CELL_MAX, "%s",
		    tcp_state_name(
			(enum tcp_state)f->state[id == LISTCOL_SERVER]));
	else if (id == LISTCOL_PURPOSE && f->flow != 0)
		snprintf(dst, CELL_MAX, "%s",
		    purpose_name((enum purpose)f->purpose));
	else if (id == LISTCOL_VERDICT)
		snprintf(dst, CELL_MAX, "%s", packetfmt_verdict(f->verdicts));
	else if (id == LISTCOL_INFO)
		info(dst, v, f);
	else if (id == LISTCOL_DATA)
		text_escape(dst, CELL_MAX, f->packet.data + f->sum.payload_off,
		    f->sum.payload_cap);
}

/* ---- colours ---- */

static enum role
packet_role(const struct view *v, const struct frame *f)
{
	static const uint32_t bad = VERDICT_LOST_SEGMENT |
				    VERDICT_ACK_LOST_SEGMENT |
				    VERDICT_ZERO_WINDOW | VERDICT_WINDOW_FULL;

	if (v->deck->colour == LIST_BY_CONVERSATION)
		return f->flow == 0
			   ? ROLE_DIM
			   : (enum role)(ROLE_PACKED_1 + (f->flow - 1) % 6);
	if (v->deck->colour == LIST_BY_SENDER)
		return packetfmt_role(f);
	if (frame_is_lost(f) || f->sum.status != SUMMARY_OK ||
	    (f->sum.tcp_flags & TCP_RST) != 0 || (f->verdicts & bad) != 0)
		return ROLE_BAD;
	return f->verdicts != 0 ? ROLE_WARN : ROLE_TEXT;
}

static enum role
cell_role(uint8_t id, const struct view *v, const struct frame *f)
{
	switch (id) {
	case LISTCOL_TIME:
	case LISTCOL_DELTA:
		return ROLE_DIM;
	case LISTCOL_PORTS:
		return v->deck->colour == LIST_BY_SENDER ? ROLE_DIM
							 : packet_role(v, f);
	case LISTCOL_CLIENT:
	case LISTCOL_SERVER:
		return ROLE_STATE;
	case LISTCOL_VERDICT:
	case LISTCOL_INFO:
		return frame_is_lost(f)   ? ROLE_BAD
		       : f->verdicts != 0 ? ROLE_WARN
					  : ROLE_TEXT;
	case LISTCOL_PURPOSE:
	case LISTCOL_DATA:
		return ROLE_TEXT;
	default:
		return cols[id].number ? ROLE_NUMBER : packet_role(v, f);
	}
}

/* ---- drawing ---- */

/* A number that is too long says so: its end differs, its beginning not. */
static void
draw_number(struct canvas *c, struct area cell, enum role role, uint64_t n)
{
	char text[TEXT_NUM_MAX];
	int len = snprintf(text, sizeof text, "%" PRIu64, n);

	canvas_right(c, cell, cell.w, 0, role, text);
	if (len > cell.w)
		canvas_text(c, cell, 0, 0, role, "…");
}

static void
draw_bar(struct canvas *c, struct area cell, const struct frame *f)
{
	uint32_t headers = header_bytes(&f->sum);
	int w =
	    cell.w < cols[LISTCOL_BAR].cells ? cell.w : cols[LISTCOL_BAR].cells;

	if (headers > 0)
		canvas_bar(c, cell, 0, 0, w, headers,
		    headers + f->sum.payload_len, ROLE_HEADERS, ROLE_PAYLOAD);
}

static void
draw_time(const struct view *v, struct canvas *c, struct area cell, uint8_t id,
    const struct frame *f)
{
	const struct record *before =
	    store_record(capture_store(v->capture), f->id - 1);
	int64_t before_ns = before != NULL ? before->ts_ns : 0;
	char text[TEXT_NUM_MAX];

	if (id == LISTCOL_TIME)
		canvas_right(c, cell, cell.w, 0, ROLE_DIM,
		    timefmt(text, v, f->packet.ts_ns, before_ns, cell.w));
	else if (before != NULL)
		canvas_right(c, cell, cell.w, 0, ROLE_DIM,
		    text_span(text, f->packet.ts_ns - before_ns));
}

static void
draw_cell(const struct listcols *l, const struct view *v, struct canvas *c,
    struct area cell, uint8_t id, const struct frame *f)
{
	enum role role = cell_role(id, v, f);
	char text[CELL_MAX];
	uint64_t n;

	if (id == LISTCOL_TIME || id == LISTCOL_DELTA) {
		draw_time(v, c, cell, id, f);
	} else if (cols[id].number) {
		if (number_of(id, f, &n))
			draw_number(c, cell, role, n);
	} else if (id == LISTCOL_BAR) {
		draw_bar(c, cell, f);
	} else {
		text_of(id, v, f, text);
		/* The port matters most: of a long address the end is shown. */
		if ((id == LISTCOL_SRC || id == LISTCOL_DST) &&
		    text_cells(text) > cell.w)
			canvas_right(c, cell, cell.w, 0, role, text);
		else
			canvas_text(c, cell, 0, 0, role, text);
		/* Where there is nothing to say there is room for the bar. */
		if (id == LISTCOL_INFO && text[0] == '\0' &&
		    !shows(l, LISTCOL_BAR))
			draw_bar(c, cell, f);
	}
}

/* What TCP has numbers for, Bluetooth has words for: in their place, where
 * there is no column for words. */
static void
draw_words(const struct listcols *l, const struct view *v, struct canvas *c,
    struct area a, int y, const struct frame *f)
{
	int from = 0, to = 0;
	char text[CELL_MAX];

	if (!hci_is_link(f->packet.link_type) || shows(l, LISTCOL_INFO))
		return;
	for (int i = 0; i < l->count; i++) {
		if (l->at[i].id == LISTCOL_SEQ)
			from = l->at[i].x;
		if (l->at[i].id == LISTCOL_LEN)
			to = l->at[i].x;
	}
	info(text, v, f);
	if (from > 0 && to > from)
		canvas_text(c, (struct area){a.x + from, a.y + y, to - from, 1},
		    0, 0, ROLE_TEXT, text);
}

void
listcols_draw(const struct listcols *l, const struct view *v, struct canvas *c,
    struct area a, int y, const struct frame *f)
{
	for (int i = 0; i < l->count; i++) {
		struct area cell = {a.x + l->at[i].x, a.y + y, l->at[i].w, 1};

		draw_cell(l, v, c, cell, l->at[i].id, f);
	}
	draw_words(l, v, c, a, y, f);
	packetfmt_mark(v, c, a, 0, y, f->id);
}

/* ---- explanations ---- */

bool
listcol_topic(enum listcol c, const struct frame *f, struct why_item *ret)
{
	bool tcp = f->sum.proto == PROTO_TCP && f->flow != 0;
	enum why what;

	*ret = (struct why_item){.end = 0};
	if (c == LISTCOL_INFO && f->packet.fate > FATE_PASSED) {
		ret->what = why_of_fate(f->packet.fate);
		return true;
	}
	if ((c == LISTCOL_VERDICT || c == LISTCOL_INFO) && f->verdicts != 0)
		return why_of_verdicts(f->verdicts, &ret->what);
	if (c == LISTCOL_FLAGS && why_of_flags(f->sum.tcp_flags, &what)) {
		ret->what = what;
		return true;
	}
	if (!tcp)
		return false;
	if (c == LISTCOL_CLIENT || c == LISTCOL_SERVER) {
		ret->end = c == LISTCOL_SERVER;
		ret->what = why_of_state(f->state[ret->end]);
	} else if (c == LISTCOL_PURPOSE || c == LISTCOL_BAR) {
		ret->what = (enum why)(WHY_PURPOSE_HANDSHAKE + f->purpose);
	} else if (c == LISTCOL_ACK && (f->sum.tcp_flags & TCP_ACK) != 0) {
		ret->what = WHY_FLAG_ACK;
	} else {
		return false;
	}
	return true;
}
