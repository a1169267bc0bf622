/*
 * One packet: its fields as a tree above, its bytes below; the selected field
 * is lit in both.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/packed.h"
#include "tui/packetfmt.h"

struct pane_bytes {
	struct pane pane;
	/* Row ids are places in the tree plus 1. */
	struct tree tree;
	uint64_t frame; /* shown; Left and Right walk on */
	uint64_t asked; /* deck's frame when `frame` was set from it */
	uint64_t made_of; /* the frame that the tree was made of; 0: none */
	bool in_hex; /* the cursor is on a byte, not on a field */
	uint32_t at; /* which byte; the field that it is of is selected */
	int tree_y; /* of the last drawing: where its area begins, */
	int columns; /* bytes a line, and where they were */
	struct area hex;
	uint32_t top;
};

static bool
shown_frame(const struct pane_bytes *p, const struct view *v, struct frame *ret)
{
	return store_get(capture_store(v->capture), p->frame, ret);
}

/* Begin at the highest protocol; what carries it stands above. */
static void
select_protocol(struct pane_bytes *p)
{
	for (size_t i = 0; i < p->tree.count; i++) {
		const struct field *f = &p->tree.fields[i];

		if (f->depth == 0 &&
		    (f->key == NULL || strcmp(f->key, "data") != 0))
			p->pane.list.selected = p->pane.list.top = i + 1;
	}
}

static void
make(struct pane_bytes *p, const struct view *v)
{
	struct frame f;
	struct dissect_context ctx;
	bool there;

	if (p->asked != v->deck->frame)
		p->frame = p->asked = v->deck->frame;
	if (p->made_of == p->frame)
		return;
	there = shown_frame(p, v, &f);
	p->made_of = there ? p->frame : 0;
	p->in_hex = false;
	p->tree.count = 0;
	p->pane.list.follow = false;
	if (!there)
		return;
	ctx = capture_context(v->capture, &f);
	ctx.local = v->source.live;
	ctx.records = v->agreed;
	dissect(&f.packet, &ctx, &p->tree);
	select_protocol(p);
}

static uint64_t
row_next(const struct pane *pane, const struct view *v, uint64_t id)
{
	const struct pane_bytes *p = (const struct pane_bytes *)pane;

	(void)v;
	return id < p->tree.count ? id + 1 : 0;
}

static uint64_t
row_prev(const struct pane *pane, const struct view *v, uint64_t id)
{
	const struct pane_bytes *p = (const struct pane_bytes *)pane;

	(void)v;
	return id == 0 || id > p->tree.count ? p->tree.count : id - 1;
}

static const struct field *
field_at(const struct pane *pane, uint64_t id)
{
	const struct tree *t = &((const struct pane_bytes *)pane)->tree;

	return id > 0 && id <= t->count ? &t->fields[id - 1] : NULL;
}

/* ---- drawing ---- */

static void
draw_field(struct canvas *c, struct area a, int y, const struct field *f)
{
	enum role role = f->trouble != RD_OK ? ROLE_BAD
			 : f->depth == 0     ? ROLE_TITLE
					     : ROLE_FIELD;
	int x = canvas_text(c, a, 1 + 2 * f->depth, y, role, f->name);

	if (f->depth > 0 && f->value[0] != '\0')
		x = canvas_printf(c, a, x, y, ROLE_VALUE, ": %s", f->value);
	if (f->remark[0] != '\0')
		x = canvas_printf(c, a, x, y, ROLE_NOTE, "  %s", f->remark);
	if (f->ref != NULL && a.w - x > (int)strlen(f->ref) + 2)
		canvas_right(c, a, a.w, y, ROLE_DIM, f->ref);
}

/* Bytes a line: as many as fit, 16 or 8. */
static int
hex_columns(int width)
{
	return width >= 6 + 16 * 3 + 1 + 16 ? 16 : 8;
}

/*
 * A byte of the record that was sent last, in the colours that it has in the
 * struct view; lit, if its field is selected there.
 */
struct found {
	const struct structline *record; /* NULL: it is not in this packet */
	uint32_t off;
	uint64_t chosen; /* offset in the record + 1; 0: none */
	/* Of the packet, bytes of the call that is selected elsewhere. */
	uint32_t woven_from, woven_to;
};

