/*
 * Bytes to values and back. The checks of sizes come first; behind them the
 * bytes are read and written at the offsets that the format has.
 */
#include "net/pystruct.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "net/base/inline.h"
#include "net/pystruct_op.h"
#include "net/pystruct_pairs.h"

enum pystruct_op
op_of(const struct pystruct_code *code, size_t size, bool native)
{
	unsigned log = size == 8 ? 3 : size == 4 ? 2 : size == 2 ? 1 : 0;

	switch ((enum pystruct_kind)code->kind) {
	case PYSTRUCT_PADDING:
		return OP_PADDING;
	case PYSTRUCT_SIGNED:
		return OP_S8 + log;
	case PYSTRUCT_UNSIGNED:
		return OP_U8 + log;
	case PYSTRUCT_BOOL:
		return OP_BOOL;
	case PYSTRUCT_FLOAT:
		return size == 8   ? OP_DOUBLE
		       : size == 2 ? OP_HALF
		       : native    ? OP_FLOAT_TO_INF
				   : OP_FLOAT;
	case PYSTRUCT_BYTES:
		break;
	}
	return code->letter == 's'   ? OP_STRING
	       : code->letter == 'p' ? OP_PASCAL
				     : OP_CHAR;
}

/* ------------------------------------------------------------ half floats */

/* IEEE 754 binary16: 1 sign, 5 exponent (bias 15), 10 fraction bits. */
static double
half_to_double(uint16_t half)
{
	unsigned exponent = half >> 10 & 0x1f, fraction = half & 0x3ff;
	double v;

	if (exponent == 0x1f)
		v = fraction == 0 ? (double)INFINITY : (double)NAN;
	else if (exponent == 0)
		v = ldexp(fraction, -24);
	else
		v = ldexp(fraction | 0x400, (int)exponent - 25);
	return half & 0x8000 ? -v : v;
}

/* n >> shift, to the nearest, a tie to the even one. 0 < shift < 64. */
static uint64_t
shift_round(uint64_t n, unsigned shift)
{
	uint64_t half = UINT64_C(1) << (shift - 1);
	uint64_t rest = n & (2 * half - 1);

	n >>= shift;
	return n + (rest > half || (rest == half && (n & 1)));
}

/* The bits, or -1: too large, as 65520 and more are. */
static int
half_from_double(double v)
{
	uint64_t bits, sign, fraction, half;
	int exponent;

	memcpy(&bits, &v, sizeof bits);
	sign = bits >> 48 & 0x8000;
	exponent = (int)(bits >> 52 & 0x7ff) - 1023;
	fraction = bits & ((UINT64_C(1) << 52) - 1);
	if (exponent == 1024)
		half = fraction == 0 ? 0x7c00 : 0x7e00;
	else if (exponent < -25)
		half = 0;
	else if (exponent < -14)
		half = shift_round(
		    fraction | UINT64_C(1) << 52, (unsigned)(28 - exponent));
	else if (exponent <= 15)
		/* Rounding up may carry into the exponent, as it should. */
		half = ((uint64_t)(exponent + 15) << 10) +
		       shift_round(fraction, 42);
	else
		half = 0x7c00;
	return half >= 0x7c00 && exponent != 1024 ? -1 : (int)(sign | half);
}

/* --------------------------------------------------------- loads, stores */

#define DEFINE_ACCESS(bits)                                              \
	INLINE uint##bits##_t load##bits(const uint8_t *p, bool swap)    \
	{                                                                \
		uint##bits##_t v;                                        \
                                                                         \
		memcpy(&v, p, sizeof v);                                 \
		return swap ? __builtin_bswap##bits(v) : v;              \
	}                                                                \
                                                                         \
	INLINE void store##bits(uint8_t *p, uint##bits##_t v, bool swap) \
	{                                                                \
		v = swap ? __builtin_bswap##bits(v) : v;                 \
		memcpy(p, &v, sizeof v);                                 \
	}

