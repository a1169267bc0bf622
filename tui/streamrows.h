/*
 * tui/streamrows.h - the bytes of a conversation cut into lines.
 *
 * An item is a segment, or of one direction a stretch (capture/stream.h), with
 * the gap before it. A row is a line of an item, or that gap: its id tells the
 * item and the offset of the line's first byte within it, so that no line needs
 * to be counted to find another one.
 *
 * Owns:   the line starts of one item at a time.
 * Bounds: items of STREAMROW_BYTES_MAX bytes; what is longer is cut.
 * Thread: main.  Blocks: never.
 */
#ifndef SOCKDECK_TUI_STREAMROWS_H
#define SOCKDECK_TUI_STREAMROWS_H

#include "tui/view.h"

#define STREAMROW_BYTES_MAX ((1U << 20) - 1)
#define STREAMROW_LINE_MAX 512 /* bytes of a line, as text */

struct stream_item {
	int dir;
	uint64_t from, to;
	uint64_t gap; /* bytes before it that are not there */
	bool again; /* all of it was carried before */
	bool late; /* the next bytes of the stream came before it */
	struct frame frame; /* id 0: it has left the store */
	const uint8_t *data; /* captured bytes; NULL: none */
	uint32_t len; /* of them */
};

/* Where the lines of one item begin: the last one that was asked for. */
struct stream_split {
	uint64_t item, frame;
	int shown, width;
	bool hex;
	uint32_t *starts;
	size_t count, cap; /* count > 0 once it was asked for */
};

struct streamrows {
	int shown; /* direction; -1: both, in the order of the capture */
	int width; /* of a line, in cells */
	bool hex;
	struct stream_split *split; /* a cache: changes behind a const, too */
};

/* Both directions. False: no memory. */
bool streamrows_init(struct streamrows *r);
void streamrows_done(struct streamrows *r);

size_t streamrows_items(const struct streamrows *r, const struct view *v);
/* False: there is no item i. Its data are borrowed as store_get()'s are. */
bool streamrows_item(const struct streamrows *r, const struct view *v,
    uint64_t i, struct stream_item *it);
/* Its lines; until the next call. */
const struct stream_split *streamrows_split(
    const struct streamrows *r, uint64_t i, const struct stream_item *it);
/* The line that has the byte at off. */
size_t streamrows_line(const struct stream_split *s, uint32_t off);
/* The bytes of the line that begins with the first of n. */
uint32_t streamrows_bytes(
    const struct streamrows *r, const uint8_t *data, uint32_t n);
/* Bytes in a line of hex. */
int streamrows_hex(int width);

/* As in tui/list.h. */
uint64_t streamrows_next(
    const struct streamrows *r, const struct view *v, uint64_t id);
uint64_t streamrows_prev(
    const struct streamrows *r, const struct view *v, uint64_t id);

uint64_t streamrow_of(uint64_t item, uint32_t off);
uint64_t streamrow_item(uint64_t row);
uint32_t streamrow_off(uint64_t row);
bool streamrow_is_gap(uint64_t row);

#endif
