/*
 * The stream: the bytes that the two ends of a conversation sent, as text or as
 * hex; each segment begins on a line of its own, with its offset and packet.
 *
 * Both directions together stand in the order of the capture, bytes that came
 * again as one line. One direction alone stands in the order of its offsets, as
 * the program that reads it has it; what was not captured is a line too.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/base/text.h"
#include "tui/packetfmt.h"

#define GUTTER 13 /* arrow, offset, boundary */
#define REMARK 24 /* packet, length and delta, at the right */
#define LINE_BYTES 512

/*
 * A segment (of one direction: a stretch) and the line of the gap before it.
 * Row ids: (item + 1) << ROW_SHIFT, the gap; ROW_DATA and the offset of the
 * line's first byte within the item are added for the others.
 */
#define ROW_SHIFT 21
#define ROW_DATA (1U << 20)

struct item {
	int dir;
	uint64_t from, to;
	uint64_t gap; /* bytes before it that are not there */
	bool again; /* all of it was carried before */
	bool late; /* the next bytes of the stream came before it */
	struct frame frame;
	const uint8_t *data; /* captured bytes; NULL: none */
	uint32_t len; /* of them */
};

/* Where the lines of one item begin: the last one that was asked for. */
struct split {
	uint64_t item, frame;
	int shown, width;
	bool hex;
	uint32_t *starts;
	size_t count, cap;
};

struct pane_stream {
	struct pane pane;
	int shown; /* -1: both directions */
	int width; /* of the text, at the last drawing */
	bool hex; /* at the last drawing */
	uint32_t flow;
	struct split *split; /* a cache: changes in a const pane, too */
};

/* ---- items ---- */

static size_t
item_count(const struct pane_stream *p, const struct view *v)
{
	return p->shown < 0 ? stream_carriers(v->stream)
			    : stream_stretches(v->stream, p->shown);
}

/* What the item's bytes are beside in their direction. */
static void
look_around(const struct view *v, struct item *it, size_t i)
{
	size_t n = stream_stretches(v->stream, it->dir);

	if (i == n || stream_stretch(v->stream, it->dir, i).from > it->from)
		return;
	if (i > 0)
		it->gap =
		    it->from - stream_stretch(v->stream, it->dir, i - 1).to;
	else if (!stream_is_cut(v->stream))
		it->gap = it->from;
	it->late =
	    i + 1 < n &&
	    stream_stretch(v->stream, it->dir, i + 1).frame < it->frame.id;
}

static void
find_bytes(struct item *it)
{
	const struct summary *s = &it->frame.sum;
	uint64_t skip = it->from - it->frame.data_from;

	if (skip >= s->payload_cap)
		return;
	it->data = it->frame.packet.data + s->payload_off + skip;
	it->len = (uint32_t)(s->payload_cap - skip);
	if (it->len > it->to - it->from)
		it->len = (uint32_t)(it->to - it->from);
	if (it->len > ROW_DATA - 1)
		it->len = ROW_DATA - 1;
}

static bool
item_at(const struct pane_stream *p, const struct view *v, uint64_t i,
    struct item *it)
{
	const struct store *store = capture_store(v->capture);
	struct stretch t;

	if (i >= item_count(p, v))
		return false;
	*it = (struct item){.dir = p->shown};
	if (p->shown >= 0) {
		t = stream_stretch(v->stream, p->shown, i);
		it->from = t.from;
		it->to = t.to;
		if (store_get(store, t.frame, &it->frame))
			find_bytes(it);
		look_around(v, it, i);
		return true;
	}
	if (!store_get(store, stream_carrier(v->stream, i), &it->frame))
		return true;
	it->dir = it->frame.dir;
	it->from = it->frame.data_from;
	it->to = it->frame.data_to;
	it->again = it->frame.purpose == PURPOSE_RETRANSMISSION;
	if (!it->again)
		look_around(
		    v, it, stream_stretch_at(v->stream, it->dir, it->from));
	find_bytes(it);
	return true;
}

/* ---- lines ---- */

static int
hex_columns(int width)
{
	return width >= 16 * 4 ? 16 : 8;
}

