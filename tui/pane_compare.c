/*
 * The comparison as text: what `sockdeck compare` prints, to look at and to
 * copy line by line into a report.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/comparefmt.h"
#include "tui/pane.h"

#define TEXT_MAX (64 * 1024)
#define WIDTH_MIN 30 /* narrower lines are cut */

/* A row's id is its line's number, from 1. */
struct pane_compare {
	struct pane pane;
	struct buf text; /* of what is known now */
	uint64_t gen; /* of the comparison that it shows; 0: none */
	int width; /* of its lines */
};

static void
refresh(struct pane_compare *p, const struct view *v, int width)
{
	uint64_t gen = v->compare != NULL ? compare_gen(v->compare) + 1 : 0;

	if (gen == p->gen && width == p->width)
		return;
	if (gen < p->gen) { /* a new one */
		list_init(&p->pane.list);
		p->pane.list.follow = false;
	}
	p->gen = gen;
	p->width = width;
	buf_clear(&p->text);
	if (v->compare != NULL)
		comparefmt_text(&p->text, v->compare, width);
}

/* The line with this id; its length, -1 past the end. */
static int
line_of(const struct pane_compare *p, uint64_t id, const char **ret)
{
	const char *at = (const char *)p->text.data;
	const char *end = at + p->text.len, *next;

	for (; at < end; at = next + 1) {
		next = memchr(at, '\n', (size_t)(end - at));
		if (next == NULL)
			break;
		if (--id == 0) {
			*ret = at;
			return (int)(next - at);
		}
	}
	return -1;
}

static uint64_t
row_next(const struct pane *pane, const struct view *v, uint64_t id)
{
	const char *line;

	(void)v;
	return line_of((const struct pane_compare *)pane, id + 1, &line) >= 0
		   ? id + 1
		   : 0;
}

static uint64_t
row_prev(const struct pane *pane, const struct view *v, uint64_t id)
{
	uint64_t last = 0;

	if (id != 0)
		return id - 1;
	while (row_next(pane, v, last) != 0)
		last++;
	return last;
}

static enum role
role_of(const char *line, int len)
{
	static const char *const headings[] = {
	    "Bytes", "By purpose", "Time", "Delivery"};

	for (size_t i = 0; i < sizeof headings / sizeof *headings; i++)
		if ((size_t)len > strlen(headings[i]) &&
		    strncmp(line, headings[i], strlen(headings[i])) == 0)
			return ROLE_HEADING;
	return memchr(line, '[', (size_t)len) != NULL ? ROLE_PAYLOAD
						      : ROLE_TEXT;
}

static void
compare_draw(
    struct pane *pane, const struct view *v, struct canvas *c, struct area a)
{
	struct pane_compare *p = (struct pane_compare *)pane;
	uint64_t id;

	refresh(p, v,
	    a.w < WIDTH_MIN          ? WIDTH_MIN
	    : a.w > COMPAREFMT_WIDTH ? COMPAREFMT_WIDTH
				     : a.w - 1);
	if (v->compare == NULL) {
		canvas_text(c, a, 1, 0, ROLE_NOTE,
		    ":compare sends the same messages over TCP, UDP and "
		    "reliable UDP");
		return;
	}
	pane_layout(pane, v, a, a);
	id = pane->list.top;
	for (int y = 0; y < a.h && id != 0; y++) {
		const char *line = "";
		int len = line_of(p, id, &line);

		canvas_printf(
		    c, a, 1, y, role_of(line, len), "%.*s", len, line);
		pane_draw_selected(pane, c, a, y, id);
		id = row_next(pane, v, id);
	}
}

static void
compare_title(
    const struct pane *pane, const struct view *v, char *dst, size_t size)
{
	const char *word = "";

	(void)pane;
	if (v->compare != NULL &&
	    !compare_side(v->compare, compare_sides(v->compare) - 1)->done)
		word = compare_trouble(v->compare)[0] != '\0' ? "  failed"
							      : "  under way";
	snprintf(dst, size, "Packets  transports compared%s", word);
}

static uint64_t
pane_gen(const struct pane *pane, const struct view *v)
{
	(void)pane;
	return v->compare != NULL ? compare_gen(v->compare) + 1 : 0;
}

static struct selection
compare_selected(const struct pane *pane, const struct view *v)
{
	(void)pane;
	(void)v;
	return (struct selection){.kind = SELECTED_NONE};
}

static void
compare_row_text(const struct pane *pane, const struct view *v, uint64_t id,
    char dst[PANE_TEXT_MAX])
{
	const char *line = "";
	int len = line_of((const struct pane_compare *)pane, id, &line);

	(void)v;
	snprintf(dst, PANE_TEXT_MAX, "%.*s", len > 0 ? len : 0, line);
}

static void
compare_pane_free(struct pane *pane)
{
	struct pane_compare *p = (struct pane_compare *)pane;

	buf_done(&p->text);
	free(p);
}

struct pane *
pane_compare_new(void)
{
	static const struct pane_ops ops = {
	    .gen = pane_gen,
	    .title = compare_title,
	    .draw = compare_draw,
	    .next = row_next,
	    .prev = row_prev,
	    .row_text = compare_row_text,
	    .selected = compare_selected,
	    .free = compare_pane_free,
	};
	struct pane_compare *p = calloc(1, sizeof *p);

	if (p == NULL)
		return NULL;
	p->pane.ops = &ops;
	buf_init(&p->text, TEXT_MAX);
	list_init(&p->pane.list);
	p->pane.list.follow = false;
	return &p->pane;
}
