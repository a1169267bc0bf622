#include "capture/ledger.h"

#include <stdlib.h>
#include <string.h>

#include "net/base/map.h"

#define NONE UINT32_MAX

/* What a stream's ranges are charged with. */
enum kind { KIND_DATA, KIND_ACK, KIND_RETRANSMISSION, KIND_COUNT };

/* A packet and the stream bytes it is charged to. */
struct booking {
	uint64_t from;
	uint64_t reach; /* highest end of this and all bookings before it */
	uint32_t len; /* the bytes charged; never 0 */
	uint32_t payload; /* more than len where some was repeated */
	uint32_t link;
	uint16_t net;
	uint8_t transport, options; /* a TCP header has at most 60 bytes */
};

_Static_assert(sizeof(struct booking) == 32, "half a cache line each");

/* Sorted by from. As reach never falls, both ends of a range can be searched
 * for, although retransmissions overlap. */
struct list {
	struct booking *b;
	uint32_t count, cap;
};

/* The bytes that one end sends. */
struct stream {
	struct list list[KIND_COUNT];
	uint64_t folded_to; /* below this offset bookings have folded */
};

struct account {
	uint32_t held; /* bookings */
	uint32_t next_free;
	struct cost cost[2][PURPOSE_COUNT];
	struct stream stream[2];
};

struct ledger {
	struct account *accounts;
	uint32_t count, cap; /* accounts ever used, allocated */
	uint32_t free; /* the first free account, chained; NONE */
	struct map *by_flow; /* to the account */
	size_t held; /* bookings, at most LEDGER_BOOKINGS */
	struct cost total[PURPOSE_COUNT];
};

/* A packet that belongs among older ones is put there only if few are newer,
 * so that no sender of odd segments can make booking slow. */
#define INSERT_MAX 4096

/* ------------------------------------------------------------------- cost */

void
cost_add(struct cost *sum, const struct cost *c)
{
	sum->packets += c->packets;
	sum->link += c->link;
	sum->net += c->net;
	sum->transport += c->transport;
	sum->options += c->options;
	sum->payload += c->payload;
}

uint64_t
cost_headers(const struct cost *c)
{
	return c->net + c->transport + c->options;
}

uint64_t
cost_bytes(const struct cost *c)
{
	return cost_headers(c) + c->payload;
}

unsigned
cost_share(const struct cost *c)
{
	uint64_t bytes = cost_bytes(c);

	if (bytes == 0)
		return 0;
	return (unsigned)((c->payload * 1000 + bytes / 2) / bytes);
}

static struct cost
cost_of_frame(const struct frame *f)
{
	const struct summary *s = &f->sum;

	return (struct cost){
	    .packets = 1,
	    .link = (uint64_t)s->link_len + s->padding_len,
	    .net = s->net_len,
	    .transport = s->transport_len,
	    .options = s->options_len,
	    .payload = s->payload_len,
	};
}

uint32_t
ledger_ethernet_bytes(uint32_t ip_bytes)
{
	enum { HEADER = 14, PAYLOAD_MIN = 46, FCS = 4, PREAMBLE = 8, GAP = 12 };
	uint32_t payload = ip_bytes < PAYLOAD_MIN ? PAYLOAD_MIN : ip_bytes;

	return PREAMBLE + HEADER + payload + FCS + GAP;
}

/* ------------------------------------------------------------------ lists */

/* Index of the first booking that reaches beyond off; count if none does. */
static uint32_t
list_find(const struct list *l, uint64_t off)
{
	uint32_t lo = 0, hi = l->count;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (l->b[mid].reach > off)
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo;
}

static bool
list_resize(struct list *l, uint32_t cap)
{
	struct booking *b = realloc(l->b, cap * sizeof *b);

	if (b == NULL)
		return false;
	l->b = b;
	l->cap = cap;
	return true;
}

static bool
list_insert(struct list *l, const struct booking *b)
{
	uint32_t at = l->count;
	uint64_t reach;

	if (at > INSERT_MAX && l->b[at - 1 - INSERT_MAX].from > b->from)
		return false;
	if (at == l->cap && !list_resize(l, at > 0 ? at * 2 : 4))
		return false;
	while (at > 0 && l->b[at - 1].from > b->from)
		at--;
	memmove(&l->b[at + 1], &l->b[at], (l->count - at) * sizeof *b);
	l->b[at] = *b;
	l->count++;
	reach = at > 0 ? l->b[at - 1].reach : 0;
	for (uint32_t i = at; i < l->count; i++) {
		uint64_t end = l->b[i].from + l->b[i].len;

		if (reach < end)
			reach = end;
		if (i > at && l->b[i].reach == reach)
			break; /* and so have all the others */
		l->b[i].reach = reach;
	}
	return true;
}

