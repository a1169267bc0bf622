#include "capture/capture.h"

#include <stdlib.h>

#include "capture/flow_replay.h"
#include "capture/hci.h"
#include "capture/question.h"
#include "capture/reassembly.h"
#include "net/base/inline.h"

struct capture {
	struct store *store;
	struct flow_table *flows;
	struct ledger *ledger;
	struct reassembly *reassembly;
	uint64_t gen;
	int64_t first_ns;
};

struct capture *
capture_new(size_t store_budget)
{
	struct capture *c = calloc(1, sizeof *c);

	if (c == NULL)
		return NULL;
	c->store = store_new(store_budget);
	c->flows = flow_table_new(FLOW_MAX);
	c->ledger = ledger_new();
	c->reassembly = reassembly_new();
	c->first_ns = PACKET_NO_TIME;
	if (c->store == NULL || c->flows == NULL || c->ledger == NULL ||
	    c->reassembly == NULL) {
		capture_free(c);
		return NULL;
	}
	return c;
}

void
capture_free(struct capture *c)
{
	if (c == NULL)
		return;
	reassembly_free(c->reassembly);
	ledger_free(c->ledger);
	flow_table_free(c->flows);
	store_free(c->store);
	free(c);
}

void
capture_pass_by(struct capture *c)
{
	enum { NEWEST = 1024 };

	store_keep_newest(c->store, NEWEST);
}

/* A port that refuses was closed all the time: so its answer tells of the SYNs
 * before it, which by themselves would have opened it. */
static void
amend_refused(struct capture *c, const struct frame *rst)
{
	const struct flow *flow = flow_get(c->flows, rst->flow);
	const struct record *r;
	uint64_t id = rst->prev_in_flow;

	if (flow == NULL || flow_opening(flow) != FLOW_OPENED_REFUSED)
		return;
	/* What an earlier RST has told is not gone through again. */
	for (; (r = store_record(c->store, id)) != NULL &&
	       record_state(r, DIR_SERVER) == TCPS_SYN_RECEIVED;
	     id = record_before(r, id))
		store_amend_state(c->store, id, DIR_SERVER, TCPS_CLOSED);
}

/* The time of the first packet that has one. */
static void
note_first(struct capture *c, const struct packet *p, size_t n)
{
	for (size_t i = 0; i < n && c->first_ns == PACKET_NO_TIME; i++)
		c->first_ns = p[i].ts_ns;
}

/* What a new frame belongs to and costs. */
static inline void
account(struct capture *c, struct frame *f, const struct flow_mark *m)
{
	flow_feed_marked(c->flows, f, m);
	store_keep(c->store, f);
	if (f->flow == 0)
		return;
	if (flow_evicted(c->flows) != 0)
		ledger_drop(c->ledger, flow_evicted(c->flows));
	ledger_book(c->ledger, f);
	if (f->sum.tcp_flags & TCP_RST)
		amend_refused(c, f);
}

bool
capture_feed_one(struct capture *c, const struct packet *p, struct frame *ret)
{
	struct summary sum;
	struct flow_mark m;

	c->gen++;
	note_first(c, p, 1);
	summary_read(p, &sum);
	if (!store_add(c->store, p, &sum, ret))
		return false;
	flow_mark(p, &sum, &m);
	account(c, ret, &m);
	return true;
}

static inline bool
feed(struct capture *c, const struct batch *b, uint32_t at, struct frame *ret)
{
	const struct packet *p = &b->packets[at];
	const struct summary *sum = &b->sums[at];

	if (b->home == NULL ? !store_add(c->store, p, sum, ret)
			    : !store_add_mapped(c->store, b->home, p, sum, ret))
		return false;
	account(c, ret, &b->marks[at]);
	return true;
}

void
capture_begin(struct capture *c, const struct batch *b, struct feeding *ret)
{
	if (c->gen++ == 0 && b->home != NULL) {
		ledger_forgo_ranges(c->ledger);
		flow_table_limit(c->flows, FLOW_MAX_FILE);
	}
	note_first(c, b->packets, b->count);
	ret->capture = c;
	ret->batch = b;
	ret->at = 0;
}

static uint32_t
least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

#define AHEAD 8 /* packets */