static void
find_woven(const struct view *v, const struct frame *f, struct found *n)
{
	const struct call *c =
	    journal_call(v->journal, (uint32_t)v->deck->selected.id);

	if (c != NULL)
		weave_bytes(&v->weave, c, f, &n->woven_from, &n->woven_to);
}

static struct found
find_record(
    const struct view *v, const struct frame *f, const struct field *lit)
{
	struct found n = {.record = NULL};
	const struct selection *sel = &v->deck->selected;

	/* Not where bytes of several packets are shown. */
	if (lit != NULL && lit->source != 0)
		return n;
	if (sel->kind == SELECTED_CALL)
		find_woven(v, f, &n);
	if (!packed_find(v->sent, f, &n.off))
		return n;
	n.record = v->sent;
	if (sel->kind == SELECTED_BYTE &&
	    strcmp(v->sent->format, v->record->format) == 0)
		n.chosen = sel->id;
	return n;
}

static enum role
byte_role(const struct found *n, uint32_t at, bool *ret_lit)
{
	struct pystruct_item it;

	*ret_lit = at >= n->woven_from && at < n->woven_to;
	if (n->record == NULL || at < n->off ||
	    !pystruct_at(&n->record->ps, at - n->off, &it))
		return ROLE_HEX;
	*ret_lit |= n->chosen > it.off && n->chosen <= it.off + it.len;
	return packed_role(&it);
}

/* The field that is lit, and the byte of it that the cursor is on. */
struct cursor {
	const struct field *lit; /* NULL: none */
	bool in_hex;
	uint32_t at;
};

static void
light(struct canvas *c, struct area a, int x, int text_x, int y, uint32_t at,
    const struct cursor *cur)
{
	const struct field *f = cur->lit;
	bool here = cur->in_hex && at == cur->at;

	if (!here && (f == NULL || at < f->off || at - f->off >= f->len))
		return;
	canvas_over(
	    c, a, x, y, 2, here || !cur->in_hex ? ROLE_SELECTED : ROLE_LIT);
	canvas_over(c, a, text_x, y, 1,
	    here || !cur->in_hex ? ROLE_SELECTED : ROLE_LIT);
}

static void
draw_hex_line(struct canvas *c, struct area a, int y, const struct packet *pk,
    uint32_t off, int columns, const struct cursor *cur,
    const struct found *record)
{
	int text_x = 6 + 3 * columns + 1;

	canvas_printf(c, a, 0, y, ROLE_DIM, "%04x", off);
	for (int i = 0; i < columns && off + (uint32_t)i < pk->cap_len; i++) {
		uint32_t at = off + (uint32_t)i;
		uint8_t byte = pk->data[at];
		bool partner;
		enum role role = byte_role(record, at, &partner);

		canvas_printf(c, a, 6 + 3 * i, y, role, "%02x", byte);
		canvas_put(c, a, text_x + i, y, ROLE_TEXT,
		    byte < 0x80 && isprint(byte) ? byte : U'.');
		light(c, a, 6 + 3 * i, text_x + i, y, at, cur);
		if (partner)
			canvas_over(c, a, 6 + 3 * i, y, 2, ROLE_LIT);
	}
}

static void
draw_hex(struct pane_bytes *p, struct canvas *c, struct area a,
    struct packet shown, const struct field *lit, const struct found *record)
{
	const struct packet *pk = &shown;
	struct cursor cur = {lit, p->in_hex, p->at};
	uint32_t columns = (uint32_t)hex_columns(a.w);
	uint32_t first = p->in_hex                     ? p->at
			 : lit != NULL && lit->len > 0 ? lit->off
						       : 0;
	uint32_t line = first / columns;
	uint32_t lines = (pk->cap_len + columns - 1) / columns;

	/* Where the cursor moves the bytes stay, as long as it is in sight. */
	if (line < p->top || line >= p->top + (uint32_t)a.h || !p->in_hex)
		p->top = line >= (uint32_t)a.h ? line - (uint32_t)a.h / 2 : 0;
	/* No empty lines below while bytes are hidden above. */
	if (p->top + (uint32_t)a.h > lines)
		p->top = lines > (uint32_t)a.h ? lines - (uint32_t)a.h : 0;
	p->columns = (int)columns;
	p->hex = a;
	for (int y = 0; y < a.h; y++) {
		uint32_t off = (p->top + (uint32_t)y) * columns;

		if (off < pk->cap_len)
			draw_hex_line(
			    c, a, y, pk, off, (int)columns, &cur, record);
	}
}

