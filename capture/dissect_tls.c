/*
 * TLS: records, and the handshake's messages that are not encrypted.
 *
 * Source: RFC 8446 (1.3), RFC 5246 (1.2), RFC 6066 (SNI), RFC 7301 (ALPN).
 */
#include "capture/dissect_tls.h"

#include <stdio.h>

#define RECORD_MAX (16384 + 2048) /* RFC 5246 s6.2.3 */

enum { CHANGE = 20, ALERT_TYPE = 21, HANDSHAKE_TYPE = 22, APPLICATION = 23 };
enum {
	CLIENT_HELLO = 1,
	SERVER_HELLO = 2,
	CERTIFICATE_TYPE = 11,
	SERVER_KEY_EXCHANGE = 12,
	CLIENT_KEY_EXCHANGE = 16
};
enum { MEMO_13 = 1 }; /* the server chose TLS 1.3 */

static const struct name content_types[] = {
    {CHANGE, "change of cipher"},
    {ALERT_TYPE, "alert"},
    {HANDSHAKE_TYPE, "handshake"},
    {APPLICATION, "application data"},
    {24, "heartbeat"},
};

static const struct name versions[] = {{0x0300, "SSL 3.0"}, {0x0301, "TLS 1.0"},
    {0x0302, "TLS 1.1"}, {0x0303, "TLS 1.2"}, {0x0304, "TLS 1.3"}};

static const struct name handshake_types[] = {
    {0, "hello request"},
    {CLIENT_HELLO, "client hello"},
    {SERVER_HELLO, "server hello"},
    {4, "new session ticket"},
    {5, "end of early data"},
    {8, "encrypted extensions"},
    {CERTIFICATE_TYPE, "certificate"},
    {SERVER_KEY_EXCHANGE, "server key exchange"},
    {13, "certificate request"},
    {14, "server hello done"},
    {15, "certificate verify"},
    {CLIENT_KEY_EXCHANGE, "client key exchange"},
    {20, "finished"},
    {22, "certificate status"},
    {24, "key update"},
};

static const struct name alerts[] = {
    {0, "close notify: no more data will come"},
    {10, "unexpected message"},
    {20, "bad record"},
    {40, "handshake failure: nothing that both can do"},
    {42, "bad certificate"},
    {45, "certificate expired"},
    {46, "certificate unknown"},
    {47, "illegal parameter"},
    {48, "unknown authority: who signed this?"},
    {50, "cannot decode"},
    {51, "cannot decrypt"},
    {70, "protocol version not supported"},
    {80, "internal error"},
    {90, "user cancelled"},
    {109, "missing extension"},
    {112, "unrecognized name"},
    {116, "certificate required"},
    {120, "no application protocol in common"},
};

static const struct name ciphers[] = {
    {0x00ff, "renegotiation is protected"},
    {0x1301, "AES-128-GCM, SHA-256"},
    {0x1302, "AES-256-GCM, SHA-384"},
    {0x1303, "ChaCha20-Poly1305, SHA-256"},
    {0xc02b, "ECDHE-ECDSA, AES-128-GCM"},
    {0xc02c, "ECDHE-ECDSA, AES-256-GCM"},
    {0xc02f, "ECDHE-RSA, AES-128-GCM"},
    {0xc030, "ECDHE-RSA, AES-256-GCM"},
    {0xcca8, "ECDHE-RSA, ChaCha20-Poly1305"},
    {0xcca9, "ECDHE-ECDSA, ChaCha20-Poly1305"},
    {0x009c, "RSA, AES-128-GCM"},
    {0x009d, "RSA, AES-256-GCM"},
};

static const struct name extensions[] = {
    {0, "server's name"},
    {5, "certificate status"},
    {10, "groups"},
    {11, "point formats"},
    {13, "signature algorithms"},
    {16, "application protocols"},
    {18, "certificate time stamps"},
    {21, "padding"},
    {22, "encrypt, then authenticate"},
    {23, "extended master secret"},
    {27, "certificate compression"},
    {35, "session ticket"},
    {41, "pre-shared key"},
    {42, "early data"},
    {43, "versions"},
    {44, "cookie"},
    {45, "key exchange with a pre-shared key"},
    {50, "certificates' signature algorithms"},
    {51, "key shares"},
    {57, "QUIC parameters"},
    {0xff01, "renegotiation"},
};

