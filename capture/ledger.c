#include "capture/ledger.h"

#include <stdlib.h>
#include <string.h>

#include "capture/cost_lanes.h"
#include "capture/pages.h"
#include "net/base/inline.h"

#define ACCOUNTS_A_PAGE 256

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

enum { COSTS = 2 * PURPOSE_COUNT }; /* by sender and purpose */

/*
 * A conversation's costs so far, in half the size that they may reach, and only
 * for what nearly all conversations have: with many of them this is what takes
 * most memory beside the packets.
 */
enum { COMMON = 4, RARE = -1 };
static const int8_t common[PURPOSE_COUNT] = {
    [PURPOSE_HANDSHAKE] = 0,
    [PURPOSE_DATA] = 1,
    [PURPOSE_ACK] = 2,
    [PURPOSE_RETRANSMISSION] = RARE,
    [PURPOSE_TEARDOWN] = 3,
    [PURPOSE_OTHER] = RARE,
};

struct account {
	bool open;
	uint32_t held; /* bookings */
	struct cost_lanes lanes[2][COMMON]; /* by sender */
	struct cost *carried; /* COSTS, added to those; NULL: nothing */
	struct stream *stream; /* 2; NULL: nothing booked */
};

/* Accounts of conversations that follow one another. */
struct page {
	uint32_t open;
	struct account accounts[ACCOUNTS_A_PAGE];
};

enum { TOTAL_OTHER, TOTAL_TCP, TOTAL_UDP, TOTALS };

struct total {
	struct cost_lanes lanes;
	struct cost carried;
};

struct ledger {
	struct page *
	    *pages; /* by flow id; NULL: none of its accounts is open */
	size_t page_count;
	uint32_t open; /* accounts */
	bool no_ranges; /* nobody asks for them */
	size_t held; /* bookings, at most LEDGER_BOOKINGS */
	struct total total[TOTALS][PURPOSE_COUNT]; /* by protocol */
};

/* A packet that belongs among older ones is put there only if few are newer,
 * so that no sender of odd segments can make booking slow. */
#define INSERT_MAX 4096

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

