/*
 * IPv4: header, options, fragments; and what follows any IP header.
 *
 * Source: RFC 791, RFC 2474 (DSCP), RFC 3168 (ECN), RFC 2113 (router alert).
 */
#include "capture/dissect_internal.h"

#include <arpa/inet.h>

#include "capture/numbers.h"

enum {
	IP,
	VERSION,
	HDR_LEN,
	DSFIELD,
	DSCP,
	ECN,
	LEN,
	ID,
	FLAGS,
	FLAG_RESERVED,
	FLAG_DF,
	FLAG_MF,
	FRAG_OFFSET,
	TTL,
	PROTO,
	CHECKSUM,
	CHECKSUM_STATUS,
	SRC,
	DST,
	OPT_EOL,
	OPT_NOP,
	OPT_RECORD,
	OPT_TIMESTAMP,
	OPT_LOOSE,
	OPT_STRICT,
	OPT_ALERT,
	OPT_OTHER,
	OPT_TYPE,
	OPT_COPY,
	OPT_CLASS,
	OPT_NUMBER,
	OPT_LEN,
	OPT_PTR,
	OPT_RECORDED,
	OPT_FREE,
	OPT_HOP,
	OPT_OVERFLOW,
	OPT_FLAG,
	OPT_ALERT_VALUE,
	OPT_DATA,
	OPT_BAD,
};

static const char ref[] = "RFC 791 s3.1";
static const char ds_ref[] = "RFC 2474 s3";

