#include "net/wire_facts.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "net/base/bytes.h"
#include "net/base/map.h"

/* ---- reading ---- */

enum {
	IP4_DONT_FRAGMENT = 0x4000,
	IP4_OFFSET = 0x1fff,
	TCP_CHECKSUM_AT = 16,
	UDP_CHECKSUM_AT = 6,
	ICMP_CHECKSUM_AT = 2,
};

static void
read_transport(struct rd r, struct wire_facts *f)
{
	uint8_t offset;

	f->transport_off = f->payload_off = (uint32_t)rd_off(&r);
	f->payload_len = (uint32_t)rd_left(&r);
	if (!f->whole)
		return;
	switch (f->proto) {
	case IPPROTO_TCP:
		f->src_port = rd_be16(&r);
		f->dst_port = rd_be16(&r);
		f->seq = rd_be32(&r);
		f->ack = rd_be32(&r);
		offset = rd_u8(&r);
		f->flags = rd_u8(&r) & 0x3f;
		rd_skip(&r, 6);
		rd_skip(&r, offset >> 4 > 5 ? ((offset >> 4) - 5u) * 4u : 0);
		break;
	case IPPROTO_UDP:
		f->src_port = rd_be16(&r);
		f->dst_port = rd_be16(&r);
		rd_skip(&r, 4);
		break;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		f->icmp_type = rd_u8(&r);
		rd_skip(&r, 7);
		break;
	default:
		return;
	}
	if (r.state != RD_OK) {
		f->whole = false;
		return;
	}
	f->payload_off = (uint32_t)rd_off(&r);
	f->payload_len = (uint32_t)rd_left(&r);
}

static void
read_ip4(struct rd r, struct wire_facts *f)
{
	size_t header = (size_t)(rd_u8(&r) & 15) * 4, total;
	uint16_t fragment;

	rd_skip(&r, 1);
	total = rd_be16(&r);
	rd_skip(&r, 2);
	fragment = rd_be16(&r);
	f->ttl = rd_u8(&r);
	f->proto = rd_u8(&r);
	rd_skip(&r, 2);
	rd_copy(&r, f->src, 4);
	rd_copy(&r, f->dst, 4);
	if (r.state != RD_OK || header < 20 || total < header)
		return;
	rd_skip(&r, header - 20);
	if (r.state != RD_OK)
		return;
	if (total - header < rd_left(&r))
		r = rd_sub(&r, total - header);
	f->ip_version = 4;
	f->dont_fragment = fragment & IP4_DONT_FRAGMENT;
	f->whole = (fragment & IP4_OFFSET) == 0;
	read_transport(r, f);
}

static void
read_ip6(struct rd r, struct wire_facts *f)
{
	size_t len;

	rd_skip(&r, 4);
	len = rd_be16(&r);
	f->proto = rd_u8(&r);
	f->ttl = rd_u8(&r);
	rd_copy(&r, f->src, 16);
	rd_copy(&r, f->dst, 16);
	if (r.state != RD_OK)
		return;
	if (len > 0 && len < rd_left(&r))
		r = rd_sub(&r, len);
	f->ip_version = 6;
	f->dont_fragment = f->whole = true;
	/* Extension headers: RFC 8200 s4; each says how long it is. */
	while (f->proto == IPPROTO_HOPOPTS || f->proto == IPPROTO_ROUTING ||
	       f->proto == IPPROTO_DSTOPTS || f->proto == IPPROTO_FRAGMENT) {
		bool fragment = f->proto == IPPROTO_FRAGMENT;
		uint8_t next = rd_u8(&r), words = rd_u8(&r);

		if (fragment)
			f->whole = (rd_be16(&r) & 0xfff8) == 0;
		rd_skip(&r, fragment ? 4 : 6 + words * (size_t)8);
		if (r.state != RD_OK) {
			f->whole = false;
			return;
		}
		f->proto = next;
	}
	read_transport(r, f);
}

bool
wire_facts_read(const uint8_t *data, size_t n, struct wire_facts *ret)
{
	struct rd r = rd_init(data, n, n);

	*ret = (struct wire_facts){0};
	if (n > 0 && data[0] >> 4 == 4)
		read_ip4(r, ret);
	else if (n > 0 && data[0] >> 4 == 6)
		read_ip6(r, ret);
	if (ret->ip_version == 0)
		*ret = (struct wire_facts){0};
	return ret->ip_version != 0;
}

bool
wire_facts_is_ack(const struct wire_facts *f)
{
	return f->proto == IPPROTO_TCP && f->payload_len == 0 &&
	       (f->flags & (WIRE_SYN | WIRE_FIN | WIRE_RST | WIRE_ACK)) ==
		   WIRE_ACK;
}

uint32_t
wire_facts_corrupt_at(const struct wire_facts *f)
{
	if (f->payload_len > 0 || !f->whole)
		return f->payload_off + f->payload_len / 2;
	switch (f->proto) {
	case IPPROTO_TCP:
		return f->transport_off + TCP_CHECKSUM_AT;
	case IPPROTO_UDP:
		return f->transport_off + UDP_CHECKSUM_AT;
	default:
		return f->transport_off + ICMP_CHECKSUM_AT;
	}
}

