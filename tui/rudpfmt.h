/*
 * tui/rudpfmt.h - reliable UDP in the words of the panes.
 *
 * Owns:   nothing.  Thread: any.  Blocks: never.
 */
#ifndef SOCKDECK_TUI_RUDPFMT_H
#define SOCKDECK_TUI_RUDPFMT_H

#include "net/rudp.h"

#define RUDPFMT_MAX 256

/* "ESTABLISHED  win 128  flight 2  RTO 100 ms  resent 3 (2 fast)  srtt 48 us
 * duplicates 1": as much as fits into `cells`. */
const char *rudpfmt_state(
    char dst[RUDPFMT_MAX], const struct rudp_stats *s, int cells);

/*
 * A datagram of which the first n of len bytes are known: its type, and where
 * its message begins ("DATA ", 18). -1: it is none of reliable UDP.
 */
int rudpfmt_datagram(
    const uint8_t *data, size_t n, size_t len, const char **ret_type);

#endif
