/*
 * IPv6 and its extension headers.
 *
 * Source: RFC 8200, RFC 2675 (jumbo), RFC 2711 (router alert), RFC 4302 (AH),
 * RFC 6275 (mobility), RFC 8754 (segment routing).
 */
#include "capture/dissect_internal.h"

#include <string.h>

#include "capture/numbers.h"

/* Each option header has the same fields in the same order. */
enum { EXT, EXT_NEXT, EXT_LEN, EXT_BYTES, EXT_DEFS };

enum {
	IP6,
	VERSION,
	TCLASS,
	DSCP,
	ECN,
	FLOW,
	PAYLOAD_LEN,
	NEXT,
	HOP_LIMIT,
	SRC,
	DST,
	HOP,
	DEST = HOP + EXT_DEFS,
	ROUTING = DEST + EXT_DEFS,
	ROUTING_TYPE = ROUTING + EXT_DEFS,
	ROUTING_LEFT,
	ROUTING_DATA,
	FRAG,
	FRAG_NEXT,
	FRAG_RESERVED,
	FRAG_OFFSET,
	FRAG_BITS,
	FRAG_MORE,
	FRAG_ID,
	AUTH,
	AUTH_NEXT,
	AUTH_LEN,
	AUTH_DATA,
	OPT,
	OPT_TYPE,
	OPT_ACTION,
	OPT_CHANGE,
	OPT_REST,
	OPT_LEN,
	OPT_PAD1,
	OPT_PADN,
	OPT_ALERT,
	OPT_JUMBO,
	OPT_HOME,
	OPT_DATA,
};

static const char ref[] = "RFC 8200 s3";
static const char ext_ref[] = "RFC 8200 s4";
static const char opt_ref[] = "RFC 8200 s4.2";
static const char frag_ref[] = "RFC 8200 s4.5";

