/*
 * capture/rfcomm_track.h - which conversation a frame of RFCOMM belongs to, and
 * what it was sent for.
 *
 * A conversation is a channel (DLC). What comes before the first one, which
 * makes the session (the L2CAP channel, the multiplexer), is a conversation of
 * its own until that channel is opened, and then is its beginning: so that all
 * of a handshake stands in one place.
 *
 * Owns:   nothing.  Thread: main.  Blocks: never.
 * Source: RFCOMM with TS 07.10 1.2 s5, GSM 07.10 s5.
 */
#ifndef SOCKDECK_CAPTURE_RFCOMM_TRACK_H
#define SOCKDECK_CAPTURE_RFCOMM_TRACK_H

#include <stdbool.h>
#include <stdint.h>

#include "capture/flow_key.h"
#include "capture/rfcomm.h"
#include "capture/store.h"

/* The two ends of a connection, as addresses in a flow's key. */
struct hci_ends {
	uint16_t adapter, handle;
	bool peer_known;
	uint8_t peer[6]; /* last byte first */
};

/* Where a frame belongs. */
struct rfcomm_place {
	struct flow_key key;
	bool swapped; /* the sender stands second in the key */
	bool from_client;
	bool opens; /* a new conversation, also where there was one */
	bool adopts; /* what stands under `session` is its beginning */
	struct flow_key session;
	uint8_t purpose; /* enum purpose */
	uint8_t state; /* of the channel after it: enum rfcomm_state */
};

/* What a session was found to be; all zero: nothing yet. */
struct rfcomm_session {
	uint8_t initiator; /* HCI_SENT, HCI_RECEIVED: who opened it */
	bool adopted; /* by the first channel */
	uint8_t dlci; /* the newest channel; 0: none */
	uint8_t dlc[64]; /* the state of each: enum rfcomm_state */
};

/* The L2CAP channel is made, or closed, by a frame that was sent in dir. */
void rfcomm_track_channel(struct rfcomm_session *s, const struct hci_ends *e,
    uint8_t dir, bool opens, bool closes, struct rfcomm_place *ret);
/* The connection is gone. False: nothing was open over it. */
bool rfcomm_track_lost(struct rfcomm_session *s, const struct hci_ends *e,
    struct rfcomm_place *ret);
/*
 * A frame, or the beginning of one.
 *   r  its header and what it carries, as far as it is here
 * False: it is none.
 */
bool rfcomm_track_frame(struct rfcomm_session *s, const struct hci_ends *e,
    uint8_t dir, struct rd r, struct rfcomm_place *ret);

#endif
