/*
 * DNS over UDP and TCP, mDNS.
 *
 * Source: RFC 1035 s4, RFC 2782 (SRV), RFC 3596 (AAAA), RFC 6762 (mDNS), RFC
 * 6891 (EDNS), RFC 7766 (TCP), RFC 8659 (CAA), RFC 9460 (SVCB, HTTPS).
 */
#include "capture/dissect_dns.h"

#include <stdio.h>
#include <string.h>

enum {
	TYPE_A = 1,
	TYPE_NS = 2,
	TYPE_CNAME = 5,
	TYPE_SOA = 6,
	TYPE_PTR = 12,
	TYPE_MX = 15,
	TYPE_TXT = 16,
	TYPE_AAAA = 28,
	TYPE_SRV = 33,
	TYPE_OPT = 41,
	TYPE_SVCB = 64,
	TYPE_HTTPS = 65,
	TYPE_CAA = 257,
};

static const struct name types[] = {
    {TYPE_A, "A"},
    {TYPE_NS, "NS"},
    {TYPE_CNAME, "CNAME"},
    {TYPE_SOA, "SOA"},
    {TYPE_PTR, "PTR"},
    {13, "HINFO"},
    {TYPE_MX, "MX"},
    {TYPE_TXT, "TXT"},
    {TYPE_AAAA, "AAAA"},
    {29, "LOC"},
    {TYPE_SRV, "SRV"},
    {35, "NAPTR"},
    {39, "DNAME"},
    {TYPE_OPT, "OPT"},
    {43, "DS"},
    {46, "RRSIG"},
    {47, "NSEC"},
    {48, "DNSKEY"},
    {50, "NSEC3"},
    {52, "TLSA"},
    {TYPE_SVCB, "SVCB"},
    {TYPE_HTTPS, "HTTPS"},
    {251, "IXFR"},
    {252, "AXFR"},
    {255, "ANY"},
    {TYPE_CAA, "CAA"},
};

static const struct name results[] = {
    {0, "no error"},
    {1, "format error"},
    {2, "server failure"},
    {3, "no such name"},
    {4, "not implemented"},
    {5, "refused"},
};

static const struct name opcodes[] = {
    {0, "query"}, {2, "status"}, {4, "notify"}, {5, "update"}};

static const struct name edns_options[] = {
    {3, "server's name"},
    {8, "client's subnet"},
    {10, "cookie"},
    {11, "TCP keep-alive"},
    {12, "padding"},
    {15, "extended error"},
};

/* A message being read. */
struct dns {
	struct layer l;
	size_t start; /* offset of its first byte: pointers count from there */
	bool multicast;
};

static void
read_name(struct dns *d, const struct field_def *def, struct dns_name *n)
{
	struct layer *l = &d->l;
	size_t off = rd_off(&l->r);

	if (!layer_ok(l)) {
		*n = (struct dns_name){.text = ""};
		return;
	}
	dns_name_decode(l->r, d->start, n);
	if (n->state != RD_OK && !n->elsewhere) {
		size_t here = n->state == RD_TRUNCATED ? rd_left(&l->r)
						       : rd_wire_left(&l->r);

		layer_bytes(l, def, here + 1, NULL); /* which fails */
		return;
	}
	layer_put(l, def, off, n->extent, "%s", n->text);
	rd_skip(&l->r, n->extent);
	if (n->wrong != NULL)
		layer_wrong(l, "%s", n->wrong);
	else if (n->state != RD_OK)
		layer_remark(l, "goes on behind the end of what is here");
}

/* ---- a record's data ---- */

static void
name_data(struct dns *d, const struct field_def *def)
{
	struct dns_name n;

	read_name(d, def, &n);
}

static void
soa(struct dns *d)
{
	name_data(d, &dns_defs[SOA_MNAME]);
	name_data(d, &dns_defs[SOA_RNAME]);
	for (size_t i = SOA_SERIAL; i <= SOA_MINIMUM; i++)
		layer_uint(&d->l, &dns_defs[i], 4);
}