static const struct name groups[] = {{23, "secp256r1"}, {24, "secp384r1"},
    {25, "secp521r1"}, {29, "x25519"}, {30, "x448"},
    {0x11ec, "x25519 and ML-KEM-768"}};

/* ---- extensions ---- */

/* Numbers of `each` bytes to the end of what is being read. */
static void
numbers(struct layer *l, const struct field_def *def, size_t each,
    const struct name *names, size_t n)
{
	while (layer_ok(l) && rd_wire_left(&l->r) >= each) {
		uint32_t v = layer_uint(l, def, each);

		layer_remark_name(l, name_of(names, n, v));
	}
}

#define NUMBERS(l, def, each, names) \
	numbers((l), (def), (each), (names), sizeof(names) / sizeof *(names))

static void
server_names(struct layer *l)
{
	if (rd_wire_left(&l->r) == 0) /* the server only agrees */
		return;
	layer_uint(l, &tls_defs[SNI_LIST_LEN], 2);
	while (layer_ok(l) && rd_wire_left(&l->r) > 0) {
		uint32_t len;

		layer_uint(l, &tls_defs[SNI_TYPE], 1);
		len = layer_uint(l, &tls_defs[SNI_LEN], 2);
		layer_text(l, &tls_defs[SNI], len);
	}
}

static void
protocols(struct layer *l)
{
	layer_uint(l, &tls_defs[ALPN_LEN], 2);
	while (layer_ok(l) && rd_wire_left(&l->r) > 0)
		layer_text(l, &tls_defs[ALPN],
		    layer_uint(l, &tls_defs[ALPN_STR_LEN], 1));
}

static void
key_shares(struct layer *l, bool client)
{
	if (client)
		layer_uint(l, &tls_defs[SHARES_LEN], 2);
	while (layer_ok(l) && rd_wire_left(&l->r) > 0) {
		uint32_t v = layer_uint(l, &tls_defs[SHARE_GROUP], 2);

		layer_remark_name(l, NAME_OF(groups, v));
		if (rd_wire_left(&l->r) == 0) /* a retry request names one */
			return;
		v = layer_uint(l, &tls_defs[SHARE_LEN], 2);
		layer_bytes(l, &tls_defs[SHARE], v, NULL);
	}
}

static void
extension_value(struct layer *l, uint32_t type, bool client)
{
	static const struct name none[] = {{0, NULL}};

	switch (type) {
	case 0:
		server_names(l);
		break;
	case 10:
		layer_uint(l, &tls_defs[GROUPS_LEN], 2);
		NUMBERS(l, &tls_defs[GROUP], 2, groups);
		break;
	case 11:
		layer_uint(l, &tls_defs[FORMATS_LEN], 1);
		NUMBERS(l, &tls_defs[FORMAT], 1, none);
		break;
	case 13:
		layer_uint(l, &tls_defs[SIGNATURES_LEN], 2);
		NUMBERS(l, &tls_defs[SIGNATURE], 2, none);
		break;
	case 16:
		protocols(l);
		break;
	case 21:
		layer_payload(l, &tls_defs[PADDING]);
		break;
	case 43:
		if (client)
			layer_uint(l, &tls_defs[VERSIONS_LEN], 1);
		NUMBERS(l, &tls_defs[SUPPORTED], 2, versions);
		break;
	case 45:
		layer_uint(l, &tls_defs[PSK_LEN], 1);
		NUMBERS(l, &tls_defs[PSK_MODE], 1, none);
		break;
	case 51:
		key_shares(l, client);
		break;
	case 0xff01:
		layer_uint(l, &tls_defs[RENEGOTIATION_LEN], 1);
		break;
	case 35:
		if (rd_wire_left(&l->r) == 0)
			layer_made(l, &tls_defs[EXT_DATA], "<MISSING>");
		break;
	default:
		break;
	}
	layer_payload(l, &tls_defs[EXT_DATA]);
}