DEFINE_ACCESS(16)
DEFINE_ACCESS(32)
DEFINE_ACCESS(64)

INLINE float
as_float(uint32_t bits)
{
	float v;

	memcpy(&v, &bits, sizeof v);
	return v;
}

INLINE uint32_t
float_bits(float v)
{
	uint32_t bits;

	memcpy(&bits, &v, sizeof bits);
	return bits;
}

/* In another byte order than this machine's? */
static bool
is_swapped(bool little)
{
	return little != (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);
}

/* ----------------------------------------------------------------- unpack */

#define EACH(n) for (uint64_t k = 0; k < (n); k++)

/* n values of f from p to v; swap is a constant where this is inlined. */
INLINE void
unpack_field(const struct pystruct_field *f, uint64_t n, const uint8_t *p,
    struct pystruct_value *v, bool swap)
{
	switch ((enum pystruct_op)f->op) {
	case OP_PADDING:
		break;
	case OP_S8:
		EACH(n) v[k].i = (int8_t)p[k];
		break;
	case OP_S16:
		EACH(n) v[k].i = (int16_t)load16(p + 2 * k, swap);
		break;
	case OP_S32:
		EACH(n) v[k].i = (int32_t)load32(p + 4 * k, swap);
		break;
	case OP_U8:
	case OP_BOOL:
		EACH(n) v[k].u = p[k];
		break;
	case OP_U16:
		EACH(n) v[k].u = load16(p + 2 * k, swap);
		break;
	case OP_U32:
		EACH(n) v[k].u = load32(p + 4 * k, swap);
		break;
	case OP_S64:
	case OP_U64:
	case OP_DOUBLE:
		EACH(n) v[k].u = load64(p + 8 * k, swap);
		break;
	case OP_HALF:
		EACH(n) v[k].d = half_to_double(load16(p + 2 * k, swap));
		break;
	case OP_FLOAT:
	case OP_FLOAT_TO_INF:
		EACH(n) v[k].d = (double)as_float(load32(p + 4 * k, swap));
		break;
	case OP_CHAR:
	case OP_STRING:
		EACH(n)
		{
			v[k].p = p + k;
			v[k].n = f->size;
		}
		break;
	case OP_PASCAL:
		v->p = f->size > 0 ? p + 1 : p;
		v->n = f->size == 0 ? 0 : *p >= f->size ? f->size - 1 : *p;
		break;
	}
}

INLINE void
unpack_fields(const struct pystruct_field *f, size_t n, const uint8_t *p,
    struct pystruct_value *v, bool swap)
{
	for (; n > 0; n--, f++)
		if (f->count == 1)
			unpack_field(f, 1, p + f->off, v + f->first, swap);
		else
			unpack_field(
			    f, f->count, p + f->off, v + f->first, swap);
}

INLINE void
unpack_string(
    const struct pystruct_field *f, const uint8_t *p, struct pystruct_value *v)
{
	v[f->first].p = p + f->off;
	v[f->first].n = f->size;
}

static APART int
unpack_rest(
    const struct pystruct *ps, const uint8_t *p, struct pystruct_value *v)
{
	if (is_swapped(ps->little))
		unpack_fields(ps->rest, ps->rest_count, p, v, true);
	else
		unpack_fields(ps->rest, ps->rest_count, p, v, false);
	return 0;
}

int
pystruct_check_size(const struct pystruct *ps, uint64_t n, struct err *err)
{
	if (n == ps->size)
		return 0;
	return err_set(err, -EMSGSIZE,
	    "unpack requires a buffer of %" PRIu64 " bytes, here %s %" PRIu64
	    ": %s",
	    ps->size, n == 1 ? "is" : "are", n,
	    n < ps->size ? "give the whole of it, or a shorter format"
			 : "leave the rest out, or skip it with x");
}

