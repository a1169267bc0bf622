#include "net/impair.h"

#include <math.h>
#include <string.h>

#include "net/base/number.h"

/* A burst that began longer ago is taken for ended. */
#define BURST_LOOK_BACK 4096

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
enum draw {
	DRAW_LOSS,
	DRAW_DUPLICATE,
	DRAW_CORRUPT,
	DRAW_BURST,
	DRAW_COPY = 8
};
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
	return ppm > 0 && draw(rules, key, what) % NUMBER_PPM < ppm;
}

/*
 * Is the chain in its bad state at this slot? From good to bad it goes with
 * probability p, from bad to good with r, and both are decided by one number
 * of each slot: below p it is bad whatever it was before, from 1 - r on good,
 * between them unchanged. So looking back to the last slot that decides gives
 * the state without a state to keep, in any order (Propp and Wilson's coupling
 * from the past).
 * Source: Gilbert, "Capacity of a Burst-Noise Channel" (1960).
 */
static bool
in_burst(const struct impair_rules *rules, const struct impair_key *key)
{
	double share = rules->loss_ppm / (double)NUMBER_PPM;
	/* no shorter than where each is lost for itself */
	double r = fmin(1000.0 / rules->burst_milli, 1 - share);
	double p = share < 1 ? r * share / (1 - share) : 1;
	struct impair_key at = {.direction = key->direction};

	for (unsigned back = 0; back < BURST_LOOK_BACK; back++) {
		double u;

		if (back > key->slot)
			return false;
		at.seq = key->slot - back;
		u = (double)(draw(rules, &at, DRAW_BURST) >> 11) * 0x1p-53;
		if (u < p)
			return true;
		if (u >= 1 - r)
			return false;
	}
	return false;
}

static int64_t
delay_of_copy(const struct impair_rules *rules, const struct impair_key *key,
    unsigned copy, bool *ret_reordered)
{
	unsigned what = DRAW_COPY + copy * DRAW_OF_COPY;
	int64_t delay = rules->delay_ns;

	if (rules->jitter_ns > 0)
		delay += (int64_t)(draw(rules, key, what + DRAW_JITTER) %
				   ((uint64_t)rules->jitter_ns + 1));
	*ret_reordered =
	    chance(rules, key, what + DRAW_REORDER, rules->reorder_ppm);
	return *ret_reordered ? delay + rules->reorder_ns : delay;
}

static uint8_t
fate_of(const struct impair_rules *rules, const struct impair_key *key)
{
	bool bursts = rules->burst_milli > 0 && rules->loss_ppm > 0;

	if (bursts && in_burst(rules, key))
		return FATE_BURST;
	if (!bursts && chance(rules, key, DRAW_LOSS, rules->loss_ppm))
		return FATE_LOST;
	if (chance(rules, key, DRAW_CORRUPT, rules->corrupt_ppm))
		return FATE_CORRUPTED;
	if (chance(rules, key, DRAW_DUPLICATE, rules->duplicate_ppm))
		return FATE_DUPLICATED;
	return FATE_PASSED;
}

struct impair_fate
impair_decide(const struct impair_rules *rules, const struct impair_key *key)
{
	struct impair_fate fate = {.fate = fate_of(rules, key)};
	bool reordered = false;

	fate.copies = fate.fate == FATE_DUPLICATED                        ? 2
		      : fate.fate == FATE_LOST || fate.fate == FATE_BURST ? 0
									  : 1;
	for (unsigned i = 0; i == 0 || i < fate.copies; i++)
		fate.delay_ns[i] = delay_of_copy(rules, key, i, &reordered);
	if (reordered && fate.fate == FATE_PASSED)
		fate.fate = FATE_REORDERED;
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