/* ---- numbers ---- */

/* What a number counts, so that equal ones of different kinds differ. */
enum { NUMBER_SEQ, NUMBER_ACK, NUMBER_OTHER };

static struct wire_flow *
flow_of(struct wire_flows *w, const struct wire_facts *f)
{
	struct {
		uint8_t ip[2][16];
		uint16_t port[2];
		uint8_t proto, pad[3];
	} key = {.proto = f->proto};
	bool swapped = memcmp(f->src, f->dst, sizeof f->src) > 0;
	struct wire_flow *set;
	uint64_t id;
	size_t i = 0;

	memcpy(key.ip[swapped], f->src, sizeof f->src);
	memcpy(key.ip[!swapped], f->dst, sizeof f->dst);
	key.port[swapped] = f->src_port;
	key.port[!swapped] = f->dst_port;
	id = map_hash(&key, sizeof key) | 1;
	set = w->set[(id >> 32) % WIRE_FLOW_SETS];
	while (i < WIRE_FLOW_WAYS - 1 && set[i].id != id && set[i].id != 0)
		i++;
	if (set[i].id != id)
		set[i] = (struct wire_flow){.id = id, .ordinal = ++w->begun};
	if (i > 0) {
		struct wire_flow found = set[i];

		memmove(&set[1], &set[0], i * sizeof *set);
		set[0] = found;
	}
	return &set[0];
}

static void
begin_anew(struct wire_flows *w, struct wire_flow *flow, uint32_t base,
    enum wire_direction dir)
{
	*flow = (struct wire_flow){.id = flow->id, .ordinal = ++w->begun};
	flow->way[dir] = (struct wire_flow_way){.based = true, .base = base};
}

/* *ret_kind: which of the numbers. */
static uint32_t
number_of_segment(struct wire_flows *w, struct wire_flow *flow,
    const struct wire_facts *f, enum wire_direction dir, unsigned *ret_kind)
{
	struct wire_flow_way *self = &flow->way[dir], *peer = &flow->way[!dir];

	if ((f->flags & (WIRE_SYN | WIRE_ACK)) == WIRE_SYN && self->based &&
	    self->base != f->seq)
		begin_anew(w, flow, f->seq, dir);
	if ((f->flags & WIRE_SYN) || !self->based) {
		self->based = true;
		self->base = f->flags & WIRE_SYN ? f->seq : f->seq - 1;
	}
	*ret_kind = wire_facts_is_ack(f) ? NUMBER_ACK : NUMBER_SEQ;
	if (*ret_kind == NUMBER_SEQ)
		return f->seq - self->base;
	return f->ack - (peer->based ? peer->base : f->ack);
}

struct impair_key
wire_flows_key(
    struct wire_flows *w, const struct wire_facts *f, enum wire_direction dir)
{
	struct wire_flow *flow = flow_of(w, f);
	struct wire_flow_way *way = &flow->way[dir];
	struct impair_key key = {.direction = (uint8_t)dir};
	unsigned kind = NUMBER_OTHER;
	uint32_t number;

	if (f->proto == IPPROTO_TCP && f->whole)
		number = number_of_segment(w, flow, f, dir, &kind);
	else
		number = way->others++;
	key.seq = (uint64_t)flow->ordinal << 34 | (uint64_t)kind << 32 | number;
	key.nth = impair_nth(&w->seen, key.seq << 1 | (uint64_t)dir);
	key.slot = way->slots;
	if (key.nth == 0 && kind != NUMBER_ACK)
		way->slots++;
	return key;
}

/* ---- in a line ---- */

static size_t
add_flags(char *dst, size_t size, uint8_t flags)
{
	static const struct {
		uint8_t flag;
		const char *name;
	} names[] = {{WIRE_SYN, "SYN"}, {WIRE_FIN, "FIN"}, {WIRE_RST, "RST"},
	    {WIRE_PSH, "PSH"}, {WIRE_URG, "URG"}, {WIRE_ACK, "ACK"}};
	size_t n = 0;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (flags & names[i].flag)
			n += (size_t)snprintf(dst + n, size - n, "%s%s",
			    n > 0 ? "," : "", names[i].name);
	return n;
}

const char *
wire_facts_text(const struct wire_facts *f, const struct impair_key *key,
    char dst[WIRE_FACTS_TEXT])
{
	uint32_t number = (uint32_t)key->seq;
	size_t n;

	if (f->proto == IPPROTO_TCP && f->whole) {
		n = add_flags(dst, WIRE_FACTS_TEXT, f->flags);
		if (f->payload_len > 0)
			snprintf(dst + n, WIRE_FACTS_TEXT - n, " %u:%u  %u B",
			    number, number + f->payload_len, f->payload_len);
		else
			snprintf(dst + n, WIRE_FACTS_TEXT - n, " %s %u",
			    wire_facts_is_ack(f) ? "of" : "seq", number);
		return dst;
	}
	snprintf(dst, WIRE_FACTS_TEXT, "%s %u B",
	    f->proto == IPPROTO_UDP                                  ? "UDP"
	    : f->proto == IPPROTO_ICMP || f->proto == IPPROTO_ICMPV6 ? "ICMP"
								     : "IP",
	    f->payload_len);
	return dst;
}