static const struct field_def defs[] = {
    [IP] = {.name = "IPv4 header",
	.ref = ref,
	.help = "Takes the packet from host to host, over many links."},
    [VERSION] = {"ip.version", "Version", ref, "4 here; 6 for IPv6.", 0xf0,
	KIND_DEC},
    [HDR_LEN] = {"ip.hdr_len", "Header length", ref,
	"Counted in words of 4 bytes; more than 20 means options.", 0x0f,
	KIND_WORDS},
    [DSFIELD] = {"ip.dsfield", "Differentiated services", ds_ref,
	"How routers should treat the packet.", .kind = KIND_HEX8},
    [DSCP] = {"ip.dsfield.dscp", "Service class", ds_ref,
	"The queue a router should put it in; 0 is ordinary.", 0xfc, KIND_DEC},
    [ECN] = {"ip.dsfield.ecn", "Congestion notification", "RFC 3168 s5",
	"A router in trouble marks the packet instead of dropping it.", 0x03,
	KIND_DEC},
    [LEN] = {"ip.len", "Total length", ref,
	"Bytes of header and content together.", .kind = KIND_DEC},
    [ID] = {"ip.id", "Identification", ref, "Fragments of one packet share it.",
	.kind = KIND_HEX16},
    [FLAGS] = {"ip.flags", "Flags", ref,
	"Whether the packet may be cut into fragments, and whether more "
	"follow.",
	0xe000, KIND_HEX8},
    [FLAG_RESERVED] = {"ip.flags.rb", "Reserved", ref, "Must be 0.", 0x8000,
	KIND_BOOL},
    [FLAG_DF] = {"ip.flags.df", "Don't fragment", ref,
	"A router may not cut the packet; too large a one comes back as an "
	"ICMP error.",
	0x4000, KIND_BOOL},
    [FLAG_MF] = {"ip.flags.mf", "More fragments", ref,
	"Another part of the same packet follows.", 0x2000, KIND_BOOL},
    [FRAG_OFFSET] = {"ip.frag_offset", "Fragment offset", ref,
	"Where this part belongs, in units of 8 bytes.", 0x1fff, KIND_DEC},
    [TTL] = {"ip.ttl", "Time to live", ref,
	"Each router takes one off; at zero the packet is dropped, so that "
	"none circles for ever.",
	.kind = KIND_DEC},
    [PROTO] = {"ip.proto", "Protocol", ref,
	"Says what the packet carries: TCP, UDP, ICMP ...", .kind = KIND_DEC},
    [CHECKSUM] = {"ip.checksum", "Header checksum", ref,
	"Finds damage to the header; each router computes it anew.",
	.kind = KIND_HEX16},
    [CHECKSUM_STATUS] = {"ip.checksum.status", "Checksum status", ref,
	"1: correct, 0: wrong, 2: not all of it is here.", .kind = KIND_TEXT},
    [SRC] = {"ip.src", "Source", ref, "The host that sent it.",
	.kind = KIND_IP4},
    [DST] = {"ip.dst", "Destination", ref, "The host that is to get it.",
	.kind = KIND_IP4},
    [OPT_EOL] = {"ip.options.eol", "End of options", ref,
	"The options end here; the rest fills up to a word.",
	.kind = KIND_BYTES},
    [OPT_NOP] = {"ip.options.nop", "No operation", ref,
	"Fills up to a word boundary.", .kind = KIND_BYTES},
    [OPT_RECORD] = {"ip.options.record_route", "Record route", ref,
	"Each router on the way writes its address in.", .kind = KIND_BYTES},
    [OPT_TIMESTAMP] = {"ip.options.timestamp", "Timestamps", ref,
	"Each router on the way writes the time in.", .kind = KIND_BYTES},
    [OPT_LOOSE] = {.name = "Loose source route",
	.ref = ref,
	.help = "Routers that the packet must visit."},
    [OPT_STRICT] = {.name = "Strict source route",
	.ref = ref,
	.help = "The whole way, router by router."},
    [OPT_ALERT] = {"ip.options.routeralert", "Router alert", "RFC 2113",
	"Asks each router to look into the packet.", .kind = KIND_BYTES},
    [OPT_OTHER] = {.name = "Option", .ref = ref},
    [OPT_TYPE] = {"ip.opt.type", "Type", ref,
	"Which option it is: the three parts below in one byte.",
	.kind = KIND_DEC},
    [OPT_COPY] = {"ip.opt.type.copy", "Copied into fragments", ref,
	"1: each fragment carries the option, not only the first.", 0x80,
	KIND_BOOL},
    [OPT_CLASS] = {"ip.opt.type.class", "Class", ref,
	"0: control; 2: debugging and measurement.", 0x60, KIND_DEC},
    [OPT_NUMBER] = {"ip.opt.type.number", "Number", ref,
	"Which option of its class.", 0x1f, KIND_DEC},
    [OPT_LEN] = {"ip.opt.len", "Length", ref,
	"Bytes of the option, type and length included.", .kind = KIND_DEC},
    [OPT_PTR] = {"ip.opt.ptr", "Pointer", ref,
	"Where the next router reads or writes, counted from 1.",
	.kind = KIND_DEC},
    [OPT_RECORDED] = {"ip.rec_rt", "Passed", ref,
	"A router that it has passed.", .kind = KIND_IP4},
    [OPT_FREE] = {"ip.empty_rt", "Free", ref,
	"Room for a router still to come.", .kind = KIND_IP4},
    [OPT_HOP] = {.name = "Router", .ref = ref, .kind = KIND_IP4},
    [OPT_OVERFLOW] = {"ip.opt.overflow", "Routers without room", ref,
	"How many routers found no room for their time.", 0xf0, KIND_DEC},
    [OPT_FLAG] = {"ip.opt.flag", "Form", ref,
	"Whether routers enter times alone, or addresses too.", 0x0f,
	KIND_HEX8},
    [OPT_ALERT_VALUE] = {"ip.opt.ra", "Value", "RFC 2113",
	"0: every router is to look at the packet.", .kind = KIND_DEC},
    [OPT_DATA] = {.name = "Value", .ref = ref, .kind = KIND_BYTES},
    [OPT_BAD] = {.name = "Options", .ref = ref, .kind = KIND_BYTES},
};
const struct field_table ip4_fields = FIELD_TABLE(defs);

static const struct name protocols[] = {
    {IP_HOPOPTS, "hop-by-hop options"},
    {IP_ICMP, "ICMP"},
    {IP_IGMP, "IGMP"},
    {4, "IPv4 in IP"},
    {IP_TCP, "TCP"},
    {IP_UDP, "UDP"},
    {41, "IPv6 in IP"},
    {IP_ROUTING, "routing header"},
    {IP_FRAGMENT, "fragment header"},
    {47, "GRE"},
    {50, "ESP"},
    {IP_AH, "AH"},
    {IP_ICMP6, "ICMPv6"},
    {IP_NONE, "nothing"},
    {IP_DSTOPTS, "destination options"},
    {89, "OSPF"},
    {132, "SCTP"},
};

const char *
ip_proto_name(uint32_t proto)
{
	return NAME_OF(protocols, proto);
}

