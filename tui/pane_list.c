/*
 * The packets as a list, one line each: who sent it, flags, relative numbers,
 * and a bar of header against payload.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "net/base/text.h"
#include "tui/packetfmt.h"

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

/* Right ends of the columns; 0: not shown at this width. */
struct widths {
	int number, time, delta, dir, ports, flags, seq, ack, window, len, bar;
};

/* For frames with numbers up to last. */
static struct widths
columns(const struct view *v, int width, uint64_t last)
{
	struct widths w = {.number = 6};
	int x;

	for (; last > 99999; last /= 10)
		w.number++;
	x = w.time = w.number + timefmt_cells(v, width) + 1;

	if (width >= 68)
		w.delta = x += 10;
	w.dir = x += 2;
	if (width >= 84)
		w.ports = x += 15;
	w.flags = x += 9;
	w.seq = x += 7;
	w.ack = x += 7;
	if (width >= 62)
		w.window = x += 7;
	w.len = x += 6;
	w.bar = width - x >= 5 ? x + 1 : 0;
	return w;
}

static void
draw_heading(const struct view *v, struct canvas *c, struct area a,
    const struct widths *w)
{
	char time[TEXT_NUM_MAX];

	canvas_right(c, a, w->number, 0, ROLE_HEADING, "No");
	canvas_right(c, a, w->time, 0, ROLE_HEADING, timefmt_heading(v, time));
	if (w->delta != 0)
		canvas_right(c, a, w->delta, 0, ROLE_HEADING, "Delta");
	if (w->ports != 0)
		canvas_text(c, a, w->dir + 1, 0, ROLE_HEADING, "Ports");
	canvas_text(c, a, w->ports + (w->ports ? 1 : w->dir + 1), 0,
	    ROLE_HEADING, "Flags");
	canvas_right(c, a, w->seq, 0, ROLE_HEADING, "Seq");
	canvas_right(c, a, w->ack, 0, ROLE_HEADING, "Ack");
	if (w->window != 0)
		canvas_right(c, a, w->window, 0, ROLE_HEADING, "Win");
	canvas_right(c, a, w->len, 0, ROLE_HEADING, "Len");
	if (w->bar != 0)
		canvas_text(c, a, w->bar, 0, ROLE_HEADING, "Hdr|data");
}

static void
draw_number(struct canvas *c, struct area a, int end, int y, uint64_t n)
{
	char text[TEXT_NUM_MAX];

	snprintf(text, sizeof text, "%" PRIu64, n);
	canvas_right(c, a, end, y, ROLE_NUMBER, text);
}

static void
draw_tcp(struct canvas *c, struct area a, const struct widths *w, int y,
    const struct frame *f)
{
	char text[SUMMARY_FLAGS_MAX];

	canvas_text(c, a, w->ports + (w->ports ? 1 : w->dir + 1), y,
	    packetfmt_role(f), summary_flags(text, f->sum.tcp_flags));
	draw_number(c, a, w->seq, y, f->rel_seq);
	if ((f->sum.tcp_flags & TCP_ACK) != 0)
		draw_number(c, a, w->ack, y, f->rel_ack);
	if (w->window != 0)
		draw_number(c, a, w->window, y, f->window);
	draw_number(c, a, w->len, y, f->sum.payload_len);
}

static void
draw_other(struct canvas *c, struct area a, const struct widths *w, int y,
    const struct frame *f)
{
	int x = w->ports + (w->ports ? 1 : w->dir + 1);

	x = canvas_text(
	    c, a, x, y, packetfmt_role(f), summary_proto_name(&f->sum));
	if (f->sum.proto == PROTO_ICMP || f->sum.proto == PROTO_ICMP6)
		canvas_printf(c, a, x, y, ROLE_TEXT, " type %u code %u",
		    f->sum.icmp_type, f->sum.icmp_code);
	draw_number(c, a, w->len, y, f->sum.payload_len);
}

/* What is said in it, or why nobody heard it. */
static void
draw_info(const struct view *v, struct canvas *c, struct area a, int x, int y,
    const struct frame *f)
{
	char info[PACKETFMT_INFO_MAX];

	if (frame_is_lost(f) || f->packet.fate == FATE_COPY)
		canvas_text(c, a, x, y, ROLE_BAD, fate_text(f->packet.fate));
	else if (packetfmt_info(f, v->agreed, info) > 0)
		canvas_text(c, a, x, y, ROLE_TEXT, info);
}

