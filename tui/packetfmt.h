/*
 * tui/packetfmt.h - what the packet views have in common.
 *
 * Owns:   nothing.  Thread: main.  Blocks: never.
 */
#ifndef SOCKDECK_TUI_PACKETFMT_H
#define SOCKDECK_TUI_PACKETFMT_H

#include "tui/canvas.h"
#include "tui/pane.h"

/* The colour of a packet: trouble first, then who sent it. */
enum role packetfmt_role(const struct frame *f);
/* The sign of a marked packet, or of the one that times count from: a cell at
 * (x, y); nothing otherwise. */
void packetfmt_mark(const struct view *v, struct canvas *c, struct area a,
    int x, int y, uint64_t frame);
#define PACKETFMT_MARK "◆"
#define PACKETFMT_INFO_MAX 256
/* What the packet says above its transport, "DNS query A example.org", as it
 * was received: to be escaped. Returns its length, 0: nothing that is known.
 *   records  formats that were agreed upon; NULL: none */
size_t packetfmt_info(const struct frame *f,
    const struct record_formats *records, char dst[PACKETFMT_INFO_MAX]);
/* An end of a Bluetooth packet: of its conversation, or the host or its
 * controller. */
const char *packetfmt_hci_end(char dst[ADDR_TEXT_MAX], const struct capture *c,
    const struct frame *f, bool source);
/* One line with everything in it, escaped, for searching and copying. */
void packetfmt_line(
    const struct view *v, const struct frame *f, char dst[PANE_TEXT_MAX]);
/* Is it in what is said of the packet, or in its bytes? */
bool packetfmt_has(
    const struct view *v, uint64_t frame, const struct needle *needle);
/* The verdict to be named first: "Fast Retransmission"; "" for none. */
const char *packetfmt_verdict(uint32_t verdicts);
/*
 * What stands on a ladder's arrow: "SYN seq 0 mss 1460", "PSH,ACK 1:14  13 B".
 * What does not fit stays away whole: first the number that data acknowledges,
 * then the window, the MSS, the verdict.
 */
void packetfmt_arrow(const struct frame *f, int cells, char *dst, size_t size);
/* Text wrapped at blanks into the area; a … where it holds no more. Returns the
 * lines used. */
int packetfmt_wrap(
    struct canvas *c, struct area a, enum role role, const char *text);
/* Why there is nothing to see, and what to do. */
void packetfmt_empty(const struct view *v, struct canvas *c, struct area a);

#endif