void
layer_title_ip(struct layer *l, const struct ip_info *ip)
{
	char src[INET6_ADDRSTRLEN], dst[INET6_ADDRSTRLEN];
	int family = ip->version == 6 ? AF_INET6 : AF_INET;

	inet_ntop(family, ip->src, src, sizeof src);
	inet_ntop(family, ip->dst, dst, sizeof dst);
	layer_title(l, "%s to %s", src, dst);
}

/* Routers' addresses; those before the pointer were passed. */
static void
route(struct layer *l, const struct option *o)
{
	uint32_t ptr = o->len > 2 ? layer_uint(l, &defs[OPT_PTR], 1) : 0;
	size_t at;

	while ((at = rd_off(&l->r) - o->off) + 4 <= o->len) {
		int which = at + 1 < ptr ? OPT_RECORDED : OPT_FREE;

		layer_bytes(l, &defs[o->kind == 7 ? which : OPT_HOP], 4, NULL);
	}
}

static void
option_value(struct layer *l, const struct option *o)
{
	size_t rest;

	switch (o->kind) {
	case 7:
	case 131:
	case 137:
		route(l, o);
		break;
	case 68:
		if (o->len < 4)
			break;
		layer_uint(l, &defs[OPT_PTR], 1);
		layer_word(l, &defs[OPT_FLAG], 1);
		layer_add_bits(l, &defs[OPT_OVERFLOW]);
		layer_add_bits(l, &defs[OPT_FLAG]);
		break;
	case 148:
		if (o->len == 4)
			layer_uint(l, &defs[OPT_ALERT_VALUE], 2);
		break;
	default:
		break;
	}
	rest = o->off + o->len - rd_off(&l->r);
	if (rest > 0)
		layer_bytes(l, &defs[OPT_DATA], rest, NULL);
}

/* True: a router on the way puts in another destination. */
static bool
options(struct layer *l, size_t end)
{
	static const uint8_t known[][2] = {{0, OPT_EOL}, {1, OPT_NOP},
	    {7, OPT_RECORD}, {68, OPT_TIMESTAMP}, {131, OPT_LOOSE},
	    {137, OPT_STRICT}, {148, OPT_ALERT}};
	struct option o = {0};
	bool rerouted = false;

	while (layer_option(l, &defs[OPT_BAD], end, &o)) {
		size_t def = OPT_OTHER;

		for (size_t i = 0; i < sizeof known / sizeof *known; i++)
			if (known[i][0] == o.kind)
				def = known[i][1];
		rerouted |= def == OPT_LOOSE || def == OPT_STRICT;
		layer_range(l, &defs[def], o.off, o.len);
		l->depth++;
		layer_uint(l, &defs[OPT_TYPE], 1);
		l->depth++;
		layer_add_bits(l, &defs[OPT_COPY]);
		layer_add_bits(l, &defs[OPT_CLASS]);
		layer_add_bits(l, &defs[OPT_NUMBER]);
		l->depth--;
		if (o.kind > 1) {
			layer_uint(l, &defs[OPT_LEN], 1);
			option_value(l, &o);
		}
		l->depth--;
	}
	return rerouted;
}

void
dissect_transport(
    struct build *b, struct rd r, uint32_t proto, const struct ip_info *ip)
{
	if (proto == IP_TCP)
		dissect_tcp(b, r, ip);
	else if (proto == IP_UDP)
		dissect_udp(b, r, ip);
	else if (proto == IP_ICMP && ip->version == 4)
		dissect_icmp(b, r, ip);
	else if (proto == IP_IGMP && ip->version == 4)
		dissect_igmp(b, r);
	else if (proto == IP_ICMP6 && ip->version == 6)
		dissect_icmp6(b, r, ip);
	else
		dissect_data(b, r);
}

bool
dissect_defragmented(struct build *b, uint32_t proto, struct ip_info *ip,
    const struct whole_keys *keys)
{
	struct rd r;

	if (b->quoted || b->ctx->datagram.len == 0 ||
	    !dissect_whole(b, &b->ctx->datagram, keys, &r))
		return false;
	ip->fragment = false;
	dissect_transport(b, r, proto, ip);
	b->source = 0;
	return true;
}

