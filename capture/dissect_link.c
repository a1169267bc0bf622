/*
 * Ethernet, VLAN tags, the link types of lo, tun and "any", ARP.
 *
 * Source: IEEE 802.3 s3.2, IEEE 802.1Q s9.6, RFC 826, pcap-linktype(7),
 * https://www.tcpdump.org/linktypes.html.
 */
#include "capture/dissect_internal.h"

#include <string.h>

#include "capture/hci.h"
#include "capture/numbers.h"
#include "capture/summary.h"

#define ETHER_MIN_FRAME 60 /* without the check sequence */

enum {
	ETH,
	ETH_DST,
	ETH_DST_LOCAL,
	ETH_DST_GROUP,
	ETH_SRC,
	ETH_SRC_LOCAL,
	ETH_SRC_GROUP,
	ETH_TYPE,
	ETH_LEN,
	ETH_TAIL,
	ETH_PADDING,
	ETH_TRAILER,
	VLAN,
	VLAN_PRIORITY,
	VLAN_DEI,
	VLAN_ID,
	VLAN_TYPE,
	QINQ,
	QINQ_PRIORITY,
	QINQ_DEI,
	QINQ_ID,
	QINQ_TYPE,
	LOOPBACK,
	LOOPBACK_FAMILY,
	RAW,
	SLL,
	SLL_PACKET,
	SLL_PACKET2,
	SLL_HARDWARE,
	SLL_ADDR_LEN,
	SLL_ADDR,
	SLL_ADDR_OTHER,
	SLL_UNUSED,
	SLL_RESERVED,
	SLL_INTERFACE,
	SLL_TYPE,
};

static const char eth_bits_ref[] = "IEEE 802.3 s3.2.3";
static const char q_ref[] = "IEEE 802.1Q s9.6";
static const char sll_ref[] = "LINKTYPE_LINUX_SLL";

