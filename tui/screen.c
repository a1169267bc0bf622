#include "tui/screen.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "net/base/text.h"
#include "tui/command.h"
#include "tui/entry.h"
#include "tui/packetfmt.h"
#include "tui/whyfoot.h"

/* All four panes are shown from here on. */
#define GRID_W 100
#define GRID_H 30
/* Two panes, one above the other, from here on; below it one at a time. */
#define STACK_W 80
#define STACK_H 24

/* Below it the tabs are digits only, so that keys have room. */
#define TABS_W 60

static const char *const pane_word[PANE_COUNT] = {
    [PANE_SERVER] = "Server",
    [PANE_CLIENT] = "Client",
    [PANE_SOCKETS] = "Sockets",
    [PANE_PACKETS] = "Packets",
};

static void
lay_grid(struct layout *l, const struct deck *d, struct area body)
{
	struct area top = area_top(&body, body.h * d->split_y / 100);
	int left = body.w * d->split_x / 100;

	l->pane[PANE_SERVER] = area_left(&top, left);
	l->pane[PANE_CLIENT] = top;
	l->pane[PANE_SOCKETS] = area_left(&body, left);
	l->pane[PANE_PACKETS] = body;
}

/* Where only two fit, the one in use gets more of the little there is. */
static int
stack_split(const struct deck *d)
{
	return d->focus == PANE_PACKETS ? 100 - d->split_y - 10 : d->split_y;
}

/* What a file holds has no calls beside it, until something is started. */
static bool
packets_alone(const struct deck *d)
{
	return d->from_file && d->server.state == RUN_NONE &&
	       d->session_count == 0 && d->traced_count == 0 &&
	       d->hand[SIDE_SERVER].group == 0 &&
	       d->hand[SIDE_CLIENT].group == 0;
}

struct layout
screen_layout(const struct deck *d, int w, int h)
{
	struct layout l = {0};
	struct area body = {0, 1, w, h - 2};

	if (d->why && !d->help && w >= SCREEN_MIN_W && h >= SCREEN_MIN_H)
		l.why = area_bottom(&body, whyfoot_lines(w, body.h));

	if (w < SCREEN_MIN_W || h < SCREEN_MIN_H) {
		l.too_small = true;
	} else if (d->zoomed || packets_alone(d) || w < STACK_W ||
		   h < STACK_H) {
		l.pane[d->focus] = body;
		l.tabs = true;
	} else if (w >= GRID_W && h >= GRID_H) {
		lay_grid(&l, d, body);
	} else {
		l.pane[d->upper] =
		    area_top(&body, body.h * stack_split(d) / 100);
		l.pane[PANE_PACKETS] = body;
		l.tabs = true;
	}
	return l;
}

struct area
screen_frame(struct canvas *c, struct area a, bool focus)
{
	enum role border = focus ? ROLE_BORDER_FOCUS : ROLE_BORDER;

	canvas_fill(c, a, ROLE_TEXT);
	canvas_put(c, a, 0, 0, border, U'╭');
	canvas_repeat(c, a, 1, 0, border, U'─', a.w - 2);
	canvas_put(c, a, a.w - 1, 0, border, U'╮');
	for (int y = 1; y < a.h - 1; y++) {
		canvas_put(c, a, 0, y, border, U'│');
		canvas_put(c, a, a.w - 1, y, border, U'│');
	}
	canvas_put(c, a, 0, a.h - 1, border, U'╰');
	canvas_repeat(c, a, 1, a.h - 1, border, U'─', a.w - 2);
	canvas_put(c, a, a.w - 1, a.h - 1, border, U'╯');
	return area_inset(a, 1);
}

int
screen_title(struct canvas *c, struct area a, enum pane_id id, bool focus,
    const char *title)
{
	enum role role = focus ? ROLE_TITLE_FOCUS : ROLE_TITLE;
	struct area top = {a.x, a.y, a.w - 2, 1};
	int x = canvas_printf(c, top, 1, 0, role, "%d %s", (int)id + 1, title);

	return canvas_put(c, top, x, 0, role, U' ');
}

/* Names that follow v (back: that come before it), without what the key v
 * leaves out. */
static enum packet_view
view_beside(enum packet_view v, bool back)
{
	do
		v = (v + (back ? VIEW_COUNT - 1 : 1)) % VIEW_COUNT;
	while (packet_view_is_opened(v));
	return v;
}

void
screen_views(struct canvas *c, struct area a, int x, enum packet_view now)
{
	enum packet_view names[VIEW_COUNT];
	int room = a.w - 2 - x, count = 0, cells = 2;

	for (int v = 0; v < VIEW_COUNT; v++) {
		names[count++] = (enum packet_view)v;
		cells += (int)strlen(packet_view_name(names[v])) + 2;
	}
	if (cells > room) {
		count = cells = 0;
		names[count++] = view_beside(now, true);
		names[count++] = now;
		names[count++] = view_beside(now, false);
		for (int i = 0; i < count; i++)
			cells += (int)strlen(packet_view_name(names[i])) + 2;
	}
	if (cells > room)
		return;
	x = a.w - 2 - cells;
	for (int i = 0; i < count; i++)
		x = canvas_printf(c, a, x, 0,
		    names[i] == now ? ROLE_TITLE : ROLE_DIM,
		    names[i] == now ? "[%s]" : " %s ",
		    packet_view_name(names[i]));
}

