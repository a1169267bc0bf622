#include "tui/pane.h"

#include <string.h>

struct rows_ctx {
	const struct pane *p;
	const struct view *v;
};

static uint64_t
next_row(const void *ctx, uint64_t id)
{
	const struct rows_ctx *r = ctx;

	return r->p->ops->next(r->p, r->v, id);
}

static uint64_t
prev_row(const void *ctx, uint64_t id)
{
	const struct rows_ctx *r = ctx;

	return r->p->ops->prev(r->p, r->v, id);
}

void
pane_layout(
    struct pane *p, const struct view *v, struct area whole, struct area rows)
{
	struct rows_ctx ctx = {p, v};

	p->rows_y = rows.y - whole.y;
	list_layout(
	    &p->list, &(struct list_rows){&ctx, next_row, prev_row}, rows.h);
}

bool
pane_is_selected(const struct pane *p, uint64_t id)
{
	return id == p->list.selected && !p->list.follow;
}

void
pane_draw_selected(
    const struct pane *p, struct canvas *c, struct area a, int y, uint64_t id)
{
	const struct cell *first = canvas_at(c, a.x, a.y + y);

	if (pane_is_selected(p, id) && first != NULL && first->over != ROLE_LIT)
		canvas_over(c, a, 0, y, a.w, ROLE_SELECTED);
}

void
pane_move(struct pane *p, const struct view *v, enum list_move m)
{
	struct rows_ctx ctx = {p, v};

	if (p->ops->steer != NULL && p->ops->steer(p, v, m))
		return;
	if (m == MOVE_LEFT || m == MOVE_RIGHT) {
		if (p->ops->sideways != NULL)
			p->ops->sideways(p, v, m == MOVE_LEFT ? -1 : 1);
		return;
	}
	list_move(&p->list, &(struct list_rows){&ctx, next_row, prev_row}, m);
	if (p->ops->moved != NULL)
		p->ops->moved(p, v);
}

void
pane_select(struct pane *p, uint64_t id)
{
	p->list.selected = id;
	p->list.follow = false;
}

void
pane_click(struct pane *p, const struct view *v, int y)
{
	struct rows_ctx ctx = {p, v};
	struct list_rows rows = {&ctx, next_row, prev_row};

	if (list_click(&p->list, &rows, y - p->rows_y) && p->ops->moved != NULL)
		p->ops->moved(p, v);
}

static bool
row_has(const struct pane *p, const struct view *v, uint64_t id,
    const struct needle *needle)
{
	char line[PANE_TEXT_MAX];

	if (p->ops->row_has != NULL)
		return p->ops->row_has(p, v, id, needle);
	p->ops->row_text(p, v, id, line);
	return needle_in_text(needle, line);
}

bool
pane_search(
    struct pane *p, const struct view *v, struct pane_search *s, int rows)
{
	struct rows_ctx ctx = {p, v};
	uint64_t id = s->at;
	bool found = false;

	s->on = false;
	if (p->ops->find != NULL) {
		id = p->ops->find(p, v, id, &s->needle, s->backwards);
		found = id != 0;
	}
	while (p->ops->find == NULL && !found) {
		id = s->backwards ? prev_row(&ctx, id) : next_row(&ctx, id);
		if (id == 0)
			return false;
		s->at = id;
		found = row_has(p, v, id, &s->needle);
		s->on = !found && --rows <= 0;
		if (s->on)
			return false;
	}
	if (!found)
		return false;
	p->list.selected = id;
	p->list.follow = false;
	if (p->ops->moved != NULL)
		p->ops->moved(p, v);
	return true;
}

void
pane_text(const struct pane *p, const struct view *v, char dst[PANE_TEXT_MAX])
{
	dst[0] = '\0';
	if (p->list.selected != 0)
		p->ops->row_text(p, v, p->list.selected, dst);
}

void
pane_free(struct pane *p)
{
	if (p != NULL)
		p->ops->free(p);
}

void
pane_draw_prompt(const struct view *v, struct canvas *c, struct area a)
{
	int x = canvas_text(c, a, 1, 0, ROLE_PROMPT, "send> ");

	canvas_text(c, a, x, 0, ROLE_INPUT, v->deck->entry.text);
}
