/*
 * capture/hci.h - what lies between a Bluetooth host and its controller, and
 * how captures frame it.
 *
 * Owns:   nothing.  Thread: any.  Blocks: never.
 * Source: Bluetooth Core 5.3 Vol 4 Part A s2 (H4), Part E s5.4 (packets),
 *         Vol 3 Part A s3.1 (L2CAP), pcap-linktype(7).
 */
#ifndef SOCKDECK_CAPTURE_HCI_H
#define SOCKDECK_CAPTURE_HCI_H

#include <stdbool.h>
#include <stdint.h>

#include "net/base/bytes.h"
#include "net/base/packet.h"

enum { /* LINKTYPE_ values of the pcap file format */
	LINK_HCI_H4 = 187, /* a packet type, then the packet */
	LINK_HCI_H4_PHDR = 201, /* the same behind a direction of 4 bytes */
	LINK_HCI_MONITOR = 254, /* all adapters, and what the kernel notes */
};

enum { /* H4 packet types */
	HCI_NONE = 0, /* a note of the monitor, or no bytes */
	HCI_COMMAND = 1,
	HCI_ACL = 2,
	HCI_SCO = 3,
	HCI_EVENT = 4,
	HCI_ISO = 5,
};

enum { HCI_SENT, HCI_RECEIVED }; /* by the host */

enum { /* ACL packet boundary flag */
	ACL_FIRST_HOST = 0,
	ACL_CONTINUES = 1,
	ACL_FIRST = 2,
};

enum {
	ACL_HEADER_LEN = 4,
	L2CAP_HEADER_LEN = 4,
	L2CAP_SIGNALLING = 1, /* the channel where channels are made */
	L2CAP_DYNAMIC = 0x40, /* channels from here on are made */
	PSM_SDP = 1,
	PSM_RFCOMM = 3,
};

struct hci_packet {
	struct rd r; /* what is behind the packet type */
	uint16_t adapter; /* its index, as far as the capture tells */
	uint16_t opcode; /* of the monitor: what its note is */
	uint8_t type, dir;
};

/* Is this the link type of such a capture? */
static inline bool
hci_is_link(uint16_t link_type)
{
	return link_type == LINK_HCI_H4 || link_type == LINK_HCI_H4_PHDR ||
	       link_type == LINK_HCI_MONITOR;
}

/*
 * Read the capture's own header. Without a direction in it (H4 alone) it is
 * taken from what the packet is: only a host commands, and only it begins ACL
 * data with boundary flag 0; what continues is taken for received.
 */
struct hci_packet hci_open(const struct packet *p);

struct acl_packet {
	struct rd r; /* the content, no byte more */
	uint16_t handle, len;
	uint8_t boundary, broadcast;
};

/* False: the header is not all there. */
bool acl_open(const struct hci_packet *h, struct acl_packet *ret);

#endif
