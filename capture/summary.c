#include "capture/summary.h"

#include <string.h>

#include "capture/hci.h"
#include "capture/numbers.h"
#include "capture/summary_steps.h"
#include "capture/summary_usual.h"
#include "net/base/bytes.h"

/*
 * This runs for every packet that is not a usual one: a header is taken from
 * the reader whole, checked once, and its fields are then picked from those
 * bytes. Whatever happens, the lengths of the layers add up to the packet's
 * length on the wire.
 */

struct body { /* an IP packet's content */
	struct rd r;
	bool more; /* a first fragment: the transport's end is elsewhere */
	bool fragment; /* a later fragment: no transport header */
};

static uint16_t
be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t
be32(const uint8_t *p)
{
	return (uint32_t)be16(p) << 16 | be16(p + 2);
}

void
summary_trouble(struct summary *s, enum rd_state state)
{
	if (s->status == SUMMARY_OK && state == RD_TRUNCATED)
		s->status = SUMMARY_TRUNCATED;
	if (s->status == SUMMARY_OK && state == RD_MALFORMED)
		s->status = SUMMARY_MALFORMED;
}

void
summary_settle(struct summary *s, const struct rd *r)
{
	s->payload_off = (uint32_t)rd_off(r);
	s->payload_len = (uint32_t)rd_wire_left(r);
	s->payload_cap = (uint32_t)rd_left(r);
}

/* A header of n bytes ends outside of r: the rest of r is payload. */
static size_t
take_failed(struct summary *s, const struct rd *r, size_t n)
{
	struct rd before = *r; /* a failed read moves nothing */
	size_t left;

	summary_trouble(s, r->state);
	before.state = RD_OK;
	left = rd_wire_left(&before);
	if (n > left)
		n = left;
	s->payload_off = (uint32_t)(rd_off(&before) + n);
	s->payload_len = (uint32_t)(left - n);
	return n;
}

const uint8_t *
summary_take(struct summary *s, struct rd *r, size_t n, uint16_t *len)
{
	const uint8_t *p = rd_bytes(r, n);

	if (p == NULL)
		n = take_failed(s, r, n);
	*len = (uint16_t)(*len + n);
	return p;
}

struct rd
summary_narrow(struct summary *s, struct rd *r, size_t n)
{
	struct rd child = rd_sub(r, n);

	s->padding_len += (uint32_t)rd_wire_left(r);
	return child;
}

/* One that is whole. */
static void
take_tcp_option(struct summary *s, const uint8_t *o, size_t len)
{
	if (o[0] == OPTION_MSS && len == 4) {
		s->mss = be16(o + 2);
		s->has_mss = true;
	} else if (o[0] == OPTION_WSCALE && len == 3) {
		s->wscale = o[2];
		s->has_wscale = true;
	} else if (o[0] == OPTION_SACK_PERMITTED && len == 2) {
		s->has_sack_permitted = true;
	} else if (o[0] == OPTION_SACK && len >= 10) {
		s->has_sack = true;
	} else if (o[0] == OPTION_STAMPS && len == 10) {
		s->has_timestamps = true;
	}
}

enum rd_state
summary_take_tcp_options(
    struct summary *s, const uint8_t *o, size_t there, size_t n)
{
	for (size_t at = 0, len; at < there && o[at] != OPTION_END; at += len) {
		if (o[at] == OPTION_NOP) {
			len = 1;
			continue;
		}
		if (n - at < 2)
			return RD_MALFORMED;
		if (there - at < 2)
			return RD_TRUNCATED;
		len = o[at + 1];
		if (len < 2 || len > n - at)
			return RD_MALFORMED;
		if (len > there - at) {
			s->has_sack |= o[at] == OPTION_SACK && len >= 10;
			return RD_TRUNCATED;
		}
		take_tcp_option(s, o + at, len);
	}
	return RD_OK;
}

/* Ports stand first: they may be there where the header was not read. */
static void
read_ports(struct summary *s, struct rd r)
{
	r.state = RD_OK;
	s->src_port = rd_be16(&r);
	s->dst_port = rd_be16(&r);
}

