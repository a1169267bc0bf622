#include "tui/packetnotes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "capture/why.h"
#include "net/callfmt.h"

enum cause_kind { CAUSE_OPEN, CAUSE_DATA, CAUSE_CLOSE };

/* A call that makes its end send packets. */
struct cause {
	uint32_t flow;
	uint8_t end; /* DIR_CLIENT, DIR_SERVER */
	uint8_t kind; /* enum cause_kind */
	uint32_t call;
	int64_t begin_ns;
	uint64_t from, to; /* stream bytes */
};

struct packetnotes {
	struct weave weave;
	struct why_scene scene;
	struct cause *causes; /* by flow, end, kind, offset */
	size_t count;
};

/* Where the next line is written. */
struct lines {
	char *dst;
	size_t n;
};

static void add_line(struct lines *l, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
add_line(struct lines *l, const char *fmt, ...)
{
	size_t room = PACKETNOTES_MAX - l->n;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(l->dst + l->n, room, fmt, ap);
	va_end(ap);
	if (n > 0 && (size_t)n < room)
		l->n += (size_t)n;
	else
		l->dst[l->n] = '\0'; /* a line is written whole or not at all */
}

/* ---- the calls ---- */

static bool
kind_of(const struct call *c, enum cause_kind *ret)
{
	switch (c->kind) {
	case CALL_CONNECT:
		*ret = CAUSE_OPEN;
		return true;
	case CALL_SEND:
	case CALL_SENDTO:
		*ret = CAUSE_DATA;
		return c->error == 0;
	case CALL_SHUTDOWN:
		*ret = CAUSE_CLOSE;
		return c->arg[0] != SHUT_RD;
	case CALL_CLOSE:
		*ret = CAUSE_CLOSE;
		return c->arg[0] != CALL_END_COPY;
	default:
		return false;
	}
}

static void
add_cause(struct packetnotes *n, const struct call *c)
{
	enum cause_kind kind;
	struct woven w;

	if (!kind_of(c, &kind))
		return;
	w = weave_call(&n->weave, c);
	if (w.flow == 0)
		return;
	n->causes[n->count++] = (struct cause){
	    .flow = w.flow,
	    .end = (uint8_t)w.end,
	    .kind = (uint8_t)kind,
	    .call = c->id,
	    .begin_ns = c->begin_ns,
	    .from = w.from,
	    .to = w.to,
	};
}

static int
compare_place(const struct cause *x, const struct cause *y)
{
	if (x->flow != y->flow)
		return x->flow < y->flow ? -1 : 1;
	if (x->end != y->end)
		return x->end - y->end;
	return x->kind - y->kind;
}

static int
compare(const void *a, const void *b)
{
	const struct cause *x = a, *y = b;
	int place = compare_place(x, y);

	if (place != 0)
		return place;
	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	return x->call < y->call ? -1 : 1;
}

struct packetnotes *
packetnotes_new(const struct weave *w)
{
	const struct journal *j = w->journal;
	struct packetnotes *n = calloc(1, sizeof *n);
	size_t max = journal_next(j) - journal_first(j) + journal_running(j);

	if (n == NULL)
		return NULL;
	n->weave = *w;
	n->causes = calloc(max + 1, sizeof *n->causes);
	if (n->causes == NULL) {
		free(n);
		return NULL;
	}
	why_init(&n->scene);
	for (uint32_t e = journal_first(j); e < journal_next(j); e++)
		if (journal_at(j, e) != NULL)
			add_cause(n, journal_at(j, e));
	for (uint32_t i = 0; i < journal_running(j); i++)
		add_cause(n, journal_running_at(j, i));
	qsort(n->causes, n->count, sizeof *n->causes, compare);
	return n;
}

void
packetnotes_free(struct packetnotes *n)
{
	if (n == NULL)
		return;
	why_done(&n->scene);
	free(n->causes);
	free(n);
}

/* The first of this place that reaches beyond an offset. */
static size_t
find(const struct packetnotes *n, const struct cause *place, uint64_t off)
{
	size_t low = 0, high = n->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int order = compare_place(&n->causes[mid], place);

		if (order < 0 || (order == 0 && n->causes[mid].to <= off &&
				     place->kind == CAUSE_DATA))
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static void
add_call(struct packetnotes *n, struct lines *l, const struct cause *c)
{
	const struct call *call = journal_call(n->weave.journal, c->call);
	char text[CALLFMT_MAX];

	if (call != NULL)
		add_line(l, "call: %s %s\n",
		    c->end == DIR_CLIENT ? "client" : "server",
		    callfmt(text, call));
}

static bool
causes_of(const struct frame *f, enum cause_kind *ret)
{
	unsigned flags = f->sum.proto == PROTO_TCP ? f->sum.tcp_flags : 0;

	*ret = (flags & TCP_SYN) != 0               ? CAUSE_OPEN
	       : (flags & (TCP_FIN | TCP_RST)) != 0 ? CAUSE_CLOSE
						    : CAUSE_DATA;
	return f->flow != 0 &&
	       (*ret != CAUSE_DATA || f->data_from < f->data_to);
}

/* What made its sender send it: those calls had begun when it came by. */
static void
add_calls(struct packetnotes *n, struct lines *l, const struct frame *f)
{
	struct cause place = {.flow = f->flow, .end = f->dir};
	enum cause_kind kind;
	unsigned found = 0;

	if (!causes_of(f, &kind))
		return;
	place.kind = (uint8_t)kind;
	for (size_t i = find(n, &place, f->data_from); i < n->count; i++) {
		const struct cause *c = &n->causes[i];

		if (compare_place(c, &place) != 0 ||
		    (kind == CAUSE_DATA && c->from >= f->data_to))
			break;
		if (c->begin_ns > f->packet.ts_ns)
			continue;
		if (found++ < PACKETNOTES_CALLS_MAX)
			add_call(n, l, c);
		if (kind != CAUSE_DATA)
			break; /* the first one did it */
	}
	if (found > PACKETNOTES_CALLS_MAX)
		add_line(
		    l, "call: and %u more\n", found - PACKETNOTES_CALLS_MAX);
}

/* ---- the packets ---- */

static void
add_verdicts(struct packetnotes *n, struct lines *l, const struct frame *f)
{
	char text[WHY_TEXT_MAX];

	if (f->verdicts == 0 || !why_look(&n->scene, n->weave.capture, f->id))
		return;
	for (size_t i = 0; i < n->scene.count; i++) {
		struct why_item item = n->scene.items[i];

		if (why_kind(item.what) != WHY_VERDICT)
			continue;
		why_explain(&n->scene, item, text);
		add_line(l, "%s: %s\n", why_title(item.what), text);
	}
}

/* A state is said where its end enters it. */
static void
add_states(struct packetnotes *n, struct lines *l, const struct frame *f)
{
	static const char *const names[] = {"client", "server"};
	const struct record *before =
	    store_record(capture_store(n->weave.capture), f->prev_in_flow);

	if (f->sum.proto != PROTO_TCP || f->flow == 0)
		return;
	for (int end = 0; end < 2; end++)
		if (before == NULL ||
		    record_state(before, end) != f->state[end])
			add_line(l, "state: %s %s\n", names[end],
			    tcp_state_name(f->state[end]));
}

const char *
packetnotes_of(
    struct packetnotes *n, const struct frame *f, char dst[PACKETNOTES_MAX])
{
	struct lines l = {dst, 0};
	char fate[PACKET_FATE_MAX];

	dst[0] = '\0';
	add_verdicts(n, &l, f);
	add_states(n, &l, f);
	add_calls(n, &l, f);
	if (packet_fate(&f->packet, fate)[0] != '\0')
		add_line(&l, "wire: %s\n", fate);
	return dst;
}
