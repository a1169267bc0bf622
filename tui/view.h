/*
 * tui/view.h - all that a pane may look at while it draws, read-only.
 */
#ifndef SOCKDECK_TUI_VIEW_H
#define SOCKDECK_TUI_VIEW_H

#include <stdint.h>

#include "capture/capture.h"
#include "capture/listing.h"
#include "capture/source.h"
#include "capture/stream.h"
#include "net/journal.h"
#include "net/lab.h"
#include "net/names.h"
#include "net/outside.h"
#include "net/roster.h"
#include "net/socktab.h"
#include "net/structline.h"
#include "net/tcp_track.h"
#include "net/telemetry.h"
#include "net/wire.h"
#include "tui/bluetooth.h"
#include "tui/compare.h"
#include "tui/deck.h"
#include "tui/thermal.h"
#include "tui/weave.h"

struct view {
	const struct capture *capture;
	const struct listing *listing; /* which packets the list has */
	const struct stream *stream; /* of view_flow(), as far as it was read */
	const struct journal *journal;
	const struct roster *roster;
	struct names *names; /* of hosts; it has its own lock */
	const struct socktab *sockets; /* where the lab runs */
	const struct socktab *outer; /* the machine; NULL: the same */
	const struct lab *lab; /* its hosts; count 0: in none */
	const struct wire_look *wire; /* as it was looked at; NULL: none */
	uint64_t wire_gen; /* changes when it does */
	const struct tcp_track *told; /* by the kernel; NULL: nothing */
	const struct telemetry *telemetry;
	const struct structline *record; /* the packed record worked on */
	const struct structline *sent; /* the one that was sent last */
	const struct record_formats *agreed; /* with whom records are spoken */
	const struct outside *outside; /* NULL: no helper */
	const struct deck *deck;
	const struct compare *compare; /* NULL: none yet */
	const struct thermal *thermal;
	const struct bluetooth *bluetooth;
	struct weave weave;
	struct source_status source;
	uint64_t lost_calls;
	int64_t start_ns; /* times are shown relative to this */
	int64_t now_ns;
};

/* The conversation that single-conversation views show: the chosen one, else
 * that of the selection, of the client session, or the newest. 0: none. */
uint32_t view_flow(const struct view *v);
/* Where clients reach what listens at this address: on all of the server's,
 * where the lab has several hosts, that is at the one on the wire. */
struct addr view_reachable(const struct view *v, const struct addr *a);
/* The first packet that belongs to a call; 0: none. */
uint64_t view_frame_of_call(const struct view *v, uint32_t call);
/* Is the past shown, and is this packet, this time, the end of this call later
 * than that? What is later stands back. */
bool view_frame_is_later(const struct view *v, uint64_t frame);
bool view_time_is_later(const struct view *v, int64_t ns);
bool view_call_is_later(const struct view *v, const struct call *c);
/* Does the display filter let this packet through, as far as it has looked, and
 * is it not later? Where a view shows more than the list, the others stand back.
 */
bool view_shows(const struct view *v, uint64_t frame);
/* "  only port:80", with what has been looked at, for a title; "" without a
 * filter. */
#define VIEW_SHOW_MAX (ENTRY_MAX + 48)
const char *view_show_text(const struct view *v, char dst[VIEW_SHOW_MAX]);
/* What the kernel told of an end (DIR_CLIENT, DIR_SERVER) of a conversation,
 * oldest first; NULL: nothing. */
const struct tcp_sample *view_told(
    const struct view *v, uint32_t flow, int end, size_t *ret_count);
/* The table that the sockets pane shows now. */
const struct socktab *view_sockets(const struct view *v);

#endif