int
pystruct_unpack(const struct pystruct *ps, const void *data, size_t n,
    struct pystruct_value *values, struct err *err)
{
	if (n != ps->size)
		return pystruct_check_size(ps, n, err);
	if (ps->pair_count > 0)
		pystruct_pairs_unpack(ps, data, values);
	for (size_t i = 0; i < ps->string_count; i++)
		unpack_string(&ps->strings[i], data, values);
	return ps->rest_count > 0 ? unpack_rest(ps, data, values) : 0;
}

int64_t
pystruct_records(const struct pystruct *ps, size_t n, struct err *err)
{
	if (ps->size == 0)
		return err_set(err, -EINVAL,
		    "cannot iteratively unpack with a struct of length 0: "
		    "the format needs a letter that takes bytes");
	if (n % ps->size != 0)
		return err_set(err, -EMSGSIZE,
		    "iterative unpacking requires a buffer of a multiple of "
		    "%" PRIu64 " bytes: of %zu, %" PRIu64 " are left over",
		    ps->size, n, n % ps->size);
	return (int64_t)(n / ps->size);
}

void
pystruct_get(const struct pystruct_item *it, bool little, const uint8_t *bytes,
    struct pystruct_value *ret)
{
	if (is_swapped(little))
		unpack_field(it->field, 1, bytes, ret, true);
	else
		unpack_field(it->field, 1, bytes, ret, false);
}

/* ------------------------------------------------------------------- pack */

/*
 * Write n values and see whether all of them fitted: no branch for each, since
 * who asks which one it was has time.
 */
#define EACH_FITS(n, fits, store)       \
	do {                            \
		bool odd = false;       \
		EACH(n)                 \
		{                       \
			odd |= !(fits); \
			store;          \
		}                       \
		return !odd;            \
	} while (0)

/* The sizes of most formats are too small for what calling memcpy() costs. */
INLINE void
copy(uint8_t *to, const uint8_t *from, size_t n)
{
	if (n > 16) {
		memcpy(to, from, n);
	} else if (n >= 8) {
		memcpy(to, from, 8);
		memcpy(to + n - 8, from + n - 8, 8);
	} else {
		for (size_t i = 0; i < n; i++)
			to[i] = from[i];
	}
}

INLINE void
zero(uint8_t *to, size_t n)
{
	if (n > 16)
		memset(to, 0, n);
	else
		for (size_t i = 0; i < n; i++)
			to[i] = 0;
}

INLINE void
put_string(uint8_t *p, size_t size, const uint8_t *from, size_t n)
{
	n = n < size ? n : size;
	copy(p, from, n);
	zero(p + n, size - n);
}

/*
 * A first byte with the length, which stops at 255; the text goes on, as it
 * does in CPython.
 */
static void
put_pascal(uint8_t *p, size_t size, const uint8_t *from, size_t n)
{
	if (size == 0)
		return;
	n = n < size ? n : size - 1;
	*p = n < 255 ? (uint8_t)n : 255;
	put_string(p + 1, size - 1, from, n);
}

static bool
put_halves(uint8_t *p, const struct pystruct_value *v, uint64_t n, bool swap)
{
	EACH(n)
	{
		int half = half_from_double(v[k].d);

		if (half < 0)
			return false;
		store16(p + 2 * k, (uint16_t)half, swap);
	}
	return true;
}

static bool
put_chars(uint8_t *p, const struct pystruct_value *v, uint64_t n)
{
	EACH(n)
	{
		if (v[k].n != 1)
			return false;
		p[k] = *v[k].p;
	}
	return true;
}