/* Version, header length, service. Returns the length; 0: it is no header. */
static size_t
first_bytes(struct layer *l)
{
	size_t header;
	uint32_t version;

	layer_word(l, &defs[VERSION], 1);
	layer_add_bits(l, &defs[VERSION]);
	version = l->word >> 4;
	if (version != 4)
		layer_wrong(l, "should be 4");
	header = layer_add_bits(l, &defs[HDR_LEN]) * 4;
	if (header < 20)
		layer_wrong(l, "less than the 20 bytes that it must have");
	else
		l->need = header;
	layer_uint(l, &defs[DSFIELD], 1);
	l->depth++;
	layer_add_bits(l, &defs[DSCP]);
	layer_add_bits(l, &defs[ECN]);
	l->depth--;
	return version == 4 && header >= 20 ? header : 0;
}

/*
 * The total length as it can be used. A packet that offloading let grow beyond
 * what the field can say has 0 there.
 */
static size_t
total_len(struct layer *l, size_t header, size_t wire)
{
	size_t total = layer_word(l, &defs[LEN], 2);

	if (total == 0 && !l->b->quoted) {
		l->word = (uint32_t)wire;
		layer_add_word(l, &defs[LEN]);
		layer_remark(l, "0 was sent: offloaded, counted from the wire");
		return wire;
	}
	layer_add_word(l, &defs[LEN]);
	if (total < header) {
		layer_wrong(l, "less than the header's %zu bytes", header);
	} else if (total > wire) {
		layer_wrong(l, "more than the %zu bytes on the wire", wire);
		return wire;
	}
	return total;
}

static uint32_t
fragment_word(struct layer *l)
{
	uint32_t word = layer_word(l, &defs[FLAGS], 2), offset;

	layer_add_bits(l, &defs[FLAGS]);
	if ((word & 0x6000) == 0x4000)
		layer_remark(l, "don't fragment");
	else if ((word & 0x2000) != 0)
		layer_remark(l, "more fragments");
	l->depth++;
	layer_add_bits(l, &defs[FLAG_RESERVED]);
	layer_add_bits(l, &defs[FLAG_DF]);
	layer_add_bits(l, &defs[FLAG_MF]);
	l->depth--;
	offset = layer_add_bits(l, &defs[FRAG_OFFSET]);
	if (offset != 0)
		layer_remark(l, "x 8: byte %u", (unsigned)offset * 8);
	return word;
}

void
dissect_ip4(struct build *b, struct rd *r)
{
	struct layer l = layer_open(b, *r, &defs[IP], "ip", 20);
	struct ip_info ip = {.version = 4, .addr_len = 4};
	size_t wire = rd_wire_left(r), header, total;
	struct rd start = *r, body;
	uint32_t fragment, proto;

	header = first_bytes(&l);
	total = total_len(&l, header, wire);
	layer_uint(&l, &defs[ID], 2);
	fragment = fragment_word(&l);
	ip.fragment = (fragment & 0x3fff) != 0;
	layer_uint(&l, &defs[TTL], 1);
	proto = layer_uint(&l, &defs[PROTO], 1);
	layer_remark_name(&l, ip_proto_name(proto));
	layer_uint(&l, &defs[CHECKSUM], 2);
	layer_checksum(&l, &defs[CHECKSUM_STATUS], 0, rd_sub(&start, header));
	layer_bytes(&l, &defs[SRC], 4, ip.src);
	layer_bytes(&l, &defs[DST], 4, ip.dst);
	layer_title_ip(&l, &ip);
	if (header > 20)
		ip.rerouted = options(&l, l.start + header);
	*r = l.r;
	if (!layer_ok(&l))
		return;
	layer_close(&l);
	if (header == 0 || total < header) {
		dissect_data(b, l.r);
		*r = rd_sub(&l.r, 0);
		return;
	}
	body = rd_sub(&l.r, total - header);
	*r = l.r;
	if (ip.fragment && dissect_defragmented(b, proto, &ip, &whole_ip4))
		return;
	if ((fragment & 0x1fff) != 0)
		dissect_data(b, body);
	else
		dissect_transport(b, body, proto, &ip);
}

void
dissect_quoted(struct build *b, struct rd r, uint8_t ip_version)
{
	/* An error about an error is not sent: RFC 1122 s3.2.2 */
	if (b->quoted || rd_left(&r) == 0) {
		dissect_data(b, r);
		return;
	}
	b->quoted = true;
	b->part = r.uncaptured == 0;
	r.uncaptured += UINT16_MAX; /* the original went on */
	b->depth++;
	if (ip_version == 4)
		dissect_ip4(b, &r);
	else
		dissect_ip6(b, &r);
	b->depth--;
	b->quoted = b->part = false;
}