static void
texts(struct layer *l)
{
	while (layer_ok(l) && rd_wire_left(&l->r) > 0) {
		uint32_t len = layer_uint(l, &dns_defs[TXT_LENGTH], 1);

		layer_text(l, &dns_defs[TXT], len);
	}
}

static void
service(struct dns *d)
{
	struct layer *l = &d->l;

	layer_uint(l, &dns_defs[SVC_PRIORITY], 2);
	name_data(d, &dns_defs[SVC_TARGET]);
	while (layer_ok(l) && rd_wire_left(&l->r) > 0) {
		uint32_t key = layer_uint(l, &dns_defs[SVC_KEY], 2);
		uint32_t len = layer_uint(l, &dns_defs[SVC_LENGTH], 2);
		struct rd outside = layer_enter(l, len);

		while (key == 1 && layer_ok(l) && rd_wire_left(&l->r) > 0) {
			len = layer_uint(l, &dns_defs[SVC_ALPN_LENGTH], 1);
			layer_text(l, &dns_defs[SVC_ALPN], len);
		}
		layer_payload(l, &dns_defs[SVC_VALUE]);
		layer_leave(l, outside);
	}
}

static void
authorization(struct layer *l)
{
	uint32_t len;

	layer_uint(l, &dns_defs[CAA_FLAGS], 1);
	layer_add_bits(l, &dns_defs[CAA_CRITICAL]);
	len = layer_uint(l, &dns_defs[CAA_TAG_LENGTH], 1);
	layer_text(l, &dns_defs[CAA_TAG], len);
	layer_text(l, &dns_defs[CAA_VALUE], rd_wire_left(&l->r));
}

static void
edns_data(struct layer *l)
{
	while (layer_ok(l) && rd_wire_left(&l->r) > 0) {
		uint32_t code = layer_uint(l, &dns_defs[OPT_CODE], 2), len;

		layer_remark_name(l, NAME_OF(edns_options, code));
		len = layer_uint(l, &dns_defs[OPT_LEN], 2);
		if (len > 0)
			layer_bytes(l, &dns_defs[OPT_DATA], len, NULL);
	}
}

static void
record_data(struct dns *d, uint32_t type)
{
	struct layer *l = &d->l;

	switch (type) {
	case TYPE_A:
		layer_bytes(l, &dns_defs[A], 4, NULL);
		break;
	case TYPE_AAAA:
		layer_bytes(l, &dns_defs[AAAA], 16, NULL);
		break;
	case TYPE_CNAME:
		name_data(d, &dns_defs[CNAME]);
		break;
	case TYPE_NS:
		name_data(d, &dns_defs[NS]);
		break;
	case TYPE_PTR:
		name_data(d, &dns_defs[PTR]);
		break;
	case TYPE_MX:
		layer_uint(l, &dns_defs[MX_PREFERENCE], 2);
		name_data(d, &dns_defs[MX_EXCHANGE]);
		break;
	case TYPE_TXT:
		texts(l);
		break;
	case TYPE_SOA:
		soa(d);
		break;
	case TYPE_SRV:
		layer_uint(l, &dns_defs[SRV_PRIORITY], 2);
		layer_uint(l, &dns_defs[SRV_WEIGHT], 2);
		layer_uint(l, &dns_defs[SRV_PORT], 2);
		name_data(d, &dns_defs[SRV_TARGET]);
		break;
	case TYPE_SVCB:
	case TYPE_HTTPS:
		service(d);
		break;
	case TYPE_CAA:
		authorization(l);
		break;
	case TYPE_OPT:
		edns_data(l);
		break;
	default:
		break;
	}
	layer_payload(l, &dns_defs[DATA]);
}

/* ---- questions and records ---- */

/* mDNS has a bit in the class. */
static void
class_bits(struct dns *d, int plain, int masked, int bit)
{
	struct layer *l = &d->l;

	if (!d->multicast) {
		layer_uint(l, &dns_defs[plain], 2);
		return;
	}
	layer_word(l, &dns_defs[masked], 2);
	layer_add_bits(l, &dns_defs[masked]);
	layer_add_bits(l, &dns_defs[bit]);
}

