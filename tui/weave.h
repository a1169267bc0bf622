/*
 * tui/weave.h - joins calls, packets and sockets.
 *
 * Arithmetic, no guessing: a send() covers stream offsets [a, b), a segment
 * [from, to), a recv() [c, d); they belong together where these overlap within
 * one connection and direction. connect() and accept() belong to the packets
 * of the handshake, close() and shutdown() to those of the teardown.
 *
 * Owns:   nothing: functions over the models.  Thread: main.  Blocks: never.
 */
#ifndef SOCKDECK_TUI_WEAVE_H
#define SOCKDECK_TUI_WEAVE_H

#include <stdbool.h>
#include <stdint.h>

#include "capture/capture.h"
#include "capture/stream.h"
#include "net/journal.h"
#include "net/socktab.h"
#include "tui/deck.h"

/* What a call moved, in the words of the packet model. */
struct woven {
	uint32_t flow; /* 0: no packets of it were seen (yet) */
	int dir; /* who sent the bytes: DIR_CLIENT, DIR_SERVER */
	int end; /* at which end the call was made */
	uint64_t from, to; /* stream bytes; equal: none */
};

struct weave {
	const struct capture *capture;
	const struct journal *journal;
};

/* The conversation of a traced socket; 0: unknown. */
uint32_t weave_sock_flow(const struct weave *w, uint32_t sock);
/* The connection's socket that a call is about: accept() is about the new one. */
uint32_t weave_call_sock(const struct call *c);
struct woven weave_call(const struct weave *w, const struct call *c);
/* Do this call and this frame belong together? */
bool weave_joins(
    const struct weave *w, const struct call *c, const struct frame *f);

/*
 * The first and the last packet that carry a call's bytes, open or close its
 * connection. False: there are none.
 *   s  the stream of its conversation; of another, or NULL: it takes longer
 */
bool weave_call_frames(const struct weave *w, const struct stream *s,
    const struct call *c, uint64_t *ret_first, uint64_t *ret_last);

/* What the bytes of a data call cost. False: nothing known. */
bool weave_cost(
    const struct weave *w, const struct call *c, struct range_cost *ret);

#define WEAVE_FRAMES_MAX 8

/* The packets of an opening or a closing, and their sum. */
struct exchange {
	int count; /* of frames; packets may be more */
	uint64_t frames[WEAVE_FRAMES_MAX];
	struct cost cost;
	int64_t took_ns; /* from its first to its last packet */
};
/* For connect(), accept(): the handshake; close(), shutdown(): the teardown.
 * False: another call, or nothing captured. */
bool weave_exchange(
    const struct weave *w, const struct call *c, struct exchange *ret);

/* The bytes [from, to) of a packet, from its first one, that belong to a call:
 * what of its payload the call moved, or its transport header. */
bool weave_bytes(const struct weave *w, const struct call *c,
    const struct frame *f, uint32_t *ret_from, uint32_t *ret_to);

/* Is this call, frame, row a partner of what is selected? A call's packets are
 * those that weave_joins() it, a packet's calls the same the other way round;
 * a socket has its whole conversation. */
bool weave_lit_call(
    const struct weave *w, const struct selection *sel, const struct call *c);
bool weave_lit_frame(
    const struct weave *w, const struct selection *sel, const struct frame *f);
/* The same for a run of packets, all of one conversation. */
bool weave_lit_run(const struct weave *w, const struct selection *sel,
    const struct frame *first, const struct frame *last);
/* An end of a conversation of the selection. */
bool weave_lit_end(const struct weave *w, const struct selection *sel,
    const struct addr *a, uint8_t proto);
bool weave_lit_row(const struct weave *w, const struct selection *sel,
    const struct sockrow *row);

#endif
