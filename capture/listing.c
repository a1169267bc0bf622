#include "capture/listing.h"

#include <stdlib.h>
#include <string.h>

#include "capture/idset.h"

/*
 * Of a conversation, the frames lead from the newest back to the oldest: those
 * in (known, newest] are to be looked at, and done when at has come down to
 * known. Of all packets, those in [at, store_next()) are.
 */
struct listing {
	struct display_filter *filter; /* NULL: lets all through */
	uint32_t flow; /* 0: of all packets */
	struct idset ids;
	struct idset flows; /* that have one of them; of a filter only */
	struct cost costs[PURPOSE_COUNT]; /* of them; of a filter only */
	uint64_t at; /* to be looked at next */
	uint64_t newest, known; /* of a conversation */
	bool first_pass;
	uint64_t gen;
};

struct listing *
listing_new(void)
{
	return calloc(1, sizeof(struct listing));
}

void
listing_free(struct listing *l)
{
	if (l == NULL)
		return;
	display_filter_free(l->filter);
	idset_done(&l->ids);
	idset_done(&l->flows);
	free(l);
}

static void
begin(struct listing *l)
{
	idset_done(&l->ids);
	idset_done(&l->flows);
	memset(l->costs, 0, sizeof l->costs);
	l->at = l->newest = l->known = 0;
	l->first_pass = l->filter != NULL;
	l->gen++;
}

void
listing_filter(struct listing *l, struct display_filter *d)
{
	display_filter_free(l->filter);
	l->filter = d;
	begin(l);
}

/* What it belongs to, and what it cost. */
static void
account(struct listing *l, const struct store *s, uint64_t id)
{
	const struct record *r = store_record(s, id);
	struct summary sum;
	struct packet p;
	struct cost one;

	if (r == NULL || r->flow == 0 || !store_packet(s, id, &p))
		return;
	idset_add(&l->flows, r->flow);
	summary_read(&p, &sum);
	one = cost_of_packet(&sum);
	cost_add(&l->costs[r->purpose], &one);
}

static void
look_at(struct listing *l, const struct store *s, uint64_t id)
{
	if ((l->filter != NULL && !display_filter_match(l->filter, s, id)) ||
	    !idset_add(&l->ids, id))
		return;
	l->gen++;
	if (l->filter != NULL)
		account(l, s, id);
}

/* True: there is more. */
static bool
follow_flow(
    struct listing *l, const struct store *s, const struct flow *f, size_t n)
{
	const struct record *r = NULL;

	if (l->at <= l->known) {
		l->known = l->newest;
		l->at = l->newest = f->last_frame;
	}
	while (l->at > l->known && (r = store_record(s, l->at)) != NULL) {
		if (n-- == 0)
			return true;
		look_at(l, s, l->at);
		l->at = record_before(r, l->at);
	}
	l->at = l->known; /* what comes before it has left the store */
	return l->newest != f->last_frame;
}

static bool
follow_all(struct listing *l, const struct store *s, size_t n)
{
	if (l->at < store_first(s))
		l->at = store_first(s);
	for (; n > 0 && l->at < store_next(s); n--)
		look_at(l, s, l->at++);
	return l->at < store_next(s);
}

bool
listing_follow(struct listing *l, const struct store *s, const struct flow *f,
    size_t budget)
{
	uint32_t flow = f != NULL ? f->id : 0;
	bool more;

	if (flow != l->flow) {
		l->flow = flow;
		begin(l);
	}
	if (listing_is_whole(l))
		return false;
	idset_forget_below(&l->ids, store_first(s));
	more =
	    f != NULL ? follow_flow(l, s, f, budget) : follow_all(l, s, budget);
	if (!more && l->first_pass) {
		l->first_pass = false;
		l->gen++;
	}
	return more;
}

bool
listing_is_first_pass(const struct listing *l)
{
	return l->first_pass;
}

int
listing_progress(const struct listing *l, const struct store *s)
{
	uint64_t first = store_first(s), done, all;

	if (l->flow != 0) {
		done = l->newest - l->at;
		all = l->newest - (l->known > first ? l->known : first);
	} else {
		done = l->at > first ? l->at - first : 0;
		all = store_next(s) - first;
	}
	return listing_is_whole(l) || done >= all ? 100
						  : (int)(done * 100 / all);
}

uint64_t
listing_gen(const struct listing *l)
{
	return l->gen;
}

bool
listing_is_whole(const struct listing *l)
{
	return l->filter == NULL && l->flow == 0;
}

bool
listing_has(const struct listing *l, const struct store *s, uint64_t id)
{
	return store_record(s, id) != NULL &&
	       (listing_is_whole(l) || idset_has(&l->ids, id));
}

uint64_t
listing_next(const struct listing *l, const struct store *s, uint64_t id)
{
	if (id + 1 < store_first(s))
		id = store_first(s) - 1;
	if (!listing_is_whole(l))
		return idset_next(&l->ids, id);
	return id + 1 < store_next(s) ? id + 1 : 0;
}

uint64_t
listing_prev(const struct listing *l, const struct store *s, uint64_t id)
{
	if (id == 0 || id > store_next(s))
		id = store_next(s);
	if (id <= store_first(s))
		return 0;
	if (!listing_is_whole(l))
		id = idset_prev(&l->ids, id);
	else
		id--;
	return id >= store_first(s) ? id : 0;
}

uint64_t
listing_count(const struct listing *l, const struct store *s)
{
	return listing_is_whole(l) ? store_next(s) - store_first(s)
				   : l->ids.count;
}

bool
listing_is_filtered(const struct listing *l)
{
	return l->filter != NULL;
}

bool
listing_has_flow(const struct listing *l, uint32_t flow)
{
	return l->filter == NULL || idset_has(&l->flows, flow);
}

struct cost
listing_cost(const struct listing *l, enum purpose purpose)
{
	return l->costs[purpose];
}