static void
question(struct dns *d)
{
	struct layer *l = &d->l;
	size_t heading = layer_begin(l, &dns_defs[QUERY]);
	struct dns_name n;
	uint32_t type;

	read_name(d, &dns_defs[QRY_NAME], &n);
	layer_made(l, &dns_defs[QRY_NAME_LEN], "%zu", n.len);
	layer_made(l, &dns_defs[LABELS], "%u", n.labels);
	type = layer_uint(l, &dns_defs[QRY_TYPE], 2);
	layer_remark_name(l, NAME_OF(types, type));
	class_bits(d, QRY_CLASS, QRY_CLASS_M, QRY_UNICAST);
	layer_remark_at(l, heading, "%s %s",
	    NAME_OF(types, type) != NULL ? NAME_OF(types, type) : "", n.text);
	layer_end(l, heading);
}

static void
edns_header(struct layer *l)
{
	layer_uint(l, &dns_defs[UDP_SIZE], 2);
	layer_uint(l, &dns_defs[EXT_RCODE], 1);
	layer_uint(l, &dns_defs[EDNS_VERSION], 1);
	layer_uint(l, &dns_defs[EDNS_Z], 2);
	layer_add_bits(l, &dns_defs[EDNS_DO]);
	layer_add_bits(l, &dns_defs[EDNS_RESERVED]);
}

static void
record(struct dns *d)
{
	struct layer *l = &d->l;
	size_t heading = layer_begin(l, &dns_defs[RECORD]);
	struct dns_name n;
	struct rd outside;
	uint32_t type, len;

	read_name(d, &dns_defs[NAME], &n);
	type = layer_uint(l, &dns_defs[TYPE], 2);
	layer_remark_name(l, NAME_OF(types, type));
	if (type == TYPE_OPT) {
		edns_header(l);
	} else {
		class_bits(d, CLASS, CLASS_M, FLUSH);
		layer_uint(l, &dns_defs[TTL], 4);
	}
	len = layer_uint(l, &dns_defs[LEN], 2);
	layer_remark_at(l, heading, "%s %s",
	    NAME_OF(types, type) != NULL ? NAME_OF(types, type) : "", n.text);
	if (layer_ok(l)) {
		outside = layer_enter(l, len);
		record_data(d, type);
		layer_leave(l, outside);
	}
	layer_end(l, heading);
}

static uint32_t
flags(struct layer *l)
{
	static const uint8_t of_query[] = {
	    RESPONSE, OPCODE, TRUNCATED, REC_DESIRED, RESERVED, CHECK_DISABLED};
	uint32_t v = layer_uint(l, &dns_defs[FLAGS], 2);

	l->depth++;
	if ((v & 0x8000) != 0) {
		for (size_t i = RESPONSE; i <= RCODE; i++)
			layer_add_bits(l, &dns_defs[i]);
		layer_remark_name(l, NAME_OF(results, v & 15));
	} else {
		for (size_t i = 0; i < sizeof of_query; i++)
			layer_add_bits(l, &dns_defs[of_query[i]]);
		if ((v & 0x0020) != 0)
			layer_add_bits(l, &dns_defs[AUTHENTICATED]);
	}
	l->depth--;
	return v;
}

static void
message(struct dns *d)
{
	struct layer *l = &d->l;
	uint32_t v, count[4];

	layer_uint(l, &dns_defs[ID], 2);
	v = flags(l);
	layer_title(l, "%s", (v & 0x8000) != 0 ? "response" : "query");
	for (size_t i = 0; i < 4; i++)
		count[i] = layer_uint(l, &dns_defs[QUERIES + i], 2);
	for (uint32_t i = 0; layer_ok(l) && i < count[0]; i++)
		question(d);
	for (size_t k = 1; k < 4; k++)
		for (uint32_t i = 0; layer_ok(l) && i < count[k]; i++)
			record(d);
}

