/*
 * net/structline.h - a packed record as a line of text: FORMAT VALUE...
 *
 * Words stand between blanks; one that has blanks itself is put into '...' or
 * "...": '<H 4s' 7 "it's". What the words mean is said in net/pystruct.h.
 *
 * Owns:   the compiled format; a value otherwise.
 * Bounds: STRUCTLINE_BYTES bytes of a record.
 * Thread: one at a time.  Blocks: never.
 */
#ifndef SOCKDECK_NET_STRUCTLINE_H
#define SOCKDECK_NET_STRUCTLINE_H

#include "net/base/buf.h"
#include "net/pystruct.h"

#define STRUCTLINE_FORMAT_MAX 128
#define STRUCTLINE_BYTES 2048

struct structline {
	char format[STRUCTLINE_FORMAT_MAX]; /* "": nothing yet */
	struct pystruct ps; /* compiled */
	uint8_t bytes[STRUCTLINE_BYTES]; /* ps.size of them */
};

/*
 * Read a line. Returns 0; or -EINVAL, -ERANGE, -E2BIG with a sentence, and
 * *ret_at is where in the line the trouble is (its length: at the end); s is
 * as before then. s begins as all zeros.
 */
int structline_parse(
    struct structline *s, const char *line, size_t *ret_at, struct err *err);
void structline_done(struct structline *s);
/* The same record, of its own. 0 or -ENOMEM. */
int structline_copy(struct structline *dst, const struct structline *src);

/* The line that gives these bytes (a NaN is only "nan"). */
void structline_print(const struct structline *s, struct buf *out);

#endif
