/*
 * tui/comparefmt.h - a comparison as a table with bars, in JSON, in sentences.
 *
 * Owns:   nothing.  Thread: any.  Blocks: never.
 */
#ifndef SOCKDECK_TUI_COMPAREFMT_H
#define SOCKDECK_TUI_COMPAREFMT_H

#include "net/base/buf.h"
#include "tui/compare.h"

#define COMPAREFMT_WIDTH 79 /* of its lines, where there is room */

/*
 * Lines of text, so wide at most: where and what was sent; bytes by layer, with
 * the payload's share as a bar; bytes by purpose; times; what the headers must
 * cost and where the rest comes from; a conclusion. Transports that are not
 * done yet are left out.
 */
void comparefmt_text(struct buf *out, const struct compare *c, int width);
/* The same numbers as one JSON object. */
void comparefmt_json(struct buf *out, const struct compare *c);

#endif
