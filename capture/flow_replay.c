#include "capture/flow_replay.h"

#include <stdlib.h>

#include "capture/flow.h"

/* How many of the conversation's frames are there, this one included. */
static size_t
count_back(const struct store *s, uint64_t id, size_t max)
{
	const struct record *r;
	size_t n = 0;

	while (n < max && (r = store_record(s, id)) != NULL && r->flow != 0) {
		n++;
		id = record_before(r, id);
	}
	return n;
}

static void
play(struct flow_table *ft, const struct store *s, uint64_t id,
    struct frame *ret)
{
	if (!store_get(s, id, ret))
		return;
	/* that ports are used again was seen from another conversation */
	ret->verdicts &= VERDICT_REUSED_PORTS;
	flow_feed(ft, ret);
}

bool
flow_replay(const struct store *s, uint64_t id, size_t max, struct frame *ret)
{
	size_t n = count_back(s, id, max);
	uint64_t *ids = n > 0 ? calloc(n, sizeof *ids) : NULL;
	struct flow_table *ft = ids != NULL ? flow_table_new(2) : NULL;
	struct frame f = {0};
	bool ready = ft != NULL;

	for (size_t i = n; ready && i-- > 0;) {
		ids[i] = id;
		id = record_before(store_record(s, id), id);
	}
	for (size_t i = 0; ready && i < n; i++)
		play(ft, s, ids[i], &f);
	if (ready)
		*ret = f;
	free(ids);
	flow_table_free(ft);
	return ready;
}
