/*
 * The packets as a list, one line each, in columns of choice. Left and Right
 * move through the cells of the selected row: what stands there is explained.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "net/base/text.h"
#include "tui/listcols.h"
#include "tui/packetfmt.h"

struct pane_list {
	struct pane pane;
	struct listcols cols; /* of the last drawing */
	int cell; /* of them the one that the cursor stands in; -1: the row */
};

/* Row ids are frame ids. */
static uint64_t
row_next(const struct pane *p, const struct view *v, uint64_t id)
{
	(void)p;
	return listing_next(v->listing, capture_store(v->capture), id);
}

static uint64_t
row_prev(const struct pane *p, const struct view *v, uint64_t id)
{
	(void)p;
	return listing_prev(v->listing, capture_store(v->capture), id);
}

/* ---- drawing ---- */

static void
draw_row(const struct pane_list *p, const struct view *v, struct canvas *c,
    struct area a, int y, const struct frame *f)
{
	bool selected = pane_is_selected(&p->pane, f->id);
	bool lit = weave_lit_frame(&v->weave, &v->deck->selected, f);

	listcols_draw(&p->cols, v, c, a, y, f);
	if (view_frame_is_later(v, f->id))
		canvas_over(c, a, 0, y, a.w, ROLE_DIM);
	if (selected && p->cell < 0 && !lit)
		canvas_over(c, a, 0, y, a.w, ROLE_SELECTED);
	else if (selected || lit)
		canvas_over(c, a, 0, y, a.w, ROLE_LIT);
	if (selected && p->cell >= 0)
		canvas_over(c, a, p->cols.at[p->cell].x, y,
		    p->cols.at[p->cell].w, ROLE_SELECTED);
}

static void
list_draw(
    struct pane *pane, const struct view *v, struct canvas *c, struct area a)
{
	struct pane_list *p = (struct pane_list *)pane;
	const struct store *store = capture_store(v->capture);
	struct area body = a;
	struct frame f;
	uint64_t id;

	listcols_lay(&p->cols, v, a.w, store_next(store) - 1);
	if (p->cell >= p->cols.count)
		p->cell = -1;
	listcols_heading(&p->cols, v, c, area_top(&body, 1));
	pane_layout(pane, v, a, body);
	id = pane->list.top;
	if (id == 0)
		packetfmt_empty(v, c, body);
	for (int y = 0; y < body.h && id != 0; y++) {
		if (store_get(store, id, &f))
			draw_row(p, v, c, body, y, &f);
		id = row_next(pane, v, id);
	}
}

static void
list_title(const struct pane *p, const struct view *v, char *dst, size_t size)
{
	char conversation[32] = "";

	if (v->deck->flow != 0)
		snprintf(conversation, sizeof conversation, " conversation %u",
		    v->deck->flow);
	snprintf(dst, size, "Packets  list%s%s", conversation,
	    p->list.follow ? "  following" : "");
}

static uint64_t
list_gen(const struct pane *pane, const struct view *v)
{
	(void)pane;
	return capture_gen(v->capture) + journal_gen(v->journal) +
	       listing_gen(v->listing);
}

static struct selection
list_selected(const struct pane *p, const struct view *v)
{
	const struct record *r =
	    store_record(capture_store(v->capture), p->list.selected);

	if (r == NULL)
		return (struct selection){.kind = SELECTED_NONE};
	return (struct selection){
	    /* While following, Enter opens the newest but nothing is lit. */
	    .kind = p->list.follow ? SELECTED_NONE : SELECTED_FRAME,
	    .id = p->list.selected,
	    .flow = p->list.follow ? 0 : r->flow,
	};
}

static void
list_row_text(const struct pane *p, const struct view *v, uint64_t id,
    char dst[PANE_TEXT_MAX])
{
	struct frame f;

	(void)p;
	dst[0] = '\0';
	if (store_get(capture_store(v->capture), id, &f))
		packetfmt_line(v, &f, dst);
}

static bool
list_row_has(const struct pane *p, const struct view *v, uint64_t id,
    const struct needle *needle)
{
	(void)p;
	return packetfmt_has(v, id, needle);
}

/* Or the one behind it, where it is not listed. */
static void
list_show_frame(struct pane *p, const struct view *v, uint64_t frame)
{
	uint64_t id = row_next(p, v, frame - 1);

	if (id != 0)
		pane_select(p, id);
}

/* The whole row, its cells, the whole row again. */
static void
list_sideways(struct pane *pane, const struct view *v, int step)
{
	struct pane_list *p = (struct pane_list *)pane;
	int n = p->cols.count + 1;

	(void)v;
	p->cell = (p->cell + 1 + step + n) % n - 1;
	pane->list.follow = false;
}

static bool
list_topic(const struct pane *pane, const struct view *v, struct why_item *ret)
{
	const struct pane_list *p = (const struct pane_list *)pane;
	struct frame f;

	return p->cell >= 0 && p->cell < p->cols.count &&
	       store_get(capture_store(v->capture), pane->list.selected, &f) &&
	       listcol_topic((enum listcol)p->cols.at[p->cell].id, &f, ret);
}

static void
list_free(struct pane *p)
{
	free(p);
}

struct pane *
pane_list_new(void)
{
	static const struct pane_ops ops = {
	    .gen = list_gen,
	    .title = list_title,
	    .draw = list_draw,
	    .next = row_next,
	    .prev = row_prev,
	    .row_text = list_row_text,
	    .row_has = list_row_has,
	    .selected = list_selected,
	    .topic = list_topic,
	    .sideways = list_sideways,
	    .show_frame = list_show_frame,
	    .free = list_free,
	};
	struct pane_list *p = calloc(1, sizeof *p);

	if (p == NULL)
		return NULL;
	p->pane.ops = &ops;
	p->cell = -1;
	list_init(&p->pane.list);
	return &p->pane;
}