static const struct field_def defs[] = {
    [ETH] = {.name = "Ethernet header",
	.ref = "IEEE 802.3 s3.2",
	.help = "Carries the packet over one link, to the next machine."},
    [ETH_DST] = {"eth.dst", "Destination", "IEEE 802.3 s3.2.4",
	"The network card on this link that is to take the frame.",
	.kind = KIND_MAC},
    [ETH_DST_LOCAL] = {"eth.dst.lg", "Locally administered", eth_bits_ref,
	"Given by software, not by who made the card.", 0x020000, KIND_BOOL},
    [ETH_DST_GROUP] = {"eth.dst.ig", "Group", eth_bits_ref,
	"For several cards at once.", 0x010000, KIND_BOOL},
    [ETH_SRC_LOCAL] = {"eth.src.lg", "Locally administered", eth_bits_ref,
	"Given by software, not by who made the card.", 0x020000, KIND_BOOL},
    [ETH_SRC_GROUP] = {"eth.src.ig", "Group", eth_bits_ref,
	"A sender is never a group.", 0x010000, KIND_BOOL},
    [ETH_SRC] = {"eth.src", "Source", "IEEE 802.3 s3.2.5",
	"The network card that put the frame on this link.", .kind = KIND_MAC},
    [ETH_TYPE] = {"eth.type", "Type", "IEEE 802.3 s3.2.6",
	"Says which protocol the frame carries.", .kind = KIND_HEX16},
    [ETH_LEN] = {"eth.len", "Length", "IEEE 802.3 s3.2.6",
	"Below 1536 the type field counts the bytes that follow.",
	.kind = KIND_DEC},
    [ETH_TAIL] = {.name = "Behind the packet",
	.ref = "IEEE 802.3 s3.2.8",
	.help = "A frame has at least 60 bytes: short packets are padded."},
    [ETH_PADDING] = {"eth.padding", "Padding",
	.help =
	    "Fills the frame up to the 60 bytes that Ethernet wants at least.",
	.kind = KIND_BYTES},
    [ETH_TRAILER] = {"eth.trailer", "Trailer",
	.help = "Bytes behind the packet that belong to no layer above.",
	.kind = KIND_BYTES},
    [VLAN] = {.name = "VLAN tag",
	.ref = q_ref,
	.help = "Lets several separate networks share one cable."},
    [VLAN_PRIORITY] = {"vlan.priority", "Priority", q_ref,
	"7 goes first where a switch has a queue.", 0xe000, KIND_DEC},
    [VLAN_DEI] = {"vlan.dei", "Drop eligible", q_ref,
	"May be dropped before others.", 0x1000, KIND_BOOL},
    [VLAN_ID] = {"vlan.id", "VLAN", q_ref, "The network the frame belongs to.",
	0x0fff, KIND_DEC},
    [VLAN_TYPE] = {"vlan.etype", "Type", q_ref,
	"Says which protocol follows the tag.", .kind = KIND_HEX16},
    [QINQ] = {.name = "Service VLAN tag",
	.ref = q_ref,
	.help = "A provider's tag around the customer's own."},
    [QINQ_PRIORITY] = {"ieee8021ad.priority", "Priority", q_ref,
	"Which traffic goes first, 0 to 7.", 0xe000, KIND_DEC},
    [QINQ_DEI] = {"ieee8021ad.dei", "Drop eligible", q_ref,
	"1: may be dropped first when there is congestion.", 0x1000, KIND_BOOL},
    [QINQ_ID] = {"ieee8021ad.id", "VLAN", q_ref,
	"Which of the networks on this cable it belongs to.", 0x0fff, KIND_DEC},
    [QINQ_TYPE] = {"ieee8021ah.etype", "Type", q_ref,
	"Which protocol follows, as Ethernet numbers them.",
	.kind = KIND_HEX16},
    [LOOPBACK] = {.name = "BSD loopback header", .ref = "LINKTYPE_NULL"},
    [LOOPBACK_FAMILY] = {"null.family", "Address family", "LINKTYPE_NULL",
	"AF_INET or AF_INET6 as the capturing system numbers them.",
	.kind = KIND_DEC},
    [RAW] = {.name = "No link header",
	.ref = "LINKTYPE_RAW",
	.help = "A tunnel interface carries bare IP packets."},
    [SLL] = {.name = "Linux cooked header",
	.ref = sll_ref,
	.help = "Stands in for the link header in a capture of all "
		"interfaces."},
    [SLL_PACKET] = {"sll.pkttype", "Packet type", sll_ref,
	"To whom the link delivered the packet.", .kind = KIND_DEC},
    [SLL_PACKET2] = {"sll.pkttype", "Packet type", "LINKTYPE_LINUX_SLL2",
	"To whom the link delivered the packet.", .kind = KIND_DEC},
    [SLL_HARDWARE] = {"sll.hatype", "Hardware type", sll_ref,
	"The kind of interface (ARPHRD_ number) that it was captured on.",
	.kind = KIND_DEC},
    [SLL_ADDR_LEN] = {"sll.halen", "Address length", sll_ref,
	"Bytes of the address that follows; 0: the interface has none.",
	.kind = KIND_DEC},
    [SLL_ADDR] = {"sll.src.eth", "Source", sll_ref,
	"The hardware address of who sent it on this link.", .kind = KIND_MAC},
    [SLL_ADDR_OTHER] = {"sll.src.other", "Source", sll_ref,
	"The address of who sent it on this link.", .kind = KIND_BYTES},
    [SLL_UNUSED] = {"sll.unused", "Unused", sll_ref,
	"Fills the address field up to 8 bytes.", .kind = KIND_BYTES},
    [SLL_RESERVED] = {.name = "Reserved",
	.ref = "LINKTYPE_LINUX_SLL2",
	.kind = KIND_BYTES},
    [SLL_INTERFACE] = {"sll.ifindex", "Interface", "LINKTYPE_LINUX_SLL2",
	"Number of the interface that saw it, as `ip link` prints it.",
	.kind = KIND_DEC},
    [SLL_TYPE] = {"sll.etype", "Protocol", sll_ref,
	"Which protocol follows, as Ethernet numbers them.",
	.kind = KIND_HEX16},
};
const struct field_table link_fields = FIELD_TABLE(defs);