static void
draw_row(const struct view *v, struct canvas *c, struct area a,
    const struct widths *w, int y, const struct frame *f)
{
	const struct record *before =
	    store_record(capture_store(v->capture), f->id - 1);
	uint32_t headers = (uint32_t)f->sum.net_len + f->sum.transport_len +
			   f->sum.options_len;
	char text[TEXT_NUM_MAX];

	draw_number(c, a, w->number, y, f->id);
	packetfmt_mark(v, c, a, 0, y, f->id);
	canvas_right(c, a, w->time, y, ROLE_DIM,
	    timefmt(text, v, f->packet.ts_ns,
		before != NULL ? before->ts_ns : 0, timefmt_cells(v, a.w)));
	if (w->delta != 0 && before != NULL)
		canvas_right(c, a, w->delta, y, ROLE_DIM,
		    text_span(text, f->packet.ts_ns - before->ts_ns));
	if (f->flow != 0)
		canvas_text(c, a, w->dir - 1, y, packetfmt_role(f),
		    f->dir == DIR_CLIENT ? "→" : "←");
	if (frame_is_lost(f))
		canvas_text(c, a, w->dir, y, ROLE_BAD, "x");
	if (w->ports != 0 && f->flow != 0)
		canvas_printf(c, a, w->dir + 1, y, ROLE_DIM, "%u-%u",
		    f->sum.src_port, f->sum.dst_port);
	if (f->sum.proto == PROTO_TCP)
		draw_tcp(c, a, w, y, f);
	else
		draw_other(c, a, w, y, f);
	if (w->bar != 0 && headers > 0)
		canvas_bar(c, a, w->bar, y,
		    a.w - w->bar < 12 ? a.w - w->bar : 12, headers,
		    headers + f->sum.payload_len, ROLE_HEADERS, ROLE_PAYLOAD);
	if (w->bar != 0 && a.w - w->bar > 20)
		draw_info(v, c, a, w->bar + 13, y, f);
	if (weave_lit_frame(&v->weave, &v->deck->selected, f))
		canvas_over(c, a, 0, y, a.w, ROLE_LIT);
}

static void
draw_none(const struct view *v, struct canvas *c, struct area a)
{
	const struct store *store = capture_store(v->capture);

	if (store_first(store) == store_next(store))
		packetfmt_empty(v, c, a);
	else if (listing_is_first_pass(v->listing))
		canvas_text(c, a, 1, 0, ROLE_NOTE,
		    "None of those looked at so far is like this.");
	else
		canvas_text(c, a, 1, 0, ROLE_NOTE,
		    "No packet is like this (:show lists all again).");
}

static void
list_draw(struct pane *p, const struct view *v, struct canvas *c, struct area a)
{
	const struct store *store = capture_store(v->capture);
	struct widths w = columns(v, a.w, store_next(store) - 1);
	struct area body = a;
	struct frame f;
	uint64_t id;

	draw_heading(v, c, area_top(&body, 1), &w);
	pane_layout(p, v, a, body);
	id = p->list.top;
	if (id == 0)
		draw_none(v, c, body);
	for (int y = 0; y < body.h && id != 0; y++) {
		if (store_get(store, id, &f))
			draw_row(v, c, body, &w, y, &f);
		if (pane_is_selected(p, id))
			canvas_over(c, body, 0, y, body.w, ROLE_SELECTED);
		id = row_next(p, v, id);
	}
}

/* "  only port:80  43%", and when all were looked at: how many there are. */
static void
show_text(const struct view *v, char *dst, size_t size)
{
	const struct store *store = capture_store(v->capture);
	char count[TEXT_NUM_MAX];

	if (listing_is_first_pass(v->listing))
		snprintf(dst, size, "  only %s  %d%% (Esc gives up)",
		    v->deck->show, listing_progress(v->listing, store));
	else
		snprintf(dst, size, "  only %s  %s", v->deck->show,
		    text_count(count, listing_count(v->listing, store)));
}

static void
list_title(const struct pane *p, const struct view *v, char *dst, size_t size)
{
	char conversation[32] = "", show[ENTRY_MAX + 48] = "";

	if (v->deck->flow != 0)
		snprintf(conversation, sizeof conversation, " conversation %u",
		    v->deck->flow);
	if (v->deck->show[0] != '\0')
		show_text(v, show, sizeof show);
	snprintf(dst, size, "Packets  list%s%s%s", conversation,
	    p->list.follow ? "  following" : "", show);
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

/* Or the one behind it, where it is not listed. */
static void
list_show_frame(struct pane *p, const struct view *v, uint64_t frame)
{
	uint64_t id = row_next(p, v, frame - 1);

	if (id != 0)
		pane_select(p, id);
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
	    .selected = list_selected,
	    .show_frame = list_show_frame,
	    .free = list_free,
	};
	struct pane *p = calloc(1, sizeof *p);

	if (p == NULL)
		return NULL;
	p->ops = &ops;
	list_init(&p->list);
	return p;
}
