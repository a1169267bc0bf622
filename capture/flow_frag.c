#include "capture/flow_frag.h"

#include "capture/numbers.h"
#include "net/base/bytes.h"

/* Where a fragment belongs. */
struct place {
	uint32_t id, from, to;
	bool more;
};

static bool
place_of_ip4(const struct frame *f, struct rd *r, struct place *ret)
{
	uint16_t word;

	rd_skip(r, 4);
	ret->id = rd_be16(r);
	word = rd_be16(r);
	ret->from = (word & 0x1fffu) * 8;
	ret->more = word & 0x2000;
	ret->to = ret->from + f->sum.transport_len + f->sum.options_len +
		  f->sum.payload_len;
	return r->state == RD_OK;
}

/* The fragment header is the last of the extension headers that a summary
 * walks over, or one before them that it has found well-formed. */
static bool
place_of_ip6(const struct frame *f, struct rd *r, struct place *ret)
{
	uint8_t proto, len;
	uint32_t end = f->sum.link_len + f->sum.net_len;

	rd_skip(r, 6);
	proto = rd_u8(r);
	rd_skip(r, 33);
	while (r->state == RD_OK && rd_off(r) < end && proto != IP_FRAGMENT) {
		bool ah = proto == IP_AH;

		proto = rd_u8(r);
		len = rd_u8(r);
		rd_skip(r, 6 + (ah ? 4u : 8u) * len);
	}
	if (r->state != RD_OK || rd_off(r) >= end)
		return false;
	rd_skip(r, 2);
	ret->from = rd_be16(r);
	ret->more = ret->from & 1;
	ret->from &= 0xfff8;
	ret->id = rd_be32(r);
	ret->to = ret->from + f->sum.transport_len + f->sum.options_len +
		  f->sum.payload_len;
	return r->state == RD_OK;
}

static bool
place_of(const struct frame *f, struct place *ret)
{
	struct rd r =
	    rd_init(f->packet.data, f->packet.cap_len, f->packet.wire_len);

	rd_skip(&r, f->sum.link_len);
	return f->sum.ip_version == 4 ? place_of_ip4(f, &r, ret)
				      : place_of_ip6(f, &r, ret);
}

static struct frag *
find(struct frags *x, const struct summary *s, uint32_t id)
{
	for (unsigned i = 0; i < FRAG_PENDING; i++) {
		struct frag *p = &x->pending[i];

		if (p->used && p->id == id && p->ip_version == s->ip_version &&
		    memcmp(p->src, s->src, sizeof p->src) == 0 &&
		    memcmp(p->dst, s->dst, sizeof p->dst) == 0)
			return p;
	}
	return NULL;
}

static struct frag *
start(struct frags *x, const struct summary *s, uint32_t id)
{
	struct frag *p = &x->pending[x->next];

	x->next = (x->next + 1) % FRAG_PENDING;
	*p = (struct frag){.id = id, .ip_version = s->ip_version, .used = true};
	memcpy(p->src, s->src, sizeof p->src);
	memcpy(p->dst, s->dst, sizeof p->dst);
	return p;
}

/* Join it with the pieces that it touches. */
static void
add_piece(struct frag *p, uint32_t from, uint32_t to)
{
	uint8_t n = 0, at = 0;

	for (uint8_t i = 0; i < p->pieces; i++) {
		struct piece q = p->piece[i];

		if (q.to < from) {
			p->piece[n++] = q;
			at = n;
		} else if (q.from > to) {
			p->piece[n++] = q;
		} else {
			from = q.from < from ? q.from : from;
			to = q.to > to ? q.to : to;
		}
	}
	if (n == FRAG_PIECES) { /* never completed */
		p->pieces = n;
		return;
	}
	for (uint8_t i = n; i > at; i--)
		p->piece[i] = p->piece[i - 1];
	p->piece[at] = (struct piece){from, to};
	p->pieces = n + 1;
}

static bool
complete(const struct frag *p)
{
	return p->has_header && p->total != 0 && p->pieces == 1 &&
	       p->piece[0].from == 0 && p->piece[0].to >= p->total;
}

enum frag_state
frag_add(struct frags *x, const struct frame *f, struct summary *ret)
{
	struct place place;
	struct frag *p;
	bool tcp = f->sum.ip_proto == IP_TCP, whole;

	if (!f->sum.fragment || (!tcp && f->sum.ip_proto != IP_UDP) ||
	    !place_of(f, &place))
		return FRAG_NONE;
	p = find(x, &f->sum, place.id);
	if (p == NULL)
		p = start(x, &f->sum, place.id);
	if (place.from == 0) {
		p->has_header = true;
		p->header = f->sum;
	}
	if (!place.more)
		p->total = place.to;
	add_piece(p, place.from, place.to);
	*ret = p->header;
	ret->payload_off = 0; /* it is not in this frame */
	whole = complete(p);
	p->used = !whole;
	if (!tcp)
		return p->has_header && place.from > 0 ? FRAG_OF_DATAGRAM
						       : FRAG_NONE;
	if (!whole)
		return FRAG_PART;
	ret->payload_len =
	    p->total > (uint32_t)ret->transport_len + ret->options_len
		? p->total - ret->transport_len - ret->options_len
		: 0;
	ret->has_sack = false;
	return FRAG_LAST;
}
