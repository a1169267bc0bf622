/*
 * net/rudp_door.h - how a server of reliable UDP lets clients in.
 *
 * It answers each HELLO with a WELCOME and keeps nothing: what the WELCOME says
 * is a cookie, a keyed hash of the client's address and numbers. Who sends it
 * back in a CONFIRM does receive at that address, and only then there is a
 * connection to keep. A cookie opens one connection: a replayed CONFIRM opens
 * none. (net/proto/rudp.h, 3)
 *
 * The owner looks first whether one of its connections has the datagram's
 * sender and id, and gives the door what is left.
 *
 * Owns:   nothing outside of itself.
 * Bounds: RUDP_DOOR_USED connections a minute; more are ignored, and counted.
 * Thread: one at a time.  Blocks: never.
 */
#ifndef SOCKDECK_NET_RUDP_DOOR_H
#define SOCKDECK_NET_RUDP_DOOR_H

#include <stdbool.h>

#include "net/base/siphash.h"
#include "net/rudp.h"

#define RUDP_DOOR_USED 4096
#define RUDP_DOOR_ADDRESS_MAX 128

struct rudp_door_stats {
	uint64_t welcomed, opened;
	uint64_t refused; /* RESET, since the door is shut */
	uint64_t malformed; /* refused by rudp_decode() */
	uint64_t stale; /* CONFIRM with a wrong or an old cookie */
	uint64_t replayed; /* CONFIRM with a cookie that was used before */
	uint64_t crowded; /* ignored because of RUDP_DOOR_USED */
	uint64_t strangers; /* of no connection */
};

struct rudp_door {
	uint8_t key[SIPHASH_KEY_LEN];
	uint16_t window;
	bool shut; /* the owner has no room: HELLO is answered with RESET */
	struct rudp_door_stats stats;
	struct {
		int64_t slot; /* of time */
		uint32_t count;
		uint64_t cookies[RUDP_DOOR_USED];
	} used[2];
};

/* key: random bytes (getrandom(2)); window: of the connections to be. */
void rudp_door_init(struct rudp_door *door, const uint8_t key[SIPHASH_KEY_LEN],
    uint32_t window);

enum rudp_door_verdict {
	RUDP_DOOR_IGNORE,
	RUDP_DOOR_REPLY, /* send the reply to where the datagram came from */
	RUDP_DOOR_OPEN, /* make a connection by rudp_accept() */
};

struct rudp_door_answer {
	enum rudp_door_verdict verdict;
	size_t reply_len;
	uint8_t reply[RUDP_HEADER_LEN + 4];
	struct rudp_opening opening;
};

/*
 * One datagram of no connection. from: the sender's address as bytes, at most
 * RUDP_DOOR_ADDRESS_MAX; the same for the same sender.
 */
struct rudp_door_answer rudp_door_input(struct rudp_door *door,
    const void *from, size_t from_len, const void *data, size_t n,
    int64_t now_ns);

#endif
