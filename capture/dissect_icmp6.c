/*
 * ICMPv6: errors, echo, neighbour discovery, multicast listeners.
 *
 * Source: RFC 4443, RFC 4861 (neighbour discovery), RFC 2710 and RFC 3810
 * (multicast listeners), RFC 3971 (nonce), RFC 4191 (routes).
 */
#include "capture/dissect_internal.h"

#include <arpa/inet.h>
#include <string.h>

#include "capture/numbers.h"

enum {
	ICMP6,
	TYPE,
	CODE,
	CHECKSUM,
	CHECKSUM_STATUS,
	RESERVED,
	MTU,
	POINTER,
	ECHO_IDENT,
	ECHO_SEQ,
	ANSWERS,
	ANSWER_TIME,
	RA_HOPS,
	RA_FLAGS,
	RA_MANAGED,
	RA_OTHER,
	RA_HOME,
	RA_PREFERENCE,
	RA_PROXY,
	RA_RESERVED,
	RA_LIFETIME,
	RA_REACHABLE,
	RA_RETRANS,
	NS_TARGET,
	NA_FLAGS,
	NA_ROUTER,
	NA_SOLICITED,
	NA_OVERRIDE,
	NA_RESERVED,
	NA_TARGET,
	RD_TARGET,
	RD_DESTINATION,
	MLD_DELAY,
	MLD_ADDRESS,
	REPORT_COUNT,
	RECORD,
	RECORD_TYPE,
	RECORD_AUX,
	RECORD_SOURCES,
	RECORD_ADDRESS,
	RECORD_SOURCE,
	RECORD_DATA,
	OPT,
	OPT_TYPE,
	OPT_LEN,
	OPT_LINK_ADDR,
	OPT_SOURCE_ADDR,
	OPT_TARGET_ADDR,
	OPT_PREFIX_LEN,
	OPT_PREFIX_FLAGS,
	OPT_PREFIX_LINK,
	OPT_PREFIX_AUTO,
	OPT_PREFIX_ROUTER,
	OPT_PREFIX_RESERVED,
	OPT_PREFIX_VALID,
	OPT_PREFIX_PREFERRED,
	OPT_PREFIX,
	OPT_ROUTE_FLAGS,
	OPT_ROUTE_PREFERENCE,
	OPT_ROUTE_RESERVED,
	OPT_ROUTE_LIFETIME,
	OPT_MTU,
	OPT_NONCE,
	OPT_RESERVED,
	OPT_DATA,
	REST,
};

static const char ref[] = "RFC 4443 s2.1";
static const char ra_ref[] = "RFC 4861 s4.2";
static const char ns_ref[] = "RFC 4861 s4.3";
static const char na_ref[] = "RFC 4861 s4.4";
static const char rd_ref[] = "RFC 4861 s4.5";
static const char opt_ref[] = "RFC 4861 s4.6";
static const char route_ref[] = "RFC 4191 s2.3";
static const char mld_ref[] = "RFC 2710 s3";
static const char report_ref[] = "RFC 3810 s5.2";