/* The bytes of the line that begins with the first of n. */
static uint32_t
line_bytes(const struct pane_stream *p, const uint8_t *data, uint32_t n)
{
	char text[LINE_BYTES];
	size_t room = (size_t)p->width + 1;
	const uint8_t *end;
	size_t fit;

	if (p->hex)
		return n < (uint32_t)hex_columns(p->width)
			   ? n
			   : (uint32_t)hex_columns(p->width);
	end = memchr(data, '\n', n < LINE_BYTES ? n : LINE_BYTES);
	if (end != NULL)
		n = (uint32_t)(end - data) + 1;
	if (room > sizeof text)
		room = sizeof text;
	fit = text_escape(text, room, data, n);
	return fit > 0 ? (uint32_t)fit : 1;
}

static void
add_start(struct split *s, uint32_t off)
{
	size_t cap = s->cap > 0 ? s->cap * 2 : 64;
	uint32_t *starts;

	if (s->count == s->cap) {
		starts = realloc(s->starts, cap * sizeof *starts);
		if (starts == NULL)
			return;
		s->starts = starts;
		s->cap = cap;
	}
	s->starts[s->count++] = off;
}

static const struct split *
split_item(const struct pane_stream *p, uint64_t i, const struct item *it)
{
	struct split *s = p->split;

	if (s->count > 0 && s->item == i && s->frame == it->frame.id &&
	    s->shown == p->shown && s->width == p->width && s->hex == p->hex)
		return s;
	s->item = i;
	s->frame = it->frame.id;
	s->shown = p->shown;
	s->width = p->width;
	s->hex = p->hex;
	s->count = 0;
	add_start(s, 0);
	if (it->again || it->data == NULL)
		return s;
	for (uint32_t off = 0;;) {
		off += line_bytes(p, it->data + off, it->len - off);
		if (off >= it->len)
			return s;
		add_start(s, off);
	}
}

/* The line that has the byte at off. */
static size_t
line_at(const struct split *s, uint32_t off)
{
	size_t low = 0, high = s->count;

	while (high - low > 1) {
		size_t mid = low + (high - low) / 2;

		if (s->starts[mid] <= off)
			low = mid;
		else
			high = mid;
	}
	return low;
}

/* ---- rows ---- */

static uint64_t
row_of(uint64_t item, uint32_t off)
{
	return (item + 1) << ROW_SHIFT | ROW_DATA | off;
}

static uint64_t
item_of(uint64_t row)
{
	return (row >> ROW_SHIFT) - 1;
}

static uint32_t
off_of(uint64_t row)
{
	return row & (ROW_DATA - 1);
}

static bool
is_gap(uint64_t row)
{
	return (row & ROW_DATA) == 0;
}

static uint64_t
row_next(const struct pane *pane, const struct view *v, uint64_t id)
{
	const struct pane_stream *p = (const struct pane_stream *)pane;
	const struct split *s;
	uint64_t i = 0;
	struct item it;
	size_t line;

	if (id >> ROW_SHIFT != 0) {
		i = item_of(id);
		if (!item_at(p, v, i, &it))
			return 0;
		s = split_item(p, i, &it);
		line = line_at(s, off_of(id));
		if (is_gap(id))
			return row_of(i, 0);
		/* Between rows: the list asks for what is behind id - 1. */
		if (line + 1 < s->count)
			return row_of(i, s->starts[line + 1]);
		i++;
	}
	if (!item_at(p, v, i, &it))
		return 0;
	return it.gap > 0 ? (i + 1) << ROW_SHIFT : row_of(i, 0);
}

static uint64_t
row_prev(const struct pane *pane, const struct view *v, uint64_t id)
{
	const struct pane_stream *p = (const struct pane_stream *)pane;
	uint64_t count = item_count(p, v), i;
	const struct split *s;
	struct item it;

	if (id == 0 || id >> ROW_SHIFT > count)
		i = count;
	else
		i = item_of(id);
	if (i < count && !is_gap(id) && item_at(p, v, i, &it)) {
		s = split_item(p, i, &it);
		if (off_of(id) > 0)
			return row_of(i, s->starts[line_at(s, off_of(id) - 1)]);
		if (it.gap > 0)
			return (i + 1) << ROW_SHIFT;
	}
	if (i == 0 || !item_at(p, v, i - 1, &it))
		return 0;
	s = split_item(p, i - 1, &it);
	return row_of(i - 1, s->starts[s->count - 1]);
}

/* ---- drawing ---- */

static void
draw_text(const struct pane_stream *p, struct canvas *c, struct area a, int y,
    enum role role, const uint8_t *data, uint32_t n)
{
	char text[LINE_BYTES];
	int columns = hex_columns(p->width);