static const struct field_def defs[] = {
    [IP6] = {.name = "IPv6 header",
	.ref = ref,
	.help = "Takes the packet from host to host, over many links."},
    [VERSION] = {"ipv6.version", "Version", ref, "6 here; 4 for IPv4.",
	0xf0000000, KIND_DEC},
    [TCLASS] = {"ipv6.tclass", "Traffic class", "RFC 8200 s7",
	"How routers should treat the packet.", 0x0ff00000, KIND_HEX32},
    [DSCP] = {"ipv6.tclass.dscp", "Service class", "RFC 2474 s3",
	"The queue a router should put it in; 0 is ordinary.", 0x0fc00000,
	KIND_DEC},
    [ECN] = {"ipv6.tclass.ecn", "Congestion notification", "RFC 3168 s5",
	"A router in trouble marks the packet instead of dropping it.",
	0x00300000, KIND_DEC},
    [FLOW] = {"ipv6.flow", "Flow label", "RFC 8200 s6",
	"Packets of one conversation share it, so that routers send them the "
	"same way.",
	0x000fffff, KIND_HEX24},
    [PAYLOAD_LEN] = {"ipv6.plen", "Payload length", ref,
	"Bytes behind this header, extension headers included.",
	.kind = KIND_DEC},
    [NEXT] = {"ipv6.nxt", "Next header", ref,
	"Says what follows: TCP, UDP, ICMPv6 or an extension header.",
	.kind = KIND_DEC},
    [HOP_LIMIT] = {"ipv6.hlim", "Hop limit", ref,
	"Each router takes one off; at zero the packet is dropped, so that "
	"none circles for ever.",
	.kind = KIND_DEC},
    [SRC] = {"ipv6.src", "Source", ref, "The host that sent it.",
	.kind = KIND_IP6},
    [DST] = {"ipv6.dst", "Destination", ref, "The host that is to get it.",
	.kind = KIND_IP6},
    [HOP + EXT] = {.name = "Hop-by-hop options",
	.ref = "RFC 8200 s4.3",
	.help = "Options that every router on the way looks at."},
    [HOP + EXT_NEXT] = {"ipv6.hopopts.nxt", "Next header", ext_ref,
	"What follows this header: another extension, or the transport.",
	.kind = KIND_DEC},
    [HOP + EXT_LEN] = {"ipv6.hopopts.len", "Length", ext_ref,
	"In units of 8 bytes, without the first.", .kind = KIND_DEC},
    [HOP + EXT_BYTES] = {"ipv6.hopopts.len_oct", "Length in bytes", ext_ref,
	"Bytes of this extension header.", .kind = KIND_TEXT},
    [DEST + EXT] = {.name = "Destination options",
	.ref = "RFC 8200 s4.6",
	.help = "Options that only the destination looks at."},
    [DEST + EXT_NEXT] = {"ipv6.dstopts.nxt", "Next header", ext_ref,
	"What follows this header: another extension, or the transport.",
	.kind = KIND_DEC},
    [DEST + EXT_LEN] = {"ipv6.dstopts.len", "Length", ext_ref,
	"In units of 8 bytes, without the first.", .kind = KIND_DEC},
    [DEST + EXT_BYTES] = {"ipv6.dstopts.len_oct", "Length in bytes", ext_ref,
	"Bytes of this extension header.", .kind = KIND_TEXT},
    [ROUTING + EXT] = {.name = "Routing header",
	.ref = "RFC 8200 s4.4",
	.help = "Places that the packet is to visit on its way."},
    [ROUTING + EXT_NEXT] = {"ipv6.routing.nxt", "Next header", ext_ref,
	"What follows this header: another extension, or the transport.",
	.kind = KIND_DEC},
    [ROUTING + EXT_LEN] = {"ipv6.routing.len", "Length", ext_ref,
	"In units of 8 bytes, without the first.", .kind = KIND_DEC},
    [ROUTING + EXT_BYTES] = {"ipv6.routing.len_oct", "Length in bytes", ext_ref,
	"Bytes of this extension header.", .kind = KIND_TEXT},
    [ROUTING_TYPE] = {"ipv6.routing.type", "Type", "RFC 8200 s4.4",
	"Which kind of routing; type 0 is forbidden (RFC 5095).",
	.kind = KIND_DEC},
    [ROUTING_LEFT] = {"ipv6.routing.segleft", "Segments left", "RFC 8200 s4.4",
	"Places still to visit.", .kind = KIND_DEC},
    [ROUTING_DATA] = {.name = "Data",
	.ref = "RFC 8200 s4.4",
	.kind = KIND_BYTES},
    [FRAG] = {.name = "Fragment header",
	.ref = frag_ref,
	.help = "The sender cut the packet into parts that fit the path."},
    [FRAG_NEXT] = {"ipv6.fraghdr.nxt", "Next header", frag_ref,
	"What the first fragment begins with, behind this header.",
	.kind = KIND_DEC},
    [FRAG_RESERVED] = {"ipv6.fraghdr.reserved_octet", "Reserved", frag_ref,
	"Must be 0; receivers ignore it.", .kind = KIND_HEX8},
    [FRAG_OFFSET] = {"ipv6.fraghdr.offset", "Offset", frag_ref,
	"Where this part belongs, in units of 8 bytes.", 0xfff8, KIND_DEC},
    [FRAG_BITS] = {"ipv6.fraghdr.reserved_bits", "Reserved", frag_ref,
	"Must be 0; receivers ignore them.", 0x0006, KIND_DEC},
    [FRAG_MORE] = {"ipv6.fraghdr.more", "More fragments", frag_ref,
	"Another part of the same packet follows.", 0x0001, KIND_BOOL},
    [FRAG_ID] = {"ipv6.fraghdr.ident", "Identification", frag_ref,
	"Fragments of one packet share it.", .kind = KIND_HEX32},
    [AUTH] = {.name = "Authentication header",
	.ref = "RFC 4302 s2",
	.help = "Proves who sent the packet and that nobody changed it."},
    [AUTH_NEXT] = {.name = "Next header",
	.ref = "RFC 4302 s2",
	.kind = KIND_DEC},
    [AUTH_LEN] = {.name = "Length", .ref = "RFC 4302 s2", .kind = KIND_DEC},
    [AUTH_DATA] = {.name = "Data", .ref = "RFC 4302 s2", .kind = KIND_BYTES},
    [OPT] = {.name = "Option", .ref = opt_ref},
    [OPT_TYPE] = {"ipv6.opt.type", "Type", opt_ref,
	"Which option, and what who does not know it has to do.",
	.kind = KIND_HEX8},
    [OPT_ACTION] = {"ipv6.opt.type.action", "If unknown", opt_ref,
	"What a node does with an option it does not know.", 0xc0, KIND_DEC},
    [OPT_CHANGE] = {"ipv6.opt.type.change", "May change on the way", opt_ref,
	"1: routers may change its data on the way.", 0x20, KIND_BOOL},
    [OPT_REST] = {"ipv6.opt.type.rest", "Number", opt_ref,
	"The option's number, without the bits above.", 0x1f, KIND_HEX8},
    [OPT_LEN] = {"ipv6.opt.length", "Length", opt_ref,
	"Bytes of its data, type and length not counted.", .kind = KIND_DEC},
    [OPT_PAD1] = {"ipv6.opt.pad1", "One byte of padding", opt_ref,
	"Fills up one byte, so that the next option is aligned.",
	.kind = KIND_NONE},
    [OPT_PADN] = {"ipv6.opt.padn", "Padding", opt_ref,
	"Fills up several bytes, so that the next option is aligned.",
	.kind = KIND_BYTES},
    [OPT_ALERT] = {"ipv6.opt.router_alert", "Router alert", "RFC 2711 s2.1",
	"Asks each router to look into the packet.", .kind = KIND_DEC},
    [OPT_JUMBO] = {"ipv6.opt.jumbo", "Jumbo payload length", "RFC 2675 s2",
	"The length of a packet of more than 65535 bytes.", .kind = KIND_DEC},
    [OPT_HOME] = {"ipv6.opt.mipv6.home_address", "Home address",
	"RFC 6275 s6.3", "The sender's own; it is away from home at the other.",
	.kind = KIND_IP6},
    [OPT_DATA] = {.name = "Value", .ref = opt_ref, .kind = KIND_BYTES},
};
const struct field_table ip6_fields = FIELD_TABLE(defs);

