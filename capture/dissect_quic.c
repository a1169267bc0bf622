/*
 * QUIC: long headers, version negotiation, retry. What is protected stays so.
 *
 * Source: RFC 9000 s17, RFC 8999 (what all versions share).
 */
#include "capture/dissect_app.h"

#include <inttypes.h>
#include <stdio.h>

#define CID_MAX 20 /* RFC 9000 s17.2; other versions allow 255 */

enum {
	QUIC,
	PACKET_LENGTH,
	FORM,
	FIXED,
	TYPE,
	VN_UNUSED,
	VERSION,
	DCID_LEN,
	DCID,
	SCID_LEN,
	SCID,
	TOKEN_LEN,
	TOKEN,
	LENGTH,
	SUPPORTED,
	RETRY_TOKEN,
	RETRY_TAG,
	PROTECTED,
	SHORT,
	SPIN,
	REMAINING,
};

static const char ref[] = "RFC 9000 s17.2";
static const char inv_ref[] = "RFC 8999 s5.1";

static const struct field_def defs[] = {
    [QUIC] = {.name = "QUIC packet",
	.ref = "RFC 9000 s17",
	.help = "Streams as TCP has them, encrypted, over UDP. One datagram "
		"may hold several packets."},
    [PACKET_LENGTH] = {"quic.packet_length", "Length of the packet", ref,
	.kind = KIND_TEXT},
    [FORM] = {"quic.header_form", "Long header", inv_ref,
	"Long ones set a connection up, short ones carry its data.", 0x80,
	KIND_BOOL},
    [FIXED] = {"quic.fixed_bit", "Fixed bit", ref,
	"Tells QUIC from other protocols on the same port.", 0x40, KIND_BOOL},
    [TYPE] = {"quic.long.packet_type", "Type", ref, NULL, 0x30, KIND_DEC},
    [VN_UNUSED] = {"quic.vn.unused", "Unused", "RFC 9000 s17.2.1", NULL, 0x7f,
	KIND_HEX8},
    [VERSION] = {"quic.version", "Version", inv_ref,
	"0: a list of versions, for a client that asked for another.",
	.kind = KIND_HEX32},
    [DCID_LEN] = {"quic.dcil", "Length", inv_ref, .kind = KIND_DEC},
    [DCID] = {"quic.dcid", "Destination's connection id", inv_ref,
	"Finds the connection even after the address has changed.",
	.kind = KIND_BYTES},
    [SCID_LEN] = {"quic.scil", "Length", inv_ref, .kind = KIND_DEC},
    [SCID] = {"quic.scid", "Source's connection id", inv_ref,
	"To be used as destination in the answers.", .kind = KIND_BYTES},
    [TOKEN_LEN] = {"quic.token_length", "Length of the token",
	"RFC 9000 s17.2.2", .kind = KIND_TEXT},
    [TOKEN] = {"quic.token", "Token", "RFC 9000 s17.2.2",
	"Proves that the client receives at its address.", .kind = KIND_BYTES},
    [LENGTH] = {"quic.length", "Length", ref, "Of packet number and content.",
	.kind = KIND_TEXT},
    [SUPPORTED] = {"quic.supported_version", "Supported version",
	"RFC 9000 s17.2.1", .kind = KIND_HEX32},
    [RETRY_TOKEN] = {"quic.retry_token", "Token", "RFC 9000 s17.2.5",
	"The client is to send it with its next attempt.", .kind = KIND_BYTES},
    [RETRY_TAG] = {"quic.retry_integrity_tag", "Integrity tag", "RFC 9001 s5.8",
	.kind = KIND_BYTES},
    [PROTECTED] = {.name = "Protected",
	.ref = "RFC 9001 s5.4",
	.help = "Packet number and content are encrypted.",
	.kind = KIND_BYTES},
    [SHORT] = {"quic.short", "Short header", "RFC 9000 s17.3",
	.kind = KIND_NONE},
    [SPIN] = {"quic.spin_bit", "Spin bit", "RFC 9000 s17.4",
	"Turns once in each round trip, so that the path can measure it.", 0x20,
	KIND_BOOL},
    [REMAINING] = {"quic.remaining_payload", "Protected", "RFC 9000 s17.3",
	"How long the id is only the two ends know; the rest is encrypted.",
	.kind = KIND_BYTES},
};
static const struct field_table fields = FIELD_TABLE(defs);

enum { INITIAL, ZERO_RTT, HANDSHAKE, RETRY };

static const struct name types[] = {{INITIAL, "initial"}, {ZERO_RTT, "0-RTT"},
    {HANDSHAKE, "handshake"}, {RETRY, "retry"}};

/* RFC 9000 s16: the first two bits say how many bytes. */
static size_t
varint_size(uint8_t first)
{
	return (size_t)1 << (first >> 6);
}

static uint64_t
varint(struct layer *l, const struct field_def *def)
{
	struct rd peek = l->r;
	size_t off = rd_off(&l->r), n = varint_size(rd_u8(&peek));
	uint64_t v = 0;
	const uint8_t *p;

	if (rd_left(&l->r) < n) {
		layer_bytes(l, def, n, NULL); /* which fails */
		return 0;
	}
	p = rd_bytes(&l->r, n);
	for (size_t i = 0; p != NULL && i < n; i++)
		v = v << 8 | (i == 0 ? p[i] & 0x3f : p[i]);
	layer_put(l, def, off, n, "%" PRIu64, v);
	return v;
}

