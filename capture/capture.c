#include "capture/capture.h"

#include <stdlib.h>

#include "capture/flow_replay.h"
#include "capture/reassembly.h"

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

/* What a new frame belongs to and costs. */
static void
account(struct capture *c, struct frame *f)
{
	if (c->first_ns == 0)
		c->first_ns = f->packet.ts_ns;
	if (flow_feed(c->flows, f) == 0)
		return;
	store_keep(c->store, f);
	if (flow_evicted(c->flows) != 0)
		ledger_drop(c->ledger, flow_evicted(c->flows));
	ledger_book(c->ledger, f);
}

bool
capture_feed_one(struct capture *c, const struct packet *p, struct frame *ret)
{
	c->gen++;
	if (!store_add(c->store, p, ret))
		return false;
	account(c, ret);
	return true;
}

bool
capture_feed_at(
    struct capture *c, const struct batch *b, uint32_t at, struct frame *ret)
{
	if (b->home == NULL)
		return capture_feed_one(c, &b->packets[at], ret);
	if (c->gen++ == 0) {
		ledger_forgo_ranges(c->ledger);
		flow_table_limit(c->flows, FLOW_MAX_FILE);
	}
	if (!store_add_mapped(
		c->store, b->home, &b->packets[at], &b->sums[at], ret))
		return false;
	account(c, ret);
	return true;
}

void
capture_feed(struct capture *c, const struct batch *b)
{
	struct frame f;

	for (uint32_t i = 0; i < b->count; i++)
		capture_feed_at(c, b, i, &f);
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
found(const struct capture *c, const struct frame *f)
{
	struct frame again;

	if (f->sum.proto == PROTO_TCP && f->id + 1 != store_next(c->store) &&
	    flow_replay(c->store, f->id, &again))
		return again.found;
	return f->found;
}

struct dissect_context
capture_context(const struct capture *c, const struct frame *f)
{
	const struct flow *flow = flow_get(c->flows, f->flow);
	const struct record *before = store_record(c->store, f->id - 1);
	struct dissect_context ctx = {
	    .number = f->id,
	    .first_ns = c->first_ns,
	    .previous_ns = before != NULL ? before->ts_ns : 0,
	    .window_shift = -1,
	};

	reassembly_context(c->reassembly, c->store, f->id, &ctx);
	if (flow == NULL)
		return ctx;
	ctx.seq_base = flow->end[f->dir].isn;
	ctx.ack_base = flow->end[!f->dir].isn;
	ctx.window_shift = flow->end[f->dir].window_shift;
	ctx.stream = flow->stream;
	ctx.verdicts = f->verdicts;
	ctx.initial_rtt_ns = flow->initial_rtt_ns;
	ctx.found = found(c, f);
	ctx.flow_first_ns = flow->first_ns;
	before = store_record(c->store, f->prev_in_flow);
	if (before != NULL)
		ctx.flow_previous_ns = before->ts_ns;
	return ctx;
}

bool
capture_new_bytes(const struct capture *c, uint64_t id, struct whole *ret)
{
	return reassembly_new_bytes(c->reassembly, c->store, id, ret);
}