/* NULL: the flow has none. */
static struct account *
find_account(const struct ledger *l, uint32_t flow)
{
	size_t at = flow / ACCOUNTS_A_PAGE;
	struct account *a;

	if (at >= l->page_count || l->pages[at] == NULL)
		return NULL;
	a = &l->pages[at]->accounts[flow % ACCOUNTS_A_PAGE];
	return a->open ? a : NULL;
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
	size_t threshold = l->held / l->open / 2;

	for (size_t i = 0; i < l->page_count * ACCOUNTS_A_PAGE; i++) {
		struct account *a = find_account(l, (uint32_t)i);
		uint32_t n;

		if (a == NULL || a->held == 0 || a->held < threshold)
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
	return calloc(1, sizeof(struct ledger));
}

static void
release(struct account *a)
{
	for (int dir = 0; dir < 2 && a->stream != NULL; dir++)
		for (int k = 0; k < KIND_COUNT; k++)
			free(a->stream[dir].list[k].b);
	free(a->stream);
	free(a->carried);
}

void
ledger_free(struct ledger *l)
{
	if (l == NULL)
		return;
	for (size_t i = 0; i < l->page_count; i++) {
		struct page *p = l->pages[i];

		for (size_t k = 0; p != NULL && k < ACCOUNTS_A_PAGE; k++)
			release(&p->accounts[k]);
		pages_free(p, sizeof *p);
	}
	free(l->pages);
	free(l);
}

void
ledger_forgo_ranges(struct ledger *l)
{
	l->no_ranges = true;
}

static struct page *
add_page(struct ledger *l, size_t at)
{
	struct page *p;

	if (at >= l->page_count) {
		size_t count = at + 1 + at / 2;
		struct page **all = realloc(l->pages, count * sizeof *all);

		if (all == NULL)
			return NULL;
		memset(all + l->page_count, 0,
		    (count - l->page_count) * sizeof *all);
		l->pages = all;
		l->page_count = count;
	}
	p = pages_new(sizeof *p);
	if (p != NULL)
		pages_touch(p, sizeof *p);
	l->pages[at] = p;
	return p;
}

/* Once for each. NULL: no memory. */
static COLD struct account *
open_account(struct ledger *l, uint32_t flow)
{
	size_t at = flow / ACCOUNTS_A_PAGE;
	struct account *a;
	struct page *p;

	p = at < l->page_count ? l->pages[at] : NULL;
	if (p == NULL)
		p = add_page(l, at);
	if (p == NULL)
		return NULL;
	a = &p->accounts[flow % ACCOUNTS_A_PAGE];
	a->open = true;
	p->open++;
	l->open++;
	return a;
}

void
ledger_drop(struct ledger *l, uint32_t flow)
{
	struct account *a = find_account(l, flow);
	struct page **p;

	if (a == NULL)
		return;
	release(a);
	l->held -= a->held;
	memset(a, 0, sizeof *a);
	l->open--;
	p = &l->pages[flow / ACCOUNTS_A_PAGE];
	if (--(*p)->open > 0)
		return;
	pages_free(*p, sizeof **p);
	*p = NULL;
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
make_booking(const struct summary *s, uint64_t from, uint64_t to)
{
	/* After a long gap in the capture an ACK may cover gigabytes. */
	if (to - from > UINT32_MAX)
		from = to - UINT32_MAX;
	return (struct booking){
	    .from = from,
	    .len = (uint32_t)(to - from),
	    .payload = s->payload_len,
	    .link = s->link_len + s->padding_len,
	    .net = s->net_len,
	    .transport = (uint8_t)s->transport_len,
	    .options = (uint8_t)s->options_len,
	};
}

/* What is carried over of an account; NULL: no memory. */
static struct cost *
carried(struct account *a, int dir, int purpose)
{
	if (a->carried == NULL)
		a->carried = calloc(COSTS, sizeof *a->carried);
	if (a->carried == NULL)
		return NULL;
	return &a->carried[dir * PURPOSE_COUNT + purpose];
}

/* Empties the lanes into a sum, which may be NULL for no memory. */
static COLD bool
carry(struct cost *sum, struct cost_lanes *l)
{
	if (sum == NULL)
		return false;
	lanes_carry(sum, l);
	*l = (struct cost_lanes){0};
	return true;
}

static inline void
count(struct account *a, const struct frame *f, struct cost_lanes packet)
{
	struct cost_lanes *l = &a->lanes[f->dir][common[f->purpose]];

	if (lanes_full(l) && !carry(carried(a, f->dir, f->purpose), l))
		return;
	lanes_add(l, packet);
}

static inline void
count_total(struct total *sum, struct cost_lanes packet)
{
	if (lanes_full(&sum->lanes))
		carry(&sum->carried, &sum->lanes);
	lanes_add(&sum->lanes, packet);
}

/* A packet that is added to no lanes. */
static APART void
count_alone(struct cost *sum, const struct frame *f)
{
	struct cost packet = cost_of_packet(&f->sum);

	if (sum != NULL)
		cost_add(sum, &packet);
}

/* Not of a file, which forgoes ranges. */
static APART void
book_range(struct ledger *l, struct account *a, const struct frame *f)
{
	struct stream *s;
	struct booking b;
	enum kind kind;
	uint64_t from, to;
	int dir;

	if (!range_of_frame(f, &dir, &kind, &from, &to))
		return;
	if (a->stream == NULL)
		a->stream = calloc(2, sizeof *a->stream);
	if (a->stream == NULL)
		return;
	if (l->held == LEDGER_BOOKINGS)
		fold(l);
	s = &a->stream[dir];
	b = make_booking(&f->sum, from, to);
	if (to <= s->folded_to || !list_insert(&s->list[kind], &b))
		return;
	a->held++;
	l->held++;
}

/* By a table: which protocol comes next no branch can guess. */
static int
total_of(enum summary_proto proto)
{
	static const uint8_t totals[PROTO_RFCOMM + 1] = {
	    [PROTO_TCP] = TOTAL_TCP, [PROTO_UDP] = TOTAL_UDP};

	return totals[proto];
}

void
ledger_book(struct ledger *l, const struct frame *f)
{
	struct total *total = &l->total[total_of(f->sum.proto)][f->purpose];
	struct account *a = find_account(l, f->flow);
	bool giant = lanes_are_giant(&f->sum);
	struct cost_lanes packet = lanes_of_packet(&f->sum);

	if (a == NULL)
		a = open_account(l, f->flow);
	if (giant)
		count_alone(&total->carried, f);
	else
		count_total(total, packet);
	if (a == NULL)
		return;
	if (giant || common[f->purpose] == RARE)
		count_alone(carried(a, f->dir, f->purpose), f);
	else
		count(a, f, packet);
	if (!l->no_ranges)
		book_range(l, a, f);
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

static uint32_t
booking_ether(const struct booking *b)
{
	enum { IP_MIN = 20 }; /* what is below it is RFCOMM */

	return b->net < IP_MIN ? 0
			       : cost_ether(b->net + b->transport +
					    (uint32_t)b->options + b->payload);
}

static void
charge(struct cost *sum, const struct booking *b, uint64_t lo, uint64_t hi)
{
	struct cost c = {
	    .packets = lo == b->from,
	    .link = share(b->link, b, lo, hi),
	    .ether = share(booking_ether(b), b, lo, hi),
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

	if (a == NULL || a->stream == NULL)
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

	struct cost sum = {0};

	if (a == NULL)
		return sum;
	if (common[purpose] != RARE)
		lanes_carry(&sum, &a->lanes[dir][common[purpose]]);
	if (a->carried != NULL)
		cost_add(&sum, &a->carried[dir * PURPOSE_COUNT + (int)purpose]);
	return sum;
}

static void
add_total(struct cost *sum, const struct total *t)
{
	cost_add(sum, &t->carried);
	lanes_carry(sum, &t->lanes);
}

struct cost
ledger_total(const struct ledger *l, enum purpose purpose)
{
	struct cost sum = {0};

	for (int i = 0; i < TOTALS; i++)
		add_total(&sum, &l->total[i][purpose]);
	return sum;
}

struct cost
ledger_total_of(
    const struct ledger *l, enum summary_proto proto, enum purpose purpose)
{
	struct cost sum = {0};

	add_total(&sum, &l->total[total_of(proto)][purpose]);
	return sum;
}