static void
read_cut_options(struct summary *s, struct rd r)
{
	size_t there = rd_left(&r), n = rd_wire_left(&r);

	summary_trouble(
	    s, summary_take_tcp_options(s, rd_bytes(&r, there), there, n));
}

static void
read_tcp(struct summary *s, struct rd *r)
{
	struct rd before = *r, options;
	const uint8_t *h = summary_take(s, r, 20, &s->transport_len), *o;
	size_t len;

	s->proto = PROTO_TCP;
	if (h == NULL) {
		read_ports(s, *r);
		return;
	}
	s->src_port = be16(h);
	s->dst_port = be16(h + 2);
	len = (size_t)(h[12] >> 4) * 4;
	if (len < 20) { /* no header: nothing else in it is to be believed */
		s->transport_len = 0;
		*r = before;
		summary_trouble(s, RD_MALFORMED);
		summary_settle(s, r);
		return;
	}
	s->seq = be32(h + 4);
	s->ack = be32(h + 8);
	s->tcp_flags = h[13];
	s->window = be16(h + 14);
	if (len > 20) {
		options = *r;
		o = summary_take(s, r, len - 20, &s->options_len);
		if (o == NULL) {
			read_cut_options(s, rd_sub(&options, len - 20));
			return;
		}
		summary_trouble(
		    s, summary_take_tcp_options(s, o, len - 20, len - 20));
	}
	summary_settle(s, r);
}

static void
read_udp(struct summary *s, struct body *b)
{
	const uint8_t *h = summary_take(s, &b->r, 8, &s->transport_len);
	size_t len, left = rd_wire_left(&b->r);

	s->proto = PROTO_UDP;
	if (h == NULL) {
		read_ports(s, b->r);
		return;
	}
	s->src_port = be16(h);
	s->dst_port = be16(h + 2);
	len = be16(h + 4); /* 0: longer than it can say, RFC 2675 s4 */
	if ((len != 0 && len < 8) || (len > 8 + left && !b->more))
		summary_trouble(s, RD_MALFORMED);
	else if (len != 0 && len < 8 + left)
		b->r = summary_narrow(s, &b->r, len - 8);
	summary_settle(s, &b->r);
}

static void
read_icmp(struct summary *s, struct rd *r, enum summary_proto proto)
{
	const uint8_t *h = summary_take(s, r, 8, &s->transport_len);

	s->proto = (uint8_t)proto;
	if (h == NULL)
		return;
	s->icmp_type = h[0];
	s->icmp_code = h[1];
	summary_settle(s, r);
}

static void
read_transport(struct summary *s, struct body *b)
{
	s->fragment = b->fragment || b->more;
	if (b->fragment) {
		s->proto = PROTO_IPFRAG;
		summary_settle(s, &b->r);
	} else if (s->ip_proto == IP_TCP) {
		read_tcp(s, &b->r);
	} else if (s->ip_proto == IP_UDP) {
		read_udp(s, b);
	} else if (s->ip_proto == IP_ICMP && s->ip_version == 4) {
		read_icmp(s, &b->r, PROTO_ICMP);
	} else if (s->ip_proto == IP_ICMP6 && s->ip_version == 6) {
		read_icmp(s, &b->r, PROTO_ICMP6);
	} else {
		summary_settle(s, &b->r);
	}
}

static void
read_ip4(struct summary *s, struct rd *r)
{
	struct body b = {0};
	const uint8_t *h = summary_take(s, r, 20, &s->net_len);
	size_t total, header, left = 20 + rd_wire_left(r);

	s->proto = PROTO_IP;
	s->ip_version = 4;
	if (h == NULL)
		return;
	header = (h[0] & 15u) * 4;
	total = be16(h + 2);
	s->ttl = h[8];
	s->ip_proto = h[9];
	memcpy(s->src, h + 12, 4);
	memcpy(s->dst, h + 16, 4);
	b.more = (h[6] & 0x20) != 0;
	b.fragment = (be16(h + 6) & 0x1fff) != 0;
	if (total == 0) /* a large offloaded packet cannot say its length */
		total = left;
	if (h[0] >> 4 != 4 || header < 20 || total < header) {
		summary_trouble(s, RD_MALFORMED);
		summary_settle(s, r);
		return;
	}
	if (total > left) {
		summary_trouble(s, RD_MALFORMED);
		total = left;
	}
	b.r = summary_narrow(s, r, total - 20);
	if (header > 20 &&
	    summary_take(s, &b.r, header - 20, &s->net_len) == NULL)
		return;
	read_transport(s, &b);
}