enum {
	ARP,
	ARP_HW_TYPE,
	ARP_PROTO_TYPE,
	ARP_HW_LEN,
	ARP_PROTO_LEN,
	ARP_OPCODE,
	ARP_SRC_MAC,
	ARP_SRC_IP,
	ARP_DST_MAC,
	ARP_DST_IP,
	ARP_SRC_HW,
	ARP_SRC_PROTO,
	ARP_DST_HW,
	ARP_DST_PROTO,
	ARP_GRATUITOUS,
	ARP_ANNOUNCEMENT,
	ARP_PROBE,
};

static const char arp_ref[] = "RFC 826";

static const struct field_def arp_defs[] = {
    [ARP] = {.name = "ARP packet",
	.ref = arp_ref,
	.help = "Asks which network card on this link has an IP address."},
    [ARP_HW_TYPE] = {"arp.hw.type", "Hardware type", arp_ref,
	"The kind of link; 1 is Ethernet.", .kind = KIND_DEC},
    [ARP_PROTO_TYPE] = {"arp.proto.type", "Protocol type", arp_ref,
	"The kind of address that is looked for; 0x0800 is IPv4.",
	.kind = KIND_HEX16},
    [ARP_HW_LEN] = {"arp.hw.size", "Hardware address length", arp_ref,
	"Bytes of a hardware address; 6 with Ethernet.", .kind = KIND_DEC},
    [ARP_PROTO_LEN] = {"arp.proto.size", "Protocol address length", arp_ref,
	"Bytes of a protocol address; 4 with IPv4.", .kind = KIND_DEC},
    [ARP_OPCODE] = {"arp.opcode", "Operation", arp_ref,
	"A request asks everybody; the reply goes to who asked.",
	.kind = KIND_DEC},
    [ARP_SRC_MAC] = {"arp.src.hw_mac", "Sender's MAC address", arp_ref,
	"Where answers go, and what the others may remember.",
	.kind = KIND_MAC},
    [ARP_SRC_IP] = {"arp.src.proto_ipv4", "Sender's IP address", arp_ref,
	"Whose hardware address stands beside it.", .kind = KIND_IP4},
    [ARP_DST_MAC] = {"arp.dst.hw_mac", "Target's MAC address", arp_ref,
	"Zero in a request: it is what is asked for.", .kind = KIND_MAC},
    [ARP_DST_IP] = {"arp.dst.proto_ipv4", "Target's IP address", arp_ref,
	"The address that somebody looks for.", .kind = KIND_IP4},
    [ARP_SRC_HW] = {"arp.src.hw", "Sender's hardware address", arp_ref,
	"Where answers go, and what the others may remember.",
	.kind = KIND_BYTES},
    [ARP_SRC_PROTO] = {"arp.src.proto", "Sender's protocol address", arp_ref,
	"Whose hardware address stands beside it.", .kind = KIND_BYTES},
    [ARP_DST_HW] = {"arp.dst.hw", "Target's hardware address", arp_ref,
	"What is asked for: zero in a request.", .kind = KIND_BYTES},
    [ARP_DST_PROTO] = {"arp.dst.proto", "Target's protocol address", arp_ref,
	"Whose hardware address is asked for.", .kind = KIND_BYTES},
    [ARP_GRATUITOUS] = {"arp.isgratuitous", "Nobody was asked", "RFC 5227 s3",
	"Says its own address to all, so that they mend what they remember.",
	.kind = KIND_TEXT},
    [ARP_ANNOUNCEMENT] = {"arp.isannouncement", "Announcement", "RFC 5227 s2.3",
	"The address is taken from now on.", .kind = KIND_TEXT},
    [ARP_PROBE] = {"arp.isprobe", "Probe", "RFC 5227 s2.1",
	"Is the address free? Who asks has none yet.", .kind = KIND_TEXT},
};
const struct field_table arp_fields = FIELD_TABLE(arp_defs);

static const struct name ether_types[] = {
    {ETHER_IP4, "IPv4"},
    {ETHER_ARP, "ARP"},
    {ETHER_VLAN, "VLAN tag"},
    {ETHER_IP6, "IPv6"},
    {ETHER_QINQ, "service VLAN tag"},
    {0x8035, "RARP"},
    {0x8847, "MPLS"},
    {0x8863, "PPPoE discovery"},
    {0x8864, "PPPoE"},
    {0x888e, "802.1X"},
    {0x88cc, "LLDP"},
    {ETHER_QINQ_OLD, "outer VLAN tag"},
};

