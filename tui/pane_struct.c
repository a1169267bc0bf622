/*
 * The client pane's other view: a record of Python's struct. Above, its bytes
 * in the colours of their fields with the letters below them; under it a row
 * for each value, read in the format's byte order and in the other one.
 *
 * A row's id is the item's place in the record plus 1. Left and Right choose a
 * byte, Enter changes it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/base/text.h"
#include "tui/packed.h"
#include "tui/packetfmt.h"

#define HEX_X 6 /* where the bytes begin */
#define BYTE_CELLS 3
#define VALUE_SHOWN 256

struct pane_struct {
	struct pane pane;
	uint64_t byte; /* the chosen one */
};

/* ---- items by their place ---- */

static bool
item_at(const struct view *v, uint64_t id, struct pystruct_item *ret)
{
	*ret = (struct pystruct_item){0};
	while (id > 0 && pystruct_next(&v->record->ps, ret))
		if (--id == 0)
			return true;
	return false;
}

static uint64_t
item_count(const struct view *v)
{
	struct pystruct_item it = {0};
	uint64_t n = 0;

	while (pystruct_next(&v->record->ps, &it))
		n++;
	return n;
}

/* The row of the item that has the byte; 0: there is none. */
static uint64_t
row_of_byte(const struct view *v, uint64_t byte)
{
	struct pystruct_item it = {0};

	for (uint64_t id = 1; pystruct_next(&v->record->ps, &it); id++)
		if (byte >= it.off && byte - it.off < it.len)
			return id;
	return 0;
}

static uint64_t
row_next(const struct pane *pane, const struct view *v, uint64_t id)
{
	(void)pane;
	return id < item_count(v) ? id + 1 : 0;
}

static uint64_t
row_prev(const struct pane *pane, const struct view *v, uint64_t id)
{
	uint64_t n = item_count(v);

	(void)pane;
	return id == 0 || id > n ? n : id - 1;
}

/* ---- the line, and what is wrong with it ---- */

static const char *
order_words(const struct pystruct *ps, const char *format)
{
	if (format[0] == '!')
		return "network order, big-endian";
	if (!ps->native)
		return ps->little ? "little-endian" : "big-endian";
	return ps->little ? "native: little-endian, aligned"
			  : "native: big-endian, aligned";
}

/* Format and values: what Python's program has. */
static void
draw_line(const struct view *v, struct canvas *c, struct area a)
{
	const struct structline *s = v->record;
	struct area left = a;
	struct buf tuple;
	char about[80];
	int x;

	snprintf(about, sizeof about, "%" PRIu64 " B, %s", s->ps.size,
	    order_words(&s->ps, s->format));
	left.w = canvas_right(c, a, a.w - 1, 0, ROLE_DIM, about) - 1;
	x = canvas_text(c, left, 1, 0, ROLE_FIELD, "format ");
	canvas_printf(c, left, x, 0, ROLE_INPUT, "'%s'", s->format);
	buf_init(&tuple, 64 * 1024);
	pystruct_tuple(&s->ps, s->ps.little, s->bytes, &tuple);
	x = canvas_text(c, a, 1, 1, ROLE_FIELD, "values ");
	canvas_text(c, a, x, 1, ROLE_VALUE, buf_str(&tuple));
	buf_done(&tuple);
}

/* The line being typed, and a mark under what it complains about. */
static void
draw_typing(const struct entry *e, struct canvas *c, struct area a)
{
	char head[ENTRY_MAX];
	const char *shown = e->text;
	struct area rest = a;
	char32_t ch;

	/* From where on it is shown, so that the mark is in sight. */
	memcpy(head, e->text, e->complaint_at);
	head[e->complaint_at] = '\0';
	while (text_cells(head + (shown - e->text)) > a.w - 8)
		shown += text_decode(shown, strlen(shown), &ch);
	canvas_text(c, a, 1, 0, ROLE_INPUT, shown);
	canvas_put(
	    c, a, 1 + text_cells(head + (shown - e->text)), 1, ROLE_BAD, U'^');
	area_top(&rest, 2);
	rest.x++;
	rest.w--;
	packetfmt_wrap(c, rest, ROLE_BAD, e->complaint);
}

