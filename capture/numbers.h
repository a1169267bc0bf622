/*
 * capture/numbers.h - the assigned numbers that the summary and the dissectors
 * share, and how far both follow chains that a sender may make endless.
 *
 * Source: IANA "IEEE 802 Numbers", "Protocol Numbers",
 *         "TCP Parameters".
 */
#ifndef SOCKDECK_CAPTURE_NUMBERS_H
#define SOCKDECK_CAPTURE_NUMBERS_H

enum {
	ETHER_IP4 = 0x0800,
	ETHER_ARP = 0x0806,
	ETHER_VLAN = 0x8100,
	ETHER_IP6 = 0x86dd,
	ETHER_QINQ = 0x88a8,
	ETHER_QINQ_OLD = 0x9100, /* before 802.1ad; its tag is a plain one */
	ETHER_MIN_TYPE = 0x0600, /* below: an 802.3 length */
};

enum {
	IP_HOPOPTS = 0,
	IP_ICMP = 1,
	IP_IGMP = 2,
	IP_TCP = 6,
	IP_UDP = 17,
	IP_ROUTING = 43,
	IP_FRAGMENT = 44,
	IP_AH = 51,
	IP_ICMP6 = 58,
	IP_NONE = 59,
	IP_DSTOPTS = 60,
};

enum { /* kinds of TCP options */
	OPTION_END = 0,
	OPTION_NOP = 1,
	OPTION_MSS = 2,
	OPTION_WSCALE = 3,
	OPTION_SACK_PERMITTED = 4,
	OPTION_SACK = 5,
	OPTION_STAMPS = 8,
};

#define VLAN_TAGS_MAX 8
#define ETHER_IS_TAG(type)                               \
	((type) == ETHER_VLAN || (type) == ETHER_QINQ || \
	    (type) == ETHER_QINQ_OLD)
#define IP6_EXTENSIONS_MAX 16

#endif