static const struct name arp_operations[] = {
    {1, "request: who has it?"}, {2, "reply: it is at"}};

static const struct name sll_packet_types[] = {
    {0, "to us"},
    {1, "broadcast"},
    {2, "multicast"},
    {3, "to another machine"},
    {4, "sent by us"},
};

static void
remark_mac(struct layer *l, const uint8_t mac[6])
{
	static const uint8_t all[6] = {255, 255, 255, 255, 255, 255};

	if (memcmp(mac, all, 6) == 0)
		layer_remark(l, "broadcast: everybody on the link");
	else if ((mac[0] & 1) != 0)
		layer_remark(l, "multicast: a group");
}

/* An address and the two bits of it that mean something. */
static void
mac(struct layer *l, size_t def, uint8_t dst[6])
{
	struct rd before = l->r, after;

	layer_bytes(l, &defs[def], 6, dst);
	remark_mac(l, dst);
	if (!layer_ok(l))
		return;
	after = l->r;
	l->r = before;
	layer_word(l, &defs[def], 3);
	l->r = after;
	l->depth++;
	layer_add_bits(l, &defs[def + 1]);
	layer_add_bits(l, &defs[def + 2]);
	l->depth--;
}

/* IPv4 addresses, and Ethernet's of who is asked. */
struct arp_ends {
	uint8_t src[4], dst[4], dst_mac[6];
};

/* What an address is said or asked for that nobody else has. */
static void
arp_purpose(struct layer *l, uint32_t operation, const struct arp_ends *e)
{
	static const uint8_t zero[6];
	bool unknown = memcmp(e->dst_mac, zero, 6) == 0;

	if (operation != 1 && operation != 2)
		return;
	if (memcmp(e->src, e->dst, 4) == 0) {
		layer_made(l, &arp_defs[ARP_GRATUITOUS], "1");
		if (operation == 1 && unknown)
			layer_made(l, &arp_defs[ARP_ANNOUNCEMENT], "1");
	} else if (operation == 1 && unknown && memcmp(e->src, zero, 4) == 0) {
		layer_made(l, &arp_defs[ARP_PROBE], "1");
	}
}

static void
dissect_arp(struct build *b, struct rd *r)
{
	struct layer l = layer_open(b, *r, &arp_defs[ARP], "arp", 28);
	uint32_t type, hw, proto, operation;
	struct arp_ends e = {0};
	bool is_mac, is_ip;

	layer_uint(&l, &arp_defs[ARP_HW_TYPE], 2);
	layer_remark_name(&l, l.word == 1 ? "Ethernet" : NULL);
	type = layer_uint(&l, &arp_defs[ARP_PROTO_TYPE], 2);
	layer_remark_name(&l, NAME_OF(ether_types, type));
	hw = layer_uint(&l, &arp_defs[ARP_HW_LEN], 1);
	proto = layer_uint(&l, &arp_defs[ARP_PROTO_LEN], 1);
	if (layer_ok(&l))
		l.need = 8 + 2 * (hw + proto);
	is_mac = hw == 6;
	is_ip = type == ETHER_IP4 && proto == 4;
	operation = layer_uint(&l, &arp_defs[ARP_OPCODE], 2);
	layer_remark_name(&l, NAME_OF(arp_operations, operation));
	layer_title(&l, "%s", operation == 2 ? "reply" : "request");
	layer_bytes(&l, &arp_defs[is_mac ? ARP_SRC_MAC : ARP_SRC_HW], hw, NULL);
	layer_bytes(&l, &arp_defs[is_ip ? ARP_SRC_IP : ARP_SRC_PROTO], proto,
	    is_ip ? e.src : NULL);
	layer_bytes(&l, &arp_defs[is_mac ? ARP_DST_MAC : ARP_DST_HW], hw,
	    is_mac ? e.dst_mac : NULL);
	layer_bytes(&l, &arp_defs[is_ip ? ARP_DST_IP : ARP_DST_PROTO], proto,
	    is_ip ? e.dst : NULL);
	if (is_mac && is_ip)
		arp_purpose(&l, operation, &e);
	if (layer_ok(&l))
		layer_close(&l);
	*r = l.r;
}