/* The packet's bytes, or those that the field's message was put together of. */
static struct packet
shown_bytes(
    const struct pane_bytes *p, const struct frame *f, const struct field *lit)
{
	struct packet shown = f->packet;

	if (lit != NULL && lit->source > 0) {
		const struct tree_source *s = &p->tree.sources[lit->source - 1];

		shown.data = s->data;
		shown.cap_len = shown.wire_len = (uint32_t)s->len;
	}
	return shown;
}

/* The nearest field around it that says what it is for; NULL: none. */
static const struct field *
explained(const struct pane_bytes *p, const struct field *f)
{
	uint8_t depth = f->depth;

	for (; f->help == NULL && f > p->tree.fields; f--)
		if (f[-1].depth < depth) {
			depth = f[-1].depth;
			if (f[-1].help != NULL)
				return f - 1;
		}
	return f->help != NULL ? f : NULL;
}

/* What the field is for, and where that is written. */
static void
draw_help(const struct pane_bytes *p, struct canvas *c, struct area a,
    const struct field *f)
{
	const struct field *of = f != NULL ? explained(p, f) : NULL;
	char text[512];

	if (of == NULL)
		return;
	snprintf(text, sizeof text, "%s%s%s%s%s%s%s", of != f ? "Part of " : "",
	    of != f ? of->name : "", of != f ? ": " : "", of->help,
	    f->ref != NULL ? " (" : "", f->ref != NULL ? f->ref : "",
	    f->ref != NULL ? ")" : "");
	packetfmt_wrap(c, a, ROLE_NOTE, text);
}

static void
bytes_draw(
    struct pane *pane, const struct view *v, struct canvas *c, struct area a)
{
	struct pane_bytes *p = (struct pane_bytes *)pane;
	struct area body = a, hex = {0}, help = {0};
	struct frame f;
	const struct field *lit;
	struct found found;
	uint64_t id;

	make(p, v);
	if (!shown_frame(p, v, &f)) {
		packetfmt_wrap(c, a, ROLE_NOTE,
		    "Select a packet in the list or the ladder and press "
		    "Enter. (A packet that was here may have left the store.)");
		return;
	}
	if (body.h >= 8) {
		int columns = hex_columns(a.w);
		int lines = ((int)f.packet.cap_len + columns - 1) / columns;

		hex = area_bottom(&body, lines < a.h / 2 ? lines : a.h / 2);
		help = area_bottom(&body, 2);
	} else if (p->in_hex && body.h > 1) {
		/* Too low for both: the half that the cursor is in. */
		hex = area_bottom(&body, body.h - 1);
	}
	p->tree_y = a.y;
	pane_layout(pane, v, a, body);
	lit = field_at(pane, pane->list.selected);
	id = pane->list.top;
	for (int y = 0; y < body.h && id != 0; y++) {
		draw_field(c, body, y, &p->tree.fields[id - 1]);
		if (id == pane->list.selected)
			canvas_over(c, body, 0, y, body.w, ROLE_SELECTED);
		id = row_next(pane, v, id);
	}
	draw_help(p, c, help, lit);
	found = find_record(v, &f, lit);
	draw_hex(p, c, hex, shown_bytes(p, &f, lit), lit, &found);
}

/* ---- the cursor in the bytes ---- */

/* The innermost field that the byte is of, selected; the byte stays. */
static void
select_byte(struct pane_bytes *p, uint8_t source)
{
	const struct field *best = NULL;

	for (size_t i = 0; i < p->tree.count; i++) {
		const struct field *f = &p->tree.fields[i];

		if (f->source != source || p->at < f->off ||
		    p->at - f->off >= f->len)
			continue;
		if (best == NULL || f->len <= best->len)
			best = f;
	}
	if (best != NULL)
		p->pane.list.selected = (uint64_t)(best - p->tree.fields) + 1;
}