/* Length of an extension header by its first two bytes; 0: it is none. */
static size_t
extension_len(uint8_t proto, const uint8_t *h)
{
	switch (proto) {
	case IP_HOPOPTS:
	case IP_ROUTING:
	case IP_DSTOPTS:
		return 8 + h[1] * 8u;
	case IP_FRAGMENT:
		return 8;
	case IP_AH:
		return 8 + h[1] * 4u;
	default:
		return 0;
	}
}

static bool
is_extension(uint8_t proto)
{
	return extension_len(proto, (const uint8_t[2]){0}) != 0;
}

static void
read_ip6(struct summary *s, struct rd *r)
{
	struct body b = {0};
	const uint8_t *h = summary_take(s, r, 40, &s->net_len);
	size_t total, left = rd_wire_left(r);

	s->proto = PROTO_IP;
	s->ip_version = 6;
	if (h == NULL)
		return;
	total = be16(h + 4);
	s->ip_proto = h[6];
	s->ttl = h[7];
	memcpy(s->src, h + 8, 16);
	memcpy(s->dst, h + 24, 16);
	if (h[0] >> 4 != 6) {
		summary_trouble(s, RD_MALFORMED);
		summary_settle(s, r);
		return;
	}
	if (total == 0 && h[6] != IP_NONE) /* offloaded, or a jumbogram */
		total = left;
	if (total > left) {
		summary_trouble(s, RD_MALFORMED);
		total = left;
	}
	b.r = summary_narrow(s, r, total);
	for (int i = 0;
	     i < IP6_EXTENSIONS_MAX && is_extension(s->ip_proto) && !b.fragment;
	     i++) {
		uint8_t proto = s->ip_proto;

		h = summary_take(s, &b.r, 8, &s->net_len);
		if (h == NULL)
			return;
		s->ip_proto = h[0];
		if (proto == IP_FRAGMENT) {
			b.fragment = (be16(h + 2) & 0xfff8) != 0;
			b.more = (h[3] & 1) != 0;
		} else if (extension_len(proto, h) > 8 &&
			   summary_take(s, &b.r, extension_len(proto, h) - 8,
			       &s->net_len) == NULL) {
			return;
		}
	}
	read_transport(s, &b);
}

static void
read_arp(struct summary *s, struct rd *r)
{
	const uint8_t *h = summary_take(s, r, 8, &s->net_len);
	struct rd nothing;
	size_t hw, proto;
	bool ip;

	s->proto = PROTO_ARP;
	if (h == NULL)
		return;
	hw = h[4];
	proto = h[5];
	ip = be16(h + 2) == ETHER_IP4 && proto == 4;
	h = summary_take(s, r, 2 * (hw + proto), &s->net_len);
	if (h == NULL)
		return;
	if (ip) {
		memcpy(s->src, h + hw, 4);
		memcpy(s->dst, h + 2 * hw + 4, 4);
	}
	nothing = summary_narrow(s, r, 0);
	summary_settle(s, &nothing);
}

/* BSD loopback: an address family whose IPv6 differs from system to system. */
static uint16_t
family_type(const uint8_t *h, bool network_order)
{
	uint32_t family = be32(h);

	if (!network_order && family > 0xffff) /* written on little-endian */
		family = __builtin_bswap32(family);
	switch (family) {
	case 2:
		return ETHER_IP4;
	case 10:
	case 24:
	case 28:
	case 30:
		return ETHER_IP6;
	default:
		return 0;
	}
}

