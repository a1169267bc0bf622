/*
 * capture/rfcomm.h - the frames of RFCOMM: a serial line over L2CAP.
 *
 * Owns:   nothing.  Thread: any.  Blocks: never.
 * Source: RFCOMM with TS 07.10 1.2 s4 to s6, GSM 07.10 (TS 101 369) s5.
 */
#ifndef SOCKDECK_CAPTURE_RFCOMM_H
#define SOCKDECK_CAPTURE_RFCOMM_H

#include <stdbool.h>
#include <stdint.h>

#include "net/base/bytes.h"

enum rfcomm_type { /* the control field without its P/F bit */
	RFCOMM_SABM = 0x2f, /* opens a channel */
	RFCOMM_UA = 0x63, /* agrees */
	RFCOMM_DM = 0x0f, /* refuses */
	RFCOMM_DISC = 0x43, /* closes */
	RFCOMM_UIH = 0xef, /* carries data, or credits, or a command */
};

enum rfcomm_mcc { /* what the multiplexer's own channel carries */
	MCC_NSC = 0x04,
	MCC_TEST = 0x08,
	MCC_RLS = 0x14,
	MCC_FCOFF = 0x18,
	MCC_PN = 0x20,
	MCC_RPN = 0x24,
	MCC_FCON = 0x28,
	MCC_MSC = 0x38,
};

/* How far a channel is. */
#define RFCOMM_STATES(X)            \
	X(UNSEEN, "not yet opened") \
	X(OPENING, "opening")       \
	X(OPEN, "open")             \
	X(CLOSING, "closing")       \
	X(CLOSED, "closed")         \
	X(REFUSED, "refused")       \
	X(LOST, "link lost")

enum rfcomm_state {
#define X(NAME, text) RFCOMM_##NAME,
	RFCOMM_STATES(X)
#undef X
};

struct rfcomm_frame {
	uint8_t dlci, type; /* 0 is the multiplexer; enum rfcomm_type */
	bool command; /* the C/R bit */
	bool poll; /* the P/F bit */
	bool has_credits;
	uint8_t credits; /* that the sender grants */
	uint8_t header_len; /* credits included: 3 to 5 */
	uint16_t len; /* of what the frame carries */
};

/*
 * Reads the header and leaves r at what it carries. False: it is not all
 * there, or no such frame. UIH with the P/F bit has credits: without credit
 * based flow control, that bit is never set there (RFCOMM s6.5.2).
 */
bool rfcomm_open(struct rd *r, struct rfcomm_frame *ret);
/* Who sent it opened the session, not its peer. GSM 07.10 s5.2.1.2. */
bool rfcomm_by_initiator(const struct rfcomm_frame *f);
/* Does its sender have the channel's server? RFCOMM s5.4. */
bool rfcomm_by_server(const struct rfcomm_frame *f);
/* "SABM"; NULL: no such type. */
const char *rfcomm_type_name(uint8_t type);
const char *rfcomm_state_name(enum rfcomm_state s);
/* "PN"; NULL: no such command. */
const char *rfcomm_mcc_name(uint8_t type);
/* The check sequence over the first n bytes: 2 of UIH, else 3. GSM 07.10 B.3.3 */
uint8_t rfcomm_fcs(const uint8_t *p, size_t n);

#endif