/* Like unpack_field(); false: one of the values does not fit. */
INLINE bool
pack_field(const struct pystruct_field *f, uint64_t n,
    const struct pystruct_value *v, uint8_t *p, bool swap)
{
	switch ((enum pystruct_op)f->op) {
	case OP_PADDING:
		zero(p, f->size);
		return true;
	case OP_S8:
		EACH_FITS(n, v[k].i == (int8_t)v[k].i, p[k] = (uint8_t)v[k].i);
	case OP_S16:
		EACH_FITS(n, v[k].i == (int16_t)v[k].i,
		    store16(p + 2 * k, (uint16_t)v[k].i, swap));
	case OP_S32:
		EACH_FITS(n, v[k].i == (int32_t)v[k].i,
		    store32(p + 4 * k, (uint32_t)v[k].i, swap));
	case OP_U8:
		EACH_FITS(n, v[k].u <= UINT8_MAX, p[k] = (uint8_t)v[k].u);
	case OP_U16:
		EACH_FITS(n, v[k].u <= UINT16_MAX,
		    store16(p + 2 * k, (uint16_t)v[k].u, swap));
	case OP_U32:
		EACH_FITS(n, v[k].u <= UINT32_MAX,
		    store32(p + 4 * k, (uint32_t)v[k].u, swap));
	case OP_S64:
	case OP_U64:
	case OP_DOUBLE:
		EACH_FITS(n, true, store64(p + 8 * k, v[k].u, swap));
	case OP_BOOL:
		EACH_FITS(n, true, p[k] = v[k].u != 0);
	case OP_HALF:
		return put_halves(p, v, n, swap);
	case OP_FLOAT:
		EACH_FITS(n, isinf(v[k].d) || !isinf((float)v[k].d),
		    store32(p + 4 * k, float_bits((float)v[k].d), swap));
	case OP_FLOAT_TO_INF:
		EACH_FITS(n, true,
		    store32(p + 4 * k, float_bits((float)v[k].d), swap));
	case OP_CHAR:
		return put_chars(p, v, n);
	case OP_STRING:
		put_string(p, f->size, v->p, v->n);
		return true;
	case OP_PASCAL:
		put_pascal(p, f->size, v->p, v->n);
		return true;
	}
	return true;
}

/* False: a value does not fit. */
INLINE bool
pack_fields(const struct pystruct_field *f, size_t n,
    const struct pystruct_value *v, uint8_t *p, bool swap)
{
	for (; n > 0; n--, f++) {
		const struct pystruct_value *from = v + f->first;
		uint8_t *to = p + f->off;
		bool fits = f->count == 1
				? pack_field(f, 1, from, to, swap)
				: pack_field(f, f->count, from, to, swap);

		if (!fits)
			return false;
	}
	return true;
}

/* One value after the other: true ones that are not 1, and which is bad. */
static APART int
pack_slowly(const struct pystruct *ps, const struct pystruct_value *values,
    uint8_t *bytes, struct err *err)
{
	struct pystruct_item it = {0};
	int r = 0;

	while (r == 0 && pystruct_next(ps, &it))
		r = pystruct_put(&it, ps->little,
		    pystruct_is_padding(&it) ? NULL : &values[it.index],
		    bytes + it.off, err);
	return r;
}

INLINE void
pack_string(
    const struct pystruct_field *f, const struct pystruct_value *v, uint8_t *p)
{
	put_string(p + f->off, f->size, v[f->first].p, v[f->first].n);
}

static APART int
pack_rest(const struct pystruct *ps, const struct pystruct_value *v, uint8_t *p,
    struct err *err)
{
	bool fits = is_swapped(ps->little)
			? pack_fields(ps->rest, ps->rest_count, v, p, true)
			: pack_fields(ps->rest, ps->rest_count, v, p, false);

	return fits ? 0 : pack_slowly(ps, v, p, err);
}

