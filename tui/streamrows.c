#include "tui/streamrows.h"

#include <stdlib.h>
#include <string.h>

#include "net/base/text.h"

#define STARTS_MIN 64

/*
 * Ids: (item + 1) << ROW_SHIFT is the gap before an item; for its lines ROW_DATA
 * and the offset of the line's first byte are added.
 */
#define ROW_SHIFT 21
#define ROW_DATA (1U << 20)

_Static_assert(STREAMROW_BYTES_MAX < ROW_DATA, "offsets fit into an id");

bool
streamrows_init(struct streamrows *r)
{
	*r = (struct streamrows){.shown = -1, .width = 40};
	r->split = calloc(1, sizeof *r->split);
	if (r->split == NULL)
		return false;
	r->split->cap = STARTS_MIN;
	r->split->starts = malloc(STARTS_MIN * sizeof *r->split->starts);
	if (r->split->starts != NULL)
		return true;
	free(r->split);
	r->split = NULL;
	return false;
}

void
streamrows_done(struct streamrows *r)
{
	if (r->split != NULL)
		free(r->split->starts);
	free(r->split);
	r->split = NULL;
}

/* ---- items ---- */

size_t
streamrows_items(const struct streamrows *r, const struct view *v)
{
	return r->shown < 0 ? stream_carriers(v->stream)
			    : stream_stretches(v->stream, r->shown);
}

/* What the item's bytes are beside in their direction. */
static void
look_around(const struct view *v, struct stream_item *it, size_t i)
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
find_bytes(struct stream_item *it)
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

bool
streamrows_item(const struct streamrows *r, const struct view *v, uint64_t i,
    struct stream_item *it)
{
	const struct store *store = capture_store(v->capture);
	struct stretch t;

	if (i >= streamrows_items(r, v))
		return false;
	*it = (struct stream_item){.dir = r->shown};
	if (r->shown >= 0) {
		t = stream_stretch(v->stream, r->shown, i);
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

int
streamrows_hex(int width)
{
	return width >= 16 * 4 ? 16 : 8;
}

uint32_t
streamrows_bytes(const struct streamrows *r, const uint8_t *data, uint32_t n)
{
	char text[STREAMROW_LINE_MAX];
	size_t room = (size_t)r->width + 1;
	const uint8_t *end;
	size_t fit;

	if (r->hex)
		return n < (uint32_t)streamrows_hex(r->width)
			   ? n
			   : (uint32_t)streamrows_hex(r->width);
	end =
	    memchr(data, '\n', n < STREAMROW_LINE_MAX ? n : STREAMROW_LINE_MAX);
	if (end != NULL)
		n = (uint32_t)(end - data) + 1;
	if (room > sizeof text)
		room = sizeof text;
	fit = text_escape(text, room, data, n);
	return fit > 0 ? (uint32_t)fit : 1;
}

static void
add_start(struct stream_split *s, uint32_t off)
{
	size_t cap = s->cap * 2;
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

const struct stream_split *
streamrows_split(
    const struct streamrows *r, uint64_t i, const struct stream_item *it)
{
	struct stream_split *s = r->split;

	if (s->count > 0 && s->item == i && s->frame == it->frame.id &&
	    s->shown == r->shown && s->width == r->width && s->hex == r->hex)
		return s;
	s->item = i;
	s->frame = it->frame.id;
	s->shown = r->shown;
	s->width = r->width;
	s->hex = r->hex;
	s->count = 0;
	add_start(s, 0);
	if (it->again || it->data == NULL)
		return s;
	for (uint32_t off = 0;;) {
		off += streamrows_bytes(r, it->data + off, it->len - off);
		if (off >= it->len)
			return s;
		add_start(s, off);
	}
}

size_t
streamrows_line(const struct stream_split *s, uint32_t off)
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

uint64_t
streamrow_of(uint64_t item, uint32_t off)
{
	return (item + 1) << ROW_SHIFT | ROW_DATA | off;
}

uint64_t
streamrow_item(uint64_t row)
{
	return (row >> ROW_SHIFT) - 1;
}

uint32_t
streamrow_off(uint64_t row)
{
	return row & (ROW_DATA - 1);
}

bool
streamrow_is_gap(uint64_t row)
{
	return (row & ROW_DATA) == 0;
}

uint64_t
streamrows_next(const struct streamrows *r, const struct view *v, uint64_t id)
{
	const struct stream_split *s;
	uint64_t i = 0;
	struct stream_item it;
	size_t line;

	if (id >> ROW_SHIFT != 0) {
		i = streamrow_item(id);
		if (!streamrows_item(r, v, i, &it))
			return 0;
		s = streamrows_split(r, i, &it);
		line = streamrows_line(s, streamrow_off(id));
		if (streamrow_is_gap(id))
			return streamrow_of(i, 0);
		/* Between rows: the list asks for what is behind id - 1. */
		if (line + 1 < s->count)
			return streamrow_of(i, s->starts[line + 1]);
		i++;
	}
	if (!streamrows_item(r, v, i, &it))
		return 0;
	return it.gap > 0 ? (i + 1) << ROW_SHIFT : streamrow_of(i, 0);
}

uint64_t
streamrows_prev(const struct streamrows *r, const struct view *v, uint64_t id)
{
	uint64_t count = streamrows_items(r, v), i;
	const struct stream_split *s;
	struct stream_item it;

	if (id == 0 || id >> ROW_SHIFT > count)
		i = count;
	else
		i = streamrow_item(id);
	if (i < count && !streamrow_is_gap(id) &&
	    streamrows_item(r, v, i, &it)) {
		s = streamrows_split(r, i, &it);
		if (streamrow_off(id) > 0)
			return streamrow_of(i, s->starts[streamrows_line(
						   s, streamrow_off(id) - 1)]);
		if (it.gap > 0)
			return (i + 1) << ROW_SHIFT;
	}
	if (i == 0 || !streamrows_item(r, v, i - 1, &it))
		return 0;
	s = streamrows_split(r, i - 1, &it);
	return streamrow_of(i - 1, s->starts[s->count - 1]);
}
