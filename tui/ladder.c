#include "tui/ladder.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "net/base/text.h"
#include "net/callfmt.h"
#include "tui/packetfmt.h"

#define CROSS 4 /* cells from a lost packet's x to where it was to go */

struct ladder_shape
ladder_shape(int width)
{
	struct ladder_shape s = {
	    .margin = width >= 130  ? 24
		      : width >= 96 ? 18
		      : width >= 50 ? 13
				    : 6,
	    .narrow = width < 50,
	};

	s.left = s.margin;
	s.right = width - s.margin - 1;
	return s;
}

void
ladder_draw_ends(struct canvas *c, struct area a, const struct ladder_shape *s,
    const char *client, const char *server)
{
	int right = s->right - 2, left = s->left > 2 ? s->left - 2 : 0;

	if (right + text_cells(server) > a.w)
		right = a.w - text_cells(server);
	if (left + text_cells(client) >= right)
		left = right - text_cells(client) - 1;
	canvas_text(c, a, right > 0 ? right : 0, 0, ROLE_SERVER, server);
	canvas_text(c, a, left > 0 ? left : 0, 0, ROLE_CLIENT, client);
}

void
ladder_draw_lines(
    struct canvas *c, struct area a, const struct ladder_shape *s, int y)
{
	canvas_put(c, a, s->left, y, ROLE_BORDER, U'│');
	canvas_put(c, a, s->right, y, ROLE_BORDER, U'│');
}

/* ---- the margins ---- */

/*
 * A text that ends in a number, in so many cells: the words before the number
 * make room, since a number that is cut is another one.
 *   "recvfrom = 1200"  "recv… = 1200"      "sendmmsg(65507)"  "send…(65507)"
 */
static const char *
fit(char *dst, size_t size, const char *text, int cells)
{
	size_t words = strcspn(text, "=(#");
	const char *number;
	int room;

	if (text_cells(text) <= cells || text[words] == '\0')
		return text;
	if (words > 0 && text[words - 1] == ' ')
		words--;
	number = text + words;
	room = cells - text_cells(number) - 1;
	if (room <= 0)
		return number + strspn(number, " =");
	snprintf(dst, size, "%.*s…%s", room, text, number);
	return dst;
}

static void
draw_margin(struct canvas *c, struct area a, const struct ladder_shape *s,
    int y, int end, enum role role, const char *text)
{
	int gap = !s->narrow;
	struct area margin = {a.x, a.y, s->margin - gap, a.h};
	char fitted[128];
	int x = 0;

	text = fit(fitted, sizeof fitted, text, margin.w);
	if (end == DIR_SERVER)
		margin.x += s->right + 1 + gap;
	else if (text_cells(text) < margin.w)
		x = margin.w - text_cells(text);
	canvas_text(c, margin, x, y, role, text);
}

/* On the inside, where there is no arrow. */
static void
draw_inside(struct canvas *c, struct area a, const struct ladder_shape *s,
    int y, int end, enum role role, const char *text)
{
	char fitted[128];

	text = fit(fitted, sizeof fitted, text, s->right - s->left - 3);
	if (end == DIR_CLIENT)
		canvas_text(c, a, s->left + 2, y, role, text);
	else
		canvas_right(c, a, s->right - 1, y, role, text);
}

static const char *
state_text(const struct ladder_shape *s, enum tcp_state state)
{
	static const char *const brief[] = {
	    [TCPS_ESTABLISHED] = "ESTAB",
	    [TCPS_SYN_SENT] = "SYN-S",
	    [TCPS_SYN_RECEIVED] = "SYN-R",
	    [TCPS_FIN_WAIT_1] = "FIN-W1",
	    [TCPS_FIN_WAIT_2] = "FIN-W2",
	    [TCPS_TIME_WAIT] = "TIME-W",
	    [TCPS_CLOSED] = "CLOSED",
	    [TCPS_CLOSE_WAIT] = "CLO-W",
	    [TCPS_LAST_ACK] = "LASTAC",
	    [TCPS_LISTEN] = "LISTEN",
	    [TCPS_CLOSING] = "CLOSNG",
	};

	if (s->narrow && state < sizeof brief / sizeof *brief &&
	    brief[state] != NULL)
		return brief[state];
	return tcp_state_name(state);
}

/* A state is written where its end enters it. Returns whether `end` did. */
static bool
draw_state(const struct view *v, struct canvas *c, struct area a,
    const struct ladder_shape *s, int y, const struct frame *f, int end)
{
	const struct record *before =
	    store_record(capture_store(v->capture), f->prev_in_flow);

	if (f->sum.proto != PROTO_TCP ||
	    (before != NULL && record_state(before, end) == f->state[end]))
		return false;
	draw_margin(c, a, s, y, end, ROLE_STATE,
	    state_text(s, (enum tcp_state)f->state[end]));
	return true;
}

