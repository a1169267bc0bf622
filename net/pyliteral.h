/*
 * net/pyliteral.h - values as Python writes them: text to a number and back.
 *
 * Independent of the locale.
 *
 * Owns:   nothing.  Thread: any.  Blocks: never.
 * Bounds: numbers of at most PYLITERAL_DIGITS digits, as Python has it.
 * Source: docs.python.org/3/reference/lexical_analysis.html s2.4.5, s2.4.6,
 *         float() for nan and inf; David M. Gay's rule for repr().
 */
#ifndef SOCKDECK_NET_PYLITERAL_H
#define SOCKDECK_NET_PYLITERAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/base/buf.h"
#include "net/base/err.h"

#define PYLITERAL_DIGITS 4300

struct pyliteral_number {
	bool is_float; /* written with a point or an exponent, or nan, inf */
	/* an integer: sign, and the rest; huge if that passes 64 bits */
	bool negative, huge;
	uint64_t magnitude;
	/* either: the nearest double; inf for an integer beyond them all */
	double d;
};

/*
 * 12, -1_000, 0xff, 0o17, 0b1010, True, 2.5, .5e-3, nan, -inf; blanks around
 * it. Returns 0, or -EINVAL with a sentence that names the column (from 1).
 */
int pyliteral_number(
    const char *text, struct pyliteral_number *ret, struct err *err);

#define PYLITERAL_FLOAT_MAX 48

/* repr(d): the shortest text that is read as d again. Returns dst. */
const char *pyliteral_float(char dst[PYLITERAL_FLOAT_MAX], double d);

/* repr() of a bytes object: b'a\x00'. */
void pyliteral_bytes(struct buf *out, const uint8_t *p, size_t n);

#endif