static void
extension_list(struct layer *l, bool client)
{
	struct rd outside;
	uint32_t len;

	if (!layer_ok(l) || rd_wire_left(&l->r) == 0)
		return;
	len = layer_uint(l, &tls_defs[EXTENSIONS_LEN], 2);
	outside = layer_enter(l, len);
	while (layer_ok(l) && rd_wire_left(&l->r) > 0) {
		size_t heading = layer_begin(l, &tls_defs[EXTENSION]);
		uint32_t type = layer_uint(l, &tls_defs[EXT_TYPE], 2);
		const char *name = NAME_OF(extensions, type);
		struct rd rest;

		layer_remark_name(l, name);
		if (name != NULL)
			layer_remark_at(l, heading, "%s", name);
		len = layer_uint(l, &tls_defs[EXT_LEN], 2);
		if (layer_ok(l)) {
			rest = layer_enter(l, len);
			extension_value(l, type, client);
			layer_leave(l, rest);
		}
		layer_end(l, heading);
	}
	layer_leave(l, outside);
}

/* ---- handshake messages ---- */

static void
hello_start(struct layer *l)
{
	uint32_t v = layer_uint(l, &tls_defs[HS_VERSION], 2), len;

	layer_remark_name(l, NAME_OF(versions, v));
	layer_bytes(l, &tls_defs[RANDOM], 32, NULL);
	len = layer_uint(l, &tls_defs[SESSION_LEN], 1);
	if (len > 0)
		layer_bytes(l, &tls_defs[SESSION], len, NULL);
}

static void
client_hello(struct layer *l)
{
	struct rd outside;
	size_t heading;
	uint32_t len;

	hello_start(l);
	len = layer_uint(l, &tls_defs[CIPHERS_LEN], 2);
	if (!layer_ok(l))
		return;
	outside = layer_enter(l, len);
	heading = layer_begin(l, &tls_defs[CIPHERS]);
	NUMBERS(l, &tls_defs[CIPHER], 2, ciphers);
	layer_end(l, heading);
	layer_leave(l, outside);
	len = layer_uint(l, &tls_defs[COMPRESSIONS_LEN], 1);
	if (!layer_ok(l))
		return;
	outside = layer_enter(l, len);
	heading = layer_begin(l, &tls_defs[COMPRESSIONS]);
	while (layer_ok(l) && rd_wire_left(&l->r) > 0)
		layer_uint(l, &tls_defs[COMPRESSION], 1);
	layer_end(l, heading);
	layer_leave(l, outside);
	extension_list(l, true);
}

static void
server_hello(struct layer *l)
{
	uint32_t v;

	hello_start(l);
	v = layer_uint(l, &tls_defs[CIPHER], 2);
	layer_remark_name(l, NAME_OF(ciphers, v));
	layer_uint(l, &tls_defs[COMPRESSION], 1);
	extension_list(l, false);
}

/* As TLS 1.2 has it; in 1.3 it is encrypted. */
static void
certificates(struct layer *l)
{
	layer_uint(l, &tls_defs[CERTIFICATES_LEN], 3);
	while (layer_ok(l) && rd_wire_left(&l->r) > 0) {
		uint32_t len = layer_uint(l, &tls_defs[CERTIFICATE_LEN], 3);

		layer_bytes(l, &tls_defs[CERTIFICATE], len, NULL);
	}
}

/* As TLS 1.2 has them with elliptic curves; other kinds stay bytes. */
static void
server_key_exchange(struct layer *l)
{
	struct rd peek = l->r;
	uint32_t v;

	if (rd_u8(&peek) != 3) /* a named curve */
		return;
	layer_uint(l, &tls_defs[CURVE_TYPE], 1);
	v = layer_uint(l, &tls_defs[CURVE], 2);
	layer_remark_name(l, NAME_OF(groups, v));
	v = layer_uint(l, &tls_defs[SERVER_POINT_LEN], 1);
	layer_bytes(l, &tls_defs[SERVER_POINT], v, NULL);
	layer_uint(l, &tls_defs[SIGNATURE], 2);
	v = layer_uint(l, &tls_defs[SIGNED_LEN], 2);
	layer_bytes(l, &tls_defs[SIGNED], v, NULL);
}