/* ---- arrows ---- */

struct arrow {
	int dir;
	enum role role;
	char32_t fill[2]; /* to the right, to the left */
	bool lost;
};

static void
draw_arrow(struct canvas *c, struct area a, const struct ladder_shape *s, int y,
    const struct arrow *w)
{
	bool right = w->dir == DIR_CLIENT;
	int from = s->left + 1, len = s->right - from;

	if (w->lost) {
		len -= CROSS;
		from += right ? 0 : CROSS;
	}
	canvas_repeat(c, a, from, y, w->role, w->fill[w->dir], len);
	canvas_put(c, a, right ? from + len - 1 : from, y,
	    w->lost ? ROLE_BAD : w->role,
	    w->lost ? U'x'
	    : right ? U'▶'
		    : U'◀');
}

/* Cells for a label on an arrow: a line on either side of it, and blanks. */
static int
label_room(const struct ladder_shape *s)
{
	return s->right - s->left - 1 - 5;
}

static void
draw_label(struct canvas *c, struct area a, const struct ladder_shape *s, int y,
    const struct arrow *w, const char *label)
{
	int x = s->left + 1 + (w->dir == DIR_CLIENT ? 1 : 2);

	if (w->lost && w->dir != DIR_CLIENT)
		x += CROSS;
	a.w = s->right - 1;
	canvas_printf(c, a, x, y, w->role, " %s ", label);
}

/* What became of it, in the margin where it was to arrive. */
static void
loss_text(const struct rung *r, const struct frame *f,
    const struct ladder_shape *s, char *dst, size_t size)
{
	bool brief = s->margin < 18;

	dst[0] = '\0';
	if (f->packet.fate == FATE_FOLDED) /* held, and its timer sent a copy */
		snprintf(dst, size, "folded");
	else if (frame_is_lost(f) && (brief || r->other != 0))
		snprintf(dst, size,
		    r->other == 0 ? "lost"
		    : brief       ? "lost, #%" PRIu64
				  : "lost, again #%" PRIu64,
		    r->other);
	else if (f->packet.fate > FATE_PASSED)
		snprintf(dst, size, "%s", fate_text(f->packet.fate));
	if (r->loss == LOSS_PRESUMED)
		snprintf(dst, size,
		    brief ? "lost? #%" PRIu64 : "lost? again #%" PRIu64,
		    r->other);
	else if (r->loss == LOSS_REPEAT && r->other != 0)
		snprintf(dst, size, "again #%" PRIu64, r->other);
	else if (r->loss == LOSS_REPEAT)
		snprintf(dst, size, brief ? "again" : "sent again");
	else if (r->loss == LOSS_NEEDLESS)
		snprintf(dst, size,
		    r->other == 0 ? "needless"
		    : brief       ? "twice #%" PRIu64
				  : "needless, as #%" PRIu64,
		    r->other);
}

static void
draw_frame(const struct view *v, struct canvas *c, struct area a,
    const struct ladder_shape *s, int y, const struct rung *r)
{
	struct frame f;
	struct arrow w = {.fill = {U'─', U'─'}};
	char label[128], remark[48];
	bool entered[2];

	if (!store_get(capture_store(v->capture), r->id, &f))
		return;
	w.dir = f.dir;
	w.role = packetfmt_role(&f);
	w.lost = r->loss == LOSS_PRESUMED || frame_is_lost(&f);
	if (r->loss == LOSS_REPEAT || r->loss == LOSS_NEEDLESS ||
	    f.purpose == PURPOSE_RETRANSMISSION) {
		w.fill[DIR_CLIENT] = U'>';
		w.fill[DIR_SERVER] = U'<';
		w.role = ROLE_WARN;
	}
	if (w.lost)
		w.role = ROLE_BAD;
	if (!view_shows(v, f.id))
		w.role = ROLE_DIM;
	draw_arrow(c, a, s, y, &w);
	packetfmt_arrow(
	    &f, label_room(s) - (w.lost ? CROSS + 1 : 0), label, sizeof label);
	draw_label(c, a, s, y, &w, label);
	for (int end = 0; end < 2; end++)
		entered[end] = draw_state(v, c, a, s, y, &f, end);
	loss_text(r, &f, s, remark, sizeof remark);
	if (remark[0] != '\0' && !s->narrow && !entered[!f.dir])
		draw_margin(c, a, s, y, !f.dir, w.role, remark);
}