/* ---- the bytes ---- */

/* A byte of padding is hatched, so that nobody takes it for a zero. */
static void
draw_byte(struct canvas *c, struct area a, int x, int y,
    const struct pystruct_item *it, uint8_t byte)
{
	if (pystruct_is_padding(it) && byte == 0)
		canvas_text(c, a, x, y, ROLE_DIM, "░░");
	else
		canvas_printf(c, a, x, y, packed_role(it), "%02x", byte);
}

/* The letter below an item's first byte; which of an array, if that fits. */
static void
draw_label(struct canvas *c, struct area a, int x, int y, int cells,
    const struct pystruct_item *it)
{
	const struct pystruct_field *f = it->field;
	enum role role = packed_role(it);
	struct area own = {a.x + x, a.y + y, cells, 1};
	char text[32];

	if (f->code->kind == PYSTRUCT_PADDING)
		return;
	snprintf(
	    text, sizeof text, "%c[%" PRIu64 "]", f->code->letter, it->within);
	if (f->code->kind == PYSTRUCT_BYTES && f->code->letter != 'c')
		snprintf(text, sizeof text, "%" PRIu64 "%c", f->size,
		    f->code->letter);
	else if (f->count == 1 || text_cells(text) > cells)
		text[1] = '\0';
	canvas_text(c, own, 0, 0, role, text);
}

static int
bytes_a_line(int width)
{
	return width >= HEX_X + 16 * BYTE_CELLS ? 16 : 8;
}

/* One line of the dump, and the labels below it. */
static void
draw_dump_line(const struct pane_struct *p, const struct view *v,
    struct canvas *c, struct area a, int y, uint64_t off)
{
	const struct structline *s = v->record;
	int n = bytes_a_line(a.w);

	canvas_printf(c, a, 1, y, ROLE_DIM, "%04" PRIx64, off);
	for (int i = 0; i < n && off + (uint64_t)i < s->ps.size; i++) {
		uint64_t at = off + (uint64_t)i;
		int x = HEX_X + i * BYTE_CELLS;
		struct pystruct_item it;

		if (!pystruct_at(&s->ps, at, &it))
			continue;
		draw_byte(c, a, x, y, &it, s->bytes[at]);
		if (at == it.off || i == 0) {
			uint64_t left = it.off + it.len - at;
			int cells =
			    left < (uint64_t)(n - i) ? (int)left : n - i;

			draw_label(c, a, x, y + 1, cells * BYTE_CELLS - 1, &it);
		}
		if (at == p->byte)
			canvas_over(c, a, x, y, 2, ROLE_SELECTED);
	}
}

/* As many lines of the dump as the area has, with the chosen byte in sight. */
static void
draw_dump(const struct pane_struct *p, const struct view *v, struct canvas *c,
    struct area a)
{
	uint64_t n = (uint64_t)bytes_a_line(a.w), line = p->byte / n;
	uint64_t lines = (uint64_t)a.h / 2;
	uint64_t top = line >= lines ? line - lines + 1 : 0;

	for (uint64_t i = 0; i < lines; i++)
		if ((top + i) * n < v->record->ps.size)
			draw_dump_line(p, v, c, a, (int)i * 2, (top + i) * n);
}

static int
dump_lines(const struct view *v, int width)
{
	uint64_t n = (uint64_t)bytes_a_line(width);
	uint64_t lines = (v->record->ps.size + n - 1) / n;

	return lines < 1000 ? (int)lines : 1000;
}

/* ---- the values ---- */

/* Where the columns of the table begin, for a width. */
struct columns {
	int bytes, type, value, other;
};

static struct columns
columns_of(int width)
{
	struct columns k = {.bytes = HEX_X};

	k.type = k.bytes + (width >= 90 ? 24 : 12);
	k.value = k.type + 10;
	k.other = k.value + (width - k.value) / 2;
	return k;
}

/* Clipped to the cells from x to end. */
static void
draw_cell(struct canvas *c, struct area a, int x, int end, int y,
    enum role role, const char *text)
{
	struct area cell = {a.x + x, a.y + y, end - x - 1, 1};