static void
client_key_exchange(struct layer *l)
{
	struct rd peek = l->r;

	if (rd_u8(&peek) + 1u != rd_wire_left(&l->r))
		return;
	layer_bytes(l, &tls_defs[CLIENT_POINT],
	    layer_uint(l, &tls_defs[CLIENT_POINT_LEN], 1), NULL);
}

static void
message(struct layer *l, uint32_t type)
{
	switch (type) {
	case CLIENT_HELLO:
		client_hello(l);
		break;
	case SERVER_HELLO:
		server_hello(l);
		break;
	case CERTIFICATE_TYPE:
		certificates(l);
		break;
	case SERVER_KEY_EXCHANGE:
		server_key_exchange(l);
		break;
	case CLIENT_KEY_EXCHANGE:
		client_key_exchange(l);
		break;
	default:
		break;
	}
}

/* Could this be a message, or does it look encrypted? */
static bool
plausible(struct rd r)
{
	uint32_t type = rd_u8(&r), len = (uint32_t)rd_u8(&r) << 16;

	len |= rd_be16(&r);
	return r.state != RD_OK || (NAME_OF(handshake_types, type) != NULL &&
				       len <= rd_wire_left(&r) + RECORD_MAX);
}

static void
handshake(struct layer *l, size_t record)
{
	while (layer_ok(l) && rd_wire_left(&l->r) > 0) {
		struct rd outside;
		size_t heading;
		uint32_t type, len;

		if (!plausible(l->r)) {
			heading = layer_begin(l, &tls_defs[HANDSHAKE]);
			layer_payload(l, &tls_defs[ENCRYPTED]);
			layer_end(l, heading);
			return;
		}
		heading = layer_begin(l, &tls_defs[HANDSHAKE]);
		type = layer_uint(l, &tls_defs[HS_TYPE], 1);
		layer_remark_name(l, NAME_OF(handshake_types, type));
		layer_remark_at(
		    l, heading, "%s", NAME_OF(handshake_types, type));
		layer_remark_at(
		    l, record, "%s", NAME_OF(handshake_types, type));
		len = layer_uint(l, &tls_defs[HS_LENGTH], 3);
		if (layer_ok(l) && len > rd_wire_left(&l->r)) {
			layer_remark(l, "goes on in the next record");
			len = (uint32_t)rd_wire_left(&l->r);
			outside = layer_enter(l, len);
		} else {
			outside = layer_enter(l, layer_ok(l) ? len : 0);
			message(l, type);
		}
		layer_payload(l, &tls_defs[HS_DATA]);
		layer_leave(l, outside);
		layer_end(l, heading);
	}
}

/* ---- records ---- */

static void
record_content(struct layer *l, uint32_t type, size_t record)
{
	if (type == HANDSHAKE_TYPE) {
		handshake(l, record);
	} else if (type == CHANGE) {
		layer_range(
		    l, &tls_defs[CHANGE_CIPHER], rd_off(&l->r), rd_left(&l->r));
	} else if (type == ALERT_TYPE) {
		size_t heading = layer_begin(l, &tls_defs[ALERT]);
		uint32_t v;

		if (rd_wire_left(&l->r) != 2) {
			layer_payload(l, &tls_defs[ENCRYPTED]);
			layer_end(l, heading);
			return;
		}
		layer_uint(l, &tls_defs[ALERT_LEVEL], 1);
		v = layer_uint(l, &tls_defs[ALERT_DESC], 1);
		layer_remark_name(l, NAME_OF(alerts, v));
		layer_end(l, heading);
		return;
	}
	layer_payload(l, &tls_defs[type == APPLICATION ? APP_DATA : ENCRYPTED]);
}

