#include "capture/summary_usual.h"

#include <string.h>

#include "capture/numbers.h"
#include "capture/summary_steps.h"

enum {
	ETHER_LEN = 14,
	IP_LEN = 20,
	TCP_LEN = 20,
	UDP_LEN = 8,
	STAMPS_LEN = 12, /* NOP, NOP, timestamps */
	HEADERS_MIN = ETHER_LEN + IP_LEN + UDP_LEN,
};

/* Fields of headers that are there: see summary_read_usual(). */
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

/* The layers' lengths, and zero for all that the packet does not have. */
static inline void
fill(struct summary *s, const struct packet *p, const uint8_t *ip,
    size_t transport, size_t options, size_t total)
{
	size_t off = ETHER_LEN + IP_LEN + transport + options;
	size_t len = total - IP_LEN - transport - options;

	s->status = SUMMARY_OK;
	s->ip_version = 4;
	s->ip_proto = ip[9];
	s->ttl = ip[8];
	s->tcp_flags = s->icmp_type = s->icmp_code = 0;
	s->ether_type = ETHER_IP4;
	s->link_len = ETHER_LEN;
	s->net_len = IP_LEN;
	s->transport_len = (uint16_t)transport;
	s->options_len = (uint16_t)options;
	s->payload_len = (uint32_t)len;
	s->payload_off = (uint32_t)off;
	s->payload_cap =
	    (uint32_t)(p->cap_len - off < len ? p->cap_len - off : len);
	s->padding_len = (uint32_t)(p->wire_len - ETHER_LEN - total);
	s->seq = s->ack = 0;
	s->window = 0;
	s->has_mss = s->has_wscale = s->has_sack_permitted = false;
	s->has_timestamps = s->has_sack = s->fragment = false;
	s->mss = 0;
	s->wscale = 0;
	memset(s->src, 0, sizeof s->src);
	memset(s->dst, 0, sizeof s->dst);
	memcpy(s->src, ip + 12, 4);
	memcpy(s->dst, ip + 16, 4);
}

static void
fill_tcp(struct summary *s, const uint8_t *tcp)
{
	s->proto = PROTO_TCP;
	s->src_port = be16(tcp);
	s->dst_port = be16(tcp + 2);
	s->seq = be32(tcp + 4);
	s->ack = be32(tcp + 8);
	s->tcp_flags = tcp[13];
	s->window = be16(tcp + 14);
}

/* Those of nearly every segment, or any others. */
static inline bool
fill_options(struct summary *s, const uint8_t *options, size_t n)
{
	static const uint8_t stamps[4] = {
	    OPTION_NOP, OPTION_NOP, OPTION_STAMPS, 10};

	if (n == 0)
		return true;
	if (n == STAMPS_LEN && memcmp(options, stamps, sizeof stamps) == 0) {
		s->has_timestamps = true;
		return true;
	}
	return summary_take_tcp_options(s, options, n, n) == RD_OK;
}

static void
fill_udp(struct summary *s, const uint8_t *udp)
{
	s->proto = PROTO_UDP;
	s->src_port = be16(udp);
	s->dst_port = be16(udp + 2);
}

static inline bool
read_usual(const struct packet *p, struct summary *ret)
{
	const uint8_t *ether = p->data, *ip, *transport;
	size_t total, left, options;

	if (p->cap_len < HEADERS_MIN || p->link_type != LINK_ETHERNET ||
	    be16(ether + 12) != ETHER_IP4)
		return false;
	ip = ether + ETHER_LEN;
	total = be16(ip + 2);
	if (ip[0] != 0x45 || (be16(ip + 6) & 0x3fff) != 0 ||
	    total < IP_LEN + UDP_LEN || ETHER_LEN + total > p->wire_len)
		return false;
	transport = ip + IP_LEN;
	left = p->cap_len - ETHER_LEN - IP_LEN;
	if (left > total - IP_LEN) /* what is behind is padding */
		left = total - IP_LEN;
	if (ip[9] == IP_UDP && be16(transport + 4) == total - IP_LEN) {
		fill(ret, p, ip, UDP_LEN, 0, total);
		fill_udp(ret, transport);
		return true;
	}
	if (ip[9] != IP_TCP || left < TCP_LEN)
		return false;
	options = (size_t)(transport[12] >> 4) * 4 - TCP_LEN;
	if (options > left - TCP_LEN) /* or it wraps around */
		return false;
	fill(ret, p, ip, TCP_LEN, options, total);
	fill_tcp(ret, transport);
	return fill_options(ret, transport + TCP_LEN, options);
}

bool
summary_read_usual(const struct packet *p, struct summary *ret)
{
	return read_usual(p, ret);
}

void
summary_read(const struct packet *p, struct summary *ret)
{
	if (!read_usual(p, ret))
		summary_read_steps(p, ret);
}