/* ---- the top line ---- */

/* "0 dropped"; else who did it: "12 dropped (kernel 10, here 2)". */
static void
drops_word(const struct source_status *s, char *dst, size_t size)
{
	char all[TEXT_NUM_MAX], kernel[TEXT_NUM_MAX], here[TEXT_NUM_MAX];
	uint64_t dropped = s->kernel_drops + s->queue_drops;

	text_count(all, dropped);
	if (dropped == 0)
		snprintf(dst, size, "0 dropped");
	else
		snprintf(dst, size, "%s dropped (kernel %s, here %s)", all,
		    text_count(kernel, s->kernel_drops),
		    text_count(here, s->queue_drops));
}

static void
capture_word(const struct view *v, char *dst, size_t size)
{
	char pkts[TEXT_NUM_MAX], drops[96], memory[TEXT_NUM_MAX];
	char calls[48] = "";
	bool trouble = v->deck->capture_trouble[0] != '\0';

	drops_word(&v->source, drops, sizeof drops);
	if (v->lost_calls > 0)
		snprintf(calls, sizeof calls, "  %" PRIu64 " calls lost",
		    v->lost_calls);
	if (trouble && v->source.received == 0)
		snprintf(dst, size, "○ no capture%s", calls);
	else
		snprintf(dst, size, "%s %s pkts  %s  %s kept%s%s",
		    v->source.ended ? "■" : "●",
		    text_count(pkts, v->source.received), drops,
		    text_size(memory, store_bytes(capture_store(v->capture))),
		    trouble ? "  broken off" : "", calls);
}

/* What is not as usual: the filter, time that stands or has been. */
static void
state_words(const struct deck *d, char *dst, size_t size)
{
	size_t n = 0;

	dst[0] = '\0';
	if (d->filter[0] != '\0')
		n = (size_t)snprintf(
		    dst, size, "capture filter %s  ", d->filter);
	if (n >= size)
		return;
	if (d->past != 0)
		snprintf(dst + n, size - n,
		    "THE PAST #%" PRIu64 ": Backspace back, Space on, Esc now",
		    d->past);
	else if (d->paused)
		snprintf(dst + n, size - n,
		    "PAUSED%s: calls wait, Space runs one, p goes on",
		    d->paused == 1U << SIDE_SERVER   ? " server"
		    : d->paused == 1U << SIDE_CLIENT ? " client"
						     : "");
}

#define WHERE_W 17 /* "lab 2 hosts, veth" */

/* How the wire is gives way to what is not as usual, where it is does not. */
static void
draw_where(const struct deck *d, struct canvas *c, struct area line, int x)
{
	char state[ENTRY_MAX + 96];
	struct area where = line;

	state_words(d, state, sizeof state);
	if (state[0] != '\0')
		where.w -= text_cells(state) + 2;
	if (where.w < x + WHERE_W)
		where.w = x + WHERE_W;
	if (where.w > line.w)
		where.w = line.w;
	x = (d->from_file ? canvas_text : canvas_words)(
	    c, where, x, 0, ROLE_STATUS, d->where);
	if (x > where.w)
		x = where.w;
	canvas_words(c, line, x + 2, 0, ROLE_WARN, state);
}

void
screen_top(struct canvas *c, const struct view *v)
{
	struct area line = {0, 0, c->w, 1};
	bool trouble =
	    v->deck->capture_trouble[0] != '\0' ||
	    v->source.kernel_drops + v->source.queue_drops + v->lost_calls > 0;
	char word[192];
	int x, end;

	canvas_fill(c, line, ROLE_STATUS);
	capture_word(v, word, sizeof word);
	end = canvas_right(
	    c, line, line.w - 1, 0, trouble ? ROLE_WARN : ROLE_GOOD, word);
	line.w = end > 1 ? end - 1 : 1;
	x = canvas_text(c, line, 1, 0, ROLE_TITLE_FOCUS, "sockdeck");
	draw_where(v->deck, c, line, x + 2);
}

/* ---- the bottom line ---- */

/* One thing in the bar: a tab or a key with its label. */
struct bar_item {
	int x, w;
	const char *key, *label;
	char command[64];
	bool focus;
};

#define BAR_ITEMS 24

static int
add_item(
    struct bar_item *item, int n, int *x, const char *key, const char *label)
{
	item->key = key;
	item->label = label;
	item->x = *x;
	item->w = text_cells(key) + 1 + text_cells(label);
	*x += item->w + 2;
	return n + 1;
}