static const struct field_def defs[] = {
    [ICMP6] = {.name = "ICMPv6 message",
	.ref = ref,
	.help = "Errors, ping, and how neighbours find each other."},
    [TYPE] = {"icmpv6.type", "Type", ref, "What the message is about.",
	.kind = KIND_DEC},
    [CODE] = {"icmpv6.code", "Code", ref, "The type's closer reason.",
	.kind = KIND_DEC},
    [CHECKSUM] = {"icmpv6.checksum", "Checksum", "RFC 4443 s2.3",
	"Finds damage to the message, and packets gone astray.",
	.kind = KIND_HEX16},
    [CHECKSUM_STATUS] = {"icmpv6.checksum.status", "Checksum status",
	"RFC 4443 s2.3", "1: correct, 0: wrong, 2: not all of it is here.",
	.kind = KIND_TEXT},
    [RESERVED] = {"icmpv6.reserved", "Reserved", ref,
	"Nothing with this type; zero.", .kind = KIND_BYTES},
    [MTU] = {"icmpv6.mtu", "MTU of the next link", "RFC 4443 s3.2",
	"The largest packet that fits: the sender is to make smaller ones.",
	.kind = KIND_DEC},
    [POINTER] = {"icmpv6.pointer", "Position of the trouble", "RFC 4443 s3.4",
	"Offset in the packet quoted below.", .kind = KIND_DEC},
    [ECHO_IDENT] = {"icmpv6.echo.identifier", "Identifier", "RFC 4443 s4.1",
	"Tells one ping program's packets from another's.", .kind = KIND_HEX16},
    [ECHO_SEQ] = {"icmpv6.echo.sequence_number", "Sequence number",
	"RFC 4443 s4.1", "Pairs a reply with its request.", .kind = KIND_DEC},
    [ANSWERS] = {"icmpv6.resp_to", "Answers packet", "RFC 4443 s4.2",
	"The request with this identifier and number.", .kind = KIND_TEXT},
    [ANSWER_TIME] = {"icmpv6.resptime", "Response time", "RFC 4443 s4.2",
	"Milliseconds since the request.", .kind = KIND_TEXT},
    [RA_HOPS] = {"icmpv6.nd.ra.cur_hop_limit", "Hop limit to use", ra_ref,
	"What hosts are to put into their packets; 0: the router does not say.",
	.kind = KIND_DEC},
    [RA_FLAGS] = {"icmpv6.nd.ra.flag", "Flags", ra_ref,
	"What hosts get from a DHCPv6 server, and what the router is.",
	.kind = KIND_HEX8},
    [RA_MANAGED] = {"icmpv6.nd.ra.flag.m", "Addresses by DHCPv6", ra_ref,
	"1: addresses come from a DHCPv6 server.", 0x80, KIND_BOOL},
    [RA_OTHER] = {"icmpv6.nd.ra.flag.o", "Other settings by DHCPv6", ra_ref,
	"1: other settings, name servers for instance, come by DHCPv6.", 0x40,
	KIND_BOOL},
    [RA_HOME] = {"icmpv6.nd.ra.flag.h", "Home agent", ra_ref,
	"1: the router serves mobile hosts.", 0x20, KIND_BOOL},
    [RA_PREFERENCE] = {"icmpv6.nd.ra.flag.prf", "Preference", ra_ref,
	"Which of several routers to prefer.", 0x18, KIND_DEC},
    [RA_PROXY] = {"icmpv6.nd.ra.flag.p", "Proxy", ra_ref,
	"1: it was passed on from another link.", 0x04, KIND_BOOL},
    [RA_RESERVED] = {"icmpv6.nd.ra.flag.rsv", "Reserved", ra_ref,
	"Must be 0; receivers ignore it.", 0x03, KIND_DEC},
    [RA_LIFETIME] = {"icmpv6.nd.ra.router_lifetime", "Router lifetime", ra_ref,
	"Seconds for which it is a default router.", .kind = KIND_DEC},
    [RA_REACHABLE] = {"icmpv6.nd.ra.reachable_time", "Reachable time", ra_ref,
	"How long, in ms, a neighbour that answered counts as there.",
	.kind = KIND_DEC},
    [RA_RETRANS] = {"icmpv6.nd.ra.retrans_timer", "Retransmission timer",
	ra_ref, "How long, in ms, to wait before asking a neighbour again.",
	.kind = KIND_DEC},
    [NS_TARGET] = {"icmpv6.nd.ns.target_address", "Who is looked for", ns_ref,
	"The address whose network card somebody asks for.", .kind = KIND_IP6},
    [NA_FLAGS] = {"icmpv6.nd.na.flag", "Flags", na_ref,
	"What the answer says about its sender.", .kind = KIND_HEX32},
    [NA_ROUTER] = {"icmpv6.nd.na.flag.r", "Is a router", na_ref,
	"1: the sender is a router.", 0x80000000, KIND_BOOL},
    [NA_SOLICITED] = {"icmpv6.nd.na.flag.s", "Was asked", na_ref,
	"1: it answers a solicitation; 0: it was not asked.", 0x40000000,
	KIND_BOOL},
    [NA_OVERRIDE] = {"icmpv6.nd.na.flag.o", "Replaces what was known", na_ref,
	"1: it replaces the link address that was known.", 0x20000000,
	KIND_BOOL},
    [NA_RESERVED] = {"icmpv6.nd.na.flag.rsv", "Reserved", na_ref,
	"Must be 0; receivers ignore it.", 0x1fffffff, KIND_DEC},
    [NA_TARGET] = {"icmpv6.nd.na.target_address", "Whose address it is", na_ref,
	"The address whose link address is told.", .kind = KIND_IP6},
    [RD_TARGET] = {"icmpv6.nd.rd.target_address", "Better next hop", rd_ref,
	"Where packets for that destination are better sent.",
	.kind = KIND_IP6},
    [RD_DESTINATION] = {"icmpv6.rd.na.destination_address", "For whom", rd_ref,
	"The destination that the better way is for.", .kind = KIND_IP6},
    [MLD_DELAY] = {"icmpv6.mld.maximum_response_delay", "Longest delay",
	mld_ref, "Milliseconds within which to answer.", .kind = KIND_DEC},
    [MLD_ADDRESS] = {"icmpv6.mld.multicast_address", "Group", mld_ref,
	"The group that is asked for, joined, or left.", .kind = KIND_IP6},
    [REPORT_COUNT] = {"icmpv6.mldr.nb_mcast_records", "Records", report_ref,
	"How many groups the report speaks of.", .kind = KIND_DEC},
    [RECORD] = {.name = "Record",
	.ref = report_ref,
	.help = "A group that the sender wants to hear, or no longer."},
    [RECORD_TYPE] = {"icmpv6.mldr.mar.record_type", "Type", report_ref,
	"What changed, or holds: which sources the host wants of the group.",
	.kind = KIND_DEC},
    [RECORD_AUX] = {"icmpv6.mldr.mar.aux_data_len", "Words of further data",
	report_ref,
	"Further data behind the sources, in words of 4 bytes; 0 today.",
	.kind = KIND_DEC},
    [RECORD_SOURCES] = {"icmpv6.mldr.mar.nb_sources", "Sources", report_ref,
	"How many sources are named.", .kind = KIND_DEC},
    [RECORD_ADDRESS] = {"icmpv6.mldr.mar.multicast_address", "Group",
	report_ref, "The group that this record is about.", .kind = KIND_IP6},
    [RECORD_SOURCE] = {"icmpv6.mldr.mar.source_address", "Source", report_ref,
	"A source that is wanted, or not.", .kind = KIND_IP6},
    [RECORD_DATA] = {"icmpv6.mldr.mar.auxiliary_data", "Further data",
	report_ref, "Nothing that is defined today.", .kind = KIND_BYTES},
    [OPT] = {.name = "Option", .ref = opt_ref},
    [OPT_TYPE] = {"icmpv6.opt.type", "Type", opt_ref, "Which option it is.",
	.kind = KIND_DEC},
    [OPT_LEN] = {"icmpv6.opt.length", "Length", opt_ref, "In units of 8 bytes.",
	.kind = KIND_DEC},
    [OPT_LINK_ADDR] = {"icmpv6.opt.linkaddr", "Link address", opt_ref,
	"The hardware address, for this link.", .kind = KIND_MAC},
    [OPT_SOURCE_ADDR] = {"icmpv6.opt.src_linkaddr", "Sender's link address",
	opt_ref, "Where to send the answer: saves the other a question.",
	.kind = KIND_MAC},
    [OPT_TARGET_ADDR] = {"icmpv6.opt.target_linkaddr", "Target's link address",
	opt_ref, "The hardware address that was asked for.", .kind = KIND_MAC},
    [OPT_PREFIX_LEN] = {"icmpv6.opt.prefix.length", "Prefix length", opt_ref,
	"How many bits of the prefix count.", .kind = KIND_DEC},
    [OPT_PREFIX_FLAGS] = {"icmpv6.opt.prefix.flag", "Flags", opt_ref,
	"What hosts may do with the prefix.", .kind = KIND_HEX8},
    [OPT_PREFIX_LINK] = {"icmpv6.opt.prefix.flag.l", "On this link", opt_ref,
	"1: hosts with this prefix are on this link, no router is needed.",
	0x80, KIND_BOOL},
    [OPT_PREFIX_AUTO] = {"icmpv6.opt.prefix.flag.a", "Make addresses of it",
	opt_ref, "1: hosts may make themselves an address of it.", 0x40,
	KIND_BOOL},
    [OPT_PREFIX_ROUTER] = {"icmpv6.opt.prefix.flag.r", "Router's address",
	opt_ref, "1: the prefix field holds the router's whole address.", 0x20,
	KIND_BOOL},
    [OPT_PREFIX_RESERVED] = {"icmpv6.opt.prefix.flag.reserved", "Reserved",
	opt_ref, "Must be 0; receivers ignore it.", 0x1f, KIND_DEC},
    [OPT_PREFIX_VALID] = {"icmpv6.opt.prefix.valid_lifetime", "Valid lifetime",
	opt_ref, "How long, in seconds, addresses of it may be used at all.",
	.kind = KIND_DEC},
    [OPT_PREFIX_PREFERRED] = {"icmpv6.opt.prefix.preferred_lifetime",
	"Preferred lifetime", opt_ref,
	"How long, in seconds, new connections should use them.",
	.kind = KIND_DEC},
    [OPT_PREFIX] = {"icmpv6.opt.prefix", "Prefix", opt_ref,
	"The network part of addresses on this link.", .kind = KIND_IP6},
    [OPT_ROUTE_FLAGS] = {"icmpv6.opt.route_info.flag", "Flags", route_ref,
	"How much this route is preferred.", .kind = KIND_HEX8},
    [OPT_ROUTE_PREFERENCE] = {"icmpv6.opt.route_info.flag.route_preference",
	"Preference", route_ref, "Which of several routers to prefer.", 0x18,
	KIND_DEC},
    [OPT_ROUTE_RESERVED] = {"icmpv6.opt.route_info.flag.reserved", "Reserved",
	route_ref, "Must be 0; receivers ignore it.", 0xe7, KIND_DEC},
    [OPT_ROUTE_LIFETIME] = {"icmpv6.opt.route_lifetime", "Lifetime", route_ref,
	"How long, in seconds, the route may be used.", .kind = KIND_DEC},
    [OPT_MTU] = {"icmpv6.opt.mtu", "MTU of this link", opt_ref,
	"The largest packet that this link takes.", .kind = KIND_DEC},
    [OPT_NONCE] = {"icmpv6.opt.nonce", "Nonce", "RFC 3971 s5.3.2",
	"Tells the sender's own packets, should they come back.",
	.kind = KIND_BYTES},
    [OPT_RESERVED] = {.name = "Reserved", .ref = opt_ref, .kind = KIND_BYTES},
    [OPT_DATA] = {.name = "Value", .ref = opt_ref, .kind = KIND_BYTES},
    [REST] = {.name = "Depends on the type", .ref = ref, .kind = KIND_BYTES},
};
const struct field_table icmp6_fields = FIELD_TABLE(defs);

