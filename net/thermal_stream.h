/*
 * net/thermal_stream.h - what is known of a thermal stream: its newest frame,
 * its pace, and when, why and for how long it was down.
 *
 * The model behind the thermal pane; fed with the events of
 * net/thermal_client.h. A drop lasts from the event that told of it to the
 * first frame afterwards, however often it was tried meanwhile.
 *
 * Owns:   values only.  Bounds: THERMAL_DROPS of history, the oldest leave.
 * Thread: one at a time.  Blocks: never.
 */
#ifndef SOCKDECK_NET_THERMAL_STREAM_H
#define SOCKDECK_NET_THERMAL_STREAM_H

#include "net/thermal_client.h"

#define THERMAL_DROPS 64
#define THERMAL_PACE 32 /* arrivals that the frame rate is taken from */

struct thermal_drop {
	int64_t at_ns; /* it was noticed */
	int64_t took_ns; /* until the next frame; 0: it is still down */
	enum thermal_why why; /* the first reason */
	int error; /* errno of that; 0: none */
	enum thermal_why last_why; /* of the latest try */
	int last_error;
	unsigned tries; /* to connect again, so far */
	unsigned cut; /* bytes of a frame that was broken off */
	uint64_t frames; /* received since the drop before */
};

struct thermal_stream {
	bool up; /* connected */
	bool any; /* there has been a frame */
	bool torn; /* the newest frame is */
	uint32_t sock; /* id of the newest socket */
	struct thermal_frame frame;
	int64_t frame_ns; /* when it arrived */
	int64_t wait_ns; /* from asking to arrival */
	int64_t next_try_ns; /* while down */
	unsigned bytes, pieces; /* of the newest frame */
	uint64_t frames, frame_bytes; /* since the beginning */
	uint64_t sock_frames; /* of the newest socket */
	uint64_t torn_sum, missed_sum;
	uint64_t connects; /* that succeeded */
	uint64_t drops; /* all of them, also those that left the history */
	struct thermal_drop drop[THERMAL_DROPS]; /* [n % THERMAL_DROPS] */
	uint64_t dropped_frames; /* frames at the last drop */
	uint64_t torn_before, missed_before; /* of earlier sockets */
	int64_t pace[THERMAL_PACE]; /* arrivals, [frames % THERMAL_PACE] */
	uint64_t gen; /* bumped by each event */
};

void thermal_stream_feed(
    struct thermal_stream *s, const struct thermal_event *e);
/* Frames a second, of late; 0: unknown. */
double thermal_stream_rate(const struct thermal_stream *s);
/* The nth newest drop, from 0; NULL: no such, or forgotten. */
const struct thermal_drop *thermal_stream_drop(
    const struct thermal_stream *s, uint64_t n);
/* It is down now. */
bool thermal_stream_is_down(const struct thermal_stream *s);
#define THERMAL_DROP_TEXT 160
/* "the camera has closed the connection, 512 bytes into a frame" */
const char *thermal_drop_text(
    char dst[THERMAL_DROP_TEXT], const struct thermal_drop *d);

#endif