/* Drop the bookings that end at or below off; returns how many. */
static uint32_t
list_fold(struct list *l, uint64_t off)
{
	uint32_t n = list_find(l, off);

	if (n == 0)
		return 0;
	l->count -= n;
	memmove(l->b, l->b + n, l->count * sizeof *l->b);
	if (l->count > 0 && l->count <= l->cap / 4)
		list_resize(l, l->cap / 2);
	return n;
}

/* ---------------------------------------------------------------- folding */

/* Fold the lower quarter of a stream, at least one booking if it has any. */
static uint32_t
stream_fold(struct stream *s)
{
	const struct list *longest = &s->list[KIND_DATA];
	uint32_t n = 0;

	for (int k = 0; k < KIND_COUNT; k++)
		if (s->list[k].count > longest->count)
			longest = &s->list[k];
	if (longest->count == 0)
		return 0;
	s->folded_to = longest->b[(longest->count - 1) / 4].reach;
	for (int k = 0; k < KIND_COUNT; k++)
		n += list_fold(&s->list[k], s->folded_to);
	return n;
}

/*
 * Every conversation that holds at least half of the average gives up its
 * oldest quarter: small ones keep what they have beside a large one. Those
 * asked hold half of all bookings or more, so this happens rarely enough to
 * cost nothing per packet.
 */
static void
fold(struct ledger *l)
{
	size_t threshold = l->held / l->count / 2;

	for (uint32_t i = 0; i < l->count; i++) {
		struct account *a = &l->accounts[i];
		uint32_t n;

		if (a->held == 0 || a->held < threshold)
			continue;
		n = stream_fold(&a->stream[DIR_CLIENT]) +
		    stream_fold(&a->stream[DIR_SERVER]);
		a->held -= n;
		l->held -= n;
	}
}

/* --------------------------------------------------------------- accounts */

struct ledger *
ledger_new(void)
{
	struct ledger *l = calloc(1, sizeof *l);

	if (l == NULL)
		return NULL;
	l->free = NONE;
	l->by_flow = map_new(sizeof(uint32_t));
	if (l->by_flow == NULL) {
		ledger_free(l);
		return NULL;
	}
	return l;
}

static void
release_bookings(struct account *a)
{
	for (int dir = 0; dir < 2; dir++)
		for (int k = 0; k < KIND_COUNT; k++)
			free(a->stream[dir].list[k].b);
}

void
ledger_free(struct ledger *l)
{
	if (l == NULL)
		return;
	for (uint32_t i = 0; i < l->count; i++)
		release_bookings(&l->accounts[i]);
	map_free(l->by_flow);
	free(l->accounts);
	free(l);
}

static struct account *
find_account(const struct ledger *l, uint32_t flow)
{
	uint32_t i;

	return map_get(l->by_flow, &flow, &i) ? &l->accounts[i] : NULL;
}

static bool
grow_accounts(struct ledger *l)
{
	uint32_t cap = l->cap > 0 ? l->cap * 2 : 16;
	struct account *a = realloc(l->accounts, cap * sizeof *a);

	if (a == NULL)
		return false;
	l->accounts = a;
	l->cap = cap;
	return true;
}

/* The flow's account, opened if it has none. NULL: no memory. */
static struct account *
open_account(struct ledger *l, uint32_t flow)
{
	struct account *a = find_account(l, flow);
	uint32_t i = l->free;

	if (a != NULL)
		return a;
	if (i == NONE) {
		if (l->count == l->cap && !grow_accounts(l))
			return NULL;
		i = l->count;
	}
	if (map_put(l->by_flow, &flow, i) < 0)
		return NULL;
	a = &l->accounts[i];
	if (i == l->count)
		l->count++;
	else
		l->free = a->next_free;
	memset(a, 0, sizeof *a);
	return a;
}

void
ledger_drop(struct ledger *l, uint32_t flow)
{
	struct account *a = find_account(l, flow);

	if (a == NULL)
		return;
	release_bookings(a);
	l->held -= a->held;
	memset(a, 0, sizeof *a);
	a->next_free = l->free;
	l->free = (uint32_t)(a - l->accounts);
	map_del(l->by_flow, &flow);
}

/* ---------------------------------------------------------------- booking */

/* The range that a frame is charged to: whose bytes, which, and as what.
 * False: it is charged to none and stands in the totals only. */
