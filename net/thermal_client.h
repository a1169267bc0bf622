/*
 * net/thermal_client.h - the receiving end of a thermal camera, which goes on.
 *
 * One actor asks for frame after frame and receives it, with textbook calls:
 * socket, connect, then send and recv again and again. Whatever fails - an
 * error, the peer's end, a silence, bytes that nobody asked for - ends the
 * connection, and after a pause that doubles each time it connects again.
 * What has lost count of a stream's bytes can only begin anew
 * (net/proto/thermal.h), so no frame ever begins in the middle of another.
 *
 * Over datagrams a frame of which one block does not come in time is handed
 * over torn, and the next one is asked for.
 *
 * A silence is what SO_RCVTIMEO and SO_SNDTIMEO say it is: blocking calls then
 * end with EAGAIN. On a link that trickles the frame as a whole has as long.
 *
 * Owns:   its socket.  Bounds: one frame; events that find the queue full are
 *         lost and counted there.
 * Thread: main starts it, an actor runs it; ORDER_CLOSE or engine_stop() ends
 *         it.  Blocks: never; the actor does.
 */
#ifndef SOCKDECK_NET_THERMAL_CLIENT_H
#define SOCKDECK_NET_THERMAL_CLIENT_H

#include "net/base/clock.h"
#include "net/base/queue.h"
#include "net/engine.h"
#include "net/proto/thermal.h"

#define THERMAL_SILENCE_NS (3 * CLOCK_S)
#define THERMAL_BACKOFF_MIN_NS (100 * CLOCK_MS)
#define THERMAL_BACKOFF_MAX_NS (5 * CLOCK_S)
#define THERMAL_CLIENT_RATE 16
#define THERMAL_REQUEST "hello" /* what the known client says */

struct thermal_client_spec {
	struct endpoint endpoint; /* tcp, rfcomm, unix, udp, unixgram */
	unsigned rate; /* frames to ask for a second; 0: as fast as they come */
	int64_t silence_ns; /* no frame for so long: the link is dead */
	int64_t backoff_min_ns, backoff_max_ns;
	struct queue *events; /* of struct thermal_event; outlives the actor */
};

/* The usual numbers; endpoint and events are to be chosen. */
struct thermal_client_spec thermal_client_spec_default(void);

enum thermal_event_kind { THERMAL_UP, THERMAL_FRAME, THERMAL_DOWN };

/* Why a link went down, or did not come up. */
#define THERMAL_WHYS(X)                                \
	X(NOTHING, "nothing")                          \
	X(SOCKET, "no socket")                         \
	X(NAME, "the name is not found")               \
	X(CONNECT, "no connection")                    \
	X(SEND, "asking failed")                       \
	X(RECV, "receiving failed")                    \
	X(END, "the camera has closed the connection") \
	X(SILENCE, "silence")                          \
	X(EXCESS, "more bytes than were asked for")

enum thermal_why {
#define X(name, text) THERMAL_WHY_##name,
	THERMAL_WHYS(X)
#undef X
	    THERMAL_WHY_COUNT
};
const char *thermal_why_text(enum thermal_why why);

/* What happened, as a value. */
struct thermal_event {
	uint32_t group; /* of the session */
	uint32_t sock; /* id of the socket */
	enum thermal_event_kind kind;
	int64_t at_ns; /* CLOCK_REALTIME, as calls and packets */
	/* THERMAL_DOWN */
	enum thermal_why why;
	int error; /* errno; 0: none (end, excess) */
	unsigned cut; /* bytes of a frame that came before */
	int64_t rest_ns; /* until it is tried again */
	/* THERMAL_FRAME */
	int64_t asked_ns; /* when it was asked for */
	unsigned bytes; /* received for it */
	unsigned pieces; /* recv() calls that brought it */
	bool torn; /* one half is an older frame's */
	uint64_t torn_sum, missed_sum; /* since the socket was opened */
	struct thermal_frame frame;
};

/* 0 with the new group, or -errno with a sentence. */
int thermal_client_start(struct engine *e,
    const struct thermal_client_spec *spec, uint32_t *ret_group,
    struct err *err);

#endif