int
pystruct_out_of_range(
    const struct pystruct_item *it, const char *number, struct err *err)
{
	const struct pystruct_code *c = it->field->code;
	unsigned bits = (unsigned)it->len * 8;
	char range[80];

	if (c->kind == PYSTRUCT_FLOAT)
		return err_set(err, -ERANGE,
		    "value %" PRIu64 ": %s is too large to pack with %c "
		    "format (%s, %" PRIu64 " bytes); take a wider letter, d "
		    "is the widest",
		    it->index + 1, number, c->letter, c->name, it->len);
	if (c->kind == PYSTRUCT_SIGNED)
		snprintf(range, sizeof range,
		    "%" PRId64 " <= number <= %" PRId64,
		    INT64_MIN >> (64 - bits), INT64_MAX >> (64 - bits));
	else
		snprintf(range, sizeof range,
		    "%" PRId64 " <= number <= %" PRIu64,
		    c->letter == 'P' ? INT64_MIN >> (64 - bits) : 0,
		    UINT64_MAX >> (64 - bits));
	return err_set(err, -ERANGE,
	    "value %" PRIu64 ": %s is out of range: '%c' (%s, %" PRIu64
	    " byte%s) format requires %s; take a wider letter or another "
	    "number",
	    it->index + 1, number, c->letter, c->name, it->len,
	    it->len == 1 ? "" : "s", range);
}

static int
does_not_fit(const struct pystruct_item *it, const struct pystruct_value *value,
    struct err *err)
{
	char number[40];

	switch ((enum pystruct_kind)it->field->code->kind) {
	case PYSTRUCT_BYTES:
		return err_set(err, -ERANGE,
		    "value %" PRIu64 ": char format requires one byte, here "
		    "are %zu; use s for text, or a value for each c",
		    it->index + 1, value->n);
	case PYSTRUCT_FLOAT:
		snprintf(number, sizeof number, "%g", value->d);
		break;
	case PYSTRUCT_SIGNED:
		snprintf(number, sizeof number, "%" PRId64, value->i);
		break;
	case PYSTRUCT_UNSIGNED:
	case PYSTRUCT_BOOL:
	case PYSTRUCT_PADDING:
		snprintf(number, sizeof number, "%" PRIu64, value->u);
		break;
	}
	return pystruct_out_of_range(it, number, err);
}

int
pystruct_check_count(const struct pystruct *ps, uint64_t n, struct err *err)
{
	struct pystruct_item it;

	if (n == ps->values)
		return 0;
	if (!pystruct_nth(ps, n, &it))
		return err_set(err, -EINVAL,
		    "pack expected %" PRIu64 " items for packing (got %" PRIu64
		    "): the format has no letter for value %" PRIu64
		    "; leave it out, or add one",
		    ps->values, n, ps->values + 1);
	return err_set(err, -EINVAL,
	    "pack expected %" PRIu64 " items for packing (got %" PRIu64
	    "): value %" PRIu64 " is missing, for the '%c' at position %zu "
	    "of the format",
	    ps->values, n, n + 1, it.field->code->letter, it.field->end);
}

int
pystruct_pack(const struct pystruct *ps, const struct pystruct_value *values,
    size_t n, void *dst, size_t size, struct err *err)
{
	if (n != ps->values)
		return pystruct_check_count(ps, n, err);
	if (size < ps->size)
		return err_set(err, -ENOBUFS,
		    "pack requires a buffer of at least %" PRIu64
		    " bytes (actual buffer size is %zu)",
		    ps->size, size);
	if (ps->pair_count > 0 && !pystruct_pairs_pack(ps, values, dst))
		return pack_slowly(ps, values, dst, err);
	for (size_t i = 0; i < ps->string_count; i++)
		pack_string(&ps->strings[i], values, dst);
	return ps->rest_count > 0 ? pack_rest(ps, values, dst, err) : 0;
}

int
pystruct_put(const struct pystruct_item *it, bool little,
    const struct pystruct_value *value, uint8_t *bytes, struct err *err)
{
	uint8_t number[8]; /* what may not fit is at most as long */
	uint8_t *to = it->len <= sizeof number ? number : bytes;
	bool fits;

	if (is_swapped(little))
		fits = pack_field(it->field, 1, value, to, true);
	else
		fits = pack_field(it->field, 1, value, to, false);
	if (!fits)
		return does_not_fit(it, value, err);
	if (to != bytes)
		memcpy(bytes, to, it->len);
	return 0;
}