static bool
range_of_frame(const struct frame *f, int *ret_dir, enum kind *ret_kind,
    uint64_t *ret_from, uint64_t *ret_to)
{
	bool ack = f->purpose == PURPOSE_ACK;

	if (!ack && f->purpose != PURPOSE_DATA &&
	    f->purpose != PURPOSE_RETRANSMISSION)
		return false;
	*ret_kind = ack                          ? KIND_ACK
		    : f->purpose == PURPOSE_DATA ? KIND_DATA
						 : KIND_RETRANSMISSION;
	*ret_dir = ack ? !f->dir : f->dir;
	*ret_from = ack ? f->acked_from : f->data_from;
	*ret_to = ack ? f->acked_to : f->data_to;
	return *ret_from < *ret_to;
}

static struct booking
make_booking(const struct cost *c, uint64_t from, uint64_t to)
{
	/* After a long gap in the capture an ACK may cover gigabytes. */
	if (to - from > UINT32_MAX)
		from = to - UINT32_MAX;
	return (struct booking){
	    .from = from,
	    .len = (uint32_t)(to - from),
	    .payload = (uint32_t)c->payload,
	    .link = (uint32_t)c->link,
	    .net = (uint16_t)c->net,
	    .transport = (uint8_t)c->transport,
	    .options = (uint8_t)c->options,
	};
}

void
ledger_book(struct ledger *l, const struct frame *f)
{
	struct cost cost = cost_of_frame(f);
	struct account *a;
	struct stream *s;
	struct booking b;
	enum kind kind;
	uint64_t from, to;
	int dir;

	cost_add(&l->total[f->purpose], &cost);
	a = open_account(l, f->flow);
	if (a == NULL)
		return;
	cost_add(&a->cost[f->dir][f->purpose], &cost);
	if (!range_of_frame(f, &dir, &kind, &from, &to))
		return;
	if (l->held == LEDGER_BOOKINGS)
		fold(l);
	s = &a->stream[dir];
	b = make_booking(&cost, from, to);
	if (to <= s->folded_to || !list_insert(&s->list[kind], &b))
		return;
	a->held++;
	l->held++;
}

/* ----------------------------------------------------------------- asking */

/*
 * The share that bytes [lo, hi) of a booking have in h bytes of its packet.
 * A difference of two rounded sums, so that adjoining shares add up to h.
 */
static uint64_t
share(uint64_t h, const struct booking *b, uint64_t lo, uint64_t hi)
{
	return h * (hi - b->from) / b->len - h * (lo - b->from) / b->len;
}

static void
charge(struct cost *sum, const struct booking *b, uint64_t lo, uint64_t hi)
{
	struct cost c = {
	    .packets = lo == b->from,
	    .link = share(b->link, b, lo, hi),
	    .net = share(b->net, b, lo, hi),
	    .transport = share(b->transport, b, lo, hi),
	    .options = share(b->options, b, lo, hi),
	    .payload = share(b->payload, b, lo, hi),
	};

	cost_add(sum, &c);
}

/* Charge what the bookings say of [from, to); how many bytes they cover. */
static uint64_t
list_sum(const struct list *l, uint64_t from, uint64_t to, struct cost *sum)
{
	uint64_t covered = 0, seen_to = from;

	for (uint32_t i = list_find(l, from); i < l->count && l->b[i].from < to;
	     i++) {
		const struct booking *b = &l->b[i];
		uint64_t end = b->from + b->len;
		uint64_t lo = b->from > from ? b->from : from;
		uint64_t hi = end < to ? end : to;

		if (lo >= hi)
			continue;
		charge(sum, b, lo, hi);
		if (hi > seen_to) {
			covered += hi - (lo > seen_to ? lo : seen_to);
			seen_to = hi;
		}
	}
	return covered;
}

bool
ledger_range(const struct ledger *l, uint32_t flow, int dir, uint64_t from,
    uint64_t to, struct range_cost *ret)
{
	const struct account *a = find_account(l, flow);
	const struct stream *s;
	struct range_cost sum = {0};
	uint64_t known;

	if (a == NULL)
		return false;
	s = &a->stream[dir];
	if (from < s->folded_to)
		from = s->folded_to;
	if (from >= to)
		return false;
	sum.covered = list_sum(&s->list[KIND_DATA], from, to, &sum.data);
	known = sum.covered +
		list_sum(&s->list[KIND_ACK], from, to, &sum.acks) +
		list_sum(&s->list[KIND_RETRANSMISSION], from, to,
		    &sum.retransmissions);
	if (known == 0)
		return false;
	*ret = sum;
	return true;
}

struct cost
ledger_flow(
    const struct ledger *l, uint32_t flow, int dir, enum purpose purpose)
{
	const struct account *a = find_account(l, flow);

	return a != NULL ? a->cost[dir][purpose] : (struct cost){0};
}

struct cost
ledger_total(const struct ledger *l, enum purpose purpose)
{
	return l->total[purpose];
}
