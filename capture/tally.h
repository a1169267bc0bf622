/*
 * capture/tally.h - what one exchange cost, in bytes by layer and by purpose.
 *
 * Every packet is booked once, whole: link, IP, transport header, options, our
 * own protocol's header, payload. With TCP the purpose is what the flow found;
 * reliable UDP is decoded, since to UDP it is all data. RFCOMM's rows have ACL
 * where others have IP, L2CAP for the transport, RFCOMM for its options.
 *
 * Owns:   values only.  Thread: any.  Blocks: never.
 */
#ifndef SOCKDECK_CAPTURE_TALLY_H
#define SOCKDECK_CAPTURE_TALLY_H

#include "capture/store.h"

struct tally_row {
	uint64_t packets;
	uint64_t link; /* as captured: on lo 14 made-up bytes each */
	uint64_t net, transport, options;
	uint64_t own; /* header of reliable UDP */
	uint64_t payload;
	/* what real Ethernet would carry, gap included; RFCOMM: 0 */
	uint64_t ethernet;
};

struct tally {
	enum transport transport;
	struct tally_row by[PURPOSE_COUNT];
	/* of a reliable UDP connection, per direction */
	bool data_seen, fin_seen;
	struct {
		bool known;
		uint32_t next; /* the number behind the highest seen */
	} sent[2];
};

void tally_init(struct tally *t, enum transport transport);
/* A frame after capture_feed_one(), still with its bytes. */
void tally_feed(struct tally *t, const struct frame *f);

struct tally_row tally_sum(const struct tally *t);
/* IP and all above it. */
uint64_t tally_row_bytes(const struct tally_row *r);

#endif
