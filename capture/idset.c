#include "capture/idset.h"

#include <stdlib.h>
#include <string.h>

enum { WORD_IDS = 64, BLOCK_WORDS = 64, BLOCK_IDS = WORD_IDS * BLOCK_WORDS };

/* Invariant: count is the number of bits set in the words. */
struct idset_block {
	uint32_t count;
	uint64_t word[BLOCK_WORDS];
};

void
idset_done(struct idset *s)
{
	free(s->blocks);
	*s = (struct idset){0};
}

/* The block that an id belongs to, if there is one. */
static struct idset_block *
block_of(const struct idset *s, uint64_t id)
{
	uint64_t at = id / BLOCK_IDS;

	if (at < s->first_block || at - s->first_block >= s->block_count)
		return NULL;
	return &s->blocks[at - s->first_block];
}

/* The block of an id, made if need be: whichever way the set grows, it doubles.
 * NULL: no memory. */
static struct idset_block *
make_block(struct idset *s, uint64_t id)
{
	uint64_t at = id / BLOCK_IDS;
	uint64_t from = s->first_block, to = from + s->block_count;
	struct idset_block *blocks;

	if (s->block_count == 0) {
		from = at;
		to = at + 1;
	} else if (at < from) {
		from = at - (at < s->block_count ? at : s->block_count);
	} else if (at >= to) {
		to = at + 1 + s->block_count;
	} else {
		return &s->blocks[at - from];
	}
	blocks = calloc(to - from, sizeof *blocks);
	if (blocks == NULL)
		return NULL;
	if (s->block_count > 0)
		memcpy(&blocks[s->first_block - from], s->blocks,
		    s->block_count * sizeof *blocks);
	free(s->blocks);
	s->blocks = blocks;
	s->first_block = from;
	s->block_count = (size_t)(to - from);
	return &blocks[at - from];
}

static uint64_t *
word_of(struct idset_block *b, uint64_t id)
{
	return &b->word[id / WORD_IDS % BLOCK_WORDS];
}

static uint64_t
bit_of(uint64_t id)
{
	return UINT64_C(1) << id % WORD_IDS;
}

bool
idset_add(struct idset *s, uint64_t id)
{
	struct idset_block *b = make_block(s, id);
	uint64_t *word;

	if (b == NULL)
		return false;
	word = word_of(b, id);
	if ((*word & bit_of(id)) == 0) {
		*word |= bit_of(id);
		b->count++;
		s->count++;
	}
	return true;
}

void
idset_remove(struct idset *s, uint64_t id)
{
	struct idset_block *b = block_of(s, id);

	if (b == NULL || (*word_of(b, id) & bit_of(id)) == 0)
		return;
	*word_of(b, id) &= ~bit_of(id);
	b->count--;
	s->count--;
}

bool
idset_has(const struct idset *s, uint64_t id)
{
	struct idset_block *b = block_of(s, id);

	return b != NULL && (*word_of(b, id) & bit_of(id)) != 0;
}

/* The first (last) id of a block that is not below from (not above to). */
static uint64_t
first_in(const struct idset_block *b, uint64_t base, unsigned from)
{
	uint64_t bits = b->word[from / WORD_IDS] >> from % WORD_IDS;

	if (bits != 0)
		return base + from + (unsigned)__builtin_ctzll(bits);
	for (unsigned w = from / WORD_IDS + 1; w < BLOCK_WORDS; w++)
		if (b->word[w] != 0)
			return base + w * WORD_IDS +
			       (unsigned)__builtin_ctzll(b->word[w]);
	return 0;
}

static uint64_t
last_in(const struct idset_block *b, uint64_t base, unsigned to)
{
	uint64_t bits = b->word[to / WORD_IDS]
			<< (WORD_IDS - 1 - to % WORD_IDS);

	if (bits != 0)
		return base + to - (unsigned)__builtin_clzll(bits);
	for (unsigned w = to / WORD_IDS; w-- > 0;)
		if (b->word[w] != 0)
			return base + w * WORD_IDS + WORD_IDS - 1 -
			       (unsigned)__builtin_clzll(b->word[w]);
	return 0;
}

uint64_t
idset_next(const struct idset *s, uint64_t id)
{
	uint64_t from = id + 1, found;
	size_t i = 0;

	if (from / BLOCK_IDS > s->first_block)
		i = from / BLOCK_IDS - s->first_block;
	for (; i < s->block_count; i++) {
		uint64_t base = (s->first_block + i) * BLOCK_IDS;

		if (s->blocks[i].count == 0)
			continue;
		found = first_in(&s->blocks[i], base,
		    from > base ? (unsigned)(from - base) : 0);
		if (found != 0)
			return found;
	}
	return 0;
}

uint64_t
idset_prev(const struct idset *s, uint64_t id)
{
	uint64_t to = id - 1, found; /* of 0: the largest there is */
	size_t i = s->block_count;

	if (to / BLOCK_IDS < s->first_block)
		return 0;
	if (to / BLOCK_IDS - s->first_block < i)
		i = to / BLOCK_IDS - s->first_block + 1;
	while (i-- > 0) {
		uint64_t base = (s->first_block + i) * BLOCK_IDS;

		if (s->blocks[i].count == 0)
			continue;
		found = last_in(&s->blocks[i], base,
		    to - base < BLOCK_IDS ? (unsigned)(to - base)
					  : BLOCK_IDS - 1);
		if (found != 0)
			return found;
	}
	return 0;
}

uint64_t
idset_rank(const struct idset *s, uint64_t id)
{
	const struct idset_block *b = block_of(s, id);
	uint64_t at = id / BLOCK_IDS, rank = 0;

	for (size_t i = 0; i < s->block_count && s->first_block + i < at; i++)
		rank += s->blocks[i].count;
	if (b == NULL)
		return rank;
	for (unsigned w = 0; w < id / WORD_IDS % BLOCK_WORDS; w++)
		rank += (unsigned)__builtin_popcountll(b->word[w]);
	return rank +
	       (unsigned)__builtin_popcountll(
		   b->word[id / WORD_IDS % BLOCK_WORDS] & (bit_of(id) - 1));
}

void
idset_forget_below(struct idset *s, uint64_t id)
{
	uint64_t at, gone;

	while ((at = idset_next(s, 0)) != 0 && at < id)
		idset_remove(s, at);
	gone = id / BLOCK_IDS;
	gone = gone > s->first_block ? gone - s->first_block : 0;
	if (gone == 0 || gone < s->block_count / 2)
		return;
	if (gone >= s->block_count) {
		idset_done(s);
		return;
	}
	memmove(s->blocks, &s->blocks[gone],
	    (s->block_count - gone) * sizeof *s->blocks);
	s->first_block += gone;
	s->block_count -= (size_t)gone;
}