	canvas_text(c, cell, 0, 0, role, text);
	if (text_cells(text) > cell.w)
		canvas_put(c, cell, cell.w - 1, 0, ROLE_DIM, U'…');
}

static void
draw_value(const struct view *v, struct canvas *c, struct area a, int x,
    int end, int y, const struct pystruct_item *it, bool little)
{
	enum role role =
	    little == v->record->ps.little ? packed_role(it) : ROLE_DIM;
	struct buf text;

	buf_init(&text, 64 * 1024);
	pystruct_repr(it, little, v->record->bytes + it->off, &text);
	draw_cell(c, a, x, end, y, role, buf_str(&text));
	buf_done(&text);
}

static void
draw_row(const struct view *v, struct canvas *c, struct area a, int y,
    const struct pystruct_item *it)
{
	struct columns k = columns_of(a.w);
	char hex[VALUE_SHOWN], type[PACKED_NAME_MAX], name[32];
	bool little = v->record->ps.little;
	size_t room = (size_t)(k.type - k.bytes) / BYTE_CELLS;
	size_t shown = it->len < room ? (size_t)it->len : room;

	canvas_printf(c, a, 1, y, ROLE_DIM, "%04" PRIx64, it->off);
	text_hex(hex, sizeof hex, v->record->bytes + it->off, shown);
	canvas_text(c, a, k.bytes, y, packed_role(it), hex);
	if (shown < it->len)
		canvas_put(c, a, k.type - 1, y, ROLE_DIM, U'…');
	packed_type(type, it);
	if (pystruct_is_padding(it)) {
		canvas_text(c, a, k.type, y, ROLE_DIM, type);
		return;
	}
	snprintf(name, sizeof name, "%c %s", it->field->code->letter, type);
	draw_cell(c, a, k.type, k.value, y, packed_role(it), name);
	draw_value(v, c, a, k.value, k.other, y, it, little);
	if (it->len > 1 && it->field->code->kind != PYSTRUCT_BYTES)
		draw_value(v, c, a, k.other, a.w, y, it, !little);
}

static void
draw_heading(const struct view *v, struct canvas *c, struct area a)
{
	static const char *const orders[] = {"big-endian", "little-endian"};
	struct columns k = columns_of(a.w);
	bool little = v->record->ps.little;

	canvas_text(c, a, 1, 0, ROLE_HEADING, "At");
	canvas_text(c, a, k.bytes, 0, ROLE_HEADING, "Bytes");
	canvas_text(c, a, k.type, 0, ROLE_HEADING, "Type");
	canvas_text(c, a, k.value, 0, ROLE_HEADING, orders[little]);
	canvas_text(c, a, k.other, 0, ROLE_DIM, orders[!little]);
}

static void
draw_rows(
    struct pane *pane, const struct view *v, struct canvas *c, struct area a)
{
	struct pystruct_item it;
	uint64_t id = pane->list.top;

	for (int y = 0; y < a.h && item_at(v, id, &it); y++) {
		draw_row(v, c, a, y, &it);
		pane_draw_selected(pane, c, a, y, id);
		id++;
	}
}

/* ---- the pane ---- */

#define ANSWER_BACK 64 /* records to look through for the newest answer */

/* What the session was answered last, in words. */
static void
draw_answer(const struct view *v, struct canvas *c, struct area a)
{
	const struct session_state *s = deck_session_const(v->deck);
	uint32_t end = journal_next(v->journal);

	for (uint32_t i = end; s != NULL && i > 0 && end - i < ANSWER_BACK;) {
		const struct call *n = journal_at(v->journal, --i);

		if (n == NULL || n->group != s->group || n->kind != CALL_NOTE)
			continue;
		canvas_printf(c, a, 1, 0, n->result < 0 ? ROLE_BAD : ROLE_NOTE,
		    "%.*s", (int)n->data_len, (const char *)n->data);
		return;
	}
}

/* The record may be another one than at the last drawing. */
static void
settle(struct pane_struct *p, const struct view *v)
{
	uint64_t size = v->record->ps.size;

	if (p->byte >= size)
		p->byte = size > 0 ? size - 1 : 0;
	p->pane.list.selected = row_of_byte(v, p->byte);
}

