#include "tui/whyfoot.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tui/packetfmt.h"

#define LONGEST 266 /* characters of two sentences, see why_test.c */
#define PANE_LINES 4 /* that a pane needs to be of use */

int
whyfoot_lines(int width, int height)
{
	int cells = width > 12 ? width - 2 : 10;
	/* Wrapping at blanks leaves some cells empty. */
	int lines =
	    1 + (LONGEST + cells - 1) / (cells > 60 ? cells - 5 : cells);

	return height - lines < PANE_LINES ? height : lines;
}

/* ---- what is under the cursor ---- */

static void
say_all(struct whyfoot *w, const struct why_scene *s)
{
	w->count = s->count;
	for (size_t i = 0; i < s->count; i++) {
		w->said[i].item = s->items[i];
		why_explain(s, s->items[i], w->said[i].text);
	}
}

/* Begin with what the cursor stands on. */
static void
find_topic(struct whyfoot *w)
{
	w->at = 0;
	for (size_t i = w->count; w->has_topic && i-- > 0;)
		if (w->said[i].item.what == w->topic.what &&
		    w->said[i].item.end == w->topic.end)
			w->at = i;
}

static void
make(struct whyfoot *w, const struct view *v)
{
	struct why_scene s;

	w->count = 0;
	why_init(&s);
	if (w->frame != 0)
		why_look(&s, v->capture, w->frame);
	else
		why_look_flow(&s, v->capture, w->flow);
	/* A socket of which nothing was captured has a state all the same. */
	if (s.count == 0 && w->has_topic)
		s.items[s.count++] = w->topic;
	say_all(w, &s);
	why_done(&s);
}

/* A packet, a conversation, or only the thing under the cursor. */
static bool
is_other(struct whyfoot *w, const struct selection *sel, uint64_t gen)
{
	bool other = !selection_equal(sel, &w->sel) || gen != w->gen;

	w->sel = *sel;
	w->gen = gen;
	return other;
}

void
whyfoot_look(struct whyfoot *w, const struct view *v, const struct pane *p)
{
	struct selection sel = p->ops->selected(p, v);
	struct why_item topic = {0};
	bool has = p->ops->topic != NULL && p->ops->topic(p, v, &topic);
	bool turned = has != w->has_topic || topic.what != w->topic.what ||
		      topic.end != w->topic.end;
	uint64_t frame_now = selection_frame(&sel);
	/* A conversation goes on, and what was lost may be sent again; other
	 * packets stay what they are. */
	bool stays =
	    frame_now != 0 &&
	    !fate_is_lost(store_fate(capture_store(v->capture), frame_now));

	w->topic = topic;
	w->has_topic = has;
	if (is_other(w, &sel, stays ? 0 : capture_gen(v->capture))) {
		uint64_t frame = w->frame;
		uint32_t flow = w->flow;

		w->frame = sel.kind == SELECTED_CALL
			       ? view_frame_of_call(v, (uint32_t)sel.id)
			       : selection_frame(&sel);
		w->flow = sel.flow;
		make(w, v);
		turned |= frame != w->frame || flow != w->flow;
	}
	if (turned || w->at >= w->count)
		find_topic(w);
}

void
whyfoot_step(struct whyfoot *w, int step)
{
	if (w->count > 0)
		w->at = (w->at + w->count + (step > 0 ? 1 : w->count - 1)) %
			w->count;
}

/* ---- drawing ---- */

static void
draw_title(const struct whyfoot *w, struct canvas *c, struct area a)
{
	static const char *const ends[] = {"client ", "server "};
	struct why_item item = w->said[w->at].item;
	bool state =
	    why_kind(item.what) == WHY_STATE && (w->frame != 0 || w->flow != 0);
	char what[96], where[96], of[32] = "";
	int x, end;

	if (w->frame != 0)
		snprintf(of, sizeof of, "  #%" PRIu64, w->frame);
	else if (w->flow != 0)
		snprintf(of, sizeof of, "  conversation %u", w->flow);
	snprintf(what, sizeof what, " Why: %s%s%s ",
	    state ? ends[item.end] : "", why_title(item.what), of);
	snprintf(where, sizeof where, " %s  %zu/%zu e next ",
	    why_ref(item.what), w->at + 1, w->count);
	x = canvas_text(c, a, 1, 0, ROLE_TITLE_FOCUS, what);
	end = a.w - 1 - (int)strlen(where);
	if (end > x)
		canvas_text(c, a, end, 0, ROLE_NOTE, where);
	else /* the place first */
		canvas_right(c, a, a.w - 1, 0, ROLE_NOTE, why_ref(item.what));
}

void
whyfoot_draw(const struct whyfoot *w, struct canvas *c, struct area a)
{
	struct area text = {a.x + 1, a.y + 1, a.w - 2, a.h - 1};

	canvas_fill(c, a, ROLE_TEXT);
	canvas_repeat(c, a, 0, 0, ROLE_BORDER, U'─', a.w);
	if (w->count > 0) {
		draw_title(w, c, a);
		packetfmt_wrap(c, text, ROLE_TEXT, w->said[w->at].text);
		return;
	}
	canvas_text(c, a, 1, 0, ROLE_TITLE_FOCUS, " Why ");
	packetfmt_wrap(c, text, ROLE_NOTE,
	    w->flow != 0 && w->frame == 0
		? "UDP has no states and no handshake: look at its packets."
		: "Move to a packet, a call, a socket or a conversation: it is "
		  "explained here.");
}
