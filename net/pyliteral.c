#include "net/pyliteral.h"

#include <errno.h>
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SHORTEST_MAX 17 /* digits that tell any two doubles apart */

/* Far beyond any double, and far from any overflow. */
#define EXPONENT_MAX 100000

/* The text, and its digits so far without point and underscores. */
struct scan {
	const char *text;
	size_t at;
	char digits[PYLITERAL_DIGITS + 1];
	size_t len;
	struct err *err;
};

static int
refuse(const struct scan *s, const char *what)
{
	return err_set(s->err, -EINVAL, "column %zu: %s", s->at + 1, what);
}

/* digits * 10^exponent. Without a point no locale has a say in it. */
static double
decimal(const char *digits, long exponent)
{
	char text[PYLITERAL_DIGITS + 16];

	snprintf(text, sizeof text, "%se%ld", digits, exponent);
	return strtod(text, NULL);
}

static int
digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 16;
}

/* One underscore may stand between digits, and behind a prefix. */
static int
read_digits(struct scan *s, int base, bool prefixed)
{
	size_t begin = s->len;

	for (;; s->at++) {
		char c = s->text[s->at];

		if (c == '_') {
			if ((s->len == begin && !prefixed) ||
			    digit_value(s->text[s->at + 1]) >= base)
				return refuse(s,
				    "an underscore stands between two digits");
			continue;
		}
		if (digit_value(c) >= base)
			break;
		if (s->len == PYLITERAL_DIGITS)
			return refuse(s, "no number has more than 4300 digits");
		s->digits[s->len++] = c;
	}
	s->digits[s->len] = '\0';
	return 0;
}

static void
set_magnitude(const struct scan *s, unsigned base, struct pyliteral_number *n)
{
	for (size_t i = 0; i < s->len; i++) {
		uint64_t digit = (uint64_t)digit_value(s->digits[i]);

		if (n->magnitude > (UINT64_MAX - digit) / base)
			n->huge = true;
		n->magnitude = n->magnitude * base + digit;
	}
	if (n->huge)
		n->magnitude = UINT64_MAX;
}

/* Base 2^bits: the highest 61 bits or more, and in the last one whether
 * anything is below them, are rounded once. */
static double
binary(const struct scan *s, unsigned bits)
{
	uint64_t high = 0;
	int below = 0;

	for (size_t i = 0; i < s->len; i++) {
		unsigned digit = (unsigned)digit_value(s->digits[i]);

		if (high >> (64 - bits) == 0) {
			high = high << bits | digit;
		} else {
			below += (int)bits;
			high |= digit != 0;
		}
	}
	return ldexp((double)high, below);
}

static int
read_prefixed(struct scan *s, unsigned bits, struct pyliteral_number *n)
{
	int r;

	s->at += 2;
	r = read_digits(s, 1 << bits, true);
	if (r < 0)
		return r;
	if (s->len == 0)
		return refuse(s, "a digit of that base is missing");
	set_magnitude(s, 1u << bits, n);
	n->d = binary(s, bits);
	return 0;
}

static int
read_exponent(struct scan *s, long *ret)
{
	bool negative = s->text[s->at + 1] == '-';
	size_t begin = s->len;
	int r;

	s->at += s->text[s->at + 1] == '-' || s->text[s->at + 1] == '+' ? 2 : 1;
	r = read_digits(s, 10, false);
	if (r < 0)
		return r;
	if (s->len == begin)
		return refuse(s, "a digit of the exponent is missing");
	*ret = 0;
	for (size_t i = begin; i < s->len; i++)
		if (*ret < EXPONENT_MAX)
			*ret = *ret * 10 + digit_value(s->digits[i]);
	if (negative)
		*ret = -*ret;
	s->len = begin;
	s->digits[begin] = '\0';
	return 0;
}

