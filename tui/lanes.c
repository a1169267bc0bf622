#include "tui/lanes.h"

#include <string.h>

#define LOOK_MAX 65536 /* conversations looked at to find the first lanes */

static bool
same_ends(const struct flow *a, const struct flow *b)
{
	struct addr client = flow_addr(a, DIR_CLIENT);
	struct addr other = flow_addr(b, DIR_CLIENT);
	struct addr server = flow_addr(a, DIR_SERVER);
	struct addr at = flow_addr(b, DIR_SERVER);

	return a->proto == b->proto && addr_equal(&server, &at) &&
	       addr_same_host(&client, &other);
}

/* Those before the chosen one that fit, oldest first. */
static void
find_earlier(struct lanes *l, const struct flow_table *ft, const struct flow *f)
{
	uint32_t id = f->id, looked = 0;
	int n = 0;

	while (n < LANES_MAX / 2 - 1 && id-- > flow_first(ft) &&
	       looked++ < LOOK_MAX) {
		const struct flow *o = flow_get(ft, id);

		if (o != NULL && same_ends(f, o))
			l->flow[LANES_MAX - 1 - n++] = id;
	}
	memmove(
	    l->flow, &l->flow[LANES_MAX - n], (size_t)n * sizeof l->flow[0]);
	l->count = n;
}

static void
find_later(struct lanes *l, const struct flow_table *ft, const struct flow *f)
{
	for (uint32_t looked = 0; l->seen < flow_next(ft) &&
				  l->count < LANES_MAX && looked < LOOK_MAX;
	     l->seen++, looked++) {
		const struct flow *o = flow_get(ft, l->seen);

		if (o != NULL && same_ends(f, o))
			l->flow[l->count++] = l->seen;
	}
}

bool
lanes_follow(
    struct lanes *l, const struct flow_table *ft, uint32_t flow, bool all)
{
	const struct flow *f = flow_get(ft, flow);

	if (l->all == all && f != NULL && lanes_find(l, flow) >= 0) {
		if (all)
			find_later(l, ft, f);
		return false;
	}
	if (f == NULL && l->count == 0)
		return false;
	*l = (struct lanes){.all = all, .seen = flow + 1};
	if (f == NULL)
		return true;
	if (all)
		find_earlier(l, ft, f);
	l->flow[l->count++] = flow;
	if (all)
		find_later(l, ft, f);
	return true;
}

int
lanes_find(const struct lanes *l, uint32_t flow)
{
	int low = 0, high = l->count;

	while (low < high) {
		int mid = low + (high - low) / 2;

		if (l->flow[mid] < flow)
			low = mid + 1;
		else
			high = mid;
	}
	return low < l->count && l->flow[low] == flow ? low : -1;
}