static void
connection_ids(struct layer *l)
{
	uint32_t len = layer_uint(l, &defs[DCID_LEN], 1);

	if (len > 0)
		layer_bytes(l, &defs[DCID], len, NULL);
	len = layer_uint(l, &defs[SCID_LEN], 1);
	if (len > 0)
		layer_bytes(l, &defs[SCID], len, NULL);
}

static void
negotiation(struct layer *l)
{
	connection_ids(l);
	while (layer_ok(l) && rd_wire_left(&l->r) > 0)
		layer_uint(l, &defs[SUPPORTED], 4);
}

static void
retry(struct layer *l)
{
	size_t left = rd_wire_left(&l->r);

	if (left > 16)
		layer_bytes(l, &defs[RETRY_TOKEN], left - 16, NULL);
	layer_bytes(l, &defs[RETRY_TAG], 16, NULL);
}

/* What follows the ids of the ordinary types. */
static void
numbered(struct layer *l, uint32_t type)
{
	struct rd outside;
	uint64_t len;

	if (type == INITIAL) {
		len = varint(l, &defs[TOKEN_LEN]);
		if (len > 0)
			layer_bytes(l, &defs[TOKEN],
			    len < UINT32_MAX ? (size_t)len : UINT32_MAX, NULL);
	}
	len = varint(l, &defs[LENGTH]);
	if (!layer_ok(l))
		return;
	outside = layer_enter(l, len < UINT32_MAX ? (size_t)len : UINT32_MAX);
	layer_payload(l, &defs[PROTECTED]);
	layer_leave(l, outside);
}

static void
long_header(struct layer *l, struct rd first)
{
	struct rd peek = first;
	uint32_t version, type;

	layer_word(l, &defs[FORM], 1);
	layer_add_bits(l, &defs[FORM]);
	rd_skip(&peek, 1);
	version = rd_be32(&peek);
	if (peek.state == RD_OK && version == 0) {
		layer_add_bits(l, &defs[VN_UNUSED]);
		layer_uint(l, &defs[VERSION], 4);
		layer_title(l, "version negotiation");
		negotiation(l);
		return;
	}
	layer_add_bits(l, &defs[FIXED]);
	type = layer_add_bits(l, &defs[TYPE]);
	layer_remark_name(l, NAME_OF(types, type));
	layer_title(l, "%s", NAME_OF(types, type));
	layer_uint(l, &defs[VERSION], 4);
	connection_ids(l);
	if (type == RETRY)
		retry(l);
	else
		numbered(l, type);
}

static void
short_header(struct layer *l)
{
	size_t heading = layer_begin(l, &defs[SHORT]);

	layer_title(l, "protected data");
	layer_word(l, &defs[FORM], 1);
	layer_add_bits(l, &defs[FORM]);
	layer_add_bits(l, &defs[FIXED]);
	layer_add_bits(l, &defs[SPIN]);
	layer_payload(l, &defs[REMAINING]);
	layer_end(l, heading);
}

static void
dissect_quic(struct build *b, struct rd r)
{
	const char *protocol = "quic";

	while (r.state == RD_OK && rd_wire_left(&r) > 0) {
		struct layer l = layer_open(b, r, &defs[QUIC], protocol, 7);
		struct rd peek = r;

		if ((rd_u8(&peek) & 0x80) != 0 || peek.state != RD_OK)
			long_header(&l, r);
		else
			short_header(&l);
		layer_made(
		    &l, &defs[PACKET_LENGTH], "%zu", rd_off(&l.r) - l.start);
		if (layer_ok(&l))
			layer_close(&l);
		r = l.r;
		protocol = NULL;
	}
}

/* A long header of a version that is known, with ids of a possible length. */
static enum app_match
match(struct rd r)
{
	uint8_t first = rd_u8(&r), len;
	uint32_t version = rd_be32(&r);

	if (r.state != RD_OK || (first & 0x80) == 0)
		return r.state == RD_OK && (first & 0x40) != 0 ? APP_MAYBE
							       : APP_NO;
	len = rd_u8(&r);
	if (len > CID_MAX)
		return APP_NO;
	rd_skip(&r, len);
	if (rd_u8(&r) > CID_MAX || r.state != RD_OK)
		return APP_NO;
	if (version == 0 || version == 1 || version == 0x6b3343cf)
		return APP_YES;
	return (first & 0x40) != 0 ? APP_MAYBE : APP_NO;
}

static int
info(struct rd r, char *dst, size_t size)
{
	uint8_t first = rd_u8(&r);
	uint32_t version = rd_be32(&r);

	if ((first & 0x80) == 0)
		return snprintf(dst, size, "QUIC protected data");
	if (version == 0)
		return snprintf(dst, size, "QUIC version negotiation");
	return snprintf(dst, size, "QUIC %s, version 0x%08" PRIx32,
	    NAME_OF(types, first >> 4 & 3u), version);
}

const struct app quic_app = {
    .name = "quic",
    .label = "QUIC",
    .transports = APP_UDP,
    .ports = {443},
    .match = match,
    .dissect = dissect_quic,
    .info = info,
    .fields = &fields,
};
