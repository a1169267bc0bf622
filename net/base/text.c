#include "net/base/text.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include "net/base/clock.h"

#define REPLACEMENT 0xFFFD

size_t
text_decode(const char *s, size_t n, char32_t *ret_ch)
{
	static const char32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *p = (const unsigned char *)s;
	size_t len;
	char32_t ch;

	if (n == 0)
		return 0;
	*ret_ch = REPLACEMENT;
	if (p[0] < 0x80) {
		*ret_ch = p[0];
		return 1;
	}
	if (p[0] >= 0xC2 && p[0] < 0xE0)
		len = 2, ch = p[0] & 0x1F;
	else if (p[0] >= 0xE0 && p[0] < 0xF0)
		len = 3, ch = p[0] & 0x0F;
	else if (p[0] >= 0xF0 && p[0] < 0xF5)
		len = 4, ch = p[0] & 0x07;
	else
		return 1;
	if (len > n)
		return 1;
	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xC0) != 0x80)
			return 1;
		ch = ch << 6 | (p[i] & 0x3F);
	}
	/* Overlong forms, surrogates and beyond Unicode: RFC 3629 s3. */
	if (ch < least[len] || (ch >= 0xD800 && ch < 0xE000) || ch > 0x10FFFF)
		return 1;
	*ret_ch = ch;
	return len;
}

size_t
text_encode(char32_t ch, char dst[5])
{
	size_t len = ch < 0x80 ? 1 : ch < 0x800 ? 2 : ch < 0x10000 ? 3 : 4;
	static const unsigned char lead[] = {0, 0, 0xC0, 0xE0, 0xF0};

	for (size_t i = len - 1; i > 0; i--, ch >>= 6)
		dst[i] = (char)(0x80 | (ch & 0x3F));
	dst[0] = (char)(lead[len] | ch);
	dst[len] = '\0';
	return len;
}

int
text_width(char32_t ch)
{
	if (ch < 0x80)
		return ch >= 0x20 && ch < 0x7F ? 1 : -1;
	/* Bidirectional controls would reorder what stands around them. */
	if (ch == 0x61C || ch == 0x200E || ch == 0x200F ||
	    (ch >= 0x202A && ch <= 0x202E) || (ch >= 0x2066 && ch <= 0x2069))
		return -1;
	return wcwidth((wchar_t)ch);
}

int
text_cells(const char *s)
{
	size_t n = strlen(s), len;
	int cells = 0;
	char32_t ch;

	while ((len = text_decode(s, n, &ch)) > 0) {
		int w = text_width(ch);

		cells += w < 0 ? 1 : w;
		s += len;
		n -= len;
	}
	return cells;
}

size_t
text_wrap(const char *s, size_t n, int cells, size_t *ret_next)
{
	size_t at = 0, blank = 0, len;
	char32_t ch;

	while ((len = text_decode(s + at, n - at, &ch)) > 0) {
		int w = text_width(ch);

		if (ch == ' ')
			blank = at;
		cells -= w < 0 ? 1 : w;
		/* A blank may stand in the margin. */
		if (cells < 0 && at > 0 && ch != ' ')
			break;
		at += len;
	}
	if (at == n) {
		*ret_next = n;
		return n;
	}
	if (blank == 0) {
		*ret_next = at;
		return at;
	}
	*ret_next = blank + 1;
	return blank;
}

/* One character or byte of s as printable text in out; returns bytes used. */
static size_t
escape_one(const char *s, size_t n, char out[5])
{
	char32_t ch;
	size_t len = text_decode(s, n, &ch);

	switch (s[0]) {
	case '\n':
		strcpy(out, "\\n");
		return 1;
	case '\r':
		strcpy(out, "\\r");
		return 1;
	case '\t':
		strcpy(out, "\\t");
		return 1;
	case '\0':
		strcpy(out, "\\0");
		return 1;
	case '\\':
		strcpy(out, "\\\\");
		return 1;
	default:
		break;
	}
	if (ch == REPLACEMENT || text_width(ch) <= 0) {
		snprintf(out, 5, "\\x%02x", (unsigned char)s[0]);
		return 1;
	}
	memcpy(out, s, len);
	out[len] = '\0';
	return len;
}