/* The conversations of those ahead are looked for: see flow_fetch(). */
static void
look_ahead(const struct feeding *g)
{
	const struct flow_table *ft = g->capture->flows;
	const struct batch *b = g->batch;
	uint32_t near = least(g->at + AHEAD, b->count);
	uint32_t far = least(near + AHEAD, b->count);
	uint32_t end = least(far + AHEAD, b->count);

	flow_fetch(ft, &b->marks[far], end - far);
	flow_touch(ft, &b->marks[near], far - near);
}

/* Part of the loop of capture_feed(). */
INLINE bool
next(struct feeding *g, struct frame *ret)
{
	while (g->at < g->batch->count) {
		if (g->at % AHEAD == 0)
			look_ahead(g);
		if (feed(g->capture, g->batch, g->at++, ret))
			return true;
	}
	return false;
}

bool
capture_next(struct feeding *g, struct frame *ret)
{
	return next(g, ret);
}

void
capture_feed(struct capture *c, const struct batch *b)
{
	struct feeding g;
	struct frame f;

	capture_begin(c, b, &g);
	while (next(&g, &f))
		continue;
}

bool
capture_help(struct capture *c)
{
	return store_help(c->store);
}

const struct store *
capture_store(const struct capture *c)
{
	return c->store;
}

const struct flow_table *
capture_flows(const struct capture *c)
{
	return c->flows;
}

const struct ledger *
capture_ledger(const struct capture *c)
{
	return c->ledger;
}

uint64_t
capture_gen(const struct capture *c)
{
	return c->gen;
}

int64_t
capture_first_ns(const struct capture *c)
{
	return c->first_ns;
}

/* Only the newest frame still has what was found out about it. */
static struct tcp_findings
found(const struct capture *c, const struct frame *f, size_t past)
{
	struct frame again;

	if (f->sum.proto == PROTO_TCP && f->id + 1 != store_next(c->store) &&
	    flow_replay(c->store, f->id, past, &again))
		return again.found;
	return f->found;
}

/* The channel is known from where the frame of L2CAP begins. */
static void
hci_context(
    const struct capture *c, const struct frame *f, struct dissect_context *ctx)
{
	struct packet first;
	uint64_t id = ctx->hci.first_fragment;

	if (!hci_is_link(f->packet.link_type))
		return;
	if (id == 0 || !store_packet(c->store, id, &first)) {
		id = f->id;
		first = f->packet;
	}
	flow_hci_context(c->flows, id, &first, &ctx->hci);
}

static int64_t
since(const struct frame *f, int64_t then_ns)
{
	int64_t now_ns = f->packet.ts_ns;

	if (now_ns == PACKET_NO_TIME || then_ns == PACKET_NO_TIME)
		return 0;
	return now_ns - then_ns;
}

struct dissect_context
capture_context(const struct capture *c, const struct frame *f)
{
	return capture_context_near(c, f, REPLAY_MAX);
}

struct dissect_context
capture_context_near(
    const struct capture *c, const struct frame *f, size_t past)
{
	const struct flow *flow = flow_get(c->flows, f->flow);
	const struct record *before = store_record(c->store, f->id - 1);
	struct dissect_context ctx = {
	    .number = f->id,
	    .since_first_ns = since(f, c->first_ns),
	    .window_shift = -1,
	};

	if (before != NULL)
		ctx.since_previous_ns = since(f, before->ts_ns);
	reassembly_context(c->reassembly, c->store, f->id, &ctx);
	hci_context(c, f, &ctx);
	question_context(c->store, f, &ctx);
	if (flow == NULL)
		return ctx;
	ctx.seq_base = flow->end[f->dir].isn;
	ctx.ack_base = flow->end[!f->dir].isn;
	ctx.window_shift = flow->end[f->dir].window_shift;
	ctx.stream = flow->stream;
	ctx.verdicts = f->verdicts;
	ctx.initial_rtt_ns = flow->initial_rtt_ns;
	ctx.found = found(c, f, past);
	ctx.flow_since_first_ns = since(f, flow->first_ns);
	before = store_record(c->store, f->prev_in_flow);
	if (before != NULL)
		ctx.flow_since_previous_ns = since(f, before->ts_ns);
	return ctx;
}

bool
capture_new_bytes(const struct capture *c, uint64_t id, struct whole *ret)
{
	return reassembly_new_bytes(c->reassembly, c->store, id, ret);
}