/* To a transport, a home address is the source: RFC 6275 s9.3.1. */
static void
option_value(struct layer *l, uint32_t type, size_t len, struct ip_info *ip)
{
	if (type == 5 && len == 2)
		layer_uint(l, &defs[OPT_ALERT], 2);
	else if (type == 0xc2 && len == 4)
		layer_uint(l, &defs[OPT_JUMBO], 4);
	else if (type == 0xc9 && len == 16)
		layer_bytes(l, &defs[OPT_HOME], 16, ip->src);
	else
		layer_bytes(
		    l, &defs[type == 1 ? OPT_PADN : OPT_DATA], len, NULL);
}

static void
options(struct layer *l, size_t end, struct ip_info *ip)
{
	while (layer_ok(l) && rd_off(&l->r) < end) {
		struct rd peek = l->r;
		size_t off = rd_off(&peek), rest = end - off, len;
		uint32_t type = rd_u8(&peek);

		len = type == 0 ? 1 : 2u + rd_u8(&peek);
		if (peek.state == RD_OK && len > rest) {
			layer_bytes(l, &defs[OPT_DATA], rest, NULL);
			layer_wrong(l, "the option's length cannot be");
			return;
		}
		layer_range(l, &defs[type == 0 ? OPT_PAD1 : OPT], off,
		    len <= rd_left(&l->r) ? len : rd_left(&l->r));
		l->depth++;
		layer_uint(l, &defs[OPT_TYPE], 1);
		l->depth++;
		layer_add_bits(l, &defs[OPT_ACTION]);
		layer_add_bits(l, &defs[OPT_CHANGE]);
		layer_add_bits(l, &defs[OPT_REST]);
		l->depth--;
		if (type != 0) {
			layer_uint(l, &defs[OPT_LEN], 1);
			option_value(l, type, len - 2, ip);
		}
		l->depth--;
	}
}