enum {
	UNREACHABLE = 1,
	TOO_BIG = 2,
	EXCEEDED = 3,
	PARAMETER = 4,
	ECHO = 128,
	ECHO_REPLY = 129,
	LISTENER_QUERY = 130,
	LISTENER_REPORT = 131,
	LISTENER_DONE = 132,
	ROUTER_SOLICITATION = 133,
	ROUTER_ADVERTISEMENT = 134,
	NEIGHBOR_SOLICITATION = 135,
	NEIGHBOR_ADVERTISEMENT = 136,
	REDIRECT = 137,
	LISTENER_REPORT2 = 143,
};

static const struct name types[] = {
    {UNREACHABLE, "destination unreachable"},
    {TOO_BIG, "packet too big"},
    {EXCEEDED, "time exceeded"},
    {PARAMETER, "parameter problem"},
    {ECHO, "echo request"},
    {ECHO_REPLY, "echo reply"},
    {LISTENER_QUERY, "multicast listener query"},
    {LISTENER_REPORT, "multicast listener report"},
    {LISTENER_DONE, "multicast listener done"},
    {ROUTER_SOLICITATION, "router solicitation"},
    {ROUTER_ADVERTISEMENT, "router advertisement"},
    {NEIGHBOR_SOLICITATION, "neighbor solicitation"},
    {NEIGHBOR_ADVERTISEMENT, "neighbor advertisement"},
    {REDIRECT, "redirect"},
    {LISTENER_REPORT2, "multicast listener report, version 2"},
};

