/*
 * capture/summary.h - what every packet is read for: a fixed record.
 *
 * Addresses, ports, flags, numbers and the length of each layer, at memory
 * speed. The full field tree is made only for a packet that someone looks at
 * (capture/dissect.h).
 *
 * Lengths count bytes on the wire, also where the capture was cut; link, net,
 * transport, options, payload and padding always add up to wire_len. Bluetooth
 * has as many headers, of other names: link is what stays between host and
 * controller, net the ACL header, transport L2CAP, options RFCOMM.
 *
 * Owns:   nothing.  Thread: any.  Blocks: never.
 * Source: RFC 791, RFC 8200, RFC 9293, RFC 768, RFC 792, RFC 4443, RFC 826;
 *         for Bluetooth see capture/hci.h.
 */
#ifndef SOCKDECK_CAPTURE_SUMMARY_H
#define SOCKDECK_CAPTURE_SUMMARY_H

#include <stdbool.h>
#include <stdint.h>

#include "net/addr.h"
#include "net/base/packet.h"

/* LINKTYPE_ values of the pcap file format */
enum {
	LINK_NULL = 0,
	LINK_ETHERNET = 1,
	LINK_RAW = 101,
	LINK_LOOP = 108,
	LINK_SLL = 113,
	LINK_IPV4 = 228,
	LINK_IPV6 = 229,
	LINK_SLL2 = 276, /* those of Bluetooth: capture/hci.h */
};

/* the TCP flags byte, RFC 9293 s3.1 */
enum {
	TCP_FIN = 0x01,
	TCP_SYN = 0x02,
	TCP_RST = 0x04,
	TCP_PSH = 0x08,
	TCP_ACK = 0x10,
	TCP_URG = 0x20,
	TCP_ECE = 0x40,
	TCP_CWR = 0x80,
};

/* Of the outermost trouble: the rest of the packet is still summarised. */
enum summary_status {
	SUMMARY_OK,
	SUMMARY_TRUNCATED, /* the capture cut a header */
	SUMMARY_MALFORMED, /* a header contradicts itself or the wire's length */
};

enum summary_proto { /* the highest layer that was recognised */
	PROTO_OTHER,
	PROTO_ARP,
	PROTO_IP, /* an IP packet of another protocol */
	PROTO_IPFRAG, /* a fragment that is not the first: no ports */
	PROTO_ICMP,
	PROTO_ICMP6,
	PROTO_TCP,
	PROTO_UDP,
	PROTO_HCI, /* a command, an event, audio, a note of the monitor */
	PROTO_ACL, /* a later fragment: of what, it does not say */
	PROTO_L2CAP, /* the first fragment, or all, of a frame */
	PROTO_RFCOMM, /* known only from what came before: capture/hci_track.h */
};

struct summary {
	/* IPv4 in the first four; ARP's addresses too, with ip_version 0. They
	 * stand first, so that a copy may be compared as soon as it is made. */
	uint8_t src[16], dst[16];
	uint8_t status; /* enum summary_status */
	uint8_t proto; /* enum summary_proto */
	uint8_t ip_version; /* 4, 6; 0: no IP */
	uint8_t ip_proto; /* IANA protocol number after extensions */
	uint8_t ttl; /* or hop limit */
	uint8_t tcp_flags;
	uint8_t icmp_type, icmp_code;
	uint16_t ether_type; /* after VLAN tags */
	uint16_t src_port, dst_port;
	/* header bytes by layer; tcp options apart from transport_len */
	uint16_t link_len, net_len, transport_len, options_len;
	uint32_t payload_len; /* of the transport, on the wire */
	uint32_t payload_off; /* from the packet's first byte */
	uint32_t payload_cap; /* of it, bytes captured */
	uint32_t padding_len; /* Ethernet padding behind the IP packet */
	uint32_t seq, ack; /* raw */
	uint16_t window; /* raw, unscaled */
	/* TCP options seen (SYN, mostly) */
	bool has_mss, has_wscale, has_sack_permitted, has_timestamps;
	bool has_sack; /* blocks of it */
	bool fragment; /* of an IP packet: the first, or a later one */
	uint16_t mss;
	uint8_t wscale;
	/* RFCOMM: 1 if the frame's check sequence is in this fragment */
	uint8_t fcs_len;
};

void summary_read(const struct packet *p, struct summary *ret);

struct addr summary_src(const struct summary *s); /* with the port */
struct addr summary_dst(const struct summary *s);

#define SUMMARY_FLAGS_MAX 48
/* "SYN,ACK"; "" for none. */
const char *summary_flags(char dst[SUMMARY_FLAGS_MAX], uint8_t tcp_flags);
/* "TCP", "ICMP", "IPv4" ...: the highest layer recognised. */
const char *summary_proto_name(const struct summary *s);

#endif
