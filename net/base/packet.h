/*
 * net/base/packet.h - one captured packet, and a batch of them in transit.
 *
 * The batch is what a packet source hands to the main thread: one allocation
 * that holds the records and, behind them, all their bytes.
 *
 * Owns:   a batch owns its bytes; a struct packet borrows them.
 * Thread: a batch belongs to one thread at a time and moves by queue.
 */
#ifndef SOCKDECK_NET_BASE_PACKET_H
#define SOCKDECK_NET_BASE_PACKET_H

#include <stddef.h>
#include <stdint.h>

struct packet {
	int64_t ts_ns; /* capture time, ns since the Unix epoch */
	uint32_t cap_len; /* bytes at data */
	uint32_t wire_len; /* bytes there were; >= cap_len */
	uint16_t link_type; /* LINKTYPE_ of the pcap file format */
	uint16_t iface; /* index of the interface within its source */
	const uint8_t *data;
};

#define BATCH_PACKETS 1024
#define BATCH_BYTES (512 * 1024)

struct batch {
	uint32_t count; /* records used */
	uint32_t used; /* bytes used */
	struct packet packets[BATCH_PACKETS];
	uint8_t bytes[BATCH_BYTES];
};

/* NULL: no memory. free() releases it. */
struct batch *batch_new(void);

/*
 * Copy a packet in; the record's data then points into the batch.
 * False: no room for it (a packet alone never exceeds BATCH_BYTES: snaplen).
 */
_Bool batch_add(struct batch *b, const struct packet *p);

#endif