static void
dissect_message(struct build *b, struct rd r, const char *protocol, bool stream)
{
	struct dns d = {
	    .l = layer_open(b, r, &dns_defs[DNS], protocol, stream ? 14 : 12),
	    .start = rd_off(&r) + (stream ? 2 : 0),
	    .multicast = strcmp(protocol, "mdns") == 0,
	};

	if (stream)
		layer_uint(&d.l, &dns_defs[LENGTH], 2);
	message(&d);
	layer_answers(&d.l, &dns_defs[ASKED], &dns_defs[ASKED_SINCE]);
	if (!layer_ok(&d.l))
		return;
	layer_close(&d.l);
	dissect_data(b, d.l.r);
}

static void
dissect_udp_message(struct build *b, struct rd r)
{
	dissect_message(b, r, "dns", false);
}

static void
dissect_tcp_message(struct build *b, struct rd r)
{
	dissect_message(b, r, "dns", true);
}

static void
dissect_multicast(struct build *b, struct rd r)
{
	dissect_message(b, r, "mdns", false);
}

/* ---- recognising, and one line ---- */

static enum app_match
match(struct rd r)
{
	(void)r;
	return APP_MAYBE;
}

static size_t
message_len(const uint8_t *p, size_t n, bool ended, uint32_t *memo)
{
	size_t len;

	(void)ended;
	(void)memo;
	if (n < 2)
		return MESSAGE_MORE;
	len = (size_t)p[0] << 8 | p[1];
	return len < 12 ? MESSAGE_BAD : len + 2;
}

static enum app_role
role(struct rd message, uint32_t *ret_number)
{
	rd_skip(&message, 2); /* the length */
	*ret_number = rd_be16(&message);
	return (rd_be16(&message) & 0x8000) != 0 ? APP_ANSWERS : APP_ASKS;
}

/* The question, and how many records answer it. */
static int
info(struct rd r, char *dst, size_t size)
{
	size_t start = rd_off(&r);
	struct dns_name n;
	uint16_t word, queries, answers, type;
	const char *op, *name;
	int used;

	rd_skip(&r, 2);
	word = rd_be16(&r);
	queries = rd_be16(&r);
	answers = rd_be16(&r);
	rd_skip(&r, 4);
	if (r.state != RD_OK)
		return snprintf(dst, size, "DNS");
	op = NAME_OF(opcodes, word >> 11 & 15u);
	used = snprintf(dst, size, "DNS %s%s", op != NULL ? op : "message",
	    (word & 0x8000) != 0 ? " response" : "");
	if (used < 0 || (size_t)used >= size)
		return used;
	if (queries > 0) {
		dns_name_decode(r, start, &n);
		rd_skip(&r, n.extent);
		type = rd_be16(&r);
		name = NAME_OF(types, type);
		used += snprintf(dst + used, size - (size_t)used, " %s %s",
		    name != NULL ? name : "type ?", n.text);
	}
	if ((word & 0x8000) == 0 || (size_t)used >= size)
		return used;
	name = NAME_OF(results, word & 15u);
	if ((word & 15) != 0)
		return used + snprintf(dst + used, size - (size_t)used, ": %s",
				  name != NULL ? name : "failed");
	return used + snprintf(dst + used, size - (size_t)used, ": %u answer%s",
			  answers, answers == 1 ? "" : "s");
}

static int
info_stream(struct rd r, char *dst, size_t size)
{
	rd_skip(&r, 2);
	return info(r, dst, size);
}

const struct app dns_udp_app = {
    .name = "dns",
    .label = "DNS",
    .transports = APP_UDP,
    .ports = {53, 5355},
    .match = match,
    .dissect = dissect_udp_message,
    .info = info,
    .fields = &dns_fields,
};

const struct app mdns_app = {
    .name = "mdns",
    .label = "mDNS",
    .transports = APP_UDP,
    .ports = {5353},
    .match = match,
    .dissect = dissect_multicast,
    .info = info,
    .fields = &dns_fields,
};

const struct app dns_tcp_app = {
    .name = "dns",
    .label = "DNS",
    .transports = APP_TCP,
    .ports = {53},
    .match = match,
    .message_len = message_len,
    .role = role,
    .dissect = dissect_tcp_message,
    .info = info_stream,
    .fields = &dns_fields,
};
