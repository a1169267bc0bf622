/*
 * The interfaces that packets can be captured on, to choose one.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/pane.h"

#define INTERFACES_MAX 256

struct pane_interfaces {
	struct pane pane;
	/* Row ids are places here plus 1; the last row is "any". */
	struct source_interface all[INTERFACES_MAX];
	size_t count;
	uint64_t looked; /* how often they were asked for */
};

void
pane_interfaces_look(struct pane *pane)
{
	struct pane_interfaces *p = (struct pane_interfaces *)pane;

	p->count = source_interfaces(p->all, INTERFACES_MAX - 1);
	p->all[p->count++] = (struct source_interface){
	    .name = "any", .up = true, .carrier = true};
	p->looked++;
}

const char *
pane_interfaces_get(const struct pane *pane)
{
	const struct pane_interfaces *p = (const struct pane_interfaces *)pane;
	uint64_t id = pane->list.selected;

	return id == 0 || id > p->count ? NULL : p->all[id - 1].name;
}

static uint64_t
row_next(const struct pane *pane, const struct view *v, uint64_t id)
{
	const struct pane_interfaces *p = (const struct pane_interfaces *)pane;

	(void)v;
	return list_next_of(p->count, id);
}

static uint64_t
row_prev(const struct pane *pane, const struct view *v, uint64_t id)
{
	const struct pane_interfaces *p = (const struct pane_interfaces *)pane;

	(void)v;
	return list_prev_of(p->count, id);
}

/* ---- drawing ---- */

static const char *
state_of(const struct source_interface *i)
{
	return strcmp(i->name, "any") == 0 ? "all of them"
	       : !i->up                    ? "down"
	       : !i->carrier               ? "up, no carrier"
	       : i->loopback               ? "up, this machine alone"
					   : "up";
}

/* Without a port, which no interface has. */
static const char *
address(const struct addr *a, char dst[ADDR_TEXT_MAX])
{
	dst[0] = '\0';
	if (a->len == 0)
		return dst;
	if (a->sa.sa_family == AF_INET6)
		inet_ntop(AF_INET6, &a->in6.sin6_addr, dst, ADDR_TEXT_MAX);
	else
		inet_ntop(AF_INET, &a->in.sin_addr, dst, ADDR_TEXT_MAX);
	return dst;
}

static void
draw_row(
    struct canvas *c, struct area a, int y, const struct source_interface *i)
{
	char text[ADDR_TEXT_MAX];

	canvas_text(c, a, 1, y, i->up ? ROLE_TEXT : ROLE_DIM, i->name);
	canvas_text(c, a, 18, y, i->up && i->carrier ? ROLE_GOOD : ROLE_DIM,
	    state_of(i));
	canvas_text(c, a, 42, y, ROLE_TEXT, address(&i->ip4, text));
	canvas_text(c, a, 59, y, ROLE_DIM, address(&i->ip6, text));
}

static void
interfaces_draw(
    struct pane *pane, const struct view *v, struct canvas *c, struct area a)
{
	struct pane_interfaces *p = (struct pane_interfaces *)pane;
	struct area body = a, heading = area_top(&body, 1);
	uint64_t id;

	canvas_text(c, heading, 1, 0, ROLE_HEADING, "Interface");
	canvas_text(c, heading, 18, 0, ROLE_HEADING, "State");
	canvas_text(c, heading, 42, 0, ROLE_HEADING, "IPv4");
	canvas_text(c, heading, 59, 0, ROLE_HEADING, "IPv6");
	pane_layout(pane, v, a, body);
	id = pane->list.top;
	for (int y = 0; y < body.h && id != 0; y++) {
		draw_row(c, body, y, &p->all[id - 1]);
		if (pane_is_selected(pane, id))
			canvas_over(c, body, 0, y, body.w, ROLE_SELECTED);
		id = row_next(pane, v, id);
	}
}

static void
interfaces_title(
    const struct pane *pane, const struct view *v, char *dst, size_t size)
{
	(void)pane;
	(void)v;
	snprintf(
	    dst, size, "Capture on  Enter: this interface  Esc: as it was");
}

/* ---- the pane ---- */

static uint64_t
interfaces_gen(const struct pane *pane, const struct view *v)
{
	(void)v;
	return ((const struct pane_interfaces *)pane)->looked;
}

static struct selection
interfaces_selected(const struct pane *pane, const struct view *v)
{
	(void)pane;
	(void)v;
	return (struct selection){.kind = SELECTED_NONE};
}

static void
interfaces_row_text(const struct pane *pane, const struct view *v, uint64_t id,
    char dst[PANE_TEXT_MAX])
{
	const struct pane_interfaces *p = (const struct pane_interfaces *)pane;
	const struct source_interface *i = &p->all[id - 1];
	char ip4[ADDR_TEXT_MAX], ip6[ADDR_TEXT_MAX];

	(void)v;
	snprintf(dst, PANE_TEXT_MAX, "%s %s %s %s", i->name, state_of(i),
	    address(&i->ip4, ip4), address(&i->ip6, ip6));
}

static void
interfaces_free(struct pane *pane)
{
	free(pane);
}

struct pane *
pane_interfaces_new(void)
{
	static const struct pane_ops ops = {
	    .gen = interfaces_gen,
	    .title = interfaces_title,
	    .draw = interfaces_draw,
	    .next = row_next,
	    .prev = row_prev,
	    .row_text = interfaces_row_text,
	    .selected = interfaces_selected,
	    .free = interfaces_free,
	};
	struct pane_interfaces *p = calloc(1, sizeof *p);

	if (p == NULL)
		return NULL;
	p->pane.ops = &ops;
	list_init(&p->pane.list);
	p->pane.list.follow = false;
	return &p->pane;
}
