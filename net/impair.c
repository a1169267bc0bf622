/*
 * Invariants of struct impair: held[0, count) is a binary heap, the earliest
 * at the top; ties go to the lower number, which is the order of arrival.
 */
#include "net/impair.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct held {
	int64_t due_ns;
	uint64_t number;
	uint8_t *data; /* owned */
	size_t len;
};

struct impair {
	struct impair_rules rules;
	struct impair_stats stats;
	uint64_t next_number;
	size_t count, bytes;
	struct held held[IMPAIR_HELD];
};

/* ---- the decision ---- */

/* The finalizer of splitmix64 (Steele, Lea, Flood 2014): each bit counts. */
static uint64_t
mix(uint64_t x)
{
	x += UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

/* What the numbers of one datagram are drawn for. */
enum draw { DRAW_LOSS, DRAW_DUPLICATE, DRAW_COPY = 8 };
enum draw_of_copy { DRAW_REORDER, DRAW_JITTER, DRAW_OF_COPY };

static uint64_t
draw(const struct impair_rules *rules, const struct impair_key *key,
    unsigned what)
{
	uint64_t h = mix(rules->seed);

	h = mix(h ^ ((uint64_t)key->direction << 32 | key->nth));
	h = mix(h ^ key->seq);
	return mix(h ^ what);
}

static bool
chance(const struct impair_rules *rules, const struct impair_key *key,
    unsigned what, uint32_t ppm)
{
	return ppm > 0 && draw(rules, key, what) % IMPAIR_ALL < ppm;
}

static int64_t
delay_of_copy(const struct impair_rules *rules, const struct impair_key *key,
    unsigned copy)
{
	unsigned what = DRAW_COPY + copy * DRAW_OF_COPY;
	int64_t delay = rules->delay_ns;

	if (rules->jitter_ns > 0)
		delay += (int64_t)(draw(rules, key, what + DRAW_JITTER) %
				   ((uint64_t)rules->jitter_ns + 1));
	if (chance(rules, key, what + DRAW_REORDER, rules->reorder_ppm))
		delay += rules->reorder_ns;
	return delay;
}

struct impair_fate
impair_decide(const struct impair_rules *rules, const struct impair_key *key)
{
	struct impair_fate fate = {0};

	if (chance(rules, key, DRAW_LOSS, rules->loss_ppm))
		return fate;
	fate.copies = 1;
	if (chance(rules, key, DRAW_DUPLICATE, rules->duplicate_ppm))
		fate.copies = 2;
	for (unsigned i = 0; i < fate.copies; i++)
		fate.delay_ns[i] = delay_of_copy(rules, key, i);
	return fate;
}

uint32_t
impair_nth(struct impair_seen *s, uint64_t seq)
{
	struct impair_seen_number *set = s->set[mix(seq) % IMPAIR_SETS];
	uint32_t times = 0;
	size_t i = 0;

	while (i < IMPAIR_WAYS - 1 && (set[i].seq != seq || set[i].times == 0))
		i++;
	if (set[i].seq == seq)
		times = set[i].times;
	memmove(&set[1], &set[0], i * sizeof *set);
	set[0].seq = seq;
	set[0].times = times + 1;
	return times;
}

/* ---- holding ---- */

static bool
earlier(const struct held *a, const struct held *b)
{
	if (a->due_ns != b->due_ns)
		return a->due_ns < b->due_ns;
	return a->number < b->number;
}

static void
swap(struct held *a, struct held *b)
{
	struct held t = *a;

	*a = *b;
	*b = t;
}

static void
sift_up(struct impair *im, size_t i)
{
	while (i > 0 && earlier(&im->held[i], &im->held[(i - 1) / 2])) {
		swap(&im->held[i], &im->held[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
}

static void
sift_down(struct impair *im, size_t i)
{
	for (;;) {
		size_t least = i;

		for (size_t k = 2 * i + 1; k <= 2 * i + 2; k++)
			if (k < im->count &&
			    earlier(&im->held[k], &im->held[least]))
				least = k;
		if (least == i)
			return;
		swap(&im->held[i], &im->held[least]);
		i = least;
	}
}

static void
hold(struct impair *im, const void *data, size_t n, int64_t due_ns)
{
	uint8_t *copy = NULL;

	if (im->count < IMPAIR_HELD && n <= IMPAIR_BYTES - im->bytes)
		copy = malloc(n > 0 ? n : 1);
	if (copy == NULL) {
		im->stats.overflowed++;
		return;
	}
	if (n > 0)
		memcpy(copy, data, n);
	im->held[im->count] = (struct held){
	    .due_ns = due_ns,
	    .number = im->next_number++,
	    .data = copy,
	    .len = n,
	};
	im->bytes += n;
	sift_up(im, im->count++);
}

struct impair *
impair_new(const struct impair_rules *rules)
{
	struct impair *im = calloc(1, sizeof *im);

	if (im != NULL)
		im->rules = *rules;
	return im;
}

void
impair_free(struct impair *im)
{
	if (im == NULL)
		return;
	for (size_t i = 0; i < im->count; i++)
		free(im->held[i].data);
	free(im);
}

void
impair_set_rules(struct impair *im, const struct impair_rules *rules)
{
	im->rules = *rules;
}

void
impair_push(struct impair *im, const struct impair_key *key, const void *data,
    size_t n, int64_t now_ns)
{
	struct impair_fate fate = impair_decide(&im->rules, key);

	im->stats.pushed++;
	im->stats.lost += fate.copies == 0;
	im->stats.duplicated += fate.copies == 2;
	for (unsigned i = 0; i < fate.copies; i++) {
		im->stats.reordered +=
		    fate.delay_ns[i] > im->rules.delay_ns + im->rules.jitter_ns;
		hold(im, data, n, now_ns + fate.delay_ns[i]);
	}
}

int64_t
impair_pop(struct impair *im, int64_t now_ns, void *buf, size_t size)
{
	struct held top;

	if (im->count == 0 || im->held[0].due_ns > now_ns)
		return -EAGAIN;
	top = im->held[0];
	im->held[0] = im->held[--im->count];
	sift_down(im, 0);
	im->bytes -= top.len;
	im->stats.popped++;
	memcpy(buf, top.data, top.len < size ? top.len : size);
	free(top.data);
	return (int64_t)top.len;
}

int64_t
impair_deadline(const struct impair *im)
{
	return im->count > 0 ? im->held[0].due_ns : IMPAIR_NEVER;
}

struct impair_stats
impair_stats(const struct impair *im)
{
	struct impair_stats s = im->stats;

	s.held = (uint32_t)im->count;
	return s;
}
