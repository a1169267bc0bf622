#include "tui/packetrows.h"

#include "tui/packetfmt.h"

uint64_t
packetrows_next(const struct pane *p, const struct view *v, uint64_t id)
{
	(void)p;
	return id < stream_frames(v->stream) ? id + 1 : 0;
}

uint64_t
packetrows_prev(const struct pane *p, const struct view *v, uint64_t id)
{
	uint64_t n = stream_frames(v->stream);

	(void)p;
	return id == 0 || id > n ? n : id - 1;
}

/* 0: no such row. */
static uint64_t
frame_of_row(const struct view *v, uint64_t row)
{
	return row > 0 ? stream_frame(v->stream, row - 1) : 0;
}

void
packetrows_text(const struct pane *p, const struct view *v, uint64_t id,
    char dst[PANE_TEXT_MAX])
{
	struct frame f;

	(void)p;
	dst[0] = '\0';
	if (store_get(capture_store(v->capture), frame_of_row(v, id), &f))
		packetfmt_line(v, &f, dst);
}

void
packetrows_show(struct pane *p, const struct view *v, uint64_t frame)
{
	size_t place = stream_place(v->stream, frame);

	if (stream_frame(v->stream, place) == frame)
		pane_select(p, place + 1);
}

struct selection
packetrows_selected(const struct pane *p, const struct view *v)
{
	uint64_t frame = frame_of_row(v, p->list.selected);

	/* While following, Enter opens the newest but nothing is lit. */
	if (frame == 0 || p->list.follow)
		return (struct selection){.kind = SELECTED_NONE, .id = frame};
	return (struct selection){
	    SELECTED_FRAME, frame, stream_flow(v->stream)};
}

struct packet_cursor
packetrows_cursor(const struct pane *p, const struct view *v)
{
	const struct selection *sel = &v->deck->selected;
	const struct call *c = sel->kind == SELECTED_CALL
				   ? journal_call(v->journal, (uint32_t)sel->id)
				   : NULL;
	struct packet_cursor at = {.chosen = !p->list.follow};

	if (c != NULL && sel->flow == stream_flow(v->stream) &&
	    weave_call_frames(&v->weave, v->stream, c, &at.first, &at.last)) {
		at.lit = at.chosen = true;
		return at;
	}
	at.first = at.last = frame_of_row(v, p->list.selected);
	return at;
}
