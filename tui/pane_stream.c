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
#include "tui/streamrows.h"

#define GUTTER 13 /* arrow, offset, boundary */
#define REMARK 24 /* packet, length and delta, at the right */

struct pane_stream {
	struct pane pane;
	struct streamrows rows;
	uint32_t flow;
};

static uint64_t
row_next(const struct pane *pane, const struct view *v, uint64_t id)
{
	return streamrows_next(
	    &((const struct pane_stream *)pane)->rows, v, id);
}

static uint64_t
row_prev(const struct pane *pane, const struct view *v, uint64_t id)
{
	return streamrows_prev(
	    &((const struct pane_stream *)pane)->rows, v, id);
}

/* ---- drawing ---- */

static void
draw_text(const struct pane_stream *p, struct canvas *c, struct area a, int y,
    enum role role, const uint8_t *data, uint32_t n)
{
	char text[STREAMROW_LINE_MAX];
	int columns = streamrows_hex(p->rows.width);

	if (!p->rows.hex) {
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
    const struct stream_item *it)
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
remark_of(const struct stream_item *it, char dst[96])
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
boundary(const struct stream_split *s, size_t line)
{
	if (s->count == 1)
		return U'╶';
	return line == 0 ? U'┌' : line + 1 == s->count ? U'└' : U'│';
}

static void
draw_gap(struct canvas *c, struct area a, int y, const struct stream_item *it)
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
	const struct stream_split *s;
	struct stream_item it;
	uint32_t off = streamrow_off(id);
	char words[96], n[TEXT_NUM_MAX];
	const char *instead;
	size_t line;

