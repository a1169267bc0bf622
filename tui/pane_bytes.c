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
};

static struct found
find_record(
    const struct view *v, const struct frame *f, const struct field *lit)
{
	struct found n = {.record = NULL};
	const struct selection *sel = &v->deck->selected;

	/* Not where bytes of several packets are shown. */
	if ((lit != NULL && lit->source != 0) ||
	    !packed_find(v->sent, f, &n.off))
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

	*ret_lit = false;
	if (n->record == NULL || at < n->off ||
	    !pystruct_at(&n->record->ps, at - n->off, &it))
		return ROLE_HEX;
	*ret_lit = n->chosen > it.off && n->chosen <= it.off + it.len;
	return packed_role(&it);
}

static void
draw_hex_line(struct canvas *c, struct area a, int y, const struct packet *pk,
    uint32_t off, int columns, const struct field *lit,
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
		if (partner)
			canvas_over(c, a, 6 + 3 * i, y, 2, ROLE_LIT);
		if (lit == NULL || at < lit->off || at - lit->off >= lit->len)
			continue;
		canvas_over(c, a, 6 + 3 * i, y, 2, ROLE_SELECTED);
		canvas_over(c, a, text_x + i, y, 1, ROLE_SELECTED);
	}
}

static void
draw_hex(struct canvas *c, struct area a, struct packet shown,
    const struct field *lit, const struct found *record)
{
	const struct packet *pk = &shown;
	int columns = hex_columns(a.w);
	uint32_t line =
	    lit != NULL && lit->len > 0 ? lit->off / (uint32_t)columns : 0;
	uint32_t top = line >= (uint32_t)a.h ? line - (uint32_t)a.h / 2 : 0;

	for (int y = 0; y < a.h; y++) {
		uint32_t off = (top + (uint32_t)y) * (uint32_t)columns;

		if (off < pk->cap_len)
			draw_hex_line(c, a, y, pk, off, columns, lit, record);
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

static void
draw_help(struct canvas *c, struct area a, const struct field *f)
{
	if (f == NULL || f->help == NULL)
		return;
	packetfmt_wrap(c, a, ROLE_NOTE, f->help);
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
	}
	pane_layout(pane, v, a, body);
	lit = field_at(pane, pane->list.selected);
	id = pane->list.top;
	for (int y = 0; y < body.h && id != 0; y++) {
		draw_field(c, body, y, &p->tree.fields[id - 1]);
		if (id == pane->list.selected)
			canvas_over(c, body, 0, y, body.w, ROLE_SELECTED);
		id = row_next(pane, v, id);
	}
	draw_help(c, help, lit);
	found = find_record(v, &f, lit);
	draw_hex(c, hex, shown_bytes(p, &f, lit), lit, &found);
}

static void
bytes_title(
    const struct pane *pane, const struct view *v, char *dst, size_t size)
{
	const struct pane_bytes *p = (const struct pane_bytes *)pane;
	char record[48] = "";
	struct found found;
	struct frame f;

	if (!shown_frame(p, v, &f)) {
		snprintf(dst, size, "Packets  bytes");
		return;
	}
	found = find_record(v, &f, NULL);
	if (found.record != NULL)
		snprintf(record, sizeof record, "  struct at %04x", found.off);
	snprintf(dst, size,
	    "Packets  bytes of packet %" PRIu64 "  %u B%s%s  ←→ next", f.id,
	    f.packet.wire_len,
	    f.packet.cap_len < f.packet.wire_len ? " (cut)" : "", record);
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

/* The verdict, the option or the flag, if it is set, of the selected field. */
static bool
bytes_topic(const struct pane *pane, const struct view *v, struct why_item *ret)
{
	const struct field *f = field_at(pane, pane->list.selected);

	(void)v;
	*ret = (struct why_item){.end = 0};
	return f != NULL && f->key != NULL && why_of_key(f->key, &ret->what) &&
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