/* How many bytes are shown, and of which source. */
static uint32_t
shown_len(const struct pane_bytes *p, const struct view *v, uint8_t *ret_source)
{
	const struct field *lit = field_at(&p->pane, p->pane.list.selected);
	struct frame f;

	*ret_source = lit != NULL ? lit->source : 0;
	return shown_frame(p, v, &f) ? shown_bytes(p, &f, lit).cap_len : 0;
}

static void
go_to_byte(struct pane_bytes *p, const struct view *v, int64_t at)
{
	uint8_t source;
	int64_t len = shown_len(p, v, &source);

	if (len == 0)
		return;
	p->in_hex = true;
	p->at = (uint32_t)(at < 0 ? 0 : at >= len ? len - 1 : at);
	select_byte(p, source);
}

static bool
bytes_steer(struct pane *pane, const struct view *v, enum list_move m)
{
	struct pane_bytes *p = (struct pane_bytes *)pane;
	int64_t line = p->columns, page = (int64_t)p->hex.h * line;
	static const int64_t end = INT32_MAX;

	if (!p->in_hex)
		return false;
	go_to_byte(p, v,
	    m == MOVE_UP          ? p->at - line
	    : m == MOVE_DOWN      ? p->at + line
	    : m == MOVE_LEFT      ? (int64_t)p->at - 1
	    : m == MOVE_RIGHT     ? (int64_t)p->at + 1
	    : m == MOVE_PAGE_UP   ? p->at - page
	    : m == MOVE_PAGE_DOWN ? p->at + page
	    : m == MOVE_LAST      ? end
				  : 0);
	return true;
}

/* From the fields to the bytes, and back. */
static void
bytes_turn(struct pane *pane, const struct view *v)
{
	struct pane_bytes *p = (struct pane_bytes *)pane;
	const struct field *f = field_at(pane, pane->list.selected);

	if (p->in_hex)
		p->in_hex = false;
	else
		go_to_byte(p, v, f != NULL && f->len > 0 ? f->off : 0);
}

static void
bytes_click(struct pane *pane, const struct view *v, int x, int y)
{
	struct pane_bytes *p = (struct pane_bytes *)pane;
	/* The click counts from the pane's area, as its rows do. */
	int line = y - (p->hex.y - p->tree_y), text_x = 6 + 3 * p->columns + 1;
	int column = x >= text_x ? x - text_x : (x - 6) / 3;

	if (line < 0 || p->hex.h == 0) {
		p->in_hex = false;
		pane_click(pane, v, y);
		return;
	}
	if (x >= 6 && column < p->columns)
		go_to_byte(p, v,
		    (int64_t)(p->top + (uint32_t)line) * p->columns + column);
}

static void
bytes_title(
    const struct pane *pane, const struct view *v, char *dst, size_t size)
{
	const struct pane_bytes *p = (const struct pane_bytes *)pane;
	char record[48] = "", at[32];
	struct found found;
	struct frame f;

	snprintf(at, sizeof at, "at %04x  x fields", p->at);
	if (!shown_frame(p, v, &f)) {
		snprintf(dst, size, "Packets  bytes");
		return;
	}
	found = find_record(v, &f, NULL);
	if (found.record != NULL)
		snprintf(record, sizeof record, "  struct at %04x", found.off);
	snprintf(dst, size,
	    "Packets  bytes of packet %" PRIu64 "  %u B%s%s  %s", f.id,
	    f.packet.wire_len,
	    f.packet.cap_len < f.packet.wire_len ? " (cut)" : "", record,
	    p->in_hex ? at : "←→ next  x hex");
}

static uint64_t
bytes_gen(const struct pane *pane, const struct view *v)
{
	const struct pane_bytes *p = (const struct pane_bytes *)pane;

	return store_record(capture_store(v->capture), p->frame) != NULL
		   ? p->frame
		   : 0;
}

static void
bytes_moved(struct pane *pane, const struct view *v)
{
	(void)v;
	pane->list.follow = false;
}

/* The next packet (of the chosen conversation) in the same place. */
static void
bytes_sideways(struct pane *pane, const struct view *v, int step)
{
	struct pane_bytes *p = (struct pane_bytes *)pane;
	const struct store *store = capture_store(v->capture);
	const struct record *r;
	uint64_t id = p->frame;

	do {
		id = step < 0 ? id - 1 : id + 1;
		r = store_record(store, id);
	} while (r != NULL && v->deck->flow != 0 && r->flow != v->deck->flow);
	if (r != NULL)
		p->frame = id;
}

