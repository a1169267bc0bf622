/*
 * tui/packetrows.h - what panes have in common whose rows are the packets of
 * the conversation that v->stream has read, one after the other: a row's id is
 * the packet's place plus 1.
 *
 * Such a pane shows one packet at a time, at its cursor. While a call is
 * selected in another pane the cursor is on that call's packets.
 *
 * Owns:   nothing.  Thread: main.  Blocks: never.
 */
#ifndef SOCKDECK_TUI_PACKETROWS_H
#define SOCKDECK_TUI_PACKETROWS_H

#include "tui/pane.h"

/* For struct pane_ops. */
uint64_t packetrows_next(
    const struct pane *p, const struct view *v, uint64_t id);
uint64_t packetrows_prev(
    const struct pane *p, const struct view *v, uint64_t id);
void packetrows_text(const struct pane *p, const struct view *v, uint64_t id,
    char dst[PANE_TEXT_MAX]);
void packetrows_show(struct pane *p, const struct view *v, uint64_t frame);
struct selection packetrows_selected(
    const struct pane *p, const struct view *v);

/* The packets at the cursor: of one that was selected here first and last are
 * the same. */
struct packet_cursor {
	uint64_t first, last; /* frames; 0: none */
	bool lit; /* it is the packets of a call that is selected elsewhere */
	bool chosen; /* it does not just follow the newest */
};
struct packet_cursor packetrows_cursor(
    const struct pane *p, const struct view *v);

#endif
