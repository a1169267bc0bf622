#include "tui/list.h"

uint64_t
list_next_of(size_t count, uint64_t id)
{
	return id < count ? id + 1 : 0;
}

uint64_t
list_prev_of(size_t count, uint64_t id)
{
	return id == 0 || id > count ? count : id - 1;
}

void
list_init(struct list *l)
{
	*l = (struct list){.follow = true, .page = 1};
}

/* n rows further in the direction of step, or the last there is. */
static uint64_t
walk(const struct list_rows *rows, uint64_t (*step)(const void *, uint64_t),
    uint64_t id, int n)
{
	for (uint64_t to; n > 0 && (to = step(rows->ctx, id)) != 0; n--)
		id = to;
	return id;
}

/* Is id among the `height` rows from top on? */
static bool
visible(const struct list *l, const struct list_rows *rows, int height)
{
	uint64_t id = l->top;

	for (int y = 0; y < height && id != 0; y++) {
		if (id == l->selected)
			return true;
		id = rows->next(rows->ctx, id);
	}
	return false;
}

void
list_layout(struct list *l, const struct list_rows *rows, int height)
{
	uint64_t last = rows->prev(rows->ctx, 0);

	l->page = height > 0 ? height : 1;
	if (last == 0) {
		l->selected = l->top = 0;
		return;
	}
	if (l->follow || l->selected > last)
		l->selected = last;
	else if (l->selected == 0 ||
		 rows->next(rows->ctx, l->selected - 1) != l->selected)
		l->selected = rows->next(rows->ctx, l->selected);
	if (l->top == 0 || rows->next(rows->ctx, l->top - 1) != l->top)
		l->top = rows->next(rows->ctx, l->top);
	if (l->top == 0 || l->selected < l->top)
		l->top = l->selected;
	else if (!visible(l, rows, l->page))
		l->top = walk(rows, rows->prev, l->selected, l->page - 1);
	/* No empty lines at the bottom while rows are hidden at the top. */
	uint64_t highest = walk(rows, rows->prev, last, l->page - 1);
	if (l->top > highest)
		l->top = highest;
}

void
list_move(struct list *l, const struct list_rows *rows, enum list_move m)
{
	uint64_t last = rows->prev(rows->ctx, 0);
	int far = l->page > 1 ? l->page - 1 : 1;

	switch (m) {
	case MOVE_UP:
		l->selected = walk(rows, rows->prev, l->selected, 1);
		break;
	case MOVE_DOWN:
		l->selected = walk(rows, rows->next, l->selected, 1);
		break;
	case MOVE_PAGE_UP:
		l->selected = walk(rows, rows->prev, l->selected, far);
		break;
	case MOVE_PAGE_DOWN:
		l->selected = walk(rows, rows->next, l->selected, far);
		break;
	case MOVE_FIRST:
		l->selected = rows->next(rows->ctx, 0);
		break;
	case MOVE_LAST:
		l->selected = last;
		break;
	case MOVE_LEFT:
	case MOVE_RIGHT:
		return;
	}
	l->follow = m == MOVE_LAST;
}

bool
list_click(struct list *l, const struct list_rows *rows, int y)
{
	uint64_t id = l->top;

	for (; y > 0 && id != 0; y--)
		id = rows->next(rows->ctx, id);
	if (id == 0 || y < 0)
		return false;
	l->selected = id;
	l->follow = false;
	return true;
}