static struct selection
bytes_selected(const struct pane *pane, const struct view *v)
{
	const struct pane_bytes *p = (const struct pane_bytes *)pane;
	const struct record *r =
	    store_record(capture_store(v->capture), p->frame);

	if (r == NULL)
		return (struct selection){.kind = SELECTED_NONE};
	return (struct selection){SELECTED_FRAME, p->frame, r->flow};
}

/* The verdict, the option, the flag if it is set, or the fate of the selected
 * field. */
static bool
bytes_topic(const struct pane *pane, const struct view *v, struct why_item *ret)
{
	const struct pane_bytes *p = (const struct pane_bytes *)pane;
	const struct field *f = field_at(pane, pane->list.selected);

	*ret = (struct why_item){.end = 0};
	if (f == NULL || f->key == NULL)
		return false;
	if (strcmp(f->key, "wire.fate") == 0) {
		ret->what = why_of_fate(
		    store_fate(capture_store(v->capture), p->frame));
		return true;
	}
	return why_of_key(f->key, &ret->what) &&
	       (why_kind(ret->what) != WHY_FLAG || f->bit_mask == 0 ||
		   strcmp(f->value, "0") != 0);
}

static void
bytes_row_text(const struct pane *pane, const struct view *v, uint64_t id,
    char dst[PANE_TEXT_MAX])
{
	const struct field *f = field_at(pane, id);

	(void)v;
	dst[0] = '\0';
	if (f != NULL)
		snprintf(dst, PANE_TEXT_MAX, "%s: %s %s (%s)", f->name,
		    f->value, f->remark, f->key != NULL ? f->key : "");
}

/* In the fields, as they stand there, from the selected one on. */
static uint64_t
find_field(struct pane *pane, const struct view *v, uint64_t id,
    const struct needle *needle, bool backwards)
{
	char line[PANE_TEXT_MAX];

	while ((id = backwards ? row_prev(pane, v, id)
			       : row_next(pane, v, id)) != 0) {
		bytes_row_text(pane, v, id, line);
		if (needle_in_text(needle, line))
			break;
	}
	return id;
}

/* Bytes, and text while the cursor is among the bytes, are found there. */
static uint64_t
bytes_find(struct pane *pane, const struct view *v, uint64_t id,
    const struct needle *needle, bool backwards)
{
	struct pane_bytes *p = (struct pane_bytes *)pane;
	const struct field *lit = field_at(pane, id);
	size_t from = 0, to, n, at;
	struct packet shown;
	struct frame f;

	if (!needle->bytes && !p->in_hex)
		return find_field(pane, v, id, needle, backwards);
	if (!shown_frame(p, v, &f))
		return 0;
	shown = shown_bytes(p, &f, lit);
	n = to = shown.cap_len;
	if (p->in_hex && backwards)
		to = p->at;
	else if (p->in_hex)
		from = (size_t)p->at + 1;
	at = needle_find(needle, shown.data, n, from, to, backwards);
	if (at == n)
		return 0;
	go_to_byte(p, v, (int64_t)at);
	return pane->list.selected;
}

static void
bytes_free(struct pane *pane)
{
	tree_done(&((struct pane_bytes *)pane)->tree);
	free(pane);
}

struct pane *
pane_bytes_new(void)
{
	static const struct pane_ops ops = {
	    .gen = bytes_gen,
	    .title = bytes_title,
	    .draw = bytes_draw,
	    .next = row_next,
	    .prev = row_prev,
	    .row_text = bytes_row_text,
	    .selected = bytes_selected,
	    .moved = bytes_moved,
	    .topic = bytes_topic,
	    .find = bytes_find,
	    .steer = bytes_steer,
	    .turn = bytes_turn,
	    .click = bytes_click,
	    .sideways = bytes_sideways,
	    .free = bytes_free,
	};
	struct pane_bytes *p = calloc(1, sizeof *p);

	if (p == NULL)
		return NULL;
	p->pane.ops = &ops;
	list_init(&p->pane.list);
	p->pane.list.follow = false;
	tree_init(&p->tree);
	return &p->pane;
}
