/*
 * net/base/packet.h - one captured packet.
 *
 * Owns:   nothing: it borrows its bytes.
 * Thread: any.
 */
#ifndef SOCKDECK_NET_BASE_PACKET_H
#define SOCKDECK_NET_BASE_PACKET_H

#include <stdint.h>

struct packet {
	int64_t ts_ns; /* capture time, ns since the Unix epoch */
	uint32_t cap_len; /* bytes at data */
	uint32_t wire_len; /* bytes there were; >= cap_len */
	uint16_t link_type; /* LINKTYPE_ of the pcap file format */
	uint16_t iface; /* index of the interface within its source */
	const uint8_t *data;
};

#endif