static void
dissect_tls(struct build *b, struct rd r)
{
	struct layer l =
	    layer_open(b, r, &tls_defs[TLS], b->follows ? NULL : "tls", 5);
	struct rd peek = r, outside;
	bool opaque = rd_u8(&peek) == APPLICATION && (b->memo & MEMO_13) != 0;
	size_t record = layer_begin(&l, &tls_defs[RECORD]);
	uint32_t type, v;

	type =
	    layer_uint(&l, &tls_defs[opaque ? OPAQUE_TYPE : CONTENT_TYPE], 1);
	layer_remark_name(&l, NAME_OF(content_types, type));
	layer_remark_at(&l, record, "%s",
	    NAME_OF(content_types, type) != NULL ? NAME_OF(content_types, type)
						 : "");
	v = layer_uint(&l, &tls_defs[VERSION], 2);
	layer_remark_name(&l, NAME_OF(versions, v));
	v = layer_uint(&l, &tls_defs[LENGTH], 2);
	if (layer_ok(&l)) {
		outside = layer_enter(&l, v);
		record_content(&l, type, record);
		layer_leave(&l, outside);
	}
	layer_end(&l, record);
	if (!layer_ok(&l))
		return;
	layer_close(&l);
	dissect_data(b, l.r);
}

/* ---- recognising, framing, one line ---- */

static enum app_match
match(struct rd r)
{
	uint8_t type = rd_u8(&r), major;
	uint16_t len;

	if (type < CHANGE || type > 24)
		return APP_NO;
	if (rd_left(&r) < 4)
		return APP_MAYBE;
	major = rd_u8(&r);
	if (major != 3 || rd_u8(&r) > 4)
		return APP_NO;
	len = rd_be16(&r);
	return len > 0 && len <= RECORD_MAX ? APP_YES : APP_NO;
}

/* The extensions of a hello, which begins at r; what = 43 or 0. */
static bool
find_extension(struct rd r, bool client, uint16_t what, struct rd *ret)
{
	rd_skip(&r, 34);
	rd_skip(&r, rd_u8(&r));
	if (client) {
		rd_skip(&r, rd_be16(&r));
		rd_skip(&r, rd_u8(&r));
	} else {
		rd_skip(&r, 3);
	}
	rd_skip(&r, 2);
	while (rd_left(&r) > 0) {
		uint16_t type = rd_be16(&r), len = rd_be16(&r);

		*ret = rd_sub(&r, len);
		if (type == what && r.state == RD_OK)
			return true;
	}
	return false;
}

static size_t
message_len(const uint8_t *p, size_t n, bool ended, uint32_t *memo)
{
	struct rd r = rd_init(p, n, n), version;
	size_t len;

	(void)ended;
	if (match(r) == APP_NO)
		return MESSAGE_BAD;
	if (n < 5)
		return MESSAGE_MORE;
	len = 5 + ((size_t)p[3] << 8 | p[4]);
	if (len <= n && p[0] == HANDSHAKE_TYPE && p[5] == SERVER_HELLO) {
		r = rd_init(p, len, len);
		rd_skip(&r, 9);
		if (find_extension(r, false, 43, &version) &&
		    rd_be16(&version) == 0x0304)
			*memo |= MEMO_13;
	}
	return len;
}

static int
info(struct rd r, char *dst, size_t size)
{
	uint8_t type = rd_u8(&r);
	const char *what = NAME_OF(content_types, type);
	struct rd name;

	rd_skip(&r, 4);
	if (type == HANDSHAKE_TYPE && plausible(r)) {
		uint8_t message = rd_u8(&r);

		what = NAME_OF(handshake_types, message);
		rd_skip(&r, 3);
		if (message == CLIENT_HELLO &&
		    find_extension(r, true, 0, &name)) {
			rd_skip(&name, 5);
			return snprintf(dst, size, "TLS client hello for %.*s",
			    (int)rd_left(&name), name.p);
		}
	}
	return snprintf(dst, size, "TLS %s", what != NULL ? what : "handshake");
}

const struct app tls_app = {
    .name = "tls",
    .label = "TLS",
    .transports = APP_TCP,
    .ports = {443, 8443, 853, 993, 995, 465, 636},
    .match = match,
    .message_len = message_len,
    .dissect = dissect_tls,
    .info = info,
    .fields = &tls_fields,
};