/* The fields that all but two extension headers begin with. */
static size_t
extension_start(struct layer *l, size_t base, uint32_t *next)
{
	size_t len;

	*next = layer_uint(l, &defs[base + EXT_NEXT], 1);
	layer_remark_name(l, ip_proto_name(*next));
	len = 8 * (layer_uint(l, &defs[base + EXT_LEN], 1) + 1);
	if (layer_ok(l))
		l->need = len;
	layer_made(l, &defs[base + EXT_BYTES], "%zu", len);
	return len;
}

static uint32_t
dissect_options(struct build *b, struct rd *r, size_t base, const char *name,
    struct ip_info *ip)
{
	struct layer l = layer_open(b, *r, &defs[base], name, 8);
	uint32_t next;
	size_t len = extension_start(&l, base, &next);

	options(&l, l.start + len, ip);
	if (layer_ok(&l))
		layer_close(&l);
	*r = l.r;
	return next;
}

/*
 * The last place to visit is what checksums are made with: RFC 8200 s8.1. It
 * is the last address of the list, or the first where that is in reverse.
 */
static void
last_place(struct rd data, uint32_t type, size_t len, struct ip_info *ip)
{
	enum { SOURCE_ROUTE = 0, HOME = 2, SEGMENTS = 4 };
	const uint8_t *p = NULL;

	if ((type == SOURCE_ROUTE || type == HOME || type == SEGMENTS) &&
	    len >= 24) {
		rd_skip(&data, type == SEGMENTS ? 4 : len - 4 - 16);
		p = rd_bytes(&data, 16);
	}
	if (p != NULL)
		memcpy(ip->dst, p, 16);
	else
		ip->rerouted = true;
}

static uint32_t
dissect_routing(struct build *b, struct rd *r, struct ip_info *ip)
{
	struct layer l = layer_open(b, *r, &defs[ROUTING], "ipv6.routing", 8);
	uint32_t next, type;
	size_t len = extension_start(&l, ROUTING, &next);

	type = layer_uint(&l, &defs[ROUTING_TYPE], 1);
	if (layer_uint(&l, &defs[ROUTING_LEFT], 1) > 0)
		last_place(l.r, type, len, ip);
	layer_bytes(&l, &defs[ROUTING_DATA], len - 4, NULL);
	if (layer_ok(&l))
		layer_close(&l);
	*r = l.r;
	return next;
}

static uint32_t
dissect_fragment(
    struct build *b, struct rd *r, struct ip_info *ip, bool *ret_later)
{
	struct layer l = layer_open(b, *r, &defs[FRAG], "ipv6.fraghdr", 8);
	uint32_t next = layer_uint(&l, &defs[FRAG_NEXT], 1), offset;

	layer_remark_name(&l, ip_proto_name(next));
	layer_uint(&l, &defs[FRAG_RESERVED], 1);
	layer_word(&l, &defs[FRAG_OFFSET], 2);
	offset = layer_add_bits(&l, &defs[FRAG_OFFSET]);
	if (offset != 0)
		layer_remark(&l, "x 8: byte %u", (unsigned)offset * 8);
	layer_add_bits(&l, &defs[FRAG_BITS]);
	if (layer_add_bits(&l, &defs[FRAG_MORE]) != 0 || offset != 0)
		ip->fragment = true;
	*ret_later = offset != 0;
	layer_uint(&l, &defs[FRAG_ID], 4);
	if (layer_ok(&l))
		layer_close(&l);
	*r = l.r;
	return next;
}