static int
read_decimal(struct scan *s, struct pyliteral_number *n)
{
	size_t begin = s->at, whole;
	long exponent = 0;
	int r;

	r = read_digits(s, 10, false);
	if (r < 0)
		return r;
	whole = s->len;
	if (s->text[s->at] == '.') {
		n->is_float = true;
		s->at++;
		r = read_digits(s, 10, false);
		if (r < 0)
			return r;
	}
	if (s->len == 0) {
		s->at = begin;
		return refuse(s, "no number begins here");
	}
	if ((s->text[s->at] | 0x20) == 'e') {
		n->is_float = true;
		r = read_exponent(s, &exponent);
		if (r < 0)
			return r;
	}
	if (!n->is_float && s->digits[0] == '0' &&
	    strspn(s->digits, "0") < s->len) {
		s->at = begin;
		return refuse(s,
		    "leading zeros are not permitted in an integer; "
		    "0o17 is octal");
	}
	n->d = decimal(s->digits, exponent - (long)(s->len - whole));
	if (!n->is_float)
		set_magnitude(s, 10, n);
	return 0;
}

/* nan, inf, True ...: false if the text is no such word. */
static bool
read_word(struct scan *s, struct pyliteral_number *n)
{
	const char *p = s->text + s->at;
	size_t len = strspn(p, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRST"
			       "UVWXYZ");

	if (len == 3 && strncasecmp(p, "nan", 3) == 0) {
		n->is_float = true;
		n->d = (double)NAN;
	} else if ((len == 3 && strncasecmp(p, "inf", 3) == 0) ||
		   (len == 8 && strncasecmp(p, "infinity", 8) == 0)) {
		n->is_float = true;
		n->d = (double)INFINITY;
	} else if (len == 4 && strncmp(p, "True", 4) == 0) {
		n->magnitude = 1;
		n->d = 1;
	} else if (!(len == 5 && strncmp(p, "False", 5) == 0)) {
		return false;
	}
	s->at += len;
	return true;
}

static int
read_unsigned(struct scan *s, struct pyliteral_number *n)
{
	if (read_word(s, n))
		return 0;
	if (s->text[s->at] == '0')
		switch (s->text[s->at + 1] | 0x20) {
		case 'x':
			return read_prefixed(s, 4, n);
		case 'o':
			return read_prefixed(s, 3, n);
		case 'b':
			return read_prefixed(s, 1, n);
		default:
			break;
		}
	return read_decimal(s, n);
}

int
pyliteral_number(
    const char *text, struct pyliteral_number *ret, struct err *err)
{
	struct scan s = {.text = text, .err = err};
	struct pyliteral_number n = {0};
	int r;

	s.at = strspn(text, " \t");
	n.negative = text[s.at] == '-';
	s.at += n.negative || text[s.at] == '+';
	r = read_unsigned(&s, &n);
	if (r < 0)
		return r;
	s.at += strspn(text + s.at, " \t");
	if (text[s.at] != '\0')
		return refuse(&s, "the number ends before this");
	/* An integer 0 has no sign, a float 0 does. */
	if (!n.is_float && n.magnitude == 0)
		n.negative = false;
	if (n.negative)
		n.d = -n.d;
	*ret = n;
	return 0;
}

/* ------------------------------------------------------------------- repr */

/* digits d0 d1 ... with v = d0.d1... * 10^exponent */
struct shortest {
	char digits[SHORTEST_MAX + 1];
	int exponent;
};

static void
round_to(double v, int n, struct shortest *ret)
{
	char text[SHORTEST_MAX + 16];
	size_t len = 0;
	char *p = text;

	snprintf(text, sizeof text, "%.*e", n - 1, v);
	/* Whatever the locale writes for a point is no digit. */
	for (; *p != 'e'; p++)
		if (*p >= '0' && *p <= '9')
			ret->digits[len++] = *p;
	ret->digits[len] = '\0';
	ret->exponent = (int)strtol(p + 1, NULL, 10);
}

