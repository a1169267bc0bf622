/*
 * net/pystruct.h - Python's struct: a format compiled once, and then values to
 * bytes and back, whole or field by field.
 *
 * The language is CPython's: @ = < > ! first, then letters with counts, blanks
 * between; native sizes and alignment with @ or nothing, standard sizes and no
 * alignment with the others; = is this machine's byte order, ! is >. What
 * CPython refuses is refused, for the same reasons. One difference: 0p, which
 * writes a byte outside of its field there, is empty here.
 *
 * A compiled format covers its bytes [0, size) without gap or overlap by
 * fields; a field is `count` values of `size` bytes each, or one range of
 * padding (written as x, or put there by alignment). An item is one value, or
 * one such range: what a screen colours and labels.
 *
 * A value has no type of its own, its field's kind says which member holds it.
 *
 * Owns:   a struct pystruct its fields; values of kind BYTES borrow.
 * Bounds: formats, counts and sizes as in CPython: nothing is allocated for a
 *         count, so that 9999999999x compiles.
 * Thread: any; a compiled format is read only.  Blocks: never.
 * Source: docs.python.org/3/library/struct.html, CPython Modules/_struct.c.
 */
#ifndef SOCKDECK_NET_PYSTRUCT_H
#define SOCKDECK_NET_PYSTRUCT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/base/buf.h"
#include "net/base/err.h"

enum pystruct_kind {
	PYSTRUCT_PADDING, /* x, and what alignment adds: no value */
	PYSTRUCT_SIGNED, /* b h i l q n: value.i */
	PYSTRUCT_UNSIGNED, /* B H I L Q N P: value.u */
	PYSTRUCT_BOOL, /* ?: value.u, not 0 for True */
	PYSTRUCT_FLOAT, /* e f d: value.d */
	PYSTRUCT_BYTES, /* c s p: value.p and value.n */
};

/* One letter of the language; '\0' is the padding that alignment adds. */
struct pystruct_code {
	char letter;
	uint8_t kind; /* enum pystruct_kind */
	uint8_t size; /* standard, bytes; 0: the letter is native only */
	uint8_t native_size, native_align;
	const char *name; /* "unsigned short" */
};

struct pystruct_field {
	const struct pystruct_code *code;
	uint64_t off; /* of its first byte */
	uint64_t size; /* bytes of one value, or of the whole padding */
	uint64_t count; /* values; 1 for s and p and for padding */
	uint64_t first; /* number of its first value, from 0 */
	size_t at, end; /* its text in the format, half-open */
	uint8_t op; /* how the codec handles it */
};

struct pystruct_pair;

struct pystruct {
	bool little; /* byte order of the format */
	bool native; /* sizes and alignment of this machine */
	uint64_t size; /* calcsize: bytes; at most INT64_MAX */
	uint64_t values; /* length of the tuple */
	struct pystruct_field *fields;
	size_t count;
	size_t bad_at; /* after a failed compile: where in the format */
	/* for pack and unpack: the fields, sorted by how they are moved: two
	 * numbers at a time, strings, and all others */
	struct pystruct_pair *pairs;
	struct pystruct_field *strings, *rest;
	size_t pair_count, string_count, rest_count;
};

/*
 * Compile a format (NUL-terminated). Returns 0, -EINVAL with a sentence that
 * names the position (from 1) and ps->bad_at (from 0), or -ENOMEM. A failed ps
 * is empty and needs no pystruct_done(), which may be called all the same.
 */
int pystruct_compile(struct pystruct *ps, const char *format, struct err *err);
void pystruct_done(struct pystruct *ps);

/* ------------------------------------------------------------------ items */

struct pystruct_item {
	const struct pystruct_field *field; /* NULL: before the first */
	uint64_t off, len; /* its bytes */
	uint64_t within; /* which of the field's values, from 0 */
	uint64_t index; /* which value of the tuple; not for padding */
};

static inline bool
pystruct_is_padding(const struct pystruct_item *it)
{
	return it->field->code->kind == PYSTRUCT_PADDING;
}

/* Walk all items in order, from a zeroed one; false after the last. */
bool pystruct_next(const struct pystruct *ps, struct pystruct_item *it);
/* Value n of the tuple; false: there are fewer. */
bool pystruct_nth(
    const struct pystruct *ps, uint64_t n, struct pystruct_item *ret);
/* What byte off belongs to; false: it is outside. */
bool pystruct_at(
    const struct pystruct *ps, uint64_t off, struct pystruct_item *ret);

/* ----------------------------------------------------------------- values */

struct pystruct_value {
	union {
		int64_t i;
		uint64_t u;
		double d;
		const uint8_t *p;
	};
	size_t n; /* bytes at p; meaningless for the other members */
};

/*
 * Exactly ps->size bytes to ps->values values; those of kind BYTES borrow data.
 * Returns 0, or -EMSGSIZE for another n.
 */
int pystruct_unpack(const struct pystruct *ps, const void *data, size_t n,
    struct pystruct_value *values, struct err *err);

/*
 * n values to the first ps->size bytes of dst[0, size). Returns that 0, or
 * -EINVAL (too many or few values), -ERANGE (a number that does not fit, a c
 * that is not one byte), -ENOBUFS; dst is undefined then.
 */
int pystruct_pack(const struct pystruct *ps,
    const struct pystruct_value *values, size_t n, void *dst, size_t size,
    struct err *err);

/*
 * How many records of the format n bytes are, one behind the other, as
 * iter_unpack reads them; record k begins at k * ps->size. -EINVAL for a format
 * of no bytes, -EMSGSIZE if a part of a record is left.
 */
int64_t pystruct_records(const struct pystruct *ps, size_t n, struct err *err);

/* One value from its it->len bytes, in either byte order. */
void pystruct_get(const struct pystruct_item *it, bool little,
    const uint8_t *bytes, struct pystruct_value *ret);
/* One value to its it->len bytes; padding becomes zeros, whatever the value.
 * -ERANGE: it does not fit, nothing written. */
int pystruct_put(const struct pystruct_item *it, bool little,
    const struct pystruct_value *value, uint8_t *bytes, struct err *err);

/* ------------------------------------------------------- values as text */

/*
 * One value from text to its it->len bytes. Numbers as Python writes them:
 * -5, 0xff, 0b1010, 1_000, 2.5e-3, nan, -inf, True. Bytes: text with the
 * escapes of text_unescape(), cut or filled up as Python's s and p.
 * Returns 0, -EINVAL (not such a value) or -ERANGE; nothing is written then.
 */
int pystruct_put_text(const struct pystruct_item *it, bool little,
    const char *text, uint8_t *bytes, struct err *err);

/* The value as pystruct_put_text() takes it. */
void pystruct_text(const struct pystruct_item *it, bool little,
    const uint8_t *bytes, struct buf *out);
/* The value as Python's repr() prints it: 7, 0.1, True, b'a\x00'. */
void pystruct_repr(const struct pystruct_item *it, bool little,
    const uint8_t *bytes, struct buf *out);
/* All of them, from ps->size bytes, as repr() of the tuple: (1, b'a'). */
void pystruct_tuple(const struct pystruct *ps, bool little,
    const uint8_t *bytes, struct buf *out);

/*
 * Refuse a number of values that is not ps->values, with the sentence that
 * says what is missing or too much. Returns 0 or -EINVAL.
 */
int pystruct_check_count(
    const struct pystruct *ps, uint64_t n, struct err *err);
/* The same for a number of bytes to unpack. Returns 0 or -EMSGSIZE. */
int pystruct_check_size(const struct pystruct *ps, uint64_t n, struct err *err);

#endif
