#include "net/wire_icmp.h"

#include <netinet/in.h>
#include <string.h>

#include "net/base/bytes.h"

enum {
	IP4_HEADER = 20,
	IP6_HEADER = 40,
	ICMP_HEADER = 8,
	/* RFC 1812 s4.3.2.3: as much as fits into 576 bytes */
	IP4_QUOTE_MAX = 576 - IP4_HEADER - ICMP_HEADER,
	IP6_QUOTE_MAX = WIRE_ICMP_MAX - IP6_HEADER - ICMP_HEADER,
	HOPS = 64,
};
enum { ICMP_UNREACHABLE = 3, ICMP_TIME_EXCEEDED = 11, ICMP_FRAG_NEEDED = 4 };
enum { ICMP6_TOO_BIG = 2, ICMP6_TIME_EXCEEDED = 3, ICMP6_INFORMATIONAL = 128 };

/* RFC 1071, over bytes that begin at an even place. */
static uint32_t
sum(const uint8_t *p, size_t n, uint32_t start)
{
	for (; n > 1; p += 2, n -= 2)
		start += (uint32_t)(p[0] << 8 | p[1]);
	return n > 0 ? start + (uint32_t)(p[0] << 8) : start;
}

static void
put_checksum(uint8_t *at, uint32_t s)
{
	while (s >> 16 != 0)
		s = (s & 0xffff) + (s >> 16);
	s = ~s & 0xffff;
	at[0] = (uint8_t)(s >> 8);
	at[1] = (uint8_t)s;
}

/* Errors are answered with silence, or two routers would never stop. */
static bool
may_answer(const struct wire_facts *f)
{
	if (!f->whole)
		return false;
	if (f->ip_version == 6)
		return f->dst[0] != 0xff &&
		       (f->proto != IPPROTO_ICMPV6 ||
			   f->icmp_type >= ICMP6_INFORMATIONAL);
	if (f->dst[0] >= 224)
		return false;
	/* echo and its answer, timestamp and its answer */
	return f->proto != IPPROTO_ICMP || f->icmp_type == 0 ||
	       f->icmp_type == 8 || f->icmp_type == 13 || f->icmp_type == 14;
}

static size_t
make4(enum wire_icmp what, uint32_t mtu, const struct wire_router *from,
    const struct wire_facts *f, const uint8_t *packet, size_t n, uint8_t *dst)
{
	size_t quoted = n < IP4_QUOTE_MAX ? n : IP4_QUOTE_MAX;
	size_t total = IP4_HEADER + ICMP_HEADER + quoted;
	struct wr w = wr_init(dst, WIRE_ICMP_MAX);

	wr_u8(&w, 0x45);
	wr_u8(&w, 0);
	wr_be16(&w, (uint16_t)total);
	wr_be32(&w, 0);
	wr_u8(&w, HOPS);
	wr_u8(&w, IPPROTO_ICMP);
	wr_be16(&w, 0);
	wr_bytes(&w, from->ip4, 4);
	wr_bytes(&w, f->src, 4);
	wr_u8(&w,
	    what == WIRE_ICMP_EXPIRED ? ICMP_TIME_EXCEEDED : ICMP_UNREACHABLE);
	wr_u8(&w, what == WIRE_ICMP_EXPIRED ? 0 : ICMP_FRAG_NEEDED);
	wr_be16(&w, 0);
	wr_be32(&w, what == WIRE_ICMP_EXPIRED ? 0 : mtu);
	wr_bytes(&w, packet, quoted);
	put_checksum(dst + 10, sum(dst, IP4_HEADER, 0));
	put_checksum(dst + IP4_HEADER + 2,
	    sum(dst + IP4_HEADER, ICMP_HEADER + quoted, 0));
	return total;
}

static size_t
make6(enum wire_icmp what, uint32_t mtu, const struct wire_router *from,
    const struct wire_facts *f, const uint8_t *packet, size_t n, uint8_t *dst)
{
	size_t quoted = n < IP6_QUOTE_MAX ? n : IP6_QUOTE_MAX;
	size_t len = ICMP_HEADER + quoted;
	struct wr w = wr_init(dst, WIRE_ICMP_MAX);
	uint32_t pseudo = (uint32_t)len + IPPROTO_ICMPV6;

	wr_be32(&w, 0x60000000);
	wr_be16(&w, (uint16_t)len);
	wr_u8(&w, IPPROTO_ICMPV6);
	wr_u8(&w, HOPS);
	wr_bytes(&w, from->ip6, 16);
	wr_bytes(&w, f->src, 16);
	wr_u8(&w,
	    what == WIRE_ICMP_EXPIRED ? ICMP6_TIME_EXCEEDED : ICMP6_TOO_BIG);
	wr_u8(&w, 0);
	wr_be16(&w, 0);
	wr_be32(&w, what == WIRE_ICMP_EXPIRED ? 0 : mtu);
	wr_bytes(&w, packet, quoted);
	pseudo = sum(dst + 8, 32, pseudo); /* both addresses */
	put_checksum(dst + IP6_HEADER + 2, sum(dst + IP6_HEADER, len, pseudo));
	return IP6_HEADER + len;
}

size_t
wire_icmp_make(enum wire_icmp what, uint32_t mtu,
    const struct wire_router *from, const struct wire_facts *f,
    const uint8_t *packet, size_t n, uint8_t dst[WIRE_ICMP_MAX])
{
	if (!may_answer(f))
		return 0;
	return f->ip_version == 4 ? make4(what, mtu, from, f, packet, n, dst)
				  : make6(what, mtu, from, f, packet, n, dst);
}

void
wire_hop(uint8_t *packet, const struct wire_facts *f, uint8_t hops)
{
	size_t header = (size_t)(packet[0] & 15) * 4;

	if (f->ip_version == 6) {
		packet[7] = (uint8_t)(packet[7] - hops);
		return;
	}
	packet[8] = (uint8_t)(packet[8] - hops);
	packet[10] = packet[11] = 0;
	put_checksum(packet + 10, sum(packet, header, 0));
}
