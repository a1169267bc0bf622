/*
 * tui/timefmt.h - moments, in the format that the user chose.
 *
 * One format for packets and calls alike, so that what stands beside each
 * other can be compared. Relative times count from the view's start, which a
 * reference packet replaces (deck.reference).
 *
 * Owns:   nothing.  Thread: main.  Blocks: never.
 * Source: RFC 3339 s5.6 (with date, UTC).
 */
#ifndef SOCKDECK_TUI_TIMEFMT_H
#define SOCKDECK_TUI_TIMEFMT_H

#include <stdint.h>

#include "net/base/text.h"

struct view;

/* X(NAME, name, heading, cells, cells without date or microseconds) */
#define TIME_FORMATS(X)                                \
	X(RELATIVE, "relative", "Time", 12, 9)         \
	X(DELTA, "delta", "Delta", 9, 9)               \
	X(ABSOLUTE, "absolute", "Local time", 12, 12)  \
	X(DATE, "date", "Local date and time", 23, 12) \
	X(UTC, "utc", "UTC", 24, 13)

enum time_format {
#define X(NAME, name, heading, cells, bare) TIME_AS_##NAME,
	TIME_FORMATS(X)
#undef X
	    TIME_FORMAT_COUNT
};

const char *timefmt_name(enum time_format f);
/* Over a column of times: "Time", "UTC", "Since #12". */
const char *timefmt_heading(const struct view *v, char dst[TEXT_NUM_MAX]);
/* Cells of a time in a pane that is so wide: where it is narrow, dates and
 * microseconds stay away. */
int timefmt_cells(const struct view *v, int width);
/*
 * A moment in at most so many cells, which timefmt_cells() gave.
 *   before_ns  the moment before it in this pane, for deltas; 0: none
 */
const char *timefmt(char dst[TEXT_NUM_MAX], const struct view *v, int64_t ts_ns,
    int64_t before_ns, int cells);
/* The same where only one moment stands, and there is room: a delta would say
 * nothing there, so it is relative. */
const char *timefmt_alone(
    char dst[TEXT_NUM_MAX], const struct view *v, int64_t ts_ns);

#endif