	if (!p->hex) {
		text_escape(text, sizeof text, data, n);
		canvas_text(c, a, 0, y, role, text);
		return;
	}
	for (uint32_t i = 0; i < n; i++) {
		canvas_printf(c, a, 3 * (int)i, y, ROLE_HEX, "%02x", data[i]);
		canvas_put(c, a, 3 * columns + 1 + (int)i, y, role,
		    data[i] < 0x80 && isprint(data[i]) ? data[i] : U'.');
	}
}

static void
draw_remark(const struct view *v, struct canvas *c, struct area a, int y,
    const struct item *it)
{
	const struct record *before =
	    store_record(capture_store(v->capture), it->frame.prev_in_flow);
	char size[TEXT_NUM_MAX], span[TEXT_NUM_MAX] = "", text[96];

	if (before != NULL)
		text_span(span, it->frame.packet.ts_ns - before->ts_ns);
	snprintf(text, sizeof text, "%s B  #%" PRIu64 "  %s",
	    text_count(size, it->to - it->from), it->frame.id, span);
	canvas_right(c, a, a.w, y, ROLE_DIM, text);
}

/* "out of order", "not captured": instead of the text, or behind it. */
static const char *
remark_of(const struct item *it, char dst[96])
{
	char from[TEXT_NUM_MAX], to[TEXT_NUM_MAX];

	if (it->frame.id == 0)
		return "its packet has left the store";
	if (it->again) {
		snprintf(dst, 96, ">>> bytes %s to %s sent again",
		    text_count(from, it->from), text_count(to, it->to));
		return dst;
	}
	if (it->data == NULL)
		return "not captured: only headers are (snapshot length)";
	return NULL;
}

static char32_t
boundary(const struct split *s, size_t line)
{
	if (s->count == 1)
		return U'╶';
	return line == 0 ? U'┌' : line + 1 == s->count ? U'└' : U'│';
}

static void
draw_gap(struct canvas *c, struct area a, int y, const struct item *it)
{
	char n[TEXT_NUM_MAX], from[TEXT_NUM_MAX];

	canvas_right(c, a, GUTTER - 3, y, ROLE_BAD,
	    text_count(from, it->from - it->gap));
	canvas_printf(c, a, GUTTER, y, ROLE_BAD,
	    "··· %s byte%s missing: never captured", text_count(n, it->gap),
	    it->gap == 1 ? "" : "s");
}

static void
draw_row(const struct pane_stream *p, const struct view *v, struct canvas *c,
    struct area a, int y, uint64_t id, bool remarks)
{
	struct area text = a;
	enum role role;
	const struct split *s;
	struct item it;
	uint32_t off = off_of(id);
	char words[96], n[TEXT_NUM_MAX];
	const char *instead;
	size_t line;

	if (!item_at(p, v, item_of(id), &it))
		return;
	if (is_gap(id)) {
		draw_gap(c, a, y, &it);
		return;
	}
	role = it.dir == DIR_CLIENT ? ROLE_CLIENT : ROLE_SERVER;
	instead = remark_of(&it, words);
	s = split_item(p, item_of(id), &it);
	line = line_at(s, off);
	if (line == 0)
		canvas_text(c, a, 0, y, it.again ? ROLE_WARN : role,
		    it.dir == DIR_CLIENT ? "→" : "←");
	if (line == 0 || p->hex)
		canvas_right(c, a, GUTTER - 3, y, ROLE_DIM,
		    text_count(n, it.from + off));
	canvas_put(c, a, GUTTER - 2, y, it.late ? ROLE_WARN : ROLE_BORDER,
	    boundary(s, line));
	text.x += GUTTER - 1;
	text.w = p->width;
	if (instead != NULL)
		canvas_text(c, text, 1, y, ROLE_WARN, instead);
	else
		draw_text(p, c, text, y, role, it.data + off,
		    line_bytes(p, it.data + off, it.len - off));
	if (remarks && line == 0)
		draw_remark(v, c, a, y, &it);
	if (remarks && line == 1 && it.len < it.to - it.from)
		canvas_right(c, a, a.w, y, ROLE_WARN,
		    it.data != NULL ? "captured only in part" : "");
	else if (remarks && line == 1 && it.late)
		canvas_right(c, a, a.w, y, ROLE_WARN, "out of order");
	if (weave_lit_frame(&v->weave, &v->deck->selected, &it.frame))
		canvas_over(c, a, 0, y, a.w, ROLE_LIT);
}

