/*
 * net/base/buf.h - a growing byte buffer that states its maximum at birth.
 *
 * Owns:   its memory.  Bounds: max bytes; what would pass it is refused whole
 *         and buf.full stays set, so a writer checks once at the end.
 * Thread: one at a time.  Blocks: never.
 */
#ifndef SOCKDECK_NET_BASE_BUF_H
#define SOCKDECK_NET_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
	uint8_t *data;
	size_t len, cap, max;
	bool full; /* an addition was refused (max reached or no memory) */
};

void buf_init(struct buf *b, size_t max);
void buf_done(struct buf *b);
/* Forget the content and the full mark; keep the memory. */
void buf_clear(struct buf *b);
void buf_add(struct buf *b, const void *data, size_t n);
void buf_printf(struct buf *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Drop the first n bytes (n <= len). */
void buf_drop(struct buf *b, size_t n);
/* The content as a string: a NUL stands behind it. "" when empty. */
const char *buf_str(struct buf *b);

#endif
