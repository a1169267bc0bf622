#include "net/pystruct_pairs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "net/pystruct_op.h"

#define WINDOW 16 /* bytes that one shuffle sees */
#define NOTHING 0x80 /* in a shuffle: a zero */

struct pystruct_pair {
	/* two values from the window's bytes */
	_Alignas(WINDOW) uint8_t gather[WINDOW];
	uint8_t scatter[WINDOW]; /* and back */
	uint64_t sign[2]; /* the bit that a narrow signed number extends */
	/* (value + bias) & over is not 0 for what does not fit */
	uint64_t bias[2], over[2];
	uint64_t off; /* of the window */
	uint64_t first; /* number of the first value */
};

#if defined(__x86_64__) || defined(__i386__)

#include <sys/platform/x86.h>
#include <tmmintrin.h>

#define SHUFFLES __attribute__((target("ssse3")))

static bool
has_shuffle(void)
{
	/* Not __builtin_cpu_supports(): that asks the processor at each start
	 * of the program, for which a virtual machine stops twenty times. */
	return CPU_FEATURE_ACTIVE(SSSE3);
}

static inline SHUFFLES __m128i
load(const void *aligned)
{
	return _mm_load_si128(aligned);
}

SHUFFLES void
pystruct_pairs_unpack(const struct pystruct *ps, const uint8_t *bytes,
    struct pystruct_value *values)
{
	const struct pystruct_pair *pair = ps->pairs;

	for (size_t left = ps->pair_count; left > 0; left--, pair++) {
		struct pystruct_value *v = values + pair->first;
		__m128i sign = load(pair->sign);
		__m128i x = _mm_loadu_si128((const void *)(bytes + pair->off));

		x = _mm_shuffle_epi8(x, load(pair->gather));
		x = _mm_sub_epi64(_mm_xor_si128(x, sign), sign);
		_mm_storel_epi64((void *)&v[0].u, x);
		_mm_storeh_pd(&v[1].d, _mm_castsi128_pd(x));
	}
}

SHUFFLES bool
pystruct_pairs_pack(const struct pystruct *ps,
    const struct pystruct_value *values, uint8_t *bytes)
{
	const struct pystruct_pair *pair = ps->pairs;
	__m128i over = _mm_setzero_si128();

	for (size_t left = ps->pair_count; left > 0; left--, pair++) {
		const struct pystruct_value *v = values + pair->first;
		__m128i x = _mm_castpd_si128(
		    _mm_loadh_pd(_mm_load_sd(&v[0].d), &v[1].d));

		over = _mm_or_si128(
		    over, _mm_and_si128(_mm_add_epi64(x, load(pair->bias)),
			      load(pair->over)));
		x = _mm_shuffle_epi8(x, load(pair->scatter));
		_mm_storeu_si128((void *)(bytes + pair->off), x);
	}
	return _mm_movemask_epi8(_mm_cmpeq_epi8(over, _mm_setzero_si128())) ==
	       0xffff;
}

#else

static bool
has_shuffle(void)
{
	return false;
}

void
pystruct_pairs_unpack(const struct pystruct *ps, const uint8_t *bytes,
    struct pystruct_value *values)
{
	(void)ps, (void)bytes, (void)values;
}

bool
pystruct_pairs_pack(const struct pystruct *ps,
    const struct pystruct_value *values, uint8_t *bytes)
{
	(void)ps, (void)values, (void)bytes;
	return true;
}

#endif

/* A number whose value is its bytes: not those that change form. */
static bool
is_plain(const struct pystruct_field *f)
{
	switch ((enum pystruct_kind)f->code->kind) {
	case PYSTRUCT_SIGNED:
	case PYSTRUCT_UNSIGNED:
	case PYSTRUCT_BOOL:
		return f->count == 1;
	case PYSTRUCT_FLOAT:
		return f->count == 1 && f->size == 8;
	case PYSTRUCT_BYTES:
	case PYSTRUCT_PADDING:
		break;
	}
	return false;
}

/* Do a and the field behind it make a pair? A store of the window may spoil
 * what follows it, but must end with the bytes. */
static bool
is_pair(const struct pystruct *ps, const struct pystruct_field *a)
{
	const struct pystruct_field *b = a + 1;

	return has_shuffle() && b < ps->fields + ps->count && is_plain(a) &&
	       is_plain(b) && ps->size >= WINDOW &&
	       a->off <= ps->size - WINDOW &&
	       b->off + b->size - a->off <= WINDOW;
}

static void
set_lane(struct pystruct_pair *pair, unsigned lane,
    const struct pystruct_field *f, bool little)
{
	unsigned size = (unsigned)f->size;
	uint64_t half = UINT64_C(1) << (8 * size - 1);
	bool is_signed = f->code->kind == PYSTRUCT_SIGNED && size < 8;

	for (unsigned i = 0; i < size; i++) {
		unsigned in = 8 * lane + i; /* the value, little-endian */
		unsigned at = (unsigned)(f->off - pair->off) +
			      (little ? i : size - 1 - i);

		pair->gather[in] = (uint8_t)at;
		pair->scatter[at] = (uint8_t)in;
	}
	pair->sign[lane] = pair->bias[lane] = is_signed ? half : 0;
	pair->over[lane] = ~(half | (half - 1));
	if (f->code->kind == PYSTRUCT_BOOL)
		pair->over[lane] = ~UINT64_C(1);
}

static void
set_pair(
    struct pystruct_pair *pair, const struct pystruct_field *f, bool little)
{
	memset(pair->gather, NOTHING, WINDOW);
	memset(pair->scatter, NOTHING, WINDOW);
	pair->off = f->off;
	pair->first = f->first;
	set_lane(pair, 0, f, little);
	set_lane(pair, 1, f + 1, little);
}

int
pystruct_pairs_find(struct pystruct *ps)
{
	ps->pair_count = ps->string_count = ps->rest_count = 0;
	ps->pairs = calloc(ps->count + 1, sizeof *ps->pairs);
	ps->strings = calloc(ps->count + 1, sizeof *ps->strings);
	ps->rest = calloc(ps->count + 1, sizeof *ps->rest);
	if (ps->pairs == NULL || ps->strings == NULL || ps->rest == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < ps->count; i++) {
		const struct pystruct_field *f = &ps->fields[i];

		if (is_pair(ps, f)) {
			set_pair(&ps->pairs[ps->pair_count++], f, ps->little);
			i++;
		} else if (i > 0 && is_pair(ps, f - 1)) {
			/* One is left over: the one before moves twice. */
			set_pair(
			    &ps->pairs[ps->pair_count++], f - 1, ps->little);
		} else if (f->op == OP_STRING) {
			ps->strings[ps->string_count++] = *f;
		} else {
			ps->rest[ps->rest_count++] = *f;
		}
	}
	return 0;
}

void
pystruct_pairs_done(struct pystruct *ps)
{
	free(ps->pairs);
	free(ps->strings);
	free(ps->rest);
}