static void
draw_nothing(const struct pane_stream *p, const struct view *v,
    struct canvas *c, struct area a)
{
	if (stream_flow(v->stream) == 0)
		packetfmt_empty(v, c, a);
	else if (stream_progress(v->stream) == 100)
		canvas_text(c, a, 1, 0, ROLE_NOTE,
		    p->shown < 0 ? "No data in this conversation yet."
				 : "No data in this direction yet.");
}

static void
stream_draw(
    struct pane *pane, const struct view *v, struct canvas *c, struct area a)
{
	struct pane_stream *p = (struct pane_stream *)pane;
	bool remarks = a.w >= GUTTER + REMARK + 36;
	uint64_t id;

	if (p->flow != stream_flow(v->stream)) {
		p->flow = stream_flow(v->stream);
		pane->list.follow = true;
	}
	p->hex = v->deck->hex;
	p->width = a.w - GUTTER + 1 - (remarks ? REMARK : 0);
	if (p->width < 8)
		p->width = 8;
	pane_layout(pane, v, a, a);
	id = pane->list.top;
	if (id == 0)
		draw_nothing(p, v, c, a);
	for (int y = 0; y < a.h && id != 0; y++) {
		draw_row(p, v, c, a, y, id, remarks);
		if (pane_is_selected(pane, id))
			canvas_over(c, a, 0, y, a.w, ROLE_SELECTED);
		id = row_next(pane, v, id);
	}
}

static void
stream_title(
    const struct pane *pane, const struct view *v, char *dst, size_t size)
{
	static const char *const names[] = {
	    "both", "client → server", "server → client"};
	const struct pane_stream *p = (const struct pane_stream *)pane;
	uint64_t missing = 0;
	char n[TEXT_NUM_MAX];
	int done = stream_progress(v->stream), len;

	for (int dir = 0; dir < 2; dir++)
		if (p->shown < 0 || p->shown == dir)
			missing += stream_missing(v->stream, dir);
	len = snprintf(dst, size, "Packets  stream %u  ‹%s›", p->flow,
	    names[p->shown + 1]);
	if (len < 0 || (size_t)len >= size)
		return;
	if (done < 100)
		snprintf(dst + len, size - (size_t)len, "  reading %d%%", done);
	else if (missing > 0)
		snprintf(dst + len, size - (size_t)len, "  %s B missing",
		    text_count(n, missing));
}

static uint64_t
pane_gen(const struct pane *pane, const struct view *v)
{
	(void)pane;
	/* Captured bytes do not change, but what is lit may. */
	return stream_gen(v->stream) + journal_gen(v->journal);
}

static struct selection
stream_selected(const struct pane *pane, const struct view *v)
{
	const struct pane_stream *p = (const struct pane_stream *)pane;
	struct item it;

	if (pane->list.selected == 0 ||
	    !item_at(p, v, item_of(pane->list.selected), &it))
		return (struct selection){.kind = SELECTED_NONE};
	return (struct selection){
	    .kind = pane->list.follow ? SELECTED_NONE : SELECTED_FRAME,
	    .id = it.frame.id,
	    .flow = pane->list.follow ? 0 : p->flow,
	};
}

static void
stream_row_text(const struct pane *pane, const struct view *v, uint64_t id,
    char dst[PANE_TEXT_MAX])
{
	const struct pane_stream *p = (const struct pane_stream *)pane;
	struct item it;
	char words[96];
	const char *instead;

	dst[0] = '\0';
	if (!item_at(p, v, item_of(id), &it))
		return;
	instead = remark_of(&it, words);
	if (is_gap(id))
		snprintf(
		    dst, PANE_TEXT_MAX, "%" PRIu64 " bytes missing", it.gap);
	else if (instead != NULL)
		snprintf(dst, PANE_TEXT_MAX, "%s", instead);
	else if (p->hex)
		text_hex(dst, PANE_TEXT_MAX, it.data + off_of(id),
		    line_bytes(p, it.data + off_of(id), it.len - off_of(id)));
	else
		text_escape(dst, PANE_TEXT_MAX, it.data + off_of(id),
		    line_bytes(p, it.data + off_of(id), it.len - off_of(id)));
}

/* ---- searching: in the bytes, across lines and segments ---- */

#define NEEDLE_MAX 128

/* The first (last) place of the needle in [from, to); n: none. */
static size_t
search(const uint8_t *hay, size_t n, size_t from, size_t to, const char *needle,
    size_t len, bool last)
{
	size_t found = n;

	for (size_t i = from; i < to && i + len <= n; i++) {
		if (tolower(hay[i]) != tolower((uint8_t)needle[0]) ||
		    strncasecmp((const char *)hay + i, needle, len) != 0)
			continue;
		found = i;
		if (!last)
			break;
	}
	return found;
}