	if (!streamrows_item(&p->rows, v, streamrow_item(id), &it))
		return;
	if (streamrow_is_gap(id)) {
		draw_gap(c, a, y, &it);
		return;
	}
	role = !view_shows(v, it.frame.id) ? ROLE_DIM
	       : it.dir == DIR_CLIENT      ? ROLE_CLIENT
					   : ROLE_SERVER;
	instead = remark_of(&it, words);
	s = streamrows_split(&p->rows, streamrow_item(id), &it);
	line = streamrows_line(s, off);
	if (line == 0)
		canvas_text(c, a, 0, y, it.again ? ROLE_WARN : role,
		    it.dir == DIR_CLIENT ? "→" : "←");
	if (line == 0)
		packetfmt_mark(v, c, a, 1, y, it.frame.id);
	if (line == 0 || p->rows.hex)
		canvas_right(c, a, GUTTER - 3, y, ROLE_DIM,
		    text_count(n, it.from + off));
	canvas_put(c, a, GUTTER - 2, y, it.late ? ROLE_WARN : ROLE_BORDER,
	    boundary(s, line));
	text.x += GUTTER - 1;
	text.w = p->rows.width;
	if (instead != NULL)
		canvas_text(c, text, 1, y, ROLE_WARN, instead);
	else
		draw_text(p, c, text, y, role, it.data + off,
		    streamrows_bytes(&p->rows, it.data + off, it.len - off));
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
		    p->rows.shown < 0 ? "No data in this conversation yet."
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
	p->rows.hex = v->deck->hex;
	p->rows.width = a.w - GUTTER + 1 - (remarks ? REMARK : 0);
	if (p->rows.width < 8)
		p->rows.width = 8;
	pane_layout(pane, v, a, a);
	id = pane->list.top;
	if (id == 0)
		draw_nothing(p, v, c, a);
	for (int y = 0; y < a.h && id != 0; y++) {
		draw_row(p, v, c, a, y, id, remarks);
		pane_draw_selected(pane, c, a, y, id);
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
		if (p->rows.shown < 0 || p->rows.shown == dir)
			missing += stream_missing(v->stream, dir);
	len = snprintf(dst, size, "Packets  stream %u  ‹%s›", p->flow,
	    names[p->rows.shown + 1]);
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
	return stream_gen(v->stream) + journal_gen(v->journal) +
	       listing_gen(v->listing);
}

static struct selection
stream_selected(const struct pane *pane, const struct view *v)
{
	const struct pane_stream *p = (const struct pane_stream *)pane;
	struct stream_item it;

	if (pane->list.selected == 0 ||
	    !streamrows_item(
		&p->rows, v, streamrow_item(pane->list.selected), &it))
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
	struct stream_item it;
	char words[96];
	const char *instead;

	dst[0] = '\0';
	if (!streamrows_item(&p->rows, v, streamrow_item(id), &it))
		return;
	instead = remark_of(&it, words);
	if (streamrow_is_gap(id))
		snprintf(
		    dst, PANE_TEXT_MAX, "%" PRIu64 " bytes missing", it.gap);
	else if (instead != NULL)
		snprintf(dst, PANE_TEXT_MAX, "%s", instead);
	else if (p->rows.hex)
		text_hex(dst, PANE_TEXT_MAX, it.data + streamrow_off(id),
		    streamrows_bytes(&p->rows, it.data + streamrow_off(id),
			it.len - streamrow_off(id)));
	else
		text_escape(dst, PANE_TEXT_MAX, it.data + streamrow_off(id),
		    streamrows_bytes(&p->rows, it.data + streamrow_off(id),
			it.len - streamrow_off(id)));
}

/* ---- searching: in the bytes, across lines and segments ---- */

static uint64_t
stream_find(struct pane *pane, const struct view *v, uint64_t id,
    const struct needle *needle, bool backwards)
{
	const struct pane_stream *p = (const struct pane_stream *)pane;
	uint64_t i = id != 0 ? streamrow_item(id) : 0, found = 0;
	uint8_t *hay = malloc(STREAMROW_BYTES_MAX + NEEDLE_MAX);
	struct stream_item it;

	for (; hay != NULL && streamrows_item(&p->rows, v, i, &it);
	     backwards ? i-- : i++) {
		const struct stream_split *s =
		    streamrows_split(&p->rows, i, &it);
		size_t from = 0, to = it.len, n = it.len, at;
		size_t line =
		    id != 0 ? streamrows_line(s, streamrow_off(id)) : 0;

		if (id != 0 && backwards)
			to = streamrow_is_gap(id) ? 0 : s->starts[line];
		else if (id != 0 && !streamrow_is_gap(id))
			from = line + 1 < s->count ? s->starts[line + 1] : n;
		id = 0;
		if (it.data == NULL || it.again)
			continue;
		memcpy(hay, it.data, n);
		/* It may go on in the bytes that follow. */
		n += stream_read(v->stream, capture_store(v->capture), it.dir,
		    it.to, hay + n, needle->len - 1);
		at = needle_find(needle, hay, n, from, to, backwards);
		if (at == n)
			continue;
		found = streamrow_of(
		    i, s->starts[streamrows_line(s, (uint32_t)at)]);
		break;
	}
	free(hay);
	return found;
}

/* ---- directions ---- */

/* The item with this segment in the direction that is shown now. */
static uint64_t
item_with(const struct pane_stream *p, const struct view *v,
    const struct stream_item *it)
{
	size_t low = 0, high = stream_carriers(v->stream);

	if (p->rows.shown >= 0)
		return it->dir == p->rows.shown ? stream_stretch_at(v->stream,
						      p->rows.shown, it->from)
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
	struct stream_item it;
	bool stay =
	    !l->follow && l->selected != 0 &&
	    streamrows_item(&p->rows, v, streamrow_item(l->selected), &it);
	uint64_t i = UINT64_MAX;

	p->rows.shown = (p->rows.shown + 1 + step + 3) % 3 - 1;
	if (stay)
		i = item_with(p, v, &it);
	stay = i < streamrows_items(&p->rows, v);
	l->top = 0;
	l->selected = stay ? streamrow_of(i, 0) : 0;
	l->follow = !stay;
}

static void
stream_show_frame(struct pane *pane, const struct view *v, uint64_t id)
{
	struct pane_stream *p = (struct pane_stream *)pane;
	struct stream_item it = {0};
	uint64_t i;

	p->flow = stream_flow(v->stream);
	if (!store_get(capture_store(v->capture), id, &it.frame) ||
	    it.frame.flow != p->flow)
		return;
	it.dir = it.frame.dir;
	it.from = it.frame.data_from;
	i = item_with(p, v, &it);
	if (i < streamrows_items(&p->rows, v))
		pane_select(pane, streamrow_of(i, 0));
}

int
pane_stream_dir(const struct pane *pane)
{
	return ((const struct pane_stream *)pane)->rows.shown;
}

static void
pane_stream_free(struct pane *pane)
{
	struct pane_stream *p = (struct pane_stream *)pane;

	streamrows_done(&p->rows);
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
	if (!streamrows_init(&p->rows)) {
		free(p);
		return NULL;
	}
	p->pane.ops = &ops;
	list_init(&p->pane.list);
	return &p->pane;
}