static const struct name codes_unreachable[] = {
    {0, "no route"},
    {1, "forbidden by a filter"},
    {2, "beyond the scope of the source address"},
    {3, "address unreachable"},
    {4, "port unreachable: nobody listens there"},
};

static const struct name codes_exceeded[] = {
    {0, "the hop limit ran out on the way"},
    {1, "fragments did not all arrive in time"},
};

static const struct name option_types[] = {
    {1, "source link address"},
    {2, "target link address"},
    {3, "prefix information"},
    {4, "redirected packet"},
    {5, "MTU"},
    {14, "nonce"},
    {24, "route information"},
    {25, "DNS servers"},
    {31, "DNS search list"},
};

static const char *
type_name(uint32_t type)
{
	return NAME_OF(types, type);
}

static const char *
code_name(uint32_t type, uint32_t code)
{
	if (type == UNREACHABLE)
		return NAME_OF(codes_unreachable, code);
	if (type == EXCEEDED)
		return NAME_OF(codes_exceeded, code);
	return NULL;
}

static void
prefix(struct layer *l)
{
	layer_uint(l, &defs[OPT_PREFIX_LEN], 1);
	layer_uint(l, &defs[OPT_PREFIX_FLAGS], 1);
	l->depth++;
	for (size_t i = OPT_PREFIX_LINK; i <= OPT_PREFIX_RESERVED; i++)
		layer_add_bits(l, &defs[i]);
	l->depth--;
	layer_uint(l, &defs[OPT_PREFIX_VALID], 4);
	layer_uint(l, &defs[OPT_PREFIX_PREFERRED], 4);
	layer_bytes(l, &defs[OPT_RESERVED], 4, NULL);
	layer_bytes(l, &defs[OPT_PREFIX], 16, NULL);
}

