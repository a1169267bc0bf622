/*
 * Bluetooth: this machine's adapters, and the devices around.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/base/clock.h"
#include "tui/packetfmt.h"
#include "tui/pane.h"

/* A row's id is its place among the devices, from 1. */

static uint64_t
row_next(const struct pane *pane, const struct view *v, uint64_t id)
{
	(void)pane;
	return id < (uint64_t)v->bluetooth->devices.count ? id + 1 : 0;
}

static uint64_t
row_prev(const struct pane *pane, const struct view *v, uint64_t id)
{
	(void)pane;
	return id > 0 ? id - 1 : (uint64_t)v->bluetooth->devices.count;
}

/* Seconds since it was asked. */
static int
age(const struct bluetooth_scan *s)
{
	return (int)((clock_mono_ns() - s->since_ns) / CLOCK_S);
}

/* A table's heading, and what there is to say of it. Returns the lines used. */
static int
draw_heading(struct canvas *c, struct area a, const struct bluetooth_scan *s,
    const char *name, const char *hint)
{
	int x = canvas_text(c, a, 1, 0, ROLE_HEADING, name);

	if (s->trouble[0] != '\0') {
		area_top(&a, 1);
		return 1 + packetfmt_wrap(c, a, ROLE_BAD, s->trouble);
	}
	if (s->fd >= 0 && s->asked.question == BLUETOOTH_DISCOVER)
		canvas_printf(c, a, x + 2, 0, ROLE_NOTE,
		    "looking, %d of %d s (:discover stop)", age(s),
		    s->asked.seconds);
	else if (s->fd >= 0)
		canvas_text(c, a, x + 2, 0, ROLE_NOTE, "asking");
	else if (s->count == 0)
		canvas_text(c, a, x + 2, 0, ROLE_NOTE, s->done ? "none" : hint);
	return 1;
}

static void
bluetooth_draw(
    struct pane *pane, const struct view *v, struct canvas *c, struct area a)
{
	const struct bluetooth_scan *adapters = &v->bluetooth->adapters;
	const struct bluetooth_scan *s = &v->bluetooth->devices;
	struct area rows = a;
	char line[BLUETOOTH_LINE_MAX];
	uint64_t id;

	area_top(&rows, draw_heading(c, rows, adapters, "Adapters",
			    ":bluetooth asks for them"));
	for (int i = 0; i < adapters->count; i++)
		canvas_text(c, area_top(&rows, 1), 2, 0, ROLE_TEXT,
		    bluetooth_line(line, &adapters->row[i]));
	area_top(&rows, 1);
	area_top(&rows, draw_heading(c, rows, s, "Devices around",
			    ":discover looks for them"));
	pane_layout(pane, v, a, rows);
	id = pane->list.top;
	for (int y = 0; y < rows.h && id != 0; y++) {
		canvas_text(c, rows, 2, y, ROLE_TEXT,
		    bluetooth_line(line, &s->row[id - 1]));
		if (pane_is_selected(pane, id))
			canvas_over(c, rows, 0, y, rows.w, ROLE_SELECTED);
		id = row_next(pane, v, id);
	}
	if (s->count > 0 && s->fd < 0)
		canvas_text(c, rows, 2, s->count + 1, ROLE_NOTE,
		    "Enter connects to the device's Serial Port service");
}

static void
bluetooth_title(
    const struct pane *pane, const struct view *v, char *dst, size_t size)
{
	(void)pane;
	snprintf(dst, size, "Bluetooth  %d adapter%s, %d device%s",
	    v->bluetooth->adapters.count,
	    v->bluetooth->adapters.count == 1 ? "" : "s",
	    v->bluetooth->devices.count,
	    v->bluetooth->devices.count == 1 ? "" : "s");
}

static uint64_t
bluetooth_gen(const struct pane *pane, const struct view *v)
{
	const struct bluetooth *b = v->bluetooth;

	(void)pane;
	/* Apart, so that no step of the one makes up for the other. */
	return ((b->adapters.gen + b->devices.gen) << 8) +
	       (b->devices.fd >= 0 ? (uint64_t)age(&b->devices) : 0);
}

static struct selection
bluetooth_selected(const struct pane *pane, const struct view *v)
{
	(void)pane;
	(void)v;
	return (struct selection){.kind = SELECTED_NONE};
}

static void
bluetooth_row_text(const struct pane *pane, const struct view *v, uint64_t id,
    char dst[PANE_TEXT_MAX])
{
	char line[BLUETOOTH_LINE_MAX];

	(void)pane;
	snprintf(dst, PANE_TEXT_MAX, "%s",
	    bluetooth_line(line, &v->bluetooth->devices.row[id - 1]));
}

static void
bluetooth_free(struct pane *pane)
{
	free(pane);
}

bool
pane_bluetooth_get(
    const struct pane *p, const struct view *v, struct bdaddr *ret)
{
	uint64_t id = p->list.selected;

	if (id == 0 || id > (uint64_t)v->bluetooth->devices.count)
		return false;
	*ret = v->bluetooth->devices.row[id - 1].address;
	return true;
}

struct pane *
pane_bluetooth_new(void)
{
	static const struct pane_ops ops = {
	    .gen = bluetooth_gen,
	    .title = bluetooth_title,
	    .draw = bluetooth_draw,
	    .next = row_next,
	    .prev = row_prev,
	    .row_text = bluetooth_row_text,
	    .selected = bluetooth_selected,
	    .free = bluetooth_free,
	};
	struct pane *p = calloc(1, sizeof *p);

	if (p == NULL)
		return NULL;
	p->ops = &ops;
	list_init(&p->list);
	p->list.follow = false;
	return p;
}
