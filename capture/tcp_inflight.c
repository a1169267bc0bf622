#include "capture/tcp_inflight.h"

#include <stdlib.h>

#define POOL_FIRST 1024

/* Invariants: at[0] is never used; used counts those ever taken, 0 included;
 * what is free hangs at free_list by `newer`. */
struct tcp_pool {
	struct unacked *at;
	uint32_t size, used, free_list;
};

struct tcp_pool *
tcp_pool_new(void)
{
	struct tcp_pool *p = calloc(1, sizeof *p);

	if (p != NULL)
		p->used = 1;
	return p;
}

void
tcp_pool_free(struct tcp_pool *p)
{
	if (p == NULL)
		return;
	free(p->at);
	free(p);
}

size_t
tcp_pool_bytes(const struct tcp_pool *p)
{
	return sizeof *p + p->size * sizeof *p->at;
}

static bool
grow(struct tcp_pool *p)
{
	uint32_t size = p->size == 0 ? POOL_FIRST : p->size * 2;
	struct unacked *at;

	if (size > TCP_POOL_MAX)
		return false;
	at = realloc(p->at, size * sizeof *at);
	if (at == NULL)
		return false;
	p->at = at;
	p->size = size;
	return true;
}

/* 0: there is no more. */
static uint32_t
take(struct tcp_pool *p)
{
	uint32_t i = p->free_list;

	if (i != 0) {
		p->free_list = p->at[i].newer;
		return i;
	}
	if (p->used >= p->size && !grow(p))
		return 0;
	return p->used++;
}

static void
give_back(struct tcp_pool *p, uint32_t i)
{
	p->at[i].newer = p->free_list;
	p->free_list = i;
}

const struct unacked *
tcp_oldest(const struct tcp_pool *p, const struct tcp_track *t)
{
	return t->count > 0 ? &p->at[t->head] : NULL;
}

void
tcp_sent(struct tcp_pool *p, struct tcp_track *t, uint32_t seq, uint32_t end,
    uint64_t frame, int64_t sent_ns)
{
	uint32_t i = t->count < TCP_UNACKED_MAX ? take(p) : 0;

	if (i == 0)
		return;
	p->at[i] = (struct unacked){.sent_ns = sent_ns,
	    .seq = seq,
	    .end = end,
	    .frame = (uint32_t)frame};
	if (t->count++ == 0) {
		t->head = t->tail = i;
		t->low = seq;
		t->high = end;
		t->sorted = true;
		return;
	}
	/* in order: each begins where the highest ended, or behind that */
	t->sorted = t->sorted && !tcp_after(t->high, seq);
	p->at[t->tail].newer = i;
	t->tail = i;
	if (tcp_after(t->low, seq))
		t->low = seq;
	if (tcp_after(end, t->high))
		t->high = end;
}

static void
take_off_oldest(struct tcp_pool *p, struct tcp_track *t)
{
	uint32_t i = t->head;

	t->head = p->at[i].newer;
	t->count--;
	give_back(p, i);
}

static bool
acked_in_order(
    struct tcp_pool *p, struct tcp_track *t, uint32_t ack, struct unacked *ret)
{
	bool found = false;

	while (t->count > 0 && !tcp_after(p->at[t->head].end, ack)) {
		if (!found && p->at[t->head].end == ack) {
			found = true;
			*ret = p->at[t->head];
		}
		take_off_oldest(p, t);
	}
	if (t->count > 0) {
		struct unacked *u = &p->at[t->head];

		if (tcp_after(ack, u->seq))
			u->seq = ack;
		t->low = u->seq;
	}
	return found;
}

/* After loss: any of them may be covered, and any the lowest that is left. */
static bool
acked_anywhere(
    struct tcp_pool *p, struct tcp_track *t, uint32_t ack, struct unacked *ret)
{
	uint32_t *link = &t->head, last = 0, end = t->high;
	bool found = false;

	t->low = t->high;
	t->sorted = true;
	for (uint32_t i = t->head, left = t->count; left > 0; left--) {
		struct unacked *u = &p->at[i];
		uint32_t newer = u->newer;

		if (!tcp_after(u->end, ack)) {
			if (!found && u->end == ack) {
				found = true;
				*ret = *u;
			}
			t->count--;
			give_back(p, i);
			*link = newer;
		} else {
			if (tcp_after(ack, u->seq))
				u->seq = ack;
			if (last != 0 && tcp_after(end, u->seq))
				t->sorted = false;
			end = u->end;
			if (tcp_after(t->low, u->seq))
				t->low = u->seq;
			last = i;
			link = &u->newer;
		}
		i = newer;
	}
	t->tail = last;
	return found;
}

void
tcp_acked(struct tcp_pool *p, struct tcp_track *t, uint32_t ack, uint64_t frame,
    int64_t came_ns, struct tcp_findings *found)
{
	struct unacked u;

	if (t->count == 0 || !tcp_after(ack, t->low) ||
	    !(t->sorted ? acked_in_order(p, t, ack, &u)
			: acked_anywhere(p, t, ack, &u)))
		return;
	found->analysed = true;
	found->acks_frame = tcp_whole_frame(frame, u.frame);
	found->ack_rtt_ns = came_ns - u.sent_ns;
}

void
tcp_forget(struct tcp_pool *p, struct tcp_track *t)
{
	if (t->count > 0) {
		p->at[t->tail].newer = p->free_list;
		p->free_list = t->head;
		t->count = 0;
	}
}