size_t
text_escape(char *dst, size_t size, const void *src, size_t n)
{
	const char *s = src;
	size_t used = 0, len = 0;
	char one[5];

	if (size == 0)
		return 0;
	while (used < n) {
		size_t took = escape_one(s + used, n - used, one);
		size_t add = strlen(one);

		if (len + add >= size)
			break;
		memcpy(dst + len, one, add);
		len += add;
		used += took;
	}
	dst[len] = '\0';
	return used;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte of the escape at s (behind the backslash); *ret_len its length. */
static int
unescape_one(const char *s, size_t *ret_len)
{
	int high, low;

	*ret_len = 1;
	switch (s[0]) {
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	case '0':
		return '\0';
	case '\\':
		return '\\';
	case 'x':
		*ret_len = 3;
		high = hex_digit(s[1]);
		low = high < 0 ? -1 : hex_digit(s[2]);
		return low < 0 ? -1 : high * 16 + low;
	default:
		return -1;
	}
}

long
text_unescape(const char *s, uint8_t *dst, size_t max, struct err *err)
{
	size_t n = 0, len;

	for (size_t i = 0; s[i] != '\0'; i++) {
		int byte = (unsigned char)s[i];

		if (s[i] == '\\') {
			byte = unescape_one(s + i + 1, &len);
			if (byte < 0)
				return err_set(err, -EINVAL,
				    "column %zu: unknown escape; "
				    "\\n \\r \\t \\0 \\\\ and \\xNN are known",
				    i + 1);
			i += len;
		}
		if (n == max)
			return err_set(err, -E2BIG,
			    "longer than %zu bytes; "
			    "use :send-file for more",
			    max);
		dst[n++] = (uint8_t)byte;
	}
	return (long)n;
}

size_t
text_hex(char *dst, size_t size, const void *src, size_t n)
{
	static const char digit[] = "0123456789abcdef";
	const uint8_t *p = src;
	size_t i;

	for (i = 0; i < n && 3 * i + 3 <= size; i++) {
		dst[3 * i] = digit[p[i] >> 4];
		dst[3 * i + 1] = digit[p[i] & 15];
		dst[3 * i + 2] = ' ';
	}
	if (size > 0)
		dst[i > 0 ? 3 * i - 1 : 0] = '\0';
	return i;
}

void
text_base64(char *dst, const void *src, size_t n)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const uint8_t *p = src;

	for (size_t i = 0; i < n; i += 3) {
		unsigned bits = 0;

		for (size_t k = i; k < i + 3; k++)
			bits = bits << 8 | (k < n ? p[k] : 0);
		for (size_t k = 0; k < 4; k++)
			*dst++ = i + k > n
				     ? '='
				     : digits[bits >> (18 - 6 * k) & 0x3F];
	}
	*dst = '\0';
}

const char *
text_count(char dst[TEXT_NUM_MAX], uint64_t n)
{
	char digits[24];
	int len = snprintf(digits, sizeof digits, "%" PRIu64, n);
	char *out = dst;

	for (int i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			*out++ = ',';
		*out++ = digits[i];
	}
	*out = '\0';
	return dst;
}

const char *
text_size(char dst[TEXT_NUM_MAX], uint64_t bytes)
{
	static const char *const unit[] = {"KB", "MB", "GB", "TB", "PB"};
	double v = (double)bytes / 1000;
	size_t i = 0;

	if (bytes < 1000) {
		snprintf(dst, TEXT_NUM_MAX, "%" PRIu64 " B", bytes);
		return dst;
	}
	for (; v >= 999.95 && i + 1 < sizeof unit / sizeof *unit; i++)
		v /= 1000;
	snprintf(dst, TEXT_NUM_MAX, "%.1f %s", v, unit[i]);
	return dst;
}

/* The distance from 0, for INT64_MIN too. */
static uint64_t
magnitude(int64_t ns)
{
	return ns < 0 ? -(uint64_t)ns : (uint64_t)ns;
}

const char *
text_span(char dst[TEXT_NUM_MAX], int64_t ns)
{
	const char *sign = ns < 0 ? "-" : "";
	uint64_t n = magnitude(ns);
	uint64_t s = (n + CLOCK_S / 2) / CLOCK_S;
	double v = (double)n;

	/* Each unit ends where its last digit would round up to the next. */
	if (n < CLOCK_MS - CLOCK_US / 2)
		snprintf(dst, TEXT_NUM_MAX, "%s%" PRIu64 " us", sign,
		    (n + CLOCK_US / 2) / CLOCK_US);
	else if (n < CLOCK_S - CLOCK_MS / 20)
		snprintf(dst, TEXT_NUM_MAX, "%s%.1f ms", sign, v / CLOCK_MS);
	else if (n < 100 * CLOCK_S - CLOCK_S / 20)
		snprintf(dst, TEXT_NUM_MAX, "%s%.1f s", sign, v / CLOCK_S);
	else
		snprintf(dst, TEXT_NUM_MAX, "%s%" PRIu64 " min %02d s", sign,
		    s / 60, (int)(s % 60));
	return dst;
}

const char *
text_since(char dst[TEXT_NUM_MAX], int64_t ns)
{
	const char *sign = ns < 0 ? "-" : "";
	uint64_t ms = magnitude(ns) / CLOCK_MS;
	uint64_t s = ms / 1000;

	if (s < 60)
		snprintf(dst, TEXT_NUM_MAX, "%s%02d.%03d", sign, (int)s,
		    (int)(ms % 1000));
	else
		snprintf(dst, TEXT_NUM_MAX, "%s%" PRIu64 ":%02d.%03d", sign,
		    s / 60, (int)(s % 60), (int)(ms % 1000));
	return dst;
}