static bool
reads_as(const struct shortest *s, double v)
{
	long fraction = (long)strlen(s->digits) - 1;
	double read = decimal(s->digits, s->exponent - fraction);

	return memcmp(&read, &v, sizeof v) == 0;
}

/* The next larger decimal of as many digits. */
static void
next_up(struct shortest *s)
{
	size_t i = strlen(s->digits);

	while (i > 0 && s->digits[i - 1] == '9')
		s->digits[--i] = '0';
	if (i > 0) {
		s->digits[i - 1]++;
	} else {
		s->digits[0] = '1';
		s->exponent++;
	}
}

/*
 * Of the decimals with the fewest digits that are read as v, the nearest. Up to
 * 15 digits survive the way through a normal double, so with 15 all shorter
 * ones are found, with zeros behind. At a power of two the doubles below are
 * denser than those above: the nearest of 16 digits may lie below and be lost
 * to a neighbour, while the next one up is not.
 */
static void
find_shortest(double v, struct shortest *s)
{
	int exponent;
	bool power = frexp(v, &exponent) == 0.5;
	size_t len;

	for (int n = v < DBL_MIN ? 1 : DBL_DIG; n <= SHORTEST_MAX; n++) {
		round_to(v, n, s);
		if (reads_as(s, v))
			break;
		if (power && n == SHORTEST_MAX - 1) {
			next_up(s);
			if (reads_as(s, v))
				break;
		}
	}
	len = strlen(s->digits);
	while (len > 1 && s->digits[len - 1] == '0')
		s->digits[--len] = '\0';
}

const char *
pyliteral_float(char dst[PYLITERAL_FLOAT_MAX], double d)
{
	const char *sign = signbit(d) ? "-" : "";
	struct shortest s;
	int len, e;

	if (isnan(d) || isinf(d) || d == 0) {
		snprintf(dst, PYLITERAL_FLOAT_MAX, "%s%s", isnan(d) ? "" : sign,
		    isnan(d)   ? "nan"
		    : isinf(d) ? "inf"
			       : "0.0");
		return dst;
	}
	find_shortest(fabs(d), &s);
	len = (int)strlen(s.digits);
	e = s.exponent;
	if (e < -4 || e >= 16)
		snprintf(dst, PYLITERAL_FLOAT_MAX, "%s%c%s%se%c%02d", sign,
		    s.digits[0], len > 1 ? "." : "", s.digits + 1,
		    e < 0 ? '-' : '+', abs(e));
	else if (e < 0)
		snprintf(dst, PYLITERAL_FLOAT_MAX, "%s0.%.*s%s", sign, -e - 1,
		    "000", s.digits);
	else if (len <= e + 1)
		snprintf(dst, PYLITERAL_FLOAT_MAX, "%s%s%.*s.0", sign, s.digits,
		    e + 1 - len, "000000000000000");
	else
		snprintf(dst, PYLITERAL_FLOAT_MAX, "%s%.*s.%s", sign, e + 1,
		    s.digits, s.digits + e + 1);
	return dst;
}

void
pyliteral_bytes(struct buf *out, const uint8_t *p, size_t n)
{
	bool single = n > 0 && memchr(p, '\'', n) != NULL;
	char quote = single && memchr(p, '"', n) == NULL ? '"' : '\'';
	char start[] = {'b', quote};

	buf_add(out, start, 2);
	for (size_t i = 0; i < n; i++) {
		char c = (char)p[i];

		if (c == quote || c == '\\')
			buf_printf(out, "\\%c", c);
		else if (c == '\t' || c == '\n' || c == '\r')
			buf_printf(out, "\\%c",
			    c == '\t'   ? 't'
			    : c == '\n' ? 'n'
					: 'r');
		else if (p[i] < 0x20 || p[i] >= 0x7f)
			buf_printf(out, "\\x%02x", p[i]);
		else
			buf_add(out, &c, 1);
	}
	buf_add(out, &quote, 1);
}