static void
struct_draw(
    struct pane *pane, const struct view *v, struct canvas *c, struct area a)
{
	struct pane_struct *p = (struct pane_struct *)pane;
	const struct entry *e = &v->deck->entry;
	bool wrong = e->kind == ENTRY_STRUCT && e->complaint[0] != '\0';
	struct area body = a, top = area_top(&body, wrong ? 4 : 2);
	struct area foot = area_bottom(&body, a.h >= 8 ? 1 : 0);
	struct area answer = area_bottom(&body, a.h >= 10 ? 1 : 0);
	int dump = dump_lines(v, a.w), rows = (int)item_count(v), spare;

	settle(p, v);
	if (wrong)
		draw_typing(e, c, top);
	else
		draw_line(v, c, top);
	/* The rows get what the dump does not need, and half at least. */
	spare = body.h - 1 - rows;
	if (dump * 2 > spare && dump > body.h / 4)
		dump = spare > body.h / 2 ? spare / 2 : body.h / 4;
	draw_dump(p, v, c, area_top(&body, dump * 2));
	draw_heading(v, c, area_top(&body, 1));
	pane_layout(pane, v, a, body);
	draw_rows(pane, v, c, body);
	draw_answer(v, c, answer);
	canvas_text(c, foot, 1, 0, ROLE_DIM,
	    "i type   ←→ byte   Enter change it   P send   V calls");
}

static void
struct_title(
    const struct pane *pane, const struct view *v, char *dst, size_t size)
{
	const struct session_state *s = deck_session_const(v->deck);

	(void)pane;
	snprintf(dst, size, "Client  struct%s",
	    s == NULL || s->state != RUN_UP ? ", not connected (c)" : "");
}

static uint64_t
struct_gen(const struct pane *pane, const struct view *v)
{
	(void)pane;
	return journal_gen(v->journal);
}

static struct selection
struct_selected(const struct pane *pane, const struct view *v)
{
	const struct pane_struct *p = (const struct pane_struct *)pane;

	if (v->record->ps.size == 0)
		return (struct selection){.kind = SELECTED_NONE};
	return (struct selection){.kind = SELECTED_BYTE, .id = p->byte + 1};
}

static void
struct_row_text(const struct pane *pane, const struct view *v, uint64_t id,
    char dst[PANE_TEXT_MAX])
{
	struct pystruct_item it;
	char type[PACKED_NAME_MAX];
	struct buf text;

	(void)pane;
	dst[0] = '\0';
	if (!item_at(v, id, &it))
		return;
	buf_init(&text, PANE_TEXT_MAX / 2);
	if (!pystruct_is_padding(&it))
		pystruct_repr(&it, v->record->ps.little,
		    v->record->bytes + it.off, &text);
	snprintf(dst, PANE_TEXT_MAX, "%04" PRIx64 " %s %s", it.off,
	    packed_type(type, &it), buf_str(&text));
	buf_done(&text);
}

/* Another row was chosen: its first byte with it. */
static void
struct_moved(struct pane *pane, const struct view *v)
{
	struct pane_struct *p = (struct pane_struct *)pane;
	struct pystruct_item it;

	pane->list.follow = false;
	if (item_at(v, pane->list.selected, &it))
		p->byte = it.off;
}

static void
struct_sideways(struct pane *pane, const struct view *v, int step)
{
	struct pane_struct *p = (struct pane_struct *)pane;

	if (step > 0)
		p->byte++;
	else if (p->byte > 0)
		p->byte--;
	settle(p, v);
}

static void
struct_free(struct pane *pane)
{
	free(pane);
}

struct pane *
pane_struct_new(void)
{
	static const struct pane_ops ops = {
	    .gen = struct_gen,
	    .title = struct_title,
	    .draw = struct_draw,
	    .next = row_next,
	    .prev = row_prev,
	    .row_text = struct_row_text,
	    .selected = struct_selected,
	    .moved = struct_moved,
	    .sideways = struct_sideways,
	    .free = struct_free,
	};
	struct pane_struct *p = calloc(1, sizeof *p);

	if (p == NULL)
		return NULL;
	p->pane.ops = &ops;
	list_init(&p->pane.list);
	p->pane.list.follow = false;
	return &p->pane;
}
