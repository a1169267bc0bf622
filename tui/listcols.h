/*
 * tui/listcols.h - the columns that a list of packets may have.
 *
 * Which ones are shown the user chooses (:columns); without a choice it is as
 * many of the useful ones as the width has room for. A column keeps its place
 * and its width whatever stands in it: numbers end at the same cell, and what
 * is too long is cut where it says least.
 *
 * Owns:   nothing.  Thread: main.  Blocks: never.
 */
#ifndef SOCKDECK_TUI_LISTCOLS_H
#define SOCKDECK_TUI_LISTCOLS_H

#include "capture/why.h"
#include "tui/canvas.h"
#include "tui/deck.h"

struct view;

/* X(NAME, name, heading, cells, numbers end at the right). Cells 0: as the
 * packets want it; LISTCOL_REST: what the others leave. */
#define LISTCOL_REST (-1)
#define LISTCOLS(X)                                  \
	X(NO, "no", "No", 0, true)                   \
	X(TIME, "time", "Time", 0, true)             \
	X(DELTA, "delta", "Delta", 9, true)          \
	X(DIR, "dir", "", 1, false)                  \
	X(SRC, "src", "Source", 21, false)           \
	X(DST, "dst", "Destination", 21, false)      \
	X(PORTS, "ports", "Ports", 11, false)        \
	X(PROTO, "proto", "Proto", 6, false)         \
	X(FLAGS, "flags", "Flags", 8, false)         \
	X(SEQ, "seq", "Seq", 6, true)                \
	X(ACK, "ack", "Ack", 6, true)                \
	X(WIN, "win", "Win", 6, true)                \
	X(LEN, "len", "Len", 5, true)                \
	X(HEADERS, "headers", "Hdrs", 4, true)       \
	X(WIRE, "wire", "Wire", 5, true)             \
	X(TTL, "ttl", "TTL", 3, true)                \
	X(CONV, "conv", "Conv", 5, true)             \
	X(CLIENT, "client", "Client is", 12, false)  \
	X(SERVER, "server", "Server is", 12, false)  \
	X(PURPOSE, "purpose", "Purpose", 14, false)  \
	X(VERDICT, "verdict", "Verdict", 20, false)  \
	X(BAR, "bar", "Hdr|data", 12, false)         \
	X(INFO, "info", "Info", LISTCOL_REST, false) \
	X(DATA, "data", "Data", LISTCOL_REST, false)

enum listcol {
#define X(NAME, name, heading, cells, number) LISTCOL_##NAME,
	LISTCOLS(X)
#undef X
	    LISTCOL_COUNT
};

_Static_assert(LISTCOL_COUNT <= LIST_COLUMNS_MAX, "the deck has room");

const char *listcol_name(enum listcol c);
bool listcol_find(const char *name, enum listcol *ret);

/* Those that are shown, with their places. */
struct listcols {
	struct {
		uint8_t id; /* enum listcol */
		int x, w;
	} at[LISTCOL_COUNT];
	int count;
	bool cut; /* some that were chosen have no room */
};

/* For a list so wide, whose packets have numbers up to last. */
void listcols_lay(
    struct listcols *l, const struct view *v, int width, uint64_t last);
void listcols_heading(const struct listcols *l, const struct view *v,
    struct canvas *c, struct area a);
/* One packet in line y. */
void listcols_draw(const struct listcols *l, const struct view *v,
    struct canvas *c, struct area a, int y, const struct frame *f);
/* What stands in a column can be explained: what, of this packet. */
bool listcol_topic(enum listcol c, const struct frame *f, struct why_item *ret);

#endif