/* A tag of four bytes; returns the type of what follows it. */
static uint16_t
dissect_tag(struct build *b, struct rd *r, bool service)
{
	const struct field_def *d = &defs[service ? QINQ : VLAN];
	struct layer l =
	    layer_open(b, *r, d, service ? "ieee8021ad" : "vlan", 4);
	uint32_t type;

	layer_word(&l, &d[1], 2);
	layer_add_bits(&l, &d[VLAN_PRIORITY - VLAN]);
	layer_add_bits(&l, &d[VLAN_DEI - VLAN]);
	layer_title(
	    &l, "VLAN %u", (unsigned)layer_add_bits(&l, &d[VLAN_ID - VLAN]));
	type = layer_uint(&l, &d[VLAN_TYPE - VLAN], 2);
	layer_remark_name(&l, NAME_OF(ether_types, type));
	if (layer_ok(&l))
		layer_close(&l);
	*r = l.r;
	return (uint16_t)type;
}

/* What follows the link header; leaves in r the bytes behind the packet. */
static void
dissect_ether_type(struct build *b, struct rd *r, uint32_t type)
{
	if (r->state != RD_OK)
		return;
	build_protocol(b, "ethertype");
	for (int i = 0; ETHER_IS_TAG(type); i++) {
		if (i == VLAN_TAGS_MAX)
			break;
		type = dissect_tag(b, r, type == ETHER_QINQ);
		if (r->state != RD_OK)
			return;
		build_protocol(b, "ethertype");
	}
	switch (type) {
	case ETHER_IP4:
		dissect_ip4(b, r);
		break;
	case ETHER_IP6:
		dissect_ip6(b, r);
		break;
	case ETHER_ARP:
		dissect_arp(b, r);
		break;
	default:
		dissect_data(b, *r);
		*r = rd_sub(r, 0);
	}
}

static void
dissect_tail(struct build *b, struct rd r)
{
	size_t off = rd_off(&r), n = rd_wire_left(&r);
	struct layer l;
	struct rd rest;

	if (n == 0)
		return;
	l = layer_open(b, r, &defs[ETH_TAIL], NULL, n);
	if (off < ETHER_MIN_FRAME && n > ETHER_MIN_FRAME - off)
		n = ETHER_MIN_FRAME - off;
	rest = l.r;
	l.r = rd_sub(&rest, off < ETHER_MIN_FRAME ? n : 0);
	layer_payload(&l, &defs[ETH_PADDING]);
	l.r = rest;
	layer_payload(&l, &defs[ETH_TRAILER]);
	layer_close(&l);
}

static void
dissect_ethernet(struct build *b, struct rd r)
{
	struct layer l = layer_open(b, r, &defs[ETH], "eth", 14);
	uint8_t dst[6], src[6];
	static const uint8_t zero[6];
	uint32_t type;
	struct rd payload;

	mac(&l, ETH_DST, dst);
	mac(&l, ETH_SRC, src);
	if (memcmp(dst, zero, 6) == 0 && memcmp(src, zero, 6) == 0)
		layer_title(&l, "made up: lo has no link to cross");
	type = layer_word(&l, &defs[ETH_TYPE], 2);
	if (!layer_ok(&l))
		return;
	layer_add_word(&l, &defs[type < ETHER_MIN_TYPE ? ETH_LEN : ETH_TYPE]);
	layer_remark_name(&l, NAME_OF(ether_types, type));
	layer_close(&l);
	if (type >= ETHER_MIN_TYPE) {
		dissect_ether_type(b, &l.r, type);
	} else {
		if (type > rd_wire_left(&l.r)) {
			layer_wrong(&l, "more than the frame's %zu bytes",
			    rd_wire_left(&l.r));
			type = (uint32_t)rd_wire_left(&l.r);
		}
		payload = rd_sub(&l.r, type);
		dissect_data(b, payload);
	}
	dissect_tail(b, l.r);
}

static void
dissect_ip_version(struct build *b, struct rd r, uint32_t version)
{
	if (version == 4)
		dissect_ip4(b, &r);
	else if (version == 6)
		dissect_ip6(b, &r);
	else
		dissect_data(b, r);
}