/* Of the prefix only as many bytes stand there as its length needs. */
static void
route(struct layer *l, size_t len)
{
	uint8_t bytes[16] = {0};
	char text[INET6_ADDRSTRLEN];
	struct rd peek;
	const uint8_t *p;

	layer_uint(l, &defs[OPT_PREFIX_LEN], 1);
	layer_uint(l, &defs[OPT_ROUTE_FLAGS], 1);
	l->depth++;
	layer_add_bits(l, &defs[OPT_ROUTE_PREFERENCE]);
	layer_add_bits(l, &defs[OPT_ROUTE_RESERVED]);
	l->depth--;
	layer_uint(l, &defs[OPT_ROUTE_LIFETIME], 4);
	if (len == 0) /* to everywhere */
		return;
	peek = l->r;
	p = rd_bytes(&peek, len);
	if (p == NULL || !layer_ok(l)) {
		layer_bytes(l, &defs[OPT_DATA], len, NULL);
		return;
	}
	memcpy(bytes, p, len);
	layer_put(l, &defs[OPT_PREFIX], rd_off(&l->r), len, "%s",
	    inet_ntop(AF_INET6, bytes, text, sizeof text));
	l->r = peek;
}

/* The quoted packet is shown within the option. */
static void
redirected(struct layer *l, size_t len)
{
	struct rd quoted;

	layer_bytes(l, &defs[OPT_RESERVED], 6, NULL);
	if (!layer_ok(l) || len > rd_wire_left(&l->r)) {
		layer_bytes(l, &defs[OPT_DATA], len, NULL);
		return;
	}
	quoted = rd_sub(&l->r, len);
	dissect_quoted(l->b, quoted, 6);
}