static uint64_t
stream_find(const struct pane *pane, const struct view *v, uint64_t id,
    const char *text, bool backwards)
{
	const struct pane_stream *p = (const struct pane_stream *)pane;
	size_t len = strnlen(text, NEEDLE_MAX);
	uint64_t i = id != 0 ? item_of(id) : 0, found = 0;
	uint8_t *hay = malloc(ROW_DATA + NEEDLE_MAX);
	struct item it;

	for (; hay != NULL && item_at(p, v, i, &it); backwards ? i-- : i++) {
		const struct split *s = split_item(p, i, &it);
		size_t from = 0, to = it.len, n = it.len, at;
		size_t line = id != 0 ? line_at(s, off_of(id)) : 0;

		if (id != 0 && backwards)
			to = is_gap(id) ? 0 : s->starts[line];
		else if (id != 0 && !is_gap(id))
			from = line + 1 < s->count ? s->starts[line + 1] : n;
		id = 0;
		if (it.data == NULL || it.again)
			continue;
		memcpy(hay, it.data, n);
		/* It may go on in the bytes that follow. */
		n += stream_read(v->stream, capture_store(v->capture), it.dir,
		    it.to, hay + n, len - 1);
		at = search(hay, n, from, to, text, len, backwards);
		if (at == n)
			continue;
		found = row_of(i, s->starts[line_at(s, (uint32_t)at)]);
		break;
	}
	free(hay);
	return found;
}

/* ---- directions ---- */

/* The item with this segment in the direction that is shown now. */
static uint64_t
item_with(
    const struct pane_stream *p, const struct view *v, const struct item *it)
{
	size_t low = 0, high = stream_carriers(v->stream);

	if (p->shown >= 0)
		return it->dir == p->shown
			   ? stream_stretch_at(v->stream, p->shown, it->from)
			   : UINT64_MAX;
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (stream_carrier(v->stream, mid) < it->frame.id)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static void
stream_sideways(struct pane *pane, const struct view *v, int step)
{
	struct pane_stream *p = (struct pane_stream *)pane;
	struct list *l = &pane->list;
	struct item it;
	bool stay = !l->follow && l->selected != 0 &&
		    item_at(p, v, item_of(l->selected), &it);
	uint64_t i = UINT64_MAX;

	p->shown = (p->shown + 1 + step + 3) % 3 - 1;
	if (stay)
		i = item_with(p, v, &it);
	stay = i < item_count(p, v);
	l->top = 0;
	l->selected = stay ? row_of(i, 0) : 0;
	l->follow = !stay;
}

static void
stream_show_frame(struct pane *pane, const struct view *v, uint64_t id)
{
	struct pane_stream *p = (struct pane_stream *)pane;
	struct item it = {0};
	uint64_t i;

	p->flow = stream_flow(v->stream);
	if (!store_get(capture_store(v->capture), id, &it.frame) ||
	    it.frame.flow != p->flow)
		return;
	it.dir = it.frame.dir;
	it.from = it.frame.data_from;
	i = item_with(p, v, &it);
	if (i < item_count(p, v))
		pane_select(pane, row_of(i, 0));
}

int
pane_stream_dir(const struct pane *pane)
{
	return ((const struct pane_stream *)pane)->shown;
}

static void
pane_stream_free(struct pane *pane)
{
	struct pane_stream *p = (struct pane_stream *)pane;

	if (p->split != NULL)
		free(p->split->starts);
	free(p->split);
	free(p);
}

struct pane *
pane_stream_new(void)
{
	static const struct pane_ops ops = {
	    .gen = pane_gen,
	    .title = stream_title,
	    .draw = stream_draw,
	    .next = row_next,
	    .prev = row_prev,
	    .row_text = stream_row_text,
	    .selected = stream_selected,
	    .find = stream_find,
	    .sideways = stream_sideways,
	    .show_frame = stream_show_frame,
	    .free = pane_stream_free,
	};
	struct pane_stream *p = calloc(1, sizeof *p);

	if (p == NULL)
		return NULL;
	p->split = calloc(1, sizeof *p->split);
	if (p->split == NULL) {
		free(p);
		return NULL;
	}
	p->pane.ops = &ops;
	p->shown = -1;
	p->width = 40;
	list_init(&p->pane.list);
	return &p->pane;
}