/* Returns the EtherType of what follows; 0: unknown, or no more bytes. */
static uint16_t
read_link(struct summary *s, struct rd *r, uint16_t link_type)
{
	const uint8_t *h;
	uint16_t type = 0;
	struct rd peek = *r;

	switch (link_type) {
	case LINK_ETHERNET:
		h = summary_take(s, r, 14, &s->link_len);
		type = h != NULL ? be16(h + 12) : 0;
		break;
	case LINK_SLL:
		h = summary_take(s, r, 16, &s->link_len);
		type = h != NULL ? be16(h + 14) : 0;
		break;
	case LINK_SLL2:
		h = summary_take(s, r, 20, &s->link_len);
		type = h != NULL ? be16(h) : 0;
		break;
	case LINK_NULL:
	case LINK_LOOP:
		h = summary_take(s, r, 4, &s->link_len);
		type = h != NULL ? family_type(h, link_type == LINK_LOOP) : 0;
		break;
	case LINK_RAW:
	case LINK_IPV4:
	case LINK_IPV6:
		switch (rd_u8(&peek) >> 4) {
		case 4:
			return ETHER_IP4;
		case 6:
			return ETHER_IP6;
		default:
			return 0;
		}
	default:
		return 0;
	}
	for (int i = 0; i < VLAN_TAGS_MAX; i++) {
		if (!ETHER_IS_TAG(type))
			break;
		h = summary_take(s, r, 4, &s->link_len);
		type = h != NULL ? be16(h + 2) : 0;
	}
	return type;
}

void
summary_read_steps(const struct packet *p, struct summary *ret)
{
	struct rd r = rd_init(p->data, p->cap_len, p->wire_len);
	struct summary *s = ret;

	memset(s, 0, sizeof *s);
	if (hci_is_link(p->link_type)) {
		summary_read_hci(p, s);
		return;
	}
	s->ether_type = read_link(s, &r, p->link_type);
	if (r.state != RD_OK)
		return;
	switch (s->ether_type) {
	case ETHER_IP4:
		read_ip4(s, &r);
		break;
	case ETHER_IP6:
		read_ip6(s, &r);
		break;
	case ETHER_ARP:
		read_arp(s, &r);
		break;
	default:
		summary_settle(s, &r);
	}
}

static struct addr
address(const struct summary *s, const uint8_t *ip, uint16_t port)
{
	switch (s->ip_version) {
	case 4:
		return addr_from_ip(AF_INET, ip, port);
	case 6:
		return addr_from_ip(AF_INET6, ip, port);
	default:
		return (struct addr){.len = 0};
	}
}

struct addr
summary_src(const struct summary *s)
{
	return address(s, s->src, s->src_port);
}

struct addr
summary_dst(const struct summary *s)
{
	return address(s, s->dst, s->dst_port);
}

const char *
summary_flags(char dst[SUMMARY_FLAGS_MAX], uint8_t tcp_flags)
{
	static const char names[8][4] = {
	    "FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"};
	char *at = dst;

	for (int i = 0; i < 8; i++) {
		if ((tcp_flags & 1 << i) == 0)
			continue;
		if (at != dst)
			*at++ = ',';
		memcpy(at, names[i], 3);
		at += 3;
	}
	*at = '\0';
	return dst;
}

const char *
summary_proto_name(const struct summary *s)
{
	switch ((enum summary_proto)s->proto) {
	case PROTO_ARP:
		return "ARP";
	case PROTO_IP:
		return s->ip_version == 6 ? "IPv6" : "IPv4";
	case PROTO_IPFRAG:
		return "fragment";
	case PROTO_ICMP:
		return "ICMP";
	case PROTO_ICMP6:
		return "ICMPv6";
	case PROTO_TCP:
		return "TCP";
	case PROTO_UDP:
		return "UDP";
	case PROTO_HCI:
		return "HCI";
	case PROTO_ACL:
		return "ACL";
	case PROTO_L2CAP:
		return "L2CAP";
	case PROTO_RFCOMM:
		return "RFCOMM";
	case PROTO_OTHER:
		break;
	}
	return "other";
}