void
ladder_fold_text(const struct rung *r, int cells, char dst[LADDER_FOLD_MAX])
{
	enum { ELLIPSIS = 2 }; /* bytes that it has more than cells */
	char count[TEXT_NUM_MAX], size[TEXT_NUM_MAX], took[TEXT_NUM_MAX];
	char acks[TEXT_NUM_MAX];
	int n;

	text_count(count, r->segments);
	text_size(size, r->bytes);
	text_span(took, r->end_ns - r->ts_ns);
	text_count(acks, r->packets - r->segments);
	if (r->segments == 0) {
		snprintf(dst, LADDER_FOLD_MAX, "… %s ACKs, %s", acks, took);
		return;
	}
	n = snprintf(dst, LADDER_FOLD_MAX, "… %s segments, %s, %s, %s ACK%s",
	    count, size, took, acks, r->packets - r->segments == 1 ? "" : "s");
	if (n > cells + ELLIPSIS)
		n = snprintf(dst, LADDER_FOLD_MAX, "… %s segments, %s, %s",
		    count, size, took);
	if (n > cells + ELLIPSIS)
		snprintf(dst, LADDER_FOLD_MAX, "… %s seg, %s", count, size);
}

static void
draw_fold(struct canvas *c, struct area a, const struct ladder_shape *s, int y,
    const struct rung *r)
{
	int dir = r->segments > 0 ? r->dir : !r->dir; /* only ACKs of it */
	struct arrow w = {
	    .dir = dir,
	    .role = dir == DIR_CLIENT ? ROLE_CLIENT : ROLE_SERVER,
	    .fill = {U'═', U'═'},
	};
	char text[LADDER_FOLD_MAX];

	draw_arrow(c, a, s, y, &w);
	ladder_fold_text(r, label_room(s), text);
	draw_label(c, a, s, y, &w, text);
	if (s->narrow)
		return;
	snprintf(text, sizeof text, "%" PRIu64 " send()", r->writes);
	if (r->writes > 0)
		draw_margin(c, a, s, y, r->dir, ROLE_CALL, text);
	snprintf(text, sizeof text, "%" PRIu64 " recv()", r->reads);
	if (r->reads > 0)
		draw_margin(c, a, s, y, !r->dir, ROLE_CALL, text);
}

/* The call has not begun (ended) yet, while the past is shown. */
static bool
is_later(const struct view *v, const struct rung *r, const struct call *call)
{
	return r->kind == RUNG_END ? view_call_is_later(v, call)
				   : view_time_is_later(v, call->begin_ns);
}

static void
draw_call(const struct view *v, struct canvas *c, struct area a,
    const struct ladder_shape *s, int y, const struct rung *r)
{
	const struct call *call = journal_call(v->journal, (uint32_t)r->id);
	char text[2 * CALLFMT_MAX], result[CALLFMT_MAX];
	enum role role;
	const char *verb;
	int end;

	if (call == NULL)
		return;
	verb = callfmt_verb(call);
	role = is_later(v, r, call) ? ROLE_DIM
	       : call->error        ? ROLE_BAD
				    : ROLE_CALL;
	end = weave_call(&v->weave, call).end;
	callfmt_result(result, call);
	if (r->kind == RUNG_END)
		snprintf(text, sizeof text, "%s = %s", verb, result);
	else if (call_sends(call))
		snprintf(
		    text, sizeof text, "%s(%" PRIu64 ")", verb, call->asked);
	else
		snprintf(text, sizeof text, "%s()", verb);
	if (s->narrow)
		draw_inside(c, a, s, y, end, role, text);
	else
		draw_margin(c, a, s, y, end, role, text);
	canvas_put(c, a, end == DIR_CLIENT ? s->left : s->right, y, ROLE_CALL,
	    (end == DIR_CLIENT) != s->narrow ? U'┤' : U'├');
}

void
ladder_draw_rung(const struct view *v, struct canvas *c, struct area a,
    const struct ladder_shape *s, int y, const struct rung *r)
{
	if (r->kind == RUNG_FRAME)
		draw_frame(v, c, a, s, y, r);
	else if (r->kind == RUNG_FOLD)
		draw_fold(c, a, s, y, r);
	else
		draw_call(v, c, a, s, y, r);
}

bool
ladder_is_lit(const struct view *v, const struct rung *r)
{
	const struct selection *sel = &v->deck->selected;
	const struct call *call;
	struct frame first, last;
	const struct store *store = capture_store(v->capture);

	if (sel->kind == SELECTED_FRAME && r->other == sel->id)
		return true; /* it repeats that one, or the other way round */
	if (r->kind == RUNG_BEGIN || r->kind == RUNG_END) {
		call = journal_call(v->journal, (uint32_t)r->id);
		return call != NULL && weave_lit_call(&v->weave, sel, call);
	}
	if (!store_get(store, r->id, &first))
		return false;
	if (r->kind == RUNG_FRAME)
		return weave_lit_frame(&v->weave, sel, &first);
	return store_get(store, r->last, &last) &&
	       weave_lit_run(&v->weave, sel, &first, &last);
}
