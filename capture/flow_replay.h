/*
 * capture/flow_replay.h - what was found out about a frame when it came.
 *
 * Of a frame's findings the store keeps the verdicts alone. The numbers beside
 * them (RTT, bytes in flight, which ACK is repeated) are made again by playing
 * the frame's conversation once more, up to it.
 *
 * Bounds: the frames before it that the caller wants, up to REPLAY_MAX; what is
 *         older, or has left the store, is missing as if it had not been captured.
 * Thread: main.  Blocks: never; some 0.2 us for each frame played.
 */
#ifndef SOCKDECK_CAPTURE_FLOW_REPLAY_H
#define SOCKDECK_CAPTURE_FLOW_REPLAY_H

#include "capture/store.h"

#define REPLAY_MAX (256 * 1024)

/* With max frames, or REPLAY_MAX. False, and *ret is as it was: not there, in
 * no conversation, no memory. */
bool flow_replay(
    const struct store *s, uint64_t id, size_t max, struct frame *ret);

#endif