static uint32_t
dissect_auth(struct build *b, struct rd *r)
{
	struct layer l = layer_open(b, *r, &defs[AUTH], "ah", 12);
	uint32_t next = layer_uint(&l, &defs[AUTH_NEXT], 1), len;

	layer_remark_name(&l, ip_proto_name(next));
	len = 4 * (layer_uint(&l, &defs[AUTH_LEN], 1) + 2);
	if (layer_ok(&l))
		l.need = len;
	layer_bytes(&l, &defs[AUTH_DATA], len - 2, NULL);
	if (layer_ok(&l))
		layer_close(&l);
	*r = l.r;
	return next;
}

/* Extension headers, then what the packet carries. */
static void
dissect_chain(struct build *b, struct rd r, uint32_t next, struct ip_info *ip)
{
	bool later = false;

	for (int i = 0; i < IP6_EXTENSIONS_MAX && !later; i++) {
		if (r.state != RD_OK)
			return;
		if (next == IP_HOPOPTS)
			next = dissect_options(b, &r, HOP, "ipv6.hopopts", ip);
		else if (next == IP_DSTOPTS)
			next = dissect_options(b, &r, DEST, "ipv6.dstopts", ip);
		else if (next == IP_ROUTING)
			next = dissect_routing(b, &r, ip);
		else if (next == IP_FRAGMENT)
			next = dissect_fragment(b, &r, ip, &later);
		else if (next == IP_AH)
			next = dissect_auth(b, &r);
		else
			break;
	}
	if (r.state != RD_OK)
		return;
	if (ip->fragment && dissect_defragmented(b, next, ip, &whole_ip6))
		return;
	if (later)
		dissect_data(b, r);
	else
		dissect_transport(b, r, next, ip);
}

/*
 * Bytes behind the header, as they can be used. A packet that offloading let
 * grow, and a jumbogram, have 0 in the field.
 */
static size_t
payload_len(struct layer *l, size_t wire)
{
	size_t len = layer_uint(l, &defs[PAYLOAD_LEN], 2);
	struct rd peek = l->r;

	if (len > wire) {
		layer_wrong(l, "more than the %zu bytes on the wire", wire);
		return wire;
	}
	if (len == 0 && rd_u8(&peek) != IP_NONE && !l->b->quoted) {
		layer_remark(l, "not set: %zu bytes here", wire);
		return wire;
	}
	return len;
}

void
dissect_ip6(struct build *b, struct rd *r)
{
	struct layer l = layer_open(b, *r, &defs[IP6], "ipv6", 40);
	struct ip_info ip = {.version = 6, .addr_len = 16};
	size_t wire = rd_wire_left(r), len;
	uint32_t next, version;
	struct rd body;

	layer_word(&l, &defs[VERSION], 4);
	version = layer_add_bits(&l, &defs[VERSION]);
	if (version != 6)
		layer_wrong(&l, "should be 6");
	layer_add_bits(&l, &defs[TCLASS]);
	l.depth++;
	layer_add_bits(&l, &defs[DSCP]);
	layer_add_bits(&l, &defs[ECN]);
	l.depth--;
	layer_add_bits(&l, &defs[FLOW]);
	len = payload_len(&l, wire > 40 ? wire - 40 : 0);
	next = layer_uint(&l, &defs[NEXT], 1);
	layer_remark_name(&l, ip_proto_name(next));
	layer_uint(&l, &defs[HOP_LIMIT], 1);
	layer_bytes(&l, &defs[SRC], 16, ip.src);
	layer_bytes(&l, &defs[DST], 16, ip.dst);
	layer_title_ip(&l, &ip);
	if (layer_ok(&l))
		layer_close(&l);
	body = rd_sub(&l.r, len);
	*r = l.r;
	if (!layer_ok(&l))
		return;
	if (version != 6)
		dissect_data(b, body);
	else
		dissect_chain(b, body, next, &ip);
}