/* The family is in the byte order of who captured, or of the network. */
static void
dissect_loopback(struct build *b, struct rd r)
{
	struct layer l = layer_open(b, r, &defs[LOOPBACK], "null", 4);
	uint32_t family = layer_word(&l, &defs[LOOPBACK_FAMILY], 4);

	if (family > 0xffff && b->packet->link_type == LINK_NULL)
		l.word = family = __builtin_bswap32(family);
	layer_add_word(&l, &defs[LOOPBACK_FAMILY]);
	if (!layer_ok(&l))
		return;
	layer_close(&l);
	switch (family) {
	case 2:
		layer_remark(&l, "IPv4");
		dissect_ip_version(b, l.r, 4);
		break;
	case 10: /* Linux, NetBSD and OpenBSD, FreeBSD, macOS */
	case 24:
	case 28:
	case 30:
		layer_remark(&l, "IPv6");
		dissect_ip_version(b, l.r, 6);
		break;
	default:
		dissect_data(b, l.r);
	}
}

static void
dissect_raw(struct build *b, struct rd r)
{
	struct rd peek = r;

	layer_open(b, r, &defs[RAW], "raw", 0);
	dissect_ip_version(b, r, rd_u8(&peek) >> 4);
}

/* The sender's address fills eight bytes, of which len are used. */
static void
sll_address(struct layer *l, uint32_t len)
{
	if (!layer_ok(l))
		return;
	if (len > 8)
		len = 8;
	if (len > 0)
		layer_bytes(
		    l, &defs[len == 6 ? SLL_ADDR : SLL_ADDR_OTHER], len, NULL);
	if (len < 8)
		layer_bytes(l, &defs[SLL_UNUSED], 8 - len, NULL);
}

static void
dissect_sll(struct build *b, struct rd r)
{
	struct layer l = layer_open(b, r, &defs[SLL], "sll", 16);
	uint32_t type;

	type = layer_uint(&l, &defs[SLL_PACKET], 2);
	layer_remark_name(&l, NAME_OF(sll_packet_types, type));
	layer_uint(&l, &defs[SLL_HARDWARE], 2);
	sll_address(&l, layer_uint(&l, &defs[SLL_ADDR_LEN], 2));
	type = layer_uint(&l, &defs[SLL_TYPE], 2);
	layer_remark_name(&l, NAME_OF(ether_types, type));
	if (!layer_ok(&l))
		return;
	layer_close(&l);
	dissect_ether_type(b, &l.r, type);
	dissect_tail(b, l.r);
}

static void
dissect_sll2(struct build *b, struct rd r)
{
	struct layer l = layer_open(b, r, &defs[SLL], "sll", 20);
	uint32_t type = layer_uint(&l, &defs[SLL_TYPE], 2), packet;

	layer_remark_name(&l, NAME_OF(ether_types, type));
	layer_bytes(&l, &defs[SLL_RESERVED], 2, NULL);
	layer_uint(&l, &defs[SLL_INTERFACE], 4);
	layer_uint(&l, &defs[SLL_HARDWARE], 2);
	packet = layer_uint(&l, &defs[SLL_PACKET2], 1);
	layer_remark_name(&l, NAME_OF(sll_packet_types, packet));
	sll_address(&l, layer_uint(&l, &defs[SLL_ADDR_LEN], 1));
	if (!layer_ok(&l))
		return;
	layer_close(&l);
	dissect_ether_type(b, &l.r, type);
	dissect_tail(b, l.r);
}

void
dissect_link(struct build *b, struct rd r)
{
	switch (b->packet->link_type) {
	case LINK_ETHERNET:
		dissect_ethernet(b, r);
		break;
	case LINK_NULL:
	case LINK_LOOP:
		dissect_loopback(b, r);
		break;
	case LINK_RAW:
	case LINK_IPV4:
	case LINK_IPV6:
		dissect_raw(b, r);
		break;
	case LINK_SLL:
		dissect_sll(b, r);
		break;
	case LINK_SLL2:
		dissect_sll2(b, r);
		break;
	default:
		if (hci_is_link(b->packet->link_type))
			dissect_hci(b, r);
		else
			dissect_data(b, r);
	}
}
