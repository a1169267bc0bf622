/*
 * The help screen: the command table, as rows.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/base/text.h"
#include "tui/command.h"
#include "tui/packetfmt.h"
#include "tui/screen.h"

#define KEY_CELLS 10 /* where the names begin */
#define TEXT_CELLS 26 /* where the summaries begin */
#define HELP_ROWS 160

/* A row is a heading, or a command under it. */
struct help_row {
	enum command_group group;
	const struct command *command; /* NULL: the group's heading */
};

struct pane_help {
	struct pane pane;
	/* Row ids are places in rows plus 1. */
	struct help_row rows[HELP_ROWS];
	size_t count;
};

/* "F7 b" */
static void
keys_text(const struct command *c, char *dst, size_t size)
{
	size_t n = 0;

	dst[0] = '\0';
	for (int i = 0; i < COMMAND_BINDINGS; i++) {
		const char *key = c->bindings[i].key;

		if (key != NULL && n < size)
			n += (size_t)snprintf(
			    dst + n, size - n, "%s%s", n > 0 ? " " : "", key);
	}
}

static void
fill(struct pane_help *p)
{
	for (int g = 0; g < GROUP_COUNT; g++) {
		p->rows[p->count++].group = (enum command_group)g;
		for (const struct command *c = command_table; c->name; c++)
			if (c->group == (enum command_group)g)
				p->rows[p->count++] =
				    (struct help_row){(enum command_group)g, c};
	}
}

static uint64_t
row_next(const struct pane *pane, const struct view *v, uint64_t id)
{
	(void)v;
	return id < ((const struct pane_help *)pane)->count ? id + 1 : 0;
}

static uint64_t
row_prev(const struct pane *pane, const struct view *v, uint64_t id)
{
	size_t count = ((const struct pane_help *)pane)->count;

	(void)v;
	return id == 0 || id > count ? count : id - 1;
}

static void
draw_row(struct canvas *c, struct area a, int y, const struct help_row *row)
{
	char keys[64];
	int x;

	if (row->command == NULL) {
		canvas_text(
		    c, a, 0, y, ROLE_HEADING, command_group_name(row->group));
		return;
	}
	keys_text(row->command, keys, sizeof keys);
	canvas_text(c, a, 1, y, ROLE_KEY, keys);
	x = text_cells(keys) + 2;
	x = canvas_printf(c, a, x > KEY_CELLS ? x : KEY_CELLS, y, ROLE_CALL,
	    ":%s", row->command->name);
	x = x + 2 > TEXT_CELLS ? x + 2 : TEXT_CELLS;
	canvas_text(c, a, x, y, ROLE_TEXT, row->command->summary);
}

/* How the selected command is written. */
static void
draw_usage(struct canvas *c, struct area a, const struct pane_help *p)
{
	const struct help_row *row = &p->rows[p->pane.list.selected - 1];

	if (row->command != NULL)
		canvas_printf(c, a, 0, 0, ROLE_PROMPT, ":%s %s",
		    row->command->name, row->command->args);
}

/* What to do first, for whom the table is too much. */
static void
draw_start(const struct view *v, struct canvas *c, struct area a)
{
	canvas_text(c, a, 0, 0, ROLE_NOTE,
	    "Start: c connects, i types a line, Esc leaves it, v changes the "
	    "packet view.");
	canvas_printf(c, a, 0, 1, ROLE_NOTE,
	    "Your own program joins the lab: %s exec -- python3 client.py",
	    v->deck->self);
}

static void
help_draw(
    struct pane *pane, const struct view *v, struct canvas *c, struct area a)
{
	struct pane_help *p = (struct pane_help *)pane;
	struct area body = a, usage;
	uint64_t id;

	draw_start(v, c, area_top(&body, 3));
	usage = area_bottom(&body, 1);
	pane_layout(pane, v, a, body);
	draw_usage(c, usage, p);
	id = pane->list.top;
	for (int y = 0; y < body.h && id != 0; y++) {
		draw_row(c, body, y, &p->rows[id - 1]);
		if (id == pane->list.selected)
			canvas_over(c, body, 0, y, body.w, ROLE_SELECTED);
		id = row_next(pane, v, id);
	}
}

static void
help_title(const struct pane *p, const struct view *v, char *dst, size_t size)
{
	(void)p;
	(void)v;
	snprintf(dst, size, "Help  keys and :commands   Esc leaves");
}

static uint64_t
help_gen(const struct pane *p, const struct view *v)
{
	(void)p;
	(void)v;
	return 0;
}

static struct selection
help_selected(const struct pane *p, const struct view *v)
{
	(void)p;
	(void)v;
	return (struct selection){.kind = SELECTED_NONE};
}

static void
help_row_text(const struct pane *pane, const struct view *v, uint64_t id,
    char dst[PANE_TEXT_MAX])
{
	const struct help_row *row =
	    &((const struct pane_help *)pane)->rows[id - 1];
	char keys[64] = "";

	(void)v;
	if (row->command == NULL) {
		snprintf(
		    dst, PANE_TEXT_MAX, "%s", command_group_name(row->group));
		return;
	}
	keys_text(row->command, keys, sizeof keys);
	snprintf(dst, PANE_TEXT_MAX, "%s :%s %s  %s", keys, row->command->name,
	    row->command->args, row->command->summary);
}

static void
help_moved(struct pane *p, const struct view *v)
{
	(void)v;
	p->list.follow = false;
}

void
pane_help_show(struct pane *pane, const struct command *c)
{
	const struct pane_help *p = (const struct pane_help *)pane;

	for (size_t i = 0; i < p->count; i++)
		if (p->rows[i].command == c)
			pane_select(pane, i + 1);
}

static void
help_free(struct pane *p)
{
	free(p);
}

struct pane *
pane_help_new(void)
{
	static const struct pane_ops ops = {
	    .gen = help_gen,
	    .title = help_title,
	    .draw = help_draw,
	    .next = row_next,
	    .prev = row_prev,
	    .row_text = help_row_text,
	    .selected = help_selected,
	    .moved = help_moved,
	    .free = help_free,
	};
	struct pane_help *p = calloc(1, sizeof *p);

	if (p == NULL)
		return NULL;
	p->pane.ops = &ops;
	list_init(&p->pane.list);
	p->pane.list.follow = false;
	fill(p);
	return &p->pane;
}