static void
link_address(struct layer *l, const struct field_def *def)
{
	struct rd before = l->r;

	layer_bytes(l, &defs[OPT_LINK_ADDR], 6, NULL);
	if (!layer_ok(l))
		return;
	l->r = before;
	layer_bytes(l, def, 6, NULL);
}

static void
option_value(struct layer *l, uint32_t type, size_t len)
{
	if (type == 1 && len == 6) {
		link_address(l, &defs[OPT_SOURCE_ADDR]);
	} else if (type == 2 && len == 6) {
		link_address(l, &defs[OPT_TARGET_ADDR]);
	} else if (type == 3 && len == 30) {
		prefix(l);
	} else if (type == 4 && len > 6) {
		redirected(l, len - 6);
	} else if (type == 24 && (len == 6 || len == 14 || len == 22)) {
		route(l, len - 6);
	} else if (type == 5 && len == 6) {
		layer_bytes(l, &defs[OPT_RESERVED], 2, NULL);
		layer_uint(l, &defs[OPT_MTU], 4);
	} else {
		layer_bytes(
		    l, &defs[type == 14 ? OPT_NONCE : OPT_DATA], len, NULL);
	}
}

static void
options(struct layer *l)
{
	while (layer_ok(l) && rd_wire_left(&l->r) > 0) {
		size_t off = rd_off(&l->r), here = rd_left(&l->r), len;
		struct rd peek = l->r;
		uint32_t type = rd_u8(&peek);

		len = 8u * rd_u8(&peek);
		layer_range(l, &defs[OPT], off, len <= here ? len : here);
		layer_remark_name(l, NAME_OF(option_types, type));
		l->depth++;
		layer_uint(l, &defs[OPT_TYPE], 1);
		layer_uint(l, &defs[OPT_LEN], 1);
		l->need = rd_off(&l->r) - l->start + (len > 2 ? len - 2 : 0);
		if (layer_ok(l) && len == 0) {
			layer_wrong(l, "0 would never end");
			return;
		}
		option_value(l, type, len - 2);
		l->depth--;
	}
}

static void
router_advertisement(struct layer *l)
{
	layer_uint(l, &defs[RA_HOPS], 1);
	layer_uint(l, &defs[RA_FLAGS], 1);
	l->depth++;
	for (size_t i = RA_MANAGED; i <= RA_RESERVED; i++)
		layer_add_bits(l, &defs[i]);
	l->depth--;
	layer_uint(l, &defs[RA_LIFETIME], 2);
	layer_uint(l, &defs[RA_REACHABLE], 4);
	layer_uint(l, &defs[RA_RETRANS], 4);
}

static void
neighbor_advertisement(struct layer *l)
{
	layer_uint(l, &defs[NA_FLAGS], 4);
	l->depth++;
	for (size_t i = NA_ROUTER; i <= NA_RESERVED; i++)
		layer_add_bits(l, &defs[i]);
	l->depth--;
	layer_bytes(l, &defs[NA_TARGET], 16, NULL);
}