/* The items that fit into w cells. */
static int
bar_items(const struct layout *l, int w, struct bar_item items[BAR_ITEMS])
{
	static const char *const digit[] = {"1", "2", "3", "4"};
	int n = 0, x = 1;

	for (int id = 0; l->tabs && id < PANE_COUNT; id++) {
		snprintf(items[n].command, sizeof items[n].command, "focus %s",
		    pane_word[id]);
		n = add_item(&items[n], n, &x, digit[id],
		    w < TABS_W ? "" : pane_word[id]);
	}
	for (const struct command *cmd = command_table; cmd->name; cmd++) {
		for (int i = 0; i < COMMAND_BINDINGS && n < BAR_ITEMS; i++) {
			const struct binding *b = &cmd->bindings[i];

			if (b->key == NULL || b->label == NULL)
				continue;
			if (x + text_cells(b->key) + text_cells(b->label) + 1 >
			    w)
				return n;
			snprintf(items[n].command, sizeof items[n].command,
			    "%s %s", cmd->name, b->args ? b->args : "");
			n = add_item(&items[n], n, &x, b->key, b->label);
		}
	}
	return n;
}

static void
draw_bar(struct canvas *c, struct area a, const struct layout *l,
    const struct deck *d)
{
	struct bar_item items[BAR_ITEMS];
	int n = bar_items(l, a.w, items);

	for (int i = 0; i < n; i++) {
		bool focus = l->tabs && i == (int)d->focus;
		int x = canvas_text(c, a, items[i].x, 0,
		    focus ? ROLE_TITLE_FOCUS : ROLE_KEY, items[i].key);

		canvas_text(c, a, x + 1, 0,
		    focus ? ROLE_TITLE_FOCUS : ROLE_LABEL, items[i].label);
	}
}

bool
screen_bar_hit(const struct layout *l, int w, int x, char *dst, size_t size)
{
	struct bar_item items[BAR_ITEMS];
	int n = bar_items(l, w, items);

	for (int i = 0; i < n; i++) {
		if (x < items[i].x || x >= items[i].x + items[i].w)
			continue;
		snprintf(dst, size, "%s", items[i].command);
		return true;
	}
	return false;
}

static void
draw_entry(
    struct canvas *c, struct area a, const struct entry *e, bool complain)
{
	int x = canvas_text(c, a, 0, 0, ROLE_PROMPT, entry_label(e->kind));

	x = canvas_text(c, a, x, 0, ROLE_INPUT, e->text);
	if (complain && e->complaint[0] != '\0')
		canvas_printf(c, a, x + 2, 0, ROLE_BAD, "%s", e->complaint);
}

/* A message may be long: it grows upwards over what is there. */
static void
draw_message(struct canvas *c, const struct deck *d)
{
	enum role role = d->message_bad ? ROLE_BAD : ROLE_NOTE;
	int width = c->w - 2, lines = text_cells(d->message) / width + 2;
	struct area box;

	if (text_cells(d->message) <= width)
		lines = 1;
	box = (struct area){0, c->h - lines, c->w, lines};
	canvas_fill(c, box, ROLE_TEXT);
	box.x = 1;
	box.w = width;
	packetfmt_wrap(c, box, role, d->message);
}

void
screen_bottom(struct canvas *c, const struct view *v, const struct layout *l)
{
	struct area line = {0, c->h - 1, c->w, 1};
	const struct deck *d = v->deck;

	canvas_fill(c, line, ROLE_TEXT);
	if (d->ask_quit)
		canvas_text(c, line, 1, 0, ROLE_WARN,
		    "Sockets are open. Quit and close them? y / n");
	else if (d->overwrite[0] != '\0')
		canvas_printf(c, line, 1, 0, ROLE_WARN,
		    "The file is there already. Overwrite it? y / n   :%s",
		    d->overwrite);
	else if (d->message[0] != '\0')
		draw_message(c, d);
	else if (d->entry.kind != ENTRY_NONE && d->entry.kind != ENTRY_SEND)
		/* A struct's place is in its pane, with a mark. */
		draw_entry(c, line, &d->entry,
		    d->entry.kind != ENTRY_STRUCT ||
			l->pane[PANE_CLIENT].w == 0);
	else if (d->entry.kind == ENTRY_SEND)
		canvas_text(c, line, 1, 0, ROLE_LABEL,
		    "Enter sends the line and \\n   Esc leaves   "
		    "\\n \\r \\t \\0 \\xNN are bytes   :send TEXT without \\n");
	else
		draw_bar(c, line, l, d);
}

void
screen_too_small(struct canvas *c)
{
	canvas_clear(c);
	canvas_text(c, canvas_area(c), 0, 0, ROLE_WARN, "too small:");
	canvas_printf(c, canvas_area(c), 0, 1, ROLE_WARN, "%dx%d or more",
	    SCREEN_MIN_W, SCREEN_MIN_H);
}
