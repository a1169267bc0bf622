#include "capture/capture.h"

#include <stdlib.h>

struct capture {
	struct store *store;
	struct flow_table *flows;
	struct ledger *ledger;
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
	c->flows = flow_table_new();
	c->ledger = ledger_new();
	if (c->store == NULL || c->flows == NULL || c->ledger == NULL) {
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
	ledger_free(c->ledger);
	flow_table_free(c->flows);
	store_free(c->store);
	free(c);
}

bool
capture_feed_one(struct capture *c, const struct packet *p, struct frame *ret)
{
	c->gen++;
	if (!store_add(c->store, p, ret))
		return false;
	if (c->first_ns == 0)
		c->first_ns = p->ts_ns;
	if (flow_feed(c->flows, ret) == 0)
		return true;
	store_keep(c->store, ret);
	if (flow_evicted(c->flows) != 0)
		ledger_drop(c->ledger, flow_evicted(c->flows));
	ledger_book(c->ledger, ret);
	return true;
}

void
capture_feed(struct capture *c, const struct packet *packets, size_t n)
{
	struct frame f;

	for (size_t i = 0; i < n; i++)
		capture_feed_one(c, &packets[i], &f);
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

	if (flow == NULL)
		return ctx;
	ctx.seq_base = flow->end[f->dir].isn;
	ctx.ack_base = flow->end[!f->dir].isn;
	ctx.window_shift = flow->end[f->dir].window_shift;
	ctx.stream = flow->stream;
	return ctx;
}
