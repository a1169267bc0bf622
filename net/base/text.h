/*
 * net/base/text.h - bytes as text that a terminal can bear, and back.
 *
 * Nothing here trusts its input: control characters, broken UTF-8 and
 * characters that the locale cannot print become visible escapes.
 *
 * Owns:   nothing.  Thread: any, after setlocale().  Blocks: never.
 */
#ifndef SOCKDECK_NET_BASE_TEXT_H
#define SOCKDECK_NET_BASE_TEXT_H

#include <stddef.h>
#include <stdint.h>
#include <uchar.h>

#include "net/base/err.h"

/*
 * Decode one UTF-8 character of s[0, n). Returns the bytes it took (1 for a
 * broken byte, with *ret_ch = 0xFFFD; 0 only for n == 0).
 */
size_t text_decode(const char *s, size_t n, char32_t *ret_ch);

/* UTF-8 of ch into dst[0, 5), NUL behind it; returns its length. */
size_t text_encode(char32_t ch, char dst[5]);

/* Terminal cells of ch in this locale: 0, 1 or 2; -1 if not printable. */
int text_width(char32_t ch);

/* Cells of a NUL-terminated string; an unprintable character counts as 1. */
int text_cells(const char *s);

/*
 * The first line of text when it is wrapped at blanks into lines of `cells`
 * (a longer word is cut). Returns its bytes; *ret_next is where the next line
 * begins, n at the end.
 */
size_t text_wrap(const char *s, size_t n, int cells, size_t *ret_next);

/*
 * Received bytes as one printable line: printable characters stand as they
 * are, a backslash doubled, others as \n \r \t \0 or \xNN. Always terminates
 * dst; never splits an escape. Returns the bytes of src that fitted.
 */
size_t text_escape(char *dst, size_t size, const void *src, size_t n);

/*
 * What a user typed, with the escapes \n \r \t \0 \\ \xNN replaced by their
 * bytes. Returns the length (at most max), or -EINVAL with the position of the
 * bad escape, or -E2BIG.
 */
long text_unescape(const char *s, uint8_t *dst, size_t max, struct err *err);

/* "48 65 6c 6c 6f"; cut whole bytes to fit. Returns the bytes that fitted. */
size_t text_hex(char *dst, size_t size, const void *src, size_t n);

/* Base64 (RFC 4648 s4) into dst[0, TEXT_BASE64_LEN(n)], a NUL behind it. */
#define TEXT_BASE64_LEN(n) (((n) + 2) / 3 * 4)
void text_base64(char *dst, const void *src, size_t n);

#define TEXT_NUM_MAX 32 /* room for any of the following */

/* "1,448" */
const char *text_count(char dst[TEXT_NUM_MAX], uint64_t n);
/* "13 B", "1.4 KB", "2.0 MB" (powers of 1000, as data sheets count) */
const char *text_size(char dst[TEXT_NUM_MAX], uint64_t bytes);
/* "31 us", "40.3 ms", "3.2 s", "2 min 03 s" */
const char *text_span(char dst[TEXT_NUM_MAX], int64_t ns);
/* Seconds and milliseconds since a start: "03.551", "1:02.004" */
const char *text_since(char dst[TEXT_NUM_MAX], int64_t ns);

#endif