/* A group, the sources wanted of it, and words that nobody uses. */
static void
listener_record(struct layer *l)
{
	uint32_t aux, sources;

	layer_range(l, &defs[RECORD], rd_off(&l->r), 0);
	l->depth++;
	layer_uint(l, &defs[RECORD_TYPE], 1);
	aux = layer_uint(l, &defs[RECORD_AUX], 1);
	sources = layer_uint(l, &defs[RECORD_SOURCES], 2);
	layer_bytes(l, &defs[RECORD_ADDRESS], 16, NULL);
	for (uint32_t i = 0; layer_ok(l) && i < sources; i++)
		layer_bytes(l, &defs[RECORD_SOURCE], 16, NULL);
	if (aux > 0)
		layer_bytes(l, &defs[RECORD_DATA], (size_t)aux * 4, NULL);
	l->depth--;
}

static void
listener_report(struct layer *l)
{
	uint32_t count;

	layer_bytes(l, &defs[RESERVED], 2, NULL);
	count = layer_uint(l, &defs[REPORT_COUNT], 2);
	for (uint32_t i = 0; layer_ok(l) && i < count; i++)
		listener_record(l);
}

/* Errors quote a packet. True: this was one. */
static bool
error(struct layer *l, uint32_t type)
{
	if (type == TOO_BIG)
		layer_uint(l, &defs[MTU], 4);
	else if (type == PARAMETER)
		layer_uint(l, &defs[POINTER], 4);
	else if (type == UNREACHABLE || type == EXCEEDED)
		layer_bytes(l, &defs[RESERVED], 4, NULL);
	else
		return false;
	return true;
}

static void
message(struct layer *l, uint32_t type)
{
	switch (type) {
	case ECHO:
	case ECHO_REPLY:
		layer_uint(l, &defs[ECHO_IDENT], 2);
		layer_uint(l, &defs[ECHO_SEQ], 2);
		icmp_answers(l, &defs[ANSWERS], &defs[ANSWER_TIME]);
		break;
	case LISTENER_QUERY:
	case LISTENER_REPORT:
	case LISTENER_DONE:
		layer_uint(l, &defs[MLD_DELAY], 2);
		layer_bytes(l, &defs[RESERVED], 2, NULL);
		layer_bytes(l, &defs[MLD_ADDRESS], 16, NULL);
		break;
	case LISTENER_REPORT2:
		listener_report(l);
		break;
	case ROUTER_SOLICITATION:
		layer_bytes(l, &defs[RESERVED], 4, NULL);
		options(l);
		break;
	case ROUTER_ADVERTISEMENT:
		router_advertisement(l);
		options(l);
		break;
	case NEIGHBOR_SOLICITATION:
		layer_bytes(l, &defs[RESERVED], 4, NULL);
		layer_bytes(l, &defs[NS_TARGET], 16, NULL);
		options(l);
		break;
	case NEIGHBOR_ADVERTISEMENT:
		neighbor_advertisement(l);
		options(l);
		break;
	case REDIRECT:
		layer_bytes(l, &defs[RESERVED], 4, NULL);
		layer_bytes(l, &defs[RD_TARGET], 16, NULL);
		layer_bytes(l, &defs[RD_DESTINATION], 16, NULL);
		options(l);
		break;
	default:
		layer_bytes(l, &defs[REST], 4, NULL);
	}
}

void
dissect_icmp6(struct build *b, struct rd r, const struct ip_info *ip)
{
	static const struct icmp_form form = {"icmpv6", defs + ICMP6,
	    defs + TYPE, defs + CODE, defs + CHECKSUM, defs + CHECKSUM_STATUS,
	    type_name, code_name};
	uint32_t pseudo = checksum_pseudo(ip, IP_ICMP6, rd_wire_left(&r));
	struct icmp_start m;
	struct layer l =
	    icmp_open(b, r, &form, pseudo, !ip->fragment && !ip->rerouted, &m);

	if (layer_ok(&l) && error(&l, m.type)) {
		if (!layer_ok(&l))
			return;
		layer_close(&l);
		dissect_quoted(b, l.r, 6);
		return;
	}
	message(&l, m.type);
	if (!layer_ok(&l))
		return;
	layer_close(&l);
	dissect_data(b, l.r);
}
