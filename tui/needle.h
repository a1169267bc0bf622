/*
 * tui/needle.h - what is searched for: text in any case, or bytes.
 *
 *   GET /index      text; upper and lower case are the same
 *   x 0d0a          these bytes; blanks between them may stand anywhere
 *
 * Owns:   values only.  Thread: any.  Blocks: never.
 */
#ifndef SOCKDECK_TUI_NEEDLE_H
#define SOCKDECK_TUI_NEEDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/base/err.h"

#define NEEDLE_MAX 256

struct needle {
	bool bytes; /* as they are; false: text */
	size_t len;
	char text[NEEDLE_MAX + 1]; /* ends with a NUL */
};

/* -EINVAL: nothing, too long, or not a whole number of bytes. */
int needle_parse(const char *text, struct needle *ret, struct err *err);
/* The first (last) place in [from, to) of the n bytes where it begins; n: there
 * is none. */
size_t needle_find(const struct needle *d, const uint8_t *hay, size_t n,
    size_t from, size_t to, bool last);
/* Is it in this line? Bytes are in no line of text. */
bool needle_in_text(const struct needle *d, const char *line);

#endif
